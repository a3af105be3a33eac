/* lib/api/access_read.c - one rule, and the list of a share's */
#include "api/actions.h"
#include "api/rule_facts.h"
#include "base/fail.h"

struct look {
	const char *share_id, *rule_id;
	struct shr__rules_view view;
	struct shr__rule_facts rule;
	int shown;
};

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *l = data;
	int rc = shr__rules_view_read(t, l->share_id, &l->view, reterr);

	if (!rc)
		rc = shr__rule_newest(t, l->share_id, l->rule_id, &l->rule.rule);
	if (rc > 0)
		rc = shr__rule_facts_read(t, &l->view, &l->rule, reterr);
	if (rc < 0)
		return rc;
	l->shown = rc;
	return 0;
}

static int get(struct shr_session *s, struct look *l, struct shr__arena *arena, const struct shr_rule **ret_rule,
	const struct shr_error **reterr)
{
	int rc = shr__db_read(s->ctx->env.db, arena, look_body, l, reterr);

	/* Whether the rule is there is said to those alone who may see the share. */
	if (!rc)
		rc = shr__authorise(s, SHR__ACTION_ACCESS_GET, "share", l->view.share.project, l->share_id, reterr);
	if (!rc && !l->shown)
		rc = shr__no_such("rule", l->rule_id, reterr);
	if (rc)
		return rc;
	*ret_rule = shr__rule_record(&l->rule);
	return *ret_rule ? 0 : shr__fail_nomem(reterr);
}

int shr_access_get(struct shr_session *session, const char *share_id, const char *rule_id, const struct shr_rule **ret_rule,
	const struct shr_error **reterr)
{
	struct look l = { .share_id = share_id, .rule_id = rule_id };
	const struct shr_rule *rule = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_rule, "ret_rule", reterr);
	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (!rc)
		rc = shr__id_check(rule_id, "rule_id", reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? get(session, &l, arena, &rule, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(arena);
	if (!rc)
		*ret_rule = rule;
	return rc;
}

/* ---- lists ---- */

struct listing {
	struct shr__walk w;
	const char *share_id;
	struct shr__rules_view view;
};

/* ROW is one of a rule's, the first that the walk meets. One that is in force is the newest. */
static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	const struct listing *l = w->data;
	struct shr__rule_facts *f = shr__arena_alloc(w->arena, sizeof *f);
	int rc = 1;

	if (!f)
		return SHR_ENOMEM;
	f->rule = *(const struct shr__rule_row *)row;
	if (f->rule.gone)
		rc = shr__rule_newest(t, l->share_id, f->rule.id, &f->rule);
	if (rc > 0)
		rc = shr__rule_facts_read(t, &l->view, f, w->reterr);
	*ret_item = f;
	return rc;
}

static int list_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct listing *l = data;
	int rc = shr__rules_view_read(t, l->share_id, &l->view, reterr);

	return rc ? rc : shr__walk_in(&l->w, t, reterr);
}

static const void *make_rule(const void *item, void *data)
{
	return shr__rule_record(item);
}

static int list_rules(struct shr_session *s, struct listing *l, const struct shr__list *params, const void **ret_page,
	const struct shr_error **reterr)
{
	struct shr__rule_row from = { .share_id = l->share_id };
	int rc = shr__walk_open(&l->w, s, &shr__rule_def, SHR__I_rule_pk, &from, 1, 2, params, reterr);

	l->w.take = take;
	l->w.data = l;
	if (!rc)
		rc = shr__db_read(s->ctx->env.db, l->w.arena, list_body, l, reterr);
	if (!rc)
		rc = shr__authorise(s, SHR__ACTION_ACCESS_LIST, "share", l->view.share.project, l->share_id, reterr);
	return rc ? rc : shr__walk_page(&l->w, make_rule, NULL, ret_page, reterr);
}

int shr_access_list(struct shr_session *session, const char *share_id, const struct shr_list_params *list,
	const struct shr_rule_page **ret_page, const struct shr_error **reterr)
{
	struct listing l = { .share_id = share_id };
	struct shr__list params;
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (rc)
		return rc;
	rc = list_rules(session, &l, &params, &page, reterr);
	shr__walk_close(&l.w);
	if (!rc)
		*ret_page = page;
	return rc;
}

/* lib/api/access_key.c - show the secret that goes with a rule */
#include "api/actions.h"
#include "api/list.h"
#include "api/rule_facts.h"
#include "base/fail.h"
#include "flow/secret.h"

struct look {
	const char *share_id, *rule_id;
	struct shr__rules_view view;
	struct shr__rule_facts rule;
	struct shr__rule_key_row key;
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
	if (!l->shown || !l->rule.has_key)
		return 0;
	l->key.rule_id = l->rule_id;
	return shr__txn_get(t, &shr__rule_key_def, &l->key);
}

static int show(struct shr_session *s, struct look *l, struct shr__arena *arena, char **ret_key, const struct shr_error **reterr)
{
	int rc = shr__db_read(s->ctx->env.db, arena, look_body, l, reterr);

	if (!rc)
		rc = shr__authorise(s, SHR__ACTION_ACCESS_KEY_SHOW, "share", l->view.share.project, l->share_id, reterr);
	if (rc)
		return rc;
	if (!l->shown)
		return shr__no_such("rule", l->rule_id, reterr);
	if (!l->rule.has_key)
		return shr__fail(reterr, SHR_ENOTFOUND, "rule %s has no secret", l->rule_id);
	return shr__secret_open(&s->ctx->env.world, l->rule_id, l->key.key_id, l->key.sealed, ret_key, reterr);
}

int shr_access_key(struct shr_session *session, const char *share_id, const char *rule_id, char **ret_key,
	const struct shr_error **reterr)
{
	struct look l = { .share_id = share_id, .rule_id = rule_id };
	char *key = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_key, "ret_key", reterr);
	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (!rc)
		rc = shr__id_check(rule_id, "rule_id", reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? show(session, &l, arena, &key, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(arena);
	if (!rc)
		*ret_key = key;
	return rc;
}

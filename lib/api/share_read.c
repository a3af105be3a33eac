/* lib/api/share_read.c - one share, and lists of them */
#include <inttypes.h>
#include <string.h>

#include "api/actions.h"
#include "api/share_facts.h"
#include "base/fail.h"
#include "base/params.h"
#include "model/check.h"

static const void *make_one(const struct shr__share_facts *f, int show_admin)
{
	return shr__share_record(f, show_admin);
}

int shr_share_get(struct shr_session *session, const char *share_id, const struct shr_share **ret_share,
	const struct shr_error **reterr)
{
	static const struct shr__facts_kind kind = { "share", "share_id", "ret_share", "share:get", shr__share_find,
		make_one };
	int rc;
	const void *share = shr__facts_get(session, &kind, share_id, ret_share, &rc, reterr);

	if (!rc)
		*ret_share = share;
	return rc;
}

/* ---- lists ---- */

struct listing {
	struct shr_share_filter filter;
	int admin_exports;      /* some were seen */
	int show_admin_exports;
};

static int check_filter(const struct shr_share_filter *f, const struct shr_error **reterr)
{
	if (f->pool && !f->backend)
		return shr__fail_field(reterr, SHR_EINVAL, "pool", "name its backend too", "a pool without a backend");
	if (f->value && !f->key)
		return shr__fail_field(reterr, SHR_EINVAL, "value", "give its key too", "a value without a key");
	return 0;
}

/* An instance is the one its share is listed by when it is the first that the filter lets through. */
static int is_listed_by(const struct shr__share_facts *f, const struct listing *l, const char *instance_id)
{
	const struct shr__instance_row *rows = f->instances.rows;

	for (uint32_t i = 0; i < f->instances.n; i++) {
		if (l->filter.backend && strcmp(rows[i].backend, l->filter.backend) != 0)
			continue;
		if (l->filter.pool && strcmp(rows[i].pool, l->filter.pool) != 0)
			continue;
		return !instance_id || !strcmp(rows[i].id, instance_id);
	}
	return !l->filter.backend;
}

static int has_pair(const struct shr__share_facts *f, const char *key, const char *value)
{
	const struct shr__metadata_row *rows = f->metadata.rows;

	for (uint32_t i = 0; i < f->metadata.n; i++)
		if (!strcmp(rows[i].key, key))
			return !value || !strcmp(rows[i].value, value);
	return 0;
}

/* What the share's own row says. */
static int row_passes(const struct shr__walk *w, const struct shr__share_row *row)
{
	const struct listing *l = w->data;

	if (!w->list.all && strcmp(row->project, w->session->project) != 0)
		return 0;
	if (l->filter.state && row->state != (int64_t)l->filter.state)
		return 0;
	return !l->filter.name || !strcmp(row->name, l->filter.name);
}

static int take(struct shr__walk *w, struct shr__txn *t, const struct shr__share_row *row, const char *instance_id,
	const void **ret_item)
{
	struct listing *l = w->data;
	struct shr__share_facts *f;
	int rc;

	if (!row_passes(w, row))
		return 0;
	f = shr__arena_alloc(w->arena, sizeof *f);
	if (!f)
		return SHR_ENOMEM;
	f->share = *row;
	rc = shr__row_check(&shr__share_def, row, 0, SHR__COL(share, state), w->reterr);
	if (!rc)
		rc = shr__share_facts_read(t, f, w->reterr);
	if (rc)
		return rc;
	if (!is_listed_by(f, l, instance_id) || (l->filter.key && !has_pair(f, l->filter.key, l->filter.value)))
		return 0;
	l->admin_exports |= f->admin_exports;
	*ret_item = f;
	return 1;
}

static int take_share(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	return take(w, t, row, NULL, ret_item);
}

/* The share that another table's row belongs to. One that is not there is left out: such a row is what a share that is being
 * forgotten in bites still has. */
static int take_by_id(struct shr__walk *w, struct shr__txn *t, const char *id, const char *instance_id, const void **ret_item)
{
	struct shr__share_row share = { .id = id };
	int rc = shr__txn_get(t, &shr__share_def, &share);

	if (rc)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	return take(w, t, &share, instance_id, ret_item);
}

static int take_instance(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	const struct shr__instance_row *instance = row;

	return take_by_id(w, t, instance->share_id, instance->id, ret_item);
}

static int take_metadata(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	return take_by_id(w, t, ((const struct shr__metadata_row *)row)->object_id, NULL, ret_item);
}

static int open_shares(struct shr__walk *w, struct shr_session *s, const struct shr_share_filter *f, const struct shr__list *list,
	const struct shr_error **reterr)
{
	struct shr__share_row from = { .project = s->project, .name = f->name, .state = f->state };
	int rc;

	if (f->name && !list->all)
		rc = shr__walk_open(w, s, &shr__share_def, SHR__I_share_by_name, &from, 2, 0, list, reterr);
	/* Nearly every share is available: for one project that index would be the long way. */
	else if (f->state && (list->all || f->state != SHR_SHARE_AVAILABLE))
		rc = shr__walk_open(w, s, &shr__share_def, SHR__I_share_by_state, &from, 1, 0, list, reterr);
	else if (list->all)
		rc = shr__walk_open(w, s, &shr__share_def, SHR__I_share_pk, &from, 0, 0, list, reterr);
	else
		rc = shr__walk_open(w, s, &shr__share_def, SHR__I_share_by_project, &from, 1, 0, list, reterr);
	w->take = take_share;
	return rc;
}

/* The index that leaves the least to look at. */
static int open_list(struct shr__walk *w, struct shr_session *s, const struct shr_share_filter *f, const struct shr__list *list,
	const struct shr_error **reterr)
{
	struct shr__instance_row instance = { .backend = f->backend, .pool = f->pool };
	struct shr__metadata_row pair = { .object = "share", .key = f->key, .value = f->value };
	int rc;

	if (f->backend && (!f->name || list->all)) {
		rc = shr__walk_open(w, s, &shr__instance_def, SHR__I_instance_by_pool, &instance, f->pool ? 2 : 1, 0, list, reterr);
		w->take = take_instance;
	} else if (f->key && (!f->name || list->all)) {
		rc = shr__walk_open(w, s, &shr__metadata_def, SHR__I_metadata_by_value, &pair, f->value ? 3 : 2, 0, list, reterr);
		w->take = take_metadata;
	} else {
		rc = open_shares(w, s, f, list, reterr);
	}
	return rc;
}

static const void *make_share(const void *item, void *data)
{
	return shr__share_record(item, ((const struct listing *)data)->show_admin_exports);
}

int shr_share_list(struct shr_session *session, const struct shr_share_filter *filter, const struct shr_list_params *list,
	const struct shr_share_page **ret_page, const struct shr_error **reterr)
{
	struct listing l = { 0 };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__params_copy(filter, "shr_share_filter", SHR__LEAST(shr_share_filter, value), &l.filter,
			sizeof l.filter, reterr);
	if (!rc)
		rc = check_filter(&l.filter, reterr);
	if (!rc)
		rc = shr__authorise(session, params.all ? SHR__ACTION_SHARE_LIST_ALL : SHR__ACTION_SHARE_LIST, "share", "", "", reterr);
	if (!rc)
		rc = open_list(&w, session, &l.filter, &params, reterr);
	w.data = &l;
	if (!rc)
		rc = shr__walk_read(&w, reterr);
	if (!rc) {
		l.show_admin_exports = l.admin_exports && !shr__allowed(session, SHR__ACTION_EXPORT_ADMIN, "", "");
		rc = shr__walk_page(&w, make_share, &l, &page, reterr);
	}
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

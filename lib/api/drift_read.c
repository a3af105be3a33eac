/* lib/api/drift_read.c - what backends and servers had otherwise than the store */
#include "api/actions.h"
#include "api/list.h"
#include "libshare/drift.h"
#include "model/check.h"

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	int rc = shr__row_check(&shr__drift_def, row, 0, 0, w->reterr);

	if (rc)
		return rc;
	*ret_item = shr__arena_memdup(w->arena, row, sizeof(struct shr__drift_row));
	return *ret_item ? 1 : SHR_ENOMEM;
}

static const void *make_drift(const void *item, void *data)
{
	const struct shr__drift_row *row = item;
	struct shr__arena *arena;
	struct shr_drift *o = shr__record_new(sizeof *o, &arena);

	if (!o)
		return NULL;
	o->size = sizeof *o;
	o->what = (uint32_t)row->what;
	o->state = (uint32_t)row->state;
	o->first_ns = row->first_ns;
	o->last_ns = row->last_ns;
	o->share_id = shr__arena_strdup(arena, row->share_id);
	o->instance_id = shr__arena_strdup(arena, row->instance_id);
	o->project = shr__arena_strdup(arena, row->project);
	o->backend = shr__arena_strdup(arena, row->backend);
	o->item = shr__arena_strdup(arena, row->item);
	o->expected = shr__arena_strdup(arena, row->expected);
	o->found = shr__arena_strdup(arena, row->found);
	o->op_id = shr__arena_strdup(arena, row->op_id);
	if (!o->share_id || !o->instance_id || !o->project || !o->backend || !o->item || !o->expected || !o->found || !o->op_id) {
		shr__record_unref(o);
		return NULL;
	}
	return o;
}

int shr_drift_list(struct shr_session *session, const char *share_id, const struct shr_list_params *list,
	const struct shr_drift_page **ret_page, const struct shr_error **reterr)
{
	struct shr__drift_row from = { .share_id = share_id };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_DRIFT_LIST, "drift", share_id ? share_id : "", "", reterr);
	if (!rc)
		rc = shr__walk_open(&w, session, &shr__drift_def, share_id ? SHR__I_drift_by_share : SHR__I_drift_pk, &from,
			share_id != NULL, 0, &params, reterr);
	w.take = take;
	if (!rc)
		rc = shr__walk_read_page(&w, make_drift, &page, reterr);
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

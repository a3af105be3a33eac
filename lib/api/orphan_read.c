/* lib/api/orphan_read.c - what was left behind on backends */
#include "api/actions.h"
#include "api/list.h"
#include "model/check.h"

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	int rc = shr__row_check(&shr__orphan_def, row, 0, 0, w->reterr);

	if (rc)
		return rc;
	*ret_item = shr__arena_memdup(w->arena, row, sizeof(struct shr__orphan_row));
	return *ret_item ? 1 : SHR_ENOMEM;
}

static const void *make_orphan(const void *item, void *data)
{
	const struct shr__orphan_row *row = item;
	struct shr__arena *arena;
	struct shr_orphan *o = shr__record_new(sizeof *o, &arena);

	if (!o)
		return NULL;
	o->size = sizeof *o;
	o->bytes = (uint64_t)row->bytes;
	o->created_ns = row->created_ns;
	o->id = shr__arena_strdup(arena, row->id);
	o->backend = shr__arena_strdup(arena, row->backend);
	o->pool = shr__arena_strdup(arena, row->pool);
	o->object = shr__arena_strdup(arena, row->object);
	o->object_id = shr__arena_strdup(arena, row->object_id);
	o->ref = shr__arena_strdup(arena, row->ref);
	o->reason = shr__arena_strdup(arena, row->reason);
	o->op_id = shr__arena_strdup(arena, row->op_id);
	if (!o->id || !o->backend || !o->pool || !o->object || !o->object_id || !o->ref || !o->reason || !o->op_id) {
		shr__record_unref(o);
		return NULL;
	}
	return o;
}

int shr_orphan_list(struct shr_session *session, const struct shr_list_params *list, const struct shr_orphan_page **ret_page,
	const struct shr_error **reterr)
{
	struct shr__orphan_row from = { 0 };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_ORPHAN_LIST, "orphan", "", "", reterr);
	if (!rc)
		rc = shr__walk_open(&w, session, &shr__orphan_def, SHR__I_orphan_pk, &from, 0, 0, &params, reterr);
	w.take = take;
	if (!rc)
		rc = shr__walk_read_page(&w, make_orphan, &page, reterr);
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

/* lib/api/pool_read.c - the pools as their engines last saw them */
#include <string.h>

#include "api/actions.h"
#include "api/list.h"
#include "model/check.h"

struct pool_facts {
	struct shr__pool_row pool;
	struct shr__backend_row backend; /* driver NULL: it has no row */
};

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	struct shr__backend_row *last = w->data; /* neighbours have the same backend */
	struct pool_facts *f = shr__arena_alloc(w->arena, sizeof *f);
	int rc;

	if (!f)
		return SHR_ENOMEM;
	f->pool = *(const struct shr__pool_row *)row;
	rc = shr__row_check(&shr__pool_def, row, 0, SHR__COL(pool, state), w->reterr);
	if (rc)
		return rc;
	if (!w->n || !last->name || strcmp(last->name, f->pool.backend) != 0) {
		*last = (struct shr__backend_row){ .name = f->pool.backend };
		rc = shr__txn_get(t, &shr__backend_def, last);
		if (rc == SHR_ENOTFOUND)
			*last = (struct shr__backend_row){ .name = f->pool.backend };
		else if (rc)
			return rc;
	}
	f->backend = *last;
	*ret_item = f;
	return 1;
}

/* Its own state, unless its backend's says more. */
static void put_state(const struct pool_facts *f, struct shr_pool *p, const char **ret_reason)
{
	const struct shr__backend_row *b = &f->backend;

	p->state = (uint32_t)f->pool.state;
	*ret_reason = f->pool.reason;
	if (!b->driver) {
		p->state = SHR_POOL_UNKNOWN;
		*ret_reason = "no engine has looked at its backend yet";
	} else if (p->state != SHR_POOL_UNKNOWN && !b->engine[0]) {
		p->state = SHR_POOL_DOWN;
		*ret_reason = b->reason[0] ? b->reason : "no engine has its backend";
	} else if (b->state == SHR_POOL_DOWN) {
		p->state = SHR_POOL_DOWN;
		*ret_reason = b->reason;
	}
}

static const void *make_pool(const void *item, void *data)
{
	const struct pool_facts *f = item;
	const struct shr__pool_row *row = &f->pool;
	const char *reason;
	struct shr__arena *arena;
	struct shr_pool *p = shr__record_new(sizeof *p, &arena);

	if (!p)
		return NULL;
	p->size = sizeof *p;
	p->version = (uint64_t)row->version;
	p->total = (uint64_t)row->total;
	p->free = (uint64_t)row->free;
	p->allocated = (uint64_t)row->allocated;
	p->reserved = (uint64_t)row->reserved;
	p->limit = (uint64_t)row->limit_bytes;
	p->protocols = (uint64_t)row->protocols;
	p->capabilities = (uint64_t)row->capabilities;
	p->updated_ns = row->updated_ns;
	put_state(f, p, &reason);
	p->backend = shr__arena_strdup(arena, row->backend);
	p->name = shr__arena_strdup(arena, row->name);
	p->zone = shr__arena_strdup(arena, row->zone);
	p->driver = shr__arena_strdup(arena, f->backend.driver);
	p->exporter = shr__arena_strdup(arena, f->backend.exporter);
	p->engine = shr__arena_strdup(arena, f->backend.engine_name);
	p->reason = shr__arena_strdup(arena, reason);
	if (!p->backend || !p->name || !p->zone || !p->driver || !p->exporter || !p->engine || !p->reason) {
		shr__record_unref(p);
		return NULL;
	}
	return p;
}

int shr_pool_list(struct shr_session *session, const struct shr_list_params *list, const struct shr_pool_page **ret_page,
	const struct shr_error **reterr)
{
	struct shr__pool_row from = { 0 };
	struct shr__backend_row last = { 0 };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_POOL_LIST, "pool", "", "", reterr);
	if (!rc)
		rc = shr__walk_open(&w, session, &shr__pool_def, SHR__I_pool_pk, &from, 0, 0, &params, reterr);
	w.take = take;
	w.data = &last;
	if (!rc)
		rc = shr__walk_read_page(&w, make_pool, &page, reterr);
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

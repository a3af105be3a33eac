/* lib/engine/again.c - a server that was started anew has forgotten its exports: each share is exported to it again */
#include <string.h>

#include "base/fail.h"
#include "engine/engine_own.h"
#include "flow/flows.h"

#define PAGE 50

int64_t shr__again_due(const struct shr__owned *o)
{
	return o->down || !o->b || shr__backend_exports_itself(o->b) ? INT64_MAX : o->probe_due;
}

/* One page of shares, and where the next begins: in one commit, so that nothing is lost and little is done twice. */
struct page {
	struct shr_engine *e;
	struct shr__owned *o;
	const char *engine_id;
	uint64_t seen;  /* the server's incarnation */
	int64_t wall_ns;
	char ids[PAGE][SHR__UUID_ROOM];
	uint32_t n;
	struct shr__backend_row row;
	int stale;      /* the backend is not ours any more */
};

const struct shr__flow *shr__reconcile_flow(const struct shr__instance_row *instance)
{
	return instance->flags & SHR_INSTANCE_SNAPSHOT ? &shr__flow_snapshot_reconcile : &shr__flow_share_reconcile;
}

int shr__submit_reconcile(struct shr__txn *t, struct shr_engine *e, const struct shr__flow *flow, const char *share_id,
	const char *op_id, int again, int64_t wall_ns)
{
	struct shr__share_row share = { .id = share_id };
	struct shr__accept a = { .env = e->env, .flow = flow, .arena = shr__txn_arena(t), .system = 1,
		.user = "", .request_id = "", .token = "", .now_ns = wall_ns, .op_id = op_id, .object_id = share_id,
		.state = again != 0 };
	const struct shr_error *error = NULL;
	int rc = shr__txn_get(t, shr__flow_rows(flow), &share);

	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	a.project = a.object_project = share.project;
	rc = shr__accept_body(t, &a, &error);
	shr__buf_clear(&a.args);
	shr_error_unref(error);
	/* It is being deleted, or there is no number for it: then there is nothing that could be exported. */
	return rc == SHR_ESTATE || rc == SHR_ENOTFOUND || rc == SHR_ENOSPC ? 0 : rc;
}

static int take_instance(struct shr__txn *t, const void *row, void *data)
{
	struct page *p = data;
	const struct shr__instance_row *instance = row;

	p->row.return_pool = instance->pool;
	p->row.return_instance = instance->id;
	return shr__submit_reconcile(t, p->e, shr__reconcile_flow(instance), instance->share_id, p->ids[p->n++], 1, p->wall_ns);
}

static int next_page(struct shr__txn *t, struct page *p)
{
	struct shr__instance_row from = { .backend = p->row.name, .pool = p->row.return_pool, .id = p->row.return_instance };
	int rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_pool, &from, 3, 1, 0, PAGE, take_instance, p);

	if (rc < 0)
		return rc;
	if (rc < PAGE) {
		p->row.incarnation = p->row.return_to;
		p->row.return_to = 0;
		p->row.return_pool = p->row.return_instance = "";
	}
	return 0;
}

static int page_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct page *p = data;
	int rc;

	memset(&p->row, 0, sizeof p->row);
	p->row.name = p->o->conf->name;
	p->n = 0;
	rc = shr__txn_get(t, &shr__backend_def, &p->row);
	p->stale = rc == SHR_ENOTFOUND || (rc == 0 && (strcmp(p->row.engine, p->engine_id) != 0 || p->row.fence != p->o->fence));
	if (rc < 0 || p->stale)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	if ((uint64_t)p->row.incarnation == p->seen && !p->row.return_to)
		return 0;
	if ((uint64_t)p->row.return_to != p->seen) { /* another life, perhaps before the last one was served: from the start */
		p->row.return_to = (int64_t)p->seen;
		p->row.return_pool = p->row.return_instance = "";
	}
	rc = next_page(t, p);
	return rc < 0 ? rc : shr__txn_update(t, &shr__backend_def, &p->row, SHR__COL(backend, incarnation) |
		SHR__COL(backend, return_to) | SHR__COL(backend, return_pool) | SHR__COL(backend, return_instance));
}

/* 1: there is more. */
static int make_page(struct shr_engine *e, struct shr__owned *o, const char *engine_id, uint64_t seen,
	const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	struct page *p = arena ? shr__arena_alloc(arena, sizeof *p) : NULL;
	struct shr__job job = { .body = page_body, .data = p, .arena = arena };
	int rc = p ? 0 : shr__fail_nomem(reterr);

	for (uint32_t i = 0; rc == 0 && i < PAGE; i++)
		rc = shr__world_id(&e->env->world, p->ids[i], reterr);
	if (rc == 0) {
		p->e = e;
		p->o = o;
		p->engine_id = engine_id;
		p->seen = seen;
		p->wall_ns = shr__world_wall(&e->env->world);
		rc = shr__db_write(e->env->db, &job);
		*reterr = job.error;
	}
	if (rc == 0 && p->n)
		shr__poll_backend(e, o->conf->name, 0);
	if (rc == 0)
		rc = !p->stale && p->row.return_to != 0;
	shr__arena_free(arena);
	return rc;
}

/* What the server says of itself; 0: it says nothing, or does not answer, which is for the next look at the backend to tell.
 * SHR_RUNNING: it is asked again after *AGAIN_MS. */
static int probe(struct shr__owned *o, struct shr__backend *b, int64_t fence, uint64_t *ret, uint32_t *again_ms)
{
	struct shr__callname name = { .op_id = "engine", .step = "probe", .item_id = o->conf->name, .attempt = 1,
		.fence = (uint64_t)fence };
	struct shr__callargs args = { 0 };
	struct shr__arena *arena = shr__arena_new();
	struct shr__told told;
	int rc;

	*ret = 0;
	if (!arena)
		return SHR_ENOMEM;
	shr__told_init(&told, arena);
	rc = shr__backend_call(b, SHR__VERB_PROBE, &name, &args, &told);
	if (rc == 0)
		shr__told_number(&told, "", SHR_NUMBER_INCARNATION, ret);
	if (rc == SHR_RUNNING)
		*again_ms = told.again_ms ? told.again_ms : 1;
	shr__told_clear(&told);
	shr__arena_free(arena);
	return rc;
}

void shr__again_task(struct shr_engine *e, struct shr__owned *o)
{
	const struct shr_error *error = NULL;
	struct shr__backend *b = o->b;
	const char *id = e->id;
	uint64_t seen = 0;
	uint32_t again_ms = 0;
	int rc;

	pthread_mutex_unlock(&e->lock);
	rc = probe(o, b, o->fence, &seen, &again_ms);
	if (rc == 0 && seen && (seen != o->incarnation || o->returning)) {
		rc = make_page(e, o, id, seen, &error);
		if (rc >= 0) {
			o->incarnation = seen;
			o->returning = rc;
		}
	}
	pthread_mutex_lock(&e->lock);
	if (error && rc != SHR_EAGAIN)
		shr__world_log(&e->env->world, SHR_LOG_ERROR, "backend %s: exporting its shares again: %s", o->conf->name, error->message);
	shr_error_unref(error);
	if (again_ms || rc != 1) /* else there is another page */
		o->probe_due = shr__engine_mono(e) + (again_ms ? again_ms : e->env->config->probe_ms) * INT64_C(1000000);
	else
		o->probe_due = 0;
	if (rc == SHR_EUNREACHABLE)
		o->due = 0; /* the whole of it is looked at now */
}

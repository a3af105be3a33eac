/* lib/engine/pass.c - a slow comparison of all of a backend with the store: each share, then what lies in the pools */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "engine/engine_own.h"
#include "flow/drift.h"
#include "flow/flows.h"

#define SHARES 4u     /* looked at in one go */
#define THINGS 100u   /* a page of a pool */
#define REST_NS INT64_C(100000000) /* between two goes, so that it disturbs nobody */

struct shr__pass {
	char pool[64], instance[SHR__UUID_ROOM]; /* the share that was looked at last */
	int shares_done;
	struct shr__work *work;  /* a look that the plugin answers later */
	uint32_t n_pool;         /* of the configuration: listed now */
	char after[256];
	int64_t since_ns;        /* wall clock: when it began with this pool */
};

int64_t shr__pass_due(const struct shr__owned *o)
{
	const struct shr_driver *d;
	const struct shr_exporter *x;

	if (o->down || !o->b)
		return INT64_MAX;
	d = shr__backend_driver(o->b);
	x = shr__backend_exporter(o->b);
	return d->look || d->list || (x && x->look) ? o->pass_due : INT64_MAX;
}

/* Not all backends at once: up to a tenth of NS more or less. */
static int64_t jitter(struct shr_engine *e, int64_t ns)
{
	uint32_t r = 0;

	if (shr__world_random(&e->env->world, &r, sizeof r, NULL) < 0)
		r = 0;
	return ns - ns / 10 + (int64_t)((double)(ns / 5) * ((double)r / 4294967296.0));
}

/* The first one soon: much may have happened while no engine had it. */
void shr__pass_begin(struct shr_engine *e, struct shr__owned *o)
{
	int64_t every = e->env->config->reconcile_ms * 1000000, first = every / 10;

	if (first > INT64_C(60000000000))
		first = INT64_C(60000000000);
	shr__pass_end(o);
	o->pass_due = every ? shr__engine_mono(e) + jitter(e, first) : INT64_MAX;
}

void shr__pass_end(struct shr__owned *o)
{
	if (o->pass)
		shr__work_free(o->pass->work);
	shr__free(o->pass);
	o->pass = NULL;
}

/* ---- shares ---- */

struct page {
	struct shr_engine *e;
	struct shr__owned *o;
	struct shr__instance_row rows[SHARES];
	uint32_t n;
};

static int take_row(struct shr__txn *t, const void *row, void *data)
{
	struct page *p = data;

	p->rows[p->n++] = *(const struct shr__instance_row *)row;
	return 0;
}

static int page_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct page *p = data;
	struct shr__instance_row from = { .backend = p->o->conf->name, .pool = p->o->pass->pool, .id = p->o->pass->instance };
	int rc;

	p->n = 0;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_pool, &from, 3, 1, 0, SHARES, take_row, p);
	return rc < 0 ? rc : 0;
}

static int load_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__work *w = data;
	struct shr__share_row share = { .id = w->op.object_id };
	int rc = shr__txn_get(t, shr__flow_rows(w->flow), &share);

	w->op.epoch = share.epoch;
	if (rc == 0 && w->flow->other_rows)
		rc = shr__others_read(t, w->flow, share.parent, &w->others);
	return rc < 0 ? rc : shr__work_refresh(w, t);
}

/* As an operation would see the share; NULL: it is not to be looked at. */
static struct shr__work *work_for(struct shr_engine *e, struct shr__owned *o, const struct shr__instance_row *row)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__work *w = arena ? shr__work_in(arena, e->env, shr__reconcile_flow(row)) : NULL;

	if (!w) {
		shr__arena_free(arena);
		return NULL;
	}
	w->backend = o->b;
	w->op.id = "engine";
	w->op.fence = o->fence;
	w->op.object_id = shr__arena_strdup(arena, row->share_id);
	if (!w->op.object_id || shr__db_read(e->env->db, arena, load_body, w, NULL) < 0 ||
		w->instance.state != SHR_SHARE_AVAILABLE || w->share.state != SHR_SHARE_AVAILABLE) {
		shr__work_free(w);
		return NULL;
	}
	return w;
}

struct submitting {
	struct shr_engine *e;
	const struct shr__flow *flow;
	const char *share_id;
	char op_id[SHR__UUID_ROOM];
	int64_t wall_ns;
};

static int submit_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	const struct submitting *s = data;

	return shr__submit_reconcile(t, s->e, s->flow, s->share_id, s->op_id, 0, s->wall_ns);
}

static void submit(struct shr_engine *e, struct shr__owned *o, struct shr__work *w)
{
	struct submitting s = { .e = e, .flow = w->flow, .share_id = w->op.object_id, .wall_ns = shr__world_wall(&e->env->world) };
	struct shr__job job = { .body = submit_body, .data = &s, .arena = w->arena };

	if (shr__world_id(&e->env->world, s.op_id, NULL) == 0 && shr__db_write(e->env->db, &job) == 0)
		shr__poll_backend(e, o->conf->name, 0);
	shr_error_unref(job.error);
}

/* 1: its answer is still to come. What fails is for the next pass. */
static int look_at(struct shr_engine *e, struct shr__owned *o, struct shr__work *w)
{
	int rc = shr__drift_check(w);

	if (rc == SHR_RUNNING) {
		o->pass->work = w;
		return 1;
	}
	if (rc == SHR__DRIFT_NEEDED)
		submit(e, o, w);
	shr__work_free(w);
	return 0;
}

/* When to go on, in nanoseconds. */
static int64_t some_shares(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__pass *pass = o->pass;
	struct shr__arena *arena = shr__arena_new();
	struct page p = { .e = e, .o = o };
	struct shr__work *w;
	int rc = arena ? shr__db_read(e->env->db, arena, page_body, &p, NULL) : SHR_ENOMEM;

	for (uint32_t i = 0; rc == 0 && i < p.n && !pass->work; i++) {
		snprintf(pass->pool, sizeof pass->pool, "%s", p.rows[i].pool);
		snprintf(pass->instance, sizeof pass->instance, "%s", p.rows[i].id);
		w = work_for(e, o, &p.rows[i]);
		if (w)
			look_at(e, o, w);
	}
	if (rc == 0 && p.n < SHARES && !pass->work)
		pass->shares_done = 1;
	shr__arena_free(arena);
	return pass->work ? (int64_t)pass->work->again_ms * 1000000 : REST_NS;
}

static int64_t go_on_looking(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__work *w = o->pass->work;

	o->pass->work = NULL;
	return look_at(e, o, w) ? (int64_t)w->again_ms * 1000000 : REST_NS;
}

/* ---- pools ---- */

struct listing {
	const struct shr__owned *o;
	const char *pool;
	const struct shr__told *told, *again;
	uint8_t unknown[THINGS];
	uint32_t n_unknown;
	int ended; /* the pool has been listed to its end */
	int64_t since_ns, wall_ns, keep_ms;
};

static int is_unknown(struct shr__txn *t, const struct listing *l, const struct shr__told_found *f)
{
	struct shr__instance_row instance = { .id = f->instance_id };
	struct shr__orphan_row orphan = { .id = f->instance_id };
	int rc;

	if (!f->instance_id[0])
		return 1;
	rc = shr__txn_get(t, &shr__instance_def, &instance);
	if (rc == 0)
		return strcmp(instance.backend, l->o->conf->name) != 0;
	if (rc != SHR_ENOTFOUND)
		return rc;
	rc = shr__txn_get(t, &shr__orphan_def, &orphan);
	return rc == SHR_ENOTFOUND ? 1 : rc;
}

static int compare_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct listing *l = data;
	int rc;

	l->n_unknown = 0;
	for (uint32_t i = 0; i < l->told->n_found; i++) {
		rc = is_unknown(t, l, &l->told->found[i]);
		if (rc < 0)
			return rc;
		l->unknown[i] = (uint8_t)rc;
		l->n_unknown += (uint32_t)rc;
	}
	return 0;
}

static int is_there_again(const struct listing *l, const char *name)
{
	for (uint32_t i = 0; i < l->again->n_found; i++)
		if (strcmp(l->again->found[i].name, name) == 0)
			return 1;
	return 0;
}

static int record_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct listing *l = data;
	char item[64 + 64 + 256 + 3];
	int rc = 0;

	for (uint32_t i = 0; i < l->told->n_found && rc >= 0; i++) {
		if (!l->unknown[i] || !is_there_again(l, l->told->found[i].name))
			continue;
		snprintf(item, sizeof item, "%.63s/%.63s/%s", l->o->conf->name, l->pool, l->told->found[i].name);
		rc = shr__drift_foreign(t, l->o->conf->name, item, l->told->found[i].what, l->wall_ns);
	}
	if (rc < 0 || !l->ended)
		return rc < 0 ? rc : 0;
	snprintf(item, sizeof item, "%.63s/%.63s/", l->o->conf->name, l->pool);
	return shr__drift_foreign_settle(t, item, l->since_ns, l->wall_ns, l->keep_ms);
}

static int call_list(struct shr__owned *o, const char *pool, struct shr__arena *arena, struct shr__told *told)
{
	struct shr__callname name = { .op_id = "engine", .step = "list", .item_id = o->conf->name, .attempt = 1,
		.fence = (uint64_t)o->fence };
	struct shr__callargs args = { .pool = pool, .after = o->pass->after, .max = THINGS };

	shr__told_init(told, arena);
	return shr__backend_call(o->b, SHR__VERB_LIST, &name, &args, told);
}

/* A share that went meanwhile was listed, and has no row any more: what is nobody's is there also in a second list. */
static int list_page(struct shr_engine *e, struct shr__owned *o, struct shr__arena *arena)
{
	struct shr__pass *pass = o->pass;
	struct shr__told told, again;
	struct listing l = { .o = o, .pool = o->conf->pools[pass->n_pool].name, .told = &told, .again = &again,
		.since_ns = pass->since_ns, .keep_ms = e->env->config->keep_events_ms };
	struct shr__job job = { .body = record_body, .data = &l, .arena = arena };
	int rc = call_list(o, l.pool, arena, &told);

	if (rc == 0)
		rc = shr__db_read(e->env->db, arena, compare_body, &l, NULL);
	if (rc)
		return rc < 0 ? rc : SHR_EUNSUPPORTED;
	l.ended = told.n_found < THINGS;
	again.n_found = 0;
	if (l.n_unknown)
		rc = call_list(o, l.pool, arena, &again);
	l.wall_ns = shr__world_wall(&e->env->world);
	if (rc == 0 && (l.n_unknown || l.ended))
		rc = shr__db_write(e->env->db, &job);
	shr_error_unref(job.error);
	if (rc == 0 && !l.ended)
		snprintf(pass->after, sizeof pass->after, "%s", told.found[told.n_found - 1].name);
	return rc ? SHR_EUNSUPPORTED : l.ended;
}

/* 0: the pass has ended. */
static int64_t some_things(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__pass *pass = o->pass;
	struct shr__arena *arena;
	int rc;

	if (pass->n_pool == o->conf->n_pools || !shr__backend_driver(o->b)->list)
		return 0;
	if (!pass->after[0])
		pass->since_ns = shr__world_wall(&e->env->world);
	arena = shr__arena_new();
	rc = arena ? list_page(e, o, arena) : SHR_ENOMEM;
	shr__arena_free(arena);
	if (rc) { /* to its end, or it cannot be listed now: the next pass does it again */
		pass->n_pool++;
		pass->after[0] = '\0';
	}
	return REST_NS;
}

/* ---- the task ---- */

void shr__pass_task(struct shr_engine *e, struct shr__owned *o)
{
	int64_t wait = 0;

	if (!o->pass)
		o->pass = shr__alloc(sizeof *o->pass);
	pthread_mutex_unlock(&e->lock);
	if (o->pass && o->pass->work)
		wait = go_on_looking(e, o);
	else if (o->pass && !o->pass->shares_done)
		wait = some_shares(e, o);
	else if (o->pass)
		wait = some_things(e, o);
	pthread_mutex_lock(&e->lock);
	if (!wait)
		shr__pass_end(o);
	o->pass_due = shr__engine_mono(e) + (wait ? wait : jitter(e, e->env->config->reconcile_ms * 1000000));
}

/* lib/engine/pass.c - a slow comparison of all of a backend with the store: each share, then what else there is */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "engine/engine_own.h"
#include "engine/pass.h"
#include "flow/drift.h"
#include "flow/flows.h"

#define SHARES 4u     /* looked at in one go */

int64_t shr__pass_due(const struct shr__owned *o)
{
	if (o->down || !o->b)
		return INT64_MAX;
	return shr__backend_looks(o->b) || shr__pass_is_asked(o) ? o->pass_due : INT64_MAX;
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
	o->pass_due = shr__pass_is_asked(o) ? shr__engine_mono(e) : every ? shr__engine_mono(e) + jitter(e, first) : INT64_MAX;
}

void shr__pass_end(struct shr__owned *o)
{
	if (o->pass) {
		shr__work_free(o->pass->work);
		shr__listing_forget(o->pass);
		shr__free(o->pass->ops);
	}
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
	int rc;

	if (!w) {
		shr__pass_wrong(o->pass, row->share_id, "no memory");
		shr__arena_free(arena);
		return NULL;
	}
	w->backend = o->b;
	w->op.id = "engine";
	w->op.fence = o->fence;
	w->op.object_id = shr__arena_strdup(arena, row->share_id);
	rc = w->op.object_id ? shr__db_read(e->env->db, arena, load_body, w, NULL) : SHR_ENOMEM;
	if (rc < 0 && rc != SHR_ENOTFOUND)
		shr__pass_wrong(o->pass, row->share_id, shr_strcode(rc));
	if (rc < 0 || w->instance.state != SHR_SHARE_AVAILABLE || w->share.state != SHR_SHARE_AVAILABLE) {
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

	if (shr__world_id(&e->env->world, s.op_id, NULL) == 0 && shr__db_write(e->env->db, &job) == 0) {
		shr__pass_note_op(o->pass, s.op_id);
		shr__poll_backend(e, o->conf->name, 0);
	} else {
		shr__pass_wrong(o->pass, w->op.object_id, job.error ? job.error->message : "no memory");
	}
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
	else if (rc < 0)
		shr__pass_wrong(o->pass, w->op.object_id, w->error ? w->error->message : shr_strcode(rc));
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
	return pass->work ? (int64_t)pass->work->again_ms * 1000000 : shr__pass_rest_ns(o->pass);
}

static int64_t go_on_looking(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__work *w = o->pass->work;

	o->pass->work = NULL;
	return look_at(e, o, w) ? (int64_t)w->again_ms * 1000000 : shr__pass_rest_ns(o->pass);
}

/* ---- the task ---- */

static struct shr__pass *begin(const struct shr__owned *o)
{
	struct shr__pass *pass = shr__alloc(sizeof *pass);

	if (pass)
		pass->wanted = shr__pass_is_asked(o) ? o->pass_asked : 0;
	return pass;
}

/* How long until another one begins. */
static int64_t next(struct shr_engine *e, const struct shr__owned *o)
{
	int64_t every = e->env->config->reconcile_ms * 1000000;

	if (shr__pass_is_asked(o))
		return shr__pass_rest_ns(NULL);
	return every ? jitter(e, every) : INT64_MAX;
}

void shr__pass_task(struct shr_engine *e, struct shr__owned *o)
{
	int64_t wait = 0;

	/* Who asks wants to know how it is from now on: nobody waits for one that came by itself. */
	if (o->pass && !o->pass->wanted && shr__pass_is_asked(o))
		shr__pass_end(o);
	if (!o->pass)
		o->pass = begin(o);
	pthread_mutex_unlock(&e->lock);
	if (o->pass && o->pass->work)
		wait = go_on_looking(e, o);
	else if (o->pass && !o->pass->shares_done)
		wait = some_shares(e, o);
	else if (o->pass)
		wait = shr__pass_list(e, o);
	if (o->pass && !wait && o->pass->wanted)
		wait = shr__pass_finish(e, o);
	pthread_mutex_lock(&e->lock);
	if (!wait) {
		shr__pass_end(o);
		wait = next(e, o);
	}
	o->pass_due = wait == INT64_MAX ? wait : shr__engine_mono(e) + wait;
}

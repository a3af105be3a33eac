/* lib/flow/core.c - what each operation does next: the core's events and decisions */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "flow/core_own.h"

struct shr__core *shr__core_new(const struct shr__core_params *params)
{
	struct shr__core *c = shr__alloc(sizeof *c);

	if (!c || strlen(params->engine_id) >= sizeof c->engine_id || strlen(params->engine_name) >= sizeof c->engine_name) {
		shr__free(c);
		return NULL;
	}
	c->params = *params;
	memcpy(c->engine_id, params->engine_id, strlen(params->engine_id));
	memcpy(c->engine_name, params->engine_name, strlen(params->engine_name));
	c->params.engine_id = c->engine_id;
	c->params.engine_name = c->engine_name;
	if (!c->params.most_calls)
		c->params.most_calls = 1;
	c->random = params->seed;
	c->call_until = INT64_MAX;
	return c;
}

static void run_free(struct shr__core *c, struct shr__run *r)
{
	shr__list_remove(r);
	shr__run_unsleep(c, r);
	shr__lane_drop(c, &r->call_lane);
	shr__lane_drop(c, &r->access_lane);
	if (c->lonely == r) {
		c->lonely = NULL;
		shr__list_wake(c, &c->alone_waiting);
	}
	HASH_DEL(c->runs, r);
	if (r->work)
		shr__work_free(r->work);
	else
		shr__arena_free(r->arena);
	shr__free(r);
}

void shr__core_free(struct shr__core *c)
{
	struct shr__run *r, *more;
	struct shr__be *be, *more_be;

	if (!c)
		return;
	HASH_ITER(hh, c->runs, r, more)
		run_free(c, r);
	HASH_ITER(hh, c->backends, be, more_be) {
		HASH_DEL(c->backends, be);
		shr__free(be);
	}
	shr__free(c->heap);
	shr__free(c);
}

static struct shr__run *run_new(struct shr__core *c, const char *op_id, struct shr__be *be)
{
	struct shr__run *r;

	if (strlen(op_id) >= sizeof r->id || !be)
		return NULL;
	r = shr__alloc(sizeof *r);
	if (!r)
		return NULL;
	memcpy(r->id, op_id, strlen(op_id) + 1);
	r->core = c;
	r->be = be;
	HASH_ADD_STR(c->runs, id, r);
	if (SHR__HASH_IN(r))
		return r;
	shr__free(r);
	return NULL;
}

/* ---- operations come ---- */

void shr__core_accepted(struct shr__core *c, struct shr__work *work, int look, int64_t now_ns)
{
	struct shr__be *be = shr__core_be(c, work->op.backend, 1);
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, work->op.id, r);
	if (r || !(r = run_new(c, work->op.id, be))) {
		shr__work_free(work); /* the poll knows it already, or will find it */
		return;
	}
	r->work = work;
	r->arena = work->arena;
	r->look = look;
	shr__run_ready(c, r);
}

int shr__core_found(struct shr__core *c, const char *op_id, const char *backend, int64_t now_ns)
{
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, op_id, r);
	if (r)
		return 0;
	r = run_new(c, op_id, shr__core_be(c, backend, 1));
	if (!r)
		return SHR_ENOMEM;
	shr__run_ready(c, r);
	return 0;
}

static int under_way(const struct shr__run *r)
{
	return r->state == RUN_CALLING || r->state == RUN_COMMITTING || r->state == RUN_LOADING;
}

static void look_again(struct shr__core *c, struct shr__run *r)
{
	r->look = 1;
	if (!under_way(r))
		shr__run_ready(c, r);
}

void shr__core_cancel(struct shr__core *c, const char *op_id, int64_t now_ns)
{
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, op_id, r);
	if (!r || !r->work || r->work->op.cancel)
		return;
	atomic_store(&r->work->cancel, 1); /* a call that runs may ask for it */
	look_again(c, r);
}

void shr__core_touched(struct shr__core *c, const char *object_id, int64_t now_ns)
{
	struct shr__run *r, *more;

	c->now = now_ns;
	HASH_ITER(hh, c->runs, r, more)
		if (r->work && strcmp(r->work->op.object_id, object_id) == 0)
			look_again(c, r);
}

/* ---- backends ---- */

int shr__core_backend(struct shr__core *c, const char *name, struct shr__backend *b, int64_t fence)
{
	struct shr__be *be = shr__core_be(c, name, 1);
	struct shr__run *r, *more;

	if (!be)
		return SHR_ENOMEM;
	be->b = b;
	be->fence = fence;
	be->suspect = 0;
	if (b) {
		shr__list_wake(c, &be->waiting);
		return 0;
	}
	be->down = 0;
	HASH_ITER(hh, c->runs, r, more) {
		if (r->be != be)
			continue;
		if (r->work)
			atomic_store(&r->work->cancel, 1);
		if (under_way(r))
			r->drop = 1;
		else
			run_free(c, r);
	}
	return 0;
}

void shr__core_backend_down(struct shr__core *c, const char *name, int down, int64_t now_ns)
{
	struct shr__be *be = shr__core_be(c, name, 0);

	c->now = now_ns;
	if (!be)
		return;
	be->down = down;
	be->suspect = 0;
	if (!down)
		shr__list_wake(c, &be->waiting);
}

int shr__core_backend_suspect(struct shr__core *c, const char *name)
{
	struct shr__be *be = shr__core_be(c, name, 0);
	int suspect = be ? be->suspect : 0;

	if (be)
		be->suspect = 0;
	return suspect;
}

unsigned shr__core_backend_busy(struct shr__core *c, const char *name)
{
	struct shr__be *be = shr__core_be(c, name, 0);

	return be ? be->calling : 0;
}

void shr__core_call_until(struct shr__core *c, int64_t mono_ns)
{
	int later = mono_ns > c->call_until;

	c->call_until = mono_ns;
	if (later)
		shr__list_wake(c, &c->leased);
}

void shr__core_rename(struct shr__core *c, const char *engine_id)
{
	snprintf(c->engine_id, sizeof c->engine_id, "%s", engine_id);
}

void shr__core_pause(struct shr__core *c, int paused)
{
	c->paused = paused;
	if (!paused)
		shr__list_wake(c, &c->held);
}

/* ---- what a run does next ---- */

static const struct shr__step *step_of(const struct shr__run *r)
{
	return &r->work->flow->steps[r->work->step];
}

static struct shr__action act(struct shr__core *c, struct shr__run *r, enum shr__action_kind kind, enum run_state state)
{
	shr__list_remove(r);
	r->state = state;
	c->under_way++;
	return (struct shr__action){ kind, r };
}

static struct shr__action commit(struct shr__core *c, struct shr__run *r, enum run_commit what)
{
	r->commit = what;
	return act(c, r, SHR__ACT_COMMIT, RUN_COMMITTING);
}

static const struct shr__action nothing = { SHR__ACT_NONE, NULL };
static struct shr__action decide(struct shr__core *c, struct shr__run *r);

static struct shr__action park(struct shr__run *r, struct shr__list *l, enum run_state state)
{
	shr__list_add(l, r);
	r->state = state;
	return nothing;
}

/* A commit is its next action, whatever else. */
static void owe(struct shr__core *c, struct shr__run *r, enum run_commit what)
{
	r->commit = what;
	r->owes = 1;
	shr__run_ready(c, r);
}

/* From here back to the first step. What was committed of it has to be known as undone before anything is. */
static void begin_undo(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	w->token = NULL;
	w->token_len = 0;
	w->token_changed = 0;
	w->attempt = 1;
	w->undoing = 1;
	r->tries = 0;
	r->reached = w->step;
	if (!w->op.undoing && (w->saves_done > 0 || strcmp(w->op.step, w->flow->steps[0].name) != 0))
		owe(c, r, COMMIT_UNDO);
	else
		shr__run_ready(c, r);
}

static int wants_cancel(const struct shr__run *r)
{
	const struct shr__work *w = r->work;

	if (w->undoing || !(w->op.cancel || atomic_load(&w->cancel)))
		return 0;
	return (step_of(r)->flags & SHR__STEP_CANCELLABLE) != 0;
}

/* Calls are bounded: in number, by the lease, by lanes, and by the loneliness of the suspicious. */
static struct shr__action call(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;
	int rc;

	if (!r->be->b || r->be->down)
		return park(r, &r->be->waiting, RUN_BACKEND);
	if (c->now >= c->call_until)
		return park(r, &c->leased, RUN_LEASE);
	if (c->lonely ? c->lonely != r : r->alone && c->calling > 0)
		return park(r, &c->alone_waiting, RUN_ALONE);
	if ((step_of(r)->flags & SHR__STEP_ACCESS_LANE) && !w->undoing) {
		rc = shr__lane_take(c, r, "a", w->op.object_id, &r->access_lane);
		if (rc == 0)
			return nothing;
	}
	rc = shr__lane_take(c, r, "c", w->op.object_id, &r->call_lane);
	if (rc == 0)
		return nothing;
	if (rc < 0) {
		shr__run_sleep(c, r, c->now + 100000000);
		return nothing;
	}
	if (r->alone)
		c->lonely = r;
	w->backend = r->be->b;
	c->calling++;
	r->be->calling++;
	return act(c, r, SHR__ACT_CALL, RUN_CALLING);
}

static struct shr__action forward(struct shr__core *c, struct shr__run *r);

/* Undone down to the first step: the failure is committed. */
static struct shr__action backward(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	while (!step_of(r)->undo) {
		if (w->step == 0)
			return commit(c, r, COMMIT_FAIL);
		w->step--;
	}
	return call(c, r);
}

static struct shr__action wait_after(struct shr__core *c, struct shr__run *r)
{
	struct shr__run *other;

	HASH_FIND_STR(c->runs, r->work->op.after_op, other);
	if (other && other != r) {
		r->loaded_after = 0;
		return park(r, &c->after, RUN_AFTER);
	}
	if (r->loaded_after) { /* it is not here and has not ended: an engine will claim it */
		r->loaded_after = 0;
		shr__run_sleep(c, r, c->now + 200000000);
		return nothing;
	}
	return act(c, r, SHR__ACT_LOAD, RUN_LOADING);
}

/* The next action of a run that is ready. */
static struct shr__action decide(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	if (!w)
		return r->be->b ? commit(c, r, COMMIT_CLAIM) : park(r, &r->be->waiting, RUN_BACKEND);
	if (r->look)
		return act(c, r, SHR__ACT_LOAD, RUN_LOADING);
	if (r->owes) {
		r->owes = 0;
		return commit(c, r, r->commit);
	}
	if (w->op.after_op[0] && !w->op.cancel)
		return wait_after(c, r);
	if (wants_cancel(r)) {
		shr_error_unref(w->error);
		w->error = NULL;
		shr__fail(&w->error, SHR_ECANCELLED, "operation %s was cancelled", r->id);
		begin_undo(c, r);
		return decide(c, r);
	}
	if (w->token_changed)
		return commit(c, r, COMMIT_TOKEN);
	return forward(c, r);
}

static struct shr__action forward(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	if (w->undoing)
		return backward(c, r);
	if (!step_of(r)->call)
		return commit(c, r, w->step + 1 == w->flow->n_steps ? COMMIT_END : COMMIT_MOVE);
	return call(c, r);
}

struct shr__action shr__core_next(struct shr__core *c, int64_t now_ns)
{
	struct shr__action a;

	c->now = now_ns;
	while (c->n_heap && c->heap[1]->due <= now_ns)
		shr__run_ready(c, c->heap[1]);
	while (c->ready.first) {
		struct shr__run *r = c->ready.first;

		if (c->paused && !r->owes) { /* what was done is still committed; nothing new is begun */
			park(r, &c->held, RUN_FULL);
			continue;
		}
		/* Calls are the bounded resource. Commits and reads are not calls, so look past runs that would call. */
		if (c->calling >= c->params.most_calls && r->work && !r->look && !r->work->token_changed &&
			!r->owes && step_of(r)->call && !wants_cancel(r) && !r->work->op.after_op[0]) {
			park(r, &c->full, RUN_FULL);
			continue;
		}
		a = decide(c, r);
		if (a.kind != SHR__ACT_NONE)
			return a;
		if (r->state == RUN_READY && r->list == &c->ready) /* nothing was decided: never spin on it */
			shr__run_sleep(c, r, now_ns + 10000000);
	}
	return nothing;
}

int64_t shr__core_wake_at(struct shr__core *c)
{
	return c->n_heap ? c->heap[1]->due : INT64_MAX;
}

unsigned shr__core_under_way(struct shr__core *c)
{
	return c->under_way;
}

unsigned shr__core_size(struct shr__core *c)
{
	return HASH_COUNT(c->runs);
}

/* ---- answers ---- */

/* An operation has ended, or is not ours: who waits for it looks again. */
static void leave(struct shr__core *c, struct shr__run *r)
{
	for (struct shr__run *w = c->after.first, *next; w; w = next) {
		next = w->next;
		if (strcmp(w->work->op.after_op, r->id) == 0)
			shr__run_ready(c, w);
	}
	run_free(c, r);
}

static int answered(struct shr__core *c, struct shr__run *r, int64_t now_ns)
{
	c->now = now_ns;
	c->under_way--;
	if (!r->drop)
		return 1;
	leave(c, r);
	return 0;
}

static void retry(struct shr__core *c, struct shr__run *r, int64_t first_ms, int64_t most_ms)
{
	shr__run_sleep(c, r, c->now + shr__core_backoff(c, first_ms, most_ms, ++r->tries));
}

/* The present step is done, forward: the next one, or a commit. */
static void step_done(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;
	int last = w->step + 1 == w->flow->n_steps;

	r->tries = 0;
	w->attempt = 1;
	if (!last && !(w->flow->steps[w->step + 1].flags & SHR__STEP_BARRIER)) {
		w->step++; /* replayable: its result stays in memory until the next commit */
		shr__run_ready(c, r);
		return;
	}
	owe(c, r, last ? COMMIT_END : COMMIT_MOVE);
}

static void step_undone(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	r->tries = 0;
	w->attempt = 1;
	if (w->step > 0) {
		w->step--;
		shr__run_ready(c, r);
		return;
	}
	owe(c, r, COMMIT_FAIL);
}

static void failed_forward(struct shr__core *c, struct shr__run *r, int code)
{
	struct shr__work *w = r->work;
	const struct shr__config *conf = w->env->config;

	if (shr__code_retryable(code) && (r->tries + 1 < conf->retry_limit || (step_of(r)->flags & SHR__STEP_NO_RETURN))) {
		w->attempt++;
		retry(c, r, conf->retry_first_ms, conf->retry_most_ms);
		return;
	}
	if (step_of(r)->flags & SHR__STEP_NO_RETURN) {
		w->attempt++;
		retry(c, r, conf->retry_most_ms, conf->retry_most_ms);
		return;
	}
	begin_undo(c, r);
}

/* An undo is tried again; after the limit its thing is left behind, and said so. */
static void failed_undo(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;
	const struct shr__config *conf = w->env->config;

	if (r->tries + 1 < conf->retry_limit) {
		w->attempt++;
		retry(c, r, conf->retry_first_ms, conf->retry_most_ms);
		return;
	}
	w->leftover = 1;
	step_undone(c, r);
}

void shr__core_called(struct shr__core *c, struct shr__run *r, int code, int64_t now_ns)
{
	struct shr__work *w = r->work;

	c->calling--;
	r->be->calling--;
	shr__list_wake(c, &c->full);
	shr__lane_drop(c, &r->call_lane);
	if (c->lonely == r) {
		c->lonely = NULL;
		shr__list_wake(c, &c->alone_waiting);
	}
	if (c->calling == 0)
		shr__list_wake(c, &c->alone_waiting);
	if (!answered(c, r, now_ns))
		return;
	if (code == SHR_RUNNING) {
		r->tries = 0;
		w->attempt++;
		shr__run_sleep(c, r, now_ns + (w->token_changed ? 0 : (int64_t)w->again_ms * 1000000));
	} else if (code == SHR_EUNREACHABLE) {
		r->be->suspect = r->be->down = 1;
		shr__list_add(&r->be->waiting, r);
		r->state = RUN_BACKEND;
	} else if (code == SHR_EFENCED) {
		r->look = 1;
		shr__run_sleep(c, r, now_ns + shr__core_backoff(c, 100, 1000, 1));
	} else if (code < 0 && w->undoing) {
		failed_undo(c, r);
	} else if (code < 0) {
		failed_forward(c, r, code);
	} else if (w->undoing) {
		step_undone(c, r);
	} else {
		step_done(c, r);
	}
}

/* A commit that was refused: by another's change of the row, by the store, or by a save's own rule. */
static void commit_refused(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error)
{
	struct shr__work *w = r->work;

	if (!w) { /* a claim: it has ended, or a newer version made it, or the store failed */
		shr_error_unref(error);
		if (code == SHR_ENOTFOUND || code == SHR_EFENCED || code == SHR_EUNSUPPORTED)
			leave(c, r);
		else
			retry(c, r, 50, 5000);
		return;
	}
	if (code == SHR_ECONFLICT || code == SHR_EFENCED || code == SHR_ENOTFOUND) {
		shr_error_unref(error);
		r->look = 1;
		r->owes = 1;
		if (++r->tries > 1)
			shr__run_sleep(c, r, c->now + shr__core_backoff(c, 5, 1000, r->tries));
		else
			shr__run_ready(c, r);
		return;
	}
	if (shr__code_retryable(code) || code == SHR_ENOSPC || w->undoing || code == SHR_ECORRUPT) {
		shr_error_unref(error);
		r->owes = 1;
		retry(c, r, 20, 5000);
		return;
	}
	shr_error_unref(w->error);
	w->error = error;
	failed_forward(c, r, code);
}

/* It is ours. One that was under way whenever an engine died is run alone, and not at once, so that it is known for what it
 * is and the others go on. */
static void claimed(struct shr__core *c, struct shr__run *r)
{
	if (r->ended) {
		leave(c, r);
		return;
	}
	shr__run_claimed(r);
	r->alone = r->work->op.attempts > SHR__UNKNOWN_MOST;
	if (r->alone)
		shr__run_sleep(c, r, c->now + shr__core_backoff(c, 500, 60000, (unsigned)(r->work->op.attempts - SHR__UNKNOWN_MOST)));
	else
		shr__run_ready(c, r);
}

void shr__core_committed(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns)
{
	struct shr__work *w = r->work;

	if (!answered(c, r, now_ns)) {
		shr_error_unref(error);
		return;
	}
	if (code < 0) {
		commit_refused(c, r, code, error);
		return;
	}
	shr_error_unref(error);
	r->tries = 0;
	if (r->commit == COMMIT_CLAIM) {
		claimed(c, r);
		return;
	}
	shr__run_kept(r);
	switch (r->commit) {
	case COMMIT_TOKEN:
		w->token_changed = 0;
		shr__run_sleep(c, r, now_ns + (int64_t)w->again_ms * 1000000);
		return;
	case COMMIT_MOVE:
		if (!r->more) {
			w->step++;
			shr__lane_drop(c, &r->access_lane);
		}
		break;
	case COMMIT_END:
	case COMMIT_FAIL:
		if (r->ended) {
			leave(c, r);
			return;
		}
		break;
	default:
		break;
	}
	if (r->more)
		owe(c, r, r->commit);
	else
		shr__run_ready(c, r);
}

void shr__core_loaded(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns)
{
	shr_error_unref(error);
	if (!answered(c, r, now_ns))
		return;
	if (code == SHR_ENOTFOUND || code == SHR_EFENCED) {
		leave(c, r);
		return;
	}
	if (code < 0) {
		retry(c, r, 50, 5000);
		return;
	}
	r->look = 0;
	r->loaded_after = 1;
	shr__run_ready(c, r);
}

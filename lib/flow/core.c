/* lib/flow/core.c - what each operation does next: the core's events and decisions */
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

/* An operation has ended, or is not ours: who waits for it looks again. */
void shr__run_free(struct shr__core *c, struct shr__run *r)
{
	shr__list_wake(c, &r->behind);
	shr__list_remove(r);
	shr__run_unsleep(c, r);
	shr__lane_drop(c, &r->call_lane);
	shr__lane_drop(c, &r->access_lane);
	shr__lane_drop(c, &r->source_lane);
	shr__run_let_go(c, r);
	shr__run_unindex(c, r);
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
		shr__run_free(c, r);
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

static void look_again(struct shr__core *c, struct shr__run *r)
{
	r->look = 1;
	if (!shr__run_under_way(r))
		shr__run_ready(c, r);
}

/* Rows of operations on the object were changed, or may have been. */
static void note_touch(struct shr__core *c, const char *object_id)
{
	c->touched[shr__core_chain(c, object_id) - c->objects] = ++c->touches;
}

int shr__core_touched_since(struct shr__core *c, const char *object_id, uint64_t touches)
{
	return c->touched[shr__core_chain(c, object_id) - c->objects] > touches;
}

static int conflict(const struct shr__flow *a, const struct shr__flow *b)
{
	return (a->hold_exclusive & (b->hold_shared | b->hold_exclusive)) || (a->hold_shared & b->hold_exclusive);
}

/* R is here: whatever it meets waits, is asked to end, or was ended by a call of another process (a force-delete, a reset), of
 * which nobody told this engine. Such a one must not make another call: it looks at its row first. */
void shr__core_meets(struct shr__core *c, struct shr__run *r)
{
	const struct shr__flow *f = r->work->flow;
	const char *object = r->work->op.object_id;

	if ((f->flags & SHR__FLOW_NEW) || !((f->flags & SHR__FLOW_PREEMPTS) || f->hold_exclusive))
		return;
	note_touch(c, object);
	for (struct shr__run *other = *shr__core_chain(c, object); other; other = other->same_next)
		if (other != r && strcmp(other->work->op.object_id, object) == 0 && ((f->flags & SHR__FLOW_PREEMPTS) ||
			conflict(f, other->work->flow)))
			look_again(c, other);
}

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
	shr__run_index(c, r);
	if (work->flow->flags & SHR__FLOW_EXPECTS) {
		r->share = work->share;
		r->instance = work->instance;
	}
	shr__core_meets(c, r);
	shr__run_ready(c, r);
}

int shr__core_found(struct shr__core *c, const char *op_id, const char *backend, uint32_t flags, int64_t attempts,
	int64_t now_ns)
{
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, op_id, r);
	if (r && !r->work && (flags & SHR__FOUND_CANCEL))
		shr__core_cancel(c, op_id, now_ns);
	if (r)
		return 0;
	r = run_new(c, op_id, shr__core_be(c, backend, 1));
	if (!r)
		return SHR_ENOMEM;
	r->had = !(flags & SHR__FOUND_HAD) ? 0 : attempts > 1 ? 2 : 1;
	r->cancelled = (flags & SHR__FOUND_CANCEL) != 0;
	/* What was under way whenever an engine died is run alone, and not at once, so that it is known for what it is and the
	 * others go on. While it sleeps it is nobody's, so that it does not count when this engine dies of another one. */
	r->alone = r->had && attempts >= SHR__UNKNOWN_MOST;
	if (r->alone)
		shr__run_sleep(c, r, now_ns + shr__core_backoff(c, 500, 30000, (unsigned)(attempts - SHR__UNKNOWN_MOST + 1)));
	else
		shr__run_ready(c, r);
	return 0;
}

void shr__core_cancel(struct shr__core *c, const char *op_id, int64_t now_ns)
{
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, op_id, r);
	if (r && !r->work && !shr__run_under_way(r) && !r->cancelled) { /* it may end without a call, so it waits for none */
		r->cancelled = 1;
		shr__run_ready(c, r);
	}
	/* What is under way is another thread's to read: it is looked at once more, and that is all. */
	if (!r || !r->work || r->drop || (!shr__run_under_way(r) && r->work->op.cancel))
		return;
	atomic_store(&r->work->cancel, SHR__CANCEL_ASKED); /* a call that runs may ask for it */
	look_again(c, r);
}

void shr__core_touched(struct shr__core *c, const char *object_id, int64_t now_ns)
{
	c->now = now_ns;
	note_touch(c, object_id);
	for (struct shr__run *r = *shr__core_chain(c, object_id); r; r = r->same_next)
		if (strcmp(r->work->op.object_id, object_id) == 0)
			look_again(c, r);
}

/* ---- what a run does next ---- */

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
	r->touches = c->touches;
	r->fence = r->be->fence; /* the body runs under no lock: a backend that is lost meanwhile gets another */
	return act(c, r, SHR__ACT_COMMIT, RUN_COMMITTING);
}

static const struct shr__action nothing = { SHR__ACT_NONE, NULL };
static struct shr__action forward(struct shr__core *c, struct shr__run *r);
static struct shr__action decide(struct shr__core *c, struct shr__run *r);

static struct shr__action park(struct shr__run *r, struct shr__list *l, enum run_state state)
{
	shr__list_add(l, r);
	r->state = state;
	return nothing;
}

static int wants_cancel(const struct shr__run *r)
{
	const struct shr__work *w = r->work;

	if (w->undoing || !(w->op.cancel || atomic_load(&w->cancel)))
		return 0;
	return (shr__step_of(r)->flags & SHR__STEP_CANCELLABLE) != 0;
}

/* It is in the lane; or there was no memory for one. */
static struct shr__action wait_for_lane(struct shr__core *c, struct shr__run *r, int rc)
{
	if (rc < 0)
		shr__run_sleep(c, r, c->now + 100000000);
	return nothing;
}

/* What was under way whenever an engine died waits for the calls that run, and no others begin; but one of those may take
 * hours, and nobody shall stand still for that long: then it lets them go on, and waits for longer when its turn comes again. */
static struct shr__action wait_to_be_alone(struct shr__core *c, struct shr__run *r)
{
	int waits = c->next_lonely == r;
	int64_t until = waits ? r->due : c->now + (SHR__ALONE_FIRST << (r->turns < 12 ? r->turns : 12));

	if (waits && c->now >= until) {
		r->turns++;
		shr__run_sleep(c, r, c->now + SHR__ALONE_FIRST);
		return nothing;
	}
	shr__run_sleep(c, r, until);
	c->next_lonely = r;
	return nothing;
}

/* 1: it may not begin beside what runs, or is to run next. */
static int kept_apart(const struct shr__core *c, const struct shr__run *r)
{
	if (c->lonely)
		return c->lonely != r;
	return (r->alone && c->calling > 0) || (c->next_lonely && c->next_lonely != r);
}

static struct shr__action stand_apart(struct shr__core *c, struct shr__run *r)
{
	return !c->lonely && (!c->next_lonely || c->next_lonely == r) ? wait_to_be_alone(c, r) :
		park(r, &c->alone_waiting, RUN_ALONE);
}

/* Its turn has come: until it lets go nobody else begins a call. */
static void be_alone(struct shr__core *c, struct shr__run *r)
{
	c->lonely = r;
	c->next_lonely = NULL;
	r->turns = 0;
}

/* 1: the call can be made, and what it needs beside the backend of its own is in W, or cannot be had; else it waits. Whoever
 * reaches the files of an instance lets go of them at the end of each call: so there is one at a time. */
static int reach_source(struct shr__core *c, struct shr__run *r, struct shr__action *ret)
{
	struct shr__work *w = r->work;
	const struct shr__instance_row *at = &w->others.other_instance;
	struct shr__be *be = at->id && at->id[0] ? shr__core_be(c, at->backend, 0) : NULL;
	int rc;

	w->source = NULL;
	if (!be || !be->b || (be->down && w->undoing))
		return 1;
	if (be->down) {
		*ret = park(r, &be->waiting, RUN_BACKEND);
		return 0;
	}
	rc = shr__lane_take(c, r, "s", at->id, &r->source_lane);
	if (rc <= 0) {
		*ret = wait_for_lane(c, r, rc);
		return 0;
	}
	w->source = be->b;
	w->source_fence = be->fence;
	r->source = be != r->be ? be : NULL;
	return 1;
}

/* Calls are bounded: in number, by the lease, by lanes, and by the loneliness of the suspicious. */
static struct shr__action call(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;
	struct shr__action waits;
	int rc;

	if (!r->be->b || r->be->down)
		return park(r, &r->be->waiting, RUN_BACKEND);
	if (c->now >= c->call_until)
		return park(r, &c->leased, RUN_LEASE);
	if (kept_apart(c, r))
		return stand_apart(c, r);
	if ((shr__step_of(r)->flags & SHR__STEP_ACCESS_LANE) && !w->undoing) {
		rc = shr__lane_take(c, r, "a", w->op.object_id, &r->access_lane);
		if (rc <= 0)
			return wait_for_lane(c, r, rc);
	}
	rc = shr__lane_take(c, r, "c", w->op.object_id, &r->call_lane);
	if (rc <= 0)
		return wait_for_lane(c, r, rc);
	if ((shr__step_of(r)->flags & SHR__STEP_SOURCE) && !reach_source(c, r, &waits)) {
		shr__lane_drop(c, &r->call_lane); /* it may be for long, and others work at the object */
		return waits;
	}
	if (r->alone)
		be_alone(c, r);
	w->backend = r->be->b;
	atomic_store(&w->hurry, 0);
	c->calling++;
	r->be->calling++;
	if (r->source)
		r->source->calling++;
	return act(c, r, SHR__ACT_CALL, RUN_CALLING);
}

/* Undone down to the first step: the failure is committed. */
static struct shr__action backward(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	while (!shr__step_of(r)->undo && !w->give_up) {
		if (w->step == 0)
			return commit(c, r, COMMIT_FAIL);
		shr__run_undo_next(r);
	}
	return call(c, r);
}

static struct shr__action wait_after(struct shr__core *c, struct shr__run *r)
{
	struct shr__run *other;

	HASH_FIND_STR(c->runs, r->work->op.after_op, other);
	if (other && other != r && (other->work || !other->alone)) { /* one that sleeps unclaimed may be ended by others */
		r->loaded_after = 0;
		return park(r, &other->behind, RUN_AFTER);
	}
	if (r->loaded_after) { /* it is not here and has not ended: an engine will claim it */
		r->loaded_after = 0;
		shr__run_sleep(c, r, c->now + 200000000);
		return nothing;
	}
	return act(c, r, SHR__ACT_LOAD, RUN_LOADING);
}

/* What an engine had when it died is claimed, and with that counted, when its step can be made: so the next death counts for
 * what could be under way, and not for all that waits here. The first time some more may be counted: that isolates nobody. */
static struct shr__action claim(struct shr__core *c, struct shr__run *r)
{
	if (!r->be->b || (r->had && r->be->down && !r->cancelled))
		return park(r, &r->be->waiting, RUN_BACKEND);
	if (r->had && c->now >= c->call_until)
		return park(r, &c->leased, RUN_LEASE);
	if (r->had && !r->cancelled && kept_apart(c, r))
		return stand_apart(c, r);
	if (r->had && !r->taking && !r->alone) { /* of those that run alone there is one at a time */
		if (c->taking >= c->params.most_calls && (r->had > 1 || c->taking >= SHR__HAD_ONCE))
			return park(r, &c->had, RUN_HAD);
		r->taking = 1;
		c->taking++;
	}
	if (r->alone && !kept_apart(c, r))
		be_alone(c, r);
	return commit(c, r, COMMIT_CLAIM);
}

/* The next action of a run that is ready. */
static struct shr__action decide(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	if (!w)
		return claim(c, r);
	if (r->look) {
		r->look = 0; /* what changes from now on is for another look */
		return act(c, r, SHR__ACT_LOAD, RUN_LOADING);
	}
	if (r->owes) {
		r->owes = 0;
		return commit(c, r, r->commit);
	}
	if (w->op.after_op[0] && !w->op.cancel)
		return wait_after(c, r);
	if (w->token_changed)
		return commit(c, r, COMMIT_TOKEN);
	if (wants_cancel(r)) {
		shr_error_unref(w->error);
		w->error = NULL;
		shr__fail(&w->error, SHR_ECANCELLED, "operation %s was cancelled", r->id);
		shr__run_undo(c, r);
		return decide(c, r);
	}
	if (r->note)
		return commit(c, r, COMMIT_NOTE);
	return forward(c, r);
}

static struct shr__action forward(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	if (w->undoing)
		return backward(c, r);
	if (!shr__step_of(r)->call)
		return commit(c, r, w->step + 1 == w->flow->n_steps ? COMMIT_END : COMMIT_MOVE);
	return call(c, r);
}

/* The list in which a run that is ready has to wait all the same, or NULL. */
static struct shr__list *kept_back(struct shr__core *c, const struct shr__run *r)
{
	if (c->paused && !r->owes) /* what was done is still committed; nothing new is begun */
		return &c->held;
	/* Calls are the bounded resource. Commits and reads are not calls, so look past runs that would call. */
	if (c->calling >= c->params.most_calls && r->work && !r->look && !r->note && !r->work->token_changed &&
		!r->owes && shr__step_of(r)->call && !wants_cancel(r) && !r->work->op.after_op[0])
		return &c->full;
	return NULL;
}

static struct shr__action decide_ready(struct shr__core *c, struct shr__run *r)
{
	struct shr__action a = decide(c, r);

	if (a.kind == SHR__ACT_NONE && r->state == RUN_READY && r->list == &c->ready) /* never spin on it */
		shr__run_sleep(c, r, c->now + 10000000);
	return a;
}

struct shr__action shr__core_next(struct shr__core *c, int64_t now_ns)
{
	struct shr__action a = nothing;

	c->now = now_ns;
	while (c->n_heap && c->heap[1]->due <= now_ns)
		shr__run_ready(c, c->heap[1]);
	while (a.kind == SHR__ACT_NONE) {
		struct shr__run *r = c->ready.first;
		struct shr__list *list;

		/* Who was woken because a call has ended may have found that it makes none now. */
		if (!r && c->calling < c->params.most_calls && (r = c->full.first))
			shr__run_ready(c, r);
		if (!r)
			break;
		list = kept_back(c, r);
		a = list ? park(r, list, RUN_FULL) : decide_ready(c, r);
	}
	return a;
}

struct shr__action shr__core_next_of(struct shr__core *c, const char *op_id, int64_t now_ns)
{
	struct shr__run *r;

	c->now = now_ns;
	HASH_FIND_STR(c->runs, op_id, r);
	if (!r || r->list != &c->ready || kept_back(c, r))
		return nothing;
	return decide_ready(c, r);
}

const char *shr__core_project(struct shr__core *c, const char *op_id)
{
	struct shr__run *r;

	HASH_FIND_STR(c->runs, op_id, r);
	return r && r->work ? r->work->op.project : NULL;
}

unsigned shr__core_ready(const struct shr__core *c)
{
	return c->ready.n + (c->calling < c->params.most_calls ? c->full.n : 0);
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

/* lib/flow/core_answer.c - what the answers of calls, commits and reads mean for their operations */
#include <string.h>

#include "base/fail.h"
#include "flow/core_own.h"

#define SLIM_AT (256u * 1024u)

/* A commit is its next action, whatever else. */
static void owe(struct shr__core *c, struct shr__run *r, enum run_commit what)
{
	r->commit = what;
	r->owes = 1;
	shr__run_ready(c, r);
}

/* An engine before may have come up to the next barrier. A token stays with its step, until the undo is there. */
static void as_far_as_it_came(struct shr__work *w)
{
	if (w->token) {
		w->kept = w->token;
		w->kept_len = w->token_len;
		w->kept_step = w->step;
		w->token = NULL;
		w->token_len = 0;
	}
	while (w->step + 1 < w->flow->n_steps && !(w->flow->steps[w->step + 1].flags & SHR__STEP_BARRIER))
		w->step++;
	shr__work_take_kept(w);
}

void shr__run_undo_next(struct shr__run *r)
{
	struct shr__work *w = r->work;

	w->step--;
	if (shr__work_take_kept(w))
		w->give_up = 1;
}

/* Will the world be asked to take anything back? */
static int undo_calls(const struct shr__work *w)
{
	for (uint32_t i = 0; i <= w->step; i++)
		if (w->flow->steps[i].undo)
			return 1;
	return w->give_up;
}

/* From here back to the first step. That it is undone has to be known before anything is: what was committed of it, and what the
 * world is asked to take back, too. Who takes it over would else make again what a late call then takes away. */
void shr__run_undo(struct shr__core *c, struct shr__run *r)
{
	struct shr__work *w = r->work;

	if (w->begun)
		as_far_as_it_came(w);
	w->give_up = w->token != NULL; /* a slow call is under way over there: the driver is told first */
	w->token_changed = 0;
	w->attempt = 1;
	w->undoing = 1;
	r->note = 0;
	r->tries = 0;
	r->reached = w->step;
	if (!w->op.undoing && (w->saves_done > 0 || strcmp(w->op.step, w->flow->steps[0].name) != 0 || undo_calls(w)))
		owe(c, r, COMMIT_UNDO);
	else
		shr__run_ready(c, r);
}

static int answered(struct shr__core *c, struct shr__run *r, int64_t now_ns)
{
	c->now = now_ns;
	c->under_way--;
	if (!r->drop)
		return 1;
	shr__run_free(c, r);
	return 0;
}

/* Each poll and each try leaves rows and answers in its memory; one that goes on for days has to let go of them. */
static void slim(struct shr__run *r)
{
	struct shr__work *w;

	if (!r->work || shr__arena_room(r->arena) < SLIM_AT)
		return;
	w = shr__work_moved(r->work);
	if (!w)
		return;
	shr__arena_free(r->arena);
	r->work = w;
	r->arena = w->arena;
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
		shr__work_take_kept(w);
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
		shr__run_undo_next(r);
		shr__run_ready(c, r);
		return;
	}
	owe(c, r, COMMIT_FAIL);
}

static void failed_forward(struct shr__core *c, struct shr__run *r, int code)
{
	struct shr__work *w = r->work;
	const struct shr__config *conf = w->env->config;

	if (shr__code_retryable(code) && (r->tries + 1 < conf->retry_limit || (shr__step_of(r)->flags & SHR__STEP_NO_RETURN))) {
		w->attempt++;
		retry(c, r, conf->retry_first_ms, conf->retry_most_ms);
		r->note = r->tries == 2;
		return;
	}
	if (shr__step_of(r)->flags & SHR__STEP_NO_RETURN) {
		w->attempt++;
		retry(c, r, conf->retry_most_ms, conf->retry_most_ms);
		return;
	}
	shr__run_undo(c, r);
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

/* The call has come back: the backend that an answer of SHR_EUNREACHABLE or SHR_EFENCED is about. */
static struct shr__be *back(struct shr__core *c, struct shr__run *r)
{
	struct shr__be *source = r->source;

	c->calling--;
	r->be->calling--;
	if (source)
		source->calling--;
	r->source = NULL;
	shr__lane_drop(c, &r->source_lane);
	return source && r->work->at_source ? source : r->be;
}

void shr__core_called(struct shr__core *c, struct shr__run *r, int code, int64_t now_ns)
{
	struct shr__work *w = r->work;
	struct shr__be *about = back(c, r);

	shr__run_let_go(c, r);
	shr__list_wake_some(c, &c->full, c->params.most_calls - c->calling);
	shr__lane_drop(c, &r->call_lane);
	if (c->calling == 0 && c->next_lonely)
		shr__run_ready(c, c->next_lonely);
	if (!answered(c, r, now_ns))
		return;
	if (code != 0) { /* what it told is for the next try to tell again */
		r->alone = 0; /* its call has come back, and the engine lives */
		slim(r);
		w = r->work;
	}
	if (code == SHR_RUNNING) {
		r->tries = 0;
		w->attempt++;
		shr__run_sleep(c, r, now_ns + (w->token_changed ? 0 : (int64_t)w->again_ms * 1000000));
	} else if (code == SHR_EUNREACHABLE) {
		about->suspect = about->down = 1;
		shr__list_add(&about->waiting, r);
		r->state = RUN_BACKEND;
	} else if (code == SHR_EFENCED) {
		/* A step that finds its share gone, or of another epoch, says so too: that is no matter of the backend. */
		about->fenced |= w->refused;
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
			shr__run_free(c, r);
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
	if (code == SHR_EUNKNOWN) { /* it may have been done: the row says so, when it can be read again; nothing is undone */
		shr_error_unref(error);
		r->look = 1;
		r->owes = 1;
		retry(c, r, 20, 5000);
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

/* It is ours. One that was under way whenever an engine died has slept before, and has its turn now. */
static void claimed(struct shr__core *c, struct shr__run *r)
{
	if (r->ended) {
		shr__run_free(c, r);
		return;
	}
	shr__run_claimed(r);
	shr__run_index(c, r);
	r->look = shr__core_touched_since(c, r->work->op.object_id, r->touches); /* who did it could not see it here */
	shr__core_meets(c, r);
	r->alone = r->work->op.attempts > SHR__UNKNOWN_MOST;
	if (!r->alone)
		shr__run_let_go(c, r);
	shr__run_ready(c, r);
}

void shr__core_committed(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns)
{
	struct shr__work *w = r->work;

	if (!answered(c, r, now_ns)) {
		shr_error_unref(error);
		return;
	}
	r->share.id = NULL;
	if (code < 0) {
		if (w && !w->sync) /* else a save still needs that */
			slim(r);
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
	case COMMIT_NOTE:
		r->note = 0;
		r->tries = 2; /* the commit is no new beginning */
		break;
	case COMMIT_TOKEN:
		w->token_changed = 0;
		shr__run_sleep(c, r, now_ns + (int64_t)w->again_ms * 1000000);
		return;
	case COMMIT_UNDO:
		r->alone = 0;
		break;
	case COMMIT_MOVE:
		if (!r->more) {
			r->alone = 0;
			w->step++;
			shr__lane_drop(c, &r->access_lane);
		}
		break;
	case COMMIT_END:
	case COMMIT_FAIL:
		if (r->ended) {
			shr__run_free(c, r);
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

/* Its object is gone while it waited: the claim of such a one ends it, and says why. */
static void end_by_claim(struct shr__core *c, struct shr__run *r)
{
	const struct shr__be *be = r->be;
	char id[SHR__UUID_ROOM];

	memcpy(id, r->id, sizeof id);
	shr__run_free(c, r);
	shr__core_found(c, id, be->name, 0, 0, c->now); /* without memory the poll finds it */
}

void shr__core_loaded(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns)
{
	shr_error_unref(error);
	if (!answered(c, r, now_ns))
		return;
	if (code == SHR_ENOTFOUND || code == SHR_EFENCED) {
		shr__run_free(c, r);
		return;
	}
	if (code == SHR_ESTATE) {
		end_by_claim(c, r);
		return;
	}
	if (!r->work->sync)
		slim(r);
	if (code < 0) {
		r->look = 1;
		retry(c, r, 50, 5000);
		return;
	}
	r->share.id = NULL;
	r->loaded_after = 1;
	shr__run_ready(c, r);
}

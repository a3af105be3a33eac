/* lib/flow/run.c - what a run does in the world and in the store: its calls and the bodies of its commits */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/fail.h"
#include "flow/accept.h"
#include "flow/core_own.h"
#include "libshare/event.h"
#include "model/errpack.h"

/* A slow call that is not wanted any more: the driver may stop it; one that cannot is waited for. */
static int give_up(struct shr__work *w, const struct shr__step *step)
{
	if (step->flags & SHR__STEP_SOURCE) { /* it holds on to nothing between its calls, or lets go of it in its undo */
		w->give_up = 0;
	} else if (shr__backend_driver(w->backend)->cancel) {
		w->give_up = 0;
		shr__work_call(w, SHR__VERB_CANCEL, NULL, NULL);
	} else if (step->call && step->call(w) == SHR_RUNNING) {
		return SHR_RUNNING;
	}
	w->give_up = 0;
	w->token = NULL;
	w->token_len = 0;
	w->token_changed = 0;
	return 0;
}

int shr__run_call(struct shr__run *r)
{
	struct shr__work *w = r->work;
	const struct shr__step *step = &w->flow->steps[w->step];
	const struct shr_error *why = NULL;
	int rc;

	w->refused = w->at_source = 0;
	if (w->undoing) { /* the reason of the undo outlives what the undo says */
		why = w->error;
		w->error = NULL;
		rc = w->give_up ? give_up(w, step) : 0;
		if (rc == 0 && step->undo)
			rc = step->undo(w);
		shr_error_unref(w->error);
		w->error = why;
	} else {
		shr_error_unref(w->error);
		w->error = NULL;
		rc = step->call(w);
		if (rc < 0 && !w->error)
			shr__fail(&w->error, rc, "step %s of %s failed: %s", step->name, w->op.kind, shr_strcode(rc));
	}
	return rc > 0 && rc != SHR_RUNNING ? 0 : rc;
}

struct shr__arena *shr__run_arena(struct shr__run *r)
{
	if (!r->arena)
		r->arena = shr__arena_new();
	else if (!r->work) /* a claim that is tried again */
		shr__arena_reset(r->arena);
	return r->arena;
}

const char *shr__run_id(struct shr__run *r)
{
	return r->id;
}

const char *shr__run_object(struct shr__run *r)
{
	return r->work ? r->work->op.object_id : "";
}

int shr__run_ends(struct shr__run *r)
{
	return r->ended;
}

const struct shr__op_row *shr__run_ended(const struct shr__run *r)
{
	const struct shr__op_row *op = &r->next_op;

	return r->ended && r->commit == COMMIT_END && op->state == SHR_OP_SUCCEEDED && !op->error_code && !op->error.n ? op : NULL;
}

void shr__run_now(struct shr__run *r, int64_t wall_ns)
{
	r->wall_ns = wall_ns;
	if (r->work)
		r->work->wall_ns = wall_ns;
}

/* ---- pieces of bodies ---- */

/* The backend is still ours. Whoever takes it over changes the operation's row too, so a commit that is too late meets that. */
static int check_fence(struct shr__run *r, struct shr__txn *t, int64_t *ret_fence)
{
	struct shr__backend_row row = { .name = r->be->name };
	int rc = shr__txn_peek(t, &shr__backend_def, &row);

	if (rc < 0)
		return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
	if (strcmp(row.engine, r->core->engine_id) != 0 || row.fence != r->fence)
		return SHR_EFENCED;
	*ret_fence = row.fence;
	return 0;
}

static int write_event(struct shr__run *r, struct shr__txn *t, const struct shr__op_row *op, const struct shr__share_row *share,
	const char *kind, uint32_t severity, const char *text)
{
	struct shr__event_row e = { .kind = kind, .severity = severity, .object = op->object, .object_id = op->object_id,
		.object_version = share ? share->version : 0, .at_ns = r->wall_ns, .op_id = op->id, .project = op->project,
		.user = op->user, .request_id = op->request_id, .text = text };

	return kind ? shr__txn_event(t, &e) : 0;
}

static int drop_item(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__op_item_def, row);
}

/* It is over: what it held is free. */
static int let_go(struct shr__run *r, struct shr__txn *t, const struct shr__op_row *op)
{
	struct shr__op_item_row items = { .op_id = op->id };
	int rc = shr__holds_drop(t, op);

	if (rc < 0)
		return rc;
	if (!r->has_item)
		return 0;
	rc = shr__txn_scan(t, &shr__op_item_def, 0, &items, 1, 1, 0, 1000, drop_item, NULL);
	return rc < 0 ? rc : 0;
}

static int end_op(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, uint32_t state,
	const struct shr_error *error)
{
	uint64_t set = SHR__COL(op, state) | SHR__COL(op, live) | SHR__COL(op, ended_ns) | SHR__COL(op, updated_ns) |
		SHR__COL(op, percent) | SHR__COL(op, bytes_done) | SHR__COL(op, bytes_total);
	struct shr__buf pack = { 0 };
	int rc;

	op->state = state;
	op->live = 0;
	op->ended_ns = op->updated_ns = r->wall_ns;
	if (state == SHR_OP_SUCCEEDED)
		op->percent = 100;
	if (error || op->error_code) { /* a note of an earlier try goes */
		shr__error_pack(&pack, error);
		op->error_code = error ? error->code : 0;
		op->error.p = pack.p;
		op->error.n = pack.n;
		set |= SHR__COL(op, error_code) | SHR__COL(op, error);
	}
	rc = pack.failed ? SHR_ENOMEM : shr__txn_update(t, &shr__op_def, op, set);
	shr__buf_clear(&pack);
	op->error.p = "";
	op->error.n = 0;
	return rc;
}

static void note_progress(struct shr__run *r, struct shr__op_row *op)
{
	const struct shr__work *w = r->work;

	op->bytes_done = (int64_t)(w->bytes_done >> 1 > INT64_MAX / 2 ? 0 : w->bytes_done);
	op->bytes_total = (int64_t)(w->bytes_total >> 1 > INT64_MAX / 2 ? 0 : w->bytes_total);
	if (op->bytes_total > 0)
		op->percent = op->bytes_done >= op->bytes_total ? 100 : (int64_t)((double)op->bytes_done * 100 /
			(double)op->bytes_total);
}

/* Saves of the steps up to the present one that no commit has had. SHR_RUNNING: one has more bites. */
static int make_saves(struct shr__run *r, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__work *w = r->work;
	uint32_t i;
	int rc;

	for (i = (uint32_t)w->saves_done; i <= w->step; i++) {
		if (!w->flow->steps[i].save)
			continue;
		rc = w->flow->steps[i].save(w, t, reterr);
		if (rc) {
			r->saved_to = i;
			return rc;
		}
	}
	r->saved_to = i;
	return 0;
}

static int make_unsaves(struct shr__run *r, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__work *w = r->work;
	int rc;

	for (int i = (int)r->reached; i >= 0; i--) {
		if (!w->flow->steps[i].unsave)
			continue;
		rc = w->flow->steps[i].unsave(w, t, reterr);
		if (rc)
			return rc;
	}
	return w->flow->failure ? w->flow->failure(w, t, reterr) : 0;
}

/* The share's state, unless another operation has taken it over meanwhile (a delete that waits for this one's end). */
static int settle_share(struct shr__run *r, struct shr__txn *t, uint32_t state, const char *reason)
{
	struct shr__work *w = r->work;
	uint64_t set = SHR__COL(share, op_id) | SHR__COL(share, updated_ns) | SHR__COL(share, reason);

	if (!w->flow->during || strcmp(w->share.op_id, w->op.id) != 0)
		return 0;
	if (state) {
		w->share.state = state;
		set |= SHR__COL(share, state);
	}
	w->share.op_id = "";
	w->share.reason = reason;
	w->share.updated_ns = r->wall_ns;
	return shr__txn_update(t, shr__flow_rows(w->flow), &w->share, set);
}

static int has_share(const struct shr__work *w, uint32_t end)
{
	return end != SHR__GONE && !(w->flow->flags & (SHR__FLOW_ALONE | SHR__FLOW_OUTLIVES));
}

/* More bites are to come: the operation's row moves all the same, so that a rival's change is met. */
static int bite(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op)
{
	r->more = 1;
	op->updated_ns = r->wall_ns;
	return shr__txn_update(t, &shr__op_def, op, SHR__COL(op, updated_ns));
}

/* ---- the bodies ---- */

static int end_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, const struct shr_error **reterr)
{
	struct shr__work *w = r->work;
	char text[400];
	int rc = make_saves(r, t, reterr);

	if (rc < 0)
		return rc;
	if (rc == SHR_RUNNING)
		return bite(r, t, op);
	if (has_share(w, w->flow->to) && (rc = settle_share(r, t, w->flow->to, "")) < 0)
		return rc;
	note_progress(r, op);
	r->ended = 1;
	if ((rc = let_go(r, t, op)) < 0 ||
		(rc = end_op(r, t, op, w->outcome ? SHR_OP_FAILED : SHR_OP_SUCCEEDED, w->outcome)) < 0)
		return rc;
	return write_event(r, t, op, &w->share, w->outcome ? w->flow->event_failed : w->flow->event_done,
		w->outcome || w->leftover ? SHR_EVENT_WARNING : SHR_EVENT_INFO,
		w->outcome ? w->outcome->message : w->leftover && w->error ? w->error->message :
			shr__event_text(text, sizeof text, w->flow, w->share.name, "was"));
}

static int move_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, const struct shr_error **reterr)
{
	struct shr__work *w = r->work;
	int rc = make_saves(r, t, reterr);

	if (rc < 0)
		return rc;
	if (rc == SHR_RUNNING)
		return bite(r, t, op);
	op->step = w->flow->steps[w->step + 1].name;
	op->state = SHR_OP_RUNNING;
	op->attempts = 1; /* a poison step counts, not a long life */
	op->updated_ns = r->wall_ns;
	return shr__txn_update(t, &shr__op_def, op, SHR__COL(op, step) | SHR__COL(op, state) | SHR__COL(op, attempts) |
		SHR__COL(op, updated_ns));
}

static int fail_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, const struct shr_error **reterr)
{
	struct shr__work *w = r->work;
	const char *why = w->error ? w->error->message : "";
	uint32_t state = w->flow->failed ? w->flow->failed : (uint32_t)w->op.prior_state;
	int cancelled = w->error && w->error->code == SHR_ECANCELLED;
	int rc = make_unsaves(r, t, reterr);

	if (rc < 0)
		return rc;
	if (rc == SHR_RUNNING)
		return bite(r, t, op);
	if (has_share(w, state) && (rc = settle_share(r, t, state, state == SHR_SHARE_ERROR ? why : "")) < 0)
		return rc;
	r->ended = 1;
	if ((rc = let_go(r, t, op)) < 0 ||
		(rc = end_op(r, t, op, cancelled ? SHR_OP_CANCELLED : SHR_OP_FAILED, w->error)) < 0)
		return rc;
	return write_event(r, t, op, &w->share, w->flow->event_failed, cancelled ? SHR_EVENT_INFO : SHR_EVENT_ERROR, why);
}

static int token_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op)
{
	struct shr__work *w = r->work;
	struct shr__op_item_row item = { .op_id = op->id, .step = w->flow->steps[w->step].name,
		.item_id = w->instance.id[0] ? w->instance.id : op->object_id, .token = { w->token, w->token_len },
		.undoing = w->undoing && !w->give_up };
	int rc = shr__txn_insert_if_absent(t, &shr__op_item_def, &item);

	if (rc == 1)
		rc = shr__txn_update(t, &shr__op_item_def, &item, SHR__COL(op_item, token) | SHR__COL(op_item, undoing));
	if (rc < 0)
		return rc;
	op->state = w->undoing ? SHR_OP_UNDOING : SHR_OP_WAITING;
	op->step = item.step;
	op->updated_ns = r->wall_ns;
	note_progress(r, op);
	return shr__txn_update(t, &shr__op_def, op, SHR__COL(op, state) | SHR__COL(op, step) | SHR__COL(op, updated_ns) |
		SHR__COL(op, percent) | SHR__COL(op, bytes_done) | SHR__COL(op, bytes_total));
}

/* The columns in SET, and why, as the last call said it. */
static int update_with_error(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, uint64_t set)
{
	struct shr__buf pack = { 0 };
	int rc;

	shr__error_pack(&pack, r->work->error);
	op->error_code = r->work->error ? r->work->error->code : SHR_EAGAIN;
	op->error.p = pack.p;
	op->error.n = pack.n;
	op->updated_ns = r->wall_ns;
	rc = pack.failed ? SHR_ENOMEM : shr__txn_update(t, &shr__op_def, op, set | SHR__COL(op, state) |
		SHR__COL(op, error_code) | SHR__COL(op, error) | SHR__COL(op, updated_ns));
	shr__buf_clear(&pack);
	op->error.p = "";
	op->error.n = 0;
	return rc;
}

/* Why it is not done yet, for people: once, not at each try. */
static int note_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op)
{
	op->state = SHR_OP_WAITING;
	return update_with_error(r, t, op, 0);
}

/* With the reason, for an engine that takes it over and has only the row. */
static int undo_body(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op)
{
	struct shr__work *w = r->work;

	op->undoing = 1;
	op->state = SHR_OP_UNDOING;
	op->step = w->flow->steps[w->step].name;
	op->attempts = 1;
	return update_with_error(r, t, op, SHR__COL(op, undoing) | SHR__COL(op, step) | SHR__COL(op, attempts));
}

/* What it was accepted for is not there any more: it ends, so that nothing is ever stuck. */
static int end_orphaned(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op, const struct shr__flow *flow)
{
	const struct shr_error *error = NULL;
	int rc;

	shr__fail(&error, SHR_ENOTFOUND, "%s %s is gone, or was reset", op->object, op->object_id);
	r->ended = r->has_item = 1;
	rc = let_go(r, t, op);
	if (rc == 0)
		rc = end_op(r, t, op, SHR_OP_FAILED, error);
	if (rc == 0)
		rc = write_event(r, t, op, NULL, flow->event_failed, SHR_EVENT_WARNING, error ? error->message : "its object is gone");
	shr_error_unref(error);
	return rc;
}

/* Where an operation goes on: what was told since the last barrier was in an engine's memory alone, so its steps are made
 * again. op.step tells people where it is; the undo goes on right there. */
static uint32_t resume_at(const struct shr__flow *flow, const struct shr__op_row *op, uint32_t step)
{
	while (!op->undoing && step > 0 && !(flow->steps[step].flags & SHR__STEP_BARRIER) && flow->steps[step - 1].call)
		step--;
	return step;
}

/* What an engine had when it died counts as under way then, unless it is known that it was not: the engine lives, and has lost
 * the backend alone, or it still waits for the end of another. */
static int count_attempt(struct shr__run *r, struct shr__txn *t, struct shr__op_row *op)
{
	struct shr__op_row other;
	int rc = SHR_ENOTFOUND;

	if (op->engine[0] && strcmp(op->engine, r->core->engine_id) == 0)
		return 0;
	memset(&other, 0, sizeof other);
	other.id = op->after_op;
	if (op->engine[0] && op->after_op[0] && !op->cancel)
		rc = shr__txn_get(t, &shr__op_def, &other);
	if (rc == 0 && other.live)
		return 0;
	op->attempts = op->engine[0] ? op->attempts + 1 : 1;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

/* Read an operation that this process has not seen, and make it this engine's: one commit. */
static int claim_body(struct shr__run *r, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__op_row op;
	const struct shr__flow *flow;
	struct shr__work *w;
	int64_t attempts;
	int step, rc;

	r->claim = NULL;
	memset(&op, 0, sizeof op);
	op.id = r->id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc < 0)
		return rc;
	if (!op.live)
		return SHR_EFENCED;
	flow = shr__flow_find(op.kind, (uint32_t)op.kind_version);
	if (!flow || (step = shr__flow_step(flow, op.step)) < 0)
		return SHR_EUNSUPPORTED; /* a newer version's: left to an engine that knows it */
	if ((rc = check_fence(r, t, &op.fence)) < 0)
		return rc;
	w = shr__work_in(r->arena, r->core->params.env, flow);
	if (!w)
		return SHR_ENOMEM;
	attempts = op.attempts;
	if ((rc = count_attempt(r, t, &op)) < 0)
		return rc;
	op.engine = r->core->engine_id;
	op.engine_name = r->core->engine_name;
	op.updated_ns = r->wall_ns;
	w->begun = op.state != SHR_OP_QUEUED;
	w->op = op;
	w->step = resume_at(flow, &op, (uint32_t)step);
	w->saves_done = (int)w->step;
	w->undoing = op.undoing != 0;
	r->reached = w->step;
	atomic_store(&w->cancel, op.cancel ? SHR__CANCEL_ASKED : 0);
	rc = shr__work_load(w, t, reterr);
	if (rc == SHR_EFENCED)
		return end_orphaned(r, t, &w->op, flow);
	if (rc < 0)
		return rc;
	w->op.state = op.undoing ? SHR_OP_UNDOING : op.after_op[0] || w->kept ? SHR_OP_WAITING : SHR_OP_RUNNING;
	shr__work_take_kept(w);
	r->has_item = w->begun; /* there may be rows of any step */
	r->claim = w;
	if (op.attempts > attempts && op.attempts == SHR__UNKNOWN_MOST + 1 && (rc = write_event(r, t, &op, &w->share,
		"operation.isolated", SHR_EVENT_WARNING, "it was under way whenever an engine died: it is run alone")) < 0)
		return rc;
	return shr__txn_update(t, &shr__op_def, &w->op, SHR__COL(op, engine) | SHR__COL(op, engine_name) | SHR__COL(op, fence) |
		SHR__COL(op, attempts) | SHR__COL(op, state) | SHR__COL(op, updated_ns));
}

/* The rows as they are; or as they were accepted, when a change of them since would refuse the commit anyway. */
static int refresh(struct shr__run *r, struct shr__txn *t)
{
	if (!r->share.id)
		return shr__work_refresh(r->work, t);
	r->work->share = r->share;
	r->work->instance = r->instance;
	return 0;
}

int shr__run_commit(struct shr__txn *t, void *run, const struct shr_error **reterr)
{
	struct shr__run *r = run;
	struct shr__op_row *op = &r->next_op;
	int64_t fence;
	int rc;

	r->more = r->ended = 0;
	if (r->commit == COMMIT_CLAIM)
		return claim_body(r, t, reterr);
	*op = r->work->op; /* bodies may run again: each begins from what was committed last */
	if ((rc = check_fence(r, t, &fence)) < 0 || (rc = refresh(r, t)) < 0)
		return rc;
	switch (r->commit) {
	case COMMIT_TOKEN:
		return token_body(r, t, op);
	case COMMIT_NOTE:
		return note_body(r, t, op);
	case COMMIT_UNDO:
		return undo_body(r, t, op);
	case COMMIT_MOVE:
		return move_body(r, t, op, reterr);
	case COMMIT_END:
		return end_body(r, t, op, reterr);
	default:
		return fail_body(r, t, op, reterr);
	}
}

/* Is the row as this engine made it? A cancel, a force-delete or a reset from elsewhere may have given it the same version. To
 * take what is done for undone is harmless: it meets itself, and is looked at. The other way round loses what was answered. */
static int is_as_made(const struct shr__op_row *op, const struct shr__op_row *made)
{
	return op->version == made->version && op->updated_ns == made->updated_ns && op->fence == made->fence &&
		op->live == made->live && op->state == made->state && op->cancel == made->cancel && op->epoch == made->epoch &&
		op->undoing == made->undoing;
}

int shr__run_settle(struct shr__txn *t, void *run)
{
	struct shr__run *r = run;
	const struct shr__op_row *made = r->commit == COMMIT_CLAIM && r->claim ? &r->claim->op : &r->next_op;
	struct shr__op_row op;
	int rc;

	memset(&op, 0, sizeof op);
	op.id = r->id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	return strcmp(op.engine, r->core->engine_id) == 0 && is_as_made(&op, made);
}

void shr__run_claimed(struct shr__run *r)
{
	const struct shr__op_row *op = &r->claim->op;

	r->work = r->claim;
	r->claim = NULL;
	if (r->work->undoing && op->error_code < 0)
		r->work->error = shr__error_unpack(op->error.p, op->error.n, (int)op->error_code, op->id);
}

void shr__run_kept(struct shr__run *r)
{
	r->work->op = r->next_op;
	if (r->commit == COMMIT_TOKEN)
		r->has_item = 1;
	if (r->commit == COMMIT_MOVE || r->commit == COMMIT_END)
		r->work->saves_done = (int)r->saved_to;
}

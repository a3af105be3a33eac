/* lib/flow/accept.c - taking a call: checks, rows, operation, hold and event in one transaction */
#include "flow/accept.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "model/names.h"

/* The token was used before: the same call gives the same operation, a different one is an error. */
static int replay(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__token_row row = { .project = a->project, .token = a->token };
	int rc = shr__txn_get(t, &shr__token_def, &row);

	if (rc == SHR_ENOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	if (row.digest.n != sizeof a->digest || memcmp(row.digest.p, a->digest, sizeof a->digest) != 0)
		return shr__fail_field(reterr, SHR_ETOKEN, "token", "give each call a token of its own",
			"\"%s\" was used for a different call, operation %s", a->token, row.op_id);
	a->op.id = row.op_id;
	rc = shr__txn_get(t, &shr__op_def, &a->op);
	if (rc < 0)
		return rc;
	a->replayed = 1;
	return 0;
}

static int find_instance(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__instance_row *)data = *(const struct shr__instance_row *)row;
	return 1;
}

/* The share with its instance and pool, as they are. */
static int load_share(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__instance_row from = { .share_id = a->object_id };
	int rc;

	a->share.id = a->object_id;
	rc = shr__txn_get(t, shr__flow_rows(a->flow), &a->share);
	if (rc == SHR_ENOTFOUND || (rc == 0 && strcmp(a->share.project, a->object_project) != 0))
		return shr__fail(reterr, SHR_ENOTFOUND, "no %s %s", a->flow->object, a->object_id);
	if (rc < 0)
		return rc;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, 1, find_instance, &a->instance);
	if (rc <= 0)
		return rc;
	a->pool.backend = a->instance.backend;
	a->pool.name = a->instance.pool;
	rc = shr__txn_get(t, &shr__pool_def, &a->pool);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__refuse_state(const struct shr__flow *f, const struct shr__share_row *share, const struct shr_error **reterr)
{
	struct shr__fail_parts parts = { .code = SHR_ESTATE, .retryable = -1, .op_id = share->op_id };
	char message[256];

	if (shr__share_state_known((uint32_t)share->state))
		snprintf(message, sizeof message, "%s %s is %s: it cannot be %s now", f->object, share->id,
			shr_share_state_name((uint32_t)share->state), f->verb);
	else
		snprintf(message, sizeof message, "%s %s is busy with something that a newer version does", f->object, share->id);
	parts.message = message;
	parts.remedy = share->op_id[0] ? "wait for its operation, or cancel it" : "";
	return shr__fail_parts(reterr, &parts);
}

static int add_holder(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__lock_row *lock = row;

	shr__faults_add_object(data, SHR_ELOCKED, "lock", lock->object, lock->object_id, "ask the holder to let go",
		"%s holds it%s%s", lock->holder, lock->reason[0] ? ": " : "", lock->reason);
	return 0;
}

static int refuse_locked(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__lock_row from = { .object_id = a->object_id };
	struct shr__faults faults = { 0 };
	int rc = shr__txn_scan(t, &shr__lock_def, 0, &from, 1, 1, 0, 10, add_holder, &faults);

	if (rc < 0) {
		shr__faults_clear(&faults);
		return rc;
	}
	return shr__faults_fail(&faults, reterr, SHR_ELOCKED, "%s %s is kept by %" PRId64 " locks", a->flow->object, a->object_id,
		a->share.n_locks);
}

static int refuse_held(const char *object, const char *id, const struct shr__op_row *holder, const struct shr_error **reterr)
{
	struct shr__fail_parts parts = { .code = SHR_ESTATE, .retryable = 1, .op_id = holder->id,
		.remedy = "wait for that operation, or cancel it" };
	char message[256];

	snprintf(message, sizeof message, "%s %s is held by %s %s (%s, %" PRId64 " %%)", object, id, holder->kind, holder->id,
		holder->step[0] ? holder->step : "queued", holder->percent);
	parts.message = message;
	return shr__fail_parts(reterr, &parts);
}

struct hold_look {
	struct shr__accept *a;
	const char *object, *id;
	uint32_t shared, exclusive;
	const struct shr_error **reterr;
};

/* Another operation holds the object too: refuse, wait behind it, or ask it to end, if it is about this object. */
static int meet(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__hold_row *hold = row;
	const struct hold_look *look = data;
	struct shr__accept *a = look->a;
	const struct shr__flow *f = a->flow;
	struct shr__op_row other;
	int rc;

	if (!((look->exclusive & (hold->shared | hold->exclusive)) | (look->shared & hold->exclusive)))
		return 0;
	memset(&other, 0, sizeof other);
	other.id = hold->op_id;
	rc = shr__txn_get(t, &shr__op_def, &other);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? shr__fail(look->reterr, SHR_ECORRUPT, "the holding operation %s is not there",
			hold->op_id) : rc;
	if (!(f->flags & (SHR__FLOW_PREEMPTS | SHR__FLOW_QUEUES)) ||
		(!(f->flags & SHR__FLOW_QUEUES) && strcmp(other.object_id, a->object_id) != 0))
		return refuse_held(look->object, look->id, &other, look->reterr);
	a->op.after_op = other.id;
	if (!(f->flags & SHR__FLOW_PREEMPTS) || other.cancel)
		return 0;
	other.cancel = 1;
	return shr__txn_update(t, &shr__op_def, &other, SHR__COL(op, cancel));
}

static int check_holds(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct hold_look look = { a, a->flow->object, a->object_id, a->flow->hold_shared, a->flow->hold_exclusive, reterr };
	struct shr__hold_row from = { .object_id = a->object_id };
	int rc = shr__txn_scan(t, &shr__hold_def, 0, &from, 1, 1, 0, 1000, meet, &look);

	return rc < 0 ? rc : 0;
}

/* The other object: there, in a state that will do, and not held against this flow. Its pool is the one that counts for one that
 * is new. */
static int check_other(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	const struct shr__flow *f = a->flow;
	const char *id = a->other_id ? a->other_id : a->share.parent;
	const char *noun = f->other_rows == &shr__snapshot_def ? "snapshot" : "share";
	struct hold_look look = { a, noun, id, f->other_shared, 0, reterr };
	struct shr__hold_row from = { .object_id = id };
	struct shr__share_row *other = &a->others.other;
	const char *project = a->share.id ? a->share.project : a->object_project[0] ? a->object_project : a->project;
	int rc;

	if (!f->other_rows || !id || !id[0])
		return 0;
	rc = shr__others_read(t, f, id, &a->others);
	if (rc == SHR_ENOTFOUND || (rc == 0 && strcmp(other->project, project) != 0))
		return shr__fail(reterr, SHR_ENOTFOUND, "no %s %s", noun, id);
	if (rc < 0)
		return rc;
	if (f->other_from && (other->state < 0 || other->state > 62 || !(f->other_from >> other->state & 1)))
		return shr__fail_do(reterr, SHR_ESTATE, "wait until it is available", "%s %s is %s: nothing can be %s with it now", noun,
			id, shr_share_state_name((uint32_t)other->state), f->verb);
	shr__pack_str(&a->args, SHR__ARG_OTHER, id);
	rc = shr__txn_scan(t, &shr__hold_def, 0, &from, 1, 1, 0, 1000, meet, &look);
	if (rc < 0 || !(f->flags & SHR__FLOW_NEW) || !a->others.other_instance.id)
		return rc < 0 ? rc : 0;
	a->pool.backend = a->others.other_instance.backend;
	a->pool.name = a->others.other_instance.pool;
	rc = shr__txn_get(t, &shr__pool_def, &a->pool);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

struct children {
	struct shr__faults faults;
	const char *object;
};

static int add_child(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__share_row *child = row;
	struct children *c = data;

	shr__faults_add_object(&c->faults, SHR_ESTATE, c->object, c->object, child->id, "delete it first", "%s \"%s\" depends on it",
		c->object, child->name);
	return 0;
}

int shr__refuse_children(struct shr__txn *t, const struct shr__flow *f, const struct shr__share_row *share,
	const struct shr_error **reterr)
{
	int of_share = !shr__flow_of_snapshots(f);
	struct shr__share_row from = { .parent = share->id };
	struct children c = { .object = of_share ? "snapshot" : "share" };
	int rc;

	if (!share->n_children)
		return 0;
	rc = of_share ? shr__txn_scan(t, &shr__snapshot_def, SHR__I_snapshot_by_parent, &from, 1, 1, 0, 50, add_child, &c) :
		shr__txn_scan(t, &shr__share_def, SHR__I_share_by_parent, &from, 1, 1, 0, 50, add_child, &c);
	if (rc < 0) {
		shr__faults_clear(&c.faults);
		return rc;
	}
	return shr__faults_fail(&c.faults, reterr, SHR_ESTATE, "%s %s cannot be %s: %" PRId64 " %ss depend on it", f->object, share->id,
		f->verb, share->n_children, c.object);
}

static int check_object(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	const struct shr__flow *f = a->flow;
	int rc = load_share(a, t, reterr);

	if (rc < 0)
		return rc;
	if (a->if_version && a->share.version != a->if_version)
		return shr__fail_field(reterr, SHR_ECONFLICT, "if_version", "read it again",
			"the %s is at version %" PRId64 ", not %" PRId64, f->object, a->share.version, a->if_version);
	if (a->share.state < 0 || a->share.state > 62 || !(f->from >> a->share.state & 1))
		return shr__refuse_state(f, &a->share, reterr);
	if ((f->flags & SHR__FLOW_LOCKABLE) && a->share.n_locks > 0)
		return refuse_locked(a, t, reterr);
	return check_holds(a, t, reterr);
}

static void fill_op(struct shr__accept *a)
{
	const struct shr__flow *f = a->flow;
	struct shr__op_row *op = &a->op;

	op->id = a->op_id;
	op->version = 1;
	op->kind = f->kind;
	op->kind_version = f->version;
	op->object = f->object;
	op->object_id = a->object_id;
	op->project = a->share.id ? a->share.project : a->project;
	op->user = a->user;
	op->request_id = a->request_id;
	op->backend = f->n_steps && a->instance.backend ? a->instance.backend : "";
	op->engine = op->engine_name = "";
	if (!op->after_op)
		op->after_op = "";
	op->epoch = a->share.epoch;
	op->created_ns = op->updated_ns = a->now_ns;
	op->generation = SHR__GENERATION;
	op->args.p = a->args.p;
	op->args.n = a->args.n;
	op->memo.p = op->error.p = "";
	op->step = "";
	if (!f->n_steps || a->at_once) {
		op->state = SHR_OP_SUCCEEDED;
		op->ended_ns = a->now_ns;
		op->percent = 100;
		return;
	}
	op->live = 1;
	op->state = SHR_OP_QUEUED;
	op->step = f->steps[0].name;
}

/* An engine of this process that owns the backend has the operation from the start: no second commit for a claim. */
static int claim(struct shr__accept *a, struct shr__txn *t)
{
	struct shr__backend_row b = { .name = a->op.backend };
	int rc;

	if (!a->op.live || !a->n_claimers || !a->op.backend[0])
		return 0;
	rc = shr__txn_peek(t, &shr__backend_def, &b);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	for (uint32_t i = 0; i < a->n_claimers; i++) {
		if (strcmp(a->claimers[i].engine, b.engine) != 0)
			continue;
		a->claimer = (int)i;
		a->op.engine = a->claimers[i].engine;
		a->op.engine_name = a->claimers[i].name;
		a->op.fence = b.fence;
		a->op.attempts = 1;
		a->op.state = a->op.after_op[0] ? SHR_OP_WAITING : SHR_OP_RUNNING;
	}
	return 0;
}

static int write_share(struct shr__accept *a, struct shr__txn *t, int64_t prior_version)
{
	const struct shr__flow *f = a->flow;
	uint64_t set = a->share_set;

	if (f->during && a->share.state != f->during) {
		a->share.state = f->during;
		set |= SHR__COL(share, state);
	}
	if (f->n_steps && f->during) {
		a->share.op_id = a->op_id;
		set |= SHR__COL(share, op_id);
	}
	if (f->flags & SHR__FLOW_NEW) {
		a->share.version = 1;
		return shr__txn_insert(t, shr__flow_rows(f), &a->share);
	}
	if (!set)
		return 0;
	a->share.updated_ns = a->now_ns;
	a->share.version = prior_version;
	return shr__txn_update(t, shr__flow_rows(f), &a->share, set | SHR__COL(share, updated_ns));
}

static int write_hold_and_token(struct shr__accept *a, struct shr__txn *t)
{
	const struct shr__flow *f = a->flow;
	int rc;

	if (f->n_steps && !a->at_once && (f->hold_shared | f->hold_exclusive)) {
		struct shr__hold_row hold = { a->object_id, a->op_id, f->hold_shared, f->hold_exclusive };

		rc = shr__txn_insert(t, &shr__hold_def, &hold);
		if (rc < 0)
			return rc;
	}
	if (f->n_steps && !a->at_once && a->others.other.id && f->other_shared) {
		struct shr__hold_row hold = { a->others.other.id, a->op_id, f->other_shared, 0 };

		rc = shr__txn_insert(t, &shr__hold_def, &hold);
		if (rc < 0)
			return rc;
	}
	if (a->token[0]) {
		struct shr__token_row token = { a->project, a->token, a->op_id, { a->digest, sizeof a->digest } };

		rc = shr__txn_insert(t, &shr__token_def, &token);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int write_event(struct shr__accept *a, struct shr__txn *t)
{
	char text[400];
	struct shr__event_row e = { .kind = a->flow->event_accepted, .severity = SHR_EVENT_INFO, .object = a->flow->object,
		.object_id = a->object_id, .object_version = a->share.version, .at_ns = a->now_ns, .op_id = a->op_id,
		.project = a->op.project, .user = a->user, .request_id = a->request_id };

	if (!e.kind)
		return 0;
	e.text = shr__event_text(text, sizeof text, a->flow, a->share.name, a->flow->n_steps ? "is to be" : "was");
	return shr__txn_event(t, &e);
}

static void begin(struct shr__accept *a)
{
	a->replayed = a->pool_full = a->at_once = 0;
	a->claimer = -1;
	a->share_set = 0;
	a->args.n = 0;
	memset(&a->op, 0, sizeof a->op);
	memset(&a->share, 0, sizeof a->share);
	memset(&a->instance, 0, sizeof a->instance);
	memset(&a->pool, 0, sizeof a->pool);
	memset(&a->others, 0, sizeof a->others);
	a->followed = 0;
}

int shr__accept_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__accept *a = data;
	int64_t prior_version;
	int rc;

	begin(a);
	if (a->token[0]) {
		rc = replay(a, t, reterr);
		if (rc < 0 || a->replayed)
			return rc;
	}
	if (!(a->flow->flags & (SHR__FLOW_NEW | SHR__FLOW_ALONE))) {
		rc = check_object(a, t, reterr);
		if (rc < 0)
			return rc;
	}
	rc = check_other(a, t, reterr);
	if (rc < 0)
		return rc;
	prior_version = a->share.version;
	a->op.prior_state = a->share.state;
	rc = a->flow->accept(a, t, reterr);
	if (rc < 0)
		return rc;
	if (a->args.failed)
		return shr__fail_nomem(reterr);
	fill_op(a);
	if ((rc = claim(a, t)) < 0)
		return rc;
	if (a->share.id && !(a->flow->flags & SHR__FLOW_OUTLIVES) && (rc = write_share(a, t, prior_version)) < 0)
		return rc;
	if ((rc = shr__txn_insert(t, &shr__op_def, &a->op)) < 0 || (rc = write_hold_and_token(a, t)) < 0)
		return rc;
	return write_event(a, t);
}

int shr__accept_settle(struct shr__txn *t, void *data)
{
	const struct shr__accept *a = data;
	struct shr__op_row op = { .id = a->op_id };
	int rc;

	if (a->replayed) /* the operation that it found is an earlier commit's, or another call's: it says nothing of this one */
		return 0;
	rc = shr__txn_get(t, &shr__op_def, &op);
	return rc == 0 ? 1 : rc == SHR_ENOTFOUND ? 0 : rc;
}

/* lib/flow/share_create.c - a new share: placed, made, exported, with its rules; two commits in all */
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* The pool was chosen before (sched/): the guarded adds have the last word on its room and on the project's quota. */
static int create_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int64_t bytes = (int64_t)a->bytes;
	int rc;

	a->share = (struct shr__share_row){ .id = a->object_id, .version = 1, .project = a->project, .state = SHR_SHARE_CREATING,
		.name = a->name, .description = a->description, .bytes = bytes, .protocols = (int64_t)a->protocols,
		.zone = a->place.zone, .created_ns = a->now_ns, .updated_ns = a->now_ns, .op_id = a->op_id, .reason = "",
		.generation = SHR__GENERATION };
	a->instance = (struct shr__instance_row){ .id = a->instance_id, .version = 1, .share_id = a->object_id,
		.state = SHR_SHARE_CREATING, .backend = a->place.backend, .pool = a->place.pool, .bytes = bytes, .ref = "", .path = "",
		.source = "", .generation = SHR__GENERATION };
	if (a->n_rules) {
		rc = shr__rules_check(a, a->place.capabilities, reterr);
		if (rc < 0)
			return rc;
		a->share.access_revision = 1;
		if ((rc = shr__rules_write(a, t, 1, reterr)) < 0)
			return rc;
	}
	rc = shr__metadata_write(t, "share", a->object_id, a->set, a->n_set, NULL, 0, &a->share.n_metadata, reterr);
	if (rc < 0 || (rc = shr__accept_number(a, t, reterr)) < 0 ||
		(rc = shr__txn_insert(t, &shr__instance_def, &a->instance)) < 0)
		return rc;
	shr__pack_int(&a->args, SHR__ARG_BYTES, bytes);
	rc = shr__account_quota(t, a->env->config, a->project, 1, bytes, reterr);
	if (rc < 0)
		return rc;
	rc = shr__account_pool(t, a->place.backend, a->place.pool, bytes, a->place.limit, reterr);
	a->pool_full = rc == SHR_ENOSPC;
	return rc;
}

static int make(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_CREATE, NULL, NULL);
}

static int unmake(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_REMOVE, NULL, NULL);
}

int shr__export_call(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_EXPORT, NULL, NULL);
}

int shr__unexport_call(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_UNEXPORT, NULL, NULL);
}

/* Batches that came since are told by their own operations, which wait for this one. */
static int tell_rules(struct shr__work *w)
{
	return w->share.access_revision ? shr__access_sync_call(w) : 0;
}

/* All of it is there: the rows say so, in the one commit that ends the operation. */
static int publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	uint64_t bytes = w->told_bytes > (uint64_t)w->instance.bytes ? w->told_bytes : (uint64_t)w->instance.bytes;
	int rc;

	if (w->instance.state == SHR_SHARE_CREATING) /* else a delete waits for this one's end */
		w->instance.state = SHR_SHARE_AVAILABLE;
	if ((rc = shr__work_save_told(w, t, SHR__COL(instance, state))) < 0 || (rc = shr__access_sync_save(w, t, reterr)) < 0)
		return rc;
	return shr__work_account(w, t, bytes, reterr);
}

/* The project gets its quota back; the pool too, unless something was left behind: then the orphan keeps it counted. */
static int create_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (w->leftover) {
		int64_t bytes = w->instance.bytes;

		if ((rc = shr__work_orphan(w, t, "undoing a failed create did not succeed")) < 0)
			return rc;
		if ((rc = shr__account_pool(t, w->instance.backend, w->instance.pool, bytes, INT64_MAX, reterr)) < 0)
			return rc;
	}
	if (w->instance.state == SHR_SHARE_CREATING)
		w->instance.state = SHR_SHARE_ERROR;
	if ((rc = shr__txn_update(t, &shr__instance_def, &w->instance, SHR__COL(instance, state))) < 0)
		return rc;
	return shr__work_account(w, t, 0, reterr);
}

const struct shr__flow shr__flow_share_create = {
	.kind = "share_create", .version = 1, .flags = SHR__FLOW_NEW | SHR__FLOW_EXPECTS, .object = "share", .action = "share:create",
	.verb = "created", .during = SHR_SHARE_CREATING, .to = SHR_SHARE_AVAILABLE, .failed = SHR_SHARE_ERROR,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.event_accepted = "share.creating", .event_done = "share.created", .event_failed = "share.create_failed",
	.accept = create_accept, .failure = create_failed, .n_steps = 3,
	.steps = {
		{ "create", SHR__STEP_CANCELLABLE, make, NULL, unmake, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__export_call, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, tell_rules, publish, NULL, NULL },
	},
};

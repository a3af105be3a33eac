/* lib/flow/share_create.c - a new share: placed, made, exported, with its rules; two commits in all */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* A new share is no smaller than what it begins with. */
int shr__snapshot_fits(const struct shr__accept *a, const struct shr_error **reterr)
{
	const struct shr__share_row *snapshot = &a->others.other;

	if ((int64_t)a->bytes >= snapshot->bytes)
		return 0;
	return shr__fail_field(reterr, SHR_EINVAL, "bytes", "give as many as the snapshot has, or more",
		"snapshot %s has %" PRId64 " bytes, and the share would have %" PRIu64, snapshot->id, snapshot->bytes, a->bytes);
}

/* It begins with what the snapshot has, and lies where that lies. */
static int from_snapshot(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	const struct shr__share_row *snapshot = &a->others.other;
	const struct shr__instance_row *at = &a->others.other_instance;
	int rc;

	if (!at->id || strcmp(at->backend, a->place.backend) != 0 || strcmp(at->pool, a->place.pool) != 0)
		return shr__fail_field(reterr, SHR_EUNSUPPORTED, "snapshot", "name no pool, or that of the snapshot",
			"snapshot %s is not in pool %s/%s", snapshot->id, a->place.backend, a->place.pool);
	if ((rc = shr__snapshot_fits(a, reterr)) < 0)
		return rc;
	a->share.parent = snapshot->id;
	if (a->flags & SHR_SHARE_READONLY)
		a->instance.flags = SHR_INSTANCE_READONLY;
	return shr__parent_count(t, &shr__snapshot_def, snapshot->id, 1, 0);
}

/* The pool was chosen before (sched/): the guarded adds have the last word on its room and on the project's quota. */
static void begin(struct shr__accept *a)
{
	int64_t bytes = (int64_t)a->bytes;

	a->share = (struct shr__share_row){ .id = a->object_id, .version = 1, .project = a->project, .state = SHR_SHARE_CREATING,
		.name = a->name, .description = a->description, .bytes = bytes, .protocols = (int64_t)a->protocols,
		.zone = a->place.zone, .created_ns = a->now_ns, .updated_ns = a->now_ns, .op_id = a->op_id, .reason = "", .parent = "",
		.generation = SHR__GENERATION };
	a->instance = (struct shr__instance_row){ .id = a->instance_id, .version = 1, .share_id = a->object_id,
		.state = SHR_SHARE_CREATING, .backend = a->place.backend, .pool = a->place.pool, .bytes = bytes, .ref = "", .path = "",
		.source = "", .generation = SHR__GENERATION };
	a->share.snapshot_access = a->snapshot_access;
}

static int write_rows(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int64_t bytes = (int64_t)a->bytes;
	int rc;

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
	rc = shr__account_pool(t, a->place.backend, a->place.pool, shr__pool_holds(&a->instance, bytes), a->place.limit, reterr);
	a->pool_full = rc == SHR_ENOSPC;
	return rc;
}

static int create_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	begin(a);
	if (a->others.other.id && (rc = from_snapshot(a, t, reterr)) < 0)
		return rc;
	return write_rows(a, t, reterr);
}

int shr__create_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	begin(a);
	return write_rows(a, t, reterr);
}

static int make(struct shr__work *w)
{
	struct shr__callargs args = { 0 };

	if (!w->others.other.id)
		return shr__work_call(w, SHR__VERB_CREATE, NULL, NULL);
	if (!w->others.other_instance.id || !w->others.origin_instance.id)
		return shr__work_fail(w, SHR_ENOTFOUND, "snapshot %s is on no backend", w->others.other.id);
	args.of = shr__work_instance_of(w, &w->others.origin, &w->others.origin_instance);
	args.snap = shr__work_instance_of(w, &w->others.other, &w->others.other_instance);
	return args.of && args.snap ? shr__work_call(w, SHR__VERB_CLONE, &args, NULL) : SHR_ENOMEM;
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
int shr__create_rules(struct shr__work *w)
{
	return w->share.access_revision ? shr__access_sync_call(w) : 0;
}

/* All of it is there: the rows say so, in the one commit that ends the operation. */
int shr__create_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
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
int shr__create_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (w->leftover) {
		int64_t bytes = shr__pool_holds(&w->instance, w->instance.bytes);

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
	.other_rows = &shr__snapshot_def, .other_from = SHR__ST(SHR_SNAPSHOT_AVAILABLE), .other_shared = SHR__LIFE,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.event_accepted = "share.creating", .event_done = "share.created", .event_failed = "share.create_failed",
	.accept = create_accept, .failure = shr__create_failed, .n_steps = 3,
	.steps = {
		{ "create", SHR__STEP_CANCELLABLE, make, NULL, shr__remove_call, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__export_call, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__create_rules, shr__create_publish, NULL, NULL },
	},
};

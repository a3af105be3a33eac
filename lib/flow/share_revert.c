/* lib/flow/share_revert.c - put a share back to one of its snapshots: barrier, revert, export, rules */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* Its size stays, so it must hold what the snapshot may have; its account, quota and rules stay with it. */
static int revert_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	const struct shr__share_row *snapshot = &a->others.other;

	if (!((uint64_t)a->pool.capabilities & SHR_CAP_SNAPSHOT_REVERT))
		return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s cannot revert shares and keep their snapshots", a->instance.backend,
			a->instance.pool);
	if (strcmp(snapshot->parent, a->object_id) != 0)
		return shr__fail_field(reterr, SHR_EINVAL, "snapshot_id", "give one of the share's own snapshots",
			"snapshot %s is of share %s", snapshot->id, snapshot->parent);
	if (a->share.bytes < snapshot->bytes)
		return shr__fail_do(reterr, SHR_ESTATE, "extend the share first", "snapshot %s was cut of %" PRId64
			" bytes, and share %s has %" PRId64 " now", snapshot->id, snapshot->bytes, a->object_id, a->share.bytes);
	return 0;
}

/* From here on nothing of a client lands: what was acknowledged before is in the old contents. */
static int drain(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_DRAIN, NULL, NULL);
}

static int tell_rules(struct shr__work *w)
{
	return w->share.access_revision ? shr__access_sync_again(w) : 0;
}

/* The contents are the old ones: clients get them back, with all rules, as after a restart of the server. */
static int put_back(struct shr__work *w)
{
	int rc = shr__export_call(w);

	return rc ? rc : tell_rules(w);
}

static int revert(struct shr__work *w)
{
	struct shr__callargs args = { 0 };

	if (!w->others.other_instance.id)
		return shr__work_fail(w, SHR_ENOTFOUND, "snapshot %s is on no backend", w->others.other.id);
	args.snap = shr__work_instance_of(w, &w->others.other, &w->others.other_instance);
	return args.snap ? shr__work_call(w, SHR__VERB_REVERT, &args, NULL) : SHR_ENOMEM;
}

static int save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__work_save_told(w, t, 0);

	return rc < 0 ? rc : shr__access_sync_save(w, t, reterr);
}

static int revert_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	return shr__work_save_told(w, t, 0);
}

/* The barrier is committed before the contents change, and once they have there is only forward. */
const struct shr__flow shr__flow_share_revert = {
	.kind = "share_revert", .version = 1, .object = "share", .action = "share:revert", .verb = "reverted",
	.from = SHR__ST(SHR_SHARE_AVAILABLE), .during = SHR_SHARE_REVERTING, .to = SHR_SHARE_AVAILABLE,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ACCESS,
	.other_rows = &shr__snapshot_def, .other_from = SHR__ST(SHR_SNAPSHOT_AVAILABLE), .other_shared = SHR__LIFE,
	.event_accepted = "share.reverting", .event_done = "share.reverted", .event_failed = "share.revert_failed",
	.accept = revert_accept, .failure = revert_failed, .n_steps = 4,
	.steps = {
		{ "drain", SHR__STEP_CANCELLABLE, drain, NULL, put_back, NULL },
		{ "revert", SHR__STEP_BARRIER, revert, NULL, NULL, NULL },
		{ "export", SHR__STEP_BARRIER | SHR__STEP_NO_RETURN, shr__export_call, NULL, NULL, NULL },
		{ "rules", SHR__STEP_NO_RETURN | SHR__STEP_ACCESS_LANE, tell_rules, save, NULL, NULL },
	},
};

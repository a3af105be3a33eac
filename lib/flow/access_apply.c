/* lib/flow/access_apply.c - one atomic batch of rule changes, and the coalescing sync that tells the instance */
#include <inttypes.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

int shr__apply_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (a->if_revision && a->share.access_revision != a->if_revision)
		return shr__fail_field(reterr, SHR_ECONFLICT, "if_revision", "read the share and its rules again",
			"the rules are at revision %" PRId64 ", not %" PRId64, a->share.access_revision, a->if_revision);
	rc = shr__rules_check(a, (uint64_t)a->pool.capabilities, reterr);
	if (rc < 0)
		return rc;
	a->share.access_revision++;
	a->share_set |= SHR__COL(share, access_revision) | SHR__COL(share, n_rules);
	if (a->instance.state != SHR_SHARE_AVAILABLE) /* it is being made: the rules wait for that */
		a->op.after_op = a->share.op_id;
	shr__pack_int(&a->args, SHR__ARG_REVISION, a->share.access_revision);
	rc = shr__rules_write(a, t, a->share.access_revision, reterr);
	return rc < 0 ? rc : shr__followers_queue(a, t, reterr);
}

static int64_t revision_of(const struct shr__work *w)
{
	int64_t revision = 0;

	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_REVISION, &revision);
	return revision;
}

/* A sync that an earlier batch's operation made may have told this one's changes too: then there is nothing to call. */
int shr__sync_call(struct shr__work *w)
{
	if (w->instance.state == SHR_SHARE_DELETING)
		return shr__work_fail(w, SHR_ESTATE, "%s %s is to be deleted: it gets no other rules", w->op.object, w->op.object_id);
	if (w->instance.state != SHR_SHARE_AVAILABLE)
		return shr__work_fail(w, SHR_ESTATE, "%s %s was not made: its rules have nowhere to go", w->op.object, w->op.object_id);
	return shr__access_sync_call(w);
}

int shr__sync_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__access_sync_save(w, t, reterr);

	if (rc < 0)
		return rc;
	shr_error_unref(w->outcome);
	w->outcome = NULL;
	rc = shr__access_outcome(w, t, revision_of(w), &w->outcome);
	return rc == SHR_EPARTIAL ? 0 : rc;
}

/* It could not be told, or nobody wants it told any more: its rules say why, also those of a share that is to be deleted, which
 * stays there in error when that fails. */
int shr__sync_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	if (w->instance.state != SHR_SHARE_AVAILABLE && w->instance.state != SHR_SHARE_DELETING)
		return 0;
	return shr__access_give_up(w, t, revision_of(w), reterr);
}

const struct shr__flow shr__flow_access_apply = {
	.kind = "access_apply", .version = 1, .object = "share", .action = "access:apply", .verb = "given other rules",
	.from = SHR__ST(SHR_SHARE_AVAILABLE) | SHR__ST(SHR_SHARE_CREATING) | SHR__ST(SHR_SHARE_EXTENDING) |
		SHR__ST(SHR_SHARE_SHRINKING) | SHR__ST(SHR_SHARE_MANAGING),
	.hold_shared = SHR__LIFE | SHR__ACCESS, .event_accepted = "access.changed", .event_done = "access.applied",
	.event_failed = "access.refused", .accept = shr__apply_accept, .failure = shr__sync_failed, .n_steps = 1,
	.steps = { { "sync", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__sync_call, shr__sync_save, NULL, NULL } },
};

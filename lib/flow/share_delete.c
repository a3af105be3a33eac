/* lib/flow/share_delete.c - a share goes: from its clients, from the backend, from the store */
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* All that there is to check is in the table below. The instance says from here on that its data may be gone, also when the
 * delete fails or is cut off: nobody can make the share available again. */
int shr__delete_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = 0;

	if (!shr__flow_of_snapshots(a->flow) || !((uint64_t)a->pool.capabilities & SHR_CAP_CLONE_INDEPENDENT))
		rc = shr__refuse_children(t, a->flow, &a->share, reterr);
	return rc < 0 ? rc : shr__instance_goes(a, t, SHR_SHARE_DELETING);
}

/* Also after a create that failed and was undone: a remove of what is not there is harmless. */
int shr__remove_call(struct shr__work *w)
{
	if (!shr__flow_of_snapshots(w->flow))
		return shr__work_call(w, SHR__VERB_REMOVE, NULL, NULL);
	if (!w->others.other_instance.id) /* its share was never made, so it was not either */
		return 0;
	return shr__work_snapshot_call(w, SHR__VERB_SNAP_REMOVE, NULL, NULL);
}

/* The rows, in bites; the accounts in the first one: they are the operation's from then on to finish. */
int shr__forget_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__share_row share = w->share;
	int rc = shr__work_account(w, t, 0, reterr);

	return rc < 0 ? rc : shr__share_forget(t, shr__flow_rows(w->flow), &share, w->wall_ns, reterr);
}

/* A create whose undo did not succeed may have left it behind: now it is gone. */
int shr__delete_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__work_orphan_gone(w, t, reterr);

	if (rc == 0 && shr__rules_followed(w))
		rc = shr__rules_sweep(t, w->share.parent, &w->instance, INT64_MAX);
	return rc < 0 ? rc : shr__forget_save(w, t, reterr);
}

/* A failure leaves it in error: its exports may be gone, and only another delete is right. */
const struct shr__flow shr__flow_share_delete = {
	.kind = "share_delete", .version = 1, .flags = SHR__FLOW_PREEMPTS | SHR__FLOW_LOCKABLE, .object = "share",
	.action = "share:delete", .verb = "deleted",
	.from = SHR__ST(SHR_SHARE_AVAILABLE) | SHR__ST(SHR_SHARE_ERROR) | SHR__ST(SHR_SHARE_CREATING) |
		SHR__ST(SHR_SHARE_EXTENDING) | SHR__ST(SHR_SHARE_SHRINKING) | SHR__ST(SHR_SHARE_MANAGING),
	.during = SHR_SHARE_DELETING, .to = SHR__GONE, .failed = SHR_SHARE_ERROR,
	.hold_exclusive = SHR__ALL_FACETS,
	.event_accepted = "share.deleting", .event_done = "share.deleted", .event_failed = "share.delete_failed",
	.accept = shr__delete_accept, .n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__unexport_call, NULL, NULL, NULL },
		{ "remove", 0, shr__remove_call, shr__delete_save, NULL, NULL },
	},
};

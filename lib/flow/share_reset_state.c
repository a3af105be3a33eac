/* lib/flow/share_reset_state.c - put a share into a state by hand; what ran on it can commit no more */
#include "base/fail.h"
#include "flow/accept.h"
#include "flow/flows.h"

int shr__reset_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (a->state == SHR_SHARE_AVAILABLE && a->instance.state == SHR_SHARE_DELETING)
		return shr__fail_do(reterr, SHR_ESTATE, "delete it again, or force-delete it",
			"a delete of %s %s was begun, and its data may be gone: it cannot be available", a->flow->object, a->object_id);
	if (a->state == SHR_SHARE_AVAILABLE && a->instance.state == SHR_SHARE_UNMANAGING)
		return shr__fail_do(reterr, SHR_ESTATE, "unmanage it again",
			"an unmanage of %s %s was begun, and its backend may have let go: it cannot be available", a->flow->object,
			a->object_id);
	if (a->state == SHR_SHARE_AVAILABLE && a->instance.state != SHR_SHARE_AVAILABLE)
		return shr__fail_do(reterr, SHR_ESTATE, "delete it", "%s %s was never made: it cannot be available", a->flow->object,
			a->object_id);
	shr__pack_int(&a->args, SHR__ARG_STATE, a->state);
	a->share.epoch++;
	a->share.state = a->state;
	a->share.op_id = "";
	a->share.reason = a->state == SHR_SHARE_ERROR ? "set by reset-state" : "";
	a->share_set |= SHR__COL(share, epoch) | SHR__COL(share, state) | SHR__COL(share, op_id) | SHR__COL(share, reason);
	return shr__cut_off(a, t, 0, "its state was reset", reterr);
}

const struct shr__flow shr__flow_share_reset_state = {
	.kind = "share_reset_state", .version = 1, .object = "share", .action = "share:reset_state", .verb = "reset",
	.from = UINT64_MAX, .event_accepted = "share.state_reset", .accept = shr__reset_accept,
};

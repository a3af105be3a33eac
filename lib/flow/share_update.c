/* lib/flow/share_update.c - new words for a share; done when it is accepted */
#include "flow/accept.h"
#include "flow/flows.h"

int shr__update_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (a->name) {
		a->share.name = a->name;
		a->share_set |= SHR__COL(share, name);
	}
	if (a->description) {
		a->share.description = a->description;
		a->share_set |= SHR__COL(share, description);
	}
	if (a->snapshot_access) {
		a->share.snapshot_access = a->snapshot_access;
		a->share_set |= SHR__COL(share, snapshot_access);
	}
	a->share_set |= SHR__COL(share, n_metadata);
	return shr__metadata_write(t, a->flow->object, a->object_id, a->set, a->n_set, a->unset, a->n_unset,
		&a->share.n_metadata, reterr);
}

const struct shr__flow shr__flow_share_update = {
	.kind = "share_update", .version = 1, .object = "share", .action = "share:update", .verb = "updated",
	.from = ~(SHR__ST(SHR_SHARE_DELETING) | SHR__ST(SHR_SHARE_UNMANAGING)),
	.event_accepted = "share.updated", .accept = shr__update_accept,
};

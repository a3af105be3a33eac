/* lib/flow/snapshot_delete.c - a snapshot goes, by the rules of shares; or is only reset, or given other words */
#include "flow/accept.h"
#include "flow/flows.h"

/* What must not be done with its share meanwhile: both change what lies there. */
#define NEEDS_SHARE .other_rows = &shr__share_def, .other_shared = SHR__LIFE | SHR__PLACE | SHR__DATA

const struct shr__flow shr__flow_snapshot_delete = {
	.kind = "snapshot_delete", .version = 1, .flags = SHR__FLOW_PREEMPTS | SHR__FLOW_LOCKABLE, .object = "snapshot",
	.rows = &shr__snapshot_def, .action = "snapshot:delete", .verb = "deleted",
	.from = SHR__ST(SHR_SNAPSHOT_AVAILABLE) | SHR__ST(SHR_SNAPSHOT_ERROR) | SHR__ST(SHR_SNAPSHOT_CREATING) |
		SHR__ST(SHR_SNAPSHOT_MANAGING),
	.during = SHR_SNAPSHOT_DELETING, .to = SHR__GONE, .failed = SHR_SNAPSHOT_ERROR, .hold_exclusive = SHR__ALL_FACETS, NEEDS_SHARE,
	.event_accepted = "snapshot.deleting", .event_done = "snapshot.deleted", .event_failed = "snapshot.delete_failed",
	.accept = shr__delete_accept, .n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__unexport_call, NULL, NULL, NULL },
		{ "remove", 0, shr__remove_call, shr__delete_save, NULL, NULL },
	},
};

const struct shr__flow shr__flow_snapshot_force_delete = {
	.kind = "snapshot_force_delete", .version = 1, .flags = SHR__FLOW_PREEMPTS | SHR__FLOW_OUTLIVES, .object = "snapshot",
	.rows = &shr__snapshot_def, .action = "snapshot:force_delete", .verb = "force-deleted", .from = UINT64_MAX, .to = SHR__GONE,
	.failed = SHR__GONE, .other_rows = &shr__share_def,
	.event_accepted = "snapshot.force_deleted", .event_done = "snapshot.force_delete_done",
	.event_failed = "snapshot.force_delete_failed", .accept = shr__force_accept, .load = shr__force_load,
	.failure = shr__force_failed, .n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__force_unexport, NULL, NULL, NULL },
		{ "remove", 0, shr__force_remove, shr__force_tidy, NULL, NULL },
	},
};

const struct shr__flow shr__flow_snapshot_reset_state = {
	.kind = "snapshot_reset_state", .version = 1, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "snapshot:reset_state", .verb = "reset", .from = UINT64_MAX, .event_accepted = "snapshot.state_reset",
	.accept = shr__reset_accept,
};

const struct shr__flow shr__flow_snapshot_update = {
	.kind = "snapshot_update", .version = 1, .object = "snapshot", .rows = &shr__snapshot_def, .action = "snapshot:update",
	.verb = "updated", .from = ~(SHR__ST(SHR_SNAPSHOT_DELETING) | SHR__ST(SHR_SNAPSHOT_UNMANAGING)),
	.event_accepted = "snapshot.updated", .accept = shr__update_accept,
};

/* lib/flow/snapshot_manage.c - a snapshot that is there becomes known, or stops being known and stays; what vanished returns */
#include "base/fail.h"
#include "flow/accept.h"
#include "flow/flows.h"

static int manage_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (!((uint64_t)a->pool.capabilities & SHR_CAP_MANAGE))
		return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s cannot take over what exists", a->pool.backend, a->pool.name);
	shr__pack_str(&a->args, SHR__ARG_SOURCE, a->source);
	return shr__snapshot_accept(a, t, SHR_SNAPSHOT_MANAGING, reterr);
}

static int take_over(struct shr__work *w)
{
	return shr__work_snapshot_call(w, SHR__VERB_SNAP_MANAGE, NULL, NULL);
}

static int let_go(struct shr__work *w)
{
	return shr__work_snapshot_call(w, SHR__VERB_SNAP_UNMANAGE, NULL, NULL);
}

const struct shr__flow shr__flow_snapshot_manage = {
	.kind = "snapshot_manage", .version = 1, .flags = SHR__FLOW_NEW, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "snapshot:manage", .verb = "managed", .during = SHR_SNAPSHOT_MANAGING, .to = SHR_SNAPSHOT_AVAILABLE,
	.failed = SHR__GONE, .hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.other_rows = &shr__share_def, .other_from = SHR__ST(SHR_SHARE_AVAILABLE),
	.other_shared = SHR__LIFE | SHR__PLACE | SHR__DATA,
	.event_accepted = "snapshot.managing", .event_done = "snapshot.managed", .event_failed = "snapshot.manage_failed",
	.accept = manage_accept, .failure = shr__manage_failed, .n_steps = 3,
	.steps = {
		{ "manage", SHR__STEP_CANCELLABLE, take_over, NULL, let_go, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__snapshot_export, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__snapshot_rules, shr__snapshot_publish, NULL, NULL },
	},
};

const struct shr__flow shr__flow_snapshot_unmanage = {
	.kind = "snapshot_unmanage", .version = 1, .flags = SHR__FLOW_LOCKABLE, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "snapshot:unmanage", .verb = "unmanaged", .from = SHR__ST(SHR_SNAPSHOT_AVAILABLE) | SHR__ST(SHR_SNAPSHOT_ERROR),
	.during = SHR_SNAPSHOT_UNMANAGING, .to = SHR__GONE, .failed = SHR_SNAPSHOT_ERROR, .hold_exclusive = SHR__ALL_FACETS,
	.other_rows = &shr__share_def, .other_shared = SHR__LIFE | SHR__PLACE | SHR__DATA,
	.event_accepted = "snapshot.unmanaging", .event_done = "snapshot.unmanaged", .event_failed = "snapshot.unmanage_failed",
	.accept = shr__unmanage_accept, .n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__unexport_call, NULL, NULL, NULL },
		{ "unmanage", 0, let_go, shr__delete_save, NULL, NULL },
	},
};

const struct shr__flow shr__flow_snapshot_reconcile = {
	.kind = "snapshot_reconcile", .version = 1, .flags = SHR__FLOW_QUEUES, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "share:reconcile", .verb = "reconciled",
	.from = SHR__ST(SHR_SNAPSHOT_AVAILABLE) | SHR__ST(SHR_SNAPSHOT_CREATING) | SHR__ST(SHR_SNAPSHOT_MANAGING),
	.hold_shared = SHR__LIFE | SHR__PLACE, .other_rows = &shr__share_def, .other_shared = SHR__LIFE,
	.event_failed = "snapshot.reconcile_failed", .accept = shr__reconcile_accept, .failure = shr__reconcile_failed, .n_steps = 4,
	.steps = {
		{ "look", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_look, NULL, NULL, NULL },
		{ "look_export", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_look_export, NULL, NULL, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__reconcile_export, NULL, NULL, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_rules, shr__reconcile_save, NULL, NULL },
	},
};

/* lib/flow/share_manage.c - an existing thing becomes a share, or stops being one and stays where it is */
#include <string.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

static int manage_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (!(a->place.capabilities & SHR_CAP_MANAGE))
		return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s cannot take over what exists", a->place.backend, a->place.pool);
	a->share = (struct shr__share_row){ .id = a->object_id, .version = 1, .project = a->project, .state = SHR_SHARE_MANAGING,
		.name = a->name, .description = a->description, .protocols = (int64_t)a->protocols, .zone = a->place.zone,
		.created_ns = a->now_ns, .updated_ns = a->now_ns, .op_id = a->op_id, .reason = "", .parent = "",
		.generation = SHR__GENERATION };
	a->instance = (struct shr__instance_row){ .id = a->instance_id, .version = 1, .share_id = a->object_id,
		.state = SHR_SHARE_MANAGING, .backend = a->place.backend, .pool = a->place.pool, .ref = "", .path = "",
		.source = a->source, .generation = SHR__GENERATION };
	shr__pack_str(&a->args, SHR__ARG_SOURCE, a->source);
	/* That it is not a share already is the driver's to say: it knows its own. */
	rc = shr__accept_number(a, t, reterr);
	return rc < 0 ? rc : shr__txn_insert(t, &shr__instance_def, &a->instance);
}

static int take_over(struct shr__work *w)
{
	int rc = shr__work_call(w, SHR__VERB_MANAGE, NULL, NULL);

	if (rc == 0 && (w->told_bytes == 0 || w->told_bytes > UINT64_C(1) << 62))
		return shr__work_fail(w, SHR_EDRIVER, "backend %s told no usable size of \"%s\"", w->instance.backend,
			w->instance.source);
	if (rc == 0)
		w->share.bytes = (int64_t)w->told_bytes; /* for the exporter, and until the rows have it */
	return rc;
}

static int let_go(struct shr__work *w)
{
	return shr__work_call(w, SHR__VERB_UNMANAGE, NULL, NULL);
}

int shr__manage_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	w->share.bytes = (int64_t)w->told_bytes;
	if (w->instance.state == SHR_SHARE_MANAGING) /* else a delete waits for this one's end */
		w->instance.state = SHR_SHARE_AVAILABLE;
	if ((rc = shr__txn_update(t, &shr__share_def, &w->share, SHR__COL(share, bytes))) < 0 ||
		(rc = shr__work_save_told(w, t, SHR__COL(instance, state))) < 0)
		return rc;
	return shr__work_account(w, t, w->told_bytes, reterr);
}

/* What could not be taken over leaves no share behind. A delete that waits for this one's end needs the rows for its own. */
int shr__manage_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__share_row share = w->share;
	int rc = w->leftover ? shr__work_orphan(w, t, "undoing a failed manage did not succeed") : 0;

	if (rc < 0)
		return rc;
	if (strcmp(w->share.op_id, w->op.id) != 0)
		return 0;
	if (shr__rules_followed(w) && (rc = shr__rules_sweep(t, w->share.parent, &w->instance, INT64_MAX)) < 0)
		return rc;
	return shr__share_forget(t, shr__flow_rows(w->flow), &share, w->wall_ns, reterr);
}

const struct shr__flow shr__flow_share_manage = {
	.kind = "share_manage", .version = 1, .flags = SHR__FLOW_NEW, .object = "share", .action = "share:manage",
	.verb = "managed", .during = SHR_SHARE_MANAGING, .to = SHR_SHARE_AVAILABLE, .failed = SHR__GONE,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.event_accepted = "share.managing", .event_done = "share.managed", .event_failed = "share.manage_failed",
	.accept = manage_accept, .failure = shr__manage_failed, .n_steps = 2,
	.steps = {
		{ "manage", SHR__STEP_CANCELLABLE, take_over, NULL, let_go, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__export_call, shr__manage_publish, shr__unexport_call, NULL },
	},
};

int shr__unmanage_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (!((uint64_t)a->pool.capabilities & SHR_CAP_MANAGE))
		return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s cannot let go of shares", a->instance.backend, a->instance.pool);
	rc = shr__refuse_children(t, a->flow, &a->share, reterr);
	return rc < 0 ? rc : shr__instance_goes(a, t, SHR_SHARE_UNMANAGING);
}

const struct shr__flow shr__flow_share_unmanage = {
	.kind = "share_unmanage", .version = 1, .flags = SHR__FLOW_LOCKABLE, .object = "share", .action = "share:unmanage",
	.verb = "unmanaged", .from = SHR__ST(SHR_SHARE_AVAILABLE) | SHR__ST(SHR_SHARE_ERROR), .during = SHR_SHARE_UNMANAGING,
	.to = SHR__GONE, .failed = SHR_SHARE_ERROR,
	.hold_exclusive = SHR__ALL_FACETS,
	.event_accepted = "share.unmanaging", .event_done = "share.unmanaged", .event_failed = "share.unmanage_failed",
	.accept = shr__unmanage_accept, .n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__unexport_call, NULL, NULL, NULL },
		{ "unmanage", 0, let_go, shr__forget_save, NULL, NULL },
	},
};

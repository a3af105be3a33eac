/* lib/flow/snapshot_create.c - a new snapshot: cut while clients go on, exported read-only where that is wanted */
#include <string.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* A copy that is made file by file is crash-consistent only while nobody writes: so long, and no longer, is a server frozen. */
#define HOLD_MS 20000

int shr__snapshot_access_check(const struct shr__pool_row *pool, uint32_t access, const struct shr_error **reterr)
{
	if (access == SHR_SNAPSHOT_ACCESS_NONE || ((uint64_t)pool->capabilities & SHR_CAP_SNAPSHOT_MOUNT))
		return 0;
	return shr__fail_field(reterr, SHR_EUNSUPPORTED, "access", "use SHR_SNAPSHOT_ACCESS_NONE", "pool %s/%s cannot export snapshots",
		pool->backend, pool->name);
}

static uint32_t access_of(const struct shr__accept *a)
{
	int64_t access = a->snapshot_access ? a->snapshot_access : a->others.other.snapshot_access;

	return access ? (uint32_t)access : SHR_SNAPSHOT_ACCESS_NONE;
}

int shr__snapshot_accept(struct shr__accept *a, struct shr__txn *t, uint32_t state, const struct shr_error **reterr)
{
	const struct shr__share_row *of = &a->others.other;
	const struct shr__instance_row *at = &a->others.other_instance;
	uint32_t access = access_of(a);
	int rc;

	if (!at->id || at->state != SHR_SHARE_AVAILABLE)
		return shr__fail(reterr, SHR_ESTATE, "share %s is on no backend: there is nothing to cut", of->id);
	if (!((uint64_t)a->pool.capabilities & SHR_CAP_SNAPSHOT))
		return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s has no snapshots", at->backend, at->pool);
	if ((rc = shr__snapshot_access_check(&a->pool, access, reterr)) < 0)
		return rc;
	a->share = (struct shr__share_row){ .id = a->object_id, .version = 1, .project = of->project, .state = state,
		.name = a->name, .description = a->description, .bytes = of->bytes, .protocols = of->protocols, .zone = of->zone,
		.created_ns = a->now_ns, .updated_ns = a->now_ns, .op_id = a->op_id, .reason = "", .generation = SHR__GENERATION,
		.parent = of->id, .snapshot_access = access };
	a->instance = (struct shr__instance_row){ .id = a->instance_id, .version = 1, .share_id = a->object_id, .state = state,
		.backend = at->backend, .pool = at->pool, .ref = "", .path = "", .source = a->source, .generation = SHR__GENERATION,
		.flags = SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT };
	rc = shr__metadata_write(t, "snapshot", a->object_id, a->set, a->n_set, NULL, 0, &a->share.n_metadata, reterr);
	if (rc == 0 && access != SHR_SNAPSHOT_ACCESS_NONE)
		rc = shr__accept_number_of(a, t, reterr);
	if (rc < 0 || (rc = shr__txn_insert(t, &shr__instance_def, &a->instance)) < 0)
		return rc;
	return shr__parent_count(t, &shr__share_def, of->id, 1, access == SHR_SNAPSHOT_ACCESS_SHARE);
}

static int create_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	return shr__snapshot_accept(a, t, SHR_SNAPSHOT_CREATING, reterr);
}

static int needs_hold(const struct shr__work *w)
{
	const struct shr_driver_snapshot *table = shr__backend_driver(w->backend)->snapshot;

	return table && (table->flags & SHR_SNAPSHOT_HOLD);
}

static int hold(struct shr__work *w)
{
	struct shr__callargs args = { .bound_ms = HOLD_MS };

	return needs_hold(w) ? shr__work_call(w, SHR__VERB_HOLD, &args, NULL) : 0;
}

static int release(struct shr__work *w)
{
	return needs_hold(w) ? shr__work_call(w, SHR__VERB_RELEASE, NULL, NULL) : 0;
}

/* One that had already ended by itself has nothing to be released. */
static int release_undo(struct shr__work *w)
{
	int rc = release(w);

	return rc == SHR_EBACKEND ? 0 : rc;
}

static int cut(struct shr__work *w)
{
	return shr__work_snapshot_call(w, SHR__VERB_SNAP_CREATE, NULL, NULL);
}

int shr__snapshot_export(struct shr__work *w)
{
	return shr__snapshot_exported(&w->share) ? shr__export_call(w) : 0;
}

int shr__snapshot_rules(struct shr__work *w)
{
	return shr__snapshot_exported(&w->share) ? shr__access_sync_again(w) : 0;
}

/* All of it is there: two moments are kept, when it was cut and when it could be used. */
int shr__snapshot_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if (w->instance.state == SHR_SNAPSHOT_CREATING || w->instance.state == SHR_SNAPSHOT_MANAGING)
		w->instance.state = SHR_SNAPSHOT_AVAILABLE; /* else a delete waits for this one's end */
	w->share.cut_ns = w->told_cut ? (int64_t)w->told_cut : w->wall_ns;
	w->share.ready_ns = w->wall_ns > w->share.cut_ns ? w->wall_ns : w->share.cut_ns;
	if ((rc = shr__txn_update(t, &shr__snapshot_def, &w->share, SHR__COL(share, cut_ns) | SHR__COL(share, ready_ns))) < 0 ||
		(rc = shr__work_save_told(w, t, SHR__COL(instance, state))) < 0 || (rc = shr__access_sync_save(w, t, reterr)) < 0)
		return rc;
	return shr__work_account(w, t, w->told_bytes, reterr);
}

/* It stays, in error, so that a delete can try again what the undo may have left. Rules are none of its concern any more. */
static int create_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = w->leftover ? shr__work_orphan(w, t, "undoing a failed snapshot did not succeed") : 0;

	if (rc < 0)
		return rc;
	if (shr__rules_followed(w) && ((rc = shr__rules_sweep(t, w->share.parent, &w->instance, INT64_MAX)) < 0 ||
		(rc = shr__parent_count(t, &shr__share_def, w->share.parent, 0, -1)) < 0))
		return rc;
	w->share.snapshot_access = SHR_SNAPSHOT_ACCESS_NONE;
	if ((rc = shr__txn_update(t, &shr__snapshot_def, &w->share, SHR__COL(share, snapshot_access))) < 0)
		return rc;
	if (w->instance.state == SHR_SNAPSHOT_CREATING)
		w->instance.state = SHR_SNAPSHOT_ERROR;
	return shr__txn_update(t, &shr__instance_def, &w->instance, SHR__COL(instance, state));
}

const struct shr__flow shr__flow_snapshot_create = {
	.kind = "snapshot_create", .version = 1, .flags = SHR__FLOW_NEW, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "snapshot:create", .verb = "created", .during = SHR_SNAPSHOT_CREATING, .to = SHR_SNAPSHOT_AVAILABLE,
	.failed = SHR_SNAPSHOT_ERROR, .hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.other_rows = &shr__share_def,
	.other_from = SHR__ST(SHR_SHARE_AVAILABLE) | SHR__ST(SHR_SHARE_EXTENDING) | SHR__ST(SHR_SHARE_SHRINKING),
	.other_shared = SHR__LIFE | SHR__PLACE | SHR__DATA,
	.event_accepted = "snapshot.creating", .event_done = "snapshot.created", .event_failed = "snapshot.create_failed",
	.accept = create_accept, .failure = create_failed, .n_steps = 5,
	.steps = {
		{ "hold", SHR__STEP_CANCELLABLE, hold, NULL, release_undo, NULL },
		{ "cut", SHR__STEP_CANCELLABLE, cut, NULL, shr__remove_call, NULL },
		{ "release", 0, release, NULL, NULL, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__snapshot_export, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__snapshot_rules, shr__snapshot_publish, NULL, NULL },
	},
};

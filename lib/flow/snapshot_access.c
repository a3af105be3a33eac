/* lib/flow/snapshot_access.c - how a snapshot is exported: by rules of its own, by its share's, or not at all */
#include "base/fail.h"
#include "flow/access_diff.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

/* ---- changing it: the export goes with all its rules, and comes back with the others ---- */

static int set_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__snapshot_access_check(&a->pool, a->snapshot_access, reterr);

	if (rc < 0)
		return rc;
	if (a->share.snapshot_access == (int64_t)a->snapshot_access) {
		a->at_once = 1; /* it is so */
		return 0;
	}
	if (a->snapshot_access != SHR_SNAPSHOT_ACCESS_NONE) {
		rc = shr__accept_number_of(a, t, reterr);
		if (rc > 0)
			rc = shr__txn_update(t, &shr__instance_def, &a->instance,
				SHR__COL(instance, export_number) | SHR__COL(instance, number_server));
		if (rc < 0)
			return rc;
	}
	shr__pack_int(&a->args, SHR__ARG_ACCESS, a->snapshot_access);
	/* Its row is what a delete at the same time writes too. */
	a->share.generation = SHR__GENERATION;
	a->share_set |= SHR__COL(share, generation);
	return 0;
}

static int64_t access_after(const struct shr__work *w)
{
	int64_t access = SHR_SNAPSHOT_ACCESS_NONE;

	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_ACCESS, &access);
	return access;
}

/* Nobody mounts it from here on. A driver that exports by itself is told to forget each rule. */
static int take_away(struct shr__work *w)
{
	return shr__backend_exports_itself(w->backend) ? shr__access_sync_gone(w) : shr__unexport_call(w);
}

static int take_away_before(struct shr__work *w)
{
	return shr__snapshot_exported(&w->share) ? take_away(w) : 0;
}

static int is_changed(const struct shr__work *w)
{
	return w->share.snapshot_access == access_after(w);
}

/* Nothing of the change was committed: what may have been taken away comes back. */
static int put_back(struct shr__work *w)
{
	int rc = 0;

	if (!is_changed(w))
		rc = shr__snapshot_export(w);
	return rc || is_changed(w) ? rc : shr__snapshot_rules(w);
}

/* From here on it has ACCESS. Where it was exported, which rules it had refused, and what it was told is forgotten; the next rules
 * come behind those. A driver that exports by itself has told its locations once, when it was cut, and they are the same. */
static int change(struct shr__work *w, struct shr__txn *t, int64_t access)
{
	int followed = shr__rules_followed(w), follows = access == SHR_SNAPSHOT_ACCESS_SHARE;
	int exporter = !shr__backend_exports_itself(w->backend);
	int64_t told;
	int rc = exporter ? shr__instance_forget(t, w->instance.id) : shr__instance_forget_rules(t, w->instance.id);

	if (rc == 0)
		rc = shr__rules_revision(w, t, &told);
	if (rc == 0 && followed)
		rc = shr__rules_sweep(t, w->share.parent, &w->instance, INT64_MAX);
	if (rc)
		return rc;
	if (follows != followed && (rc = shr__parent_count(t, &shr__share_def, w->share.parent, 0, follows - followed)) < 0)
		return rc;
	w->share.snapshot_access = access;
	if ((rc = shr__txn_update(t, &shr__snapshot_def, &w->share, SHR__COL(share, snapshot_access))) < 0)
		return rc;
	w->instance.n_exports = exporter ? 0 : w->instance.n_exports;
	w->instance.n_faults = 0;
	w->instance.access_base += told + 1;
	w->instance.access_applied = 0;
	return shr__txn_update(t, &shr__instance_def, &w->instance, SHR__COL(instance, n_exports) | SHR__COL(instance, n_faults) |
		SHR__COL(instance, access_base) | SHR__COL(instance, access_applied));
}

static int save_change(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	return change(w, t, access_after(w));
}

static int save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__snapshot_exported(&w->share) ? shr__work_save_told(w, t, 0) : 0;

	return rc < 0 ? rc : shr__access_sync_save(w, t, reterr);
}

/* It is as it was; or, when its old export had gone already, not exported: the next call of this kind begins from there. */
static int set_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	if (is_changed(w))
		return change(w, t, SHR_SNAPSHOT_ACCESS_NONE);
	return shr__work_save_told(w, t, 0);
}

const struct shr__flow shr__flow_snapshot_set_access = {
	.kind = "snapshot_set_access", .version = 1, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "snapshot:set_access", .verb = "exported otherwise", .from = SHR__ST(SHR_SNAPSHOT_AVAILABLE),
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__ACCESS, .other_rows = &shr__share_def, .other_shared = SHR__LIFE,
	.event_accepted = "snapshot.access_changing", .event_done = "snapshot.access_changed",
	.event_failed = "snapshot.access_failed", .accept = set_accept, .failure = set_failed, .n_steps = 3,
	.steps = {
		{ "unexport", SHR__STEP_ACCESS_LANE, take_away_before, save_change, put_back, NULL },
		{ "export", SHR__STEP_BARRIER, shr__snapshot_export, NULL, shr__unexport_call, NULL },
		{ "rules", SHR__STEP_ACCESS_LANE, shr__snapshot_rules, save, take_away, NULL },
	},
};

/* ---- rules of its own ---- */

static int rules_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (a->share.snapshot_access == SHR_SNAPSHOT_ACCESS_SHARE)
		return shr__fail_do(reterr, SHR_ESTATE,
			"change the share's rules, or give it rules of its own by shr_snapshot_set_access()",
			"snapshot %s has the rules of share %s", a->object_id, a->share.parent);
	if (a->share.snapshot_access != SHR_SNAPSHOT_ACCESS_OWN)
		return shr__fail_do(reterr, SHR_ESTATE, "call shr_snapshot_set_access() first", "snapshot %s is not exported",
			a->object_id);
	return shr__apply_accept(a, t, reterr);
}

const struct shr__flow shr__flow_snapshot_rules = {
	.kind = "snapshot_rules", .version = 1, .object = "snapshot", .rows = &shr__snapshot_def, .action = "access:apply",
	.verb = "given other rules", .from = SHR__ST(SHR_SNAPSHOT_AVAILABLE) | SHR__ST(SHR_SNAPSHOT_CREATING) |
		SHR__ST(SHR_SNAPSHOT_MANAGING),
	.hold_shared = SHR__LIFE | SHR__ACCESS, .event_accepted = "access.changed", .event_done = "access.applied",
	.event_failed = "access.refused", .accept = rules_accept, .failure = shr__sync_failed, .n_steps = 1,
	.steps = { { "sync", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__sync_call, shr__sync_save, NULL, NULL } },
};

/* lib/flow/share_reconcile.c - what vanished on the backend's side is put back; nothing is ever taken away */
#include <stdlib.h>
#include <string.h>

#include "flow/access_diff.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/drift.h"
#include "flow/flows.h"
#include "libshare/access.h"

/* a->state is 1 when it is known that the server has forgotten all. A share from before numbers were wanted gets one. */
int shr__reconcile_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	/* The share's row is what a delete at the same time writes too: without that both would be taken. */
	a->share.generation = SHR__GENERATION;
	a->share_set |= SHR__COL(share, generation);
	shr__pack_int(&a->args, SHR__ARG_STATE, a->state);
	rc = shr__accept_number_of(a, t, reterr);
	if (rc <= 0)
		return rc;
	return shr__txn_update(t, &shr__instance_def, &a->instance,
		SHR__COL(instance, export_number) | SHR__COL(instance, number_server));
}

/* A share that is not there yet, or is about to go, has nothing to be looked at. */
static int is_there(const struct shr__work *w)
{
	return w->instance.state == SHR_SHARE_AVAILABLE;
}

/* A snapshot that nobody mounts has no export and no rules. */
static int is_served(const struct shr__work *w)
{
	return !shr__flow_of_snapshots(w->flow) || shr__snapshot_exported(&w->share);
}

static int is_again(const struct shr__work *w)
{
	int64_t again = 0;

	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_STATE, &again);
	return again != 0;
}

/* What a look found is in memory: an engine that goes on behind it does what is right in any case. */
static struct shr__drift *found(struct shr__work *w)
{
	struct shr__drift *d = w->drift ? w->drift : shr__drift_of(w);

	if (d && !d->looked)
		d->lost = 1;
	return d;
}

int shr__reconcile_look(struct shr__work *w)
{
	return is_there(w) && !is_again(w) ? shr__drift_look(w) : 0;
}

int shr__reconcile_look_export(struct shr__work *w)
{
	struct shr__drift *d;

	if (!is_there(w) || is_again(w))
		return 0;
	d = found(w);
	return d ? shr__drift_look_export(w) : SHR_ENOMEM;
}

static void repaired(struct shr__drift *d, uint32_t what)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i].what == what)
			d->list[i].repaired = 1;
}

/* A server that was started anew makes the export with the rules that it is told next, all at once (shr_exporter(3)): a client that
 * claims its locks back must never find an export that lets nobody in. Its locations are known. */
static int comes_with_rules(const struct shr__work *w)
{
	return is_again(w) && !shr__backend_exports_itself(w->backend) && w->instance.n_exports > 0 && w->share.n_rules > 0;
}

int shr__reconcile_export(struct shr__work *w)
{
	struct shr__drift *d = is_there(w) ? found(w) : NULL;
	int rc;

	if (!d)
		return is_there(w) ? SHR_ENOMEM : 0;
	if (!d->lost || d->missing || !is_served(w))
		return 0;
	if (comes_with_rules(w))
		return 0;
	rc = shr__export_call(w);
	if (rc == 0) {
		repaired(d, SHR_DRIFT_EXPORT);
		repaired(d, SHR_DRIFT_PATH);
	}
	return rc;
}

/* What was told once more, with its answer: the rules that were wrong, but for those that were refused or have gone. */
static void note_rules(struct shr__work *w, struct shr__drift *d, int told)
{
	for (uint32_t i = 0; i < w->sync->n && d->n < SHR__DRIFT_MOST; i++) {
		const struct shr__change *c = &w->sync->changes[i];
		const char *who = shr__arena_printf(w->arena, "%s %s %s", shr_access_type_name((uint32_t)c->is.type), c->is.who,
			shr_level_name((uint32_t)c->is.level));

		d->list[d->n++] = (struct shr__drift_found){ SHR_DRIFT_RULE, told && c->code == 0, c->id, who ? who : "",
			told && c->code < 0 && c->why ? c->why : "it was not in force" };
	}
}

int shr__reconcile_rules(struct shr__work *w)
{
	struct shr__drift *d = is_there(w) ? found(w) : NULL;
	int rc;

	if (!d)
		return is_there(w) ? SHR_ENOMEM : 0;
	if (d->missing || !is_served(w))
		return 0;
	if (d->lost)
		return w->share.access_revision || shr__rules_followed(w) ? shr__access_sync_again(w) : 0;
	if (!d->n_rules)
		return 0;
	rc = shr__access_sync_some(w, d->rules, d->n_rules);
	if (rc == 0)
		note_rules(w, d, 1);
	return rc;
}

int shr__reconcile_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__drift *d = w->drift;
	int rc;

	if (!is_there(w) || !d)
		return 0;
	rc = shr__work_save_told(w, t, 0);
	if (rc == 0 && d->lost)
		rc = shr__access_sync_save(w, t, reterr);
	return rc < 0 ? rc : shr__drift_save(w, t);
}

/* It could not be put right: it is known all the same. */
int shr__reconcile_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	return is_there(w) ? shr__drift_save(w, t) : 0;
}

const struct shr__flow shr__flow_share_reconcile = {
	.kind = "share_reconcile", .version = 1, .flags = SHR__FLOW_QUEUES, .object = "share", .action = "share:reconcile",
	.verb = "reconciled",
	.from = SHR__ST(SHR_SHARE_AVAILABLE) | SHR__ST(SHR_SHARE_CREATING) | SHR__ST(SHR_SHARE_EXTENDING) |
		SHR__ST(SHR_SHARE_SHRINKING) | SHR__ST(SHR_SHARE_MANAGING) | SHR__ST(SHR_SHARE_REVERTING),
	.hold_shared = SHR__LIFE | SHR__PLACE, .event_failed = "share.reconcile_failed", .accept = shr__reconcile_accept,
	.failure = shr__reconcile_failed, .n_steps = 4,
	.steps = {
		{ "look", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_look, NULL, NULL, NULL },
		{ "look_export", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_look_export, NULL, NULL, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__reconcile_export, NULL, NULL, NULL },
		{ "rules", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, shr__reconcile_rules, shr__reconcile_save, NULL, NULL },
	},
};

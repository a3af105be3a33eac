/* lib/flow/orphan_delete.c - what was left behind goes from the backend after all, because somebody says so */
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "flow/drift.h"
#include "flow/flows.h"

/* Whoever left it may still be at it. */
static int refuse_busy(const struct shr__orphan_row *o, const struct shr__op_row *op, const struct shr_error **reterr)
{
	struct shr__fail_parts parts = { .code = SHR_ESTATE, .retryable = 1, .op_id = op->id,
		.remedy = "wait for that operation, or cancel it" };
	char message[256];

	snprintf(message, sizeof message, "orphan %s is held by %s %s", o->id, op->kind, op->id);
	parts.message = message;
	return shr__fail_parts(reterr, &parts);
}

static int check_free(struct shr__txn *t, const struct shr__orphan_row *o, const struct shr_error **reterr)
{
	struct shr__instance_row instance = { .id = o->instance_id };
	struct shr__op_row op;
	int rc;

	memset(&op, 0, sizeof op);
	op.id = o->op_id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc == 0 && op.live)
		return refuse_busy(o, &op, reterr);
	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	rc = shr__txn_get(t, &shr__instance_def, &instance);
	if (rc == 0)
		return shr__fail_do(reterr, SHR_ESTATE, "delete that: what it left behind goes with it",
			"orphan %s belongs to %s %s, which is still there", o->id, o->object, instance.share_id);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__orphan_take(struct shr__accept *a, struct shr__txn *t, struct shr__orphan_row *ret, const struct shr_error **reterr)
{
	int rc;

	memset(ret, 0, sizeof *ret);
	ret->id = a->orphan_id;
	rc = shr__txn_get(t, &shr__orphan_def, ret);
	if (rc == SHR_ENOTFOUND || (rc == 0 && strcmp(ret->project, a->object_project) != 0))
		return shr__fail(reterr, SHR_ENOTFOUND, "no orphan %s", a->orphan_id);
	if (rc == 0)
		rc = check_free(t, ret, reterr);
	if (rc < 0)
		return rc;
	/* The row is what another delete at the same time writes too: without that both would be taken. */
	ret->op_id = a->op_id;
	return shr__txn_update(t, &shr__orphan_def, ret, SHR__COL(orphan, op_id));
}

static int delete_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row o;
	int rc = shr__orphan_take(a, t, &o, reterr);

	if (rc < 0)
		return rc;
	if (strcmp(o.object, shr__flow_of_snapshots(a->flow) ? "snapshot" : "share") != 0)
		return shr__fail_do(reterr, SHR_EUNSUPPORTED, "use the version of the library that left it",
			"orphan %s is a %s, and this library does not know how that is deleted", o.id, o.object);
	a->share = (struct shr__share_row){ .id = a->object_id, .project = o.project, .name = "", .description = "", .zone = "",
		.op_id = "", .reason = "", .parent = "" };
	a->instance = (struct shr__instance_row){ .id = o.instance_id, .share_id = o.object_id, .backend = o.backend, .pool = o.pool,
		.ref = o.ref, .path = o.path, .source = "", .number_server = "" };
	shr__force_pack(&a->args, &o, "", o.bytes);
	shr__pack_str(&a->args, SHR__ARG_OBJECT, o.object_id);
	if (o.of_share[0])
		shr__pack_str(&a->args, SHR__ARG_OTHER, o.of_share);
	return 0;
}

/* Drivers and exporters know it by the id of the share that it was. */
static int delete_load(struct shr__work *w)
{
	const void *p;
	size_t n;
	int rc = shr__force_load(w);

	if (rc < 0 || !shr__pack_find(w->op.args.p, w->op.args.n, SHR__ARG_OBJECT, 0, &p, &n))
		return rc;
	w->share.id = w->instance.share_id = shr__arena_strndup(w->arena, p, n);
	return w->share.id ? 0 : SHR_ENOMEM;
}

static int delete_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__drift_forget(t, w->instance.id);

	return rc ? rc : shr__work_orphan_gone(w, t, reterr);
}

/* It stays, and says why it is still there. */
static int delete_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row orphan = { .id = w->instance.id };
	int rc;

	orphan.reason = w->error ? w->error->message : "the backend would not let go";
	rc = shr__txn_update(t, &shr__orphan_def, &orphan, SHR__COL(orphan, reason));
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

#define ORPHAN .version = 1, .flags = SHR__FLOW_ALONE | SHR__FLOW_OUTLIVES, .object = "orphan", .action = "orphan:delete", \
	.verb = "deleted", .to = SHR__GONE, .failed = SHR__GONE, .event_accepted = "orphan.deleting", .event_done = "orphan.deleted", \
	.event_failed = "orphan.delete_failed", .accept = delete_accept, .load = delete_load, .failure = delete_failed, .n_steps = 2, \
	.steps = { \
		{ "unexport", SHR__STEP_CANCELLABLE, shr__unexport_call, NULL, NULL, NULL }, \
		{ "remove", SHR__STEP_CANCELLABLE, shr__remove_call, delete_save, NULL, NULL }, \
	}

const struct shr__flow shr__flow_orphan_delete = { .kind = "orphan_delete", ORPHAN };
/* The same of what was a snapshot: it goes by the driver's table for those. */
const struct shr__flow shr__flow_orphan_delete_snapshot = { .kind = "orphan_delete_snapshot", .rows = &shr__snapshot_def, ORPHAN };

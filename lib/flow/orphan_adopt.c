/* lib/flow/orphan_adopt.c - what was left behind becomes a share again, with the files that are in it */
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "flow/drift.h"
#include "flow/flows.h"
#include "flow/numbers.h"

#define MOST_BYTES (INT64_C(1) << 62)

/* One that was left before numbers were wanted has none. It is the orphan's until the share has been made. */
static int number_for(struct shr__accept *a, struct shr__txn *t, struct shr__orphan_row *o, const struct shr_error **reterr)
{
	struct shr__backend_row backend = { .name = o->backend };
	int rc;

	if (o->export_number)
		return 0;
	rc = shr__txn_get(t, &shr__backend_def, &backend);
	if (rc < 0 || !backend.number_server[0])
		return rc == SHR_ENOTFOUND ? 0 : rc;
	o->number_server = backend.number_server;
	rc = shr__number_take(t, o->number_server, o->object_id, a->now_ns, a->env->config->number_rest_ms, &o->export_number,
		reterr);
	return rc < 0 ? rc : shr__txn_update(t, &shr__orphan_def, o,
		SHR__COL(orphan, export_number) | SHR__COL(orphan, number_server));
}

static int check(struct shr__accept *a, struct shr__txn *t, const struct shr__orphan_row *o, const struct shr_error **reterr)
{
	int rc;

	if (strcmp(o->object, "share") != 0)
		return shr__fail_do(reterr, SHR_EUNSUPPORTED, "delete it, or leave it",
			"orphan %s was a %s: only what was a share can be one again", o->id, o->object);
	a->pool.backend = o->backend;
	a->pool.name = o->pool;
	rc = shr__txn_get(t, &shr__pool_def, &a->pool);
	if (rc == SHR_ENOTFOUND)
		return shr__fail_do(reterr, SHR_ENOTFOUND, "put the pool into the configuration again",
			"pool %s/%s, where orphan %s lies, is not there any more", o->backend, o->pool, o->id);
	if (rc == 0 && (a->protocols & ~(uint64_t)a->pool.protocols))
		return shr__fail_field(reterr, SHR_EUNSUPPORTED, "protocols", "ask for those that the pool has, see its record",
			"pool %s/%s does not speak all of them", o->backend, o->pool);
	return rc;
}

static int found_one(struct shr__txn *t, const void *row, void *data)
{
	return 1;
}

/* The id may be that of a share before, of which operations that wait for their end are still there: they would go on with this
 * one. And what a create left that was cut off is without what its driver would have told. */
static int check_past(struct shr__accept *a, struct shr__txn *t, const struct shr__orphan_row *o, const struct shr_error **reterr)
{
	struct shr__hold_row from = { .object_id = a->object_id };
	int rc = shr__txn_scan(t, &shr__hold_def, 0, &from, 1, 1, 0, 1, found_one, NULL);

	if (rc > 0)
		return shr__fail_do(reterr, SHR_ESTATE, "try again in a moment",
			"operations of share %s, which orphan %s was, are still ending", a->object_id, o->id);
	if (rc == 0 && !o->ref[0] && !o->path[0])
		return shr__fail_do(reterr, SHR_ESTATE, "delete it", "orphan %s was never made to its end: it cannot be a share", o->id);
	return rc;
}

/* It is the same instance, so that the driver finds it by the names that it gave it; and its rules come behind those that it had:
 * a backend that leaves out what comes late would leave them out too. */
static int adopt_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row o;
	int rc = shr__orphan_take(a, t, &o, reterr);

	if (rc < 0 || (rc = check(a, t, &o, reterr)) < 0 || (rc = check_past(a, t, &o, reterr)) < 0 ||
		(rc = number_for(a, t, &o, reterr)) < 0)
		return rc;
	a->share = (struct shr__share_row){ .id = a->object_id, .version = 1, .project = a->for_project, .state = SHR_SHARE_MANAGING,
		.name = a->name, .description = a->description, .protocols = (int64_t)a->protocols, .zone = a->pool.zone,
		.created_ns = a->now_ns, .updated_ns = a->now_ns, .op_id = a->op_id, .reason = "", .parent = "",
		.generation = SHR__GENERATION };
	a->instance = (struct shr__instance_row){ .id = o.instance_id, .version = 1, .share_id = a->object_id,
		.state = SHR_SHARE_MANAGING, .backend = o.backend, .pool = o.pool, .ref = o.ref, .path = o.path, .source = "",
		.flags = o.flags, .generation = SHR__GENERATION, .export_number = o.export_number, .number_server = o.number_server,
		.access_base = o.access_told + 1 };
	shr__pack_int(&a->args, SHR__ARG_BYTES, o.bytes);
	return shr__txn_insert(t, &shr__instance_def, &a->instance);
}

/* Is it there, and how large? Who had access to what it was must not have it to what it becomes. */
static int look(struct shr__work *w)
{
	struct shr__told told;
	int64_t bytes = 0;
	int rc = shr__drift_call(w, SHR__VERB_LOOK, &told);

	if (rc)
		return rc;
	if (told.n_found)
		return shr__work_fail(w, SHR_ESTATE, "%s still has access on backend %s, and no rule would account for it: cut it off "
			"there", told.found[0].name, w->instance.backend);
	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_BYTES, &bytes);
	if (!w->told_bytes && bytes > 0) /* a driver that cannot look */
		w->told_bytes = (uint64_t)bytes;
	if (w->told_bytes == 0 || w->told_bytes > (uint64_t)MOST_BYTES)
		return shr__work_fail(w, SHR_EDRIVER, "backend %s told no usable size of it", w->instance.backend);
	w->share.bytes = (int64_t)w->told_bytes; /* for the exporter, and until the rows have it */
	return 0;
}

/* What the pool counts for the orphan it counts for the share from now on; the number goes along. */
static int take_over(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row o = { .id = w->instance.id };
	int rc = shr__txn_get(t, &shr__orphan_def, &o);

	if (rc < 0)
		return rc;
	rc = shr__account_pool(t, o.backend, o.pool, -o.bytes, INT64_MAX, reterr);
	if (rc == 0)
		rc = shr__number_give(t, o.number_server, o.export_number, o.object_id, w->share.id);
	return rc < 0 ? rc : shr__txn_remove(t, &shr__orphan_def, &o);
}

static int adopted(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc = shr__manage_publish(w, t, reterr);

	return rc < 0 ? rc : take_over(w, t, reterr);
}

/* An export that was left behind goes first, with the rules that it had. */
const struct shr__flow shr__flow_orphan_adopt = {
	.kind = "orphan_adopt", .version = 1, .flags = SHR__FLOW_NEW, .object = "share", .action = "orphan:adopt",
	.verb = "adopted", .during = SHR_SHARE_MANAGING, .to = SHR_SHARE_AVAILABLE, .failed = SHR__GONE,
	.hold_shared = SHR__LIFE, .hold_exclusive = SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE,
	.event_accepted = "share.adopting", .event_done = "share.adopted", .event_failed = "share.adopt_failed",
	.accept = adopt_accept, .failure = shr__manage_failed, .n_steps = 3,
	.steps = {
		{ "look", SHR__STEP_CANCELLABLE, look, NULL, NULL, NULL },
		{ "unexport", SHR__STEP_CANCELLABLE, shr__unexport_call, NULL, NULL, NULL },
		{ "export", SHR__STEP_CANCELLABLE, shr__export_call, adopted, shr__unexport_call, NULL },
	},
};

/* lib/flow/share_force_delete.c - out of the store whatever happens; what may be left on the backend is an orphan until it
 * is gone */
#include <string.h>

#include "base/fail.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/drift.h"
#include "flow/flows.h"

/* It lies on no backend, so that no engine would ever take the operation up: all of it goes here. */
static int forget_now(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	a->at_once = 1;
	do
		rc = shr__share_forget(t, shr__flow_rows(a->flow), &a->share, a->now_ns, reterr);
	while (rc == SHR_RUNNING);
	return rc;
}

void shr__force_pack(struct shr__buf *args, const struct shr__orphan_row *o, const char *share_name, int64_t bytes)
{
	shr__pack_int(args, SHR__ARG_FLAGS, o->flags);
	if (o->of_instance[0]) {
		shr__pack_str(args, SHR__ARG_OF, o->of_instance);
		shr__pack_str(args, SHR__ARG_OF_REF, o->of_ref);
	}
	shr__pack_str(args, SHR__ARG_INSTANCE, o->instance_id);
	shr__pack_str(args, SHR__ARG_POOL, o->pool);
	shr__pack_str(args, SHR__ARG_REF, o->ref);
	shr__pack_str(args, SHR__ARG_PATH, o->path);
	shr__pack_str(args, SHR__ARG_SHARE, share_name);
	shr__pack_int(args, SHR__ARG_BYTES, bytes);
	shr__pack_int(args, SHR__ARG_PROTOCOLS, o->protocols);
	if (o->export_number) {
		shr__pack_int(args, SHR__ARG_NUMBER, o->export_number);
		shr__pack_str(args, SHR__ARG_SERVER, o->number_server);
	}
}

/* There may be one already, of a create whose undo did not succeed: it is this operation's from now on. */
static int leave_orphan(struct shr__accept *a, struct shr__txn *t)
{
	struct shr__orphan_row orphan = shr__orphan_of(a->flow, &a->share, &a->instance, &a->others);
	int rc;

	orphan.reason = "force-deleted";
	orphan.op_id = a->op_id;
	orphan.created_ns = a->now_ns;
	shr__force_pack(&a->args, &orphan, a->share.name, a->instance.bytes);
	rc = shr__txn_insert_if_absent(t, &shr__orphan_def, &orphan);
	if (rc == 1)
		rc = shr__txn_update(t, &shr__orphan_def, &orphan, SHR__COL(orphan, reason) | SHR__COL(orphan, op_id));
	return rc;
}

/* The share goes now, and what runs on it can commit no more. Its rules may be many: they go in the operation's bites. The
 * project's quota is free at once, the pool's room when the backend has let go. */
int shr__force_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int64_t bytes = a->instance.bytes;
	int follows = a->share.snapshot_access == SHR_SNAPSHOT_ACCESS_SHARE;
	int of_snapshot = shr__flow_of_snapshots(a->flow);
	int rc = of_snapshot && ((uint64_t)a->pool.capabilities & SHR_CAP_CLONE_INDEPENDENT) ? 0 :
		shr__refuse_children(t, a->flow, &a->share, reterr);

	if (rc == 0)
		rc = shr__cut_off(a, t, 1, "it was force-deleted", reterr);
	if (rc < 0)
		return rc;
	if (!a->instance.id)
		return forget_now(a, t, reterr);
	if (bytes > 0 && (rc = shr__account_quota(t, a->env->config, a->share.project, of_snapshot ? 0 : -1, -bytes, reterr)) < 0)
		return rc;
	rc = shr__leave_parent(t, shr__flow_rows(a->flow), &a->share);
	if (rc < 0)
		return rc;
	if ((rc = leave_orphan(a, t)) < 0 || (rc = shr__txn_remove(t, &shr__instance_def, &a->instance)) < 0)
		return rc;
	if (of_snapshot && follows && (rc = shr__rules_sweep(t, a->share.parent, &a->instance, INT64_MAX)) < 0)
		return rc;
	return shr__txn_remove(t, shr__flow_rows(a->flow), &a->share);
}

static const char *text_arg(struct shr__work *w, uint16_t tag)
{
	const void *p;
	size_t n;

	if (!shr__pack_find(w->op.args.p, w->op.args.n, tag, 0, &p, &n))
		return "";
	return shr__arena_strndup(w->arena, p, n);
}

/* The share's instance as it was. */
static int load_of(struct shr__work *w)
{
	struct shr__instance_row *of = &w->others.other_instance;
	char *id = shr__arena_alloc(w->arena, SHR__UUID_ROOM);

	if (!id)
		return SHR_ENOMEM;
	shr__other_id(&w->op, id);
	w->others.other = (struct shr__share_row){ .id = id, .project = w->op.project, .name = "", .parent = "" };
	*of = (struct shr__instance_row){ .id = text_arg(w, SHR__ARG_OF), .share_id = id, .backend = w->op.backend,
		.pool = w->instance.pool, .ref = text_arg(w, SHR__ARG_OF_REF), .path = "", .source = "" };
	if (!of->id || !of->ref)
		return SHR_ENOMEM;
	of->id = of->id[0] ? of->id : NULL;
	return 0;
}

int shr__force_load(struct shr__work *w)
{
	struct shr__share_row *s = &w->share;
	struct shr__instance_row *i = &w->instance;

	s->id = w->op.object_id;
	s->project = w->op.project;
	s->name = text_arg(w, SHR__ARG_SHARE);
	i->id = text_arg(w, SHR__ARG_INSTANCE);
	i->share_id = w->op.object_id;
	i->backend = w->op.backend;
	i->pool = text_arg(w, SHR__ARG_POOL);
	i->ref = text_arg(w, SHR__ARG_REF);
	i->path = text_arg(w, SHR__ARG_PATH);
	i->source = "";
	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_BYTES, &i->bytes);
	s->bytes = i->bytes;
	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_FLAGS, &i->flags);
	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_PROTOCOLS, &s->protocols);
	shr__pack_find_int(w->op.args.p, w->op.args.n, SHR__ARG_NUMBER, &i->export_number);
	i->number_server = text_arg(w, SHR__ARG_SERVER);
	if (!s->name || !i->id || !i->pool || !i->ref || !i->path || !i->number_server)
		return SHR_ENOMEM;
	return shr__flow_of_snapshots(w->flow) ? load_of(w) : 0;
}

/* Best effort: what is refused for good stays behind as the orphan, with the reason. */
static int best_effort(struct shr__work *w, int rc)
{
	if (rc >= 0 || shr__code_retryable(rc))
		return rc;
	w->leftover = 1;
	return 0;
}

int shr__force_unexport(struct shr__work *w)
{
	return best_effort(w, shr__unexport_call(w));
}

int shr__force_remove(struct shr__work *w)
{
	return best_effort(w, shr__remove_call(w));
}

int shr__force_tidy(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row orphan = { .id = w->instance.id };
	struct shr__share_row share = w->share;
	int rc;

	share.access_revision = share.n_metadata = share.n_locks = 1; /* look for rows of all kinds */
	share.parent = ""; /* which the accept has counted down */
	rc = shr__instance_forget(t, w->instance.id);
	if (rc == 0)
		rc = shr__drift_forget(t, w->instance.id);
	if (rc == 0)
		rc = shr__share_forget(t, shr__flow_rows(w->flow), &share, w->wall_ns, reterr);
	if (rc != 0 && rc != SHR_ENOTFOUND)
		return rc;
	if (!w->leftover)
		return shr__work_orphan_gone(w, t, reterr);
	orphan.reason = w->error ? w->error->message : "the backend would not let go";
	rc = shr__txn_update(t, &shr__orphan_def, &orphan, SHR__COL(orphan, reason));
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

/* The backend put it off too often: the rows go all the same, and the orphan says why it is there. */
int shr__force_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	w->leftover = 1;
	return shr__force_tidy(w, t, reterr);
}

const struct shr__flow shr__flow_share_force_delete = {
	.kind = "share_force_delete", .version = 1, .flags = SHR__FLOW_PREEMPTS | SHR__FLOW_OUTLIVES, .object = "share",
	.action = "share:force_delete", .verb = "force-deleted", .from = UINT64_MAX, .to = SHR__GONE, .failed = SHR__GONE,
	.event_accepted = "share.force_deleted", .event_done = "share.force_delete_done",
	.event_failed = "share.force_delete_failed", .accept = shr__force_accept, .load = shr__force_load, .failure = shr__force_failed,
	.n_steps = 2,
	.steps = {
		{ "unexport", 0, shr__force_unexport, NULL, NULL, NULL },
		{ "remove", 0, shr__force_remove, shr__force_tidy, NULL, NULL },
	},
};

/* lib/api/delete_check.c - what stands in the way of deleting something, and how to free it */
#include <stdio.h>
#include <string.h>

#include "api/actions.h"
#include "api/share_facts.h"
#include "base/fail.h"
#include "flow/flows.h"
#include "libshare/snapshot.h"

/* As many of a kind are named. */
#define MOST_NAMED 100

struct check {
	const char *id;
	const struct shr__rowdef *rows;
	struct shr__share_row row;
	struct shr__faults faults;
};

static int add_lock(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__lock_row *lock = row;
	struct check *c = data;

	shr__faults_add_object(&c->faults, SHR_ELOCKED, "lock", lock->object, lock->object_id, "ask the holder to let go",
		"%s holds it%s%s", lock->holder, lock->reason[0] ? ": " : "", lock->reason);
	return 0;
}

static int add_child(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__share_row *child = row;
	struct check *c = data;
	const char *object = c->rows == &shr__share_def ? "snapshot" : "share";

	shr__faults_add_object(&c->faults, SHR_ESTATE, object, object, child->id, "delete it first", "%s \"%s\" depends on it", object,
		child->name);
	return 0;
}

/* Its own operations are asked to end by a delete, or waited for; those of other objects that need it are not. */
static int add_user(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__hold_row *hold = row;
	struct check *c = data;
	struct shr__op_row op;
	int rc;

	memset(&op, 0, sizeof op);
	op.id = hold->op_id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	if (strcmp(op.object_id, c->id) != 0)
		shr__faults_add_object(&c->faults, SHR_ESTATE, "operation", op.object, op.object_id,
			"wait for that operation, or cancel it",
			"%s %s is under way on %s %s", op.kind, op.id, op.object, op.object_id);
	return 0;
}

static int find_pool(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__instance_row *instance = row;
	struct shr__pool_row *pool = data;
	int rc;

	pool->backend = instance->backend;
	pool->name = instance->pool;
	rc = shr__txn_get(t, &shr__pool_def, pool);
	return rc == SHR_ENOTFOUND ? 1 : rc < 0 ? rc : 1;
}

/* Shares that were made from a snapshot may not need it any more. */
static int children_matter(struct check *c, struct shr__txn *t)
{
	struct shr__instance_row from = { .share_id = c->id };
	struct shr__pool_row pool = { 0 };
	int rc;

	if (!c->row.n_children || c->rows == &shr__share_def)
		return c->row.n_children != 0;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, 1, find_pool, &pool);
	return rc < 0 ? rc : !((uint64_t)pool.capabilities & SHR_CAP_CLONE_INDEPENDENT);
}

static void check_state(struct check *c)
{
	const struct shr__flow *flow = c->rows == &shr__share_def ? &shr__flow_share_delete : &shr__flow_snapshot_delete;

	if (c->row.state < 0 || c->row.state > 62 || !(flow->from >> c->row.state & 1))
		shr__faults_add_object(&c->faults, SHR_ESTATE, "state", flow->object, c->id,
			c->row.op_id[0] ? "wait for its operation" : "", "it is %s", shr_share_state_name((uint32_t)c->row.state));
}

static int check_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct check *c = data;
	struct shr__lock_row locks = { .object_id = c->id };
	struct shr__share_row children = { .parent = c->id };
	struct shr__hold_row holds = { .object_id = c->id };
	int rc, of_share;

	shr__faults_clear(&c->faults);
	memset(&c->row, 0, sizeof c->row);
	rc = shr__object_find(t, c->id, &c->row, &c->rows, reterr);
	if (rc < 0)
		return rc;
	check_state(c);
	if (c->row.n_locks && (rc = shr__txn_scan(t, &shr__lock_def, 0, &locks, 1, 1, 0, MOST_NAMED, add_lock, c)) < 0)
		return rc;
	of_share = c->rows == &shr__share_def;
	if ((rc = children_matter(c, t)) < 0)
		return rc;
	if (rc)
		rc = of_share ?
			shr__txn_scan(t, &shr__snapshot_def, SHR__I_snapshot_by_parent, &children, 1, 1, 0, MOST_NAMED, add_child, c) :
			shr__txn_scan(t, &shr__share_def, SHR__I_share_by_parent, &children, 1, 1, 0, MOST_NAMED, add_child, c);
	if (rc >= 0)
		rc = shr__txn_scan(t, &shr__hold_def, 0, &holds, 1, 1, 0, MOST_NAMED, add_user, c);
	return rc < 0 ? rc : 0;
}

static int answer(struct check *c, const struct shr_error **ret_why, const struct shr_error **reterr)
{
	const char *noun = c->rows == &shr__share_def ? "share" : "snapshot";
	int code;

	if (c->faults.nomem)
		return shr__fail_nomem(reterr);
	if (!c->faults.n)
		return 0;
	code = c->faults.items[0]->code;
	shr__faults_fail(&c->faults, ret_why, code, "%s %s cannot be deleted now: %u things are in the way", noun, c->id, c->faults.n);
	return 0;
}

int shr_delete_check(struct shr_session *session, const char *object_id, const struct shr_error **ret_why,
	const struct shr_error **reterr)
{
	struct check c = { .id = object_id };
	const struct shr_error *why = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_why, "ret_why", reterr);
	if (!rc)
		rc = shr__id_check(object_id, "object_id", reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? shr__db_read(session->ctx->env.db, arena, check_body, &c, reterr) : shr__fail_nomem(reterr);
	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_DELETE_CHECK, c.rows == &shr__share_def ? "share" : "snapshot", c.row.project,
			object_id, reterr);
	if (!rc)
		rc = answer(&c, &why, reterr);
	shr__faults_clear(&c.faults);
	shr__arena_free(arena);
	if (!rc)
		*ret_why = why;
	return rc;
}

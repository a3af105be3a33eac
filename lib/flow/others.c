/* lib/flow/others.c - the second object of an operation: the share of a snapshot, the snapshot that a share is made of */
#include <string.h>

#include "flow/accept.h"

static int take_instance(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__instance_row *)data = *(const struct shr__instance_row *)row;
	return 1;
}

/* One without an instance is whole all the same: it was never made. */
static int read_with_instance(struct shr__txn *t, const struct shr__rowdef *rows, const char *id, struct shr__share_row *ret,
	struct shr__instance_row *ret_instance)
{
	struct shr__instance_row from = { .share_id = id };
	int rc;

	ret->id = id;
	rc = shr__txn_get(t, rows, ret);
	if (rc < 0)
		return rc;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, 1, take_instance, ret_instance);
	return rc < 0 ? rc : 0;
}

int shr__others_read(struct shr__txn *t, const struct shr__flow *flow, const char *other_id, struct shr__others *ret)
{
	int rc;

	memset(ret, 0, sizeof *ret);
	rc = read_with_instance(t, flow->other_rows, other_id, &ret->other, &ret->other_instance);
	if (rc < 0 || flow->other_rows != &shr__snapshot_def)
		return rc;
	return read_with_instance(t, &shr__share_def, ret->other.parent, &ret->origin, &ret->origin_instance);
}

static int copy(const struct shr__rowdef *def, const void *from, void *to, struct shr__arena *arena)
{
	/* The id is the first column of both, and tells whether there is a row at all. */
	return *(const char *const *)from ? shr__row_copy(def, from, to, arena) : 0;
}

int shr__others_copy(const struct shr__others *from, struct shr__others *ret, struct shr__arena *arena)
{
	struct shr__others to = { 0 };

	if (copy(&shr__share_def, &from->other, &to.other, arena) < 0 || copy(&shr__share_def, &from->origin, &to.origin, arena) < 0 ||
		copy(&shr__instance_def, &from->other_instance, &to.other_instance, arena) < 0 ||
		copy(&shr__instance_def, &from->origin_instance, &to.origin_instance, arena) < 0)
		return SHR_ENOMEM;
	*ret = to;
	return 0;
}

void shr__other_id(const struct shr__op_row *op, char buf[SHR__UUID_ROOM])
{
	const void *p;
	size_t n;

	buf[0] = '\0';
	if (!shr__pack_find(op->args.p, op->args.n, SHR__ARG_OTHER, 0, &p, &n) || n >= SHR__UUID_ROOM)
		return;
	memcpy(buf, p, n);
	buf[n] = '\0';
}

static int drop(struct shr__txn *t, const char *object_id, const char *op_id)
{
	struct shr__hold_row hold = { .object_id = object_id, .op_id = op_id };
	int rc = shr__txn_remove(t, &shr__hold_def, &hold);

	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__holds_drop(struct shr__txn *t, const struct shr__op_row *op)
{
	char other[SHR__UUID_ROOM];
	int rc = drop(t, op->object_id, op->id);

	if (rc < 0 || !op->args.n)
		return rc;
	shr__other_id(op, other);
	return other[0] ? drop(t, other, op->id) : 0;
}

int shr__parent_count(struct shr__txn *t, const struct shr__rowdef *rows, const char *id, int more, int follows)
{
	struct shr__share_row parent = { .id = id };
	int rc = shr__txn_get(t, rows, &parent);

	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	parent.n_children += more;
	parent.n_followers += follows;
	return shr__txn_update(t, rows, &parent, SHR__COL(share, n_children) | SHR__COL(share, n_followers));
}

int64_t shr__pool_holds(const struct shr__instance_row *instance, int64_t bytes)
{
	int64_t readonly_share = (instance->flags & (SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT)) == SHR_INSTANCE_READONLY;

	return readonly_share ? 0 : bytes;
}

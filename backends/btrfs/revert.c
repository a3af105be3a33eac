/* backends/btrfs/revert.c - what is made of a snapshot: the share's head again, or the head of another share */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "btrfs.h"

/* ---- revert ---- */

struct reverting {
	int snap, box, readonly;
	uint64_t group;
	struct { /* the head of before */
		int fd;
		uint64_t id;
	} old;
};

static int make_next(const void *what)
{
	const struct reverting *r = what;

	return btrfs_snap(r->snap, r->box, BTRFS_NEXT, r->readonly, r->group);
}

static int exchange(const void *what)
{
	const struct reverting *r = what;

	return renameat2(r->box, BTRFS_NEXT, r->box, BTRFS_HEAD, RENAME_EXCHANGE);
}

static int delete_old(const void *what)
{
	const struct reverting *r = what;

	return btrfs_delete(r->old.fd, r->old.id);
}

/* With the old head all that lies in it would go, also what its snapshots never had. */
static int may_go(const struct btrfs_at *at, const char *of_id, int head, uint64_t *ret_id)
{
	uint64_t child;
	int have = btrfs_id(head, ret_id) < 0 ? -1 : btrfs_next_child(at->fd, *ret_id, 0, &child), mounts;

	if (have < 0)
		return btrfs_fail(at, of_id);
	if (have > 0)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%s/" BTRFS_HEAD " has the subvolume %llu in it, which no "
			"snapshot of the share holds: move it away, or delete it", at->pool->path, of_id, (unsigned long long)child);
	mounts = btrfs_has_mounts(head);
	if (mounts > 0)
		errno = EXDEV;
	return mounts ? btrfs_fail(at, of_id) : 0;
}

/*
 * What a killed call left under the name "next" is a copy that never became the head, or the head that was replaced: either is of
 * no use any more, so that the call begins anew. The new head is in the group, under the limit, before it is one.
 */
static int put_back(const struct btrfs_at *at, const struct btrfs_facts *facts, const struct reverting *r)
{
	return btrfs_snap_delete(at, facts, r->box, BTRFS_NEXT) < 0 || btrfs_act(at, facts, make_next, r) < 0 ||
		btrfs_act(at, facts, exchange, r) < 0 || btrfs_act(at, facts, delete_old, r) < 0 ||
		btrfs_no_more(at, facts) < 0 || btrfs_flush(at->fd) < 0 ? -1 : 0;
}

static int revert_in(const struct btrfs_at *at, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct reverting r = { -1, -1, of->flags & SHR_INSTANCE_READONLY ? 1 : 0, 0, { at->fd, 0 } };
	struct btrfs_facts facts;
	int fds[2], code = btrfs_share_open(at, of->id, &facts, fds);

	if (code)
		return code;
	r.box = fds[0];
	r.group = at->be->quota == BTRFS_QUOTA_NONE ? 0 : BTRFS_GROUP(facts.box);
	code = btrfs_snap_open(at, of->id, snap->id, &r.snap);
	if (code == 0) {
		code = may_go(at, of->id, fds[1], &r.old.id);
		close(fds[1]);
		fds[1] = -1;
		if (code == 0 && put_back(at, &facts, &r) < 0)
			code = btrfs_fail(at, of->id);
		close(r.snap);
	}
	if (fds[1] >= 0)
		close(fds[1]);
	close(fds[0]);
	return code ? code : btrfs_tell(at, of->id, 1);
}

int btrfs_revert(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code = btrfs_snap_enter(be, call, of->pool, snap->id, &at);

	if (code)
		return code;
	code = revert_in(&at, of, snap);
	btrfs_leave(&at);
	return code;
}

/* ---- clone ---- */

static int goes_on(void *data)
{
	const struct btrfs_at *at = data;

	return !at->be->host->cancelled(at->call);
}

/* Simple quotas count what was written where it was written. Full ones count it in both. */
static int inherits(const struct btrfs_at *at, struct btrfs_from *from)
{
	struct btrfs_at mine = *at;
	uint64_t id;

	if (at->be->quota != BTRFS_QUOTA_SIMPLE || from->readonly)
		return 0;
	return btrfs_id(from->fd, &id) < 0 || btrfs_sum(at->fd, id, goes_on, &mine, &from->inherited) < 0 ? btrfs_fail(at, "") : 0;
}

static int is_whole(const struct btrfs_at *at, const char *id)
{
	struct btrfs_facts facts;
	int fd = -1, whole = btrfs_facts_get(at, id, &facts) == 1 && btrfs_box_find(at, id, &facts, &fd) == BTRFS_BOX_WHOLE;

	if (fd >= 0)
		close(fd);
	return whole;
}

/* The snapshot lies in the pool SOURCE, and is not asked for any more when the clone is whole. */
static int clone_in(const struct btrfs_at *source, const struct btrfs_at *at, const struct shr_instance *of,
	const struct shr_instance *snap, const struct shr_instance *to)
{
	struct btrfs_from from = { -1, to->flags & SHR_INSTANCE_READONLY ? 1 : 0, 0 };
	int code;

	if (is_whole(at, to->id))
		return btrfs_create_in(at, to, NULL);
	if (memcmp(source->pool->fsid, at->pool->fsid, BTRFS_FSID) != 0)
		return shr_failf(at->be->host, at->call, SHR_EUNSUPPORTED, "pools %.100s and %.100s are on two file systems: what lies on "
			"one cannot be a clone on the other", source->pool->name, at->pool->name);
	code = btrfs_snap_open(source, of->id, snap->id, &from.fd);
	if (code)
		return code;
	code = inherits(at, &from);
	if (code == 0)
		code = btrfs_create_in(at, to, &from);
	close(from.fd);
	if (code == 0 && at->be->quota == BTRFS_QUOTA_FULL && btrfs_recount(at->fd) < 0)
		code = btrfs_fail(at, to->id);
	return code;
}

int btrfs_clone(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to)
{
	const struct btrfs_be *be = p;
	struct btrfs_at source, at;
	int code = plug_id_ok(to->id) ? btrfs_enter(be, call, snap->pool, &source) : btrfs_fail_id(be, call, to->id);

	if (code)
		return code;
	code = btrfs_enter(be, call, to->pool, &at);
	if (code == 0) {
		code = clone_in(&source, &at, of, snap, to);
		if (code == 0)
			code = btrfs_tell(&at, to->id, 1);
		btrfs_leave(&at);
	}
	btrfs_leave(&source);
	return code;
}

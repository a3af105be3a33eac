/* backends/btrfs/snaps.c - snapshots: read-only subvolumes beside the head that they were cut from */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "btrfs.h"

#define REF_ROOM (2 * PLUG_ID_ROOM + sizeof BTRFS_SNAP) /* SHARE/snap-ID */

void btrfs_snap_name(const char *id, char ret[BTRFS_NAME_ROOM])
{
	snprintf(ret, BTRFS_NAME_ROOM, BTRFS_SNAP "%.36s", id);
}

static int absent(const struct btrfs_at *at, const char *of_id, const char *id)
{
	return shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s/%s has no snapshot %.64s", at->pool->path, of_id, id);
}

int btrfs_snap_enter(const struct btrfs_be *be, const struct shr_call *call, const char *pool, const char *id,
	struct btrfs_at *ret)
{
	return plug_id_ok(id) ? btrfs_enter(be, call, pool, ret) : btrfs_fail_id(be, call, id);
}

int btrfs_snap_box(const struct btrfs_at *at, const char *of_id, struct btrfs_facts *facts, int *ret_fd)
{
	int have = plug_id_ok(of_id) ? btrfs_facts_need(at, of_id, facts) : btrfs_fail_id(at->be, at->call, of_id), where;

	if (have <= 0)
		return have;
	where = btrfs_box_find(at, of_id, facts, ret_fd);
	if (where < 0)
		return btrfs_fail(at, of_id);
	if (where == BTRFS_BOX_NEW)
		close(*ret_fd);
	return where == BTRFS_BOX_WHOLE;
}

int btrfs_snap_open(const struct btrfs_at *at, const char *of_id, const char *id, int *ret_fd)
{
	char name[BTRFS_NAME_ROOM];
	struct btrfs_facts facts;
	int box, code;

	if (!plug_id_ok(id))
		return btrfs_fail_id(at->be, at->call, id);
	code = btrfs_snap_box(at, of_id, &facts, &box);
	if (code <= 0)
		return code < 0 ? code : absent(at, of_id, id);
	btrfs_snap_name(id, name);
	*ret_fd = btrfs_open_subvolume(box, name);
	if (*ret_fd < 0)
		code = errno == ENOENT ? absent(at, of_id, id) : btrfs_fail(at, of_id);
	close(box);
	return code < 0 ? code : 0;
}

static int tell_path(const struct btrfs_at *at, const char *id, const char *ref)
{
	int n = (int)strlen(at->pool->path);
	char whole[PLUG_PATH_ROOM + REF_ROOM];

	while (n > 0 && at->pool->path[n - 1] == '/')
		n--;
	snprintf(whole, sizeof whole, "%.*s/%s", n, at->pool->path, ref);
	at->be->host->set_path(at->call, id, whole);
	return 0;
}

/* The file system itself knows when it was cut. */
int btrfs_snap_tell(const struct btrfs_at *at, const char *of_id, const char *id, int fd)
{
	char ref[REF_ROOM];
	uint64_t born;

	if (btrfs_born(fd, &born) < 0)
		return btrfs_fail(at, of_id);
	snprintf(ref, sizeof ref, "%.36s/" BTRFS_SNAP "%.36s", of_id, id);
	at->be->host->set_number(at->call, id, SHR_NUMBER_CUT, born);
	at->be->host->set_ref(at->call, id, ref);
	return tell_path(at, id, ref);
}

/* The share is not told with this call: the ref has it. */
int btrfs_snap_attach(const struct btrfs_at *at, const struct shr_instance *snap)
{
	char ref[REF_ROOM], of_id[PLUG_ID_ROOM];
	int fd = -1, code;

	snprintf(of_id, sizeof of_id, "%.36s", snap->ref);
	snprintf(ref, sizeof ref, "%s/" BTRFS_SNAP "%.36s", of_id, snap->id);
	if (strcmp(ref, snap->ref) != 0)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "ref \"%.255s\" is none of a snapshot %.64s", snap->ref, snap->id);
	code = btrfs_snap_open(at, of_id, snap->id, &fd);
	if (code)
		return code;
	close(fd);
	return tell_path(at, snap->id, ref);
}

/* ---- create ---- */

struct cutting {
	int head, box;
	const char *name;
	uint64_t group;
};

static int cut(const void *what)
{
	const struct cutting *c = what;

	return btrfs_snap(c->head, c->box, c->name, 1, c->group);
}

static int create_in(const struct btrfs_at *at, const char *of_id, const char *id)
{
	char name[BTRFS_NAME_ROOM];
	struct cutting c = { -1, -1, name, 0 };
	struct btrfs_facts facts;
	int fds[2], fd, code = btrfs_share_open(at, of_id, &facts, fds);

	if (code)
		return code;
	btrfs_snap_name(id, name);
	c.head = fds[1];
	c.box = fds[0];
	c.group = at->be->quota == BTRFS_QUOTA_NONE ? 0 : BTRFS_GROUP(facts.box);
	fd = btrfs_open_subvolume(c.box, name);
	if (fd < 0 && errno == ENOENT && btrfs_act(at, &facts, cut, &c) == 0)
		fd = btrfs_open_subvolume(c.box, name);
	code = fd < 0 || btrfs_no_more(at, &facts) < 0 ? btrfs_fail(at, of_id) : btrfs_snap_tell(at, of_id, id, fd);
	if (fd >= 0)
		close(fd);
	close(fds[0]);
	close(fds[1]);
	return code;
}

static int create(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code = btrfs_snap_enter(be, call, snap->pool, snap->id, &at);

	if (code)
		return code;
	code = create_in(&at, of->id, snap->id);
	btrfs_leave(&at);
	return code;
}

/* ---- remove ---- */

struct deleting {
	int fd;
	uint64_t id;
};

static int delete(const void *what)
{
	const struct deleting *d = what;

	return btrfs_delete(d->fd, d->id);
}

int btrfs_snap_delete(const struct btrfs_at *at, const struct btrfs_facts *facts, int box, const char *name)
{
	struct deleting d = { at->fd, 0 };
	int fd = btrfs_open_subvolume(box, name), bad;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	bad = btrfs_has_mounts(fd);
	if (bad > 0)
		errno = EXDEV;
	bad = bad || btrfs_id(fd, &d.id) < 0;
	close(fd);
	return bad ? -1 : btrfs_act(at, facts, delete, &d);
}

static int remove_in(const struct btrfs_at *at, const char *of_id, const char *id)
{
	char name[BTRFS_NAME_ROOM], path[sizeof name + PLUG_ID_ROOM];
	struct btrfs_facts facts;
	int box, code = btrfs_snap_box(at, of_id, &facts, &box);

	if (code <= 0)
		return code; /* with its container it is gone, too */
	btrfs_snap_name(id, name);
	snprintf(path, sizeof path, "%.36s/%s", of_id, name);
	code = btrfs_snap_delete(at, &facts, box, name) < 0 || btrfs_snap_forget(at, &facts, box, name) < 0 ||
		btrfs_no_more(at, &facts) < 0 || btrfs_flush(at->fd) < 0 ? btrfs_fail(at, path) : 0;
	close(box);
	return code;
}

static int remove_it(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code = btrfs_snap_enter(be, call, snap->pool, snap->id, &at);

	if (code)
		return code;
	code = remove_in(&at, of->id, snap->id);
	btrfs_leave(&at);
	return code;
}

/* ---- look ---- */

static int look(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	struct shr_rules *all)
{
	const struct btrfs_be *be = p;
	char ref[REF_ROOM];
	struct btrfs_at at;
	int fd = -1, code = btrfs_enter(be, call, snap->pool, &at);

	(void)all;
	if (code)
		return code;
	code = btrfs_snap_open(&at, of->id, snap->id, &fd);
	if (code == 0) {
		if (btrfs_is_readonly(fd) == 1) {
			snprintf(ref, sizeof ref, "%.36s/" BTRFS_SNAP "%.36s", of->id, snap->id);
			code = tell_path(&at, snap->id, ref);
		} else {
			code = shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%s/" BTRFS_SNAP "%s is not read-only any more, and so no "
				"snapshot", at.pool->path, of->id, snap->id);
		}
		close(fd);
	}
	btrfs_leave(&at);
	return code;
}

const struct shr_driver_snapshot btrfs_snapshot = {
	.size = sizeof btrfs_snapshot,
	.create = create,
	.remove = remove_it,
	.revert = btrfs_revert,
	.clone = btrfs_clone,
	.manage = btrfs_snap_manage,
	.unmanage = btrfs_snap_unmanage,
	.look = look,
};

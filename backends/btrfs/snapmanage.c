/* backends/btrfs/snapmanage.c - a read-only subvolume that is there becomes a snapshot of a share; and goes back to where it was */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "btrfs.h"

/*
 * Where a snapshot goes back to stands in an attribute of its container, and so goes with it. It is written before the snapshot
 * moves, either way, and taken away when nothing is left to do.
 */
#define BEFORE "user.libshare."

struct moving {
	const struct btrfs_at *at;
	int box;
	char name[BTRFS_NAME_ROOM]; /* in the box */
	char path[PLUG_PATH_ROOM];  /* in the pool */
	int fd;                     /* the snapshot's, while it moves */
};

static void attribute(const char *name, char ret[sizeof BEFORE + BTRFS_NAME_ROOM])
{
	snprintf(ret, sizeof BEFORE + BTRFS_NAME_ROOM, BEFORE "%s", name);
}

/* 1: it has a place to go back to, in m->path; 0; -1: errno. */
static int get_place(struct moving *m)
{
	char key[sizeof BEFORE + BTRFS_NAME_ROOM], text[PLUG_PATH_ROOM];
	ssize_t n;

	attribute(m->name, key);
	n = fgetxattr(m->box, key, text, sizeof text - 1);
	if (n < 0)
		return errno == ENODATA ? 0 : -1;
	text[n] = '\0';
	if (strlen(text) == (size_t)n && !plug_path_clean(text, m->path))
		return 1;
	errno = EBADMSG;
	return -1;
}

static int put_place(const void *what)
{
	char key[sizeof BEFORE + BTRFS_NAME_ROOM];
	const struct moving *m = what;

	attribute(m->name, key);
	return fsetxattr(m->box, key, m->path, strlen(m->path), 0);
}

static int drop_place(const void *what)
{
	char key[sizeof BEFORE + BTRFS_NAME_ROOM];
	const struct moving *m = what;

	attribute(m->name, key);
	return fremovexattr(m->box, key) < 0 && errno != ENODATA ? -1 : 0;
}

int btrfs_snap_forget(const struct btrfs_at *at, const struct btrfs_facts *facts, int box, const char *name)
{
	struct moving m = { .at = at, .box = box };

	snprintf(m.name, sizeof m.name, "%s", name);
	return get_place(&m) == 0 ? 0 : btrfs_act(at, facts, drop_place, &m);
}

/* A directory that moves into another one must be writable, for its ".." changes. */
static int move(const struct moving *m, int out)
{
	const char *name;
	int above = btrfs_open_above(m->at, m->path, &name), bad, why;

	if (above < 0)
		return -1;
	bad = btrfs_set_readonly(m->fd, 0) < 0 || (out ? renameat2(m->box, m->name, above, name, RENAME_NOREPLACE) :
		renameat2(above, name, m->box, m->name, RENAME_NOREPLACE)) < 0;
	why = errno;
	close(above);
	if (btrfs_set_readonly(m->fd, 1) < 0)
		return -1;
	errno = why;
	return bad ? -1 : 0;
}

static int move_in(const void *what)
{
	return move(what, 0);
}

static int move_out(const void *what)
{
	return move(what, 1);
}

/* ---- manage ---- */

/* In a container only what people have put there can be taken, and only in that of its own share. */
static int check_source(const struct btrfs_at *at, const char *of_id, const char *path)
{
	struct btrfs_facts facts;
	const char *rest = path;
	char first[256], second[256] = "";
	int fd, code, mine;

	if (plug_path_next(&rest, first) > 0 && plug_id_ok(first) && btrfs_facts_get(at, first, &facts) != 0) {
		mine = strcmp(first, of_id) == 0 && plug_path_next(&rest, second) > 0;
		if (!mine)
			return btrfs_refuse(at, path, "is a share, or lies in another one");
		if (strcmp(second, BTRFS_HEAD) == 0 || strcmp(second, BTRFS_NEXT) == 0 ||
		    (strncmp(second, BTRFS_SNAP, strlen(BTRFS_SNAP)) == 0 && plug_id_ok(second + strlen(BTRFS_SNAP))))
			return btrfs_refuse(at, path, "is a part of the share already");
	}
	fd = btrfs_open_below(at->fd, path);
	if (fd < 0 && errno == ENOENT)
		return shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such subvolume", at->pool->path, path);
	if (fd < 0)
		return btrfs_fail(at, path);
	code = btrfs_source_ok(at, path, fd, 1);
	close(fd);
	return code;
}

/* Into the group first: what it holds is never without a limit. */
static int take_over(const struct btrfs_at *at, const struct btrfs_facts *facts, struct moving *m)
{
	uint64_t id;
	int bad;

	m->fd = btrfs_open_below(at->fd, m->path);
	if (m->fd < 0)
		return -1;
	bad = btrfs_id(m->fd, &id) < 0 || btrfs_act(at, facts, put_place, m) < 0 ||
		(at->be->quota != BTRFS_QUOTA_NONE && btrfs_group_take(at->fd, id, facts->box) < 0) ||
		btrfs_act(at, facts, move_in, m) < 0 || btrfs_no_more(at, facts) < 0 || btrfs_flush(at->fd) < 0;
	close(m->fd);
	return bad ? -1 : 0;
}

/* 1: a call that was killed has begun to take PATH over. */
static int is_begun(const struct moving *m, const char *path)
{
	struct moving has = *m;

	return get_place(&has) > 0 && strcmp(has.path, path) == 0;
}

/* One that is there was taken over already, or the store alone has forgotten it. *RET_FD: it. */
static int bring(const struct btrfs_at *at, const struct shr_instance *of, const struct btrfs_facts *facts, struct moving *m,
	const char *source, const char *wrong, int *ret_fd)
{
	int fd = btrfs_open_subvolume(m->box, m->name), code = 0, begun;

	if (fd < 0 && wrong)
		return btrfs_refuse(at, source, wrong);
	begun = !wrong && is_begun(m, m->path);
	if (fd < 0) {
		code = begun ? 0 : check_source(at, of->id, m->path);
		if (code == 0 && take_over(at, facts, m) < 0)
			code = errno != ENOENT ? btrfs_fail(at, m->path) : shr_failf(at->be->host, at->call, SHR_ENOTFOUND,
				"%.200s/%.200s: there is no such subvolume", at->pool->path, m->path);
		fd = code ? -1 : btrfs_open_subvolume(m->box, m->name);
	} else if (begun && btrfs_set_readonly(fd, 1) < 0) {
		code = btrfs_fail(at, m->path);
	}
	*ret_fd = fd;
	return code || fd >= 0 ? code : btrfs_fail(at, of->id);
}

static int manage_in(const struct btrfs_at *at, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct moving m = { .at = at, .fd = -1 };
	struct btrfs_facts facts;
	const char *wrong = plug_path_below(at->pool->path, snap->source, "does not lie below its pool", m.path);
	int fds[2], fd = -1, code = btrfs_share_open(at, of->id, &facts, fds);

	if (code)
		return code;
	m.box = fds[0];
	btrfs_snap_name(snap->id, m.name);
	code = bring(at, of, &facts, &m, snap->source, wrong, &fd);
	if (code == 0)
		code = btrfs_snap_tell(at, of->id, snap->id, fd);
	if (fd >= 0)
		close(fd);
	close(fds[0]);
	close(fds[1]);
	return code;
}

int btrfs_snap_manage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code = btrfs_snap_enter(be, call, snap->pool, snap->id, &at);

	if (code)
		return code;
	code = manage_in(&at, of, snap);
	btrfs_leave(&at);
	return code;
}

/* ---- unmanage ---- */

/* Read-only as it was, and out of the group, unless it goes back to a place in the container. */
static int settle(const struct btrfs_at *at, const struct btrfs_facts *facts, const char *of_id, const char *path)
{
	int fd = btrfs_open_below(at->fd, path), bad;
	uint64_t id;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1; /* it was taken away since */
	bad = btrfs_is_subvolume(fd) && btrfs_set_readonly(fd, 1) < 0;
	if (!bad && at->be->quota != BTRFS_QUOTA_NONE && (strncmp(path, of_id, 36) != 0 || path[36] != '/'))
		bad = btrfs_id(fd, &id) < 0 || btrfs_group_leave(at->fd, id, BTRFS_GROUP(facts->box)) < 0;
	close(fd);
	return bad ? -1 : 0;
}

static int let_go(const struct btrfs_at *at, const struct btrfs_facts *facts, const char *of_id, struct moving *m, const char *id)
{
	int have = get_place(m), bad = 0;

	if (have == 0 && m->fd < 0)
		return 0; /* it is not there */
	if (have == 0)
		snprintf(m->path, sizeof m->path, "%s", id); /* as a share that was made here */
	if (have < 0 || (have == 0 && btrfs_act(at, facts, put_place, m) < 0))
		return btrfs_fail(at, of_id);
	if (m->fd >= 0)
		bad = btrfs_act(at, facts, move_out, m);
	if (bad && errno == EEXIST)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%.200s: the snapshot goes back there, and something is "
			"there: move it away", at->pool->path, m->path);
	return bad || settle(at, facts, of_id, m->path) < 0 || btrfs_act(at, facts, drop_place, m) < 0 ||
		btrfs_no_more(at, facts) < 0 ||
		btrfs_flush(at->fd) < 0 ? btrfs_fail(at, m->path) : 0;
}

int btrfs_snap_unmanage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct btrfs_be *be = p;
	struct moving m = { .box = -1, .fd = -1 };
	struct btrfs_facts facts;
	struct btrfs_at at;
	int code = btrfs_snap_enter(be, call, snap->pool, snap->id, &at);

	if (code)
		return code;
	m.at = &at;
	btrfs_snap_name(snap->id, m.name);
	code = btrfs_snap_box(&at, of->id, &facts, &m.box);
	if (code > 0) {
		m.fd = btrfs_open_subvolume(m.box, m.name);
		code = let_go(&at, &facts, of->id, &m, snap->id);
		if (m.fd >= 0)
			close(m.fd);
		close(m.box);
	}
	btrfs_leave(&at);
	return code;
}

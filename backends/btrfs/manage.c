/* backends/btrfs/manage.c - a subvolume that is there becomes the head of a container; and goes back to where it was */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

#define ROUND UINT64_C(1048576) /* a size found is a whole number of these */

int btrfs_refuse(const struct btrfs_at *at, const char *source, const char *why)
{
	return shr_failf(at->be->host, at->call, SHR_EBACKEND, "source \"%.255s\" %s", source, why);
}

/* Open the directory above PATH, whose last component is *RET_NAME. */
int btrfs_open_above(const struct btrfs_at *at, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char above[PLUG_PATH_ROOM];

	*ret_name = slash ? slash + 1 : path;
	if (!slash)
		return dup(at->fd);
	memcpy(above, path, (size_t)(slash - path));
	above[slash - path] = '\0';
	return btrfs_open_below(at->fd, above);
}

/* ---- manage ---- */

/* 1: another pool of this backend is FD, or lies somewhere in it. */
static int has_pool(const struct btrfs_at *at, int fd)
{
	struct stat st, here, up;
	int dir, next, found = 0;

	if (fstat(fd, &st) < 0)
		return 0;
	for (uint32_t i = 0; !found && i < at->be->n_pools; i++) {
		dir = open(at->be->pools[i].path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		while (dir >= 0 && fstat(dir, &here) == 0 && !(found = here.st_dev == st.st_dev && here.st_ino == st.st_ino)) {
			next = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (next >= 0 && fstat(next, &up) == 0 && up.st_dev == here.st_dev && up.st_ino == here.st_ino) {
				close(next);
				break;
			}
			close(dir);
			dir = next;
		}
		if (dir >= 0)
			close(dir);
	}
	return found;
}

int btrfs_source_ok(const struct btrfs_at *at, const char *path, int fd, int readonly)
{
	unsigned char fsid[BTRFS_FSID];

	if (!btrfs_is_subvolume(fd))
		return btrfs_refuse(at, path, "is no subvolume of btrfs");
	if (btrfs_fsid(fd, fsid) < 0 || memcmp(fsid, at->pool->fsid, BTRFS_FSID) != 0)
		return btrfs_refuse(at, path, "lies on another file system than the pool");
	if (btrfs_is_readonly(fd) != readonly)
		return btrfs_refuse(at, path, readonly ? "is a subvolume that can be written: a snapshot is read-only" :
			"is a read-only subvolume");
	return has_pool(at, fd) ? btrfs_refuse(at, path, "is a pool, or has one in it") : 0;
}

static int check_source(const struct btrfs_at *at, const char *path)
{
	struct btrfs_facts facts;
	char first[256];
	const char *rest = path;
	int fd, code;

	if (plug_path_next(&rest, first) > 0 && plug_id_ok(first) && btrfs_facts_get(at, first, &facts) != 0)
		return btrfs_refuse(at, path, "is a share, or lies in one");
	fd = btrfs_open_below(at->fd, path);
	if (fd < 0 && errno == ENOENT)
		return shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such subvolume", at->pool->path, path);
	if (fd < 0)
		return btrfs_fail(at, path);
	code = btrfs_source_ok(at, path, fd, 0);
	close(fd);
	return code;
}

/* Into the group first: a share is never without its limit. */
static int move_in(const struct btrfs_at *at, const struct btrfs_facts *facts, int box)
{
	const char *name;
	uint64_t id;
	int fd = btrfs_open_below(box, BTRFS_HEAD), above, bad;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	fd = btrfs_open_below(at->fd, facts->path);
	if (fd < 0)
		return -1;
	bad = btrfs_id(fd, &id) < 0 || (at->be->quota != BTRFS_QUOTA_NONE && btrfs_group_take(at->fd, id, facts->box) < 0);
	close(fd);
	above = bad ? -1 : btrfs_open_above(at, facts->path, &name);
	if (above < 0)
		return -1;
	bad = renameat2(above, name, box, BTRFS_HEAD, RENAME_NOREPLACE);
	close(above);
	return bad ? -1 : 0;
}

/* Simple quotas do not count what was written before they were switched on, so the files are looked at, too. */
static int find_size(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts)
{
	uint64_t counted = 0, files = 0;
	int code = btrfs_flush(at->fd) < 0 ? btrfs_fail(at, facts->path) : btrfs_measure(at, facts->box, &counted);

	if (code == 0)
		code = btrfs_measure_files(at, facts->box, &files);
	if (code)
		return code;
	facts->bytes = ((counted > files ? counted : files) / ROUND + 1) * ROUND;
	return btrfs_facts_put(at, id, facts) < 0 ? btrfs_fail(at, PLUG_META) : 0;
}

static int take_over(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts)
{
	int box, code = btrfs_box_begin(at, id, facts, &box);

	if (code)
		return code;
	if (move_in(at, facts, box) < 0)
		code = errno == ENOENT ? shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such subvolume",
			at->pool->path, facts->path) : btrfs_fail(at, facts->path);
	close(box);
	if (code == 0 && facts->bytes == 0)
		code = find_size(at, id, facts);
	return code ? code : btrfs_box_end(at, id, facts);
}

static int let_go(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts);

static int begin(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts)
{
	int code = check_source(at, facts->path);

	if (code)
		return code;
	facts->managed = 1;
	if (btrfs_facts_put(at, id, facts) < 0)
		return btrfs_fail(at, PLUG_META);
	code = take_over(at, id, facts);
	if (code)
		let_go(at, id, facts); /* what it was is what it stays */
	return code;
}

static int manage_in(const struct btrfs_at *at, const struct shr_instance *instance, struct btrfs_facts *facts)
{
	char path[PLUG_PATH_ROOM];
	const char *wrong = plug_path_below(at->pool->path, instance->source, "does not lie below its pool", path);
	int have = btrfs_facts_need(at, instance->id, facts), fds[2], code;

	if (have < 0)
		return have;
	if (wrong)
		return btrfs_refuse(at, instance->source, wrong);
	if (!have) {
		memset(facts, 0, sizeof *facts);
		memcpy(facts->path, path, sizeof path);
		return begin(at, instance->id, facts);
	}
	/* A share that the store has forgotten comes back under its own name. */
	if (strcmp(path, instance->id) != 0 && strcmp(path, facts->path) != 0)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "share %s is %.255s already", instance->id,
			facts->managed ? facts->path : instance->id);
	code = btrfs_box_find(at, instance->id, facts, &fds[0]);
	if (code < 0)
		return btrfs_fail(at, instance->id);
	if (code != BTRFS_BOX_NONE)
		close(fds[0]);
	if (code != BTRFS_BOX_WHOLE && facts->managed)
		return take_over(at, instance->id, facts);
	code = btrfs_share_open(at, instance->id, facts, fds);
	if (code)
		return code;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

int btrfs_manage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct btrfs_be *be = p;
	struct btrfs_facts facts;
	struct btrfs_at at;
	int code;

	if (!plug_id_ok(instance->id))
		return btrfs_fail_id(be, call, instance->id);
	code = btrfs_enter(be, call, instance->pool, &at);
	if (code)
		return code;
	code = manage_in(&at, instance, &facts);
	if (code == 0) {
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, facts.bytes);
		code = btrfs_tell(&at, instance->id, 1);
	}
	btrfs_leave(&at);
	return code;
}

/* ---- unmanage ---- */

/* 1: something else than the head lies in the container; its name to NAME. */
static int has_more(int box, char name[256])
{
	int fd = openat(box, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (!found && (e = readdir(d))) {
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, BTRFS_HEAD) != 0;
		if (found)
			snprintf(name, 256, "%s", e->d_name);
	}
	closedir(d);
	return found;
}

/* A made share has no place to go back to: its head becomes what its container was, when that is gone. */
static int move_out(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int box)
{
	char out[BTRFS_NAME_ROOM];
	const char *name = out;
	int above, bad;

	snprintf(out, sizeof out, BTRFS_OUT "%s", id);
	above = facts->managed ? btrfs_open_above(at, facts->path, &name) : dup(at->meta);
	if (above < 0)
		return btrfs_fail(at, facts->path);
	bad = renameat2(box, BTRFS_HEAD, above, name, RENAME_NOREPLACE) < 0 ? errno : 0;
	close(above);
	if (bad == 0 || bad == ENOENT)
		return 0;
	errno = bad;
	if (bad != EEXIST)
		return btrfs_fail(at, id);
	return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%.200s: the share goes back there, and something is there: "
		"move it away", at->pool->path, facts->path);
}

static int empty_box(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int box)
{
	char name[256];
	int more = btrfs_snap_delete(at, facts, box, BTRFS_NEXT) < 0 ? -1 : has_more(box, name);

	if (more < 0)
		return btrfs_fail(at, id);
	if (more)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%s: %.200s lies beside its head: a share is let go without "
			"anything else", at->pool->path, id, name);
	/* At its limit nothing can be moved, either. */
	if (facts->box && at->be->quota != BTRFS_QUOTA_NONE &&
	    (btrfs_group_limit(at->fd, BTRFS_GROUP(facts->box), BTRFS_NO_LIMIT) < 0 && errno != ENOENT && errno != ENOTCONN))
		return btrfs_fail(at, id);
	return move_out(at, id, facts, box);
}

static int let_go(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts)
{
	char out[BTRFS_NAME_ROOM];
	uint64_t number = 0;
	int box = -1, code = btrfs_box_find(at, id, facts, &box) < 0 ? btrfs_fail(at, id) : 0;

	if (code == 0 && box >= 0)
		code = btrfs_id(box, &number) < 0 ? btrfs_fail(at, id) : empty_box(at, id, facts, box);
	if (code == 0 && facts->box && at->be->quota != BTRFS_QUOTA_NONE && btrfs_group_let_go(at->fd, facts->box) < 0)
		code = btrfs_fail(at, id);
	snprintf(out, sizeof out, BTRFS_OUT "%s", id);
	if (code == 0 && number && btrfs_delete(at->fd, number) < 0)
		code = btrfs_fail(at, id);
	if (code == 0 && renameat2(at->meta, out, at->fd, id, RENAME_NOREPLACE) < 0 && errno != ENOENT)
		code = btrfs_fail(at, id);
	if (code == 0)
		code = btrfs_box_destroy(at, id, facts, -1);
	if (box >= 0)
		close(box);
	return code;
}

/* What was a share is a subvolume again, without a limit. */
int btrfs_unmanage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct btrfs_be *be = p;
	struct btrfs_facts facts;
	struct btrfs_at at;
	int code;

	if (!plug_id_ok(instance->id))
		return btrfs_fail_id(be, call, instance->id);
	code = btrfs_enter(be, call, instance->pool, &at);
	if (code)
		return code;
	code = btrfs_facts_need(&at, instance->id, &facts);
	if (code > 0)
		code = let_go(&at, instance->id, &facts);
	else if (code == 0 && btrfs_facts_none(&at, instance->id) < 0)
		code = btrfs_fail(&at, PLUG_META);
	btrfs_leave(&at);
	return code;
}

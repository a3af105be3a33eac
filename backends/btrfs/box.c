/* backends/btrfs/box.c - the container of a share: it is made aside, and gets its name when it is whole */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "btrfs.h"

static void new_name(const char *id, char ret[BTRFS_NAME_ROOM])
{
	snprintf(ret, BTRFS_NAME_ROOM, BTRFS_NEW "%s", id);
}

int btrfs_open_subvolume(int fd, const char *name)
{
	int sub = btrfs_open_below(fd, name);

	if (sub < 0 && (errno == ENOTDIR || errno == ELOOP))
		errno = ENOENT;
	if (sub < 0 || btrfs_is_subvolume(sub))
		return sub;
	close(sub);
	errno = ENOENT;
	return -1;
}

int btrfs_box_find(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int *ret_fd)
{
	char name[BTRFS_NAME_ROOM];
	uint64_t found;
	int fd = facts->box ? btrfs_open_subvolume(at->fd, id) : -1;

	if (facts->box && fd < 0 && errno != ENOENT)
		return -1;
	if (fd >= 0 && btrfs_id(fd, &found) == 0 && found == facts->box) {
		*ret_fd = fd;
		return BTRFS_BOX_WHOLE;
	}
	if (fd >= 0)
		close(fd);
	new_name(id, name);
	fd = btrfs_open_subvolume(at->meta, name);
	if (fd < 0)
		return errno == ENOENT ? BTRFS_BOX_NONE : -1;
	*ret_fd = fd;
	return BTRFS_BOX_NEW;
}

/* The number is written down before the group of that number is made. */
static int number_it(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts, int fd)
{
	uint64_t box;

	if (btrfs_id(fd, &box) < 0)
		return -1;
	if (facts->box != box) {
		facts->box = box;
		if (btrfs_facts_put(at, id, facts) < 0)
			return -1;
	}
	return at->be->quota == BTRFS_QUOTA_NONE ? 0 : btrfs_group_begin(at->fd, box);
}

int btrfs_box_begin(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts, int *ret_fd)
{
	char name[BTRFS_NAME_ROOM];
	int fd;

	new_name(id, name);
	fd = btrfs_open_subvolume(at->meta, name);
	if (fd < 0 && errno == ENOENT && btrfs_make(at->meta, name, 0) == 0)
		fd = btrfs_open_subvolume(at->meta, name);
	if (fd < 0)
		return btrfs_fail(at, PLUG_META);
	if (number_it(at, id, facts, fd) == 0) {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	if (errno != EEXIST)
		return btrfs_fail(at, PLUG_META);
	/* Another container has another number. */
	btrfs_delete(at->fd, facts->box);
	return shr_failf(at->be->host, at->call, SHR_EAGAIN, "%.200s: the quota group 1/%llu is somebody else's", at->pool->path,
		(unsigned long long)facts->box);
}

int btrfs_box_end(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts)
{
	char name[BTRFS_NAME_ROOM];

	new_name(id, name);
	if (at->be->quota != BTRFS_QUOTA_NONE &&
	    btrfs_group_limit(at->fd, BTRFS_GROUP(facts->box), btrfs_limit_of(at->pool, facts, facts->bytes)) < 0)
		return btrfs_fail(at, name);
	if (renameat2(at->meta, name, at->fd, id, RENAME_NOREPLACE) < 0) {
		if (errno == EEXIST)
			return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%s is there already, and is no share", at->pool->path,
				id);
		return btrfs_fail(at, id);
	}
	return btrfs_flush(at->fd) < 0 ? btrfs_fail(at, id) : 0;
}

/* The kernel's cleaner is soon done with a share that has little in it; what has much goes later, with stats(). */
static void wait_for_groups(const struct btrfs_at *at, uint64_t box)
{
	static const struct timespec nap = { 0, 5000000 };
	int i;

	for (i = 0; box && i < 5 && !btrfs_sweep(at, box); i++) {
		nanosleep(&nap, NULL);
		btrfs_wake_cleaner(at);
	}
}

int btrfs_box_destroy(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int fd)
{
	struct btrfs_facts last = *facts;

	if (fd >= 0) {
		if (btrfs_id(fd, &last.box) < 0)
			return btrfs_fail(at, id);
		/* At its limit nothing can be deleted in it, either. */
		if (at->be->quota != BTRFS_QUOTA_NONE && btrfs_group_limit(at->fd, BTRFS_GROUP(last.box), BTRFS_NO_LIMIT) < 0 &&
		    errno != ENOENT && errno != ENOTCONN)
			return btrfs_fail(at, id);
		if (btrfs_delete(at->fd, last.box) < 0)
			return btrfs_fail(at, id);
	}
	if (btrfs_facts_drop(at, id, &last) < 0 || btrfs_flush(at->fd) < 0)
		return btrfs_fail(at, id);
	wait_for_groups(at, last.box);
	return 0;
}

int btrfs_share_open(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts, int fds[2])
{
	int code = plug_id_ok(id) ? btrfs_facts_need(at, id, facts) : btrfs_fail_id(at->be, at->call, id), where;

	if (code <= 0)
		return code < 0 ? code : btrfs_absent(at, id);
	where = btrfs_box_find(at, id, facts, &fds[0]);
	if (where < 0)
		return btrfs_fail(at, id);
	if (where == BTRFS_BOX_NEW)
		close(fds[0]);
	if (where != BTRFS_BOX_WHOLE)
		return btrfs_absent(at, id);
	fds[1] = btrfs_open_subvolume(fds[0], BTRFS_HEAD);
	if (fds[1] >= 0)
		return 0;
	code = errno == ENOENT ? shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s/%s: its subvolume " BTRFS_HEAD " is gone",
		at->pool->path, id) : btrfs_fail(at, id);
	close(fds[0]);
	return code;
}

int btrfs_tell(const struct btrfs_at *at, const char *id, int ref)
{
	int n = (int)strlen(at->pool->path);
	char whole[PLUG_PATH_ROOM + BTRFS_NAME_ROOM];

	while (n > 0 && at->pool->path[n - 1] == '/')
		n--;
	snprintf(whole, sizeof whole, "%.*s/%s/" BTRFS_HEAD, n, at->pool->path, id);
	if (ref)
		at->be->host->set_ref(at->call, id, id);
	at->be->host->set_path(at->call, id, whole);
	return 0;
}

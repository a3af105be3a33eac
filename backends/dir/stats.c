/* backends/dir/stats.c - pools: where they are, what they have, what they can */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "dir.h"

/* 1: a file can share its blocks with another. Tried on two files that never have a name. */
static int can_reflink(int fd)
{
	int from = openat(fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int to = openat(fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char block[4096];
	int can;

	memset(block, 'x', sizeof block);
	can = from >= 0 && to >= 0 && write(from, block, sizeof block) == (ssize_t)sizeof block &&
		ioctl(to, FICLONE, from) == 0;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return can;
}

/* 1: two directories can change their names in one step. */
static int can_exchange(int fd)
{
	int can = mkdirat(fd, DIR_META "-one", 0700) == 0 || errno == EEXIST;

	can = can && (mkdirat(fd, DIR_META "-two", 0700) == 0 || errno == EEXIST) &&
		renameat2(fd, DIR_META "-one", fd, DIR_META "-two", RENAME_EXCHANGE) == 0;
	unlinkat(fd, DIR_META "-one", AT_REMOVEDIR);
	unlinkat(fd, DIR_META "-two", AT_REMOVEDIR);
	return can;
}

int dir_pool_probe(struct dir_be *be, const struct shr_call *call, struct dir_pool *pool)
{
	struct stat st;
	int fd;

	if (dir_path_make(be->root_fd, pool->path) < 0)
		return dir_fail(be, call, pool->path);
	fd = dir_path_open(be->root_fd, pool->path);
	if (fd < 0)
		return dir_fail(be, call, pool->path);
	if (fstat(fd, &st) < 0) {
		close(fd);
		return dir_fail(be, call, pool->path);
	}
	pool->dev = st.st_dev;
	pool->quota = dir_quota_works(fd);
	pool->caps = DIR_CAPS;
	if (pool->quota)
		pool->caps |= SHR_CAP_SIZE_ENFORCED;
	if (can_reflink(fd))
		pool->caps |= SHR_CAP_CLONE_REFLINK;
	if (!can_exchange(fd))
		pool->caps &= ~SHR_CAP_SNAPSHOT_REVERT;
	close(fd);
	return 0;
}

static int open_pool(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, int *ret_fd)
{
	int fd = dir_path_open(be->root_fd, pool->path);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return shr_failf(be->host, call, SHR_EUNREACHABLE, "%.200s/%.200s: the pool's directory is gone", be->root,
			pool->path);
	if (fd < 0)
		return dir_fail(be, call, pool->path);
	if (fstat(fd, &st) < 0) {
		close(fd);
		return dir_fail(be, call, pool->path);
	}
	if (st.st_dev != pool->dev) {
		close(fd);
		return shr_failf(be->host, call, SHR_EUNREACHABLE, "%.200s/%.200s: another file system is there than when the "
			"backend was opened: mount the right one", be->root, pool->path);
	}
	*ret_fd = fd;
	return 0;
}

const struct dir_pool *dir_pool_find(const struct dir_be *be, const char *name)
{
	uint32_t i;

	for (i = 0; i < be->n_pools; i++)
		if (strcmp(be->pools[i].name, name) == 0)
			return &be->pools[i];
	return NULL;
}

int dir_pool_open(const struct dir_be *be, const struct shr_call *call, const char *name, const struct dir_pool **ret,
	int *ret_fd)
{
	*ret = dir_pool_find(be, name);
	if (*ret)
		return open_pool(be, call, *ret, ret_fd);
	return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no pool %.255s", name);
}

static int pool_stats(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool)
{
	struct statvfs vfs;
	int fd = -1, code = open_pool(be, call, pool, &fd);

	if (code)
		return code;
	/* A probe of a file system that went read-only must not call it up. */
	if (fstatvfs(fd, &vfs) < 0 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		code = dir_fail(be, call, pool->path);
	close(fd);
	if (code)
		return code;
	be->host->set_number(call, pool->name, SHR_NUMBER_TOTAL, (uint64_t)vfs.f_blocks * vfs.f_frsize);
	be->host->set_number(call, pool->name, SHR_NUMBER_FREE, (uint64_t)vfs.f_bavail * vfs.f_frsize);
	be->host->set_number(call, pool->name, SHR_NUMBER_CAPABILITIES, pool->caps);
	return 0;
}

int dir_stats(void *p, const struct shr_call *call)
{
	const struct dir_be *be = p;
	uint32_t i;
	int code = 0;

	for (i = 0; code == 0 && i < be->n_pools; i++)
		code = pool_stats(be, call, &be->pools[i]);
	return code;
}

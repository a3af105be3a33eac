/* backends/dir/manage.c - a directory that is there becomes a share where it lies; and back */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

#define ROUND UINT64_C(1048576) /* a size found is a whole number of these */

int dir_refuse(const struct dir_be *be, const struct shr_call *call, const char *source, const char *why)
{
	return shr_failf(be->host, call, SHR_EBACKEND, "source \"%.255s\" %s", source, why);
}

/* SOURCE, relative to the root or absolute in it, to a path below the root. */
int dir_locate(const struct dir_be *be, const struct shr_call *call, const char *source, char ret[PLUG_PATH_ROOM])
{
	const char *wrong = plug_path_below(be->root, source, "does not lie below the setting root", ret);

	return wrong ? dir_refuse(be, call, source, wrong) : 0;
}

/* Under the lock: 0, PATH is now the share ID's, though its size is not known yet; or why not, with errno or in WHY. */
int dir_reserve(const struct dir_be *be, const char *id, const struct dir_meta *meta, char why[512])
{
	char other[PLUG_ID_ROOM], where[PLUG_PATH_ROOM];
	uint32_t i;
	int found;

	for (i = 0; i < be->n_pools; i++) {
		if (strcmp(be->pools[i].path, ".") != 0 && dir_path_within(be->pools[i].path, meta->path)) {
			snprintf(why, 512, "has pool %.200s in it", be->pools[i].name);
			return -1;
		}
	}
	found = dir_meta_other(be, meta->path, id, other, where);
	if (found > 0)
		snprintf(why, 512, "is, has or lies in share %s (%.200s)", other, where);
	if (found == 0)
		return dir_meta_put(be, id, meta);
	return -1;
}

/* Where a pool ends no share can be taken over that the pool's numbers do not count. */
int dir_open_source(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool,
	const char *path, int *ret_fd)
{
	int fd = dir_path_open(be->root_fd, path);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such directory", be->root, path);
	if (fd < 0)
		return dir_fail(be, call, path);
	if (fstat(fd, &st) == 0 && st.st_dev == pool->dev) {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	return dir_refuse(be, call, path, "lies on another file system than the pool");
}

static int mark_one(void *project, int fd)
{
	return dir_quota_mark(fd, *(const uint32_t *)project);
}

/* Give what is there a limit, where there are any. */
static int mark(const struct dir_be *be, const struct shr_call *call, int fd, const char *id, struct dir_meta *meta)
{
	struct shr__walk walk = { .what = SHR__WALK_EACH, .each = mark_one, .each_data = &meta->project };
	struct dir_mover mover;

	if (dir_quota_pick(fd, id, &meta->project) < 0 || dir_quota_mark(fd, meta->project) < 0)
		return dir_fail(be, call, meta->path);
	dir_mover(&mover, be, call);
	walk.host = &mover.host;
	if (shr__walk(&walk, dup(fd)) < 0 || dir_quota_limit(fd, meta->project, meta->bytes) < 0)
		return dir_fail(be, call, walk.at[0] ? walk.at : meta->path);
	return 0;
}

static int measure(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const char *id,
	struct dir_meta *meta, int fd)
{
	uint64_t used = 0;
	int code = dir_measure(be, call, meta, &used);

	if (code)
		return code;
	meta->bytes = (used / ROUND + 1) * ROUND;
	code = pool->quota ? mark(be, call, fd, id, meta) : 0;
	if (code)
		return code;
	return dir_meta_put(be, id, meta) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

static int take_over(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const char *id,
	struct dir_meta *meta)
{
	char why[512] = "";
	int fd = -1, bad, code = dir_open_source(be, call, pool, meta->path, &fd);

	if (code)
		return code;
	pthread_mutex_lock(&be->lock);
	bad = dir_reserve(be, id, meta, why);
	pthread_mutex_unlock(&be->lock);
	if (bad)
		code = why[0] ? dir_refuse(be, call, meta->path, why) : dir_fail(be, call, DIR_META);
	else
		code = measure(be, call, pool, id, meta, fd);
	if (code && !bad)
		dir_meta_drop(be, id); /* what it was is what it stays */
	close(fd);
	return code;
}

static int manage_in(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool,
	const struct shr_instance *instance)
{
	struct dir_meta meta, had;
	int code, have = dir_meta_need(be, call, instance->id, &had);

	if (have < 0)
		return have;
	memset(&meta, 0, sizeof meta);
	code = dir_locate(be, call, instance->source, meta.path);
	if (code)
		return code;
	if (have && strcmp(had.path, meta.path) != 0)
		return shr_failf(be->host, call, SHR_EBACKEND, "share %s is %.255s already", instance->id, had.path);
	meta.managed = 1;
	if (have && had.bytes > 0)
		meta = had;
	else
		code = take_over(be, call, pool, instance->id, &meta);
	if (code)
		return code;
	be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, meta.bytes);
	return dir_tell(be, call, instance->id, meta.path);
}

int dir_manage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code;

	if (!plug_id_ok(instance->id))
		return dir_fail_id(be, call, instance->id);
	code = dir_pool_open(be, call, instance->pool, &pool, &fd);
	if (code)
		return code;
	code = manage_in(be, call, pool, instance);
	close(fd);
	return code;
}

/* The tree stays as it is, but for its limit. */
int dir_unmanage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	int fd, have = dir_meta_need(be, call, instance->id, &meta);

	if (have < 0)
		return have;
	if (have && meta.project) {
		fd = dir_path_open(be->root_fd, meta.path);
		if (fd >= 0 && dir_quota_limit(fd, meta.project, 0) < 0)
			have = dir_fail(be, call, meta.path);
		if (fd >= 0)
			close(fd);
	}
	if (have < 0)
		return have;
	return dir_meta_drop(be, instance->id) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

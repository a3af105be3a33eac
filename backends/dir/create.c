/* backends/dir/create.c - a new share: its file of facts first, so that whatever follows can be found and removed */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

int dir_tell_path(const struct dir_be *be, const struct shr_call *call, const char *id, const char *path)
{
	int root = (int)strlen(be->root), n;
	char whole[4096];

	while (root > 0 && be->root[root - 1] == '/')
		root--;
	n = snprintf(whole, sizeof whole, "%.*s/%s", root, be->root, path);
	if (n < 0 || (size_t)n >= sizeof whole) {
		errno = ENAMETOOLONG;
		return dir_fail(be, call, path);
	}
	be->host->set_path(call, id, whole);
	return 0;
}

int dir_tell(const struct dir_be *be, const struct shr_call *call, const char *id, const char *path)
{
	int code = dir_tell_path(be, call, id, path);

	if (code == 0)
		be->host->set_ref(call, id, path);
	return code;
}

/* Before anything is made. */
int dir_new_meta(struct dir_be *be, const struct dir_pool *pool, int pool_fd, const struct shr_instance *instance,
	struct dir_meta *meta)
{
	int bad;

	memset(meta, 0, sizeof *meta);
	meta->bytes = instance->bytes;
	if (strcmp(pool->path, ".") == 0)
		snprintf(meta->path, sizeof meta->path, "%s", instance->id);
	else
		snprintf(meta->path, sizeof meta->path, "%s/%s", pool->path, instance->id);
	if (!pool->quota)
		return dir_meta_put(be, instance->id, meta);
	pthread_mutex_lock(&be->lock);
	bad = dir_quota_pick(pool_fd, instance->id, &meta->project);
	if (!bad)
		bad = dir_meta_put(be, instance->id, meta);
	if (!bad)
		bad = dir_quota_limit(pool_fd, meta->project, meta->bytes);
	pthread_mutex_unlock(&be->lock);
	return bad;
}

/* Make the directory, or go on with one that was half made. -1: errno. */
static int make_tree(const struct dir_be *be, int parent, const char *name, const struct dir_meta *meta)
{
	int made = mkdirat(parent, name, 0700) == 0, fd, bad = 0, why;
	struct stat st;

	if (!made && errno != EEXIST)
		return -1;
	fd = dir_path_open(parent, name);
	if (fd < 0)
		return -1;
	if (meta->project)
		bad = dir_quota_limit(fd, meta->project, meta->bytes) < 0 || dir_quota_mark(fd, meta->project) < 0;
	/* Once a share is whole its mode belongs to its users. */
	if (!bad && fstat(fd, &st) == 0 && (made || (st.st_mode & 07777) == 0700))
		bad = fchmod(fd, be->mode) < 0;
	if (!bad)
		bad = fsync(fd) < 0 || fsync(parent) < 0;
	why = errno;
	close(fd);
	errno = why;
	return bad ? -1 : 0;
}

static int create_in(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, int pool_fd,
	const struct shr_instance *instance)
{
	struct dir_meta meta;
	const char *name;
	int have = dir_meta_need(be, call, instance->id, &meta), parent, bad;

	if (have < 0)
		return have;
	if (have == 0 && dir_new_meta(be, pool, pool_fd, instance, &meta) < 0)
		return dir_fail(be, call, DIR_META);
	parent = dir_path_parent(be->root_fd, meta.path, &name);
	if (parent < 0)
		return dir_fail(be, call, meta.path);
	bad = make_tree(be, parent, name, &meta);
	if (bad)
		bad = dir_fail(be, call, meta.path);
	close(parent);
	return bad ? bad : dir_tell(be, call, instance->id, meta.path);
}

int dir_create(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code;

	if (!plug_id_ok(instance->id))
		return dir_fail_id(be, call, instance->id);
	code = dir_pool_open(be, call, instance->pool, &pool, &fd);
	if (code)
		return code;
	code = create_in(be, call, pool, fd, instance);
	close(fd);
	return code;
}

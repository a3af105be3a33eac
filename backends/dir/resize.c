/* backends/dir/resize.c - how big a share is, and how much of it is used */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

static int open_tree(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, int *ret_fd)
{
	*ret_fd = dir_path_open(be->root_fd, meta->path);
	if (*ret_fd >= 0)
		return 0;
	if (errno == ENOENT)
		return shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%.200s: the share's directory is gone", be->root,
			meta->path);
	return dir_fail(be, call, meta->path);
}

int dir_measure(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, uint64_t *ret)
{
	struct shr__walk walk = { .what = SHR__WALK_USE };
	struct dir_mover mover;
	struct stat st;
	int fd, code = open_tree(be, call, meta, &fd);

	if (code)
		return code;
	if (meta->project) {
		code = dir_quota_used(fd, meta->project, ret) < 0 ? dir_fail(be, call, meta->path) : 0;
		close(fd);
		return code;
	}
	if (fstat(fd, &st) < 0) {
		close(fd);
		return dir_fail(be, call, meta->path);
	}
	dir_mover(&mover, be, call);
	walk.host = &mover.host;
	if (shr__walk(&walk, fd) < 0)
		return dir_fail(be, call, walk.at[0] ? walk.at : meta->path);
	*ret = walk.bytes + (uint64_t)st.st_blocks * 512;
	return 0;
}

static int absent(const struct dir_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	return shr_failf(be->host, call, SHR_ENOTFOUND, "%.300s has no share %.64s", be->root, instance->id);
}

int dir_usage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	uint64_t used;
	int code = dir_meta_need(be, call, instance->id, &meta);

	if (code <= 0)
		return code < 0 ? code : absent(be, call, instance);
	code = dir_measure(be, call, &meta, &used);
	if (code == 0)
		be->host->set_number(call, instance->id, SHR_NUMBER_USED, used);
	return code;
}

int dir_put_limit(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, uint64_t bytes)
{
	int fd, code = open_tree(be, call, meta, &fd);

	if (code)
		return code;
	if (meta->project && dir_quota_limit(fd, meta->project, bytes) < 0)
		code = dir_fail(be, call, meta->path);
	close(fd);
	return code;
}

/* The limit comes first, so that what is measured behind it cannot grow over it; where there is none, a writer can. */
static int shrink(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, uint64_t bytes)
{
	uint64_t used = 0;
	int code = dir_put_limit(be, call, meta, bytes);

	if (code == 0)
		code = dir_measure(be, call, meta, &used);
	if (code == 0 && used <= bytes)
		return 0;
	if (meta->project)
		dir_put_limit(be, call, meta, meta->bytes);
	if (code)
		return code;
	return shr_failf(be->host, call, SHR_EDATALOSS, "%llu bytes are in use: it cannot shrink to %llu",
		(unsigned long long)used, (unsigned long long)bytes);
}

int dir_resize(void *p, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	int code = dir_meta_need(be, call, instance->id, &meta);

	if (code <= 0)
		return code < 0 ? code : absent(be, call, instance);
	code = bytes < meta.bytes ? shrink(be, call, &meta, bytes) : dir_put_limit(be, call, &meta, bytes);
	if (code || bytes == meta.bytes)
		return code;
	meta.bytes = bytes;
	return dir_meta_put(be, instance->id, &meta) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

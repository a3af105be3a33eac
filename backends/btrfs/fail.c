/* backends/btrfs/fail.c - what the system said, in words that name the place */
#include <errno.h>
#include "btrfs.h"

int btrfs_fail(const struct btrfs_at *at, const char *path)
{
	int why = errno;

	return shr_failf(at->be->host, at->call, plug_code(why), "%.200s%s%.200s: %s", at->pool->path, *path ? "/" : "", path,
		why == EDQUOT ? "a quota group that the pool itself lies in is full" : plug_words(why));
}

int btrfs_fail_id(const struct btrfs_be *be, const struct shr_call *call, const char *id)
{
	return shr_failf(be->host, call, SHR_EBACKEND, "instance id \"%.64s\" is no UUID", id);
}

int btrfs_fail_pool(const struct btrfs_be *be, const struct shr_call *call, const struct btrfs_pool *pool, int code,
	const char *words)
{
	return shr_failf(be->host, call, code, "pool %.100s: setting path: %.200s %s", pool->name, pool->path, words);
}

int btrfs_absent(const struct btrfs_at *at, const char *id)
{
	return shr_failf(at->be->host, at->call, SHR_ENOTFOUND, "%.200s has no share %.64s", at->pool->path, id);
}

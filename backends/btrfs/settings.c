/* backends/btrfs/settings.c - what the configuration says of a backend and its pools */
#include <stdlib.h>
#include <string.h>
#include "btrfs.h"

#define RESERVE_MOST 1000 /* percent */

const char *const btrfs_settings[] = { "quota", "mode", "snapshot_reserve", NULL };
const char *const btrfs_pool_settings[] = { "path!", "filesystem", "snapshot_reserve", NULL };

static int read_mode(struct btrfs_be *be, const struct shr_call *call)
{
	const char *s = be->host->setting(call, NULL, "mode", 0);
	char *rest;
	unsigned long mode = s ? strtoul(s, &rest, 8) : 0755;

	if (s && (*s < '0' || *s > '7' || *rest || mode > 07777 || (mode & 0700) != 0700))
		return shr_failf(be->host, call, SHR_EBACKEND, "setting mode: \"%.64s\" is no octal mode from 0700 to 7777 that "
			"leaves all to the owner", s);
	be->mode = (uint32_t)mode;
	return 0;
}

static int read_quota(struct btrfs_be *be, const struct shr_call *call)
{
	const char *s = be->host->setting(call, NULL, "quota", 0);

	be->quota = BTRFS_QUOTA_SIMPLE;
	if (!s || strcmp(s, "simple") == 0)
		return 0;
	be->quota = strcmp(s, "full") == 0 ? BTRFS_QUOTA_FULL : BTRFS_QUOTA_NONE;
	if (be->quota == BTRFS_QUOTA_FULL || strcmp(s, "none") == 0)
		return 0;
	return shr_failf(be->host, call, SHR_EBACKEND, "setting quota: \"%.64s\" is none of simple, full and none", s);
}

/* Of a pool, or else of the backend. */
static int read_reserve(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool)
{
	const char *s = be->host->setting(call, pool->name, "snapshot_reserve", 0);
	char *rest;
	unsigned long percent;

	if (!s)
		s = be->host->setting(call, NULL, "snapshot_reserve", 0);
	if (!s)
		return 0;
	percent = strtoul(s, &rest, 10);
	if (*s < '0' || *s > '9' || (*rest && strcmp(rest, "%") != 0) || percent > RESERVE_MOST)
		return shr_failf(be->host, call, SHR_EBACKEND, "pool %.100s: setting snapshot_reserve: \"%.64s\" is no number of percent "
			"from 0 to 1000", pool->name, s);
	pool->reserve = (uint32_t)percent;
	return 0;
}

static int read_pool(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool)
{
	pool->path = be->host->setting(call, pool->name, "path", 0);
	if (!pool->path || *pool->path != '/')
		return shr_failf(be->host, call, SHR_EBACKEND, "pool %.100s: setting path: an absolute path of a btrfs subvolume is wanted",
			pool->name);
	if (strlen(pool->path) + PLUG_ID_ROOM + sizeof "/" BTRFS_HEAD >= PLUG_PATH_ROOM)
		return btrfs_fail_pool(be, call, pool, SHR_EBACKEND, "is too long");
	pool->want = be->host->setting(call, pool->name, "filesystem", 0);
	if (pool->want && !plug_id_ok(pool->want))
		return shr_failf(be->host, call, SHR_EBACKEND, "pool %.100s: setting filesystem: \"%.64s\" is no UUID in small letters",
			pool->name, pool->want);
	return read_reserve(be, call, pool);
}

int btrfs_read_settings(struct btrfs_be *be, const struct shr_call *call)
{
	uint32_t n = 0;
	int code = read_mode(be, call);

	if (code == 0)
		code = read_quota(be, call);
	while (be->host->pool(call, n))
		n++;
	if (code)
		return code;
	if (n == 0)
		return be->host->fail(call, SHR_EBACKEND, "the backend has no pool");
	be->pools = calloc(n, sizeof *be->pools);
	if (!be->pools)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	for (; code == 0 && be->n_pools < n; be->n_pools++) {
		struct btrfs_pool *pool = &be->pools[be->n_pools];

		pool->name = be->host->pool(call, be->n_pools);
		pool->lock_fd = -1;
		pthread_mutex_init(&pool->lock, NULL);
		code = read_pool(be, call, pool);
	}
	return code;
}

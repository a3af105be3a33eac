/* backends/btrfs/stats.c - what the pools have, and what they can */
#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "btrfs.h"

static int pool_stats(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool)
{
	struct statvfs vfs;
	struct btrfs_at at;
	int code = btrfs_enter_pool(be, call, pool, &at);

	if (code)
		return code;
	/* A probe of a file system that went read-only must not call it up. */
	if (fstatvfs(at.fd, &vfs) < 0 || faccessat(at.fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		code = btrfs_fail(&at, "");
	else if (!btrfs_sweep(&at, 0))
		btrfs_wake_cleaner(&at); /* it goes on, and the next time there is less */
	btrfs_leave(&at);
	if (code)
		return code;
	be->host->set_number(call, pool->name, SHR_NUMBER_TOTAL, (uint64_t)vfs.f_blocks * vfs.f_frsize);
	be->host->set_number(call, pool->name, SHR_NUMBER_FREE, (uint64_t)vfs.f_bavail * vfs.f_frsize);
	be->host->set_number(call, pool->name, SHR_NUMBER_CAPABILITIES,
		BTRFS_CAPS | (be->quota == BTRFS_QUOTA_NONE ? 0 : BTRFS_CAPS_QUOTA));
	return 0;
}

int btrfs_stats(void *p, const struct shr_call *call)
{
	const struct btrfs_be *be = p;
	uint32_t i;
	int code = 0;

	for (i = 0; code == 0 && i < be->n_pools; i++)
		code = pool_stats(be, call, &be->pools[i]);
	return code;
}

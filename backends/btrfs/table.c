/* backends/btrfs/table.c - the btrfs driver: each share is a subvolume in a container with a limit; libshare-btrfs(7) */
#include <stdlib.h>
#include <unistd.h>
#include "libshare/version.h"
#include "btrfs.h"

static void btrfs_close(void *p)
{
	struct btrfs_be *be = p;

	for (uint32_t i = 0; i < be->n_pools; i++) {
		if (be->pools[i].lock_fd >= 0)
			close(be->pools[i].lock_fd);
		pthread_mutex_destroy(&be->pools[i].lock);
	}
	btrfs_attached_end(be);
	pthread_mutex_destroy(&be->attached_lock);
	free(be->pools);
	free(be);
}

static int btrfs_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	struct btrfs_be *be = calloc(1, sizeof *be);
	uint32_t i;
	int code;

	if (!be)
		return host->fail(call, SHR_EAGAIN, "no memory");
	be->host = host;
	pthread_mutex_init(&be->attached_lock, NULL);
	code = btrfs_read_settings(be, call);
	for (i = 0; code == 0 && i < be->n_pools; i++)
		code = btrfs_pool_begin(be, call, &be->pools[i]);
	if (code) {
		btrfs_close(be);
		return code;
	}
	*ret_be = be;
	return 0;
}

static const struct shr_driver table = {
	.abi = SHR_DRIVER_ABI,
	.size = sizeof table,
	.name = "btrfs",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_PARALLEL,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = BTRFS_CAPS | BTRFS_CAPS_QUOTA,
	.settings = btrfs_settings,
	.pool_settings = btrfs_pool_settings,
	.open = btrfs_open,
	.close = btrfs_close,
	.stats = btrfs_stats,
	.create = btrfs_create,
	.remove = btrfs_remove,
	.resize = btrfs_resize,
	.manage = btrfs_manage,
	.unmanage = btrfs_unmanage,
	.usage = btrfs_usage,
	.look = btrfs_look,
	.list = btrfs_list,
	.snapshot = &btrfs_snapshot,
	.data = &btrfs_data,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return &table;
}

/* backends/dir/table.c - the dir driver: each share is a directory below a root; libshare-dir(7) */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "libshare/version.h"
#include "dir.h"

static void dir_close(void *p)
{
	struct dir_be *be = p;

	if (be->root_fd >= 0)
		close(be->root_fd);
	if (be->meta_fd >= 0)
		close(be->meta_fd);
	if (be->lock_fd >= 0)
		close(be->lock_fd);
	pthread_mutex_destroy(&be->lock);
	free(be->pools);
	free(be);
}

static int read_mode(struct dir_be *be, const struct shr_call *call)
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

/* One directory for two pools: nobody could tell whose a share is. */
static int pools_apart(const struct dir_be *be, const struct shr_call *call)
{
	uint32_t i, j;

	for (i = 0; i < be->n_pools; i++)
		for (j = 0; j < be->n_pools; j++)
			if (i != j && strcmp(be->pools[i].path, be->pools[j].path) == 0)
				return shr_failf(be->host, call, SHR_EBACKEND, "pools %.200s and %.200s have the same path",
					be->pools[i].name, be->pools[j].name);
	return 0;
}

static int read_pool(struct dir_be *be, const struct shr_call *call, struct dir_pool *pool)
{
	char clean[PLUG_PATH_ROOM];
	const char *wrong;

	pool->path = be->host->setting(call, pool->name, "path", 0);
	if (!pool->path)
		pool->path = pool->name;
	if (strcmp(pool->path, ".") == 0)
		return 0;
	wrong = *pool->path == '/' ? "is not relative to the root" : plug_path_clean(pool->path, clean);
	if (!wrong && strcmp(clean, pool->path) != 0)
		wrong = "has slashes too many";
	if (!wrong && strlen(clean) + PLUG_ID_ROOM + 1 > PLUG_PATH_ROOM)
		wrong = "is too long";
	if (wrong)
		return shr_failf(be->host, call, SHR_EBACKEND, "pool %.200s: setting path: \"%.200s\" %s", pool->name, pool->path,
			wrong);
	return 0;
}

static int read_pools(struct dir_be *be, const struct shr_call *call)
{
	uint32_t n = 0;
	int code = 0;

	while (be->host->pool(call, n))
		n++;
	if (n == 0)
		return be->host->fail(call, SHR_EBACKEND, "the backend has no pool");
	be->pools = calloc(n, sizeof *be->pools);
	if (!be->pools)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	for (; code == 0 && be->n_pools < n; be->n_pools++) {
		be->pools[be->n_pools].name = be->host->pool(call, be->n_pools);
		code = read_pool(be, call, &be->pools[be->n_pools]);
	}
	return code ? code : pools_apart(be, call);
}

static int open_root(struct dir_be *be, const struct shr_call *call)
{
	int code;

	be->root = be->host->setting(call, NULL, "root", 0);
	if (!be->root || *be->root != '/')
		return be->host->fail(call, SHR_EBACKEND, "setting root: an absolute path of a directory is wanted");
	be->root_fd = open(be->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (be->root_fd < 0)
		return dir_fail_open(be->host, call, be->root);
	code = plug_lock(be->host, call, "setting root", be->root, be->root_fd, DIR_LOCK, &be->lock_fd);
	if (code)
		return code;
	if (mkdirat(be->root_fd, DIR_META, 0700) < 0 ? errno != EEXIST : fsync(be->root_fd) < 0)
		return dir_fail(be, call, DIR_META);
	be->meta_fd = dir_path_open(be->root_fd, DIR_META);
	return be->meta_fd < 0 ? dir_fail(be, call, DIR_META) : 0;
}

static int dir_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	struct dir_be *be = calloc(1, sizeof *be);
	uint32_t i;
	int code;

	if (!be)
		return host->fail(call, SHR_EAGAIN, "no memory");
	be->host = host;
	be->root_fd = be->meta_fd = be->lock_fd = -1;
	pthread_mutex_init(&be->lock, NULL);
	code = read_mode(be, call);
	if (code == 0)
		code = read_pools(be, call);
	if (code == 0)
		code = open_root(be, call);
	for (i = 0; code == 0 && i < be->n_pools; i++)
		code = dir_pool_probe(be, call, &be->pools[i]);
	if (code) {
		dir_close(be);
		return code;
	}
	*ret_be = be;
	return 0;
}

static const char *const settings[] = { "root!", "mode", NULL };
static const char *const pool_settings[] = { "path", NULL };

static const struct shr_driver table = {
	.abi = SHR_DRIVER_ABI,
	.size = sizeof table,
	.name = "dir",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_PARALLEL,
	.fencing = SHR_FENCING_HOST_LOCK,
	.capabilities = DIR_CAPS | SHR_CAP_SIZE_ENFORCED | SHR_CAP_CLONE_REFLINK,
	.settings = settings,
	.pool_settings = pool_settings,
	.open = dir_open,
	.close = dir_close,
	.stats = dir_stats,
	.create = dir_create,
	.remove = dir_remove,
	.resize = dir_resize,
	.manage = dir_manage,
	.unmanage = dir_unmanage,
	.usage = dir_usage,
	.cancel = dir_cancel,
	.look = dir_look,
	.list = dir_list,
	.snapshot = &dir_snapshot,
	.data = &dir_data,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return &table;
}

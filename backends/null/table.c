/* backends/null/table.c - the null driver: everything in memory, nothing on a disk; libshare-null(7) */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "libshare/version.h"
#include "null.h"

#define DEFAULT_SIZE (UINT64_C(1) << 40)

static void null_close(void *p)
{
	struct null_be *be = p;

	null_map_clear(&be->objects, null_object_free);
	if (be->journal >= 0)
		close(be->journal);
	pthread_mutex_destroy(&be->lock);
	free(be->pools);
	free(be->faults);
	free(be);
}

/* What a pool shall not offer, that what stands above can be tested with less. */
static int read_without(const struct null_be *be, const struct shr_call *call, struct null_pool *pool)
{
	static const struct {
		const char *word;
		uint64_t caps;
	} words[] = {
		{ "snapshot", SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT |
			SHR_CAP_CLONE_INDEPENDENT | SHR_CAP_SIZE_COVERS_SNAPSHOTS },
		{ "snapshot_clone", SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_CLONE_INDEPENDENT },
		{ "snapshot_revert", SHR_CAP_SNAPSHOT_REVERT }, { "snapshot_mount", SHR_CAP_SNAPSHOT_MOUNT },
		{ "clone_independent", SHR_CAP_CLONE_INDEPENDENT }, { "clone_reflink", SHR_CAP_CLONE_REFLINK },
	};
	const size_t n = sizeof words / sizeof *words;
	const char *s;
	uint32_t nth;
	size_t i;

	pool->caps = pool->hard ? NULL_CAPS & ~SHR_CAP_THIN : NULL_CAPS;
	for (nth = 0; (s = be->host->setting(call, pool->name, "without", nth)); nth++) {
		for (i = 0; i < n && strcmp(words[i].word, s) != 0; i++)
			;
		if (i == n)
			return shr_failf(be->host, call, SHR_EBACKEND, "pool %.255s: setting without: \"%.64s\" is none of snapshot, "
				"snapshot_clone, snapshot_revert, snapshot_mount, clone_independent and clone_reflink", pool->name, s);
		pool->caps &= ~words[i].caps;
	}
	return 0;
}

static int read_pool(const struct null_be *be, const struct shr_call *call, struct null_pool *pool)
{
	const char *s = be->host->setting(call, pool->name, "size", 0);

	pool->size = DEFAULT_SIZE;
	pool->hard = s != NULL;
	if (s && (null_parse_bytes(s, &pool->size) < 0 || pool->size == 0))
		return shr_failf(be->host, call, SHR_EBACKEND, "pool %.255s: setting size: \"%.64s\" is no size (as \"10GiB\")",
			pool->name, s);
	return read_without(be, call, pool);
}

static int read_pools(struct null_be *be, const struct shr_call *call)
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
	return code;
}

static int read_settings(struct null_be *be, const struct shr_call *call)
{
	const char *used = be->host->setting(call, NULL, "used", 0);
	const char *state = be->host->setting(call, NULL, "state", 0);
	struct null_plan plan = { 0, NULL_OPEN, 0 };
	int code = read_pools(be, call);

	be->paths = be->host->setting(call, NULL, "paths", 0);
	be->behind = be->host->setting(call, NULL, "behind", 0);
	be->release = be->host->setting(call, NULL, "release", 0);
	if (code == 0 && used && null_parse_bytes(used, &be->pretend) < 0)
		code = shr_failf(be->host, call, SHR_EBACKEND, "setting used: \"%.64s\" is no size (as \"10GiB\")", used);
	if (!be->paths)
		be->paths = "/null";
	if (code == 0 && *be->paths != '/')
		code = shr_failf(be->host, call, SHR_EBACKEND, "setting paths: \"%.255s\" is not absolute", be->paths);
	if (code == 0 && be->behind && *be->behind != '/')
		code = shr_failf(be->host, call, SHR_EBACKEND, "setting behind: \"%.255s\" is not absolute", be->behind);
	if (code == 0 && state && *state != '/')
		code = shr_failf(be->host, call, SHR_EBACKEND, "setting state: \"%.255s\" is not absolute", state);
	if (code == 0)
		code = null_faults_read(be, call);
	if (code == 0)
		code = null_begin(be, call, NULL_OPEN, &plan);
	if (code == 0 && state)
		code = null_journal_open(be, call, state);
	return code ? code : null_end(be, call, &plan, 0);
}

static int null_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	struct null_be *be = calloc(1, sizeof *be);
	int code;

	if (!be)
		return host->fail(call, SHR_EAGAIN, "no memory");
	be->host = host;
	be->journal = -1;
	pthread_mutex_init(&be->lock, NULL);
	code = read_settings(be, call);
	if (code) {
		null_close(be);
		return code;
	}
	*ret_be = be;
	return 0;
}

/* A pending call has done nothing yet. */
static int null_cancel(void *be, const struct shr_call *call)
{
	(void)be;
	(void)call;
	return 0;
}

static const char *const settings[] = { "behind", "fault", "paths", "release", "state", "used", NULL };
static const char *const pool_settings[] = { "size", "without", NULL };

static const struct shr_driver table = {
	.abi = SHR_DRIVER_ABI,
	.size = sizeof table,
	.name = "null",
	.version = "0.1.0",
	.needs = SHR_HEADER_VERSION,
	.threads = SHR_THREADS_PARALLEL,
	/* The lock on a state file is there only with that setting, so that it is not promised. */
	.fencing = SHR_FENCING_NONE,
	.capabilities = NULL_CAPS,
	.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB | SHR_PROTO_CEPHFS,
	.settings = settings,
	.pool_settings = pool_settings,
	.open = null_open,
	.close = null_close,
	.stats = null_stats,
	.create = null_create,
	.remove = null_remove,
	.resize = null_resize,
	.update_access = null_update_access,
	.manage = null_manage,
	.unmanage = null_unmanage,
	.usage = null_usage,
	.cancel = null_cancel,
	.look = null_look,
	.list = null_list,
	.snapshot = &null_snapshot,
	.data = &null_data,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return &table;
}

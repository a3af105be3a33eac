/* tests/install/driver.c - a driver as a stranger writes it: built with libshare-driver.pc alone
 *
 * It keeps nothing: its shares are names. With OLDER its table ends where an older one would, with NEWER it has a member
 * more, which is NULL, or not with NEWER=2. */
#include <libshare/driver.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct shr_driver_host *host;

static int
outside_open(const struct shr_driver_host *h, const struct shr_call *call, void **ret_be)
{
	char *be = malloc(1);

	if (!be)
		return h->fail(call, SHR_ENOMEM, "no memory");
	host = h;
	*ret_be = be;
	return 0;
}

static void
outside_close(void *be)
{
	free(be);
}

static int
outside_stats(void *be, const struct shr_call *call)
{
	const char *pool;
	uint32_t i;

	(void)be;
	for (i = 0; (pool = host->pool(call, i)); i++) {
		host->set_number(call, pool, SHR_NUMBER_TOTAL, UINT64_C(1) << 40);
		host->set_number(call, pool, SHR_NUMBER_FREE, UINT64_C(1) << 40);
		host->set_number(call, pool, SHR_NUMBER_CAPABILITIES, SHR_CAP_EXTEND | SHR_CAP_THIN | SHR_CAP_ACCESS_IP);
	}
	return 0;
}

static int
outside_create(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	struct shr_export location = { sizeof location, SHR_EXPORT_PREFERRED, SHR_PROTO_NFS, SHR_FAMILY_IPV4, 0, NULL, NULL };
	char path[256];

	(void)be;
	snprintf(path, sizeof path, "192.0.2.1:/%s", instance->id);
	location.path = path;
	location.instance_id = instance->id;
	host->set_ref(call, instance->id, path);
	host->add_export(call, instance->id, &location);
	return 0;
}

static int
outside_remove(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	(void)be;
	(void)call;
	(void)instance;
	return 0;
}

static int
outside_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	(void)be;
	if (bytes < instance->bytes)
		return shr_failf(host, call, SHR_EUNSUPPORTED, "%s does not shrink", instance->id);
	return 0;
}

static int
outside_update_access(void *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	const struct shr_rule_change *change;
	uint32_t i;

	(void)be;
	(void)instance;
	(void)all;
	for (i = 0; i < diff->n_changes; i++) {
		change = diff->changes[i];
		host->set_rule(call, change->is ? change->is->id : change->was->id, SHR_OK, "");
	}
	return 0;
}

#ifdef OLDER
#define TABLE_SIZE offsetof(struct shr_driver, usage)
#else
#define TABLE_SIZE sizeof table
#endif

static const char *const no_settings[] = { NULL };

static const struct {
	struct shr_driver driver;
#ifdef NEWER
	const void *later;
#endif
} table = {
	{
		.abi = SHR_DRIVER_ABI,
		.size = TABLE_SIZE,
		.name = "outside",
		.version = "1",
		.threads = SHR_THREADS_PARALLEL,
		.fencing = SHR_FENCING_NONE,
		.capabilities = SHR_CAP_EXTEND | SHR_CAP_THIN | SHR_CAP_ACCESS_IP,
		.protocols = SHR_PROTO_NFS,
		.settings = no_settings,
		.pool_settings = no_settings,
		.open = outside_open,
		.close = outside_close,
		.stats = outside_stats,
		.create = outside_create,
		.remove = outside_remove,
		.resize = outside_resize,
		.update_access = outside_update_access,
#ifdef OLDER
		/* behind the end of the table, where the core must not look */
		.snapshot = (const void *)&host,
#endif
	},
#if defined(NEWER) && NEWER > 1
	&table,
#endif
};

SHR_API const struct shr_driver *
shr_driver_entry_1(void)
{
	return &table.driver;
}

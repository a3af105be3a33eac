/* lib/config/shapes.c - every key of libshare.conf(5): its kind, its bounds, its default */
#include "shape.h"

#define AT(type, member) .at = offsetof(struct shr__##type, member)
#define LIST(type, member) .at = offsetof(struct shr__##type, member), .count = offsetof(struct shr__##type, n_##member)
#define KEYS(array) .keys = (array), .n_keys = sizeof(array) / sizeof *(array)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct shr__key pool_keys[] = {
	{ "name", SHR__KIND_NAME, .required = 1, AT(conf_pool, name) },
	{ "capacity", SHR__KIND_BYTES, AT(conf_pool, capacity), .least = 1, .most = SHR__SIZE_MOST },
	{ "reserved", SHR__KIND_BYTES, AT(conf_pool, reserved), .most = SHR__SIZE_MOST },
	{ "reserved_percent", SHR__KIND_COUNT, AT(conf_pool, reserved_percent), .most = 99 },
	{ "oversubscribe_percent", SHR__KIND_COUNT, AT(conf_pool, oversubscribe_percent), .least = 1, .most = 100000 },
	{ "settings", SHR__KIND_SETTINGS, LIST(conf_pool, settings) },
};

static void check_pool(struct shr__reader *r, const struct shr__trail *trail, const struct shr__node *node,
	const struct shr__node *const *values, const void *target)
{
	const struct shr__conf_pool *pool = target;

	if (pool->capacity && pool->reserved >= pool->capacity)
		shr__complain(r, values[2] ? values[2] : node, trail, "less than the capacity", "all of the capacity is reserved");
}

static const struct shr__conf_pool pool_initial = { .name = "", .oversubscribe_percent = 100 };
static const struct shr__shape pool_shape = {
	KEYS(pool_keys), .has_line = 1, .size = sizeof(struct shr__conf_pool), .line = offsetof(struct shr__conf_pool, line),
	.initial = &pool_initial, .check = check_pool,
};

static const struct shr__key exporter_keys[] = {
	{ "name", SHR__KIND_NAME, .required = 1, AT(conf_plugin, name) },
	{ "settings", SHR__KIND_SETTINGS, LIST(conf_plugin, settings) },
};

static const struct shr__conf_plugin exporter_initial = { .name = "" };
static const struct shr__shape exporter_shape = {
	KEYS(exporter_keys), .has_line = 1, .size = sizeof(struct shr__conf_plugin), .line = offsetof(struct shr__conf_plugin, line),
	.initial = &exporter_initial,
};

static const struct shr__key backend_keys[] = {
	{ "name", SHR__KIND_NAME, .required = 1, AT(conf_backend, name) },
	{ "driver", SHR__KIND_NAME, .required = 1, AT(conf_backend, driver) },
	{ "exporter", SHR__KIND_EXPORTER, AT(conf_backend, exporter), .shape = &exporter_shape },
	{ "exporters", SHR__KIND_ITEMS, LIST(conf_backend, exporters), .shape = &exporter_shape },
	{ "dual_protocol", SHR__KIND_FLAG, AT(conf_backend, dual_protocol) },
	{ "zone", SHR__KIND_NAME, AT(conf_backend, zone) },
	{ "protocols", SHR__KIND_PROTOCOLS, AT(conf_backend, protocols) },
	{ "settings", SHR__KIND_SETTINGS, LIST(conf_backend, settings) },
	{ "pools", SHR__KIND_ITEMS, .required = 1, LIST(conf_backend, pools), .shape = &pool_shape },
};

static void check_backend(struct shr__reader *r, const struct shr__trail *trail, const struct shr__node *node,
	const struct shr__node *const *values, const void *target)
{
	const struct shr__conf_backend *backend = target;
	const struct shr__node *one = values[2], *list = values[3], *dual = values[4];

	if (one && list)
		shr__complain(r, list, trail, "put all of them into exporters", "there are both exporter and exporters");
	else if (list && list->n > SHR__MOST_EXPORTERS)
		shr__complain(r, list, trail, "name one exporter for each protocol", "a backend has at most %d exporters, and here are "
			"%u", SHR__MOST_EXPORTERS, list->n);
	else if (backend->dual_protocol && r->whole && (!list || list->n < 2))
		shr__complain(r, dual ? dual : node, trail, "name in exporters one for nfs and one for smb",
			"dual_protocol needs two exporters");
}

static const struct shr__conf_backend backend_initial = {
	.name = "", .driver = "", .zone = "", .exporter = { .name = "" }, .exporter_names = "",
};
static const struct shr__shape backend_shape = {
	KEYS(backend_keys), .has_line = 1, .size = sizeof(struct shr__conf_backend),
	.line = offsetof(struct shr__conf_backend, line), .initial = &backend_initial, .check = check_backend,
};

static const struct shr__key store_keys[] = {
	{ "path", SHR__KIND_STORE, .required = 1, AT(config, store_path) },
};
static const struct shr__shape store_shape = { KEYS(store_keys) };

static const struct shr__key plugin_keys[] = {
	{ "directories", SHR__KIND_PATHS, AT(config, plugin_dirs), .count = offsetof(struct shr__config, n_plugin_dirs) },
	{ "require_signature", SHR__KIND_FLAG, AT(config, require_signature) },
	{ "public_keys", SHR__KIND_PATHS, LIST(config, public_keys) },
};

static void check_plugins(struct shr__reader *r, const struct shr__trail *trail, const struct shr__node *node,
	const struct shr__node *const *values, const void *target)
{
	const struct shr__config *config = target;

	if (config->require_signature && !values[2] && !config->n_public_keys && r->whole)
		shr__complain(r, values[1] ? values[1] : node, trail, "public_keys with the PEM files of those who may sign",
			"signatures are demanded, but there is no key to check them with");
}

static const struct shr__shape plugin_shape = { KEYS(plugin_keys), .check = check_plugins };

static const struct shr__key retry_keys[] = {
	{ "limit", SHR__KIND_COUNT, AT(config, retry_limit), .least = 1, .most = 1000 },
	{ "first", SHR__KIND_TIME, AT(config, retry_first_ms), .least = 1, .most = HOUR },
	{ "most", SHR__KIND_TIME, AT(config, retry_most_ms), .least = 1, .most = DAY },
};

static void check_retry(struct shr__reader *r, const struct shr__trail *trail, const struct shr__node *node,
	const struct shr__node *const *values, const void *target)
{
	const struct shr__config *config = target;

	if (config->retry_first_ms > config->retry_most_ms)
		shr__complain(r, values[2] ? values[2] : values[1] ? values[1] : node, trail, "first at most as long as most",
			"the first wait is longer than the longest");
}

static const struct shr__shape retry_shape = { KEYS(retry_keys), .check = check_retry };

static const struct shr__key engine_keys[] = {
	{ "lease", SHR__KIND_TIME, AT(config, lease_ms), .least = SECOND, .most = 10 * MINUTE },
	{ "poll", SHR__KIND_TIME, AT(config, poll_ms), .least = 10, .most = MINUTE },
	{ "stats", SHR__KIND_TIME, AT(config, stats_ms), .least = 100, .most = HOUR },
	{ "probe", SHR__KIND_TIME, AT(config, probe_ms), .least = 100, .most = MINUTE },
	{ "reconcile", SHR__KIND_TIME, AT(config, reconcile_ms), .most = 366 * DAY },
	{ "export_number_rest", SHR__KIND_TIME, AT(config, number_rest_ms), .most = 366 * DAY },
	{ "retry", SHR__KIND_MAP, .shape = &retry_shape },
};
static const struct shr__shape engine_shape = { KEYS(engine_keys) };

static const struct shr__key retention_keys[] = {
	{ "operations", SHR__KIND_TIME, AT(config, keep_operations_ms), .least = SECOND, .most = 36500 * DAY },
	{ "events", SHR__KIND_TIME, AT(config, keep_events_ms), .least = SECOND, .most = 36500 * DAY },
};
static const struct shr__shape retention_shape = { KEYS(retention_keys) };

static const struct shr__key quota_keys[] = {
	{ "shares", SHR__KIND_LIMIT, AT(config, quota_shares), .most = SHR__SIZE_MOST },
	{ "bytes", SHR__KIND_LIMIT_BYTES, AT(config, quota_bytes), .most = SHR__SIZE_MOST },
};
static const struct shr__shape quota_shape = { KEYS(quota_keys) };

static const struct shr__key config_keys[] = {
	{ "store", SHR__KIND_MAP, .shape = &store_shape },
	{ "plugins", SHR__KIND_MAP, .shape = &plugin_shape },
	{ "engine", SHR__KIND_MAP, .shape = &engine_shape },
	{ "retention", SHR__KIND_MAP, .shape = &retention_shape },
	{ "quota", SHR__KIND_MAP, .shape = &quota_shape },
	{ "backends", SHR__KIND_ITEMS, LIST(config, backends), .shape = &backend_shape },
};

static const struct shr__config config_initial = {
	.file = "", .store_path = ":memory:",
	.lease_ms = 10 * SECOND, .poll_ms = 250, .stats_ms = 30 * SECOND, .probe_ms = 2 * SECOND, .reconcile_ms = HOUR,
	.number_rest_ms = DAY,
	.keep_operations_ms = 30 * DAY, .keep_events_ms = 90 * DAY,
	.quota_shares = -1, .quota_bytes = -1,
	.retry_limit = 10, .retry_first_ms = 100, .retry_most_ms = 30 * SECOND,
};
const struct shr__shape shr__shape_config = {
	KEYS(config_keys), .size = sizeof(struct shr__config), .initial = &config_initial,
};

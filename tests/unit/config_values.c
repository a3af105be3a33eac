/* tests/unit/config_values.c - what a configuration without mistakes gives */
#include "config_try.h"

#include <limits.h>
#include <unistd.h>

#include "libshare/share.h"

static const char full[] =
	"store: { path: /var/lib/libshare/store.db }\n"
	"plugins: { directories: [/a, /b], require_signature: true, public_keys: /k.pem }\n"
	"engine: { lease: 20s, poll: 50ms, stats: 1m, retry: { limit: 3, first: 1s, most: 1h } }\n"
	"retention: { operations: 7d, events: 1d }\n"
	"quota: { shares: 12, bytes: 10TiB }\n"
	"backends:\n"
	"  - name: beta\n"
	"    driver: null\n"
	"    pools: [ { name: only } ]\n"
	"  - name: alpha\n"
	"    driver: dir\n"
	"    exporter: { name: ganesha, settings: { port: 2049 } }\n"
	"    zone: az1\n"
	"    protocols: [nfs, smb]\n"
	"    settings: { root: /srv, hosts: [x, \"\", z] }\n"
	"    pools:\n"
	"      - { name: slow, capacity: 1TiB }\n"
	"      - name: fast\n"
	"        capacity: 10TiB\n"
	"        reserved: 10GiB\n"
	"        reserved_percent: 5\n"
	"        oversubscribe_percent: 300\n"
	"        settings: { path: ssd }\n";

START_TEST(every_key_reaches_its_place)
{
	const struct shr__config *c = try_good(full);

	ck_assert_str_eq(c->file, "configuration");
	ck_assert_str_eq(c->store_path, "/var/lib/libshare/store.db");
	ck_assert_uint_eq(c->n_plugin_dirs, 2);
	ck_assert_str_eq(c->plugin_dirs[0], "/a");
	ck_assert_str_eq(c->plugin_dirs[1], "/b");
	ck_assert_uint_eq(c->require_signature, 1);
	ck_assert_uint_eq(c->n_public_keys, 1);
	ck_assert_str_eq(c->public_keys[0], "/k.pem");
	ck_assert_int_eq(c->lease_ms, 20000);
	ck_assert_int_eq(c->poll_ms, 50);
	ck_assert_int_eq(c->stats_ms, 60000);
	ck_assert_uint_eq(c->retry_limit, 3);
	ck_assert_int_eq(c->retry_first_ms, 1000);
	ck_assert_int_eq(c->retry_most_ms, 3600000);
	ck_assert_int_eq(c->keep_operations_ms, INT64_C(7) * 86400000);
	ck_assert_int_eq(c->keep_events_ms, 86400000);
	ck_assert_int_eq(c->quota_shares, 12);
	ck_assert_int_eq(c->quota_bytes, INT64_C(10) << 40);
	shr__record_unref(c);
}
END_TEST

START_TEST(backends_come_by_name_with_all_they_say)
{
	const struct shr__config *c = try_good(full);
	const struct shr__conf_backend *b = &c->backends[0];

	ck_assert_uint_eq(c->n_backends, 2);
	ck_assert_str_eq(c->backends[1].name, "beta");
	ck_assert_str_eq(c->backends[1].driver, "null");
	ck_assert_str_eq(c->backends[1].exporter.name, "");
	ck_assert_str_eq(c->backends[1].zone, "");
	ck_assert_uint_eq(c->backends[1].protocols, 0);
	ck_assert_uint_eq(c->backends[1].line, 7);
	ck_assert_str_eq(b->name, "alpha");
	ck_assert_uint_eq(b->line, 10);
	ck_assert_str_eq(b->exporter.name, "ganesha");
	ck_assert_uint_eq(b->exporter.line, 12);
	ck_assert_str_eq(b->exporter.settings[0].key, "port");
	ck_assert_str_eq(b->exporter.settings[0].values[0], "2049");
	ck_assert_str_eq(b->zone, "az1");
	ck_assert_uint_eq(b->protocols, SHR_PROTO_NFS | SHR_PROTO_SMB);
	shr__record_unref(c);
}
END_TEST

START_TEST(settings_come_by_key_with_their_values_in_order)
{
	const struct shr__config *c = try_good(full);
	const struct shr__setting *s = c->backends[0].settings;

	ck_assert_uint_eq(c->backends[0].n_settings, 2);
	ck_assert_str_eq(s[0].key, "hosts");
	ck_assert_uint_eq(s[0].n_values, 3);
	ck_assert_str_eq(s[0].values[0], "x");
	ck_assert_str_eq(s[0].values[1], "");
	ck_assert_str_eq(s[0].values[2], "z");
	ck_assert_uint_eq(s[0].line, 15);
	ck_assert_str_eq(s[1].key, "root");
	ck_assert_uint_eq(s[1].n_values, 1);
	ck_assert_str_eq(s[1].values[0], "/srv");
	shr__record_unref(c);
}
END_TEST

START_TEST(pools_come_by_name_with_all_they_say)
{
	const struct shr__config *c = try_good(full);
	const struct shr__conf_pool *p = c->backends[0].pools;

	ck_assert_uint_eq(c->backends[0].n_pools, 2);
	ck_assert_str_eq(p[0].name, "fast");
	ck_assert_uint_eq(p[0].capacity, UINT64_C(10) << 40);
	ck_assert_uint_eq(p[0].reserved, UINT64_C(10) << 30);
	ck_assert_uint_eq(p[0].reserved_percent, 5);
	ck_assert_uint_eq(p[0].oversubscribe_percent, 300);
	ck_assert_str_eq(p[0].settings[0].key, "path");
	ck_assert_uint_eq(p[0].line, 18);
	ck_assert_str_eq(p[1].name, "slow");
	ck_assert_uint_eq(p[1].capacity, UINT64_C(1) << 40);
	ck_assert_uint_eq(p[1].oversubscribe_percent, 100);
	ck_assert_uint_eq(p[1].line, 17);
	shr__record_unref(c);
}
END_TEST

START_TEST(what_is_left_out_has_its_default)
{
	const struct shr__config *c = try_good("quota: { shares: unlimited }\n");

	ck_assert_str_eq(c->store_path, ":memory:");
	ck_assert_uint_eq(c->n_plugin_dirs, 0);
	ck_assert_uint_eq(c->require_signature, 0);
	ck_assert_uint_eq(c->n_backends, 0);
	ck_assert_int_eq(c->lease_ms, 10000);
	ck_assert_int_eq(c->poll_ms, 250);
	ck_assert_int_eq(c->stats_ms, 30000);
	ck_assert_int_eq(c->probe_ms, 2000);
	ck_assert_int_eq(c->reconcile_ms, 3600000);
	ck_assert_int_eq(c->number_rest_ms, 86400000);
	ck_assert_int_eq(c->keep_operations_ms, INT64_C(30) * 86400000);
	ck_assert_int_eq(c->keep_events_ms, INT64_C(90) * 86400000);
	ck_assert_int_eq(c->quota_shares, -1);
	ck_assert_int_eq(c->quota_bytes, -1);
	ck_assert_uint_eq(c->retry_limit, 10);
	ck_assert_int_eq(c->retry_first_ms, 100);
	ck_assert_int_eq(c->retry_most_ms, 30000);
	shr__record_unref(c);
}
END_TEST

START_TEST(without_a_text_there_is_one_null_backend)
{
	const struct shr__config *c = try_good(NULL);

	ck_assert_str_eq(c->store_path, ":memory:");
	ck_assert_uint_eq(c->n_backends, 1);
	ck_assert_str_eq(c->backends[0].name, "null");
	ck_assert_str_eq(c->backends[0].driver, "null");
	ck_assert_uint_eq(c->backends[0].n_pools, 1);
	ck_assert_str_eq(c->backends[0].pools[0].name, "null");
	ck_assert_uint_eq(c->backends[0].pools[0].capacity, UINT64_C(1) << 40);
	shr__record_unref(c);
}
END_TEST

START_TEST(without_an_exporter_its_name_is_empty)
{
	const struct shr__config *c = try_good(BACKEND_BEGIN "zone: z\n");

	ck_assert_str_eq(c->backends[0].exporter.name, "");
	shr__record_unref(c);
}
END_TEST

START_TEST(an_exporter_can_be_a_name_alone)
{
	const struct shr__config *c = try_good(BACKEND_BEGIN "exporter: none\n");

	ck_assert_str_eq(c->backends[0].exporter.name, "none");
	ck_assert_uint_eq(c->backends[0].exporter.n_settings, 0);
	shr__record_unref(c);
}
END_TEST

START_TEST(one_protocol_needs_no_list)
{
	const struct shr__config *c = try_good(BACKEND_BEGIN "protocols: cephfs\n");

	ck_assert_uint_eq(c->backends[0].protocols, SHR_PROTO_CEPHFS);
	shr__record_unref(c);
}
END_TEST

START_TEST(a_quota_of_nothing_is_a_quota)
{
	const struct shr__config *c = try_good("quota: { shares: 0, bytes: 0 }\n");

	ck_assert_int_eq(c->quota_shares, 0);
	ck_assert_int_eq(c->quota_bytes, 0);
	shr__record_unref(c);
}
END_TEST

START_TEST(the_bounds_themselves_are_taken)
{
	const struct shr__config *c = try_good("engine: { lease: 1s, poll: 60s, stats: 100ms, retry: { limit: 1000 } }\n"
		POOL_BEGIN "        capacity: 4EiB\n        reserved_percent: 99\n        oversubscribe_percent: 1\n");

	ck_assert_int_eq(c->lease_ms, 1000);
	ck_assert_int_eq(c->poll_ms, 60000);
	ck_assert_int_eq(c->stats_ms, 100);
	ck_assert_uint_eq(c->retry_limit, 1000);
	ck_assert_uint_eq(c->backends[0].pools[0].capacity, UINT64_C(1) << 62);
	ck_assert_uint_eq(c->backends[0].pools[0].reserved_percent, 99);
	ck_assert_uint_eq(c->backends[0].pools[0].oversubscribe_percent, 1);
	shr__record_unref(c);
}
END_TEST

START_TEST(relative_paths_of_a_text_begin_in_the_current_directory)
{
	const struct shr__config *c = try_good("store: { path: ./s.db }\nplugins: { directories: plugins/mine }\n");
	char here[PATH_MAX], path[PATH_MAX + 32];

	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	snprintf(path, sizeof path, "%s/s.db", here);
	ck_assert_str_eq(c->store_path, path);
	snprintf(path, sizeof path, "%s/plugins/mine", here);
	ck_assert_str_eq(c->plugin_dirs[0], path);
	shr__record_unref(c);
}
END_TEST

START_TEST(settings_that_look_like_paths_are_the_drivers_own)
{
	const struct shr__config *c = try_good(BACKEND_BEGIN "settings: { root: ./here }\n");

	ck_assert_str_eq(c->backends[0].settings[0].values[0], "./here");
	shr__record_unref(c);
}
END_TEST

UNIT_MAIN(config_values, every_key_reaches_its_place, backends_come_by_name_with_all_they_say,
	settings_come_by_key_with_their_values_in_order, pools_come_by_name_with_all_they_say,
	what_is_left_out_has_its_default, without_a_text_there_is_one_null_backend, without_an_exporter_its_name_is_empty,
	an_exporter_can_be_a_name_alone, one_protocol_needs_no_list, a_quota_of_nothing_is_a_quota,
	the_bounds_themselves_are_taken, relative_paths_of_a_text_begin_in_the_current_directory,
	settings_that_look_like_paths_are_the_drivers_own)

/* tests/unit/config_mistakes.c - each kind of mistake in the keys and values, with its place and its remedy */
#include "config_try.h"

#define NAME "expected a name of 1 to 63 of A-Z, a-z, 0-9, '.', '_' and '-', not beginning with '.' or '-'"
#define SIZE "expected bytes, or a number with K, M, G, T, P or E (powers of 1024) such as 10GiB, from "
#define LIMIT "expected \"unlimited\", or a whole number"

START_TEST(an_unknown_key_is_told_with_the_nearest)
{
	try_one("stor: { path: /x }\n", 1, 1, "unknown key \"stor\"", "did you mean \"store\"?");
	try_one("engine: { laese: 1s }\n", 1, 11, "engine: unknown key \"laese\"", "did you mean \"lease\"?");
	try_one("engine: { retry: { LIMIT: 1 } }\n", 1, 20, "engine.retry: unknown key \"LIMIT\"",
		"did you mean \"limit\"?");
	try_one(POOL_BEGIN "        reserved-percent: 1\n", 6, 9, "backends[0].pools[0]: unknown key \"reserved-percent\"",
		"did you mean \"reserved_percent\"?");
	try_one(POOL_BEGIN "        oversubscribe: 100\n", 6, 9, "backends[0].pools[0]: unknown key \"oversubscribe\"",
		"did you mean \"oversubscribe_percent\"?");
}
END_TEST

START_TEST(an_unknown_key_like_no_other_is_told_with_all)
{
	try_one("\nxyz: 1\n", 2, 1, "unknown key \"xyz\"",
		"known here: store, plugins, engine, retention, quota, backends");
	try_one(BACKEND_BEGIN "exporter: { name: g, q: 1 }\n", 6, 26, "backends[0].exporter: unknown key \"q\"",
		"known here: name, settings");
}
END_TEST

START_TEST(exporters_are_one_for_each_protocol)
{
	try_one(BACKEND_BEGIN "exporter: g\n    exporters: [ { name: h } ]\n", 7, 16, "backends[0]: there are both exporter and exporters",
		"put all of them into exporters");
	try_one(BACKEND_BEGIN "exporters: [ { name: g }, { name: h }, { name: i } ]\n", 6, 16,
		"backends[0]: a backend has at most 2 exporters, and here are 3", "name one exporter for each protocol");
	try_one(BACKEND_BEGIN "exporters: [ { name: g }, { name: g } ]\n", 6, 39, "backends[0].exporters[1]: the name \"g\" is there already, in line 6", NULL);
	try_one(BACKEND_BEGIN "exporters: [ { name: g } ]\n    dual_protocol: true\n", 7, 20,
		"backends[0]: dual_protocol needs two exporters", "name in exporters one for nfs and one for smb");
}
END_TEST

START_TEST(a_key_is_given_once)
{
	try_one("quota:\n  shares: 1\n  bytes: 1\n  shares: 2\n", 4, 3, "quota.shares: the key is there already, in line 2",
		"give each key once");
	try_one(BACKEND_BEGIN "settings:\n      x: 1\n      y: 1\n      x: 1\n", 9, 7,
		"backends[0].settings: the key \"x\" is there already, in line 7",
		"give each key once; a list has several values");
}
END_TEST

START_TEST(a_double_key_does_not_hide_its_value)
{
	const struct fault both[] = {
		{ 2, 1, "quota: the key is there already, in line 1", "give each key once" },
		{ 2, 18, "quota.shares: \"x\" is not a limit", LIMIT },
	};

	try_bad("quota: { shares: 1 }\nquota: { shares: x }\n", both, 2);
}
END_TEST

START_TEST(what_a_double_mapping_sets_is_checked_against_the_first)
{
	const struct fault both[] = {
		{ 1, 27, "engine.retry: the first wait is longer than the longest", NULL },
		{ 1, 33, "engine.retry: the key is there already, in line 1", NULL },
		{ 1, 40, "engine.retry: the first wait is longer than the longest", NULL },
	};

	try_bad("engine: { retry: { first: 1m }, retry: {} }\n", both, 3);
}
END_TEST

START_TEST(a_key_that_must_be_there_is_missed)
{
	const struct fault backend[] = {
		{ 2, 5, "backends[0]: the key \"name\" is missing", NAME },
		{ 2, 5, "backends[0]: the key \"driver\" is missing", NAME },
		{ 2, 5, "backends[0]: the key \"pools\" is missing",
			"expected a list of mappings, each with a '-' before its first key" },
	};

	try_bad("backends:\n  - zone: z\n", backend, 3);
	try_one("store: {}\n", 1, 8, "store: the key \"path\" is missing", "expected a path, or \":memory:\"");
	try_one("backends: [ { name: a, driver: d, pools: [ { capacity: 1 } ] } ]\n", 1, 44,
		"backends[0].pools[0]: the key \"name\" is missing", NAME);
	try_one(BACKEND_BEGIN "exporter: { settings: { a: 1 } }\n", 6, 15,
		"backends[0].exporter: the key \"name\" is missing", NAME);
}
END_TEST

START_TEST(names_are_of_few_characters)
{
	try_one(BACKEND_BEGIN "zone: a/b\n", 6, 11, "backends[0].zone: \"a/b\" is not a name", NAME);
	try_one(BACKEND_BEGIN "zone: .a\n", 6, 11, "backends[0].zone: \".a\" is not a name", NAME);
	try_one(BACKEND_BEGIN "zone: \"\"\n", 6, 11, "backends[0].zone: \"\" is not a name", NAME);
	try_one(BACKEND_BEGIN "zone: \xc3\xa4\n", 6, 11, "backends[0].zone: \"\xc3\xa4\" is not a name", NAME);
	try_one(BACKEND_BEGIN "exporter: ../x\n", 6, 15, "backends[0].exporter: \"../x\" is not a name", NAME);
	try_one("backends: [ { name: a b, driver: d, pools: [ { name: p } ] } ]\n", 1, 21,
		"backends[0].name: \"a b\" is not a name", NAME);
}
END_TEST

START_TEST(names_are_at_most_63_bytes_long)
{
	char text[256], message[256], name[65];

	memset(name, 'n', sizeof name);
	name[63] = '\0';
	snprintf(text, sizeof text, BACKEND_BEGIN "zone: %s\n", name);
	shr__record_unref(try_good(text));
	name[63] = 'n';
	name[64] = '\0';
	snprintf(text, sizeof text, BACKEND_BEGIN "zone: %s\n", name);
	snprintf(message, sizeof message, "backends[0].zone: \"%.60s...\" is not a name", name);
	try_one(text, 6, 11, message, NAME);
}
END_TEST

START_TEST(names_of_backends_differ)
{
	const struct fault again[] = {
		{ 3, 11, "backends[1]: the name \"a\" is there already, in line 2", "give each a name of its own" },
		{ 5, 11, "backends[3]: the name \"a\" is there already, in line 2", "give each a name of its own" },
	};

	try_bad("backends:\n"
		"- { name: a, driver: d, pools: [ { name: p } ] }\n"
		"- { name: a, driver: d, pools: [ { name: p } ] }\n"
		"- { name: b, driver: d, pools: [ { name: p } ] }\n"
		"- { name: a, driver: d, pools: [ { name: p } ] }\n", again, 2);
}
END_TEST

START_TEST(names_of_pools_differ_within_a_backend)
{
	try_one(POOL_BEGIN "      - name: p\n", 6, 15, "backends[0].pools[1]: the name \"p\" is there already, in line 5",
		"give each a name of its own");
	shr__record_unref(try_good(POOL_BEGIN "  - { name: b, driver: d, pools: [ { name: p } ] }\n"));
}
END_TEST

START_TEST(sizes_have_a_form_and_bounds)
{
	try_one(POOL_BEGIN "        capacity: 10XB\n", 6, 19, "backends[0].pools[0].capacity: \"10XB\" is not a size",
		SIZE "1 to 4EiB");
	try_one(POOL_BEGIN "        capacity: 0\n", 6, 19, "backends[0].pools[0].capacity: \"0\" is too small",
		SIZE "1 to 4EiB");
	try_one(POOL_BEGIN "        capacity: -1G\n", 6, 19, "backends[0].pools[0].capacity: \"-1G\" is negative",
		SIZE "1 to 4EiB");
	try_one(POOL_BEGIN "        capacity: 5E\n", 6, 19, "backends[0].pools[0].capacity: \"5E\" is not a size",
		SIZE "1 to 4EiB");
	try_one(POOL_BEGIN "        reserved: 99999999999999999999999\n", 6, 19,
		"backends[0].pools[0].reserved: \"99999999999999999999999\" is not a size", SIZE "0 to 4EiB");
}
END_TEST

START_TEST(times_have_a_form_and_bounds)
{
	try_one("engine: { lease: 10 s }\n", 1, 18, "engine.lease: \"10 s\" is not a time",
		"expected a number with ms, s, m, h or d from 1s to 10m");
	try_one("engine: { lease: 999ms }\n", 1, 18, "engine.lease: \"999ms\" is too small", NULL);
	try_one("engine: { lease: 601s }\n", 1, 18, "engine.lease: \"601s\" is too large", NULL);
	try_one("engine: { poll: -5ms }\n", 1, 17, "engine.poll: \"-5ms\" is negative",
		"expected a number with ms, s, m, h or d from 10ms to 1m");
	try_one("retention: { events: 99999999999999999999d }\n", 1, 22,
		"retention.events: \"99999999999999999999d\" is not a time",
		"expected a number with ms, s, m, h or d from 1s to 36500d");
}
END_TEST

START_TEST(counts_have_a_form_and_bounds)
{
	const char *remedy = "expected a whole number from 1 to 1000";

	try_one("engine: { retry: { limit: 0 } }\n", 1, 27, "engine.retry.limit: \"0\" is too small", remedy);
	try_one("engine: { retry: { limit: 1001 } }\n", 1, 27, "engine.retry.limit: \"1001\" is too large", remedy);
	try_one("engine: { retry: { limit: -1 } }\n", 1, 27, "engine.retry.limit: \"-1\" is negative", remedy);
	try_one("engine: { retry: { limit: 1.5 } }\n", 1, 27, "engine.retry.limit: \"1.5\" is not a whole number", remedy);
	try_one("engine: { retry: { limit: 010 } }\n", 1, 27, "engine.retry.limit: \"010\" is not a whole number", remedy);
	try_one("engine: { retry: { limit: 9223372036854775808 } }\n", 1, 27,
		"engine.retry.limit: \"9223372036854775808\" is not a whole number", remedy);
	try_one("engine: { retry: { limit: 4294967297 } }\n", 1, 27, "engine.retry.limit: \"4294967297\" is too large",
		remedy);
	try_one(POOL_BEGIN "        reserved_percent: 100\n", 6, 27,
		"backends[0].pools[0].reserved_percent: \"100\" is too large", "expected a whole number from 0 to 99");
	try_one(POOL_BEGIN "        reserved_percent: 5%\n", 6, 27,
		"backends[0].pools[0].reserved_percent: \"5%\" is not a whole number", NULL);
}
END_TEST

START_TEST(limits_are_numbers_or_unlimited)
{
	try_one("quota: { shares: none }\n", 1, 18, "quota.shares: \"none\" is not a limit", LIMIT);
	try_one("quota: { shares: -1 }\n", 1, 18, "quota.shares: \"-1\" is negative", LIMIT);
	try_one("quota: { bytes: 99EiB }\n", 1, 17, "quota.bytes: \"99EiB\" is not a limit", NULL);
	try_one("quota: { bytes: Unlimited }\n", 1, 17, "quota.bytes: \"Unlimited\" is not a limit", NULL);
}
END_TEST

START_TEST(flags_are_true_or_false)
{
	try_one("plugins: { require_signature: yes }\n", 1, 31,
		"plugins.require_signature: \"yes\" is not true or false", "expected true or false");
}
END_TEST

START_TEST(protocols_are_known_and_differ)
{
	const struct fault faults[] = {
		{ 6, 22, "backends[0].protocols[1]: unknown protocol \"NFS\"", "expected one or a list of nfs, smb and cephfs" },
		{ 6, 27, "backends[0].protocols[2]: \"nfs\" is there already", "each protocol once" },
		{ 6, 32, "backends[0].protocols[3]: is a list", NULL },
	};

	try_bad(BACKEND_BEGIN "protocols: [nfs, NFS, nfs, [smb]]\n", faults, 3);
	try_one(BACKEND_BEGIN "protocols: ftp\n", 6, 16, "backends[0].protocols: unknown protocol \"ftp\"", NULL);
}
END_TEST

START_TEST(a_value_of_another_kind_is_told)
{
	try_one("retention: 30d\n", 1, 12, "retention: is a single value", "expected a mapping");
	try_one("retention: [30d]\n", 1, 12, "retention: is a list", "expected a mapping");
	try_one("store: { path: [/a] }\n", 1, 16, "store.path: is a list", "expected a path, or \":memory:\"");
	try_one("store: { path: { a: b } }\n", 1, 16, "store.path: is a mapping", "expected a path, or \":memory:\"");
	try_one("backends: { name: a }\n", 1, 11, "backends: is a mapping",
		"expected a list of mappings, each with a '-' before its first key");
	try_one("backends: [ alpha ]\n", 1, 13, "backends[0]: is a single value", "expected a mapping");
	try_one(BACKEND_BEGIN "settings: [a]\n", 6, 15, "backends[0].settings: is a list", NULL);
	try_one(BACKEND_BEGIN "exporter: [a]\n", 6, 15, "backends[0].exporter: is a list",
		"expected an exporter's name, or a mapping with its name and settings");
}
END_TEST

START_TEST(a_key_without_a_value_is_told)
{
	try_one("store:\n", 1, 7, "store: has no value", "expected a mapping");
	try_one("engine: { lease: ~ }\n", 1, 18, "engine.lease: has no value", NULL);
	try_one(BACKEND_BEGIN "settings: { x: }\n", 6, 20, "backends[0].settings.x: is empty",
		"expected a value, or a list of values");
}
END_TEST

START_TEST(empty_lists_are_mistakes)
{
	try_one("backends: []\n", 1, 11, "backends: is an empty list", NULL);
	try_one("plugins: { directories: [] }\n", 1, 25, "plugins.directories: is an empty list",
		"expected a path, or a list of paths");
	try_one(BACKEND_BEGIN "protocols: []\n", 6, 16, "backends[0].protocols: is an empty list", NULL);
	try_one(BACKEND_BEGIN "settings: { x: [] }\n", 6, 20, "backends[0].settings.x: is an empty list", NULL);
	try_one("backends: [ { name: a, driver: d, pools: [] } ]\n", 1, 42, "backends[0].pools: is an empty list", NULL);
}
END_TEST

START_TEST(paths_are_text_of_one_line)
{
	const struct fault faults[] = {
		{ 1, 26, "plugins.directories[0]: is empty", "expected a path, or a list of paths" },
		{ 1, 29, "plugins.directories[1]: is a mapping", "expected a path, or a list of paths" },
	};

	try_bad("plugins: { directories: [~, { a: b }] }\n", faults, 2);
	try_one("store: { path: \"/a\\nb\" }\n", 1, 16, "store.path: has a control character at byte 3", NULL);
}
END_TEST

START_TEST(settings_are_values_or_lists_of_values)
{
	const struct fault faults[] = {
		{ 6, 20, "backends[0].settings.a: is a mapping", "expected a value, or a list of values" },
		{ 6, 31, "backends[0].settings.b[1]: is a list", "expected a value, or a list of values" },
		{ 6, 37, "backends[0].settings: \"c d\" cannot be a key",
			"a key of 1 to 63 of A-Z, a-z, 0-9, '.', '_' and '-'" },
		{ 6, 50, "backends[0].settings.e: has a control character at byte 1", "text of one line of at most 4096 bytes" },
	};

	try_bad(BACKEND_BEGIN "settings: { a: {}, b: [x, [y]], \"c d\": 1, e: \"\\t\\a\" }\n", faults, 4);
}
END_TEST

START_TEST(a_setting_is_at_most_4096_bytes)
{
	char text[5000];
	int n = snprintf(text, sizeof text, "%s", BACKEND_BEGIN "settings: { x: ");

	memset(text + n, 'v', 4096);
	strcpy(text + n + 4096, " }\n");
	shr__record_unref(try_good(text));
	strcpy(text + n + 4096, "v }\n");
	try_one(text, 6, 20, "backends[0].settings.x: is longer than 4096 bytes", NULL);
}
END_TEST

START_TEST(keys_are_text)
{
	try_one("[a]: 1\n", 1, 1, "a key that is not text", "text as the key");
	try_one(BACKEND_BEGIN "settings: { ? {a: b} : 1 }\n", 6, 19, "backends[0].settings: a key that is not text",
		"text as the key");
}
END_TEST

START_TEST(a_reserve_leaves_something)
{
	try_one(POOL_BEGIN "        capacity: 1G\n        reserved: 1G\n", 7, 19,
		"backends[0].pools[0]: all of the capacity is reserved", "less than the capacity");
}
END_TEST

START_TEST(the_first_wait_is_not_over_the_longest)
{
	try_one("engine: { retry: { first: 31s } }\n", 1, 27, "engine.retry: the first wait is longer than the longest",
		"first at most as long as most");
	try_one("engine: { retry: { most: 50ms, first: 60ms } }\n", 1, 26,
		"engine.retry: the first wait is longer than the longest", NULL);
}
END_TEST

START_TEST(signatures_need_a_key)
{
	try_one("plugins: { require_signature: true }\n", 1, 31,
		"plugins: signatures are demanded, but there is no key to check them with",
		"public_keys with the PEM files of those who may sign");
}
END_TEST

START_TEST(many_mistakes_are_told_at_once_in_the_files_order)
{
	const struct fault faults[] = {
		{ 1, 1, "unknown key \"stor\"", NULL },
		{ 2, 18, "engine.lease: \"0s\" is too small", NULL },
		{ 3, 12, "the anchor \"x\" is not taken", NULL },
		{ 5, 5, "backends[0]: the key \"driver\" is missing", NULL },
		{ 7, 7, "backends[0].pools[0]: unknown key \"nmae\"", NULL },
		{ 7, 7, "backends[0].pools[0]: the key \"name\" is missing", NULL },
		{ 8, 11, "backends[1]: the name \"a\" is there already, in line 5", NULL },
	};

	try_bad("stor: 1\n"
		"engine: { lease: 0s }\n"
		"retention: &x { events: 1d }\n"
		"backends:\n"
		"  - name: a\n"
		"    pools:\n"
		"    - nmae: x\n"
		"  - name: a\n"
		"    driver: d\n"
		"    pools: [ { name: p } ]\n", faults, 7);
}
END_TEST

START_TEST(a_thousand_mistakes_are_told_and_no_more)
{
	const struct shr__config *config;
	const struct shr_error *error = NULL;
	char *text = malloc(1500 * 8 + 1), *end = text;

	for (unsigned i = 0; i < 1500; i++)
		end += sprintf(end, "k%04u: \n", i);
	ck_assert_int_eq(shr__config_read(NULL, text, NULL, &config, &error), SHR_EINVAL);
	ck_assert_str_eq(error->message, "configuration: more than 1000 mistakes");
	ck_assert_uint_le(error->n_faults, 1001);
	ck_assert_uint_ge(error->n_faults, 1000);
	ck_assert_str_eq(error->faults[998]->where, "configuration:999:1");
	shr_error_unref(error);
	free(text);
}
END_TEST

UNIT_MAIN(config_mistakes, an_unknown_key_is_told_with_the_nearest, an_unknown_key_like_no_other_is_told_with_all,
	exporters_are_one_for_each_protocol,
	a_key_is_given_once, a_double_key_does_not_hide_its_value,
	what_a_double_mapping_sets_is_checked_against_the_first, a_key_that_must_be_there_is_missed,
	names_are_of_few_characters, names_are_at_most_63_bytes_long, names_of_backends_differ,
	names_of_pools_differ_within_a_backend, sizes_have_a_form_and_bounds, times_have_a_form_and_bounds,
	counts_have_a_form_and_bounds, limits_are_numbers_or_unlimited, flags_are_true_or_false,
	protocols_are_known_and_differ, a_value_of_another_kind_is_told, a_key_without_a_value_is_told,
	empty_lists_are_mistakes, paths_are_text_of_one_line, settings_are_values_or_lists_of_values,
	a_setting_is_at_most_4096_bytes, keys_are_text, a_reserve_leaves_something,
	the_first_wait_is_not_over_the_longest, signatures_need_a_key,
	many_mistakes_are_told_at_once_in_the_files_order, a_thousand_mistakes_are_told_and_no_more)

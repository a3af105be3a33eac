/* tests/unit/config_fingerprint.c - when two configurations of a backend are the same */
#include "config_try.h"

#define HEAD "backends:\n  - name: a\n    driver: dir\n"
#define POOLS "    pools: [ { name: p, capacity: 1T } ]\n"

/* The sum of the first backend. */
static void sum(const char *text, char ret[65])
{
	const struct shr__config *c = try_good(text);

	memcpy(ret, c->backends[0].fingerprint, 65);
	ck_assert_uint_eq(strlen(ret), 64);
	ck_assert_uint_eq(strspn(ret, "0123456789abcdef"), 64);
	shr__record_unref(c);
}

static void same(const char *a, const char *b)
{
	char sa[65], sb[65];

	sum(a, sa);
	sum(b, sb);
	ck_assert_str_eq(sa, sb);
}

static void differ(const char *a, const char *b)
{
	char sa[65], sb[65];

	sum(a, sa);
	sum(b, sb);
	ck_assert_str_ne(sa, sb);
}

START_TEST(layout_and_comments_do_not_count)
{
	same(HEAD POOLS, "# a comment\n\n\nbackends: [ { driver: dir, name: a, pools: [ { capacity: 1024GiB, name: p } ] } ]\n");
}
END_TEST

START_TEST(the_order_of_keys_and_pools_does_not_count)
{
	same(HEAD "    settings: { x: 1, y: 2 }\n    pools: [ { name: p }, { name: q } ]\n",
		HEAD "    pools: [ { name: q }, { name: p } ]\n    settings: { y: 2, x: 1 }\n");
}
END_TEST

START_TEST(a_default_written_out_does_not_count)
{
	same(HEAD POOLS, HEAD "    pools: [ { name: p, reserved: 0, capacity: 1T, oversubscribe_percent: 100 } ]\n");
}
END_TEST

START_TEST(other_backends_do_not_count)
{
	same(HEAD POOLS, HEAD POOLS "  - name: b\n    driver: dir\n" POOLS);
}
END_TEST

START_TEST(the_rest_of_the_file_does_not_count)
{
	same(HEAD POOLS, "store: { path: /x }\nengine: { lease: 1m }\n" HEAD POOLS);
}
END_TEST

START_TEST(each_value_counts)
{
	differ(HEAD POOLS, "backends:\n  - name: b\n    driver: dir\n" POOLS);
	differ(HEAD POOLS, "backends:\n  - name: a\n    driver: btrfs\n" POOLS);
	differ(HEAD POOLS, HEAD "    zone: z\n" POOLS);
	differ(HEAD POOLS, HEAD "    protocols: nfs\n" POOLS);
	differ(HEAD POOLS, HEAD "    exporter: ganesha\n" POOLS);
	same(HEAD "    exporter: ganesha\n" POOLS, HEAD "    exporters: [ { name: ganesha } ]\n" POOLS);
	differ(HEAD "    exporter: ganesha\n" POOLS, HEAD "    exporters: [ { name: ganesha }, { name: samba } ]\n" POOLS);
	same(HEAD "    exporters: [ { name: samba }, { name: ganesha } ]\n" POOLS,
		HEAD "    exporters: [ { name: ganesha }, { name: samba } ]\n" POOLS);
	differ(HEAD "    exporters: [ { name: samba }, { name: ganesha } ]\n" POOLS,
		HEAD "    exporters: [ { name: ganesha }, { name: samba } ]\n    dual_protocol: true\n" POOLS);
	differ(HEAD POOLS, HEAD "    settings: { x: 1 }\n" POOLS);
	differ(HEAD POOLS, HEAD "    pools: [ { name: q, capacity: 1T } ]\n");
	differ(HEAD POOLS, HEAD "    pools: [ { name: p, capacity: 2T } ]\n");
	differ(HEAD POOLS, HEAD "    pools: [ { name: p, capacity: 1T, reserved: 1 } ]\n");
	differ(HEAD POOLS, HEAD "    pools: [ { name: p, capacity: 1T, reserved_percent: 1 } ]\n");
	differ(HEAD POOLS, HEAD "    pools: [ { name: p, capacity: 1T, oversubscribe_percent: 101 } ]\n");
	differ(HEAD POOLS, HEAD "    pools: [ { name: p, capacity: 1T, settings: { x: 1 } } ]\n");
	differ(HEAD "    exporter: { name: g, settings: { x: 1 } }\n" POOLS, HEAD "    exporter: g\n" POOLS);
}
END_TEST

START_TEST(values_that_are_moved_count)
{
	differ(HEAD "    settings: { x: [a, b] }\n" POOLS, HEAD "    settings: { x: [b, a] }\n" POOLS);
	differ(HEAD "    settings: { x: [a, b] }\n" POOLS, HEAD "    settings: { x: [ab] }\n" POOLS);
	differ(HEAD "    settings: { x: 1 }\n" POOLS, HEAD "    pools: [ { name: p, "
		"capacity: 1T, settings: { x: 1 } } ]\n");
}
END_TEST

UNIT_MAIN(config_fingerprint, layout_and_comments_do_not_count, the_order_of_keys_and_pools_does_not_count,
	a_default_written_out_does_not_count, other_backends_do_not_count, the_rest_of_the_file_does_not_count,
	each_value_counts, values_that_are_moved_count)

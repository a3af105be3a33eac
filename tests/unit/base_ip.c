/* tests/unit/base_ip.c - addresses and prefixes */
#include "unit.h"

#include "base/ip.h"

#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(ip_normal_forms)
{
	static const struct {
		const char *text, *normal;
	} cases[] = {
		{ "10.0.0.1", "10.0.0.1" }, { "10.0.0.1/32", "10.0.0.1" }, { "10.0.0.0/24", "10.0.0.0/24" },
		{ "0.0.0.0/0", "0.0.0.0/0" }, { "255.255.255.255", "255.255.255.255" }, { "128.0.0.0/1", "128.0.0.0/1" },
		{ "::", "::" }, { "::/0", "::/0" }, { "::1", "::1" }, { "::1/128", "::1" }, { "1::", "1::" },
		{ "FD00::ABCD", "fd00::abcd" }, { "2001:0db8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" }, /* of two runs the first */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },       /* of two runs the longer */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" }, /* one zero alone is not a run */
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" }, { "fd00::/8", "fd00::/8" }, { "fe80::/10", "fe80::/10" },
		{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" }, { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" },
	};

	for (size_t i = 0; i < N(cases); i++) {
		char normal[SHR__IP_ROOM], again[SHR__IP_ROOM];
		struct shr__ip ip, same;

		ck_assert_msg(shr__ip_parse(cases[i].text, &ip, normal) == 0, "%s", cases[i].text);
		ck_assert_str_eq(normal, cases[i].normal);
		ck_assert_int_eq(shr__ip_parse(normal, &same, again), 0);
		ck_assert_str_eq(again, normal);
		ck_assert_mem_eq(&same, &ip, sizeof(ip));
	}
}
END_TEST

START_TEST(ip_malformed)
{
	static const char *const cases[] = { "", "/", "/24", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3",
		"256.0.0.1", "1.2.3.1000", "01.2.3.4", "1.2.3.04", "00.0.0.0", "0x1.2.3.4", "1.2.3.4/", "1.2.3.4/33",
		"1.2.3.4/032", "1.2.3.4/00", "1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/ 8", "1.2.3.4/8/8", "1.2.3.4/255.0.0.0",
		"1.2.3.4 ", " 1.2.3.4", "1.2.3.4\n", "-1.2.3.4", "a.b.c.d", "1.2.3.4/4294967296", "1.2.3.4/1000",
		":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1%eth0", "fe80::1%1/64",
		"::/129", "::1/", "[::1]", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::ffff:1.2.3.4", "::ffff:102:304",
		"::FFFF:0:0/96", "::ffff:1.2.3.0/120", "0:0:0:0:0:ffff:1:1", "::1.2.3", "::01.2.3.4", "localhost",
		"1111111111111111111111111111111111111111111111111111111111111111111111", "10.0.0.0/24\t" };

	for (size_t i = 0; i < N(cases); i++) {
		char normal[SHR__IP_ROOM] = "untouched";
		struct shr__ip ip;

		ck_assert_msg(shr__ip_parse(cases[i], &ip, normal) == -1, "%s", cases[i]);
		ck_assert_str_eq(normal, "untouched");
	}
	ck_assert_int_eq(shr__ip_parse(NULL, NULL, NULL), -1);
}
END_TEST

START_TEST(ip_with_host_bits_says_what_it_should_have_been)
{
	static const struct {
		const char *text, *normal;
	} cases[] = {
		{ "10.0.0.1/24", "10.0.0.0/24" }, { "10.0.0.1/31", "10.0.0.0/31" }, { "10.0.0.1/0", "0.0.0.0/0" },
		{ "10.0.0.129/25", "10.0.0.128/25" }, { "10.1.0.0/15", "10.0.0.0/15" }, { "fd00::1/64", "fd00::/64" },
		{ "2001:db8:ffff::/33", "2001:db8:8000::/33" }, { "::1/127", "::/127" }, { "1::/0", "::/0" },
	};

	for (size_t i = 0; i < N(cases); i++) {
		char normal[SHR__IP_ROOM], again[SHR__IP_ROOM];
		struct shr__ip ip, same;

		ck_assert_msg(shr__ip_parse(cases[i].text, &ip, normal) == -2, "%s", cases[i].text);
		ck_assert_str_eq(normal, cases[i].normal);
		ck_assert_int_eq(shr__ip_parse(normal, &same, again), 0);
		ck_assert_mem_eq(&same, &ip, sizeof(ip));
	}
}
END_TEST

static int contains(const char *prefix, const char *address)
{
	struct shr__ip p, a;
	char normal[SHR__IP_ROOM];

	ck_assert_int_eq(shr__ip_parse(prefix, &p, normal), 0);
	ck_assert_int_eq(shr__ip_parse(address, &a, normal), 0);
	return shr__ip_contains(&p, &a);
}

START_TEST(ip_contains_by_bits)
{
	ck_assert(contains("10.0.0.0/8", "10.255.255.255"));
	ck_assert(!contains("10.0.0.0/8", "11.0.0.0"));
	ck_assert(contains("10.0.0.128/25", "10.0.0.200"));
	ck_assert(!contains("10.0.0.128/25", "10.0.0.127"));
	ck_assert(contains("0.0.0.0/0", "1.2.3.4"));
	ck_assert(contains("1.2.3.4", "1.2.3.4"));
	ck_assert(!contains("1.2.3.4", "1.2.3.5"));
	ck_assert(contains("10.0.0.0/8", "10.1.0.0/16"));  /* a narrower prefix */
	ck_assert(!contains("10.1.0.0/16", "10.0.0.0/8")); /* a wider one */
	ck_assert(contains("fc00::/7", "fdff::1"));
	ck_assert(!contains("fd00::/8", "fe00::1"));
	ck_assert(contains("::1", "::1"));
	ck_assert(!contains("::/0", "1.2.3.4"));
	ck_assert(!contains("0.0.0.0/0", "::1"));
}
END_TEST

START_TEST(ip_prefixes_of_an_address)
{
	char normal[SHR__IP_ROOM], printed[SHR__IP_ROOM];
	struct shr__ip ip, prefix, same;

	ck_assert_int_eq(shr__ip_parse("2001:db8:ffff:1::5", &ip, normal), 0);
	for (unsigned bits = 0; bits <= 128; bits++) {
		shr__ip_prefix(&ip, bits, &prefix, printed);
		ck_assert_msg(shr__ip_parse(printed, &same, normal) == 0, "%s", printed);
		ck_assert_str_eq(printed, normal);
		ck_assert_uint_eq(same.bits, bits);
		ck_assert_int_eq(shr__ip_contains(&prefix, &ip), 1);
	}
	ck_assert_str_eq(printed, "2001:db8:ffff:1::5");
	shr__ip_prefix(&ip, 33, &prefix, printed);
	ck_assert_str_eq(printed, "2001:db8:8000::/33");
	ck_assert_int_eq(shr__ip_parse("10.1.2.3", &ip, normal), 0);
	shr__ip_prefix(&ip, 0, &prefix, printed);
	ck_assert_str_eq(printed, "0.0.0.0/0");
	shr__ip_prefix(&ip, 31, &prefix, printed);
	ck_assert_str_eq(printed, "10.1.2.2/31");
}
END_TEST

UNIT_MAIN(base_ip, ip_prefixes_of_an_address, ip_normal_forms, ip_malformed, ip_with_host_bits_says_what_it_should_have_been, ip_contains_by_bits)

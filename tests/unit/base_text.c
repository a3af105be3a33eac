/* tests/unit/base_text.c - names, sizes and durations that people give */
#include "unit.h"

#include "base/text.h"

#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(utf8_good)
{
	static const char *const good[] = { "", "abc", "gr\xc3\xbcn", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf" };

	for (size_t i = 0; i < N(good); i++)
		ck_assert_msg(shr__utf8_ok(good[i], strlen(good[i])), "case %zu", i);
	ck_assert(shr__utf8_ok("\0", 1));
}
END_TEST

START_TEST(utf8_bad)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf",
		"\xe2\x82", "\xe2\x82(", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xfe", "\xff", "ok\xff" };

	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(!shr__utf8_ok(bad[i], strlen(bad[i])), "case %zu", i);
}
END_TEST

static const char *wrong(const char *s, size_t most, unsigned flags)
{
	static char buf[80];
	const char *what = shr__text_wrong(s, most, flags, buf, sizeof(buf));

	return what != NULL ? what : "";
}

START_TEST(text_says_what_is_wrong)
{
	ck_assert_str_eq(wrong("fine name", 255, 0), "");
	ck_assert_str_eq(wrong("", 255, 0), "is empty");
	ck_assert_str_eq(wrong(NULL, 255, 0), "is empty");
	ck_assert_str_eq(wrong("", 255, SHR__TEXT_EMPTY_OK), "");
	ck_assert_str_eq(wrong(NULL, 255, SHR__TEXT_EMPTY_OK), "");
	ck_assert_str_eq(wrong("abc", 3, 0), "");
	ck_assert_str_eq(wrong("abcd", 3, 0), "is longer than 3 bytes");
	ck_assert_str_eq(wrong("a\xff", 255, 0), "is not UTF-8");
	ck_assert_str_eq(wrong("\xc3\xbc\x01", 255, 0), "has a control character at byte 3");
	ck_assert_str_eq(wrong("a\x7f", 255, 0), "has a control character at byte 2");
	ck_assert_str_eq(wrong("a\xc2\x9b", 255, 0), "has a control character at byte 2");
	ck_assert_str_eq(wrong("a\xc2\xa0", 255, 0), "");
	ck_assert_str_eq(wrong("a/b", 255, 0), "has a '/'");
	ck_assert_str_eq(wrong("a/b", 255, SHR__TEXT_SLASH_OK), "");
	ck_assert_str_eq(wrong("a\nb", 255, 0), "has a control character at byte 2");
	ck_assert_str_eq(wrong("a\n\tb", 255, SHR__TEXT_LINES_OK), "");
	ck_assert_str_eq(wrong("a\rb", 255, SHR__TEXT_LINES_OK), "has a control character at byte 2");
}
END_TEST

START_TEST(text_too_long_is_not_read_to_its_end)
{
	const char no_end[4] = { 'a', 'b', 'c', 'd' }; /* without a NUL */

	ck_assert_str_eq(wrong(no_end, 3, 0), "is longer than 3 bytes");
	ck_assert(!shr__ident_ok(no_end, 3));
}
END_TEST

START_TEST(ident_characters)
{
	ck_assert(shr__ident_ok("a", 1));
	ck_assert(shr__ident_ok("Alpha_1.b-c", 64));
	ck_assert(shr__ident_ok("_x", 64));
	ck_assert(shr__ident_ok("0", 64));
	ck_assert(!shr__ident_ok("", 64));
	ck_assert(!shr__ident_ok(NULL, 64));
	ck_assert(!shr__ident_ok(".hidden", 64));
	ck_assert(!shr__ident_ok("-option", 64));
	ck_assert(!shr__ident_ok("a/b", 64));
	ck_assert(!shr__ident_ok("a b", 64));
	ck_assert(!shr__ident_ok("gr\xc3\xbcn", 64));
	ck_assert(shr__ident_ok("abc", 3));
	ck_assert(!shr__ident_ok("abcd", 3));
}
END_TEST

START_TEST(bytes_good)
{
	static const struct {
		const char *text;
		uint64_t n;
	} cases[] = {
		{ "0", 0 }, { "1", 1 }, { "1073741824", UINT64_C(1) << 30 }, { "10GiB", UINT64_C(10) << 30 },
		{ "512M", UINT64_C(512) << 20 }, { "1K", 1024 }, { "1KiB", 1024 }, { "3T", UINT64_C(3) << 40 },
		{ "2PiB", UINT64_C(2) << 50 }, { "4E", UINT64_C(1) << 62 }, { "4611686018427387904", UINT64_C(1) << 62 },
		{ "1000B", 1000 }, { "0E", 0 }, { "007", 7 },
	};

	for (size_t i = 0; i < N(cases); i++) {
		uint64_t n = 12345;

		ck_assert_msg(shr__bytes_parse(cases[i].text, &n) == 0, "%s", cases[i].text);
		ck_assert_msg(n == cases[i].n, "%s", cases[i].text);
	}
}
END_TEST

START_TEST(bytes_bad)
{
	static const char *const cases[] = { "", "G", "-1", "+1", " 1", "1 ", "1.5G", "1GB", "1Gi", "1GiBx", "1k", "1g", "0x10",
		"1GG", "5E", "4611686018427387905", "18446744073709551616", "99999999999999999999999", "1BiB", "1e3", "4097P" };
	uint64_t n = 7;

	for (size_t i = 0; i < N(cases); i++)
		ck_assert_msg(shr__bytes_parse(cases[i], &n) == -1, "%s", cases[i]);
	ck_assert_int_eq(shr__bytes_parse(NULL, &n), -1);
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(bytes_text_reads_back_the_same)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = { { 0, "0B" }, { 1000, "1000B" }, { 1024, "1KiB" }, { 1025, "1025B" }, { 10737418240, "10GiB" },
		{ UINT64_C(1) << 62, "4EiB" }, { 1536, "1536B" }, { 1536 * 1024, "1536KiB" } };
	char buf[32];

	for (size_t i = 0; i < N(cases); i++) {
		uint64_t n;

		ck_assert_ptr_eq(shr__bytes_text(cases[i].n, buf), buf);
		ck_assert_str_eq(buf, cases[i].text);
		ck_assert_int_eq(shr__bytes_parse(buf, &n), 0);
		ck_assert(n == cases[i].n);
	}
	ck_assert_str_eq(shr__bytes_text(UINT64_MAX, buf), "18446744073709551615B");
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "0s", 0 }, { "250ms", 250 }, { "90s", 90000 }, { "15m", 900000 }, { "12h", 43200000 },
		{ "30d", INT64_C(2592000000) }, { "9223372036854775807ms", INT64_MAX } };
	static const char *const bad[] = { "", "s", "10", "-1s", "1.5h", "1 s", "1S", "1w", "1hh", "1msx",
		"9223372036854775808ms", "9223372036854775807s", "106751991168d" };
	int64_t ms;

	for (size_t i = 0; i < N(good); i++) {
		ck_assert_msg(shr__duration_parse(good[i].text, &ms) == 0, "%s", good[i].text);
		ck_assert_msg(ms == good[i].ms, "%s", good[i].text);
	}
	for (size_t i = 0; i < N(bad); i++)
		ck_assert_msg(shr__duration_parse(bad[i], &ms) == -1, "%s", bad[i]);
	ck_assert_int_eq(shr__duration_parse(NULL, &ms), -1);
}
END_TEST

START_TEST(vsock_paths)
{
	static const char *const bad[] = { "", "vsock:", "vsock:2", "vsock:2:", "vsock:2:x", "vsock::/x", "vsock:0:/x", "vsock:02:/x",
		"vsock:4294967295:/x", "vsock:-2:/x", "vsock:2 :/x", "VSOCK:2:/x", "2:/x", "vsock:99999999999999999999999:/x" };
	const char *path = NULL;
	uint32_t cid = 0;

	ck_assert_int_eq(shr__vsock_parse("vsock:2:/shares/home", &cid, &path), 0);
	ck_assert_uint_eq(cid, 2);
	ck_assert_str_eq(path, "/shares/home");
	ck_assert_int_eq(shr__vsock_parse("vsock:4294967294:/", &cid, &path), 0);
	ck_assert_uint_eq(cid, 4294967294u);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(shr__vsock_parse(bad[i], &cid, &path) == -1, "%s", bad[i]);
}
END_TEST

UNIT_MAIN(base_text, vsock_paths, utf8_good, utf8_bad, text_says_what_is_wrong, text_too_long_is_not_read_to_its_end,
	ident_characters, bytes_good, bytes_bad, bytes_text_reads_back_the_same, durations)

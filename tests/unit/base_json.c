/* tests/unit/base_json.c - JSON out */
#include "unit.h"

#include "base/json.h"
#include "base/mem.h"

#include <stdint.h>

static void check(struct shr__json *j, const char *want)
{
	char *s = shr__buf_take(&j->buf);

	ck_assert_str_eq(s, want);
	shr__free(s);
}

START_TEST(json_puts_commas_where_they_belong)
{
	struct shr__json j = { 0 };

	shr__json_open(&j, NULL, '{');
	shr__json_str(&j, "a", "x");
	shr__json_open(&j, "empty", '[');
	shr__json_close(&j, ']');
	shr__json_open(&j, "list", '[');
	shr__json_int(&j, NULL, 1);
	shr__json_open(&j, NULL, '{');
	shr__json_bool(&j, "yes", 1);
	shr__json_bool(&j, "no", 0);
	shr__json_close(&j, '}');
	shr__json_open(&j, NULL, '{');
	shr__json_close(&j, '}');
	shr__json_close(&j, ']');
	shr__json_int(&j, "last", 2);
	shr__json_close(&j, '}');
	check(&j, "{\"a\":\"x\",\"empty\":[],\"list\":[1,{\"yes\":true,\"no\":false},{}],\"last\":2}");
}
END_TEST

START_TEST(json_numbers_keep_all_their_bits)
{
	struct shr__json j = { 0 };

	shr__json_open(&j, NULL, '[');
	shr__json_int(&j, NULL, INT64_MIN);
	shr__json_int(&j, NULL, INT64_MAX);
	shr__json_uint(&j, NULL, UINT64_MAX);
	shr__json_close(&j, ']');
	check(&j, "[-9223372036854775808,9223372036854775807,18446744073709551615]");
}
END_TEST

START_TEST(json_escapes_what_it_must)
{
	struct shr__json j = { 0 };

	shr__json_str(&j, NULL, "\" \\ / \n \t \x01 \x1f \x7f");
	check(&j, "\"\\\" \\\\ / \\n \\u0009 \\u0001 \\u001f \\u007f\"");
}
END_TEST

START_TEST(json_escapes_keys_too)
{
	struct shr__json j = { 0 };

	shr__json_open(&j, NULL, '{');
	shr__json_str(&j, "a\"b", NULL);
	shr__json_close(&j, '}');
	check(&j, "{\"a\\\"b\":null}");
}
END_TEST

START_TEST(json_is_utf8_whatever_comes_in)
{
	struct shr__json j = { 0 };

	shr__json_str(&j, NULL, "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \xff \xc3( \xed\xa0\x80 \xe2\x82");
	check(&j, "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80 \\ufffd \\ufffd( \\ufffd\\ufffd\\ufffd \\ufffd\\ufffd\"");
}
END_TEST

UNIT_MAIN(base_json, json_puts_commas_where_they_belong, json_numbers_keep_all_their_bits, json_escapes_what_it_must,
	json_escapes_keys_too, json_is_utf8_whatever_comes_in)

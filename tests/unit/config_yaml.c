/* tests/unit/config_yaml.c - texts that are wrong as YAML, or that use more of it than is taken */
#include "config_try.h"

START_TEST(broken_yaml_is_told_with_its_place)
{
	try_one("plugins:\n  directories: [/a, /b\nquota: {}\n", 3, 6,
		"not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 2",
		"valid YAML; the rest was not read");
	try_one("quota: \"abc\n", 2, 1,
		"not valid YAML: found unexpected end of stream, while scanning a quoted scalar that begins in line 1", NULL);
	try_one("quota: { shares: 1 } }\n", 1, 22, "not valid YAML: did not find expected key", NULL);
}
END_TEST

START_TEST(tabs_get_their_own_words)
{
	const struct shr__config *config;
	const struct shr_error *error = NULL;

	ck_assert_int_eq(shr__config_read(NULL, "quota:\n\tshares: 1\n", NULL, &config, &error), SHR_EINVAL);
	ck_assert_str_eq(error->faults[0]->where, "configuration:2:1");
	ck_assert_str_eq(error->faults[0]->remedy, "indent with blanks, not with tabs; the rest was not read");
	shr_error_unref(error);
}
END_TEST

START_TEST(what_stands_before_broken_yaml_is_still_checked)
{
	const struct fault faults[] = {
		{ 1, 1, "unknown key \"stor\"", "did you mean \"store\"?" },
		{ 2, 18, "quota.shares: \"x\" is not a limit", NULL },
		{ 4, 1, "not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 3", NULL },
	};

	/* The backend lacks its driver, but the text broke off: that is no mistake that can be told. */
	try_bad("stor: 1\nquota: { shares: x }\nbackends: [ { name: a, zone: b }\n", faults, 3);
}
END_TEST

START_TEST(anchors_and_aliases_are_not_taken)
{
	const struct fault faults[] = {
		{ 2, 12, "the anchor \"n\" is not taken", "write the value out wherever it is wanted" },
		{ 3, 12, "the alias \"n\" is not taken", "write the value out" },
	};

	try_bad("quota:\n  shares:  &n 5\n  bytes:   *n\n", faults, 2);
	try_one("&top quota: { shares: 1 }\n", 1, 1, "the anchor \"top\" is not taken", NULL);
	try_one("quota: &m { shares: 1 }\n", 1, 8, "the anchor \"m\" is not taken", NULL);
	try_one("plugins: { directories: &l [/a] }\n", 1, 25, "the anchor \"l\" is not taken", NULL);
}
END_TEST

START_TEST(tags_are_not_taken)
{
	const char *remedy = "leave the tag out: each key knows its type";

	try_one("quota: { shares: !!int 5 }\n", 1, 18, "the tag \"tag:yaml.org,2002:int\" is not taken", remedy);
	try_one("quota: !mine { shares: 5 }\n", 1, 8, "the tag \"!mine\" is not taken", remedy);
	try_one("plugins: { directories: ! [/a] }\n", 1, 25, "the tag \"!\" is not taken", remedy);
}
END_TEST

START_TEST(a_second_document_is_not_taken)
{
	try_one("quota: { shares: 5 }\n---\nquota: { shares: 6 }\n", 2, 1, "a second document begins here",
		"one document a file");
	shr__record_unref(try_good("%YAML 1.1\n---\nquota: { shares: 5 }\n...\n"));
}
END_TEST

START_TEST(no_text_is_a_mistake)
{
	try_one("", 1, 1, "there is nothing in it", NULL);
	try_one("# nothing but words\n", 1, 1, "there is nothing in it", NULL);
	try_one("---\n", 2, 1, "the text is not a mapping", NULL);
	try_one("just words\n", 1, 1, "the text is not a mapping", NULL);
	try_one("- a\n- b\n", 1, 1, "the text is not a mapping", NULL);
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_told_once_a_line)
{
	const struct fault faults[] = {
		{ 1, 4, "not UTF-8: the byte 0xff", "save the file as UTF-8" },
		{ 3, 4, "not UTF-8: the byte 0xc3", "save the file as UTF-8" },
	};

	try_bad("# \xc3\xa4\xff\xfe\nquota: { shares: 5 }\n# x\xc3", faults, 2);
	try_one("# \xed\xa0\x80\nquota: { shares: 5 }\n", 1, 3, "not UTF-8: the byte 0xed", NULL);
	try_one("# \xc0\x80\nquota: { shares: 5 }\n", 1, 3, "not UTF-8: the byte 0xc0", NULL);
}
END_TEST

START_TEST(control_characters_are_told)
{
	try_one("quota: { shares: 5 } # \x01\n", 1, 24, "a control character", "text without control characters");
	try_one("quota: { shares: 5 } # \x7f\n", 1, 24, "a control character", NULL);
	try_one("quota: { shares: 5 } # \xc2\x80\n", 1, 24, "a control character", NULL);
	try_one("quota: { shares: 5 } # \xef\xbf\xbe\n", 1, 24, "a control character", NULL);
	try_one("store: { path: \"a\\0b\" }\n", 1, 16, "a NUL character is not taken", "text without \\0");
}
END_TEST

START_TEST(a_byte_order_mark_is_skipped)
{
	shr__record_unref(try_good("\xef\xbb\xbfquota: { shares: 5 }\n"));
}
END_TEST

START_TEST(lines_may_end_as_on_other_systems)
{
	try_one("quota:\r\n  shares: x\r\n", 2, 11, "quota.shares: \"x\" is not a limit", NULL);
}
END_TEST

START_TEST(columns_are_characters)
{
	const struct fault faults[] = {
		{ 1, 10, "quota: unknown key \"\xc3\xa4\xc3\xb6\"", NULL },
		{ 1, 25, "quota.shares: \"x\" is not a limit", NULL },
	};

	try_bad("quota: { \xc3\xa4\xc3\xb6: 1, shares: x }\n", faults, 2);
}
END_TEST

START_TEST(depth_has_a_bound)
{
	const struct fault faults[] = {
		{ 1, 8, "quota: is a list", NULL },
		{ 1, 23, "more than 16 levels deep", "a flatter text" },
	};
	char text[64] = "quota: ";

	memset(text + 7, '[', 40);
	try_bad(text, faults, 2);
}
END_TEST

START_TEST(length_has_a_bound)
{
	const size_t most = 1024 * 1024;
	char *text = malloc(most + 2);

	memset(text, '#', most + 1);
	memcpy(text, "quota: {}\n", 10);
	text[most] = '\0';
	shr__record_unref(try_good(text));
	text[most] = '#';
	text[most + 1] = '\0';
	try_one(text, 1, 1, "the text is too long to be a configuration", "at most 1 MiB");
	free(text);
}
END_TEST

START_TEST(the_number_of_values_has_a_bound)
{
	const size_t n = 250000;
	char *text = malloc(n * 2 + 64), *end = text;
	const struct shr__config *config;
	const struct shr_error *error = NULL;

	end += sprintf(end, "plugins: { directories: [");
	for (size_t i = 0; i < n; i++, end += 2)
		memcpy(end, "a,", 2);
	strcpy(end, "] }\n");
	ck_assert_int_eq(shr__config_read(NULL, text, NULL, &config, &error), SHR_EINVAL);
	ck_assert_uint_eq(error->n_faults, 1);
	ck_assert_str_eq(error->faults[0]->message, "there are more than 200000 values before this one");
	shr_error_unref(error);
	free(text);
}
END_TEST

START_TEST(ten_thousand_pools_are_read)
{
	char *text = malloc(10000 * 64), *end = text;
	const struct shr__config *c;

	end += sprintf(end, "backends:\n  - name: a\n    driver: d\n    pools:\n");
	for (unsigned i = 10000; i-- > 0;)
		end += sprintf(end, "      - { name: p%05u, capacity: 1T }\n", i);
	c = try_good(text);
	ck_assert_uint_eq(c->backends[0].n_pools, 10000);
	ck_assert_str_eq(c->backends[0].pools[0].name, "p00000");
	ck_assert_str_eq(c->backends[0].pools[9999].name, "p09999");
	shr__record_unref(c);
	free(text);
}
END_TEST

UNIT_MAIN(config_yaml, broken_yaml_is_told_with_its_place, tabs_get_their_own_words,
	what_stands_before_broken_yaml_is_still_checked, anchors_and_aliases_are_not_taken, tags_are_not_taken,
	a_second_document_is_not_taken, no_text_is_a_mistake, bytes_that_are_not_utf8_are_told_once_a_line,
	control_characters_are_told, a_byte_order_mark_is_skipped, lines_may_end_as_on_other_systems,
	columns_are_characters, depth_has_a_bound, length_has_a_bound, the_number_of_values_has_a_bound,
	ten_thousand_pools_are_read)

/* tests/unit/base_buf.c - growing bytes, and packs of tagged fields */
#include "unit.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdint.h>
#include <string.h>

START_TEST(buf_takes_what_was_added)
{
	struct shr__buf b = { 0 };
	char *s;

	shr__buf_str(&b, "one ");
	shr__buf_add(&b, "twoxxx", 3);
	shr__buf_printf(&b, " %d", 3);
	s = shr__buf_take(&b);
	ck_assert_str_eq(s, "one two 3");
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.n, 0);
	shr__free(s);
}
END_TEST

START_TEST(buf_empty_is_an_empty_string)
{
	struct shr__buf b = { 0 };
	char *s = shr__buf_take(&b);

	ck_assert_str_eq(s, "");
	shr__free(s);
}
END_TEST

START_TEST(buf_grows_over_every_boundary)
{
	struct shr__buf b = { 0 };

	for (size_t i = 0; i < 5000; i++) {
		shr__buf_add(&b, "x", 1);
		ck_assert_uint_eq(b.n, i + 1);
		ck_assert_uint_eq(strlen(b.p), i + 1);
	}
	shr__buf_clear(&b);
	ck_assert_ptr_null(b.p);
}
END_TEST

START_TEST(buf_too_much_fails_and_sticks)
{
	struct shr__buf b = { 0 };

	shr__buf_str(&b, "begun");
	shr__buf_add(&b, "", SIZE_MAX - 2);
	ck_assert_int_eq(b.failed, 1);
	shr__buf_str(&b, "more");
	ck_assert_uint_eq(b.n, 5);
	ck_assert_ptr_null(shr__buf_take(&b));
	ck_assert_int_eq(b.failed, 0); /* empty and usable again */
}
END_TEST

static struct shr__buf make_pack(void)
{
	struct shr__buf b = { 0 };

	shr__pack_int(&b, 1, INT64_MIN);
	shr__pack_str(&b, 2, "first");
	shr__pack_str(&b, 2, "second");
	shr__pack_str(&b, 3, NULL);
	shr__pack_bytes(&b, 65535, "\0\1", 2);
	shr__pack_bytes(&b, 4, NULL, 0);
	ck_assert_int_eq(b.failed, 0);
	return b;
}

START_TEST(pack_reads_what_it_wrote)
{
	struct shr__buf b = make_pack();
	const void *p;
	int64_t value;
	size_t n;

	ck_assert_int_eq(shr__pack_find_int(b.p, b.n, 1, &value), 1);
	ck_assert(value == INT64_MIN);
	ck_assert_int_eq(shr__pack_find(b.p, b.n, 2, 0, &p, &n), 1);
	ck_assert_uint_eq(n, 5);
	ck_assert_mem_eq(p, "first", 5);
	ck_assert_int_eq(shr__pack_find(b.p, b.n, 2, 1, &p, &n), 1);
	ck_assert_uint_eq(n, 6);
	ck_assert_mem_eq(p, "second", 6);
	ck_assert_int_eq(shr__pack_find(b.p, b.n, 65535, 0, &p, &n), 1);
	ck_assert_uint_eq(n, 2);
	ck_assert_mem_eq(p, "\0\1", 2);
	ck_assert_int_eq(shr__pack_find(b.p, b.n, 4, 0, &p, &n), 1);
	ck_assert_uint_eq(n, 0);
	shr__buf_clear(&b);
}
END_TEST

START_TEST(pack_says_what_is_not_there)
{
	struct shr__buf b = make_pack();
	int64_t value = 7;
	const void *p;
	size_t n;

	ck_assert_int_eq(shr__pack_find(b.p, b.n, 2, 2, &p, &n), 0);
	ck_assert_int_eq(shr__pack_find(b.p, b.n, 3, 0, &p, &n), 0);
	ck_assert_int_eq(shr__pack_find(NULL, 0, 1, 0, &p, &n), 0);
	ck_assert_int_eq(shr__pack_find_int(b.p, b.n, 2, &value), 0); /* there, but not a number */
	ck_assert(value == 7);
	shr__buf_clear(&b);
}
END_TEST

/* The bytes are in stores: they may not change, on no machine. */
START_TEST(pack_bytes_are_for_ever)
{
	static const unsigned char want[] = { 0x02, 0x01, 8, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0x09, 0, 2, 0, 0, 0, 'h', 'i' };
	struct shr__buf b = { 0 };

	shr__pack_int(&b, 0x0102, -2);
	shr__pack_str(&b, 9, "hi");
	ck_assert_uint_eq(b.n, sizeof(want));
	ck_assert_mem_eq(b.p, want, sizeof(want));
	shr__buf_clear(&b);
}
END_TEST

START_TEST(pack_cut_anywhere_is_not_read_over)
{
	struct shr__buf b = make_pack();

	for (size_t n = 0; n < b.n; n++) {
		unsigned char *cut = shr__alloc(n); /* so that the sanitizers see a byte too far */
		struct shr__pack r = { cut, n };
		const void *p;
		uint16_t tag;
		size_t length, fields = 0;

		memcpy(cut, b.p, n);
		while (shr__pack_next(&r, &tag, &p, &length)) {
			ck_assert((const unsigned char *)p + length <= cut + n);
			fields++;
		}
		ck_assert_uint_lt(fields, 5);
		shr__free(cut);
	}
	shr__buf_clear(&b);
}
END_TEST

START_TEST(pack_with_a_wild_length_ends_there)
{
	static const unsigned char wild[] = { 1, 0, 1, 0, 0, 0, 'a', 2, 0, 0xff, 0xff, 0xff, 0xff, 'b' };
	struct shr__pack r = { wild, sizeof(wild) };
	const void *p;
	uint16_t tag;
	size_t n;

	ck_assert_int_eq(shr__pack_next(&r, &tag, &p, &n), 1);
	ck_assert_int_eq(shr__pack_next(&r, &tag, &p, &n), 0);
	ck_assert_int_eq(shr__pack_next(&r, &tag, &p, &n), 0);
}
END_TEST

UNIT_MAIN(base_buf, buf_takes_what_was_added, buf_empty_is_an_empty_string, buf_grows_over_every_boundary,
	buf_too_much_fails_and_sticks, pack_reads_what_it_wrote, pack_says_what_is_not_there, pack_bytes_are_for_ever,
	pack_cut_anywhere_is_not_read_over, pack_with_a_wild_length_ends_there)

/* tests/unit/base_params.c - structs of callers of other versions */
#include "unit.h"

#include "base/params.h"

#include <string.h>

struct known { /* as this library knows it */
	uint32_t size;
	uint32_t a;
	uint64_t b;
};
struct newer {
	struct known known;
	uint64_t c;
};

static const struct shr_error *e;

static void forget(void)
{
	shr_error_unref(e);
	e = NULL;
}

static int copy(const void *params, struct known *ret)
{
	forget();
	return shr__params_copy(params, "known_params", 8, ret, sizeof(*ret), &e);
}

START_TEST(same_size_is_copied)
{
	const struct known in = { sizeof(in), 1, 2 };
	struct known out;

	ck_assert_int_eq(copy(&in, &out), 0);
	ck_assert_mem_eq(&out, &in, sizeof(in));
}
END_TEST

START_TEST(null_is_all_zero)
{
	const struct known zero = { 0 };
	struct known out = { 1, 2, 3 };

	ck_assert_int_eq(copy(NULL, &out), 0);
	ck_assert_mem_eq(&out, &zero, sizeof(zero));
}
END_TEST

START_TEST(an_older_callers_rest_is_zero)
{
	const struct known in = { 8, 1, UINT64_MAX };
	struct known out = { 9, 9, 9 };

	ck_assert_int_eq(copy(&in, &out), 0);
	ck_assert_uint_eq(out.a, 1);
	ck_assert_uint_eq(out.b, 0);
}
END_TEST

START_TEST(a_newer_callers_zero_tail_is_fine)
{
	const struct newer in = { { sizeof(in), 1, 2 }, 0 };
	struct known out;

	ck_assert_int_eq(copy(&in, &out), 0);
	ck_assert_uint_eq(out.b, 2);
}
END_TEST

START_TEST(a_newer_callers_wish_is_refused_aloud)
{
	const struct newer in = { { sizeof(in), 1, 2 }, UINT64_C(1) << 63 };
	struct known out;

	ck_assert_int_eq(copy(&in, &out), SHR_EABI);
	ck_assert_int_eq(e->code, SHR_EABI);
	ck_assert_ptr_nonnull(strstr(e->message, "known_params"));
	ck_assert_str_ne(e->remedy, "");
	forget();
}
END_TEST

START_TEST(sizes_of_no_version_are_refused)
{
	static const uint32_t sizes[] = { 0, 1, 3, 7, 65537, UINT32_MAX };
	struct known out;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct known in = { sizes[i], 1, 2 };

		ck_assert_int_eq(copy(&in, &out), SHR_EINVAL);
		ck_assert_ptr_nonnull(strstr(e->message, "known_params"));
		ck_assert_uint_eq(out.a, 0);
	}
	forget();
}
END_TEST

START_TEST(the_largest_size_is_taken)
{
	struct known *in = calloc(1, 65536), out;

	in->size = 65536;
	in->b = 5;
	ck_assert_int_eq(copy(in, &out), 0);
	ck_assert_uint_eq(out.b, 5);
	((unsigned char *)in)[65535] = 1;
	ck_assert_int_eq(copy(in, &out), SHR_EABI);
	free(in);
	forget();
}
END_TEST

START_TEST(elements_are_found_by_their_stride)
{
	const struct newer in[3] = { { { 1, 2, 3 }, 0 }, { { 4, 5, 6 }, 0 }, { { 7, 8, 9 }, 1 } };
	struct known out;

	ck_assert_int_eq(shr__params_element(in, sizeof(in[0]), 1, "list", &out, sizeof(out), &e), 0);
	ck_assert_uint_eq(out.size, 4);
	ck_assert_uint_eq(out.b, 6);
	ck_assert_int_eq(shr__params_element(in, sizeof(in[0]), 2, "list", &out, sizeof(out), &e), SHR_EABI);
	forget();
}
END_TEST

START_TEST(smaller_elements_are_filled_with_zeros)
{
	const uint32_t in[4] = { 1, 2, 3, 4 };
	struct known out;

	ck_assert_int_eq(shr__params_element(in, 8, 1, "list", &out, sizeof(out), &e), 0);
	ck_assert_uint_eq(out.size, 3);
	ck_assert_uint_eq(out.a, 4);
	ck_assert_uint_eq(out.b, 0);
}
END_TEST

START_TEST(strides_of_no_version_are_refused)
{
	const struct known in = { 1, 2, 3 };
	struct known out;

	ck_assert_int_eq(shr__params_element(&in, 0, 0, "list", &out, sizeof(out), NULL), SHR_EINVAL);
	ck_assert_int_eq(shr__params_element(&in, 65537, 0, "list", &out, sizeof(out), NULL), SHR_EINVAL);
	ck_assert_int_eq(shr__params_element(NULL, 16, 0, "list", &out, sizeof(out), NULL), SHR_EINVAL);
}
END_TEST

UNIT_MAIN(base_params, same_size_is_copied, null_is_all_zero, an_older_callers_rest_is_zero,
	a_newer_callers_zero_tail_is_fine, a_newer_callers_wish_is_refused_aloud, sizes_of_no_version_are_refused,
	the_largest_size_is_taken, elements_are_found_by_their_stride, smaller_elements_are_filled_with_zeros,
	strides_of_no_version_are_refused)

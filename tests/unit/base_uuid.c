/* tests/unit/base_uuid.c - ids, clocks and the version */
#include "unit.h"

#include "base/clock.h"
#include "base/uuid.h"
#include "libshare/version.h"

#include <string.h>
#include <time.h>

/* The example of RFC 9562, appendix A.6. */
START_TEST(uuid7_is_the_standards)
{
	static const uint8_t random[10] = { 0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };
	char id[SHR__UUID_ROOM];

	shr__uuid7(INT64_C(1645557742000) * 1000000, random, id);
	ck_assert_str_eq(id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
	ck_assert(shr__uuid_ok(id));
}
END_TEST

START_TEST(uuid7_sorts_by_time)
{
	uint8_t ones[10], zeros[10] = { 0 };
	char a[SHR__UUID_ROOM], b[SHR__UUID_ROOM];

	memset(ones, 0xff, sizeof(ones));
	for (int64_t ms = 1; ms < INT64_C(1) << 40; ms *= 3) {
		shr__uuid7(ms * 1000000, ones, a);
		shr__uuid7((ms + 1) * 1000000, zeros, b);
		ck_assert_str_lt(a, b);
	}
}
END_TEST

START_TEST(uuid7_before_1970_is_still_an_id)
{
	static const uint8_t random[10] = { 0 };
	char id[SHR__UUID_ROOM];

	shr__uuid7(-1, random, id);
	ck_assert_str_eq(id, "00000000-0000-7000-8000-000000000000");
}
END_TEST

START_TEST(uuid_ok_takes_the_canonical_form_only)
{
	ck_assert(shr__uuid_ok("123e4567-e89b-12d3-a456-426614174000"));
	ck_assert(!shr__uuid_ok("123E4567-e89b-12d3-a456-426614174000"));
	ck_assert(!shr__uuid_ok("123e4567e89b12d3a456426614174000"));
	ck_assert(!shr__uuid_ok("{123e4567-e89b-12d3-a456-426614174000}"));
	ck_assert(!shr__uuid_ok("123e4567-e89b-12d3-a456-42661417400"));
	ck_assert(!shr__uuid_ok("123e4567-e89b-12d3-a456-4266141740000"));
	ck_assert(!shr__uuid_ok("123e4567-e89b-12d3-a456_426614174000"));
	ck_assert(!shr__uuid_ok("123e4567-e89b-12d3-a456-42661417400g"));
	ck_assert(!shr__uuid_ok("123e456--e89b-12d3-a456-426614174000"));
	ck_assert(!shr__uuid_ok(""));
	ck_assert(!shr__uuid_ok(NULL));
}
END_TEST

START_TEST(clocks_are_the_machines)
{
	int64_t mono = shr__clock_mono_ns(), wall = shr__clock_wall_ns();

	ck_assert_int_gt(mono, 0);
	ck_assert_int_ge(shr__clock_mono_ns(), mono);
	ck_assert_int_le(wall / 1000000000 - time(NULL), 1);
	ck_assert_int_ge(wall / 1000000000 - time(NULL), -60);
}
END_TEST

START_TEST(version_is_the_headers)
{
	ck_assert_uint_eq(shr_version(), SHR_HEADER_VERSION);
	ck_assert_str_eq(shr_version_string(), "0.1.0");
}
END_TEST

UNIT_MAIN(base_uuid, uuid7_is_the_standards, uuid7_sorts_by_time, uuid7_before_1970_is_still_an_id,
	uuid_ok_takes_the_canonical_form_only, clocks_are_the_machines, version_is_the_headers)

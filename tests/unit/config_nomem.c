/* tests/unit/config_nomem.c - reading a configuration with each allocation failing */
#include "config_try.h"

#include "fault/fault.h"

static const char good[] =
	"store: { path: s.db }\n"
	"plugins: { directories: [a, /b] }\n"
	"backends:\n"
	"  - name: alpha\n"
	"    driver: dir\n"
	"    exporter: { name: ganesha, settings: { port: 2049 } }\n"
	"    settings: { root: /srv, hosts: [x, y] }\n"
	"    pools:\n"
	"      - { name: slow, capacity: 1TiB, settings: { path: hdd } }\n"
	"      - { name: fast, capacity: 1TiB }\n";

static const char bad[] =
	"stor: { path: s.db }\n"
	"zzz: 1\n"
	"quota: { shares: -1, bytes: &x many }\n"
	"backends:\n"
	"  - name: alpha\n"
	"    settings: { a: 1, a: 2, b: [[c]] }\n"
	"    pools: [ { name: p, reserved: 1 }, { name: p, capacity: 1, reserved: 1 } ]\n"
	"  - \xff\n"
	"  - [\n";

/* TEXT read with each allocation failing: RESULT, or no memory, and nothing is left behind. */
static void walk(const char *text, int result)
{
	const long before = shr__fault_live();
	long rounds = 0;

	for (FAULT_WALK(n)) {
		const struct shr__config *config = NULL;
		const struct shr_error *error = NULL;
		int rc = shr__config_read(NULL, text, NULL, &config, &error);

		if (!shr__fault_fired())
			ck_assert_int_eq(rc, result);
		/* The error itself may be what there was no memory for. */
		ck_assert(rc == result || rc == SHR_ENOMEM);
		ck_assert_int_eq(config != NULL, rc == 0);
		ck_assert_int_eq(error != NULL, rc != 0);
		if (error)
			ck_assert_int_eq(error->code, rc);
		shr_error_unref(error);
		shr__record_unref(config);
		ck_assert_int_eq(shr__fault_live(), before);
		rounds++;
	}
	ck_assert_int_gt(rounds, 3);
}

START_TEST(a_good_text_is_survived)
{
	walk(good, 0);
}
END_TEST

START_TEST(a_text_with_mistakes_is_survived)
{
	walk(bad, SHR_EINVAL);
}
END_TEST

START_TEST(the_default_is_survived)
{
	walk(NULL, 0);
}
END_TEST

UNIT_MAIN(config_nomem, a_good_text_is_survived, a_text_with_mistakes_is_survived, the_default_is_survived)

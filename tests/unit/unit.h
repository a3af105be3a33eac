/* tests/unit/unit.h - what every unit test's file ends with: UNIT_MAIN(base_arena, one_test, another_test) */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>

#undef fail /* Check's old macro has the name of a member of struct shr_driver_host */

/* Generous: the machine may be busy, and a test under valgrind is slow. */
#define UNIT_TIMEOUT 240

static inline int unit_run(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A test that is not in the list is an unused variable, which the compiler refuses. */
#define UNIT_MAIN(name, ...) \
	int main(void) \
	{ \
		const TTest *const unit_list[] = { __VA_ARGS__ }; \
		return unit_run(#name, unit_list, sizeof(unit_list) / sizeof(unit_list[0])); \
	}

#endif

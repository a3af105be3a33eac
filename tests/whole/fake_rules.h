/* tests/whole/fake_rules.h - the rules of the test's driver */
#ifndef TESTS_WHOLE_FAKE_RULES_H
#define TESTS_WHOLE_FAKE_RULES_H

#include "fake.h"

/* Takes a diff, and notes as findings what does not fit what it has. Under the lock. */
void fake_rules_update(struct fake_instance *i, const struct shr_call *call, const struct shr_access_diff *diff,
	struct shr_rules *all);

#endif

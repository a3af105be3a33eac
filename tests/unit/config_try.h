/* tests/unit/config_try.h - texts as configurations: those that are fine, and those with just these mistakes */
#ifndef TESTS_UNIT_CONFIG_TRY_H
#define TESTS_UNIT_CONFIG_TRY_H

#include "unit.h"

#include "base/record.h"
#include "config/config.h"

#include <stdio.h>
#include <string.h>

/* A backend that lacks nothing, for texts whose mistake is elsewhere, and the same up to what a test adds. */
#define POOL_BEGIN "backends:\n  - name: a\n    driver: dir\n    pools:\n      - name: p\n"
#define BACKEND_BEGIN POOL_BEGIN "    "

struct fault { /* at LINE:COLUMN */
	unsigned line, column;
	const char *message;
	const char *remedy; /* NULL: any but none */
};

static inline const struct shr__config *try_good(const char *text)
{
	const struct shr__config *config = NULL;
	const struct shr_error *error = NULL;
	int rc = shr__config_read(NULL, text, NULL, &config, &error);

	ck_assert_msg(rc == 0, "%s: %s", error ? error->faults[0]->where : "?", error ? error->faults[0]->message : "?");
	ck_assert_ptr_null(error);
	return config;
}

static inline void try_faults(const struct shr_error *error, const char *file, const struct fault *faults, unsigned n)
{
	unsigned i;

	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(error->code, SHR_EINVAL);
	for (i = 0; i < error->n_faults && i < n; i++) {
		char where[256];

		snprintf(where, sizeof where, "%s:%u:%u", file, faults[i].line, faults[i].column);
		ck_assert_str_eq(error->faults[i]->message, faults[i].message);
		ck_assert_str_eq(error->faults[i]->where, where);
		ck_assert_int_eq(error->faults[i]->code, SHR_EINVAL);
		if (faults[i].remedy)
			ck_assert_str_eq(error->faults[i]->remedy, faults[i].remedy);
		ck_assert_str_ne(error->faults[i]->remedy, "");
	}
	ck_assert_msg(error->n_faults == n, "%u mistakes instead of %u; the last: %s: %s", error->n_faults, n,
		error->faults[error->n_faults - 1]->where, error->faults[error->n_faults - 1]->message);
}

/* TEXT has these mistakes, in this order, and no others. */
static inline void try_bad(const char *text, const struct fault *faults, unsigned n)
{
	const struct shr__config *config = NULL;
	const struct shr_error *error = NULL;

	ck_assert_int_eq(shr__config_read(NULL, text, NULL, &config, &error), SHR_EINVAL);
	ck_assert_ptr_null(config);
	try_faults(error, "configuration", faults, n);
	shr_error_unref(error);
}

static inline void try_one(const char *text, unsigned line, unsigned column, const char *message, const char *remedy)
{
	struct fault fault = { line, column, message, remedy };

	try_bad(text, &fault, 1);
}

#endif

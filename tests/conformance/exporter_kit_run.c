/* tests/conformance/exporter_kit_run.c - checks, one after the other, and how each ended */
#include <stdarg.h>
#include <stdio.h>
#include "exporter_kit.h"

#define FAILED 1
#define SKIPPED 2

static void __attribute__((format(printf, 3, 0), noreturn)) end_check(struct xkit *kit, int how, const char *format, va_list args)
{
	vsnprintf(kit->why, sizeof kit->why, format, args);
	longjmp(kit->out, how);
}

void xkit_fail(struct xkit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, FAILED, format, args);
}

void xkit_skip(struct xkit *kit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	end_check(kit, SKIPPED, format, args);
}

static void tell(const struct xkit *kit, const char *name, int how)
{
	int n = kit->n_passed + kit->n_skipped + kit->n_failed;

	if (!kit->tap)
		printf("%-5s %-58s %s\n", how == 0 ? "ok" : how == SKIPPED ? "skip" : "FAIL", name, kit->why);
	else if (how == SKIPPED)
		printf("ok %d - %s # SKIP %s\n", n, name, kit->why);
	else
		printf("%sok %d - %s %s\n", how ? "not " : "", n, name, how ? "" : kit->why);
	if (kit->tap && how == FAILED)
		fprintf(stderr, "# %s: %s\n", name, kit->why);
}

/* A check that fails leaves what it made: the next begins with the exporter opened anew. */
static void run_check(struct xkit *kit, const struct xkit_check *check)
{
	int how;

	kit->why[0] = '\0';
	how = setjmp(kit->out);
	if (how == 0) {
		if (!kit->is_open)
			xkit_open(kit);
		check->run(kit);
	}
	if (how == 0)
		kit->n_passed++;
	else if (how == SKIPPED)
		kit->n_skipped++;
	else
		kit->n_failed++;
	tell(kit, check->name, how);
	if (how == FAILED)
		xkit_close(kit);
}

void xkit_run(struct xkit *kit, const struct xkit_check *checks)
{
	for (; checks->name; checks++)
		run_check(kit, checks);
}

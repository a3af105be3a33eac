/* tests/conformance/report.h - a line for each test of a kit */
#ifndef TESTS_CONFORMANCE_REPORT_H
#define TESTS_CONFORMANCE_REPORT_H

#include <stdio.h>

#include "libshare/kit.h"

static inline void report(const char *test, uint32_t how, const char *text, void *data)
{
	static const char *const words[] = { "ok", "FAILED", "skipped" };

	(void)data;
	printf("%-8s %s%s%s\n", words[how], test, *text ? ": " : "", text);
}

#endif

/* tests/fuzz/fuzz.h - what every fuzz target has */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libFuzzer, or standalone.c, calls with any bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold for any bytes at all. */
#define MUST(truth) \
	do { \
		if (!(truth)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth); \
			abort(); \
		} \
	} while (0)

/* The bytes as a string of its own size, so that reading over its end is seen. */
static inline char *fuzz_string(const uint8_t *data, size_t n)
{
	char *s = malloc(n + 1);

	MUST(s != NULL);
	if (n > 0)
		memcpy(s, data, n);
	s[n] = '\0';
	return s;
}

#endif

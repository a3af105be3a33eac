/* lib/base/mem.c - the seam of all allocation, on the C library's */
#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *shr__alloc(size_t n)
{
	if (n > PTRDIFF_MAX)
		return NULL;
	return calloc(1, n > 0 ? n : 1);
}

void *shr__realloc(void *p, size_t n)
{
	if (n > PTRDIFF_MAX)
		return NULL;
	return realloc(p, n > 0 ? n : 1);
}

void shr__free(void *p)
{
	free(p);
}

char *shr__strdup(const char *s)
{
	return s != NULL ? shr__strndup(s, strlen(s)) : NULL;
}

char *shr__strndup(const char *s, size_t n)
{
	size_t length = strnlen(s, n);
	char *copy = shr__alloc(length + 1);

	if (copy != NULL)
		memcpy(copy, s, length);
	return copy;
}

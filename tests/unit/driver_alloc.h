/* tests/unit/driver_alloc.h - included before all else in a driver's sources: its allocations can fail */
#ifndef TESTS_UNIT_DRIVER_ALLOC_H
#define TESTS_UNIT_DRIVER_ALLOC_H

#include <stdlib.h>
#include <string.h>

void *host_malloc(size_t n);
void *host_calloc(size_t n, size_t size);
void *host_realloc(void *p, size_t n);
char *host_strdup(const char *s);
#define DIR_SLICE_NS 1 /* a copy of a tree answers later as often as it can */
#undef strdup
#define malloc host_malloc
#define calloc host_calloc
#define realloc host_realloc
#define strdup host_strdup

#endif

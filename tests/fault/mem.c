/* tests/fault/mem.c - lib/base/mem.h for tests: fails at will, and counts what lives */
#include "base/mem.h"

#include "fault.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long left = -1; /* allocations to the one that fails; 0 and less: none */
static atomic_long count;
static atomic_long live;
static atomic_int fired;

void shr__fault_at(long n)
{
	atomic_store(&left, -1); /* so that a thread that allocates now does not fire for the next round */
	atomic_store(&count, 0);
	atomic_store(&fired, 0);
	atomic_store(&left, n > 0 ? n : -1);
}

long shr__fault_count(void)
{
	return atomic_load(&count);
}

int shr__fault_fired(void)
{
	return atomic_load(&fired);
}

long shr__fault_live(void)
{
	return atomic_load(&live);
}

/* Is this the one? Of several threads exactly one sees the step from 1 to 0. */
static int fails(void)
{
	long now = atomic_load(&left);

	atomic_fetch_add(&count, 1);
	while (now > 0) {
		if (!atomic_compare_exchange_weak(&left, &now, now - 1))
			continue;
		if (now > 1)
			return 0;
		atomic_store(&fired, 1);
		return 1;
	}
	return 0;
}

void *shr__alloc(size_t n)
{
	void *p = n > PTRDIFF_MAX || fails() ? NULL : calloc(1, n > 0 ? n : 1);

	if (p != NULL)
		atomic_fetch_add(&live, 1);
	return p;
}

void *shr__realloc(void *p, size_t n)
{
	void *moved = n > PTRDIFF_MAX || fails() ? NULL : realloc(p, n > 0 ? n : 1);

	if (moved != NULL && p == NULL)
		atomic_fetch_add(&live, 1);
	return moved;
}

void shr__free(void *p)
{
	if (p != NULL)
		atomic_fetch_sub(&live, 1);
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

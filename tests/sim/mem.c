/* tests/sim/mem.c - lib/base/mem.h for the simulator: what a process allocated goes when it dies */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct sim_block {
	struct sim_block *next, **at; /* `at` points to what points here */
	max_align_t bytes[];
};

static void put(struct sim_block *b)
{
	struct sim_block **first = sim.cur ? &sim.cur->blocks : &sim.own_blocks;

	b->next = *first;
	b->at = first;
	if (b->next)
		b->next->at = &b->next;
	*first = b;
}

static void take(struct sim_block *b)
{
	*b->at = b->next;
	if (b->next)
		b->next->at = b->at;
}

static struct sim_block *block_of(void *p)
{
	return (struct sim_block *)(void *)((char *)p - offsetof(struct sim_block, bytes));
}

void *shr__alloc(size_t n)
{
	struct sim_block *b = n > PTRDIFF_MAX / 2 ? NULL : calloc(1, sizeof *b + n);

	if (!b)
		return NULL;
	put(b);
	return b->bytes;
}

void *shr__realloc(void *p, size_t n)
{
	struct sim_block *b, *old;

	if (!p)
		return shr__alloc(n);
	if (n > PTRDIFF_MAX / 2)
		return NULL;
	old = block_of(p);
	b = realloc(old, sizeof *b + n);
	if (!b)
		return NULL;
	*b->at = b;
	if (b->next)
		b->next->at = &b->next;
	return b->bytes;
}

void shr__free(void *p)
{
	if (!p)
		return;
	take(block_of(p));
	free(block_of(p));
}

char *shr__strdup(const char *s)
{
	return s ? shr__strndup(s, strlen(s)) : NULL;
}

char *shr__strndup(const char *s, size_t n)
{
	size_t length = strnlen(s, n);
	char *copy = shr__alloc(length + 1);

	if (copy)
		memcpy(copy, s, length);
	return copy;
}

void sim_mem_forget(struct sim_block **blocks)
{
	struct sim_block *b;

	while ((b = *blocks)) {
		*blocks = b->next;
		free(b);
	}
}

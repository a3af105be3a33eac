/* tests/sim/mem.c - lib/base/mem.h for the simulator: what a process allocated goes when it dies */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Under the address sanitizer each block comes from it and goes back to it, so that it sees who uses what was given back. Everywhere
 * else blocks are used again by size: a step allocates and frees some dozens, and stays in the processor's cache. */
#if defined(__SANITIZE_ADDRESS__)
#define REUSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define REUSE 0
#endif
#endif
#ifndef REUSE
#define REUSE 1
#endif

struct sim_block {
	struct sim_block *next, **at; /* `at` points to what points here */
	size_t room;
	max_align_t bytes[];
};

#define UNIT 64u
#define SMALL 16u               /* sizes by units; above them by doublings */
#define SIZES (SMALL + 7u)
static struct sim_block *spare[SIZES];

/* SIZES: too big to be kept. */
static unsigned size_of(size_t n, size_t *ret_room)
{
	unsigned size = (unsigned)((n + UNIT - 1) / UNIT);

	*ret_room = n;
	if (!REUSE || n > (size_t)UNIT * SMALL << (SIZES - SMALL - 1))
		return SIZES;
	if (size < SMALL) {
		*ret_room = (size_t)size * UNIT;
		return size;
	}
	for (size = SMALL; (size_t)UNIT * SMALL << (size - SMALL) < n;)
		size++;
	*ret_room = (size_t)UNIT * SMALL << (size - SMALL);
	return size;
}

static struct sim_block *block_get(size_t n)
{
	size_t room;
	unsigned size = size_of(n, &room);
	struct sim_block *b = size < SIZES ? spare[size] : NULL;

	if (b)
		spare[size] = b->next;
	else
		b = malloc(sizeof *b + room);
	if (b)
		b->room = room;
	return b;
}

static void block_put(struct sim_block *b)
{
	size_t room;
	unsigned size = size_of(b->room, &room);

	if (size == SIZES) {
		free(b);
		return;
	}
	b->next = spare[size];
	spare[size] = b;
}

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
	struct sim_block *b = n > PTRDIFF_MAX / 2 ? NULL : block_get(n);

	if (!b)
		return NULL;
	memset(b->bytes, 0, n);
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
	if (REUSE && n <= old->room)
		return p;
	b = block_get(n);
	if (!b)
		return NULL;
	memcpy(b->bytes, old->bytes, n < old->room ? n : old->room);
	b->next = old->next;
	b->at = old->at;
	*b->at = b;
	if (b->next)
		b->next->at = &b->next;
	block_put(old);
	return b->bytes;
}

void shr__free(void *p)
{
	if (!p)
		return;
	take(block_of(p));
	block_put(block_of(p));
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
		block_put(b);
	}
}

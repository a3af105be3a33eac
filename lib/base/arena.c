/* lib/base/arena.c - many small things that die together */
#include "arena.h"

#include "mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define FIRST_ROOM 896u          /* with its header a little under 1 KiB: most records fit */
#define MOST_ROOM (64u * 1024u)  /* chunks double up to here */
#define ALIGN alignof(max_align_t)

struct chunk {
	struct chunk *next;
	size_t used;
	size_t room;
	alignas(max_align_t) unsigned char bytes[];
};

/* The first chunk lies in the same allocation, so that a small arena costs one. */
struct shr__arena {
	struct chunk *now;  /* where small things go */
	struct chunk *more; /* all chunks but the first */
	size_t next_room;
	alignas(max_align_t) unsigned char first[];
};

static struct chunk *first_chunk(struct shr__arena *a)
{
	return (struct chunk *)(void *)a->first;
}

struct shr__arena *shr__arena_new(void)
{
	struct shr__arena *a = shr__alloc(sizeof(*a) + sizeof(struct chunk) + FIRST_ROOM);

	if (a == NULL)
		return NULL;
	a->now = first_chunk(a);
	a->now->room = FIRST_ROOM;
	a->next_room = 2 * FIRST_ROOM;
	return a;
}

static void free_more(struct shr__arena *a)
{
	while (a->more != NULL) {
		struct chunk *next = a->more->next;

		shr__free(a->more);
		a->more = next;
	}
}

void shr__arena_free(struct shr__arena *a)
{
	if (a == NULL)
		return;
	free_more(a);
	shr__free(a);
}

void shr__arena_reset(struct shr__arena *a)
{
	free_more(a);
	a->now = first_chunk(a);
	memset(a->now->bytes, 0, a->now->used);
	a->now->used = 0;
	a->next_room = 2 * FIRST_ROOM;
}

size_t shr__arena_room(const struct shr__arena *a)
{
	size_t room = FIRST_ROOM;

	for (const struct chunk *c = a->more; c != NULL; c = c->next)
		room += c->room;
	return room;
}

/* A new chunk for at least N bytes. A thing bigger than a usual chunk gets one of its own, and small
 * things go on where they went before. */
static struct chunk *add_chunk(struct shr__arena *a, size_t n)
{
	int own = n > a->next_room;
	size_t room = own ? n : a->next_room;
	struct chunk *c;

	if (n > PTRDIFF_MAX - sizeof(*c))
		return NULL;
	c = shr__alloc(sizeof(*c) + room);
	if (c == NULL)
		return NULL;
	c->room = room;
	c->next = a->more;
	a->more = c;
	if (!own) {
		a->now = c;
		if (a->next_room < MOST_ROOM)
			a->next_room *= 2;
	}
	return c;
}

static void *take(struct shr__arena *a, size_t n, size_t align)
{
	struct chunk *c = a->now;
	size_t at = (c->used + align - 1) & ~(align - 1);

	if (at > c->room || n > c->room - at) {
		c = add_chunk(a, n);
		if (c == NULL)
			return NULL;
		at = 0;
	}
	c->used = at + n;
	return c->bytes + at;
}

void *shr__arena_alloc(struct shr__arena *a, size_t n)
{
	return take(a, n > 0 ? n : 1, ALIGN);
}

char *shr__arena_bytes(struct shr__arena *a, size_t n)
{
	return take(a, n, 1);
}

char *shr__arena_strdup(struct shr__arena *a, const char *s)
{
	return s != NULL ? shr__arena_strndup(a, s, strlen(s)) : shr__arena_strndup(a, "", 0);
}

char *shr__arena_strndup(struct shr__arena *a, const void *p, size_t n)
{
	char *copy = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;

	if (copy != NULL && n > 0)
		memcpy(copy, p, n);
	return copy;
}

void *shr__arena_memdup(struct shr__arena *a, const void *p, size_t n)
{
	void *copy = shr__arena_alloc(a, n);

	if (copy != NULL && n > 0)
		memcpy(copy, p, n);
	return copy;
}

char *shr__arena_printf(struct shr__arena *a, const char *format, ...)
{
	va_list args;
	char *s;

	va_start(args, format);
	s = shr__arena_vprintf(a, format, args);
	va_end(args);
	return s;
}

char *shr__arena_vprintf(struct shr__arena *a, const char *format, va_list args)
{
	va_list again;
	char *s = NULL;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n >= 0)
		s = take(a, (size_t)n + 1, 1);
	if (s != NULL)
		vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

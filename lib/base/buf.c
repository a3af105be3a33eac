/* lib/base/buf.c - bytes that grow; a failure sticks and is asked for once */
#include "buf.h"

#include "mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for N more and a NUL; 1: there is. */
static int make_room(struct shr__buf *b, size_t n)
{
	size_t room;
	char *p;

	if (b->failed)
		return 0;
	if (n >= PTRDIFF_MAX - b->n) {
		b->failed = 1;
		return 0;
	}
	if (b->n + n < b->room)
		return 1;
	room = b->room < 32 ? 64 : 2 * b->room;
	if (room < b->n + n + 1)
		room = b->n + n + 1;
	p = shr__realloc(b->p, room);
	if (p == NULL) {
		b->failed = 1;
		return 0;
	}
	b->p = p;
	b->room = room;
	return 1;
}

void shr__buf_add(struct shr__buf *b, const void *p, size_t n)
{
	if (!make_room(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void shr__buf_str(struct shr__buf *b, const char *s)
{
	shr__buf_add(b, s, strlen(s));
}

void shr__buf_printf(struct shr__buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		b->failed = 1;
		return;
	}
	if (!make_room(b, (size_t)n))
		return;
	va_start(args, format);
	vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
	va_end(args);
	b->n += (size_t)n;
}

char *shr__buf_take(struct shr__buf *b)
{
	char *p = NULL;

	if (make_room(b, 0)) {
		p = b->p;
		p[b->n] = '\0';
		b->p = NULL;
	}
	shr__buf_clear(b);
	return p;
}

void shr__buf_clear(struct shr__buf *b)
{
	shr__free(b->p);
	memset(b, 0, sizeof(*b));
}

/* backends/common/text.c - text that grows piece by piece */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server.h"

void plug_text_put(struct plug_text *t, const char *piece, size_t n)
{
	char *more;
	size_t room;

	if (t->bad)
		return;
	if (t->n + n + 1 > t->room) {
		room = (t->n + n + 1) * 2 + 1024;
		more = realloc(t->s, room);
		if (!more) {
			t->bad = 1;
			return;
		}
		t->s = more;
		t->room = room;
	}
	memcpy(t->s + t->n, piece, n);
	t->n += n;
	t->s[t->n] = '\0';
}

void plug_text_add(struct plug_text *t, const char *format, ...)
{
	char piece[PLUG_PLACE_ROOM + 128];
	va_list args;
	size_t n;

	va_start(args, format);
	n = (size_t)vsnprintf(piece, sizeof piece, format, args);
	va_end(args);
	if (n >= sizeof piece)
		t->bad = 1;
	else
		plug_text_put(t, piece, n);
}

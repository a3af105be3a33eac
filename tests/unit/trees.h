/* tests/unit/trees.h - what tests of drivers that keep trees share: names in one line, files with a text */
#ifndef TESTS_UNIT_TREES_H
#define TESTS_UNIT_TREES_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "unit.h"

/* printf into one of a few buffers that take turns. */
__attribute__((format(printf, 1, 2))) static inline const char *say(const char *format, ...)
{
	static char rooms[8][4096];
	static unsigned next;
	char *room = rooms[next++ % 8];
	va_list args;

	va_start(args, format);
	vsnprintf(room, sizeof *rooms, format, args);
	va_end(args);
	return room;
}

static inline void put_text(const char *path, const char *words)
{
	FILE *f = fopen(path, "w");

	ck_assert_msg(f != NULL, "%s", path);
	fputs(words, f);
	ck_assert_int_eq(fclose(f), 0);
}

static inline int has_text(const char *path, const char *words)
{
	char room[256] = "";
	FILE *f = fopen(path, "r");

	if (!f)
		return 0;
	if (!fgets(room, sizeof room, f))
		room[0] = '\0';
	fclose(f);
	return strcmp(room, words) == 0;
}

/* The line that COMMAND says: a sum, in one of a few buffers that take turns. */
static inline const char *line_of(const char *command)
{
	static char rooms[4][80];
	static unsigned next;
	char *room = rooms[next++ % 4];
	FILE *p = popen(command, "r");

	ck_assert(p && fgets(room, sizeof *rooms, p) && pclose(p) == 0);
	return room;
}

#endif

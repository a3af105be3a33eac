/* examples/sharectl/table.c - rows for people, in columns; and JSON for programs */
#include "ctl.h"
#include "say.h"
#include "table.h"
#include "wait.h"
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ctl_table_begin(struct ctl_table *t, const char *const *headings, int columns)
{
	memset(t, 0, sizeof *t);
	t->headings = headings;
	t->columns = columns;
}

static void add(struct ctl_table *t, char *text)
{
	if (t->n == t->room) {
		char **more = ctl_alloc((t->room * 2 + 64) * sizeof *more);

		if (t->n)
			memcpy(more, t->cells, t->n * sizeof *more);
		free(t->cells);
		t->cells = more;
		t->room = t->room * 2 + 64;
	}
	t->cells[t->n++] = text;
}

static SHR_PRINTF(2, 0) void vcell(struct ctl_table *t, const char *format, va_list ap)
{
	char *s = ctl_vformat(format, ap), *clean;
	int width, column = (int)(t->n % (size_t)t->columns);

	clean = ctl_clean(*s || !t->headings ? s : "-");
	free(s);
	width = ctl_columns(clean);
	if (width > t->widths[column])
		t->widths[column] = width;
	add(t, clean);
}

void ctl_cell(struct ctl_table *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vcell(t, format, ap);
	va_end(ap);
}

void ctl_field(struct ctl_table *t, const char *name, const char *format, ...)
{
	va_list ap;

	ctl_cell(t, "%s", name);
	va_start(ap, format);
	vcell(t, format, ap);
	va_end(ap);
}

static int to_the_right(const struct ctl_table *t, int column)
{
	size_t n = t->headings ? strlen(t->headings[column]) : 0;

	return n && t->headings[column][n - 1] == '>';
}

static void put(const struct ctl_table *t, int column, const char *text, int columns)
{
	int gap = t->widths[column] - columns, n = (int)strlen(text);

	if (t->headings && text == t->headings[column] && to_the_right(t, column))
		n--;
	if (to_the_right(t, column))
		printf("%*s%.*s", gap, "", n, text);
	else if (column + 1 < t->columns)
		printf("%.*s%*s", n, text, gap, "");
	else
		printf("%.*s", n, text);
	printf("%s", column + 1 < t->columns ? "  " : "\n");
}

static void put_headings(struct ctl_table *t)
{
	for (int i = 0; i < t->columns; i++) {
		int width = (int)strlen(t->headings[i]) - to_the_right(t, i);

		if (width > t->widths[i])
			t->widths[i] = width;
	}
	for (int i = 0; i < t->columns; i++)
		put(t, i, t->headings[i], (int)strlen(t->headings[i]) - to_the_right(t, i));
	t->headed = 1;
}

void ctl_table_flush(struct ctl_table *t)
{
	if (t->n && t->headings && !t->headed)
		put_headings(t);
	for (size_t i = 0; i < t->n; i++) {
		put(t, (int)(i % (size_t)t->columns), t->cells[i], ctl_columns(t->cells[i]));
		free(t->cells[i]);
	}
	t->n = 0;
	fflush(stdout);
}

void ctl_table_end(struct ctl_table *t)
{
	ctl_table_flush(t);
	free(t->cells);
	t->cells = NULL;
	t->room = 0;
}

int ctl_json(struct ctl *c, char *json)
{
	ctl_bar_clear(c);
	if (!json)
		return ctl_complain(CTL_FAILED, "", "no memory");
	puts(json);
	shr_free(json);
	return CTL_OK;
}

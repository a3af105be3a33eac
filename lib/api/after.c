/* lib/api/after.c - where a page ended, as text that says nothing to its holder: TABLE1-INDEX(o|n)(-t HEX | -i NUMBER)... */
#include "api/list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/mem.h"
#include "base/text.h"

#define MOST 8192u /* bytes of one */

/* A token of another table, index, direction or version is of another list. */
static int head(const struct shr__walk *w, char *buf, size_t room)
{
	return snprintf(buf, room, "%s1-%" PRIu32 "%c", w->def->table->name, w->def->table->indexes[w->index]->number,
		w->list.flags & SHR_SCAN_BACKWARDS ? 'n' : 'o');
}

static void put_cell(struct shr__buf *b, const struct shr_cell *cell)
{
	const unsigned char *p = cell->p;

	if (cell->type == SHR_CELL_INT) {
		shr__buf_printf(b, "-i%" PRId64, cell->i);
		return;
	}
	shr__buf_str(b, "-t");
	for (uint64_t i = 0; i < cell->len; i++)
		shr__buf_printf(b, "%02x", p[i]);
}

const char *shr__walk_after(const struct shr__walk *w)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	struct shr__buf b = { 0 };
	char text[96];
	const char *copy;
	uint32_t n;

	if (!w->more)
		return "";
	head(w, text, sizeof text);
	shr__buf_str(&b, text);
	n = shr__row_index_cells(w->def, w->index, w->at, w->n_position, cells);
	for (uint32_t i = w->n_prefix; i < n; i++)
		put_cell(&b, &cells[i]);
	copy = b.failed ? NULL : shr__arena_strndup(w->arena, b.p, b.n);
	shr__buf_clear(&b);
	return copy;
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The N characters at P as a text member; 0, -1: malformed, -2: no memory. */
static int take_text(struct shr__walk *w, const char *p, size_t n, const char **ret)
{
	char *s;

	if (n % 2)
		return -1;
	s = shr__arena_alloc(w->arena, n / 2 + 1);
	if (!s)
		return -2;
	for (size_t i = 0; i < n / 2; i++) {
		int high = hex(p[2 * i]), low = hex(p[2 * i + 1]);

		if (high < 0 || low < 0 || high + low == 0)
			return -1;
		s[i] = (char)(high << 4 | low);
	}
	if (!shr__utf8_ok(s, n / 2))
		return -1;
	*ret = s;
	return 0;
}

static int take_int(const char *p, size_t n, int64_t *ret)
{
	char digits[24], *end;

	if (n == 0 || n >= sizeof digits || !strchr("-0123456789", p[0]))
		return -1;
	memcpy(digits, p, n);
	digits[n] = 0;
	errno = 0;
	*ret = strtoll(digits, &end, 10);
	return errno || *end ? -1 : 0;
}

/* "-t..." or "-i..." at *P into the member of column NUMBER of the start row. */
static int take_cell(struct shr__walk *w, const char **p, uint32_t number)
{
	const struct shr__field *f = &w->def->fields[number - 1];
	void *member = (char *)w->start + f->offset;
	size_t n;
	int rc;

	if ((*p)[0] != '-' || (*p)[1] != (f->type == SHR_CELL_INT ? 'i' : 't'))
		return -1;
	*p += 2;
	n = strcspn(*p, "-");
	if (f->type == SHR_CELL_INT && **p == '-')
		n = 1 + strcspn(*p + 1, "-");
	rc = f->type == SHR_CELL_INT ? take_int(*p, n, member) : take_text(w, *p, n, member);
	*p += n;
	return rc;
}

static int parse(struct shr__walk *w, const char *after)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	char text[96];
	size_t n_head = (size_t)head(w, text, sizeof text);
	uint32_t n = shr__row_index_cells(w->def, w->index, w->start, w->n_position, cells);
	const char *p = after + n_head;

	if (strnlen(after, MOST) == MOST || strncmp(after, text, n_head))
		return -1;
	for (uint32_t i = w->n_prefix; i < n; i++) {
		int rc = take_cell(w, &p, cells[i].column);

		if (rc)
			return rc;
	}
	return *p ? -1 : 0;
}

int shr__walk_seek(struct shr__walk *w, const char *after, const struct shr_error **reterr)
{
	switch (parse(w, after)) {
	case 0:
		w->n_start = w->n_position;
		return 0;
	case -2:
		return shr__fail_nomem(reterr);
	default:
		return shr__fail_field(reterr, SHR_EINVAL, "after",
			"give the `after` of a page of the same list with the same filter and direction, or NULL",
			"\"%.64s\" is no position in this list", after);
	}
}

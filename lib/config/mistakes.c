/* lib/config/mistakes.c - what is wrong with a configuration, gathered in any order, told in the file's */
#include "mistakes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"

static struct shr__mistake *one_more(struct shr__mistakes *m)
{
	if (m->n == m->room) {
		uint32_t room = m->room ? m->room * 2 : 16;
		struct shr__mistake *items = shr__realloc(m->items, room * sizeof *items);

		if (!items)
			return NULL;
		m->items = items;
		m->room = room;
	}
	return &m->items[m->n];
}

void shr__mistake_add(struct shr__mistakes *m, uint32_t line, uint32_t column, const char *remedy, const char *format,
	...)
{
	struct shr__mistake *one;
	va_list args;

	/* One more than are told, so that the error can say that there were more. */
	if (m->nomem || m->n > SHR__MISTAKES_MOST)
		return;
	one = one_more(m);
	if (!one) {
		m->nomem = 1;
		return;
	}
	va_start(args, format);
	one->message = shr__arena_vprintf(m->arena, format, args);
	va_end(args);
	one->remedy = shr__arena_strdup(m->arena, remedy);
	if (!one->message || !one->remedy) {
		m->nomem = 1;
		return;
	}
	one->line = line;
	one->column = column;
	one->order = m->n++;
}

static int by_place(const void *pa, const void *pb)
{
	const struct shr__mistake *a = pa, *b = pb;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

int shr__mistakes_fail(struct shr__mistakes *m, const char *file, const struct shr_error **reterr)
{
	struct shr__faults faults = { 0 };
	uint32_t i;

	if (m->nomem)
		return shr__fail_nomem(reterr);
	if (!m->n)
		return 0;
	qsort(m->items, m->n, sizeof *m->items, by_place);
	for (i = 0; i < m->n; i++) {
		const struct shr__mistake *one = &m->items[i];
		const char *where = shr__arena_printf(m->arena, "%s:%u:%u", file, one->line, one->column);

		if (!where) {
			shr__faults_clear(&faults);
			return shr__fail_nomem(reterr);
		}
		shr__faults_add(&faults, SHR_EINVAL, where, one->remedy, "%s", one->message);
	}
	if (m->n > SHR__MISTAKES_MOST)
		return shr__faults_fail(&faults, reterr, SHR_EINVAL, "%s: more than %u mistakes", file, SHR__MISTAKES_MOST);
	return shr__faults_fail(&faults, reterr, SHR_EINVAL, "%s: %u mistake%s", file, m->n, m->n == 1 ? "" : "s");
}

void shr__mistakes_clear(struct shr__mistakes *m)
{
	shr__free(m->items);
	memset(m, 0, sizeof *m);
}

#define WORD_MOST 40

/* Case and the kind of hyphen are what people mix up most; they cost nothing. */
static char folded(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' || c == ' ' ? '_' : c;
}

static unsigned least_of(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edits from A to B, where two letters swapped are one. Both are at most WORD_MOST long. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MOST + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	size_t na = strlen(a), nb = strlen(b), i, j;

	for (j = 0; j <= nb; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= na; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (j = 1; j <= nb; j++) {
			char x = folded(a[i - 1]), y = folded(b[j - 1]);

			now[j] = least_of(last[j] + 1, now[j - 1] + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[nb];
}

const char *shr__nearest(const char *word, const char *const *words, unsigned n)
{
	const char *best = NULL;
	size_t length = strlen(word);
	unsigned i, best_distance = (unsigned)length / 3 + 1;

	if (!length || length > WORD_MOST)
		return NULL;
	for (i = 0; i < n; i++) {
		unsigned d = strlen(words[i]) > WORD_MOST ? WORD_MOST : distance(word, words[i]);

		/* A word cut short is meant oftener than one with as many letters changed. */
		if (d && !strncmp(words[i], word, length) && length >= 3)
			d = 1;
		if (d < best_distance || (d == best_distance && !best)) {
			best = words[i];
			best_distance = d;
		}
	}
	return best;
}

const char *shr__quote(const char *s, char buf[SHR__QUOTE_ROOM])
{
	size_t n = strlen(s), keep = n, i, o = 0;

	if (keep > 60) {
		keep = 60;
		while (keep && ((unsigned char)s[keep] & 0xc0) == 0x80)
			keep--;
	}
	buf[o++] = '"';
	for (i = 0; i < keep; i++) {
		unsigned char c = (unsigned char)s[i];
		/* U+0080 to U+009F steer terminals as the lower ones do. */
		int high = c == 0xc2 && (unsigned char)s[i + 1] >= 0x80 && (unsigned char)s[i + 1] < 0xa0;

		buf[o++] = c < 0x20 || c == 0x7f || high ? '?' : s[i];
		i += (size_t)high;
	}
	memcpy(buf + o, n > keep ? "...\"" : "\"", n > keep ? 5 : 2);
	return buf;
}

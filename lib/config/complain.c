/* lib/config/complain.c - what a value should have been, in words */
#include "shape.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

static void add_trail(struct shr__buf *b, const struct shr__trail *t)
{
	if (!t)
		return;
	add_trail(b, t->up);
	if (t->key)
		shr__buf_printf(b, "%s%s", b->n ? "." : "", t->key);
	else
		shr__buf_printf(b, "[%" PRIu32 "]", t->index);
}

__attribute__((format(printf, 5, 0)))
static void vcomplain(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail,
	const char *remedy, const char *format, va_list args)
{
	struct shr__buf b = { 0 };
	char *message = shr__arena_vprintf(r->m->arena, format, args);

	add_trail(&b, trail);
	if (!message || b.failed)
		r->m->nomem = 1;
	else if (b.n)
		shr__mistake_add(r->m, node->line, node->column, remedy, "%.*s: %s", (int)b.n, b.p, message);
	else
		shr__mistake_add(r->m, node->line, node->column, remedy, "%s", message);
	shr__buf_clear(&b);
}

void shr__complain(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail,
	const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vcomplain(r, node, trail, remedy, format, args);
	va_end(args);
}

static const char *const expected[SHR__N_KINDS] = {
	[SHR__KIND_NAME] = "a name of 1 to 63 of A-Z, a-z, 0-9, '.', '_' and '-', not beginning with '.' or '-'",
	[SHR__KIND_STORE] = "a path, or \":memory:\"",
	[SHR__KIND_PATHS] = "a path, or a list of paths",
	[SHR__KIND_FLAG] = "true or false",
	[SHR__KIND_COUNT] = "a whole number",
	[SHR__KIND_BYTES] = "bytes, or a number with K, M, G, T, P or E (powers of 1024) such as 10GiB,",
	[SHR__KIND_TIME] = "a number with ms, s, m, h or d",
	[SHR__KIND_LIMIT] = "\"unlimited\", or a whole number",
	[SHR__KIND_LIMIT_BYTES] = "\"unlimited\", bytes, or a number with K, M, G, T, P or E (powers of 1024) such as 10TiB",
	[SHR__KIND_PROTOCOLS] = "one or a list of nfs, smb and cephfs",
	[SHR__KIND_SETTINGS] = "a mapping of the plugin's own keys, each with a value or a list of values",
	[SHR__KIND_SETTING] = "a value, or a list of values",
	[SHR__KIND_MAP] = "a mapping",
	[SHR__KIND_ITEMS] = "a list of mappings, each with a '-' before its first key",
	[SHR__KIND_EXPORTER] = "an exporter's name, or a mapping with its name and settings",
};

/* The largest unit that says MS exactly. */
static const char *time_text(int64_t ms, char buf[32])
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };
	size_t i = 0;

	while (ms % units[i].ms)
		i++;
	snprintf(buf, 32, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
	return buf;
}

static const char *expected_text(const struct shr__key *key, char *buf, size_t room)
{
	const char *what = expected[key->kind];
	char least[32], most[32];

	switch (key->kind) {
	case SHR__KIND_COUNT:
		snprintf(buf, room, "%s from %" PRId64 " to %" PRId64, what, key->least, key->most);
		break;
	case SHR__KIND_TIME:
		snprintf(buf, room, "%s from %s to %s", what, time_text(key->least, least), time_text(key->most, most));
		break;
	case SHR__KIND_BYTES:
		snprintf(buf, room, "%s from %" PRId64 " to %s", what, key->least,
			shr__bytes_text((uint64_t)key->most, most));
		break;
	default:
		snprintf(buf, room, "%s", what);
	}
	return buf;
}

void shr__complain_key(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const char *format, ...)
{
	char remedy[256] = "expected ";
	va_list args;

	expected_text(key, remedy + strlen(remedy), sizeof remedy - strlen(remedy));
	va_start(args, format);
	vcomplain(r, node, trail, remedy, format, args);
	va_end(args);
}

static int by_name_and_place(const void *pa, const void *pb)
{
	const struct shr__named *a = pa, *b = pb;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	if (a->node->line != b->node->line)
		return a->node->line < b->node->line ? -1 : 1;
	return a->node->column < b->node->column ? -1 : a->node->column > b->node->column;
}

void shr__names_differ(struct shr__reader *r, struct shr__named *items, uint32_t n, const struct shr__trail *trail)
{
	uint32_t i, first = 0;

	if (n)
		qsort(items, n, sizeof *items, by_name_and_place);
	for (i = 1; i < n; i++) {
		struct shr__trail at = { .up = trail, .index = items[i].index };
		char quoted[SHR__QUOTE_ROOM];

		if (strcmp(items[i].name, items[first].name)) {
			first = i;
			continue;
		}
		shr__quote(items[i].name, quoted);
		if (items[i].index == UINT32_MAX)
			shr__complain(r, items[i].node, trail, "give each key once; a list has several values",
				"the key %s is there already, in line %" PRIu32, quoted, items[first].node->line);
		else
			shr__complain(r, items[i].node, &at, "give each a name of its own",
				"the name %s is there already, in line %" PRIu32, quoted, items[first].node->line);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void shr__sort_by_name(void *items, uint32_t n, size_t size)
{
	if (n)
		qsort(items, n, size, by_name);
}

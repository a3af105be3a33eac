/* lib/store/txn_event.c - events wait here until their commit ends and gives them their numbers */
#include "store/txn_own.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"

void shr__events_forget(struct shr__events *e)
{
	if (e->n)
		shr__arena_reset(e->arena);
	e->n = 0;
}

void shr__events_free(struct shr__events *e)
{
	shr__arena_free(e->arena);
	shr__free(e->rows);
	memset(e, 0, sizeof *e);
}

static int make_room(struct shr__events *e)
{
	size_t room = e->room ? 2 * e->room : 16;
	struct shr__event_row *rows;

	if (!e->arena)
		e->arena = shr__arena_new();
	if (!e->arena)
		return SHR_ENOMEM;
	if (e->n < e->room)
		return 0;
	rows = shr__realloc(e->rows, room * sizeof *rows);
	if (!rows)
		return SHR_ENOMEM;
	e->rows = rows;
	e->room = room;
	return 0;
}

/* Every string of the row into one piece of memory. */
static int copy_strings(struct shr__events *e, struct shr__event_row *row)
{
	const char **strings[] = { &row->project, &row->kind, &row->object, &row->object_id, &row->op_id, &row->user,
		&row->request_id, &row->text };
	enum { N = sizeof strings / sizeof strings[0] };
	size_t length[N], sum = 0;
	char *p;

	for (int i = 0; i < N; i++) {
		length[i] = *strings[i] ? strlen(*strings[i]) + 1 : 1;
		sum += length[i];
	}
	p = shr__arena_alloc(e->arena, sum);
	if (!p)
		return SHR_ENOMEM;
	for (int i = 0; i < N; i++) {
		memcpy(p, *strings[i] ? *strings[i] : "", length[i]);
		*strings[i] = p;
		p += length[i];
	}
	return 0;
}

static int lose(struct shr__txn *t, int code, const char *words)
{
	t->lost = code;
	strcpy(t->words, words);
	return code;
}

int shr__txn_event(struct shr__txn *t, const struct shr__event_row *event)
{
	struct shr__event_row row = *event;

	if (t->lost)
		return t->lost;
	if (!t->events)
		return lose(t, SHR_EINTERNAL, "an event in a read transaction");
	if (make_room(t->events) < 0 || copy_strings(t->events, &row) < 0)
		return lose(t, SHR_ENOMEM, "");
	t->events->rows[t->events->n++] = row;
	return 0;
}

/* One add for all of a commit: whoever commits later reads a later number, so the numbers rise as the commits do. */
static int take_numbers(struct shr__txn *t, int64_t n, int64_t *ret_last)
{
	struct shr__counter_row row = { "event", 0 };
	int rc = shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, n, 0, INT64_MAX, ret_last);

	if (rc != SHR_ENOTFOUND)
		return rc;
	rc = shr__txn_insert_if_absent(t, &shr__counter_def, &row);
	if (rc < 0)
		return rc;
	return shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, n, 0, INT64_MAX, ret_last);
}

int shr__txn_number_events(struct shr__txn *t)
{
	struct shr__events *e = t->events;
	int64_t last = 0;
	int rc;

	if (!e->n)
		return 0;
	rc = take_numbers(t, (int64_t)e->n, &last);
	for (size_t i = 0; !rc && i < e->n; i++) {
		e->rows[i].seq = last - (int64_t)(e->n - 1 - i);
		rc = shr__txn_insert(t, &shr__event_def, &e->rows[i]);
	}
	/* A number that is taken, or none left: the counter is not what it was. */
	return rc >= 0 || t->lost ? rc : lose(t, SHR_ECORRUPT, "the counter of events does not fit the events");
}

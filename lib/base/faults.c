/* lib/base/faults.c - many mistakes gathered for one error */
#include "fail.h"

#include "mem.h"

#include <stdio.h>
#include <string.h>

#define MOST 1000u

static int make_room(struct shr__faults *f)
{
	const struct shr_fault **items;
	unsigned room = f->room > 0 ? 2 * f->room : 8;

	if (f->arena == NULL)
		f->arena = shr__arena_new();
	if (f->arena == NULL)
		return -1;
	if (f->n < f->room)
		return 0;
	items = shr__realloc(f->items, room * sizeof(*items));
	if (items == NULL)
		return -1;
	f->items = items;
	f->room = room;
	return 0;
}

/* The strings of WORDS into the arena, and the whole behind the last item. */
static void keep(struct shr__faults *f, const struct shr_fault *words)
{
	struct shr_fault *fault = shr__arena_alloc(f->arena, sizeof(*fault));

	f->nomem = 1; /* until all is there */
	if (fault == NULL)
		return;
	fault->size = sizeof(*fault);
	fault->code = words->code;
	fault->message = words->message;
	fault->where = shr__arena_strdup(f->arena, words->where);
	fault->remedy = shr__arena_strdup(f->arena, words->remedy);
	fault->object = shr__arena_strdup(f->arena, words->object);
	fault->object_id = shr__arena_strdup(f->arena, words->object_id);
	if (fault->message == NULL || fault->where == NULL || fault->remedy == NULL || fault->object == NULL ||
	    fault->object_id == NULL)
		return;
	f->items[f->n++] = fault;
	f->nomem = 0;
}

static void __attribute__((format(printf, 3, 0))) add_v(struct shr__faults *f, const struct shr_fault *words,
	const char *format, va_list args)
{
	struct shr_fault fault = *words;

	if (f->nomem || f->n > MOST)
		return;
	if (make_room(f) != 0) {
		f->nomem = 1;
		return;
	}
	if (f->n < MOST)
		fault.message = shr__arena_vprintf(f->arena, format, args);
	else
		fault = (struct shr_fault){ .code = words->code, .message = "... and more" };
	keep(f, &fault);
}

void shr__faults_add(struct shr__faults *f, int code, const char *where, const char *remedy, const char *format, ...)
{
	struct shr_fault words = { .code = code, .where = where, .remedy = remedy };
	va_list args;

	va_start(args, format);
	add_v(f, &words, format, args);
	va_end(args);
}

void shr__faults_add_object(struct shr__faults *f, int code, const char *where, const char *object,
	const char *object_id, const char *remedy, const char *format, ...)
{
	struct shr_fault words = { .code = code, .where = where, .remedy = remedy, .object = object,
		.object_id = object_id };
	va_list args;

	va_start(args, format);
	add_v(f, &words, format, args);
	va_end(args);
}

/* The message of an error with these faults: of the one there is, or the caller's. */
static const char * __attribute__((format(printf, 2, 0))) words_of(struct shr__faults *f, const char *format,
	va_list args)
{
	if (f->n != 1)
		return shr__arena_vprintf(f->arena, format, args);
	if (f->items[0]->where[0] == '\0')
		return f->items[0]->message;
	return shr__arena_printf(f->arena, "%s: %s", f->items[0]->where, f->items[0]->message);
}

int shr__faults_fail(struct shr__faults *f, const struct shr_error **reterr, int code, const char *format, ...)
{
	struct shr__fail_parts parts = { .code = code, .retryable = -1 };
	va_list args;

	if (f->nomem || (f->arena == NULL && (f->arena = shr__arena_new()) == NULL)) {
		shr__faults_clear(f);
		return shr__fail_nomem(reterr);
	}
	va_start(args, format);
	parts.message = words_of(f, format, args);
	va_end(args);
	parts.remedy = f->n == 1 ? f->items[0]->remedy : NULL;
	parts.faults = f->items;
	parts.n_faults = f->n;
	if (parts.message == NULL)
		code = shr__fail_nomem(reterr);
	else
		shr__fail_parts(reterr, &parts);
	shr__faults_clear(f);
	return code;
}

void shr__faults_clear(struct shr__faults *f)
{
	shr__arena_free(f->arena);
	shr__free(f->items);
	memset(f, 0, sizeof(*f));
}

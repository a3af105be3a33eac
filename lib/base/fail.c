/* lib/base/fail.c - making error records */
#include "fail.h"

#include "record.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define MOST 2000u /* bytes of one text in an error; the rest is cut with "..." */

/* A text fit to be shown: at most MOST bytes of UTF-8 on one line. People's input and plugins' words end up here, and must
 * not drive a terminal or break a log. */
static void tidy(char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		unsigned char c = (unsigned char)s[i];
		size_t one;

		if (c >= 0x20 && c < 0x7f) { /* nearly all of it */
			i++;
			continue;
		}
		one = shr__utf8_one(s + i, n - i);
		if (one == 1 && (c == '\n' || c == '\t' || c == '\r'))
			s[i] = ' ';
		else if (one == 0 || c < 0x20 || c == 0x7f)
			s[i] = '?';
		else if (one == 2 && c == 0xc2 && (unsigned char)s[i + 1] < 0xa0)
			s[i] = s[i + 1] = '?';
		i += one > 0 ? one : 1;
	}
}

static const char *text(struct shr__arena *arena, const char *s)
{
	size_t n = s != NULL ? strnlen(s, MOST + 1) : 0;
	int cut = n > MOST;
	char *copy;

	if (n == 0)
		return "";
	if (cut) {
		n = MOST - 3;
		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) /* not in the middle of a character */
			n--;
	}
	copy = cut ? shr__arena_printf(arena, "%.*s...", (int)n, s) : shr__arena_strndup(arena, s, n);
	if (copy != NULL)
		tidy(copy, n);
	return copy;
}

static struct shr_fault *copy_fault(struct shr__arena *arena, const struct shr_fault *from)
{
	struct shr_fault *f = shr__arena_alloc(arena, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->size = sizeof(*f);
	f->code = from->code;
	f->where = text(arena, from->where);
	f->message = text(arena, from->message);
	f->remedy = text(arena, from->remedy);
	f->object = text(arena, from->object);
	f->object_id = text(arena, from->object_id);
	if (f->where == NULL || f->message == NULL || f->remedy == NULL || f->object == NULL || f->object_id == NULL)
		return NULL;
	return f;
}

static int copy_faults(struct shr__arena *arena, const struct shr__fail_parts *parts, struct shr_error *e)
{
	const struct shr_fault **list;

	if (parts->n_faults == 0)
		return 0;
	list = shr__arena_alloc(arena, parts->n_faults * sizeof(*list));
	if (list == NULL)
		return -1;
	for (unsigned i = 0; i < parts->n_faults; i++) {
		list[i] = copy_fault(arena, parts->faults[i]);
		if (list[i] == NULL)
			return -1;
	}
	e->faults = list;
	e->n_faults = parts->n_faults;
	return 0;
}

const struct shr_error *shr__error_new(const struct shr__fail_parts *parts)
{
	struct shr__arena *arena;
	struct shr_error *e = shr__record_new(sizeof(*e), &arena);

	if (e == NULL)
		return shr__error_static(parts->code);
	e->size = sizeof(*e);
	e->code = parts->code;
	e->retryable = (parts->retryable < 0 ? shr__code_retryable(parts->code) : parts->retryable) != 0;
	e->message = text(arena, parts->message);
	e->remedy = text(arena, parts->remedy);
	e->op_id = text(arena, parts->op_id);
	e->driver_message = text(arena, parts->driver_message);
	if (e->message == NULL || e->remedy == NULL || e->op_id == NULL || e->driver_message == NULL ||
	    copy_faults(arena, parts, e) != 0) {
		shr__record_unref(e);
		return shr__error_static(parts->code);
	}
	return e;
}

int shr__fail_parts(const struct shr_error **reterr, const struct shr__fail_parts *parts)
{
	if (reterr != NULL)
		*reterr = shr__error_new(parts);
	return parts->code;
}

static int __attribute__((format(printf, 4, 0))) fail_v(const struct shr_error **reterr, int code, const char *remedy,
	const char *format, va_list args)
{
	char message[MOST + 2]; /* one more than fits, so that text() sees that there was more */
	struct shr__fail_parts parts = { .code = code, .retryable = -1, .remedy = remedy, .message = message };

	if (reterr == NULL)
		return code;
	if (vsnprintf(message, sizeof(message), format, args) < 0)
		return shr__fail_parts(reterr, &(struct shr__fail_parts){ .code = code, .retryable = -1, .message = format });
	return shr__fail_parts(reterr, &parts);
}

int shr__fail(const struct shr_error **reterr, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fail_v(reterr, code, NULL, format, args);
	va_end(args);
	return code;
}

int shr__fail_do(const struct shr_error **reterr, int code, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = fail_v(reterr, code, remedy, format, args);
	va_end(args);
	return code;
}

int shr__fail_field(const struct shr_error **reterr, int code, const char *field, const char *remedy,
	const char *format, ...)
{
	char words[MOST + 2], message[MOST + 2];
	const struct shr_fault fault = { .code = code, .where = field, .message = words, .remedy = remedy };
	const struct shr_fault *const faults[] = { &fault };
	struct shr__fail_parts parts = { .code = code, .retryable = -1, .message = message, .remedy = remedy,
		.faults = faults, .n_faults = 1 };
	va_list args;
	size_t n;

	if (reterr == NULL)
		return code;
	va_start(args, format);
	if (vsnprintf(words, sizeof(words), format, args) < 0)
		words[0] = '\0';
	va_end(args);
	n = (size_t)snprintf(message, sizeof(message), "%s: ", field);
	if (n < sizeof(message))
		memccpy(message + n, words, '\0', sizeof(message) - n - 1);
	message[sizeof(message) - 1] = '\0';
	return shr__fail_parts(reterr, &parts);
}

int shr__fail_nomem(const struct shr_error **reterr)
{
	if (reterr != NULL)
		*reterr = shr__error_static(SHR_ENOMEM);
	return SHR_ENOMEM;
}

/* examples/sharectl/say.c - what is told to people, on stderr, and how it ends */
#include "ctl.h"
#include "say.h"
#include "wait.h"
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ctl_alloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	/* A tool ends here: whatever was accepted is in the store, and the next engine goes on with it. */
	if (!p) {
		fprintf(stderr, "sharectl: no memory\n");
		exit(CTL_FAILED);
	}
	return p;
}

char *ctl_vformat(const char *format, va_list ap)
{
	va_list again;
	char *s;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	s = ctl_alloc(n < 0 ? 1 : (size_t)n + 1);
	if (n >= 0)
		vsnprintf(s, (size_t)n + 1, format, ap);
	return s;
}

char *ctl_format(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = ctl_vformat(format, ap);
	va_end(ap);
	return s;
}

static void line(const char *before, const char *text)
{
	char *clean = ctl_clean(text);

	fprintf(stderr, "%s%s\n", before, clean);
	free(clean);
}

int ctl_usage(const struct ctl *c, const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = ctl_vformat(format, ap);
	va_end(ap);
	line("sharectl: ", s);
	free(s);
	if (c->command)
		fprintf(stderr, "  try: sharectl %s --help\n", c->command->words);
	else if (c->argc && ctl_begins(NULL, c->argv, 1))
		fprintf(stderr, "  try: sharectl %s --help\n", c->argv[0]);
	else
		fprintf(stderr, "  try: sharectl --help\n");
	return CTL_USAGE;
}

int ctl_complain(int code, const char *remedy, const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = ctl_vformat(format, ap);
	va_end(ap);
	line("sharectl: ", s);
	free(s);
	if (remedy && *remedy)
		line("  do: ", remedy);
	return code;
}

void ctl_note(struct ctl *c, const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = ctl_vformat(format, ap);
	va_end(ap);
	ctl_bar_clear(c);
	line("sharectl: ", s);
	free(s);
}

int ctl_exit_for(int rc)
{
	static const struct { int code, status; } table[] = {
		{ SHR_OK, CTL_OK }, { SHR_RUNNING, CTL_RUNNING },
		{ SHR_EINVAL, CTL_USAGE },
		{ SHR_ENOTFOUND, CTL_NOTFOUND },
		{ SHR_ESTATE, CTL_CONFLICT }, { SHR_ECONFLICT, CTL_CONFLICT }, { SHR_ELOCKED, CTL_CONFLICT }, { SHR_EEXIST,
			CTL_CONFLICT },
		{ SHR_ETOKEN, CTL_CONFLICT }, { SHR_EDATALOSS, CTL_CONFLICT },
		{ SHR_EPERM, CTL_PERMISSION }, { SHR_ETRUST, CTL_PERMISSION }, { SHR_EKEY, CTL_PERMISSION },
		{ SHR_EQUOTA, CTL_NOROOM }, { SHR_ENOSPC, CTL_NOROOM },
		{ SHR_EUNREACHABLE, CTL_UNREACHABLE }, { SHR_ESTORE, CTL_UNREACHABLE }, { SHR_EBUSY, CTL_UNREACHABLE },
		{ SHR_EAGAIN, CTL_UNREACHABLE }, { SHR_EFENCED, CTL_UNREACHABLE },
		{ SHR_ECORRUPT, CTL_DAMAGED }, { SHR_EABI, CTL_DAMAGED },
		{ SHR_EPARTIAL, CTL_PARTIAL },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].code == rc)
			return table[i].status;
	return CTL_FAILED;
}

static void say_see(const struct shr_fault *f)
{
	char *s = ctl_format("%s %s", f->object, f->object_id);

	if (*f->object_id)
		line("    see: ", s);
	free(s);
}

static void say_fault(const struct shr_fault *f)
{
	char *s = ctl_format("%s%s%s (%s)", f->where, *f->where ? ": " : "", f->message, shr_strcode(f->code));

	line("  - ", s);
	free(s);
	if (*f->remedy)
		line("    do: ", f->remedy);
	say_see(f);
}

/* Where there was one thing wrong the error says all of it by itself. */
static int says_the_same(const struct shr_error *e)
{
	return e->n_faults == 1 && strstr(e->message, e->faults[0]->message) && strcmp(e->remedy,
		e->faults[0]->remedy) == 0;
}

static void say_error(int rc, const struct shr_error *e)
{
	char *s = ctl_format("%s (%s)", e ? e->message : "it failed and nobody knows why", shr_strcode(rc));

	line("sharectl: ", s);
	free(s);
	if (!e)
		return;
	if (*e->driver_message && strcmp(e->driver_message, e->message) != 0)
		line("  the driver says: ", e->driver_message);
	if (says_the_same(e))
		say_see(e->faults[0]);
	for (uint32_t i = 0; i < e->n_faults && !says_the_same(e); i++)
		say_fault(e->faults[i]);
	if (*e->remedy)
		line("  do: ", e->remedy);
	if (*e->op_id)
		line("  operation: ", e->op_id);
	if (e->retryable)
		line("  the same may work later", "");
}

int ctl_fail(struct ctl *c, int rc, const struct shr_error *error)
{
	char *json = ctl_has(c, OPT_JSON) && error ? shr_error_json(error) : NULL;

	ctl_bar_clear(c);
	if (json)
		fprintf(stderr, "%s\n", json);
	else
		say_error(rc, error);
	shr_free(json);
	shr_error_unref(error);
	return ctl_exit_for(rc);
}

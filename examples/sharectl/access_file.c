/* examples/sharectl/access_file.c - access apply: a file of changes, one a line, all or none */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_WORDS 80
#define MOST_CHANGES 10000

struct file {
	struct ctl *c;
	const char *name;
	struct shr_access_change *changes;
	char **lines; /* what the changes point into */
	const char ***metadata;
	uint32_t n;
	unsigned line;
	int wrong; /* mistakes so far: all are told */
};

static void wrong(struct file *f, const char *what, const char *word)
{
	char *s = ctl_format("%s:%u: %s%s%s%s", f->name, f->line, what, *word ? " \"" : "", word, *word ? "\"" : "");

	if (++f->wrong <= 50)
		ctl_complain(0, "", "%s", s);
	free(s);
}

/* One word at *S, which moves behind it; in "..." there may be spaces, and \ takes the next as it is. NULL: none. */
static char *next_word(struct file *f, char **s)
{
	char *from, *to, *word;
	int quoted = 0;

	*s += strspn(*s, " \t\r\n");
	if (!**s || **s == '#')
		return NULL;
	for (from = to = word = *s; *from && (quoted || !strchr(" \t\r\n", *from)); from++) {
		if (*from == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	if (quoted)
		wrong(f, "a quote is not closed", "");
	*s = from + (*from != '\0');
	*to = '\0';
	return word;
}

static void extra(struct file *f, struct shr_access_change *change, char *word)
{
	char *equals = strchr(word, '=');
	int64_t n;

	if (equals)
		*equals = '\0';
	if (equals && strcmp(word, "priority") == 0 && ctl_parse_integer(equals + 1, &n) == 0 && n >= INT32_MIN &&
		n <= INT32_MAX) {
		change->priority = (int32_t)n;
	} else if (equals && strcmp(word, "squash") == 0 && ctl_parse_squash(equals + 1, &n) == 0) {
		change->squash = (uint32_t)n;
	} else if (equals && strncmp(word, "meta.", 5) == 0) {
		const char **pairs = f->metadata[f->n];

		pairs[2 * change->n_metadata] = word + 5;
		pairs[2 * change->n_metadata + 1] = equals + 1;
		change->n_metadata++;
	} else {
		if (equals)
			*equals = '=';
		wrong(f, "expected priority=N, squash=default|none|root|all or meta.KEY=VALUE, not", word);
	}
}

static void one_change(struct file *f, char **words, int n)
{
	struct shr_access_change *change = &f->changes[f->n];
	int64_t number = 0;
	int at = 1;

	*change = (struct shr_access_change){ .verb = !strcmp(words[0], "allow") ? SHR_ALLOW : !strcmp(words[0],
		"set") ? SHR_SET :
		!strcmp(words[0], "deny") ? SHR_DENY : 0 };
	if (!change->verb) {
		wrong(f, "expected allow, set or deny, not", words[0]);
		return;
	}
	if (change->verb == SHR_DENY && n == 2 && ctl_is_id(words[1])) {
		change->id = words[1];
		return;
	}
	if (n < (change->verb == SHR_DENY ? 3 : 4)) {
		wrong(f, change->verb == SHR_DENY ? "expected deny TYPE WHO, or deny RULE" : "expected TYPE WHO LEVEL behind",
			words[0]);
		return;
	}
	if (ctl_parse_type(words[at], &number) < 0)
		wrong(f, "expected ip, user, cert or cephx, not", words[at]);
	change->type = (uint32_t)number;
	change->who = words[at + 1];
	at += 2;
	if (change->verb != SHR_DENY) {
		if (ctl_parse_level(words[at], &number) < 0)
			wrong(f, "expected rw or ro, not", words[at]);
		change->level = (uint32_t)number;
		at++;
	}
	for (; at < n; at++)
		extra(f, change, words[at]);
	change->metadata = f->metadata[f->n];
}

static void one_line(struct file *f, char *line)
{
	char *words[MOST_WORDS], *s = line, *word;
	int n = 0;

	while ((word = next_word(f, &s)) != NULL) {
		if (n == MOST_WORDS) {
			wrong(f, "the line has too many words", "");
			return;
		}
		words[n++] = word;
	}
	if (!n)
		return;
	if (f->n == MOST_CHANGES) {
		wrong(f, "a batch has at most 10000 changes", "");
		return;
	}
	f->metadata[f->n] = ctl_alloc(2 * (size_t)n * sizeof **f->metadata);
	one_change(f, words, n);
	f->lines[f->n++] = line;
}

static int read_file(struct file *f, FILE *in)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, in)) >= 0 && f->wrong < 50) {
		uint32_t before = f->n;
		char *copy = ctl_format("%s", line);

		f->line++;
		if (memchr(line, '\0', (size_t)length))
			wrong(f, "the line has a zero byte", "");
		else
			one_line(f, copy);
		if (f->n == before)
			free(copy);
	}
	free(line);
	if (ferror(in))
		return ctl_complain(CTL_FAILED, "", "%s: %s", f->name, strerror(errno));
	if (f->wrong)
		return ctl_usage(f->c, "%s: nothing was changed", f->name);
	return f->n ? CTL_OK : ctl_usage(f->c, "%s: no changes in it", f->name);
}

int ctl_access_apply(struct ctl *c)
{
	int from_stdin = strcmp(c->argv[1], "-") == 0, status;
	struct file f = { .c = c, .name = from_stdin ? "standard input" : c->argv[1] };
	FILE *in = from_stdin ? stdin : fopen(c->argv[1], "re");
	char id[64];

	if (!in)
		return ctl_complain(errno == ENOENT ? CTL_NOTFOUND : CTL_FAILED, "", "%s: %s", c->argv[1], strerror(errno));
	f.changes = ctl_alloc(MOST_CHANGES * sizeof *f.changes);
	f.lines = ctl_alloc(MOST_CHANGES * sizeof *f.lines);
	f.metadata = ctl_alloc(MOST_CHANGES * sizeof *f.metadata);
	status = read_file(&f, in);
	if (!from_stdin)
		fclose(in);
	if (!status)
		status = ctl_either_id(c, c->argv[0], id);
	if (!status)
		status = ctl_access_send(c, id, f.changes, f.n);
	for (uint32_t i = 0; i < f.n; i++) {
		free(f.lines[i]);
		free(f.metadata[i]);
	}
	free(f.metadata);
	free(f.lines);
	free(f.changes);
	return status;
}

/* examples/sharectl/complete.c - what may stand for the last word: the shell asks, the tables answer */
#include "ctl.h"
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* The words in LIST that begin with WORD. */
static void choices(const char *list, const char *word)
{
	while (*list) {
		int n = (int)strcspn(list, " ");

		if (begins(list, word))
			printf("%.*s\n", n, list);
		list += n;
		list += *list == ' ';
	}
}

/* The option that wants a value behind WORD, or OPT_END. */
static enum ctl_opt wants_value(const char *word)
{
	for (int o = 1; o < OPT_COUNT; o++) {
		const struct ctl_option *opt = &ctl_options[o];

		if (!opt->arg)
			continue;
		if (begins(word, "--") && strcmp(word + 2, opt->name) == 0)
			return o;
		if (opt->letter && word[0] == '-' && word[1] == opt->letter && !word[2])
			return o;
	}
	return OPT_END;
}

static void complete_command(char **words, int n, const char *word)
{
	const char *last = "";
	size_t last_n = 0;

	for (const struct ctl_command *cmd = ctl_commands; cmd->words; cmd++) {
		const char *p = cmd->words;
		size_t length;

		if ((cmd->flags & CTL_HIDDEN) || !ctl_begins(cmd->words, words, n))
			continue;
		for (int i = 0; i < n && *p; i++) {
			p += strcspn(p, " ");
			p += *p == ' ';
		}
		length = strcspn(p, " ");
		if (!length || !begins(p, word) || (length == last_n && memcmp(p, last, length) == 0))
			continue;
		printf("%.*s\n", (int)length, p);
		last = p;
		last_n = length;
	}
}

static void complete_option(const struct ctl_command *cmd, const char *word)
{
	for (int o = 1; o < OPT_COUNT; o++) {
		char *name = ctl_format("--%s", ctl_options[o].name);

		if ((cmd ? ctl_takes(cmd, o) : ctl_is_global(o)) && begins(name, word))
			puts(name);
		free(name);
	}
}

/* What stands for WORD as the argument that ARGS begins with. */
static void complete_argument(const char *args, const char *word)
{
	if (begins(args, "SHARE") || begins(args, "[SHARE") || begins(args, "OBJECT"))
		puts("@share");
	else if (begins(args, "SNAPSHOT"))
		puts("@snapshot");
	else if (begins(args, "ORPHAN"))
		puts("@orphan");
	else if (begins(args, "none|"))
		choices("none own share", word);
	else if (begins(args, "FILE") || begins(args, "[FILE"))
		puts("@file");
	else if (begins(args, "available|"))
		choices("available error", word);
}

static void complete_value(enum ctl_opt o, const char *word)
{
	const struct ctl_option *opt = &ctl_options[o];

	if (opt->choices)
		choices(opt->choices, word);
	else if (strcmp(opt->arg, "SNAPSHOT") == 0)
		puts("@snapshot");
	else if (strcmp(opt->arg, "FILE") == 0 || strcmp(opt->arg, "DIR") == 0)
		puts("@file");
}

/* The words before the last one without the options; *RET_VALUE: the option whose value the last one is. */
static int plain_words(struct ctl *c, char **ret, enum ctl_opt *ret_value)
{
	enum ctl_opt value = OPT_END;
	int n = 0;

	for (int i = 0; i + 1 < c->argc; i++) {
		value = wants_value(c->argv[i]);
		if (value && i + 2 < c->argc) {
			value = OPT_END; /* it has it */
			i++;
		} else if (c->argv[i][0] != '-') {
			ret[n++] = c->argv[i];
		}
	}
	*ret_value = value;
	return n;
}

/* The arguments behind "complete" are the words of the line; the last is the one to complete, which may be empty. A line
 * "@file" tells the shell to look for files, "@share" that a share is wanted, "@snapshot" that a snapshot is. */
int ctl_complete(struct ctl *c)
{
	const char *word = c->argc ? c->argv[c->argc - 1] : "", *args;
	char **words = ctl_alloc((size_t)(c->argc + 1) * sizeof *words);
	const struct ctl_command *cmd;
	enum ctl_opt value;
	int used = 0, n = plain_words(c, words, &value);

	cmd = ctl_find(words, n, &used);
	args = cmd ? cmd->args : "";
	for (int i = used; i < n && *args; i++) {
		args += strcspn(args, " ");
		args += *args == ' ';
	}
	if (value)
		complete_value(value, word);
	else if (word[0] == '-')
		complete_option(cmd, word);
	else if (!cmd)
		complete_command(words, n, word);
	else
		complete_argument(args, word);
	free(words);
	return CTL_OK;
}

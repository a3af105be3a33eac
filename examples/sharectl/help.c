/* examples/sharectl/help.c - --help, from the tables of commands and options */
#include "ctl.h"
#include "help.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 100

static const char *group_help(const char *words)
{
	static const char *const groups[][2] = {
		{ "share", "shares and the locks on them" }, { "snapshot", "what shares held at one moment" },
		{ "access", "who may mount a share" }, { "pool",
			"where shares lie" },
		{ "quota", "what a project may use" }, { "op", "operations" }, { "event", "the audit trail" },
		{ "driver", "plugins that make shares" }, { "exporter", "plugins that put them on the network" },
		{ "orphan", "what was left behind" }, { "drift", "what backends had otherwise" },
		{ "engine", "what executes operations" }, { "config",
			"the configuration file" },
		{ "store", "where the records are" },
	};

	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (strncmp(words, groups[i][0], strlen(groups[i][0])) == 0)
			return groups[i][1];
	return "";
}

/* TEXT in lines of at most WIDTH columns, all but the first set in by INDENT. */
static void wrap(FILE *f, const char *text, int indent)
{
	int at = indent;

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (at > indent && at + 1 + n > WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', f);
			at++;
		}
		fprintf(f, "%.*s", n, text);
		at += n;
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

static void entry(FILE *f, const char *words, const char *help, int width)
{
	fprintf(f, "  %-*s ", width, words);
	wrap(f, help, width + 3);
}

static void option(FILE *f, enum ctl_opt o)
{
	const struct ctl_option *opt = &ctl_options[o];
	char letter[] = { '-', opt->letter, ',', '\0' }, words[64];

	snprintf(words, sizeof words, "%s --%s%s%s", opt->letter ? letter : "   ", opt->name, opt->arg ? " " : "",
		opt->arg ? opt->arg : "");
	entry(f, words, opt->help, 27);
	if (opt->choices && opt->choices == opt->want) {
		fprintf(f, "%30sone of: ", "");
		wrap(f, opt->choices, 38);
	}
}

static void global_options(FILE *f)
{
	fprintf(f, "\nOptions of every command:\n");
	for (int o = 1; o < OPT_COUNT; o++)
		if (ctl_is_global(o))
			option(f, o);
}

void ctl_help(FILE *f)
{
	const char *last = "";

	fprintf(f, "usage: sharectl COMMAND [ARGUMENT...] [OPTION...]\n\n"
		"Shares of files: make them, size them, let clients in. Begin with: sharectl init --root DIR\n");
	for (const struct ctl_command *cmd = ctl_commands; cmd->words; cmd++) {
		char words[96];
		int n = (int)strcspn(cmd->words, " ");

		if (cmd->flags & CTL_HIDDEN)
			continue;
		if (cmd->words[n] && (strncmp(last, cmd->words, (size_t)n + 1) != 0))
			fprintf(f, "\n%.*s: %s\n", n, cmd->words, group_help(cmd->words));
		else if (!cmd->words[n])
			fprintf(f, "\n");
		last = cmd->words;
		snprintf(words, sizeof words, "%s%s%s", cmd->words, *cmd->args ? " " : "", cmd->args);
		entry(f, words, cmd->help, 40);
	}
	global_options(f);
	fprintf(f, "\nsharectl COMMAND --help tells more. The manual is sharectl(1).\n");
}

void ctl_help_group(FILE *f, char **words, int n)
{
	fprintf(f, "usage: sharectl %s COMMAND [ARGUMENT...] [OPTION...]\n\n", words[0]);
	for (const struct ctl_command *cmd = ctl_commands; cmd->words; cmd++) {
		char line[96];

		if ((cmd->flags & CTL_HIDDEN) || !ctl_begins(cmd->words, words, n))
			continue;
		snprintf(line, sizeof line, "%s%s%s", cmd->words, *cmd->args ? " " : "", cmd->args);
		entry(f, line, cmd->help, 40);
	}
	global_options(f);
}

void ctl_help_command(FILE *f, const struct ctl_command *cmd)
{
	int some = 0;

	fprintf(f, "usage: sharectl %s%s%s [OPTION...]\n\n", cmd->words, *cmd->args ? " " : "", cmd->args);
	wrap(f, cmd->help, 0);
	if (cmd->more) {
		fputc('\n', f);
		wrap(f, cmd->more, 0);
	}
	for (int o = 1; o < OPT_COUNT; o++) {
		if (ctl_is_global(o) || !ctl_takes(cmd, o))
			continue;
		fprintf(f, "%s", some++ ? "" : "\nOptions:\n");
		option(f, o);
	}
	global_options(f);
}

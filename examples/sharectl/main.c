/* examples/sharectl/main.c - sharectl: libshare from the command line; sharectl(1) */
#include "ctl.h"
#include "help.h"
#include "open.h"
#include "say.h"
#include "wait.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int help(struct ctl *c)
{
	if (c->command)
		ctl_help_command(stdout, c->command);
	else if (!c->argc)
		ctl_help(stdout);
	else if (ctl_begins(NULL, c->argv, 1))
		ctl_help_group(stdout, c->argv, 1);
	else
		return ctl_usage(c, "there is no command \"%s\"", c->argv[0]);
	return CTL_OK;
}

static int run(struct ctl *c, int argc, char **argv)
{
	int status = ctl_read(c, argc, argv);

	if (status)
		return status;
	if (ctl_has(c, OPT_VERSION)) {
		printf("sharectl %d.%d.%d, libshare %s\n", SHR_VERSION_MAJOR, SHR_VERSION_MINOR, SHR_VERSION_PATCH,
			shr_version_string());
		return CTL_OK;
	}
	if (ctl_has(c, OPT_HELP))
		return help(c);
	if (!c->command) {
		ctl_help(stderr);
		return CTL_USAGE;
	}
	status = ctl_open(c);
	return status ? status : c->command->run(c);
}

/* What was printed must have arrived: a full disk behind ">" is a failure. */
static int flushed(int status)
{
	if ((fflush(stdout) == EOF || ferror(stdout)) && !status)
		return ctl_complain(CTL_FAILED, "", "standard output: %s", strerror(errno));
	return status;
}

/* Widths are counted in characters, so a locale that knows them is needed, whatever language it has. */
static void use_utf8(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		if (!setlocale(LC_CTYPE, "C.UTF-8"))
			setlocale(LC_CTYPE, "C");
}

int main(int argc, char **argv)
{
	struct ctl c = { 0 };
	int status, sig;

	use_utf8();
	status = run(&c, argc, argv);
	ctl_bar_clear(&c);
	ctl_close(&c);
	status = flushed(status);
	sig = c.interrupted && strcmp(c.command->words, "engine run") != 0 && strcmp(c.command->words,
		"event follow") != 0 ?
		c.interrupted : 0;
	for (int o = 0; o < OPT_COUNT; o++)
		free(c.given[o].words);
	free(c.words);
	/* Who called learns that it was the signal, as shells want it. */
	if (sig) {
		signal(sig, SIG_DFL);
		ctl_signals_release(&c);
		raise(sig);
	}
	return status;
}

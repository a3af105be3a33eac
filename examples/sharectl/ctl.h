/* examples/sharectl/ctl.h - one run of sharectl: what the command line says, and what is open */
#ifndef SHARECTL_CTL_H
#define SHARECTL_CTL_H

#include "libshare/libshare.h"
#include "commands.h"
#include "options.h"

/* How it ended; sharectl(1), EXIT STATUS. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NOTFOUND = 3,
	CTL_CONFLICT = 4,
	CTL_PERMISSION = 5,
	CTL_NOROOM = 6,
	CTL_RUNNING = 7,
	CTL_UNREACHABLE = 8,
	CTL_DAMAGED = 9,
	CTL_PARTIAL = 10,
	CTL_NO = 11,
};

struct ctl_value {
	const char **words;
	int n;
	int reserved0;
	int64_t number; /* of the last, where the option has `parse` */
};

struct ctl_key {
	uint8_t bytes[32];
	char id[64];
};

/* One run. Everything that the command line says is here, and nothing is global. */
struct ctl {
	const struct ctl_command *command;
	char **words; /* of the line, options taken out */
	char **argv;  /* of those, the arguments of the command */
	int argc;
	int signals_held;
	struct ctl_value given[OPT_COUNT];
	struct ctl_key *keys;
	size_t n_keys;
	struct shr_ctx *ctx;
	struct shr_session *session;
	struct shr_engine *engine;
	const char *user;
	int interrupted; /* the signal */
	_Atomic int bar; /* a progress bar stands on the terminal; the log may come from any thread */
};

static inline int ctl_has(const struct ctl *c, enum ctl_opt o)
{
	return c->given[o].n > 0;
}

/* The last of it, or NULL. */
static inline const char *ctl_text(const struct ctl *c, enum ctl_opt o)
{
	return c->given[o].n ? c->given[o].words[c->given[o].n - 1] : NULL;
}

static inline int64_t ctl_number(const struct ctl *c, enum ctl_opt o, int64_t otherwise)
{
	return c->given[o].n ? c->given[o].number : otherwise;
}

/* Read the command line; CTL_OK or CTL_USAGE. */
int ctl_read(struct ctl *c, int argc, char **argv);

#endif

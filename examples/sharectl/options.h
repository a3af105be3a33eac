/* examples/sharectl/options.h - every option there is */
#ifndef SHARECTL_OPTIONS_H
#define SHARECTL_OPTIONS_H

#include <stdint.h>

enum ctl_opt {
	OPT_END,
	OPT_HELP, OPT_VERSION, OPT_CONFIG, OPT_PROJECT, OPT_USER, OPT_ROLE, OPT_SYSTEM, OPT_KEY_FILE, OPT_JSON, OPT_VERBOSE,
	OPT_NO_ENGINE, OPT_NO_WAIT, OPT_TIMEOUT, OPT_TOKEN, OPT_IF_VERSION,
	OPT_ROOT, OPT_STORE, OPT_FORCE, OPT_PROTO, OPT_NAME, OPT_DESCRIPTION, OPT_ZONE, OPT_BACKEND, OPT_POOL, OPT_META,
		OPT_UNSET,
	OPT_ALLOW, OPT_STATE, OPT_LIMIT, OPT_AFTER, OPT_NEWEST, OPT_ALL_PROJECTS, OPT_TYPE, OPT_LEVEL, OPT_SQUASH,
		OPT_PRIORITY,
	OPT_PROTOCOL, OPT_FAMILY, OPT_TARGET, OPT_FROM, OPT_READONLY, OPT_ACCESS, OPT_SNAPSHOT_ACCESS,
	OPT_IF_REVISION, OPT_REVISION, OPT_REASON, OPT_SHARES, OPT_BYTES, OPT_UNENDED, OPT_OBJECT, OPT_WORKERS, OPT_FULL, OPT_ALL,
	OPT_COUNT,
};

struct ctl_option {
	const char *name;    /* "--config" without the dashes */
	const char *arg;     /* what stands behind it, or NULL: a flag */
	const char *help;
	const char *choices; /* the words that it takes, or NULL */
	/* Make a number of the word; negative: it is none. NULL: a text. */
	int (*parse)(const char *word, int64_t *ret);
	const char *want;    /* what `parse` takes, for those who gave something else */
	char letter;         /* 'c' for -c, or 0 */
	char many;           /* 1: it may come several times */
};
extern const struct ctl_option ctl_options[OPT_COUNT];

#endif

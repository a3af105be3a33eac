/* examples/sharectl/ctl.h - sharectl, the command-line tool: what its files share */
#ifndef SHARECTL_CTL_H
#define SHARECTL_CTL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "libshare/libshare.h"

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
};

/* Options, by the order of the table in options.c. */
enum ctl_opt {
	OPT_END,
	OPT_HELP, OPT_VERSION, OPT_CONFIG, OPT_PROJECT, OPT_USER, OPT_ROLE, OPT_SYSTEM, OPT_KEY_FILE, OPT_JSON, OPT_VERBOSE,
	OPT_NO_ENGINE, OPT_NO_WAIT, OPT_TIMEOUT, OPT_TOKEN, OPT_IF_VERSION,
	OPT_ROOT, OPT_STORE, OPT_FORCE, OPT_PROTO, OPT_NAME, OPT_DESCRIPTION, OPT_ZONE, OPT_BACKEND, OPT_POOL, OPT_META,
		OPT_UNSET,
	OPT_ALLOW, OPT_STATE, OPT_LIMIT, OPT_AFTER, OPT_NEWEST, OPT_ALL_PROJECTS, OPT_TYPE, OPT_LEVEL, OPT_SQUASH,
		OPT_PRIORITY,
	OPT_IF_REVISION, OPT_REVISION, OPT_REASON, OPT_SHARES, OPT_BYTES, OPT_UNENDED, OPT_OBJECT, OPT_WORKERS, OPT_FULL,
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

struct ctl;

#define CTL_STORE 1u   /* opens the store */
#define CTL_ENGINE 2u  /* needs an engine, here or in another process */
#define CTL_CHANGES 4u /* makes an operation: its options are those of the table in commands.c */
#define CTL_LISTS 8u   /* the same for lists */
#define CTL_PAGES 16u  /* the same for those that can only go on */
#define CTL_AS_SYSTEM 32u /* its session is the host's own */
#define CTL_HIDDEN 64u

struct ctl_command {
	const char *words; /* "share create" */
	const char *args;  /* "NAME SIZE" */
	const char *help;
	const char *more;  /* what else --help says, or NULL */
	int least, most;   /* arguments */
	uint32_t flags;
	const unsigned char *options; /* of its own; ends with OPT_END; may be NULL */
	int (*run)(struct ctl *c);
};
extern const struct ctl_command ctl_commands[]; /* words NULL at the end */

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

/* ---- options.c, commands.c, help.c, complete.c ---- */

/* Read the command line; CTL_OK or CTL_USAGE. */
int ctl_read(struct ctl *c, int argc, char **argv);
int ctl_takes(const struct ctl_command *cmd, enum ctl_opt o);
int ctl_is_global(enum ctl_opt o);
const struct ctl_command *ctl_find(char **words, int n, int *ret_used);
int ctl_begins(const char *words, char **argv, int n);
void ctl_help(FILE *f);
void ctl_help_group(FILE *f, char **words, int n);
void ctl_help_command(FILE *f, const struct ctl_command *cmd);
int ctl_complete(struct ctl *c);

/* ---- parse.c: words into numbers; negative: it is none ---- */

int ctl_parse_size(const char *s, int64_t *ret);      /* 10GiB, 512M, 4096 */
int ctl_parse_limit(const char *s, int64_t *ret);     /* a size or a count, or unlimited: -1 */
int ctl_parse_time(const char *s, int64_t *ret);      /* 500ms, 30s, 5m, 2h; in ms */
int ctl_parse_count(const char *s, int64_t *ret);
int ctl_parse_integer(const char *s, int64_t *ret);
int ctl_parse_protocols(const char *s, int64_t *ret); /* nfs,smb */
int ctl_parse_type(const char *s, int64_t *ret);
int ctl_parse_level(const char *s, int64_t *ret);
int ctl_parse_squash(const char *s, int64_t *ret);
int ctl_parse_state(const char *s, int64_t *ret);
int ctl_is_id(const char *s); /* the form of an id */

/* ---- text.c: numbers into words; into RET, which is returned ---- */

#define CTL_TEXT 128
const char *ctl_size_text(char ret[CTL_TEXT], uint64_t bytes);
const char *ctl_limit_text(char ret[CTL_TEXT], int64_t limit, int is_bytes);
const char *ctl_time_text(char ret[CTL_TEXT], int64_t ns);
const char *ctl_bits_text(char ret[CTL_TEXT], uint64_t bits, const char *(*name)(uint64_t));
/* S as it may stand on a terminal: nothing that moves the cursor. The caller's: free(). */
char *ctl_clean(const char *s);
int ctl_columns(const char *s); /* how wide it stands there */

/* ---- say.c: what is told to people, on stderr ---- */

void *ctl_alloc(size_t n); /* zeroed, or the end */
char *ctl_format(const char *format, ...) SHR_PRINTF(1, 2);
char *ctl_vformat(const char *format, va_list ap) SHR_PRINTF(1, 0);
int ctl_usage(const struct ctl *c, const char *format, ...) SHR_PRINTF(2, 3); /* CTL_USAGE */
int ctl_complain(int code, const char *remedy, const char *format, ...) SHR_PRINTF(3, 4); /* CODE */
void ctl_note(struct ctl *c, const char *format, ...) SHR_PRINTF(2, 3);
/* Tell of ERROR, let it go, and the exit status for RC. */
int ctl_fail(struct ctl *c, int rc, const struct shr_error *error);
int ctl_exit_for(int rc);

/* ---- table.c ---- */

struct ctl_table {
	const char *const *headings; /* "SIZE>" is set to the right; NULL: none */
	char **cells;
	size_t n, room;
	int columns;
	int headed;
	int widths[16];
};
void ctl_table_begin(struct ctl_table *t, const char *const *headings, int columns);
void ctl_cell(struct ctl_table *t, const char *format, ...) SHR_PRINTF(2, 3);
void ctl_table_flush(struct ctl_table *t); /* print the rows; more may follow */
void ctl_table_end(struct ctl_table *t);
void ctl_field(struct ctl_table *t, const char *name, const char *format, ...) SHR_PRINTF(3,
	4); /* one row of "name  value" */
/* Print the line and free it; NULL: no memory. */
int ctl_json(struct ctl *c, char *line);

/* ---- list.c: all lists, page by page ---- */

struct ctl_page {
	uint32_t n;
	uint32_t reserved0;
	const void *const *items;
	const char *after;
	const void *page;
};
struct ctl_listing {
	const char *const *headings;
	int columns;
	int (*fetch)(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
		const struct shr_error **reterr);
	void (*row)(struct ctl_table *t, const void *item);
	char *(*json)(const void *item);
	void (*unref)(const void *page);
};
int ctl_list(struct ctl *c, const struct ctl_listing *l);
void ctl_list_params(const struct ctl *c, struct shr_list_params *ret);

/* ---- open.c, keys.c, signals.c ---- */

int ctl_open(struct ctl *c); /* what the command needs; an exit status */
int ctl_open_at(struct ctl *c, const char *config, uint32_t flags);
int ctl_open_engine(struct ctl *c, uint32_t workers);
void ctl_close(struct ctl *c);
const char *ctl_config_path(struct ctl *c); /* NULL: complained */
int ctl_keys_read(struct ctl *c);
int ctl_seal_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64]);
void ctl_signals_hold(struct ctl *c);
void ctl_signals_release(struct ctl *c);
int ctl_signals_look(struct ctl *c, int timeout_ms); /* 1: one came; c->interrupted says which */

/* ---- wait.c, progress.c ---- */

/* End of a changing call, which answered RC: wait for OP unless told otherwise, let it go, tell of it. *RET_DONE (may be
 * NULL): 1: it succeeded, and nothing was printed yet. An exit status. */
int ctl_finish(struct ctl *c, int rc, const struct shr_op *op, const struct shr_error *error, int *ret_done);
int ctl_await(struct ctl *c, const char *op_id, const struct shr_op **ret_op, const struct shr_error **reterr);
/* Repeat LOOK, which waits for at most so many ms, until it answers no SHR_RUNNING, the time is up or a signal came. */
int ctl_patience(struct ctl *c, int (*look)(void *data, int ms, const struct shr_error **reterr), void *data,
	const struct shr_error **reterr);
void ctl_bar(struct ctl *c, const struct shr_op *op, int64_t waited_ms);
void ctl_bar_clear(struct ctl *c);
int64_t ctl_now_ms(void);

/* ---- commands share these ---- */

void ctl_change(const struct ctl *c, struct shr_change_params *ret);
/* The id of the share that WORD names, by id or by name, in RET; an exit status. */
int ctl_share_id(struct ctl *c, const char *word, char ret[64]);
int ctl_access_send(struct ctl *c, const char *share_id, const struct shr_access_change *changes, uint32_t n);
int ctl_share_print(struct ctl *c, const char *id);
void ctl_op_print(struct ctl *c, const struct shr_op *op);
/* "key=value" words of --meta as the library takes them: 2 * n strings; NULL: complained. free(). */
const char **ctl_pairs(struct ctl *c, enum ctl_opt o, uint32_t *ret_n);

int ctl_init(struct ctl *c);
int ctl_share_create(struct ctl *c), ctl_share_list(struct ctl *c), ctl_share_show(struct ctl *c);
int ctl_share_update(struct ctl *c), ctl_share_extend(struct ctl *c), ctl_share_shrink(struct ctl *c);
int ctl_share_delete(struct ctl *c), ctl_share_force_delete(struct ctl *c), ctl_share_reset_state(struct ctl *c);
int ctl_share_manage(struct ctl *c), ctl_share_unmanage(struct ctl *c);
int ctl_lock_add(struct ctl *c), ctl_lock_remove(struct ctl *c), ctl_lock_list(struct ctl *c);
int ctl_access_allow(struct ctl *c), ctl_access_deny(struct ctl *c), ctl_access_set(struct ctl *c);
int ctl_access_list(struct ctl *c), ctl_access_apply(struct ctl *c), ctl_access_wait(struct ctl *c);
int ctl_access_key(struct ctl *c), ctl_access_reseal(struct ctl *c);
int ctl_pool_list(struct ctl *c), ctl_orphan_list(struct ctl *c), ctl_driver_list(struct ctl *c),
	ctl_exporter_list(struct ctl *c);
int ctl_quota_show(struct ctl *c), ctl_quota_set(struct ctl *c);
int ctl_op_list(struct ctl *c), ctl_op_show(struct ctl *c), ctl_op_wait(struct ctl *c), ctl_op_cancel(struct ctl *c);
int ctl_event_list(struct ctl *c), ctl_event_follow(struct ctl *c);
int ctl_engine_run(struct ctl *c), ctl_config_check(struct ctl *c), ctl_store_check(struct ctl *c),
	ctl_purge(struct ctl *c);

#endif

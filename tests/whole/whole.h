/* tests/whole/whole.h - a whole library in a test: a store in a file or in memory, sessions, an engine, and short words */
#ifndef TESTS_WHOLE_WHOLE_H
#define TESTS_WHOLE_WHOLE_H

/* Before check.h, whose macro `fail` would meet the member of that name. */
#include "api/ctx.h"

#include "fake.h"
#include "invariants.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define WHOLE_FAKE "backends:\n- name: f\n  driver: fake\n  pools: [{name: p}]\n"

struct whole {
	struct shr_ctx *ctx;
	struct shr_session *s;    /* an admin of project "p1" */
	struct shr_session *host; /* a system session of the same project */
	struct shr_engine *engine;
	int64_t mono_ns; /* with a clock of its own: what the library takes for the time */
	char dir[200];   /* of a store in a file; "": in memory */
	char log[65536]; /* every line */
	size_t n_log;
	sqlite3 *looking;       /* a connection of the test's own, to a file that others work on meanwhile */
	const char *newest_key; /* of the host's seal_key(); NULL: it has none */
};

/* How it is opened; zero is the default of each. */
struct whole_how {
	const char *config;   /* YAML without the store's line; NULL: WHOLE_FAKE */
	int file;             /* the store is a file in w->dir */
	const char *vfs;      /* of that file */
	int own_clock;        /* w->mono_ns, which stands still until the test moves it */
	uint32_t workers;
	const char *name;     /* the engine's */
	int no_engine;
	const char *key;      /* w->newest_key */
	int (*move)(void *data, struct shr__move *m); /* in place of the mover */
	const char *backend;  /* the engine has this one alone */
};

/* All of these abort the test when they fail, but the try_ ones. */
void whole_open(struct whole *w, const struct whole_how *how); /* w->dir may be set already, by another life */
int whole_try_open(struct whole *w, const struct whole_how *how, const struct shr_error **reterr);
void whole_close(struct whole *w);
void whole_dir(struct whole *w);    /* makes w->dir, when there is none */
void whole_remove(struct whole *w); /* its directory */

/* In memory, and with a VFS of the test's, nothing else may be under way. */
sqlite3 *whole_db(struct whole *w);
int64_t whole_ask(struct whole *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void whole_holds(struct whole *w, unsigned allowed); /* the invariants, INV_* */

/* Until the operation has ended; the engine may be without workers, and the clock the test's own. Returns as shr_op_wait(). */
int whole_end(struct whole *w, const char *op_id, const struct shr_op **ret_op);
/* All operations. */
void whole_rest(struct whole *w);
/* The engine's process() until nothing is ready; then the clock, if it is the test's own, moves by MS. */
void whole_step(struct whole *w, int64_t ms);

/* A share with N rules 10.0.x.y; its operation (the caller's), or NULL with *reterr. */
const struct shr_op *whole_try_create(struct whole *w, uint64_t bytes, uint32_t n_rules, const struct shr_error **reterr);
const struct shr_op *whole_accept(struct whole *w, uint64_t bytes, uint32_t n_rules);
/* One that is available; its id. */
void whole_create(struct whole *w, uint64_t bytes, uint32_t n_rules, char ret_id[40]);
const struct shr_share *whole_share(struct whole *w, const char *id);
const struct shr_op *whole_op(struct whole *w, const char *id);
int whole_has_event(struct whole *w, const char *kind, const char *object_id); /* how many */
void whole_sleep_ms(unsigned ms);

/* CALL is an expression with reterr = &e; it must answer 0. */
#define OK(call) \
	do { \
		const struct shr_error *e = NULL; \
		int ok_rc = (call); \
		if (ok_rc != 0) \
			ck_abort_msg("%s: %s: %s", #call, shr_strcode(ok_rc), e ? e->message : "no error"); \
	} while (0)
#define REFUSED(code, call) \
	do { \
		const struct shr_error *e = NULL; \
		int refused_rc = (call); \
		if (refused_rc != (code)) \
			ck_abort_msg("%s: %s: %s", #call, shr_strcode(refused_rc), e ? e->message : "no error"); \
		shr_error_unref(e); \
	} while (0)

#endif

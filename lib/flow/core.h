/* lib/flow/core.h - the executor's logic without an executor: events in, actions out; no thread, clock, random or store */
#ifndef SHR_FLOW_CORE_H
#define SHR_FLOW_CORE_H

#include "flow/work.h"

struct shr__core;
struct shr__run; /* one operation inside the core */

struct shr__core_params {
	const struct shr__env *env;
	const char *engine_id; /* this life's */
	const char *engine_name;
	uint64_t seed;         /* for jitter */
	uint32_t most_calls;   /* how many calls may be under way; 0: 1 */
};
struct shr__core *shr__core_new(const struct shr__core_params *params);
void shr__core_free(struct shr__core *c); /* nothing is under way */

enum shr__action_kind {
	SHR__ACT_NONE,
	SHR__ACT_CALL,   /* shr__run_call(run), then shr__core_called() */
	SHR__ACT_COMMIT, /* shr__run_commit as a body with run as data (settle: shr__run_settle), then shr__core_committed() */
	SHR__ACT_LOAD    /* shr__run_load as a body of a read transaction, then shr__core_loaded() */
};
struct shr__action {
	enum shr__action_kind kind;
	struct shr__run *run;
};

/*
 * NOW_NS is the monotonic clock. Events may come in any order and late; each answers an action once. What is called "the
 * executor" here is lib/engine/, or the simulator.
 */

/* An operation that this process accepted and claimed; WORK is taken over. LOOK: its row may have changed since. */
void shr__core_accepted(struct shr__core *c, struct shr__work *work, int look, int64_t now_ns);
#define SHR__FOUND_HAD 1u    /* an engine had it: of these a few are claimed at a time */
#define SHR__FOUND_CANCEL 2u /* somebody asked for its end */
/* The poll found an operation of a backend that is ours: one that nobody claimed, an older life's, or ours with a new cancel
 * mark. Known ones are left as they are, but for that mark. FLAGS are SHR__FOUND_*; ATTEMPTS engines had it so far. 0 or
 * SHR_ENOMEM. */
int shr__core_found(struct shr__core *c, const char *op_id, const char *backend, uint32_t flags, int64_t attempts,
	int64_t now_ns);
/* Somebody asked for the end of OP_ID: look at its row. */
void shr__core_cancel(struct shr__core *c, const char *op_id, int64_t now_ns);

/* A call of another kind changed the rows of operations on OBJECT_ID (a delete that pre-empts, a reset, a force-delete): look at
 * them all. */
void shr__core_touched(struct shr__core *c, const char *object_id, int64_t now_ns);

/* A backend is ours from now on, open as B with FENCE; or is not ours any more (B NULL): running calls are told to stop, their
 * answers are dropped. */
int shr__core_backend(struct shr__core *c, const char *name, struct shr__backend *b, int64_t fence);
/* It does not answer (DOWN 1), or does again. Operations of a backend that is down wait. */
void shr__core_backend_down(struct shr__core *c, const char *name, int down, int64_t now_ns);
/* 1: an operation found that the backend does not answer since this was last asked. */
int shr__core_backend_suspect(struct shr__core *c, const char *name);
/* 1: it refused this engine's fence number, though it is ours: another opened it, and did not come to own it. To be taken anew. */
int shr__core_backend_fenced(struct shr__core *c, const char *name);
unsigned shr__core_backend_busy(struct shr__core *c, const char *name); /* calls under way on it */
/* No call begins after this time (the lease), INT64_MAX: no bound. */
void shr__core_call_until(struct shr__core *c, int64_t mono_ns);
/* Another life: nothing is under way, no backend is ours. */
void shr__core_rename(struct shr__core *c, const char *engine_id);
/* Begin nothing new from now on (1): what was done is still committed; or go on (0). */
void shr__core_pause(struct shr__core *c, int paused);

/* The next thing to do; kind SHR__ACT_NONE: nothing now. */
struct shr__action shr__core_next(struct shr__core *c, int64_t now_ns);
/* The same for one operation: what a caller that waits for it can do itself. */
struct shr__action shr__core_next_of(struct shr__core *c, const char *op_id, int64_t now_ns);
unsigned shr__core_ready(const struct shr__core *c); /* operations that shr__core_next() would look at now */
/* The project of an operation that is here and was read, or NULL; the text lives as long as the operation is here. */
const char *shr__core_project(struct shr__core *c, const char *op_id);
/* When to ask again though nothing has come; INT64_MAX: never. */
int64_t shr__core_wake_at(struct shr__core *c);
unsigned shr__core_under_way(struct shr__core *c); /* actions whose answers are due */
unsigned shr__core_size(struct shr__core *c);      /* operations it knows */

/* The executor's side: these touch only the run. */
int shr__run_call(struct shr__run *r);
int shr__run_commit(struct shr__txn *t, void *run, const struct shr_error **reterr);
int shr__run_settle(struct shr__txn *t, void *run);
int shr__run_load(struct shr__txn *t, void *run, const struct shr_error **reterr);
struct shr__arena *shr__run_arena(struct shr__run *r);
const char *shr__run_id(struct shr__run *r);
const char *shr__run_object(struct shr__run *r); /* "" for a claim */
/* As it is now that it has succeeded, for those who wait; NULL: they have to read it. Before shr__core_committed(). */
const struct shr__op_row *shr__run_ended(const struct shr__run *r);
int shr__run_ends(struct shr__run *r); /* the commit that was just made ended it: before shr__core_committed() */
void shr__run_now(struct shr__run *r, int64_t wall_ns); /* the wall clock for what it commits: before each action */

/* And the answers. ERROR is taken over. A read that answers SHR_ESTATE: the operation goes on, and its object is gone. */
void shr__core_called(struct shr__core *c, struct shr__run *r, int code, int64_t now_ns);
void shr__core_committed(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns);
void shr__core_loaded(struct shr__core *c, struct shr__run *r, int code, const struct shr_error *error, int64_t now_ns);

#endif

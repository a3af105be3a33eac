/* lib/engine/engine_own.h - the executor's insides; for lib/engine/ alone */
#ifndef SHR_ENGINE_OWN_H
#define SHR_ENGINE_OWN_H

#include <pthread.h>

#include "engine/engine.h"
#include "flow/core.h"

enum owned_state {
	OWN_NOT,      /* another has it, or nobody yet */
	OWN_HELD,     /* ours */
	OWN_LOST      /* it was; its running calls have to come back before it is closed */
};

/* A backend that this engine wants. Under the engine's lock, but for `b` inside its own task. */
struct shr__owned {
	const struct shr__conf_backend *conf;
	enum owned_state state;
	struct shr__backend *b; /* open while not OWN_NOT */
	int64_t fence;
	int busy;            /* a thread is at one of its tasks */
	int64_t due;         /* of its next task */
	int down;
	unsigned failures;   /* of opening or probing, in a row */
	unsigned silences;   /* its calls got no answer, though a probe soon before had one; in a row */
	int64_t up_since;    /* the last probe that was answered while it was down */
	int64_t later_since; /* its probe answers later; 0: it does not */
	char *reason;        /* the last one, for people; allocated */
	/* The exporter's server (again.c). */
	int64_t probe_due;
	uint64_t incarnation; /* that has the exports, as the row says; 0: not known, or not yet looked */
	int returning;        /* shares are being exported to it again, page by page */
	struct shr__pass *pass; /* pass.c: one that is under way; NULL: none is */
	int64_t pass_due;
	int64_t pass_asked, pass_done; /* as the row says */
	/* The present owner, as seen on this engine's own clock. */
	char owner[SHR__UUID_ROOM];
	int64_t owner_beat, owner_since, owner_lease_ns;
};

#define SHR__GRAVES 16
struct shr__grave { /* another engine's row, as seen on this engine's own clock */
	char id[SHR__UUID_ROOM];
	int64_t beat, since;
};

/* One commit under way. */
struct shr__commit {
	struct shr__job job;
	struct shr_engine *e;
	struct shr__run *run;
	struct shr__commit *next; /* in the spare list */
};

struct shr_engine {
	struct shr__engine_env ee;
	const struct shr__env *env;
	struct shr_engine *next;
	void *home;
	struct shr__arena *arena; /* names, ids of all lives */
	const char *name;
	int fd;
	uint32_t workers;
	pthread_t *threads;
	uint32_t n_threads;
	pthread_mutex_t driving;  /* without workers: one thread processes at a time */

	pthread_mutex_t lock;     /* of all that follows */
	pthread_cond_t wake;      /* workers sleep here */
	pthread_cond_t keeper;    /* and the one that keeps the lease here */
	struct shr__core *core;
	const char *id;           /* of this life */
	int registered;           /* its row is there */
	int dead;                 /* its lease ran out, or it was declared dead: a new life is due */
	int stopping, stopped, quit;
	struct shr__owned *owned;
	uint32_t n_owned;
	int64_t beat_due, beat_ok; /* beat_ok: when the last one that was committed was sent */
	int keeping;              /* a thread is at the store's tasks */
	int64_t poll_due, purge_due, full_poll_due;
	struct shr__grave graves[SHR__GRAVES];
	uint64_t changes;
	int poll_now;
	int poll_failed;          /* the last one; what it was to find is still to be looked for */
	unsigned sleeping;        /* workers that wait */
	unsigned held;            /* by callers that wait and drive it */
	unsigned napping;         /* of these, those that wake by themselves within a millisecond */
	int64_t helped_at;        /* when a caller that waits last made steps itself */
	struct shr__commit *spare;
	const struct shr_error *trouble; /* of the store, for shr_engine_process() */
};

int64_t shr__engine_mono(const struct shr_engine *e);
void shr__engine_wake_one(struct shr_engine *e); /* under the lock */
/* The same for what a caller that waits may do first, when such callers do: nobody is woken who would find nothing. */
void shr__engine_wake_soon(struct shr_engine *e);
void shr__engine_wake_all(struct shr_engine *e); /* under the lock */

int64_t shr__engine_next_due(struct shr_engine *e); /* of anything; under the lock */

/* exec.c: under the lock, which is dropped while it works. 1: something was done. */
int shr__engine_step(struct shr_engine *e);
int shr__engine_lead(struct shr_engine *e);

/* tasks.c: the same for what is due by time. BACKENDS: also what may block on a driver; STORE: also what needs the store. */
int shr__engine_task(struct shr_engine *e, int store, int backends);
int64_t shr__engine_due(struct shr_engine *e, int store, int backends); /* monotonic; INT64_MAX: never */

/* own.c: one task of a backend; the lock is held, and dropped inside. */
void shr__own_task(struct shr_engine *e, struct shr__owned *o);
/* How long to wait before the next try of what has failed so often in a row. */
int64_t shr__own_backoff_ns(unsigned failures);
void shr__own_lose(struct shr_engine *e, struct shr__owned *o);
void shr__own_release(struct shr_engine *e, struct shr__owned *o); /* a clean stop; the lock is dropped inside */
void shr__own_reason(struct shr__owned *o, const char *text);

/* again.c: is the exporter's server still the one that has the exports? The lock is dropped inside. */
void shr__again_task(struct shr_engine *e, struct shr__owned *o);
int64_t shr__again_due(const struct shr__owned *o);

/* In a transaction: an operation that looks at the share; AGAIN: that exports it again without looking. 0 also when it needs
 * none. */
int shr__submit_reconcile(struct shr__txn *t, struct shr_engine *e, const struct shr__flow *flow, const char *share_id,
	const char *op_id, int again, int64_t wall_ns);
const struct shr__flow *shr__reconcile_flow(const struct shr__instance_row *instance); /* of a share's, or of a snapshot's */

/* pass.c: a little of a slow comparison of all of a backend with the store. The lock is dropped inside. */
void shr__pass_task(struct shr_engine *e, struct shr__owned *o);
void shr__pass_begin(struct shr_engine *e, struct shr__owned *o); /* the backend was just taken */
void shr__pass_end(struct shr__owned *o); /* what is under way of it is forgotten */
int64_t shr__pass_due(const struct shr__owned *o);
/* pass_ask.c: was one asked for? No lock is held. */
int shr__pass_poll(struct shr_engine *e, struct shr__owned *o);

/* beat.c: the lease; the lock is dropped inside. */
void shr__beat_task(struct shr_engine *e);
int shr__engine_born(struct shr_engine *e, const struct shr_error **reterr); /* a new life: id and row */
void shr__engine_buried(struct shr_engine *e); /* the row goes */

/* poll.c */
void shr__poll_task(struct shr_engine *e);
/* Every live operation of backend NAME (ALL), or those that nobody claimed or somebody wants cancelled. No lock is held. */
int shr__poll_backend(struct shr_engine *e, const char *name, int all);

/* graves.c; the lock is dropped inside. */
void shr__graves_task(struct shr_engine *e);

/* stats.c: call the driver for its pools, no lock held. The rows to write are in ARENA. */
struct shr__pool_told {
	const struct shr__conf_pool *conf;
	uint64_t total, free, capabilities;
};
int shr__stats_call(struct shr__owned *o, struct shr__backend *b, int64_t fence, struct shr__arena *arena,
	struct shr__pool_told **ret, const struct shr_error **reterr);
/* In a transaction: the pool rows as told (NULL TOLD: state and reason alone; NULL B: it was never open). */
int shr__stats_write(struct shr__txn *t, const struct shr__owned *o, struct shr__backend *b, const struct shr__pool_told *told,
	uint32_t state, const char *reason, int64_t wall_ns);

#endif

/* lib/store/db.h - a store with one writer in front of it: waiting bodies are combined into one durable commit */
#ifndef SHR_STORE_DB_H
#define SHR_STORE_DB_H

#include "store/txn.h"

struct shr__db; /* any thread */
struct shr__job_waiter;

/* Prepares the store for shr__schema. Takes STORE over on success. */
int shr__db_open(struct shr_store *store, struct shr__db **ret_db, const struct shr_error **reterr);
void shr__db_close(struct shr__db *db); /* no call is running and no job waits; closes and frees the store */

/* Run BODY in a read transaction. Bodies may run again after SHR_EAGAIN. */
int shr__db_read(struct shr__db *db, struct shr__arena *arena, shr__body_fn *body, void *data,
	const struct shr_error **reterr);

struct shr__job {
	shr__body_fn *body;
	void *data;
	struct shr__arena *arena;
	/* After a commit whose outcome is unknown, in a read transaction of the reopened store: 1: it was done; 0: it was not;
	 * negative: cannot tell now. NULL: running the body again is harmless. One done settles the whole batch. */
	int (*settle)(struct shr__txn *t, void *data);
	/* For shr__db_submit(): called once, on the thread that led the commit, under no lock. May submit other jobs. */
	void (*done)(struct shr__job *job);
	/* The answer: never before the commit is durable. */
	int result;
	const struct shr_error *error; /* the job's owner takes or unrefs it */
	/* The writer's own */
	struct shr__job *next;
	struct shr__job_waiter *waiter;
	int state;
	uint64_t n_events;
};

/* Run job->body in a durable commit, together with others that wait; returns job->result. The calling thread may lead. */
int shr__db_write(struct shr__db *db, struct shr__job *job);
/* Queue it for the next commit; somebody must call shr__db_lead() (or shr__db_write()) afterwards. */
void shr__db_submit(struct shr__db *db, struct shr__job *job);
/* Commit what waits, one batch. Returns the number of jobs answered; 0: nothing waits, or another thread leads (and will
 * take what waits). */
int shr__db_lead(struct shr__db *db);
/* Jobs wait, and nobody leads: the caller should. Who leads now is asked to take what waits as well. */
int shr__db_waiting(struct shr__db *db);

/* Differs when another handle (another process) has committed. */
int shr__db_changes(struct shr__db *db, uint64_t *ret);
int shr__db_check(struct shr__db *db, uint32_t full, const struct shr_error **reterr);

struct shr__db_stats {
	uint64_t commits;  /* durable ones */
	uint64_t jobs;     /* bodies in them */
	uint64_t reruns;   /* bodies run again, for whatever reason */
	uint64_t unknowns; /* commits whose outcome had to be settled */
};
void shr__db_stats(struct shr__db *db, struct shr__db_stats *ret);

#endif

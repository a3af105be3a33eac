/* lib/store/db_own.h - the inside of a shr__db; for this room alone */
#ifndef SHR_STORE_DB_OWN_H
#define SHR_STORE_DB_OWN_H

#include <pthread.h>

#include "store/db.h"
#include "store/txn_own.h"

#define SHR__BATCH_MOST 64

struct shr__db {
	struct shr_store *store;
	pthread_mutex_t lock;
	/* Under the lock. */
	struct shr__job *first, *last;
	uint32_t n_queued;
	uint32_t n_sync;  /* of these, jobs whose callers wait */
	uint32_t n_crowd; /* how many took part lately: answered by the last commit, or in the queue when it ended */
	int leading;     /* a thread is committing */
	int asked;       /* somebody would have led meanwhile, and relies on whoever does */
	struct shr__db_stats stats;
	/* The leader's alone. */
	struct shr__events events;
	unsigned wary;     /* how many commits are still made with savepoints */
	int64_t commit_ns; /* how long the last commit took */
	/* How long it tries: while others are first, and while the store does not say what became of a commit. Set at open. */
	int64_t again_ns, settle_ns;
};

/* Waiting between tries: short first, doubling to MOST, until BUDGET is used up. */
struct shr__patience {
	int64_t next_ns, most_ns, left_ns;
};
int shr__patience_wait(struct shr__patience *p); /* 1: waited; 0: the budget is used up */

/* Run the bodies of N jobs (at most SHR__BATCH_MOST) and commit them; sets each job's result and error. Counts into
 * STATS. The leader's thread. */
void shr__combine(struct shr__db *db, struct shr__job **jobs, unsigned n, struct shr__db_stats *stats);

/* What BODY said in T, judged: its result and error, never a lost transaction's. Negative: T is lost. */
int shr__body_run(struct shr__txn *t, shr__body_fn *body, void *data, int *ret_result, const struct shr_error **ret_error);

#endif

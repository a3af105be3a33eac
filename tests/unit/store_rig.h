/* tests/unit/store_rig.h - a store in memory whose calls fail, wait and are counted at will, and a db on it */
#ifndef TESTS_UNIT_STORE_RIG_H
#define TESTS_UNIT_STORE_RIG_H

#include <pthread.h>

#include "../../examples/memkv.h"
#include "base/fail.h"
#include "store/db_own.h"

enum rig_call { RIG_BEGIN_READ, RIG_BEGIN_WRITE, RIG_COMMIT, RIG_MARK, RIG_BACK, RIG_INSERT, RIG_ADD, RIG_GET, RIG_CALLS };
enum { RIG_AS_IT_IS, RIG_LOSE_DONE, RIG_LOSE_NOT_DONE };

struct rig {
	struct shr_store store; /* what the db has */
	struct shr_store *inner;
	struct memkv *m;
	struct shr__db *db;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	/* The next N calls answer CODE and do nothing; the transaction is lost. */
	struct {
		int n, code;
	} fail[RIG_CALLS];
	const char *full;        /* an insert of metadata of this object answers SHR_ENOSPC, always */
	int lose[2];             /* of the next commits: what becomes of their answers */
	int gate;                /* 1: commits wait for it */
	int n_at_gate;           /* commits that wait */
	int n_passed;            /* commits that may pass */
	unsigned calls[RIG_CALLS];
	int closed;
};

void rig_open(struct rig *r);  /* asserts */
void rig_close(struct rig *r);
void rig_shut(struct rig *r);              /* from now on commits wait */
void rig_wait_at_gate(struct rig *r);      /* until a commit does */
void rig_pass(struct rig *r, int n);       /* let N commits pass */
void rig_wait_queued(struct rig *r, unsigned n); /* until N jobs are in the db's queue */

/* A job that writes one row of metadata, with N_EVENTS events, and then may refuse. */
struct rig_job {
	struct shr__job job;
	struct rig *rig;
	const char *id;
	int n_events;
	int refuse;       /* a code, or 0 */
	int early;        /* the same, before it writes */
	int runs;         /* how often its body ran */
	int answered;     /* under the rig's lock */
	int result;
	pthread_t thread;
};
void rig_job(struct rig *r, struct rig_job *j, const char *id);
int rig_job_settle(struct shr__txn *t, void *data); /* looks for its row */
void rig_start(struct rig_job *j);  /* shr__db_write() on a thread of its own */
void rig_join(struct rig_job *j);   /* frees the arena, not the error */
void rig_job_free(struct rig_job *j);
int rig_answered(struct rig_job *j);

int rig_has(struct rig *r, const char *id); /* is its row there? */
int rig_events(struct rig *r, int64_t *seqs, int room); /* their numbers, in order; how many */

#endif

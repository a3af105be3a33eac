/* lib/store/db.c - opening a store, reading it, and the queue before its one writer */
#include <sched.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "store/db_own.h"

/* States of a job. */
enum { WAITING = 1, ANSWERED };

/* A caller that waits inside shr__db_write(). */
struct shr__job_waiter {
	pthread_cond_t cond;
};

static int store_ok(const struct shr_store *store, const struct shr_error **reterr)
{
	const struct shr_store_ops *ops = store->ops;

	if (ops->abi != SHR_STORE_ABI || ops->size < sizeof *ops)
		return shr__fail_do(reterr, SHR_EABI, "Build the store against the headers of this libshare.",
			"the store's table has abi %u and size %u; this library needs %u and at least %zu", ops->abi, ops->size,
			SHR_STORE_ABI, sizeof *ops);
	if (!ops->name || !ops->prepare || !ops->begin || !ops->commit || !ops->rollback || !ops->mark || !ops->keep ||
	    !ops->back || !ops->get || !ops->insert || !ops->update || !ops->add || !ops->remove || !ops->scan ||
	    !ops->changes || !ops->message || !ops->close)
		return shr__fail(reterr, SHR_EABI, "a member that every store must have is missing in the store's table");
	return 0;
}

static int prepare(const struct shr_store *store, const struct shr_error **reterr)
{
	struct shr__txn t = { .ops = store->ops, .st = store->st };
	uint32_t generation = 0;
	int rc = store->ops->prepare(store->st, &shr__schema, &generation);

	if (!rc && generation < SHR__GENERATION)
		return shr__fail(reterr, SHR_ESTORE, "store %s: it was asked for generation %d and is at %u", store->ops->name,
			SHR__GENERATION, generation);
	if (!rc)
		return 0;
	store->ops->message(store->st, t.words, sizeof t.words);
	return shr__txn_fail(&t, rc < 0 ? rc : SHR_ESTORE, reterr);
}

int shr__db_open(struct shr_store *store, struct shr__db **ret_db, const struct shr_error **reterr)
{
	struct shr__db *db;
	int rc = store_ok(store, reterr);

	if (!rc)
		rc = prepare(store, reterr);
	if (rc)
		return rc;
	db = shr__alloc(sizeof *db);
	if (!db)
		return shr__fail_nomem(reterr);
	if (pthread_mutex_init(&db->lock, NULL)) {
		shr__free(db);
		return shr__fail_nomem(reterr);
	}
	db->store = store;
	db->again_ns = INT64_C(3000000000);
	db->settle_ns = INT64_C(10000000000);
	*ret_db = db;
	return 0;
}

void shr__db_close(struct shr__db *db)
{
	if (!db)
		return;
	shr__events_free(&db->events);
	pthread_mutex_destroy(&db->lock);
	shr_store_free(db->store);
	shr__free(db);
}

int shr__db_read(struct shr__db *db, struct shr__arena *arena, shr__body_fn *body, void *data,
	const struct shr_error **reterr)
{
	struct shr__patience patience = { 50000, 10000000, db->again_ns };
	const struct shr_error *error = NULL;
	struct shr__txn t;
	int rc, result = 0;

	do {
		rc = shr__txn_begin(&t, db->store, NULL);
		t.arena = arena;
		if (!rc)
			rc = shr__body_run(&t, body, data, &result, &error);
		shr__txn_rollback(&t);
	} while (rc == SHR_EAGAIN && shr__patience_wait(&patience));
	if (rc < 0)
		return shr__txn_fail(&t, rc, reterr);
	if (reterr)
		*reterr = error;
	else
		shr_error_unref(error);
	return result;
}

static void enqueue(struct shr__db *db, struct shr__job *job, struct shr__job_waiter *waiter)
{
	job->result = 0;
	job->error = NULL;
	job->next = NULL;
	job->waiter = waiter;
	job->state = WAITING;
	if (db->first)
		db->last->next = job;
	else
		db->first = job;
	db->last = job;
	db->n_sync += waiter != NULL;
	db->n_queued++;
}

static unsigned take(struct shr__db *db, struct shr__job **jobs)
{
	unsigned n = 0;

	while (db->first && n < SHR__BATCH_MOST) {
		struct shr__job *job = db->first;

		db->first = job->next;
		db->n_sync -= job->waiter != NULL;
		db->n_queued--;
		jobs[n++] = job;
	}
	return n;
}

/* Give the results to those who wait for them; the rest, whose owners are called, moves to the front. */
static unsigned answer(struct shr__job **jobs, unsigned n)
{
	unsigned n_async = 0;

	for (unsigned i = 0; i < n; i++) {
		jobs[i]->state = ANSWERED;
		if (jobs[i]->waiter)
			pthread_cond_signal(&jobs[i]->waiter->cond);
		else
			jobs[n_async++] = jobs[i];
	}
	return n_async;
}

/* Nobody leads now: wake the first caller that waits; it will. */
static void hand_over(struct shr__db *db)
{
	struct shr__job *job = db->first;

	while (job && !job->waiter)
		job = job->next;
	if (job)
		pthread_cond_signal(&job->waiter->cond);
}

static void count(struct shr__db_stats *sum, const struct shr__db_stats *more)
{
	sum->commits += more->commits;
	sum->jobs += more->jobs;
	sum->reruns += more->reruns;
	sum->unknowns += more->unknowns;
}

/* Those who were answered a moment ago mostly come again at once. To let them run first costs little next to a sync, and
 * doubles what a commit takes along: without it one half of the callers always commits while the other waits. */
static void gather(struct shr__db *db)
{
	if (db->commit_ns < 100000)
		return; /* there is no sync to share */
	for (int i = 0; i < 4 && db->n_queued < db->n_crowd && db->n_queued < SHR__BATCH_MOST; i++) {
		pthread_mutex_unlock(&db->lock);
		sched_yield();
		pthread_mutex_lock(&db->lock);
	}
}

/* Under the lock, which is let go meanwhile: commit one batch. OWN: the caller's own job, or NULL. The lead is given up
 * before the owners of answered jobs are called, so that the next commit does not wait for them. */
static unsigned lead(struct shr__db *db, const struct shr__job *own)
{
	struct shr__job *jobs[SHR__BATCH_MOST];
	struct shr__db_stats stats = { 0, 0, 0, 0 };
	unsigned n, n_async;

	db->leading = 1;
	gather(db);
	n = take(db, jobs);
	db->asked = 0;
	pthread_mutex_unlock(&db->lock);
	shr__combine(db, jobs, n, &stats);
	pthread_mutex_lock(&db->lock);
	db->leading = 0;
	count(&db->stats, &stats);
	n_async = answer(jobs, n);
	db->n_crowd = n + db->n_queued;
	if (db->n_sync && (!own || own->state == ANSWERED))
		hand_over(db);
	if (!n_async)
		return n;
	pthread_mutex_unlock(&db->lock);
	for (unsigned i = 0; i < n_async; i++)
		if (jobs[i]->done)
			jobs[i]->done(jobs[i]);
	pthread_mutex_lock(&db->lock);
	return n;
}

int shr__db_write(struct shr__db *db, struct shr__job *job)
{
	struct shr__job_waiter waiter;

	pthread_cond_init(&waiter.cond, NULL);
	pthread_mutex_lock(&db->lock);
	enqueue(db, job, &waiter);
	for (;;) {
		/* Whoever waits in the queue has been woken, or leads: only what nobody waits for is left to this thread. */
		if (job->state == ANSWERED && (db->leading || !db->first || db->n_sync))
			break;
		if (db->leading)
			pthread_cond_wait(&waiter.cond, &db->lock);
		else
			lead(db, job);
	}
	pthread_mutex_unlock(&db->lock);
	pthread_cond_destroy(&waiter.cond);
	return job->result;
}

void shr__db_submit(struct shr__db *db, struct shr__job *job)
{
	pthread_mutex_lock(&db->lock);
	enqueue(db, job, NULL);
	pthread_mutex_unlock(&db->lock);
}

int shr__db_lead(struct shr__db *db)
{
	unsigned n = 0;

	pthread_mutex_lock(&db->lock);
	if (db->leading)
		db->asked = 1;
	else if (db->first)
		do
			n += lead(db, NULL);
		while (db->asked && db->first && !db->leading && !db->n_sync);
	pthread_mutex_unlock(&db->lock);
	return (int)n;
}

int shr__db_waiting(struct shr__db *db)
{
	int waiting;

	pthread_mutex_lock(&db->lock);
	waiting = db->first && !db->leading;
	if (db->first && db->leading)
		db->asked = 1;
	pthread_mutex_unlock(&db->lock);
	return waiting;
}

int shr__db_changes(struct shr__db *db, uint64_t *ret)
{
	return db->store->ops->changes(db->store->st, ret);
}

static void finding(const char *text, void *data)
{
	shr__faults_add(data, SHR_ECORRUPT, "store", "Restore the store from a backup.", "%s", text);
}

int shr__db_check(struct shr__db *db, uint32_t full, const struct shr_error **reterr)
{
	struct shr__txn t = { .ops = db->store->ops, .st = db->store->st };
	struct shr__faults faults = { 0 };
	int rc;

	if (!t.ops->check)
		return 0;
	rc = t.ops->check(t.st, full, finding, &faults);
	if (faults.n || faults.nomem)
		return shr__faults_fail(&faults, reterr, SHR_ECORRUPT, "store %s: it is damaged", t.ops->name);
	if (rc >= 0)
		return 0;
	t.ops->message(t.st, t.words, sizeof t.words);
	return shr__txn_fail(&t, rc, reterr);
}

void shr__db_stats(struct shr__db *db, struct shr__db_stats *ret)
{
	pthread_mutex_lock(&db->lock);
	*ret = db->stats;
	pthread_mutex_unlock(&db->lock);
}

/* lib/store/combine.c - several bodies, one durable commit; and what is done when that commit fails */
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "store/db_own.h"

int shr__patience_wait(struct shr__patience *p)
{
	int64_t ns = p->next_ns;
	struct timespec ts;

	if (p->left_ns <= 0)
		return 0;
	/* Between half and all of it, so that two that met do not meet again. */
	ns = ns / 2 + shr__clock_mono_ns() % (ns / 2 + 1);
	ts.tv_sec = ns / 1000000000;
	ts.tv_nsec = ns % 1000000000;
	nanosleep(&ts, NULL);
	p->left_ns -= p->next_ns;
	p->next_ns = p->next_ns * 2 < p->most_ns ? p->next_ns * 2 : p->most_ns;
	return 1;
}

int shr__body_run(struct shr__txn *t, shr__body_fn *body, void *data, int *ret_result, const struct shr_error **ret_error)
{
	const struct shr_error *error = NULL;
	int rc = body(t, data, &error);

	if (t->lost || rc >= 0) {
		shr_error_unref(error);
		error = NULL;
	}
	if (t->lost)
		return t->lost;
	if (rc < 0 && !error)
		shr__txn_fail(t, rc, &error);
	*ret_result = rc;
	*ret_error = error;
	return 0;
}

static void forget(struct shr__job **jobs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		shr_error_unref(jobs[i]->error);
		jobs[i]->error = NULL;
		jobs[i]->result = 0;
		jobs[i]->n_events = 0;
	}
}

/* Savepoints are a quarter of what a commit of many costs (SQLite copies each page that is written after one), and a body that
 * refuses mostly does so before it writes. So a batch is first run without them; one in which something has to be taken back is
 * run again with them, and so are the next, for refusals come in swarms. */
#define TAKE_BACK 1
#define WARY 32

/* One member: what it wrote is kept, or taken back when it refuses. A job that is alone needs no savepoint: its refusal
 * is the whole transaction's. TAKE_BACK: there is no savepoint to go back to. */
static int run_member(struct shr__txn *t, struct shr__job *job, int alone, int marked)
{
	const struct shr__hots hots = t->hots;
	size_t n = t->events->n;
	int rc = marked ? shr__txn_mark(t) : 0;

	if (rc < 0)
		return rc;
	t->arena = job->arena;
	t->wrote = 0;
	rc = shr__body_run(t, job->body, job->data, &job->result, &job->error);
	if (rc < 0)
		return rc;
	if (job->result < 0) {
		t->events->n = n;
		t->hots = hots;
	}
	job->n_events = t->events->n - n;
	if (!marked)
		return job->result < 0 && t->wrote && !alone ? TAKE_BACK : 0;
	return job->result < 0 ? shr__txn_back(t) : shr__txn_keep(t);
}

/* 0: the jobs have their results, and what they wrote is durable. TAKE_BACK: again, with savepoints. Negative: nothing was
 * committed, except that SHR_EUNKNOWN says nothing about that, and the jobs' results are those of the commit in doubt. */
static int run_once(struct shr__db *db, struct shr__job **jobs, unsigned n, struct shr__txn *t)
{
	unsigned i, n_kept = 0;
	int rc;

	forget(jobs, n);
	shr__events_forget(&db->events);
	rc = shr__txn_begin(t, db->store, &db->events);
	t->hots.on = n > 1;
	for (i = 0; !rc && i < n; i++) {
		rc = run_member(t, jobs[i], n == 1, n > 1 && db->wary);
		n_kept += jobs[i]->result >= 0;
	}
	if (!rc && n_kept)
		rc = shr__hot_write(t);
	if (!rc && n_kept)
		rc = shr__txn_number_events(t);
	if (!rc && n_kept) {
		db->commit_ns = -shr__clock_mono_ns();
		rc = shr__txn_commit(t);
		db->commit_ns += shr__clock_mono_ns();
		return rc;
	}
	shr__txn_rollback(t); /* lost; or all refused, so that there is nothing to commit */
	return rc;
}

/* Ask the jobs, each of which knows a row to look for. 1: done; 0: not; negative: cannot tell now. */
static int ask(struct shr__db *db, struct shr__job **jobs, unsigned n)
{
	struct shr__txn t;
	int answer = 0, rc = shr__txn_begin(&t, db->store, NULL);

	for (unsigned i = 0; !rc && i < n && answer != 1; i++) {
		int one;

		if (jobs[i]->result < 0 || !jobs[i]->settle)
			continue;
		t.arena = jobs[i]->arena;
		one = jobs[i]->settle(&t, jobs[i]->data);
		rc = t.lost;
		if (one == 1 || one < 0)
			answer = one;
	}
	shr__txn_rollback(&t);
	return rc < 0 ? rc : answer;
}

static int settle(struct shr__db *db, struct shr__job **jobs, unsigned n)
{
	struct shr__patience patience = { 1000000, 200000000, db->settle_ns };
	int rc;

	do
		rc = ask(db, jobs, n);
	while (rc < 0 && shr__patience_wait(&patience));
	return rc;
}

/* Run the jobs in one transaction until it is known what became of them. 0: done. Negative: they have no results. */
static int run(struct shr__db *db, struct shr__job **jobs, unsigned n, struct shr__txn *t, struct shr__db_stats *stats)
{
	/* Together the first tries only: whatever makes them fail may be the business of one. */
	struct shr__patience patience = { 50000, 10000000, n > 1 ? 500000 : db->again_ns };

	for (;;) {
		int rc = run_once(db, jobs, n, t);

		if (rc == TAKE_BACK) {
			db->wary = WARY;
			stats->reruns += n;
			continue;
		}
		if (rc == SHR_EUNKNOWN) {
			stats->unknowns++;
			rc = settle(db, jobs, n);
			if (rc == 1)
				rc = 0;
			else
				rc = rc < 0 ? SHR_EUNKNOWN : SHR_EAGAIN;
		}
		if (!rc) {
			db->wary -= n > 1 && db->wary;
			stats->commits++;
			stats->jobs += n;
		}
		if (rc != SHR_EAGAIN || !shr__patience_wait(&patience))
			return rc;
		stats->reruns += n;
	}
}

/* The answer of a job that is given up. */
static void fail(struct shr__job *job, const struct shr__txn *t, int code)
{
	/* What refused has certainly not been done, but it may have refused for what others in the commit did. */
	if (code == SHR_EUNKNOWN && job->result < 0)
		code = SHR_ESTORE;
	/* A commit that never went through for sure is not one that others were ahead of. */
	if (code == SHR_EAGAIN && t->lost == SHR_EUNKNOWN)
		code = SHR_ESTORE;
	shr_error_unref(job->error);
	job->error = NULL;
	job->result = shr__txn_fail(t, code, &job->error);
}

/* One by one, so that each gets what it is itself to blame for. */
static void run_alone(struct shr__db *db, struct shr__job **jobs, unsigned n, struct shr__db_stats *stats)
{
	struct shr__txn t;
	int rc = 0;

	for (unsigned i = 0; i < n; i++) {
		/* A store that did not even begin would keep each of them waiting as long as the one before. */
		if (!rc || t.began)
			rc = run(db, &jobs[i], 1, &t, stats);
		if (rc)
			fail(jobs[i], &t, rc);
	}
	stats->reruns += n;
}

void shr__combine(struct shr__db *db, struct shr__job **jobs, unsigned n, struct shr__db_stats *stats)
{
	struct shr__txn t;
	int rc = run(db, jobs, n, &t, stats);

	if (rc && n > 1 && rc != SHR_EUNKNOWN && (t.began || rc == SHR_EAGAIN)) {
		run_alone(db, jobs, n, stats);
		return;
	}
	for (unsigned i = 0; rc && i < n; i++)
		fail(jobs[i], &t, rc);
}

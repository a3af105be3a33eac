/* tests/unit/store_queue.c - who leads, for how long, and who is called afterwards */
#include "store_rig.h"
#include "unit.h"

#include <stdio.h>
#include <time.h>

START_TEST(a_leader_goes_when_its_own_is_done)
{
	struct rig_job jobs[3];
	static const char *const ids[] = { "a", "b", "c" };
	struct rig r;

	rig_open(&r);
	rig_shut(&r);
	for (int i = 0; i < 3; i++)
		rig_job(&r, &jobs[i], ids[i]);
	rig_start(&jobs[0]);
	rig_wait_at_gate(&r);
	rig_start(&jobs[1]);
	rig_start(&jobs[2]);
	rig_wait_queued(&r, 2);
	rig_pass(&r, 1);
	rig_join(&jobs[0]); /* although two wait, whose commit is now at the gate */
	rig_wait_at_gate(&r);
	ck_assert_int_eq(rig_answered(&jobs[1]) || rig_answered(&jobs[2]), 0);
	rig_pass(&r, 1000);
	for (int i = 1; i < 3; i++)
		rig_join(&jobs[i]);
	for (int i = 0; i < 3; i++)
		rig_job_free(&jobs[i]);
	rig_close(&r);
}
END_TEST

/* Jobs that nobody waits for. */
struct async {
	struct rig_job job;
	struct async *then; /* submitted when this one is done */
	int n_done, waiting_inside;
};

static void async_done(struct shr__job *job)
{
	struct async *a = job->data;

	a->n_done++;
	a->waiting_inside = shr__db_waiting(a->job.rig->db); /* no lock is held */
	if (a->then)
		shr__db_submit(a->job.rig->db, &a->then->job.job);
}

static void async_new(struct rig *r, struct async *a, const char *id)
{
	rig_job(r, &a->job, id); /* `job` is the first member: the body's data is both */
	a->job.job.done = async_done;
	a->then = NULL;
	a->n_done = 0;
	a->waiting_inside = -1;
}

START_TEST(what_is_submitted_waits_for_a_leader)
{
	struct async a;
	struct rig r;

	rig_open(&r);
	async_new(&r, &a, "a");
	ck_assert_int_eq(shr__db_waiting(r.db), 0);
	ck_assert_int_eq(shr__db_lead(r.db), 0);
	shr__db_submit(r.db, &a.job.job);
	ck_assert_int_eq(shr__db_waiting(r.db), 1);
	ck_assert_int_eq(a.n_done, 0);
	ck_assert_int_eq(shr__db_lead(r.db), 1);
	ck_assert_int_eq(a.n_done, 1);
	ck_assert_int_eq(a.waiting_inside, 0);
	ck_assert_int_eq(a.job.job.result, 0);
	ck_assert_int_eq(rig_has(&r, "a"), 1);
	rig_job_free(&a.job);
	rig_close(&r);
}
END_TEST

START_TEST(a_batch_is_bounded)
{
	static struct async a[100];
	char ids[100][16];
	struct rig r;

	rig_open(&r);
	for (int i = 0; i < 100; i++) {
		snprintf(ids[i], sizeof ids[i], "%d", i);
		async_new(&r, &a[i], ids[i]);
		shr__db_submit(r.db, &a[i].job.job);
	}
	ck_assert_int_eq(shr__db_lead(r.db), SHR__BATCH_MOST);
	ck_assert_int_eq(a[SHR__BATCH_MOST - 1].n_done, 1);
	ck_assert_int_eq(a[SHR__BATCH_MOST].n_done, 0);
	ck_assert_int_eq(shr__db_lead(r.db), 100 - SHR__BATCH_MOST);
	ck_assert_int_eq(shr__db_lead(r.db), 0);
	ck_assert_uint_eq(r.calls[RIG_COMMIT], 2);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(a[i].n_done, 1);
		rig_job_free(&a[i].job);
	}
	rig_close(&r);
}
END_TEST

START_TEST(a_waiting_caller_commits_what_nobody_waits_for)
{
	struct rig_job job;
	struct async a, then;
	struct rig r;

	rig_open(&r);
	rig_shut(&r);
	rig_job(&r, &job, "job");
	async_new(&r, &a, "a");
	async_new(&r, &then, "then");
	a.then = &then;
	rig_start(&job);
	rig_wait_at_gate(&r);
	shr__db_submit(r.db, &a.job.job);
	ck_assert_int_eq(shr__db_lead(r.db), 0); /* another leads, and will take it */
	ck_assert_int_eq(shr__db_waiting(r.db), 0);
	rig_pass(&r, 1000);
	rig_join(&job);
	ck_assert_int_eq(a.n_done, 1);
	ck_assert_int_eq(then.n_done, 1);
	ck_assert_int_eq(rig_has(&r, "then"), 1);
	rig_job_free(&job);
	rig_job_free(&a.job);
	rig_job_free(&then.job);
	rig_close(&r);
}
END_TEST

static void *lead(void *data)
{
	struct rig *r = data;

	return shr__db_lead(r->db) == 2 ? r : NULL;
}

START_TEST(one_who_was_told_that_another_leads_can_rely_on_it)
{
	struct async a, b;
	pthread_t thread;
	void *two;
	struct rig r;

	rig_open(&r);
	rig_shut(&r);
	async_new(&r, &a, "a");
	async_new(&r, &b, "b");
	shr__db_submit(r.db, &a.job.job);
	ck_assert_int_eq(pthread_create(&thread, NULL, lead, &r), 0);
	rig_wait_at_gate(&r);
	shr__db_submit(r.db, &b.job.job);
	ck_assert_int_eq(shr__db_lead(r.db), 0);
	rig_pass(&r, 1000);
	pthread_join(thread, &two);
	ck_assert_ptr_nonnull(two);
	ck_assert_int_eq(b.n_done, 1);
	rig_job_free(&a.job);
	rig_job_free(&b.job);
	rig_close(&r);
}
END_TEST

struct crowd {
	struct rig *r;
	int number;
	pthread_t thread;
};

static void *join_in(void *data)
{
	struct crowd *c = data;

	for (int i = 0; i < 100; i++) {
		struct rig_job job;
		char id[32];

		snprintf(id, sizeof id, "%d-%d", c->number, i);
		rig_job(c->r, &job, id);
		job.refuse = i % 7 == 6 ? SHR_ESTATE : 0;
		if (shr__db_write(c->r->db, &job.job) != job.refuse)
			return NULL;
		if (rig_has(c->r, id) != !job.refuse) /* an answer means that it is durable */
			return NULL;
		rig_job_free(&job);
		while (i % 10 == 0 && shr__db_lead(c->r->db))
			;
	}
	return c;
}

START_TEST(a_crowd_is_answered_and_every_answer_is_true)
{
	struct crowd crowd[8];
	static struct async a[50];
	char ids[50][16];
	void *fine;
	struct rig r;

	rig_open(&r);
	for (int i = 0; i < 8; i++) {
		crowd[i] = (struct crowd){ &r, i, 0 };
		ck_assert_int_eq(pthread_create(&crowd[i].thread, NULL, join_in, &crowd[i]), 0);
	}
	for (int i = 0; i < 50; i++) {
		snprintf(ids[i], sizeof ids[i], "a%d", i);
		async_new(&r, &a[i], ids[i]);
		shr__db_submit(r.db, &a[i].job.job);
		shr__db_lead(r.db);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(crowd[i].thread, &fine);
		ck_assert_ptr_nonnull(fine);
	}
	ck_assert_int_eq(shr__db_waiting(r.db), 0);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(a[i].n_done, 1);
		ck_assert_int_eq(rig_has(&r, ids[i]), 1);
		rig_job_free(&a[i].job);
	}
	rig_close(&r);
}
END_TEST

UNIT_MAIN(store_queue, a_leader_goes_when_its_own_is_done, what_is_submitted_waits_for_a_leader, a_batch_is_bounded,
	a_waiting_caller_commits_what_nobody_waits_for, one_who_was_told_that_another_leads_can_rely_on_it,
	a_crowd_is_answered_and_every_answer_is_true)

/* tests/unit/store_unknown.c - a commit whose answer was lost is settled by looking, never by guessing */
#include "store_rig.h"
#include "unit.h"

/* Jobs a and b in one commit whose answer is lost as LOSE says; b refuses. */
static void lose_two(struct rig *r, struct rig_job *jobs, int lose)
{
	struct rig_job first;

	rig_open(r);
	r->db->wary = 1; /* with savepoints, so that a body runs once in a commit */
	for (int i = 0; i < 2; i++) {
		rig_job(r, &jobs[i], i ? "b" : "a");
		jobs[i].n_events = 1;
	}
	jobs[0].job.settle = rig_job_settle;
	jobs[1].refuse = SHR_ESTATE;
	rig_job(r, &first, "first");
	r->lose[1] = lose;
	rig_shut(r);
	rig_start(&first);
	rig_wait_at_gate(r);
	rig_start(&jobs[0]);
	rig_wait_queued(r, 1);
	rig_start(&jobs[1]);
	rig_wait_queued(r, 2);
	rig_pass(r, 1000);
	rig_join(&first);
	rig_join(&jobs[0]);
	rig_join(&jobs[1]);
	rig_job_free(&first);
}

static void end(struct rig *r, struct rig_job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		rig_job_free(&jobs[i]);
	rig_close(r);
}

START_TEST(done_is_not_done_twice)
{
	struct shr__db_stats stats;
	struct rig_job jobs[2];
	int64_t seqs[4];
	struct rig r;

	lose_two(&r, jobs, RIG_LOSE_DONE);
	ck_assert_int_eq(jobs[0].result, 0);
	ck_assert_int_eq(jobs[0].runs, 1);
	ck_assert_int_eq(jobs[1].result, SHR_ESTATE);
	ck_assert_int_eq(jobs[1].runs, 1); /* one that was done settles all */
	ck_assert_int_eq(rig_has(&r, "a"), 1);
	ck_assert_int_eq(rig_events(&r, seqs, 4), 1);
	shr__db_stats(r.db, &stats);
	ck_assert_uint_eq(stats.unknowns, 1);
	ck_assert_uint_eq(stats.reruns, 0);
	ck_assert_uint_eq(stats.commits, 2);
	end(&r, jobs, 2);
}
END_TEST

START_TEST(not_done_is_done_again)
{
	struct rig_job jobs[2];
	int64_t seqs[4];
	struct rig r;

	lose_two(&r, jobs, RIG_LOSE_NOT_DONE);
	ck_assert_int_eq(jobs[0].result, 0);
	ck_assert_int_eq(jobs[0].runs, 2);
	ck_assert_int_eq(jobs[1].result, SHR_ESTATE);
	ck_assert_int_eq(jobs[1].runs, 2);
	ck_assert_int_eq(rig_has(&r, "a"), 1);
	ck_assert_int_eq(rig_has(&r, "b"), 0);
	ck_assert_int_eq(rig_events(&r, seqs, 4), 1);
	end(&r, jobs, 2);
}
END_TEST

static void lose_one(struct rig *r, struct rig_job *job, int lose)
{
	rig_open(r);
	rig_job(r, job, "a");
	job->job.settle = rig_job_settle;
	r->lose[0] = lose;
	r->db->settle_ns = 100000000;
}

START_TEST(it_asks_until_the_store_answers)
{
	struct rig_job job;
	struct rig r;

	lose_one(&r, &job, RIG_LOSE_DONE);
	r.fail[RIG_BEGIN_READ].n = 3;
	r.fail[RIG_BEGIN_READ].code = SHR_ESTORE;
	r.fail[RIG_GET].n = 1;
	r.fail[RIG_GET].code = SHR_EBUSY;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, 0);
	ck_assert_int_eq(job.runs, 1);
	ck_assert_uint_eq(r.calls[RIG_BEGIN_READ], 5);
	end(&r, &job, 1);
}
END_TEST

START_TEST(what_nobody_can_tell_is_said_so)
{
	struct rig_job job;
	struct rig r;

	lose_one(&r, &job, RIG_LOSE_DONE);
	r.fail[RIG_BEGIN_READ].n = 100000;
	r.fail[RIG_BEGIN_READ].code = SHR_ESTORE;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, SHR_EUNKNOWN);
	ck_assert_str_ne(job.job.error->remedy, "");
	ck_assert_int_eq(job.runs, 1);
	r.fail[RIG_BEGIN_READ].n = 0;
	end(&r, &job, 1);
}
END_TEST

START_TEST(without_a_way_to_look_the_body_runs_again)
{
	struct rig_job job;
	struct rig r;

	lose_one(&r, &job, RIG_LOSE_NOT_DONE);
	job.job.settle = NULL;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, 0);
	ck_assert_int_eq(job.runs, 2);
	end(&r, &job, 1);
}
END_TEST

START_TEST(never_done_at_last_is_a_failure_of_the_store)
{
	struct rig_job job;
	struct rig r;

	lose_one(&r, &job, RIG_AS_IT_IS);
	r.db->again_ns = 5000000;
	r.fail[RIG_COMMIT].n = 1000000;
	r.fail[RIG_COMMIT].code = SHR_EUNKNOWN;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, SHR_ESTORE);
	ck_assert_int_eq(rig_has(&r, "a"), 0);
	end(&r, &job, 1);
}
END_TEST

UNIT_MAIN(store_unknown, done_is_not_done_twice, not_done_is_done_again, it_asks_until_the_store_answers,
	what_nobody_can_tell_is_said_so, without_a_way_to_look_the_body_runs_again,
	never_done_at_last_is_a_failure_of_the_store)

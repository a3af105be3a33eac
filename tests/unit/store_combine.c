/* tests/unit/store_combine.c - waiting bodies go into one commit, and no answer leaves before it */
#include "store_rig.h"
#include "unit.h"

#define N 6

static const char *const ids[] = { "a", "b", "c", "d", "e", "f" };

/* One job stands at the gate of its commit while N more wait in the queue. */
static void gather(struct rig *r, struct rig_job *first, struct rig_job *jobs, int n)
{
	rig_shut(r);
	rig_job(r, first, "first");
	rig_start(first);
	rig_wait_at_gate(r);
	for (int i = 0; i < n; i++) {
		rig_start(&jobs[i]);
		rig_wait_queued(r, (unsigned)i + 1);
	}
}

static void open_with_jobs(struct rig *r, struct rig_job *jobs, int n)
{
	rig_open(r);
	for (int i = 0; i < n; i++)
		rig_job(r, &jobs[i], ids[i]);
}

static void finish(struct rig *r, struct rig_job *first, struct rig_job *jobs, int n)
{
	rig_pass(r, 1000);
	rig_join(first);
	for (int i = 0; i < n; i++)
		rig_join(&jobs[i]);
	ck_assert_int_eq(first->result, 0);
	rig_job_free(first);
}

static void end(struct rig *r, struct rig_job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		rig_job_free(&jobs[i]);
	rig_close(r);
}

START_TEST(those_who_wait_share_one_commit)
{
	struct rig_job first, jobs[N];
	struct shr__db_stats stats;
	struct rig r;

	open_with_jobs(&r, jobs, N);
	gather(&r, &first, jobs, N);
	finish(&r, &first, jobs, N);
	shr__db_stats(r.db, &stats);
	ck_assert_uint_eq(r.calls[RIG_COMMIT], 2);
	ck_assert_uint_eq(stats.commits, 2);
	ck_assert_uint_eq(stats.jobs, N + 1);
	ck_assert_uint_eq(stats.reruns, 0);
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(jobs[i].result, 0);
		ck_assert_int_eq(jobs[i].runs, 1);
		ck_assert_int_eq(rig_has(&r, ids[i]), 1);
	}
	end(&r, jobs, N);
}
END_TEST

START_TEST(a_refusal_leaves_only_after_the_commit)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[1].refuse = SHR_ESTATE;
	gather(&r, &first, jobs, 3);
	rig_pass(&r, 1);
	rig_join(&first);
	rig_wait_at_gate(&r); /* the commit of the three */
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(rig_answered(&jobs[i]), 0);
	ck_assert_int_eq(jobs[1].runs, 2); /* without a savepoint, and with one */
	rig_pass(&r, 1000);
	for (int i = 0; i < 3; i++)
		rig_join(&jobs[i]);
	ck_assert_int_eq(jobs[1].result, SHR_ESTATE);
	rig_job_free(&first);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(what_refuses_is_taken_back_alone)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[1].refuse = SHR_ESTATE;
	gather(&r, &first, jobs, 3);
	finish(&r, &first, jobs, 3);
	ck_assert_int_eq(jobs[0].result, 0);
	ck_assert_int_eq(jobs[1].result, SHR_ESTATE);
	ck_assert_str_eq(jobs[1].job.error->message, "b refuses");
	ck_assert_int_eq(jobs[2].result, 0);
	ck_assert_int_eq(rig_has(&r, "a"), 1);
	ck_assert_int_eq(rig_has(&r, "b"), 0);
	ck_assert_int_eq(rig_has(&r, "c"), 1);
	ck_assert_uint_eq(r.calls[RIG_COMMIT], 2);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(a_refusal_before_any_write_costs_no_second_run)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[1].early = SHR_ESTATE;
	gather(&r, &first, jobs, 3);
	finish(&r, &first, jobs, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(jobs[i].result, i == 1 ? SHR_ESTATE : 0);
		ck_assert_int_eq(jobs[i].runs, 1);
		ck_assert_int_eq(rig_has(&r, ids[i]), i != 1);
	}
	ck_assert_uint_eq(r.calls[RIG_MARK], 0);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(where_one_was_taken_back_the_next_commits_have_savepoints)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[1].refuse = SHR_ESTATE;
	gather(&r, &first, jobs, 3);
	finish(&r, &first, jobs, 3);
	ck_assert_uint_eq(r.calls[RIG_MARK], 3);
	ck_assert_uint_gt(r.db->wary, 0);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(with_savepoints_each_is_run_once)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	r.db->wary = 1;
	jobs[1].refuse = SHR_ESTATE;
	gather(&r, &first, jobs, 3);
	finish(&r, &first, jobs, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(jobs[i].runs, 1);
		ck_assert_int_eq(rig_has(&r, ids[i]), i != 1);
	}
	ck_assert_uint_eq(r.calls[RIG_MARK], 3);
	ck_assert_uint_eq(r.db->wary, 0);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(one_that_refuses_alone_commits_nothing)
{
	struct rig_job job;
	struct rig r;

	open_with_jobs(&r, &job, 1);
	job.refuse = SHR_EQUOTA;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, SHR_EQUOTA);
	ck_assert_int_eq(rig_has(&r, "a"), 0);
	ck_assert_uint_eq(r.calls[RIG_COMMIT], 0);
	end(&r, &job, 1);
}
END_TEST

START_TEST(a_code_without_words_gets_some)
{
	struct rig_job one, other;
	struct rig r;

	open_with_jobs(&r, &one, 1);
	rig_job(&r, &other, "a");
	rig_start(&one);
	rig_join(&one);
	rig_start(&other);
	rig_join(&other);
	ck_assert_int_eq(other.result, SHR_EEXIST);
	ck_assert_str_eq(other.job.error->message, "store rig: a row is there already");
	rig_job_free(&other);
	end(&r, &one, 1);
}
END_TEST

START_TEST(after_a_loss_each_is_run_alone)
{
	struct rig_job first, jobs[4];
	struct shr__db_stats stats;
	struct rig r;

	open_with_jobs(&r, jobs, 4);
	r.full = "c";
	gather(&r, &first, jobs, 4);
	finish(&r, &first, jobs, 4);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(jobs[i].result, i == 2 ? SHR_ENOSPC : 0);
		ck_assert_int_eq(rig_has(&r, ids[i]), i != 2);
	}
	ck_assert_str_eq(jobs[2].job.error->message, "store rig: the rig's words");
	ck_assert_str_ne(jobs[2].job.error->remedy, "");
	ck_assert_int_eq(jobs[3].runs, 1); /* the batch was given up at the third */
	shr__db_stats(r.db, &stats);
	ck_assert_uint_eq(stats.reruns, 4);
	end(&r, jobs, 4);
}
END_TEST

START_TEST(a_failed_commit_is_made_again_one_by_one)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[1].refuse = SHR_ESTATE;
	r.db->wary = 10;
	gather(&r, &first, jobs, 3);
	rig_pass(&r, 1);
	rig_join(&first);
	rig_wait_at_gate(&r);
	r.fail[RIG_COMMIT].n = 1;
	r.fail[RIG_COMMIT].code = SHR_ESTORE;
	rig_pass(&r, 1000);
	for (int i = 0; i < 3; i++) {
		rig_join(&jobs[i]);
		ck_assert_int_eq(jobs[i].result, i == 1 ? SHR_ESTATE : 0);
		ck_assert_int_eq(jobs[i].runs, 2);
		ck_assert_int_eq(rig_has(&r, ids[i]), i != 1);
	}
	rig_job_free(&first);
	end(&r, jobs, 3);
}
END_TEST

START_TEST(a_failed_savepoint_loses_the_batch)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	jobs[0].refuse = SHR_ESTATE;
	r.fail[RIG_BACK].n = 1;
	r.fail[RIG_BACK].code = SHR_ESTORE;
	gather(&r, &first, jobs, 3);
	finish(&r, &first, jobs, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(jobs[i].result, i == 0 ? SHR_ESTATE : 0);
		ck_assert_int_eq(rig_has(&r, ids[i]), i != 0);
	}
	end(&r, jobs, 3);
}
END_TEST

START_TEST(when_others_were_first_it_is_run_again)
{
	struct shr__db_stats stats;
	struct rig_job job;
	struct rig r;

	open_with_jobs(&r, &job, 1);
	job.n_events = 1;
	r.fail[RIG_COMMIT].n = 2;
	r.fail[RIG_COMMIT].code = SHR_EAGAIN;
	r.fail[RIG_BEGIN_WRITE].n = 1;
	r.fail[RIG_BEGIN_WRITE].code = SHR_EAGAIN;
	r.fail[RIG_ADD].n = 1;
	r.fail[RIG_ADD].code = SHR_EAGAIN;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, 0);
	ck_assert_int_eq(rig_has(&r, "a"), 1);
	shr__db_stats(r.db, &stats);
	ck_assert_uint_eq(stats.reruns, 4);
	end(&r, &job, 1);
}
END_TEST

START_TEST(it_is_not_run_again_for_ever)
{
	struct rig_job job;
	struct rig r;

	open_with_jobs(&r, &job, 1);
	r.db->again_ns = 20000000;
	r.fail[RIG_COMMIT].n = 1000000;
	r.fail[RIG_COMMIT].code = SHR_EAGAIN;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, SHR_EAGAIN);
	ck_assert_uint_eq(job.job.error->retryable, 1);
	ck_assert_int_eq(rig_has(&r, "a"), 0);
	end(&r, &job, 1);
}
END_TEST

START_TEST(a_store_that_does_not_begin_is_asked_once)
{
	struct rig_job first, jobs[3];
	struct rig r;

	open_with_jobs(&r, jobs, 3);
	gather(&r, &first, jobs, 3);
	r.fail[RIG_BEGIN_WRITE].n = 1;
	r.fail[RIG_BEGIN_WRITE].code = SHR_EBUSY; /* which may have taken its time */
	finish(&r, &first, jobs, 3);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(jobs[i].result, SHR_EBUSY);
		ck_assert_int_eq(jobs[i].runs, 0);
	}
	end(&r, jobs, 3);
}
END_TEST

START_TEST(a_lost_transaction_stays_lost)
{
	struct rig_job job;
	struct rig r;

	open_with_jobs(&r, &job, 1);
	job.refuse = SHR_ESTATE; /* the body would say so, but it does not come so far */
	r.fail[RIG_INSERT].n = 1;
	r.fail[RIG_INSERT].code = SHR_EBUSY;
	rig_start(&job);
	rig_join(&job);
	ck_assert_int_eq(job.result, SHR_EBUSY);
	ck_assert_str_eq(job.job.error->message, "store rig: the rig's words");
	end(&r, &job, 1);
}
END_TEST

UNIT_MAIN(store_combine, those_who_wait_share_one_commit, a_refusal_leaves_only_after_the_commit,
	what_refuses_is_taken_back_alone, a_refusal_before_any_write_costs_no_second_run,
	where_one_was_taken_back_the_next_commits_have_savepoints, with_savepoints_each_is_run_once,
	one_that_refuses_alone_commits_nothing, a_code_without_words_gets_some,
	after_a_loss_each_is_run_alone, a_failed_commit_is_made_again_one_by_one, a_failed_savepoint_loses_the_batch,
	when_others_were_first_it_is_run_again, it_is_not_run_again_for_ever,
	a_store_that_does_not_begin_is_asked_once, a_lost_transaction_stays_lost)

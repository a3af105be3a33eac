/* tests/unit/store_hot.c - rows that many bodies of a commit add to are read once and written once */
#include <stdio.h>
#include <string.h>

#include "store_rig.h"
#include "unit.h"

#define N 6

/* A job that adds to the project's shares and to a pool, and then does what WHAT says. */
enum what { ADDS, REFUSES, REFUSES_AFTER_A_ROW, LOOKS, CHANGES, SCANS, SCANS_AND_REFUSES, ADDS_DIRECTLY, ADDS_THREE_COLUMNS };
struct hot_job {
	struct rig_job j;
	enum what what;
	int64_t delta, highest;
	int pools; /* 1, or so many */
	int64_t seen;
};

static struct shr__quota_row quota(void)
{
	return (struct shr__quota_row){ .project = "p", .version = 1, .shares_limit = -1, .bytes_limit = -1 };
}

static int prepare_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__quota_row q = quota();
	int rc = shr__txn_insert(t, &shr__quota_def, &q);

	(void)reterr;
	for (int i = 0; !rc && i < *(int *)data; i++) {
		char name[16];
		struct shr__pool_row p = { .backend = "b", .name = name, .version = 1 };

		snprintf(name, sizeof name, "p%02d", i);
		rc = shr__txn_insert(t, &shr__pool_def, &p);
	}
	return rc;
}

static int count_row(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__quota_row *q = row;

	(void)t;
	*(int64_t *)data = q->shares_used;
	return 0;
}

static int then(struct hot_job *h, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__metadata_row meta = { h->j.id, "key", "value", "share" };
	struct shr__pool_row pool = { .backend = "b", .name = "p00" };
	struct shr__quota_row q = quota();
	int rc = 0;

	switch (h->what) {
	case ADDS:
		return 0;
	case REFUSES_AFTER_A_ROW:
		rc = shr__txn_insert(t, &shr__metadata_def, &meta);
		return rc ? rc : shr__fail_do(reterr, SHR_ESTATE, "Do not.", "%s refuses", h->j.id);
	case REFUSES:
		return shr__fail_do(reterr, SHR_ESTATE, "Do not.", "%s refuses", h->j.id);
	case LOOKS:
		rc = shr__txn_get(t, &shr__quota_def, &q);
		h->seen = q.shares_used;
		return rc;
	case SCANS:
	case SCANS_AND_REFUSES:
		rc = shr__txn_scan(t, &shr__quota_def, 0, &q, 0, 0, 0, 10, count_row, &h->seen);
		return rc < 0 ? rc : h->what == SCANS ? 0 : shr__fail_do(reterr, SHR_ESTATE, "Do not.", "%s refuses", h->j.id);
	case CHANGES:
		rc = shr__txn_get(t, &shr__quota_def, &q);
		q.shares_used += 100;
		return rc ? rc : shr__txn_update(t, &shr__quota_def, &q, SHR__COL(quota, shares_used));
	case ADDS_DIRECTLY:
		return shr__txn_add(t, &shr__quota_def, &q, SHR__N_quota_shares_used, 100, 0, INT64_MAX, &h->seen);
	case ADDS_THREE_COLUMNS:
		rc = shr__txn_hot_add(t, &shr__pool_def, &pool, SHR__N_pool_total, 1, 0, INT64_MAX);
		return rc ? rc : shr__txn_hot_add(t, &shr__pool_def, &pool, SHR__N_pool_free, 1, 0, INT64_MAX);
	}
	return SHR_EINTERNAL;
}

static int hot_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct hot_job *h = data;
	struct shr__quota_row q = quota();
	int rc = shr__txn_hot_get(t, &shr__quota_def, &q);

	h->j.runs++;
	if (!rc)
		rc = shr__txn_hot_add(t, &shr__quota_def, &q, SHR__N_quota_shares_used, h->delta, 0, h->highest);
	for (int i = 0; !rc && i < h->pools; i++) {
		char name[16];
		struct shr__pool_row p = { .backend = "b", .name = name };

		snprintf(name, sizeof name, "p%02d", i);
		rc = shr__txn_hot_add(t, &shr__pool_def, &p, SHR__N_pool_allocated, 10 * h->delta, 0, INT64_MAX);
	}
	return rc ? rc : then(h, t, reterr);
}

struct sums {
	int64_t shares, pool, total, free;
};

static int sums_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__quota_row q = quota();
	struct shr__pool_row p = { .backend = "b", .name = "p00" };
	int rc = shr__txn_get(t, &shr__quota_def, &q);

	(void)reterr;
	if (!rc)
		rc = shr__txn_get(t, &shr__pool_def, &p);
	*(struct sums *)data = (struct sums){ q.shares_used, p.allocated, p.total, p.free };
	return rc;
}

static struct sums sums(struct rig *r)
{
	struct shr__arena *arena = shr__arena_new();
	const struct shr_error *error = NULL;
	struct sums s;

	ck_assert_int_eq(shr__db_read(r->db, arena, sums_body, &s, &error), 0);
	shr__arena_free(arena);
	return s;
}

static void open_with(struct rig *r, struct hot_job *jobs, int pools)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e", "f" };
	struct shr__job job = { .body = prepare_body, .data = &pools, .arena = shr__arena_new() };

	rig_open(r);
	ck_assert_int_eq(shr__db_write(r->db, &job), 0);
	shr__arena_free(job.arena);
	for (int i = 0; i < N; i++) {
		memset(&jobs[i], 0, sizeof jobs[i]);
		rig_job(r, &jobs[i].j, ids[i]);
		jobs[i].j.job.body = hot_body;
		jobs[i].j.job.data = &jobs[i];
		jobs[i].delta = 1;
		jobs[i].highest = INT64_MAX;
		jobs[i].pools = pools;
	}
}

/* All of them in one commit, behind one that has nothing to do with them. */
static void run_together(struct rig *r, struct hot_job *jobs)
{
	struct rig_job first;

	rig_job(r, &first, "first");
	rig_shut(r);
	rig_start(&first);
	rig_wait_at_gate(r);
	for (int i = 0; i < N; i++) {
		rig_start(&jobs[i].j);
		rig_wait_queued(r, (unsigned)i + 1);
	}
	memset(r->calls, 0, sizeof r->calls);
	rig_pass(r, 1000);
	rig_join(&first);
	for (int i = 0; i < N; i++)
		rig_join(&jobs[i].j);
	rig_job_free(&first);
}

static void end(struct rig *r, struct hot_job *jobs)
{
	for (int i = 0; i < N; i++)
		rig_job_free(&jobs[i].j);
	rig_close(r);
}

START_TEST(what_many_add_is_read_once_and_written_once)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	run_together(&r, jobs);
	ck_assert_uint_eq(r.calls[RIG_GET], 2);
	ck_assert_uint_eq(r.calls[RIG_ADD], 2);
	ck_assert_int_eq(sums(&r).shares, N);
	ck_assert_int_eq(sums(&r).pool, 10 * N);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(jobs[i].j.runs, 1);
	end(&r, jobs);
}
END_TEST

START_TEST(bounds_are_judged_against_the_sum_so_far)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	for (int i = 0; i < N; i++)
		jobs[i].highest = 4;
	run_together(&r, jobs);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(jobs[i].j.result, i < 4 ? 0 : SHR_EQUOTA);
	ck_assert_int_eq(sums(&r).shares, 4);
	ck_assert_int_eq(sums(&r).pool, 40);
	end(&r, jobs);
}
END_TEST

START_TEST(what_would_overflow_is_refused)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	jobs[3].delta = INT64_MAX;
	jobs[3].pools = 0;
	run_together(&r, jobs);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(jobs[i].j.result, i == 3 ? SHR_EQUOTA : 0);
	ck_assert_int_eq(sums(&r).shares, N - 1);
	end(&r, jobs);
}
END_TEST

START_TEST(one_that_refuses_before_any_row_takes_its_sums_back_without_a_second_run)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	jobs[2].what = REFUSES;
	run_together(&r, jobs);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(jobs[i].j.runs, 1);
	ck_assert_int_eq(jobs[2].j.result, SHR_ESTATE);
	ck_assert_int_eq(sums(&r).shares, N - 1);
	ck_assert_int_eq(sums(&r).pool, 10 * (N - 1));
	end(&r, jobs);
}
END_TEST

START_TEST(going_back_to_a_savepoint_takes_the_sums_back)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	r.db->wary = 10;
	jobs[0].what = jobs[4].what = REFUSES_AFTER_A_ROW;
	run_together(&r, jobs);
	ck_assert_uint_eq(r.calls[RIG_BACK], 2);
	ck_assert_int_eq(sums(&r).shares, N - 2);
	ck_assert_int_eq(sums(&r).pool, 10 * (N - 2));
	end(&r, jobs);
}
END_TEST

START_TEST(a_batch_that_is_run_again_begins_with_no_sums)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	jobs[5].what = REFUSES_AFTER_A_ROW;
	run_together(&r, jobs);
	ck_assert_int_eq(jobs[0].j.runs, 2);
	ck_assert_int_eq(sums(&r).shares, N - 1);
	end(&r, jobs);
}
END_TEST

START_TEST(reads_see_the_sum)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	jobs[2].what = LOOKS;
	jobs[4].what = SCANS;
	run_together(&r, jobs);
	ck_assert_int_eq(jobs[2].seen, 3);
	ck_assert_int_eq(jobs[4].seen, 5);
	ck_assert_int_eq(sums(&r).shares, N);
	end(&r, jobs);
}
END_TEST

START_TEST(direct_writes_go_on_from_the_sum)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	jobs[2].what = CHANGES;
	jobs[4].what = ADDS_DIRECTLY;
	run_together(&r, jobs);
	ck_assert_int_eq(jobs[4].seen, 205);
	ck_assert_int_eq(sums(&r).shares, 200 + N);
	ck_assert_int_eq(sums(&r).pool, 10 * N);
	end(&r, jobs);
}
END_TEST

/* The sums were written inside the savepoint of the one that refuses: going back takes them out of the store. */
START_TEST(sums_that_were_written_and_taken_back_are_written_again)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	r.db->wary = 10;
	jobs[2].what = SCANS_AND_REFUSES;
	jobs[4].what = LOOKS;
	run_together(&r, jobs);
	ck_assert_int_eq(jobs[2].j.result, SHR_ESTATE);
	ck_assert_int_eq(jobs[2].seen, 3);
	ck_assert_int_eq(jobs[4].seen, 4);
	ck_assert_int_eq(sums(&r).shares, N - 1);
	ck_assert_int_eq(sums(&r).pool, 10 * (N - 1));
	end(&r, jobs);
}
END_TEST

START_TEST(a_sum_that_does_not_fit_any_more_is_reckoned_again)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, 1);
	r.fail[RIG_ADD].n = 1;
	r.fail[RIG_ADD].code = SHR_EQUOTA;
	run_together(&r, jobs);
	for (int i = 0; i < N; i++) {
		ck_assert_int_eq(jobs[i].j.result, 0);
		ck_assert_int_eq(jobs[i].j.runs, 2);
	}
	ck_assert_int_eq(sums(&r).shares, N);
	end(&r, jobs);
}
END_TEST

START_TEST(more_rows_and_columns_than_are_kept_are_right_too)
{
	struct hot_job jobs[N];
	struct rig r;

	open_with(&r, jobs, SHR__HOT_MOST + 5);
	jobs[1].what = jobs[4].what = ADDS_THREE_COLUMNS;
	run_together(&r, jobs);
	for (int i = 0; i < N; i++)
		ck_assert_int_eq(jobs[i].j.result, 0);
	ck_assert_int_eq(sums(&r).shares, N);
	ck_assert_int_eq(sums(&r).pool, 10 * N);
	ck_assert_int_eq(sums(&r).total, 2);
	ck_assert_int_eq(sums(&r).free, 2);
	end(&r, jobs);
}
END_TEST

UNIT_MAIN(store_hot, what_many_add_is_read_once_and_written_once,
	bounds_are_judged_against_the_sum_so_far,
	what_would_overflow_is_refused,
	one_that_refuses_before_any_row_takes_its_sums_back_without_a_second_run,
	going_back_to_a_savepoint_takes_the_sums_back,
	a_batch_that_is_run_again_begins_with_no_sums,
	reads_see_the_sum,
	direct_writes_go_on_from_the_sum,
	sums_that_were_written_and_taken_back_are_written_again,
	a_sum_that_does_not_fit_any_more_is_reckoned_again,
	more_rows_and_columns_than_are_kept_are_right_too)

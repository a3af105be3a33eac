/* tests/unit/store_event.c - events are numbered in the order of commits */
#include "store_rig.h"
#include "unit.h"

#include <stdio.h>

static void write_one(struct rig *r, const char *id, int n_events, int refuse)
{
	struct rig_job job;

	rig_job(r, &job, id);
	job.n_events = n_events;
	job.refuse = refuse;
	ck_assert_int_eq(shr__db_write(r->db, &job.job), refuse);
	ck_assert_uint_eq(job.job.n_events, refuse ? 0 : (unsigned)n_events);
	rig_job_free(&job);
}

static void assert_events(struct rig *r, int n)
{
	int64_t seqs[4096];

	ck_assert_int_eq(rig_events(r, seqs, 4096), n);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(seqs[i], i + 1);
}

START_TEST(the_first_is_number_one)
{
	struct rig r;

	rig_open(&r);
	write_one(&r, "a", 1, 0);
	assert_events(&r, 1);
	write_one(&r, "b", 3, 0);
	assert_events(&r, 4);
	rig_close(&r);
}
END_TEST

START_TEST(those_of_a_refusal_are_dropped)
{
	struct rig r;

	rig_open(&r);
	write_one(&r, "a", 2, 0);
	write_one(&r, "b", 5, SHR_ESTATE);
	write_one(&r, "c", 1, 0);
	assert_events(&r, 3);
	rig_close(&r);
}
END_TEST

START_TEST(a_commit_takes_its_numbers_at_once)
{
	struct rig_job first, jobs[4];
	static const char *const ids[] = { "a", "b", "c", "d" };
	struct rig r;

	rig_open(&r);
	write_one(&r, "zero", 1, 0);
	rig_shut(&r);
	rig_job(&r, &first, "first");
	rig_start(&first);
	rig_wait_at_gate(&r);
	r.calls[RIG_ADD] = 0;
	for (int i = 0; i < 4; i++) {
		rig_job(&r, &jobs[i], ids[i]);
		jobs[i].n_events = i + 1;
		jobs[i].refuse = i == 1 ? SHR_ESTATE : 0;
		rig_start(&jobs[i]);
		rig_wait_queued(&r, (unsigned)i + 1);
	}
	rig_pass(&r, 1000);
	rig_join(&first);
	rig_job_free(&first);
	for (int i = 0; i < 4; i++) {
		rig_join(&jobs[i]);
		rig_job_free(&jobs[i]);
	}
	ck_assert_uint_eq(r.calls[RIG_ADD], 1);
	assert_events(&r, 1 + 1 + 3 + 4);
	rig_close(&r);
}
END_TEST

struct writing {
	struct rig *r;
	int number, n;
	pthread_t thread;
};

static void *write_many(void *data)
{
	struct writing *w = data;

	for (int i = 0; i < w->n; i++) {
		char id[32];

		snprintf(id, sizeof id, "%d-%d", w->number, i);
		write_one(w->r, id, 1 + i % 3, i % 5 == 4 ? SHR_ESTATE : 0);
	}
	return NULL;
}

/* Whoever reads sees the first so many, without a hole that would be filled later. */
START_TEST(a_reader_never_misses_one)
{
	struct writing writers[6];
	int64_t seqs[4096];
	int n = 0, all = 0;
	struct rig r;

	rig_open(&r);
	for (int i = 0; i < 40; i++)
		all += i % 5 == 4 ? 0 : 1 + i % 3;
	all *= 6;
	for (int i = 0; i < 6; i++) {
		writers[i] = (struct writing){ &r, i, 40, 0 };
		ck_assert_int_eq(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), 0);
	}
	while (n < all) {
		n = rig_events(&r, seqs, 4096);
		for (int i = 0; i < n; i++)
			ck_assert_int_eq(seqs[i], i + 1);
	}
	for (int i = 0; i < 6; i++)
		pthread_join(writers[i].thread, NULL);
	assert_events(&r, all);
	rig_close(&r);
}
END_TEST

struct two {
	struct memkv *m;
	int number, n;
	pthread_t thread;
};

static int event_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__event_row event = { .project = "p", .kind = "test", .object_id = "x", .text = "words" };

	(void)data, (void)reterr;
	return shr__txn_event(t, &event);
}

static void *process(void *data)
{
	struct two *p = data;
	struct shr_store *store;
	struct shr__db *db;

	ck_assert_int_eq(memkv_store(p->m, &store, NULL), 0);
	ck_assert_int_eq(shr__db_open(store, &db, NULL), 0);
	for (int i = 0; i < p->n; i++) {
		struct shr__job job = { .body = event_body };

		ck_assert_int_eq(shr__db_write(db, &job), 0);
	}
	shr__db_close(db);
	return NULL;
}

/* Two that know nothing of each other, on one store: the counter's row makes one of them run again. */
START_TEST(two_processes_share_the_numbers)
{
	struct two both[2];
	struct rig r;

	rig_open(&r);
	for (int i = 0; i < 2; i++) {
		both[i] = (struct two){ r.m, i, 200, 0 };
		ck_assert_int_eq(pthread_create(&both[i].thread, NULL, process, &both[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(both[i].thread, NULL);
	assert_events(&r, 400);
	rig_close(&r);
}
END_TEST

UNIT_MAIN(store_event, the_first_is_number_one, those_of_a_refusal_are_dropped, a_commit_takes_its_numbers_at_once,
	a_reader_never_misses_one, two_processes_share_the_numbers)

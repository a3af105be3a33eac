/* tests/whole/whole_loop.c - an engine inside the host's own loop, callers that wait, and other threads that close it */
#include "whole.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>

static struct whole w;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static int pend_twice(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_CREATE && call->attempt < 3 ? fake.host->pending(call, "x", 1, 50) : 0;
}

static int pend_always(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_CREATE ? fake.host->pending(call, "x", 1, 50) : 0;
}

/* The descriptor and the time-out are all that the loop needs: it never looks without a reason, and misses none. */
START_TEST(a_loop_of_poll_and_process_brings_shares_to_their_end)
{
	const struct shr_op *ops[10];
	unsigned turns = 0, left = 10;
	int64_t until = now_ms() + 60000;

	fake.before = pend_twice;
	whole_open(&w, &(struct whole_how){ .file = 1 });
	for (int i = 0; i < 10; i++)
		ops[i] = whole_accept(&w, 1 << 20, 1);
	for (; left && now_ms() < until; turns++) {
		struct pollfd p = { .fd = shr_engine_fd(w.engine), .events = POLLIN };
		const struct shr_error *e = NULL;

		ck_assert_int_ge(poll(&p, 1, shr_engine_timeout(w.engine)), 0);
		ck_assert_int_ge(shr_engine_process(w.engine, 3, &e), 0);
		left = 0;
		for (int i = 0; i < 10; i++) {
			const struct shr_op *op = whole_op(&w, ops[i]->id);

			left += op->state < SHR_OP_SUCCEEDED;
			shr_op_unref(op);
		}
	}
	ck_assert_uint_eq(left, 0);
	ck_assert_uint_lt(turns, 400);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(shr_op_wait(w.s, ops[i]->id, 0, NULL, NULL), 0);
		shr_op_unref(ops[i]);
	}
	whole_holds(&w, 0);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

START_TEST(waits_end_when_their_time_is_over)
{
	const struct shr_op *op, *now = NULL;
	int64_t began;

	fake.before = pend_always;
	whole_open(&w, &(struct whole_how){ 0 });
	op = whole_accept(&w, 1 << 20, 0);
	ck_assert_int_eq(shr_op_wait(w.s, op->id, 0, &now, NULL), SHR_RUNNING);
	ck_assert_ptr_nonnull(now);
	shr_op_unref(now);
	began = now_ms();
	ck_assert_int_eq(shr_op_wait(w.s, op->id, 300, NULL, NULL), SHR_RUNNING);
	ck_assert_int_ge(now_ms() - began, 295);
	ck_assert_int_lt(now_ms() - began, 5000);
	OK(shr_op_cancel(w.s, op->id, &e));
	ck_assert_int_eq(shr_op_wait(w.s, op->id, 20000, NULL, NULL), SHR_ECANCELLED);
	shr_op_unref(op);
	whole_close(&w);
}
END_TEST

static void *wait_for_it(void *op_id)
{
	return (void *)(intptr_t)shr_op_wait(w.s, op_id, 800, NULL, NULL);
}

/* Callers that wait drive the engine; it may be closed under them all the same. */
START_TEST(an_engine_is_closed_while_others_wait_and_drive_it)
{
	for (int round = 0; round < 5; round++) {
		pthread_t threads[3];
		const struct shr_op *op;
		char id[40];
		int64_t began;
		void *rc;

		fake.before = pend_always;
		whole_open(&w, &(struct whole_how){ .config = "engine: {poll: 60s}\n" WHOLE_FAKE });
		op = whole_accept(&w, 1 << 20, 0);
		snprintf(id, sizeof id, "%s", op->id);
		shr_op_unref(op);
		for (int i = 0; i < 3; i++)
			pthread_create(&threads[i], NULL, wait_for_it, id);
		whole_sleep_ms((unsigned)(10 + 20 * round));
		began = now_ms();
		shr_engine_close(w.engine);
		w.engine = NULL;
		ck_assert_int_lt(now_ms() - began, 700); /* it waits for no caller's time-out */
		for (int i = 0; i < 3; i++) {
			pthread_join(threads[i], &rc);
			ck_assert_int_eq((intptr_t)rc, SHR_RUNNING);
		}
		whole_close(&w);
	}
}
END_TEST

/* Two engines of one context, none with workers: a wait drives both. */
START_TEST(a_wait_drives_every_engine_that_has_no_workers)
{
	static const char config[] = "plugins: {directories: [" TEST_BACKENDS "]}\nbackends:\n- name: a\n  driver: 'null'\n"
		"  pools: [{name: p}]\n- name: b\n  driver: 'null'\n  pools: [{name: p}]\n";
	static const char *const names[] = { "a", "b" };
	struct shr_engine *engines[2];

	whole_open(&w, &(struct whole_how){ .config = config, .no_engine = 1 });
	for (int i = 0; i < 2; i++) {
		struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;

		p.backends = &names[i];
		p.n_backends = 1;
		OK(shr_engine_open(w.ctx, &p, &engines[i], &e));
	}
	for (int i = 0; i < 2; i++) {
		struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
		const struct shr_op *op = NULL;

		spec.bytes = 1 << 20;
		spec.protocols = SHR_PROTO_NFS;
		spec.backend = names[i];
		OK(shr_share_create(w.s, &spec, &op, &e));
		ck_assert_int_eq(shr_op_wait(w.s, op->id, 20000, NULL, NULL), 0);
		shr_op_unref(op);
	}
	shr_engine_close(engines[0]);
	shr_engine_close(engines[1]);
	whole_close(&w);
}
END_TEST

UNIT_MAIN(whole_loop, a_loop_of_poll_and_process_brings_shares_to_their_end, waits_end_when_their_time_is_over,
	an_engine_is_closed_while_others_wait_and_drive_it, a_wait_drives_every_engine_that_has_no_workers)

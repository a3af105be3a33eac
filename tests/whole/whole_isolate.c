/* tests/whole/whole_isolate.c - what counts as under way when an engine died, and what becomes of what was so too often */
#include "whole.h"

static struct whole w;
static char odd[40]; /* an operation */

static void teardown(void)
{
	whole_rest(&w);
	whole_holds(&w, 0);
	whole_close(&w);
	whole_remove(&w);
	fake_no_findings();
	fake_reset();
}

/* Pools are known, and no engine is there. */
static void setup(void)
{
	whole_open(&w, &(struct whole_how){ .file = 1 });
	shr_engine_close(w.engine);
	w.engine = NULL;
}

static void open_engine(uint32_t workers)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;

	p.workers = workers;
	OK(shr_engine_open(w.ctx, &p, &w.engine, &e));
}

/* An engine that is gone had claimed it. */
static void had_by_the_dead(const char *op_id, int attempts)
{
	whole_ask(&w, "UPDATE op SET engine='00000000-0000-7000-8000-00000000dead', state=2, attempts=%d WHERE id='%s' RETURNING 1",
		attempts, op_id);
}

static int64_t most_counted;
static int before; /* attempts of what is to be taken over */

static int count_at_the_call(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	int64_t n;

	if (verb != FAKE_CREATE)
		return 0;
	n = whole_ask(&w, "SELECT count(*) FROM op WHERE live=1 AND attempts>%d", before);
	most_counted = n > most_counted ? n : most_counted;
	return 0;
}

/* It makes one call at a time: should it die again, one counts, and not all forty. */
START_TEST(only_what_is_begun_counts_as_under_way)
{
	setup();
	before = 2;
	most_counted = 0;
	for (int i = 0; i < 40; i++) {
		const struct shr_op *op = whole_accept(&w, 1 << 20, 0);

		had_by_the_dead(op->id, 2);
		shr_op_unref(op);
	}
	fake.before = count_at_the_call;
	open_engine(0);
	whole_rest(&w);
	ck_assert_int_eq(most_counted, 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE attempts=3"), 40);
	teardown();
}
END_TEST

/* What waits for another operation cannot have begun. */
START_TEST(what_waits_for_another_does_not_count)
{
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" };
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_op *made, *rules = NULL;

	setup();
	made = whole_accept(&w, 1 << 20, 0);
	p.changes = &rule;
	p.n_changes = 1;
	OK(shr_access_apply(w.s, made->object_id, &p, &rules, &e));
	had_by_the_dead(made->id, 1);
	had_by_the_dead(rules->id, 1);
	fake.before = count_at_the_call;
	before = 1;
	most_counted = 0;
	open_engine(0);
	whole_rest(&w);
	ck_assert_int_eq(most_counted, 1);
	shr_op_unref(rules);
	shr_op_unref(made);
	teardown();
}
END_TEST

static int busy;

/* The others are asked again and again, so that there is always a call under way. */
static int keep_busy(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_CREATE || strcmp(call->op_id, odd) == 0)
		return 0;
	whole_sleep_ms(5);
	return __atomic_load_n(&busy, __ATOMIC_SEQ_CST) ? fake.host->pending(call, "t", 1, 0) : 0;
}

START_TEST(an_isolated_operation_has_its_turn_under_constant_load)
{
	const struct shr_op *op;

	setup();
	op = whole_accept(&w, 1 << 20, 0);
	snprintf(odd, sizeof odd, "%s", op->id);
	had_by_the_dead(odd, 3);
	shr_op_unref(op);
	for (int i = 0; i < 16; i++)
		shr_op_unref(whole_accept(&w, 1 << 20, 0));
	busy = 1;
	fake.before = keep_busy;
	open_engine(4);
	for (int i = 0; i < 1000 && whole_ask(&w, "SELECT live FROM op WHERE id='%s'", odd); i++)
		whole_sleep_ms(20);
	ck_assert_int_eq(whole_has_event(&w, "operation.isolated", NULL), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT live FROM op WHERE id='%s'", odd), 0);
	__atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
	teardown();
}
END_TEST

static int64_t counted_at_the_call;

static int note_attempts(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE)
		counted_at_the_call = whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", call->op_id);
	return 0;
}

/* Should this engine die while it sleeps, it had no part in that. */
START_TEST(what_sleeps_in_isolation_does_not_count)
{
	const struct shr_op *op;

	setup();
	op = whole_accept(&w, 1 << 20, 0);
	had_by_the_dead(op->id, 5);
	fake.before = note_attempts;
	counted_at_the_call = 0;
	open_engine(1);
	whole_sleep_ms(500);
	ck_assert_int_eq(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", op->id), 5);
	whole_rest(&w);
	ck_assert_int_eq(counted_at_the_call, 6);
	shr_op_unref(op);
	teardown();
}
END_TEST

static int begun;

/* Others' calls last until `busy` is 0. */
static int last_long(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_CREATE)
		return 0;
	if (strcmp(call->op_id, odd) == 0)
		return call->token_len ? 0 : fake.host->pending(call, "t", 1, 300);
	__atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < 1500 && __atomic_load_n(&busy, __ATOMIC_SEQ_CST); i++)
		whole_sleep_ms(20);
	return 0;
}

static void wait_begun(int n)
{
	for (int i = 0; i < 1000 && __atomic_load_n(&begun, __ATOMIC_SEQ_CST) < n; i++)
		whole_sleep_ms(10);
	ck_assert_int_ge(__atomic_load_n(&begun, __ATOMIC_SEQ_CST), n);
}

static void setup_long(void)
{
	const struct shr_op *op;

	setup();
	op = whole_accept(&w, 1 << 20, 0);
	snprintf(odd, sizeof odd, "%s", op->id);
	had_by_the_dead(odd, 3);
	shr_op_unref(op);
	begun = 0;
	busy = 1;
	fake.before = last_long;
}

START_TEST(what_waits_for_its_turn_alone_does_not_count)
{
	setup_long();
	shr_op_unref(whole_accept(&w, 1 << 20, 0));
	open_engine(4);
	wait_begun(1);
	whole_sleep_ms(1500); /* it has slept long enough, and the other's call lasts */
	ck_assert_int_eq(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", odd), 3);
	__atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
	whole_rest(&w);
	ck_assert_int_eq(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", odd), 4);
	teardown();
}
END_TEST

/* Its first call was made alone and has come back: it polls beside others. */
START_TEST(an_isolated_operation_that_kills_nobody_is_like_others_at_once)
{
	setup_long();
	open_engine(4);
	for (int i = 0; i < 1000 && !whole_ask(&w, "SELECT count(*) FROM op_item WHERE op_id='%s'", odd); i++)
		whole_sleep_ms(10);
	shr_op_unref(whole_accept(&w, 1 << 20, 0));
	wait_begun(1);
	for (int i = 0; i < 150 && whole_ask(&w, "SELECT live FROM op WHERE id='%s'", odd); i++)
		whole_sleep_ms(10);
	ck_assert_int_eq(whole_ask(&w, "SELECT live FROM op WHERE id='%s'", odd), 0);
	__atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
	teardown();
}
END_TEST

UNIT_MAIN(whole_isolate, only_what_is_begun_counts_as_under_way, what_waits_for_another_does_not_count,
	an_isolated_operation_has_its_turn_under_constant_load, what_sleeps_in_isolation_does_not_count,
	what_waits_for_its_turn_alone_does_not_count, an_isolated_operation_that_kills_nobody_is_like_others_at_once)

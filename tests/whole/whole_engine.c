/* tests/whole/whole_engine.c - what an engine promises: two commits for a share, patience, probes, ends that were asked for, and
 * a clean hand-over; on a clock of the test's own */
#include "whole.h"

#include "store/db.h"

static struct whole w;

static void setup(const struct whole_how *how)
{
	struct whole_how clocked = *how;

	clocked.own_clock = 1;
	w.mono_ns = INT64_C(1000000000);
	whole_open(&w, &clocked);
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	whole_remove(&w);
	fake_no_findings();
	fake_reset();
}

static uint64_t commits(void)
{
	struct shr__db_stats stats;

	shr__db_stats(w.ctx->env.db, &stats);
	return stats.commits;
}

static const struct shr_op *named(const char *name)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.name = name;
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	OK(shr_share_create(w.s, &spec, &op, &e));
	return op;
}

/* ---- commits ---- */

#define THREE_POOLS "plugins: {directories: [" TEST_BACKENDS "]}\nbackends:\n- name: n\n  driver: 'null'\n  exporter: none\n" \
	"  pools: [{name: a}, {name: b}, {name: c}]\n- name: m\n  driver: 'null'\n  exporter: none\n  pools: [{name: a}]\n"

START_TEST(a_share_with_exporter_rules_and_placement_takes_two_commits)
{
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" };
	static const char *const metadata[] = { "k", "v" };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	uint64_t before;

	setup(&(struct whole_how){ .config = THREE_POOLS, .file = 1 });
	spec.token = "t";
	spec.name = "two";
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.metadata = metadata;
	spec.n_metadata = 1;
	spec.rules = &rule;
	spec.n_rules = 1;
	spec.rule_size = sizeof rule;
	whole_step(&w, 0);
	before = commits();
	OK(shr_share_create(w.s, &spec, &op, &e));
	ck_assert_uint_eq(commits() - before, 1);
	while (shr_op_wait(w.s, op->id, 0, NULL, NULL) == SHR_RUNNING)
		whole_step(&w, 0);
	ck_assert_uint_eq(commits() - before, 2);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(two_hundred_shares_of_eight_callers_take_four_hundred_jobs_and_fewer_commits)
{
	struct shr__db_stats before, after;
	const struct shr_op *ops[200];

	fake_reset();
	w.mono_ns = 0;
	whole_open(&w, &(struct whole_how){ .file = 1, .workers = 4 });
	shr__db_stats(w.ctx->env.db, &before);
	for (int i = 0; i < 200; i++)
		ops[i] = named("many");
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(whole_end(&w, ops[i]->id, NULL), 0);
		shr_op_unref(ops[i]);
	}
	shr__db_stats(w.ctx->env.db, &after);
	/* the engine's own heartbeat and statistics are commits too, a few in the seconds that this takes */
	ck_assert_uint_ge(after.jobs - before.jobs, 400);
	ck_assert_uint_le(after.commits - before.commits, 410);
	teardown(0);
}
END_TEST

/* ---- patience ---- */

static int failing_code, failures, last_calls;
static int64_t called_at[64];

static int fail_some(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_CREATE)
		return verb == FAKE_STATS && failing_code == SHR_EUNREACHABLE && failures > 0 ?
			fake_fail(call, SHR_EUNREACHABLE, "no answer") : 0;
	if (last_calls < 64)
		called_at[last_calls++] = w.mono_ns;
	return failures-- > 0 ? fake_fail(call, failing_code, "not now") : 0;
}

START_TEST(what_may_work_later_is_tried_again_less_and_less_often)
{
	const struct shr_op *op;

	fake.before = fail_some;
	failing_code = SHR_EAGAIN;
	failures = 6;
	setup(&(struct whole_how){ 0 });
	op = named("patient");
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	ck_assert_int_eq(last_calls, 7);
	for (int i = 1; i < 7; i++) { /* 100 ms, doubled each time, and up to half of it more */
		int64_t gap = (called_at[i] - called_at[i - 1]) / 1000000, least = INT64_C(100) << (i - 1);

		ck_assert_msg(gap >= least && gap <= least * 3 / 2 + 60, "gap %d is %lld ms", i, (long long)gap);
	}
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(what_never_works_fails_after_the_limit_and_leaves_nothing)
{
	const struct shr_op *op, *end = NULL;

	fake.before = fail_some;
	failing_code = SHR_EAGAIN;
	failures = 1000;
	setup(&(struct whole_how){ 0 });
	op = named("hopeless");
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_EAGAIN);
	ck_assert_int_eq(last_calls, 10);
	ck_assert_ptr_nonnull(strstr(end->error->message, "not now"));
	ck_assert_int_eq(whole_ask(&w, "SELECT allocated FROM pool"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT shares_used+bytes_used FROM quota"), 0);
	ck_assert_uint_eq(fake.n_instances, 0);
	shr_op_unref(op);
	shr_op_unref(end);
	teardown(0);
}
END_TEST

/* One probe, not a call of each operation; nothing is written while they wait; and all go on when it answers. */
START_TEST(operations_of_a_silent_backend_wait_for_one_probe)
{
	const struct shr_op *ops[20];
	unsigned stats;
	uint64_t written;

	fake.before = fail_some;
	failing_code = SHR_EUNREACHABLE;
	failures = 1000;
	setup(&(struct whole_how){ .config = "engine: {lease: 600s, stats: 3600s}\n" WHOLE_FAKE, .no_engine = 1 });
	failures = 0;
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
	failures = 1000;
	for (int i = 0; i < 20; i++)
		ops[i] = named("waiting");
	for (int i = 0; i < 40; i++)
		whole_step(&w, 50);
	stats = fake.calls[FAKE_STATS];
	written = commits();
	for (int i = 0; i < 600; i++)
		whole_step(&w, 100);
	ck_assert_int_le(last_calls, 20);
	ck_assert_uint_ge(fake.calls[FAKE_STATS] - stats, 5);
	ck_assert_uint_le(fake.calls[FAKE_STATS] - stats, 40);
	ck_assert_msg(commits() - written <= fake.calls[FAKE_STATS] - stats + 2, "%d commits while waiting",
		(int)(commits() - written));
	failures = 0;
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(whole_end(&w, ops[i]->id, NULL), 0);
		shr_op_unref(ops[i]);
	}
	teardown(0);
}
END_TEST

static int stats_later(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_STATS && failures > 0 ? fake.host->pending(call, "", 0, 100) : 0;
}

/* As an exporter's probe does that waits its turn in a long queue. One that answers later for good is down all the same. */
START_TEST(a_backend_whose_probe_answers_later_is_up)
{
	char share[40];

	fake.before = stats_later;
	failures = 0;
	setup(&(struct whole_how){ .config = "engine: {lease: 600s, stats: 1s}\n" WHOLE_FAKE });
	whole_create(&w, 1 << 20, 0, share);
	failures = 1;
	for (int i = 0; i < 100; i++) {
		whole_step(&w, 100);
		ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM pool WHERE state=%d", SHR_POOL_UP), 1);
	}
	whole_create(&w, 1 << 20, 0, share);
	for (int i = 0; i < 600; i++)
		whole_step(&w, 100);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM pool WHERE state=%d AND reason LIKE '%%answers later%%'", SHR_POOL_DOWN), 1);
	failures = 0;
	for (int i = 0; i < 600; i++)
		whole_step(&w, 100);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM pool WHERE state=%d", SHR_POOL_UP), 1);
	teardown(0);
}
END_TEST

static int only_stats(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_CREATE || failures <= 0)
		return 0;
	last_calls++;
	return fake_fail(call, SHR_EUNREACHABLE, "no answer");
}

/* It is up for whoever asks, and down for whoever wants something. */
START_TEST(a_backend_whose_stats_alone_answer_is_tried_less_and_less_often)
{
	const struct shr_op *op;

	fake.before = only_stats;
	failures = 1;
	last_calls = 0;
	setup(&(struct whole_how){ .config = "engine: {lease: 600s, stats: 3600s}\n" WHOLE_FAKE });
	op = named("waiting");
	for (int i = 0; i < 600; i++)
		whole_step(&w, 100);
	ck_assert_int_ge(last_calls, 5);
	ck_assert_int_le(last_calls, 30);
	failures = 0;
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(a_backend_that_was_never_open_is_said_to_be_down)
{
	static const char config[] = "plugins: {directories: [" TEST_BACKENDS "]}\nbackends:\n- name: n\n  driver: 'null'\n"
		"  settings: {fault: [\"open:*:unreachable\"]}\n  pools: [{name: p}]\n";
	const struct shr_error *e = NULL;

	setup(&(struct whole_how){ .config = config });
	ck_assert_ptr_null(whole_try_create(&w, 1 << 20, 0, &e));
	ck_assert_int_eq(e->code, SHR_EUNREACHABLE);
	shr_error_unref(e);
	teardown(0);
}
END_TEST

/* ---- ends that were asked for ---- */

static int endless = 1; /* creates, and extends, answer later */
static unsigned progress;

static int later(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (!endless || (verb != FAKE_CREATE && verb != FAKE_RESIZE))
		return 0;
	progress += 10;
	fake.host->progress(call, progress, 100);
	return fake.host->pending(call, &progress, sizeof progress, 50);
}

static void begin_endless(void)
{
	endless = 1;
	progress = 0;
	fake.before = later;
	setup(&(struct whole_how){ .file = 1 });
}

START_TEST(step_and_percent_of_a_slow_call_are_seen)
{
	const struct shr_op *op, *now;
	unsigned seen = 0;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 200 && progress < 80; i++) {
		whole_step(&w, 20);
		now = whole_op(&w, op->id);
		ck_assert_uint_ge(now->percent, seen);
		seen = now->percent;
		if (progress > 10) {
			ck_assert_uint_eq(now->state, SHR_OP_WAITING);
			ck_assert_str_eq(now->step, "create");
			ck_assert_uint_eq(now->step_number, 1);
			ck_assert_uint_eq(now->cancellable, 1);
		}
		shr_op_unref(now);
	}
	ck_assert_uint_ge(seen, 50);
	endless = 0;
	ck_assert_int_eq(whole_end(&w, op->id, &now), 0);
	ck_assert_uint_eq(now->percent, 100);
	shr_op_unref(now);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(a_slow_create_that_is_cancelled_leaves_nothing)
{
	const struct shr_op *op, *end;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	OK(shr_op_cancel(w.s, op->id, &e));
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_ECANCELLED);
	ck_assert_uint_eq(end->state, SHR_OP_CANCELLED);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 1);
	ck_assert_uint_eq(fake.n_instances, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT shares_used+bytes_used FROM quota"), 0);
	REFUSED(SHR_ESTATE, shr_op_cancel(w.s, op->id, &e));
	shr_op_unref(end);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(a_delete_ends_a_create_and_then_deletes)
{
	const struct shr_op *op, *delete_op = NULL;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	OK(shr_share_delete(w.s, op->object_id, NULL, &delete_op, &e));
	ck_assert_int_eq(whole_end(&w, delete_op->id, NULL), 0);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_ECANCELLED);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 0);
	shr_op_unref(delete_op);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

START_TEST(a_busy_share_is_force_deleted_at_once)
{
	const struct shr_op *op, *force = NULL;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	OK(shr_share_force_delete(w.s, op->object_id, NULL, &force, &e));
	REFUSED(SHR_ENOTFOUND, shr_share_get(w.s, op->object_id, &(const struct shr_share *){ NULL }, &e));
	ck_assert_int_eq(shr_op_wait(w.s, op->id, 0, NULL, NULL), SHR_ECANCELLED);
	ck_assert_int_eq(whole_ask(&w, "SELECT shares_used+bytes_used FROM quota"), 0);
	ck_assert_int_eq(whole_end(&w, force->id, NULL), 0);
	ck_assert_uint_eq(fake.n_instances, 0);
	shr_op_unref(force);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* What ran can commit no more, whatever its call still says. */
START_TEST(a_busy_share_is_reset)
{
	const struct shr_op *op = NULL;
	const struct shr_share *share;
	char id[40];

	endless = 0;
	fake.before = later;
	setup(&(struct whole_how){ .file = 1 });
	whole_create(&w, 1 << 20, 1, id);
	endless = 1;
	OK(shr_share_extend(w.s, id, 1 << 21, NULL, &op, &e));
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	OK(shr_share_reset_state(w.s, id, SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	endless = 0;
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_ECANCELLED);
	for (int i = 0; i < 20; i++)
		whole_step(&w, 30);
	share = whole_share(&w, id);
	ck_assert_uint_eq(share->state, SHR_SHARE_AVAILABLE);
	ck_assert_uint_eq(share->bytes, 1 << 20);
	shr_share_unref(share);
	shr_op_unref(op);
	op = NULL;
	OK(shr_share_extend(w.s, id, 1 << 22, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

static int remove_is_refused(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_REMOVE && endless ? fake_fail(call, SHR_EBACKEND, "not today") : 0;
}

/* Half of it may be gone: only another delete is right. */
START_TEST(a_share_whose_delete_failed_is_not_made_available)
{
	const struct shr_op *op;
	char id[40];

	fake.before = remove_is_refused;
	endless = 1;
	setup(&(struct whole_how){ .file = 1 });
	whole_create(&w, 1 << 20, 1, id);
	OK(shr_share_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_EBACKEND);
	shr_op_unref(op);
	REFUSED(SHR_ESTATE, shr_share_reset_state(w.s, id, SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	endless = 0;
	OK(shr_share_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

static int round_up(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE)
		fake.host->set_number(call, instance->id, SHR_NUMBER_BYTES, 2 << 20);
	return 0;
}

static int first_resize_fails(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_RESIZE && fake.calls[FAKE_RESIZE] == 1 ? fake_fail(call, SHR_EBACKEND, "not today") : 0;
}

/* What the driver had rounded up is there still. */
START_TEST(an_extend_that_fails_leaves_the_accounts_as_they_were)
{
	const struct shr_op *op;
	char id[40];

	fake.after = round_up;
	fake.before = first_resize_fails;
	setup(&(struct whole_how){ .file = 1 });
	whole_create(&w, 1 << 20, 0, id);
	ck_assert_int_eq(whole_ask(&w, "SELECT allocated FROM pool"), 2 << 20);
	OK(shr_share_extend(w.s, id, 3 << 20, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_EBACKEND);
	ck_assert_int_eq(whole_ask(&w, "SELECT allocated FROM pool"), 2 << 20);
	ck_assert_int_eq(whole_ask(&w, "SELECT bytes_used FROM quota"), 2 << 20);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* ---- a hand-over ---- */

START_TEST(an_engine_that_stops_hands_over_and_nothing_counts_as_an_attempt)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	const struct shr_op *op, *now;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	OK(shr_engine_stop(w.engine, 5000, &e));
	now = whole_op(&w, op->id);
	ck_assert_uint_eq(now->state, SHR_OP_WAITING);
	ck_assert_str_eq(now->engine, "");
	shr_op_unref(now);
	shr_engine_close(w.engine);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM engine"), 0);
	p.name = "second";
	OK(shr_engine_open(w.ctx, &p, &w.engine, &e));
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	now = whole_op(&w, op->id);
	ck_assert_str_eq(now->engine, "second");
	ck_assert_int_eq(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", op->id), 1);
	ck_assert_uint_ge(now->percent, 20);
	shr_op_unref(now);
	endless = 0;
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* An undo that takes long, and is finished by another engine: the reason is still there. */
static int undo_slowly(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_ACCESS && fake.calls[FAKE_REMOVE] == 0)
		return call->token_len ? fake_fail(call, SHR_EBACKEND, "no rules today") : fake.host->pending(call, "a", 1, 50);
	return verb == FAKE_REMOVE && endless ? fake.host->pending(call, "u", 1, 50) : 0;
}

START_TEST(an_undo_that_is_handed_over_keeps_its_reason)
{
	const struct shr_op *op, *end;

	endless = 1;
	fake.before = undo_slowly;
	setup(&(struct whole_how){ .file = 1 });
	op = whole_accept(&w, 1 << 20, 2);
	for (int i = 0; i < 20; i++)
		whole_step(&w, 30);
	end = whole_op(&w, op->id);
	ck_assert_uint_eq(end->state, SHR_OP_UNDOING);
	shr_op_unref(end);
	shr_engine_close(w.engine);
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
	endless = 0;
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_EBACKEND);
	ck_assert_ptr_nonnull(end->error);
	ck_assert_ptr_nonnull(strstr(end->error->message, "no rules today"));
	shr_op_unref(end);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* The same for one that was cancelled: it ends as what it is. */
START_TEST(a_cancel_that_is_handed_over_ends_as_cancelled)
{
	const struct shr_op *op, *end;

	begin_endless();
	op = named("slow");
	for (int i = 0; i < 5; i++)
		whole_step(&w, 30);
	fake.before = undo_slowly;
	OK(shr_op_cancel(w.s, op->id, &e));
	for (int i = 0; i < 10; i++)
		whole_step(&w, 30);
	shr_engine_close(w.engine);
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
	endless = 0;
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_ECANCELLED);
	ck_assert_uint_eq(end->state, SHR_OP_CANCELLED);
	shr_op_unref(end);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_engine, a_share_with_exporter_rules_and_placement_takes_two_commits,
	two_hundred_shares_of_eight_callers_take_four_hundred_jobs_and_fewer_commits,
	what_may_work_later_is_tried_again_less_and_less_often, what_never_works_fails_after_the_limit_and_leaves_nothing,
	operations_of_a_silent_backend_wait_for_one_probe, a_backend_whose_probe_answers_later_is_up,
	a_backend_whose_stats_alone_answer_is_tried_less_and_less_often, a_backend_that_was_never_open_is_said_to_be_down,
	step_and_percent_of_a_slow_call_are_seen, a_slow_create_that_is_cancelled_leaves_nothing,
	a_delete_ends_a_create_and_then_deletes, a_busy_share_is_force_deleted_at_once, a_busy_share_is_reset,
	a_share_whose_delete_failed_is_not_made_available,
	an_extend_that_fails_leaves_the_accounts_as_they_were,
	an_engine_that_stops_hands_over_and_nothing_counts_as_an_attempt, an_undo_that_is_handed_over_keeps_its_reason,
	a_cancel_that_is_handed_over_ends_as_cancelled)

/* tests/whole/whole_undo.c - operations that are given up, taken over in the middle, or whose commit nobody can tell of */
#include "whole.h"

#include "engine/engine_own.h"
#include "flow/accept.h"
#include "flow/core_own.h"
#include "libshare/exporter.h"
#include "store/db_own.h"

#define QUICK "engine: {retry: {limit: 2, first: 1ms, most: 2ms}}\n"

static struct whole w;
static const struct shr_op *op;
static unsigned seen, cancels;
static int on;

static void open_with(const char *config)
{
	w.dir[0] = 0;
	op = NULL;
	seen = cancels = 0;
	on = 1;
	whole_open(&w, &(struct whole_how){ .config = config });
}

static void teardown(unsigned allowed)
{
	shr_op_unref(op);
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	fake_no_findings();
	fake_reset();
}

/* The engine goes, and another one comes. */
static void another_engine(void)
{
	shr_engine_close(w.engine);
	w.engine = NULL;
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
}

static void process_until(const unsigned *count, unsigned most)
{
	for (int i = 0; i < 5000 && *count < most; i++) {
		whole_step(&w, 0);
		whole_sleep_ms(1);
	}
	ck_assert_uint_ge(*count, most);
}

static void end_is(uint32_t state)
{
	const struct shr_op *end = NULL;

	whole_end(&w, op->id, &end);
	ck_assert_str_eq(shr_op_state_name(end->state), shr_op_state_name(state));
	shr_op_unref(end);
}

/* ---- a commit of which nobody can tell ---- */

static struct shr_store_ops ops;
static const struct shr_store_ops *real_ops;
static int unknown_next, blind;

static int unknown_commit(void *st, void *txn)
{
	int rc = real_ops->commit(st, txn);

	if (!unknown_next || rc)
		return rc;
	unknown_next = 0;
	blind = 10;
	return SHR_EUNKNOWN;
}

static int blind_begin(void *st, uint32_t flags, void **ret_txn)
{
	if (blind) {
		blind--;
		return SHR_ESTORE;
	}
	return real_ops->begin(st, flags, ret_txn);
}

static int after_create(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	unknown_next = verb == FAKE_CREATE;
	return 0;
}

/* What was committed after all is not undone on the backend. */
START_TEST(a_commit_of_which_nobody_can_tell_undoes_nothing)
{
	struct shr__db *db;

	fake.after = after_create;
	open_with(NULL);
	db = w.ctx->env.db;
	db->settle_ns = 1000000;
	real_ops = db->store->ops;
	ops = *real_ops;
	ops.commit = unknown_commit;
	ops.begin = blind_begin;
	db->store->ops = &ops;
	op = whole_accept(&w, 1 << 20, 0);
	end_is(SHR_OP_SUCCEEDED);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 0);
	ck_assert_uint_eq(fake.n_instances, 1);
	db->store->ops = real_ops;
	teardown(0);
}
END_TEST

static int settle_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	return shr__accept_settle(t, data);
}

/* Two calls with one token may be in one commit, which is not done when the second has seen what the first wrote. */
START_TEST(a_call_that_was_made_before_does_not_tell_that_its_commit_was_done)
{
	struct shr__accept a = { .op_id = "none", .replayed = 1 };
	struct shr__arena *arena = shr__arena_new();

	open_with(NULL);
	ck_assert_int_eq(shr__db_read(w.ctx->env.db, arena, settle_body, &a, NULL), 0);
	shr__arena_free(arena);
	teardown(0);
}
END_TEST

/* ---- taken over in the middle ---- */

static int access_is_slow(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_ACCESS || !on)
		return 0;
	seen++;
	return fake.host->pending(call, "token", 5, 10);
}

static char token[16];

static int note_token(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_ACCESS)
		return 0;
	snprintf(token, sizeof token, "%.*s", (int)call->token_len, call->token ? (const char *)call->token : "");
	return 0;
}

START_TEST(a_create_that_is_taken_over_while_its_rules_are_slow_loses_nothing)
{
	const struct shr_share *share;

	fake.before = access_is_slow;
	open_with(NULL);
	op = whole_accept(&w, 1 << 20, 1);
	process_until(&seen, 2);
	fake.before = note_token;
	another_engine();
	end_is(SHR_OP_SUCCEEDED);
	ck_assert_str_eq(token, "token");
	share = whole_share(&w, op->object_id);
	ck_assert_uint_eq(share->n_exports, 1);
	shr_share_unref(share);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE ref='fake'"), 1);
	teardown(0);
}
END_TEST

/* ---- for days ---- */

static int slow_token(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	char bytes[4096];

	if (verb != FAKE_ACCESS || !on)
		return 0;
	memset(bytes, 'a' + seen % 26, sizeof bytes);
	if (seen && (call->token_len != sizeof bytes || *(const char *)call->token != (char)('a' + (seen - 1) % 26)))
		fake_finding("poll %u came with another token", seen);
	seen++;
	return fake.host->pending(call, bytes, sizeof bytes, 10);
}

static size_t taken(void)
{
	size_t room;

	pthread_mutex_lock(&w.engine->lock);
	room = shr__arena_room(w.engine->core->runs->arena);
	pthread_mutex_unlock(&w.engine->lock);
	return room;
}

/* Each poll reads the rules again, and leaves another token. */
START_TEST(a_call_that_is_polled_for_long_keeps_to_its_memory)
{
	const struct shr_share *share;

	fake.before = slow_token;
	w.dir[0] = 0;
	whole_open(&w, &(struct whole_how){ .own_clock = 1 });
	w.mono_ns = 1000000000;
	seen = 0;
	on = 1;
	op = whole_accept(&w, 1 << 20, 100);
	for (int i = 0; i < 4000 && seen < 300; i++)
		whole_step(&w, 20);
	ck_assert_uint_ge(seen, 300);
	ck_assert_uint_lt(taken(), 1 << 20);
	on = 0;
	end_is(SHR_OP_SUCCEEDED);
	share = whole_share(&w, op->object_id);
	ck_assert_uint_eq(share->n_exports, 1);
	ck_assert_str_eq(share->exports[0]->instance_id, fake.instances[0].id);
	shr_share_unref(share);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE ref='fake' AND access_applied=1"), 1);
	teardown(0);
}
END_TEST

/* ---- an exporter ---- */

static struct { const struct shr_driver_host *host; unsigned adds, removes; } ex;

static int ex_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	ex.host = host;
	*ret_ex = &ex;
	return 0;
}

static void ex_close(void *data)
{
}

static int ex_probe(void *data, const struct shr_call *call)
{
	return 0;
}

static int ex_add(void *data, const struct shr_call *call, const struct shr_exported *what)
{
	struct shr_export e = { sizeof e, 0, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, "ex:/x", what->instance->id };

	ex.adds++;
	ex.host->add_export(call, what->instance->id, &e);
	return 0;
}

static int ex_remove(void *data, const struct shr_call *call, const struct shr_exported *what)
{
	ex.removes++;
	return 0;
}

static int ex_access(void *data, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	seen++;
	return on ? ex.host->fail(call, SHR_EAGAIN, "not now") : 0;
}

static const char *const none[] = { NULL };
static const struct shr_exporter exporter = {
	.abi = SHR_EXPORTER_ABI, .size = sizeof(struct shr_exporter), .name = "ex", .version = "1",
	.capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_IPV6, .protocols = SHR_PROTO_NFS, .settings = none, .open = ex_open,
	.close = ex_close, .probe = ex_probe, .add = ex_add, .remove = ex_remove, .update_access = ex_access,
};

static int tell_path(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE)
		fake.host->set_path(call, instance->id, "/x");
	return 0;
}

/* What an engine before had exported is taken back, though this one did not come so far again. */
START_TEST(what_is_cancelled_after_a_take_over_is_undone_from_where_it_was)
{
	w.dir[0] = 0;
	seen = 0;
	on = 1;
	memset(&ex, 0, sizeof ex);
	fake.before = tell_path;
	whole_open(&w, &(struct whole_how){ .no_engine = 1,
		.config = "backends:\n- name: f\n  driver: fake\n  exporter: ex\n  pools: [{name: p}]\n" });
	OK(shr__plugins_add_exporter(w.ctx->env.plugins, &exporter, &e));
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
	op = whole_accept(&w, 1 << 20, 1);
	process_until(&seen, 1);
	ck_assert_uint_eq(ex.adds, 1);
	shr_engine_close(w.engine);
	w.engine = NULL;
	OK(shr_op_cancel(w.s, op->id, &e));
	OK(shr_engine_open(w.ctx, NULL, &w.engine, &e));
	end_is(SHR_OP_CANCELLED);
	ck_assert_uint_eq(ex.adds, 1);
	ck_assert_uint_eq(ex.removes, 1);
	ck_assert_uint_eq(fake.n_instances, 0);
	teardown(0);
}
END_TEST

/* ---- cancelled ---- */

static int remove_that_asks(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_REMOVE && fake.host->cancelled(call))
		return fake_fail(call, SHR_ECANCELLED, "I was asked to stop");
	return access_is_slow(verb, call, instance);
}

START_TEST(an_undo_is_not_told_to_stop)
{
	fake.before = remove_that_asks;
	open_with(QUICK WHOLE_FAKE);
	op = whole_accept(&w, 1 << 20, 1);
	process_until(&seen, 1);
	OK(shr_op_cancel(w.s, op->id, &e));
	end_is(SHR_OP_CANCELLED);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 1);
	ck_assert_uint_eq(fake.n_instances, 0);
	teardown(0);
}
END_TEST

/* It may land late, where nothing fences it: whoever took the operation over must not have made the share again. */
static int64_t known_as_undone;

static int create_that_fails(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE)
		return fake_fail(call, SHR_ENOSPC, "full");
	if (verb == FAKE_REMOVE)
		known_as_undone = whole_ask(&w, "SELECT undoing FROM op WHERE id='%s'", call->op_id);
	return 0;
}

START_TEST(that_it_is_undone_is_known_before_anything_is_taken_back)
{
	known_as_undone = -1;
	fake.before = create_that_fails;
	open_with(QUICK WHOLE_FAKE);
	op = whole_accept(&w, 1 << 20, 0);
	end_is(SHR_OP_FAILED);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 1);
	ck_assert_int_eq(known_as_undone, 1);
	teardown(0);
}
END_TEST

static char cancelled_step[32];

static int take_cancel(void *be, const struct shr_call *call)
{
	cancels++;
	snprintf(cancelled_step, sizeof cancelled_step, "%s", call->step);
	return 0;
}

static void cancel_slow(void)
{
	OK(shr_op_cancel(w.s, op->id, &e));
	end_is(SHR_OP_CANCELLED);
	on = 0;
	ck_assert_uint_eq(cancels, 1);
}

START_TEST(the_driver_is_told_to_give_up_the_step_that_it_is_at)
{
	fake.before = access_is_slow;
	fake_driver.cancel = take_cancel;
	open_with(NULL);
	op = whole_accept(&w, 1 << 20, 1);
	process_until(&seen, 2);
	cancel_slow();
	ck_assert_str_eq(cancelled_step, "rules");
	teardown(0);
}
END_TEST

START_TEST(the_driver_is_told_to_give_up_rules_that_nobody_wants_any_more)
{
	char id[40];

	fake.before = access_is_slow;
	fake_driver.cancel = take_cancel;
	open_with(NULL);
	whole_create(&w, 1 << 20, 0, id);
	OK(shr_access_allow(w.s, id, SHR_ACCESS_IP, "10.0.0.1", SHR_LEVEL_RW, &op, &e));
	process_until(&seen, 2);
	cancel_slow();
	ck_assert_str_eq(cancelled_step, "sync");
	teardown(INV_REFUSED);
}
END_TEST

/* shr_driver(3), cancel. */
START_TEST(a_slow_call_that_the_driver_cannot_give_up_is_waited_for)
{
	unsigned before;

	fake.before = access_is_slow;
	fake_driver.cancel = NULL;
	open_with(NULL);
	op = whole_accept(&w, 1 << 20, 1);
	process_until(&seen, 2);
	OK(shr_op_cancel(w.s, op->id, &e));
	before = seen;
	process_until(&seen, before + 3);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 0);
	on = 0;
	end_is(SHR_OP_CANCELLED);
	ck_assert_uint_eq(fake.calls[FAKE_REMOVE], 1);
	ck_assert_uint_eq(fake.n_instances, 0);
	teardown(0);
}
END_TEST

/* ---- what is left behind ---- */

static int nothing_goes(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (on && verb == FAKE_ACCESS)
		return fake_fail(call, SHR_EBACKEND, "no rules today");
	return on && verb == FAKE_REMOVE ? fake_fail(call, SHR_EAGAIN, "not now") : 0;
}

/* Its room is free again, and nobody looks for it any more. */
START_TEST(a_delete_that_succeeds_takes_what_an_undo_left_along)
{
	const struct shr_op *gone = NULL;

	fake.before = nothing_goes;
	open_with(QUICK WHOLE_FAKE);
	op = whole_accept(&w, 1 << 20, 1);
	end_is(SHR_OP_FAILED);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 1 << 20);
	on = 0;
	OK(shr_share_delete(w.s, op->object_id, NULL, &gone, &e));
	ck_assert_int_eq(whole_end(&w, gone->id, NULL), 0);
	shr_op_unref(gone);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	teardown(0);
}
END_TEST

static int remove_never(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_REMOVE ? fake_fail(call, SHR_EAGAIN, "not now") : 0;
}

START_TEST(a_force_delete_that_the_backend_puts_off_for_ever_leaves_an_orphan_and_no_rows)
{
	char id[40];

	fake.before = remove_never;
	open_with(QUICK WHOLE_FAKE);
	whole_create(&w, 1 << 20, 300, id);
	OK(shr_share_force_delete(w.host, id, NULL, &op, &e));
	end_is(SHR_OP_FAILED);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM rule"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan WHERE reason LIKE '%%not now%%'"), 1);
	teardown(INV_ORPHANS);
}
END_TEST

static int unmanage_never(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_UNMANAGE ? fake_fail(call, SHR_EBACKEND, "it is mine") : 0;
}

static int manage_half(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_MANAGE ? fake_fail(call, SHR_EBACKEND, "half of it") : 0;
}

START_TEST(what_could_be_neither_taken_over_nor_let_go_is_an_orphan)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;

	fake.before = unmanage_never;
	fake.after = manage_half;
	open_with(QUICK WHOLE_FAKE);
	p.backend = "f";
	p.pool = "p";
	p.source = "/there";
	p.protocols = SHR_PROTO_NFS;
	OK(shr_share_manage(w.host, &p, &op, &e));
	end_is(SHR_OP_FAILED);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	teardown(INV_ORPHANS);
}
END_TEST

/* ---- what a resize tells ---- */

static int new_ref(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_RESIZE)
		fake.host->set_ref(call, instance->id, "resized");
	return 0;
}

START_TEST(a_ref_that_a_resize_tells_is_kept)
{
	char id[40];

	fake.before = new_ref;
	open_with(NULL);
	whole_create(&w, 1 << 20, 0, id);
	OK(shr_share_extend(w.s, id, 2 << 20, NULL, &op, &e));
	end_is(SHR_OP_SUCCEEDED);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE ref='resized'"), 1);
	teardown(0);
}
END_TEST

/* ---- engines ---- */

/* The caller may keep it for long before it closes it. */
START_TEST(an_engine_that_was_stopped_stays_so)
{
	w.dir[0] = 0;
	op = NULL;
	whole_open(&w, &(struct whole_how){ .workers = 1, .config = "engine: {lease: 1s}\n" WHOLE_FAKE });
	OK(shr_engine_stop(w.engine, -1, &e));
	whole_sleep_ms(900);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM engine"), 0);
	ck_assert_msg(!strstr(w.log, "dead"), "%s", w.log);
	teardown(0);
}
END_TEST

static int forget_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__engine_row row = { .id = data };
	int rc = shr__txn_remove(t, &shr__engine_def, &row);

	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static _Atomic int opened; /* w is the test's own until then */

/* Another engine declares this one dead while it is about to take a backend. */
static int die_meanwhile(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	struct shr__arena *arena;
	char id[40];
	int dead = 0;

	if (verb != FAKE_STATS || seen++ != 1)
		return seen == 1 ? fake_fail(call, SHR_EBACKEND, "not at once") : 0;
	while (!opened)
		whole_sleep_ms(1);
	pthread_mutex_lock(&w.engine->lock);
	snprintf(id, sizeof id, "%s", w.engine->id);
	pthread_mutex_unlock(&w.engine->lock);
	arena = shr__arena_new();
	shr__db_write(w.ctx->env.db, &(struct shr__job){ .body = forget_body, .data = id, .arena = arena });
	shr__arena_free(arena);
	for (int i = 0; i < 5000 && !dead; i++) {
		whole_sleep_ms(1);
		pthread_mutex_lock(&w.engine->lock);
		dead = w.engine->dead;
		pthread_mutex_unlock(&w.engine->lock);
	}
	return 0;
}

START_TEST(a_backend_that_is_taken_by_a_life_that_has_ended_is_taken_again)
{
	w.dir[0] = 0;
	seen = 0;
	fake.before = die_meanwhile;
	opened = 0;
	whole_open(&w, &(struct whole_how){ .workers = 2, .config = "engine: {lease: 1s}\n" WHOLE_FAKE });
	opened = 1;
	for (int i = 0; i < 1000 && fake.calls[FAKE_STATS] < 3; i++)
		whole_sleep_ms(5);
	ck_assert_uint_ge(fake.calls[FAKE_STATS], 2);
	op = whole_accept(&w, 1 << 20, 0);
	end_is(SHR_OP_SUCCEEDED);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_undo, a_commit_of_which_nobody_can_tell_undoes_nothing,
	a_create_that_is_taken_over_while_its_rules_are_slow_loses_nothing,
	a_call_that_was_made_before_does_not_tell_that_its_commit_was_done,
	a_call_that_is_polled_for_long_keeps_to_its_memory,
	what_is_cancelled_after_a_take_over_is_undone_from_where_it_was,
	an_undo_is_not_told_to_stop, that_it_is_undone_is_known_before_anything_is_taken_back,
	the_driver_is_told_to_give_up_the_step_that_it_is_at,
	the_driver_is_told_to_give_up_rules_that_nobody_wants_any_more,
	a_slow_call_that_the_driver_cannot_give_up_is_waited_for,
	a_delete_that_succeeds_takes_what_an_undo_left_along,
	a_force_delete_that_the_backend_puts_off_for_ever_leaves_an_orphan_and_no_rows,
	what_could_be_neither_taken_over_nor_let_go_is_an_orphan,
	a_ref_that_a_resize_tells_is_kept,
	an_engine_that_was_stopped_stays_so,
	a_backend_that_is_taken_by_a_life_that_has_ended_is_taken_again)

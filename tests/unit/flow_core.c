/* tests/unit/flow_core.c - what comes between an action and its answer: a change by others is never lost */
#include <string.h>

#include "flow/core_own.h"
#include "flow/flows.h"
#include "unit.h"

#define OP "018f0000-0000-7000-8000-000000000001"
#define DELETE "018f0000-0000-7000-8000-000000000002"
#define SHARE "018f0000-0000-7000-8000-0000000000a1"
#define OTHER "018f0000-0000-7000-8000-0000000000a2"
#define FENCE 7

static struct shr__config config;
static struct shr__env env;
static struct shr__core *core;
static int backend; /* never looked into: no call is made */

static void set_up(void)
{
	struct shr__core_params params = { .env = &env, .engine_id = "engine", .engine_name = "e", .most_calls = 4 };

	env.config = &config;
	core = shr__core_new(&params);
	ck_assert_ptr_nonnull(core);
	ck_assert_int_eq(shr__core_backend(core, "b", (struct shr__backend *)(void *)&backend, FENCE), 0);
}

static struct shr__work *work_of(const struct shr__flow *flow, const char *op_id, const char *object_id)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__work *w = shr__arena_alloc(arena, sizeof *w);

	ck_assert_ptr_nonnull(w);
	memset(w, 0, sizeof *w);
	w->arena = arena;
	w->env = &env;
	w->flow = flow;
	w->op = (struct shr__op_row){ .id = op_id, .live = 1, .kind = flow->kind, .object = "share", .object_id = object_id,
		.project = "p", .backend = "b", .engine = "engine", .fence = FENCE, .attempts = 1, .after_op = "" };
	return w;
}

static struct shr__run *must(enum shr__action_kind kind)
{
	struct shr__action a = shr__core_next(core, 1);

	ck_assert_int_eq(a.kind, kind);
	return a.run;
}

/* A create that a dead engine had; its claim is being committed. */
static struct shr__run *claiming(void)
{
	ck_assert_int_eq(shr__core_found(core, OP, "b", SHR__FOUND_HAD, 1, 1), 0);
	return must(SHR__ACT_COMMIT);
}

static void claim_answers(struct shr__run *r)
{
	r->claim = work_of(&shr__flow_share_create, OP, SHARE);
	shr__core_committed(core, r, 0, NULL, 1);
}

static void load_answers(struct shr__run *r, int code)
{
	shr__core_loaded(core, r, code, NULL, 1);
}

static void tear_down(void)
{
	shr__core_free(core);
}

START_TEST(a_claim_that_nothing_touches_goes_on)
{
	struct shr__run *r;

	set_up();
	r = claiming();
	claim_answers(r);
	ck_assert_ptr_eq(must(SHR__ACT_CALL), r);
	tear_down();
}
END_TEST

START_TEST(what_is_touched_while_it_is_claimed_is_looked_at_first)
{
	struct shr__run *r;

	set_up();
	r = claiming();
	shr__core_touched(core, SHARE, 1);
	claim_answers(r);
	ck_assert_ptr_eq(must(SHR__ACT_LOAD), r);
	load_answers(r, SHR_EFENCED);
	ck_assert_uint_eq(shr__core_size(core), 0);
	tear_down();
}
END_TEST

/* A force-delete that another process accepted: this engine learns of it by its own claim, or hand-over, of that. */
START_TEST(who_preempts_comes_while_it_is_claimed)
{
	struct shr__run *r, *d;

	set_up();
	r = claiming();
	shr__core_accepted(core, work_of(&shr__flow_share_force_delete, DELETE, SHARE), 0, 1);
	claim_answers(r);
	d = must(SHR__ACT_CALL);
	ck_assert_str_eq(shr__run_id(d), DELETE);
	ck_assert_ptr_eq(must(SHR__ACT_LOAD), r);
	load_answers(r, SHR_EFENCED);
	ck_assert_uint_eq(shr__core_size(core), 1);
	tear_down();
}
END_TEST

START_TEST(what_is_touched_while_it_is_read_is_read_again)
{
	struct shr__run *r;

	set_up();
	shr__core_accepted(core, work_of(&shr__flow_share_create, OP, SHARE), 1, 1);
	r = must(SHR__ACT_LOAD);
	shr__core_touched(core, SHARE, 1);
	load_answers(r, 0);
	ck_assert_ptr_eq(must(SHR__ACT_LOAD), r);
	load_answers(r, 0);
	ck_assert_ptr_eq(must(SHR__ACT_CALL), r);
	tear_down();
}
END_TEST

START_TEST(another_objects_touch_costs_no_look)
{
	struct shr__run *r;

	set_up();
	shr__core_accepted(core, work_of(&shr__flow_share_create, OP, SHARE), 1, 1);
	r = must(SHR__ACT_LOAD);
	shr__core_touched(core, OTHER, 1);
	load_answers(r, 0);
	ck_assert_ptr_eq(must(SHR__ACT_CALL), r);
	tear_down();
}
END_TEST

START_TEST(a_look_that_failed_is_made_again)
{
	struct shr__run *r;

	set_up();
	config.retry_limit = 5;
	config.retry_first_ms = config.retry_most_ms = 1;
	shr__core_accepted(core, work_of(&shr__flow_share_create, OP, SHARE), 1, 1);
	r = must(SHR__ACT_LOAD);
	load_answers(r, SHR_EAGAIN);
	ck_assert_int_eq(shr__core_next(core, 1).kind, SHR__ACT_NONE);
	ck_assert_int_eq(shr__core_next(core, INT64_C(60000000000)).kind, SHR__ACT_LOAD);
	load_answers(r, 0);
	ck_assert_int_eq(shr__core_next(core, INT64_C(60000000000)).kind, SHR__ACT_CALL);
	tear_down();
}
END_TEST

/* ---- a copy: its call needs another backend as well ---- */

#define SNAPSHOT "018f0000-0000-7000-8000-0000000000b1"

static struct shr__backend *source_of(int *of)
{
	return (struct shr__backend *)(void *)of;
}

static void copying(const char *op_id, const char *object_id)
{
	struct shr__work *w = work_of(&shr__flow_share_copy, op_id, object_id);

	w->step = 1; /* "copy" */
	w->others.other_instance = (struct shr__instance_row){ .id = SNAPSHOT, .backend = "src" };
	shr__core_accepted(core, w, 0, 1);
}

START_TEST(a_copy_is_told_what_its_source_is)
{
	static int source;
	struct shr__run *r;

	set_up();
	config.retry_limit = 5;
	config.retry_first_ms = config.retry_most_ms = 1;
	copying(OP, SHARE);
	r = must(SHR__ACT_CALL); /* nobody's: the call says so, and is tried again */
	ck_assert_ptr_null(r->work->source);
	shr__core_called(core, r, SHR_EAGAIN, 1);
	ck_assert_int_eq(shr__core_backend(core, "src", source_of(&source), 9), 0);
	ck_assert_int_eq(shr__core_next(core, INT64_C(60000000000)).kind, SHR__ACT_CALL);
	ck_assert_ptr_eq(r->work->source, source_of(&source));
	ck_assert_int_eq(r->work->source_fence, 9);
	ck_assert_uint_eq(shr__core_backend_busy(core, "src"), 1); /* so that it is not closed under the copy */
	ck_assert_uint_eq(shr__core_backend_busy(core, "b"), 1);
	shr__core_backend(core, "src", NULL, 0);
	ck_assert_int_eq(atomic_load(&r->work->hurry), 1);
	r->work->again_ms = 1;
	shr__core_called(core, r, SHR_RUNNING, 1);
	ck_assert_uint_eq(shr__core_backend_busy(core, "src"), 0);
	tear_down();
}
END_TEST

START_TEST(a_source_that_is_down_is_waited_for_and_blamed_alone)
{
	static int source;
	struct shr__run *r, *d;

	set_up();
	ck_assert_int_eq(shr__core_backend(core, "src", source_of(&source), 9), 0);
	copying(OP, SHARE);
	r = must(SHR__ACT_CALL);
	r->work->at_source = 1;
	shr__core_called(core, r, SHR_EUNREACHABLE, 1);
	ck_assert_int_eq(shr__core_backend_suspect(core, "b"), 0);
	ck_assert_int_eq(shr__core_backend_suspect(core, "src"), 1);
	ck_assert_int_eq(shr__core_next(core, 1).kind, SHR__ACT_NONE);
	shr__core_backend_down(core, "src", 1, 1);
	shr__core_accepted(core, work_of(&shr__flow_share_reconcile, DELETE, SHARE), 0, 1); /* others work at the object meanwhile */
	d = must(SHR__ACT_CALL);
	ck_assert_str_eq(shr__run_id(d), DELETE);
	d->work->again_ms = 1000;
	shr__core_called(core, d, SHR_RUNNING, 1);
	shr__core_backend_down(core, "src", 0, 1);
	ck_assert_ptr_eq(must(SHR__ACT_CALL), r);
	tear_down();
}
END_TEST

START_TEST(one_copy_of_a_snapshot_at_a_time)
{
	static int source;
	struct shr__run *r, *d;

	set_up();
	ck_assert_int_eq(shr__core_backend(core, "src", source_of(&source), 9), 0);
	copying(OP, SHARE);
	copying(DELETE, OTHER);
	r = must(SHR__ACT_CALL);
	ck_assert_int_eq(shr__core_next(core, 1).kind, SHR__ACT_NONE);
	r->work->again_ms = 1000;
	shr__core_called(core, r, SHR_RUNNING, 1);
	d = must(SHR__ACT_CALL);
	ck_assert_str_eq(shr__run_id(d), DELETE);
	shr__core_pause(core, 1);
	ck_assert_int_eq(atomic_load(&d->work->hurry), 1); /* a stop does not wait for hours */
	tear_down();
}
END_TEST

UNIT_MAIN(flow_core, a_copy_is_told_what_its_source_is, a_source_that_is_down_is_waited_for_and_blamed_alone,
	one_copy_of_a_snapshot_at_a_time, a_claim_that_nothing_touches_goes_on, what_is_touched_while_it_is_claimed_is_looked_at_first,
	who_preempts_comes_while_it_is_claimed, what_is_touched_while_it_is_read_is_read_again, another_objects_touch_costs_no_look,
	a_look_that_failed_is_made_again)

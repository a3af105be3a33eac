/* tests/unit/api_op.c - operations as they are read, waited for and listed */
#include "api_try.h"

#include <pthread.h>
#include <time.h>

#include "base/buf.h"
#include "base/fail.h"
#include "flow/flow.h"
#include "model/errpack.h"

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *sys;

static void setup(void)
{
	ctx = try_open();
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
}

static void teardown(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}

static void put_op(int n, const char *project, uint32_t state, const char *step)
{
	int live = state < SHR_OP_SUCCEEDED;

	PUT(ctx, op, .id = ID(n), .version = 1, .kind = "share_create", .kind_version = 1, .state = state, .live = live, .engine = n % 5 ? "" : ID(900 + n), .cancel = n % 7 == 0,
		.object = "share", .object_id = ID(n / 10), .project = project, .user = "ann", .request_id = "r", .backend =
		n % 2 ? "alpha" : "beta", .step = step, .percent = 30, .created_ns = n, .updated_ns = n, .ended_ns = live ? 0 : n);
}

START_TEST(get_shows_where_an_operation_is)
{
	const struct shr__flow *flow = shr__flow_find("share_create", 1);
	const struct shr_op *op = NULL;

	setup();
	ck_assert_ptr_nonnull(flow);
	for (uint32_t i = 0; i < flow->n_steps; i++) {
		put_op(100 + (int)i, "p1", SHR_OP_RUNNING, flow->steps[i].name);
		DONE(shr_op_get(p1, ID(100 + (int)i), &op, &e));
		ck_assert_uint_eq(op->n_steps, flow->n_steps);
		ck_assert_uint_eq(op->step_number, i + 1);
		ck_assert_str_eq(op->step, flow->steps[i].name);
		ck_assert_uint_eq(op->cancellable, (flow->steps[i].flags & SHR__STEP_CANCELLABLE) != 0);
		ck_assert_uint_eq(op->percent, 30);
		ck_assert_ptr_null(op->error);
		shr_op_unref(op);
	}
	put_op(200, "p1", SHR_OP_QUEUED, flow->steps[0].name);
	DONE(shr_op_get(p1, ID(200), &op, &e));
	ck_assert_uint_eq(op->step_number, 0);
	shr_op_unref(op);
	put_op(201, "p1", SHR_OP_SUCCEEDED, "");
	DONE(shr_op_get(p1, ID(201), &op, &e));
	ck_assert_uint_eq(op->step_number, flow->n_steps);
	ck_assert_uint_eq(op->cancellable, 0);
	ck_assert_int_eq(op->ended_ns, 201);
	shr_op_unref(op);
	teardown();
}
END_TEST

START_TEST(an_operation_of_a_newer_library_is_shown_all_the_same)
{
	const struct shr_op *op = NULL;

	setup();
	PUT(ctx, op, .id = ID(1), .version = 1, .kind = "share_teleport", .kind_version = 7, .state = 77, .project = "p1", .live = 1,
		.step = "beam", .percent = 4000);
	DONE(shr_op_get(p1, ID(1), &op, &e));
	ck_assert_str_eq(op->kind, "share_teleport");
	ck_assert_str_eq(shr_op_state_name(op->state), "unknown");
	ck_assert_uint_eq(op->n_steps, 0);
	ck_assert_uint_eq(op->percent, 100);
	shr_op_unref(op);
	ck_assert_int_eq(shr_op_wait(p1, ID(1), 10, NULL, NULL), SHR_RUNNING);
	teardown();
}
END_TEST

START_TEST(anothers_operation_is_not_there)
{
	const struct shr_op *op = NULL;

	setup();
	put_op(1, "p2", SHR_OP_RUNNING, "");
	REFUSED(SHR_ENOTFOUND, "no operation", shr_op_get(p1, ID(1), &op, &e));
	REFUSED(SHR_ENOTFOUND, "no operation", shr_op_get(p1, ID(2), &op, &e));
	REFUSED(SHR_ENOTFOUND, "no operation", shr_op_wait(p1, ID(1), -1, &op, &e));
	REFUSED(SHR_EINVAL, "op_id", shr_op_wait(p1, "", -1, &op, &e));
	ck_assert_ptr_null(op);
	teardown();
}
END_TEST

/* An error with everything, as its operation keeps it. */
static const struct shr_error *full_error(void)
{
	const struct shr_error *e = NULL;
	struct shr_fault f = { sizeof f, SHR_EUNSUPPORTED, "changes[0]", "is not possible", "do not", "rule", "r-1" };
	const struct shr_fault *faults[] = { &f, &f };
	struct shr__fail_parts parts = { .code = SHR_EPARTIAL, .retryable = 1, .message = "some failed", .remedy = "try again",
		.op_id = "op-1", .driver_message = "EIO", .faults = faults, .n_faults = 2 };

	shr__fail_parts(&e, &parts);
	return e;
}

static void check_full(const struct shr_error *e)
{
	ck_assert_int_eq(e->code, SHR_EPARTIAL);
	ck_assert_uint_eq(e->retryable, 1);
	ck_assert_str_eq(e->message, "some failed");
	ck_assert_str_eq(e->remedy, "try again");
	ck_assert_str_eq(e->op_id, "op-1");
	ck_assert_str_eq(e->driver_message, "EIO");
	ck_assert_uint_eq(e->n_faults, 2);
	ck_assert_int_eq(e->faults[1]->code, SHR_EUNSUPPORTED);
	ck_assert_str_eq(e->faults[1]->where, "changes[0]");
	ck_assert_str_eq(e->faults[1]->message, "is not possible");
	ck_assert_str_eq(e->faults[1]->remedy, "do not");
	ck_assert_str_eq(e->faults[1]->object, "rule");
	ck_assert_str_eq(e->faults[1]->object_id, "r-1");
}

START_TEST(wait_gives_the_operations_own_failure)
{
	const struct shr_error *full = full_error(), *why = NULL;
	struct shr__buf pack = { 0 };
	const struct shr_op *op = NULL;

	setup();
	shr__error_pack(&pack, full);
	PUT(ctx, op, .id = ID(1), .version = 1, .kind = "share_create", .kind_version = 1, .state = SHR_OP_FAILED, .project = "p1",
		.error_code = SHR_EPARTIAL, .error = { pack.p, pack.n });
	ck_assert_int_eq(shr_op_wait(p1, ID(1), -1, &op, &why), SHR_EPARTIAL);
	check_full(why);
	check_full(op->error);
	shr_error_unref(why);
	shr_op_unref(op);
	ck_assert_int_eq(shr_op_wait(p1, ID(1), -1, NULL, NULL), SHR_EPARTIAL);
	PUT(ctx, op, .id = ID(2), .version = 1, .state = SHR_OP_CANCELLED, .project = "p1");
	REFUSED(SHR_ECANCELLED, NULL, shr_op_wait(p1, ID(2), -1, NULL, &e));
	PUT(ctx, op, .id = ID(3), .version = 1, .state = SHR_OP_FAILED, .project = "p1", .error_code = SHR_ENOSPC);
	REFUSED(SHR_ENOSPC, "SHR_ENOSPC", shr_op_wait(p1, ID(3), -1, NULL, &e));
	shr__buf_clear(&pack);
	shr_error_unref(full);
	teardown();
}
END_TEST

START_TEST(wait_gives_the_record_on_time_out_too)
{
	const struct shr_op *op = NULL;

	setup();
	put_op(1, "p1", SHR_OP_RUNNING, "");
	ck_assert_int_eq(shr_op_wait(p1, ID(1), 0, &op, NULL), SHR_RUNNING);
	ck_assert_uint_eq(op->state, SHR_OP_RUNNING);
	shr_op_unref(op);
	ck_assert_int_eq(shr_op_wait(p1, ID(1), 20, &op, NULL), SHR_RUNNING);
	shr_op_unref(op);
	put_op(2, "p1", SHR_OP_SUCCEEDED, "");
	DONE(shr_op_wait(p1, ID(2), 0, &op, &e));
	shr_op_unref(op);
	teardown();
}
END_TEST

static int end_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__op_row row = { .id = data };
	int rc = shr__txn_get(t, &shr__op_def, &row);

	row.state = SHR_OP_SUCCEEDED;
	row.live = 0;
	return rc ? rc : shr__txn_update(t, &shr__op_def, &row, SHR__COL(op, state) | SHR__COL(op, live));
}

static void *end_later(void *id)
{
	struct timespec moment = { 0, 50000000 };
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = end_body, .data = id, .arena = arena };

	nanosleep(&moment, NULL);
	shr__db_write(ctx->env.db, &job);
	shr__arena_free(arena);
	return NULL;
}

START_TEST(wait_sees_what_another_thread_commits)
{
	char id[ID_ROOM];
	pthread_t thread;

	setup();
	put_op(1, "p1", SHR_OP_RUNNING, "");
	id_of(1, id);
	ck_assert_int_eq(pthread_create(&thread, NULL, end_later, id), 0);
	DONE(shr_op_wait(p1, ID(1), -1, NULL, &e));
	pthread_join(thread, NULL);
	teardown();
}
END_TEST

START_TEST(damaged_errors_are_read_as_far_as_they_go)
{
	const struct shr_error *full = full_error();
	struct shr__buf pack = { 0 };
	unsigned char *copy;

	shr__error_pack(&pack, full);
	copy = malloc(pack.n);
	for (size_t n = 0; n <= pack.n; n++) {
		const struct shr_error *e = shr__error_unpack(pack.p, n, SHR_EIO, "op-2");

		ck_assert(e->code == SHR_EIO || e->code == SHR_EPARTIAL);
		ck_assert_str_ne(e->message, "");
		shr_error_unref(e);
	}
	for (size_t i = 0; i < pack.n; i++) {
		memcpy(copy, pack.p, pack.n);
		copy[i] ^= 0xff;
		shr_error_unref(shr__error_unpack(copy, pack.n, SHR_EIO, "op-2"));
	}
	ck_assert_ptr_null(shr__error_unpack(NULL, 0, 0, ""));
	free(copy);
	shr__buf_clear(&pack);
	shr_error_unref(full);
}
END_TEST

static int walk(struct shr_session *s, struct shr_op_filter *f, uint32_t flags, uint32_t limit, int *ns)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_op_page *page = NULL;
	char after[1024] = "";
	int n = 0, pages = 0;

	list.flags = flags;
	list.limit = limit;
	list.after = after;
	do {
		DONE(shr_op_list(s, f, &list, &page, &e));
		for (uint32_t i = 0; i < page->n; i++)
			ns[n++] = atoi(page->items[i]->id + 24);
		snprintf(after, sizeof after, "%s", page->after);
		shr_op_page_unref(page);
		ck_assert_int_lt(++pages, 100);
	} while (after[0]);
	return n;
}

START_TEST(lists_page_and_filter)
{
	struct shr_op_filter f = SHR_OP_FILTER_INIT;
	int ns[64];

	setup();
	for (int n = 10; n < 40; n++)
		put_op(n, n % 3 ? "p1" : "p2", n < 30 ? SHR_OP_SUCCEEDED : SHR_OP_RUNNING, "");
	for (uint32_t limit = 1; limit < 32; limit += 5) {
		ck_assert_int_eq(walk(p1, NULL, 0, limit, ns), 20);
		ck_assert_int_eq(ns[0], 10);
		ck_assert_int_eq(ns[19], 38);
		ck_assert_int_eq(walk(p2, NULL, SHR_LIST_NEWEST_FIRST, limit, ns), 10);
		ck_assert_int_eq(ns[0], 39);
		ck_assert_int_eq(walk(sys, NULL, SHR_LIST_ALL_PROJECTS, limit, ns), 30);
		f.unended = 1;
		ck_assert_int_eq(walk(sys, &f, SHR_LIST_ALL_PROJECTS, limit, ns), 10);
		ck_assert_int_eq(walk(p1, &f, 0, limit, ns), 6);
		f.object_id = ID(3);
		ck_assert_int_eq(walk(p1, &f, 0, limit, ns), 6);
		f.object_id = ID(2);
		ck_assert_int_eq(walk(p1, &f, 0, limit, ns), 0);
		f.unended = 0;
		ck_assert_int_eq(walk(p1, &f, 0, limit, ns), 7);
		f.object_id = NULL;
	}
	f.unended = 2;
	REFUSED(SHR_EINVAL, "unended", shr_op_list(p1, &f, NULL, &(const struct shr_op_page *){ NULL }, &e));
	f.unended = 0;
	f.object_id = "x";
	REFUSED(SHR_EINVAL, "object_id", shr_op_list(p1, &f, NULL, &(const struct shr_op_page *){ NULL }, &e));
	teardown();
}
END_TEST

UNIT_MAIN(api_op, get_shows_where_an_operation_is, an_operation_of_a_newer_library_is_shown_all_the_same,
	anothers_operation_is_not_there, wait_gives_the_operations_own_failure, wait_gives_the_record_on_time_out_too,
	wait_sees_what_another_thread_commits, damaged_errors_are_read_as_far_as_they_go, lists_page_and_filter)

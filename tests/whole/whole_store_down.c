/* tests/whole/whole_store_down.c - a store that takes nothing for a long time, and then does again */
#include "whole.h"

#include <sqlite3.h>

#include "store/db_own.h"
#include "vfs/vfs.h"

#define LEASES 3 /* that it is down for */

static struct whole w;
static int slow_rounds;

static int slow_for_a_while(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb != FAKE_CREATE || slow_rounds-- <= 0)
		return 0;
	return fake.host->pending(call, "t", 1, 100);
}

static void setup(void)
{
	fake_reset();
	fake.before = slow_for_a_while;
	vfs_reset();
	vfs_light_sync(1);
	w.mono_ns = INT64_C(1000000000);
	whole_open(&w, &(struct whole_how){ .file = 1, .vfs = vfs_use(), .own_clock = 1 });
	w.ctx->env.db->settle_ns = w.ctx->env.db->again_ns = 2000000;
}

/* The engine says that the store is in trouble, works on nothing, keeps no processor busy, and goes on when it is over. */
static void down(unsigned kinds, int code)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op, *refused;
	int troubles = 0, unknown;
	int64_t n;

	setup();
	slow_rounds = 3;
	op = whole_accept(&w, 1 << 20, 2);
	whole_step(&w, 10);
	vfs_fail(kinds, 1, 1000000000, code, 0, NULL);
	refused = whole_try_create(&w, 1 << 20, 0, &error);
	ck_assert_ptr_null(refused);
	unknown = error->code == SHR_EUNKNOWN; /* then it may be there afterwards */
	ck_assert_msg(error->retryable || unknown || error->code == SHR_ENOSPC, "%s: %s", shr_strcode(error->code), error->message);
	ck_assert_str_ne(error->message, "");
	shr_error_unref(error);
	for (int i = 0; i < LEASES * 100; i++) {
		int rc = shr_engine_process(w.engine, 0, &error);

		troubles += rc < 0;
		shr_error_unref(error);
		w.mono_ns += 100000000;
	}
	ck_assert_int_gt(troubles, 0);
	ck_assert_uint_lt(vfs_failed(), LEASES * 100 * 20);
	vfs_fail(0, 0, 0, 0, 0, NULL);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	op = whole_accept(&w, 1 << 20, 1);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	whole_rest(&w);
	whole_holds(&w, 0);
	n = whole_ask(&w, "SELECT count(*) FROM share WHERE state=2");
	ck_assert(n == 2 || (unknown && n == 3));
	ck_assert_int_eq(fake.n_instances, n);
	OK(shr_ctx_check(w.ctx, SHR_CHECK_FULL, &e));
	whole_close(&w);
	whole_remove(&w);
	fake_no_findings();
	vfs_reset();
}

START_TEST(a_full_disk_is_outlived)
{
	down(VFS_WRITE, SQLITE_FULL);
}
END_TEST

START_TEST(writes_that_fail_for_long_are_outlived)
{
	down(VFS_CHANGES, SQLITE_IOERR_WRITE);
}
END_TEST

START_TEST(a_disk_that_is_gone_for_a_while_is_outlived)
{
	down(VFS_CHANGES | VFS_READ | VFS_OPEN, SQLITE_IOERR);
}
END_TEST

/* Closing does not wait for a store that is down. What was accepted is another engine's. */
START_TEST(an_engine_is_closed_while_its_store_is_down)
{
	const struct shr_op *op;
	char id[40];

	setup();
	slow_rounds = 1000000;
	op = whole_accept(&w, 1 << 20, 2);
	snprintf(id, sizeof id, "%s", op->id);
	shr_op_unref(op);
	for (int i = 0; i < 10; i++)
		whole_step(&w, 50);
	vfs_fail(VFS_CHANGES | VFS_READ | VFS_OPEN, 1, 1000000000, SQLITE_IOERR, 0, NULL);
	whole_close(&w);
	vfs_fail(0, 0, 0, 0, 0, NULL);
	slow_rounds = 0;
	whole_open(&w, &(struct whole_how){ .file = 1, .vfs = vfs_use(), .own_clock = 1 });
	ck_assert_int_eq(whole_end(&w, id, NULL), 0);
	whole_holds(&w, 0);
	whole_close(&w);
	whole_remove(&w);
	vfs_reset();
}
END_TEST

UNIT_MAIN(whole_store_down, a_full_disk_is_outlived, writes_that_fail_for_long_are_outlived,
	a_disk_that_is_gone_for_a_while_is_outlived, an_engine_is_closed_while_its_store_is_down)

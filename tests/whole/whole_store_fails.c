/* tests/whole/whole_store_fails.c - each write and sync of the store fails once, in each scene, in each way */
#include "scenes.h"

#include <sqlite3.h>

#include "vfs/vfs.h"

static struct whole w;
static int code, after;
static unsigned kinds;

static void inject(long n)
{
	vfs_fail(kinds, (unsigned long)n, 0, code, after, NULL);
}

static int heal(void)
{
	int fired = vfs_failed() > 0;

	vfs_fail(0, 0, 0, 0, 0, NULL);
	return fired;
}

static const struct scene_trouble trouble = { inject, heal };

/* With a commit whose outcome is not known at least once where UNKNOWN. */
static void walk(int with, int done, unsigned what, int unknown)
{
	struct shr__db_stats stats;
	long step = getenv("LIBSHARE_TEST_LONG") ? 1 : 2, n = 0;

	code = with;
	after = done;
	kinds = what;
	scenes_setup();
	vfs_reset();
	vfs_light_sync(1);
	whole_open(&w, &(struct whole_how){ .file = 1, .vfs = vfs_use(), .own_clock = 1 });
	w.mono_ns = 1000000000;
	for (unsigned i = 0; i < n_scene_kinds; i++)
		n += scenes_walk(&w, &scene_kinds[i], &trouble, 1 + (long)i % step, step);
	printf("%ld failures\n", n);
	shr__db_stats(w.ctx->env.db, &stats);
	ck_assert_uint_ge(stats.unknowns, unknown);
	OK(shr_ctx_check(w.ctx, SHR_CHECK_FULL, &e));
	whole_close(&w);
	whole_remove(&w);
	fake_no_findings();
	vfs_reset();
}

START_TEST(a_write_that_fails)
{
	walk(SQLITE_IOERR_WRITE, 0, VFS_WRITE | VFS_TRUNCATE, 0);
}
END_TEST

START_TEST(a_write_that_is_said_to_have_failed)
{
	walk(SQLITE_IOERR_WRITE, 1, VFS_WRITE | VFS_TRUNCATE, 0);
}
END_TEST

START_TEST(a_write_that_finds_no_room)
{
	walk(SQLITE_FULL, 0, VFS_WRITE, 0);
}
END_TEST

START_TEST(a_sync_that_fails)
{
	walk(SQLITE_IOERR_FSYNC, 0, VFS_SYNC, 1);
}
END_TEST

/* What was not synced is there all the same: the answer is no, and then it is counted twice, unless it is settled. */
START_TEST(a_sync_that_is_said_to_have_failed)
{
	walk(SQLITE_IOERR_FSYNC, 1, VFS_SYNC, 1);
}
END_TEST

START_TEST(a_read_that_fails)
{
	walk(SQLITE_IOERR_READ, 0, VFS_READ, 0);
}
END_TEST

UNIT_MAIN(whole_store_fails, a_write_that_fails, a_write_that_is_said_to_have_failed, a_write_that_finds_no_room,
	a_sync_that_fails, a_sync_that_is_said_to_have_failed, a_read_that_fails)

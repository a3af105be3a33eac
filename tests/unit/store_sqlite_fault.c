/* tests/unit/store_sqlite_fault.c - full disks and failing writes and syncs: the right code, and never half a thing */
#include "unit.h"

#include "store/sqlite.h"
#include "vfs/kit.h"
#include "vfs/vfs.h"

#include <stdio.h>
#include <string.h>

static char dir[256], path[300];
static const char *vfs;

static struct shr_store *fresh(void)
{
	vfs = vfs_use();
	vfs_reset();
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	return kit_open(path, vfs);
}

static void done(struct shr_store *s)
{
	vfs_fail(0, 0, 0, 0, 0, NULL);
	ck_assert_int_eq(kit_check(s), 0);
	shr_store_free(s);
	kit_dir_remove(dir);
	vfs_reset();
}

static int put_large(struct shr_store *s, void *txn, int i)
{
	static char data[200000];
	char id[32];

	(void)snprintf(id, sizeof(id), "large-%d", i);
	struct shr_cell cells[] = { kit_text(KIT_ID, id), kit_text(KIT_KIND, "k"), kit_int(KIT_N, i),
		kit_int(KIT_VERSION, 1),
		{ SHR_CELL_BLOB, KIT_DATA, 0, data, sizeof(data) } };
	return s->ops->insert(s->st, txn, KIT_ITEM, cells, 5, 0);
}

START_TEST(a_full_disk_in_one_member_of_a_batch_commits_nothing_of_the_others)
{
	struct shr_store *s = fresh();
	int rc = 0;
	void *txn;

	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), 0);
	ck_assert_int_eq(s->ops->mark(s->st, txn), 0);
	ck_assert_int_eq(kit_put(s, txn, "first", "k", 1), 0);
	ck_assert_int_eq(s->ops->keep(s->st, txn), 0);
	ck_assert_int_eq(s->ops->mark(s->st, txn), 0);
	vfs_fail(VFS_WRITE, 1, 0, SQLITE_FULL, 0, NULL);
	for (int i = 0; rc == 0 && i < 200; i++)
		rc = put_large(s, txn, i);
	ck_assert_int_eq(rc, SHR_ENOSPC);
	ck_assert_uint_eq(vfs_failed(), 1);
	/* The next member must not be written by itself, outside any transaction. */
	ck_assert_int_eq(s->ops->back(s->st, txn), SHR_ENOSPC);
	ck_assert_int_eq(s->ops->mark(s->st, txn), SHR_ENOSPC);
	ck_assert_int_eq(kit_put(s, txn, "third", "k", 1), SHR_ENOSPC);
	ck_assert_int_eq(s->ops->commit(s->st, txn), SHR_ENOSPC);
	ck_assert_int_eq(kit_count(s, KIT_ITEM), 0);
	ck_assert_int_eq(kit_put_alone(s, "later", "k", 1), 0);
	done(s);
}
END_TEST

START_TEST(a_disk_that_is_full_at_commit_is_said_so_and_nothing_is_done)
{
	struct shr_store *s = fresh();

	vfs_fail(VFS_WRITE, 1, 5, SQLITE_FULL, 0, "-wal");
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), SHR_ENOSPC);
	ck_assert_ptr_nonnull(strstr(kit_words(s), "disk is full"));
	vfs_fail(0, 0, 0, 0, 0, NULL);
	ck_assert_int_eq(kit_count(s, KIT_ITEM), 0);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	done(s);
}
END_TEST

START_TEST(a_failed_sync_at_commit_is_unknown_and_the_next_begin_works)
{
	struct shr_store *s = fresh();
	struct kit_item it;

	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	vfs_fail(VFS_SYNC, 1, 0, SQLITE_IOERR_FSYNC, 0, "-wal");
	ck_assert_int_eq(kit_put_alone(s, "b", "k", 1), SHR_EUNKNOWN);
	ck_assert_int_eq(kit_get_alone(s, "a", &it), 0);
	ck_assert_int_eq(kit_put_alone(s, "c", "k", 1), 0);
	done(s);
}
END_TEST

START_TEST(while_syncs_fail_nothing_begins_and_afterwards_all_goes_on)
{
	struct shr_store *s = fresh();
	void *txn;

	vfs_fail(VFS_SYNC, 1, 1000, SQLITE_IOERR_FSYNC, 0, NULL);
	ck_assert_int_eq(kit_put_alone(s, "b", "k", 1), SHR_EUNKNOWN);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), SHR_ESTORE);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &txn), SHR_ESTORE);
	vfs_fail(0, 0, 0, 0, 0, NULL);
	ck_assert_int_eq(kit_put_alone(s, "c", "k", 1), 0);
	done(s);
}
END_TEST

/* A failed sync may have written all: after a crash the log would hold a whole commit that nobody sees now. What the
 * store shows after the failure must be what it shows after the crash. */
START_TEST(what_is_read_after_an_unknown_commit_is_still_so_after_a_crash)
{
	struct shr_store *s;
	struct kit_item it;
	int before;

	vfs = vfs_use();
	vfs_reset();
	vfs_power_watch();
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	s = kit_open(path, vfs);
	vfs_fail(VFS_SYNC, 1, 0, SQLITE_IOERR_FSYNC, 1, "-wal");
	ck_assert_int_eq(kit_put_alone(s, "b", "k", 1), SHR_EUNKNOWN);
	ck_assert_uint_eq(vfs_failed(), 1);
	before = kit_get_alone(s, "b", &it);
	vfs_power_off_at(1);
	shr_store_free(s);
	vfs_power_back(7);
	s = kit_open(path, vfs);
	ck_assert_int_eq(kit_get_alone(s, "b", &it), before);
	done(s);
}
END_TEST

START_TEST(a_prepare_of_unknown_outcome_is_made_again)
{
	struct shr_store *s = NULL;
	uint32_t generation;

	shr_store_free(fresh());
	kit_dir_remove(dir);
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	ck_assert_int_eq(shr__store_sqlite_vfs(path, SHR_STORE_CREATE, vfs, &s, NULL), 0);
	vfs_fail(VFS_SYNC, 1, 0, SQLITE_IOERR_FSYNC, 0, "-wal");
	ck_assert_int_eq(s->ops->prepare(s->st, &kit_schema_1, &generation), SHR_EUNKNOWN);
	ck_assert_int_eq(s->ops->prepare(s->st, &kit_schema_1, &generation), 0);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	done(s);
}
END_TEST

/* Open, prepare, and some commits. Returns how many are acknowledged. */
static int work(int *ret_unknown)
{
	struct shr_store *s = NULL;
	uint32_t generation;
	int n = 0;

	*ret_unknown = 0;
	if (shr__store_sqlite_vfs(path, SHR_STORE_CREATE, vfs, &s, NULL) != 0)
		return 0;
	for (int i = 0; i < 2 && s->ops->prepare(s->st, &kit_schema_1, &generation) != 0; i++)
		continue;
	for (int i = 0; i < 6; i++) {
		char id[32];
		void *txn;
		int rc = kit_begin(s, SHR_TXN_WRITE, &txn);

		if (rc)
			continue;
		(void)snprintf(id, sizeof(id), "%d", i);
		rc = kit_put(s, txn, id, "k", i);
		if (!rc)
			rc = kit_log(s, txn, i, "w");
		if (rc)
			s->ops->rollback(s->st, txn);
		else
			rc = s->ops->commit(s->st, txn);
		n += rc == 0;
		*ret_unknown += rc == SHR_EUNKNOWN;
	}
	shr_store_free(s);
	return n;
}

static void fail_each(unsigned kinds, int code, int after)
{
	int unknown;

	shr_store_free(fresh());
	kit_dir_remove(dir);
	for (unsigned long nth = 1; ; nth++) {
		struct shr_store *s;
		unsigned long failed;
		int n, items;

		vfs_reset();
		vfs_light_sync(1);
		(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
		(void)snprintf(path, sizeof(path), "%s/store.db", dir);
		vfs_fail(kinds, nth, 0, code, after, NULL);
		n = work(&unknown);
		failed = vfs_failed();
		vfs_reset();
		vfs_light_sync(1);
		s = kit_open(path, vfs);
		items = kit_count(s, KIT_ITEM);
		ck_assert_msg(items >= n && items <= n + unknown, "call %lu: %d items, %d acknowledged, %d unknown", nth, items,
			n, unknown);
		ck_assert_int_eq(kit_count(s, KIT_LOG), items);
		ck_assert_int_eq(kit_check(s), 0);
		shr_store_free(s);
		kit_dir_remove(dir);
		if (!failed) {
			ck_assert_int_eq(n, 6);
			ck_assert_uint_gt(nth, 3);
			break;
		}
	}
	vfs_reset();
}

START_TEST(every_write_fails_once)
{
	fail_each(VFS_WRITE, SQLITE_IOERR_WRITE, 0);
}
END_TEST

START_TEST(every_write_finds_a_full_disk_once)
{
	fail_each(VFS_WRITE, SQLITE_FULL, 0);
}
END_TEST

START_TEST(every_sync_fails_once)
{
	fail_each(VFS_SYNC, SQLITE_IOERR_FSYNC, 0);
}
END_TEST

START_TEST(every_sync_is_done_and_said_to_have_failed_once)
{
	fail_each(VFS_SYNC, SQLITE_IOERR_FSYNC, 1);
}
END_TEST

START_TEST(every_open_fails_once)
{
	fail_each(VFS_OPEN, SQLITE_CANTOPEN, 0);
}
END_TEST

START_TEST(every_read_fails_once)
{
	fail_each(VFS_READ, SQLITE_IOERR_READ, 0);
}
END_TEST

START_TEST(a_slow_sync_is_waited_for)
{
	struct shr_store *s = fresh();

	vfs_slow_sync(1000);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	ck_assert_uint_gt(vfs_count(VFS_SYNC), 0);
	done(s);
}
END_TEST

START_TEST(a_commit_costs_one_sync)
{
	struct shr_store *s = fresh();
	unsigned long before;

	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	before = vfs_count(VFS_SYNC);
	for (int i = 0; i < 10; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "%d", i);
		ck_assert_int_eq(kit_put_alone(s, id, "k", 1), 0);
	}
	ck_assert_uint_eq(vfs_count(VFS_SYNC) - before, 10);
	done(s);
}
END_TEST

UNIT_MAIN(store_sqlite_fault, a_full_disk_in_one_member_of_a_batch_commits_nothing_of_the_others,
	a_disk_that_is_full_at_commit_is_said_so_and_nothing_is_done,
	a_failed_sync_at_commit_is_unknown_and_the_next_begin_works,
	while_syncs_fail_nothing_begins_and_afterwards_all_goes_on,
	what_is_read_after_an_unknown_commit_is_still_so_after_a_crash, a_prepare_of_unknown_outcome_is_made_again,
	every_write_fails_once,
	every_write_finds_a_full_disk_once, every_sync_fails_once, every_sync_is_done_and_said_to_have_failed_once,
	every_open_fails_once, every_read_fails_once, a_slow_sync_is_waited_for, a_commit_costs_one_sync)

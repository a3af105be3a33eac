/* tests/unit/store_sqlite_power.c - power fails at some write or sync: what was acknowledged is there */
#include "unit.h"

#include "store/sqlite.h"
#include "vfs/kit.h"
#include "vfs/vfs.h"

#include <stdio.h>
#include <string.h>

#define COMMITS 24

/* One commit: an item with a lot of data, and the line of the log that belongs to it. */
static int commit_one(struct shr_store *s, int i)
{
	static char data[9000];
	char id[32] = "";
	struct shr_cell cells[] = { kit_text(KIT_ID, id), kit_text(KIT_KIND, "k"), kit_int(KIT_N, i),
		kit_int(KIT_VERSION, 1),
		{ SHR_CELL_BLOB, KIT_DATA, 0, data, sizeof(data) } };
	void *txn;
	int rc;

	(void)snprintf(id, sizeof(id), "%08d", i);
	cells[0] = kit_text(KIT_ID, id);
	memset(data, i, sizeof(data));
	rc = kit_begin(s, SHR_TXN_WRITE, &txn);
	if (rc)
		return rc;
	rc = s->ops->insert(s->st, txn, KIT_ITEM, cells, 5, 0);
	if (!rc)
		rc = kit_log(s, txn, i, "w");
	if (!rc)
		return s->ops->commit(s->st, txn);
	s->ops->rollback(s->st, txn);
	return rc;
}

/* Returns how many were acknowledged. A check-point now and then, as the writer would make it. */
static int work(const char *path, const char *vfs, int from, int *ret_tried)
{
	struct shr_store *s = NULL;
	uint32_t generation;
	int i = from, acknowledged = from, rc;

	*ret_tried = from;
	if (shr__store_sqlite_vfs(path, SHR_STORE_CREATE, vfs, &s, NULL) != 0)
		return from;
	rc = s->ops->prepare(s->st, &kit_schema_1, &generation);
	for (; rc == 0 && i < from + COMMITS; i++) {
		struct shr__sqlite *st = s->st;

		rc = commit_one(s, i);
		*ret_tried = i + 1;
		if (rc == 0)
			acknowledged = i + 1;
		if (i % 7 == 6)
			(void)sqlite3_exec(st->writer->db, "PRAGMA wal_checkpoint(RESTART)", NULL, NULL, NULL);
	}
	shr_store_free(s);
	return acknowledged;
}

/* All of 0 to ACKNOWLEDGED is there, of the next all or nothing, and nothing else. Returns how many there are. */
static int look(const char *path, const char *vfs, int acknowledged, int tried, uint64_t seed)
{
	struct shr_store *s = kit_open(path, vfs);
	int items = kit_count(s, KIT_ITEM), lines = kit_count(s, KIT_LOG);

	ck_assert_msg(kit_check(s) == 0, "seed %llu: damaged", (unsigned long long)seed);
	ck_assert_msg(items == lines, "seed %llu: %d items, %d lines", (unsigned long long)seed, items, lines);
	ck_assert_msg(items >= acknowledged && items <= tried, "seed %llu: %d there, %d acknowledged, %d tried",
		(unsigned long long)seed, items, acknowledged, tried);
	shr_store_free(s);
	return items;
}

static void one_life(const char *vfs, uint64_t seed)
{
	char path[300], dir[256];
	int there = 0, tried = 0, acknowledged;

	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	vfs_reset();
	vfs_light_sync(1);
	vfs_power_watch();
	/* Three failures in a row: the second and third begin with what the one before has left. */
	for (int k = 0; k < 3; k++) {
		vfs_power_off_at(1 + (seed * 2654435761u + (uint64_t)k * 97) % 190);
		acknowledged = work(path, vfs, there, &tried);
		vfs_power_back(seed * 3 + (uint64_t)k);
		there = look(path, vfs, acknowledged, tried, seed);
	}
	kit_dir_remove(dir);
	vfs_reset();
}

START_TEST(acknowledged_commits_survive_power_loss_and_none_is_there_by_half)
{
	const char *vfs = vfs_use();

	for (uint64_t seed = 1; seed <= 150; seed++)
		one_life(vfs, seed);
}
END_TEST

/* A store whose syncs are not made any more, and a commit in it: is it there after a power failure? */
static int survives_without_sync(const char *vfs, uint64_t seed)
{
	const char *dir = kit_dir();
	struct shr__sqlite *st;
	struct shr_store *s;
	char path[300];
	int there;

	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	vfs_reset();
	vfs_light_sync(1);
	vfs_power_watch();
	s = kit_open(path, vfs);
	st = s->st;
	ck_assert_int_eq(sqlite3_exec(st->writer->db, "PRAGMA synchronous=OFF", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(commit_one(s, 0), 0);
	vfs_power_off_at(1);
	shr_store_free(s);
	vfs_power_back(seed);
	s = NULL;
	there = shr__store_sqlite_vfs(path, 0, vfs, &s, NULL) == 0;
	if (there) {
		uint32_t generation;

		there = s->ops->prepare(s->st, &kit_schema_1, &generation) == 0 && kit_count(s, KIT_ITEM) == 1;
	}
	shr_store_free(s);
	kit_dir_remove(dir);
	vfs_reset();
	return there;
}

/* The shim can lose data: without this the test above would show nothing. */
START_TEST(without_syncs_acknowledged_commits_are_lost)
{
	const char *vfs = vfs_use();
	int lost = 0;

	for (uint64_t seed = 1; seed <= 10; seed++)
		lost += !survives_without_sync(vfs, seed);
	ck_assert_int_gt(lost, 0);
}
END_TEST

UNIT_MAIN(store_sqlite_power, acknowledged_commits_survive_power_loss_and_none_is_there_by_half,
	without_syncs_acknowledged_commits_are_lost)

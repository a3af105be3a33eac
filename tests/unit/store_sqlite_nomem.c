/* tests/unit/store_sqlite_nomem.c - each allocation of the built-in store fails once: no crash, no leak, no half commit */
#include "unit.h"

#include "fault/fault.h"
#include "store/sqlite.h"
#include "vfs/kit.h"

#include <stdio.h>

static int see(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	return 0;
}

/* One of each call on a row of its own, until one fails; what failed first is returned. */
static int use(struct shr_store *s, long n)
{
	char id[32] = "";
	struct shr_cell key, from = kit_text(KIT_KIND, "k");
	struct kit_item it;
	int64_t sum;
	void *txn;
	int rc = kit_begin(s, SHR_TXN_WRITE, &txn);

	(void)snprintf(id, sizeof(id), "%ld", n);
	key = kit_text(KIT_ID, id);
	if (rc)
		return rc;
	rc = s->ops->mark(s->st, txn);
	if (!rc)
		rc = kit_put(s, txn, id, "k", 1);
	if (!rc)
		rc = kit_log(s, txn, n, "w");
	if (!rc)
		rc = s->ops->keep(s->st, txn);
	if (!rc)
		rc = kit_set_n(s, txn, id, 1, 2, 2);
	if (!rc)
		rc = s->ops->add(s->st, txn, KIT_ITEM, &key, 1, KIT_N, 1, 0, 9, &sum);
	if (!rc)
		rc = s->ops->scan(s->st, txn, KIT_ITEM, 1, &from, 1, 1, 0, 9, see, NULL);
	if (rc) {
		s->ops->rollback(s->st, txn);
		return rc;
	}
	rc = s->ops->commit(s->st, txn);
	return rc ? rc : kit_get_alone(s, id, &it);
}

static void walk(const char *path)
{
	const char *file = path ? path : ":memory:";
	long before = shr__fault_live(), rounds = 0;

	for (FAULT_WALK(n)) {
		const struct shr_error *error = NULL;
		struct shr_store *s = NULL;
		uint32_t generation;
		int rc = shr_store_sqlite(file, SHR_STORE_CREATE, &s, &error);

		if (rc == 0)
			rc = s->ops->prepare(s->st, &kit_schema_1, &generation);
		if (rc == 0)
			rc = use(s, n);
		ck_assert_msg(rc == (shr__fault_fired() ? SHR_ENOMEM : 0), "allocation %ld: %d %s", n, rc, s ? kit_words(s) : "");
		shr_error_unref(error);
		shr_store_free(s);
		ck_assert_msg(shr__fault_live() == before, "allocation %ld: leak", n);
		rounds = n;
	}
	ck_assert_int_gt(rounds, 30);
}

START_TEST(in_memory)
{
	walk(NULL);
}
END_TEST

START_TEST(in_a_file)
{
	const char *dir = kit_dir();
	struct shr_store *s;
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	walk(path);
	s = kit_open(path, NULL);
	ck_assert_int_gt(kit_count(s, KIT_ITEM), 0);
	ck_assert_int_eq(kit_count(s, KIT_ITEM), kit_count(s, KIT_LOG));
	ck_assert_int_eq(kit_check(s), 0);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

UNIT_MAIN(store_sqlite_nomem, in_memory, in_a_file)

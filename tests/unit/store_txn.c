/* tests/unit/store_txn.c - typed rows inside a transaction */
#include "store_rig.h"
#include "unit.h"

#include <stdio.h>

static int write_with(struct rig *r, shr__body_fn *body, void *data, const struct shr_error **reterr)
{
	struct shr__job job = { .body = body, .data = data, .arena = shr__arena_new() };
	int rc = shr__db_write(r->db, &job);

	shr__arena_free(job.arena);
	if (reterr)
		*reterr = job.error;
	else
		shr_error_unref(job.error);
	return rc;
}

static int read_with(struct rig *r, shr__body_fn *body, void *data, const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	int rc = shr__db_read(r->db, arena, body, data, reterr);

	shr__arena_free(arena);
	return rc;
}

static int lock_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__lock_row row = { .object_id = "o", .holder = "h", .version = 1, .count = 2, .reason = "why", .project = "p" };
	struct shr__lock_row again = { .object_id = "o", .holder = "h" };

	(void)data, (void)reterr;
	ck_assert_int_eq(shr__txn_get(t, &shr__lock_def, &again), SHR_ENOTFOUND);
	ck_assert_str_eq(again.object_id, "o"); /* as it was */
	ck_assert_int_eq(shr__txn_insert(t, &shr__lock_def, &row), 0);
	ck_assert_int_eq(shr__txn_insert(t, &shr__lock_def, &row), SHR_EEXIST);
	ck_assert_int_eq(shr__txn_insert_if_absent(t, &shr__lock_def, &row), 1);
	ck_assert_int_eq(shr__txn_get(t, &shr__lock_def, &again), 0);
	ck_assert_str_eq(again.reason, "why");
	ck_assert_str_eq(again.user, ""); /* NULL is written as "" */
	ck_assert_int_eq(again.count, 2);
	again.count = 7;
	again.reason = "not written";
	ck_assert_int_eq(shr__txn_update(t, &shr__lock_def, &again, SHR__COL(lock, count)), 0);
	ck_assert_int_eq(again.version, 2);
	ck_assert_int_eq(shr__txn_update(t, &shr__lock_def, &row, SHR__COL(lock, count)), SHR_ECONFLICT);
	ck_assert_int_eq(row.version, 1);
	ck_assert_int_eq(shr__txn_get(t, &shr__lock_def, &row), 0);
	ck_assert_int_eq(row.count, 7);
	ck_assert_int_eq(row.version, 2);
	ck_assert_str_eq(row.reason, "why");
	ck_assert_int_eq(shr__txn_remove(t, &shr__lock_def, &row), 0);
	ck_assert_int_eq(shr__txn_remove(t, &shr__lock_def, &row), SHR_ENOTFOUND);
	return 0;
}

START_TEST(a_row_is_written_read_and_changed)
{
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(write_with(&r, lock_body, NULL, NULL), 0);
	rig_close(&r);
}
END_TEST

static int add_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__counter_row row = { "c", 5 };
	int64_t value = 0;

	(void)data, (void)reterr;
	ck_assert_int_eq(shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, 1, 0, 10, &value), SHR_ENOTFOUND);
	ck_assert_int_eq(shr__txn_insert(t, &shr__counter_def, &row), 0);
	ck_assert_int_eq(shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, 5, 0, 10, &value), 0);
	ck_assert_int_eq(value, 10);
	value = 0;
	ck_assert_int_eq(shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, 1, 0, 10, &value), SHR_EQUOTA);
	ck_assert_int_eq(value, 10);
	ck_assert_int_eq(shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, -10, 0, 10, NULL), 0);
	return 0;
}

static int peek_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct rig *r = data;
	struct shr__lock_row row = { .object_id = "o", .holder = "h", .version = 1, .count = 2, .reason = "why", .project = "p" };
	struct shr__lock_row seen = { .object_id = "o", .holder = "h" }, other = { .object_id = "o", .holder = "i" };
	unsigned before;

	(void)reterr;
	ck_assert_int_eq(shr__txn_insert(t, &shr__lock_def, &row), 0);
	ck_assert_int_eq(shr__txn_peek(t, &shr__lock_def, &seen), 0);
	before = r->calls[RIG_GET];
	seen = (struct shr__lock_row){ .object_id = "o", .holder = "h" };
	ck_assert_int_eq(shr__txn_peek(t, &shr__lock_def, &seen), 0);
	ck_assert_uint_eq(r->calls[RIG_GET], before);
	ck_assert_str_eq(seen.reason, "why");
	ck_assert_int_eq(shr__txn_peek(t, &shr__lock_def, &other), SHR_ENOTFOUND);
	seen.count = 3;
	ck_assert_int_eq(shr__txn_update(t, &shr__lock_def, &seen, SHR__COL(lock, count)), 0);
	seen = (struct shr__lock_row){ .object_id = "o", .holder = "h" };
	ck_assert_int_eq(shr__txn_peek(t, &shr__lock_def, &seen), 0);
	ck_assert_int_eq(seen.count, 3);
	ck_assert_int_eq(seen.version, 2);
	return 0;
}

START_TEST(what_is_peeked_at_is_read_once_until_it_is_written)
{
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(write_with(&r, peek_body, &r, NULL), 0);
	rig_close(&r);
}
END_TEST

START_TEST(an_add_stays_within_bounds)
{
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(write_with(&r, add_body, NULL, NULL), 0);
	rig_close(&r);
}
END_TEST

static int fill_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	char key[16];

	(void)data, (void)reterr;
	for (int i = 0; i < 200; i++) {
		struct shr__metadata_row row = { "o", key, "v", "share" };

		snprintf(key, sizeof key, "k%03d", i);
		ck_assert_int_eq(shr__txn_insert(t, &shr__metadata_def, &row), 0);
	}
	return 0;
}

struct pages {
	int n, wrong, inner;
};

/* Its own scan, while the outer one is under way. */
static int inner_row(struct shr__txn *t, const void *row, void *data)
{
	(void)t, (void)row;
	++*(int *)data;
	return 1;
}

static int outer_row(struct shr__txn *t, const void *data_row, void *data)
{
	const struct shr__metadata_row *row = data_row;
	struct pages *p = data;
	char key[16];
	int rc;

	snprintf(key, sizeof key, "k%03d", p->n++);
	p->wrong += strcmp(row->key, key) != 0 || strcmp(row->value, "v") != 0;
	rc = shr__txn_scan(t, &shr__metadata_def, 0, row, 1, 1, SHR_SCAN_BACKWARDS, 3, inner_row, &p->inner);
	return rc == 3 ? 0 : SHR_EINTERNAL;
}

static int scan_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__metadata_row from = { .object_id = "o", .key = "k099" };
	struct pages *p = data;

	(void)reterr;
	ck_assert_int_eq(shr__txn_scan(t, &shr__metadata_def, SHR__I_metadata_pk, &from, 1, 1, 0, 150, outer_row, p), 150);
	ck_assert_int_eq(p->n, 150);
	p->n = 100;
	ck_assert_int_eq(shr__txn_scan(t, &shr__metadata_def, SHR__I_metadata_pk, &from, 2, 1, 0, 1000, outer_row, p), 100);
	from.object_id = "p";
	ck_assert_int_eq(shr__txn_scan(t, &shr__metadata_def, SHR__I_metadata_pk, &from, 1, 1, 0, 1, outer_row, p), 0);
	return 0;
}

START_TEST(a_row_function_may_use_the_transaction)
{
	struct pages p = { 0, 0, 0 };
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(write_with(&r, fill_body, NULL, NULL), 0);
	ck_assert_int_eq(read_with(&r, scan_body, &p, NULL), 0);
	ck_assert_int_eq(p.wrong, 0);
	ck_assert_int_eq(p.inner, 250);
	rig_close(&r);
}
END_TEST

static int refuse_row(struct shr__txn *t, const void *row, void *data)
{
	(void)t, (void)row, (void)data;
	return SHR_ELOCKED;
}

static int refuse_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__metadata_row from = { .object_id = "o" };
	int rc = shr__txn_scan(t, &shr__metadata_def, 0, &from, 1, 1, 0, 9, refuse_row, NULL);

	(void)data;
	return shr__fail(reterr, rc, "as the row said");
}

START_TEST(a_row_function_s_refusal_is_the_body_s)
{
	const struct shr_error *error = NULL;
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(write_with(&r, fill_body, NULL, NULL), 0);
	ck_assert_int_eq(read_with(&r, refuse_body, NULL, &error), SHR_ELOCKED);
	ck_assert_str_eq(error->message, "as the row said");
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

static int write_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__counter_row row = { "c", 5 };

	(void)data, (void)reterr;
	return shr__txn_insert(t, &shr__counter_def, &row);
}

START_TEST(a_read_transaction_writes_nothing)
{
	const struct shr_error *error = NULL;
	struct rig r;

	rig_open(&r);
	ck_assert_int_eq(read_with(&r, write_body, NULL, &error), SHR_EINTERNAL);
	ck_assert_ptr_nonnull(strstr(error->message, "a write in a read transaction"));
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

static int ignore_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__counter_row row = { "c", 5 };

	(void)data, (void)reterr;
	ck_assert_int_eq(shr__txn_insert(t, &shr__counter_def, &row), SHR_ENOSPC);
	ck_assert_int_eq(shr__txn_insert(t, &shr__counter_def, &row), SHR_ENOSPC);
	ck_assert_int_eq(shr__txn_get(t, &shr__counter_def, &row), SHR_ENOSPC);
	return 0; /* a body that does not listen */
}

START_TEST(what_is_lost_stays_lost_whatever_the_body_says)
{
	const struct shr_error *error = NULL;
	struct rig r;

	rig_open(&r);
	r.fail[RIG_INSERT].n = 1;
	r.fail[RIG_INSERT].code = SHR_ENOSPC;
	ck_assert_int_eq(write_with(&r, ignore_body, NULL, &error), SHR_ENOSPC);
	ck_assert_ptr_nonnull(strstr(error->remedy, "room"));
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

START_TEST(an_answer_that_no_store_has_is_its_failure)
{
	const struct shr_error *error = NULL;
	struct rig r;

	rig_open(&r);
	r.fail[RIG_INSERT].n = 1;
	r.fail[RIG_INSERT].code = -5;
	ck_assert_int_eq(write_with(&r, write_body, NULL, &error), SHR_ESTORE);
	ck_assert_ptr_nonnull(strstr(error->message, "-5"));
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

/* Behind the library's back: a lock whose count is not there. */
static void damage(struct rig *r)
{
	static const struct shr_column id = { sizeof id, 1, SHR_CELL_TEXT, 0, 1, 0, "id" };
	static const struct shr_column holder = { sizeof holder, 2, SHR_CELL_TEXT, 0, 1, 0, "holder" };
	static const struct shr_column *const columns[] = { &id, &holder };
	static const uint32_t numbers[] = { 1, 2 };
	static const struct shr_index key = { sizeof key, 1, SHR_INDEX_UNIQUE, 2, 1, 0, "key", numbers };
	static const struct shr_index *const indexes[] = { &key };
	struct shr_table table = { sizeof table, 13, 2, 1, 0, 1, "lock", columns, indexes };
	const struct shr_table *const tables[] = { &table };
	struct shr_schema schema = { sizeof schema, 1, 1, 0, tables };
	const struct shr_cell cells[] = { { SHR_CELL_TEXT, 1, 0, "o", 1 }, { SHR_CELL_TEXT, 2, 0, "h", 1 } };
	struct shr_store *store;
	uint32_t generation;
	void *txn;

	ck_assert_uint_eq(shr__lock_def.table->number, 13);
	ck_assert_int_eq(memkv_store(r->m, &store, NULL), 0);
	ck_assert_int_eq(store->ops->prepare(store->st, &schema, &generation), 0);
	ck_assert_int_eq(store->ops->begin(store->st, SHR_TXN_WRITE, &txn), 0);
	ck_assert_int_eq(store->ops->insert(store->st, txn, 13, cells, 2, 0), 0);
	ck_assert_int_eq(store->ops->commit(store->st, txn), 0);
	shr_store_free(store);
}

static int get_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__lock_row row = { .object_id = "o", .holder = "h" };

	(void)data, (void)reterr;
	return shr__txn_get(t, &shr__lock_def, &row);
}

static int scan_damaged_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__lock_row row = { .object_id = "o" };

	(void)data, (void)reterr;
	return shr__txn_scan(t, &shr__lock_def, 0, &row, 1, 1, 0, 10, refuse_row, NULL);
}

START_TEST(a_damaged_row_names_its_table)
{
	const struct shr_error *error = NULL;
	struct rig r;

	rig_open(&r);
	damage(&r);
	ck_assert_int_eq(read_with(&r, get_body, NULL, &error), SHR_ECORRUPT);
	ck_assert_ptr_nonnull(strstr(error->message, "table lock"));
	shr_error_unref(error);
	ck_assert_int_eq(read_with(&r, scan_damaged_body, NULL, &error), SHR_ECORRUPT);
	ck_assert_ptr_nonnull(strstr(error->message, "table lock"));
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

START_TEST(a_store_of_another_version_is_refused)
{
	const struct shr_error *error = NULL;
	struct shr_store_ops ops;
	struct shr_store store;
	struct shr__db *db;
	struct rig r;

	rig_open(&r);
	ops = *r.inner->ops;
	store = (struct shr_store){ &ops, r.inner->st };
	ops.abi = 2;
	ck_assert_int_eq(shr__db_open(&store, &db, &error), SHR_EABI);
	shr_error_unref(error);
	ops.abi = SHR_STORE_ABI;
	ops.size = sizeof ops - 1;
	ck_assert_int_eq(shr__db_open(&store, &db, &error), SHR_EABI);
	shr_error_unref(error);
	ops.size = sizeof ops;
	ops.scan = NULL;
	ck_assert_int_eq(shr__db_open(&store, &db, &error), SHR_EABI);
	shr_error_unref(error);
	rig_close(&r);
}
END_TEST

UNIT_MAIN(store_txn, a_row_is_written_read_and_changed, what_is_peeked_at_is_read_once_until_it_is_written,
	an_add_stays_within_bounds,
	a_row_function_may_use_the_transaction, a_row_function_s_refusal_is_the_body_s, a_read_transaction_writes_nothing,
	what_is_lost_stays_lost_whatever_the_body_says, an_answer_that_no_store_has_is_its_failure,
	a_damaged_row_names_its_table, a_store_of_another_version_is_refused)

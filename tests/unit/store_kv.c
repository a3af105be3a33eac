/* tests/unit/store_kv.c - the key-value adapter on a store that lies, lacks and fails; the kit has the rest */
#include "../../examples/memkv.c"
#include "store/db.h"
#include "unit.h"

/* The host's table, with calls that answer what they are told. */
static struct shr_kv_ops ops;
static int fail_next, fail_get, fail_put, fail_commit;

static int f_get(void *kv, void *txn, const void *key, uint64_t n, const void **ret_value, uint64_t *ret_n)
{
	return fail_get ? fail_get : kv_get(kv, txn, key, n, ret_value, ret_n);
}

static int f_put(void *kv, void *txn, const void *key, uint64_t n, const void *value, uint64_t n_value)
{
	return fail_put ? fail_put : kv_put(kv, txn, key, n, value, n_value);
}

static int f_next(void *kv, void *txn, const void *key, uint64_t n, uint32_t backwards, uint32_t inclusive,
	const void **ret_key, uint64_t *ret_n_key, const void **ret_value, uint64_t *ret_n_value)
{
	return fail_next ? fail_next : kv_next(kv, txn, key, n, backwards, inclusive, ret_key, ret_n_key, ret_value, ret_n_value);
}

static int f_commit(void *kv, void *txn)
{
	if (!fail_commit)
		return kv_commit(kv, txn);
	kv_rollback(kv, txn);
	return fail_commit;
}

struct fixture {
	struct handle *h;
	struct shr_store *store;
};

static void open_it(struct fixture *f)
{
	uint32_t generation = 0;

	ops = memkv_ops;
	ops.get = f_get;
	ops.put = f_put;
	ops.next = f_next;
	ops.commit = f_commit;
	f->h = calloc(1, sizeof *f->h);
	ck_assert_ptr_nonnull(f->h);
	f->h->m = memkv_new();
	ck_assert_int_eq(shr_store_from_kv(&ops, f->h, &f->store, NULL), 0);
	ck_assert_int_eq(f->store->ops->prepare(f->store->st, &shr__schema, &generation), 0);
	ck_assert_uint_eq(generation, SHR__GENERATION);
}

static void *begin(struct fixture *f, uint32_t flags)
{
	void *txn = NULL;

	ck_assert_int_eq(f->store->ops->begin(f->store->st, flags, &txn), 0);
	return txn;
}

static int put_lock(struct fixture *f, void *txn, const char *id, const char *holder)
{
	struct shr__lock_row row = { .object_id = id, .holder = holder, .version = 1 };
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n = shr__row_cells(&shr__lock_def, &row, (UINT64_C(1) << shr__lock_def.n_fields) - 1, cells);

	return f->store->ops->insert(f->store->st, txn, shr__lock_def.table->number, cells, n, 0);
}

static int put_share(struct fixture *f, const char *id)
{
	struct shr__share_row row = { .id = id, .version = 1, .project = "p", .name = "n" };
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n = shr__row_cells(&shr__share_def, &row, (UINT64_C(1) << shr__share_def.n_fields) - 1, cells);
	void *txn = begin(f, SHR_TXN_WRITE);

	ck_assert_int_eq(f->store->ops->insert(f->store->st, txn, 1, cells, n, 0), 0);
	return f->store->ops->commit(f->store->st, txn);
}

static int nothing(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	(void)cells, (void)n_cells;
	++*(int *)data;
	return 0;
}

static const char *words(struct fixture *f)
{
	static char buf[256];

	f->store->ops->message(f->store->st, buf, sizeof buf);
	return buf;
}

/* Every key of the store for which WANTED says yes gets VALUE, or goes when that is NULL. */
static int damage(struct fixture *f, int (*wanted)(const unsigned char *key, size_t n), const char *value, size_t n_value)
{
	unsigned char at[512] = { 0 };
	const void *key, *was;
	uint64_t n = 1, n_was;
	int count = 0;
	void *txn;

	ck_assert_int_eq(kv_begin(f->h, SHR_TXN_WRITE, &txn), 0);
	while (!kv_next(f->h, txn, at, n, 0, 0, &key, &n, &was, &n_was)) {
		ck_assert_uint_le(n, sizeof at);
		memcpy(at, key, n);
		if (!wanted(at, n))
			continue;
		ck_assert_int_eq(value ? kv_put(f->h, txn, at, n, value, n_value) : kv_del(f->h, txn, at, n), 0);
		count++;
	}
	ck_assert_int_eq(kv_commit(f->h, txn), 0);
	return count;
}

static int is_share(const unsigned char *key, size_t n)
{
	return n > 5 && !memcmp(key, "\1\0\1\0\1", 5);
}

static int is_share_entry(const unsigned char *key, size_t n)
{
	return n > 5 && !memcmp(key, "\1\0\1\0\2", 5);
}

static int is_catalog(const unsigned char *key, size_t n)
{
	return n == 10 && !memcmp(key, "\0libshare", 10);
}

static void finding(const char *text, void *data)
{
	ck_assert_ptr_nonnull(strstr(text, "table share"));
	++*(int *)data;
}

static int findings(struct fixture *f, uint32_t full)
{
	int n = 0;

	ck_assert_int_eq(f->store->ops->check(f->store->st, full, finding, &n), 0);
	return n;
}

START_TEST(a_damaged_row_is_corruption)
{
	struct shr_cell key = { SHR_CELL_TEXT, 1, 0, "s", 1 };
	struct fixture f;
	void *txn;
	int n = 0;

	open_it(&f);
	ck_assert_int_eq(put_share(&f, "s"), 0);
	ck_assert_int_eq(findings(&f, 1), 0);
	ck_assert_int_eq(damage(&f, is_share, "\0\1\2\377\377\377\377abc", 10), 1);
	txn = begin(&f, SHR_TXN_READ);
	ck_assert_int_eq(f.store->ops->get(f.store->st, txn, 1, &key, 1, nothing, &n), SHR_ECORRUPT);
	ck_assert_str_eq(words(&f), "table share: a row is damaged");
	ck_assert_int_eq(f.store->ops->scan(f.store->st, txn, 1, 1, NULL, 0, 0, 0, 10, nothing, &n), SHR_ECORRUPT);
	ck_assert_int_eq(n, 0);
	f.store->ops->rollback(f.store->st, txn);
	ck_assert_int_eq(findings(&f, 0), 1);
	ck_assert_int_eq(findings(&f, 1), 1); /* once, and not again for each of its entries */
	shr_store_free(f.store);
}
END_TEST

START_TEST(a_missing_entry_is_found_by_a_full_check)
{
	struct fixture f;

	open_it(&f);
	ck_assert_int_eq(put_share(&f, "s"), 0);
	ck_assert_int_eq(put_share(&f, "t"), 0);
	ck_assert_int_eq(damage(&f, is_share_entry, NULL, 0), 2);
	ck_assert_int_eq(findings(&f, 0), 0);
	ck_assert_int_eq(findings(&f, 1), 2);
	shr_store_free(f.store);
}
END_TEST

START_TEST(an_entry_without_a_row_is_corruption)
{
	struct fixture f;
	void *txn;
	int n = 0;

	open_it(&f);
	ck_assert_int_eq(put_share(&f, "s"), 0);
	ck_assert_int_eq(damage(&f, is_share, NULL, 0), 1);
	txn = begin(&f, SHR_TXN_READ);
	ck_assert_int_eq(f.store->ops->scan(f.store->st, txn, 1, 1, NULL, 0, 0, 0, 10, nothing, &n), SHR_ECORRUPT);
	f.store->ops->rollback(f.store->st, txn);
	ck_assert_int_eq(findings(&f, 0), 0);
	ck_assert_int_eq(findings(&f, 1), 3); /* one in each index */
	shr_store_free(f.store);
}
END_TEST

START_TEST(a_damaged_catalog_stops_writers)
{
	struct fixture f;
	void *txn = NULL;

	open_it(&f);
	ck_assert_int_eq(damage(&f, is_catalog, "\1\0\377\377", 4), 1);
	ck_assert_int_eq(f.store->ops->begin(f.store->st, SHR_TXN_WRITE, &txn), SHR_ECORRUPT);
	ck_assert_int_eq(damage(&f, is_catalog, NULL, 0), 1);
	ck_assert_int_eq(f.store->ops->begin(f.store->st, SHR_TXN_WRITE, &txn), SHR_ECORRUPT);
	shr_store_free(f.store);
}
END_TEST

START_TEST(what_the_host_s_store_answers_is_passed_on)
{
	static const int codes[] = { SHR_EAGAIN, SHR_ENOMEM, SHR_ENOSPC, SHR_ESTORE, SHR_EBUSY, SHR_ECORRUPT };
	struct shr_cell key[2] = { { SHR_CELL_TEXT, 1, 0, "o", 1 }, { SHR_CELL_TEXT, 2, 0, "h", 1 } };
	uint32_t lock = shr__lock_def.table->number;
	struct fixture f;
	void *txn;
	int n = 0;

	open_it(&f);
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		txn = begin(&f, SHR_TXN_WRITE);
		fail_get = codes[i];
		ck_assert_int_eq(f.store->ops->get(f.store->st, txn, lock, key, 2, nothing, &n), codes[i]);
		ck_assert_int_eq(put_lock(&f, txn, "o", "h"), codes[i]);
		fail_get = 0;
		fail_put = codes[i];
		ck_assert_int_eq(put_lock(&f, txn, "o", "h"), codes[i]);
		fail_put = 0;
		fail_next = codes[i];
		ck_assert_int_eq(f.store->ops->scan(f.store->st, txn, lock, 0, NULL, 0, 0, 0, 10, nothing, &n), codes[i]);
		fail_next = 0;
		fail_commit = codes[i];
		ck_assert_int_eq(f.store->ops->commit(f.store->st, txn), codes[i]);
		fail_commit = 0;
	}
	shr_store_free(f.store);
}
END_TEST

START_TEST(an_answer_that_no_store_has_is_a_failure)
{
	struct fixture f;
	void *txn;

	open_it(&f);
	txn = begin(&f, SHR_TXN_WRITE);
	fail_get = -3;
	ck_assert_int_eq(put_lock(&f, txn, "o", "h"), SHR_ESTORE);
	ck_assert_str_eq(words(&f), "memkv gave the answer -3, which stores do not have");
	fail_get = 0;
	fail_commit = SHR_EUNKNOWN;
	ck_assert_int_eq(f.store->ops->commit(f.store->st, txn), SHR_EUNKNOWN);
	fail_commit = 0;
	shr_store_free(f.store);
}
END_TEST

START_TEST(there_is_one_writer_a_handle)
{
	struct fixture f;
	void *txn, *other = NULL;

	open_it(&f);
	txn = begin(&f, SHR_TXN_WRITE);
	ck_assert_int_eq(f.store->ops->begin(f.store->st, SHR_TXN_WRITE, &other), SHR_EAGAIN);
	f.store->ops->rollback(f.store->st, begin(&f, SHR_TXN_READ));
	f.store->ops->rollback(f.store->st, txn);
	f.store->ops->rollback(f.store->st, begin(&f, SHR_TXN_WRITE));
	shr_store_free(f.store);
}
END_TEST

/* A newer library's: one index more on shares. */
static const struct shr_schema *newer(void)
{
	static const uint32_t columns[] = { SHR__N_share_bytes };
	static const struct shr_index by_bytes = { sizeof by_bytes, 77, 0, 1, 2, 0, "share_by_bytes", columns };
	static const struct shr_index *indexes[16];
	static const struct shr_table *tables[32];
	static struct shr_table share;
	static struct shr_schema schema;

	schema = shr__schema;
	share = *shr__schema.tables[0];
	ck_assert_uint_lt(share.n_indexes, 16);
	ck_assert_uint_lt(schema.n_tables, 32);
	memcpy(indexes, share.indexes, share.n_indexes * sizeof indexes[0]);
	memcpy(tables, schema.tables, schema.n_tables * sizeof tables[0]);
	indexes[share.n_indexes++] = &by_bytes;
	share.indexes = indexes;
	tables[0] = &share;
	schema.tables = tables;
	schema.generation++;
	return &schema;
}

START_TEST(who_began_before_an_index_came_runs_again)
{
	struct fixture f, other;
	uint32_t generation = 0;
	void *txn;

	open_it(&f);
	txn = begin(&f, SHR_TXN_WRITE);
	ck_assert_int_eq(put_lock(&f, txn, "o", "h"), 0); /* no row that an index has to do with */
	other.h = calloc(1, sizeof *other.h);
	ck_assert_ptr_nonnull(other.h);
	other.h->m = f.h->m;
	f.h->m->users++;
	ck_assert_int_eq(shr_store_from_kv(&ops, other.h, &other.store, NULL), 0);
	ck_assert_int_eq(other.store->ops->prepare(other.store->st, newer(), &generation), 0);
	ck_assert_int_eq(f.store->ops->commit(f.store->st, txn), SHR_EAGAIN);
	ck_assert_int_eq(put_share(&f, "s"), 0);
	ck_assert_int_eq(findings(&other, 1), 0); /* it is in the index that its writer does not know */
	shr_store_free(other.store);
	shr_store_free(f.store);
}
END_TEST

static int is_slot(const unsigned char *key, size_t n)
{
	return n > 14 && !memcmp(key, "\0libshare.slot", 14);
}

START_TEST(a_closed_handle_leaves_no_slot)
{
	struct fixture f;
	struct handle *h = calloc(1, sizeof *h);

	open_it(&f);
	ck_assert_ptr_nonnull(h);
	h->m = f.h->m;
	h->m->users++;
	shr_store_free(f.store);
	f.h = h;
	ck_assert_int_eq(damage(&f, is_slot, NULL, 0), 0);
	kv_close(h);
}
END_TEST

START_TEST(null_is_refused_where_it_may_not_be)
{
	struct shr_cell cells[] = { { SHR_CELL_TEXT, 1, 0, "c", 1 }, { SHR_CELL_NULL, 2, 0, NULL, 0 } };
	uint32_t counter = shr__counter_def.table->number;
	struct fixture f;
	void *txn;

	open_it(&f);
	txn = begin(&f, SHR_TXN_WRITE);
	ck_assert_int_eq(f.store->ops->insert(f.store->st, txn, counter, cells, 2, 0), SHR_ESTORE);
	ck_assert_int_eq(f.store->ops->insert(f.store->st, txn, counter, cells, 1, 0), SHR_ESTORE);
	cells[1] = (struct shr_cell){ SHR_CELL_TEXT, 2, 0, "no number", 9 };
	ck_assert_int_eq(f.store->ops->insert(f.store->st, txn, counter, cells, 2, 0), SHR_ESTORE);
	ck_assert_str_eq(words(&f), "table counter: column 2 cannot have this value");
	f.store->ops->rollback(f.store->st, txn);
	shr_store_free(f.store);
}
END_TEST

START_TEST(a_table_that_lacks_something_is_refused)
{
	struct shr_kv_ops lacking = memkv_ops;
	const struct shr_error *error = NULL;
	struct shr_store *store = NULL;

	lacking.next = NULL;
	ck_assert_int_eq(shr_store_from_kv(&lacking, NULL, &store, &error), SHR_EABI);
	shr_error_unref(error);
	lacking = memkv_ops;
	lacking.size--;
	ck_assert_int_eq(shr_store_from_kv(&lacking, NULL, &store, &error), SHR_EABI);
	shr_error_unref(error);
	lacking = memkv_ops;
	lacking.abi++;
	ck_assert_int_eq(shr_store_from_kv(&lacking, NULL, &store, NULL), SHR_EABI);
	ck_assert_ptr_null(store);
}
END_TEST

UNIT_MAIN(store_kv, a_damaged_row_is_corruption, a_missing_entry_is_found_by_a_full_check,
	an_entry_without_a_row_is_corruption, a_damaged_catalog_stops_writers, what_the_host_s_store_answers_is_passed_on,
	an_answer_that_no_store_has_is_a_failure, there_is_one_writer_a_handle,
	who_began_before_an_index_came_runs_again, a_closed_handle_leaves_no_slot, null_is_refused_where_it_may_not_be,
	a_table_that_lacks_something_is_refused)

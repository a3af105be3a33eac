/* tests/conformance/store_broken.c - the store kit finds what is broken: stores that break one promise each */
#include <stdlib.h>
#include <string.h>

#include "../../examples/memkv.h"
#include "report.h"

enum breakage {
	NOTHING, ANY_VERSION, NO_BOUNDS, ALWAYS_FORWARDS, ONE_ROW_MORE, BACK_KEEPS, CONFLICT_IS_FINE, READS_THE_NEWEST,
	CHANGES_NEVER, FORGETS, IF_ABSENT_FAILS, WRITES_ALL_COLUMNS, STARTS_AT, WORDS_FOR_ALL, ROLLBACK_COMMITS, REFUSES_LAST,
	ADDS_NOTHING
};
static const struct {
	enum breakage what;
	const char *test; /* that finds it */
} cases[] = {
	{ ANY_VERSION, "the_expected_version_is_checked" },
	{ NO_BOUNDS, "add_stays_within_its_bounds" },
	{ ALWAYS_FORWARDS, "pages_follow_each_other" },
	{ ALWAYS_FORWARDS, "ints_are_in_order" },
	{ ONE_ROW_MORE, "a_prefix_bounds_a_scan" },
	{ BACK_KEEPS, "what_is_back_never_was" },
	{ BACK_KEEPS, "what_is_kept_stays_when_the_next_goes_back" },
	{ CONFLICT_IS_FINE, "no_update_is_lost" },
	{ ADDS_NOTHING, "a_row_that_both_write_stops_write_skew" },
	{ CONFLICT_IS_FINE, "a_unique_index_holds_between_two" },
	{ CONFLICT_IS_FINE, "a_key_is_taken_once" },
	{ CONFLICT_IS_FINE, "no_add_is_lost" },
	{ READS_THE_NEWEST, "a_reader_sees_one_state" },
	{ CHANGES_NEVER, "changes_differ_when_another_commits" },
	{ FORGETS, "committed_is_there_when_opened_again" },
	{ IF_ABSENT_FAILS, "insert_if_absent_writes_once" },
	{ WRITES_ALL_COLUMNS, "update_sets_the_named_columns_alone" },
	{ STARTS_AT, "a_scan_begins_behind_any_int" },
	{ WORDS_FOR_ALL, "words_are_for_the_thread_that_failed" },
	{ ROLLBACK_COMMITS, "rolled_back_is_not_there" },
	{ REFUSES_LAST, "a_row_function_s_code_passes" },
};

struct broken { /* one handle */
	struct shr_store store;
	struct shr_store *inner;
	enum breakage what;
};
struct txn {
	void *inner;
	int reads;
};
struct place {
	struct memkv *m;
	enum breakage what;
};

static int b_prepare(void *st, const struct shr_schema *want, uint32_t *ret_generation)
{
	struct broken *b = st;

	return b->inner->ops->prepare(b->inner->st, want, ret_generation);
}

static int b_begin(void *st, uint32_t flags, void **ret_txn)
{
	struct broken *b = st;
	struct txn *t = calloc(1, sizeof *t);
	int rc = t ? b->inner->ops->begin(b->inner->st, flags, &t->inner) : SHR_ENOMEM;

	if (rc) {
		free(t);
		return rc;
	}
	t->reads = !(flags & SHR_TXN_WRITE);
	*ret_txn = t;
	return 0;
}

static int end(struct broken *b, struct txn *t, int commit)
{
	void *inner = t->inner;
	int rc = 0;

	free(t);
	if (commit)
		rc = b->inner->ops->commit(b->inner->st, inner);
	else
		b->inner->ops->rollback(b->inner->st, inner);
	return rc == SHR_EAGAIN && b->what == CONFLICT_IS_FINE ? 0 : rc;
}

static int b_commit(void *st, void *txn)
{
	return end(st, txn, 1);
}

static void b_rollback(void *st, void *txn)
{
	const struct broken *b = st;

	(void)end(st, txn, b->what == ROLLBACK_COMMITS);
}

/* The transaction inside, begun anew before each read when that is what is broken. */
static void *fresh(struct broken *b, struct txn *t)
{
	if (b->what == READS_THE_NEWEST && t->reads) {
		b->inner->ops->rollback(b->inner->st, t->inner);
		if (b->inner->ops->begin(b->inner->st, SHR_TXN_READ, &t->inner))
			abort();
	}
	return t->inner;
}

static int b_mark(void *st, void *txn)
{
	struct broken *b = st;
	struct txn *t = txn;

	return b->inner->ops->mark(b->inner->st, t->inner);
}

static int b_keep(void *st, void *txn)
{
	struct broken *b = st;
	struct txn *t = txn;

	return b->inner->ops->keep(b->inner->st, t->inner);
}

static int b_back(void *st, void *txn)
{
	struct broken *b = st;
	struct txn *t = txn;

	return b->what == BACK_KEEPS ? b_keep(st, txn) : b->inner->ops->back(b->inner->st, t->inner);
}

static int b_get(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn, void *data)
{
	struct broken *b = st;

	return b->inner->ops->get(b->inner->st, fresh(b, txn), table, key, n_key, fn, data);
}

static int b_insert(void *st, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells, uint32_t flags)
{
	struct broken *b = st;
	struct txn *t = txn;

	if (b->what == IF_ABSENT_FAILS)
		flags = 0;
	return b->inner->ops->insert(b->inner->st, t->inner, table, cells, n_cells, flags);
}

static int b_update(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	const struct shr_cell *cells, uint32_t n_cells)
{
	struct broken *b = st;
	struct txn *t = txn;
	struct shr_cell more[4] = { { SHR_CELL_TEXT, 3, 0, "", 0 } }; /* the name of a thing */

	if (b->what == ANY_VERSION)
		expect = -1;
	if (b->what == WRITES_ALL_COLUMNS && n_cells < 4) {
		memcpy(more + 1, cells, n_cells * sizeof *cells);
		return b->inner->ops->update(b->inner->st, t->inner, table, key, n_key, expect, more, n_cells + 1);
	}
	return b->inner->ops->update(b->inner->st, t->inner, table, key, n_key, expect, cells, n_cells);
}

static int b_add(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct broken *b = st;
	struct txn *t = txn;

	if (b->what == ADDS_NOTHING)
		return 0;
	if (b->what == NO_BOUNDS) {
		lowest = INT64_MIN;
		highest = INT64_MAX;
	}
	return b->inner->ops->add(b->inner->st, t->inner, table, key, n_key, column, delta, lowest, highest, ret_value);
}

static int b_remove(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	struct broken *b = st;
	struct txn *t = txn;

	return b->inner->ops->remove(b->inner->st, t->inner, table, key, n_key, b->what == ANY_VERSION ? -1 : expect);
}

static int b_scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct broken *b = st;
	int rc;

	if (b->what == ALWAYS_FORWARDS)
		flags = 0;
	if (b->what == STARTS_AT && n_from > n_prefix)
		n_from = n_prefix;
	rc = b->inner->ops->scan(b->inner->st, fresh(b, txn), table, index, from, n_from, n_prefix, flags,
		b->what == ONE_ROW_MORE ? limit + 1 : limit, fn, data);
	return b->what == REFUSES_LAST && rc < 0 ? 0 : rc;
}

static int b_changes(void *st, uint64_t *ret_changes)
{
	struct broken *b = st;

	*ret_changes = 7;
	return b->what == CHANGES_NEVER ? 0 : b->inner->ops->changes(b->inner->st, ret_changes);
}

static void b_message(void *st, char *buf, uint64_t room)
{
	struct broken *b = st;

	if (b->what == WORDS_FOR_ALL)
		strncpy(buf, "w", room);
	else
		b->inner->ops->message(b->inner->st, buf, room);
}

static void b_close(void *st)
{
	struct broken *b = st;

	b->inner->ops->close(b->inner->st);
	free(b);
}

static const struct shr_store_ops ops = {
	.abi = SHR_STORE_ABI, .size = sizeof(struct shr_store_ops), .name = "broken", .prepare = b_prepare, .begin = b_begin,
	.commit = b_commit, .rollback = b_rollback, .mark = b_mark, .keep = b_keep, .back = b_back, .get = b_get,
	.insert = b_insert, .update = b_update, .add = b_add, .remove = b_remove, .scan = b_scan, .changes = b_changes,
	.message = b_message, .close = b_close,
};

static int wipe(void *data)
{
	struct place *place = data;

	memkv_free(place->m);
	place->m = memkv_new();
	return place->m ? 0 : SHR_ENOMEM;
}

static int open_broken(void *data, struct shr_store **ret_store)
{
	struct place *place = data;
	struct broken *b = calloc(1, sizeof *b);
	int rc = b ? 0 : SHR_ENOMEM;

	if (!rc && place->what == FORGETS)
		rc = wipe(place);
	if (!rc)
		rc = memkv_store(place->m, &b->inner, NULL);
	if (rc) {
		free(b);
		return rc;
	}
	b->what = place->what;
	b->store.ops = &ops;
	b->store.st = b;
	*ret_store = &b->store;
	return 0;
}

int main(void)
{
	struct shr_kit_store_params params = SHR_KIT_STORE_PARAMS_INIT;
	struct place place = { NULL, NOTHING };
	int missed;

	params.wipe = wipe;
	params.open = open_broken;
	params.data = &place;
	missed = shr_kit_store(&params); /* nothing is broken: the wrapper passes */
	if (missed)
		printf("FAILED   the wrapper breaks %d tests by itself\n", missed);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		place.what = cases[i].what;
		params.only = cases[i].test;
		if (shr_kit_store(&params) != 1) {
			printf("FAILED   %s does not find what is broken (%d)\n", cases[i].test, cases[i].what);
			missed++;
		}
	}
	params.size = 8;
	missed += shr_kit_store(&params) != SHR_EINVAL;
	memkv_free(place.m);
	return missed != 0;
}

/* tests/kit/store_rows.c - one row: what is written is read, and what is refused changes nothing */
#include "store_kit.h"

static struct kit_txn *writer(struct kit *k)
{
	struct shr_store *store = shr__kit_store(k, 0, &shr__kit_old);

	return store ? shr__kit_begin(k, store, SHR_TXN_WRITE) : NULL;
}

static void own_writes_are_read(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), SHR_ENOTFOUND);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "name of a", "tag a", -7), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !thing.odd && !strcmp(thing.id, "a") && !strcmp(thing.name, "name of a") && !strcmp(thing.tag, "tag a"));
	NEED(k, thing.n == -7 && thing.version == 1);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, INT64_MIN), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, thing.n == INT64_MIN && thing.version == 2);
	NEED_RC(k, shr__kit_thing_remove(t, "a", -1), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), SHR_ENOTFOUND);
}

static void columns_not_named_are_null(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 0), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.name, "") && !strcmp(thing.tag, "(null)") && !strcmp(thing.note, "(null)"));
}

static void every_byte_survives(struct kit *k)
{
	static const unsigned char bytes[] = { 0, 255, 1, 0, 0, 254, 128, 39, 34, 92, 10, 0 };
	const char *text = "\xc3\xa9' \"\\ %s \xf0\x9f\x90\x99";
	struct kit_txn *t = writer(k);
	struct shr_cell key, cells[2];
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, text, text, NULL, INT64_MAX), 0);
	key = shr__kit_text(THING_ID, text);
	cells[0] = shr__kit_blob(THING_DATA, bytes, sizeof bytes);
	cells[1] = shr__kit_text(THING_NOTE, "");
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, 1, cells, 2), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, text, &thing), 0);
	NEED(k, thing.n_data == sizeof bytes && !memcmp(thing.data, bytes, sizeof bytes));
	NEED(k, !strcmp(thing.id, text) && !strcmp(thing.name, text) && thing.n == INT64_MAX && !strcmp(thing.note, ""));
}

static void a_second_row_with_the_key_is_refused(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "first", NULL, 1), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "second", NULL, 2), SHR_EEXIST);
	NEED_RC(k, shr__kit_thing_insert(t, "b", "third", NULL, 3), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.name, "first"));
	NEED_RC(k, shr__kit_thing_get(t, "b", &thing), 0);
}

static void insert_if_absent_writes_once(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct shr_cell cells[] = { shr__kit_int(NUMBER_KEY, 5), shr__kit_int(NUMBER_VALUE, 1) };
	int64_t value = 0;

	NEED(k, t);
	NEED_RC(k, t->store->ops->insert(t->store->st, t->txn, NUMBER, cells, 2, SHR_INSERT_IF_ABSENT), 0);
	cells[1].i = 2;
	NEED_RC(k, t->store->ops->insert(t->store->st, t->txn, NUMBER, cells, 2, SHR_INSERT_IF_ABSENT), 1);
	NEED_RC(k, shr__kit_number_get(t, 5, &value), 0);
	NEED(k, value == 1);
}

static void if_absent_is_about_the_key_alone(struct kit *k)
{
	struct kit_txn *t = writer(k);
	const struct shr_cell cells[] = { shr__kit_text(THING_ID, "b"), shr__kit_int(THING_VERSION, 1),
		shr__kit_text(THING_NAME, ""), shr__kit_text(THING_TAG, "same"), shr__kit_int(THING_N, 0) };

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", "same", 0), 0);
	NEED_RC(k, t->store->ops->insert(t->store->st, t->txn, THING, cells, 5, SHR_INSERT_IF_ABSENT), SHR_EEXIST);
}

static void a_unique_index_holds(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct shr_cell key = shr__kit_text(THING_ID, "b"), tag = shr__kit_text(THING_TAG, "one");
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", "one", 0), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "b", "", "one", 0), SHR_EEXIST);
	NEED_RC(k, shr__kit_thing_insert(t, "b", "", "two", 0), 0);
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &tag, 1), SHR_EEXIST);
	NEED_RC(k, shr__kit_thing_get(t, "b", &thing), 0);
	NEED(k, !strcmp(thing.tag, "two"));
	NEED_RC(k, shr__kit_thing_remove(t, "a", -1), 0);
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &tag, 1), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "c", "", "two", 0), 0);
}

static void nulls_are_not_the_same(struct kit *k)
{
	struct kit_txn *t = writer(k);

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 0), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "b", "", NULL, 0), 0);
}

static void update_sets_the_named_columns_alone(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct shr_cell key = shr__kit_text(THING_ID, "a"), note = shr__kit_text(THING_NOTE, "note");
	struct shr_cell null = shr__kit_null(THING_NOTE);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "name", "tag", 3), 0);
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &note, 1), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.note, "note") && !strcmp(thing.name, "name") && !strcmp(thing.tag, "tag") && thing.n == 3);
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &null, 1), 0);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.note, "(null)") && !strcmp(thing.name, "name"));
	key = shr__kit_text(THING_ID, "b");
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &note, 1), SHR_ENOTFOUND);
}

static void the_expected_version_is_checked(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 1), 0);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 2, 5), SHR_ECONFLICT);
	NEED_RC(k, shr__kit_thing_remove(t, "a", 2), SHR_ECONFLICT);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, thing.n == 1 && thing.version == 1);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, 5), 0);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, 6), SHR_ECONFLICT);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", -1, 7), 0);
	NEED_RC(k, shr__kit_thing_remove(t, "a", 2), 0);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 2, 5), SHR_ENOTFOUND);
	NEED_RC(k, shr__kit_thing_remove(t, "a", 2), SHR_ENOTFOUND);
}

static void add_stays_within_its_bounds(struct kit *k)
{
	struct kit_txn *t = writer(k);
	int64_t value = 0;

	NEED(k, t);
	NEED_RC(k, shr__kit_number_insert(t, 1, 10), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, 5, 0, 15, &value), 0);
	NEED(k, value == 15);
	NEED_RC(k, shr__kit_number_add(t, 1, 1, 0, 15, &value), SHR_EQUOTA);
	NEED(k, value == 15);
	NEED_RC(k, shr__kit_number_add(t, 1, -16, 0, 15, &value), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 1, -15, 0, 15, &value), 0);
	NEED(k, value == 0);
	NEED_RC(k, shr__kit_number_add(t, 2, 1, 0, 15, &value), SHR_ENOTFOUND);
	NEED_RC(k, shr__kit_number_get(t, 1, &value), 0);
	NEED(k, value == 0);
}

static void add_keeps_within_its_bounds_unasked(struct kit *k)
{
	struct kit_txn *t = writer(k);
	int64_t value = 0;

	NEED(k, t);
	NEED_RC(k, shr__kit_number_insert(t, 1, 10), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, 5, 0, 15, NULL), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, 1, 0, 15, NULL), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 1, -16, 0, 15, NULL), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 1, INT64_MIN, INT64_MIN, INT64_MAX, NULL), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, INT64_MIN, INT64_MIN, INT64_MAX, NULL), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 1, INT64_MAX, 0, INT64_MAX, NULL), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, INT64_MAX, INT64_MIN, INT64_MAX, NULL), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 2, 1, 0, 15, NULL), SHR_ENOTFOUND);
	NEED_RC(k, shr__kit_number_get(t, 1, &value), 0);
	NEED(k, value == 14);
}

static void add_never_overflows(struct kit *k)
{
	struct kit_txn *t = writer(k);
	int64_t value = 0;

	NEED(k, t);
	NEED_RC(k, shr__kit_number_insert(t, 1, INT64_MAX - 1), 0);
	NEED_RC(k, shr__kit_number_add(t, 1, 1, INT64_MIN, INT64_MAX, &value), 0);
	NEED(k, value == INT64_MAX);
	NEED_RC(k, shr__kit_number_add(t, 1, 1, INT64_MIN, INT64_MAX, &value), SHR_EQUOTA);
	NEED(k, value == INT64_MAX);
	NEED_RC(k, shr__kit_number_insert(t, 2, INT64_MIN), 0);
	NEED_RC(k, shr__kit_number_add(t, 2, -1, INT64_MIN, INT64_MAX, &value), SHR_EQUOTA);
	NEED_RC(k, shr__kit_number_add(t, 2, INT64_MIN, INT64_MIN, INT64_MAX, &value), SHR_EQUOTA);
	NEED(k, value == INT64_MIN);
}

static int refuse(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	(void)cells, (void)n_cells, (void)data;
	return -4711;
}

static void a_row_function_s_code_passes(struct kit *k)
{
	struct kit_txn *t = writer(k);
	const struct shr_cell key = shr__kit_int(NUMBER_KEY, 1);

	NEED(k, t);
	NEED_RC(k, shr__kit_number_insert(t, 1, 10), 0);
	NEED_RC(k, t->store->ops->get(t->store->st, t->txn, NUMBER, &key, 1, refuse, NULL), -4711);
	NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, NUMBER, 0, NULL, 0, 0, 0, 10, refuse, NULL), -4711);
}

const struct kit_test shr__kit_row_tests[] = {
	KIT_TEST(own_writes_are_read),
	KIT_TEST(columns_not_named_are_null),
	KIT_TEST(every_byte_survives),
	KIT_TEST(a_second_row_with_the_key_is_refused),
	KIT_TEST(insert_if_absent_writes_once),
	KIT_TEST(if_absent_is_about_the_key_alone),
	KIT_TEST(a_unique_index_holds),
	KIT_TEST(nulls_are_not_the_same),
	KIT_TEST(update_sets_the_named_columns_alone),
	KIT_TEST(the_expected_version_is_checked),
	KIT_TEST(add_stays_within_its_bounds),
	KIT_TEST(add_keeps_within_its_bounds_unasked),
	KIT_TEST(add_never_overflows),
	KIT_TEST(a_row_function_s_code_passes),
	{ NULL, NULL, 0 },
};

/* tests/kit/store_scan.c - rows in the order of an index, page by page, either way */
#include <stdio.h>
#include <stdlib.h>

#include "store_kit.h"

static struct kit_txn *writer(struct kit *k)
{
	struct shr_store *store = shr__kit_store(k, 0, &shr__kit_old);

	return store ? shr__kit_begin(k, store, SHR_TXN_WRITE) : NULL;
}

/* Everything below is tried on rows that a commit has put there and on the transaction's own. */
static struct kit_txn *half_committed(struct kit *k, int (*put)(struct kit_txn *t, int i), int n)
{
	struct kit_txn *t = writer(k);

	if (!t)
		return NULL;
	for (int half = 0; half < 2; half++) {
		for (int i = half; i < n; i += 2)
			if (put(t, i)) {
				shr__kit_fail(k, __FILE__, __LINE__, "a row cannot be inserted");
				return NULL;
			}
		if (!half && (shr__kit_commit(t) || !(t = shr__kit_begin(k, k->stores[0], SHR_TXN_WRITE)))) {
			shr__kit_fail(k, __FILE__, __LINE__, "the first half cannot be committed");
			return NULL;
		}
	}
	return t;
}

/* Values in their order. */
static const int64_t ints[] = { INT64_MIN, INT64_MIN + 1, -4294967297, -4294967296, -65537, -256, -255, -2, -1, 0, 1, 2, 127,
	128, 255, 256, 65535, 65536, 4294967295, 4294967296, INT64_MAX - 1, INT64_MAX };
static const struct {
	const char *p;
	size_t n;
} blobs[] = { { "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "\0\1", 2 }, { "\0\xff", 2 }, { "\0\xff\0", 3 }, { "\1", 1 },
	{ "\1\0", 2 }, { "a", 1 }, { "a\0", 2 }, { "a\0\0", 3 }, { "a\0b", 3 }, { "a\1", 2 }, { "ab", 2 }, { "a\xff", 2 },
	{ "b", 1 }, { "\x7f", 1 }, { "\x80", 1 }, { "\xfe", 1 }, { "\xff", 1 }, { "\xff\0", 2 }, { "\xff\xff", 2 } };
static const char *const texts[] = { "", " ", "A", "AB", "B", "a", "a ", "a!", "aa", "a\xc3\xa4", "b", "z", "~", "\xc3\xa4",
	"\xc3\xa4\x61", "\xe2\x82\xac", "\xf0\x9f\x90\x99" };
#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static int put_int(struct kit_txn *t, int i)
{
	int at = i * 7 % COUNT(ints); /* 22 and 7 have no common divisor: every one, in no order */

	return shr__kit_number_insert(t, ints[at], at);
}

static int put_blob(struct kit_txn *t, int i)
{
	int at = i * 7 % COUNT(blobs);
	const struct shr_cell cells[] = { shr__kit_blob(BYTES_KEY, blobs[at].p, blobs[at].n),
		shr__kit_int(BYTES_VALUE, at) };

	return t->store->ops->insert(t->store->st, t->txn, BYTES, cells, 2, 0);
}

static int put_text(struct kit_txn *t, int i)
{
	int at = i * 7 % COUNT(texts);
	const struct shr_cell cells[] = { shr__kit_text(WORD_A, texts[at]), shr__kit_text(WORD_B, "b"),
		shr__kit_int(WORD_VALUE, at) };

	return t->store->ops->insert(t->store->st, t->txn, WORD, cells, 3, 0);
}

struct order {
	int64_t next, step;
	int wrong;
};

/* The last cell of these tables says which place the row must have. */
static int in_order(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct order *o = data;

	o->wrong |= cells[n_cells - 1].i != o->next;
	o->next += o->step;
	return 0;
}

static void order_both_ways(struct kit *k, uint32_t table, int (*put)(struct kit_txn *t, int i), int n)
{
	struct kit_txn *t = half_committed(k, put, n);
	struct order up = { 0, 1, 0 }, down = { n - 1, -1, 0 };

	if (!t)
		return;
	NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, table, 0, NULL, 0, 0, 0, 1000, in_order, &up), 0);
	NEED(k, !up.wrong && up.next == n);
	NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, table, 0, NULL, 0, 0, SHR_SCAN_BACKWARDS, 1000, in_order, &down),
		0);
	NEED(k, !down.wrong && down.next == -1);
}

static void ints_are_in_order(struct kit *k)
{
	order_both_ways(k, NUMBER, put_int, COUNT(ints));
}

static void blobs_are_in_byte_order(struct kit *k)
{
	order_both_ways(k, BYTES, put_blob, COUNT(blobs));
}

static void texts_are_in_byte_order(struct kit *k)
{
	order_both_ways(k, WORD, put_text, COUNT(texts));
}

static void a_scan_begins_behind_any_int(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_int, COUNT(ints));

	NEED(k, t);
	for (int i = 0; i < COUNT(ints); i++) {
		const struct shr_cell from = shr__kit_int(NUMBER_KEY, ints[i]);
		struct order up = { i + 1, 1, 0 }, down = { i - 1, -1, 0 };

		NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, NUMBER, 0, &from, 1, 0, 0, 3, in_order, &up), 0);
		NEED(k, !up.wrong && up.next == (i + 4 < COUNT(ints) ? i + 4 : COUNT(ints)));
		NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, NUMBER, 0, &from, 1, 0, SHR_SCAN_BACKWARDS, 3, in_order,
			&down), 0);
		NEED(k, !down.wrong && down.next == (i - 4 > -1 ? i - 4 : -1));
	}
}

static void a_scan_begins_behind_any_blob(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_blob, COUNT(blobs));

	NEED(k, t);
	for (int i = 0; i < COUNT(blobs); i++) {
		const struct shr_cell from = shr__kit_blob(BYTES_KEY, blobs[i].p, blobs[i].n);
		struct order up = { i + 1, 1, 0 }, down = { i - 1, -1, 0 };

		NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, BYTES, 0, &from, 1, 0, 0, 1000, in_order, &up), 0);
		NEED(k, !up.wrong && up.next == COUNT(blobs));
		NEED_RC(k, t->store->ops->scan(t->store->st, t->txn, BYTES, 0, &from, 1, 0, SHR_SCAN_BACKWARDS, 1000, in_order,
			&down), 0);
		NEED(k, !down.wrong && down.next == -1);
	}
}

/* Ids p00 to p29: three names of ten. Notes: two of three rows have none. */
static int put_thing(struct kit_txn *t, int i)
{
	static const char *const names[] = { "x", "xx", "xy" };
	int at = i * 7 % 30;
	char id[16];
	struct shr_cell key, note = shr__kit_text(THING_NOTE, "n");
	int rc;

	snprintf(id, sizeof id, "p%02d", at);
	rc = shr__kit_thing_insert(t, id, names[at % 3], id, at / 10);
	key = shr__kit_text(THING_ID, id);
	if (!rc && at % 3 == 0)
		rc = t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &note, 1);
	return rc;
}

static void a_prefix_bounds_a_scan(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell name = shr__kit_text(THING_NAME, "xx");
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_NAME, &name, 1, 1, 0, 1000, &list), 0);
	NEED(k, !strcmp(list.text, "p01 p04 p07 p10 p13 p16 p19 p22 p25 p28"));
	NEED_RC(k, shr__kit_things(t, BY_NAME, &name, 1, 1, SHR_SCAN_BACKWARDS, 3, &list), 0);
	NEED(k, !strcmp(list.text, "p28 p25 p22"));
	name = shr__kit_text(THING_NAME, "xxx");
	NEED_RC(k, shr__kit_things(t, BY_NAME, &name, 1, 1, 0, 1000, &list), 0);
	NEED(k, list.n == 0);
}

/* All pages of four rows, put together. */
static void pages(struct kit *k, struct kit_txn *t, uint32_t flags, char *all)
{
	struct shr_cell from[2] = { shr__kit_text(THING_NAME, "xx") };
	char id[64] = "";
	uint32_t n_from = 1;

	*all = 0;
	for (int page = 0; page < 10; page++) {
		struct kit_list list = { "", 0, 0, 0 };
		const char *last;

		NEED_RC(k, shr__kit_things(t, BY_NAME, from, n_from, 1, flags, 4, &list), 0);
		if (list.n)
			sprintf(all + strlen(all), "%s|", list.text);
		if (list.n < 4)
			return;
		last = strrchr(list.text, ' ');
		snprintf(id, sizeof id, "%s", last ? last + 1 : "");
		from[1] = shr__kit_text(THING_ID, id);
		n_from = 2;
	}
	shr__kit_fail(k, __FILE__, __LINE__, "the pages do not end");
}

static void pages_follow_each_other(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	char all[4096];

	NEED(k, t);
	pages(k, t, 0, all);
	NEED(k, k->failed || !strcmp(all, "p01 p04 p07 p10|p13 p16 p19 p22|p25 p28|"));
	pages(k, t, SHR_SCAN_BACKWARDS, all);
	NEED(k, k->failed || !strcmp(all, "p28 p25 p22 p19|p16 p13 p10 p07|p04 p01|"));
}

/* From a place where no row is, and from a place with fewer columns than the index. */
static void a_scan_begins_where_no_row_is(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell from[2] = { shr__kit_text(THING_NAME, "xx"), shr__kit_text(THING_ID, "p11") };
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_NAME, from, 2, 1, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p13 p16"));
	NEED_RC(k, shr__kit_things(t, BY_NAME, from, 2, 1, SHR_SCAN_BACKWARDS, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p10 p07"));
	NEED_RC(k, shr__kit_things(t, BY_NAME, from, 1, 0, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p02 p05")); /* behind all of "xx" */
	NEED_RC(k, shr__kit_things(t, BY_NAME, from, 1, 0, SHR_SCAN_BACKWARDS, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p27 p24")); /* before all of "xx" */
}

static void ties_are_in_the_order_of_the_key(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell from[3] = { shr__kit_text(THING_NOTE, "n"), shr__kit_int(THING_N, 1) };
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_NOTE, from, 2, 2, 0, 1000, &list), 0);
	NEED(k, !strcmp(list.text, "p12 p15 p18"));
	from[2] = shr__kit_text(THING_ID, "p15"); /* the key follows the columns of the index */
	NEED_RC(k, shr__kit_things(t, BY_NOTE, from, 3, 1, 0, 3, &list), 0);
	NEED(k, !strcmp(list.text, "p18 p21 p24"));
	NEED_RC(k, shr__kit_things(t, BY_NOTE, from, 3, 1, SHR_SCAN_BACKWARDS, 3, &list), 0);
	NEED(k, !strcmp(list.text, "p12 p09 p06"));
}

static void the_key_follows_a_unique_index_too(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell from[2] = { shr__kit_text(THING_TAG, "p10"), shr__kit_text(THING_ID, "p10") };
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p11 p12"));
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, SHR_SCAN_BACKWARDS, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p09 p08"));
	from[1] = shr__kit_text(THING_ID, "p0"); /* before the row's own key */
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p10 p11"));
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, SHR_SCAN_BACKWARDS, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p09 p08"));
	from[1] = shr__kit_text(THING_ID, "q"); /* behind it */
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p11 p12"));
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 2, 0, SHR_SCAN_BACKWARDS, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p10 p09"));
	NEED_RC(k, shr__kit_things(t, BY_TAG, from, 1, 1, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p10"));
}

static void rows_with_null_are_not_in_the_index(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell key = shr__kit_text(THING_ID, "p00"), note = shr__kit_null(THING_NOTE);
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_NOTE, NULL, 0, 0, 0, 1000, &list), 0);
	NEED(k, !strcmp(list.text, "p00 p03 p06 p09 p12 p15 p18 p21 p24 p27"));
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &note, 1), 0);
	NEED_RC(k, shr__kit_things(t, BY_NOTE, NULL, 0, 0, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p03 p06"));
}

static void an_index_follows_its_rows(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct shr_cell key = shr__kit_text(THING_ID, "p04"), name = shr__kit_text(THING_NAME, "xy");
	struct shr_cell from = shr__kit_text(THING_NAME, "xx");
	struct kit_list list = { "", 0, 0, 0 };

	NEED(k, t);
	NEED_RC(k, t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &name, 1), 0);
	NEED_RC(k, shr__kit_thing_remove(t, "p01", -1), 0);
	NEED_RC(k, shr__kit_things(t, BY_NAME, &from, 1, 1, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p07 p10"));
	NEED_RC(k, shr__kit_things(t, BY_NAME, &name, 1, 1, 0, 3, &list), 0);
	NEED(k, !strcmp(list.text, "p02 p04 p05"));
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_NAME, &from, 1, 1, 0, 2, &list), 0);
	NEED(k, !strcmp(list.text, "p07 p10"));
}

static void a_scan_stops_when_it_is_told(struct kit *k)
{
	struct kit_txn *t = half_committed(k, put_thing, 30);
	struct kit_list list = { "", 0, 2, 1 };

	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_KEY, NULL, 0, 0, 0, 1000, &list), 0);
	NEED(k, !strcmp(list.text, "p00 p01"));
	list.answer = -99;
	NEED_RC(k, shr__kit_things(t, BY_KEY, NULL, 0, 0, SHR_SCAN_BACKWARDS, 1000, &list), -99);
	NEED(k, !strcmp(list.text, "p29 p28"));
}

const struct kit_test shr__kit_scan_tests[] = {
	KIT_TEST(ints_are_in_order),
	KIT_TEST(blobs_are_in_byte_order),
	KIT_TEST(texts_are_in_byte_order),
	KIT_TEST(a_scan_begins_behind_any_int),
	KIT_TEST(a_scan_begins_behind_any_blob),
	KIT_TEST(a_prefix_bounds_a_scan),
	KIT_TEST(pages_follow_each_other),
	KIT_TEST(a_scan_begins_where_no_row_is),
	KIT_TEST(ties_are_in_the_order_of_the_key),
	KIT_TEST(the_key_follows_a_unique_index_too),
	KIT_TEST(rows_with_null_are_not_in_the_index),
	KIT_TEST(an_index_follows_its_rows),
	KIT_TEST(a_scan_stops_when_it_is_told),
	{ NULL, NULL, 0 },
};

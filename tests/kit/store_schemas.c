/* tests/kit/store_schemas.c - two generations of a schema on one store */
#include "store_kit.h"

static int put_things(struct kit *k, const struct shr_schema *schema)
{
	struct shr_store *store = shr__kit_store(k, 0, schema);
	struct kit_txn *t = store ? shr__kit_begin(k, store, SHR_TXN_WRITE) : NULL;

	if (!t || shr__kit_thing_insert(t, "a", "a", "tag a", 3) || shr__kit_thing_insert(t, "b", "b", NULL, -1) ||
	    shr__kit_thing_insert(t, "c", "c", NULL, 2) || shr__kit_commit(t)) {
		shr__kit_fail(k, __FILE__, __LINE__, "rows cannot be put there");
		return -1;
	}
	return 0;
}

static int set_extra(struct kit *k, struct shr_store *store, const char *id)
{
	struct kit_txn *t = shr__kit_begin(k, store, SHR_TXN_WRITE);
	struct shr_cell key = shr__kit_text(THING_ID, id), extra = shr__kit_text(THING_EXTRA, "extra words");

	return !t || store->ops->update(store->st, t->txn, THING, &key, 1, -1, &extra, 1) || shr__kit_commit(t) ? -1 : 0;
}

static void a_new_index_has_the_old_rows(struct kit *k)
{
	struct kit_list list = { "", 0, 0, 0 };
	struct kit_txn *t;

	if (put_things(k, &shr__kit_old))
		return;
	shr__kit_close(k, 0);
	NEED(k, shr__kit_store(k, 0, &shr__kit_new));
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_N, NULL, 0, 0, 0, 10, &list), 0);
	NEED(k, !strcmp(list.text, "b c a"));
}

static void a_new_column_is_null_in_old_rows(struct kit *k)
{
	struct kit_thing thing;
	struct kit_txn *t;

	if (put_things(k, &shr__kit_old))
		return;
	shr__kit_close(k, 0);
	NEED(k, shr__kit_store(k, 0, &shr__kit_new));
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.extra, "(null)") && !strcmp(thing.name, "a") && !strcmp(thing.tag, "tag a"));
}

static void an_older_writer_keeps_what_it_does_not_know(struct kit *k)
{
	struct shr_cell key = shr__kit_text(THING_ID, "a"), name = shr__kit_text(THING_NAME, "renamed");
	struct shr_store *older;
	struct kit_thing thing;
	struct kit_txn *t;

	if (put_things(k, &shr__kit_new))
		return;
	NEED(k, !set_extra(k, k->stores[0], "a"));
	older = shr__kit_store(k, 1, &shr__kit_old);
	NEED(k, older);
	t = shr__kit_begin(k, older, SHR_TXN_WRITE);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !thing.odd && !strcmp(thing.extra, "(null)")); /* it is not given what it does not know */
	NEED_RC(k, older->ops->update(older->st, t->txn, THING, &key, 1, 1, &name, 1), 0);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, 9), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.extra, "extra words") && !strcmp(thing.name, "renamed") && thing.n == 9);
}

static void an_older_writer_keeps_newer_indexes(struct kit *k)
{
	struct kit_list list = { "", 0, 0, 0 };
	struct shr_store *older;
	struct kit_txn *t;

	if (put_things(k, &shr__kit_new))
		return;
	older = shr__kit_store(k, 1, &shr__kit_old);
	NEED(k, older);
	t = shr__kit_begin(k, older, SHR_TXN_WRITE);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, -9), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "d", "d", NULL, 0), 0);
	NEED_RC(k, shr__kit_thing_remove(t, "c", -1), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_N, NULL, 0, 0, 0, 10, &list), 0);
	NEED(k, !strcmp(list.text, "a b d"));
}

static void an_open_older_writer_learns_of_a_new_index(struct kit *k)
{
	struct kit_list list = { "", 0, 0, 0 };
	struct shr_store *newer;
	struct kit_txn *t;

	if (put_things(k, &shr__kit_old))
		return;
	newer = shr__kit_store(k, 1, &shr__kit_new);
	NEED(k, newer);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_WRITE);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "d", "d", NULL, 0), 0);
	NEED_RC(k, shr__kit_thing_set_n(t, "a", 1, -9), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, newer, SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_N, NULL, 0, 0, 0, 10, &list), 0);
	NEED(k, !strcmp(list.text, "a b d c"));
}

static void the_generation_only_rises(struct kit *k)
{
	struct shr_store *store;
	uint32_t generation = 0;

	NEED(k, shr__kit_store(k, 0, &shr__kit_new));
	shr__kit_close(k, 0);
	NEED_RC(k, k->params->open(k->params->data, &store), 0);
	k->stores[0] = store;
	NEED_RC(k, store->ops->prepare(store->st, &shr__kit_old, &generation), 0);
	NEED(k, generation == shr__kit_new.generation);
}

static void count(const char *text, void *data)
{
	(void)text;
	++*(int *)data;
}

static void a_check_finds_nothing(struct kit *k)
{
	struct shr_store *store;
	int n = 0;

	if (put_things(k, &shr__kit_new))
		return;
	store = k->stores[0];
	for (uint32_t full = 0; full < 2 && store->ops->check; full++)
		NEED_RC(k, store->ops->check(store->st, full, count, &n), 0);
	NEED(k, n == 0);
}

const struct kit_test shr__kit_schema_tests[] = {
	KIT_TEST_TWO(a_new_index_has_the_old_rows),
	KIT_TEST_TWO(a_new_column_is_null_in_old_rows),
	KIT_TEST_TWO(an_older_writer_keeps_what_it_does_not_know),
	KIT_TEST_TWO(an_older_writer_keeps_newer_indexes),
	KIT_TEST_TWO(an_open_older_writer_learns_of_a_new_index),
	KIT_TEST_TWO(the_generation_only_rises),
	KIT_TEST(a_check_finds_nothing),
	{ NULL, NULL, 0 },
};

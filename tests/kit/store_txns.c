/* tests/kit/store_txns.c - transactions: savepoints, roll back, one state for all reads, what lasts */
#include "store_kit.h"

static struct kit_txn *writer(struct kit *k)
{
	struct shr_store *store = shr__kit_store(k, 0, &shr__kit_old);

	return store ? shr__kit_begin(k, store, SHR_TXN_WRITE) : NULL;
}

static void rolled_back_is_not_there(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 0), 0);
	shr__kit_rollback(t);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), SHR_ENOTFOUND);
}

/* One row that stays as it was, one that changes, one that goes and one that comes. */
static int change_much(struct kit_txn *t)
{
	const struct shr_cell key = shr__kit_text(THING_ID, "b"), name = shr__kit_text(THING_NAME, "changed");
	int64_t value;
	int rc = t->store->ops->update(t->store->st, t->txn, THING, &key, 1, -1, &name, 1);

	if (!rc)
		rc = shr__kit_thing_set_n(t, "b", 1, 100);
	if (!rc)
		rc = shr__kit_thing_remove(t, "c", -1);
	if (!rc)
		rc = shr__kit_thing_insert(t, "d", "d", "c's tag", 4);
	if (!rc)
		rc = shr__kit_number_add(t, 1, 5, 0, 100, &value);
	return rc;
}

static void what_is_back_never_was(struct kit *k)
{
	struct kit_txn *t = writer(k);
	const struct shr_store_ops *ops;
	struct shr_cell from = shr__kit_text(THING_NAME, "b");
	struct kit_list list = { "", 0, 0, 0 };
	struct kit_thing thing;
	int64_t value = 0;

	NEED(k, t);
	ops = t->store->ops;
	NEED_RC(k, shr__kit_thing_insert(t, "a", "a", NULL, 1), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "b", "b", NULL, 2), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "c", "c", "c's tag", 3), 0);
	NEED_RC(k, shr__kit_number_insert(t, 1, 10), 0);
	NEED_RC(k, ops->mark(t->store->st, t->txn), 0);
	NEED_RC(k, change_much(t), 0);
	NEED_RC(k, ops->back(t->store->st, t->txn), 0);
	for (int committed = 0; committed < 2; committed++) {
		NEED_RC(k, shr__kit_thing_get(t, "b", &thing), 0);
		NEED(k, !strcmp(thing.name, "b") && thing.n == 2 && thing.version == 1);
		NEED_RC(k, shr__kit_thing_get(t, "c", &thing), 0);
		NEED_RC(k, shr__kit_thing_get(t, "d", &thing), SHR_ENOTFOUND);
		NEED_RC(k, shr__kit_things(t, BY_NAME, &from, 1, 1, 0, 10, &list), 0);
		NEED(k, !strcmp(list.text, "b"));
		NEED_RC(k, shr__kit_things(t, BY_TAG, NULL, 0, 0, 0, 10, &list), 0);
		NEED(k, !strcmp(list.text, "c"));
		NEED_RC(k, shr__kit_number_get(t, 1, &value), 0);
		NEED(k, value == 10);
		if (!committed) {
			NEED_RC(k, shr__kit_commit(t), 0);
			t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
			NEED(k, t);
		}
	}
}

static void what_is_kept_stays_when_the_next_goes_back(struct kit *k)
{
	struct kit_txn *t = writer(k);
	const struct shr_store_ops *ops;
	struct kit_thing thing;
	int64_t value = 0;

	NEED(k, t);
	ops = t->store->ops;
	NEED_RC(k, shr__kit_number_insert(t, 1, 0), 0);
	for (int i = 0; i < 4; i++) {
		NEED_RC(k, ops->mark(t->store->st, t->txn), 0);
		NEED_RC(k, shr__kit_number_add(t, 1, 1, 0, 100, &value), 0);
		NEED_RC(k, i % 2 ? ops->back(t->store->st, t->txn) : ops->keep(t->store->st, t->txn), 0);
	}
	NEED_RC(k, ops->mark(t->store->st, t->txn), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 0), 0);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 0), SHR_EEXIST);
	NEED_RC(k, ops->back(t->store->st, t->txn), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_number_get(t, 1, &value), 0);
	NEED(k, value == 2);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), SHR_ENOTFOUND);
}

static void a_row_may_come_and_go_and_come(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	for (int i = 0; i < 3; i++) {
		NEED_RC(k, t->store->ops->mark(t->store->st, t->txn), 0);
		NEED_RC(k, shr__kit_thing_insert(t, "a", "", "tag", i), 0);
		NEED_RC(k, shr__kit_thing_remove(t, "a", -1), 0);
		NEED_RC(k, shr__kit_thing_insert(t, "a", "", "tag", i), 0);
		NEED_RC(k, t->store->ops->keep(t->store->st, t->txn), 0);
		NEED_RC(k, shr__kit_commit(t), 0);
		t = shr__kit_begin(k, k->stores[0], SHR_TXN_WRITE);
		NEED(k, t);
		NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
		NEED(k, thing.n == i);
		NEED_RC(k, shr__kit_thing_remove(t, "a", -1), 0);
	}
}

static void an_empty_transaction_commits(struct kit *k)
{
	struct kit_txn *t = writer(k);

	NEED(k, t);
	NEED_RC(k, shr__kit_commit(t), 0);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_commit(t), 0);
}

static void committed_is_there_when_opened_again(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "name", NULL, -5), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	shr__kit_close(k, 0);
	NEED(k, shr__kit_store(k, 0, &shr__kit_old));
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, !strcmp(thing.name, "name") && thing.n == -5);
}

static void changes_differ_when_another_commits(struct kit *k)
{
	struct shr_store *one = shr__kit_store(k, 0, &shr__kit_old), *other = shr__kit_store(k, 1, &shr__kit_old);
	uint64_t before = 0, after = 0;
	struct kit_txn *t;

	NEED(k, one && other);
	NEED_RC(k, one->ops->changes(one->st, &before), 0);
	t = shr__kit_begin(k, other, SHR_TXN_WRITE);
	NEED(k, t);
	NEED_RC(k, shr__kit_number_insert(t, 1, 1), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	NEED_RC(k, one->ops->changes(one->st, &after), 0);
	NEED(k, before != after);
}

static void *ask_for_words(void *data)
{
	struct kit *k = data;
	char buf[64] = "untouched";

	k->stores[0]->ops->message(k->stores[0]->st, buf, sizeof buf);
	return buf[0] ? k : NULL;
}

static void words_are_for_the_thread_that_failed(struct kit *k)
{
	struct kit_txn *t = writer(k);
	const struct shr_store_ops *ops;
	char buf[8] = "1234567";
	pthread_t thread;
	void *words = NULL;

	NEED(k, t);
	ops = t->store->ops;
	NEED_RC(k, shr__kit_thing_set_n(t, "none", 1, 1), SHR_ENOTFOUND);
	ops->message(t->store->st, buf, 4);
	NEED(k, memchr(buf, 0, 4) && !strcmp(buf + 4, "567"));
	NEED(k, !pthread_create(&thread, NULL, ask_for_words, k));
	pthread_join(thread, &words);
	NEED(k, !words);
}

static int update_n(struct kit_actor *a)
{
	return shr__kit_thing_set_n(&a->txn, "a", -1, 2);
}

static int insert_b(struct kit_actor *a)
{
	return shr__kit_thing_insert(&a->txn, "b", "", NULL, 0);
}

static void a_reader_sees_one_state(struct kit *k)
{
	struct kit_txn *t = writer(k);
	struct kit_actor actors[2];
	struct kit_list list = { "", 0, 0, 0 };
	struct kit_thing thing;

	NEED(k, t);
	NEED_RC(k, shr__kit_thing_insert(t, "a", "", NULL, 1), 0);
	NEED_RC(k, shr__kit_commit(t), 0);
	if (shr__kit_actors_start(k, actors))
		return;
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	thing.n = 0;
	if (t && !shr__kit_thing_get(t, "a", &thing) && thing.n == 1) {
		shr__kit_actor_do(&actors[1], shr__kit_step_begin);
		shr__kit_actor_do(&actors[1], update_n);
		shr__kit_actor_do(&actors[1], insert_b);
		shr__kit_actor_do(&actors[1], shr__kit_step_commit);
		if (shr__kit_thing_get(t, "a", &thing) || thing.n != 1)
			shr__kit_fail(k, __FILE__, __LINE__, "a reader sees what was committed after it had begun");
		if (shr__kit_things(t, BY_KEY, NULL, 0, 0, 0, 10, &list) || strcmp(list.text, "a"))
			shr__kit_fail(k, __FILE__, __LINE__, "a reader's scan sees what was committed after it had begun");
		shr__kit_rollback(t);
	} else {
		shr__kit_fail(k, __FILE__, __LINE__, "the row cannot be read");
	}
	shr__kit_actors_end(actors);
	NEED(k, actors[1].committed || k->failed);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, thing.n == 2);
}

const struct kit_test shr__kit_txn_tests[] = {
	KIT_TEST(rolled_back_is_not_there),
	KIT_TEST(what_is_back_never_was),
	KIT_TEST(what_is_kept_stays_when_the_next_goes_back),
	KIT_TEST(a_row_may_come_and_go_and_come),
	KIT_TEST(an_empty_transaction_commits),
	KIT_TEST_TWO(committed_is_there_when_opened_again),
	KIT_TEST_TWO(changes_differ_when_another_commits),
	KIT_TEST(words_are_for_the_thread_that_failed),
	KIT_TEST_TWO(a_reader_sees_one_state),
	{ NULL, NULL, 0 },
};

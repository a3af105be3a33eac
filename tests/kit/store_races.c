/* tests/kit/store_races.c - of two writers that got in each other's way at most one wins */
#include "store_kit.h"

static int put_rows(struct kit *k)
{
	struct shr_store *store = shr__kit_store(k, 0, &shr__kit_old);
	struct kit_txn *t = store ? shr__kit_begin(k, store, SHR_TXN_WRITE) : NULL;

	if (!t || shr__kit_thing_insert(t, "a", "a", "tag a", 1) || shr__kit_thing_insert(t, "b", "b", "tag b", 1) ||
	    shr__kit_number_insert(t, 1, 10) || shr__kit_commit(t)) {
		shr__kit_fail(k, __FILE__, __LINE__, "rows cannot be put there");
		return -1;
	}
	return 0;
}

/* Both begin and do STEPS in turns; FIRST commits first. 0, or -1: the test is to return. */
static int race(struct kit *k, struct kit_actor actors[2], int first, kit_step_fn *const *steps)
{
	if (put_rows(k) || shr__kit_actors_start(k, actors))
		return -1;
	for (int i = 0; i < 2; i++)
		shr__kit_actor_do(&actors[i], shr__kit_step_begin);
	for (; *steps; steps++)
		for (int i = 0; i < 2; i++)
			shr__kit_actor_do(&actors[i], *steps);
	shr__kit_actor_do(&actors[first], shr__kit_step_commit);
	shr__kit_actor_do(&actors[!first], shr__kit_step_commit);
	shr__kit_actors_end(actors);
	if (!actors[0].committed && !actors[1].committed) {
		shr__kit_fail_rc(k, __FILE__, __LINE__, "neither commits: the first", actors[0].rc, "0");
		return -1;
	}
	return 0;
}

/* Who did not commit was told so in a way that lets it be run again. */
static int told_well(const struct kit_actor *a, int or_this)
{
	return a->committed || a->rc == SHR_EAGAIN || (or_this && a->rc == or_this);
}

static int read_n(struct kit_actor *a)
{
	struct kit_thing thing;
	int rc = shr__kit_thing_get(&a->txn, "a", &thing);

	a->seen = thing.n;
	return rc;
}

static int write_n(struct kit_actor *a)
{
	return shr__kit_thing_set_n(&a->txn, "a", -1, a->seen + 1);
}

static void lost_update(struct kit *k, int first)
{
	kit_step_fn *const steps[] = { read_n, write_n, NULL };
	struct kit_actor actors[2];
	struct kit_thing thing;
	struct kit_txn *t;

	if (race(k, actors, first, steps))
		return;
	NEED(k, told_well(&actors[0], 0) && told_well(&actors[1], 0));
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &thing), 0);
	NEED(k, thing.n == 1 + actors[0].committed + actors[1].committed);
}

static void no_update_is_lost(struct kit *k)
{
	lost_update(k, 0);
}

static void no_update_is_lost_when_the_second_is_first(struct kit *k)
{
	lost_update(k, 1);
}

static int add_one(struct kit_actor *a)
{
	return shr__kit_number_add(&a->txn, 1, 1, 0, 100, &a->seen);
}

static void no_add_is_lost(struct kit *k)
{
	kit_step_fn *const steps[] = { add_one, NULL };
	struct kit_actor actors[2];
	int64_t value = 0;
	struct kit_txn *t;

	if (race(k, actors, 0, steps))
		return;
	NEED(k, told_well(&actors[0], 0) && told_well(&actors[1], 0));
	t = shr__kit_begin(k, k->stores[1], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_number_get(t, 1, &value), 0);
	NEED(k, value == 10 + actors[0].committed + actors[1].committed);
}

/* One of the two must stay at 1: each looks at both, writes the row that both write, and sets its own to 0. */
static int read_both(struct kit_actor *a)
{
	struct kit_thing one, other;
	int rc = shr__kit_thing_get(&a->txn, "a", &one);

	if (!rc)
		rc = shr__kit_thing_get(&a->txn, "b", &other);
	a->seen = one.n + other.n;
	return rc;
}

static int write_shared(struct kit_actor *a)
{
	int64_t value;

	return shr__kit_number_add(&a->txn, 1, 1, 0, 100, &value);
}

static int clear_own(struct kit_actor *a)
{
	return a->seen < 2 ? 0 : shr__kit_thing_set_n(&a->txn, a->number ? "b" : "a", -1, 0);
}

static void write_skew(struct kit *k, int first)
{
	kit_step_fn *const steps[] = { read_both, write_shared, clear_own, NULL };
	struct kit_actor actors[2];
	struct kit_thing one, other;
	struct kit_txn *t;

	if (race(k, actors, first, steps))
		return;
	NEED(k, told_well(&actors[0], 0) && told_well(&actors[1], 0));
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_thing_get(t, "a", &one), 0);
	NEED_RC(k, shr__kit_thing_get(t, "b", &other), 0);
	NEED(k, one.n + other.n == 1);
}

static void a_row_that_both_write_stops_write_skew(struct kit *k)
{
	write_skew(k, 0);
}

static void it_stops_write_skew_when_the_second_is_first(struct kit *k)
{
	write_skew(k, 1);
}

static int insert_own(struct kit_actor *a)
{
	return shr__kit_thing_insert(&a->txn, a->number ? "d" : "c", "", "the same", a->number);
}

static void a_unique_index_holds_between_two(struct kit *k)
{
	kit_step_fn *const steps[] = { insert_own, NULL };
	struct shr_cell tag = shr__kit_text(THING_TAG, "the same");
	struct kit_list list = { "", 0, 0, 0 };
	struct kit_actor actors[2];
	struct kit_thing thing;
	struct kit_txn *t;
	int n = 0;

	if (race(k, actors, 0, steps))
		return;
	NEED(k, told_well(&actors[0], SHR_EEXIST) && told_well(&actors[1], SHR_EEXIST));
	NEED(k, actors[0].committed + actors[1].committed == 1);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_things(t, BY_TAG, &tag, 1, 1, 0, 10, &list), 0);
	NEED(k, list.n == 1);
	n += !shr__kit_thing_get(t, "c", &thing);
	n += !shr__kit_thing_get(t, "d", &thing);
	NEED(k, n == 1);
}

static int insert_same(struct kit_actor *a)
{
	return shr__kit_number_insert(&a->txn, 77, a->number);
}

static void a_key_is_taken_once(struct kit *k)
{
	kit_step_fn *const steps[] = { insert_same, NULL };
	struct kit_actor actors[2];
	int64_t value = -1;
	struct kit_txn *t;

	if (race(k, actors, 1, steps))
		return;
	NEED(k, told_well(&actors[0], SHR_EEXIST) && told_well(&actors[1], SHR_EEXIST));
	NEED(k, actors[0].committed + actors[1].committed == 1);
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	NEED_RC(k, shr__kit_number_get(t, 77, &value), 0);
	NEED(k, value == actors[1].committed);
}

static int read_version(struct kit_actor *a)
{
	struct kit_thing thing;
	int rc = shr__kit_thing_get(&a->txn, "a", &thing);

	a->seen = thing.version;
	return rc;
}

static int remove_or_change(struct kit_actor *a)
{
	return a->number ? shr__kit_thing_set_n(&a->txn, "a", a->seen, 50) : shr__kit_thing_remove(&a->txn, "a", a->seen);
}

static void removed_and_changed(struct kit *k, int first)
{
	kit_step_fn *const steps[] = { read_version, remove_or_change, NULL };
	struct kit_list list = { "", 0, 0, 0 };
	struct kit_actor actors[2];
	struct kit_thing thing;
	struct kit_txn *t;
	int there;

	if (race(k, actors, first, steps))
		return;
	t = shr__kit_begin(k, k->stores[0], SHR_TXN_READ);
	NEED(k, t);
	there = !shr__kit_thing_get(t, "a", &thing);
	NEED(k, there == !actors[0].committed);
	NEED(k, !there || thing.n == 50);
	/* One after the other is fine: then the remover had seen what the other wrote. */
	NEED(k, !(actors[0].committed && actors[1].committed) || actors[0].seen == 2);
	NEED_RC(k, shr__kit_things(t, BY_NAME, NULL, 0, 0, 0, 10, &list), 0);
	NEED(k, !strcmp(list.text, there ? "a b" : "b"));
}

static void a_removed_row_is_not_changed(struct kit *k)
{
	removed_and_changed(k, 0);
}

static void a_changed_row_is_not_removed(struct kit *k)
{
	removed_and_changed(k, 1);
}

const struct kit_test shr__kit_race_tests[] = {
	KIT_TEST_TWO(no_update_is_lost),
	KIT_TEST_TWO(no_update_is_lost_when_the_second_is_first),
	KIT_TEST_TWO(no_add_is_lost),
	KIT_TEST_TWO(a_row_that_both_write_stops_write_skew),
	KIT_TEST_TWO(it_stops_write_skew_when_the_second_is_first),
	KIT_TEST_TWO(a_unique_index_holds_between_two),
	KIT_TEST_TWO(a_key_is_taken_once),
	KIT_TEST_TWO(a_removed_row_is_not_changed),
	KIT_TEST_TWO(a_changed_row_is_not_removed),
	{ NULL, NULL, 0 },
};

/* tests/unit/store_sqlite_threads.c - many threads on one store: snapshots, waiting, and each thread's own words */
#include "unit.h"

#include "base/clock.h"
#include "store/sqlite.h"
#include "vfs/kit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MS INT64_C(1000000)

static char dir[256], path[300];

static struct shr_store *fresh(int memory)
{
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	return kit_open(memory ? ":memory:" : path, NULL);
}

static void done(struct shr_store *s)
{
	ck_assert_int_eq(kit_check(s), 0);
	shr_store_free(s);
	kit_dir_remove(dir);
}

START_TEST(a_read_transaction_sees_one_state)
{
	struct shr_store *s = fresh(0);
	struct kit_item it;
	void *old;

	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &old), 0);
	/* It saw nothing yet, and its state is that of its beginning all the same. */
	ck_assert_int_eq(kit_put_alone(s, "b", "k", 1), 0);
	ck_assert_int_eq(kit_get(s, old, "b", &it), SHR_ENOTFOUND);
	ck_assert_int_eq(kit_get(s, old, "a", &it), 0);
	ck_assert_int_eq(s->ops->commit(s->st, old), 0);
	ck_assert_int_eq(kit_get_alone(s, "b", &it), 0);
	done(s);
}
END_TEST

START_TEST(readers_are_waited_for_when_there_are_too_many)
{
	struct shr_store *s = fresh(0);
	void *txns[SHR__SQLITE_READERS], *more;

	for (int i = 0; i < SHR__SQLITE_READERS; i++)
		ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &txns[i]), 0);
	shr__store_sqlite_bound(s, 50 * MS);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &more), SHR_EBUSY);
	ck_assert_int_eq(s->ops->commit(s->st, txns[0]), 0);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &txns[0]), 0);
	for (int i = 0; i < SHR__SQLITE_READERS; i++)
		s->ops->rollback(s->st, txns[i]);
	done(s);
}
END_TEST

START_TEST(a_second_writer_of_the_process_waits_and_is_told_who_does_not_end)
{
	struct shr_store *s = fresh(0);
	void *txn, *second;

	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), 0);
	shr__store_sqlite_bound(s, 50 * MS);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &second), SHR_EBUSY);
	ck_assert_ptr_nonnull(strstr(kit_words(s), "of this process"));
	ck_assert_int_eq(s->ops->commit(s->st, txn), 0);
	done(s);
}
END_TEST

struct job {
	struct shr_store *s;
	int place, failed, reads_odd;
};

/* Each commit puts two rows: whoever reads sees both or none. */
static void *write_and_read(void *data)
{
	struct job *job = data;
	struct shr_store *s = job->s;

	for (int i = 0; i < 60; i++) {
		char a[48], b[48];
		struct kit_item it;
		void *txn;

		(void)snprintf(a, sizeof(a), "%d-%d-a", job->place, i);
		(void)snprintf(b, sizeof(b), "%d-%d-b", job->place, i);
		if (kit_begin(s, SHR_TXN_WRITE, &txn) != 0) {
			job->failed++;
			continue;
		}
		job->failed += kit_put(s, txn, a, "k", i) != 0;
		job->failed += kit_put(s, txn, b, "k", i) != 0;
		job->failed += s->ops->commit(s->st, txn) != 0;
		(void)snprintf(a, sizeof(a), "%d-%d-a", (job->place + 1) % 6, i);
		(void)snprintf(b, sizeof(b), "%d-%d-b", (job->place + 1) % 6, i);
		if (kit_begin(s, SHR_TXN_READ, &txn) != 0) {
			job->failed++;
			continue;
		}
		job->reads_odd += (kit_get(s, txn, a, &it) == 0) != (kit_get(s, txn, b, &it) == 0);
		s->ops->rollback(s->st, txn);
	}
	return NULL;
}

static void many_threads(int memory)
{
	struct shr_store *s = fresh(memory);
	struct job jobs[6];
	pthread_t threads[6];

	for (int i = 0; i < 6; i++) {
		jobs[i] = (struct job){ .s = s, .place = i };
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_and_read, &jobs[i]), 0);
	}
	for (int i = 0; i < 6; i++) {
		(void)pthread_join(threads[i], NULL);
		ck_assert_int_eq(jobs[i].failed, 0);
		ck_assert_int_eq(jobs[i].reads_odd, 0);
	}
	ck_assert_int_eq(kit_count(s, KIT_ITEM), 6 * 60 * 2);
	done(s);
}

START_TEST(threads_share_a_file)
{
	many_threads(0);
}
END_TEST

START_TEST(threads_share_the_memory)
{
	many_threads(1);
}
END_TEST

static void *end_it(void *data)
{
	void **what = data;
	struct shr_store *s = what[0];

	(void)usleep(20000);
	return (void *)(intptr_t)s->ops->commit(s->st, what[1]);
}

START_TEST(a_transaction_may_be_ended_by_another_thread)
{
	for (int memory = 0; memory < 2; memory++) {
		struct shr_store *s = fresh(memory);
		void *what[2] = { s, NULL }, *answer = &what;
		pthread_t thread;

		ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &what[1]), 0);
		ck_assert_int_eq(pthread_create(&thread, NULL, end_it, what), 0);
		ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
		(void)pthread_join(thread, &answer);
		ck_assert_ptr_null(answer);
		done(s);
	}
}
END_TEST

static void *fail_there(void *data)
{
	struct shr_store *s = data;
	char words[64];
	void *txn;

	s->ops->message(s->st, words, sizeof(words));
	if (words[0] || kit_begin(s, 99, &txn) != SHR_EINVAL)
		return s;
	s->ops->message(s->st, words, sizeof(words));
	return strstr(words, "flags") ? NULL : s;
}

START_TEST(each_thread_has_its_own_words)
{
	struct shr_store *s = fresh(0);
	struct kit_item it;
	pthread_t thread;
	void *answer, *txn;

	ck_assert_str_eq(kit_words(s), "");
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &txn), 0);
	ck_assert_int_eq(kit_put(s, txn, "a", "k", 1), SHR_EINVAL);
	ck_assert_int_eq(pthread_create(&thread, NULL, fail_there, s), 0);
	(void)pthread_join(thread, &answer);
	ck_assert_ptr_null(answer);
	ck_assert_ptr_nonnull(strstr(kit_words(s), "does not write"));
	ck_assert_int_eq(kit_get(s, txn, "a", &it), SHR_ENOTFOUND);
	ck_assert_str_eq(kit_words(s), "");
	s->ops->rollback(s->st, txn);
	done(s);
}
END_TEST

UNIT_MAIN(store_sqlite_threads, a_read_transaction_sees_one_state, readers_are_waited_for_when_there_are_too_many,
	a_second_writer_of_the_process_waits_and_is_told_who_does_not_end, threads_share_a_file, threads_share_the_memory,
	a_transaction_may_be_ended_by_another_thread, each_thread_has_its_own_words)

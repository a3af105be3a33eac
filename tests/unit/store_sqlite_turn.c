/* tests/unit/store_sqlite_turn.c - several processes on one file: fair turns, and names for who does not let go */
#include "unit.h"

#include "base/clock.h"
#include "store/sqlite.h"
#include "vfs/kit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS INT64_C(1000000)

static char dir[256], path[300];

static struct shr_store *fresh(void)
{
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	return kit_open(path, NULL);
}

/* A child that runs BODY on a store of its own and says when it got so far; a pipe's end to wait for that. */
static pid_t child(void (*body)(struct shr_store *s, int said), int *ret_said)
{
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct shr_store *s = kit_open(path, NULL);

		(void)close(fds[0]);
		body(s, fds[1]);
		shr_store_free(s);
		/* Not the parent's leftovers: these are for the parent's leak check. */
		(void)raise(SIGKILL);
	}
	(void)close(fds[1]);
	*ret_said = fds[0];
	return pid;
}

static void heard(int said)
{
	char c;

	ck_assert_int_eq(read(said, &c, 1), 1);
}

static void say(int said)
{
	if (write(said, "x", 1) != 1)
		_exit(2);
}

static void end(pid_t pid)
{
	int status;

	(void)kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
}

static void hold(struct shr_store *s, int said)
{
	void *txn;

	if (kit_begin(s, SHR_TXN_WRITE, &txn) != 0 || kit_put(s, txn, "held", "k", 1) != 0)
		_exit(1);
	say(said);
	for (;;)
		(void)pause();
}

START_TEST(who_holds_the_store_too_long_is_named)
{
	struct shr_store *s = fresh();
	char name[64];
	void *txn;
	int said;
	pid_t pid = child(hold, &said);

	heard(said);
	shr__store_sqlite_bound(s, 100 * MS);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), SHR_EBUSY);
	(void)snprintf(name, sizeof(name), "process %d (", (int)pid);
	ck_assert_msg(strstr(kit_words(s), name) != NULL, "%s", kit_words(s));
	ck_assert_msg(strstr(kit_words(s), "inside a transaction") != NULL, "%s", kit_words(s));
	ck_assert_msg(strstr(kit_words(s), "stopped") == NULL, "%s", kit_words(s));
	/* Readers are in nobody's way. */
	ck_assert_int_eq(kit_count(s, KIT_ITEM), 0);
	end(pid);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

START_TEST(who_is_stopped_inside_a_transaction_is_said_to_be)
{
	struct shr_store *s = fresh();
	void *txn;
	int said, status;
	pid_t pid = child(hold, &said);

	heard(said);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	shr__store_sqlite_bound(s, 100 * MS);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), SHR_EBUSY);
	ck_assert_msg(strstr(kit_words(s), "which is stopped") != NULL, "%s", kit_words(s));
	end(pid);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

START_TEST(the_turn_of_who_dies_is_free_at_once_and_its_work_undone)
{
	struct shr_store *s = fresh();
	struct kit_item it;
	int64_t start;
	int said;
	pid_t pid = child(hold, &said);

	heard(said);
	end(pid);
	start = shr__clock_mono_ns();
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	ck_assert_int_lt(shr__clock_mono_ns() - start, 5000 * MS);
	ck_assert_int_eq(kit_get_alone(s, "held", &it), SHR_ENOTFOUND);
	ck_assert_int_eq(kit_check(s), 0);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

/* Waits for the turn for ever: the parent has it. */
static void wait_for_it(struct shr_store *s, int said)
{
	void *txn;

	say(said);
	(void)kit_begin(s, SHR_TXN_WRITE, &txn);
	_exit(1);
}

START_TEST(who_is_stopped_while_it_waits_keeps_nobody_out)
{
	struct shr_store *s = fresh(), *other;
	void *txn;
	int said, status;
	int64_t start;
	pid_t pid;

	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), 0);
	pid = child(wait_for_it, &said);
	heard(said);
	(void)usleep(100000);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert_int_eq(s->ops->commit(s->st, txn), 0);
	other = kit_open(path, NULL);
	start = shr__clock_mono_ns();
	for (int i = 0; i < 20; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "%d", i);
		ck_assert_int_eq(kit_put_alone(other, id, "k", 1), 0);
	}
	ck_assert_int_lt(shr__clock_mono_ns() - start, 3000 * MS);
	end(pid);
	shr_store_free(other);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

START_TEST(a_foreign_program_that_locks_the_database_is_named)
{
	struct shr_store *s = fresh();
	char name[64], c;
	void *txn;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		sqlite3 *db;

		if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		say(fds[1]);
		for (;;)
			(void)pause();
	}
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	shr__store_sqlite_bound(s, 100 * MS);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), SHR_EBUSY);
	(void)snprintf(name, sizeof(name), "process %d (", (int)pid);
	ck_assert_msg(strstr(kit_words(s), name) != NULL, "%s", kit_words(s));
	end(pid);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

START_TEST(two_handles_of_one_process_take_turns_too)
{
	struct shr_store *s = fresh(), *other = kit_open(path, NULL);
	void *txn, *second;

	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), 0);
	shr__store_sqlite_bound(other, 50 * MS);
	ck_assert_int_eq(kit_begin(other, SHR_TXN_WRITE, &second), SHR_EBUSY);
	ck_assert_msg(strstr(kit_words(other), "this process") != NULL, "%s", kit_words(other));
	ck_assert_int_eq(s->ops->commit(s->st, txn), 0);
	ck_assert_int_eq(kit_put_alone(other, "a", "k", 1), 0);
	shr_store_free(other);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

START_TEST(a_turn_file_that_is_taken_away_is_made_anew)
{
	struct shr_store *s = fresh(), *other;
	char turn[320];
	void *txn, *second;

	(void)snprintf(turn, sizeof(turn), "%s-turn", path);
	ck_assert_int_eq(unlink(turn), 0);
	other = kit_open(path, NULL);
	(void)usleep(1100000);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), 0);
	shr__store_sqlite_bound(other, 50 * MS);
	ck_assert_int_eq(kit_begin(other, SHR_TXN_WRITE, &second), SHR_EBUSY);
	ck_assert_msg(strstr(kit_words(other), "inside a transaction") != NULL, "%s", kit_words(other));
	ck_assert_int_eq(s->ops->commit(s->st, txn), 0);
	shr_store_free(other);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

/* What the children of the next test have in common. */
struct race {
	_Atomic int go, stop;
	_Atomic int count[4];
	_Atomic int failed;
	_Atomic int64_t worst_ns[4];
};
static struct race *race;
static int my_place;

static void run_race(struct shr_store *s, int said)
{
	say(said);
	while (!atomic_load(&race->go))
		(void)usleep(100);
	for (int i = 0; !atomic_load(&race->stop); i++) {
		int64_t start = shr__clock_mono_ns(), took;
		char id[48];

		(void)snprintf(id, sizeof(id), "%d-%d", my_place, i);
		if (kit_put_alone(s, id, "k", i) != 0)
			atomic_fetch_add(&race->failed, 1);
		took = shr__clock_mono_ns() - start;
		if (took > atomic_load(&race->worst_ns[my_place]))
			atomic_store(&race->worst_ns[my_place], took);
		atomic_fetch_add(&race->count[my_place], 1);
	}
}

START_TEST(processes_take_fair_turns_and_none_is_told_busy)
{
	struct shr_store *s = fresh();
	int said[4], status, total = 0;
	pid_t pids[4];

	race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (my_place = 0; my_place < 4; my_place++)
		pids[my_place] = child(run_race, &said[my_place]);
	for (int i = 0; i < 4; i++)
		heard(said[i]);
	atomic_store(&race->go, 1);
	(void)usleep(1500000);
	atomic_store(&race->stop, 1);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		total += atomic_load(&race->count[i]);
	}
	ck_assert_int_eq(atomic_load(&race->failed), 0);
	ck_assert_int_eq(kit_count(s, KIT_ITEM), total);
	for (int i = 0; i < 4; i++)
		ck_assert_msg(atomic_load(&race->count[i]) * 4 * 2 >= total, "process %d had %d turns of %d; worst %d ms", i,
			atomic_load(&race->count[i]), total, (int)(atomic_load(&race->worst_ns[i]) / MS));
	(void)munmap(race, sizeof(*race));
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

/* Opened, prepared, written to and closed by all at once, so that creating, switching to the log, recovering and the last
 * one's check-point meet each other. */
START_TEST(processes_create_and_close_one_store_at_once)
{
	for (int round = 0; round < 12; round++) {
		pid_t pids[4];
		int status;

		(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
		(void)snprintf(path, sizeof(path), "%s/store.db", dir);
		for (int i = 0; i < 4; i++) {
			pids[i] = fork();
			for (int k = 0; pids[i] == 0 && k < 5; k++) {
				struct shr_store *s = kit_open(path, NULL);
				char id[32];

				(void)snprintf(id, sizeof(id), "%d-%d", i, k);
				if (kit_put_alone(s, id, "k", 1) != 0)
					_exit(1);
				shr_store_free(s);
			}
			if (pids[i] == 0)
				_exit(0);
		}
		for (int i = 0; i < 4; i++) {
			ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
			ck_assert_int_eq(status, 0);
		}
		struct shr_store *s = kit_open(path, NULL);
		ck_assert_int_eq(kit_count(s, KIT_ITEM), 20);
		shr_store_free(s);
		kit_dir_remove(dir);
	}
}
END_TEST

START_TEST(changes_tells_of_other_handles_commits_and_not_of_its_own)
{
	struct shr_store *s = fresh(), *other = kit_open(path, NULL);
	uint64_t before, after;

	ck_assert_int_eq(s->ops->changes(s->st, &before), 0);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	ck_assert_int_eq(s->ops->changes(s->st, &after), 0);
	ck_assert_uint_eq(before, after);
	ck_assert_int_eq(kit_put_alone(other, "b", "k", 1), 0);
	ck_assert_int_eq(s->ops->changes(s->st, &after), 0);
	ck_assert_uint_ne(before, after);
	shr_store_free(other);
	shr_store_free(s);
	kit_dir_remove(dir);
}
END_TEST

UNIT_MAIN(store_sqlite_turn, who_holds_the_store_too_long_is_named, who_is_stopped_inside_a_transaction_is_said_to_be,
	the_turn_of_who_dies_is_free_at_once_and_its_work_undone, who_is_stopped_while_it_waits_keeps_nobody_out,
	a_foreign_program_that_locks_the_database_is_named, two_handles_of_one_process_take_turns_too,
	a_turn_file_that_is_taken_away_is_made_anew, processes_take_fair_turns_and_none_is_told_busy,
	processes_create_and_close_one_store_at_once, changes_tells_of_other_handles_commits_and_not_of_its_own)

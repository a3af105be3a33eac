/* tests/unit/exporter_hold.c - a server that is frozen: many processes, such as fork without end, a guard that is killed, no memory */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../backends/common/freeze.h"
#include "driver_host.h"
#include "unit.h"

static struct host h;
static struct plug_server server;
static struct plug_proc first; /* of the processes that stand for the server's */

static void nap(int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static int find(void *ex, const struct shr_call *call, struct plug_proc *ret)
{
	(void)ex;
	if (!plug_proc_alive(&first))
		return host_table.fail(call, SHR_EUNREACHABLE, "it has gone");
	*ret = first;
	return 0;
}

static const struct plug_holder holder = { &host_table, &server, "the server", NULL, find, NULL };

/* RUN in a process of its own, which leads a group; when it writes a byte it is there. */
static void begin(void (*run)(int ready))
{
	int ends[2];
	char byte;

	memset(&h, 0, sizeof h);
	memset(&server, 0, sizeof server);
	pthread_mutex_init(&server.lock, NULL);
	pthread_cond_init(&server.changed, NULL);
	ck_assert_int_eq(pipe(ends), 0);
	first.pid = fork();
	if (first.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		run(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq((int)read(ends[0], &byte, 1), 1);
	close(ends[0]);
	ck_assert_int_eq(plug_proc_began(first.pid, &first.began), 1);
}

static void end(void)
{
	pthread_mutex_lock(&server.lock);
	plug_hold_clear(&server);
	pthread_mutex_unlock(&server.lock);
	kill(-first.pid, SIGKILL);
	waitpid(first.pid, NULL, 0);
}

static int hold(const char *op, uint32_t bound_ms)
{
	struct shr_call call = host_call(&h);
	int code, i;

	call.op_id = op;
	call.step = "hold";
	for (i = 0; i < 500; i++) {
		code = plug_hold(&holder, &call, bound_ms);
		if (code != SHR_RUNNING)
			break;
		nap(5);
	}
	return code;
}

static int release(const char *op)
{
	struct shr_call call = host_call(&h);

	call.op_id = op;
	call.step = "release";
	return plug_release(&holder, &call);
}

/* How many processes the server has, and how many of them are stopped. */
static int look(int *ret_stopped)
{
	struct plug_proc *tree;
	int n = plug_proc_tree(&first, &tree), i;

	ck_assert_int_gt(n, 0);
	for (i = *ret_stopped = 0; i < n; i++)
		*ret_stopped += plug_proc_stopped(tree[i].pid);
	free(tree);
	return n;
}

static void must_be_stopped(int all)
{
	int stopped, n = look(&stopped);

	ck_assert_msg(stopped == (all ? n : 0), "%d of %d are stopped", stopped, n);
}

/* ---- servers ---- */

#define CHILDREN 300

static void sleeps(int ready)
{
	ck_assert_int_eq((int)write(ready, "", 1), 1);
	for (;;)
		pause();
}

static void has_children(int ready)
{
	int i;

	for (i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			for (;;)
				pause();
	sleeps(ready);
}

/* Each forks one that forks, and ends: there is always somebody who is just being made. */
static void forks(int ready)
{
	int i;

	signal(SIGCHLD, SIG_IGN);
	for (i = 0;; i++) {
		if (fork() == 0) {
			if (fork() == 0)
				nap(8);
			nap(4);
			_exit(0);
		}
		nap(1);
		if (i == 20)
			ck_assert_int_eq((int)write(ready, "", 1), 1);
	}
}

/* ---- */

/* Without a descriptor for each. */
START_TEST(hundreds_of_processes_are_held)
{
	const struct rlimit few = { 24, 24 };
	int stopped;

	begin(has_children);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(look(&stopped), CHILDREN + 1);
	ck_assert_int_eq(stopped, 0);
	ck_assert_msg(hold("a", 60000) == 0, "%s", h.message);
	must_be_stopped(1);
	ck_assert_int_eq(release("a"), 0);
	nap(20);
	must_be_stopped(0);
	end();
}
END_TEST

START_TEST(who_forks_without_end_is_held_whole)
{
	int i, stopped, n, later;

	begin(forks);
	for (i = 0; i < 20; i++) {
		nap(i % 5);
		ck_assert_msg(hold("a", 60000) == 0, "%s", h.message);
		n = look(&stopped);
		ck_assert_msg(stopped == n, "round %d: %d of %d are stopped", i, stopped, n);
		nap(15);
		later = look(&stopped);
		ck_assert_msg(later == n && stopped == n, "round %d: %d of %d are stopped, %d before", i, stopped, later, n);
		ck_assert_msg(release("a") == 0, "%s", h.message);
	}
	end();
}
END_TEST

static pid_t guard_pid(void)
{
	struct plug_proc *mine;
	int n = plug_proc_children(getpid(), &mine), i;
	char path[64], name[32] = "";
	pid_t found = 0;
	FILE *f;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "/proc/%ld/comm", (long)mine[i].pid);
		f = fopen(path, "r");
		if (f && fgets(name, sizeof name, f) && strcmp(name, "shr-guard\n") == 0)
			found = mine[i].pid;
		if (f)
			fclose(f);
	}
	free(mine);
	return found;
}

START_TEST(without_its_guard_it_is_let_go_and_said_so)
{
	pid_t guard;
	int i;

	begin(has_children);
	ck_assert_int_eq(hold("a", 60000), 0);
	for (i = 0; i < 100 && (guard = guard_pid()) == 0; i++)
		nap(10);
	ck_assert_int_gt(guard, 0);
	kill(guard, SIGKILL);
	nap(20);
	must_be_stopped(1);
	ck_assert_int_eq(release("a"), SHR_EBACKEND);
	nap(20);
	must_be_stopped(0);
	ck_assert_int_eq(release("a"), SHR_EBACKEND);
	ck_assert_int_eq(hold("a", 60000), 0);
	ck_assert_int_eq(release("a"), 0);
	ck_assert_int_eq(guard_pid(), 0);
	end();
}
END_TEST

START_TEST(the_bound_lets_all_go_also_when_nobody_asks)
{
	begin(has_children);
	ck_assert_int_eq(hold("a", 300), 0);
	must_be_stopped(1);
	nap(500);
	must_be_stopped(0);
	ck_assert_int_eq(hold("a", 300), SHR_EBACKEND);
	ck_assert_int_eq(hold("b", 60000), 0);
	must_be_stopped(1);
	ck_assert_int_eq(release("a"), SHR_EBACKEND);
	must_be_stopped(1); /* b's */
	ck_assert_int_eq(release("c"), 0);
	must_be_stopped(1);
	ck_assert_int_eq(hold("c", 60000), SHR_EAGAIN);
	ck_assert_int_eq(release("b"), 0);
	nap(20);
	must_be_stopped(0);
	end();
}
END_TEST

START_TEST(only_the_process_that_was_meant_is_signalled)
{
	struct plug_proc other;

	begin(sleeps);
	other = (struct plug_proc){ first.pid, 0, first.began + 1 };
	ck_assert_int_eq(plug_proc_signal(&other, SIGSTOP), -1);
	nap(20);
	ck_assert_int_eq(plug_proc_stopped(first.pid), 0);
	ck_assert_int_eq(plug_proc_signal(&first, SIGSTOP), 0);
	nap(20);
	ck_assert_int_eq(plug_proc_stopped(first.pid), 1);
	kill(first.pid, SIGKILL);
	waitpid(first.pid, NULL, 0);
	ck_assert_int_eq(plug_proc_signal(&first, SIGSTOP), -1);
	ck_assert_int_eq(hold("a", 60000), SHR_EUNREACHABLE);
}
END_TEST

/* What is under way would wait for the frozen server, and the hold for it. */
START_TEST(a_job_that_is_under_way_ends_first)
{
	struct plug_job job = { .is_running = 1, .since_ns = plug_now_ns() };
	struct shr_call call;
	int64_t now;

	begin(sleeps);
	server.first = &job;
	call = host_call(&h);
	call.op_id = "a";
	ck_assert_int_eq(plug_hold(&holder, &call, 60000), SHR_RUNNING);
	must_be_stopped(0);
	now = plug_now_ns();
	ck_assert_int_gt(plug_hold_until_ns(&server), now); /* no other begins */
	ck_assert_int_lt(plug_hold_until_ns(&server), now + 2000 * PLUG_MS);
	job.since_ns -= 60000 * PLUG_MS;
	ck_assert_int_eq(plug_hold(&holder, &call, 60000), SHR_EAGAIN);
	ck_assert_ptr_nonnull(strstr(h.message, "another call for 60 s"));
	job.is_running = 0;
	ck_assert_int_eq(plug_hold(&holder, &call, 60000), 0);
	ck_assert_int_gt(plug_hold_until_ns(&server), now + 50000 * PLUG_MS);
	must_be_stopped(1);
	ck_assert_int_eq(release("a"), 0);
	ck_assert_int_eq(plug_hold_until_ns(&server), 0);
	server.first = NULL;
	end();
}
END_TEST

START_TEST(without_memory_nobody_is_left_standing_still)
{
	int code = SHR_EAGAIN, rounds = 0;

	begin(sleeps);
	while (code != 0) {
		ck_assert_int_lt(++rounds, 100);
		host_allocations = 0;
		host_fail_at = rounds;
		code = hold("a", 60000);
		host_fail_at = 0;
		ck_assert_msg(code == 0 || code == SHR_EAGAIN, "%d: %s", code, h.message);
		if (code) {
			nap(10);
			must_be_stopped(0);
			ck_assert_int_eq(release("a"), 0);
		}
	}
	ck_assert_int_gt(rounds, 2);
	must_be_stopped(1);
	ck_assert_int_eq(release("a"), 0);
	end();
}
END_TEST

UNIT_MAIN(exporter_hold, hundreds_of_processes_are_held, who_forks_without_end_is_held_whole,
	without_its_guard_it_is_let_go_and_said_so,
	the_bound_lets_all_go_also_when_nobody_asks, only_the_process_that_was_meant_is_signalled, a_job_that_is_under_way_ends_first,
	without_memory_nobody_is_left_standing_still)

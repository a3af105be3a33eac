/* tools/driver_check/kill.c - each call killed between any two system calls, and made again */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/clock.h"
#include "kit.h"

/*
 * The kit closes the backend; a child opens it and makes the call, and is killed. First under trace, after its first
 * system call of the call, after its second, and so on until it ends before that; then at random instants, which
 * also hit between. What counts is what a new process finds then.
 */
#define MOST_STOPS 600

static void call_of(struct kit *kit, const struct kit_scene *scene, struct kit_share *share, struct kit_call *call)
{
	memset(call, 0, sizeof *call);
	call->verb = scene->verb;
	call->share = share;
	call->bytes = scene->bytes;
	call->of = scene->of ? &kit->aside[0] : NULL;
	call->snap = scene->snap ? &kit->aside[1] : NULL;
	if (scene->verb == SHR__VERB_ACCESS)
		kit_ten_rules(kit, call);
}

static void child_calls(struct kit *kit, const struct kit_scene *scene, struct kit_share *share, int traced, int ready)
{
	struct kit_call call;

	call_of(kit, scene, share, &call);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setjmp(kit->out)) {
		fprintf(stderr, "shr-driver-check: %s\n", kit->why);
		_exit(2);
	}
	kit_open(kit);
	if (write(ready, "", 1) != 1)
		_exit(3);
	if (traced && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0))
		_exit(77);
	_exit(kit_make(kit, &call) == 0 ? 0 : 1);
}

static pid_t begin_child(struct kit *kit, const struct kit_scene *scene, struct kit_share *share, int traced)
{
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		kit_fail(kit, "no second process");
	if (pid == 0)
		child_calls(kit, scene, share, traced, ends[1]);
	close(ends[1]);
	if (read(ends[0], &byte, 1) < 0)
		kit_fail(kit, "no word of the second process");
	close(ends[0]);
	return pid;
}

/* Let it go on for STOPS stops at system calls (each has two: before and behind). 1: killed there; 0: it ended before. */
static int kill_after_stops(struct kit *kit, pid_t pid, int stops)
{
	int status, i;

	for (i = 0; i <= stops; i++) {
		if (waitpid(pid, &status, 0) < 0)
			kit_fail(kit, "the second process is lost");
		if (WIFEXITED(status)) {
			if (WEXITSTATUS(status) == 77)
				kit_skip(kit, "processes cannot be traced here");
			if (WEXITSTATUS(status) != 0)
				kit_fail(kit, "the call failed in the second process");
			return 0;
		}
		if (i == stops)
			break;
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 && errno != ESRCH)
			kit_fail(kit, "trace: %s", strerror(errno));
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return 1;
}

static void kill_at_random(pid_t pid, int64_t within_ns)
{
	struct timespec t = { 0, (long)(random() % (within_ns + 1)) };
	int status;

	nanosleep(&t, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Behind the kill, by a new process: the call is made again, or gone back on; then all goes. */
static void settle(struct kit *kit, const struct kit_scene *scene, struct kit_share *share, int undo)
{
	struct kit_call call;

	if (!kit->backend)
		kit_open(kit);
	if (scene->half)
		scene->half(kit, share);
	if (undo >= 0) {
		call_of(kit, scene, share, &call);
		call.verb = (enum shr__verb)undo;
		kit_must_make(kit, &call, 0);
	} else {
		call_of(kit, scene, share, &call);
		call.attempt = 1;
		kit_must_make(kit, &call, 0);
		kit_must_make(kit, &call, 0);
	}
	if (scene->verb == SHR__VERB_REMOVE && kit_has_files(share))
		kit_fail(kit, "%s is still there", share->path);
	if (scene->after)
		scene->after(kit, share);
	else if (scene->verb == SHR__VERB_MANAGE || scene->verb == SHR__VERB_UNMANAGE)
		kit_must(kit, SHR__VERB_UNMANAGE, share, 0, 0);
	else
		kit_remove(kit, share);
}

static void prepare(struct kit *kit, const struct kit_scene *scene, struct kit_share *share)
{
	if (!kit->backend)
		kit_open(kit);
	kit_share_init(kit, share, 16 * KIT_MIB);
	if (scene->before)
		scene->before(kit, share);
	kit_close(kit);
}

static int kill_between_system_calls(struct kit *kit, const struct kit_scene *scene, int undo, int *ret_stops)
{
	struct kit_share share;
	int stops, killed = 1;

	for (stops = 1; killed && stops < MOST_STOPS; stops++) {
		prepare(kit, scene, &share);
		killed = kill_after_stops(kit, begin_child(kit, scene, &share, 1), stops);
		settle(kit, scene, &share, undo);
	}
	*ret_stops += stops - 1;
	return killed;
}

static void kill_at_random_instants(struct kit *kit, const struct kit_scene *scene)
{
	struct kit_share share;
	struct kit_call call;
	int64_t began, took;
	int i;

	prepare(kit, scene, &share);
	kit_open(kit);
	call_of(kit, scene, &share, &call);
	began = shr__clock_mono_ns();
	kit_must_make(kit, &call, 0);
	took = shr__clock_mono_ns() - began;
	settle(kit, scene, &share, scene->undo);
	for (i = 0; i < kit->args.kills; i++) {
		prepare(kit, scene, &share);
		kill_at_random(begin_child(kit, scene, &share, 0), took < 500000000 ? took : 500000000);
		settle(kit, scene, &share, scene->undo >= 0 && i % 2 ? scene->undo : -1);
	}
}

void kit_play(struct kit *kit, const struct kit_scene *scene)
{
	int stops = 0;

	if (kit->args.no_kill)
		kit_skip(kit, "what it makes does not outlive its process");
	kill_between_system_calls(kit, scene, -1, &stops);
	if (scene->undo >= 0)
		kill_between_system_calls(kit, scene, scene->undo, &stops);
	kill_at_random_instants(kit, scene);
	kit_note(kit, "(%d times, then %d)", stops, kit->args.kills);
}

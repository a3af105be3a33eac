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

struct scene { /* around the call that is killed */
	const char *name;
	void (*before)(struct kit *kit, struct kit_share *share);
	enum shr__verb verb;
	uint64_t bytes;
	/* What a call that goes back on it must find possible: the undo of a half-made one; -1: none. */
	int undo;
	int of, snap; /* the call is also about the share, and the snapshot, that lie aside */
	void (*half)(struct kit *kit, struct kit_share *share);  /* what must be so behind the kill; NULL: nothing */
	void (*after)(struct kit *kit, struct kit_share *share); /* what has to go in the end; NULL: the share */
};

static void call_of(struct kit *kit, const struct scene *scene, struct kit_share *share, struct kit_call *call)
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

static void child_calls(struct kit *kit, const struct scene *scene, struct kit_share *share, int traced, int ready)
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

static pid_t begin_child(struct kit *kit, const struct scene *scene, struct kit_share *share, int traced)
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
static void settle(struct kit *kit, const struct scene *scene, struct kit_share *share, int undo)
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

static void prepare(struct kit *kit, const struct scene *scene, struct kit_share *share)
{
	if (!kit->backend)
		kit_open(kit);
	kit_share_init(kit, share, 16 * KIT_MIB);
	if (scene->before)
		scene->before(kit, share);
	kit_close(kit);
}

static int kill_between_system_calls(struct kit *kit, const struct scene *scene, int undo, int *ret_stops)
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

static void kill_at_random_instants(struct kit *kit, const struct scene *scene)
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

static void play(struct kit *kit, const struct scene *scene)
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

/* ---- the scenes ---- */

static void made(struct kit *kit, struct kit_share *share)
{
	kit_must(kit, SHR__VERB_CREATE, share, 0, 0);
	kit_must(kit, SHR__VERB_EXPORT, share, 0, 0);
	kit_make_tree(share);
}

static void found(struct kit *kit, struct kit_share *share)
{
	share->source = kit->args.source;
	share->bytes = 0;
}

static void managed(struct kit *kit, struct kit_share *share)
{
	found(kit, share);
	kit_must(kit, SHR__VERB_MANAGE, share, 0, 0);
	share->bytes = share->told_bytes;
}

static void create_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "create", .verb = SHR__VERB_CREATE, .undo = SHR__VERB_REMOVE };

	play(kit, &scene);
}

static void remove_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "remove", .before = made, .verb = SHR__VERB_REMOVE, .undo = -1 };

	play(kit, &scene);
}

static void extend_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "extend", .before = made, .verb = SHR__VERB_RESIZE, .bytes = 32 * KIT_MIB,
		.undo = SHR__VERB_REMOVE };

	play(kit, &scene);
}

static void shrink_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "shrink", .before = made, .verb = SHR__VERB_RESIZE, .bytes = 8 * KIT_MIB,
		.undo = -1 };

	play(kit, &scene);
}

static void access_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "access", .before = made, .verb = SHR__VERB_ACCESS, .undo = SHR__VERB_REMOVE };

	kit_ten_rules(kit, &(struct kit_call){ .verb = SHR__VERB_ACCESS });
	play(kit, &scene);
}

static void manage_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "manage", .before = found, .verb = SHR__VERB_MANAGE, .undo = SHR__VERB_UNMANAGE };

	if (!kit->args.source)
		kit_skip(kit, "no source was given with --manage");
	play(kit, &scene);
}

static void unmanage_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "unmanage", .before = managed, .verb = SHR__VERB_UNMANAGE, .undo = -1 };

	if (!kit->args.source)
		kit_skip(kit, "no source was given with --manage");
	play(kit, &scene);
}

/* ---- scenes with snapshots: the share lies aside at [0], its snapshot at [1] ---- */

static void to_be_cut(struct kit *kit, struct kit_share *snap)
{
	kit_create(kit, &kit->aside[0], 16 * KIT_MIB);
	kit_make_tree(&kit->aside[0]);
	memcpy(snap->share_id, kit->aside[0].share_id, sizeof snap->share_id);
	snap->flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
}

static void cut(struct kit *kit, struct kit_share *snap)
{
	to_be_cut(kit, snap);
	kit_cut(kit, &kit->aside[0], snap);
}

static void end_cut(struct kit *kit, struct kit_share *snap)
{
	kit_uncut(kit, &kit->aside[0], snap);
	if (kit_has_files(&kit->aside[0]) && !kit_file_is(&kit->aside[0], "one", 10000))
		kit_fail(kit, "the share lost a file");
	kit_remove(kit, &kit->aside[0]);
}

/* A file of 10000 bytes when it is cut, of 20000 before it is put back. */
static void written_since(struct kit *kit, struct kit_share *share)
{
	made(kit, share);
	kit_cut(kit, share, &kit->aside[1]);
	if (kit_has_files(share))
		kit_write_file(share, "one", 20000);
	kit_must(kit, SHR__VERB_UNEXPORT, share, 0, 0);
}

static void before_or_after(struct kit *kit, struct kit_share *share)
{
	int had_files = share->path[0] && kit_has_files(&kit->aside[1]);

	if (had_files && !kit_file_is(share, "one", 10000) && !kit_file_is(share, "one", 20000))
		kit_fail(kit, "the share is neither as before nor as after");
}

static void end_reverted(struct kit *kit, struct kit_share *share)
{
	if (kit_has_files(share) && !kit_file_is(share, "one", 10000))
		kit_fail(kit, "the share is not as the snapshot is");
	kit_uncut(kit, share, &kit->aside[1]);
	kit_remove(kit, share);
}

static void to_be_cloned(struct kit *kit, struct kit_share *to)
{
	(void)to;
	cut(kit, &kit->aside[1]);
}

static void end_cloned(struct kit *kit, struct kit_share *to)
{
	kit_remove(kit, to);
	if (kit_has_files(to))
		kit_fail(kit, "%s is still there", to->path);
	end_cut(kit, &kit->aside[1]);
}

static void cut_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "snapshot", .before = to_be_cut, .verb = SHR__VERB_SNAP_CREATE,
		.undo = SHR__VERB_SNAP_REMOVE, .of = 1, .after = end_cut };

	play(kit, &scene);
}

static void uncut_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "delete of a snapshot", .before = cut, .verb = SHR__VERB_SNAP_REMOVE, .undo = -1,
		.of = 1, .after = end_cut };

	play(kit, &scene);
}

static void revert_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "revert", .before = written_since, .verb = SHR__VERB_REVERT, .undo = -1, .snap = 1,
		.half = before_or_after, .after = end_reverted };

	play(kit, &scene);
}

static void clone_killed(struct kit *kit)
{
	static const struct scene scene = { .name = "clone", .before = to_be_cloned, .verb = SHR__VERB_CLONE, .undo = SHR__VERB_REMOVE,
		.of = 1, .snap = 1, .after = end_cloned };

	play(kit, &scene);
}

const struct kit_row kit_kill_rows[] = {
	{ "killed: create, then again or removed", create_killed, KIT_CONTRACT, 0 },
	{ "killed: delete, then again", remove_killed, KIT_CONTRACT, 0 },
	{ "killed: extend, then again or removed", extend_killed, KIT_CONTRACT, SHR_CAP_EXTEND },
	{ "killed: shrink, then again", shrink_killed, KIT_CONTRACT, SHR_CAP_SHRINK },
	{ "killed: access, then again or removed", access_killed, KIT_CONTRACT, 0 },
	{ "killed: snapshot, then again or removed", cut_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT },
	{ "killed: delete of a snapshot, then again", uncut_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT },
	{ "killed: revert, as before or after, then again", revert_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT_REVERT },
	{ "killed: clone, then again or removed", clone_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT_CLONE },
	{ "killed: manage, then again or let go", manage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ "killed: unmanage, then again", unmanage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

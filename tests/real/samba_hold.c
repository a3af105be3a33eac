/* tests/real/samba_hold.c - the frozen smbd: with clients connected, with clients that come meanwhile, and under a snapshot */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "held.h"
#include "records.h"
#include "samba.h"

static const char *const alice_and_bob[] = { "rw alice", "ro bob", NULL };

/* ---- hold ---- */

static void no_write_lands_while_it_holds(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "hold");
	struct pairs held, still, later = { 0, 0 };
	struct smb_client bob;
	struct nfs_client w;
	struct held look;
	struct shared s;
	int code, released, whole, i;
	long heard, then;
	int64_t took;

	shared_new(kit, &s, alice_and_bob);
	must_connect(kit, &bob, &s, "bob");
	pairs_begin(kit, &w, smb_script, s.share.share_id);
	took = xkit_now_ns();
	code = held_begin(c, 8000);
	took = xkit_now_ns() - took;
	held_look(env.server_pid, &look);
	whole = pairs_are_whole(s.share.path, &held);
	heard = pairs_acked(&w, 0, 200);
	env_nap(500);
	pairs_are_whole(s.share.path, &still);
	then = pairs_acked(&w, heard, 0);
	released = held_end(c);
	for (i = 0; i < 300 && later.first <= still.first; i++) {
		env_nap(10);
		pairs_are_whole(s.share.path, &later);
	}
	must_answer(kit, &bob, 1, NULL, "ls");
	smb_client_end(&bob);
	nfs_client_end(&w);
	shared_end(kit, &s);
	if (code || released)
		xkit_fail(kit, "hold: %s; release: %s: %s", shr_strcode(code), shr_strcode(released), c->words);
	if (look.stopped != look.threads || look.processes < 3)
		xkit_fail(kit, "%d of %d threads of %d processes are stopped", look.stopped, look.threads, look.processes);
	if (!whole || still.first != held.first || still.second != held.second || then != heard)
		xkit_fail(kit, "held at %ld and %ld, then %ld and %ld", held.first, held.second, still.first, still.second);
	if (later.first <= still.first)
		xkit_fail(kit, "the client does not go on after release");
	xkit_call_free(c);
	snprintf(kit->why, sizeof kit->why, "(%d processes, %.1f ms, at record %ld; on to %ld)", look.processes, (double)took / 1e6,
		held.first, later.first);
}

/* Each client that connects is a new process: none may be overlooked that is forked just then. */
static void clients_come_meanwhile(struct xkit *kit)
{
	struct xkit_call *c;
	struct held look, again;
	struct shared s;
	int i, j, code, released, most = 0;
	pid_t crowd[4];

	shared_new(kit, &s, alice_and_bob);
	for (j = 0; j < 4; j++) {
		crowd[j] = fork();
		if (crowd[j] == 0) {
			setpgid(0, 0);
			for (;;)
				shell("smbclient --configfile %s --port %d --user bob%%secret //127.0.0.1/%s -c ls >/dev/null 2>&1", env.config,
					SAMBA_PORT, s.share.share_id);
		}
	}
	for (i = 0; i < 30; i++) {
		env_nap(40 + 7 * i % 50);
		c = xkit_call_new(kit, "hold");
		code = held_begin(c, 8000);
		held_look(env.server_pid, &look);
		env_nap(20);
		held_look(env.server_pid, &again);
		released = held_end(c);
		most = look.processes > most ? look.processes : most;
		if (code || released || look.stopped != look.threads || memcmp(&look, &again, sizeof look) != 0)
			break;
		xkit_call_free(c);
	}
	for (j = 0; j < 4; j++) {
		kill(-crowd[j], SIGKILL);
		waitpid(crowd[j], NULL, 0);
	}
	shared_end(kit, &s);
	if (i < 30)
		xkit_fail(kit, "hold: %s; release: %s: %s; %d of %d threads of %d processes are stopped, then %d of %d", shr_strcode(code),
			shr_strcode(released), c->words, look.stopped, look.threads, look.processes, again.stopped, again.threads);
	snprintf(kit->why, sizeof kit->why, "(30 times, %d processes at most)", most);
}

/* What is under way would wait for a process that stands still, or for what that one has locked. The probe says that it is there. */
static void other_calls_wait(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "hold"), *probe = xkit_call_new(kit, "probe"), *add = xkit_call_new(kit, "add");
	int i, code, held_up = 1, probed, added, released;
	struct xkit_share other;
	struct shared s;
	uint64_t life;

	shared_new(kit, &s, alice_and_bob);
	xkit_share_new(kit, &other);
	xkit_make(probe, XKIT_PROBE, NULL, NULL);
	life = probe->incarnation;
	code = held_begin(c, 20000);
	for (i = 0; i < 30 && held_up; i++) {
		held_up = xkit_once(probe, XKIT_PROBE, NULL, NULL) == 0 && probe->incarnation == life &&
			xkit_once(add, XKIT_ADD, &other, NULL) == SHR_RUNNING;
		env_nap(50);
	}
	released = held_end(c);
	probed = xkit_make(probe, XKIT_PROBE, NULL, NULL);
	added = xkit_make(add, XKIT_ADD, &other, NULL);
	xkit_share_end(kit, &other);
	shared_end(kit, &s);
	if (code || released || !held_up || probed || added)
		xkit_fail(kit, "hold: %s, release: %s, other calls %s; then probe: %s, add: %s: %s", shr_strcode(code), shr_strcode(released),
			held_up ? "waited" : "did not wait, or the probe failed", shr_strcode(probed), shr_strcode(added), add->words);
	xkit_call_free(c);
	xkit_call_free(probe);
	xkit_call_free(add);
}

static void a_process_let_go_by_somebody_else(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "hold");
	struct smb_client bob;
	struct shared s;
	int code, released;

	shared_new(kit, &s, alice_and_bob);
	must_connect(kit, &bob, &s, "bob");
	code = held_begin(c, 8000);
	shell("pkill -CONT -P %ld -x smbd", (long)env.server_pid);
	env_nap(50);
	released = held_end(c);
	must_answer(kit, &bob, 1, NULL, "ls");
	smb_client_end(&bob);
	shared_end(kit, &s);
	if (code || released != SHR_EBACKEND)
		xkit_fail(kit, "hold: %s; release: %s in place of SHR_EBACKEND", shr_strcode(code), shr_strcode(released));
	xkit_call_free(c);
}

static void guard_thaws_when_the_holder_dies(struct xkit *kit)
{
	struct smb_client alice, bob;
	struct shared s;

	shared_new(kit, &s, alice_and_bob);
	must_connect(kit, &alice, &s, "alice");
	must_connect(kit, &bob, &s, "bob");
	held_guard_thaws(kit, env.server_pid);
	must_answer(kit, &bob, 1, NULL, "ls");
	if (smb_client_ask(&alice, "put %s after", env.config) != 1)
		xkit_fail(kit, "alice cannot write afterwards: %.300s", alice.said);
	smb_client_end(&alice);
	smb_client_end(&bob);
	shared_end(kit, &s);
}

static void hold_by_cgroup(struct xkit *kit)
{
	held_by_cgroup(kit, env.server_pid, env.dir);
}

/* ---- snapshots on dir, which are cut file by file ---- */

/* The driver names them by ids that are not the snapshots': the N-th of those that are there. */
static void find_copy(struct xkit *kit, int n, char ret[600])
{
	char command[600];
	FILE *f;

	snprintf(command, sizeof command, "find %s -maxdepth 3 -type d -name '.libshare-snap-*' | sort | sed -n %dp", env.files, n + 1);
	f = popen(command, "r");
	if (!f || !fgets(ret, 600, f))
		xkit_fail(kit, "%d snapshots are there", n);
	pclose(f);
	ret[strcspn(ret, "\n")] = '\0';
}

/* What takes long to copy, and lies between the two in whatever order they are copied in. */
static void fill(struct xkit *kit, const char *share)
{
	if (shell("cd %s/mounts/%s && mkdir more && head -c 26214400 /dev/zero | split -b 65536 -a 3 - more/ && "
		"head -c 26214400 /dev/zero | split -b 65536 -a 3 - f && sync -f .", env.state, share))
		xkit_fail(kit, "%s cannot be filled", share);
}

static void a_snapshot_is_of_one_moment(struct xkit *kit)
{
	char share[64], copy[600];
	const struct shr_op *op, *snap;
	struct nfs_client w;
	struct library l;
	struct pairs had, now;
	long before, after = 0;
	int64_t took, longest = 0;
	int round;

	xkit_close(kit);
	samba_library_begin(kit, &l);
	op = samba_library_create(kit, &l, "written");
	wait_op(kit, &l, op, "create");
	samba_library_find(kit, &l, op->object_id, share);
	pairs_begin(kit, &w, smb_script, share);
	fill(kit, share);
	for (round = 0; round < 4; round++) {
		before = pairs_acked(&w, after, 0);
		took = xkit_now_ns();
		snap = cut(kit, &l, op->object_id, SHR_SNAPSHOT_ACCESS_DEFAULT);
		wait_op(kit, &l, snap, "snapshot");
		took = xkit_now_ns() - took;
		longest = took > longest ? took : longest;
		find_copy(kit, 0, copy);
		if (!pairs_are_whole(copy, &had) || had.second < before)
			xkit_fail(kit, "the snapshot has %ld and %ld records; %ld were acknowledged before", had.first, had.second, before);
		after = pairs_acked_at_least(&w, had.first + 20);
		if (after < had.first + 20)
			xkit_fail(kit, "the client does not go on after record %ld", had.first);
		pairs_are_whole(copy, &now);
		if (now.first != had.first || now.second != had.second)
			xkit_fail(kit, "the snapshot has changed");
		drop_snapshot(kit, &l, snap->object_id);
		shr_op_unref(snap);
	}
	nfs_client_end(&w);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	snprintf(kit->why, sizeof kit->why, "(4 times, each of 800 files and %ld records; %.0f ms at most)", had.first,
		(double)longest / 1e6);
}

/* Two at once on one server: the one waits for the other. */
static void two_snapshots_at_once(struct xkit *kit)
{
	const struct shr_op *ops[2], *snaps[2];
	char share[2][64], copy[600];
	struct nfs_client w[2];
	struct library l;
	struct pairs had;
	int64_t took;
	int i;

	xkit_close(kit);
	samba_library_begin(kit, &l);
	for (i = 0; i < 2; i++) {
		ops[i] = samba_library_create(kit, &l, i ? "two" : "one");
		wait_op(kit, &l, ops[i], "create");
		samba_library_find(kit, &l, ops[i]->object_id, share[i]);
		fill(kit, share[i]);
		pairs_begin(kit, &w[i], smb_script, share[i]);
	}
	took = xkit_now_ns();
	for (i = 0; i < 2; i++)
		snaps[i] = cut(kit, &l, ops[i]->object_id, SHR_SNAPSHOT_ACCESS_DEFAULT);
	for (i = 0; i < 2; i++)
		wait_op(kit, &l, snaps[i], "snapshot");
	took = xkit_now_ns() - took;
	for (i = 0; i < 2; i++) {
		find_copy(kit, i, copy);
		if (!pairs_are_whole(copy, &had))
			xkit_fail(kit, "the snapshot has %ld and %ld records", had.first, had.second);
	}
	for (i = 0; i < 2; i++) {
		nfs_client_end(&w[i]);
		drop_snapshot(kit, &l, snaps[i]->object_id);
		drop(kit, &l, ops[i]->object_id);
		shr_op_unref(snaps[i]);
		shr_op_unref(ops[i]);
	}
	library_close(&l);
	snprintf(kit->why, sizeof kit->why, "(%.0f ms)", (double)took / 1e6);
}

const struct xkit_check samba_hold_checks[] = {
	{ "hold: no write lands, and clients go on after release", no_write_lands_while_it_holds },
	{ "hold: clients that connect just then are held as well", clients_come_meanwhile },
	{ "hold: other calls wait for its end, and the probe answers", other_calls_wait },
	{ "hold: one process let go by somebody else, and release says so", a_process_let_go_by_somebody_else },
	{ "hold: the guard thaws when the holder is killed", guard_thaws_when_the_holder_dies },
	{ "hold: by a cgroup", hold_by_cgroup },
	{ "snapshots: of one moment, while a client writes", a_snapshot_is_of_one_moment },
	{ "snapshots: two at once on one server", two_snapshots_at_once },
	{ NULL, NULL },
};

/* tests/real/ganesha_locks.c - the server killed and restarted: clients claim their locks back, and nobody takes them meanwhile */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha_library.h"

#define GRACE_S 6

static void introduce(struct xkit *kit, struct nfs_client *c, const struct shared *s, const char *name)
{
	char line[LINE] = "";

	if (nfs_client_start_as(c, locks_program, "127.0.0.2", "127.0.0.1", s->export, name, line, sizeof line) < 0)
		xkit_fail(kit, "%s: %s", name, line);
}

static void restart(struct xkit *kit, int grace_s)
{
	env_end(&env.server_pid, SIGKILL);
	if (ganesha_env_grace(&env, grace_s) < 0 || ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
}

/* Until its export is there again, the server does not know the file. */
static void claim_open(struct xkit *kit, struct nfs_client *c)
{
	int64_t until = xkit_now_ns() + GRACE_S * INT64_C(500000000);
	char line[LINE] = "";

	must_answer(kit, c, 1, NULL, "again");
	while (nfs_client_ask(c, line, sizeof line, "reopen") != 1) {
		if (!strstr(line, "NFS4ERR_STALE") || xkit_now_ns() > until)
			xkit_fail(kit, "reopen: %s", line);
		nap(5);
	}
}

/* Who had the lock has it again; until the grace period ends nobody gets a new one, and after it nobody gets this one. */
static void locks_are_claimed_back(struct xkit *kit)
{
	struct nfs_client holder, rival, late;
	const struct shr_op *op;
	struct library l;
	struct shared s;
	int64_t began, back;
	char line[LINE] = "";

	xkit_close(kit);
	restart(kit, GRACE_S);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "locked");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &holder, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &holder, 1, NULL, "put file text");
	nfs_client_end(&holder);
	introduce(kit, &holder, &s, "holder");
	introduce(kit, &rival, &s, "rival");
	must_answer(kit, &holder, 1, NULL, "open file");
	must_answer(kit, &holder, 1, NULL, "lock");
	must_answer(kit, &rival, 1, NULL, "open file");
	must_answer(kit, &rival, 0, "NFS4ERR_DENIED", "lock");

	restart(kit, GRACE_S);
	began = xkit_now_ns();
	claim_open(kit, &holder);
	must_answer(kit, &holder, 1, NULL, "relock");
	back = xkit_now_ns() - began;
	claim_open(kit, &rival);
	must_answer(kit, &rival, 0, "NFS4ERR_GRACE", "lock");
	introduce(kit, &late, &s, "late");
	must_answer(kit, &late, 0, "NFS4ERR_GRACE", "open file");
	while (nfs_client_ask(&late, line, sizeof line, "open file") != 1) {
		if (!strstr(line, "NFS4ERR_GRACE") || xkit_now_ns() - began > INT64_C(30000000000))
			xkit_fail(kit, "open after the grace period: %s", line);
		must_answer(kit, &holder, 1, NULL, "renew");
		must_answer(kit, &rival, 1, NULL, "renew");
		nap(200);
	}
	must_answer(kit, &rival, 0, "NFS4ERR_DENIED", "lock");
	must_answer(kit, &late, 0, "NFS4ERR_DENIED", "lock");
	must_answer(kit, &holder, 1, NULL, "unlock");
	must_answer(kit, &late, 1, NULL, "lock");
	began = xkit_now_ns() - began;

	nfs_client_end(&holder);
	nfs_client_end(&rival);
	nfs_client_end(&late);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	restart(kit, 0);
	snprintf(kit->why, sizeof kit->why, "(the lock was back after %.0f ms, the grace period over after %.1f s)", (double)back / 1e6,
		(double)began / 1e9);
}

const struct xkit_check ganesha_locks_checks[] = {
	{ "library: the server killed, and clients claim their locks back", locks_are_claimed_back },
	{ NULL, NULL },
};

/* tests/real/samba_library.c - the whole library on dir and samba: shares that users connect to, and nothing left behind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "samba.h"

void samba_library_begin(struct xkit *kit, struct library *l)
{
	char text[2048];

	snprintf(text, sizeof text, "  - name: dir\n    driver: dir\n    exporter:\n      name: samba\n      settings: { directory: \"%s\", "
		"address: [127.0.0.1, \"::1\"], config: \"%s\" }\n    protocols: smb\n    settings: { root: \"%s\", mode: \"0777\" }\n"
		"    pools: [ { name: p, capacity: 100GiB } ]\n", env.state, env.config, env.files);
	library_open(kit, l, env.dir, "dir", text);
}

const struct shr_op *samba_library_create(struct xkit *kit, const struct library *l, const char *name)
{
	const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_USER, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0, 0, "alice", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_USER, SHR_LEVEL_RO, SHR_SQUASH_DEFAULT, 0, 0, "bob", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	int rc = 0, i;

	spec.name = name;
	spec.bytes = UINT64_C(2) << 20;
	spec.protocols = SHR_PROTO_SMB;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	for (i = 0; i < 50; i++) { /* a program that a killed engine began may have its lock for a moment more */
		rc = shr_share_create(l->session, &spec, &op, &error);
		if (rc != SHR_EUNREACHABLE)
			break;
		shr_error_unref(error);
		error = NULL;
		env_nap(100);
	}
	must(kit, rc, &error, "create");
	return op;
}

void samba_library_find(struct xkit *kit, const struct library *l, const char *id, char ret[64])
{
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;
	const char *path;

	must(kit, shr_share_get(l->session, id, &share, &error), &error, "get");
	path = share->n_exports == 2 ? share->exports[0]->path : "";
	if (strncmp(path, "//127.0.0.1/", 12) != 0 || share->exports[0]->family != SHR_FAMILY_IPV4 ||
	    share->exports[0]->protocol != SHR_PROTO_SMB || strncmp(share->exports[1]->path, "//::1/", 6) != 0)
		xkit_fail(kit, "%u locations, the first %s", share->n_exports, path);
	snprintf(ret, 64, "%s", path + 12);
	shr_share_unref(share);
}

static void must_can(struct xkit *kit, const char *share, const char *user, char what)
{
	char got = what_can(share, user);

	if (got != what)
		xkit_fail(kit, "%s can '%c' in place of '%c'", user, got, what);
}

static void nothing_is_left(struct xkit *kit)
{
	if (shell("test -z \"$(ls -A %s/exports %s/mounts | grep -v :)\"", env.state, env.state))
		xkit_fail(kit, "exports or mounts are left");
	if (shell("test -z \"$(net -s %s conf listshares)\"", env.config))
		xkit_fail(kit, "smbd still has a share");
}

static void deny_alice(struct xkit *kit, const struct library *l, const char *id)
{
	static const struct denied gone[] = { { SHR_ACCESS_USER, "alice" } };
	const struct shr_op *op = deny(kit, l, id, gone, 1);

	wait_op(kit, l, op, "deny");
	shr_op_unref(op);
}

static void a_share_lives(struct xkit *kit)
{
	const struct shr_op *op;
	struct smb_client c;
	struct library l;
	char share[64];
	int64_t took;

	xkit_close(kit);
	samba_library_begin(kit, &l);
	took = xkit_now_ns();
	op = samba_library_create(kit, &l, "one");
	wait_op(kit, &l, op, "create");
	took = xkit_now_ns() - took;
	samba_library_find(kit, &l, op->object_id, share);
	if (smb_client_start(&c, &env, "alice", "127.0.0.1", share) < 0)
		xkit_fail(kit, "alice cannot connect: %.300s", c.said);
	if (smb_client_ask(&c, "put %s file", env.config) != 1)
		xkit_fail(kit, "alice cannot write: %.300s", c.said);
	must_can(kit, share, "bob", 'r');
	must_can(kit, share, "carol", '-');
	deny_alice(kit, &l, op->object_id);
	if (smb_client_ask(&c, "put %s other", env.config) != 0)
		xkit_fail(kit, "alice still writes: %.300s", c.said);
	smb_client_end(&c);
	must_can(kit, share, "alice", '-');
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(created and exported in %.0f ms)", (double)took / 1e6);
}

/* Rules that the exporter has no capability for are refused by the core, with the pool's reason. */
static void addresses_are_refused(struct xkit *kit)
{
	const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0, 0, "10.0.0.1", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct library l;
	int rc;

	xkit_close(kit);
	samba_library_begin(kit, &l);
	spec.name = "addresses";
	spec.bytes = UINT64_C(2) << 20;
	spec.protocols = SHR_PROTO_SMB;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 1;
	rc = shr_share_create(l.session, &spec, &op, &error);
	shr_error_unref(error);
	library_close(&l);
	if (rc >= 0)
		xkit_fail(kit, "a rule by address was taken");
	nothing_is_left(kit);
}

static void many_at_once(struct xkit *kit)
{
	enum { N = 20 };
	const struct shr_op *ops[N];
	struct library l;
	char name[32], share[64];
	int64_t took;
	int i;

	xkit_close(kit);
	samba_library_begin(kit, &l);
	took = xkit_now_ns();
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof name, "share-%d", i);
		ops[i] = samba_library_create(kit, &l, name);
	}
	for (i = 0; i < N; i++)
		wait_op(kit, &l, ops[i], "create");
	took = xkit_now_ns() - took;
	for (i = 0; i < N; i += 9) {
		samba_library_find(kit, &l, ops[i]->object_id, share);
		must_can(kit, share, "alice", 'w');
	}
	for (i = 0; i < N; i++) {
		drop(kit, &l, ops[i]->object_id);
		shr_op_unref(ops[i]);
	}
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d in %.0f ms)", N, (double)took / 1e6);
}

/* An engine that makes and drops shares without end. */
static void churn(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;

	if (setjmp(kit->out)) {
		fprintf(stderr, "# churn: %s\n", kit->why);
		_exit(1);
	}
	samba_library_begin(kit, &l);
	for (;;) {
		op = samba_library_create(kit, &l, "churn");
		wait_op(kit, &l, op, "create");
		drop(kit, &l, op->object_id);
		shr_op_unref(op);
	}
}

static void engine_killed(struct xkit *kit)
{
	static const char *const rounds_given = "LIBSHARE_TEST_LONG";
	int rounds = getenv(rounds_given) ? 100 : 8, i, status;
	pid_t pid;

	xkit_close(kit);
	for (i = 0; i < rounds; i++) {
		pid = fork();
		if (pid == 0)
			churn(kit);
		env_nap(500 + (i * 97) % 500);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status))
			xkit_fail(kit, "the engine ended by itself");
		if (i % 4 == 3)
			settle(kit, samba_library_begin);
	}
	settle(kit, samba_library_begin);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d times)", rounds);
}

static void vanished_things_are_put_back(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;
	char share[64];

	xkit_close(kit);
	samba_library_begin(kit, &l);
	op = samba_library_create(kit, &l, "drifts");
	wait_op(kit, &l, op, "create");
	samba_library_find(kit, &l, op->object_id, share);
	if (shell("net -s %s conf delshare %s >/dev/null 2>&1", env.config, share))
		xkit_fail(kit, "net conf delshare");
	reconcile(kit, &l, op->object_id);
	must_can(kit, share, "alice", 'w');
	if (shell("net -s %s conf setparm %s 'write list' S-1-0-0", env.config, share) ||
	    shell("net -s %s conf setparm %s 'valid users' 'S-1-0-0 alice carol'", env.config, share))
		xkit_fail(kit, "net conf setparm");
	reconcile(kit, &l, op->object_id);
	must_can(kit, share, "alice", 'w');
	must_can(kit, share, "bob", 'r');
	if (!drifts(kit, &l, op->object_id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED) ||
	    !drifts(kit, &l, op->object_id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED) ||
	    !drifts(kit, &l, op->object_id, SHR_DRIFT_STRANGER, SHR_DRIFT_OPEN))
		xkit_fail(kit, "not all that was found is recorded");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static void smbd_restarted_under_an_engine(struct xkit *kit)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op, *late;
	struct library l;
	char share[64];

	xkit_close(kit);
	samba_library_begin(kit, &l);
	op = samba_library_create(kit, &l, "again");
	wait_op(kit, &l, op, "create");
	samba_library_find(kit, &l, op->object_id, share);
	env_nap(500); /* the engine knows the server */
	env_end(&env.server_pid, SIGKILL);
	late = samba_library_create(kit, &l, "late");
	if (shr_op_wait(l.session, late->id, 1500, NULL, &error) == 0)
		xkit_fail(kit, "a share was exported without smbd");
	shr_error_unref(error);
	if (samba_env_start(&env) < 0)
		xkit_fail(kit, "smbd does not come up");
	must_can(kit, share, "alice", 'w');
	must_can(kit, share, "carol", '-');
	wait_op(kit, &l, late, "create");
	samba_library_find(kit, &l, late->object_id, share);
	must_can(kit, share, "alice", 'w');
	drop(kit, &l, op->object_id);
	drop(kit, &l, late->object_id);
	shr_op_unref(op);
	shr_op_unref(late);
	library_close(&l);
	nothing_is_left(kit);
}

const struct xkit_check samba_library_checks[] = {
	{ "a share is made, written, denied and dropped", a_share_lives },
	{ "rules by address are refused", addresses_are_refused },
	{ "20 shares at once", many_at_once },
	{ "what vanished is put back, and who is a stranger is told", vanished_things_are_put_back },
	{ "smbd restarted under an engine", smbd_restarted_under_an_engine },
	{ "the engine killed while shares come and go", engine_killed },
	{ NULL, NULL },
};

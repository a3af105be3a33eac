/* tests/real/ganesha_library.c - the whole library on dir and ganesha: shares that clients mount, and nothing left behind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ganesha.h"
#include "library.h"

static const char *on = "dir"; /* which driver the next library has */
static char pool[200];         /* btrfs: where its file system is mounted */

static void begin(struct xkit *kit, struct library *l)
{
	char text[2048], settings[600];

	if (strcmp(on, "dir") == 0)
		snprintf(settings, sizeof settings, "settings: { root: \"%s\", mode: \"0777\" }\n    pools: [ { name: p, capacity: 100GiB } ]",
			env.files);
	else
		snprintf(settings, sizeof settings, "settings: { mode: \"0777\" }\n    pools: [ { name: p, settings: { path: \"%s\" } } ]", pool);
	snprintf(text, sizeof text, "  - name: %s\n    driver: %s\n    exporter:\n      name: ganesha\n      settings: { directory: \"%s\", "
		"address: [127.0.0.1, \"::1\"], bus: \"%s\" }\n    protocols: nfs\n    %s\n", on, on, env.state, env.bus, settings);
	library_open(kit, l, env.dir, on, text);
}

static const struct shr_op *create(struct xkit *kit, const struct library *l, const char *name)
{
	const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, "127.0.0.2", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RO, SHR_SQUASH_NONE, 0, 0, "127.0.0.0/24", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.name = name;
	spec.bytes = UINT64_C(2) << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	must(kit, shr_share_create(l->session, &spec, &op, &error), error, "create");
	return op;
}

/* As a client names it: what stands behind "127.0.0.1:". */
static void find_share(struct xkit *kit, const struct library *l, const char *id, struct shared *s)
{
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;
	const char *path;

	memset(s, 0, sizeof *s);
	must(kit, shr_share_get(l->session, id, &share, &error), error, "get");
	path = share->n_exports == 2 ? share->exports[0]->path : "";
	if (strncmp(path, "127.0.0.1:/", 11) != 0 || share->exports[0]->family != SHR_FAMILY_IPV4 ||
	    strncmp(share->exports[1]->path, "[::1]:/", 7) != 0)
		xkit_fail(kit, "%u locations, the first %s", share->n_exports, path);
	snprintf(s->export, sizeof s->export, "%s", path + 10);
	shr_share_unref(share);
}

static void nothing_is_left(struct xkit *kit)
{
	if (shell("test -z \"$(ls -A %s/exports %s/mounts | grep -v :)\"", env.state, env.state))
		xkit_fail(kit, "exports or mounts are left");
	if (shell("DBUS_SYSTEM_BUS_ADDRESS=%s dbus-send --system --print-reply --dest=org.ganesha.nfsd /org/ganesha/nfsd/ExportMgr "
		"org.ganesha.nfsd.exportmgr.ShowExports | grep -q mounts", env.bus) == 0)
		xkit_fail(kit, "the server still has an export");
}

static void a_share_lives(struct xkit *kit)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op, *denied = NULL;
	struct nfs_client c;
	struct library l;
	struct shared s;
	int64_t began, created, written;

	xkit_close(kit);
	begin(kit, &l);
	op = create(kit, &l, "warm");
	wait_op(kit, &l, op, "create");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	began = xkit_now_ns();
	op = create(kit, &l, "one");
	wait_op(kit, &l, op, "create");
	created = xkit_now_ns();
	find_share(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put file text");
	written = xkit_now_ns();
	if (what_can(kit, &s, "127.0.0.3", "127.0.0.1") != '?') /* it may mount, but there is no file "kit" for it to read */
		xkit_fail(kit, "127.0.0.3 can write");
	must_not_mount(kit, &s, "127.0.1.1", "127.0.0.1");
	{
		struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
		const struct shr_access_change gone[] = {
			{ SHR_DENY, SHR_ACCESS_IP, 0, 0, 0, 0, "127.0.0.2", NULL, NULL },
			{ SHR_DENY, SHR_ACCESS_IP, 0, 0, 0, 0, "127.0.0.0/24", NULL, NULL },
		};

		access.changes = gone;
		access.n_changes = 2;
		must(kit, shr_access_apply(l.session, op->object_id, &access, &denied, &error), error, "deny");
	}
	wait_op(kit, &l, denied, "deny");
	shr_op_unref(denied);
	must_answer(kit, &c, 0, NULL, "put other text");
	nfs_client_end(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(created and exported in %.1f ms, the first byte after %.1f ms more)",
		(double)(created - began) / 1e6, (double)(written - created) / 1e6);
}

static void many_at_once(struct xkit *kit)
{
	enum { N = 40 };
	const struct shr_op *ops[N];
	struct library l;
	struct shared s;
	char name[32];
	int64_t took;
	int i;

	xkit_close(kit);
	begin(kit, &l);
	took = xkit_now_ns();
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof name, "share-%d", i);
		ops[i] = create(kit, &l, name);
	}
	for (i = 0; i < N; i++)
		wait_op(kit, &l, ops[i], "create");
	took = xkit_now_ns() - took;
	for (i = 0; i < N; i += 13) {
		find_share(kit, &l, ops[i]->object_id, &s);
		if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
			xkit_fail(kit, "127.0.0.2 cannot write to share %d", i);
	}
	for (i = 0; i < N; i++) {
		drop(kit, &l, ops[i]->object_id);
		shr_op_unref(ops[i]);
	}
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d in %.0f ms)", N, (double)took / 1e6);
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* What is asked meanwhile waits without spinning, and is done when the bus goes on. */
static void bus_hangs_under_an_engine(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;
	struct shared s;
	double used;
	int early;

	xkit_close(kit);
	begin(kit, &l);
	nap(500);
	kill(env.bus_pid, SIGSTOP);
	op = create(kit, &l, "late");
	used = cpu_s();
	early = shr_op_wait(l.session, op->id, 3000, NULL, NULL) != SHR_RUNNING;
	used = cpu_s() - used;
	kill(env.bus_pid, SIGCONT);
	wait_op(kit, &l, op, "create");
	find_share(kit, &l, op->object_id, &s);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "127.0.0.2 cannot write");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	if (early || used > 1.0)
		xkit_fail(kit, "%s; %.2f s of the processor in 3 s", early ? "the create ended" : "it waited", used);
	snprintf(kit->why, sizeof kit->why, "(%.0f ms of the processor in 3 s)", used * 1e3);
}

/* An engine that makes and drops shares without end. */
static void churn(struct xkit *kit)
{
	struct library l;
	const struct shr_op *op;

	if (setjmp(kit->out)) {
		fprintf(stderr, "# churn: %s\n", kit->why);
		_exit(1);
	}
	begin(kit, &l);
	for (;;) {
		op = create(kit, &l, "churn");
		wait_op(kit, &l, op, "create");
		drop(kit, &l, op->object_id);
		shr_op_unref(op);
	}
}

static void engine_killed(struct xkit *kit)
{
	static const char *const rounds_given = "LIBSHARE_TEST_LONG";
	int rounds = getenv(rounds_given) ? 200 : 12, i, status;
	pid_t pid;

	xkit_close(kit);
	for (i = 0; i < rounds; i++) {
		pid = fork();
		if (pid == 0)
			churn(kit);
		nap(60 + (i * 37) % 150);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status))
			xkit_fail(kit, "the engine ended by itself");
		if (i % 6 == 5)
			settle(kit, begin); /* what dies with engine after engine is put off for ever longer */
	}
	settle(kit, begin);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d times)", rounds);
}

static int by_bus(const char *call)
{
	return shell("DBUS_SYSTEM_BUS_ADDRESS=%s dbus-send --system --print-reply --dest=org.ganesha.nfsd /org/ganesha/nfsd/ExportMgr "
		"org.ganesha.nfsd.exportmgr.%s >/dev/null", env.bus, call);
}

static void vanished_things_are_put_back(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;
	struct shared s;
	char call[600];
	unsigned number;
	FILE *f;

	xkit_close(kit);
	begin(kit, &l);
	op = create(kit, &l, "drifts");
	wait_op(kit, &l, op, "create");
	find_share(kit, &l, op->object_id, &s);
	snprintf(call, sizeof call, "sed -n '1s/.* number //p' %s/exports/%s.conf", env.state, op->object_id);
	f = popen(call, "r");
	if (!f || fscanf(f, "%u", &number) != 1)
		xkit_fail(kit, "no number in the export's file");
	pclose(f);
	snprintf(call, sizeof call, "RemoveExport uint16:%u", number);
	if (by_bus(call))
		xkit_fail(kit, "dbus-send failed");
	reconcile(kit, &l, op->object_id);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "127.0.0.2 cannot write after the export had vanished");
	shell("sed -e 's/127\\.0\\.0\\.2;/127.7.7.7;/' %s/exports/%s.conf >%s/other.conf", env.state, op->object_id, env.dir);
	snprintf(call, sizeof call, "UpdateExport string:%s/other.conf 'string:EXPORT(Export_Id=%u)'", env.dir, number);
	if (by_bus(call) || what_can(kit, &s, "127.0.0.2", "127.0.0.1") == 'w')
		xkit_fail(kit, "the rule did not vanish");
	reconcile(kit, &l, op->object_id);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "127.0.0.2 cannot write after its rule had vanished");
	if (!drifts(kit, &l, op->object_id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED) ||
	    !drifts(kit, &l, op->object_id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED) ||
	    !drifts(kit, &l, op->object_id, SHR_DRIFT_STRANGER, SHR_DRIFT_OPEN))
		xkit_fail(kit, "not all that was found is recorded");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static void server_restarted_under_an_engine(struct xkit *kit)
{
	enum { N = 20 };
	const struct shr_op *ops[N];
	struct library l;
	struct shared s;
	char name[32];
	int64_t took;
	int i;

	xkit_close(kit);
	begin(kit, &l);
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof name, "again-%d", i);
		ops[i] = create(kit, &l, name);
	}
	for (i = 0; i < N; i++)
		wait_op(kit, &l, ops[i], "create");
	nap(500); /* the engine knows the server */
	env_end(&env.server_pid, SIGKILL);
	nap(300);
	if (ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
	took = xkit_now_ns();
	for (i = 0; i < N; i++) {
		find_share(kit, &l, ops[i]->object_id, &s);
		while (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w') {
			if (xkit_now_ns() - took > INT64_C(30000000000))
				xkit_fail(kit, "share %d does not come back", i);
			nap(20);
		}
		must_not_mount(kit, &s, "127.0.1.1", "127.0.0.1");
	}
	took = xkit_now_ns() - took;
	for (i = 0; i < N; i++) {
		drop(kit, &l, ops[i]->object_id);
		shr_op_unref(ops[i]);
	}
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d shares were back after %.0f ms)", N, (double)took / 1e6);
}

/* ---- on btrfs ---- */

static void begin_btrfs(struct xkit *kit)
{
	snprintf(pool, sizeof pool, "%s/pool", env.dir);
	if (shell("truncate -s 512M %s/image.pool && mkfs.btrfs -q -f %s/image.pool >/dev/null 2>&1 && mkdir -p %s && "
		"mount -o loop %s/image.pool %s 2>/dev/null", env.dir, env.dir, pool, env.dir, pool))
		xkit_skip(kit, "no btrfs on a loop device");
	on = "btrfs";
}

static void end_btrfs(struct xkit *kit)
{
	int i, busy = 1;

	on = "dir";
	for (i = 0; i < 50 && busy; i++) {
		busy = shell("umount %s 2>/dev/null", pool);
		nap(busy ? 100 : 0);
	}
	if (busy)
		xkit_fail(kit, "the file system is still in use");
}

static void resize(struct xkit *kit, const struct library *l, const char *id, uint64_t bytes, int shrink, int code)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	int rc = shrink ? shr_share_shrink(l->session, id, bytes, NULL, &op, &error) :
		shr_share_extend(l->session, id, bytes, NULL, &op, &error);

	must(kit, rc, error, shrink ? "shrink" : "extend");
	error = NULL;
	rc = shr_op_wait(l->session, op->id, 60000, NULL, &error);
	shr_op_unref(op);
	if (rc != code)
		must(kit, rc ? rc : SHR_EINTERNAL, error, shrink ? "shrink" : "extend");
	shr_error_unref(error);
}

/* Write records until there is no room; how many went. */
static long fill(struct xkit *kit, struct nfs_client *c, const char *name)
{
	char line[LINE], command[64];
	long n = 0;
	int how;

	snprintf(command, sizeof command, "write %s", name);
	nfs_client_send(c, command);
	while ((how = nfs_client_line(c, line, sizeof line, 30000)) == 1 && sscanf(line, "acked %ld", &n) == 1)
		;
	if (how != 1 || !strstr(line, "DQUOT"))
		xkit_fail(kit, "writing on and on ended with: %s", how == 1 ? line : "nothing");
	return n + 1;
}

static void size_is_enforced_through_nfs(struct xkit *kit)
{
	const struct shr_op *op;
	struct nfs_client c;
	struct library l;
	struct shared s;
	long first, second;

	xkit_close(kit);
	begin_btrfs(kit);
	begin(kit, &l);
	op = create(kit, &l, "sized");
	wait_op(kit, &l, op, "create");
	find_share(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	first = fill(kit, &c, "first");
	if (first > 2048)
		xkit_fail(kit, "%ld KiB went into 2 MiB", first);
	resize(kit, &l, op->object_id, UINT64_C(6) << 20, 0, 0);
	second = fill(kit, &c, "second");
	if (second < 1024 || first + second > 6144)
		xkit_fail(kit, "%ld KiB more went into 4 MiB more", second);
	resize(kit, &l, op->object_id, UINT64_C(1) << 20, 1, SHR_EDATALOSS);
	must_answer(kit, &c, 1, NULL, "get first");
	nfs_client_end(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "(%ld KiB of 2 MiB, then %ld KiB of 4 MiB more)", first, second);
}

static void engine_killed_on_btrfs(struct xkit *kit)
{
	char why[100];

	xkit_close(kit);
	begin_btrfs(kit);
	engine_killed(kit);
	memcpy(why, kit->why, sizeof why - 1);
	why[sizeof why - 1] = '\0';
	if (shell("test -z \"$(btrfs subvolume list %s | grep -v ' DELETED$')\"", pool)) {
		shell("btrfs subvolume list %s >&2; ls -la %s >&2", pool, pool);
		xkit_fail(kit, "subvolumes are left");
	}
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "%s", why);
}

const struct xkit_check ganesha_library_checks[] = {
	{ "library: a share is made, mounted, denied, dropped", a_share_lives },
	{ "library: forty shares at once", many_at_once },
	{ "library: an export and a rule that vanished are put back", vanished_things_are_put_back },
	{ "library: the server restarted, and all exports return by themselves", server_restarted_under_an_engine },
	{ "library: the bus hangs, and nobody spins", bus_hangs_under_an_engine },
	{ "library: the engine killed while shares come and go", engine_killed },
	{ "library: a size on btrfs holds through NFS, and changes under a writer", size_is_enforced_through_nfs },
	{ "library: the engine killed while shares come and go on btrfs", engine_killed_on_btrfs },
	{ NULL, NULL },
};

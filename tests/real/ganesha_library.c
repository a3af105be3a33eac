/* tests/real/ganesha_library.c - the whole library on dir and ganesha: shares that clients mount, and nothing left behind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "ganesha_library.h"

static void a_share_lives(struct xkit *kit)
{
	static const struct denied gone[] = { { SHR_ACCESS_IP, "127.0.0.2" }, { SHR_ACCESS_IP, "127.0.0.0/24" } };
	const struct shr_op *op, *denied;
	struct nfs_client c;
	struct library l;
	struct shared s;
	int64_t began, created, written;

	xkit_close(kit);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "warm");
	wait_op(kit, &l, op, "create");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	began = xkit_now_ns();
	op = lib_create(kit, &l, "one");
	wait_op(kit, &l, op, "create");
	created = xkit_now_ns();
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put file text");
	written = xkit_now_ns();
	if (what_can(kit, &s, "127.0.0.3", "127.0.0.1") != '?') /* it may mount, but there is no file "kit" for it to read */
		xkit_fail(kit, "127.0.0.3 can write");
	must_not_mount(kit, &s, "127.0.1.1", "127.0.0.1");
	denied = deny(kit, &l, op->object_id, gone, 2);
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
	lib_open(kit, &l);
	took = xkit_now_ns();
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof name, "share-%d", i);
		ops[i] = lib_create(kit, &l, name);
	}
	for (i = 0; i < N; i++)
		wait_op(kit, &l, ops[i], "create");
	took = xkit_now_ns() - took;
	for (i = 0; i < N; i += 13) {
		lib_find(kit, &l, ops[i]->object_id, &s);
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

static int outage_ms(void)
{
	return getenv("LIBSHARE_TEST_LONG") ? 60000 : 3000;
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
	lib_open(kit, &l);
	nap(500);
	kill(env.bus_pid, SIGSTOP);
	op = lib_create(kit, &l, "late");
	used = cpu_s();
	early = shr_op_wait(l.session, op->id, outage_ms(), NULL, NULL) != SHR_RUNNING;
	used = cpu_s() - used;
	kill(env.bus_pid, SIGCONT);
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "127.0.0.2 cannot write");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	if (early || used > outage_ms() / 3e3)
		xkit_fail(kit, "%s; %.2f s of the processor in %d ms", early ? "the create ended" : "it waited", used, outage_ms());
	snprintf(kit->why, sizeof kit->why, "(%.0f ms of the processor in %d ms)", used * 1e3, outage_ms());
}

/* The bus is gone, and the server ends with it: both come back after a while. */
static void bus_gone_under_an_engine(struct xkit *kit)
{
	const struct shr_op *op, *late;
	struct library l;
	struct shared s, t;
	double used;
	int64_t took;
	int early;

	xkit_close(kit);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "there");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	env_end(&env.bus_pid, SIGKILL);
	late = lib_create(kit, &l, "late");
	lib_waits(kit, &l, late, "p", "setting bus");
	used = cpu_s();
	early = shr_op_wait(l.session, late->id, outage_ms(), NULL, NULL) != SHR_RUNNING;
	used = cpu_s() - used;
	env_end(&env.server_pid, SIGKILL);
	if (ganesha_env_start_bus(&env) < 0 || ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the servers do not come up");
	took = xkit_now_ns();
	wait_op(kit, &l, late, "create");
	lib_find(kit, &l, late->object_id, &t);
	while (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w' || what_can(kit, &t, "127.0.0.2", "127.0.0.1") != 'w') {
		if (xkit_now_ns() - took > INT64_C(30000000000))
			xkit_fail(kit, "an export does not come back");
		nap(20);
	}
	took = xkit_now_ns() - took;
	drop(kit, &l, late->object_id);
	drop(kit, &l, op->object_id);
	shr_op_unref(late);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	if (early || used > outage_ms() / 3e3)
		xkit_fail(kit, "%s; %.2f s of the processor in %d ms", early ? "the create ended" : "it waited", used, outage_ms());
	snprintf(kit->why, sizeof kit->why, "(away for %d ms, all back after %.0f ms)", outage_ms(), (double)took / 1e6);
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
	lib_open(kit, &l);
	for (;;) {
		op = lib_create(kit, &l, "churn");
		wait_op(kit, &l, op, "create");
		drop(kit, &l, op->object_id);
		shr_op_unref(op);
	}
}

void engine_killed(struct xkit *kit)
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
			settle(kit, lib_open); /* what dies with engine after engine is put off for ever longer */
	}
	settle(kit, lib_open);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d times)", rounds);
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
	lib_open(kit, &l);
	op = lib_create(kit, &l, "drifts");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
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

static void until_drifts(struct xkit *kit, struct library *l, uint32_t state, const char *otherwise)
{
	int64_t until = xkit_now_ns() + INT64_C(20000000000);

	while (!drifts(kit, l, NULL, SHR_DRIFT_FOREIGN, state)) {
		if (xkit_now_ns() > until)
			xkit_fail(kit, "%s", otherwise);
		nap(50);
	}
}

static void foreign_export_is_reported(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;
	char call[400];

	xkit_close(kit);
	library_engine = ", reconcile: 1s";
	lib_open(kit, &l);
	library_engine = "";
	op = lib_create(kit, &l, "ours");
	wait_op(kit, &l, op, "create");
	shell("mkdir -p %s/theirs && printf 'EXPORT { Export_Id = 60001; Path = \"%s/theirs\"; Pseudo = \"/theirs\"; Access_Type = RO; "
		"Protocols = 4; FSAL { Name = VFS; } }' >%s/theirs.conf", env.dir, env.dir, env.dir);
	snprintf(call, sizeof call, "AddExport string:%s/theirs.conf 'string:EXPORT(Export_Id=60001)'", env.dir);
	if (by_bus(call))
		xkit_fail(kit, "dbus-send failed");
	until_drifts(kit, &l, SHR_DRIFT_OPEN, "nobody reports it");
	if (drifts(kit, &l, NULL, SHR_DRIFT_FOREIGN, SHR_DRIFT_OPEN) != 1)
		xkit_fail(kit, "more than that is reported");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	if (by_bus("RemoveExport uint16:60001"))
		xkit_fail(kit, "the foreign export has gone");
	until_drifts(kit, &l, SHR_DRIFT_SETTLED, "it is gone, and nobody sees it");
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
	lib_open(kit, &l);
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof name, "again-%d", i);
		ops[i] = lib_create(kit, &l, name);
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
		lib_find(kit, &l, ops[i]->object_id, &s);
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

const struct xkit_check ganesha_library_checks[] = {
	{ "library: a share is made, mounted, denied, dropped", a_share_lives },
	{ "library: forty shares at once", many_at_once },
	{ "library: an export and a rule that vanished are put back", vanished_things_are_put_back },
	{ "library: a foreign export is reported, and left alone", foreign_export_is_reported },
	{ "library: the server restarted, and all exports return by themselves", server_restarted_under_an_engine },
	{ "library: the bus hangs, and nobody spins", bus_hangs_under_an_engine },
	{ "library: the bus gone, and with it the server; all exports return by themselves", bus_gone_under_an_engine },
	{ "library: the engine killed while shares come and go", engine_killed },
	{ NULL, NULL },
};

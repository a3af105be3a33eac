/* tests/whole/whole_processes.c - engines in several processes on one store: side by side, after each other, against each other */
#include "whole.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "worker.h"

static const char *program;
static struct whole w;
static char config[256], text[2048];
static pid_t a, b;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static void make_dir(void)
{
	if (!w.dir[0])
		whole_dir(&w);
}

/* The workers' file, and the same for this process, which has no engine at first. */
static void setup(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void setup(const char *format, ...)
{
	char root[256];
	va_list args;
	FILE *f;
	int n;

	make_dir();
	snprintf(root, sizeof root, "%s/root", w.dir);
	mkdir(root, 0700);
	n = snprintf(text, sizeof text, "store: {path: %s/store.db}\nplugins: {directories: [%s]}\n", w.dir, TEST_BACKENDS);
	va_start(args, format);
	vsnprintf(text + n, sizeof text - (size_t)n, format, args);
	va_end(args);
	snprintf(config, sizeof config, "%s/c.yaml", w.dir);
	f = fopen(config, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	whole_open(&w, &(struct whole_how){ .config = strchr(text, '\n') + 1, .file = 1, .no_engine = 1 });
	a = b = 0;
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	worker_kill(a);
	worker_kill(b);
	whole_close(&w);
	whole_remove(&w);
}

static pid_t start(const char *name, const char *fake_does, const char *backend)
{
	return worker_start(program, config, name, fake_does, backend);
}

/* Who has the backend, as the store says; waits until it is NAME. */
static void wait_owner(const char *backend, const char *name)
{
	int64_t until = now_ms() + 60000;

	while (whole_ask(&w, "SELECT count(*) FROM backend WHERE name='%s' AND engine_name='%s'", backend, name) == 0) {
		ck_assert_msg(now_ms() < until, "%s never has %s", name, backend);
		whole_sleep_ms(10);
	}
}

static const struct shr_op *create_on(const char *backend, const char *name)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.name = name;
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.backend = backend;
	OK(shr_share_create(w.s, &spec, &op, &e));
	return op;
}

static void ends_well(const struct shr_op *op)
{
	const struct shr_op *end = NULL;

	if (whole_end(&w, op->id, &end) != 0)
		ck_abort_msg("%s: %s", op->kind, end->error->message);
	shr_op_unref(end);
	shr_op_unref(op);
}

#define DIR_BACKEND(name, root) "- name: " name "\n  driver: dir\n  exporter: none\n  settings: {root: " root "}\n" \
	"  pools: [{name: p, capacity: 1TiB}]\n"
#define NULL_BACKEND(name, fault) "- name: " name "\n  driver: 'null'\n  settings: {fault: [\"" fault "\"]}\n" \
	"  pools: [{name: p}]\n"

START_TEST(two_processes_have_a_backend_each)
{
	const struct shr_op *ops[20];
	int by_a = 0;

	setup("backends:\n" NULL_BACKEND("a", "*:999:fail") NULL_BACKEND("b", "*:999:fail"));
	a = start("A", "", "a");
	b = start("B", "", "b");
	wait_owner("a", "A");
	wait_owner("b", "B");
	for (int i = 0; i < 20; i++)
		ops[i] = create_on(i % 2 ? "b" : "a", "x");
	for (int i = 0; i < 20; i++) {
		const struct shr_op *end = NULL;

		ck_assert_int_eq(whole_end(&w, ops[i]->id, &end), 0);
		ck_assert_str_eq(end->engine, i % 2 ? "B" : "A");
		by_a += end->engine[0] == 'A';
		shr_op_unref(end);
		shr_op_unref(ops[i]);
	}
	ck_assert_int_eq(by_a, 10);
	teardown(0);
}
END_TEST

/* The kernel's lock is free the moment a process dies: nobody waits for a lease. */
START_TEST(the_second_has_a_directory_at_once_when_the_first_is_killed)
{
	int64_t began;

	make_dir();
	setup("engine: {lease: 600s}\nbackends:\n" DIR_BACKEND("d", "%s/root"), w.dir);
	a = start("A", "", "");
	wait_owner("d", "A");
	b = start("B", "", "");
	ends_well(create_on("d", "x"));
	whole_sleep_ms(300);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM backend WHERE engine_name='A'"), 1);
	began = now_ms();
	worker_kill(a);
	a = 0;
	ends_well(create_on("d", "y"));
	ck_assert_int_lt(now_ms() - began, 20000);
	wait_owner("d", "B");
	teardown(0);
}
END_TEST

START_TEST(a_holder_that_stands_still_is_named_and_not_raced)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	int64_t until = now_ms() + 60000;
	char want[64];

	make_dir();
	setup("engine: {lease: 1s}\nbackends:\n" DIR_BACKEND("d", "%s/root"), w.dir);
	a = start("A", "", "");
	wait_owner("d", "A");
	kill(a, SIGSTOP);
	p.workers = 1;
	p.name = "B";
	OK(shr_engine_open(w.ctx, &p, &w.engine, &e));
	snprintf(want, sizeof want, "held by process %ld, which is stopped", (long)a);
	while (!strstr(w.log, want)) {
		ck_assert_msg(now_ms() < until, "not said: %s", w.log);
		whole_sleep_ms(50);
	}
	whole_sleep_ms(2500); /* more than a lease and a half: the lock is what counts */
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM backend WHERE engine_name='A'"), 1);
	kill(a, SIGCONT);
	ends_well(create_on("d", "x"));
	teardown(0);
}
END_TEST

/* A driver without a lock: only the lease says when it may be taken, and only the fence keeps the late one out. */
START_TEST(a_paused_owner_is_followed_and_cannot_commit_when_it_goes_on)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	const struct shr_op *op, *end = NULL;
	int64_t until = now_ms() + 60000;

	setup("engine: {lease: 1s, poll: 50ms}\nbackends:\n" NULL_BACKEND("n", "create:*:late=700ms"));
	a = start("A", "", "");
	wait_owner("n", "A");
	op = create_on("n", "x");
	while (whole_ask(&w, "SELECT count(*) FROM op WHERE id='%s' AND engine_name='A'", op->id) == 0)
		whole_sleep_ms(5);
	kill(a, SIGSTOP);
	p.workers = 2;
	p.name = "B";
	OK(shr_engine_open(w.ctx, &p, &w.engine, &e));
	wait_owner("n", "B");
	ck_assert_int_eq(whole_end(&w, op->id, &end), 0);
	ck_assert_str_eq(end->engine, "B");
	ck_assert_int_eq(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", op->id), 2);
	kill(a, SIGCONT);
	/* It learns that it was given up, and begins a new life, in which it owns nothing while the other one runs. */
	while (whole_ask(&w, "SELECT count(*) FROM engine WHERE name='A'") == 0) {
		ck_assert_msg(now_ms() < until, "A does not come back");
		whole_sleep_ms(20);
	}
	whole_sleep_ms(500);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE engine_name='B'"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM backend WHERE engine_name='B'"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT version FROM op WHERE id='%s'", op->id), (int64_t)end->version);
	shr_engine_close(w.engine);
	w.engine = NULL;
	wait_owner("n", "A");
	ends_well(create_on("n", "y"));
	shr_op_unref(end);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* ---- an operation that kills its engine ---- */

static void begin_again_until_isolated(const char *op_id)
{
	int64_t until = now_ms() + 400000; /* a sanitizer on a busy machine takes its time */
	int status;

	/* Those that it took along are suspected too, and may have their turn first. */
	while (whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", op_id) < 4) {
		ck_assert_msg(now_ms() < until, "operation %s is never isolated", op_id);
		if (a && waitpid(a, &status, WNOHANG) == 0) {
			whole_sleep_ms(10);
			continue;
		}
		a = start("A", "poison", "");
	}
	ck_assert_int_ge(whole_has_event(&w, "operation.isolated", NULL), 1);
}

START_TEST(an_operation_that_kills_its_engine_is_isolated_and_others_end)
{
	const struct shr_op *op, *others[5];
	int64_t until = now_ms() + 400000; /* a sanitizer on a busy machine takes its time */
	int status;

	setup("engine: {lease: 1s, poll: 50ms}\nbackends:\n- name: f\n  driver: fake\n  pools: [{name: p}]\n");
	a = start("A", "poison", "");
	wait_owner("f", "A");
	op = create_on("f", "poison");
	for (int i = 0; i < 5; i++)
		others[i] = create_on("f", "good");
	begin_again_until_isolated(op->id);
	/* It kills whoever runs it, still, but less and less often: in between the others get through. */
	for (int i = 0; i < 5;) {
		ck_assert_msg(now_ms() < until, "%d of 5 have ended", i);
		if (waitpid(a, &status, WNOHANG) != 0)
			a = start("A", "poison", "");
		if (shr_op_wait(w.s, others[i]->id, 20, NULL, NULL) == 0)
			shr_op_unref(others[i++]);
	}
	ck_assert_int_ge(whole_ask(&w, "SELECT attempts FROM op WHERE id='%s'", op->id), 4);
	/* Cancelled it is undone, by whoever has it next. */
	OK(shr_op_cancel(w.s, op->id, &e));
	while (shr_op_wait(w.s, op->id, 20, NULL, NULL) == SHR_RUNNING) {
		ck_assert_msg(now_ms() < until, "the cancelled operation does not end");
		if (waitpid(a, &status, WNOHANG) != 0)
			a = start("A", "poison", "");
	}
	ck_assert_int_eq(shr_op_wait(w.s, op->id, 0, NULL, NULL), SHR_ECANCELLED);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { two_processes_have_a_backend_each,
		the_second_has_a_directory_at_once_when_the_first_is_killed, a_holder_that_stands_still_is_named_and_not_raced,
		a_paused_owner_is_followed_and_cannot_commit_when_it_goes_on,
		an_operation_that_kills_its_engine_is_isolated_and_others_end };
	int ret;

	if (worker_main(argc, argv, &ret))
		return ret;
	program = "/proc/self/exe";
	return unit_run("whole_processes", tests, sizeof tests / sizeof tests[0]);
}

/* tests/bench/bench.c - what the benchmarks share */
#include "bench.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/sqlite.h"

const char *bench_settings = "";
const char *bench_backend;
static char dir[4096];
static pid_t dir_owner;

long bench_arg(int argc, char **argv, const char *name, long otherwise)
{
	size_t n = strlen(name);

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=')
			return strtol(argv[i] + n + 1, NULL, 10);
	return otherwise;
}

static void remove_dir(void)
{
	DIR *d = getpid() == dir_owner ? opendir(dir) : NULL;
	struct dirent *e;
	char path[4400];

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.')
			unlink(path);
	}
	if (d)
		closedir(d);
	if (getpid() == dir_owner)
		rmdir(dir);
}

const char *bench_dir(void)
{
	const char *below = getenv("BENCH_DIR");

	if (dir[0])
		return dir;
	snprintf(dir, sizeof dir, "%s/bench-XXXXXX", below ? below : ".");
	if (!mkdtemp(dir))
		bench_die("no directory for the stores", NULL);
	dir_owner = getpid();
	atexit(remove_dir);
	return dir;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t bench_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(const double *values, unsigned n)
{
	double copy[256];

	bench_need(n > 0 && n <= 256, "a median of 1 to 256 values");
	memcpy(copy, values, n * sizeof *copy);
	qsort(copy, n, sizeof *copy, by_value);
	return n % 2 ? copy[n / 2] : (copy[n / 2 - 1] + copy[n / 2]) / 2;
}

void bench_die(const char *what, const struct shr_error *error)
{
	fprintf(stderr, "bench: %s%s%s\n", what, error ? ": " : "", error ? error->message : "");
	exit(1);
}

void bench_need(int truth, const char *what)
{
	if (!truth)
		bench_die(what, NULL);
}

struct thread {
	pthread_t id;
	unsigned i;
	void (*fn)(unsigned i, void *data);
	void *data;
	pthread_barrier_t *barrier;
};

static void *run_thread(void *data)
{
	struct thread *t = data;

	pthread_barrier_wait(t->barrier);
	t->fn(t->i, t->data);
	return NULL;
}

int64_t bench_threads(unsigned n, void (*fn)(unsigned i, void *data), void *data)
{
	struct thread threads[BENCH_MOST];
	pthread_barrier_t barrier;
	int64_t start;

	bench_need(n <= BENCH_MOST, "too many threads");
	pthread_barrier_init(&barrier, NULL, n + 1);
	for (unsigned i = 0; i < n; i++) {
		threads[i] = (struct thread){ .i = i, .fn = fn, .data = data, .barrier = &barrier };
		bench_need(pthread_create(&threads[i].id, NULL, run_thread, &threads[i]) == 0, "no thread");
	}
	start = bench_ns();
	pthread_barrier_wait(&barrier);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i].id, NULL);
	start = bench_ns() - start;
	pthread_barrier_destroy(&barrier);
	return start;
}

/* ---- a context ---- */

static void open_engine(struct bench_rig *rig, int backend, int workers)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	char name[16];
	const char *names[] = { name };

	snprintf(name, sizeof name, "b%d", backend);
	p.workers = (uint32_t)workers;
	if (backend >= 0) {
		p.backends = names;
		p.n_backends = 1;
	}
	if (shr_engine_open(rig->ctx, &p, &rig->engine, &error) < 0)
		bench_die("no engine", error);
}

void bench_open(struct bench_rig *rig, const char *path, const char *vfs, int n_backends, int backend, int workers)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_session_params s = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const char *admin = "admin", *plugins = getenv("LIBSHARE_PLUGINDIR");
	char config[8192];
	int n = 0;

	memset(rig, 0, sizeof *rig);
	bench_need(plugins != NULL, "LIBSHARE_PLUGINDIR must name the directory of the null driver");
	n += snprintf(config + n, sizeof config - (size_t)n, "store: { path: \"%s\" }\nplugins: { directories: [ \"%s\" ] }\nbackends:\n",
		path, plugins);
	if (bench_backend)
		n += snprintf(config + n, sizeof config - (size_t)n, "%s", bench_backend);
	for (int i = bench_backend ? 1 : 0; i < n_backends; i++)
		n += snprintf(config + n, sizeof config - (size_t)n,
			"  - { name: b%d, driver: null, %spools: [ { name: p, capacity: 1EiB } ] }\n", i, bench_settings);
	p.flags = SHR_CTX_CREATE;
	p.config_text = config;
	if (shr__store_sqlite_vfs(path, SHR_STORE_CREATE, vfs, &p.store, &error) < 0)
		bench_die("no store", error);
	if (shr_ctx_open(SHR_HEADER_VERSION, &p, &rig->ctx, &error) < 0)
		bench_die("no context", error);
	s.project = "bench";
	s.user = "ann";
	s.roles = &admin;
	s.n_roles = 1;
	if (shr_session_open(rig->ctx, &s, &rig->session, &error) < 0)
		bench_die("no session", error);
	if (workers >= 0)
		open_engine(rig, backend, workers);
}

void bench_close(struct bench_rig *rig)
{
	shr_session_close(rig->session);
	shr_engine_close(rig->engine);
	shr_ctx_close(rig->ctx);
	memset(rig, 0, sizeof *rig);
}

void bench_create(struct bench_rig *rig, int backend, char *ret_id)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL, *end = NULL;
	char name[16];

	snprintf(name, sizeof name, "b%d", backend);
	spec.name = "a share of the benchmark";
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	if (backend >= 0)
		spec.backend = name;
	if (shr_share_create(rig->session, &spec, &op, &error) < 0)
		bench_die("create", error);
	if (shr_op_wait(rig->session, op->id, -1, &end, &error) != 0)
		bench_die("wait", error);
	if (ret_id)
		strcpy(ret_id, op->object_id);
	shr_op_unref(op);
	shr_op_unref(end);
}

void bench_rules(struct bench_rig *rig, const char *share, uint32_t first, uint32_t n, uint32_t verb)
{
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	struct shr_access_change *changes = calloc(n, sizeof *changes);
	char (*who)[32] = calloc(n, sizeof *who);
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	bench_need(changes && who, "no memory");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = first + i;

		snprintf(who[i], sizeof who[i], "10.%u.%u.%u", at >> 16 & 255, at >> 8 & 255, at & 255);
		changes[i] = (struct shr_access_change){ .verb = verb, .type = SHR_ACCESS_IP, .level = verb == SHR_ALLOW ? SHR_LEVEL_RW : 0,
			.who = who[i] };
	}
	p.changes = changes;
	p.n_changes = n;
	if (shr_access_apply(rig->session, share, &p, &op, &error) < 0)
		bench_die("apply", error);
	if (shr_op_wait(rig->session, op->id, -1, NULL, &error) != 0)
		bench_die("the rules were not applied", error);
	shr_op_unref(op);
	free(changes);
	free(who);
}

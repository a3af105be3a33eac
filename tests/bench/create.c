/* tests/bench/create.c - create to available on the null driver over SQLite, against the floor, by 1, 8 and 16 callers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/ctx.h"
#include "bench.h"
#include "floor.h"
#include "store/db.h"
#include "vfs/vfs.h"

struct side {
	struct bench_rig *rig; /* or */
	struct floor *floor;
	long n; /* creates of one caller */
	int64_t worst_ns[BENCH_MOST]; /* the longest that a caller has waited for one */
};

static void caller(unsigned i, void *data)
{
	struct side *s = data;

	for (long k = 0; k < s->n; k++) {
		int64_t ns = -bench_ns();

		if (s->rig)
			bench_create(s->rig, -1, NULL);
		else
			floor_create(s->floor);
		ns += bench_ns();
		s->worst_ns[i] = ns > s->worst_ns[i] ? ns : s->worst_ns[i];
	}
}

struct figures {
	double rate;  /* creates a second */
	double cpu;   /* microseconds of a create, all threads */
	double batch; /* transactions of a commit */
};

static void stats(const struct side *s, uint64_t *ret_commits, uint64_t *ret_jobs)
{
	struct shr__db_stats db;

	if (s->floor) {
		floor_stats(s->floor, ret_commits, ret_jobs);
		return;
	}
	shr__db_stats(s->rig->ctx->env.db, &db);
	*ret_commits = db.commits;
	*ret_jobs = db.jobs;
}

static struct figures measure(struct side *s, unsigned callers, long creates)
{
	uint64_t commits[2], jobs[2];
	int64_t ns, cpu;

	s->n = creates / callers;
	stats(s, &commits[0], &jobs[0]);
	cpu = bench_cpu_ns();
	ns = bench_threads(callers, caller, s);
	cpu = bench_cpu_ns() - cpu;
	stats(s, &commits[1], &jobs[1]);
	creates = s->n * callers;
	return (struct figures){ (double)creates * 1e9 / (double)ns, (double)cpu / 1e3 / (double)creates,
		(double)(jobs[1] - jobs[0]) / (double)(commits[1] - commits[0]) };
}

static double worst_ms(const struct side *s)
{
	int64_t worst = 0;

	for (unsigned i = 0; i < BENCH_MOST; i++)
		worst = s->worst_ns[i] > worst ? s->worst_ns[i] : worst;
	return (double)worst / 1e6;
}

struct column {
	double rate[256], cpu[256], batch[256];
};

static void put(struct column *c, unsigned round, struct figures f)
{
	c->rate[round] = f.rate;
	c->cpu[round] = f.cpu;
	c->batch[round] = f.batch;
}

static void against_floor(struct side *lib, struct side *floor, unsigned callers, long creates, unsigned rounds, int goal)
{
	static struct column a, b;
	double ratio[256];

	for (unsigned r = 0; r < rounds; r++) {
		/* Whoever comes second has the disk as the first left it: they take turns at that, too. */
		if (r % 2)
			put(&b, r, measure(floor, callers, creates));
		put(&a, r, measure(lib, callers, creates));
		if (r % 2 == 0)
			put(&b, r, measure(floor, callers, creates));
		ratio[r] = a.rate[r] / b.rate[r];
	}
	printf("%2u callers  %7.0f creates/s  floor %7.0f  = %3.0f %% (goal %d)   cpu %4.0f us, floor %4.0f   %4.1f transactions a commit,"
		" floor %4.1f   worst wait so far %.0f ms, floor %.0f\n", callers,
		bench_median(a.rate, rounds), bench_median(b.rate, rounds), 100 * bench_median(ratio, rounds), goal,
		bench_median(a.cpu, rounds), bench_median(b.cpu, rounds), bench_median(a.batch, rounds),
		bench_median(b.batch, rounds), worst_ms(lib), worst_ms(floor));
	fflush(stdout);
}

/* For a profiler: the library or the floor by itself. */
static void alone(struct side *s, unsigned callers, long creates)
{
	struct figures f = measure(s, callers ? callers : 1, creates);

	printf("%7.0f creates/s, cpu %4.0f us, %4.1f transactions a commit\n", f.rate, f.cpu, f.batch);
}

/* Every row of the library's is there in the floor's store, and no more. */
static void check(const char *path, const char *floor_path)
{
	int64_t rows = floor_rows(path), floor = floor_rows(floor_path);

	if (rows != floor)
		fprintf(stderr, "rows: %lld, floor %lld\n", (long long)rows, (long long)floor);
	bench_need(rows == floor, "the floor did not make the same rows");
}

static void run_floor(int workers, long creates, unsigned rounds, unsigned only, long side, int bare)
{
	static const struct { unsigned callers; int goal; } sizes[] = { { 1, 85 }, { 8, 80 }, { 16, 80 } };
	char path[4200], floor_path[4200];
	struct bench_rig rig, first;
	struct side lib = { .rig = &rig }, floor = { 0 };

	snprintf(path, sizeof path, "%s/lib.db", bench_dir());
	snprintf(floor_path, sizeof floor_path, "%s/floor.db", bench_dir());
	bench_open(&first, floor_path, NULL, 1, -1, 0);
	bench_create(&first, -1, NULL);
	bench_close(&first);
	floor.floor = floor_open(floor_path, NULL);
	if (bare)
		floor_bare(floor.floor);
	bench_open(&rig, path, NULL, 1, -1, workers);
	bench_create(&rig, -1, NULL);
	if (side)
		alone(side == 1 ? &lib : &floor, only, creates);
	for (unsigned i = 0; i < 3 && !side; i++)
		if ((!only && !side) || only == sizes[i].callers)
			against_floor(&lib, &floor, sizes[i].callers, creates, rounds, sizes[i].goal);
	bench_close(&rig);
	floor_close(floor.floor);
	if (!side)
		check(path, floor_path);
}

static void run_slow(int workers, unsigned us, long creates, unsigned rounds)
{
	static struct column one, eight;
	char path[4200];
	struct bench_rig rig;
	struct side lib = { .rig = &rig };
	double ratio[256];

	snprintf(path, sizeof path, "%s/slow.db", bench_dir());
	vfs_reset();
	bench_open(&rig, path, vfs_use(), 1, -1, workers);
	vfs_slow_sync(us);
	for (unsigned r = 0; r < rounds; r++) {
		put(&one, r, measure(&lib, 1, creates / 4));
		put(&eight, r, measure(&lib, 8, creates));
		ratio[r] = eight.rate[r] / one.rate[r];
	}
	printf("syncs of %u us more: 1 caller %.0f creates/s, 8 callers %.0f: %.1f times (goal 3), %.1f transactions a commit\n", us,
		bench_median(one.rate, rounds), bench_median(eight.rate, rounds), bench_median(ratio, rounds),
		bench_median(eight.batch, rounds));
	vfs_reset();
	bench_close(&rig);
}

int main(int argc, char **argv)
{
	long creates = bench_arg(argc, argv, "n", 1600), rounds = bench_arg(argc, argv, "rounds", 9);
	int workers = (int)bench_arg(argc, argv, "workers", 1);
	long side = bench_arg(argc, argv, "side", 0); /* 1: the library alone; 2: the floor */
	unsigned only = (unsigned)bench_arg(argc, argv, "callers", 0);

	bench_need(rounds >= 1 && rounds <= 256 && creates >= 16, "n from 16, rounds from 1 to 256");
	run_floor(workers, creates, (unsigned)rounds, only, side, bench_arg(argc, argv, "bare", 0) != 0);
	if (!only || bench_arg(argc, argv, "slow", 0))
		run_slow(workers, 1000, creates / 4, (unsigned)rounds);
	return 0;
}

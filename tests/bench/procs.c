/* tests/bench/procs.c - 1, 2 and 4 processes on one file, each with a backend, an engine and callers of its own */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "floor.h"

/* What the processes share. */
struct common {
	pthread_barrier_t start;
	int64_t ns;      /* for so long they work */
	unsigned callers;
	int workers;
	struct {
		uint64_t n;       /* creates that were done in that time */
		int64_t worst_ns; /* the longest that a caller waited for one */
	} by[BENCH_MOST][BENCH_MOST]; /* process, caller */
};

struct child {
	struct common *common;
	struct floor *floor; /* or */
	struct bench_rig rig;
	unsigned process;
	int64_t until;
};

static void caller(unsigned i, void *data)
{
	struct child *c = data;
	int64_t now = bench_ns(), before, worst = 0;
	uint64_t n = 0;

	while (now < c->until) {
		before = now;
		if (c->floor)
			floor_create(c->floor);
		else
			bench_create(&c->rig, (int)c->process, NULL);
		now = bench_ns();
		worst = now - before > worst ? now - before : worst;
		n += now < c->until;
	}
	c->common->by[c->process][i].n = n;
	c->common->by[c->process][i].worst_ns = worst;
}

static void run_child(struct common *common, const char *path, unsigned process)
{
	struct child c = { .common = common, .process = process };

	bench_open(&c.rig, path, NULL, 4, (int)process, common->workers);
	bench_create(&c.rig, (int)process, NULL);
	pthread_barrier_wait(&common->start);
	c.until = bench_ns() + common->ns;
	bench_threads(common->callers, caller, &c);
	pthread_barrier_wait(&common->start); /* nobody closes, and hands its backend over, in another's time */
	bench_close(&c.rig);
	_exit(0);
}

/* One process of the floor's: what it waits for is the disk, and the machine. */
static void run_floor(struct common *common, const char *path)
{
	struct child c = { .common = common };

	bench_open(&c.rig, path, NULL, 1, -1, 0);
	bench_create(&c.rig, -1, NULL);
	bench_close(&c.rig);
	c.floor = floor_open(path, NULL);
	floor_bare(c.floor);
	c.until = bench_ns() + common->ns;
	bench_threads(common->callers, caller, &c);
	floor_close(c.floor);
	_exit(0);
}

struct figures {
	double rate, worst_ms, least; /* creates a second; the longest wait; the smallest part of an even share */
};

static struct figures sum_up(const struct common *common, unsigned processes)
{
	uint64_t sum = 0, each[BENCH_MOST] = { 0 }, least = UINT64_MAX;
	int64_t worst = 0;

	for (unsigned p = 0; p < processes; p++) {
		for (unsigned i = 0; i < common->callers; i++) {
			each[p] += common->by[p][i].n;
			if (common->by[p][i].worst_ns > worst)
				worst = common->by[p][i].worst_ns;
		}
		sum += each[p];
		least = each[p] < least ? each[p] : least;
	}
	return (struct figures){ (double)sum * 1e9 / (double)common->ns, (double)worst / 1e6,
		(double)least * processes / (double)(sum ? sum : 1) };
}

/* PROCESSES of the library's; 0: one of the floor's. */
static struct figures measure(struct common *common, unsigned n)
{
	unsigned processes = n ? n : 1;
	pthread_barrierattr_t attr;
	static unsigned n_files;
	char path[4200];
	pid_t pids[BENCH_MOST];

	snprintf(path, sizeof path, "%s/procs%u.db", bench_dir(), n_files++);
	pthread_barrierattr_init(&attr);
	pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&common->start, &attr, processes);
	pthread_barrierattr_destroy(&attr);
	for (unsigned p = 0; p < processes; p++) {
		pids[p] = fork();
		bench_need(pids[p] >= 0, "no process");
		if (pids[p] == 0 && !n)
			run_floor(common, path);
		if (pids[p] == 0)
			run_child(common, path, p);
	}
	for (unsigned p = 0; p < processes; p++) {
		int status;

		bench_need(waitpid(pids[p], &status, 0) == pids[p] && status == 0, "a process failed");
	}
	pthread_barrier_destroy(&common->start);
	unlink(path);
	return sum_up(common, processes);
}

int main(int argc, char **argv)
{
	static const unsigned sizes[] = { 1, 2, 4 };
	unsigned rounds = (unsigned)bench_arg(argc, argv, "rounds", 5);
	struct common *common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double rate[3][64], ratio[3][64], worst[3] = { 0 }, worst_median[3][64], least[3] = { 1, 1, 1 };
	double floor[64], floor_worst = 0;

	bench_need(common != MAP_FAILED && rounds >= 1 && rounds <= 64, "rounds from 1 to 64");
	bench_dir();
	common->ns = bench_arg(argc, argv, "ms", 2000) * 1000000;
	common->callers = (unsigned)bench_arg(argc, argv, "callers", 8);
	common->workers = (int)bench_arg(argc, argv, "workers", 1);
	for (unsigned r = 0; r < rounds; r++) {
		floor[r] = measure(common, 0).worst_ms;
		floor_worst = floor[r] > floor_worst ? floor[r] : floor_worst;
		for (unsigned i = 0; i < 3; i++) {
			struct figures f = measure(common, sizes[i]);

			rate[i][r] = f.rate;
			ratio[i][r] = f.rate / rate[0][r];
			worst_median[i][r] = f.worst_ms;
			worst[i] = f.worst_ms > worst[i] ? f.worst_ms : worst[i];
			least[i] = f.least < least[i] ? f.least : least[i];
		}
	}
	for (unsigned i = 0; i < 3; i++)
		printf("%u processes  %7.0f creates/s = %3.0f %% of one (goal 75)   worst wait %.0f ms, median of the rounds' %.0f (goal"
			" 250)   least share %3.0f %% of an even one (goal 50)\n", sizes[i], bench_median(rate[i], rounds),
			100 * bench_median(ratio[i], rounds), worst[i], bench_median(worst_median[i], rounds), 100 * least[i]);
	printf("the floor, one process beside these: worst wait %.0f ms, median of the rounds' %.0f: what the disk and the machine cost"
		" anybody\n", floor_worst, bench_median(floor, rounds));
	return 0;
}

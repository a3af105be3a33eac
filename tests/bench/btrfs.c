/* tests/bench/btrfs.c - create to available on btrfs by 8 callers, against the bare calls of the kernel */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bare.h"
#include "bench.h"

#define CALLERS 8
#define BYTES (UINT64_C(1) << 20)

static struct bench_rig rig;
static int bare_fd;
static long each; /* creates of one caller */
static atomic_uint next;

static void caller(unsigned i, void *data)
{
	(void)i;
	for (long k = 0; k < each; k++) {
		if (data)
			bench_create(&rig, -1, NULL);
		else
			bare_create(bare_fd, atomic_fetch_add(&next, 1), BYTES);
	}
}

/* Both on one file system, in turns; a round begins where the other side ended. */
int main(int argc, char **argv)
{
	long n = bench_arg(argc, argv, "n", 1000), rounds = bench_arg(argc, argv, "rounds", 5), side = bench_arg(argc, argv, "side", 0);
	const char *dir = getenv("BENCH_BTRFS");
	double lib[256], bare[256], part[256];
	char backend[8192], path[4200];

	bench_need(dir != NULL && n >= CALLERS && rounds > 0 && rounds <= 256, "BENCH_BTRFS, n from 8, rounds from 1 to 256");
	snprintf(backend, sizeof backend, "  - { name: b0, driver: btrfs, exporter: none, pools: [ { name: p, oversubscribe_percent: 100000, "
		"settings: { path: \"%s/pool\" } } ] }\n", dir);
	bench_backend = backend;
	snprintf(path, sizeof path, "%s/lib.db", bench_dir());
	bench_open(&rig, path, NULL, 1, -1, CALLERS);
	bench_create(&rig, -1, NULL);
	each = n / CALLERS;
	if (side) { /* for a profiler: 1: the library alone; 2: the bare calls */
		bare_fd = bare_open(dir, "bare");
		for (unsigned r = 0; r < (unsigned)rounds; r++)
			printf("%.0f ms\n", (double)bench_threads(CALLERS, caller, side == 1 ? &rig : NULL) / 1e6);
		close(bare_fd);
		bench_close(&rig);
		return 0;
	}
	for (unsigned r = 0; r < (unsigned)rounds; r++) {
		snprintf(path, sizeof path, "bare-%u", r);
		bare_fd = bare_open(dir, path);
		if (r % 2)
			lib[r] = (double)bench_threads(CALLERS, caller, &rig) / 1e6;
		bare[r] = (double)bench_threads(CALLERS, caller, NULL) / 1e6;
		if (r % 2 == 0)
			lib[r] = (double)bench_threads(CALLERS, caller, &rig) / 1e6;
		part[r] = 100 - 100 * bare[r] / lib[r];
		close(bare_fd);
	}
	printf("%ld shares by %d callers: %5.0f ms, bare %5.0f ms: the library's part is %2.0f %% of the time (goal 20)\n", each * CALLERS,
		CALLERS, bench_median(lib, (unsigned)rounds), bench_median(bare, (unsigned)rounds), bench_median(part, (unsigned)rounds));
	bench_close(&rig);
	return 0;
}

/* tests/bench/rules.c - one rule added to a share that has 10, 1,000 and 100,000 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define SIZES 3
#define BATCH 5000u

int main(int argc, char **argv)
{
	static const uint32_t sizes[SIZES] = { 10, 1000, 100000 };
	unsigned rounds = (unsigned)bench_arg(argc, argv, "rounds", 101);
	char path[4200], share[SIZES][37];
	double us[SIZES][256];
	struct bench_rig rig;

	bench_need(rounds >= 1 && rounds <= 256, "rounds from 1 to 256");
	snprintf(path, sizeof path, "%s/rules.db", bench_dir());
	bench_open(&rig, path, NULL, 1, -1, (int)bench_arg(argc, argv, "workers", 1));
	for (unsigned i = 0; i < SIZES; i++) {
		bench_create(&rig, -1, share[i]);
		for (uint32_t n = 0; n < sizes[i]; n += BATCH)
			bench_rules(&rig, share[i], n, sizes[i] - n < BATCH ? sizes[i] - n : BATCH, SHR_ALLOW);
	}
	/* The one that is added goes again, so that the sizes stay as they are. */
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < SIZES; i++) {
			uint32_t at = sizes[i] + r;
			int64_t start = bench_ns();

			bench_rules(&rig, share[i], at, 1, SHR_ALLOW);
			us[i][r] = (double)(bench_ns() - start) / 1e3;
			bench_rules(&rig, share[i], at, 1, SHR_DENY);
		}
	for (unsigned i = 0; i < SIZES; i++)
		printf("one rule added to %6u: %5.0f us until it is applied = %.2f times the first (goal 1.5)\n", sizes[i],
			bench_median(us[i], rounds), bench_median(us[i], rounds) / bench_median(us[0], rounds));
	bench_close(&rig);
	return 0;
}

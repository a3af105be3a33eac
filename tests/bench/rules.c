/* tests/bench/rules.c - one rule added to a share that has 10, 1,000 and 100,000 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define SIZES 3
#define BATCH 5000u

static void finish(struct bench_rig *rig, const struct shr_op *op)
{
	const struct shr_error *error = NULL;

	if (shr_op_wait(rig->session, op->id, -1, NULL, &error) != 0)
		bench_die("the rules were not applied", error);
	shr_op_unref(op);
}

/* Rules FIRST to FIRST + N - 1 of the share: addresses that differ. */
static void allow(struct bench_rig *rig, const char *share, uint32_t first, uint32_t n, uint32_t verb)
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
	finish(rig, op);
	free(changes);
	free(who);
}

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
			allow(&rig, share[i], n, sizes[i] - n < BATCH ? sizes[i] - n : BATCH, SHR_ALLOW);
	}
	/* The one that is added goes again, so that the sizes stay as they are. */
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < SIZES; i++) {
			uint32_t at = sizes[i] + r;
			int64_t start = bench_ns();

			allow(&rig, share[i], at, 1, SHR_ALLOW);
			us[i][r] = (double)(bench_ns() - start) / 1e3;
			allow(&rig, share[i], at, 1, SHR_DENY);
		}
	for (unsigned i = 0; i < SIZES; i++)
		printf("one rule added to %6u: %5.0f us until it is applied = %.2f times the first (goal 1.5)\n", sizes[i],
			bench_median(us[i], rounds), bench_median(us[i], rounds) / bench_median(us[0], rounds));
	bench_close(&rig);
	return 0;
}

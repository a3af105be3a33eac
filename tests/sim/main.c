/* tests/sim/main.c - run seeds, replay one, shrink one, measure */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

static const char *program;

static int usage(const char *wrong)
{
	if (wrong)
		fprintf(stderr, "%s: \"%s\" was not expected\n", program, wrong);
	fprintf(stderr, "usage: %s [-t] [-s] SEED[:OPS[:MASK]]    replay one (-t: tell the story; -s: shrink it)\n"
		"       %s -f FILE            replay those of a file, one a line, # comments\n"
		"       %s -n FROM COUNT [OPS] run COUNT seeds from FROM\n"
		"       %s -h HALF            the slice of a test, in parts of LIBSHARE_SIM_SEEDS (1000)\n"
		"       %s -p MOST            seeds from 1 until one fails: 0 when one does\n"
		"SEED and OPS are decimal numbers, MASK is hexadecimal (0x...), at most 0x%x\n", program, program, program, program,
		program, SIM_ALL_FAULTS);
	return 2;
}

struct what {
	uint64_t seed;
	uint32_t ops, mask;
};
#define OPS 500

/* A number in BASE up to END's character, at most MOST. 0: it is none. */
static int number(const char **at, int base, uint64_t most, uint64_t *ret)
{
	char *end;

	if (base == 10 ? **at < '0' || **at > '9' : strncmp(*at, "0x", 2) != 0)
		return 0;
	errno = 0;
	*ret = strtoull(*at, &end, base);
	if (errno || end == *at || *ret > most)
		return 0;
	*at = end;
	return 1;
}

static int parse(const char *text, struct what *ret)
{
	const char *at = text;
	uint64_t n;

	*ret = (struct what){ .ops = OPS, .mask = SIM_ALL_FAULTS };
	if (!number(&at, 10, UINT64_MAX, &ret->seed))
		return 0;
	if (*at == ':') {
		at++;
		if (!number(&at, 10, 1000000, &n) || n == 0)
			return 0;
		ret->ops = (uint32_t)n;
	}
	if (*at == ':') {
		at++;
		if (!number(&at, 16, SIM_ALL_FAULTS, &n))
			return 0;
		ret->mask = (uint32_t)n;
	}
	return *at == 0;
}

/* A variant with a planted bug: how many seeds until it is caught. */
static int hunt(uint64_t most)
{
	for (uint64_t seed = 1; seed <= most; seed++)
		if (sim_run(seed, OPS, SIM_ALL_FAULTS, 0, 0)) {
			printf("caught by seed %llu: %s\n", (unsigned long long)seed, sim.words);
			return 0;
		}
	printf("not caught by %llu seeds\n", (unsigned long long)most);
	return 1;
}

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int run(const struct what *w, int tell)
{
	/* Every 50th has the built-in store beside the model. */
	int rc = sim_run(w->seed, w->ops, w->mask, tell, w->seed % 50 == 0);

	if (rc)
		printf("seed %llu: %s\nreplay: %s -t %llu:%u:0x%x\n", (unsigned long long)w->seed, sim.words, program,
			(unsigned long long)w->seed, w->ops, w->mask);
	return rc;
}

/* Fewer operations, and fewer kinds of faults, as long as it fails. */
static int shrink(struct what w)
{
	struct what best = w;

	if (!run(&best, 0)) {
		printf("seed %llu does not fail\n", (unsigned long long)w.seed);
		return 0;
	}
	for (int changed = 1; changed;) {
		changed = 0;
		for (unsigned i = 0; i < SIM_N_FAULTS; i++) {
			struct what less = best;

			less.mask &= ~(UINT32_C(1) << i);
			if (less.mask != best.mask && sim_run(less.seed, less.ops, less.mask, 0, 0)) {
				best = less;
				changed = 1;
			}
		}
		for (uint32_t ops = best.ops / 2; ops > 0; ops /= 2) {
			struct what less = best;

			less.ops -= ops;
			while (less.ops > 0 && less.ops < best.ops && sim_run(less.seed, less.ops, less.mask, 0, 0)) {
				best = less;
				changed = 1;
				less.ops = best.ops > ops ? best.ops - ops : best.ops;
			}
		}
	}
	printf("the least that fails:\n");
	for (unsigned i = 0; i < SIM_N_FAULTS; i++)
		if (best.mask >> i & 1)
			printf("  with %s\n", sim_fault_name(i));
	return run(&best, 0);
}

static int many(uint64_t from, uint64_t count, uint32_t ops)
{
	struct sim_stats sum;
	int64_t began = cpu_ns(), ns;
	uint64_t failed = 0;

	memset(&sum, 0, sizeof sum);
	for (uint64_t i = 0; i < count; i++) {
		struct what w = { from + i, ops, SIM_ALL_FAULTS };

		failed += run(&w, 0) != 0;
		sum.accepted += sim.stats.accepted;
		sum.refused += sim.stats.refused;
		sum.commits += sim.stats.commits;
		sum.conflicts += sim.stats.conflicts;
		sum.deaths += sim.stats.deaths;
		sum.takeovers += sim.stats.takeovers;
		sum.unknowns += sim.stats.unknowns;
		sum.driver_calls += sim.stats.driver_calls;
		sum.late += sim.stats.late;
		fflush(stdout);
	}
	ns = cpu_ns() - began;
	printf("%llu seeds, %llu failed: %llu operations (%llu refused), %llu commits, %llu conflicts, %llu unknown, %llu calls of "
		"drivers, %llu late, %llu deaths, %llu take-overs\n", (unsigned long long)count, (unsigned long long)failed,
		(unsigned long long)sum.accepted, (unsigned long long)sum.refused, (unsigned long long)sum.commits,
		(unsigned long long)sum.conflicts, (unsigned long long)sum.unknowns, (unsigned long long)sum.driver_calls,
		(unsigned long long)sum.late, (unsigned long long)sum.deaths, (unsigned long long)sum.takeovers);
	printf("%.1f s of CPU: %.0f operations and %.1f seeds a second of CPU\n", (double)ns / 1e9,
		(double)sum.accepted * 1e9 / (double)ns, (double)count * 1e9 / (double)ns);
	return failed != 0;
}

/* Seeds that failed once, a line each. The whole file is read before the first of them runs. */
static int from_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct what *list = NULL;
	char *line = NULL, *end;
	size_t n = 0, room = 0;
	int number_of_line = 0, failed = 0, rc;

	if (!f) {
		fprintf(stderr, "%s: %s: %s\n", program, path, strerror(errno));
		return 2;
	}
	while (getline(&line, &room, f) >= 0) {
		struct what w;

		number_of_line++;
		if ((end = strpbrk(line, "#\n")))
			*end = 0;
		for (end = line + strlen(line); end > line && (end[-1] == ' ' || end[-1] == '\t');)
			*--end = 0;
		if (!*line)
			continue;
		if (!parse(line, &w)) {
			fprintf(stderr, "%s:%d: \"%.80s\" is not SEED[:OPS[:MASK]], in decimal but for the 0x... of the mask, at most 0x%x\n",
				path, number_of_line, line, SIM_ALL_FAULTS);
			fclose(f);
			free(list);
			free(line);
			return 2;
		}
		list = realloc(list, (n + 1) * sizeof *list);
		if (!list)
			abort();
		list[n++] = w;
	}
	rc = ferror(f) ? errno : 0;
	fclose(f);
	free(line);
	if (rc || n == 0) {
		fprintf(stderr, "%s: %s: %s\n", program, path, rc ? strerror(rc) : "no seed is in it; a line of it is SEED[:OPS[:MASK]]");
		free(list);
		return 2;
	}
	for (size_t i = 0; i < n; i++)
		failed += run(&list[i], 0) != 0;
	printf("%zu seeds of %s, %d failed\n", n, path, failed);
	free(list);
	return failed != 0;
}

int main(int argc, char **argv)
{
	const char *missing = sim_calls_missing();
	int tell = 0, less = 0, i = 1;
	struct what w;

	program = argv[0];
	mallopt(M_TRIM_THRESHOLD, 1 << 28); /* what a seed gives back is the next one's */
	mallopt(M_MMAP_THRESHOLD, 1 << 28);
	if (missing) {
		fprintf(stderr, "%s: no generator makes a %s: add one to tests/sim/calls.c\n", program, missing);
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		uint64_t from, count, ops = OPS;
		const char *at[3] = { argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : "", argc > 4 ? argv[4] : "500" };

		if (argc < 4 || argc > 5)
			return usage(argc > 5 ? argv[5] : NULL);
		if (!number(&at[0], 10, UINT64_MAX, &from) || *at[0])
			return usage(argv[2]);
		if (!number(&at[1], 10, UINT64_MAX, &count) || *at[1])
			return usage(argv[3]);
		if (!number(&at[2], 10, 1000000, &ops) || *at[2] || !ops)
			return usage(argv[4]);
		return many(from, count, (uint32_t)ops);
	}
	if (argc > 1 && strcmp(argv[1], "-h") == 0) {
		const char *at = argc == 3 ? argv[2] : "", *seeds = getenv("LIBSHARE_SIM_SEEDS"), *end;
		uint64_t half, count = 1000;

		if (!number(&at, 10, 1000, &half) || *at || !half)
			return usage(argc > 2 ? argv[2] : NULL);
		end = seeds;
		if (seeds && *seeds && (!number(&end, 10, UINT32_MAX, &count) || *end)) {
			fprintf(stderr, "%s: LIBSHARE_SIM_SEEDS is \"%s\"; it is a number of seeds\n", program, seeds);
			return 2;
		}
		return many(1 + (half - 1) * count, count, OPS);
	}
	if (argc == 3 && strcmp(argv[1], "-f") == 0)
		return from_file(argv[2]);
	if (argc > 1 && strcmp(argv[1], "-p") == 0) {
		const char *at = argc == 3 ? argv[2] : "";
		uint64_t most;

		return !number(&at, 10, 1000000, &most) || *at ? usage(argc > 2 ? argv[2] : NULL) : hunt(most);
	}
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-t") == 0)
			tell = 1;
		else if (strcmp(argv[i], "-s") == 0)
			less = 1;
		else
			return usage(argv[i]);
	}
	if (i + 1 != argc)
		return usage(i < argc ? argv[i + 1] : NULL);
	if (!parse(argv[i], &w))
		return usage(argv[i]);
	if (less)
		return shrink(w);
	i = run(&w, tell);
	printf("seed %llu: %s, %llu operations, digest %016llx\n", (unsigned long long)w.seed, i ? "failed" : "all held",
		(unsigned long long)sim.stats.accepted, (unsigned long long)sim.digest);
	return i;
}

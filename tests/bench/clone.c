/* tests/bench/clone.c - a share of many small files made from a snapshot by the dir driver, against cp -a --reflink=auto */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snaps.h"

#define BYTES (UINT64_C(1) << 40)

static char root[4200];

static void run(const char *command)
{
	bench_need(system(command) == 0, command);
}

static void make_tree(long n, long size)
{
	char path[4400], block[65536];
	long i;
	int fd;

	memset(block, 'x', sizeof block);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/" SHARE "/%ld", root, i / 100);
		if (i % 100 == 0)
			bench_need(mkdir(path, 0755) == 0, path);
		snprintf(path, sizeof path, "%s/" SHARE "/%ld/file-%ld", root, i / 100, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
		bench_need(fd >= 0 && write(fd, block, (size_t)size) == size, path);
		close(fd);
	}
}

static double by_driver(unsigned n)
{
	struct shr_instance of = host_instance(SHARE, BYTES), snap, to;
	char id[37], to_id[37];
	int64_t began = bench_ns();
	struct shr_call call = host_call(&snaps_host);

	snap = snaps_snapshot(id, 0, BYTES);
	snprintf(to_id, sizeof to_id, "018f0000-0000-7000-8002-%012u", n);
	to = host_instance(to_id, BYTES);
	snaps_must(snaps_driver->snapshot->clone(snaps_be, &call, &of, &snap, &to), "clone");
	return (double)(bench_ns() - began) / 1e6;
}

/* As durable as the driver's. */
static double by_cp(unsigned n)
{
	char command[4400];
	int64_t began = bench_ns();

	snprintf(command, sizeof command, "cd '%s' && cp -a --reflink=auto .libshare-snap-018f0000-0000-7000-8001-000000000000 cp-%u && sync -f .",
		root, n);
	run(command);
	return (double)(bench_ns() - began) / 1e6;
}

int main(int argc, char **argv)
{
	long n = bench_arg(argc, argv, "n", 10000), size = bench_arg(argc, argv, "size", 8192), rounds = bench_arg(argc, argv, "rounds", 7);
	double mine[256], theirs[256], part[256];
	struct host_setting settings[] = { { NULL, "root", root }, { "p", "path", "." } };
	struct shr_instance of = host_instance(SHARE, BYTES), snap;
	char id[37], command[4400];
	struct shr_call call;

	bench_need(n > 0 && size >= 0 && size <= 65536 && rounds > 0 && rounds <= 256, "n from 1, size to 65536, rounds from 1 to 256");
	snprintf(root, sizeof root, "%.4000s/root", bench_dir());
	bench_need(mkdir(root, 0755) == 0, root);
	snaps_open(settings, 2);
	call = host_call(&snaps_host);
	snaps_must(snaps_driver->create(snaps_be, &call, &of), "create");
	make_tree(n, size);
	snap = snaps_snapshot(id, 0, BYTES);
	call = host_call(&snaps_host);
	snaps_must(snaps_driver->snapshot->create(snaps_be, &call, &of, &snap), "snapshot");
	for (unsigned r = 0; r < (unsigned)rounds; r++) {
		run("sync");
		if (r % 2)
			mine[r] = by_driver(r);
		theirs[r] = by_cp(r);
		if (r % 2 == 0)
			mine[r] = by_driver(r);
		part[r] = mine[r] / theirs[r];
		snprintf(command, sizeof command, "cd '%s' && to=018f0000-0000-7000-8002-%012u && diff -r cp-%u $to && rm -rf cp-%u $to .libshare/$to",
			root, r, r, r);
		run(command);
	}
	printf("%ld files of %ld bytes, snapshot to share: dir %5.0f ms, cp -a --reflink=auto and sync %5.0f ms: %.2f times (goal 1)\n", n, size,
		bench_median(mine, (unsigned)rounds), bench_median(theirs, (unsigned)rounds), bench_median(part, (unsigned)rounds));
	snprintf(command, sizeof command, "rm -rf '%s'", root);
	run(command);
	return 0;
}

/* tests/bench/snaps.c - snapshots and reverts by the btrfs driver, against the bare calls of the kernel in the same run */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../backends/btrfs/btrfs.h"
#include "snaps.h"

#define BYTES (UINT64_C(1) << 30)
#define FILES 500

static char pool[4200];
static int box; /* of the bare calls: a head and its snapshots, in a quota group as the driver's are */
static uint64_t group;

static void fill(const char *head)
{
	char path[4500], block[8192];
	int fd;

	memset(block, 'x', sizeof block);
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof path, "%s/file-%d", head, i);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		bench_need(fd >= 0 && write(fd, block, sizeof block) == (ssize_t)sizeof block, path);
		close(fd);
	}
}

static void touch(const char *head)
{
	char path[4500];
	int fd;

	snprintf(path, sizeof path, "%s/file-0", head);
	fd = open(path, O_WRONLY);
	bench_need(fd >= 0 && write(fd, "y", 1) == 1, path);
	close(fd);
}

static double bare_snapshot(unsigned n)
{
	int64_t began = bench_ns();
	char name[64];
	int head = btrfs_open_below(box, "head");

	snprintf(name, sizeof name, "snap-%u", n);
	bench_need(head >= 0 && btrfs_snap(head, box, name, 1, group) == 0, "a bare snapshot");
	close(head);
	return (double)(bench_ns() - began);
}

static double bare_revert(unsigned n)
{
	int64_t began = bench_ns();
	uint64_t id = 0;
	char name[64];
	int snap, old;

	snprintf(name, sizeof name, "snap-%u", n);
	snap = btrfs_open_below(box, name);
	bench_need(snap >= 0 && btrfs_snap(snap, box, "next", 0, group) == 0 && renameat2(box, "next", box, "head", RENAME_EXCHANGE) == 0,
		"a bare revert");
	old = btrfs_open_below(box, "next");
	bench_need(old >= 0 && btrfs_id(old, &id) == 0 && btrfs_delete(box, id) == 0 && btrfs_flush(box) == 0, "a bare revert");
	close(old);
	close(snap);
	return (double)(bench_ns() - began);
}

static double driver_call(unsigned n, int revert)
{
	struct shr_instance of = host_instance(SHARE, BYTES), snap;
	int64_t began = bench_ns();
	struct shr_call call = host_call(&snaps_host);
	const struct shr_driver_snapshot *s = snaps_driver->snapshot;
	char id[37];

	snap = snaps_snapshot(id, n, BYTES);
	snaps_must(revert ? s->revert(snaps_be, &call, &of, &snap) : s->create(snaps_be, &call, &of, &snap), "a driver's call");
	return (double)(bench_ns() - began);
}

/* In turns; before each a client has written. */
static void measure(const char *what, unsigned n, int revert)
{
	double *lib = calloc(n, sizeof *lib), *bare = calloc(n, sizeof *bare);
	char mine[4400], theirs[4400];

	bench_need(lib && bare, "memory");
	snprintf(mine, sizeof mine, "%s/" SHARE "/head", pool);
	snprintf(theirs, sizeof theirs, "%s/bare/head", pool);
	for (unsigned i = 0; i < n; i++) {
		for (int turn = 0; turn < 2; turn++) {
			touch(turn == (int)(i % 2) ? mine : theirs);
			if (turn == (int)(i % 2))
				lib[i] = driver_call(i, revert) / 1e3;
			else
				bare[i] = (revert ? bare_revert(i) : bare_snapshot(i)) / 1e3;
		}
	}
	printf("%u %s: driver %6.0f us, bare %6.0f us (medians): the driver's part is %2.0f %% of the time\n", n, what, bench_median(lib, n),
		bench_median(bare, n), 100 - 100 * bench_median(bare, n) / bench_median(lib, n));
	free(lib);
	free(bare);
}

int main(int argc, char **argv)
{
	struct host_setting settings[] = { { "p", "path", pool } };
	struct shr_instance of = host_instance(SHARE, BYTES);
	long n = bench_arg(argc, argv, "n", 200);
	const char *dir = getenv("BENCH_BTRFS");
	struct shr_call call;
	char head[4400];
	int fd;

	bench_need(dir != NULL && n > 0 && n <= 256, "BENCH_BTRFS, n from 1 to 256");
	snprintf(pool, sizeof pool, "%.4000s/snaps", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	bench_need(fd >= 0 && btrfs_make(fd, "snaps", 0) == 0, "BENCH_BTRFS must name a directory of btrfs");
	snaps_open(settings, 1);
	call = host_call(&snaps_host);
	snaps_must(snaps_driver->create(snaps_be, &call, &of), "create");
	close(fd);
	fd = open(pool, O_RDONLY | O_DIRECTORY);
	bench_need(btrfs_make(fd, "bare", 0) == 0, "a bare container");
	box = btrfs_open_below(fd, "bare");
	bench_need(box >= 0 && btrfs_id(box, &group) == 0, "a bare container");
	group = BTRFS_GROUP(group);
	bench_need(btrfs_group_make(fd, group) == 0 && btrfs_group_limit(fd, group, BYTES) == 0 && btrfs_make(box, "head", group) == 0,
		"a bare head");
	snprintf(head, sizeof head, "%s/bare/head", pool);
	fill(head);
	snprintf(head, sizeof head, "%s/" SHARE "/head", pool);
	fill(head);
	bench_need(btrfs_flush(fd) == 0, "a sync");
	close(fd);
	measure("snapshots", (unsigned)n, 0);
	measure("reverts", (unsigned)n, 1);
	return 0;
}

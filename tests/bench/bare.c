/* tests/bench/bare.c - what a share on btrfs costs without a library: the bare calls of the kernel */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../backends/btrfs/btrfs.h"
#include "bare.h"
#include "bench.h"

int bare_open(const char *dir, const char *name)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY), sub;

	bench_need(fd >= 0 && btrfs_make(fd, name, 0) == 0, "BENCH_BTRFS must name a directory of btrfs");
	sub = btrfs_open_below(fd, name);
	close(fd);
	return sub;
}

void bare_create(int fd, unsigned n, uint64_t bytes)
{
	char aside[32], name[32];
	uint64_t id = 0;
	int box, head, bad;

	snprintf(aside, sizeof aside, "new-%u", n);
	snprintf(name, sizeof name, "%u", n);
	bench_need(btrfs_make(fd, aside, 0) == 0, "a container");
	box = btrfs_open_below(fd, aside);
	bad = box < 0 || btrfs_id(box, &id) < 0 || btrfs_group_make(fd, BTRFS_GROUP(id)) < 0 ||
		btrfs_group_join(fd, id, BTRFS_GROUP(id)) < 0 || btrfs_make(box, "head", BTRFS_GROUP(id)) < 0;
	head = bad ? -1 : btrfs_open_below(box, "head");
	bad = head < 0 || fchmod(head, 0755) < 0 || btrfs_group_limit(fd, BTRFS_GROUP(id), bytes) < 0 ||
		renameat(fd, aside, fd, name) < 0 || btrfs_flush(fd) < 0;
	bench_need(!bad, "a bare create");
	close(head);
	close(box);
}

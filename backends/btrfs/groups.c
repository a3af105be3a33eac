/* backends/btrfs/groups.c - the quota group of a container: made with it, and gone some time after it */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

uint64_t btrfs_limit_of(const struct btrfs_pool *pool, uint64_t bytes)
{
	uint64_t more = bytes / 100 * pool->reserve + bytes % 100 * pool->reserve / 100;

	/* Nothing is as big as that; a share without any limit is only one whose limit was lost. */
	return more > INT64_MAX || bytes > INT64_MAX || bytes + more > INT64_MAX ? INT64_MAX : bytes + more;
}

/* Numbers of subvolumes are never given twice, so that a group that others are in already is of somebody else. */
int btrfs_group_begin(int fd, uint64_t box)
{
	struct btrfs_group has;
	uint64_t member;
	int have;

	if (btrfs_group_make(fd, BTRFS_GROUP(box)) < 0) {
		if (errno != EEXIST)
			return -1;
		have = btrfs_next_member(fd, BTRFS_GROUP(box), 0, &member);
		if (have < 0 || btrfs_group_get(fd, BTRFS_GROUP(box), &has) < 0)
			return -1;
		if (have > 0 ? btrfs_group_has(fd, BTRFS_GROUP(box), box) <= 0 : has.limit != BTRFS_NO_LIMIT) {
			errno = EEXIST;
			return -1;
		}
	}
	return btrfs_group_join(fd, box, BTRFS_GROUP(box));
}

/* Each is visited once, whatever comes and goes meanwhile: the way down is what is kept. */
int btrfs_group_take(int fd, uint64_t id, uint64_t box)
{
	uint64_t child = 0;
	int have, bad = btrfs_group_join(fd, id, BTRFS_GROUP(box));

	while (!bad && (have = btrfs_next_child(fd, id, child, &child)) != 0)
		bad = have < 0 ? -1 : btrfs_group_take(fd, child, box);
	return bad;
}

int btrfs_group_let_go(int fd, uint64_t box)
{
	uint64_t member = 0;
	int have, bad = 0;

	while (!bad && (have = btrfs_next_member(fd, BTRFS_GROUP(box), member, &member)) != 0)
		if (have < 0 || (member != box && btrfs_group_leave(fd, member, BTRFS_GROUP(box)) < 0))
			bad = -1;
	return bad;
}

/*
 * 1: the group of BOX is gone, with those of the subvolumes that were in it. The kernel counts what is deleted until its cleaner
 * has freed it, and only then lets go of the groups.
 */
static int drop_groups(int fd, uint64_t box)
{
	uint64_t member = 0;
	int have;

	while ((have = btrfs_next_member(fd, BTRFS_GROUP(box), member, &member)) > 0)
		if (btrfs_exists(fd, member) != 0 || btrfs_group_drop(fd, member) < 0)
			return 0;
	return have == 0 && (btrfs_group_drop(fd, BTRFS_GROUP(box)) == 0 || errno == ENOTCONN);
}

/* The kernel's cleaner is woken by a commit, and nothing is committed where nothing has changed. */
void btrfs_wake_cleaner(const struct btrfs_at *at)
{
	if (utimensat(at->meta, BTRFS_GONE, NULL, AT_SYMLINK_NOFOLLOW) == 0)
		btrfs_flush(at->fd);
}

int btrfs_sweep(const struct btrfs_at *at, uint64_t group)
{
	int fd = openat(at->meta, BTRFS_GONE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), gone = 1;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	uint64_t box;
	char *rest;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return 1; /* nothing is written down */
	}
	while ((e = readdir(d))) {
		box = strtoull(e->d_name, &rest, 10);
		if (e->d_name[0] < '1' || e->d_name[0] > '9' || *rest || (group && box != group))
			continue;
		/* Where quotas were switched off, all groups are gone. */
		if (drop_groups(at->fd, box))
			unlinkat(fd, e->d_name, 0);
		else
			gone = 0;
	}
	closedir(d);
	return gone;
}

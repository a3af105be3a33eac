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

#define LEAST UINT64_C(1048576) /* that a share may write of its own, however much it inherits */
#define MORE UINT64_C(16777216)  /* for what the driver writes in a share that is full */

uint64_t btrfs_limit_of(const struct btrfs_pool *pool, const struct btrfs_facts *facts, uint64_t bytes)
{
	uint64_t more = bytes / 100 * pool->reserve + bytes % 100 * pool->reserve / 100, limit;

	/* Nothing is as big as that; a share without any limit is only one whose limit was lost. */
	limit = more > INT64_MAX || bytes > INT64_MAX || bytes + more > INT64_MAX ? INT64_MAX : bytes + more;
	return limit > LEAST && limit - LEAST > facts->inherited ? limit - facts->inherited : limit < LEAST ? limit : LEAST;
}

int btrfs_act(const struct btrfs_at *at, const struct btrfs_facts *facts, int (*act)(const void *what), const void *what)
{
	const uint64_t group = BTRFS_GROUP(facts->box), limit = btrfs_limit_of(at->pool, facts, facts->bytes);
	int bad = act(what), why;

	if (!bad || errno != EDQUOT || at->be->quota == BTRFS_QUOTA_NONE || btrfs_group_limit(at->fd, group, limit + MORE) < 0)
		return bad;
	bad = act(what);
	why = errno;
	if (btrfs_group_limit(at->fd, group, limit) < 0)
		return -1;
	errno = why;
	return bad;
}

/* Only that: a limit that people have set stays, and is told by a look. */
int btrfs_no_more(const struct btrfs_at *at, const struct btrfs_facts *facts)
{
	const uint64_t group = BTRFS_GROUP(facts->box), limit = btrfs_limit_of(at->pool, facts, facts->bytes);
	struct btrfs_group is;
	int have = at->be->quota == BTRFS_QUOTA_NONE ? 0 : btrfs_group_get(at->fd, group, &is);

	return have > 0 && is.limit == limit + MORE ? btrfs_group_limit(at->fd, group, limit) : have < 0 ? -1 : 0;
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

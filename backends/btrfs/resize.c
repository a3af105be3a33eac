/* backends/btrfs/resize.c - how big a share is, and how much of it is used */
#include <errno.h>
#include <unistd.h>
#include "btrfs.h"

static int goes_on(void *data)
{
	const struct btrfs_at *at = data;

	return !at->be->host->cancelled(at->call);
}

static int add_up(const struct btrfs_at *at, uint64_t id, uint64_t *sum)
{
	struct btrfs_at mine = *at;
	uint64_t bytes, child = 0;
	int have, bad = btrfs_sum(at->fd, id, goes_on, &mine, &bytes);

	if (bad)
		return bad;
	*sum += bytes;
	while (!bad && (have = btrfs_next_child(at->fd, id, child, &child)) != 0)
		bad = have < 0 ? -1 : add_up(at, child, sum);
	return bad;
}

int btrfs_measure_files(const struct btrfs_at *at, uint64_t box, uint64_t *ret)
{
	*ret = 0;
	return add_up(at, box, ret) < 0 ? btrfs_fail(at, "") : 0;
}

int btrfs_measure(const struct btrfs_at *at, uint64_t box, uint64_t *ret)
{
	struct btrfs_group group;
	int have;

	if (at->be->quota == BTRFS_QUOTA_NONE)
		return btrfs_measure_files(at, box, ret);
	have = btrfs_group_get(at->fd, BTRFS_GROUP(box), &group);
	if (have < 0)
		return btrfs_fail(at, "");
	if (have == 0)
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s: the quota group 1/%llu of a share is gone", at->pool->path,
			(unsigned long long)box);
	*ret = group.used;
	return 0;
}

/* As of this moment, but for data that the kernel has not given its place yet. */
int btrfs_usage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct btrfs_be *be = p;
	struct btrfs_facts facts;
	struct btrfs_at at;
	uint64_t used;
	int fds[2], code = btrfs_enter(be, call, instance->pool, &at);

	if (code)
		return code;
	code = btrfs_share_open(&at, instance->id, &facts, fds);
	if (code == 0) {
		close(fds[0]);
		close(fds[1]);
		code = btrfs_flush(at.fd) < 0 ? btrfs_fail(&at, instance->id) : btrfs_measure(&at, facts.box, &used);
	}
	if (code == 0)
		be->host->set_number(call, instance->id, SHR_NUMBER_USED, used + facts.inherited);
	btrfs_leave(&at);
	return code;
}

/* A group that somebody took away, or a member of it, is put back. */
static int set_limit(const struct btrfs_at *at, const struct btrfs_facts *facts, uint64_t bytes)
{
	struct btrfs_group group;
	int have;

	if (at->be->quota == BTRFS_QUOTA_NONE)
		return 0;
	have = btrfs_group_get(at->fd, BTRFS_GROUP(facts->box), &group);
	if (have < 0 || (have == 0 && btrfs_group_make(at->fd, BTRFS_GROUP(facts->box)) < 0 && errno != EEXIST) ||
	    btrfs_group_take(at->fd, facts->box, facts->box) < 0 ||
	    btrfs_group_limit(at->fd, BTRFS_GROUP(facts->box), btrfs_limit_of(at->pool, facts, bytes)) < 0)
		return btrfs_fail(at, "");
	return 0;
}

/* 0: no more than BYTES are in use. */
static int fits(const struct btrfs_at *at, const struct btrfs_facts *facts, uint64_t bytes)
{
	uint64_t used = 0;
	int code = btrfs_flush(at->fd) < 0 ? btrfs_fail(at, "") : btrfs_measure(at, facts->box, &used);

	used += facts->inherited;
	if (code || used <= bytes)
		return code;
	return shr_failf(at->be->host, at->call, SHR_EDATALOSS, "%llu bytes are in use: it cannot shrink to %llu",
		(unsigned long long)used, (unsigned long long)bytes);
}

/*
 * The kernel takes any limit, also one below what is there. Asked before it is set, a refusal has changed nothing; asked again
 * behind it, nothing can have been written meanwhile.
 */
static int shrink(const struct btrfs_at *at, const struct btrfs_facts *facts, uint64_t bytes)
{
	int code = fits(at, facts, bytes);

	/* A call that was killed may have left the new limit. */
	if (code) {
		set_limit(at, facts, facts->bytes);
		return code;
	}
	code = set_limit(at, facts, bytes);
	if (code == 0 && at->be->quota != BTRFS_QUOTA_NONE)
		code = fits(at, facts, bytes);
	if (code)
		set_limit(at, facts, facts->bytes);
	return code;
}

static int resize_in(const struct btrfs_at *at, const char *id, uint64_t bytes)
{
	struct btrfs_facts facts;
	int fds[2], code = btrfs_share_open(at, id, &facts, fds);

	if (code)
		return code;
	close(fds[0]);
	close(fds[1]);
	code = bytes < facts.bytes ? shrink(at, &facts, bytes) : set_limit(at, &facts, bytes);
	if (code)
		return code;
	facts.bytes = bytes;
	return btrfs_facts_put(at, id, &facts) < 0 || btrfs_flush(at->fd) < 0 ? btrfs_fail(at, PLUG_META) : 0;
}

int btrfs_resize(void *p, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code = btrfs_enter(be, call, instance->pool, &at);

	if (code)
		return code;
	code = resize_in(&at, instance->id, bytes);
	btrfs_leave(&at);
	return code;
}

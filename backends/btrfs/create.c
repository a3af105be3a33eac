/* backends/btrfs/create.c - a new share: its facts, its container with a group, its head, its limit, its name */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

static int make_head(const struct btrfs_at *at, const struct btrfs_facts *facts, int box, const struct btrfs_from *from)
{
	const uint64_t group = at->be->quota == BTRFS_QUOTA_NONE ? 0 : BTRFS_GROUP(facts->box);
	int fd, bad;

	if (from)
		return btrfs_snap(from->fd, box, BTRFS_HEAD, from->readonly, group) < 0 && errno != EEXIST ? -1 : 0;
	if (btrfs_make(box, BTRFS_HEAD, group) < 0 && errno != EEXIST)
		return -1;
	fd = btrfs_open_below(box, BTRFS_HEAD);
	if (fd < 0)
		return -1;
	bad = fchmod(fd, at->be->mode);
	close(fd);
	return bad;
}

static int make_new(const struct btrfs_at *at, const struct shr_instance *instance, struct btrfs_facts *facts, int have,
	const struct btrfs_from *from)
{
	int box = -1, code;

	if (!have) {
		if (faccessat(at->fd, instance->id, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return shr_failf(at->be->host, at->call, SHR_EBACKEND, "%.200s/%s is there already, and is no share", at->pool->path,
				instance->id);
		memset(facts, 0, sizeof *facts);
		facts->bytes = instance->bytes;
		facts->inherited = from ? from->inherited : 0;
		if (btrfs_facts_put(at, instance->id, facts) < 0)
			return btrfs_fail(at, PLUG_META);
	}
	code = btrfs_box_begin(at, instance->id, facts, &box);
	if (code)
		return code;
	if (make_head(at, facts, box, from) < 0)
		code = btrfs_fail(at, instance->id);
	close(box);
	return code ? code : btrfs_box_end(at, instance->id, facts);
}

int btrfs_create_in(const struct btrfs_at *at, const struct shr_instance *instance, const struct btrfs_from *from)
{
	struct btrfs_facts facts;
	int have = btrfs_facts_need(at, instance->id, &facts), where = BTRFS_BOX_NONE, fd = -1, fds[2], code;

	if (have < 0)
		return have;
	if (have && (where = btrfs_box_find(at, instance->id, &facts, &fd)) < 0)
		return btrfs_fail(at, instance->id);
	if (fd >= 0)
		close(fd);
	if (where != BTRFS_BOX_WHOLE)
		return make_new(at, instance, &facts, have, from);
	code = btrfs_share_open(at, instance->id, &facts, fds);
	if (code)
		return code;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

int btrfs_create(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct btrfs_be *be = p;
	struct btrfs_at at;
	int code;

	if (!plug_id_ok(instance->id))
		return btrfs_fail_id(be, call, instance->id);
	code = btrfs_enter(be, call, instance->pool, &at);
	if (code)
		return code;
	code = btrfs_create_in(&at, instance, NULL);
	if (code == 0)
		code = btrfs_tell(&at, instance->id, 1);
	btrfs_leave(&at);
	return code;
}

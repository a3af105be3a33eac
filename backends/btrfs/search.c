/* backends/btrfs/search.c - what only the trees of the file system know: groups, members, children, sums */
#include <endian.h>
#include <errno.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include "btrfs.h"

#define STATUS_ON UINT64_C(1)
#define STATUS_SIMPLE UINT64_C(8) /* since Linux 6.7 */
#define SUM_ROOM 65536

/* The first item of TYPE of OBJECT with an offset from MIN on: its offset, and its first ROOM bytes. 1; 0; -1: errno. */
static int first_item(int fd, uint64_t tree, uint64_t object, uint32_t type, uint64_t min, uint64_t *ret_offset, void *data,
	size_t room)
{
	struct btrfs_ioctl_search_args args;
	struct btrfs_ioctl_search_header head;

	memset(&args, 0, sizeof args.key);
	args.key = (struct btrfs_ioctl_search_key){ .tree_id = tree, .min_objectid = object, .max_objectid = object,
		.min_type = type, .max_type = type, .min_offset = min, .max_offset = UINT64_MAX, .max_transid = UINT64_MAX,
		.nr_items = 1 };
	if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0)
		return -1;
	if (args.key.nr_items == 0)
		return 0;
	memcpy(&head, args.buf, sizeof head);
	*ret_offset = head.offset;
	if (room > 0 && head.len < room) {
		errno = EBADMSG;
		return -1;
	}
	if (room > 0)
		memcpy(data, args.buf + sizeof head, room);
	return 1;
}

int btrfs_quota_mode(int fd, enum btrfs_quota *ret)
{
	struct btrfs_qgroup_status_item status;
	uint64_t offset, flags;
	int have = first_item(fd, BTRFS_QUOTA_TREE_OBJECTID, 0, BTRFS_QGROUP_STATUS_KEY, 0, &offset, &status, sizeof status);

	*ret = BTRFS_QUOTA_NONE;
	if (have < 0 && errno != ENOENT)
		return -1;
	flags = have > 0 ? le64toh(status.flags) : 0;
	if (flags & STATUS_ON)
		*ret = flags & STATUS_SIMPLE ? BTRFS_QUOTA_SIMPLE : BTRFS_QUOTA_FULL;
	return 0;
}

int btrfs_group_get(int fd, uint64_t group, struct btrfs_group *ret)
{
	struct btrfs_qgroup_info_item info;
	struct btrfs_qgroup_limit_item limit;
	uint64_t offset;
	int have = first_item(fd, BTRFS_QUOTA_TREE_OBJECTID, 0, BTRFS_QGROUP_INFO_KEY, group, &offset, &info, sizeof info);

	if (have <= 0 || offset != group)
		return have < 0 && errno != ENOENT ? -1 : 0;
	ret->used = le64toh(info.rfer);
	ret->limit = BTRFS_NO_LIMIT;
	have = first_item(fd, BTRFS_QUOTA_TREE_OBJECTID, 0, BTRFS_QGROUP_LIMIT_KEY, group, &offset, &limit, sizeof limit);
	if (have < 0)
		return -1;
	if (have > 0 && offset == group && le64toh(limit.flags) & BTRFS_QGROUP_LIMIT_MAX_RFER)
		ret->limit = le64toh(limit.max_rfer);
	return 1;
}

/* A relation stands in the tree both ways: with the greater number behind it is that of a group of GROUP. */
int btrfs_next_member(int fd, uint64_t group, uint64_t after, uint64_t *ret)
{
	int have = first_item(fd, BTRFS_QUOTA_TREE_OBJECTID, group, BTRFS_QGROUP_RELATION_KEY, after + 1, ret, NULL, 0);

	if (have < 0 && errno == ENOENT)
		return 0;
	return have > 0 && *ret >= group ? 0 : have;
}

int btrfs_group_has(int fd, uint64_t group, uint64_t member)
{
	uint64_t found;
	int have = btrfs_next_member(fd, group, member - 1, &found);

	return have > 0 ? found == member : have;
}

int btrfs_next_child(int fd, uint64_t parent, uint64_t after, uint64_t *ret)
{
	return first_item(fd, BTRFS_ROOT_TREE_OBJECTID, parent, BTRFS_ROOT_REF_KEY, after + 1, ret, NULL, 0);
}

int btrfs_exists(int fd, uint64_t id)
{
	uint64_t offset;

	return first_item(fd, BTRFS_ROOT_TREE_OBJECTID, id, BTRFS_ROOT_ITEM_KEY, 0, &offset, NULL, 0);
}

static uint64_t sum_items(const struct btrfs_ioctl_search_args_v2 *args, struct btrfs_ioctl_search_header *last)
{
	const char *p = (const char *)args->buf;
	struct btrfs_inode_item inode;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < args->key.nr_items; i++) {
		memcpy(last, p, sizeof *last);
		p += sizeof *last;
		if (last->type == BTRFS_INODE_ITEM_KEY && last->len >= sizeof inode) {
			memcpy(&inode, p, sizeof inode);
			sum += le64toh(inode.nbytes);
		}
		p += last->len;
	}
	return sum;
}

/* Behind LAST. 0: there is nothing behind it. */
static int step_over(struct btrfs_ioctl_search_key *key, const struct btrfs_ioctl_search_header *last)
{
	key->min_objectid = last->objectid;
	key->min_type = last->type;
	key->min_offset = last->offset + 1;
	if (key->min_offset == 0 && ++key->min_type > 255) {
		key->min_type = 0;
		key->min_objectid++;
	}
	return key->min_objectid != 0;
}

int btrfs_sum(int fd, uint64_t id, int (*goes_on)(void *data), void *data, uint64_t *ret)
{
	struct btrfs_ioctl_search_args_v2 *args = malloc(sizeof *args + SUM_ROOM);
	struct btrfs_ioctl_search_header last;
	int bad = args ? 0 : -1, why;

	*ret = 0;
	if (args)
		args->key = (struct btrfs_ioctl_search_key){ .tree_id = id, .min_objectid = 256,
			.max_objectid = BTRFS_LAST_FREE_OBJECTID, .max_type = UINT32_MAX, .max_offset = UINT64_MAX,
			.max_transid = UINT64_MAX };
	while (!bad) {
		args->key.nr_items = UINT32_MAX;
		args->buf_size = SUM_ROOM;
		bad = ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, args);
		if (bad || args->key.nr_items == 0)
			break;
		*ret += sum_items(args, &last);
		if (!step_over(&args->key, &last))
			break;
		if (!goes_on(data)) {
			errno = ECANCELED;
			bad = -1;
		}
	}
	why = errno;
	free(args);
	errno = why;
	return bad;
}

/* backends/btrfs/kernel.c - subvolumes and quota groups: libbtrfsutil, and the calls that it lacks */
#include <btrfsutil.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "btrfs.h"

/* Since Linux 6.7; Debian 12's headers are of 6.1. */
#ifndef BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA
#define BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA 4
#endif

#define ROOT_INODE 256 /* of every subvolume */

int btrfs_open_below(int fd, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };

	return (int)syscall(SYS_openat2, fd, path, &how, sizeof how);
}

int btrfs_is_btrfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
}

int btrfs_is_subvolume(int fd)
{
	struct stat st;

	return btrfs_is_btrfs(fd) && fstat(fd, &st) == 0 && st.st_ino == ROOT_INODE;
}

int btrfs_fsid(int fd, unsigned char ret[BTRFS_FSID])
{
	struct btrfs_ioctl_fs_info_args args;

	memset(&args, 0, sizeof args);
	if (ioctl(fd, BTRFS_IOC_FS_INFO, &args) < 0)
		return -1;
	memcpy(ret, args.fsid, BTRFS_FSID);
	return 0;
}

int btrfs_id(int fd, uint64_t *ret)
{
	return btrfs_util_subvolume_id_fd(fd, ret) == BTRFS_UTIL_OK ? 0 : -1;
}

int btrfs_make(int parent, const char *name, uint64_t group)
{
	struct btrfs_util_qgroup_inherit *in = NULL;
	int bad = 0, why;

	if (group)
		bad = btrfs_util_create_qgroup_inherit(0, &in) != BTRFS_UTIL_OK ||
			btrfs_util_qgroup_inherit_add_group(&in, group) != BTRFS_UTIL_OK;
	if (!bad)
		bad = btrfs_util_create_subvolume_fd(parent, name, 0, NULL, in) != BTRFS_UTIL_OK;
	why = errno;
	btrfs_util_destroy_qgroup_inherit(in);
	errno = why;
	return bad ? -1 : 0;
}

/* A snapshot of the subvolume FD. The kernel has committed it when this returns. */
int btrfs_snap(int fd, int parent, const char *name, int readonly, uint64_t group)
{
	struct btrfs_util_qgroup_inherit *in = NULL;
	int bad = 0, why;

	if (group)
		bad = btrfs_util_create_qgroup_inherit(0, &in) != BTRFS_UTIL_OK ||
			btrfs_util_qgroup_inherit_add_group(&in, group) != BTRFS_UTIL_OK;
	if (!bad)
		bad = btrfs_util_create_snapshot_fd2(fd, parent, name, readonly ? BTRFS_UTIL_CREATE_SNAPSHOT_READ_ONLY : 0, NULL, in) !=
			BTRFS_UTIL_OK;
	why = errno;
	btrfs_util_destroy_qgroup_inherit(in);
	errno = why;
	return bad ? -1 : 0;
}

int btrfs_born(int fd, uint64_t *ret_ns)
{
	struct btrfs_util_subvolume_info info;

	if (btrfs_util_subvolume_info_fd(fd, 0, &info) != BTRFS_UTIL_OK)
		return -1;
	*ret_ns = (uint64_t)info.otime.tv_sec * UINT64_C(1000000000) + (uint64_t)info.otime.tv_nsec;
	return 0;
}

/* By its number, wherever in the subvolume above it lies: no path can be too long, and no link leads elsewhere. */
static int open_by_id(int fd, uint64_t id)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + 20];
	} u;
	const uint64_t inode = ROOT_INODE;

	memset(&u, 0, sizeof u);
	u.h.handle_bytes = 20;
	u.h.handle_type = 0x4d; /* inode, subvolume, generation (0: any) */
	memcpy(u.h.f_handle, &inode, sizeof inode);
	memcpy(u.h.f_handle + sizeof inode, &id, sizeof id);
	return open_by_handle_at(fd, &u.h, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int btrfs_is_readonly(int fd)
{
	bool readonly = false;

	return btrfs_util_get_subvolume_read_only_fd(fd, &readonly) == BTRFS_UTIL_OK ? readonly : -1;
}

int btrfs_set_readonly(int fd, int readonly)
{
	return btrfs_util_set_subvolume_read_only_fd(fd, readonly != 0) == BTRFS_UTIL_OK ? 0 : -1;
}

/* What lies in a read-only subvolume cannot go before that is writable. */
static int make_writable(int fd, uint64_t id)
{
	int sub = open_by_id(fd, id), bad;

	if (sub < 0)
		return -1;
	bad = btrfs_set_readonly(sub, 0);
	close(sub);
	return bad;
}

static int delete_one(int fd, uint64_t parent, uint64_t id)
{
	if (btrfs_util_delete_subvolume_by_id_fd(fd, id) == BTRFS_UTIL_OK || errno == ENOENT || errno == ESTALE)
		return 0;
	if (errno != EROFS || parent == 0 || make_writable(fd, parent) < 0)
		return -1;
	return btrfs_util_delete_subvolume_by_id_fd(fd, id) == BTRFS_UTIL_OK || errno == ENOENT ? 0 : -1;
}

/* The deepest first: down along the first children, and back up through the numbers that were passed. */
int btrfs_delete(int fd, uint64_t id)
{
	uint64_t *way = NULL, *more, child;
	size_t n = 0, room = 0;
	int bad = 0, have, why;

	for (;;) {
		if (n == room) {
			more = realloc(way, (room + 16) * 2 * sizeof *way);
			if (!more) {
				bad = -1;
				break;
			}
			way = more;
			room = (room + 16) * 2;
		}
		if (n == 0)
			way[n++] = id;
		have = btrfs_next_child(fd, way[n - 1], 0, &child);
		if (have > 0) {
			way[n++] = child;
			continue;
		}
		bad = have < 0 ? -1 : delete_one(fd, n > 1 ? way[n - 2] : 0, way[n - 1]);
		if (bad || --n == 0)
			break;
	}
	why = errno;
	free(way);
	errno = why;
	return bad;
}

/* Not START_SYNC and WAIT_SYNC, which write out no data: the kernel's thread can miss the first when it is at another commit, and
 * then the second waits for the next one by time, 30 s. */
int btrfs_flush(int fd)
{
	return btrfs_util_sync_fd(fd) == BTRFS_UTIL_OK ? 0 : -1;
}

int btrfs_quota_on(int fd, enum btrfs_quota how)
{
	struct btrfs_ioctl_quota_ctl_args args = { .cmd = how == BTRFS_QUOTA_SIMPLE ? BTRFS_QUOTA_CTL_ENABLE_SIMPLE_QUOTA :
		BTRFS_QUOTA_CTL_ENABLE };

	return ioctl(fd, BTRFS_IOC_QUOTA_CTL, &args);
}

int btrfs_recount(int fd)
{
	struct btrfs_ioctl_quota_rescan_args args;

	memset(&args, 0, sizeof args);
	return ioctl(fd, BTRFS_IOC_QUOTA_RESCAN, &args) == 0 || errno == EINPROGRESS ? 0 : -1;
}

int btrfs_group_make(int fd, uint64_t group)
{
	struct btrfs_ioctl_qgroup_create_args args = { .create = 1, .qgroupid = group };

	return ioctl(fd, BTRFS_IOC_QGROUP_CREATE, &args);
}

int btrfs_group_drop(int fd, uint64_t group)
{
	struct btrfs_ioctl_qgroup_create_args args = { .create = 0, .qgroupid = group };

	return ioctl(fd, BTRFS_IOC_QGROUP_CREATE, &args) == 0 || errno == ENOENT ? 0 : -1;
}

/* A positive answer says that full quota groups want to be counted anew: the kernel has noted that. */
static int assign(int fd, uint32_t on, uint64_t member, uint64_t group)
{
	struct btrfs_ioctl_qgroup_assign_args args = { .assign = on, .src = member, .dst = group };

	return ioctl(fd, BTRFS_IOC_QGROUP_ASSIGN, &args) < 0 ? -1 : 0;
}

int btrfs_group_join(int fd, uint64_t member, uint64_t group)
{
	return assign(fd, 1, member, group) == 0 || errno == EEXIST ? 0 : -1;
}

int btrfs_group_leave(int fd, uint64_t member, uint64_t group)
{
	return assign(fd, 0, member, group) == 0 || errno == ENOENT ? 0 : -1;
}

int btrfs_group_limit(int fd, uint64_t group, uint64_t bytes)
{
	struct btrfs_ioctl_qgroup_limit_args args;

	memset(&args, 0, sizeof args);
	args.qgroupid = group;
	args.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
	args.lim.max_rfer = bytes;
	return ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &args);
}

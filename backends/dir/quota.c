/* backends/dir/quota.c - project quotas of XFS and ext4: a hard limit for each share */
#include <errno.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dir.h"

#define BLOCK 512u /* of the quota calls, whatever the file system has */

/* quotactl_fd needs no device name; kernels before 5.14 lack it, and then sizes are not enforced. */
static int ask(int fd, unsigned command, uint32_t project, void *arg)
{
	return (int)syscall(SYS_quotactl_fd, fd, QCMD(command, PRJQUOTA), project, arg);
}

int dir_quota_works(int fd)
{
	struct fs_quota_stat state;
	struct fs_disk_quota nothing;

	memset(&state, 0, sizeof state);
	if (ask(fd, Q_XGETQSTAT, 0, &state) < 0 || !(state.qs_flags & FS_QUOTA_PDQ_ENFD))
		return 0;
	/* Setting no field at all changes nothing, but is refused to who may not set limits. */
	memset(&nothing, 0, sizeof nothing);
	nothing.d_version = FS_DQUOT_VERSION;
	nothing.d_flags = FS_PROJ_QUOTA;
	return ask(fd, Q_XSETQLIM, 1, &nothing) == 0;
}

static int get(int fd, uint32_t project, struct fs_disk_quota *ret)
{
	memset(ret, 0, sizeof *ret);
	if (ask(fd, Q_XGETQUOTA, project, ret) == 0)
		return 0;
	if (errno != ENOENT && errno != ESRCH)
		return -1;
	memset(ret, 0, sizeof *ret);
	return 0;
}

int dir_quota_pick(int fd, const char *id, uint32_t *ret_project)
{
	struct fs_disk_quota q;
	uint32_t x = UINT32_C(2166136261);
	int i;

	for (; *id; id++)
		x = (x ^ (unsigned char)*id) * UINT32_C(16777619);
	for (i = 0; i < 1000; i++, x++) {
		/* Small numbers are those that people give by hand. */
		*ret_project = (x & UINT32_C(0x3fffffff)) | UINT32_C(0x40000000);
		if (get(fd, *ret_project, &q) < 0)
			return -1;
		if (q.d_blk_hardlimit == 0 && q.d_bcount == 0 && q.d_icount == 0)
			return 0;
	}
	errno = EEXIST;
	return -1;
}

int dir_quota_mark(int fd, uint32_t project)
{
	struct fsxattr attr;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &attr) < 0)
		return -1;
	if (attr.fsx_projid == project && attr.fsx_xflags & FS_XFLAG_PROJINHERIT)
		return 0;
	attr.fsx_projid = project;
	attr.fsx_xflags |= FS_XFLAG_PROJINHERIT;
	if (ioctl(fd, FS_IOC_FSSETXATTR, &attr) == 0)
		return 0;
	attr.fsx_xflags &= ~(uint32_t)FS_XFLAG_PROJINHERIT; /* files do not take it */
	return ioctl(fd, FS_IOC_FSSETXATTR, &attr);
}

int dir_quota_limit(int fd, uint32_t project, uint64_t bytes)
{
	struct fs_disk_quota q;

	memset(&q, 0, sizeof q);
	q.d_version = FS_DQUOT_VERSION;
	q.d_flags = FS_PROJ_QUOTA;
	q.d_fieldmask = FS_DQ_BHARD | FS_DQ_BSOFT;
	q.d_id = project;
	q.d_blk_hardlimit = (bytes + BLOCK - 1) / BLOCK;
	q.d_blk_softlimit = q.d_blk_hardlimit;
	return ask(fd, Q_XSETQLIM, project, &q);
}

int dir_quota_get(int fd, uint32_t project, uint64_t *ret)
{
	struct fs_disk_quota q;

	if (get(fd, project, &q) < 0)
		return -1;
	*ret = q.d_blk_hardlimit * BLOCK;
	return 0;
}

int dir_quota_used(int fd, uint32_t project, uint64_t *ret)
{
	struct fs_disk_quota q;

	if (get(fd, project, &q) < 0)
		return -1;
	*ret = q.d_bcount * BLOCK;
	return 0;
}

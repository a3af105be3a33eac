/* backends/common/mounts.c - each export is a mount point of its own: made, checked, taken away without force */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "server.h"

#define NOFOLLOW 8 /* UMOUNT_NOFOLLOW: <sys/mount.h> does not go together with <linux/mount.h> everywhere */

#define STACKED_MOST 16

static int tell(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO, ret);
}

static int is_mount(const struct statx *st)
{
	return (st->stx_attributes & st->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

static int same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static int tell_path(int at, const char *path, int follow, struct statx *ret)
{
	int fd = openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)), rc, why;

	if (fd < 0)
		return -1;
	rc = tell(fd, ret);
	why = errno;
	close(fd);
	errno = why;
	return rc;
}

int plug_mount_state(int mounts_fd, const char *share_id, const char *source)
{
	struct statx want, have;

	if (source && tell_path(AT_FDCWD, source, 0, &want) < 0)
		return -1;
	if (tell_path(mounts_fd, share_id, 0, &have) < 0 || !is_mount(&have))
		return PLUG_MOUNT_NONE;
	return !source || same(&want, &have) ? PLUG_MOUNT_RIGHT : PLUG_MOUNT_WRONG;
}

/* Private, so that what is mounted in the original later does not show up in the export. */
static int copy_tree(int fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = 1 << 18 /* MS_PRIVATE */ };

	return plug_mount_copy(fd, &attr);
}

int plug_mount_make(int mounts_fd, const char *share_id, const char *source)
{
	int fd = open(source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), tree, rc, why;

	if (fd < 0)
		return -1;
	tree = copy_tree(fd);
	why = errno;
	close(fd);
	errno = why;
	if (tree < 0)
		return -1;
	rc = mkdirat(mounts_fd, share_id, 0700) < 0 && errno != EEXIST ? -1 : 0;
	if (rc == 0)
		rc = (int)syscall(SYS_move_mount, tree, "", mounts_fd, share_id, MOVE_MOUNT_F_EMPTY_PATH);
	why = errno;
	close(tree);
	errno = why;
	return rc;
}

int plug_mount_drop(const char *dir, int mounts_fd, const char *share_id)
{
	char path[PLUG_PLACE_ROOM];
	int i;

	snprintf(path, sizeof path, "%s/mounts/%.36s", dir, share_id);
	for (i = 0; i < STACKED_MOST && plug_mount_state(mounts_fd, share_id, NULL) == PLUG_MOUNT_RIGHT; i++)
		if (syscall(SYS_umount2, path, NOFOLLOW) < 0)
			return -1;
	return unlinkat(mounts_fd, share_id, AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

int plug_mount_seen(const char *dir, const char *share_id, int mounts_fd, pid_t pid)
{
	char path[PLUG_PLACE_ROOM + 64];
	struct statx mine, theirs;

	snprintf(path, sizeof path, "/proc/%ld/root", (long)pid);
	if (tell_path(AT_FDCWD, path, 1, &theirs) < 0)
		return -1;
	snprintf(path, sizeof path, "/proc/%ld/root%s/mounts/%.36s", (long)pid, dir, share_id);
	if (tell_path(mounts_fd, share_id, 0, &mine) < 0)
		return 0;
	return tell_path(AT_FDCWD, path, 0, &theirs) == 0 && is_mount(&theirs) && same(&mine, &theirs);
}

int plug_mount_allowed(int mounts_fd)
{
	int tree = copy_tree(mounts_fd);

	if (tree < 0)
		return 0;
	close(tree);
	return 1;
}

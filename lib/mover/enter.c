/* lib/mover/enter.c - into a directory, and into nothing else */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mover.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

int shr__dir_open(int in, const char *name)
{
	int sub = openat(in, name, OPEN_DIR);

	/* With O_DIRECTORY a symbolic link is only "not a directory": say what it is. */
	if (sub < 0 && errno == ENOTDIR) {
		struct stat st;

		errno = fstatat(in, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	}
	return sub;
}

int shr__dir_enter(int in, const char *name)
{
	struct open_how how = { .flags = OPEN_DIR, .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH };
	struct stat above, below;
	int sub = (int)syscall(SYS_openat2, in, name, &how, sizeof how);

	if (sub >= 0 || (errno != ENOSYS && errno != EPERM))
		return sub;
	/* A kernel or a sandbox without openat2: a mount of the same file system goes unseen. */
	sub = shr__dir_open(in, name);
	if (sub >= 0 && (fstat(in, &above) < 0 || fstat(sub, &below) < 0 || above.st_dev != below.st_dev)) {
		close(sub);
		errno = EXDEV;
		return -1;
	}
	return sub;
}

/* Through its descriptor, so that nothing else can be put in its place meanwhile. */
int shr__dir_enter_forced(int in, const char *name)
{
	int path = openat(in, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), bad;
	char proc[64];

	if (path < 0)
		return -1;
	snprintf(proc, sizeof proc, "/proc/self/fd/%d", path);
	bad = chmod(proc, 0700);
	close(path);
	if (bad) {
		errno = EACCES;
		return -1;
	}
	return shr__dir_enter(in, name);
}

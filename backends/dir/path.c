/* backends/dir/path.c - paths below the root, one component at a time */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

/* What shares will lie in must not be forgotten by a power loss. */
static int make_one(int fd, const char *name)
{
	if (mkdirat(fd, name, 0755) == 0)
		return fsync(fd);
	return errno == EEXIST ? 0 : -1;
}

/* Go down PATH, or with KEEP_LAST only to the directory above its last component. */
static int descend(int fd, const char *path, int make, const char **ret_last)
{
	int at = openat(fd, ".", OPEN_DIR), sub, more, why;
	const char *before = path;
	char name[256];

	while (at >= 0 && (more = plug_path_next(&path, name)) != 0) {
		if (ret_last && more > 0 && path[strspn(path, "/")] == '\0')
			break;
		before = path;
		if (more > 0 && make)
			more = make_one(at, name) < 0 ? -1 : 1;
		sub = more > 0 ? shr__dir_open(at, name) : -1;
		why = errno;
		close(at);
		errno = why;
		at = sub;
	}
	if (ret_last)
		*ret_last = before + strspn(before, "/");
	return at;
}

int dir_path_open(int fd, const char *path)
{
	return descend(fd, strcmp(path, ".") == 0 ? "" : path, 0, NULL);
}

int dir_path_make(int fd, const char *path)
{
	int at = descend(fd, strcmp(path, ".") == 0 ? "" : path, 1, NULL);

	if (at < 0)
		return -1;
	close(at);
	return 0;
}

int dir_path_parent(int fd, const char *path, const char **ret_name)
{
	return descend(fd, path, 0, ret_name);
}

int dir_path_within(const char *a, const char *b)
{
	size_t n = strlen(b);

	return strcmp(b, ".") == 0 || (strncmp(a, b, n) == 0 && (a[n] == '\0' || a[n] == '/'));
}

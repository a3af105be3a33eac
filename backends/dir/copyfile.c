/* backends/dir/copyfile.c - one thing of a tree as it is in the other: what is in it, whose it is, its times and attributes */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "copy.h"

#define CHUNK ((size_t)64 << 20) /* between two looks at whether it is cancelled */
#define ROOM ((size_t)1 << 20)

/* ---- what is in it ---- */

static int goes_on(const struct dir_copy *c)
{
	if (!c->be->host->cancelled(c->call))
		return 1;
	errno = ECANCELED;
	return 0;
}

/* Through this process, where the kernel does not copy between the two. */
static int copy_slowly(struct dir_copy *c, int in, int out, off_t at, off_t end)
{
	ssize_t n, put, done;
	off_t checked = at;

	if (!c->room && !(c->room = malloc(ROOM)))
		return -1;
	while (at < end) {
		n = pread(in, c->room, end - at < (off_t)ROOM ? (size_t)(end - at) : ROOM, at);
		if (n <= 0)
			return n < 0 ? -1 : 0; /* it became shorter meanwhile */
		for (done = 0; done < n; done += put) {
			put = pwrite(out, c->room + done, (size_t)(n - done), at + done);
			if (put < 0)
				return -1;
		}
		at += n;
		if (at - checked >= (off_t)CHUNK && !goes_on(c))
			return -1;
		if (at - checked >= (off_t)CHUNK)
			checked = at;
	}
	return 0;
}

static int copy_range(struct dir_copy *c, int in, int out, off_t at, off_t end)
{
	loff_t from = at, to = at;
	ssize_t n;

	while (from < end) {
		n = copy_file_range(in, &from, out, &to, end - from < (off_t)CHUNK ? (size_t)(end - from) : CHUNK, 0);
		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS || errno == EPERM))
			return copy_slowly(c, in, out, from, end);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (from < end && !goes_on(c))
			return -1;
	}
	return 0;
}

/* Holes stay holes. */
static int copy_sparse(struct dir_copy *c, int in, int out, off_t size)
{
	off_t at = 0, end;

	while (at < size && (at = lseek(in, at, SEEK_DATA)) >= 0) {
		end = lseek(in, at, SEEK_HOLE);
		if (end < 0 || end > size)
			end = size;
		if (copy_range(c, in, out, at, end) < 0)
			return -1;
		at = end;
	}
	if (at < 0 && errno != ENXIO)
		return errno == EINVAL ? copy_range(c, in, out, 0, size) : -1;
	return ftruncate(out, size);
}

static int copy_data(struct dir_copy *c, int in, int out, const struct stat *st)
{
	if (st->st_size == 0)
		return 0;
	if (c->reflink && ioctl(out, FICLONE, in) == 0)
		return 0;
	return st->st_blocks * 512 < st->st_size ? copy_sparse(c, in, out, st->st_size) : copy_range(c, in, out, 0, st->st_size);
}

/* ---- what is said of it ---- */

/* A label that the host's security gives by itself is not a part of a file's contents. */
static int copy_attribute(int in, int out, const char *name)
{
	char few[1024], *value = few;
	ssize_t n;
	int bad, why;

	if (strcmp(name, "security.selinux") == 0)
		return 0;
	n = fgetxattr(in, name, few, sizeof few);
	if (n < 0 && errno == ERANGE) {
		value = malloc(XATTR_SIZE_MAX);
		n = value ? fgetxattr(in, name, value, XATTR_SIZE_MAX) : -1;
	}
	bad = n < 0 ? errno != ENODATA : fsetxattr(out, name, value, (size_t)n, 0) < 0;
	why = errno;
	if (value != few)
		free(value);
	errno = why;
	return bad ? -1 : 0;
}

static int copy_attributes(int in, int out)
{
	char few[1024], *names = few, *name;
	ssize_t n = flistxattr(in, few, sizeof few);
	int bad = 0, why;

	if (n == 0 || (n < 0 && errno == EOPNOTSUPP))
		return 0;
	if (n < 0 && errno == ERANGE) {
		names = malloc(XATTR_LIST_MAX);
		n = names ? flistxattr(in, names, XATTR_LIST_MAX) : -1;
	}
	bad = n < 0;
	for (name = names; !bad && name < names + n; name += strlen(name) + 1)
		bad = copy_attribute(in, out, name);
	why = errno;
	if (names != few)
		free(names);
	errno = why;
	return bad ? -1 : 0;
}

/* The owner first, for it takes the set-user-ID bits and capabilities away; the times last, for they say that it is whole. */
int dir_copy_settle(const struct dir_copy *c, int in, int out, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if ((st->st_uid != c->uid || st->st_gid != c->gid) && fchown(out, st->st_uid, st->st_gid) < 0)
		return -1;
	if (fchmod(out, st->st_mode & 07777) < 0 || copy_attributes(in, out) < 0)
		return -1;
	return futimens(out, times);
}

/* What has no descriptor to write to is reached through the name of one that only stands for it. */
static int settle_special(int from, int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	char in[64], out[64], names[4096], value[4096];
	int a = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), b = openat(to, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), bad, why;
	ssize_t n, got;

	snprintf(in, sizeof in, "/proc/self/fd/%d", a);
	snprintf(out, sizeof out, "/proc/self/fd/%d", b);
	n = a < 0 || b < 0 ? -1 : listxattr(in, names, sizeof names);
	bad = a < 0 || b < 0 || (n < 0 && errno != EOPNOTSUPP && errno != ENOENT);
	for (const char *key = names; !bad && n > 0 && key < names + n; key += strlen(key) + 1) {
		got = strcmp(key, "security.selinux") == 0 ? -1 : getxattr(in, key, value, sizeof value);
		bad = got >= 0 && setxattr(out, key, value, (size_t)got, 0) < 0;
	}
	bad = bad || utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0;
	why = errno;
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	errno = why;
	return bad ? -1 : 0;
}

/* ---- whole things ---- */

int dir_copy_file(struct dir_copy *c, int in, int to, const char *name, const struct stat *st)
{
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), bad, why;

	if (out < 0)
		return -1;
	bad = copy_data(c, in, out, st) < 0 || dir_copy_settle(c, in, out, st) < 0;
	why = errno;
	bad = close(out) < 0 || bad;
	errno = why;
	return bad ? -1 : 0;
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_MAX + 1];
	ssize_t n = readlinkat(from, name, target, sizeof target - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return symlinkat(target, to, name);
}

int dir_copy_special(const struct dir_copy *c, int from, int to, const char *name, const struct stat *st)
{
	int bad = S_ISLNK(st->st_mode) ? copy_link(from, to, name) : mknodat(to, name, st->st_mode & S_IFMT, st->st_rdev);

	if (bad || ((st->st_uid != c->uid || st->st_gid != c->gid) &&
	    fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0))
		return -1;
	/* Nobody but this process is there to put a link in its place. */
	if (!S_ISLNK(st->st_mode) && fchmodat(to, name, st->st_mode & 07777, 0) < 0)
		return -1;
	return settle_special(from, to, name, st);
}

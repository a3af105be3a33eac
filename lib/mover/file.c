/* lib/mover/file.c - one thing of a tree as it is in the other: what is in it, whose it is, its times and attributes */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mover.h"

#define CHUNK ((size_t)64 << 20) /* between two looks at whether it is cancelled */
#define ROOM ((size_t)1 << 20)

/* ---- what is in it ---- */

/* Through this process, where the kernel does not copy between the two. */
static int copy_slowly(struct shr__copy *c, int in, int out, off_t at, off_t end)
{
	ssize_t n, put, done;
	off_t checked = at;
	int pause;

	if (!c->room && !(c->room = shr__mover_room(c->host, NULL, ROOM)))
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
		if (at - checked < (off_t)CHUNK || at >= end)
			continue;
		checked = at;
		if ((pause = shr__copy_pause(c, (uint64_t)at)))
			return pause;
	}
	return 0;
}

static int copy_range(struct shr__copy *c, int in, int out, off_t at, off_t end)
{
	loff_t from = at, to = at;
	ssize_t n;
	int pause;

	while (from < end) {
		n = copy_file_range(in, &from, out, &to, end - from < (off_t)CHUNK ? (size_t)(end - from) : CHUNK, 0);
		if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOSYS || errno == EPERM))
			return copy_slowly(c, in, out, from, end);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (from < end && (pause = shr__copy_pause(c, (uint64_t)from)))
			return pause;
	}
	return 0;
}

/* Holes stay holes. */
static int copy_sparse(struct shr__copy *c, int in, int out, off_t at, off_t size)
{
	off_t end;
	int result;

	while (at < size && (at = lseek(in, at, SEEK_DATA)) >= 0) {
		end = lseek(in, at, SEEK_HOLE);
		if (end < 0 || end > size)
			end = size;
		if ((result = copy_range(c, in, out, at, end)))
			return result;
		at = end;
	}
	if (at < 0 && errno != ENXIO)
		return errno == EINVAL ? copy_range(c, in, out, 0, size) : -1;
	return ftruncate(out, size);
}

/* AT: what is before it is there. */
static int copy_data(struct shr__copy *c, int in, int out, off_t at, const struct stat *st)
{
	if (st->st_size == 0)
		return 0;
	if (c->reflink && at == 0 && ioctl(out, FICLONE, in) == 0)
		return 0;
	return st->st_blocks * 512 < st->st_size ? copy_sparse(c, in, out, at, st->st_size) : copy_range(c, in, out, at, st->st_size);
}

/* ---- what is said of it ---- */

/* A label that the host's security gives by itself is not a part of a file's contents. */
static int copy_attribute(const struct shr__copy *c, int in, int out, const char *name)
{
	char few[1024], *value = few;
	ssize_t n;
	int bad, why;

	if (strcmp(name, "security.selinux") == 0)
		return 0;
	n = fgetxattr(in, name, few, sizeof few);
	if (n < 0 && errno == ERANGE) {
		value = shr__mover_room(c->host, NULL, XATTR_SIZE_MAX);
		n = value ? fgetxattr(in, name, value, XATTR_SIZE_MAX) : -1;
	}
	bad = n < 0 ? errno != ENODATA : fsetxattr(out, name, value, (size_t)n, 0) < 0;
	if (bad && n >= 0 && strncmp(name, "btrfs.", 6) == 0) /* how that file system keeps it: another one has its own ways */
		bad = 0;
	why = errno;
	if (value != few)
		shr__mover_room(c->host, value, 0);
	errno = why;
	return bad ? -1 : 0;
}

static int copy_attributes(const struct shr__copy *c, int in, int out)
{
	char few[1024], *names = few, *name;
	ssize_t n = flistxattr(in, few, sizeof few);
	int bad = 0, why;

	if (n == 0 || (n < 0 && errno == EOPNOTSUPP))
		return 0;
	if (n < 0 && errno == ERANGE) {
		names = shr__mover_room(c->host, NULL, XATTR_LIST_MAX);
		n = names ? flistxattr(in, names, XATTR_LIST_MAX) : -1;
	}
	bad = n < 0;
	for (name = names; !bad && name < names + n; name += strlen(name) + 1)
		bad = copy_attribute(c, in, out, name);
	why = errno;
	if (names != few)
		shr__mover_room(c->host, names, 0);
	errno = why;
	return bad ? -1 : 0;
}

/* The owner first, for it takes the set-user-ID bits and capabilities away; the times last, for they say that it is whole. */
int shr__copy_settle(const struct shr__copy *c, int in, int out, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if ((st->st_uid != c->uid || st->st_gid != c->gid) && fchown(out, st->st_uid, st->st_gid) < 0)
		return -1;
	if (fchmod(out, st->st_mode & 07777) < 0 || copy_attributes(c, in, out) < 0)
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

/* It is written from its beginning to its end, so what is there of one that was left is right; but for the last bite, perhaps. */
static int open_copy(const struct shr__copy *c, int to, const char *name, off_t *ret_at)
{
	int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	*ret_at = 0;
	if (out >= 0 || errno != EEXIST || !c->resume)
		return out;
	out = openat(to, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (out >= 0 && fstat(out, &st) == 0)
		*ret_at = st.st_size & ~(off_t)(ROOM - 1);
	return out;
}

int shr__copy_file(struct shr__copy *c, int in, int to, const char *name, const struct stat *st)
{
	off_t at;
	int out = open_copy(c, to, name, &at), result, why;

	if (out < 0)
		return -1;
	c->whole = (uint64_t)st->st_blocks * 512;
	result = copy_data(c, in, out, at, st);
	if (result == 0)
		result = shr__copy_settle(c, in, out, st);
	why = errno;
	if (close(out) < 0)
		return -1;
	errno = why;
	return result;
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

int shr__copy_special(const struct shr__copy *c, int from, int to, const char *name, const struct stat *st)
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

/* backends/dir/meta.c - a small file for each share, beside the trees and not in them */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dir.h"

#define MAGIC "libshare dir share 1\n"
#define TEXT_ROOM (PLUG_PATH_ROOM + 256)

static ssize_t read_whole(int fd, char *buf, size_t room)
{
	size_t n = 0;
	ssize_t got;

	while (n < room && (got = read(fd, buf + n, room - n)) != 0) {
		if (got < 0 && errno != EINTR)
			return -1;
		if (got > 0)
			n += (size_t)got;
	}
	return (ssize_t)n;
}

/* A path below the root; the last component may also be a snapshot's. NULL, or what is wrong with it. */
static const char *place_wrong(char *path, char ret[PLUG_PATH_ROOM])
{
	char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *wrong = NULL;

	if (strncmp(name, DIR_SNAP, strlen(DIR_SNAP)) != 0 || !plug_id_ok(name + strlen(DIR_SNAP)))
		return plug_path_clean(path, ret);
	ret[0] = '\0';
	if (slash) {
		*slash = '\0';
		wrong = plug_path_clean(path, ret);
		*slash = '/';
	}
	if (!wrong)
		snprintf(ret + strlen(ret), PLUG_PATH_ROOM - strlen(ret), "%s%s", slash ? "/" : "", name);
	return wrong;
}

/* The path stands last, for it alone may have spaces. When it was cut stands only with a snapshot. */
static int parse(char *text, struct dir_meta *ret)
{
	int at = 0, more = 0;
	size_t n;

	memset(ret, 0, sizeof *ret);
	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return -1;
	text += strlen(MAGIC);
	if (sscanf(text, "bytes %" SCNu64 "\nproject %" SCNu32 "\nmanaged %" SCNu32 "%n", &ret->bytes, &ret->project,
	    &ret->managed, &at) != 3 || at == 0)
		return -1;
	text += at;
	at = 0;
	if (sscanf(text, "\ncut %" SCNu64 "\ntree %" SCNu64 "%n", &ret->cut, &ret->tree, &more) == 2)
		text += more;
	sscanf(text, "\npath%n", &at);
	if (at == 0 || text[at] != ' ')
		return -1;
	text += at + 1;
	n = strcspn(text, "\n");
	if (n == 0 || n >= PLUG_PATH_ROOM || strcmp(text + n, "\n") != 0)
		return -1;
	text[n] = '\0';
	return place_wrong(text, ret->path) ? -1 : 0;
}

int dir_meta_get(const struct dir_be *be, const char *id, struct dir_meta *ret)
{
	int fd = openat(be->meta_fd, id, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), why;
	char text[TEXT_ROOM + 1];
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	n = read_whole(fd, text, TEXT_ROOM);
	why = errno;
	close(fd);
	errno = why;
	if (n < 0)
		return -1;
	text[n] = '\0';
	if (strlen(text) != (size_t)n || parse(text, ret) < 0) {
		errno = EBADMSG;
		return -1;
	}
	return 1;
}

int dir_meta_need(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *ret)
{
	char name[64];
	int have;

	if (!plug_id_ok(id))
		return dir_fail_id(be, call, id);
	have = dir_meta_get(be, id, ret);
	if (have >= 0)
		return have;
	snprintf(name, sizeof name, "%s/%s", DIR_META, id);
	return dir_fail(be, call, name);
}

static int write_whole(int fd, const char *p, size_t n)
{
	ssize_t put;

	while (n > 0) {
		put = write(fd, p, n);
		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0) {
			p += put;
			n -= (size_t)put;
		}
	}
	return fsync(fd);
}

int dir_meta_put(const struct dir_be *be, const char *id, const struct dir_meta *meta)
{
	char text[TEXT_ROOM], name[DIR_NAME_ROOM], cut[96] = "";
	int n, fd, bad, why;

	if (meta->cut)
		snprintf(cut, sizeof cut, "cut %" PRIu64 "\ntree %" PRIu64 "\n", meta->cut, meta->tree);

	n = snprintf(text, sizeof text, "%sbytes %" PRIu64 "\nproject %" PRIu32 "\nmanaged %" PRIu32 "\n%spath %s\n", MAGIC,
		meta->bytes, meta->project, meta->managed, cut, meta->path);
	snprintf(name, sizeof name, "%s.new", id);
	fd = openat(be->meta_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	bad = write_whole(fd, text, (size_t)n);
	why = errno;
	if (close(fd) < 0 && !bad) {
		bad = -1;
		why = errno;
	}
	if (!bad && renameat(be->meta_fd, name, be->meta_fd, id) == 0)
		return fsync(be->meta_fd);
	if (!bad)
		why = errno;
	unlinkat(be->meta_fd, name, 0);
	errno = why;
	return -1;
}

static int drop_one(const struct dir_be *be, const char *name)
{
	return unlinkat(be->meta_fd, name, 0) < 0 && errno != ENOENT ? -1 : 0;
}

int dir_meta_drop(const struct dir_be *be, const char *id)
{
	char name[DIR_NAME_ROOM], note[DIR_NAME_ROOM];

	snprintf(name, sizeof name, "%s.new", id);
	dir_name("revert-", id, note); /* that a revert of it was given up half-way does not matter any more */
	if (drop_one(be, name) < 0 || drop_one(be, note) < 0 || drop_one(be, id) < 0)
		return -1;
	return fsync(be->meta_fd);
}

/* A share or a snapshot other than BUT_ID that is PATH, lies in it, or has it in itself: 1; 0: none; -1: errno. */
int dir_meta_other(const struct dir_be *be, const char *path, const char *but_id, char ret_id[PLUG_ID_ROOM],
	char ret_path[PLUG_PATH_ROOM])
{
	int fd = openat(be->meta_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dir_meta meta;
	struct dirent *e;
	const char *name;

	if (!d)
		return -1;
	while (found == 0 && (errno = 0, e = readdir(d))) {
		name = strncmp(e->d_name, DIR_SNAP_META, strlen(DIR_SNAP_META)) == 0 ? e->d_name + strlen(DIR_SNAP_META) : e->d_name;
		if (!plug_id_ok(name) || strcmp(e->d_name, but_id) == 0)
			continue;
		found = dir_meta_get(be, e->d_name, &meta);
		if (found == 1 && !dir_path_within(path, meta.path) && !dir_path_within(meta.path, path))
			found = 0;
		if (found == 1) {
			memcpy(ret_id, name, PLUG_ID_ROOM);
			memcpy(ret_path, meta.path, PLUG_PATH_ROOM);
		}
	}
	if (!e && errno)
		found = -1;
	closedir(d);
	return found;
}

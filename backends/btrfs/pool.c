/* backends/btrfs/pool.c - is it the pool? at the opening, and again in every call */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

#define MAGIC "libshare btrfs pool 1\n" /* the layout's number: another one is not ours to touch */
#define LINK_ROOM 512

static void uuid_text(const unsigned char id[BTRFS_FSID], char ret[PLUG_ID_ROOM])
{
	int i, n = 0;

	for (i = 0; i < BTRFS_FSID; i++)
		n += snprintf(ret + n, (size_t)(PLUG_ID_ROOM - n), "%02x%s", id[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
}

/* ---- at the opening ---- */

static int open_path(const struct btrfs_be *be, const struct shr_call *call, const struct btrfs_pool *pool, int *ret_fd)
{
	int fd = open(pool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), why = errno, code;

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	code = why == ENOENT || why == ENOTDIR ? SHR_EUNREACHABLE : plug_code(why);
	return shr_failf(be->host, call, code, "pool %.100s: setting path: %.200s: %s", pool->name, pool->path, plug_words(why));
}

/* An unmounted mount point is a directory of the file system above it: that is what is looked for here. */
static int know_place(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool, int fd)
{
	char id[PLUG_ID_ROOM];

	if (!btrfs_is_btrfs(fd))
		return btrfs_fail_pool(be, call, pool, SHR_EUNREACHABLE, "is not on btrfs: is its file system mounted?");
	if (!btrfs_is_subvolume(fd))
		return btrfs_fail_pool(be, call, pool, SHR_EUNREACHABLE, "is neither a mount point nor a subvolume of btrfs: is its file "
			"system mounted?");
	if (btrfs_fsid(fd, pool->fsid) < 0 || btrfs_id(fd, &pool->root) < 0)
		return btrfs_fail_pool(be, call, pool, plug_code(errno), plug_words(errno));
	uuid_text(pool->fsid, id);
	if (pool->want && strcmp(pool->want, id) != 0)
		return shr_failf(be->host, call, SHR_EUNREACHABLE, "pool %.100s: setting filesystem: %.200s is on %s", pool->name,
			pool->path, id);
	return 0;
}

static int has(int fd, const char *path)
{
	return faccessat(fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* 1: some directory above FD is a pool; it is left in PATH. -1: errno. */
static int above_is_pool(int fd, char path[LINK_ROOM])
{
	int at = dup(fd), up, found = 0;
	struct stat a, b;
	char proc[64];
	ssize_t n;

	while (at >= 0 && !found) {
		up = openat(at, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (up < 0 || fstat(at, &a) < 0 || fstat(up, &b) < 0)
			found = -1;
		else if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			found = 2; /* the top */
		else if (has(up, PLUG_META "/" BTRFS_MARK))
			found = 1;
		close(at);
		at = up;
	}
	if (found == 1) {
		snprintf(proc, sizeof proc, "/proc/self/fd/%d", at);
		n = readlink(proc, path, LINK_ROOM - 1);
		path[n > 0 ? n : 0] = '\0';
	}
	if (at >= 0)
		close(at);
	return found < 0 || at < 0 ? -1 : found == 1;
}

static int stands_alone(const struct btrfs_be *be, const struct shr_call *call, const struct btrfs_pool *pool, int fd)
{
	char path[LINK_ROOM], words[LINK_ROOM + 64];
	const struct btrfs_pool *other;
	int in = above_is_pool(fd, path);

	if (in < 0)
		return btrfs_fail_pool(be, call, pool, plug_code(errno), plug_words(errno));
	snprintf(words, sizeof words, "lies in another pool, %.300s", path);
	if (in > 0)
		return btrfs_fail_pool(be, call, pool, SHR_EBACKEND, words);
	if (has(fd, PLUG_META ".lock"))
		return btrfs_fail_pool(be, call, pool, SHR_EBACKEND, "is a root of the driver dir");
	for (other = be->pools; other < pool; other++)
		if (other->root == pool->root && memcmp(other->fsid, pool->fsid, BTRFS_FSID) == 0)
			return shr_failf(be->host, call, SHR_EBACKEND, "pools %.100s and %.100s: setting path: both are the same subvolume",
				other->name, pool->name);
	return 0;
}

static int read_mark(int meta, char *text, size_t room)
{
	int fd = openat(meta, BTRFS_MARK, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), why;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	n = read(fd, text, room - 1);
	why = errno;
	close(fd);
	errno = why;
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? -1 : 1;
}

static int write_mark(int meta, const char *text)
{
	int fd = openat(meta, BTRFS_MARK ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), bad;

	if (fd < 0)
		return -1;
	bad = write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fsync(fd) < 0;
	bad = close(fd) < 0 || bad;
	return bad || renameat(meta, BTRFS_MARK ".new", meta, BTRFS_MARK) < 0 || fsync(meta) < 0 ? -1 : 0;
}

/* A copy of a pool on another file system has shares whose containers have other numbers. */
static int mark(const struct btrfs_at *at)
{
	char want[128], text[128], id[PLUG_ID_ROOM];
	int have = read_mark(at->meta, text, sizeof text);

	uuid_text(at->pool->fsid, id);
	snprintf(want, sizeof want, MAGIC "filesystem %s\nsubvolume %" PRIu64 "\n", id, at->pool->root);
	if (have < 0 || (have == 0 && write_mark(at->meta, want) < 0))
		return btrfs_fail(at, PLUG_META "/" BTRFS_MARK);
	if (have == 0 || strcmp(text, want) == 0)
		return 0;
	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return btrfs_fail_pool(at->be, at->call, at->pool, SHR_EBACKEND, "has a layout that this version does not know");
	return btrfs_fail_pool(at->be, at->call, at->pool, SHR_EBACKEND, "is the copy of a pool: its " PLUG_META "/" BTRFS_MARK
		" tells of another file system or subvolume");
}

static int make_places(struct btrfs_at *at)
{
	if (mkdirat(at->fd, PLUG_META, 0700) < 0 && errno != EEXIST)
		return btrfs_fail(at, PLUG_META);
	at->meta = btrfs_open_below(at->fd, PLUG_META);
	if (at->meta < 0)
		return btrfs_fail(at, PLUG_META);
	if (mkdirat(at->meta, BTRFS_GONE, 0700) < 0 && errno != EEXIST)
		return btrfs_fail(at, PLUG_META "/" BTRFS_GONE);
	return 0;
}

static int count_sizes(const struct btrfs_at *at)
{
	static const char *const names[] = { "none", "simple", "full" };
	enum btrfs_quota is, want = at->be->quota;

	if (want == BTRFS_QUOTA_NONE)
		return 0;
	if (btrfs_quota_mode(at->fd, &is) < 0)
		return btrfs_fail(at, "");
	if (is == BTRFS_QUOTA_NONE && (btrfs_quota_on(at->fd, want) < 0 || btrfs_quota_mode(at->fd, &is) < 0))
		return shr_failf(at->be->host, at->call, SHR_EBACKEND, "pool %.100s: setting quota: %s quotas cannot be switched on in "
			"%.200s (%s); %s", at->pool->name, names[want], at->pool->path, plug_words(errno),
			want == BTRFS_QUOTA_SIMPLE ? "simple ones need Linux 6.7: full and none are the others" : "none is without them");
	if (is == want)
		return 0;
	return shr_failf(at->be->host, at->call, SHR_EBACKEND, "pool %.100s: setting quota: %.200s has %s quotas, and \"%s\" is "
		"wanted: change the setting, or switch those off (btrfs quota disable)", at->pool->name, at->pool->path, names[is],
		names[want]);
}

static int take_lock(const struct btrfs_at *at)
{
	char what[128];
	struct stat st;
	int fd, code;

	snprintf(what, sizeof what, "pool %.64s: setting path", at->pool->name);
	code = plug_lock(at->be->host, at->call, what, at->pool->path, at->meta, BTRFS_LOCK, &fd);
	if (code)
		return code;
	if (fstat(fd, &st) < 0) {
		close(fd);
		return btrfs_fail(at, PLUG_META "/" BTRFS_LOCK);
	}
	if (at->pool->lock_fd >= 0)
		close(at->pool->lock_fd);
	at->pool->lock_fd = fd;
	at->pool->dev = st.st_dev;
	return 0;
}

int btrfs_pool_begin(struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool)
{
	struct btrfs_at at = { .be = be, .call = call, .pool = pool, .fd = -1, .meta = -1 };
	int code = open_path(be, call, pool, &at.fd);

	if (code == 0)
		code = know_place(be, call, pool, at.fd);
	if (code == 0)
		code = stands_alone(be, call, pool, at.fd);
	if (code == 0 && faccessat(at.fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		code = btrfs_fail_pool(be, call, pool, plug_code(errno), plug_words(errno));
	if (code == 0)
		code = make_places(&at);
	if (code == 0)
		code = take_lock(&at);
	if (code == 0)
		code = mark(&at);
	if (code == 0)
		code = count_sizes(&at);
	btrfs_leave(&at);
	return code;
}

/* ---- in every call ---- */

static int same_place(const struct btrfs_at *at)
{
	const struct btrfs_pool *pool = at->pool;
	unsigned char fsid[BTRFS_FSID];
	uint64_t root;

	return btrfs_is_subvolume(at->fd) && btrfs_fsid(at->fd, fsid) == 0 && btrfs_id(at->fd, &root) == 0 &&
		root == pool->root && memcmp(fsid, pool->fsid, BTRFS_FSID) == 0;
}

/* After it was unmounted and mounted again, the lock is one of a file system that nobody sees any more. */
static int keep_lock(const struct btrfs_at *at)
{
	struct stat st;
	int code = 0;

	if (fstatat(at->meta, BTRFS_LOCK, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return btrfs_fail(at, PLUG_META "/" BTRFS_LOCK);
	pthread_mutex_lock(&at->pool->lock);
	if (st.st_dev != at->pool->dev)
		code = take_lock(at);
	pthread_mutex_unlock(&at->pool->lock);
	return code;
}

int btrfs_enter_pool(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool, struct btrfs_at *ret)
{
	struct btrfs_at at = { .be = be, .call = call, .pool = pool, .fd = -1, .meta = -1 };
	int code = open_path(be, call, pool, &at.fd);

	if (code == 0 && !same_place(&at))
		code = btrfs_fail_pool(be, call, pool, SHR_EUNREACHABLE, "is not what it was when the backend was opened: is its file "
			"system mounted?");
	if (code == 0) {
		at.meta = btrfs_open_below(at.fd, PLUG_META);
		code = at.meta < 0 ? btrfs_fail(&at, PLUG_META) : keep_lock(&at);
	}
	if (code)
		btrfs_leave(&at);
	else
		*ret = at;
	return code;
}

int btrfs_enter(const struct btrfs_be *be, const struct shr_call *call, const char *name, struct btrfs_at *ret)
{
	for (uint32_t i = 0; i < be->n_pools; i++)
		if (strcmp(be->pools[i].name, name) == 0)
			return btrfs_enter_pool(be, call, &be->pools[i], ret);
	return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no pool %.255s", name);
}

void btrfs_leave(struct btrfs_at *at)
{
	if (at->meta >= 0)
		close(at->meta);
	if (at->fd >= 0)
		close(at->fd);
}

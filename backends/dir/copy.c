/* backends/dir/copy.c - walking two trees at once, with few descriptors and no more memory than the way down takes */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "copy.h"

#define OPEN_MOST 32 /* levels that are open at once; those above are opened anew on the way back */
#ifndef DIR_SLICE_NS /* a test has shorter ones */
#define DIR_SLICE_NS INT64_C(10000000000)
#endif

struct pair { /* a directory, and its copy */
	DIR *from; /* NULL: both closed for now */
	int to;
	long pos;
	struct stat st;
	dev_t to_dev;
	ino_t to_ino;
};
struct way { /* from the top to where the copy is */
	struct pair *pairs;
	size_t n, room;
};

static struct pair *top_of(const struct way *way)
{
	return &way->pairs[way->n - 1];
}

static void close_pair(struct pair *p)
{
	if (!p->from)
		return;
	p->pos = telldir(p->from);
	closedir(p->from);
	close(p->to);
	p->from = NULL;
}

/* Both are taken over. */
static int push(struct way *way, int from, int to)
{
	struct pair pair = { .to = to }, *p;
	struct stat st;
	int bad = 0;

	if (way->n == way->room) {
		p = realloc(way->pairs, (way->room + 16) * 2 * sizeof *p);
		if (p) {
			way->pairs = p;
			way->room = (way->room + 16) * 2;
		}
		bad = !p;
	}
	if (bad || fstat(from, &pair.st) < 0 || fstat(to, &st) < 0 || !(pair.from = fdopendir(from))) {
		close(from);
		close(to);
		return -1;
	}
	pair.to_dev = st.st_dev;
	pair.to_ino = st.st_ino;
	way->pairs[way->n++] = pair;
	if (way->n > OPEN_MOST)
		close_pair(&way->pairs[way->n - 1 - OPEN_MOST]);
	return 0;
}

static int open_up(int fd, dev_t dev, ino_t ino)
{
	int up = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (up >= 0 && fstat(up, &st) == 0 && st.st_dev == dev && st.st_ino == ino)
		return up;
	if (up >= 0)
		close(up);
	errno = EAGAIN; /* it was moved away meanwhile */
	return -1;
}

/* Before a level is left, the one above it must be open. */
static int reopen_above(struct way *way)
{
	struct pair *top = top_of(way), *above = top - 1;
	int from, to;

	if (above->from)
		return 0;
	from = open_up(dirfd(top->from), above->st.st_dev, above->st.st_ino);
	to = from < 0 ? -1 : open_up(top->to, above->to_dev, above->to_ino);
	if (to < 0 || !(above->from = fdopendir(from))) {
		if (from >= 0)
			close(from);
		if (to >= 0)
			close(to);
		return -1;
	}
	above->to = to;
	seekdir(above->from, above->pos);
	return 0;
}

/* A directory gets its owner, mode and times when nothing more is made in it. */
static int pop(struct dir_copy *c, struct way *way)
{
	struct pair *top = top_of(way);

	if (dir_copy_settle(c, dirfd(top->from), top->to, &top->st) < 0 || (way->n > 1 && reopen_above(way) < 0))
		return -1;
	close_pair(top);
	way->n--;
	return 0;
}

static int made_one(struct dir_copy *c)
{
	if (c->first_ns == 0)
		c->first_ns = dir_now_ns();
	return 0;
}

static int enter(struct dir_copy *c, struct way *way, const char *name)
{
	struct pair *top = top_of(way);
	int from = dir_path_enter(dirfd(top->from), name), to, why;

	if (from < 0)
		return errno == ENOENT ? 0 : -1;
	if (mkdirat(top->to, name, 0700) == 0)
		made_one(c);
	else if (!c->resume || errno != EEXIST) {
		why = errno;
		close(from);
		errno = why;
		return -1;
	}
	to = dir_path_enter(top->to, name);
	if (to < 0 && errno == EACCES && c->resume)
		to = dir_path_force(top->to, name);
	if (to < 0) {
		close(from);
		return -1;
	}
	c->files++;
	return push(way, from, to);
}

/* ---- what is no directory ---- */

/* 1: it is there as it shall be: its times are set last. */
static int is_whole(const struct dir_copy *c, int to, const char *name, const struct stat *st)
{
	struct stat has;

	if (!c->resume || fstatat(to, name, &has, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (has.st_mode == st->st_mode && has.st_size == st->st_size && has.st_uid == st->st_uid && has.st_gid == st->st_gid &&
	    has.st_mtim.tv_sec == st->st_mtim.tv_sec && has.st_mtim.tv_nsec == st->st_mtim.tv_nsec)
		return 1;
	unlinkat(to, name, 0);
	return 0;
}

static int open_links(struct dir_copy *c)
{
	if (c->links_fd >= 0)
		return 0;
	if (mkdirat(c->beside, c->links, 0700) < 0 && errno != EEXIST)
		return -1;
	c->links_fd = dir_path_enter(c->beside, c->links);
	return c->links_fd < 0 ? -1 : 0;
}

/* A file with several names is kept under its number until the copy is whole, so that nothing needs to be remembered.
 * 1: it had been copied, and has this name now, too. */
static int link_known(struct dir_copy *c, int to, const char *name, const struct stat *st)
{
	char number[32];

	if (open_links(c) < 0)
		return -1;
	snprintf(number, sizeof number, "%" PRIu64, (uint64_t)st->st_ino);
	if (c->resume)
		unlinkat(to, name, 0);
	if (linkat(c->links_fd, number, to, name, 0) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

static int keep_link(struct dir_copy *c, int to, const char *name, const struct stat *st)
{
	char number[32];

	snprintf(number, sizeof number, "%" PRIu64, (uint64_t)st->st_ino);
	return linkat(to, name, c->links_fd, number, 0);
}

/* IN: a regular file's; -1: of something else. */
static int copy_one(struct dir_copy *c, const struct pair *top, const char *name, int in, const struct stat *st)
{
	int known;

	if (st->st_dev != c->dev) {
		errno = EXDEV;
		return -1;
	}
	c->files++;
	if (st->st_nlink > 1) {
		known = link_known(c, top->to, name, st);
		if (known)
			return known < 0 ? -1 : made_one(c);
	} else if (is_whole(c, top->to, name, st)) {
		c->bytes += (uint64_t)st->st_blocks * 512;
		return 0;
	}
	c->bytes += (uint64_t)st->st_blocks * 512;
	made_one(c);
	if ((in >= 0 ? dir_copy_file(c, in, top->to, name, st) : dir_copy_special(c, dirfd(top->from), top->to, name, st)) < 0)
		return -1;
	return st->st_nlink > 1 ? keep_link(c, top->to, name, st) : 0;
}

static int copy_regular(struct dir_copy *c, const struct pair *top, const char *name)
{
	int in = openat(dirfd(top->from), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), bad, why;
	struct stat st;

	if (in < 0)
		return errno == ENOENT ? 0 : -1;
	bad = fstat(in, &st);
	if (!bad && !S_ISREG(st.st_mode)) {
		errno = EAGAIN; /* it became something else meanwhile */
		bad = -1;
	}
	bad = bad ? bad : copy_one(c, top, name, in, &st);
	why = errno;
	close(in);
	errno = why;
	return bad;
}

static int visit(struct dir_copy *c, struct way *way, const struct dirent *e)
{
	struct pair *top = top_of(way);
	struct stat st;

	if (e->d_type == DT_REG)
		return copy_regular(c, top, e->d_name);
	if (e->d_type == DT_DIR)
		return enter(c, way, e->d_name);
	if (fstatat(dirfd(top->from), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISDIR(st.st_mode))
		return enter(c, way, e->d_name);
	return S_ISREG(st.st_mode) ? copy_regular(c, top, e->d_name) : copy_one(c, top, e->d_name, -1, &st);
}

/* ---- the walk ---- */

static int step(struct dir_copy *c, struct way *way)
{
	struct dirent *e;

	errno = 0;
	e = readdir(top_of(way)->from);
	if (!e)
		return errno ? -1 : pop(c, way);
	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || visit(c, way, e) == 0)
		return 0;
	if (c->at[0] == '\0')
		snprintf(c->at, sizeof c->at, "%.255s", e->d_name);
	return -1;
}

/* Each call passes what is there already: it then works at least four times as long as that took. */
static int enough(struct dir_copy *c, uint32_t *steps)
{
	int64_t passed = c->first_ns - c->began_ns;

	if (++*steps % 64)
		return 0;
	c->be->host->progress(c->call, c->files, c->total);
	if (c->be->host->cancelled(c->call)) {
		errno = ECANCELED;
		return -1;
	}
	return c->slices && c->first_ns && dir_now_ns() - c->first_ns >= (4 * passed > DIR_SLICE_NS ? 4 * passed : DIR_SLICE_NS);
}

/* What the directory gives to all that is made in it would change the copies: a group, or rights. */
static int plain_top(const struct dir_copy *c, int to)
{
	fremovexattr(to, "system.posix_acl_default");
	fremovexattr(to, "system.posix_acl_access");
	return fchown(to, (uid_t)-1, c->gid) < 0 || fchmod(to, 0700) < 0 ? -1 : 0;
}

int dir_copy_tree(struct dir_copy *c, int from, int to)
{
	struct way way = { NULL, 0, 0 };
	uint32_t steps = 0;
	int result, why;

	c->uid = geteuid();
	c->gid = getegid();
	c->links_fd = -1;
	c->room = NULL;
	c->at[0] = '\0';
	c->files = c->bytes = 0;
	c->began_ns = dir_now_ns();
	c->first_ns = 0;
	result = push(&way, from, to);
	if (result == 0)
		result = plain_top(c, to);
	if (result == 0)
		c->dev = top_of(&way)->st.st_dev;
	while (result == 0 && way.n > 0) {
		result = step(c, &way);
		if (result == 0 && way.n > 0)
			result = enough(c, &steps);
	}
	why = errno;
	while (way.n > 0)
		close_pair(&way.pairs[--way.n]);
	free(way.pairs);
	free(c->room);
	if (c->links_fd >= 0)
		close(c->links_fd);
	errno = why;
	return result;
}

/* lib/mover/copy.c - walking two trees at once, with few descriptors and no more memory than the way down takes */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mover.h"

#define OPEN_MOST 32 /* levels that are open at once; those above are opened anew on the way back */

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

static int64_t now(const struct shr__copy *c)
{
	return c->host->now(c->host->data);
}

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
static int push(const struct shr__copy *c, struct way *way, int from, int to)
{
	struct pair pair = { .to = to }, *p;
	struct stat st;
	int bad = 0;

	if (way->n == way->room) {
		p = shr__mover_room(c->host, way->pairs, (way->room + 16) * 2 * sizeof *p);
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

/* The links have done their work before the directory that they may lie in gets its times. */
static int drop_links(struct shr__copy *c, int top)
{
	struct shr__walk walk = { .host = c->host, .what = SHR__WALK_DELETE };
	int beside = c->beside < 0 ? top : c->beside, fd = shr__dir_enter(beside, c->links);

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	return shr__walk(&walk, fd) < 0 || (unlinkat(beside, c->links, AT_REMOVEDIR) < 0 && errno != ENOENT) ? -1 : 0;
}

/* A directory gets its owner, mode and times when nothing more is made in it. */
static int pop(struct shr__copy *c, struct way *way)
{
	struct pair *top = top_of(way);

	if (way->n == 1 && c->links && drop_links(c, top->to) < 0)
		return -1;
	if (shr__copy_settle(c, dirfd(top->from), top->to, &top->st) < 0 || (way->n > 1 && reopen_above(way) < 0))
		return -1;
	close_pair(top);
	way->n--;
	return 0;
}

static void made_one(struct shr__copy *c)
{
	if (c->first_ns == 0)
		c->first_ns = now(c);
}

static int enter(struct shr__copy *c, struct way *way, const char *name)
{
	struct pair *top = top_of(way);
	int from = shr__dir_enter(dirfd(top->from), name), to, why;

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
	to = shr__dir_enter(top->to, name);
	if (to < 0 && errno == EACCES && c->resume)
		to = shr__dir_enter_forced(top->to, name);
	if (to < 0) {
		close(from);
		return -1;
	}
	return push(c, way, from, to);
}

/* ---- what is no directory ---- */

/* A file of ours that the last call left unfinished: its contents are right as far as they go. */
static int goes_on(const struct shr__copy *c, const struct stat *has, const struct stat *st)
{
	return S_ISREG(has->st_mode) && S_ISREG(st->st_mode) && has->st_nlink == 1 && (has->st_mode & 07777) == 0600 &&
		has->st_uid == c->uid && has->st_size <= st->st_size;
}

/* 1: it is there as it shall be: its times are set last. */
static int is_whole(const struct shr__copy *c, int to, const char *name, const struct stat *st)
{
	struct stat has;

	if (!c->resume || fstatat(to, name, &has, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (has.st_mode == st->st_mode && has.st_size == st->st_size && has.st_uid == st->st_uid && has.st_gid == st->st_gid &&
	    has.st_mtim.tv_sec == st->st_mtim.tv_sec && has.st_mtim.tv_nsec == st->st_mtim.tv_nsec)
		return 1;
	if (!goes_on(c, &has, st))
		unlinkat(to, name, 0);
	return 0;
}

static int open_links(struct shr__copy *c)
{
	if (c->links_fd >= 0)
		return 0;
	if (mkdirat(c->top_fd, c->links, 0700) < 0 && errno != EEXIST)
		return -1;
	c->links_fd = shr__dir_enter(c->top_fd, c->links);
	return c->links_fd < 0 ? -1 : 0;
}

/* A file with several names is kept under its number until the copy is whole, so that nothing needs to be remembered.
 * 1: it had been copied, and has this name now, too; 2: it had it before. */
static int link_known(struct shr__copy *c, int to, const char *name, const struct stat *st)
{
	struct stat kept, has;
	char number[32];

	if (open_links(c) < 0)
		return -1;
	snprintf(number, sizeof number, "%" PRIu64, (uint64_t)st->st_ino);
	if (fstatat(c->links_fd, number, &kept, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (c->resume && fstatat(to, name, &has, AT_SYMLINK_NOFOLLOW) == 0) {
		if (has.st_ino == kept.st_ino)
			return 2;
		unlinkat(to, name, 0);
	}
	return linkat(c->links_fd, number, to, name, 0) == 0 ? 1 : -1;
}

static int keep_link(struct shr__copy *c, int to, const char *name, const struct stat *st)
{
	char number[32];

	if (st->st_nlink <= 1)
		return 0;
	snprintf(number, sizeof number, "%" PRIu64, (uint64_t)st->st_ino);
	return linkat(to, name, c->links_fd, number, 0);
}

/* IN: a regular file's; -1: of something else. 0; 1: time is up; -1. */
static int copy_one(struct shr__copy *c, const struct pair *top, const char *name, int in, const struct stat *st)
{
	int known = 0, result = 0;

	if (st->st_dev != c->dev) {
		errno = EXDEV;
		return -1;
	}
	if (st->st_nlink > 1)
		known = link_known(c, top->to, name, st);
	if (known) {
		if (known == 1)
			made_one(c);
		return known < 0 ? -1 : 0;
	}
	if (!is_whole(c, top->to, name, st)) {
		made_one(c);
		result = in >= 0 ? shr__copy_file(c, in, top->to, name, st) :
			shr__copy_special(c, dirfd(top->from), top->to, name, st);
	}
	if (result == 0)
		c->bytes += (uint64_t)st->st_blocks * 512;
	return result ? result : keep_link(c, top->to, name, st);
}

static int copy_regular(struct shr__copy *c, const struct pair *top, const char *name)
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

static int visit(struct shr__copy *c, struct way *way, const struct dirent *e)
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

static int step(struct shr__copy *c, struct way *way)
{
	struct dirent *e;
	int result;

	errno = 0;
	e = readdir(top_of(way)->from);
	if (!e)
		return errno ? -1 : pop(c, way);
	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
		return 0;
	result = visit(c, way, e);
	if (result < 0 && c->at[0] == '\0')
		snprintf(c->at, sizeof c->at, "%.255s", e->d_name);
	return result;
}

/* Each call passes what is there already: it then works at least four times as long as that took. */
int shr__copy_pause(struct shr__copy *c, uint64_t more)
{
	int64_t passed = c->first_ns - c->began_ns;
	int stops;

	c->reached = c->bytes + (more < c->whole ? more : c->whole); /* a hole takes nothing */
	if (c->host->progress)
		c->host->progress(c->host->data, c->reached);
	stops = c->host->stops(c->host->data);
	if (stops == SHR__STOPS) {
		errno = ECANCELED;
		return -1;
	}
	if (stops && c->slice_ns)
		return 1;
	return c->slice_ns && c->first_ns && now(c) - c->first_ns >= (4 * passed > c->slice_ns ? 4 * passed : c->slice_ns);
}

static int enough(struct shr__copy *c, uint32_t *steps)
{
	return ++*steps % 64 ? 0 : shr__copy_pause(c, 0);
}

/* What the directory gives to all that is made in it would change the copies: a group, or rights. */
static int plain_top(const struct shr__copy *c, int to)
{
	fremovexattr(to, "system.posix_acl_default");
	fremovexattr(to, "system.posix_acl_access");
	return fchown(to, (uid_t)-1, c->gid) < 0 || fchmod(to, 0700) < 0 ? -1 : 0;
}

int shr__copy(struct shr__copy *c, int from, int to)
{
	struct way way = { NULL, 0, 0 };
	uint32_t steps = 0;
	int result, why;

	c->uid = geteuid();
	c->gid = getegid();
	c->links_fd = -1;
	c->top_fd = c->beside < 0 ? dup(to) : c->beside;
	c->room = NULL;
	c->at[0] = '\0';
	c->bytes = c->reached = 0;
	c->began_ns = now(c);
	c->first_ns = 0;
	result = push(c, &way, from, to);
	if (result == 0 && c->top_fd < 0)
		result = -1;
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
	shr__mover_room(c->host, way.pairs, 0);
	shr__mover_room(c->host, c->room, 0);
	if (c->links_fd >= 0)
		close(c->links_fd);
	if (c->beside < 0 && c->top_fd >= 0)
		close(c->top_fd);
	errno = why;
	return result;
}

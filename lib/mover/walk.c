/* lib/mover/walk.c - walking a tree that others may change meanwhile, with a bounded number of descriptors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mover.h"

#define OPEN_MOST 32 /* levels that are open at once; those above are opened anew on the way back */

struct level {
	DIR *d;    /* NULL: closed for now */
	long pos;  /* where it was, when closed */
	dev_t dev;
	ino_t ino;
	char *name; /* in the level above; NULL: the top */
};
struct path { /* from the top to where the walk is */
	struct level *levels;
	size_t n, room;
};

static struct level *top_of(const struct path *path)
{
	return &path->levels[path->n - 1];
}

/* The level OPEN_MOST above the new one gives its descriptor back. */
static void close_far(struct path *path)
{
	struct level *far;

	if (path->n <= OPEN_MOST)
		return;
	far = &path->levels[path->n - 1 - OPEN_MOST];
	if (far->d) {
		far->pos = telldir(far->d);
		closedir(far->d);
		far->d = NULL;
	}
}

/* FD is taken over. */
static int push(const struct shr__walk *walk, struct path *path, int fd, const char *name)
{
	struct level level = { NULL, 0, 0, 0, NULL }, *p;
	struct stat st;

	if (path->n == path->room) {
		p = shr__mover_room(walk->host, path->levels, (path->room + 16) * 2 * sizeof *p);
		if (!p) {
			close(fd);
			return -1;
		}
		path->levels = p;
		path->room = (path->room + 16) * 2;
	}
	if (name && (level.name = shr__mover_room(walk->host, NULL, strlen(name) + 1)))
		memcpy(level.name, name, strlen(name) + 1);
	if (fstat(fd, &st) < 0 || (name && !level.name) || !(level.d = fdopendir(fd))) {
		shr__mover_room(walk->host, level.name, 0);
		close(fd);
		return -1;
	}
	level.dev = st.st_dev;
	level.ino = st.st_ino;
	path->levels[path->n++] = level;
	close_far(path);
	return 0;
}

/* Before a level is left, the one above it must be open. One that was moved away meanwhile is not followed. */
static int reopen_above(struct path *path)
{
	struct level *above = &path->levels[path->n - 2];
	struct stat st;
	int fd;

	if (above->d)
		return 0;
	fd = openat(dirfd(top_of(path)->d), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_dev != above->dev || st.st_ino != above->ino || !(above->d = fdopendir(fd))) {
		close(fd);
		errno = EAGAIN;
		return -1;
	}
	seekdir(above->d, above->pos);
	return 0;
}

static void drop_top(const struct shr__walk *walk, struct path *path)
{
	struct level *top = top_of(path);

	if (top->d)
		closedir(top->d);
	shr__mover_room(walk->host, top->name, 0);
	path->n--;
}

/* IN is one of our own: its permissions do not keep it. */
static int unlink_one(struct shr__walk *walk, int in, const char *name, int flags)
{
	int bad = unlinkat(in, name, flags);

	if (bad && (errno == EACCES || errno == EPERM) && fchmod(in, 0700) == 0)
		bad = unlinkat(in, name, flags);
	if (bad)
		return errno == ENOENT ? 0 : -1;
	walk->gone++;
	return 0;
}

/* Leave the top level; the directory itself goes with DELETE. A writer may have been faster: then once more. */
static int pop(struct shr__walk *walk, struct path *path)
{
	char name[256];
	int in;

	if (path->n == 1) {
		drop_top(walk, path);
		return 0;
	}
	if (reopen_above(path) < 0)
		return -1;
	snprintf(name, sizeof name, "%s", top_of(path)->name);
	drop_top(walk, path);
	if (walk->what != SHR__WALK_DELETE)
		return 0;
	in = dirfd(top_of(path)->d);
	if (unlink_one(walk, in, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) {
		walk->again = 1;
		return 0;
	}
	snprintf(walk->at, sizeof walk->at, "%s", name);
	return -1;
}

static int enter(struct shr__walk *walk, struct path *path, const char *name)
{
	int in = dirfd(top_of(path)->d), fd = shr__dir_enter(in, name);

	if (fd < 0 && errno == EACCES && walk->what == SHR__WALK_DELETE)
		fd = shr__dir_enter_forced(in, name);
	if (fd < 0) {
		/* It went, or became something else: the next look tells. */
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) {
			walk->again = 1;
			return 0;
		}
		return errno == EXDEV && walk->what == SHR__WALK_USE ? 0 : -1;
	}
	if (walk->what == SHR__WALK_EACH && walk->each(walk->each_data, fd) < 0) {
		close(fd);
		return -1;
	}
	return push(walk, path, fd, name);
}

/* A file with several names counts in parts, so that a tree that has them all is summed right. */
static void count(struct shr__walk *walk, const struct stat *st)
{
	uint64_t links = !S_ISDIR(st->st_mode) && st->st_nlink > 1 ? st->st_nlink : 1;

	walk->bytes += (uint64_t)st->st_blocks * 512 / links;
}

static int each_file(const struct shr__walk *walk, int in, const char *name)
{
	int fd = openat(in, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), bad;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -1;
	bad = walk->each(walk->each_data, fd);
	close(fd);
	return bad;
}

static int delete_file(struct shr__walk *walk, int in, const char *name)
{
	if (unlink_one(walk, in, name, 0) == 0)
		return 0;
	if (errno == EISDIR) {
		walk->again = 1;
		return 0;
	}
	return -1;
}

static int visit(struct shr__walk *walk, struct path *path, const struct dirent *e)
{
	int in = dirfd(top_of(path)->d);
	struct stat st;

	if (walk->what == SHR__WALK_DELETE && e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR ? enter(walk, path, e->d_name) : delete_file(walk, in, e->d_name);
	if (fstatat(in, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	count(walk, &st);
	if (S_ISDIR(st.st_mode))
		return enter(walk, path, e->d_name);
	if (walk->what == SHR__WALK_DELETE)
		return delete_file(walk, in, e->d_name);
	return walk->what == SHR__WALK_EACH && S_ISREG(st.st_mode) ? each_file(walk, in, e->d_name) : 0;
}

static int time_up(const struct shr__walk *walk, uint32_t *steps)
{
	int stops;

	if (++*steps % 64)
		return 0;
	stops = walk->host->stops(walk->host->data);
	if (stops == SHR__STOPS) {
		errno = ECANCELED;
		return -1;
	}
	if (stops && walk->until_ns)
		return 1;
	/* A very deep tree takes long to go down into, and each call does that anew. */
	return walk->until_ns && walk->gone > 0 && walk->host->now(walk->host->data) >= walk->until_ns;
}

static int step(struct shr__walk *walk, struct path *path)
{
	struct dirent *e;

	errno = 0;
	e = readdir(top_of(path)->d);
	if (!e)
		return errno ? -1 : pop(walk, path);
	if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
		return 0;
	if (visit(walk, path, e) == 0)
		return 0;
	if (walk->at[0] == '\0')
		snprintf(walk->at, sizeof walk->at, "%.255s", e->d_name);
	return -1;
}

int shr__walk(struct shr__walk *walk, int fd)
{
	struct path path = { NULL, 0, 0 };
	uint32_t steps = 0;
	int result = push(walk, &path, fd, NULL), why;

	walk->at[0] = '\0';
	walk->again = 0;
	while (result == 0 && path.n > 0) {
		result = step(walk, &path);
		if (result == 0)
			result = time_up(walk, &steps);
	}
	why = errno;
	while (path.n > 0)
		drop_top(walk, &path);
	shr__mover_room(walk->host, path.levels, 0);
	errno = why;
	return result;
}

/* lib/mover/move.c - a tree to another place, in as many calls as it takes */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mover.h"

#define COUNT_NS INT64_C(10000000000)

/* "BOOT-ID DONE TOTAL", in hexadecimal. 1: it is of the machine's present life. */
static int read_token(struct shr__move *m, const char *boot)
{
	unsigned long long done, total;
	char text[SHR__MOVE_TOKEN];
	int at = 0;

	if (!m->token_len || m->token_len >= sizeof text)
		return 0;
	memcpy(text, m->token, (size_t)m->token_len);
	text[m->token_len] = '\0';
	if (strncmp(text, boot, SHR__BOOT_ROOM - 1) != 0 || text[SHR__BOOT_ROOM - 1] != ' ' ||
	    sscanf(text + SHR__BOOT_ROOM, "%16llx %16llx%n", &done, &total, &at) != 2 || text[SHR__BOOT_ROOM + at])
		return 0;
	m->done = done;
	m->total = total;
	return 1;
}

static void write_token(struct shr__move *m, const char *boot)
{
	int n = snprintf(m->left, sizeof m->left, "%s %llx %llx", boot, (unsigned long long)m->done, (unsigned long long)m->total);

	m->left_len = (uint64_t)n;
}

/* The two directories, open for this call. */
struct ends {
	int from, to;
};

static int open_top(struct shr__move *m, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		m->of = path;
	return fd;
}

/* Another descriptor, at the beginning of the directory, for who takes it over. */
static int again(int fd)
{
	return openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int walk_it(struct shr__move *m, struct shr__walk *walk, int top)
{
	int fd = again(top), result = fd < 0 ? -1 : shr__walk(walk, fd);

	if (result < 0)
		snprintf(m->at, sizeof m->at, "%s", walk->at);
	return result;
}

/* 1: time is up. */
static int empty(struct shr__move *m, const struct ends *e, int64_t began)
{
	struct shr__walk walk = { .host = m->host, .what = SHR__WALK_DELETE, .until_ns = began + m->slice_ns };
	int result = walk_it(m, &walk, e->to);

	return result == 0 && walk.again ? 1 : result;
}

/* What there is to copy, where that can be counted soon: people want to see how far it is. */
static int count(struct shr__move *m, const struct ends *e)
{
	struct shr__walk walk = { .host = m->host, .what = SHR__WALK_USE, .until_ns = m->host->now(m->host->data) + COUNT_NS };
	int result;

	walk.gone = 1; /* time may be up at any moment */
	result = walk_it(m, &walk, e->from);
	m->total = result == 0 ? walk.bytes : 0;
	return result < 0 ? -1 : 0;
}

/* A tree is never moved onto itself: what is there would be removed first. */
static int apart(struct shr__move *m, const struct ends *e)
{
	struct stat x, y;

	if (fstat(e->from, &x) < 0 || fstat(e->to, &y) < 0)
		return -1;
	if (x.st_dev != y.st_dev || x.st_ino != y.st_ino)
		return 0;
	errno = EINVAL;
	m->of = m->to;
	return -1;
}

static int copy(struct shr__move *m, const struct ends *e, int64_t slice_ns)
{
	struct shr__copy c = { .host = m->host, .reflink = 1, .resume = 1, .beside = -1, .links = m->links, .slice_ns = slice_ns };
	int from = again(e->from), to = from < 0 ? -1 : again(e->to), result;

	if (to < 0) {
		if (from >= 0)
			close(from);
		return -1;
	}
	result = shr__copy(&c, from, to);
	if (result > 0 ? c.reached > m->done : result == 0)
		m->done = result > 0 ? c.reached : c.bytes;
	if (m->total && m->total < m->done) /* a file took less while it was not yet on the disk */
		m->total = m->done;
	if (result < 0)
		snprintf(m->at, sizeof m->at, "%s", c.at);
	return result;
}

static int go_on(struct shr__move *m, const struct ends *e, int64_t began)
{
	char boot[SHR__BOOT_ROOM];
	int known = shr__boot_id(boot), result = 0;

	if (!known || !read_token(m, boot)) {
		result = apart(m, e);
		if (result == 0)
			result = empty(m, e, began);
		if (result == 0)
			result = count(m, e);
	}
	if (result)
		return result;
	result = copy(m, e, known ? m->slice_ns : 0); /* what could not be gone on with is done in one call */
	if (result > 0 && known)
		write_token(m, boot);
	/* One sync of the whole file system is cheaper than one for each file. */
	return result ? result : syncfs(e->to);
}

int shr__move(struct shr__move *m)
{
	int64_t began = m->host->now(m->host->data);
	struct ends e;
	int result, why;

	m->done = m->total = 0;
	m->left_len = 0;
	m->at[0] = '\0';
	m->of = m->at;
	e.from = open_top(m, m->from);
	e.to = e.from < 0 ? -1 : open_top(m, m->to);
	result = e.to < 0 ? -1 : go_on(m, &e, began);
	why = errno;
	if (e.from >= 0)
		close(e.from);
	if (e.to >= 0)
		close(e.to);
	errno = why;
	return result;
}

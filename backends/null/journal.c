/* backends/null/journal.c - a file that remembers what was made, so that a killed process can be compared with */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "null.h"

static int fail_file(const struct null_be *be, const struct shr_call *call, int code, const char *path)
{
	return shr_failf(be->host, call, code, "setting state: %.300s: %s", path, strerror(errno));
}

/* flock keeps others out; beside it a record lock is held, for it alone can be asked who has it. */
static int lock_file(const struct null_be *be, const struct shr_call *call, int fd, const char *path)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		fcntl(fd, F_SETLK, &whole);
		return 0;
	}
	if (errno != EWOULDBLOCK)
		return fail_file(be, call, SHR_EUNREACHABLE, path);
	if (fcntl(fd, F_GETLK, &whole) < 0 || whole.l_type == F_UNLCK)
		whole.l_pid = getpid();
	return shr_failf(be->host, call, SHR_EAGAIN, "setting state: %.300s is held by process %ld", path, (long)whole.l_pid);
}

static char *read_all(int fd, size_t *ret_n)
{
	struct stat st;
	size_t n = 0;
	ssize_t got;
	char *p;

	if (fstat(fd, &st) < 0)
		return NULL;
	p = malloc((size_t)st.st_size + 1);
	if (!p)
		return NULL;
	while (n < (size_t)st.st_size) {
		got = pread(fd, p + n, (size_t)st.st_size - n, (off_t)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	p[n] = '\0';
	*ret_n = n;
	return p;
}

static int load(struct null_be *be, const struct shr_call *call, int fd, const char *path)
{
	size_t n = 0, good = 0;
	char *text = read_all(fd, &n);
	long line;

	if (!text)
		return fail_file(be, call, SHR_EUNREACHABLE, path);
	line = null_replay(be, text, n, &good);
	free(text);
	if (line > 0)
		return shr_failf(be->host, call, SHR_EBACKEND, "setting state: %.300s:%ld: this line is no line of a state file",
			path, line);
	if (line < 0)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	/* A torn tail was never acknowledged. */
	if (good < n && ftruncate(fd, (off_t)good) < 0)
		return fail_file(be, call, SHR_EUNREACHABLE, path);
	return 0;
}

/* Under the lock. The lines go into the state file as if they had been this driver's own. */
static int play_behind(struct null_be *be, const struct shr_call *call, int fd)
{
	size_t n = 0, good = 0;
	char *text = read_all(fd, &n), *copy = text ? malloc(n + 1) : NULL;
	long line = -1;

	if (copy && n >= be->behind_at) {
		memcpy(copy, text, n + 1);
		line = null_replay(be, text + be->behind_at, n - be->behind_at, &good);
		if (line == 0 && null_journal_add(be, copy + be->behind_at, good) == 0)
			be->behind_at += good;
	}
	free(text);
	free(copy);
	if (line > 0)
		return shr_failf(be->host, call, SHR_EBACKEND, "setting behind: %.300s: new line %ld is no line of a state file, or of "
			"nothing that is there", be->behind, line);
	return line < 0 ? be->host->fail(call, SHR_EAGAIN, "no memory") : 0;
}

int null_behind(struct null_be *be, const struct shr_call *call)
{
	int fd, code;

	if (!be->behind)
		return 0;
	fd = open(be->behind, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : fail_file(be, call, SHR_EUNREACHABLE, be->behind);
	pthread_mutex_lock(&be->lock);
	code = play_behind(be, call, fd);
	pthread_mutex_unlock(&be->lock);
	close(fd);
	return code;
}

int null_journal_open(struct null_be *be, const struct shr_call *call, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600), code;

	if (fd < 0)
		return fail_file(be, call, SHR_EUNREACHABLE, path);
	code = lock_file(be, call, fd, path);
	if (code == 0)
		code = load(be, call, fd, path);
	if (code) {
		close(fd);
		return code;
	}
	be->journal = fd;
	return 0;
}

int null_journal_add(struct null_be *be, const char *lines, size_t n)
{
	struct stat st;
	ssize_t put;
	int why;

	if (be->journal < 0 || n == 0)
		return 0;
	do
		put = write(be->journal, lines, n);
	while (put < 0 && errno == EINTR);
	if (put == (ssize_t)n)
		return 0;
	/* Half of it is worse than nothing of it: the next line would be glued to it. */
	why = put < 0 ? errno : ENOSPC;
	if (put > 0 && fstat(be->journal, &st) == 0 && ftruncate(be->journal, st.st_size - put) < 0)
		why = errno;
	errno = why;
	return -1;
}

int null_journal_line(struct null_be *be, const char *format, ...)
{
	char line[2048];
	va_list args;
	int n;

	if (be->journal < 0)
		return 0;
	va_start(args, format);
	n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof line) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return null_journal_add(be, line, (size_t)n);
}

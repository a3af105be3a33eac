/* backends/common/lock.c - one process a place: a kernel lock, with the holder's number in the file */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "common.h"

/* The number in the file, 0: none yet. The holder writes it just after it got the lock. */
static long holder_of(int fd)
{
	static const struct timespec nap = { 0, 2000000 };
	char text[32];
	ssize_t n;
	int i;

	for (i = 0; i < 10; i++) {
		n = pread(fd, text, sizeof text - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		if (n > 0 && text[n - 1] == '\n')
			return strtol(text, NULL, 10);
		nanosleep(&nap, NULL);
	}
	return 0;
}

/* 1: the process is stopped, by a signal or a debugger. */
static int is_stopped(long pid)
{
	char name[64], text[512], *state;
	int fd;
	ssize_t n;

	snprintf(name, sizeof name, "/proc/%ld/stat", pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	state = strrchr(text, ')');
	return state && (strncmp(state, ") T", 3) == 0 || strncmp(state, ") t", 3) == 0);
}

static int held(const struct shr_driver_host *host, const struct shr_call *call, const char *what, const char *path, int fd)
{
	long pid = holder_of(fd);

	if (pid == 0)
		return shr_failf(host, call, SHR_EAGAIN, "%.100s: %.300s is held by another process", what, path);
	if (is_stopped(pid))
		return shr_failf(host, call, SHR_EAGAIN, "%.100s: %.280s is held by process %ld, which is stopped: let it "
			"go on (SIGCONT) or end it (SIGKILL)", what, path, pid);
	return shr_failf(host, call, SHR_EAGAIN, "%.100s: %.300s is held by process %ld", what, path, pid);
}

static int failed(const struct shr_driver_host *host, const struct shr_call *call, const char *what, const char *path)
{
	int why = errno;

	return shr_failf(host, call, plug_code(why), "%.100s: %.300s: %s", what, path, plug_words(why));
}

/* Through a descriptor of its own: one that is open for writing would keep the file system from being made read-only. */
static int write_number(int fd, const char *name)
{
	int file = openat(fd, name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK), bad, n;
	char text[32];

	if (file < 0)
		return -1;
	n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	bad = write(file, text, (size_t)n) != n;
	return close(file) < 0 || bad ? -1 : 0;
}

int plug_lock(const struct shr_driver_host *host, const struct shr_call *call, const char *what, const char *path, int fd,
	const char *name, int *ret_fd)
{
	int lock = openat(fd, name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600), code = 0;

	if (lock < 0)
		return failed(host, call, what, path);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		code = errno == EWOULDBLOCK ? held(host, call, what, path, lock) : failed(host, call, what, path);
	else if (write_number(fd, name) < 0)
		code = failed(host, call, what, path);
	if (code) {
		close(lock);
		return code;
	}
	*ret_fd = lock;
	return 0;
}

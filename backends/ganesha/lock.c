/* backends/ganesha/lock.c - one process a server: a kernel lock in its directory, with the holder's number in the file */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "ganesha.h"

/* The number in the file; 0: none yet. The holder writes it just after it got the lock. */
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

static int held(const struct shr_driver_host *host, const struct shr_call *call, const char *dir, int fd)
{
	long pid = holder_of(fd);

	if (pid == 0)
		return shr_failf(host, call, SHR_EAGAIN, "setting directory: %.300s is held by another process", dir);
	if (gan_proc_stopped((pid_t)pid))
		return shr_failf(host, call, SHR_EAGAIN, "setting directory: %.300s is held by process %ld, which is stopped: let it go on "
			"(SIGCONT) or end it (SIGKILL)", dir, pid);
	return shr_failf(host, call, SHR_EAGAIN, "setting directory: %.300s is held by process %ld", dir, pid);
}

int gan_lock(const struct shr_driver_host *host, const struct shr_call *call, const char *dir, int dir_fd, int *ret_fd)
{
	int fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), n, code = 0;
	char text[32];

	if (fd < 0)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s/lock: %s", dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		code = errno == EWOULDBLOCK ? held(host, call, dir, fd) :
			shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s/lock: %s", dir, strerror(errno));
	n = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	if (code == 0 && (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n))
		code = shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s/lock: %s", dir, strerror(errno));
	if (code) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

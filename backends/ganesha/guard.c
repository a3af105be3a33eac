/* backends/ganesha/guard.c - the guard: a process that thaws the server on a word, at the bound, or when this process dies */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ganesha.h"

/*
 * The guard is a copy of a process with many threads, of which it has one: it may do nothing that could wait for a lock another
 * thread had. It makes system calls and nothing else. It is cloned without a signal at its end, so that a host that waits for
 * its own children never sees it.
 */
struct watch {
	struct gan_frozen frozen;
	int word_fd;   /* to and from this process */
	int parent_fd; /* a pidfd of it */
	int64_t until_ns;
	int keep[PLUG_TREE_MOST + 3]; /* what the guard needs, sorted */
	int n_keep;
};

void gan_thaw(const struct gan_frozen *f)
{
	int i;

	if (f->freeze_fd >= 0)
		syscall(SYS_pwrite64, f->freeze_fd, "0", 1, 0);
	for (i = 0; i < f->n; i++)
		syscall(SYS_pidfd_send_signal, f->fds[i], SIGCONT, NULL, 0);
}

static int64_t raw_now_ns(void)
{
	struct timespec t;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void close_others(const struct watch *w)
{
	unsigned from = 0;
	int i;

	for (i = 0; i < w->n_keep; i++) {
		if ((unsigned)w->keep[i] > from)
			syscall(SYS_close_range, from, w->keep[i] - 1, 0);
		from = (unsigned)w->keep[i] + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
}

static void __attribute__((noreturn)) guard(const struct watch *w)
{
	struct pollfd fds[2] = { { w->word_fd, POLLIN, 0 }, { w->parent_fd, POLLIN, 0 } };
	struct timespec t;
	int64_t left;
	char byte = 'B';
	long n = 0;

	close_others(w);
	syscall(SYS_setsid);
	syscall(SYS_prctl, PR_SET_NAME, "shr-guard", 0, 0, 0);
	while (n == 0 && (left = w->until_ns - raw_now_ns()) > 0) {
		t.tv_sec = (time_t)(left / 1000000000);
		t.tv_nsec = (long)(left % 1000000000);
		n = syscall(SYS_ppoll, fds, 2, &t, NULL, 0);
	}
	gan_thaw(&w->frozen);
	if (n > 0 && (fds[0].revents & POLLIN) && syscall(SYS_read, w->word_fd, &byte, 1) == 1)
		byte = 'T';
	syscall(SYS_sendto, w->word_fd, &byte, 1, MSG_NOSIGNAL, NULL, 0);
	for (;;)
		syscall(SYS_exit_group, 0);
}

static int int_cmp(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void list_needed(struct watch *w)
{
	int i;

	for (i = 0; i < w->frozen.n; i++)
		w->keep[w->n_keep++] = w->frozen.fds[i];
	if (w->frozen.freeze_fd >= 0)
		w->keep[w->n_keep++] = w->frozen.freeze_fd;
	w->keep[w->n_keep++] = w->word_fd;
	w->keep[w->n_keep++] = w->parent_fd;
	qsort(w->keep, (size_t)w->n_keep, sizeof *w->keep, int_cmp);
}

/* No signal reaches the copy: a handler of the host would run in it. */
static pid_t copy_process(const struct watch *w)
{
	sigset_t every, before;
	long pid;
	int why;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (pid == 0)
		guard(w);
	why = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = why;
	return (pid_t)pid;
}

int gan_guard_begin(const struct gan_frozen *frozen, uint32_t bound_ms, struct gan_guard *ret)
{
	struct watch w = { .frozen = *frozen, .until_ns = plug_now_ns() + bound_ms * PLUG_MS };
	int ends[2], why;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	w.word_fd = ends[1];
	w.parent_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (w.parent_fd >= 0)
		list_needed(&w);
	pid = w.parent_fd < 0 ? -1 : copy_process(&w);
	why = errno;
	close(ends[1]);
	if (w.parent_fd >= 0)
		close(w.parent_fd);
	if (pid < 0) {
		close(ends[0]);
		errno = why;
		return -1;
	}
	ret->pid = pid;
	ret->fd = ends[0];
	return 0;
}

int gan_guard_end(struct gan_guard *g)
{
	const struct timeval patience = { 2, 0 };
	char byte = 'R';
	ssize_t n;

	if (g->pid == 0)
		return 0;
	setsockopt(g->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	send(g->fd, &byte, 1, MSG_NOSIGNAL);
	do {
		n = recv(g->fd, &byte, 1, 0);
	} while (n < 0 && errno == EINTR);
	close(g->fd);
	if (n != 1)
		kill(g->pid, SIGKILL); /* somebody has stopped it: who calls thaws in its place */
	while (waitpid(g->pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	g->pid = 0;
	g->fd = -1;
	return n == 1 && byte == 'T';
}

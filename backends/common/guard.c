/* backends/common/guard.c - the guard: a process that thaws the server on a word, at the bound, or when this process dies */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "freeze.h"

/*
 * The guard is a copy of a process with many threads, of which it has one: it may do nothing that could wait for a lock another
 * thread had. It makes system calls and nothing else. It is cloned without a signal at its end, so that a host that waits for
 * its own children never sees it.
 *
 * Once it has thawed at the bound it stays until the word, or this process's death: whoever was at stopping one more process just
 * then has it thawed, too.
 */
struct watch {
	const struct plug_frozen *frozen;
	int word_fd;   /* to and from this process */
	int parent_fd; /* a pidfd of it */
	int64_t until_ns;
};

/* ---- signals ---- */

static void put_number(char *at, pid_t pid)
{
	char digits[12];
	int n = 0;

	do {
		digits[n++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	while (n > 0)
		*at++ = digits[--n];
	*at = '\0';
}

static void put_words(char *at, const char *words)
{
	while (*at)
		at++;
	while ((*at++ = *words++) != '\0')
		;
}

/* The name in parentheses may hold anything: the 20th field behind the last one is when it began. */
static uint64_t began_of(const char *text, long n)
{
	uint64_t began = 0;
	int spaces = 0;
	long i, from = 0;

	for (i = 0; i < n; i++)
		if (text[i] == ')')
			from = i;
	for (i = from; i < n && spaces < 20; i++)
		spaces += text[i] == ' ';
	for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)
		began = began * 10 + (uint64_t)(text[i] - '0');
	return began;
}

/* The process was there when P was written down. If it is there when this looks, the pidfd, opened in between, is its. */
int plug_proc_signal(const struct plug_proc *p, int signal)
{
	char path[32] = "/proc/", text[1024];
	long pidfd = syscall(SYS_pidfd_open, p->pid, 0), fd, n = 0, bad = -1;

	if (pidfd < 0)
		return -1;
	put_number(path + 6, p->pid);
	put_words(path, "/stat");
	fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = syscall(SYS_read, fd, text, sizeof text);
		syscall(SYS_close, fd);
	}
	if (n > 0 && began_of(text, n) == p->began)
		bad = syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
	syscall(SYS_close, pidfd);
	return bad < 0 ? -1 : 0;
}

void plug_thaw(const struct plug_frozen *f)
{
	uint32_t i, n = f->stopped ? __atomic_load_n(&f->stopped->n, __ATOMIC_ACQUIRE) : 0;

	if (f->freeze_fd >= 0)
		syscall(SYS_pwrite64, f->freeze_fd, "0", 1, 0);
	for (i = 0; i < n; i++)
		plug_proc_signal(&f->stopped->procs[i], SIGCONT);
}

/* ---- the process ---- */

static int64_t raw_now_ns(void)
{
	struct timespec t;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What it keeps, in their order. */
static void close_others(int keep[3])
{
	unsigned from = 0;
	int i, j, fd;

	for (i = 0; i < 2; i++)
		for (j = i + 1; j < 3; j++)
			if (keep[j] < keep[i]) {
				fd = keep[i];
				keep[i] = keep[j];
				keep[j] = fd;
			}
	for (i = 0; i < 3; i++) {
		if (keep[i] < 0)
			continue;
		if ((unsigned)keep[i] > from)
			syscall(SYS_close_range, from, keep[i] - 1, 0);
		from = (unsigned)keep[i] + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
}

/* 1: there is a word, or nobody to say one. 0: the bound has passed. */
static int wait_until(struct pollfd fds[2], int64_t until_ns)
{
	int64_t left = until_ns - raw_now_ns();
	struct timespec t;

	while (left > 0) {
		t.tv_sec = (time_t)(left / 1000000000);
		t.tv_nsec = (long)(left % 1000000000);
		if (syscall(SYS_ppoll, fds, 2, &t, NULL, 0) != 0)
			return 1;
		left = until_ns - raw_now_ns();
	}
	return 0;
}

static void __attribute__((noreturn)) guard(const struct watch *w)
{
	int keep[3] = { w->word_fd, w->parent_fd, w->frozen->freeze_fd };
	struct pollfd fds[2] = { { w->word_fd, POLLIN, 0 }, { w->parent_fd, POLLIN, 0 } };
	char byte = 'B', word;
	int in_time;

	close_others(keep);
	syscall(SYS_setsid);
	syscall(SYS_prctl, PR_SET_NAME, "shr-guard", 0, 0, 0);
	in_time = wait_until(fds, w->until_ns);
	if (!in_time) {
		plug_thaw(w->frozen);
		syscall(SYS_ppoll, fds, 2, NULL, NULL, 0);
	}
	plug_thaw(w->frozen);
	if ((fds[0].revents & POLLIN) && syscall(SYS_read, w->word_fd, &word, 1) == 1 && in_time)
		byte = 'T';
	syscall(SYS_sendto, w->word_fd, &byte, 1, MSG_NOSIGNAL, NULL, 0);
	for (;;)
		syscall(SYS_exit_group, 0);
}

/* ---- this process's side ---- */

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

int plug_guard_begin(struct plug_frozen *f, uint32_t bound_ms)
{
	struct watch w = { .frozen = f, .until_ns = plug_now_ns() + bound_ms * PLUG_MS };
	int ends[2], why;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	w.word_fd = ends[1];
	w.parent_fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
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
	f->guard.pid = pid;
	f->guard.fd = ends[0];
	return 0;
}

int plug_guard_end(struct plug_guard *g)
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

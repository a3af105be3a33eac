/* backends/samba/run.c - programs are run: by their path, with their words, without a shell, for a bounded time */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "samba.h"

#define OUT_MOST (256u << 20)

/*
 * Nothing of the process's goes along: no blocked signal, nothing of its environment, and no descriptor but one, that of the lock.
 * The lock is held for as long as a program is, so that what a killed engine began cannot take effect behind the next one's back.
 */
static int set_up(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, int out, int err, int lock)
{
	sigset_t none, all;
	int bad;

	sigemptyset(&none);
	sigfillset(&all);
	bad = posix_spawnattr_setsigmask(attr, &none);
	if (!bad)
		bad = posix_spawnattr_setsigdefault(attr, &all);
	if (!bad)
		bad = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (!bad)
		bad = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
	if (!bad)
		bad = posix_spawn_file_actions_adddup2(files, out, 1);
	if (!bad)
		bad = posix_spawn_file_actions_adddup2(files, err, 2);
	if (!bad)
		bad = posix_spawn_file_actions_adddup2(files, lock, 3);
	return bad ? bad : posix_spawn_file_actions_addclosefrom_np(files, 4);
}

static int spawn(const char *const argv[], int out, int err, int lock, pid_t *ret)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int bad = posix_spawn_file_actions_init(&files);

	if (bad)
		return bad;
	bad = posix_spawnattr_init(&attr);
	if (!bad) {
		bad = set_up(&files, &attr, out, err, lock);
		if (!bad) /* the strings are not changed: the type is older than const */
			bad = posix_spawn(ret, argv[0], &files, &attr, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return bad;
}

/* Descriptors below 3 are what a host that has closed its own gets: dup2 and closefrom would take them for others. */
static int pipe_above(int ends[2])
{
	int i, fd;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	for (i = 0; i < 2; i++) {
		fd = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		if (fd < 0) {
			fd = errno;
			close(ends[0]);
			close(ends[1]);
			return fd;
		}
		close(ends[i]);
		ends[i] = fd;
	}
	return 0;
}

int smb_run_start(struct smb_run *run, const char *const argv[], int lock)
{
	int out[2], err[2], bad;

	memset(run, 0, sizeof *run);
	run->out_fd = run->err_fd = -1;
	bad = pipe_above(out);
	if (bad)
		return bad;
	bad = pipe_above(err);
	if (bad) {
		close(out[0]);
		close(out[1]);
		return bad;
	}
	bad = spawn(argv, out[1], err[1], lock, &run->pid);
	close(out[1]);
	close(err[1]);
	run->out_fd = out[0];
	run->err_fd = err[0];
	if (bad) {
		close(out[0]);
		close(err[0]);
		run->out_fd = run->err_fd = -1;
	}
	return bad;
}

/* ---- what it says, and how it ends ---- */

struct sink {
	size_t room;
	size_t n_err;
};

static int read_out(struct smb_run *run, struct sink *sink)
{
	char *more;
	ssize_t n;

	if (run->n_out + 4097 > sink->room) {
		sink->room = (run->n_out + 4097) * 2;
		more = sink->room > OUT_MOST ? NULL : realloc(run->out, sink->room);
		if (!more)
			return -1;
		run->out = more;
	}
	n = read(run->out_fd, run->out + run->n_out, 4096);
	if (n <= 0)
		return n < 0 && errno == EINTR ? 1 : 0;
	run->n_out += (size_t)n;
	run->out[run->n_out] = '\0';
	return 1;
}

/* The first words count; the rest is read and dropped, so that it can go on. */
static int read_err(struct smb_run *run, struct sink *sink)
{
	char more[512];
	ssize_t n = read(run->err_fd, more, sizeof more);
	size_t left = sizeof run->err - 1 - sink->n_err;

	if (n <= 0)
		return n < 0 && errno == EINTR ? 1 : 0;
	if ((size_t)n < left)
		left = (size_t)n;
	memcpy(run->err + sink->n_err, more, left);
	sink->n_err += left;
	return 1;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* 0, -1: no memory, -3: too slow. */
static int listen_to(struct smb_run *run, int64_t until_ns)
{
	struct sink sink = { 0, 0 };
	int64_t left;
	int how = 1;

	while (run->out_fd >= 0 || run->err_fd >= 0) {
		struct pollfd p[2] = { { run->out_fd, POLLIN, 0 }, { run->err_fd, POLLIN, 0 } };

		left = until_ns - plug_now_ns();
		if (left <= 0)
			return -3;
		if (poll(p, 2, (int)(left / PLUG_MS) + 1) < 0 && errno != EINTR)
			return -1;
		if (run->out_fd >= 0 && p[0].revents) {
			how = read_out(run, &sink);
			if (how < 0)
				return -1;
			if (how == 0)
				shut(&run->out_fd);
		}
		if (run->err_fd >= 0 && p[1].revents && read_err(run, &sink) == 0)
			shut(&run->err_fd);
	}
	return 0;
}

/* One line, without control characters: it goes into messages. */
static void tidy(char *words)
{
	size_t n = strlen(words);
	char *s;

	while (n > 0 && (unsigned char)words[n - 1] <= ' ')
		words[--n] = '\0';
	for (s = words; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s >= 0x7f)
			*s = ' ';
}

int smb_run_end(struct smb_run *run, unsigned timeout_ms)
{
	int how = listen_to(run, plug_now_ns() + timeout_ms * PLUG_MS), status = 0;
	pid_t got;

	shut(&run->out_fd);
	shut(&run->err_fd);
	if (how < 0)
		kill(run->pid, SIGKILL);
	do
		got = waitpid(run->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	run->status = got < 0 ? -2 : how == -3 ? -3 : WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	tidy(run->err);
	if (!run->out && how == 0) {
		run->out = calloc(1, 1);
		how = run->out ? 0 : -1;
	}
	return how == -1 ? ENOMEM : 0;
}

/* backends/ganesha/hold.c - freeze the server, whole, for a bounded time: by its cgroup, or by SIGSTOP to each of its processes */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "ganesha.h"

#define BOUND_MOST_MS 600000u
#define CONFIRM_NS (INT64_C(50) * PLUG_MS)

struct gan_hold {
	char *key; /* of the call that began it; NULL: it was lost, and this is what release was told */
	char *lost_key;
	struct plug_proc procs[PLUG_TREE_MOST];
	int n;
	uint32_t bound_ms;
	int64_t until_ns; /* when the guard thaws, or a little before it */
	struct gan_frozen frozen;
	struct gan_guard guard;
};

static char *key_of(const struct shr_call *call)
{
	char *key;

	return asprintf(&key, "%s\n%s\n%s", call->op_id, call->step, call->item_id) < 0 ? NULL : key;
}

/* 1: the server was frozen until now. */
static int end(struct gan_hold *h)
{
	int i, whole = gan_guard_end(&h->guard);

	if (!whole)
		gan_thaw(&h->frozen); /* a guard that somebody killed has thawed nothing */
	for (i = 0; i < h->frozen.n; i++)
		close(h->frozen.fds[i]);
	if (h->frozen.freeze_fd >= 0)
		close(h->frozen.freeze_fd);
	h->frozen.n = 0;
	h->frozen.freeze_fd = -1;
	return whole;
}

static void free_hold(struct gan_hold *h)
{
	free(h->key);
	free(h->lost_key);
	free(h);
}

void gan_hold_end(struct gan_server *s)
{
	if (!s->hold)
		return;
	end(s->hold);
	free_hold(s->hold);
	s->hold = NULL;
}

/* ---- by cgroup ---- */

static int open_in_cgroup(const struct gan_server *s, const char *name, int flags)
{
	char path[PLUG_PLACE_ROOM];

	snprintf(path, sizeof path, "%.512s/%s", s->cgroup, name);
	return open(path, flags | O_CLOEXEC);
}

/* Is PID in the cgroup? -1: errno. */
static int in_cgroup(const struct gan_server *s, pid_t pid)
{
	FILE *f;
	long one;
	int fd = open_in_cgroup(s, "cgroup.procs", O_RDONLY), found = 0;

	if (fd < 0)
		return -1;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return -1;
	}
	while (!found && fscanf(f, "%ld", &one) == 1)
		found = one == (long)pid;
	fclose(f);
	return found;
}

static int frozen_by_cgroup(const struct gan_server *s)
{
	char text[128];
	int fd = open_in_cgroup(s, "cgroup.events", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "frozen 1") != NULL;
}

static int prepare_cgroup(const struct gan *g, const struct shr_call *call, struct gan_hold *h)
{
	const struct gan_server *s = g->server;
	int theirs = in_cgroup(s, h->procs[0].pid), mine = in_cgroup(s, getpid());

	h->frozen.freeze_fd = theirs < 0 ? -1 : open_in_cgroup(s, "cgroup.freeze", O_WRONLY);
	if (h->frozen.freeze_fd < 0)
		return shr_failf(g->host, call, SHR_EBACKEND, "setting cgroup: %.300s: %s: a directory of cgroup v2 is wanted", s->cgroup,
			strerror(errno));
	if (!theirs)
		return shr_failf(g->host, call, SHR_EBACKEND, "setting cgroup: process %ld, NFS-Ganesha, is not in %.300s",
			(long)h->procs[0].pid, s->cgroup);
	if (mine)
		return shr_failf(g->host, call, SHR_EBACKEND, "setting cgroup: this process is in %.300s too, and would freeze itself",
			s->cgroup);
	return 0;
}

/* ---- by signals ---- */

static int prepare_tree(const struct gan *g, const struct shr_call *call, struct gan_hold *h)
{
	const struct plug_proc server = h->procs[0];
	int i, fd;

	h->n = plug_proc_tree(&server, h->procs);
	if (h->n < 0) {
		h->n = 0;
		return shr_failf(g->host, call, SHR_EBACKEND, "hold: the processes of NFS-Ganesha: %s", strerror(errno));
	}
	for (i = 0; i < h->n; i++) {
		if (h->procs[i].pid == getpid())
			return g->host->fail(call, SHR_EBACKEND, "hold: this process is a child of NFS-Ganesha, and would freeze itself");
		fd = (int)syscall(SYS_pidfd_open, h->procs[i].pid, 0);
		if (fd < 0)
			return shr_failf(g->host, call, errno == ESRCH ? SHR_EAGAIN : SHR_EBACKEND, "hold: process %ld: %s",
				(long)h->procs[i].pid, strerror(errno));
		h->frozen.fds[h->frozen.n++] = fd;
	}
	return plug_proc_alive(&server) ? 0 : g->host->fail(call, SHR_EAGAIN, "hold: NFS-Ganesha has just ended");
}

static int stop(const struct gan *g, const struct shr_call *call, struct gan_hold *h)
{
	struct plug_proc now[PLUG_TREE_MOST];
	int i, bad = 0;

	if (h->frozen.freeze_fd >= 0)
		bad = pwrite(h->frozen.freeze_fd, "1", 1, 0) != 1;
	for (i = 0; !bad && i < h->frozen.n; i++)
		bad = syscall(SYS_pidfd_send_signal, h->frozen.fds[i], SIGSTOP, NULL, 0) < 0;
	if (bad)
		return shr_failf(g->host, call, errno == ESRCH ? SHR_EAGAIN : SHR_EBACKEND, "hold: %s", strerror(errno));
	if (h->frozen.n > 0 && plug_proc_tree(&h->procs[0], now) > h->n)
		return g->host->fail(call, SHR_EAGAIN, "hold: NFS-Ganesha began a process meanwhile");
	return 0;
}

/* ---- hold ---- */

static int is_frozen(const struct gan_server *s, const struct gan_hold *h)
{
	int i, all = 1;

	if (h->frozen.freeze_fd >= 0)
		return frozen_by_cgroup(s);
	for (i = 0; all && i < h->n; i++)
		all = plug_proc_stopped(h->procs[i].pid);
	return all;
}

/* The guard first: from the first signal on there is somebody who takes it back. */
static int begin(const struct gan *g, const struct shr_call *call, const struct plug_proc *proc, uint32_t bound_ms)
{
	struct gan_hold *h = calloc(1, sizeof *h);
	int code;

	if (!h)
		return g->host->fail(call, SHR_EAGAIN, "no memory");
	h->frozen.freeze_fd = h->guard.fd = -1;
	h->bound_ms = bound_ms;
	h->until_ns = plug_now_ns() + bound_ms * PLUG_MS;
	h->procs[0] = *proc;
	h->key = key_of(call);
	code = !h->key ? g->host->fail(call, SHR_EAGAIN, "no memory") :
		g->server->cgroup ? prepare_cgroup(g, call, h) : prepare_tree(g, call, h);
	if (code == 0 && gan_guard_begin(&h->frozen, bound_ms, &h->guard) < 0)
		code = shr_failf(g->host, call, SHR_EAGAIN, "hold: no guard: %s", strerror(errno));
	if (code == 0)
		code = stop(g, call, h);
	if (code) {
		end(h);
		free_hold(h);
		return code;
	}
	g->server->hold = h;
	return 0;
}

static int confirm(const struct gan *g, const struct shr_call *call, const struct gan_hold *h)
{
	static const struct timespec nap = { 0, 500000 };
	int64_t until = plug_now_ns() + CONFIRM_NS;

	for (;;) {
		if (plug_now_ns() >= h->until_ns)
			return shr_failf(g->host, call, SHR_EBACKEND, "hold: its bound of %u ms is over", h->bound_ms);
		if (is_frozen(g->server, h))
			return 0;
		if (plug_now_ns() > until)
			return g->host->pending(call, NULL, 0, 10);
		nanosleep(&nap, NULL);
	}
}

/* The server's process as it was last seen; when that one has gone a probe finds the new one. */
static int find_proc(struct gan *g, const struct shr_call *call, struct plug_proc *ret)
{
	int code;

	gan_server_proc(g->server, ret);
	if (plug_proc_alive(ret))
		return 0;
	code = gan_see(g, call);
	gan_server_proc(g->server, ret);
	if (code == 0 && !plug_proc_alive(ret))
		return g->host->fail(call, SHR_EBACKEND, "hold: the process of NFS-Ganesha cannot be found: set pidfile");
	return code;
}

/* 1: a hold of this call is there; 0: none is; or failed. */
static int find_hold(const struct gan *g, const struct shr_call *call)
{
	struct gan_hold *h = g->server->hold;
	char *key = key_of(call);
	int same = key && h && h->key && strcmp(h->key, key) == 0;

	free(key);
	if (!h || same)
		return same;
	if (h->key)
		return g->host->fail(call, SHR_EAGAIN, "hold: another call holds the server");
	free_hold(h);
	g->server->hold = NULL;
	return 0;
}

int gan_hold(void *ex, const struct shr_call *call, uint32_t bound_ms)
{
	struct gan *g = ex;
	struct gan_server *s = g->server;
	struct plug_proc proc = { 0, 0, 0 };
	int code;

	if (bound_ms < 1 || bound_ms > BOUND_MOST_MS)
		return shr_failf(g->host, call, SHR_EBACKEND, "hold: a bound from 1 to %u ms is wanted", BOUND_MOST_MS);
	pthread_mutex_lock(&s->base.lock);
	code = find_hold(g, call);
	pthread_mutex_unlock(&s->base.lock);
	if (code == 0) {
		code = find_proc(g, call, &proc);
		if (code)
			return code;
		pthread_mutex_lock(&s->base.lock);
		code = find_hold(g, call);
		if (code == 0)
			code = begin(g, call, &proc, bound_ms);
		pthread_mutex_unlock(&s->base.lock);
	}
	if (code < 0)
		return code;
	pthread_mutex_lock(&s->base.lock);
	code = s->hold ? confirm(g, call, s->hold) : g->host->fail(call, SHR_EAGAIN, "hold: it was released meanwhile");
	pthread_mutex_unlock(&s->base.lock);
	return code;
}

/* ---- release ---- */

static int lost(const struct gan *g, const struct shr_call *call, const struct gan_hold *h)
{
	return shr_failf(g->host, call, SHR_EBACKEND, "release: the hold had ended by itself, after its bound of %u ms, and the "
		"server went on before now", h->bound_ms);
}

int gan_release(void *ex, const struct shr_call *call)
{
	struct gan *g = ex;
	struct gan_server *s = g->server;
	struct gan_hold *h;
	char *key = key_of(call);
	int code = 0;

	if (!key)
		return g->host->fail(call, SHR_EAGAIN, "no memory");
	pthread_mutex_lock(&s->base.lock);
	h = s->hold;
	if (h && !h->key) { /* lost: the same call gets the same answer */
		if (strcmp(h->lost_key, key) == 0)
			code = lost(g, call, h);
	} else if (h && end(h)) {
		free_hold(h);
		s->hold = NULL;
	} else if (h) {
		free(h->key);
		h->key = NULL;
		h->lost_key = key;
		key = NULL;
		code = lost(g, call, h);
	}
	pthread_mutex_unlock(&s->base.lock);
	free(key);
	return code;
}

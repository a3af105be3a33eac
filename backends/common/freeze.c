/* backends/common/freeze.c - freeze a server whole: by its cgroup, or by SIGSTOP to its first process and all below it */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "freeze.h"

/* ---- by cgroup ---- */

static int open_in_cgroup(const char *cgroup, const char *name, int flags)
{
	char path[PLUG_PLACE_ROOM];

	snprintf(path, sizeof path, "%.512s/%s", cgroup, name);
	return open(path, flags | O_CLOEXEC);
}

/* Is PID in the cgroup? -1: errno. */
static int in_cgroup(const char *cgroup, pid_t pid)
{
	FILE *f;
	long one;
	int fd = open_in_cgroup(cgroup, "cgroup.procs", O_RDONLY), found = 0;

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

static int frozen_by_cgroup(const struct plug_frozen *f)
{
	char text[128];
	ssize_t n = pread(f->events_fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "frozen 1") != NULL;
}

static int prepare_cgroup(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f)
{
	int theirs = in_cgroup(h->cgroup, f->server.pid), mine = in_cgroup(h->cgroup, getpid());

	f->freeze_fd = theirs < 0 ? -1 : open_in_cgroup(h->cgroup, "cgroup.freeze", O_WRONLY);
	f->events_fd = f->freeze_fd < 0 ? -1 : open_in_cgroup(h->cgroup, "cgroup.events", O_RDONLY);
	if (f->events_fd < 0)
		return shr_failf(h->host, call, SHR_EBACKEND, "setting cgroup: %.300s: %s: a directory of cgroup v2 is wanted", h->cgroup,
			strerror(errno));
	if (!theirs)
		return shr_failf(h->host, call, SHR_EBACKEND, "setting cgroup: process %ld, %s, is not in %.300s", (long)f->server.pid,
			h->who, h->cgroup);
	if (mine)
		return shr_failf(h->host, call, SHR_EBACKEND, "setting cgroup: this process is in %.300s too, and would freeze itself",
			h->cgroup);
	return 0;
}

/* ---- by signals ---- */

static int prepare_list(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f)
{
	void *at = mmap(NULL, sizeof *f->stopped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return h->host->fail(call, SHR_EAGAIN, "no memory");
	f->stopped = at;
	return 0;
}

static int is_listed(const struct plug_stopped *list, const struct plug_proc *p)
{
	uint32_t i;

	for (i = 0; i < list->n; i++)
		if (list->procs[i].pid == p->pid && list->procs[i].began == p->began)
			return 1;
	return 0;
}

/* It is in the list first: from its signal on the guard takes it back. One that has ended writes nothing any more. */
static int stop(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f, const struct plug_proc *p)
{
	struct plug_stopped *list = f->stopped;

	if (p->pid == getpid())
		return shr_failf(h->host, call, SHR_EBACKEND, "hold: this process is a child of %s, and would freeze itself", h->who);
	if (list->n == PLUG_STOPPED_MOST)
		return shr_failf(h->host, call, SHR_EBACKEND, "hold: %s has more than %u processes: set cgroup", h->who, PLUG_STOPPED_MOST);
	list->procs[list->n] = *p;
	__atomic_store_n(&list->n, list->n + 1, __ATOMIC_RELEASE);
	if (plug_proc_signal(p, SIGSTOP) < 0 && plug_proc_alive(p))
		return shr_failf(h->host, call, SHR_EBACKEND, "hold: process %ld cannot be stopped: %s", (long)p->pid, strerror(errno));
	return 0;
}

static int all_stopped(const struct plug_stopped *list)
{
	uint32_t i;

	for (i = 0; i < list->n; i++)
		if (plug_proc_alive(&list->procs[i]) && !plug_proc_stopped(list->procs[i].pid))
			return 0;
	return 1;
}

/* What is stopped forks no more. So when all that is known stands still, what is found below it is all there is, and when that was
 * known as well, it is done. The first process, which forks one for each client, stands still before any other is looked for. */
static int stop_more(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f, int *ret_done)
{
	struct plug_proc *tree = NULL;
	int i, n, code = 0;

	if (!all_stopped(f->stopped))
		return 0;
	n = plug_proc_tree(&f->server, &tree);
	if (n < 0)
		return shr_failf(h->host, call, SHR_EAGAIN, "hold: the processes of %s: %s", h->who, strerror(errno));
	*ret_done = 1;
	for (i = 0; i < n && code == 0; i++) {
		if (is_listed(f->stopped, &tree[i]))
			continue;
		*ret_done = 0;
		code = stop(h, call, f, &tree[i]);
	}
	free(tree);
	return code;
}

/* ---- */

int plug_freeze_begin(const struct plug_holder *h, const struct shr_call *call, const struct plug_proc *server, uint32_t bound_ms,
	struct plug_frozen *ret)
{
	struct plug_frozen f = { NULL, -1, -1, *server, { 0, -1 } };
	int code = h->cgroup ? prepare_cgroup(h, call, &f) : prepare_list(h, call, &f);

	if (code == 0 && plug_guard_begin(&f, bound_ms) < 0)
		code = shr_failf(h->host, call, SHR_EAGAIN, "hold: no guard: %s", strerror(errno));
	if (code == 0 && f.stopped)
		code = stop(h, call, &f, server);
	else if (code == 0 && pwrite(f.freeze_fd, "1", 1, 0) != 1)
		code = shr_failf(h->host, call, SHR_EBACKEND, "setting cgroup: %.300s: %s", h->cgroup, strerror(errno));
	if (code)
		plug_freeze_end(&f);
	else
		*ret = f;
	return code;
}

int plug_freeze_more(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f, int *ret_done)
{
	*ret_done = 0;
	if (!plug_proc_alive(&f->server))
		return shr_failf(h->host, call, SHR_EAGAIN, "hold: %s has just ended", h->who);
	if (f->stopped)
		return stop_more(h, call, f, ret_done);
	*ret_done = frozen_by_cgroup(f);
	return 0;
}

/* Somebody else may have let it go on: what was done meanwhile was not done under the hold. */
int plug_freeze_end(struct plug_frozen *f)
{
	int whole = f->stopped ? all_stopped(f->stopped) : f->events_fd >= 0 && frozen_by_cgroup(f);

	if (!plug_guard_end(&f->guard)) {
		plug_thaw(f); /* a guard that somebody killed has thawed nothing */
		whole = 0;
	}
	if (f->stopped)
		munmap(f->stopped, sizeof *f->stopped);
	if (f->freeze_fd >= 0)
		close(f->freeze_fd);
	if (f->events_fd >= 0)
		close(f->events_fd);
	*f = (struct plug_frozen){ NULL, -1, -1, { 0, 0, 0 }, { 0, -1 } };
	return whole;
}

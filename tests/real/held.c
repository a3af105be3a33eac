/* tests/real/held.c - a server that is held: how much of it stands still, and who lets it go on; for any exporter */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "env.h"
#include "held.h"

#define TREE_MOST 2000

/* The state and the parent; 0: there is none. */
static char read_state(const char *path, long *ret_parent)
{
	char text[512], *s;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	s = strrchr(text, ')');
	*ret_parent = s ? atol(s + 4) : 0;
	return s ? s[2] : '\0';
}

static int is_in(const long *tree, int n, long pid)
{
	while (n > 0 && tree[n - 1] != pid)
		n--;
	return n > 0;
}

static int add_children(long *tree, int n)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[300];
	long parent;

	while (d && n < TREE_MOST && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]) || is_in(tree, n, atol(e->d_name)))
			continue;
		snprintf(path, sizeof path, "/proc/%.20s/stat", e->d_name);
		if (read_state(path, &parent) && is_in(tree, n, parent))
			tree[n++] = atol(e->d_name);
	}
	if (d)
		closedir(d);
	return n;
}

static void look_at(long pid, struct held *h)
{
	char path[300];
	struct dirent *e;
	long parent;
	char state;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%ld/task", pid);
	d = opendir(path);
	h->processes += d != NULL;
	while (d && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%ld/task/%.20s/stat", pid, e->d_name);
		state = read_state(path, &parent);
		h->threads += state && state != 'Z';
		h->stopped += state == 'T';
	}
	if (d)
		closedir(d);
}

void held_look(pid_t server, struct held *ret)
{
	long tree[TREE_MOST] = { server };
	int n = 1, before = 0, i;

	while (n > before) {
		before = n;
		n = add_children(tree, n);
	}
	*ret = (struct held){ 0, 0, 0 };
	for (i = 0; i < n; i++)
		look_at(tree[i], ret);
}

int held_begin(struct xkit_call *c, uint32_t bound_ms)
{
	struct xkit_more more = { .bound_ms = bound_ms };

	return xkit_make(c, XKIT_HOLD, NULL, &more);
}

int held_end(struct xkit_call *c)
{
	return xkit_make(c, XKIT_RELEASE, NULL, NULL);
}

/* ---- */

void held_guard_thaws(struct xkit *kit, pid_t server)
{
	struct held held, later;
	int ends[2], i, status;
	int64_t took;
	char byte = 0;
	pid_t pid;

	xkit_close(kit);
	if (pipe(ends) < 0 || (pid = fork()) < 0)
		xkit_fail(kit, "no process");
	if (pid == 0) {
		if (setjmp(kit->out))
			_exit(2);
		xkit_open(kit);
		if (held_begin(xkit_call_new(kit, "hold"), 60000) != 0 || write(ends[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		byte = 1;
	close(ends[0]);
	held_look(server, &held);
	kill(pid, SIGKILL);
	took = xkit_now_ns();
	waitpid(pid, &status, 0);
	for (i = 0; i < 200; i++) {
		held_look(server, &later);
		if (later.stopped == 0)
			break;
		env_nap(5);
	}
	took = xkit_now_ns() - took;
	xkit_open(kit);
	xkit_must(kit, XKIT_PROBE, NULL, 0);
	if (byte || held.stopped != held.threads || held.threads == 0 || later.stopped)
		xkit_fail(kit, "%d of %d threads were stopped, and %d after the holder had died", held.stopped, held.threads,
			later.stopped);
	snprintf(kit->why, sizeof kit->why, "(%d processes, %d threads; all go on after %.0f ms)", held.processes, held.threads,
		(double)took / 1e6);
}

static int shell_f(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int shell_f(const char *format, ...)
{
	char line[900];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	return system(line);
}

static int move_tree(pid_t server, const char *cgroup)
{
	return shell_f("for p in %ld $(pgrep -P %ld); do echo $p >%s/cgroup.procs || exit 1; done", (long)server, (long)server, cgroup);
}

/* A version 2 of its own: the host's may be of version 1, and freezing needs no controller. */
void held_by_cgroup(struct xkit *kit, pid_t server, const char *dir)
{
	const struct xkit_args args = kit->args;
	struct xkit_call *c = xkit_call_new(kit, "hold");
	char root[200], path[300], setting[320];
	const char *set[16];
	int code, frozen, lasted, thawed;

	snprintf(root, sizeof root, "%.150s/cgroup", dir);
	snprintf(path, sizeof path, "%s/libshare-test-%ld", root, (long)getpid());
	if (mkdir(root, 0755) < 0 || mount("none", root, "cgroup2", 0, NULL) < 0)
		xkit_skip(kit, "no cgroup v2");
	if (mkdir(path, 0755) < 0 || move_tree(server, path)) {
		umount(root);
		xkit_skip(kit, "no cgroup v2 that can be written");
	}
	snprintf(setting, sizeof setting, "cgroup=%s", path);
	memcpy(set, args.set, args.n_set * sizeof *set);
	set[args.n_set] = setting;
	xkit_close(kit);
	kit->args.set = set;
	kit->args.n_set++;
	xkit_open(kit);
	code = held_begin(c, 8000);
	frozen = shell_f("grep -q 'frozen 1' %s/cgroup.events", path) == 0;
	lasted = held_end(c);
	thawed = shell_f("grep -q 'frozen 0' %s/cgroup.events", path) == 0;
	xkit_must(kit, XKIT_PROBE, NULL, 0);
	xkit_close(kit);
	kit->args = args;
	move_tree(server, root);
	rmdir(path);
	umount(root);
	if (code || !frozen || lasted || !thawed)
		xkit_fail(kit, "hold: %s; frozen %d, release %d, thawed %d", code ? c->words : "held", frozen, lasted, thawed);
	xkit_call_free(c);
}

/* backends/common/proc.c - processes: when they began, who is below them, whether each thread is stopped */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "server.h"

struct stat_line {
	char state;
	int reserved0;
	pid_t parent;
	uint64_t began;
};

/* The name in parentheses may hold anything: what counts comes behind the last one. */
static int read_stat(const char *path, struct stat_line *ret)
{
	char text[1024], *s;
	unsigned long long began = 0;
	long parent = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	s = strrchr(text, ')');
	if (!s || sscanf(s, ") %c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ret->state,
		&parent, &began) != 3)
		return -1;
	ret->parent = (pid_t)parent;
	ret->began = began;
	return 0;
}

static int read_pid(pid_t pid, struct stat_line *ret)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	return read_stat(path, ret);
}

int plug_proc_began(pid_t pid, uint64_t *ret)
{
	struct stat_line line;

	if (read_pid(pid, &line) < 0 || line.state == 'Z' || line.state == 'X')
		return 0;
	*ret = line.began;
	return 1;
}

int plug_proc_alive(const struct plug_proc *p)
{
	uint64_t began;

	return p->pid > 0 && plug_proc_began(p->pid, &began) && began == p->began;
}

struct procs {
	struct plug_proc *list;
	int n, room;
};

static int add(struct procs *t, pid_t pid, uint64_t began)
{
	struct plug_proc *more;

	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		more = realloc(t->list, (size_t)t->room * sizeof *more);
		if (!more)
			return -1;
		t->list = more;
	}
	t->list[t->n++] = (struct plug_proc){ pid, 0, began };
	return 0;
}

static int is_in(const struct procs *t, pid_t pid)
{
	int i;

	for (i = 0; i < t->n; i++)
		if (t->list[i].pid == pid)
			return 1;
	return 0;
}

/* One walk over all processes: those whose parent is PARENT, or with 0 is known, become known. -1: errno. */
static int walk(struct procs *t, pid_t parent)
{
	DIR *d = opendir("/proc");
	struct stat_line line;
	struct dirent *e;
	int code = 0;
	pid_t pid;

	if (!d)
		return -1;
	while (code == 0 && (e = readdir(d)) != NULL) {
		pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)atol(e->d_name) : 0;
		if (pid <= 0 || read_pid(pid, &line) < 0 || line.state == 'Z' || is_in(t, pid))
			continue;
		if (parent ? line.parent == parent : is_in(t, line.parent))
			code = add(t, pid, line.began);
	}
	closedir(d);
	return code;
}

static int answer(struct procs *t, int code, struct plug_proc **ret)
{
	if (code < 0) {
		free(t->list);
		*ret = NULL;
		return -1;
	}
	*ret = t->list;
	return t->n;
}

int plug_proc_tree(const struct plug_proc *p, struct plug_proc **ret)
{
	struct procs t = { NULL, 0, 0 };
	int code = add(&t, p->pid, p->began), before = 0;

	while (code == 0 && t.n > before) { /* a child may have a lower number than its parent */
		before = t.n;
		code = walk(&t, 0);
	}
	return answer(&t, code, ret);
}

int plug_proc_children(pid_t pid, struct plug_proc **ret)
{
	struct procs t = { NULL, 0, 0 };

	return answer(&t, walk(&t, pid), ret);
}

int plug_proc_stopped(pid_t pid)
{
	char path[400];
	struct stat_line line;
	struct dirent *e;
	int all = 1;
	DIR *d;

	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	d = opendir(path);
	if (!d)
		return errno == ENOENT; /* one that has ended writes nothing */
	while (all && (e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof path, "/proc/%ld/task/%s/stat", (long)pid, e->d_name);
		all = read_stat(path, &line) < 0 || strchr("TtZX", line.state) != NULL;
	}
	closedir(d);
	return all;
}

uint64_t plug_proc_life(const struct plug_proc *p)
{
	char text[128];
	uint64_t h = UINT64_C(14695981039346656037);
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, 40);
	size_t at = n > 0 ? (size_t)n : 0, i;

	if (fd >= 0)
		close(fd);
	at += (size_t)snprintf(text + at, sizeof text - at, "%ld %llu", (long)p->pid, (unsigned long long)p->began);
	for (i = 0; i < at; i++)
		h = (h ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	h &= INT64_MAX;
	return h ? h : 1;
}

pid_t plug_proc_file(const char *path)
{
	char text[32];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return (pid_t)strtol(text, NULL, 10);
}

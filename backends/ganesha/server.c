/* backends/ganesha/server.c - a server of this process: shared by its backends, with one thread and one queue */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "ganesha.h"

#define CLOSE_MS 2000

/*
 * All servers of the process. Two contexts may have a backend each on one server, which takes one call at a time: so there is one
 * queue, and no other place to keep it. A server stays here while its thread lives, also when nobody has it open: a call that
 * hangs keeps the thread, and the thread the lock, so that nobody else takes over while the call can still take effect.
 */
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_changed = PTHREAD_COND_INITIALIZER;
static struct gan_server *all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Who closed a server last waits here, and joins its thread if that ends in time. Under all_lock. */
struct gan_closer {
	enum { WAITING, ENDED, NOT_YOURS } state;
};

/* A child that was forked has no threads, and must not keep the locks. */
static void forget_all(void)
{
	struct gan_server *s;

	for (s = all; s; s = s->next)
		close(s->lock_fd);
	all = NULL;
	pthread_mutex_init(&all_lock, NULL);
	pthread_cond_init(&all_changed, NULL);
}

static void set_up(void)
{
	pthread_atfork(NULL, NULL, forget_all);
}

int64_t gan_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the thread ---- */

static struct gan_job *next_job(struct gan_server *s)
{
	struct gan_job *j;

	for (j = s->first; j && j->is_done; j = j->next)
		;
	return j;
}

static void take_out(struct gan_server *s, struct gan_job *job)
{
	struct gan_job **p;

	for (p = &s->first; *p && *p != job; p = &(*p)->next)
		;
	if (*p)
		*p = job->next;
	job->next = NULL;
}

static void do_job(struct gan_server *s, struct gan_job *j)
{
	j->is_running = 1;
	j->since_ns = gan_now_ns();
	pthread_mutex_unlock(&s->lock);
	gan_work(s, j);
	pthread_mutex_lock(&s->lock);
	j->is_running = 0;
	j->is_done = 1;
	j->since_ns = gan_now_ns();
	if (j->is_abandoned) {
		take_out(s, j);
		gan_job_free(j);
	}
	pthread_cond_broadcast(&s->changed);
}

static void free_server(struct gan_server *s)
{
	struct gan_job *j;

	while ((j = s->first) != NULL) {
		s->first = j->next;
		gan_job_free(j);
	}
	gan_bus_close(&s->bus);
	if (s->exports_fd >= 0)
		close(s->exports_fd);
	if (s->mounts_fd >= 0)
		close(s->mounts_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	free(s->address);
	free(s->name);
	free(s->pidfile);
	free(s->cgroup);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* 1: nobody has it open any more, and it is gone. Locks are taken in one order everywhere: a server's, then that of all. */
static int end_server(struct gan_server *s)
{
	struct gan_server **p;
	int end;

	pthread_mutex_lock(&s->lock);
	pthread_mutex_lock(&all_lock);
	end = s->refs == 0;
	for (p = &all; end && *p; p = &(*p)->next)
		if (*p == s) {
			*p = s->next;
			break;
		}
	pthread_mutex_unlock(&s->lock);
	if (end) { /* who waits for it finds its lock free */
		if (s->closer)
			s->closer->state = ENDED;
		else
			pthread_detach(pthread_self());
		free_server(s);
		pthread_cond_broadcast(&all_changed);
	}
	pthread_mutex_unlock(&all_lock);
	return end;
}

static int is_open(struct gan_server *s)
{
	int yes;

	pthread_mutex_lock(&all_lock);
	yes = s->refs > 0;
	pthread_mutex_unlock(&all_lock);
	return yes;
}

static void *run(void *data)
{
	struct gan_server *s = data;
	struct gan_job *j;

	do {
		pthread_mutex_lock(&s->lock);
		while (is_open(s)) {
			j = next_job(s);
			if (j)
				do_job(s, j);
			else
				pthread_cond_wait(&s->changed, &s->lock);
		}
		pthread_mutex_unlock(&s->lock);
	} while (!end_server(s));
	return NULL;
}

/* ---- getting one ---- */

static int same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static char *copy(const char *s, int *bad)
{
	char *c = s ? strdup(s) : NULL;

	if (s && !c)
		*bad = 1;
	return c;
}

static int open_below(int dir_fd, const char *name)
{
	if (mkdirat(dir_fd, name, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_places(const struct shr_driver_host *host, const struct shr_call *call, struct gan_server *s)
{
	int code = plug_lock(host, call, "setting directory", s->dir, s->dir_fd, "lock", &s->lock_fd);

	if (code)
		return code;
	s->exports_fd = open_below(s->dir_fd, "exports");
	s->mounts_fd = open_below(s->dir_fd, "mounts");
	if (s->exports_fd < 0 || s->mounts_fd < 0)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s: %s", s->dir, strerror(errno));
	if (!gan_mount_allowed(s->mounts_fd))
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s: this process may not mount there: %s", s->dir,
			strerror(errno));
	return 0;
}

static int start(const struct shr_driver_host *host, const struct shr_call *call, struct gan_server *s)
{
	int bad;

	s->refs = 1;
	bad = pthread_create(&s->thread, NULL, run, s);
	if (bad)
		return shr_failf(host, call, SHR_EAGAIN, "no thread: %s", strerror(bad));
	s->next = all;
	all = s;
	return 0;
}

/* DIR_FD is taken over. Under all_lock. */
static int make(const struct shr_driver_host *host, const struct shr_call *call, const struct gan_wanted *w, int dir_fd,
	const struct stat *st, struct gan_server **ret)
{
	struct gan_server *s = calloc(1, sizeof *s);
	pthread_condattr_t attr;
	int code = 0, bad = 0;

	if (!s) {
		close(dir_fd);
		return host->fail(call, SHR_EAGAIN, "no memory");
	}
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	s->dir_fd = dir_fd;
	s->exports_fd = s->mounts_fd = s->lock_fd = -1;
	snprintf(s->dir, sizeof s->dir, "%s", w->directory);
	s->address = copy(w->bus, &bad);
	s->name = copy(w->name, &bad);
	s->pidfile = copy(w->pidfile, &bad);
	s->cgroup = copy(w->cgroup, &bad);
	s->bus.address = s->address;
	s->bus.name = s->name;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	code = bad ? host->fail(call, SHR_EAGAIN, "no memory") : open_places(host, call, s);
	if (code == 0)
		code = start(host, call, s);
	if (code)
		free_server(s);
	else
		*ret = s;
	return code;
}

static void set_closer(struct gan_server *s, struct gan_closer *closer)
{
	if (s->closer)
		s->closer->state = NOT_YOURS;
	s->closer = closer;
	pthread_cond_broadcast(&all_changed);
}

/* One of the list that is the same server, or has the same directory. */
static int find(const struct shr_driver_host *host, const struct shr_call *call, const struct gan_wanted *w, const struct stat *st,
	struct gan_server **ret)
{
	struct gan_server *s;

	for (s = all; s; s = s->next) {
		int same_dir = s->dev == st->st_dev && s->ino == st->st_ino;
		int same_server = same_text(s->address, w->bus) && same_text(s->name, w->name);

		if (same_dir && same_server && same_text(s->pidfile, w->pidfile) && same_text(s->cgroup, w->cgroup)) {
			s->refs++;
			set_closer(s, NULL); /* it goes on */
			*ret = s;
			return 0;
		}
		if (same_dir && !same_server)
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.200s is that of another backend, whose bus or name "
				"is not the same: one directory a server", w->directory);
		if (same_dir)
			return shr_failf(host, call, SHR_EBACKEND, "setting pidfile or cgroup: another backend says otherwise of the server in "
				"%.200s", w->directory);
		if (same_server)
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: another backend has the server %.100s with the "
				"directory %.200s: name the same", w->name, s->dir);
	}
	return 0;
}

int gan_server_get(const struct shr_driver_host *host, const struct shr_call *call, const struct gan_wanted *w,
	struct gan_server **ret)
{
	struct stat st;
	int fd = open(w->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	if (fd < 0 || fstat(fd, &st) < 0) {
		code = shr_failf(host, call, errno == ENOENT ? SHR_EUNREACHABLE : SHR_EBACKEND, "setting directory: %.300s: %s",
			w->directory, strerror(errno));
		if (fd >= 0)
			close(fd);
		return code;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		close(fd);
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s must belong to the user of this process, and nobody "
			"else may write there", w->directory);
	}
	*ret = NULL;
	pthread_once(&once, set_up);
	pthread_mutex_lock(&all_lock);
	code = find(host, call, w, &st, ret);
	if (code == 0 && !*ret)
		code = make(host, call, w, fd, &st, ret);
	else
		close(fd);
	pthread_mutex_unlock(&all_lock);
	return code;
}

static void drop_jobs(struct gan_server *s, const void *whose)
{
	struct gan_job **p = &s->first, *j;

	while ((j = *p) != NULL) {
		if (j->whose != whose) {
			p = &j->next;
		} else if (j->is_running) {
			j->is_abandoned = 1;
			p = &j->next;
		} else {
			*p = j->next;
			gan_job_free(j);
		}
	}
}

/* A thread that is at a call that hangs goes on without anybody. */
static void wait_for_end(struct gan_server *s, struct gan_closer *me, pthread_t thread)
{
	struct timespec until;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += CLOSE_MS / 1000;
	pthread_mutex_lock(&all_lock);
	while (me->state == WAITING && !late)
		late = pthread_cond_timedwait(&all_changed, &all_lock, &until) == ETIMEDOUT;
	if (me->state == WAITING)
		s->closer = NULL;
	pthread_mutex_unlock(&all_lock);
	if (me->state == ENDED)
		pthread_join(thread, NULL);
}

/* The thread frees it, after the call that it is at. */
void gan_server_put(struct gan_server *s, const void *whose)
{
	struct gan_closer me = { WAITING };
	pthread_t thread = s->thread;
	int last;

	pthread_mutex_lock(&s->lock);
	drop_jobs(s, whose);
	pthread_mutex_lock(&all_lock);
	last = --s->refs == 0;
	if (last)
		set_closer(s, &me);
	pthread_mutex_unlock(&all_lock);
	if (last)
		gan_hold_end(s);
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (last)
		wait_for_end(s, &me, thread);
}

void gan_server_proc(struct gan_server *s, struct gan_proc *ret)
{
	pthread_mutex_lock(&s->lock);
	*ret = s->proc;
	pthread_mutex_unlock(&s->lock);
}

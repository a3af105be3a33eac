/* backends/common/server.c - a server of this process: shared by its backends, with one thread and one queue */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "server.h"

#define CLOSE_MS 2000

/*
 * All servers of the process. Two contexts may have a backend each on one server, which takes one call at a time: so there is one
 * queue, and no other place to keep it. A server stays here while its thread lives, also when nobody has it open: a call that
 * hangs keeps the thread, and the thread the lock, so that nobody else takes over while the call can still take effect.
 */
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_changed = PTHREAD_COND_INITIALIZER;
static struct plug_server *all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Who closed a server last waits here, and joins its thread if that ends in time. Under all_lock. */
struct plug_closer {
	enum { WAITING, ENDED, NOT_YOURS } state;
};

/* A child that was forked has no threads, and must not keep the locks. */
static void forget_all(void)
{
	struct plug_server *s;

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

/* ---- the thread ---- */

static struct plug_job *next_job(struct plug_server *s)
{
	struct plug_job *j;

	for (j = s->first; j && j->is_done; j = j->next)
		;
	return j;
}

static void take_out(struct plug_server *s, struct plug_job *job)
{
	struct plug_job **p;

	for (p = &s->first; *p && *p != job; p = &(*p)->next)
		;
	if (*p)
		*p = job->next;
	job->next = NULL;
}

static void do_job(struct plug_server *s, struct plug_job *j)
{
	j->is_running = 1;
	j->since_ns = plug_now_ns();
	pthread_mutex_unlock(&s->lock);
	s->type->work(s, j);
	pthread_mutex_lock(&s->lock);
	j->is_running = 0;
	j->is_done = 1;
	j->since_ns = plug_now_ns();
	plug_job_ended(s, j);
	if (j->is_abandoned) {
		take_out(s, j);
		plug_job_free(s, j);
	}
}

void plug_server_ahead(struct plug_server *s, const struct plug_job *job)
{
	struct plug_job *next;
	int begun;

	pthread_mutex_lock(&s->lock);
	next = job->next;
	if (next && plug_hold_until_ns(s) == 0 && *next->share_id && strcmp(next->share_id, job->share_id) != 0) {
		next->is_running = 1;
		next->since_ns = plug_now_ns();
		pthread_mutex_unlock(&s->lock);
		begun = s->type->ahead(s, next);
		pthread_mutex_lock(&s->lock);
		next->is_running = begun;
		if (next->is_abandoned && !begun) {
			take_out(s, next);
			plug_job_free(s, next);
		}
	}
	pthread_mutex_unlock(&s->lock);
}

static void free_server(struct plug_server *s)
{
	struct plug_job *j;

	while ((j = s->first) != NULL) {
		s->first = j->next;
		plug_job_free(s, j);
	}
	s->type->clear(s);
	if (s->exports_fd >= 0)
		close(s->exports_fd);
	if (s->mounts_fd >= 0)
		close(s->mounts_fd);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* 1: nobody has it open any more, and it is gone. Locks are taken in one order everywhere: a server's, then that of all. */
static int end_server(struct plug_server *s)
{
	struct plug_server **p;
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

static int is_open(struct plug_server *s)
{
	int yes;

	pthread_mutex_lock(&all_lock);
	yes = s->refs > 0;
	pthread_mutex_unlock(&all_lock);
	return yes;
}

/* For a job, or while there is one that may not begin, for the moment when it may. */
static void wait_for_work(struct plug_server *s, const struct plug_job *j)
{
	int64_t until = plug_hold_until_ns(s);
	struct timespec t = { (time_t)(until / 1000000000), (long)(until % 1000000000) };

	if (j)
		pthread_cond_timedwait(&s->changed, &s->lock, &t);
	else
		pthread_cond_wait(&s->changed, &s->lock);
}

static void *run(void *data)
{
	struct plug_server *s = data;
	struct plug_job *j;

	do {
		pthread_mutex_lock(&s->lock);
		/* What was begun ahead is ended: the lock is held while any of it can take effect. */
		while (((j = next_job(s)) && j->is_running) || is_open(s)) {
			if (j && (j->is_running || plug_hold_until_ns(s) == 0))
				do_job(s, j);
			else
				wait_for_work(s, j);
		}
		pthread_mutex_unlock(&s->lock);
	} while (!end_server(s));
	return NULL;
}

/* ---- getting one ---- */

static int open_below(int dir_fd, const char *name, mode_t mode)
{
	int fd;

	if (mkdirat(dir_fd, name, mode) < 0 && errno != EEXIST)
		return -1;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fchmod(fd, mode) < 0) { /* whatever the umask says */
		close(fd);
		return -1;
	}
	return fd;
}

static int open_places(const struct shr_driver_host *host, const struct shr_call *call, struct plug_server *s)
{
	int code = plug_lock(host, call, "setting directory", s->dir, s->dir_fd, "lock", &s->lock_fd);

	if (code)
		return code;
	s->exports_fd = open_below(s->dir_fd, "exports", 0700);
	s->mounts_fd = open_below(s->dir_fd, "mounts", s->type->mounts_mode);
	if (s->exports_fd < 0 || s->mounts_fd < 0)
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s: %s", s->dir, strerror(errno));
	if (!plug_mount_allowed(s->mounts_fd))
		return shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s: this process may not mount there: %s", s->dir,
			strerror(errno));
	return 0;
}

static int start(const struct shr_driver_host *host, const struct shr_call *call, struct plug_server *s)
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
static int make(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server_type *type,
	const char *directory, const void *wanted, int dir_fd, const struct stat *st, struct plug_server **ret)
{
	struct plug_server *s = calloc(1, type->size);
	pthread_condattr_t attr;
	int code;

	if (!s) {
		close(dir_fd);
		return host->fail(call, SHR_EAGAIN, "no memory");
	}
	s->type = type;
	s->dev = st->st_dev;
	s->ino = st->st_ino;
	s->dir_fd = dir_fd;
	s->exports_fd = s->mounts_fd = s->lock_fd = -1;
	snprintf(s->dir, sizeof s->dir, "%s", directory);
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	code = type->make(host, call, s, wanted);
	if (code == 0)
		code = open_places(host, call, s);
	if (code == 0)
		code = start(host, call, s);
	if (code)
		free_server(s);
	else
		*ret = s;
	return code;
}

static void set_closer(struct plug_server *s, struct plug_closer *closer)
{
	if (s->closer)
		s->closer->state = NOT_YOURS;
	s->closer = closer;
	pthread_cond_broadcast(&all_changed);
}

/* One of the list that is the same server. */
static int find(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server_type *type,
	const void *wanted, const struct stat *st, struct plug_server **ret)
{
	struct plug_server *s;
	int is;

	for (s = all; s; s = s->next) {
		is = type->match(host, call, s, wanted, s->dev == st->st_dev && s->ino == st->st_ino);
		if (is < 0)
			return is;
		if (is) {
			s->refs++;
			set_closer(s, NULL); /* it goes on */
			*ret = s;
			return 0;
		}
	}
	return 0;
}

static int open_directory(const struct shr_driver_host *host, const struct shr_call *call, const char *directory, struct stat *st,
	int *ret)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code = 0;

	if (fd < 0 || fstat(fd, st) < 0)
		code = shr_failf(host, call, errno == ENOENT ? SHR_EUNREACHABLE : SHR_EBACKEND, "setting directory: %.300s: %s", directory,
			strerror(errno));
	else if (st->st_uid != geteuid() || (st->st_mode & 022))
		code = shr_failf(host, call, SHR_EBACKEND, "setting directory: %.300s must belong to the user of this process, and nobody "
			"else may write there", directory);
	if (code && fd >= 0)
		close(fd);
	*ret = fd;
	return code;
}

int plug_server_get(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server_type *type,
	const char *directory, const void *wanted, struct plug_server **ret)
{
	struct stat st;
	int fd, code = open_directory(host, call, directory, &st, &fd);

	*ret = NULL;
	if (code)
		return code;
	pthread_once(&once, set_up);
	pthread_mutex_lock(&all_lock);
	code = find(host, call, type, wanted, &st, ret);
	if (code == 0 && !*ret)
		code = make(host, call, type, directory, wanted, fd, &st, ret);
	else
		close(fd);
	pthread_mutex_unlock(&all_lock);
	return code;
}

static void drop_jobs(struct plug_server *s, const void *whose)
{
	struct plug_job **p = &s->first, *j;

	while ((j = *p) != NULL) {
		if (j->whose != whose) {
			p = &j->next;
		} else if (j->is_running) {
			j->is_abandoned = 1;
			p = &j->next;
		} else {
			*p = j->next;
			plug_job_free(s, j);
		}
	}
}

/* A thread that is at a call that hangs goes on without anybody. */
static void wait_for_end(struct plug_server *s, struct plug_closer *me, pthread_t thread)
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
void plug_server_put(struct plug_server *s, const void *whose)
{
	struct plug_closer me = { WAITING };
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
		plug_hold_clear(s);
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (last)
		wait_for_end(s, &me, thread);
}

void plug_server_path(const struct plug_server *s, const char *share_id, char ret[PLUG_PLACE_ROOM])
{
	snprintf(ret, PLUG_PLACE_ROOM, "%s/mounts/%.36s", s->dir, share_id);
}

int plug_server_directory(const struct shr_driver_host *host, const struct shr_call *call, const char *dir)
{
	const char *s;
	size_t n = dir ? strlen(dir) : 0;

	if (n < 2 || *dir != '/' || n > 300 || dir[n - 1] == '/')
		return host->fail(call, SHR_EBACKEND, "setting directory: an absolute path of at most 300 bytes is wanted, without a slash "
			"at its end");
	for (s = dir; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || strchr("/._+-", *s)))
			return shr_failf(host, call, SHR_EBACKEND, "setting directory: \"%.300s\": only letters, digits and "
				"the signs /._+- may be in it", dir);
	if (strstr(dir, "//") || strstr(dir, "/../") || strstr(dir, "/./"))
		return host->fail(call, SHR_EBACKEND, "setting directory: a path without \"//\", \"/./\" and \"/../\" is wanted");
	return 0;
}

/* backends/common/jobs.c - the queue: a call's job is found again by the call's names */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "server.h"

#define STALE_NS (INT64_C(60) * 1000000000) /* an answer that nobody fetched is worth nothing after it */

int64_t plug_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static char *key_of(const struct shr_call *call, int32_t kind)
{
	char *key = NULL;

	return asprintf(&key, "%d %s\n%s\n%s", (int)kind, call->op_id, call->step, call->item_id) < 0 ? NULL : key;
}

void plug_job_free(const struct plug_server *s, struct plug_job *job)
{
	if (!job)
		return;
	s->type->clear_job(job);
	free(job->key);
	free(job->source);
	free(job);
}

struct plug_job *plug_job_new(const struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind,
	const struct shr_exported *what)
{
	struct plug_job *j = calloc(1, s->type->job_size);

	if (!j)
		return NULL;
	j->kind = kind;
	j->whose = whose;
	j->key = key_of(call, kind);
	if (what) {
		snprintf(j->share_id, sizeof j->share_id, "%s", what->instance->share_id);
		snprintf(j->instance_id, sizeof j->instance_id, "%s", what->instance->id);
		j->is_readonly = (what->instance->flags & SHR_INSTANCE_READONLY) != 0;
		j->source = strdup(what->path ? what->path : "");
	}
	if (j->key && (!what || j->source))
		return j;
	plug_job_free(s, j);
	return NULL;
}

void plug_job_put(struct plug_server *s, struct plug_job *job)
{
	struct plug_job **p, *j;
	int64_t now = plug_now_ns();

	pthread_mutex_lock(&s->lock);
	job->since_ns = now;
	for (p = &s->first; (j = *p) != NULL;) {
		if (j->is_done && now - j->since_ns > STALE_NS) {
			*p = j->next;
			plug_job_free(s, j);
		} else {
			p = &j->next;
		}
	}
	*p = job;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void take_out(struct plug_server *s, struct plug_job *job)
{
	struct plug_job **p = &s->first;

	while (*p != job)
		p = &(*p)->next;
	*p = job->next;
	job->next = NULL;
}

/* What is being done cannot be taken back; it goes when it has ended. What was not begun never is. */
static void abandon(struct plug_server *s, struct plug_job *job)
{
	if (job->is_running) {
		job->is_abandoned = 1;
		return;
	}
	take_out(s, job);
	plug_job_free(s, job);
}

/* Jobs before this one are done first: the order of the calls is the order in which they take effect. */
static struct plug_job *find(struct plug_server *s, const void *whose, const char *key)
{
	struct plug_job *j;

	for (j = s->first; j; j = j->next)
		if (!j->is_abandoned && j->whose == whose && strcmp(j->key, key) == 0)
			return j;
	return NULL;
}

/* ---- waiting: of many calls that wait only the one whose job has ended wakes ---- */

struct plug_waiter {
	struct plug_waiter *next;
	const struct plug_job *job; /* to compare: it may have gone */
	pthread_cond_t ended;
};

void plug_job_ended(struct plug_server *s, const struct plug_job *job)
{
	struct plug_waiter *w;

	for (w = s->waiting; w; w = w->next)
		if (w->job == job)
			pthread_cond_signal(&w->ended);
}

/* 1: it is too late. Under the lock. */
static int wait_for(struct plug_server *s, const struct plug_job *job, const struct timespec *until)
{
	struct plug_waiter me = { .next = s->waiting, .job = job }, **p;
	pthread_condattr_t attr;
	int late;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&me.ended, &attr);
	pthread_condattr_destroy(&attr);
	s->waiting = &me;
	late = pthread_cond_timedwait(&me.ended, &s->lock, until) != 0;
	for (p = &s->waiting; *p != &me; p = &(*p)->next)
		;
	*p = me.next;
	pthread_cond_destroy(&me.ended);
	return late;
}

static struct timespec after_ms(unsigned ms)
{
	int64_t at = plug_now_ns() + ms * PLUG_MS;
	struct timespec t = { (time_t)(at / 1000000000), (long)(at % 1000000000) };

	return t;
}

int plug_job_find(struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind, uint64_t revision,
	unsigned wait_ms, struct plug_job **ret)
{
	struct timespec until = after_ms(wait_ms);
	char *key = key_of(call, kind);
	struct plug_job *j = NULL;
	int late = 0;

	*ret = NULL;
	if (!key)
		return 0;
	pthread_mutex_lock(&s->lock);
	for (;;) {
		j = find(s, whose, key);
		if (!j || j->is_done || late)
			break;
		late = wait_for(s, j, &until);
	}
	free(key);
	if (j && (j->revision != revision || (j->is_done && plug_now_ns() - j->since_ns > STALE_NS))) {
		abandon(s, j);
		j = NULL;
	}
	if (j && j->is_done) {
		take_out(s, j);
		*ret = j;
	}
	pthread_mutex_unlock(&s->lock);
	return j != NULL;
}

void plug_job_drop(struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind)
{
	char *key = key_of(call, kind);
	struct plug_job *j;

	if (!key)
		return; /* it ends by itself, and nobody fetches it */
	pthread_mutex_lock(&s->lock);
	j = find(s, whose, key);
	if (j)
		abandon(s, j);
	pthread_mutex_unlock(&s->lock);
	free(key);
}

int64_t plug_jobs_busy_ns(const struct plug_server *s)
{
	const struct plug_job *j;
	int64_t now = plug_now_ns(), busy = 0;

	for (j = s->first; j; j = j->next)
		if (j->is_running && now - j->since_ns >= busy)
			busy = now - j->since_ns + 1;
	return busy;
}

int64_t plug_server_busy_ns(struct plug_server *s)
{
	int64_t busy;

	pthread_mutex_lock(&s->lock);
	busy = plug_jobs_busy_ns(s);
	pthread_mutex_unlock(&s->lock);
	return busy;
}

/* ---- failing ---- */

int plug_job_fail(struct plug_job *job, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(job->words, sizeof job->words, format, args);
	va_end(args);
	return job->code = code;
}

int plug_job_fail_errno(struct plug_job *job, const char *where)
{
	int why = errno, code;

	switch (why) {
	case ENOENT:
	case ENOTDIR:
	case EIO:
	case ESTALE:
	case ENODEV:
	case ENXIO:
	case ENOTCONN:
	case ETIMEDOUT:
	case EHOSTDOWN:
	case ESHUTDOWN:
	case EROFS:
		code = SHR_EUNREACHABLE;
		break;
	case ENOSPC:
	case EDQUOT:
		code = SHR_ENOSPC;
		break;
	case EBUSY:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EINTR:
		code = SHR_EAGAIN;
		break;
	default:
		code = SHR_EBACKEND;
	}
	return plug_job_fail(job, code, "%.400s: %s", where, why == EPERM ? "this process may not mount: it needs CAP_SYS_ADMIN" :
		strerror(why));
}

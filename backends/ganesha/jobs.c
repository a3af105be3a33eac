/* backends/ganesha/jobs.c - the queue: a call's job is found again by the call's names */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "ganesha.h"

#define STALE_NS (INT64_C(60) * 1000000000) /* an answer that nobody fetched is worth nothing after it */

static char *key_of(const struct shr_call *call, enum gan_kind kind)
{
	char *key = NULL;

	return asprintf(&key, "%d %s\n%s\n%s", (int)kind, call->op_id, call->step, call->item_id) < 0 ? NULL : key;
}

void gan_job_free(struct gan_job *job)
{
	if (!job)
		return;
	free(job->key);
	free(job->source);
	free(job->text);
	free(job->found);
	free(job->clients);
	free(job);
}

struct gan_job *gan_job_new(const void *whose, const struct shr_call *call, enum gan_kind kind,
	const struct shr_exported *what)
{
	struct gan_job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->kind = kind;
	j->whose = whose;
	j->key = key_of(call, kind);
	if (what) {
		snprintf(j->share_id, sizeof j->share_id, "%s", what->instance->share_id);
		snprintf(j->instance_id, sizeof j->instance_id, "%s", what->instance->id);
		j->number = what->export_number;
		j->is_readonly = (what->instance->flags & SHR_INSTANCE_READONLY) != 0;
		j->source = strdup(what->path ? what->path : "");
	}
	if (j->key && (!what || j->source))
		return j;
	gan_job_free(j);
	return NULL;
}

void gan_job_put(struct gan_server *s, struct gan_job *job)
{
	struct gan_job **p, *j;
	int64_t now = gan_now_ns();

	pthread_mutex_lock(&s->lock);
	job->since_ns = now;
	for (p = &s->first; (j = *p) != NULL;) {
		if (j->is_done && now - j->since_ns > STALE_NS) {
			*p = j->next;
			gan_job_free(j);
		} else {
			p = &j->next;
		}
	}
	*p = job;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void take_out(struct gan_server *s, struct gan_job *job)
{
	struct gan_job **p = &s->first;

	while (*p != job)
		p = &(*p)->next;
	*p = job->next;
	job->next = NULL;
}

/* What is being done cannot be taken back; it goes when it has ended. What was not begun never is. */
static void abandon(struct gan_server *s, struct gan_job *job)
{
	if (job->is_running) {
		job->is_abandoned = 1;
		return;
	}
	take_out(s, job);
	gan_job_free(job);
}

/* Jobs before this one are done first: the order of the calls is the order in which they take effect. */
static struct gan_job *find(struct gan_server *s, const void *whose, const char *key)
{
	struct gan_job *j;

	for (j = s->first; j; j = j->next)
		if (!j->is_abandoned && j->whose == whose && strcmp(j->key, key) == 0)
			return j;
	return NULL;
}

static struct timespec after_ms(unsigned ms)
{
	int64_t at = gan_now_ns() + ms * GAN_MS;
	struct timespec t = { (time_t)(at / 1000000000), (long)(at % 1000000000) };

	return t;
}

int gan_job_find(struct gan_server *s, const void *whose, const struct shr_call *call, enum gan_kind kind, uint64_t revision,
	unsigned wait_ms, struct gan_job **ret)
{
	struct timespec until = after_ms(wait_ms);
	char *key = key_of(call, kind);
	struct gan_job *j = NULL;
	int late = 0;

	*ret = NULL;
	if (!key)
		return 0;
	pthread_mutex_lock(&s->lock);
	for (;;) {
		j = find(s, whose, key);
		if (!j || j->is_done || late)
			break;
		late = pthread_cond_timedwait(&s->changed, &s->lock, &until) != 0;
	}
	free(key);
	if (j && (j->revision != revision || (j->is_done && gan_now_ns() - j->since_ns > STALE_NS))) {
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

void gan_job_drop(struct gan_server *s, const void *whose, const struct shr_call *call, enum gan_kind kind)
{
	char *key = key_of(call, kind);
	struct gan_job *j;

	if (!key)
		return; /* it ends by itself, and nobody fetches it */
	pthread_mutex_lock(&s->lock);
	j = find(s, whose, key);
	if (j)
		abandon(s, j);
	pthread_mutex_unlock(&s->lock);
	free(key);
}

int64_t gan_server_busy_ns(struct gan_server *s)
{
	struct gan_job *j;
	int64_t busy = 0;

	pthread_mutex_lock(&s->lock);
	for (j = s->first; j; j = j->next)
		if (j->is_running)
			busy = gan_now_ns() - j->since_ns;
	pthread_mutex_unlock(&s->lock);
	return busy;
}

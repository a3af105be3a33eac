/* lib/engine/front.c - what the API asks of engines */
#include <string.h>

#include "engine/engine_own.h"

int shr_engine_fd(struct shr_engine *engine)
{
	return engine ? engine->fd : -1;
}

int shr_engine_timeout(struct shr_engine *engine)
{
	int64_t left, due;

	if (!engine || engine->workers)
		return -1;
	pthread_mutex_lock(&engine->lock);
	due = engine->stopped ? INT64_MAX : shr__engine_next_due(engine);
	pthread_mutex_unlock(&engine->lock);
	if (due == INT64_MAX)
		return -1;
	left = due - shr__engine_mono(engine);
	return left <= 0 ? 0 : left > INT64_C(3600000000000) ? 3600000 : (int)((left + 999999) / 1000000);
}

void shr__engine_set_home(struct shr_engine *e, void *home)
{
	e->home = home;
}

void *shr__engine_home(const struct shr_engine *e)
{
	return e->home;
}

void shr__engine_woken(struct shr_engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->poll_now = 1;
	shr__engine_wake_all(e);
	pthread_mutex_unlock(&e->lock);
}

struct shr_engine *shr__engine_next(struct shr_engine *e)
{
	return e->next;
}

void shr__engine_set_next(struct shr_engine *e, struct shr_engine *next)
{
	e->next = next;
}

struct shr_engine *shr__engines_having(struct shr_engine *first, const char *op_id)
{
	for (struct shr_engine *e = first; e; e = e->next) {
		int has;

		pthread_mutex_lock(&e->lock);
		has = !e->stopped && shr__core_project(e->core, op_id);
		pthread_mutex_unlock(&e->lock);
		if (has)
			return e;
	}
	return NULL;
}

int shr__engines_know(struct shr_engine *first, const char *op_id, char *ret, size_t room)
{
	const char *project = NULL;

	for (struct shr_engine *e = first; e && !project; e = e->next) {
		pthread_mutex_lock(&e->lock);
		project = e->stopping ? NULL : shr__core_project(e->core, op_id);
		if (project && strlen(project) < room)
			strcpy(ret, project);
		else
			project = NULL;
		pthread_mutex_unlock(&e->lock);
	}
	return project != NULL;
}

uint32_t shr__engines_claimers(struct shr_engine *first, struct shr__claimer *ret, uint32_t room)
{
	uint32_t n = 0;

	for (struct shr_engine *e = first; e && n < room; e = e->next) {
		pthread_mutex_lock(&e->lock);
		if (e->registered && !e->stopping)
			ret[n++] = (struct shr__claimer){ e->id, e->name };
		pthread_mutex_unlock(&e->lock);
	}
	return n;
}

void shr__engines_accepted(struct shr_engine *first, const char *engine_id, struct shr__work *work, int look)
{
	for (struct shr_engine *e = first; e; e = e->next) {
		pthread_mutex_lock(&e->lock);
		if (strcmp(e->id, engine_id) == 0 && !e->stopped) {
			shr__core_accepted(e->core, work, look, shr__engine_mono(e));
			shr__engine_wake_soon(e);
			pthread_mutex_unlock(&e->lock);
			return;
		}
		pthread_mutex_unlock(&e->lock);
	}
	shr__work_free(work); /* its engine is gone: another finds the row */
}

void shr__engines_cancel(struct shr_engine *first, const char *op_id)
{
	for (struct shr_engine *e = first; e; e = e->next) {
		pthread_mutex_lock(&e->lock);
		shr__core_cancel(e->core, op_id, shr__engine_mono(e));
		shr__engine_wake_one(e);
		pthread_mutex_unlock(&e->lock);
	}
}

void shr__engines_touched(struct shr_engine *first, const char *object_id)
{
	for (struct shr_engine *e = first; e; e = e->next) {
		pthread_mutex_lock(&e->lock);
		shr__core_touched(e->core, object_id, shr__engine_mono(e));
		shr__engine_wake_one(e);
		pthread_mutex_unlock(&e->lock);
	}
}

void shr__engines_wake(struct shr_engine *first)
{
	for (struct shr_engine *e = first; e; e = e->next)
		shr__engine_woken(e);
}

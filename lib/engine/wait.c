/* lib/engine/wait.c - callers that wait for an operation's end, woken one by one */
#include "engine/wait.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

/* Few wait at a time, so a list by buckets of the id's last characters is enough. */
#define BUCKETS 64

struct shr__waiters {
	pthread_mutex_t lock;
	atomic_int n;
	struct shr__waiter *first[BUCKETS];
};

static unsigned bucket(const char *key)
{
	size_t n = strlen(key);

	return n < 2 ? 0 : ((unsigned char)key[n - 1] * 7u + (unsigned char)key[n - 2]) % BUCKETS;
}

struct shr__waiters *shr__waiters_new(void)
{
	struct shr__waiters *ws = shr__alloc(sizeof *ws);

	if (ws)
		pthread_mutex_init(&ws->lock, NULL);
	return ws;
}

void shr__waiters_free(struct shr__waiters *ws)
{
	if (!ws)
		return;
	pthread_mutex_destroy(&ws->lock);
	shr__free(ws);
}

void shr__waiter_add(struct shr__waiters *ws, struct shr__waiter *w, const char *key, struct shr__arena *arena)
{
	struct shr__waiter **first = &ws->first[bucket(key)];
	pthread_condattr_t attr;

	memset(w, 0, sizeof *w);
	w->key = key;
	w->arena = arena;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->cond, &attr);
	pthread_condattr_destroy(&attr);
	pthread_mutex_lock(&ws->lock);
	w->next = *first;
	if (w->next)
		w->next->prev = w;
	*first = w;
	atomic_fetch_add(&ws->n, 1);
	pthread_mutex_unlock(&ws->lock);
}

int shr__waiter_wait(struct shr__waiters *ws, struct shr__waiter *w, int timeout_ms, int reset)
{
	struct timespec until;
	int told, rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&ws->lock);
	while (!w->told && rc == 0)
		rc = pthread_cond_timedwait(&w->cond, &ws->lock, &until);
	told = w->told ? 1 + w->has_row : 0;
	w->told = w->told && !reset;
	pthread_mutex_unlock(&ws->lock);
	return told;
}

int shr__waiter_told(struct shr__waiters *ws, struct shr__waiter *w)
{
	int told;

	pthread_mutex_lock(&ws->lock);
	told = w->told;
	pthread_mutex_unlock(&ws->lock);
	return told;
}

/* Each gets a copy of its own: it dies with the wait. */
static void give_row(struct shr__waiter *w, const struct shr__op_row *row)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n;

	if (!w->arena || w->has_row)
		return;
	n = shr__row_cells(&shr__op_def, row, UINT64_MAX, cells);
	w->has_row = shr__row_read(&shr__op_def, cells, n, w->arena, &w->row) == 0;
}

void shr__waiter_remove(struct shr__waiters *ws, struct shr__waiter *w)
{
	pthread_mutex_lock(&ws->lock);
	if (w->prev)
		w->prev->next = w->next;
	else
		ws->first[bucket(w->key)] = w->next;
	if (w->next)
		w->next->prev = w->prev;
	atomic_fetch_sub(&ws->n, 1);
	pthread_mutex_unlock(&ws->lock);
	pthread_cond_destroy(&w->cond);
}

void shr__waiters_tell(struct shr__waiters *ws, const char *key, const struct shr__op_row *row)
{
	if (!atomic_load(&ws->n))
		return;
	pthread_mutex_lock(&ws->lock);
	for (struct shr__waiter *w = ws->first[bucket(key)]; w; w = w->next)
		if (strcmp(w->key, key) == 0) {
			if (row)
				give_row(w, row);
			w->told = 1;
			pthread_cond_signal(&w->cond);
		}
	pthread_mutex_unlock(&ws->lock);
}

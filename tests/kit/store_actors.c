/* tests/kit/store_actors.c - two callers at work at the same time, step by step */
#include <time.h>

#include "store_kit.h"

int shr__kit_step_begin(struct kit_actor *a)
{
	int rc = a->store->ops->begin(a->store->st, SHR_TXN_WRITE, &a->txn.txn);

	a->txn.store = rc ? NULL : a->store;
	return rc;
}

int shr__kit_step_commit(struct kit_actor *a)
{
	int rc = shr__kit_commit(&a->txn);

	a->committed = !rc;
	return rc;
}

/* A store that refuses a step has refused the transaction: it is rolled back at once, so that the other can go on. */
static void step(struct kit_actor *a, kit_step_fn *fn)
{
	if (a->rc)
		return;
	a->rc = fn(a);
	if (a->rc)
		shr__kit_rollback(&a->txn);
}

static void *act(void *data)
{
	struct kit_actor *a = data;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		kit_step_fn *fn;

		while (a->n_done == a->n_steps && !a->quit)
			pthread_cond_wait(&a->cond, &a->lock);
		if (a->n_done == a->n_steps)
			break;
		fn = a->steps[a->n_done];
		pthread_mutex_unlock(&a->lock);
		step(a, fn);
		pthread_mutex_lock(&a->lock);
		a->n_done++;
		pthread_cond_broadcast(&a->cond);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

int shr__kit_actors_start(struct kit *k, struct kit_actor actors[2])
{
	memset(actors, 0, 2 * sizeof actors[0]);
	for (int i = 0; i < 2; i++) {
		struct kit_actor *a = &actors[i];

		a->k = k;
		a->number = i;
		a->store = shr__kit_store(k, i, &shr__kit_old);
		pthread_mutex_init(&a->lock, NULL);
		pthread_cond_init(&a->cond, NULL);
		a->started = a->store && !pthread_create(&a->thread, NULL, act, a);
	}
	if (actors[0].started && actors[1].started)
		return 0;
	shr__kit_fail(k, __FILE__, __LINE__, "two callers cannot be started");
	shr__kit_actors_end(actors);
	return -1;
}

void shr__kit_actor_do(struct kit_actor *a, kit_step_fn *fn)
{
	struct timespec until;
	int late = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 150000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&a->lock);
	a->steps[a->n_steps++] = fn;
	pthread_cond_broadcast(&a->cond);
	while (a->n_done < a->n_steps && !late)
		late = pthread_cond_timedwait(&a->cond, &a->lock, &until) != 0;
	pthread_mutex_unlock(&a->lock);
}

void shr__kit_actors_end(struct kit_actor actors[2])
{
	for (int i = 0; i < 2; i++) {
		struct kit_actor *a = &actors[i];

		pthread_mutex_lock(&a->lock);
		a->quit = 1;
		pthread_cond_broadcast(&a->cond);
		pthread_mutex_unlock(&a->lock);
	}
	for (int i = 0; i < 2; i++) {
		if (actors[i].started)
			pthread_join(actors[i].thread, NULL);
		shr__kit_rollback(&actors[i].txn);
		pthread_cond_destroy(&actors[i].cond);
		pthread_mutex_destroy(&actors[i].lock);
	}
}

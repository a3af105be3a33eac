/* lib/engine/wait.h - callers that wait for an operation's end, woken one by one */
#ifndef SHR_ENGINE_WAIT_H
#define SHR_ENGINE_WAIT_H

#include <pthread.h>

struct shr__waiters; /* of a context; any thread */

struct shr__waiter { /* on the waiting thread's stack */
	const char *key; /* an operation's or an object's id */
	pthread_cond_t cond;
	int told;
	struct shr__waiter *prev, *next;
};

struct shr__waiters *shr__waiters_new(void); /* NULL: no memory */
void shr__waiters_free(struct shr__waiters *ws);
/* Add; look at the store; wait; look again; remove. What is told between add and wait is not lost. */
void shr__waiter_add(struct shr__waiters *ws, struct shr__waiter *w, const char *key);
int shr__waiter_wait(struct shr__waiters *ws, struct shr__waiter *w, int timeout_ms); /* 1: it was told (and is reset) */
void shr__waiter_remove(struct shr__waiters *ws, struct shr__waiter *w);
void shr__waiters_tell(struct shr__waiters *ws, const char *key);

#endif

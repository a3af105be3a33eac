/* lib/engine/wait.h - callers that wait for an operation's end, woken one by one */
#ifndef SHR_ENGINE_WAIT_H
#define SHR_ENGINE_WAIT_H

#include <pthread.h>

#include "base/arena.h"
#include "model/rows.h"

struct shr__waiters; /* of a context; any thread */

struct shr__waiter { /* on the waiting thread's stack */
	const char *key; /* an operation's or an object's id */
	pthread_cond_t cond;
	int told;
	struct shr__arena *arena;  /* for `row` alone */
	struct shr__op_row row;    /* the operation as it ended */
	int has_row;
	struct shr__waiter *prev, *next;
};

struct shr__waiters *shr__waiters_new(void); /* NULL: no memory */
void shr__waiters_free(struct shr__waiters *ws);
/* Add; look at the store; wait; look again; remove. What is told between add and wait is not lost. ARENA: where the row of an
 * operation may be put; NULL: it is not wanted. */
void shr__waiter_add(struct shr__waiters *ws, struct shr__waiter *w, const char *key, struct shr__arena *arena);
/* 1: it was told, 2: and has the row; that it was told is forgotten when RESET. */
int shr__waiter_wait(struct shr__waiters *ws, struct shr__waiter *w, int timeout_ms, int reset);
void shr__waiter_remove(struct shr__waiters *ws, struct shr__waiter *w);
int shr__waiter_told(struct shr__waiters *ws, struct shr__waiter *w); /* the same without waiting; it is not reset */
/* ROW: of the operation that has ended and is KEY, or NULL. */
void shr__waiters_tell(struct shr__waiters *ws, const char *key, const struct shr__op_row *row);

#endif

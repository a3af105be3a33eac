/* lib/api/wait.h - waiting for something to change */
#ifndef SHR_API_WAIT_H
#define SHR_API_WAIT_H

#include "api/ctx.h"

/* Wait until something was committed in this process since *SEEN (0: returns at once), or another process has committed, at
 * most TIMEOUT_MS; drives the engines of this context that have no workers. *SEEN is then what has been seen: read after the
 * call, and nothing is missed. 0: look again; SHR_RUNNING: the time is over; negative: the store does not answer. */
int shr__ctx_wait(struct shr_ctx *ctx, uint64_t *seen, int timeout_ms);

/* A deadline: TIMEOUT_MS from now, -1: never. What is left of it in milliseconds, rounded up. */
int64_t shr__deadline(struct shr_ctx *ctx, int timeout_ms);
int shr__deadline_left(struct shr_ctx *ctx, int64_t deadline_ns);

/* Call LOOK until it answers other than SHR_RUNNING, or TIMEOUT_MS went by; then SHR_RUNNING. */
int shr__wait_for(struct shr_ctx *ctx, int timeout_ms, int (*look)(void *data, const struct shr_error **reterr), void *data,
	const struct shr_error **reterr);

#endif

/* libshare/engine.h - what executes operations: with worker threads, or inside the host's own loop */
#ifndef LIBSHARE_ENGINE_H
#define LIBSHARE_ENGINE_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shr_engine; /* any thread, except that shr_engine_process() is one thread at a time */

struct shr_engine_params {
	uint32_t size;
	uint32_t workers; /* 0: driver calls run, and may block, inside shr_engine_process() */
	const char *name; /* unique on the store, 1 to 63 of [A-Za-z0-9._-]; NULL: made up */
	const char *const *backends; /* NULL: all of the configuration */
	uint32_t n_backends;
	uint32_t flags; /* 0 */
};
#define SHR_ENGINE_PARAMS_INIT { sizeof(struct shr_engine_params), 0, NULL, NULL, 0, 0 }

/* Load the drivers, take the backends that are free, and go on with what was unfinished. A backend that
 * another engine owns is tried again as long as this one runs. PARAMS may be NULL. Since 0.1. */
SHR_API SHR_CHECK int shr_engine_open(struct shr_ctx *ctx, const struct shr_engine_params *params,
	struct shr_engine **ret_engine, const struct shr_error **reterr);

/* One descriptor for its whole life: wait until it is readable. Do not read from or close it. Since 0.1. */
SHR_API int shr_engine_fd(struct shr_engine *engine);

/* Milliseconds from now until shr_engine_process() has something to do by itself; -1: nothing. Since 0.1. */
SHR_API int shr_engine_timeout(struct shr_engine *engine);

/* Do at most MAX_STEPS steps (0: all that are ready). SHR_RUNNING: there are more. A negative code tells
 * of the store and is not final: go on calling. Without workers this may block as long as a driver's
 * call and a sync of the store do. With workers it only collects. Since 0.1. */
SHR_API SHR_CHECK int shr_engine_process(struct shr_engine *engine, uint32_t max_steps,
	const struct shr_error **reterr);

/* Take no new work, let running calls end, hand the backends over. SHR_RUNNING: TIMEOUT_MS (-1: no
 * limit) went by; call again, or close. Since 0.1. */
SHR_API SHR_CHECK int shr_engine_stop(struct shr_engine *engine, int timeout_ms, const struct shr_error **reterr);

/* Stop, wait for driver calls that run (they cannot be killed), free; NULL is fine. Since 0.1. */
SHR_API void shr_engine_close(struct shr_engine *engine);

/* A token came from shr_host.wake in another process: look now. Since 0.1. */
SHR_API void shr_engine_wake(struct shr_engine *engine, const char *token);

#ifdef __cplusplus
}
#endif
#endif

/* lib/api/wait.h - waiting for something to change */
#ifndef SHR_API_WAIT_H
#define SHR_API_WAIT_H

#include "api/ctx.h"

/* Call LOOK until it answers other than SHR_RUNNING, or TIMEOUT_MS (-1: never) went by; then SHR_RUNNING. It is called when
 * something was done about KEY, an operation's or an object's id, and now and then for what other processes did. */
int shr__wait_for(struct shr_ctx *ctx, const char *key, int timeout_ms, int (*look)(void *data, const struct shr_error **reterr),
	void *data, const struct shr_error **reterr);

#endif

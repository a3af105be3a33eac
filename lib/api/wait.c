/* lib/api/wait.c - look, wait for a change, look again */
#include "api/wait.h"

#include "base/fail.h"
#include "engine/engine.h"

#define MOST_MS 60000 /* of one sleep */

static int64_t deadline_of(struct shr_ctx *ctx, int timeout_ms)
{
	return timeout_ms < 0 ? INT64_MAX : shr__world_mono(&ctx->env.world) + timeout_ms * INT64_C(1000000);
}

/* Milliseconds of this sleep: what is left, but not longer than other processes' work may go unseen. 0: the time is over. */
static int sleep_ms(struct shr_ctx *ctx, int64_t deadline_ns)
{
	int64_t most = ctx->env.config->poll_ms, left;

	if (most > MOST_MS)
		most = MOST_MS;
	if (deadline_ns == INT64_MAX)
		return (int)most;
	left = deadline_ns - shr__world_mono(&ctx->env.world);
	if (left <= 0)
		return 0;
	left = (left + 999999) / 1000000;
	return (int)(left < most ? left : most);
}

/* An engine without workers goes on only when somebody drives it: 1: this thread did, for up to MS. */
static int drive(struct shr_ctx *ctx, int ms)
{
	struct shr_engine *e;

	pthread_mutex_lock(&ctx->lock);
	for (e = ctx->engine; e && shr__engine_workers(e); e = shr__engine_next(e))
		;
	pthread_mutex_unlock(&ctx->lock);
	if (e)
		shr__engine_drive(e, ms);
	return e != NULL;
}

int shr__wait_for(struct shr_ctx *ctx, const char *key, int timeout_ms, int (*look)(void *data, const struct shr_error **reterr),
	void *data, const struct shr_error **reterr)
{
	int64_t deadline = deadline_of(ctx, timeout_ms);
	struct shr__waiter waiter;
	int rc, ms;

	shr__waiter_add(ctx->waiters, &waiter, key);
	while ((rc = look(data, reterr)) == SHR_RUNNING) {
		ms = sleep_ms(ctx, deadline);
		if (ms == 0)
			break;
		if (!drive(ctx, ms))
			shr__waiter_wait(ctx->waiters, &waiter, ms);
	}
	shr__waiter_remove(ctx->waiters, &waiter);
	return rc;
}

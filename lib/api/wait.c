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

#define MOST_DRIVEN 16

/* Engines without workers go on only when somebody drives them: 1: this thread did, for about MS. They are held meanwhile, for
 * another thread may close them. */
static int drive(struct shr_ctx *ctx, int ms)
{
	struct shr_engine *driven[MOST_DRIVEN];
	int n = 0;

	pthread_mutex_lock(&ctx->lock);
	for (struct shr_engine *e = ctx->engine; e && n < MOST_DRIVEN; e = shr__engine_next(e)) {
		if (shr__engine_workers(e))
			continue;
		shr__engine_hold(e);
		driven[n++] = e;
	}
	pthread_mutex_unlock(&ctx->lock);
	for (int i = 0; i < n; i++) {
		/* Several take turns, each a short one. */
		shr__engine_drive(driven[i], n == 1 || ms <= 5 ? ms : 5);
		shr__engine_let_go(driven[i]);
	}
	return n > 0;
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

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

/* The steps of the operation that is waited for, where this process has it: with workers only when there is no time limit, for a
 * driver may be slow. 1: any were made. */
static int help(struct shr_ctx *ctx, const struct shr__wait *w)
{
	struct shr_engine *e = NULL;
	int did;

	if (!w->op_id)
		return 0;
	pthread_mutex_lock(&ctx->lock);
	e = shr__engines_having(ctx->engine, w->op_id);
	if (e)
		shr__engine_hold(e);
	pthread_mutex_unlock(&ctx->lock);
	if (!e)
		return 0;
	did = w->timeout_ms < 0 || !shr__engine_workers(e) ? shr__engine_help(e, w->op_id) : 0;
	shr__engine_let_go(e);
	return did;
}

/* Engines without workers go on only when somebody drives them: 1: this thread did, or waited for about MS while another does. They
 * are held meanwhile, for another thread may close them. */
static int drive(struct shr_ctx *ctx, struct shr__waiter *waiter, int ms)
{
	struct shr_engine *driven[MOST_DRIVEN];
	int n = 0, did = 0;

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
		did |= shr__engine_drive(driven[i], n == 1 || ms <= 5 ? ms : 5);
		shr__engine_let_go(driven[i]);
	}
	if (n && !did) /* another thread drives, and may stop at any time */
		shr__waiter_wait(ctx->waiters, waiter, ms < 5 ? ms : 5, 0);
	return n > 0;
}

/* Until it was told, or MS went by: as shr__waiter_wait(). */
static int rest(struct shr_ctx *ctx, const struct shr__wait *w, struct shr__waiter *waiter, int ms)
{
	int64_t until = shr__world_mono(&ctx->env.world) + ms * INT64_C(1000000);
	int64_t left = ms;

	while (left > 0 && !shr__waiter_told(ctx->waiters, waiter) && (help(ctx, w) || drive(ctx, waiter, (int)left)))
		left = (until - shr__world_mono(&ctx->env.world) + 999999) / 1000000;
	return shr__waiter_wait(ctx->waiters, waiter, left > 0 ? (int)left : 0, 1);
}

int shr__wait_for(struct shr_ctx *ctx, const struct shr__wait *w, const struct shr_error **reterr)
{
	int64_t deadline = deadline_of(ctx, w->timeout_ms);
	struct shr__arena *arena = w->op_id ? shr__arena_new() : NULL; /* without it the row is read */
	struct shr__waiter waiter;
	int rc, ms, told;

	shr__waiter_add(ctx->waiters, &waiter, w->key, arena);
	rc = w->known && w->timeout_ms ? SHR_RUNNING : w->look(w->data, NULL, reterr);
	while (rc == SHR_RUNNING && (ms = sleep_ms(ctx, deadline)) > 0) {
		told = rest(ctx, w, &waiter, ms);
		rc = w->look(w->data, told == 2 ? &waiter.row : NULL, reterr);
	}
	shr__waiter_remove(ctx->waiters, &waiter);
	shr__arena_free(arena);
	return rc;
}

/* lib/api/engine.c - engines of a context */
#include "engine/engine.h"

#include "api/ctx.h"
#include "base/fail.h"
#include "sched/sched.h"

/* Any thread, under no lock: the pools were written. */
static void stale(void *data)
{
	struct shr_ctx *ctx = data;

	shr__sched_stale(ctx->sched);
}

int shr_engine_open(struct shr_ctx *ctx, const struct shr_engine_params *params, struct shr_engine **ret_engine,
	const struct shr_error **reterr)
{
	struct shr__engine_env ee;
	const struct shr_error *error = NULL;
	struct shr_engine *e;
	int rc = shr__ctx_enter(ctx, reterr);

	if (rc)
		return rc;
	if (!ret_engine)
		return shr__fail_field(reterr, SHR_EINVAL, "ret_engine", "give the address of a pointer", "it is NULL");
	ee = (struct shr__engine_env){ .env = &ctx->env, .waiters = ctx->waiters, .stale = stale, .data = ctx };
	rc = shr__engine_open(&ee, params, &e, &error);
	if (rc) {
		if (reterr)
			*reterr = error;
		else
			shr_error_unref(error);
		return rc;
	}
	shr__engine_set_home(e, ctx);
	pthread_mutex_lock(&ctx->lock);
	shr__engine_set_next(e, ctx->engine);
	ctx->engine = e;
	pthread_mutex_unlock(&ctx->lock);
	*ret_engine = e;
	return 0;
}

static int enter(struct shr_engine *engine, const struct shr_error **reterr)
{
	if (reterr)
		*reterr = NULL;
	if (!engine)
		return shr__fail_field(reterr, SHR_EINVAL, "engine", "open one with shr_engine_open()", "it is NULL");
	return shr__ctx_enter(shr__engine_home(engine), reterr);
}

int shr_engine_process(struct shr_engine *engine, uint32_t max_steps, const struct shr_error **reterr)
{
	const struct shr_error *error = NULL;
	int rc;

	rc = enter(engine, reterr);
	if (rc)
		return rc;
	rc = shr__engine_process(engine, max_steps, &error);
	if (reterr)
		*reterr = error;
	else
		shr_error_unref(error);
	return rc;
}

int shr_engine_stop(struct shr_engine *engine, int timeout_ms, const struct shr_error **reterr)
{
	int rc = enter(engine, reterr);

	if (rc)
		return rc;
	return shr__engine_stop(engine, timeout_ms, reterr);
}

static void take_out(struct shr_ctx *ctx, struct shr_engine *e)
{
	struct shr_engine *prev;

	pthread_mutex_lock(&ctx->lock);
	if (ctx->engine == e) {
		ctx->engine = shr__engine_next(e);
	} else {
		for (prev = ctx->engine; prev && shr__engine_next(prev) != e;)
			prev = shr__engine_next(prev);
		if (prev)
			shr__engine_set_next(prev, shr__engine_next(e));
	}
	pthread_mutex_unlock(&ctx->lock);
}

void shr_engine_close(struct shr_engine *engine)
{
	const struct shr_error *error = NULL;

	/* In a forked child its threads are not there, and all it has is its parent's: it is left alone. */
	if (!engine || shr__ctx_enter(shr__engine_home(engine), NULL))
		return;
	/* First quiet, then out of the list, then freed: calls of the context that are under way may still hand it work. */
	if (shr__engine_stop(engine, -1, &error))
		shr_error_unref(error);
	take_out(shr__engine_home(engine), engine);
	shr__engine_close(engine);
}

void shr_engine_wake(struct shr_engine *engine, const char *token)
{
	if (engine)
		shr__engine_woken(engine);
}

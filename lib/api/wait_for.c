/* lib/api/wait_for.c - look, wait for a change, look again */
#include "api/wait.h"

#include "base/fail.h"

int64_t shr__deadline(struct shr_ctx *ctx, int timeout_ms)
{
	if (timeout_ms < 0)
		return INT64_MAX;
	return shr__world_mono(&ctx->env.world) + timeout_ms * INT64_C(1000000);
}

int shr__deadline_left(struct shr_ctx *ctx, int64_t deadline_ns)
{
	int64_t left;

	if (deadline_ns == INT64_MAX)
		return -1;
	left = deadline_ns - shr__world_mono(&ctx->env.world);
	if (left <= 0)
		return 0;
	left = (left + 999999) / 1000000;
	return left < INT32_MAX ? (int)left : INT32_MAX;
}

int shr__wait_for(struct shr_ctx *ctx, int timeout_ms, int (*look)(void *data, const struct shr_error **reterr), void *data,
	const struct shr_error **reterr)
{
	int64_t deadline = shr__deadline(ctx, timeout_ms);
	uint64_t seen = 0;
	int rc, left;

	for (;;) {
		rc = look(data, reterr);
		if (rc != SHR_RUNNING)
			return rc;
		left = shr__deadline_left(ctx, deadline);
		if (left == 0)
			return SHR_RUNNING;
		rc = shr__ctx_wait(ctx, &seen, left);
		if (rc < 0)
			return shr__fail_do(reterr, rc, "make the same call again", "waiting for a change: the store does not answer");
	}
}

/* lib/flow/core_backend.c - backends come and go, answer or do not; and what keeps all calls back */
#include <stdio.h>

#include "flow/core_own.h"

int shr__core_backend(struct shr__core *c, const char *name, struct shr__backend *b, int64_t fence)
{
	struct shr__be *be = shr__core_be(c, name, 1);
	struct shr__run *r, *more;

	if (!be)
		return SHR_ENOMEM;
	be->b = b;
	be->fence = fence;
	be->suspect = be->fenced = 0;
	be->down = 0;
	HASH_ITER(hh, c->runs, r, more) {
		if (r->source == be) /* it goes on when that is there again */
			atomic_store(&r->work->hurry, 1);
		/* What came while it was not ours is of the time before: others may have made it since. The poll finds what is left. */
		if (r->be != be || (b && (!r->work || r->work->op.fence == fence)))
			continue;
		if (r->work)
			atomic_store(&r->work->cancel, SHR__CANCEL_LOST);
		if (shr__run_under_way(r))
			r->drop = 1;
		else
			shr__run_free(c, r);
	}
	shr__list_wake(c, &be->waiting); /* also of those that only copy from it: without it they look again */
	return 0;
}

void shr__core_backend_down(struct shr__core *c, const char *name, int down, int64_t now_ns)
{
	struct shr__be *be = shr__core_be(c, name, 0);

	c->now = now_ns;
	if (!be)
		return;
	be->down = down;
	be->suspect = 0;
	if (!down)
		shr__list_wake(c, &be->waiting);
}

int shr__core_backend_suspect(struct shr__core *c, const char *name)
{
	struct shr__be *be = shr__core_be(c, name, 0);
	int suspect = be ? be->suspect : 0;

	if (be)
		be->suspect = 0;
	return suspect;
}

int shr__core_backend_fenced(struct shr__core *c, const char *name)
{
	const struct shr__be *be = shr__core_be(c, name, 0);

	return be && be->fenced;
}

unsigned shr__core_backend_busy(struct shr__core *c, const char *name)
{
	struct shr__be *be = shr__core_be(c, name, 0);

	return be ? be->calling : 0;
}

void shr__core_call_until(struct shr__core *c, int64_t mono_ns)
{
	int later = mono_ns > c->call_until;

	c->call_until = mono_ns;
	if (later)
		shr__list_wake(c, &c->leased);
}

void shr__core_rename(struct shr__core *c, const char *engine_id)
{
	snprintf(c->engine_id, sizeof c->engine_id, "%s", engine_id);
}

void shr__core_pause(struct shr__core *c, int paused)
{
	struct shr__run *r, *more;

	c->paused = paused;
	if (!paused)
		shr__list_wake(c, &c->held);
	HASH_ITER(hh, c->runs, r, more)
		if (paused && r->state == RUN_CALLING)
			atomic_store(&r->work->hurry, 1);
}

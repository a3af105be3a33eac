/* lib/flow/handover.c - from an accepted call to the engine of this process, without reading anything again */
#include "flow/accept.h"

struct shr__work *shr__accept_work(const struct shr__accept *a)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__work *w = arena ? shr__work_in(arena, a->env, a->flow) : NULL;

	if (!w || shr__row_copy(&shr__op_def, &a->op, &w->op, arena) < 0 ||
		shr__row_copy(&shr__share_def, &a->share, &w->share, arena) < 0 ||
		shr__row_copy(&shr__instance_def, &a->instance, &w->instance, arena) < 0 ||
		shr__others_copy(&a->others, &w->others, arena) < 0 || (a->flow->load && a->flow->load(w) < 0)) {
		shr__arena_free(arena);
		return NULL;
	}
	return w;
}

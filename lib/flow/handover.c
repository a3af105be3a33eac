/* lib/flow/handover.c - from an accepted call to the engine of this process, without reading anything again */
#include <string.h>

#include "flow/accept.h"

/* A row's texts into ARENA. */
static int copy_row(const struct shr__rowdef *def, const void *from, void *to, struct shr__arena *arena)
{
	memcpy(to, from, def->size);
	for (uint32_t i = 0; i < def->n_fields; i++) {
		char *at = (char *)to + def->fields[i].offset;

		if (def->fields[i].type == SHR_CELL_TEXT) {
			const char **text = (const char **)(void *)at;

			if (!(*text = shr__arena_strdup(arena, *text)))
				return SHR_ENOMEM;
		} else if (def->fields[i].type == SHR_CELL_BLOB) {
			struct shr__blob *blob = (struct shr__blob *)(void *)at;

			if (!(blob->p = shr__arena_memdup(arena, blob->p ? blob->p : "", blob->n)))
				return SHR_ENOMEM;
		}
	}
	return 0;
}

struct shr__work *shr__accept_work(const struct shr__accept *a)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__work *w = arena ? shr__work_in(arena, a->env, a->flow) : NULL;

	if (!w || copy_row(&shr__op_def, &a->op, &w->op, arena) < 0 || copy_row(&shr__share_def, &a->share, &w->share, arena) < 0 ||
		copy_row(&shr__instance_def, &a->instance, &w->instance, arena) < 0 || (a->flow->load && a->flow->load(w) < 0)) {
		shr__arena_free(arena);
		return NULL;
	}
	return w;
}

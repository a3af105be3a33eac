/* lib/flow/work_copy.c - a work's memory: rows of its own, and a smaller arena when it has gone on for long */
#include <string.h>

#include "flow/work.h"

int shr__row_copy(const struct shr__rowdef *def, const void *from, void *to, struct shr__arena *arena)
{
	memcpy(to, from, def->size);
	for (uint32_t i = 0; i < def->n_fields; i++) {
		char *at = (char *)to + def->fields[i].offset;

		if (def->fields[i].type == SHR_CELL_TEXT) {
			const char **text = (const char **)(void *)at;

			if (!(*text = shr__arena_strdup(arena, *text ? *text : "")))
				return SHR_ENOMEM;
		} else if (def->fields[i].type == SHR_CELL_BLOB) {
			struct shr__blob *blob = (struct shr__blob *)(void *)at;

			if (!(blob->p = shr__arena_memdup(arena, blob->p ? blob->p : "", blob->n)))
				return SHR_ENOMEM;
		}
	}
	return 0;
}

static int copy_exports(struct shr__work *w)
{
	const struct shr_export **exports = shr__arena_alloc(w->arena, (w->n_exports + 1) * sizeof *exports);

	for (uint32_t i = 0; exports && i < w->n_exports; i++) {
		struct shr_export *e = shr__arena_memdup(w->arena, w->exports[i], sizeof *e);

		if (!e || !(e->path = shr__arena_strdup(w->arena, e->path)) ||
			!(e->instance_id = shr__arena_strdup(w->arena, e->instance_id)))
			return SHR_ENOMEM;
		exports[i] = e;
	}
	w->exports = exports;
	return exports ? 0 : SHR_ENOMEM;
}

static int copy_bytes(struct shr__arena *arena, const void **p, uint64_t n)
{
	if (*p && !(*p = shr__arena_memdup(arena, *p, (size_t)n)))
		return SHR_ENOMEM;
	return 0;
}

static int copy_told(struct shr__work *w)
{
	if ((w->ref && !(w->ref = shr__arena_strdup(w->arena, w->ref))) ||
		(w->path && !(w->path = shr__arena_strdup(w->arena, w->path))) ||
		copy_bytes(w->arena, &w->token, w->token_len) < 0 || copy_bytes(w->arena, &w->kept, w->kept_len) < 0)
		return SHR_ENOMEM;
	return w->exports ? copy_exports(w) : 0;
}

struct shr__work *shr__work_moved(const struct shr__work *from)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__work *w = arena ? shr__arena_memdup(arena, from, sizeof *from) : NULL;

	if (w) {
		w->arena = arena;
		w->sync = NULL;
		w->drift = NULL;
	}
	if (!w || shr__row_copy(&shr__op_def, &from->op, &w->op, arena) < 0 ||
		shr__row_copy(&shr__share_def, &from->share, &w->share, arena) < 0 ||
		shr__row_copy(&shr__instance_def, &from->instance, &w->instance, arena) < 0 ||
		shr__others_copy(&from->others, &w->others, arena) < 0 || copy_told(w) < 0) {
		shr__arena_free(arena);
		return NULL;
	}
	return w;
}

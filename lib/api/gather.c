/* lib/api/gather.c - every row of a prefix, for what belongs to one object */
#include "api/list.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"

#define CHUNK 1000u

struct gathering {
	const struct shr__rowdef *def;
	struct shr__arena *arena;
	char *rows;
	uint32_t n, room;
};

static int add(struct shr__txn *t, const void *row, void *data)
{
	struct gathering *g = data;

	if (g->n == g->room) {
		uint32_t room = g->room ? 2 * g->room : 4;
		char *rows = shr__arena_alloc(g->arena, room * g->def->size);

		if (!rows)
			return SHR_ENOMEM;
		if (g->n)
			memcpy(rows, g->rows, g->n * g->def->size);
		g->rows = rows;
		g->room = room;
	}
	memcpy(g->rows + g->n++ * g->def->size, row, g->def->size);
	return 0;
}

static const void *last(const struct gathering *g)
{
	return g->rows + (g->n - 1) * g->def->size;
}

int shr__gather(struct shr__txn *t, const struct shr__rowdef *def, uint32_t index, const void *from, uint32_t n_prefix,
	uint32_t most, struct shr__gathered *ret, const struct shr_error **reterr)
{
	struct gathering g = { def, shr__txn_arena(t), NULL, 0, 0 };
	uint32_t n_all = def->table->indexes[index]->n_columns + def->table->indexes[0]->n_columns;
	int got;

	do {
		got = shr__txn_scan(t, def, index, g.n ? last(&g) : from, g.n ? n_all : n_prefix, n_prefix, 0, CHUNK, add, &g);
		if (got < 0)
			return got;
		if (g.n > most)
			return shr__fail_do(reterr, SHR_ECORRUPT, "run shr_ctx_check(), and restore the store from a backup",
				"the store is damaged: one object has over %" PRIu32 " rows in table %s", most, def->table->name);
	} while (got == CHUNK);
	ret->rows = g.rows;
	ret->n = g.n;
	return 0;
}

int shr__pairs_copy(struct shr__arena *arena, const struct shr__gathered *metadata, const struct shr_pair *const **ret,
	uint32_t *ret_n)
{
	const struct shr__metadata_row *rows = metadata->rows;
	const struct shr_pair **list = shr__arena_alloc(arena, (metadata->n + 1) * sizeof *list);
	struct shr_pair *pairs = shr__arena_alloc(arena, (metadata->n + 1) * sizeof *pairs);

	if (!list || !pairs)
		return -1;
	for (uint32_t i = 0; i < metadata->n; i++) {
		pairs[i].size = sizeof pairs[i];
		pairs[i].key = shr__arena_strdup(arena, rows[i].key);
		pairs[i].value = shr__arena_strdup(arena, rows[i].value);
		if (!pairs[i].key || !pairs[i].value)
			return -1;
		list[i] = &pairs[i];
	}
	*ret = list;
	*ret_n = metadata->n;
	return 0;
}

/* lib/model/check.c - rows come from a store that anything may have written to */
#include "model/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/fail.h"

/* The key as people read it: "0190f3...-... 7". */
static void key_text(const struct shr__rowdef *def, const void *row, char *buf, size_t room)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n = shr__row_index_cells(def, 0, row, def->table->indexes[0]->n_columns, cells);
	size_t at = 0;

	buf[0] = 0;
	for (uint32_t i = 0; i < n && at < room; i++) {
		const char *space = i ? " " : "";

		if (cells[i].type == SHR_CELL_INT)
			at += (size_t)snprintf(buf + at, room - at, "%s%" PRId64, space, cells[i].i);
		else
			at += (size_t)snprintf(buf + at, room - at, "%s%.*s", space, (int)(cells[i].len < 300 ? cells[i].len : 300),
				(const char *)cells[i].p);
	}
}

static int damaged(const struct shr__rowdef *def, const void *row, uint32_t i, int64_t value, const struct shr_error **reterr)
{
	char key[700];

	key_text(def, row, key, sizeof key);
	return shr__fail_do(reterr, SHR_ECORRUPT, "run shr_ctx_check(), and restore the store from a backup",
		"the store is damaged: %s %s has %s %" PRId64, def->table->name, key, def->table->columns[i]->name, value);
}

int shr__row_check(const struct shr__rowdef *def, const void *row, uint64_t signed_ok, uint64_t narrow,
	const struct shr_error **reterr)
{
	for (uint32_t i = 0; i < def->n_fields; i++) {
		uint64_t bit = UINT64_C(1) << i;
		int64_t value;

		if (def->fields[i].type != SHR_CELL_INT)
			continue;
		value = *(const int64_t *)(const void *)((const char *)row + def->fields[i].offset);
		if ((value < 0 && !(signed_ok & bit)) || ((narrow & bit) && (value > UINT32_MAX || value < INT32_MIN)))
			return damaged(def, row, i, value, reterr);
	}
	return 0;
}

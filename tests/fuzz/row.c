/* tests/fuzz/row.c - stored rows of a key-value store: any bytes are a row or damage, and a row survives being written again */
#include "fuzz.h"

#include "base/arena.h"
#include "model/rows.h"
#include "store/kv_codec.h"

#define DEF(number, upper, lower, version) &shr__##lower##_def,
static const struct shr__rowdef *const defs[] = { SHR__TABLES(DEF) };

/* What was read is written anew as the same bytes, and found column by column. */
static void check_again(struct shr__kv_row row)
{
	struct shr_cell cells[SHR__KV_COLUMNS], one;
	struct shr__kv_row rest = row;
	struct shr__buf again = { 0 };
	uint32_t n = 0, last = 0;
	int rc, rising = 1;

	while (n < SHR__KV_COLUMNS && (rc = shr__kv_row_next(&rest, &cells[n])) == 1) {
		rising &= n == 0 || cells[n].column > last;
		last = cells[n++].column;
	}
	if (n == SHR__KV_COLUMNS || rc < 0 || !rising)
		return; /* damaged, or in an order that nobody writes */
	for (uint32_t i = 0; i < n; i++) {
		MUST(shr__kv_row_find(row, cells[i].column, &one) == 1);
		MUST(one.type == cells[i].type && one.i == cells[i].i && one.p == cells[i].p && one.len == cells[i].len);
	}
	MUST(shr__kv_row_merge(&again, (struct shr__kv_row){ NULL, 0 }, cells, n) == 0);
	MUST(again.n == row.n && (row.n == 0 || memcmp(again.p, row.p, row.n) == 0));
	again.n = 0;
	MUST(shr__kv_row_merge(&again, row, NULL, 0) == 0);
	MUST(again.n == row.n && (row.n == 0 || memcmp(again.p, row.p, row.n) == 0));
	shr__buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct shr__rowdef *def = defs[n ? data[0] % (sizeof defs / sizeof defs[0]) : 0];
	struct shr__kv_row row = { n ? data + 1 : data, n ? n - 1 : 0 };
	struct shr__arena *arena = shr__arena_new();
	union {
		struct shr__op_row op; /* the largest */
		char bytes[2048];
	} filled;
	struct shr_cell cells[SHR__KV_COLUMNS];
	int rc;

	MUST(arena && def->size <= sizeof filled);
	rc = shr__kv_row_cells(row, def->table, cells);
	MUST(rc == 0 || rc == SHR_ECORRUPT);
	if (!rc) {
		rc = shr__row_read(def, cells, def->table->n_columns, arena, &filled);
		MUST(rc == 0 || rc == SHR_ECORRUPT);
	}
	check_again(row);
	shr__arena_free(arena);
	return 0;
}

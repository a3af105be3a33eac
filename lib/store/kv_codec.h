/* lib/store/kv_codec.h - rows and keys as bytes, for stores that are ordered key-value stores */
#ifndef SHR_STORE_KV_CODEC_H
#define SHR_STORE_KV_CODEC_H

#include "base/buf.h"
#include "libshare/store.h"

#define SHR__KV_COLUMNS 128 /* at most, of one row */

/*
 * A key: one byte of kind, the table's and the index's numbers, then each column so that memcmp() orders as the values do: an
 * int big-endian with its sign turned; text and blobs with 00 as 00 FF and 00 00 behind them.
 */
void shr__kv_key_begin(struct shr__buf *key, uint32_t table, uint32_t index);
void shr__kv_key_cell(struct shr__buf *key, const struct shr_cell *cell);
/* Make it the first key behind all those that begin with it. */
void shr__kv_key_behind(struct shr__buf *key);

/* A row: (column, type, value) by rising column, without the NULLs. */
struct shr__kv_row {
	const unsigned char *p; /* NULL: no row */
	size_t n;
};
/* 1: *ret_cell; 0: no more; SHR_ECORRUPT. */
int shr__kv_row_next(struct shr__kv_row *row, struct shr_cell *ret_cell);
/* 1: found; 0: NULL; SHR_ECORRUPT. */
int shr__kv_row_find(struct shr__kv_row row, uint32_t column, struct shr_cell *ret_cell);
/* OLD (or nothing) with CELLS in place of its own; all other columns stay as they are. 0 or SHR_ECORRUPT. */
int shr__kv_row_merge(struct shr__buf *row, struct shr__kv_row old, const struct shr_cell *cells, uint32_t n_cells);
/* The columns of TABLE, in its order; NULL cells for those that the row lacks. 0 or SHR_ECORRUPT. */
int shr__kv_row_cells(struct shr__kv_row row, const struct shr_table *table, struct shr_cell *cells);

#endif

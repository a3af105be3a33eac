/* lib/store/txn.h - typed rows inside one transaction; what flows and lists are written in */
#ifndef SHR_STORE_TXN_H
#define SHR_STORE_TXN_H

#include "base/arena.h"
#include "model/rows.h"

struct shr__txn;

/* What a body does inside a transaction. May be run again from the start, so it changes nothing but the store, its arena and
 * what DATA points to in a way that a second run overwrites. It calls nothing of the world. 0: commit. Negative: refuse; what
 * it wrote is taken back; *reterr should be set (shr__fail), and a store's failure has its words already. */
typedef int shr__body_fn(struct shr__txn *t, void *data, const struct shr_error **reterr);

/* Strings and blobs that are read go here: the arena that the caller of the transaction gave; it outlives it. */
struct shr__arena *shr__txn_arena(struct shr__txn *t);

/*
 * All return 0 or negative: SHR_ENOTFOUND, SHR_EEXIST, SHR_ECONFLICT, SHR_EQUOTA leave the transaction usable and set no
 * error text; any other means that the transaction is lost: return it at once, unchanged.
 */

/* Fill ROW, whose key members are set. */
int shr__txn_get(struct shr__txn *t, const struct shr__rowdef *def, void *row);
/* The same, for a row that every body of a commit looks at and few change: it is read once for all of them. */
int shr__txn_peek(struct shr__txn *t, const struct shr__rowdef *def, void *row);
int shr__txn_insert(struct shr__txn *t, const struct shr__rowdef *def, const void *row);
/* 1: a row with this key was there, and nothing was written. */
int shr__txn_insert_if_absent(struct shr__txn *t, const struct shr__rowdef *def, const void *row);
/* Write the columns in SET (SHR__COL(...) | ...) of ROW. Where the table has a version, the stored one must equal ROW's, and
 * both become one more. SHR_ECONFLICT: it was another. */
int shr__txn_update(struct shr__txn *t, const struct shr__rowdef *def, void *row, uint64_t set);
/* COLUMN (a number: SHR__N_...) += DELTA within bounds; no version is touched. Key from ROW. RET_VALUE may be NULL. */
int shr__txn_add(struct shr__txn *t, const struct shr__rowdef *def, const void *row, uint32_t column, int64_t delta,
	int64_t lowest, int64_t highest, int64_t *ret_value);
/* The same two for a row that many bodies of a commit add to (quotas, pools): it is read once for all of them, and what they add
 * is written once, at the end of the commit. Bounds are judged against the sum so far, and every other call sees it. The row's
 * strings live as long as the transaction. */
int shr__txn_hot_get(struct shr__txn *t, const struct shr__rowdef *def, void *row);
int shr__txn_hot_add(struct shr__txn *t, const struct shr__rowdef *def, const void *row, uint32_t column, int64_t delta,
	int64_t lowest, int64_t highest);
/* Whatever its version. */
int shr__txn_remove(struct shr__txn *t, const struct shr__rowdef *def, const void *row);

/* ROW is reused for the next one; its strings stay (they are in the arena). 0: go on; positive: enough; negative: fail.
 * Unlike a store's own row function it may use T. */
typedef int shr__row_fn(struct shr__txn *t, const void *row, void *data);
/* Rows of INDEX (SHR__I_...) whose first N_PREFIX columns equal FROM's members, from behind FROM's first N_FROM columns (of the
 * index, then of the key), at most LIMIT (1 to 1000; the rows are gathered before FN is called). FLAGS: SHR_SCAN_BACKWARDS.
 * Returns how many rows there were (LIMIT: there may be more), or negative. */
int shr__txn_scan(struct shr__txn *t, const struct shr__rowdef *def, uint32_t index, const void *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr__row_fn *fn, void *data);

/* An event of this transaction: copied, numbered at the end of the commit (in commit order), dropped when the body is taken
 * back. `seq` is ignored. NULL strings are "". */
int shr__txn_event(struct shr__txn *t, const struct shr__event_row *event);

#endif

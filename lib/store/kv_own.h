/* lib/store/kv_own.h - the inside of the key-value adapter; for this room alone */
#ifndef SHR_STORE_KV_OWN_H
#define SHR_STORE_KV_OWN_H

#include <pthread.h>

#include "base/arena.h"
#include "store/kv_codec.h"

#define SHR__KV_KEY_COLUMNS 16 /* at most, of one index */

/* An index as the catalog tells of it: also those that only a newer library knows, for they are kept up as well. */
struct shr__kv_index {
	uint32_t table, number;
	uint32_t unique, is_key;
	uint32_t n_columns; /* its own */
	uint32_t n_all;     /* and the key's that it lacks behind them */
	uint32_t n_entry;   /* so many are in an entry's key: only its own, when it is unique */
	uint32_t columns[2 * SHR__KV_KEY_COLUMNS];
};

/* What the store says of itself, under one key. */
struct shr__kv_catalog {
	struct shr__buf bytes; /* as they are stored */
	uint32_t generation;   /* the newest that used it */
	uint32_t least;        /* the oldest that may */
	uint32_t n;
	struct shr__kv_index *indexes; /* by table and number */
};

struct shr__kv {
	struct shr_store store;     /* what the host holds */
	struct shr_store_ops named; /* its table, with the name of the host's store */
	const struct shr_kv_ops *ops;
	void *kv;
	const struct shr_schema *schema;
	pthread_mutex_t lock;
	int writing;                     /* a write transaction is open */
	struct shr__kv_catalog catalog;  /* that transaction's, else nobody's */
	struct shr__buf slot;            /* the key of its own that each of its transactions writes */
	struct shr__kv_catalog known;    /* as of prepare, and never changed again: what readers use */
	pthread_t failed;                /* the thread that the words are for */
	char words[160];
};

struct shr__kv_txn {
	void *txn;
	struct shr__kv *kv;
	int writes;
	int marked;
	struct shr__arena *undo;
	struct shr__kv_undo *last;
	struct shr__buf key, entry, other, value, was; /* scratch: no memory is asked for again and again */
};

/* Keep WORDS for this thread and return CODE. */
int shr__kv_fail(struct shr__kv *kv, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* An answer of the host's store, made one that stores may give. */
int shr__kv_judge(struct shr__kv *kv, int rc);

int shr__kv_get(struct shr__kv_txn *t, const struct shr__buf *key, const void **ret_p, uint64_t *ret_n);
/* P NULL: delete. Remembers what was there while a savepoint is set. */
int shr__kv_put(struct shr__kv_txn *t, const struct shr__buf *key, const void *p, size_t n);
void shr__kv_forget_undo(struct shr__kv_txn *t);
int shr__kv_undo(struct shr__kv_txn *t);

/* The catalog as this transaction sees it. */
int shr__kv_catalog_read(struct shr__kv_txn *t, struct shr__kv_catalog *c);
void shr__kv_catalog_clear(struct shr__kv_catalog *c);
/* Bring catalog and indexes to WANT, in T. */
int shr__kv_catalog_raise(struct shr__kv_txn *t, struct shr__kv_catalog *c, const struct shr_schema *want);

/* This handle's slot: taken, and written by every write transaction; all of them; given back. See kv_slot.c. */
int shr__kv_slot_take(struct shr__kv_txn *t);
int shr__kv_slot_write(struct shr__kv_txn *t);
int shr__kv_slot_write_all(struct shr__kv_txn *t);
void shr__kv_slot_leave(struct shr__kv *kv);

/* KEY: the entry of ROW in INDEX, with its first N columns. 1; 0: a column is NULL, so it has none; or negative. */
int shr__kv_entry_key(struct shr__kv *kv, struct shr__buf *key, const struct shr__kv_index *index, struct shr__kv_row row,
	uint32_t n);
/* Make row and entries what NOW is where they were WAS (either may be none), at T->key. SHR_EEXIST: nothing is changed. */
int shr__kv_change(struct shr__kv_txn *t, uint32_t table, struct shr__kv_row was, struct shr__kv_row now);
const struct shr_table *shr__kv_table(const struct shr_schema *schema, uint32_t number);

/* struct shr_store_ops */
int shr__kv_row_get(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn,
	void *data);
int shr__kv_row_insert(void *st, void *txn, uint32_t number, const struct shr_cell *cells, uint32_t n_cells,
	uint32_t flags);
int shr__kv_row_update(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key,
	int64_t expect, const struct shr_cell *cells, uint32_t n_cells);
int shr__kv_row_add(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value);
int shr__kv_row_remove(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, int64_t expect);
int shr__kv_scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data);
int shr__kv_check(void *st, uint32_t full, shr_finding_fn *fn, void *data);

#endif

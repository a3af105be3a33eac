/* libshare/store.h - where the records live: transactions over described rows; shr_store(3) */
#ifndef LIBSHARE_STORE_H
#define LIBSHARE_STORE_H

#include "error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_STORE_ABI UINT32_C(1)

/* A cell: one column's value. Frozen: it never grows, so arrays of it cross by value. */
#define SHR_CELL_NULL UINT32_C(0)
#define SHR_CELL_INT UINT32_C(1)
#define SHR_CELL_TEXT UINT32_C(2) /* UTF-8 of `len` bytes, no NUL inside; compared as bytes */
#define SHR_CELL_BLOB UINT32_C(3)
struct shr_cell {
	uint32_t type;
	uint32_t column; /* the column's number */
	int64_t i;       /* SHR_CELL_INT */
	const void *p;   /* SHR_CELL_TEXT, SHR_CELL_BLOB; not NUL-terminated */
	uint64_t len;
};

/* The schema is data. Numbers of tables, columns and indexes are for ever, and begin at 1. */
#define SHR_COLUMN_NULLABLE UINT32_C(1)
struct shr_column {
	uint32_t size;
	uint32_t number;
	uint32_t type; /* SHR_CELL_*, not NULL */
	uint32_t flags;
	uint32_t since; /* the generation that brought it; one later than 1 is nullable */
	uint32_t reserved0;
	const char *name;
};
#define SHR_INDEX_UNIQUE UINT32_C(1)
struct shr_index {
	uint32_t size;
	uint32_t number;
	uint32_t flags;
	uint32_t n_columns;
	uint32_t since;
	uint32_t reserved0;
	const char *name;
	const uint32_t *columns; /* their numbers, in order */
};
struct shr_table {
	uint32_t size;
	uint32_t number;
	uint32_t n_columns;
	uint32_t n_indexes;
	uint32_t version_column; /* 0: rows of this table have no version */
	uint32_t since;
	const char *name;
	const struct shr_column *const *columns;
	const struct shr_index *const *indexes; /* the first is the key: unique, its columns not nullable */
};
struct shr_schema {
	uint32_t size;
	uint32_t generation;
	uint32_t n_tables;
	uint32_t reserved0;
	const struct shr_table *const *tables;
};

/* One row: its cells in the order of the columns, unknown columns left out. Valid inside only. Must not call
 * the store. 0: go on; positive: enough; negative: stop and return this. */
typedef int shr_row_fn(const struct shr_cell *cells, uint32_t n_cells, void *data);

/* A finding of an integrity check. */
typedef void shr_finding_fn(const char *text, void *data);

#define SHR_TXN_READ UINT32_C(0)
#define SHR_TXN_WRITE UINT32_C(1)
#define SHR_INSERT_IF_ABSENT UINT32_C(1) /* a row with the same key is there: 1 and nothing else */
#define SHR_SCAN_BACKWARDS UINT32_C(1)

/* THE PROMISE; the conformance kit checks each.
 * P1 All reads of a transaction see one state, plus its own writes.
 * P2 Of two write transactions that wrote the same row, or one of which wrote a row that the other changed,
 *    from the same state, at most one commits; the other gets SHR_EAGAIN at some call, and is to be rolled back.
 * P3 Unique indexes hold: SHR_EEXIST at the insert or update, or SHR_EAGAIN at commit.
 * P4 commit returns 0 only when power may fail.
 * P5 SHR_EUNKNOWN from commit: it may or may not have been done. Any other failure: it was not done.
 * NOT promised and never relied on: phantoms. The library makes each invariant a row that both sides write.
 *
 * Return codes: 0; SHR_ENOTFOUND; SHR_EEXIST; SHR_ECONFLICT (the version was another); SHR_EQUOTA (add's
 * bounds); these leave the transaction as it was. SHR_EAGAIN, SHR_ENOMEM, SHR_ENOSPC, SHR_ESTORE, SHR_EBUSY,
 * SHR_ECORRUPT: the transaction is lost, roll it back. Row functions' own negative codes pass through.
 *
 * Threads: every member from any thread; a transaction is used by one thread at a time. At most one write
 * transaction of this library is open at a time per handle; begin of another waits or gives SHR_EAGAIN.
 * TABLE, COLUMN: their numbers. Cells come in any order. */
struct shr_store_ops {
	uint32_t abi;  /* SHR_STORE_ABI */
	uint32_t size; /* sizeof(struct shr_store_ops) */
	const char *name;
	/* Must. Bring the store to WANT (add what is missing, never remove) and keep the pointer, which lives as
	 * long as the store. *ret_generation: what the store is at, which may be more. SHR_EABI when that store
	 * may not be used by this generation. */
	int (*prepare)(void *st, const struct shr_schema *want, uint32_t *ret_generation);
	/* Must. FLAGS: SHR_TXN_*. */
	int (*begin)(void *st, uint32_t flags, void **ret_txn);
	/* Must. Frees TXN, whatever it answers. */
	int (*commit)(void *st, void *txn);
	/* Must. Frees TXN. */
	void (*rollback)(void *st, void *txn);
	/* Must. A savepoint inside a write transaction; they do not nest. `back` undoes what came since `mark`;
	 * both `keep` and `back` end it. */
	int (*mark)(void *st, void *txn);
	int (*keep)(void *st, void *txn);
	int (*back)(void *st, void *txn);
	/* Must. The row whose key columns equal KEY. */
	int (*get)(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key,
		shr_row_fn *fn, void *data);
	/* Must. Columns that are not named are NULL. FLAGS: SHR_INSERT_*. */
	int (*insert)(void *st, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells,
		uint32_t flags);
	/* Must. Sets the named columns of one row and no others (columns that this schema does not know
	 * survive). EXPECT: the version that the row must have; -1: any. Never sets key columns. */
	int (*update)(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key,
		int64_t expect, const struct shr_cell *cells, uint32_t n_cells);
	/* Must. COLUMN += DELTA, when LOWEST <= the sum <= HIGHEST, else SHR_EQUOTA. *ret_value: the sum, or on
	 * SHR_EQUOTA what it is; RET_VALUE may be NULL. An overflow is SHR_EQUOTA. */
	int (*add)(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key,
		uint32_t column, int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value);
	/* Must. */
	int (*remove)(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key,
		int64_t expect);
	/* Must. Rows in the order of INDEX (its place in the table, 0 the key; ties in the order of the key) whose
	 * first N_PREFIX columns equal FROM's, beginning after FROM (N_FROM columns of the index, then of the key;
	 * with N_FROM == N_PREFIX: at the beginning), at most LIMIT. Rows with NULL in a column of the index are
	 * not in it. */
	int (*scan)(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from,
		uint32_t n_from, uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data);
	/* Must. A number that differs when some other handle has committed. Cheap, no transaction. */
	int (*changes)(void *st, uint64_t *ret_changes);
	/* May; absent: nothing is checked. FULL: 0 or 1. */
	int (*check)(void *st, uint32_t full, shr_finding_fn *fn, void *data);
	/* Must. Words for the last failure of a call of this thread; "" when there are none. Never a secret. */
	void (*message)(void *st, char *buf, uint64_t room);
	/* Must. Frees ST, and the struct shr_store that the host was given with it; no transaction is open. */
	void (*close)(void *st);
};

/* A store: given to shr_ctx_open(), which takes it over. Frozen. */
struct shr_store {
	const struct shr_store_ops *ops;
	void *st;
};

/* An ordered key-value store, for hosts that have one: bytes in memcmp order, snapshot reads, first
 * committer wins. */
struct shr_kv_ops {
	uint32_t abi;  /* SHR_STORE_ABI */
	uint32_t size; /* sizeof(struct shr_kv_ops) */
	const char *name;
	int (*begin)(void *kv, uint32_t flags, void **ret_txn);
	int (*commit)(void *kv, void *txn); /* as in struct shr_store_ops; SHR_EAGAIN: another was first */
	void (*rollback)(void *kv, void *txn);
	/* 0, or SHR_ENOTFOUND. *ret_value is the store's, until the next call with this transaction. */
	int (*get)(void *kv, void *txn, const void *key, uint64_t key_len, const void **ret_value,
		uint64_t *ret_len);
	int (*put)(void *kv, void *txn, const void *key, uint64_t key_len, const void *value, uint64_t len);
	int (*del)(void *kv, void *txn, const void *key, uint64_t key_len); /* 0 also when it was not there */
	/* The first key after KEY (before it, when BACKWARDS), own writes included; KEY itself counts when
	 * INCLUSIVE. 0 or SHR_ENOTFOUND. Both results are the store's until the next call. */
	int (*next)(void *kv, void *txn, const void *key, uint64_t key_len, uint32_t backwards,
		uint32_t inclusive, const void **ret_key, uint64_t *ret_key_len, const void **ret_value,
		uint64_t *ret_len);
	int (*changes)(void *kv, uint64_t *ret_changes); /* as in struct shr_store_ops */
	void (*close)(void *kv);
};

/* A store from a key-value store. KV is taken over on success: shr_store_free() or the context closes it.
 * Since 0.1. */
SHR_API SHR_CHECK int shr_store_from_kv(const struct shr_kv_ops *ops, void *kv, struct shr_store **ret_store,
	const struct shr_error **reterr);

#define SHR_STORE_CREATE UINT32_C(1)
/* The built-in store: PATH is a file on a local file system, or ":memory:". Since 0.1. */
SHR_API SHR_CHECK int shr_store_sqlite(const char *path, uint32_t flags, struct shr_store **ret_store,
	const struct shr_error **reterr);

/* Close and free a store that no context took over; NULL is fine. Since 0.1. */
SHR_API void shr_store_free(struct shr_store *store);

#ifdef __cplusplus
}
#endif
#endif

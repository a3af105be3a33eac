/* lib/store/sqlite.h - the built-in store's inside; nothing else in this tree includes sqlite3.h */
#ifndef SHR_STORE_SQLITE_H
#define SHR_STORE_SQLITE_H

#include "libshare/store.h"
#include "turn.h"

#include <pthread.h>
#include <sqlite3.h>

/* The header's application id, "lshr": file(1) and this store know by it whose database it is. */
#define SHR__SQLITE_APPLICATION 0x6c736872
/* The oldest generation that may use a store which this library makes. */
#define SHR__SQLITE_MIN_GENERATION 1
#define SHR__SQLITE_READERS 16
#define SHR__SQLITE_COLUMNS 64 /* a set of columns is the bits of one number */
#define SHR__SQLITE_BUCKETS 64
#define SHR__SQLITE_STATEMENTS 512
#define SHR__SQLITE_BOUND_NS INT64_C(10000000000)
#define SHR__SQLITE_WORDS 480
#define SHR__SQLITE_SPEAKERS 32

/* A table of the schema, made ready for use. Columns are known by their place, "at", from here on. */
struct shr__sqlite_index {
	const struct shr_index *index;
	const char *name;  /* in SQL */
	uint8_t *order;    /* places: the index's columns, then those of the key that are not among them */
	uint32_t n_order;
};
struct shr__sqlite_table {
	const struct shr_table *table;
	struct shr__sqlite_index *indexes; /* [0] is the key */
	uint8_t *at;       /* by number: place + 1; 0: there is none */
	uint32_t n_at;
	uint32_t n_key;
	uint64_t key_mask;
	int version_at;    /* -1: it has none */
};

enum shr__sqlite_op {
	SHR__SQLITE_GET = 1,
	SHR__SQLITE_VALUE,   /* one column of the row with a key */
	SHR__SQLITE_INSERT,
	SHR__SQLITE_INSERT_IF_ABSENT,
	SHR__SQLITE_UPDATE,
	SHR__SQLITE_UPDATE_EXPECT,
	SHR__SQLITE_ADD,     /* to one column, when it is within bounds */
	SHR__SQLITE_REMOVE,
	SHR__SQLITE_REMOVE_EXPECT,
	SHR__SQLITE_SCAN,
	SHR__SQLITE_SCAN_BACK
};

/* What a prepared statement is for. */
struct shr__sqlite_what {
	uint64_t mask;   /* columns, by place */
	uint16_t table;  /* its place */
	uint8_t op;
	uint8_t index;
	uint8_t n_from;
	uint8_t n_prefix;
	uint16_t reserved0;
};
struct shr__sqlite_stmt {
	struct shr__sqlite_what what;
	sqlite3_stmt *st;
	struct shr__sqlite_stmt *next;
};

enum shr__sqlite_fixed {
	SHR__SQLITE_BEGIN,
	SHR__SQLITE_BEGIN_WRITE,
	SHR__SQLITE_COMMIT,
	SHR__SQLITE_ROLLBACK,
	SHR__SQLITE_MARK,
	SHR__SQLITE_KEEP,
	SHR__SQLITE_BACK,
	SHR__SQLITE_MIN,
	SHR__SQLITE_FIXED
};

struct shr__sqlite;
struct shr__sqlite_conn {
	struct shr__sqlite *st;
	sqlite3 *db;
	struct shr__sqlite_conn *next;
	int64_t deadline_ns; /* of waiting for another program's locks */
	unsigned n_stmts;
	uint32_t seen;       /* the writer's: what the file was like when it was last looked for newer libraries; 0: never */
	int bad;             /* close it rather than use it again */
	/* The transaction that is open on it. */
	int write;
	int marked;
	int lost;            /* the code that it was lost with; 0: it is fine */
	sqlite3_stmt *fixed[SHR__SQLITE_FIXED];
	struct shr__sqlite_stmt *stmts[SHR__SQLITE_BUCKETS];
};

struct shr__sqlite_speaker {
	pthread_t thread;
	int used;
	uint64_t when;
	char words[SHR__SQLITE_WORDS];
};

struct shr__sqlite {
	struct shr_store store; /* what the caller holds */
	char *path;          /* the real one, absolute; ":memory:" */
	char *uri;           /* what SQLite opens */
	char *vfs;           /* NULL: the usual one */
	int memory;
	int made;            /* the file is there: it is never created again */
	uint32_t pid;
	int64_t bound_ns;    /* of every wait */
	struct shr__turn turn;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	int writing;         /* taken: a write transaction is open; in memory any transaction */
	_Atomic int unsettled; /* a commit's outcome is unknown: the next one to begin settles it */
	struct shr__sqlite_conn *writer; /* belongs to who has `writing` */
	struct shr__sqlite_conn *idle;   /* readers */
	unsigned n_readers;  /* idle and at work */

	const struct shr_schema *schema; /* NULL: not prepared */
	struct shr__sqlite_table *tables;
	uint8_t *tables_at;  /* by number: place + 1 */
	uint32_t n_tables_at;

	pthread_mutex_t words_lock;
	_Atomic uint32_t n_speakers;
	uint64_t n_words;
	struct shr__sqlite_speaker *speakers; /* made with the store: saying why must not need memory */
};

/* sqlite_path.c: what stands at the path, before anything is opened. */
int shr__sqlite_path(struct shr__sqlite *st, const char *path, uint32_t flags, struct stat *ret_like,
	const struct shr_error **reterr);
/* The name of a file system on which a store may not be, or NULL. SUBTYPE: of a FUSE one, or "". */
const char *shr__sqlite_remote(uint64_t magic, const char *subtype);

/* sqlite_conn.c: connections. */
int shr__sqlite_conn_open(struct shr__sqlite *st, struct shr__sqlite_conn **ret);
void shr__sqlite_conn_close(struct shr__sqlite_conn *conn);
void shr__sqlite_conn_forget(struct shr__sqlite_conn *conn); /* its statements */
int shr__sqlite_exec(struct shr__sqlite_conn *conn, const char *sql);
int shr__sqlite_number(struct shr__sqlite_conn *conn, const char *sql, int64_t *ret);
int shr__sqlite_header(struct shr__sqlite_conn *conn, uint32_t flags, const struct shr_error **reterr);
int shr__sqlite_reader_take(struct shr__sqlite *st, struct shr__sqlite_conn **ret);
void shr__sqlite_reader_give(struct shr__sqlite_conn *conn);
/* The write connection, with the turn; settles what is unsettled. */
int shr__sqlite_writer_take(struct shr__sqlite *st, struct shr__sqlite_conn **ret);
void shr__sqlite_writer_give(struct shr__sqlite *st);

/* sqlite_schema.c, sqlite_prepare.c */
int shr__sqlite_schema_take(struct shr__sqlite *st, const struct shr_schema *want);
void shr__sqlite_schema_drop(struct shr__sqlite *st);
const struct shr__sqlite_table *shr__sqlite_table(struct shr__sqlite *st, uint32_t number);
int shr__sqlite_prepare(void *p, const struct shr_schema *want, uint32_t *ret_generation);

/* sqlite_txn.c: transactions, as struct shr_store_ops has them. A transaction is its connection. */
int shr__sqlite_begin(void *p, uint32_t flags, void **ret_txn);
int shr__sqlite_commit(void *p, void *txn);
void shr__sqlite_rollback(void *p, void *txn);
int shr__sqlite_mark(void *p, void *txn);
int shr__sqlite_keep(void *p, void *txn);
int shr__sqlite_back(void *p, void *txn);
int shr__sqlite_begin_on(struct shr__sqlite_conn *conn, int write);
int shr__sqlite_commit_on(struct shr__sqlite_conn *conn);
void shr__sqlite_rollback_on(struct shr__sqlite_conn *conn);
/* 0 when TXN may go on, with write rights when WRITE. */
int shr__sqlite_alive(struct shr__sqlite_conn *conn, int write);
int shr__sqlite_forked(struct shr__sqlite *st);

/* sqlite_stmt.c: statements, prepared once for each connection. */
int shr__sqlite_fixed(struct shr__sqlite_conn *conn, enum shr__sqlite_fixed which, sqlite3_stmt **ret);
int shr__sqlite_run(struct shr__sqlite_conn *conn, enum shr__sqlite_fixed which); /* SQLite's code */
int shr__sqlite_stmt(struct shr__sqlite_conn *conn, const struct shr__sqlite_what *what, sqlite3_stmt **ret);
int shr__sqlite_sql(const struct shr__sqlite *st, const struct shr__sqlite_what *what, char **ret); /* sqlite_sql.c */

/* sqlite_cell.c: cells in and out. */
int shr__sqlite_bind(struct shr__sqlite_conn *conn, sqlite3_stmt *s, int place, const struct shr__sqlite_table *t,
	unsigned at, const struct shr_cell *cell);
int shr__sqlite_bind_key(struct shr__sqlite_conn *conn, sqlite3_stmt *s, int first,
	const struct shr__sqlite_table *t, const struct shr_cell *key, uint32_t n_key);
int shr__sqlite_row(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const struct shr__sqlite_table *t,
	struct shr_cell *cells);
int shr__sqlite_place(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, uint32_t column,
	unsigned *ret_at);

/* sqlite_read.c, sqlite_write.c: rows, as struct shr_store_ops has them. */
int shr__sqlite_get(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn,
	void *data);
int shr__sqlite_scan(void *p, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data);
int shr__sqlite_insert(void *p, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells,
	uint32_t flags);
int shr__sqlite_update(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	const struct shr_cell *cells, uint32_t n_cells);
int shr__sqlite_add(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value);
int shr__sqlite_remove(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect);

/* sqlite_check.c */
int shr__sqlite_check(void *p, uint32_t full, shr_finding_fn *fn, void *data);

/* sqlite_error.c: codes and words. */
int shr__sqlite_say(struct shr__sqlite *st, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The code for SQLite's RC of the last call on CONN, with its words kept for message(). */
int shr__sqlite_failed(struct shr__sqlite_conn *conn, int rc);
/* The same inside a transaction: all but a broken unique index lose it. */
int shr__sqlite_failed_in(struct shr__sqlite_conn *conn, int rc);
/* The transaction of CONN is lost with CODE, which is returned. */
int shr__sqlite_lose(struct shr__sqlite_conn *conn, int code);
/* A refusal that leaves no words, and takes away those of this thread's last failure. */
int shr__sqlite_quiet(struct shr__sqlite *st, int code);
int shr__sqlite_busy(struct shr__sqlite_conn *conn); /* SHR_EBUSY, with the name of another program that holds it */
const char *shr__sqlite_remedy(int code);
void shr__sqlite_message(void *p, char *buf, uint64_t room);

/* shr_store_sqlite() on the VFS of that name (NULL: the usual one), and another bound for waits: for tests. */
int shr__store_sqlite_vfs(const char *path, uint32_t flags, const char *vfs, struct shr_store **ret_store,
	const struct shr_error **reterr);
void shr__store_sqlite_bound(struct shr_store *store, int64_t bound_ns);

#endif

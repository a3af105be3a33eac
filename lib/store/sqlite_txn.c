/* lib/store/sqlite_txn.c - transactions: begun, marked, ended; what is lost stays lost */
#include "sqlite.h"

#include "base/clock.h"

#include <inttypes.h>

/* The first read fixes the snapshot, and tells whether a newer library has closed the store to this one meanwhile. */
static int first_read(struct shr__sqlite_conn *conn)
{
	struct shr__sqlite *st = conn->st;
	sqlite3_stmt *s;
	int64_t least = 0;
	int rc = shr__sqlite_fixed(conn, SHR__SQLITE_MIN, &s);

	if (rc != SQLITE_OK)
		return shr__sqlite_failed(conn, rc);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		least = sqlite3_column_int64(s, 0);
	(void)sqlite3_reset(s);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? shr__sqlite_say(st, SHR_ECORRUPT, "%s: libshare_meta has no min_generation",
			st->path) : shr__sqlite_failed(conn, rc);
	if (least <= (int64_t)st->schema->generation)
		return 0;
	return shr__sqlite_say(st, SHR_EABI, "%s: a newer library has closed the store to generations under %" PRId64,
		st->path, least);
}

/* Rises with every commit that the pages of CONN have seen, its own and others'. 0: not known. */
static uint32_t pages_version(struct shr__sqlite_conn *conn)
{
	uint32_t version = 0;

	if (sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_DATA_VERSION, &version) != SQLITE_OK)
		return 0;
	return version;
}

/* A write transaction holds its snapshot from the start. When nobody else has written since this connection has, no newer
 * library has either. */
static int first_look(struct shr__sqlite_conn *conn)
{
	uint32_t version = conn->write ? pages_version(conn) : 0;
	int rc;

	if (version && version == conn->seen)
		return 0;
	rc = first_read(conn);
	conn->seen = rc ? 0 : version;
	return rc;
}

int shr__sqlite_begin_on(struct shr__sqlite_conn *conn, int write)
{
	int rc;

	conn->write = write;
	conn->marked = 0;
	conn->lost = 0;
	/* SQLite's own waiting does not cover all: one that closes last, or recovers, may send us away at once. */
	do
		rc = shr__sqlite_run(conn, write ? SHR__SQLITE_BEGIN_WRITE : SHR__SQLITE_BEGIN);
	while (((rc & 0xff) == SQLITE_BUSY || rc == SQLITE_PROTOCOL) && shr__clock_mono_ns() < conn->deadline_ns);
	if (rc != SQLITE_OK)
		rc = shr__sqlite_failed(conn, rc);
	else
		rc = first_look(conn);
	if (rc)
		shr__sqlite_rollback_on(conn);
	if (rc == SHR_ESTORE || rc == SHR_ECORRUPT)
		conn->bad = 1;
	return rc;
}

void shr__sqlite_rollback_on(struct shr__sqlite_conn *conn)
{
	/* What could not be read once is read by a fresh connection the next time. */
	if (conn->lost == SHR_ESTORE || conn->lost == SHR_ECORRUPT)
		conn->bad = 1;
	if (!sqlite3_get_autocommit(conn->db))
		(void)shr__sqlite_run(conn, SHR__SQLITE_ROLLBACK);
	if (!sqlite3_get_autocommit(conn->db))
		conn->bad = 1;
}

/* A failure while the log was written or synced: it may be there, whole, when the machine comes back. Only a disk that
 * was full before the commit's last frame is known to hold none of it. */
static int commit_failed(struct shr__sqlite_conn *conn, int rc)
{
	struct shr__sqlite *st = conn->st;
	int code = shr__sqlite_failed(conn, rc);

	shr__sqlite_rollback_on(conn);
	if (code == SHR_EBUSY || rc == SQLITE_FULL || st->memory)
		return code;
	conn->bad = 1;
	atomic_store(&st->unsettled, 1);
	return SHR_EUNKNOWN;
}

int shr__sqlite_commit_on(struct shr__sqlite_conn *conn)
{
	struct shr__sqlite *st = conn->st;
	int rc;

	if (sqlite3_get_autocommit(conn->db))
		return shr__sqlite_say(st, SHR_ESTORE, "%s: SQLite has rolled the transaction back", st->path);
	if (!st->memory)
		shr__turn_commit_begins(&st->turn);
	do
		rc = shr__sqlite_run(conn, SHR__SQLITE_COMMIT);
	while ((rc & 0xff) == SQLITE_BUSY && shr__clock_mono_ns() < conn->deadline_ns);
	if (rc != SQLITE_OK)
		rc = commit_failed(conn, rc);
	else
		conn->seen = pages_version(conn);
	if (!st->memory)
		shr__turn_commit_ended(&st->turn);
	return rc;
}

/* A reader does not see past a commit of unknown outcome either: what it read could change with a crash. */
static int settle_first(struct shr__sqlite *st)
{
	struct shr__sqlite_conn *conn;
	int rc = shr__sqlite_writer_take(st, &conn);

	if (!rc)
		shr__sqlite_writer_give(st);
	return rc;
}

static int begin_read(struct shr__sqlite *st, struct shr__sqlite_conn **ret)
{
	struct shr__sqlite_conn *conn;
	int rc = 0;

	if (atomic_load_explicit(&st->unsettled, memory_order_acquire))
		rc = settle_first(st);
	if (!rc)
		rc = shr__sqlite_reader_take(st, &conn);
	if (rc)
		return rc;
	conn->deadline_ns = shr__clock_mono_ns() + st->bound_ns;
	rc = shr__sqlite_begin_on(conn, 0);
	if (rc)
		shr__sqlite_reader_give(conn);
	else
		*ret = conn;
	return rc;
}

static int begin_write(struct shr__sqlite *st, int write, struct shr__sqlite_conn **ret)
{
	struct shr__sqlite_conn *conn;
	int rc = shr__sqlite_writer_take(st, &conn);

	if (rc)
		return rc;
	rc = shr__sqlite_begin_on(conn, write);
	if (rc)
		shr__sqlite_writer_give(st);
	else
		*ret = conn;
	return rc;
}

int shr__sqlite_begin(void *p, uint32_t flags, void **ret_txn)
{
	struct shr__sqlite *st = p;
	struct shr__sqlite_conn *conn = NULL;
	int rc = shr__sqlite_forked(st);

	if (rc)
		return rc;
	if (flags & ~SHR_TXN_WRITE)
		return shr__sqlite_say(st, SHR_EINVAL, "begin: unknown flags 0x%x", flags);
	if (!st->schema)
		return shr__sqlite_say(st, SHR_ESTORE, "%s: the store was not prepared", st->path);
	if (st->memory || (flags & SHR_TXN_WRITE))
		rc = begin_write(st, (flags & SHR_TXN_WRITE) != 0, &conn);
	else
		rc = begin_read(st, &conn);
	if (!rc)
		*ret_txn = conn;
	return rc;
}

static void finish(struct shr__sqlite_conn *conn)
{
	if (conn->write || conn->st->memory)
		shr__sqlite_writer_give(conn->st);
	else
		shr__sqlite_reader_give(conn);
}

/* In a forked child neither the locks nor the connection are this process's: nothing is touched. */
int shr__sqlite_commit(void *p, void *txn)
{
	struct shr__sqlite_conn *conn = txn;
	int rc = shr__sqlite_forked(p);

	if (rc)
		return rc;
	rc = conn->lost;
	if (!rc && conn->write)
		rc = shr__sqlite_commit_on(conn);
	else
		shr__sqlite_rollback_on(conn);
	finish(conn);
	return rc;
}

void shr__sqlite_rollback(void *p, void *txn)
{
	struct shr__sqlite_conn *conn = txn;

	if (shr__sqlite_forked(p))
		return;
	shr__sqlite_rollback_on(conn);
	finish(conn);
}

int shr__sqlite_alive(struct shr__sqlite_conn *conn, int write)
{
	if (conn->lost)
		return conn->lost;
	if (write && !conn->write)
		return shr__sqlite_say(conn->st, SHR_EINVAL, "%s: a read transaction does not write", conn->st->path);
	if (sqlite3_get_autocommit(conn->db))
		return shr__sqlite_lose(conn, shr__sqlite_say(conn->st, SHR_ESTORE,
			"%s: SQLite has rolled the transaction back", conn->st->path));
	return 0;
}

static int savepoint(struct shr__sqlite_conn *conn, enum shr__sqlite_fixed which, int marked)
{
	int rc = shr__sqlite_alive(conn, 1);

	if (rc)
		return rc;
	if (conn->marked != marked)
		return shr__sqlite_say(conn->st, SHR_EINVAL, "%s: savepoints do not nest, and end once", conn->st->path);
	rc = shr__sqlite_run(conn, which);
	return rc == SQLITE_OK ? 0 : shr__sqlite_failed_in(conn, rc);
}

int shr__sqlite_mark(void *p, void *txn)
{
	struct shr__sqlite_conn *conn = txn;
	int rc = savepoint(conn, SHR__SQLITE_MARK, 0);

	if (!rc)
		conn->marked = 1;
	return rc;
}

int shr__sqlite_keep(void *p, void *txn)
{
	struct shr__sqlite_conn *conn = txn;
	int rc = savepoint(conn, SHR__SQLITE_KEEP, 1);

	if (!rc)
		conn->marked = 0;
	return rc;
}

int shr__sqlite_back(void *p, void *txn)
{
	int rc = savepoint(txn, SHR__SQLITE_BACK, 1);

	return rc ? rc : shr__sqlite_keep(p, txn);
}

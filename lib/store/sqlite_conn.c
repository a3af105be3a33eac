/* lib/store/sqlite_conn.c - connections: one that writes, and readers as many as are needed */
#include "sqlite.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/mem.h"

#include <stdio.h>
#include <time.h>

/* What every connection is told. Full syncs: commit returns when power may fail. Temporary data stays in memory, so
 * that a full /tmp breaks nothing. What is in the file is data, never code: no triggers, no views. */
static const char settings[] = "PRAGMA synchronous=FULL;"
	"PRAGMA foreign_keys=OFF;"
	"PRAGMA locking_mode=NORMAL;"
	"PRAGMA temp_store=MEMORY;"
	"PRAGMA secure_delete=FAST;"
	"PRAGMA cell_size_check=ON;"
	"PRAGMA trusted_schema=OFF;"
	"PRAGMA wal_autocheckpoint=1000;"
	"PRAGMA journal_size_limit=67108864;";

/* Another program has a lock of SQLite's: wait, but not for ever. */
static int wait_busy(void *p, int count)
{
	struct shr__sqlite_conn *conn = p;
	struct timespec ts = { .tv_sec = 0, .tv_nsec = count < 20 ? 50000 : 1000000 };

	if (shr__clock_mono_ns() >= conn->deadline_ns)
		return 0;
	(void)nanosleep(&ts, NULL);
	return 1;
}

int shr__sqlite_exec(struct shr__sqlite_conn *conn, const char *sql)
{
	int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : shr__sqlite_failed(conn, rc);
}

int shr__sqlite_number(struct shr__sqlite_conn *conn, const char *sql, int64_t *ret)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	if (rc == SQLITE_DONE)
		return SHR_ENOTFOUND;
	return rc == SQLITE_ROW ? 0 : shr__sqlite_failed(conn, rc);
}

static int conn_set_up(struct shr__sqlite_conn *conn)
{
	sqlite3 *db = conn->db;

	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_handler(db, wait_busy, conn);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	return shr__sqlite_exec(conn, settings);
}

int shr__sqlite_conn_open(struct shr__sqlite *st, struct shr__sqlite_conn **ret)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct shr__sqlite_conn *conn = shr__alloc(sizeof(*conn));
	int rc;

	if (!conn)
		return shr__sqlite_say(st, SHR_ENOMEM, "%s: no memory", st->path);
	conn->st = st;
	conn->deadline_ns = shr__clock_mono_ns() + st->bound_ns;
	/* Created it is only by the first connection, while the path is looked at: a file that is taken away from under a
	 * store must not come back empty. */
	if (!st->memory)
		flags |= SQLITE_OPEN_URI;
	if (st->made)
		flags &= ~SQLITE_OPEN_CREATE;
	rc = sqlite3_open_v2(st->uri, &conn->db, flags, st->vfs);
	if (rc == SQLITE_OK)
		rc = conn_set_up(conn);
	else
		rc = conn->db ? shr__sqlite_failed(conn, sqlite3_extended_errcode(conn->db)) :
			shr__sqlite_say(st, SHR_ENOMEM, "%s: no memory", st->path);
	if (rc) {
		shr__sqlite_conn_close(conn);
		return rc;
	}
	*ret = conn;
	return 0;
}

void shr__sqlite_conn_forget(struct shr__sqlite_conn *conn)
{
	for (unsigned i = 0; i < SHR__SQLITE_BUCKETS; i++) {
		while (conn->stmts[i]) {
			struct shr__sqlite_stmt *s = conn->stmts[i];

			conn->stmts[i] = s->next;
			(void)sqlite3_finalize(s->st);
			shr__free(s);
		}
	}
	conn->n_stmts = 0;
}

void shr__sqlite_conn_close(struct shr__sqlite_conn *conn)
{
	if (!conn)
		return;
	/* In a forked child SQLite's idea of what is locked is the parent's: to close would be to check-point and
	 * to remove the log under it. What SQLite has allocated stays behind there. */
	if (!shr__sqlite_forked(conn->st)) {
		shr__sqlite_conn_forget(conn);
		for (unsigned i = 0; i < SHR__SQLITE_FIXED; i++)
			(void)sqlite3_finalize(conn->fixed[i]);
		(void)sqlite3_close(conn->db);
	}
	shr__free(conn);
}

/* Wait for st->changed, under st->lock; 0, or 1 when the deadline has passed. */
static int wait_changed(struct shr__sqlite *st, int64_t deadline_ns)
{
	struct timespec ts = { .tv_sec = (time_t)(deadline_ns / 1000000000), .tv_nsec = (long)(deadline_ns % 1000000000) };

	return pthread_cond_timedwait(&st->changed, &st->lock, &ts) != 0 && shr__clock_mono_ns() >= deadline_ns;
}

int shr__sqlite_reader_take(struct shr__sqlite *st, struct shr__sqlite_conn **ret)
{
	int64_t deadline_ns = 0;
	int rc;

	pthread_mutex_lock(&st->lock);
	while (!st->idle && st->n_readers >= SHR__SQLITE_READERS) {
		if (!deadline_ns)
			deadline_ns = shr__clock_mono_ns() + st->bound_ns;
		if (wait_changed(st, deadline_ns)) {
			pthread_mutex_unlock(&st->lock);
			return shr__sqlite_say(st, SHR_EBUSY, "%s: %d read transactions of this process do not end", st->path,
				SHR__SQLITE_READERS);
		}
	}
	if (st->idle) {
		*ret = st->idle;
		st->idle = (*ret)->next;
		pthread_mutex_unlock(&st->lock);
		return 0;
	}
	st->n_readers++;
	pthread_mutex_unlock(&st->lock);
	rc = shr__sqlite_conn_open(st, ret);
	if (rc) {
		pthread_mutex_lock(&st->lock);
		st->n_readers--;
		pthread_cond_signal(&st->changed);
		pthread_mutex_unlock(&st->lock);
	}
	return rc;
}

void shr__sqlite_reader_give(struct shr__sqlite_conn *conn)
{
	struct shr__sqlite *st = conn->st;
	int bad = conn->bad;

	if (bad)
		shr__sqlite_conn_close(conn);
	pthread_mutex_lock(&st->lock);
	if (bad) {
		st->n_readers--;
	} else {
		conn->next = st->idle;
		st->idle = conn;
	}
	pthread_cond_broadcast(&st->changed);
	pthread_mutex_unlock(&st->lock);
}

/* The right to write among this process's threads. */
static int writing_take(struct shr__sqlite *st, int64_t deadline_ns)
{
	int late = 0;

	pthread_mutex_lock(&st->lock);
	while (st->writing && !late)
		late = wait_changed(st, deadline_ns);
	late = st->writing;
	st->writing = 1;
	pthread_mutex_unlock(&st->lock);
	if (!late)
		return 0;
	return shr__sqlite_say(st, SHR_EBUSY, "%s: another transaction of this process (%u) does not end", st->path,
		(unsigned)st->pid);
}

static void writing_give(struct shr__sqlite *st)
{
	pthread_mutex_lock(&st->lock);
	st->writing = 0;
	pthread_cond_broadcast(&st->changed);
	pthread_mutex_unlock(&st->lock);
}

static int turn_take(struct shr__sqlite *st, int64_t deadline_ns)
{
	int rc = st->memory ? 0 : shr__turn_take(&st->turn, deadline_ns);
	char words[300];

	if (rc == 0)
		return 0;
	if (rc < 0)
		return shr__sqlite_say(st, SHR_ESTORE, "%s-turn: cannot be locked: errno %d", st->path, -rc);
	shr__turn_holder(&st->turn, words, sizeof(words));
	return shr__sqlite_say(st, SHR_EBUSY, "%s: %s", st->path, words);
}

/* Page 1, written again as it is. */
static int write_nothing(struct shr__sqlite_conn *conn)
{
	char sql[64];
	int64_t version = 0;
	int rc = shr__sqlite_exec(conn, "BEGIN IMMEDIATE");

	if (!rc)
		rc = shr__sqlite_number(conn, "PRAGMA user_version", &version);
	if (!rc) {
		(void)snprintf(sql, sizeof(sql), "PRAGMA user_version=%d; COMMIT", (int)version);
		rc = shr__sqlite_exec(conn, sql);
	}
	if (!sqlite3_get_autocommit(conn->db))
		(void)sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* After a commit of unknown outcome the log may hold it, whole and valid, behind what this machine takes for the log's
 * end: unseen now, and there after a crash. One small durable commit takes that place and settles it. */
static int settle(struct shr__sqlite *st)
{
	struct shr__sqlite_conn *conn = NULL;
	int rc = shr__sqlite_conn_open(st, &conn);

	if (rc)
		return rc;
	shr__sqlite_conn_close(st->writer);
	st->writer = conn;
	rc = write_nothing(conn);
	if (!rc)
		atomic_store(&st->unsettled, 0);
	return rc;
}

int shr__sqlite_writer_take(struct shr__sqlite *st, struct shr__sqlite_conn **ret)
{
	int64_t deadline_ns = shr__clock_mono_ns() + st->bound_ns;
	int rc = writing_take(st, deadline_ns);

	if (rc)
		return rc;
	rc = turn_take(st, deadline_ns);
	if (rc) {
		writing_give(st);
		return rc;
	}
	if (st->unsettled)
		rc = settle(st);
	else if (st->writer && st->writer->bad && !st->memory) {
		struct shr__sqlite_conn *fresh = NULL;

		rc = shr__sqlite_conn_open(st, &fresh);
		if (!rc) {
			shr__sqlite_conn_close(st->writer);
			st->writer = fresh;
		}
	}
	if (rc) {
		shr__sqlite_writer_give(st);
		return rc;
	}
	st->writer->deadline_ns = deadline_ns;
	*ret = st->writer;
	return 0;
}

void shr__sqlite_writer_give(struct shr__sqlite *st)
{
	if (!st->memory)
		shr__turn_drop(&st->turn);
	writing_give(st);
}

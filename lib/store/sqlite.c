/* lib/store/sqlite.c - the built-in store: opened, asked, closed */
#include "sqlite.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int shr__sqlite_forked(struct shr__sqlite *st)
{
	if ((uint32_t)getpid() == st->pid)
		return 0;
	return shr__sqlite_say(st, SHR_ESTORE,
		"%s: this store was opened before fork, by process %u: open it anew in the child", st->path,
		(unsigned)st->pid);
}

static int sqlite_changes(void *p, uint64_t *ret_changes)
{
	struct shr__sqlite *st = p;

	*ret_changes = st->memory ? 0 : shr__turn_changes(&st->turn);
	return 0;
}

static void sqlite_close(void *p)
{
	struct shr__sqlite *st = p;

	if (!st)
		return;
	while (st->idle) {
		struct shr__sqlite_conn *conn = st->idle;

		st->idle = conn->next;
		shr__sqlite_conn_close(conn);
	}
	shr__sqlite_conn_close(st->writer);
	shr__sqlite_schema_drop(st);
	shr__turn_close(&st->turn);
	pthread_cond_destroy(&st->changed);
	pthread_mutex_destroy(&st->lock);
	pthread_mutex_destroy(&st->words_lock);
	shr__free(st->speakers);
	shr__free(st->path);
	shr__free(st->uri);
	shr__free(st->vfs);
	shr__free(st);
}

static const struct shr_store_ops sqlite_ops = {
	.abi = SHR_STORE_ABI,
	.size = sizeof(struct shr_store_ops),
	.name = "sqlite",
	.prepare = shr__sqlite_prepare,
	.begin = shr__sqlite_begin,
	.commit = shr__sqlite_commit,
	.rollback = shr__sqlite_rollback,
	.mark = shr__sqlite_mark,
	.keep = shr__sqlite_keep,
	.back = shr__sqlite_back,
	.get = shr__sqlite_get,
	.insert = shr__sqlite_insert,
	.update = shr__sqlite_update,
	.add = shr__sqlite_add,
	.remove = shr__sqlite_remove,
	.scan = shr__sqlite_scan,
	.changes = sqlite_changes,
	.check = shr__sqlite_check,
	.message = shr__sqlite_message,
	.close = sqlite_close,
};

static struct shr__sqlite *sqlite_new(const char *vfs)
{
	struct shr__sqlite *st = shr__alloc(sizeof(*st));
	pthread_condattr_t attr;

	if (!st)
		return NULL;
	st->turn.fd = -1;
	st->pid = (uint32_t)getpid();
	st->bound_ns = SHR__SQLITE_BOUND_NS;
	(void)pthread_mutex_init(&st->lock, NULL);
	(void)pthread_mutex_init(&st->words_lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&st->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	st->speakers = shr__alloc(SHR__SQLITE_SPEAKERS * sizeof(*st->speakers));
	st->vfs = shr__strdup(vfs);
	if (st->speakers && (st->vfs || !vfs))
		return st;
	sqlite_close(st);
	return NULL;
}

/* The words of message() as an error. */
static int said(struct shr__sqlite *st, int code, const struct shr_error **reterr)
{
	char words[SHR__SQLITE_WORDS];

	shr__sqlite_message(st, words, sizeof(words));
	return shr__fail_do(reterr, code, shr__sqlite_remedy(code), "%s", words);
}

static int open_turn(struct shr__sqlite *st, const struct stat *like, const struct shr_error **reterr)
{
	char path[4200];
	int e;

	(void)snprintf(path, sizeof(path), "%s-turn", st->path);
	e = shr__turn_open(&st->turn, path, like->st_mode ? like : NULL);
	if (!e)
		return 0;
	if (e == ENOMEM)
		return shr__fail_nomem(reterr);
	if (e == ENOSPC || e == EDQUOT)
		return shr__fail_do(reterr, SHR_ENOSPC, shr__sqlite_remedy(SHR_ENOSPC), "%s: the disk is full", path);
	return shr__fail_do(reterr, SHR_ESTORE, shr__sqlite_remedy(SHR_ESTORE), "%s: %s: errno %d", path,
		e == EACCES || e == EPERM || e == EROFS ? "the directory, or the file, cannot be written" :
		"cannot be opened", e);
}

/* Both of one state: another process may be making its store here. */
static int header_read(struct shr__sqlite_conn *conn, int64_t *ret_application, int64_t *ret_things)
{
	int rc = shr__sqlite_exec(conn, "BEGIN");

	if (!rc)
		rc = shr__sqlite_number(conn, "PRAGMA application_id", ret_application);
	if (!rc)
		rc = shr__sqlite_number(conn, "SELECT count(*) FROM sqlite_schema", ret_things);
	if (!sqlite3_get_autocommit(conn->db))
		(void)sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* Whose database this is. *RET_FRESH: nobody's yet. */
static int header_check(struct shr__sqlite_conn *conn, uint32_t flags, int *ret_fresh, const struct shr_error **reterr)
{
	struct shr__sqlite *st = conn->st;
	int64_t application = 0, things = 0;
	int rc = header_read(conn, &application, &things);

	*ret_fresh = 0;
	if (rc)
		return said(st, rc, reterr);
	if (application == SHR__SQLITE_APPLICATION)
		return 0;
	if (application || things)
		return shr__fail_do(reterr, SHR_ESTORE, "give the path of a libshare store, or of a file that does not exist",
			"%s: is an SQLite database of another program (application id %lld)", st->path, (long long)application);
	if (!(flags & SHR_STORE_CREATE))
		return shr__fail_do(reterr, SHR_ENOTFOUND, "create the store first (SHR_STORE_CREATE), or check the path",
			"%s: is empty: there is no store in it", st->path);
	*ret_fresh = 1;
	return 0;
}

/* WAL lies in the file's header, so this is done once in a file's life; a new file gets its page size before that. */
static int log_mode(struct shr__sqlite_conn *conn, int fresh, const struct shr_error **reterr)
{
	struct shr__sqlite *st = conn->st;
	sqlite3_stmt *s = NULL;
	char mode[16] = "";
	int rc;

	if (fresh)
		(void)sqlite3_exec(conn->db, "PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA auto_vacuum=NONE",
			NULL, NULL, NULL);
	rc = sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode=WAL", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		(void)snprintf(mode, sizeof(mode), "%s", (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return said(st, shr__sqlite_failed(conn, rc), reterr);
	if (strcmp(mode, "wal") == 0)
		return 0;
	return shr__fail_do(reterr, SHR_ESTORE, shr__sqlite_remedy(SHR_ESTORE), "%s: cannot be kept in WAL mode (%s)",
		st->path, mode);
}

static int is_wal(struct shr__sqlite_conn *conn)
{
	sqlite3_stmt *s = NULL;
	int yes = 0;

	if (sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		yes = strcmp((const char *)sqlite3_column_text(s, 0), "wal") == 0;
	(void)sqlite3_finalize(s);
	return yes;
}

static int open_file(struct shr__sqlite *st, const char *path, uint32_t flags, const struct shr_error **reterr)
{
	struct shr__sqlite_conn *conn;
	struct stat like;
	int fresh, rc;

	rc = shr__sqlite_path(st, path, flags, &like, reterr);
	if (!rc)
		rc = open_turn(st, &like, reterr);
	if (rc)
		return rc;
	rc = shr__sqlite_conn_open(st, &st->writer);
	if (rc)
		return said(st, rc, reterr);
	st->made = 1;
	if (sqlite3_db_readonly(st->writer->db, "main"))
		return shr__fail_do(reterr, SHR_ESTORE, shr__sqlite_remedy(SHR_ESTORE), "%s: the file cannot be written", path);
	rc = header_check(st->writer, flags, &fresh, reterr);
	if (rc || (!fresh && is_wal(st->writer)))
		return rc;
	rc = shr__sqlite_writer_take(st, &conn);
	if (rc)
		return said(st, rc, reterr);
	rc = log_mode(conn, fresh, reterr);
	shr__sqlite_writer_give(st);
	return rc;
}

static int open_memory(struct shr__sqlite *st, const struct shr_error **reterr)
{
	int rc;

	st->memory = 1;
	st->path = shr__strdup(":memory:");
	st->uri = shr__strdup(":memory:");
	if (!st->path || !st->uri)
		return shr__fail_nomem(reterr);
	rc = shr__sqlite_conn_open(st, &st->writer);
	return rc ? said(st, rc, reterr) : 0;
}

int shr__store_sqlite_vfs(const char *path, uint32_t flags, const char *vfs, struct shr_store **ret_store,
	const struct shr_error **reterr)
{
	struct shr__sqlite *st;
	int rc;

	if (reterr)
		*reterr = NULL;
	if (!path || !*path || !ret_store)
		return shr__fail_field(reterr, SHR_EINVAL, path && *path ? "ret_store" : "path",
			"give the path of a file, or \":memory:\"", "must be given");
	if (flags & ~SHR_STORE_CREATE)
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "SHR_STORE_CREATE or 0", "unknown bits 0x%x", flags);
	st = sqlite_new(vfs);
	if (!st)
		rc = shr__fail_nomem(reterr);
	else
		rc = strcmp(path, ":memory:") == 0 ? open_memory(st, reterr) : open_file(st, path, flags, reterr);
	if (rc) {
		sqlite_close(st);
		return rc;
	}
	st->store.ops = &sqlite_ops;
	st->store.st = st;
	*ret_store = &st->store;
	return 0;
}

int shr_store_sqlite(const char *path, uint32_t flags, struct shr_store **ret_store, const struct shr_error **reterr)
{
	return shr__store_sqlite_vfs(path, flags, NULL, ret_store, reterr);
}

void shr__store_sqlite_bound(struct shr_store *store, int64_t bound_ns)
{
	struct shr__sqlite *st = store->st;

	st->bound_ns = bound_ns;
}

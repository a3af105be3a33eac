/* lib/store/sqlite_error.c - SQLite's codes as ours, and the words for the last failure of each thread */
#include "sqlite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The slot of this thread; with TAKE a new one, or the one that has been silent for longest. */
static struct shr__sqlite_speaker *speaker(struct shr__sqlite *st, int take)
{
	struct shr__sqlite_speaker *oldest = &st->speakers[0];
	pthread_t me = pthread_self();

	for (unsigned i = 0; i < SHR__SQLITE_SPEAKERS; i++) {
		struct shr__sqlite_speaker *s = &st->speakers[i];

		if (s->used && pthread_equal(s->thread, me))
			return s;
		if (s->when < oldest->when)
			oldest = s;
	}
	if (!take)
		return NULL;
	oldest->thread = me;
	if (!oldest->used)
		atomic_fetch_add(&st->n_speakers, 1);
	oldest->used = 1;
	return oldest;
}

int shr__sqlite_say(struct shr__sqlite *st, int code, const char *format, ...)
{
	struct shr__sqlite_speaker *s;
	va_list args;

	pthread_mutex_lock(&st->words_lock);
	s = speaker(st, 1);
	s->when = ++st->n_words;
	va_start(args, format);
	(void)vsnprintf(s->words, sizeof(s->words), format, args);
	va_end(args);
	pthread_mutex_unlock(&st->words_lock);
	return code;
}

int shr__sqlite_quiet(struct shr__sqlite *st, int code)
{
	struct shr__sqlite_speaker *s;

	/* Mostly nobody has ever failed, and this must cost nothing. */
	if (!atomic_load_explicit(&st->n_speakers, memory_order_relaxed))
		return code;
	pthread_mutex_lock(&st->words_lock);
	s = speaker(st, 0);
	if (s)
		s->words[0] = '\0';
	pthread_mutex_unlock(&st->words_lock);
	return code;
}

void shr__sqlite_message(void *p, char *buf, uint64_t room)
{
	struct shr__sqlite *st = p;
	struct shr__sqlite_speaker *s;

	if (!room)
		return;
	buf[0] = '\0';
	pthread_mutex_lock(&st->words_lock);
	s = speaker(st, 0);
	if (s)
		(void)snprintf(buf, room, "%s", s->words);
	pthread_mutex_unlock(&st->words_lock);
}

static int io_code(sqlite3 *db, int rc)
{
	int e;

	if (rc == SQLITE_IOERR_NOMEM)
		return SHR_ENOMEM;
	e = db ? sqlite3_system_errno(db) : 0;
	return e == ENOSPC || e == EDQUOT ? SHR_ENOSPC : SHR_ESTORE;
}

static int code_of(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return SHR_ENOMEM;
	case SQLITE_FULL:
		return SHR_ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return SHR_EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return SHR_ECORRUPT;
	case SQLITE_IOERR:
		return io_code(db, rc);
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
			rc == SQLITE_CONSTRAINT_ROWID ? SHR_EEXIST : SHR_ESTORE;
	default:
		return SHR_ESTORE;
	}
}

static const char *words_of(int code, int rc)
{
	if ((rc & 0xff) == SQLITE_READONLY)
		return "the file or its directory cannot be written";
	if ((rc & 0xff) == SQLITE_CANTOPEN)
		return "the file, or one of those beside it, cannot be opened";
	if ((rc & 0xff) == SQLITE_NOTADB)
		return "it is not an SQLite database, or its first page is damaged";
	switch (code) {
	case SHR_ENOSPC:
		return "the disk is full";
	case SHR_ENOMEM:
		return "no memory";
	case SHR_ECORRUPT:
		return "the database is damaged";
	case SHR_EEXIST:
		return "it is there already";
	default:
		return "SQLite failed";
	}
}

int shr__sqlite_failed(struct shr__sqlite_conn *conn, int rc)
{
	sqlite3 *db = conn->db;
	int code = code_of(db, rc);
	const char *own = db && sqlite3_extended_errcode(db) == rc ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

	if (code == SHR_EBUSY)
		return shr__sqlite_busy(conn);
	if ((rc & 0xff) == SQLITE_IOERR && db && sqlite3_system_errno(db))
		return shr__sqlite_say(conn->st, code, "%s: %s: %s (SQLite code %d, errno %d)", conn->st->path,
			words_of(code, rc), own, rc, sqlite3_system_errno(db));
	return shr__sqlite_say(conn->st, code, "%s: %s: %s (SQLite code %d)", conn->st->path, words_of(code, rc), own,
		rc);
}

int shr__sqlite_lose(struct shr__sqlite_conn *conn, int code)
{
	if (!conn->lost)
		conn->lost = code;
	return code;
}

int shr__sqlite_failed_in(struct shr__sqlite_conn *conn, int rc)
{
	int code = shr__sqlite_failed(conn, rc);

	/* A broken unique index undoes its own statement only. Anything else may have taken the whole transaction
	 * with it: what came after would be committed one by one. */
	if (code != SHR_EEXIST || sqlite3_get_autocommit(conn->db))
		return shr__sqlite_lose(conn, code);
	return code;
}

/* Where SQLite's locks lie: the write, checkpoint and recovery locks of the shared index, and those of the file. */
#define SHM_FIRST 120
#define SHM_LAST 122
#define FILE_FIRST UINT64_C(0x40000000)
#define FILE_LAST UINT64_C(0x400001ff)

int shr__sqlite_busy(struct shr__sqlite_conn *conn)
{
	struct shr__sqlite *st = conn->st;
	char path[4200], who[160];
	uint32_t pid;

	if (st->memory)
		return shr__sqlite_say(st, SHR_EBUSY, "the store in memory is busy");
	(void)snprintf(path, sizeof(path), "%s-shm", st->path);
	pid = shr__holder_of_lock(path, SHM_FIRST, SHM_LAST);
	if (!pid)
		pid = shr__holder_of_lock(st->path, FILE_FIRST, FILE_LAST);
	if (!pid)
		return shr__sqlite_say(st, SHR_EBUSY, "%s: locked by another program for more than %d ms", st->path,
			(int)(st->bound_ns / 1000000));
	shr__holder_words(pid, who, sizeof(who));
	return shr__sqlite_say(st, SHR_EBUSY, "%s: %s holds SQLite's lock for more than %d ms", st->path, who,
		(int)(st->bound_ns / 1000000));
}

const char *shr__sqlite_remedy(int code)
{
	switch (code) {
	case SHR_ENOSPC:
		return "make room on the file system of the store";
	case SHR_EBUSY:
		return "let the process that is named go on, or end it";
	case SHR_ECORRUPT:
		return "check the path; when it is right, restore the store from a backup";
	case SHR_EABI:
		return "use the library that wrote this store, or a newer one";
	case SHR_ESTORE:
		return "see that the file, those beside it and their directory can be read and written";
	default:
		return "";
	}
}

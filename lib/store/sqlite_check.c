/* lib/store/sqlite_check.c - looking for damage, when somebody asks: it reads every page */
#include "sqlite.h"

#include "base/clock.h"

static int findings(struct shr__sqlite_conn *conn, sqlite3_stmt *s, shr_finding_fn *fn, void *data)
{
	int rc;

	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		if (text && sqlite3_stricmp(text, "ok") != 0)
			fn(text, data);
	}
	if (rc == SQLITE_DONE)
		return 0;
	/* So damaged that the check itself stumbles: that is its finding. */
	if ((rc & 0xff) == SQLITE_CORRUPT) {
		fn(sqlite3_errmsg(conn->db), data);
		return 0;
	}
	return shr__sqlite_failed(conn, rc);
}

static int check_on(struct shr__sqlite_conn *conn, uint32_t full, shr_finding_fn *fn, void *data)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(conn->db, full ? "PRAGMA integrity_check(1000)" : "PRAGMA quick_check(1000)", -1, &s,
		NULL);

	if (rc == SQLITE_OK) {
		rc = findings(conn, s, fn, data);
	} else if ((rc & 0xff) == SQLITE_CORRUPT) {
		fn(sqlite3_errmsg(conn->db), data);
		rc = 0;
	} else {
		rc = shr__sqlite_failed(conn, rc);
	}
	(void)sqlite3_finalize(s);
	return rc;
}

int shr__sqlite_check(void *p, uint32_t full, shr_finding_fn *fn, void *data)
{
	struct shr__sqlite *st = p;
	struct shr__sqlite_conn *conn;
	int rc = shr__sqlite_forked(st);

	if (!rc)
		rc = st->memory ? shr__sqlite_writer_take(st, &conn) : shr__sqlite_reader_take(st, &conn);
	if (rc)
		return rc;
	conn->deadline_ns = shr__clock_mono_ns() + st->bound_ns;
	rc = check_on(conn, full, fn, data);
	if (st->memory)
		shr__sqlite_writer_give(st);
	else
		shr__sqlite_reader_give(conn);
	return rc;
}

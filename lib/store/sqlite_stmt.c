/* lib/store/sqlite_stmt.c - statements: each is prepared once for a connection, and found again by what it is for */
#include "sqlite.h"

#include "base/mem.h"

#include <string.h>

static const char *const fixed_sql[SHR__SQLITE_FIXED] = {
	[SHR__SQLITE_BEGIN] = "BEGIN",
	[SHR__SQLITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SHR__SQLITE_COMMIT] = "COMMIT",
	[SHR__SQLITE_ROLLBACK] = "ROLLBACK",
	[SHR__SQLITE_MARK] = "SAVEPOINT m",
	[SHR__SQLITE_KEEP] = "RELEASE m",
	[SHR__SQLITE_BACK] = "ROLLBACK TO m",
	[SHR__SQLITE_MIN] = "SELECT value FROM libshare_meta WHERE key='min_generation'",
};

int shr__sqlite_fixed(struct shr__sqlite_conn *conn, enum shr__sqlite_fixed which, sqlite3_stmt **ret)
{
	int rc = SQLITE_OK;

	if (!conn->fixed[which])
		rc = sqlite3_prepare_v3(conn->db, fixed_sql[which], -1, SQLITE_PREPARE_PERSISTENT, &conn->fixed[which], NULL);
	*ret = conn->fixed[which];
	return rc;
}

int shr__sqlite_run(struct shr__sqlite_conn *conn, enum shr__sqlite_fixed which)
{
	sqlite3_stmt *s;
	int rc = shr__sqlite_fixed(conn, which, &s);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(s);
	(void)sqlite3_reset(s);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static unsigned bucket(const struct shr__sqlite_what *what)
{
	uint64_t h = what->mask * UINT64_C(0x9E3779B97F4A7C15);

	h ^= ((uint64_t)what->table << 40 | (uint64_t)what->op << 32 | (uint64_t)what->index << 16 |
		(uint64_t)what->n_from << 8 | what->n_prefix) * UINT64_C(0xC2B2AE3D27D4EB4F);
	return (unsigned)(h >> 58) % SHR__SQLITE_BUCKETS;
}

/* A host with ever new sets of columns must not fill the memory: a bucket's last goes for the new one. */
static void make_room(struct shr__sqlite_conn *conn, unsigned at)
{
	struct shr__sqlite_stmt **p = &conn->stmts[at];

	if (conn->n_stmts < SHR__SQLITE_STATEMENTS || !*p)
		return;
	while ((*p)->next)
		p = &(*p)->next;
	(void)sqlite3_finalize((*p)->st);
	shr__free(*p);
	*p = NULL;
	conn->n_stmts--;
}

static int stmt_make(struct shr__sqlite_conn *conn, const struct shr__sqlite_what *what, unsigned at,
	sqlite3_stmt **ret)
{
	struct shr__sqlite_stmt *s;
	char *sql;
	int rc;

	make_room(conn, at);
	s = shr__alloc(sizeof(*s));
	if (!s || shr__sqlite_sql(conn->st, what, &sql) != 0) {
		shr__free(s);
		return shr__sqlite_lose(conn, shr__sqlite_say(conn->st, SHR_ENOMEM, "%s: no memory", conn->st->path));
	}
	rc = sqlite3_prepare_v3(conn->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
	shr__free(sql);
	if (rc != SQLITE_OK) {
		shr__free(s);
		return shr__sqlite_failed_in(conn, rc);
	}
	s->what = *what;
	s->next = conn->stmts[at];
	conn->stmts[at] = s;
	conn->n_stmts++;
	*ret = s->st;
	return 0;
}

int shr__sqlite_stmt(struct shr__sqlite_conn *conn, const struct shr__sqlite_what *what, sqlite3_stmt **ret)
{
	unsigned at = bucket(what);

	for (struct shr__sqlite_stmt *s = conn->stmts[at]; s; s = s->next) {
		if (memcmp(&s->what, what, sizeof(*what)) == 0) {
			*ret = s->st;
			return 0;
		}
	}
	return stmt_make(conn, what, at, ret);
}

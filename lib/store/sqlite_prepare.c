/* lib/store/sqlite_prepare.c - bringing a store to a schema: what is missing is added, nothing is ever taken away */
#include "sqlite.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const types[] = { "", "INTEGER", "TEXT", "BLOB" };

static int run_text(struct shr__sqlite_conn *conn, struct shr__buf *b)
{
	char *sql = shr__buf_take(b);
	int rc;

	if (!sql)
		return shr__sqlite_say(conn->st, SHR_ENOMEM, "%s: no memory", conn->st->path);
	rc = shr__sqlite_exec(conn, sql);
	shr__free(sql);
	return rc;
}

static void add_column(struct shr__buf *b, const struct shr_column *c)
{
	shr__buf_printf(b, "\"%s\" %s%s", c->name, types[c->type], c->flags & SHR_COLUMN_NULLABLE ? "" : " NOT NULL");
}

/* Real types, so that a slip of an operator's cannot put text where a number is read. A key of one integer is the row's
 * number; any other key is the table itself. */
static int table_create(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t)
{
	const struct shr__sqlite_index *key = &t->indexes[0];
	const struct shr_table *table = t->table;
	struct shr__buf b = { 0 };
	int number = t->n_key == 1 && table->columns[key->order[0]]->type == SHR_CELL_INT;

	shr__buf_printf(&b, "CREATE TABLE \"%s\"(", table->name);
	for (uint32_t i = 0; i < table->n_columns; i++) {
		add_column(&b, table->columns[i]);
		shr__buf_str(&b, ", ");
	}
	shr__buf_str(&b, "PRIMARY KEY(");
	for (uint32_t i = 0; i < t->n_key; i++)
		shr__buf_printf(&b, "%s\"%s\"", i ? ", " : "", table->columns[key->order[i]]->name);
	shr__buf_str(&b, number ? ")) STRICT" : ")) STRICT, WITHOUT ROWID");
	return run_text(conn, &b);
}

static int column_create(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, const struct shr_column *c)
{
	struct shr__buf b = { 0 };

	if (!(c->flags & SHR_COLUMN_NULLABLE))
		return shr__sqlite_say(conn->st, SHR_ECORRUPT, "%s: table %s has no column %s", conn->st->path, t->table->name,
			c->name);
	shr__buf_printf(&b, "ALTER TABLE \"%s\" ADD COLUMN ", t->table->name);
	add_column(&b, c);
	return run_text(conn, &b);
}

/* A row with NULL in a column of an index is not in it: so the index need not hold it. */
static int index_create(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t,
	const struct shr__sqlite_index *x)
{
	const char *word = " WHERE ";
	struct shr__buf b = { 0 };

	shr__buf_printf(&b, "CREATE %sINDEX \"%s\" ON \"%s\"(", x->index->flags & SHR_INDEX_UNIQUE ? "UNIQUE " : "",
		x->name, t->table->name);
	for (uint32_t i = 0; i < x->index->n_columns; i++)
		shr__buf_printf(&b, "%s\"%s\"", i ? ", " : "", t->table->columns[x->order[i]]->name);
	shr__buf_str(&b, ")");
	for (uint32_t i = 0; i < x->index->n_columns; i++) {
		const struct shr_column *c = t->table->columns[x->order[i]];

		if (!(c->flags & SHR_COLUMN_NULLABLE))
			continue;
		shr__buf_printf(&b, "%s\"%s\" IS NOT NULL", word, c->name);
		word = " AND ";
	}
	return run_text(conn, &b);
}

/* Is there a TYPE ("table", "index") of this name? 1, 0 or negative. */
static int thing_there(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const char *name)
{
	int rc;

	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	rc = sqlite3_step(s);
	(void)sqlite3_reset(s);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return rc == SQLITE_ROW;
	return shr__sqlite_failed(conn, rc);
}

/* With FIX what is missing is added, else 1 is returned as soon as something is. */
static int columns_bring(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, int fix)
{
	for (uint32_t i = 0; i < t->table->n_columns; i++) {
		const struct shr_column *c = t->table->columns[i];
		int rc = sqlite3_table_column_metadata(conn->db, "main", t->table->name, c->name, NULL, NULL, NULL, NULL, NULL);

		if (rc == SQLITE_OK)
			continue;
		if (rc != SQLITE_ERROR)
			return shr__sqlite_failed(conn, rc);
		if (!fix)
			return 1;
		rc = column_create(conn, t, c);
		if (rc)
			return rc;
	}
	return 0;
}

static int table_bring(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, sqlite3_stmt *look, int fix)
{
	int rc = thing_there(conn, look, t->table->name);

	if (rc == 0)
		rc = fix ? table_create(conn, t) : 1;
	else if (rc == 1)
		rc = columns_bring(conn, t, fix);
	for (uint32_t i = 1; rc == 0 && i < t->table->n_indexes; i++) {
		rc = thing_there(conn, look, t->indexes[i].name);
		if (rc == 0)
			rc = fix ? index_create(conn, t, &t->indexes[i]) : 1;
		else if (rc == 1)
			rc = 0;
	}
	return rc;
}

static int tables_bring(struct shr__sqlite_conn *conn, int fix)
{
	struct shr__sqlite *st = conn->st;
	sqlite3_stmt *look = NULL;
	int rc = sqlite3_prepare_v2(conn->db, "SELECT 1 FROM sqlite_schema WHERE name=?1", -1, &look, NULL);

	if (rc != SQLITE_OK)
		return shr__sqlite_failed(conn, rc);
	rc = 0;
	for (uint32_t i = 0; rc == 0 && i < st->schema->n_tables; i++)
		rc = table_bring(conn, &st->tables[i], look, fix);
	(void)sqlite3_finalize(look);
	return rc;
}

/* A store from the future says itself which generations may go on using it. */
static int future_check(struct shr__sqlite_conn *conn, int64_t generation)
{
	struct shr__sqlite *st = conn->st;
	int64_t least = INT64_MAX;
	int rc;

	if (generation <= (int64_t)st->schema->generation)
		return 0;
	rc = shr__sqlite_number(conn, "SELECT value FROM libshare_meta WHERE key='min_generation'", &least);
	if (rc && rc != SHR_ENOTFOUND)
		return rc;
	if (least <= (int64_t)st->schema->generation)
		return 0;
	return shr__sqlite_say(st, SHR_EABI, "%s: the store is of generation %" PRId64 "; this library knows %" PRIu32
		" and the store does not let it in", st->path, generation, st->schema->generation);
}

/* 0: all is there. 1: something must be written. */
static int look_over(struct shr__sqlite_conn *conn, int64_t *ret_generation)
{
	int64_t application = 0;
	int rc = shr__sqlite_number(conn, "PRAGMA application_id", &application);

	if (!rc)
		rc = shr__sqlite_number(conn, "PRAGMA user_version", ret_generation);
	if (rc)
		return rc;
	if (application != SHR__SQLITE_APPLICATION)
		return 1;
	rc = future_check(conn, *ret_generation);
	if (rc)
		return rc;
	rc = tables_bring(conn, 0);
	if (rc == 1 && *ret_generation > (int64_t)conn->st->schema->generation)
		return shr__sqlite_say(conn->st, SHR_ECORRUPT, "%s: the store is of generation %" PRId64 " and lacks tables of "
			"generation %" PRIu32, conn->st->path, *ret_generation, conn->st->schema->generation);
	return rc ? rc : *ret_generation < (int64_t)conn->st->schema->generation;
}

static int write_all(struct shr__sqlite_conn *conn, int64_t *ret_generation)
{
	uint32_t generation = conn->st->schema->generation;
	struct shr__buf b = { 0 };
	int rc;

	shr__buf_printf(&b, "PRAGMA application_id=%d; PRAGMA user_version=%" PRIu32 ";", SHR__SQLITE_APPLICATION,
		generation);
	shr__buf_str(&b, "CREATE TABLE IF NOT EXISTS libshare_meta("
		"key TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;");
	shr__buf_printf(&b, "INSERT INTO libshare_meta(key, value) VALUES('min_generation', %d) ON CONFLICT DO NOTHING",
		SHR__SQLITE_MIN_GENERATION);
	rc = run_text(conn, &b);
	if (!rc)
		rc = tables_bring(conn, 1);
	*ret_generation = generation;
	return rc;
}

/* Under the turn. Another process may have done it meanwhile, so it is looked at again. */
static int bring(struct shr__sqlite_conn *conn, int64_t *ret_generation)
{
	int rc = shr__sqlite_exec(conn, "BEGIN IMMEDIATE");

	if (rc)
		return rc;
	conn->lost = 0;
	rc = look_over(conn, ret_generation);
	if (rc == 1)
		rc = write_all(conn, ret_generation);
	if (rc) {
		shr__sqlite_rollback_on(conn);
		return rc;
	}
	return shr__sqlite_commit_on(conn);
}

/* Statements of an earlier schema go by places that may have changed. No transaction is open. */
static void forget_statements(struct shr__sqlite *st)
{
	struct shr__sqlite_conn *reader;

	pthread_mutex_lock(&st->lock);
	shr__sqlite_conn_forget(st->writer);
	for (reader = st->idle; reader; reader = reader->next)
		shr__sqlite_conn_forget(reader);
	pthread_mutex_unlock(&st->lock);
}

/* Mostly all is there: then no turn is waited for, whoever may be writing. */
static int look_first(struct shr__sqlite *st, int64_t *ret_generation)
{
	struct shr__sqlite_conn *reader;
	int rc;

	if (st->memory || atomic_load(&st->unsettled))
		return 1;
	rc = shr__sqlite_reader_take(st, &reader);
	if (rc)
		return rc;
	rc = look_over(reader, ret_generation);
	shr__sqlite_reader_give(reader);
	return rc;
}

int shr__sqlite_prepare(void *p, const struct shr_schema *want, uint32_t *ret_generation)
{
	struct shr__sqlite *st = p;
	struct shr__sqlite_conn *conn;
	int64_t generation = 0;
	int rc = shr__sqlite_forked(st);

	if (rc)
		return rc;
	forget_statements(st);
	rc = shr__sqlite_schema_take(st, want);
	if (!rc)
		rc = look_first(st, &generation);
	if (rc == 1) {
		rc = shr__sqlite_writer_take(st, &conn);
		if (!rc) {
			rc = bring(conn, &generation);
			shr__sqlite_writer_give(st);
		}
	}
	if (rc)
		shr__sqlite_schema_drop(st);
	else
		*ret_generation = (uint32_t)generation;
	return rc;
}

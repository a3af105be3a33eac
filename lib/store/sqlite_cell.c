/* lib/store/sqlite_cell.c - cells into statements and out of rows; what comes out of a file is not trusted */
#include "sqlite.h"

#include <string.h>

int shr__sqlite_place(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, uint32_t column,
	unsigned *ret_at)
{
	unsigned at = column < t->n_at ? t->at[column] : 0;

	if (!at)
		return shr__sqlite_say(conn->st, SHR_EINVAL, "table %s has no column %u", t->table->name, column);
	*ret_at = at - 1;
	return 0;
}

static int bind_wrong(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, unsigned at, const char *what)
{
	return shr__sqlite_say(conn->st, SHR_EINVAL, "%s.%s: %s", t->table->name, t->table->columns[at]->name, what);
}

int shr__sqlite_bind(struct shr__sqlite_conn *conn, sqlite3_stmt *s, int place, const struct shr__sqlite_table *t,
	unsigned at, const struct shr_cell *cell)
{
	const struct shr_column *c = t->table->columns[at];
	const void *p = cell->p ? cell->p : "";
	int rc;

	if (cell->type == SHR_CELL_NULL) {
		if (!(c->flags & SHR_COLUMN_NULLABLE))
			return bind_wrong(conn, t, at, "may not be NULL");
		rc = sqlite3_bind_null(s, place);
	} else if (cell->type != c->type) {
		return bind_wrong(conn, t, at, "a value of another type");
	} else if (cell->type == SHR_CELL_INT) {
		rc = sqlite3_bind_int64(s, place, cell->i);
	} else if (cell->type == SHR_CELL_BLOB) {
		rc = sqlite3_bind_blob64(s, place, p, cell->len, SQLITE_STATIC);
	} else {
		if (memchr(p, 0, cell->len))
			return bind_wrong(conn, t, at, "text with a NUL inside");
		rc = sqlite3_bind_text64(s, place, p, cell->len, SQLITE_STATIC, SQLITE_UTF8);
	}
	return rc == SQLITE_OK ? 0 : shr__sqlite_failed_in(conn, rc);
}

int shr__sqlite_bind_key(struct shr__sqlite_conn *conn, sqlite3_stmt *s, int first,
	const struct shr__sqlite_table *t, const struct shr_cell *key, uint32_t n_key)
{
	const uint8_t *order = t->indexes[0].order;

	if (n_key != t->n_key)
		return shr__sqlite_say(conn->st, SHR_EINVAL, "table %s: its key has %u columns, not %u", t->table->name,
			t->n_key, n_key);
	for (uint32_t i = 0; i < n_key; i++) {
		int rc;

		if (key[i].column != t->table->columns[order[i]]->number)
			return bind_wrong(conn, t, order[i], "another column's value in the key");
		rc = shr__sqlite_bind(conn, s, first + (int)i, t, order[i], &key[i]);
		if (rc)
			return rc;
	}
	return 0;
}

static int row_wrong(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, unsigned at, const char *what)
{
	return shr__sqlite_lose(conn, shr__sqlite_say(conn->st, SHR_ECORRUPT, "%s: %s.%s: %s", conn->st->path,
		t->table->name, t->table->columns[at]->name, what));
}

/* Pointers are SQLite's, until the next step. */
int shr__sqlite_row(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const struct shr__sqlite_table *t,
	struct shr_cell *cells)
{
	static const uint8_t type_of[] = { [SQLITE_INTEGER] = SHR_CELL_INT, [SQLITE_TEXT] = SHR_CELL_TEXT,
		[SQLITE_BLOB] = SHR_CELL_BLOB, [SQLITE_NULL] = SHR_CELL_NULL, [SQLITE_FLOAT] = 255 };

	for (unsigned at = 0; at < t->table->n_columns; at++) {
		const struct shr_column *c = t->table->columns[at];
		struct shr_cell *cell = &cells[at];

		cell->type = type_of[sqlite3_column_type(s, (int)at)];
		cell->column = c->number;
		if (cell->type == SHR_CELL_NULL) {
			if (!(c->flags & SHR_COLUMN_NULLABLE))
				return row_wrong(conn, t, at, "is NULL");
			cell->i = 0;
			cell->p = NULL;
			cell->len = 0;
			continue;
		}
		if (cell->type != c->type)
			return row_wrong(conn, t, at, "has a value of another type");
		if (cell->type == SHR_CELL_INT) {
			cell->i = sqlite3_column_int64(s, (int)at);
			cell->p = NULL;
			cell->len = 0;
			continue;
		}
		/* Also for text: it comes without a terminator that nobody needs. */
		cell->i = 0;
		cell->p = sqlite3_column_blob(s, (int)at);
		cell->len = (uint64_t)sqlite3_column_bytes(s, (int)at);
		if (!cell->p)
			cell->p = "";
		if (cell->type == SHR_CELL_TEXT && memchr(cell->p, 0, cell->len))
			return row_wrong(conn, t, at, "has text with a NUL inside");
	}
	return 0;
}

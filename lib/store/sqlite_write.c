/* lib/store/sqlite_write.c - rows put in, changed, counted up and taken away */
#include "sqlite.h"

/* The transaction that writes to TABLE: 0 and *ret_table. */
static int write_to(struct shr__sqlite_conn *conn, uint32_t table, const struct shr__sqlite_table **ret_table)
{
	int rc = shr__sqlite_alive(conn, 1);

	if (rc)
		return rc;
	*ret_table = shr__sqlite_table(conn->st, table);
	return *ret_table ? 0 : SHR_EINVAL;
}

/* One row, or none: *ret_n. */
static int step_write(struct shr__sqlite_conn *conn, sqlite3_stmt *s, int *ret_n)
{
	int rc = sqlite3_step(s);

	*ret_n = 0;
	if (rc == SQLITE_DONE) {
		*ret_n = sqlite3_changes(conn->db);
		(void)sqlite3_reset(s);
		return 0;
	}
	/* SQLite's words are those of the step: they go with the reset. */
	rc = shr__sqlite_failed_in(conn, rc);
	(void)sqlite3_reset(s);
	return rc;
}

/* Which columns CELLS name, as bits of their places. */
static int cells_mask(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, const struct shr_cell *cells,
	uint32_t n_cells, uint64_t *ret_mask)
{
	*ret_mask = 0;
	for (uint32_t i = 0; i < n_cells; i++) {
		unsigned at;
		int rc = shr__sqlite_place(conn, t, cells[i].column, &at);

		if (rc)
			return rc;
		if (*ret_mask & (UINT64_C(1) << at))
			return shr__sqlite_say(conn->st, SHR_EINVAL, "%s.%s: twice", t->table->name,
				t->table->columns[at]->name);
		*ret_mask |= UINT64_C(1) << at;
	}
	return 0;
}

/* In the statement columns stand by their places, whatever the order of CELLS. */
static int cells_bind(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const struct shr__sqlite_table *t, uint64_t mask,
	const struct shr_cell *cells, uint32_t n_cells)
{
	for (uint32_t i = 0; i < n_cells; i++) {
		unsigned at = t->at[cells[i].column] - 1u;
		int place = __builtin_popcountll(mask & ((UINT64_C(1) << at) - 1)) + 1;
		int rc = shr__sqlite_bind(conn, s, place, t, at, &cells[i]);

		if (rc)
			return rc;
	}
	return 0;
}

/* The value of one integer column; NULL counts as 0. */
static int value_get(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, const struct shr_cell *key,
	uint32_t n_key, unsigned at, int64_t *ret)
{
	struct shr__sqlite_what what = { .op = SHR__SQLITE_VALUE, .mask = UINT64_C(1) << at };
	sqlite3_stmt *s;
	int rc;

	what.table = (uint16_t)(t - conn->st->tables);
	rc = shr__sqlite_stmt(conn, &what, &s);
	if (!rc)
		rc = shr__sqlite_bind_key(conn, s, 1, t, key, n_key);
	if (rc)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		int type = sqlite3_column_type(s, 0);

		*ret = sqlite3_column_int64(s, 0);
		rc = type == SQLITE_INTEGER || type == SQLITE_NULL ? 0 : shr__sqlite_lose(conn, shr__sqlite_say(conn->st,
			SHR_ECORRUPT, "%s: %s.%s: has a value of another type", conn->st->path, t->table->name,
			t->table->columns[at]->name));
	} else {
		rc = rc == SQLITE_DONE ? shr__sqlite_quiet(conn->st, SHR_ENOTFOUND) : shr__sqlite_failed_in(conn, rc);
	}
	(void)sqlite3_reset(s);
	return rc;
}

int shr__sqlite_insert(void *p, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells,
	uint32_t flags)
{
	struct shr__sqlite_conn *conn = txn;
	struct shr__sqlite_what what = { .op = SHR__SQLITE_INSERT };
	const struct shr__sqlite_table *t;
	sqlite3_stmt *s;
	int n = 0, rc = write_to(conn, table, &t);

	if (!rc)
		rc = cells_mask(conn, t, cells, n_cells, &what.mask);
	if (rc)
		return rc;
	if ((what.mask & t->key_mask) != t->key_mask || (flags & ~SHR_INSERT_IF_ABSENT))
		return shr__sqlite_say(conn->st, SHR_EINVAL, "insert into %s: without its key, or unknown flags",
			t->table->name);
	if (flags & SHR_INSERT_IF_ABSENT)
		what.op = SHR__SQLITE_INSERT_IF_ABSENT;
	what.table = (uint16_t)(t - conn->st->tables);
	rc = shr__sqlite_stmt(conn, &what, &s);
	if (!rc)
		rc = cells_bind(conn, s, t, what.mask, cells, n_cells);
	if (!rc)
		rc = step_write(conn, s, &n);
	return rc ? rc : n == 0;
}

/* Nothing was changed: is the row not there, or of another version? */
static int why_not(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, const struct shr_cell *key,
	uint32_t n_key, int64_t expect)
{
	int64_t version;
	int rc = SHR_ENOTFOUND;

	if (expect >= 0) {
		rc = value_get(conn, t, key, n_key, (unsigned)t->version_at, &version);
		if (!rc)
			rc = SHR_ECONFLICT;
	}
	return rc == SHR_ECONFLICT || rc == SHR_ENOTFOUND ? shr__sqlite_quiet(conn->st, rc) : rc;
}

/* What update and remove have in common, from the binding of the key on. FIRST: its place in the statement. */
static int change(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const struct shr__sqlite_table *t, int first,
	const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	int n = 0, rc = shr__sqlite_bind_key(conn, s, first, t, key, n_key);

	if (!rc && expect >= 0 && sqlite3_bind_int64(s, first + (int)n_key, expect) != SQLITE_OK)
		rc = shr__sqlite_failed_in(conn, sqlite3_extended_errcode(conn->db));
	if (!rc)
		rc = step_write(conn, s, &n);
	if (!rc && n == 0)
		rc = why_not(conn, t, key, n_key, expect);
	return rc;
}

static int expect_check(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, int64_t expect)
{
	if (expect < -1 || (expect >= 0 && t->version_at < 0))
		return shr__sqlite_say(conn->st, SHR_EINVAL, "table %s: a version is expected that it cannot have",
			t->table->name);
	return 0;
}

int shr__sqlite_update(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	const struct shr_cell *cells, uint32_t n_cells)
{
	struct shr__sqlite_conn *conn = txn;
	struct shr__sqlite_what what = { .op = expect < 0 ? SHR__SQLITE_UPDATE : SHR__SQLITE_UPDATE_EXPECT };
	const struct shr__sqlite_table *t;
	sqlite3_stmt *s;
	int rc = write_to(conn, table, &t);

	if (!rc)
		rc = expect_check(conn, t, expect);
	if (!rc)
		rc = cells_mask(conn, t, cells, n_cells, &what.mask);
	if (rc)
		return rc;
	if (!what.mask || (what.mask & t->key_mask))
		return shr__sqlite_say(conn->st, SHR_EINVAL, "update of %s: no column, or one of its key", t->table->name);
	what.table = (uint16_t)(t - conn->st->tables);
	rc = shr__sqlite_stmt(conn, &what, &s);
	if (!rc)
		rc = cells_bind(conn, s, t, what.mask, cells, n_cells);
	return rc ? rc : change(conn, s, t, (int)n_cells + 1, key, n_key, expect);
}

int shr__sqlite_remove(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	struct shr__sqlite_conn *conn = txn;
	struct shr__sqlite_what what = { .op = expect < 0 ? SHR__SQLITE_REMOVE : SHR__SQLITE_REMOVE_EXPECT };
	const struct shr__sqlite_table *t;
	sqlite3_stmt *s;
	int rc = write_to(conn, table, &t);

	if (!rc)
		rc = expect_check(conn, t, expect);
	if (rc)
		return rc;
	what.table = (uint16_t)(t - conn->st->tables);
	rc = shr__sqlite_stmt(conn, &what, &s);
	return rc ? rc : change(conn, s, t, 1, key, n_key, expect);
}

/* In one statement, when nobody wants to know the sum: 1: done; 0: the row is not there, or the number is not what it would
 * have to be. */
static int add_at_once(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t, const struct shr_cell *key,
	uint32_t n_key, unsigned at, int64_t delta, int64_t lowest, int64_t highest)
{
	struct shr__sqlite_what what = { .op = SHR__SQLITE_ADD, .mask = UINT64_C(1) << at };
	sqlite3_stmt *s;
	int64_t least, most;
	int rc, n;

	if (__builtin_sub_overflow(lowest, delta, &least))
		least = INT64_MIN;
	if (__builtin_sub_overflow(highest, delta, &most))
		most = INT64_MAX;
	if ((delta < 0 && least < lowest) || (delta > 0 && most > highest))
		return 0; /* it overflowed the other way: no number would do */
	what.table = (uint16_t)(t - conn->st->tables);
	rc = shr__sqlite_stmt(conn, &what, &s);
	if (!rc)
		rc = shr__sqlite_bind_key(conn, s, 4, t, key, n_key);
	if (!rc && (sqlite3_bind_int64(s, 1, delta) != SQLITE_OK || sqlite3_bind_int64(s, 2, least) != SQLITE_OK ||
		sqlite3_bind_int64(s, 3, most) != SQLITE_OK))
		rc = shr__sqlite_failed_in(conn, sqlite3_extended_errcode(conn->db));
	if (!rc)
		rc = step_write(conn, s, &n);
	return rc ? rc : n;
}

/* Nobody else writes while this transaction does, so reading and then writing is one act; and the bounds are checked
 * here, where an overflow is seen. */
int shr__sqlite_add(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct shr__sqlite_conn *conn = txn;
	const struct shr__sqlite_table *t;
	struct shr_cell cell = { .type = SHR_CELL_INT, .column = column };
	unsigned at;
	int64_t now;
	int rc = write_to(conn, table, &t);

	if (!rc)
		rc = shr__sqlite_place(conn, t, column, &at);
	if (rc)
		return rc;
	if (t->table->columns[at]->type != SHR_CELL_INT)
		return shr__sqlite_say(conn->st, SHR_EINVAL, "%s.%s: is no number", t->table->name,
			t->table->columns[at]->name);
	rc = ret_value ? 0 : add_at_once(conn, t, key, n_key, at, delta, lowest, highest);
	if (rc)
		return rc < 0 ? rc : 0;
	rc = value_get(conn, t, key, n_key, at, &now);
	if (rc)
		return rc;
	if (__builtin_add_overflow(now, delta, &cell.i) || cell.i < lowest || cell.i > highest) {
		if (ret_value)
			*ret_value = now;
		return shr__sqlite_quiet(conn->st, SHR_EQUOTA);
	}
	rc = shr__sqlite_update(p, txn, table, key, n_key, -1, &cell, 1);
	if (!rc && ret_value)
		*ret_value = cell.i;
	return rc;
}

/* lib/store/sqlite_read.c - one row by its key, and pages of rows in the order of an index */
#include "sqlite.h"

static uint64_t all_columns(const struct shr__sqlite_table *t)
{
	return UINT64_MAX >> (64 - t->table->n_columns);
}

/* Step S for at most LIMIT rows; *RET_N how many there were. */
static int rows_give(struct shr__sqlite_conn *conn, sqlite3_stmt *s, const struct shr__sqlite_table *t, uint32_t limit,
	shr_row_fn *fn, void *data, uint32_t *ret_n)
{
	struct shr_cell cells[SHR__SQLITE_COLUMNS];
	int rc = 0;

	*ret_n = 0;
	while (*ret_n < limit) {
		int step = sqlite3_step(s);

		if (step == SQLITE_DONE)
			break;
		if (step != SQLITE_ROW) {
			rc = shr__sqlite_failed_in(conn, step);
			break;
		}
		rc = shr__sqlite_row(conn, s, t, cells);
		if (rc)
			break;
		++*ret_n;
		rc = fn(cells, t->table->n_columns, data);
		if (rc)
			break;
	}
	(void)sqlite3_reset(s);
	return rc < 0 ? rc : 0;
}

int shr__sqlite_get(void *p, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn,
	void *data)
{
	struct shr__sqlite_conn *conn = txn;
	const struct shr__sqlite_table *t;
	struct shr__sqlite_what what = { .op = SHR__SQLITE_GET };
	sqlite3_stmt *s;
	uint32_t n;
	int rc = shr__sqlite_alive(conn, 0);

	if (rc)
		return rc;
	t = shr__sqlite_table(conn->st, table);
	if (!t)
		return SHR_EINVAL;
	what.table = (uint16_t)(t - conn->st->tables);
	what.mask = all_columns(t);
	rc = shr__sqlite_stmt(conn, &what, &s);
	if (!rc)
		rc = shr__sqlite_bind_key(conn, s, 1, t, key, n_key);
	if (!rc)
		rc = rows_give(conn, s, t, 1, fn, data, &n);
	if (!rc && !n)
		return shr__sqlite_quiet(p, SHR_ENOTFOUND);
	return rc;
}

/* The columns of FROM, in the order of the index; one that is in the index and in the key may be named at both
 * places, and is taken once. */
static int from_sort(struct shr__sqlite_conn *conn, const struct shr__sqlite_table *t,
	const struct shr__sqlite_index *x, const struct shr_cell *from, uint32_t n_from,
	const struct shr_cell **ret, unsigned *ret_n)
{
	uint64_t seen = 0;

	*ret_n = 0;
	for (uint32_t i = 0; i < n_from; i++) {
		unsigned at;
		int rc = shr__sqlite_place(conn, t, from[i].column, &at);

		if (rc)
			return rc;
		if (seen & (UINT64_C(1) << at))
			continue;
		seen |= UINT64_C(1) << at;
		if (*ret_n >= x->n_order || x->order[*ret_n] != at)
			return shr__sqlite_say(conn->st, SHR_EINVAL, "table %s: not the order of index %s", t->table->name,
				x->index->name);
		ret[(*ret_n)++] = &from[i];
	}
	return 0;
}

int shr__sqlite_scan(void *p, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct shr__sqlite_conn *conn = txn;
	const struct shr_cell *cells[SHR__SQLITE_COLUMNS];
	struct shr__sqlite_what what = { .op = flags & SHR_SCAN_BACKWARDS ? SHR__SQLITE_SCAN_BACK : SHR__SQLITE_SCAN };
	const struct shr__sqlite_table *t;
	sqlite3_stmt *s;
	unsigned n;
	int rc = shr__sqlite_alive(conn, 0);

	if (rc)
		return rc;
	t = shr__sqlite_table(conn->st, table);
	if (!t || index >= t->table->n_indexes || n_prefix > n_from || n_prefix > t->indexes[index].index->n_columns ||
		(flags & ~SHR_SCAN_BACKWARDS))
		return shr__sqlite_say(conn->st, SHR_EINVAL, "scan of table %u: no such index %u, or a wrong prefix", table,
			index);
	rc = from_sort(conn, t, &t->indexes[index], from, n_from, cells, &n);
	if (rc)
		return rc;
	what.table = (uint16_t)(t - conn->st->tables);
	what.index = (uint8_t)index;
	what.mask = all_columns(t);
	what.n_from = (uint8_t)n;
	what.n_prefix = (uint8_t)n_prefix;
	rc = shr__sqlite_stmt(conn, &what, &s);
	for (unsigned i = 0; rc == 0 && i < n; i++)
		rc = shr__sqlite_bind(conn, s, (int)i + 1, t, t->indexes[index].order[i], cells[i]);
	return rc ? rc : rows_give(conn, s, t, limit, fn, data, &n);
}

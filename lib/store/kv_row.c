/* lib/store/kv_row.c - one row of a key-value store: get, insert, update, add, remove */
#include <string.h>

#include "store/kv_own.h"

/* T->key becomes the row's; *ret_table its table. */
static int row_key(struct shr__kv_txn *t, uint32_t number, const struct shr_cell *key, uint32_t n_key,
	const struct shr_table **ret_table)
{
	const struct shr_table *table = shr__kv_table(t->kv->schema, number);

	if (!table || n_key != table->indexes[0]->n_columns)
		return shr__kv_fail(t->kv, SHR_ESTORE, "a key that does not fit the schema");
	shr__kv_key_begin(&t->key, number, table->indexes[0]->number);
	for (uint32_t i = 0; i < n_key; i++) {
		if (key[i].type == SHR_CELL_NULL)
			return shr__kv_fail(t->kv, SHR_ESTORE, "table %s: NULL in a key", table->name);
		shr__kv_key_cell(&t->key, &key[i]);
	}
	*ret_table = table;
	return t->key.failed ? SHR_ENOMEM : 0;
}

/* The row at T->key, copied to T->was. */
static int row_was(struct shr__kv_txn *t, struct shr__kv_row *ret_row)
{
	const void *p;
	uint64_t n;
	int rc = shr__kv_get(t, &t->key, &p, &n);

	if (rc)
		return rc;
	t->was.n = 0;
	shr__buf_add(&t->was, p, n);
	ret_row->p = (const void *)t->was.p;
	ret_row->n = t->was.n;
	return t->was.failed ? SHR_ENOMEM : 0;
}

static int damaged(struct shr__kv_txn *t, const struct shr_table *table)
{
	return shr__kv_fail(t->kv, SHR_ECORRUPT, "table %s: a row is damaged", table->name);
}

int shr__kv_row_get(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn,
	void *data)
{
	struct shr__kv_txn *t = txn;
	struct shr_cell cells[SHR__KV_COLUMNS];
	const struct shr_table *table;
	const void *p;
	uint64_t n;
	int rc = row_key(t, number, key, n_key, &table);

	if (!rc)
		rc = shr__kv_get(t, &t->key, &p, &n);
	if (rc)
		return rc;
	if (shr__kv_row_cells((struct shr__kv_row){ p, n }, table, cells) < 0)
		return damaged(t, table);
	rc = fn(cells, table->n_columns, data);
	return rc < 0 ? rc : 0;
}

static const struct shr_column *column_of(const struct shr_table *table, uint32_t number)
{
	for (uint32_t i = 0; i < table->n_columns; i++)
		if (table->columns[i]->number == number)
			return table->columns[i];
	return NULL;
}

/* A value that the column cannot have would be found only when it is read. */
static int cells_ok(struct shr__kv_txn *t, const struct shr_table *table, const struct shr_cell *cells, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct shr_column *column = column_of(table, cells[i].column);
		int null = cells[i].type == SHR_CELL_NULL;

		if (!column || (null ? !(column->flags & SHR_COLUMN_NULLABLE) : cells[i].type != column->type) ||
		    (cells[i].type > SHR_CELL_INT && cells[i].len > UINT32_MAX))
			return shr__kv_fail(t->kv, SHR_ESTORE, "table %s: column %u cannot have this value", table->name,
				cells[i].column);
	}
	return n <= SHR__KV_COLUMNS ? 0 : shr__kv_fail(t->kv, SHR_ESTORE, "table %s: too many columns", table->name);
}

/* The row at T->key becomes WAS (or nothing) with CELLS. */
static int write_row(struct shr__kv_txn *t, const struct shr_table *table, struct shr__kv_row was,
	const struct shr_cell *cells, uint32_t n_cells)
{
	int rc = cells_ok(t, table, cells, n_cells);

	if (rc)
		return rc;
	if (shr__kv_row_merge(&t->value, was, cells, n_cells) < 0)
		return damaged(t, table);
	if (t->value.failed)
		return SHR_ENOMEM;
	return shr__kv_change(t, table->number, was, (struct shr__kv_row){ (const void *)t->value.p, t->value.n });
}

static int all_there(struct shr__kv_txn *t, const struct shr_table *table, const struct shr_cell *cells, uint32_t n)
{
	for (uint32_t i = 0; i < table->n_columns; i++) {
		const struct shr_column *column = table->columns[i];
		uint32_t j = 0;

		while (j < n && cells[j].column != column->number)
			j++;
		if (j == n && !(column->flags & SHR_COLUMN_NULLABLE))
			return shr__kv_fail(t->kv, SHR_ESTORE, "table %s: column %s may not be NULL", table->name, column->name);
	}
	return 0;
}

int shr__kv_row_insert(void *st, void *txn, uint32_t number, const struct shr_cell *cells, uint32_t n_cells,
	uint32_t flags)
{
	struct shr__kv_txn *t = txn;
	struct shr_cell key[SHR__KV_KEY_COLUMNS];
	const struct shr_table *table = shr__kv_table(t->kv->schema, number);
	const void *p;
	uint64_t n;
	int rc;

	if (!table)
		return shr__kv_fail(t->kv, SHR_ESTORE, "a table that is not in the schema");
	rc = all_there(t, table, cells, n_cells);
	for (uint32_t i = 0; !rc && i < table->indexes[0]->n_columns; i++)
		for (uint32_t j = 0; j < n_cells; j++)
			if (cells[j].column == table->indexes[0]->columns[i])
				key[i] = cells[j];
	if (!rc)
		rc = row_key(t, number, key, table->indexes[0]->n_columns, &table);
	if (!rc)
		rc = shr__kv_get(t, &t->key, &p, &n);
	if (!rc)
		return flags & SHR_INSERT_IF_ABSENT ? 1 : SHR_EEXIST;
	if (rc != SHR_ENOTFOUND)
		return rc;
	return write_row(t, table, (struct shr__kv_row){ NULL, 0 }, cells, n_cells);
}

/* The version must be EXPECT, unless that is -1. */
static int version_ok(struct shr__kv_txn *t, const struct shr_table *table, struct shr__kv_row was, int64_t expect)
{
	struct shr_cell cell;
	int rc;

	if (expect == -1)
		return 0;
	rc = shr__kv_row_find(was, table->version_column, &cell);
	if (rc < 0)
		return damaged(t, table);
	return rc == 1 && cell.type == SHR_CELL_INT && cell.i == expect ? 0 : SHR_ECONFLICT;
}

int shr__kv_row_update(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key,
	int64_t expect, const struct shr_cell *cells, uint32_t n_cells)
{
	struct shr__kv_txn *t = txn;
	const struct shr_table *table;
	struct shr__kv_row was;
	int rc = row_key(t, number, key, n_key, &table);

	if (!rc)
		rc = row_was(t, &was);
	if (!rc)
		rc = version_ok(t, table, was, expect);
	return rc ? rc : write_row(t, table, was, cells, n_cells);
}

int shr__kv_row_add(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct shr__kv_txn *t = txn;
	const struct shr_table *table;
	struct shr__kv_row was;
	struct shr_cell cell;
	int64_t sum;
	int rc = row_key(t, number, key, n_key, &table);

	if (!rc)
		rc = row_was(t, &was);
	if (rc)
		return rc;
	rc = shr__kv_row_find(was, column, &cell);
	if (rc < 0 || !rc || cell.type != SHR_CELL_INT)
		return damaged(t, table);
	if (ret_value)
		*ret_value = cell.i;
	if (__builtin_add_overflow(cell.i, delta, &sum) || sum < lowest || sum > highest)
		return SHR_EQUOTA;
	cell.i = sum;
	rc = write_row(t, table, was, &cell, 1);
	if (!rc && ret_value)
		*ret_value = sum;
	return rc;
}

int shr__kv_row_remove(void *st, void *txn, uint32_t number, const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	struct shr__kv_txn *t = txn;
	const struct shr_table *table;
	struct shr__kv_row was;
	int rc = row_key(t, number, key, n_key, &table);

	if (!rc)
		rc = row_was(t, &was);
	if (!rc)
		rc = version_ok(t, table, was, expect);
	return rc ? rc : shr__kv_change(t, number, was, (struct shr__kv_row){ NULL, 0 });
}

/* lib/store/kv_codec.c - rows and keys as bytes, for stores that are ordered key-value stores */
#include "store/kv_codec.h"

#include <string.h>

#define KIND_ROW 1

static void put16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

static void put64(unsigned char *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)v;
}

static uint64_t get_be(const unsigned char *p, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

void shr__kv_key_begin(struct shr__buf *key, uint32_t table, uint32_t index)
{
	unsigned char head[5] = { KIND_ROW };

	put16(head + 1, table);
	put16(head + 3, index);
	key->n = 0;
	shr__buf_add(key, head, sizeof head);
}

static void key_bytes(struct shr__buf *key, const unsigned char *p, size_t n)
{
	const unsigned char *zero;

	while (n && (zero = memchr(p, 0, n))) {
		size_t before = (size_t)(zero - p) + 1;

		shr__buf_add(key, p, before);
		shr__buf_add(key, "\xff", 1);
		p += before;
		n -= before;
	}
	shr__buf_add(key, p, n);
	shr__buf_add(key, "\0", 2);
}

void shr__kv_key_cell(struct shr__buf *key, const struct shr_cell *cell)
{
	unsigned char be[8];

	if (cell->type != SHR_CELL_INT) {
		key_bytes(key, cell->p, cell->len);
		return;
	}
	put64(be, (uint64_t)cell->i ^ UINT64_C(1) << 63);
	shr__buf_add(key, be, sizeof be);
}

void shr__kv_key_behind(struct shr__buf *key)
{
	/* The first byte is never FF: there always is one to raise. */
	while (key->n && (unsigned char)key->p[key->n - 1] == 0xff)
		key->n--;
	if (key->n)
		key->p[key->n - 1]++;
}

int shr__kv_row_next(struct shr__kv_row *row, struct shr_cell *ret_cell)
{
	const unsigned char *p = row->p;
	size_t used = 3 + 8;

	if (!row->n)
		return 0;
	if (row->n < 3 + 4)
		return SHR_ECORRUPT;
	memset(ret_cell, 0, sizeof *ret_cell);
	ret_cell->column = (uint32_t)get_be(p, 2);
	ret_cell->type = p[2];
	if (ret_cell->type == SHR_CELL_INT) {
		if (row->n < used)
			return SHR_ECORRUPT;
		ret_cell->i = (int64_t)get_be(p + 3, 8);
	} else if (ret_cell->type == SHR_CELL_TEXT || ret_cell->type == SHR_CELL_BLOB) {
		ret_cell->len = get_be(p + 3, 4);
		ret_cell->p = p + 7;
		if (ret_cell->len > row->n - 7)
			return SHR_ECORRUPT;
		used = 7 + ret_cell->len;
	} else {
		return SHR_ECORRUPT;
	}
	row->p += used;
	row->n -= used;
	return 1;
}

int shr__kv_row_find(struct shr__kv_row row, uint32_t column, struct shr_cell *ret_cell)
{
	int rc;

	while ((rc = shr__kv_row_next(&row, ret_cell)) == 1)
		if (ret_cell->column == column)
			return 1;
	return rc;
}

static void add_cell(struct shr__buf *row, const struct shr_cell *cell)
{
	unsigned char head[3 + 8];

	put16(head, cell->column);
	head[2] = (unsigned char)cell->type;
	switch (cell->type) {
	case SHR_CELL_NULL:
		return;
	case SHR_CELL_INT:
		put64(head + 3, (uint64_t)cell->i);
		shr__buf_add(row, head, 11);
		return;
	default:
		put16(head + 3, (uint32_t)(cell->len >> 16));
		put16(head + 5, (uint32_t)cell->len);
		shr__buf_add(row, head, 7);
		shr__buf_add(row, cell->p, cell->len);
	}
}

/* Pointers to the cells by rising column; they mostly are so already. */
static void sort(const struct shr_cell *cells, uint32_t n, const struct shr_cell **order)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t j = i;

		for (; j && order[j - 1]->column > cells[i].column; j--)
			order[j] = order[j - 1];
		order[j] = &cells[i];
	}
}

int shr__kv_row_merge(struct shr__buf *row, struct shr__kv_row old, const struct shr_cell *cells, uint32_t n_cells)
{
	const struct shr_cell *order[SHR__KV_COLUMNS];
	struct shr_cell was;
	uint32_t i = 0;
	int rc;

	if (n_cells > SHR__KV_COLUMNS)
		return SHR_ECORRUPT;
	sort(cells, n_cells, order);
	row->n = 0;
	while ((rc = shr__kv_row_next(&old, &was)) == 1) {
		while (i < n_cells && order[i]->column < was.column)
			add_cell(row, order[i++]);
		if (i < n_cells && order[i]->column == was.column)
			add_cell(row, order[i++]);
		else
			add_cell(row, &was);
	}
	while (i < n_cells)
		add_cell(row, order[i++]);
	return rc;
}

int shr__kv_row_cells(struct shr__kv_row row, const struct shr_table *table, struct shr_cell *cells)
{
	struct shr__kv_row rest = row;
	struct shr_cell next = { SHR_CELL_NULL, 0, 0, NULL, 0 };

	for (uint32_t i = 0; i < table->n_columns; i++) {
		const struct shr_column *column = table->columns[i];
		int rc = 1;

		if (i && column->number < table->columns[i - 1]->number) {
			rest = row; /* columns need not be listed by number */
			next.column = 0;
		}
		while (next.column < column->number && (rc = shr__kv_row_next(&rest, &next)) == 1)
			;
		if (rc < 0)
			return rc;
		if (!rc)
			next.column = UINT32_MAX;
		if (next.column == column->number && next.type != column->type)
			return SHR_ECORRUPT;
		if (next.column == column->number)
			cells[i] = next;
		else
			cells[i] = (struct shr_cell){ SHR_CELL_NULL, column->number, 0, NULL, 0 };
	}
	return 0;
}

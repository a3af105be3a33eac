/* lib/model/rows.c - rows to cells and back */
#include "model/rows.h"

#include <string.h>

#include "base/arena.h"

static void cell_of(const struct shr__rowdef *def, const void *row, uint32_t number, struct shr_cell *cell)
{
	const struct shr__field *f = &def->fields[number - 1];
	const char *at = (const char *)row + f->offset;
	const struct shr__blob *blob;
	const char *text;

	memset(cell, 0, sizeof *cell);
	cell->column = number;
	cell->type = f->type;
	switch (f->type) {
	case SHR_CELL_INT:
		cell->i = *(const int64_t *)(const void *)at;
		return;
	case SHR_CELL_TEXT:
		text = *(const char *const *)(const void *)at;
		if (!text && f->nullable) {
			cell->type = SHR_CELL_NULL;
			return;
		}
		cell->p = text ? text : "";
		cell->len = text ? strlen(text) : 0;
		return;
	default:
		blob = (const void *)at;
		cell->p = blob->p ? blob->p : "";
		cell->len = blob->n;
	}
}

uint32_t shr__row_cells(const struct shr__rowdef *def, const void *row, uint64_t set, struct shr_cell *cells)
{
	uint32_t n = 0;

	for (uint32_t number = 1; number <= def->n_fields; number++)
		if (set >> (number - 1) & 1)
			cell_of(def, row, number, &cells[n++]);
	return n;
}

uint32_t shr__row_index_cells(const struct shr__rowdef *def, uint32_t index, const void *row, uint32_t n,
	struct shr_cell *cells)
{
	const struct shr_index *x = def->table->indexes[index];
	const struct shr_index *key = def->table->indexes[0];
	uint32_t k = 0;

	for (uint32_t i = 0; i < x->n_columns && k < n; i++)
		cell_of(def, row, x->columns[i], &cells[k++]);
	for (uint32_t i = 0; i < key->n_columns && k < n; i++) {
		uint32_t j = 0;

		while (j < x->n_columns && x->columns[j] != key->columns[i])
			j++;
		if (j == x->n_columns)
			cell_of(def, row, key->columns[i], &cells[k++]);
	}
	return k;
}

/* TEXTS: where the copies of texts go, one behind the other; the arena's memory is zeroed. */
static int read_text(const struct shr_cell *cell, char **texts, const char **ret)
{
	if (!cell->len) {
		*ret = "";
		return 0;
	}
	if (memchr(cell->p, 0, cell->len))
		return SHR_ECORRUPT;
	*ret = memcpy(*texts, cell->p, cell->len);
	*texts += cell->len + 1;
	return 0;
}

static int read_cell(const struct shr__field *f, const struct shr_cell *cell, struct shr__arena *arena, char **texts, void *at)
{
	struct shr__blob *blob = at;

	if (cell->type != f->type) {
		if (cell->type != SHR_CELL_NULL)
			return SHR_ECORRUPT;
		if (f->type == SHR_CELL_TEXT)
			*(const char **)at = "";
		return f->nullable ? 0 : SHR_ECORRUPT;
	}
	if (f->type == SHR_CELL_INT) {
		*(int64_t *)at = cell->i;
		return 0;
	}
	if (f->type == SHR_CELL_TEXT)
		return read_text(cell, texts, at);
	if (cell->len > INT32_MAX)
		return SHR_ECORRUPT;
	blob->n = cell->len;
	blob->p = shr__arena_memdup(arena, cell->p ? cell->p : "", cell->len);
	return blob->p ? 0 : SHR_ENOMEM;
}

/* Room for the texts of a row in one piece: rows are read more than anything else. */
static int texts_room(const struct shr_cell *cells, uint32_t n_cells, struct shr__arena *arena, char **ret)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < n_cells; i++) {
		if (cells[i].type != SHR_CELL_TEXT)
			continue;
		if (cells[i].len > INT32_MAX)
			return SHR_ECORRUPT;
		n += cells[i].len ? cells[i].len + 1 : 0;
	}
	*ret = n && n <= PTRDIFF_MAX ? shr__arena_bytes(arena, (size_t)n) : NULL;
	return n && !*ret ? SHR_ENOMEM : 0;
}

/* Columns that its writer did not know. */
static int read_unknown(const struct shr__rowdef *def, uint64_t seen, void *row)
{
	for (uint32_t number = 1; number <= def->n_fields; number++) {
		const struct shr__field *f = &def->fields[number - 1];

		if (seen >> (number - 1) & 1)
			continue;
		if (!f->nullable)
			return SHR_ECORRUPT;
		if (f->type == SHR_CELL_TEXT)
			*(const char **)(void *)((char *)row + f->offset) = "";
	}
	return 0;
}

int shr__row_read(const struct shr__rowdef *def, const struct shr_cell *cells, uint32_t n_cells, struct shr__arena *arena,
	void *row)
{
	uint64_t seen = 0, all = (UINT64_C(1) << def->n_fields) - 1;
	char *texts = NULL;
	int rc = texts_room(cells, n_cells, arena, &texts);

	memset(row, 0, def->size);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < n_cells; i++) {
		uint32_t number = cells[i].column;
		const struct shr__field *f;

		if (number < 1 || number > def->n_fields)
			continue; /* a column of a newer library */
		f = &def->fields[number - 1];
		rc = read_cell(f, &cells[i], arena, &texts, (char *)row + f->offset);
		if (rc < 0)
			return rc;
		seen |= UINT64_C(1) << (number - 1);
	}
	return seen == all ? 0 : read_unknown(def, seen, row);
}

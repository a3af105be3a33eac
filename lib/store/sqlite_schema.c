/* lib/store/sqlite_schema.c - the described schema, checked and made ready for quick use */
#include "sqlite.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#define MOST_TABLES 250
#define MOST_NUMBER 4096
#define MOST_NAME 63

/* Names go into SQL: small letters, digits and '_', beginning with a letter, and none of SQLite's or of ours. */
static int name_ok(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	if (n < 1 || n > MOST_NAME || s[0] < 'a' || s[0] > 'z')
		return 0;
	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_'))
			return 0;
	return strncmp(s, "sqlite_", 7) != 0 && strncmp(s, "libshare_", 9) != 0;
}

static int wrong(struct shr__sqlite *st, const struct shr_table *t, const char *what, const char *name)
{
	return shr__sqlite_say(st, SHR_EINVAL, "schema: table %s: %s %s", name_ok(t->name) ? t->name : "?", what,
		name_ok(name) ? name : "?");
}

static int columns_check(struct shr__sqlite *st, const struct shr_table *t)
{
	if (t->n_columns < 1 || t->n_columns > SHR__SQLITE_COLUMNS)
		return wrong(st, t, "1 to 64 columns it must have", "");
	for (uint32_t i = 0; i < t->n_columns; i++) {
		const struct shr_column *c = t->columns[i];

		if (!name_ok(c->name))
			return wrong(st, t, "not the name of a column:", c->name);
		if (c->number < 1 || c->number > MOST_NUMBER || c->type < SHR_CELL_INT || c->type > SHR_CELL_BLOB)
			return wrong(st, t, "wrong number or type: column", c->name);
		if (c->since > 1 && c->since > t->since && !(c->flags & SHR_COLUMN_NULLABLE))
			return wrong(st, t, "later than its table, and not nullable: column", c->name);
		for (uint32_t k = 0; k < i; k++)
			if (t->columns[k]->number == c->number || strcmp(t->columns[k]->name, c->name) == 0)
				return wrong(st, t, "twice: column", c->name);
	}
	return 0;
}

static int table_check(struct shr__sqlite *st, const struct shr_schema *want, uint32_t place)
{
	const struct shr_table *t = want->tables[place];

	if (!name_ok(t->name) || t->number < 1 || t->number > MOST_NUMBER)
		return wrong(st, t, "wrong name or number", "");
	for (uint32_t i = 0; i < place; i++)
		if (want->tables[i]->number == t->number || strcmp(want->tables[i]->name, t->name) == 0)
			return wrong(st, t, "is there twice", "");
	if (t->n_indexes < 1 || t->n_indexes > 200 || !(t->indexes[0]->flags & SHR_INDEX_UNIQUE))
		return wrong(st, t, "its first index must be its key, and unique", "");
	return columns_check(st, t);
}

/* In SQL the names of indexes are those of the whole database: "table_name", once. */
static char *index_name(const struct shr_table *t, const struct shr_index *index)
{
	size_t n = strlen(t->name), room = n + strlen(index->name) + 2;
	char *s;

	if (strncmp(index->name, t->name, n) == 0 && index->name[n] == '_')
		return shr__strdup(index->name);
	s = shr__alloc(room);
	if (s)
		(void)snprintf(s, room, "%s_%s", t->name, index->name);
	return s;
}

static int has(const uint8_t *list, uint32_t n, unsigned at)
{
	for (uint32_t i = 0; i < n; i++)
		if (list[i] == at)
			return 1;
	return 0;
}

static int index_make(struct shr__sqlite *st, struct shr__sqlite_table *t, uint32_t place)
{
	const struct shr_index *index = t->table->indexes[place];
	struct shr__sqlite_index *x = &t->indexes[place], *key = &t->indexes[0];

	if (!name_ok(index->name) || index->n_columns < 1 || index->n_columns > t->table->n_columns)
		return wrong(st, t->table, "wrong name or columns: index", index->name);
	x->index = index;
	x->name = index_name(t->table, index);
	x->order = shr__alloc(SHR__SQLITE_COLUMNS);
	if (!x->name || !x->order)
		return shr__sqlite_say(st, SHR_ENOMEM, "%s: no memory", st->path);
	for (uint32_t i = 0; i < index->n_columns; i++) {
		uint32_t number = index->columns[i];
		unsigned at = number < t->n_at ? t->at[number] : 0;

		if (!at || has(x->order, x->n_order, at - 1))
			return wrong(st, t->table, "a column that is not there, or twice: index", index->name);
		x->order[x->n_order++] = (uint8_t)(at - 1);
		if (place == 0 && (t->table->columns[at - 1]->flags & SHR_COLUMN_NULLABLE))
			return wrong(st, t->table, "its key has a nullable column: index", index->name);
	}
	for (uint32_t i = 0; place && i < t->n_key; i++)
		if (!has(x->order, x->n_order, key->order[i]))
			x->order[x->n_order++] = key->order[i];
	return 0;
}

static int table_make(struct shr__sqlite *st, struct shr__sqlite_table *t, const struct shr_table *table)
{
	int rc;

	t->table = table;
	t->version_at = -1;
	for (uint32_t i = 0; i < table->n_columns; i++)
		if (table->columns[i]->number >= t->n_at)
			t->n_at = table->columns[i]->number + 1;
	t->at = shr__alloc(t->n_at);
	t->indexes = shr__alloc(table->n_indexes * sizeof(*t->indexes));
	if (!t->at || !t->indexes)
		return shr__sqlite_say(st, SHR_ENOMEM, "%s: no memory", st->path);
	for (uint32_t i = 0; i < table->n_columns; i++)
		t->at[table->columns[i]->number] = (uint8_t)(i + 1);
	t->n_key = table->indexes[0]->n_columns;
	for (uint32_t i = 0; i < table->n_indexes; i++) {
		rc = index_make(st, t, i);
		if (rc)
			return rc;
	}
	for (uint32_t i = 0; i < t->n_key; i++)
		t->key_mask |= UINT64_C(1) << t->indexes[0].order[i];
	if (table->version_column) {
		unsigned at = table->version_column < t->n_at ? t->at[table->version_column] : 0;

		if (!at || table->columns[at - 1]->type != SHR_CELL_INT)
			return wrong(st, table, "its version is not an integer column", "");
		t->version_at = (int)at - 1;
	}
	return 0;
}

void shr__sqlite_schema_drop(struct shr__sqlite *st)
{
	for (uint32_t i = 0; st->schema && st->tables && i < st->schema->n_tables; i++) {
		struct shr__sqlite_table *t = &st->tables[i];

		for (uint32_t k = 0; t->indexes && k < t->table->n_indexes; k++) {
			shr__free((void *)(uintptr_t)t->indexes[k].name);
			shr__free(t->indexes[k].order);
		}
		shr__free(t->indexes);
		shr__free(t->at);
	}
	shr__free(st->tables);
	shr__free(st->tables_at);
	st->tables = NULL;
	st->tables_at = NULL;
	st->n_tables_at = 0;
	st->schema = NULL;
}

static int schema_make(struct shr__sqlite *st, const struct shr_schema *want)
{
	for (uint32_t i = 0; i < want->n_tables; i++) {
		int rc = table_check(st, want, i);

		if (rc)
			return rc;
		if (want->tables[i]->number >= st->n_tables_at)
			st->n_tables_at = want->tables[i]->number + 1;
	}
	st->tables = shr__alloc(want->n_tables * sizeof(*st->tables));
	st->tables_at = shr__alloc(st->n_tables_at);
	if (!st->tables || !st->tables_at)
		return shr__sqlite_say(st, SHR_ENOMEM, "%s: no memory", st->path);
	for (uint32_t i = 0; i < want->n_tables; i++) {
		int rc = table_make(st, &st->tables[i], want->tables[i]);

		if (rc)
			return rc;
		st->tables_at[want->tables[i]->number] = (uint8_t)(i + 1);
	}
	return 0;
}

int shr__sqlite_schema_take(struct shr__sqlite *st, const struct shr_schema *want)
{
	int rc;

	if (!want || want->n_tables < 1 || want->n_tables > MOST_TABLES || want->generation < 1 ||
		want->generation > INT32_MAX)
		return shr__sqlite_say(st, SHR_EINVAL, "schema: no tables, too many, or no generation");
	shr__sqlite_schema_drop(st);
	st->schema = want;
	rc = schema_make(st, want);
	if (rc)
		shr__sqlite_schema_drop(st);
	return rc;
}

const struct shr__sqlite_table *shr__sqlite_table(struct shr__sqlite *st, uint32_t number)
{
	unsigned place = number < st->n_tables_at ? st->tables_at[number] : 0;

	if (place)
		return &st->tables[place - 1];
	(void)shr__sqlite_say(st, SHR_EINVAL, "the schema has no table %u", number);
	return NULL;
}

/* tests/kit/store_tables.c - the kit's own tables, and rows of them */
#include <stdio.h>

#include "store_kit.h"

#define COLUMN(table, number, type, flags, since, name) \
	static const struct shr_column table##_##name = { sizeof(struct shr_column), number, SHR_CELL_##type, flags, since, \
		0, #name };
#define NULLABLE SHR_COLUMN_NULLABLE
COLUMN(thing, THING_ID, TEXT, 0, 1, id)
COLUMN(thing, THING_VERSION, INT, 0, 1, version)
COLUMN(thing, THING_NAME, TEXT, 0, 1, name)
COLUMN(thing, THING_TAG, TEXT, NULLABLE, 1, tag)
COLUMN(thing, THING_N, INT, 0, 1, n)
COLUMN(thing, THING_NOTE, TEXT, NULLABLE, 1, note)
COLUMN(thing, THING_DATA, BLOB, NULLABLE, 1, data)
COLUMN(thing, THING_EXTRA, TEXT, NULLABLE, 2, extra)
COLUMN(number, NUMBER_KEY, INT, 0, 1, key)
COLUMN(number, NUMBER_VALUE, INT, 0, 1, value)
COLUMN(bytes, BYTES_KEY, BLOB, 0, 1, key)
COLUMN(bytes, BYTES_VALUE, INT, 0, 1, value)
COLUMN(word, WORD_A, TEXT, 0, 1, a)
COLUMN(word, WORD_B, TEXT, 0, 1, b)
COLUMN(word, WORD_VALUE, INT, 0, 1, value)

#define INDEX(name, number, flags, since, ...) \
	static const uint32_t name##_columns[] = { __VA_ARGS__ }; \
	static const struct shr_index name = { sizeof(struct shr_index), number, flags, \
		sizeof name##_columns / sizeof name##_columns[0], since, 0, #name, name##_columns };
INDEX(kit_thing_pk, 1, SHR_INDEX_UNIQUE, 1, THING_ID)
INDEX(kit_thing_by_name, 2, 0, 1, THING_NAME, THING_ID)
INDEX(kit_thing_by_tag, 3, SHR_INDEX_UNIQUE, 1, THING_TAG)
INDEX(kit_thing_by_note, 4, 0, 1, THING_NOTE, THING_N)
INDEX(kit_thing_by_n, 5, 0, 2, THING_N, THING_ID)
INDEX(kit_number_pk, 1, SHR_INDEX_UNIQUE, 1, NUMBER_KEY)
INDEX(kit_bytes_pk, 1, SHR_INDEX_UNIQUE, 1, BYTES_KEY)
INDEX(kit_word_pk, 1, SHR_INDEX_UNIQUE, 1, WORD_A, WORD_B)

static const struct shr_column *const thing_columns[] = { &thing_id, &thing_version, &thing_name, &thing_tag, &thing_n,
	&thing_note, &thing_data, &thing_extra };
static const struct shr_index *const thing_indexes[] = { &kit_thing_pk, &kit_thing_by_name, &kit_thing_by_tag,
	&kit_thing_by_note, &kit_thing_by_n };
static const struct shr_column *const number_columns[] = { &number_key, &number_value };
static const struct shr_index *const number_indexes[] = { &kit_number_pk };
static const struct shr_column *const bytes_columns[] = { &bytes_key, &bytes_value };
static const struct shr_index *const bytes_indexes[] = { &kit_bytes_pk };
static const struct shr_column *const word_columns[] = { &word_a, &word_b, &word_value };
static const struct shr_index *const word_indexes[] = { &kit_word_pk };

#define TABLE(name, number, n_columns, n_indexes, version, columns, indexes, text) \
	static const struct shr_table name = { sizeof(struct shr_table), number, n_columns, n_indexes, version, 1, text, \
		columns, indexes };
TABLE(thing_old, THING, 7, 4, THING_VERSION, thing_columns, thing_indexes, "kit_thing")
TABLE(thing_new, THING, 8, 5, THING_VERSION, thing_columns, thing_indexes, "kit_thing")
TABLE(number, NUMBER, 2, 1, 0, number_columns, number_indexes, "kit_number")
TABLE(bytes, BYTES, 2, 1, 0, bytes_columns, bytes_indexes, "kit_bytes")
TABLE(word, WORD, 3, 1, 0, word_columns, word_indexes, "kit_word")

static const struct shr_table *const old_tables[] = { &thing_old, &number, &bytes, &word };
static const struct shr_table *const new_tables[] = { &thing_new, &number, &bytes, &word };
const struct shr_schema shr__kit_old = { sizeof(struct shr_schema), 1, 4, 0, old_tables };
const struct shr_schema shr__kit_new = { sizeof(struct shr_schema), 2, 4, 0, new_tables };

int shr__kit_thing_insert(struct kit_txn *t, const char *id, const char *name, const char *tag, int64_t n)
{
	const struct shr_cell cells[] = { shr__kit_text(THING_ID, id), shr__kit_int(THING_VERSION, 1),
		shr__kit_text(THING_NAME, name), shr__kit_int(THING_N, n), tag ? shr__kit_text(THING_TAG, tag) : shr__kit_null(THING_TAG) };

	return t->store->ops->insert(t->store->st, t->txn, THING, cells, 5, 0);
}

static void text_of(const struct shr_cell *c, char *text)
{
	if (c->type == SHR_CELL_NULL)
		strcpy(text, "(null)");
	else
		snprintf(text, 64, "%.*s", (int)c->len, (const char *)c->p);
}

int shr__kit_thing_row(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	static const uint32_t types[] = { SHR_CELL_TEXT, SHR_CELL_INT, SHR_CELL_TEXT, SHR_CELL_TEXT, SHR_CELL_INT,
		SHR_CELL_TEXT, SHR_CELL_BLOB, SHR_CELL_TEXT };
	struct kit_thing *thing = data;
	char *const texts[] = { thing->id, NULL, thing->name, thing->tag, NULL, thing->note, NULL, thing->extra };
	uint32_t last = 0;

	memset(thing, 0, sizeof *thing);
	for (int i = 0; i < 8; i++)
		if (texts[i])
			strcpy(texts[i], "(null)");
	for (uint32_t i = 0; i < n_cells; i++) {
		const struct shr_cell *c = &cells[i];

		if (c->column <= last || c->column > 8 || (c->type != SHR_CELL_NULL && c->type != types[c->column - 1])) {
			thing->odd = 1;
			return 0;
		}
		last = c->column;
		if (c->column == THING_VERSION)
			thing->version = c->i;
		else if (c->column == THING_N)
			thing->n = c->i;
		else if (texts[c->column - 1])
			text_of(c, texts[c->column - 1]);
		else if (c->type == SHR_CELL_BLOB && c->len <= sizeof thing->data)
			memcpy(thing->data, c->len ? c->p : "", thing->n_data = c->len);
	}
	return 0;
}

int shr__kit_thing_get(struct kit_txn *t, const char *id, struct kit_thing *ret)
{
	const struct shr_cell key = shr__kit_text(THING_ID, id);

	return t->store->ops->get(t->store->st, t->txn, THING, &key, 1, shr__kit_thing_row, ret);
}

int shr__kit_thing_set_n(struct kit_txn *t, const char *id, int64_t expect, int64_t n)
{
	const struct shr_cell key = shr__kit_text(THING_ID, id);
	const struct shr_cell cells[] = { shr__kit_int(THING_N, n), shr__kit_int(THING_VERSION, expect + 1) };

	return t->store->ops->update(t->store->st, t->txn, THING, &key, 1, expect, cells, expect == -1 ? 1 : 2);
}

int shr__kit_thing_remove(struct kit_txn *t, const char *id, int64_t expect)
{
	const struct shr_cell key = shr__kit_text(THING_ID, id);

	return t->store->ops->remove(t->store->st, t->txn, THING, &key, 1, expect);
}

int shr__kit_number_insert(struct kit_txn *t, int64_t key, int64_t value)
{
	const struct shr_cell cells[] = { shr__kit_int(NUMBER_KEY, key), shr__kit_int(NUMBER_VALUE, value) };

	return t->store->ops->insert(t->store->st, t->txn, NUMBER, cells, 2, 0);
}

static int number_row(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	for (uint32_t i = 0; i < n_cells; i++)
		if (cells[i].column == NUMBER_VALUE)
			*(int64_t *)data = cells[i].i;
	return 0;
}

int shr__kit_number_get(struct kit_txn *t, int64_t key, int64_t *ret_value)
{
	const struct shr_cell cell = shr__kit_int(NUMBER_KEY, key);

	return t->store->ops->get(t->store->st, t->txn, NUMBER, &cell, 1, number_row, ret_value);
}

int shr__kit_number_add(struct kit_txn *t, int64_t key, int64_t delta, int64_t lowest, int64_t highest,
	int64_t *ret_value)
{
	const struct shr_cell cell = shr__kit_int(NUMBER_KEY, key);

	return t->store->ops->add(t->store->st, t->txn, NUMBER, &cell, 1, NUMBER_VALUE, delta, lowest, highest, ret_value);
}

static int list_row(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct kit_list *list = data;
	struct kit_thing thing;
	size_t n = strlen(list->text);

	shr__kit_thing_row(cells, n_cells, &thing);
	snprintf(list->text + n, sizeof list->text - n, "%s%s", n ? " " : "", thing.odd ? "ODD" : thing.id);
	list->n++;
	return list->stop_at == list->n ? list->answer : 0;
}

int shr__kit_things(struct kit_txn *t, uint32_t index, const struct shr_cell *from, uint32_t n_from, uint32_t n_prefix,
	uint32_t flags, uint32_t limit, struct kit_list *ret)
{
	ret->text[0] = 0;
	ret->n = 0;
	return t->store->ops->scan(t->store->st, t->txn, THING, index, from, n_from, n_prefix, flags, limit, list_row, ret);
}

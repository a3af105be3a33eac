/* lib/store/kv_catalog.c - which indexes a key-value store keeps, as it says itself; and filling one that is new */
#include <string.h>

#include "base/mem.h"
#include "store/kv_own.h"

/* Before every row's key, whose first byte is 1. */
static const char catalog_key[] = "\0libshare";

enum { TAG_GENERATION = 1, TAG_LEAST, TAG_INDEX };
enum { UNIQUE = 1, IS_KEY = 2 };

static void catalog_name(struct shr__buf *key)
{
	key->n = 0;
	shr__buf_add(key, catalog_key, sizeof catalog_key);
}

void shr__kv_catalog_clear(struct shr__kv_catalog *c)
{
	shr__buf_clear(&c->bytes);
	shr__free(c->indexes);
	memset(c, 0, sizeof *c);
}

static uint32_t get16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

/* TABLE, NUMBER, FLAGS, COLUMNS..., two bytes each. */
static int parse_index(const unsigned char *p, size_t n, struct shr__kv_index *index)
{
	memset(index, 0, sizeof *index);
	if (n < 8 || n % 2 || (n - 6) / 2 > SHR__KV_KEY_COLUMNS)
		return -1;
	index->table = get16(p);
	index->number = get16(p + 2);
	index->unique = get16(p + 4) & UNIQUE;
	index->is_key = (get16(p + 4) & IS_KEY) != 0;
	for (size_t at = 6; at < n; at += 2)
		index->columns[index->n_columns++] = get16(p + at);
	return 0;
}

static int has_column(const struct shr__kv_index *index, uint32_t column)
{
	for (uint32_t i = 0; i < index->n_columns; i++)
		if (index->columns[i] == column)
			return 1;
	return 0;
}

/* Which columns an entry has depends on the table's key. */
static int complete(struct shr__kv_catalog *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		struct shr__kv_index *x = &c->indexes[i];
		const struct shr__kv_index *key = NULL;

		for (uint32_t j = 0; j < c->n && !key; j++)
			if (c->indexes[j].table == x->table && c->indexes[j].is_key)
				key = &c->indexes[j];
		if (!key)
			return -1;
		x->n_all = x->n_columns;
		for (uint32_t j = 0; j < key->n_columns; j++)
			if (!has_column(x, key->columns[j]))
				x->columns[x->n_all++] = key->columns[j];
		x->n_entry = x->unique ? x->n_columns : x->n_all;
	}
	return 0;
}

static int parse(struct shr__kv_catalog *c)
{
	struct shr__pack pack = { (const void *)c->bytes.p, c->bytes.n };
	int64_t generation = 0, least = 0;
	uint16_t tag;
	const void *p;
	size_t n;

	if (!shr__pack_find_int(c->bytes.p, c->bytes.n, TAG_GENERATION, &generation) ||
	    !shr__pack_find_int(c->bytes.p, c->bytes.n, TAG_LEAST, &least))
		return SHR_ECORRUPT;
	c->generation = (uint32_t)generation;
	c->least = (uint32_t)least;
	c->n = 0;
	while (shr__pack_next(&pack, &tag, &p, &n)) {
		struct shr__kv_index *more;

		if (tag != TAG_INDEX)
			continue;
		more = shr__realloc(c->indexes, (c->n + 1) * sizeof *more);
		if (!more)
			return SHR_ENOMEM;
		c->indexes = more;
		if (parse_index(p, n, &c->indexes[c->n++]) < 0)
			return SHR_ECORRUPT;
	}
	return complete(c) < 0 ? SHR_ECORRUPT : 0;
}

int shr__kv_catalog_read(struct shr__kv_txn *t, struct shr__kv_catalog *c)
{
	const void *p;
	uint64_t n;
	int rc;

	catalog_name(&t->key);
	rc = shr__kv_get(t, &t->key, &p, &n);
	if (rc < 0)
		return rc;
	if (c->bytes.n && n == c->bytes.n && !memcmp(p, c->bytes.p, n))
		return 0;
	c->bytes.n = 0;
	shr__buf_add(&c->bytes, p, n);
	rc = c->bytes.failed ? SHR_ENOMEM : parse(c);
	if (rc == SHR_ECORRUPT)
		shr__kv_fail(t->kv, rc, "its catalog of indexes is damaged");
	if (rc < 0)
		shr__kv_catalog_clear(c);
	return rc;
}

static void add_index(struct shr__buf *bytes, const struct shr_table *table, uint32_t place)
{
	const struct shr_index *index = table->indexes[place];
	uint32_t words[3 + SHR__KV_KEY_COLUMNS] = { table->number, index->number,
		(index->flags & SHR_INDEX_UNIQUE ? UNIQUE : 0) | (place ? 0 : IS_KEY) };
	unsigned char raw[sizeof words / 2];
	uint32_t n = 3;

	for (uint32_t i = 0; i < index->n_columns; i++)
		words[n++] = index->columns[i];
	for (uint32_t i = 0; i < n; i++) {
		raw[2 * i] = (unsigned char)(words[i] >> 8);
		raw[2 * i + 1] = (unsigned char)words[i];
	}
	shr__pack_bytes(bytes, TAG_INDEX, raw, 2 * n);
}

static const struct shr__kv_index *find(const struct shr__kv_catalog *c, uint32_t table, uint32_t number)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->indexes[i].table == table && c->indexes[i].number == number)
			return &c->indexes[i];
	return NULL;
}

/* The old catalog and whatever WANT has more. */
static int merge(const struct shr__kv_catalog *old, const struct shr_schema *want, struct shr__kv_catalog *ret)
{
	struct shr__pack pack = { (const void *)old->bytes.p, old->bytes.n };
	uint16_t tag;
	const void *p;
	size_t n;

	shr__pack_int(&ret->bytes, TAG_GENERATION, want->generation > old->generation ? want->generation : old->generation);
	shr__pack_int(&ret->bytes, TAG_LEAST, old->n ? old->least : 1);
	while (shr__pack_next(&pack, &tag, &p, &n))
		if (tag != TAG_GENERATION && tag != TAG_LEAST)
			shr__pack_bytes(&ret->bytes, tag, p, n);
	for (uint32_t i = 0; i < want->n_tables; i++)
		for (uint32_t j = 0; j < want->tables[i]->n_indexes; j++)
			if (!find(old, want->tables[i]->number, want->tables[i]->indexes[j]->number))
				add_index(&ret->bytes, want->tables[i], j);
	return ret->bytes.failed ? SHR_ENOMEM : parse(ret);
}

/* An entry for one row that is there already, whose key is in T->key. */
static int fill_one(struct shr__kv_txn *t, const struct shr__kv_index *index, struct shr__kv_row row)
{
	const void *p;
	uint64_t n;
	int rc = shr__kv_entry_key(t->kv, &t->entry, index, row, index->n_entry);

	if (rc != 1)
		return rc;
	if (index->unique) {
		rc = shr__kv_get(t, &t->entry, &p, &n);
		if (!rc)
			return shr__kv_fail(t->kv, SHR_ESTORE, "two rows of table %u are the same in its new unique index %u",
				index->table, index->number);
		if (rc != SHR_ENOTFOUND)
			return rc;
	}
	return shr__kv_put(t, &t->entry, t->key.p, t->key.n);
}

static int fill(struct shr__kv_txn *t, const struct shr__kv_index *index, uint32_t key_number)
{
	const struct shr_kv_ops *ops = t->kv->ops;
	const void *key, *value;
	uint64_t n_key, n_value;
	size_t prefix;
	int rc;

	shr__kv_key_begin(&t->key, index->table, key_number);
	prefix = t->key.n;
	shr__kv_key_begin(&t->other, index->table, key_number);
	while (!t->key.failed && !t->other.failed) {
		rc = shr__kv_judge(t->kv, ops->next(t->kv->kv, t->txn, t->key.p, t->key.n, 0, 0, &key, &n_key, &value, &n_value));
		if (rc == SHR_ENOTFOUND || (!rc && (n_key < prefix || memcmp(key, t->other.p, prefix))))
			return 0;
		if (rc)
			return rc;
		t->key.n = t->value.n = 0;
		shr__buf_add(&t->key, key, n_key);
		shr__buf_add(&t->value, value, n_value);
		if (t->value.failed)
			break;
		rc = fill_one(t, index, (struct shr__kv_row){ (const void *)t->value.p, t->value.n });
		if (rc < 0)
			return rc;
	}
	return SHR_ENOMEM;
}

/* A table of many rows is filled in this one transaction: an index is new once in a store's life. */
static int fill_new(struct shr__kv_txn *t, const struct shr__kv_catalog *old, const struct shr__kv_catalog *now)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < now->n; i++) {
		const struct shr__kv_index *x = &now->indexes[i], *key = NULL;

		for (uint32_t j = 0; j < old->n; j++)
			if (old->indexes[j].table == x->table && old->indexes[j].is_key)
				key = &old->indexes[j];
		if (key && !find(old, x->table, x->number))
			rc = fill(t, x, key->number);
	}
	return rc;
}

int shr__kv_catalog_raise(struct shr__kv_txn *t, struct shr__kv_catalog *c, const struct shr_schema *want)
{
	struct shr__kv_catalog now = { 0 };
	int rc = merge(c, want, &now);

	if (!rc && (now.bytes.n != c->bytes.n || memcmp(now.bytes.p, c->bytes.p, now.bytes.n))) {
		rc = fill_new(t, c, &now);
		catalog_name(&t->key);
		if (!rc)
			rc = shr__kv_put(t, &t->key, now.bytes.p, now.bytes.n);
		if (!rc)
			rc = shr__kv_slot_write_all(t);
	}
	if (rc) {
		shr__kv_catalog_clear(&now);
		return rc;
	}
	shr__kv_catalog_clear(c);
	*c = now;
	return 0;
}

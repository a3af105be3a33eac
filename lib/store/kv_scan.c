/* lib/store/kv_scan.c - rows in the order of an index of a key-value store */
#include <string.h>

#include "store/kv_own.h"

/* A scan under way. The transaction's buffers: `key` is the prefix of all its entries, `entry` where it is, `other` where it
 * began, `value` a row's key. */
struct scan {
	struct shr__kv_txn *t;
	const struct shr_table *table;
	const struct shr__kv_index *index; /* NULL: the key itself */
	uint32_t backwards, limit;
	int behind; /* begin behind `other`, which may have more columns than an entry */
	shr_row_fn *fn;
	void *data;
};

static int key_of(struct shr__buf *key, const struct scan *s, uint32_t place, const struct shr_cell *from, uint32_t n)
{
	shr__kv_key_begin(key, s->table->number, s->table->indexes[place]->number);
	for (uint32_t i = 0; i < n; i++) {
		if (from[i].type == SHR_CELL_NULL)
			return 0;
		shr__kv_key_cell(key, &from[i]);
	}
	return key->failed ? SHR_ENOMEM : 1;
}

static int give(const struct scan *s, const void *p, uint64_t n)
{
	struct shr_cell cells[SHR__KV_COLUMNS];
	int rc = shr__kv_row_cells((struct shr__kv_row){ p, n }, s->table, cells);

	if (rc < 0)
		return shr__kv_fail(s->t->kv, rc, "table %s: a row is damaged", s->table->name);
	return s->fn(cells, s->table->n_columns, s->data);
}

/* A unique entry ends with its own columns; whether it lies behind the place where the scan began may hang on the key's. */
static int is_behind(const struct scan *s, struct shr__kv_row row)
{
	struct shr__kv_txn *t = s->t;
	int rc = shr__kv_entry_key(t->kv, &t->was, s->index, row, s->index->n_all);
	size_t n = t->was.n < t->other.n ? t->was.n : t->other.n;
	int order;

	if (rc < 0)
		return rc;
	order = memcmp(t->was.p, t->other.p, n);
	if (!order)
		return 0;
	return s->backwards ? order < 0 : order > 0;
}

/* The row of an entry. 0: given; 1: enough, or left out (*ret_out); negative. */
static int give_entry(const struct scan *s, const void *p, uint64_t n, int *ret_out)
{
	struct shr__kv_txn *t = s->t;
	int rc;

	t->value.n = 0;
	shr__buf_add(&t->value, p, n);
	rc = shr__kv_get(t, &t->value, &p, &n);
	if (rc == SHR_ENOTFOUND)
		return shr__kv_fail(t->kv, SHR_ECORRUPT, "table %s: an index has an entry without a row", s->table->name);
	if (rc < 0)
		return rc;
	if (s->behind && s->index->unique) {
		rc = is_behind(s, (struct shr__kv_row){ p, n });
		if (rc < 1) {
			*ret_out = 1;
			return rc;
		}
	}
	return give(s, p, n);
}

static int walk(struct scan *s)
{
	struct shr__kv_txn *t = s->t;
	const struct shr_kv_ops *ops = t->kv->ops;
	uint32_t inclusive = !s->backwards, n_given = 0;

	while (n_given < s->limit) {
		const void *key, *value;
		uint64_t n_key, n_value;
		int out = 0;
		int rc = shr__kv_judge(t->kv, ops->next(t->kv->kv, t->txn, t->entry.p, t->entry.n, s->backwards, inclusive, &key,
			&n_key, &value, &n_value));

		if (rc == SHR_ENOTFOUND || (!rc && (n_key < t->key.n || memcmp(key, t->key.p, t->key.n))))
			return 0;
		if (rc)
			return rc;
		t->entry.n = 0;
		shr__buf_add(&t->entry, key, n_key);
		if (t->entry.failed)
			return SHR_ENOMEM;
		inclusive = 0;
		rc = s->index ? give_entry(s, value, n_value, &out) : give(s, value, n_value);
		if (rc < 0)
			return rc;
		if (rc)
			return 0;
		n_given += !out;
	}
	return 0;
}

static const struct shr__kv_index *find(const struct shr__kv_catalog *c, uint32_t table, uint32_t number)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (c->indexes[i].table == table && c->indexes[i].number == number)
			return &c->indexes[i];
	return NULL;
}

int shr__kv_scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct shr__kv *kv = st;
	struct shr__kv_txn *t = txn;
	struct scan s = { t, shr__kv_table(kv->schema, table), NULL, flags & SHR_SCAN_BACKWARDS, limit, n_from > n_prefix, fn,
		data };
	uint32_t n_seek = n_from;
	int rc;

	if (!s.table || index >= s.table->n_indexes || n_prefix > n_from ||
	    n_prefix > s.table->indexes[index]->n_columns)
		return shr__kv_fail(kv, SHR_ESTORE, "a scan of a table or an index that is not in the schema");
	if (index)
		s.index = find(&kv->known, table, s.table->indexes[index]->number);
	if (index && !s.index)
		return shr__kv_fail(kv, SHR_ECORRUPT, "table %s: its catalog lacks an index", s.table->name);
	rc = key_of(&t->key, &s, index, from, n_prefix);
	if (rc == 1)
		rc = key_of(&t->other, &s, index, from, n_from);
	/* A unique entry with the same own columns may lie before or behind: it is looked at. */
	if (s.index && s.index->unique && n_from > s.index->n_columns)
		n_seek = s.index->n_columns;
	else if (s.behind && s.index)
		s.behind = 0;
	if (rc == 1)
		rc = key_of(&t->entry, &s, index, from, n_seek);
	if (rc != 1)
		return rc;
	if (s.backwards ? n_from == n_prefix || n_seek < n_from : n_from > n_prefix && n_seek == n_from)
		shr__kv_key_behind(&t->entry);
	return walk(&s);
}

/* lib/store/kv_check.c - looking for damage in a key-value store: rows that cannot be read, indexes that do not fit them */
#include <stdio.h>
#include <string.h>

#include "store/kv_own.h"

struct check {
	struct shr__kv_txn *t;
	const struct shr_table *table;
	uint32_t full, n_found;
	shr_finding_fn *fn;
	void *data;
};

static void found(struct check *c, const char *what)
{
	char text[160];

	if (c->n_found++ == 100)
		return;
	snprintf(text, sizeof text, "table %s: %s", c->table->name, what);
	c->fn(text, c->data);
}

/* Every entry that the row at T->value, whose key is T->entry, should have. */
static int check_entries(struct check *c, struct shr__kv_row row)
{
	struct shr__kv_txn *t = c->t;

	for (uint32_t i = 0; i < t->kv->known.n; i++) {
		const struct shr__kv_index *x = &t->kv->known.indexes[i];
		const void *p;
		uint64_t n;
		int rc;

		if (x->table != c->table->number || x->is_key)
			continue;
		rc = shr__kv_entry_key(t->kv, &t->other, x, row, x->n_entry);
		if (rc == 1)
			rc = shr__kv_get(t, &t->other, &p, &n);
		else if (!rc)
			continue;
		if (rc == SHR_ENOTFOUND || (!rc && (n != t->entry.n || memcmp(p, t->entry.p, n))))
			found(c, "a row is not in an index as it should be");
		else if (rc < 0)
			return rc;
	}
	return 0;
}

/* The entry T->entry of index X, whose value is T->value: is there a row that says the same? */
static int check_row_of(struct check *c, const struct shr__kv_index *x)
{
	struct shr__kv_txn *t = c->t;
	const void *p;
	uint64_t n;
	int rc = shr__kv_get(t, &t->value, &p, &n);

	if (!rc)
		rc = shr__kv_entry_key(t->kv, &t->other, x, (struct shr__kv_row){ p, n }, x->n_entry);
	if (rc == SHR_ENOTFOUND || !rc ||
	    (rc == 1 && (t->other.n != t->entry.n || memcmp(t->other.p, t->entry.p, t->entry.n)))) {
		found(c, "an index has an entry that no row has");
		return 0;
	}
	return rc < 0 && rc != SHR_ECORRUPT ? rc : 0;
}

static int check_one(struct check *c, const struct shr__kv_index *x)
{
	struct shr__kv_txn *t = c->t;
	struct shr__kv_row row = { (const void *)t->value.p, t->value.n };
	struct shr_cell cells[SHR__KV_COLUMNS];

	if (!x->is_key)
		return c->full ? check_row_of(c, x) : 0;
	if (shr__kv_row_cells(row, c->table, cells) < 0)
		found(c, "a row is damaged");
	else if (c->full)
		return check_entries(c, row);
	return 0;
}

/* Everything under the prefix of one index. */
static int check_index(struct check *c, const struct shr__kv_index *x)
{
	struct shr__kv_txn *t = c->t;
	const struct shr_kv_ops *ops = t->kv->ops;
	const void *key, *value;
	uint64_t n_key, n_value;
	int rc;

	shr__kv_key_begin(&t->key, x->table, x->number);
	shr__kv_key_begin(&t->entry, x->table, x->number);
	while (!t->key.failed && !t->entry.failed && !t->value.failed) {
		rc = shr__kv_judge(t->kv, ops->next(t->kv->kv, t->txn, t->entry.p, t->entry.n, 0, 0, &key, &n_key, &value,
			&n_value));
		if (rc == SHR_ENOTFOUND || (!rc && (n_key < t->key.n || memcmp(key, t->key.p, t->key.n))))
			return 0;
		if (rc)
			return rc;
		t->entry.n = t->value.n = 0;
		shr__buf_add(&t->entry, key, n_key);
		shr__buf_add(&t->value, value, n_value);
		if (t->entry.failed || t->value.failed)
			break;
		rc = check_one(c, x);
		if (rc)
			return rc;
	}
	return SHR_ENOMEM;
}

int shr__kv_check(void *st, uint32_t full, shr_finding_fn *fn, void *data)
{
	struct shr__kv *kv = st;
	struct check c = { NULL, NULL, full, 0, fn, data };
	void *txn;
	int rc = kv->store.ops->begin(st, SHR_TXN_READ, &txn);

	if (rc)
		return rc;
	c.t = txn;
	for (uint32_t i = 0; !rc && i < kv->known.n; i++) {
		c.table = shr__kv_table(kv->schema, kv->known.indexes[i].table);
		if (c.table && (full || kv->known.indexes[i].is_key))
			rc = check_index(&c, &kv->known.indexes[i]);
	}
	kv->store.ops->rollback(st, txn);
	return rc;
}

/* lib/store/kv_change.c - a row and its entries in every index, changed together */
#include <string.h>

#include "store/kv_own.h"

int shr__kv_entry_key(struct shr__kv *kv, struct shr__buf *key, const struct shr__kv_index *index, struct shr__kv_row row,
	uint32_t n)
{
	struct shr_cell cell;

	shr__kv_key_begin(key, index->table, index->number);
	for (uint32_t i = 0; i < n; i++) {
		int rc = shr__kv_row_find(row, index->columns[i], &cell);

		if (rc < 0)
			return shr__kv_fail(kv, rc, "table %u: a row is damaged", index->table);
		if (!rc)
			return 0;
		shr__kv_key_cell(key, &cell);
	}
	return key->failed ? SHR_ENOMEM : 1;
}

static int same(const struct shr__buf *a, const struct shr__buf *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

/* The entries of both rows: 1 in *ret_was or *ret_now: T->other or T->entry is one. Both 0: there is nothing to do. */
static int entries(struct shr__kv_txn *t, const struct shr__kv_index *x, struct shr__kv_row was, struct shr__kv_row now,
	int *ret_was, int *ret_now)
{
	*ret_was = was.p ? shr__kv_entry_key(t->kv, &t->other, x, was, x->n_entry) : 0;
	if (*ret_was < 0)
		return *ret_was;
	*ret_now = now.p ? shr__kv_entry_key(t->kv, &t->entry, x, now, x->n_entry) : 0;
	if (*ret_now < 0)
		return *ret_now;
	if (*ret_was && *ret_now && same(&t->other, &t->entry))
		*ret_was = *ret_now = 0;
	return 0;
}

/* The look here and the write later of the same entry make two that want it conflict. */
static int unique_ok(struct shr__kv_txn *t, const struct shr__kv_index *x, struct shr__kv_row was, struct shr__kv_row now)
{
	int old, new;
	const void *p;
	uint64_t n;
	int rc = entries(t, x, was, now, &old, &new);

	if (rc < 0 || !new)
		return rc;
	rc = shr__kv_get(t, &t->entry, &p, &n);
	if (!rc)
		return SHR_EEXIST;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static int change_entry(struct shr__kv_txn *t, const struct shr__kv_index *x, struct shr__kv_row was, struct shr__kv_row now)
{
	int old, new;
	int rc = entries(t, x, was, now, &old, &new);

	if (!rc && old)
		rc = shr__kv_put(t, &t->other, NULL, 0);
	if (!rc && new)
		rc = shr__kv_put(t, &t->entry, t->key.p, t->key.n);
	return rc;
}

int shr__kv_change(struct shr__kv_txn *t, uint32_t table, struct shr__kv_row was, struct shr__kv_row now)
{
	const struct shr__kv_catalog *c = &t->kv->catalog;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < c->n; i++)
		if (c->indexes[i].table == table && c->indexes[i].unique && !c->indexes[i].is_key && now.p)
			rc = unique_ok(t, &c->indexes[i], was, now);
	for (uint32_t i = 0; !rc && i < c->n; i++)
		if (c->indexes[i].table == table && !c->indexes[i].is_key)
			rc = change_entry(t, &c->indexes[i], was, now);
	return rc ? rc : shr__kv_put(t, &t->key, now.p, now.n);
}

/* lib/store/txn_hot.c - rows that many bodies of a commit add to: read once, summed up in memory, written once */
#include <string.h>

#include "store/txn_own.h"

/* The number in COLUMN of ROW. */
static int64_t *number(const struct shr__rowdef *def, void *row, uint32_t column)
{
	return (int64_t *)(void *)((char *)row + def->fields[column - 1].offset);
}

static struct shr__hot *find(struct shr__txn *t, const struct shr__rowdef *def, const void *row)
{
	for (unsigned i = 0; i < t->hots.n; i++)
		if (t->hots.by[i].def == def && shr__same_key(def, t->hots.by[i].row, row))
			return &t->hots.by[i];
	return NULL;
}

/* The place in H of a column's sum, which begins with what was read. NULL: there are more columns than places. */
static struct shr__hot_sum *sum_of(struct shr__hot *h, uint32_t column)
{
	for (unsigned i = 0; i < SHR__HOT_COLUMNS; i++) {
		struct shr__hot_sum *s = &h->sums[i];

		if (s->column == column)
			return s;
		if (!s->column) {
			*s = (struct shr__hot_sum){ column, *number(h->def, h->row, column), 0 };
			return s;
		}
	}
	return NULL;
}

/* What stands in ROW, as the store has it, becomes what it will be. */
static void overlay(const struct shr__hot *h, void *row)
{
	for (unsigned i = 0; i < SHR__HOT_COLUMNS && h->sums[i].column; i++)
		*number(h->def, row, h->sums[i].column) = h->sums[i].stored + h->sums[i].more;
}

void shr__hot_overlay(struct shr__txn *t, const struct shr__rowdef *def, void *row)
{
	const struct shr__hot *h = find(t, def, row);

	if (h)
		overlay(h, row);
}

/* The sum is written only where it makes the number that was reckoned with. The store has promised that what was read stays;
 * one that lets others write all the same shows here, and the commit is made again. */
static int write_sums(struct shr__txn *t, struct shr__hot *h)
{
	int rc = 0;

	for (unsigned i = 0; !rc && i < SHR__HOT_COLUMNS && h->sums[i].column; i++) {
		struct shr__hot_sum *s = &h->sums[i];
		int64_t value = s->stored + s->more;

		if (s->more)
			rc = shr__txn_add(t, h->def, h->row, s->column, s->more, value, value, NULL);
		s->stored = value;
		s->more = 0;
	}
	if (rc && !t->lost)
		t->lost = SHR_EAGAIN;
	return t->lost;
}

/* Everybody writes them in one order, so that no two wait for each other: as a create that is alone does, quota, then pool,
 * which is the tables' numbers downwards; then by key. */
static int before(const struct shr__hot *a, const struct shr__hot *b)
{
	return a->def == b->def ? shr__compare_key(a->def, a->row, b->row) < 0 : a->def->table->number > b->def->table->number;
}

static void sort(struct shr__hots *hots)
{
	for (unsigned i = 1; i < hots->n; i++)
		for (unsigned k = i; k > 0 && before(&hots->by[k], &hots->by[k - 1]); k--) {
			struct shr__hot h = hots->by[k];

			hots->by[k] = hots->by[k - 1];
			hots->by[k - 1] = h;
		}
}

int shr__hot_write(struct shr__txn *t)
{
	int rc = t->lost;

	sort(&t->hots);
	t->hots.writing = 1;
	for (unsigned i = 0; !rc && i < t->hots.n; i++)
		rc = write_sums(t, &t->hots.by[i]);
	t->hots.writing = 0;
	t->hots.n = 0;
	return rc;
}

int shr__hot_settle(struct shr__txn *t, const struct shr__rowdef *def)
{
	for (unsigned i = 0; i < t->hots.n; i++)
		if (t->hots.by[i].def == def)
			return t->hots.writing ? 0 : shr__hot_write(t);
	return 0;
}

/* The row of ROW's key as it is kept; it is read when it is not. */
static int look_up(struct shr__txn *t, const struct shr__rowdef *def, void *row, struct shr__hot **ret_hot)
{
	struct shr__hot *h = find(t, def, row);
	int rc = 0;

	if (!h && t->hots.n == SHR__HOT_MOST)
		rc = shr__hot_write(t);
	if (!h && !rc)
		rc = shr__txn_get(t, def, row);
	if (rc)
		return rc;
	if (!h) {
		h = &t->hots.by[t->hots.n];
		memset(h, 0, sizeof *h);
		h->def = def;
		h->row = shr__arena_memdup(t->arena, row, def->size);
		if (!h->row)
			return t->lost = SHR_ENOMEM;
		t->hots.n++;
	}
	*ret_hot = h;
	return 0;
}

int shr__txn_hot_get(struct shr__txn *t, const struct shr__rowdef *def, void *row)
{
	struct shr__hot *h = NULL;
	int rc;

	if (t->lost || !t->hots.on)
		return shr__txn_get(t, def, row);
	rc = look_up(t, def, row, &h);
	if (rc)
		return rc;
	memcpy(row, h->row, def->size);
	overlay(h, row);
	return 0;
}

int shr__txn_hot_add(struct shr__txn *t, const struct shr__rowdef *def, const void *row, uint32_t column, int64_t delta,
	int64_t lowest, int64_t highest)
{
	struct shr__hot_sum *s;
	struct shr__hot *h = NULL;
	int64_t more, value;
	int rc;

	if (t->lost || !t->hots.on)
		return shr__txn_add(t, def, row, column, delta, lowest, highest, NULL);
	h = find(t, def, row);
	if (!h) {
		void *read = shr__arena_memdup(t->arena, row, def->size);

		if (!read)
			return t->lost = SHR_ENOMEM;
		rc = look_up(t, def, read, &h);
		if (rc)
			return rc;
	}
	s = sum_of(h, column);
	if (!s)
		return shr__txn_add(t, def, row, column, delta, lowest, highest, NULL);
	if (__builtin_add_overflow(s->more, delta, &more) || __builtin_add_overflow(s->stored, more, &value) || value < lowest ||
	    value > highest)
		return SHR_EQUOTA;
	s->more = more;
	if (t->peeked_def == def)
		t->peeked_def = NULL;
	return 0;
}

/* lib/store/txn.c - one transaction: typed rows in and out, and what a lost one leaves behind */
#include "store/txn_own.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/fail.h"

struct shr__arena *shr__txn_arena(struct shr__txn *t)
{
	return t->arena;
}

/* From now on every call answers CODE. */
static int lose(struct shr__txn *t, int code, const char *words)
{
	if (!t->lost) {
		t->lost = code;
		snprintf(t->words, sizeof t->words, "%s", words);
	}
	return t->lost;
}

static int lose_corrupt(struct shr__txn *t, const struct shr_table *table)
{
	char words[128];

	snprintf(words, sizeof words, "table %s: a row is damaged", table->name);
	return lose(t, SHR_ECORRUPT, words);
}

/* What the store answered: harmless codes pass, any other loses the transaction with the store's words. */
static int judge(struct shr__txn *t, int rc)
{
	char words[sizeof t->words];

	switch (rc) {
	case 0:
	case SHR_ENOTFOUND:
	case SHR_EEXIST:
	case SHR_ECONFLICT:
	case SHR_EQUOTA:
		return rc;
	case SHR_EAGAIN:
	case SHR_ENOMEM:
	case SHR_ENOSPC:
	case SHR_ESTORE:
	case SHR_EBUSY:
	case SHR_ECORRUPT:
	case SHR_EUNKNOWN:
	case SHR_EABI:
		words[0] = 0;
		t->ops->message(t->st, words, sizeof words);
		return lose(t, rc, words);
	default:
		snprintf(words, sizeof words, "it gave the answer %d, which stores do not have", rc);
		return lose(t, SHR_ESTORE, words);
	}
}

/* The same for calls that have nothing to find or to refuse: any failure loses the transaction. */
static int judge_all(struct shr__txn *t, int rc)
{
	rc = judge(t, rc);
	if (rc && !t->lost)
		lose(t, SHR_ESTORE, "it gave a row's answer where there is no row");
	return t->lost;
}

/* A body that writes where it may only read has a bug. */
static int may_write(struct shr__txn *t, const struct shr__rowdef *def)
{
	t->wrote = 1;
	if (t->peeked_def == def)
		t->peeked_def = NULL;
	if (t->lost)
		return t->lost;
	if (!t->events)
		return lose(t, SHR_EINTERNAL, "a write in a read transaction");
	return shr__hot_settle(t, def);
}

static uint32_t key_cells(const struct shr__rowdef *def, const void *row, struct shr_cell *cells)
{
	return shr__row_index_cells(def, 0, row, def->table->indexes[0]->n_columns, cells);
}

struct reading {
	const struct shr__rowdef *def;
	struct shr__arena *arena;
	void *row;
	int n;
};

static int read_one(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct reading *r = data;

	r->n++;
	return shr__row_read(r->def, cells, n_cells, r->arena, r->row);
}

int shr__txn_get(struct shr__txn *t, const struct shr__rowdef *def, void *row)
{
	struct shr_cell key[SHR__MAX_COLUMNS];
	struct reading r = { def, t->arena, row, 0 };
	int rc;

	if (t->lost)
		return t->lost;
	rc = t->ops->get(t->st, t->txn, def->table->number, key, key_cells(def, row, key), read_one, &r);
	if (rc == SHR_ECORRUPT && r.n)
		return lose_corrupt(t, def->table);
	if (rc == SHR_ENOMEM && r.n)
		return lose(t, rc, "");
	if (!rc && r.n != 1)
		return lose(t, SHR_ESTORE, "it found a row and did not give it");
	if (!rc && t->hots.n)
		shr__hot_overlay(t, def, row);
	return judge(t, rc);
}

int shr__compare_key(const struct shr__rowdef *def, const void *a, const void *b)
{
	struct shr_cell x[SHR__MAX_COLUMNS], y[SHR__MAX_COLUMNS];
	uint32_t n = key_cells(def, a, x);
	int order = 0;

	key_cells(def, b, y);
	for (uint32_t i = 0; i < n && !order; i++) {
		order = (x[i].i > y[i].i) - (x[i].i < y[i].i);
		if (!order)
			order = (x[i].len > y[i].len) - (x[i].len < y[i].len);
		if (!order && x[i].len)
			order = memcmp(x[i].p, y[i].p, x[i].len);
	}
	return order;
}

int shr__same_key(const struct shr__rowdef *def, const void *a, const void *b)
{
	return shr__compare_key(def, a, b) == 0;
}

int shr__txn_peek(struct shr__txn *t, const struct shr__rowdef *def, void *row)
{
	int rc;

	if (t->lost)
		return t->lost;
	if (t->peeked_def == def && shr__same_key(def, t->peeked, row)) {
		memcpy(row, t->peeked, def->size);
		return 0;
	}
	rc = shr__txn_get(t, def, row);
	if (rc)
		return rc;
	t->peeked = shr__arena_memdup(t->arena, row, def->size);
	t->peeked_def = t->peeked ? def : NULL;
	return 0;
}

static int insert(struct shr__txn *t, const struct shr__rowdef *def, const void *row, uint32_t flags)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n;
	int rc = may_write(t, def);

	if (rc < 0)
		return rc;
	n = shr__row_cells(def, row, (UINT64_C(1) << def->n_fields) - 1, cells);
	rc = t->ops->insert(t->st, t->txn, def->table->number, cells, n, flags);
	return rc == 1 && flags & SHR_INSERT_IF_ABSENT ? 1 : judge(t, rc);
}

int shr__txn_insert(struct shr__txn *t, const struct shr__rowdef *def, const void *row)
{
	return insert(t, def, row, 0);
}

int shr__txn_insert_if_absent(struct shr__txn *t, const struct shr__rowdef *def, const void *row)
{
	return insert(t, def, row, SHR_INSERT_IF_ABSENT);
}

/* Is a key column in SET? Keys never change; who means another key means another row. */
static int has_key(const struct shr__rowdef *def, uint64_t set)
{
	const struct shr_index *key = def->table->indexes[0];

	for (uint32_t i = 0; i < key->n_columns; i++)
		if (set >> (key->columns[i] - 1) & 1)
			return 1;
	return 0;
}

int shr__txn_update(struct shr__txn *t, const struct shr__rowdef *def, void *row, uint64_t set)
{
	struct shr_cell key[SHR__MAX_COLUMNS], cells[SHR__MAX_COLUMNS];
	uint32_t version = def->table->version_column, n_key, n;
	int64_t expect = -1, *at = NULL;
	int rc = may_write(t, def);

	if (rc < 0)
		return rc;
	if (has_key(def, set))
		return lose(t, SHR_EINTERNAL, "an update of a key");
	if (version) {
		at = (int64_t *)(void *)((char *)row + def->fields[version - 1].offset);
		expect = *at;
		set |= UINT64_C(1) << (version - 1);
	}
	n = shr__row_cells(def, row, set, cells);
	for (uint32_t i = 0; version && i < n; i++)
		if (cells[i].column == version)
			cells[i].i = expect + 1;
	n_key = key_cells(def, row, key);
	rc = judge(t, t->ops->update(t->st, t->txn, def->table->number, key, n_key, expect, cells, n));
	if (!rc && at)
		*at = expect + 1;
	return rc;
}

int shr__txn_add(struct shr__txn *t, const struct shr__rowdef *def, const void *row, uint32_t column, int64_t delta,
	int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct shr_cell key[SHR__MAX_COLUMNS];
	int64_t value = 0;
	int rc = may_write(t, def);

	if (rc < 0)
		return rc;
	rc = judge(t, t->ops->add(t->st, t->txn, def->table->number, key, key_cells(def, row, key), column, delta, lowest,
		highest, ret_value ? &value : NULL));
	if (ret_value && (!rc || rc == SHR_EQUOTA))
		*ret_value = value;
	return rc;
}

int shr__txn_remove(struct shr__txn *t, const struct shr__rowdef *def, const void *row)
{
	struct shr_cell key[SHR__MAX_COLUMNS];
	int rc = may_write(t, def);

	if (rc < 0)
		return rc;
	return judge(t, t->ops->remove(t->st, t->txn, def->table->number, key, key_cells(def, row, key), -1));
}

/* Rows gathered by a scan: pieces of growing size, so that a short answer costs little and a long one few pieces. */
struct piece {
	struct piece *next;
	uint32_t n, room;
	char *rows;
};
struct gathering {
	const struct shr__rowdef *def;
	struct shr__arena *arena;
	struct piece *first, *last;
	uint32_t n, limit;
	int rc; /* why a row could not be taken */
};

static void *next_row(struct gathering *g)
{
	struct piece *p = g->last;
	uint32_t room = p ? 2 * p->room : 2;

	if (p && p->n < p->room)
		return p->rows + g->def->size * p->n++;
	if (room > g->limit - g->n)
		room = g->limit - g->n;
	p = shr__arena_alloc(g->arena, sizeof *p);
	if (!p)
		return NULL;
	p->rows = shr__arena_alloc(g->arena, g->def->size * room);
	if (!p->rows)
		return NULL;
	p->room = room;
	p->n = 1;
	if (g->last)
		g->last->next = p;
	else
		g->first = p;
	g->last = p;
	return p->rows;
}

static int gather(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct gathering *g = data;
	void *row;

	if (g->n == g->limit)
		return 1; /* a store that gives more than it was asked for */
	row = next_row(g);
	g->rc = row ? shr__row_read(g->def, cells, n_cells, g->arena, row) : SHR_ENOMEM;
	if (g->rc < 0)
		return g->rc;
	g->n++;
	return 0;
}

static int give_rows(struct shr__txn *t, const struct gathering *g, shr__row_fn *fn, void *data)
{
	for (const struct piece *p = g->first; p; p = p->next)
		for (uint32_t i = 0; i < p->n; i++) {
			int rc = fn(t, p->rows + g->def->size * i, data);

			if (t->lost)
				return t->lost;
			if (rc)
				return rc < 0 ? rc : (int)g->n;
		}
	return (int)g->n;
}

int shr__txn_scan(struct shr__txn *t, const struct shr__rowdef *def, uint32_t index, const void *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr__row_fn *fn, void *data)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];
	struct gathering g = { def, t->arena, NULL, NULL, 0, limit, 0 };
	uint32_t n;
	int rc;

	if (t->lost)
		return t->lost;
	if (limit < 1 || limit > 1000 || index >= def->table->n_indexes || n_prefix > n_from)
		return lose(t, SHR_EINTERNAL, "a scan with arguments that no scan has");
	rc = shr__hot_settle(t, def);
	if (rc < 0)
		return rc;
	n = shr__row_index_cells(def, index, from, n_from, cells);
	rc = t->ops->scan(t->st, t->txn, def->table->number, index, cells, n, n_prefix, flags, limit, gather, &g);
	if (g.rc == SHR_ECORRUPT)
		return lose_corrupt(t, def->table);
	if (g.rc)
		return lose(t, g.rc, "");
	rc = judge(t, rc > 0 ? 0 : rc);
	return rc < 0 ? rc : give_rows(t, &g, fn, data);
}

int shr__txn_begin(struct shr__txn *t, const struct shr_store *store, struct shr__events *events)
{
	t->ops = store->ops;
	t->st = store->st;
	t->txn = NULL;
	t->arena = NULL;
	t->events = events;
	t->lost = 0;
	t->wrote = 0;
	t->peeked_def = NULL;
	t->hots.n = 0;
	t->hots.on = 0;
	t->hots.writing = 0;
	t->words[0] = 0;
	t->began = !judge_all(t, t->ops->begin(t->st, events ? SHR_TXN_WRITE : SHR_TXN_READ, &t->txn));
	return t->lost;
}

int shr__txn_mark(struct shr__txn *t)
{
	return t->lost ? t->lost : judge_all(t, t->ops->mark(t->st, t->txn));
}

int shr__txn_keep(struct shr__txn *t)
{
	return t->lost ? t->lost : judge_all(t, t->ops->keep(t->st, t->txn));
}

int shr__txn_back(struct shr__txn *t)
{
	t->peeked_def = NULL;
	return t->lost ? t->lost : judge_all(t, t->ops->back(t->st, t->txn));
}

int shr__txn_commit(struct shr__txn *t)
{
	void *txn = t->txn;

	t->txn = NULL;
	return judge_all(t, t->ops->commit(t->st, txn));
}

void shr__txn_rollback(struct shr__txn *t)
{
	if (t->txn)
		t->ops->rollback(t->st, t->txn);
	t->txn = NULL;
}

struct remedy {
	int code;
	const char *said; /* when the store has no words */
	const char *remedy;
};

static const struct remedy remedies[] = {
	{ SHR_EAGAIN, "others changed the same rows again and again", "Make the same call again." },
	{ SHR_ENOMEM, "no memory", "Make the same call again when there is memory." },
	{ SHR_ENOSPC, "no room for the store's own data",
		"Make room where the store keeps its data (its file system or its own limit), then make the same call again." },
	{ SHR_ESTORE, "it failed; nothing was committed", "See that what holds the store works, then make the same call again." },
	{ SHR_EBUSY, "it is held by another process that does not let go",
		"Let that process go on or end it, then make the same call again." },
	{ SHR_ECORRUPT, "it is damaged", "Run shr_ctx_check() to see what is damaged, and restore the store from a backup." },
	{ SHR_EUNKNOWN, "it was not told whether the change was committed",
		"Look whether it was done when the store answers again; a call with a client token can simply be made again." },
	{ SHR_EABI, "it is of another version", "Use the version of libshare that last opened it, or a newer one." },
	{ SHR_ENOTFOUND, "a row is not there", "" },
	{ SHR_EEXIST, "a row is there already", "" },
	{ SHR_ECONFLICT, "a row has another version", "Read it again, then make the call with its version." },
	{ SHR_EQUOTA, "a number would leave its bounds", "" },
};

int shr__txn_fail(const struct shr__txn *t, int code, const struct shr_error **reterr)
{
	const struct remedy *r = NULL;

	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
		if (remedies[i].code == code)
			r = &remedies[i];
	return shr__fail_do(reterr, code, r ? r->remedy : "", "store %s: %s", t->ops->name,
		t->words[0] ? t->words : r ? r->said : shr_strcode(code));
}

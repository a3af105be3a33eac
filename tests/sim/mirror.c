/* tests/sim/mirror.c - the built-in store beside the model: it gets each commit, and has the same rows in the end */
#include "mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"
#include "store/sqlite.h"
#include "vfs/vfs.h"

static struct {
	struct shr_store *store;
	struct sim_proc *cur;
	char directory[80], path[96];
	uint64_t commits;
} s;

/* What the store allocates is nobody's: it outlives the processes. */
static void enter(void)
{
	s.cur = sim.cur;
	sim.cur = NULL;
}

static void leave(void)
{
	sim.cur = s.cur;
}

static void must(int rc, const char *what)
{
	char words[256] = "";

	if (rc >= 0)
		return;
	s.store->ops->message(s.store->st, words, sizeof words);
	leave();
	sim_broken("SQLite, %s: %s: %s", what, shr_strcode(rc), words);
}

void sim_mirror_begin(void)
{
	const struct shr_error *error = NULL;
	const char *tmp = getenv("TMPDIR");
	uint32_t generation;
	int rc;

	memset(&s, 0, sizeof s);
	enter();
	snprintf(s.directory, sizeof s.directory, "%.40s/libshare-sim.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(s.directory))
		abort();
	snprintf(s.path, sizeof s.path, "%s/store", s.directory);
	vfs_use();
	vfs_reset();
	vfs_light_sync(1);
	rc = shr__store_sqlite_vfs(s.path, SHR_STORE_CREATE, vfs_use(), &s.store, &error);
	if (rc < 0) {
		fprintf(stderr, "%s\n", error->message);
		abort();
	}
	must(s.store->ops->prepare(s.store->st, &shr__schema, &generation), "prepare");
	leave();
}

void sim_mirror_end(void)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal", "-turn", ".turn", "-lock" };
	char name[128];

	if (!s.store)
		return;
	enter();
	shr_store_free(s.store);
	s.store = NULL;
	leave();
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(name, sizeof name, "%s%s", s.path, tails[i]);
		unlink(name);
	}
	rmdir(s.directory);
	vfs_reset();
}

static uint32_t key_of(const struct shr_table *t, const struct model_version *v, struct shr_cell *key)
{
	for (uint32_t i = 0; i < t->indexes[0]->n_columns; i++)
		key[i] = v->cells[t->indexes[0]->columns[i] - 1];
	return t->indexes[0]->n_columns;
}

static int is_key(const struct shr_table *t, uint32_t column)
{
	for (uint32_t i = 0; i < t->indexes[0]->n_columns; i++)
		if (t->indexes[0]->columns[i] == column)
			return 1;
	return 0;
}

static int change(void *txn, const struct sim_mirror_row *row)
{
	const struct shr_store_ops *ops = s.store->ops;
	const struct shr_table *t = row->table;
	struct shr_cell key[SHR__MAX_COLUMNS], cells[SHR__MAX_COLUMNS];
	uint32_t n = 0, n_key = key_of(t, row->is ? row->is : row->old, key);

	if (!row->is)
		return ops->remove(s.store->st, txn, t->number, key, n_key, -1);
	if (!row->old)
		return ops->insert(s.store->st, txn, t->number, row->is->cells, row->is->n_cells, 0);
	for (uint32_t i = 0; i < row->is->n_cells; i++)
		if (!is_key(t, i + 1))
			cells[n++] = row->is->cells[i];
	return n ? ops->update(s.store->st, txn, t->number, key, n_key, -1, cells, n) : 0;
}

void sim_mirror_commit(const struct sim_mirror_row *rows, uint32_t n)
{
	void *txn;

	if (!s.store || !n)
		return;
	enter();
	must(s.store->ops->begin(s.store->st, SHR_TXN_WRITE, &txn), "begin");
	/* What goes makes room for what comes with the same values of a unique index. */
	for (uint32_t i = 0; i < n; i++)
		if (rows[i].old)
			must(change(txn, &rows[i]), "update or remove");
	for (uint32_t i = 0; i < n; i++)
		if (!rows[i].old)
			must(change(txn, &rows[i]), "insert");
	must(s.store->ops->commit(s.store->st, txn), "commit");
	s.commits++;
	leave();
}

/* ---- the comparison ---- */

struct compare {
	const struct shr__rowdef *def;
	struct model_entry *at;
	const struct model_version *v; /* that has to come next */
	struct shr_cell key[SHR__MAX_COLUMNS];
	uint64_t n;
	char wrong[200];
};

static int compare_row(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct compare *k = data;

	k->n++;
	if (!k->v) {
		snprintf(k->wrong, sizeof k->wrong, "row %llu of %s is not in the model", (unsigned long long)k->n, k->def->table->name);
		return -1;
	}
	for (uint32_t i = 0; i < n_cells; i++) {
		const struct shr_cell *a = &cells[i], *b = &k->v->cells[a->column - 1];

		if (a->type == b->type && (a->type != SHR_CELL_INT || a->i == b->i) && (a->type == SHR_CELL_INT ||
			(a->len == b->len && (!a->len || memcmp(a->p, b->p, a->len) == 0))))
			continue;
		snprintf(k->wrong, sizeof k->wrong, "row %llu of %s differs in column %u", (unsigned long long)k->n, k->def->table->name,
			a->column);
		return -1;
	}
	key_of(k->def->table, k->v, k->key); /* where the next page goes on */
	k->v = model_next(k->def, &k->at);
	return 0;
}

static void compare_table(void *txn, const struct shr__rowdef *def)
{
	struct compare k = { .def = def };
	uint32_t n_key = def->table->indexes[0]->n_columns;
	uint64_t before;

	k.v = model_first(def, &k.at);
	do {
		int rc;

		before = k.n;
		rc = s.store->ops->scan(s.store->st, txn, def->table->number, 0, k.key, before ? n_key : 0, 0, 0, 500, compare_row, &k);
		if (k.wrong[0]) {
			leave();
			sim_broken("SQLite and the model differ: %s", k.wrong);
		}
		must(rc, "scan");
	} while (k.n == before + 500);
	if (k.v) {
		leave();
		sim_broken("SQLite and the model differ: table %s ends after %llu rows", def->table->name, (unsigned long long)k.n);
	}
}

void sim_mirror_compare(void)
{
	void *txn;

	if (!s.store)
		return;
	enter();
	must(s.store->ops->begin(s.store->st, SHR_TXN_READ, &txn), "begin");
#define COMPARE(number, upper, lower, version) compare_table(txn, &shr__##lower##_def);
	SHR__TABLES(COMPARE)
	s.store->ops->rollback(s.store->st, txn);
	leave();
	sim_say("SQLite has the same rows, after %d commits", (int)s.commits);
}

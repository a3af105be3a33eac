/* tests/vfs/kit.c - a small schema and short words for tests of a store */
#include "kit.h"

#include "store/sqlite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMN(id, no, ty, fl, si, na) static const struct shr_column id = { sizeof(id), no, ty, fl, si, 0, na }
COLUMN(c_id, 1, SHR_CELL_TEXT, 0, 1, "id");
COLUMN(c_kind, 2, SHR_CELL_TEXT, 0, 1, "kind");
COLUMN(c_n, 3, SHR_CELL_INT, 0, 1, "n");
COLUMN(c_version, 4, SHR_CELL_INT, 0, 1, "version");
COLUMN(c_note, 5, SHR_CELL_TEXT, SHR_COLUMN_NULLABLE, 1, "note");
COLUMN(c_data, 6, SHR_CELL_BLOB, SHR_COLUMN_NULLABLE, 1, "data");
COLUMN(c_extra, 7, SHR_CELL_TEXT, SHR_COLUMN_NULLABLE, 2, "extra");
COLUMN(c_seq, 1, SHR_CELL_INT, 0, 1, "seq");
COLUMN(c_word, 2, SHR_CELL_TEXT, 0, 1, "word");
COLUMN(c_a, 1, SHR_CELL_TEXT, 0, 1, "a");
COLUMN(c_b, 2, SHR_CELL_INT, 0, 1, "b");
COLUMN(c_v, 3, SHR_CELL_INT, 0, 1, "v");

static const uint32_t on_1[] = { 1 }, on_5[] = { 5 }, on_23[] = { 2, 3 }, on_12[] = { 1, 2 }, on_7[] = { 7 };
#define INDEX(id, no, fl, n, si, na, co) static const struct shr_index id = { sizeof(id), no, fl, n, si, 0, na, co }
INDEX(x_key1, 1, SHR_INDEX_UNIQUE, 1, 1, "key", on_1);
INDEX(x_kind, 2, 0, 2, 1, "by_kind", on_23);
INDEX(x_note, 3, SHR_INDEX_UNIQUE, 1, 1, "by_note", on_5);
INDEX(x_extra, 4, 0, 1, 2, "by_extra", on_7);
INDEX(x_key12, 1, SHR_INDEX_UNIQUE, 2, 1, "key", on_12);

static const struct shr_column *const item_columns[] = { &c_id, &c_kind, &c_n, &c_version, &c_note, &c_data, &c_extra };
static const struct shr_index *const item_indexes[] = { &x_key1, &x_kind, &x_note, &x_extra };
static const struct shr_column *const log_columns[] = { &c_seq, &c_word };
static const struct shr_column *const pair_columns[] = { &c_a, &c_b, &c_v };
static const struct shr_index *const pair_indexes[] = { &x_key12 };

#define TABLE(id, no, nc, nx, ve, si, na, co, in) \
	static const struct shr_table id = { sizeof(id), no, nc, nx, ve, si, na, co, in }
TABLE(t_item_1, 1, 6, 3, 4, 1, "item", item_columns, item_indexes);
TABLE(t_item_2, 1, 7, 4, 4, 1, "item", item_columns, item_indexes);
TABLE(t_log, 2, 2, 1, 0, 1, "log", log_columns, item_indexes);
TABLE(t_pair, 3, 3, 1, 0, 1, "pair", pair_columns, pair_indexes);
TABLE(t_later, 4, 1, 1, 0, 2, "later", item_columns, item_indexes);

static const struct shr_table *const tables_1[] = { &t_item_1, &t_log, &t_pair };
static const struct shr_table *const tables_2[] = { &t_item_2, &t_log, &t_pair, &t_later };
const struct shr_schema kit_schema_1 = { sizeof(kit_schema_1), 1, 3, 0, tables_1 };
const struct shr_schema kit_schema_2 = { sizeof(kit_schema_2), 2, 4, 0, tables_2 };

struct shr_cell kit_int(uint32_t column, int64_t i)
{
	struct shr_cell c = { .type = SHR_CELL_INT, .column = column, .i = i };

	return c;
}

struct shr_cell kit_text(uint32_t column, const char *s)
{
	struct shr_cell c = { .type = SHR_CELL_TEXT, .column = column, .p = s, .len = strlen(s) };

	return c;
}

int kit_begin(struct shr_store *s, uint32_t flags, void **ret)
{
	return s->ops->begin(s->st, flags, ret);
}

int kit_put(struct shr_store *s, void *txn, const char *id, const char *kind, int64_t n)
{
	struct shr_cell cells[] = { kit_int(KIT_VERSION, 1), kit_text(KIT_ID, id), kit_int(KIT_N, n),
		kit_text(KIT_KIND, kind) };

	return s->ops->insert(s->st, txn, KIT_ITEM, cells, 4, 0);
}

int kit_put_note(struct shr_store *s, void *txn, const char *id, const char *kind, int64_t n, const char *note)
{
	struct shr_cell cells[] = { kit_text(KIT_ID, id), kit_text(KIT_KIND, kind), kit_int(KIT_N, n),
		kit_int(KIT_VERSION, 1), kit_text(KIT_NOTE, note) };

	return s->ops->insert(s->st, txn, KIT_ITEM, cells, 5, 0);
}

static void take_text(char *to, size_t room, const struct shr_cell *cell)
{
	size_t n = cell->len < room - 1 ? (size_t)cell->len : room - 1;

	if (n)
		memcpy(to, cell->p, n);
	to[n] = '\0';
}

static int take_item(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	struct kit_item *it = data;

	memset(it, 0, sizeof(*it));
	take_text(it->id, sizeof(it->id), &cells[0]);
	take_text(it->kind, sizeof(it->kind), &cells[1]);
	it->n = cells[2].i;
	it->version = cells[3].i;
	it->has_note = cells[4].type != SHR_CELL_NULL;
	take_text(it->note, sizeof(it->note), &cells[4]);
	if (n_cells > 6)
		take_text(it->extra, sizeof(it->extra), &cells[6]);
	return 0;
}

int kit_get(struct shr_store *s, void *txn, const char *id, struct kit_item *ret)
{
	struct shr_cell key = kit_text(KIT_ID, id);

	return s->ops->get(s->st, txn, KIT_ITEM, &key, 1, take_item, ret);
}

int kit_set_n(struct shr_store *s, void *txn, const char *id, int64_t expect, int64_t n, int64_t version)
{
	struct shr_cell key = kit_text(KIT_ID, id), cells[] = { kit_int(KIT_N, n), kit_int(KIT_VERSION, version) };

	return s->ops->update(s->st, txn, KIT_ITEM, &key, 1, expect, cells, 2);
}

int kit_log(struct shr_store *s, void *txn, int64_t seq, const char *word)
{
	struct shr_cell cells[] = { kit_int(1, seq), kit_text(2, word) };

	return s->ops->insert(s->st, txn, KIT_LOG, cells, 2, 0);
}

int kit_put_alone(struct shr_store *s, const char *id, const char *kind, int64_t n)
{
	void *txn;
	int rc = kit_begin(s, SHR_TXN_WRITE, &txn);

	if (rc)
		return rc;
	rc = kit_put(s, txn, id, kind, n);
	if (rc == 0)
		return s->ops->commit(s->st, txn);
	s->ops->rollback(s->st, txn);
	return rc;
}

int kit_get_alone(struct shr_store *s, const char *id, struct kit_item *ret)
{
	void *txn;
	int rc = kit_begin(s, SHR_TXN_READ, &txn);

	if (rc)
		return rc;
	rc = kit_get(s, txn, id, ret);
	s->ops->rollback(s->st, txn);
	return rc;
}

static int count_one(const struct shr_cell *cells, uint32_t n_cells, void *data)
{
	++*(int *)data;
	return 0;
}

int kit_count(struct shr_store *s, uint32_t table)
{
	void *txn;
	int n = 0;

	if (kit_begin(s, SHR_TXN_READ, &txn) != 0)
		return -1;
	if (s->ops->scan(s->st, txn, table, 0, NULL, 0, 0, 0, UINT32_MAX, count_one, &n) != 0)
		n = -1;
	s->ops->rollback(s->st, txn);
	return n;
}

const char *kit_words(struct shr_store *s)
{
	static char words[1024];

	s->ops->message(s->st, words, sizeof(words));
	return words;
}

const char *kit_dir(void)
{
	static char dir[256];
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(dir, sizeof(dir), "%s/shr-store-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		abort();
	return dir;
}

void kit_dir_remove(const char *dir)
{
	struct dirent *e;
	DIR *d = opendir(dir);
	char path[600];

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (unlink(path) != 0)
			(void)rmdir(path);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(dir);
}

struct shr_store *kit_open(const char *path, const char *vfs)
{
	const struct shr_error *error = NULL;
	struct shr_store *s = NULL;
	uint32_t generation = 0;

	if (shr__store_sqlite_vfs(path, SHR_STORE_CREATE, vfs, &s, &error) != 0) {
		(void)fprintf(stderr, "open: %s\n", error->message);
		abort();
	}
	if (s->ops->prepare(s->st, &kit_schema_1, &generation) != 0) {
		(void)fprintf(stderr, "prepare: %s\n", kit_words(s));
		abort();
	}
	return s;
}

static void count_finding(const char *text, void *data)
{
	(void)fprintf(stderr, "finding: %s\n", text);
	++*(int *)data;
}

int kit_check(struct shr_store *s)
{
	int n = 0, rc = s->ops->check(s->st, 1, count_finding, &n);

	return rc ? rc : n;
}

/* lib/store/sqlite_sql.c - the words of each statement, written once for each connection that uses it */
#include "sqlite.h"

#include "base/buf.h"

static const char *column(const struct shr__sqlite_table *t, unsigned at)
{
	return t->table->columns[at]->name;
}

static int bits(uint64_t mask)
{
	return __builtin_popcountll(mask);
}

/* "a"=?FIRST AND "b"=?FIRST+1 ... for the key. */
static void add_key(struct shr__buf *b, const struct shr__sqlite_table *t, int first)
{
	for (uint32_t i = 0; i < t->n_key; i++)
		shr__buf_printf(b, "%s\"%s\"=?%d", i ? " AND " : " WHERE ", column(t, t->indexes[0].order[i]),
			first + (int)i);
}

/* The names of the columns in MASK, each with "=?n" behind it when SET. */
static void add_names(struct shr__buf *b, const struct shr__sqlite_table *t, uint64_t mask, int set)
{
	int n = 0;

	for (uint32_t at = 0; at < t->table->n_columns; at++) {
		if (!(mask & (UINT64_C(1) << at)))
			continue;
		shr__buf_printf(b, "%s\"%s\"", n++ ? ", " : "", column(t, at));
		if (set)
			shr__buf_printf(b, "=?%d", n);
	}
}

static void add_select(struct shr__buf *b, const struct shr__sqlite_table *t, uint64_t mask)
{
	shr__buf_str(b, "SELECT ");
	add_names(b, t, mask, 0);
	shr__buf_printf(b, " FROM \"%s\"", t->table->name);
}

static void add_insert(struct shr__buf *b, const struct shr__sqlite_table *t, uint64_t mask, int if_absent)
{
	shr__buf_printf(b, "INSERT INTO \"%s\"(", t->table->name);
	add_names(b, t, mask, 0);
	shr__buf_str(b, ") VALUES(");
	for (int i = 1; i <= bits(mask); i++)
		shr__buf_printf(b, "%s?%d", i > 1 ? ", " : "", i);
	shr__buf_str(b, ")");
	if (!if_absent)
		return;
	shr__buf_str(b, " ON CONFLICT(");
	for (uint32_t i = 0; i < t->n_key; i++)
		shr__buf_printf(b, "%s\"%s\"", i ? ", " : "", column(t, t->indexes[0].order[i]));
	shr__buf_str(b, ") DO NOTHING");
}

/* "n" is within the bounds before: the sum can neither leave its own nor overflow. */
static void add_add(struct shr__buf *b, const struct shr__sqlite_table *t, const struct shr__sqlite_what *what)
{
	const char *n = column(t, (unsigned)__builtin_ctzll(what->mask));

	shr__buf_printf(b, "UPDATE \"%s\" SET \"%s\"=\"%s\"+?1", t->table->name, n, n);
	add_key(b, t, 4);
	shr__buf_printf(b, " AND \"%s\" BETWEEN ?2 AND ?3 AND typeof(\"%s\")='integer'", n, n);
}

static void add_change(struct shr__buf *b, const struct shr__sqlite_table *t, const struct shr__sqlite_what *what)
{
	int first = 1, expect = what->op == SHR__SQLITE_UPDATE_EXPECT || what->op == SHR__SQLITE_REMOVE_EXPECT;

	if (what->op == SHR__SQLITE_REMOVE || what->op == SHR__SQLITE_REMOVE_EXPECT) {
		shr__buf_printf(b, "DELETE FROM \"%s\"", t->table->name);
	} else {
		shr__buf_printf(b, "UPDATE \"%s\" SET ", t->table->name);
		add_names(b, t, what->mask, 1);
		first += bits(what->mask);
	}
	add_key(b, t, first);
	if (expect)
		shr__buf_printf(b, " AND \"%s\"=?%d", column(t, (unsigned)t->version_at), first + (int)t->n_key);
}

/* (c, d) > (?3, ?4): behind what was given. */
static void add_behind(struct shr__buf *b, const struct shr__sqlite_table *t, const struct shr__sqlite_index *x,
	const struct shr__sqlite_what *what, const char *word)
{
	shr__buf_printf(b, "%s(", word);
	for (unsigned i = what->n_prefix; i < what->n_from; i++)
		shr__buf_printf(b, "%s\"%s\"", i > what->n_prefix ? ", " : "", column(t, x->order[i]));
	shr__buf_str(b, what->op == SHR__SQLITE_SCAN ? ") > (" : ") < (");
	for (unsigned i = what->n_prefix; i < what->n_from; i++)
		shr__buf_printf(b, "%s?%u", i > what->n_prefix ? ", " : "", i + 1);
	shr__buf_str(b, ")");
}

/* The index is named, so that a page costs the same whatever statistics an operator has gathered. */
static void add_scan(struct shr__buf *b, const struct shr__sqlite_table *t, const struct shr__sqlite_what *what)
{
	const struct shr__sqlite_index *x = &t->indexes[what->index];
	const char *word = " WHERE ";

	add_select(b, t, what->mask);
	if (what->index)
		shr__buf_printf(b, " INDEXED BY \"%s\"", x->name);
	for (unsigned i = 0; i < what->n_prefix; i++) {
		shr__buf_printf(b, "%s\"%s\"=?%u", word, column(t, x->order[i]), i + 1);
		word = " AND ";
	}
	for (uint32_t i = 0; i < x->index->n_columns; i++) {
		if (!(t->table->columns[x->order[i]]->flags & SHR_COLUMN_NULLABLE))
			continue;
		shr__buf_printf(b, "%s\"%s\" IS NOT NULL", word, column(t, x->order[i]));
		word = " AND ";
	}
	if (what->n_from > what->n_prefix)
		add_behind(b, t, x, what, word);
	for (uint32_t i = 0; i < x->n_order; i++)
		shr__buf_printf(b, "%s\"%s\"%s", i ? ", " : " ORDER BY ", column(t, x->order[i]),
			what->op == SHR__SQLITE_SCAN ? "" : " DESC");
}

int shr__sqlite_sql(const struct shr__sqlite *st, const struct shr__sqlite_what *what, char **ret)
{
	const struct shr__sqlite_table *t = &st->tables[what->table];
	struct shr__buf b = { 0 };

	switch (what->op) {
	case SHR__SQLITE_GET:
	case SHR__SQLITE_VALUE:
		add_select(&b, t, what->mask);
		add_key(&b, t, 1);
		break;
	case SHR__SQLITE_INSERT:
	case SHR__SQLITE_INSERT_IF_ABSENT:
		add_insert(&b, t, what->mask, what->op == SHR__SQLITE_INSERT_IF_ABSENT);
		break;
	case SHR__SQLITE_ADD:
		add_add(&b, t, what);
		break;
	case SHR__SQLITE_SCAN:
	case SHR__SQLITE_SCAN_BACK:
		add_scan(&b, t, what);
		break;
	default:
		add_change(&b, t, what);
		break;
	}
	*ret = shr__buf_take(&b);
	return *ret ? 0 : SHR_ENOMEM;
}

/* tests/sim/model.c - the model store: rows with versions, snapshots, and the first who commits wins */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "store_faults.h"

/* All of a seed's store lies in chunks that go together. */
#define CHUNK (1u << 20)
struct chunk {
	struct chunk *next;
	size_t used, room;
	max_align_t bytes[];
};

struct write {
	struct model_row *row;
	struct model_version *before; /* what was pending; NULL: nothing was */
};

struct model_txn {
	struct sim_store *handle;
	struct model_txn *next_open;
	uint64_t snapshot;
	int write;
	int lost;     /* the code that lost it */
	int full;     /* the disk was full: what comes is committed by itself */
	struct write *writes;
	uint32_t n_writes, room;
	int64_t mark; /* writes at the savepoint; -1: none */
	void *shadow; /* tee.c's transaction */
};

struct sim_store {
	struct shr_store store;
	int proc;
	uint64_t own;
};

struct slot {
	struct model_row *row; /* a row that came never goes */
	uint32_t hash;
};

struct model_list {
	struct model_entry *head;
	struct model_entry *last[MODEL_MOST_LEVELS]; /* the head, where a level is empty */
	struct model_entry *fresh; /* those that have no place yet: linked at level 0 */
	unsigned levels; /* that are in use */
	uint32_t columns[SHR__MAX_COLUMNS], n_columns;
	uint64_t set; /* the same columns, a bit each */
};

#define UNIT 64u
#define UNITS 64u
#define ENTRY_UNIT 32u
#define ENTRY_UNITS 16u
static struct {
	struct chunk *chunks;
	struct model_version *spare[UNITS]; /* by size in units */
	struct model_entry *spare_entries[ENTRY_UNITS];
	const struct shr_schema *schema;
	uint64_t seq;
	struct slot *slots; /* at least half of them are free: what is looked for is mostly in its first one */
	uint32_t n_slots, n_rows;
	struct model_list lists[SHR__MAX_COLUMNS][MODEL_MOST_INDEXES]; /* by table number and index */
	struct model_txn *open;
	uint64_t levels; /* chance for the skip lists */
	struct model_version **old; /* superseded while others had snapshots */
	uint32_t n_old, room_old;
	const char *words;
} m;

static void *get_memory(size_t n)
{
	struct chunk *c = m.chunks;
	void *p;

	n = (n + 15) & ~(size_t)15;
	if (!c || c->used + n > c->room) {
		size_t room = n > CHUNK ? n : CHUNK;

		c = malloc(sizeof *c + room);
		if (!c)
			abort();
		c->next = m.chunks;
		c->used = 0;
		c->room = room;
		m.chunks = c;
	}
	p = (char *)c->bytes + c->used;
	c->used += n;
	return p;
}

/* ---- keys: bytes in the order of the values ---- */

static unsigned char *key_cell(unsigned char *out, const struct shr_cell *cell)
{
	if (cell->type == SHR_CELL_INT) {
		uint64_t u = (uint64_t)cell->i ^ UINT64_C(1) << 63;

		for (int i = 7; i >= 0; i--)
			*out++ = (unsigned char)(u >> 8 * i);
		return out;
	}
	memcpy(out, cell->len ? cell->p : "", cell->len);
	out += cell->len;
	*out++ = 0;
	return out;
}

static size_t cell_room(const struct shr_cell *cell)
{
	return cell->type == SHR_CELL_INT ? 8 : cell->len + 1;
}

/* The columns of INDEX and then those of the key that it lacks. */
static uint32_t index_columns(const struct shr_table *t, uint32_t index, uint32_t columns[SHR__MAX_COLUMNS])
{
	const struct shr_index *x = t->indexes[index], *key = t->indexes[0];
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->n_columns; i++)
		columns[n++] = x->columns[i];
	for (uint32_t i = 0; index && i < key->n_columns; i++) {
		uint32_t k = 0;

		while (k < n && columns[k] != key->columns[i])
			k++;
		if (k == n)
			columns[n++] = key->columns[i];
	}
	return n;
}

static const struct shr_table *table_of(uint32_t number)
{
	return m.schema->tables[number - 1];
}

/* ---- skip lists, linked both ways ---- */

static uint64_t word(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* A word of a key as a number that is as much lower or higher as its bytes are. */
static uint64_t in_order(uint64_t w)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return __builtin_bswap64(w);
#else
	return w;
#endif
}

/* Keys mostly begin alike and are short: by words, without a call. */
static int compare(const unsigned char *a, uint32_t n_a, const unsigned char *b, uint32_t n_b)
{
	uint32_t n = n_a < n_b ? n_a : n_b, i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t x = word(a + i), y = word(b + i);

		if (x != y)
			return in_order(x) < in_order(y) ? -1 : 1;
	}
	for (; i < n; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return n_a < n_b ? -1 : n_a > n_b;
}

/* Entries that no version has any more are used again. */
static struct model_entry *entry_new(unsigned levels, uint32_t n_key)
{
	size_t head = sizeof(struct model_entry) + levels * sizeof(((struct model_entry *)0)->link[0]);
	uint32_t units = (uint32_t)((head + n_key + ENTRY_UNIT - 1) / ENTRY_UNIT);
	struct model_entry *e = units < ENTRY_UNITS ? m.spare_entries[units] : NULL;

	if (e)
		m.spare_entries[units] = e->link[0].next;
	else
		e = get_memory(units * ENTRY_UNIT);
	memset(e, 0, head);
	e->levels = levels;
	e->units = units;
	e->n_key = n_key;
	e->key = (unsigned char *)e + head;
	return e;
}

static struct model_list *list_of(const struct shr_table *table, uint32_t index)
{
	struct model_list *list = &m.lists[table->number][index];

	if (!list->head) {
		list->head = entry_new(MODEL_MOST_LEVELS, 0);
		for (unsigned l = 0; l < MODEL_MOST_LEVELS; l++)
			list->last[l] = list->head;
		list->levels = 1;
		list->n_columns = index_columns(table, index, list->columns);
		for (uint32_t i = 0; i < list->n_columns; i++)
			list->set |= UINT64_C(1) << (list->columns[i] - 1);
	}
	return list;
}

/* The last entry before KEY, and at each level. BEHIND: before what does not begin with KEY and comes after it. */
static struct model_entry *seek(const struct model_list *list, const unsigned char *key, uint32_t n_key, int behind,
	struct model_entry **before)
{
	struct model_entry *e = list->head, *known = NULL;

	for (int l = (int)list->levels - 1; l >= 0; l--) {
		for (;;) {
			struct model_entry *next = e->link[l].next;
			int c;

			if (!next || next == known) /* it was compared a level above */
				break;
			c = compare(next->key, behind && next->n_key > n_key ? n_key : next->n_key, key, n_key);
			if (c > 0 || (c == 0 && !behind)) {
				known = next;
				break;
			}
			e = next;
		}
		if (before)
			before[l] = e;
	}
	return e;
}

static void entry_place(struct model_list *list, struct model_entry *e)
{
	struct model_entry *before[MODEL_MOST_LEVELS];

	if (list->last[0] != list->head && compare(list->last[0]->key, list->last[0]->n_key, e->key, e->n_key) < 0)
		memcpy(before, list->last, sizeof before); /* much comes in order: there is nothing to look for */
	else
		seek(list, e->key, e->n_key, 0, before);
	while (list->levels < e->levels)
		before[list->levels++] = list->head;
	for (unsigned l = 0; l < e->levels; l++) {
		e->link[l].next = before[l]->link[l].next;
		e->link[l].prev = before[l];
		before[l]->link[l].next = e;
		if (e->link[l].next)
			e->link[l].next->link[l].prev = e;
		else
			list->last[l] = e;
	}
}

/* A list that is to be read: what is new gets its place. Some are never read, and much is gone before its list is. */
static struct model_list *read_list(const struct shr_table *table, uint32_t index)
{
	struct model_list *list = list_of(table, index);
	struct model_entry *e;

	while ((e = list->fresh)) {
		list->fresh = e->link[0].next;
		e->is_fresh = 0;
		entry_place(list, e);
	}
	return list;
}

/* Two of one row may have the same key: a version has only one of them. */
static struct model_entry *entry_add(struct model_row *row, struct model_list *list, const unsigned char *key, uint32_t n_key)
{
	unsigned levels = 1;
	struct model_entry *e;

	while (levels < MODEL_MOST_LEVELS && sim_mix(&m.levels) % 4 == 0)
		levels++;
	e = entry_new(levels, n_key);
	memcpy((void *)(uintptr_t)e->key, key, n_key);
	e->row = row;
	e->list = list;
	e->refs = 1;
	e->is_fresh = 1;
	e->link[0].next = list->fresh;
	if (list->fresh)
		list->fresh->link[0].prev = e;
	list->fresh = e;
	return e;
}

static void entry_put(struct model_entry *e)
{
	if (--e->refs)
		return;
	for (unsigned l = 0; l < (e->is_fresh ? 1 : e->levels); l++) {
		struct model_entry *next = e->link[l].next, *prev = e->link[l].prev;

		if (prev)
			prev->link[l].next = next;
		else
			e->list->fresh = next; /* the first of those that have no place yet: in the list the head is before all */
		if (next)
			next->link[l].prev = prev;
		else if (!e->is_fresh)
			e->list->last[l] = prev;
	}
	if (e->units < ENTRY_UNITS) {
		e->link[0].next = m.spare_entries[e->units];
		m.spare_entries[e->units] = e;
	}
}

/* ---- versions ---- */

/* Those that nobody can see any more are used again, so that a seed stays in the processor's cache. */
static struct model_version *version_memory(size_t room)
{
	uint32_t units = (uint32_t)((room + UNIT - 1) / UNIT);
	struct model_version *v = units < UNITS ? m.spare[units] : NULL;

	if (v)
		m.spare[units] = v->older;
	else
		v = get_memory(units * UNIT);
	memset(v, 0, sizeof *v);
	v->units = units;
	return v;
}

static void versions_spare(struct model_version *v)
{
	while (v) {
		struct model_version *older = v->older;

		if (v->units < UNITS) {
			v->older = m.spare[v->units];
			m.spare[v->units] = v;
		}
		v = older;
	}
}

static struct model_version *version_new(struct model_row *row, const struct shr_cell *cells)
{
	uint32_t n = row->table->n_columns;
	size_t room = 0;
	struct model_version *v;
	char *p;

	for (uint32_t i = 0; cells && i < n; i++)
		room += cells[i].type == SHR_CELL_TEXT || cells[i].type == SHR_CELL_BLOB ? cells[i].len + 1 : 0;
	v = version_memory(sizeof *v + (cells ? n : 0) * sizeof v->cells[0] + room);
	v->gone = !cells;
	if (!cells)
		return v;
	v->n_cells = n;
	p = (char *)&v->cells[n];
	for (uint32_t i = 0; i < n; i++) {
		v->cells[i] = cells[i];
		v->cells[i].column = i + 1;
		if (cells[i].type != SHR_CELL_TEXT && cells[i].type != SHR_CELL_BLOB)
			continue;
		memcpy(p, cells[i].len ? cells[i].p : "", cells[i].len);
		p[cells[i].len] = 0;
		v->cells[i].p = p;
		p += cells[i].len + 1;
	}
	return v;
}

static int same_cells(const struct model_version *a, const struct model_version *b, const uint32_t *columns, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct shr_cell *x = &a->cells[columns[i] - 1], *y = &b->cells[columns[i] - 1];

		if (x->type != y->type || x->i != y->i || x->len != y->len || (x->len && memcmp(x->p, y->p, x->len) != 0))
			return 0;
	}
	return 1;
}

/* WAS: the version that V follows, or NULL; SET: what was written, a bit for each column. Mostly its place in an index is
 * V's too. */
static void version_index(struct model_row *row, struct model_version *v, const struct model_version *was, uint64_t set)
{
	for (uint32_t x = 0; x < row->table->n_indexes; x++) {
		struct model_list *list = list_of(row->table, x);
		const uint32_t *columns = list->columns, n = list->n_columns;
		unsigned char small[512], *key = small, *p;
		size_t room = 0;

		if (was && was->entries[x] && (!(list->set & set) || same_cells(v, was, columns, n))) {
			v->entries[x] = was->entries[x];
			v->entries[x]->refs++;
			continue;
		}
		for (uint32_t i = 0; i < n; i++)
			room += cell_room(&v->cells[columns[i] - 1]);
		if (room > sizeof small)
			key = get_memory(room);
		p = key;
		for (uint32_t i = 0; i < n; i++)
			p = key_cell(p, &v->cells[columns[i] - 1]);
		v->entries[x] = entry_add(row, list, key, (uint32_t)(p - key));
	}
}

static void version_drop(struct model_row *row, struct model_version *v)
{
	for (uint32_t x = 0; v && !v->gone && x < row->table->n_indexes; x++)
		if (v->entries[x]) {
			entry_put(v->entries[x]);
			v->entries[x] = NULL;
		}
}

const struct model_version *model_seen(const struct model_row *row, uint64_t snapshot)
{
	const struct model_version *v = row->newest;

	while (v && v->seq > snapshot)
		v = v->older;
	return v && !v->gone ? v : NULL;
}

static const struct model_version *visible(const struct model_txn *t, const struct model_row *row)
{
	if (row->owner == t && row->pending)
		return row->pending->gone ? NULL : row->pending;
	return model_seen(row, t->snapshot);
}

/* ---- rows ---- */

static uint32_t hash_of(uint32_t table, const unsigned char *key, uint32_t n)
{
	uint64_t h = 2166136261u ^ table;
	uint32_t i = 0;

	for (; i + 8 <= n; i += 8)
		h = (h ^ word(key + i) ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15);
	for (; i < n; i++)
		h = (h ^ key[i]) * UINT64_C(1099511628211);
	h = (h ^ h >> 32) * UINT64_C(0x9e3779b97f4a7c15); /* what only reached the high bits comes down: buckets are the low ones */
	return (uint32_t)(h >> 32);
}

/* The row, or the free slot that it would have. */
static struct slot *slot_of(const struct shr_table *t, const unsigned char *key, uint32_t n_key, uint32_t hash)
{
	struct slot *s = &m.slots[hash & (m.n_slots - 1)];

	while (s->row && (s->hash != hash || s->row->table != t || compare(s->row->key, s->row->n_key, key, n_key) != 0))
		if (++s == &m.slots[m.n_slots])
			s = m.slots;
	return s;
}

static void grow(void)
{
	uint32_t n = m.n_slots ? m.n_slots * 2 : 8192;
	struct slot *slots = calloc(n, sizeof *slots);

	if (!slots)
		abort();
	for (uint32_t i = 0; i < m.n_slots; i++) {
		uint32_t at = m.slots[i].hash & (n - 1);

		if (!m.slots[i].row)
			continue;
		while (slots[at].row)
			at = (at + 1) & (n - 1);
		slots[at] = m.slots[i];
	}
	free(m.slots);
	m.slots = slots;
	m.n_slots = n;
}

static struct model_row *row_get(const struct shr_table *t, const struct shr_cell *key, uint32_t n_key, int make)
{
	unsigned char bytes[2400], *p = bytes;
	uint32_t n, h;
	struct model_row *r;
	struct slot *slot;

	for (uint32_t i = 0; i < n_key; i++) {
		if ((size_t)(p - bytes) + cell_room(&key[i]) > sizeof bytes)
			return NULL;
		p = key_cell(p, &key[i]);
	}
	n = (uint32_t)(p - bytes);
	h = hash_of(t->number, bytes, n);
	slot = slot_of(t, bytes, n, h);
	if (slot->row || !make)
		return slot->row;
	if (2 * (m.n_rows + 1) > m.n_slots) {
		grow();
		slot = slot_of(t, bytes, n, h);
	}
	r = get_memory(sizeof *r + n);
	memset(r, 0, sizeof *r);
	r->table = t;
	r->n_key = n;
	memcpy(r->key, bytes, n);
	slot->row = r;
	slot->hash = h;
	m.n_rows++;
	return r;
}

/* ---- transactions ---- */

static void back_to(struct model_txn *t, uint32_t n)
{
	while (t->n_writes > n) {
		struct write *w = &t->writes[--t->n_writes];

		if (w->row->owner != t)
			continue;
		version_drop(w->row, w->row->pending);
		w->row->pending = w->before;
		if (!w->before)
			w->row->owner = NULL;
	}
}

/* All that it wrote is taken back; from now on it only says CODE. */
static int lose(struct model_txn *t, int code, const char *words)
{
	back_to(t, 0);
	t->lost = code;
	m.words = words;
	return code;
}

/* What was superseded while somebody still had a snapshot of it. */
static void forget_old(void)
{
	for (uint32_t i = 0; i < m.n_old; i++)
		for (uint32_t x = 0; x < MODEL_MOST_INDEXES; x++)
			if (m.old[i]->entries[x])
				entry_put(m.old[i]->entries[x]);
	m.n_old = 0;
}

static void txn_free(struct model_txn *t)
{
	struct model_txn **at = &m.open;

	while (*at != t)
		at = &(*at)->next_open;
	*at = t->next_open;
	free(t->writes);
	free(t);
	if (!m.open)
		forget_old();
}

static void supersede(struct model_row *row, struct model_version *old, int others)
{
	if (!old || old->gone)
		return;
	if (!others) {
		version_drop(row, old);
		return;
	}
	if (m.n_old == m.room_old) {
		m.room_old = m.room_old ? 2 * m.room_old : 256;
		m.old = realloc(m.old, m.room_old * sizeof(*m.old));
		if (!m.old)
			abort();
	}
	m.old[m.n_old++] = old;
}

/* Make what T wrote the newest state, and let the checks look at it. */
static void install(struct model_txn *t)
{
	int others = m.open != t || t->next_open;
	uint32_t n = t->n_writes;

	if (!n)
		return;
	m.seq++;
	t->handle->own++;
	sim.stats.commits++;
	for (uint32_t i = n; i-- > 0;) { /* from behind: the last version of a row is its pending one */
		struct model_row *row = t->writes[i].row;

		if (t->writes[i].before)
			version_drop(row, t->writes[i].before);
	}
	for (uint32_t i = 0; i < n; i++) {
		struct model_row *row = t->writes[i].row;
		struct model_version *old = row->newest, *v = row->pending;

		if (row->owner != t || !v)
			continue;
		row->owner = NULL;
		row->pending = NULL;
		v->seq = m.seq;
		v->older = old;
		row->newest = v;
		sim_check_row(row, old && !old->gone ? old : NULL, v->gone ? NULL : v, t->snapshot);
		supersede(row, old, others);
	}
	t->n_writes = 0;
	sim_check_commit(m.seq, t->snapshot);
	for (uint32_t i = 0; i < n && !others; i++) /* nobody has a snapshot of what was before */
		if (t->writes[i].row->newest) {
			if (!t->full && !m.n_old) /* else the transaction itself may be at one of them, or it is still to be forgotten */
				versions_spare(t->writes[i].row->newest->older);
			t->writes[i].row->newest->older = NULL;
		}
}

/* SET: the columns that differ from what T saw of ROW, if it saw any. */
static int write_version(struct model_txn *t, struct model_row *row, const struct shr_cell *cells, uint64_t set)
{
	const struct model_version *was = visible(t, row);
	struct model_version *v;

	if (row->owner && row->owner != t)
		lose(row->owner, SHR_EAGAIN, "another transaction wrote the same row"), sim.stats.conflicts++;
	if (row->newest && row->newest->seq > t->snapshot) {
		sim.stats.conflicts++;
		return lose(t, SHR_EAGAIN, "another transaction was first");
	}
	if (t->n_writes == t->room) {
		t->room = t->room ? 2 * t->room : 32;
		t->writes = realloc(t->writes, t->room * sizeof *t->writes);
		if (!t->writes)
			abort();
	}
	v = version_new(row, cells);
	if (cells)
		version_index(row, v, was, set);
	t->writes[t->n_writes++] = (struct write){ row, row->owner == t ? row->pending : NULL };
	row->pending = v;
	row->owner = t;
	if (t->full) { /* as a database that has dropped out of its transaction does */
		install(t);
		t->snapshot = m.seq;
	}
	return 0;
}

/* Another row has these values of a unique index. SHR_EEXIST, or SHR_EAGAIN when T cannot see it. */
static int check_unique(struct model_txn *t, struct model_row *row, const struct shr_cell *cells)
{
	for (uint32_t x = 1; x < row->table->n_indexes; x++) {
		const struct shr_index *index = row->table->indexes[x];
		unsigned char bytes[2400], *p = bytes;
		struct model_entry *e;
		uint32_t n;

		if (!(index->flags & SHR_INDEX_UNIQUE))
			continue;
		for (uint32_t i = 0; i < index->n_columns; i++)
			p = key_cell(p, &cells[index->columns[i] - 1]);
		n = (uint32_t)(p - bytes);
		e = seek(read_list(row->table, x), bytes, n, 0, NULL)->link[0].next;
		for (; e && e->n_key >= n && memcmp(e->key, bytes, n) == 0; e = e->link[0].next) {
			struct model_row *other = e->row;
			const struct model_version *v = visible(t, other);

			if (other == row)
				continue;
			if (v && v->entries[x] == e)
				return SHR_EEXIST;
			if (other->newest && !other->newest->gone && other->newest->entries[x] == e && other->newest->seq > t->snapshot)
				return lose(t, SHR_EAGAIN, "another transaction was first");
			if (other->owner && other->owner != t && other->pending && other->pending->entries[x] == e)
				lose(other->owner, SHR_EAGAIN, "another transaction wrote the same values");
		}
	}
	return 0;
}

/* ---- the operations ---- */

static int model_prepare(void *st, const struct shr_schema *want, uint32_t *ret_generation)
{
	m.schema = want;
	*ret_generation = want->generation;
	return 0;
}

static int model_begin_txn(void *st, uint32_t flags, void **ret_txn)
{
	struct model_txn *t;
	int rc = sim_fault_before(SIM_AT_BEGIN, flags == SHR_TXN_WRITE, &m.words);

	if (rc < 0)
		return rc;
	t = calloc(1, sizeof *t);
	if (!t)
		abort();
	t->handle = st;
	t->snapshot = m.seq;
	t->write = flags == SHR_TXN_WRITE;
	t->mark = -1;
	t->next_open = m.open;
	m.open = t;
	*ret_txn = t;
	return 0;
}

static int model_commit(void *st, void *txn)
{
	struct model_txn *t = txn;
	int rc = t->lost, unknown = 0, done = 1;

	if (!rc)
		rc = sim_fault_commit(t->n_writes > 0, &done, &unknown, &m.words);
	if (!rc && t->lost) /* while it was on its way another was first */
		rc = t->lost;
	if (!rc && done)
		install(t);
	else
		back_to(t, 0);
	txn_free(t);
	if (!rc)
		sim_fault_after_commit();
	return rc ? rc : unknown ? SHR_EUNKNOWN : 0;
}

static void model_rollback(void *st, void *txn)
{
	struct model_txn *t = txn;

	back_to(t, 0);
	txn_free(t);
}

static int model_mark(void *st, void *txn)
{
	struct model_txn *t = txn;

	if (t->lost)
		return t->lost;
	t->mark = t->n_writes;
	return 0;
}

static int model_keep(void *st, void *txn)
{
	struct model_txn *t = txn;

	if (t->lost)
		return t->lost;
	t->mark = -1;
	return 0;
}

static int model_back(void *st, void *txn)
{
	struct model_txn *t = txn;

	if (t->lost)
		return t->lost;
	if (t->mark >= 0)
		back_to(t, (uint32_t)t->mark);
	t->mark = -1;
	return 0;
}

/* Every call inside a transaction begins so. */
static int enter(struct model_txn *t, int write)
{
	int rc;

	if (t->lost)
		return t->lost;
	rc = sim_fault_before(SIM_AT_ROW, write, &m.words);
	if (t->lost) /* others worked meanwhile */
		return t->lost;
	if (rc == SHR_ENOSPC) { /* what was written is gone; the connection goes on without a transaction */
		back_to(t, 0);
		t->full = 1;
		t->snapshot = m.seq;
		return rc;
	}
	return rc < 0 ? lose(t, rc, m.words) : 0;
}

static int model_get(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn, void *data)
{
	struct model_txn *t = txn;
	const struct model_row *row;
	const struct model_version *v;
	int rc = enter(t, 0);

	if (rc < 0)
		return rc;
	row = row_get(table_of(table), key, n_key, 0);
	v = row ? visible(t, row) : NULL;
	if (!v)
		return SHR_ENOTFOUND;
	rc = fn(v->cells, v->n_cells, data);
	return rc < 0 ? rc : 0;
}

static uint64_t spread(const struct shr_cell *cells, uint32_t n, struct shr_cell *all)
{
	uint64_t set = 0;

	for (uint32_t i = 0; i < n; i++) {
		all[cells[i].column - 1] = cells[i];
		set |= UINT64_C(1) << (cells[i].column - 1);
	}
	return set;
}

static int model_insert(void *st, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells, uint32_t flags)
{
	const struct shr_table *def = table_of(table);
	struct shr_cell all[SHR__MAX_COLUMNS], key[SHR__MAX_COLUMNS];
	struct model_txn *t = txn;
	struct model_row *row;
	int rc = enter(t, 1);

	if (rc < 0)
		return rc;
	memset(all, 0, def->n_columns * sizeof all[0]);
	spread(cells, n_cells, all);
	for (uint32_t i = 0; i < def->indexes[0]->n_columns; i++)
		key[i] = all[def->indexes[0]->columns[i] - 1];
	row = row_get(def, key, def->indexes[0]->n_columns, 1);
	if (!row)
		return lose(t, SHR_ESTORE, "a key is too long");
	if (visible(t, row))
		return flags & SHR_INSERT_IF_ABSENT ? 1 : SHR_EEXIST;
	if ((rc = check_unique(t, row, all)) < 0)
		return rc;
	return write_version(t, row, all, UINT64_MAX);
}

static int find_for_write(struct model_txn *t, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	struct model_row **ret_row, const struct model_version **ret)
{
	const struct shr_table *def = table_of(table);
	int rc = enter(t, 1);

	if (rc < 0)
		return rc;
	*ret_row = row_get(def, key, n_key, 0);
	*ret = *ret_row ? visible(t, *ret_row) : NULL;
	if (!*ret)
		return SHR_ENOTFOUND;
	if (expect >= 0 && def->version_column && (*ret)->cells[def->version_column - 1].i != expect)
		return SHR_ECONFLICT;
	return 0;
}

static int model_update(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	const struct shr_cell *cells, uint32_t n_cells)
{
	struct shr_cell all[SHR__MAX_COLUMNS];
	struct model_txn *t = txn;
	const struct model_version *v;
	struct model_row *row;
	uint64_t set;
	int rc = find_for_write(t, table, key, n_key, expect, &row, &v);

	if (rc < 0)
		return rc;
	memcpy(all, v->cells, v->n_cells * sizeof all[0]);
	set = spread(cells, n_cells, all);
	if ((rc = check_unique(t, row, all)) < 0)
		return rc;
	return write_version(t, row, all, set);
}

static int model_add(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct shr_cell all[SHR__MAX_COLUMNS];
	struct model_txn *t = txn;
	const struct model_version *v;
	struct model_row *row;
	int64_t sum;
	int rc = find_for_write(t, table, key, n_key, -1, &row, &v);

	if (rc < 0)
		return rc;
	memcpy(all, v->cells, v->n_cells * sizeof all[0]);
	if (__builtin_add_overflow(all[column - 1].i, delta, &sum) || sum < lowest || sum > highest) {
		if (ret_value)
			*ret_value = all[column - 1].i;
		return SHR_EQUOTA;
	}
	all[column - 1].i = sum;
	if (ret_value)
		*ret_value = sum;
	return write_version(t, row, all, UINT64_C(1) << (column - 1));
}

static int model_remove(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	const struct model_version *v;
	struct model_row *row;
	int rc = find_for_write(txn, table, key, n_key, expect, &row, &v);

	return rc < 0 ? rc : write_version(txn, row, NULL, 0);
}

static uint32_t key_of(const struct shr_cell *from, uint32_t n, unsigned char *bytes)
{
	unsigned char *p = bytes;

	for (uint32_t i = 0; i < n; i++)
		p = key_cell(p, &from[i]);
	return (uint32_t)(p - bytes);
}

static int model_scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct model_txn *t = txn;
	const struct model_list *list;
	struct model_entry *e;
	unsigned char bytes[4096];
	uint32_t n_bytes, n_fixed;
	int backwards = (flags & SHR_SCAN_BACKWARDS) != 0, rc = enter(t, 0);

	if (rc < 0)
		return rc;
	list = read_list(table_of(table), index);
	n_fixed = key_of(from, n_prefix, bytes);
	n_bytes = key_of(from, n_from, bytes);
	if (backwards)
		e = seek(list, bytes, n_bytes, n_from == n_prefix, NULL);
	else
		e = seek(list, bytes, n_bytes, n_from > n_prefix, NULL)->link[0].next;
	for (uint32_t n = 0; e && e != list->head && n < limit; e = backwards ? e->link[0].prev : e->link[0].next) {
		const struct model_version *v;

		if (e->n_key < n_fixed || memcmp(e->key, bytes, n_fixed) != 0)
			break;
		v = visible(t, e->row);
		if (!v || v->entries[index] != e)
			continue;
		n++;
		rc = fn(v->cells, v->n_cells, data);
		if (rc)
			return rc < 0 ? rc : 0;
	}
	return 0;
}

static int model_changes(void *st, uint64_t *ret_changes)
{
	const struct sim_store *h = st;

	*ret_changes = m.seq - h->own;
	return 0;
}

static void model_message(void *st, char *buf, uint64_t room)
{
	if (room) {
		strncpy(buf, m.words ? m.words : "", room - 1);
		buf[room - 1] = 0;
	}
}

static void model_close(void *st)
{
	struct sim_store *h = st;

	h->proc = -1; /* freed with its process */
}

static const struct shr_store_ops model_ops = {
	.abi = SHR_STORE_ABI, .size = sizeof(struct shr_store_ops), .name = "model", .prepare = model_prepare,
	.begin = model_begin_txn, .commit = model_commit, .rollback = model_rollback, .mark = model_mark, .keep = model_keep,
	.back = model_back, .get = model_get, .insert = model_insert, .update = model_update, .add = model_add,
	.remove = model_remove, .scan = model_scan, .changes = model_changes, .message = model_message, .close = model_close,
};

/* ---- handles ---- */

struct sim_store *model_handle_new(int proc)
{
	struct sim_store *h = calloc(1, sizeof *h);

	if (!h)
		abort();
	h->store.ops = &model_ops;
	h->store.st = h;
	h->proc = proc;
	return h;
}

struct shr_store *model_handle_store(struct sim_store *h)
{
	return &h->store;
}

void model_handle_drop(struct sim_store *h)
{
	struct model_txn *next;

	if (!h)
		return;
	for (struct model_txn *t = m.open; t; t = next) {
		next = t->next_open;
		if (t->handle == h) {
			back_to(t, 0);
			txn_free(t);
			next = m.open;
		}
	}
	free(h);
}

void model_begin(void)
{
	memset(&m, 0, sizeof m);
	m.schema = &shr__schema;
	m.levels = 42;
	grow();
}

void model_end(void)
{
	struct chunk *c;

	while (m.open) {
		struct model_txn *t = m.open;

		m.open = t->next_open;
		free(t->writes);
		free(t);
	}
	free(m.old);
	free(m.slots);
	while ((c = m.chunks)) {
		m.chunks = c->next;
		free(c);
	}
	memset(&m, 0, sizeof m);
}

/* ---- looking at the committed state ---- */

uint64_t model_seq(void)
{
	return m.seq;
}

struct shr_cell model_text(const char *s)
{
	return (struct shr_cell){ .type = SHR_CELL_TEXT, .p = s, .len = strlen(s) };
}

struct model_row *model_find_row(const struct shr__rowdef *def, const char *key1, const char *key2, const char *key3)
{
	struct shr_cell key[3];
	uint32_t n = 1;

	key[0] = model_text(key1);
	if (key2)
		key[n++] = model_text(key2);
	if (key3)
		key[n++] = model_text(key3);
	return row_get(table_of(def->table->number), key, n, 0);
}

const struct model_version *model_find(const struct shr__rowdef *def, const char *key1, const char *key2, const char *key3)
{
	const struct model_row *row = model_find_row(def, key1, key2, key3);

	return row && row->newest && !row->newest->gone ? row->newest : NULL;
}

static const struct model_version *settle(struct model_entry **at)
{
	struct model_entry *e = *at;

	while (e && !(e->row->newest && !e->row->newest->gone && e->row->newest->entries[0] == e))
		e = e->link[0].next;
	*at = e;
	return e ? e->row->newest : NULL;
}

const struct model_version *model_first(const struct shr__rowdef *def, struct model_entry **ret_at)
{
	*ret_at = read_list(table_of(def->table->number), 0)->head->link[0].next;
	return settle(ret_at);
}

const struct model_version *model_next(const struct shr__rowdef *def, struct model_entry **at)
{
	*at = (*at)->link[0].next;
	return settle(at);
}

static const struct model_version *look_settle(struct model_look *look)
{
	for (; look->at; look->at = look->at->link[0].next) {
		const struct model_version *v = look->at->row->newest;

		if (look->at->n_key < look->n_prefix || memcmp(look->at->key, look->prefix, look->n_prefix) != 0)
			return NULL;
		if (v && !v->gone && v->entries[look->index] == look->at)
			return v;
	}
	return NULL;
}

const struct model_version *model_look(const struct shr__rowdef *def, uint32_t index, const struct shr_cell *prefix, uint32_t n,
	struct model_look *look)
{
	look->index = index;
	look->n_prefix = key_of(prefix, n, look->prefix);
	look->at = seek(read_list(table_of(def->table->number), index), look->prefix, look->n_prefix, 0, NULL)->link[0].next;
	return look_settle(look);
}

const struct model_version *model_look_on(struct model_look *look)
{
	look->at = look->at->link[0].next;
	return look_settle(look);
}

void model_put(const struct shr__rowdef *def, const void *row)
{
	struct sim_store *h = model_handle_new(-1);
	struct shr_cell cells[SHR__MAX_COLUMNS], key[SHR__MAX_COLUMNS];
	uint32_t n = shr__row_cells(def, row, (UINT64_C(1) << def->n_fields) - 1, cells);
	const struct shr_table *table = table_of(def->table->number);
	struct model_txn *t = calloc(1, sizeof *t);
	struct model_row *r;

	if (!t)
		abort();
	t->handle = h;
	t->snapshot = m.seq;
	t->mark = -1;
	t->next_open = m.open;
	m.open = t;
	for (uint32_t i = 0; i < table->indexes[0]->n_columns; i++)
		key[i] = cells[table->indexes[0]->columns[i] - 1];
	r = row_get(table, key, table->indexes[0]->n_columns, 1);
	(void)n;
	write_version(t, r, cells, UINT64_MAX);
	install(t);
	txn_free(t);
	free(h);
}

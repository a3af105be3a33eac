/* lib/api/list.c - pages: a bounded walk along one index, to a page of records */
#include "api/list.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/params.h"

#define DEFAULT_LIMIT 100u
#define MOST_LIMIT 1000u
#define ROWS_FOR_EACH 10u

_Static_assert(sizeof(struct shr__page) == sizeof(struct shr_share_page), "a page is a page");
_Static_assert(offsetof(struct shr__page, after) == offsetof(struct shr_share_page, after), "a page is a page");

int shr__need_ret(const void *ret, const char *field, const struct shr_error **reterr)
{
	if (ret)
		return 0;
	return shr__fail_field(reterr, SHR_EINVAL, field, "give the address of a pointer", "it is NULL");
}

int shr__list_read(const struct shr_session *s, const struct shr_list_params *params, struct shr__list *ret,
	const struct shr_error **reterr)
{
	struct shr_list_params p;
	int rc = shr__params_copy(params, "shr_list_params", SHR__LEAST(shr_list_params, after), &p, sizeof p, reterr);

	if (rc)
		return rc;
	if (p.flags & ~(SHR_LIST_NEWEST_FIRST | SHR_LIST_ALL_PROJECTS))
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "use SHR_LIST_* only", "unknown bits in 0x%" PRIx32, p.flags);
	if (p.limit > MOST_LIMIT)
		return shr__fail_field(reterr, SHR_EINVAL, "limit", "ask for 1 to 1000, and go on with the page's `after`",
			"%" PRIu32 " is too many", p.limit);
	if (p.reserved0)
		return shr__fail_field(reterr, SHR_EINVAL, "reserved0", "set it to 0", "it is %" PRIu32, p.reserved0);
	ret->limit = p.limit ? p.limit : DEFAULT_LIMIT;
	ret->flags = p.flags & SHR_LIST_NEWEST_FIRST ? SHR_SCAN_BACKWARDS : 0;
	ret->all = p.flags & SHR_LIST_ALL_PROJECTS || (shr__session_system(s) && !s->project[0]);
	ret->after = p.after && p.after[0] ? p.after : NULL;
	return 0;
}

int shr__list_begin(struct shr_session *s, const struct shr_list_params *params, const void *ret_page, struct shr__list *ret,
	const struct shr_error **reterr)
{
	int rc = shr__session_enter(s, reterr);

	if (!rc)
		rc = shr__need_ret(ret_page, "ret_page", reterr);
	return rc ? rc : shr__list_read(s, params, ret, reterr);
}

int shr__walk_open(struct shr__walk *w, struct shr_session *s, const struct shr__rowdef *def, uint32_t index, const void *prefix,
	uint32_t n_prefix, uint32_t n_position, const struct shr__list *list, const struct shr_error **reterr)
{
	struct shr_cell cells[SHR__MAX_COLUMNS];

	memset(w, 0, sizeof *w);
	w->session = s;
	w->def = def;
	w->index = index;
	w->n_prefix = w->n_start = n_prefix;
	w->n_position = n_position ? n_position : shr__row_index_cells(def, index, prefix, SHR__MAX_COLUMNS, cells);
	w->list = *list;
	w->arena = shr__arena_new();
	if (!w->arena)
		return shr__fail_nomem(reterr);
	w->start = shr__arena_memdup(w->arena, prefix, def->size);
	w->at = shr__arena_alloc(w->arena, def->size);
	w->items = shr__arena_alloc(w->arena, list->limit * sizeof *w->items);
	if (!w->start || !w->at || !w->items)
		return shr__fail_nomem(reterr);
	return list->after ? shr__walk_seek(w, list->after, reterr) : 0;
}

void shr__walk_close(struct shr__walk *w)
{
	shr__arena_free(w->arena);
	w->arena = NULL;
}

static int same_cell(const struct shr_cell *a, const struct shr_cell *b)
{
	if (a->type != b->type || a->i != b->i || a->len != b->len)
		return 0;
	return a->len == 0 || !memcmp(a->p, b->p, a->len);
}

/* Is ROW one more of the item that the walk has just been at? */
static int same_item(const struct shr__walk *w, const void *row)
{
	struct shr_cell a[SHR__MAX_COLUMNS], b[SHR__MAX_COLUMNS];
	uint32_t n;

	if (!w->seen)
		return 0;
	n = shr__row_index_cells(w->def, w->index, w->at, w->n_position, a);
	shr__row_index_cells(w->def, w->index, row, w->n_position, b);
	for (uint32_t i = w->n_prefix; i < n; i++)
		if (!same_cell(&a[i], &b[i]))
			return 0;
	return 1;
}

static int step(struct shr__txn *t, const void *row, void *data)
{
	struct shr__walk *w = data;
	const void *item = NULL;
	int rc = 1;

	if (same_item(w, row))
		return 0;
	if (w->n == w->list.limit || w->seen == w->list.limit * ROWS_FOR_EACH) {
		w->more = 1;
		return 1;
	}
	if (w->take)
		rc = w->take(w, t, row, &item);
	else if (!(item = shr__arena_memdup(w->arena, row, w->def->size)))
		rc = shr__fail_nomem(w->reterr);
	if (rc < 0)
		return rc;
	memcpy(w->at, row, w->def->size);
	w->n_from = w->n_position;
	w->seen++;
	if (rc)
		w->items[w->n++] = item;
	return 0;
}

int shr__walk_in(struct shr__walk *w, struct shr__txn *t, const struct shr_error **reterr)
{
	uint32_t ask;
	int got;

	memcpy(w->at, w->start, w->def->size);
	w->n_from = w->n_start;
	w->n = w->seen = 0;
	w->more = 0;
	w->reterr = reterr;
	do {
		ask = w->list.limit - w->n + 1; /* one more than is wanted: is there another page? */
		if (ask > MOST_LIMIT)
			ask = MOST_LIMIT;
		got = shr__txn_scan(t, w->def, w->index, w->at, w->n_from, w->n_prefix, w->list.flags, ask, step, w);
		if (got < 0)
			return got;
	} while ((uint32_t)got == ask && !w->more);
	return 0;
}

static int body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	return shr__walk_in(data, t, reterr);
}

int shr__walk_read(struct shr__walk *w, const struct shr_error **reterr)
{
	return shr__db_read(w->session->ctx->env.db, w->arena, body, w, reterr);
}

/* ITEMS to records that PAGE owns. */
static int fill_page(struct shr__page *page, struct shr__arena *arena, const void *const *items, uint32_t n, shr__make_fn *make,
	void *data, const char *after)
{
	const void **records = shr__arena_alloc(arena, (n + 1) * sizeof *records);

	page->size = sizeof *page;
	page->items = records;
	page->after = shr__arena_strdup(arena, after);
	if (!records || !page->after)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		records[i] = make(items[i], data);
		if (!records[i])
			return -1;
		if (shr__record_own(page, records[i])) {
			shr__record_unref(records[i]);
			return -1;
		}
	}
	page->n = n;
	return 0;
}

int shr__page_make(const void *const *items, uint32_t n, shr__make_fn *make, void *data, const char *after, const void **ret_page,
	const struct shr_error **reterr)
{
	struct shr__arena *arena;
	struct shr__page *page = after ? shr__record_new(sizeof *page, &arena) : NULL;

	if (!page)
		return shr__fail_nomem(reterr);
	if (fill_page(page, arena, items, n, make, data, after)) {
		shr__record_unref(page);
		return shr__fail_nomem(reterr);
	}
	*ret_page = page;
	return 0;
}

int shr__walk_page(const struct shr__walk *w, shr__make_fn *make, void *data, const void **ret_page,
	const struct shr_error **reterr)
{
	return shr__page_make(w->items, w->n, make, data, shr__walk_after(w), ret_page, reterr);
}

int shr__walk_read_page(struct shr__walk *w, shr__make_fn *make, const void **ret_page, const struct shr_error **reterr)
{
	int rc = shr__walk_read(w, reterr);

	return rc ? rc : shr__walk_page(w, make, NULL, ret_page, reterr);
}

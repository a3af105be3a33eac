/* lib/api/list.h - pages: a bounded walk along one index, to a page of records and an opaque position */
#ifndef SHR_API_LIST_H
#define SHR_API_LIST_H

#include "api/ctx.h"
#include "base/record.h"

/* What a caller asked for, checked. */
struct shr__list {
	uint32_t limit;
	uint32_t flags; /* SHR_SCAN_BACKWARDS or 0 */
	int all;        /* every project's: asked for, or a system session that has none of its own */
	const char *after; /* NULL: from the start */
};
int shr__list_read(const struct shr_session *s, const struct shr_list_params *params, struct shr__list *ret,
	const struct shr_error **reterr);
/* What each list begins with: the session entered, RET_PAGE there, PARAMS read. */
int shr__list_begin(struct shr_session *s, const struct shr_list_params *params, const void *ret_page, struct shr__list *ret,
	const struct shr_error **reterr);
/* SHR_EINVAL for the address RET, which is NULL. */
int shr__need_ret(const void *ret, const char *field, const struct shr_error **reterr);

/*
 * At most 10 rows are looked at for each one that is asked for, so a page costs the same wherever it lies and whatever is
 * filtered out; then it is short, and has an `after`.
 */
struct shr__walk {
	struct shr_session *session;
	struct shr__arena *arena; /* of all that is read */
	const struct shr__rowdef *def;
	uint32_t index, n_prefix;
	uint32_t n_position; /* columns of the index, then of the key, that say where a page ends; rows that are equal in them
				are one item, and the first counts */
	struct shr__list list;
	/* May be NULL: each row is an item. 1: *ret_item is one; 0: not; negative: fail. May run again from the start. */
	int (*take)(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item);
	void *data;
	/* Found. */
	const void **items;
	uint32_t n, seen;
	int more;
	/* Its own. */
	void *start, *at;
	uint32_t n_start, n_from;
	const struct shr_error **reterr; /* of the body: for take */
};

/* PREFIX is a row whose first N_PREFIX columns of the index are set. N_POSITION 0: all columns of the index and the key.
 * SHR_EINVAL: list->after is not of this list. */
int shr__walk_open(struct shr__walk *w, struct shr_session *s, const struct shr__rowdef *def, uint32_t index, const void *prefix,
	uint32_t n_prefix, uint32_t n_position, const struct shr__list *list, const struct shr_error **reterr);
int shr__walk_in(struct shr__walk *w, struct shr__txn *t, const struct shr_error **reterr); /* inside a body */
int shr__walk_read(struct shr__walk *w, const struct shr_error **reterr); /* in a transaction of its own */
void shr__walk_close(struct shr__walk *w); /* also after a failed open */

/* Where the page ends, in W's arena: "" when there is no more; NULL: no memory. */
const char *shr__walk_after(const struct shr__walk *w);
/* Set W's start from the text of such a position. */
int shr__walk_seek(struct shr__walk *w, const char *after, const struct shr_error **reterr);

/* All page records look like this one. */
struct shr__page {
	uint32_t size;
	uint32_t n;
	const void *const *items;
	const char *after;
};
/* The record of an item, held once; NULL: no memory. */
typedef const void *shr__make_fn(const void *item, void *data);
int shr__page_make(const void *const *items, uint32_t n, shr__make_fn *make, void *data, const char *after, const void **ret_page,
	const struct shr_error **reterr);
int shr__walk_page(const struct shr__walk *w, shr__make_fn *make, void *data, const void **ret_page,
	const struct shr_error **reterr);
/* shr__walk_read(), then its page. */
int shr__walk_read_page(struct shr__walk *w, shr__make_fn *make, const void **ret_page, const struct shr_error **reterr);

/* Every row of a prefix, in the order of the index; SHR_ECORRUPT when there are more than MOST. */
struct shr__gathered {
	const void *rows;
	uint32_t n;
};
int shr__gather(struct shr__txn *t, const struct shr__rowdef *def, uint32_t index, const void *from, uint32_t n_prefix,
	uint32_t most, struct shr__gathered *ret, const struct shr_error **reterr);
/* The metadata of an object as the members of a record: in ARENA; -1: no memory. */
int shr__pairs_copy(struct shr__arena *arena, const struct shr__gathered *metadata, const struct shr_pair *const **ret,
	uint32_t *ret_n);

#endif

/* lib/sched/picture.c - read every pool and its backend in one transaction, page by page, and turn the rows into columns */
#include "sched/picture.h"

#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "libshare/pool.h"

#define PAGE 1000

struct rows { /* of one table; grown as the pages come */
	const struct shr__rowdef *def;
	char *p;
	uint32_t n, room;
};

struct reading {
	struct rows backends, pools;
};

static int keep(struct shr__txn *t, const void *row, void *data)
{
	struct rows *r = data;

	if (r->n == r->room) {
		uint32_t room = r->room ? 2 * r->room : 64;
		char *p = shr__realloc(r->p, room * r->def->size);

		if (!p)
			return SHR_ENOMEM;
		r->p = p;
		r->room = room;
	}
	memcpy(r->p + r->n++ * r->def->size, row, r->def->size);
	return 0;
}

/* Each page goes on behind the last row of the one before. KEY: the number of columns of the table's key. */
static int read_table(struct shr__txn *t, struct rows *r, const struct shr__rowdef *def, uint32_t key)
{
	int rc = PAGE;

	r->def = def;
	r->n = 0;
	while (rc == PAGE)
		rc = shr__txn_scan(t, def, 0, r->n ? r->p + (r->n - 1) * def->size : NULL, r->n ? key : 0, 0, 0, PAGE, keep, r);
	return rc < 0 ? rc : 0;
}

static int read_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct reading *r = data;
	int rc = read_table(t, &r->backends, &shr__backend_def, 1);

	if (rc == 0)
		rc = read_table(t, &r->pools, &shr__pool_def, 2);
	return rc == SHR_ENOMEM ? shr__fail_nomem(reterr) : rc;
}

static struct shr__picture *make(struct shr__arena *arena, uint32_t n)
{
	struct shr__picture *p = shr__arena_alloc(arena, sizeof *p);

	if (!p)
		return NULL;
	p->arena = arena;
	atomic_init(&p->refs, 1);
	p->up = shr__arena_alloc(arena, n);
	p->several = shr__arena_alloc(arena, n);
	p->protocols = shr__arena_alloc(arena, n * sizeof *p->protocols);
	p->capabilities = shr__arena_alloc(arena, n * sizeof *p->capabilities);
	p->limit = shr__arena_alloc(arena, n * sizeof *p->limit);
	p->allocated = shr__arena_alloc(arena, n * sizeof *p->allocated);
	p->backend = shr__arena_alloc(arena, n * sizeof *p->backend);
	p->name = shr__arena_alloc(arena, n * sizeof *p->name);
	p->zone = shr__arena_alloc(arena, n * sizeof *p->zone);
	p->reason = shr__arena_alloc(arena, n * sizeof *p->reason);
	p->number_server = shr__arena_alloc(arena, n * sizeof *p->number_server);
	return p->up && p->several && p->protocols && p->capabilities && p->limit && p->allocated && p->backend && p->name && p->zone &&
		p->reason && p->number_server ? p : NULL;
}

/* A pool whose backend has no row is one that no engine has. */
static void put(struct shr__picture *p, const struct shr__pool_row *row, const struct shr__backend_row *b)
{
	uint32_t i = p->n++;

	p->up[i] = b && b->state == SHR_POOL_UP && row->state == SHR_POOL_UP ? b->engine[0] ? 2 : 1 : 0;
	p->several[i] = b && strchr(b->exporter, ',') != NULL; /* "ganesha, samba": names themselves have no comma */
	p->protocols[i] = (uint64_t)row->protocols;
	p->capabilities[i] = (uint64_t)row->capabilities;
	p->limit[i] = row->limit_bytes;
	atomic_init(&p->allocated[i], row->allocated);
	p->backend[i] = row->backend;
	p->name[i] = row->name;
	p->zone[i] = row->zone;
	p->number_server[i] = b ? b->number_server : "";
	p->reason[i] = b && b->state != SHR_POOL_UP && b->reason[0] ? b->reason : b ? row->reason : "no engine has its backend";
}

/* Names that are longer than names can be are damage, and would be cut in a placement: such a pool is left out. */
static int fits(const struct shr__pool_row *row)
{
	const size_t most = sizeof((struct shr__placement *)0)->pool - 1;

	return strlen(row->backend) <= most && strlen(row->name) <= most && strlen(row->zone) <= most;
}

/* Both come in the order of the backends' names. */
static void merge(struct shr__picture *p, const struct reading *r)
{
	const struct shr__backend_row *b = (const void *)r->backends.p, *end = b + r->backends.n;
	const struct shr__pool_row *row = (const void *)r->pools.p;

	for (uint32_t i = 0; i < r->pools.n; i++, row++) {
		while (b < end && strcmp(b->name, row->backend) < 0)
			b++;
		if (fits(row))
			put(p, row, b < end && strcmp(b->name, row->backend) == 0 ? b : NULL);
	}
}

int shr__picture_read(struct shr__db *db, struct shr__picture **ret, const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__picture *p = NULL;
	struct reading r = { 0 };
	int rc;

	if (!arena)
		return shr__fail_nomem(reterr);
	rc = shr__db_read(db, arena, read_body, &r, reterr);
	if (rc == 0) {
		p = make(arena, r.pools.n);
		if (p)
			merge(p, &r);
		else
			rc = shr__fail_nomem(reterr);
	}
	shr__free(r.backends.p);
	shr__free(r.pools.p);
	if (rc < 0)
		shr__arena_free(arena);
	else
		*ret = p;
	return rc;
}

void shr__picture_unref(struct shr__picture *p)
{
	if (p && atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1)
		shr__arena_free(p->arena);
}

int64_t shr__picture_free(const struct shr__picture *p, uint32_t i)
{
	int64_t left, allocated = atomic_load_explicit(&p->allocated[i], memory_order_relaxed);

	if (__builtin_sub_overflow(p->limit[i], allocated, &left))
		left = allocated > 0 ? INT64_MIN : INT64_MAX;
	return left;
}

/* The first pool of BACKEND, or of those behind it (AFTER). */
static uint32_t bound(const struct shr__picture *p, const char *backend, int after)
{
	uint32_t low = 0, high = p->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(p->backend[middle], backend);

		if (order < 0 || (after && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t shr__picture_range(const struct shr__picture *p, const char *backend, uint32_t *ret_end)
{
	*ret_end = bound(p, backend, 1);
	return bound(p, backend, 0);
}

int shr__picture_not_both(const struct shr__picture *p, uint32_t i, uint64_t protocols)
{
	return p->several[i] && (protocols & (protocols - 1)) && !(protocols & ~p->protocols[i]) &&
		!(p->capabilities[i] & SHR_CAP_DUAL_PROTOCOL);
}

/* lib/engine/stats.c - what the pools have: the driver's words to rows */
#include <string.h>

#include "base/fail.h"
#include "engine/engine_own.h"

static int failed(const struct shr__told *told, const struct shr_error **reterr)
{
	struct shr__fail_parts parts = { .code = told->code, .retryable = -1, .message = told->message,
		.driver_message = told->driver_message };

	return shr__fail_parts(reterr, &parts);
}

int shr__stats_call(struct shr__owned *o, struct shr__backend *b, int64_t fence, struct shr__arena *arena,
	struct shr__pool_told **ret, const struct shr_error **reterr)
{
	struct shr__callname name = { .op_id = "engine", .step = "stats", .item_id = o->conf->name, .attempt = 1,
		.fence = (uint64_t)fence };
	struct shr__callargs args = { 0 };
	struct shr__pool_told *pools = shr__arena_alloc(arena, o->conf->n_pools * sizeof *pools);
	struct shr__told told;
	int rc;

	if (!pools)
		return shr__fail_nomem(reterr);
	shr__told_init(&told, arena);
	rc = shr__backend_call(b, SHR__VERB_STATS, &name, &args, &told);
	for (uint32_t i = 0; i < o->conf->n_pools && rc == 0; i++) {
		const char *pool = o->conf->pools[i].name;

		pools[i].conf = &o->conf->pools[i];
		shr__told_number(&told, pool, SHR_NUMBER_TOTAL, &pools[i].total);
		shr__told_number(&told, pool, SHR_NUMBER_FREE, &pools[i].free);
		shr__told_number(&told, pool, SHR_NUMBER_CAPABILITIES, &pools[i].capabilities);
		pools[i].capabilities |= shr__backend_access_caps(b);
		/* Nobody could keep an engine that was given up from writing into a copy that another has finished. */
		if (shr__backend_driver(b)->fencing == SHR_FENCING_NONE)
			pools[i].capabilities &= ~SHR_CAP_DATA;
	}
	if (rc == 0) {
		shr__told_clear(&told);
		shr__told_init(&told, arena);
		rc = shr__backend_call(b, SHR__VERB_PROBE, &name, &args, &told);
	}
	if (rc < 0)
		rc = failed(&told, reterr);
	shr__told_clear(&told);
	*ret = pools;
	return rc;
}

/* total is what the configuration says, or the driver; reserved is kept back; a thin pool may promise more than it has. */
static void fill(struct shr__pool_row *row, const struct shr__pool_told *p)
{
	uint64_t total = p->conf->capacity ? p->conf->capacity : p->total;
	uint64_t reserved, limit, most = (uint64_t)1 << 62;

	total = total > most ? most : total;
	reserved = p->conf->reserved + total / 100 * p->conf->reserved_percent;
	limit = total > reserved ? total - reserved : 0;
	if (p->capabilities & SHR_CAP_THIN && p->conf->oversubscribe_percent)
		limit = limit / 100 > most / p->conf->oversubscribe_percent ? most : limit / 100 * p->conf->oversubscribe_percent;
	row->total = (int64_t)total;
	row->free = (int64_t)(p->free > most ? most : p->free);
	row->reserved = (int64_t)(reserved > most ? most : reserved);
	row->limit_bytes = (int64_t)limit;
	row->capabilities = (int64_t)p->capabilities;
}

static int write_pool(struct shr__txn *t, const struct shr__owned *o, struct shr__backend *b, const struct shr__pool_told *p,
	const char *name, uint32_t state, const char *reason, int64_t wall_ns)
{
	struct shr__pool_row row = { .backend = o->conf->name, .name = name }, was;
	int rc = shr__txn_get(t, &shr__pool_def, &row);
	int fresh = rc == SHR_ENOTFOUND;

	if (rc < 0 && !fresh)
		return rc;
	if (fresh)
		row = (struct shr__pool_row){ .backend = o->conf->name, .name = name, .version = 1, .zone = "", .reason = "" };
	was = row;
	if (p)
		fill(&row, p);
	row.zone = o->conf->zone;
	row.state = state;
	row.reason = reason;
	if (b)
		row.protocols = (int64_t)shr__backend_protocols(b);
	if (!fresh && row.total == was.total && row.free == was.free && row.reserved == was.reserved &&
		row.limit_bytes == was.limit_bytes && row.capabilities == was.capabilities && row.state == was.state &&
		row.protocols == was.protocols && strcmp(row.zone, was.zone) == 0 && strcmp(row.reason, was.reason) == 0)
		return 0;
	row.updated_ns = wall_ns;
	if (fresh)
		return shr__txn_insert(t, &shr__pool_def, &row);
	return shr__txn_update(t, &shr__pool_def, &row, SHR__COL(pool, zone) | SHR__COL(pool, state) | SHR__COL(pool, total) |
		SHR__COL(pool, free) | SHR__COL(pool, reserved) | SHR__COL(pool, limit_bytes) | SHR__COL(pool, protocols) |
		SHR__COL(pool, capabilities) | SHR__COL(pool, reason) | SHR__COL(pool, updated_ns));
}

int shr__stats_write(struct shr__txn *t, const struct shr__owned *o, struct shr__backend *b, const struct shr__pool_told *told,
	uint32_t state, const char *reason, int64_t wall_ns)
{
	for (uint32_t i = 0; i < o->conf->n_pools; i++) {
		int rc = write_pool(t, o, b, told ? &told[i] : NULL, o->conf->pools[i].name, state, reason, wall_ns);

		if (rc < 0)
			return rc;
	}
	return 0;
}

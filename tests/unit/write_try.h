/* tests/unit/write_try.h - a store with a backend, pools and shares, and a fingerprint of all that is in it */
#ifndef TESTS_UNIT_WRITE_TRY_H
#define TESTS_UNIT_WRITE_TRY_H

#include "api_try.h"
#include "libshare/driver.h"

#include <inttypes.h>

#define GIB (INT64_C(1) << 30)
#define ALL_CAPS INT64_C(0x3ffff)
#define ALL_PROTOCOLS ((int64_t)(SHR_PROTO_NFS | SHR_PROTO_SMB | SHR_PROTO_CEPHFS))

/* Each test is a process of its own. */
static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *admin, *sys;

static inline void put_pool(const char *name, int64_t limit, int64_t protocols, int64_t capabilities)
{
	PUT(ctx, pool, .backend = "alpha", .name = name, .version = 1, .zone = "z1", .state = SHR_POOL_UP, .limit_bytes = limit,
		.protocols = protocols, .capabilities = capabilities);
}

static inline void set_up_host(const struct shr_host *host)
{
	ctx = try_open_host(host, NULL);
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	admin = try_session(ctx, "p9", "admin", 0);
	sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
	PUT(ctx, backend, .name = "alpha", .version = 1, .driver = "null", .state = SHR_POOL_UP);
	put_pool("ssd", 100 * GIB, ALL_PROTOCOLS, ALL_CAPS);
}

static inline void set_up(void)
{
	struct shr_host host = SHR_HOST_INIT;

	host.wall_ns = try_wall;
	set_up_host(&host);
}

static inline void tear_down(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(admin);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}

/* A share of 10 GiB that an engine has made. STATE: any; it speaks PROTOCOLS. */
static inline void put_share_of(int n, const char *project, uint32_t state, uint64_t protocols)
{
	PUT(ctx, share, .id = ID(n), .version = 1, .project = project, .state = state, .bytes = 10 * GIB,
		.protocols = (int64_t)protocols, .generation = 1);
	PUT(ctx, instance, .id = ID(n + 5000), .version = 1, .share_id = ID(n), .state = SHR_SHARE_AVAILABLE, .backend = "alpha",
		.pool = "ssd", .bytes = 10 * GIB, .generation = 1);
}

static inline void put_share(int n, const char *project, uint32_t state)
{
	put_share_of(n, project, state, SHR_PROTO_NFS);
}

/* ---- what is in the store ---- */

static inline void hash(uint64_t *h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*h = (*h ^ ((const unsigned char *)p)[i]) * UINT64_C(1099511628211);
}

struct print {
	const struct shr__rowdef *def;
	uint64_t hash;
	uint64_t rows;
};

static inline int print_row(struct shr__txn *t, const void *row, void *data)
{
	struct print *p = data;
	struct shr_cell cells[SHR__MAX_COLUMNS];
	uint32_t n = shr__row_cells(p->def, row, (UINT64_C(1) << p->def->n_fields) - 1, cells);

	p->rows++;
	for (uint32_t i = 0; i < n; i++) {
		hash(&p->hash, &cells[i].i, sizeof cells[i].i);
		hash(&p->hash, cells[i].p, cells[i].p ? cells[i].len : 0);
	}
	return 0;
}

static inline int print_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	static const struct shr__rowdef *const tables[] = {
#define TABLE_DEF(number, upper, lower, version) &shr__##lower##_def,
		SHR__TABLES(TABLE_DEF)
	};
	struct print *p = data;
	int rc = 0;

	p->hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; rc >= 0 && i < sizeof tables / sizeof tables[0]; i++) {
		p->def = tables[i];
		rc = shr__txn_scan(t, p->def, 0, NULL, 0, 0, 0, 1000, print_row, p);
	}
	return rc < 0 ? rc : 0;
}

/* Every cell of every row, in one number: what it was when nothing has changed. */
static inline uint64_t store_print(void)
{
	struct shr__arena *arena = shr__arena_new();
	struct print p = { 0 };

	ck_assert_int_eq(shr__db_read(ctx->env.db, arena, print_body, &p, NULL), 0);
	shr__arena_free(arena);
	return p.hash;
}

/* The call is refused with CODE, a fault at FIELD and words on what to do; nothing has changed. */
static inline void wrong_field(int rc, int code, const char *field, const struct shr_error *e, uint64_t before, const char *call)
{
	int found = 0;

	if (rc != code)
		ck_abort_msg("%s: %s (%s), not %s", call, shr_strcode(rc), e ? e->message : "no error", shr_strcode(code));
	ck_assert_ptr_nonnull(e);
	for (uint32_t i = 0; i < e->n_faults; i++)
		if (strcmp(e->faults[i]->where, field) == 0 && e->faults[i]->message[0] && e->faults[i]->remedy[0])
			found = 1;
	if (!found)
		ck_abort_msg("%s: no fault with a remedy at %s in \"%s\"", call, field, e->message);
	shr_error_unref(e);
	if (store_print() != before)
		ck_abort_msg("%s: it was refused, and something changed", call);
}
#define WRONG_CODE(code, field, call) \
	do { \
		const struct shr_error *e = NULL; \
		uint64_t wrong_before = store_print(); \
		int wrong_rc = (call); \
		wrong_field(wrong_rc, code, field, e, wrong_before, #call); \
	} while (0)
#define WRONG(field, call) WRONG_CODE(SHR_EINVAL, field, call)

/* The operation that a call gave, whose record is let go; its id stays until the next call. */
static inline const char *op_id_of(const struct shr_op *op)
{
	static char id[ID_ROOM];

	snprintf(id, sizeof id, "%s", op->id);
	shr_op_unref(op);
	return id;
}

/* A copy of a row by its key; ck-fails when it is not there unless MAYBE; 1: there. Its texts live until the process ends. */
struct look_row {
	const struct shr__rowdef *def;
	void *row;
};
static inline int look_row_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look_row *l = data;

	return shr__txn_get(t, l->def, l->row);
}
static struct shr__arena *rows_arena; /* freed by nobody else than forget_rows() */
static inline void forget_rows(void)
{
	shr__arena_free(rows_arena);
	rows_arena = NULL;
}
static inline int there(const struct shr__rowdef *def, void *row)
{
	struct look_row l = { def, row };
	int rc;

	if (!rows_arena) {
		rows_arena = shr__arena_new();
		atexit(forget_rows);
	}
	rc = shr__db_read(ctx->env.db, rows_arena, look_row_body, &l, NULL);
	ck_assert(rc == 0 || rc == SHR_ENOTFOUND);
	return rc == 0;
}
/* ROW(share, s, .id = ID(1)): struct shr__share_row s, read. */
#define ROW(table, name, ...) \
	struct shr__##table##_row name = { __VA_ARGS__ }; \
	ck_assert_msg(there(&shr__##table##_def, &name), "no such row: " #table " " #__VA_ARGS__)
#define NO_ROW(table, ...) \
	do { \
		struct shr__##table##_row no_row = { __VA_ARGS__ }; \
		ck_assert_msg(!there(&shr__##table##_def, &no_row), "there is a row: " #table " " #__VA_ARGS__); \
	} while (0)

/* Set columns of a row by hand, as an engine would. */
struct set_row {
	const struct shr__rowdef *def;
	void *row;
	uint64_t set;
};
static inline int set_row_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct set_row *s = data;

	return shr__txn_update(t, s->def, s->row, s->set);
}
static inline void set_row(const struct shr__rowdef *def, void *row, uint64_t set)
{
	struct set_row s = { def, row, set };
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = set_row_body, .data = &s, .arena = arena };

	if (shr__db_write(ctx->env.db, &job) != 0)
		ck_abort_msg("%s: %s", def->table->name, job.error->message);
	shr__arena_free(arena);
}

/* A snapshot of the share OF, of project p1, that an engine has cut; it is exported by rules of its own. */
static inline void put_snapshot(int n, int of, uint32_t state)
{
	struct shr__share_row share = { .id = ID(of) };

	PUT(ctx, snapshot, .id = ID(n), .version = 1, .project = "p1", .state = state, .bytes = 10 * GIB, .protocols = SHR_PROTO_NFS,
		.generation = 1, .parent = ID(of), .snapshot_access = SHR_SNAPSHOT_ACCESS_OWN);
	PUT(ctx, instance, .id = ID(n + 5000), .version = 1, .share_id = ID(n), .state = SHR_SNAPSHOT_AVAILABLE, .backend = "alpha",
		.pool = "ssd", .flags = SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT, .generation = 1);
	ck_assert(there(&shr__share_def, &share));
	share.n_children++;
	set_row(&shr__share_def, &share, SHR__COL(share, n_children));
}

/* A share made through the API, by project p1; its id. */
static inline const char *create_as(struct shr_session *s, struct shr_share_spec *spec)
{
	static char id[ID_ROOM];
	const struct shr_op *op = NULL;

	if (!spec->bytes)
		spec->bytes = GIB;
	if (!spec->protocols)
		spec->protocols = SHR_PROTO_NFS;
	DONE(shr_share_create(s, spec, &op, &e));
	snprintf(id, sizeof id, "%s", op->object_id);
	shr_op_unref(op);
	return id;
}

#endif

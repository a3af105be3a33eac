/* tests/unit/api_try.h - a context in memory, sessions, and rows put straight into its store */
#ifndef TESTS_UNIT_API_TRY_H
#define TESTS_UNIT_API_TRY_H

/* Before check.h, whose macro `fail` would meet the member of that name. */
#include "api/ctx.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

#define ID_ROOM 37
#define NOW INT64_C(1700000000000000000)

static inline const char *id_of(int n, char buf[ID_ROOM])
{
	snprintf(buf, ID_ROOM, "0190f3aa-0000-7000-8000-%012d", n);
	return buf;
}
/* Ids for one expression. */
#define ID(n) id_of(n, (char[ID_ROOM]){ 0 })

static inline int64_t try_wall(void *data)
{
	return NOW;
}

/* The key "k1" or "k2", 32 equal bytes; the newest is what DATA says. */
static inline int try_seal_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64])
{
	const char *id = key_id[0] ? key_id : *(const char **)data;

	if (strcmp(id, "k1") != 0 && strcmp(id, "k2") != 0)
		return -1;
	memset(ret_key, id[1], 32);
	strcpy(ret_id, id);
	return 0;
}

static inline struct shr_ctx *try_open_host(const struct shr_host *host, const char *config)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	const struct shr_error *e = NULL;
	struct shr_ctx *ctx = NULL;

	p.host = host;
	p.config_text = config;
	if (shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e) != 0)
		ck_abort_msg("open: %s", e->message);
	return ctx;
}

static inline struct shr_ctx *try_open(void)
{
	struct shr_host host = SHR_HOST_INIT;

	host.wall_ns = try_wall;
	return try_open_host(&host, NULL);
}

static inline struct shr_session *try_session(struct shr_ctx *ctx, const char *project, const char *role, uint32_t flags)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *e = NULL;
	struct shr_session *s = NULL;

	p.project = project;
	p.user = "ann";
	p.roles = &role;
	p.n_roles = role != NULL;
	p.flags = flags;
	if (shr_session_open(ctx, &p, &s, &e) != 0)
		ck_abort_msg("session: %s", e->message);
	return s;
}

struct try_put {
	const struct shr__rowdef *def;
	const void *rows;
	size_t n;
	int remove;
};

static inline int try_put_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	const struct try_put *p = data;
	int rc = 0;

	for (size_t i = 0; !rc && i < p->n; i++) {
		const void *row = (const char *)p->rows + i * p->def->size;

		rc = p->remove ? shr__txn_remove(t, p->def, row) : shr__txn_insert(t, p->def, row);
	}
	return rc;
}

static inline void try_write(struct shr_ctx *ctx, struct try_put *put)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = try_put_body, .data = put, .arena = arena };

	if (shr__db_write(ctx->env.db, &job) != 0)
		ck_abort_msg("%s: %s", put->def->table->name, job.error->message);
	shr__arena_free(arena);
}

/* PUT(ctx, share, .id = ..., ...): one row; what is not named is 0 and "". */
#define PUT(ctx, table, ...) \
	try_write(ctx, &(struct try_put){ &shr__##table##_def, &(struct shr__##table##_row){ __VA_ARGS__ }, 1, 0 })
#define TAKE_OUT(ctx, table, ...) \
	try_write(ctx, &(struct try_put){ &shr__##table##_def, &(struct shr__##table##_row){ __VA_ARGS__ }, 1, 1 })

/* An error that must be there, with CODE; it is given back. */
static inline void try_error(int rc, int code, const struct shr_error *e, const char *words)
{
	if (rc != code)
		ck_abort_msg("%s (%s), not %s", shr_strcode(rc), e ? e->message : "no error", shr_strcode(code));
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->code, code);
	if (words && !strstr(e->message, words))
		ck_abort_msg("\"%s\" does not say \"%s\"", e->message, words);
	shr_error_unref(e);
}
#define REFUSED(code, words, call) \
	do { \
		const struct shr_error *e = NULL; \
		int refused_rc = (call); \
		try_error(refused_rc, code, e, words); \
	} while (0)
#define DONE(call) \
	do { \
		const struct shr_error *e = NULL; \
		int done_rc = (call); \
		if (done_rc != 0) \
			ck_abort_msg("%s: %s: %s", #call, shr_strcode(done_rc), e ? e->message : "no error"); \
		ck_assert_ptr_null(e); \
	} while (0)

#endif

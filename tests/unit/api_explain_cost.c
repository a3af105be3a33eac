/* tests/unit/api_explain_cost.c - an explanation asks the store as often on 100,000 rules as on a few */
#include "api_try.h"

#include "base/mem.h"

/* A store that counts what it is asked and the rows that it gives; it is the built-in one in memory. */
struct counting {
	struct shr_store_ops ops;
	struct shr_store *own;
	const struct shr_store_ops *real;
	void *st;
};
static unsigned n_asked, n_rows;
static struct counting counting;

struct passing {
	shr_row_fn *fn;
	void *data;
};

static int pass(const struct shr_cell *cells, uint32_t n, void *data)
{
	const struct passing *p = data;

	n_rows++;
	return p->fn(cells, n, p->data);
}

static int get(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n, shr_row_fn *fn, void *data)
{
	struct passing p = { fn, data };

	n_asked++;
	return counting.real->get(st, txn, table, key, n, pass, &p);
}

static int scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct passing p = { fn, data };

	n_asked++;
	return counting.real->scan(st, txn, table, index, from, n_from, n_prefix, flags, limit, pass, &p);
}

static struct shr_ctx *open_counting(void)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_ctx *ctx = NULL;

	DONE(shr_store_sqlite(":memory:", SHR_STORE_CREATE, &counting.own, &e));
	counting.real = counting.own->ops;
	counting.ops = *counting.own->ops;
	counting.ops.get = get;
	counting.ops.scan = scan;
	counting.own->ops = &counting.ops;
	p.store = counting.own;
	DONE(shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	return ctx;
}

static void write_who(int kind, int a, int b, int c, char who[64])
{
	if (kind == 0)
		snprintf(who, 64, "10.%d.%d.%d", a, b, c);
	else if (kind == 1)
		snprintf(who, 64, "2001:db8:1:2:3:%x:%x:%x", (unsigned)a + 1, (unsigned)b + 1, (unsigned)c + 1);
	else
		snprintf(who, 64, "user-%d-%d-%d", a, b, c);
}

/* Rules for N addresses of IPv4 and of IPv6, and as many users, in bites. */
static void put_many(struct shr_ctx *ctx, int first, int n)
{
	enum { BITE = 1000 };
	char share_id[ID_ROOM];
	struct shr__rule_row *rows = shr__alloc(BITE * sizeof *rows);
	char (*texts)[2][64] = shr__alloc(BITE * sizeof *texts);

	id_of(1, share_id);
	for (int kind = 0; kind < 3; kind++) {
		for (int at = 0; at < n; at += BITE) {
			int many = n - at < BITE ? n - at : BITE;

			for (int i = 0; i < many; i++) {
				int number = first + at + i;

				write_who(kind, number >> 16, number >> 8 & 255, number & 255, texts[i][0]);
				id_of(kind * 1000000 + number, texts[i][1]);
				rows[i] = (struct shr__rule_row){ .share_id = share_id, .id = texts[i][1], .revision = 1, .who = texts[i][0],
					.type = kind < 2 ? SHR_ACCESS_IP : SHR_ACCESS_USER, .level = SHR_LEVEL_RW };
			}
			try_write(ctx, &(struct try_put){ &shr__rule_def, rows, (size_t)many, 0 });
		}
	}
	shr__free(rows);
	shr__free(texts);
}

static void ask(struct shr_session *s, uint32_t type, const char *who, uint32_t level, unsigned *ret_asked, unsigned *ret_rows)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *x = NULL;

	p.type = type;
	p.who = who;
	n_asked = n_rows = 0;
	DONE(shr_access_explain(s, ID(1), &p, &x, &e));
	*ret_asked = n_asked;
	*ret_rows = n_rows;
	ck_assert_msg(x->level == level, "%s", x->reason);
	shr_explanation_unref(x);
}

START_TEST(the_cost_does_not_hang_on_the_number_of_rules)
{
	static const struct { uint32_t type; const char *who; uint32_t level; unsigned most_asked; } asks[] = {
		{ SHR_ACCESS_IP, "10.0.0.7", SHR_LEVEL_RW, 33 + 6 },
		{ SHR_ACCESS_IP, "10.200.0.7", SHR_LEVEL_NONE, 33 + 6 },
		{ SHR_ACCESS_IP, "2001:db8:1:2:3:1:1:3", SHR_LEVEL_RW, 129 + 6 },
		{ SHR_ACCESS_USER, "user-0-0-7", SHR_LEVEL_RW, 1 + 6 },
		{ SHR_ACCESS_USER, "nobody", SHR_LEVEL_NONE, 1 + 6 },
	};
	unsigned asked[5], rows[5], now_asked, now_rows;
	struct shr_ctx *ctx = open_counting();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);

	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .access_revision = 1, .state = SHR_SHARE_AVAILABLE,
		.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB, .n_rules = 300000);
	PUT(ctx, instance, .id = ID(2), .share_id = ID(1), .version = 1, .backend = "a", .pool = "p", .access_applied = 1,
		.n_exports = 1);
	PUT(ctx, export, .instance_id = ID(2), .path = "\\\\nas\\home", .protocol = SHR_PROTO_SMB);
	put_many(ctx, 0, 1000);
	for (int i = 0; i < 5; i++) {
		ask(s, asks[i].type, asks[i].who, asks[i].level, &asked[i], &rows[i]);
		ck_assert_msg(asked[i] <= asks[i].most_asked, "%s: %u", asks[i].who, asked[i]);
	}
	put_many(ctx, 1000, 99000);
	for (int i = 0; i < 5; i++) {
		ask(s, asks[i].type, asks[i].who, asks[i].level, &now_asked, &now_rows);
		ck_assert_msg(now_asked == asked[i] && now_rows == rows[i], "%s: %u (%u rows) of 100,000, %u (%u rows) of 1,000",
			asks[i].who, now_asked, now_rows, asked[i], rows[i]);
	}
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

/* Of a prefix the rules inside are looked at, and there is an end to that. */
START_TEST(a_prefix_full_of_rules_is_looked_at_in_part)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *x = NULL;
	struct shr_ctx *ctx = open_counting();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);

	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .access_revision = 1, .state = SHR_SHARE_AVAILABLE,
		.protocols = SHR_PROTO_NFS, .n_rules = 3000);
	PUT(ctx, instance, .id = ID(2), .share_id = ID(1), .version = 1, .access_applied = 1);
	put_many(ctx, 0, 3000);
	p.type = SHR_ACCESS_IP;
	p.who = "10.0.0.0/8";
	n_rows = 0;
	DONE(shr_access_explain(s, ID(1), &p, &x, &e));
	ck_assert_uint_eq(x->flags, SHR_EXPLAIN_MORE);
	ck_assert_uint_eq(x->n_inside, 100);
	ck_assert_ptr_nonnull(strstr(x->reason, "at least 100 of parts of it"));
	ck_assert_uint_lt(n_rows, 500);
	shr_explanation_unref(x);
	x = NULL;
	p.who = "10.0.11.184/29"; /* the last eight, behind 1000 others in the order of text */
	n_rows = 0;
	DONE(shr_access_explain(s, ID(1), &p, &x, &e));
	ck_assert_uint_eq(x->flags, 0);
	ck_assert_uint_le(x->n_inside, 8);
	ck_assert_uint_lt(n_rows, 1100);
	shr_explanation_unref(x);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

UNIT_MAIN(api_explain_cost, the_cost_does_not_hang_on_the_number_of_rules, a_prefix_full_of_rules_is_looked_at_in_part)

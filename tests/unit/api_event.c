/* tests/unit/api_event.c - the feed of events, and forgetting what is old */
#include "api_try.h"

#define DAY (INT64_C(86400) * 1000000000)

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *sys;

static void setup(void)
{
	ctx = try_open();
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
}

static void teardown(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}

static void put_event(int seq, const char *project, int object, int64_t at_ns)
{
	PUT(ctx, event, .seq = seq, .project = project, .kind = "share.created", .severity = SHR_EVENT_INFO, .object = "share",
		.object_id = ID(object), .object_version = 4, .at_ns = at_ns, .op_id = ID(9), .user = "ann", .request_id = "r",
		.text = "made");
}

/* Read until an empty page; the numbers into NS. The last position is in AFTER. */
static int drain(struct shr_session *s, char *after, size_t room, uint32_t limit, uint32_t flags, const char *object, int *ns)
{
	const struct shr_event_page *page = NULL;
	int n = 0, got, pages = 0;

	do {
		char before[64];

		snprintf(before, sizeof before, "%s", after);
		DONE(shr_event_read(s, after, limit, flags, object, &page, &e));
		got = (int)page->n;
		ck_assert_str_ne(page->after, "");
		for (int i = 0; i < got; i++)
			ns[n++] = (int)page->items[i]->seq;
		snprintf(after, room, "%s", page->after);
		shr_event_page_unref(page);
		ck_assert_int_lt(++pages, 200);
		if (!got && strcmp(before, after) != 0)
			got = 1; /* rows of others were passed over */
	} while (got);
	return n;
}

START_TEST(the_feed_gives_each_event_once_and_goes_on)
{
	int ns[128];

	setup();
	for (int i = 1; i <= 30; i++)
		put_event(i * 10, i % 3 ? "p1" : "p2", i % 2, NOW);
	for (uint32_t limit = 1; limit < 40; limit += 7) {
		char after[64] = "";

		ck_assert_int_eq(drain(p1, after, sizeof after, limit, 0, NULL, ns), 20);
		ck_assert_int_eq(ns[0], 10);
		ck_assert_int_eq(ns[19], 290);
		put_event(1000 + (int)limit, "p1", 1, NOW);
		ck_assert_int_eq(drain(p1, after, sizeof after, limit, 0, NULL, ns), 1);
		ck_assert_int_eq(ns[0], 1000 + (int)limit);
		TAKE_OUT(ctx, event, .seq = 1000 + (int)limit);
	}
	teardown();
}
END_TEST

START_TEST(the_feed_of_all_and_of_one_object)
{
	char after[64] = "";
	int ns[128];

	setup();
	for (int i = 1; i <= 60; i++)
		put_event(i, i % 20 ? "p2" : "p1", 7, NOW);
	ck_assert_int_eq(drain(sys, after, sizeof after, 7, SHR_LIST_ALL_PROJECTS, NULL, ns), 60);
	after[0] = 0;
	ck_assert_int_eq(drain(sys, after, sizeof after, 7, SHR_LIST_ALL_PROJECTS, ID(7), ns), 60);
	after[0] = 0;
	ck_assert_int_eq(drain(p1, after, sizeof after, 1, 0, ID(7), ns), 3); /* behind many of another's */
	ck_assert_int_eq(ns[0], 20);
	after[0] = 0;
	ck_assert_int_eq(drain(p1, after, sizeof after, 7, 0, ID(8), ns), 0);
	teardown();
}
END_TEST

START_TEST(an_event_has_all_it_tells)
{
	const struct shr_event_page *page = NULL;
	const struct shr_event *e;

	setup();
	put_event(5, "p1", 7, NOW);
	ck_assert_int_eq(shr_event_read(p1, NULL, 0, 0, NULL, &page, NULL), 0);
	ck_assert_uint_eq(page->n, 1);
	e = shr_event_ref(page->items[0]);
	ck_assert_str_eq(page->after, "e1-5");
	shr_event_page_unref(page);
	ck_assert_uint_eq(e->seq, 5);
	ck_assert_uint_eq(e->severity, SHR_EVENT_INFO);
	ck_assert_uint_eq(e->object_version, 4);
	ck_assert_int_eq(e->at_ns, NOW);
	ck_assert_str_eq(e->kind, "share.created");
	ck_assert_str_eq(e->object, "share");
	ck_assert_str_eq(e->object_id, ID(7));
	ck_assert_str_eq(e->op_id, ID(9));
	ck_assert_str_eq(e->user, "ann");
	ck_assert_str_eq(e->text, "made");
	shr_event_unref(e);
	teardown();
}
END_TEST

START_TEST(positions_and_limits_are_checked)
{
	static const char *const bad[] = { "x", "e1", "e1-", "e2-5", "e1-x", "e1--5", "e1-5 ", "e1-9223372036854775808",
		"e1-99999999999999999999" };
	const struct shr_event_page *page = NULL;

	setup();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		REFUSED(SHR_EINVAL, "after", shr_event_read(p1, bad[i], 0, 0, NULL, &page, &e));
	REFUSED(SHR_EINVAL, "limit", shr_event_read(p1, NULL, 1001, 0, NULL, &page, &e));
	REFUSED(SHR_EINVAL, "flags", shr_event_read(p1, NULL, 0, SHR_LIST_NEWEST_FIRST, NULL, &page, &e));
	DONE(shr_event_read(p1, "e1-9223372036854775807", 1000, 0, NULL, &page, &e));
	ck_assert_str_eq(page->after, "e1-9223372036854775807");
	shr_event_page_unref(page);
	teardown();
}
END_TEST

static void put_op(int n, const char *backend, int64_t created_ns, int64_t ended_ns)
{
	PUT(ctx, op, .id = ID(n), .version = 1, .state = ended_ns ? SHR_OP_SUCCEEDED : SHR_OP_RUNNING, .live = !ended_ns,
		.project = "p1", .backend = backend, .created_ns = created_ns, .ended_ns = ended_ns);
	PUT(ctx, token, .project = "p1", .token = ID(n), .op_id = ID(n));
	PUT(ctx, op_item, .op_id = ID(n), .step = "s", .item_id = "i");
}

static int count_row(struct shr__txn *t, const void *row, void *data)
{
	++*(int *)data;
	return 0;
}

struct count {
	const struct shr__rowdef *def;
	int n;
};

static int count_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct count *c = data;
	union {
		struct shr__op_row op;
		struct shr__event_row event;
		struct shr__token_row token;
		struct shr__op_item_row item;
	} from;
	int rc;

	memset(&from, 0, sizeof from);
	c->n = 0;
	rc = shr__txn_scan(t, c->def, 0, &from, 0, 0, 0, 1000, count_row, &c->n);
	return rc < 0 ? rc : 0;
}

static int count(const struct shr__rowdef *def)
{
	struct count c = { def, 0 };
	struct shr__arena *arena = shr__arena_new();

	DONE(shr__db_read(ctx->env.db, arena, count_body, &c, &e));
	shr__arena_free(arena);
	return c.n;
}

START_TEST(purge_takes_what_is_old_and_nothing_else)
{
	int bites = 0, rc;

	setup();
	for (int i = 1; i <= 40; i++)
		put_event(i, "p1", 1, i <= 25 ? NOW - 91 * DAY : NOW - 89 * DAY);
	for (int n = 1; n <= 12; n++)
		put_op(n, n % 3 == 0 ? "" : n % 3 == 1 ? "alpha" : "beta", NOW - 60 * DAY + n,
			n <= 8 ? NOW - 31 * DAY : n <= 10 ? NOW - 29 * DAY : 0);
	put_op(13, "alpha", NOW - DAY, NOW - DAY / 2);
	do {
		const struct shr_error *e = NULL;

		rc = shr_purge(sys, 7, &e);
		ck_assert_ptr_null(e);
		ck_assert_int_lt(++bites, 20);
	} while (rc == SHR_RUNNING);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_ge(bites, 5);
	ck_assert_int_eq(count(&shr__event_def), 15);
	ck_assert_int_eq(count(&shr__op_def), 5);
	ck_assert_int_eq(count(&shr__token_def), 5); /* a token lives as long as its operation */
	ck_assert_int_eq(count(&shr__op_item_def), 5);
	DONE(shr_purge(sys, 0, &e));
	ck_assert_int_eq(count(&shr__op_def), 5);
	teardown();
}
END_TEST

START_TEST(a_bite_is_no_larger_than_asked_for)
{
	setup();
	for (int i = 1; i <= 10; i++)
		put_event(i, "p1", 1, NOW - 100 * DAY);
	for (int n = 1; n <= 10; n++)
		put_op(n, "alpha", NOW - 60 * DAY + n, NOW - 50 * DAY);
	ck_assert_int_eq(shr_purge(sys, 4, NULL), SHR_RUNNING);
	ck_assert_int_eq(count(&shr__event_def), 6);
	ck_assert_int_eq(shr_purge(sys, 8, NULL), SHR_RUNNING);
	ck_assert_int_eq(count(&shr__event_def), 0);
	ck_assert_int_eq(count(&shr__op_def), 8);
	teardown();
}
END_TEST

UNIT_MAIN(api_event, the_feed_gives_each_event_once_and_goes_on, the_feed_of_all_and_of_one_object, an_event_has_all_it_tells,
	positions_and_limits_are_checked, purge_takes_what_is_old_and_nothing_else, a_bite_is_no_larger_than_asked_for)

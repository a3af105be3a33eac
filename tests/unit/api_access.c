/* tests/unit/api_access.c - rules as they are read: their states, lists, waits and secrets */
#include "api_try.h"

#include "base/crypto.h"
#include "flow/secret.h"

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *keys, *sys;
static const char *newest_key = "k1";

/* A share at revision 10, whose one instance has been told 7. */
static void setup(void)
{
	struct shr_host host = SHR_HOST_INIT;

	newest_key = "k1";
	host.data = &newest_key;
	host.wall_ns = try_wall;
	host.seal_key = try_seal_key;
	ctx = try_open_host(&host, NULL);
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	keys = try_session(ctx, "p1", "access_key", 0);
	sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .access_revision = 10, .state = SHR_SHARE_AVAILABLE);
	PUT(ctx, instance, .id = ID(2), .share_id = ID(1), .version = 1, .access_applied = 7, .n_faults = 2);
}

static void teardown(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(keys);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}

static void put_rule(int n, int revision, int gone)
{
	char who[32];

	snprintf(who, sizeof who, "10.0.%d.%d", n / 256, n % 256);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(n), .revision = revision, .gone = gone, .type = SHR_ACCESS_IP, .who = who,
		.level = SHR_LEVEL_RW, .priority = -n, .created_ns = n, .updated_ns = revision);
}

static void put_fault(int n, int revision)
{
	PUT(ctx, rule_fault, .instance_id = ID(2), .rule_id = ID(n), .revision = revision, .code = SHR_EUNSUPPORTED,
		.reason = "no such host");
}

/* The state of rule N; 0: it is not there. */
static uint32_t state_of(int n, const char *reason)
{
	const struct shr_rule *rule = NULL;
	const struct shr_error *e = NULL;
	uint32_t state = 0;
	int rc = shr_access_get(p1, ID(1), ID(n), &rule, &e);

	if (rc == SHR_ENOTFOUND) {
		shr_error_unref(e);
		return 0;
	}
	ck_assert_int_eq(rc, 0);
	state = rule->state;
	ck_assert_str_eq(rule->reason, reason);
	shr_rule_unref(rule);
	return state;
}

START_TEST(states_follow_from_revisions_and_faults)
{
	setup();
	put_rule(11, 3, 0);
	ck_assert_uint_eq(state_of(11, ""), SHR_RULE_ACTIVE);
	put_rule(12, 7, 0);
	ck_assert_uint_eq(state_of(12, ""), SHR_RULE_ACTIVE);
	put_rule(13, 8, 0);
	ck_assert_uint_eq(state_of(13, ""), SHR_RULE_QUEUED);
	put_rule(14, 3, 8);
	ck_assert_uint_eq(state_of(14, ""), SHR_RULE_DENYING);
	put_rule(15, 3, 7);
	ck_assert_uint_eq(state_of(15, ""), 0); /* gone everywhere */
	put_rule(16, 5, 0);
	put_fault(16, 5);
	ck_assert_uint_eq(state_of(16, "no such host"), SHR_RULE_ERROR);
	put_rule(17, 3, 6);
	put_fault(17, 6);
	ck_assert_uint_eq(state_of(17, "no such host"), SHR_RULE_ERROR); /* it would not be taken away */
	ck_assert_uint_eq(state_of(18, ""), 0);
	teardown();
}
END_TEST

START_TEST(the_newest_row_of_a_rule_counts)
{
	const struct shr_rule *rule = NULL;

	setup();
	put_rule(11, 3, 5);
	put_fault(11, 3); /* of what the rule was */
	put_rule(11, 5, 9);
	put_rule(11, 9, 0);
	DONE(shr_access_get(p1, ID(1), ID(11), &rule, &e));
	ck_assert_uint_eq(rule->revision, 9);
	ck_assert_uint_eq(rule->state, SHR_RULE_QUEUED);
	ck_assert_str_eq(rule->share_id, ID(1));
	ck_assert_str_eq(rule->who, "10.0.0.11");
	ck_assert_int_eq(rule->priority, -11);
	ck_assert_int_eq(rule->created_ns, 11);
	ck_assert_uint_eq(rule->has_key, 0);
	shr_rule_unref(rule);
	put_rule(12, 3, 6);
	put_fault(12, 3);
	put_rule(12, 6, 0);
	ck_assert_uint_eq(state_of(12, ""), SHR_RULE_ACTIVE);
	teardown();
}
END_TEST

START_TEST(the_slowest_instance_decides)
{
	setup();
	PUT(ctx, instance, .id = ID(3), .share_id = ID(1), .version = 1, .access_applied = 4);
	put_rule(11, 4, 0);
	put_rule(12, 5, 0);
	ck_assert_uint_eq(state_of(11, ""), SHR_RULE_ACTIVE);
	ck_assert_uint_eq(state_of(12, ""), SHR_RULE_QUEUED);
	teardown();
}
END_TEST

START_TEST(rules_of_another_project_are_not_there)
{
	const struct shr_rule *rule = NULL;
	const struct shr_rule_page *page = NULL;
	char *key = NULL;

	setup();
	put_rule(11, 3, 0);
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_get(p2, ID(1), ID(11), &rule, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_get(p2, ID(1), ID(99), &rule, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_list(p2, ID(1), NULL, &page, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_wait(p2, ID(1), 0, 0, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_key(p2, ID(1), ID(11), &key, &e));
	REFUSED(SHR_ENOTFOUND, "no rule", shr_access_get(p1, ID(1), ID(99), &rule, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_list(p1, ID(77), NULL, &page, &e));
	REFUSED(SHR_EINVAL, "rule_id", shr_access_get(p1, ID(1), "11", &rule, &e));
	teardown();
}
END_TEST

static int walk(uint32_t flags, uint32_t limit, int *ns)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_rule_page *page = NULL;
	char after[1024] = "";
	int n = 0, pages = 0;

	list.flags = flags;
	list.limit = limit;
	list.after = after;
	do {
		DONE(shr_access_list(p1, ID(1), &list, &page, &e));
		for (uint32_t i = 0; i < page->n; i++)
			ns[n++] = atoi(page->items[i]->id + 24);
		snprintf(after, sizeof after, "%s", page->after);
		shr_rule_page_unref(page);
		ck_assert_int_lt(++pages, 100);
	} while (after[0]);
	return n;
}

/* Rules 100 to 139: every fourth is no more, each third has old rows. */
START_TEST(lists_show_each_rule_once_whatever_its_history)
{
	int want[64], ns[64], n = 0;

	setup();
	for (int i = 100; i < 140; i++) {
		if (i % 3 == 0)
			for (int r = 1; r < 5; r++)
				put_rule(i, r, r + 1);
		put_rule(i, 5, i % 4 == 0 ? 6 : 0);
		if (i % 4 != 0)
			want[n++] = i;
	}
	for (uint32_t limit = 1; limit < 50; limit += 3) {
		ck_assert_int_eq(walk(0, limit, ns), n);
		ck_assert_mem_eq(ns, want, (size_t)n * sizeof *ns);
		ck_assert_int_eq(walk(SHR_LIST_NEWEST_FIRST, limit, ns), n);
		for (int i = 0; i < n; i++)
			ck_assert_int_eq(ns[i], want[n - 1 - i]);
	}
	teardown();
}
END_TEST

START_TEST(a_changed_rule_is_shown_as_it_is_now)
{
	const struct shr_rule_page *page = NULL;

	setup();
	put_rule(11, 3, 6);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(11), .revision = 6, .type = SHR_ACCESS_IP, .who = "10.0.0.11", .level = SHR_LEVEL_RO,
		.n_metadata = 1);
	PUT(ctx, metadata, .object_id = ID(11), .key = "why", .value = "because", .object = "rule");
	DONE(shr_access_list(p1, ID(1), NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->after, "");
	ck_assert_uint_eq(page->items[0]->level, SHR_LEVEL_RO);
	ck_assert_uint_eq(page->items[0]->n_metadata, 1);
	ck_assert_str_eq(page->items[0]->metadata[0]->value, "because");
	shr_rule_page_unref(page);
	teardown();
}
END_TEST

START_TEST(wait_tells_applied_refused_and_running)
{
	setup();
	put_rule(11, 3, 0);
	ck_assert_int_eq(shr_access_wait(p1, ID(1), 0, 0, NULL), SHR_RUNNING);
	ck_assert_int_eq(shr_access_wait(p1, ID(1), 8, 30, NULL), SHR_RUNNING);
	DONE(shr_access_wait(p1, ID(1), 7, -1, &e));
	REFUSED(SHR_EINVAL, "revision", shr_access_wait(p1, ID(1), 11, 0, &e));
	put_rule(12, 5, 0);
	put_fault(12, 5);
	REFUSED(SHR_EPARTIAL, "no such host", shr_access_wait(p1, ID(1), 7, -1, &e));
	teardown();
}
END_TEST

START_TEST(wait_names_each_rule_that_was_refused)
{
	const struct shr_error *e = NULL;

	setup();
	put_rule(12, 5, 0);
	put_fault(12, 5);
	put_rule(13, 5, 0);
	put_fault(13, 5);
	put_rule(14, 5, 6); /* refused once, and denied since: no matter any more */
	put_fault(14, 5);
	ck_assert_int_eq(shr_access_wait(p1, ID(1), 7, 0, &e), SHR_EPARTIAL);
	ck_assert_uint_eq(e->n_faults, 2);
	ck_assert_str_eq(e->faults[0]->object_id, ID(12));
	ck_assert_int_eq(e->faults[0]->code, SHR_EUNSUPPORTED);
	ck_assert_str_eq(e->faults[1]->object_id, ID(13));
	shr_error_unref(e);
	teardown();
}
END_TEST

START_TEST(wait_does_not_wait_for_what_lies_nowhere)
{
	setup();
	PUT(ctx, share, .id = ID(50), .version = 1, .project = "p1", .access_revision = 1, .state = SHR_SHARE_ERROR, .reason = "no room");
	REFUSED(SHR_ESTATE, "no room", shr_access_wait(p1, ID(50), 0, -1, &e));
	teardown();
}
END_TEST

static void put_secret(int n, const char *text)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__blob sealed;
	const char *key_id = NULL;
	char who[24];

	snprintf(who, sizeof who, "client%d", n);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(n), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = who, .level = SHR_LEVEL_RW);
	DONE(shr__secret_seal(&ctx->env.world, arena, ID(n), text, &key_id, &sealed, &e));
	PUT(ctx, rule_key, .rule_id = ID(n), .share_id = ID(1), .key_id = key_id, .sealed = sealed);
	shr__arena_free(arena);
}

START_TEST(a_secret_is_shown_to_those_who_may)
{
	const struct shr_rule *rule = NULL;
	char *key = NULL;

	setup();
	put_secret(11, "AQB3secret==");
	put_rule(12, 3, 0);
	DONE(shr_access_get(p1, ID(1), ID(11), &rule, &e));
	ck_assert_uint_eq(rule->has_key, 1);
	shr_rule_unref(rule);
	REFUSED(SHR_EPERM, "access_key:show", shr_access_key(p1, ID(1), ID(11), &key, &e));
	DONE(shr_access_key(keys, ID(1), ID(11), &key, &e));
	ck_assert_str_eq(key, "AQB3secret==");
	shr_free(key);
	key = NULL;
	REFUSED(SHR_ENOTFOUND, "no secret", shr_access_key(keys, ID(1), ID(12), &key, &e));
	REFUSED(SHR_ENOTFOUND, "no rule", shr_access_key(keys, ID(1), ID(99), &key, &e));
	ck_assert_ptr_null(key);
	teardown();
}
END_TEST

START_TEST(a_secret_that_does_not_open_is_refused)
{
	struct shr__blob junk = { "0123456789abcdef0123456789abcdef", 32 }, stub = { "x", 1 };
	char *key = NULL;

	setup();
	put_rule(20, 3, 0);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(21), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = "a");
	PUT(ctx, rule_key, .rule_id = ID(21), .share_id = ID(1), .key_id = "k1", .sealed = junk);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(22), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = "b");
	PUT(ctx, rule_key, .rule_id = ID(22), .share_id = ID(1), .key_id = "k9", .sealed = junk);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(23), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = "c");
	PUT(ctx, rule_key, .rule_id = ID(23), .share_id = ID(1), .key_id = "k1", .sealed = stub);
	REFUSED(SHR_EKEY, NULL, shr_access_key(keys, ID(1), ID(21), &key, &e));
	REFUSED(SHR_EKEY, "k9", shr_access_key(keys, ID(1), ID(22), &key, &e));
	REFUSED(SHR_ECORRUPT, NULL, shr_access_key(keys, ID(1), ID(23), &key, &e));
	ck_assert_ptr_null(key);
	teardown();
}
END_TEST

static int read_key_id(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	return shr__txn_get(t, &shr__rule_key_def, data);
}

static void check_key_id(int n, const char *want)
{
	struct shr__arena *arena = shr__arena_new();
	char id[ID_ROOM];
	struct shr__rule_key_row row = { .rule_id = id_of(n, id) };

	DONE(shr__db_read(ctx->env.db, arena, read_key_id, &row, &e));
	ck_assert_str_eq(row.key_id, want);
	shr__arena_free(arena);
}

START_TEST(reseal_goes_through_all_in_bites)
{
	char *after = NULL, *key = NULL, *next;
	int rc, n = 0;

	setup();
	for (int i = 0; i < 7; i++)
		put_secret(30 + i, "secret");
	newest_key = "k2";
	do {
		const struct shr_error *e = NULL;

		next = NULL;
		rc = shr_access_reseal(sys, after, 3, &next, &e);
		ck_assert_ptr_null(e);
		ck_assert_ptr_nonnull(next);
		shr_free(after);
		after = next;
		n++;
	} while (rc == SHR_RUNNING);
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(n, 3);
	ck_assert_str_eq(after, "");
	shr_free(after);
	for (int i = 0; i < 7; i++)
		check_key_id(30 + i, "k2");
	DONE(shr_access_key(keys, ID(1), ID(33), &key, &e));
	ck_assert_str_eq(key, "secret");
	shr_free(key);
	teardown();
}
END_TEST

START_TEST(reseal_names_what_does_not_open_and_does_the_rest)
{
	struct shr__blob junk = { "0123456789abcdef0123456789abcdef", 32 };
	const struct shr_error *e = NULL;
	char *after = NULL;

	setup();
	put_secret(30, "secret");
	PUT(ctx, rule_key, .rule_id = ID(31), .share_id = ID(1), .key_id = "k1", .sealed = junk);
	put_secret(32, "secret");
	newest_key = "k2";
	ck_assert_int_eq(shr_access_reseal(sys, NULL, 0, &after, &e), SHR_EKEY);
	ck_assert_uint_eq(e->n_faults, 1);
	ck_assert_str_eq(e->faults[0]->object_id, ID(31));
	ck_assert_str_eq(after, "");
	shr_error_unref(e);
	shr_free(after);
	check_key_id(30, "k2");
	check_key_id(31, "k1");
	check_key_id(32, "k2");
	teardown();
}
END_TEST

START_TEST(without_a_key_nothing_is_sealed_or_shown)
{
	struct shr_ctx *bare = try_open();
	struct shr_session *s = try_session(bare, NULL, NULL, SHR_SESSION_SYSTEM);
	struct shr__blob junk = { "0123456789abcdef0123456789abcdef", 32 };
	char *text = NULL;

	PUT(bare, share, .id = ID(1), .version = 1, .project = "p1");
	PUT(bare, instance, .id = ID(2), .share_id = ID(1), .version = 1, .access_applied = 7);
	PUT(bare, rule, .share_id = ID(1), .id = ID(3), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = "a");
	PUT(bare, rule_key, .rule_id = ID(3), .share_id = ID(1), .key_id = "k1", .sealed = junk);
	REFUSED(SHR_EKEY, NULL, shr_access_key(s, ID(1), ID(3), &text, &e));
	REFUSED(SHR_EKEY, NULL, shr_access_reseal(s, NULL, 0, &text, &e));
	ck_assert_ptr_null(text);
	shr_session_close(s);
	shr_ctx_close(bare);
}
END_TEST

UNIT_MAIN(api_access, states_follow_from_revisions_and_faults, the_newest_row_of_a_rule_counts, the_slowest_instance_decides,
	rules_of_another_project_are_not_there, lists_show_each_rule_once_whatever_its_history, a_changed_rule_is_shown_as_it_is_now,
	wait_tells_applied_refused_and_running, wait_names_each_rule_that_was_refused, wait_does_not_wait_for_what_lies_nowhere,
	a_secret_is_shown_to_those_who_may, a_secret_that_does_not_open_is_refused, reseal_goes_through_all_in_bites,
	reseal_names_what_does_not_open_and_does_the_rest, without_a_key_nothing_is_sealed_or_shown)

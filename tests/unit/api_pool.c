/* tests/unit/api_pool.c - pools, quotas, orphans, locks and plugins as they are read */
#include "api_try.h"

#include "libshare/driver.h"

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *sys;

static void setup(const char *config)
{
	struct shr_host host = SHR_HOST_INIT;

	ctx = try_open_host(&host, config);
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

static void put_pool(const char *backend, const char *name, uint32_t state)
{
	PUT(ctx, pool, .backend = backend, .name = name, .version = 2, .zone = "az1", .state = state, .total = 100, .free = 60,
		.allocated = 30, .reserved = 5, .limit_bytes = 95, .protocols = SHR_PROTO_NFS, .capabilities = SHR_CAP_EXTEND,
		.reason = "its own", .updated_ns = 9);
}

static void put_backend(const char *name, const char *engine, uint32_t state)
{
	PUT(ctx, backend, .name = name, .version = 1, .engine = engine, .driver = "dir", .exporter = "none", .state = state,
		.reason = state == SHR_POOL_DOWN ? "it does not answer" : "", .engine_name = "e1");
}

static void check_pool(const struct shr_pool *p, const char *backend, const char *name, uint32_t state, const char *reason)
{
	ck_assert_str_eq(p->backend, backend);
	ck_assert_str_eq(p->name, name);
	ck_assert_uint_eq(p->state, state);
	ck_assert_str_eq(p->reason, reason);
}

START_TEST(pools_come_by_backend_with_its_state)
{
	const struct shr_pool_page *page = NULL;
	const struct shr_pool *kept;

	setup(NULL);
	put_pool("d-up", "b", SHR_POOL_UP);
	put_pool("d-up", "a", SHR_POOL_DOWN);
	put_pool("c-left", "a", SHR_POOL_UP);
	put_pool("b-down", "a", SHR_POOL_UP);
	put_pool("a-new", "a", SHR_POOL_UP);
	put_backend("d-up", "x", SHR_POOL_UP);
	put_backend("c-left", "", SHR_POOL_UP);
	put_backend("b-down", "x", SHR_POOL_DOWN);
	DONE(shr_pool_list(p1, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 5);
	ck_assert_str_eq(page->after, "");
	check_pool(page->items[0], "a-new", "a", SHR_POOL_UNKNOWN, "no engine has looked at its backend yet");
	check_pool(page->items[1], "b-down", "a", SHR_POOL_DOWN, "it does not answer");
	check_pool(page->items[2], "c-left", "a", SHR_POOL_DOWN, "no engine has its backend");
	check_pool(page->items[3], "d-up", "a", SHR_POOL_DOWN, "its own");
	check_pool(page->items[4], "d-up", "b", SHR_POOL_UP, "its own");
	kept = shr_pool_ref(page->items[4]);
	shr_pool_page_unref(page);
	ck_assert_uint_eq(kept->total, 100);
	ck_assert_uint_eq(kept->free, 60);
	ck_assert_uint_eq(kept->allocated, 30);
	ck_assert_uint_eq(kept->reserved, 5);
	ck_assert_uint_eq(kept->limit, 95);
	ck_assert_uint_eq(kept->protocols, SHR_PROTO_NFS);
	ck_assert_uint_eq(kept->capabilities, SHR_CAP_EXTEND);
	ck_assert_str_eq(kept->driver, "dir");
	ck_assert_str_eq(kept->exporter, "none");
	ck_assert_str_eq(kept->engine, "e1");
	ck_assert_str_eq(kept->zone, "az1");
	shr_pool_unref(kept);
	teardown();
}
END_TEST

START_TEST(pools_page)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_pool_page *page = NULL;
	char after[512] = "";
	int n = 0;

	setup(NULL);
	put_pool("a", "x", SHR_POOL_UP);
	put_pool("a", "y", SHR_POOL_UP);
	put_pool("a-b", "x", SHR_POOL_UP);
	list.limit = 1;
	list.after = after;
	do {
		DONE(shr_pool_list(p1, &list, &page, &e));
		ck_assert_uint_eq(page->n, 1);
		snprintf(after, sizeof after, "%s", page->after);
		shr_pool_page_unref(page);
		n++;
	} while (after[0]);
	ck_assert_int_eq(n, 3);
	teardown();
}
END_TEST

static const char limited[] = "backends:\n  - {name: b, driver: null, pools: [{name: p}]}\n"
	"quota: {shares: 10, bytes: 1GiB}\n";

START_TEST(a_project_without_a_quota_has_the_configurations)
{
	const struct shr_quota *q = NULL;

	setup(limited);
	DONE(shr_quota_get(p1, NULL, &q, &e));
	ck_assert_str_eq(q->project, "p1");
	ck_assert_uint_eq(q->version, 0);
	ck_assert_int_eq(q->shares_used, 0);
	ck_assert_int_eq(q->bytes_used, 0);
	ck_assert_int_eq(q->shares_limit, 10);
	ck_assert_int_eq(q->bytes_limit, INT64_C(1) << 30);
	shr_quota_unref(q);
	teardown();
}
END_TEST

START_TEST(a_quotas_row_counts)
{
	const struct shr_quota *q = NULL;

	setup(limited);
	PUT(ctx, quota, .project = "p1", .version = 4, .shares_used = 3, .bytes_used = 77, .shares_limit = -1, .bytes_limit = -2);
	DONE(shr_quota_get(sys, "p1", &q, &e));
	ck_assert_uint_eq(q->version, 4);
	ck_assert_int_eq(q->shares_used, 3);
	ck_assert_int_eq(q->bytes_used, 77);
	ck_assert_int_eq(q->shares_limit, -1);
	ck_assert_int_eq(q->bytes_limit, INT64_C(1) << 30);
	shr_quota_unref(q);
	REFUSED(SHR_EINVAL, "project", shr_quota_get(sys, NULL, &q, &e));
	REFUSED(SHR_EINVAL, "project", shr_quota_get(sys, "\n", &q, &e));
	teardown();
}
END_TEST

START_TEST(orphans_are_listed_with_what_is_known_of_them)
{
	const struct shr_orphan_page *page = NULL;

	setup(NULL);
	PUT(ctx, orphan, .id = ID(1), .backend = "alpha", .pool = "ssd", .object = "share", .object_id = ID(2), .ref = "vol7",
		.bytes = 5, .reason = "undo failed", .op_id = ID(3), .created_ns = 8);
	DONE(shr_orphan_list(sys, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->items[0]->id, ID(1));
	ck_assert_str_eq(page->items[0]->backend, "alpha");
	ck_assert_str_eq(page->items[0]->ref, "vol7");
	ck_assert_str_eq(page->items[0]->reason, "undo failed");
	ck_assert_str_eq(page->items[0]->op_id, ID(3));
	ck_assert_uint_eq(page->items[0]->bytes, 5);
	shr_orphan_page_unref(page);
	teardown();
}
END_TEST

START_TEST(locks_of_a_share_and_of_a_rule)
{
	const struct shr_lock_page *page = NULL;

	setup(NULL);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1");
	PUT(ctx, rule, .share_id = ID(1), .id = ID(2), .revision = 1, .who = "a");
	PUT(ctx, lock, .object_id = ID(1), .holder = "vm-2", .version = 1, .count = 2, .object = "share", .reason = "mounted",
		.project = "p1", .user = "ann", .created_ns = 3);
	PUT(ctx, lock, .object_id = ID(1), .holder = "vm-1", .version = 1, .count = 1, .object = "share");
	PUT(ctx, lock, .object_id = ID(2), .holder = "vm-3", .version = 1, .count = 1, .object = "rule");
	DONE(shr_lock_list(p1, ID(1), NULL, &page, &e));
	ck_assert_uint_eq(page->n, 2);
	ck_assert_str_eq(page->items[0]->holder, "vm-1");
	ck_assert_str_eq(page->items[1]->holder, "vm-2");
	ck_assert_uint_eq(page->items[1]->count, 2);
	ck_assert_str_eq(page->items[1]->reason, "mounted");
	shr_lock_page_unref(page);
	DONE(shr_lock_list(p1, ID(2), NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->items[0]->object, "rule");
	shr_lock_page_unref(page);
	REFUSED(SHR_ENOTFOUND, "no share or rule", shr_lock_list(p2, ID(1), NULL, &page, &e));
	REFUSED(SHR_ENOTFOUND, "no share or rule", shr_lock_list(p2, ID(2), NULL, &page, &e));
	REFUSED(SHR_ENOTFOUND, "no share or rule", shr_lock_list(p1, ID(3), NULL, &page, &e));
	teardown();
}
END_TEST

START_TEST(plugins_are_asked_for_by_kind)
{
	const struct shr_plugin_page *page = NULL;

	setup(NULL);
	REFUSED(SHR_EINVAL, "kind", shr_plugin_list(p1, 0, &page, &e));
	REFUSED(SHR_EINVAL, "kind", shr_plugin_list(p1, 3, &page, &e));
	ck_assert_ptr_null(page);
	teardown();
}
END_TEST

START_TEST(names_take_numbers_of_the_future)
{
	ck_assert_str_eq(shr_share_state_name(SHR_SHARE_AVAILABLE), "available");
	ck_assert_str_eq(shr_op_state_name(SHR_OP_WAITING), "waiting");
	ck_assert_str_eq(shr_access_type_name(SHR_ACCESS_CEPHX), "cephx");
	ck_assert_str_eq(shr_level_name(SHR_LEVEL_RO), "ro");
	ck_assert_str_eq(shr_squash_name(SHR_SQUASH_DEFAULT), "default");
	ck_assert_str_eq(shr_rule_state_name(SHR_RULE_DENYING), "denying");
	ck_assert_str_eq(shr_proto_name(SHR_PROTO_CEPHFS), "cephfs");
	ck_assert_str_eq(shr_cap_name(SHR_CAP_IPV6), "ipv6");
	ck_assert_str_eq(shr_pool_state_name(SHR_POOL_UNKNOWN), "unknown");
	ck_assert_str_eq(shr_share_state_name(0), "unknown");
	ck_assert_str_eq(shr_op_state_name(99), "unknown");
	ck_assert_str_eq(shr_access_type_name(99), "unknown");
	ck_assert_str_eq(shr_level_name(SHR_LEVEL_NONE), "none");
	ck_assert_str_eq(shr_level_name(9), "unknown");
	ck_assert_str_eq(shr_why_name(SHR_WHY_NO_EXPORT), "no_export");
	ck_assert_str_eq(shr_why_name(0), "unknown");
	ck_assert_str_eq(shr_squash_name(9), "unknown");
	ck_assert_str_eq(shr_rule_state_name(0), "unknown");
	ck_assert_str_eq(shr_proto_name(3), "unknown"); /* one bit at a time */
	ck_assert_str_eq(shr_cap_name(UINT64_C(1) << 63), "unknown");
}
END_TEST

UNIT_MAIN(api_pool, pools_come_by_backend_with_its_state, pools_page, a_project_without_a_quota_has_the_configurations,
	a_quotas_row_counts, orphans_are_listed_with_what_is_known_of_them, locks_of_a_share_and_of_a_rule,
	plugins_are_asked_for_by_kind, names_take_numbers_of_the_future)

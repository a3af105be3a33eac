/* tests/unit/api_nomem.c - every call that reads, with each of its allocations failing */
#include "api_try.h"

#include "fault/fault.h"
#include "flow/secret.h"

static struct shr_ctx *ctx;
static struct shr_session *s;
static const char *newest_key = "k1";

static void put_secret(int n)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__blob sealed;
	const char *key_id;

	PUT(ctx, rule, .share_id = ID(1), .id = ID(n), .revision = 3, .type = SHR_ACCESS_CEPHX, .who = ID(n));
	DONE(shr__secret_seal(&ctx->env.world, arena, ID(n), "secret", &key_id, &sealed, &e));
	PUT(ctx, rule_key, .rule_id = ID(n), .share_id = ID(1), .key_id = key_id, .sealed = sealed);
	shr__arena_free(arena);
}

static void setup(void)
{
	struct shr_host host = SHR_HOST_INIT;

	shr__fault_at(-1);
	host.data = &newest_key;
	host.wall_ns = try_wall;
	host.seal_key = try_seal_key;
	ctx = try_open_host(&host, NULL);
	s = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .name = "home", .access_revision = 7, .n_metadata = 1,
		.state = SHR_SHARE_AVAILABLE, .protocols = SHR_PROTO_NFS);
	PUT(ctx, instance, .id = ID(2), .share_id = ID(1), .version = 1, .backend = "a", .pool = "p", .access_applied = 7,
		.n_exports = 1, .n_faults = 1);
	PUT(ctx, export, .instance_id = ID(2), .path = "h:/x", .protocol = 1);
	PUT(ctx, metadata, .object_id = ID(1), .key = "k", .value = "v", .object = "share");
	PUT(ctx, rule, .share_id = ID(1), .id = ID(3), .revision = 3, .type = SHR_ACCESS_IP, .who = "10.0.0.1");
	PUT(ctx, rule_fault, .instance_id = ID(2), .rule_id = ID(3), .revision = 3, .code = SHR_EBACKEND, .reason = "no");
	put_secret(4);
	PUT(ctx, op, .id = ID(5), .version = 1, .kind = "share_create", .kind_version = 1, .state = SHR_OP_FAILED,
		.error_code = SHR_ENOSPC, .project = "p1", .backend = "a", .created_ns = 1, .ended_ns = 2);
	PUT(ctx, event, .seq = 1, .project = "p1", .kind = "share.created", .at_ns = NOW);
	PUT(ctx, pool, .backend = "a", .name = "p", .version = 1);
	PUT(ctx, backend, .name = "a", .version = 1);
	PUT(ctx, quota, .project = "p1", .version = 1);
	PUT(ctx, orphan, .id = ID(6));
	PUT(ctx, drift, .instance_id = ID(2), .what = SHR_DRIFT_RULE, .item = ID(3), .share_id = ID(1));
	PUT(ctx, lock, .object_id = ID(1), .holder = "vm", .version = 1);
}

static void teardown(void)
{
	shr_session_close(s);
	shr_ctx_close(ctx);
}

/* CALL answers WANT, or says that there was no memory: with an error, and with nothing left over. */
#define WALK(want, call, undo) \
	do { \
		int want_rc = (want); \
		const struct shr_error *e = NULL; \
		if ((call) == want_rc) /* what is made once and kept is made now */ \
			undo; \
		shr_error_unref(e); \
		for (FAULT_WALK(n)) { \
			long before = shr__fault_live(); \
			int rc; \
			e = NULL; \
			rc = (call); \
			if (rc != want_rc) { \
				ck_assert(shr__fault_fired()); \
				ck_assert_int_eq(rc, SHR_ENOMEM); \
				ck_assert_ptr_nonnull(e); \
			} else { \
				undo; \
			} \
			ck_assert(rc >= 0 || e); \
			shr_error_unref(e); \
			e = NULL; \
			ck_assert_int_eq(shr__fault_live(), before); \
		} \
	} while (0)

START_TEST(shares_survive)
{
	const struct shr_share *share = NULL;
	const struct shr_share_page *page = NULL;
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;

	setup();
	f.key = "k";
	WALK(0, shr_share_get(s, ID(1), &share, &e), shr_share_unref(share));
	WALK(0, shr_share_list(s, &f, NULL, &page, &e), shr_share_page_unref(page));
	WALK(SHR_ENOTFOUND, shr_share_get(s, ID(9), &share, &e), (void)0);
	teardown();
}
END_TEST

START_TEST(snapshots_survive)
{
	const struct shr_snapshot *snapshot = NULL;
	const struct shr_snapshot_page *page = NULL;
	const struct shr_error *why = NULL;
	struct shr_snapshot_filter f = SHR_SNAPSHOT_FILTER_INIT;

	setup();
	PUT(ctx, snapshot, .id = ID(21), .version = 1, .project = "p1", .name = "then", .state = SHR_SNAPSHOT_AVAILABLE, .parent = ID(1),
		.n_metadata = 1, .n_locks = 1, .n_children = 1, .protocols = SHR_PROTO_NFS, .snapshot_access = SHR_SNAPSHOT_ACCESS_SHARE);
	PUT(ctx, instance, .id = ID(22), .share_id = ID(21), .version = 1, .backend = "a", .pool = "p", .n_exports = 1);
	PUT(ctx, export, .instance_id = ID(22), .path = "h:/y", .protocol = 1);
	PUT(ctx, metadata, .object_id = ID(21), .key = "k", .value = "v", .object = "snapshot");
	PUT(ctx, lock, .object_id = ID(21), .holder = "vm", .version = 1, .object = "snapshot");
	PUT(ctx, share, .id = ID(23), .version = 1, .project = "p1", .name = "child", .parent = ID(21));
	f.share_id = ID(1);
	WALK(0, shr_snapshot_get(s, ID(21), &snapshot, &e), shr_snapshot_unref(snapshot));
	WALK(0, shr_snapshot_list(s, &f, NULL, &page, &e), shr_snapshot_page_unref(page));
	WALK(SHR_ENOTFOUND, shr_snapshot_get(s, ID(9), &snapshot, &e), (void)0);
	WALK(0, shr_delete_check(s, ID(21), &why, &e), shr_error_unref(why));
	teardown();
}
END_TEST

START_TEST(pages_with_positions_survive)
{
	const struct shr_share_page *page = NULL;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	char after[512];

	setup();
	PUT(ctx, share, .id = ID(11), .version = 1, .project = "p1");
	PUT(ctx, share, .id = ID(12), .version = 1, .project = "p1");
	list.limit = 1;
	DONE(shr_share_list(s, NULL, &list, &page, &e));
	snprintf(after, sizeof after, "%s", page->after);
	shr_share_page_unref(page);
	list.after = after;
	WALK(0, shr_share_list(s, NULL, &list, &page, &e), shr_share_page_unref(page));
	teardown();
}
END_TEST

START_TEST(rules_survive)
{
	const struct shr_rule *rule = NULL;
	const struct shr_rule_page *page = NULL;
	struct shr_explain_params ip = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *explanation = NULL;
	char *text = NULL;

	setup();
	ip.type = SHR_ACCESS_IP;
	ip.who = "10.0.0.1";
	WALK(0, shr_access_explain(s, ID(1), &ip, &explanation, &e), shr_explanation_unref(explanation));
	PUT(ctx, rule, .share_id = ID(1), .id = ID(13), .revision = 3, .type = SHR_ACCESS_IP, .who = "10.0.0.0/8", .level = SHR_LEVEL_RO);
	WALK(0, shr_access_explain(s, ID(1), &ip, &explanation, &e), shr_explanation_unref(explanation));
	ip.who = "10.0.0.0/31";
	WALK(0, shr_access_explain(s, ID(1), &ip, &explanation, &e), shr_explanation_unref(explanation));
	WALK(0, shr_access_get(s, ID(1), ID(3), &rule, &e), shr_rule_unref(rule));
	WALK(0, shr_access_list(s, ID(1), NULL, &page, &e), shr_rule_page_unref(page));
	WALK(SHR_EPARTIAL, shr_access_wait(s, ID(1), 0, 0, &e), (void)0);
	WALK(0, shr_access_key(s, ID(1), ID(4), &text, &e), shr_free(text));
	teardown();
}
END_TEST

START_TEST(operations_and_events_survive)
{
	const struct shr_op *op = NULL;
	const struct shr_op_page *ops = NULL;
	const struct shr_event_page *events = NULL;

	setup();
	WALK(0, shr_op_get(s, ID(5), &op, &e), shr_op_unref(op));
	WALK(0, shr_op_list(s, NULL, NULL, &ops, &e), shr_op_page_unref(ops));
	WALK(0, shr_event_read(s, NULL, 0, 0, NULL, &events, &e), shr_event_page_unref(events));
	teardown();
}
END_TEST

/* The operation's own code comes also when its words are lost. */
START_TEST(wait_survives)
{
	const struct shr_op *op;

	setup();
	ck_assert_int_eq(shr_op_wait(s, ID(5), 0, NULL, NULL), SHR_ENOSPC); /* what is made once and kept is made now */
	for (FAULT_WALK(n)) {
		long before = shr__fault_live();
		const struct shr_error *e = NULL;
		int rc;

		op = NULL;
		rc = shr_op_wait(s, ID(5), 0, &op, &e);
		ck_assert(rc == SHR_ENOSPC || (rc == SHR_ENOMEM && shr__fault_fired()));
		ck_assert_int_eq(e->code, rc);
		ck_assert(rc == SHR_ENOMEM || op);
		shr_error_unref(e);
		shr_op_unref(op);
		ck_assert_int_eq(shr__fault_live(), before);
	}
	teardown();
}
END_TEST

START_TEST(the_rest_survives)
{
	const struct shr_pool_page *pools = NULL;
	const struct shr_quota *quota = NULL;
	const struct shr_orphan_page *orphans = NULL;
	const struct shr_lock_page *locks = NULL;
	const struct shr_drift_page *drift = NULL;

	setup();
	WALK(0, shr_drift_list(s, NULL, NULL, &drift, &e), shr_drift_page_unref(drift));
	WALK(0, shr_pool_list(s, NULL, &pools, &e), shr_pool_page_unref(pools));
	WALK(0, shr_quota_get(s, "p1", &quota, &e), shr_quota_unref(quota));
	WALK(0, shr_orphan_list(s, NULL, &orphans, &e), shr_orphan_page_unref(orphans));
	WALK(0, shr_lock_list(s, ID(1), NULL, &locks, &e), shr_lock_page_unref(locks));
	teardown();
}
END_TEST

START_TEST(sessions_and_contexts_survive)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	struct shr_session *other = NULL;
	struct shr_ctx *another = NULL;
	const char *role = "admin";

	setup();
	p.project = "p1";
	p.roles = &role;
	p.n_roles = 1;
	WALK(0, shr_session_open(ctx, &p, &other, &e), shr_session_close(other));
	WALK(0, shr_ctx_open(SHR_HEADER_VERSION, NULL, &another, &e), shr_ctx_close(another));
	teardown();
}
END_TEST

/* Writing keeps memory of its own for the next time, so only the answer is looked at, and that nothing is half done. */
START_TEST(reseal_and_purge_survive)
{
	char *after;

	setup();
	newest_key = "k2";
	for (FAULT_WALK(n)) {
		const struct shr_error *e = NULL;
		int rc;

		after = NULL;
		rc = shr_access_reseal(s, NULL, 0, &after, &e);
		ck_assert(rc == 0 || (rc == SHR_ENOMEM && shr__fault_fired() && e));
		shr_error_unref(e);
		shr_free(after);
	}
	for (FAULT_WALK(n)) {
		const struct shr_error *e = NULL;
		int rc = shr_purge(s, 0, &e);

		ck_assert(rc == 0 || (rc == SHR_ENOMEM && shr__fault_fired() && e));
		shr_error_unref(e);
	}
	DONE(shr_access_key(s, ID(1), ID(4), &after, &e));
	ck_assert_str_eq(after, "secret");
	shr_free(after);
	newest_key = "k1";
	teardown();
}
END_TEST

START_TEST(json_survives)
{
	const struct shr_share *share = NULL;

	setup();
	DONE(shr_share_get(s, ID(1), &share, &e));
	for (FAULT_WALK(n)) {
		long before = shr__fault_live();
		char *json = shr_share_json(share);

		ck_assert(shr__fault_fired() == (json == NULL));
		shr_free(json);
		ck_assert_int_eq(shr__fault_live(), before);
	}
	shr_share_unref(share);
	teardown();
}
END_TEST

UNIT_MAIN(api_nomem, shares_survive, snapshots_survive, pages_with_positions_survive, rules_survive, operations_and_events_survive, wait_survives,
	the_rest_survives, sessions_and_contexts_survive, reseal_and_purge_survive, json_survives)

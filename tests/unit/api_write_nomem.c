/* tests/unit/api_write_nomem.c - each allocation of each changing call fails once: nothing leaks, and nothing is half done */
#include "write_try.h"

#include "fault/fault.h"
#include "sched/sched.h"

/* What a store may keep for its next events, whatever becomes of these. */
#define KEPT 1

/* A call that is answered with SHR_ENOMEM has changed nothing; any other answer is the one it gives with memory. */
static void walk(const char *name, int (*call)(int n, const struct shr_error **e), int want)
{
	uint64_t before = store_print(); /* with it, the statements for all tables are there */
	const long live = shr__fault_live();

	for (int n = 1;; n++) {
		const struct shr_error *e = NULL;
		int rc, fired;

		before = store_print();
		shr__fault_at(n);
		rc = call(n, &e);
		fired = shr__fault_fired();
		shr__fault_at(-1);
		if (rc != want && (!fired || rc != SHR_ENOMEM))
			ck_abort_msg("%s, allocation %d: %s (%s)", name, n, shr_strcode(rc), e ? e->message : "no error");
		if ((rc < 0) != (e != NULL))
			ck_abort_msg("%s, allocation %d: %s and %s", name, n, shr_strcode(rc), e ? "an error" : "no error");
		shr_error_unref(e);
		if (rc == SHR_ENOMEM && store_print() != before)
			ck_abort_msg("%s, allocation %d: no memory, and something changed", name, n);
		if (rc < 0 && shr__fault_live() > live + KEPT)
			ck_abort_msg("%s, allocation %d: %ld are leaked", name, n, shr__fault_live() - live);
		if (!fired) {
			ck_assert_int_gt(n, 1);
			return;
		}
	}
}

static int create_one(int n, const struct shr_error **e)
{
	static const char *const pairs[] = { "a", "1", "b", "2" };
	static const struct shr_access_change rules[] = {
		{ .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW },
		{ .verb = SHR_ALLOW, .type = SHR_ACCESS_CERT, .who = "host", .level = SHR_LEVEL_RO, .metadata = pairs, .n_metadata = 2 },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	char token[32];
	int rc;

	snprintf(token, sizeof token, "t%d", n);
	spec.token = token;
	spec.name = "home";
	spec.bytes = 1024;
	spec.protocols = SHR_PROTO_NFS;
	spec.metadata = pairs;
	spec.n_metadata = 2;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	rc = shr_share_create(p1, &spec, &op, e);
	ck_assert_int_eq(rc == 0, op != NULL);
	shr_op_unref(op);
	return rc;
}

START_TEST(a_create_without_memory_makes_nothing)
{
	const struct shr_error *e = NULL;

	set_up();
	ck_assert_int_eq(create_one(0, &e), 0); /* the pools are known, the statements are made */
	walk("create", create_one, 0);
	tear_down();
}
END_TEST

static int create_first(int n, const struct shr_error **e)
{
	shr__sched_stale(ctx->sched); /* so that each reads the pools */
	return create_one(n, e);
}

START_TEST(pools_that_cannot_be_read_are_no_refusal)
{
	const struct shr_error *e = NULL;

	set_up();
	ck_assert_int_eq(create_one(0, &e), 0);
	walk("create with pools to read", create_first, 0);
	tear_down();
}
END_TEST

static int create_big(int n, const struct shr_error **e)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.bytes = 1000 * GIB;
	spec.protocols = SHR_PROTO_NFS;
	return shr_share_create(p1, &spec, &op, e);
}

START_TEST(a_refusal_without_memory_is_one_too)
{
	const struct shr_error *e = NULL;

	set_up();
	ck_assert_int_eq(create_one(0, &e), 0);
	walk("a create that no pool takes", create_big, SHR_ENOSPC);
	tear_down();
}
END_TEST

static int create_wrong(int n, const struct shr_error **e)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.name = "a/b";
	spec.token = "";
	return shr_share_create(p1, &spec, &op, e);
}

START_TEST(mistakes_are_mistakes_without_memory)
{
	set_up();
	walk("a create with mistakes", create_wrong, SHR_EINVAL);
	tear_down();
}
END_TEST

static int apply_some(int n, const struct shr_error **e)
{
	char who[32];
	struct shr_access_change changes[] = {
		{ .verb = SHR_SET, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = n % 2 ? SHR_LEVEL_RW : SHR_LEVEL_RO },
		{ .verb = SHR_SET, .type = SHR_ACCESS_IP, .who = who, .level = SHR_LEVEL_RO },
		{ .verb = SHR_DENY, .type = SHR_ACCESS_IP, .who = who },
	};
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

	snprintf(who, sizeof who, "10.1.%d.%d", n / 256, n % 256);
	p.changes = changes;
	p.n_changes = 3;
	return shr_access_apply(p1, ID(1), &p, NULL, e);
}

START_TEST(a_batch_without_memory_changes_no_rule)
{
	const struct shr_error *e = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	ck_assert_int_eq(apply_some(0, &e), 0);
	walk("apply", apply_some, 0);
	tear_down();
}
END_TEST

static int lock_one(int n, const struct shr_error **e)
{
	const struct shr_op *op = NULL;
	int rc = shr_lock_add(p1, ID(1), "me", "because", NULL, &op, e);

	shr_op_unref(op);
	return rc;
}

START_TEST(a_lock_without_memory_is_none)
{
	const struct shr_error *e = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	ck_assert_int_eq(lock_one(0, &e), 0);
	walk("lock", lock_one, 0);
	tear_down();
}
END_TEST

static int update_one(int n, const struct shr_error **e)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	char name[32];

	snprintf(name, sizeof name, "name %d", n);
	p.name = name;
	return shr_share_update(p1, ID(1), &p, NULL, e);
}

START_TEST(an_update_without_memory_changes_nothing)
{
	const struct shr_error *e = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	ck_assert_int_eq(update_one(0, &e), 0);
	walk("update", update_one, 0);
	tear_down();
}
END_TEST

/* Each on a share of its own, made before. */
static int delete_one(int n, const struct shr_error **e)
{
	return shr_share_delete(p1, ID(n), NULL, NULL, e);
}

static int force_delete_one(int n, const struct shr_error **e)
{
	return shr_share_force_delete(sys, ID(n), NULL, NULL, e);
}

static int reset_one(int n, const struct shr_error **e)
{
	return shr_share_reset_state(sys, ID(n), SHR_SHARE_ERROR, NULL, NULL, e);
}

static void walk_shares(const char *name, int (*call)(int n, const struct shr_error **e))
{
	const struct shr_error *e = NULL;

	set_up();
	for (int n = 1; n <= 200; n++) {
		const struct shr_op *op = NULL;

		put_share(n, "p1", SHR_SHARE_AVAILABLE);
		ck_assert_int_eq(shr_share_shrink(p1, ID(n), GIB, NULL, &op, &e), 0);
		shr_op_unref(op);
	}
	ck_assert_int_eq(call(200, &e), 0);
	walk(name, call, 0);
	tear_down();
}

START_TEST(a_delete_without_memory_ends_nothing)
{
	walk_shares("delete", delete_one);
}
END_TEST

START_TEST(a_forced_delete_without_memory_leaves_all_there)
{
	walk_shares("force-delete", force_delete_one);
}
END_TEST

START_TEST(a_reset_without_memory_cuts_nothing_off)
{
	walk_shares("reset-state", reset_one);
}
END_TEST

/* The same of snapshots, each of a share of its own. */
#define OF(n) ((n) + 1000)

static int cut_one(int n, const struct shr_error **e)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	const struct shr_op *op = NULL;
	int rc;

	spec.name = "now";
	spec.access = SHR_SNAPSHOT_ACCESS_SHARE;
	rc = shr_snapshot_create(p1, ID(OF(n)), &spec, &op, e);
	shr_op_unref(op);
	return rc;
}

static int take_over_one(int n, const struct shr_error **e)
{
	struct shr_snapshot_manage_params p = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;
	const struct shr_op *op = NULL;
	int rc;

	p.source = "old";
	rc = shr_snapshot_manage(sys, ID(OF(n)), &p, &op, e);
	shr_op_unref(op);
	return rc;
}

static int clone_one(int n, const struct shr_error **e)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	int rc;

	spec.snapshot = ID(n);
	spec.flags = SHR_SHARE_READONLY;
	rc = shr_share_create(p1, &spec, &op, e);
	shr_op_unref(op);
	return rc;
}

static int revert_one(int n, const struct shr_error **e)
{
	return shr_share_revert(p1, ID(OF(n)), ID(n), NULL, NULL, e);
}

static int set_access_of_one(int n, const struct shr_error **e)
{
	return shr_snapshot_set_access(p1, ID(n), SHR_SNAPSHOT_ACCESS_SHARE, NULL, NULL, e);
}

static int delete_snapshot(int n, const struct shr_error **e)
{
	return shr_snapshot_delete(p1, ID(n), NULL, NULL, e);
}

static int force_delete_snapshot(int n, const struct shr_error **e)
{
	return shr_snapshot_force_delete(sys, ID(n), NULL, NULL, e);
}

static int reset_snapshot(int n, const struct shr_error **e)
{
	return shr_snapshot_reset_state(sys, ID(n), SHR_SNAPSHOT_ERROR, NULL, NULL, e);
}

/* Rules of its own, and of its share, which are told to those that have them. */
static int apply_to_snapshot(int n, const struct shr_error **e)
{
	return shr_access_allow(p1, ID(n), SHR_ACCESS_IP, "10.0.0.1", SHR_LEVEL_RO, NULL, e);
}

static int apply_to_followed(int n, const struct shr_error **e)
{
	return shr_access_allow(p1, ID(OF(n)), SHR_ACCESS_IP, "10.0.0.1", SHR_LEVEL_RO, NULL, e);
}

static void follow(int n)
{
	ROW(share, share, .id = ID(OF(n)));
	ROW(snapshot, snapshot, .id = ID(n));
	share.n_followers = 1;
	snapshot.snapshot_access = SHR_SNAPSHOT_ACCESS_SHARE;
	set_row(&shr__share_def, &share, SHR__COL(share, n_followers));
	set_row(&shr__snapshot_def, &snapshot, SHR__COL(share, snapshot_access));
}

static const struct {
	const char *name;
	int (*call)(int n, const struct shr_error **e);
} of_snapshots[] = {
	{ "cut", cut_one }, { "take over", take_over_one }, { "clone", clone_one }, { "revert", revert_one },
	{ "set access", set_access_of_one }, { "delete of a snapshot", delete_snapshot },
	{ "force-delete of a snapshot", force_delete_snapshot }, { "reset of a snapshot", reset_snapshot },
	{ "rules of a snapshot", apply_to_snapshot }, { "rules that are followed", apply_to_followed },
};

START_TEST(what_is_done_with_a_snapshot_without_memory_is_not_done)
{
	const struct shr_error *e = NULL;

	for (size_t i = 0; i < sizeof of_snapshots / sizeof of_snapshots[0]; i++) {
		set_up();
		for (int n = 1; n <= 150; n++) {
			put_share(OF(n), "p1", SHR_SHARE_AVAILABLE);
			put_snapshot(n, OF(n), SHR_SNAPSHOT_AVAILABLE);
			if (of_snapshots[i].call == apply_to_followed)
				follow(n);
		}
		ck_assert_int_eq(of_snapshots[i].call(150, &e), 0);
		walk(of_snapshots[i].name, of_snapshots[i].call, 0);
		tear_down();
	}
}
END_TEST

UNIT_MAIN(api_write_nomem, a_create_without_memory_makes_nothing, pools_that_cannot_be_read_are_no_refusal,
	a_refusal_without_memory_is_one_too, mistakes_are_mistakes_without_memory, a_batch_without_memory_changes_no_rule,
	a_lock_without_memory_is_none, an_update_without_memory_changes_nothing, a_delete_without_memory_ends_nothing,
	a_forced_delete_without_memory_leaves_all_there, a_reset_without_memory_cuts_nothing_off,
	what_is_done_with_a_snapshot_without_memory_is_not_done)

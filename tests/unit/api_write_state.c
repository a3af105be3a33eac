/* tests/unit/api_write_state.c - what may be done in which state; locks, quotas, and the calls of last resort */
#include "write_try.h"

#include "flow/accept.h"
#include "flow/flows.h"

#include <pthread.h>

/* ---- every flow in every state ---- */

static int do_extend(const char *id, const struct shr_error **e)
{
	return shr_share_extend(sys, id, 20 * GIB, NULL, NULL, e);
}

static int do_shrink(const char *id, const struct shr_error **e)
{
	return shr_share_shrink(sys, id, GIB, NULL, NULL, e);
}

static int do_delete(const char *id, const struct shr_error **e)
{
	return shr_share_delete(sys, id, NULL, NULL, e);
}

static int do_force_delete(const char *id, const struct shr_error **e)
{
	return shr_share_force_delete(sys, id, NULL, NULL, e);
}

static int do_unmanage(const char *id, const struct shr_error **e)
{
	return shr_share_unmanage(sys, id, NULL, NULL, e);
}

static int do_update(const char *id, const struct shr_error **e)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;

	p.name = "new";
	return shr_share_update(sys, id, &p, NULL, e);
}

static int do_reset_state(const char *id, const struct shr_error **e)
{
	return shr_share_reset_state(sys, id, SHR_SHARE_ERROR, NULL, NULL, e);
}

static int do_reconcile(const char *id, const struct shr_error **e)
{
	return shr_share_reconcile(sys, id, NULL, NULL, e);
}

static int do_apply(const char *id, const struct shr_error **e)
{
	return shr_access_allow(sys, id, SHR_ACCESS_IP, "10.0.0.1", SHR_LEVEL_RW, NULL, e);
}

static int do_lock_add(const char *id, const struct shr_error **e)
{
	return shr_lock_add(sys, id, "me", NULL, NULL, NULL, e);
}

static int do_lock_remove(const char *id, const struct shr_error **e)
{
	return shr_lock_remove(sys, id, "me", NULL, NULL, e);
}

/* The snapshot that goes with the share or the snapshot N: its own number, or its share's. */
#define SNAPSHOT_OF(n) ((n) + 20000)
#define SHARE_OF(n) ((n) + 30000)

static int do_revert(const char *id, const struct shr_error **reterr)
{
	const struct shr_snapshot_page *page = NULL;
	struct shr_snapshot_filter filter = SHR_SNAPSHOT_FILTER_INIT;
	int rc;

	filter.share_id = id;
	DONE(shr_snapshot_list(sys, &filter, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	rc = shr_share_revert(sys, id, page->items[0]->id, NULL, NULL, reterr);
	shr_snapshot_page_unref(page);
	return rc;
}

static int do_snapshot_delete(const char *id, const struct shr_error **e)
{
	return shr_snapshot_delete(sys, id, NULL, NULL, e);
}

static int do_snapshot_force_delete(const char *id, const struct shr_error **e)
{
	return shr_snapshot_force_delete(sys, id, NULL, NULL, e);
}

static int do_snapshot_unmanage(const char *id, const struct shr_error **e)
{
	return shr_snapshot_unmanage(sys, id, NULL, NULL, e);
}

static int do_snapshot_update(const char *id, const struct shr_error **e)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;

	p.name = "new";
	return shr_snapshot_update(sys, id, &p, NULL, e);
}

static int do_snapshot_reset_state(const char *id, const struct shr_error **e)
{
	return shr_snapshot_reset_state(sys, id, SHR_SNAPSHOT_ERROR, NULL, NULL, e);
}

static int do_snapshot_set_access(const char *id, const struct shr_error **e)
{
	return shr_snapshot_set_access(sys, id, SHR_SNAPSHOT_ACCESS_SHARE, NULL, NULL, e);
}

static const struct {
	const char *kind;
	int (*call)(const char *id, const struct shr_error **e);
} calls[] = {
	{ "share_extend", do_extend }, { "share_shrink", do_shrink }, { "share_delete", do_delete },
	{ "share_force_delete", do_force_delete }, { "share_unmanage", do_unmanage }, { "share_update", do_update },
	{ "share_reset_state", do_reset_state }, { "share_reconcile", do_reconcile }, { "access_apply", do_apply }, { "lock_add", do_lock_add },
	{ "lock_remove", do_lock_remove }, { "share_revert", do_revert }, { "snapshot_delete", do_snapshot_delete },
	{ "snapshot_force_delete", do_snapshot_force_delete }, { "snapshot_unmanage", do_snapshot_unmanage },
	{ "snapshot_update", do_snapshot_update }, { "snapshot_reset_state", do_snapshot_reset_state },
	{ "snapshot_set_access", do_snapshot_set_access }, { "snapshot_rules", do_apply }, { "snapshot_reconcile", do_reconcile },
};

/* A flow that no call here makes is one that nobody tried. */
static int call_flow(const struct shr__flow *f, const char *id, const struct shr_error **e)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
		if (strcmp(calls[i].kind, f->kind) == 0)
			return calls[i].call(id, e);
	ck_abort_msg("no call makes a %s", f->kind);
	return 0;
}

#define STATES 12 /* those that there are, and a few from the future */

/* A share with one snapshot; the other of the two is available. */
static void put_pair(const struct shr__flow *f, int n, uint32_t state)
{
	int of_snapshot = shr__flow_of_snapshots(f);

	put_share(of_snapshot ? SHARE_OF(n) : n, "p1", of_snapshot ? SHR_SHARE_AVAILABLE : state);
	put_snapshot(of_snapshot ? n : SNAPSHOT_OF(n), of_snapshot ? SHARE_OF(n) : n, of_snapshot ? state : SHR_SNAPSHOT_AVAILABLE);
}

static void try_state(const struct shr__flow *f, int n, uint32_t state)
{
	const struct shr_error *e = NULL;
	int may = f->from >> state & 1;
	uint64_t before;
	int rc;

	if (f->other_rows || shr__flow_of_snapshots(f))
		put_pair(f, n, state);
	else
		put_share(n, "p1", state);
	if (strcmp(f->kind, "lock_remove") == 0)
		PUT(ctx, lock, .object_id = ID(n), .holder = "me", .version = 1, .count = 2, .object = "share", .project = "p1");
	before = store_print();
	rc = call_flow(f, ID(n), &e);
	if (may && rc != 0)
		ck_abort_msg("%s of a %s that is %s: %s", f->kind, f->object, shr_share_state_name(state), e->message);
	if (!may && rc != SHR_ESTATE)
		ck_abort_msg("%s of a %s that is %s: %s, not SHR_ESTATE", f->kind, f->object, shr_share_state_name(state), shr_strcode(rc));
	if (!may) {
		if (!strstr(e->message, ID(n)))
			ck_abort_msg("\"%s\" does not say which %s", e->message, f->object);
		ck_assert_uint_eq(store_print(), before);
	}
	shr_error_unref(e);
}

START_TEST(each_call_is_taken_in_the_states_of_its_flow_and_in_no_other)
{
	int n = 1;

	set_up();
	for (int i = 0; shr__flows[i]; i++)
		for (uint32_t state = 1; state < STATES && !(shr__flows[i]->flags & (SHR__FLOW_NEW | SHR__FLOW_ALONE)); state++)
			if (shr__flows[i] != &shr__flow_snapshot_follow) /* no call makes it: a change of the share's rules does */
				try_state(shr__flows[i], n++, state);
	ck_assert_int_gt(n, 100);
	tear_down();
}
END_TEST

START_TEST(a_share_in_a_state_from_the_future_is_busy)
{
	set_up();
	put_share(1, "p1", 40);
	REFUSED(SHR_ESTATE, "newer version", do_extend(ID(1), &e));
	tear_down();
}
END_TEST

/* What a call that is accepted leaves on the share. */
START_TEST(the_share_shows_its_operation_while_it_runs)
{
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, &op, &e));
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.state, SHR_SHARE_EXTENDING);
	ck_assert_str_eq(share.op_id, op->id);
	ROW(hold, hold, .object_id = ID(1), .op_id = op->id);
	ck_assert_uint_eq(op->state, SHR_OP_QUEUED);
	ck_assert_uint_eq(op->n_steps, 1);
	ck_assert_str_eq(op->backend, "alpha");
	ck_assert_str_eq(op->engine, "");
	shr_op_unref(op);
	tear_down();
}
END_TEST

START_TEST(a_call_without_steps_is_done_when_it_returns)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	p.name = "new";
	p.description = "two\nlines";
	DONE(shr_share_update(p1, ID(1), &p, &op, &e));
	ck_assert_uint_eq(op->state, SHR_OP_SUCCEEDED);
	ck_assert_uint_eq(op->percent, 100);
	ck_assert_int_eq(op->ended_ns, NOW);
	shr_op_unref(op);
	ROW(share, share, .id = ID(1));
	ck_assert_str_eq(share.name, "new");
	ck_assert_str_eq(share.description, "two\nlines");
	ck_assert_str_eq(share.op_id, "");
	tear_down();
}
END_TEST

START_TEST(two_operations_do_not_hold_the_same_of_a_share)
{
	const struct shr_error *why = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	PUT(ctx, op, .id = ID(9), .version = 1, .kind = "share_move", .kind_version = 1, .state = SHR_OP_RUNNING, .live = 1,
		.step = "copy", .percent = 40, .object = "share", .object_id = ID(1), .project = "p1", .backend = "alpha",
		.args.p = "", .memo.p = "", .error.p = "");
	PUT(ctx, hold, .object_id = ID(1), .op_id = ID(9), .exclusive = SHR__SIZE);
	ck_assert_int_eq(do_extend(ID(1), &why), SHR_ESTATE);
	ck_assert_str_eq(why->op_id, ID(9));
	ck_assert_uint_eq(why->retryable, 1);
	ck_assert_ptr_nonnull(strstr(why->message, "share_move"));
	ck_assert_ptr_nonnull(strstr(why->message, "40 %"));
	shr_error_unref(why);
	DONE(do_apply(ID(1), &e)); /* rules run beside everything but delete */
	tear_down();
}
END_TEST

/* ---- delete ---- */

START_TEST(delete_asks_what_runs_to_end)
{
	const struct shr_op *op = NULL;
	char extend[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, &op, &e));
	snprintf(extend, sizeof extend, "%s", op_id_of(op));
	DONE(shr_share_delete(p1, ID(1), NULL, &op, &e));
	ROW(op, running, .id = extend);
	ck_assert_int_eq(running.cancel, 1);
	ROW(op, waiting, .id = op->id);
	ck_assert_str_eq(waiting.after_op, extend);
	shr_op_unref(op);
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.state, SHR_SHARE_DELETING);
	tear_down();
}
END_TEST

START_TEST(force_delete_takes_the_share_out_at_once)
{
	const struct shr_op *op = NULL;
	char extend[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	PUT(ctx, quota, .project = "p1", .version = 1, .shares_used = 1, .bytes_used = 10 * GIB, .shares_limit = -1, .bytes_limit = -1);
	DONE(shr_lock_add(p1, ID(1), "me", NULL, NULL, NULL, &e));
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, &op, &e));
	snprintf(extend, sizeof extend, "%s", op_id_of(op));
	DONE(shr_share_force_delete(admin, ID(1), NULL, &op, &e));
	ck_assert_uint_eq(op->state, SHR_OP_QUEUED);
	shr_op_unref(op);
	NO_ROW(share, .id = ID(1));
	NO_ROW(instance, .id = ID(5001));
	ROW(orphan, orphan, .id = ID(5001));
	ck_assert_int_eq(orphan.bytes, 20 * GIB);
	ROW(quota, quota, .project = "p1");
	ck_assert_int_eq(quota.shares_used, 0);
	ck_assert_int_eq(quota.bytes_used, 0);
	ROW(op, cut, .id = extend);
	ck_assert_int_eq(cut.state, SHR_OP_CANCELLED);
	ck_assert_int_eq(cut.live, 0);
	tear_down();
}
END_TEST

START_TEST(force_delete_of_a_share_without_an_instance_is_done_at_once)
{
	const struct shr_op *op = NULL;

	set_up();
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .state = SHR_SHARE_ERROR, .bytes = GIB, .access_revision = 1,
		.n_rules = 1, .generation = 1);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(9), .revision = 1, .type = SHR_ACCESS_IP, .who = "10.0.0.0/8",
		.level = SHR_LEVEL_RO, .generation = 1);
	DONE(shr_share_force_delete(admin, ID(1), NULL, &op, &e));
	ck_assert_uint_eq(op->state, SHR_OP_SUCCEEDED);
	ROW(op, row, .id = op->id);
	ck_assert_int_eq(row.live, 0);
	NO_ROW(share, .id = ID(1));
	NO_ROW(rule, .share_id = ID(1), .id = ID(9), .revision = 1);
	shr_op_unref(op);
	tear_down();
}
END_TEST

/* ---- reset-state ---- */

START_TEST(reset_state_cuts_off_what_runs)
{
	const struct shr_op *op = NULL;
	char extend[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, &op, &e));
	snprintf(extend, sizeof extend, "%s", op_id_of(op));
	DONE(shr_share_reset_state(admin, ID(1), SHR_SHARE_AVAILABLE, NULL, &op, &e));
	ck_assert_uint_eq(op->state, SHR_OP_SUCCEEDED);
	shr_op_unref(op);
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.state, SHR_SHARE_AVAILABLE);
	ck_assert_int_eq(share.epoch, 1);
	ck_assert_str_eq(share.op_id, "");
	ROW(op, cut, .id = extend);
	ck_assert_int_eq(cut.live, 0);
	NO_ROW(hold, .object_id = ID(1), .op_id = extend);
	DONE(shr_share_extend(p1, ID(1), 30 * GIB, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(reset_state_to_error_says_so)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_reset_state(admin, ID(1), SHR_SHARE_ERROR, NULL, NULL, &e));
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.state, SHR_SHARE_ERROR);
	ck_assert_str_ne(share.reason, "");
	tear_down();
}
END_TEST

START_TEST(a_share_whose_delete_or_unmanage_was_begun_is_not_available)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_share(2, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_delete(p1, ID(1), NULL, NULL, &e));
	REFUSED(SHR_ESTATE, "may be gone", shr_share_reset_state(admin, ID(1), SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	DONE(shr_share_reset_state(admin, ID(1), SHR_SHARE_ERROR, NULL, NULL, &e));
	REFUSED(SHR_ESTATE, "may be gone", shr_share_reset_state(admin, ID(1), SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	DONE(shr_share_delete(p1, ID(1), NULL, NULL, &e));
	DONE(shr_share_unmanage(admin, ID(2), NULL, NULL, &e));
	REFUSED(SHR_ESTATE, "let go", shr_share_reset_state(admin, ID(2), SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_share_that_was_never_made_is_not_available)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const char *id;

	set_up();
	id = create_as(p1, &spec);
	REFUSED(SHR_ESTATE, "never made", shr_share_reset_state(admin, id, SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	tear_down();
}
END_TEST

/* ---- locks ---- */

START_TEST(a_lock_keeps_a_share_until_it_is_let_go)
{
	const struct shr_error *why = NULL;
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_lock_add(p1, ID(1), "vm-7", "it is mounted", NULL, NULL, &e));
	before = store_print();
	ck_assert_int_eq(do_delete(ID(1), &why), SHR_ELOCKED);
	ck_assert_uint_eq(why->n_faults, 1);
	ck_assert_str_eq(why->faults[0]->message, "vm-7 holds it: it is mounted");
	ck_assert_str_eq(why->faults[0]->object_id, ID(1));
	shr_error_unref(why);
	ck_assert_uint_eq(store_print(), before);
	REFUSED(SHR_ELOCKED, NULL, do_unmanage(ID(1), &e));
	DONE(shr_lock_remove(p1, ID(1), "vm-7", NULL, NULL, &e));
	DONE(do_delete(ID(1), &e));
	tear_down();
}
END_TEST

START_TEST(locks_are_counted_for_each_holder)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_lock_add(p1, ID(1), "a", NULL, NULL, NULL, &e));
	DONE(shr_lock_add(p1, ID(1), "a", NULL, NULL, NULL, &e));
	DONE(shr_lock_add(p1, ID(1), "b", NULL, NULL, NULL, &e));
	ROW(share, three, .id = ID(1));
	ck_assert_int_eq(three.n_locks, 2); /* holders */
	DONE(shr_lock_remove(p1, ID(1), "a", NULL, NULL, &e));
	DONE(shr_lock_remove(p1, ID(1), "b", NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "b holds no lock", shr_lock_remove(p1, ID(1), "b", NULL, NULL, &e));
	REFUSED(SHR_ELOCKED, NULL, do_delete(ID(1), &e));
	DONE(shr_lock_remove(p1, ID(1), "a", NULL, NULL, &e));
	ROW(share, none, .id = ID(1));
	ck_assert_int_eq(none.n_locks, 0);
	DONE(do_delete(ID(1), &e));
	tear_down();
}
END_TEST

START_TEST(a_locked_rule_stays_and_keeps_its_share)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(2), .revision = 1, .type = SHR_ACCESS_IP, .who = "10.0.0.1",
		.level = SHR_LEVEL_RW);
	DONE(shr_lock_add(p1, ID(2), "vm-7", NULL, NULL, NULL, &e));
	ROW(lock, lock, .object_id = ID(2), .holder = "vm-7");
	ck_assert_str_eq(lock.object, "rule");
	ck_assert_str_eq(lock.project, "p1");
	REFUSED(SHR_ELOCKED, NULL, shr_access_deny(p1, ID(1), ID(2), NULL, &e));
	REFUSED(SHR_ELOCKED, NULL, do_delete(ID(1), &e));
	DONE(shr_lock_remove(p1, ID(2), "vm-7", NULL, NULL, &e));
	DONE(shr_access_deny(p1, ID(1), ID(2), NULL, &e));
	REFUSED(SHR_ENOTFOUND, NULL, shr_lock_add(p1, ID(2), "vm-7", NULL, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(anothers_rule_is_not_locked)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	PUT(ctx, rule, .share_id = ID(1), .id = ID(2), .revision = 1, .type = SHR_ACCESS_IP, .who = "10.0.0.1",
		.level = SHR_LEVEL_RW);
	REFUSED(SHR_ENOTFOUND, "no share or rule", shr_lock_add(p2, ID(2), "vm-7", NULL, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share or rule", shr_lock_add(p1, ID(3), "vm-7", NULL, NULL, NULL, &e));
	tear_down();
}
END_TEST

/* ---- quotas ---- */

START_TEST(a_quota_bounds_the_number_of_shares)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	set_up();
	DONE(shr_quota_set(admin, "p1", 1, -1, NULL, NULL, &e));
	create_as(p1, &spec);
	WRONG_CODE(SHR_EQUOTA, "shares", shr_share_create(p1, &spec, &op, &e));
	create_as(p2, &spec);
	tear_down();
}
END_TEST

START_TEST(a_quota_bounds_the_bytes_of_create_and_extend)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	PUT(ctx, quota, .project = "p1", .version = 1, .shares_used = 1, .bytes_used = 10 * GIB, .shares_limit = -1, .bytes_limit = -1);
	DONE(shr_quota_set(admin, "p1", -1, 15 * GIB, NULL, &op, &e));
	ck_assert_str_eq(op->object, "quota");
	ck_assert_str_eq(op->object_id, "p1");
	shr_op_unref(op);
	WRONG_CODE(SHR_EQUOTA, "bytes", shr_share_extend(p1, ID(1), 16 * GIB, NULL, NULL, &e));
	spec.bytes = 5 * GIB + 1;
	spec.protocols = SHR_PROTO_NFS;
	WRONG_CODE(SHR_EQUOTA, "bytes", shr_share_create(p1, &spec, &op, &e));
	spec.bytes--;
	create_as(p1, &spec);
	tear_down();
}
END_TEST

START_TEST(a_quota_below_what_is_used_is_taken)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	set_up();
	create_as(p1, &spec);
	DONE(shr_quota_set(admin, "p1", 0, 0, NULL, NULL, &e));
	WRONG_CODE(SHR_EQUOTA, "shares", shr_share_create(p1, &spec, &op, &e));
	tear_down();
}
END_TEST

/* ---- pools ---- */

START_TEST(a_create_takes_room_and_quota)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const char *pairs[] = { "env", "test" };
	const char *id;

	set_up();
	spec.name = "home";
	spec.bytes = 3 * GIB;
	spec.zone = "z1";
	spec.metadata = pairs;
	spec.n_metadata = 1;
	id = create_as(p1, &spec);
	ROW(share, share, .id = id);
	ck_assert_int_eq(share.state, SHR_SHARE_CREATING);
	ck_assert_str_eq(share.project, "p1");
	ck_assert_str_eq(share.zone, "z1");
	ck_assert_int_eq(share.n_metadata, 1);
	ROW(pool, pool, .backend = "alpha", .name = "ssd");
	ck_assert_int_eq(pool.allocated, 3 * GIB);
	ROW(quota, quota, .project = "p1");
	ck_assert_int_eq(quota.bytes_used, 3 * GIB);
	ck_assert_int_eq(quota.shares_used, 1);
	ROW(metadata, pair, .object_id = id, .key = "env");
	ck_assert_str_eq(pair.value, "test");
	tear_down();
}
END_TEST

/* Behind the back of the picture that the scheduler has. */
static void fill_pool(const char *name, int64_t allocated)
{
	ROW(pool, pool, .backend = "alpha", .name = name);
	pool.allocated = allocated;
	set_row(&shr__pool_def, &pool, SHR__COL(pool, allocated));
}

START_TEST(a_pool_that_filled_up_meanwhile_is_left_for_another)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;

	set_up();
	put_pool("hdd", 100 * GIB, ALL_PROTOCOLS, ALL_CAPS);
	fill_pool("ssd", 50 * GIB);
	create_as(p1, &spec); /* to hdd: it has more room, and is known now */
	fill_pool("hdd", 100 * GIB);
	create_as(p1, &spec);
	ROW(pool, ssd, .backend = "alpha", .name = "ssd");
	ck_assert_int_eq(ssd.allocated, 51 * GIB);
	tear_down();
}
END_TEST

START_TEST(when_every_pool_is_full_each_says_why)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	set_up();
	create_as(p1, &spec);
	fill_pool("ssd", 100 * GIB);
	WRONG_CODE(SHR_ENOSPC, "pool alpha/ssd", shr_share_create(p1, &spec, &op, &e));
	tear_down();
}
END_TEST

static void *create_many(void *data)
{
	int *made = data;

	for (int i = 0; i < 40; i++) {
		struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
		const struct shr_error *e = NULL;
		const struct shr_op *op = NULL;
		int rc;

		spec.bytes = GIB;
		spec.protocols = SHR_PROTO_NFS;
		rc = shr_share_create(p1, &spec, &op, &e);
		if (rc != 0 && rc != SHR_ENOSPC)
			*made = -1000; /* Check's own aborts are the main thread's */
		*made += rc == 0;
		shr_error_unref(e);
		shr_op_unref(op);
	}
	return NULL;
}

START_TEST(several_callers_get_all_the_room_that_there_is_and_no_more)
{
	pthread_t threads[4];
	int made[4] = { 0 };

	set_up();
	fill_pool("ssd", 50 * GIB);
	put_pool("hdd", 30 * GIB, ALL_PROTOCOLS, ALL_CAPS);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, create_many, &made[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(made[0] + made[1] + made[2] + made[3], 80);
	ROW(pool, ssd, .backend = "alpha", .name = "ssd");
	ROW(pool, hdd, .backend = "alpha", .name = "hdd");
	ck_assert_int_eq(ssd.allocated, 100 * GIB);
	ck_assert_int_eq(hdd.allocated, 30 * GIB);
	ROW(quota, quota, .project = "p1");
	ck_assert_int_eq(quota.shares_used, 80);
	tear_down();
}
END_TEST

START_TEST(extend_takes_room_in_its_own_pool_or_is_refused)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	fill_pool("ssd", 95 * GIB);
	REFUSED(SHR_ENOSPC, "alpha/ssd", shr_share_extend(p1, ID(1), 20 * GIB, NULL, NULL, &e));
	DONE(shr_share_extend(p1, ID(1), 15 * GIB, NULL, NULL, &e));
	ROW(pool, pool, .backend = "alpha", .name = "ssd");
	ck_assert_int_eq(pool.allocated, 100 * GIB);
	tear_down();
}
END_TEST

START_TEST(what_a_pool_cannot_do_is_refused)
{
	struct shr_share_manage_params m = SHR_SHARE_MANAGE_PARAMS_INIT;

	set_up();
	put_pool("plain", GIB, ALL_PROTOCOLS, 0);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .state = SHR_SHARE_AVAILABLE, .bytes = 100);
	PUT(ctx, instance, .id = ID(2), .version = 1, .share_id = ID(1), .state = SHR_SHARE_AVAILABLE, .backend = "alpha",
		.pool = "plain", .bytes = 100);
	REFUSED(SHR_EUNSUPPORTED, "alpha/plain", shr_share_extend(p1, ID(1), 200, NULL, NULL, &e));
	REFUSED(SHR_EUNSUPPORTED, "alpha/plain", shr_share_shrink(p1, ID(1), 50, NULL, NULL, &e));
	REFUSED(SHR_EUNSUPPORTED, "alpha/plain", shr_share_unmanage(admin, ID(1), NULL, NULL, &e));
	m.backend = "alpha";
	m.pool = "plain";
	m.source = "x";
	m.protocols = SHR_PROTO_NFS;
	REFUSED(SHR_EUNSUPPORTED, "alpha/plain", shr_share_manage(admin, &m, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(manage_needs_no_room_that_is_free)
{
	struct shr_share_manage_params m = SHR_SHARE_MANAGE_PARAMS_INIT;
	const struct shr_op *op = NULL;

	set_up();
	fill_pool("ssd", 100 * GIB);
	m.backend = "alpha";
	m.pool = "ssd";
	m.source = "/old/thing";
	m.protocols = SHR_PROTO_NFS;
	DONE(shr_share_manage(admin, &m, &op, &e));
	ck_assert_str_eq(op->kind, "share_manage");
	ROW(share, share, .id = op->object_id);
	ck_assert_str_eq(share.project, "p9");
	ck_assert_int_eq(share.state, SHR_SHARE_MANAGING);
	shr_op_unref(op);
	tear_down();
}
END_TEST

/* ---- cancel ---- */

static const char *extend_one(void)
{
	const struct shr_op *op = NULL;

	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, &op, &e));
	return op_id_of(op);
}

START_TEST(cancel_asks_and_asking_twice_is_harmless)
{
	const char *id;
	uint64_t before;

	set_up();
	id = extend_one();
	DONE(shr_op_cancel(p1, id, &e));
	ROW(op, op, .id = id);
	ck_assert_int_eq(op.cancel, 1);
	ck_assert_int_eq(op.live, 1);
	before = store_print();
	DONE(shr_op_cancel(p1, id, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(what_cannot_be_undone_is_not_cancelled)
{
	const struct shr_op *op = NULL;
	const char *id;
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_delete(p1, ID(1), NULL, &op, &e));
	id = op_id_of(op);
	before = store_print();
	REFUSED(SHR_ESTATE, "past the point", shr_op_cancel(p1, id, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(what_is_being_undone_or_has_ended_is_not_cancelled)
{
	const char *id;

	set_up();
	id = extend_one();
	ROW(op, op, .id = id);
	op.undoing = 1;
	set_row(&shr__op_def, &op, SHR__COL(op, undoing));
	REFUSED(SHR_ESTATE, "undone already", shr_op_cancel(p1, id, &e));
	op.live = 0;
	op.state = SHR_OP_FAILED;
	set_row(&shr__op_def, &op, SHR__COL(op, live) | SHR__COL(op, state));
	REFUSED(SHR_ESTATE, "has ended", shr_op_cancel(p1, id, &e));
	tear_down();
}
END_TEST

START_TEST(an_operation_of_a_newer_version_is_not_cancelled)
{
	set_up();
	PUT(ctx, op, .id = ID(9), .version = 1, .kind = "share_teleport", .kind_version = 3, .state = SHR_OP_RUNNING, .live = 1,
		.project = "p1", .args.p = "", .memo.p = "", .error.p = "");
	REFUSED(SHR_ESTATE, "newer version", shr_op_cancel(p1, ID(9), &e));
	tear_down();
}
END_TEST

START_TEST(anothers_operation_is_not_there_to_cancel)
{
	const char *id;

	set_up();
	id = extend_one();
	REFUSED(SHR_ENOTFOUND, "no operation", shr_op_cancel(p2, id, &e));
	REFUSED(SHR_ENOTFOUND, "no operation", shr_op_cancel(p1, ID(77), &e));
	REFUSED(SHR_EINVAL, "op_id", shr_op_cancel(p1, "x", &e));
	DONE(shr_op_cancel(admin, id, &e));
	tear_down();
}
END_TEST

/* ---- the word to other processes ---- */

struct heard {
	int n;
	char token[64];
};

static void hear(void *data, const char *word)
{
	struct heard *h = data;

	h->n++;
	snprintf(h->token, sizeof h->token, "%s", word);
}

START_TEST(other_processes_are_told_of_what_nobody_here_claims)
{
	struct shr_share_update_params u = SHR_SHARE_UPDATE_PARAMS_INIT;
	struct heard heard = { 0 };
	struct shr_host host = SHR_HOST_INIT;
	const char *id;

	host.wake = hear;
	host.data = &heard;
	set_up_host(&host);
	id = extend_one();
	ck_assert_int_eq(heard.n, 1);
	ck_assert_str_ne(heard.token, "");
	u.name = "x";
	DONE(shr_share_update(p1, ID(1), &u, NULL, &e)); /* has no steps: nobody needs to know */
	ck_assert_int_eq(heard.n, 1);
	DONE(shr_op_cancel(p1, id, &e));
	ck_assert_int_eq(heard.n, 2);
	tear_down();
}
END_TEST

UNIT_MAIN(api_write_state, each_call_is_taken_in_the_states_of_its_flow_and_in_no_other, a_share_in_a_state_from_the_future_is_busy,
	the_share_shows_its_operation_while_it_runs, a_call_without_steps_is_done_when_it_returns,
	two_operations_do_not_hold_the_same_of_a_share, delete_asks_what_runs_to_end, force_delete_takes_the_share_out_at_once,
	force_delete_of_a_share_without_an_instance_is_done_at_once,
	reset_state_cuts_off_what_runs, reset_state_to_error_says_so, a_share_that_was_never_made_is_not_available,
	a_share_whose_delete_or_unmanage_was_begun_is_not_available,
	a_lock_keeps_a_share_until_it_is_let_go, locks_are_counted_for_each_holder, a_locked_rule_stays_and_keeps_its_share,
	anothers_rule_is_not_locked, a_quota_bounds_the_number_of_shares, a_quota_bounds_the_bytes_of_create_and_extend,
	a_quota_below_what_is_used_is_taken, a_create_takes_room_and_quota, a_pool_that_filled_up_meanwhile_is_left_for_another,
	when_every_pool_is_full_each_says_why, several_callers_get_all_the_room_that_there_is_and_no_more,
	extend_takes_room_in_its_own_pool_or_is_refused, what_a_pool_cannot_do_is_refused,
	manage_needs_no_room_that_is_free, cancel_asks_and_asking_twice_is_harmless, what_cannot_be_undone_is_not_cancelled,
	what_is_being_undone_or_has_ended_is_not_cancelled, an_operation_of_a_newer_version_is_not_cancelled,
	anothers_operation_is_not_there_to_cancel, other_processes_are_told_of_what_nobody_here_claims)

/* tests/whole/whole_snapshot.c - snapshots, reverts and shares made from them, on the null driver: what its file says they have */
#include "whole.h"

static struct whole w;
static char share[40], state[256], behind[256];

static void setup(const char *faults)
{
	char config[1400];

	whole_dir(&w);
	snprintf(state, sizeof state, "%s/state", w.dir);
	snprintf(behind, sizeof behind, "%s/behind", w.dir);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n- name: n\n  driver: 'null'\n  settings:\n    state: %s\n"
		"    behind: %s\n    fault: [%s]\n  pools: [{name: p}]\nengine: {retry: {first: 10ms}}\n", TEST_BACKENDS, state, behind,
		faults[0] ? faults : "\"usage:9999:fail\"");
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .workers = 2 });
	whole_create(&w, 1 << 20, 2, share);
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	whole_remove(&w);
}

static const struct shr_op *begin(const char *of, uint32_t access)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.name = "now";
	spec.access = access;
	OK(shr_snapshot_create(w.s, of, &spec, &op, &e));
	return op;
}

static void cut(const char *of, uint32_t access, char ret[40])
{
	const struct shr_op *op = begin(of, access);

	snprintf(ret, 40, "%s", op->object_id);
	OK(shr_op_wait(w.s, op->id, -1, NULL, &e));
	shr_op_unref(op);
}

static const struct shr_snapshot *get(const char *id)
{
	const struct shr_snapshot *s = NULL;

	OK(shr_snapshot_get(w.s, id, &s, &e));
	return s;
}

static int wait_for(const struct shr_op *op)
{
	const struct shr_error *e = NULL;
	int rc = shr_op_wait(w.s, op->id, -1, NULL, &e);

	shr_error_unref(e);
	shr_op_unref(op);
	return rc;
}

static void instance_of(const char *object_id, char ret[40])
{
	char sql[128];
	sqlite3_stmt *s = NULL;

	snprintf(sql, sizeof sql, "SELECT id FROM instance WHERE share_id='%s'", object_id);
	ck_assert_int_eq(sqlite3_prepare_v2(whole_db(&w), sql, -1, &s, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	snprintf(ret, 40, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

/* The number that stands for what is in it: libshare-null(7). -1: it is not there. */
static long content(const char *object_id)
{
	char id[40], line[512], what[40], of[40];
	long found = 0, n;
	FILE *f = fopen(state, "r");

	instance_of(object_id, id);
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%39s %39s", what, of) != 2 || strcmp(of, id) != 0)
			continue;
		if (strcmp(what, "remove") == 0)
			found = -1;
		else if (sscanf(line, "content %*s %ld", &n) == 1 || sscanf(line, "snapshot %*s %*s %*s %*s %*s %*s %ld", &n) == 1 ||
			sscanf(line, "clone %*s %*s %*s %*s %*s %ld", &n) == 1)
			found = n;
	}
	fclose(f);
	return found;
}

static void write_content(const char *object_id, long n)
{
	const struct shr_op *op = NULL;
	char id[40];
	FILE *f = fopen(behind, "a");

	instance_of(object_id, id);
	ck_assert_ptr_nonnull(f);
	fprintf(f, "content %s %ld\n", id, n);
	fclose(f);
	OK(shr_share_reconcile(w.host, object_id, NULL, &op, &e)); /* it looks, so it reads that */
	ck_assert_int_eq(wait_for(op), 0);
}

/* How a rule is told to the object's instance: its level; 0: not at all. */
static unsigned level_of(const char *object_id, const char *rule_id)
{
	char id[40], line[512], of[40], rule[40];
	unsigned found = 0, level;
	FILE *f = fopen(state, "r");

	instance_of(object_id, id);
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "rule %39s %39s %*u %u", of, rule, &level) == 3 && !strcmp(of, id) && !strcmp(rule, rule_id))
			found = level;
		if (sscanf(line, "unrule %39s %39s", of, rule) == 2 && !strcmp(of, id) && !strcmp(rule, rule_id))
			found = 0;
	}
	fclose(f);
	return found;
}

static void allow(const char *object_id, const char *who, char ret_rule[40])
{
	const struct shr_rule_page *page = NULL;
	const struct shr_op *op = NULL;

	OK(shr_access_allow(w.s, object_id, SHR_ACCESS_IP, who, SHR_LEVEL_RW, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	whole_rest(&w);
	OK(shr_access_list(w.s, object_id, NULL, &page, &e));
	ret_rule[0] = '\0';
	for (uint32_t i = 0; i < page->n; i++)
		if (strcmp(page->items[i]->who, who) == 0)
			snprintf(ret_rule, 40, "%s", page->items[i]->id);
	shr_rule_page_unref(page);
}

/* ---- */

START_TEST(a_snapshot_says_what_it_is_and_when_it_was_cut)
{
	const struct shr_snapshot *s;
	const struct shr_share *of;
	char id[40];

	setup("");
	write_content(share, 7);
	cut(share, SHR_SNAPSHOT_ACCESS_DEFAULT, id);
	s = get(id);
	ck_assert_str_eq(s->share_id, share);
	ck_assert_str_eq(s->name, "now");
	ck_assert_uint_eq(s->state, SHR_SNAPSHOT_AVAILABLE);
	ck_assert_uint_eq(s->bytes, 1 << 20);
	ck_assert_uint_eq(s->access, SHR_SNAPSHOT_ACCESS_NONE);
	ck_assert_uint_eq(s->n_exports, 0);
	ck_assert_int_gt(s->cut_ns, 0);
	ck_assert_int_ge(s->ready_ns, s->cut_ns);
	shr_snapshot_unref(s);
	of = whole_share(&w, share);
	ck_assert_uint_eq(of->n_snapshots, 1);
	shr_share_unref(of);
	ck_assert_int_eq(content(id), 7);
	teardown(0);
}
END_TEST

START_TEST(a_revert_to_any_snapshot_keeps_all_of_them)
{
	const struct shr_snapshot_page *page = NULL;
	const struct shr_share *of;
	const struct shr_op *op = NULL;
	char ids[5][40];
	unsigned held;

	setup("");
	for (int i = 0; i < 5; i++) {
		write_content(share, 10 + i);
		cut(share, SHR_SNAPSHOT_ACCESS_NONE, ids[i]);
	}
	write_content(share, 99);
	OK(shr_share_revert(w.s, share, ids[1], NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(content(share), 11);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(content(ids[i]), 10 + i);
	OK(shr_snapshot_list(w.s, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 5);
	shr_snapshot_page_unref(page);
	of = whole_share(&w, share);
	ck_assert_uint_eq(of->state, SHR_SHARE_AVAILABLE);
	ck_assert_uint_eq(of->bytes, 1 << 20);
	ck_assert_uint_gt(of->n_exports, 0);
	ck_assert_uint_eq(of->access_applied, of->access_revision);
	shr_share_unref(of);
	held = (unsigned)whole_ask(&w, "SELECT count(*) FROM hold");
	ck_assert_uint_eq(held, 0);
	teardown(0);
}
END_TEST

START_TEST(a_revert_that_fails_leaves_the_share_as_it_was)
{
	const struct shr_share *of;
	const struct shr_op *op = NULL;
	char id[40];

	setup("\"revert:*:fail\"");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	write_content(share, 3);
	OK(shr_share_revert(w.s, share, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), SHR_EBACKEND);
	ck_assert_int_eq(content(share), 3);
	of = whole_share(&w, share);
	ck_assert_uint_eq(of->state, SHR_SHARE_AVAILABLE);
	ck_assert_uint_gt(of->n_exports, 0);
	shr_share_unref(of);
	ck_assert_int_eq(whole_has_event(&w, "share.revert_failed", share), 1);
	teardown(0);
}
END_TEST

START_TEST(what_would_not_fit_or_is_anothers_is_refused)
{
	const struct shr_op *op = NULL;
	char id[40], other[40];

	setup("");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	OK(shr_share_shrink(w.s, share, 1 << 19, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	REFUSED(SHR_ESTATE, shr_share_revert(w.s, share, id, NULL, NULL, &e));
	whole_create(&w, 1 << 20, 0, other);
	REFUSED(SHR_EINVAL, shr_share_revert(w.s, other, id, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, shr_share_revert(w.s, share, other, NULL, NULL, &e));
	REFUSED(SHR_EINVAL, shr_share_revert(w.s, share, "none", NULL, NULL, &e));
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_revert'"), 0);
	teardown(0);
}
END_TEST

START_TEST(a_share_with_snapshots_stays_until_they_are_gone)
{
	const struct shr_error *why = NULL;
	const struct shr_op *op = NULL;
	char id[40];

	setup("");
	OK(shr_delete_check(w.s, share, &why, &e));
	ck_assert_ptr_null(why);
	cut(share, SHR_SNAPSHOT_ACCESS_OWN, id);
	REFUSED(SHR_ESTATE, shr_share_delete(w.s, share, NULL, NULL, &e));
	REFUSED(SHR_ESTATE, shr_share_force_delete(w.s, share, NULL, NULL, &e));
	REFUSED(SHR_ESTATE, shr_share_unmanage(w.s, share, NULL, NULL, &e));
	OK(shr_delete_check(w.s, share, &why, &e));
	ck_assert_ptr_nonnull(why);
	ck_assert_uint_eq(why->n_faults, 1);
	ck_assert_str_eq(why->faults[0]->object, "snapshot");
	ck_assert_str_eq(why->faults[0]->object_id, id);
	shr_error_unref(why);
	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	REFUSED(SHR_ENOTFOUND, shr_snapshot_delete(w.s, id, NULL, NULL, &e));
	OK(shr_share_delete(w.s, share, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance"), 0);
	teardown(0);
}
END_TEST

START_TEST(rules_of_its_own_are_read_only_for_all)
{
	const struct shr_snapshot *s;
	char id[40], rule[40];

	setup("");
	cut(share, SHR_SNAPSHOT_ACCESS_OWN, id);
	s = get(id);
	ck_assert_uint_gt(s->n_exports, 0);
	shr_snapshot_unref(s);
	allow(id, "10.9.9.9", rule);
	ck_assert_uint_eq(level_of(id, rule), SHR_LEVEL_RO);
	allow(share, "10.9.9.9", rule);
	ck_assert_uint_eq(level_of(share, rule), SHR_LEVEL_RW);
	ck_assert_uint_eq(level_of(id, rule), 0);
	teardown(0);
}
END_TEST

START_TEST(a_snapshot_follows_its_shares_rules)
{
	const struct shr_op *op = NULL;
	char ids[3][40], rule[40];

	setup("");
	for (int i = 0; i < 3; i++)
		cut(share, SHR_SNAPSHOT_ACCESS_SHARE, ids[i]);
	allow(share, "10.9.9.9", rule);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(level_of(ids[i], rule), SHR_LEVEL_RO);
	REFUSED(SHR_ESTATE, shr_access_allow(w.s, ids[0], SHR_ACCESS_IP, "10.1.1.1", SHR_LEVEL_RO, NULL, &e));
	OK(shr_access_deny(w.s, share, rule, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	whole_rest(&w);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(level_of(ids[i], rule), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM rule WHERE gone<>0"), 0);
	teardown(0);
}
END_TEST

static void shows_exports(const char *id, uint32_t n)
{
	const struct shr_snapshot *s = get(id);

	ck_assert_uint_eq(s->n_exports, n);
	for (uint32_t i = 0; i < n; i++)
		ck_assert_uint_ne(s->exports[i]->flags & SHR_EXPORT_READONLY, 0);
	shr_snapshot_unref(s);
}

static void explained(const char *id, const char *who, uint32_t why, uint32_t level)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *x = NULL;

	p.type = SHR_ACCESS_IP;
	p.who = who;
	OK(shr_access_explain(w.s, id, &p, &x, &e));
	ck_assert_str_eq(shr_why_name(x->why), shr_why_name(why));
	ck_assert_uint_eq(x->level, level);
	shr_explanation_unref(x);
}

START_TEST(who_can_mount_a_snapshot_is_explained)
{
	char none[40], own[40], follows[40], rule[40];

	setup("");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, none);
	cut(share, SHR_SNAPSHOT_ACCESS_OWN, own);
	cut(share, SHR_SNAPSHOT_ACCESS_SHARE, follows);
	allow(share, "10.9.9.9", rule);
	allow(own, "10.8.8.8", rule);
	explained(share, "10.9.9.9", SHR_WHY_RULE, SHR_LEVEL_RW);
	explained(none, "10.9.9.9", SHR_WHY_NO_EXPORT, SHR_LEVEL_NONE);
	explained(own, "10.9.9.9", SHR_WHY_NO_RULE, SHR_LEVEL_NONE);
	explained(own, "10.8.8.8", SHR_WHY_RULE, SHR_LEVEL_RO);
	explained(follows, "10.9.9.9", SHR_WHY_RULE, SHR_LEVEL_RO);
	explained(follows, "10.8.8.8", SHR_WHY_NO_RULE, SHR_LEVEL_NONE);
	teardown(0);
}
END_TEST

START_TEST(how_it_is_exported_can_be_changed)
{
	const struct shr_op *op = NULL;
	char id[40], shares[40], own[40];

	setup("");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	REFUSED(SHR_ESTATE, shr_access_allow(w.s, id, SHR_ACCESS_IP, "10.1.1.1", SHR_LEVEL_RO, NULL, &e));
	allow(share, "10.9.9.9", shares);
	OK(shr_snapshot_set_access(w.s, id, SHR_SNAPSHOT_ACCESS_SHARE, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_uint_eq(level_of(id, shares), SHR_LEVEL_RO);
	shows_exports(id, 1);
	OK(shr_snapshot_set_access(w.s, id, SHR_SNAPSHOT_ACCESS_OWN, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	shows_exports(id, 1);
	allow(id, "10.7.7.7", own);
	ck_assert_uint_eq(level_of(id, own), SHR_LEVEL_RO);
	OK(shr_snapshot_set_access(w.s, id, SHR_SNAPSHOT_ACCESS_NONE, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	shows_exports(id, 0);
	teardown(0);
}
END_TEST

static void make_from(const char *snapshot, uint32_t flags, char ret[40])
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.5.5.5" };
	const struct shr_op *op = NULL;

	spec.name = "copy";
	spec.snapshot = snapshot;
	spec.flags = flags;
	spec.rules = &rule;
	spec.n_rules = 1;
	spec.rule_size = sizeof rule;
	OK(shr_share_create(w.s, &spec, &op, &e));
	snprintf(ret, 40, "%s", op->object_id);
	OK(shr_op_wait(w.s, op->id, -1, NULL, &e));
	shr_op_unref(op);
}

static void first_rule(const char *id, char ret[40])
{
	const struct shr_rule_page *page = NULL;

	OK(shr_access_list(w.s, id, NULL, &page, &e));
	snprintf(ret, 40, "%s", page->items[0]->id);
	shr_rule_page_unref(page);
}

START_TEST(a_share_begins_with_what_a_snapshot_has)
{
	const struct shr_share *s;
	const struct shr_op *op = NULL;
	char id[40], copy[40], shown[40], rule[40];
	int64_t before;

	setup("");
	write_content(share, 21);
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	write_content(share, 22);
	make_from(id, 0, copy);
	ck_assert_int_eq(content(copy), 21);
	before = whole_ask(&w, "SELECT allocated FROM pool");
	make_from(id, SHR_SHARE_READONLY, shown);
	ck_assert_int_eq(content(shown), 21);
	ck_assert_int_eq(whole_ask(&w, "SELECT allocated FROM pool"), before);
	ck_assert_int_eq(whole_ask(&w, "SELECT bytes_used FROM quota"), 3 << 20);
	ck_assert_int_eq(whole_ask(&w, "SELECT shares_used FROM quota"), 3);
	first_rule(shown, rule);
	ck_assert_uint_eq(level_of(shown, rule), SHR_LEVEL_RO);
	first_rule(copy, rule);
	ck_assert_uint_eq(level_of(copy, rule), SHR_LEVEL_RW);
	s = whole_share(&w, shown);
	ck_assert_uint_eq(s->flags, SHR_SHARE_READONLY);
	ck_assert_str_eq(s->snapshot_id, id);
	ck_assert_uint_eq(s->bytes, 1 << 20);
	shr_share_unref(s);
	OK(shr_share_delete(w.s, shown, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	OK(shr_share_delete(w.s, copy, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT n_children FROM snapshot"), 0);
	teardown(0);
}
END_TEST

START_TEST(a_cut_that_fails_leaves_nothing_and_a_delete_frees_it)
{
	const struct shr_snapshot *s;
	const struct shr_op *op;
	char id[40];

	setup("\"snapshot_create:*:fail-after\"");
	op = begin(share, SHR_SNAPSHOT_ACCESS_SHARE);
	snprintf(id, sizeof id, "%s", op->object_id);
	ck_assert_int_eq(wait_for(op), SHR_EBACKEND);
	s = get(id);
	ck_assert_uint_eq(s->state, SHR_SNAPSHOT_ERROR);
	ck_assert(s->reason[0] != '\0');
	shr_snapshot_unref(s);
	ck_assert_int_eq(content(id), -1);
	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	teardown(0);
}
END_TEST

START_TEST(reset_and_retry_leave_no_garbage)
{
	const struct shr_op *op = NULL;
	char id[40];

	setup("\"snapshot_remove:1:fail\"");
	cut(share, SHR_SNAPSHOT_ACCESS_OWN, id);
	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), SHR_EBACKEND);
	REFUSED(SHR_ESTATE, shr_snapshot_reset_state(w.host, id, SHR_SNAPSHOT_AVAILABLE, NULL, NULL, &e));
	OK(shr_snapshot_reset_state(w.host, id, SHR_SNAPSHOT_ERROR, NULL, NULL, &e));
	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM snapshot"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id<>''"), 0);
	teardown(0);
}
END_TEST

START_TEST(force_delete_ends_it_at_once)
{
	const struct shr_op *op = NULL;
	char id[40];

	setup("\"snapshot_remove:1:again\"");
	cut(share, SHR_SNAPSHOT_ACCESS_SHARE, id);
	OK(shr_snapshot_force_delete(w.host, id, NULL, &op, &e));
	REFUSED(SHR_ENOTFOUND, shr_snapshot_delete(w.s, id, NULL, NULL, &e));
	ck_assert_int_eq(wait_for(op), 0);
	OK(shr_share_delete(w.s, share, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	teardown(0);
}
END_TEST

/* The one orphan that is there. */
static void orphan_of(char ret[40])
{
	const struct shr_orphan_page *page = NULL;

	OK(shr_orphan_list(w.host, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->items[0]->object, "snapshot");
	snprintf(ret, 40, "%s", page->items[0]->id);
	shr_orphan_page_unref(page);
}

START_TEST(what_a_force_delete_left_goes_by_a_call_and_is_no_share)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char id[40], orphan[40];

	setup("\"snapshot_remove:1-2:fail\"");
	cut(share, SHR_SNAPSHOT_ACCESS_SHARE, id);
	OK(shr_snapshot_force_delete(w.host, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	orphan_of(orphan);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan WHERE of_share='%s' AND of_instance<>''", share), 1);
	p.protocols = SHR_PROTO_NFS;
	REFUSED(SHR_EUNSUPPORTED, shr_orphan_adopt(w.host, orphan, &p, NULL, &e));
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ck_assert_str_eq(op->kind, "orphan_delete_snapshot");
	ck_assert_int_eq(wait_for(op), SHR_EBACKEND);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan WHERE reason LIKE '%%call 2 fails%%'"), 1);
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	teardown(0);
}
END_TEST

START_TEST(what_is_left_of_a_snapshot_can_go_when_its_share_has_gone)
{
	const struct shr_op *op = NULL;
	char id[40], orphan[40];

	setup("\"snapshot_remove:1:fail\"");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	OK(shr_snapshot_force_delete(w.host, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	orphan_of(orphan);
	OK(shr_share_delete(w.s, share, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	teardown(0);
}
END_TEST

START_TEST(words_locks_and_metadata_are_as_a_shares)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	static const char *const pairs[] = { "who", "me" };
	const struct shr_snapshot *s;
	const struct shr_op *op = NULL;
	char id[40];

	setup("");
	cut(share, SHR_SNAPSHOT_ACCESS_NONE, id);
	p.name = "then";
	p.set = pairs;
	p.n_set = 1;
	OK(shr_snapshot_update(w.s, id, &p, NULL, &e));
	p.snapshot_access = SHR_SNAPSHOT_ACCESS_OWN;
	REFUSED(SHR_EINVAL, shr_snapshot_update(w.s, id, &p, NULL, &e));
	s = get(id);
	ck_assert_str_eq(s->name, "then");
	ck_assert_uint_eq(s->n_metadata, 1);
	shr_snapshot_unref(s);
	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	teardown(0);
}
END_TEST

START_TEST(what_is_there_can_be_taken_over_and_let_go)
{
	struct shr_snapshot_manage_params p = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char id[40];

	setup("");
	p.source = "old@5";
	OK(shr_snapshot_manage(w.host, share, &p, &op, &e));
	snprintf(id, sizeof id, "%s", op->object_id);
	ck_assert_int_eq(wait_for(op), 0);
	ck_assert_int_eq(content(id), 5);
	OK(shr_snapshot_unmanage(w.host, id, NULL, &op, &e));
	ck_assert_int_eq(wait_for(op), 0);
	p.source = "missing";
	OK(shr_snapshot_manage(w.host, share, &p, &op, &e));
	ck_assert_int_ne(wait_for(op), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM snapshot"), 0);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_snapshot, a_snapshot_says_what_it_is_and_when_it_was_cut, a_revert_to_any_snapshot_keeps_all_of_them,
	a_revert_that_fails_leaves_the_share_as_it_was, what_would_not_fit_or_is_anothers_is_refused,
	a_share_with_snapshots_stays_until_they_are_gone, rules_of_its_own_are_read_only_for_all, a_snapshot_follows_its_shares_rules,
	who_can_mount_a_snapshot_is_explained, how_it_is_exported_can_be_changed, a_share_begins_with_what_a_snapshot_has,
	a_cut_that_fails_leaves_nothing_and_a_delete_frees_it, reset_and_retry_leave_no_garbage, force_delete_ends_it_at_once,
	what_a_force_delete_left_goes_by_a_call_and_is_no_share, what_is_left_of_a_snapshot_can_go_when_its_share_has_gone,
	words_locks_and_metadata_are_as_a_shares, what_is_there_can_be_taken_over_and_let_go)

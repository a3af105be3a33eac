/* tests/whole/whole_drift.c - what vanished behind the library's back is seen and put back; what nobody knows stays */
#include "whole.h"

#include <sys/stat.h>

#include "front.h"
#include "libshare/drift.h"

#define NULL_FRONT 1
#define NULL_ALONE 0

static struct whole w;
static char config[1000];

static void life(int with_front)
{
	whole_dir(&w);
	snprintf(config, sizeof config, "plugins: {directories: [" TEST_BACKENDS "]}\nengine: {reconcile: 20s}\nbackends:\n- name: a\n  driver: 'null'\n"
		"%s  settings: {behind: %s/behind}\n  pools: [{name: p}]\n", with_front ? "  exporter: {name: front}\n" : "", w.dir);
	w.mono_ns = INT64_C(1000000000);
	whole_open(&w, &(struct whole_how){ .config = config, .own_clock = 1, .file = 1 });
}

static void setup(int with_front)
{
	front_reset();
	front.incarnation = 7;
	life(with_front);
}

static void teardown(void)
{
	whole_rest(&w);
	whole_holds(&w, 0);
	ck_assert_uint_eq(front.clashes, 0);
	whole_close(&w);
	whole_remove(&w);
}

static void behind(const char *verb, const char *instance, const char *more)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof path, "%s/behind", w.dir);
	f = fopen(path, "a");
	fprintf(f, "%s %s%s%s\n", verb, instance, *more ? " " : "", more);
	fclose(f);
}

static const char *text_of(const char *sql, const char *id)
{
	static char text[64];
	sqlite3_stmt *s = NULL;

	ck_assert_int_eq(sqlite3_prepare_v2(whole_db(&w), sql, -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, id, -1, SQLITE_STATIC);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return text;
}

static struct front_export *export_of(const char *share_id)
{
	return front_find(text_of("SELECT id FROM instance WHERE share_id=?", share_id));
}

static void reconcile(const char *id, int code)
{
	const struct shr_op *op = NULL;

	OK(shr_share_reconcile(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), code);
	shr_op_unref(op);
}

/* How many of WHAT are in STATE. */
static int drifts(const char *share_id, uint32_t what, uint32_t state)
{
	const struct shr_drift_page *page = NULL;
	int n = 0;

	OK(shr_drift_list(w.host, share_id, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i++)
		n += page->items[i]->what == what && page->items[i]->state == state;
	shr_drift_page_unref(page);
	return n;
}

static void wait_ms(int ms)
{
	for (; ms > 0; ms -= 100)
		whole_step(&w, 100);
	whole_rest(&w);
}

/* ---- one share ---- */

START_TEST(share_that_is_right_is_left_alone)
{
	char id[40];
	unsigned adds, updates;

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 3, id);
	adds = front.adds;
	updates = front.updates;
	reconcile(id, 0);
	ck_assert_uint_eq(front.adds, adds);
	ck_assert_uint_eq(front.updates, updates);
	ck_assert_uint_ge(front.looks, 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift"), 0);
	teardown();
}
END_TEST

START_TEST(export_that_vanished_returns_with_its_rules)
{
	char id[40];
	uint32_t number;

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 3, id);
	number = export_of(id)->number;
	export_of(id)->id[0] = '\0';
	reconcile(id, 0);
	ck_assert_ptr_nonnull(export_of(id));
	ck_assert_uint_eq(export_of(id)->n_rules, 3);
	ck_assert_uint_eq(export_of(id)->number, number);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED), 1);
	ck_assert_int_eq(whole_has_event(&w, "drift.found", id), 1);
	ck_assert_int_eq(whole_has_event(&w, "drift.repaired", id), 1);
	reconcile(id, 0);
	ck_assert_int_eq(whole_has_event(&w, "drift.found", id), 1);
	teardown();
}
END_TEST

START_TEST(rules_that_vanished_or_changed_are_put_back_and_no_others_are_told)
{
	struct front_export *x;
	char id[40];
	unsigned updates;

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 4, id);
	x = export_of(id);
	x->rules[0] = x->rules[--x->n_rules];
	x->rules[1].level = 99;
	updates = front.updates;
	reconcile(id, 0);
	ck_assert_uint_eq(front.updates, updates + 1);
	ck_assert_uint_eq(x->n_rules, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_ne(x->rules[i].level, 99);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED), 2);
	ck_assert_uint_eq(front.told, 2);
	teardown();
}
END_TEST

START_TEST(stranger_is_reported_left_and_settled_when_it_goes)
{
	struct front_export *x;
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 1, id);
	x = export_of(id);
	x->rules[x->n_rules++] = (struct front_rule){ "stranger-1", "10.9.9.9", 1 };
	reconcile(id, 0);
	ck_assert_uint_eq(x->n_rules, 2);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_STRANGER, SHR_DRIFT_OPEN), 1);
	x->n_rules--;
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_STRANGER, SHR_DRIFT_OPEN), 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_STRANGER, SHR_DRIFT_SETTLED), 1);
	teardown();
}
END_TEST

START_TEST(driver_that_exports_by_itself_gets_its_rules_back)
{
	const char *instance;
	char id[40], rule[64], copy[64];

	setup(NULL_ALONE);
	whole_create(&w, 1 << 20, 2, id);
	snprintf(rule, sizeof rule, "%s", text_of("SELECT id FROM rule WHERE share_id=?", id));
	instance = text_of("SELECT id FROM instance WHERE share_id=?", id);
	snprintf(copy, sizeof copy, "%s", instance);
	behind("unrule", copy, rule);
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED), 1);
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED), 1);
	behind("resize", copy, "4096");
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_SIZE, SHR_DRIFT_OPEN), 1);
	behind("resize", copy, "1048576");
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_SIZE, SHR_DRIFT_SETTLED), 1);
	behind("remove", copy, "");
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_MISSING, SHR_DRIFT_OPEN), 1);
	teardown();
}
END_TEST

START_TEST(what_could_not_be_put_back_is_known)
{
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 1, id);
	export_of(id)->id[0] = '\0';
	front.fail = SHR_EBACKEND;
	reconcile(id, SHR_EBACKEND);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_EXPORT, SHR_DRIFT_OPEN), 1);
	ck_assert_int_eq(whole_has_event(&w, "share.reconcile_failed", id), 1);
	front.fail = 0;
	reconcile(id, 0);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED), 1);
	teardown();
}
END_TEST

START_TEST(drift_of_a_share_goes_with_it)
{
	const struct shr_op *op = NULL;
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 0, id);
	export_of(id)->id[0] = '\0';
	reconcile(id, 0);
	OK(shr_share_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift"), 0);
	teardown();
}
END_TEST

/* ---- a server that was started anew ---- */

static int all_exported(uint32_t n_rules)
{
	int n = 0;

	for (int i = 0; i < FRONT_EXPORTS; i++)
		n += front.exports[i].id[0] && front.exports[i].n_rules == n_rules;
	return n;
}

START_TEST(server_that_was_started_anew_gets_all_exports_and_rules_back)
{
	char id[40];

	setup(NULL_FRONT);
	for (int i = 0; i < 120; i++)
		whole_create(&w, 1 << 20, 2, id);
	wait_ms(3000);
	front_restart();
	wait_ms(3000);
	ck_assert_int_eq(all_exported(2), 120);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM backend WHERE incarnation=8 AND return_to=0"), 1);
	front.adds = 0;
	wait_ms(5000);
	ck_assert_uint_eq(front.adds, 0);
	teardown();
}
END_TEST

START_TEST(server_that_was_started_anew_while_no_engine_was_there_is_noticed)
{
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 2, id);
	wait_ms(3000);
	whole_rest(&w);
	whole_close(&w);
	front_restart();
	life(NULL_FRONT);
	wait_ms(3000);
	ck_assert_int_eq(all_exported(2), 1);
	teardown();
}
END_TEST

START_TEST(share_that_is_being_made_meanwhile_is_exported_to_the_new_one)
{
	const struct shr_op *op;

	setup(NULL_FRONT);
	wait_ms(3000);
	front.forget_after_add = 1;
	op = whole_accept(&w, 1 << 20, 2);
	whole_end(&w, op->id, NULL);
	shr_op_unref(op);
	wait_ms(3000);
	ck_assert_int_eq(all_exported(2), 1);
	teardown();
}
END_TEST

static void stop_behind(const char *instance)
{
	char path[300], sql[200];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s/store.db", w.dir);
	snprintf(sql, sizeof sql, "UPDATE backend SET return_to=8, return_pool='p', return_instance='%s'", instance);
	ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* As an engine leaves it that died behind the first page: those before have their operations already. Instances that are made in
 * one millisecond are in no order, so that the 50th to be made need not be the 50th of the table. */
START_TEST(pages_go_on_where_the_engine_before_ended)
{
	char id[40], half[40] = "";
	int behind_half;

	setup(NULL_FRONT);
	for (int i = 0; i < 120; i++) {
		whole_create(&w, 1 << 20, 1, id);
		if (i == 49)
			snprintf(half, sizeof half, "%s", text_of("SELECT id FROM instance WHERE share_id=?", id));
	}
	behind_half = atoi(text_of("SELECT count(*) FROM instance WHERE id>?", half));
	ck_assert_int_gt(behind_half, 60);
	wait_ms(3000);
	whole_close(&w);
	front_restart();
	stop_behind(half);
	life(NULL_FRONT);
	wait_ms(6000);
	ck_assert_int_eq(all_exported(1), behind_half);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM backend WHERE incarnation=8 AND return_to=0"), 1);
	teardown();
}
END_TEST

/* ---- the slow pass ---- */

START_TEST(pass_puts_back_what_vanished_and_makes_no_operation_otherwise)
{
	char id[40], other[40];

	setup(NULL_FRONT);
	wait_ms(3000);
	for (int i = 0; i < 10; i++)
		whole_create(&w, 1 << 20, 2, i ? other : id);
	wait_ms(40000);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_reconcile'"), 0);
	ck_assert_uint_ge(front.looks, 10);
	export_of(id)->id[0] = '\0';
	export_of(other)->n_rules--;
	wait_ms(30000);
	ck_assert_int_eq(all_exported(2), 10);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_reconcile'"), 2);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED), 1);
	teardown();
}
END_TEST

START_TEST(pass_records_what_cannot_be_put_back_once)
{
	char id[40], instance[64];

	setup(NULL_ALONE);
	whole_create(&w, 1 << 20, 2, id);
	snprintf(instance, sizeof instance, "%s", text_of("SELECT id FROM instance WHERE share_id=?", id));
	behind("resize", instance, "4096");
	wait_ms(90000);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_SIZE, SHR_DRIFT_OPEN), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_reconcile'"), 1);
	behind("resize", instance, "1048576");
	wait_ms(30000);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_SIZE, SHR_DRIFT_SETTLED), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_reconcile'"), 2);
	teardown();
}
END_TEST

static struct front_export *foreign_export(void)
{
	for (int i = FRONT_EXPORTS - 1; i >= 0; i--)
		if (!front.exports[i].id[0]) {
			snprintf(front.exports[i].id, sizeof front.exports[i].id, "foreign");
			front.exports[i].number = 60000;
			return &front.exports[i];
		}
	return NULL;
}

/* One of more than a page; those of shares are no news. */
START_TEST(export_that_nobody_knows_is_reported_and_left_alone)
{
	const struct shr_drift_page *page = NULL;
	struct front_export *x;
	char id[40];

	setup(NULL_FRONT);
	for (int i = 0; i < 120; i++)
		whole_create(&w, 1 << 20, 0, id);
	x = foreign_export();
	wait_ms(60000);
	OK(shr_drift_list(w.host, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_uint_eq(page->items[0]->what, SHR_DRIFT_FOREIGN);
	ck_assert_uint_eq(page->items[0]->state, SHR_DRIFT_OPEN);
	ck_assert_str_eq(page->items[0]->item, "a/export:60000");
	ck_assert_str_eq(page->items[0]->found, "an export");
	shr_drift_page_unref(page);
	ck_assert_int_eq(whole_has_event(&w, "drift.found", "a"), 1);
	ck_assert_str_eq(x->id, "foreign");
	x->id[0] = '\0';
	wait_ms(60000);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift WHERE state=%u", SHR_DRIFT_SETTLED), 1);
	teardown();
}
END_TEST

#define FOREIGN "018f0000-0000-7000-8000-00000000000f"

START_TEST(thing_that_nobody_knows_is_reported_and_left_alone)
{
	const struct shr_drift_page *page = NULL;
	char id[40];

	setup(NULL_ALONE);
	whole_create(&w, 1 << 20, 0, id);
	behind("create " FOREIGN " p 4096 1", "volume7", "");
	wait_ms(30000);
	OK(shr_drift_list(w.host, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_uint_eq(page->items[0]->what, SHR_DRIFT_FOREIGN);
	ck_assert_uint_eq(page->items[0]->state, SHR_DRIFT_OPEN);
	ck_assert_str_eq(page->items[0]->item, "a/p/volume7");
	shr_drift_page_unref(page);
	ck_assert_int_eq(whole_has_event(&w, "drift.found", "a"), 1);
	wait_ms(30000);
	ck_assert_int_eq(whole_has_event(&w, "drift.found", "a"), 1);
	behind("remove", FOREIGN, "");
	wait_ms(30000);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift WHERE state=3"), 1);
	teardown();
}
END_TEST

/* What the list calls it is what manage takes; and it is nobody's no more. */
START_TEST(thing_that_nobody_knows_becomes_a_share)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;
	const struct shr_drift_page *page = NULL;
	const struct shr_op *op = NULL;
	char path[300], source[64];

	front_reset();
	whole_dir(&w);
	snprintf(path, sizeof path, "%s/root", w.dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(config, sizeof config, "plugins: {directories: [" TEST_BACKENDS "]}\nengine: {reconcile: 20s}\nbackends:\n- name: a\n"
		"  driver: dir\n  exporter: none\n  settings: {root: %s}\n  pools: [{name: p, capacity: 1TiB, settings: {path: fast}}]\n", path);
	snprintf(path, sizeof path, "%s/root/fast", w.dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/root/fast/stray", w.dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	w.mono_ns = INT64_C(1000000000);
	whole_open(&w, &(struct whole_how){ .config = config, .own_clock = 1, .file = 1 });
	wait_ms(30000);
	OK(shr_drift_list(w.host, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_uint_eq(page->items[0]->state, SHR_DRIFT_OPEN);
	ck_assert_int_eq(strncmp(page->items[0]->item, "a/p/", 4), 0);
	snprintf(source, sizeof source, "%s", page->items[0]->item + 4); /* behind BACKEND/POOL/ */
	shr_drift_page_unref(page);
	p.backend = "a";
	p.pool = "p";
	p.source = source;
	p.protocols = SHR_PROTO_NFS;
	OK(shr_share_manage(w.host, &p, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	wait_ms(30000);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM drift WHERE state=%u", SHR_DRIFT_SETTLED), 1);
	teardown();
}
END_TEST

/* ---- all of a backend, now ---- */

static uint64_t ask(const char *backend)
{
	uint64_t pass = 0;

	OK(shr_backend_reconcile(w.host, backend, &pass, &e));
	ck_assert_uint_ge(pass, 1);
	return pass;
}

static const struct shr_error *err;

static void ends(const char *backend, uint64_t pass, int code)
{
	int rc = SHR_RUNNING;

	for (int i = 0; i < 600 && rc == SHR_RUNNING; i++) {
		shr_error_unref(err);
		err = NULL;
		rc = shr_backend_reconcile_wait(w.host, backend, pass, 0, &err);
		if (rc == SHR_RUNNING)
			whole_step(&w, 5);
	}
	ck_assert_msg(rc == code, "%s, not %s: %s", shr_strcode(rc), shr_strcode(code), err ? err->message : "");
	shr_error_unref(err);
	err = NULL;
}

START_TEST(whole_backend_is_compared_when_asked_and_is_right_when_that_ends)
{
	char id[40], other[40];
	struct front_export *x;
	uint64_t pass;

	setup(NULL_FRONT);
	for (int i = 0; i < 30; i++)
		whole_create(&w, 1 << 20, 2, i ? other : id);
	wait_ms(5000);
	export_of(id)->id[0] = '\0';
	export_of(other)->n_rules--;
	x = foreign_export();
	pass = ask("a");
	ck_assert_int_eq(shr_backend_reconcile_wait(w.host, "a", pass, 0, &err), SHR_RUNNING);
	ends("a", pass, 0);
	ck_assert_int_eq(all_exported(2), 30);
	ck_assert_int_eq(drifts(id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED), 1);
	ck_assert_int_eq(drifts(NULL, SHR_DRIFT_FOREIGN, SHR_DRIFT_OPEN), 1);
	ck_assert_int_eq(whole_has_event(&w, "backend.reconciling", "a"), 1);
	ck_assert_int_eq(whole_has_event(&w, "backend.reconciled", "a"), 1);
	/* What it saw is from after the call: a second one sees what changed since. */
	x->id[0] = '\0';
	ends(NULL, ask(NULL), 0);
	ck_assert_int_eq(drifts(NULL, SHR_DRIFT_FOREIGN, SHR_DRIFT_SETTLED), 1);
	teardown();
}
END_TEST

START_TEST(requests_while_one_is_under_way_are_answered_too)
{
	uint64_t first, second;
	char id[40];

	setup(NULL_FRONT);
	for (int i = 0; i < 20; i++)
		whole_create(&w, 1 << 20, 0, id);
	wait_ms(3000);
	first = ask("a");
	whole_step(&w, 2);
	export_of(id)->id[0] = '\0';
	second = ask("a");
	ck_assert_uint_gt(second, first);
	ends("a", second, 0);
	ends("a", first, 0);
	ck_assert_int_eq(all_exported(0), 20);
	teardown();
}
END_TEST

START_TEST(what_was_asked_for_is_done_by_the_engine_that_comes)
{
	uint64_t pass;
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 1, id);
	wait_ms(3000);
	pass = ask("a");
	whole_close(&w);
	life(NULL_FRONT);
	ends("a", pass, 0);
	teardown();
}
END_TEST

START_TEST(what_could_not_be_compared_is_told)
{
	char id[40];

	setup(NULL_FRONT);
	whole_create(&w, 1 << 20, 1, id);
	wait_ms(3000);
	front.fail_list = SHR_EBACKEND;
	ends("a", ask("a"), SHR_EBACKEND);
	ck_assert_int_eq(whole_has_event(&w, "backend.reconcile_failed", "a"), 1);
	front.fail_list = 0;
	ends("a", ask("a"), 0);
	teardown();
}
END_TEST

START_TEST(bad_requests_are_refused_with_the_field)
{
	struct shr_session_params member = SHR_SESSION_PARAMS_INIT;
	struct shr_session *s = NULL;
	uint64_t pass = 7;

	setup(NULL_FRONT);
	wait_ms(1000);
	member.project = "p1";
	OK(shr_session_open(w.ctx, &member, &s, &e));
	ck_assert_int_eq(shr_backend_reconcile(w.host, "nobody", &pass, &err), SHR_ENOTFOUND);
	ck_assert_ptr_nonnull(strstr(err->message, "nobody"));
	shr_error_unref(err);
	ck_assert_int_eq(shr_backend_reconcile(w.host, "a\nb", &pass, &err), SHR_EINVAL);
	ck_assert_str_eq(err->faults[0]->where, "backend");
	shr_error_unref(err);
	ck_assert_uint_eq(pass, 7);
	ck_assert_int_eq(shr_backend_reconcile(s, "a", &pass, &err), SHR_EPERM);
	shr_error_unref(err);
	ck_assert_int_eq(shr_backend_reconcile_wait(w.host, "a", 1, 0, &err), SHR_EINVAL);
	ck_assert_str_eq(err->faults[0]->where, "pass");
	shr_error_unref(err);
	ck_assert_int_eq(shr_backend_reconcile_wait(w.host, "nobody", 1, 0, &err), SHR_ENOTFOUND);
	shr_error_unref(err);
	ck_assert_int_eq(shr_backend_reconcile_wait(s, "a", 1, 0, &err), SHR_EPERM);
	shr_error_unref(err);
	shr_session_close(s);
	err = NULL;
	teardown();
}
END_TEST

UNIT_MAIN(whole_drift, share_that_is_right_is_left_alone, export_that_vanished_returns_with_its_rules,
	rules_that_vanished_or_changed_are_put_back_and_no_others_are_told, stranger_is_reported_left_and_settled_when_it_goes,
	driver_that_exports_by_itself_gets_its_rules_back, what_could_not_be_put_back_is_known, drift_of_a_share_goes_with_it,
	server_that_was_started_anew_gets_all_exports_and_rules_back,
	server_that_was_started_anew_while_no_engine_was_there_is_noticed,
	share_that_is_being_made_meanwhile_is_exported_to_the_new_one, pages_go_on_where_the_engine_before_ended,
	pass_puts_back_what_vanished_and_makes_no_operation_otherwise, pass_records_what_cannot_be_put_back_once,
	export_that_nobody_knows_is_reported_and_left_alone, thing_that_nobody_knows_is_reported_and_left_alone,
	thing_that_nobody_knows_becomes_a_share,
	whole_backend_is_compared_when_asked_and_is_right_when_that_ends,
	requests_while_one_is_under_way_are_answered_too, what_was_asked_for_is_done_by_the_engine_that_comes,
	what_could_not_be_compared_is_told, bad_requests_are_refused_with_the_field)

/* tests/whole/whole_numbers.c - export numbers: one for a share's life, none twice, and rest before they are given again */
#include "whole.h"

#include "front.h"

#define NULL_FRONT "plugins: {directories: [" TEST_BACKENDS "]}\n"
#define BACKEND(name, settings) "- name: " name "\n  driver: 'null'\n  exporter: {name: front" settings "}\n  pools: [{name: p}]\n"
#define ONE NULL_FRONT "backends:\n" BACKEND("a", "")

static struct whole w;

static void setup(const char *config)
{
	front_reset();
	w.mono_ns = INT64_C(1000000000);
	whole_open(&w, &(struct whole_how){ .config = config, .own_clock = 1 });
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	ck_assert_uint_eq(front.clashes, 0);
	whole_close(&w);
	whole_remove(&w);
}

static const char *instance_of(const char *share_id)
{
	static char id[40];
	sqlite3_stmt *s = NULL;

	ck_assert_int_eq(sqlite3_prepare_v2(whole_db(&w), "SELECT id FROM instance WHERE share_id=?", -1, &s, NULL), SQLITE_OK);
	sqlite3_bind_text(s, 1, share_id, -1, SQLITE_STATIC);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	snprintf(id, sizeof id, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return id;
}

static void drop(const char *id, int force)
{
	const struct shr_op *op = NULL;

	if (force)
		OK(shr_share_force_delete(w.host, id, NULL, &op, &e));
	else
		OK(shr_share_delete(w.s, id, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
}

static uint32_t number_of(const char *share_id)
{
	return front_find(instance_of(share_id))->number;
}

START_TEST(each_share_has_a_number_of_its_own_that_stays)
{
	char one[40], two[40];

	setup(ONE);
	whole_create(&w, 1 << 20, 1, one);
	whole_create(&w, 1 << 20, 0, two);
	ck_assert_uint_eq(number_of(one), 1);
	ck_assert_uint_eq(number_of(two), 2);
	drop(one, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id='' AND freed_ns>0"), 1);
	whole_create(&w, 1 << 20, 0, one);
	ck_assert_uint_eq(number_of(one), 3);
	drop(two, 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id=''"), 2);
	teardown(0);
}
END_TEST

START_TEST(backends_of_one_server_share_its_numbers)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	setup(NULL_FRONT "backends:\n" BACKEND("a", ", settings: {server: s}") BACKEND("b", ", settings: {server: s}")
		BACKEND("c", ""));
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	for (int i = 0; i < 6; i++) {
		spec.backend = i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c";
		OK(shr_share_create(w.s, &spec, &op, &e));
		ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
		shr_op_unref(op);
	}
	ck_assert_int_eq(whole_ask(&w, "SELECT max(export_number) FROM instance WHERE number_server='s'"), 4);
	ck_assert_int_eq(whole_ask(&w, "SELECT max(export_number) FROM instance WHERE number_server='c'"), 2);
	front.clashes = 0; /* two servers in one memory */
	teardown(0);
}
END_TEST

/* As if that many had come and gone. */
static void use_up(int64_t last)
{
	ck_assert_int_eq(sqlite3_exec(whole_db(&w), last == 65535 ?
		"UPDATE counter SET value=65535 WHERE name='export_number/a'" :
		"UPDATE counter SET value=65534 WHERE name='export_number/a'", NULL, NULL, NULL), SQLITE_OK);
}

START_TEST(number_rests_before_it_is_given_again)
{
	const struct shr_error *error = NULL;
	char one[40], two[40];

	setup(ONE);
	whole_create(&w, 1 << 20, 0, one);
	whole_create(&w, 1 << 20, 0, two);
	use_up(65535);
	ck_assert_ptr_null(whole_try_create(&w, 1 << 20, 0, &error));
	ck_assert_int_eq(error->code, SHR_ENOSPC);
	ck_assert_msg(strstr(error->message, "server a has given out all of its 65535 export numbers") != NULL, "%s",
		error->message);
	shr_error_unref(error);
	error = NULL;
	drop(one, 0);
	ck_assert_ptr_null(whole_try_create(&w, 1 << 20, 0, &error));
	ck_assert_msg(strstr(error->message, "rested enough in") != NULL, "%s", error->message);
	shr_error_unref(error);
	ck_assert_int_eq(sqlite3_exec(whole_db(&w), "UPDATE export_number SET freed_ns=freed_ns-86400000000000 WHERE share_id=''",
		NULL, NULL, NULL), SQLITE_OK);
	whole_create(&w, 1 << 20, 0, one);
	ck_assert_uint_eq(number_of(one), 1);
	teardown(0);
}
END_TEST

START_TEST(last_number_is_65535)
{
	const struct shr_error *error = NULL;
	char one[40];

	setup(ONE);
	whole_create(&w, 1 << 20, 0, one);
	use_up(65534);
	whole_create(&w, 1 << 20, 0, one);
	ck_assert_uint_eq(number_of(one), 65535);
	ck_assert_ptr_null(whole_try_create(&w, 1 << 20, 0, &error));
	shr_error_unref(error);
	teardown(0);
}
END_TEST

START_TEST(failed_create_keeps_its_number_until_it_is_deleted)
{
	const struct shr_op *op;
	char id[40];

	setup(ONE);
	front.fail = SHR_EBACKEND;
	op = whole_accept(&w, 1 << 20, 0);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_EBACKEND);
	snprintf(id, sizeof id, "%s", op->object_id);
	shr_op_unref(op);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id='%s'", id), 1);
	front.fail = 0;
	drop(id, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id=''"), 1);
	teardown(0);
}
END_TEST

START_TEST(exporter_that_wants_none_gets_none)
{
	char one[40];

	front_exporter.features = 0;
	setup(ONE);
	whole_create(&w, 1 << 20, 0, one);
	ck_assert_uint_eq(number_of(one), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number"), 0);
	teardown(0);
}
END_TEST

#define STUBBORN NULL_FRONT "backends:\n- name: a\n  driver: 'null'\n  exporter: {name: front}\n  settings: {fault: 'remove:1-2:fail'}\n" \
	"  pools: [{name: p}]\n"

/* A share that a force-delete left on the backend: its orphan. */
static void leave(char share[40], char orphan[40])
{
	const struct shr_orphan_page *page = NULL;

	whole_create(&w, 1 << 20, 1, share);
	drop(share, 1);
	OK(shr_orphan_list(w.host, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	snprintf(orphan, 40, "%s", page->items[0]->id);
	shr_orphan_page_unref(page);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id='%s'", share), 1);
}

START_TEST(orphan_takes_its_number_back_to_the_share_or_frees_it)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char share[40], orphan[40];

	setup(STUBBORN);
	leave(share, orphan);
	p.protocols = SHR_PROTO_NFS;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	ck_assert_str_eq(instance_of(share), orphan);
	ck_assert_uint_eq(number_of(share), 1);
	ck_assert_uint_eq(front_find(orphan)->n_rules, 0); /* what it had before is no rule of the new share */
	whole_holds(&w, 0);
	drop(share, 1); /* it stays once more */
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	ck_assert_ptr_null(front_find(orphan));
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM export_number WHERE share_id<>''"), 0);
	teardown(0);
}
END_TEST

/* Another share has the old id: then it gets a fresh one, and the number goes along. */
START_TEST(orphan_whose_old_id_is_taken_hands_its_number_over)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char share[40], orphan[40], other[40], sql[300];

	setup(STUBBORN);
	leave(share, orphan);
	whole_create(&w, 1 << 20, 0, other);
	snprintf(sql, sizeof sql, "UPDATE orphan SET object_id='%s'; UPDATE export_number SET share_id='%s' WHERE share_id='%s'", other,
		other, share);
	ck_assert_int_eq(sqlite3_exec(whole_db(&w), sql, NULL, NULL, NULL), SQLITE_OK);
	p.protocols = SHR_PROTO_NFS;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ck_assert_str_ne(op->object_id, other);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	ck_assert_str_eq(instance_of(op->object_id), orphan);
	ck_assert_uint_eq(number_of(op->object_id), 1);
	ck_assert_uint_eq(number_of(other), 2);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* It was left before its backend had an exporter that wants one. */
START_TEST(orphan_without_a_number_gets_one)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char share[40], orphan[40];

	setup(STUBBORN);
	leave(share, orphan);
	ck_assert_int_eq(sqlite3_exec(whole_db(&w), "UPDATE orphan SET export_number=0, number_server=''; "
		"UPDATE export_number SET share_id='', freed_ns=1", NULL, NULL, NULL), SQLITE_OK);
	p.protocols = SHR_PROTO_NFS;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	ck_assert_uint_eq(number_of(share), 2);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_numbers, each_share_has_a_number_of_its_own_that_stays, backends_of_one_server_share_its_numbers,
	number_rests_before_it_is_given_again, last_number_is_65535, failed_create_keeps_its_number_until_it_is_deleted,
	exporter_that_wants_none_gets_none, orphan_takes_its_number_back_to_the_share_or_frees_it, orphan_without_a_number_gets_one,
	orphan_whose_old_id_is_taken_hands_its_number_over)

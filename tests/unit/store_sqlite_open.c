/* tests/unit/store_sqlite_open.c - opening and preparing: refusals and their words, and generations side by side */
#include "unit.h"

#include "store/sqlite.h"
#include "vfs/kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[256], path[300];

static void set_up(void)
{
	(void)snprintf(dir, sizeof(dir), "%s", kit_dir());
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
}

static void tear_down(void)
{
	kit_dir_remove(dir);
}

/* Opening PATH gives CODE, with WORD in its message and something in its remedy. */
static void refused(const char *where, uint32_t flags, int code, const char *word)
{
	const struct shr_error *error = NULL;
	struct shr_store *s = NULL;
	int rc = shr_store_sqlite(where, flags, &s, &error);

	ck_assert_msg(rc == code, "%d instead of %d: %s", rc, code, error ? error->message : "");
	ck_assert_ptr_null(s);
	ck_assert_int_eq(error->code, code);
	ck_assert_msg(strstr(error->message, word) != NULL, "no \"%s\" in: %s", word, error->message);
	ck_assert_str_ne(error->remedy, "");
	shr_error_unref(error);
}

/* SQL by a foreign hand. */
static void shell(const char *sql)
{
	sqlite3 *db = NULL;
	char *words = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
		ck_abort_msg("%s: %s", sql, words);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "we");

	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(no_path_and_unknown_flags_are_refused)
{
	refused(NULL, 0, SHR_EINVAL, "path");
	refused("", 0, SHR_EINVAL, "path");
	refused(path, 8, SHR_EINVAL, "flags");
}
END_TEST

START_TEST(a_missing_file_is_not_created_unasked)
{
	refused(path, 0, SHR_ENOTFOUND, "no store");
	ck_assert_int_ne(access(path, F_OK), 0);
	(void)snprintf(path, sizeof(path), "%s/none/store.db", dir);
	refused(path, SHR_STORE_CREATE, SHR_ENOTFOUND, "directory does not exist");
}
END_TEST

START_TEST(a_directory_is_refused)
{
	refused(dir, SHR_STORE_CREATE, SHR_EINVAL, "is a directory");
}
END_TEST

START_TEST(a_link_that_leads_nowhere_is_refused)
{
	ck_assert_int_eq(symlink("nowhere", path), 0);
	refused(path, SHR_STORE_CREATE, SHR_EINVAL, "symbolic link");
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused_and_left_alone)
{
	static char text[8192];
	struct stat st;

	memset(text, 'x', sizeof(text));
	write_file(text, sizeof(text));
	refused(path, SHR_STORE_CREATE, SHR_ECORRUPT, "not an SQLite database");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, sizeof(text));
}
END_TEST

START_TEST(another_programs_database_is_refused)
{
	shell("CREATE TABLE t(x)");
	refused(path, SHR_STORE_CREATE, SHR_ESTORE, "another program");
	shell("DROP TABLE t; PRAGMA application_id=77");
	refused(path, SHR_STORE_CREATE, SHR_ESTORE, "application id 77");
}
END_TEST

START_TEST(an_empty_file_is_a_store_only_for_who_creates)
{
	write_file("", 0);
	refused(path, 0, SHR_ENOTFOUND, "is empty");
	shr_store_free(kit_open(path, NULL));
}
END_TEST

/* As somebody who is not above all permissions. */
static int become_nobody(void)
{
	ck_assert_int_eq(chmod(dir, 0777), 0);
	return geteuid() != 0 || seteuid(65534) == 0;
}

/* Back again; a process that changed its user is closed to leak checkers until it says otherwise. */
static void become_oneself(void)
{
	if (geteuid() == 65534 && getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	(void)prctl(PR_SET_DUMPABLE, 1);
}

START_TEST(a_file_that_cannot_be_written_is_refused)
{
	shr_store_free(kit_open(path, NULL));
	ck_assert_int_eq(chmod(path, 0444), 0);
	char turn[320];
	(void)snprintf(turn, sizeof(turn), "%s-turn", path);
	ck_assert_int_eq(chmod(turn, 0666), 0);
	ck_assert_int_eq(become_nobody(), 1);
	refused(path, SHR_STORE_CREATE, SHR_ESTORE, "cannot be written");
	become_oneself();
}
END_TEST

START_TEST(a_directory_that_cannot_be_written_is_refused)
{
	ck_assert_int_eq(chmod(dir, 0555), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	refused(path, SHR_STORE_CREATE, SHR_ESTORE, "cannot be written");
	become_oneself();
	ck_assert_int_eq(chmod(dir, 0755), 0);
}
END_TEST

START_TEST(new_files_are_for_their_owner_alone)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-turn" };
	struct shr_store *s;
	mode_t mask = umask(0);

	s = kit_open(path, NULL);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	for (size_t i = 0; i < 4; i++) {
		char name[320];
		struct stat st;

		(void)snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		ck_assert_msg(stat(name, &st) == 0, "%s", name);
		ck_assert_msg((st.st_mode & 0777) == 0600, "%s: %o", name, st.st_mode & 0777);
	}
	shr_store_free(s);
	(void)umask(mask);
}
END_TEST

START_TEST(odd_characters_in_a_path_are_only_characters)
{
	struct shr_store *s;

	(void)snprintf(path, sizeof(path), "%s/a?mode=ro&%%41 #b.db", dir);
	s = kit_open(path, NULL);
	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	shr_store_free(s);
	ck_assert_int_eq(access(path, R_OK), 0);
}
END_TEST

START_TEST(the_header_says_whose_it_is_and_operators_can_query)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	struct shr_store *s = kit_open(path, NULL);

	ck_assert_int_eq(kit_put_alone(s, "a", "red", 7), 0);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT (SELECT application_id FROM pragma_application_id), "
		"(SELECT user_version FROM pragma_user_version), (SELECT journal_mode FROM pragma_journal_mode), "
		"(SELECT n FROM item WHERE kind='red')", -1, &q, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(q), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(q, 0), SHR__SQLITE_APPLICATION);
	ck_assert_int_eq(sqlite3_column_int(q, 1), 1);
	ck_assert_str_eq((const char *)sqlite3_column_text(q, 2), "wal");
	ck_assert_int_eq(sqlite3_column_int(q, 3), 7);
	ck_assert_int_eq(sqlite3_finalize(q), SQLITE_OK);
	ck_assert_int_ne(sqlite3_exec(db, "UPDATE item SET n='many'", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	shr_store_free(s);
}
END_TEST

START_TEST(a_newer_library_adds_what_is_missing_and_the_older_one_goes_on)
{
	struct shr_store *old = kit_open(path, NULL), *new = NULL;
	struct shr_cell key = kit_text(KIT_ID, "a"), extra = kit_text(KIT_EXTRA, "e");
	struct kit_item it;
	uint32_t generation = 0;
	void *txn;

	ck_assert_int_eq(kit_put_alone(old, "a", "k", 1), 0);
	ck_assert_int_eq(shr_store_sqlite(path, 0, &new, NULL), 0);
	ck_assert_int_eq(new->ops->prepare(new->st, &kit_schema_2, &generation), 0);
	ck_assert_uint_eq(generation, 2);
	ck_assert_int_eq(kit_begin(new, SHR_TXN_WRITE, &txn), 0);
	ck_assert_int_eq(new->ops->update(new->st, txn, KIT_ITEM, &key, 1, -1, &extra, 1), 0);
	ck_assert_int_eq(new->ops->insert(new->st, txn, KIT_LATER, &key, 1, 0), 0);
	ck_assert_int_eq(new->ops->commit(new->st, txn), 0);
	/* The old one neither sees nor destroys what it does not know. */
	ck_assert_int_eq(kit_begin(old, SHR_TXN_WRITE, &txn), 0);
	ck_assert_int_eq(kit_set_n(old, txn, "a", 1, 5, 2), 0);
	ck_assert_int_eq(old->ops->commit(old->st, txn), 0);
	ck_assert_int_eq(kit_get_alone(new, "a", &it), 0);
	ck_assert_int_eq(it.n, 5);
	ck_assert_str_eq(it.extra, "e");
	shr_store_free(old);
	shr_store_free(new);
	ck_assert_int_eq(shr_store_sqlite(path, 0, &old, NULL), 0);
	ck_assert_int_eq(old->ops->prepare(old->st, &kit_schema_1, &generation), 0);
	ck_assert_uint_eq(generation, 2);
	shr_store_free(old);
}
END_TEST

static int prepare_again(struct shr_store **ret)
{
	uint32_t generation;

	ck_assert_int_eq(shr_store_sqlite(path, 0, ret, NULL), 0);
	return (*ret)->ops->prepare((*ret)->st, &kit_schema_1, &generation);
}

START_TEST(a_store_from_the_future_lets_in_whom_it_says)
{
	struct shr_store *s;

	shr_store_free(kit_open(path, NULL));
	shell("PRAGMA user_version=9; UPDATE libshare_meta SET value=9 WHERE key='min_generation'");
	ck_assert_int_eq(prepare_again(&s), SHR_EABI);
	ck_assert_ptr_nonnull(strstr(kit_words(s), "generation 9"));
	shr_store_free(s);
	shell("DELETE FROM libshare_meta");
	ck_assert_int_eq(prepare_again(&s), SHR_EABI);
	shr_store_free(s);
	shell("INSERT INTO libshare_meta VALUES('min_generation', 1)");
	ck_assert_int_eq(prepare_again(&s), 0);
	shr_store_free(s);
}
END_TEST

START_TEST(a_store_that_is_closed_to_this_generation_meanwhile_begins_nothing)
{
	struct shr_store *s = kit_open(path, NULL);
	void *txn;

	shell("PRAGMA user_version=9; UPDATE libshare_meta SET value=9 WHERE key='min_generation'");
	ck_assert_int_eq(kit_begin(s, SHR_TXN_READ, &txn), SHR_EABI);
	ck_assert_int_eq(kit_begin(s, SHR_TXN_WRITE, &txn), SHR_EABI);
	shr_store_free(s);
}
END_TEST

static void damaged_cell(const char *sql, const char *words)
{
	struct shr_store *s = kit_open(path, NULL);
	struct kit_item it;

	ck_assert_int_eq(kit_put_alone(s, "a", "k", 1), 0);
	shr_store_free(s);
	shell("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=replace(replace(sql, 'STRICT, ', ''), "
		"'\"n\" INTEGER NOT NULL', '\"n\" BLOB') WHERE name='item'; PRAGMA writable_schema=RESET");
	shell(sql);
	s = kit_open(path, NULL);
	ck_assert_int_eq(kit_get_alone(s, "a", &it), SHR_ECORRUPT);
	ck_assert_msg(strstr(kit_words(s), words) != NULL, "%s", kit_words(s));
	shr_store_free(s);
}

START_TEST(a_cell_of_another_type_is_damage_with_a_name)
{
	damaged_cell("UPDATE item SET n='many'", "item.n: has a value of another type");
}
END_TEST

START_TEST(a_fraction_is_no_number_here)
{
	damaged_cell("UPDATE item SET n=1.5", "item.n: has a value of another type");
}
END_TEST

START_TEST(a_null_where_there_can_be_none_is_damage)
{
	damaged_cell("UPDATE item SET n=NULL", "item.n: is NULL");
}
END_TEST

START_TEST(a_nul_inside_text_is_damage)
{
	damaged_cell("UPDATE item SET kind='k' || char(0) || 'k'", "item.kind: has text with a NUL inside");
}
END_TEST

START_TEST(a_check_finds_damage)
{
	struct shr_store *s = kit_open(path, NULL);
	struct stat st;
	int fd;

	for (int i = 0; i < 200; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "%d", i);
		ck_assert_int_eq(kit_put_alone(s, id, "k", i), 0);
	}
	ck_assert_int_eq(kit_check(s), 0);
	shr_store_free(s);
	ck_assert_int_eq(stat(path, &st), 0);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	for (off_t at = 4096 * 3 + 100; at < st.st_size; at += 4096)
		ck_assert_int_eq(pwrite(fd, "\377\377\377\377", 4, at), 4);
	ck_assert_int_eq(close(fd), 0);
	if (shr_store_sqlite(path, 0, &s, NULL) == 0) {
		ck_assert_int_ne(kit_check(s), 0);
		shr_store_free(s);
	}
}
END_TEST

START_TEST(network_file_systems_are_known_by_name)
{
	ck_assert_str_eq(shr__sqlite_remote(0x6969, ""), "NFS");
	ck_assert_str_eq(shr__sqlite_remote(0xFF534D42, ""), "CIFS");
	ck_assert_str_eq(shr__sqlite_remote(0x01021997, ""), "9p");
	ck_assert_str_eq(shr__sqlite_remote(0x65735546, "sshfs"), "sshfs");
	ck_assert_ptr_null(shr__sqlite_remote(0x65735546, "mergerfs"));
	ck_assert_ptr_null(shr__sqlite_remote(0xEF53, ""));
	ck_assert_ptr_null(shr__sqlite_remote(0x9123683E, ""));
}
END_TEST

static struct shr_schema schema_of(const struct shr_table *const *table)
{
	struct shr_schema schema = { sizeof(schema), 1, 1, 0, table };

	return schema;
}

START_TEST(a_schema_with_wrong_names_is_refused)
{
	static const char *const names[] = { "Item", "a b", "x\"y", "sqlite_x", "libshare_x", "1a", "" };
	struct shr_table table = *kit_schema_1.tables[1];
	const struct shr_table *one = &table;
	struct shr_schema schema = schema_of(&one);
	struct shr_store *s = NULL;
	uint32_t generation;

	ck_assert_int_eq(shr_store_sqlite(":memory:", 0, &s, NULL), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		table.name = names[i];
		ck_assert_int_eq(s->ops->prepare(s->st, &schema, &generation), SHR_EINVAL);
	}
	table.name = "group";
	ck_assert_int_eq(s->ops->prepare(s->st, &schema, &generation), 0);
	shr_store_free(s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { no_path_and_unknown_flags_are_refused, a_missing_file_is_not_created_unasked,
		a_directory_is_refused, a_link_that_leads_nowhere_is_refused,
		a_file_that_is_no_database_is_refused_and_left_alone,
		another_programs_database_is_refused, an_empty_file_is_a_store_only_for_who_creates,
		a_file_that_cannot_be_written_is_refused, a_directory_that_cannot_be_written_is_refused,
		new_files_are_for_their_owner_alone, odd_characters_in_a_path_are_only_characters,
		the_header_says_whose_it_is_and_operators_can_query,
		a_newer_library_adds_what_is_missing_and_the_older_one_goes_on, a_store_from_the_future_lets_in_whom_it_says,
		a_store_that_is_closed_to_this_generation_meanwhile_begins_nothing,
		a_cell_of_another_type_is_damage_with_a_name,
		a_fraction_is_no_number_here, a_null_where_there_can_be_none_is_damage, a_nul_inside_text_is_damage,
		a_check_finds_damage, network_file_systems_are_known_by_name, a_schema_with_wrong_names_is_refused };
	Suite *suite = suite_create("store_sqlite_open");
	TCase *tcase = tcase_create("open");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, UNIT_TIMEOUT);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

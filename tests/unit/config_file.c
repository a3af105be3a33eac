/* tests/unit/config_file.c - configurations in files, and the public check */
#include "config_try.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshare/context.h"

static char directory[64];

static void enter(void)
{
	strcpy(directory, "/tmp/libshare-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
}

static void leave(const char *const *names)
{
	for (; *names; names++)
		ck_assert_int_eq(remove(*names), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

static void put(const char *name, const char *text, size_t n)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static void check_relative(const char *path)
{
	const struct shr__config *c;
	char expected[PATH_MAX];

	ck_assert_int_eq(shr__config_read(path, NULL, NULL, &c, NULL), 0);
	snprintf(expected, sizeof expected, "%s/etc/s.db", directory);
	ck_assert_str_eq(c->store_path, expected);
	ck_assert_str_eq(c->file, path);
	shr__record_unref(c);
}

START_TEST(relative_paths_begin_in_the_files_directory)
{
	static const char text[] = "store: { path: s.db }\n";
	char absolute[PATH_MAX];

	enter();
	ck_assert_int_eq(mkdir("etc", 0700), 0);
	put("etc/c.yaml", text, sizeof text - 1);
	snprintf(absolute, sizeof absolute, "%s/etc/c.yaml", directory);
	check_relative("etc/c.yaml");
	check_relative(absolute);
	ck_assert_int_eq(chdir("etc"), 0);
	check_relative("c.yaml");
	ck_assert_int_eq(chdir(".."), 0);
	leave((const char *const[]){ "etc/c.yaml", "etc", NULL });
}
END_TEST

START_TEST(mistakes_of_a_file_are_told_with_its_path)
{
	static const char text[] = "quota: { shares: x }\n";
	const struct fault fault = { 1, 18, "quota.shares: \"x\" is not a limit", NULL };
	const struct shr_error *error = NULL;

	enter();
	put("c.yaml", text, sizeof text - 1);
	ck_assert_int_eq(shr_config_check("./c.yaml", NULL, &error), SHR_EINVAL);
	try_faults(error, "./c.yaml", &fault, 1);
	shr_error_unref(error);
	leave((const char *const[]){ "c.yaml", NULL });
}
END_TEST

START_TEST(a_nul_in_a_file_is_a_control_character)
{
	static const char text[] = "quota: { shares: 5 }\n# \0\nstor: 1\n";
	const struct fault faults[] = {
		{ 2, 3, "a control character", NULL },
		{ 3, 1, "unknown key \"stor\"", NULL },
	};
	const struct shr_error *error = NULL;

	enter();
	put("c.yaml", text, sizeof text - 1);
	ck_assert_int_eq(shr_config_check("c.yaml", NULL, &error), SHR_EINVAL);
	try_faults(error, "c.yaml", faults, 2);
	shr_error_unref(error);
	leave((const char *const[]){ "c.yaml", NULL });
}
END_TEST

START_TEST(a_file_over_1_mib_is_refused)
{
	const size_t n = 3 * 1024 * 1024;
	const struct fault fault = { 1, 1, "the text is too long to be a configuration", "at most 1 MiB" };
	char *text = malloc(n);
	const struct shr_error *error = NULL;

	enter();
	memset(text, '#', n);
	put("c.yaml", text, n);
	free(text);
	ck_assert_int_eq(shr_config_check("c.yaml", NULL, &error), SHR_EINVAL);
	try_faults(error, "c.yaml", &fault, 1);
	shr_error_unref(error);
	leave((const char *const[]){ "c.yaml", NULL });
}
END_TEST

/* No file to read: SHR_EIO with these words. */
static void unreadable(const char *path, const char *message)
{
	const struct shr_error *error = NULL;

	ck_assert_int_eq(shr_config_check(path, NULL, &error), SHR_EIO);
	ck_assert_str_eq(error->message, message);
	ck_assert_str_ne(error->remedy, "");
	shr_error_unref(error);
}

START_TEST(what_is_no_file_is_refused)
{
	enter();
	ck_assert_int_eq(mkfifo("pipe", 0600), 0);
	unreadable("missing", "missing: No such file or directory");
	unreadable("", ": No such file or directory");
	unreadable("pipe/x", "pipe/x: Not a directory");
	unreadable("/", "/: not a regular file");
	unreadable("pipe", "pipe: not a regular file");
	leave((const char *const[]){ "pipe", NULL });
}
END_TEST

START_TEST(the_check_takes_a_text)
{
	const struct fault fault = { 1, 1, "unknown key \"a\"", NULL };
	const struct shr_error *error = (const struct shr_error *)&fault;

	ck_assert_int_eq(shr_config_check(NULL, "store: { path: \":memory:\" }\n", &error), 0);
	ck_assert_ptr_null(error);
	ck_assert_int_eq(shr_config_check(NULL, "a: 1\n", &error), SHR_EINVAL);
	try_faults(error, "configuration", &fault, 1);
	shr_error_unref(error);
	ck_assert_int_eq(shr_config_check(NULL, "a: 1\n", NULL), SHR_EINVAL);
}
END_TEST

START_TEST(the_check_takes_one_source)
{
	const struct shr_error *error = NULL;

	ck_assert_int_eq(shr_config_check(NULL, NULL, &error), SHR_EINVAL);
	ck_assert_str_eq(error->faults[0]->where, "path");
	shr_error_unref(error);
	ck_assert_int_eq(shr_config_check("c.yaml", "a: 1\n", &error), SHR_EINVAL);
	ck_assert_str_eq(error->faults[0]->where, "config_text");
	shr_error_unref(error);
}
END_TEST

START_TEST(relative_paths_need_a_current_directory)
{
	const struct fault fault = { 1, 16, "store.path: the path is relative, and the current directory is gone",
		"an absolute path" };

	enter();
	ck_assert_int_eq(rmdir(directory), 0);
	try_bad("store: { path: s.db }\n", &fault, 1);
	shr__record_unref(try_good("store: { path: /s.db }\n"));
	ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

UNIT_MAIN(config_file, relative_paths_begin_in_the_files_directory, mistakes_of_a_file_are_told_with_its_path,
	a_nul_in_a_file_is_a_control_character, a_file_over_1_mib_is_refused, what_is_no_file_is_refused,
	the_check_takes_a_text, the_check_takes_one_source, relative_paths_need_a_current_directory)

/* tests/unit/plugin_load.c - plugins of files: found, loaded, negotiated, listed */
#include "plugin_files.h"

#include <dirent.h>

static unsigned open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void loads(const char *name, int code, const char *word)
{
	struct files f;

	files_begin(&f);
	files_copy(&f, name);
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, name), code);
	if (word)
		ck_assert_msg(files_says(&f, word), "%s", f.error->message);
	files_end(&f);
}

START_TEST(good_driver_is_loaded_as_a_whole_table)
{
	const struct shr_driver *d, *again;
	struct files f;

	files_begin(&f);
	files_copy(&f, "good");
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_driver(f.plugins, "good", &d, NULL), 0);
	ck_assert_str_eq(d->name, "good");
	ck_assert_uint_eq(d->capabilities, SHR_CAP_THIN);
	ck_assert_ptr_nonnull(d->create);
	ck_assert_ptr_null(d->resize);
	ck_assert_int_eq(shr__plugins_driver(f.plugins, "good", &again, NULL), 0);
	ck_assert_ptr_eq(d, again);
	files_end(&f);
}
END_TEST

START_TEST(another_abi_is_refused)
{
	loads("bad_abi", SHR_EABI, "ABI 2");
}
END_TEST

START_TEST(table_smaller_than_the_first_release_is_refused)
{
	loads("too_small", SHR_EABI, "bytes");
}
END_TEST

START_TEST(larger_table_is_taken_without_what_is_new)
{
	const struct shr_driver *d;
	struct files f;

	files_begin(&f);
	files_copy(&f, "larger");
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_driver(f.plugins, "larger", &d, NULL), 0);
	ck_assert_uint_eq(d->size, sizeof *d);
	ck_assert_uint_eq(d->capabilities, SHR_CAP_THIN);
	files_end(&f);
}
END_TEST

START_TEST(driver_without_a_required_member_is_refused)
{
	loads("lacking", SHR_EDRIVER, "create()");
}
END_TEST

START_TEST(driver_with_another_name_than_its_file_is_refused)
{
	loads("other_name", SHR_EDRIVER, "somebody");
}
END_TEST

START_TEST(driver_that_needs_a_newer_library_is_refused)
{
	loads("too_new", SHR_EABI, "127.0.0");
}
END_TEST

START_TEST(entry_that_gives_nothing_is_refused)
{
	loads("no_table", SHR_EDRIVER, "NULL");
}
END_TEST

START_TEST(file_without_an_entry_is_no_driver)
{
	loads("no_entry", SHR_ENOTFOUND, "shr_driver_entry_1");
}
END_TEST

START_TEST(exporter_is_no_driver_and_driver_no_exporter)
{
	struct files f;

	files_begin(&f);
	files_copy(&f, "good");
	files_copy(&f, "front");
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, "front"), SHR_ENOTFOUND);
	ck_assert_int_eq(files_exporter(&f, "good"), SHR_ENOTFOUND);
	ck_assert_int_eq(files_exporter(&f, "front"), 0);
	files_end(&f);
}
END_TEST

START_TEST(exporter_keeps_its_thread_model)
{
	const struct shr_exporter *x;
	struct files f;

	files_begin(&f);
	files_copy(&f, "front");
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_exporter(f.plugins, "front", &x, NULL), 0);
	ck_assert_uint_eq(x->threads, SHR_THREADS_PARALLEL);
	files_end(&f);
}
END_TEST

START_TEST(exporter_without_a_required_member_is_refused)
{
	struct files f;

	files_begin(&f);
	files_copy(&f, "front_lacking");
	files_opened(&f);
	ck_assert_int_eq(files_exporter(&f, "front_lacking"), SHR_EDRIVER);
	ck_assert(files_says(&f, "probe()"));
	files_end(&f);
}
END_TEST

START_TEST(plugin_that_is_not_there_is_not_found)
{
	struct files f;

	files_begin(&f);
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, "nobody"), SHR_ENOTFOUND);
	ck_assert(files_says(&f, "nobody"));
	files_end(&f);
}
END_TEST

START_TEST(name_that_is_a_path_is_refused)
{
	static const char *const names[] = { "", "../good", "a/b", ".good", "good.so/", NULL };
	struct files f;

	files_begin(&f);
	files_copy(&f, "good");
	files_opened(&f);
	for (size_t i = 0; names[i]; i++)
		ck_assert_int_eq(files_driver(&f, names[i]), SHR_EINVAL);
	ck_assert_int_eq(files_driver(&f, NULL), SHR_EINVAL);
	files_end(&f);
}
END_TEST

START_TEST(file_that_is_no_object_is_refused)
{
	struct files f;

	files_begin(&f);
	files_write(&f, "shr-text.so", "not at all\n", 11);
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, "text"), SHR_EDRIVER);
	ck_assert(files_says(&f, "cannot be loaded"));
	files_end(&f);
}
END_TEST

/* The loader knows files by the number of a descriptor: a number that was used again would give the one before. */
START_TEST(many_plugins_are_each_their_own)
{
	static const char *const names[] = { "good", "larger", "too_new", "no_table", "bad_abi" };
	static const int codes[] = { 0, 0, SHR_EABI, SHR_EDRIVER, SHR_EABI };
	struct files f;

	files_begin(&f);
	for (int i = 0; i < 5; i++)
		files_copy(&f, names[i]);
	files_opened(&f);
	for (int i = 0; i < 5; i++)
		ck_assert_msg(files_driver(&f, names[i]) == codes[i], "%s: %s", names[i], f.error ? f.error->message : "");
	for (int i = 4; i >= 0; i--)
		ck_assert_msg(files_driver(&f, names[i]) == codes[i], "%s: %s", names[i], f.error ? f.error->message : "");
	files_end(&f);
}
END_TEST

START_TEST(same_name_in_another_directory_is_another_plugin)
{
	const struct shr_driver *d1, *d2;
	struct files one, two;

	files_begin(&one);
	files_begin(&two);
	files_copy(&one, "good");
	files_copy(&two, "good");
	files_opened(&one);
	files_opened(&two);
	ck_assert_int_eq(shr__plugins_driver(one.plugins, "good", &d1, NULL), 0);
	ck_assert_int_eq(shr__plugins_driver(two.plugins, "good", &d2, NULL), 0);
	ck_assert_ptr_ne(d1->open, d2->open);
	files_end(&one);
	files_end(&two);
}
END_TEST

START_TEST(loading_again_in_a_new_context_costs_no_descriptor)
{
	unsigned before = 0;
	struct files f;

	files_begin(&f);
	files_copy(&f, "good");
	for (int i = 0; i < 4; i++) {
		files_opened(&f);
		ck_assert_int_eq(files_driver(&f, "good"), 0);
		shr__plugins_free(f.plugins);
		shr__record_unref(f.config);
		f.plugins = NULL;
		f.config = NULL;
		if (i == 0)
			before = open_files();
	}
	ck_assert_uint_eq(open_files(), before);
	files_end(&f);
}
END_TEST

START_TEST(list_names_each_driver_and_why_one_cannot_be_used)
{
	const struct shr_plugin_page *page;
	struct files f;

	files_begin(&f);
	files_copy(&f, "good");
	files_copy(&f, "bad_abi");
	files_copy(&f, "front");
	files_write(&f, "shr-text.so", "not at all\n", 11);
	files_write(&f, "README", "x", 1);
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_list(f.plugins, SHR_PLUGIN_DRIVER, &page, NULL), 0);
	ck_assert_uint_eq(page->n, 3);
	ck_assert_str_eq(page->items[0]->name, "bad_abi");
	ck_assert_ptr_nonnull(strstr(page->items[0]->reason, "ABI"));
	ck_assert_str_eq(page->items[1]->name, "good");
	ck_assert_str_eq(page->items[1]->reason, "");
	ck_assert_str_eq(page->items[1]->version, "1.0");
	ck_assert_uint_eq(page->items[1]->capabilities, SHR_CAP_THIN);
	ck_assert_str_eq(page->items[1]->path, files_path(&f, "shr-good.so"));
	ck_assert_str_eq(page->items[2]->name, "text");
	shr__record_unref(page);
	ck_assert_int_eq(shr__plugins_list(f.plugins, SHR_PLUGIN_EXPORTER, &page, NULL), 0);
	ck_assert_uint_eq(page->n, 2);
	ck_assert_str_eq(page->items[0]->name, "front");
	ck_assert_uint_eq(page->items[0]->kind, SHR_PLUGIN_EXPORTER);
	shr__record_unref(page);
	files_end(&f);
}
END_TEST

START_TEST(list_of_an_unknown_kind_is_refused)
{
	const struct shr_plugin_page *page = NULL;
	struct files f;

	files_begin(&f);
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_list(f.plugins, 3, &page, &f.error), SHR_EINVAL);
	ck_assert_ptr_null(page);
	files_end(&f);
}
END_TEST

UNIT_MAIN(plugin_load, good_driver_is_loaded_as_a_whole_table, another_abi_is_refused,
	table_smaller_than_the_first_release_is_refused, larger_table_is_taken_without_what_is_new,
	driver_without_a_required_member_is_refused, driver_with_another_name_than_its_file_is_refused,
	driver_that_needs_a_newer_library_is_refused, entry_that_gives_nothing_is_refused, file_without_an_entry_is_no_driver,
	exporter_is_no_driver_and_driver_no_exporter, exporter_keeps_its_thread_model,
	exporter_without_a_required_member_is_refused, plugin_that_is_not_there_is_not_found, name_that_is_a_path_is_refused,
	file_that_is_no_object_is_refused, many_plugins_are_each_their_own, same_name_in_another_directory_is_another_plugin,
	loading_again_in_a_new_context_costs_no_descriptor, list_names_each_driver_and_why_one_cannot_be_used,
	list_of_an_unknown_kind_is_refused)

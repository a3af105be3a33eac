/* tests/unit/plugin_trust.c - whose files are loaded, and whose are not */
#include "plugin_files.h"

#include <sys/wait.h>

static void good_in(struct files *f)
{
	files_begin(f);
	files_copy(f, "good");
}

static void refused(struct files *f, const char *word)
{
	files_opened(f);
	ck_assert_int_eq(files_driver(f, "good"), SHR_ETRUST);
	ck_assert_msg(files_says(f, word), "%s", f->error->message);
}

START_TEST(file_that_everybody_can_write_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(chmod(files_path(&f, "shr-good.so"), 0646), 0);
	refused(&f, "0646");
	files_end(&f);
}
END_TEST

START_TEST(file_that_a_group_can_write_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(chmod(files_path(&f, "shr-good.so"), 0664), 0);
	refused(&f, "0664");
	files_end(&f);
}
END_TEST

START_TEST(directory_that_others_can_write_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(chmod(f.dir, 0775), 0);
	refused(&f, "0775");
	files_end(&f);
}
END_TEST

/* The sticky bit keeps others from replacing a file, but not from adding one. */
START_TEST(sticky_directory_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(chmod(f.dir, 01777), 0);
	refused(&f, "1777");
	files_end(&f);
}
END_TEST

/* F's directory becomes the one "below" of the one it was. */
static void go_below(struct files *f, char top[PATH_MAX])
{
	strcpy(top, f->dir);
	ck_assert_uint_lt(strlen(f->dir) + 7, sizeof f->dir);
	strcat(f->dir, "/below");
	ck_assert_int_eq(mkdir(f->dir, 0755), 0);
	files_copy(f, "good");
}

START_TEST(parent_that_everybody_can_write_is_refused)
{
	char top[PATH_MAX];
	struct files f;

	files_begin(&f);
	go_below(&f, top);
	ck_assert_int_eq(chmod(top, 0777), 0);
	refused(&f, "written by everybody");
	strcpy(f.dir, top);
	files_end(&f);
}
END_TEST

START_TEST(sticky_parent_is_fine)
{
	char top[PATH_MAX];
	struct files f;

	files_begin(&f);
	go_below(&f, top);
	ck_assert_int_eq(chmod(top, 01777), 0);
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, "good"), 0);
	strcpy(f.dir, top);
	files_end(&f);
}
END_TEST

START_TEST(file_that_is_a_link_is_refused)
{
	char target[PATH_MAX + 300];
	struct files f;

	files_begin(&f);
	files_copy(&f, "larger");
	strcpy(target, files_path(&f, "shr-larger.so"));
	ck_assert_int_eq(symlink(target, files_path(&f, "shr-good.so")), 0);
	refused(&f, "symbolic link");
	files_end(&f);
}
END_TEST

START_TEST(directory_behind_a_link_is_judged_by_what_it_is)
{
	char top[PATH_MAX], link[PATH_MAX];
	struct files f;

	files_begin(&f);
	go_below(&f, top);
	ck_assert_int_ge(snprintf(link, sizeof link, "%.4000s/link", top), 0);
	ck_assert_int_eq(symlink(f.dir, link), 0);
	strcpy(f.dir, link);
	files_opened(&f);
	ck_assert_int_eq(files_driver(&f, "good"), 0);
	shr__plugins_free(f.plugins);
	shr__record_unref(f.config);
	ck_assert_int_eq(chmod(f.dir, 0777), 0);
	refused(&f, "0777");
	strcpy(f.dir, top);
	files_end(&f);
}
END_TEST

START_TEST(file_that_is_a_pipe_is_refused_and_not_waited_for)
{
	struct files f;

	files_begin(&f);
	ck_assert_int_eq(mkfifo(files_path(&f, "shr-good.so"), 0644), 0);
	refused(&f, "not a regular file");
	files_end(&f);
}
END_TEST

START_TEST(file_of_another_user_is_refused)
{
	struct files f;

	if (geteuid() != 0)
		return; /* only root can give files away */
	good_in(&f);
	ck_assert_int_eq(chown(files_path(&f, "shr-good.so"), 12345, 12345), 0);
	refused(&f, "12345");
	files_end(&f);
}
END_TEST

START_TEST(directory_of_another_user_is_refused)
{
	struct files f;

	if (geteuid() != 0)
		return;
	good_in(&f);
	ck_assert_int_eq(chown(f.dir, 12345, 12345), 0);
	refused(&f, "12345");
	files_end(&f);
}
END_TEST

START_TEST(refused_directory_is_named_in_the_list)
{
	const struct shr_plugin_page *page;
	struct files f;

	good_in(&f);
	ck_assert_int_eq(chmod(f.dir, 0777), 0);
	files_opened(&f);
	ck_assert_int_eq(shr__plugins_list(f.plugins, SHR_PLUGIN_DRIVER, &page, NULL), 0);
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->items[0]->name, "");
	ck_assert_str_eq(page->items[0]->path, f.dir);
	ck_assert_ptr_nonnull(strstr(page->items[0]->reason, "0777"));
	shr__record_unref(page);
	files_end(&f);
}
END_TEST

/* ---- signatures, of a key that was made for this test alone ---- */

static const char public_key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEAYbbSuf9aQnjirEwcrTsmUI7Fts5KOTC0r3FHU9cJP5Y=\n"
	"-----END PUBLIC KEY-----\n";
static const char other_key[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MCowBQYDK2VwAyEAOCYExTdO8TTY9ujv0YDgQp379tr0vEmt8Lq4MXPqRm4=\n"
	"-----END PUBLIC KEY-----\n";
static const char private_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ/JwiooF+84l+a7LABYKeCqa9kTvsXJE6pkgxJ4KvtB\n"
	"-----END PRIVATE KEY-----\n";

/* Signs with the openssl program, as a packager would; 0: it is not there. */
static int sign(const struct files *f)
{
	char command[5 * PATH_MAX];

	files_write(f, "key.pem", private_key, sizeof private_key - 1);
	snprintf(command, sizeof command, "openssl pkeyutl -sign -rawin -inkey %s/key.pem -in %s/shr-good.so "
		"-out %s/shr-good.so.sig && chmod 644 %s/shr-good.so.sig", f->dir, f->dir, f->dir, f->dir);
	return system(command) == 0;
}

/* Plugins of F, whose keys are PEM, must be signed. */
static int demand(struct files *f, const char *pem)
{
	char more[2 * PATH_MAX];

	files_write(f, "public.pem", pem, strlen(pem));
	snprintf(more, sizeof more, "  require_signature: true\n  public_keys: [%s/public.pem]\n", f->dir);
	return files_open(f, more);
}

START_TEST(unsigned_plugin_is_refused_where_signatures_are_demanded)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(demand(&f, public_key), 0);
	ck_assert_int_eq(files_driver(&f, "good"), SHR_ETRUST);
	ck_assert(files_says(&f, "not signed"));
	files_end(&f);
}
END_TEST

START_TEST(signed_plugin_is_loaded)
{
	struct files f;

	good_in(&f);
	ck_assert(sign(&f));
	ck_assert_int_eq(demand(&f, public_key), 0);
	ck_assert_msg(files_driver(&f, "good") == 0, "%s", f.error ? f.error->message : "");
	files_end(&f);
}
END_TEST

START_TEST(signature_of_another_key_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert(sign(&f));
	ck_assert_int_eq(demand(&f, other_key), 0);
	ck_assert_int_eq(files_driver(&f, "good"), SHR_ETRUST);
	ck_assert(files_says(&f, "none of the public keys"));
	files_end(&f);
}
END_TEST

START_TEST(plugin_that_was_changed_after_signing_is_refused)
{
	struct files f;
	size_t n;
	char *p;

	good_in(&f);
	ck_assert(sign(&f));
	p = files_built("good", &n);
	p[n - 1] ^= 1;
	files_write(&f, "shr-good.so", p, n);
	free(p);
	ck_assert_int_eq(demand(&f, public_key), 0);
	ck_assert_int_eq(files_driver(&f, "good"), SHR_ETRUST);
	files_end(&f);
}
END_TEST

START_TEST(signature_of_a_wrong_length_is_refused)
{
	static const char bytes[65];
	struct files f;

	good_in(&f);
	ck_assert_int_eq(demand(&f, public_key), 0);
	files_write(&f, "shr-good.so.sig", bytes, 65);
	ck_assert_int_eq(files_driver(&f, "good"), SHR_ETRUST);
	files_write(&f, "shr-good.so.sig", bytes, 63);
	ck_assert_int_eq(files_driver(&f, "good"), SHR_ETRUST);
	ck_assert(files_says(&f, "64 bytes"));
	files_end(&f);
}
END_TEST

START_TEST(key_that_others_can_write_is_refused)
{
	struct files f;
	char more[2 * PATH_MAX];

	good_in(&f);
	files_write(&f, "public.pem", public_key, sizeof public_key - 1);
	ck_assert_int_eq(chmod(files_path(&f, "public.pem"), 0666), 0);
	snprintf(more, sizeof more, "  require_signature: true\n  public_keys: [%s/public.pem]\n", f.dir);
	ck_assert_int_eq(files_open(&f, more), SHR_ETRUST);
	ck_assert_ptr_null(f.plugins);
	files_end(&f);
}
END_TEST

START_TEST(key_that_is_none_is_refused)
{
	struct files f;

	good_in(&f);
	ck_assert_int_eq(demand(&f, "not a key\n"), SHR_EINVAL);
	ck_assert_ptr_null(f.plugins);
	files_end(&f);
}
END_TEST

UNIT_MAIN(plugin_trust, file_that_everybody_can_write_is_refused, file_that_a_group_can_write_is_refused,
	directory_that_others_can_write_is_refused, sticky_directory_is_refused, parent_that_everybody_can_write_is_refused,
	sticky_parent_is_fine, file_that_is_a_link_is_refused, directory_behind_a_link_is_judged_by_what_it_is,
	file_that_is_a_pipe_is_refused_and_not_waited_for, file_of_another_user_is_refused,
	directory_of_another_user_is_refused, refused_directory_is_named_in_the_list,
	unsigned_plugin_is_refused_where_signatures_are_demanded, signed_plugin_is_loaded, signature_of_another_key_is_refused,
	plugin_that_was_changed_after_signing_is_refused, signature_of_a_wrong_length_is_refused,
	key_that_others_can_write_is_refused, key_that_is_none_is_refused)

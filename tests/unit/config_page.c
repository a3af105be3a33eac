/* tests/unit/config_page.c - libshare.conf(5): its examples are read, and it tells of each key
 * usage: config_page PAGE */
#include "config_try.h"

#include "base/buf.h"
#include "base/mem.h"
#include "config/shape.h"
#include "libshare/context.h"

static const char *page_path;

static char *page_text(void)
{
	FILE *f = fopen(page_path, "r");
	struct shr__buf b = { 0 };
	char chunk[4096];
	size_t n;

	ck_assert_msg(f != NULL, "cannot open %s", page_path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		shr__buf_add(&b, chunk, n);
	fclose(f);
	return shr__buf_take(&b);
}

static void check_example(const char *text, unsigned number)
{
	const struct shr_error *error = NULL;

	ck_assert_msg(shr_config_check(NULL, text, &error) == 0, "example %u: %s: %s", number,
		error ? error->faults[0]->where : "?", error ? error->faults[0]->message : "?");
}

/* Each block of EXAMPLES is a configuration. */
START_TEST(every_example_is_read)
{
	static const char begin[] = "\n.Bd -literal -offset indent\n", end[] = "\n.Ed\n";
	char *page = page_text(), *block = strstr(page, "\n.Sh EXAMPLES\n");
	unsigned n = 0;

	ck_assert_ptr_nonnull(block);
	while ((block = strstr(block, begin))) {
		char *stop = strstr(block, end);

		ck_assert_ptr_nonnull(stop);
		stop[1] = '\0';
		ck_assert_ptr_null(strchr(block + sizeof begin - 1, '\\')); /* roff's, not YAML's */
		check_example(block + sizeof begin - 1, ++n);
		block = stop + 2;
	}
	ck_assert_uint_eq(n, 5);
	shr__free(page);
}
END_TEST

static unsigned count_entries(const char *page, const char *name)
{
	unsigned n = 0;
	char entry[64];

	snprintf(entry, sizeof entry, "\n.It Ic %s\n", name);
	for (page = strstr(page, entry); page; page = strstr(page + 1, entry))
		n++;
	return n;
}

/* How often a key of this name is in the tables. */
static unsigned count_keys(const struct shr__shape *shape, const char *name)
{
	unsigned n = 0;
	uint32_t i;

	for (i = 0; i < shape->n_keys; i++) {
		n += !strcmp(shape->keys[i].name, name);
		if (shape->keys[i].shape)
			n += count_keys(shape->keys[i].shape, name);
	}
	return n;
}

static void check_keys(const struct shr__shape *shape, const char *page)
{
	uint32_t i;

	for (i = 0; i < shape->n_keys; i++) {
		const char *name = shape->keys[i].name;
		unsigned told = count_entries(page, name), there = count_keys(&shr__shape_config, name);

		ck_assert_msg(told == there, "%s: %u entries for %u keys", name, told, there);
		if (shape->keys[i].shape)
			check_keys(shape->keys[i].shape, page);
	}
}

START_TEST(every_key_has_its_entry)
{
	char *page = page_text();

	check_keys(&shr__shape_config, page);
	shr__free(page);
}
END_TEST

static void check_shown(const struct shr__shape *shape, const char *examples)
{
	uint32_t i;

	for (i = 0; i < shape->n_keys; i++) {
		char key[64];

		snprintf(key, sizeof key, "%s:", shape->keys[i].name);
		ck_assert_msg(strstr(examples, key) != NULL, "%s is in no example", key);
		if (shape->keys[i].shape)
			check_shown(shape->keys[i].shape, examples);
	}
}

START_TEST(every_key_is_in_an_example)
{
	char *page = page_text(), *examples = strstr(page, "\n.Sh EXAMPLES\n");

	ck_assert_ptr_nonnull(examples);
	check_shown(&shr__shape_config, examples);
	shr__free(page);
}
END_TEST

int main(int argc, char **argv)
{
	const TTest *const tests[] = { every_example_is_read, every_key_has_its_entry, every_key_is_in_an_example };

	if (argc != 2)
		return EXIT_FAILURE;
	page_path = argv[1];
	return unit_run("config_page", tests, sizeof tests / sizeof *tests);
}

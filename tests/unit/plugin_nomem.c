/* tests/unit/plugin_nomem.c - every allocation fails once: in loading, opening, calling and listing */
#include "plugin_files.h"
#include "plugin_try.h"

#include "fault/fault.h"

#define NAMED "backends:\n- name: alpha\n  driver: good\n  exporter: {name: front}\n  pools:\n  - name: one\n"

/* ---- a call that tells all it may ---- */

static char ids[3][8] = { "r-0", "r-1", "r-2" };
static struct shr_rule rules[3];
static struct shr_rule_change changes[3];
static const struct shr_rule_change *const list[3] = { &changes[0], &changes[1], &changes[2] };
static const struct shr_access_diff diff = { sizeof diff, 3, 0, 1, list };

static int read_set(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	int next = after_id[0] ? after_id[2] - '0' + 1 : 0;

	if (next > 2)
		return 0;
	*ret = shr__arena_memdup(arena, &rules[next], sizeof rules[next]);
	return *ret ? 1 : SHR_ENOMEM;
}

static int tell_place(const struct try_call *c)
{
	char ref[3000];

	memset(ref, 'r', sizeof ref - 1); /* more than an arena begins with */
	ref[sizeof ref - 1] = '\0';
	host->set_ref(c->call, "i-1", ref);
	for (int i = 0; i < 64; i++)
		try_export(c, "host:/somewhere/that/is/a/little/longer", SHR_PROTO_NFS);
	host->set_path(c->call, "i-1", "/srv/i-1");
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 5000);
	return 0;
}

static int tell_rules(const struct try_call *c)
{
	while (host->next_rule(c->call, c->all))
		;
	for (int i = 2; i >= 0; i--)
		host->set_rule(c->call, ids[i], i ? SHR_OK : SHR_EBACKEND, "no");
	host->set_rule_key(c->call, "r-1", "key");
	return 0;
}

static int tell_pools(const struct try_call *c)
{
	for (uint32_t i = 0; host->pool(c->call, i); i++) {
		for (uint32_t key = SHR_NUMBER_TOTAL; key <= SHR_NUMBER_CAPABILITIES; key++)
			host->set_number(c->call, host->pool(c->call, i), key, 0);
	}
	return 0;
}

static int wait_more(const struct try_call *c)
{
	static const char token[2000];

	return host->pending(c->call, token, sizeof token, 100);
}

static int fail(const struct try_call *c)
{
	return host->fail(c->call, SHR_EBACKEND, "no");
}

static int look_around(const struct try_call *c)
{
	struct shr_found f = { sizeof f, SHR_FOUND_RULE, 0, "someone", "", "a client" };
	const struct shr_rule *rule;

	while ((rule = host->next_rule(c->call, c->all)))
		host->set_rule(c->call, rule->id, SHR_ECONFLICT, "otherwise");
	host->set_path(c->call, "i-1", "/srv/i-1");
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 5);
	host->found(c->call, &f);
	return 0;
}

static int find_things(const struct try_call *c)
{
	static const char *const names[] = { "a", "b", "c" };
	struct shr_found f = { sizeof f, SHR_FOUND_INSTANCE, 0, NULL, "018f0000-0000-7000-8000-000000000001", "a thing" };

	for (uint32_t i = 0; i < c->max; i++) {
		f.name = names[i];
		host->found(c->call, &f);
	}
	return 0;
}

/* VERB, with each allocation of it failing once: it gives CODE, or there was no memory. */
static void walk_verb(struct try *t, enum shr__verb verb, int (*what)(const struct try_call *c), int code)
{
	const struct shr__callargs args = { .instance = &try_instance, .bytes = 2000, .diff = &diff, .rules = read_set,
		.pool = "one", .max = 3 };
	int rc = 0;

	act = what;
	for (FAULT_WALK(n)) {
		struct shr__arena *arena = shr__arena_new();
		struct shr__told told;

		if (!arena)
			continue;
		shr__told_init(&told, arena);
		rc = shr__backend_call(t->backend, verb, &t->name, &args, &told);
		ck_assert_msg(rc == code || rc == SHR_ENOMEM, "%d: %s", rc, told.message);
		ck_assert_ptr_nonnull(told.message);
		if (rc == SHR_ENOMEM)
			ck_assert_ptr_nonnull(strstr(told.message, "no memory"));
		shr__told_clear(&told);
		shr__arena_free(arena);
	}
	ck_assert_int_eq(rc, code);
}

START_TEST(calls_survive_no_memory)
{
	struct try t;

	for (int i = 0; i < 3; i++) {
		rules[i] = (struct shr_rule){ .size = sizeof rules[i], .type = SHR_ACCESS_CEPHX, .id = ids[i], .who = "x" };
		changes[i] = (struct shr_rule_change){ sizeof changes[i], 0, NULL, &rules[i] };
	}
	try_opened(&t, TRY_ALONE);
	walk_verb(&t, SHR__VERB_CREATE, tell_place, 0);
	walk_verb(&t, SHR__VERB_CREATE, wait_more, SHR_RUNNING);
	walk_verb(&t, SHR__VERB_CREATE, fail, SHR_EBACKEND);
	walk_verb(&t, SHR__VERB_ACCESS, tell_rules, 0);
	walk_verb(&t, SHR__VERB_STATS, tell_pools, 0);
	walk_verb(&t, SHR__VERB_LOOK, look_around, 0);
	walk_verb(&t, SHR__VERB_LIST, find_things, 0);
	try_end(&t);
}
END_TEST

/* ---- a backend with two exporters ---- */

static int tell_nfs(const struct try_call *c)
{
	try_export(c, "10.0.0.1:/x", SHR_PROTO_NFS);
	return 0;
}

static int side_add(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	const struct try_call c = { .call = call, .instance = what->instance };

	try_export(&c, "//10.0.0.1/x", SHR_PROTO_SMB);
	return 0;
}

START_TEST(calls_of_two_exporters_survive_no_memory)
{
	static const char text[] = "backends:\n- name: alpha\n  driver: fake\n  exporters: [{name: front}, {name: side}]\n"
		"  settings: {root: /srv}\n  pools: [{name: one}]\n";
	struct shr_exporter side;
	struct try t;

	memset(&t, 0, sizeof t);
	try_front.capabilities |= SHR_CAP_ACCESS_CEPHX;
	side = try_front;
	side.name = "side";
	side.protocols = SHR_PROTO_SMB;
	side.add = side_add;
	ck_assert_int_eq(shr__config_read(NULL, text, "test", &t.config, NULL), 0);
	ck_assert_int_eq(shr__plugins_new(t.config, NULL, NULL, &t.plugins, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_driver(t.plugins, &try_driver, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &try_front, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &side, NULL), 0);
	ck_assert_int_eq(shr__backend_open(t.plugins, t.config, t.config->backends, &t.name, &t.backend, NULL), 0);
	for (int i = 0; i < 3; i++) {
		rules[i] = (struct shr_rule){ .size = sizeof rules[i], .type = SHR_ACCESS_CEPHX, .id = ids[i], .who = "x" };
		changes[i] = (struct shr_rule_change){ sizeof changes[i], 0, NULL, &rules[i] };
	}
	walk_verb(&t, SHR__VERB_ACCESS, tell_rules, 0);
	walk_verb(&t, SHR__VERB_ACCESS, wait_more, SHR_RUNNING);
	walk_verb(&t, SHR__VERB_UNEXPORT, wait_more, SHR_RUNNING);
	walk_verb(&t, SHR__VERB_UNEXPORT, fail, SHR_EBACKEND);
	walk_verb(&t, SHR__VERB_EXPORT, tell_nfs, 0);
	shr__backend_close(t.backend);
	shr__plugins_free(t.plugins);
	shr__record_unref(t.config);
}
END_TEST

START_TEST(first_call_survives_no_memory)
{
	struct try t;
	int rc = 0;

	for (FAULT_WALK(n)) { /* opened anew each time: it is the opening that makes the slots of calls */
		const struct shr_error *error = NULL;
		const struct shr__config *config = NULL;
		long left = n;

		shr__fault_at(-1);
		memset(&t, 0, sizeof t);
		ck_assert_int_eq(shr__config_read(NULL, TRY_FRONT, "test", &config, NULL), 0);
		ck_assert_int_eq(shr__plugins_new(config, NULL, NULL, &t.plugins, NULL), 0);
		ck_assert_int_eq(shr__plugins_add_driver(t.plugins, &try_driver, NULL), 0);
		ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &try_front, NULL), 0);
		shr__fault_at(left);
		rc = shr__backend_open(t.plugins, config, config->backends, &t.name, &t.backend, &error);
		ck_assert(rc == 0 || rc == SHR_ENOMEM);
		ck_assert_int_eq(rc == 0, t.backend != NULL);
		ck_assert_int_eq(rc == 0, error == NULL);
		shr_error_unref(error);
		shr__backend_close(t.backend);
		shr__plugins_free(t.plugins);
		shr__record_unref(config);
		ck_assert_uint_eq(try_open_now, 0);
	}
	ck_assert_int_eq(rc, 0);
}
END_TEST

/* ---- loading and listing ---- */

static int load_and_list(const struct files *f, const char *text)
{
	const struct shr__config *config = NULL;
	struct shr__plugins *p = NULL;
	const struct shr_plugin_page *page = NULL;
	const struct shr_error *error = NULL;
	const struct shr_driver *d = NULL;
	int rc;

	rc = shr__config_read(NULL, text, "test", &config, &error);
	if (rc == 0)
		rc = shr__plugins_new(config, NULL, NULL, &p, &error);
	if (rc == 0)
		rc = shr__plugins_driver(p, "good", &d, &error);
	if (rc == 0)
		rc = shr__plugins_list(p, SHR_PLUGIN_DRIVER, &page, &error);
	ck_assert_msg(rc == 0 || rc == SHR_ENOMEM, "%d %s", rc, error->message);
	ck_assert_int_eq(rc == 0, error == NULL);
	if (rc == 0)
		ck_assert_uint_eq(page->n, 2);
	shr_error_unref(error);
	shr__record_unref(page);
	shr__plugins_free(p);
	shr__record_unref(config);
	return rc;
}

START_TEST(loading_and_listing_survive_no_memory)
{
	struct files f;
	char text[2 * PATH_MAX];
	long before;
	int rc = 0;

	files_begin(&f);
	files_copy(&f, "good");
	files_copy(&f, "bad_abi");
	files_copy(&f, "front");
	snprintf(text, sizeof text, "plugins:\n  directories: [%s]\n" NAMED, f.dir);
	before = shr__fault_live();
	for (FAULT_WALK(n)) {
		rc = load_and_list(&f, text);
		ck_assert_int_eq(shr__fault_live(), before);
	}
	ck_assert_int_eq(rc, 0);
	files_end(&f);
}
END_TEST

UNIT_MAIN(plugin_nomem, calls_survive_no_memory, calls_of_two_exporters_survive_no_memory,
	first_call_survives_no_memory, loading_and_listing_survive_no_memory)

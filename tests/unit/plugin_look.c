/* tests/unit/plugin_look.c - what is really there: looks, lists, reaching files, incarnations; and older tables without them */
#include "plugin_try.h"

#include <stdio.h>

#define UUID "018f0000-0000-7000-8000-000000000001"

static struct try t;
static const char *const ids[] = { "r-0", "r-1", "r-2" };
static int n_set = 3;

static int read_set(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	struct shr_rule *rule;
	int next = after_id[0] ? after_id[2] - '0' + 1 : 0;

	if (next >= n_set)
		return 0;
	rule = shr__arena_alloc(arena, sizeof *rule);
	if (!rule)
		return SHR_ENOMEM;
	*rule = (struct shr_rule){ .size = sizeof *rule, .id = ids[next], .share_id = "s-1", .who = "x", .reason = "" };
	*ret = rule;
	return 1;
}

static int look(enum shr__verb verb, int (*what)(const struct try_call *c))
{
	const struct shr__callargs args = { .instance = &try_instance, .path = "/srv/i-1", .export_number = 77,
		.rules = read_set };

	act = what;
	return shr__backend_call(t.backend, verb, &t.name, &args, &t.told);
}

static int list(enum shr__verb verb, const char *after, uint32_t max, int (*what)(const struct try_call *c))
{
	const struct shr__callargs args = { .pool = "one", .after = after, .max = max };

	act = what;
	return shr__backend_call(t.backend, verb, &t.name, &args, &t.told);
}

static void find(const struct try_call *c, uint32_t kind, const char *name, const char *id)
{
	struct shr_found f = { sizeof f, kind, 5, name, id, "some\nthing" };

	host->found(c->call, &f);
}

/* ---- looks ---- */

static int answer_late(const struct try_call *c)
{
	while (host->next_rule(c->call, c->all))
		;
	host->set_rule(c->call, "r-2", SHR_ENOTFOUND, "gone");
	host->set_rule(c->call, "r-0", SHR_OK, "");
	host->set_rule(c->call, "r-1", SHR_ECONFLICT, "ro");
	host->set_number(c->call, "i-1", SHR_NUMBER_BYTES, 900);
	host->set_path(c->call, "i-1", "/srv/i-1");
	find(c, SHR_FOUND_RULE, "10.0.0.0/8", NULL);
	return 0;
}

START_TEST(rules_that_are_wrong_come_back_with_strangers)
{
	uint64_t bytes = 0;

	try_opened(&t, TRY_ALONE);
	ck_assert_msg(look(SHR__VERB_LOOK, answer_late) == 0, "%s", t.told.message);
	ck_assert_uint_eq(t.told.n_rules, 2);
	ck_assert_str_eq(t.told.rules[0].rule_id, "r-2");
	ck_assert_int_eq(t.told.rules[0].code, SHR_ENOTFOUND);
	ck_assert_int_eq(t.told.rules[1].code, SHR_ECONFLICT);
	ck_assert_uint_eq(t.told.n_found, 1);
	ck_assert_str_eq(t.told.found[0].name, "10.0.0.0/8");
	ck_assert_str_eq(t.told.found[0].what, "some thing");
	ck_assert(shr__told_number(&t.told, "i-1", SHR_NUMBER_BYTES, &bytes) && bytes == 900);
	ck_assert_str_eq(t.told.path, "/srv/i-1");
	try_end(&t);
}
END_TEST

static int no_rules_asked(const struct try_call *c)
{
	ck_assert_ptr_null(c->all);
	return 0;
}

static int number_comes(const struct try_call *c)
{
	const struct shr_rule *rule;

	ck_assert_uint_eq(c->number, 77);
	ck_assert_str_eq(c->path, "/srv/i-1");
	while ((rule = host->next_rule(c->call, c->all)))
		host->set_rule(c->call, rule->id, SHR_OK, "");
	return 0;
}

START_TEST(rules_are_the_exporters_where_there_is_one)
{
	try_driver.protocols = 0;
	try_opened(&t, TRY_FRONT);
	ck_assert_msg(look(SHR__VERB_LOOK, no_rules_asked) == 0, "%s", t.told.message);
	ck_assert_msg(look(SHR__VERB_XLOOK, number_comes) == 0, "%s", t.told.message);
	ck_assert_uint_eq(t.told.n_rules, 0);
	try_end(&t);
}
END_TEST

static int forget_one(const struct try_call *c)
{
	while (host->next_rule(c->call, c->all))
		;
	host->set_rule(c->call, "r-0", SHR_OK, "");
	return 0;
}

static int ask_for_none(const struct try_call *c)
{
	return 0;
}

static int answer_unasked(const struct try_call *c)
{
	host->next_rule(c->call, c->all);
	host->set_rule(c->call, "r-1", SHR_OK, "");
	return 0;
}

static int answer_twice(const struct try_call *c)
{
	host->next_rule(c->call, c->all);
	host->set_rule(c->call, "r-0", SHR_OK, "");
	host->set_rule(c->call, "r-0", SHR_OK, "");
	return 0;
}

static int answer_oddly(const struct try_call *c)
{
	host->next_rule(c->call, c->all);
	host->set_rule(c->call, "r-0", SHR_ENOSPC, "");
	return 0;
}

static int find_instance(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "a", "");
	return 0;
}

START_TEST(look_that_breaks_its_contract_is_the_drivers_fault)
{
	static const struct {
		int (*what)(const struct try_call *c);
		const char *word;
	} all[] = { { forget_one, "2 of 3 rules have no answer, r-1" }, { ask_for_none, "did not ask for all" },
		{ answer_unasked, "next_rule() did not give" }, { answer_twice, "answered twice" },
		{ answer_oddly, "no look can find" }, { find_instance, "kind 1" } };

	try_opened(&t, TRY_ALONE);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_int_eq(look(SHR__VERB_LOOK, all[i].what), SHR_EDRIVER);
		ck_assert_msg(strstr(t.told.message, all[i].word) != NULL, "%s", t.told.message);
		ck_assert_uint_eq(t.told.n_rules, 0);
	}
	try_end(&t);
}
END_TEST

static int find_a_hundred(const struct try_call *c)
{
	const struct shr_rule *rule;
	char name[32];

	while ((rule = host->next_rule(c->call, c->all)))
		host->set_rule(c->call, rule->id, SHR_OK, "");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "10.0.0.%d", i);
		find(c, SHR_FOUND_RULE, name, "");
	}
	return 0;
}

START_TEST(strangers_beyond_a_bound_are_only_counted)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_msg(look(SHR__VERB_LOOK, find_a_hundred) == 0, "%s", t.told.message);
	ck_assert_uint_eq(t.told.n_found, 64);
	ck_assert_uint_eq(t.told.n_more, 36);
	try_end(&t);
}
END_TEST

/* ---- lists ---- */

static int find_two(const struct try_call *c)
{
	ck_assert_str_eq(c->pool, "one");
	ck_assert_str_eq(c->after, "a");
	ck_assert_uint_eq(c->max, 2);
	find(c, SHR_FOUND_INSTANCE, "b", UUID);
	find(c, SHR_FOUND_INSTANCE, "c", NULL);
	return 0;
}

START_TEST(things_come_back_in_their_order)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_msg(list(SHR__VERB_LIST, "a", 2, find_two) == 0, "%s", t.told.message);
	ck_assert_uint_eq(t.told.n_found, 2);
	ck_assert_str_eq(t.told.found[0].instance_id, UUID);
	ck_assert_uint_eq(t.told.found[0].bytes, 5);
	ck_assert_str_eq(t.told.found[1].instance_id, "");
	try_end(&t);
}
END_TEST

static int find_three(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "b", "");
	find(c, SHR_FOUND_INSTANCE, "c", "");
	find(c, SHR_FOUND_INSTANCE, "d", "");
	return 0;
}

static int find_back(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "c", "");
	find(c, SHR_FOUND_INSTANCE, "b", "");
	return 0;
}

static int find_first(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "a", "");
	return 0;
}

static int find_control(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "b\n", "");
	return 0;
}

static int find_latin(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "b\xff", "");
	return 0;
}

static int find_no_uuid(const struct try_call *c)
{
	find(c, SHR_FOUND_INSTANCE, "b", "i-1");
	return 0;
}

static int find_nothing(const struct try_call *c)
{
	host->found(c->call, NULL);
	return 0;
}

static int find_long(const struct try_call *c)
{
	char name[300];

	memset(name, 'b', sizeof name);
	name[256] = '\0';
	find(c, SHR_FOUND_INSTANCE, name, "");
	return 0;
}

START_TEST(list_that_breaks_its_contract_is_the_drivers_fault)
{
	static const struct {
		int (*what)(const struct try_call *c);
		const char *word;
	} all[] = { { find_three, "more than the 2" }, { find_back, "b does not come behind c" },
		{ find_first, "a does not come behind a" }, { find_control, "control character" }, { find_latin, "UTF-8" },
		{ find_no_uuid, "no UUID" }, { find_nothing, "is NULL" }, { find_long, "found(): the name" } };

	try_opened(&t, TRY_ALONE);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_int_eq(list(SHR__VERB_LIST, "a", 2, all[i].what), SHR_EDRIVER);
		ck_assert_msg(strstr(t.told.message, all[i].word) != NULL, "%s", t.told.message);
		ck_assert_uint_eq(t.told.n_found, 0);
	}
	ck_assert_int_eq(try_do(&t, SHR__VERB_CREATE, find_first), SHR_EDRIVER);
	try_end(&t);
}
END_TEST

static int find_export(const struct try_call *c)
{
	find(c, SHR_FOUND_EXPORT, "/other", "");
	return 0;
}

START_TEST(exports_are_listed_by_the_exporter)
{
	try_driver.protocols = 0;
	try_opened(&t, TRY_FRONT);
	ck_assert_msg(list(SHR__VERB_XLIST, NULL, 10, find_export) == 0, "%s", t.told.message);
	ck_assert_str_eq(t.told.found[0].name, "/other");
	try_end(&t);
	try_driver.protocols = SHR_PROTO_NFS;
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(list(SHR__VERB_XLIST, NULL, 10, find_export), 0);
	ck_assert_uint_eq(t.told.n_found, 0);
	try_end(&t);
}
END_TEST

/* ---- the rest ---- */

static int tell_path(const struct try_call *c)
{
	host->set_path(c->call, "i-1", "/private/i-1");
	return 0;
}

static int nothing(const struct try_call *c)
{
	return 0;
}

START_TEST(attach_tells_the_path)
{
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(try_do(&t, SHR__VERB_ATTACH, tell_path), 0);
	ck_assert_str_eq(t.told.path, "/private/i-1");
	TRY_FAILS(&t, SHR__VERB_ATTACH, nothing, SHR_EDRIVER, "did not tell the path");
	ck_assert_int_eq(try_do(&t, SHR__VERB_DETACH, nothing), 0);
	TRY_FAILS(&t, SHR__VERB_DETACH, tell_path, SHR_EDRIVER, "set_path() has no place");
	try_end(&t);
}
END_TEST

static int tell_life(const struct try_call *c)
{
	host->set_number(c->call, "", SHR_NUMBER_INCARNATION, 12);
	return 0;
}

static int tell_life_of(const struct try_call *c)
{
	host->set_number(c->call, "one", SHR_NUMBER_INCARNATION, 12);
	return 0;
}

START_TEST(probe_may_tell_the_servers_life)
{
	uint64_t life = 0;

	try_driver.protocols = 0;
	try_opened(&t, TRY_FRONT);
	ck_assert_int_eq(try_do(&t, SHR__VERB_PROBE, tell_life), 0);
	ck_assert(shr__told_number(&t.told, "", SHR_NUMBER_INCARNATION, &life) && life == 12);
	TRY_FAILS(&t, SHR__VERB_PROBE, tell_life_of, SHR_EDRIVER, "incarnation for one");
	TRY_FAILS(&t, SHR__VERB_EXPORT, tell_life, SHR_EDRIVER, "no place in this call");
	try_end(&t);
}
END_TEST

START_TEST(shorter_tables_of_before_have_none_of_it)
{
	const struct shr_driver *d;

	try_driver.size = offsetof(struct shr_driver, look);
	try_driver.capabilities &= ~SHR_CAP_DATA;
	try_front.size = offsetof(struct shr_exporter, look);
	try_opened(&t, TRY_ALONE);
	ck_assert_int_eq(shr__plugins_driver(t.plugins, "fake", &d, NULL), 0);
	ck_assert(!d->look && !d->list && !d->data);
	ck_assert_int_eq(look(SHR__VERB_LOOK, nothing), SHR_EUNSUPPORTED);
	ck_assert_int_eq(list(SHR__VERB_LIST, "", 1, nothing), SHR_EUNSUPPORTED);
	ck_assert_int_eq(try_do(&t, SHR__VERB_ATTACH, nothing), SHR_EUNSUPPORTED);
	try_end(&t);
	try_driver.protocols = 0;
	try_opened(&t, TRY_FRONT);
	TRY_FAILS(&t, SHR__VERB_XLOOK, nothing, SHR_EUNSUPPORTED, "exporter front has no look at the export()");
	try_end(&t);
}
END_TEST

START_TEST(files_are_declared_with_a_table_or_not_at_all)
{
	static const struct shr_driver_data half = { sizeof half, 0, try_attach, NULL };
	static const struct shr_driver_data flagged = { sizeof flagged, 1, try_attach, try_verb };
	const struct shr_driver_data *const bad[] = { NULL, &half, &flagged };

	for (size_t i = 0; i < 3; i++) {
		struct shr_driver table = try_driver;

		try_opened(&t, TRY_ALONE);
		table.name = "other";
		table.data = bad[i];
		ck_assert_int_eq(shr__plugins_add_driver(t.plugins, &table, NULL), SHR_EDRIVER);
		table.data = &try_data;
		table.capabilities &= ~SHR_CAP_DATA;
		ck_assert_int_eq(shr__plugins_add_driver(t.plugins, &table, NULL), SHR_EDRIVER);
		try_end(&t);
	}
}
END_TEST

UNIT_MAIN(plugin_look, rules_that_are_wrong_come_back_with_strangers, rules_are_the_exporters_where_there_is_one,
	look_that_breaks_its_contract_is_the_drivers_fault, strangers_beyond_a_bound_are_only_counted,
	things_come_back_in_their_order, list_that_breaks_its_contract_is_the_drivers_fault,
	exports_are_listed_by_the_exporter, attach_tells_the_path, probe_may_tell_the_servers_life,
	shorter_tables_of_before_have_none_of_it, files_are_declared_with_a_table_or_not_at_all)

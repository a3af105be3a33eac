/* tests/unit/plugin_rules.c - a diff of rules, its answers, its keys, and the full set that is pulled */
#include "plugin_try.h"

#include <stdio.h>

#define N 200

static struct try t;
static char ids[N][40];
static struct shr_rule rules[N];
static struct shr_rule_change changes[N];
static const struct shr_rule_change *list[N];
static struct shr_access_diff diff;

static int set_read; /* what the full set's reader answers when it has been asked twice; 0: goes on */
static unsigned pulled;

static int read_set(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	unsigned next = 0;

	ck_assert_ptr_eq(data, &diff);
	if (after_id[0])
		ck_assert_int_eq(sscanf(after_id, "r-%u", &next), 1);
	next = after_id[0] ? next + 1 : 0;
	if (set_read && next == 2)
		return set_read;
	if (next >= diff.n_changes)
		return 0;
	*ret = shr__arena_memdup(arena, &rules[next], sizeof rules[next]);
	return *ret ? 1 : SHR_ENOMEM;
}

/* N_RULES new rules, the last of which goes instead. */
static void make_diff(uint32_t n_rules)
{
	for (uint32_t i = 0; i < n_rules; i++) {
		snprintf(ids[i], sizeof ids[i], "r-%u", i);
		rules[i] = (struct shr_rule){ .size = sizeof rules[i], .type = i % 2 ? SHR_ACCESS_CEPHX : SHR_ACCESS_IP,
			.level = SHR_LEVEL_RW, .id = ids[i], .share_id = "s-1", .who = "x", .reason = "" };
		changes[i] = (struct shr_rule_change){ sizeof changes[i], 0, NULL, &rules[i] };
		list[i] = &changes[i];
	}
	changes[n_rules - 1].was = changes[n_rules - 1].is;
	changes[n_rules - 1].is = NULL;
	diff = (struct shr_access_diff){ sizeof diff, n_rules, 0, 5, list };
}

static int apply(int (*what)(const struct try_call *c))
{
	const struct shr__callargs args = { .instance = &try_instance, .path = "/srv/i-1", .diff = &diff, .rules = read_set,
		.rules_data = &diff };

	act = what;
	return shr__backend_call(t.backend, SHR__VERB_ACCESS, &t.name, &args, &t.told);
}

static void fails(int (*what)(const struct try_call *c), const char *word)
{
	int rc = apply(what);

	ck_assert_msg(rc == SHR_EDRIVER, "%d %s", rc, t.told.message);
	ck_assert_msg(strstr(t.told.message, word) != NULL, "%s", t.told.message);
	ck_assert_uint_eq(t.told.n_rules, 0);
	ck_assert_uint_eq(t.told.n_keys, 0);
}

static int answer_in_order(const struct try_call *c)
{
	for (uint32_t i = 0; i < c->diff->n_changes; i++)
		host->set_rule(c->call, ids[i], i == 1 ? SHR_EUNSUPPORTED : SHR_OK, i == 1 ? "not\nthis one" : "nothing to say");
	return 0;
}

static int answer_backwards(const struct try_call *c)
{
	for (uint32_t i = c->diff->n_changes; i > 0; i--)
		host->set_rule(c->call, ids[i - 1], SHR_OK, NULL);
	return 0;
}

START_TEST(each_rule_has_its_answer)
{
	try_opened(&t, TRY_ALONE);
	make_diff(N);
	ck_assert_int_eq(apply(answer_in_order), 0);
	ck_assert_uint_eq(t.told.n_rules, N);
	ck_assert_str_eq(t.told.rules[0].rule_id, "r-0");
	ck_assert_int_eq(t.told.rules[0].code, 0);
	ck_assert_str_eq(t.told.rules[0].why, "");
	ck_assert_int_eq(t.told.rules[1].code, SHR_EUNSUPPORTED);
	ck_assert_str_eq(t.told.rules[1].why, "not this one");
	try_end(&t);
}
END_TEST

START_TEST(answers_may_come_in_any_order)
{
	try_opened(&t, TRY_ALONE);
	make_diff(N);
	ck_assert_int_eq(apply(answer_backwards), 0);
	ck_assert_uint_eq(t.told.n_rules, N);
	ck_assert_str_eq(t.told.rules[N - 1].rule_id, ids[N - 1]);
	try_end(&t);
}
END_TEST

static int leave_out_one(const struct try_call *c)
{
	for (uint32_t i = 0; i < c->diff->n_changes; i++) {
		if (i != 3)
			host->set_rule(c->call, ids[i], SHR_OK, "");
	}
	return 0;
}

static int answer_none(const struct try_call *c)
{
	return 0;
}

static int answer_twice(const struct try_call *c)
{
	host->set_rule(c->call, "r-0", SHR_OK, "");
	return answer_backwards(c);
}

static int answer_a_stranger(const struct try_call *c)
{
	host->set_rule(c->call, "r-1000", SHR_OK, "");
	return answer_in_order(c);
}

static int answer_null(const struct try_call *c)
{
	host->set_rule(c->call, NULL, SHR_OK, "");
	return answer_in_order(c);
}

static int answer_unknown(const struct try_call *c)
{
	host->set_rule(c->call, "r-0", 3, "");
	return answer_backwards(c);
}

START_TEST(answers_that_miss_or_do_not_fit_are_the_drivers_fault)
{
	try_opened(&t, TRY_ALONE);
	make_diff(9);
	fails(leave_out_one, "1 of 9 rules have no answer, r-3");
	fails(answer_none, "9 of 9 rules have no answer");
	fails(answer_twice, "answered twice");
	fails(answer_a_stranger, "none of the diff");
	fails(answer_null, "no");
	fails(answer_unknown, "none of its codes");
	try_end(&t);
}
END_TEST

static int answer_half(const struct try_call *c)
{
	host->set_rule(c->call, "r-5", SHR_OK, "");
	host->set_rule(c->call, "r-2", SHR_OK, "");
	return host->pending(c->call, NULL, 0, 100);
}

START_TEST(call_that_goes_on_has_told_what_it_has)
{
	try_opened(&t, TRY_ALONE);
	make_diff(9);
	ck_assert_int_eq(apply(answer_half), SHR_RUNNING);
	ck_assert_uint_eq(t.told.n_rules, 2);
	ck_assert_str_eq(t.told.rules[0].rule_id, "r-2");
	ck_assert_str_eq(t.told.rules[1].rule_id, "r-5");
	try_end(&t);
}
END_TEST

/* ---- keys ---- */

static int tell_key(const struct try_call *c)
{
	host->set_rule_key(c->call, "r-1", "AQBsecretAQB==");
	host->log(c->call, SHR_LOG_INFO, "made AQBsecretAQB== for r-1");
	for (uint32_t i = 0; i < c->diff->n_changes; i++)
		host->set_rule(c->call, ids[i], i ? SHR_OK : SHR_EBACKEND, "the key AQBsecretAQB== is bad");
	return 0;
}

static int tell_key_and_fail(const struct try_call *c)
{
	char words[1100];

	host->fail(c->call, SHR_EBACKEND, "could not keep AQBsecretAQB==");
	host->set_rule_key(c->call, "r-1", "AQBsecretAQB==");
	memset(words, 'x', sizeof words);
	memcpy(words + 990, "AQBsecretAQB==", 15); /* cut inside the key */
	host->log(c->call, SHR_LOG_INFO, words);
	return SHR_EBACKEND;
}

START_TEST(key_comes_back_and_is_in_no_words)
{
	try_opened(&t, TRY_ALONE);
	make_diff(4);
	ck_assert_int_eq(apply(tell_key), 0);
	ck_assert_uint_eq(t.told.n_keys, 1);
	ck_assert_str_eq(t.told.keys[0].rule_id, "r-1");
	ck_assert_str_eq(t.told.keys[0].key, "AQBsecretAQB==");
	ck_assert_str_eq(t.told.rules[0].why, "the key ************** is bad");
	ck_assert_ptr_null(strstr(try_log, "secret"));
	ck_assert_ptr_nonnull(strstr(try_log, "made **************"));
	try_end(&t);
}
END_TEST

START_TEST(key_of_a_call_that_failed_is_wiped_and_in_no_words)
{
	try_opened(&t, TRY_ALONE);
	make_diff(4);
	ck_assert_int_eq(apply(tell_key_and_fail), SHR_EBACKEND);
	ck_assert_uint_eq(t.told.n_keys, 0);
	ck_assert_str_eq(t.told.driver_message, "could not keep **************");
	ck_assert_ptr_null(strstr(t.told.message, "secret"));
	ck_assert_ptr_null(strstr(try_log, "AQBs"));
	try_end(&t);
}
END_TEST

static int key_of_an_address(const struct try_call *c)
{
	host->set_rule_key(c->call, "r-0", "key");
	return answer_in_order(c);
}

static int key_of_one_that_goes(const struct try_call *c)
{
	host->set_rule_key(c->call, "r-3", "key");
	return answer_in_order(c);
}

static int key_empty(const struct try_call *c)
{
	host->set_rule_key(c->call, "r-1", "");
	return answer_in_order(c);
}

static int key_twice(const struct try_call *c)
{
	host->set_rule_key(c->call, "r-1", "key one");
	host->set_rule_key(c->call, "r-1", "key two");
	return answer_in_order(c);
}

START_TEST(key_that_has_no_place_is_the_drivers_fault)
{
	try_opened(&t, TRY_ALONE);
	make_diff(4);
	fails(key_of_an_address, "takes none");
	fails(key_of_one_that_goes, "takes none");
	fails(key_empty, "no key");
	fails(key_twice, "two keys");
	try_end(&t);
}
END_TEST

/* ---- the full set ---- */

static int pull_all(const struct try_call *c)
{
	const struct shr_rule *rule;

	pulled = 0;
	while ((rule = host->next_rule(c->call, c->all)) != NULL)
		ck_assert_str_eq(rule->id, ids[pulled++]);
	ck_assert_ptr_null(host->next_rule(c->call, c->all));
	return answer_in_order(c);
}

START_TEST(full_set_is_pulled_in_order_to_its_end)
{
	try_opened(&t, TRY_ALONE);
	make_diff(N);
	ck_assert_int_eq(apply(pull_all), 0);
	ck_assert_uint_eq(pulled, N);
	ck_assert_int_eq(apply(pull_all), 0);
	ck_assert_uint_eq(pulled, N);
	try_end(&t);
}
END_TEST

START_TEST(full_set_that_cannot_be_read_fails_the_call)
{
	try_opened(&t, TRY_ALONE);
	make_diff(9);
	set_read = SHR_ESTORE;
	ck_assert_int_eq(apply(pull_all), SHR_ESTORE);
	ck_assert_uint_eq(pulled, 2);
	try_end(&t);
}
END_TEST

static int pull_another(const struct try_call *c)
{
	ck_assert_ptr_null(host->next_rule(c->call, NULL));
	return answer_in_order(c);
}

START_TEST(set_that_is_not_the_calls_is_the_drivers_fault)
{
	try_opened(&t, TRY_ALONE);
	make_diff(9);
	fails(pull_another, "not the call");
	try_end(&t);
}
END_TEST

START_TEST(exporter_does_the_access_where_there_is_one)
{
	try_opened(&t, TRY_FRONT);
	make_diff(9);
	ck_assert_int_eq(apply(answer_in_order), 0);
	fails(answer_none, "exporter front broke its contract");
	ck_assert_uint_eq(shr__backend_access_caps(t.backend), SHR_CAP_ACCESS_IP | SHR_CAP_IPV6);
	ck_assert_uint_eq(shr__backend_protocols(t.backend), SHR_PROTO_NFS);
	try_end(&t);
}
END_TEST

UNIT_MAIN(plugin_rules, each_rule_has_its_answer, answers_may_come_in_any_order,
	answers_that_miss_or_do_not_fit_are_the_drivers_fault, call_that_goes_on_has_told_what_it_has,
	key_comes_back_and_is_in_no_words, key_of_a_call_that_failed_is_wiped_and_in_no_words,
	key_that_has_no_place_is_the_drivers_fault, full_set_is_pulled_in_order_to_its_end,
	full_set_that_cannot_be_read_fails_the_call, set_that_is_not_the_calls_is_the_drivers_fault,
	exporter_does_the_access_where_there_is_one)

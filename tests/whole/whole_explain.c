/* tests/whole/whole_explain.c - explanations against the rules that a backend really has, whatever came and went */
#include "whole.h"

#include <arpa/inet.h>

#define ROUNDS 150
#define ASKS 25

static struct whole w;
static char share[40];
static unsigned seed;

static unsigned random_below(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static void setup(void)
{
	whole_open(&w, &(struct whole_how){ .own_clock = 1 });
	w.mono_ns = 1000000000;
	whole_create(&w, 1 << 20, 0, share);
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	fake_no_findings();
	fake_reset();
}

static const struct shr_explanation *explain(const char *who)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;
	const struct shr_explanation *x = NULL;

	p.type = SHR_ACCESS_IP;
	p.who = who;
	OK(shr_access_explain(w.s, share, &p, &x, &e));
	return x;
}

/* ---- what the backend has ---- */

/* Bits of the prefix WHO when it holds ADDRESS, else -1: IPv4 alone, and nothing of the library's. */
static int holds(const char *who, uint32_t address)
{
	char text[64], *slash;
	struct in_addr a;
	unsigned bits = 32;

	snprintf(text, sizeof text, "%s", who);
	slash = strchr(text, '/');
	if (slash) {
		*slash = '\0';
		bits = (unsigned)atoi(slash + 1);
	}
	ck_assert_int_eq(inet_pton(AF_INET, text, &a), 1);
	return bits == 0 || (ntohl(a.s_addr) ^ address) >> (32 - bits) == 0 ? (int)bits : -1;
}

/* The rule of shr_access(3) over all that is there. */
static uint32_t level_of(uint32_t address)
{
	const struct fake_instance *i = &fake.instances[0];
	const struct fake_rule *best = NULL;
	int best_bits = -1;

	for (uint32_t n = 0; n < i->n_rules; n++) {
		const struct fake_rule *r = &i->rules[n];
		int bits = r->refused ? -1 : holds(r->who, address);

		if (bits < 0)
			continue;
		if (!best || r->priority > best->priority || (r->priority == best->priority && (bits > best_bits ||
		    (bits == best_bits && r->level == SHR_LEVEL_RO)))) {
			best = r;
			best_bits = bits;
		}
	}
	return best ? best->level : SHR_LEVEL_NONE;
}

/* Few addresses and all prefixes of them, so that many overlap. */
static void random_who(char who[32], uint32_t *ret_address)
{
	uint32_t address = 10u << 24 | random_below(2) << 16 | random_below(2) << 8 | random_below(8), mask;
	unsigned bits = random_below(3) ? 24 + random_below(9) : random_below(33);
	struct in_addr a;

	*ret_address = address;
	mask = bits ? UINT32_MAX << (32 - bits) : 0;
	a.s_addr = htonl(address & mask);
	inet_ntop(AF_INET, &a, who, 32);
	if (bits < 32)
		snprintf(who + strlen(who), 8, "/%u", bits);
}

/* Some new ones are refused and some others do not go: by the last character, so that none is refused both ways. */
static int refuses(const struct shr_rule_change *c)
{
	const char *who = c->is ? c->is->who : c->was->who;
	char last = who[strlen(who) - 1];

	return c->is ? last == '7' || last == '9' : last == '5';
}

static void random_batch(void)
{
	struct shr_access_change changes[6] = { 0 };
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_op *op = NULL;
	const struct shr_error *e = NULL;
	char who[6][32];
	uint32_t address;
	int rc;

	p.n_changes = 1 + random_below(6);
	p.changes = changes;
	for (uint32_t i = 0; i < p.n_changes; i++) {
		random_who(who[i], &address);
		changes[i].type = SHR_ACCESS_IP;
		changes[i].who = who[i];
		changes[i].verb = random_below(3) ? SHR_SET : SHR_DENY;
		changes[i].level = 1 + random_below(2);
		changes[i].priority = (int32_t)random_below(3) - 1;
	}
	rc = shr_access_apply(w.s, share, &p, &op, &e);
	ck_assert(rc == 0 || rc == SHR_ENOTFOUND); /* it was not there to be denied */
	shr_error_unref(e);
	shr_op_unref(op);
}

static void compare(const char *when)
{
	for (int i = 0; i < ASKS; i++) {
		const struct shr_explanation *x;
		char who[32];
		struct in_addr a;
		uint32_t address;

		random_who(who, &address);
		a.s_addr = htonl(address);
		inet_ntop(AF_INET, &a, who, sizeof who);
		x = explain(who);
		ck_assert_msg(x->level == level_of(address), "%s, seed %u: %s has %s, not %s: %s", when, seed, who,
			shr_level_name(level_of(address)), shr_level_name(x->level), x->reason);
		shr_explanation_unref(x);
	}
}

/* At rest, and while changes wait: what is told is what was told to the backend. */
START_TEST(explanations_agree_with_what_the_backend_has)
{
	fake.refuses = refuses;
	setup();
	seed = 4711;
	for (int round = 0; round < ROUNDS; round++) {
		for (unsigned n = 1 + random_below(3); n > 0; n--)
			random_batch();
		compare("before the sync");
		whole_rest(&w);
		compare("after the sync");
	}
	teardown(INV_REFUSED);
}
END_TEST

START_TEST(what_will_be_is_what_is_when_all_is_done)
{
	uint32_t next[8];

	setup();
	seed = 815;
	for (int round = 0; round < ROUNDS; round++) {
		char who[32];

		random_batch();
		random_batch();
		for (int i = 0; i < 8; i++) {
			const struct shr_explanation *x;

			snprintf(who, sizeof who, "10.0.1.%d", i);
			x = explain(who);
			next[i] = x->next_level;
			ck_assert_msg(x->level == x->next_level || x->op_id[0], "%s: nobody brings it", x->reason);
			shr_explanation_unref(x);
		}
		whole_rest(&w);
		for (uint32_t i = 0; i < 8; i++)
			ck_assert_uint_eq(level_of(10u << 24 | 1u << 8 | i), next[i]);
	}
	teardown(0);
}
END_TEST

START_TEST(the_operation_that_is_named_brings_the_rule)
{
	const struct shr_explanation *x;
	const struct shr_op *first = NULL, *second = NULL;

	setup();
	OK(shr_access_allow(w.s, share, SHR_ACCESS_IP, "10.9.0.0/16", SHR_LEVEL_RO, &first, &e));
	OK(shr_access_allow(w.s, share, SHR_ACCESS_IP, "10.8.0.0/16", SHR_LEVEL_RO, &second, &e));
	x = explain("10.8.0.1");
	ck_assert_uint_eq(x->why, SHR_WHY_QUEUED);
	ck_assert_str_eq(x->op_id, second->id);
	shr_explanation_unref(x);
	ck_assert_int_eq(whole_end(&w, second->id, NULL), 0);
	x = explain("10.8.0.1");
	ck_assert_uint_eq(x->why, SHR_WHY_RULE);
	ck_assert_str_eq(x->op_id, "");
	ck_assert_uint_eq(x->n_ways, 1);
	ck_assert_int_eq(strncmp(x->ways[0]->command, "mount -t nfs4 -o ro,proto=tcp fake:/", 36), 0);
	shr_explanation_unref(x);
	shr_op_unref(first);
	shr_op_unref(second);
	teardown(0);
}
END_TEST

START_TEST(a_share_that_is_being_made_and_one_that_goes_say_so)
{
	const struct shr_explanation *x;
	const struct shr_op *op;

	setup();
	op = whole_accept(&w, 1 << 20, 1);
	snprintf(share, sizeof share, "%s", op->object_id);
	x = explain("10.0.0.0");
	ck_assert_uint_eq(x->why, SHR_WHY_STATE);
	ck_assert_str_eq(x->op_id, op->id);
	ck_assert_ptr_nonnull(strstr(x->reason, "creating"));
	shr_explanation_unref(x);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	x = explain("10.0.0.0");
	ck_assert_uint_eq(x->why, SHR_WHY_RULE);
	shr_explanation_unref(x);
	op = NULL;
	OK(shr_share_delete(w.s, share, NULL, &op, &e));
	x = explain("10.0.0.0");
	ck_assert_uint_eq(x->why, SHR_WHY_STATE);
	ck_assert_str_eq(x->op_id, op->id);
	shr_explanation_unref(x);
	shr_op_unref(op);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_explain, explanations_agree_with_what_the_backend_has, what_will_be_is_what_is_when_all_is_done,
	the_operation_that_is_named_brings_the_rule, a_share_that_is_being_made_and_one_that_goes_say_so)

/* tests/whole/whole_rules.c - many rules, many callers, a slow driver that refuses some: every rule ends where it should */
#include "whole.h"

#include <pthread.h>

#define CALLERS 4
#define OWN 250     /* rules of each caller */
#define BATCHES 30
#define MOST 40     /* changes of a batch */

/* "10.T.x.y" of caller T; those that end in 7 are refused. */
static void who_of(unsigned caller, unsigned n, char ret[24])
{
	snprintf(ret, 24, "10.%u.%u.%u", caller, n / 50, n % 50);
}

static int ends_in_7(const char *who)
{
	return who[strlen(who) - 1] == '7';
}

static int slow(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_ACCESS)
		whole_sleep_ms(15);
	return 0;
}

static int refuse_7(const struct shr_rule_change *c)
{
	return c->is && ends_in_7(c->is->who);
}

/* ---- callers ---- */

struct caller {
	struct whole *w;
	const char *share;
	unsigned number, seed;
	uint32_t level[OWN]; /* what is there: 0 nothing */
	pthread_t thread;
	unsigned partial;
};

static uint32_t fill_batch(struct caller *c, struct shr_access_change *changes, char who[MOST][24])
{
	uint32_t n = 1 + (uint32_t)rand_r(&c->seed) % MOST;
	char used[OWN] = "";

	for (uint32_t i = 0; i < n; i++) {
		unsigned rule = (unsigned)rand_r(&c->seed) % OWN, what = (unsigned)rand_r(&c->seed) % 3;

		while (used[rule])
			rule = (rule + 1) % OWN;
		used[rule] = 1;
		who_of(c->number, rule, who[i]);
		changes[i] = (struct shr_access_change){ .type = SHR_ACCESS_IP, .who = who[i] };
		if (c->level[rule] && what == 0) {
			changes[i].verb = SHR_DENY;
			c->level[rule] = 0;
			continue;
		}
		changes[i].verb = c->level[rule] || what == 1 ? SHR_SET : SHR_ALLOW;
		c->level[rule] = changes[i].level = 1 + (uint32_t)rand_r(&c->seed) % 2;
	}
	return n;
}

/* What was refused is told by the operation whose batch asked for it. */
static void look_at_end(struct caller *c, const char *op_id)
{
	const struct shr_op *op = NULL;
	int rc = shr_op_wait(c->w->s, op_id, 60000, &op, NULL);

	ck_assert_msg(rc == 0 || rc == SHR_EPARTIAL, "a batch ends with %s: %s", shr_strcode(rc),
		op && op->error ? op->error->message : "");
	c->partial += rc == SHR_EPARTIAL;
	for (uint32_t i = 0; rc && i < op->error->n_faults; i++)
		ck_assert_msg(strstr(op->error->faults[i]->message, "refused by the test"), "%s", op->error->faults[i]->message);
	ck_assert(rc == 0 || op->error->n_faults > 0);
	shr_op_unref(op);
}

static void *call(void *data)
{
	struct caller *c = data;
	struct shr_access_change changes[MOST];
	char who[MOST][24];

	for (unsigned k = 0; k < BATCHES; k++) {
		struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
		const struct shr_op *op = NULL;

		p.changes = changes;
		p.n_changes = fill_batch(c, changes, who);
		OK(shr_access_apply(c->w->s, c->share, &p, &op, &e));
		if (k % 7 == 6)
			look_at_end(c, op->id);
		shr_op_unref(op);
	}
	return NULL;
}

/* ---- afterwards ---- */

struct seen {
	unsigned n, active, refused;
};

static void look_at_rule(const struct shr_rule *r, struct caller *callers, struct seen *seen)
{
	unsigned a, b, c, d;

	ck_assert_int_eq(sscanf(r->who, "%u.%u.%u.%u", &a, &b, &c, &d), 4);
	ck_assert_msg(callers[b].level[c * 50 + d] == r->level, "rule %s has level %u, not %u", r->who, r->level,
		callers[b].level[c * 50 + d]);
	ck_assert_msg(r->state == (ends_in_7(r->who) ? SHR_RULE_ERROR : SHR_RULE_ACTIVE), "rule %s is %s", r->who,
		shr_rule_state_name(r->state));
	ck_assert_str_eq(r->reason, ends_in_7(r->who) ? "refused by the test" : "");
	seen->n++;
	seen->refused += r->state == SHR_RULE_ERROR;
	seen->active += r->state == SHR_RULE_ACTIVE;
}

static void look_at_rules(struct whole *w, const char *share, struct caller *callers, struct seen *seen)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	char after[512] = "";

	list.limit = 300;
	do {
		const struct shr_rule_page *page = NULL;

		list.after = after[0] ? after : NULL;
		OK(shr_access_list(w->s, share, &list, &page, &e));
		for (uint32_t i = 0; i < page->n; i++)
			look_at_rule(page->items[i], callers, seen);
		snprintf(after, sizeof after, "%s", page->after);
		shr_rule_page_unref(page);
	} while (after[0]);
}

/* The driver has, and lets in, exactly what the store says. */
static void look_at_driver(const struct seen *seen)
{
	const struct fake_instance *i = &fake.instances[0];
	unsigned refused = 0;

	ck_assert_uint_eq(fake.n_instances, 1);
	ck_assert_uint_eq(i->n_rules, seen->n);
	for (uint32_t k = 0; k < i->n_rules; k++) {
		ck_assert(!i->rules[k].going);
		refused += i->rules[k].refused != 0;
	}
	ck_assert_uint_eq(refused, seen->refused);
}

START_TEST(a_thousand_rules_end_right_on_a_slow_driver_that_refuses_some)
{
	static struct whole w;
	static struct caller callers[CALLERS];
	struct seen seen = { 0 };
	char share[40];
	unsigned made = 0;

	fake_reset();
	fake.before = slow;
	fake.refuses = refuse_7;
	fake.pull = 1;
	whole_open(&w, &(struct whole_how){ .file = 1, .workers = 2 });
	whole_create(&w, 1 << 20, 0, share);
	for (unsigned i = 0; i < CALLERS; i++) {
		struct shr_access_change all[OWN];
		static char who[OWN][24];
		struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

		callers[i] = (struct caller){ .w = &w, .share = share, .number = i, .seed = 7 + i };
		for (unsigned n = 0; n < OWN; n++) {
			who_of(i, n, who[n]);
			all[n] = (struct shr_access_change){ .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = who[n] };
			callers[i].level[n] = SHR_LEVEL_RW;
		}
		p.changes = all;
		p.n_changes = OWN;
		OK(shr_access_apply(w.s, share, &p, NULL, &e));
	}
	for (unsigned i = 0; i < CALLERS; i++)
		pthread_create(&callers[i].thread, NULL, call, &callers[i]);
	for (unsigned i = 0; i < CALLERS; i++)
		pthread_join(callers[i].thread, NULL);
	REFUSED(SHR_EPARTIAL, shr_access_wait(w.s, share, 0, 60000, &e));
	whole_rest(&w);
	look_at_rules(&w, share, callers, &seen);
	for (unsigned i = 0; i < CALLERS; i++) {
		ck_assert_uint_gt(callers[i].partial, 0);
		for (unsigned n = 0; n < OWN; n++)
			made += callers[i].level[n] != 0;
	}
	ck_assert_uint_eq(seen.n, made);
	ck_assert_uint_gt(seen.refused, 0);
	look_at_driver(&seen);
	fake_no_findings();
	ck_assert_msg(fake.calls[FAKE_ACCESS] * 2 < CALLERS * BATCHES, "%u calls for %u batches", fake.calls[FAKE_ACCESS],
		CALLERS * BATCHES);
	whole_holds(&w, INV_REFUSED);
	whole_close(&w);
	whole_remove(&w);
}
END_TEST

UNIT_MAIN(whole_rules, a_thousand_rules_end_right_on_a_slow_driver_that_refuses_some)

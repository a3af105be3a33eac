/* tests/whole/whole_access.c - rules that are refused, come while a share is made, fail as a whole, or are cancelled */
#include "whole.h"

static struct whole w;
static char share[40];

static void setup(uint32_t n_rules)
{
	whole_open(&w, &(struct whole_how){ .own_clock = 1 });
	w.mono_ns = 1000000000;
	whole_create(&w, 1 << 20, n_rules, share);
}

static void teardown(unsigned allowed)
{
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	fake_no_findings();
	fake_reset();
}

static int deny(const char *rule_id)
{
	const struct shr_op *op = NULL;
	int rc;

	OK(shr_access_deny(w.s, share, rule_id, &op, &e));
	rc = whole_end(&w, op->id, NULL);
	shr_op_unref(op);
	return rc;
}

static int allow(const char *who, char ret_op[40])
{
	const struct shr_op *op = NULL;
	int rc;

	OK(shr_access_allow(w.s, share, SHR_ACCESS_IP, who, SHR_LEVEL_RO, &op, &e));
	if (ret_op)
		snprintf(ret_op, 40, "%s", op->id);
	rc = ret_op ? 0 : whole_end(&w, op->id, NULL);
	shr_op_unref(op);
	return rc;
}

/* The share's rule for WHO, which is the caller's; NULL: there is none. */
static const struct shr_rule *rule(const char *who)
{
	const struct shr_rule_page *page = NULL;
	const struct shr_rule *found = NULL;

	OK(shr_access_list(w.s, share, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i++)
		if (strcmp(page->items[i]->who, who) == 0)
			found = shr_rule_ref(page->items[i]);
	shr_rule_page_unref(page);
	return found;
}

static void rule_is(const char *who, uint32_t state, const char *reason)
{
	const struct shr_rule *r = rule(who);

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(shr_rule_state_name(r->state), shr_rule_state_name(state));
	ck_assert_msg(strstr(r->reason, reason) != NULL, "\"%s\" does not say \"%s\"", r->reason, reason);
	shr_rule_unref(r);
}

/* ---- refused removals ---- */

static int refusals;

static int keep(const struct shr_rule_change *c)
{
	return !c->is && refusals-- > 0;
}

START_TEST(a_removal_that_was_refused_is_tried_again_by_another_deny)
{
	const struct shr_rule *r;
	char id[40];

	fake.refuses = keep;
	fake.pull = 1;
	setup(2);
	r = rule("10.0.0.1");
	snprintf(id, sizeof id, "%s", r->id);
	shr_rule_unref(r);
	refusals = 1;
	ck_assert_int_eq(deny(id), SHR_EPARTIAL);
	rule_is("10.0.0.1", SHR_RULE_ERROR, "kept by the test");
	ck_assert_uint_eq(fake.instances[0].n_rules, 2);
	ck_assert_int_eq(deny(id), 0);
	ck_assert_ptr_null(rule("10.0.0.1"));
	ck_assert_uint_eq(fake.instances[0].n_rules, 1);
	rule_is("10.0.0.0", SHR_RULE_ACTIVE, "");
	teardown(0);
}
END_TEST

/* A rule that was changed and denied before anybody was told: it is the deny that was refused. */
START_TEST(a_removal_that_was_refused_is_the_last_batchs_of_several)
{
	const struct shr_op *set = NULL, *denied = NULL;
	const struct shr_rule *r;

	fake.refuses = keep;
	setup(2);
	r = rule("10.0.0.1");
	refusals = 1;
	OK(shr_access_set_level(w.s, share, r->id, SHR_LEVEL_RO, &set, &e));
	OK(shr_access_deny(w.s, share, r->id, &denied, &e));
	ck_assert_int_eq(whole_end(&w, set->id, NULL), 0);
	ck_assert_int_eq(whole_end(&w, denied->id, NULL), SHR_EPARTIAL);
	rule_is("10.0.0.1", SHR_RULE_ERROR, "kept by the test");
	ck_assert_int_eq(deny(r->id), 0);
	ck_assert_ptr_null(rule("10.0.0.1"));
	shr_rule_unref(r);
	shr_op_unref(set);
	shr_op_unref(denied);
	teardown(0);
}
END_TEST

/* Without anybody's asking, too: the next batch of whatever takes it along. */
START_TEST(a_removal_that_was_refused_goes_with_the_next_batch)
{
	const struct shr_rule *r;

	fake.refuses = keep;
	setup(2);
	r = rule("10.0.0.1");
	refusals = 1;
	ck_assert_int_eq(deny(r->id), SHR_EPARTIAL);
	shr_rule_unref(r);
	ck_assert_int_eq(allow("10.9.9.9", NULL), 0);
	ck_assert_ptr_null(rule("10.0.0.1"));
	ck_assert_uint_eq(fake.instances[0].n_rules, 2);
	teardown(0);
}
END_TEST

/* Two rules by one name that go in one batch: an index keeps them apart, and the answer says what to do. */
static void refused_as_a_pair(const struct shr_access_change *changes)
{
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_error *error = NULL;

	p.changes = changes;
	p.n_changes = 2;
	ck_assert_int_eq(shr_access_apply(w.s, share, &p, NULL, &error), SHR_EEXIST);
	ck_assert_uint_eq(error->n_faults, 1);
	ck_assert_str_eq(error->faults[0]->where, "changes[1].id");
	ck_assert_ptr_nonnull(strstr(error->faults[0]->remedy, "batch of its own"));
	shr_error_unref(error);
}

START_TEST(a_refused_removal_and_its_successor_do_not_go_in_one_batch)
{
	const struct shr_rule *old, *fresh = NULL;
	const struct shr_rule_page *page = NULL;

	fake.refuses = keep;
	setup(2);
	old = rule("10.0.0.1");
	refusals = 3;
	ck_assert_int_eq(deny(old->id), SHR_EPARTIAL);
	ck_assert_int_eq(allow("10.0.0.1", NULL), 0);
	OK(shr_access_list(w.s, share, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i++)
		if (strcmp(page->items[i]->who, "10.0.0.1") == 0 && strcmp(page->items[i]->id, old->id) != 0)
			fresh = page->items[i];
	ck_assert_ptr_nonnull(fresh);
	refused_as_a_pair((struct shr_access_change[]){ { .verb = SHR_DENY, .id = old->id }, { .verb = SHR_DENY, .id = fresh->id } });
	refused_as_a_pair((struct shr_access_change[]){ { .verb = SHR_DENY, .id = old->id },
		{ .verb = SHR_SET, .id = fresh->id, .level = SHR_LEVEL_RW } });
	refused_as_a_pair((struct shr_access_change[]){ { .verb = SHR_DENY, .id = fresh->id }, { .verb = SHR_DENY, .id = old->id } });
	refusals = 0;
	ck_assert_int_eq(deny(old->id), 0);
	ck_assert_int_eq(deny(fresh->id), 0);
	ck_assert_ptr_null(rule("10.0.0.1"));
	ck_assert_uint_eq(fake.instances[0].n_rules, 1);
	shr_rule_page_unref(page);
	shr_rule_unref(old);
	teardown(0);
}
END_TEST

/* ---- more refusals than one page of anything ---- */

static int refuse_all(const struct shr_rule_change *c)
{
	return refusals > 0;
}

START_TEST(thousands_of_refusals_are_all_told)
{
	struct shr_access_change changes[1500];
	static char who[1500][24];
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_op *op = NULL, *end = NULL;

	fake.refuses = refuse_all;
	setup(1500);
	refusals = 1;
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(who[i], sizeof who[i], "10.0.%u.%u", i / 250, i % 250);
		changes[i] = (struct shr_access_change){ .verb = SHR_DENY, .type = SHR_ACCESS_IP, .who = who[i] };
	}
	p.changes = changes;
	p.n_changes = 1500;
	OK(shr_access_apply(w.s, share, &p, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_EPARTIAL);
	ck_assert_uint_eq(end->error->n_faults, 1001); /* a thousand, and how many more */
	ck_assert_ptr_nonnull(strstr(end->error->faults[1000]->message, "more"));
	shr_op_unref(op);
	shr_op_unref(end);
	ck_assert_uint_eq(fake.instances[0].n_rules, 1500);
	refusals = 0;
	ck_assert_int_eq(allow("10.9.9.9", NULL), 0);
	ck_assert_uint_eq(fake.instances[0].n_rules, 1);
	teardown(0);
}
END_TEST

/* ---- a share that is being made ---- */

static int gate; /* creates and rules wait while it is 1 */

static int wait_at_gate(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (gate && (verb == FAKE_CREATE || verb == FAKE_ACCESS))
		return fake.host->pending(call, "w", 1, 20);
	return 0;
}

START_TEST(rules_that_come_while_a_share_is_made_are_there_with_the_others)
{
	const struct shr_op *op;
	char later[40];

	fake.before = wait_at_gate;
	fake.pull = 1;
	setup(0);
	gate = 1;
	op = whole_accept(&w, 1 << 20, 3);
	snprintf(share, sizeof share, "%s", op->object_id);
	whole_step(&w, 100);
	ck_assert_int_eq(allow("10.5.5.5", later), 0);
	for (int i = 0; i < 5; i++)
		whole_step(&w, 100);
	ck_assert_int_eq(shr_op_wait(w.s, later, 0, NULL, NULL), SHR_RUNNING);
	rule_is("10.5.5.5", SHR_RULE_QUEUED, "");
	gate = 0;
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	ck_assert_int_eq(whole_end(&w, later, NULL), 0);
	shr_op_unref(op);
	OK(shr_access_wait(w.s, share, 0, 0, &e));
	ck_assert_uint_eq(fake_find(fake.instances[1].id)->n_rules, 4);
	rule_is("10.5.5.5", SHR_RULE_ACTIVE, "");
	teardown(0);
}
END_TEST

/* ---- a call that fails as a whole ---- */

static int fail_code;

static int fail_access(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_ACCESS && fail_code ? fake_fail(call, fail_code, "the whole call failed") : 0;
}

START_TEST(a_batch_that_fails_as_a_whole_leaves_no_rule_without_a_reason)
{
	const struct shr_rule *r;

	fake.before = fail_access;
	fake.gives_up = 1;
	setup(2);
	fail_code = SHR_EBACKEND;
	ck_assert_int_eq(allow("10.5.5.5", NULL), SHR_EBACKEND);
	rule_is("10.5.5.5", SHR_RULE_ERROR, "the whole call failed");
	r = rule("10.0.0.1");
	ck_assert_int_eq(deny(r->id), SHR_EBACKEND);
	rule_is("10.0.0.1", SHR_RULE_ERROR, "the whole call failed");
	REFUSED(SHR_EPARTIAL, shr_access_wait(w.s, share, 0, 0, &e));
	fail_code = 0;
	ck_assert_int_eq(deny(r->id), 0);
	shr_rule_unref(r);
	r = rule("10.5.5.5");
	OK(shr_access_set_level(w.s, share, r->id, SHR_LEVEL_RO, NULL, &e));
	shr_rule_unref(r);
	whole_rest(&w);
	rule_is("10.5.5.5", SHR_RULE_ACTIVE, "");
	ck_assert_uint_eq(fake.instances[0].n_rules, 2);
	teardown(0);
}
END_TEST

START_TEST(a_batch_that_was_tried_too_often_leaves_no_rule_without_a_reason)
{
	fake.before = fail_access;
	fake.gives_up = 1;
	setup(2);
	fail_code = SHR_EAGAIN;
	ck_assert_int_eq(allow("10.5.5.5", NULL), SHR_EAGAIN);
	ck_assert_uint_eq(fake.calls[FAKE_ACCESS], 11);
	rule_is("10.5.5.5", SHR_RULE_ERROR, "the whole call failed");
	fail_code = 0;
	teardown(INV_REFUSED);
}
END_TEST

/* What was cancelled says so; what others asked for is told all the same. */
START_TEST(a_batch_that_was_cancelled_leaves_no_rule_without_a_reason)
{
	char first[40], second[40];

	fake.before = wait_at_gate;
	fake.gives_up = 1;
	setup(1);
	gate = 1;
	allow("10.5.5.5", first);
	allow("10.6.6.6", second);
	whole_step(&w, 100);
	OK(shr_op_cancel(w.s, first, &e));
	ck_assert_int_eq(whole_end(&w, first, NULL), SHR_ECANCELLED);
	gate = 0;
	ck_assert_int_eq(whole_end(&w, second, NULL), 0);
	rule_is("10.5.5.5", SHR_RULE_ERROR, "cancelled");
	rule_is("10.6.6.6", SHR_RULE_ACTIVE, "");
	teardown(INV_REFUSED);
}
END_TEST

/* More changes of one rule than a page has, before anybody was told: all that closed goes. */
START_TEST(a_rule_that_changed_very_often_leaves_no_closed_rows)
{
	const struct shr_rule *r;

	fake.before = wait_at_gate;
	fake.gives_up = 1;
	setup(1);
	r = rule("10.0.0.0");
	gate = 1;
	for (int i = 0; i < 260; i++)
		OK(shr_access_set_level(w.s, share, r->id, i % 2 ? SHR_LEVEL_RW : SHR_LEVEL_RO, NULL, &e));
	shr_rule_unref(r);
	gate = 0;
	whole_rest(&w);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM rule"), 1);
	teardown(0);
}
END_TEST

/* A manage that fails leaves no share behind: whoever waited for it to tell rules is told so, and not at the next full look. */
START_TEST(a_batch_whose_share_goes_while_it_waits_ends_at_once)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;
	const struct shr_op *manage = NULL, *rules = NULL, *end;

	setup(0);
	p.backend = "f";
	p.pool = "p";
	p.source = "missing";
	p.protocols = SHR_PROTO_NFS;
	OK(shr_share_manage(w.s, &p, &manage, &e));
	OK(shr_access_allow(w.s, manage->object_id, SHR_ACCESS_IP, "10.5.5.5", SHR_LEVEL_RO, &rules, &e));
	for (int i = 0; i < 20; i++)
		whole_step(&w, 50);
	end = whole_op(&w, rules->id);
	ck_assert_str_eq(shr_op_state_name(end->state), shr_op_state_name(SHR_OP_FAILED));
	ck_assert_int_eq(whole_has_event(&w, "access.refused", manage->object_id), 1);
	shr_op_unref(end);
	shr_op_unref(rules);
	shr_op_unref(manage);
	teardown(0);
}
END_TEST

/* ---- a share that was never made ---- */

static int fail_create(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return verb == FAKE_CREATE ? fake_fail(call, SHR_EBACKEND, "it cannot be made") : 0;
}

START_TEST(nobody_waits_for_the_rules_of_a_share_that_was_never_made)
{
	const struct shr_op *op;

	setup(0);
	fake.before = fail_create;
	op = whole_accept(&w, 1 << 20, 3);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), SHR_EBACKEND);
	REFUSED(SHR_ESTATE, shr_access_wait(w.s, op->object_id, 0, 0, &e));
	OK(shr_share_delete(w.s, op->object_id, NULL, NULL, &e));
	shr_op_unref(op);
	teardown(0);
}
END_TEST

/* ---- a reset by another process, which nobody tells this engine ---- */

START_TEST(a_reset_elsewhere_under_a_batch_costs_nobody_the_backend)
{
	static struct whole other;
	char op[40];

	fake.before = fail_access;
	memset(&other, 0, sizeof other);
	whole_open(&w, &(struct whole_how){ .own_clock = 1, .file = 1 });
	w.mono_ns = 1000000000;
	whole_create(&w, 1 << 20, 0, share);
	memcpy(other.dir, w.dir, sizeof other.dir);
	whole_open(&other, &(struct whole_how){ .file = 1, .no_engine = 1 });
	fail_code = SHR_EAGAIN;
	allow("10.5.5.5", op);
	for (int i = 0; i < 50 && !fake.calls[FAKE_ACCESS]; i++)
		whole_step(&w, 20);
	OK(shr_share_reset_state(other.s, share, SHR_SHARE_AVAILABLE, NULL, NULL, &e));
	fail_code = 0;
	ck_assert_int_eq(whole_end(&w, op, NULL), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT fence FROM backend"), 1);
	rule_is("10.5.5.5", SHR_RULE_ACTIVE, "");
	whole_close(&other);
	teardown(0);
	whole_remove(&w);
}
END_TEST

UNIT_MAIN(whole_access, a_removal_that_was_refused_is_tried_again_by_another_deny,
	a_removal_that_was_refused_is_the_last_batchs_of_several, a_removal_that_was_refused_goes_with_the_next_batch,
	a_refused_removal_and_its_successor_do_not_go_in_one_batch, thousands_of_refusals_are_all_told,
	a_rule_that_changed_very_often_leaves_no_closed_rows, a_batch_whose_share_goes_while_it_waits_ends_at_once,
	rules_that_come_while_a_share_is_made_are_there_with_the_others,
	a_batch_that_fails_as_a_whole_leaves_no_rule_without_a_reason,
	a_batch_that_was_tried_too_often_leaves_no_rule_without_a_reason,
	a_batch_that_was_cancelled_leaves_no_rule_without_a_reason,
	nobody_waits_for_the_rules_of_a_share_that_was_never_made,
	a_reset_elsewhere_under_a_batch_costs_nobody_the_backend)

/* tests/whole/whole_orphan.c - what was left behind on a backend: deleted by a call, or a share again */
#include "whole.h"

#include "libshare/exporter.h"

#define QUICK "engine: {retry: {limit: 2, first: 1ms, most: 2ms}}\n"
#define GIB INT64_C(1073741824)

static struct whole w;
static const struct shr_op *op;
static enum fake_verb refused; /* this verb fails while `on` */
static int on;
static int strangers; /* a look tells who has access */

static int refuse(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return on && verb == refused ? fake_fail(call, SHR_EBACKEND, "not today") : 0;
}

static int look_with_strangers(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	int rc = fake_look(be, call, instance, all);
	const struct fake_instance *i = fake_find(instance->id);

	for (uint32_t n = 0; rc == 0 && strangers && n < i->n_rules; n++) {
		struct shr_found found = { sizeof found, SHR_FOUND_RULE, 0, i->rules[n].who, "", "" };

		fake.host->found(call, &found);
	}
	return rc;
}

static void setup(void)
{
	w.dir[0] = 0;
	op = NULL;
	on = 1;
	refused = FAKE_REMOVE;
	fake.before = refuse;
	strangers = 0;
	fake_driver.look = look_with_strangers;
	whole_open(&w, &(struct whole_how){ .config = QUICK WHOLE_FAKE });
}

static void teardown(unsigned allowed)
{
	shr_op_unref(op);
	whole_rest(&w);
	whole_holds(&w, allowed);
	whole_close(&w);
	fake_driver.look = NULL;
	fake_no_findings();
	fake_reset();
}

/* The operation in `op` ends with CODE, and is given back. */
static void ends(int code)
{
	ck_assert_int_eq(whole_end(&w, op->id, NULL), code);
	shr_op_unref(op);
	op = NULL;
}

/* A share of 1 GiB with rules that a force-delete left on the backend: its id. The orphan's goes to ORPHAN. */
static void leave(uint32_t n_rules, char share[40], char orphan[40])
{
	const struct shr_orphan_page *page = NULL;

	whole_create(&w, (uint64_t)GIB, n_rules, share);
	OK(shr_share_force_delete(w.host, share, NULL, &op, &e));
	ends(0);
	OK(shr_orphan_list(w.host, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_str_eq(page->items[0]->object_id, share);
	ck_assert_str_eq(page->items[0]->reason, "backend f: remove: not today");
	snprintf(orphan, 40, "%s", page->items[0]->id);
	shr_orphan_page_unref(page);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), GIB);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(bytes_used) FROM quota"), 0);
}

static struct shr_orphan_adopt_params adopt_as(const char *name)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;

	p.name = name;
	p.protocols = SHR_PROTO_NFS;
	return p;
}

/* ---- deleting ---- */

START_TEST(an_orphan_goes_with_what_the_pool_counted)
{
	char share[40], orphan[40];

	setup();
	leave(3, share, orphan);
	on = 0;
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ck_assert_str_eq(op->kind, "orphan_delete");
	ck_assert_str_eq(op->object_id, orphan);
	ck_assert_str_eq(op->project, "p1");
	ends(0);
	ck_assert_uint_eq(fake.n_instances, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	ck_assert_int_eq(whole_has_event(&w, "orphan.deleted", orphan), 1);
	REFUSED(SHR_ENOTFOUND, shr_orphan_delete(w.host, orphan, NULL, NULL, &e));
	teardown(0);
}
END_TEST

START_TEST(an_orphan_that_the_backend_keeps_stays_and_says_why)
{
	const struct shr_op *second = NULL;
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e));
	ends(SHR_EBACKEND);
	ck_assert_uint_eq(fake.n_instances, 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan WHERE reason='backend f: remove: not today'"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), GIB);
	ck_assert_int_eq(whole_has_event(&w, "orphan.delete_failed", orphan), 1);
	on = 0;
	OK(shr_orphan_delete(w.host, orphan, NULL, &second, &e));
	ck_assert_int_eq(whole_end(&w, second->id, NULL), 0);
	shr_op_unref(second);
	teardown(0);
}
END_TEST

/* Both would remove it, and both would give the pool its room back. */
START_TEST(an_orphan_is_worked_on_by_one_operation_at_a_time)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	struct shr_change_params token = SHR_CHANGE_PARAMS_INIT;
	const struct shr_op *same = NULL;
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	on = 0;
	token.token = "once";
	OK(shr_orphan_delete(w.host, orphan, &token, &op, &e));
	REFUSED(SHR_ESTATE, shr_orphan_delete(w.host, orphan, NULL, NULL, &e));
	REFUSED(SHR_ESTATE, shr_orphan_adopt(w.host, orphan, &p, NULL, &e));
	OK(shr_orphan_delete(w.host, orphan, &token, &same, &e));
	ck_assert_str_eq(same->id, op->id);
	shr_op_unref(same);
	same = NULL;
	whole_rest(&w);
	OK(shr_orphan_delete(w.host, orphan, &token, &same, &e)); /* also when it is gone */
	ck_assert_str_eq(same->id, op->id);
	shr_op_unref(same);
	ends(0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	teardown(0);
}
END_TEST

START_TEST(an_orphan_of_a_force_delete_that_goes_on_is_left_to_it)
{
	const struct shr_op *force = NULL;
	char share[40];

	setup();
	on = 0;
	whole_create(&w, (uint64_t)GIB, 0, share);
	OK(shr_share_force_delete(w.host, share, NULL, &force, &e));
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	{
		const struct shr_orphan_page *page = NULL;

		OK(shr_orphan_list(w.host, NULL, &page, &e));
		REFUSED(SHR_ESTATE, shr_orphan_delete(w.host, page->items[0]->id, NULL, NULL, &e));
		shr_orphan_page_unref(page);
	}
	ck_assert_int_eq(whole_end(&w, force->id, NULL), 0);
	shr_op_unref(force);
	teardown(0);
}
END_TEST

static int nothing_goes(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (on && verb == FAKE_ACCESS)
		return fake_fail(call, SHR_EBACKEND, "no rules today");
	return on && verb == FAKE_REMOVE ? fake_fail(call, SHR_EAGAIN, "not now") : 0;
}

/* What an undo left behind belongs to the share that is in error; a force-delete of that makes it its own. */
START_TEST(what_belongs_to_a_share_goes_with_it)
{
	const struct shr_orphan_page *page = NULL;
	struct shr_orphan_adopt_params p = adopt_as("again");

	setup();
	fake.before = nothing_goes;
	op = whole_accept(&w, (uint64_t)GIB, 1);
	whole_end(&w, op->id, NULL);
	OK(shr_orphan_list(w.host, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	REFUSED(SHR_ESTATE, shr_orphan_delete(w.host, page->items[0]->id, NULL, NULL, &e));
	REFUSED(SHR_ESTATE, shr_orphan_adopt(w.host, page->items[0]->id, &p, NULL, &e));
	on = 0;
	{
		const struct shr_op *force = NULL;

		OK(shr_share_force_delete(w.host, op->object_id, NULL, &force, &e));
		REFUSED(SHR_ESTATE, shr_orphan_delete(w.host, page->items[0]->id, NULL, NULL, &e));
		ck_assert_int_eq(whole_end(&w, force->id, NULL), 0);
		shr_op_unref(force);
	}
	shr_orphan_page_unref(page);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	teardown(0);
}
END_TEST

START_TEST(only_who_may_deletes_or_adopts)
{
	struct shr_session_params sp = SHR_SESSION_PARAMS_INIT;
	struct shr_orphan_adopt_params p = adopt_as("again");
	struct shr_session *member = NULL, *system = NULL;
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	sp.project = "p1";
	OK(shr_session_open(w.ctx, &sp, &member, &e));
	REFUSED(SHR_EPERM, shr_orphan_delete(member, orphan, NULL, NULL, &e));
	REFUSED(SHR_EPERM, shr_orphan_adopt(member, orphan, &p, NULL, &e));
	shr_session_close(member);
	sp.project = NULL;
	sp.flags = SHR_SESSION_SYSTEM;
	OK(shr_session_open(w.ctx, &sp, &system, &e));
	REFUSED(SHR_EINVAL, shr_orphan_adopt(system, orphan, &p, NULL, &e)); /* whose share? */
	p.project = "p2";
	p.flags = 1;
	REFUSED(SHR_EINVAL, shr_orphan_adopt(system, orphan, &p, NULL, &e));
	p.flags = 0;
	p.protocols = 0;
	REFUSED(SHR_EINVAL, shr_orphan_adopt(system, orphan, &p, NULL, &e));
	p.protocols = SHR_PROTO_CEPHFS;
	REFUSED(SHR_EUNSUPPORTED, shr_orphan_adopt(system, orphan, &p, NULL, &e));
	REFUSED(SHR_EINVAL, shr_orphan_delete(system, "that one", NULL, NULL, &e));
	shr_session_close(system);
	teardown(INV_ORPHANS);
}
END_TEST

/* ---- adopting ---- */

START_TEST(an_orphan_becomes_the_share_that_it_was)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	const struct shr_share *s;
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	p.project = "p2";
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ck_assert_str_eq(op->kind, "orphan_adopt");
	ck_assert_str_eq(op->object_id, share);
	ends(0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE id='%s' AND share_id='%s' AND state=%u AND bytes=%lld", orphan,
		share, SHR_SHARE_AVAILABLE, (long long)GIB), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), GIB);
	ck_assert_int_eq(whole_ask(&w, "SELECT bytes_used FROM quota WHERE project='p2'"), GIB);
	ck_assert_int_eq(whole_ask(&w, "SELECT shares_used FROM quota WHERE project='p2'"), 1);
	s = whole_share(&w, share);
	ck_assert_str_eq(s->name, "again");
	ck_assert_str_eq(s->project, "p2");
	ck_assert_uint_eq(s->bytes, (uint64_t)GIB);
	shr_share_unref(s);
	ck_assert_int_eq(whole_has_event(&w, "share.adopted", share), 1);
	on = 0;
	OK(shr_share_delete(w.host, share, NULL, &op, &e)); /* a share like any other */
	ends(0);
	ck_assert_uint_eq(fake.n_instances, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	teardown(0);
}
END_TEST

static uint64_t told(const char *instance)
{
	const struct fake_instance *i = fake_find(instance);

	ck_assert_ptr_nonnull(i);
	return i->told;
}

/* A backend may leave out what comes with a lesser revision than it had: it is late, for all that it knows. */
START_TEST(rules_of_an_adopted_share_come_behind_those_that_it_had)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	const struct shr_orphan_page *orphans = NULL;
	const struct shr_rule_page *page = NULL;
	char share[40], orphan[40];
	uint64_t before;

	setup();
	on = 0;
	whole_create(&w, (uint64_t)GIB, 3, share);
	OK(shr_access_list(w.host, share, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i++) {
		OK(shr_access_deny(w.host, share, page->items[i]->id, &op, &e));
		ends(0);
	}
	shr_rule_page_unref(page);
	on = 1;
	OK(shr_share_force_delete(w.host, share, NULL, &op, &e));
	ends(0);
	OK(shr_orphan_list(w.host, NULL, &orphans, &e));
	ck_assert_uint_eq(orphans->n, 1);
	snprintf(orphan, sizeof orphan, "%s", orphans->items[0]->id);
	shr_orphan_page_unref(orphans);
	before = told(orphan);
	ck_assert_uint_ge(before, 4);
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ends(0);
	OK(shr_access_allow(w.host, share, SHR_ACCESS_IP, "10.9.9.9", SHR_LEVEL_RW, &op, &e));
	ends(0);
	ck_assert_uint_gt(told(orphan), before);
	teardown(0);
}
END_TEST

START_TEST(the_size_is_what_the_backend_tells)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	fake.instances[0].bytes = (uint64_t)GIB * 3;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ends(0);
	ck_assert_int_eq(whole_ask(&w, "SELECT bytes FROM share"), 3 * GIB);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 3 * GIB);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(bytes_used) FROM quota"), 3 * GIB);
	teardown(0);
}
END_TEST

START_TEST(what_is_not_there_stays_an_orphan)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	fake.n_instances = 0;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ends(SHR_ENOTFOUND);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), GIB);
	on = 0;
	OK(shr_orphan_delete(w.host, orphan, NULL, &op, &e)); /* which is how it is got rid of */
	ends(0);
	teardown(0);
}
END_TEST

START_TEST(a_share_that_does_not_fit_the_quota_stays_an_orphan)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	OK(shr_quota_set(w.host, "p1", SHR_QUOTA_NONE, GIB / 2, NULL, NULL, &e));
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ends(SHR_EQUOTA);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 0);
	ck_assert_uint_eq(fake.n_instances, 1);
	teardown(INV_ORPHANS);
}
END_TEST

/* The rules of the share that it was are in no row any more: who had access by them must not have it to the new one. */
START_TEST(what_somebody_still_has_access_to_is_not_adopted)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	const struct shr_op *end = NULL;
	char share[40], orphan[40];

	setup();
	strangers = 1;
	leave(2, share, orphan);
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	ck_assert_int_eq(whole_end(&w, op->id, &end), SHR_ESTATE);
	ck_assert_msg(strstr(end->error->message, "10.0.0."), "%s", end->error->message);
	shr_op_unref(end);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 1);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 0);
	teardown(INV_ORPHANS);
}
END_TEST

/* A delete in the middle of it takes all away, the orphan too. */
START_TEST(a_share_that_is_being_adopted_can_be_deleted)
{
	struct shr_orphan_adopt_params p = adopt_as("again");
	const struct shr_op *gone = NULL;
	char share[40], orphan[40];

	setup();
	leave(0, share, orphan);
	on = 0;
	OK(shr_orphan_adopt(w.host, orphan, &p, &op, &e));
	OK(shr_share_delete(w.host, share, NULL, &gone, &e));
	ck_assert_int_eq(whole_end(&w, gone->id, NULL), 0);
	shr_op_unref(gone);
	ck_assert_uint_eq(fake.n_instances, 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM orphan"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(allocated) FROM pool"), 0);
	ck_assert_int_eq(whole_ask(&w, "SELECT sum(bytes_used) FROM quota"), 0);
	teardown(0);
}
END_TEST

UNIT_MAIN(whole_orphan, an_orphan_goes_with_what_the_pool_counted, an_orphan_that_the_backend_keeps_stays_and_says_why,
	an_orphan_is_worked_on_by_one_operation_at_a_time, an_orphan_of_a_force_delete_that_goes_on_is_left_to_it,
	what_belongs_to_a_share_goes_with_it, only_who_may_deletes_or_adopts, an_orphan_becomes_the_share_that_it_was,
	the_size_is_what_the_backend_tells, what_is_not_there_stays_an_orphan,
	a_share_that_does_not_fit_the_quota_stays_an_orphan, what_somebody_still_has_access_to_is_not_adopted,
	a_share_that_is_being_adopted_can_be_deleted, rules_of_an_adopted_share_come_behind_those_that_it_had)

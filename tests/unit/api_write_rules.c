/* tests/unit/api_write_rules.c - which rules there can be, and what a batch of changes does to them */
#include "write_try.h"

#define ALLOW(t, w) { .verb = SHR_ALLOW, .type = t, .who = w, .level = SHR_LEVEL_RW }
#define IP SHR_ACCESS_IP

static int apply(const struct shr_access_change *changes, uint32_t n, const struct shr_error **e)
{
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

	p.changes = changes;
	p.n_changes = n;
	return shr_access_apply(p1, ID(1), &p, NULL, e);
}

static int apply_one(struct shr_access_change change, const struct shr_error **e)
{
	return apply(&change, 1, e);
}

#define APPLY(...) \
	do { \
		const struct shr_access_change these[] = { __VA_ARGS__ }; \
		DONE(apply(these, sizeof these / sizeof these[0], &e)); \
	} while (0)

static void set_up_share(uint64_t protocols)
{
	set_up();
	put_share_of(1, "p1", SHR_SHARE_AVAILABLE, protocols);
}

static int take(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

struct find {
	struct shr__rule_row from, found;
	int n;
};

static int find_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct find *f = data;

	f->n = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_who, &f->from, 4, 4, 0, 1, take, &f->found);
	return f->n < 0 ? f->n : 0;
}

/* The rule in force for (TYPE, WHO); its id is "" when there is none. */
static struct shr__rule_row rule_of(uint32_t type, const char *who)
{
	struct find f = { .from = { .share_id = ID(1), .type = type, .who = who }, .found = { .id = "" } };

	if (!rows_arena) {
		rows_arena = shr__arena_new();
		atexit(forget_rows);
	}
	ck_assert_int_eq(shr__db_read(ctx->env.db, rows_arena, find_body, &f, NULL), 0);
	return f.found;
}

static int64_t n_rules(void)
{
	ROW(share, share, .id = ID(1));
	return share.n_rules;
}

/* ---- which rules there can be ---- */

START_TEST(each_protocol_has_its_types)
{
	static const struct {
		uint64_t protocols;
		uint32_t type;
		const char *who;
		int ok;
	} cases[] = {
		{ SHR_PROTO_NFS, SHR_ACCESS_IP, "10.0.0.1", 1 }, { SHR_PROTO_NFS, SHR_ACCESS_CERT, "host.example", 1 },
		{ SHR_PROTO_NFS, SHR_ACCESS_USER, "ann", 0 }, { SHR_PROTO_NFS, SHR_ACCESS_CEPHX, "ann", 0 },
		{ SHR_PROTO_SMB, SHR_ACCESS_IP, "10.0.0.1", 1 }, { SHR_PROTO_SMB, SHR_ACCESS_USER, "ann", 1 },
		{ SHR_PROTO_SMB, SHR_ACCESS_CERT, "host.example", 0 }, { SHR_PROTO_SMB, SHR_ACCESS_CEPHX, "ann", 0 },
		{ SHR_PROTO_CEPHFS, SHR_ACCESS_CEPHX, "ann", 1 }, { SHR_PROTO_CEPHFS, SHR_ACCESS_IP, "10.0.0.1", 0 },
		{ SHR_PROTO_CEPHFS, SHR_ACCESS_USER, "ann", 0 }, { SHR_PROTO_CEPHFS, SHR_ACCESS_CERT, "host.example", 0 },
		{ SHR_PROTO_NFS | SHR_PROTO_SMB, SHR_ACCESS_USER, "ann", 1 },
		{ SHR_PROTO_NFS | SHR_PROTO_SMB, SHR_ACCESS_CERT, "host.example", 1 },
	};

	set_up();
	for (int i = 0; i < (int)(sizeof cases / sizeof cases[0]); i++) {
		put_share_of(i + 1, "p1", SHR_SHARE_AVAILABLE, cases[i].protocols);
		if (cases[i].ok)
			DONE(shr_access_allow(p1, ID(i + 1), cases[i].type, cases[i].who, SHR_LEVEL_RW, NULL, &e));
		else
			WRONG("changes[0].type", shr_access_allow(p1, ID(i + 1), cases[i].type, cases[i].who, SHR_LEVEL_RW, NULL, &e));
	}
	tear_down();
}
END_TEST

START_TEST(unknown_types_levels_verbs_and_squashes_are_refused)
{
	struct shr_access_change c = ALLOW(IP, "10.0.0.1");

	set_up_share(SHR_PROTO_NFS);
	c.type = 0;
	WRONG("changes[0].type", apply_one(c, &e));
	c.type = 5;
	WRONG("changes[0].type", apply_one(c, &e));
	c.type = IP;
	c.level = 0;
	WRONG("changes[0].level", apply_one(c, &e));
	c.level = 3;
	WRONG("changes[0].level", apply_one(c, &e));
	c.level = SHR_LEVEL_RO;
	c.verb = 0;
	WRONG("changes[0].verb", apply_one(c, &e));
	c.verb = 4;
	WRONG("changes[0].verb", apply_one(c, &e));
	c.verb = SHR_ALLOW;
	c.squash = 4;
	WRONG("changes[0].squash", apply_one(c, &e));
	c.squash = SHR_SQUASH_ALL;
	DONE(apply_one(c, &e));
	tear_down();
}
END_TEST

START_TEST(squash_goes_with_nfs)
{
	struct shr_access_change ip = ALLOW(IP, "10.0.0.1"), user = ALLOW(SHR_ACCESS_USER, "ann");
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

	set_up();
	put_share_of(1, "p1", SHR_SHARE_AVAILABLE, SHR_PROTO_SMB);
	ip.squash = user.squash = SHR_SQUASH_ROOT;
	WRONG("changes[0].squash", apply_one(ip, &e));
	put_share_of(2, "p1", SHR_SHARE_AVAILABLE, SHR_PROTO_SMB | SHR_PROTO_NFS);
	p.changes = &user;
	p.n_changes = 1;
	WRONG("changes[0].squash", shr_access_apply(p1, ID(2), &p, NULL, &e));
	p.changes = &ip;
	DONE(shr_access_apply(p1, ID(2), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(priorities_are_bounded)
{
	struct shr_access_change c = ALLOW(IP, "10.0.0.1");

	set_up_share(SHR_PROTO_NFS);
	c.priority = 1000001;
	WRONG("changes[0].priority", apply_one(c, &e));
	c.priority = INT32_MIN;
	WRONG("changes[0].priority", apply_one(c, &e));
	c.priority = -1000000;
	DONE(apply_one(c, &e));
	ck_assert_int_eq(rule_of(IP, "10.0.0.1").priority, -1000000);
	tear_down();
}
END_TEST

START_TEST(addresses_are_stored_in_their_normal_form)
{
	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.5/32"), ALLOW(IP, "FD00:0:0::1"), ALLOW(IP, "10.1.0.0/16"));
	ck_assert_str_ne(rule_of(IP, "10.0.0.5").id, "");
	ck_assert_str_ne(rule_of(IP, "fd00::1").id, "");
	ck_assert_str_ne(rule_of(IP, "10.1.0.0/16").id, "");
	tear_down();
}
END_TEST

START_TEST(a_prefix_with_bits_behind_it_is_told_its_normal_form)
{
	const struct shr_error *e = NULL;
	uint64_t before;

	set_up_share(SHR_PROTO_NFS);
	before = store_print();
	ck_assert_int_eq(apply_one((struct shr_access_change)ALLOW(IP, "10.0.0.5/24"), &e), SHR_EINVAL);
	ck_assert_str_eq(e->faults[0]->where, "changes[0].who");
	ck_assert_ptr_nonnull(strstr(e->faults[0]->remedy, "\"10.0.0.0/24\""));
	shr_error_unref(e);
	ck_assert_int_eq(apply_one((struct shr_access_change)ALLOW(IP, "fd00::1/8"), &e), SHR_EINVAL);
	ck_assert_ptr_nonnull(strstr(e->remedy, "\"fd00::/8\""));
	shr_error_unref(e);
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(malformed_addresses_are_refused)
{
	static const char *const wrong[] = { "", "10.0.0", "10.0.0.256", "10.0.0.1/33", "10.0.0.1/", "10.0.0.01", "::1%eth0",
		"::ffff:10.0.0.1", "host.example", "10.0.0.0/24 ", "0x7f.1", "fd00::/129", "\xff" };

	set_up_share(SHR_PROTO_NFS);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		WRONG("changes[0].who", apply_one((struct shr_access_change)ALLOW(IP, wrong[i]), &e));
	WRONG("changes[0].who", apply_one((struct shr_access_change)ALLOW(IP, NULL), &e));
	tear_down();
}
END_TEST

START_TEST(names_that_could_be_taken_for_several_are_refused)
{
	static const char *const users[] = { "", "a,b", "a/b", "a:b", "a;b", "a\"b", "a\nb", "a=b", " a", "a ", "a\\b\\c", "a|b", "*",
		"\xc3\x28" };
	static const char *const good[] = { "ann", "DOMAIN\\ann", "@staff", "Ann Smith", "j\xc3\xbcrgen", "a.b-c_d", "ann@example.org" };

	set_up_share(SHR_PROTO_SMB);
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++)
		WRONG("changes[0].who", apply_one((struct shr_access_change)ALLOW(SHR_ACCESS_USER, users[i]), &e));
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		DONE(apply_one((struct shr_access_change)ALLOW(SHR_ACCESS_USER, good[i]), &e));
	tear_down();
}
END_TEST

START_TEST(certificates_have_common_names)
{
	static const char *const wrong[] = { "", "a/b", "CN=host", "a,b", "a\x7f" };

	set_up_share(SHR_PROTO_NFS);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		WRONG("changes[0].who", apply_one((struct shr_access_change)ALLOW(SHR_ACCESS_CERT, wrong[i]), &e));
	APPLY(ALLOW(SHR_ACCESS_CERT, "*.example.org"), ALLOW(SHR_ACCESS_CERT, "client 7"));
	tear_down();
}
END_TEST

START_TEST(ceph_users_are_words)
{
	static const char *const wrong[] = { "", "a b", "client:ann", "j\xc3\xbcrgen", ".a", "-a", "a,b" };

	set_up_share(SHR_PROTO_CEPHFS);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		WRONG("changes[0].who", apply_one((struct shr_access_change)ALLOW(SHR_ACCESS_CEPHX, wrong[i]), &e));
	APPLY(ALLOW(SHR_ACCESS_CEPHX, "ann.0-9_x"));
	tear_down();
}
END_TEST

START_TEST(whom_it_is_about_is_an_id_or_a_type_and_a_who)
{
	set_up_share(SHR_PROTO_NFS);
	WRONG("changes[0].id", apply_one((struct shr_access_change){ .verb = SHR_DENY, .id = ID(7), .who = "10.0.0.1" }, &e));
	WRONG("changes[0].id", apply_one((struct shr_access_change){ .verb = SHR_DENY, .id = ID(7), .type = IP }, &e));
	WRONG("changes[0].id", apply_one((struct shr_access_change){ .verb = SHR_ALLOW, .id = ID(7), .level = SHR_LEVEL_RO }, &e));
	WRONG("changes[0].id", apply_one((struct shr_access_change){ .verb = SHR_DENY, .id = "seven" }, &e));
	WRONG("changes[0].id", shr_access_deny(p1, ID(1), NULL, NULL, &e));
	WRONG("changes[0].id", shr_access_set_level(p1, ID(1), "", SHR_LEVEL_RO, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_batch_has_1_to_10000_changes)
{
	struct shr_access_change one = ALLOW(IP, "10.0.0.1");

	set_up_share(SHR_PROTO_NFS);
	WRONG("changes", apply(&one, 0, &e));
	WRONG("changes", apply(&one, 10001, &e));
	WRONG("changes", apply(NULL, 1, &e));
	tear_down();
}
END_TEST

START_TEST(every_mistake_of_a_batch_is_told_at_once)
{
	const char *pairs[] = { "k", NULL };
	const struct shr_access_change batch[] = { ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.300"),
		{ .verb = 9, .type = IP, .who = "10.0.0.2", .level = 7 }, ALLOW(SHR_ACCESS_USER, "ann"),
		{ .verb = SHR_ALLOW, .type = IP, .who = "10.0.0.3", .level = SHR_LEVEL_RO, .metadata = pairs, .n_metadata = 1 } };
	static const char *const where[] = { "changes[1].who", "changes[2].verb", "changes[2].level", "changes[3].type",
		"changes[4].metadata[0].value" };
	const struct shr_error *e = NULL;

	set_up_share(SHR_PROTO_NFS);
	ck_assert_int_eq(apply(batch, 5, &e), SHR_EINVAL);
	ck_assert_uint_eq(e->n_faults, 5);
	for (int i = 0; i < 5; i++)
		ck_assert_str_eq(e->faults[i]->where, where[i]);
	shr_error_unref(e);
	ck_assert_int_eq(n_rules(), 0);
	tear_down();
}
END_TEST

/* ---- what a batch does ---- */

START_TEST(allow_makes_a_rule)
{
	const struct shr_op *op = NULL;
	struct shr__rule_row rule;

	set_up_share(SHR_PROTO_NFS);
	DONE(shr_access_allow(p1, ID(1), IP, "10.0.0.0/24", SHR_LEVEL_RO, &op, &e));
	ck_assert_str_eq(op->kind, "access_apply");
	ck_assert_str_eq(op->object_id, ID(1));
	shr_op_unref(op);
	rule = rule_of(IP, "10.0.0.0/24");
	ck_assert_int_eq(rule.level, SHR_LEVEL_RO);
	ck_assert_int_eq(rule.revision, 1);
	ck_assert_int_eq(rule.created_ns, NOW);
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.n_rules, 1);
	ck_assert_int_eq(share.access_revision, 1);
	ck_assert_int_eq(share.version, 2);
	tear_down();
}
END_TEST

START_TEST(a_rule_that_is_there_is_not_allowed_again)
{
	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.1"));
	WRONG_CODE(SHR_EEXIST, "changes[0].who", apply_one((struct shr_access_change)ALLOW(IP, "10.0.0.1/32"), &e));
	tear_down();
}
END_TEST

START_TEST(the_same_rule_twice_in_one_batch_is_refused)
{
	const struct shr_access_change batch[] = { ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.2"), ALLOW(IP, "10.0.0.1/32") };

	set_up_share(SHR_PROTO_NFS);
	WRONG_CODE(SHR_EEXIST, "changes[2].who", apply(batch, 3, &e));
	tear_down();
}
END_TEST

START_TEST(all_of_a_batch_is_accepted_or_none)
{
	const struct shr_access_change batch[] = { ALLOW(IP, "10.0.0.2"), { .verb = SHR_DENY, .id = ID(77) }, ALLOW(IP, "10.0.0.1"),
		{ .verb = SHR_DENY, .type = IP, .who = "10.9.9.9" } };
	const struct shr_error *error = NULL;
	uint64_t before;

	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.1"));
	before = store_print();
	ck_assert_int_lt(apply(batch, 4, &error), 0);
	ck_assert_uint_eq(error->n_faults, 3); /* each that is wrong, and only those */
	ck_assert_str_eq(error->faults[0]->where, "changes[1].id");
	ck_assert_str_eq(error->faults[1]->where, "changes[2].who");
	ck_assert_str_eq(error->faults[2]->where, "changes[3].who");
	shr_error_unref(error);
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(set_makes_a_rule_or_changes_the_one_that_is_there)
{
	struct shr_access_change set = { .verb = SHR_SET, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW, .priority = 5 };
	struct shr__rule_row first, second;

	set_up_share(SHR_PROTO_NFS);
	DONE(apply_one(set, &e));
	first = rule_of(IP, "10.0.0.1");
	set.level = SHR_LEVEL_RO;
	set.squash = SHR_SQUASH_ALL;
	DONE(apply_one(set, &e));
	second = rule_of(IP, "10.0.0.1");
	ck_assert_str_eq(second.id, first.id);
	ck_assert_int_eq(second.level, SHR_LEVEL_RO);
	ck_assert_int_eq(second.squash, SHR_SQUASH_ALL);
	ck_assert_int_eq(second.revision, 2);
	ck_assert_int_eq(n_rules(), 1);
	tear_down();
}
END_TEST

START_TEST(set_by_id_gives_all_but_whom_anew)
{
	struct shr__rule_row rule;

	set_up_share(SHR_PROTO_NFS);
	APPLY({ .verb = SHR_ALLOW, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW, .squash = SHR_SQUASH_ALL, .priority = 3 });
	APPLY({ .verb = SHR_SET, .id = rule_of(IP, "10.0.0.1").id, .level = SHR_LEVEL_RO, .priority = 4 });
	rule = rule_of(IP, "10.0.0.1");
	ck_assert_int_eq(rule.level, SHR_LEVEL_RO);
	ck_assert_int_eq(rule.squash, SHR_SQUASH_DEFAULT);
	ck_assert_int_eq(rule.priority, 4);
	tear_down();
}
END_TEST

START_TEST(set_level_leaves_the_rest_as_it_is)
{
	struct shr__rule_row rule;

	set_up_share(SHR_PROTO_NFS);
	APPLY({ .verb = SHR_ALLOW, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW, .squash = SHR_SQUASH_ALL, .priority = 3 });
	DONE(shr_access_set_level(p1, ID(1), rule_of(IP, "10.0.0.1").id, SHR_LEVEL_RO, NULL, &e));
	rule = rule_of(IP, "10.0.0.1");
	ck_assert_int_eq(rule.level, SHR_LEVEL_RO);
	ck_assert_int_eq(rule.squash, SHR_SQUASH_ALL);
	ck_assert_int_eq(rule.priority, 3);
	WRONG("changes[0].level", shr_access_set_level(p1, ID(1), rule.id, 9, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(deny_takes_away_by_id_and_by_whom)
{
	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.2"), ALLOW(IP, "10.0.0.3"));
	DONE(shr_access_deny(p1, ID(1), rule_of(IP, "10.0.0.1").id, NULL, &e));
	APPLY({ .verb = SHR_DENY, .type = IP, .who = "10.0.0.2/32" });
	ck_assert_str_eq(rule_of(IP, "10.0.0.1").id, "");
	ck_assert_str_eq(rule_of(IP, "10.0.0.2").id, "");
	ck_assert_int_eq(n_rules(), 1);
	WRONG_CODE(SHR_ENOTFOUND, "changes[0].who", apply_one(
		(struct shr_access_change){ .verb = SHR_DENY, .type = IP, .who = "10.0.0.2" }, &e));
	tear_down();
}
END_TEST

/* What was told to the backend before is denied as a row; what came in this batch is not told at all. */
START_TEST(changes_are_made_in_their_order)
{
	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.1"));
	APPLY({ .verb = SHR_DENY, .type = IP, .who = "10.0.0.1" },
		{ .verb = SHR_ALLOW, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RO },
		{ .verb = SHR_SET, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW, .priority = 9 },
		ALLOW(IP, "10.0.0.2"), { .verb = SHR_DENY, .type = IP, .who = "10.0.0.2" });
	ck_assert_int_eq(rule_of(IP, "10.0.0.1").level, SHR_LEVEL_RW);
	ck_assert_int_eq(rule_of(IP, "10.0.0.1").priority, 9);
	ck_assert_str_eq(rule_of(IP, "10.0.0.2").id, "");
	ck_assert_int_eq(n_rules(), 1);
	tear_down();
}
END_TEST

START_TEST(a_rule_that_is_set_and_denied_again_in_one_batch_is_gone)
{
	set_up_share(SHR_PROTO_NFS);
	APPLY(ALLOW(IP, "10.0.0.1"));
	APPLY({ .verb = SHR_SET, .type = IP, .who = "10.0.0.1", .level = SHR_LEVEL_RO },
		{ .verb = SHR_DENY, .type = IP, .who = "10.0.0.1" });
	ck_assert_str_eq(rule_of(IP, "10.0.0.1").id, "");
	ck_assert_int_eq(n_rules(), 0);
	tear_down();
}
END_TEST

START_TEST(a_rules_metadata_is_replaced_when_there_is_new)
{
	const char *first[] = { "a", "1", "b", "2" }, *second[] = { "c", "3" };
	struct shr_access_change c = ALLOW(IP, "10.0.0.1");
	struct shr__rule_row rule;

	set_up_share(SHR_PROTO_NFS);
	c.metadata = first;
	c.n_metadata = 2;
	DONE(apply_one(c, &e));
	c.verb = SHR_SET;
	c.n_metadata = 0;
	DONE(apply_one(c, &e));
	rule = rule_of(IP, "10.0.0.1");
	ck_assert_int_eq(rule.n_metadata, 2);
	c.metadata = second;
	c.n_metadata = 1;
	DONE(apply_one(c, &e));
	rule = rule_of(IP, "10.0.0.1");
	ck_assert_int_eq(rule.n_metadata, 1);
	ROW(metadata, pair, .object_id = rule.id, .key = "c");
	ck_assert_str_eq(pair.object, "rule");
	NO_ROW(metadata, .object_id = rule.id, .key = "a");
	tear_down();
}
END_TEST

START_TEST(the_rules_of_another_share_are_not_this_ones)
{
	set_up_share(SHR_PROTO_NFS);
	put_share(2, "p1", SHR_SHARE_AVAILABLE);
	APPLY(ALLOW(IP, "10.0.0.1"));
	WRONG_CODE(SHR_ENOTFOUND, "changes[0].id", shr_access_deny(p1, ID(2), rule_of(IP, "10.0.0.1").id, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(what_the_backend_cannot_express_is_refused_with_each_change)
{
	struct shr_access_change batch[] = { ALLOW(SHR_ACCESS_USER, "ann"), ALLOW(IP, "10.0.0.1"), ALLOW(IP, "fd00::1") };

	set_up();
	put_pool("plain", GIB, ALL_PROTOCOLS, SHR_CAP_ACCESS_IP);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .state = SHR_SHARE_AVAILABLE, .protocols = SHR_PROTO_SMB);
	PUT(ctx, instance, .id = ID(2), .version = 1, .share_id = ID(1), .state = SHR_SHARE_AVAILABLE, .backend = "alpha",
		.pool = "plain");
	WRONG_CODE(SHR_EUNSUPPORTED, "changes[0].type", apply(batch, 3, &e));
	WRONG_CODE(SHR_EUNSUPPORTED, "changes[2].who", apply(batch, 3, &e));
	DONE(apply(&batch[1], 1, &e));
	APPLY({ .verb = SHR_SET, .id = rule_of(IP, "10.0.0.1").id, .level = SHR_LEVEL_RO });
	tear_down();
}
END_TEST

/* ---- with a new share ---- */

static int create(const struct shr_access_change *rules, uint32_t n, const struct shr_error **e)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	int rc;

	spec.bytes = GIB;
	spec.protocols = SHR_PROTO_NFS;
	spec.rules = rules;
	spec.n_rules = n;
	spec.rule_size = sizeof rules[0];
	rc = shr_share_create(p1, &spec, &op, e);
	shr_op_unref(op);
	return rc;
}

START_TEST(a_new_share_may_have_rules)
{
	const struct shr_access_change rules[] = { ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.2") };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;

	set_up();
	spec.rules = rules;
	spec.n_rules = 2;
	spec.rule_size = sizeof rules[0];
	ROW(share, share, .id = create_as(p1, &spec));
	ck_assert_int_eq(share.n_rules, 2);
	ck_assert_int_eq(share.access_revision, 1);
	tear_down();
}
END_TEST

START_TEST(the_rules_of_a_new_share_are_called_rules)
{
	const struct shr_access_change wrong[] = { ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.1/24") };
	const struct shr_access_change twice[] = { ALLOW(IP, "10.0.0.1"), ALLOW(IP, "10.0.0.1/32") };
	const struct shr_access_change deny[] = { { .verb = SHR_DENY, .type = IP, .who = "10.0.0.1" } };
	const struct shr_access_change by_id[] = { { .verb = SHR_SET, .id = ID(3), .level = SHR_LEVEL_RO } };

	set_up();
	WRONG("rules[1].who", create(wrong, 2, &e));
	WRONG_CODE(SHR_EEXIST, "rules[1].who", create(twice, 2, &e));
	WRONG("rules[0].verb", create(deny, 1, &e));
	WRONG("rules[0].id", create(by_id, 1, &e));
	tear_down();
}
END_TEST

START_TEST(a_new_share_goes_where_its_rules_can_be)
{
	const struct shr_access_change rules[] = { ALLOW(IP, "fd00::/8") };

	set_up();
	put_pool("afull", 1000 * GIB, ALL_PROTOCOLS, SHR_CAP_ACCESS_IP);
	DONE(create(rules, 1, &e));
	ROW(pool, ssd, .backend = "alpha", .name = "ssd");
	ck_assert_int_eq(ssd.allocated, GIB);
	tear_down();
}
END_TEST

UNIT_MAIN(api_write_rules, each_protocol_has_its_types, unknown_types_levels_verbs_and_squashes_are_refused, squash_goes_with_nfs,
	priorities_are_bounded, addresses_are_stored_in_their_normal_form, a_prefix_with_bits_behind_it_is_told_its_normal_form,
	malformed_addresses_are_refused, names_that_could_be_taken_for_several_are_refused, certificates_have_common_names,
	ceph_users_are_words, whom_it_is_about_is_an_id_or_a_type_and_a_who, a_batch_has_1_to_10000_changes,
	every_mistake_of_a_batch_is_told_at_once, allow_makes_a_rule, a_rule_that_is_there_is_not_allowed_again,
	the_same_rule_twice_in_one_batch_is_refused, all_of_a_batch_is_accepted_or_none,
	set_makes_a_rule_or_changes_the_one_that_is_there, set_by_id_gives_all_but_whom_anew, set_level_leaves_the_rest_as_it_is,
	deny_takes_away_by_id_and_by_whom, changes_are_made_in_their_order, a_rule_that_is_set_and_denied_again_in_one_batch_is_gone,
	a_rules_metadata_is_replaced_when_there_is_new, the_rules_of_another_share_are_not_this_ones,
	what_the_backend_cannot_express_is_refused_with_each_change, a_new_share_may_have_rules,
	the_rules_of_a_new_share_are_called_rules, a_new_share_goes_where_its_rules_can_be)

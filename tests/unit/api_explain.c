/* tests/unit/api_explain.c - can a client mount a share, by which rule and how, or why not */
#include "api_try.h"

#include "base/buf.h"
#include "flow/flow.h"

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *admin;

#define BOTH (SHR_PROTO_NFS | SHR_PROTO_SMB)

/* A share of which the rules are at revision 10, and whose instance has been told 7. */
static void setup_of(uint64_t protocols, uint32_t state, int n_exports)
{
	ctx = try_open();
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	admin = try_session(ctx, "p9", "admin", 0);
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .access_revision = 10, .state = state, .protocols = (int64_t)protocols,
		.n_rules = 5, .op_id = state == SHR_SHARE_AVAILABLE ? "" : ID(90), .reason = state == SHR_SHARE_ERROR ? "a disk died" : "");
	PUT(ctx, instance, .id = ID(2), .share_id = ID(1), .version = 1, .backend = "a", .pool = "p", .access_applied = 7,
		.n_faults = 2, .n_exports = n_exports);
}

static void put_export(int n, uint64_t protocol, uint32_t family, uint32_t flags, const char *path)
{
	PUT(ctx, export, .instance_id = ID(2), .n = n, .path = path, .protocol = (int64_t)protocol, .family = family, .flags = flags);
}

static void setup(void)
{
	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 1);
	put_export(0, SHR_PROTO_NFS, SHR_FAMILY_ANY, SHR_EXPORT_PREFERRED, "nas:/shares/home");
}

static void teardown(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(admin);
	shr_ctx_close(ctx);
}

/* Rule N for WHO; its id is ID(N). */
static void put(int n, uint32_t type, const char *who, uint32_t level, int priority, int revision, int gone)
{
	PUT(ctx, rule, .share_id = ID(1), .id = ID(n), .revision = revision, .gone = gone, .type = type, .who = who, .level = level,
		.priority = priority, .created_ns = 1000 - n, .updated_ns = revision);
}

static void put_ip(int n, const char *who, uint32_t level, int priority)
{
	put(n, SHR_ACCESS_IP, who, level, priority, 3, 0);
}

static void put_fault(int n, int revision)
{
	PUT(ctx, rule_fault, .instance_id = ID(2), .rule_id = ID(n), .revision = revision, .code = SHR_EUNSUPPORTED,
		.reason = "no such host");
}

static struct shr_explain_params params_of(uint32_t type, const char *who)
{
	struct shr_explain_params p = SHR_EXPLAIN_PARAMS_INIT;

	p.type = type;
	p.who = who;
	return p;
}

static const struct shr_explanation *ask_with(const struct shr_explain_params *p)
{
	const struct shr_explanation *x = NULL;

	DONE(shr_access_explain(p1, ID(1), p, &x, &e));
	ck_assert_uint_eq(x->size, sizeof *x);
	ck_assert_str_eq(x->share_id, ID(1));
	ck_assert_str_ne(x->reason, "");
	ck_assert(x->level == SHR_LEVEL_NONE || x->n_ways > 0);
	ck_assert(x->level != SHR_LEVEL_NONE || x->n_ways == 0);
	ck_assert_int_eq(x->level != SHR_LEVEL_NONE, x->why == SHR_WHY_RULE);
	return x;
}

static const struct shr_explanation *ask(uint32_t type, const char *who)
{
	struct shr_explain_params p = params_of(type, who);

	return ask_with(&p);
}

/* The answer for an address: its level, and the number of the rule that decides (0: none). */
static void answers(const char *who, uint32_t level, int rule)
{
	const struct shr_explanation *x = ask(SHR_ACCESS_IP, who);

	ck_assert_msg(x->level == level, "%s: %s, not %s: %s", who, shr_level_name(x->level), shr_level_name(level), x->reason);
	ck_assert_msg(!x->rule == !rule, "%s: %s", who, x->reason);
	if (rule)
		ck_assert_msg(!strcmp(x->rule->id, ID(rule)), "%s: the rule for %s: %s", who, x->rule->who, x->reason);
	shr_explanation_unref(x);
}

/* It cannot, and WHY and WORDS say why. */
static void cannot(const struct shr_explain_params *p, uint32_t why, const char *words)
{
	const struct shr_explanation *x = ask_with(p);

	ck_assert_msg(x->why == why, "%s, not %s: %s", shr_why_name(x->why), shr_why_name(why), x->reason);
	ck_assert_uint_eq(x->level, SHR_LEVEL_NONE);
	ck_assert_msg(strstr(x->reason, words) != NULL, "\"%s\" does not say \"%s\"", x->reason, words);
	shr_explanation_unref(x);
}

/* ---- rules ---- */

START_TEST(the_longest_prefix_decides)
{
	setup();
	put_ip(11, "0.0.0.0/0", SHR_LEVEL_RO, 0);
	put_ip(12, "10.0.0.0/8", SHR_LEVEL_RW, 0);
	put_ip(13, "10.1.0.0/16", SHR_LEVEL_RO, 0);
	put_ip(14, "10.1.2.3", SHR_LEVEL_RW, 0);
	answers("10.1.2.3", SHR_LEVEL_RW, 14);
	answers("10.1.2.4", SHR_LEVEL_RO, 13);
	answers("10.2.0.0", SHR_LEVEL_RW, 12);
	answers("11.0.0.0", SHR_LEVEL_RO, 11);
	answers("::1", SHR_LEVEL_NONE, 0);
	teardown();
}
END_TEST

START_TEST(priority_goes_before_the_prefix)
{
	const struct shr_explanation *x;

	setup();
	put_ip(11, "10.0.0.0/8", SHR_LEVEL_RO, 5);
	put_ip(12, "10.1.2.3", SHR_LEVEL_RW, 4);
	put_ip(13, "10.1.0.0/16", SHR_LEVEL_RW, 4);
	put_ip(14, "10.1.2.0/24", SHR_LEVEL_RW, -1);
	answers("10.1.2.3", SHR_LEVEL_RO, 11);
	x = ask(SHR_ACCESS_IP, "10.1.2.3");
	ck_assert_uint_eq(x->n_others, 3);
	ck_assert_str_eq(x->others[0]->id, ID(12));
	ck_assert_str_eq(x->others[1]->id, ID(13));
	ck_assert_str_eq(x->others[2]->id, ID(14));
	ck_assert_uint_eq(x->others[0]->state, SHR_RULE_ACTIVE);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(ipv6_rules_go_by_their_prefixes)
{
	setup();
	put_ip(11, "::/0", SHR_LEVEL_RO, 0);
	put_ip(12, "2001:db8::/32", SHR_LEVEL_RW, 0);
	put_ip(13, "2001:db8::/127", SHR_LEVEL_RO, 0);
	put_ip(14, "2001:db8:0:1::", SHR_LEVEL_RO, 0);
	answers("2001:db8::1", SHR_LEVEL_RO, 13);
	answers("2001:0DB8::2", SHR_LEVEL_RW, 12);
	answers("2001:db8:0:1::", SHR_LEVEL_RO, 14);
	answers("fe80::1", SHR_LEVEL_RO, 11);
	answers("10.0.0.1", SHR_LEVEL_NONE, 0);
	teardown();
}
END_TEST

START_TEST(a_prefix_needs_a_rule_for_all_of_it)
{
	const struct shr_explanation *x;

	setup();
	put_ip(11, "10.0.0.0/16", SHR_LEVEL_RW, 0);
	put_ip(12, "10.0.1.0/24", SHR_LEVEL_RO, 0);
	put_ip(13, "10.0.1.7", SHR_LEVEL_RW, 0);
	put_ip(14, "10.0.1.8", SHR_LEVEL_RW, -1); /* decides nothing */
	put_ip(15, "10.0.10.1", SHR_LEVEL_RW, 0);
	x = ask(SHR_ACCESS_IP, "10.0.1.0/24");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RO);
	ck_assert_str_eq(x->rule->id, ID(12));
	ck_assert_uint_eq(x->n_others, 1);
	ck_assert_uint_eq(x->n_inside, 1);
	ck_assert_str_eq(x->inside[0]->id, ID(13));
	ck_assert_uint_eq(x->flags, 0);
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_IP, "10.0.0.0/15");
	ck_assert_uint_eq(x->why, SHR_WHY_NO_RULE);
	ck_assert_ptr_nonnull(strstr(x->reason, "but 5 of parts of it"));
	ck_assert_uint_eq(x->n_inside, 5);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(rules_inside_an_ipv6_prefix_are_found_however_they_are_written)
{
	static const char *const inside[] = { "2001:db8:0:1::5", "2001:db8::/33", "2001:db8::", "2001:db8:ffff::1" };
	const struct shr_explanation *x;

	setup();
	for (int i = 0; i < 4; i++)
		put_ip(11 + i, inside[i], SHR_LEVEL_RW, 0);
	put_ip(20, "2001:db9::1", SHR_LEVEL_RW, 0);
	x = ask(SHR_ACCESS_IP, "2001:db8::/32");
	ck_assert_uint_eq(x->n_inside, 4);
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_IP, "2001:db8:0:1::/64");
	ck_assert_uint_eq(x->n_inside, 1);
	ck_assert_str_eq(x->inside[0]->who, "2001:db8:0:1::5");
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_IP, "::/0");
	ck_assert_uint_eq(x->n_inside, 5);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(names_fit_exactly)
{
	const struct shr_explanation *x;

	setup_of(BOTH, SHR_SHARE_AVAILABLE, 2);
	put_export(0, SHR_PROTO_NFS, 0, 0, "nas:/home");
	put_export(1, SHR_PROTO_SMB, 0, 0, "\\\\nas\\home");
	put(11, SHR_ACCESS_USER, "CORP\\ann", SHR_LEVEL_RW, 0, 3, 0);
	put(12, SHR_ACCESS_USER, "ann", SHR_LEVEL_RO, 0, 3, 0);
	x = ask(SHR_ACCESS_USER, "CORP\\ann");
	ck_assert_str_eq(x->rule->id, ID(11));
	ck_assert_uint_eq(x->n_others, 0);
	ck_assert_uint_eq(x->n_ways, 1); /* nfs has no users */
	ck_assert_uint_eq(x->ways[0]->location->protocol, SHR_PROTO_SMB);
	ck_assert_str_eq(x->ways[0]->command, "mount -t cifs -o domain=CORP,username=ann //nas/home /mnt");
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_USER, "Ann");
	ck_assert_uint_eq(x->why, SHR_WHY_NO_RULE);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(certificates_fit_from_a_dot_on)
{
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_CERT, "*.example.org", SHR_LEVEL_RO, 0, 3, 0);
	put(12, SHR_ACCESS_CERT, "*", SHR_LEVEL_RW, 0, 3, 0);
	put(13, SHR_ACCESS_CERT, "a.example.org", SHR_LEVEL_RW, 1, 3, 0);
	put(14, SHR_ACCESS_CERT, "*.a.example.org", SHR_LEVEL_RW, 9, 3, 0);
	x = ask(SHR_ACCESS_CERT, "a.example.org");
	ck_assert_str_eq(x->rule->id, ID(13));
	ck_assert_uint_eq(x->n_others, 2);
	ck_assert_str_eq(x->others[0]->id, ID(11)); /* ro before rw */
	ck_assert_str_eq(x->ways[0]->command, "mount -t nfs4 -o xprtsec=mtls nas:/shares/home /mnt");
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_CERT, "example.org");
	ck_assert_str_eq(x->rule->id, ID(12));
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(of_equal_rules_ro_and_then_the_older_decides)
{
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_CERT, "*", SHR_LEVEL_RW, 0, 3, 0);
	put(12, SHR_ACCESS_CERT, "*.org", SHR_LEVEL_RO, 0, 3, 0);
	put(13, SHR_ACCESS_CERT, "a.org", SHR_LEVEL_RO, 0, 3, 0); /* the older: see put() */
	x = ask(SHR_ACCESS_CERT, "a.org");
	ck_assert_str_eq(x->rule->id, ID(13));
	ck_assert_str_eq(x->others[0]->id, ID(12));
	ck_assert_str_eq(x->others[1]->id, ID(11));
	shr_explanation_unref(x);
	teardown();
}
END_TEST

/* ---- what is not in force ---- */

START_TEST(a_rule_that_is_queued_names_the_operation_that_brings_it)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");
	struct shr__buf args[3] = { { 0 }, { 0 }, { 0 } };
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 9, 0);
	for (int i = 0; i < 3; i++) { /* batches 8, 9 and 10 */
		shr__pack_int(&args[i], SHR__ARG_REVISION, 8 + i);
		PUT(ctx, op, .id = ID(50 + i), .version = 1, .kind = "access_apply", .kind_version = 1, .live = 1, .object_id = ID(1),
			.args = { args[i].p, args[i].n });
		PUT(ctx, hold, .object_id = ID(1), .op_id = ID(50 + i), .shared = 1);
		shr__buf_clear(&args[i]);
	}
	cannot(&p, SHR_WHY_QUEUED, "is not in force yet: it came with revision 9, and the backend has 7");
	x = ask_with(&p);
	ck_assert_str_eq(x->op_id, ID(51));
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->flags, SHR_EXPLAIN_CHANGING);
	ck_assert_str_eq(x->rule->id, ID(11));
	ck_assert_uint_eq(x->rule->state, SHR_RULE_QUEUED);
	ck_assert_uint_eq(x->access_revision, 10);
	ck_assert_uint_eq(x->access_applied, 7);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(a_rule_that_is_refused_gives_its_reason)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");
	const struct shr_explanation *x;

	setup();
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	put_fault(11, 3);
	cannot(&p, SHR_WHY_REFUSED, "the backend refused it: no such host");
	put_ip(12, "10.0.0.0/8", SHR_LEVEL_RO, 0);
	answers("10.0.0.7", SHR_LEVEL_RO, 12);
	x = ask_with(&p);
	ck_assert_uint_eq(x->n_others, 1);
	ck_assert_uint_eq(x->others[0]->state, SHR_RULE_ERROR);
	ck_assert_str_eq(x->others[0]->reason, "no such host");
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->flags, 0);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(a_rule_that_is_being_changed_is_as_it_was_and_as_it_will_be)
{
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RO, 0, 3, 8);
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 8, 9); /* came and went: nobody was told */
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 9, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->flags, SHR_EXPLAIN_CHANGING);
	ck_assert_uint_eq(x->rule->state, SHR_RULE_ACTIVE);
	ck_assert_uint_eq(x->rule->level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->n_others, 1);
	ck_assert_uint_eq(x->others[0]->state, SHR_RULE_QUEUED);
	ck_assert_uint_eq(x->others[0]->revision, 9);
	ck_assert_ptr_nonnull(strstr(x->reason, "it will be rw when"));
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(a_rule_that_is_being_denied_still_lets_in)
{
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 3, 9);
	put(12, SHR_ACCESS_IP, "10.0.0.0/16", SHR_LEVEL_RW, 0, 3, 7); /* gone everywhere */
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_NONE);
	ck_assert_uint_eq(x->rule->state, SHR_RULE_DENYING);
	ck_assert_uint_eq(x->n_others, 0);
	ck_assert_ptr_nonnull(strstr(x->reason, "not be let in any more"));
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(a_rule_whose_removal_was_refused_still_lets_in)
{
	const struct shr_explanation *x;

	setup();
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 3, 6);
	put_fault(11, 6);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->rule->state, SHR_RULE_ERROR);
	shr_explanation_unref(x);
	/* Denied once more: the fault is of the first time. */
	TAKE_OUT(ctx, rule, .share_id = ID(1), .id = ID(11), .revision = 3);
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 3, 9);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RW);
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_NONE);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

/* ---- why not ---- */

START_TEST(each_reason_has_its_words)
{
	struct shr_explain_params ip = params_of(SHR_ACCESS_IP, "10.0.0.7"), p;

	setup();
	cannot(&ip, SHR_WHY_NO_RULE, "none of the share's 5 rules fits 10.0.0.7");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	p = params_of(SHR_ACCESS_USER, "ann");
	cannot(&p, SHR_WHY_TYPE, "no rules of type user: it has ip, cert");
	p = ip;
	p.protocol = SHR_PROTO_SMB;
	cannot(&p, SHR_WHY_NO_EXPORT, "does not speak smb");
	p = ip;
	p.family = SHR_FAMILY_VSOCK;
	cannot(&p, SHR_WHY_NO_EXPORT, "no export location for 10.0.0.7 over vsock");
	teardown();
}
END_TEST

START_TEST(nobody_mounts_a_share_that_is_not_available)
{
	static const uint32_t states[] = { SHR_SHARE_CREATING, SHR_SHARE_DELETING, SHR_SHARE_ERROR, SHR_SHARE_MANAGING,
		SHR_SHARE_UNMANAGING, 99 };
	struct shr_explain_params ip = params_of(SHR_ACCESS_IP, "10.0.0.7");

	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		const struct shr_explanation *x;

		setup_of(SHR_PROTO_NFS, states[i], 1);
		put_export(0, SHR_PROTO_NFS, 0, 0, "nas:/home");
		put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
		cannot(&ip, SHR_WHY_STATE, states[i] == SHR_SHARE_ERROR ? "in error: a disk died" : shr_share_state_name(states[i]));
		x = ask_with(&ip);
		ck_assert_str_eq(x->op_id, ID(90));
		ck_assert_str_eq(x->rule->id, ID(11));
		ck_assert_uint_eq(x->next_level, SHR_LEVEL_NONE);
		shr_explanation_unref(x);
		teardown();
	}
	setup_of(SHR_PROTO_NFS, SHR_SHARE_EXTENDING, 1);
	put_export(0, SHR_PROTO_NFS, 0, 0, "nas:/home");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	answers("10.0.0.7", SHR_LEVEL_RW, 11);
	teardown();
}
END_TEST

START_TEST(a_backend_without_such_rules_is_a_reason)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "fd00::1");

	setup();
	PUT(ctx, pool, .backend = "a", .name = "p", .version = 1, .capabilities = SHR_CAP_ACCESS_IP);
	cannot(&p, SHR_WHY_TYPE, "no rules for addresses of IPv6");
	p = params_of(SHR_ACCESS_CERT, "a.org");
	cannot(&p, SHR_WHY_TYPE, "no rules for cert");
	p = params_of(SHR_ACCESS_IP, "10.0.0.1");
	cannot(&p, SHR_WHY_NO_RULE, "none of the share's 5 rules");
	teardown();
}
END_TEST

START_TEST(a_share_that_was_never_made_is_explained_too)
{
	const struct shr_explanation *x = NULL;
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");

	setup();
	PUT(ctx, share, .id = ID(60), .version = 1, .project = "p1", .state = SHR_SHARE_ERROR, .protocols = SHR_PROTO_NFS,
		.reason = "no room");
	DONE(shr_access_explain(p1, ID(60), &p, &x, &e));
	ck_assert_uint_eq(x->why, SHR_WHY_STATE);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

/* ---- ways in ---- */

static void way(const struct shr_explanation *x, uint32_t i, uint32_t level, const char *source)
{
	ck_assert_uint_lt(i, x->n_ways);
	ck_assert_str_eq(x->ways[i]->source, source);
	ck_assert_uint_eq(x->ways[i]->level, level);
	ck_assert_uint_eq(x->ways[i]->size, sizeof *x->ways[i]);
}

START_TEST(ways_are_in_the_order_of_their_worth)
{
	const struct shr_explanation *x;

	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 5);
	put_export(0, SHR_PROTO_NFS, 0, SHR_EXPORT_READONLY | SHR_EXPORT_PREFERRED, "readonly:/x");
	put_export(1, SHR_PROTO_NFS, 0, 0, "plain:/x");
	put_export(2, SHR_PROTO_NFS, 0, SHR_EXPORT_PREFERRED, "preferred:/x");
	put_export(3, SHR_PROTO_NFS, 0, SHR_EXPORT_ADMIN_ONLY | SHR_EXPORT_PREFERRED, "admin:/x");
	put_export(4, SHR_PROTO_NFS, 0, 0, "later:/x");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	put_ip(12, "10.0.0.8", SHR_LEVEL_RO, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->n_ways, 4);
	way(x, 0, SHR_LEVEL_RW, "preferred:/x");
	way(x, 1, SHR_LEVEL_RW, "plain:/x");
	way(x, 2, SHR_LEVEL_RW, "later:/x");
	way(x, 3, SHR_LEVEL_RO, "readonly:/x");
	ck_assert_ptr_eq(x->ways[0]->rule, x->rule);
	shr_explanation_unref(x);
	x = ask(SHR_ACCESS_IP, "10.0.0.8");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RO);
	way(x, 0, SHR_LEVEL_RO, "readonly:/x");
	way(x, 1, SHR_LEVEL_RO, "preferred:/x");
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(a_location_that_serves_reads_only_gives_ro)
{
	const struct shr_explanation *x;

	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 1);
	put_export(0, SHR_PROTO_NFS, 0, SHR_EXPORT_READONLY, "nas:/x");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->next_level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->rule->level, SHR_LEVEL_RW);
	ck_assert_ptr_nonnull(strstr(x->reason, "serves reads only"));
	ck_assert_str_eq(x->ways[0]->command, "mount -t nfs4 -o ro,proto=tcp nas:/x /mnt");
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(locations_for_administrators_are_theirs)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");
	const struct shr_explanation *x = NULL;

	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 1);
	put_export(0, SHR_PROTO_NFS, 0, SHR_EXPORT_ADMIN_ONLY, "nas:/x");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	cannot(&p, SHR_WHY_NO_EXPORT, "no export location");
	DONE(shr_access_explain(admin, ID(1), &p, &x, &e));
	ck_assert_uint_eq(x->n_ways, 1);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(an_address_goes_over_its_own_family)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "fd00::7");
	const struct shr_explanation *x;

	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 5);
	put_export(0, SHR_PROTO_NFS, SHR_FAMILY_IPV4, 0, "four:/x");
	put_export(1, SHR_PROTO_NFS, SHR_FAMILY_IPV6, 0, "[fd00::5]:/x");
	put_export(2, SHR_PROTO_NFS, 0, 0, "10.0.0.5:/x"); /* the address says it */
	put_export(3, SHR_PROTO_NFS, 0, 0, "any:/x");
	put_export(4, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, SHR_EXPORT_PREFERRED, "vsock:2:/x");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	put_ip(12, "fd00::/8", SHR_LEVEL_RW, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->n_ways, 4);
	way(x, 0, SHR_LEVEL_RW, "");
	way(x, 1, SHR_LEVEL_RW, "four:/x");
	way(x, 2, SHR_LEVEL_RW, "10.0.0.5:/x");
	way(x, 3, SHR_LEVEL_RW, "any:/x");
	ck_assert_uint_eq(x->ways[3]->family, SHR_FAMILY_IPV4);
	shr_explanation_unref(x);
	p.family = SHR_FAMILY_IPV6;
	x = ask_with(&p);
	ck_assert_uint_eq(x->n_ways, 2);
	way(x, 0, SHR_LEVEL_RW, "[fd00::5]:/x");
	ck_assert_str_eq(x->ways[0]->server, "fd00::5");
	ck_assert_str_eq(x->ways[0]->path, "/x");
	ck_assert_str_eq(x->ways[0]->command, "mount -t nfs4 -o proto=tcp6 '[fd00::5]:/x' /mnt");
	way(x, 1, SHR_LEVEL_RW, "any:/x");
	shr_explanation_unref(x);
	p.family = SHR_FAMILY_VSOCK;
	x = ask_with(&p);
	ck_assert_uint_eq(x->n_ways, 1);
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(vsock_is_data_for_the_host)
{
	const struct shr_explanation *x;

	setup_of(SHR_PROTO_NFS, SHR_SHARE_AVAILABLE, 1);
	put_export(0, SHR_PROTO_NFS, SHR_FAMILY_VSOCK, 0, "vsock:2:/shares/home");
	put_ip(11, "10.0.0.7", SHR_LEVEL_RO, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->ways[0]->family, SHR_FAMILY_VSOCK);
	ck_assert_str_eq(x->ways[0]->fstype, "nfs4");
	ck_assert_str_eq(x->ways[0]->server, "2");
	ck_assert_str_eq(x->ways[0]->path, "/shares/home");
	ck_assert_str_eq(x->ways[0]->source, "");
	ck_assert_str_eq(x->ways[0]->command, "");
	ck_assert_ptr_nonnull(strstr(x->ways[0]->note, "context id"));
	ck_assert_uint_eq(x->ways[0]->n_options, 1);
	ck_assert_str_eq(x->ways[0]->options[0]->key, "ro");
	shr_explanation_unref(x);
	teardown();
}
END_TEST

/* The command for one location of PROTOCOL, for a client that may read and write. */
static void mounts(uint64_t protocol, const char *path, uint32_t type, const char *who, const char *target, const char *want)
{
	struct shr_explain_params p = params_of(type, who);
	const struct shr_explanation *x;

	setup_of(protocol, SHR_SHARE_AVAILABLE, 1);
	put_export(0, protocol, 0, 0, path);
	put(11, type, who, SHR_LEVEL_RW, 0, 3, 0);
	p.target = target;
	x = ask_with(&p);
	ck_assert_uint_eq(x->n_ways, 1);
	ck_assert_str_eq(x->ways[0]->command, want);
	shr_explanation_unref(x);
	teardown();
}

START_TEST(commands_are_ready_for_a_shell)
{
	mounts(SHR_PROTO_NFS, "nas:/shares/home", SHR_ACCESS_IP, "10.0.0.7", NULL, "mount -t nfs4 -o proto=tcp nas:/shares/home /mnt");
	mounts(SHR_PROTO_NFS, "nas:/it's $HOME", SHR_ACCESS_IP, "10.0.0.7", "/a b;c",
		"mount -t nfs4 -o proto=tcp 'nas:/it'\\''s $HOME' '/a b;c'");
	mounts(SHR_PROTO_NFS, "nas:/\xc3\xa4", SHR_ACCESS_IP, "10.0.0.7", NULL, "mount -t nfs4 -o proto=tcp 'nas:/\xc3\xa4' /mnt");
	mounts(SHR_PROTO_NFS, "nas:/*", SHR_ACCESS_IP, "10.0.0.7", "/~", "mount -t nfs4 -o proto=tcp 'nas:/*' '/~'");
	mounts(SHR_PROTO_SMB, "\\\\nas\\home$\\x", SHR_ACCESS_USER, "ann b", NULL,
		"mount -t cifs -o 'username=ann b' '//nas/home$/x' /mnt");
	mounts(SHR_PROTO_SMB, "//nas/home", SHR_ACCESS_USER, "+staff", NULL, "mount -t cifs //nas/home /mnt");
	mounts(SHR_PROTO_SMB, "\\\\nas\\home", SHR_ACCESS_IP, "10.0.0.7", NULL, "mount -t cifs //nas/home /mnt");
	mounts(SHR_PROTO_CEPHFS, "m1:6789,m2:6789:/v/x", SHR_ACCESS_CEPHX, "alice", NULL,
		"mount -t ceph -o name=alice m1:6789,m2:6789:/v/x /mnt");
}
END_TEST

START_TEST(what_mount_has_no_words_for_gets_no_command)
{
	static const char *const nfs[] = { "/srv/home", "-o:/x", "fd00::5:/x", "[fd00::5]/x", "nas:x", ":/x", "" };
	static const char *const smb[] = { "/srv/home", "\\\\nas", "\\\\nas\\", "\\\\\\home", "//-x/y", "nas" };
	static const char *const ceph[] = { "/srv/home", ":/x", "-m:/x", "m1" };

	for (size_t i = 0; i < sizeof nfs / sizeof *nfs; i++)
		mounts(SHR_PROTO_NFS, nfs[i], SHR_ACCESS_IP, "10.0.0.7", NULL, "");
	for (size_t i = 0; i < sizeof smb / sizeof *smb; i++)
		mounts(SHR_PROTO_SMB, smb[i], SHR_ACCESS_IP, "10.0.0.7", NULL, "");
	for (size_t i = 0; i < sizeof ceph / sizeof *ceph; i++)
		mounts(SHR_PROTO_CEPHFS, ceph[i], SHR_ACCESS_CEPHX, "a", NULL, "");
}
END_TEST

START_TEST(each_instance_answers_for_its_own_locations)
{
	const struct shr_explanation *x;

	setup();
	PUT(ctx, instance, .id = ID(3), .share_id = ID(1), .version = 1, .backend = "b", .pool = "p", .access_applied = 10,
		.n_exports = 1);
	PUT(ctx, export, .instance_id = ID(3), .n = 0, .path = "new:/x", .protocol = SHR_PROTO_NFS);
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RW, 0, 9, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->n_ways, 1);
	ck_assert_str_eq(x->ways[0]->source, "new:/x");
	ck_assert_str_eq(x->ways[0]->location->instance_id, ID(3));
	shr_explanation_unref(x);
	teardown();
}
END_TEST

/* ---- callers ---- */

START_TEST(a_location_that_no_rule_reaches_yet_is_no_way_in)
{
	const struct shr_explanation *x;

	setup(); /* its location is the preferred one */
	PUT(ctx, instance, .id = ID(3), .share_id = ID(1), .version = 1, .backend = "b", .pool = "p", .access_applied = 10,
		.n_exports = 1);
	PUT(ctx, export, .instance_id = ID(3), .n = 0, .path = "new:/x", .protocol = SHR_PROTO_NFS);
	put(11, SHR_ACCESS_IP, "10.0.0.0/24", SHR_LEVEL_RO, 0, 9, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	ck_assert_uint_eq(x->level, SHR_LEVEL_RO);
	ck_assert_uint_eq(x->n_ways, 1);
	ck_assert_str_eq(x->ways[0]->source, "new:/x");
	shr_explanation_unref(x);
	teardown();
}
END_TEST

START_TEST(anothers_share_is_not_there)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");
	const struct shr_explanation *x = NULL;

	setup();
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_explain(p2, ID(1), &p, &x, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_explain(p1, ID(77), &p, &x, &e));
	REFUSED(SHR_EINVAL, "share_id", shr_access_explain(p1, "1", &p, &x, &e));
	REFUSED(SHR_EINVAL, "ret_explanation", shr_access_explain(p1, ID(1), &p, NULL, &e));
	ck_assert_ptr_null(x);
	teardown();
}
END_TEST

static int but_explain(void *data, const struct shr_ask *ask)
{
	return strcmp(ask->action, "access:explain") == 0 ? SHR_EPERM : 0;
}

START_TEST(the_host_may_refuse_it)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7");
	struct shr_host host = SHR_HOST_INIT;
	const struct shr_explanation *x = NULL;
	struct shr_session *s;
	struct shr_ctx *own;

	host.authorise = but_explain;
	own = try_open_host(&host, NULL);
	s = try_session(own, "p1", NULL, 0);
	PUT(own, share, .id = ID(1), .version = 1, .project = "p1", .state = SHR_SHARE_AVAILABLE, .protocols = SHR_PROTO_NFS);
	REFUSED(SHR_EPERM, "access:explain", shr_access_explain(s, ID(1), &p, &x, &e));
	ck_assert_ptr_null(x);
	shr_session_close(s);
	shr_ctx_close(own);
}
END_TEST

static void is_wrong(struct shr_explain_params p, const char *words)
{
	const struct shr_explanation *x = NULL;

	REFUSED(SHR_EINVAL, words, shr_access_explain(p1, ID(1), &p, &x, &e));
}

START_TEST(nonsense_is_refused)
{
	struct shr_explain_params p = params_of(SHR_ACCESS_IP, "10.0.0.7"), q;

	setup();
	is_wrong(params_of(0, "x"), "type");
	is_wrong(params_of(9, "x"), "type");
	is_wrong(params_of(SHR_ACCESS_IP, NULL), "who: it is missing");
	is_wrong(params_of(SHR_ACCESS_IP, "10.0.0.5/24"), "bits set behind its prefix");
	is_wrong(params_of(SHR_ACCESS_IP, "home"), "no address");
	is_wrong(params_of(SHR_ACCESS_USER, "a:b"), "has a ':'");
	is_wrong(params_of(SHR_ACCESS_CEPHX, "a b"), "no Ceph user");
	q = p, q.flags = 1;
	is_wrong(q, "flags");
	q = p, q.protocol = BOTH;
	is_wrong(q, "protocol");
	q = p, q.family = 5;
	is_wrong(q, "family");
	q = p, q.family = SHR_FAMILY_IPV6;
	is_wrong(q, "10.0.0.7 is an address of ipv4");
	q = p, q.target = "mnt";
	is_wrong(q, "not absolute");
	q = p, q.target = "/a\nb";
	is_wrong(q, "control character");
	teardown();
}
END_TEST

START_TEST(a_record_outlives_the_context)
{
	const struct shr_explanation *x, *again;

	setup();
	put_ip(11, "10.0.0.7", SHR_LEVEL_RW, 0);
	x = ask(SHR_ACCESS_IP, "10.0.0.7");
	again = shr_explanation_ref(x);
	shr_explanation_unref(x);
	teardown();
	ck_assert_str_eq(again->rule->who, "10.0.0.7");
	ck_assert_str_eq(again->ways[0]->location->path, "nas:/shares/home");
	shr_explanation_unref(again);
	shr_explanation_unref(NULL);
}
END_TEST

UNIT_MAIN(api_explain, the_longest_prefix_decides, priority_goes_before_the_prefix, ipv6_rules_go_by_their_prefixes,
	a_prefix_needs_a_rule_for_all_of_it, rules_inside_an_ipv6_prefix_are_found_however_they_are_written, names_fit_exactly,
	certificates_fit_from_a_dot_on, of_equal_rules_ro_and_then_the_older_decides,
	a_rule_that_is_queued_names_the_operation_that_brings_it, a_rule_that_is_refused_gives_its_reason,
	a_rule_that_is_being_changed_is_as_it_was_and_as_it_will_be, a_rule_that_is_being_denied_still_lets_in,
	a_rule_whose_removal_was_refused_still_lets_in, each_reason_has_its_words, nobody_mounts_a_share_that_is_not_available,
	a_backend_without_such_rules_is_a_reason, a_share_that_was_never_made_is_explained_too, ways_are_in_the_order_of_their_worth,
	a_location_that_serves_reads_only_gives_ro, locations_for_administrators_are_theirs, an_address_goes_over_its_own_family,
	vsock_is_data_for_the_host, commands_are_ready_for_a_shell, what_mount_has_no_words_for_gets_no_command,
	each_instance_answers_for_its_own_locations, a_location_that_no_rule_reaches_yet_is_no_way_in,
	anothers_share_is_not_there, the_host_may_refuse_it, nonsense_is_refused, a_record_outlives_the_context)

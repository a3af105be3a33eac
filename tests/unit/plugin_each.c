/* tests/unit/plugin_each.c - a backend with an exporter for each protocol: who is called with what, and how answers are joined */
#include "plugin_try.h"

#include <stdio.h>

#define TRY_BOTH \
	"backends:\n- name: alpha\n  driver: fake\n  exporters:\n  - {name: front}\n  - {name: side, settings: {port: 445}}\n" \
	"  dual_protocol: true\n  settings: {root: /srv}\n  pools:\n  - name: one\n"

static struct try t;
static char seen[400]; /* what was called, with its token: "front;side:b1;" */
static int front_now, side_now; /* how often each answers SHR_RUNNING before it is done; -1: it fails */
static uint32_t side_saw, front_saw; /* changes, or rules of the set */
static uint64_t front_life = 5, side_life = 6;

static int side_open(const struct shr_driver_host *h, const struct shr_call *call, void **ret_ex)
{
	static int state;

	host = h;
	*ret_ex = &state;
	return h->setting(call, NULL, "port", 0) ? 0 : h->fail(call, SHR_EBACKEND, "it has not its own settings");
}

static void side_close(void *ex)
{
	(void)ex;
}

static void note(const struct try_call *c, const char *name)
{
	size_t n = strlen(seen);

	snprintf(seen + n, sizeof seen - n, "%s%s%.*s;", name, c->call->token_len ? ":" : "", (int)c->call->token_len,
		c->call->token ? (const char *)c->call->token : "");
}

/* The token counts how often it was asked: "1", "2"; one that is asked without one begins anew. */
static int answer(const struct try_call *c, const char *name, int left)
{
	char token[16];
	int n = c->call->token_len ? *(const char *)c->call->token - '0' : 0;

	note(c, name);
	if (left < 0)
		return host->fail(c->call, SHR_EBACKEND, name);
	if (n >= left)
		return 0;
	snprintf(token, sizeof token, "%d", n + 1);
	host->pending(c->call, token, 1, strcmp(name, "front") == 0 ? 30 : 20);
	return SHR_RUNNING;
}

static void answer_rules(const struct try_call *c, uint32_t *saw, const char *refuse)
{
	const struct shr_rule *r;

	*saw = 0;
	for (uint32_t i = 0; c->diff && i < c->diff->n_changes; i++, ++*saw) {
		r = c->diff->changes[i]->is ? c->diff->changes[i]->is : c->diff->changes[i]->was;
		host->set_rule(c->call, r->id, strcmp(r->who, refuse) == 0 ? SHR_EUNSUPPORTED : SHR_OK, "not him");
	}
	while (!c->diff && c->all && (r = host->next_rule(c->call, c->all)) != NULL) {
		host->set_rule(c->call, r->id, strcmp(r->who, refuse) == 0 ? SHR_ENOTFOUND : SHR_OK, "he is missing");
		++*saw;
	}
}

static int front_act(const struct try_call *c)
{
	int rc = answer(c, "front", front_now);

	if (rc == 0 && c->path && !c->diff && !c->all)
		try_export(c, "10.0.0.1:/x", SHR_PROTO_NFS);
	answer_rules(c, &front_saw, "10.0.0.9");
	return rc;
}

static int side_act(const struct try_call *c)
{
	int rc = answer(c, "side", side_now);

	if (rc == 0 && c->path && !c->diff && !c->all)
		try_export(c, "//10.0.0.1/x", SHR_PROTO_SMB);
	answer_rules(c, &side_saw, "bob");
	return rc;
}

static int side_verb(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	return side_act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path });
}

static int side_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	return answer(&(struct try_call){ .call = call }, "side", side_now);
}

static int front_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	return answer(&(struct try_call){ .call = call }, "front", front_now);
}

static int front_held, side_held;

/* What is held is so when it is asked again. */
static int hold_of(const struct shr_call *call, const char *name, int left, int *held, uint32_t bound_ms)
{
	int rc;

	ck_assert_uint_eq(bound_ms, 700);
	rc = answer(&(struct try_call){ .call = call }, name, *held && left > 0 ? 0 : left);
	*held = rc == 0;
	return rc;
}

static int front_holds(void *ex, const struct shr_call *call, uint32_t bound_ms)
{
	return hold_of(call, "front", front_now, &front_held, bound_ms);
}

static int side_holds(void *ex, const struct shr_call *call, uint32_t bound_ms)
{
	return hold_of(call, "side", side_now, &side_held, bound_ms);
}

static int front_releases(void *ex, const struct shr_call *call)
{
	front_held = 0;
	return answer(&(struct try_call){ .call = call }, "front goes on", 0);
}

/* What it says of a hold that it never had is not what the call says. */
static int side_releases(void *ex, const struct shr_call *call)
{
	side_held = 0;
	return answer(&(struct try_call){ .call = call }, "side goes on", side_now < 0 ? -1 : 0);
}

static int front_probe(void *ex, const struct shr_call *call)
{
	host->set_number(call, "", SHR_NUMBER_INCARNATION, front_life);
	return 0;
}

static int side_probe(void *ex, const struct shr_call *call)
{
	if (side_life)
		host->set_number(call, "", SHR_NUMBER_INCARNATION, side_life);
	return 0;
}

static int side_access(void *ex, const struct shr_call *call, const struct shr_exported *what, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	return side_act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path, .diff = diff, .all = all });
}

static int side_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all)
{
	return side_act(&(struct try_call){ .call = call, .instance = what->instance, .path = what->path, .all = all });
}

static int list_of(const struct shr_call *call, const char *const *names, const char *after, uint32_t max)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_EXPORT, .what = "" };

	for (; *names && max > 0; names++) {
		if (strcmp(*names, after) <= 0)
			continue;
		f.name = *names;
		host->found(call, &f);
		max--;
	}
	return 0;
}

static int front_lists(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	static const char *const names[] = { "a", "c", "d", "g", NULL };

	return list_of(call, names, after, max);
}

static int side_lists(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	static const char *const names[] = { "b", "c", "e", "f", NULL };

	return list_of(call, names, after, max);
}

static const char *const side_settings[] = { "port!", NULL };
static struct shr_exporter side = {
	.abi = SHR_EXPORTER_ABI, .size = sizeof(struct shr_exporter), .name = "side", .version = "1",
	.capabilities = SHR_CAP_ACCESS_USER | SHR_CAP_DUAL_PROTOCOL, .protocols = SHR_PROTO_SMB, .settings = side_settings,
	.open = side_open, .close = side_close, .probe = side_probe, .add = side_verb, .remove = side_remove,
	.update_access = side_access, .hold = side_holds, .release = side_releases, .look = side_look, .list = side_lists,
};

static int open_both(const char *text)
{
	int rc;

	memset(&t, 0, sizeof t);
	seen[0] = '\0';
	front_now = side_now = front_held = side_held = 0;
	try_front.capabilities |= SHR_CAP_DUAL_PROTOCOL;
	try_front.remove = front_remove;
	try_front.probe = front_probe;
	try_front.list = front_lists;
	try_front.hold = front_holds;
	try_front.release = front_releases;
	ck_assert_int_eq(shr__config_read(NULL, text, "test", &t.config, &t.error), 0);
	ck_assert_int_eq(shr__plugins_new(t.config, try_log_line, NULL, &t.plugins, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_driver(t.plugins, &try_driver, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &try_front, NULL), 0);
	ck_assert_int_eq(shr__plugins_add_exporter(t.plugins, &side, NULL), 0);
	t.arena = shr__arena_new();
	shr__told_init(&t.told, t.arena);
	t.name = (struct shr__callname){ .op_id = "op-1", .step = "make", .item_id = "i-1", .attempt = 1, .fence = 7 };
	rc = shr__backend_open(t.plugins, t.config, t.config->backends, &t.name, &t.backend, &t.error);
	act = front_act;
	return rc;
}

static int call_of(enum shr__verb verb, uint64_t protocols)
{
	static struct shr_instance instance;
	const struct shr__callargs args = { .instance = &instance, .path = "/srv/i-1", .bound_ms = 700 };

	instance = try_instance;
	instance.protocols = protocols;
	return shr__backend_call(t.backend, verb, &t.name, &args, &t.told);
}

#define BOTH (SHR_PROTO_NFS | SHR_PROTO_SMB)

START_TEST(a_backend_is_all_of_its_exporters)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	ck_assert_uint_eq(shr__backend_protocols(t.backend), BOTH);
	ck_assert_uint_eq(shr__backend_access_caps(t.backend), SHR_CAP_ACCESS_IP | SHR_CAP_IPV6 | SHR_CAP_ACCESS_USER |
		SHR_CAP_DUAL_PROTOCOL);
	ck_assert_int_eq(shr__backend_exports_itself(t.backend), 0);
	ck_assert_str_eq(shr__backend_number_server(t.backend), "");
	ck_assert_str_eq(t.config->backends->exporter_names, "front, side");
	try_end(&t);
}
END_TEST

START_TEST(each_exports_what_it_speaks)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	ck_assert_int_eq(call_of(SHR__VERB_EXPORT, BOTH), 0);
	ck_assert_str_eq(seen, "front;side;");
	ck_assert_uint_eq(t.told.n_exports, 2);
	ck_assert_str_eq(t.told.exports[0]->path, "10.0.0.1:/x");
	ck_assert_str_eq(t.told.exports[1]->path, "//10.0.0.1/x");
	seen[0] = '\0';
	ck_assert_int_eq(call_of(SHR__VERB_EXPORT, SHR_PROTO_SMB), 0);
	ck_assert_str_eq(seen, "side;");
	ck_assert_uint_eq(t.told.n_exports, 1);
	try_end(&t);
}
END_TEST

/* Again and again with the token that came back, until it is done. */
static unsigned rounds_of(enum shr__verb verb, int *ret)
{
	static uint8_t token[4096];
	unsigned n = 0;

	t.name.token = NULL;
	t.name.token_len = 0;
	for (*ret = call_of(verb, BOTH); *ret == SHR_RUNNING && n < 50; n++) {
		ck_assert_uint_le(t.told.token_len, sizeof token);
		ck_assert_uint_eq(t.told.n_exports, 0);
		memcpy(token, t.told.token, t.told.token_len);
		t.name.token = token;
		t.name.token_len = t.told.token_len;
		*ret = call_of(verb, BOTH);
	}
	t.name.token = NULL;
	t.name.token_len = 0;
	return n;
}

START_TEST(both_that_answer_later_come_to_their_end)
{
	int rc;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	for (front_now = 0; front_now < 4; front_now++) {
		for (side_now = 0; side_now < 4; side_now++) {
			ck_assert_uint_lt(rounds_of(SHR__VERB_EXPORT, &rc), 50);
			ck_assert_int_eq(rc, 0);
			ck_assert_uint_eq(t.told.n_exports, 2);
		}
	}
	front_now = side_now = 1;
	seen[0] = '\0';
	ck_assert_uint_eq(rounds_of(SHR__VERB_EXPORT, &rc), 3);
	ck_assert_str_eq(seen, "front;front:1;side;front;front:1;side:1;");
	try_end(&t);
}
END_TEST

START_TEST(what_tells_nothing_goes_to_all_at_once_and_to_none_twice)
{
	int rc;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	front_now = 1;
	side_now = 2;
	ck_assert_uint_eq(rounds_of(SHR__VERB_UNEXPORT, &rc), 2);
	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(seen, "front;side;front:1;side:1;side:2;");
	ck_assert_int_eq(call_of(SHR__VERB_UNEXPORT, BOTH), SHR_RUNNING);
	ck_assert_uint_eq(t.told.again_ms, 20);
	try_end(&t);
}
END_TEST

START_TEST(a_token_that_is_none_of_its_own_is_as_none)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	t.name.token = "\002\001\000";
	for (t.name.token_len = 1; t.name.token_len < 4; t.name.token_len++)
		ck_assert_int_eq(call_of(SHR__VERB_UNEXPORT, BOTH), 0);
	t.name.token = "one exporter's";
	t.name.token_len = 14;
	ck_assert_int_eq(call_of(SHR__VERB_UNEXPORT, BOTH), 0);
	ck_assert_str_eq(seen, "front;side;front;side;front;side;front;side;");
	try_end(&t);
}
END_TEST

START_TEST(the_first_failure_is_the_calls_own)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	side_now = -1;
	ck_assert_int_eq(call_of(SHR__VERB_EXPORT, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(t.told.driver_message, "side");
	ck_assert_uint_eq(t.told.n_exports, 0);
	front_now = -1;
	seen[0] = '\0';
	ck_assert_int_eq(call_of(SHR__VERB_EXPORT, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;");
	ck_assert_str_eq(t.told.driver_message, "front");
	try_end(&t);
}
END_TEST

START_TEST(what_is_taken_away_goes_everywhere_though_one_fails)
{
	int rc;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	front_now = -1;
	ck_assert_int_eq(call_of(SHR__VERB_UNEXPORT, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;side;");
	side_now = 1;
	seen[0] = '\0';
	ck_assert_uint_eq(rounds_of(SHR__VERB_UNEXPORT, &rc), 1);
	ck_assert_int_eq(rc, SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;side;front;side:1;");
	try_end(&t);
}
END_TEST

START_TEST(all_are_held_or_none_is)
{
	int rc;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), 0);
	ck_assert_int_eq(call_of(SHR__VERB_RELEASE, BOTH), 0);
	ck_assert_str_eq(seen, "front;side;front goes on;side goes on;");
	side_now = -1;
	seen[0] = '\0';
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;side;front goes on;side goes on;");
	ck_assert_str_eq(t.told.driver_message, "side");
	side_now = 2;
	side_held = 0;
	front_now = -1;
	seen[0] = '\0';
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;front goes on;side goes on;");
	seen[0] = '\0';
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, SHR_PROTO_NFS), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;front goes on;");
	front_now = 0;
	seen[0] = '\0';
	ck_assert_uint_eq(rounds_of(SHR__VERB_HOLD, &rc), 2); /* the late one is asked first then, and nobody stands still for it */
	ck_assert_int_eq(rc, 0);
	ck_assert_str_eq(seen, "front;side;front goes on;side:1;side:2;front;");
	try_end(&t);
}
END_TEST

START_TEST(two_that_are_held_slowly_come_to_an_end)
{
	int rc;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	for (front_now = 0; front_now < 4; front_now++) {
		for (side_now = 0; side_now < 4; side_now++) {
			front_held = side_held = 0;
			ck_assert_uint_lt(rounds_of(SHR__VERB_HOLD, &rc), 50);
			ck_assert_int_eq(rc, 0);
			ck_assert_int_eq(front_held && side_held, 1);
			seen[0] = '\0';
		}
	}
	front_held = side_held = 0;
	front_now = side_now = 1;
	ck_assert_uint_eq(rounds_of(SHR__VERB_HOLD, &rc), 2);
	ck_assert_str_eq(seen, "front;front:1;side;side:1;front;");
	try_end(&t);
}
END_TEST

/* The last one fails after it has answered later: the first is let go, whatever it is at. */
START_TEST(a_hold_that_fails_late_lets_go_of_the_first)
{
	static uint8_t token[64];

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	front_now = side_now = 1;
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), SHR_RUNNING);
	memcpy(token, t.told.token, t.told.token_len);
	t.name.token = token;
	t.name.token_len = t.told.token_len;
	front_now = 5;
	side_now = -1;
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), SHR_RUNNING);
	ck_assert_str_eq(seen, "front;front:1;");
	front_now = 0;
	ck_assert_int_eq(call_of(SHR__VERB_HOLD, BOTH), SHR_EBACKEND);
	ck_assert_str_eq(seen, "front;front:1;front:1;side;front goes on;side goes on;");
	ck_assert_str_eq(t.told.driver_message, "side");
	try_end(&t);
}
END_TEST

/* ---- rules ---- */

#define N 6
static struct shr_rule rules[N];
static struct shr_rule_change changes[N];
static const struct shr_rule_change *list[N];
static char ids[N][8];

static int read_set(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	unsigned next = 0;

	(void)data;
	if (after_id[0])
		ck_assert_int_eq(sscanf(after_id, "r-%u", &next), 1);
	next += after_id[0] != '\0';
	if (next >= N)
		return 0;
	*ret = &rules[next];
	return 1;
}

static void make_rules(void)
{
	static const struct { uint32_t type; const char *who; } them[N] = {
		{ SHR_ACCESS_IP, "10.0.0.1" }, { SHR_ACCESS_USER, "alice" }, { SHR_ACCESS_IP, "fd00::1" }, { SHR_ACCESS_IP, "10.0.0.9" },
		{ SHR_ACCESS_USER, "bob" }, { SHR_ACCESS_CERT, "nobody" },
	};

	for (uint32_t i = 0; i < N; i++) {
		snprintf(ids[i], sizeof ids[i], "r-%u", i);
		rules[i] = (struct shr_rule){ .size = sizeof rules[i], .type = them[i].type, .level = SHR_LEVEL_RW, .id = ids[i],
			.share_id = "s-1", .who = them[i].who, .reason = "" };
		changes[i] = (struct shr_rule_change){ sizeof changes[i], 0, NULL, &rules[i] };
		list[i] = &changes[i];
	}
}

static uint64_t from = 4; /* the revision that was told last */

static int apply(uint32_t n, const struct shr_rule_change **what, uint64_t protocols)
{
	struct shr_access_diff diff = { sizeof diff, n, from, 5, what };
	struct shr_instance instance = try_instance;
	const struct shr__callargs args = { .instance = &instance, .path = "/srv/i-1", .diff = &diff, .rules = read_set };

	instance.protocols = protocols;
	front_saw = side_saw = 0;
	return shr__backend_call(t.backend, SHR__VERB_ACCESS, &t.name, &args, &t.told);
}

START_TEST(each_is_told_the_rules_that_it_can_have)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	make_rules();
	ck_assert_int_eq(apply(N, list, BOTH), 0);
	ck_assert_uint_eq(front_saw, 3);
	ck_assert_uint_eq(side_saw, 2);
	ck_assert_uint_eq(t.told.n_rules, N);
	for (uint32_t i = 0; i < N; i++) {
		ck_assert_str_eq(t.told.rules[i].rule_id, ids[i]);
		ck_assert_int_eq(t.told.rules[i].code, i < 3 ? 0 : SHR_EUNSUPPORTED);
	}
	ck_assert_str_eq(t.told.rules[3].why, "not him");
	ck_assert_ptr_nonnull(strstr(t.told.rules[5].why, "no exporter"));
	try_end(&t);
}
END_TEST

START_TEST(who_has_nothing_of_a_change_is_not_called)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	make_rules();
	ck_assert_int_eq(apply(1, &list[1], BOTH), 0);
	ck_assert_str_eq(seen, "side;");
	ck_assert_int_eq(apply(1, &list[1], SHR_PROTO_NFS), 0);
	ck_assert_int_eq(t.told.rules[0].code, SHR_EUNSUPPORTED);
	changes[5].was = changes[5].is;
	changes[5].is = NULL;
	ck_assert_int_eq(apply(1, &list[5], BOTH), 0); /* nobody has it: it is gone */
	ck_assert_int_eq(t.told.rules[0].code, 0);
	try_end(&t);
}
END_TEST

/* It may have forgotten the whole, and makes it again with its rules, of which there may be none. */
START_TEST(all_are_called_when_the_whole_is_told_anew)
{
	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	make_rules();
	for (from = 0; from <= 5; from += 5) {
		seen[0] = '\0';
		ck_assert_int_eq(apply(1, &list[1], BOTH), 0);
		ck_assert_str_eq(seen, "front;side;");
		ck_assert_uint_eq(front_saw, 0);
		ck_assert_int_eq(t.told.rules[0].code, 0);
	}
	from = 4;
	try_end(&t);
}
END_TEST

START_TEST(looks_are_joined)
{
	const struct shr__callargs args = { .instance = &try_instance, .path = "/srv/i-1", .rules = read_set };

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	make_rules();
	ck_assert_int_eq(shr__backend_call(t.backend, SHR__VERB_XLOOK, &t.name, &args, &t.told), 0);
	ck_assert_uint_eq(front_saw, 3);
	ck_assert_uint_eq(side_saw, 2);
	ck_assert_uint_eq(t.told.n_rules, 2);
	ck_assert_str_eq(t.told.rules[0].rule_id, "r-3");
	ck_assert_str_eq(t.told.rules[1].rule_id, "r-4");
	try_end(&t);
}
END_TEST

START_TEST(lists_are_joined_in_the_order_of_names)
{
	struct shr__callargs args = { .after = "", .max = 3 };
	char all[64] = "", after[8] = "";

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	for (int i = 0; i < 5; i++) {
		args.after = after;
		ck_assert_int_eq(shr__backend_call(t.backend, SHR__VERB_XLIST, &t.name, &args, &t.told), 0);
		for (uint32_t k = 0; k < t.told.n_found; k++)
			strcat(all, t.told.found[k].name);
		if (t.told.n_found < 3)
			break;
		strcpy(after, t.told.found[2].name);
	}
	ck_assert_str_eq(all, "abcdefg");
	try_end(&t);
}
END_TEST

static uint64_t life(void)
{
	uint64_t n = 0;

	ck_assert_int_eq(shr__backend_call(t.backend, SHR__VERB_PROBE, &t.name, NULL, &t.told), 0);
	shr__told_number(&t.told, "", SHR_NUMBER_INCARNATION, &n);
	return n;
}

START_TEST(the_new_life_of_either_is_seen)
{
	uint64_t one, two;

	ck_assert_int_eq(open_both(TRY_BOTH), 0);
	one = life();
	ck_assert_uint_ne(one, 0);
	ck_assert_uint_eq(life(), one);
	front_life++;
	two = life();
	ck_assert_uint_ne(two, one);
	side_life++;
	ck_assert_uint_ne(life(), two);
	ck_assert_uint_ne(life(), one);
	side_life = 0;
	ck_assert_uint_ne(life(), 0);
	side_life = 6;
	front_life = 5;
	try_end(&t);
}
END_TEST

/* ---- what cannot stand side by side ---- */

static void wrong(const char *words)
{
	ck_assert_int_eq(open_both(TRY_BOTH), SHR_EINVAL);
	ck_assert_uint_ge(t.error->n_faults, 1);
	ck_assert_msg(strstr(t.error->faults[0]->message, words) != NULL, "%s", t.error->faults[0]->message);
	ck_assert_msg(strcmp(t.error->faults[0]->where, "test:6") == 0, "%s", t.error->faults[0]->where);
	try_end(&t);
}

START_TEST(two_that_cannot_be_side_by_side_are_refused)
{
	side.protocols |= SHR_PROTO_NFS;
	wrong("exporters front and side both speak nfs");
	side.protocols = SHR_PROTO_SMB;
	side.features = try_front.features = SHR_EXPORTER_NUMBERED;
	wrong("both need export numbers");
	side.features = try_front.features = 0;
	side.capabilities &= ~SHR_CAP_DUAL_PROTOCOL;
	wrong("exporter side does not keep what dual_protocol promises");
	side.capabilities |= SHR_CAP_DUAL_PROTOCOL;
}
END_TEST

UNIT_MAIN(plugin_each, a_backend_is_all_of_its_exporters, each_exports_what_it_speaks, both_that_answer_later_come_to_their_end,
	what_tells_nothing_goes_to_all_at_once_and_to_none_twice, a_token_that_is_none_of_its_own_is_as_none,
	the_first_failure_is_the_calls_own, what_is_taken_away_goes_everywhere_though_one_fails, all_are_held_or_none_is,
	two_that_are_held_slowly_come_to_an_end,
	a_hold_that_fails_late_lets_go_of_the_first,
	each_is_told_the_rules_that_it_can_have, who_has_nothing_of_a_change_is_not_called,
	all_are_called_when_the_whole_is_told_anew, looks_are_joined,
	lists_are_joined_in_the_order_of_names, the_new_life_of_either_is_seen, two_that_cannot_be_side_by_side_are_refused)

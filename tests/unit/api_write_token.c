/* tests/unit/api_write_token.c - the same call again, expected versions, and whose things they are */
#include "write_try.h"

static struct shr_change_params token(const char *word)
{
	struct shr_change_params p = SHR_CHANGE_PARAMS_INIT;

	p.token = word;
	return p;
}

static struct shr_share_spec spec_with(const char *word)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;

	spec.token = word;
	spec.bytes = GIB;
	spec.protocols = SHR_PROTO_NFS;
	return spec;
}

/* The operation of a create; its id. */
static const char *create(struct shr_session *s, struct shr_share_spec *spec, char id[ID_ROOM])
{
	const struct shr_op *op = NULL;

	DONE(shr_share_create(s, spec, &op, &e));
	snprintf(id, ID_ROOM, "%s", op->id);
	shr_op_unref(op);
	return id;
}

START_TEST(the_same_call_gives_the_same_operation)
{
	struct shr_share_spec spec = spec_with("t1");
	char first[ID_ROOM], again[ID_ROOM];
	uint64_t before;

	set_up();
	create(p1, &spec, first);
	before = store_print();
	ck_assert_str_eq(create(p1, &spec, again), first);
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(without_a_token_each_call_is_its_own)
{
	struct shr_share_spec spec = spec_with(NULL);
	char first[ID_ROOM], again[ID_ROOM];

	set_up();
	create(p1, &spec, first);
	ck_assert_str_ne(create(p1, &spec, again), first);
	tear_down();
}
END_TEST

/* Every field of the spec is part of what a token stands for. */
START_TEST(a_different_call_with_the_same_token_is_refused)
{
	const char *pairs[] = { "k", "v" };
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW };
	struct shr_share_spec spec = spec_with("t1");
	const struct shr_op *op = NULL;
	char id[ID_ROOM];

	set_up();
	create(p1, &spec, id);
#define OTHER(change) \
	do { \
		spec = spec_with("t1"); \
		change; \
		WRONG_CODE(SHR_ETOKEN, "token", shr_share_create(p1, &spec, &op, &e)); \
	} while (0)
	OTHER(spec.bytes++);
	OTHER(spec.name = "x");
	OTHER(spec.name = "");
	OTHER(spec.description = "x");
	OTHER(spec.protocols = SHR_PROTO_SMB);
	OTHER(spec.zone = "z1");
	OTHER(spec.backend = "alpha");
	OTHER(spec.pool = "ssd");
	OTHER((spec.metadata = pairs, spec.n_metadata = 1));
	OTHER((spec.rules = &rule, spec.n_rules = 1, spec.rule_size = sizeof rule));
	tear_down();
}
END_TEST

START_TEST(a_token_is_one_for_all_calls_of_a_project)
{
	struct shr_share_spec spec = spec_with("t1");
	struct shr_change_params t1 = token("t1");
	char id[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	create(p1, &spec, id);
	WRONG_CODE(SHR_ETOKEN, "token", shr_share_delete(p1, ID(1), &t1, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(each_project_has_tokens_of_its_own)
{
	struct shr_share_spec spec = spec_with("t1");
	char first[ID_ROOM], other[ID_ROOM];

	set_up();
	create(p1, &spec, first);
	ck_assert_str_ne(create(p2, &spec, other), first);
	tear_down();
}
END_TEST

START_TEST(the_same_extend_is_made_once)
{
	struct shr_change_params t1 = token("t1");
	const struct shr_op *op = NULL;
	char first[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, &t1, &op, &e));
	snprintf(first, sizeof first, "%s", op_id_of(op));
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, &t1, &op, &e)); /* the share is extending now, which is no matter */
	ck_assert_str_eq(op_id_of(op), first);
	WRONG_CODE(SHR_ETOKEN, "token", shr_share_extend(p1, ID(1), 30 * GIB, &t1, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_token_is_known_after_its_share_has_gone)
{
	struct shr_change_params t1 = token("t1"), t2 = token("t2");
	const struct shr_op *op = NULL;
	char first[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_force_delete(sys, ID(1), &t1, &op, &e));
	snprintf(first, sizeof first, "%s", op_id_of(op));
	NO_ROW(share, .id = ID(1));
	DONE(shr_share_force_delete(sys, ID(1), &t1, &op, &e));
	ck_assert_str_eq(op_id_of(op), first);
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_force_delete(sys, ID(1), &t2, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(the_same_create_is_known_when_no_pool_has_room_any_more)
{
	struct shr_share_spec spec = spec_with("t1"), other = spec_with("t2");
	const struct shr_op *op = NULL;
	char first[ID_ROOM], again[ID_ROOM];

	set_up();
	spec.bytes = 60 * GIB;
	other.bytes = 60 * GIB;
	create(p1, &spec, first);
	REFUSED(SHR_ENOSPC, NULL, shr_share_create(p1, &other, &op, &e));
	ck_assert_str_eq(create(p1, &spec, again), first);
	tear_down();
}
END_TEST

START_TEST(a_token_whose_call_was_refused_is_not_used_up)
{
	struct shr_share_spec spec = spec_with("t1");
	const struct shr_op *op = NULL;
	char id[ID_ROOM];

	set_up();
	spec.bytes = 1000 * GIB;
	REFUSED(SHR_ENOSPC, NULL, shr_share_create(p1, &spec, &op, &e));
	spec.bytes = GIB;
	create(p1, &spec, id);
	tear_down();
}
END_TEST

START_TEST(the_rules_of_a_batch_are_part_of_its_token)
{
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW };
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_op *op = NULL;
	char first[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	p.token = "t1";
	p.changes = &rule;
	p.n_changes = 1;
	DONE(shr_access_apply(p1, ID(1), &p, &op, &e));
	snprintf(first, sizeof first, "%s", op_id_of(op));
	DONE(shr_access_apply(p1, ID(1), &p, &op, &e)); /* without the token it would be there already */
	ck_assert_str_eq(op_id_of(op), first);
	rule.level = SHR_LEVEL_RO;
	WRONG_CODE(SHR_ETOKEN, "token", shr_access_apply(p1, ID(1), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(tokens_are_short_text)
{
	struct shr_change_params p = token("");
	char word[257];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	WRONG("token", shr_share_delete(p1, ID(1), &p, NULL, &e));
	memset(word, 'x', sizeof word);
	word[256] = '\0';
	p.token = word;
	WRONG("token", shr_share_delete(p1, ID(1), &p, NULL, &e));
	p.token = "\xff\xfe";
	WRONG("token", shr_share_delete(p1, ID(1), &p, NULL, &e));
	word[255] = '\0';
	p.token = word;
	DONE(shr_share_delete(p1, ID(1), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(another_version_than_expected_is_a_conflict)
{
	struct shr_change_params p = SHR_CHANGE_PARAMS_INIT;
	struct shr_share_update_params u = SHR_SHARE_UPDATE_PARAMS_INIT;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	u.name = "new";
	u.if_version = 1;
	DONE(shr_share_update(p1, ID(1), &u, NULL, &e));
	WRONG_CODE(SHR_ECONFLICT, "if_version", shr_share_update(p1, ID(1), &u, NULL, &e));
	p.if_version = 1;
	WRONG_CODE(SHR_ECONFLICT, "if_version", shr_share_extend(p1, ID(1), 20 * GIB, &p, NULL, &e));
	p.if_version = UINT64_MAX;
	WRONG("if_version", shr_share_extend(p1, ID(1), 20 * GIB, &p, NULL, &e));
	p.if_version = 2;
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(another_revision_of_the_rules_than_expected_is_a_conflict)
{
	struct shr_access_change rule = { .verb = SHR_SET, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW };
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	p.changes = &rule;
	p.n_changes = 1;
	DONE(shr_access_apply(p1, ID(1), &p, NULL, &e));
	p.if_revision = 2;
	WRONG_CODE(SHR_ECONFLICT, "if_revision", shr_access_apply(p1, ID(1), &p, NULL, &e));
	p.if_revision = 1;
	DONE(shr_access_apply(p1, ID(1), &p, NULL, &e));
	p.if_revision = UINT64_MAX;
	WRONG("if_revision", shr_access_apply(p1, ID(1), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(the_quota_has_a_version_too)
{
	struct shr_change_params p = SHR_CHANGE_PARAMS_INIT;

	set_up();
	p.if_version = 1;
	WRONG_CODE(SHR_ECONFLICT, "if_version", shr_quota_set(admin, "p1", 1, 1, &p, NULL, &e));
	DONE(shr_quota_set(admin, "p1", 1, 1, NULL, NULL, &e));
	DONE(shr_quota_set(admin, "p1", 2, 2, &p, NULL, &e));
	WRONG_CODE(SHR_ECONFLICT, "if_version", shr_quota_set(admin, "p1", 3, 3, &p, NULL, &e));
	tear_down();
}
END_TEST

/* Every call, by P2 on a share of P1. */
START_TEST(anothers_share_is_not_found)
{
	struct shr_share_update_params u = SHR_SHARE_UPDATE_PARAMS_INIT;
	struct shr_change_params t1 = token("t1");
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	before = store_print();
	u.name = "mine";
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_update(p2, ID(1), &u, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_extend(p2, ID(1), 20 * GIB, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_shrink(p2, ID(1), GIB, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_delete(p2, ID(1), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_delete(p2, ID(1), &t1, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_force_delete(p2, ID(1), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_unmanage(p2, ID(1), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_share_reset_state(p2, ID(1), SHR_SHARE_ERROR, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_access_allow(p2, ID(1), SHR_ACCESS_IP, "10.0.0.1", SHR_LEVEL_RW, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_lock_add(p2, ID(1), "me", NULL, NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no share", shr_lock_remove(p2, ID(1), "me", NULL, NULL, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

/* The words are those for an id that nobody has. */
START_TEST(anothers_share_looks_like_none_at_all)
{
	const struct shr_error *theirs = NULL, *none = NULL;
	char words[200];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	ck_assert_int_eq(shr_share_delete(p2, ID(1), NULL, NULL, &theirs), SHR_ENOTFOUND);
	ck_assert_int_eq(shr_share_delete(p2, ID(2), NULL, NULL, &none), SHR_ENOTFOUND);
	snprintf(words, sizeof words, "%s", none->message);
	memcpy(strstr(words, ID(2)), ID(1), ID_ROOM - 1);
	ck_assert_str_eq(theirs->message, words);
	ck_assert_str_eq(theirs->remedy, none->remedy);
	shr_error_unref(theirs);
	shr_error_unref(none);
	tear_down();
}
END_TEST

START_TEST(what_is_for_administrators_is_refused_to_others)
{
	struct shr_share_manage_params m = SHR_SHARE_MANAGE_PARAMS_INIT;
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	before = store_print();
	REFUSED(SHR_EPERM, "share:force_delete", shr_share_force_delete(p1, ID(1), NULL, NULL, &e));
	REFUSED(SHR_EPERM, "share:reset_state", shr_share_reset_state(p1, ID(1), SHR_SHARE_ERROR, NULL, NULL, &e));
	REFUSED(SHR_EPERM, "share:unmanage", shr_share_unmanage(p1, ID(1), NULL, NULL, &e));
	m.backend = "alpha";
	m.pool = "ssd";
	m.source = "x";
	m.protocols = SHR_PROTO_NFS;
	REFUSED(SHR_EPERM, "share:manage", shr_share_manage(p1, &m, NULL, &e));
	REFUSED(SHR_EPERM, "quota:set", shr_quota_set(p1, "p1", -1, -1, NULL, NULL, &e));
	REFUSED(SHR_EPERM, "quota:set", shr_quota_set(p1, "p2", -1, -1, NULL, NULL, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(what_an_administrator_does_stays_the_projects)
{
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(admin, ID(1), 20 * GIB, NULL, &op, &e));
	ck_assert_str_eq(op->project, "p1");
	ck_assert_str_eq(op->user, "ann");
	shr_op_unref(op);
	ROW(quota, quota, .project = "p1");
	ck_assert_int_eq(quota.bytes_used, 10 * GIB);
	NO_ROW(quota, .project = "p9");
	tear_down();
}
END_TEST

/* Asked once a call, outside any transaction. */
struct asked {
	int n;
	char action[64], object_project[64], object_id[ID_ROOM];
};

static int ask(void *data, const struct shr_ask *ask)
{
	struct asked *a = data;

	a->n++;
	snprintf(a->action, sizeof a->action, "%s", ask->action);
	snprintf(a->object_project, sizeof a->object_project, "%s", ask->object_project);
	snprintf(a->object_id, sizeof a->object_id, "%s", ask->object_id);
	return strcmp(ask->action, "share:delete") == 0 ? SHR_EPERM : 0;
}

START_TEST(the_host_is_asked_once_a_call_about_the_objects_project)
{
	struct asked asked = { 0 };
	struct shr_host host = SHR_HOST_INIT;

	host.authorise = ask;
	host.data = &asked;
	set_up_host(&host);
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	DONE(shr_share_extend(p2, ID(1), 20 * GIB, NULL, NULL, &e)); /* as it allows everything but one */
	ck_assert_int_eq(asked.n, 1);
	ck_assert_str_eq(asked.action, "share:extend");
	ck_assert_str_eq(asked.object_project, "p1");
	ck_assert_str_eq(asked.object_id, ID(1));
	REFUSED(SHR_EPERM, "share:delete", shr_share_delete(p1, ID(1), NULL, NULL, &e));
	ck_assert_int_eq(asked.n, 2);
	tear_down();
}
END_TEST

UNIT_MAIN(api_write_token, the_same_call_gives_the_same_operation, without_a_token_each_call_is_its_own,
	a_different_call_with_the_same_token_is_refused, a_token_is_one_for_all_calls_of_a_project, each_project_has_tokens_of_its_own,
	the_same_extend_is_made_once, a_token_is_known_after_its_share_has_gone,
	the_same_create_is_known_when_no_pool_has_room_any_more, a_token_whose_call_was_refused_is_not_used_up,
	the_rules_of_a_batch_are_part_of_its_token, tokens_are_short_text, another_version_than_expected_is_a_conflict,
	another_revision_of_the_rules_than_expected_is_a_conflict, the_quota_has_a_version_too, anothers_share_is_not_found,
	anothers_share_looks_like_none_at_all, what_is_for_administrators_is_refused_to_others,
	what_an_administrator_does_stays_the_projects, the_host_is_asked_once_a_call_about_the_objects_project)

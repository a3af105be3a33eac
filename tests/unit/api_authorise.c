/* tests/unit/api_authorise.c - who may do what: the default rules, each action, and the host's own word */
#include "api_try.h"

#include "api/actions.h"

/* What a caller of each kind gets: "own", "other", "none" are the object's project. */
struct expected {
	const char *action;
	int own, other, none;      /* a member without roles */
	int keys_own, keys_other;  /* with the role "access_key" */
};
#define YES 0
#define NO SHR_EPERM
#define HIDE SHR_ENOTFOUND
#define MEMBER(action) { action, YES, HIDE, YES, YES, HIDE }
#define ADMINS(action) { action, NO, HIDE, NO, NO, HIDE }

static const struct expected table[] = {
	MEMBER("share:create"), MEMBER("share:get"), MEMBER("share:list"), ADMINS("share:list_all"), MEMBER("share:update"),
	MEMBER("share:extend"), MEMBER("share:shrink"), MEMBER("share:delete"), ADMINS("share:force_delete"),
	ADMINS("share:reset_state"), ADMINS("share:manage"), ADMINS("share:unmanage"), ADMINS("share:reconcile"),
	MEMBER("share:revert"), MEMBER("snapshot:create"), MEMBER("snapshot:get"), MEMBER("snapshot:list"),
	ADMINS("snapshot:list_all"), MEMBER("snapshot:update"), MEMBER("snapshot:set_access"), MEMBER("snapshot:delete"),
	ADMINS("snapshot:force_delete"), ADMINS("snapshot:reset_state"), ADMINS("snapshot:manage"), ADMINS("snapshot:unmanage"),
	MEMBER("delete:check"), ADMINS("export:admin"),
	MEMBER("access:apply"), MEMBER("access:get"), MEMBER("access:list"), MEMBER("access:explain"),
	MEMBER("access:wait"),
	{ "access_key:show", NO, HIDE, NO, YES, HIDE },
	MEMBER("lock:add"), MEMBER("lock:remove"), MEMBER("lock:list"), MEMBER("op:get"), MEMBER("op:list"),
	ADMINS("op:list_all"), MEMBER("op:cancel"), MEMBER("event:read"), ADMINS("event:list_all"), MEMBER("pool:list"),
	ADMINS("backend:reconcile"), MEMBER("plugin:list"), { "quota:get", YES, NO, YES, YES, NO }, ADMINS("quota:set"),
	ADMINS("orphan:list"), ADMINS("orphan:delete"), ADMINS("orphan:adopt"), ADMINS("drift:list"),
};
#define N_TABLE (sizeof table / sizeof table[0])

#define ONE(name, action, rule, what) action,
static const char *const all_actions[] = { SHR__ACTIONS(ONE) };
#define N_ACTIONS (sizeof all_actions / sizeof all_actions[0])

START_TEST(the_matrix_names_every_action)
{
	ck_assert_uint_eq(N_TABLE, N_ACTIONS);
	for (size_t i = 0; i < N_ACTIONS; i++)
		ck_assert_str_eq(table[i].action, all_actions[i]);
}
END_TEST

static void check(struct shr_session *s, const char *action, const char *project, int want)
{
	int got = shr__allowed(s, action, project, project[0] ? ID(1) : "");

	if (got != want)
		ck_abort_msg("%s of \"%s\" on \"%s\": %s, not %s", action, s->project, project, shr_strcode(got), shr_strcode(want));
}

START_TEST(a_member_may_what_the_matrix_says)
{
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0), *keys = try_session(ctx, "p1", "access_key", 0);

	for (size_t i = 0; i < N_TABLE; i++) {
		check(s, table[i].action, "p1", table[i].own);
		check(s, table[i].action, "p2", table[i].other);
		check(s, table[i].action, "", table[i].none);
		check(keys, table[i].action, "p1", table[i].keys_own);
		check(keys, table[i].action, "p2", table[i].keys_other);
	}
	check(s, "what:nobody_knows", "p1", NO);
	shr_session_close(s);
	shr_session_close(keys);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(admins_and_the_system_may_everything)
{
	struct shr_ctx *ctx = try_open();
	struct shr_session *admin = try_session(ctx, "p1", "admin", 0), *sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);

	for (size_t i = 0; i < N_TABLE; i++) {
		check(admin, table[i].action, "p1", YES);
		check(admin, table[i].action, "p2", YES);
		check(admin, table[i].action, "", YES);
		check(sys, table[i].action, "p2", YES);
	}
	REFUSED(SHR_EPERM, "purging", shr__need_system(admin, "purging", &e));
	DONE(shr__need_system(sys, "purging", &e));
	shr_session_close(admin);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}
END_TEST

struct asked {
	int n, answer;
	char text[256];
};

static int answer(void *data, const struct shr_ask *ask)
{
	struct asked *a = data;

	a->n++;
	ck_assert_uint_eq(ask->size, sizeof *ask);
	snprintf(a->text, sizeof a->text, "%s %s %s %s %s %s %s", ask->action, ask->project, ask->user,
		ask->n_roles ? ask->roles[0] : "-", ask->object_project, ask->object_id, (const char *)ask->session_data);
	return a->answer;
}

static struct shr_ctx *open_asking(struct asked *a)
{
	struct shr_host host = SHR_HOST_INIT;

	host.data = a;
	host.authorise = answer;
	return try_open_host(&host, NULL);
}

START_TEST(the_host_is_asked_once_with_all_it_may_want)
{
	struct asked a = { 0, 0, "" };
	struct shr_ctx *ctx = open_asking(&a);
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const char *role = "reader";
	const struct shr_share *share = NULL;
	struct shr_session *s = NULL;
	char want[256];

	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p2");
	p.project = "p1";
	p.user = "ann";
	p.roles = &role;
	p.n_roles = 1;
	p.data = (void *)(uintptr_t)"session";
	DONE(shr_session_open(ctx, &p, &s, &e));
	ck_assert_int_eq(a.n, 0);
	DONE(shr_share_get(s, ID(1), &share, &e)); /* the host's yes counts for another project's share too */
	shr_share_unref(share);
	ck_assert_int_eq(a.n, 1);
	snprintf(want, sizeof want, "share:get p1 ann reader p2 %s session", ID(1));
	ck_assert_str_eq(a.text, want);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(the_hosts_no_is_kept)
{
	const int answers[][2] = { { SHR_EPERM, SHR_EPERM }, { SHR_ENOTFOUND, SHR_ENOTFOUND }, { 1, SHR_EPERM },
		{ -5, SHR_EPERM } };
	struct asked a = { 0, 0, "" };
	struct shr_ctx *ctx = open_asking(&a);
	struct shr_session *s = try_session(ctx, "p1", "admin", 0);
	const struct shr_share *share = NULL;
	const struct shr_share_page *page = NULL;

	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		a.answer = answers[i][0];
		REFUSED(answers[i][1], NULL, shr_share_get(s, ID(1), &share, &e));
		REFUSED(SHR_EPERM, "share:list", shr_share_list(s, NULL, NULL, &page, &e));
	}
	ck_assert_ptr_null(share);
	ck_assert_ptr_null(page);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(the_system_is_never_asked_about)
{
	struct asked a = { 0, SHR_EPERM, "" };
	struct shr_ctx *ctx = open_asking(&a);
	struct shr_session *s = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
	const struct shr_share_page *page = NULL;

	DONE(shr_share_list(s, NULL, NULL, &page, &e));
	shr_share_page_unref(page);
	ck_assert_int_eq(a.n, 0);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(calls_refuse_members_what_is_for_admins)
{
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);
	struct shr_list_params all = SHR_LIST_PARAMS_INIT;
	const struct shr_orphan_page *orphans = NULL;
	const struct shr_event_page *events = NULL;
	const struct shr_op_page *ops = NULL;
	const struct shr_quota *quota = NULL;
	char *after = NULL;

	all.flags = SHR_LIST_ALL_PROJECTS;
	REFUSED(SHR_EPERM, "orphan:list", shr_orphan_list(s, NULL, &orphans, &e));
	REFUSED(SHR_EPERM, "op:list_all", shr_op_list(s, NULL, &all, &ops, &e));
	REFUSED(SHR_EPERM, "event:list_all", shr_event_read(s, NULL, 0, SHR_LIST_ALL_PROJECTS, NULL, &events, &e));
	REFUSED(SHR_EPERM, "quota:get", shr_quota_get(s, "p2", &quota, &e));
	REFUSED(SHR_EPERM, "purging", shr_purge(s, 0, &e));
	REFUSED(SHR_EPERM, "sealing", shr_access_reseal(s, NULL, 0, &after, &e));
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

UNIT_MAIN(api_authorise, the_matrix_names_every_action, a_member_may_what_the_matrix_says, admins_and_the_system_may_everything,
	the_host_is_asked_once_with_all_it_may_want, the_hosts_no_is_kept, the_system_is_never_asked_about,
	calls_refuse_members_what_is_for_admins)

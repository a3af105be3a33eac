/* tests/unit/api_ctx.c - contexts and sessions: what is taken, and what is refused */
#include "api_try.h"

#include <sys/wait.h>
#include <unistd.h>

START_TEST(opens_in_memory_without_any_params)
{
	struct shr_ctx *ctx = NULL;

	DONE(shr_ctx_open(SHR_HEADER_VERSION, NULL, &ctx, &e));
	DONE(shr_ctx_check(ctx, SHR_CHECK_QUICK, &e));
	DONE(shr_ctx_check(ctx, SHR_CHECK_FULL, &e));
	REFUSED(SHR_EINVAL, "how", shr_ctx_check(ctx, 2, &e));
	shr_ctx_close(ctx);
	shr_ctx_close(NULL);
}
END_TEST

START_TEST(refuses_a_newer_program)
{
	struct shr_ctx *ctx = (struct shr_ctx *)1;

	REFUSED(SHR_EABI, "built for libshare", shr_ctx_open(SHR_HEADER_VERSION + 1, NULL, &ctx, &e));
	REFUSED(SHR_EABI, "built for libshare 255.255.255", shr_ctx_open(0xffffff, NULL, &ctx, &e));
	REFUSED(SHR_EINVAL, "version", shr_ctx_open(0, NULL, &ctx, &e));
	ck_assert_ptr_eq(ctx, (struct shr_ctx *)1);
}
END_TEST

START_TEST(takes_an_older_program)
{
	struct shr_ctx *ctx = NULL;

	DONE(shr_ctx_open(1, NULL, &ctx, &e));
	shr_ctx_close(ctx);
}
END_TEST

/* Parameters of other versions: shorter than the first, larger with and without news. */
START_TEST(params_of_other_sizes)
{
	struct {
		struct shr_ctx_params p;
		uint64_t more[2];
	} big = { SHR_CTX_PARAMS_INIT, { 0, 0 } };
	struct shr_ctx *ctx = NULL;

	big.p.size = offsetof(struct shr_ctx_params, store);
	REFUSED(SHR_EINVAL, "size", shr_ctx_open(SHR_HEADER_VERSION, &big.p, &ctx, &e));
	big.p.size = sizeof big;
	DONE(shr_ctx_open(SHR_HEADER_VERSION, &big.p, &ctx, &e));
	shr_ctx_close(ctx);
	big.more[1] = 1;
	REFUSED(SHR_EABI, "shr_ctx_params", shr_ctx_open(SHR_HEADER_VERSION, &big.p, &ctx, &e));
	big.p.size = 3;
	REFUSED(SHR_EINVAL, "size", shr_ctx_open(SHR_HEADER_VERSION, &big.p, &ctx, &e));
}
END_TEST

START_TEST(list_params_and_filters_of_other_sizes)
{
	struct {
		struct shr_list_params p;
		uint64_t more;
	} list = { SHR_LIST_PARAMS_INIT, 0 };
	struct {
		struct shr_share_filter f;
		uint64_t more;
	} filter = { SHR_SHARE_FILTER_INIT, 0 };
	const struct shr_share_page *page = NULL;
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);

	list.p.size = 16;
	REFUSED(SHR_EINVAL, "size", shr_share_list(s, NULL, &list.p, &page, &e));
	list.p.size = sizeof list;
	filter.f.size = sizeof filter;
	DONE(shr_share_list(s, &filter.f, &list.p, &page, &e));
	shr_share_page_unref(page);
	list.more = 1;
	REFUSED(SHR_EABI, "shr_list_params", shr_share_list(s, &filter.f, &list.p, &page, &e));
	list.more = 0;
	filter.more = 1;
	REFUSED(SHR_EABI, "shr_share_filter", shr_share_list(s, &filter.f, &list.p, &page, &e));
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(refuses_what_no_context_takes)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_store hollow = { NULL, NULL };
	struct shr_ctx *ctx = NULL;

	REFUSED(SHR_EINVAL, "ret_ctx", shr_ctx_open(SHR_HEADER_VERSION, NULL, NULL, &e));
	p.flags = 2;
	REFUSED(SHR_EINVAL, "flags", shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	p.flags = 0;
	p.config_path = p.config_text = "a: b";
	REFUSED(SHR_EINVAL, "config_text", shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	p.config_path = NULL;
	REFUSED(SHR_EINVAL, NULL, shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	p.config_text = NULL;
	p.store = &hollow;
	REFUSED(SHR_EINVAL, "store", shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	REFUSED(SHR_EINVAL, "ctx", shr_ctx_check(NULL, 0, &e));
	ck_assert_ptr_null(ctx);
}
END_TEST

START_TEST(a_store_is_the_hosts_until_the_context_is_open)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_host host = SHR_HOST_INIT;
	struct shr_ctx *ctx = NULL;

	DONE(shr_store_sqlite(":memory:", SHR_STORE_CREATE, &p.store, &e));
	host.flags = 1;
	p.host = &host;
	REFUSED(SHR_EINVAL, "host.flags", shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	p.host = NULL;
	DONE(shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e)); /* the failed open left the store alone */
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(a_store_file_is_made_only_when_asked)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	char dir[] = "/tmp/api_ctx.XXXXXX", text[256], file[128];
	struct shr_ctx *ctx = NULL;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/s.db", dir);
	snprintf(text, sizeof text, "store: {path: %s}\nbackends:\n  - {name: b, driver: null, pools: [{name: p}]}\n", file);
	p.config_text = text;
	ck_assert_int_lt(shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, NULL), 0);
	ck_assert_int_ne(access(file, F_OK), 0);
	p.flags = SHR_CTX_CREATE;
	DONE(shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	shr_ctx_close(ctx);
	p.flags = 0;
	DONE(shr_ctx_open(SHR_HEADER_VERSION, &p, &ctx, &e));
	shr_ctx_close(ctx);
	snprintf(text, sizeof text, "rm -r %s", dir);
	ck_assert_int_eq(system(text), 0);
}
END_TEST

static int in_child(struct shr_ctx *ctx, struct shr_session *s)
{
	const struct shr_share_page *page = NULL;
	struct shr_session *other = NULL;
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;

	p.project = "p1";
	if (shr_share_list(s, NULL, NULL, &page, NULL) != SHR_ESTORE)
		return 1;
	if (shr_session_open(ctx, &p, &other, NULL) != SHR_ESTORE)
		return 2;
	if (shr_ctx_check(ctx, 0, NULL) != SHR_ESTORE)
		return 3;
	shr_session_close(s);
	shr_ctx_close(ctx);
	return 0;
}

START_TEST(is_dead_in_a_forked_child)
{
	const struct shr_share_page *page = NULL;
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);
	int status = -1;
	pid_t pid = fork();

	/* Another program instead of an exit: what the child cannot free is no leak of the test. */
	if (pid == 0) {
		execlp("sh", "sh", "-c", in_child(ctx, s) ? "exit 1" : "exit 0", (char *)NULL);
		_exit(2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert(WIFEXITED(status));
	DONE(shr_share_list(s, NULL, NULL, &page, &e)); /* and the parent goes on */
	shr_share_page_unref(page);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

static void refuse_session(struct shr_ctx *ctx, const struct shr_session_params *p, const char *field)
{
	struct shr_session *s = NULL;

	REFUSED(SHR_EINVAL, field, shr_session_open(ctx, p, &s, &e));
	ck_assert_ptr_null(s);
}

START_TEST(sessions_refuse_bad_callers)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const char *roles[] = { "admin", "" };
	struct shr_ctx *ctx = try_open();
	char longest[257];

	refuse_session(ctx, NULL, "project");
	refuse_session(ctx, &p, "project");
	p.project = "";
	refuse_session(ctx, &p, "project");
	p.project = "a\nb";
	refuse_session(ctx, &p, "project");
	memset(longest, 'x', 256);
	longest[256] = 0;
	p.project = longest;
	refuse_session(ctx, &p, "project");
	p.project = longest + 1;
	p.user = "\xff";
	refuse_session(ctx, &p, "user");
	p.user = NULL;
	p.request_id = longest;
	refuse_session(ctx, &p, "request_id");
	p.request_id = NULL;
	p.n_roles = 2;
	refuse_session(ctx, &p, "roles");
	p.roles = roles;
	refuse_session(ctx, &p, "roles");
	roles[1] = NULL;
	refuse_session(ctx, &p, "roles");
	p.n_roles = 1;
	p.flags = 2;
	refuse_session(ctx, &p, "flags");
	p.flags = 0;
	p.reserved0 = 1;
	refuse_session(ctx, &p, "reserved0");
	REFUSED(SHR_EINVAL, "ctx", shr_session_open(NULL, &p, NULL, &e));
	REFUSED(SHR_EINVAL, "ret_session", shr_session_open(ctx, &p, NULL, &e));
	shr_session_close(NULL);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(sessions_copy_everything)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	char project[] = "p1", user[] = "ann", request[] = "r-1", role[] = "admin";
	const char *roles[] = { role };
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = NULL;

	p.project = project;
	p.user = user;
	p.request_id = request;
	p.roles = roles;
	p.n_roles = 1;
	DONE(shr_session_open(ctx, &p, &s, &e));
	project[0] = user[0] = request[0] = role[0] = '!';
	roles[0] = NULL;
	ck_assert_str_eq(s->project, "p1");
	ck_assert_str_eq(s->user, "ann");
	ck_assert_str_eq(s->request_id, "r-1");
	ck_assert_str_eq(s->roles[0], "admin");
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

START_TEST(calls_refuse_null)
{
	struct shr_ctx *ctx = try_open();
	struct shr_session *s = try_session(ctx, "p1", NULL, 0);

	REFUSED(SHR_EINVAL, "session", shr_share_get(NULL, ID(1), NULL, &e));
	REFUSED(SHR_EINVAL, "ret_share", shr_share_get(s, ID(1), NULL, &e));
	REFUSED(SHR_EINVAL, "ret_page", shr_share_list(s, NULL, NULL, NULL, &e));
	REFUSED(SHR_EINVAL, "ret_op", shr_op_get(s, ID(1), NULL, &e));
	REFUSED(SHR_EINVAL, "ret_quota", shr_quota_get(s, NULL, NULL, &e));
	ck_assert_int_eq(shr_share_get(NULL, NULL, NULL, NULL), SHR_EINVAL);
	shr_session_close(s);
	shr_ctx_close(ctx);
}
END_TEST

UNIT_MAIN(api_ctx, opens_in_memory_without_any_params, refuses_a_newer_program, takes_an_older_program, params_of_other_sizes,
	list_params_and_filters_of_other_sizes, refuses_what_no_context_takes, a_store_is_the_hosts_until_the_context_is_open,
	a_store_file_is_made_only_when_asked, is_dead_in_a_forked_child, sessions_refuse_bad_callers, sessions_copy_everything,
	calls_refuse_null)

/* tests/unit/api_share.c - one share, and lists of them */
#include "api_try.h"

static struct shr_ctx *ctx;
static struct shr_session *p1, *p2, *admin, *sys;

static void put_share(int n, const char *project, const char *name, uint32_t state)
{
	PUT(ctx, share, .id = ID(n), .version = 1, .project = project, .name = name, .state = state, .bytes = 1000 + n,
		.protocols = SHR_PROTO_NFS, .created_ns = n, .updated_ns = n, .access_revision = 3, .n_metadata = 2, .generation = 1);
	PUT(ctx, instance, .id = ID(n + 5000), .share_id = ID(n), .version = 1, .backend = n % 2 ? "alpha" : "beta",
		.pool = n % 3 ? "ssd" : "hdd", .access_applied = 2, .n_exports = 2);
	PUT(ctx, export, .instance_id = ID(n + 5000), .n = 0, .path = "10.0.0.5:/x", .protocol = SHR_PROTO_NFS,
		.flags = SHR_EXPORT_PREFERRED, .family = SHR_FAMILY_IPV4);
	PUT(ctx, export, .instance_id = ID(n + 5000), .n = 1, .path = "10.9.9.9:/x", .protocol = SHR_PROTO_NFS,
		.flags = SHR_EXPORT_ADMIN_ONLY);
	PUT(ctx, metadata, .object_id = ID(n), .key = "env", .value = n % 2 ? "test" : "live", .object = "share");
	PUT(ctx, metadata, .object_id = ID(n), .key = "tier", .value = "gold", .object = "share");
}

static void setup(void)
{
	ctx = try_open();
	p1 = try_session(ctx, "p1", NULL, 0);
	p2 = try_session(ctx, "p2", NULL, 0);
	admin = try_session(ctx, "p9", "admin", 0);
	sys = try_session(ctx, NULL, NULL, SHR_SESSION_SYSTEM);
}

static void teardown(void)
{
	shr_session_close(p1);
	shr_session_close(p2);
	shr_session_close(admin);
	shr_session_close(sys);
	shr_ctx_close(ctx);
}

/* 1 to 20: odd ones of p1, even ones of p2. */
static void put_twenty(void)
{
	setup();
	for (int n = 1; n <= 20; n++)
		put_share(n, n % 2 ? "p1" : "p2", n < 5 ? "home" : "", n == 7 || n == 8 ? SHR_SHARE_ERROR : SHR_SHARE_AVAILABLE);
}

START_TEST(get_shows_all_of_a_share)
{
	const struct shr_share *share = NULL;

	put_twenty();
	DONE(shr_share_get(p1, ID(7), &share, &e));
	ck_assert_str_eq(share->id, ID(7));
	ck_assert_str_eq(share->project, "p1");
	ck_assert_str_eq(share->name, "");
	ck_assert_uint_eq(share->state, SHR_SHARE_ERROR);
	ck_assert_uint_eq(share->bytes, 1007);
	ck_assert_uint_eq(share->access_revision, 3);
	ck_assert_uint_eq(share->access_applied, 2);
	ck_assert_str_eq(share->backend, "alpha");
	ck_assert_str_eq(share->pool, "ssd");
	ck_assert_uint_eq(share->n_metadata, 2);
	ck_assert_str_eq(share->metadata[0]->key, "env");
	ck_assert_str_eq(share->metadata[0]->value, "test");
	ck_assert_str_eq(share->metadata[1]->key, "tier");
	ck_assert_uint_eq(share->n_exports, 1);
	ck_assert_str_eq(share->exports[0]->path, "10.0.0.5:/x");
	ck_assert_uint_eq(share->exports[0]->flags, SHR_EXPORT_PREFERRED);
	ck_assert_str_eq(share->exports[0]->instance_id, ID(5007));
	shr_share_unref(share);
	teardown();
}
END_TEST

START_TEST(admin_exports_need_the_permission)
{
	const struct shr_share *share = NULL;
	const struct shr_share_page *page = NULL;
	struct shr_list_params all = SHR_LIST_PARAMS_INIT;

	put_twenty();
	DONE(shr_share_get(admin, ID(7), &share, &e));
	ck_assert_uint_eq(share->n_exports, 2);
	shr_share_unref(share);
	DONE(shr_share_list(p1, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->items[0]->n_exports, 1);
	shr_share_page_unref(page);
	all.flags = SHR_LIST_ALL_PROJECTS;
	DONE(shr_share_list(admin, NULL, &all, &page, &e));
	ck_assert_uint_eq(page->items[0]->n_exports, 2);
	shr_share_page_unref(page);
	teardown();
}
END_TEST

START_TEST(anothers_share_is_as_if_it_were_not_there)
{
	const struct shr_share *share = NULL;
	const struct shr_error *absent = NULL, *hidden = NULL;
	char gone[ID_ROOM];

	put_twenty();
	ck_assert_int_eq(shr_share_get(p1, id_of(8, gone), &share, &hidden), SHR_ENOTFOUND);
	TAKE_OUT(ctx, share, .id = gone);
	ck_assert_int_eq(shr_share_get(p1, gone, &share, &absent), SHR_ENOTFOUND);
	ck_assert_str_eq(hidden->message, absent->message);
	ck_assert_str_eq(hidden->remedy, absent->remedy);
	ck_assert_uint_eq(hidden->n_faults, absent->n_faults);
	shr_error_unref(absent);
	shr_error_unref(hidden);
	ck_assert_ptr_null(share);
	REFUSED(SHR_EINVAL, "share_id", shr_share_get(p1, "x", &share, &e));
	REFUSED(SHR_EINVAL, "share_id", shr_share_get(p1, NULL, &share, &e));
	teardown();
}
END_TEST

/* Walk all pages of LIMIT; the numbers of the shares in order into NS, at most 64. */
static int walk(struct shr_session *s, struct shr_share_filter *f, uint32_t flags, uint32_t limit, int *ns, int *ret_pages)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;
	char after[4096] = "";
	int n = 0;

	list.flags = flags;
	list.limit = limit;
	list.after = after;
	*ret_pages = 0;
	do {
		DONE(shr_share_list(s, f, &list, &page, &e));
		ck_assert_uint_le(page->n, limit);
		for (uint32_t i = 0; i < page->n; i++)
			ns[n++] = atoi(page->items[i]->id + 24);
		snprintf(after, sizeof after, "%s", page->after);
		shr_share_page_unref(page);
		++*ret_pages;
		ck_assert_int_lt(*ret_pages, 50);
	} while (after[0]);
	return n;
}

START_TEST(pages_cover_the_project_once_in_both_directions)
{
	int ns[64], pages;

	put_twenty();
	for (uint32_t limit = 1; limit <= 11; limit++) {
		ck_assert_int_eq(walk(p1, NULL, 0, limit, ns, &pages), 10);
		ck_assert_int_eq(pages, (10 + (int)limit - 1) / (int)limit);
		for (int i = 0; i < 10; i++)
			ck_assert_int_eq(ns[i], 2 * i + 1);
		ck_assert_int_eq(walk(p2, NULL, SHR_LIST_NEWEST_FIRST, limit, ns, &pages), 10);
		for (int i = 0; i < 10; i++)
			ck_assert_int_eq(ns[i], 20 - 2 * i);
	}
	teardown();
}
END_TEST

START_TEST(all_projects_need_the_permission)
{
	struct shr_list_params all = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;
	int ns[64], pages;

	put_twenty();
	all.flags = SHR_LIST_ALL_PROJECTS;
	REFUSED(SHR_EPERM, "share:list_all", shr_share_list(p1, NULL, &all, &page, &e));
	ck_assert_int_eq(walk(admin, NULL, SHR_LIST_ALL_PROJECTS, 7, ns, &pages), 20);
	ck_assert_int_eq(walk(admin, NULL, 0, 7, ns, &pages), 0);
	ck_assert_int_eq(walk(sys, NULL, 0, 7, ns, &pages), 20);
	ck_assert_int_eq(ns[19], 20);
	teardown();
}
END_TEST

static void check_filter(struct shr_session *s, uint32_t flags, struct shr_share_filter f, int n, int first)
{
	int ns[64], pages;

	f.size = sizeof f;
	for (uint32_t limit = 1; limit <= 21; limit += 4) {
		ck_assert_int_eq(walk(s, &f, flags, limit, ns, &pages), n);
		if (n > 0)
			ck_assert_int_eq(ns[0], first);
		for (int i = 1; i < n; i++)
			for (int j = 0; j < i; j++)
				ck_assert_int_ne(ns[i], ns[j]);
	}
}

START_TEST(filters_find_what_they_name)
{
	put_twenty();
	check_filter(p1, 0, (struct shr_share_filter){ .name = "home" }, 2, 1);
	check_filter(p1, 0, (struct shr_share_filter){ .name = "hom" }, 0, 0);
	check_filter(p1, 0, (struct shr_share_filter){ .state = SHR_SHARE_ERROR }, 1, 7);
	check_filter(p1, 0, (struct shr_share_filter){ .state = SHR_SHARE_AVAILABLE }, 9, 1);
	check_filter(sys, 0, (struct shr_share_filter){ .state = SHR_SHARE_ERROR }, 2, 7);
	check_filter(sys, 0, (struct shr_share_filter){ .state = SHR_SHARE_AVAILABLE }, 18, 1);
	check_filter(p1, 0, (struct shr_share_filter){ .backend = "alpha" }, 10, 3);
	check_filter(p1, 0, (struct shr_share_filter){ .backend = "beta" }, 0, 0);
	check_filter(p1, 0, (struct shr_share_filter){ .backend = "alpha", .pool = "hdd" }, 3, 3);
	check_filter(sys, 0, (struct shr_share_filter){ .backend = "beta", .pool = "ssd" }, 7, 2);
	check_filter(p1, 0, (struct shr_share_filter){ .key = "env" }, 10, 1);
	check_filter(p1, 0, (struct shr_share_filter){ .key = "env", .value = "live" }, 0, 0);
	check_filter(p2, 0, (struct shr_share_filter){ .key = "env", .value = "live" }, 10, 2);
	check_filter(sys, 0, (struct shr_share_filter){ .key = "tier", .value = "gold" }, 20, 1);
	check_filter(sys, 0, (struct shr_share_filter){ .name = "home" }, 4, 1);
}
END_TEST

START_TEST(filters_hold_together)
{
	put_twenty();
	check_filter(p1, 0, (struct shr_share_filter){ .name = "home", .backend = "alpha", .pool = "hdd" }, 1, 3);
	check_filter(p1, 0, (struct shr_share_filter){ .name = "home", .key = "env", .value = "test" }, 2, 1);
	check_filter(sys, 0, (struct shr_share_filter){ .state = SHR_SHARE_ERROR, .key = "env", .value = "live" }, 1, 8);
	check_filter(sys, 0, (struct shr_share_filter){ .backend = "beta", .key = "env", .value = "test" }, 0, 0);
	check_filter(sys, SHR_LIST_NEWEST_FIRST, (struct shr_share_filter){ .state = SHR_SHARE_ERROR }, 2, 8);
	teardown();
}
END_TEST

START_TEST(filters_that_mean_nothing_are_refused)
{
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;
	const struct shr_share_page *page = NULL;

	setup();
	f.pool = "ssd";
	REFUSED(SHR_EINVAL, "pool", shr_share_list(p1, &f, NULL, &page, &e));
	f = (struct shr_share_filter)SHR_SHARE_FILTER_INIT;
	f.value = "x";
	REFUSED(SHR_EINVAL, "value", shr_share_list(p1, &f, NULL, &page, &e));
	teardown();
}
END_TEST

/* A share that lies twice on what is asked for is listed once. */
START_TEST(a_share_with_two_instances_is_listed_once)
{
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;
	const struct shr_share_page *page = NULL;

	setup();
	put_share(1, "p1", "", SHR_SHARE_AVAILABLE);
	PUT(ctx, instance, .id = ID(9000), .share_id = ID(1), .version = 1, .backend = "alpha", .pool = "hdd", .access_applied = 1);
	f.backend = "alpha";
	DONE(shr_share_list(p1, &f, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	ck_assert_uint_eq(page->items[0]->access_applied, 1); /* the least of both */
	shr_share_page_unref(page);
	teardown();
}
END_TEST

/* 60 shares of another project stand before the caller's one: pages are short, and it is found. */
START_TEST(a_page_looks_at_a_bounded_number_of_rows)
{
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;
	int ns[64], pages;

	setup();
	for (int n = 1; n <= 60; n++)
		put_share(n, n < 60 ? "p2" : "p1", "", SHR_SHARE_ERROR);
	f.state = SHR_SHARE_ERROR;
	list.limit = 2;
	DONE(shr_share_list(p1, &f, &list, &page, &e));
	ck_assert_uint_eq(page->n, 0);
	ck_assert_str_ne(page->after, "");
	shr_share_page_unref(page);
	ck_assert_int_eq(walk(p1, &f, 0, 2, ns, &pages), 1);
	ck_assert_int_eq(ns[0], 60);
	ck_assert_int_eq(pages, 3);
	teardown();
}
END_TEST

static void refuse_after(const char *after)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;

	list.after = after;
	REFUSED(SHR_EINVAL, "after", shr_share_list(p1, NULL, &list, &page, &e));
	ck_assert_ptr_null(page);
}

START_TEST(positions_of_no_list_are_refused)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;
	const struct shr_share_page *page = NULL, *next = NULL;
	char *longest = calloc(1, 20001);
	char text[200];

	put_twenty();
	list.limit = 3;
	DONE(shr_share_list(p1, NULL, &list, &page, &e));
	snprintf(text, sizeof text, "%sff", page->after);
	refuse_after(text);
	snprintf(text, sizeof text, "%s-t", page->after);
	refuse_after(text);
	snprintf(text, sizeof text, "%s", page->after);
	text[strlen(text) - 1] = 0;
	refuse_after(text);
	text[strlen(text) - 1] = 'G';
	refuse_after(text);
	refuse_after("x");
	refuse_after("share1-2o");
	refuse_after("share1-2o-");
	refuse_after("share1-2o-i5");
	refuse_after("share1-2o-t00");
	refuse_after("share1-2o-tff");
	refuse_after("share2-2o-t30");
	refuse_after("share1-1o-t30"); /* another index */
	refuse_after("share1-2n-t30"); /* the other direction */
	memset(longest, '0', 20000);
	memcpy(longest, "share1-2o-t", 11);
	refuse_after(longest);
	f.name = "home"; /* and a good one of another list */
	list.after = page->after;
	REFUSED(SHR_EINVAL, "after", shr_share_list(p1, &f, &list, &next, &e));
	shr_share_page_unref(page);
	free(longest);
	teardown();
}
END_TEST

START_TEST(limits_and_flags_are_checked)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;

	setup();
	list.limit = 1001;
	REFUSED(SHR_EINVAL, "limit", shr_share_list(p1, NULL, &list, &page, &e));
	list.limit = 1000;
	list.flags = 4;
	REFUSED(SHR_EINVAL, "flags", shr_share_list(p1, NULL, &list, &page, &e));
	list.flags = 0;
	list.reserved0 = 1;
	REFUSED(SHR_EINVAL, "reserved0", shr_share_list(p1, NULL, &list, &page, &e));
	list.reserved0 = 0;
	DONE(shr_share_list(p1, NULL, &list, &page, &e));
	ck_assert_uint_eq(page->n, 0);
	ck_assert_str_eq(page->after, "");
	shr_share_page_unref(page);
	teardown();
}
END_TEST

START_TEST(a_page_of_a_thousand_goes_on)
{
	int n_first;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;

	setup();
	for (int n = 1; n <= 1001; n++)
		PUT(ctx, share, .id = ID(n), .version = 1, .project = "p1");
	list.limit = 1000;
	DONE(shr_share_list(p1, NULL, &list, &page, &e));
	n_first = (int)page->n;
	ck_assert_int_eq(n_first, 1000);
	ck_assert_str_ne(page->after, "");
	shr_share_page_unref(page);
	teardown();
}
END_TEST

START_TEST(a_damaged_row_is_said_to_be_one)
{
	const struct shr_share *share = NULL;
	const struct shr_share_page *page = NULL;

	setup();
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .bytes = -5);
	PUT(ctx, share, .id = ID(2), .version = 1, .project = "p2", .state = INT64_C(1) << 40);
	REFUSED(SHR_ECORRUPT, "bytes -5", shr_share_get(p1, ID(1), &share, &e));
	REFUSED(SHR_ECORRUPT, "state 1099511627776", shr_share_get(p2, ID(2), &share, &e));
	REFUSED(SHR_ECORRUPT, "damaged", shr_share_list(p1, NULL, NULL, &page, &e));
	teardown();
}
END_TEST

START_TEST(a_record_outlives_its_page_and_its_context)
{
	const struct shr_share_page *page = NULL;
	const struct shr_share *kept;

	put_twenty();
	DONE(shr_share_list(p1, NULL, NULL, &page, &e));
	kept = shr_share_ref(page->items[3]);
	shr_share_page_unref(page);
	teardown();
	ck_assert_str_eq(kept->id, ID(7));
	ck_assert_str_eq(kept->exports[0]->path, "10.0.0.5:/x");
	shr_share_unref(kept);
}
END_TEST

UNIT_MAIN(api_share, get_shows_all_of_a_share, admin_exports_need_the_permission, anothers_share_is_as_if_it_were_not_there,
	pages_cover_the_project_once_in_both_directions, all_projects_need_the_permission, filters_find_what_they_name,
	filters_hold_together, filters_that_mean_nothing_are_refused, a_share_with_two_instances_is_listed_once,
	a_page_looks_at_a_bounded_number_of_rows, positions_of_no_list_are_refused, limits_and_flags_are_checked,
	a_page_of_a_thousand_goes_on, a_damaged_row_is_said_to_be_one, a_record_outlives_its_page_and_its_context)

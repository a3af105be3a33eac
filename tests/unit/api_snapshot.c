/* tests/unit/api_snapshot.c - one snapshot, lists of them, and what keeps them and their shares */
#include "write_try.h"

/* Shares 1 of p1 and 2 of p2; snapshots 11 to 15 of share 1 and 21 of share 2, each with two locations. */
static void put_row(int n, int of, const char *project, const char *name, uint32_t state, int64_t access)
{
	PUT(ctx, snapshot, .id = ID(n), .version = 4, .project = project, .name = name, .description = "words", .state = state,
		.bytes = 1000 + n, .protocols = SHR_PROTO_NFS, .created_ns = n, .updated_ns = n + 1, .cut_ns = n + 2, .ready_ns = n + 3,
		.access_revision = 2, .n_rules = 1, .n_children = 3, .n_metadata = 1, .parent = ID(of), .snapshot_access = access,
		.generation = 1);
	PUT(ctx, instance, .id = ID(n + 5000), .version = 1, .share_id = ID(n), .state = SHR_SNAPSHOT_AVAILABLE, .backend = "alpha",
		.pool = "ssd", .access_applied = 1, .n_exports = 2, .flags = SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT);
	PUT(ctx, export, .instance_id = ID(n + 5000), .n = 0, .path = "10.0.0.5:/x", .protocol = SHR_PROTO_NFS,
		.flags = SHR_EXPORT_READONLY, .family = SHR_FAMILY_IPV4);
	PUT(ctx, export, .instance_id = ID(n + 5000), .n = 1, .path = "10.9.9.9:/x", .protocol = SHR_PROTO_NFS,
		.flags = SHR_EXPORT_READONLY | SHR_EXPORT_ADMIN_ONLY);
	PUT(ctx, metadata, .object_id = ID(n), .key = "env", .value = "test", .object = "snapshot");
}

static void put_all(void)
{
	set_up();
	PUT(ctx, share, .id = ID(1), .version = 1, .project = "p1", .state = SHR_SHARE_AVAILABLE, .bytes = 10, .access_revision = 9,
		.n_children = 5);
	PUT(ctx, share, .id = ID(2), .version = 1, .project = "p2", .state = SHR_SHARE_AVAILABLE, .bytes = 10, .n_children = 1);
	put_row(11, 1, "p1", "monday", SHR_SNAPSHOT_AVAILABLE, SHR_SNAPSHOT_ACCESS_OWN);
	put_row(12, 1, "p1", "tuesday", SHR_SNAPSHOT_AVAILABLE, SHR_SNAPSHOT_ACCESS_SHARE);
	put_row(13, 1, "p1", "", SHR_SNAPSHOT_ERROR, SHR_SNAPSHOT_ACCESS_NONE);
	put_row(14, 1, "p1", "monday", SHR_SNAPSHOT_AVAILABLE, SHR_SNAPSHOT_ACCESS_NONE);
	put_row(15, 1, "p1", "", SHR_SNAPSHOT_CREATING, 0);
	put_row(21, 2, "p2", "monday", SHR_SNAPSHOT_AVAILABLE, SHR_SNAPSHOT_ACCESS_OWN);
}

START_TEST(get_shows_all_of_a_snapshot)
{
	const struct shr_snapshot *s = NULL;

	put_all();
	DONE(shr_snapshot_get(p1, ID(11), &s, &e));
	ck_assert_uint_eq(s->size, sizeof *s);
	ck_assert_str_eq(s->id, ID(11));
	ck_assert_str_eq(s->project, "p1");
	ck_assert_str_eq(s->share_id, ID(1));
	ck_assert_str_eq(s->name, "monday");
	ck_assert_str_eq(s->description, "words");
	ck_assert_uint_eq(s->state, SHR_SNAPSHOT_AVAILABLE);
	ck_assert_uint_eq(s->version, 4);
	ck_assert_uint_eq(s->bytes, 1011);
	ck_assert_uint_eq(s->protocols, SHR_PROTO_NFS);
	ck_assert_int_eq(s->created_ns, 11);
	ck_assert_int_eq(s->updated_ns, 12);
	ck_assert_int_eq(s->cut_ns, 13);
	ck_assert_int_eq(s->ready_ns, 14);
	ck_assert_uint_eq(s->access, SHR_SNAPSHOT_ACCESS_OWN);
	ck_assert_uint_eq(s->access_revision, 2);
	ck_assert_uint_eq(s->access_applied, 1);
	ck_assert_uint_eq(s->n_rules, 1);
	ck_assert_uint_eq(s->n_shares, 3);
	ck_assert_str_eq(s->backend, "alpha");
	ck_assert_str_eq(s->pool, "ssd");
	ck_assert_uint_eq(s->n_metadata, 1);
	ck_assert_str_eq(s->metadata[0]->value, "test");
	ck_assert_uint_eq(s->n_exports, 1); /* the other one is for administrators */
	ck_assert_str_eq(s->exports[0]->path, "10.0.0.5:/x");
	ck_assert_uint_eq(s->exports[0]->flags, SHR_EXPORT_READONLY);
	shr_snapshot_unref(shr_snapshot_ref(s));
	ck_assert_str_eq(s->id, ID(11));
	shr_snapshot_unref(s);
	shr_snapshot_unref(NULL);
	tear_down();
}
END_TEST

START_TEST(a_snapshot_with_its_shares_rules_has_the_revision_of_those)
{
	const struct shr_snapshot *s = NULL;

	put_all();
	DONE(shr_snapshot_get(p1, ID(12), &s, &e));
	ck_assert_uint_eq(s->access_revision, 9);
	shr_snapshot_unref(s);
	tear_down();
}
END_TEST

START_TEST(one_that_is_not_exported_shows_no_location)
{
	const struct shr_snapshot *s = NULL;

	put_all();
	DONE(shr_snapshot_get(admin, ID(13), &s, &e));
	ck_assert_uint_eq(s->n_exports, 0);
	ck_assert_uint_eq(s->access, SHR_SNAPSHOT_ACCESS_NONE);
	shr_snapshot_unref(s);
	DONE(shr_snapshot_get(admin, ID(15), &s, &e)); /* of a store from before there was a mode */
	ck_assert_uint_eq(s->access, SHR_SNAPSHOT_ACCESS_NONE);
	shr_snapshot_unref(s);
	DONE(shr_snapshot_get(admin, ID(11), &s, &e));
	ck_assert_uint_eq(s->n_exports, 2);
	shr_snapshot_unref(s);
	tear_down();
}
END_TEST

START_TEST(anothers_snapshot_is_not_there)
{
	const struct shr_snapshot *s = NULL;

	put_all();
	REFUSED(SHR_ENOTFOUND, ID(21), shr_snapshot_get(p1, ID(21), &s, &e));
	REFUSED(SHR_ENOTFOUND, ID(99), shr_snapshot_get(p1, ID(99), &s, &e));
	REFUSED(SHR_ENOTFOUND, ID(1), shr_snapshot_get(p1, ID(1), &s, &e)); /* a share is none */
	REFUSED(SHR_EINVAL, "snapshot_id", shr_snapshot_get(p1, "x", &s, &e));
	REFUSED(SHR_EINVAL, "ret_snapshot", shr_snapshot_get(p1, ID(11), NULL, &e));
	REFUSED(SHR_ENOTFOUND, NULL, shr_snapshot_delete(p1, ID(21), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, NULL, shr_snapshot_set_access(p1, ID(21), SHR_SNAPSHOT_ACCESS_NONE, NULL, NULL, &e));
	ck_assert_ptr_null(s);
	DONE(shr_snapshot_get(sys, ID(21), &s, &e));
	shr_snapshot_unref(s);
	tear_down();
}
END_TEST

/* The numbers of what a list gives, one after the other, page by page of LIMIT. */
static const char *numbers(struct shr_session *s, const struct shr_snapshot_filter *f, uint32_t flags, uint32_t limit)
{
	static char text[200];
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	char after[512] = "";
	size_t n = 0;

	text[0] = '\0';
	list.flags = flags;
	list.limit = limit;
	do {
		const struct shr_snapshot_page *page = NULL;

		list.after = after[0] ? after : NULL;
		DONE(shr_snapshot_list(s, f, &list, &page, &e));
		ck_assert_uint_le(page->n, limit ? limit : 1000);
		for (uint32_t i = 0; i < page->n; i++)
			for (int k = 0; k < 100; k++)
				if (!strcmp(page->items[i]->id, ID(k)))
					n += (size_t)snprintf(text + n, sizeof text - n, "%s%d", n ? " " : "", k);
		snprintf(after, sizeof after, "%s", page->after);
		shr_snapshot_page_unref(page);
	} while (after[0]);
	return text;
}

START_TEST(lists_show_the_older_first_and_the_projects_own)
{
	put_all();
	for (uint32_t limit = 0; limit < 4; limit++) {
		ck_assert_str_eq(numbers(p1, NULL, 0, limit), "11 12 13 14 15");
		ck_assert_str_eq(numbers(p2, NULL, 0, limit), "21");
		ck_assert_str_eq(numbers(p1, NULL, SHR_LIST_NEWEST_FIRST, limit), "15 14 13 12 11");
		ck_assert_str_eq(numbers(admin, NULL, 0, limit), "");
		ck_assert_str_eq(numbers(admin, NULL, SHR_LIST_ALL_PROJECTS, limit), "11 12 13 14 15 21");
	}
	tear_down();
}
END_TEST

START_TEST(filters_hold_together)
{
	struct shr_snapshot_filter f = SHR_SNAPSHOT_FILTER_INIT;
	const struct shr_snapshot_page *page = NULL;
	struct shr_list_params all = SHR_LIST_PARAMS_INIT;

	put_all();
	for (uint32_t limit = 0; limit < 3; limit++) {
		f = (struct shr_snapshot_filter)SHR_SNAPSHOT_FILTER_INIT;
		f.name = "monday";
		ck_assert_str_eq(numbers(p1, &f, 0, limit), "11 14");
		ck_assert_str_eq(numbers(admin, &f, SHR_LIST_ALL_PROJECTS, limit), "11 14 21");
		f.share_id = ID(1);
		ck_assert_str_eq(numbers(p1, &f, 0, limit), "11 14");
		ck_assert_str_eq(numbers(p2, &f, 0, limit), "");
		f.name = NULL;
		f.state = SHR_SNAPSHOT_ERROR;
		ck_assert_str_eq(numbers(p1, &f, 0, limit), "13");
		f.share_id = ID(2);
		f.state = 0;
		ck_assert_str_eq(numbers(p1, &f, 0, limit), "");
		ck_assert_str_eq(numbers(p2, &f, 0, limit), "21");
	}
	f.share_id = "x";
	REFUSED(SHR_EINVAL, "share_id", shr_snapshot_list(p1, &f, NULL, &page, &e));
	REFUSED(SHR_EINVAL, "ret_page", shr_snapshot_list(p1, NULL, NULL, NULL, &e));
	all.flags = SHR_LIST_ALL_PROJECTS;
	REFUSED(SHR_EPERM, "snapshot:list_all", shr_snapshot_list(p1, NULL, &all, &page, &e));
	ck_assert_ptr_null(page);
	shr_snapshot_page_unref(NULL);
	tear_down();
}
END_TEST

START_TEST(admin_exports_in_lists_need_the_permission)
{
	struct shr_list_params all = SHR_LIST_PARAMS_INIT;
	const struct shr_snapshot_page *page = NULL;

	put_all();
	DONE(shr_snapshot_list(p1, NULL, NULL, &page, &e));
	ck_assert_uint_eq(page->items[0]->n_exports, 1);
	shr_snapshot_page_unref(page);
	all.flags = SHR_LIST_ALL_PROJECTS;
	DONE(shr_snapshot_list(admin, NULL, &all, &page, &e));
	ck_assert_uint_eq(page->items[0]->n_exports, 2);
	shr_snapshot_page_unref(page);
	tear_down();
}
END_TEST

START_TEST(names_are_known_or_unknown)
{
	ck_assert_str_eq(shr_snapshot_state_name(SHR_SNAPSHOT_MANAGING), "managing");
	ck_assert_str_eq(shr_snapshot_state_name(SHR_SHARE_EXTENDING), "unknown");
	ck_assert_str_eq(shr_snapshot_state_name(UINT32_MAX), "unknown");
	ck_assert_str_eq(shr_snapshot_access_name(SHR_SNAPSHOT_ACCESS_SHARE), "share");
	ck_assert_str_eq(shr_snapshot_access_name(SHR_SNAPSHOT_ACCESS_DEFAULT), "unknown");
	ck_assert_str_eq(shr_snapshot_access_name(9), "unknown");
}
END_TEST

/* ---- what is in the way of a delete ---- */

static const struct shr_error *why(const char *id)
{
	const struct shr_error *blockers = NULL;

	DONE(shr_delete_check(p1, id, &blockers, &e));
	return blockers;
}

static void blocked(const char *id, int code, const char *where, const char *object_id)
{
	const struct shr_error *blockers = why(id);

	ck_assert_ptr_nonnull(blockers);
	ck_assert_int_eq(blockers->code, code);
	ck_assert_str_eq(blockers->faults[0]->where, where);
	ck_assert_str_eq(blockers->faults[0]->object_id, object_id);
	ck_assert_str_ne(blockers->faults[0]->message, "");
	shr_error_unref(blockers);
}

START_TEST(a_delete_is_kept_by_state_locks_and_operations_of_others)
{
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	ck_assert_ptr_null(why(ID(1)));
	DONE(shr_lock_add(p1, ID(1), "vm", "mounted", NULL, NULL, &e));
	blocked(ID(1), SHR_ELOCKED, "lock", ID(1));
	DONE(shr_lock_remove(p1, ID(1), "vm", NULL, NULL, &e));
	DONE(shr_share_extend(p1, ID(1), 20 * GIB, NULL, NULL, &e));
	ck_assert_ptr_null(why(ID(1))); /* a delete asks that to end */
	put_share(2, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(3, 2, SHR_SNAPSHOT_AVAILABLE);
	DONE(shr_share_revert(p1, ID(2), ID(3), NULL, &op, &e));
	blocked(ID(3), SHR_ESTATE, "operation", ID(2));
	shr_op_unref(op);
	blocked(ID(2), SHR_ESTATE, "state", ID(2));
	tear_down();
}
END_TEST

START_TEST(a_snapshot_is_kept_by_shares_that_need_it)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	char child[ID_ROOM];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	spec.snapshot = ID(2);
	spec.name = "child";
	DONE(shr_share_create(p1, &spec, &op, &e));
	snprintf(child, sizeof child, "%s", op->object_id);
	blocked(ID(2), SHR_ESTATE, "operation", child); /* that is not done with it yet, needed or not */
	shr_op_unref(op);
	put_share(3, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(4, 3, SHR_SNAPSHOT_AVAILABLE);
	PUT(ctx, share, .id = ID(5), .version = 1, .project = "p1", .state = SHR_SHARE_AVAILABLE, .parent = ID(4), .name = "child");
	ROW(snapshot, row, .id = ID(4));
	row.n_children = 1;
	set_row(&shr__snapshot_def, &row, SHR__COL(share, n_children));
	ck_assert_ptr_null(why(ID(4))); /* the pool's clones are independent */
	ROW(pool, pool, .backend = "alpha", .name = "ssd");
	pool.capabilities &= ~(int64_t)SHR_CAP_CLONE_INDEPENDENT;
	set_row(&shr__pool_def, &pool, SHR__COL(pool, capabilities));
	blocked(ID(4), SHR_ESTATE, "share", ID(5));
	REFUSED(SHR_ESTATE, "\"child\" depends on it", shr_snapshot_delete(p1, ID(4), NULL, NULL, &e));
	tear_down();
}
END_TEST

UNIT_MAIN(api_snapshot, get_shows_all_of_a_snapshot, a_snapshot_with_its_shares_rules_has_the_revision_of_those,
	one_that_is_not_exported_shows_no_location, anothers_snapshot_is_not_there, lists_show_the_older_first_and_the_projects_own,
	filters_hold_together, admin_exports_in_lists_need_the_permission, names_are_known_or_unknown,
	a_delete_is_kept_by_state_locks_and_operations_of_others, a_snapshot_is_kept_by_shares_that_need_it)

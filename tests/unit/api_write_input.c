/* tests/unit/api_write_input.c - bad input: refused with a code, the field and a remedy, and nothing has changed */
#include "write_try.h"

/* N bytes, until the next. */
static const char *long_text(size_t n)
{
	static char text[5000];

	memset(text, 'x', n);
	text[n] = '\0';
	return text;
}

static struct shr_share_spec good_spec(void)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;

	spec.bytes = GIB;
	spec.protocols = SHR_PROTO_NFS;
	return spec;
}

/* The good spec with one thing wrong. */
#define WRONG_SPEC(field, change) \
	do { \
		const struct shr_op *op = NULL; \
		struct shr_share_spec spec = good_spec(); \
		change; \
		WRONG(field, shr_share_create(p1, &spec, &op, &e)); \
		ck_assert_ptr_null(op); \
	} while (0)

START_TEST(sizes_are_one_byte_to_two_to_the_62)
{
	set_up();
	WRONG_SPEC("bytes", spec.bytes = 0);
	WRONG_SPEC("bytes", spec.bytes = (UINT64_C(1) << 62) + 1);
	WRONG_SPEC("bytes", spec.bytes = (uint64_t)-1);
	WRONG_SPEC("bytes", spec.bytes = UINT64_C(1) << 63);
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	WRONG("bytes", shr_share_extend(p1, ID(1), 0, NULL, NULL, &e));
	WRONG("bytes", shr_share_extend(p1, ID(1), (uint64_t)-5, NULL, NULL, &e));
	WRONG("bytes", shr_share_shrink(p1, ID(1), 0, NULL, NULL, &e));
	WRONG("bytes", shr_share_shrink(p1, ID(1), UINT64_MAX, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_share_grows_by_extend_and_shrinks_by_shrink)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	WRONG("bytes", shr_share_extend(p1, ID(1), 10 * GIB, NULL, NULL, &e));
	WRONG("bytes", shr_share_extend(p1, ID(1), GIB, NULL, NULL, &e));
	WRONG("bytes", shr_share_shrink(p1, ID(1), 10 * GIB, NULL, NULL, &e));
	WRONG("bytes", shr_share_shrink(p1, ID(1), 20 * GIB, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(names_are_short_text_without_slashes_and_control_characters)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;

	set_up();
	WRONG_SPEC("name", spec.name = long_text(256));
	WRONG_SPEC("name", spec.name = "a/b");
	WRONG_SPEC("name", spec.name = "a\nb");
	WRONG_SPEC("name", spec.name = "a\x1b[2J");
	WRONG_SPEC("name", spec.name = "\xc3\x28");
	WRONG_SPEC("name", spec.name = "\xed\xa0\x80");
	WRONG_SPEC("description", spec.description = long_text(1024));
	WRONG_SPEC("description", spec.description = "\xff");
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	p.name = "..\xc0\xaf";
	WRONG("name", shr_share_update(p1, ID(1), &p, NULL, &e));
	p.name = "a/b";
	WRONG("name", shr_share_update(p1, ID(1), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(the_longest_name_and_description_are_taken)
{
	struct shr_share_spec spec = good_spec();
	char name[256];

	set_up();
	memcpy(name, long_text(255), sizeof name);
	spec.name = name;
	spec.description = long_text(1023);
	ck_assert_str_ne(create_as(p1, &spec), "");
	tear_down();
}
END_TEST

START_TEST(protocols_are_known_bits_and_at_least_one)
{
	set_up();
	WRONG_SPEC("protocols", spec.protocols = 0);
	WRONG_SPEC("protocols", spec.protocols = 8);
	WRONG_SPEC("protocols", spec.protocols = SHR_PROTO_NFS | UINT64_C(1) << 63);
	tear_down();
}
END_TEST

START_TEST(flags_and_reserved_words_are_zero)
{
	struct shr_change_params change = SHR_CHANGE_PARAMS_INIT;
	struct shr_share_update_params update = SHR_SHARE_UPDATE_PARAMS_INIT;
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	struct shr_share_manage_params manage = SHR_SHARE_MANAGE_PARAMS_INIT;
	struct shr_access_change one = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW };

	set_up();
	WRONG_SPEC("flags", spec.flags = SHR_SHARE_READONLY); /* of what? */
	WRONG_SPEC("flags", spec.flags = 2);
	WRONG_SPEC("reserved0", spec.reserved0 = 1);
	WRONG_SPEC("reserved1", spec.reserved1 = 1);
	WRONG_SPEC("snapshot_access", spec.snapshot_access = SHR_SNAPSHOT_ACCESS_SHARE + 1);
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	change.flags = 2;
	WRONG("flags", shr_share_delete(p1, ID(1), &change, NULL, &e));
	update.flags = 1;
	WRONG("flags", shr_share_update(p1, ID(1), &update, NULL, &e));
	update.flags = 0;
	update.reserved0 = 1;
	WRONG("reserved0", shr_share_update(p1, ID(1), &update, NULL, &e));
	access.changes = &one;
	access.n_changes = 1;
	access.flags = 4;
	WRONG("flags", shr_access_apply(p1, ID(1), &access, NULL, &e));
	manage.backend = "alpha";
	manage.pool = manage.source = "ssd";
	manage.protocols = SHR_PROTO_NFS;
	manage.flags = 1;
	WRONG("flags", shr_share_manage(admin, &manage, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_struct_of_a_wrong_size_is_refused)
{
	struct shr_share_spec spec = good_spec();
	struct shr_change_params change = SHR_CHANGE_PARAMS_INIT;
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	struct shr_access_change one = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW };
	const struct shr_op *op = NULL;
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	before = store_print();
	spec.size = 0;
	REFUSED(SHR_EINVAL, "shr_share_spec", shr_share_create(p1, &spec, &op, &e));
	spec.size = offsetof(struct shr_share_spec, snapshot) - 1; /* shorter than the first there was */
	REFUSED(SHR_EINVAL, "shr_share_spec", shr_share_create(p1, &spec, &op, &e));
	spec.size = UINT32_MAX;
	REFUSED(SHR_EINVAL, "shr_share_spec", shr_share_create(p1, &spec, &op, &e));
	change.size = 8;
	REFUSED(SHR_EINVAL, "shr_change_params", shr_share_delete(p1, ID(1), &change, NULL, &e));
	access.changes = &one;
	access.n_changes = 1;
	access.change_size = 12;
	REFUSED(SHR_EINVAL, "shr_access_change", shr_access_apply(p1, ID(1), &access, NULL, &e));
	access.change_size = 0;
	REFUSED(SHR_EINVAL, "shr_access_change", shr_access_apply(p1, ID(1), &access, NULL, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(a_struct_of_a_snapshot_of_a_wrong_size_is_refused)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	struct shr_snapshot_manage_params manage = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;
	struct shr_snapshot_filter filter = SHR_SNAPSHOT_FILTER_INIT;
	struct shr_share_update_params update = SHR_SHARE_UPDATE_PARAMS_INIT;
	struct shr_change_params change = SHR_CHANGE_PARAMS_INIT;
	const struct shr_snapshot_page *page = NULL;
	const struct shr_op *op = NULL;
	uint64_t before;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	before = store_print();
	spec.size = manage.size = filter.size = update.size = change.size = 3;
	manage.source = "x";
	REFUSED(SHR_EINVAL, "shr_snapshot_spec", shr_snapshot_create(p1, ID(1), &spec, &op, &e));
	REFUSED(SHR_EINVAL, "shr_snapshot_manage_params", shr_snapshot_manage(admin, ID(1), &manage, &op, &e));
	REFUSED(SHR_EINVAL, "shr_snapshot_filter", shr_snapshot_list(p1, &filter, NULL, &page, &e));
	REFUSED(SHR_EINVAL, "shr_share_update_params", shr_snapshot_update(p1, ID(2), &update, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_snapshot_delete(p1, ID(2), &change, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_snapshot_force_delete(admin, ID(2), &change, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_snapshot_unmanage(admin, ID(2), &change, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_snapshot_set_access(p1, ID(2), SHR_SNAPSHOT_ACCESS_NONE, &change, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_snapshot_reset_state(admin, ID(2), SHR_SNAPSHOT_ERROR, &change, NULL, &e));
	REFUSED(SHR_EINVAL, "shr_change_params", shr_share_revert(p1, ID(1), ID(2), &change, NULL, &e));
	ck_assert_uint_eq(store_print(), before);
	tear_down();
}
END_TEST

START_TEST(what_a_snapshot_is_given_is_looked_at)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	struct shr_snapshot_manage_params manage = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;
	struct shr_share_update_params update = SHR_SHARE_UPDATE_PARAMS_INIT;
	const struct shr_op *op = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	spec.flags = 1;
	WRONG("flags", shr_snapshot_create(p1, ID(1), &spec, &op, &e));
	spec.flags = 0;
	spec.access = SHR_SNAPSHOT_ACCESS_SHARE + 1;
	WRONG("access", shr_snapshot_create(p1, ID(1), &spec, &op, &e));
	spec.access = SHR_SNAPSHOT_ACCESS_DEFAULT;
	spec.name = "a/b";
	WRONG("name", shr_snapshot_create(p1, ID(1), &spec, &op, &e));
	spec.name = NULL;
	WRONG("ret_op", shr_snapshot_create(p1, ID(1), &spec, NULL, &e));
	WRONG("share_id", shr_snapshot_create(p1, "x", &spec, &op, &e));
	spec.n_metadata = 1;
	WRONG("metadata", shr_snapshot_create(p1, ID(1), &spec, &op, &e));
	WRONG("source", shr_snapshot_manage(admin, ID(1), &manage, &op, &e));
	manage.source = "a\nb";
	WRONG("source", shr_snapshot_manage(admin, ID(1), &manage, &op, &e));
	manage.source = "x";
	manage.flags = 1;
	WRONG("flags", shr_snapshot_manage(admin, ID(1), &manage, &op, &e));
	update.snapshot_access = SHR_SNAPSHOT_ACCESS_OWN; /* a snapshot has none */
	WRONG("snapshot_access", shr_snapshot_update(p1, ID(2), &update, NULL, &e));
	update.snapshot_access = SHR_SNAPSHOT_ACCESS_SHARE + 1;
	WRONG("snapshot_access", shr_share_update(p1, ID(1), &update, NULL, &e));
	WRONG("access", shr_snapshot_set_access(p1, ID(2), SHR_SNAPSHOT_ACCESS_DEFAULT, NULL, NULL, &e));
	WRONG("access", shr_snapshot_set_access(p1, ID(2), 9, NULL, NULL, &e));
	WRONG("state", shr_snapshot_reset_state(admin, ID(2), SHR_SNAPSHOT_DELETING, NULL, NULL, &e));
	WRONG("snapshot_id", shr_snapshot_delete(p1, "x", NULL, NULL, &e));
	ck_assert_ptr_null(op);
	tear_down();
}
END_TEST

START_TEST(a_share_goes_back_to_a_snapshot_of_its_own_that_it_can_hold)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	put_share(3, "p1", SHR_SHARE_AVAILABLE);
	put_share(4, "p2", SHR_SHARE_AVAILABLE);
	WRONG("share_id", shr_share_revert(p1, "x", ID(2), NULL, NULL, &e));
	WRONG("snapshot_id", shr_share_revert(p1, ID(1), NULL, NULL, NULL, &e));
	WRONG("snapshot_id", shr_share_revert(p1, ID(3), ID(2), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no snapshot", shr_share_revert(p1, ID(1), ID(9), NULL, NULL, &e));
	REFUSED(SHR_ENOTFOUND, "no snapshot", shr_share_revert(p2, ID(4), ID(2), NULL, NULL, &e));
	ROW(share, share, .id = ID(1));
	share.bytes = GIB;
	set_row(&shr__share_def, &share, SHR__COL(share, bytes));
	REFUSED(SHR_ESTATE, "10737418240", shr_share_revert(p1, ID(1), ID(2), NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_share_from_a_snapshot_is_as_large_and_lies_where_that_lies)
{
	struct shr_share_spec from = good_spec();
	const struct shr_op *made = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	put_pool("hdd", 100 * GIB, ALL_PROTOCOLS, ALL_CAPS);
	WRONG_SPEC("bytes", (spec.snapshot = ID(2), spec.bytes = GIB));
	WRONG_SPEC("snapshot", spec.snapshot = "x");
	from.snapshot = ID(9);
	REFUSED(SHR_ENOTFOUND, "no snapshot", shr_share_create(p1, &from, &made, &e));
	from.snapshot = ID(2);
	REFUSED(SHR_ENOTFOUND, "no snapshot", shr_share_create(p2, &from, &made, &e));
	from.bytes = 0;
	from.protocols = 0;
	from.pool = "hdd";
	from.backend = "alpha";
	from.flags = SHR_SHARE_READONLY;
	WRONG_SPEC("flags", spec = from);
	from.flags = 0;
	DONE(shr_share_create(p1, &from, &made, &e)); /* copied, and owes the snapshot nothing */
	ck_assert_str_eq(made->kind, "share_copy");
	{
		ROW(share, share, .id = made->object_id);
		ck_assert_str_eq(share.parent, "");
	}
	shr_op_unref(made);
	from.pool = NULL;
	DONE(shr_share_create(p1, &from, &made, &e));
	ROW(share, share, .id = made->object_id);
	ck_assert_int_eq(share.bytes, 10 * GIB);
	ck_assert_int_eq(share.protocols, SHR_PROTO_NFS);
	ck_assert_str_eq(share.parent, ID(2));
	ROW(snapshot, snapshot, .id = ID(2));
	ck_assert_int_eq(snapshot.n_children, 1);
	shr_op_unref(made);
	tear_down();
}
END_TEST

START_TEST(what_blocks_a_delete_is_asked_of_an_object_that_is_there)
{
	const struct shr_error *why = NULL;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	put_snapshot(2, 1, SHR_SNAPSHOT_AVAILABLE);
	REFUSED(SHR_EINVAL, "object_id", shr_delete_check(p1, "x", &why, &e));
	REFUSED(SHR_EINVAL, "ret_why", shr_delete_check(p1, ID(1), NULL, &e));
	REFUSED(SHR_ENOTFOUND, ID(9), shr_delete_check(p1, ID(9), &why, &e));
	REFUSED(SHR_ENOTFOUND, ID(1), shr_delete_check(p2, ID(1), &why, &e));
	ck_assert_ptr_null(why);
	DONE(shr_delete_check(p1, ID(1), &why, &e));
	ck_assert_ptr_nonnull(why);
	ck_assert_int_eq(why->code, SHR_ESTATE);
	ck_assert_uint_eq(why->n_faults, 1);
	ck_assert_str_eq(why->faults[0]->object, "snapshot");
	ck_assert_str_eq(why->faults[0]->object_id, ID(2));
	ck_assert_str_ne(why->faults[0]->remedy, "");
	shr_error_unref(why);
	DONE(shr_delete_check(p1, ID(2), &why, &e));
	ck_assert_ptr_null(why);
	tear_down();
}
END_TEST

START_TEST(members_from_the_future_are_refused_unless_they_are_zero)
{
	struct {
		struct shr_share_spec spec;
		uint64_t newer;
	} wide = { good_spec(), 1 };
	const struct shr_op *op = NULL;
	uint64_t before;

	set_up();
	before = store_print();
	wide.spec.size = sizeof wide;
	REFUSED(SHR_EABI, "shr_share_spec", shr_share_create(p1, &wide.spec, &op, &e));
	ck_assert_uint_eq(store_print(), before);
	wide.newer = 0;
	DONE(shr_share_create(p1, &wide.spec, &op, &e));
	shr_op_unref(op);
	tear_down();
}
END_TEST

START_TEST(an_array_of_wider_changes_is_walked_by_its_stride)
{
	struct {
		struct shr_access_change change;
		uint64_t newer;
	} wide[2] = { { { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.1", .level = SHR_LEVEL_RW }, 0 },
		{ { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .who = "10.0.0.2", .level = SHR_LEVEL_RW }, 0 } };
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	access.changes = &wide[0].change;
	access.n_changes = 2;
	access.change_size = sizeof wide[0];
	wide[1].newer = 7;
	REFUSED(SHR_EABI, "shr_access_change", shr_access_apply(p1, ID(1), &access, NULL, &e));
	wide[1].newer = 0;
	DONE(shr_access_apply(p1, ID(1), &access, NULL, &e));
	ROW(share, share, .id = ID(1));
	ck_assert_int_eq(share.n_rules, 2);
	tear_down();
}
END_TEST

START_TEST(ids_are_uuids)
{
	set_up();
	WRONG("share_id", shr_share_delete(p1, NULL, NULL, NULL, &e));
	WRONG("share_id", shr_share_delete(p1, "", NULL, NULL, &e));
	WRONG("share_id", shr_share_delete(p1, "../etc", NULL, NULL, &e));
	WRONG("share_id", shr_share_extend(p1, "0190F3AA-0000-7000-8000-000000000001", GIB, NULL, NULL, &e));
	WRONG("object_id", shr_lock_add(p1, "x", "me", NULL, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(every_mistake_of_a_call_is_told_at_once)
{
	const struct shr_op *op = NULL;
	const struct shr_error *e = NULL;
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const char *pairs[] = { "", "value", "key", NULL };

	set_up();
	spec.name = "a/b";
	spec.token = "";
	spec.metadata = pairs;
	spec.n_metadata = 2;
	spec.backend = "no good";
	ck_assert_int_eq(shr_share_create(p1, &spec, &op, &e), SHR_EINVAL);
	ck_assert_uint_eq(e->n_faults, 7);
	ck_assert_str_eq(e->faults[0]->where, "token");
	ck_assert_str_eq(e->faults[1]->where, "name");
	ck_assert_str_eq(e->faults[2]->where, "bytes");
	ck_assert_str_eq(e->faults[3]->where, "protocols");
	ck_assert_str_eq(e->faults[4]->where, "backend");
	ck_assert_str_eq(e->faults[5]->where, "metadata[0].key");
	ck_assert_str_eq(e->faults[6]->where, "metadata[1].value");
	shr_error_unref(e);
	tear_down();
}
END_TEST

START_TEST(metadata_is_at_most_64_pairs_of_short_text)
{
	const char *many[130] = { 0 };
	char keys[65][8];

	set_up();
	for (int i = 0; i < 65; i++) {
		snprintf(keys[i], sizeof keys[i], "k%d", i);
		many[2 * i] = keys[i];
		many[2 * i + 1] = "v";
	}
	WRONG_SPEC("metadata", (spec.metadata = many, spec.n_metadata = 65));
	WRONG_SPEC("metadata", spec.n_metadata = 1);
	many[2] = "k0";
	WRONG_SPEC("metadata[1].key", (spec.metadata = many, spec.n_metadata = 2));
	many[2] = long_text(256);
	WRONG_SPEC("metadata[1].key", (spec.metadata = many, spec.n_metadata = 2));
	many[2] = "k1";
	many[3] = long_text(1024);
	WRONG_SPEC("metadata[1].value", (spec.metadata = many, spec.n_metadata = 2));
	tear_down();
}
END_TEST

START_TEST(an_update_leaves_at_most_64_pairs)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	const char *set[128], *more[] = { "one", "more" }, *unset[] = { "k0" };
	char keys[64][8];

	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	for (int i = 0; i < 64; i++) {
		snprintf(keys[i], sizeof keys[i], "k%d", i);
		set[2 * i] = keys[i];
		set[2 * i + 1] = "v";
	}
	p.set = set;
	p.n_set = 64;
	DONE(shr_share_update(p1, ID(1), &p, NULL, &e));
	p.set = more;
	p.n_set = 1;
	WRONG("metadata", shr_share_update(p1, ID(1), &p, NULL, &e));
	p.unset = unset;
	p.n_unset = 1;
	DONE(shr_share_update(p1, ID(1), &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(places_are_idents_that_exist)
{
	set_up();
	WRONG_SPEC("backend", spec.backend = "");
	WRONG_SPEC("backend", spec.backend = "../x");
	WRONG_SPEC("pool", spec.pool = "a b");
	WRONG_SPEC("zone", spec.zone = "\x01");
	WRONG_SPEC("backend", spec.backend = "nowhere");
	WRONG_SPEC("pool", spec.pool = "nowhere");
	tear_down();
}
END_TEST

START_TEST(manage_wants_a_backend_a_pool_and_a_source)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;

	set_up();
	p.protocols = SHR_PROTO_NFS;
	WRONG("backend", shr_share_manage(admin, &p, NULL, &e));
	WRONG("pool", shr_share_manage(admin, &p, NULL, &e));
	WRONG("source", shr_share_manage(admin, &p, NULL, &e));
	p.backend = "alpha";
	p.pool = "ssd";
	p.source = "";
	WRONG("source", shr_share_manage(admin, &p, NULL, &e));
	p.source = "a\nb";
	WRONG("source", shr_share_manage(admin, &p, NULL, &e));
	p.source = long_text(1024);
	WRONG("source", shr_share_manage(admin, &p, NULL, &e));
	p.source = "/export/old";
	DONE(shr_share_manage(admin, &p, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(locks_have_a_holder)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_AVAILABLE);
	WRONG("holder", shr_lock_add(p1, ID(1), NULL, NULL, NULL, NULL, &e));
	WRONG("holder", shr_lock_add(p1, ID(1), "", NULL, NULL, NULL, &e));
	WRONG("holder", shr_lock_add(p1, ID(1), long_text(256), NULL, NULL, NULL, &e));
	WRONG("holder", shr_lock_remove(p1, ID(1), "a\tb", NULL, NULL, &e));
	WRONG("reason", shr_lock_add(p1, ID(1), "me", "\xfe", NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(quotas_are_sizes_or_none)
{
	set_up();
	WRONG("shares_limit", shr_quota_set(admin, "p1", -3, 1, NULL, NULL, &e));
	WRONG("bytes_limit", shr_quota_set(admin, "p1", 1, INT64_MIN, NULL, NULL, &e));
	WRONG("bytes_limit", shr_quota_set(admin, "p1", 1, INT64_MAX, NULL, NULL, &e));
	WRONG("project", shr_quota_set(admin, NULL, 1, 1, NULL, NULL, &e));
	WRONG("project", shr_quota_set(admin, "", 1, 1, NULL, NULL, &e));
	WRONG("project", shr_quota_set(admin, "a\nb", 1, 1, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(a_state_is_set_to_available_or_error)
{
	set_up();
	put_share(1, "p1", SHR_SHARE_CREATING);
	WRONG("state", shr_share_reset_state(admin, ID(1), SHR_SHARE_DELETING, NULL, NULL, &e));
	WRONG("state", shr_share_reset_state(admin, ID(1), 0, NULL, NULL, &e));
	WRONG("state", shr_share_reset_state(admin, ID(1), 99, NULL, NULL, &e));
	tear_down();
}
END_TEST

START_TEST(null_is_no_session_and_no_result)
{
	struct shr_share_spec spec = good_spec();
	const struct shr_op *op = NULL;

	set_up();
	REFUSED(SHR_EINVAL, "session", shr_share_create(NULL, &spec, &op, &e));
	WRONG("ret_op", shr_share_create(p1, &spec, NULL, &e));
	REFUSED(SHR_EINVAL, NULL, shr_share_create(p1, NULL, &op, &e));
	ck_assert_int_eq(shr_share_delete(NULL, ID(1), NULL, NULL, NULL), SHR_EINVAL);
	tear_down();
}
END_TEST

START_TEST(a_share_belongs_to_a_project)
{
	struct shr_share_spec spec = good_spec();
	const struct shr_op *op = NULL;

	set_up();
	WRONG("session", shr_share_create(sys, &spec, &op, &e));
	tear_down();
}
END_TEST

START_TEST(a_refusal_needs_no_error_to_be_taken)
{
	struct shr_share_spec spec = good_spec();
	const struct shr_op *op = NULL;

	set_up();
	spec.bytes = 0;
	ck_assert_int_eq(shr_share_create(p1, &spec, &op, NULL), SHR_EINVAL);
	spec.bytes = 1000 * GIB;
	ck_assert_int_eq(shr_share_create(p1, &spec, &op, NULL), SHR_ENOSPC);
	ck_assert_int_eq(shr_share_delete(p1, ID(1), NULL, NULL, NULL), SHR_ENOTFOUND);
	tear_down();
}
END_TEST

UNIT_MAIN(api_write_input, sizes_are_one_byte_to_two_to_the_62, a_share_grows_by_extend_and_shrinks_by_shrink,
	names_are_short_text_without_slashes_and_control_characters, the_longest_name_and_description_are_taken,
	protocols_are_known_bits_and_at_least_one, flags_and_reserved_words_are_zero, a_struct_of_a_wrong_size_is_refused,
	a_struct_of_a_snapshot_of_a_wrong_size_is_refused, what_a_snapshot_is_given_is_looked_at,
	a_share_goes_back_to_a_snapshot_of_its_own_that_it_can_hold, a_share_from_a_snapshot_is_as_large_and_lies_where_that_lies,
	what_blocks_a_delete_is_asked_of_an_object_that_is_there, members_from_the_future_are_refused_unless_they_are_zero, an_array_of_wider_changes_is_walked_by_its_stride, ids_are_uuids,
	every_mistake_of_a_call_is_told_at_once, metadata_is_at_most_64_pairs_of_short_text, an_update_leaves_at_most_64_pairs,
	places_are_idents_that_exist, manage_wants_a_backend_a_pool_and_a_source, locks_have_a_holder, quotas_are_sizes_or_none,
	a_state_is_set_to_available_or_error, null_is_no_session_and_no_result, a_share_belongs_to_a_project,
	a_refusal_needs_no_error_to_be_taken)

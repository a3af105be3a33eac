/* tests/abi/shapes.c - structs of programs that are older or newer than the library
 *
 * Linked with the shared library, as a program is. Every struct that goes in is given in four shapes. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "libshare/libshare.h"

static struct shr_ctx *ctx;
static struct shr_session *session;

static void
setup(void)
{
	struct shr_session_params who = SHR_SESSION_PARAMS_INIT;

	ck_assert_int_eq(shr_ctx_open(SHR_HEADER_VERSION, NULL, &ctx, NULL), 0);
	who.project = "p";
	ck_assert_int_eq(shr_session_open(ctx, &who, &session, NULL), 0);
}

static void
teardown(void)
{
	shr_session_close(session);
	shr_ctx_close(ctx);
	session = NULL;
	ctx = NULL;
}

static int
give_ctx(const void *params, const struct shr_error **reterr)
{
	struct shr_ctx *other = NULL;
	int rc = shr_ctx_open(SHR_HEADER_VERSION, params, &other, reterr);

	shr_ctx_close(other);
	return rc;
}

static int
give_host(const void *host, const struct shr_error **reterr)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;

	params.host = host;
	return give_ctx(&params, reterr);
}

static int
give_session(const void *params, const struct shr_error **reterr)
{
	struct shr_session *other = NULL;
	int rc = shr_session_open(ctx, params, &other, reterr);

	shr_session_close(other);
	return rc;
}

static int
give_engine(const void *params, const struct shr_error **reterr)
{
	struct shr_engine *engine = NULL;
	int rc = shr_engine_open(ctx, params, &engine, reterr);

	shr_engine_close(engine);
	return rc;
}

static int
give_spec(const void *params, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_create(session, params, &op, reterr);

	shr_op_unref(op);
	return rc;
}

static const char nobody[] = "01890000-0000-7000-8000-000000000000";

static int
give_update(const void *params, const struct shr_error **reterr)
{
	return shr_share_update(session, nobody, params, NULL, reterr);
}

static int
give_change(const void *params, const struct shr_error **reterr)
{
	return shr_share_delete(session, nobody, params, NULL, reterr);
}

static int
give_manage(const void *params, const struct shr_error **reterr)
{
	return shr_share_manage(session, params, NULL, reterr);
}

static int
give_access(const void *params, const struct shr_error **reterr)
{
	return shr_access_apply(session, nobody, params, NULL, reterr);
}

static int
give_explain(const void *params, const struct shr_error **reterr)
{
	const struct shr_explanation *explanation = NULL;

	return shr_access_explain(session, nobody, params, &explanation, reterr);
}

static int
give_snapshot_spec(const void *params, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;

	return shr_snapshot_create(session, nobody, params, &op, reterr);
}

static int
give_snapshot_manage(const void *params, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;

	return shr_snapshot_manage(session, nobody, params, &op, reterr);
}

static int
give_snapshot_filter(const void *params, const struct shr_error **reterr)
{
	const struct shr_snapshot_page *page = NULL;
	int rc = shr_snapshot_list(session, params, NULL, &page, reterr);

	shr_snapshot_page_unref(page);
	return rc;
}

static int
give_list(const void *params, const struct shr_error **reterr)
{
	const struct shr_share_page *page = NULL;
	int rc = shr_share_list(session, NULL, params, &page, reterr);

	shr_share_page_unref(page);
	return rc;
}

static int
give_filter(const void *params, const struct shr_error **reterr)
{
	const struct shr_share_page *page = NULL;
	int rc = shr_share_list(session, params, NULL, &page, reterr);

	shr_share_page_unref(page);
	return rc;
}

static int
give_op_filter(const void *params, const struct shr_error **reterr)
{
	const struct shr_op_page *page = NULL;
	int rc = shr_op_list(session, params, NULL, &page, reterr);

	shr_op_page_unref(page);
	return rc;
}

static const struct shr_ctx_params ctx_init = SHR_CTX_PARAMS_INIT;
static const struct shr_host host_init = SHR_HOST_INIT;
static const struct shr_session_params session_init = { sizeof session_init, 0, "p", NULL, NULL, NULL, 0, 0, NULL };
static const struct shr_engine_params engine_init = SHR_ENGINE_PARAMS_INIT;
static const struct shr_share_spec spec_init = { sizeof spec_init, 0, NULL, "home", NULL, UINT64_C(1) << 30, SHR_PROTO_NFS,
	NULL, NULL, NULL, NULL, 0, sizeof(struct shr_access_change), NULL, 0, 0, NULL, 0, 0 };
static const struct shr_snapshot_spec snapshot_init = SHR_SNAPSHOT_SPEC_INIT;
static const struct shr_snapshot_manage_params snapshot_manage_init = { sizeof snapshot_manage_init, 0, NULL, "there", NULL, NULL };
static const struct shr_snapshot_filter snapshot_filter_init = SHR_SNAPSHOT_FILTER_INIT;
static const struct shr_share_update_params update_init = SHR_SHARE_UPDATE_PARAMS_INIT;
static const struct shr_change_params change_init = SHR_CHANGE_PARAMS_INIT;
static const struct shr_share_manage_params manage_init = { sizeof manage_init, 0, NULL, "null", "null", "there", NULL, NULL,
	SHR_PROTO_NFS };
static const struct shr_access_change one_change = { SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, 0, 0, 0, "192.0.2.1", NULL, NULL };
static const struct shr_explain_params explain_init = { sizeof explain_init, 0, SHR_ACCESS_IP, 0, 0, "192.0.2.1", NULL };
static const struct shr_access_params access_init = { sizeof access_init, sizeof one_change, NULL, 0, 0, &one_change, 1, 0 };
static const struct shr_list_params list_init = SHR_LIST_PARAMS_INIT;
static const struct shr_share_filter filter_init = SHR_SHARE_FILTER_INIT;
static const struct shr_op_filter op_filter_init = SHR_OP_FILTER_INIT;

/* FIRST is the size that the struct had in 0.1, and never changes; INIT is something that is taken. */
#define SHAPE(type, first, init, give) { #type, sizeof(struct type), first, &(init), give }
static const struct shape {
	const char *name;
	size_t size;
	size_t first;
	const void *init;
	int (*give)(const void *params, const struct shr_error **reterr);
} shapes[] = {
	SHAPE(shr_ctx_params, 40, ctx_init, give_ctx),
	SHAPE(shr_host, 72, host_init, give_host),
	SHAPE(shr_session_params, 56, session_init, give_session),
	SHAPE(shr_engine_params, 32, engine_init, give_engine),
	SHAPE(shr_share_spec, 104, spec_init, give_spec),
	SHAPE(shr_share_update_params, 64, update_init, give_update),
	SHAPE(shr_change_params, 24, change_init, give_change),
	SHAPE(shr_share_manage_params, 64, manage_init, give_manage),
	SHAPE(shr_access_params, 48, access_init, give_access),
	SHAPE(shr_explain_params, 40, explain_init, give_explain),
	SHAPE(shr_list_params, 24, list_init, give_list),
	SHAPE(shr_share_filter, 48, filter_init, give_filter),
	SHAPE(shr_snapshot_spec, 48, snapshot_init, give_snapshot_spec),
	SHAPE(shr_snapshot_manage_params, 40, snapshot_manage_init, give_snapshot_manage),
	SHAPE(shr_snapshot_filter, 24, snapshot_filter_init, give_snapshot_filter),
	SHAPE(shr_op_filter, 16, op_filter_init, give_op_filter),
};
#define N_SHAPES ((int)(sizeof shapes / sizeof *shapes))

/* A copy of the struct that says it has SAYS bytes, with FILL in all that lies behind FROM. */
static void *
shape_make(const struct shape *shape, size_t says, size_t from, int fill)
{
	uint32_t size = (uint32_t)says;
	char *copy = calloc(1, shape->size + 64);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, shape->init, shape->size);
	memset(copy + from, fill, shape->size + 64 - from);
	memcpy(copy, &size, sizeof size);
	return copy;
}

static int
shape_give(const struct shape *shape, size_t says, size_t from, int fill, const struct shr_error **reterr)
{
	void *copy = shape_make(shape, says, from, fill);
	int rc = shape->give(copy, reterr);

	free(copy);
	return rc;
}

START_TEST(a_newer_struct_with_a_zero_tail_is_taken)
{
	const struct shape *shape = &shapes[_i];
	const struct shr_error *error = NULL;
	int exact = shape_give(shape, shape->size, shape->size, 0, NULL);

	ck_assert_msg(shape_give(shape, shape->size + 16, shape->size, 0, &error) == exact, "%s: %s", shape->name,
		error ? error->message : "another answer");
	shr_error_unref(error);
}
END_TEST

START_TEST(a_newer_struct_with_something_in_its_tail_is_refused)
{
	const struct shape *shape = &shapes[_i];
	const struct shr_error *error = NULL;

	ck_assert_msg(shape_give(shape, shape->size + 16, shape->size, 1, &error) == SHR_EABI, "%s", shape->name);
	ck_assert_ptr_nonnull(error);
	ck_assert_int_eq(error->code, SHR_EABI);
	ck_assert_str_ne(error->remedy, "");
	shr_error_unref(error);
}
END_TEST

START_TEST(the_first_version_of_a_struct_is_taken_and_nothing_behind_it_read)
{
	const struct shape *shape = &shapes[_i];
	const struct shr_error *error = NULL;
	int exact = shape_give(shape, shape->size, shape->first, 0, NULL);

	ck_assert_msg(shape_give(shape, shape->first, shape->first, 0x55, &error) == exact, "%s: %s", shape->name,
		error ? error->message : "another answer");
	shr_error_unref(error);
}
END_TEST

START_TEST(what_the_other_shapes_are_held_against_is_taken)
{
	const struct shape *shape = &shapes[_i];
	const struct shr_error *error = NULL;
	int rc = shape_give(shape, shape->size, shape->size, 0, &error);

	ck_assert_msg(rc == 0 || rc == SHR_ENOTFOUND || rc == SHR_EUNREACHABLE || rc == SHR_EPERM, "%s: %s", shape->name,
		error ? error->message : "");
	shr_error_unref(error);
}
END_TEST

START_TEST(a_size_that_never_was_is_refused)
{
	const struct shape *shape = &shapes[_i];

	ck_assert_msg(shape_give(shape, 0, shape->size, 0, NULL) == SHR_EINVAL, "%s: 0", shape->name);
	ck_assert_msg(shape_give(shape, 3, shape->size, 0, NULL) == SHR_EINVAL, "%s: 3", shape->name);
	ck_assert_msg(shape_give(shape, shape->first - 8, shape->size, 0, NULL) == SHR_EINVAL, "%s: less than 0.1", shape->name);
	ck_assert_msg(shape_give(shape, UINT32_MAX, shape->size, 0, NULL) == SHR_EINVAL, "%s: 4 GiB", shape->name);
}
END_TEST

START_TEST(a_program_for_a_newer_library_is_refused)
{
	const struct shr_error *error = NULL;
	struct shr_ctx *other = NULL;

	ck_assert_int_eq(shr_ctx_open(SHR_HEADER_VERSION + 0x100, NULL, &other, &error), SHR_EABI);
	ck_assert_ptr_null(other);
	ck_assert_ptr_nonnull(error);
	shr_error_unref(error);
}
END_TEST

/* One element of a change, in an array whose stride is another than ours. */
static int
apply_stride(uint32_t stride, int fill, const char *who)
{
	struct shr_access_params params = SHR_ACCESS_PARAMS_INIT;
	struct shr_access_change change = { SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, 0, 0, 0, who, NULL, NULL };
	char array[2 * (sizeof change + 16)];

	memset(array, fill, sizeof array);
	memcpy(array, &change, stride < sizeof change ? stride : sizeof change);
	memcpy(array + stride, &change, stride < sizeof change ? stride : sizeof change);
	params.change_size = stride;
	params.changes = (const struct shr_access_change *)array;
	params.n_changes = 2;
	return shr_access_apply(session, nobody, &params, NULL, NULL);
}

START_TEST(an_array_of_newer_elements_is_taken_when_their_tails_are_zero)
{
	ck_assert_int_eq(apply_stride(sizeof(struct shr_access_change) + 8, 0, "192.0.2.1"), SHR_ENOTFOUND);
}
END_TEST

START_TEST(an_array_of_newer_elements_with_something_in_a_tail_is_refused)
{
	ck_assert_int_eq(apply_stride(sizeof(struct shr_access_change) + 8, 1, "192.0.2.1"), SHR_EABI);
}
END_TEST

START_TEST(an_array_of_elements_shorter_than_the_first_is_refused)
{
	ck_assert_int_eq(apply_stride(offsetof(struct shr_access_change, metadata), 0, "192.0.2.1"), SHR_EINVAL);
}
END_TEST

START_TEST(a_record_says_which_fields_it_has)
{
	struct later {
		struct shr_error now;
		uint64_t more;
	};
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;

	ck_assert_int_eq(shr_share_get(session, nobody, &share, &error), SHR_ENOTFOUND);
	ck_assert(SHR_HAS(error, struct shr_error, faults));
	ck_assert(!SHR_HAS(error, struct later, more));
	shr_error_unref(error);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("shapes");
	TCase *shape = tcase_create("structs");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(shape, setup, teardown);
	tcase_set_timeout(shape, 60);
	tcase_add_loop_test(shape, a_newer_struct_with_a_zero_tail_is_taken, 0, N_SHAPES);
	tcase_add_loop_test(shape, a_newer_struct_with_something_in_its_tail_is_refused, 0, N_SHAPES);
	tcase_add_loop_test(shape, the_first_version_of_a_struct_is_taken_and_nothing_behind_it_read, 0, N_SHAPES);
	tcase_add_loop_test(shape, what_the_other_shapes_are_held_against_is_taken, 0, N_SHAPES);
	tcase_add_loop_test(shape, a_size_that_never_was_is_refused, 0, N_SHAPES);
	tcase_add_test(shape, a_program_for_a_newer_library_is_refused);
	tcase_add_test(shape, an_array_of_newer_elements_is_taken_when_their_tails_are_zero);
	tcase_add_test(shape, an_array_of_newer_elements_with_something_in_a_tail_is_refused);
	tcase_add_test(shape, an_array_of_elements_shorter_than_the_first_is_refused);
	tcase_add_test(shape, a_record_says_which_fields_it_has);
	suite_add_tcase(suite, shape);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

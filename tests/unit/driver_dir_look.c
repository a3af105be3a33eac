/* tests/unit/driver_dir_look.c - the dir driver: what is really there */
#include "driver_dir.h"

static int look(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, MIB);

	return d->look(be, &call, &in, NULL);
}

static int list(void *be, const char *after, uint32_t max)
{
	struct shr_call call = host_call(&h);

	return d->list(be, &call, "p", after, max);
}

static int take_over(void *be, const char *id, const char *source)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	in.source = source;
	return d->manage(be, &call, &in);
}

START_TEST(share_is_whole_with_its_facts_and_its_directory)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(look(be, ID1), SHR_ENOTFOUND);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(look(be, ID1), 0);
	ck_assert_str_eq(h.path, at("p/" ID1));
	ck_assert_int_eq(rmdir(at("p/" ID1)), 0);
	ck_assert_int_eq(look(be, ID1), SHR_ENOTFOUND);
	put_file(at("p/" ID1), 1);
	ck_assert_int_eq(look(be, ID1), SHR_ENOTFOUND);
	ck_assert_int_eq(unlink(at("p/" ID1)), 0);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(unlink(at(".libshare/" ID1)), 0);
	ck_assert_int_eq(look(be, ID1), SHR_ENOTFOUND);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(pool_that_is_not_there_is_no_lost_share)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(rmdir(at("p/" ID1)), 0);
	ck_assert_int_eq(rmdir(at("p")), 0);
	ck_assert_int_eq(look(be, ID1), SHR_EUNREACHABLE);
	ck_assert_int_eq(list(be, "", 5), SHR_EUNREACHABLE);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(list_tells_whose_things_are)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(mkdir(at("p/" ID2), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/old"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/new\n"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/\xff"), 0755), 0);
	put_file(at("p/file"), 1);
	ck_assert_int_eq(take_over(be, "018f0000-0000-7000-8000-000000000003", "p/old"), 0);
	ck_assert_int_eq(list(be, "", 9), 0);
	ck_assert_uint_eq(h.n_found, 4);
	ck_assert_str_eq(h.found[0], "p/" ID1);
	ck_assert_str_eq(h.found_ids[0], ID1);
	ck_assert_uint_eq(h.found_bytes[0], MIB);
	ck_assert_str_eq(h.found_ids[1], ID2);
	ck_assert_uint_eq(h.found_bytes[1], 0);
	ck_assert_str_eq(h.found[2], "p/file");
	ck_assert_str_eq(h.found_what[2], "a file");
	ck_assert_str_eq(h.found_ids[3], "018f0000-0000-7000-8000-000000000003");
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(list_goes_on_behind_a_name_and_past_what_it_leaves_out)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(mkdir(at("p/a"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/b"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/b/deep"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/c"), 0755), 0);
	ck_assert_int_eq(mkdir(at("p/d"), 0755), 0);
	ck_assert_int_eq(take_over(be, ID1, "p/b/deep"), 0);
	ck_assert_int_eq(list(be, "", 2), 0);
	ck_assert_uint_eq(h.n_found, 2);
	ck_assert_str_eq(h.found[1], "p/c");
	ck_assert_int_eq(list(be, "p/c", 2), 0);
	ck_assert_uint_eq(h.n_found, 1);
	ck_assert_str_eq(h.found[0], "p/d");
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(root_as_pool_lists_nothing_of_the_drivers_own)
{
	void *be;

	make_root();
	be = open_root(".", NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(list(be, "", 9), 0);
	ck_assert_uint_eq(h.n_found, 1);
	ck_assert_str_eq(h.found[0], ID1);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(attach_is_the_share_itself)
{
	struct shr_instance in = host_instance(ID1, MIB);
	struct shr_call call;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	call = host_call(&h);
	ck_assert_int_eq(d->data->attach(be, &call, &in, 1), SHR_ENOTFOUND);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	call = host_call(&h);
	ck_assert_int_eq(d->data->attach(be, &call, &in, 0), 0);
	ck_assert_str_eq(h.path, at("p/" ID1));
	ck_assert_int_eq(d->data->detach(be, &call, &in), 0);
	d->close(be);
	drop_root();
}
END_TEST

UNIT_MAIN(driver_dir_look, share_is_whole_with_its_facts_and_its_directory, pool_that_is_not_there_is_no_lost_share,
	list_tells_whose_things_are, list_goes_on_behind_a_name_and_past_what_it_leaves_out,
	root_as_pool_lists_nothing_of_the_drivers_own, attach_is_the_share_itself)

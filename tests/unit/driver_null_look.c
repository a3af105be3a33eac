/* tests/unit/driver_null_look.c - the null driver: what is really there, and what is done to it behind the library's back */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "driver_host.h"
#include "unit.h"

#define ID1 "018f0000-0000-7000-8000-000000000001"
#define ID2 "018f0000-0000-7000-8000-000000000002"
#define R1 "018f0000-0000-7000-8000-0000000000a1"
#define R2 "018f0000-0000-7000-8000-0000000000a2"
#define R3 "018f0000-0000-7000-8000-0000000000a3"
#define GIB (UINT64_C(1) << 30)

static const struct shr_driver *d;
static struct host h;
static char dir[] = "/tmp/libshare-null.XXXXXX", behind[64];
static struct host_setting settings[] = { { NULL, "behind", behind }, { NULL, NULL, NULL } };

static void *begin(void)
{
	struct shr_call call;
	void *be = NULL;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(behind, sizeof behind, "%s/behind", dir);
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	ck_assert_int_eq(d->open(&host_table, &call, &be), 0);
	return be;
}

static void end(void *be)
{
	d->close(be);
	unlink(behind);
	rmdir(dir);
}

static void write_behind(const char *lines)
{
	FILE *f = fopen(behind, "a");

	fputs(lines, f);
	fclose(f);
}

static int create(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, GIB);

	return d->create(be, &call, &in);
}

static int look(void *be, const char *id, const struct shr_rule *const *all)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, GIB);

	h.all = all;
	return d->look(be, &call, &in, all ? (struct shr_rules *)&h : NULL);
}

static int list(void *be, const char *after, uint32_t max)
{
	struct shr_call call = host_call(&h);

	return d->list(be, &call, "p", after, max);
}

static struct shr_rule rule_of(const char *id)
{
	return (struct shr_rule){ .size = sizeof(struct shr_rule), .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .id = id,
		.who = "10.0.0.1", .reason = "", .share_id = "" };
}

static void allow(void *be, const struct shr_rule *rule)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(ID1, 0);
	struct shr_rule_change c = { sizeof c, 0, NULL, rule };
	const struct shr_rule_change *changes[] = { &c };
	struct shr_access_diff diff = { sizeof diff, 1, 0, 1, changes };

	ck_assert_int_eq(d->update_access(be, &call, &in, &diff, NULL), 0);
}

START_TEST(look_tells_the_size_and_that_it_is_gone)
{
	void *be = begin();

	ck_assert_int_eq(look(be, ID1, NULL), SHR_ENOTFOUND);
	ck_assert_int_eq(create(be, ID1), 0);
	ck_assert_int_eq(look(be, ID1, NULL), 0);
	ck_assert_uint_eq(h.bytes, GIB);
	ck_assert_str_eq(h.path, "/null/" ID1);
	write_behind("resize " ID1 " 4096\n");
	ck_assert_int_eq(look(be, ID1, NULL), 0);
	ck_assert_uint_eq(h.bytes, 4096);
	write_behind("remove " ID1 "\n");
	ck_assert_int_eq(look(be, ID1, NULL), SHR_ENOTFOUND);
	end(be);
}
END_TEST

START_TEST(look_judges_rules_and_tells_strangers)
{
	struct shr_rule one = rule_of(R1), two = rule_of(R2);
	const struct shr_rule *const all[] = { &one, &two, NULL };
	void *be = begin();

	ck_assert_int_eq(create(be, ID1), 0);
	allow(be, &one);
	allow(be, &two);
	ck_assert_int_eq(look(be, ID1, all), 0);
	ck_assert(h.n_rules == 2 && h.rule_codes[0] == 0 && h.rule_codes[1] == 0 && h.n_found == 0);
	write_behind("unrule " ID1 " " R1 "\nrule " ID1 " " R2 " 1 2\nrule " ID1 " " R3 " 1 1\n");
	ck_assert_int_eq(look(be, ID1, all), 0);
	ck_assert_int_eq(h.rule_codes[0], SHR_ENOTFOUND);
	ck_assert_int_eq(h.rule_codes[1], SHR_ECONFLICT);
	ck_assert_uint_eq(h.n_found, 1);
	ck_assert_str_eq(h.found[0], R3);
	end(be);
}
END_TEST

START_TEST(list_goes_on_behind_a_name)
{
	void *be = begin();

	ck_assert_int_eq(create(be, ID2), 0);
	ck_assert_int_eq(create(be, ID1), 0);
	write_behind("create 018f0000-0000-7000-8000-00000000000f p 4096 1 foreign\n");
	ck_assert_int_eq(list(be, "", 2), 0);
	ck_assert_uint_eq(h.n_found, 2);
	ck_assert_str_eq(h.found[0], ID1);
	ck_assert_str_eq(h.found_ids[1], ID2);
	ck_assert_int_eq(list(be, ID2, 2), 0);
	ck_assert_uint_eq(h.n_found, 1);
	ck_assert_str_eq(h.found[0], "foreign");
	ck_assert_uint_eq(h.found_bytes[0], 4096);
	end(be);
}
END_TEST

START_TEST(nonsense_behind_its_back_is_named)
{
	void *be = begin();

	write_behind("remove " ID1 "\n");
	ck_assert_int_eq(list(be, "", 2), SHR_EBACKEND);
	ck_assert_ptr_nonnull(strstr(h.message, "setting behind"));
	end(be);
}
END_TEST

START_TEST(attach_tells_the_path_of_what_is_there)
{
	struct shr_instance in = host_instance(ID1, GIB);
	struct shr_call call;
	void *be = begin();

	call = host_call(&h);
	ck_assert_int_eq(d->data->attach(be, &call, &in, 1), SHR_ENOTFOUND);
	ck_assert_int_eq(create(be, ID1), 0);
	call = host_call(&h);
	ck_assert_int_eq(d->data->attach(be, &call, &in, 0), 0);
	ck_assert_str_eq(h.path, "/null/" ID1);
	ck_assert_int_eq(d->data->detach(be, &call, &in), 0);
	end(be);
}
END_TEST

START_TEST(each_allocation_of_a_look_and_a_list_may_fail)
{
	struct shr_rule one = rule_of(R1);
	const struct shr_rule *const all[] = { &one, NULL };
	void *be = begin();
	int code;

	ck_assert_int_eq(create(be, ID1), 0);
	for (long i = 1; i < 20; i++) {
		host_allocations = 0;
		host_fail_at = i;
		code = look(be, ID1, all);
		ck_assert(code == 0 || code == SHR_EAGAIN);
		host_allocations = 0;
		code = list(be, "", 5);
		ck_assert(code == 0 || code == SHR_EAGAIN);
		host_fail_at = 0;
	}
	ck_assert_int_eq(list(be, "", 5), 0);
	ck_assert_uint_eq(h.n_found, 1);
	end(be);
}
END_TEST

UNIT_MAIN(driver_null_look, look_tells_the_size_and_that_it_is_gone, look_judges_rules_and_tells_strangers,
	list_goes_on_behind_a_name, nonsense_behind_its_back_is_named, attach_tells_the_path_of_what_is_there,
	each_allocation_of_a_look_and_a_list_may_fail)

/* tests/unit/driver_null.c - the null driver: its faults, its state file, its rules, its room */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver_host.h"
#include "unit.h"

#define ID1 "018f0000-0000-7000-8000-000000000001"
#define ID2 "018f0000-0000-7000-8000-000000000002"
#define GIB (UINT64_C(1) << 30)

static const struct shr_driver *d;
static struct host h;
static char dir[] = "/tmp/libshare-null.XXXXXX", file[64];

static void *open_with(const struct host_setting *settings)
{
	struct shr_call call;
	void *be = NULL;

	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	if (d->open(&host_table, &call, &be) != 0)
		return NULL;
	return be;
}

static int create(void *be, const char *id, uint64_t bytes)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, bytes);

	return d->create(be, &call, &in);
}

static int resize(void *be, const char *id, uint64_t bytes)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, bytes);

	return d->resize(be, &call, &in, bytes);
}

static int drop(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	return d->remove(be, &call, &in);
}

static uint64_t room(void *be)
{
	struct shr_call call = host_call(&h);

	ck_assert_int_eq(d->stats(be, &call), 0);
	return h.free;
}

static int tell(void *be, const char *id, const struct shr_rule *was, const struct shr_rule *is, uint64_t from)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);
	struct shr_rule_change c = { sizeof c, 0, was, is };
	const struct shr_rule_change *list[] = { &c };
	struct shr_access_diff diff = { sizeof diff, 1, from, from + 1, list };

	return d->update_access(be, &call, &in, &diff, NULL);
}

static void use_file(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/state", dir);
}

static void drop_file(void)
{
	unlink(file);
	rmdir(dir);
}

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");

	fputs(text, f);
	fclose(f);
}

static struct shr_rule rule_of(const char *id, uint32_t type, const char *who)
{
	struct shr_rule rule = { .size = sizeof rule, .type = type, .level = SHR_LEVEL_RW, .id = id, .who = who, .reason = "",
		.share_id = "" };

	return rule;
}

START_TEST(tells_one_location_a_protocol)
{
	void *be = open_with(NULL);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_uint_eq(h.n_exports, 2);
	ck_assert_str_eq(h.export_paths[0], "null:/" ID1);
	ck_assert_uint_eq(h.exports[0].flags, SHR_EXPORT_PREFERRED);
	ck_assert_str_eq(h.export_paths[1], "\\\\null\\" ID1);
	ck_assert_str_eq(h.path, "/null/" ID1);
	d->close(be);
}
END_TEST

START_TEST(counts_its_room_and_refuses_beyond_a_size)
{
	const struct host_setting s[] = { { "p", "size", "10GiB" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, 6 * GIB), 0);
	ck_assert_uint_eq(room(be), 4 * GIB);
	ck_assert_int_eq(create(be, ID2, 5 * GIB), SHR_ENOSPC);
	ck_assert_int_eq(resize(be, ID1, 11 * GIB), SHR_ENOSPC);
	ck_assert_int_eq(resize(be, ID1, 10 * GIB), 0);
	ck_assert_uint_eq(room(be), 0);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert_uint_eq(room(be), 10 * GIB);
	d->close(be);
}
END_TEST

START_TEST(without_a_size_nothing_is_refused_and_no_room_is_taken)
{
	void *be = open_with(NULL);

	ck_assert_int_eq(create(be, ID1, UINT64_C(1) << 62), 0);
	ck_assert_uint_eq(room(be), 1024 * GIB);
	d->close(be);
}
END_TEST

START_TEST(fault_hits_the_call_it_names)
{
	const struct host_setting s[] = { { NULL, "fault", "create:2:fail" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(create(be, ID2, GIB), SHR_EBACKEND);
	ck_assert_int_eq(create(be, ID2, GIB), 0);
	d->close(be);
}
END_TEST

START_TEST(fault_hits_a_range_an_open_range_and_all)
{
	const struct host_setting s[] = { { NULL, "fault", "create:2-3:again" }, { NULL, "fault", "remove:2+:nospace" },
		{ NULL, "fault", "resize:*:unreachable" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(create(be, ID2, GIB), SHR_EAGAIN);
	ck_assert_int_eq(create(be, ID2, GIB), SHR_EAGAIN);
	ck_assert_int_eq(create(be, ID2, GIB), 0);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert_int_eq(drop(be, ID2), SHR_ENOSPC);
	ck_assert_int_eq(drop(be, ID2), SHR_ENOSPC);
	ck_assert_int_eq(resize(be, ID2, GIB), SHR_EUNREACHABLE);
	d->close(be);
}
END_TEST

START_TEST(fail_after_has_done_it)
{
	const struct host_setting s[] = { { NULL, "fault", "remove:1:fail-after" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(drop(be, ID1), SHR_EBACKEND);
	ck_assert_int_eq(resize(be, ID1, GIB), SHR_ENOTFOUND);
	d->close(be);
}
END_TEST

START_TEST(pending_runs_as_often_as_it_says)
{
	const struct host_setting s[] = { { NULL, "fault", "create:1:pending=3x1ms" }, { NULL, NULL, NULL } };
	void *be = open_with(s);
	int i;

	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(create(be, ID1, GIB), SHR_RUNNING);
		ck_assert_uint_eq(h.again_ms, 1);
	}
	ck_assert_int_eq(create(be, ID1, GIB), 0);
	h.token_len = 0;
	ck_assert_int_eq(create(be, ID2, GIB), 0);
	d->close(be);
}
END_TEST

START_TEST(hang_ends_when_cancelled)
{
	const struct host_setting s[] = { { NULL, "fault", "create:1:hang" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	h.cancel_at = 3;
	ck_assert_int_eq(create(be, ID1, GIB), SHR_ECANCELLED);
	ck_assert_int_ge(h.n_cancelled, 3);
	ck_assert_int_eq(resize(be, ID1, GIB), SHR_ENOTFOUND);
	d->close(be);
}
END_TEST

START_TEST(hang_ends_when_its_file_is_there)
{
	struct host_setting s[] = { { NULL, "fault", "create:1:hang" }, { NULL, "release", file }, { NULL, NULL, NULL } };
	void *be;

	use_file();
	be = open_with(s);
	write_file("");
	ck_assert_int_eq(create(be, ID1, GIB), 0);
	d->close(be);
	drop_file();
}
END_TEST

START_TEST(bad_faults_are_refused_by_name)
{
	static const char *const bad[] = { "", "create", "create:1", "nothing:1:fail", "create:x:fail", "create:1:no", "create:1:late",
		"create:1:late=5", "create:1:pending=5", "create:1:pending=x5ms", "create:1:reject=10.", "update_access:1:reject=",
		"create::fail", "create:1:fail ", "create:18446744073709551616:fail" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct host_setting s[] = { { NULL, "fault", bad[i] }, { NULL, NULL, NULL } };

		ck_assert_ptr_null(open_with(s));
		ck_assert_ptr_nonnull(strstr(h.message, "setting fault"));
	}
}
END_TEST

START_TEST(bad_settings_are_refused)
{
	static const struct host_setting bad[][2] = {
		{ { "p", "size", "ten" }, { NULL, NULL, NULL } }, { { "p", "size", "0" }, { NULL, NULL, NULL } },
		{ { "p", "size", "99999999999TiB" }, { NULL, NULL, NULL } }, { { NULL, "used", "1XiB" }, { NULL, NULL, NULL } },
		{ { NULL, "paths", "relative" }, { NULL, NULL, NULL } }, { { NULL, "state", "relative" }, { NULL, NULL, NULL } },
		{ { NULL, "state", "/nonexistent/x/state" }, { NULL, NULL, NULL } },
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_ptr_null(open_with(bad[i]));
		ck_assert_ptr_nonnull(strstr(h.message, bad[i][0].key));
	}
}
END_TEST

START_TEST(rejected_rule_leaves_the_others)
{
	const struct host_setting s[] = { { NULL, "fault", "update_access:*:reject=10.9." }, { NULL, NULL, NULL } };
	struct shr_rule good = rule_of(ID1, SHR_ACCESS_IP, "10.8.0.0/16"), bad = rule_of(ID2, SHR_ACCESS_IP, "10.9.0.0/16");
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &good, 0), 0);
	ck_assert_int_eq(h.rule_codes[0], SHR_OK);
	ck_assert_int_eq(tell(be, ID1, NULL, &bad, 1), 0);
	ck_assert_int_eq(h.rule_codes[0], SHR_EBACKEND);
	ck_assert_int_eq(tell(be, ID1, &bad, NULL, 2), 0);
	ck_assert_int_eq(h.rule_codes[0], SHR_OK);
	d->close(be);
}
END_TEST

START_TEST(garbage_leaves_rules_unanswered)
{
	const struct host_setting s[] = { { NULL, "fault", "update_access:1:garbage" }, { NULL, NULL, NULL } };
	struct shr_rule rule = rule_of(ID1, SHR_ACCESS_IP, "10.8.0.0/16");
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &rule, 0), 0);
	ck_assert_uint_eq(h.n_rules, 0);
	d->close(be);
}
END_TEST

START_TEST(cephx_key_is_the_same_each_time)
{
	struct shr_rule rule = rule_of(ID1, SHR_ACCESS_CEPHX, "alice");
	void *be = open_with(NULL);
	char key[64];

	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &rule, 0), 0);
	ck_assert_uint_eq(h.n_keys, 1);
	memcpy(key, h.keys[0], sizeof key);
	ck_assert_uint_eq(strlen(key), 40);
	ck_assert_int_eq(tell(be, ID1, NULL, &rule, 0), 0);
	ck_assert_str_eq(h.keys[0], key);
	d->close(be);
}
END_TEST

START_TEST(full_set_is_pulled_only_when_something_is_missing)
{
	struct shr_rule one = rule_of(ID1, SHR_ACCESS_IP, "10.0.0.1"), two = rule_of(ID2, SHR_ACCESS_IP, "10.0.0.2");
	const struct shr_rule *all[] = { &one, &two, NULL };
	void *be = open_with(NULL);

	h.all = all;
	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &one, 0), 0);
	ck_assert_uint_eq(h.n_pulled, 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &two, 1), 0);
	ck_assert_uint_eq(h.n_pulled, 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &two, 7), 0);
	ck_assert_uint_eq(h.n_pulled, 2);
	d->close(be);
}
END_TEST

START_TEST(state_is_there_after_open)
{
	struct host_setting s[] = { { NULL, "state", file }, { "p", "size", "1TiB" }, { NULL, NULL, NULL } };
	struct shr_rule rule = rule_of(ID1, SHR_ACCESS_IP, "10.0.0.1");
	void *be;

	use_file();
	be = open_with(s);
	ck_assert_int_eq(create(be, ID1, GIB), 0);
	ck_assert_int_eq(create(be, ID2, GIB), 0);
	ck_assert_int_eq(resize(be, ID1, 3 * GIB), 0);
	ck_assert_int_eq(tell(be, ID1, NULL, &rule, 0), 0);
	ck_assert_int_eq(drop(be, ID2), 0);
	d->close(be);
	be = open_with(s);
	ck_assert_ptr_nonnull(be);
	ck_assert_uint_eq(room(be), 1024 * GIB - 3 * GIB);
	ck_assert_int_eq(resize(be, ID2, GIB), SHR_ENOTFOUND);
	ck_assert_int_eq(resize(be, ID1, GIB), 0);
	d->close(be);
	drop_file();
}
END_TEST

START_TEST(torn_tail_is_cut_off)
{
	struct host_setting s[] = { { NULL, "state", file }, { "p", "size", "1TiB" }, { NULL, NULL, NULL } };
	void *be;

	use_file();
	write_file("create " ID1 " p 1073741824 1 \ncreate " ID2 " p 10737");
	be = open_with(s);
	ck_assert_ptr_nonnull(be);
	ck_assert_uint_eq(room(be), 1023 * GIB);
	ck_assert_int_eq(create(be, ID2, GIB), 0);
	d->close(be);
	be = open_with(s);
	ck_assert_ptr_nonnull(be);
	ck_assert_uint_eq(room(be), 1022 * GIB);
	d->close(be);
	drop_file();
}
END_TEST

START_TEST(nonsense_in_the_middle_is_named)
{
	static const char *const lines[] = { "hello", "create x p 1 1 ", "create " ID2 " p x 1 ", "remove " ID2, "resize " ID1 " x",
		"rule " ID1 " x 1 1", "revision " ID1, "create " ID1 " p 1 1 ", "", "unrule " ID1 };
	struct host_setting s[] = { { NULL, "state", file }, { NULL, NULL, NULL } };
	char text[512];
	size_t i;

	use_file();
	for (i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(text, sizeof text, "create " ID1 " p 1 1 \n%s\nremove " ID1 "\n", lines[i]);
		write_file(text);
		ck_assert_ptr_null(open_with(s));
		ck_assert_ptr_nonnull(strstr(h.message, "state:2:"));
	}
	drop_file();
}
END_TEST

START_TEST(second_process_is_told_who_has_the_state)
{
	struct host_setting s[] = { { NULL, "state", file }, { NULL, NULL, NULL } };
	int status = 0;
	char me[32];
	void *be;
	pid_t pid;

	use_file();
	be = open_with(s);
	snprintf(me, sizeof me, "%ld", (long)getpid());
	pid = fork();
	if (pid == 0) {
		void *mine = open_with(s);

		_exit(!mine && h.code == SHR_EAGAIN && strstr(h.message, me) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	d->close(be);
	drop_file();
}
END_TEST

START_TEST(kill_after_leaves_what_was_done)
{
	struct host_setting s[] = { { NULL, "state", file }, { NULL, "fault", "create:1:kill-after" }, { NULL, NULL, NULL } };
	struct host_setting calm[] = { { NULL, "state", file }, { NULL, NULL, NULL } };
	int status = 0;
	pid_t pid;
	void *be;

	use_file();
	pid = fork();
	if (pid == 0) {
		create(open_with(s), ID1, GIB);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	be = open_with(calm);
	ck_assert_int_eq(resize(be, ID1, GIB), 0);
	d->close(be);
	drop_file();
}
END_TEST

START_TEST(source_is_one_shares_alone)
{
	struct shr_instance one = host_instance(ID1, 0), two = host_instance(ID2, 0);
	void *be = open_with(NULL);
	struct shr_call call = host_call(&h);

	one.source = two.source = "vol@3GiB";
	ck_assert_int_eq(d->manage(be, &call, &one), 0);
	ck_assert_uint_eq(h.bytes, 3 * GIB);
	ck_assert_int_eq(d->manage(be, &call, &two), SHR_EBACKEND);
	ck_assert_int_eq(d->unmanage(be, &call, &one), 0);
	ck_assert_int_eq(d->manage(be, &call, &two), 0);
	two.source = "vol@much";
	ck_assert_int_eq(d->manage(be, &call, &two), SHR_ENOTFOUND);
	d->close(be);
}
END_TEST

START_TEST(shrink_below_pretended_use_is_refused)
{
	const struct host_setting s[] = { { NULL, "used", "2GiB" }, { NULL, NULL, NULL } };
	void *be = open_with(s);

	ck_assert_int_eq(create(be, ID1, 4 * GIB), 0);
	ck_assert_int_eq(resize(be, ID1, GIB), SHR_EDATALOSS);
	ck_assert_ptr_nonnull(strstr(h.message, "2147483648"));
	ck_assert_int_eq(resize(be, ID1, 2 * GIB), 0);
	d->close(be);
}
END_TEST

START_TEST(many_instances_come_and_go)
{
	void *be = open_with(NULL);
	char id[37];
	int i;

	for (i = 0; i < 20000; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012x", i);
		ck_assert_int_eq(create(be, id, GIB), 0);
	}
	for (i = 0; i < 20000; i += 2) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012x", i);
		ck_assert_int_eq(drop(be, id), 0);
	}
	for (i = 0; i < 20000; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012x", i);
		ck_assert_int_eq(resize(be, id, GIB), i % 2 ? 0 : SHR_ENOTFOUND);
	}
	d->close(be);
}
END_TEST

/* Everything once; 0 when nothing failed. */
static int scenario(const struct host_setting *s)
{
	struct shr_rule rule = rule_of(ID1, SHR_ACCESS_IP, "10.0.0.1");
	struct shr_instance in = host_instance(ID2, 0);
	struct shr_call call;
	void *be = open_with(s);
	int bad;

	if (!be)
		return 1;
	bad = create(be, ID1, GIB) || resize(be, ID1, 2 * GIB) || tell(be, ID1, NULL, &rule, 0);
	in.source = "vol";
	if (!bad) {
		call = host_call(&h);
		bad = d->manage(be, &call, &in);
	}
	bad = bad || tell(be, ID1, &rule, NULL, 1);
	ck_assert(!bad || h.code == SHR_EAGAIN);
	d->close(be);
	return bad;
}

START_TEST(each_allocation_may_fail)
{
	struct host_setting s[] = { { NULL, "state", file }, { NULL, "fault", "usage:1:fail" }, { NULL, NULL, NULL } };
	long i;

	use_file();
	for (i = 1; i == 1 || host_fail_at; i++) {
		host_allocations = 0;
		host_fail_at = i;
		if (scenario(s) == 0)
			host_fail_at = 0;
		unlink(file);
	}
	ck_assert_int_ge(i, 12);
	drop_file();
}
END_TEST

UNIT_MAIN(driver_null, tells_one_location_a_protocol, counts_its_room_and_refuses_beyond_a_size,
	without_a_size_nothing_is_refused_and_no_room_is_taken, fault_hits_the_call_it_names, fault_hits_a_range_an_open_range_and_all,
	fail_after_has_done_it, pending_runs_as_often_as_it_says, hang_ends_when_cancelled, hang_ends_when_its_file_is_there,
	bad_faults_are_refused_by_name, bad_settings_are_refused, rejected_rule_leaves_the_others,
	garbage_leaves_rules_unanswered, cephx_key_is_the_same_each_time, full_set_is_pulled_only_when_something_is_missing,
	state_is_there_after_open, torn_tail_is_cut_off, nonsense_in_the_middle_is_named,
	second_process_is_told_who_has_the_state, kill_after_leaves_what_was_done, source_is_one_shares_alone,
	shrink_below_pretended_use_is_refused, many_instances_come_and_go, each_allocation_may_fail)

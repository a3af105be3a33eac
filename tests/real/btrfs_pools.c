/* tests/real/btrfs_pools.c - the btrfs driver on a real file system: pools that are none, and pools that go away */
#include <signal.h>

#include "btrfs_try.h"

START_TEST(bad_settings_are_named)
{
	static const struct { const char *key, *value, *words; } bad[] = {
		{ "quota", "some", "setting quota: \"some\" is none of" }, { "mode", "9", "setting mode" }, { "mode", "0077", "setting mode" },
		{ "snapshot_reserve", "-1", "setting snapshot_reserve" }, { "snapshot_reserve", "1001", "setting snapshot_reserve" },
		{ "filesystem", "x", "setting filesystem: \"x\" is no UUID" },
		{ "filesystem", "018f0000-0000-7000-8000-000000000001", "setting filesystem" },
	};

	make_pool();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_ptr_null(open_pool_at(pool, bad[i].key, bad[i].value));
		ck_assert_msg(strstr(h.message, bad[i].words) != NULL, "%s: %s", bad[i].words, h.message);
	}
	ck_assert(!is_there(at(".libshare")));
}
END_TEST

START_TEST(path_that_is_no_pool_is_refused)
{
	make_pool();
	ck_assert_ptr_null(open_pool_at("relative", NULL, NULL));
	ck_assert_msg(strstr(h.message, "pool p: setting path: an absolute path") != NULL, "%s", h.message);
	ck_assert_ptr_null(open_pool_at(at("none"), NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EUNREACHABLE);
	ck_assert_ptr_null(open_pool_at(place("plain"), NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EUNREACHABLE);
	ck_assert_msg(strstr(h.message, "is not on btrfs: is its file system mounted?") != NULL, "%s", h.message);
	ck_assert_int_eq(mkdir(at("directory"), 0755), 0);
	ck_assert_ptr_null(open_pool_at(at("directory"), NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EUNREACHABLE);
	ck_assert_msg(strstr(h.message, "neither a mount point nor a subvolume") != NULL, "%s", h.message);
	ck_assert(!is_there(at("directory/.libshare")) && !is_there(say("%s/.libshare", place("plain"))));
}
END_TEST

START_TEST(pool_in_another_pool_is_refused)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 4 * MIB));
	must(say("btrfs subvolume create %s >/dev/null && btrfs subvolume create %s >/dev/null", at("in"), at(ID1 "/head/in")));
	ck_assert_ptr_null(open_pool_at(at("in"), NULL, NULL));
	ck_assert_msg(strstr(h.message, "lies in another pool") && strstr(h.message, pool), "%s", h.message);
	ck_assert_ptr_null(open_pool_at(at(ID1 "/head/in"), NULL, NULL));
	ck_assert_msg(strstr(h.message, "lies in another pool") != NULL, "%s", h.message);
	ck_assert(!is_there(at("in/.libshare")));
	d->close(be);
}
END_TEST

START_TEST(one_subvolume_for_two_pools_is_refused)
{
	struct host_setting s[] = { { "p", "path", pool }, { "q", "path", NULL }, { NULL, NULL, NULL } };
	struct shr_call call;
	void *be = NULL;

	make_pool();
	s[1].value = say("%s/.", pool);
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = s;
	h.pools[0] = "p";
	h.pools[1] = "q";
	call = host_call(&h);
	ck_assert_int_eq(d->open(&host_table, &call, &be), SHR_EBACKEND);
	ck_assert_msg(strstr(h.message, "both are the same subvolume") != NULL, "%s", h.message);
	open_pool();
}
END_TEST

START_TEST(two_pools_of_one_file_system_do_not_meet)
{
	struct host_setting s[] = { { "p", "path", NULL }, { "q", "path", NULL }, { NULL, NULL, NULL } };
	struct shr_instance in = host_instance(ID1, MIB);
	struct shr_call call;
	char first[256];
	void *be = NULL;

	make_pool();
	memcpy(first, pool, sizeof first);
	make_pool();
	s[0].value = first;
	s[1].value = pool;
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = s;
	h.pools[0] = "p";
	h.pools[1] = "q";
	call = host_call(&h);
	ck_assert_msg(d->open(&host_table, &call, &be) == 0, "%s", h.message);
	MUST(create(be, ID1, MIB));
	in.pool = "q";
	call = host_call(&h);
	MUST(d->create(be, &call, &in));
	ck_assert(is_there(at(ID1 "/head")) && is_there(say("%s/" ID1 "/head", first)));
	MUST(drop(be, ID1));
	ck_assert(is_there(at(ID1 "/head")) && !is_there(say("%s/" ID1, first)));
	MUST(stats(be));
	d->close(be);
}
END_TEST

START_TEST(root_of_the_driver_dir_is_refused)
{
	make_pool();
	ck_assert_int_eq(put_file(at(".libshare.lock"), 0), 0);
	ck_assert_ptr_null(open_pool_at(pool, NULL, NULL));
	ck_assert_msg(strstr(h.message, "is a root of the driver dir") != NULL, "%s", h.message);
}
END_TEST

START_TEST(copy_of_a_pool_and_an_unknown_layout_are_refused)
{
	char copy[300];
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, MIB));
	d->close(be);
	snprintf(copy, sizeof copy, "%s-copy", pool);
	must(say("btrfs subvolume snapshot %s %s >/dev/null", pool, copy));
	ck_assert_ptr_null(open_pool_at(copy, NULL, NULL));
	ck_assert_msg(strstr(h.message, "is the copy of a pool") != NULL, "%s", h.message);
	must(say("sed -i 's/pool 1/pool 2/' %s", at(".libshare/pool")));
	ck_assert_ptr_null(open_pool_at(pool, NULL, NULL));
	ck_assert_msg(strstr(h.message, "a layout that this version does not know") != NULL, "%s", h.message);
	ck_assert(is_there(at(ID1 "/head")));
}
END_TEST

START_TEST(quotas_of_the_other_kind_are_refused)
{
	void *be;

	make_pool();
	be = open_pool();
	d->close(be);
	ck_assert_ptr_null(open_pool_at(pool, "quota", "full"));
	ck_assert_msg(strstr(h.message, "setting quota") && strstr(h.message, "has simple quotas, and \"full\" is wanted"), "%s",
		h.message);
}
END_TEST

START_TEST(second_opening_names_the_holder)
{
	int ends[2], status;
	char byte;
	pid_t pid;
	void *be;

	make_pool();
	be = open_pool();
	ck_assert_ptr_null(open_pool_at(pool, NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EAGAIN);
	ck_assert_msg(strstr(h.message, say("is held by process %ld", (long)getpid())) != NULL, "%s", h.message);
	d->close(be);
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (open_pool_at(pool, NULL, NULL) && write(ends[1], "", 1) == 1)
			raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	waitpid(pid, &status, WUNTRACED);
	ck_assert_ptr_null(open_pool_at(pool, NULL, NULL));
	ck_assert_msg(strstr(h.message, "which is stopped") != NULL, "%s", h.message);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	d->close(open_pool());
}
END_TEST

/* ---- on the file system "two", which each test leaves as it was ---- */

START_TEST(read_only_pool_is_down_until_it_is_writable)
{
	void *be = open_pool_at(place("two"), NULL, NULL);

	ck_assert_msg(be != NULL, "%s", h.message);
	snprintf(pool, sizeof pool, "%s", place("two"));
	must(say("mount -o remount,ro %s", pool));
	FAILS(stats(be), SHR_EUNREACHABLE, "mounted read-only");
	FAILS(create(be, ID1, MIB), SHR_EUNREACHABLE, "mounted read-only");
	must(say("mount -o remount,rw %s", pool));
	MUST(stats(be));
	MUST(create(be, ID1, MIB));
	must(say("mount -o remount,ro %s", pool));
	FAILS(drop(be, ID1), SHR_EUNREACHABLE, "mounted read-only");
	FAILS(resize(be, ID1, 2 * MIB), SHR_EUNREACHABLE, "mounted read-only");
	must(say("mount -o remount,rw %s", pool));
	MUST(drop(be, ID1));
	d->close(be);
	must(say("mount -o remount,ro %s", pool));
	be = open_pool_at(pool, NULL, NULL);
	must(say("mount -o remount,rw %s", pool));
	ck_assert_ptr_null(be);
	ck_assert_int_eq(h.code, SHR_EUNREACHABLE);
	ck_assert_msg(strstr(h.message, "setting path") && strstr(h.message, "read-only"), "%s", h.message);
}
END_TEST

START_TEST(unmounted_pool_is_down_until_it_is_back_and_locked_again)
{
	const char *loop = getenv("BTRFS_LOOP_TWO");
	void *be;

	snprintf(pool, sizeof pool, "%s", place("two"));
	be = open_pool();
	MUST(create(be, ID1, MIB));
	must(say("umount -l %s", pool));
	FAILS(stats(be), SHR_EUNREACHABLE, "is its file system mounted?");
	FAILS(create(be, ID2, MIB), SHR_EUNREACHABLE, "is its file system mounted?");
	FAILS(drop(be, ID1), SHR_EUNREACHABLE, "is its file system mounted?");
	FAILS(look(be, ID1), SHR_EUNREACHABLE, "is its file system mounted?");
	ck_assert_int_eq(run(say("[ -z \"$(ls -A %s)\" ]", pool)), 0);
	must(say("mount -t tmpfs none %s", pool));
	FAILS(create(be, ID2, MIB), SHR_EUNREACHABLE, "is its file system mounted?");
	must(say("umount %s", pool));
	must(say("mount -t btrfs -o noatime %s %s", loop, pool));
	MUST(stats(be));
	MUST(create(be, ID2, MIB));
	MUST(look(be, ID1));
	must(say("flock -n %s true && exit 1 || exit 0", at(".libshare/lock")));
	MUST(drop(be, ID1));
	MUST(drop(be, ID2));
	d->close(be);
}
END_TEST

START_TEST(full_pool_is_no_space_and_shares_still_go)
{
	unsigned i, made;
	char id[37];
	void *be;
	int code = 0;

	snprintf(pool, sizeof pool, "%s", place("two"));
	be = open_pool();
	MUST(create(be, ID1, 4096 * MIB)); /* thin: more than there is */
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 4096 * MIB), ENOSPC);
	/* The metadata have room of their own, which many small files use up. */
	for (i = 0; i < 200000 && !code; i++)
		code = put_file(say("%s/f%u", at(ID1 "/head"), i), 2000) == ENOSPC;
	for (made = 0, code = 0; made < 2000 && code == 0; made++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8001-%012u", made);
		code = create(be, id, MIB);
	}
	ck_assert_msg(code == SHR_ENOSPC, "%u shares: %d: %s", made, code, h.message);
	MUST(stats(be));
	MUST(drop(be, ID1));
	for (i = 0; i < 400 && create(be, id, MIB) != 0; i++)
		usleep(50000);
	MUST(create(be, id, MIB));
	for (i = 0; i < made; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8001-%012u", i);
		MUST(drop(be, id));
	}
	d->close(be);
}
END_TEST

/* Everything once; 0 when nothing failed. */
static int scenario(void)
{
	void *be = open_pool_at(pool, NULL, NULL);
	int bad;

	if (!be)
		return 1;
	bad = create(be, ID1, 4 * MIB) || list(be, "", 4) || manage(be, ID2, "old") || unmanage(be, ID2) || drop(be, ID1);
	ck_assert_msg(!bad || h.code == SHR_EAGAIN, "%d: %s", h.code, h.message);
	host_fail_at = bad ? 0 : host_fail_at;
	MUST(unmanage(be, ID2));
	MUST(drop(be, ID1));
	ck_assert(is_there(at("old")) && !is_there(at(ID1)));
	d->close(be);
	return bad;
}

START_TEST(each_allocation_may_fail)
{
	long i;
	int bad = 1;

	make_pool();
	must(say("btrfs subvolume create %s >/dev/null", at("old")));
	for (i = 1; bad; i++) {
		host_allocations = 0;
		host_fail_at = i;
		bad = scenario();
	}
	host_fail_at = 0;
	ck_assert_int_ge(i, 8);
}
END_TEST

UNIT_MAIN(btrfs_pools, bad_settings_are_named, path_that_is_no_pool_is_refused, pool_in_another_pool_is_refused,
	one_subvolume_for_two_pools_is_refused, two_pools_of_one_file_system_do_not_meet, root_of_the_driver_dir_is_refused,
	copy_of_a_pool_and_an_unknown_layout_are_refused, quotas_of_the_other_kind_are_refused, second_opening_names_the_holder,
	read_only_pool_is_down_until_it_is_writable, unmounted_pool_is_down_until_it_is_back_and_locked_again,
	full_pool_is_no_space_and_shares_still_go, each_allocation_may_fail)

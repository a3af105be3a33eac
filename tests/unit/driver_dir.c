/* tests/unit/driver_dir.c - the dir driver: where shares lie, who may have the root, what is refused, what is said */
#include "driver_dir.h"

START_TEST(share_lies_in_its_pool_and_facts_lie_beside)
{
	void *be;

	make_root();
	be = open_root("fast/one", NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_str_eq(h.path, at("fast/one/" ID1));
	ck_assert_str_eq(h.ref, "fast/one/" ID1);
	ck_assert(is_there(at(".libshare/" ID1)));
	ck_assert(rmdir(at("fast/one/" ID1)) == 0); /* empty: nothing of the driver's is in it */
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(pool_lies_under_its_name_by_default)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_str_eq(h.path, at("p/" ID1));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(mode_is_the_settings_whatever_the_umask)
{
	struct stat st;
	void *be;

	make_root();
	umask(077);
	be = open_root(NULL, "2775");
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(stat(h.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02775);
	chmod(h.path, 0711);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	stat(h.path, &st);
	ck_assert_uint_eq(st.st_mode & 07777, 0711);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(bad_settings_are_named)
{
	static const char *const paths[] = { "/abs", "..", "a/../b", "", "a//b", "a/", ".libshare", "a/.libshare-x", "./a", "a\nb" };
	static const char *const modes[] = { "", "rwx", "0688", "10000", "0077", "-1" };
	size_t i;

	make_root();
	for (i = 0; i < sizeof paths / sizeof *paths; i++) {
		ck_assert_ptr_null(open_root(paths[i], NULL));
		ck_assert_msg(says("setting path"), "\"%s\": %s", paths[i], h.message);
	}
	for (i = 0; i < sizeof modes / sizeof *modes; i++) {
		ck_assert_ptr_null(open_root(NULL, modes[i]));
		ck_assert(says("setting mode"));
	}
	drop_root();
}
END_TEST

START_TEST(root_that_is_none_is_named)
{
	make_root();
	put_file(at("file"), 1);
	strcat(root, "/file");
	ck_assert_ptr_null(open_root(NULL, NULL));
	ck_assert(says(root) && says("setting root") && says("Not a directory"));
	root[strlen(root) - 5] = '\0';
	drop_root();
	ck_assert_ptr_null(open_root(NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EUNREACHABLE);
	strcpy(root, "relative");
	ck_assert_ptr_null(open_root(NULL, NULL));
	ck_assert(says("absolute"));
}
END_TEST

START_TEST(pools_of_one_path_are_refused)
{
	struct host_setting s[] = { { NULL, "root", root }, { "p", "path", "x" }, { "q", "path", "x" }, { NULL, NULL, NULL } };
	struct shr_call call;
	void *be = NULL;

	make_root();
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = s;
	h.pools[0] = "p";
	h.pools[1] = "q";
	call = host_call(&h);
	ck_assert_int_eq(d->open(&host_table, &call, &be), SHR_EBACKEND);
	ck_assert(says("same path"));
	drop_root();
}
END_TEST

START_TEST(second_opening_names_the_holder)
{
	char me[32];
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_ptr_null(open_root(NULL, NULL));
	snprintf(me, sizeof me, "process %ld", (long)getpid());
	ck_assert_int_eq(h.code, SHR_EAGAIN);
	ck_assert(says(me) && !says("stopped"));
	d->close(be);
	be = open_root(NULL, NULL);
	ck_assert_ptr_nonnull(be);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(stopped_holder_is_called_stopped)
{
	int ends[2], status;
	char byte;
	pid_t pid;
	void *be;

	make_root();
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (open_root(NULL, NULL) && write(ends[1], "", 1) == 1)
			raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(read(ends[0], &byte, 1), 1);
	waitpid(pid, &status, WUNTRACED);
	ck_assert_ptr_null(open_root(NULL, NULL));
	ck_assert_int_eq(h.code, SHR_EAGAIN);
	ck_assert(says("stopped"));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	be = open_root(NULL, NULL);
	ck_assert_ptr_nonnull(be);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(ids_that_are_no_uuids_are_refused)
{
	static const char *const ids[] = { "", ".", "..", "../../../../etc/xxxxxxxxxxxxxxxxxxxxxxxxx", ID1 "/", "018F0000-0000-7000-8000-000000000001" };
	void *be;
	size_t i;

	make_root();
	be = open_root(NULL, NULL);
	for (i = 0; i < sizeof ids / sizeof *ids; i++) {
		ck_assert_int_eq(create(be, ids[i], MIB), SHR_EBACKEND);
		ck_assert_int_eq(drop(be, ids[i]), SHR_EBACKEND);
		ck_assert_int_eq(usage(be, ids[i]), SHR_EBACKEND);
		ck_assert_int_eq(manage(be, ids[i], "x"), SHR_EBACKEND);
	}
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(facts_that_are_damaged_are_not_believed)
{
	static const char *const facts[] = { "", "x", "libshare dir share 1\n",
		"libshare dir share 1\nbytes 1\nproject 0\nmanaged 0\npath ../../etc\n",
		"libshare dir share 1\nbytes 1\nproject 0\nmanaged 0\npath /etc\nmore\n",
		"libshare dir share 1\nbytes 1\nproject 0\nmanaged 0\npath p/x" };
	void *be;
	size_t i;
	FILE *f;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	for (i = 0; i < sizeof facts / sizeof *facts; i++) {
		f = fopen(at(".libshare/" ID1), "w");
		fputs(facts[i], f);
		fclose(f);
		ck_assert_int_eq(drop(be, ID1), SHR_EBACKEND);
		ck_assert(says(".libshare/" ID1) && says("damaged"));
	}
	ck_assert(is_there(at("p/" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(facts_behind_a_link_are_not_followed)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(symlink("/etc/passwd", at(".libshare/" ID1)), 0);
	ck_assert_int_eq(drop(be, ID1), SHR_EBACKEND);
	ck_assert_int_eq(create(be, ID1, MIB), SHR_EBACKEND);
	ck_assert(says("symbolic link"));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(pool_behind_a_link_is_refused)
{
	make_root();
	ck_assert_int_eq(symlink("/tmp", at("p")), 0);
	ck_assert_ptr_null(open_root(NULL, NULL));
	ck_assert(says("symbolic link") && says("/p"));
	drop_root();
}
END_TEST

START_TEST(share_that_became_a_link_is_not_followed)
{
	char outside[] = "/tmp/libshare-out.XXXXXX", file[64];
	void *be;

	make_root();
	ck_assert_ptr_nonnull(mkdtemp(outside));
	snprintf(file, sizeof file, "%s/keep", outside);
	put_file(file, 10);
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(rmdir(at("p/" ID1)), 0);
	ck_assert_int_eq(symlink(outside, at("p/" ID1)), 0);
	ck_assert_int_eq(usage(be, ID1), SHR_EBACKEND);
	ck_assert_int_eq(create(be, ID1, MIB), SHR_EBACKEND);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert(!is_there(at("p/" ID1)) && is_there(file));
	unlink(file);
	rmdir(outside);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(pool_that_is_gone_is_unreachable)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(stats(be), 0);
	ck_assert_int_eq(rmdir(at("p")), 0);
	ck_assert_int_eq(stats(be), SHR_EUNREACHABLE);
	ck_assert_int_eq(create(be, ID1, MIB), SHR_EUNREACHABLE);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(other_file_system_in_the_pools_place_is_unreachable)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	if (mount_on(at("p"), "")) {
		ck_assert_int_eq(create(be, ID1, MIB), SHR_EUNREACHABLE);
		ck_assert(says("another file system"));
		umount2(at("p"), MNT_DETACH);
		ck_assert_int_eq(create(be, ID1, MIB), 0);
	}
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(read_only_file_system_is_unreachable)
{
	void *be;

	make_root();
	mkdir(at("p"), 0755);
	if (mount_on(at("p"), "")) {
		be = open_root(NULL, NULL);
		mount("none", at("p"), "tmpfs", MS_REMOUNT | MS_RDONLY, "");
		ck_assert_int_eq(stats(be), SHR_EUNREACHABLE);
		ck_assert(says("read-only") && says("/p"));
		ck_assert_int_eq(create(be, ID1, MIB), SHR_EUNREACHABLE);
		d->close(be);
		umount2(at("p"), MNT_DETACH);
	}
	drop_root();
}
END_TEST

START_TEST(full_file_system_is_no_space)
{
	void *be;

	make_root();
	mkdir(at("p"), 0755);
	if (mount_on(at("p"), "nr_inodes=3")) {
		be = open_root(NULL, NULL);
		ck_assert_int_eq(create(be, ID1, MIB), 0);
		ck_assert_int_eq(mkdir(at("p/one"), 0755), 0);
		ck_assert_int_eq(create(be, ID2, MIB), SHR_ENOSPC);
		ck_assert_int_eq(drop(be, ID2), 0);
		d->close(be);
		umount2(at("p"), MNT_DETACH);
	}
	drop_root();
}
END_TEST

START_TEST(sizes_are_promised_only_where_they_are_enforced)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(stats(be), 0);
	ck_assert_uint_ne(h.caps & SHR_CAP_EXTEND, 0);
	ck_assert_uint_gt(h.total, 0);
	ck_assert_uint_le(h.free, h.total);
	if (mount_on(at("p"), "")) { /* has neither quotas nor shared blocks */
		d->close(be);
		be = open_root(NULL, NULL);
		ck_assert_int_eq(stats(be), 0);
		ck_assert_uint_eq(h.caps & (SHR_CAP_SIZE_ENFORCED | SHR_CAP_CLONE_REFLINK), 0);
		umount2(at("p"), MNT_DETACH);
	}
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(managed_directory_stays_where_it_is)
{
	void *be;

	make_root();
	mkdir(at("old"), 0755);
	mkdir(at("old/ home"), 0755);
	put_file(at("old/ home/file"), 1000);
	be = open_root(NULL, NULL);
	ck_assert_int_eq(manage(be, ID1, "old/ home"), 0);
	ck_assert_str_eq(h.path, at("old/ home"));
	ck_assert_uint_eq(h.bytes, MIB);
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_int_eq(unmanage(be, ID1), 0);
	ck_assert(is_there(at("old/ home/file")) && !is_there(at(".libshare/" ID1)));
	ck_assert_int_eq(manage(be, ID2, at("/old/ home/")), 0);
	ck_assert_int_eq(drop(be, ID2), 0);
	ck_assert(!is_there(at("old/ home")) && is_there(at("old")));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(sources_are_refused_with_the_reason)
{
	static const struct { const char *source, *words; } bad[] = {
		{ "../x", "\"..\"" }, { "/etc", "below the setting root" }, { "", "is empty" }, { ".libshare", "driver's own" },
		{ "link", "symbolic link" }, { "link/x", "symbolic link" }, { "file", "Not a directory" }, { "none", "no such directory" },
		{ "p", "has pool p" }, { "p/" ID1, "is, has or lies in share" }, { "p/" ID1 "/in", "is, has or lies in share" },
		{ "up", "is, has or lies in share" }, { "a\tb", "control character" },
	};
	void *be;
	size_t i;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	mkdir(at("p/" ID1 "/in"), 0755);
	mkdir(at("up"), 0755);
	mkdir(at("up/down"), 0755);
	put_file(at("file"), 1);
	ck_assert_int_eq(symlink("/etc", at("link")), 0);
	ck_assert_int_eq(manage(be, "018f0000-0000-7000-8000-000000000003", "up/down"), 0);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_lt(manage(be, ID2, bad[i].source), 0);
		ck_assert_msg(says(bad[i].words), "\"%s\": %s", bad[i].source, h.message);
		ck_assert(!is_there(at(".libshare/" ID2)));
	}
	ck_assert_int_eq(drop(be, ID2), 0);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(size_is_kept_and_shrunk_only_above_use)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(resize(be, ID1, MIB), SHR_ENOTFOUND);
	ck_assert_int_eq(create(be, ID1, 4 * MIB), 0);
	put_file(at("p/" ID1 "/file"), 2 * MIB);
	ck_assert_int_eq(resize(be, ID1, MIB), SHR_EDATALOSS);
	ck_assert(says("bytes are in use") && says("1048576"));
	ck_assert_int_eq(resize(be, ID1, 3 * MIB), 0);
	ck_assert_int_eq(resize(be, ID1, 8 * MIB), 0);
	unlink(at("p/" ID1 "/file"));
	ck_assert_int_eq(rmdir(at("p/" ID1)), 0);
	ck_assert_int_eq(resize(be, ID1, 9 * MIB), SHR_ENOTFOUND);
	ck_assert(says("directory is gone"));
	d->close(be);
	drop_root();
}
END_TEST

/* Everything once; 0 when nothing failed. */
static int scenario(void)
{
	void *be = open_root(NULL, NULL);
	int bad;

	if (!be)
		return 1;
	bad = create(be, ID1, MIB) || usage(be, ID1);
	if (!bad) {
		mkdir(at("p/" ID1 "/sub"), 0755);
		put_file(at("p/" ID1 "/sub/file"), 10);
		bad = usage(be, ID1) || drop(be, ID1);
	}
	ck_assert(!bad || h.code == SHR_EAGAIN);
	host_fail_at = bad ? 0 : host_fail_at;
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert(!is_there(at("p/" ID1)));
	d->close(be);
	return bad;
}

START_TEST(each_allocation_may_fail)
{
	long i;
	int bad = 1;

	make_root();
	for (i = 1; bad; i++) {
		host_allocations = 0;
		host_fail_at = i;
		bad = scenario();
	}
	host_fail_at = 0;
	ck_assert_int_ge(i, 8);
	drop_root();
}
END_TEST

UNIT_MAIN(driver_dir, share_lies_in_its_pool_and_facts_lie_beside, pool_lies_under_its_name_by_default,
	mode_is_the_settings_whatever_the_umask, bad_settings_are_named, root_that_is_none_is_named,
	pools_of_one_path_are_refused, second_opening_names_the_holder, stopped_holder_is_called_stopped,
	ids_that_are_no_uuids_are_refused, facts_that_are_damaged_are_not_believed, facts_behind_a_link_are_not_followed,
	pool_behind_a_link_is_refused, share_that_became_a_link_is_not_followed, pool_that_is_gone_is_unreachable,
	other_file_system_in_the_pools_place_is_unreachable, read_only_file_system_is_unreachable,
	full_file_system_is_no_space, sizes_are_promised_only_where_they_are_enforced, managed_directory_stays_where_it_is,
	sources_are_refused_with_the_reason, size_is_kept_and_shrunk_only_above_use, each_allocation_may_fail)

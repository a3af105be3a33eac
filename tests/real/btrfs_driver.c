/* tests/real/btrfs_driver.c - the btrfs driver on a real file system: shares, their sizes, what is in them */
#include "btrfs_try.h"

START_TEST(share_is_a_head_in_a_container_with_a_limit)
{
	struct btrfs_group group;
	uint64_t box, head, found;
	struct stat st;
	void *be;
	int fd;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_str_eq(h.path, at(ID1 "/head"));
	ck_assert_int_eq(stat(at(ID1 "/head"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0755);
	box = number_of(at(ID1));
	head = number_of(at(ID1 "/head"));
	ck_assert_int_eq(group_of(box, &group), 1);
	ck_assert_uint_eq(group.limit, 8 * MIB);
	fd = pool_fd();
	ck_assert_int_eq(btrfs_next_member(fd, BTRFS_GROUP(box), 0, &found), 1);
	ck_assert_uint_eq(found, box);
	ck_assert_int_eq(btrfs_next_member(fd, BTRFS_GROUP(box), box, &found), 1);
	ck_assert_uint_eq(found, head);
	close(fd);
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_uint_eq(number_of(at(ID1 "/head")), head);
	MUST(drop(be, ID1));
	ck_assert(!is_there(at(ID1)) && !is_there(at(".libshare/" ID1)));
	wait_until_swept(be);
	ck_assert_int_eq(group_of(box, &group), 0);
	d->close(be);
}
END_TEST

START_TEST(writes_beyond_the_size_fail_and_extend_helps)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 12 * MIB), EDQUOT);
	MUST(resize(be, ID1, 32 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 12 * MIB), 0);
	MUST(usage(be, ID1));
	ck_assert_uint_ge(h.used, 12 * MIB);
	ck_assert_uint_le(h.used, 13 * MIB);
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(what_users_nest_and_what_snapshots_hold_is_counted)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 16 * MIB));
	must(say("btrfs subvolume create %s >/dev/null", at(ID1 "/head/nested")));
	ck_assert_int_eq(put_file(at(ID1 "/head/nested/file"), 10 * MIB), 0);
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 10 * MIB), EDQUOT);
	MUST(drop(be, ID1));
	MUST(create(be, ID2, 16 * MIB));
	ck_assert_int_eq(put_file(at(ID2 "/head/file"), 10 * MIB), 0);
	must(say("btrfs subvolume snapshot -r %s %s >/dev/null", at(ID2 "/head"), at(ID2 "/snap-x")));
	ck_assert_int_eq(put_file(at(ID2 "/head/file"), 10 * MIB), EDQUOT);
	MUST(drop(be, ID2));
	ck_assert(!is_there(at(ID2)));
	d->close(be);
}
END_TEST

START_TEST(reserve_is_added_to_the_limit)
{
	struct host_setting s[] = { { "p", "path", pool }, { NULL, "snapshot_reserve", "50" }, { NULL, NULL, NULL } };
	struct btrfs_group group;
	void *be;

	make_pool();
	be = open_with(s);
	ck_assert_ptr_nonnull(be);
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_int_eq(group_of(number_of(at(ID1)), &group), 1);
	ck_assert_uint_eq(group.limit, 12 * MIB);
	MUST(look(be, ID1));
	ck_assert_uint_eq(h.bytes, 8 * MIB);
	MUST(resize(be, ID1, 16 * MIB));
	ck_assert_int_eq(group_of(number_of(at(ID1)), &group), 1);
	ck_assert_uint_eq(group.limit, 24 * MIB);
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(shrink_below_use_is_refused_and_nothing_has_changed)
{
	struct btrfs_group group;
	uint64_t box;
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	box = number_of(at(ID1));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 10 * MIB), 0);
	must(say("cp %s %s", at(ID1 "/head/file"), at("../copy")));
	FAILS(resize(be, ID1, 8 * MIB), SHR_EDATALOSS, "bytes are in use: it cannot shrink to 8388608");
	ck_assert_int_eq(group_of(box, &group), 1);
	ck_assert_uint_eq(group.limit, 32 * MIB);
	must(say("cmp %s %s", at(ID1 "/head/file"), at("../copy")));
	ck_assert_int_eq(put_file(at(ID1 "/head/more"), 10 * MIB), 0);
	limit_by_hand(box, 21 * MIB); /* as a call leaves it that is killed between two ioctls */
	FAILS(resize(be, ID1, 8 * MIB), SHR_EDATALOSS, "in use");
	ck_assert_int_eq(group_of(box, &group), 1);
	ck_assert_uint_eq(group.limit, 32 * MIB);
	MUST(resize(be, ID1, 24 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/third"), 10 * MIB), EDQUOT);
	unlink(at("../copy"));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

/* What is written and not yet on the disk is in use, too. */
START_TEST(shrink_sees_what_is_only_in_memory)
{
	char block[4096];
	void *be;
	int fd, i;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	fd = open(at(ID1 "/head/file"), O_WRONLY | O_CREAT, 0644);
	memset(block, 'm', sizeof block);
	for (i = 0; i < 2560; i++)
		ck_assert_int_eq(write(fd, block, sizeof block), (int)sizeof block);
	FAILS(resize(be, ID1, 8 * MIB), SHR_EDATALOSS, "in use");
	close(fd);
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(full_share_with_users_subvolumes_is_removed)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	must(say("cd %s && mkdir -p a/b && btrfs subvolume create a/b/one >/dev/null && mkdir a/b/one/c && "
		"btrfs subvolume create a/b/one/c/two >/dev/null && echo x >a/b/one/c/two/file && "
		"btrfs property set a/b/one ro true", at(ID1 "/head")));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 12 * MIB), EDQUOT);
	MUST(drop(be, ID1));
	ck_assert(!is_there(at(ID1)));
	MUST(drop(be, ID1));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(foreign_subvolume_under_a_shares_name_is_left_alone)
{
	void *be;

	make_pool();
	be = open_pool();
	must(say("btrfs subvolume create %s >/dev/null && echo x >%s/keep", at(ID1), at(ID1)));
	FAILS(create(be, ID1, MIB), SHR_EBACKEND, "is there already, and is no share");
	ck_assert(!is_there(at(".libshare/" ID1)));
	MUST(drop(be, ID1));
	ck_assert_int_eq(usage(be, ID1), SHR_ENOTFOUND);
	ck_assert(is_there(at(ID1 "/keep")));
	/* In the place of a share's container it is as foreign. */
	MUST(create(be, ID2, MIB));
	must(say("mv %s %s && btrfs subvolume create %s >/dev/null && echo x >%s/keep", at(ID2), at("away"), at(ID2), at(ID2)));
	ck_assert_int_eq(usage(be, ID2), SHR_ENOTFOUND);
	ck_assert_int_eq(look(be, ID2), SHR_ENOTFOUND);
	ck_assert_int_eq(resize(be, ID2, 2 * MIB), SHR_ENOTFOUND);
	MUST(drop(be, ID2));
	ck_assert(is_there(at(ID2 "/keep")) && is_there(at("away/head")));
	d->close(be);
}
END_TEST

START_TEST(links_are_not_followed)
{
	char outside[] = "/tmp/libshare-out.XXXXXX";
	void *be;

	make_pool();
	be = open_pool();
	ck_assert_ptr_nonnull(mkdtemp(outside));
	ck_assert_int_eq(put_file(say("%s/keep", outside), 10), 0);
	MUST(create(be, ID1, MIB));
	must(say("mv %s %s", at(ID1), at("away")));
	ck_assert_int_eq(symlink(outside, at(ID1)), 0);
	ck_assert_int_eq(usage(be, ID1), SHR_ENOTFOUND);
	ck_assert_int_eq(attach(be, ID1), SHR_ENOTFOUND);
	MUST(drop(be, ID1));
	MUST(create(be, ID2, MIB));
	must(say("btrfs subvolume delete %s >/dev/null", at(ID2 "/head")));
	ck_assert_int_eq(symlink(outside, at(ID2 "/head")), 0);
	FAILS(usage(be, ID2), SHR_ENOTFOUND, "head is gone");
	MUST(drop(be, ID2));
	ck_assert_int_eq(symlink("/etc/passwd", at(".libshare/" ID3)), 0);
	FAILS(create(be, ID3, MIB), SHR_EBACKEND, "symbolic link");
	FAILS(drop(be, ID3), SHR_EBACKEND, "symbolic link");
	unlink(at(".libshare/" ID3));
	ck_assert_int_eq(symlink(outside, at(".libshare/new-" ID3)), 0);
	ck_assert_int_eq(create(be, ID3, MIB), SHR_EBACKEND);
	ck_assert(is_there(say("%s/keep", outside)) && is_there("/etc/passwd"));
	ck_assert_int_eq(run(say("[ \"$(ls -A %s)\" = keep ] && rm -r %s", outside, outside)), 0);
	d->close(be);
}
END_TEST

START_TEST(facts_that_are_damaged_are_not_believed)
{
	static const char *const facts[] = { "", "x", "libshare btrfs share 1\n",
		"libshare btrfs share 1\nbytes 1\ncontainer 5\nmanaged 1\npath ../../etc\n",
		"libshare btrfs share 1\nbytes 1\ncontainer 5\nmanaged 0\npath x\n",
		"libshare btrfs share 1\nbytes 1\ncontainer 5\nmanaged 1\npath x\nmore\n" };
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, MIB));
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
		must(say("python3 -c 'import os,sys; os.setxattr(sys.argv[1], \"user.libshare\", sys.argv[2].encode())' %s '%s'",
			at(".libshare/" ID1), facts[i]));
		FAILS(drop(be, ID1), SHR_EBACKEND, ".libshare/" ID1 ": it is damaged");
		ck_assert_int_eq(create(be, ID1, MIB), SHR_EBACKEND);
	}
	ck_assert(is_there(at(ID1 "/head")));
	d->close(be);
}
END_TEST

START_TEST(share_with_a_mount_in_it_stays)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 4 * MIB));
	must(say("mkdir '%s' && mount -t tmpfs none '%s' && touch '%s/keep'", at(ID1 "/head/a b"), at(ID1 "/head/a b"),
		at(ID1 "/head/a b")));
	FAILS(drop(be, ID1), SHR_EBACKEND, "another file system is mounted in it");
	ck_assert(is_there(at(ID1 "/head/a b/keep")));
	must(say("umount '%s'", at(ID1 "/head/a b")));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(group_of_somebody_else_is_left_alone)
{
	struct btrfs_group group;
	uint64_t next;
	void *be;
	int code;

	make_pool();
	be = open_pool();
	must(say("btrfs subvolume create %s >/dev/null", at("count")));
	next = number_of(at("count")) + 1;
	must(say("btrfs qgroup create 1/%" PRIu64 " %s && btrfs qgroup limit 123M 1/%" PRIu64 " %s", next, pool, next, pool));
	code = create(be, ID1, MIB);
	if (code) { /* unless another test was faster with that number */
		FAILS(code, SHR_EAGAIN, "is somebody else's");
		MUST(create(be, ID1, MIB));
	}
	ck_assert_uint_ne(number_of(at(ID1)), next);
	ck_assert_int_eq(group_of(next, &group), 1);
	ck_assert_uint_eq(group.limit, 123 * MIB);
	MUST(drop(be, ID1));
	must(say("btrfs qgroup destroy 1/%" PRIu64 " %s", next, pool));
	d->close(be);
}
END_TEST

START_TEST(look_tells_what_is_enforced)
{
	uint64_t box;
	void *be;

	make_pool();
	be = open_pool();
	ck_assert_int_eq(look(be, ID1), SHR_ENOTFOUND);
	MUST(create(be, ID1, 8 * MIB));
	box = number_of(at(ID1));
	MUST(look(be, ID1));
	ck_assert_uint_eq(h.bytes, 8 * MIB);
	ck_assert_str_eq(h.path, at(ID1 "/head"));
	limit_by_hand(box, 5 * MIB);
	MUST(look(be, ID1));
	ck_assert_uint_eq(h.bytes, 5 * MIB / 100 * 100);
	limit_by_hand(box, BTRFS_NO_LIMIT);
	MUST(look(be, ID1));
	ck_assert_int_eq(h.has_bytes, 0);
	MUST(resize(be, ID1, 8 * MIB));
	must(say("btrfs qgroup remove 0/%" PRIu64 " 1/%" PRIu64 " %s", number_of(at(ID1 "/head")), box, pool));
	MUST(look(be, ID1));
	ck_assert_int_eq(h.has_bytes, 0);
	MUST(resize(be, ID1, 8 * MIB));
	MUST(look(be, ID1));
	ck_assert_uint_eq(h.bytes, 8 * MIB);
	must(say("btrfs subvolume delete %s >/dev/null", at(ID1 "/head")));
	FAILS(look(be, ID1), SHR_ENOTFOUND, "head is gone");
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(list_tells_all_in_order_and_whose_it_is)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID2, 8 * MIB));
	MUST(create(be, ID1, 4 * MIB));
	must(say("cd %s && mkdir plain && touch file && ln -s / link && btrfs subvolume create zfs >/dev/null", pool));
	MUST(list(be, "", 100));
	ck_assert_uint_eq(h.n_found, 6);
	ck_assert_str_eq(h.found[0], ID1);
	ck_assert_str_eq(h.found_ids[0], ID1);
	ck_assert_uint_eq(h.found_bytes[0], 4 * MIB);
	ck_assert_str_eq(h.found_ids[1], ID2);
	ck_assert_str_eq(h.found[2], "file");
	ck_assert_str_eq(h.found_what[2], "a file");
	ck_assert_str_eq(h.found_what[3], "a symbolic link");
	ck_assert_str_eq(h.found_what[4], "a directory");
	ck_assert_str_eq(h.found_what[5], "a subvolume");
	ck_assert_str_eq(h.found_ids[5], "");
	MUST(list(be, ID1, 2));
	ck_assert_uint_eq(h.n_found, 2);
	ck_assert_str_eq(h.found[0], ID2);
	ck_assert_str_eq(h.found[1], "file");
	MUST(list(be, "zfs", 2));
	ck_assert_uint_eq(h.n_found, 0);
	ck_assert(is_there(at("zfs")));
	d->close(be);
}
END_TEST

START_TEST(managed_subvolume_moves_in_and_back)
{
	struct btrfs_group group;
	uint64_t number, nested, box;
	void *be;

	make_pool();
	be = open_pool();
	must(say("mkdir -p '%s' && btrfs subvolume create '%s' >/dev/null && btrfs subvolume create '%s' >/dev/null", at("a/b"), at("a/b/ old"),
		at("a/b/ old/in")));
	number = number_of(at("a/b/ old"));
	nested = number_of(at("a/b/ old/in"));
	ck_assert_int_eq(put_file(at("a/b/ old/file"), 3 * MIB), 0);
	ck_assert_int_eq(put_file(at("a/b/ old/in/file"), 3 * MIB), 0);
	for (int i = 0; i < 5; i++) {
		MUST(manage(be, ID1, i % 2 ? at("a/b/ old") : "a/b/ old"));
		ck_assert_str_eq(h.path, at(ID1 "/head"));
		ck_assert_uint_eq(h.bytes, 7 * MIB);
		ck_assert_uint_eq(number_of(at(ID1 "/head")), number);
		ck_assert(!is_there(at("a/b/ old")));
		box = number_of(at(ID1));
		ck_assert_int_eq(group_of(box, &group), 1);
		ck_assert_uint_ge(group.used, 6 * MIB);
		ck_assert_int_eq(put_file(at(ID1 "/head/in/more"), 3 * MIB), EDQUOT);
		unlink(at(ID1 "/head/in/more"));
		MUST(unmanage(be, ID1));
		ck_assert_uint_eq(number_of(at("a/b/ old")), number);
		ck_assert_uint_eq(number_of(at("a/b/ old/in")), nested);
		ck_assert(is_there(at("a/b/ old/file")) && !is_there(at(ID1)) && !is_there(at(".libshare/" ID1)));
	}
	ck_assert_int_eq(put_file(at("a/b/ old/more"), 12 * MIB), 0);
	MUST(manage(be, ID2, "a/b/ old"));
	MUST(drop(be, ID2));
	ck_assert(!is_there(at("a/b/ old")) && is_there(at("a/b")));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(data_from_before_the_quotas_is_in_the_size_found)
{
	void *be;

	must(say("btrfs subvolume create %s/early >/dev/null", place("two")));
	ck_assert_int_eq(put_file(say("%s/early/file", place("two")), 5 * MIB), 0);
	be = open_pool_at(place("two"), NULL, NULL);
	ck_assert_msg(be != NULL, "%s", h.message);
	MUST(manage(be, ID1, "early"));
	ck_assert_uint_eq(h.bytes, 6 * MIB);
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(made_share_that_is_let_go_is_a_subvolume_under_its_id)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 4 * MIB));
	ck_assert_int_eq(mkdir(at(ID1 "/beside"), 0755), 0);
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 6 * MIB), EDQUOT);
	FAILS(unmanage(be, ID1), SHR_EBACKEND, "beside lies beside its head");
	ck_assert(is_there(at(ID1 "/head/file")));
	rmdir(at(ID1 "/beside"));
	MUST(unmanage(be, ID1));
	ck_assert(is_there(at(ID1 "/file")));
	MUST(unmanage(be, ID1));
	MUST(drop(be, ID1));
	ck_assert(is_there(at(ID1 "/file")));
	MUST(list(be, "", 9));
	ck_assert_str_eq(h.found[0], ID1);
	ck_assert_str_eq(h.found_ids[0], "");
	MUST(manage(be, ID2, ID1));
	ck_assert(is_there(at(ID2 "/head/file")));
	MUST(drop(be, ID2));
	d->close(be);
}
END_TEST

START_TEST(way_back_that_is_taken_is_told)
{
	void *be;

	make_pool();
	be = open_pool();
	must(say("btrfs subvolume create %s >/dev/null", at("old")));
	MUST(manage(be, ID1, "old"));
	ck_assert_int_eq(mkdir(at("old"), 0755), 0);
	FAILS(unmanage(be, ID1), SHR_EBACKEND, "move it away");
	ck_assert(is_there(at(ID1 "/head")));
	MUST(look(be, ID1));
	rmdir(at("old"));
	MUST(unmanage(be, ID1));
	ck_assert(is_there(at("old")));
	d->close(be);
}
END_TEST

START_TEST(sources_are_refused_with_the_reason)
{
	static const struct { const char *source, *words; } bad[] = {
		{ "../x", "\"..\"" }, { "/etc", "does not lie below its pool" }, { "", "is empty" }, { ".libshare", "driver's own" },
		{ "link", "symbolic link" }, { "link/x", "symbolic link" }, { "plain", "is no subvolume" }, { "file", "Not a directory" },
		{ "none", "no such subvolume" }, { ID1, "is a share, or lies in one" }, { ID1 "/head", "is a share, or lies in one" },
		{ ID1 "/head/in", "is a share, or lies in one" }, { "ro", "read-only" }, { "mount", "mounted in it" },
		{ "a\tb", "control character" },
	};
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 4 * MIB));
	must(say("cd %s && btrfs subvolume create %s/head/in >/dev/null && mkdir plain mount && touch file && ln -s plain link && "
		"btrfs subvolume create ro >/dev/null && btrfs property set ro ro true && mount -t tmpfs none mount", pool, ID1));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_lt(manage(be, ID2, bad[i].source), 0);
		ck_assert_msg(strstr(h.message, bad[i].words) != NULL, "\"%s\": %s", bad[i].source, h.message);
		ck_assert(!is_there(at(".libshare/" ID2)));
	}
	must(say("umount %s", at("mount")));
	MUST(manage(be, ID1, ID1)); /* forgotten by the store alone */
	ck_assert_uint_eq(h.bytes, 4 * MIB);
	d->close(be);
}
END_TEST

START_TEST(ids_that_are_no_uuids_are_refused)
{
	static const char *const ids[] = { "", ".", "..", "pool", "../../../../etc/xxxxxxxxxxxxxxxxxxxxxxxxx", ID1 "/" };
	void *be;

	make_pool();
	be = open_pool();
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		ck_assert_int_eq(create(be, ids[i], MIB), SHR_EBACKEND);
		ck_assert_int_eq(drop(be, ids[i]), SHR_EBACKEND);
		ck_assert_int_eq(usage(be, ids[i]), SHR_EBACKEND);
		ck_assert_int_eq(unmanage(be, ids[i]), SHR_EBACKEND);
		ck_assert_int_eq(manage(be, ids[i], "x"), SHR_EBACKEND);
	}
	d->close(be);
}
END_TEST

START_TEST(thousand_shares)
{
	char id[37], last[256] = "";
	unsigned i, n = 0;
	void *be;

	make_pool();
	be = open_pool();
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012u", i);
		MUST(create(be, id, MIB));
	}
	do {
		MUST(list(be, last, 16));
		n += h.n_found;
		if (h.n_found)
			snprintf(last, sizeof last, "%s", h.found[h.n_found - 1]);
	} while (h.n_found == 16);
	ck_assert_uint_eq(n, 1000);
	MUST(usage(be, "018f0000-0000-7000-8000-000000000999"));
	for (i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-%012u", i);
		MUST(drop(be, id));
	}
	MUST(list(be, "", 16));
	ck_assert_uint_eq(h.n_found, 0);
	wait_until_swept(be);
	d->close(be);
}
END_TEST

/* Through a mount of its own that is nowhere to be seen; a head that has come since has another one. */
START_TEST(attached_only_to_read_is_not_written_to)
{
	struct shr_instance in = host_instance(ID1, 0);
	struct shr_call call;
	char first[sizeof h.path];
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 4 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 1000), 0);
	for (int again = 0; again < 2; again++) {
		call = host_call(&h);
		MUST(d->data->attach(be, &call, &in, 1));
		if (again)
			ck_assert_str_eq(h.path, first);
		snprintf(first, sizeof first, "%s", h.path);
		ck_assert(is_there(say("%s/file", first)));
		ck_assert_int_eq(put_file(say("%s/file", first), 10), EROFS);
		ck_assert_int_eq(put_file(say("%s/new", first), 10), EROFS);
		ck_assert_int_eq(chmod(say("%s/file", first), 0600) < 0 ? errno : 0, EROFS);
	}
	must(say("mv %s %s && btrfs subvolume snapshot %s %s >/dev/null", at(ID1 "/head"), at("old"), at("old"), at(ID1 "/head")));
	ck_assert_int_eq(put_file(at(ID1 "/head/newer"), 10), 0);
	call = host_call(&h);
	MUST(d->data->attach(be, &call, &in, 1));
	ck_assert(is_there(say("%s/newer", h.path)));
	ck_assert_int_eq(put_file(say("%s/newer", h.path), 10), EROFS);
	MUST(attach(be, ID1));
	ck_assert_int_eq(put_file(say("%s/file", h.path), 10), 0);
	for (int again = 0; again < 2; again++) {
		call = host_call(&h);
		MUST(d->data->detach(be, &call, &in));
	}
	call = host_call(&h);
	MUST(d->data->attach(be, &call, &in, 1));
	snprintf(first, sizeof first, "%s", h.path);
	d->close(be);
	ck_assert(!is_there(say("%s/file", first)));
}
END_TEST

UNIT_MAIN(btrfs_driver, share_is_a_head_in_a_container_with_a_limit, writes_beyond_the_size_fail_and_extend_helps,
	what_users_nest_and_what_snapshots_hold_is_counted, reserve_is_added_to_the_limit,
	shrink_below_use_is_refused_and_nothing_has_changed, shrink_sees_what_is_only_in_memory,
	full_share_with_users_subvolumes_is_removed, foreign_subvolume_under_a_shares_name_is_left_alone, links_are_not_followed,
	facts_that_are_damaged_are_not_believed, share_with_a_mount_in_it_stays, group_of_somebody_else_is_left_alone,
	look_tells_what_is_enforced, list_tells_all_in_order_and_whose_it_is, managed_subvolume_moves_in_and_back,
	data_from_before_the_quotas_is_in_the_size_found, made_share_that_is_let_go_is_a_subvolume_under_its_id,
	way_back_that_is_taken_is_told, sources_are_refused_with_the_reason, ids_that_are_no_uuids_are_refused, thousand_shares,
	attached_only_to_read_is_not_written_to)

/* tests/real/btrfs_snaps.c - the btrfs driver on a real file system: snapshots, what is put back and made of them */
#include <sys/ptrace.h>
#include <sys/xattr.h>
#include "btrfs_try.h"

#define SNAP1 "018f0000-0000-7000-8000-0000000000a1"
#define SNAP2 "018f0000-0000-7000-8000-0000000000a2"
#define AT1 ID1 "/snap-" SNAP1
#define AT2 ID1 "/snap-" SNAP2

static struct shr_instance snapshot(const char *id)
{
	struct shr_instance snap = host_instance(id, 0);

	snap.flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
	return snap;
}

#define SNAP_CALL(name, ...) \
	struct shr_call call = host_call(&h); \
	struct shr_instance of = host_instance(of_id, 0), snap = snapshot(id); \
	return d->snapshot->name(be, &call, &of, &snap, ##__VA_ARGS__)

static int cut(void *be, const char *of_id, const char *id) { SNAP_CALL(create); }
static int uncut(void *be, const char *of_id, const char *id) { SNAP_CALL(remove); }
static int revert(void *be, const char *of_id, const char *id) { SNAP_CALL(revert); }
static int forget(void *be, const char *of_id, const char *id) { SNAP_CALL(unmanage); }
static int look_at(void *be, const char *of_id, const char *id) { SNAP_CALL(look, NULL); }

static int take(void *be, const char *of_id, const char *id, const char *source)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = host_instance(of_id, 0), snap = snapshot(id);

	snap.source = source;
	return d->snapshot->manage(be, &call, &of, &snap);
}

static int clone_to(void *be, const char *of_id, const char *id, const char *to_id, uint64_t bytes, uint32_t flags)
{
	struct shr_call call = host_call(&h);
	struct shr_instance of = host_instance(of_id, 0), snap = snapshot(id), to = host_instance(to_id, bytes);

	to.flags = flags;
	return d->snapshot->clone(be, &call, &of, &snap, &to);
}

/* Of all that lies below PATH: names, modes, contents. */
static const char *checksum(const char *path)
{
	return line_of(say("cd '%s' && { find . -printf '%%P %%y %%m %%U %%G\\n' | sort; find . -type f -print0 | sort -z | "
		"xargs -0 -r sha256sum; } | sha256sum", path));
}

static uint64_t limit_of(const char *path)
{
	struct btrfs_group group = { 0, 0 };

	ck_assert_int_eq(group_of(number_of(path), &group), 1);
	return group.limit;
}

START_TEST(of_fifty_snapshots_the_tenth_comes_back_and_all_stay)
{
	char id[37], sums[50][80];
	struct stat st;
	void *be;
	int i;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 64 * MIB));
	must(say("chown 1234:4321 %s && chmod 2775 %s", at(ID1 "/head"), at(ID1 "/head")));
	for (i = 0; i < 50; i++) {
		ck_assert_int_eq(put_file(say("%s/file-%d", at(ID1 "/head"), i % 7), (uint64_t)(i + 1) * 4096), 0);
		must(say("mkdir -p %s/dir-%d && ln -sf target-%d %s/link", at(ID1 "/head"), i, i, at(ID1 "/head")));
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-0000000001%02d", i);
		MUST(cut(be, ID1, id));
		snprintf(sums[i], sizeof sums[i], "%s", checksum(say("%s/snap-%s", at(ID1), id)));
		ck_assert_str_eq(sums[i], checksum(at(ID1 "/head")));
	}
	must(say("chmod 700 %s && rm -rf %s/file-1", at(ID1 "/head"), at(ID1 "/head")));
	MUST(revert(be, ID1, "018f0000-0000-7000-8000-000000000109"));
	ck_assert_str_eq(h.path, at(ID1 "/head"));
	ck_assert_str_eq(checksum(at(ID1 "/head")), sums[9]);
	for (i = 0; i < 50; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-0000000001%02d", i);
		ck_assert_str_eq(checksum(say("%s/snap-%s", at(ID1), id)), sums[i]);
		MUST(look_at(be, ID1, id));
	}
	ck_assert_int_eq(stat(at(ID1 "/head"), &st), 0);
	ck_assert(st.st_uid == 1234 && st.st_gid == 4321 && (st.st_mode & 07777) == 02775);
	ck_assert(!is_there(at(ID1 "/next")));
	ck_assert_uint_eq(limit_of(at(ID1)), 64 * MIB);
	MUST(look(be, ID1));
	ck_assert_uint_eq(h.bytes, 64 * MIB);
	ck_assert_int_eq(put_file(at(ID1 "/head/more"), 80 * MIB), EDQUOT);
	unlink(at(ID1 "/head/more"));
	MUST(revert(be, ID1, "018f0000-0000-7000-8000-000000000149")); /* and to a newer one */
	ck_assert_str_eq(checksum(at(ID1 "/head")), sums[49]);
	MUST(drop(be, ID1));
	ck_assert(!is_there(at(ID1)));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(snapshot_is_cut_once_and_cannot_be_written)
{
	struct shr_instance snap = snapshot(SNAP1);
	struct shr_call call;
	uint64_t first;
	void *be;

	make_pool();
	be = open_pool();
	FAILS(cut(be, ID1, SNAP1), SHR_ENOTFOUND, ID1);
	MUST(create(be, ID1, 8 * MIB));
	put_text(at(ID1 "/head/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	first = h.cut;
	ck_assert_uint_ge(first, UINT64_C(1700000000) * 1000000000);
	ck_assert_str_eq(h.path, at(AT1));
	ck_assert_str_eq(h.ref, AT1);
	ck_assert_int_eq(h.has_bytes, 0);
	put_text(at(ID1 "/head/file"), "new");
	MUST(cut(be, ID1, SNAP1));
	ck_assert_uint_eq(h.cut, first);
	ck_assert(has_text(at(AT1 "/file"), "old"));
	ck_assert_int_eq(put_file(at(AT1 "/more"), 10), EROFS);
	MUST(look_at(be, ID1, SNAP1));
	ck_assert_str_eq(h.path, at(AT1));
	snap.ref = AT1;
	call = host_call(&h);
	MUST(d->data->attach(be, &call, &snap, 1));
	ck_assert_str_eq(h.path, at(AT1));
	snap.ref = "../../etc/snap-" SNAP1;
	call = host_call(&h);
	ck_assert_int_eq(d->data->attach(be, &call, &snap, 1), SHR_EBACKEND);
	MUST(list(be, "", 16));
	ck_assert_uint_eq(h.n_found, 1);
	must(say("btrfs property set %s ro false", at(AT1)));
	FAILS(look_at(be, ID1, SNAP1), SHR_ENOTFOUND, "not read-only any more");
	MUST(uncut(be, ID1, SNAP1));
	ck_assert(!is_there(at(AT1)));
	MUST(uncut(be, ID1, SNAP1));
	FAILS(look_at(be, ID1, SNAP1), SHR_ENOTFOUND, "has no snapshot");
	FAILS(revert(be, ID1, SNAP1), SHR_ENOTFOUND, "has no snapshot");
	ck_assert(has_text(at(ID1 "/head/file"), "new"));
	MUST(drop(be, ID1));
	MUST(uncut(be, ID1, SNAP1)); /* with its share */
	d->close(be);
}
END_TEST

START_TEST(what_snapshots_hold_is_counted_until_they_go)
{
	uint64_t held;
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 16 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 10 * MIB), 0);
	MUST(cut(be, ID1, SNAP1));
	unlink(at(ID1 "/head/file"));
	MUST(usage(be, ID1));
	held = h.used;
	ck_assert_uint_ge(held, 10 * MIB);
	ck_assert_int_eq(put_file(at(ID1 "/head/other"), 10 * MIB), EDQUOT);
	FAILS(resize(be, ID1, 8 * MIB), SHR_EDATALOSS, "in use");
	unlink(at(ID1 "/head/other"));
	MUST(revert(be, ID1, SNAP1));
	ck_assert_int_eq(put_file(at(ID1 "/head/other"), 10 * MIB), EDQUOT);
	unlink(at(ID1 "/head/other"));
	unlink(at(ID1 "/head/file"));
	MUST(uncut(be, ID1, SNAP1));
	for (int i = 0; i < 100 && h.used >= 10 * MIB; i++) {
		must(say("btrfs filesystem sync %s", pool));
		usleep(20000);
		MUST(usage(be, ID1));
	}
	ck_assert_uint_lt(h.used, MIB);
	ck_assert_int_eq(put_file(at(ID1 "/head/other"), 10 * MIB), 0);
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

/* Full to the last byte: the driver's own names have no room, either. */
START_TEST(full_share_is_cut_put_back_and_freed)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	put_text(at(ID1 "/head/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	put_text(at(ID1 "/head/file"), "new");
	ck_assert_int_eq(put_file(at(ID1 "/head/big"), 12 * MIB), EDQUOT);
	for (int i = 0; i < 3000 && put_file(say("%s/small-%d", at(ID1 "/head"), i), 512) == 0; i++)
		;
	MUST(cut(be, ID1, SNAP2));
	ck_assert_uint_eq(limit_of(at(ID1)), 8 * MIB);
	MUST(revert(be, ID1, SNAP1));
	ck_assert_uint_eq(limit_of(at(ID1)), 8 * MIB);
	ck_assert(has_text(at(ID1 "/head/file"), "old"));
	MUST(revert(be, ID1, SNAP2));
	ck_assert(has_text(at(ID1 "/head/file"), "new"));
	MUST(uncut(be, ID1, SNAP2));
	MUST(uncut(be, ID1, SNAP1));
	ck_assert_uint_eq(limit_of(at(ID1)), 8 * MIB);
	limit_by_hand(number_of(at(ID1)), 24 * MIB); /* as a call leaves it that was killed meanwhile */
	MUST(cut(be, ID1, SNAP1));
	ck_assert_uint_eq(limit_of(at(ID1)), 8 * MIB);
	MUST(drop(be, ID1));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(clone_is_its_own_share_and_outlives_its_snapshot)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 10 * MIB), 0);
	MUST(cut(be, ID1, SNAP1));
	MUST(clone_to(be, ID1, SNAP1, ID2, 32 * MIB, 0));
	ck_assert_str_eq(h.path, at(ID2 "/head"));
	ck_assert_str_eq(checksum(at(ID2 "/head")), checksum(at(AT1)));
	ck_assert_uint_le(limit_of(at(ID2)), 22 * MIB);
	ck_assert_uint_ge(limit_of(at(ID2)), 21 * MIB);
	MUST(look(be, ID2));
	ck_assert_uint_eq(h.bytes, 32 * MIB);
	MUST(usage(be, ID2));
	ck_assert_uint_ge(h.used, 10 * MIB);
	ck_assert_uint_le(h.used, 11 * MIB);
	ck_assert_int_eq(put_file(at(ID2 "/head/more"), 24 * MIB), EDQUOT);
	unlink(at(ID2 "/head/more"));
	FAILS(resize(be, ID2, 8 * MIB), SHR_EDATALOSS, "in use");
	MUST(resize(be, ID2, 40 * MIB));
	ck_assert_int_eq(put_file(at(ID2 "/head/more"), 24 * MIB), 0);
	MUST(drop(be, ID1));
	MUST(clone_to(be, ID1, SNAP1, ID2, 32 * MIB, 0)); /* again, when nothing of it is left */
	ck_assert(is_there(at(ID2 "/head/file")) && is_there(at(ID2 "/head/more")));
	MUST(cut(be, ID2, SNAP2));
	MUST(revert(be, ID2, SNAP2));
	FAILS(clone_to(be, ID1, SNAP1, ID3, 32 * MIB, 0), SHR_ENOTFOUND, "has no snapshot");
	ck_assert(!is_there(at(".libshare/" ID3)));
	MUST(drop(be, ID2));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(clone_of_a_share_that_is_full_can_be_used)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 16 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 15 * MIB), 0);
	must(say("cp --reflink=always %s %s", at(ID1 "/head/file"), at(ID1 "/head/twice")));
	MUST(cut(be, ID1, SNAP1));
	MUST(clone_to(be, ID1, SNAP1, ID2, 16 * MIB, 0));
	ck_assert_uint_eq(limit_of(at(ID2)), MIB);
	put_text(at(ID2 "/head/small"), "x");
	ck_assert_int_eq(unlink(at(ID2 "/head/file")), 0);
	MUST(drop(be, ID2));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(read_only_clone_takes_nothing)
{
	struct btrfs_group group;
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	ck_assert_int_eq(put_file(at(ID1 "/head/file"), 10 * MIB), 0);
	MUST(cut(be, ID1, SNAP1));
	MUST(clone_to(be, ID1, SNAP1, ID2, 32 * MIB, SHR_INSTANCE_READONLY));
	ck_assert_int_eq(put_file(at(ID2 "/head/more"), 10), EROFS);
	ck_assert_str_eq(checksum(at(ID2 "/head")), checksum(at(AT1)));
	MUST(usage(be, ID2));
	ck_assert_uint_lt(h.used, MIB);
	ck_assert_int_eq(group_of(number_of(at(ID2)), &group), 1);
	ck_assert_uint_eq(group.limit, 32 * MIB);
	MUST(uncut(be, ID1, SNAP1));
	ck_assert(is_there(at(ID2 "/head/file")));
	MUST(drop(be, ID2));
	ck_assert(!is_there(at(ID2)));
	MUST(drop(be, ID1));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(clone_to_another_file_system_is_refused)
{
	char other[256];
	struct host_setting s[] = { { "p", "path", pool }, { "q", "path", other }, { NULL, NULL, NULL } };
	struct shr_instance of = host_instance(ID1, 0), snap = snapshot(SNAP1), to = host_instance(ID2, MIB);
	struct shr_call call;
	void *be = NULL;

	make_pool();
	snprintf(other, sizeof other, "%s/q", place("two"));
	must(say("btrfs subvolume create %s >/dev/null", other));
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = s;
	h.pools[0] = "p";
	h.pools[1] = "q";
	call = host_call(&h);
	MUST(d->open(&host_table, &call, &be));
	MUST(create(be, ID1, 8 * MIB));
	MUST(cut(be, ID1, SNAP1));
	to.pool = "q";
	call = host_call(&h);
	FAILS(d->snapshot->clone(be, &call, &of, &snap, &to), SHR_EUNSUPPORTED, "two file systems");
	ck_assert(!is_there(say("%s/.libshare/%s", other, ID2)));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

/* No snapshot holds what users have nested, and a revert would destroy it. */
START_TEST(revert_does_not_destroy_what_no_snapshot_holds)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	MUST(cut(be, ID1, SNAP1));
	must(say("btrfs subvolume create %s >/dev/null && echo x >%s/keep", at(ID1 "/head/nested"), at(ID1 "/head/nested")));
	FAILS(revert(be, ID1, SNAP1), SHR_EBACKEND, "which no snapshot of the share holds");
	ck_assert(is_there(at(ID1 "/head/nested/keep")));
	must(say("btrfs subvolume delete %s >/dev/null && mkdir %s && mount -t tmpfs none %s && touch %s/keep", at(ID1 "/head/nested"),
		at(ID1 "/head/m"), at(ID1 "/head/m"), at(ID1 "/head/m")));
	FAILS(revert(be, ID1, SNAP1), SHR_EBACKEND, "another file system is mounted in it");
	ck_assert(is_there(at(ID1 "/head/m/keep")));
	must(say("umount %s", at(ID1 "/head/m")));
	MUST(revert(be, ID1, SNAP1));
	ck_assert(!is_there(at(ID1 "/head/m")));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(snapshot_with_a_mount_in_it_stays)
{
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_int_eq(mkdir(at(ID1 "/head/m"), 0755), 0);
	MUST(cut(be, ID1, SNAP1));
	must(say("mount -t tmpfs none %s && touch %s/keep", at(AT1 "/m"), at(AT1 "/m")));
	FAILS(uncut(be, ID1, SNAP1), SHR_EBACKEND, "another file system is mounted in it");
	FAILS(drop(be, ID1), SHR_EBACKEND, "another file system is mounted in it");
	ck_assert(is_there(at(AT1 "/m/keep")));
	must(say("umount %s", at(AT1 "/m")));
	MUST(uncut(be, ID1, SNAP1));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(managed_snapshot_moves_in_and_back)
{
	char early[80];
	uint64_t number;
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	put_text(at(ID1 "/head/file"), "old");
	must(say("mkdir '%s' && btrfs subvolume snapshot -r %s '%s' >/dev/null", at("a b"), at(ID1 "/head"), at("a b/old")));
	number = number_of(at("a b/old"));
	snprintf(early, sizeof early, "%s", checksum(at("a b/old")));
	put_text(at(ID1 "/head/file"), "new");
	for (int i = 0; i < 3; i++) {
		MUST(take(be, ID1, SNAP1, i % 2 ? at("a b/old") : "a b/old"));
		ck_assert_str_eq(h.path, at(AT1));
		ck_assert_uint_gt(h.cut, 0);
		MUST(take(be, ID1, SNAP1, "a b/old"));
		ck_assert_uint_eq(number_of(at(AT1)), number);
		MUST(forget(be, ID1, SNAP1));
		MUST(forget(be, ID1, SNAP1));
		ck_assert_uint_eq(number_of(at("a b/old")), number);
		ck_assert_str_eq(checksum(at("a b/old")), early);
	}
	ck_assert_int_eq(listxattr(at(ID1), NULL, 0), 0);
	MUST(take(be, ID1, SNAP1, "a b/old"));
	MUST(revert(be, ID1, SNAP1));
	ck_assert(has_text(at(ID1 "/head/file"), "old"));
	ck_assert_int_eq(mkdir(at("a b/old"), 0755), 0);
	FAILS(forget(be, ID1, SNAP1), SHR_EBACKEND, "move it away");
	MUST(look_at(be, ID1, SNAP1));
	MUST(uncut(be, ID1, SNAP1));
	ck_assert(is_there(at("a b/old")));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

START_TEST(snapshot_in_the_container_is_taken_and_goes_back_there)
{
	uint64_t number;
	int fd;
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 32 * MIB));
	must(say("btrfs subvolume snapshot -r %s %s >/dev/null", at(ID1 "/head"), at(ID1 "/before-upgrade")));
	number = number_of(at(ID1 "/before-upgrade"));
	MUST(take(be, ID1, SNAP1, ID1 "/before-upgrade"));
	ck_assert_uint_eq(number_of(at(AT1)), number);
	MUST(forget(be, ID1, SNAP1));
	ck_assert_uint_eq(number_of(at(ID1 "/before-upgrade")), number);
	fd = pool_fd();
	ck_assert_int_eq(btrfs_group_has(fd, BTRFS_GROUP(number_of(at(ID1))), number), 1);
	/* One that was made here goes where a share goes that was. */
	MUST(cut(be, ID1, SNAP2));
	number = number_of(at(AT2));
	MUST(forget(be, ID1, SNAP2));
	ck_assert_uint_eq(number_of(at(SNAP2)), number);
	ck_assert_int_eq(btrfs_group_has(fd, BTRFS_GROUP(number_of(at(ID1))), number), 0);
	close(fd);
	MUST(take(be, ID1, SNAP2, SNAP2));
	MUST(look_at(be, ID1, SNAP2));
	MUST(drop(be, ID1));
	wait_until_swept(be);
	d->close(be);
}
END_TEST

START_TEST(sources_are_refused_with_the_reason)
{
	static const struct { const char *source, *words; } bad[] = {
		{ "../x", "\"..\"" }, { "/etc", "does not lie below its pool" }, { "", "is empty" }, { "none", "no such subvolume" },
		{ "plain", "is no subvolume" }, { "rw", "can be written" }, { "link", "symbolic link" }, { ID1 "/head", "a part of the share" },
		{ AT2, "a part of the share" }, { ID1, "is a share" }, { ID2 "/mine", "lies in another one" }, { ".libshare", "driver's own" },
	};
	void *be;

	make_pool();
	be = open_pool();
	MUST(create(be, ID1, 8 * MIB));
	MUST(create(be, ID2, 8 * MIB));
	MUST(cut(be, ID1, SNAP2));
	must(say("cd %s && mkdir plain && ln -s rw link && btrfs subvolume create rw >/dev/null && "
		"btrfs subvolume snapshot -r %s/head %s/mine >/dev/null", pool, ID2, ID2));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_lt(take(be, ID1, SNAP1, bad[i].source), 0);
		ck_assert_msg(strstr(h.message, bad[i].words) != NULL, "\"%s\": %s", bad[i].source, h.message);
		ck_assert(!is_there(at(AT1)));
	}
	ck_assert_int_eq(cut(be, ID1, "../../../../etc/xxxxxxxxxxxxxxxxxxxxxxxxx"), SHR_EBACKEND);
	ck_assert_int_eq(uncut(be, ID1, "head"), SHR_EBACKEND);
	MUST(drop(be, ID1));
	MUST(drop(be, ID2));
	d->close(be);
}
END_TEST

START_TEST(without_quotas_and_with_full_ones_it_is_the_same)
{
	static const char *const quotas[] = { "none", "full" };
	char path[256];
	void *be;

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/q%d", place("two"), i);
		snprintf(pool, sizeof pool, "%s", path);
		must(say("btrfs quota disable %s; btrfs subvolume create %s >/dev/null", place("two"), pool));
		be = open_pool_at(pool, "quota", quotas[i]);
		ck_assert_msg(be != NULL, "%s", h.message);
		MUST(create(be, ID1, 32 * MIB));
		put_text(at(ID1 "/head/file"), "old");
		MUST(cut(be, ID1, SNAP1));
		put_text(at(ID1 "/head/file"), "new");
		MUST(cut(be, ID1, SNAP2));
		MUST(revert(be, ID1, SNAP1));
		ck_assert(has_text(at(ID1 "/head/file"), "old"));
		MUST(clone_to(be, ID1, SNAP2, ID2, 32 * MIB, 0));
		ck_assert(has_text(at(ID2 "/head/file"), "new"));
		if (i == 1) {
			ck_assert_uint_eq(limit_of(at(ID1)), 32 * MIB);
			ck_assert_uint_eq(limit_of(at(ID2)), 32 * MIB);
			ck_assert_int_eq(put_file(at(ID1 "/head/big"), 40 * MIB), EDQUOT);
			ck_assert_int_eq(put_file(at(ID2 "/head/big"), 40 * MIB), EDQUOT);
		}
		MUST(uncut(be, ID1, SNAP1));
		MUST(drop(be, ID1));
		MUST(drop(be, ID2));
		d->close(be);
	}
}
END_TEST

/* ---- killed ---- */

enum kind { CUT, UNCUT, REVERT, CLONE, TAKE, FORGET };

static int make_call(void *be, enum kind kind)
{
	switch (kind) {
	case CUT: return cut(be, ID1, SNAP2);
	case UNCUT: return uncut(be, ID1, SNAP1);
	case REVERT: return revert(be, ID1, SNAP1);
	case CLONE: return clone_to(be, ID1, SNAP1, ID2, 16 * MIB, 0);
	case TAKE: return take(be, ID1, SNAP2, "found");
	default: return forget(be, ID1, SNAP1);
	}
}

/* A process opens the backend, makes the call and is killed before its Nth system call of it. 1: it was; 0: it ended before. */
static int kill_before(enum kind kind, int n)
{
	pid_t pid = fork();
	int status, i;

	if (pid == 0) {
		void *be = open_pool();

		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
			_exit(77);
		_exit(make_call(be, kind) == 0 ? 0 : 1);
	}
	for (i = 0; waitpid(pid, &status, 0) == pid && !WIFEXITED(status); i++) {
		if (i == 2 * n - 1) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return 1;
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the call that was not killed failed");
	return 0;
}

static void *before_kill(void)
{
	void *be = open_pool();

	MUST(create(be, ID1, 16 * MIB));
	put_text(at(ID1 "/head/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	put_text(at(ID1 "/head/file"), "new");
	must(say("btrfs subvolume snapshot -r %s %s >/dev/null", at(ID1 "/head"), at("found")));
	return be;
}

/* Whatever the moment: the head is one of the two, whole, within its group, and no other snapshot has changed. */
static void between(enum kind kind)
{
	const char *file = at(ID1 "/head/file");
	int fd = pool_fd();

	ck_assert_msg(has_text(file, "new") || (kind == REVERT && has_text(file, "old")), "the head is neither");
	ck_assert_int_eq(btrfs_group_has(fd, BTRFS_GROUP(number_of(at(ID1))), number_of(at(ID1 "/head"))), 1);
	ck_assert_uint_eq(limit_of(at(ID1)), 16 * MIB);
	if (kind == REVERT || kind == CUT || kind == CLONE || kind == TAKE)
		ck_assert(has_text(at(AT1 "/file"), "old"));
	if (kind == CLONE && is_there(at(ID2)))
		ck_assert(has_text(at(ID2 "/head/file"), "old"));
	close(fd);
}

static void after(void *be, enum kind kind)
{
	MUST(make_call(be, kind));
	MUST(make_call(be, kind));
	ck_assert(has_text(at(ID1 "/head/file"), kind == REVERT ? "old" : "new"));
	ck_assert(!is_there(at(ID1 "/next")));
	ck_assert_int_eq(is_there(at(AT1)), kind != UNCUT && kind != FORGET);
	ck_assert_int_eq(is_there(at(AT2)), kind == CUT || kind == TAKE);
	ck_assert_int_eq(is_there(at("found")), kind != TAKE);
	ck_assert_int_eq(is_there(at(SNAP1)), kind == FORGET);
	ck_assert_int_eq(is_there(at(ID2)), kind == CLONE);
	if (kind == CLONE)
		ck_assert(has_text(at(ID2 "/head/file"), "old"));
	if (kind == CUT || kind == TAKE)
		MUST(look_at(be, ID1, SNAP2));
	if (kind == FORGET)
		ck_assert_int_eq(put_file(at(SNAP1 "/more"), 10), EROFS);
}

static void kill_everywhere(enum kind kind)
{
	void *be;
	int n, killed = 1;

	make_pool();
	for (n = 1; killed && n < 400; n++) {
		be = before_kill();
		d->close(be);
		killed = kill_before(kind, n);
		between(kind);
		be = open_pool();
		if (kind == CLONE && n % 2) {
			MUST(drop(be, ID2)); /* it is gone back on */
			ck_assert(!is_there(at(ID2)) && !is_there(at(".libshare/new-" ID2)));
		} else if (kind == CUT && n % 2) {
			MUST(uncut(be, ID1, SNAP2));
			ck_assert(!is_there(at(AT2)));
		} else if (kind == TAKE && n % 2) {
			MUST(forget(be, ID1, SNAP2));
			ck_assert(is_there(at("found")) && !is_there(at(AT2)));
			ck_assert_int_eq(put_file(at("found/more"), 10), EROFS);
		} else {
			after(be, kind);
		}
		MUST(drop(be, ID2));
		MUST(drop(be, ID1));
		run(say("btrfs subvolume delete %s %s >/dev/null 2>&1", at("found"), at(SNAP1)));
		d->close(be);
	}
	ck_assert_int_ge(n, 10);
	ck_assert_int_lt(n, 400);
	be = open_pool();
	wait_until_swept(be);
	must(say("[ \"$(ls -A %s)\" = .libshare ] && [ \"$(ls %s/.libshare | sort | tr '\\n' ' ')\" = 'gone lock pool ' ]", pool, pool));
	d->close(be);
}

START_TEST(killed_cut_is_whole_or_not_there)
{
	kill_everywhere(CUT);
}
END_TEST

START_TEST(killed_removal_goes_on)
{
	kill_everywhere(UNCUT);
}
END_TEST

START_TEST(killed_revert_is_before_or_after)
{
	kill_everywhere(REVERT);
}
END_TEST

START_TEST(killed_clone_is_whole_or_not_there)
{
	kill_everywhere(CLONE);
}
END_TEST

START_TEST(killed_takeover_goes_on_or_back)
{
	kill_everywhere(TAKE);
}
END_TEST

START_TEST(killed_letting_go_goes_on)
{
	kill_everywhere(FORGET);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	static const enum kind kinds[] = { CUT, REVERT, CLONE, UNCUT };
	long total = 0, n;
	void *be;

	make_pool();
	d = shr_driver_entry_1();
	be = before_kill();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		for (n = 1;; n++) {
			host_allocations = 0;
			host_fail_at = n;
			if (make_call(be, kinds[i]) == 0 && host_allocations < n)
				break;
			host_fail_at = 0;
			ck_assert(has_text(at(ID1 "/head/file"), "new") || has_text(at(ID1 "/head/file"), "old"));
		}
		host_fail_at = 0;
		total += n;
	}
	ck_assert_int_gt(total, 4);
	MUST(drop(be, ID2));
	MUST(drop(be, ID1));
	d->close(be);
}
END_TEST

UNIT_MAIN(btrfs_snaps, of_fifty_snapshots_the_tenth_comes_back_and_all_stay, snapshot_is_cut_once_and_cannot_be_written,
	what_snapshots_hold_is_counted_until_they_go, full_share_is_cut_put_back_and_freed,
	clone_is_its_own_share_and_outlives_its_snapshot, clone_of_a_share_that_is_full_can_be_used, read_only_clone_takes_nothing,
	clone_to_another_file_system_is_refused, revert_does_not_destroy_what_no_snapshot_holds, snapshot_with_a_mount_in_it_stays,
	managed_snapshot_moves_in_and_back, snapshot_in_the_container_is_taken_and_goes_back_there,
	sources_are_refused_with_the_reason, without_quotas_and_with_full_ones_it_is_the_same, killed_cut_is_whole_or_not_there,
	killed_removal_goes_on, killed_revert_is_before_or_after, killed_clone_is_whole_or_not_there, killed_takeover_goes_on_or_back,
	killed_letting_go_goes_on, each_allocation_may_fail)

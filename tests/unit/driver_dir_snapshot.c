/* tests/unit/driver_dir_snapshot.c - the dir driver: snapshots, what is put back and made of them, exactly */
#include <sys/ptrace.h>
#include <sys/xattr.h>
#include "driver_dir.h"
#include "trees.h"

#define SNAP1 "018f0000-0000-7000-8000-0000000000a1"
#define SNAP2 "018f0000-0000-7000-8000-0000000000a2"
#define SNAP_AT1 ".libshare-snap-" SNAP1

static void must(const char *command)
{
	ck_assert_msg(system(command) == 0, "%s", command);
}

#define MUST(made) ck_assert_msg((made) == 0, "%s: %s", #made, h.message)
#define FAILS(made, with, words) \
	do { \
		ck_assert_msg((made) == (with), "%s: %d: %s", #made, h.code, h.message); \
		ck_assert_msg(says(words), "%s: %s", #made, h.message); \
	} while (0)

static struct shr_instance snapshot(const char *id)
{
	struct shr_instance snap = host_instance(id, 0);

	snap.flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
	return snap;
}

/* A call that answers later is made again, as often as it wants. */
#define AGAIN(call_made) \
	struct shr_instance of = host_instance(of_id, 0), snap = snapshot(id); \
	int code, i; \
	h.token_len = 0; \
	for (i = 0; i < 10000; i++) { \
		struct shr_call call = host_call(&h); \
		call.op_id = op; \
		h.token_len = 0; \
		code = (call_made); \
		if (code != SHR_RUNNING) \
			break; \
	} \
	h.token_len = 0; \
	laters = i; \
	return code

static const char *op = "op";
static int laters;
static int cut(void *be, const char *of_id, const char *id) { AGAIN(d->snapshot->create(be, &call, &of, &snap)); }
static int uncut(void *be, const char *of_id, const char *id) { AGAIN(d->snapshot->remove(be, &call, &of, &snap)); }
static int revert(void *be, const char *of_id, const char *id) { AGAIN(d->snapshot->revert(be, &call, &of, &snap)); }
static int forget(void *be, const char *of_id, const char *id) { AGAIN(d->snapshot->unmanage(be, &call, &of, &snap)); }
static int look_at(void *be, const char *of_id, const char *id) { AGAIN(d->snapshot->look(be, &call, &of, &snap, NULL)); }

static int take(void *be, const char *of_id, const char *id, const char *source)
{
	struct shr_instance of = host_instance(of_id, 0), snap = snapshot(id);
	struct shr_call call = host_call(&h);

	snap.source = source;
	return d->snapshot->manage(be, &call, &of, &snap);
}

static int clone_to(void *be, const char *of_id, const char *id, const char *to_id, uint32_t flags)
{
	struct shr_instance to = host_instance(to_id, 64 * MIB);

	to.flags = flags;
	AGAIN(d->snapshot->clone(be, &call, &of, &snap, &to));
}

/* Of all that can be said of what lies below PATH: names, kinds, modes, owners, times, links, attributes, contents. */
static const char *checksum(const char *path)
{
	return line_of(say("cd '%s' && { find . -printf '%%P %%y %%m %%U %%G %%T@ %%l\\n' | sort; find . ! -type d -printf '%%P %%s %%n\\n' | "
		"sort; find . -type f -print0 | sort -z | xargs -0 -r sha256sum; } | sha256sum", path));
}

static void use_memory(void)
{
	strcpy(root, "/dev/shm/libshare-dir.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

/* Attributes, and rights of single users, also such as a directory gives to what is made in it. */
static const struct { const char *file, *name, *value; size_t n; } attributes[] = {
	{ "big", "user.colour", "blue", 4 }, { "a", "user.shape", "round", 5 }, { "a/b", "user.empty", "", 0 },
	{ "big", "system.posix_acl_access", "\2\0\0\0\1\0\6\0\377\377\377\377\2\0\6\0\322\4\0\0\4\0\4\0\377\377\377\377"
		"\20\0\6\0\377\377\377\377\40\0\4\0\377\377\377\377", 44 },
	{ "a/b", "system.posix_acl_default", "\2\0\0\0\1\0\7\0\377\377\377\377\4\0\5\0\377\377\377\377\10\0\5\0\341\20\0\0"
		"\20\0\7\0\377\377\377\377\40\0\0\0\377\377\377\377", 44 },
};
static int given[5];

static void give_attributes(const char *path)
{
	for (size_t i = 0; i < 5; i++)
		given[i] = setxattr(say("%s/%s", path, attributes[i].file), attributes[i].name, attributes[i].value, attributes[i].n, 0) == 0;
	ck_assert_msg(given[0], "no attributes can be set here");
}

static void has_attributes(const char *path)
{
	char room[64];

	for (size_t i = 0; i < 5; i++) {
		if (!given[i])
			continue;
		ck_assert_msg(getxattr(say("%s/%s", path, attributes[i].file), attributes[i].name, room, sizeof room) == (ssize_t)attributes[i].n &&
			memcmp(room, attributes[i].value, attributes[i].n) == 0, "%s: %s of %s", path, attributes[i].name, attributes[i].file);
	}
	/* What lies in a directory with rights for what is made in it has its own alone. */
	ck_assert_int_lt(getxattr(say("%s/a/b/two", path), "system.posix_acl_access", room, sizeof room), 0);
}

/* All that a tree can have, as far as this process may make it. */
static void make_all(const char *path)
{
	char deep[4096];
	int i;

	must(say("cd %s && mkdir -p a/b empty && printf one >a/one && ln a/one a/b/two && ln a/one three && ln -s /etc/passwd out && "
		"ln -s nowhere 'a/dang ling' && ln a/b/two '4\tth' && chmod 4751 a/one && mkfifo -m 620 pipe && chmod 1777 empty && chmod 2750 a/b && "
		"truncate -s 64M sparse && printf x | dd of=sparse bs=1 seek=33554432 conv=notrunc 2>/dev/null && "
		"head -c 3000000 /dev/urandom >big && : >zero && touch -h -d '2001-02-03 04:05:06.123456789' a/one out empty sparse", path));
	for (i = 0; i < 150; i++)
		put_text(say("%s/small-%d", path, i), say("%d", i));
	snprintf(deep, sizeof deep, "%.1000s/deep", path);
	for (i = 0; i < 90; i++) {
		ck_assert_int_eq(mkdir(deep, 0755), 0);
		put_text(say("%s/file", deep), say("%d", i));
		snprintf(deep + strlen(deep), sizeof deep - strlen(deep), "/d%d", i);
	}
	give_attributes(path);
	if (geteuid() == 0)
		must(say("cd %s && chown -h 1234:4321 out a/b a/one pipe && mknod null c 1 3 && chown 77 . && chmod 2771 .", path));
	must(say("touch -d '1999-12-31 23:59:59' %s/a %s", path, path));
}

START_TEST(copies_are_exact)
{
	char before[80];
	struct stat st;
	void *be;

	make_root();
	be = open_root(".", NULL);
	MUST(create(be, ID1, 256 * MIB));
	make_all(at(ID1));
	snprintf(before, sizeof before, "%s", checksum(at(ID1)));
	MUST(cut(be, ID1, SNAP1));
	ck_assert_int_eq(laters, 0); /* the exporter is held */
	ck_assert_str_eq(checksum(at(SNAP_AT1)), before);
	ck_assert_str_eq(checksum(at(ID1)), before);
	has_attributes(say("%s/" SNAP_AT1, root));
	ck_assert_int_eq(stat(at(SNAP_AT1 "/sparse"), &st), 0);
	ck_assert_int_lt(st.st_blocks * 512, 1 << 20);
	MUST(clone_to(be, ID1, SNAP1, ID2, 0));
	ck_assert_int_gt(laters, 1); /* and went on where it was */
	ck_assert_str_eq(checksum(at(ID2)), before);
	has_attributes(say("%s/" ID2, root));
	must(say("rm -rf %s/* && touch %s/new", at(ID1), root));
	MUST(revert(be, ID1, SNAP1));
	ck_assert_int_gt(laters, 1);
	ck_assert_str_eq(checksum(at(ID1)), before);
	has_attributes(say("%s/" ID1, root));
	must(say("[ \"$(cd %s && ls -A | tr '\\n' ' ')\" = '" ID1 " " ID2 " .libshare .libshare.lock .libshare-snap-" SNAP1 " new ' ] || "
		"[ \"$(cd %s && ls -A | wc -l)\" = 6 ]", root, root));
	MUST(drop(be, ID1));
	MUST(uncut(be, ID1, SNAP1));
	MUST(drop(be, ID2));
	must(say("[ \"$(ls -A %s/.libshare)\" = '' ]", root));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(of_fifty_snapshots_the_tenth_comes_back_and_all_stay)
{
	char id[37], sums[50][80];
	void *be;
	int i;

	use_memory();
	be = open_root("p", NULL);
	MUST(create(be, ID1, 64 * MIB));
	for (i = 0; i < 50; i++) {
		put_file(say("%s/p/" ID1 "/file-%d", root, i % 7), (size_t)(i + 1) * 1000);
		must(say("mkdir -p %s/p/" ID1 "/dir-%d && ln -sf target-%d %s/p/" ID1 "/link", root, i, i, root));
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-0000000001%02d", i);
		MUST(cut(be, ID1, id));
		snprintf(sums[i], sizeof sums[i], "%s", checksum(h.path));
		ck_assert_str_eq(sums[i], checksum(at("p/" ID1)));
	}
	must(say("chmod 700 %s/p/" ID1 " && rm -rf %s/p/" ID1 "/file-1", root, root));
	MUST(revert(be, ID1, "018f0000-0000-7000-8000-000000000109"));
	ck_assert_str_eq(h.path, at("p/" ID1));
	ck_assert_str_eq(checksum(at("p/" ID1)), sums[9]);
	for (i = 0; i < 50; i++) {
		snprintf(id, sizeof id, "018f0000-0000-7000-8000-0000000001%02d", i);
		MUST(look_at(be, ID1, id));
		ck_assert_str_eq(checksum(h.path), sums[i]);
	}
	MUST(revert(be, ID1, "018f0000-0000-7000-8000-000000000149")); /* and to a newer one */
	ck_assert_str_eq(checksum(at("p/" ID1)), sums[49]);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(snapshot_is_cut_once_and_is_in_no_share)
{
	struct shr_instance snap = snapshot(SNAP1);
	struct shr_call call;
	uint64_t first;
	void *be;

	make_root();
	be = open_root(".", NULL);
	ck_assert_uint_eq(d->snapshot->flags, SHR_SNAPSHOT_HOLD);
	FAILS(cut(be, ID1, SNAP1), SHR_ENOTFOUND, ID1);
	MUST(create(be, ID1, 64 * MIB));
	put_text(at(ID1 "/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	first = h.cut;
	ck_assert_uint_ge(first, UINT64_C(1700000000) * 1000000000);
	ck_assert_str_eq(h.path, at(SNAP_AT1));
	MUST(stats(be));
	if (h.caps & SHR_CAP_CLONE_REFLINK) {
		MUST(cut(be, ID1, SNAP1));
		ck_assert_int_eq(h.has_bytes, 0);
	} else {
		MUST(cut(be, ID1, SNAP1));
		ck_assert_uint_gt(h.bytes, 0); /* a full copy takes room of its own */
	}
	put_text(at(ID1 "/file"), "new");
	MUST(cut(be, ID1, SNAP1));
	ck_assert_uint_eq(h.cut, first);
	ck_assert(has_text(at(SNAP_AT1 "/file"), "old"));
	must(say("[ \"$(ls -A %s)\" = file ]", at(ID1)));
	call = host_call(&h);
	MUST(d->list(be, &call, "p", "", 16));
	ck_assert_uint_eq(h.n_found, 1);
	call = host_call(&h);
	MUST(d->data->attach(be, &call, &snap, 1));
	ck_assert_str_eq(h.path, at(SNAP_AT1));
	MUST(uncut(be, ID1, SNAP1));
	MUST(uncut(be, ID1, SNAP1));
	ck_assert(!is_there(at(SNAP_AT1)) && !is_there(at(".libshare/snap-" SNAP1)));
	FAILS(look_at(be, ID1, SNAP1), SHR_ENOTFOUND, "nothing is known");
	FAILS(revert(be, ID1, SNAP1), SHR_ENOTFOUND, "nothing is known");
	FAILS(clone_to(be, ID1, SNAP1, ID2, 0), SHR_ENOTFOUND, "nothing is known");
	ck_assert(has_text(at(ID1 "/file"), "new"));
	ck_assert_int_eq(cut(be, ID1, "../../../../etc/xxxxxxxxxxxxxxxxxxxxxxxxx"), SHR_EBACKEND);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(read_only_clone_shows_the_snapshot_and_leaves_it)
{
	struct shr_instance in = host_instance(ID2, 0);
	struct shr_call call;
	void *be;

	make_root();
	be = open_root("p", NULL);
	MUST(create(be, ID1, 64 * MIB));
	put_text(at("p/" ID1 "/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	MUST(clone_to(be, ID1, SNAP1, ID2, SHR_INSTANCE_READONLY));
	ck_assert_str_eq(h.path, at("p/" SNAP_AT1));
	MUST(clone_to(be, ID1, SNAP1, ID2, SHR_INSTANCE_READONLY));
	ck_assert(!is_there(at("p/" ID2)));
	call = host_call(&h);
	MUST(d->look(be, &call, &in, NULL));
	ck_assert_str_eq(h.path, at("p/" SNAP_AT1));
	MUST(usage(be, ID2));
	MUST(resize(be, ID2, 128 * MIB));
	d->close(be);
	be = open_root("p", NULL);
	FAILS(revert(be, ID2, SNAP1), SHR_EUNSUPPORTED, "shows a snapshot");
	MUST(drop(be, ID2));
	ck_assert(has_text(at("p/" SNAP_AT1 "/file"), "old"));
	MUST(look_at(be, ID1, SNAP1));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(managed_snapshot_stays_where_it_lies)
{
	void *be;

	make_root();
	be = open_root(".", NULL);
	MUST(create(be, ID1, 64 * MIB));
	MUST(create(be, ID2, 64 * MIB));
	put_text(at(ID1 "/file"), "new");
	must(say("mkdir -p '%s/old ones/monday' %s/x && ln -s x %s/link", root, root, root));
	put_text(at("old ones/monday/file"), "old");
	MUST(take(be, ID1, SNAP1, "old ones/monday"));
	ck_assert_str_eq(h.path, at("old ones/monday"));
	ck_assert_uint_gt(h.cut, UINT64_C(1700000000) * 1000000000);
	MUST(take(be, ID1, SNAP1, at("old ones/monday")));
	FAILS(take(be, ID1, SNAP1, "x"), SHR_EBACKEND, "already");
	FAILS(take(be, ID1, SNAP2, "old ones/monday"), SHR_EBACKEND, "is, has or lies in");
	FAILS(take(be, ID1, SNAP2, ID2), SHR_EBACKEND, "is, has or lies in");
	FAILS(take(be, ID1, SNAP2, "none"), SHR_ENOTFOUND, "no such directory");
	FAILS(take(be, ID1, SNAP2, "link"), SHR_EBACKEND, "symbolic link");
	FAILS(take(be, ID1, SNAP2, "../x"), SHR_EBACKEND, "\"..\"");
	FAILS(manage(be, "018f0000-0000-7000-8000-000000000003", "old ones"), SHR_EBACKEND, "is, has or lies in");
	MUST(revert(be, ID1, SNAP1));
	ck_assert(has_text(at(ID1 "/file"), "old"));
	MUST(forget(be, ID1, SNAP1));
	MUST(forget(be, ID1, SNAP1));
	ck_assert(has_text(at("old ones/monday/file"), "old"));
	MUST(take(be, ID1, SNAP1, "old ones/monday"));
	MUST(uncut(be, ID1, SNAP1));
	ck_assert(!is_there(at("old ones/monday")) && is_there(at("old ones")));
	MUST(cut(be, ID1, SNAP2));
	MUST(forget(be, ID1, SNAP2));
	ck_assert(has_text(at(SNAP2 "/file"), "old") && !is_there(at(".libshare-snap-" SNAP2)));
	MUST(take(be, ID1, SNAP2, SNAP2));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(cancelled_revert_leaves_the_share)
{
	void *be;
	int i;

	use_memory();
	be = open_root(".", NULL);
	MUST(create(be, ID1, 64 * MIB));
	for (i = 0; i < 500; i++)
		put_text(say("%s/" ID1 "/file-%d", root, i), "old");
	MUST(cut(be, ID1, SNAP1));
	put_text(at(ID1 "/file-0"), "new");
	h.cancel_at = 2;
	FAILS(cut(be, ID1, SNAP2), SHR_ECANCELLED, "cancelled");
	ck_assert(!is_there(at(".libshare-snap-" SNAP2)));
	h.cancel = 1;
	FAILS(revert(be, ID1, SNAP1), SHR_ECANCELLED, "cancelled");
	h.cancel = 0;
	h.cancel_at = 0;
	ck_assert(has_text(at(ID1 "/file-0"), "new"));
	MUST(revert(be, ID1, SNAP1));
	ck_assert(has_text(at(ID1 "/file-0"), "old"));
	MUST(uncut(be, ID1, SNAP2));
	ck_assert(!is_there(at(".libshare-part-" SNAP2)) && !is_there(at(".libshare-part-" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(revert_without_room_leaves_the_share)
{
	void *be;

	use_memory();
	ck_assert_int_eq(mkdir(at("p"), 0755), 0);
	if (!mount_on(at("p"), "size=10M")) {
		drop_root();
		return;
	}
	be = open_root("p", NULL);
	MUST(create(be, ID1, 8 * MIB));
	put_file(at("p/" ID1 "/file"), 3 << 20);
	MUST(cut(be, ID1, SNAP1));
	put_file(at("p/" ID1 "/other"), 3 << 20);
	FAILS(revert(be, ID1, SNAP1), SHR_ENOSPC, "No space");
	ck_assert(is_there(at("p/" ID1 "/other")) && !is_there(at("p/.libshare-part-" ID1)));
	FAILS(cut(be, ID1, SNAP2), SHR_ENOSPC, "No space");
	MUST(uncut(be, ID1, SNAP2));
	FAILS(clone_to(be, ID1, SNAP1, ID2, 0), SHR_ENOSPC, "No space");
	MUST(drop(be, ID2));
	unlink(at("p/" ID1 "/other"));
	MUST(revert(be, ID1, SNAP1));
	d->close(be);
	umount(at("p"));
	drop_root();
}
END_TEST

START_TEST(mount_in_a_share_is_not_copied)
{
	void *be;

	use_memory();
	be = open_root(".", NULL);
	MUST(create(be, ID1, 8 * MIB));
	ck_assert_int_eq(mkdir(at(ID1 "/m"), 0755), 0);
	if (mount_on(at(ID1 "/m"), "size=1M")) {
		FAILS(cut(be, ID1, SNAP1), SHR_EBACKEND, "another file system is mounted in it");
		umount(at(ID1 "/m"));
	}
	MUST(cut(be, ID1, SNAP1));
	d->close(be);
	drop_root();
}
END_TEST

/* What an earlier revert left is not taken for this one's. */
START_TEST(revert_that_was_given_up_does_not_disturb_the_next)
{
	void *be;

	use_memory();
	be = open_root(".", NULL);
	MUST(create(be, ID1, 64 * MIB));
	put_text(at(ID1 "/file"), "old");
	MUST(cut(be, ID1, SNAP1));
	put_text(at(ID1 "/file"), "new");
	MUST(cut(be, ID1, SNAP2));
	must(say("cd %s && cp -a " SNAP_AT1 " .libshare-part-" ID1 " && ln -s \"$(stat -c %%i .libshare-part-" ID1 ") another\" .libshare/revert-" ID1,
		root));
	MUST(revert(be, ID1, SNAP2));
	ck_assert(has_text(at(ID1 "/file"), "new"));
	must(say("cd %s && cp -a " SNAP_AT1 " .libshare-part-" ID1 " && ln -s \"$(stat -c %%i " ID1 ") another\" .libshare/revert-" ID1, root));
	MUST(revert(be, ID1, SNAP2));
	ck_assert(has_text(at(ID1 "/file"), "new"));
	must(say("[ \"$(ls -A %s/.libshare | grep revert)\" = '' ] && [ ! -e %s/.libshare-part-" ID1 " ]", root, root));
	ck_assert_int_eq(symlink("1 another", at(".libshare/revert-" ID1)), 0);
	MUST(unmanage(be, ID1));
	ck_assert(!is_there(at(".libshare/revert-" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

/* ---- killed ---- */

enum kind { CUT, UNCUT, REVERT, CLONE, FORGET };

static int make_call(void *be, enum kind kind)
{
	switch (kind) {
	case CUT: return cut(be, ID1, SNAP2);
	case UNCUT: return uncut(be, ID1, SNAP1);
	case REVERT: return revert(be, ID1, SNAP1);
	case CLONE: return clone_to(be, ID1, SNAP1, ID2, 0);
	default: return forget(be, ID1, SNAP1);
	}
}

/* A process opens the root, makes the call and is killed before its Nth system call of it. 1: it was; 0: it ended before. */
static int kill_before(enum kind kind, int n)
{
	pid_t pid = fork();
	int status, i;

	if (pid == 0) {
		void *be = open_root(".", NULL);

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

static void *before_kill(char old[80], char new[80])
{
	void *be = open_root(".", NULL);

	MUST(create(be, ID1, 16 * MIB));
	must(say("cd %s && mkdir a b && printf old >file && ln file a/again && printf x >a/x && ln -s y b/link && chmod 500 b", at(ID1)));
	MUST(cut(be, ID1, SNAP1));
	snprintf(old, 80, "%s", checksum(at(ID1)));
	must(say("cd %s && printf new >file && rm -r a && printf y >more", at(ID1)));
	snprintf(new, 80, "%s", checksum(at(ID1)));
	return be;
}

static void after(void *be, enum kind kind, const char *old, const char *new, int resume)
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
	struct shr_instance of = host_instance(ID1, 0), snap = snapshot(SNAP1), to = host_instance(ID2, 64 * MIB);
	struct shr_call call;

	ck_assert_ptr_nonnull(f);
	if (resume) { /* every second time, as the core does that had stored a token */
		h.token_len = fread(h.token, 1, 36, f);
		call = host_call(&h);
		h.token_len = 0;
		ck_assert_int_ge(kind == REVERT ? d->snapshot->revert(be, &call, &of, &snap) : d->snapshot->clone(be, &call, &of, &snap, &to), 0);
	}
	fclose(f);
	MUST(make_call(be, kind));
	MUST(make_call(be, kind));
	ck_assert_str_eq(checksum(at(ID1)), kind == REVERT ? old : new);
	if (kind != UNCUT && kind != FORGET)
		ck_assert_str_eq(checksum(at(SNAP_AT1)), old);
	if (kind == CUT)
		ck_assert_str_eq(checksum(at(".libshare-snap-" SNAP2)), new);
	if (kind == CLONE)
		ck_assert_str_eq(checksum(at(ID2)), old);
	if (kind == FORGET)
		ck_assert_str_eq(checksum(at(SNAP1)), old);
}

static void kill_everywhere(enum kind kind, int resume)
{
	char old[80], new[80];
	int n, killed = 1, stride = getenv("LIBSHARE_TEST_LONG") ? 1 : 5; /* a slice; the long form is at every one */
	void *be;

	use_memory();
	for (n = 1; killed && n < 1000; n += stride) {
		be = before_kill(old, new);
		d->close(be);
		killed = kill_before(kind, n);
		ck_assert_msg(strcmp(checksum(at(ID1)), new) == 0 || (kind == REVERT && strcmp(checksum(at(ID1)), old) == 0), "it is neither");
		if (kind == CLONE && is_there(at(ID2)))
			ck_assert_str_eq(checksum(at(ID2)), old);
		if (kind == CUT && is_there(at(".libshare-snap-" SNAP2)))
			ck_assert_str_eq(checksum(at(".libshare-snap-" SNAP2)), new);
		be = open_root(".", NULL);
		if (n % 3 || kind == UNCUT)
			after(be, kind, old, new, resume && n % 2);
		MUST(uncut(be, ID1, SNAP2)); /* or it is gone back on */
		MUST(uncut(be, ID1, SNAP1));
		MUST(drop(be, ID2));
		MUST(drop(be, ID1));
		must(say("rm -rf %s", at(SNAP1)));
		d->close(be);
		must(say("[ \"$(ls -A %s | tr '\\n' ' ')\" = '.libshare .libshare.lock ' ] && [ \"$(ls -A %s/.libshare)\" = '' ]", root, root));
	}
	ck_assert_int_ge(n, 10);
	ck_assert_int_lt(n, 1000);
	drop_root();
}

START_TEST(killed_cut_is_whole_or_not_there)
{
	kill_everywhere(CUT, 0);
}
END_TEST

START_TEST(killed_removal_goes_on)
{
	kill_everywhere(UNCUT, 0);
}
END_TEST

/* With what was copied before the kill, or anew. */
START_TEST(killed_revert_is_before_or_after)
{
	kill_everywhere(REVERT, 1);
}
END_TEST

START_TEST(killed_clone_goes_on_where_it_was)
{
	kill_everywhere(CLONE, 1);
}
END_TEST

START_TEST(killed_letting_go_goes_on)
{
	kill_everywhere(FORGET, 0);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	static const enum kind kinds[] = { CUT, REVERT, CLONE, UNCUT };
	char old[80], new[80];
	long total = 0, n;
	void *be;

	use_memory();
	be = before_kill(old, new);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		for (n = 1;; n++) {
			host_allocations = 0;
			host_fail_at = n;
			if (make_call(be, kinds[i]) == 0 && host_allocations < n)
				break;
			host_fail_at = 0;
		}
		host_fail_at = 0;
		total += n;
	}
	ck_assert_int_gt(total, 12);
	ck_assert_str_eq(checksum(at(ID1)), old);
	ck_assert_str_eq(checksum(at(ID2)), old);
	d->close(be);
	drop_root();
}
END_TEST

UNIT_MAIN(driver_dir_snapshot, copies_are_exact, of_fifty_snapshots_the_tenth_comes_back_and_all_stay,
	snapshot_is_cut_once_and_is_in_no_share, read_only_clone_shows_the_snapshot_and_leaves_it, managed_snapshot_stays_where_it_lies,
	cancelled_revert_leaves_the_share, revert_without_room_leaves_the_share, mount_in_a_share_is_not_copied,
	revert_that_was_given_up_does_not_disturb_the_next, killed_cut_is_whole_or_not_there, killed_removal_goes_on,
	killed_revert_is_before_or_after, killed_clone_goes_on_where_it_was,
	killed_letting_go_goes_on, each_allocation_may_fail)

/* tests/unit/driver_dir_tree.c - the dir driver's walks: deep, closed, busy, mounted over, linked and big trees */
#include <pthread.h>
#include "driver_dir.h"

/* DEPTH directories in each other below the share, with a file in the last. */
static void dig(const char *path, int depth)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), sub, i;

	for (i = 0; i < depth; i++) {
		ck_assert_int_eq(mkdirat(fd, "deeper", 0755), 0);
		sub = openat(fd, "deeper", O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(sub, 0);
		close(fd);
		fd = sub;
	}
	close(openat(fd, "file", O_WRONLY | O_CREAT, 0644));
	close(fd);
}

static int descriptors(void)
{
	int n = 0, fd;

	for (fd = 0; fd < 200; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

START_TEST(tree_deeper_than_any_path_goes)
{
	int before;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	dig(at("p/" ID1), 1500);
	before = descriptors();
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_uint_gt(h.used, 1500 * 4096 - 1);
	ck_assert_int_eq(descriptors(), before);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert_int_eq(descriptors(), before);
	ck_assert(!is_there(at("p/" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(wide_and_deep_tree_is_summed_right)
{
	uint64_t sum = 0;
	char name[64];
	struct stat st;
	void *be;
	int i, k;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "p/%s/d%d", ID1, i);
		mkdir(at(name), 0755);
		stat(at(name), &st);
		for (k = 0; k < 5; k++) {
			snprintf(name, sizeof name, "p/%s/d%d/f%d", ID1, i, k);
			put_file(at(name), 5000);
			stat(at(name), &st);
			sum += (uint64_t)st.st_blocks * 512;
		}
		snprintf(name, sizeof name, "p/%s/d%d", ID1, i);
		stat(at(name), &st);
		sum += (uint64_t)st.st_blocks * 512;
	}
	stat(at("p/" ID1), &st);
	sum += (uint64_t)st.st_blocks * 512;
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_uint_eq(h.used, sum);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(file_of_two_names_counts_once)
{
	char other[4096];
	uint64_t before;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	put_file(at("p/" ID1 "/one"), 65536);
	ck_assert_int_eq(usage(be, ID1), 0);
	before = h.used;
	snprintf(other, sizeof other, "%s/p/%s/two", root, ID1);
	ck_assert_int_eq(link(at("p/" ID1 "/one"), other), 0);
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_uint_eq(h.used, before);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(links_in_a_tree_are_never_followed)
{
	char outside[] = "/tmp/libshare-out.XXXXXX", file[64];
	void *be;

	make_root();
	ck_assert_ptr_nonnull(mkdtemp(outside));
	snprintf(file, sizeof file, "%s/keep", outside);
	put_file(file, 100000);
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	ck_assert_int_eq(symlink(outside, at("p/" ID1 "/out")), 0);
	ck_assert_int_eq(symlink("..", at("p/" ID1 "/up")), 0);
	ck_assert_int_eq(usage(be, ID1), 0);
	ck_assert_uint_lt(h.used, 50000);
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert(is_there(file));
	unlink(file);
	rmdir(outside);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(closed_directories_of_ones_own_go)
{
	int status;
	pid_t pid;

	make_root();
	chmod(root, 0777);
	pid = fork();
	if (pid == 0) {
		void *be;

		if (getuid() == 0 && setuid(65534) < 0)
			_exit(1);
		be = open_root(NULL, NULL);
		if (!be || create(be, ID1, MIB) || mkdir(at("p/" ID1 "/shut"), 0755) || mkdir(at("p/" ID1 "/shut/in"), 0755))
			_exit(2);
		put_file(at("p/" ID1 "/shut/in/file"), 1);
		chmod(at("p/" ID1 "/shut/in"), 0);
		chmod(at("p/" ID1 "/shut"), 0500);
		chmod(at("p/" ID1), 0);
		status = drop(be, ID1) == 0 && !is_there(at("p/" ID1)) ? 0 : 3;
		d->close(be);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	drop_root();
}
END_TEST

START_TEST(mounted_file_system_is_not_emptied)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	mkdir(at("p/" ID1 "/mnt"), 0755);
	if (mount_on(at("p/" ID1 "/mnt"), "")) {
		put_file(at("p/" ID1 "/mnt/keep"), 100000);
		ck_assert_int_eq(usage(be, ID1), 0);
		ck_assert_uint_lt(h.used, 50000);
		ck_assert_int_eq(drop(be, ID1), SHR_EBACKEND);
		ck_assert(says("mnt") && says("another file system"));
		ck_assert(is_there(at("p/.libshare-gone-" ID1 "/mnt/keep")));
		umount2(at("p/.libshare-gone-" ID1 "/mnt"), MNT_DETACH);
	}
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert(!is_there(at("p/.libshare-gone-" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

static int stop;

/* A client that keeps its directory open and goes on writing. */
static void *write_on(void *data)
{
	int fd = *(int *)data, i;
	char name[32];

	for (i = 0; !__atomic_load_n(&stop, __ATOMIC_RELAXED); i++) {
		snprintf(name, sizeof name, "f%d", i % 100);
		close(openat(fd, name, O_WRONLY | O_CREAT, 0644));
		mkdirat(fd, "d", 0755);
	}
	return NULL;
}

START_TEST(writer_does_not_keep_a_share_for_ever)
{
	pthread_t thread;
	int fd, code, tries;
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	fd = open(at("p/" ID1), O_RDONLY | O_DIRECTORY);
	stop = 0;
	pthread_create(&thread, NULL, write_on, &fd);
	for (tries = 0; tries < 20 && (code = drop_once(be, ID1)) == SHR_RUNNING; tries++)
		;
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	if (code == SHR_RUNNING)
		code = drop(be, ID1);
	ck_assert_int_eq(code, 0);
	ck_assert(!is_there(at("p/" ID1)) && !is_there(at("p/.libshare-gone-" ID1)) && !is_there(at(".libshare/" ID1)));
	close(fd);
	d->close(be);
	drop_root();
}
END_TEST

START_TEST(cancelled_removal_goes_on_later)
{
	char name[128];
	void *be;
	int i;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	for (i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "p/%s/f%d", ID1, i);
		put_file(at(name), 0);
	}
	h.cancel = 1;
	ck_assert_int_eq(drop(be, ID1), SHR_ECANCELLED);
	ck_assert(!is_there(at("p/" ID1)) && is_there(at(".libshare/" ID1)));
	h.cancel = 0;
	ck_assert_int_eq(drop(be, ID1), 0);
	ck_assert(!is_there(at("p/.libshare-gone-" ID1)) && !is_there(at(".libshare/" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

/* Files by the thousand, as links to one. */
static void make_many(const char *dir, int n)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY), i;
	char name[32];

	close(openat(fd, "f0", O_WRONLY | O_CREAT, 0644));
	for (i = 1; i < n; i++) {
		snprintf(name, sizeof name, "f%d", i);
		ck_assert_int_eq(linkat(fd, "f0", fd, name, 0), 0);
	}
	close(fd);
}

START_TEST(big_tree_answers_later)
{
	int code, calls = 0, i;
	char name[64];
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	for (i = 0; i < 4; i++) {
		snprintf(name, sizeof name, "p/%s/d%d", ID1, i);
		mkdir(at(name), 0755);
		make_many(at(name), 1000);
	}
	h.nap_ms = 50; /* for each 64 names: about three seconds in all */
	while ((code = drop_once(be, ID1)) == SHR_RUNNING && calls < 100)
		calls++;
	ck_assert_int_eq(code, 0);
	ck_assert_int_ge(calls, 2);
	ck_assert(!is_there(at("p/.libshare-gone-" ID1)));
	d->close(be);
	drop_root();
}
END_TEST

/* How many directories lie in each other there. */
static int depth_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY), sub, n = 0;

	while ((sub = openat(fd, "deeper", O_RDONLY | O_DIRECTORY)) >= 0) {
		close(fd);
		fd = sub;
		n++;
	}
	close(fd);
	return n;
}

/* On a machine so slow that a slice is over before the bottom is seen. */
START_TEST(deep_tree_gets_on_however_slow_it_goes)
{
	void *be;

	make_root();
	be = open_root(NULL, NULL);
	ck_assert_int_eq(create(be, ID1, MIB), 0);
	dig(at("p/" ID1), 500);
	h.nap_ms = 60; /* for each 64 entries: more than a slice on the way down */
	ck_assert_int_eq(drop_once(be, ID1), SHR_RUNNING);
	ck_assert_int_lt(depth_of(at("p/.libshare-gone-" ID1)), 500);
	h.nap_ms = 0;
	ck_assert_int_eq(drop(be, ID1), 0);
	d->close(be);
	drop_root();
}
END_TEST

UNIT_MAIN(driver_dir_tree, tree_deeper_than_any_path_goes, wide_and_deep_tree_is_summed_right,
	file_of_two_names_counts_once, links_in_a_tree_are_never_followed, closed_directories_of_ones_own_go,
	mounted_file_system_is_not_emptied, writer_does_not_keep_a_share_for_ever, cancelled_removal_goes_on_later,
	big_tree_answers_later, deep_tree_gets_on_however_slow_it_goes)

/* tests/real/btrfs_copy.c - shares with the files of a snapshot of another file system: btrfs to dir, dir to btrfs, btrfs to btrfs */
#include "whole/copies.h"

#include "mover/mover.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct whole w;
static char places[200], config[1600];

static int64_t slice_ns = 1; /* as many calls as there can be */

static int tiny_slices(void *data, struct shr__move *m)
{
	m->slice_ns = slice_ns;
	return shr__move(m);
}

static void open_all(void)
{
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .workers = 3, .move = tiny_slices });
}

/* Two btrfs file systems, and a directory of another kind. */
static void set_up(void)
{
	ck_assert_ptr_nonnull(getenv("BTRFS_PLACES"));
	snprintf(places, sizeof places, "%s", getenv("BTRFS_PLACES"));
	copies_run("cd %s && mkdir -p plain/root && for i in one two; do [ -d $i/pool ] || btrfs subvolume create $i/pool >/dev/null; done", places);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n"
		"- {name: one, driver: btrfs, exporter: none, protocols: nfs, pools: [{name: p, settings: {path: %s/one/pool}}]}\n"
		"- {name: two, driver: btrfs, exporter: none, protocols: nfs, pools: [{name: p, settings: {path: %s/two/pool}}]}\n"
		"- {name: dir, driver: dir, exporter: none, protocols: nfs, settings: {root: %s/plain/root},\n"
		"  pools: [{name: p, capacity: 1TiB}]}\nengine: {retry: {first: 10ms}}\n", TEST_BACKENDS, places, places, places);
	whole_dir(&w);
	open_all();
}

static void tear_down(void)
{
	whole_rest(&w);
	whole_holds(&w, 0);
	whole_close(&w);
	whole_remove(&w);
}

/* Empty, or with what SNAPSHOT has. */
static const struct shr_op *begin(const char *backend, const char *snapshot, uint64_t bytes)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.backend = backend;
	spec.bytes = bytes;
	spec.protocols = SHR_PROTO_NFS;
	spec.snapshot = snapshot;
	OK(shr_share_create(w.s, &spec, &op, &e));
	return op;
}

static void make(const char *backend, const char *snapshot, uint64_t bytes, char ret_id[40])
{
	const struct shr_op *op = begin(backend, snapshot, bytes);

	snprintf(ret_id, 40, "%s", op->object_id);
	copies_must(&w, op);
}

static void cut(const char *share, char ret_id[40])
{
	const struct shr_op *op = NULL;

	OK(shr_snapshot_create(w.s, share, NULL, &op, &e));
	snprintf(ret_id, 40, "%s", op->object_id);
	copies_must(&w, op);
}

static void drop(const char *id)
{
	const struct shr_op *op = NULL;

	OK(shr_share_delete(w.s, id, NULL, &op, &e));
	copies_must(&w, op);
}

static void drop_snapshot(const char *id)
{
	const struct shr_op *op = NULL;

	OK(shr_snapshot_delete(w.s, id, NULL, &op, &e));
	copies_must(&w, op);
}

START_TEST(a_tree_goes_round_from_one_to_the_other)
{
	static const char *const way[] = { "one", "dir", "two", "one" };
	char shares[4][40], snapshots[3][40], dir[300];

	set_up();
	make(way[0], NULL, 64 << 20, shares[0]);
	copies_path(&w, shares[0], dir, sizeof dir);
	copies_tree(dir);
	copies_run("cd %s && btrfs property set many/20 compression zstd", dir); /* no other file system has that */
	for (int i = 0; i < 3; i++) {
		cut(shares[i], snapshots[i]);
		make(way[i + 1], snapshots[i], 0, shares[i + 1]);
		copies_same(&w, shares[0], shares[i + 1]);
	}
	copies_path(&w, shares[3], dir, sizeof dir); /* its limit is its own */
	copies_run("! dd if=/dev/zero of=%s/too-much bs=1M count=80 2>/dev/null && rm %s/too-much", dir, dir);
	for (int i = 0; i < 3; i++) {
		drop_snapshot(snapshots[i]);
		drop(shares[i]);
	}
	drop(shares[3]);
	copies_run("cd %s && [ -z \"$(ls one/pool)$(ls two/pool)$(ls plain/root/p)\" ]", places);
	tear_down();
}
END_TEST

/* What dir promised and did not enforce does not fit where sizes are enforced. */
START_TEST(what_does_not_fit_says_so_and_leaves_nothing)
{
	char share[40], snapshot[40], dir[300], said[400], id[40];
	const struct shr_op *op;

	set_up();
	make("dir", NULL, 8 << 20, share);
	copies_path(&w, share, dir, sizeof dir);
	copies_run("dd if=/dev/urandom of=%s/large bs=1M count=40 2>/dev/null", dir);
	cut(share, snapshot);
	op = begin("one", snapshot, 0);
	snprintf(id, sizeof id, "%s", op->object_id);
	ck_assert_int_eq(copies_finish(&w, op, said), SHR_ENOSPC);
	ck_assert_msg(strstr(said, "give the new share more bytes"), "%s", said);
	copies_run("[ -z \"$(ls %s/one/pool)\" ]", places);
	drop(id);
	make("one", snapshot, 64 << 20, id);
	drop(id);
	drop_snapshot(snapshot);
	drop(share);
	tear_down();
}
END_TEST

static void nap_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* The same engine name again and again, until the copy is there: at the end it is whole. */
START_TEST(a_copy_whose_engine_is_killed_is_whole_in_the_end)
{
	char share[40], snapshot[40], dir[300], id[40] = "", op_id[40] = "";
	const struct shr_op *op;
	unsigned kills = getenv("LIBSHARE_TEST_LONG") ? 100 : 6;

	set_up();
	slice_ns = 30000000;
	make("one", NULL, 200 << 20, share);
	copies_path(&w, share, dir, sizeof dir);
	copies_tree(dir);
	copies_run("cd %s && for i in $(seq 10); do cp -r many m$i; done", dir);
	cut(share, snapshot);
	for (unsigned n = 0; n < kills; n++) {
		const char *to = n % 2 ? "two" : "dir";
		pid_t child;
		int status;

		op = begin(to, snapshot, 0);
		snprintf(id, sizeof id, "%s", op->object_id);
		snprintf(op_id, sizeof op_id, "%s", op->id);
		shr_op_unref(op);
		whole_close(&w);
		child = fork();
		ck_assert_int_ge(child, 0);
		if (child == 0) {
			open_all();
			for (;;)
				pause();
		}
		nap_ms(20 + n * 137 % 500);
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		open_all();
		OK(shr_op_wait(w.s, op_id, -1, NULL, &e));
		copies_same(&w, share, id);
		drop(id);
	}
	drop_snapshot(snapshot);
	drop(share);
	copies_run("cd %s && [ -z \"$(ls one/pool)$(ls two/pool)$(ls plain/root/p)\" ]", places);
	tear_down();
}
END_TEST

UNIT_MAIN(btrfs_copy, a_tree_goes_round_from_one_to_the_other, what_does_not_fit_says_so_and_leaves_nothing,
	a_copy_whose_engine_is_killed_is_whole_in_the_end)

/* tests/whole/whole_snapshot_kill.c - kill -9 while shares are reverted, cloned and deleted: as before or as after, never between */
#include "whole.h"

#include "mover/mover.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILES 40
#define SNAPSHOTS 3

static struct whole w;
static char config[1400], root[220], share[40], snapshots[SNAPSHOTS][40];

/* A copy is made in as many calls as it can be. */
static int tiny_slices(void *data, struct shr__move *m)
{
	m->slice_ns = 1;
	return shr__move(m);
}

static void open_all(void)
{
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .workers = 2, .move = tiny_slices });
}

/* Where the files of a share or a snapshot lie. */
static void path_of(const char *object_id, char *ret, size_t room)
{
	char sql[128];
	sqlite3_stmt *s = NULL;

	snprintf(sql, sizeof sql, "SELECT path FROM instance WHERE share_id='%s'", object_id);
	ck_assert_int_eq(sqlite3_prepare_v2(whole_db(&w), sql, -1, &s, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
	snprintf(ret, room, "%s", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

static void write_letter(char letter)
{
	char dir[300], name[360];

	path_of(share, dir, sizeof dir);
	for (int i = 0; i < FILES; i++) {
		FILE *f;

		snprintf(name, sizeof name, "%s/%d", dir, i);
		f = fopen(name, "w");
		ck_assert_ptr_nonnull(f);
		for (int k = 0; k < 3000; k++)
			putc(letter, f);
		ck_assert_int_eq(fclose(f), 0);
	}
}

/* The letter that all of its files are full of; the test ends when they differ, or one is missing or too many. */
static char letter_of(const char *object_id)
{
	char dir[300], name[360], text[3001], letter = 0;
	int n = 0;
	struct dirent *e;
	DIR *d;

	path_of(object_id, dir, sizeof dir);
	d = opendir(dir);
	ck_assert_msg(d != NULL, "%s of %s is not there", dir, object_id);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	ck_assert_msg(n == FILES, "%s has %d files", dir, n);
	for (int i = 0; i < FILES; i++) {
		FILE *f;

		snprintf(name, sizeof name, "%s/%d", dir, i);
		f = fopen(name, "r");
		ck_assert_msg(f != NULL, "%s is not there", name);
		ck_assert_uint_eq(fread(text, 1, sizeof text, f), 3000);
		fclose(f);
		letter = letter ? letter : text[0];
		for (int k = 0; k < 3000; k++)
			ck_assert_msg(text[k] == letter, "%s has %c and %c", dir, letter, text[k]);
	}
	return letter;
}

static void cut(char letter, char ret[40])
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	const struct shr_op *op = NULL;
	char name[2] = { letter, 0 };

	write_letter(letter);
	spec.name = name;
	OK(shr_snapshot_create(w.s, share, &spec, &op, &e));
	snprintf(ret, 40, "%s", op->object_id);
	OK(shr_op_wait(w.s, op->id, -1, NULL, &e));
	shr_op_unref(op);
}

/* What the process does that is killed: work without end; what is refused meanwhile is no matter. */
static void churn(unsigned seed)
{
	open_all();
	for (;;) {
		struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
		struct shr_snapshot_spec more = SHR_SNAPSHOT_SPEC_INIT;
		const struct shr_op *revert = NULL, *made = NULL, *cut_op = NULL;

		(void)!shr_share_revert(w.s, share, snapshots[rand_r(&seed) % SNAPSHOTS], NULL, &revert, NULL);
		spec.name = "copy";
		spec.snapshot = snapshots[rand_r(&seed) % SNAPSHOTS];
		spec.flags = rand_r(&seed) % 3 ? 0 : SHR_SHARE_READONLY;
		if (!spec.flags && rand_r(&seed) % 2) /* copied */
			spec.pool = "q";
		(void)!shr_share_create(w.s, &spec, &made, NULL);
		if (revert)
			(void)!shr_op_wait(w.s, revert->id, -1, NULL, NULL);
		(void)!shr_snapshot_create(w.s, share, &more, &cut_op, NULL);
		if (made && shr_op_wait(w.s, made->id, -1, NULL, NULL) == 0 && rand_r(&seed) % 2)
			(void)!shr_share_delete(w.s, made->object_id, NULL, NULL, NULL);
		if (cut_op && shr_op_wait(w.s, cut_op->id, -1, NULL, NULL) == 0)
			(void)!shr_snapshot_delete(w.s, cut_op->object_id, NULL, NULL, NULL);
		shr_op_unref(revert);
		shr_op_unref(made);
		shr_op_unref(cut_op);
	}
}

static int is_kept(const char *id)
{
	for (int i = 0; i < SNAPSHOTS; i++)
		if (strcmp(snapshots[i], id) == 0)
			return 1;
	return 0;
}

/* Copies have what their snapshot has; then they go, and the snapshots that were cut on the way. */
static void look_at_copies(void)
{
	const struct shr_share_page *shares = NULL;
	const struct shr_snapshot_page *cuts = NULL;
	const struct shr_op *op = NULL;

	OK(shr_share_list(w.s, NULL, NULL, &shares, &e));
	for (uint32_t i = 0; i < shares->n; i++) {
		const struct shr_share *s = shares->items[i];

		if (strcmp(s->id, share) == 0)
			continue;
		if (s->state == SHR_SHARE_AVAILABLE && s->snapshot_id[0])
			ck_assert_int_eq(letter_of(s->id), letter_of(s->snapshot_id));
		else if (s->state == SHR_SHARE_AVAILABLE)
			ck_assert(strchr("ABC", letter_of(s->id)) != NULL);
		OK(shr_share_delete(w.s, s->id, NULL, &op, &e));
		OK(shr_op_wait(w.s, op->id, -1, NULL, &e));
		shr_op_unref(op);
	}
	shr_share_page_unref(shares);
	OK(shr_snapshot_list(w.s, NULL, NULL, &cuts, &e));
	for (uint32_t i = 0; i < cuts->n; i++) {
		const struct shr_snapshot *s = cuts->items[i];

		if (is_kept(s->id))
			continue;
		if (s->state == SHR_SNAPSHOT_AVAILABLE)
			letter_of(s->id);
		OK(shr_snapshot_delete(w.s, s->id, NULL, &op, &e));
		OK(shr_op_wait(w.s, op->id, -1, NULL, &e));
		shr_op_unref(op);
	}
	shr_snapshot_page_unref(cuts);
}

static void kill_one(unsigned n)
{
	struct timespec nap = { 0, 0 };
	unsigned seed = n * 7919 + 1;
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		churn(n);
		_exit(1);
	}
	nap.tv_nsec = (20 + rand_r(&seed) % 180) * 1000000L;
	nanosleep(&nap, NULL);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	open_all();
	whole_rest(&w);
	for (int i = 0; i < SNAPSHOTS; i++)
		ck_assert_int_eq(letter_of(snapshots[i]), 'A' + i);
	ck_assert(strchr("ABC", letter_of(share)) != NULL);
	look_at_copies();
	whole_rest(&w);
	whole_holds(&w, 0);
	whole_close(&w);
}

static void teardown(void)
{
	char command[300];

	snprintf(command, sizeof command, "rm -rf '%s'", root);
	ck_assert_int_eq(system(command), 0);
	whole_remove(&w);
}

START_TEST(a_killed_revert_clone_or_delete_is_as_before_or_as_after)
{
	unsigned kills = getenv("LIBSHARE_TEST_LONG") ? 400 : 25;

	whole_dir(&w);
	snprintf(root, sizeof root, "%s-files", w.dir);
	ck_assert_int_eq(mkdir(root, 0700), 0);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n- name: d\n  driver: dir\n  exporter: none\n  settings:\n"
		"    root: %s\n  protocols: nfs\n  pools:\n  - {name: p, capacity: 1TiB, settings: {path: p}}\n"
		"  - {name: q, capacity: 1TiB, settings: {path: q}}\nengine: {retry: {first: 10ms}}\n", TEST_BACKENDS, root);
	open_all();
	whole_create(&w, 1 << 20, 0, share);
	for (int i = 0; i < SNAPSHOTS; i++)
		cut((char)('A' + i), snapshots[i]);
	whole_close(&w);
	for (unsigned n = 0; n < kills; n++)
		kill_one(n);
	open_all(); /* it was no idle process that was killed */
	ck_assert_int_gt(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_revert' AND state=5"), 0);
	ck_assert_int_gt(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_create' AND state=5 AND id NOT IN "
		"(SELECT min(id) FROM op)"), 0);
	ck_assert_int_gt(whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_copy' AND state=5"), 0);
	whole_close(&w);
	teardown();
}
END_TEST

UNIT_MAIN(whole_snapshot_kill, a_killed_revert_clone_or_delete_is_as_before_or_as_after)

/* tests/whole/whole_copy.c - a share with the files of a snapshot that lies elsewhere: exact, in slices, cancelled, gone on with */
#include "copies.h"

#include "libshare/driver.h"
#include "mover/mover.h"

#include <errno.h>

static struct whole w;
static char root[220], share[40], snapshot[40];

/* What stands in the mover's place: it counts, and lets the test do something while a copy is under way. */
static struct mover {
	_Atomic int calls, begun;  /* ... and how often there was no token of before */
	_Atomic int fail;          /* an errno: the answer of every call */
	_Atomic int slow;          /* a slice takes so many milliseconds, and is not the last */
	_Atomic int inside, most;  /* slices at once */
} mover;

static int move(void *data, struct shr__move *m)
{
	int rc, now = ++mover.inside;

	mover.calls++;
	mover.begun += m->token_len == 0;
	mover.most = now > mover.most ? now : mover.most;
	m->slice_ns = 1;
	rc = shr__move(m);
	if (mover.slow)
		whole_sleep_ms((unsigned)mover.slow);
	if (mover.slow && rc == 0) { /* it would be whole: but the test is not done */
		rc = 1;
		if (!m->left_len && m->token_len) {
			m->left_len = m->token_len;
			memcpy(m->left, m->token, (size_t)m->token_len);
		}
	}
	if (mover.fail) {
		errno = mover.fail;
		m->of = "dir/file\033";
		snprintf(m->at, sizeof m->at, "%s", m->of);
		m->of = m->at;
		rc = -1;
	}
	mover.inside--;
	return rc;
}

static void open_all(const char *engine_backend)
{
	char config[1400];

	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n"
		"- {name: a, driver: dir, exporter: none, protocols: nfs, settings: {root: %s/a}, pools:\n"
		"  [{name: p, capacity: 1TiB, settings: {path: p}}, {name: q, capacity: 1TiB, settings: {path: q}}]}\n"
		"- {name: b, driver: dir, zone: south, exporter: none, protocols: nfs, settings: {root: %s/b}, pools:\n"
		"  [{name: p, capacity: 1TiB, settings: {path: p}}]}\n"
		"- {name: n, driver: 'null', protocols: nfs, pools: [{name: p}]}\n"
		"engine: {retry: {first: 10ms, most: 20ms, limit: %d}}\n", TEST_BACKENDS, root, root, engine_backend ? 4 : 400);
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .workers = 3, .move = move, .backend = engine_backend });
}

/* A share in pool a/p with all that a tree may have, and a snapshot of it. */
static void setup(void)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	char dir[300];

	memset(&mover, 0, sizeof mover);
	whole_dir(&w);
	snprintf(root, sizeof root, "%s-files", w.dir);
	copies_run("mkdir -m 700 %s %s/a %s/b", root, root, root);
	open_all(NULL);
	spec.bytes = 1 << 30;
	spec.protocols = SHR_PROTO_NFS;
	spec.backend = "a";
	spec.pool = "p";
	OK(shr_share_create(w.s, &spec, &op, &e));
	snprintf(share, sizeof share, "%s", op->object_id);
	copies_must(&w, op);
	copies_path(&w, share, dir, sizeof dir);
	copies_tree(dir);
	OK(shr_snapshot_create(w.s, share, NULL, &op, &e));
	snprintf(snapshot, sizeof snapshot, "%s", op->object_id);
	copies_must(&w, op);
}

static void teardown(void)
{
	whole_rest(&w);
	whole_holds(&w, 0);
	ck_assert_int_eq(mover.inside, 0);
	whole_close(&w);
	copies_run("chmod -R u+rwX '%s'; rm -rf '%s'", root, root);
	whole_remove(&w);
}

static int try_copy(const char *backend, const char *pool, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	static struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" };

	spec.snapshot = snapshot;
	spec.backend = backend;
	spec.pool = pool;
	spec.name = "copy";
	spec.rules = &rule;
	spec.rule_size = sizeof rule;
	spec.n_rules = 1;
	return shr_share_create(w.s, &spec, ret_op, reterr);
}

static const struct shr_op *begin_copy(const char *backend, const char *pool)
{
	const struct shr_op *op = NULL;

	OK(try_copy(backend, pool, &op, &e));
	ck_assert_str_eq(op->kind, "share_copy");
	return op;
}

static void drop(const char *id)
{
	const struct shr_op *op = NULL;

	OK(shr_share_delete(w.s, id, NULL, &op, &e));
	copies_must(&w, op);
}

static void drop_snapshot(void)
{
	const struct shr_op *op = NULL;

	OK(shr_snapshot_delete(w.s, snapshot, NULL, &op, &e));
	copies_must(&w, op);
}

START_TEST(a_copy_has_all_and_owes_its_snapshot_nothing)
{
	static const char *const places[][2] = { { "b", NULL }, { "b", "p" }, { "a", "q" } };
	char copies[3][40];

	setup();
	for (unsigned i = 0; i < 3; i++) {
		const struct shr_op *op = begin_copy(places[i][0], places[i][1]), *ended = NULL;
		const struct shr_share *s = NULL;

		snprintf(copies[i], sizeof copies[i], "%s", op->object_id);
		OK(shr_op_wait(w.s, op->id, -1, &ended, &e));
		ck_assert_uint_ge(ended->bytes_done, 3 << 20);
		ck_assert_uint_eq(ended->bytes_total, ended->bytes_done);
		ck_assert_uint_eq(ended->percent, 100);
		shr_op_unref(op);
		shr_op_unref(ended);
		OK(shr_share_get(w.s, copies[i], &s, &e));
		ck_assert_str_eq(s->snapshot_id, "");
		ck_assert_uint_eq(s->bytes, 1 << 30);
		ck_assert_uint_eq(s->n_rules, 1);
		shr_share_unref(s);
		copies_same(&w, share, copies[i]);
	}
	ck_assert_int_ge(mover.calls, 9); /* in slices */
	ck_assert_int_eq(mover.begun, 3);
	drop_snapshot();
	drop(share);
	copies_same(&w, copies[0], copies[2]);
	teardown();
}
END_TEST

START_TEST(where_a_copy_lies)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	setup();
	spec.snapshot = snapshot;
	spec.zone = "south"; /* the snapshot is in no zone */
	OK(shr_share_create(w.s, &spec, &op, &e));
	ck_assert_str_eq(op->kind, "share_copy");
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE share_id='%s' AND backend='b' AND pool='p'", op->object_id), 1);
	copies_must(&w, op);
	spec.zone = NULL;
	spec.pool = "p"; /* alone: one of the snapshot's backend, and there it is cloned */
	OK(shr_share_create(w.s, &spec, &op, &e));
	ck_assert_str_eq(op->kind, "share_create");
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM instance WHERE share_id='%s' AND backend='a'", op->object_id), 1);
	copies_must(&w, op);
	teardown();
}
END_TEST

START_TEST(what_is_refused)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *why = NULL;
	const struct shr_op *op = NULL;

	setup();
	spec.snapshot = snapshot;
	spec.backend = "b";
	spec.flags = SHR_SHARE_READONLY;
	ck_assert_int_eq(shr_share_create(w.s, &spec, &op, &why), SHR_EINVAL);
	ck_assert_int_eq(why->faults[0]->code, SHR_EUNSUPPORTED);
	ck_assert_str_eq(why->faults[0]->where, "flags");
	ck_assert(strstr(why->faults[0]->message, "in pool a/p"));
	shr_error_unref(why);
	spec.flags = 0;
	spec.bytes = (1 << 30) - 1;
	REFUSED(SHR_EINVAL, shr_share_create(w.s, &spec, &op, &e));
	spec.bytes = 0;
	spec.backend = "n"; /* it has no fencing */
	REFUSED(SHR_EUNSUPPORTED, shr_share_create(w.s, &spec, &op, &e));
	spec.backend = "elsewhere";
	REFUSED(SHR_EINVAL, shr_share_create(w.s, &spec, &op, &e));
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share"), 1);
	teardown();
}
END_TEST

START_TEST(a_copy_that_fails_leaves_nothing_and_says_why)
{
	char said[400], id[40];
	const struct shr_op *op;
	int rc;

	setup();
	mover.fail = ENOSPC;
	op = begin_copy("b", NULL);
	snprintf(id, sizeof id, "%s", op->object_id);
	rc = copies_finish(&w, op, said);
	ck_assert_int_eq(rc, SHR_ENOSPC);
	ck_assert_msg(strstr(said, "to b/p: dir/file?: ") && strstr(said, "give the new share more bytes"), "%s", said);
	copies_run("[ -z \"$(ls %s/b/p)\" ]", root);
	drop(id);
	teardown();
}
END_TEST

static void until(const _Atomic int *what, int least)
{
	for (int i = 0; *what < least && i < 10000; i++)
		whole_sleep_ms(2);
	ck_assert_int_ge(*what, least);
}

START_TEST(a_copy_is_cancelled_or_deleted_half_way)
{
	const struct shr_op *op, *more = NULL, *now = NULL;
	char said[400], id[40];

	setup();
	mover.slow = 10;
	op = begin_copy("b", NULL);
	until(&mover.calls, 3);
	OK(shr_op_get(w.s, op->id, &now, &e));
	ck_assert_str_eq(now->step, "copy");
	ck_assert_uint_gt(now->bytes_done, 0);
	ck_assert_uint_gt(now->bytes_total, 3 << 20);
	shr_op_unref(now);
	REFUSED(SHR_ESTATE, shr_snapshot_delete(w.s, snapshot, NULL, &more, &e)); /* it is being read */
	OK(shr_op_cancel(w.s, op->id, &e));
	ck_assert_int_eq(copies_finish(&w, op, said), SHR_ECANCELLED);
	copies_run("[ -z \"$(ls %s/b/p)\" ]", root);
	mover.calls = 0;
	op = begin_copy("b", NULL);
	snprintf(id, sizeof id, "%s", op->object_id);
	shr_op_unref(op);
	until(&mover.calls, 2);
	drop(id);
	copies_run("[ -z \"$(ls %s/b/p)\" ]", root);
	mover.slow = 0;
	drop_snapshot();
	teardown();
}
END_TEST

START_TEST(a_copy_goes_on_after_its_engine_has_gone)
{
	const struct shr_op *op;
	char id[40], op_id[40];

	setup();
	mover.slow = 10;
	op = begin_copy("b", NULL);
	snprintf(id, sizeof id, "%s", op->object_id);
	snprintf(op_id, sizeof op_id, "%s", op->id);
	shr_op_unref(op);
	until(&mover.calls, 3);
	whole_close(&w);
	ck_assert_int_eq(mover.begun, 1);
	open_all(NULL);
	until(&mover.calls, mover.calls + 2);
	mover.slow = 0;
	OK(shr_op_wait(w.s, op_id, -1, NULL, &e));
	ck_assert_int_eq(mover.begun, 1); /* what was copied was kept */
	copies_same(&w, share, id);
	teardown();
}
END_TEST

START_TEST(two_copies_of_one_snapshot_take_turns)
{
	const struct shr_op *ops[4];
	char ids[4][40];

	setup();
	mover.slow = 5;
	for (int i = 0; i < 4; i++) {
		ops[i] = begin_copy(i % 2 ? "b" : "a", i % 2 ? NULL : "q");
		snprintf(ids[i], sizeof ids[i], "%s", ops[i]->object_id);
	}
	until(&mover.calls, 20);
	mover.slow = 0;
	for (int i = 0; i < 4; i++) {
		copies_must(&w, ops[i]);
		copies_same(&w, share, ids[i]);
	}
	ck_assert_int_eq(mover.most, 1);
	ck_assert_int_eq(mover.begun, 4);
	teardown();
}
END_TEST

START_TEST(one_engine_needs_both_backends)
{
	const struct shr_op *op;
	char said[400], id[40];

	setup();
	whole_close(&w);
	open_all("b");
	op = begin_copy("b", NULL);
	snprintf(id, sizeof id, "%s", op->object_id);
	ck_assert_int_eq(copies_finish(&w, op, said), SHR_EAGAIN);
	ck_assert_msg(strstr(said, "backend a, where snapshot"), "%s", said);
	ck_assert_int_eq(mover.calls, 0);
	drop(id);
	copies_run("[ -z \"$(ls %s/b/p)\" ]", root);
	whole_close(&w);
	open_all(NULL);
	teardown();
}
END_TEST

UNIT_MAIN(whole_copy, a_copy_has_all_and_owes_its_snapshot_nothing, where_a_copy_lies, what_is_refused,
	a_copy_that_fails_leaves_nothing_and_says_why, a_copy_is_cancelled_or_deleted_half_way, a_copy_goes_on_after_its_engine_has_gone,
	two_copies_of_one_snapshot_take_turns, one_engine_needs_both_backends)

/* tests/whole/copy_nomem.c - each allocation of a copy fails once: it is there, or nothing of it is */
#include "copies.h"

#include "fault/fault.h"
#include "mover/mover.h"

static struct whole w;
static char root[220], config[900];

static int tiny_slices(void *data, struct shr__move *m)
{
	m->slice_ns = 1;
	return shr__move(m);
}

static const struct shr_op *begin(const char *pool, const char *snapshot)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.bytes = snapshot ? 0 : 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.pool = pool;
	spec.snapshot = snapshot;
	OK(shr_share_create(w.s, &spec, &op, &e));
	return op;
}

START_TEST(every_allocation_of_a_copy_fails_once)
{
	long live = shr__fault_live(), n = 0;
	char share[40], snapshot[40], dir[300];
	const struct shr_op *op = NULL;
	int fired;

	shr__fault_at(-1);
	whole_dir(&w);
	snprintf(root, sizeof root, "%s-files", w.dir);
	copies_run("mkdir -m 700 %s", root);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nbackends:\n"
		"- {name: a, driver: dir, exporter: none, protocols: nfs, settings: {root: %s}, pools:\n"
		"  [{name: p, capacity: 1TiB}, {name: q, capacity: 1TiB}]}\nengine: {retry: {first: 1ms, most: 2ms}}\n", TEST_BACKENDS, root);
	whole_open(&w, &(struct whole_how){ .config = config, .own_clock = 1, .move = tiny_slices });
	w.mono_ns = 1000000000;
	op = begin("p", NULL);
	snprintf(share, sizeof share, "%s", op->object_id);
	whole_end(&w, op->id, NULL);
	shr_op_unref(op);
	copies_path(&w, share, dir, sizeof dir);
	copies_tree(dir);
	OK(shr_snapshot_create(w.s, share, NULL, &op, &e));
	snprintf(snapshot, sizeof snapshot, "%s", op->object_id);
	ck_assert_int_eq(whole_end(&w, op->id, NULL), 0);
	shr_op_unref(op);
	do {
		const struct shr_op *ended = NULL, *gone = NULL;
		int rc;

		op = begin("q", snapshot);
		shr__fault_at(++n);
		for (int i = 0; i < 200 && shr_op_wait(w.host, op->id, 0, NULL, NULL) == SHR_RUNNING; i++)
			whole_step(&w, 25);
		fired = shr__fault_fired();
		shr__fault_at(-1);
		rc = whole_end(&w, op->id, &ended);
		if (rc == 0)
			copies_same(&w, share, op->object_id);
		else
			ck_assert_msg(rc == SHR_ENOMEM, "%ld: %s: %s", n, shr_strcode(rc), ended->error ? ended->error->message : "");
		shr_op_unref(ended);
		OK(shr_share_delete(w.s, op->object_id, NULL, &gone, &e));
		ck_assert_int_eq(whole_end(&w, gone->id, NULL), 0);
		shr_op_unref(gone);
		shr_op_unref(op);
		copies_run("[ -z \"$(ls %s/q)\" ]", root);
	} while (fired);
	printf("a copy: %ld allocations\n", n - 1);
	whole_rest(&w);
	whole_holds(&w, 0);
	whole_close(&w);
	whole_remove(&w);
	copies_run("chmod -R u+rwX %s; rm -rf %s", root, root);
	ck_assert_int_eq(shr__fault_live(), live);
}
END_TEST

UNIT_MAIN(copy_nomem, every_allocation_of_a_copy_fails_once)

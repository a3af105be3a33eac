/* tests/real/ganesha_snapshots.c - snapshots behind NFS-Ganesha: read, never written, gone back to, and shares made from them */
#include <stdio.h>
#include <string.h>
#include "ganesha_library.h"

/* As a client names it. */
static void find_snapshot(struct xkit *kit, const struct library *l, const char *id, struct shared *s)
{
	const struct shr_error *error = NULL;
	const struct shr_snapshot *snapshot = NULL;

	memset(s, 0, sizeof *s);
	must(kit, shr_snapshot_get(l->session, id, &snapshot, &error), &error, "get the snapshot");
	if (snapshot->n_exports != 2 || !(snapshot->exports[0]->flags & SHR_EXPORT_READONLY))
		xkit_fail(kit, "%u locations of the snapshot", snapshot->n_exports);
	snprintf(s->export, sizeof s->export, "%s", snapshot->exports[0]->path + 10);
	shr_snapshot_unref(snapshot);
}

/* A client of SOURCE mounts it, finds what was there when it was cut, and cannot write. */
static void only_read(struct xkit *kit, const struct shared *s, const char *source)
{
	struct nfs_client c;

	must_mount(kit, &c, s, source, "127.0.0.1");
	must_answer(kit, &c, 1, "one", "get first");
	must_answer(kit, &c, 0, NULL, "get second");
	must_answer(kit, &c, 0, NULL, "put new spoilt");
	must_answer(kit, &c, 1, "one", "get first");
	nfs_client_end(&c);
}

static void revert(struct xkit *kit, const struct library *l, const char *share, const char *snapshot)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	must(kit, shr_share_revert(l->session, share, snapshot, NULL, &op, &error), &error, "revert");
	wait_op(kit, l, op, "revert");
	shr_op_unref(op);
}

/* A read-only share of the snapshot, rw for 127.0.0.2 by its rule. */
static const struct shr_op *show(struct xkit *kit, const struct library *l, const char *snapshot)
{
	const struct shr_access_change rule = { SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, "127.0.0.2", NULL, NULL };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.name = "shown";
	spec.snapshot = snapshot;
	spec.flags = SHR_SHARE_READONLY;
	spec.rules = &rule;
	spec.rule_size = sizeof rule;
	spec.n_rules = 1;
	must(kit, shr_share_create(l->session, &spec, &op, &error), &error, "read-only share");
	wait_op(kit, l, op, "read-only share");
	return op;
}

static void live(struct xkit *kit)
{
	const struct shr_op *op, *one, *two, *shown;
	struct nfs_client c, again;
	struct shared s, snap;
	struct library l;

	lib_open(kit, &l);
	op = lib_create(kit, &l, "lives");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put first one");
	one = cut(kit, &l, op->object_id, SHR_SNAPSHOT_ACCESS_SHARE);
	wait_op(kit, &l, one, "snapshot");
	must_answer(kit, &c, 1, NULL, "put second two");
	two = cut(kit, &l, op->object_id, SHR_SNAPSHOT_ACCESS_NONE);
	wait_op(kit, &l, two, "snapshot");
	must_answer(kit, &c, 1, NULL, "put third three");
	find_snapshot(kit, &l, one->object_id, &snap);
	only_read(kit, &snap, "127.0.0.2"); /* the rule says rw */
	must_not_mount(kit, &snap, "127.0.1.1", "127.0.0.1");
	revert(kit, &l, op->object_id, one->object_id);
	nfs_client_end(&c); /* its handles are stale: it mounts again */
	must_mount(kit, &again, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &again, 1, "one", "get first");
	must_answer(kit, &again, 0, NULL, "get second");
	must_answer(kit, &again, 1, NULL, "put fourth four");
	only_read(kit, &snap, "127.0.0.3");
	nfs_client_end(&again);
	revert(kit, &l, op->object_id, two->object_id); /* the newer one is there still */
	must_mount(kit, &again, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &again, 1, "two", "get second");
	must_answer(kit, &again, 0, NULL, "get third");
	must_answer(kit, &again, 0, NULL, "get fourth");
	nfs_client_end(&again);
	shown = show(kit, &l, one->object_id);
	lib_find(kit, &l, shown->object_id, &s);
	only_read(kit, &s, "127.0.0.2");
	drop(kit, &l, shown->object_id);
	drop_snapshot(kit, &l, one->object_id);
	drop_snapshot(kit, &l, two->object_id);
	drop(kit, &l, op->object_id);
	shr_op_unref(shown);
	shr_op_unref(one);
	shr_op_unref(two);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static void on_dir(struct xkit *kit)
{
	xkit_close(kit);
	live(kit);
}

static void on_btrfs(struct xkit *kit)
{
	xkit_close(kit);
	begin_btrfs(kit);
	live(kit);
	end_btrfs(kit);
}

const struct xkit_check ganesha_snapshots_checks[] = {
	{ "snapshots: cut, read, gone back to and shown, on dir", on_dir },
	{ "snapshots: cut, read, gone back to and shown, on btrfs", on_btrfs },
	{ NULL, NULL },
};

/* tests/conformance/driver_kit_snap.c - snapshots: cut, looked at, put back, made into shares, gone; each call made twice */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "driver_kit.h"

static void need(struct kit *kit, uint64_t caps)
{
	if ((kit->caps & caps) != caps)
		kit_skip(kit, "the pool does not declare it");
}

static void call_twice(struct kit *kit, enum shr__verb verb, struct kit_share *share, struct kit_share *of, struct kit_share *snap)
{
	struct kit_call call = { .verb = verb, .share = share, .of = of, .snap = snap };

	kit_must_make(kit, &call, 0);
	kit_must_make(kit, &call, 0);
}

static void snap_must(struct kit *kit, enum shr__verb verb, struct kit_share *snap, struct kit_share *of, int code)
{
	struct kit_call call = { .verb = verb, .share = snap, .of = of };

	kit_must_make(kit, &call, code);
}

static void snap_init(struct kit *kit, struct kit_share *snap, const struct kit_share *of)
{
	kit_share_init(kit, snap, of->bytes);
	snap->flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
}

static void cut(struct kit *kit, struct kit_share *snap, struct kit_share *of)
{
	snap_init(kit, snap, of);
	call_twice(kit, SHR__VERB_SNAP_CREATE, snap, of, NULL);
}

static void uncut(struct kit *kit, struct kit_share *snap, struct kit_share *of)
{
	call_twice(kit, SHR__VERB_SNAP_REMOVE, snap, of, NULL);
}

/* A share with files in it, as far as it has any. */
static void begin(struct kit *kit, struct kit_share *share)
{
	kit_share_init(kit, share, 16 * KIT_MIB);
	kit_must(kit, SHR__VERB_CREATE, share, 0, 0);
	kit_make_tree(share);
}

static void snapshot_is_cut_once(struct kit *kit)
{
	struct kit_share share, snap;
	struct kit_call call = { .verb = SHR__VERB_SNAP_CREATE, .share = &snap, .of = &share };
	uint64_t first;

	need(kit, SHR_CAP_SNAPSHOT);
	begin(kit, &share);
	snap_init(kit, &snap, &share);
	kit_must_make(kit, &call, 0);
	first = snap.told_cut;
	if (first == 0)
		kit_fail(kit, "it did not tell when it was cut");
	if (kit->caps & SHR_CAP_SNAPSHOT_MOUNT && !snap.path[0] && snap.n_exports == 0)
		kit_fail(kit, "it declares that snapshots are exported, but told no place");
	if (kit_has_files(&share))
		kit_write_file(&share, "one", 20000);
	kit_must_make(kit, &call, 0);
	if (snap.told_cut != first)
		kit_fail(kit, "the second time it told another moment");
	if (kit_has_files(&share) && snap.path[0] && !kit_file_is(&snap, "one", 10000))
		kit_fail(kit, "it was cut again, or changed with its share");
	if (kit->driver->snapshot->look)
		snap_must(kit, SHR__VERB_SNAP_LOOK, &snap, &share, 0);
	if (!kit->args.no_kill) {
		kit_reopen(kit);
		kit_must_make(kit, &call, 0);
		if (snap.told_cut != first)
			kit_fail(kit, "after it was opened again it told another moment");
	}
	uncut(kit, &snap, &share);
	if (kit->driver->snapshot->look)
		snap_must(kit, SHR__VERB_SNAP_LOOK, &snap, &share, SHR_ENOTFOUND);
	kit_remove(kit, &share);
}

static void removal_of_a_snapshot_that_is_not_there(struct kit *kit)
{
	struct kit_share share, snap;

	need(kit, SHR_CAP_SNAPSHOT);
	begin(kit, &share);
	snap_init(kit, &snap, &share);
	uncut(kit, &snap, &share); /* it never was */
	cut(kit, &snap, &share);
	snap.ref[0] = '\0'; /* its create died before it was kept */
	uncut(kit, &snap, &share);
	cut(kit, &snap, &share);
	uncut(kit, &snap, &share);
	kit_remove(kit, &share);
	uncut(kit, &snap, &share); /* with its share */
	snap_init(kit, &snap, &share);
	snap_must(kit, SHR__VERB_SNAP_CREATE, &snap, &share, SHR_ENOTFOUND);
}

static void revert_keeps_all_snapshots(struct kit *kit)
{
	struct kit_share share, older, middle, newer;
	int files;

	need(kit, SHR_CAP_SNAPSHOT_REVERT);
	begin(kit, &share);
	files = kit_has_files(&share);
	cut(kit, &older, &share);
	if (files)
		kit_write_file(&share, "one", 20000);
	cut(kit, &middle, &share);
	if (files)
		kit_write_file(&share, "one", 30000);
	cut(kit, &newer, &share);
	if (files)
		kit_write_file(&share, "one", 40000);
	call_twice(kit, SHR__VERB_REVERT, &share, NULL, &middle);
	if (files && !kit_file_is(&share, "one", 20000))
		kit_fail(kit, "the share has not the contents of the snapshot");
	call_twice(kit, SHR__VERB_REVERT, &share, NULL, &newer);
	if (files && !kit_file_is(&share, "one", 30000))
		kit_fail(kit, "a newer snapshot was lost, or changed");
	call_twice(kit, SHR__VERB_REVERT, &share, NULL, &older);
	if (files && (!kit_file_is(&share, "one", 10000) || !kit_file_is(&share, "sub/deeper/two", 100)))
		kit_fail(kit, "an older snapshot was lost, or changed");
	if (files && kit->caps & SHR_CAP_SIZE_ENFORCED && kit_write_file(&share, "big", 32 * KIT_MIB) == 0)
		kit_fail(kit, "the size is not enforced any more");
	uncut(kit, &older, &share);
	uncut(kit, &middle, &share);
	uncut(kit, &newer, &share);
	kit_remove(kit, &share);
}

static void clone_is_a_share(struct kit *kit)
{
	struct kit_share share, snap, clone;

	need(kit, SHR_CAP_SNAPSHOT_CLONE);
	begin(kit, &share);
	cut(kit, &snap, &share);
	if (kit_has_files(&share))
		kit_write_file(&share, "one", 20000);
	kit_share_init(kit, &clone, share.bytes);
	call_twice(kit, SHR__VERB_CLONE, &clone, &share, &snap);
	if (kit_has_files(&clone)) {
		if (!kit_file_is(&clone, "one", 10000) || !kit_file_is(&clone, "sub/deeper/two", 100))
			kit_fail(kit, "it has not the contents of the snapshot");
		if (kit_write_file(&clone, "mine", 5000) != 0)
			kit_fail(kit, "it cannot be written");
	}
	if (kit->caps & SHR_CAP_CLONE_INDEPENDENT)
		uncut(kit, &snap, &share);
	kit_must(kit, SHR__VERB_LOOK, &clone, 0, 0);
	if (kit->caps & SHR_CAP_EXTEND)
		kit_must(kit, SHR__VERB_RESIZE, &clone, 2 * clone.bytes, 0);
	kit_remove(kit, &clone);
	uncut(kit, &snap, &share);
	kit_remove(kit, &share);
}

static void read_only_clone_leaves_its_snapshot(struct kit *kit)
{
	struct kit_share share, snap, clone;

	need(kit, SHR_CAP_SNAPSHOT_CLONE);
	begin(kit, &share);
	cut(kit, &snap, &share);
	kit_share_init(kit, &clone, share.bytes);
	clone.flags = SHR_INSTANCE_READONLY;
	call_twice(kit, SHR__VERB_CLONE, &clone, &share, &snap);
	if (kit_has_files(&share) && !kit_file_is(&clone, "one", 10000))
		kit_fail(kit, "it has not the contents of the snapshot");
	kit_remove(kit, &clone);
	if (kit_has_files(&share) && snap.path[0] && !kit_file_is(&snap, "one", 10000))
		kit_fail(kit, "the snapshot went with it");
	if (kit->driver->snapshot->look)
		snap_must(kit, SHR__VERB_SNAP_LOOK, &snap, &share, 0);
	uncut(kit, &snap, &share);
	kit_remove(kit, &share);
}

static void what_is_not_there_is_not_found(struct kit *kit)
{
	struct kit_share share, snap, clone;
	struct kit_call call = { .verb = SHR__VERB_REVERT, .share = &share, .snap = &snap };

	need(kit, SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_CLONE);
	begin(kit, &share);
	snap_init(kit, &snap, &share);
	kit_must_make(kit, &call, SHR_ENOTFOUND);
	kit_share_init(kit, &clone, share.bytes);
	call = (struct kit_call){ .verb = SHR__VERB_CLONE, .share = &clone, .of = &share, .snap = &snap };
	kit_must_make(kit, &call, SHR_ENOTFOUND);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 10000))
		kit_fail(kit, "the share has changed");
	kit_remove(kit, &clone);
	kit_remove(kit, &share);
}

const struct kit_check kit_snap_checks[] = {
	{ "snapshot: cut twice is once", snapshot_is_cut_once },
	{ "snapshot: removed, there or not", removal_of_a_snapshot_that_is_not_there },
	{ "revert: to any snapshot, and all stay", revert_keeps_all_snapshots },
	{ "clone: a share with what is in the snapshot", clone_is_a_share },
	{ "clone: read-only, and the snapshot stays", read_only_clone_leaves_its_snapshot },
	{ "revert and clone: of what is not there", what_is_not_there_is_not_found },
	{ NULL, NULL },
};

/* tools/driver_check/snaps.c - snapshots: cut once, put back without losing one, cloned, and gone without a trace */
#include <stdio.h>
#include <string.h>
#include "kit.h"

void kit_snap_init(struct kit *kit, struct kit_share *snap, const struct kit_share *of)
{
	kit_share_init(kit, snap, of->bytes);
	memcpy(snap->share_id, of->share_id, sizeof snap->share_id);
	snap->flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
}

void kit_must_snap(struct kit *kit, enum shr__verb verb, struct kit_share *of, struct kit_share *snap)
{
	struct kit_call call = { .verb = verb, .share = snap, .of = of };

	kit_must_make(kit, &call, 0);
}

void kit_cut(struct kit *kit, struct kit_share *of, struct kit_share *snap)
{
	kit_snap_init(kit, snap, of);
	kit_must_snap(kit, SHR__VERB_SNAP_CREATE, of, snap);
	if (!snap->cut)
		kit_fail(kit, "it does not tell when the snapshot was cut (SHR_NUMBER_CUT)");
}

void kit_uncut(struct kit *kit, struct kit_share *of, struct kit_share *snap)
{
	kit_must_snap(kit, SHR__VERB_SNAP_REMOVE, of, snap);
}

/* OF is not exported meanwhile: that is what the library does. */
static void revert(struct kit *kit, struct kit_share *of, struct kit_share *snap)
{
	struct kit_call call = { .verb = SHR__VERB_REVERT, .share = of, .snap = snap };

	kit_must(kit, SHR__VERB_UNEXPORT, of, 0, 0);
	kit_must_make(kit, &call, 0);
	kit_must_make(kit, &call, 0);
	kit_must(kit, SHR__VERB_EXPORT, of, 0, 0);
}

void kit_must_see(struct kit *kit, struct kit_share *of, struct kit_share *snap, int code, const char *when)
{
	struct kit_call look = { .verb = SHR__VERB_SNAP_LOOK, .share = snap, .of = of };
	int got;

	if (!kit->driver->snapshot->look)
		return;
	got = kit_make(kit, &look);
	if (got != code)
		kit_fail(kit, "%s, a look at the snapshot says %s: %s", when, shr_strcode(got), look.message);
}

static void must_hold(struct kit *kit, const struct kit_share *share, uint64_t bytes, const char *what)
{
	if (kit_has_files(share) && !kit_file_is(share, "one", bytes))
		kit_fail(kit, "%s has not the file of %llu bytes that was in it", what, (unsigned long long)bytes);
}

void kit_snap_must_hold(struct kit *kit, const struct kit_share *of, const struct kit_share *snap, uint64_t bytes,
	const char *what)
{
	if (kit_has_files(of) && snap->path[0] && !kit_file_is(snap, "one", bytes))
		kit_fail(kit, "%s has not the file of %llu bytes that was in it", what, (unsigned long long)bytes);
}

static void snapshot_is_cut_once(struct kit *kit)
{
	struct kit_share share, snap;
	struct kit_call create = { .verb = SHR__VERB_SNAP_CREATE, .share = &snap, .of = &share };
	uint64_t cut;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_snap_init(kit, &snap, &share);
	kit_must_see(kit, &share, &snap, SHR_ENOTFOUND, "before it was made");
	kit_must_make(kit, &create, 0);
	cut = snap.cut;
	if (kit_has_files(&share) && kit_write_file(&share, "one", 20000))
		kit_fail(kit, "the share cannot be written once it has a snapshot");
	kit_must_make(kit, &create, 0);
	if (snap.cut != cut)
		kit_fail(kit, "made again, it was cut again: at %llu, then at %llu", (unsigned long long)cut,
			(unsigned long long)snap.cut);
	kit_must_see(kit, &share, &snap, 0, "when it was made twice");
	kit_snap_must_hold(kit, &share, &snap, 10000, "the snapshot");
	must_hold(kit, &share, 20000, "the share");
	kit_uncut(kit, &share, &snap);
	kit_remove(kit, &share);
}

static void snapshot_goes(struct kit *kit)
{
	struct kit_share share, snap, other, never;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_snap_init(kit, &never, &share);
	kit_uncut(kit, &share, &never);
	kit_cut(kit, &share, &snap);
	kit_cut(kit, &share, &other);
	snap.ref[0] = '\0';
	kit_uncut(kit, &share, &snap);
	kit_uncut(kit, &share, &snap);
	kit_must_see(kit, &share, &snap, SHR_ENOTFOUND, "when it was removed");
	kit_must_see(kit, &share, &other, 0, "when another was removed");
	must_hold(kit, &share, 10000, "the share");
	if (kit_has_files(&snap))
		kit_fail(kit, "%s is still there", snap.path);
	kit_uncut(kit, &share, &other);
	kit_remove(kit, &share);
	kit_uncut(kit, &share, &other); /* late, and its share is gone */
}

static void any_of_three_comes_back(struct kit *kit)
{
	static const int order[] = { 1, 2, 0, 2 };
	struct kit_share share, snaps[3];
	size_t i;
	int k;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	for (k = 0; k < 3; k++) {
		if (kit_has_files(&share))
			kit_write_file(&share, "one", (uint64_t)(k + 1) * 1000);
		kit_cut(kit, &share, &snaps[k]);
	}
	for (i = 0; i < sizeof order / sizeof *order; i++) {
		revert(kit, &share, &snaps[order[i]]);
		must_hold(kit, &share, (uint64_t)(order[i] + 1) * 1000, "the share that was put back");
		for (k = 0; k < 3; k++)
			kit_must_see(kit, &share, &snaps[k], 0, "when the share was put back to one of three");
		if (kit_has_files(&share) && kit_write_file(&share, "one", 9000))
			kit_fail(kit, "the share cannot be written once it was put back");
	}
	for (k = 0; k < 3; k++)
		kit_uncut(kit, &share, &snaps[k]);
	kit_remove(kit, &share);
}

static void make_clone(struct kit *kit, struct kit_share *of, struct kit_share *snap, struct kit_share *to, uint32_t flags)
{
	struct kit_call call = { .verb = SHR__VERB_CLONE, .share = to, .of = of, .snap = snap };

	kit_share_init(kit, to, of->bytes);
	to->flags = flags;
	kit_must_make(kit, &call, 0);
	kit_must_make(kit, &call, 0);
	kit_must(kit, SHR__VERB_EXPORT, to, 0, 0);
}

static void clone_is_its_own(struct kit *kit)
{
	struct kit_share share, snap, to, fixed;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_cut(kit, &share, &snap);
	if (kit_has_files(&share))
		kit_write_file(&share, "one", 20000);
	make_clone(kit, &share, &snap, &to, 0);
	must_hold(kit, &to, 10000, "the clone");
	if (kit_has_files(&share) && (!kit_has_files(&to) || kit_write_file(&to, "one", 30000)))
		kit_fail(kit, "the clone cannot be written");
	make_clone(kit, &share, &snap, &fixed, SHR_INSTANCE_READONLY);
	must_hold(kit, &fixed, 10000, "the read-only clone");
	must_hold(kit, &share, 20000, "the share");
	kit_remove(kit, &to);
	kit_remove(kit, &fixed);
	kit_must_see(kit, &share, &snap, 0, "when its clones were removed");
	kit_uncut(kit, &share, &snap);
	kit_remove(kit, &share);
}

static void clone_outlives_its_snapshot(struct kit *kit)
{
	struct kit_share share, snap, to;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_cut(kit, &share, &snap);
	make_clone(kit, &share, &snap, &to, 0);
	kit_uncut(kit, &share, &snap);
	kit_remove(kit, &share);
	must_hold(kit, &to, 10000, "the clone, whose snapshot is gone,");
	if (kit->driver->look)
		kit_must(kit, SHR__VERB_LOOK, &to, 0, 0);
	kit_remove(kit, &to);
}

static void snapshot_can_be_exported(struct kit *kit)
{
	struct kit_share share, snap;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_cut(kit, &share, &snap);
	kit_must(kit, SHR__VERB_EXPORT, &snap, 0, 0);
	kit_must(kit, SHR__VERB_EXPORT, &snap, 0, 0);
	if (snap.n_exports == 0)
		kit_fail(kit, "no export location was told");
	if (snap.path[0] && strcmp(snap.path, share.path) == 0)
		kit_fail(kit, "the snapshot lies where the share lies: %s", snap.path);
	kit_snap_must_hold(kit, &share, &snap, 10000, "the snapshot that is exported");
	kit_must(kit, SHR__VERB_UNEXPORT, &snap, 0, 0);
	kit_must(kit, SHR__VERB_UNEXPORT, &snap, 0, 0);
	kit_uncut(kit, &share, &snap);
	kit_remove(kit, &share);
}

const struct kit_row kit_snap_rows[] = {
	{ "snapshot: twice is once, and what it has stays", snapshot_is_cut_once, KIT_CAPABILITY, SHR_CAP_SNAPSHOT },
	{ "snapshot: it goes, also late and without the ref", snapshot_goes, KIT_CAPABILITY, SHR_CAP_SNAPSHOT },
	{ "revert: to any of three, and all of them stay", any_of_three_comes_back, KIT_CAPABILITY, SHR_CAP_SNAPSHOT_REVERT },
	{ "clone: it has what the snapshot has, and is its own", clone_is_its_own, KIT_CAPABILITY, SHR_CAP_SNAPSHOT_CLONE },
	{ "clone: it outlives its snapshot and its share", clone_outlives_its_snapshot, KIT_CAPABILITY, SHR_CAP_CLONE_INDEPENDENT },
	{ "snapshot: it can be exported", snapshot_can_be_exported, KIT_CAPABILITY, SHR_CAP_SNAPSHOT_MOUNT },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

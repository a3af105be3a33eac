/* tools/driver_check/killed.c - what is killed half-way: each call, with what must be there before it and go behind it */
#include <stdio.h>
#include <string.h>
#include "kit.h"

static void made(struct kit *kit, struct kit_share *share)
{
	kit_must(kit, SHR__VERB_CREATE, share, 0, 0);
	kit_must(kit, SHR__VERB_EXPORT, share, 0, 0);
	kit_make_tree(share);
}

static void found(struct kit *kit, struct kit_share *share)
{
	share->source = kit->args.source;
	share->bytes = 0;
}

static void managed(struct kit *kit, struct kit_share *share)
{
	found(kit, share);
	kit_must(kit, SHR__VERB_MANAGE, share, 0, 0);
	share->bytes = share->told_bytes;
}

static void create_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "create", .verb = SHR__VERB_CREATE, .undo = SHR__VERB_REMOVE };

	kit_play(kit, &scene);
}

static void remove_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "remove", .before = made, .verb = SHR__VERB_REMOVE, .undo = -1 };

	kit_play(kit, &scene);
}

static void extend_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "extend", .before = made, .verb = SHR__VERB_RESIZE, .bytes = 32 * KIT_MIB,
		.undo = SHR__VERB_REMOVE };

	kit_play(kit, &scene);
}

static void shrink_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "shrink", .before = made, .verb = SHR__VERB_RESIZE, .bytes = 8 * KIT_MIB,
		.undo = -1 };

	kit_play(kit, &scene);
}

static void access_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "access", .before = made, .verb = SHR__VERB_ACCESS, .undo = SHR__VERB_REMOVE };

	kit_ten_rules(kit, &(struct kit_call){ .verb = SHR__VERB_ACCESS });
	kit_play(kit, &scene);
}

static void manage_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "manage", .before = found, .verb = SHR__VERB_MANAGE,
		.undo = SHR__VERB_UNMANAGE };

	if (!kit->args.source)
		kit_skip(kit, "no source was given with --manage");
	kit_play(kit, &scene);
}

static void unmanage_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "unmanage", .before = managed, .verb = SHR__VERB_UNMANAGE, .undo = -1 };

	if (!kit->args.source)
		kit_skip(kit, "no source was given with --manage");
	kit_play(kit, &scene);
}

/* ---- scenes with snapshots: the share lies aside at [0], its snapshot at [1] ---- */

static void to_be_cut(struct kit *kit, struct kit_share *snap)
{
	kit_create(kit, &kit->aside[0], 16 * KIT_MIB);
	kit_make_tree(&kit->aside[0]);
	memcpy(snap->share_id, kit->aside[0].share_id, sizeof snap->share_id);
	snap->flags = SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY;
}

static void cut(struct kit *kit, struct kit_share *snap)
{
	to_be_cut(kit, snap);
	kit_cut(kit, &kit->aside[0], snap);
}

static void end_cut(struct kit *kit, struct kit_share *snap)
{
	kit_uncut(kit, &kit->aside[0], snap);
	if (kit_has_files(&kit->aside[0]) && !kit_file_is(&kit->aside[0], "one", 10000))
		kit_fail(kit, "the share lost a file");
	kit_remove(kit, &kit->aside[0]);
}

/* A file of 10000 bytes when it is cut, of 20000 before it is put back. */
static void written_since(struct kit *kit, struct kit_share *share)
{
	made(kit, share);
	kit_cut(kit, share, &kit->aside[1]);
	if (kit_has_files(share))
		kit_write_file(share, "one", 20000);
	kit_must(kit, SHR__VERB_UNEXPORT, share, 0, 0);
}

static void before_or_after(struct kit *kit, struct kit_share *share)
{
	int had_files = share->path[0] && kit_file_is(&kit->aside[1], "one", 10000);

	if (had_files && !kit_file_is(share, "one", 10000) && !kit_file_is(share, "one", 20000))
		kit_fail(kit, "the share is neither as before nor as after");
}

static void end_reverted(struct kit *kit, struct kit_share *share)
{
	if (kit_has_files(share) && !kit_file_is(share, "one", 10000))
		kit_fail(kit, "the share is not as the snapshot is");
	kit_uncut(kit, share, &kit->aside[1]);
	kit_remove(kit, share);
}

static void to_be_cloned(struct kit *kit, struct kit_share *to)
{
	(void)to;
	cut(kit, &kit->aside[1]);
}

static void end_cloned(struct kit *kit, struct kit_share *to)
{
	kit_remove(kit, to);
	if (kit_has_files(to))
		kit_fail(kit, "%s is still there", to->path);
	end_cut(kit, &kit->aside[1]);
}

/* The snapshot is aside at [1] first, and let go. */
static void let_go(struct kit *kit, struct kit_share *snap)
{
	cut(kit, &kit->aside[1]);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &kit->aside[0], &kit->aside[1]);
	kit_snap_init(kit, snap, &kit->aside[0]);
	kit_find_let_go(kit, &kit->aside[1], snap);
}

/* What is let go, whatever it was, is whole: it can be taken over, and removed. */
static void end_let_go(struct kit *kit, struct kit_share *snap)
{
	struct kit_share *of = &kit->aside[0], next;

	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, of, snap);
	kit_snap_init(kit, &next, of);
	kit_find_let_go(kit, snap, &next);
	kit_must_snap(kit, SHR__VERB_SNAP_MANAGE, of, &next);
	kit_snap_must_hold(kit, of, &next, 10000, "what was let go");
	end_cut(kit, &next);
}

static void cut_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "snapshot", .before = to_be_cut, .verb = SHR__VERB_SNAP_CREATE,
		.undo = SHR__VERB_SNAP_REMOVE, .of = 1, .after = end_cut };

	kit_play(kit, &scene);
}

static void uncut_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "delete of a snapshot", .before = cut, .verb = SHR__VERB_SNAP_REMOVE,
		.undo = -1, .of = 1, .after = end_cut };

	kit_play(kit, &scene);
}

static void revert_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "revert", .before = written_since, .verb = SHR__VERB_REVERT, .undo = -1,
		.snap = 1, .half = before_or_after, .after = end_reverted };

	kit_play(kit, &scene);
}

static void clone_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "clone", .before = to_be_cloned, .verb = SHR__VERB_CLONE,
		.undo = SHR__VERB_REMOVE, .of = 1, .snap = 1, .after = end_cloned };

	kit_play(kit, &scene);
}

static void snap_manage_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "manage of a snapshot", .before = let_go, .verb = SHR__VERB_SNAP_MANAGE,
		.undo = SHR__VERB_SNAP_UNMANAGE, .of = 1, .after = end_let_go };

	kit_needs_snapshots(kit);
	kit_play(kit, &scene);
}

static void snap_unmanage_killed(struct kit *kit)
{
	static const struct kit_scene scene = { .name = "unmanage of a snapshot", .before = cut, .verb = SHR__VERB_SNAP_UNMANAGE,
		.undo = -1, .of = 1, .after = end_let_go };

	kit_needs_snapshots(kit);
	kit_play(kit, &scene);
}

const struct kit_row kit_kill_rows[] = {
	{ "killed: create, then again or removed", create_killed, KIT_CONTRACT, 0 },
	{ "killed: delete, then again", remove_killed, KIT_CONTRACT, 0 },
	{ "killed: extend, then again or removed", extend_killed, KIT_CONTRACT, SHR_CAP_EXTEND },
	{ "killed: shrink, then again", shrink_killed, KIT_CONTRACT, SHR_CAP_SHRINK },
	{ "killed: access, then again or removed", access_killed, KIT_CONTRACT, 0 },
	{ "killed: snapshot, then again or removed", cut_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT },
	{ "killed: delete of a snapshot, then again", uncut_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT },
	{ "killed: revert, as before or after, then again", revert_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT_REVERT },
	{ "killed: clone, then again or removed", clone_killed, KIT_CONTRACT, SHR_CAP_SNAPSHOT_CLONE },
	{ "killed: manage, then again or let go", manage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ "killed: unmanage, then again", unmanage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ "killed: manage of a snapshot, then again or let go", snap_manage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ "killed: unmanage of a snapshot, then again", snap_unmanage_killed, KIT_CONTRACT, SHR_CAP_MANAGE },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

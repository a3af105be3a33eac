/* tools/driver_check/snapmanage.c - snapshots that are let go with all they have, and taken over again */
#include <stdio.h>
#include <string.h>
#include "kit.h"

void kit_needs_snapshots(struct kit *kit)
{
	if (!(kit->caps & SHR_CAP_SNAPSHOT))
		kit_skip(kit, "the pool has no snapshots");
}

/* 1: a name that has PART in it is in the pool's list, and in RET. */
static int is_listed(struct kit *kit, const char *part, char ret[256])
{
	struct kit_call call;
	char after[256] = "";
	uint32_t i;

	if (!kit->driver->list)
		return 0;
	do {
		memset(&call, 0, sizeof call);
		call.verb = SHR__VERB_LIST;
		call.after = after;
		call.max = KIT_LIST;
		kit_must_make(kit, &call, 0);
		for (i = 0; i < call.n_found; i++) {
			snprintf(after, sizeof after, "%s", call.found[i].name);
			if (!strstr(after, part))
				continue;
			memcpy(ret, after, sizeof after);
			return 1;
		}
	} while (call.n_found == KIT_LIST);
	return 0;
}

void kit_find_let_go(struct kit *kit, const struct kit_share *snap, struct kit_share *next)
{
	if (!is_listed(kit, snap->id, next->found))
		snprintf(next->found, sizeof next->found, "%s", *snap->source ? snap->source : snap->id);
	next->source = next->found;
}

/* SNAP is let go, and what it was is taken over as NEXT, which must be what SNAP was. */
static void hand_over(struct kit *kit, struct kit_share *of, struct kit_share *snap, struct kit_share *next)
{
	struct kit_call manage = { .verb = SHR__VERB_SNAP_MANAGE, .share = next, .of = of };
	uint64_t cut;
	int code;

	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, of, snap);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, of, snap);
	kit_must_see(kit, of, snap, SHR_ENOTFOUND, "when it was let go");
	kit_snap_init(kit, next, of);
	kit_must_see(kit, of, next, SHR_ENOTFOUND, "before it was taken over");
	kit_find_let_go(kit, snap, next);
	code = kit_make(kit, &manage);
	if (code)
		kit_fail(kit, "what was let go is not to be found: as \"%s\" it cannot be taken over: %s: %s", next->source,
			shr_strcode(code), manage.message);
	cut = next->cut;
	kit_must_make(kit, &manage, 0);
	if (!cut || next->cut != cut)
		kit_fail(kit, "it was cut at %llu, then at %llu (SHR_NUMBER_CUT)", (unsigned long long)cut, (unsigned long long)next->cut);
	kit_must_see(kit, of, next, 0, "when it was taken over twice");
	kit_snap_must_hold(kit, of, next, 10000, "the snapshot that was taken over");
}

/* It is NEXT's, and nobody else's. */
static void must_be_one_only(struct kit *kit, struct kit_share *of, struct kit_share *next)
{
	struct kit_share other;
	struct kit_call manage = { .verb = SHR__VERB_SNAP_MANAGE, .share = &other, .of = of };

	kit_snap_init(kit, &other, of);
	other.source = next->source;
	if (kit_make(kit, &manage) == 0)
		kit_fail(kit, "two snapshots are the same thing now: %s", next->source);
	kit_must_see(kit, of, &other, SHR_ENOTFOUND, "when it was refused");
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, of, &other);
	kit_must_see(kit, of, next, 0, "when another could not have what it is");
	kit_snap_must_hold(kit, of, next, 10000, "the snapshot that another could not have");
}

static void share_with_a_snapshot(struct kit *kit, struct kit_share *share, struct kit_share *snap)
{
	kit_needs_snapshots(kit);
	kit_create(kit, share, 8 * KIT_MIB);
	kit_make_tree(share);
	kit_cut(kit, share, snap);
	if (kit_has_files(share) && kit_write_file(share, "one", 20000))
		kit_fail(kit, "the share cannot be written once it has a snapshot");
}

static void must_be_gone(struct kit *kit, struct kit_share *of, struct kit_share *snap)
{
	char name[256];

	kit_uncut(kit, of, snap);
	kit_uncut(kit, of, snap);
	kit_must_see(kit, of, snap, SHR_ENOTFOUND, "when it was removed");
	if (kit_has_files(of) && snap->path[0] && kit_file_is(snap, "one", 10000))
		kit_fail(kit, "it was removed, and %s is still there", snap->path);
	if (is_listed(kit, snap->source, name))
		kit_fail(kit, "it was removed, and %s is in a list", name);
}

/* First one that was cut here, then one that was taken over. */
static void what_is_let_go_is_taken_over(struct kit *kit)
{
	struct kit_share share, snap, next, last;

	share_with_a_snapshot(kit, &share, &snap);
	hand_over(kit, &share, &snap, &next);
	must_be_one_only(kit, &share, &next);
	hand_over(kit, &share, &next, &last);
	must_be_gone(kit, &share, &last);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 20000))
		kit_fail(kit, "the share is not as it was");
	kit_remove(kit, &share);
}

static void nothing_is_let_go(struct kit *kit)
{
	struct kit_share share, snap, never;

	share_with_a_snapshot(kit, &share, &snap);
	kit_snap_init(kit, &never, &share);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &never);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &never);
	kit_must_see(kit, &share, &snap, 0, "when one that never was was let go");
	kit_uncut(kit, &share, &snap);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &snap);
	kit_remove(kit, &share);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &snap); /* late, and its share is gone */
}

static void late_removal_takes_nothing(struct kit *kit)
{
	struct kit_share share, snap, next;

	share_with_a_snapshot(kit, &share, &snap);
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &snap);
	kit_uncut(kit, &share, &snap);
	hand_over(kit, &share, &snap, &next);
	must_be_gone(kit, &share, &next);
	kit_remove(kit, &share);
}

/* Nor is a good one taken over for a share that is not there. */
static void bad_sources_are_refused(struct kit *kit)
{
	struct kit_share share, snap, nobody, next;
	struct kit_call manage = { .verb = SHR__VERB_SNAP_MANAGE, .share = &next, .of = &nobody };

	share_with_a_snapshot(kit, &share, &snap);
	kit_must_refuse_sources(kit, SHR__VERB_SNAP_MANAGE, SHR__VERB_SNAP_UNMANAGE, &share);
	kit_must_see(kit, &share, &snap, 0, "when others were refused");
	kit_snap_must_hold(kit, &share, &snap, 10000, "the snapshot");
	kit_must_snap(kit, SHR__VERB_SNAP_UNMANAGE, &share, &snap);
	kit_share_init(kit, &nobody, 8 * KIT_MIB);
	kit_snap_init(kit, &next, &nobody);
	kit_find_let_go(kit, &snap, &next);
	if (kit_make(kit, &manage) == 0)
		kit_fail(kit, "it took over \"%s\" as a snapshot of a share that is not there", next.source);
	hand_over(kit, &share, &snap, &next);
	must_be_gone(kit, &share, &next);
	kit_remove(kit, &share);
}

const struct kit_row kit_snap_manage_rows[] = {
	{ "manage of a snapshot: twice is once, and all is kept", what_is_let_go_is_taken_over, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ "unmanage of a snapshot: what is not there is fine", nothing_is_let_go, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ "unmanage of a snapshot: a late removal takes nothing", late_removal_takes_nothing, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ "manage of a snapshot: bad sources are refused", bad_sources_are_refused, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

/* tools/driver_check/look.c - what is there is told as it is, page by page, and its files can be reached */
#include <stdio.h>
#include <string.h>
#include "kit.h"

#define SHARES 5 /* more than a page of the list */

static int look_at(struct kit *kit, struct kit_share *share, struct kit_call *call)
{
	memset(call, 0, sizeof *call);
	call->verb = SHR__VERB_LOOK;
	call->share = share;
	return kit_make(kit, call);
}

/* The path is what was told before, and where sizes are enforced it is this size. */
static void must_look(struct kit *kit, struct kit_share *share)
{
	struct kit_call call;
	char path[sizeof share->path];

	memcpy(path, share->path, sizeof path);
	share->path[0] = '\0';
	if (look_at(kit, share, &call) != 0)
		kit_fail(kit, "it is there, and a look says: %s", call.message);
	if (strcmp(path, share->path) != 0)
		kit_fail(kit, "its path is %s, and a look says %s", path, share->path);
	if (kit->caps & SHR_CAP_SIZE_ENFORCED && call.bytes_told != share->bytes)
		kit_fail(kit, "%llu bytes are to be enforced, and a look says %llu", (unsigned long long)share->bytes,
			(unsigned long long)call.bytes_told);
}

static void look_tells_what_is_there(struct kit *kit)
{
	struct kit_call call;
	struct kit_share share;

	if (!kit->driver->look)
		kit_skip(kit, "it has no look");
	kit_share_init(kit, &share, 4 * KIT_MIB);
	if (look_at(kit, &share, &call) != SHR_ENOTFOUND)
		kit_fail(kit, "what never was: %s", call.message);
	kit_must(kit, SHR__VERB_CREATE, &share, 0, 0);
	must_look(kit, &share);
	must_look(kit, &share);
	if (kit->caps & SHR_CAP_EXTEND) {
		kit_must(kit, SHR__VERB_RESIZE, &share, 8 * KIT_MIB, 0);
		share.bytes = 8 * KIT_MIB;
		must_look(kit, &share);
	}
	kit_make_tree(&share);
	must_look(kit, &share);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 10000))
		kit_fail(kit, "a look changed a file");
	kit_remove(kit, &share);
	if (look_at(kit, &share, &call) != SHR_ENOTFOUND)
		kit_fail(kit, "what was removed: %s", call.message);
}

/* How often each share is told on all pages of PAGE things; names must rise. */
static void count_listed(struct kit *kit, const struct kit_share *shares, uint32_t page, unsigned told[SHARES])
{
	char after[256] = "";
	struct kit_call call;
	uint32_t i, k;

	memset(told, 0, SHARES * sizeof *told);
	do {
		memset(&call, 0, sizeof call);
		call.verb = SHR__VERB_LIST;
		call.after = after;
		call.max = page;
		kit_must_make(kit, &call, 0);
		for (i = 0; i < call.n_found; i++) {
			if (strcmp(call.found[i].name, after) <= 0)
				kit_fail(kit, "%s comes behind %s", call.found[i].name, after);
			snprintf(after, sizeof after, "%s", call.found[i].name);
			for (k = 0; k < SHARES; k++)
				told[k] += strcmp(call.found[i].instance_id, shares[k].id) == 0;
		}
	} while (call.n_found == page);
}

static void list_tells_each_once(struct kit *kit)
{
	static const uint32_t pages[] = { 1, 2, 3, KIT_LIST };
	struct kit_share shares[SHARES];
	unsigned told[SHARES];
	size_t i;
	int k;

	if (!kit->driver->list)
		kit_skip(kit, "it has no list");
	for (k = 0; k < SHARES; k++)
		kit_create(kit, &shares[k], KIT_MIB);
	for (i = 0; i < sizeof pages / sizeof *pages; i++) {
		count_listed(kit, shares, pages[i], told);
		for (k = 0; k < SHARES; k++)
			if (told[k] != 1)
				kit_fail(kit, "in pages of %u a share was told %u times", (unsigned)pages[i], told[k]);
	}
	kit_remove(kit, &shares[0]);
	count_listed(kit, shares, 2, told);
	if (told[0] != 0 || told[1] != 1)
		kit_fail(kit, "a share that was removed is told, or one that was not is missing");
	for (k = 1; k < SHARES; k++)
		kit_remove(kit, &shares[k]);
}

static void attach_reaches_the_files(struct kit *kit)
{
	struct kit_call call = { .verb = SHR__VERB_ATTACH };
	struct kit_share share;
	char path[sizeof share.path];
	int had_files, readonly;

	if (!kit->driver->data)
		kit_fail(kit, "it declares SHR_CAP_DATA, but has no table for it");
	kit_share_init(kit, &share, 4 * KIT_MIB);
	if (kit_make(kit, &(struct kit_call){ .verb = SHR__VERB_ATTACH, .share = &share }) == 0)
		kit_fail(kit, "what never was could be attached");
	kit_must(kit, SHR__VERB_DETACH, &share, 0, 0);
	kit_must(kit, SHR__VERB_CREATE, &share, 0, 0);
	kit_make_tree(&share);
	had_files = kit_has_files(&share);
	memcpy(path, share.path, sizeof path);
	for (readonly = 0; readonly < 2; readonly++) {
		memset(&call, 0, sizeof call);
		call.verb = SHR__VERB_ATTACH;
		call.share = &share;
		call.readonly = (uint32_t)readonly;
		kit_must_make(kit, &call, 0);
		kit_must_make(kit, &call, 0);
		if (had_files && !kit_file_is(&share, "one", 10000))
			kit_fail(kit, "its files are not at %s", share.path);
		if (had_files && !readonly && kit_write_file(&share, "attached", 100))
			kit_fail(kit, "attached to be written, and nothing can be");
		kit_must(kit, SHR__VERB_DETACH, &share, 0, 0);
		kit_must(kit, SHR__VERB_DETACH, &share, 0, 0);
	}
	memcpy(share.path, path, sizeof path);
	if (had_files && !kit_file_is(&share, "attached", 100))
		kit_fail(kit, "what was written while it was attached is not in it");
	kit_remove(kit, &share);
}

/* A share in another pool begins with a copy of them. */
static void attach_reaches_a_snapshot(struct kit *kit)
{
	struct kit_share share, snap;
	char path[sizeof snap.path];
	int had_files;

	if (!(kit->caps & SHR_CAP_SNAPSHOT))
		kit_skip(kit, "the pool has no snapshots");
	kit_create(kit, &share, 4 * KIT_MIB);
	kit_make_tree(&share);
	had_files = kit_has_files(&share);
	kit_cut(kit, &share, &snap);
	memcpy(path, snap.path, sizeof path);
	if (had_files && kit_write_file(&share, "one", 20000))
		kit_fail(kit, "the share cannot be written once it has a snapshot");
	for (int i = 0; i < 2; i++) {
		struct kit_call call = { .verb = SHR__VERB_ATTACH, .share = &snap, .readonly = 1 };

		kit_must_make(kit, &call, 0);
		kit_must_make(kit, &call, 0);
		if (had_files && !kit_file_is(&snap, "one", 10000))
			kit_fail(kit, "what the snapshot has is not at %s", snap.path);
		kit_must(kit, SHR__VERB_DETACH, &snap, 0, 0);
		kit_must(kit, SHR__VERB_DETACH, &snap, 0, 0);
	}
	memcpy(snap.path, path, sizeof path);
	kit_uncut(kit, &share, &snap);
	kit_remove(kit, &share);
}

const struct kit_row kit_look_rows[] = {
	{ "look: what is there, as it is", look_tells_what_is_there, KIT_CONTRACT, 0 },
	{ "list: each once, in order, in pages of any size", list_tells_each_once, KIT_CONTRACT, 0 },
	{ "attach: the files, again and again, until detached", attach_reaches_the_files, KIT_CAPABILITY, SHR_CAP_DATA },
	{ "attach: the files of a snapshot, to be read", attach_reaches_a_snapshot, KIT_CAPABILITY, SHR_CAP_DATA },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

/* tools/driver_check/size.c - extend, shrink, usage, enforced sizes; manage and unmanage */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "kit.h"

static void resize_to(struct kit *kit, struct kit_share *share, uint64_t bytes)
{
	struct kit_call call = { .verb = SHR__VERB_RESIZE, .share = share, .bytes = bytes };

	kit_must_make(kit, &call, 0);
	kit_must_make(kit, &call, 0);
	share->bytes = bytes;
	memset(&call.op_id, 0, sizeof call.op_id);
	kit_must_make(kit, &call, 0);
}

/* What is said to be larger is: by what a look tells of it, and by what goes into it where the size is enforced. */
static void must_be_larger(struct kit *kit, struct kit_share *share)
{
	struct kit_call look = { .verb = SHR__VERB_LOOK, .share = share };
	int why;

	if (kit->driver->look) {
		kit_must_make(kit, &look, 0);
		if (look.bytes_told && look.bytes_told < share->bytes)
			kit_fail(kit, "extended to %llu bytes, and a look says %llu", (unsigned long long)share->bytes,
				(unsigned long long)look.bytes_told);
	}
	if (!(kit->caps & SHR_CAP_SIZE_ENFORCED) || !kit_has_files(share))
		return;
	why = kit_write_file(share, "larger", share->bytes / 2);
	if (why)
		kit_fail(kit, "extended from 4 to 16 MiB, and 8 MiB do not go into it: %s", strerror(why));
}

static void extend_twice_is_extend(struct kit *kit)
{
	struct kit_share share;

	kit_create(kit, &share, 4 * KIT_MIB);
	kit_make_tree(&share);
	resize_to(kit, &share, 16 * KIT_MIB);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 10000))
		kit_fail(kit, "a file was lost");
	must_be_larger(kit, &share);
	kit_remove(kit, &share);
}

static void shrink_twice_is_shrink(struct kit *kit)
{
	struct kit_share share;

	kit_create(kit, &share, 64 * KIT_MIB);
	kit_make_tree(&share);
	resize_to(kit, &share, 32 * KIT_MIB);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 10000))
		kit_fail(kit, "a file was lost");
	kit_remove(kit, &share);
}

/* Some use: files that the kit writes, or what the driver pretends. */
static uint64_t fill(struct kit *kit, struct kit_share *share, uint64_t bytes)
{
	if (kit_has_files(share)) {
		if (kit_write_file(share, "big", bytes))
			kit_fail(kit, "no file of %llu bytes could be written", (unsigned long long)bytes);
		return bytes;
	}
	return kit->driver->usage ? kit_usage(kit, share) : 0;
}

static void shrink_below_use_changes_nothing(struct kit *kit)
{
	struct kit_share share;
	uint64_t used;

	kit_create(kit, &share, 16 * KIT_MIB);
	used = fill(kit, &share, 4 * KIT_MIB);
	if (used < 2) {
		kit_remove(kit, &share);
		kit_skip(kit, "nothing can be put into it");
	}
	kit_must(kit, SHR__VERB_RESIZE, &share, used / 2, SHR_EDATALOSS);
	kit_must(kit, SHR__VERB_RESIZE, &share, used / 2, SHR_EDATALOSS);
	if (kit_has_files(&share) && !kit_file_is(&share, "big", used))
		kit_fail(kit, "it refused, and yet the file is not what it was");
	if (kit_has_files(&share) && kit_write_file(&share, "more", 4 * KIT_MIB))
		kit_fail(kit, "it refused, and yet there is less room than before");
	kit_remove(kit, &share);
}

static void usage_grows_with_use(struct kit *kit)
{
	struct kit_share share;
	uint64_t before, after;

	if (!kit->driver->usage)
		kit_skip(kit, "it has no usage");
	kit_create(kit, &share, 16 * KIT_MIB);
	before = kit_usage(kit, &share);
	if (!kit_has_files(&share)) {
		kit_remove(kit, &share);
		return;
	}
	fill(kit, &share, 4 * KIT_MIB);
	after = kit_usage(kit, &share);
	if (after < before + 4 * KIT_MIB || after > before + 5 * KIT_MIB)
		kit_fail(kit, "4 MiB were written, and use went from %llu to %llu", (unsigned long long)before,
			(unsigned long long)after);
	if (kit_usage(kit, &share) != after)
		kit_fail(kit, "the second time it told another number");
	kit_remove(kit, &share);
}

static void usage_of_nothing_is_not_found(struct kit *kit)
{
	struct kit_share share;

	if (!kit->driver->usage)
		kit_skip(kit, "it has no usage");
	kit_share_init(kit, &share, KIT_MIB);
	kit_must(kit, SHR__VERB_USAGE, &share, 0, SHR_ENOTFOUND);
}

static void enforced_size_is_enforced(struct kit *kit)
{
	struct kit_share share;
	int why;

	kit_create(kit, &share, 4 * KIT_MIB);
	if (!kit_has_files(&share)) {
		kit_remove(kit, &share);
		kit_skip(kit, "nothing can be put into it");
	}
	why = kit_write_file(&share, "big", 8 * KIT_MIB);
	if (why == 0)
		kit_fail(kit, "8 MiB went into a share of 4 MiB, whose size it says is enforced");
	if (why != ENOSPC && why != EDQUOT)
		kit_fail(kit, "a write beyond the size failed with \"%s\"", strerror(why));
	kit_remove(kit, &share);
}

/* A share of half of what is free costs next to nothing while it is empty. */
static void thin_takes_nothing_first(struct kit *kit)
{
	uint64_t before = kit_pool_number(kit, SHR_NUMBER_FREE), bytes = before / 2, after;
	struct kit_share share;

	if (bytes < 64 * KIT_MIB)
		kit_skip(kit, "the pool is too full for it");
	kit_create(kit, &share, bytes);
	after = kit_pool_number(kit, SHR_NUMBER_FREE);
	kit_remove(kit, &share);
	if (before > after && before - after > bytes / 2)
		kit_fail(kit, "an empty share of %llu bytes took %llu", (unsigned long long)bytes,
			(unsigned long long)(before - after));
}

static void any_resize_is_made_or_refused(struct kit *kit)
{
	static const uint64_t sizes[] = { 4 * KIT_MIB + 1, UINT64_C(1) << 40, UINT64_C(1) << 62 };
	struct kit_share share;
	struct kit_call call;
	size_t i;
	int code;

	kit_create(kit, &share, 4 * KIT_MIB);
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		memset(&call, 0, sizeof call);
		call.verb = SHR__VERB_RESIZE;
		call.share = &share;
		call.bytes = sizes[i];
		code = kit_make(kit, &call);
		if (code != 0 && code != SHR_ENOSPC && code != SHR_EUNSUPPORTED)
			kit_fail(kit, "to %llu bytes: %s: %s", (unsigned long long)sizes[i], shr_strcode(code), call.message);
		if (code == 0)
			share.bytes = sizes[i];
	}
	kit_remove(kit, &share);
}

static void begin_manage(struct kit *kit, struct kit_share *share)
{
	if (!kit->args.source)
		kit_skip(kit, "no source was given with --manage");
	kit_share_init(kit, share, 0);
	share->source = kit->args.source;
}

static void manage_and_unmanage_twice(struct kit *kit)
{
	struct kit_call call = { .verb = SHR__VERB_MANAGE };
	struct kit_share share, other;
	uint64_t bytes;

	begin_manage(kit, &share);
	call.share = &share;
	kit_must_make(kit, &call, 0);
	bytes = share.told_bytes;
	kit_must_make(kit, &call, 0);
	if (bytes == 0 || share.told_bytes != bytes)
		kit_fail(kit, "it found %llu bytes, then %llu", (unsigned long long)bytes, (unsigned long long)share.told_bytes);
	share.bytes = bytes;
	kit->sources_are_paths = kit_has_files(&share);
	begin_manage(kit, &other);
	memset(&call, 0, sizeof call);
	call.verb = SHR__VERB_MANAGE;
	call.share = &other;
	if (kit_make(kit, &call) == 0)
		kit_fail(kit, "two shares are the same thing now: %s", kit->args.source);
	kit_must(kit, SHR__VERB_UNMANAGE, &other, 0, 0);
	kit_must(kit, SHR__VERB_UNMANAGE, &share, 0, 0);
	kit_must(kit, SHR__VERB_UNMANAGE, &share, 0, 0);
}

static void unmanaged_is_not_removed(struct kit *kit)
{
	struct kit_share share;
	char marker[sizeof share.path + 32];
	int had_files;

	begin_manage(kit, &share);
	kit_must(kit, SHR__VERB_MANAGE, &share, 0, 0);
	had_files = kit_has_files(&share) && kit_write_file(&share, "kit-marker", 100) == 0;
	share.bytes = share.told_bytes;
	kit_must(kit, SHR__VERB_UNMANAGE, &share, 0, 0);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
	/* Where it lies while it is a share is the driver's to say; that it is all there is not. */
	kit_share_init(kit, &share, 0);
	share.source = kit->args.source;
	kit_must(kit, SHR__VERB_MANAGE, &share, 0, 0);
	if (had_files && !kit_file_is(&share, "kit-marker", 100))
		kit_fail(kit, "a removal that came late took files of %s, which was let go", share.path);
	snprintf(marker, sizeof marker, "%s/kit-marker", share.path);
	if (had_files)
		unlink(marker);
	kit_must(kit, SHR__VERB_UNMANAGE, &share, 0, 0);
}

static void refuse_source(struct kit *kit, enum shr__verb manage, enum shr__verb unmanage, struct kit_share *of, const char *source)
{
	int are_paths = of ? kit_has_files(of) : kit->sources_are_paths, code;
	struct kit_share share;
	struct kit_call call = { .verb = manage, .share = &share, .of = of };

	if (of)
		kit_snap_init(kit, &share, of);
	else
		kit_share_init(kit, &share, 0);
	share.source = source;
	code = kit_make(kit, &call);
	/* A driver whose sources are no paths may take any word. */
	if (code == 0 && (are_paths || strncmp(source, "missing", 7) == 0))
		kit_fail(kit, "it took over \"%s\"", source);
	if (code != 0 && code != SHR_ENOTFOUND && code != SHR_EBACKEND && code != SHR_EUNSUPPORTED)
		kit_fail(kit, "\"%s\": %s: %s", source, shr_strcode(code), call.message);
	if (of && code != 0)
		kit_must_see(kit, of, &share, SHR_ENOTFOUND, "when its source was refused");
	call = (struct kit_call){ .verb = unmanage, .share = &share, .of = of };
	kit_must_make(kit, &call, 0);
}

void kit_must_refuse_sources(struct kit *kit, enum shr__verb manage, enum shr__verb unmanage, struct kit_share *of)
{
	static const char *const sources[] = {
		"missing", "..", "../..", "a/../..", "/", "/etc", "", ".", "missing\nline", "/proc/self/root", "missing/../../x",
	};
	size_t i;

	for (i = 0; i < sizeof sources / sizeof *sources; i++)
		refuse_source(kit, manage, unmanage, of, sources[i]);
}

static void bad_sources_are_refused(struct kit *kit)
{
	kit_must_refuse_sources(kit, SHR__VERB_MANAGE, SHR__VERB_UNMANAGE, NULL);
}

const struct kit_row kit_size_rows[] = {
	{ "extend: twice is once, and it is larger", extend_twice_is_extend, KIT_MINIMUM, SHR_CAP_EXTEND },
	{ "extend: any size is made or refused", any_resize_is_made_or_refused, KIT_MINIMUM, SHR_CAP_EXTEND },
	{ "shrink: twice is once", shrink_twice_is_shrink, KIT_CAPABILITY, SHR_CAP_SHRINK },
	{ "shrink: below what is in use changes nothing", shrink_below_use_changes_nothing, KIT_CAPABILITY, SHR_CAP_SHRINK },
	{ "size: what is said to be enforced is", enforced_size_is_enforced, KIT_CAPABILITY, SHR_CAP_SIZE_ENFORCED },
	{ "thin: what is empty takes no room", thin_takes_nothing_first, KIT_CAPABILITY, SHR_CAP_THIN },
	{ "usage: grows with use", usage_grows_with_use, KIT_CONTRACT, 0 },
	{ "usage: of what is not there", usage_of_nothing_is_not_found, KIT_CONTRACT, 0 },
	{ "manage, unmanage: twice is once, one share a source", manage_and_unmanage_twice, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ "unmanage: a removal that comes late takes nothing", unmanaged_is_not_removed, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ "manage: bad sources are refused", bad_sources_are_refused, KIT_CAPABILITY, SHR_CAP_MANAGE },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

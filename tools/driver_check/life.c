/* tools/driver_check/life.c - shares come and go: each call made twice, for what is not there, under any name */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kit.h"

static void pool_tells_its_numbers(struct kit *kit)
{
	uint64_t total = kit_pool_number(kit, SHR_NUMBER_TOTAL);

	/* Which rules there may be is said by the table; the rest is said by the pool. */
	kit->caps = kit_pool_number(kit, SHR_NUMBER_CAPABILITIES);
	kit->free_first = kit_pool_number(kit, SHR_NUMBER_FREE);
	if (total == 0)
		kit_fail(kit, "pool %s has a total of 0 bytes", kit->pool);
	if (kit->caps & ~kit->driver->capabilities)
		kit_fail(kit, "pool %s can 0x%llx, which is more than the table declares", kit->pool,
			(unsigned long long)kit->caps);
	kit->caps &= ~(SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | SHR_CAP_ACCESS_CERT | SHR_CAP_ACCESS_CEPHX | SHR_CAP_IPV6);
	if (kit_has_rules(kit))
		kit->caps |= shr__backend_access_caps(kit->backend);
}

static void declares_what_it_has(struct kit *kit)
{
	const struct shr_driver *d = kit->driver;

	if (d->capabilities & (SHR_CAP_EXTEND | SHR_CAP_SHRINK) && !d->resize)
		kit_fail(kit, "it can extend or shrink, but has no resize");
	if (d->capabilities & SHR_CAP_MANAGE && (!d->manage || !d->unmanage))
		kit_fail(kit, "it can manage, but has no manage or no unmanage");
	if (d->protocols && !d->update_access)
		kit_fail(kit, "it exports by itself, but has no update_access");
	if (!(kit->caps & SHR_CAP_EXTEND))
		kit_fail(kit, "the pool does not declare SHR_CAP_EXTEND, and every protocol wants shares that can be extended");
}

static void create_twice_is_create(struct kit *kit)
{
	struct kit_call call = { .verb = SHR__VERB_CREATE };
	struct kit_share share, first;

	kit_share_init(kit, &share, 8 * KIT_MIB);
	call.share = &share;
	kit_must_make(kit, &call, 0);
	first = share;
	kit_must_make(kit, &call, 0);
	if (strcmp(first.path, share.path) != 0 || strcmp(first.ref, share.ref) != 0 || first.n_exports != share.n_exports)
		kit_fail(kit, "the second time it told another place: %s, %s", first.path, share.path);
	kit_must(kit, SHR__VERB_EXPORT, &share, 0, 0);
	kit_must(kit, SHR__VERB_EXPORT, &share, 0, 0);
	if (share.n_exports == 0)
		kit_fail(kit, "no export location was told");
	kit_must(kit, SHR__VERB_UNEXPORT, &share, 0, 0);
	kit_must(kit, SHR__VERB_UNEXPORT, &share, 0, 0);
	kit_remove(kit, &share);
}

static void create_again_keeps_what_was_written(struct kit *kit)
{
	struct kit_call call = { .verb = SHR__VERB_CREATE };
	struct kit_share share;

	kit_share_init(kit, &share, 8 * KIT_MIB);
	call.share = &share;
	kit_must_make(kit, &call, 0);
	if (!kit_has_files(&share)) {
		kit_remove(kit, &share);
		kit_skip(kit, "it tells no directory");
	}
	kit_make_tree(&share);
	kit_must_make(kit, &call, 0);
	if (!kit_file_is(&share, "one", 10000))
		kit_fail(kit, "a file was gone after create came again");
	kit_remove(kit, &share);
}

static void remove_twice_is_remove(struct kit *kit)
{
	struct kit_share share;

	kit_create(kit, &share, 8 * KIT_MIB);
	kit_make_tree(&share);
	kit_remove(kit, &share);
	if (kit_has_files(&share))
		kit_fail(kit, "%s is still there", share.path);
	kit_remove(kit, &share);
}

static void remove_what_never_was(struct kit *kit)
{
	struct kit_share share;

	kit_share_init(kit, &share, KIT_MIB);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
	kit_must(kit, SHR__VERB_REMOVE, &share, 0, 0);
}

static void remove_without_a_ref(struct kit *kit)
{
	struct kit_share share;

	kit_create(kit, &share, KIT_MIB);
	kit_make_tree(&share);
	share.ref[0] = '\0';
	kit_remove(kit, &share);
	if (kit_has_files(&share))
		kit_fail(kit, "%s is still there: it needs the ref that a crash may have lost", share.path);
}

static void remove_leaves_others_alone(struct kit *kit)
{
	struct kit_share one, two;

	kit_create(kit, &one, KIT_MIB);
	kit_create(kit, &two, KIT_MIB);
	if (one.path[0] && strcmp(one.path, two.path) == 0)
		kit_fail(kit, "two shares have one path: %s", one.path);
	kit_make_tree(&two);
	kit_remove(kit, &one);
	if (two.path[0] && kit_has_files(&two) && !kit_file_is(&two, "one", 10000))
		kit_fail(kit, "a file of another share went with it");
	kit_must(kit, SHR__VERB_CREATE, &two, 0, 0);
	kit_remove(kit, &two);
}

static void any_name_will_do(struct kit *kit)
{
	/* None of them may do harm even when a driver does the worst with it: no name leads to a place that exists. */
	static const char *const names[] = {
		"../../../libshare-kit-no-such", "/libshare-kit-no-such/x", "a/b", "-rf", "$(id)", "`id`", "%s%n%s", "a\nb\tc",
		"\x01\x7f", "\xc3\xa4\xe2\x82\xac", "con", "x\"y'z\\", "[?", "",
	};
	char longest[1024];
	struct kit_share share;
	size_t i;

	memset(longest, 'n', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	for (i = 0; i <= sizeof names / sizeof *names; i++) {
		kit_share_init(kit, &share, KIT_MIB);
		share.name = i < sizeof names / sizeof *names ? names[i] : longest;
		kit_must(kit, SHR__VERB_CREATE, &share, 0, 0);
		if (strlen(share.name) > 4 && strstr(share.path, share.name))
			kit_fail(kit, "the share's name is in its path: %s", share.path);
		kit_remove(kit, &share);
	}
}

static void any_size_is_made_or_refused(struct kit *kit)
{
	static const uint64_t sizes[] = { 1, 511, 4097, UINT64_C(1) << 40, UINT64_C(1) << 62 };
	struct kit_call call;
	struct kit_share share;
	size_t i;
	int code;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		kit_share_init(kit, &share, sizes[i]);
		memset(&call, 0, sizeof call);
		call.verb = SHR__VERB_CREATE;
		call.share = &share;
		code = kit_make(kit, &call);
		if (code != 0 && code != SHR_ENOSPC && code != SHR_EUNSUPPORTED)
			kit_fail(kit, "%llu bytes: %s: %s", (unsigned long long)sizes[i], shr_strcode(code), call.message);
		kit_remove(kit, &share);
	}
}

static void survives_close_and_open(struct kit *kit)
{
	struct kit_share share;
	char path[1024];

	if (kit->args.no_kill)
		kit_skip(kit, "what it makes does not outlive the backend");
	kit_create(kit, &share, KIT_MIB);
	kit_make_tree(&share);
	memcpy(path, share.path, sizeof path);
	kit_reopen(kit);
	kit_must(kit, SHR__VERB_CREATE, &share, 0, 0);
	if (strcmp(path, share.path) != 0)
		kit_fail(kit, "it lies elsewhere now: %s", share.path);
	if (kit_has_files(&share) && !kit_file_is(&share, "one", 10000))
		kit_fail(kit, "a file was lost");
	if (kit->driver->usage)
		kit_usage(kit, &share);
	kit_remove(kit, &share);
}

const struct kit_row kit_life_rows[] = {
	{ "stats: the pool tells its numbers", pool_tells_its_numbers, KIT_MINIMUM, 0 },
	{ "table: what must be there is", declares_what_it_has, KIT_MINIMUM, 0 },
	{ "create: twice is once", create_twice_is_create, KIT_MINIMUM, 0 },
	{ "create: again, and what was written stays", create_again_keeps_what_was_written, KIT_MINIMUM, 0 },
	{ "create: any name will do", any_name_will_do, KIT_MINIMUM, 0 },
	{ "create: any size is made or refused", any_size_is_made_or_refused, KIT_MINIMUM, 0 },
	{ "delete: twice is once", remove_twice_is_remove, KIT_MINIMUM, 0 },
	{ "delete: what never was", remove_what_never_was, KIT_MINIMUM, 0 },
	{ "delete: without the ref", remove_without_a_ref, KIT_MINIMUM, 0 },
	{ "delete: other shares are left alone", remove_leaves_others_alone, KIT_MINIMUM, 0 },
	{ "close and open: everything is as it was", survives_close_and_open, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

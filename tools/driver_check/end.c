/* tools/driver_check/end.c - nothing is left of all that was made */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "kit.h"

static void all_room_is_free_again(struct kit *kit)
{
	uint64_t now = kit_pool_number(kit, SHR_NUMBER_FREE);

	if (kit->caps & SHR_CAP_THIN)
		kit_skip(kit, "what is free depends on others, for it is thin");
	if (now != kit->free_first)
		kit_fail(kit, "%llu bytes were free, and %llu are", (unsigned long long)kit->free_first, (unsigned long long)now);
}

static void no_name_is_left(struct kit *kit)
{
	static const struct timespec nap = { 0, 50000000 };
	const char *at, *before = kit->names_first;
	char *now;
	int i;

	if (!before)
		kit_skip(kit, "no directory is watched");
	now = kit_listing(kit->args.watch);
	/* What the kernel frees by and by may leave the driver a note of it, until a later look at the pool. */
	for (i = 0; i < 100 && strcmp(now, before) != 0; i++) {
		free(now);
		nanosleep(&nap, NULL);
		kit_pool_number(kit, SHR_NUMBER_FREE);
		now = kit_listing(kit->args.watch);
	}
	if (strcmp(now, before) == 0) {
		free(now);
		return;
	}
	for (at = now; *at && *at == *before; at++, before++)
		;
	while (at > now && at[-1] != '\n')
		at--;
	snprintf(kit->why, sizeof kit->why, "%.*s", (int)strcspn(at, "\n"), at);
	free(now);
	kit_fail(kit, "there is more or less than in the beginning: %s", strdupa(kit->why));
}

const struct kit_row kit_end_rows[] = {
	{ "end: all room is free again", all_room_is_free_again, KIT_CONTRACT, 0 },
	{ "end: no name is left", no_name_is_left, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

/* tools/driver_check/later.c - answers that come later: at once, however long the work; for whoever asks next */
#include <stdio.h>
#include <string.h>
#include "kit.h"

#define AT_ONCE_NS (INT64_C(2) * 1000000000) /* much more than a call that only looks how far the work is takes */

struct seen {
	uint32_t n_running;
	int64_t slowest_ns;
	const char *slowest;
};

static void make(struct kit *kit, struct seen *seen, struct kit_call *call)
{
	int64_t ns;

	kit_must_make(kit, call, 0);
	seen->n_running += call->n_running;
	ns = call->slowest_running_ns;
	if (ns > AT_ONCE_NS)
		kit_fail(kit, "%s answered that it is not done, but took %lld ms to say so: a thread of the host waits meanwhile",
			shr__verb_name(call->verb), (long long)(ns / 1000000));
	if (call->slowest_ns > seen->slowest_ns) {
		seen->slowest_ns = call->slowest_ns;
		seen->slowest = shr__verb_name(call->verb);
	}
}

/* A share's life, in which each call that answers later is met as AT_RUNNING says. */
static void live(struct kit *kit, struct seen *seen, int at_running)
{
	static const enum shr__verb verbs[] = {
		SHR__VERB_CREATE, SHR__VERB_EXPORT, SHR__VERB_RESIZE, SHR__VERB_USAGE, SHR__VERB_LOOK, SHR__VERB_UNEXPORT,
		SHR__VERB_REMOVE,
	};
	struct kit_share share;
	struct kit_call call;
	size_t i;

	kit_share_init(kit, &share, KIT_MIB);
	for (i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if ((verbs[i] == SHR__VERB_USAGE && !kit->driver->usage) || (verbs[i] == SHR__VERB_LOOK && !kit->driver->look) ||
		    (verbs[i] == SHR__VERB_RESIZE && !(kit->caps & SHR_CAP_EXTEND)))
			continue;
		memset(&call, 0, sizeof call);
		call.verb = verbs[i];
		call.share = &share;
		call.bytes = verbs[i] == SHR__VERB_RESIZE ? 2 * KIT_MIB : 0;
		call.at_running = at_running == KIT_LOSE_TOKEN ? KIT_LOSE_TOKEN : at_running == KIT_REOPEN ? KIT_REOPEN : KIT_GO_ON;
		make(kit, seen, &call);
		if (call.bytes)
			share.bytes = call.bytes;
	}
	if (kit_has_files(&share))
		kit_fail(kit, "%s is still there", share.path);
}

static void later_is_said_at_once(struct kit *kit)
{
	struct seen seen = { 0, 0, "" };

	live(kit, &seen, KIT_GO_ON);
	kit_note(kit, "(%u answers came later; the slowest call was %s, %lld ms)", seen.n_running, seen.slowest,
		(long long)(seen.slowest_ns / 1000000));
}

static void token_may_be_lost(struct kit *kit)
{
	struct seen seen = { 0, 0, "" };

	live(kit, &seen, KIT_LOSE_TOKEN);
	if (!seen.n_running)
		kit_skip(kit, "every call answered at once");
}

static void another_takes_it_up(struct kit *kit)
{
	struct seen seen = { 0, 0, "" };

	if (kit->args.no_kill)
		kit_skip(kit, "what it makes does not outlive the backend");
	live(kit, &seen, KIT_REOPEN);
	if (!seen.n_running)
		kit_skip(kit, "every call answered at once");
}

const struct kit_row kit_later_rows[] = {
	{ "later: that it is not done is said at once", later_is_said_at_once, KIT_CONTRACT, 0 },
	{ "later: the token may be lost", token_may_be_lost, KIT_CONTRACT, 0 },
	{ "later: the backend opened anew takes it up", another_takes_it_up, KIT_CONTRACT, 0 },
	{ NULL, NULL, KIT_CONTRACT, 0 },
};

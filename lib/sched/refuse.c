/* lib/sched/refuse.c - why no pool will do: which filter stopped each of them, and with what numbers */
#include "sched/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "libshare/pool.h"

#define MOST_FAULTS 50

static int code_of(enum shr__filter stopped)
{
	switch (stopped) {
	case SHR__BY_NAME:
		return SHR_EINVAL;
	case SHR__BY_STATE:
		return SHR_EUNREACHABLE;
	case SHR__BY_ROOM:
		return SHR_ENOSPC;
	default:
		return SHR_EUNSUPPORTED;
	}
}

/* "nfs, smb": the bits of SET by NAME. */
static const char *list_bits(uint64_t set, const char *(*name)(uint64_t one), char *buf, size_t room)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < 64 && at < room; i++)
		if (set >> i & 1)
			at += (size_t)snprintf(buf + at, room - at, "%s%s", at ? ", " : "", name(UINT64_C(1) << i));
	return buf;
}

static void say_room(struct shr__faults *f, const char *where, const struct shr__picture *p, uint32_t i, uint64_t bytes)
{
	int64_t allocated = atomic_load_explicit(&p->allocated[i], memory_order_relaxed), room = shr__picture_free(p, i);
	char is[32], want[32];

	shr__faults_add(f, SHR_ENOSPC, where, "make room there, add a pool, or ask for less",
		"it has room for %s and the share wants %s (%" PRId64 " of %" PRId64 " bytes are given out)",
		shr__bytes_text(room > 0 ? (uint64_t)room : 0, is), shr__bytes_text(bytes, want), allocated, p->limit[i]);
}

static void say(struct shr__faults *f, const struct shr__picture *p, uint32_t i, enum shr__filter stopped,
	const struct shr__place_want *want)
{
	char where[160], list[512];

	snprintf(where, sizeof where, "pool %s/%s", p->backend[i], p->name[i]);
	switch (stopped) {
	case SHR__BY_ZONE:
		shr__faults_add(f, SHR_EUNSUPPORTED, where, "ask for another zone, or for none", "it is in zone \"%s\", not in \"%s\"",
			p->zone[i], want->zone);
		break;
	case SHR__BY_PROTOCOLS:
		if (shr__picture_not_both(p, i, want->protocols))
			shr__faults_add(f, SHR_EUNSUPPORTED, where, "ask for one of them in protocols, or for a pool with dual_protocol",
				"it does not serve one share by the protocols %s at once", list_bits(want->protocols, shr_proto_name, list,
				sizeof list));
		else
			shr__faults_add(f, SHR_EUNSUPPORTED, where, "ask for other protocols", "it does not speak %s",
				list_bits(want->protocols & ~p->protocols[i], shr_proto_name, list, sizeof list));
		break;
	case SHR__BY_CAPABILITIES:
		shr__faults_add(f, SHR_EUNSUPPORTED, where, "", "it lacks %s",
			list_bits(want->capabilities & ~p->capabilities[i], shr_cap_name, list, sizeof list));
		break;
	case SHR__BY_STATE:
		shr__faults_add(f, SHR_EUNREACHABLE, where, "start the engine that has it, or repair its backend", "it is not up%s%s",
			p->reason[i][0] ? ": " : "", p->reason[i]);
		break;
	default:
		say_room(f, where, p, i, want->bytes);
	}
}

static int refuse_names(const struct shr__picture *p, uint32_t begin, uint32_t end, const struct shr__place_want *want,
	const struct shr_error **reterr)
{
	static const char remedy[] = "list the pools: one is there once an engine has seen its backend";
	int named = want->backend && want->backend[0];

	if (p->n == 0)
		return shr__fail_do(reterr, SHR_EUNREACHABLE, "run an engine: it makes the pools of its configuration known",
			"there are no pools yet");
	if (named && begin == end)
		return shr__fail_field(reterr, SHR_EINVAL, "backend", remedy, "there is no backend \"%s\"", want->backend);
	return shr__fail_field(reterr, SHR_EINVAL, "pool", remedy, "there is no pool \"%s\"%s%s", want->pool,
		named ? " on backend " : "", named ? want->backend : "");
}

int shr__place_refuse(const struct shr__picture *p, uint32_t begin, uint32_t end, const struct shr__place_want *want,
	const struct shr_error **reterr)
{
	struct shr__faults faults = { 0 };
	enum shr__filter furthest = SHR__BY_NAME;
	unsigned refused = 0;

	for (uint32_t i = begin; i < end; i++) {
		enum shr__filter stopped = shr__filter_pool(p, i, want);

		/* Room may have come back since the choice was made: then it is the room that was missing. */
		if (stopped == SHR__PASSED)
			stopped = SHR__BY_ROOM;
		if (stopped == SHR__BY_NAME)
			continue;
		if (stopped > furthest)
			furthest = stopped;
		if (refused++ < MOST_FAULTS)
			say(&faults, p, i, stopped, want);
	}
	if (!refused)
		return refuse_names(p, begin, end, want, reterr);
	return shr__faults_fail(&faults, reterr, code_of(furthest), "none of %u pools can take the share", refused);
}

/* lib/plugin/names.c - finding one of many names */
#include "plugin/names.h"

#include <string.h>

static uint32_t hash(const char *s) /* FNV-1a */
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

int shr__names_build(struct shr__names *names, struct shr__arena *arena, const void *of, uint32_t n,
	const char *(*get)(const void *of, uint32_t i))
{
	uint32_t room = 8, at;

	while (room / 2 < n && room < UINT32_C(1) << 31)
		room *= 2;
	names->places = shr__arena_alloc(arena, room * sizeof *names->places);
	if (!names->places)
		return -1;
	names->mask = room - 1;
	names->of = of;
	names->get = get;
	for (uint32_t i = 0; i < n; i++) {
		for (at = hash(get(of, i)) & names->mask; names->places[at]; at = (at + 1) & names->mask)
			;
		names->places[at] = i + 1;
	}
	return 0;
}

int64_t shr__names_find(const struct shr__names *names, const char *name)
{
	uint32_t at = hash(name) & names->mask, i;

	for (; names->places[at]; at = (at + 1) & names->mask) {
		i = names->places[at] - 1;
		if (strcmp(names->get(names->of, i), name) == 0)
			return i;
	}
	return -1;
}

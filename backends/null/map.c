/* backends/null/map.c - a hash table keyed by UUIDs */
#include <stdlib.h>
#include <string.h>
#include "null.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int null_id_parse(const char *text, struct null_id *ret)
{
	uint64_t half[2] = { 0, 0 };
	int n = 0, i, d;

	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return -1;
			continue;
		}
		d = digit(text[i]);
		if (d < 0)
			return -1;
		half[n / 16] = half[n / 16] << 4 | (unsigned)d;
		n++;
	}
	if (text[36] != '\0')
		return -1;
	ret->hi = half[0];
	ret->lo = half[1];
	return 0;
}

void null_id_text(const struct null_id *id, char ret[37])
{
	static const char hex[] = "0123456789abcdef";
	int n = 0, i;

	for (i = 0; i < 36; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			ret[i] = '-';
			continue;
		}
		ret[i] = hex[(n < 16 ? id->hi : id->lo) >> (60 - 4 * (n % 16)) & 15];
		n++;
	}
	ret[36] = '\0';
}

static uint32_t slot_of(const struct null_map *map, const struct null_id *id)
{
	uint64_t x = (id->hi ^ id->lo) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(x >> 32) & (map->room - 1);
}

/* Where ID is, or the free slot where it would go. The table is never full. */
static uint32_t probe(const struct null_map *map, const struct null_id *id)
{
	uint32_t at = slot_of(map, id);

	while (map->slots[at] && (map->slots[at]->lo != id->lo || map->slots[at]->hi != id->hi))
		at = (at + 1) & (map->room - 1);
	return at;
}

void *null_map_find(const struct null_map *map, const struct null_id *id)
{
	return map->room ? map->slots[probe(map, id)] : NULL;
}

static int grow(struct null_map *map)
{
	struct null_map bigger = { NULL, map->n, map->room ? map->room * 2 : 8 };
	uint32_t i;

	if (bigger.room == 0)
		return -1;
	bigger.slots = calloc(bigger.room, sizeof *bigger.slots);
	if (!bigger.slots)
		return -1;
	for (i = 0; i < map->room; i++)
		if (map->slots[i])
			bigger.slots[probe(&bigger, map->slots[i])] = map->slots[i];
	free(map->slots);
	*map = bigger;
	return 0;
}

int null_map_put(struct null_map *map, struct null_id *entry)
{
	if ((uint64_t)map->n * 3 >= (uint64_t)map->room * 2 && grow(map) < 0)
		return -1;
	map->slots[probe(map, entry)] = entry;
	map->n++;
	return 0;
}

/* Those behind the hole move up, so that a search never stops too early. */
static void close_hole(struct null_map *map, uint32_t hole)
{
	uint32_t mask = map->room - 1, at = hole, home;

	for (;;) {
		at = (at + 1) & mask;
		if (!map->slots[at])
			break;
		home = slot_of(map, map->slots[at]);
		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		map->slots[hole] = map->slots[at];
		hole = at;
	}
	map->slots[hole] = NULL;
}

void *null_map_take(struct null_map *map, const struct null_id *id)
{
	uint32_t at;
	void *entry;

	if (!map->room)
		return NULL;
	at = probe(map, id);
	entry = map->slots[at];
	if (entry) {
		close_hole(map, at);
		map->n--;
	}
	return entry;
}

void null_map_clear(struct null_map *map, void (*destroy)(void *entry))
{
	uint32_t i;

	for (i = 0; i < map->room; i++)
		if (map->slots[i])
			destroy(map->slots[i]);
	free(map->slots);
	memset(map, 0, sizeof *map);
}

/* lib/base/uuid.c - UUIDv7: time-ordered ids from the host's clock and random */
#include "uuid.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

static int is_dash(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

void shr__uuid7(int64_t wall_ns, const uint8_t random[10], char ret[SHR__UUID_ROOM])
{
	uint64_t ms = wall_ns > 0 ? (uint64_t)wall_ns / 1000000 : 0;
	uint8_t b[16];
	int i, at = 0;

	for (i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(b + 6, random, 10);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x70);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	for (i = 0; i < 16; i++) {
		if (is_dash(at))
			ret[at++] = '-';
		ret[at++] = digits[b[i] >> 4];
		ret[at++] = digits[b[i] & 15];
	}
	ret[at] = '\0';
}

int shr__uuid_ok(const char *s)
{
	int i;

	if (s == NULL)
		return 0;
	for (i = 0; i < SHR__UUID_ROOM - 1; i++) {
		if (s[i] == '\0' || (is_dash(i) ? s[i] != '-' : strchr(digits, s[i]) == NULL))
			return 0;
	}
	return s[i] == '\0';
}

/* tests/fuzz/pack.c - packs: any bytes can be read, and what was read is written again as the same bytes */
#include "fuzz.h"

#include "base/buf.h"

/* Every field found by its tag and number must be the one that the walk found. */
static void check_find(const uint8_t *data, size_t n, uint16_t tag, unsigned nth, const void *p, size_t length)
{
	const void *found;
	size_t found_n;
	int64_t value;

	MUST(shr__pack_find(data, n, tag, nth, &found, &found_n) == 1);
	MUST(found == p && found_n == length);
	MUST(shr__pack_find_int(data, n, tag, &value) == 0 || nth > 0 || length == 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct shr__pack r = { data, n };
	struct shr__buf b = { 0 };
	unsigned fields = 0;
	const void *p;
	uint16_t tag;
	size_t length;
	unsigned char seen[65536 / 8] = { 0 };

	while (shr__pack_next(&r, &tag, &p, &length)) {
		MUST((const uint8_t *)p >= data && (const uint8_t *)p + length <= data + n);
		if (!(seen[tag / 8] & 1u << tag % 8) && fields < 64)
			check_find(data, n, tag, 0, p, length);
		seen[tag / 8] |= (unsigned char)(1u << tag % 8);
		shr__pack_bytes(&b, tag, p, length);
		fields++;
	}
	MUST(!b.failed);
	MUST(b.n + r.n == n);
	MUST(b.n == 0 || memcmp(b.p, data, b.n) == 0);
	MUST(shr__pack_find(data, n, 7, fields, &p, &length) == 0); /* there cannot be so many */
	shr__buf_clear(&b);
	return 0;
}

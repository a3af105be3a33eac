/* lib/base/pack.c - tagged fields in one blob: tag (2 bytes), length (4), the bytes; little-endian */
#include "buf.h"

#include <string.h>

#define HEAD 6

static void put_le(unsigned char *p, uint64_t value, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_le(const unsigned char *p, int n)
{
	uint64_t value = 0;

	for (int i = n - 1; i >= 0; i--)
		value = value << 8 | p[i];
	return value;
}

void shr__pack_bytes(struct shr__buf *b, uint16_t tag, const void *p, size_t n)
{
	unsigned char head[HEAD];

	if (n > UINT32_MAX) {
		b->failed = 1;
		return;
	}
	put_le(head, tag, 2);
	put_le(head + 2, n, 4);
	shr__buf_add(b, head, sizeof(head));
	shr__buf_add(b, p, n);
}

void shr__pack_int(struct shr__buf *b, uint16_t tag, int64_t value)
{
	unsigned char bytes[8];

	put_le(bytes, (uint64_t)value, 8);
	shr__pack_bytes(b, tag, bytes, sizeof(bytes));
}

void shr__pack_str(struct shr__buf *b, uint16_t tag, const char *s)
{
	if (s != NULL)
		shr__pack_bytes(b, tag, s, strlen(s));
}

int shr__pack_next(struct shr__pack *r, uint16_t *ret_tag, const void **ret_p, size_t *ret_n)
{
	size_t n;

	if (r->n < HEAD)
		return 0;
	n = (size_t)get_le(r->p + 2, 4);
	if (n > r->n - HEAD)
		return 0;
	*ret_tag = (uint16_t)get_le(r->p, 2);
	*ret_p = r->p + HEAD;
	*ret_n = n;
	r->p += HEAD + n;
	r->n -= HEAD + n;
	return 1;
}

int shr__pack_find(const void *p, size_t n, uint16_t tag, unsigned nth, const void **ret_p, size_t *ret_n)
{
	struct shr__pack r = { p, n };
	const void *field;
	size_t length;
	uint16_t t;

	while (shr__pack_next(&r, &t, &field, &length)) {
		if (t != tag)
			continue;
		if (nth-- > 0)
			continue;
		*ret_p = field;
		*ret_n = length;
		return 1;
	}
	return 0;
}

int shr__pack_find_int(const void *p, size_t n, uint16_t tag, int64_t *ret)
{
	const void *field;
	size_t length;

	if (!shr__pack_find(p, n, tag, 0, &field, &length) || length != 8)
		return 0;
	*ret = (int64_t)get_le(field, 8);
	return 1;
}

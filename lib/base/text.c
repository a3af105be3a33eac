/* lib/base/text.c - what may stand in names and other text that people give */
#include "text.h"

#include <stdio.h>
#include <string.h>

size_t shr__utf8_one(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf; /* of the second byte */
	size_t length, i;

	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		length = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		length = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0; /* less would be an overlong form */
	else if (p[0] == 0xed)
		high = 0x9f; /* more would be a surrogate */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f; /* more would be over U+10FFFF */
	if (n < length || p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < length; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return length;
}

int shr__utf8_ok(const char *s, size_t n)
{
	while (n > 0) {
		size_t one = shr__utf8_one(s, n);

		if (one == 0)
			return 0;
		s += one;
		n -= one;
	}
	return 1;
}

/* C0, DEL, and C1, which terminals obey just the same. */
static int is_control(const char *s, unsigned flags)
{
	unsigned char c = (unsigned char)s[0];

	if (c == '\n' || c == '\t')
		return (flags & SHR__TEXT_LINES_OK) == 0;
	return c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

const char *shr__text_wrong(const char *s, size_t most, unsigned flags, char *buf, size_t room)
{
	size_t n = s != NULL ? strnlen(s, most + 1) : 0;
	size_t i;

	if (n == 0)
		return (flags & SHR__TEXT_EMPTY_OK) != 0 ? NULL : "is empty";
	if (n > most) {
		snprintf(buf, room, "is longer than %zu bytes", most);
		return buf;
	}
	if (!shr__utf8_ok(s, n))
		return "is not UTF-8";
	for (i = 0; i < n; i += shr__utf8_one(s + i, n - i)) {
		if (is_control(s + i, flags)) {
			snprintf(buf, room, "has a control character at byte %zu", i + 1);
			return buf;
		}
		if (s[i] == '/' && (flags & SHR__TEXT_SLASH_OK) == 0)
			return "has a '/'";
	}
	return NULL;
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int shr__ident_ok(const char *s, size_t most)
{
	size_t n = s != NULL ? strnlen(s, most + 1) : 0;

	if (n == 0 || n > most || s[0] == '.' || s[0] == '-')
		return 0;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (!(is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-'))
			return 0;
	}
	return 1;
}

/* The digits at *s, which moves behind them; -1: none, or over MOST. */
static int take_number(const char **s, uint64_t most, uint64_t *ret)
{
	const char *p = *s;
	uint64_t n = 0;

	if (p == NULL || !is_digit(*p))
		return -1;
	for (; is_digit(*p); p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (n > (most - digit) / 10)
			return -1;
		n = n * 10 + digit;
	}
	*s = p;
	*ret = n;
	return 0;
}

static const char units[] = "KMGTPE";

int shr__bytes_parse(const char *s, uint64_t *ret)
{
	const uint64_t most = UINT64_C(1) << 62;
	unsigned shift = 0;
	const char *unit;
	uint64_t n;

	if (take_number(&s, most, &n) != 0)
		return -1;
	unit = *s != '\0' ? strchr(units, *s) : NULL;
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		s++;
		if (strcmp(s, "iB") == 0)
			s += 2;
	} else if (*s == 'B') {
		s++;
	}
	if (*s != '\0' || n > most >> shift)
		return -1;
	*ret = n << shift;
	return 0;
}

char *shr__bytes_text(uint64_t n, char *buf)
{
	int i = -1;

	while (i < 5 && n != 0 && n % 1024 == 0) {
		n /= 1024;
		i++;
	}
	if (i < 0)
		snprintf(buf, 32, "%lluB", (unsigned long long)n);
	else
		snprintf(buf, 32, "%llu%ciB", (unsigned long long)n, units[i]);
	return buf;
}

int shr__vsock_parse(const char *s, uint32_t *ret_cid, const char **ret_path)
{
	static const char head[] = "vsock:";
	uint64_t cid;

	if (strncmp(s, head, sizeof(head) - 1) != 0)
		return -1;
	s += sizeof(head) - 1;
	/* 0 is the hypervisor's own and all ones is "any": nobody serves files at either. */
	if (*s == '0' || take_number(&s, UINT32_MAX - 1, &cid) != 0 || s[0] != ':' || s[1] != '/')
		return -1;
	*ret_cid = (uint32_t)cid;
	*ret_path = s + 1;
	return 0;
}

int shr__duration_parse(const char *s, int64_t *ret_ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} names[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	uint64_t n;

	if (take_number(&s, INT64_MAX, &n) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(s, names[i].name) != 0)
			continue;
		if (n > (uint64_t)INT64_MAX / names[i].ms)
			return -1;
		*ret_ms = (int64_t)(n * names[i].ms);
		return 0;
	}
	return -1;
}

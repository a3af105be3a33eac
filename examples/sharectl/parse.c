/* examples/sharectl/parse.c - words into numbers */
#include "ctl.h"
#include "words.h"

#include <string.h>

#define MOST (INT64_C(1) << 62)

/* The digits at *S, which moves behind them. */
static int digits(const char **s, int64_t most, int64_t *ret)
{
	const char *p = *s;
	int64_t n = 0;

	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > (most - (*p - '0')) / 10)
			return -1;
		n = n * 10 + (*p - '0');
	}
	*s = p;
	*ret = n;
	return 0;
}

int ctl_parse_size(const char *s, int64_t *ret)
{
	static const char units[] = "KMGTPE";
	int64_t n;
	const char *unit;

	if (digits(&s, MOST, &n) < 0)
		return -1;
	unit = *s ? strchr(units, *s >= 'a' ? *s - ('a' - 'A') : *s) : NULL;
	if (unit) {
		int shift = 10 * (int)(unit - units + 1);

		if (n > MOST >> shift)
			return -1;
		n <<= shift;
		s++;
		if (strcmp(s, "iB") == 0)
			s += 2;
	} else if (*s == 'B') {
		s++;
	}
	if (*s)
		return -1;
	*ret = n;
	return 0;
}

int ctl_parse_limit(const char *s, int64_t *ret)
{
	if (strcmp(s, "unlimited") != 0)
		return ctl_parse_size(s, ret);
	*ret = -1;
	return 0;
}

int ctl_parse_time(const char *s, int64_t *ret)
{
	static const struct { const char *unit; int64_t ms; } units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
	};
	int64_t n;

	if (digits(&s, INT64_C(1000000000), &n) < 0)
		return -1;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(s, units[i].unit) == 0) {
			*ret = n * units[i].ms;
			return 0;
		}
	return -1;
}

int ctl_parse_count(const char *s, int64_t *ret)
{
	return digits(&s, INT64_MAX, ret) < 0 || *s ? -1 : 0;
}

int ctl_parse_integer(const char *s, int64_t *ret)
{
	int minus = *s == '-';

	if (ctl_parse_count(s + minus, ret) < 0)
		return -1;
	if (minus)
		*ret = -*ret;
	return 0;
}

/* The N bytes at S are NAME, which a number has. */
static int is_word(const char *s, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(name, s, n) == 0 && strcmp(name, "unknown") != 0;
}

int ctl_parse_protocols(const char *s, int64_t *ret)
{
	int64_t bits = 0;

	for (;;) {
		size_t n = strcspn(s, ",");
		uint64_t bit;

		for (bit = 1; bit < UINT64_C(1) << 62; bit <<= 1)
			if (is_word(s, n, shr_proto_name(bit)))
				break;
		if (bit == UINT64_C(1) << 62)
			return -1;
		bits |= (int64_t)bit;
		if (!s[n])
			break;
		s += n + 1;
	}
	*ret = bits;
	return 0;
}

int ctl_parse_protocol(const char *s, int64_t *ret)
{
	return strchr(s, ',') ? -1 : ctl_parse_protocols(s, ret);
}

/* By the library's own names: what it learns this tool knows. */
static int by_name(const char *s, const char *(*name)(uint32_t), uint32_t first, int64_t *ret)
{
	for (uint32_t i = first; i < 64; i++)
		if (strcmp(name(i), s) == 0 && strcmp(s, "unknown") != 0) {
			*ret = i;
			return 0;
		}
	return -1;
}

int ctl_parse_type(const char *s, int64_t *ret)
{
	return by_name(s, shr_access_type_name, 1, ret);
}

int ctl_parse_level(const char *s, int64_t *ret)
{
	return by_name(s, shr_level_name, 1, ret);
}

int ctl_parse_squash(const char *s, int64_t *ret)
{
	return by_name(s, shr_squash_name, 0, ret);
}

int ctl_parse_state(const char *s, int64_t *ret)
{
	return by_name(s, shr_share_state_name, 1, ret);
}

int ctl_parse_snapshot_access(const char *s, int64_t *ret)
{
	return by_name(s, shr_snapshot_access_name, 1, ret);
}

const char *ctl_family_name(uint32_t family)
{
	return family == SHR_FAMILY_IPV4 ? "ipv4" : family == SHR_FAMILY_IPV6 ? "ipv6" : family == SHR_FAMILY_VSOCK ? "vsock" :
		"unknown";
}

int ctl_parse_family(const char *s, int64_t *ret)
{
	return by_name(s, ctl_family_name, 1, ret);
}

int ctl_is_id(const char *s)
{
	for (int i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? s[i] != '-' : !s[i] || !strchr("0123456789abcdef", s[i]))
			return 0;
	return !s[36];
}

/* lib/base/ip.c - addresses and prefixes in their one normal form */
#include "ip.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Up to three digits without a leading zero, and nothing behind them; -1: something else. */
static int parse_bits(const char *s, unsigned most, unsigned *ret)
{
	unsigned n = 0;
	int i;

	for (i = 0; s[i] >= '0' && s[i] <= '9' && i < 3; i++)
		n = n * 10 + (unsigned)(s[i] - '0');
	if (i == 0 || s[i] != '\0' || (s[0] == '0' && i > 1) || n > most)
		return -1;
	*ret = n;
	return 0;
}

/* Our own walk, so that what is refused does not hang on the C library's mood. */
static int parse_four(const char *s, uint8_t ret[16])
{
	for (int i = 0; i < 4; i++) {
		char part[4] = { 0 };
		size_t n = strspn(s, "0123456789");
		unsigned value;

		if (n == 0 || n > 3)
			return -1;
		memcpy(part, s, n);
		if (parse_bits(part, 255, &value) != 0)
			return -1;
		ret[i] = (uint8_t)value;
		s += n;
		if (i < 3 && *s++ != '.')
			return -1;
	}
	return *s == '\0' ? 0 : -1;
}

static int is_mapped(const struct shr__ip *ip)
{
	static const uint8_t head[12] = { [10] = 0xff, [11] = 0xff };

	return ip->family == 6 && ip->bits >= 96 && memcmp(ip->a, head, sizeof(head)) == 0;
}

/* Clear what is behind the prefix; 1: something was there. */
static int clear_tail(struct shr__ip *ip)
{
	unsigned n = ip->family == 4 ? 4 : 16;
	int had = 0;

	for (unsigned i = ip->bits / 8; i < n; i++) {
		unsigned keep = i == ip->bits / 8 ? ip->bits % 8 : 0;
		uint8_t mask = (uint8_t)(0xff00u >> keep);

		had |= (ip->a[i] & (uint8_t)~mask) != 0;
		ip->a[i] &= mask;
	}
	return had;
}

/* RFC 5952: lower case, and "::" for the first longest run of two zero groups or more. */
static size_t print_six(const uint8_t a[16], char *s)
{
	int best = -1, best_n = 1, i, n;
	size_t at = 0;

	for (i = 0; i < 8; i += n > 0 ? n : 1) {
		for (n = 0; i + n < 8 && a[2 * (i + n)] == 0 && a[2 * (i + n) + 1] == 0; n++)
			;
		if (n > best_n) {
			best = i;
			best_n = n;
		}
	}
	for (i = 0; i < 8; i++) {
		if (i == best) {
			at += (size_t)sprintf(s + at, "::");
			i += best_n - 1;
			continue;
		}
		if (i > 0 && s[at - 1] != ':')
			s[at++] = ':';
		at += (size_t)sprintf(s + at, "%x", (unsigned)(a[2 * i] << 8 | a[2 * i + 1]));
	}
	return at;
}

static void print(const struct shr__ip *ip, char normal[SHR__IP_ROOM])
{
	size_t at;

	if (ip->family == 4)
		at = (size_t)sprintf(normal, "%u.%u.%u.%u", ip->a[0], ip->a[1], ip->a[2], ip->a[3]);
	else
		at = print_six(ip->a, normal);
	if (ip->bits < (ip->family == 4 ? 32u : 128u))
		sprintf(normal + at, "/%u", ip->bits);
}

int shr__ip_parse(const char *text, struct shr__ip *ret, char normal[SHR__IP_ROOM])
{
	struct shr__ip ip = { 0 };
	char address[SHR__IP_ROOM];
	size_t n = text != NULL ? strcspn(text, "/") : 0;
	int had_tail;

	if (n == 0 || n >= sizeof(address))
		return -1;
	memcpy(address, text, n);
	address[n] = '\0';
	ip.family = strchr(address, ':') != NULL ? 6 : 4;
	ip.bits = ip.family == 4 ? 32 : 128;
	if (ip.family == 4 ? parse_four(address, ip.a) != 0 : inet_pton(AF_INET6, address, ip.a) != 1)
		return -1;
	if (text[n] == '/' && parse_bits(text + n + 1, ip.bits, &ip.bits) != 0)
		return -1;
	if (is_mapped(&ip))
		return -1;
	had_tail = clear_tail(&ip);
	print(&ip, normal);
	*ret = ip;
	return had_tail ? -2 : 0;
}

void shr__ip_prefix(const struct shr__ip *ip, unsigned bits, struct shr__ip *ret, char normal[SHR__IP_ROOM])
{
	struct shr__ip prefix = *ip;

	prefix.bits = bits;
	clear_tail(&prefix);
	print(&prefix, normal);
	*ret = prefix;
}

int shr__ip_contains(const struct shr__ip *prefix, const struct shr__ip *address)
{
	unsigned whole = prefix->bits / 8;
	uint8_t mask = (uint8_t)(0xff00u >> prefix->bits % 8);

	if (prefix->family != address->family || address->bits < prefix->bits)
		return 0;
	if (memcmp(prefix->a, address->a, whole) != 0)
		return 0;
	return mask == 0 || ((prefix->a[whole] ^ address->a[whole]) & mask) == 0;
}

/* lib/base/ip.h - addresses and prefixes in their one normal form */
#ifndef SHR_BASE_IP_H
#define SHR_BASE_IP_H

#include <stddef.h>
#include <stdint.h>

#define SHR__IP_ROOM 64

struct shr__ip {
	int family; /* 4 or 6 */
	unsigned bits; /* of the prefix: 0 to 32 or 128 */
	uint8_t a[16];
};

/* TEXT ("10.0.0.0/24", "fd00::1") to *ret, and its normal form (RFC 5952; a full-length prefix without its "/32" or
 * "/128") to NORMAL. 0: done. -1: malformed. -2: bits are set behind the prefix: *ret and NORMAL are what it should have
 * been. IPv4-mapped IPv6, zone ids and leading zeros (in IPv4 and in the prefix's length) are malformed. */
int shr__ip_parse(const char *text, struct shr__ip *ret, char normal[SHR__IP_ROOM]);
/* The prefix of BITS (at most IP's own) that IP lies in, and its normal form. */
void shr__ip_prefix(const struct shr__ip *ip, unsigned bits, struct shr__ip *ret, char normal[SHR__IP_ROOM]);
int shr__ip_contains(const struct shr__ip *prefix, const struct shr__ip *address);

#endif

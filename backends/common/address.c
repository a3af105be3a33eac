/* backends/common/address.c - the setting `address`: where clients find the server */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "server.h"

uint32_t plug_address_family(const char *s)
{
	unsigned char a[16];

	return inet_pton(AF_INET, s, a) == 1 ? SHR_FAMILY_IPV4 : inet_pton(AF_INET6, s, a) == 1 ? SHR_FAMILY_IPV6 : SHR_FAMILY_ANY;
}

/* A host as it stands in an export location: an address, or a name. */
static int address_ok(const char *s)
{
	size_t i;

	if (!*s || *s == '-' || strlen(s) > 255)
		return 0;
	if (plug_address_family(s) != SHR_FAMILY_ANY)
		return 1;
	for (i = 0; s[i]; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || (s[i] >= '0' && s[i] <= '9') || strchr("._-", s[i])))
			return 0;
	return 1;
}

int plug_addresses_read(const struct shr_driver_host *host, const struct shr_call *call, struct plug_addresses *ret)
{
	const char *s;
	uint32_t n = 0, i;

	while (host->setting(call, NULL, "address", n))
		n++;
	if (n == 0)
		return host->fail(call, SHR_EBACKEND, "setting address: where clients find the server: an address or a name is wanted");
	ret->list = calloc(n, sizeof *ret->list);
	if (!ret->list)
		return host->fail(call, SHR_EAGAIN, "no memory");
	ret->n = n;
	for (i = 0; i < n; i++) {
		ret->list[i] = s = host->setting(call, NULL, "address", i);
		if (!address_ok(s))
			return shr_failf(host, call, SHR_EBACKEND, "setting address: \"%.200s\" is no address and no name", s);
	}
	return 0;
}

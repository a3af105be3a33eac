/* tests/fuzz/ip.c - addresses and prefixes: what is taken has one normal form, which is taken unchanged */
#include "fuzz.h"

#include "base/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s = fuzz_string(data, n);
	char normal[SHR__IP_ROOM], again[SHR__IP_ROOM];
	struct shr__ip ip, same;
	int code = shr__ip_parse(s, &ip, normal);

	MUST(code == 0 || code == -1 || code == -2);
	if (code != -1) {
		MUST(strlen(normal) < SHR__IP_ROOM);
		MUST(shr__ip_parse(normal, &same, again) == 0);
		MUST(strcmp(normal, again) == 0);
		MUST(memcmp(&ip, &same, sizeof(ip)) == 0);
		MUST(shr__ip_contains(&ip, &same));
	}
	free(s);
	return 0;
}

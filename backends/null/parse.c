/* backends/null/parse.c - numbers, sizes and durations in settings */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "null.h"

static int leading(const char *s, uint64_t *ret, const char **ret_rest)
{
	char *rest;

	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	*ret = strtoull(s, &rest, 10);
	*ret_rest = rest;
	return errno ? -1 : 0;
}

int null_parse_number(const char *s, uint64_t *ret)
{
	const char *rest;

	return leading(s, ret, &rest) == 0 && *rest == '\0' ? 0 : -1;
}

int null_parse_bytes(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGTPE";
	const char *rest, *unit;
	unsigned shift;

	if (leading(s, ret, &rest) < 0)
		return -1;
	if (*rest == '\0' || strcmp(rest, "B") == 0)
		return 0;
	unit = strchr(units, *rest);
	if (!unit || (rest[1] != '\0' && strcmp(rest + 1, "iB") != 0))
		return -1;
	shift = 10 * (unsigned)(unit - units + 1);
	if (*ret > UINT64_MAX >> shift)
		return -1;
	*ret <<= shift;
	return 0;
}

int null_parse_ms(const char *s, uint32_t *ret)
{
	const char *rest;
	uint64_t n;

	if (leading(s, &n, &rest) < 0 || n > UINT32_MAX / 1000)
		return -1;
	if (strcmp(rest, "s") == 0)
		n *= 1000;
	else if (strcmp(rest, "ms") != 0)
		return -1;
	*ret = (uint32_t)n;
	return 0;
}

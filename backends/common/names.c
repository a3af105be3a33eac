/* backends/common/names.c - names as a list tells them: only good ones, in order, so many at a time */
#include <stdlib.h>
#include <string.h>
#include "common.h"

int plug_name_ok(const char *s)
{
	size_t more = 0;
	unsigned char c;

	for (; (c = (unsigned char)*s); s++) {
		if (more > 0) {
			if ((c & 0xc0) != 0x80)
				return 0;
			more--;
		} else if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xc3) || c > 0xf4) {
			return 0; /* 0xc2 begins the control characters of Latin-1 among others: better none of these */
		} else if (c >= 0xc3) {
			more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
			if ((c == 0xe0 && (unsigned char)s[1] < 0xa0) || (c == 0xed && (unsigned char)s[1] > 0x9f) ||
			    (c == 0xf0 && (unsigned char)s[1] < 0x90) || (c == 0xf4 && (unsigned char)s[1] > 0x8f))
				return 0;
		}
	}
	return more == 0;
}

int plug_names_keep(struct plug_names *t, const char *name)
{
	uint32_t at = t->n;
	char *copy;

	while (at > 0 && strcmp(t->names[at - 1], name) > 0)
		at--;
	if (at == t->max)
		return 0;
	copy = strdup(name);
	if (!copy)
		return -1;
	if (t->n == t->max)
		free(t->names[--t->n]);
	memmove(t->names + at + 1, t->names + at, (t->n - at) * sizeof *t->names);
	t->names[at] = copy;
	t->n++;
	return 0;
}

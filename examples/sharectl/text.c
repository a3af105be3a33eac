/* examples/sharectl/text.c - numbers into words, and words that a terminal can bear */
#include "ctl.h"
#include "say.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

/* 10GiB where it is exactly that, else two digits more: 10.50GiB. */
const char *ctl_size_text(char ret[CTL_TEXT], uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	uint64_t whole = bytes, below = 0;
	unsigned hundredths;
	int unit = 0, exact = 1;

	while (whole >= 1024 && unit < 6) {
		below = whole & 1023;
		exact = exact && !below;
		unit++;
		whole >>= 10;
	}
	hundredths = (unsigned)(below * 100 / 1024); /* down: 1023.99GiB are no 1024 */
	if (unit == 0)
		snprintf(ret, CTL_TEXT, "%" PRIu64 "B", bytes);
	else if (exact)
		snprintf(ret, CTL_TEXT, "%" PRIu64 "%ciB", whole, units[unit]);
	else
		snprintf(ret, CTL_TEXT, "%" PRIu64 ".%02u%ciB", whole, hundredths, units[unit]);
	return ret;
}

const char *ctl_limit_text(char ret[CTL_TEXT], int64_t limit, int is_bytes)
{
	if (limit < 0)
		snprintf(ret, CTL_TEXT, "unlimited");
	else if (is_bytes)
		ctl_size_text(ret, (uint64_t)limit);
	else
		snprintf(ret, CTL_TEXT, "%" PRId64, limit);
	return ret;
}

const char *ctl_time_text(char ret[CTL_TEXT], int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (ns <= 0 || !localtime_r(&seconds, &tm) || !strftime(ret, CTL_TEXT, "%Y-%m-%d %H:%M:%S", &tm))
		snprintf(ret, CTL_TEXT, "-");
	return ret;
}

const char *ctl_bits_text(char ret[CTL_TEXT], uint64_t bits, const char *(*name)(uint64_t))
{
	size_t at = 0;

	ret[0] = '\0';
	for (unsigned i = 0; i < 64 && at < CTL_TEXT; i++)
		if (bits >> i & 1)
			at += (size_t)snprintf(ret + at, CTL_TEXT - at, "%s%s", at ? "," : "", name(UINT64_C(1) << i));
	return ret;
}

/* The bytes of the character at S and how wide it is; a byte that is none is 1 byte and -1 wide. */
static size_t one(const char *s, int *ret_width)
{
	mbstate_t state;
	wchar_t wide;
	size_t n;

	memset(&state, 0, sizeof state);
	n = mbrtowc(&wide, s, strlen(s), &state);
	if (n == 0 || n > strlen(s)) {
		*ret_width = -1;
		return 1;
	}
	*ret_width = wcwidth(wide);
	return n;
}

char *ctl_clean(const char *s)
{
	char *copy = ctl_alloc(strlen(s) + 1), *to = copy;

	while (*s) {
		int width;
		size_t n = one(s, &width);

		if (width >= 0) {
			memcpy(to, s, n);
			to += n;
		} else {
			*to++ = *s == '\n' || *s == '\t' ? ' ' : '?';
		}
		s += n;
	}
	return copy;
}

int ctl_columns(const char *s)
{
	int columns = 0;

	while (*s) {
		int width;

		s += one(s, &width);
		columns += width < 0 ? 1 : width;
	}
	return columns;
}

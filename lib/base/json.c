/* lib/base/json.c - JSON out; nothing here reads it */
#include "json.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

/* A string in quotes. What is not UTF-8 becomes U+FFFD, so that the output always is JSON. */
static void quoted(struct shr__buf *b, const char *s)
{
	size_t n = strlen(s), i = 0;

	shr__buf_str(b, "\"");
	while (i < n) {
		size_t one = shr__utf8_one(s + i, n - i);
		unsigned char c = (unsigned char)s[i];

		if (one == 0)
			shr__buf_str(b, "\\ufffd");
		else if (c == '"' || c == '\\')
			shr__buf_printf(b, "\\%c", c);
		else if (c == '\n')
			shr__buf_str(b, "\\n");
		else if (c < 0x20 || c == 0x7f)
			shr__buf_printf(b, "\\u%04x", c);
		else
			shr__buf_add(b, s + i, one);
		i += one > 0 ? one : 1;
	}
	shr__buf_str(b, "\"");
}

static void begin(struct shr__json *j, const char *key)
{
	if (j->comma)
		shr__buf_str(&j->buf, ",");
	j->comma = 1;
	if (key != NULL) {
		quoted(&j->buf, key);
		shr__buf_str(&j->buf, ":");
	}
}

void shr__json_open(struct shr__json *j, const char *key, char bracket)
{
	begin(j, key);
	shr__buf_add(&j->buf, &bracket, 1);
	j->comma = 0;
}

void shr__json_close(struct shr__json *j, char bracket)
{
	shr__buf_add(&j->buf, &bracket, 1);
	j->comma = 1;
}

void shr__json_str(struct shr__json *j, const char *key, const char *value)
{
	begin(j, key);
	if (value != NULL)
		quoted(&j->buf, value);
	else
		shr__buf_str(&j->buf, "null");
}

void shr__json_int(struct shr__json *j, const char *key, int64_t value)
{
	begin(j, key);
	shr__buf_printf(&j->buf, "%" PRId64, value);
}

void shr__json_uint(struct shr__json *j, const char *key, uint64_t value)
{
	begin(j, key);
	shr__buf_printf(&j->buf, "%" PRIu64, value);
}

void shr__json_bool(struct shr__json *j, const char *key, int value)
{
	begin(j, key);
	shr__buf_str(&j->buf, value ? "true" : "false");
}

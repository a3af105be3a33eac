/* lib/plugin/words.c - a plugin's words, made fit to be shown */
#include "plugin/words.h"

#include <string.h>

#include "base/text.h"

static void tidy(char *s, size_t n)
{
	size_t i = 0, one;
	unsigned char c;

	while (i < n) {
		one = shr__utf8_one(s + i, n - i);
		c = (unsigned char)s[i];
		if (one == 1 && (c == '\n' || c == '\t' || c == '\r'))
			s[i] = ' ';
		else if (one == 0 || c < 0x20 || c == 0x7f)
			s[i] = '?';
		else if (one == 2 && c == 0xc2 && (unsigned char)s[i + 1] < 0xa0)
			s[i] = s[i + 1] = '?';
		i += one ? one : 1;
	}
}

/* Stars for KEY wherever it stands in S; also for its beginning where S was cut inside it. */
static void cover(char *s, const char *key, int cut)
{
	size_t length = strlen(key), n = strlen(s);
	char *at;

	for (at = strstr(s, key); at; at = strstr(at, key)) {
		memset(at, '*', length);
		at += length;
	}
	for (size_t k = length < n ? length : n; cut && k > 0; k--) {
		if (memcmp(s + n - k, key, k) == 0) {
			memset(s + n - k, '*', k);
			return;
		}
	}
}

void shr__words_copy(char to[SHR__WORDS_MOST + 1], const char *s, const struct shr__told *told)
{
	size_t n = s ? strnlen(s, SHR__WORDS_MOST + 1) : 0;
	int cut = n > SHR__WORDS_MOST;

	if (cut) {
		n = SHR__WORDS_MOST;
		while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) /* not in the middle of a character */
			n--;
	}
	if (n > 0)
		memcpy(to, s, n);
	to[n] = '\0';
	for (uint32_t i = 0; told && i < told->n_keys; i++)
		cover(to, told->keys[i].key, cut);
	tidy(to, n);
}

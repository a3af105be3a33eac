/* lib/config/mend.c - bytes that YAML cannot have: told, and taken out of the way */
#include "node.h"

#include <string.h>

#include "base/text.h"

/* The length of the character that the byte C begins; 0: none begins so. */
static size_t length_of(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Control characters, by the rule that libyaml refuses a whole stream for. S is N bytes of one character. */
static int is_control(const unsigned char *s, size_t n)
{
	if (n == 1)
		return (s[0] < 0x20 && s[0] != '\t' && s[0] != '\n' && s[0] != '\r') || s[0] == 0x7f;
	if (n == 2)
		return s[0] == 0xc2 && s[1] < 0xa0 && s[1] != 0x85;
	return n == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe;
}

void shr__text_mend(char *text, size_t n, struct shr__mistakes *m)
{
	uint32_t line = 1, column = 1, told = 0;
	size_t i = 0;

	while (i < n) {
		const unsigned char *s = (const unsigned char *)text + i;
		size_t length = length_of(s[0]);
		int whole = length && length <= n - i && shr__utf8_ok(text + i, length);

		if (!whole)
			length = 1;
		if (!whole || is_control(s, length)) {
			if (told != line && whole)
				shr__mistake_add(m, line, column, "text without control characters", "a control character");
			else if (told != line)
				shr__mistake_add(m, line, column, "save the file as UTF-8", "not UTF-8: the byte 0x%02x", s[0]);
			told = line;
			memset(text + i, 'x', length);
		}
		column++;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
		i += length;
	}
}

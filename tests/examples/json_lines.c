/* tests/examples/json_lines.c - is each line of the standard input one JSON object, and nothing else? RFC 8259, strictly
 * usage: json_lines LEAST; fewer lines than that are wrong, too */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int value(const char **s, int depth);

static void blank(const char **s)
{
	while (**s == ' ' || **s == '\t' || **s == '\r')
		(*s)++;
}

static int literal(const char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) != 0)
		return -1;
	*s += n;
	return 0;
}

static int digits(const char **s)
{
	if (!isdigit((unsigned char)**s))
		return -1;
	while (isdigit((unsigned char)**s))
		(*s)++;
	return 0;
}

static int number(const char **s)
{
	*s += **s == '-';
	if (**s == '0')
		(*s)++;
	else if (digits(s) < 0)
		return -1;
	if (**s == '.' && ((*s)++, digits(s) < 0))
		return -1;
	if (**s == 'e' || **s == 'E') {
		(*s)++;
		*s += **s == '+' || **s == '-';
		return digits(s);
	}
	return 0;
}

/* One character of UTF-8 over ASCII: no overlong form, no surrogate. */
static int utf8(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	unsigned long code;
	int n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || p[0] > 0xf4)
		return -1;
	code = p[0] & (0xff >> (n + 1));
	for (int i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (p[i] & 0x3f);
	}
	*s += n;
	return (n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10ffff)) || (code >= 0xd800 && code < 0xe000) ? -1 : 0;
}

static int string(const char **s)
{
	if (*(*s)++ != '"')
		return -1;
	while (**s != '"') {
		if ((unsigned char)**s < 0x20) /* the end, too */
			return -1;
		if (**s == '\\') {
			(*s)++;
			if (**s == 'u') {
				for (int i = 1; i <= 4; i++)
					if (!isxdigit((unsigned char)(*s)[i]))
						return -1;
				*s += 4;
			} else if (!**s || !strchr("\"\\/bfnrt", **s)) {
				return -1;
			}
			(*s)++;
		} else if ((unsigned char)**s < 0x80) {
			(*s)++;
		} else if (utf8(s) < 0) {
			return -1;
		}
	}
	(*s)++;
	return 0;
}

/* An array, or, with names, an object. */
static int several(const char **s, char close, int depth)
{
	(*s)++;
	blank(s);
	if (**s == close)
		return (*s)++, 0;
	for (;;) {
		blank(s);
		if (close == '}') {
			if (string(s) < 0)
				return -1;
			blank(s);
			if (*(*s)++ != ':')
				return -1;
		}
		if (value(s, depth) < 0)
			return -1;
		blank(s);
		if (**s == close)
			return (*s)++, 0;
		if (*(*s)++ != ',')
			return -1;
	}
}

static int value(const char **s, int depth)
{
	if (depth > 64)
		return -1;
	blank(s);
	switch (**s) {
	case '{':
		return several(s, '}', depth + 1);
	case '[':
		return several(s, ']', depth + 1);
	case '"':
		return string(s);
	case 't':
		return literal(s, "true");
	case 'f':
		return literal(s, "false");
	case 'n':
		return literal(s, "null");
	default:
		return number(s);
	}
}

int main(int argc, char **argv)
{
	long least = argc > 1 ? atol(argv[1]) : 1, lines = 0, bad = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		const char *s = line;
		int whole = line[n - 1] == '\n';

		lines++;
		if (whole)
			line[--n] = '\0';
		if (!whole || strlen(line) != (size_t)n || *s != '{' || value(&s, 0) < 0 || *s) {
			printf("line %ld is no JSON object from column %ld on: %s\n", lines, (long)(s - line) + 1, line);
			bad++;
		}
	}
	free(line);
	if (lines < least)
		printf("%ld lines, at least %ld were wanted\n", lines, least);
	return bad || lines < least;
}

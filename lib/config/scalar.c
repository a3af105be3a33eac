/* lib/config/scalar.c - one value: a name, a path, a number, a size, a time */
#include "shape.h"

#include <string.h>

#include "base/text.h"

#define PATH_LENGTH_MOST 4095

int shr__node_empty(const struct shr__node *node)
{
	return node->kind == SHR__NODE_SCALAR && node->plain && (!*node->text || !strcmp(node->text, "~"));
}

int shr__text_fine(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, size_t most)
{
	char buf[128];
	const char *wrong = shr__text_wrong(node->text, most, SHR__TEXT_SLASH_OK, buf, sizeof buf);

	if (wrong)
		shr__complain_key(r, key, node, trail, "%s", wrong);
	return !wrong;
}

const char *shr__read_path(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail)
{
	const char *text = node->text;
	char *path;

	if (!shr__text_fine(r, key, node, trail, PATH_LENGTH_MOST))
		return NULL;
	if (*text == '/') {
		path = shr__arena_strdup(r->out, text);
	} else if (!r->directory) {
		shr__complain(r, node, trail, "an absolute path", "the path is relative, and the current directory is gone");
		return NULL;
	} else {
		while (!strncmp(text, "./", 2))
			text += 1 + strspn(text + 1, "/");
		path = shr__arena_printf(r->out, "%s%s%s", r->directory, strcmp(r->directory, "/") ? "/" : "", text);
	}
	if (!path)
		r->m->nomem = 1;
	return path;
}

static void read_name(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const char **ret)
{
	char quoted[SHR__QUOTE_ROOM];
	const char *copy;

	if (!shr__ident_ok(node->text, SHR__NAME_MOST)) {
		shr__complain_key(r, key, node, trail, "%s is not a name", shr__quote(node->text, quoted));
		return;
	}
	copy = shr__arena_strdup(r->out, node->text);
	if (copy)
		*ret = copy;
	else
		r->m->nomem = 1;
}

static void read_store(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const char **ret)
{
	const char *path;

	if (!strcmp(node->text, ":memory:")) {
		*ret = ":memory:";
		return;
	}
	path = shr__read_path(r, key, node, trail);
	if (path)
		*ret = path;
}

/* A whole number in its one form: no sign, no leading zeros. 0 or -1. */
static int parse_count(const char *s, int64_t *ret)
{
	uint64_t n = 0;

	if (!*s || strspn(s, "0123456789") != strlen(s) || strlen(s) > 19 || (*s == '0' && s[1]))
		return -1;
	for (; *s; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (n > INT64_MAX)
		return -1;
	*ret = (int64_t)n;
	return 0;
}

static int parse_bytes(const char *s, int64_t *ret)
{
	uint64_t n;

	if (shr__bytes_parse(s, &n) || n > (uint64_t)SHR__SIZE_MOST)
		return -1;
	*ret = (int64_t)n;
	return 0;
}

static int parse_limit(const char *s, int64_t *ret)
{
	if (strcmp(s, "unlimited"))
		return parse_count(s, ret);
	*ret = -1;
	return 0;
}

static int parse_limit_bytes(const char *s, int64_t *ret)
{
	if (strcmp(s, "unlimited"))
		return parse_bytes(s, ret);
	*ret = -1;
	return 0;
}

static int parse_flag(const char *s, int64_t *ret)
{
	*ret = !strcmp(s, "true");
	return *ret || !strcmp(s, "false") ? 0 : -1;
}

static const struct {
	int (*parse)(const char *s, int64_t *ret);
	const char *what;
} numbers[SHR__N_KINDS] = {
	[SHR__KIND_FLAG] = { parse_flag, "true or false" },
	[SHR__KIND_COUNT] = { parse_count, "a whole number" },
	[SHR__KIND_BYTES] = { parse_bytes, "a size" },
	[SHR__KIND_TIME] = { shr__duration_parse, "a time" },
	[SHR__KIND_LIMIT] = { parse_limit, "a limit" },
	[SHR__KIND_LIMIT_BYTES] = { parse_limit_bytes, "a limit" },
};

/* 0: *ret is within the bounds of KEY. */
static int read_number(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, int64_t *ret)
{
	const char *text = node->text;
	char quoted[SHR__QUOTE_ROOM];
	int unlimited;

	shr__quote(text, quoted);
	if (*text == '-' && text[1] >= '0' && text[1] <= '9') {
		shr__complain_key(r, key, node, trail, "%s is negative", quoted);
		return -1;
	}
	if (numbers[key->kind].parse(text, ret)) {
		shr__complain_key(r, key, node, trail, "%s is not %s", quoted, numbers[key->kind].what);
		return -1;
	}
	unlimited = *ret < 0; /* no parser gives a negative number for anything else */
	if (key->kind != SHR__KIND_FLAG && !unlimited && (*ret < key->least || *ret > key->most)) {
		shr__complain_key(r, key, node, trail, "%s is too %s", quoted, *ret < key->least ? "small" : "large");
		return -1;
	}
	return 0;
}

void shr__read_scalar(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target)
{
	void *to = (char *)target + key->at;
	int64_t n;

	if (key->kind == SHR__KIND_NAME) {
		read_name(r, key, node, trail, to);
		return;
	}
	if (key->kind == SHR__KIND_STORE) {
		read_store(r, key, node, trail, to);
		return;
	}
	if (read_number(r, key, node, trail, &n))
		return;
	switch (key->kind) {
	case SHR__KIND_FLAG:
	case SHR__KIND_COUNT:
		*(uint32_t *)to = (uint32_t)n;
		break;
	case SHR__KIND_BYTES:
		*(uint64_t *)to = (uint64_t)n;
		break;
	default:
		*(int64_t *)to = n;
	}
}

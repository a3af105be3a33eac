/* backends/null/replay.c - the objects that a state file tells of */
#include <stdlib.h>
#include <string.h>
#include "null.h"

#define WORDS 6

/* Split LINE at single spaces; the last word takes the rest. */
static int split(char *line, char *words[WORDS])
{
	int n = 0;

	while (n < WORDS) {
		words[n++] = line;
		line = n < WORDS ? strchr(line, ' ') : NULL;
		if (!line)
			break;
		*line++ = '\0';
	}
	return n;
}

/* A pool that is no longer configured: its objects are kept under the first one, that they can be removed. */
static uint32_t pool_number(const struct null_be *be, const char *name)
{
	uint32_t i;

	for (i = 0; i < be->n_pools; i++)
		if (strcmp(be->pools[i].name, name) == 0)
			return i;
	return 0;
}

/* Each of these: 0; 1: it makes no sense; -1: no memory. */
static int replay_create(struct null_be *be, const struct null_id *id, char **words, int n)
{
	struct null_object *o;
	uint64_t bytes, protocols;

	if (n != 6 || null_parse_number(words[3], &bytes) < 0 || null_parse_number(words[4], &protocols) < 0 ||
	    null_map_find(&be->objects, id))
		return 1;
	o = calloc(1, sizeof *o);
	if (!o)
		return -1;
	o->id = *id;
	o->bytes = bytes;
	o->protocols = protocols;
	o->pool = pool_number(be, words[2]);
	if (*words[5] && !(o->source = strdup(words[5]))) {
		null_object_free(o);
		return -1;
	}
	if (null_map_put(&be->objects, &o->id) < 0) {
		null_object_free(o);
		return -1;
	}
	be->pools[o->pool].used += bytes;
	return 0;
}

static int replay_remove(struct null_be *be, const struct null_id *id)
{
	struct null_object *o = null_map_take(&be->objects, id);

	if (!o)
		return 1;
	be->pools[o->pool].used -= o->bytes;
	null_object_free(o);
	return 0;
}

static int replay_resize(struct null_be *be, struct null_object *o, char **words, int n)
{
	uint64_t bytes;

	if (n != 3 || null_parse_number(words[2], &bytes) < 0)
		return 1;
	be->pools[o->pool].used += bytes - o->bytes;
	o->bytes = bytes;
	return 0;
}

static int replay_rule(struct null_object *o, char **words, int n)
{
	struct null_rule *r;
	struct null_id id;
	uint64_t type, level;

	if (n != 5 || null_id_parse(words[2], &id) < 0 || null_parse_number(words[3], &type) < 0 ||
	    null_parse_number(words[4], &level) < 0)
		return 1;
	r = null_map_find(&o->rules, &id);
	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return -1;
		r->id = id;
		if (null_map_put(&o->rules, &r->id) < 0) {
			free(r);
			return -1;
		}
	}
	r->type = (uint32_t)type;
	r->level = (uint32_t)level;
	return 0;
}

static int replay_unrule(struct null_object *o, char **words, int n)
{
	struct null_id id;

	if (n != 3 || null_id_parse(words[2], &id) < 0)
		return 1;
	free(null_map_take(&o->rules, &id));
	return 0;
}

static int replay_line(struct null_be *be, char *line)
{
	struct null_object *o;
	struct null_id id;
	char *words[WORDS] = { NULL };
	int n = split(line, words);

	if (n < 2 || null_id_parse(words[1], &id) < 0)
		return 1;
	if (strcmp(words[0], "create") == 0)
		return replay_create(be, &id, words, n);
	if (strcmp(words[0], "remove") == 0 || strcmp(words[0], "unmanage") == 0)
		return replay_remove(be, &id);
	o = null_map_find(&be->objects, &id);
	if (!o)
		return 1;
	if (strcmp(words[0], "resize") == 0)
		return replay_resize(be, o, words, n);
	if (strcmp(words[0], "rule") == 0)
		return replay_rule(o, words, n);
	if (strcmp(words[0], "unrule") == 0)
		return replay_unrule(o, words, n);
	if (strcmp(words[0], "revision") == 0 && n == 3)
		return null_parse_number(words[2], &o->revision) < 0;
	return 1;
}

long null_replay(struct null_be *be, char *text, size_t n, size_t *ret_good)
{
	char *at = text, *end;
	long line = 0;
	int bad;

	while ((end = memchr(at, '\n', n - (size_t)(at - text)))) {
		*end = '\0';
		line++;
		bad = replay_line(be, at);
		if (bad)
			return bad > 0 ? line : -1;
		at = end + 1;
	}
	*ret_good = (size_t)(at - text);
	return 0;
}

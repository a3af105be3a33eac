/* backends/null/replay.c - the objects that a state file tells of */
#include <stdlib.h>
#include <string.h>
#include "null.h"

#define WORDS 9

/* Split LINE at single spaces; the last word of MOST takes the rest. */
static int split(char *line, char *words[WORDS], int most)
{
	int n = 0;

	while (n < most) {
		words[n++] = line;
		line = n < most ? strchr(line, ' ') : NULL;
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
static int replay_object(struct null_be *be, const struct null_object *like, const char *pool, const char *source)
{
	struct null_object *o;

	if (null_map_find(&be->objects, &like->id))
		return 1;
	o = malloc(sizeof *o);
	if (!o)
		return -1;
	*o = *like;
	o->pool = pool_number(be, pool);
	if ((*source && !(o->source = strdup(source))) || null_insert(be, o) < 0) {
		null_object_free(o);
		return -1;
	}
	return 0;
}

/* create INSTANCE POOL BYTES PROTOCOLS NAME */
static int replay_create(struct null_be *be, const struct null_id *id, char **words, int n)
{
	struct null_object like = { .id = *id };

	if (n != 6 || null_parse_number(words[3], &like.bytes) < 0 || null_parse_number(words[4], &like.protocols) < 0)
		return 1;
	return replay_object(be, &like, words[2], words[5]);
}

/* snapshot INSTANCE POOL BYTES PROTOCOLS OF CUT CONTENT NAME */
static int replay_snapshot(struct null_be *be, const struct null_id *id, char **words, int n)
{
	struct null_object like = { .id = *id, .flags = NULL_SNAPSHOT };

	if (n != 9 || null_parse_number(words[3], &like.bytes) < 0 || null_parse_number(words[4], &like.protocols) < 0 ||
	    null_id_parse(words[5], &like.of) < 0 || !null_map_find(&be->objects, &like.of) ||
	    null_parse_number(words[6], &like.cut) < 0 || null_parse_number(words[7], &like.content) < 0)
		return 1;
	return replay_object(be, &like, words[2], words[8]);
}

/* clone INSTANCE POOL BYTES PROTOCOLS COPYLESS CONTENT */
static int replay_clone(struct null_be *be, const struct null_id *id, char **words, int n)
{
	struct null_object like = { .id = *id };
	uint64_t copyless;

	if (n != 7 || null_parse_number(words[3], &like.bytes) < 0 || null_parse_number(words[4], &like.protocols) < 0 ||
	    null_parse_number(words[5], &copyless) < 0 || copyless > 1 || null_parse_number(words[6], &like.content) < 0)
		return 1;
	like.flags = NULL_CLONED | (copyless ? NULL_COPYLESS : 0);
	return replay_object(be, &like, words[2], "");
}

static int replay_remove(struct null_be *be, const struct null_id *id)
{
	struct null_object *o = null_map_find(&be->objects, id);

	if (!o)
		return 1;
	null_drop(be, o);
	return 0;
}

static int replay_resize(struct null_be *be, struct null_object *o, char **words, int n)
{
	uint64_t bytes, before = null_cost(o);

	if (n != 3 || null_parse_number(words[2], &bytes) < 0)
		return 1;
	o->bytes = bytes;
	be->pools[o->pool].used += null_cost(o) - before;
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

/* What makes and takes away whole objects; 2: it is no such line. */
static int replay_whole(struct null_be *be, const struct null_id *id, char **words, int n)
{
	if (strcmp(words[0], "create") == 0)
		return replay_create(be, id, words, n);
	if (strcmp(words[0], "snapshot") == 0)
		return replay_snapshot(be, id, words, n);
	if (strcmp(words[0], "clone") == 0)
		return replay_clone(be, id, words, n);
	if (strcmp(words[0], "remove") == 0 || strcmp(words[0], "unmanage") == 0)
		return replay_remove(be, id);
	return 2;
}

static int replay_line(struct null_be *be, char *line)
{
	struct null_object *o;
	struct null_id id;
	char *words[WORDS] = { NULL };
	int n = split(line, words, strncmp(line, "create ", 7) == 0 ? 6 : WORDS), done;

	if (n < 2 || null_id_parse(words[1], &id) < 0)
		return 1;
	done = replay_whole(be, &id, words, n);
	if (done != 2)
		return done;
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
	if (strcmp(words[0], "content") == 0 && (n == 3 || n == 4))
		return null_parse_number(words[2], &o->content) < 0;
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

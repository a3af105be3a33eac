/* lib/config/map.c - a mapping against its table: unknown, missing and double keys; the values of the others */
#include "shape.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"

#define SCALAR 1u
#define LIST 2u
#define MAP 4u

static const struct {
	unsigned takes;
	shr__read_fn *read;
} kinds[SHR__N_KINDS] = {
	[SHR__KIND_NAME] = { SCALAR, shr__read_scalar },
	[SHR__KIND_STORE] = { SCALAR, shr__read_scalar },
	[SHR__KIND_PATHS] = { SCALAR | LIST, shr__read_many },
	[SHR__KIND_FLAG] = { SCALAR, shr__read_scalar },
	[SHR__KIND_COUNT] = { SCALAR, shr__read_scalar },
	[SHR__KIND_BYTES] = { SCALAR, shr__read_scalar },
	[SHR__KIND_TIME] = { SCALAR, shr__read_scalar },
	[SHR__KIND_LIMIT] = { SCALAR, shr__read_scalar },
	[SHR__KIND_LIMIT_BYTES] = { SCALAR, shr__read_scalar },
	[SHR__KIND_PROTOCOLS] = { SCALAR | LIST, shr__read_many },
	[SHR__KIND_SETTINGS] = { MAP, shr__read_many },
	[SHR__KIND_MAP] = { MAP, shr__read_nested },
	[SHR__KIND_ITEMS] = { LIST, shr__read_nested },
	[SHR__KIND_EXPORTER] = { SCALAR | MAP, shr__read_nested },
};

void shr__read_value(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target)
{
	static const unsigned bits[] = { [SHR__NODE_SCALAR] = SCALAR, [SHR__NODE_LIST] = LIST, [SHR__NODE_MAP] = MAP };
	static const char *const words[] = { "", "a single value", "a list", "a mapping" };

	if (node->bad)
		return;
	if (shr__node_empty(node))
		shr__complain_key(r, key, node, trail, "has no value");
	else if (!(kinds[key->kind].takes & bits[node->kind]))
		shr__complain_key(r, key, node, trail, "is %s", words[node->kind]);
	else if (node->kind == SHR__NODE_LIST && !node->n)
		shr__complain_key(r, key, node, trail, "is an empty list");
	else
		kinds[key->kind].read(r, key, node, trail, target);
}

static void unknown_key(struct shr__reader *r, const struct shr__shape *shape, const struct shr__node *node,
	const struct shr__trail *trail)
{
	const char *names[SHR__KEYS_MOST];
	const char *meant;
	char quoted[SHR__QUOTE_ROOM];
	struct shr__buf remedy = { 0 };
	uint32_t i;

	for (i = 0; i < shape->n_keys; i++)
		names[i] = shape->keys[i].name;
	meant = shr__nearest(node->text, names, shape->n_keys);
	if (meant)
		shr__buf_printf(&remedy, "did you mean \"%s\"?", meant);
	for (i = 0; !meant && i < shape->n_keys; i++)
		shr__buf_printf(&remedy, "%s%s", i ? ", " : "known here: ", names[i]);
	shr__buf_add(&remedy, "", 1);
	if (remedy.failed)
		r->m->nomem = 1;
	else
		shr__complain(r, node, trail, remedy.p, "unknown key %s", shr__quote(node->text, quoted));
	shr__buf_clear(&remedy);
}

/* Which key is NODE? -1: none, and that was told. */
static int find_key(struct shr__reader *r, const struct shr__shape *shape, const struct shr__node *node,
	const struct shr__trail *trail)
{
	uint32_t i;

	if (node->bad)
		return -1;
	if (node->kind != SHR__NODE_SCALAR) {
		shr__complain(r, node, trail, "text as the key", "a key that is not text");
		return -1;
	}
	for (i = 0; i < shape->n_keys; i++)
		if (!strcmp(shape->keys[i].name, node->text))
			return (int)i;
	unknown_key(r, shape, node, trail);
	return -1;
}

static void missing_keys(struct shr__reader *r, const struct shr__shape *shape, const struct shr__node *node,
	const struct shr__trail *trail, const struct shr__node *const *values)
{
	uint32_t i;

	for (i = 0; i < shape->n_keys; i++)
		if (shape->keys[i].required && !values[i])
			shr__complain_key(r, &shape->keys[i], node, trail, "the key \"%s\" is missing", shape->keys[i].name);
}

void shr__read_map(struct shr__reader *r, const struct shr__shape *shape, const struct shr__node *node,
	const struct shr__trail *trail, void *target)
{
	const struct shr__node *keys[SHR__KEYS_MOST] = { NULL }, *values[SHR__KEYS_MOST] = { NULL };
	const struct shr__node *k;

	for (k = node->first; k; k = k->next) {
		struct shr__trail at = { .up = trail, .key = k->text };
		int i = find_key(r, shape, k, trail);

		if (i < 0 || !k->value)
			continue;
		if (keys[i])
			shr__complain(r, k, &at, "give each key once", "the key is there already, in line %" PRIu32, keys[i]->line);
		keys[i] = k;
		values[i] = k->value;
		/* The value of a double is read as well: its own mistakes are to be told at once. */
		shr__read_value(r, &shape->keys[i], k->value, &at, target);
	}
	if (shape->has_line)
		*(uint32_t *)(void *)((char *)target + shape->line) = node->line;
	if (r->whole)
		missing_keys(r, shape, node, trail, values);
	if (shape->check && !r->m->nomem)
		shape->check(r, trail, node, values, target);
}

/* The node that names an element; NULL: there is none to compare. */
static const struct shr__node *name_of(const struct shr__node *item)
{
	const struct shr__node *k;

	for (k = item->kind == SHR__NODE_MAP ? item->first : NULL; k; k = k->next)
		if (k->kind == SHR__NODE_SCALAR && !strcmp(k->text, "name"))
			return k->value && k->value->kind == SHR__NODE_SCALAR && *k->value->text ? k->value : NULL;
	return NULL;
}

static void read_items(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const void **ret, uint32_t *ret_n)
{
	static const struct shr__key element = { .kind = SHR__KIND_MAP };
	const size_t size = key->shape->size;
	char *items = shr__arena_alloc(r->out, node->n * size);
	struct shr__named *names = shr__arena_alloc(r->m->arena, node->n * sizeof *names);
	const struct shr__node *item;
	uint32_t i = 0, n_names = 0;

	if (!items || !names) {
		r->m->nomem = 1;
		return;
	}
	for (item = node->first; item; item = item->next, i++) {
		struct shr__trail at = { .up = trail, .index = i };
		struct shr__key one = element;
		const struct shr__node *name = name_of(item);

		one.shape = key->shape;
		memcpy(items + i * size, key->shape->initial, size);
		shr__read_value(r, &one, item, &at, items + i * size);
		if (name)
			names[n_names++] = (struct shr__named){ name->text, name, i };
	}
	shr__names_differ(r, names, n_names, trail);
	shr__sort_by_name(items, node->n, size);
	*ret = items;
	*ret_n = node->n;
}

static void read_exporter(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, struct shr__conf_plugin *exporter)
{
	exporter->line = node->line;
	if (node->kind == SHR__NODE_MAP)
		shr__read_map(r, key->shape, node, trail, exporter);
	else
		shr__read_value(r, &key->shape->keys[0], node, trail, exporter);
}

void shr__read_nested(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target)
{
	void *to = (char *)target + key->at;

	if (key->kind == SHR__KIND_MAP)
		shr__read_map(r, key->shape, node, trail, target);
	else if (key->kind == SHR__KIND_ITEMS)
		read_items(r, key, node, trail, to, (uint32_t *)(void *)((char *)target + key->count));
	else
		read_exporter(r, key, node, trail, to);
}

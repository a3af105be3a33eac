/* lib/config/many.c - lists of values: paths, protocols, a plugin's own settings */
#include "shape.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "libshare/share.h"

#define SETTING_LENGTH_MOST 4096

/* One element after the other; a scalar is a list of one. */
struct each {
	const struct shr__node *node;
	struct shr__trail trail;
};

static void each_begin(struct each *e, const struct shr__node *node, const struct shr__trail *trail)
{
	e->node = node->kind == SHR__NODE_LIST ? node->first : node;
	/* A value that stands alone is called by its key, not by a number. */
	e->trail = node->kind == SHR__NODE_LIST ? (struct shr__trail){ .up = trail } : *trail;
}

static void each_next(struct each *e)
{
	e->node = e->node->next;
	e->trail.index++;
}

/* May the element be read as text? */
static int each_fine(struct shr__reader *r, const struct shr__key *key, const struct each *e)
{
	if (e->node->bad)
		return 0;
	if (e->node->kind == SHR__NODE_SCALAR && !shr__node_empty(e->node))
		return 1;
	shr__complain_key(r, key, e->node, &e->trail, "is %s", e->node->kind == SHR__NODE_SCALAR ? "empty" :
		e->node->kind == SHR__NODE_LIST ? "a list" : "a mapping");
	return 0;
}

static uint32_t how_many(const struct shr__node *node)
{
	return node->kind == SHR__NODE_LIST ? node->n : 1;
}

static void read_paths(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, const char *const **ret, uint32_t *ret_n)
{
	const char **paths = shr__arena_alloc(r->out, how_many(node) * sizeof *paths);
	struct each e;
	uint32_t n = 0;

	if (!paths) {
		r->m->nomem = 1;
		return;
	}
	for (each_begin(&e, node, trail); e.node; each_next(&e)) {
		const char *path = each_fine(r, key, &e) ? shr__read_path(r, key, e.node, &e.trail) : NULL;

		if (path)
			paths[n++] = path;
	}
	*ret = paths;
	*ret_n = n;
}

static void read_protocols(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, uint64_t *ret)
{
	static const char *const names[] = { "nfs", "smb", "cephfs" };
	static const uint64_t bits[] = { SHR_PROTO_NFS, SHR_PROTO_SMB, SHR_PROTO_CEPHFS };
	const unsigned n_names = sizeof names / sizeof *names;
	char quoted[SHR__QUOTE_ROOM];
	struct each e;
	unsigned i;

	for (each_begin(&e, node, trail); e.node; each_next(&e)) {
		if (!each_fine(r, key, &e))
			continue;
		for (i = 0; i < n_names && strcmp(e.node->text, names[i]); i++)
			;
		shr__quote(e.node->text, quoted);
		if (i == n_names)
			shr__complain_key(r, key, e.node, &e.trail, "unknown protocol %s", quoted);
		else if (*ret & bits[i])
			shr__complain(r, e.node, &e.trail, "each protocol once", "%s is there already", quoted);
		else
			*ret |= bits[i];
	}
}

/* The values of one setting. */
static void read_setting(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail,
	struct shr__setting *setting)
{
	static const struct shr__key one = { .kind = SHR__KIND_SETTING }, *const key = &one;
	const char **values;
	struct each e;

	if (node->kind == SHR__NODE_MAP || (node->kind == SHR__NODE_LIST && !node->n)) {
		shr__complain_key(r, key, node, trail, "is %s", node->kind == SHR__NODE_MAP ? "a mapping" : "an empty list");
		return;
	}
	values = shr__arena_alloc(r->out, how_many(node) * sizeof *values);
	if (!values) {
		r->m->nomem = 1;
		return;
	}
	setting->values = values;
	for (each_begin(&e, node, trail); e.node; each_next(&e)) {
		char buf[128];
		const char *wrong;

		if (!each_fine(r, key, &e))
			continue;
		wrong = shr__text_wrong(e.node->text, SETTING_LENGTH_MOST, SHR__TEXT_SLASH_OK | SHR__TEXT_EMPTY_OK, buf,
			sizeof buf);
		if (wrong)
			shr__complain(r, e.node, &e.trail, "text of one line of at most 4096 bytes", "%s", wrong);
		else if (!(values[setting->n_values++] = shr__arena_strdup(r->out, e.node->text)))
			r->m->nomem = 1;
	}
}

/* 1: the key of a pair can be a setting's. */
static int setting_key_fine(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail)
{
	char quoted[SHR__QUOTE_ROOM];

	if (node->bad)
		return 0;
	if (node->kind == SHR__NODE_SCALAR && shr__ident_ok(node->text, SHR__NAME_MOST))
		return 1;
	if (node->kind == SHR__NODE_SCALAR)
		shr__complain(r, node, trail, "a key of 1 to 63 of A-Z, a-z, 0-9, '.', '_' and '-'", "%s cannot be a key",
			shr__quote(node->text, quoted));
	else
		shr__complain(r, node, trail, "text as the key", "a key that is not text");
	return 0;
}

static void read_settings(struct shr__reader *r, const struct shr__node *node, const struct shr__trail *trail,
	const struct shr__setting **ret, uint32_t *ret_n)
{
	struct shr__setting *settings = shr__arena_alloc(r->out, (node->n + 1) * sizeof *settings);
	struct shr__named *names = shr__arena_alloc(r->m->arena, (node->n + 1) * sizeof *names);
	const struct shr__node *k;
	uint32_t n = 0;

	if (!settings || !names) {
		r->m->nomem = 1;
		return;
	}
	for (k = node->first; k && !r->m->nomem; k = k->next) {
		struct shr__trail at = { .up = trail, .key = k->text };

		if (!setting_key_fine(r, k, trail))
			continue;
		names[n] = (struct shr__named){ k->text, k, UINT32_MAX };
		settings[n].line = k->line;
		settings[n].key = shr__arena_strdup(r->out, k->text);
		if (!settings[n].key)
			r->m->nomem = 1;
		else if (k->value && !k->value->bad)
			read_setting(r, k->value, &at, &settings[n]);
		n++;
	}
	if (r->m->nomem)
		return;
	shr__names_differ(r, names, n, trail);
	shr__sort_by_name(settings, n, sizeof *settings);
	*ret = settings;
	*ret_n = n;
}

void shr__read_many(struct shr__reader *r, const struct shr__key *key, const struct shr__node *node,
	const struct shr__trail *trail, void *target)
{
	void *to = (char *)target + key->at;
	uint32_t *count = (uint32_t *)(void *)((char *)target + key->count);

	if (key->kind == SHR__KIND_PATHS)
		read_paths(r, key, node, trail, to, count);
	else if (key->kind == SHR__KIND_PROTOCOLS)
		read_protocols(r, key, node, trail, to);
	else
		read_settings(r, node, trail, to, count);
}

/* backends/null/look.c - what is really there: one instance, all of a pool; and reaching its files, of which there are none */
#include <stdlib.h>
#include <string.h>
#include "null.h"

/* ---- one instance ---- */

/* Under the lock: SHR_OK, or what is wrong with the rule. */
static int judge(const struct null_object *o, const struct shr_rule *rule)
{
	const struct null_rule *r;
	struct null_id id;

	if (null_id_parse(rule->id, &id) < 0)
		return SHR_ENOTFOUND;
	r = null_map_find(&o->rules, &id);
	if (!r)
		return SHR_ENOTFOUND;
	return r->type == rule->type && r->level == rule->level ? SHR_OK : SHR_ECONFLICT;
}

struct ids { /* of rules, sorted */
	struct null_id *p;
	uint32_t n;
};

static int by_id(const void *a, const void *b)
{
	const struct null_id *x = a, *y = b;

	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Under the lock. What is left of these when all rules were asked for is nobody's. */
static int take_ids(const struct null_object *o, struct ids *ids)
{
	uint32_t i;

	ids->p = malloc((o->rules.n + 1) * sizeof *ids->p);
	if (!ids->p)
		return -1;
	for (i = 0; i < o->rules.room; i++)
		if (o->rules.slots[i])
			ids->p[ids->n++] = *o->rules.slots[i];
	qsort(ids->p, ids->n, sizeof *ids->p, by_id);
	return 0;
}

/* The set comes in the order of ids, as these are sorted: AT goes along. */
static void tell_strangers(const struct null_be *be, const struct shr_call *call, const struct ids *ids, uint32_t *at,
	const struct null_id *until)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_RULE, .instance_id = "", .what = "a rule" };
	char name[37];

	for (; *at < ids->n && (!until || by_id(&ids->p[*at], until) < 0); (*at)++) {
		null_id_text(&ids->p[*at], name);
		f.name = name;
		be->host->found(call, &f);
	}
	if (until && *at < ids->n && by_id(&ids->p[*at], until) == 0)
		(*at)++;
}

static void look_rules(struct null_be *be, const struct shr_call *call, const struct null_id *id, const struct ids *ids,
	struct shr_rules *all)
{
	const struct shr_rule *rule;
	const struct null_object *o;
	struct null_id rule_id;
	uint32_t at = 0;
	int code;

	while ((rule = be->host->next_rule(call, all))) {
		pthread_mutex_lock(&be->lock);
		o = null_map_find(&be->objects, id);
		code = o ? judge(o, rule) : SHR_ENOTFOUND;
		pthread_mutex_unlock(&be->lock);
		be->host->set_rule(call, rule->id, code, code == SHR_ENOTFOUND ? "it is not there" : "it is of another level");
		if (null_id_parse(rule->id, &rule_id) == 0)
			tell_strangers(be, call, ids, &at, &rule_id);
	}
	tell_strangers(be, call, ids, &at, NULL);
}

static int look(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	const struct null_object *o = NULL;
	struct ids ids = { NULL, 0 };
	struct null_id id;
	uint64_t bytes = 0;
	int bad = 0;

	pthread_mutex_lock(&be->lock);
	if (null_id_parse(instance->id, &id) == 0)
		o = null_map_find(&be->objects, &id);
	if (o) {
		bytes = o->bytes;
		bad = take_ids(o, &ids);
	}
	pthread_mutex_unlock(&be->lock);
	if (!o)
		return null_absent(be, call, instance);
	if (bad)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	if (!(instance->flags & SHR_INSTANCE_SNAPSHOT))
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, bytes);
	null_tell_path(be, call, instance);
	if (all)
		look_rules(be, call, &id, &ids, all);
	free(ids.p);
	return 0;
}

int null_look_as(void *p, const struct shr_call *call, uint32_t verb, const struct shr_instance *instance,
	struct shr_rules *all)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, verb, &plan);

	if (code == 0)
		code = null_behind(be, call);
	return code ? code : null_end(be, call, &plan, look(be, call, instance, all));
}

int null_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	return null_look_as(be, call, NULL_LOOK, instance, all);
}

/* ---- all of a pool ---- */

struct thing {
	char *name;
	uint64_t bytes;
	struct null_id id;
};

static int by_name(const void *a, const void *b)
{
	const struct thing *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static char *name_of(const struct null_object *o)
{
	char id[37];

	null_id_text(&o->id, id);
	return strdup(o->source ? o->source : id);
}

/* Under the lock: those behind AFTER. -1: no memory. */
static int collect(const struct null_be *be, uint32_t pool, const char *after, struct thing *things, uint32_t *ret_n)
{
	const struct null_object *o;
	char *name;
	uint32_t i;

	for (i = 0; i < be->objects.room; i++) {
		o = (const struct null_object *)be->objects.slots[i];
		if (!o || o->pool != pool || o->flags & NULL_SNAPSHOT) /* a snapshot is a part of its share */
			continue;
		name = name_of(o);
		if (!name)
			return -1;
		if (strcmp(name, after) > 0 && strlen(name) < 256)
			things[(*ret_n)++] = (struct thing){ name, o->bytes, o->id };
		else
			free(name);
	}
	return 0;
}

static void tell_things(const struct null_be *be, const struct shr_call *call, const struct thing *things, uint32_t n)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_INSTANCE, .what = "" };
	char id[37];
	uint32_t i;

	for (i = 0; i < n; i++) {
		null_id_text(&things[i].id, id);
		f.bytes = things[i].bytes;
		f.name = things[i].name;
		f.instance_id = id;
		be->host->found(call, &f);
	}
}

static int list(struct null_be *be, const struct shr_call *call, uint32_t pool, const char *after, uint32_t max)
{
	struct thing *things;
	uint32_t n = 0, i;
	int bad;

	pthread_mutex_lock(&be->lock);
	things = malloc((be->objects.n + 1) * sizeof *things);
	bad = things ? collect(be, pool, after, things, &n) : -1;
	pthread_mutex_unlock(&be->lock);
	if (!bad) {
		qsort(things, n, sizeof *things, by_name);
		tell_things(be, call, things, n < max ? n : max);
	}
	for (i = 0; i < n; i++)
		free(things[i].name);
	free(things);
	return bad ? be->host->fail(call, SHR_EAGAIN, "no memory") : 0;
}

int null_list(void *p, const struct shr_call *call, const char *pool, const char *after, uint32_t max)
{
	struct null_be *be = p;
	struct null_plan plan;
	uint32_t i = 0;
	int code = null_begin(be, call, NULL_LIST, &plan);

	if (code == 0)
		code = null_behind(be, call);
	while (i < be->n_pools && strcmp(be->pools[i].name, pool) != 0)
		i++;
	if (code == 0 && i == be->n_pools)
		code = shr_failf(be->host, call, SHR_ENOTFOUND, "there is no pool %.255s", pool);
	return code ? code : null_end(be, call, &plan, list(be, call, i, after, max));
}

/* ---- its files ---- */

static int attach(void *p, const struct shr_call *call, const struct shr_instance *instance, uint32_t readonly)
{
	struct null_be *be = p;
	struct null_id id;
	int there;

	(void)readonly;
	pthread_mutex_lock(&be->lock);
	there = null_id_parse(instance->id, &id) == 0 && null_map_find(&be->objects, &id);
	pthread_mutex_unlock(&be->lock);
	if (!there)
		return null_absent(be, call, instance);
	null_tell_path(be, call, instance);
	return 0;
}

static int detach(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	(void)be;
	(void)call;
	(void)instance;
	return 0;
}

const struct shr_driver_data null_data = { sizeof null_data, 0, attach, detach };

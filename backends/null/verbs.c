/* backends/null/verbs.c - instances come and go */
#include <stdlib.h>
#include <string.h>
#include "null.h"

void null_object_free(void *object)
{
	struct null_object *o = object;

	if (!o)
		return;
	null_map_clear(&o->rules, free);
	free(o->source);
	free(o);
}

int null_absent(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	return shr_failf(be->host, call, SHR_ENOTFOUND, "instance %.64s is not here: it was never made, or in a process that "
		"is gone (the setting state keeps instances)", instance->id);
}

int null_bad_id(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	return shr_failf(be->host, call, SHR_EBACKEND, "instance id \"%.64s\" is no UUID", instance->id);
}

static int no_memory(const struct null_be *be, const struct shr_call *call)
{
	return be->host->fail(call, SHR_EAGAIN, "no memory");
}

static int no_journal(const struct null_be *be, const struct shr_call *call)
{
	return be->host->fail(call, SHR_EUNREACHABLE, "the state file cannot be written");
}

static struct null_pool *pool_of(const struct null_be *be, const char *name)
{
	uint32_t i;

	for (i = 0; i < be->n_pools; i++)
		if (strcmp(be->pools[i].name, name) == 0)
			return &be->pools[i];
	return NULL;
}

/* ---- telling ---- */

static void tell_exports(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	static const struct {
		uint64_t protocol;
		const char *before;
	} ways[] = { { SHR_PROTO_NFS, "null:/" }, { SHR_PROTO_SMB, "\\\\null\\" }, { SHR_PROTO_CEPHFS, "null:6789:/" } };
	const uint32_t readonly = instance->flags & (SHR_INSTANCE_READONLY | SHR_INSTANCE_SNAPSHOT) ? SHR_EXPORT_READONLY : 0;
	const uint64_t protocols = instance->protocols;
	const char *id = instance->id;
	struct shr_export e = { sizeof e, SHR_EXPORT_PREFERRED | readonly, 0, SHR_FAMILY_ANY, 0, NULL, id };
	char path[64];
	size_t i, n;

	for (i = 0; i < sizeof ways / sizeof *ways; i++) {
		if (!(protocols & ways[i].protocol))
			continue;
		n = strlen(ways[i].before);
		memcpy(path, ways[i].before, n);
		memcpy(path + n, id, 37);
		e.protocol = ways[i].protocol;
		e.path = path;
		be->host->add_export(call, id, &e);
		e.flags = readonly;
	}
}

static void tell_garbage(const struct null_be *be, const struct shr_call *call, const char *id)
{
	struct shr_export e = { sizeof e, 0, SHR_PROTO_NFS | SHR_PROTO_SMB, 99, 0, "", id };

	be->host->add_export(call, id, &e);
	be->host->set_number(call, "no such object", 99, 1);
}

void null_tell_path(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	size_t n = strlen(be->paths);
	char path[1024];

	if (n + 38 <= sizeof path) {
		memcpy(path, be->paths, n);
		path[n] = '/';
		memcpy(path + n + 1, instance->id, 37);
		be->host->set_path(call, instance->id, path);
	}
}

void null_tell(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct null_plan *plan)
{
	be->host->set_ref(call, instance->id, "null");
	tell_exports(be, call, instance);
	null_tell_path(be, call, instance);
	if (null_garbage(plan))
		tell_garbage(be, call, instance->id);
}

/* ---- making; under the lock, 0 or a code without words ---- */

int null_fits(const struct null_pool *pool, uint64_t more)
{
	return !pool->hard || (pool->used <= pool->size && more <= pool->size - pool->used);
}

static struct null_object *new_object(const struct null_id *id, const char *source)
{
	struct null_object *o = calloc(1, sizeof *o);

	if (!o)
		return NULL;
	o->id = *id;
	if (source && !(o->source = strdup(source))) {
		free(o);
		return NULL;
	}
	return o;
}

uint64_t null_cost(const struct null_object *o)
{
	return o->flags & (NULL_SNAPSHOT | NULL_COPYLESS) ? 0 : o->bytes;
}

static int write_line(struct null_be *be, const struct null_object *o)
{
	const char *pool = be->pools[o->pool].name, *source = o->source ? o->source : "";
	const unsigned long long bytes = o->bytes, protocols = o->protocols, cut = o->cut, content = o->content;
	char id[37], of[37];

	null_id_text(&o->id, id);
	null_id_text(&o->of, of);
	if (o->flags & NULL_SNAPSHOT)
		return null_journal_line(be, "snapshot %s %s %llu %llu %s %llu %llu %s\n", id, pool, bytes, protocols, of, cut, content,
			source);
	if (o->flags & NULL_CLONED)
		return null_journal_line(be, "clone %s %s %llu %llu %u %llu\n", id, pool, bytes, protocols,
			o->flags & NULL_COPYLESS ? 1u : 0u, content);
	return null_journal_line(be, "create %s %s %llu %llu %s\n", id, pool, bytes, protocols, source);
}

static struct null_object *share_of(const struct null_be *be, const struct null_object *o)
{
	return o->flags & NULL_SNAPSHOT ? null_map_find(&be->objects, &o->of) : NULL;
}

int null_insert(struct null_be *be, struct null_object *o)
{
	struct null_object *share = share_of(be, o);

	if (null_map_put(&be->objects, &o->id) < 0)
		return -1;
	be->pools[o->pool].used += null_cost(o);
	if (share)
		share->n_snapshots++;
	return 0;
}

static void drop_one(struct null_be *be, struct null_object *o)
{
	struct null_object *share = share_of(be, o);

	null_map_take(&be->objects, &o->id);
	be->pools[o->pool].used -= null_cost(o);
	if (share)
		share->n_snapshots--;
	null_object_free(o);
}

/* What follows a hole in the map moves up into it, so that after a removal the same slot is seen again. */
void null_drop(struct null_be *be, struct null_object *o)
{
	struct null_object *s;
	uint32_t i = 0;

	while (o->n_snapshots > 0 && i < be->objects.room) {
		s = (struct null_object *)be->objects.slots[i];
		if (s && share_of(be, s) == o)
			drop_one(be, s);
		else
			i++;
	}
	drop_one(be, o);
}

static int insert(struct null_be *be, struct null_object *o)
{
	if (null_insert(be, o) < 0) {
		null_object_free(o);
		return SHR_ENOMEM;
	}
	if (write_line(be, o) < 0) {
		drop_one(be, o);
		return SHR_EUNREACHABLE;
	}
	return 0;
}

int null_make(struct null_be *be, const struct null_id *id, const struct shr_instance *instance, uint64_t bytes,
	const char *source, const struct null_object *like)
{
	struct null_pool *pool = pool_of(be, instance->pool);
	struct null_object *o;

	if (null_map_find(&be->objects, id))
		return 0;
	if (!pool)
		return SHR_ENOTFOUND;
	o = new_object(id, source);
	if (!o)
		return SHR_ENOMEM;
	o->bytes = bytes;
	o->protocols = instance->protocols;
	o->pool = (uint32_t)(pool - be->pools);
	if (like) {
		o->flags = like->flags;
		o->of = like->of;
		o->content = like->content;
		o->cut = like->cut;
	}
	if (null_fits(pool, null_cost(o)))
		return insert(be, o);
	null_object_free(o);
	return SHR_ENOSPC;
}

int null_explain(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	uint64_t bytes, int code)
{
	switch (code) {
	case SHR_ENOTFOUND:
		return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no pool %.255s", instance->pool);
	case SHR_ENOSPC:
		return shr_failf(be->host, call, SHR_ENOSPC, "pool %.255s has no room for %llu bytes more", instance->pool,
			(unsigned long long)bytes);
	case SHR_ENOMEM:
		return no_memory(be, call);
	default:
		return no_journal(be, call);
	}
}

static int create(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct null_plan *plan)
{
	struct null_id id;
	int code;

	if (null_id_parse(instance->id, &id) < 0)
		return null_bad_id(be, call, instance);
	pthread_mutex_lock(&be->lock);
	code = null_make(be, &id, instance, instance->bytes, NULL, NULL);
	pthread_mutex_unlock(&be->lock);
	if (code)
		return null_explain(be, call, instance, instance->bytes, code);
	null_tell(be, call, instance, plan);
	return 0;
}

int null_create(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_CREATE, &plan);

	return code ? code : null_end(be, call, &plan, create(be, call, instance, &plan));
}

/* ---- taking away ---- */

int null_take(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance, const char *word)
{
	struct null_object *o;
	struct null_id id;
	int code = 0;

	if (null_id_parse(instance->id, &id) < 0)
		return null_bad_id(be, call, instance);
	pthread_mutex_lock(&be->lock);
	o = null_map_find(&be->objects, &id);
	if (o && null_journal_line(be, "%s %s\n", word, instance->id) < 0)
		code = -1;
	else if (o)
		null_drop(be, o);
	pthread_mutex_unlock(&be->lock);
	return code ? no_journal(be, call) : 0;
}

int null_remove(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_REMOVE, &plan);

	return code ? code : null_end(be, call, &plan, null_take(be, call, instance, "remove"));
}

int null_unmanage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_UNMANAGE, &plan);

	return code ? code : null_end(be, call, &plan, null_take(be, call, instance, "unmanage"));
}

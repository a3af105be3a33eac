/* backends/null/sizes.c - how much there is, is used, and shall be */
#include "null.h"

static uint64_t used_of(const struct null_be *be, const struct null_object *o)
{
	return be->pretend < o->bytes ? be->pretend : o->bytes;
}

/* Under the lock; 0 or a code without words. */
static int set_size(struct null_be *be, const struct shr_instance *instance, uint64_t bytes, uint64_t *ret_used)
{
	struct null_object *o;
	struct null_pool *pool;
	struct null_id id;
	uint64_t before;

	if (null_id_parse(instance->id, &id) < 0)
		return SHR_ENOTFOUND;
	o = null_map_find(&be->objects, &id);
	if (!o)
		return SHR_ENOTFOUND;
	*ret_used = used_of(be, o);
	if (bytes < *ret_used)
		return SHR_EDATALOSS;
	pool = &be->pools[o->pool];
	if (bytes > o->bytes && !(o->flags & NULL_COPYLESS) && !null_fits(pool, bytes - o->bytes))
		return SHR_ENOSPC;
	if (bytes != o->bytes && null_journal_line(be, "resize %s %llu\n", instance->id, (unsigned long long)bytes) < 0)
		return SHR_EUNREACHABLE;
	before = null_cost(o);
	o->bytes = bytes;
	pool->used += null_cost(o) - before;
	return 0;
}

static int resize(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	uint64_t used = 0;
	int code;

	pthread_mutex_lock(&be->lock);
	code = set_size(be, instance, bytes, &used);
	pthread_mutex_unlock(&be->lock);
	if (code == 0)
		return 0;
	if (code == SHR_ENOTFOUND)
		return null_absent(be, call, instance);
	if (code == SHR_EDATALOSS)
		return shr_failf(be->host, call, SHR_EDATALOSS, "%llu bytes are in use: it cannot shrink to %llu",
			(unsigned long long)used, (unsigned long long)bytes);
	return null_explain(be, call, instance, bytes - instance->bytes, code);
}

int null_resize(void *p, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_RESIZE, &plan);

	return code ? code : null_end(be, call, &plan, resize(be, call, instance, bytes));
}

static int usage(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_object *o = NULL;
	struct null_id id;
	uint64_t used = 0;

	pthread_mutex_lock(&be->lock);
	if (null_id_parse(instance->id, &id) == 0)
		o = null_map_find(&be->objects, &id);
	if (o)
		used = used_of(be, o);
	pthread_mutex_unlock(&be->lock);
	if (!o)
		return null_absent(be, call, instance);
	be->host->set_number(call, instance->id, SHR_NUMBER_USED, used);
	return 0;
}

int null_usage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_USAGE, &plan);

	return code ? code : null_end(be, call, &plan, usage(be, call, instance));
}

int null_stats(void *p, const struct shr_call *call)
{
	struct null_be *be = p;
	struct null_plan plan;
	uint64_t used, free;
	uint32_t i;
	int code = null_begin(be, call, NULL_STATS, &plan);

	if (code)
		return code;
	for (i = 0; i < be->n_pools; i++) {
		const struct null_pool *pool = &be->pools[i];

		pthread_mutex_lock(&be->lock);
		used = pool->used;
		pthread_mutex_unlock(&be->lock);
		/* Room is taken when it is written, where it is thin: and nothing ever is. */
		free = !pool->hard ? pool->size : used < pool->size ? pool->size - used : 0;
		be->host->set_number(call, pool->name, SHR_NUMBER_TOTAL, pool->size);
		be->host->set_number(call, pool->name, SHR_NUMBER_FREE, free);
		be->host->set_number(call, pool->name, SHR_NUMBER_CAPABILITIES, pool->caps);
	}
	return null_end(be, call, &plan, 0);
}

/* backends/null/manage.c - a share out of a name that was not made here */
#include <string.h>
#include "null.h"

/* "NAME@SIZE" has that size, any other 1 GiB. */
static int source_size(const char *source, uint64_t *ret)
{
	const char *at = strrchr(source, '@');

	*ret = UINT64_C(1) << 30;
	return at ? null_parse_bytes(at + 1, ret) : 0;
}

const struct null_object *null_holder(const struct null_be *be, const char *source, const struct null_id *id)
{
	const struct null_object *o;
	uint32_t i;

	for (i = 0; i < be->objects.room; i++) {
		o = (const struct null_object *)be->objects.slots[i];
		if (o && o->source && strcmp(o->source, source) == 0 && (o->id.hi != id->hi || o->id.lo != id->lo))
			return o;
	}
	return NULL;
}

static int manage(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct null_plan *plan)
{
	const struct null_object *other;
	struct null_id id;
	uint64_t bytes;
	int code = 0;

	if (null_id_parse(instance->id, &id) < 0)
		return null_bad_id(be, call, instance);
	if (strncmp(instance->source, "missing", 7) == 0 || source_size(instance->source, &bytes) < 0 ||
	    strchr(instance->source, '\n'))
		return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no \"%.255s\" (NAME or NAME@SIZE)", instance->source);
	pthread_mutex_lock(&be->lock);
	other = null_holder(be, instance->source, &id);
	if (!other)
		code = null_make(be, &id, instance, bytes, instance->source, NULL);
	if (!other && code == 0)
		bytes = ((const struct null_object *)null_map_find(&be->objects, &id))->bytes;
	pthread_mutex_unlock(&be->lock);
	if (other)
		return shr_failf(be->host, call, SHR_EBACKEND, "\"%.255s\" is managed already", instance->source);
	if (code)
		return null_explain(be, call, instance, bytes, code);
	be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, bytes);
	null_tell(be, call, instance, plan);
	return 0;
}

int null_manage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct null_be *be = p;
	struct null_plan plan;
	int code = null_begin(be, call, NULL_MANAGE, &plan);

	return code ? code : null_end(be, call, &plan, manage(be, call, instance, &plan));
}

/* tests/whole/fake.c - a driver inside the test's program: instances */
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_rules.h"
#include "unit/unit.h"

struct fake fake = { .lock = PTHREAD_MUTEX_INITIALIZER };

void fake_reset(void)
{
	for (uint32_t i = 0; i < fake.n_instances; i++)
		free(fake.instances[i].rules);
	free(fake.instances);
	memset(&fake, 0, sizeof fake);
	pthread_mutex_init(&fake.lock, NULL);
}

void fake_finding(const char *format, ...)
{
	va_list args;

	if (fake.n_findings == FAKE_FINDINGS)
		return;
	va_start(args, format);
	vsnprintf(fake.findings[fake.n_findings++], sizeof fake.findings[0], format, args);
	va_end(args);
}

void fake_no_findings(void)
{
	for (uint32_t i = 0; i < fake.n_findings; i++)
		fprintf(stderr, "finding: %s\n", fake.findings[i]);
	ck_assert_uint_eq(fake.n_findings, 0);
}

int fake_fail(const struct shr_call *call, int code, const char *why)
{
	return fake.host->fail(call, code, why);
}

struct fake_instance *fake_find(const char *id)
{
	for (uint32_t i = 0; i < fake.n_instances; i++)
		if (strcmp(fake.instances[i].id, id) == 0)
			return &fake.instances[i];
	return NULL;
}

static struct fake_instance *add(const struct shr_instance *instance, uint64_t bytes)
{
	struct fake_instance *i = fake_find(instance->id);

	if (i)
		return i;
	if (!fake.instances)
		fake.instances = calloc(FAKE_INSTANCES, sizeof *fake.instances);
	if (!fake.instances || fake.n_instances == FAKE_INSTANCES)
		return NULL;
	i = &fake.instances[fake.n_instances++];
	memset(i, 0, sizeof *i);
	snprintf(i->id, sizeof i->id, "%s", instance->id);
	snprintf(i->source, sizeof i->source, "%.60s", instance->source);
	i->bytes = bytes;
	return i;
}

static void drop(const char *id)
{
	struct fake_instance *i = fake_find(id);

	if (!i)
		return;
	free(i->rules);
	*i = fake.instances[--fake.n_instances];
}

static void tell(const struct shr_call *call, const struct shr_instance *instance)
{
	struct shr_export e = { sizeof e, SHR_EXPORT_PREFERRED, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, NULL, instance->id };
	char path[64];

	snprintf(path, sizeof path, "fake:/%s", instance->id);
	e.path = path;
	for (e.protocol = 1; e.protocol <= SHR_PROTO_CEPHFS; e.protocol <<= 1)
		if (instance->protocols & e.protocol)
			fake.host->add_export(call, instance->id, &e);
	fake.host->set_ref(call, instance->id, "fake");
}

static int begin(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	int code;

	pthread_mutex_lock(&fake.lock);
	fake.calls[verb]++;
	if (++fake.running > fake.most_running)
		fake.most_running = fake.running;
	pthread_mutex_unlock(&fake.lock);
	code = fake.before ? fake.before(verb, call, instance) : 0;
	pthread_mutex_lock(&fake.lock);
	fake.running -= code != 0;
	return code;
}

static int end(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance, int code)
{
	fake.running--;
	pthread_mutex_unlock(&fake.lock);
	if (code == 0 && fake.after)
		code = fake.after(verb, call, instance);
	return code;
}

/* Begins a verb, under the lock from then on. */
#define BEGIN(verb, instance) \
	int code = begin(verb, call, instance); \
	if (code) { \
		pthread_mutex_unlock(&fake.lock); \
		return code; \
	}

static int fake_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	pthread_mutex_lock(&fake.lock);
	fake.host = host;
	fake.open++;
	pthread_mutex_unlock(&fake.lock);
	*ret_be = &fake;
	return 0;
}

static void fake_close(void *be)
{
	pthread_mutex_lock(&fake.lock);
	fake.open--;
	pthread_mutex_unlock(&fake.lock);
}

static int fake_stats(void *be, const struct shr_call *call)
{
	const char *pool;
	uint32_t n = 0;

	BEGIN(FAKE_STATS, NULL)
	while ((pool = fake.host->pool(call, n++))) {
		fake.host->set_number(call, pool, SHR_NUMBER_TOTAL, UINT64_C(1) << 50);
		fake.host->set_number(call, pool, SHR_NUMBER_FREE, UINT64_C(1) << 50);
		fake.host->set_number(call, pool, SHR_NUMBER_CAPABILITIES, fake_driver.capabilities);
	}
	return end(FAKE_STATS, call, NULL, 0);
}

static int fake_create(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	BEGIN(FAKE_CREATE, instance)
	if (!add(instance, instance->bytes))
		code = fake_fail(call, SHR_ENOSPC, "the test's driver is full");
	else
		tell(call, instance);
	return end(FAKE_CREATE, call, instance, code);
}

static int fake_remove(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	BEGIN(FAKE_REMOVE, instance)
	drop(instance->id);
	return end(FAKE_REMOVE, call, instance, 0);
}

static int fake_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	struct fake_instance *i;

	BEGIN(FAKE_RESIZE, instance)
	i = fake_find(instance->id);
	if (!i)
		code = fake_fail(call, SHR_ENOTFOUND, "it is not here");
	else
		i->bytes = bytes;
	return end(FAKE_RESIZE, call, instance, code);
}

static int fake_access(void *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	struct fake_instance *i;

	BEGIN(FAKE_ACCESS, instance)
	i = fake_find(instance->id);
	if (!i)
		code = fake_fail(call, SHR_ENOTFOUND, "it is not here");
	else
		fake_rules_update(i, call, diff, all);
	return end(FAKE_ACCESS, call, instance, code);
}

static int fake_manage(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	BEGIN(FAKE_MANAGE, instance)
	if (strncmp(instance->source, "missing", 7) == 0) {
		code = fake_fail(call, SHR_ENOTFOUND, "there is no such thing");
	} else if (!add(instance, 1 << 20)) {
		code = fake_fail(call, SHR_ENOSPC, "the test's driver is full");
	} else {
		fake.host->set_number(call, instance->id, SHR_NUMBER_BYTES, 1 << 20);
		tell(call, instance);
	}
	return end(FAKE_MANAGE, call, instance, code);
}

static int fake_unmanage(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	BEGIN(FAKE_UNMANAGE, instance)
	drop(instance->id);
	return end(FAKE_UNMANAGE, call, instance, 0);
}

int fake_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	const struct shr_rule *rule;
	struct fake_instance *i;
	int found;

	pthread_mutex_lock(&fake.lock);
	i = fake_find(instance->id);
	pthread_mutex_unlock(&fake.lock);
	if (!i)
		return fake_fail(call, SHR_ENOTFOUND, "it is not here");
	fake.host->set_number(call, instance->id, SHR_NUMBER_BYTES, i->bytes);
	while ((rule = fake.host->next_rule(call, all))) {
		found = SHR_ENOTFOUND;
		for (uint32_t n = 0; n < i->n_rules; n++)
			if (strcmp(i->rules[n].id, rule->id) == 0)
				found = i->rules[n].level == rule->level ? SHR_OK : SHR_ECONFLICT;
		fake.host->set_rule(call, rule->id, found, "wrong");
	}
	return 0;
}

static int fake_cancel(void *be, const struct shr_call *call)
{
	return 0;
}

static const char *const no_settings[] = { NULL };

struct shr_driver fake_driver = {
	.abi = SHR_DRIVER_ABI, .size = sizeof(struct shr_driver), .name = "fake", .version = "1",
	.threads = SHR_THREADS_PARALLEL, .fencing = SHR_FENCING_NONE,
	.capabilities = SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_ACCESS_IP | SHR_CAP_IPV6 | SHR_CAP_THIN,
	.protocols = SHR_PROTO_NFS, .settings = no_settings, .pool_settings = no_settings,
	.open = fake_open, .close = fake_close, .stats = fake_stats, .create = fake_create, .remove = fake_remove,
	.resize = fake_resize, .update_access = fake_access, .manage = fake_manage, .unmanage = fake_unmanage,
	.cancel = fake_cancel,
};

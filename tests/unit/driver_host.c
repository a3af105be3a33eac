/* tests/unit/driver_host.c - what driver_host.h says */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "driver_host.h"

static struct host *of(const struct shr_call *call)
{
	return call->core;
}

static int host_fail(const struct shr_call *call, int code, const char *message)
{
	of(call)->code = code;
	snprintf(of(call)->message, sizeof of(call)->message, "%s", message);
	return code;
}

static int host_pending(const struct shr_call *call, const void *token, uint64_t len, uint32_t again_ms)
{
	struct host *h = of(call);

	if (len)
		memcpy(h->token, token, len);
	h->token_len = len;
	h->again_ms = again_ms;
	return SHR_RUNNING;
}

static void host_progress(const struct shr_call *call, uint64_t done, uint64_t total)
{
	(void)call;
	(void)done;
	(void)total;
}

static int host_cancelled(const struct shr_call *call)
{
	struct host *h = of(call);
	struct timespec nap = { 0, (long)h->nap_ms * 1000000 };

	if (h->nap_ms)
		nanosleep(&nap, NULL);
	h->n_cancelled++;
	return h->cancel || (h->cancel_at && h->n_cancelled >= h->cancel_at);
}

static void host_set_ref(const struct shr_call *call, const char *id, const char *ref)
{
	(void)id;
	snprintf(of(call)->ref, sizeof of(call)->ref, "%s", ref);
}

static void host_add_export(const struct shr_call *call, const char *id, const struct shr_export *location)
{
	struct host *h = of(call);

	(void)id;
	if (h->n_exports < 8) {
		h->exports[h->n_exports] = *location;
		snprintf(h->export_paths[h->n_exports], sizeof *h->export_paths, "%s", location->path);
	}
	h->n_exports++;
}

static void host_set_path(const struct shr_call *call, const char *id, const char *path)
{
	(void)id;
	snprintf(of(call)->path, sizeof of(call)->path, "%s", path);
}

static void host_set_rule(const struct shr_call *call, const char *rule_id, int code, const char *why)
{
	struct host *h = of(call);

	(void)why;
	if (h->n_rules < 64) {
		h->rule_codes[h->n_rules] = code;
		snprintf(h->rule_ids[h->n_rules], sizeof *h->rule_ids, "%s", rule_id);
	}
	h->n_rules++;
}

static void host_set_rule_key(const struct shr_call *call, const char *rule_id, const char *key)
{
	struct host *h = of(call);

	(void)rule_id;
	if (h->n_keys < 8)
		snprintf(h->keys[h->n_keys], sizeof *h->keys, "%s", key);
	h->n_keys++;
}

static void host_set_number(const struct shr_call *call, const char *object, uint32_t key, uint64_t value)
{
	struct host *h = of(call);

	(void)object;
	switch (key) {
	case SHR_NUMBER_TOTAL: h->total = value; break;
	case SHR_NUMBER_FREE: h->free = value; break;
	case SHR_NUMBER_CAPABILITIES: h->caps = value; break;
	case SHR_NUMBER_BYTES: h->bytes = value; h->has_bytes = 1; break;
	case SHR_NUMBER_USED: h->used = value; h->has_used = 1; break;
	case SHR_NUMBER_CUT: h->cut = value; break;
	default: break;
	}
}

static const struct shr_rule *host_next_rule(const struct shr_call *call, struct shr_rules *all)
{
	struct host *h = of(call);

	(void)all;
	return h->all && h->all[h->n_pulled] ? h->all[h->n_pulled++] : NULL;
}

static void host_log(const struct shr_call *call, int level, const char *line)
{
	(void)call;
	(void)level;
	(void)line;
}

static const char *host_setting(const struct shr_call *call, const char *pool, const char *key, uint32_t nth)
{
	const struct host_setting *s = of(call)->settings;

	for (; s && s->key; s++)
		if (strcmp(s->key, key) == 0 && (pool ? s->pool && strcmp(s->pool, pool) == 0 : !s->pool) && nth-- == 0)
			return s->value;
	return NULL;
}

static const char *host_pool(const struct shr_call *call, uint32_t nth)
{
	return nth < 4 ? of(call)->pools[nth] : NULL;
}

static void host_found(const struct shr_call *call, const struct shr_found *thing)
{
	struct host *h = of(call);

	if (h->n_found == 16)
		return;
	snprintf(h->found[h->n_found], sizeof h->found[0], "%s", thing->name);
	snprintf(h->found_what[h->n_found], sizeof h->found_what[0], "%s", thing->what);
	snprintf(h->found_ids[h->n_found], sizeof h->found_ids[0], "%s", thing->instance_id);
	h->found_bytes[h->n_found++] = thing->bytes;
}

const struct shr_driver_host host_table = {
	sizeof host_table, 0x000100, host_fail, host_pending, host_progress, host_cancelled, host_set_ref, host_add_export,
	host_set_path, host_set_rule, host_set_rule_key, host_set_number, host_next_rule, host_log, host_setting, host_pool,
	host_found,
};

struct shr_call host_call(struct host *h)
{
	struct shr_call call = { .size = sizeof call, .attempt = 1, .op_id = "op", .step = "step", .item_id = "", .core = h };

	memset(&h->code, 0, offsetof(struct host, token) - offsetof(struct host, code));
	h->n_cancelled = 0;
	call.token = h->token_len ? h->token : NULL;
	call.token_len = h->token_len;
	return call;
}

struct shr_instance host_instance(const char *id, uint64_t bytes)
{
	struct shr_instance in = { .size = sizeof in, .bytes = bytes, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB, .id = id,
		.share_id = id, .project = "p1", .pool = "p", .name = "name", .ref = "", .source = "" };

	return in;
}

long host_fail_at, host_allocations;

static int now(void)
{
	if (++host_allocations != host_fail_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *host_malloc(size_t n);
void *host_malloc(size_t n)
{
	return now() ? NULL : malloc(n);
}

void *host_calloc(size_t n, size_t size);
void *host_calloc(size_t n, size_t size)
{
	return now() ? NULL : calloc(n, size);
}

void *host_realloc(void *p, size_t n);
void *host_realloc(void *p, size_t n)
{
	return now() ? NULL : realloc(p, n);
}

char *host_strdup(const char *s);
char *host_strdup(const char *s)
{
	return now() ? NULL : strdup(s);
}

/* tests/fuzz/config.c - configurations: what is taken keeps its promises, and what is not has mistakes with places */
#include "fuzz.h"

#include "base/record.h"
#include "base/text.h"
#include "config/config.h"
#include "config/shape.h"

static void check_settings(const struct shr__setting *settings, uint32_t n)
{
	uint32_t i, v;

	for (i = 0; i < n; i++) {
		MUST(shr__ident_ok(settings[i].key, SHR__NAME_MOST));
		MUST(i == 0 || strcmp(settings[i - 1].key, settings[i].key) < 0);
		MUST(settings[i].n_values > 0 && settings[i].line > 0);
		for (v = 0; v < settings[i].n_values; v++)
			MUST(shr__utf8_ok(settings[i].values[v], strlen(settings[i].values[v])));
	}
}

static void check_pool(const struct shr__conf_pool *pool, const struct shr__conf_pool *before)
{
	MUST(shr__ident_ok(pool->name, SHR__NAME_MOST));
	MUST(!before || strcmp(before->name, pool->name) < 0);
	MUST(pool->capacity <= (uint64_t)SHR__SIZE_MOST && pool->reserved <= (uint64_t)SHR__SIZE_MOST);
	MUST(!pool->capacity || pool->reserved < pool->capacity);
	MUST(pool->reserved_percent < 100 && pool->oversubscribe_percent > 0);
	check_settings(pool->settings, pool->n_settings);
}

static void check_backend(const struct shr__conf_backend *backend, const struct shr__conf_backend *before)
{
	uint32_t i;

	MUST(shr__ident_ok(backend->name, SHR__NAME_MOST) && shr__ident_ok(backend->driver, SHR__NAME_MOST));
	MUST(!before || strcmp(before->name, backend->name) < 0);
	MUST(!*backend->zone || shr__ident_ok(backend->zone, SHR__NAME_MOST));
	MUST(!*backend->exporter.name || shr__ident_ok(backend->exporter.name, SHR__NAME_MOST));
	MUST(strspn(backend->fingerprint, "0123456789abcdef") == 64 && !backend->fingerprint[64]);
	MUST(backend->n_pools > 0);
	check_settings(backend->settings, backend->n_settings);
	check_settings(backend->exporter.settings, backend->exporter.n_settings);
	for (i = 0; i < backend->n_pools; i++)
		check_pool(&backend->pools[i], i ? &backend->pools[i - 1] : NULL);
}

static void check_config(const struct shr__config *c)
{
	uint32_t i;

	MUST(*c->store_path == '/' || !strcmp(c->store_path, ":memory:"));
	for (i = 0; i < c->n_plugin_dirs; i++)
		MUST(*c->plugin_dirs[i] == '/');
	for (i = 0; i < c->n_public_keys; i++)
		MUST(*c->public_keys[i] == '/');
	MUST(!c->require_signature || c->n_public_keys > 0);
	MUST(c->lease_ms >= 1000 && c->lease_ms <= 600000 && c->poll_ms >= 10 && c->poll_ms <= 60000);
	MUST(c->retry_limit >= 1 && c->retry_limit <= 1000 && c->retry_first_ms <= c->retry_most_ms);
	MUST(c->quota_shares >= -1 && c->quota_bytes >= -1);
	for (i = 0; i < c->n_backends; i++)
		check_backend(&c->backends[i], i ? &c->backends[i - 1] : NULL);
}

static void check_error(const struct shr_error *error)
{
	unsigned line = 1, column, before = 1;
	uint32_t i;

	MUST(error && error->code == SHR_EINVAL && error->n_faults > 0);
	for (i = 0; i < error->n_faults && i < SHR__MISTAKES_MOST; i++, before = line) {
		const struct shr_fault *fault = error->faults[i];

		MUST(shr__utf8_ok(fault->message, strlen(fault->message)));
		if (error->n_faults > SHR__MISTAKES_MOST && i + 2 > SHR__MISTAKES_MOST)
			break; /* the last stands for the rest, and has no place */
		MUST(sscanf(fault->where, "configuration:%u:%u", &line, &column) == 2);
		MUST(line >= before && column >= 1);
		MUST(*fault->message && *fault->remedy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = fuzz_string(data, n);
	const struct shr__config *config = NULL;
	const struct shr_error *error = NULL;
	int rc = shr__config_read(NULL, text, NULL, &config, &error);

	if (rc) {
		MUST(rc == SHR_EINVAL && !config);
		check_error(error);
	} else {
		MUST(config && !error);
		check_config(config);
	}
	shr_error_unref(error);
	shr__record_unref(config);
	free(text);
	return 0;
}

/* lib/config/fingerprint.c - one number for all that a backend's configuration says */
#include "fingerprint.h"

#include "base/buf.h"
#include "base/crypto.h"

/* What the fields mean; kept for ever, since engines of two versions compare their sums. */
enum {
	NAME = 1, DRIVER, ZONE, PROTOCOLS, EXPORTER, EXPORTER_SETTINGS, SETTINGS, POOLS, KEY, VALUES, VALUE, POOL,
	CAPACITY, RESERVED, RESERVED_PERCENT, OVERSUBSCRIBE_PERCENT,
	DUAL_PROTOCOL
};

static void add_settings(struct shr__buf *b, uint16_t tag, const struct shr__setting *settings, uint32_t n)
{
	uint32_t i, v;

	/* Counts keep two lists apart whose elements, one after the other, are the same. */
	shr__pack_int(b, tag, n);
	for (i = 0; i < n; i++) {
		shr__pack_str(b, KEY, settings[i].key);
		shr__pack_int(b, VALUES, settings[i].n_values);
		for (v = 0; v < settings[i].n_values; v++)
			shr__pack_str(b, VALUE, settings[i].values[v]);
	}
}

static void add_pool(struct shr__buf *b, const struct shr__conf_pool *pool)
{
	shr__pack_str(b, POOL, pool->name);
	shr__pack_int(b, CAPACITY, (int64_t)pool->capacity);
	shr__pack_int(b, RESERVED, (int64_t)pool->reserved);
	shr__pack_int(b, RESERVED_PERCENT, pool->reserved_percent);
	shr__pack_int(b, OVERSUBSCRIBE_PERCENT, pool->oversubscribe_percent);
	add_settings(b, SETTINGS, pool->settings, pool->n_settings);
}

static int hex_sum(const struct shr__buf *b, char ret[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t sum[32];
	unsigned i;

	if (shr__sha256(b->p, b->n, sum))
		return SHR_EINTERNAL;
	for (i = 0; i < sizeof sum; i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 15];
	}
	ret[64] = '\0';
	return 0;
}

int shr__fingerprint(struct shr__conf_backend *backend)
{
	struct shr__buf b = { 0 };
	uint32_t i;
	int rc;

	shr__pack_str(&b, NAME, backend->name);
	shr__pack_str(&b, DRIVER, backend->driver);
	shr__pack_str(&b, ZONE, backend->zone);
	shr__pack_int(&b, PROTOCOLS, (int64_t)backend->protocols);
	shr__pack_str(&b, EXPORTER, backend->exporter.name);
	add_settings(&b, EXPORTER_SETTINGS, backend->exporter.settings, backend->exporter.n_settings);
	add_settings(&b, SETTINGS, backend->settings, backend->n_settings);
	for (i = 1; i < backend->n_exporters; i++) { /* one alone has the sum that it always had */
		shr__pack_str(&b, EXPORTER, backend->exporters[i].name);
		add_settings(&b, EXPORTER_SETTINGS, backend->exporters[i].settings, backend->exporters[i].n_settings);
	}
	if (backend->dual_protocol)
		shr__pack_int(&b, DUAL_PROTOCOL, 1);
	shr__pack_int(&b, POOLS, backend->n_pools);
	for (i = 0; i < backend->n_pools; i++)
		add_pool(&b, &backend->pools[i]);
	rc = b.failed ? SHR_ENOMEM : hex_sum(&b, backend->fingerprint);
	shr__buf_clear(&b);
	return rc;
}

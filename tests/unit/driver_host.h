/* tests/unit/driver_host.h - a host for a driver's calls that keeps what is told, and allocation that fails at will */
#ifndef TESTS_UNIT_DRIVER_HOST_H
#define TESTS_UNIT_DRIVER_HOST_H

#include "libshare/exporter.h"

struct host_setting { /* ends with a NULL key */
	const char *pool, *key, *value;
};
struct host { /* zero it to begin; the first part is the test's */
	const struct host_setting *settings;
	const char *pools[4];
	const struct shr_rule *const *all; /* the full set; ends with NULL */
	int cancel;       /* cancelled() says so */
	int64_t cancel_at; /* ... or from this call of it on; 0: never */
	uint32_t nap_ms;   /* that each cancelled() takes: a slow machine */
	/* What the last call told. */
	int code;
	char message[512];
	char ref[4097], path[4097];
	unsigned n_exports, n_rules, n_keys, n_pulled;
	struct shr_export exports[8];
	char export_paths[8][1200];
	int rule_codes[64];
	char rule_ids[64][37];
	char keys[8][64];
	uint64_t total, free, caps, bytes, used, cut;
	int has_bytes, has_used;
	unsigned n_found;
	char found[16][256], found_what[16][64], found_ids[16][37];
	uint64_t found_bytes[16];
	uint32_t again_ms;
	unsigned char token[4096];
	uint64_t token_len;
	int64_t n_cancelled;
};
extern const struct shr_driver_host host_table;

/* A call whose host is H; forgets what was told, but for the token, which goes in. */
struct shr_call host_call(struct host *h);
struct shr_instance host_instance(const char *id, uint64_t bytes); /* on pool "p", nfs and smb */

/* ---- with -include driver_alloc.h in a driver's sources ---- */

extern long host_fail_at; /* this allocation fails, counted from 1; 0: none */
extern long host_allocations;

#endif

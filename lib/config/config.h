/* lib/config/config.h - what a configuration says, checked; libshare.conf(5) */
#ifndef SHR_CONFIG_CONFIG_H
#define SHR_CONFIG_CONFIG_H

#include <stdint.h>
#include "libshare/error.h"

#define SHR__MOST_EXPORTERS 2 /* of one backend: one for NFS and one for SMB */

struct shr__setting { /* a key of a plugin's own; a list has several values */
	const char *key;
	const char *const *values;
	uint32_t n_values;
	uint32_t line;
};
struct shr__conf_plugin { /* an exporter, by name with its own settings */
	const char *name;
	const struct shr__setting *settings;
	uint32_t n_settings;
	uint32_t line;
};
struct shr__conf_pool {
	const char *name;
	uint64_t capacity;   /* bytes; 0: what the driver tells */
	uint64_t reserved;   /* bytes kept back */
	uint32_t reserved_percent; /* of the total, kept back as well */
	uint32_t oversubscribe_percent; /* 100: what is there; 300: three times that may be promised (thin pools) */
	const struct shr__setting *settings;
	uint32_t n_settings;
	uint32_t line;
};
struct shr__conf_backend {
	const char *name;
	const char *driver;
	const char *zone; /* "" */
	struct shr__conf_plugin exporter; /* the first by name; name "": none is named, the driver exports by itself */
	const struct shr__conf_plugin *exporters; /* by name: all of them, or the one of `exporter` */
	const char *exporter_names; /* "ganesha, samba"; "" */
	uint32_t n_exporters;
	uint32_t dual_protocol; /* 1: a share may be reached by NFS and SMB at once */
	const struct shr__conf_pool *pools; /* at least one */
	uint32_t n_pools;
	uint32_t n_settings;
	const struct shr__setting *settings;
	uint32_t line;
	uint64_t protocols; /* SHR_PROTO_* offered; 0: all that the plugins can */
	char fingerprint[65]; /* hex SHA-256 over all of the backend's values in a fixed order: two that differ are an error */
};
struct shr__config {
	const char *file;         /* its name as messages give it */
	const char *store_path;   /* ":memory:" by default */
	const char *const *plugin_dirs; /* absolute; empty: the one that was built in */
	uint32_t n_plugin_dirs;
	uint32_t require_signature;
	const char *const *public_keys; /* PEM files, absolute */
	uint32_t n_public_keys;
	uint32_t n_backends;
	const struct shr__conf_backend *backends; /* by name */
	int64_t lease_ms;         /* 1000 to 600000; 10000 */
	int64_t poll_ms;          /* how often other processes' work is looked for: 10 to 60000; 250 */
	int64_t stats_ms;         /* how often pools are asked for their room: 100 to 3600000; 30000 */
	int64_t probe_ms;         /* how often exporters are asked whether their server lives: 100 to 60000; 2000 */
	int64_t reconcile_ms;     /* how often all of a backend is compared with the store: 0 (never) to 366 days; 1 hour */
	int64_t number_rest_ms;   /* before an export number is given again: 0 to 366 days; 1 day */
	int64_t keep_operations_ms; /* retention: 30 days */
	int64_t keep_events_ms;     /* 90 days */
	int64_t quota_shares;     /* of a project that has no quota of its own; -1: no limit */
	int64_t quota_bytes;
	uint32_t retry_limit;     /* tries of a step before it fails: 1 to 1000; 10 */
	uint32_t reserved0;
	int64_t retry_first_ms;   /* 100 */
	int64_t retry_most_ms;    /* 30000 */
};

/* PATH, or TEXT (messages then say NAME; NULL: "configuration"). Both NULL: the defaults with one null backend "null"
 * with one pool "null", 1 TiB. Relative paths are taken from the file's directory, those of a text from the current
 * one. *ret_config is one record (base/record.h): shr__record_unref. Every mistake is a fault, its `where`
 * "FILE:LINE:COLUMN", with what was expected; at most 1 MiB is read; aliases and anchors, tags, duplicate keys and
 * second documents are mistakes. Backends, pools and settings come sorted by name. */
int shr__config_read(const char *path, const char *text, const char *name, const struct shr__config **ret_config,
	const struct shr_error **reterr);

#endif

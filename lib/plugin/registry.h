/* lib/plugin/registry.h - the plugins that a context has loaded */
#ifndef SHR_PLUGIN_REGISTRY_H
#define SHR_PLUGIN_REGISTRY_H

#include <pthread.h>

#include "plugin/plugin.h"
#include "plugin/trust.h"

#define SHR__PLUGIN_NAME_MOST 64
#define SHR__PLUGIN_PREFIX "shr-"
#define SHR__PLUGIN_SUFFIX ".so"

struct shr__plugin { /* lives as long as the context */
	struct shr__plugin *next;
	uint32_t kind; /* SHR_PLUGIN_* */
	char *path;    /* "": it was in the program */
	union {
		struct shr_driver driver;
		struct shr_exporter exporter;
	} table;
};

struct shr__plugins {
	const struct shr__config *config; /* held */
	void (*log)(void *data, int level, const char *line);
	void *log_data;
	struct shr__arena *arena;
	const char *const *dirs;
	uint32_t n_dirs;
	struct shr__trust_keys keys;
	pthread_mutex_t lock; /* of the list, and of loading: a plugin is loaded once */
	struct shr__plugin *first;
};

const char *shr__plugin_name(const struct shr__plugin *plugin);
const char *shr__plugin_word(uint32_t kind); /* "driver" */
/* The one of KIND and NAME, loaded when it is not there yet. */
int shr__plugins_get(struct shr__plugins *p, uint32_t kind, const char *name, const struct shr__plugin **ret,
	const struct shr_error **reterr);

#endif

/* lib/plugin/load.h - a file becomes a plugin */
#ifndef SHR_PLUGIN_LOAD_H
#define SHR_PLUGIN_LOAD_H

#include "plugin/registry.h"

/* Look for KIND's plugin NAME in the directories, in order. */
int shr__load(const struct shr__plugins *p, uint32_t kind, const char *name, struct shr__plugin **ret,
	const struct shr_error **reterr);
/* A plugin of a table that is in memory; it must call itself NAME (NULL: anything). */
int shr__plugin_new(uint32_t kind, const void *table, const char *name, const char *path, struct shr__plugin **ret,
	const struct shr_error **reterr);

#endif

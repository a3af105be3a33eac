/* lib/plugin/env.h - what a context is made of, for the rooms that do its work */
#ifndef SHR_PLUGIN_ENV_H
#define SHR_PLUGIN_ENV_H

#include "base/world.h"
#include "config/config.h"
#include "plugin/plugin.h"
#include "store/db.h"

struct shr__move; /* mover/mover.h */

struct shr__env { /* nothing in it changes between open and close */
	struct shr__world world;
	const struct shr__config *config;
	struct shr__db *db;
	struct shr__plugins *plugins;
	int (*move)(void *data, struct shr__move *m); /* in place of shr__move(), where the world is not the real one; or NULL */
	void *move_data;
};

#endif

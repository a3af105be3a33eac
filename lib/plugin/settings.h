/* lib/plugin/settings.h - a backend's part of the configuration against what its plugins take */
#ifndef SHR_PLUGIN_SETTINGS_H
#define SHR_PLUGIN_SETTINGS_H

#include "plugin/plugin.h"

/* X: the tables of conf->exporters. Every mistake is a fault of the one SHR_EINVAL, with the line. */
int shr__settings_check(const struct shr__config *config, const struct shr__conf_backend *conf, const struct shr_driver *d,
	const struct shr_exporter *const *x, uint32_t n, const struct shr_error **reterr);

#endif

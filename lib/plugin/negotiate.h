/* lib/plugin/negotiate.h - a plugin's table, of whatever version, becomes one of ours */
#ifndef SHR_PLUGIN_NEGOTIATE_H
#define SHR_PLUGIN_NEGOTIATE_H

#include "libshare/exporter.h"

/* Copy *FROM into the zeroed RET and check it: after this a missing feature is a NULL member and nobody thinks of versions.
 * NAME (NULL: any) is what it must call itself. SHR_EABI, SHR_EDRIVER. */
int shr__negotiate_driver(const struct shr_driver *from, const char *name, struct shr_driver *ret,
	const struct shr_error **reterr);
int shr__negotiate_exporter(const struct shr_exporter *from, const char *name, struct shr_exporter *ret,
	const struct shr_error **reterr);

#endif

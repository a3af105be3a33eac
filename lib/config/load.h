/* lib/config/load.h - a configuration's bytes and its place */
#ifndef SHR_CONFIG_LOAD_H
#define SHR_CONFIG_LOAD_H

#include <stddef.h>
#include "base/arena.h"
#include "libshare/error.h"

#define SHR__CONFIG_MOST (1024u * 1024u)

/* The bytes of a regular file with a NUL behind them, into ARENA. One more than SHR__CONFIG_MOST are read of a
 * file that is too long. */
int shr__load_file(const char *path, struct shr__arena *arena, char **ret_text, size_t *ret_n,
	const struct shr_error **reterr);
/* The absolute directory of PATH (NULL: the current one); *ret NULL: there is none. */
int shr__load_directory(const char *path, struct shr__arena *arena, const char **ret, const struct shr_error **reterr);

#endif

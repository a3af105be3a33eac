/* lib/plugin/names.h - finding one of many names */
#ifndef SHR_PLUGIN_NAMES_H
#define SHR_PLUGIN_NAMES_H

#include <stdint.h>

#include "base/arena.h"

struct shr__names { /* zero: not built */
	uint32_t *places; /* 1 + the name's number; 0: free */
	uint32_t mask;
	const void *of;
	const char *(*get)(const void *of, uint32_t i);
};
/* An index in ARENA of the N names that GET gives of OF; 0, or -1: no memory. */
int shr__names_build(struct shr__names *names, struct shr__arena *arena, const void *of, uint32_t n,
	const char *(*get)(const void *of, uint32_t i));
int64_t shr__names_find(const struct shr__names *names, const char *name); /* its number; -1: it is none of them */

#endif

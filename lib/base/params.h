/* lib/base/params.h - taking size-tagged structs from callers of other versions */
#ifndef SHR_BASE_PARAMS_H
#define SHR_BASE_PARAMS_H

#include <stddef.h>

#include "libshare/error.h"

/* The least size of a struct: that of its first version, which ended with LAST. A shorter one was made by no release. */
#define SHR__LEAST(type, last) ((uint32_t)(offsetof(struct type, last) + sizeof(((struct type *)0)->last)))

/* Copy *PARAMS (which may be NULL: all zero) into the zeroed RET of SIZE bytes. A smaller struct leaves zeros; a larger one
 * must have an all-zero tail, else SHR_EABI; a size under LEAST or over 64 KiB is SHR_EINVAL. NAME goes into the message. */
int shr__params_copy(const void *params, const char *name, uint32_t least, void *ret, uint32_t size,
	const struct shr_error **reterr);
/* The same for element I of an array whose stride is STRIDE (no size member inside). */
int shr__params_element(const void *array, uint32_t stride, uint32_t i, const char *name, void *ret, uint32_t size,
	const struct shr_error **reterr);

#endif

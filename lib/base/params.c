/* lib/base/params.c - taking size-tagged structs from callers of other versions */
#include "params.h"

#include "fail.h"

#include <inttypes.h>
#include <string.h>

#define MOST 65536u

/* HAVE bytes at FROM into the zeroed RET of SIZE bytes; 0: what does not fit was not all zero. */
static int copy_known(const void *from, uint32_t have, void *ret, uint32_t size)
{
	const unsigned char *p = from;

	for (uint32_t i = size; i < have; i++) {
		if (p[i] != 0)
			return 0;
	}
	memcpy(ret, from, have < size ? have : size);
	return 1;
}

static int too_new(const char *name, uint32_t have, uint32_t size, const struct shr_error **reterr)
{
	return shr__fail_do(reterr, SHR_EABI, "run with a newer libshare, or leave the new members zero",
		"%s: members are set that this library does not know (%" PRIu32 " bytes, it knows %" PRIu32 ")", name, have,
		size);
}

int shr__params_copy(const void *params, const char *name, uint32_t least, void *ret, uint32_t size,
	const struct shr_error **reterr)
{
	uint32_t have;

	memset(ret, 0, size);
	if (params == NULL)
		return 0;
	memcpy(&have, params, sizeof(have));
	if (have < least || have < sizeof(have) || have > MOST)
		return shr__fail_do(reterr, SHR_EINVAL, "begin with the struct's _INIT macro, which sets its size",
			"%s: its size member is %" PRIu32 ", which no version has", name, have);
	if (!copy_known(params, have, ret, size))
		return too_new(name, have, size, reterr);
	return 0;
}

int shr__params_element(const void *array, uint32_t stride, uint32_t i, const char *name, void *ret, uint32_t size,
	const struct shr_error **reterr)
{
	memset(ret, 0, size);
	if (array == NULL)
		return shr__fail(reterr, SHR_EINVAL, "%s: the array is NULL", name);
	if (stride == 0 || stride > MOST)
		return shr__fail_do(reterr, SHR_EINVAL, "set it to the sizeof of one element",
			"%s: the size of an element is %" PRIu32 ", which no version has", name, stride);
	if (!copy_known((const unsigned char *)array + (size_t)stride * i, stride, ret, size))
		return too_new(name, stride, size, reterr);
	return 0;
}

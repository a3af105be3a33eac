/* backends/dir/fail.c - what the system said, in words that name the place */
#include <errno.h>
#include "dir.h"

int dir_fail(const struct dir_be *be, const struct shr_call *call, const char *path)
{
	int why = errno;

	return shr_failf(be->host, call, plug_code(why), "%.200s%s%.200s: %s", be->root, *path ? "/" : "", path, plug_words(why));
}

int dir_fail_open(const struct shr_driver_host *host, const struct shr_call *call, const char *root)
{
	int why = errno, code = why == ENOENT ? SHR_EUNREACHABLE : plug_code(why);

	return shr_failf(host, call, code, "setting root: %.300s: %s", root, plug_words(why));
}

int dir_fail_id(const struct dir_be *be, const struct shr_call *call, const char *id)
{
	return shr_failf(be->host, call, SHR_EBACKEND, "instance id \"%.64s\" is no UUID", id);
}

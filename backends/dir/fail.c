/* backends/dir/fail.c - what the system said, in libshare's codes and in words that name the place */
#include <errno.h>
#include <string.h>
#include "dir.h"

static int code_of(int why)
{
	switch (why) {
	case ENOSPC:
	case EDQUOT:
		return SHR_ENOSPC;
	case EROFS:
	case EIO:
	case ESTALE:
	case ENODEV:
	case ENXIO:
	case ENOTCONN:
	case ETIMEDOUT:
	case EHOSTDOWN:
	case ESHUTDOWN:
		return SHR_EUNREACHABLE;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EINTR:
	case EAGAIN:
	case EBUSY:
		return SHR_EAGAIN;
	case ECANCELED:
		return SHR_ECANCELLED;
	default:
		return SHR_EBACKEND;
	}
}

static const char *words_of(int why)
{
	switch (why) {
	case EROFS:
		return "the file system is mounted read-only";
	case EACCES:
	case EPERM:
		return "this process has no permission there";
	case EBADMSG:
		return "it is damaged: it is no file of this driver";
	case EXDEV:
		return "another file system is mounted in it";
	case ELOOP:
		return "it is a symbolic link";
	case ECANCELED:
		return "cancelled";
	default:
		return strerror(why);
	}
}

int dir_fail(const struct dir_be *be, const struct shr_call *call, const char *path)
{
	int why = errno;

	return shr_failf(be->host, call, code_of(why), "%.200s%s%.200s: %s", be->root, *path ? "/" : "", path, words_of(why));
}

int dir_fail_open(const struct shr_driver_host *host, const struct shr_call *call, const char *root)
{
	int why = errno, code = why == ENOENT ? SHR_EUNREACHABLE : code_of(why);

	return shr_failf(host, call, code, "setting root: %.300s: %s", root, words_of(why));
}

int dir_fail_id(const struct dir_be *be, const struct shr_call *call, const char *id)
{
	return shr_failf(be->host, call, SHR_EBACKEND, "instance id \"%.64s\" is no UUID", id);
}

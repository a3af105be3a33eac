/* backends/common/fail.c - what the system said, in libshare's codes and in words */
#include <errno.h>
#include <string.h>
#include "common.h"

int plug_code(int why)
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

const char *plug_words(int why)
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

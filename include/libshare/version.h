/* libshare/version.h - which library this is, and which these headers are for */
#ifndef LIBSHARE_VERSION_H
#define LIBSHARE_VERSION_H

#include "attributes.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_VERSION_MAJOR 0
#define SHR_VERSION_MINOR 1
#define SHR_VERSION_PATCH 0

/* What these headers promise: major << 16 | minor << 8 | patch. Goes into shr_ctx_open(). */
#define SHR_HEADER_VERSION UINT32_C(0x000100)

/* The version of the library that runs, in the same form. Since 0.1. */
SHR_API uint32_t shr_version(void);

/* The same as text, "0.1.0"; static. Since 0.1. */
SHR_API const char *shr_version_string(void);

#ifdef __cplusplus
}
#endif
#endif

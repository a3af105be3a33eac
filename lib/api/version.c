/* lib/api/version.c - which library this is */
#include "libshare/version.h"

#define STR(x) #x
#define DOTTED(major, minor, patch) STR(major) "." STR(minor) "." STR(patch)

uint32_t shr_version(void)
{
	return (uint32_t)SHR_VERSION_MAJOR << 16 | (uint32_t)SHR_VERSION_MINOR << 8 | (uint32_t)SHR_VERSION_PATCH;
}

const char *shr_version_string(void)
{
	return DOTTED(SHR_VERSION_MAJOR, SHR_VERSION_MINOR, SHR_VERSION_PATCH);
}

/* lib/api/config_check.c - read a configuration for its mistakes alone */
#include "libshare/context.h"

#include "base/fail.h"
#include "base/record.h"
#include "config/config.h"

int shr_config_check(const char *path, const char *text, const struct shr_error **reterr)
{
	const struct shr__config *config = NULL;
	int rc;

	if (reterr)
		*reterr = NULL;
	if (!path && !text)
		return shr__fail_field(reterr, SHR_EINVAL, "path", "give a path or a text", "there is nothing to check");
	rc = shr__config_read(path, text, NULL, &config, reterr);
	shr__record_unref(config);
	return rc;
}

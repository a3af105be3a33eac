/* lib/config/fingerprint.h - one number for all that a backend's configuration says */
#ifndef SHR_CONFIG_FINGERPRINT_H
#define SHR_CONFIG_FINGERPRINT_H

#include "config.h"

/* Settings and pools are sorted. Lines do not count: a file may be laid out anew. 0 or SHR_ENOMEM or SHR_EINTERNAL. */
int shr__fingerprint(struct shr__conf_backend *backend);

#endif

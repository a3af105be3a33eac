/* lib/model/names.h - what the library knows of names that other versions may add to */
#ifndef SHR_MODEL_NAMES_H
#define SHR_MODEL_NAMES_H

#include "libshare/libshare.h"

int shr__share_state_known(uint32_t state); /* 0: one from the future */

/* Names that have no public function; "unknown"; static. */
const char *shr__severity_name(uint32_t severity);
const char *shr__plugin_kind_name(uint32_t kind);
const char *shr__threads_name(uint32_t threads);
const char *shr__fencing_name(uint32_t fencing);
const char *shr__family_name(uint32_t family);
const char *shr__export_flag_name(uint64_t one);
const char *shr__share_flag_name(uint64_t one);
const char *shr__explain_flag_name(uint64_t one);

#endif

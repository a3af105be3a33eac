/* lib/model/names.h - what the library knows of names that other versions may add to */
#ifndef SHR_MODEL_NAMES_H
#define SHR_MODEL_NAMES_H

#include "libshare/libshare.h"

int shr__share_state_known(uint32_t state); /* 0: one from the future */

#endif

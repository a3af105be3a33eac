/* lib/base/hash.h - uthash over our allocation: an add that finds no memory leaves the element out */
#ifndef SHR_BASE_HASH_H
#define SHR_BASE_HASH_H

#include "base/mem.h"

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(n) shr__alloc(n)
#define uthash_free(p, n) shr__free(p)
#include <uthash.h>

/* After HASH_ADD: was it added? */
#define SHR__HASH_IN(element) ((element)->hh.tbl != NULL)

#endif

/* lib/base/record.h - immutable, counted records with all they point to in one arena */
#ifndef SHR_BASE_RECORD_H
#define SHR_BASE_RECORD_H

#include "arena.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

struct shr__record_child;

/* What lies just before every record. Only for records that are static; all others come from shr__record_new. */
struct shr__record_head {
	alignas(max_align_t) struct shr__arena *arena; /* NULL: a static record, which is never counted or freed */
	struct shr__record_child *children;
	_Atomic uint64_t refs;
	uint64_t reserved;
};

/* A zeroed record of SIZE bytes, held once; what it points to goes into *ret_arena, which is the record's.
 * NULL: no memory. */
void *shr__record_new(size_t size, struct shr__arena **ret_arena);
const void *shr__record_ref(const void *record); /* NULL is fine */
void shr__record_unref(const void *record);      /* NULL is fine; any thread */
/* The record OWNER lets go of CHILD (a record) when it dies; -1: no memory, and CHILD is still the caller's. */
int shr__record_own(const void *owner, const void *child);

#endif

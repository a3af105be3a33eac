/* lib/sched/picture.h - the pools of a store in columns, as one transaction saw them; for lib/sched/ alone */
#ifndef SHR_SCHED_PICTURE_H
#define SHR_SCHED_PICTURE_H

#include <stdatomic.h>

#include "sched/sched.h"

/* Sorted by backend, then by name. Nothing changes after it was read but `allocated` and the count of holders. */
struct shr__picture {
	struct shr__arena *arena; /* of all that it points to; it lies there itself */
	atomic_uint refs;
	uint64_t number;          /* of the read that made it */
	int64_t read_ns;          /* monotonic */
	uint64_t changes, commits; /* of the store, before it was read */
	uint32_t n;
	uint8_t *several; /* 1: its backend has an exporter for each protocol */
	uint8_t *up; /* 1: it was when an engine had it last; 2: and one has it now */
	uint64_t *protocols, *capabilities;
	int64_t *limit;
	_Atomic int64_t *allocated; /* with what this process placed since */
	const char **backend, **name, **zone, **reason, **number_server;
};

/* Held once. NUMBER and the like are the caller's to fill in. */
int shr__picture_read(struct shr__db *db, struct shr__picture **ret, const struct shr_error **reterr);
void shr__picture_unref(struct shr__picture *p); /* NULL is fine */
/* The pools of BACKEND: *ret_end is behind the last. */
uint32_t shr__picture_range(const struct shr__picture *p, const char *backend, uint32_t *ret_end);

/* What pool I has left of its limit; negative when it has given out more. Whatever the rows say, it does not overflow. */
int64_t shr__picture_free(const struct shr__picture *p, uint32_t i);

/* 1: all of PROTOCOLS are spoken there, but not of one share: two servers that know nothing of each other would serve it. */
int shr__picture_not_both(const struct shr__picture *p, uint32_t i, uint64_t protocols);

/* The filters, in the order in which a pool meets them; which one stops pool I, and SHR__PASSED when none does. */
enum shr__filter { SHR__BY_NAME, SHR__BY_ZONE, SHR__BY_PROTOCOLS, SHR__BY_CAPABILITIES, SHR__BY_STATE, SHR__BY_ROOM, SHR__PASSED };
enum shr__filter shr__filter_pool(const struct shr__picture *p, uint32_t i, const struct shr__place_want *want);

/* The refusal of all pools from BEGIN to END, in words. */
int shr__place_refuse(const struct shr__picture *p, uint32_t begin, uint32_t end, const struct shr__place_want *want,
	const struct shr_error **reterr);

#endif

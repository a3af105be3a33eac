/* tests/real/ganesha_library.h - what the tests of the whole library behind NFS-Ganesha share */
#ifndef TESTS_REAL_GANESHA_LIBRARY_H
#define TESTS_REAL_GANESHA_LIBRARY_H

#include "ganesha.h"
#include "library.h"

/* On the driver dir until begin_btrfs(), on btrfs until end_btrfs(): with a pool "p" on a file system of its own at lib_pool. A
 * second one, "q" at lib_pool2, comes by begin_second(). */
extern char lib_pool[200], lib_pool2[200];
void begin_btrfs(struct xkit *kit);
void begin_second(struct xkit *kit);
void end_btrfs(struct xkit *kit);
int mount_pool(const char *pool); /* of which nothing is mounted */

void lib_open(struct xkit *kit, struct library *l);
/* What a wrong configuration gives; 0: nothing was wrong with it at once. EXPORTER, POOLS: as they stand in the file. */
int lib_try_open(struct xkit *kit, struct library *l, const char *exporter, const char *pools, char why[XKIT_WORDS]);
/* 2 MiB in any pool, rw for 127.0.0.2 and ro for 127.0.0.0/24. */
const struct shr_op *lib_create(struct xkit *kit, const struct library *l, const char *name);
const struct shr_op *lib_create_in(struct xkit *kit, const struct library *l, const char *name, const char *pool, uint64_t bytes);
void lib_find(struct xkit *kit, const struct library *l, const char *id, struct shared *s); /* as a client names it */
/* Wait until the pool is in that state; its reason into WHY. */
void lib_pool_is(struct xkit *kit, const struct library *l, const char *pool, uint32_t state, char why[XKIT_WORDS]);
/* The operation waits, and the pool's reason says WORDS. */
void lib_waits(struct xkit *kit, const struct library *l, const struct shr_op *op, const char *pool, const char *words);
void nothing_is_left(struct xkit *kit);
int by_bus(const char *call); /* of the export manager, by somebody else */
void engine_killed(struct xkit *kit);

#endif

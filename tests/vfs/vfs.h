/* tests/vfs/vfs.h - a VFS for SQLite that counts, fails, is slow, and loses power */
#ifndef TESTS_VFS_VFS_H
#define TESTS_VFS_VFS_H

#include <stdint.h>

/* Registers it under this name and returns the name. One for the process; any thread. */
const char *vfs_use(void);
/* No faults, no delay, counts at 0, power is on and not watched. */
void vfs_reset(void);

/* Kinds of calls; they are counted, and chosen by their sum. */
#define VFS_READ 1u
#define VFS_WRITE 2u
#define VFS_SYNC 4u
#define VFS_OPEN 8u
#define VFS_TRUNCATE 16u
#define VFS_CHANGES (VFS_WRITE | VFS_SYNC | VFS_TRUNCATE)
unsigned long vfs_count(unsigned kinds);

/* From now on the NTH call (1: the next) of KINDS and the MORE after it give CODE, one of SQLite's. AFTER: once they
 * were done, so that what was reported as failed may be there all the same. Only files whose name ends in SUFFIX
 * (NULL: all). */
void vfs_fail(unsigned kinds, unsigned long nth, unsigned long more, int code, int after, const char *suffix);
/* How many calls were failed since. */
unsigned long vfs_failed(void);
void vfs_slow_sync(unsigned microseconds);
/* Syncs count and are logged, and the disk is left alone: for loops of many commits. */
void vfs_light_sync(int on);

/* From now on, before the store's files exist, it is known what of them was not synced. */
void vfs_power_watch(void);
/* At the NTH call of VFS_CHANGES power fails: that call and all later ones fail and do nothing. */
void vfs_power_off_at(unsigned long nth);
int vfs_power_is_off(void);
/* After all databases are closed: each file becomes what was synced, and of what was not each 512 bytes of each write
 * are there or not, as SEED says; the shared index goes. Power is on again, and watched. */
void vfs_power_back(uint64_t seed);

#endif

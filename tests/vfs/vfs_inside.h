/* tests/vfs/vfs_inside.h - what the two halves of the failing VFS tell each other */
#ifndef TESTS_VFS_VFS_INSIDE_H
#define TESTS_VFS_VFS_INSIDE_H

#include <sqlite3.h>

/* vfs_power.c; all under the VFS's lock. A disk is one path's: what is on it, and what was written since. */
struct vfs_disk;
struct vfs_disk *vfs_disk_open(const char *path); /* NULL: power is not watched */
void vfs_disk_write(struct vfs_disk *d, const void *p, int n, sqlite3_int64 at);
void vfs_disk_truncate(struct vfs_disk *d, sqlite3_int64 size);
void vfs_disk_sync(struct vfs_disk *d);
void vfs_disk_gone(const char *path);
int vfs_power_passes(void); /* counts a change; 0: there is no power for it */
void vfs_power_reset(void);

#endif

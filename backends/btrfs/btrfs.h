/* backends/btrfs/btrfs.h - what the files of the btrfs driver share; the layout on the disk is in libshare-btrfs(7) */
#ifndef BTRFS_BTRFS_H
#define BTRFS_BTRFS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../common/common.h"

/* In the pool: */
#define BTRFS_LOCK "lock"   /* in .libshare: held while a process has the pool */
#define BTRFS_MARK "pool"   /* in .libshare: that it is a pool, of which layout, and on which file system it was made */
#define BTRFS_GONE "gone"   /* in .libshare: a file for each quota group that is still to go, named by its number */
#define BTRFS_NEW "new-"    /* in .libshare: a container that is not whole yet, with its share's id behind */
#define BTRFS_OUT "out-"    /* in .libshare: a head on its way out of its container */
#define BTRFS_HEAD "head"   /* in a container: the live subvolume */
#define BTRFS_SNAP "snap-" /* in a container: a snapshot, with its id behind; with "user.libshare." before it an attribute: where
			    * the one of that name goes back to when it is let go */
#define BTRFS_NEXT "next"  /* in a container: what becomes its head, or was it, while a share is put back */
#define BTRFS_NAME_ROOM 64  /* of a name with an id behind */

#define BTRFS_FSID 16
#define BTRFS_NO_LIMIT UINT64_MAX

enum btrfs_quota { BTRFS_QUOTA_NONE, BTRFS_QUOTA_SIMPLE, BTRFS_QUOTA_FULL };

struct btrfs_pool {
	const char *name, *path; /* the host's, until close */
	const char *want;        /* the file system that must be there; NULL: any */
	uint64_t root;           /* the subvolume that was there at open */
	uint32_t reserve;        /* percent that the limit is more than the size */
	int lock_fd;
	dev_t dev;               /* of the lock: another one after each mount */
	pthread_mutex_t lock;    /* of lock_fd and dev */
	unsigned char fsid[BTRFS_FSID];
};
struct btrfs_be {
	const struct shr_driver_host *host;
	struct btrfs_pool *pools;
	uint32_t n_pools;
	uint32_t mode;          /* of a new share's directory */
	enum btrfs_quota quota; /* as the setting says */
	int reserved0;
	struct btrfs_attached *attached; /* only to read, in no order */
	pthread_mutex_t attached_lock;
};
struct btrfs_facts;
/* A call in a pool: the pool's directory and its .libshare, opened for this call. */
struct btrfs_at {
	const struct btrfs_be *be;
	const struct shr_call *call;
	struct btrfs_pool *pool;
	int fd, meta;
};

/* ---- kernel.c, search.c: what the file system is asked. -1: errno ---- */

#define BTRFS_GROUP(id) (UINT64_C(1) << 48 | (id)) /* the group of level 1 of the container ID */

int btrfs_open_below(int fd, const char *path); /* a directory: only downwards, through no link, into no other mount */
int btrfs_is_btrfs(int fd);                     /* 1 or 0 */
int btrfs_is_subvolume(int fd);                 /* 1: the top of one; 0 */
int btrfs_fsid(int fd, unsigned char ret[BTRFS_FSID]);
int btrfs_id(int fd, uint64_t *ret);
int btrfs_make(int parent, const char *name, uint64_t group); /* a subvolume, in GROUP unless it is 0 */
int btrfs_snap(int fd, int parent, const char *name, int readonly, uint64_t group);
int btrfs_born(int fd, uint64_t *ret_ns); /* when a subvolume was made, in nanoseconds since 1970 */
int btrfs_delete(int fd, uint64_t id); /* a subvolume with all that lies in it; gone already is fine */
int btrfs_is_readonly(int fd);         /* 1, 0 or -1 */
int btrfs_set_readonly(int fd, int readonly);
int btrfs_flush(int fd);               /* what was done and written is durable; wakes the kernel's cleaner */

int btrfs_quota_mode(int fd, enum btrfs_quota *ret);
int btrfs_quota_on(int fd, enum btrfs_quota how);
int btrfs_recount(int fd); /* full groups, anew; goes on behind */
int btrfs_group_make(int fd, uint64_t group);
int btrfs_group_drop(int fd, uint64_t group); /* what is not there is fine; EBUSY: something is still counted in it */
int btrfs_group_join(int fd, uint64_t member, uint64_t group);
int btrfs_group_leave(int fd, uint64_t member, uint64_t group);
int btrfs_group_limit(int fd, uint64_t group, uint64_t bytes); /* BTRFS_NO_LIMIT: none */

struct btrfs_group {
	uint64_t used, limit; /* BTRFS_NO_LIMIT */
};
int btrfs_group_get(int fd, uint64_t group, struct btrfs_group *ret); /* 1; 0: there is none; -1 */
int btrfs_group_has(int fd, uint64_t group, uint64_t member);         /* 1, 0 or -1 */
/* The first member of GROUP behind AFTER; the first subvolume in PARENT behind AFTER. 1; 0: no more; -1. */
int btrfs_next_member(int fd, uint64_t group, uint64_t after, uint64_t *ret);
int btrfs_next_child(int fd, uint64_t parent, uint64_t after, uint64_t *ret);
int btrfs_exists(int fd, uint64_t id); /* 1, also while the kernel still frees it; 0; -1 */
/* The bytes of all files of the subvolume ID; GOES_ON is asked now and then, and its 0 is ECANCELED. */
int btrfs_sum(int fd, uint64_t id, int (*goes_on)(void *data), void *data, uint64_t *ret);

/* ---- groups.c: the quota group of a container ---- */

int btrfs_group_begin(int fd, uint64_t box); /* make it, with the container in it; EEXIST: it is somebody else's */
/* Put the subvolume ID and all that lies in it into the group of BOX, or out of all that it has. */
int btrfs_group_take(int fd, uint64_t id, uint64_t box);
int btrfs_group_let_go(int fd, uint64_t box);
/* With the reserve, less what is inherited; at most INT64_MAX. */
uint64_t btrfs_limit_of(const struct btrfs_pool *pool, const struct btrfs_facts *facts, uint64_t bytes);
/* Do ACT in a container. A share at its limit has no room for what the driver itself writes there: then it gets a little more
 * while that is done. -1: errno. */
int btrfs_act(const struct btrfs_at *at, const struct btrfs_facts *facts, int (*act)(const void *what), const void *what);
/* Take away what a killed call left of that. */
int btrfs_no_more(const struct btrfs_at *at, const struct btrfs_facts *facts);
/* Of what is still to go, as written down in .libshare/gone, all (0) or one GROUP: 1, nothing of it is left. */
int btrfs_sweep(const struct btrfs_at *at, uint64_t group);
void btrfs_wake_cleaner(const struct btrfs_at *at);

/* ---- fail.c. All return the code ---- */

int btrfs_fail(const struct btrfs_at *at, const char *path); /* "POOL/PATH: what the system said" */
int btrfs_fail_id(const struct btrfs_be *be, const struct shr_call *call, const char *id);
int btrfs_fail_pool(const struct btrfs_be *be, const struct shr_call *call, const struct btrfs_pool *pool, int code,
	const char *words);
int btrfs_absent(const struct btrfs_at *at, const char *id);

/* ---- settings.c, pool.c, stats.c ---- */

#define BTRFS_CAPS (SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_THIN | SHR_CAP_CLONE_REFLINK | SHR_CAP_DATA | \
	SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT | SHR_CAP_CLONE_INDEPENDENT)
#define BTRFS_CAPS_QUOTA (SHR_CAP_SIZE_ENFORCED | SHR_CAP_SIZE_COVERS_SNAPSHOTS)

extern const char *const btrfs_settings[], *const btrfs_pool_settings[];
int btrfs_read_settings(struct btrfs_be *be, const struct shr_call *call);
int btrfs_pool_begin(struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool); /* once, at open */
/* A call in the pool NAME: it must be the one of the opening, and its lock ours. 0 or a code; then btrfs_leave(). */
int btrfs_enter(const struct btrfs_be *be, const struct shr_call *call, const char *name, struct btrfs_at *ret);
int btrfs_enter_pool(const struct btrfs_be *be, const struct shr_call *call, struct btrfs_pool *pool, struct btrfs_at *ret);
void btrfs_leave(struct btrfs_at *at);
int btrfs_stats(void *be, const struct shr_call *call);

/* ---- facts.c: what is known of a share, in .libshare/ID ---- */

struct btrfs_facts {
	uint64_t bytes;   /* 0: not known yet */
	uint64_t inherited; /* of its size, what simple quotas count elsewhere: the files of the snapshot that it was made from */
	uint64_t box;     /* the number of its container; 0: none yet */
	uint32_t managed; /* 1: it was here before it became a share, at PATH */
	uint32_t reserved0;
	char path[PLUG_PATH_ROOM]; /* below the pool; "" */
};
int btrfs_facts_get(const struct btrfs_at *at, const char *id, struct btrfs_facts *ret); /* 1; 0: not there; -1: errno */
int btrfs_facts_put(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts);
/* Forget the share; the group of its container stays written down until it is gone. */
int btrfs_facts_drop(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts);
/* Nothing is known of it: then what a call left that was killed while it wrote that down goes, too. */
int btrfs_facts_none(const struct btrfs_at *at, const char *id);
/* Get them, or fail: 1, 0 (not there), or a code. */
int btrfs_facts_need(const struct btrfs_at *at, const char *id, struct btrfs_facts *ret);

/* ---- box.c: containers ---- */

enum btrfs_box { BTRFS_BOX_NONE, BTRFS_BOX_NEW, BTRFS_BOX_WHOLE };

/* Where the share's container is, opened: a BTRFS_BOX_*, or -1: errno. What else bears its name is not it. */
int btrfs_box_find(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int *ret_fd);
/* Make a new one, or go on with it; its number and its group are in the facts. 0 or a code. */
int btrfs_box_begin(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts, int *ret_fd);
/* Limit it, and give it its name in the pool: now the share is there, for ever. 0 or a code. */
int btrfs_box_end(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts);
/* Remove it with all that lies in it, and what is known of it. 0 or a code. */
int btrfs_box_destroy(const struct btrfs_at *at, const char *id, const struct btrfs_facts *facts, int fd);
/* Its container, whole, and its head are there: opened; else SHR_ENOTFOUND. FDS: container, head; close both. */
int btrfs_share_open(const struct btrfs_at *at, const char *id, struct btrfs_facts *facts, int fds[2]);
int btrfs_tell(const struct btrfs_at *at, const char *id, int ref); /* the path, and the ref */
int btrfs_open_subvolume(int fd, const char *name); /* -1: errno; ENOENT also for what is no subvolume */

/* ---- snaps.c, revert.c, snapmanage.c: snapshots ---- */

extern const struct shr_driver_snapshot btrfs_snapshot;
void btrfs_snap_name(const char *id, char ret[BTRFS_NAME_ROOM]);
/* btrfs_enter() for a call about the snapshot ID, which goes into names. */
int btrfs_snap_enter(const struct btrfs_be *be, const struct shr_call *call, const char *pool, const char *id,
	struct btrfs_at *ret);
/* The container of the share OF_ID, where it is whole. 1; 0: there is none; or a code. */
int btrfs_snap_box(const struct btrfs_at *at, const char *of_id, struct btrfs_facts *facts, int *ret_fd);
/* The snapshot of the share OF_ID, opened; else SHR_ENOTFOUND. */
int btrfs_snap_open(const struct btrfs_at *at, const char *of_id, const char *id, int *ret_fd);
int btrfs_snap_tell(const struct btrfs_at *at, const char *of_id, const char *id, int fd); /* when it was cut, ref, path */
int btrfs_snap_attach(const struct btrfs_at *at, const struct shr_instance *snap);
int btrfs_snap_delete(const struct btrfs_at *at, const struct btrfs_facts *facts, int box, const char *name); /* gone is fine */
int btrfs_snap_forget(const struct btrfs_at *at, const struct btrfs_facts *facts, int box, const char *name);
int btrfs_revert(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int btrfs_clone(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to);
int btrfs_snap_manage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int btrfs_snap_unmanage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);

/* ---- the verbs ---- */

struct btrfs_from { /* what a new share's head is made from */
	int fd, readonly;
	uint64_t inherited;
};
/* FROM: NULL: a new share, empty. One that is there is fine. 0 or a code. */
int btrfs_create_in(const struct btrfs_at *at, const struct shr_instance *instance, const struct btrfs_from *from);
int btrfs_has_mounts(int fd); /* 1: something is mounted in the directory FD, and the kernel would let go of that; 0; -1 */
int btrfs_open_above(const struct btrfs_at *at, const char *path, const char **ret_name);
int btrfs_refuse(const struct btrfs_at *at, const char *source, const char *why);
/* The directory FD, at PATH, is a subvolume of this file system, READONLY or not, and no pool. 0 or a code. */
int btrfs_source_ok(const struct btrfs_at *at, const char *path, int fd, int readonly);

int btrfs_create(void *be, const struct shr_call *call, const struct shr_instance *instance);
int btrfs_remove(void *be, const struct shr_call *call, const struct shr_instance *instance);
int btrfs_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes);
int btrfs_usage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int btrfs_manage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int btrfs_unmanage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int btrfs_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all);
int btrfs_list(void *be, const struct shr_call *call, const char *pool, const char *after, uint32_t max);
extern const struct shr_driver_data btrfs_data;
void btrfs_attached_end(struct btrfs_be *be); /* at close: what was never detached */
/* What all in the group of BOX takes, or without groups the files in BOX. 0 or a code. */
int btrfs_measure(const struct btrfs_at *at, uint64_t box, uint64_t *ret);
int btrfs_measure_files(const struct btrfs_at *at, uint64_t box, uint64_t *ret);

#endif

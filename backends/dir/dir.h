/* backends/dir/dir.h - what the files of the dir driver share */
#ifndef DIR_DIR_H
#define DIR_DIR_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../common/common.h"
#include "../../lib/mover/mover.h"

#define DIR_META PLUG_META         /* in the root: a file for each share */
#define DIR_LOCK ".libshare.lock"  /* in the root */
#define DIR_GONE ".libshare-gone-" /* beside a share that is being removed, with its id behind */
#define DIR_SNAP ".libshare-snap-" /* in a pool: a snapshot, with its id behind */
#define DIR_PART ".libshare-part-" /* beside what it becomes, with the id of that behind: a copy that is not whole */
#define DIR_LINK ".libshare-link-" /* beside that, while it is made: its files with several names */
#define DIR_SNAP_META "snap-"      /* in .libshare: what is known of a snapshot, with its id behind */
#define DIR_NAME_ROOM 64           /* of a name with an id behind */

struct dir_pool {
	const char *name; /* the host's, until close */
	const char *path; /* below the root; "." is the root */
	uint64_t caps;
	dev_t dev;        /* the file system that was there at open */
	int quota;        /* project quotas are enforced, and may be set */
	int reserved0;
};
struct dir_be {
	const struct shr_driver_host *host;
	const char *root; /* as the setting says */
	struct dir_pool *pools;
	pthread_mutex_t lock; /* of choices that look at other shares: a source to manage, a project's number */
	uint32_t n_pools;
	uint32_t mode;    /* of a new share's directory */
	int root_fd, meta_fd, lock_fd;
	int reserved0;
};

/* ---- fail.c: errno into codes and words. All return the code ---- */

/* "ROOT/PATH: what the system said". PATH may be "". */
int dir_fail(const struct dir_be *be, const struct shr_call *call, const char *path);
int dir_fail_open(const struct shr_driver_host *host, const struct shr_call *call, const char *root);
int dir_fail_id(const struct dir_be *be, const struct shr_call *call, const char *id);

/* ---- path.c: only downwards, and never through a symbolic link ---- */

/* Open the directory PATH below FD; with a component that is no directory: ENOTDIR. -1: errno. */
int dir_path_open(int fd, const char *path);
int dir_path_make(int fd, const char *path); /* make what is missing of it; 0 or -1 */
/* Open the directory above the last component of PATH, which *RET_NAME points to. */
int dir_path_parent(int fd, const char *path, const char **ret_name);
/* 1: A is B, or lies in it. */
int dir_path_within(const char *a, const char *b);

/* ---- meta.c: what is known of a share, in ROOT/.libshare/ID ---- */

struct dir_meta {
	uint64_t bytes;
	uint32_t project; /* of the quota; 0: none */
	uint32_t managed; /* 1: it was here before it became a share; DIR_SHOWN */
	uint64_t cut;     /* of a snapshot: nanoseconds since 1970 */
	uint64_t tree;    /* of a snapshot: the bytes that its files take, each for itself; 0: not known */
	char path[PLUG_PATH_ROOM]; /* below the root */
};
#define DIR_SHOWN UINT32_C(2) /* of a read-only share: what it shows is a snapshot's */
int dir_meta_get(const struct dir_be *be, const char *id, struct dir_meta *ret); /* 1; 0: not there; -1: errno */
int dir_meta_put(const struct dir_be *be, const char *id, const struct dir_meta *meta); /* whole or not at all */
int dir_meta_drop(const struct dir_be *be, const char *id);
/* Get it, or fail: 1, 0 (not there), or a code. */
int dir_meta_need(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *ret);
int dir_meta_other(const struct dir_be *be, const char *path, const char *but_id, char ret_id[PLUG_ID_ROOM],
	char ret_path[PLUG_PATH_ROOM]);

/* ---- mover.c: what libshare's mover asks for, out of a call ---- */

struct dir_mover { /* it lives where its host is used */
	struct shr__mover_host host;
	const struct dir_be *be;
	const struct shr_call *call;
	uint64_t total; /* for people: how many bytes there will be; 0: not known */
};
void dir_mover(struct dir_mover *m, const struct dir_be *be, const struct shr_call *call);
int64_t dir_now_ns(void);
/* The directory FROM, whole and durable, as the part of ID in the directory BESIDE; of PROJECT, unless that is 0. What an earlier
 * call left goes first, or with `resume` it goes on. 0, SHR_RUNNING or a code. COPY: its links and host are set here. */
int dir_copy_part(const struct dir_mover *m, struct shr__copy *copy, int from, const char *id, uint32_t project);
int dir_copy_resumes(const struct shr_call *call); /* 1: this call goes on with what its last one has copied */
#ifndef DIR_SLICE_NS /* a test has shorter ones */
#define DIR_SLICE_NS INT64_C(10000000000)
#endif

/* ---- quota.c: project quotas, where the file system has them ---- */

int dir_quota_works(int fd); /* 1: enforced there, and this process may set them */
int dir_quota_pick(int fd, const char *id, uint32_t *ret_project);
int dir_quota_mark(int fd, uint32_t project); /* FD: of a file or an inheriting directory */
int dir_quota_limit(int fd, uint32_t project, uint64_t bytes); /* 0: no limit */
int dir_quota_get(int fd, uint32_t project, uint64_t *ret); /* the limit; 0: there is none */
int dir_quota_used(int fd, uint32_t project, uint64_t *ret);

/* ---- stats.c ---- */

#define DIR_CAPS (SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_THIN | SHR_CAP_DATA | SHR_CAP_SNAPSHOT | \
	SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT)
int dir_pool_probe(struct dir_be *be, const struct shr_call *call, struct dir_pool *pool); /* once, at open */
/* The pool called NAME, opened; its file system is the one of the probe. *RET_FD is the caller's. 0 or a code. */
int dir_pool_open(const struct dir_be *be, const struct shr_call *call, const char *name, const struct dir_pool **ret,
	int *ret_fd);
const struct dir_pool *dir_pool_find(const struct dir_be *be, const char *name); /* NULL: there is none */
int dir_stats(void *be, const struct shr_call *call);

/* ---- create.c, remove.c, resize.c, manage.c ---- */

int dir_create(void *be, const struct shr_call *call, const struct shr_instance *instance);
int dir_remove(void *be, const struct shr_call *call, const struct shr_instance *instance);
int dir_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes);
int dir_usage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int dir_manage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int dir_unmanage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int dir_cancel(void *be, const struct shr_call *call);
int dir_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all);
int dir_list(void *be, const struct shr_call *call, const char *name, const char *after, uint32_t max);
extern const struct shr_driver_data dir_data;
/* Tell the path. */
int dir_tell_path(const struct dir_be *be, const struct shr_call *call, const char *id, const char *path);
/* Tell the ref and the path. */
int dir_tell(const struct dir_be *be, const struct shr_call *call, const char *id, const char *path);
/* What it takes on the disk. 0 or a code. */
int dir_measure(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, uint64_t *ret);
/* Of NAME in PARENT all goes, by the name GONE. 0; 1: time is up; or a code. PATH: what a failure is told of. */
int dir_delete_tree(const struct dir_be *be, const struct shr_call *call, int parent, const char *name, const char *gone,
	const char *path);
void dir_name(const char *before, const char *id, char ret[DIR_NAME_ROOM]);
/* The copy of ID that is not whole, and the links of it; as dir_delete_tree(). */
int dir_delete_part(const struct dir_be *be, const struct shr_call *call, int parent, const char *id);
int dir_put_limit(const struct dir_be *be, const struct shr_call *call, const struct dir_meta *meta, uint64_t bytes);
/* Write down a new share, not yet there. -1: errno. */
int dir_new_meta(struct dir_be *be, const struct dir_pool *pool, int pool_fd, const struct shr_instance *instance,
	struct dir_meta *meta);

/* ---- manage.c: what may become a share or a snapshot ---- */

int dir_refuse(const struct dir_be *be, const struct shr_call *call, const char *source, const char *why);
int dir_locate(const struct dir_be *be, const struct shr_call *call, const char *source, char ret[PLUG_PATH_ROOM]);
/* Under the lock: META, whose path it is from now on, to the file ID; or -1: errno, or the reason in WHY. */
int dir_reserve(const struct dir_be *be, const char *id, const struct dir_meta *meta, char why[512]);
int dir_open_source(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const char *path,
	int *ret_fd);

/* ---- snaps.c, snapmanage.c, revert.c ---- */

extern const struct shr_driver_snapshot dir_snapshot;
/* What is known of the snapshot ID: 1, 0, or a code. It is whole when its tree is there as well. */
int dir_snap_need(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *ret);
/* The snapshot and its tree, opened; else SHR_ENOTFOUND. */
int dir_snap_open(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *meta, int *ret_fd);
int dir_snap_tell(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta);
int dir_snap_manage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int dir_snap_unmanage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int dir_revert(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int dir_clone(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to);
/* Drop what a revert of the share ID has written down. */
int dir_revert_forget(const struct dir_be *be, const char *id);

#endif

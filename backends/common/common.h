/* backends/common/common.h - what drivers whose shares are directories have in common */
#ifndef COMMON_COMMON_H
#define COMMON_COMMON_H

#include "libshare/driver.h"

#define PLUG_ID_ROOM 37
#define PLUG_PATH_ROOM 2048 /* of a path below a root */
#define PLUG_META ".libshare" /* what is the driver's own begins so */

/* ---- fail.c: errno into codes and words ---- */

int plug_code(int why); /* SHR_E* */
const char *plug_words(int why);

/* ---- path.c ---- */

int plug_id_ok(const char *id); /* 1: a UUID */
/* The next component of *PATH to NAME, *PATH behind it. 1; 0: no more; -1: too long. */
int plug_path_next(const char **path, char name[256]);
/* PATH without doubled and trailing slashes to RET. NULL, or what is wrong with it. */
const char *plug_path_clean(const char *path, char ret[PLUG_PATH_ROOM]);
/* SOURCE, relative to ROOT or absolute in it, to a path below it. NULL, or what is wrong with it: OUTSIDE, or else. */
const char *plug_path_below(const char *root, const char *source, const char *outside, char ret[PLUG_PATH_ROOM]);

/* ---- names.c: for a list, page by page ---- */

struct plug_names { /* the first of all names behind some name, in their order */
	char **names;
	uint32_t n, max;
};
/* 1: it can be told: no control characters, and no broken UTF-8. */
int plug_name_ok(const char *s);
/* Put a copy of NAME into its place, and drop the last one when there are too many. -1: no memory. */
int plug_names_keep(struct plug_names *t, const char *name);

/* ---- mountcopy.c ---- */

struct mount_attr; /* the kernel's */
/* A copy of the mount that the directory FD lies in, with the directory as its root, and ATTR: mounted nowhere. -1: errno. */
int plug_mount_copy(int fd, struct mount_attr *attr);

/* ---- lock.c: one process a place ---- */

/*
 * Lock NAME in the directory FD; *RET_FD is the caller's, and the lock goes with it. What is wrong is said as
 * "WHAT: PATH ...", with the holder's number.
 */
int plug_lock(const struct shr_driver_host *host, const struct shr_call *call, const char *what, const char *path, int fd,
	const char *name, int *ret_fd);

#endif

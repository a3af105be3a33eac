/* backends/dir/copy.h - copying a tree: exact, cancellable, and with what was copied already left as it is */
#ifndef DIR_COPY_H
#define DIR_COPY_H

#include <limits.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include "dir.h"

struct dir_copy {
	const struct dir_be *be;
	const struct shr_call *call;
	int reflink;       /* share blocks, where that can be */
	int resume;        /* a part of it is there: leave what is whole */
	int slices;        /* end when enough was done for one call */
	int beside;        /* the directory in which the copy lies */
	const char *links; /* a name there: a directory of the files with several names, while it is copied */
	uint64_t files;    /* how many things there are; TOTAL: how many there will be, 0: not known */
	uint64_t total;
	uint64_t bytes;    /* what they take on the disk */
	char at[256];      /* the name it failed at */
	/* its own: */
	char *room;
	int links_fd;
	uid_t uid;
	gid_t gid;
	dev_t dev;
	int64_t began_ns, first_ns; /* ... and when the first new thing was made */
};
/* The directory FROM into the empty TO; the descriptors are taken over. 0; 1: not yet all; -1: errno. */
int dir_copy_tree(struct dir_copy *c, int from, int to);

/* ---- snaps.c ---- */

/* The directory FROM, whole and durable, as the part of ID beside; of PROJECT, unless that is 0. What an earlier call left goes
 * first, or with `resume` it goes on. 0, SHR_RUNNING or a code. */
int dir_copy_part(struct dir_copy *c, int from, const char *id, uint32_t project);
int dir_copy_resumes(const struct shr_call *call); /* 1: this call goes on with what its last one has copied */
int dir_copy_later(const struct dir_copy *c); /* answer so that the next call does */

/* ---- copyfile.c ---- */

int dir_copy_file(struct dir_copy *c, int in, int to, const char *name, const struct stat *st);
int dir_copy_special(const struct dir_copy *c, int from, int to, const char *name, const struct stat *st);
int dir_copy_settle(const struct dir_copy *c, int in, int out, const struct stat *st); /* owner, mode, attributes, times */

#endif

/* lib/mover/mover.h - trees of files: walking, removing and copying them, exactly, with few descriptors, and going on later */
#ifndef SHR_MOVER_MOVER_H
#define SHR_MOVER_MOVER_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * This room needs nothing of the library, so that a driver can be built with it: what it wants of the world beyond the files it
 * asks its host for. All of it may be called by any thread, with descriptors of its own. Failures are -1 with errno;
 * ECANCELED: the host wants it to stop.
 */
#define SHR__STOPS 1   /* end with ECANCELED as soon as you can */
#define SHR__HURRIES 2 /* the time of this call is up, where it may go on in another */
struct shr__mover_host {
	void *(*memory)(void *old, size_t n); /* as realloc; N 0: as free, and answers NULL */
	int (*stops)(void *data);             /* SHR__STOPS, SHR__HURRIES, or 0 */
	int64_t (*now)(void *data);           /* monotonic, nanoseconds */
	void (*progress)(void *data, uint64_t bytes); /* so many are done; may be NULL */
	void *data;
};
/* N bytes instead of OLD; NULL: errno says that there is no memory. N 0: OLD is let go. */
static inline void *shr__mover_room(const struct shr__mover_host *host, void *old, size_t n)
{
	void *p = host->memory(old, n);

	if (n && !p)
		errno = ENOMEM;
	return p;
}

/* ---- enter.c: only downwards, and never through a symbolic link ---- */

int shr__dir_open(int in, const char *name); /* ELOOP: it is a symbolic link */
int shr__dir_enter(int in, const char *name); /* but not when another file system is mounted there: EXDEV */
/* The same for a directory of our own that has taken its permissions away. */
int shr__dir_enter_forced(int in, const char *name);

/* ---- walk.c: one tree, which others may change meanwhile ---- */

#define SHR__WALK_USE 1u    /* sum up what the files take */
#define SHR__WALK_DELETE 2u /* all in it; not itself */
#define SHR__WALK_EACH 3u   /* call `each` for each directory below the top and each regular file, opened */
struct shr__walk {
	const struct shr__mover_host *host;
	uint64_t bytes;    /* what they take on the disk; a file with several names counts in parts */
	int64_t until_ns;  /* on the host's clock; 0: no limit */
	uint32_t what;     /* SHR__WALK_* */
	uint32_t again;    /* DELETE: something came while it went */
	uint64_t gone;     /* DELETE: how many names went; before the first one time is never up */
	int (*each)(void *data, int fd); /* EACH: 0 or -1 */
	void *each_data;
	char at[256];      /* the name it failed at */
};
/* FD is taken over. 0; 1: time is up; -1. */
int shr__walk(struct shr__walk *walk, int fd);

/* ---- boot.c ---- */

#define SHR__BOOT_ROOM 37
int shr__boot_id(char ret[SHR__BOOT_ROOM]); /* 1: it is known; a text of 36 bytes */

/* ---- copy.c ---- */

struct shr__copy {
	const struct shr__mover_host *host;
	int reflink;       /* share blocks, where that can be */
	int resume;        /* a part of it is there: leave what is whole */
	int beside;        /* a directory of the same file system, for LINKS; -1: the copy's own */
	const char *links; /* a name there: a directory of the files with several names, while it is copied */
	int64_t slice_ns;  /* end when enough was done for one call; 0: go on to the end */
	uint64_t bytes;    /* what is there takes so many on the disk */
	uint64_t reached;  /* the same, with the file that time was up in */
	uint64_t whole;    /* what that takes in the end */
	char at[256];      /* the name it failed at */
	/* its own: */
	char *room;
	int links_fd, top_fd;
	uid_t uid;
	gid_t gid;
	dev_t dev;
	int64_t began_ns, first_ns; /* ... and when the first new thing was made */
};
/* The directory FROM into TO, which is empty, or has a part of it; the descriptors are taken over. What names, contents, holes,
 * owners, modes, times, attributes and links there are is the same afterwards; not what is mounted in it. 0: all of it, not yet
 * durable; 1: not yet all; -1. */
int shr__copy(struct shr__copy *c, int from, int to);

/* ---- file.c: pieces of copy.c ---- */

/* 0; 1: time is up, and what is there is right as far as it goes; -1. */
int shr__copy_file(struct shr__copy *c, int in, int to, const char *name, const struct stat *st);
/* Between two bites; MORE: up to where the present file is done. 0: go on; 1: time is up; -1: ECANCELED. */
int shr__copy_pause(struct shr__copy *c, uint64_t more);
int shr__copy_special(const struct shr__copy *c, int from, int to, const char *name, const struct stat *st);
/* Owner, mode, attributes, times. */
int shr__copy_settle(const struct shr__copy *c, int in, int out, const struct stat *st);

/* ---- move.c: a copy that goes on in later calls, and after the process has died ---- */

/*
 * What was copied is good for as long as the machine runs: after that its files may have their times, but not their contents. So
 * the token that each call leaves for the next one begins with the number of the machine's present life; without it, or with
 * that of another life, what is there is removed, and the copy begins anew.
 */
#define SHR__MOVE_TOKEN 80
struct shr__move {
	const struct shr__mover_host *host;
	const char *from, *to; /* two directories; TO is the move's own, and all that is in it as well */
	const char *links;     /* a name that is free in TO */
	const void *token;     /* what the call before left */
	uint64_t token_len;
	int64_t slice_ns;
	char left[SHR__MOVE_TOKEN]; /* for the next call */
	uint64_t left_len;
	uint64_t done, total;  /* bytes; total 0: not known */
	const char *of;        /* what failed: FROM, TO or `at` */
	char at[256];
};
/* 0: TO is as FROM and durable; 1: go on with `left`; -1. FROM must not change from the first call to the last. */
int shr__move(struct shr__move *m);

#endif

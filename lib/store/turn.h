/* lib/store/turn.h - fair turns between the processes that write to one file */
#ifndef SHR_STORE_TURN_H
#define SHR_STORE_TURN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Two kernel locks on one small file beside the database: the gate and the turn. Who wants the turn takes the gate,
 * waits there for the turn, and opens the gate once it has it; so nobody who has just had a turn gets the next one
 * while another waits at the gate. The locks belong to the open file: the kernel frees them when a process dies. The
 * first page of the file is shared memory; what is in it is a hint (whom to wake, who holds), never the truth about
 * who holds, so a damaged page costs speed and words and nothing else. */
struct shr__turn_page {
	_Atomic uint32_t gate_seq;
	_Atomic uint32_t gate_waiters;
	_Atomic uint32_t turn_seq;
	_Atomic uint32_t turn_waiters;
	_Atomic uint32_t pid; /* of the holder, 0: nobody */
	uint32_t reserved0;
	_Atomic int64_t since_ns; /* monotonic */
	_Atomic uint64_t begun;   /* commits that began, and that ended */
	_Atomic uint64_t ended;
};

/* One handle's. `take` and `drop` by one thread at a time; `changes` by any. */
struct shr__turn {
	char *path;
	_Atomic(struct shr__turn_page *) page;
	struct shr__turn_page *retired[4]; /* pages of files that were taken away: changes() may still look at them */
	unsigned n_retired;
	int fd;
	dev_t dev;
	ino_t ino;
	int64_t checked_ns;
	int64_t skip_gate_ns; /* until then the gate is passed by: its holder is asleep */
	_Atomic uint64_t own; /* what this handle itself added to begun + ended */
};

/* MODE is that of a new file. 0, or an errno. */
int shr__turn_open(struct shr__turn *t, const char *path, const struct stat *like);
void shr__turn_close(struct shr__turn *t); /* one that was zeroed is fine */

/* 0; 1: the deadline (of the monotonic clock) passed; or -errno. */
int shr__turn_take(struct shr__turn *t, int64_t deadline_ns);
void shr__turn_drop(struct shr__turn *t);

/* Around a commit, inside the turn. */
void shr__turn_commit_begins(struct shr__turn *t);
void shr__turn_commit_ended(struct shr__turn *t);
/* Differs when another handle has committed. */
uint64_t shr__turn_changes(struct shr__turn *t);

/* "process 12 (sharectl) holds the store inside a transaction since 11 s; it is stopped ..." into BUF. */
void shr__turn_holder(struct shr__turn *t, char *buf, size_t room);
/* "process 12 (sqlite3)" and what keeps it from going on, if that can be seen. */
void shr__holder_words(uint32_t pid, char *buf, size_t room);
/* The pid of another process that has a POSIX write lock on byte FROM to TO of this file; 0: none is seen. The file is
 * not opened: closing it would drop this process's own locks on it. */
uint32_t shr__holder_of_lock(const char *path, uint64_t from, uint64_t to);

#endif

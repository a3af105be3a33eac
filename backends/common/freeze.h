/* backends/common/freeze.h - a frozen server, and the guard that thaws it: between hold.c, freeze.c and guard.c */
#ifndef COMMON_FREEZE_H
#define COMMON_FREEZE_H

#include "server.h"

/* ---- guard.c ---- */

#define PLUG_STOPPED_MOST 65536u

struct plug_stopped { /* in memory that the guard shares: each process is in it before it is sent its signal */
	uint32_t n;
	uint32_t reserved0;
	struct plug_proc procs[PLUG_STOPPED_MOST];
};
struct plug_guard { /* a process that thaws */
	pid_t pid; /* 0: none */
	int fd;    /* -1: none */
};
struct plug_frozen {
	struct plug_stopped *stopped; /* NULL: none */
	int freeze_fd;                /* cgroup.freeze, or -1 */
	int events_fd;                /* cgroup.events, or -1 */
	struct plug_proc server;
	struct plug_guard guard;
};
int plug_guard_begin(struct plug_frozen *f, uint32_t bound_ms); /* 0 or -1: errno */
/* Let it thaw now. 1: it did so on this word; 0: it had done so before, or is dead. */
int plug_guard_end(struct plug_guard *guard);
void plug_thaw(const struct plug_frozen *f);
/* Only to the process that P is, and to none that has its number now. 0; -1: it has ended. System calls and nothing else. */
int plug_proc_signal(const struct plug_proc *p, int signal);

/* ---- freeze.c: 0 or a code, failed ---- */

/* The guard is there, and the first process is stopped, or the cgroup is. */
int plug_freeze_begin(const struct plug_holder *h, const struct shr_call *call, const struct plug_proc *server, uint32_t bound_ms,
	struct plug_frozen *ret);
/* One step. *RET_DONE 1: every process of the server stands still, and there is no other. */
int plug_freeze_more(const struct plug_holder *h, const struct shr_call *call, struct plug_frozen *f, int *ret_done);
int plug_freeze_end(struct plug_frozen *f); /* thaw it, and clear. 1: it was frozen, all of it, until now */

#endif

/* tests/real/held.h - a server that is held: how much of it stands still, and who lets it go on; for any exporter */
#ifndef TESTS_REAL_HELD_H
#define TESTS_REAL_HELD_H

#include <sys/types.h>
#include "../conformance/exporter_kit.h"

struct held { /* of a server's first process and all below it */
	int processes, threads, stopped;
};
void held_look(pid_t server, struct held *ret);
int held_begin(struct xkit_call *c, uint32_t bound_ms); /* what hold answers at last */
int held_end(struct xkit_call *c); /* what release does, made by the same operation */

/* Checks, each for the server that the kit has open. */
void held_guard_thaws(struct xkit *kit, pid_t server); /* when the process that holds is killed */
void held_by_cgroup(struct xkit *kit, pid_t server, const char *dir); /* DIR: one of the test's own */

#endif

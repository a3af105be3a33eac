/* tests/bench/bare.h - what a share on btrfs behind NFS-Ganesha costs without a library: the bare calls of kernel and server */
#ifndef TESTS_BENCH_BARE_H
#define TESTS_BENCH_BARE_H

#include <stdint.h>

/* A new subvolume NAME in DIR, opened. */
int bare_open(const char *dir, const char *name);
/* What the driver asks of the kernel, in its order, and no more: no facts, no looking whether something is there already. The share
 * is the N-th of the subvolume FD. */
void bare_create(int fd, unsigned n, uint64_t bytes);

#endif

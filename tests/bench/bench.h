/* tests/bench/bench.h - what the benchmarks share: clocks, medians, and a context on the null driver */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdint.h>

#include "libshare/libshare.h"

#define BENCH_MOST 16 /* callers, processes, rounds of one size */

/* Arguments are numbers by name: "n=200 rounds=5". Without it: OTHERWISE. */
long bench_arg(int argc, char **argv, const char *name, long otherwise);
/* A new empty directory below the one that BENCH_DIR names (without it: the current one); it goes at the end. */
const char *bench_dir(void);

int64_t bench_ns(void);      /* monotonic */
int64_t bench_cpu_ns(void);  /* of this process, user and system */
double bench_median(const double *values, unsigned n);
void bench_die(const char *what, const struct shr_error *error) __attribute__((noreturn));
/* Read-only checks of the program's own: a benchmark that measured something else is worse than none. */
void bench_need(int truth, const char *what);
/* Run FN in N threads at once, each with its number; returns the nanoseconds that all of it took. */
int64_t bench_threads(unsigned n, void (*fn)(unsigned i, void *data), void *data);

/* A context on the file PATH with N_BACKENDS null backends "b0", "b1"..., each with a pool "p" of 1 EiB. */
extern const char *bench_settings; /* put into the lines of backends, with a comma; "" */
extern const char *bench_backend; /* the text of backend "b0" in place of the null driver's; NULL */
struct bench_rig {
	struct shr_ctx *ctx;
	struct shr_engine *engine; /* NULL: none */
	struct shr_session *session; /* of project "bench", an admin */
};
/* BACKEND: the one that the engine has; -1: all. VFS: SQLite's, or NULL. WORKERS -1: no engine. */
void bench_open(struct bench_rig *rig, const char *path, const char *vfs, int n_backends, int backend, int workers);
void bench_close(struct bench_rig *rig);
/* Create a share on BACKEND (-1: any) and wait until it is available. Its id into RET_ID (37 bytes) unless it is NULL. */
void bench_create(struct bench_rig *rig, int backend, char *ret_id);
/* Change rules FIRST to FIRST + N - 1 of the share, addresses that differ, and wait until they are in force. VERB: SHR_ALLOW, SHR_DENY. */
void bench_rules(struct bench_rig *rig, const char *share, uint32_t first, uint32_t n, uint32_t verb);

#endif

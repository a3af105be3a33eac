/* tests/crash/worker.h - callers at random work on whatever a configuration names, killed at any time */
#ifndef TESTS_CRASH_WORKER_H
#define TESTS_CRASH_WORKER_H

#include <sqlite3.h>

#include "libshare/libshare.h"

/* Where one such test lies. */
struct crash_place {
	char base[128];   /* a temporary directory */
	char config[256]; /* of the library */
	char notes[256];  /* what was acknowledged, a line each */
};

void crash_place(struct crash_place *place, const char *base);
void crash_die(const char *what, const struct shr_error *error);
/* A context with an engine of two workers, and a session of an administrator; or the end of the process. */
struct shr_ctx *crash_open(const char *config, struct shr_engine **ret_engine, struct shr_session **ret_session);
/* Creates, deletes, resizes, changes rules, until it is killed. */
int crash_worker(const struct crash_place *place, unsigned seed);
/* What was acknowledged and never asked to go is there: 0; 1: it is not, and that is told. */
int crash_notes_broken(const struct crash_place *place, sqlite3 *db);
/* Fork one of "/proc/self/exe ARGS...", kill it at a random instant of its first MOST_MS: 0; 1: it had ended by itself. */
int crash_round(const char *const args[], int most_ms);

#endif

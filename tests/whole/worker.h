/* tests/whole/worker.h - engines in processes of their own, which a test stops, continues and kills */
#ifndef TESTS_WHOLE_WORKER_H
#define TESTS_WHOLE_WORKER_H

#include <sys/types.h>

/* Run this program again as "PROGRAM worker CONFIG NAME FAKE BACKENDS": an engine called NAME on the configuration CONFIG with
 * two workers, until it is killed. FAKE: "" or what its fake driver does, "poison": it ends the process in the create of a
 * share of that name. BACKENDS: "" for all, or one's name. */
pid_t worker_start(const char *program, const char *config, const char *name, const char *fake, const char *backend);
void worker_kill(pid_t pid); /* SIGKILL, and wait; 0 is fine */
/* In main(): 1: this process was a worker, with *ret as its exit status. */
int worker_main(int argc, char **argv, int *ret);

#endif

/* tests/whole/front.h - an exporter inside the test's program: a server that forgets all when it is started anew */
#ifndef TESTS_WHOLE_FRONT_H
#define TESTS_WHOLE_FRONT_H

#include "libshare/exporter.h"

#define FRONT_EXPORTS 512
#define FRONT_RULES 64

struct front_rule {
	char id[40];
	char who[64];
	uint32_t level;
};
struct front_export {
	char id[40];      /* the instance's; "": free */
	char path[256];
	uint32_t number;
	uint32_t n_rules;
	struct front_rule rules[FRONT_RULES];
};
/* One for the process. Calls come one at a time; a test looks while the engine does nothing. */
struct front {
	const struct shr_driver_host *host;
	struct front_export exports[FRONT_EXPORTS];
	uint64_t incarnation; /* 0: it tells none */
	unsigned adds, removes, updates, looks;
	unsigned clashes; /* two exports with one number, or a call with another number than add's */
	unsigned told;    /* changes of the last update */
	int forget_after_add; /* the server is started anew behind the next add */
	int fail;         /* what add answers; 0: it works */
	int fail_list;    /* the same of list */
};
extern struct front front;
extern struct shr_exporter front_exporter; /* a test may change it before it opens a context */

void front_reset(void);
void front_restart(void); /* of its server: everything is gone, and it is another life */
struct front_export *front_find(const char *id); /* NULL */

#endif

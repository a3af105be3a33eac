/* tests/whole/fake.h - a driver inside the test's program: it keeps instances and rules in memory, does what a test says, and
 * checks every diff against what it has */
#ifndef TESTS_WHOLE_FAKE_H
#define TESTS_WHOLE_FAKE_H

#include <pthread.h>

#include "libshare/driver.h"

#define FAKE_RULES 4096
#define FAKE_INSTANCES 2048
#define FAKE_FINDINGS 20

enum fake_verb { FAKE_STATS, FAKE_CREATE, FAKE_REMOVE, FAKE_RESIZE, FAKE_ACCESS, FAKE_MANAGE, FAKE_UNMANAGE, FAKE_VERBS };

struct fake_rule {
	char id[40];
	char who[64];
	uint32_t level;
	int32_t priority;
	uint64_t revision;
	int refused;  /* told, and refused: clients do not see it */
	int going;    /* denied, and the removal refused: clients still see it */
};

struct fake_instance {
	char id[40];
	char source[64];
	uint64_t bytes;
	uint64_t told; /* the revision that was told last */
	struct fake_rule *rules;
	uint32_t n_rules;
};

/* One for the process; all under its lock, but the hooks, which a test sets before it opens an engine. */
struct fake {
	pthread_mutex_t lock;
	const struct shr_driver_host *host;
	struct fake_instance *instances;
	uint32_t n_instances;
	_Atomic unsigned calls[FAKE_VERBS]; /* tests read them beside the engine */
	unsigned running, most_running; /* calls at once */
	unsigned open;
	/* Called before a verb does anything, under no lock. Not 0: that is the answer, and nothing is done. */
	int (*before)(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance);
	/* The answer for a change of a rule: 0, or why it is refused. */
	int (*refuses)(const struct shr_rule_change *change);
	/* A verb was done: not 0 is answered instead of success. */
	int (*after)(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance);
	int gives_up; /* 1: calls fail for good, so that a diff may begin behind what was told last */
	int pull; /* 1: each access call pulls the full set and compares it */
	char findings[FAKE_FINDINGS][256];
	uint32_t n_findings;
};
extern struct fake fake;
extern struct shr_driver fake_driver; /* a test may change its threads and fencing before it is added */

/* For tests that want it as fake_driver.look. */
int fake_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all);

void fake_reset(void); /* nothing is open */
struct fake_instance *fake_find(const char *id); /* under the lock; NULL */
void fake_finding(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Fails the test when there are findings. */
void fake_no_findings(void);
int fake_fail(const struct shr_call *call, int code, const char *why);

#endif

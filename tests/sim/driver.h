/* tests/sim/driver.h - simulated backends: what lies on them, and the drivers that get there */
#ifndef TESTS_SIM_DRIVER_H
#define TESTS_SIM_DRIVER_H

#include "libshare/driver.h"
#include "mover/mover.h"

#include "sim.h"

struct sim_rule {
	char id[40], who[72];
	uint32_t type, level, squash;
	int32_t priority;
};

/* What lies on a backend under an instance's id. It is kept when it is removed: what comes late meets it. */
struct sim_thing {
	struct sim_thing *next; /* in the order in which they came */
	struct sim_thing *next_hash;
	char id[40];
	int backend;
	int present;
	int unsure;         /* a resize was answered with a failure, or cut off: its size may be either */
	uint64_t bytes;
	uint64_t content;    /* stands for what is in it */
	unsigned copied;     /* slices of a copy to it */
	uint64_t attached;   /* the greatest fence number of an attach */
	uint64_t generation; /* the greatest fence number of a call about it */
	uint64_t revision;   /* of its rules */
	struct sim_rule *rules;
	uint32_t n_rules, room;
	char source[32];    /* manage: what it was; "" */
};

/* Something on a backend that is no share, and can become one. */
struct sim_foreign {
	struct sim_foreign *next;
	int backend;
	char source[32];
	uint64_t bytes;
	char taken[40];     /* by this instance; "" */
};

extern const char *const sim_backend_names[SIM_BACKENDS];
extern const struct shr_driver *const sim_drivers[SIM_BACKENDS];

void sim_drivers_begin(void);
void sim_drivers_end(void);
/* P has died: its kernel locks are free, and what it had open is gone. */
void sim_drivers_forget(struct sim_proc *p);
int64_t sim_drivers_next(void);   /* when something late lands; INT64_MAX */
void sim_drivers_land(void);      /* what is due by now */
void sim_drivers_outage(int backend, int64_t until);
struct sim_thing *sim_thing_find(const char *id);
struct sim_thing *sim_things(void); /* the first */
const struct sim_foreign *sim_foreign_pick(int backend, unsigned n);
/* A rule for WHO is refused by the backends, always. */
int sim_refuses(const char *who);
int sim_backend_of(const char *name); /* -1 */

#define SIM_PATH "/sim/" /* what attach tells, with an instance's id and the fence number behind */
int sim_move(void *proc, struct shr__move *m);

#endif

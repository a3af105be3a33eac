/* tests/sim/sim.h - the simulator's world: one thread, one clock, one seed */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include "libshare/libshare.h"

#define SIM_MS INT64_C(1000000)
#define SIM_SECOND INT64_C(1000000000)
#define SIM_GIB (INT64_C(1) << 30)

/* What may go wrong, each by itself; the bits of a fault mask. The order is for ever: replays name bits. */
#define SIM_FAULTS(F) \
	F(STORE_ERROR, "a call of the store fails and loses its transaction") \
	F(STORE_FULL, "the store is full: the transaction is gone, and what comes after it is committed by itself") \
	F(STORE_UNKNOWN, "a commit's outcome is not known") \
	F(STORE_SLOW, "a call of the store takes its time, before it or after it was done") \
	F(STORE_GONE, "the connection to the store is lost for a while") \
	F(INTERLEAVE, "other processes work while a transaction is open") \
	F(DRIVER_FAIL, "a driver's call fails, before or after its effect") \
	F(DRIVER_PENDING, "a driver answers: running") \
	F(DRIVER_SLOW, "a driver's call takes long") \
	F(DRIVER_TWICE, "a driver speaks for a call that has ended") \
	F(OUTAGE, "a backend does not answer for a while") \
	F(DEATH, "a process dies, at any step") \
	F(PAUSE, "a process stands still") \
	F(CLOCK, "a wall clock jumps") \
	F(LATE, "a call of a process that died takes effect later") \
	F(WAKE, "wake-ups are lost or late") \
	F(NEWER, "rows of a newer version are in the store") \
	F(REFUSED, "a backend refuses some things for good") \
	F(CANCEL, "operations are cancelled") \
	F(LAST_RESORT, "shares are reset and force-deleted while they are worked at") \
	F(DRIFT, "rules vanish or change on a backend, behind the library's back")
enum sim_fault {
#define SIM_FAULT_ENUM(name, text) SIM_##name,
	SIM_FAULTS(SIM_FAULT_ENUM)
	SIM_N_FAULTS
};
#define SIM_ALL_FAULTS ((UINT32_C(1) << SIM_N_FAULTS) - 1)

#define SIM_MOST_PROCS 4
#define SIM_PROJECTS 3
#define SIM_BACKENDS 3

struct sim_block; /* mem.c: a piece of memory of one process */
struct sim_store; /* model.h: a handle */

/* A simulated process: a context with an engine and callers of its own. */
struct sim_proc {
	int n;
	char name[16];
	int alive;
	int busy;           /* it is on the stack: nobody else may step it */
	unsigned life;
	jmp_buf death;
	struct sim_block *blocks;
	struct shr_ctx *ctx;
	struct shr_engine *engine;
	struct shr_session *sessions[SIM_PROJECTS + 1]; /* the last is the system's */
	uint64_t random;    /* of this life */
	int64_t mono_off, wall_off;
	int64_t due;        /* when its engine wants to go on */
	int64_t paused;     /* until then it is not stepped */
	int64_t born_at;    /* when it comes back */
	uint64_t step;      /* the number of the step that it is at */
	struct sim_store *store; /* the handle of this life */
	char hot[40];       /* the share of its last driver's call: callers like it too */
};

struct sim_stats {
	uint64_t calls, accepted, refused, commits, conflicts, deaths, driver_calls, late, takeovers, unknowns, steps;
};

struct sim {
	uint64_t seed;
	uint32_t ops;        /* accepted operations to come to */
	uint32_t mask;       /* what may go wrong */
	int quiet;           /* 1: faults have stopped */
	int tell;            /* print the story */
	int with_sqlite;
	uint64_t rng[SIM_N_FAULTS + 3];
	uint32_t rate[SIM_N_FAULTS]; /* of a million chances */
	int64_t now, began, wall;
	unsigned depth;      /* how many processes are on the stack */
	struct sim_proc procs[SIM_MOST_PROCS];
	unsigned n_procs;
	struct sim_proc *cur; /* whose code runs; NULL: the simulator's */
	struct sim_block *own_blocks;
	int64_t next_call;
	int64_t next_event;
	uint64_t next_check; /* the step from which on everything is checked again */
	uint64_t digest;     /* of the story */
	struct sim_stats stats;
	jmp_buf broken;      /* where a broken promise leads */
	char words[1024];    /* which one */
};
extern struct sim sim;

/* ---- chance: a stream for each kind of fault, so that leaving one out disturbs the others least ---- */
#define SIM_CHOICE (SIM_N_FAULTS + 0)  /* what callers do */
#define SIM_TURN (SIM_N_FAULTS + 1)    /* who goes on */
#define SIM_WORLD (SIM_N_FAULTS + 2)   /* everything else */
static inline uint64_t sim_mix(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint64_t sim_random(unsigned stream)
{
	return sim_mix(&sim.rng[stream]);
}

unsigned sim_below(unsigned stream, unsigned n);
int64_t sim_between(unsigned stream, int64_t least, int64_t most);
/* 1: it goes wrong now. Never when it is masked, or faults have stopped. */
static inline int sim_hits(enum sim_fault fault)
{
	return !sim.quiet && sim.rate[fault] && (sim.mask >> fault & 1) && sim_random(fault) % 1000000 < sim.rate[fault];
}

/* ---- trace.c ---- */
void sim_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A promise is broken: the seed has failed. Does not return. */
void sim_broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
const char *sim_short(const char *id); /* the end of an id, for people */
const char *sim_fault_name(unsigned fault);

/* ---- proc.c ---- */
void sim_procs_begin(void);
void sim_procs_end(void);
void sim_birth(struct sim_proc *p);
/* At once, wherever it is; returns only when P is not on the stack. */
void sim_kill(struct sim_proc *p, const char *where);
/* Run FN as P. 1: it died in it. */
int sim_in(struct sim_proc *p, void (*fn)(struct sim_proc *p, void *data), void *data);
void sim_engine_step(struct sim_proc *p);
void sim_refresh_due(struct sim_proc *p);
/* 1: what its engine did waits to be committed. */
int sim_waits(struct sim_proc *p);
int64_t sim_wall(const struct sim_proc *p);
/* Time goes by for the process whose code runs; others may work meanwhile. */
void sim_elapse(int64_t ns);
/* Others work for a few turns, if they may. */
void sim_let_others(void);
/* It may die here. */
void sim_may_die(const char *where);

/* ---- world.c ---- */
/* One turn: something that is due is done, or the clock goes on to the next thing, at most to UNTIL. 0: nothing is left to do
 * before UNTIL. */
int sim_turn(int64_t until);
int sim_run(uint64_t seed, uint32_t ops, uint32_t mask, int tell, int with_sqlite);
uint64_t sim_wakes_add(const struct sim_proc *from, const char *token);

/* ---- calls.c ---- */
void sim_calls_begin(void);
void sim_calls_end(void);
void sim_call(struct sim_proc *p);
/* NULL: each flow of the table has a generator; else the kind that has none. */
const char *sim_calls_missing(void);
void sim_calls_newer(void);
void sim_calls_reconcile(struct sim_proc *p); /* every share that is available */
void sim_calls_tidy(struct sim_proc *p); /* at the end: delete what is in error */

/* ---- mem.c ---- */
void sim_mem_forget(struct sim_block **blocks); /* all of them */

#endif

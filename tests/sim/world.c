/* tests/sim/world.c - one seed from its beginning to its end: whose turn it is, and what befalls whom */
#include <string.h>

#include "check.h"
#include "driver.h"
#include "mirror.h"
#include "model.h"
#include "store_faults.h"

/* How often each fault may happen at most, in a million chances. A seed has each of them at a rate of its own, or not at all. */
static const uint32_t most[SIM_N_FAULTS] = {
	[SIM_STORE_ERROR] = 2500, [SIM_STORE_FULL] = 1500, [SIM_STORE_UNKNOWN] = 40000, [SIM_STORE_SLOW] = 1500,
	[SIM_STORE_GONE] = 60000, [SIM_INTERLEAVE] = 25000, [SIM_DRIVER_FAIL] = 150000, [SIM_DRIVER_PENDING] = 250000,
	[SIM_DRIVER_SLOW] = 30000, [SIM_DRIVER_TWICE] = 100000, [SIM_OUTAGE] = 30000, [SIM_DEATH] = 15000,
	[SIM_PAUSE] = 60000, [SIM_CLOCK] = 80000, [SIM_LATE] = 900000, [SIM_WAKE] = 300000, [SIM_NEWER] = 100000,
	[SIM_REFUSED] = 0, [SIM_CANCEL] = 0, [SIM_LAST_RESORT] = 0, [SIM_DRIFT] = 30000,
};

#define WAKES 64
static struct {
	int64_t at;
	int proc;
	char token[40];
} wakes[WAKES];
static unsigned n_wakes;

/* A token goes to all other processes, or gets lost on the way to some. */
uint64_t sim_wakes_add(const struct sim_proc *from, const char *token)
{
	for (unsigned i = 0; i < sim.n_procs; i++) {
		if ((int)i == from->n || sim_hits(SIM_WAKE) || n_wakes == WAKES)
			continue;
		wakes[n_wakes].at = sim.now + sim_between(SIM_TURN, 0, 5 * SIM_MS);
		wakes[n_wakes].proc = (int)i;
		strncpy(wakes[n_wakes].token, token, sizeof wakes[0].token - 1);
		n_wakes++;
	}
	return n_wakes;
}

static void wake(struct sim_proc *p, void *data)
{
	shr_engine_wake(p->engine, data);
	sim_refresh_due(p);
}

/* ---- events ---- */

static struct sim_proc *some_proc(unsigned stream)
{
	return &sim.procs[sim_below(stream, sim.n_procs)];
}

static void events(void)
{
	struct sim_proc *p;

	if (sim_hits(SIM_PAUSE)) {
		p = some_proc(SIM_PAUSE);
		p->paused = sim.now + sim_between(SIM_PAUSE, 10 * SIM_MS, 8 * SIM_SECOND);
		sim_say("%s stands still for %d ms", p->name, (int)((p->paused - sim.now) / SIM_MS));
	}
	if (sim_hits(SIM_CLOCK)) {
		p = some_proc(SIM_CLOCK);
		p->wall_off = sim_between(SIM_CLOCK, -600 * SIM_SECOND, 600 * SIM_SECOND);
		sim_say("the wall clock of %s jumps", p->name);
	}
	if (sim_hits(SIM_DEATH) || sim_hits(SIM_DEATH)) {
		p = some_proc(SIM_DEATH);
		if (p->alive && !p->busy)
			sim_kill(p, "between two steps");
	}
	if (sim_hits(SIM_OUTAGE)) {
		int b = (int)sim_below(SIM_OUTAGE, SIM_BACKENDS);
		int64_t ns = sim_between(SIM_OUTAGE, 10 * SIM_MS, 6 * SIM_SECOND);

		sim_drivers_outage(b, sim.now + ns);
		sim_say("%s does not answer for %d ms", sim_backend_names[b], (int)(ns / SIM_MS));
	}
	if (sim_hits(SIM_NEWER))
		sim_calls_newer();
}

/* ---- turns ---- */

static int may_call(void)
{
	return !sim.quiet && sim.stats.accepted < sim.ops;
}

/* What has a time of its own and is due. 1: it was done. */
static int timed(void)
{
	for (unsigned i = 0; i < n_wakes; i++) {
		struct sim_proc *p = &sim.procs[wakes[i].proc];
		char token[40];

		if (wakes[i].at > sim.now || p->busy)
			continue;
		memcpy(token, wakes[i].token, sizeof token);
		wakes[i] = wakes[--n_wakes];
		if (p->alive)
			sim_in(p, wake, token);
		return 1;
	}
	if (sim_drivers_next() <= sim.now) {
		sim_drivers_land();
		return 1;
	}
	if (sim.next_event <= sim.now && !sim.quiet) {
		sim.next_event = sim.now + sim_between(SIM_WORLD, 20 * SIM_MS, 200 * SIM_MS);
		events();
		return 1;
	}
	for (unsigned i = 0; i < sim.n_procs; i++)
		if (!sim.procs[i].alive && !sim.procs[i].busy && sim.procs[i].born_at <= sim.now) {
			sim_birth(&sim.procs[i]);
			return 1;
		}
	return 0;
}

static int can_step(const struct sim_proc *p)
{
	return p->alive && !p->busy && p->engine && p->paused <= sim.now;
}

static int64_t next_time(void)
{
	int64_t next = may_call() ? sim.next_call : INT64_MAX, t;

	if (!sim.quiet && sim.next_event < next)
		next = sim.next_event;
	if (sim_drivers_next() < next)
		next = sim_drivers_next();
	for (unsigned i = 0; i < n_wakes; i++)
		if (!sim.procs[wakes[i].proc].busy && wakes[i].at < next)
			next = wakes[i].at;
	for (unsigned i = 0; i < sim.n_procs; i++) {
		const struct sim_proc *p = &sim.procs[i];

		if (p->busy)
			continue;
		t = !p->alive ? p->born_at : p->due < p->paused ? p->paused : p->due;
		if (t < next)
			next = t;
	}
	return next;
}

int sim_turn(int64_t until)
{
	struct sim_proc *ready[SIM_MOST_PROCS], *p;
	unsigned n = 0, callers = 0;
	int64_t next;

	if (sim.stats.steps >= sim.next_check) { /* everything; of what each step touched check.c sees each commit */
		sim.next_check = sim.stats.steps + 100;
		sim_check_all();
	}
	if (timed())
		return 1;
	for (unsigned i = 0; i < sim.n_procs; i++) {
		callers += (unsigned)can_step(&sim.procs[i]);
		if (can_step(&sim.procs[i]) && sim.procs[i].due <= sim.now)
			ready[n++] = &sim.procs[i];
	}
	if (callers && may_call() && sim.next_call <= sim.now && sim_below(SIM_TURN, n + 1) == 0) {
		do
			p = some_proc(SIM_TURN);
		while (!can_step(p));
		sim.next_call = sim.now + (sim_below(SIM_TURN, 3) ? sim_between(SIM_TURN, 0, 40 * SIM_MS) : 0);
		sim_call(p);
		return 1;
	}
	if (n) {
		p = ready[sim_below(SIM_TURN, n)];
		if (may_call() && sim_waits(p) && !sim_below(SIM_TURN, 5))
			sim_call(p); /* whose body is one of a batch then */
		else
			sim_engine_step(p);
		return 1;
	}
	if (callers && may_call() && sim.next_call <= sim.now)
		return 1; /* the next turn is the caller's */
	if (may_call() && sim.next_call <= sim.now)
		sim.next_call = sim.now + 10 * SIM_MS; /* nobody is there to call */
	next = next_time();
	if (next > until || next == INT64_MAX)
		return 0;
	if (next > sim.now)
		sim.now = next;
	return 1;
}

/* ---- a seed ---- */

static void choose_rates(void)
{
	for (unsigned i = 0; i < SIM_N_FAULTS; i++) {
		unsigned how = sim_below(SIM_WORLD, 3);
		uint32_t rate = most[i] ? (uint32_t)sim_between(SIM_WORLD, 1, most[i]) : 0;

		sim.rate[i] = how == 0 ? 0 : how == 1 ? rate / 8 : rate;
	}
	sim.n_procs = 1 + sim_below(SIM_WORLD, SIM_MOST_PROCS);
}

static void begin(uint64_t seed, uint32_t ops, uint32_t mask, int tell)
{
	memset(&sim, 0, sizeof sim);
	sim.seed = seed;
	sim.ops = ops;
	sim.mask = mask;
	sim.tell = tell;
	for (unsigned i = 0; i < SIM_N_FAULTS + 3; i++)
		sim.rng[i] = seed * UINT64_C(0x9e3779b97f4a7c15) + i * UINT64_C(0xd1342543de82ef95) + 1;
	sim.began = sim.now = 1000000 * SIM_SECOND;
	sim.wall = INT64_C(1800000000) * SIM_SECOND;
	sim.digest = UINT64_C(14695981039346656037);
	n_wakes = 0;
	choose_rates();
	model_begin();
	sim_store_faults_begin();
	sim_drivers_begin();
	sim_checks_begin();
	sim_calls_begin();
	sim_procs_begin();
}

static void end(void)
{
	sim.cur = NULL;
	sim_mirror_end();
	sim_procs_end();
	sim_calls_end();
	sim_checks_end();
	sim_drivers_end();
	model_end();
}

/* Faults stop, clocks run, everybody comes back: within a bounded time every operation ends, also one that sleeps in isolation,
 * 45 s at most. */
#define BOUND (60 * SIM_SECOND)
static void settle(const char *what, int64_t then)
{
	int64_t until = sim.now + BOUND;
	uint64_t turns = 0;

	sim_say("%s: %u operations have not ended", what, sim_check_live());
	while (sim_check_live() || sim_drivers_next() != INT64_MAX) {
		if (!sim_turn(until) || sim.now > until || ++turns > 2000000) {
			sim_check_say_live();
			sim_broken("%u operations have not ended %d s after faults stopped", sim_check_live(), (int)(BOUND / SIM_SECOND));
		}
	}
	/* Whatever is under way without an operation: leases, looks, late hand-overs. */
	until = sim.now + then;
	while (sim_turn(until))
		;
	sim_check_all();
}

static void live(void)
{
	uint64_t turns = 0;

	while (sim.stats.accepted < sim.ops) {
		if (++turns > 400000 + (uint64_t)sim.ops * 2000)
			sim_broken("the world does not get on: %d operations were accepted", (int)sim.stats.accepted);
		if (!sim_turn(INT64_MAX))
			sim_broken("nothing is left to do, and %d operations were accepted", (int)sim.stats.accepted);
	}
	sim.quiet = 1;
	for (unsigned i = 0; i < sim.n_procs; i++)
		sim.procs[i].paused = 0;
	settle("faults stop", 4 * SIM_SECOND);
	for (unsigned i = 0; i < sim.n_procs && (sim.mask >> SIM_DRIFT & 1); i++)
		if (sim.procs[i].alive) {
			sim_calls_reconcile(&sim.procs[i]);
			settle("what drifted is put back", 15 * SIM_SECOND);
			break;
		}
	sim_check_final();
	for (unsigned i = 0; i < sim.n_procs; i++)
		if (sim.procs[i].alive) {
			sim_calls_tidy(&sim.procs[i]);
			break;
		}
	settle("what is in error is deleted", 15 * SIM_SECOND);
	sim_check_final();
	sim_mirror_compare();
}

int sim_run(uint64_t seed, uint32_t ops, uint32_t mask, int tell, int with_sqlite)
{
	int broken;

	begin(seed, ops, mask, tell);
	sim.with_sqlite = with_sqlite;
	broken = setjmp(sim.broken);
	if (!broken && with_sqlite)
		sim_mirror_begin();
	if (!broken)
		live();
	end();
	return broken;
}

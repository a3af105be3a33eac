/* tests/sim/proc.c - simulated processes: born, stepped, killed anywhere; and what would sleep or ask the machine */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/ctx.h"
#include "base/clock.h"
#include "check.h"
#include "driver.h"
#include "engine/engine_own.h"
#include "model.h"

/* Calls that the linker leads here instead of to the machine (see meson.build): in the simulated world nothing sleeps. */
int __wrap_nanosleep(const struct timespec *want, struct timespec *left);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_gethostname(char *name, size_t n);
int __wrap_sched_yield(void);
pid_t __wrap_getpid(void);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __real_write(int fd, const void *buf, size_t n);
int64_t __wrap_shr__clock_mono_ns(void);
int64_t __wrap_shr__clock_wall_ns(void);

int __wrap_nanosleep(const struct timespec *want, struct timespec *left)
{
	sim_elapse((int64_t)want->tv_sec * SIM_SECOND + want->tv_nsec);
	return 0;
}

/* A number that is no descriptor: who dies leaves none behind. */
#define NO_DESCRIPTOR (1 << 24)
int __wrap_eventfd(unsigned count, int flags)
{
	return NO_DESCRIPTOR;
}

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	return fd == NO_DESCRIPTOR ? -1 : __real_read(fd, buf, n);
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	return fd == NO_DESCRIPTOR ? -1 : __real_write(fd, buf, n);
}

pid_t __wrap_getpid(void)
{
	return 1;
}

int __wrap_gethostname(char *name, size_t n)
{
	snprintf(name, n, "sim");
	return 0;
}

int __wrap_sched_yield(void)
{
	return 0;
}

int64_t __wrap_shr__clock_mono_ns(void)
{
	return sim.now;
}

int64_t __wrap_shr__clock_wall_ns(void)
{
	return sim.now;
}

/* ---- the world as a process' host gives it ---- */

int64_t sim_wall(const struct sim_proc *p)
{
	return sim.wall + sim.now - sim.began + p->wall_off;
}

static int64_t host_wall(void *data)
{
	return sim_wall(data);
}

static int64_t host_mono(void *data)
{
	const struct sim_proc *p = data;

	return sim.now + p->mono_off;
}

static int host_random(void *data, void *buf, size_t n)
{
	struct sim_proc *p = data;
	unsigned char *out = buf;

	while (n) {
		uint64_t z = sim_mix(&p->random);
		size_t k = n < sizeof z ? n : sizeof z;

		memcpy(out, &z, k);
		out += k;
		n -= k;
	}
	return 0;
}

static void host_log(void *data, int level, const char *line)
{
	sim_say("log: %s", line);
}

static void host_wake(void *data, const char *token)
{
	sim_wakes_add(data, token);
}

/* ---- births ---- */

static const char config[] =
	"engine: { lease: 2s, poll: 500ms, stats: 10s, retry: { limit: 6, first: 20ms, most: 1s } }\n"
	"quota: { shares: unlimited, bytes: unlimited }\n"
	"backends:\n"
	"  - { name: alpha, driver: simfree, pools: [ { name: a1 }, { name: a2 } ] }\n"
	"  - { name: beta, driver: simchecked, pools: [ { name: b1 } ] }\n"
	"  - { name: gamma, driver: simlocked, pools: [ { name: c1 } ] }\n";

static int open_sessions(struct sim_proc *p)
{
	struct shr_session_params s = SHR_SESSION_PARAMS_INIT;
	char project[8];
	int rc = 0;

	for (int i = 0; rc == 0 && i < SIM_PROJECTS; i++) {
		snprintf(project, sizeof project, "p%d", i);
		s.project = project;
		s.user = "someone";
		rc = shr_session_open(p->ctx, &s, &p->sessions[i], NULL);
	}
	s.flags = SHR_SESSION_SYSTEM;
	s.project = "p0";
	s.user = "operator";
	return rc ? rc : shr_session_open(p->ctx, &s, &p->sessions[SIM_PROJECTS], NULL);
}

static int birth(struct sim_proc *p, const struct shr_error **error)
{
	struct shr_ctx_params params = SHR_CTX_PARAMS_INIT;
	struct shr_engine_params engine = SHR_ENGINE_PARAMS_INIT;
	struct shr_host host = SHR_HOST_INIT;
	int rc;

	host.data = p;
	host.wall_ns = host_wall;
	host.mono_ns = host_mono;
	host.random = host_random;
	host.log = host_log;
	host.wake = host_wake;
	params.host = &host;
	params.config_text = config;
	params.store = model_handle_store(p->store);
	rc = shr_ctx_open(SHR_HEADER_VERSION, &params, &p->ctx, error);
	for (int i = 0; rc == 0 && i < SIM_BACKENDS; i++)
		rc = shr__plugins_add_driver(p->ctx->env.plugins, sim_drivers[i], error);
	if (rc == 0) {
		p->ctx->env.move = sim_move;
		p->ctx->env.move_data = p;
		rc = open_sessions(p);
	}
	engine.name = p->name;
	return rc ? rc : shr_engine_open(p->ctx, &engine, &p->engine, error);
}

static void be_born(struct sim_proc *p, void *data)
{
	const struct shr_error *error = NULL;
	int rc = birth(p, &error);

	if (rc < 0) {
		sim_say("it cannot begin: %s", error ? error->message : shr_strcode(rc));
		sim_kill(p, "at its start");
	}
}

void sim_birth(struct sim_proc *p)
{
	p->life++;
	p->alive = 1;
	p->random = sim_random(SIM_WORLD);
	p->mono_off = sim_between(SIM_WORLD, 0, 1000 * SIM_SECOND);
	p->paused = 0;
	p->store = model_handle_new(p->n);
	snprintf(p->name, sizeof p->name, "e%d", p->n + 1);
	sim_say("%s is born, its life %u", p->name, p->life);
	if (!sim_in(p, be_born, NULL))
		sim_refresh_due(p);
}

/* ---- steps ---- */

int sim_in(struct sim_proc *p, void (*fn)(struct sim_proc *p, void *data), void *data)
{
	struct sim_proc *volatile was = sim.cur;
	volatile unsigned depth = sim.depth;
	int died;

	p->busy = 1;
	p->step = ++sim.stats.steps;
	sim.cur = p;
	sim.depth++;
	died = setjmp(p->death);
	if (!died)
		fn(p, data);
	sim.cur = was;
	sim.depth = depth;
	p->busy = 0;
	return died;
}

/* When its engine goes on by itself. */
void sim_refresh_due(struct sim_proc *p)
{
	int64_t due;

	if (!p->alive || !p->engine)
		return;
	pthread_mutex_lock(&p->engine->lock);
	due = p->engine->stopped ? INT64_MAX : shr__engine_next_due(p->engine);
	pthread_mutex_unlock(&p->engine->lock);
	p->due = due == INT64_MAX ? INT64_MAX : due - p->mono_off;
}

int sim_waits(struct sim_proc *p)
{
	return p->ctx && shr__db_waiting(p->ctx->env.db);
}

static void step(struct sim_proc *p, void *data)
{
	const struct shr_error *error = NULL;
	int rc = shr_engine_process(p->engine, 1, &error);

	if (rc < 0)
		sim_say("its engine says: %s", error ? error->message : shr_strcode(rc));
	shr_error_unref(error);
	if (rc == SHR_RUNNING) {
		p->due = sim.now;
		return;
	}
	sim_refresh_due(p);
	if (p->due <= sim.now) /* it was looked at, and there was nothing */
		p->due = sim.now + SIM_MS;
}

void sim_engine_step(struct sim_proc *p)
{
	sim_in(p, step, NULL);
}

/* ---- deaths ---- */

void sim_kill(struct sim_proc *p, const char *where)
{
	int on_stack = p->busy;

	sim_say("%s dies %s", p->name, where);
	sim.stats.deaths++;
	model_handle_drop(p->store);
	sim_drivers_forget(p);
	sim_mem_forget(&p->blocks);
	p->store = NULL;
	p->ctx = NULL;
	p->engine = NULL;
	memset(p->sessions, 0, sizeof p->sessions);
	p->alive = 0;
	p->due = INT64_MAX;
	p->born_at = sim.now + sim_between(SIM_DEATH, SIM_MS, sim_below(SIM_DEATH, 3) ? 500 * SIM_MS : 8 * SIM_SECOND);
	if (on_stack)
		longjmp(p->death, 1);
}

void sim_may_die(const char *where)
{
	if (sim.cur && sim_hits(SIM_DEATH) && !sim_below(SIM_DEATH, 100))
		sim_kill(sim.cur, where);
}

/* ---- time ---- */

#define MOST_DEPTH 3

static int others_may(void)
{
	return sim.depth < MOST_DEPTH && (sim.mask >> SIM_INTERLEAVE & 1);
}

void sim_elapse(int64_t ns)
{
	int64_t until = sim.now + ns;

	if (others_may())
		while (sim.now < until && sim_turn(until))
			;
	if (sim.now < until)
		sim.now = until;
}

void sim_let_others(void)
{
	int64_t until = sim.now + sim_between(SIM_INTERLEAVE, 0, 20 * SIM_MS);

	if (!others_may())
		return;
	for (unsigned n = 1 + sim_below(SIM_INTERLEAVE, 6); n && sim_turn(until); n--)
		;
}

/* ---- the whole ---- */

void sim_procs_begin(void)
{
	memset(sim.procs, 0, sizeof sim.procs);
	for (unsigned i = 0; i < sim.n_procs; i++) {
		sim.procs[i].n = (int)i;
		sim.procs[i].due = INT64_MAX;
		snprintf(sim.procs[i].name, sizeof sim.procs[i].name, "e%u", i + 1);
	}
}

void sim_procs_end(void)
{
	for (unsigned i = 0; i < sim.n_procs; i++) {
		struct sim_proc *p = &sim.procs[i];

		model_handle_drop(p->store);
		sim_drivers_forget(p);
		sim_mem_forget(&p->blocks);
	}
	sim_mem_forget(&sim.own_blocks);
}

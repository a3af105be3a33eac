/* lib/engine/exec.c - doing what the core asks for: calls, commits, reads */
#include <string.h>

#include "base/mem.h"
#include "engine/engine_own.h"

int64_t shr__engine_mono(const struct shr_engine *e)
{
	return shr__world_mono(&e->env->world);
}

static void make_call(struct shr_engine *e, struct shr__run *run)
{
	int code;

	pthread_mutex_unlock(&e->lock);
	code = shr__run_call(run);
	pthread_mutex_lock(&e->lock);
	shr__core_called(e->core, run, code, shr__engine_mono(e));
}

static struct shr__commit *take_spare(struct shr_engine *e)
{
	struct shr__commit *c = e->spare;

	if (c)
		e->spare = c->next;
	else
		c = shr__alloc(sizeof *c);
	if (c)
		memset(c, 0, sizeof *c);
	return c;
}

/* Something was answered by a thread that goes its own way: is there anything for those that sleep? WAKE: when they would
 * have woken before. */
static void nudge(struct shr_engine *e, int64_t wake)
{
	if (!e->workers || e->stopping)
		shr__engine_wake_one(e);
	else if (shr__core_ready(e->core) || shr__core_wake_at(e->core) < wake)
		shr__engine_wake_soon(e);
}

/* The writer has the answer. On whichever thread led the commit, under no lock. */
static void commit_done(struct shr__job *job)
{
	struct shr__commit *c = (struct shr__commit *)(void *)job; /* its first member */
	struct shr_engine *e = c->e;
	int64_t wake;

	/* First those who wait, for the run and its words go with the answer. */
	if (job->result >= 0 && shr__run_ends(c->run)) {
		shr__waiters_tell(e->ee.waiters, shr__run_id(c->run), shr__run_ended(c->run));
		shr__waiters_tell(e->ee.waiters, shr__run_object(c->run), NULL);
	}
	pthread_mutex_lock(&e->lock);
	wake = shr__core_wake_at(e->core);
	shr__core_committed(e->core, c->run, job->result, job->error, shr__engine_mono(e));
	c->next = e->spare;
	e->spare = c;
	nudge(e, wake);
	pthread_mutex_unlock(&e->lock);
}

static void make_commit(struct shr_engine *e, struct shr__run *run)
{
	struct shr__commit *c = take_spare(e);
	struct shr__arena *arena = c ? shr__run_arena(run) : NULL;

	if (!arena) {
		if (c) {
			c->next = e->spare;
			e->spare = c;
		}
		shr__core_committed(e->core, run, SHR_ENOMEM, NULL, shr__engine_mono(e));
		return;
	}
	c->e = e;
	c->run = run;
	c->job.body = shr__run_commit;
	c->job.settle = shr__run_settle;
	c->job.data = run;
	c->job.arena = arena;
	c->job.done = commit_done;
	pthread_mutex_unlock(&e->lock);
	shr__run_now(run, shr__world_wall(&e->env->world));
	shr__db_submit(e->env->db, &c->job);
	pthread_mutex_lock(&e->lock);
}

static void make_load(struct shr_engine *e, struct shr__run *run)
{
	const struct shr_error *error = NULL;
	int rc;

	pthread_mutex_unlock(&e->lock);
	rc = shr__db_read(e->env->db, shr__run_arena(run), shr__run_load, run, &error);
	pthread_mutex_lock(&e->lock);
	shr__core_loaded(e->core, run, rc, error, shr__engine_mono(e));
}

static int do_action(struct shr_engine *e, struct shr__action a)
{
	switch (a.kind) {
	case SHR__ACT_CALL:
		make_call(e, a.run);
		return 1;
	case SHR__ACT_COMMIT:
		make_commit(e, a.run);
		return 1;
	case SHR__ACT_LOAD:
		make_load(e, a.run);
		return 1;
	default:
		return 0;
	}
}

int shr__engine_step(struct shr_engine *e)
{
	return do_action(e, shr__core_next(e->core, shr__engine_mono(e)));
}

/* Its steps up to a commit, and that commit together with what else waits: no other thread has to wake up for them. */
int shr__engine_help(struct shr_engine *e, const char *op_id)
{
	int64_t wake;
	int did = 0;

	pthread_mutex_lock(&e->lock);
	wake = shr__core_wake_at(e->core);
	while (!e->stopped && do_action(e, shr__core_next_of(e->core, op_id, shr__engine_mono(e))))
		did = 1;
	if (did) {
		e->helped_at = shr__engine_mono(e);
		shr__engine_lead(e);
	}
	nudge(e, wake);
	pthread_mutex_unlock(&e->lock);
	return did;
}

int shr__engine_lead(struct shr_engine *e)
{
	int n;

	if (!shr__db_waiting(e->env->db))
		return 0;
	pthread_mutex_unlock(&e->lock);
	n = shr__db_lead(e->env->db);
	pthread_mutex_lock(&e->lock);
	return n;
}

/* lib/engine/tasks.c - what is due by time: the heartbeat, the poll, and the backends' own */
#include "engine/engine_own.h"
#include "flow/purge.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#define STAYS_UP INT64_C(10000000000)

/* A call got no answer: it is looked at soon. One whose probes are answered and whose calls are not is looked at less and less
 * often, for with each answer all that waits for it begins again. */
static void silent(struct shr_engine *e, struct shr__owned *o)
{
	int64_t now = shr__engine_mono(e);

	if (!o->up_since || now - o->up_since > STAYS_UP)
		o->silences = 0;
	o->down = 1;
	o->due = now + (o->silences ? shr__own_backoff_ns(o->silences) : 100000000);
	o->silences++;
}

/* A backend that an operation found silent is looked at soon, and one that refused its number is given up. */
static int64_t owned_due(struct shr_engine *e, struct shr__owned *o)
{
	if (o->busy)
		return INT64_MAX;
	/* A rival that opened it and did not come to own it has left it with a greater number: it is taken anew. */
	if (o->state == OWN_HELD && shr__core_backend_fenced(e->core, o->conf->name))
		shr__own_lose(e, o);
	if (o->state == OWN_HELD && !o->down && shr__core_backend_suspect(e->core, o->conf->name))
		silent(e, o);
	return o->state == OWN_HELD ? least(o->due, least(shr__again_due(o), shr__pass_due(o))) : o->due;
}

int64_t shr__engine_due(struct shr_engine *e, int store, int backends)
{
	int64_t due = INT64_MAX;

	if (e->stopping)
		return store && !e->keeping && !e->stopped ? e->beat_due : due;
	if (store && !e->keeping)
		due = least(e->beat_due, e->poll_now ? 0 : least(e->poll_due, e->purge_due));
	for (uint32_t i = 0; i < e->n_owned && backends; i++)
		due = least(due, owned_due(e, &e->owned[i]));
	return due;
}

#define PURGE_BITE 200
#define PURGE_EVERY INT64_C(60000000000)

/* A bite of what is older than it is kept; the next one soon when there is more. */
static void purge_task(struct shr_engine *e)
{
	int rc;

	shr__graves_task(e);
	pthread_mutex_unlock(&e->lock);
	rc = shr__purge(e->env, shr__world_wall(&e->env->world), PURGE_BITE, NULL);
	pthread_mutex_lock(&e->lock);
	e->purge_due = shr__engine_mono(e) + (rc == SHR_RUNNING ? INT64_C(500000000) : PURGE_EVERY);
}

static int store_task(struct shr_engine *e, int64_t now)
{
	if (e->keeping || e->stopped)
		return 0;
	if (now >= e->beat_due) {
		e->keeping = 1;
		shr__beat_task(e);
	} else if (!e->stopping && (e->poll_now || now >= e->poll_due)) {
		e->keeping = 1;
		shr__poll_task(e);
	} else if (!e->stopping && now >= e->purge_due) {
		e->keeping = 1;
		purge_task(e);
	} else {
		return 0;
	}
	e->keeping = 0;
	return 1;
}

int shr__engine_task(struct shr_engine *e, int store, int backends)
{
	int64_t now = shr__engine_mono(e);

	if (store && store_task(e, now))
		return 1;
	for (uint32_t i = 0; i < e->n_owned && backends && !e->stopping; i++) {
		if (owned_due(e, &e->owned[i]) > now)
			continue;
		shr__own_task(e, &e->owned[i]);
		return 1;
	}
	return 0;
}

/* lib/engine/engine.c - one engine: opened, run by its workers or by the host's loop, stopped, closed */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/mem.h"
#include "base/params.h"
#include "base/text.h"
#include "engine/engine_own.h"

#define MOST_WORKERS 256

/* ---- waking and sleeping ---- */

static void ring(struct shr_engine *e)
{
	uint64_t one = 1;

	if (write(e->fd, &one, sizeof one) < 0)
		return; /* EAGAIN: it is readable anyway */
}

void shr__engine_wake_one(struct shr_engine *e)
{
	if (e->sleeping)
		pthread_cond_signal(&e->wake);
	if (!e->workers)
		ring(e);
}

/* Where callers make the steps of what they wait for, a worker naps, and takes what is left over. */
#define NAP INT64_C(1000000)
#define HELPED INT64_C(5000000)

static int helped_lately(const struct shr_engine *e)
{
	return e->helped_at && shr__engine_mono(e) - e->helped_at < HELPED;
}

void shr__engine_wake_soon(struct shr_engine *e)
{
	if (!e->workers || !e->napping || !helped_lately(e))
		shr__engine_wake_one(e);
}

void shr__engine_wake_all(struct shr_engine *e)
{
	if (e->sleeping)
		pthread_cond_broadcast(&e->wake);
	pthread_cond_signal(&e->keeper);
	if (!e->workers)
		ring(e);
}

static void sleep_on(struct shr_engine *e, pthread_cond_t *cond, int64_t due)
{
	int64_t left = due == INT64_MAX ? INT64_C(1000000000) : due - shr__engine_mono(e);
	struct timespec t;

	if (left <= 0)
		return;
	if (left > 1000000000)
		left = 1000000000; /* the host's clock may not be this one: look again at times */
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (t.tv_nsec + left) / 1000000000;
	t.tv_nsec = (t.tv_nsec + left) % 1000000000;
	e->sleeping += cond == &e->wake;
	pthread_cond_timedwait(cond, &e->lock, &t);
	e->sleeping -= cond == &e->wake;
}

static void sleep_until(struct shr_engine *e, int64_t due)
{
	sleep_on(e, &e->wake, due);
}

static void worker_sleeps(struct shr_engine *e, int64_t due)
{
	int64_t nap;

	if (e->napping || !helped_lately(e)) {
		sleep_until(e, due);
		return;
	}
	nap = shr__engine_mono(e) + NAP;
	e->napping++;
	sleep_until(e, nap < due ? nap : due);
	e->napping--;
}

/* ---- workers ---- */

/* Thread 0 keeps the lease and looks at the store; it makes no driver's call, so that one that hangs cannot cost the lease. */
static void *work(void *data)
{
	struct shr_engine *e = data;
	int keeper, did;

	pthread_mutex_lock(&e->lock);
	keeper = pthread_equal(pthread_self(), e->threads[0]);
	while (!e->quit) {
		did = keeper ? shr__engine_task(e, 1, 0) : shr__engine_step(e) || shr__engine_task(e, 0, 1);
		if (did || shr__engine_lead(e))
			continue;
		if (keeper) {
			sleep_on(e, &e->keeper, shr__engine_due(e, 1, 0));
		} else {
			int64_t due = shr__engine_due(e, 0, 1), wake = shr__core_wake_at(e->core);

			worker_sleeps(e, wake < due ? wake : due);
		}
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

static int start_threads(struct shr_engine *e, const struct shr_error **reterr)
{
	if (!e->workers)
		return 0;
	e->threads = shr__arena_alloc(e->arena, (e->workers + 1) * sizeof *e->threads);
	if (!e->threads)
		return shr__fail_nomem(reterr);
	pthread_mutex_lock(&e->lock); /* threads[0] is set before any of them looks */
	for (; e->n_threads <= e->workers; e->n_threads++) {
		int rc = pthread_create(&e->threads[e->n_threads], NULL, work, e);

		if (rc) {
			char words[128];

			pthread_mutex_unlock(&e->lock);
			return shr__fail(reterr, SHR_EAGAIN, "no thread for worker %u: %s", e->n_threads,
				strerror_r(rc, words, sizeof words));
		}
	}
	pthread_mutex_unlock(&e->lock);
	return 0;
}

/* ---- opening ---- */

static int check_name(struct shr_engine *e, const char *name, const struct shr_error **reterr)
{
	char id[SHR__UUID_ROOM];
	int rc;

	if (name && !shr__ident_ok(name, 63))
		return shr__fail_field(reterr, SHR_EINVAL, "params.name", "use 1 to 63 of A-Z a-z 0-9 . _ -",
			"an engine cannot have this name");
	if (!name) {
		rc = shr__world_id(&e->env->world, id, reterr);
		if (rc < 0)
			return rc;
		e->name = shr__arena_printf(e->arena, "engine-%s", id + 24);
	} else {
		e->name = shr__arena_strdup(e->arena, name);
	}
	return e->name ? 0 : shr__fail_nomem(reterr);
}

static const struct shr__conf_backend *find_backend(const struct shr_engine *e, const char *name)
{
	const struct shr__config *config = e->env->config;

	for (uint32_t i = 0; i < config->n_backends; i++)
		if (name && strcmp(config->backends[i].name, name) == 0)
			return &config->backends[i];
	return NULL;
}

static int choose_backends(struct shr_engine *e, const struct shr_engine_params *p, const struct shr_error **reterr)
{
	const struct shr__config *config = e->env->config;
	uint32_t n = p->backends ? p->n_backends : config->n_backends;

	if (n > 100000)
		return shr__fail_field(reterr, SHR_EINVAL, "params.n_backends", "", "%u backends are too many", n);
	e->owned = shr__arena_alloc(e->arena, (n + 1) * sizeof *e->owned);
	if (!e->owned)
		return shr__fail_nomem(reterr);
	for (uint32_t i = 0; i < n; i++) {
		const struct shr__conf_backend *conf = p->backends ? find_backend(e, p->backends[i]) : &config->backends[i];

		for (uint32_t k = 0; k < i; k++)
			if (e->owned[k].conf == conf)
				conf = NULL;
		if (!conf)
			return shr__fail_field(reterr, SHR_EINVAL, "params.backends", "name backends of the configuration, each once",
				"there is no backend \"%s\", or it is named twice", p->backends[i] ? p->backends[i] : "(null)");
		e->owned[i].conf = conf;
	}
	e->n_owned = n;
	return 0;
}

static int check_params(struct shr_engine *e, const struct shr_engine_params *params, const struct shr_error **reterr)
{
	struct shr_engine_params p;
	int rc = shr__params_copy(params, "params", SHR__LEAST(shr_engine_params, flags), &p, sizeof p, reterr);

	if (rc < 0)
		return rc;
	if (p.flags)
		return shr__fail_field(reterr, SHR_EINVAL, "params.flags", "set it to 0", "unknown flags 0x%x", p.flags);
	if (p.workers > MOST_WORKERS)
		return shr__fail_field(reterr, SHR_EINVAL, "params.workers", "use 0 to 256", "%u workers are too many", p.workers);
	e->workers = p.workers;
	if ((rc = check_name(e, p.name, reterr)) < 0)
		return rc;
	return choose_backends(e, &p, reterr);
}

static int make_core(struct shr_engine *e, const struct shr_error **reterr)
{
	struct shr__core_params p = { .env = e->env, .engine_id = e->id, .engine_name = e->name,
		.most_calls = e->workers ? e->workers : 1 };
	int rc = shr__world_random(&e->env->world, &p.seed, sizeof p.seed, reterr);

	if (rc < 0)
		return rc;
	e->core = shr__core_new(&p);
	if (!e->core)
		return shr__fail_nomem(reterr);
	shr__core_call_until(e->core, e->beat_ok + e->env->config->lease_ms * 750000);
	return 0;
}

/* What is free is ours before the caller goes on, so that its first share finds pools. */
static void take_what_is_free(struct shr_engine *e)
{
	pthread_mutex_lock(&e->lock);
	for (uint32_t i = 0; i < e->n_owned; i++)
		shr__own_task(e, &e->owned[i]);
	pthread_mutex_unlock(&e->lock);
}

static struct shr_engine *engine_new(const struct shr__engine_env *ee)
{
	struct shr_engine *e = shr__alloc(sizeof *e);
	pthread_condattr_t attr;

	if (!e)
		return NULL;
	e->ee = *ee;
	e->env = ee->env;
	e->fd = -1;
	pthread_mutex_init(&e->lock, NULL);
	pthread_mutex_init(&e->driving, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&e->wake, &attr);
	pthread_cond_init(&e->keeper, &attr);
	pthread_condattr_destroy(&attr);
	return e;
}

int shr__engine_open(const struct shr__engine_env *ee, const struct shr_engine_params *params, struct shr_engine **ret,
	const struct shr_error **reterr)
{
	struct shr_engine *e = engine_new(ee);
	int rc;

	if (!e)
		return shr__fail_nomem(reterr);
	e->arena = shr__arena_new();
	e->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = !e->arena ? shr__fail_nomem(reterr) : 0;
	if (rc == 0 && e->fd < 0)
		rc = shr__fail(reterr, SHR_EAGAIN, "no file descriptor for an engine: %s",
			strerror_r(errno, (char[128]){ "" }, 128));
	if (rc == 0)
		rc = check_params(e, params, reterr);
	if (rc == 0)
		rc = shr__engine_born(e, reterr);
	if (rc == 0)
		rc = make_core(e, reterr);
	if (rc == 0) {
		shr__db_changes(e->env->db, &e->changes);
		e->poll_now = 1;
		e->purge_due = shr__engine_mono(e) + INT64_C(5000000000);
		e->full_poll_due = shr__engine_mono(e) + INT64_C(10000000000);
		take_what_is_free(e);
		rc = start_threads(e, reterr);
	}
	if (rc < 0) {
		shr__engine_close(e);
		return rc;
	}
	*ret = e;
	return 0;
}

/* ---- inside the host's loop ---- */

int shr__engine_workers(const struct shr_engine *e)
{
	return (int)e->workers;
}

static int one(struct shr_engine *e)
{
	return shr__engine_step(e) || shr__engine_task(e, 1, 1) || shr__engine_lead(e);
}

int shr__engine_process(struct shr_engine *e, uint32_t max_steps, const struct shr_error **reterr)
{
	uint64_t count;
	uint32_t n = 0;
	int rc = 0;

	pthread_mutex_lock(&e->driving);
	if (read(e->fd, &count, sizeof count) < 0)
		count = 0; /* nothing had rung */
	pthread_mutex_lock(&e->lock);
	while (!e->workers && !e->stopped && (!max_steps || n < max_steps) && one(e))
		n++;
	if (e->trouble) {
		rc = e->trouble->code;
		*reterr = e->trouble;
		e->trouble = NULL;
	} else if (max_steps && n == max_steps) {
		rc = SHR_RUNNING;
	}
	pthread_mutex_unlock(&e->lock);
	pthread_mutex_unlock(&e->driving);
	return rc;
}

int64_t shr__engine_next_due(struct shr_engine *e)
{
	int64_t due = shr__engine_due(e, 1, 1), wake = shr__core_wake_at(e->core);

	return wake < due ? wake : due;
}

int shr__engine_drive(struct shr_engine *e, int timeout_ms)
{
	int64_t due, until = shr__engine_mono(e) + timeout_ms * INT64_C(1000000);
	int did = 0, stopping = 0;

	if (pthread_mutex_trylock(&e->driving))
		return 0;
	pthread_mutex_lock(&e->lock);
	while (!e->stopping && did < 64 && one(e))
		did++;
	if (!did && !e->stopping) {
		due = shr__engine_next_due(e);
		sleep_until(e, due < until ? due : until);
		if (!e->stopping)
			one(e);
	}
	stopping = e->stopping;
	pthread_mutex_unlock(&e->lock);
	pthread_mutex_unlock(&e->driving);
	return !stopping; /* whoever stops it needs the turn */
}

void shr__engine_hold(struct shr_engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->held++;
	pthread_mutex_unlock(&e->lock);
}

void shr__engine_let_go(struct shr_engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->held--;
	if (!e->held && e->stopping)
		pthread_cond_broadcast(&e->wake);
	pthread_mutex_unlock(&e->lock);
}

/* ---- the end ---- */

static int quiet(struct shr_engine *e)
{
	if (shr__core_under_way(e->core) || e->keeping)
		return 0;
	for (uint32_t i = 0; i < e->n_owned; i++)
		if (e->owned[i].busy)
			return 0;
	return 1;
}

static void hand_over(struct shr_engine *e)
{
	for (uint32_t i = 0; i < e->n_owned; i++)
		shr__own_release(e, &e->owned[i]);
	while (e->keeping) /* a heartbeat */
		sleep_until(e, shr__engine_mono(e) + 5000000);
	e->stopped = 1; /* no more of them, nor a new life */
	pthread_mutex_unlock(&e->lock);
	shr__engine_buried(e);
	pthread_mutex_lock(&e->lock);
}

int shr__engine_stop(struct shr_engine *e, int timeout_ms, const struct shr_error **reterr)
{
	int64_t until = timeout_ms < 0 ? INT64_MAX : shr__engine_mono(e) + timeout_ms * INT64_C(1000000);
	int rc = 0;

	/* First it is said, so that a caller that waits and drives it lets go of the turn. */
	pthread_mutex_lock(&e->lock);
	e->stopping = 1;
	if (e->core)
		shr__core_pause(e->core, 1);
	shr__engine_wake_all(e);
	pthread_mutex_unlock(&e->lock);
	pthread_mutex_lock(&e->driving);
	pthread_mutex_lock(&e->lock);
	while (e->core && !e->stopped && !quiet(e)) {
		int64_t soon = shr__engine_mono(e) + 20000000;

		if (shr__engine_lead(e))
			continue;
		if (shr__engine_mono(e) >= until) {
			rc = SHR_RUNNING;
			break;
		}
		sleep_until(e, soon < until ? soon : until);
	}
	if (rc == 0 && e->core && !e->stopped)
		hand_over(e);
	pthread_mutex_unlock(&e->lock);
	pthread_mutex_unlock(&e->driving);
	return rc;
}

void shr__engine_close(struct shr_engine *e)
{
	struct shr__commit *c;
	int rc;

	if (!e)
		return;
	rc = shr__engine_stop(e, -1, NULL);
	(void)rc; /* without a bound it ends when it is quiet */
	pthread_mutex_lock(&e->lock);
	e->quit = 1;
	pthread_cond_broadcast(&e->wake);
	pthread_cond_broadcast(&e->keeper);
	while (e->held)
		sleep_until(e, INT64_MAX);
	pthread_mutex_unlock(&e->lock);
	for (uint32_t i = 0; i < e->n_threads; i++)
		pthread_join(e->threads[i], NULL);
	shr__core_free(e->core);
	while ((c = e->spare)) {
		e->spare = c->next;
		shr__free(c);
	}
	for (uint32_t i = 0; e->owned && i < e->n_owned; i++)
		shr__pass_end(&e->owned[i]), shr__free(e->owned[i].reason);
	shr_error_unref(e->trouble);
	if (e->fd >= 0)
		close(e->fd);
	pthread_cond_destroy(&e->wake);
	pthread_cond_destroy(&e->keeper);
	pthread_mutex_destroy(&e->lock);
	pthread_mutex_destroy(&e->driving);
	shr__arena_free(e->arena);
	shr__free(e);
}

/* lib/engine/beat.c - one life of an engine: its row, its heartbeat, and the lease that follows from it */
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/text.h"
#include "engine/engine_own.h"

/* The holder counts from before it sends the renewal, and stops beginning calls while a quarter of the lease is left. An
 * observer waits for a lease and a half on its own clock (own.c). No clocks of two machines are compared. */
static int64_t lease_ns(const struct shr_engine *e)
{
	return e->env->config->lease_ms * 1000000;
}

struct life {
	struct shr_engine *e;
	struct shr__engine_row row;
};

static int register_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct life *life = data;
	int rc = shr__txn_insert_if_absent(t, &shr__engine_def, &life->row);

	return rc < 0 ? rc : 0;
}

static int write_row(struct shr_engine *e, shr__body_fn *body, struct life *life, const struct shr_error **reterr)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = body, .data = life, .arena = arena };
	int rc;

	if (!arena)
		return shr__fail_nomem(reterr);
	rc = shr__db_write(e->env->db, &job);
	if (reterr)
		*reterr = job.error;
	else
		shr_error_unref(job.error);
	shr__arena_free(arena);
	return rc;
}

int shr__engine_born(struct shr_engine *e, const struct shr_error **reterr)
{
	char id[SHR__UUID_ROOM], host[256] = "";
	struct life life = { .e = e };
	int64_t sent = shr__engine_mono(e);
	int rc = shr__world_id(&e->env->world, id, reterr);

	if (rc < 0)
		return rc;
	gethostname(host, sizeof host - 1);
	life.row = (struct shr__engine_row){ .id = id, .name = e->name, .lease_ms = e->env->config->lease_ms,
		.started_ns = shr__world_wall(&e->env->world), .pid = getpid(), .host = host };
	if (!shr__utf8_ok(host, strlen(host)))
		life.row.host = "";
	rc = write_row(e, register_body, &life, reterr);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&e->lock);
	e->id = shr__arena_strdup(e->arena, id);
	if (!e->id) {
		pthread_mutex_unlock(&e->lock);
		return shr__fail_nomem(reterr);
	}
	if (e->core)
		shr__core_rename(e->core, e->id);
	e->registered = 1;
	e->dead = 0;
	e->beat_ok = sent;
	e->beat_due = sent + lease_ns(e) / 3;
	if (e->core)
		shr__core_call_until(e->core, sent + lease_ns(e) / 4 * 3);
	pthread_mutex_unlock(&e->lock);
	return 0;
}

static int beat_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct life *life = data;

	return shr__txn_add(t, &shr__engine_def, &life->row, SHR__N_engine_beat, 1, INT64_MIN, INT64_MAX, NULL);
}

/* Its backends belong to others now, or will: what runs is told to stop, and a new life begins when all has come back. */
static void die(struct shr_engine *e, const char *why)
{
	shr__world_log(&e->env->world, SHR_LOG_ERROR, "engine %s: %s: its backends are given up", e->name, why);
	e->dead = 1;
	e->registered = 0;
	for (uint32_t i = 0; i < e->n_owned; i++)
		shr__own_lose(e, &e->owned[i]);
}

static int all_back(struct shr_engine *e)
{
	if (shr__core_under_way(e->core))
		return 0;
	for (uint32_t i = 0; i < e->n_owned; i++)
		if (e->owned[i].state == OWN_LOST || e->owned[i].busy)
			return 0;
	return 1;
}

static void beat(struct shr_engine *e)
{
	struct life life = { .e = e, .row = { .id = e->id } };
	const struct shr_error *error = NULL;
	int64_t sent = shr__engine_mono(e), now;
	int rc;

	pthread_mutex_unlock(&e->lock);
	rc = write_row(e, beat_body, &life, &error);
	pthread_mutex_lock(&e->lock);
	now = shr__engine_mono(e);
	if (rc == 0) {
		e->beat_ok = sent;
		e->beat_due = sent + lease_ns(e) / 3;
		shr__core_call_until(e->core, sent + lease_ns(e) / 4 * 3);
	} else if (rc == SHR_ENOTFOUND) {
		die(e, "another engine declared it dead");
	} else {
		e->beat_due = now + lease_ns(e) / 20;
		shr_error_unref(e->trouble);
		e->trouble = shr_error_ref(error);
	}
	if (rc < 0 && !e->dead && now - e->beat_ok > lease_ns(e))
		die(e, "the store took no heartbeat for a lease");
	shr_error_unref(error);
}

void shr__beat_task(struct shr_engine *e)
{
	const struct shr_error *error = NULL;

	if (!e->dead) {
		beat(e);
		return;
	}
	e->beat_due = shr__engine_mono(e) + 100000000;
	if (!all_back(e))
		return;
	pthread_mutex_unlock(&e->lock);
	shr__engine_born(e, &error);
	shr_error_unref(error);
	pthread_mutex_lock(&e->lock);
}

static int bury_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct life *life = data;
	int rc = shr__txn_remove(t, &shr__engine_def, &life->row);

	return rc == SHR_ENOTFOUND ? 0 : rc;
}

void shr__engine_buried(struct shr_engine *e)
{
	struct life life = { .e = e, .row = { .id = e->id } };
	int registered;

	pthread_mutex_lock(&e->lock);
	registered = e->registered;
	e->registered = 0;
	pthread_mutex_unlock(&e->lock);
	if (registered)
		write_row(e, bury_body, &life, NULL);
}

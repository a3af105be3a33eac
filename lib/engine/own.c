/* lib/engine/own.c - owning backends: watch the owner, open the driver, take the row, and give it back */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "engine/engine_own.h"

void shr__own_reason(struct shr__owned *o, const char *text)
{
	shr__free(o->reason);
	o->reason = shr__strdup(text);
}

#define LATER_NS INT64_C(30000000000)

static int64_t later(struct shr_engine *e, int64_t ms)
{
	return shr__engine_mono(e) + ms * 1000000;
}

/* 250 ms, 500 ms, ... 8 s: opening and probing what does not answer. */
static int64_t backoff_ms(unsigned failures)
{
	return INT64_C(125) << (failures > 6 ? 6 : failures);
}

int64_t shr__own_backoff_ns(unsigned failures)
{
	return backoff_ms(failures) * 1000000;
}

/* ---- who has it ---- */

struct watch {
	struct shr__backend_row backend;
	struct shr__engine_row owner;
	int has_row, has_owner;
};

static int watch_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct watch *w = data;
	int rc = shr__txn_get(t, &shr__backend_def, &w->backend);

	w->has_row = rc == 0;
	w->has_owner = 0;
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	if (!w->backend.engine[0])
		return 0;
	w->owner.id = w->backend.engine;
	rc = shr__txn_get(t, &shr__engine_def, &w->owner);
	w->has_owner = rc == 0;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

/* Its beat has not moved for a lease and a half of this engine's own clock: it is taken for dead. */
static int is_silent(struct shr_engine *e, struct shr__owned *o, const struct watch *w)
{
	int64_t now = shr__engine_mono(e), lease = w->owner.lease_ms;

	if (strcmp(o->owner, w->owner.id) != 0 || o->owner_beat != w->owner.beat) {
		snprintf(o->owner, sizeof o->owner, "%s", w->owner.id);
		o->owner_beat = w->owner.beat;
		o->owner_since = now;
		o->owner_lease_ns = (lease > 0 && lease <= 600000 ? lease : 600000) * 1000000;
	}
	return now - o->owner_since > o->owner_lease_ns / 2 * 3;
}

/* May it be taken? Where the driver holds a kernel lock, being able to open it is the proof, and nobody waits. An owner whose
 * row is gone is dead. */
static int may_take(struct shr_engine *e, struct shr__owned *o, const struct watch *w, int host_lock)
{
	if (!w->has_row || !w->backend.engine[0] || !w->has_owner || strcmp(w->backend.engine, e->id) == 0)
		return 1;
	return is_silent(e, o, w) || host_lock;
}

/* ---- taking it ---- */

struct taking {
	struct shr_engine *e;
	struct shr__owned *o;
	struct shr__backend *b;
	const char *id; /* of this life */
	const struct watch *seen;
	const struct shr__pool_told *told;
	int silent; /* its owner is taken for dead, and not only without the kernel lock of this one backend */
	int64_t wall_ns;
	int64_t fence;
};

static int take_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct taking *k = data;
	const struct shr__conf_backend *conf = k->o->conf;
	struct shr__backend_row row = { .name = conf->name };
	struct shr__engine_row dead;
	int rc = shr__txn_get(t, &shr__backend_def, &row);
	int fresh = rc == SHR_ENOTFOUND;

	if (rc < 0 && !fresh)
		return rc;
	if (fresh)
		row = (struct shr__backend_row){ .name = conf->name, .version = 1 };
	else if (!k->seen->has_row || row.version != k->seen->backend.version)
		return SHR_EAGAIN; /* somebody was faster: look again */
	memset(&dead, 0, sizeof dead);
	dead.id = row.engine;
	/* Who has let go of one kernel lock may be alive, and have a lease on others: its row stays until it is silent. One that was,
	 * and has come back since it was looked at, has renewed its lease: the beat tells, in the transaction that takes the row. */
	if (!fresh && k->silent && row.engine[0] && strcmp(row.engine, k->id) != 0) {
		rc = shr__txn_get(t, &shr__engine_def, &dead);
		if (rc == 0 && dead.beat != k->seen->owner.beat)
			return SHR_EAGAIN;
		if (rc == 0)
			rc = shr__txn_remove(t, &shr__engine_def, &dead); /* its next beat tells it so */
		if (rc < 0 && rc != SHR_ENOTFOUND)
			return rc;
	}
	row.engine = k->id;
	row.engine_name = k->e->name;
	row.fence++;
	row.fingerprint = conf->fingerprint;
	row.driver = shr__backend_driver(k->b)->name;
	row.exporter = conf->exporter_names;
	row.number_server = shr__backend_number_server(k->b);
	row.state = SHR_POOL_UP;
	row.reason = "";
	row.updated_ns = k->wall_ns;
	k->fence = row.fence;
	rc = fresh ? shr__txn_insert(t, &shr__backend_def, &row) : shr__txn_update(t, &shr__backend_def, &row,
		SHR__COL(backend, engine) | SHR__COL(backend, engine_name) | SHR__COL(backend, fence) |
		SHR__COL(backend, fingerprint) | SHR__COL(backend, driver) | SHR__COL(backend, exporter) |
		SHR__COL(backend, state) | SHR__COL(backend, reason) | SHR__COL(backend, updated_ns) |
		SHR__COL(backend, number_server));
	if (rc < 0)
		return rc;
	return shr__stats_write(t, k->o, k->b, k->told, SHR_POOL_UP, "", k->wall_ns);
}

static int take(struct taking *k, struct shr__arena *arena, const struct shr_error **reterr)
{
	struct shr__job job = { .body = take_body, .data = k, .arena = arena };
	int rc;

	k->wall_ns = shr__world_wall(&k->e->env->world);
	rc = shr__db_write(k->e->env->db, &job);
	*reterr = job.error;
	return rc;
}

static int open_and_take(struct shr_engine *e, struct shr__owned *o, const struct watch *seen, int silent, const char *id,
	struct shr__arena *arena, struct shr__backend **ret_b, int64_t *ret_fence, const struct shr_error **reterr)
{
	struct shr__callname name = { .op_id = "engine", .step = "open", .item_id = o->conf->name, .attempt = 1,
		.fence = seen->has_row ? (uint64_t)seen->backend.fence + 1 : 1 };
	struct taking k = { .e = e, .o = o, .id = id, .seen = seen, .silent = silent };
	struct shr__pool_told *told;
	int rc = shr__backend_open(e->env->plugins, e->env->config, o->conf, &name, &k.b, reterr);

	if (rc < 0)
		return rc;
	rc = shr__stats_call(o, k.b, (int64_t)name.fence, arena, &told, reterr);
	if (rc == 0) {
		k.told = told;
		rc = take(&k, arena, reterr);
	}
	if (rc != 0) {
		shr__backend_close(k.b);
		return rc < 0 ? rc : SHR_EAGAIN;
	}
	*ret_b = k.b;
	*ret_fence = k.fence;
	return 0;
}

static int needs_lock(struct shr_engine *e, const struct shr__owned *o, int *ret, const struct shr_error **reterr)
{
	const struct shr_driver *driver;
	int rc = shr__plugins_driver(e->env->plugins, o->conf->driver, &driver, reterr);

	*ret = rc == 0 && driver->fencing == SHR_FENCING_HOST_LOCK;
	return rc;
}

struct down {
	struct shr_engine *e;
	struct shr__owned *o;
	struct shr__backend *b;
	uint32_t state;
	const char *reason;
	const struct shr__pool_told *told;
};

static int state_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct down *d = data;
	struct shr__backend_row row = { .name = d->o->conf->name };
	int rc = shr__txn_get(t, &shr__backend_def, &row);

	if (rc < 0)
		return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
	if (strcmp(row.engine, d->e->id) != 0 || row.fence != d->o->fence)
		return SHR_EFENCED;
	if (row.state != d->state || strcmp(row.reason, d->reason) != 0) {
		row.state = d->state;
		row.reason = d->reason;
		rc = shr__txn_update(t, &shr__backend_def, &row, SHR__COL(backend, state) | SHR__COL(backend, reason));
	}
	return rc < 0 ? rc : shr__stats_write(t, d->o, d->b, d->told, d->state, d->reason, shr__world_wall(&d->e->env->world));
}

static int write_state(struct down *d, struct shr__arena *arena)
{
	struct shr__job job = { .body = state_body, .data = d, .arena = arena };
	int rc = shr__db_write(d->e->env->db, &job);

	shr_error_unref(job.error);
	return rc;
}

/* A backend that nobody could open yet: its pools are there, down, with the reason. */
static int broken_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct down *d = data;
	struct shr__backend_row row = { .name = d->o->conf->name };
	int rc = shr__txn_get(t, &shr__backend_def, &row);

	if (rc == 0 && row.engine[0])
		return 0; /* another engine says how it is */
	if (rc == SHR_ENOTFOUND) {
		row = (struct shr__backend_row){ .name = d->o->conf->name, .version = 1, .engine = "", .engine_name = "",
			.fingerprint = "", .driver = d->o->conf->driver, .exporter = d->o->conf->exporter_names, .state = SHR_POOL_DOWN,
			.reason = d->reason };
		rc = shr__txn_insert(t, &shr__backend_def, &row);
	} else if (rc == 0) {
		row.state = SHR_POOL_DOWN;
		row.reason = d->reason;
		rc = shr__txn_update(t, &shr__backend_def, &row, SHR__COL(backend, state) | SHR__COL(backend, reason));
	}
	return rc < 0 ? rc : shr__stats_write(t, d->o, NULL, NULL, SHR_POOL_DOWN, d->reason, shr__world_wall(&d->e->env->world));
}

static void write_broken(struct shr_engine *e, struct shr__owned *o, const char *reason)
{
	struct shr__arena *arena = shr__arena_new();
	struct down d = { .e = e, .o = o, .reason = reason };
	struct shr__job job = { .body = broken_body, .data = &d, .arena = arena };

	if (arena)
		shr__db_write(e->env->db, &job);
	shr_error_unref(job.error);
	shr__arena_free(arena);
}

/* ---- the tasks ---- */

static void acquire(struct shr_engine *e, struct shr__owned *o)
{
	const struct shr_error *error = NULL;
	struct watch seen = { .backend = { .name = o->conf->name } };
	struct shr__arena *arena = shr__arena_new();
	struct shr__backend *b = NULL;
	const char *id = e->id;
	int64_t fence = 0;
	int host_lock = 0, rc;

	pthread_mutex_unlock(&e->lock);
	rc = !arena ? shr__fail_nomem(&error) : needs_lock(e, o, &host_lock, &error);
	if (rc == 0)
		rc = shr__db_read(e->env->db, arena, watch_body, &seen, &error);
	if (rc == 0 && seen.has_owner && strcmp(seen.backend.engine, id) != 0 &&
		strcmp(seen.backend.fingerprint, o->conf->fingerprint) != 0 && !is_silent(e, o, &seen))
		rc = shr__fail_do(&error, SHR_EINVAL, "make the two configurations equal",
			"backend %s is configured differently by engine %s, which has it", o->conf->name, seen.backend.engine_name);
	if (rc == 0 && !may_take(e, o, &seen, host_lock))
		rc = shr__fail(&error, SHR_EAGAIN, "engine %s has it", seen.backend.engine_name);
	if (rc == 0)
		rc = open_and_take(e, o, &seen, seen.has_owner && is_silent(e, o, &seen), id, arena, &b, &fence, &error);
	if (rc < 0 && rc != SHR_EAGAIN && (!o->reason || strcmp(o->reason, error->message) != 0))
		write_broken(e, o, error->message);
	pthread_mutex_lock(&e->lock);
	if (rc == 0 && (e->id != id || e->dead))
		rc = shr__fail(&error, SHR_EFENCED, "this engine's life ended meanwhile");
	if (rc < 0) {
		if (b)
			shr__backend_close(b);
		if (!o->reason || strcmp(o->reason, error->message) != 0)
			shr__world_log(&e->env->world, rc == SHR_EAGAIN ? SHR_LOG_INFO : SHR_LOG_ERROR, "backend %s: %s", o->conf->name,
				error->message);
		shr__own_reason(o, error->message);
		/* Somebody else's: look often, it may end at any time. Broken: less and less often. */
		o->due = later(e, rc == SHR_EAGAIN ? 100 : backoff_ms(o->failures++));
	} else {
		o->b = b;
		o->fence = fence;
		o->state = OWN_HELD;
		o->down = 0;
		o->failures = 0;
		shr__own_reason(o, "");
		o->due = later(e, e->env->config->stats_ms);
		o->incarnation = 0;
		o->returning = 0;
		o->probe_due = later(e, 0);
		o->pass_asked = seen.backend.pass_asked;
		o->pass_done = seen.backend.pass_done;
		shr__pass_begin(e, o);
		shr__core_backend(e->core, o->conf->name, b, fence);
		shr__engine_wake_all(e);
	}
	pthread_mutex_unlock(&e->lock);
	if (rc == 0) {
		e->ee.stale(e->ee.data);
		shr__poll_backend(e, o->conf->name, 1);
	}
	shr_error_unref(error);
	shr__arena_free(arena);
	pthread_mutex_lock(&e->lock);
}

/* One that answers later may wait for its turn behind what is done for clients: that is no news, for so long. */
static int no_news(struct shr_engine *e, struct shr__owned *o, int rc)
{
	int64_t now = shr__engine_mono(e);

	if (rc != SHR_RUNNING || o->down) {
		o->later_since = 0;
		return 0;
	}
	o->later_since = o->later_since ? o->later_since : now;
	o->due = later(e, 200);
	return now - o->later_since < LATER_NS;
}

/* Live capacity; and the probe of one that is down. */
static void look_at(struct shr_engine *e, struct shr__owned *o)
{
	const struct shr_error *error = NULL;
	struct shr__arena *arena = shr__arena_new();
	struct down d = { .e = e, .o = o, .b = o->b, .state = SHR_POOL_UP, .reason = "" };
	struct shr__pool_told *told = NULL;
	int was_down = o->down, fenced = 0, rc;

	pthread_mutex_unlock(&e->lock);
	rc = arena ? shr__stats_call(o, d.b, o->fence, arena, &told, &error) : shr__fail_nomem(&error);
	pthread_mutex_lock(&e->lock);
	if (no_news(e, o, rc)) {
		shr__arena_free(arena);
		return;
	}
	pthread_mutex_unlock(&e->lock);
	if (rc) {
		d.state = SHR_POOL_DOWN;
		d.reason = error ? error->message : "the driver answers later";
	} else {
		d.told = told;
	}
	if (arena)
		fenced = write_state(&d, arena) == SHR_EFENCED;
	pthread_mutex_lock(&e->lock);
	if (rc) {
		o->down = 1;
		if (!was_down)
			shr__world_log(&e->env->world, SHR_LOG_ERROR, "backend %s is down: %s", o->conf->name, d.reason);
		shr__own_reason(o, d.reason);
		o->due = later(e, backoff_ms(o->failures++));
	} else {
		o->down = 0;
		o->failures = 0;
		o->up_since = was_down ? shr__engine_mono(e) : o->up_since;
		shr__own_reason(o, "");
		o->due = later(e, e->env->config->stats_ms);
	}
	if (o->state == OWN_HELD && (rc || was_down)) {
		shr__core_backend_down(e->core, o->conf->name, rc != 0, shr__engine_mono(e));
		shr__engine_wake_all(e);
	}
	if (fenced) /* its row says another */
		shr__own_lose(e, o);
	pthread_mutex_unlock(&e->lock);
	e->ee.stale(e->ee.data);
	shr_error_unref(error);
	shr__arena_free(arena);
	pthread_mutex_lock(&e->lock);
}

void shr__own_lose(struct shr_engine *e, struct shr__owned *o)
{
	if (o->state != OWN_HELD)
		return;
	o->state = OWN_LOST;
	shr__core_backend(e->core, o->conf->name, NULL, 0);
	o->due = 0;
}

/* Ours no more: when the last call has come back the driver is closed, and with it the kernel lock is free. */
static void close_lost(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__backend *b = o->b;

	if (shr__core_backend_busy(e->core, o->conf->name)) {
		o->due = later(e, 50);
		return;
	}
	o->b = NULL;
	shr__pass_end(o);
	pthread_mutex_unlock(&e->lock);
	shr__backend_close(b);
	pthread_mutex_lock(&e->lock);
	o->state = OWN_NOT;
	o->due = later(e, 100);
}

void shr__own_task(struct shr_engine *e, struct shr__owned *o)
{
	o->busy = 1;
	if (o->state == OWN_LOST)
		close_lost(e, o);
	else if (o->state == OWN_HELD && shr__again_due(o) <= shr__engine_mono(e) && o->due > shr__engine_mono(e))
		shr__again_task(e, o);
	else if (o->state == OWN_HELD && o->due > shr__engine_mono(e))
		shr__pass_task(e, o);
	else if (o->state == OWN_HELD)
		look_at(e, o);
	else if (e->registered)
		acquire(e, o);
	else
		o->due = later(e, 100);
	o->busy = 0;
	shr__engine_wake_all(e);
}

/* ---- a clean stop ---- */

static int give_back(struct shr__txn *t, const void *row, void *data)
{
	struct shr__op_row op = *(const struct shr__op_row *)row;

	op.engine = op.engine_name = "";
	op.attempts = 0; /* nothing of it was under way: its outcome is known */
	if (op.state == SHR_OP_RUNNING)
		op.state = SHR_OP_WAITING;
	return shr__txn_update(t, &shr__op_def, &op, SHR__COL(op, engine) | SHR__COL(op, engine_name) | SHR__COL(op, attempts) |
		SHR__COL(op, state));
}

/* A page of operations at a time; the backend's row with the last. */
static int release_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct down *d = data;
	struct shr__op_row from = { .live = 1, .backend = d->o->conf->name, .engine = d->e->id };
	struct shr__backend_row row = { .name = d->o->conf->name };
	int rc = shr__txn_get(t, &shr__backend_def, &row);

	d->state = 0;
	if (rc < 0 || strcmp(row.engine, d->e->id) != 0 || row.fence != d->o->fence)
		return rc < 0 && rc != SHR_ENOTFOUND ? rc : 0;
	rc = shr__txn_scan(t, &shr__op_def, SHR__I_op_by_live, &from, 3, 3, 0, 100, give_back, NULL);
	if (rc < 0)
		return rc;
	d->state = rc == 100;
	if (d->state)
		return 0;
	row.engine = row.engine_name = "";
	return shr__txn_update(t, &shr__backend_def, &row, SHR__COL(backend, engine) | SHR__COL(backend, engine_name));
}

void shr__own_release(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__backend *b = o->b;
	struct down d = { .e = e, .o = o };
	struct shr__arena *arena = shr__arena_new();
	int rc = 0;

	if (o->state == OWN_HELD)
		shr__core_backend(e->core, o->conf->name, NULL, 0);
	pthread_mutex_unlock(&e->lock);
	shr__pass_end(o);
	/* First the driver, then the row: whoever sees the row can have the lock. */
	if (b)
		shr__backend_close(b);
	do {
		struct shr__job job = { .body = release_body, .data = &d, .arena = arena };

		rc = arena && o->state == OWN_HELD ? shr__db_write(e->env->db, &job) : SHR_ENOMEM;
		shr_error_unref(job.error);
	} while (rc == 0 && d.state);
	shr__arena_free(arena);
	pthread_mutex_lock(&e->lock);
	o->b = NULL;
	o->state = OWN_NOT;
	o->due = INT64_MAX;
}

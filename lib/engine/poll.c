/* lib/engine/poll.c - finding operations that this engine should know: one indexed look, however many wait */
#include <string.h>

#include "base/fail.h"
#include "base/mem.h"
#include "engine/engine_own.h"

#define PAGE 200

struct found {
	struct found *next;
	const char *id;
	int64_t attempts;
	uint32_t flags;
};

struct look {
	struct shr_engine *e;
	const char *backend;
	struct shr__op_row from; /* where to go on; its texts are in the arena of the page before */
	uint32_t n_from, n_prefix;
	struct found *first, **last; /* in the arena of this page, in order */
	uint32_t rows;
};

static int note(struct shr__txn *t, const void *data, void *plook)
{
	const struct shr__op_row *op = data;
	struct look *look = plook;
	struct found *f;

	look->from = *op;
	if (strlen(op->id) >= SHR__UUID_ROOM)
		return 0;
	f = shr__arena_alloc(shr__txn_arena(t), sizeof *f);
	if (!f)
		return SHR_ENOMEM;
	f->id = op->id;
	f->attempts = op->attempts;
	f->flags = (op->engine[0] ? SHR__FOUND_HAD : 0) | (op->cancel ? SHR__FOUND_CANCEL : 0);
	*look->last = f;
	look->last = &f->next;
	return 0;
}

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *look = data;
	int rc;

	look->rows = 0;
	look->first = NULL;
	look->last = &look->first;
	rc = shr__txn_scan(t, &shr__op_def, SHR__I_op_by_live, &look->from, look->n_from, look->n_prefix, 0, PAGE, note, look);
	look->rows = rc > 0 ? (uint32_t)rc : 0;
	return rc < 0 ? rc : 0;
}

static void tell_core(struct look *look, int cancel)
{
	struct shr_engine *e = look->e;
	int64_t now;

	pthread_mutex_lock(&e->lock);
	now = shr__engine_mono(e);
	for (const struct found *f = look->first; f; f = f->next) {
		if (cancel && (f->flags & SHR__FOUND_CANCEL))
			shr__core_cancel(e->core, f->id, now);
		if (!cancel)
			shr__core_found(e->core, f->id, look->backend, f->flags, f->attempts, now);
	}
	if (look->first)
		shr__engine_wake_all(e);
	pthread_mutex_unlock(&e->lock);
}

/* All pages behind a prefix of (live, backend, engine, cancel). */
static int look_all(struct shr_engine *e, const char *backend, const char *engine, int64_t cancelled, uint32_t n_prefix)
{
	struct look look = { .e = e, .backend = backend, .n_from = n_prefix, .n_prefix = n_prefix, .from = { .live = 1,
		.backend = backend, .engine = engine, .cancel = cancelled, .id = "" } };
	/* A page at a time, whatever waits: one has the rows of this page, the other where it begins. */
	struct shr__arena *arenas[2] = { shr__arena_new(), shr__arena_new() };
	int rc = arenas[0] && arenas[1] ? 0 : SHR_ENOMEM;

	for (unsigned page = 0; rc == 0; page++) {
		shr__arena_reset(arenas[page % 2]);
		rc = shr__db_read(e->env->db, arenas[page % 2], look_body, &look, NULL);
		if (rc < 0)
			break;
		tell_core(&look, cancelled != 0);
		look.n_from = 5;
		if (look.rows < PAGE)
			break;
	}
	shr__arena_free(arenas[0]);
	shr__arena_free(arenas[1]);
	return rc < 0 ? rc : 0;
}

int shr__poll_backend(struct shr_engine *e, const char *name, int all)
{
	const char *id;
	int rc;

	if (all)
		return look_all(e, name, "", 0, 2);
	pthread_mutex_lock(&e->lock);
	id = e->id;
	pthread_mutex_unlock(&e->lock);
	rc = look_all(e, name, "", 0, 3);
	return rc < 0 ? rc : look_all(e, name, id, 1, 4);
}

static int is_held(struct shr_engine *e, uint32_t i)
{
	int held;

	pthread_mutex_lock(&e->lock);
	held = e->owned[i].state == OWN_HELD;
	pthread_mutex_unlock(&e->lock);
	return held;
}

/* Nothing is read while no other process has committed, but for a slow look at everything now and then. */
void shr__poll_task(struct shr_engine *e)
{
	int64_t now = shr__engine_mono(e);
	uint64_t changes = e->changes;
	int all = now >= e->full_poll_due, look = e->poll_now || e->poll_failed || all, moved, rc;

	e->poll_now = e->poll_failed = 0;
	e->poll_due = now + e->env->config->poll_ms * 1000000;
	if (all)
		e->full_poll_due = now + INT64_C(10000000000);
	pthread_mutex_unlock(&e->lock);
	rc = shr__db_changes(e->env->db, &changes);
	moved = rc == 0 && changes != e->changes;
	for (uint32_t i = 0; i < e->n_owned && (look || moved); i++)
		if (is_held(e, i) && (shr__poll_backend(e, e->owned[i].conf->name, all) < 0 || shr__pass_poll(e, &e->owned[i]) < 0))
			rc = SHR_ESTORE;
	pthread_mutex_lock(&e->lock);
	if (rc == 0) {
		e->changes = changes;
		return;
	}
	/* Not at once: a store that is down stays down for longer than a look takes. */
	e->poll_failed = 1;
	if (all)
		e->full_poll_due = e->poll_due;
}

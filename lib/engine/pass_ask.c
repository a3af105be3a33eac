/* lib/engine/pass_ask.c - a comparison that somebody asked for: the request, what it put right, and its end */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/pass.h"
#include "libshare/event.h"

#define POPS 100u /* operations that are looked at in one go */
#define RETRY_NS INT64_C(1000000000)

int64_t shr__pass_rest_ns(const struct shr__pass *pass)
{
	return pass && pass->wanted ? INT64_C(1000000) : INT64_C(100000000);
}

int shr__pass_is_asked(const struct shr__owned *o)
{
	return o->pass_asked > o->pass_done;
}

void shr__pass_wrong(struct shr__pass *pass, const char *what, const char *why)
{
	if (!pass->reason[0])
		snprintf(pass->reason, sizeof pass->reason, "%.70s: %.220s", what, why);
}

/* What is not noted, for want of memory, is not waited for, and done all the same. */
void shr__pass_note_op(struct shr__pass *pass, const char *op_id)
{
	uint32_t room = pass->room_ops ? pass->room_ops * 2 : 16;
	char (*ops)[SHR__UUID_ROOM];

	if (!pass->wanted)
		return;
	if (pass->n_ops == pass->room_ops) {
		ops = shr__realloc(pass->ops, room * sizeof *ops);
		if (!ops)
			return;
		pass->ops = ops;
		pass->room_ops = room;
	}
	snprintf(pass->ops[pass->n_ops++], SHR__UUID_ROOM, "%s", op_id);
}

/* ---- was one asked for? ---- */

static int row_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__backend_row *row = data;
	int rc = shr__txn_get(t, &shr__backend_def, row);

	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__pass_poll(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__backend_row row = { .name = o->conf->name };
	struct shr__arena *arena = shr__arena_new();
	int rc = arena ? shr__db_read(e->env->db, arena, row_body, &row, NULL) : SHR_ENOMEM;

	pthread_mutex_lock(&e->lock);
	if (rc == 0 && o->state == OWN_HELD && row.fence == o->fence && row.pass_asked > o->pass_asked) {
		o->pass_asked = row.pass_asked;
		o->pass_due = 0;
		shr__engine_wake_one(e);
	}
	pthread_mutex_unlock(&e->lock);
	shr__arena_free(arena);
	return rc < 0 ? rc : 0;
}

/* ---- its end ---- */

/* 0: the last ones have ended, and are forgotten. */
static int ended_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	const struct shr__pass *pass = data;
	struct shr__op_row op = { .id = pass->ops[pass->n_ops - 1] };
	int rc = shr__txn_get(t, &shr__op_def, &op);

	/* Also one that was not wanted any more when it was to be made. */
	return rc == SHR_ENOTFOUND ? 0 : rc < 0 ? rc : op.live ? SHR_EAGAIN : 0;
}

static int has_live_ops(struct shr_engine *e, struct shr__pass *pass)
{
	struct shr__arena *arena = shr__arena_new();
	int rc = arena ? 0 : SHR_ENOMEM;

	for (uint32_t i = 0; rc == 0 && pass->n_ops && i < POPS; i++) {
		rc = shr__db_read(e->env->db, arena, ended_body, pass, NULL);
		pass->n_ops -= rc == 0;
		shr__arena_reset(arena);
	}
	shr__arena_free(arena);
	return pass->n_ops > 0;
}

struct ending {
	struct shr_engine *e;
	const struct shr__owned *o;
	int fenced;
};

static int say(struct shr__txn *t, const struct ending *g)
{
	const char *reason = g->o->pass->reason;
	struct shr__event_row event = { .kind = reason[0] ? "backend.reconcile_failed" : "backend.reconciled",
		.severity = reason[0] ? SHR_EVENT_WARNING : SHR_EVENT_INFO, .object = "backend", .object_id = g->o->conf->name,
		.at_ns = shr__world_wall(&g->e->env->world), .op_id = "", .project = "", .user = "", .request_id = "" };
	char text[500];

	snprintf(text, sizeof text, "backend %.63s: %s%.300s", g->o->conf->name, reason[0] ? "not all of it could be compared: " :
		"all of it was compared", reason);
	event.text = text;
	return shr__txn_event(t, &event);
}

static int end_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct ending *g = data;
	struct shr__backend_row row = { .name = g->o->conf->name };
	int rc = shr__txn_get(t, &shr__backend_def, &row);

	g->fenced = rc == SHR_ENOTFOUND || (rc == 0 && row.fence != g->o->fence);
	if (rc < 0 || g->fenced || row.pass_done >= g->o->pass->wanted)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	row.pass_done = g->o->pass->wanted;
	row.pass_reason = g->o->pass->reason;
	rc = shr__txn_update(t, &shr__backend_def, &row, SHR__COL(backend, pass_done) | SHR__COL(backend, pass_reason));
	return rc < 0 ? rc : say(t, g);
}

int64_t shr__pass_finish(struct shr_engine *e, struct shr__owned *o)
{
	struct ending g = { .e = e, .o = o };
	struct shr__arena *arena;
	struct shr__job job = { .body = end_body, .data = &g };
	int rc;

	if (has_live_ops(e, o->pass))
		return INT64_C(10000000);
	arena = shr__arena_new();
	job.arena = arena;
	rc = arena ? shr__db_write(e->env->db, &job) : SHR_ENOMEM;
	shr_error_unref(job.error);
	shr__arena_free(arena);
	if (rc < 0)
		return RETRY_NS;
	if (g.fenced) /* another engine has it, and begins anew */
		return 0;
	pthread_mutex_lock(&e->lock);
	o->pass_done = o->pass->wanted;
	pthread_mutex_unlock(&e->lock);
	shr__waiters_tell(e->ee.waiters, o->conf->name, NULL);
	shr__waiters_tell(e->ee.waiters, "", NULL);
	return 0;
}

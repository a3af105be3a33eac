/* lib/api/backend_reconcile.c - having all of a backend compared with the store now, and waiting for its end */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/actions.h"
#include "api/wait.h"
#include "base/fail.h"
#include "base/text.h"
#include "engine/engine.h"
#include "libshare/event.h"

#define BACKENDS 1000u

static int enter(struct shr_session *session, const char *backend, const struct shr_error **reterr)
{
	char room[80];
	const char *wrong;
	int rc = shr__session_enter(session, reterr);

	if (rc)
		return rc;
	wrong = backend ? shr__text_wrong(backend, 63, 0, room, sizeof room) : NULL;
	if (wrong)
		return shr__fail_field(reterr, SHR_EINVAL, "backend", "give a backend's name, or NULL for all", "it %s", wrong);
	return shr__authorise(session, SHR__ACTION_BACKEND_RECONCILE, "backend", "", backend ? backend : "", reterr);
}

static int none(const char *backend, const struct shr_error **reterr)
{
	if (!backend)
		return shr__fail_do(reterr, SHR_ENOTFOUND, "run an engine", "no engine has a backend");
	return shr__fail_do(reterr, SHR_ENOTFOUND, "list the pools for the backends' names", "no engine ever had a backend \"%s\"",
		backend);
}

/* ---- asking ---- */

struct asking {
	struct shr_session *session;
	const char *backend; /* NULL: all that an engine has */
	int64_t wall_ns;
	int64_t pass;        /* one number for all of them */
	uint32_t n;
};

static int find_newest(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__backend_row *b = row;
	struct asking *a = data;

	if (b->pass_asked > a->pass)
		a->pass = b->pass_asked;
	return 0;
}

static int say(struct shr__txn *t, const struct asking *a, const char *backend)
{
	struct shr__event_row event = { .kind = "backend.reconciling", .severity = SHR_EVENT_INFO, .object = "backend",
		.object_id = backend, .at_ns = a->wall_ns, .op_id = "", .project = a->session->project, .user = a->session->user,
		.request_id = a->session->request_id };
	char text[200];

	snprintf(text, sizeof text, "backend %.63s: all of it is to be compared", backend);
	event.text = text;
	return shr__txn_event(t, &event);
}

static int ask_one(struct shr__txn *t, const void *row, void *data)
{
	struct shr__backend_row b = *(const struct shr__backend_row *)row;
	struct asking *a = data;
	int rc;

	if (a->backend ? strcmp(b.name, a->backend) != 0 : !b.engine[0])
		return 0;
	a->n++;
	b.pass_asked = a->pass;
	rc = shr__txn_update(t, &shr__backend_def, &b, SHR__COL(backend, pass_asked));
	return rc < 0 ? rc : say(t, a, b.name);
}

static int ask_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct asking *a = data;
	struct shr__backend_row from = { 0 };
	int rc;

	a->pass = 0;
	a->n = 0;
	rc = shr__txn_scan(t, &shr__backend_def, SHR__I_backend_pk, &from, 0, 0, 0, BACKENDS, find_newest, a);
	a->pass++;
	if (rc >= 0)
		rc = shr__txn_scan(t, &shr__backend_def, SHR__I_backend_pk, &from, 0, 0, 0, BACKENDS, ask_one, a);
	if (rc < 0)
		return rc;
	return a->n ? 0 : none(a->backend, reterr);
}

int shr_backend_reconcile(struct shr_session *session, const char *backend, uint64_t *ret_pass, const struct shr_error **reterr)
{
	struct asking a = { .session = session, .backend = backend };
	struct shr__job job = { .body = ask_body, .data = &a };
	int rc = enter(session, backend, reterr);

	if (rc)
		return rc;
	job.arena = shr__arena_new();
	if (!job.arena)
		return shr__fail_nomem(reterr);
	a.wall_ns = shr__world_wall(&session->ctx->env.world);
	rc = shr__db_write(session->ctx->env.db, &job);
	shr__arena_free(job.arena);
	if (rc < 0) {
		if (reterr)
			*reterr = job.error;
		else
			shr_error_unref(job.error);
		return rc;
	}
	pthread_mutex_lock(&session->ctx->lock);
	shr__engines_wake(session->ctx->engine);
	pthread_mutex_unlock(&session->ctx->lock);
	if (ret_pass)
		*ret_pass = (uint64_t)a.pass;
	return 0;
}

/* ---- waiting ---- */

struct wait {
	struct shr_session *session;
	const char *backend;
	uint64_t pass;
	struct shr__arena *arena;
	uint64_t newest;    /* that was asked for */
	uint32_t n, running;
	const char *failed, *reason;
};

static int look_one(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__backend_row *b = row;
	struct wait *w = data;

	if (w->backend && strcmp(b->name, w->backend) != 0)
		return 0;
	w->n++;
	if ((uint64_t)b->pass_asked > w->newest)
		w->newest = (uint64_t)b->pass_asked;
	if ((uint64_t)b->pass_asked < w->pass)
		return 0; /* no engine had it when it was asked for */
	if ((uint64_t)b->pass_done < w->pass) {
		w->running++;
	} else if (b->pass_reason[0] && !w->reason) {
		w->failed = b->name;
		w->reason = b->pass_reason;
	}
	return 0;
}

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct wait *w = data;
	struct shr__backend_row from = { 0 };
	int rc;

	w->newest = 0;
	w->n = w->running = 0;
	w->failed = w->reason = NULL;
	rc = shr__txn_scan(t, &shr__backend_def, SHR__I_backend_pk, &from, 0, 0, 0, BACKENDS, look_one, w);
	return rc < 0 ? rc : 0;
}

static int look(void *data, const struct shr__op_row *row, const struct shr_error **reterr)
{
	struct wait *w = data;
	int rc;

	shr__arena_reset(w->arena);
	rc = shr__db_read(w->session->ctx->env.db, w->arena, look_body, w, reterr);
	if (rc)
		return rc;
	if (!w->n)
		return none(w->backend, reterr);
	if (!w->pass || w->pass > w->newest)
		return shr__fail_field(reterr, SHR_EINVAL, "pass", "give what shr_backend_reconcile() told",
			"%" PRIu64 " was not asked for: the newest is %" PRIu64, w->pass, w->newest);
	if (w->running)
		return SHR_RUNNING;
	if (w->reason)
		return shr__fail_do(reterr, SHR_EBACKEND, "put that right, and compare again",
			"not all of backend %s could be compared: %s", w->failed, w->reason);
	return 0;
}

int shr_backend_reconcile_wait(struct shr_session *session, const char *backend, uint64_t pass, int timeout_ms,
	const struct shr_error **reterr)
{
	struct wait w = { .session = session, .backend = backend, .pass = pass };
	struct shr__wait wait = { .key = backend ? backend : "", .timeout_ms = timeout_ms, .look = look, .data = &w };
	int rc = enter(session, backend, reterr);

	if (rc)
		return rc;
	w.arena = shr__arena_new();
	rc = w.arena ? shr__wait_for(session->ctx, &wait, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(w.arena);
	return rc;
}

/* lib/api/op_cancel.c - asking for an operation's end */
#include "api/ctx.h"
#include "base/fail.h"
#include "engine/engine.h"
#include "flow/flow.h"

struct cancel {
	const char *op_id;
	struct shr__op_row op;
};

static int find(struct cancel *c, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	c->op = (struct shr__op_row){ .id = c->op_id };
	rc = shr__txn_get(t, &shr__op_def, &c->op);
	return rc == SHR_ENOTFOUND ? shr__no_such("operation", c->op_id, reterr) : rc;
}

static int find_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	return find(data, t, reterr);
}

static int refuse(const struct shr__op_row *op, const struct shr_error **reterr)
{
	struct shr__fail_parts parts = { .code = SHR_ESTATE, .retryable = 0, .op_id = op->id };

	if (!op->live)
		parts.message = "the operation has ended";
	else if (!shr__flow_find(op->kind, (uint32_t)op->kind_version))
		parts.message = "the operation is one of a newer version, which alone can end it";
	else if (op->undoing)
		parts.message = "the operation is being undone already";
	else
		parts.message = "the operation is past the point where it could be undone";
	parts.remedy = op->live ? "wait for its end" : "";
	return shr__fail_parts(reterr, &parts);
}

static int cancel_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct cancel *c = data;
	int rc = find(c, t, reterr);

	if (rc < 0)
		return rc;
	if (c->op.live && c->op.cancel && !c->op.undoing) /* asked before: asking again is harmless */
		return 0;
	if (!c->op.live || !shr__op_cancellable(&c->op))
		return refuse(&c->op, reterr);
	c->op.cancel = 1;
	return shr__txn_update(t, &shr__op_def, &c->op, SHR__COL(op, cancel));
}

static void tell(struct shr_session *session, const struct shr__op_row *op)
{
	struct shr_ctx *ctx = session->ctx;
	const struct shr_host *host = &ctx->env.world.host;

	pthread_mutex_lock(&ctx->lock);
	if (ctx->engine) {
		shr__engines_cancel(ctx->engine, op->id);
		shr__engines_wake(ctx->engine);
	}
	pthread_mutex_unlock(&ctx->lock);
	if (host->wake)
		host->wake(host->data, op->id);
}

static int cancel(struct shr_session *session, struct cancel *c, struct shr__arena *arena, const struct shr_error **reterr)
{
	struct shr__db *db = session->ctx->env.db;
	struct shr__job job = { .body = cancel_body, .data = c, .arena = arena };
	int rc = shr__db_read(db, arena, find_body, c, reterr);

	if (rc == 0)
		rc = shr__authorise(session, "op:cancel", "operation", c->op.project, c->op_id, reterr);
	if (rc < 0)
		return rc;
	rc = shr__db_write(db, &job);
	if (rc == 0)
		tell(session, &c->op);
	else if (reterr)
		*reterr = job.error;
	else
		shr_error_unref(job.error);
	return rc;
}

int shr_op_cancel(struct shr_session *session, const char *op_id, const struct shr_error **reterr)
{
	struct cancel c = { .op_id = op_id };
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (rc == 0)
		rc = shr__id_check(op_id, "op_id", reterr);
	if (rc < 0)
		return rc;
	arena = shr__arena_new();
	if (!arena)
		return shr__fail_nomem(reterr);
	rc = cancel(session, &c, arena, reterr);
	shr__arena_free(arena);
	return rc;
}

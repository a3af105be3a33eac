/* lib/api/op_read.c - one operation, the wait for its end, and lists */
#include <string.h>

#include "api/actions.h"
#include "api/list.h"
#include "api/wait.h"
#include "base/fail.h"
#include "base/params.h"
#include "engine/engine.h"
#include "model/check.h"

static int check_row(const struct shr__op_row *row, const struct shr_error **reterr)
{
	return shr__row_check(&shr__op_def, row, SHR__COL(op, error_code), SHR__COL(op, state), reterr);
}

struct look {
	struct shr_session *session;
	const char *op_id;
	struct shr__arena *arena;
	struct shr__op_row row;
	int asked;
	const struct shr_op *op; /* the newest photograph */
};

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *l = data;
	int rc;

	l->row.id = l->op_id;
	rc = shr__txn_get(t, &shr__op_def, &l->row);
	if (rc == SHR_ENOTFOUND)
		return shr__no_such("operation", l->op_id, reterr);
	return rc ? rc : check_row(&l->row, reterr);
}

static int keep(struct look *l, const struct shr__op_row *row, const struct shr_error **reterr)
{
	const struct shr_op *op = shr__op_record_of(row);

	if (!op)
		return shr__fail_nomem(reterr);
	shr_op_unref(l->op);
	l->op = op;
	return 0;
}

/* Read it anew: l->op. */
static int photograph(struct look *l, const struct shr_error **reterr)
{
	int rc;

	shr__arena_reset(l->arena);
	rc = shr__db_read(l->session->ctx->env.db, l->arena, look_body, l, reterr);
	if (!rc && !l->asked)
		rc = shr__authorise(l->session, SHR__ACTION_OP_GET, "operation", l->row.project, l->op_id, reterr);
	if (rc)
		return rc;
	l->asked = 1;
	return keep(l, &l->row, reterr);
}

static int look_open(struct look *l, struct shr_session *s, const char *op_id, const struct shr_error **reterr)
{
	int rc = shr__session_enter(s, reterr);

	memset(l, 0, sizeof *l);
	l->session = s;
	l->op_id = op_id;
	if (!rc)
		rc = shr__id_check(op_id, "op_id", reterr);
	if (rc)
		return rc;
	l->arena = shr__arena_new();
	return l->arena ? 0 : shr__fail_nomem(reterr);
}

int shr_op_get(struct shr_session *session, const char *op_id, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct look l;
	int rc = look_open(&l, session, op_id, reterr);

	if (!rc)
		rc = shr__need_ret(ret_op, "ret_op", reterr);
	if (!rc)
		rc = photograph(&l, reterr);
	shr__arena_free(l.arena);
	if (!rc)
		*ret_op = l.op;
	return rc;
}

static int has_ended(void *data, const struct shr__op_row *row, const struct shr_error **reterr)
{
	struct look *l = data;
	int rc = row ? keep(l, row, reterr) : photograph(l, reterr);

	if (rc)
		return rc;
	switch (l->op->state) {
	case SHR_OP_SUCCEEDED:
		return 0;
	case SHR_OP_FAILED:
	case SHR_OP_CANCELLED:
		if (reterr)
			*reterr = shr_error_ref(l->op->error);
		return l->op->error->code;
	default:
		return SHR_RUNNING;
	}
}

/* An operation that an engine of this process has in hand is not read only to see that it has not ended. */
static int ask_first(struct look *l, int *ret_known, const struct shr_error **reterr)
{
	struct shr_ctx *ctx = l->session->ctx;
	char project[256];

	pthread_mutex_lock(&ctx->lock);
	*ret_known = shr__engines_know(ctx->engine, l->op_id, project, sizeof project);
	pthread_mutex_unlock(&ctx->lock);
	if (!*ret_known)
		return 0;
	l->asked = 1;
	return shr__authorise(l->session, SHR__ACTION_OP_GET, "operation", project, l->op_id, reterr);
}

int shr_op_wait(struct shr_session *session, const char *op_id, int timeout_ms, const struct shr_op **ret_op,
	const struct shr_error **reterr)
{
	struct look l;
	struct shr__wait wait = { .key = op_id, .op_id = op_id, .timeout_ms = timeout_ms, .look = has_ended, .data = &l };
	int rc = look_open(&l, session, op_id, reterr);

	if (!rc && timeout_ms)
		rc = ask_first(&l, &wait.known, reterr);
	if (!rc)
		rc = shr__wait_for(session->ctx, &wait, reterr);
	shr__arena_free(l.arena);
	if (ret_op && l.op)
		*ret_op = l.op;
	else
		shr_op_unref(l.op);
	return rc;
}

/* ---- lists ---- */

/* Only what the list shows is kept: the packs of arguments may be large. */
static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	const struct shr_op_filter *f = w->data;
	const struct shr__op_row *op = row;
	int rc;

	if ((!w->list.all && strcmp(op->project, w->session->project) != 0) || (f->unended && !op->live) ||
	    (f->object_id && strcmp(op->object_id, f->object_id) != 0))
		return 0;
	rc = check_row(op, w->reterr);
	if (rc)
		return rc;
	*ret_item = shr__arena_memdup(w->arena, op, sizeof *op);
	return *ret_item ? 1 : SHR_ENOMEM;
}

static int open_list(struct shr__walk *w, struct shr_session *s, const struct shr_op_filter *f, const struct shr__list *list,
	const struct shr_error **reterr)
{
	struct shr__op_row from = { .project = s->project, .object_id = f->object_id, .live = 1 };

	if (f->object_id)
		return shr__walk_open(w, s, &shr__op_def, SHR__I_op_by_object, &from, 1, 0, list, reterr);
	/* What has not ended is little, whoever's it is. */
	if (f->unended)
		return shr__walk_open(w, s, &shr__op_def, SHR__I_op_by_live, &from, 1, 0, list, reterr);
	if (list->all)
		return shr__walk_open(w, s, &shr__op_def, SHR__I_op_pk, &from, 0, 0, list, reterr);
	return shr__walk_open(w, s, &shr__op_def, SHR__I_op_by_project, &from, 1, 0, list, reterr);
}

static const void *make_op(const void *item, void *data)
{
	return shr__op_record_of(item);
}

static int check_filter(const struct shr_op_filter *f, const struct shr_error **reterr)
{
	if (f->unended > 1)
		return shr__fail_field(reterr, SHR_EINVAL, "unended", "set it to 0 or 1", "it is %u", f->unended);
	return f->object_id ? shr__id_check(f->object_id, "object_id", reterr) : 0;
}

int shr_op_list(struct shr_session *session, const struct shr_op_filter *filter, const struct shr_list_params *list,
	const struct shr_op_page **ret_page, const struct shr_error **reterr)
{
	struct shr_op_filter f = { 0 };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__params_copy(filter, "shr_op_filter", SHR__LEAST(shr_op_filter, object_id), &f, sizeof f, reterr);
	if (!rc)
		rc = check_filter(&f, reterr);
	if (!rc)
		rc = shr__authorise(session, params.all ? SHR__ACTION_OP_LIST_ALL : SHR__ACTION_OP_LIST, "operation", "", "", reterr);
	if (!rc)
		rc = open_list(&w, session, &f, &params, reterr);
	w.take = take;
	w.data = &f;
	if (!rc)
		rc = shr__walk_read_page(&w, make_op, &page, reterr);
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

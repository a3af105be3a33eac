/* examples/sharectl/wait.c - waiting: with patience, an eye on signals, and a bar */
#include "ctl.h"
#include "open.h"
#include "say.h"
#include "table.h"
#include "wait.h"

#include <stdio.h>
#include <stdlib.h>

#define SLICE_MS 200

int ctl_patience(struct ctl *c, int (*look)(void *data, int ms, const struct shr_error **reterr), void *data,
	const struct shr_error **reterr)
{
	int64_t most = ctl_number(c, OPT_TIMEOUT, INT64_MAX), began = ctl_now_ms(), left;
	int rc;

	do {
		left = most == INT64_MAX ? SLICE_MS : most - (ctl_now_ms() - began);
		left = left < 0 ? 0 : left < SLICE_MS ? left : SLICE_MS;
		rc = look(data, (int)left, reterr);
	} while (rc == SHR_RUNNING && left > 0 && !(c->signals_held && ctl_signals_look(c, 0)));
	ctl_bar_clear(c);
	return rc;
}

struct await {
	struct ctl *c;
	const char *op_id;
	const struct shr_op *op;
	int64_t began;
};

static int look(void *data, int ms, const struct shr_error **reterr)
{
	struct await *a = data;
	const struct shr_op *op = NULL;
	int rc = shr_op_wait(a->c->session, a->op_id, ms, &op, reterr);

	if (op) {
		shr_op_unref(a->op);
		a->op = op;
	}
	if (rc == SHR_RUNNING && op)
		ctl_bar(a->c, op, ctl_now_ms() - a->began);
	return rc;
}

int ctl_await(struct ctl *c, const char *op_id, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct await a = { c, op_id, NULL, ctl_now_ms() };
	int rc = ctl_patience(c, look, &a, reterr);

	*ret_op = a.op;
	return rc;
}

static int still_running(struct ctl *c, const struct shr_op *op)
{
	if (ctl_has(c, OPT_JSON))
		ctl_json(c, shr_op_json(op));
	ctl_note(c, "operation %s (%s) is %s; it goes on wherever an engine runs: sharectl op wait %s", op->id, op->kind,
		shr_op_state_name(op->state), op->id);
	return CTL_RUNNING;
}

static int accepted(struct ctl *c, const struct shr_op *op)
{
	if (ctl_has(c, OPT_JSON))
		return ctl_json(c, shr_op_json(op));
	printf("%s: operation %s on %s %s\n", op->state == SHR_OP_SUCCEEDED ? "done" : "accepted", op->id, op->object,
		op->object_id);
	return CTL_OK;
}

int ctl_finish(struct ctl *c, int rc, const struct shr_op *op, const struct shr_error *error, int *ret_done)
{
	const struct shr_op *last = NULL;
	int status;

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_NO_WAIT)) {
		status = accepted(c, op);
		shr_op_unref(op);
		return status;
	}
	rc = ctl_await(c, op->id, &last, &error);
	if (rc < 0) {
		if (last && ctl_has(c, OPT_JSON))
			ctl_json(c, shr_op_json(last));
		status = ctl_fail(c, rc, error);
	} else if (rc == SHR_RUNNING) {
		status = still_running(c, last ? last : op);
	} else if (ctl_has(c, OPT_JSON)) {
		status = ctl_json(c, shr_op_json(last ? last : op));
	} else {
		status = CTL_OK;
		if (ret_done)
			*ret_done = 1;
	}
	shr_op_unref(last);
	shr_op_unref(op);
	return status;
}

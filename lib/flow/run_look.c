/* lib/flow/run_look.c - a run whose row may have changed looks at it again, and at what it waits for */
#include <string.h>

#include "flow/core_own.h"

struct holder {
	struct shr__run *r;
	const char *found;
};

/* Was OTHER there before R? Ids cannot tell: the clocks of two processes made them. But whoever preempts came after all that it
 * meets, for nothing that would meet it is accepted from then on. */
static int came_before(const struct shr__run *r, const struct shr__op_row *other)
{
	const struct shr__flow *f = shr__flow_find(other->kind, (uint32_t)other->kind_version);
	int mine = (r->work->flow->flags & SHR__FLOW_PREEMPTS) != 0, theirs = f && (f->flags & SHR__FLOW_PREEMPTS);

	return mine != theirs ? mine : strcmp(other->id, r->id) < 0;
}

/* Somebody else holds what this one wants, and was there before it. */
static int look_at_hold(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__hold_row *hold = row;
	struct holder *h = data;
	const struct shr__flow *f = h->r->work->flow;
	struct shr__op_row other;
	int rc;

	if (strcmp(hold->op_id, h->r->id) == 0)
		return 0;
	if (!((f->hold_exclusive & (hold->shared | hold->exclusive)) | (f->hold_shared & hold->exclusive)))
		return 0;
	memset(&other, 0, sizeof other);
	other.id = hold->op_id;
	rc = shr__txn_get(t, &shr__op_def, &other);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	if (!came_before(h->r, &other))
		return 0;
	h->found = hold->op_id;
	return 1;
}

static int look_after(struct shr__run *r, struct shr__txn *t)
{
	struct shr__work *w = r->work;
	struct shr__op_row other;
	struct shr__hold_row from = { .object_id = w->op.object_id };
	struct holder h = { r, NULL };
	int rc;

	memset(&other, 0, sizeof other);
	other.id = w->op.after_op;
	rc = shr__txn_get(t, &shr__op_def, &other);
	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	if (rc == 0 && other.live)
		return 0;
	rc = shr__txn_scan(t, &shr__hold_def, 0, &from, 1, 1, 0, 1000, look_at_hold, &h);
	if (rc < 0)
		return rc; /* nobody knows: it goes on waiting */
	w->op.after_op = h.found ? h.found : "";
	return 0;
}

int shr__run_load(struct shr__txn *t, void *run, const struct shr_error **reterr)
{
	struct shr__run *r = run;
	struct shr__work *w = r->work;
	struct shr__op_row op;
	int rc;

	memset(&op, 0, sizeof op);
	op.id = r->id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc < 0)
		return rc;
	if (!op.live || strcmp(op.engine, r->core->engine_id) != 0)
		return SHR_EFENCED;
	w->op.version = op.version;
	w->op.cancel = op.cancel;
	w->op.epoch = op.epoch;
	atomic_store(&w->cancel, op.cancel ? SHR__CANCEL_ASKED : 0);
	if (w->op.after_op[0] && (rc = look_after(r, t)) < 0)
		return rc;
	rc = shr__work_refresh(w, t);
	return rc == SHR_EFENCED ? SHR_ESTATE : rc; /* what it was accepted for is gone, and it is not */
}

/* lib/flow/cut_off.c - ending what runs on a share from outside: for reset-state and force-delete */
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "model/errpack.h"

struct cut {
	struct shr__accept *a;
	int all;
	const char *why;
};

/* It has ended, as far as the store is concerned: its engine's next commit meets another version. */
static int end_op(struct shr__txn *t, struct shr__op_row *op, const struct cut *cut)
{
	struct shr__fail_parts parts = { .code = SHR_ECANCELLED, .retryable = 0, .message = cut->why };
	const struct shr_error *error = shr__error_new(&parts);
	struct shr__buf pack = { 0 };
	int rc;

	shr__error_pack(&pack, error);
	shr_error_unref(error);
	op->state = SHR_OP_CANCELLED;
	op->live = 0;
	op->ended_ns = op->updated_ns = cut->a->now_ns;
	op->error_code = SHR_ECANCELLED;
	op->error.p = pack.p;
	op->error.n = pack.n;
	rc = pack.failed ? SHR_ENOMEM : shr__txn_update(t, &shr__op_def, op, SHR__COL(op, state) | SHR__COL(op, live) |
		SHR__COL(op, ended_ns) | SHR__COL(op, updated_ns) | SHR__COL(op, error_code) | SHR__COL(op, error));
	shr__buf_clear(&pack);
	return rc;
}

static int drop_item(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__op_item_def, row);
}

/* What its slow calls left goes with it. */
static int drop_items(struct shr__txn *t, const char *op_id)
{
	struct shr__op_item_row items = { .op_id = op_id };
	int rc = shr__txn_scan(t, &shr__op_item_def, 0, &items, 1, 1, 0, 1000, drop_item, NULL);

	return rc < 0 ? rc : 0;
}

static int cut_one(struct shr__txn *t, const void *data, void *pcut)
{
	const struct shr__hold_row *hold = data;
	const struct cut *cut = pcut;
	struct shr__op_row op;
	int rc;

	memset(&op, 0, sizeof op);
	op.id = hold->op_id;
	rc = shr__txn_get(t, &shr__op_def, &op);
	if (rc == SHR_ENOTFOUND)
		return shr__txn_remove(t, &shr__hold_def, hold);
	if (rc < 0)
		return rc;
	if (strcmp(op.object_id, cut->a->object_id) != 0) /* another object's, that needs this one */
		return 0;
	if (!cut->all && !hold->exclusive) { /* it goes on under the new epoch */
		op.epoch = cut->a->share.epoch;
		return shr__txn_update(t, &shr__op_def, &op, SHR__COL(op, epoch));
	}
	rc = op.live ? end_op(t, &op, cut) : 0;
	if (rc == 0)
		rc = drop_items(t, hold->op_id);
	return rc < 0 ? rc : shr__holds_drop(t, &op);
}

int shr__instance_goes(struct shr__accept *a, struct shr__txn *t, uint32_t state)
{
	if (!a->instance.id || a->instance.state == state)
		return 0;
	a->instance.state = state;
	return shr__txn_update(t, &shr__instance_def, &a->instance, SHR__COL(instance, state));
}

int shr__cut_off(struct shr__accept *a, struct shr__txn *t, int all, const char *why, const struct shr_error **reterr)
{
	struct cut cut = { a, all, why };
	struct shr__hold_row from = { .object_id = a->object_id };
	int rc = shr__txn_scan(t, &shr__hold_def, 0, &from, 1, 1, 0, 1000, cut_one, &cut);

	return rc < 0 ? rc : 0;
}

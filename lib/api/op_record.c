/* lib/api/op_record.c - an operation's record from its row and its flow's table */
#include "api/ctx.h"

#include "base/record.h"
#include "flow/flow.h"
#include "model/errpack.h"

static int ended(const struct shr__op_row *row)
{
	return row->state == SHR_OP_SUCCEEDED || row->state == SHR_OP_FAILED || row->state == SHR_OP_CANCELLED;
}

/* NULL: a newer library's kind, or a damaged number. */
static const struct shr__flow *flow_of(const struct shr__op_row *row)
{
	if (row->kind_version < 0 || row->kind_version > UINT32_MAX)
		return NULL;
	return shr__flow_find(row->kind, (uint32_t)row->kind_version);
}

int shr__op_cancellable(const struct shr__op_row *row)
{
	const struct shr__flow *flow = flow_of(row);
	int step;

	if (!flow || ended(row) || row->undoing || row->cancel)
		return 0;
	step = shr__flow_step(flow, row->step);
	return step >= 0 && flow->steps[step].flags & SHR__STEP_CANCELLABLE;
}

static void put_numbers(const struct shr__op_row *row, struct shr_op *op)
{
	op->size = sizeof *op;
	op->state = (uint32_t)row->state;
	op->version = (uint64_t)row->version;
	op->percent = row->percent > 100 ? 100 : (uint32_t)row->percent;
	op->attempts = row->attempts > UINT32_MAX ? UINT32_MAX : (uint32_t)row->attempts;
	op->bytes_done = (uint64_t)row->bytes_done;
	op->bytes_total = (uint64_t)row->bytes_total;
	op->created_ns = row->created_ns;
	op->updated_ns = row->updated_ns;
	op->ended_ns = row->ended_ns;
}

static int put_texts(struct shr__arena *arena, const struct shr__op_row *row, struct shr_op *op)
{
	op->id = shr__arena_strdup(arena, row->id);
	op->kind = shr__arena_strdup(arena, row->kind);
	op->object = shr__arena_strdup(arena, row->object);
	op->object_id = shr__arena_strdup(arena, row->object_id);
	op->step = shr__arena_strdup(arena, row->step);
	op->project = shr__arena_strdup(arena, row->project);
	op->user = shr__arena_strdup(arena, row->user);
	op->request_id = shr__arena_strdup(arena, row->request_id);
	op->backend = shr__arena_strdup(arena, row->backend);
	op->engine = shr__arena_strdup(arena, row->engine_name);
	return op->id && op->kind && op->object && op->object_id && op->step && op->project && op->user && op->request_id &&
		op->backend && op->engine ? 0 : -1;
}

/* Why it failed or waits; one that was refused has a code at least. */
static int put_error(const struct shr__op_row *row, struct shr_op *op)
{
	int code = row->error_code < 0 && row->error_code >= INT32_MIN ? (int)row->error_code : 0;
	const struct shr_error *error;

	if (!code && (row->state == SHR_OP_FAILED || row->state == SHR_OP_CANCELLED))
		code = row->state == SHR_OP_CANCELLED ? SHR_ECANCELLED : SHR_ECORRUPT;
	if (!code && !row->error.n)
		return 0;
	error = shr__error_unpack(row->error.p, row->error.n, code, row->id);
	if (shr__record_own(op, error)) {
		shr__record_unref(error);
		return -1;
	}
	op->error = error;
	return 0;
}

const struct shr_op *shr__op_record(const struct shr__op_row *row, int n_steps, int step_number, int cancellable)
{
	struct shr__arena *arena;
	struct shr_op *op = shr__record_new(sizeof *op, &arena);

	if (!op)
		return NULL;
	put_numbers(row, op);
	op->n_steps = (uint32_t)n_steps;
	op->step_number = (uint32_t)step_number;
	op->cancellable = cancellable != 0;
	if (put_texts(arena, row, op) || put_error(row, op)) {
		shr__record_unref(op);
		return NULL;
	}
	return op;
}

const struct shr_op *shr__op_record_of(const struct shr__op_row *row)
{
	const struct shr__flow *flow = flow_of(row);
	int n_steps = flow ? (int)flow->n_steps : 0, number = 0;

	if (flow && row->state == SHR_OP_SUCCEEDED)
		number = n_steps;
	else if (flow && row->state != SHR_OP_QUEUED)
		number = shr__flow_step(flow, row->step) + 1;
	return shr__op_record(row, n_steps, number, shr__op_cancellable(row));
}

/* lib/flow/purge.c - forgetting old events and operations that have ended, a bite at a time */
#include "flow/purge.h"

#include "base/fail.h"

#define CHUNK 100
/* Should very many old operations still run, what ended behind them is kept for longer: a bite stays a bite. */
#define MOST_SEEN 10000u

struct purge {
	int64_t events_before, ops_before; /* wall clock */
	uint32_t limit;
	uint32_t n;    /* rows removed: operations count with their tokens and items as one */
	int more;
	uint32_t seen; /* operations looked at */
	struct shr__op_row last;
};

/* Events are numbered in the order of their commits: the first that is young enough ends it. */
static int take_event(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__event_row *event = row;
	struct purge *p = data;
	int rc;

	if (event->at_ns >= p->events_before)
		return 1;
	if (p->n == p->limit) {
		p->more = 1;
		return 1;
	}
	p->n++;
	rc = shr__txn_remove(t, &shr__event_def, row);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static int remove_token(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__token_def, row);
}

static int remove_item(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__op_item_def, row);
}

/* 0: it is gone; SHR_RUNNING: it has more items than one bite. */
static int remove_op(struct shr__txn *t, const struct shr__op_row *op)
{
	struct shr__token_row token = { .op_id = op->id };
	struct shr__op_item_row item = { .op_id = op->id };
	int rc = shr__txn_scan(t, &shr__op_item_def, SHR__I_op_item_pk, &item, 1, 1, 0, 1000, remove_item, NULL);

	if (rc == 1000)
		return SHR_RUNNING;
	if (rc >= 0)
		rc = shr__txn_scan(t, &shr__token_def, SHR__I_token_by_op, &token, 1, 1, 0, 1000, remove_token, NULL);
	if (rc == 1000)
		return SHR_RUNNING;
	return rc < 0 ? rc : shr__txn_remove(t, &shr__op_def, op);
}

/* Ids rise with the time of creation, so the old ones come first. Those of them that are kept run, or ran for long: few. */
static int take_op(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__op_row *op = row;
	struct purge *p = data;
	int rc;

	if (op->created_ns >= p->ops_before || ++p->seen > MOST_SEEN)
		return 1;
	p->last = *op;
	if (op->live || op->ended_ns >= p->ops_before)
		return 0;
	if (p->n == p->limit) {
		p->more = 1;
		return 1;
	}
	p->n++;
	rc = remove_op(t, op);
	if (rc == SHR_RUNNING)
		p->more = 1;
	return rc;
}

static int purge_ops(struct shr__txn *t, struct purge *p)
{
	uint32_t n_from = 0, before;
	int got;

	p->last = (struct shr__op_row){ 0 };
	p->seen = 0;
	do {
		before = p->seen;
		got = shr__txn_scan(t, &shr__op_def, SHR__I_op_pk, &p->last, n_from, 0, 0, CHUNK, take_op, p);
		n_from = 1;
	} while (got == CHUNK && !p->more && p->seen == before + CHUNK && p->seen < MOST_SEEN);
	return got < 0 ? got : 0;
}

static int purge_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__event_row from = { 0 };
	struct purge *p = data;
	int got;

	p->n = 0;
	p->more = 0;
	got = shr__txn_scan(t, &shr__event_def, SHR__I_event_pk, &from, 0, 0, 0, p->limit, take_event, p);
	if (got < 0)
		return got;
	if (p->n == p->limit) { /* the operations are for the next bite */
		p->more = 1;
		return 0;
	}
	return purge_ops(t, p);
}

static int64_t before(int64_t now_ns, int64_t keep_ms)
{
	int64_t keep_ns, at;

	if (__builtin_mul_overflow(keep_ms, INT64_C(1000000), &keep_ns) || __builtin_sub_overflow(now_ns, keep_ns, &at))
		return INT64_MIN;
	return at;
}

int shr__purge(const struct shr__env *env, int64_t now_ns, uint32_t limit, const struct shr_error **reterr)
{
	struct purge p = { .events_before = before(now_ns, env->config->keep_events_ms),
		.ops_before = before(now_ns, env->config->keep_operations_ms), .limit = limit };
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = purge_body, .data = &p, .arena = arena };
	int rc;

	if (!arena)
		return shr__fail_nomem(reterr);
	rc = shr__db_write(env->db, &job);
	shr__arena_free(arena);
	if (reterr)
		*reterr = job.error;
	else
		shr_error_unref(job.error);
	return rc < 0 ? rc : p.more ? SHR_RUNNING : 0;
}

/* tests/unit/store_rig.c - a store in memory whose calls fail, wait and are counted at will, and a db on it */
#include "store_rig.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int planned(struct rig *r, enum rig_call call)
{
	int code = 0;

	pthread_mutex_lock(&r->lock);
	r->calls[call]++;
	if (r->fail[call].n) {
		r->fail[call].n--;
		code = r->fail[call].code;
	}
	pthread_mutex_unlock(&r->lock);
	return code;
}

static int rig_prepare(void *st, const struct shr_schema *want, uint32_t *ret_generation)
{
	struct rig *r = st;

	return r->inner->ops->prepare(r->inner->st, want, ret_generation);
}

static int rig_begin(void *st, uint32_t flags, void **ret_txn)
{
	struct rig *r = st;
	int rc = planned(r, flags & SHR_TXN_WRITE ? RIG_BEGIN_WRITE : RIG_BEGIN_READ);

	return rc ? rc : r->inner->ops->begin(r->inner->st, flags, ret_txn);
}

static void wait_at_gate(struct rig *r)
{
	pthread_mutex_lock(&r->lock);
	r->n_at_gate++;
	pthread_cond_broadcast(&r->cond);
	while (r->gate && !r->n_passed)
		pthread_cond_wait(&r->cond, &r->lock);
	if (r->n_passed)
		r->n_passed--;
	r->n_at_gate--;
	pthread_mutex_unlock(&r->lock);
}

static int rig_commit(void *st, void *txn)
{
	struct rig *r = st;
	int rc, lose;

	wait_at_gate(r);
	rc = planned(r, RIG_COMMIT);
	lose = r->lose[0];
	r->lose[0] = r->lose[1];
	r->lose[1] = RIG_AS_IT_IS;
	if (rc || lose == RIG_LOSE_NOT_DONE) {
		r->inner->ops->rollback(r->inner->st, txn);
		return rc ? rc : SHR_EUNKNOWN;
	}
	rc = r->inner->ops->commit(r->inner->st, txn);
	return lose == RIG_LOSE_DONE ? SHR_EUNKNOWN : rc;
}

static void rig_rollback(void *st, void *txn)
{
	struct rig *r = st;

	r->inner->ops->rollback(r->inner->st, txn);
}

static int rig_mark(void *st, void *txn)
{
	struct rig *r = st;
	int rc = planned(r, RIG_MARK);

	return rc ? rc : r->inner->ops->mark(r->inner->st, txn);
}

static int rig_keep(void *st, void *txn)
{
	struct rig *r = st;

	return r->inner->ops->keep(r->inner->st, txn);
}

static int rig_back(void *st, void *txn)
{
	struct rig *r = st;
	int rc = planned(r, RIG_BACK);

	return rc ? rc : r->inner->ops->back(r->inner->st, txn);
}

static int rig_get(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, shr_row_fn *fn,
	void *data)
{
	struct rig *r = st;
	int rc = planned(r, RIG_GET);

	return rc ? rc : r->inner->ops->get(r->inner->st, txn, table, key, n_key, fn, data);
}

static int rig_insert(void *st, void *txn, uint32_t table, const struct shr_cell *cells, uint32_t n_cells, uint32_t flags)
{
	struct rig *r = st;
	int rc = planned(r, RIG_INSERT);

	if (!rc && r->full && table == shr__metadata_def.table->number && cells[0].len == strlen(r->full) &&
	    !memcmp(cells[0].p, r->full, cells[0].len))
		rc = SHR_ENOSPC;
	return rc ? rc : r->inner->ops->insert(r->inner->st, txn, table, cells, n_cells, flags);
}

static int rig_update(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect,
	const struct shr_cell *cells, uint32_t n_cells)
{
	struct rig *r = st;

	return r->inner->ops->update(r->inner->st, txn, table, key, n_key, expect, cells, n_cells);
}

static int rig_add(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, uint32_t column,
	int64_t delta, int64_t lowest, int64_t highest, int64_t *ret_value)
{
	struct rig *r = st;
	int rc = planned(r, RIG_ADD);

	return rc ? rc : r->inner->ops->add(r->inner->st, txn, table, key, n_key, column, delta, lowest, highest, ret_value);
}

static int rig_remove(void *st, void *txn, uint32_t table, const struct shr_cell *key, uint32_t n_key, int64_t expect)
{
	struct rig *r = st;

	return r->inner->ops->remove(r->inner->st, txn, table, key, n_key, expect);
}

static int rig_scan(void *st, void *txn, uint32_t table, uint32_t index, const struct shr_cell *from, uint32_t n_from,
	uint32_t n_prefix, uint32_t flags, uint32_t limit, shr_row_fn *fn, void *data)
{
	struct rig *r = st;

	return r->inner->ops->scan(r->inner->st, txn, table, index, from, n_from, n_prefix, flags, limit, fn, data);
}

static int rig_changes(void *st, uint64_t *ret_changes)
{
	struct rig *r = st;

	return r->inner->ops->changes(r->inner->st, ret_changes);
}

static void rig_message(void *st, char *buf, uint64_t room)
{
	(void)st;
	strncpy(buf, "the rig's words", room);
}

static void rig_gone(void *st)
{
	struct rig *r = st;

	r->inner->ops->close(r->inner->st);
	r->closed = 1;
}

static const struct shr_store_ops rig_ops = {
	.abi = SHR_STORE_ABI, .size = sizeof(struct shr_store_ops), .name = "rig", .prepare = rig_prepare, .begin = rig_begin,
	.commit = rig_commit, .rollback = rig_rollback, .mark = rig_mark, .keep = rig_keep, .back = rig_back, .get = rig_get,
	.insert = rig_insert, .update = rig_update, .add = rig_add, .remove = rig_remove, .scan = rig_scan,
	.changes = rig_changes, .message = rig_message, .close = rig_gone,
};

void rig_open(struct rig *r)
{
	const struct shr_error *error = NULL;

	memset(r, 0, sizeof *r);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->cond, NULL);
	r->m = memkv_new();
	ck_assert_ptr_nonnull(r->m);
	ck_assert_int_eq(memkv_store(r->m, &r->inner, &error), 0);
	r->store.ops = &rig_ops;
	r->store.st = r;
	ck_assert_int_eq(shr__db_open(&r->store, &r->db, &error), 0);
	memset(r->calls, 0, sizeof r->calls);
}

void rig_close(struct rig *r)
{
	shr__db_close(r->db);
	ck_assert_int_eq(r->closed, 1);
	memkv_free(r->m);
	pthread_cond_destroy(&r->cond);
	pthread_mutex_destroy(&r->lock);
}

void rig_shut(struct rig *r)
{
	pthread_mutex_lock(&r->lock);
	r->gate = 1;
	pthread_mutex_unlock(&r->lock);
}

void rig_wait_at_gate(struct rig *r)
{
	pthread_mutex_lock(&r->lock);
	while (!r->n_at_gate)
		pthread_cond_wait(&r->cond, &r->lock);
	pthread_mutex_unlock(&r->lock);
}

void rig_pass(struct rig *r, int n)
{
	pthread_mutex_lock(&r->lock);
	r->n_passed += n;
	pthread_cond_broadcast(&r->cond);
	pthread_mutex_unlock(&r->lock);
}

void rig_wait_queued(struct rig *r, unsigned n)
{
	const struct timespec ms = { 0, 1000000 };
	unsigned queued;

	for (;;) {
		queued = 0;
		pthread_mutex_lock(&r->db->lock);
		for (const struct shr__job *job = r->db->first; job; job = job->next)
			queued++;
		pthread_mutex_unlock(&r->db->lock);
		if (queued >= n)
			return;
		nanosleep(&ms, NULL);
	}
}

static int job_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct rig_job *j = data;
	struct shr__metadata_row row = { j->id, "key", "value", "share" };
	struct shr__event_row event = { .project = "p", .kind = "test", .object_id = j->id, .text = "words" };
	int rc;

	j->runs++;
	if (j->early)
		return shr__fail_do(reterr, j->early, "Do not.", "%s refuses", j->id);
	rc = shr__txn_insert(t, &shr__metadata_def, &row);
	for (int i = 0; !rc && i < j->n_events; i++) {
		event.object_version = i;
		rc = shr__txn_event(t, &event);
	}
	if (!rc && j->refuse)
		rc = shr__fail_do(reterr, j->refuse, "Do not.", "%s refuses", j->id);
	return rc;
}

void rig_job(struct rig *r, struct rig_job *j, const char *id)
{
	memset(j, 0, sizeof *j);
	j->rig = r;
	j->id = id;
	j->job.body = job_body;
	j->job.data = j;
	j->job.arena = shr__arena_new();
	ck_assert_ptr_nonnull(j->job.arena);
}

int rig_job_settle(struct shr__txn *t, void *data)
{
	const struct rig_job *j = data;
	struct shr__metadata_row row = { .object_id = j->id, .key = "key" };
	int rc = shr__txn_get(t, &shr__metadata_def, &row);

	return rc == SHR_ENOTFOUND ? 0 : rc ? rc : 1;
}

static void *run_job(void *data)
{
	struct rig_job *j = data;
	int result = shr__db_write(j->rig->db, &j->job);

	pthread_mutex_lock(&j->rig->lock);
	j->result = result;
	j->answered = 1;
	pthread_mutex_unlock(&j->rig->lock);
	return NULL;
}

void rig_start(struct rig_job *j)
{
	ck_assert_int_eq(pthread_create(&j->thread, NULL, run_job, j), 0);
}

void rig_join(struct rig_job *j)
{
	pthread_join(j->thread, NULL);
	ck_assert_int_eq(j->result, j->job.result);
}

void rig_job_free(struct rig_job *j)
{
	shr__arena_free(j->job.arena);
	shr_error_unref(j->job.error);
}

int rig_answered(struct rig_job *j)
{
	int answered;

	pthread_mutex_lock(&j->rig->lock);
	answered = j->answered;
	pthread_mutex_unlock(&j->rig->lock);
	return answered;
}

struct looking {
	const char *id;
	int64_t *seqs;
	int n, room;
};

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct looking *l = data;
	struct shr__metadata_row row = { .object_id = l->id, .key = "key" };
	int rc = shr__txn_get(t, &shr__metadata_def, &row);

	(void)reterr;
	l->n = !rc;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static int read_body(struct rig *r, shr__body_fn *body, struct looking *l)
{
	struct shr__arena *arena = shr__arena_new();
	const struct shr_error *error = NULL;

	ck_assert_ptr_nonnull(arena);
	ck_assert_int_eq(shr__db_read(r->db, arena, body, l, &error), 0);
	shr__arena_free(arena);
	return l->n;
}

int rig_has(struct rig *r, const char *id)
{
	struct looking l = { id, NULL, 0, 0 };

	return read_body(r, look_body, &l);
}

static int event_row(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__event_row *event = row;
	struct looking *l = data;

	(void)t;
	if (l->n == l->room)
		return 1;
	l->seqs[l->n++] = event->seq;
	return 0;
}

static int events_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__event_row from = { 0 };
	struct looking *l = data;
	int rc;

	(void)reterr;
	l->n = 0;
	do {
		rc = shr__txn_scan(t, &shr__event_def, 0, &from, l->n ? 1 : 0, 0, 0, 1000, event_row, l);
		from.seq = l->n ? l->seqs[l->n - 1] : 0;
	} while (rc == 1000 && l->n < l->room);
	return rc < 0 ? rc : 0;
}

int rig_events(struct rig *r, int64_t *seqs, int room)
{
	struct looking l = { NULL, seqs, 0, room };

	return read_body(r, events_body, &l);
}

/* tests/unit/store_nomem.c - every allocation of the writer and of the key-value adapter fails once */
#include "fault/fault.h"
#include "store_rig.h"
#include "unit.h"

static int few_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__metadata_row row = { data, "key", "value", "share" };
	struct shr__lock_row lock = { .object_id = data, .holder = "h", .version = 1 };
	struct shr__event_row event = { .project = "p", .kind = "test", .object_id = data, .text = "words" };
	int rc = shr__txn_insert(t, &shr__metadata_def, &row);

	if (!rc)
		rc = shr__txn_insert(t, &shr__lock_def, &lock);
	if (!rc)
		rc = shr__txn_get(t, &shr__lock_def, &lock);
	if (!rc)
		rc = shr__txn_update(t, &shr__lock_def, &lock, SHR__COL(lock, count) | SHR__COL(lock, reason));
	if (!rc)
		rc = shr__txn_event(t, &event);
	if (!rc && !strcmp(data, "c"))
		rc = shr__fail(reterr, SHR_ESTATE, "it refuses");
	return rc;
}

static int count_row(struct shr__txn *t, const void *row, void *data)
{
	(void)t, (void)row;
	++*(int *)data;
	return 0;
}

static int count_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__event_row from = { 0 };
	int rc;

	(void)reterr;
	*(int *)data = 0;
	rc = shr__txn_scan(t, &shr__event_def, 1, &from, 0, 0, 0, 1000, count_row, data);
	return rc < 0 ? rc : 0;
}

static void done(struct shr__job *job)
{
	(void)job;
}

/* Three jobs in one commit, one of which refuses. How many were done; what failed, failed for want of memory. */
static int commit_three(struct shr__db *db, struct shr__arena *arena)
{
	static char ids[3][2] = { "a", "b", "c" };
	struct shr__job jobs[3];
	int n = 0;

	for (int i = 0; i < 3; i++) {
		jobs[i] = (struct shr__job){ .body = few_body, .data = ids[i], .arena = arena, .done = done };
		shr__db_submit(db, &jobs[i]);
	}
	ck_assert_int_eq(shr__db_lead(db), 3);
	for (int i = 0; i < 3; i++) {
		if (jobs[i].result != SHR_ENOMEM)
			ck_assert_int_eq(jobs[i].result, i == 2 ? SHR_ESTATE : 0);
		ck_assert_int_eq(jobs[i].result < 0, jobs[i].error != NULL);
		n += !jobs[i].result;
		shr_error_unref(jobs[i].error);
	}
	return n;
}

static void go(struct memkv *m)
{
	const struct shr_error *error = NULL;
	struct shr__arena *arena = shr__arena_new();
	struct shr_store *store = NULL;
	struct shr__db *db = NULL;
	int rc = arena ? memkv_store(m, &store, &error) : SHR_ENOMEM, n_done, n = 0;

	if (!rc)
		rc = shr__db_open(store, &db, &error);
	if (rc) {
		ck_assert_int_eq(rc, SHR_ENOMEM);
		shr_error_unref(error);
		shr_store_free(store);
		shr__arena_free(arena);
		return;
	}
	n_done = commit_three(db, arena);
	rc = shr__db_read(db, arena, count_body, &n, &error);
	if (rc)
		ck_assert_int_eq(rc, SHR_ENOMEM);
	else
		ck_assert_int_eq(n, n_done); /* an event for each that was done, and for no other */
	shr_error_unref(error);
	error = NULL;
	if (!shr__db_check(db, 1, &error) || error->code == SHR_ENOMEM)
		shr_error_unref(error);
	else
		ck_abort_msg("%s", error->message);
	shr__db_close(db);
	shr__arena_free(arena);
}

START_TEST(no_memory_is_an_answer)
{
	long live = shr__fault_live(), rounds = 0;

	for (FAULT_WALK(n)) {
		struct memkv *m = memkv_new();

		ck_assert_ptr_nonnull(m);
		go(m);
		memkv_free(m);
		rounds = n;
		ck_assert_int_eq(shr__fault_live(), live);
	}
	ck_assert_int_gt(rounds, 50);
}
END_TEST

UNIT_MAIN(store_nomem, no_memory_is_an_answer)

/* lib/api/lock_read.c - who keeps a share or a rule */
#include "api/actions.h"
#include "api/share_facts.h"
#include "model/check.h"

/* A share, or a rule and its share. */
struct listing {
	struct shr__walk w;
	const char *object_id;
	struct shr__share_row share;
};

static int keep_first(struct shr__txn *t, const void *row, void *data)
{
	*(const char **)data = ((const struct shr__rule_row *)row)->share_id;
	return 1;
}

static int list_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct listing *l = data;
	struct shr__rule_row rule = { .id = l->object_id };
	const char *share_id = l->object_id;
	int rc;

	l->share.id = share_id;
	rc = shr__txn_get(t, &shr__share_def, &l->share);
	if (rc == SHR_ENOTFOUND) {
		rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_id, &rule, 1, 1, 0, 1, keep_first, &share_id);
		l->share.id = share_id;
		if (rc >= 0)
			rc = rc ? shr__txn_get(t, &shr__share_def, &l->share) : SHR_ENOTFOUND;
	}
	if (rc == SHR_ENOTFOUND)
		return shr__no_such("share or rule", l->object_id, reterr);
	return rc ? rc : shr__walk_in(&l->w, t, reterr);
}

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	int rc = shr__row_check(&shr__lock_def, row, 0, SHR__COL(lock, count), w->reterr);

	if (rc)
		return rc;
	*ret_item = shr__arena_memdup(w->arena, row, sizeof(struct shr__lock_row));
	return *ret_item ? 1 : SHR_ENOMEM;
}

static const void *make_lock(const void *item, void *data)
{
	const struct shr__lock_row *row = item;
	struct shr__arena *arena;
	struct shr_lock *lock = shr__record_new(sizeof *lock, &arena);

	if (!lock)
		return NULL;
	lock->size = sizeof *lock;
	lock->count = (uint32_t)row->count;
	lock->created_ns = row->created_ns;
	lock->object = shr__arena_strdup(arena, row->object);
	lock->object_id = shr__arena_strdup(arena, row->object_id);
	lock->holder = shr__arena_strdup(arena, row->holder);
	lock->reason = shr__arena_strdup(arena, row->reason);
	lock->project = shr__arena_strdup(arena, row->project);
	lock->user = shr__arena_strdup(arena, row->user);
	if (!lock->object || !lock->object_id || !lock->holder || !lock->reason || !lock->project || !lock->user) {
		shr__record_unref(lock);
		return NULL;
	}
	return lock;
}

static int list_locks(struct shr_session *s, struct listing *l, const struct shr__list *params, const void **ret_page,
	const struct shr_error **reterr)
{
	struct shr__lock_row from = { .object_id = l->object_id };
	int rc = shr__walk_open(&l->w, s, &shr__lock_def, SHR__I_lock_pk, &from, 1, 0, params, reterr);

	l->w.take = take;
	if (!rc)
		rc = shr__db_read(s->ctx->env.db, l->w.arena, list_body, l, reterr);
	if (!rc)
		rc = shr__authorise(s, SHR__ACTION_LOCK_LIST, "share or rule", l->share.project, l->object_id, reterr);
	return rc ? rc : shr__walk_page(&l->w, make_lock, NULL, ret_page, reterr);
}

int shr_lock_list(struct shr_session *session, const char *object_id, const struct shr_list_params *list,
	const struct shr_lock_page **ret_page, const struct shr_error **reterr)
{
	struct listing l = { .object_id = object_id };
	struct shr__list params;
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__id_check(object_id, "object_id", reterr);
	if (rc)
		return rc;
	rc = list_locks(session, &l, &params, &page, reterr);
	shr__walk_close(&l.w);
	if (!rc)
		*ret_page = page;
	return rc;
}

/* lib/api/snapshot_read.c - one snapshot, and lists of them */
#include <string.h>

#include "api/actions.h"
#include "api/share_facts.h"
#include "base/fail.h"
#include "base/params.h"
#include "libshare/snapshot.h"
#include "model/check.h"

static void put_numbers(const struct shr__share_facts *f, struct shr_snapshot *s)
{
	const struct shr__share_row *row = &f->share;

	s->size = sizeof *s;
	s->state = (uint32_t)row->state;
	s->version = (uint64_t)row->version;
	s->bytes = (uint64_t)row->bytes;
	s->protocols = (uint64_t)row->protocols;
	s->created_ns = row->created_ns;
	s->updated_ns = row->updated_ns;
	s->cut_ns = row->cut_ns;
	s->ready_ns = row->ready_ns;
	s->access_revision = (uint64_t)row->access_revision;
	s->access_applied = (uint64_t)shr__access_applied(&f->instances);
	s->n_rules = (uint64_t)row->n_rules;
	s->n_shares = (uint64_t)row->n_children;
	s->access = row->snapshot_access ? (uint32_t)row->snapshot_access : SHR_SNAPSHOT_ACCESS_NONE;
}

static int put_texts(struct shr__arena *arena, const struct shr__share_facts *f, struct shr_snapshot *s)
{
	const struct shr__share_row *row = &f->share;
	const struct shr__instance_row *first = f->instances.n ? f->instances.rows : NULL;

	s->id = shr__arena_strdup(arena, row->id);
	s->project = shr__arena_strdup(arena, row->project);
	s->share_id = shr__arena_strdup(arena, row->parent);
	s->name = shr__arena_strdup(arena, row->name);
	s->description = shr__arena_strdup(arena, row->description);
	s->backend = shr__arena_strdup(arena, first ? first->backend : NULL);
	s->pool = shr__arena_strdup(arena, first ? first->pool : NULL);
	s->op_id = shr__arena_strdup(arena, row->op_id);
	s->reason = shr__arena_strdup(arena, row->reason);
	return s->id && s->project && s->share_id && s->name && s->description && s->backend && s->pool && s->op_id &&
		s->reason ? 0 : -1;
}

/* Its exports are shown while it is exported; a driver that exports by itself has a place for it in any case. */
static const struct shr_snapshot *make_record(const struct shr__share_facts *f, int show_admin)
{
	struct shr__arena *arena;
	struct shr_snapshot *s = shr__record_new(sizeof *s, &arena);
	int bad;

	if (!s)
		return NULL;
	put_numbers(f, s);
	bad = put_texts(arena, f, s) || shr__pairs_copy(arena, &f->metadata, &s->metadata, &s->n_metadata) ||
		shr__exports_record(arena, f, show_admin, &s->exports, &s->n_exports);
	if (!bad && s->access == SHR_SNAPSHOT_ACCESS_NONE)
		s->n_exports = 0;
	if (bad) {
		shr__record_unref(s);
		return NULL;
	}
	return s;
}

static const void *make_one(const struct shr__share_facts *f, int show_admin)
{
	return make_record(f, show_admin);
}

int shr_snapshot_get(struct shr_session *session, const char *snapshot_id, const struct shr_snapshot **ret_snapshot,
	const struct shr_error **reterr)
{
	static const struct shr__facts_kind kind = { "snapshot", "snapshot_id", "ret_snapshot", "snapshot:get",
		shr__snapshot_find, make_one };
	int rc;
	const void *snapshot = shr__facts_get(session, &kind, snapshot_id, ret_snapshot, &rc, reterr);

	if (!rc)
		*ret_snapshot = snapshot;
	return rc;
}

/* ---- lists ---- */

struct listing {
	struct shr_snapshot_filter filter;
	int admin_exports;      /* some were seen */
	int show_admin_exports;
};

static int passes(const struct shr__walk *w, const struct shr__share_row *row)
{
	const struct listing *l = w->data;

	if (!w->list.all && strcmp(row->project, w->session->project) != 0)
		return 0;
	if (l->filter.state && row->state != (int64_t)l->filter.state)
		return 0;
	if (l->filter.share_id && strcmp(row->parent, l->filter.share_id) != 0)
		return 0;
	return !l->filter.name || !strcmp(row->name, l->filter.name);
}

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	struct listing *l = w->data;
	struct shr__share_facts *f;
	int rc;

	if (!passes(w, row))
		return 0;
	f = shr__arena_alloc(w->arena, sizeof *f);
	if (!f)
		return SHR_ENOMEM;
	f->share = *(const struct shr__share_row *)row;
	rc = shr__row_check(&shr__snapshot_def, row, 0, SHR__COL(share, state) | SHR__COL(share, snapshot_access), w->reterr);
	if (!rc)
		rc = shr__snapshot_revision(t, &f->share);
	if (!rc)
		rc = shr__share_facts_read(t, f, w->reterr);
	if (rc)
		return rc;
	l->admin_exports |= f->admin_exports;
	*ret_item = f;
	return 1;
}

/* The index that leaves the least to look at. */
static int open_list(struct shr__walk *w, struct shr_session *s, const struct shr_snapshot_filter *f, const struct shr__list *list,
	const struct shr_error **reterr)
{
	struct shr__share_row from = { .project = s->project, .name = f->name, .parent = f->share_id };
	int rc;

	if (f->share_id)
		rc = shr__walk_open(w, s, &shr__snapshot_def, SHR__I_snapshot_by_parent, &from, 1, 0, list, reterr);
	else if (f->name && !list->all)
		rc = shr__walk_open(w, s, &shr__snapshot_def, SHR__I_snapshot_by_name, &from, 2, 0, list, reterr);
	else if (list->all)
		rc = shr__walk_open(w, s, &shr__snapshot_def, SHR__I_snapshot_pk, &from, 0, 0, list, reterr);
	else
		rc = shr__walk_open(w, s, &shr__snapshot_def, SHR__I_snapshot_by_project, &from, 1, 0, list, reterr);
	w->take = take;
	return rc;
}

static const void *make_snapshot(const void *item, void *data)
{
	return make_record(item, ((const struct listing *)data)->show_admin_exports);
}

int shr_snapshot_list(struct shr_session *session, const struct shr_snapshot_filter *filter, const struct shr_list_params *list,
	const struct shr_snapshot_page **ret_page, const struct shr_error **reterr)
{
	struct listing l = { 0 };
	struct shr__list params;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__list_begin(session, list, ret_page, &params, reterr);

	if (!rc)
		rc = shr__params_copy(filter, "shr_snapshot_filter", SHR__LEAST(shr_snapshot_filter, name), &l.filter, sizeof l.filter,
			reterr);
	if (!rc && l.filter.share_id)
		rc = shr__id_check(l.filter.share_id, "share_id", reterr);
	if (!rc)
		rc = shr__authorise(session, params.all ? SHR__ACTION_SNAPSHOT_LIST_ALL : SHR__ACTION_SNAPSHOT_LIST, "snapshot", "", "",
			reterr);
	if (!rc)
		rc = open_list(&w, session, &l.filter, &params, reterr);
	w.data = &l;
	if (!rc)
		rc = shr__walk_read(&w, reterr);
	if (!rc) {
		l.show_admin_exports = l.admin_exports && !shr__allowed(session, SHR__ACTION_EXPORT_ADMIN, "", "");
		rc = shr__walk_page(&w, make_snapshot, &l, &page, reterr);
	}
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

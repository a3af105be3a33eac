/* lib/flow/access_diff.c - the difference between two revisions of a share's rules, and the full set in pages */
#include "flow/access_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "libshare/access.h"

#define PAGE 500

static int add_row(struct shr__txn *t, const void *data, void *pdata)
{
	struct shr__work *w = pdata;
	struct shr__sync *s = w->sync;
	const struct shr__rule_row *row = data;
	struct shr__change *c;

	if (s->n == s->room) {
		uint32_t room = s->room ? 2 * s->room : 8;
		struct shr__change *more = shr__arena_alloc(w->arena, room * sizeof *more);

		if (!more)
			return SHR_ENOMEM;
		if (s->n)
			memcpy(more, s->changes, s->n * sizeof *more);
		s->changes = more;
		s->room = room;
	}
	c = &s->changes[s->n++];
	memset(c, 0, sizeof *c);
	c->id = row->id;
	c->is = *row; /* for now: merge() finds out what it is */
	return 0;
}

/* All rows of an index of rules behind REVISION; the rows end up in w->sync->changes. */
static int scan_behind(struct shr__work *w, struct shr__txn *t, uint32_t index, int64_t revision)
{
	struct shr__rule_row from = { .share_id = shr__rules_id(w), .id = "", .revision = revision, .gone = revision };
	uint32_t n_from = 2;
	int rc;

	for (;;) {
		uint32_t before = w->sync->n;

		rc = shr__txn_scan(t, &shr__rule_def, index, &from, n_from, 1, 0, PAGE, add_row, w);
		if (rc < PAGE)
			return rc < 0 ? rc : 0;
		from = w->sync->changes[before + PAGE - 1].is;
		n_from = index == SHR__I_rule_by_revision ? 3 : 4; /* by_gone: then the key's revision */
	}
}

static int newest_row(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

struct refused {
	struct shr__work *w;
	struct shr__rule_fault_row last; /* that was looked at */
};

/* A removal that was refused before is told again. */
static int add_refused_removal(struct shr__txn *t, const void *data, void *pdata)
{
	struct refused *r = pdata;
	struct shr__work *w = r->w;
	const struct shr__rule_fault_row *fault = data;
	struct shr__rule_row from = { .share_id = shr__rules_id(w), .id = fault->rule_id }, row = { 0 };
	int rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &from, 2, 2, SHR_SCAN_BACKWARDS, 1, newest_row, &row);

	r->last = *fault;
	if (rc <= 0 || !row.gone || row.gone > w->sync->from)
		return rc < 0 ? rc : 0;
	return add_row(t, &row, w);
}

static int by_id_and_revision(const void *pa, const void *pb)
{
	const struct shr__change *a = pa, *b = pb;
	int c = strcmp(a->id, b->id);

	return c ? c : (a->is.revision > b->is.revision) - (a->is.revision < b->is.revision);
}

/* Rows to changes: what held at `from`, what holds at `to`. A rule that came and went between may have been told by a call
 * whose commit never came: it is taken away. */
static void merge(struct shr__sync *s)
{
	uint32_t out = 0;

	if (s->n)
		qsort(s->changes, s->n, sizeof *s->changes, by_id_and_revision);
	for (uint32_t i = 0; i < s->n;) {
		struct shr__change c = { .id = s->changes[i].id };
		uint32_t j = i;

		for (; j < s->n && strcmp(s->changes[j].id, c.id) == 0; j++) {
			const struct shr__rule_row *row = &s->changes[j].is;

			if (row->revision > s->to)
				continue; /* a later batch's */
			if (row->gone > c.gone && row->gone <= s->to)
				c.gone = row->gone;
			if (row->revision <= s->from)
				c.was = *row;
			if (row->revision <= s->to && (!row->gone || row->gone > s->to))
				c.is = *row;
			else if (!c.was.id)
				c.was = *row;
		}
		if (c.is.id && c.is.revision <= s->from)
			c.is.id = NULL, c.was.id = NULL; /* closed behind `to`: nothing of it belongs here */
		if (c.is.id || c.was.id)
			s->changes[out++] = c;
		i = j;
	}
	s->n = out;
}

static int add_refused_removals(struct shr__work *w, struct shr__txn *t)
{
	struct refused r = { w, { .instance_id = w->instance.id, .rule_id = "" } };
	uint32_t n_from = 1;
	int rc;

	do {
		rc = shr__txn_scan(t, &shr__rule_fault_def, 0, &r.last, n_from, 1, 0, PAGE, add_refused_removal, &r);
		n_from = 2;
	} while (rc == PAGE);
	return rc < 0 ? rc : 0;
}

/* The rows between what the instance was told and TO, into w->sync. */
static int read_rows(struct shr__work *w, struct shr__txn *t, int64_t to)
{
	struct shr__sync *s = w->sync;
	int rc;

	s->n = 0;
	s->from = w->instance.access_applied;
	s->to = to;
	if (s->to <= s->from)
		return 0;
	rc = scan_behind(w, t, SHR__I_rule_by_revision, s->from);
	if (rc == 0 && s->from > 0)
		rc = scan_behind(w, t, SHR__I_rule_by_gone, s->from);
	if (rc == 0 && w->instance.n_faults > 0)
		rc = add_refused_removals(w, t);
	return rc;
}

int shr__rules_revision(struct shr__work *w, struct shr__txn *t, int64_t *ret_revision)
{
	struct shr__share_row parent;
	int rc;

	*ret_revision = w->share.access_revision;
	if (!shr__rules_followed(w))
		return 0;
	memset(&parent, 0, sizeof parent);
	parent.id = w->share.parent;
	rc = shr__txn_get(t, &shr__share_def, &parent);
	*ret_revision = parent.access_revision;
	return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
}

/* W as it is now, and the newest revision of the rules that it has. */
static int refresh(struct shr__work *w, struct shr__txn *t, int64_t *ret_revision)
{
	int rc = shr__work_refresh(w, t);

	return rc < 0 ? rc : shr__rules_revision(w, t, ret_revision);
}

static int diff_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__work *w = data;
	int64_t to;
	int rc = refresh(w, t, &to);

	return rc < 0 ? rc : read_rows(w, t, to);
}

/* As the instance of W is told it: one that is only read has no rule that lets anybody write. */
static const struct shr_rule *rule_for(const struct shr__work *w, struct shr__arena *arena, const struct shr__rule_row *row)
{
	struct shr__rule_row told = *row;

	if (w->instance.flags & SHR_INSTANCE_READONLY)
		told.level = SHR_LEVEL_RO;
	return shr__rule_of(arena, &told);
}

const struct shr_rule *shr__rule_of(struct shr__arena *arena, const struct shr__rule_row *row)
{
	struct shr_rule *r = shr__arena_alloc(arena, sizeof *r);

	if (!r)
		return NULL;
	r->size = sizeof *r;
	r->type = (uint32_t)row->type;
	r->level = (uint32_t)row->level;
	r->squash = (uint32_t)row->squash;
	r->priority = (int32_t)row->priority;
	r->revision = (uint64_t)row->revision;
	r->created_ns = row->created_ns;
	r->updated_ns = row->updated_ns;
	r->id = row->id;
	r->share_id = row->share_id;
	r->who = row->who;
	r->reason = "";
	return r;
}

/* The diff as plugins see it: arrays of pointers, all in one call. */
static int make_diff(struct shr__work *w)
{
	struct shr__sync *s = w->sync;
	const struct shr_rule_change **list = shr__arena_alloc(w->arena, (s->n + 1) * sizeof *list);

	if (!list)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < s->n; i++) {
		struct shr__change *c = &s->changes[i];
		struct shr_rule_change *out = shr__arena_alloc(w->arena, sizeof *out);

		if (!out || (c->was.id && !(c->was_rule = rule_for(w, w->arena, &c->was))) ||
			(c->is.id && !(c->is_rule = rule_for(w, w->arena, &c->is))))
			return SHR_ENOMEM;
		out->size = sizeof *out;
		out->was = c->was_rule;
		out->is = c->is_rule;
		list[i] = out;
	}
	s->diff = (struct shr_access_diff){ .size = sizeof s->diff, .n_changes = s->n,
		.from_revision = s->from ? (uint64_t)(s->from + w->instance.access_base) : 0,
		.revision = (uint64_t)(s->to + w->instance.access_base), .changes = list };
	return 0;
}

static int read_diff(struct shr__work *w, shr__body_fn *body, void *data)
{
	w->sync = shr__arena_alloc(w->arena, sizeof *w->sync);
	if (!w->sync)
		return shr__work_fail(w, SHR_ENOMEM, "no memory");
	shr_error_unref(w->error);
	w->error = NULL;
	return shr__db_read(w->env->db, w->arena, body, data, &w->error);
}

static int finish_diff(struct shr__work *w)
{
	return make_diff(w) < 0 ? shr__work_fail(w, SHR_ENOMEM, "no memory for the rules of share %s", w->share.id) : 0;
}

/* One change a rule, of the rows that BODY reads. */
static int diff_merged(struct shr__work *w, shr__body_fn *body)
{
	int rc = read_diff(w, body, w);

	if (rc < 0)
		return rc;
	merge(w->sync);
	return finish_diff(w);
}

int shr__access_diff(struct shr__work *w)
{
	return diff_merged(w, diff_body);
}

/* ---- telling again ---- */

static int whole_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__work *w = data;
	int64_t to;
	int rc = refresh(w, t, &to);

	if (rc < 0)
		return rc;
	w->sync->n = 0;
	w->sync->whole = 1;
	w->sync->from = 0;
	w->sync->to = to;
	return scan_behind(w, t, SHR__I_rule_by_revision, 0);
}

int shr__access_diff_whole(struct shr__work *w)
{
	return diff_merged(w, whole_body);
}

static int gone_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__work *w = data;
	int64_t to;
	int rc = refresh(w, t, &to);

	if (rc < 0)
		return rc;
	w->sync->n = 0;
	w->sync->from = w->sync->to = to; /* no call has told it a later one */
	return scan_behind(w, t, SHR__I_rule_by_revision, 0);
}

/* One row a rule is enough; what it was never told it may be told to forget. */
int shr__access_diff_gone(struct shr__work *w)
{
	struct shr__sync *s;
	uint32_t out = 0;
	int rc = read_diff(w, gone_body, w);

	if (rc < 0)
		return rc;
	s = w->sync;
	if (s->n)
		qsort(s->changes, s->n, sizeof *s->changes, by_id_and_revision);
	for (uint32_t i = 0; i < s->n; i++) {
		if (i + 1 < s->n && strcmp(s->changes[i].id, s->changes[i + 1].id) == 0)
			continue;
		s->changes[out] = (struct shr__change){ .id = s->changes[i].id, .was = s->changes[i].is };
		out++;
	}
	s->n = out;
	return finish_diff(w);
}

struct some {
	struct shr__work *w;
	const char *const *ids;
	uint32_t n;
};

static int take_in_force(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__rule_row *rule = row;
	struct shr__work *w = data;

	if (rule->revision > w->sync->to || (rule->gone && rule->gone <= w->sync->to))
		return 0;
	return add_row(t, row, w);
}

static int some_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct some *some = data;
	struct shr__work *w = some->w;
	int rc = shr__work_refresh(w, t);

	w->sync->n = 0;
	w->sync->from = w->sync->to = w->instance.access_applied;
	for (uint32_t i = 0; rc >= 0 && i < some->n; i++) {
		struct shr__rule_row from = { .share_id = shr__rules_id(w), .id = some->ids[i] };
		struct shr__rule_fault_row fault = { .instance_id = w->instance.id, .rule_id = some->ids[i] };

		rc = w->instance.n_faults ? shr__txn_get(t, &shr__rule_fault_def, &fault) : SHR_ENOTFOUND;
		if (rc == SHR_ENOTFOUND)
			rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &from, 2, 2, 0, 100, take_in_force, w);
	}
	return rc < 0 ? rc : 0;
}

int shr__access_diff_some(struct shr__work *w, const char *const *ids, uint32_t n)
{
	struct some some = { w, ids, n };
	int rc = read_diff(w, some_body, &some);

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < w->sync->n; i++)
		w->sync->changes[i].was = w->sync->changes[i].is; /* it may be there, but otherwise */
	return finish_diff(w);
}

int shr__access_diff_none(struct shr__work *w)
{
	return shr__access_diff_some(w, NULL, 0);
}

int shr__access_diff_in(struct shr__work *w, struct shr__txn *t, int64_t to)
{
	int rc;

	w->sync = shr__arena_alloc(w->arena, sizeof *w->sync);
	if (!w->sync)
		return SHR_ENOMEM;
	rc = read_rows(w, t, to);
	if (rc == 0)
		merge(w->sync);
	return rc;
}

/* ---- the full set ---- */

struct pull {
	struct shr__work *w;
	const char *after;
	struct shr__rule_row *found;
	uint32_t room, n;
	char last[SHR__UUID_ROOM];
	int64_t last_revision;
};

static int look(struct shr__txn *t, const void *data, void *pdata)
{
	struct pull *p = pdata;
	const struct shr__rule_row *row = data;

	if (strlen(row->id) >= sizeof p->last)
		return SHR_ECORRUPT;
	memcpy(p->last, row->id, strlen(row->id) + 1);
	p->last_revision = row->revision;
	if (row->revision > p->w->sync->to || (row->gone && row->gone <= p->w->sync->to))
		return 0;
	p->found[p->n++] = *row;
	return p->n == p->room;
}

/* Most sets have few rows that are closed. */
static int pull_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct pull *p = data;
	struct shr__rule_row from = { .share_id = shr__rules_id(p->w), .id = p->after, .revision = INT64_MAX };
	uint32_t n_from = p->after[0] ? 3 : 1, limit;
	int rc;

	p->n = 0;
	do {
		limit = p->room - p->n + 3;
		rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &from, n_from, 1, 0, limit, look, p);
		from.id = p->last;
		from.revision = p->last_revision;
		n_from = 3;
	} while (rc == (int)limit && p->n < p->room);
	return rc < 0 ? rc : 0;
}

int shr__access_next(void *work, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	struct shr__work *w = work;
	struct pull p = { .w = w, .after = after_id, .room = room };
	int rc;

	p.found = shr__arena_alloc(arena, room * sizeof *p.found);
	if (!p.found)
		return SHR_ENOMEM;
	rc = shr__db_read(w->env->db, arena, pull_body, &p, NULL);
	for (uint32_t i = 0; rc >= 0 && i < p.n; i++) {
		ret[i] = rule_for(w, arena, &p.found[i]);
		rc = ret[i] ? 0 : SHR_ENOMEM;
	}
	return rc < 0 ? rc : (int)p.n;
}

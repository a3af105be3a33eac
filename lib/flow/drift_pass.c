/* lib/flow/drift_pass.c - looking at many shares without an operation for each: what of it needs one; and what is nobody's */
#include <stdio.h>
#include <string.h>

#include "flow/access_diff.h"
#include "flow/drift.h"
#include "libshare/event.h"

/* ---- a share ---- */

struct known {
	struct shr__work *w;
	uint32_t open, same; /* rows that are open; those of them that were found again */
};

static int count(struct shr__txn *t, const void *data, void *pknown)
{
	const struct shr__drift_row *row = data;
	struct known *k = pknown;
	const struct shr__drift *d = k->w->drift;

	if (row->state != SHR_DRIFT_OPEN)
		return 0;
	k->open++;
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i].what == (uint32_t)row->what && strcmp(d->list[i].item, row->item) == 0)
			k->same++;
	return 0;
}

static int known_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct known *k = data;
	struct shr__drift_row from = { .instance_id = k->w->instance.id };
	int rc;

	k->open = k->same = 0;
	rc = shr__txn_scan(t, &shr__drift_def, SHR__I_drift_pk, &from, 1, 1, 0, 1000, count, k);
	return rc < 0 ? rc : 0;
}

/* What cannot be repaired, and is recorded already, is no news. */
static int is_news(struct shr__work *w)
{
	struct known k = { .w = w };
	int rc = shr__db_read(w->env->db, w->arena, known_body, &k, NULL);

	if (rc < 0)
		return rc;
	return k.open != w->drift->n || k.same != w->drift->n ? SHR__DRIFT_NEEDED : 0;
}

int shr__drift_check(struct shr__work *w)
{
	int rc = w->step == 0 ? shr__drift_look(w) : 0;

	if (rc == 0) {
		w->step = 1;
		rc = shr__drift_look_export(w);
	}
	if (rc)
		return rc;
	if (w->drift->lost)
		return SHR__DRIFT_NEEDED;
	if (w->drift->n_rules) { /* those that were refused are missing rightly */
		rc = shr__access_diff_some(w, w->drift->rules, w->drift->n_rules);
		if (rc < 0 || w->sync->n)
			return rc < 0 ? rc : SHR__DRIFT_NEEDED;
	}
	return is_news(w);
}

/* ---- things that nobody knows ---- */

static int say(struct shr__txn *t, const struct shr__drift_row *row)
{
	struct shr__event_row e = { .kind = "drift.found", .severity = SHR_EVENT_WARNING, .object = "backend",
		.object_id = row->backend, .at_ns = row->last_ns, .op_id = "", .project = "", .user = "", .request_id = "" };
	char text[500];

	snprintf(text, sizeof text, "%.380s is not known: %.80s", row->item, row->found);
	e.text = text;
	return shr__txn_event(t, &e);
}

int shr__drift_foreign(struct shr__txn *t, const char *backend, const char *item, const char *what, int64_t now_ns)
{
	struct shr__drift_row row = { .instance_id = "", .what = SHR_DRIFT_FOREIGN, .item = item };
	int rc = shr__txn_get(t, &shr__drift_def, &row), fresh = rc == SHR_ENOTFOUND, was_open;

	if (rc < 0 && !fresh)
		return rc;
	was_open = !fresh && row.state == SHR_DRIFT_OPEN;
	if (!was_open)
		row.first_ns = now_ns;
	row.instance_id = row.share_id = row.project = row.expected = row.op_id = "";
	row.item = item;
	row.backend = backend;
	row.found = what;
	row.state = SHR_DRIFT_OPEN;
	row.last_ns = now_ns;
	rc = fresh ? shr__txn_insert(t, &shr__drift_def, &row) : shr__txn_update(t, &shr__drift_def, &row, SHR__COL(drift, found) |
		SHR__COL(drift, state) | SHR__COL(drift, first_ns) | SHR__COL(drift, last_ns));
	return rc < 0 || was_open ? rc : say(t, &row);
}

struct settling {
	const char *pool;
	int64_t since_ns, now_ns, keep_ns;
};

static int settle(struct shr__txn *t, const void *data, void *psettling)
{
	struct shr__drift_row row = *(const struct shr__drift_row *)data;
	const struct settling *s = psettling;

	if (strncmp(row.item, s->pool, strlen(s->pool)) != 0)
		return 1; /* behind the pool's own */
	if (row.last_ns >= s->since_ns)
		return 0;
	if (row.state != SHR_DRIFT_OPEN)
		return s->now_ns - row.last_ns > s->keep_ns ? shr__txn_remove(t, &shr__drift_def, &row) : 0;
	row.state = SHR_DRIFT_SETTLED;
	row.last_ns = s->now_ns;
	return shr__txn_update(t, &shr__drift_def, &row, SHR__COL(drift, state) | SHR__COL(drift, last_ns));
}

int shr__drift_foreign_settle(struct shr__txn *t, const char *pool, int64_t since_ns, int64_t now_ns, int64_t keep_ms)
{
	struct shr__drift_row from = { .instance_id = "", .what = SHR_DRIFT_FOREIGN, .item = pool };
	struct settling s = { pool, since_ns, now_ns, keep_ms * 1000000 };
	int rc = shr__txn_scan(t, &shr__drift_def, SHR__I_drift_pk, &from, 3, 2, 0, 1000, settle, &s);

	return rc < 0 ? rc : 0;
}

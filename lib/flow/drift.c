/* lib/flow/drift.c - looking at what there really is of a share, and keeping what was found */
#include "flow/drift.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "flow/access_diff.h"
#include "flow/flows.h"
#include "libshare/event.h"

struct shr__drift *shr__drift_of(struct shr__work *w)
{
	if (!w->drift) {
		w->drift = shr__arena_alloc(w->arena, sizeof *w->drift);
		if (!w->drift)
			shr__work_fail(w, SHR_ENOMEM, "no memory");
	}
	return w->drift;
}

/* ---- looking ---- */

static void note(struct shr__drift *d, uint32_t what, const char *item, const char *expected, const char *found)
{
	if (d->n < SHR__DRIFT_MOST)
		d->list[d->n++] = (struct shr__drift_found){ what, 0, item ? item : "", expected ? expected : "", found ? found : "" };
}

static void forget_error(struct shr__work *w)
{
	shr_error_unref(w->error);
	w->error = NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Rules that were refused are looked at too, and found missing: that is known, and shr__access_diff_some() leaves them out. */
static int note_rules(struct shr__work *w, const struct shr__told *told)
{
	struct shr__drift *d = w->drift;

	for (uint32_t i = 0; i < told->n_found; i++)
		note(d, SHR_DRIFT_STRANGER, told->found[i].name, "", told->found[i].what);
	if (!told->n_rules)
		return 0;
	d->rules = shr__arena_alloc(w->arena, told->n_rules * sizeof *d->rules);
	if (!d->rules)
		return shr__work_fail(w, SHR_ENOMEM, "no memory");
	for (uint32_t i = 0; i < told->n_rules; i++)
		d->rules[d->n_rules++] = told->rules[i].rule_id;
	qsort(d->rules, d->n_rules, sizeof *d->rules, by_text);
	return 0;
}

static void note_size(struct shr__work *w, uint64_t bytes)
{
	uint64_t want = (uint64_t)w->share.bytes, most = (uint64_t)w->instance.bytes > want ? (uint64_t)w->instance.bytes : want;

	if (w->share.state != SHR_SHARE_AVAILABLE || (bytes >= want && bytes <= most))
		return; /* while it is being resized either is right */
	note(w->drift, SHR_DRIFT_SIZE, "", shr__arena_printf(w->arena, "%" PRIu64 " bytes", want),
		shr__arena_printf(w->arena, "%" PRIu64 " bytes", bytes));
}

/* A path that is another one now is the exporter's to take. */
static void note_path(struct shr__work *w, const char *path)
{
	if (path && w->instance.path[0] && strcmp(path, w->instance.path) != 0) {
		note(w->drift, SHR_DRIFT_PATH, "", w->instance.path, path);
		w->drift->lost = 1;
	} else {
		w->path = NULL;
	}
}

int shr__drift_call(struct shr__work *w, enum shr__verb verb, struct shr__told *told)
{
	struct shr__callargs args = { .rules = shr__access_next, .rules_data = w };
	int rc;

	shr__told_init(told, w->arena);
	rc = shr__access_diff_none(w);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? SHR_EFENCED : rc;
	rc = verb == SHR__VERB_LOOK && shr__flow_of_snapshots(w->flow) ? shr__work_snapshot_call(w, SHR__VERB_SNAP_LOOK, &args, told) :
		shr__work_call(w, verb, &args, told);
	w->sync = NULL;
	if (rc == SHR_EUNSUPPORTED) {
		forget_error(w);
		shr__told_init(told, w->arena);
		rc = 0;
	}
	return rc;
}

int shr__drift_look(struct shr__work *w)
{
	struct shr__drift *d = shr__drift_of(w);
	struct shr__told told;
	uint64_t bytes;
	int rc;

	if (!d)
		return SHR_ENOMEM;
	*d = (struct shr__drift){ .looked = 1 };
	rc = shr__drift_call(w, SHR__VERB_LOOK, &told);
	w->told_bytes = 0;
	if (rc == SHR_ENOTFOUND) {
		d->missing = 1;
		note(d, SHR_DRIFT_MISSING, "", w->instance.path, told.message);
		forget_error(w);
		return 0;
	}
	if (rc)
		return rc;
	if (!shr__flow_of_snapshots(w->flow) && shr__told_number(&told, w->instance.id, SHR_NUMBER_BYTES, &bytes))
		note_size(w, bytes);
	note_path(w, told.path);
	return note_rules(w, &told);
}

int shr__drift_look_export(struct shr__work *w)
{
	struct shr__drift *d = w->drift;
	struct shr__told told;
	int rc;

	if (d->missing || d->lost || (shr__flow_of_snapshots(w->flow) && !shr__snapshot_exported(&w->share)))
		return 0;
	rc = shr__drift_call(w, SHR__VERB_XLOOK, &told);
	if (rc == SHR_ENOTFOUND) {
		d->lost = 1;
		note(d, SHR_DRIFT_EXPORT, "", w->path ? w->path : w->instance.path, told.message);
		forget_error(w);
		return 0;
	}
	if (rc)
		return rc;
	return note_rules(w, &told);
}

/* ---- rows ---- */

static int say(struct shr__work *w, struct shr__txn *t, const struct shr__drift_row *row, const char *kind)
{
	struct shr__event_row e = { .kind = kind, .severity = row->state == SHR_DRIFT_OPEN ? SHR_EVENT_WARNING : SHR_EVENT_INFO,
		.object = "share", .object_id = row->share_id, .object_version = w->share.version, .at_ns = w->wall_ns,
		.op_id = w->op.id, .project = row->project, .user = w->op.user, .request_id = w->op.request_id };
	char text[400];

	snprintf(text, sizeof text, "share \"%.100s\": %s%s%.60s: %s%.150s", w->share.name, shr_drift_name((uint32_t)row->what),
		row->item[0] ? " " : "", row->item, row->state == SHR_DRIFT_OPEN ? "" : "put back: ", row->found);
	e.text = text;
	return shr__txn_event(t, &e);
}

/* An event when it is seen first or again after it was right, and when it was put right; not with each look. */
static int save_one(struct shr__work *w, struct shr__txn *t, const struct shr__drift_found *f)
{
	struct shr__drift_row row = { .instance_id = w->instance.id, .what = f->what, .item = f->item };
	int rc = shr__txn_get(t, &shr__drift_def, &row), fresh = rc == SHR_ENOTFOUND;
	int64_t was = fresh ? 0 : row.state;

	if (rc < 0 && !fresh)
		return rc;
	if (fresh || was != SHR_DRIFT_OPEN)
		row.first_ns = w->wall_ns;
	row.instance_id = w->instance.id;
	row.item = f->item;
	row.state = f->repaired ? SHR_DRIFT_REPAIRED : SHR_DRIFT_OPEN;
	row.share_id = w->share.id;
	row.project = w->share.project;
	row.backend = w->instance.backend;
	row.expected = f->expected;
	row.found = f->found;
	row.last_ns = w->wall_ns;
	row.op_id = w->op.id;
	rc = fresh ? shr__txn_insert(t, &shr__drift_def, &row) : shr__txn_update(t, &shr__drift_def, &row,
		SHR__COL(drift, state) | SHR__COL(drift, share_id) | SHR__COL(drift, project) | SHR__COL(drift, backend) |
		SHR__COL(drift, expected) | SHR__COL(drift, found) | SHR__COL(drift, first_ns) | SHR__COL(drift, last_ns) |
		SHR__COL(drift, op_id));
	if (rc == 0 && was != SHR_DRIFT_OPEN)
		rc = say(w, t, &row, "drift.found");
	if (rc == 0 && row.state == SHR_DRIFT_REPAIRED)
		rc = say(w, t, &row, "drift.repaired");
	return rc;
}

static int is_found(const struct shr__drift *d, const struct shr__drift_row *row)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i].what == (uint32_t)row->what && strcmp(d->list[i].item, row->item) == 0)
			return 1;
	return 0;
}

/* What was seen before and is right now; and what was put right long ago goes. */
static int settle(struct shr__txn *t, const void *data, void *pwork)
{
	struct shr__drift_row row = *(const struct shr__drift_row *)data;
	struct shr__work *w = pwork;
	int64_t keep_ns = w->env->config->keep_events_ms * 1000000;

	if (is_found(w->drift, &row))
		return 0;
	if (row.state != SHR_DRIFT_OPEN)
		return w->wall_ns - row.last_ns > keep_ns ? shr__txn_remove(t, &shr__drift_def, &row) : 0;
	row.state = SHR_DRIFT_SETTLED;
	row.last_ns = w->wall_ns;
	return shr__txn_update(t, &shr__drift_def, &row, SHR__COL(drift, state) | SHR__COL(drift, last_ns));
}

int shr__drift_save(struct shr__work *w, struct shr__txn *t)
{
	struct shr__drift_row from = { .instance_id = w->instance.id };
	struct shr__drift *d = w->drift;
	int rc = 0;

	if (!d || !w->instance.id[0])
		return 0;
	for (uint32_t i = 0; i < d->n && rc >= 0; i++)
		rc = save_one(w, t, &d->list[i]);
	if (rc >= 0 && d->looked && d->n < SHR__DRIFT_MOST)
		rc = shr__txn_scan(t, &shr__drift_def, SHR__I_drift_pk, &from, 1, 1, 0, 1000, settle, w);
	return rc < 0 ? rc : 0;
}

static int drop(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__drift_def, row);
}

int shr__drift_forget(struct shr__txn *t, const char *instance_id)
{
	struct shr__drift_row from = { .instance_id = instance_id };
	int rc = shr__txn_scan(t, &shr__drift_def, SHR__I_drift_pk, &from, 1, 1, 0, 1000, drop, NULL);

	return rc < 0 ? rc : rc == 1000 ? SHR_RUNNING : 0;
}

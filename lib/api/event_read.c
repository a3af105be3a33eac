/* lib/api/event_read.c - the feed of events, from a position on */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/actions.h"
#include "api/list.h"
#include "base/fail.h"
#include "model/check.h"

/* Unlike a list a feed has no end: its position is the number of the last event, "e1-SEQ", and is always given. */
#define HEAD "e1-"

static int parse_after(const char *after, int64_t *ret, const struct shr_error **reterr)
{
	size_t n_head = sizeof HEAD - 1, n;
	uint64_t seq;

	*ret = 0;
	if (!after || !after[0])
		return 0;
	n = strnlen(after, 32);
	if (strncmp(after, HEAD, n_head) != 0 || n == n_head || n - n_head > 19 || strspn(after + n_head, "0123456789") != n - n_head)
		goto malformed;
	seq = strtoull(after + n_head, NULL, 10);
	if (seq > INT64_MAX)
		goto malformed;
	*ret = (int64_t)seq;
	return 0;
malformed:
	return shr__fail_field(reterr, SHR_EINVAL, "after", "give the `after` of a page of events, or NULL",
		"\"%.64s\" is no position among the events", after);
}

static int check(const struct shr_session *s, uint32_t limit, uint32_t flags, const char *object_id, struct shr__list *list,
	const struct shr_error **reterr)
{
	struct shr_list_params params = SHR_LIST_PARAMS_INIT;

	params.limit = limit;
	params.flags = flags;
	if (flags & ~SHR_LIST_ALL_PROJECTS)
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "use SHR_LIST_ALL_PROJECTS or 0", "unknown bits in 0x%" PRIx32, flags);
	if (object_id && strnlen(object_id, 256) > 255)
		return shr__fail_field(reterr, SHR_EINVAL, "object_id", "", "it is too long");
	return shr__list_read(s, &params, list, reterr);
}

static int take(struct shr__walk *w, struct shr__txn *t, const void *row, const void **ret_item)
{
	const struct shr__event_row *event = row;
	int rc;

	if (!w->list.all && strcmp(event->project, w->session->project) != 0)
		return 0;
	rc = shr__row_check(&shr__event_def, row, 0, SHR__COL(event, severity), w->reterr);
	if (rc)
		return rc;
	*ret_item = shr__arena_memdup(w->arena, row, sizeof *event);
	return *ret_item ? 1 : SHR_ENOMEM;
}

static const void *make_event(const void *item, void *data)
{
	const struct shr__event_row *row = item;
	struct shr__arena *arena;
	struct shr_event *e = shr__record_new(sizeof *e, &arena);

	if (!e)
		return NULL;
	e->size = sizeof *e;
	e->severity = (uint32_t)row->severity;
	e->seq = (uint64_t)row->seq;
	e->object_version = (uint64_t)row->object_version;
	e->at_ns = row->at_ns;
	e->kind = shr__arena_strdup(arena, row->kind);
	e->object = shr__arena_strdup(arena, row->object);
	e->object_id = shr__arena_strdup(arena, row->object_id);
	e->op_id = shr__arena_strdup(arena, row->op_id);
	e->project = shr__arena_strdup(arena, row->project);
	e->user = shr__arena_strdup(arena, row->user);
	e->request_id = shr__arena_strdup(arena, row->request_id);
	e->text = shr__arena_strdup(arena, row->text);
	if (!e->kind || !e->object || !e->object_id || !e->op_id || !e->project || !e->user || !e->request_id || !e->text) {
		shr__record_unref(e);
		return NULL;
	}
	return e;
}

static int read_events(struct shr_session *s, const struct shr__event_row *from, const struct shr__list *list, struct shr__walk *w,
	const void **ret_page, const struct shr_error **reterr)
{
	char after[32];
	uint32_t index = from->object_id ? SHR__I_event_by_object : list->all ? SHR__I_event_pk : SHR__I_event_by_project;
	uint32_t n_prefix = index == SHR__I_event_pk ? 0 : 1;
	int rc = shr__walk_open(w, s, &shr__event_def, index, from, n_prefix, n_prefix + 1, list, reterr);

	if (rc)
		return rc;
	w->n_start = n_prefix + 1; /* behind from->seq: numbers begin at 1 */
	w->take = take;
	rc = shr__walk_read(w, reterr);
	if (rc)
		return rc;
	snprintf(after, sizeof after, HEAD "%" PRId64, ((const struct shr__event_row *)w->at)->seq);
	return shr__page_make(w->items, w->n, make_event, NULL, after, ret_page, reterr);
}

int shr_event_read(struct shr_session *session, const char *after, uint32_t limit, uint32_t flags, const char *object_id,
	const struct shr_event_page **ret_page, const struct shr_error **reterr)
{
	struct shr__event_row from = { .object_id = object_id };
	struct shr__list list;
	struct shr__walk w = { 0 };
	const void *page = NULL;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_page, "ret_page", reterr);
	if (!rc)
		rc = check(session, limit, flags, object_id, &list, reterr);
	if (!rc)
		rc = parse_after(after, &from.seq, reterr);
	if (!rc)
		rc = shr__authorise(session, list.all ? SHR__ACTION_EVENT_LIST_ALL : SHR__ACTION_EVENT_READ, "event", "", "", reterr);
	if (rc)
		return rc;
	from.project = session->project;
	rc = read_events(session, &from, &list, &w, &page, reterr);
	shr__walk_close(&w);
	if (!rc)
		*ret_page = page;
	return rc;
}

/* examples/sharectl/event.c - events: the audit trail, as far as it is, and as it grows */
#include "ctl.h"
#include "open.h"
#include "say.h"
#include "table.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POLL_MS 250

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	const struct shr_event_page *page = NULL;
	int rc = shr_event_read(c->session, list->after, list->limit, list->flags, ctl_text(c, OPT_OBJECT), &page, reterr);

	/* An empty page is the end: there is always a position behind it. */
	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->n ? page->after : "", page };
	return rc;
}

static const char *severity(const struct shr_event *e)
{
	return e->severity == SHR_EVENT_ERROR ? "error" : e->severity == SHR_EVENT_WARNING ? "warning" : "info";
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_event *e = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%" PRIu64, e->seq);
	ctl_cell(t, "%s", ctl_time_text(text, e->at_ns));
	ctl_cell(t, "%s", severity(e));
	ctl_cell(t, "%s", e->kind);
	ctl_cell(t, "%s", e->object_id);
	ctl_cell(t, "%s", e->user);
	ctl_cell(t, "%s", e->text);
}

static char *json(const void *item)
{
	return shr_event_json(item);
}

static void unref(const void *page)
{
	shr_event_page_unref(page);
}

static const char *const headings[] = { "SEQ>", "TIME", "SEVERITY", "KIND", "OBJECT", "USER", "TEXT" };
static const struct ctl_listing listing = { headings, 7, fetch, row, json, unref };

int ctl_event_list(struct ctl *c)
{
	return ctl_list(c, &listing);
}

struct follow {
	struct shr_list_params list;
	struct ctl_table table;
	char *after;
	int quiet; /* what happened before is passed over */
};

/* One page; *RET_N: events in it. */
static int follow_page(struct ctl *c, struct follow *f, uint32_t *ret_n)
{
	const struct shr_event_page *page = NULL;
	const struct shr_error *error = NULL;
	int status = CTL_OK;
	int rc = shr_event_read(c->session, f->after, f->list.limit, f->list.flags, ctl_text(c, OPT_OBJECT), &page, &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	for (uint32_t i = 0; i < page->n && !f->quiet && !status; i++) {
		if (ctl_has(c, OPT_JSON))
			status = ctl_json(c, shr_event_json(page->items[i]));
		else
			row(&f->table, page->items[i]);
	}
	ctl_table_flush(&f->table);
	free(f->after);
	f->after = ctl_format("%s", page->after);
	*ret_n = page->n;
	shr_event_page_unref(page);
	/* Who reads the other end of a pipe may have gone. */
	return status ? status : ferror(stdout) ? CTL_FAILED : CTL_OK;
}

int ctl_event_follow(struct ctl *c)
{
	int64_t until = ctl_now_ms() + ctl_number(c, OPT_TIMEOUT, INT64_MAX / 2);
	struct follow f = { 0 };
	int status = CTL_OK;
	uint32_t n;

	ctl_list_params(c, &f.list);
	ctl_table_begin(&f.table, headings, 7);
	f.after = f.list.after ? ctl_format("%s", f.list.after) : NULL;
	f.quiet = !f.after;
	ctl_signals_hold(c);
	while (!status && !c->interrupted) {
		status = follow_page(c, &f, &n);
		if (n == 0 && f.quiet)
			f.quiet = 0;
		else if (n == 0 && ctl_now_ms() >= until)
			break;
		if (!status && n == 0)
			ctl_signals_look(c, POLL_MS);
	}
	ctl_table_end(&f.table);
	free(f.after);
	return status;
}

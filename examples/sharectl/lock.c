/* examples/sharectl/lock.c - locks, which keep a share or a rule from being deleted */
#include "ctl.h"
#include "share.h"
#include "table.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>

static int add_or_remove(struct ctl *c, int add)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	int rc, done = 0, status;
	char id[64];

	status = ctl_share_id(c, c->argv[0], id);
	if (status)
		return status;
	ctl_change(c, &p);
	if (add)
		rc = shr_lock_add(c->session, id, c->argv[1], ctl_text(c, OPT_REASON), &p, &op, &error);
	else
		rc = shr_lock_remove(c->session, id, c->argv[1], &p, &op, &error);
	status = ctl_finish(c, rc, op, error, &done);
	if (done)
		printf("%s: %s %s\n", id, add ? "locked by" : "one lock less of", c->argv[1]);
	return status;
}

int ctl_lock_add(struct ctl *c)
{
	return add_or_remove(c, 1);
}

int ctl_lock_remove(struct ctl *c)
{
	return add_or_remove(c, 0);
}

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	const struct shr_lock_page *page = NULL;
	int rc = shr_lock_list(c->session, c->argv[0], list, &page, reterr);

	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_lock *l = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", l->object);
	ctl_cell(t, "%s", l->holder);
	ctl_cell(t, "%u", (unsigned)l->count);
	ctl_cell(t, "%s", l->user);
	ctl_cell(t, "%s", ctl_time_text(text, l->created_ns));
	ctl_cell(t, "%s", l->reason);
}

static char *json(const void *item)
{
	return shr_lock_json(item);
}

static void unref(const void *page)
{
	shr_lock_page_unref(page);
}

int ctl_lock_list(struct ctl *c)
{
	static const char *const headings[] = { "OBJECT", "HOLDER", "COUNT>", "USER", "SINCE", "REASON" };
	static const struct ctl_listing listing = { headings, 6, fetch, row, json, unref };
	char id[64];
	int status = ctl_share_id(c, c->argv[0], id);

	c->argv[0] = id;
	return status ? status : ctl_list(c, &listing);
}

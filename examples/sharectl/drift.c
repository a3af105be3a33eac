/* examples/sharectl/drift.c - comparing shares with what is really there, and what was found */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "drift.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "wait.h"
#include "words.h"

const char *const ctl_drift_headings[CTL_DRIFT_COLUMNS] = { "SHARE", "WHAT", "STATE", "ITEM", "EXPECTED", "FOUND", "LAST" };

void ctl_drift_row(struct ctl_table *t, const void *item)
{
	const struct shr_drift *d = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", d->share_id);
	ctl_cell(t, "%s", shr_drift_name(d->what));
	ctl_cell(t, "%s", shr_drift_state_name(d->state));
	ctl_cell(t, "%s", d->item);
	ctl_cell(t, "%s", d->expected);
	ctl_cell(t, "%s", d->found);
	ctl_cell(t, "%s", ctl_time_text(text, d->last_ns));
}

/* ---- the list ---- */

static int drifts(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret, const struct shr_error **reterr)
{
	const struct shr_drift_page *page = NULL;
	int rc = shr_drift_list(c->session, c->argc > 0 ? c->argv[0] : NULL, list, &page, reterr);

	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static char *drift_json(const void *item)
{
	return shr_drift_json(item);
}

static void drift_unref(const void *page)
{
	shr_drift_page_unref(page);
}

int ctl_drift_list(struct ctl *c)
{
	static const struct ctl_listing listing = { ctl_drift_headings, CTL_DRIFT_COLUMNS, drifts, ctl_drift_row, drift_json,
		drift_unref };
	char id[64];
	int status = c->argc > 0 ? ctl_either_id(c, c->argv[0], id) : CTL_OK;

	if (status)
		return status;
	if (c->argc > 0)
		c->argv[0] = id; /* for each page */
	return ctl_list(c, &listing);
}

/* ---- looking ---- */

/* What the operation found: all that is still open, and what it put right. */
static int tell(struct ctl *c, const char *id, const char *op_id)
{
	const struct shr_drift_page *page = NULL;
	const struct shr_error *error = NULL;
	struct ctl_table t;
	uint32_t n = 0;
	int rc = shr_drift_list(c->session, id, NULL, &page, &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	ctl_table_begin(&t, ctl_drift_headings, CTL_DRIFT_COLUMNS);
	for (uint32_t i = 0; i < page->n; i++) {
		if (strcmp(page->items[i]->op_id, op_id) != 0 || page->items[i]->state == SHR_DRIFT_SETTLED)
			continue;
		ctl_drift_row(&t, page->items[i]);
		n++;
	}
	ctl_table_end(&t);
	shr_drift_page_unref(page);
	if (!n)
		printf("share %s: as it should be\n", id);
	return CTL_OK;
}

static int look(struct ctl *c, const char *id)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char op_id[64] = "";
	int rc, done = 0, status;

	ctl_change(c, &p);
	rc = shr_share_reconcile(c->session, id, &p, &op, &error);
	if (rc == 0)
		snprintf(op_id, sizeof op_id, "%s", op->id);
	status = ctl_finish(c, rc, op, error, &done);
	return status || !done ? status : tell(c, id, op_id);
}

static int look_at_page(struct ctl *c, const struct shr_share_page *page)
{
	int status = CTL_OK, one;

	for (uint32_t i = 0; i < page->n; i++) {
		if (page->items[i]->state == SHR_SHARE_ERROR || page->items[i]->state == SHR_SHARE_DELETING ||
			page->items[i]->state == SHR_SHARE_UNMANAGING)
			continue;
		one = look(c, page->items[i]->id);
		if (one)
			status = one; /* the others are looked at all the same */
	}
	return status;
}

/* Those of the project, or with --all-projects of all. */
static int look_at_all(struct ctl *c)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL, *next;
	const struct shr_error *error = NULL;
	int status = CTL_OK, one, rc;

	if (ctl_has(c, OPT_ALL_PROJECTS))
		list.flags |= SHR_LIST_ALL_PROJECTS;
	do {
		next = NULL;
		list.after = page ? page->after : NULL;
		rc = shr_share_list(c->session, NULL, &list, &next, &error);
		shr_share_page_unref(page);
		page = next;
		if (rc < 0)
			return ctl_fail(c, rc, error);
		one = look_at_page(c, page);
		if (one)
			status = one;
	} while (page->after[0]);
	shr_share_page_unref(page);
	return status;
}

int ctl_reconcile(struct ctl *c)
{
	char id[64];
	int status;

	if ((c->argc > 0) + ctl_has(c, OPT_BACKEND) + ctl_has(c, OPT_ALL) + ctl_has(c, OPT_ALL_PROJECTS) > 1)
		return ctl_usage(c, "either a share, or --backend, or --all, or --all-projects");
	if (ctl_has(c, OPT_BACKEND) || ctl_has(c, OPT_ALL))
		return ctl_reconcile_backend(c);
	if (c->argc == 0)
		return look_at_all(c);
	status = ctl_either_id(c, c->argv[0], id);
	return status ? status : look(c, id);
}

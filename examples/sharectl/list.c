/* examples/sharectl/list.c - all lists: page by page, as far as wanted */
#include "ctl.h"
#include "say.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 500

void ctl_list_params(const struct ctl *c, struct shr_list_params *ret)
{
	*ret = (struct shr_list_params)SHR_LIST_PARAMS_INIT;
	ret->limit = PAGE;
	if (ctl_has(c, OPT_NEWEST))
		ret->flags |= SHR_LIST_NEWEST_FIRST;
	if (ctl_has(c, OPT_ALL_PROJECTS))
		ret->flags |= SHR_LIST_ALL_PROJECTS;
	ret->after = ctl_text(c, OPT_AFTER);
}

static int show(struct ctl *c, const struct ctl_listing *l, struct ctl_table *t, const struct ctl_page *page)
{
	int status = CTL_OK;

	for (uint32_t i = 0; i < page->n && !status; i++) {
		if (ctl_has(c, OPT_JSON))
			status = ctl_json(c, l->json(page->items[i]));
		else
			l->row(t, page->items[i]);
	}
	ctl_table_flush(t);
	return status;
}

/* The position to go on from outlives its page. */
static char *keep(char *old, const char *after)
{
	char *copy = ctl_format("%s", after);

	free(old);
	return copy;
}

int ctl_list(struct ctl *c, const struct ctl_listing *l)
{
	int64_t left = ctl_number(c, OPT_LIMIT, INT64_MAX);
	struct shr_list_params list;
	struct ctl_table t;
	char *after = NULL;
	int status = CTL_OK, more = 1;

	if (left == 0)
		left = INT64_MAX;
	ctl_list_params(c, &list);
	ctl_table_begin(&t, l->headings, l->columns);
	while (!status && more && left > 0) {
		const struct shr_error *error = NULL;
		struct ctl_page page = { 0 };
		int rc;

		list.limit = left < PAGE ? (uint32_t)left : PAGE;
		rc = l->fetch(c, &list, &page, &error);
		if (rc < 0) {
			status = ctl_fail(c, rc, error);
			break;
		}
		status = show(c, l, &t, &page);
		left -= page.n;
		more = page.after && *page.after && !(after && strcmp(after, page.after) == 0);
		after = keep(after, page.after ? page.after : "");
		list.after = after;
		l->unref(page.page);
	}
	ctl_table_end(&t);
	if (!status && more && left <= 0)
		ctl_note(c, "there may be more: --after %s", after);
	free(after);
	return status;
}

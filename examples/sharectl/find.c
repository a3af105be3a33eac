/* examples/sharectl/find.c - the shares and snapshots that words name */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "words.h"

#include <stdio.h>

/* How many have the NAME, 2: several, and the id of the first; negative: it failed. */
static int find_shares(struct ctl *c, const char *name, char ret[64], const struct shr_error **reterr)
{
	struct shr_share_filter filter = SHR_SHARE_FILTER_INIT;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page = NULL;
	int rc;

	filter.name = name;
	list.limit = 2;
	rc = shr_share_list(c->session, &filter, &list, &page, reterr);
	if (rc < 0)
		return rc;
	rc = (int)page->n;
	if (rc)
		snprintf(ret, 64, "%s", page->items[0]->id);
	shr_share_page_unref(page);
	return rc;
}

/* The same of snapshots, of SHARE_ID's or all. A page may be short, even empty, and others follow. */
static int find_snapshots(struct ctl *c, const char *share_id, const char *name, char ret[64], const struct shr_error **reterr)
{
	struct shr_snapshot_filter filter = SHR_SNAPSHOT_FILTER_INIT;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_snapshot_page *page = NULL, *last = NULL;
	int rc = 0, n = 0;

	filter.name = name;
	filter.share_id = share_id;
	do {
		rc = shr_snapshot_list(c->session, &filter, &list, &page, reterr);
		shr_snapshot_page_unref(last);
		if (rc < 0)
			return rc;
		if (page->n && !n)
			snprintf(ret, 64, "%s", page->items[0]->id);
		n += (int)page->n;
		list.after = page->after;
		last = page;
	} while (n < 2 && *page->after);
	shr_snapshot_page_unref(last);
	return n;
}

/* What the search for WORD ended with. NOUN: one of what was looked for, NOUNS: several of them. */
static int found(struct ctl *c, int n, const char *noun, const char *nouns, const char *list, const char *word,
	const struct shr_error *error)
{
	if (n < 0)
		return ctl_fail(c, n, error);
	if (n == 0)
		return ctl_complain(CTL_NOTFOUND, list, "no %s has the id or the name \"%s\"", noun, word);
	if (n > 1)
		return ctl_complain(CTL_CONFLICT, "give the id: the list shows it", "several %s are named \"%s\"", nouns, word);
	return CTL_OK;
}

int ctl_share_id(struct ctl *c, const char *word, char ret[64])
{
	const struct shr_error *error = NULL;

	if (ctl_is_id(word)) {
		snprintf(ret, 64, "%s", word);
		return CTL_OK;
	}
	return found(c, find_shares(c, word, ret, &error), "share", "shares", "sharectl share list shows those of the project", word,
		error);
}

int ctl_snapshot_id(struct ctl *c, const char *share_id, const char *word, char ret[64])
{
	const struct shr_error *error = NULL;

	if (ctl_is_id(word)) {
		snprintf(ret, 64, "%s", word);
		return CTL_OK;
	}
	return found(c, find_snapshots(c, share_id, word, ret, &error), share_id ? "snapshot of the share" : "snapshot", "snapshots",
		"sharectl snapshot list shows them", word, error);
}

int ctl_either_id(struct ctl *c, const char *word, char ret[64])
{
	const struct shr_error *error = NULL;
	int n;

	if (ctl_is_id(word)) {
		snprintf(ret, 64, "%s", word);
		return CTL_OK;
	}
	n = find_shares(c, word, ret, &error);
	if (n == 0)
		n = find_snapshots(c, NULL, word, ret, &error);
	return found(c, n, "share or snapshot", "shares or snapshots", "sharectl share list shows the shares of the project", word,
		error);
}

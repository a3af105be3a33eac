/* examples/sharectl/reconcile.c - comparing all of a backend, or of all, with the records */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "drift.h"
#include "say.h"
#include "table.h"
#include "wait.h"

/* ---- what is open ---- */

static int is_meant(const struct shr_drift *d, const char *backend)
{
	return d->state == SHR_DRIFT_OPEN && (!backend || strcmp(d->backend, backend) == 0);
}

static int tell_page(struct ctl *c, struct ctl_table *t, const struct shr_drift_page *page, const char *backend, uint32_t *n)
{
	int status = CTL_OK;

	for (uint32_t i = 0; i < page->n && !status; i++) {
		if (!is_meant(page->items[i], backend))
			continue;
		(*n)++;
		if (ctl_has(c, OPT_JSON))
			status = ctl_json(c, shr_drift_json(page->items[i]));
		else
			ctl_drift_row(t, page->items[i]);
	}
	return status;
}

static int tell(struct ctl *c, const char *backend)
{
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_drift_page *page = NULL, *next;
	const struct shr_error *error = NULL;
	struct ctl_table t;
	int status = CTL_OK, rc;
	uint32_t n = 0;

	ctl_table_begin(&t, ctl_drift_headings, CTL_DRIFT_COLUMNS);
	do {
		next = NULL;
		list.after = page ? page->after : NULL;
		rc = shr_drift_list(c->session, NULL, &list, &next, &error);
		shr_drift_page_unref(page);
		page = next;
		status = rc < 0 ? ctl_fail(c, rc, error) : tell_page(c, &t, page, backend, &n);
	} while (!status && page->after[0]);
	shr_drift_page_unref(page);
	ctl_table_end(&t);
	if (!status && !n && !ctl_has(c, OPT_JSON))
		printf("%s%s: as it should be\n", backend ? "backend " : "all backends", backend ? backend : "");
	return status;
}

/* ---- waiting ---- */

struct comparing {
	struct ctl *c;
	const char *backend;
	uint64_t pass;
};

static int look(void *data, int ms, const struct shr_error **reterr)
{
	const struct comparing *p = data;

	return shr_backend_reconcile_wait(p->c->session, p->backend, p->pass, ms, reterr);
}

int ctl_reconcile_backend(struct ctl *c)
{
	struct comparing p = { c, ctl_text(c, OPT_BACKEND), 0 };
	const struct shr_error *error = NULL;
	int rc = shr_backend_reconcile(c->session, p.backend, &p.pass, &error);

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_NO_WAIT)) {
		ctl_note(c, "comparison %" PRIu64 " is asked for; sharectl drift list tells what it finds", p.pass);
		return CTL_OK;
	}
	rc = ctl_patience(c, look, &p, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (rc == SHR_RUNNING) {
		ctl_note(c, "comparison %" PRIu64 " has not ended yet; it goes on wherever an engine has the backend", p.pass);
		return CTL_RUNNING;
	}
	return tell(c, p.backend);
}

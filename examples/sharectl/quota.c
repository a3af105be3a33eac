/* examples/sharectl/quota.c - what a project may use */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "wait.h"
#include "words.h"

static const char *project(const struct ctl *c)
{
	return c->argc ? c->argv[0] : ctl_has(c, OPT_PROJECT) ? ctl_text(c, OPT_PROJECT) : "default";
}

static int get(struct ctl *c, const struct shr_quota **ret)
{
	const struct shr_error *error = NULL;
	int rc = shr_quota_get(c->session, project(c), ret, &error);

	return rc < 0 ? ctl_fail(c, rc, error) : CTL_OK;
}

static void show(const struct shr_quota *q)
{
	static const char *const headings[] = { "PROJECT", "WHAT", "USED>", "LIMIT>" };
	char text[CTL_TEXT];
	struct ctl_table t;

	ctl_table_begin(&t, headings, 4);
	ctl_cell(&t, "%s", q->project);
	ctl_cell(&t, "shares");
	ctl_cell(&t, "%s", ctl_limit_text(text, q->shares_used, 0));
	ctl_cell(&t, "%s", ctl_limit_text(text, q->shares_limit, 0));
	ctl_cell(&t, "%s", q->project);
	ctl_cell(&t, "bytes");
	ctl_cell(&t, "%s", ctl_limit_text(text, q->bytes_used, 1));
	ctl_cell(&t, "%s", ctl_limit_text(text, q->bytes_limit, 1));
	ctl_table_end(&t);
}

int ctl_quota_show(struct ctl *c)
{
	const struct shr_quota *quota = NULL;
	int status = get(c, &quota);

	if (status)
		return status;
	if (ctl_has(c, OPT_JSON))
		status = ctl_json(c, shr_quota_json(quota));
	else
		show(quota);
	shr_quota_unref(quota);
	return status;
}

int ctl_quota_set(struct ctl *c)
{
	const struct shr_quota *quota = NULL;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	int rc, done = 0, status;

	if (!ctl_has(c, OPT_SHARES) && !ctl_has(c, OPT_BYTES))
		return ctl_usage(c, "quota set wants --shares or --bytes");
	status = get(c, &quota);
	if (status)
		return status;
	ctl_change(c, &p);
	rc = shr_quota_set(c->session, project(c), ctl_number(c, OPT_SHARES, quota->shares_limit),
		ctl_number(c, OPT_BYTES, quota->bytes_limit), &p, &op, &error);
	shr_quota_unref(quota);
	status = ctl_finish(c, rc, op, error, &done);
	return done ? ctl_quota_show(c) : status;
}

/* lib/api/quota_read.c - what a project uses and may use */
#include "api/actions.h"
#include "api/list.h"
#include "base/fail.h"
#include "base/text.h"
#include "model/check.h"

#define THE_CONFIGURATIONS (-2) /* a limit that stands in the configuration */

static int read_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__quota_row *row = data;
	const char *project = row->project;
	int rc = shr__txn_get(t, &shr__quota_def, row);

	if (rc == SHR_ENOTFOUND) {
		*row = (struct shr__quota_row){ .project = project, .shares_limit = THE_CONFIGURATIONS, .bytes_limit = THE_CONFIGURATIONS };
		return 0;
	}
	if (rc)
		row->project = project;
	return rc ? rc : shr__row_check(&shr__quota_def, row, SHR__COL(quota, shares_limit) | SHR__COL(quota, bytes_limit), 0, reterr);
}

static int64_t limit_of(int64_t stored, int64_t configured)
{
	if (stored == THE_CONFIGURATIONS)
		stored = configured;
	return stored < 0 ? -1 : stored;
}

static int get(struct shr_session *s, const char *project, struct shr__arena *arena, const struct shr_quota **ret,
	const struct shr_error **reterr)
{
	const struct shr__config *config = s->ctx->env.config;
	struct shr__quota_row row = { .project = project };
	struct shr__arena *mine;
	struct shr_quota *q;
	int rc = shr__db_read(s->ctx->env.db, arena, read_body, &row, reterr);

	if (rc)
		return rc;
	q = shr__record_new(sizeof *q, &mine);
	if (!q)
		return shr__fail_nomem(reterr);
	q->size = sizeof *q;
	q->version = (uint64_t)row.version;
	q->shares_used = row.shares_used;
	q->bytes_used = row.bytes_used;
	q->shares_limit = limit_of(row.shares_limit, config->quota_shares);
	q->bytes_limit = limit_of(row.bytes_limit, config->quota_bytes);
	q->project = shr__arena_strdup(mine, project);
	if (!q->project) {
		shr__record_unref(q);
		return shr__fail_nomem(reterr);
	}
	*ret = q;
	return 0;
}

static int check_project(const char *project, const struct shr_error **reterr)
{
	char buf[96];
	const char *wrong = shr__text_wrong(project, 255, SHR__TEXT_SLASH_OK, buf, sizeof buf);

	return wrong ? shr__fail_field(reterr, SHR_EINVAL, "project", "name a project", "it %s", wrong) : 0;
}

int shr_quota_get(struct shr_session *session, const char *project, const struct shr_quota **ret_quota,
	const struct shr_error **reterr)
{
	const struct shr_quota *quota = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_quota, "ret_quota", reterr);
	if (!rc && !project)
		project = session->project;
	if (!rc)
		rc = check_project(project, reterr);
	if (!rc)
		rc = shr__authorise(session, SHR__ACTION_QUOTA_GET, "quota", project, "", reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? get(session, project, arena, &quota, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(arena);
	if (!rc)
		*ret_quota = quota;
	return rc;
}

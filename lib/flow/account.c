/* lib/flow/account.c - what pools and projects have given out, by guarded adds in a fixed order: quota, then pool */
#include <inttypes.h>

#include "base/fail.h"
#include "base/text.h"
#include "flow/accept.h"

static int64_t bound(int64_t own, int64_t configured)
{
	int64_t limit = own == -2 ? configured : own;

	return limit < 0 ? INT64_MAX : limit;
}

static int refuse_quota(const struct shr_error **reterr, const char *project, const char *what, int64_t used, int64_t more,
	int64_t limit)
{
	return shr__fail_field(reterr, SHR_EQUOTA, what, "delete something, or ask for more quota",
		"project %s uses %" PRId64 " of %" PRId64 ", and this takes %" PRId64 " more", project, used, limit, more);
}

int shr__account_quota(struct shr__txn *t, const struct shr__config *config, const char *project, int64_t shares,
	int64_t bytes, const struct shr_error **reterr)
{
	struct shr__quota_row row = { .project = project };
	int64_t limit;
	int rc = shr__txn_hot_get(t, &shr__quota_def, &row);

	if (rc == SHR_ENOTFOUND) {
		row = (struct shr__quota_row){ .project = project, .version = 1, .shares_limit = -2, .bytes_limit = -2 };
		rc = shr__txn_insert(t, &shr__quota_def, &row);
	}
	if (rc < 0)
		return rc;
	if (shares) {
		limit = bound(row.shares_limit, config->quota_shares);
		rc = shr__txn_hot_add(t, &shr__quota_def, &row, SHR__N_quota_shares_used, shares, INT64_MIN,
			shares > 0 ? limit : INT64_MAX);
		if (rc == SHR_EQUOTA)
			return refuse_quota(reterr, project, "shares", row.shares_used, shares, limit);
		if (rc < 0)
			return rc;
	}
	if (bytes) {
		limit = bound(row.bytes_limit, config->quota_bytes);
		rc = shr__txn_hot_add(t, &shr__quota_def, &row, SHR__N_quota_bytes_used, bytes, INT64_MIN,
			bytes > 0 ? limit : INT64_MAX);
		if (rc == SHR_EQUOTA)
			return refuse_quota(reterr, project, "bytes", row.bytes_used, bytes, limit);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int shr__account_pool(struct shr__txn *t, const char *backend, const char *pool, int64_t bytes, int64_t limit,
	const struct shr_error **reterr)
{
	struct shr__pool_row row = { .backend = backend, .name = pool };
	int rc = shr__txn_hot_add(t, &shr__pool_def, &row, SHR__N_pool_allocated, bytes, INT64_MIN,
		bytes > 0 ? limit : INT64_MAX);

	if (rc == SHR_EQUOTA) /* what is given out, for the words */
		rc = shr__txn_get(t, &shr__pool_def, &row) < 0 ? SHR_ENOTFOUND : SHR_EQUOTA;
	if (rc == SHR_EQUOTA)
		return shr__fail_do(reterr, SHR_ENOSPC, "make room there, or add a pool",
			"pool %s/%s: %" PRId64 " bytes of %" PRId64 " are given out, and this takes %" PRId64 " more", backend, pool,
			row.allocated, limit, bytes);
	if (rc == SHR_ENOTFOUND)
		return bytes <= 0 ? 0 : shr__fail(reterr, SHR_ENOSPC, "pool %s/%s is not there any more", backend, pool);
	return rc;
}

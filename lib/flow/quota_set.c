/* lib/flow/quota_set.c - what a project may use; done when it is accepted */
#include <inttypes.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "flow/flows.h"

static int set_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__quota_row row = { .project = a->object_id, .version = 1, .shares_limit = a->shares_limit,
		.bytes_limit = a->bytes_limit };
	int rc = shr__txn_get(t, &shr__quota_def, &row);

	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	if (a->if_version && (rc == SHR_ENOTFOUND || row.version != a->if_version))
		return shr__fail_field(reterr, SHR_ECONFLICT, "if_version", "read the quota again",
			"the quota is at version %" PRId64, rc == 0 ? row.version : 0);
	if (rc == SHR_ENOTFOUND)
		return shr__txn_insert(t, &shr__quota_def, &(struct shr__quota_row){ .project = a->object_id, .version = 1,
			.shares_limit = a->shares_limit, .bytes_limit = a->bytes_limit });
	row.shares_limit = a->shares_limit;
	row.bytes_limit = a->bytes_limit;
	return shr__txn_update(t, &shr__quota_def, &row, SHR__COL(quota, shares_limit) | SHR__COL(quota, bytes_limit));
}

const struct shr__flow shr__flow_quota_set = {
	.kind = "quota_set", .version = 1, .flags = SHR__FLOW_ALONE, .object = "quota", .action = "quota:set", .verb = "set",
	.event_accepted = "quota.set", .accept = set_accept,
};

/* lib/api/quota_write.c - what a project may use */
#include <inttypes.h>

#include "api/accept_call.h"
#include "base/fail.h"
#include "base/text.h"
#include "flow/flows.h"

static void check_limit(struct shr__call *c, const char *field, int64_t limit, uint16_t note)
{
	if (c->rc == 0 && (limit < SHR_QUOTA_DEFAULT || limit > (int64_t)SHR__MOST_BYTES))
		shr__faults_add(&c->faults, SHR_EINVAL, field,
			"give 0 to 4611686018427387904 (2^62), SHR_QUOTA_NONE or SHR_QUOTA_DEFAULT", "%" PRId64 " is no limit", limit);
	shr__call_note(c, note, limit);
}

int shr_quota_set(struct shr_session *session, const char *project, int64_t shares_limit, int64_t bytes_limit,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_quota_set, reterr);
	shr__call_change(&c, params);
	shr__check_text(&c, "project", project, 255, SHR__TEXT_SLASH_OK);
	shr__call_note_str(&c, SHR__NOTE_OBJECT, project);
	check_limit(&c, "shares_limit", shares_limit, SHR__NOTE_SHARES_LIMIT);
	check_limit(&c, "bytes_limit", bytes_limit, SHR__NOTE_BYTES_LIMIT);
	c.a.object_id = c.a.object_project = project;
	c.a.shares_limit = shares_limit;
	c.a.bytes_limit = bytes_limit;
	return shr__call_end(&c, ret_op);
}

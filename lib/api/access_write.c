/* lib/api/access_write.c - changes of a share's rules: one batch, or a batch of one */
#include "api/accept_call.h"
#include "base/fail.h"
#include "flow/flows.h"

/* The share's protocols say which rules there can be, so it is looked at before the changes are. */
static int apply(struct shr_session *session, const char *share_id, const struct shr_access_params *params, int level_only,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	const struct shr_access_change *changes;
	struct shr_access_params p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_access_apply, reterr);
	shr__call_params(&c, params, "shr_access_params", SHR__LEAST(shr_access_params, flags), &p, sizeof p);
	shr__call_token(&c, p.token);
	shr__call_version(&c, p.if_version);
	shr__check_zero(&c, "flags", p.flags);
	if (c.rc == 0 && p.if_revision > INT64_MAX)
		shr__faults_add(&c.faults, SHR_EINVAL, "if_revision", "give the revision that the share has", "no revision is that great");
	c.a.if_revision = (int64_t)p.if_revision;
	shr__call_note(&c, SHR__NOTE_IF_REVISION, c.a.if_revision);
	shr__call_object(&c, share_id, "share_id", 0);
	shr__call_or_snapshot(&c, &shr__flow_snapshot_rules);
	if (c.rc == 0 && p.n_changes == 0)
		shr__faults_add(&c.faults, SHR_EINVAL, "changes", "give 1 to 10000", "there are none");
	changes = shr__call_changes(&c, "changes", p.changes, p.change_size, p.n_changes);
	shr__call_look(&c);
	if (!c.token_known)
		shr__call_rules(&c, "changes", changes, p.n_changes, c.protocols);
	for (uint32_t i = 0; level_only && c.rc == 0 && i < c.a.n_rules; i++)
		((struct shr__rule_in *)c.a.rules)[i].level_only = 1;
	return shr__call_end(&c, ret_op);
}

int shr_access_apply(struct shr_session *session, const char *share_id, const struct shr_access_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	return apply(session, share_id, params, 0, ret_op, reterr);
}

static int apply_one(struct shr_session *session, const char *share_id, const struct shr_access_change *change, int level_only,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_access_params params = SHR_ACCESS_PARAMS_INIT;

	params.changes = change;
	params.n_changes = 1;
	return apply(session, share_id, &params, level_only, ret_op, reterr);
}

int shr_access_allow(struct shr_session *session, const char *share_id, uint32_t type, const char *who, uint32_t level,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_access_change change = { .verb = SHR_ALLOW, .type = type, .who = who, .level = level };

	return apply_one(session, share_id, &change, 0, ret_op, reterr);
}

int shr_access_deny(struct shr_session *session, const char *share_id, const char *rule_id, const struct shr_op **ret_op,
	const struct shr_error **reterr)
{
	struct shr_access_change change = { .verb = SHR_DENY, .id = rule_id ? rule_id : "" };

	return apply_one(session, share_id, &change, 0, ret_op, reterr);
}

int shr_access_set_level(struct shr_session *session, const char *share_id, const char *rule_id, uint32_t level,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_access_change change = { .verb = SHR_SET, .id = rule_id ? rule_id : "", .level = level };

	return apply_one(session, share_id, &change, 1, ret_op, reterr);
}

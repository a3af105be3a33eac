/* lib/api/share_write.c - changes of a share that is there */
#include "api/accept_call.h"
#include "base/fail.h"
#include "flow/flows.h"
#include "libshare/drift.h"

int shr__call_update(struct shr__call *c, const char *id, const char *field, const struct shr_share_update_params *params,
	const struct shr_op **ret_op)
{
	struct shr_share_update_params p;

	shr__call_params(c, params, "shr_share_update_params", SHR__LEAST(shr_share_update_params, n_unset), &p, sizeof p);
	shr__call_token(c, p.token);
	shr__call_version(c, p.if_version);
	shr__check_zero(c, "flags", p.flags);
	shr__check_zero(c, "reserved0", p.reserved0);
	shr__call_object(c, id, field, 0);
	shr__check_name(c, p.name);
	shr__check_description(c, p.description);
	shr__check_pairs(c, "set", p.set, p.n_set, SHR__NOTE_SET);
	shr__check_keys(c, "unset", p.unset, p.n_unset, SHR__NOTE_UNSET);
	if (shr__flow_of_snapshots(c->a.flow))
		shr__check_zero(c, "snapshot_access", p.snapshot_access);
	else
		shr__check_snapshot_access(c, "snapshot_access", p.snapshot_access, 1);
	c->a.name = p.name;
	c->a.description = p.description;
	c->a.set = p.set;
	c->a.n_set = p.n_set;
	c->a.unset = p.unset;
	c->a.n_unset = p.n_unset;
	return shr__call_end(c, ret_op);
}

int shr_share_update(struct shr_session *session, const char *share_id, const struct shr_share_update_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_share_update, reterr);
	return shr__call_update(&c, share_id, "share_id", params, ret_op);
}

/* A change of one share that needs nothing else. */
static void begin_change(struct shr__call *c, struct shr_session *session, const struct shr__flow *flow, const char *share_id,
	const struct shr_change_params *params, const struct shr_error **reterr)
{
	shr__call_begin(c, session, flow, reterr);
	shr__call_change(c, params);
	shr__call_object(c, share_id, "share_id", 0);
}

static int resize(struct shr_session *session, const struct shr__flow *flow, const char *share_id, uint64_t bytes,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, flow, share_id, params, reterr);
	shr__check_bytes(&c, bytes);
	c.a.bytes = bytes;
	return shr__call_end(&c, ret_op);
}

int shr_share_extend(struct shr_session *session, const char *share_id, uint64_t bytes, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	return resize(session, &shr__flow_share_extend, share_id, bytes, params, ret_op, reterr);
}

int shr_share_shrink(struct shr_session *session, const char *share_id, uint64_t bytes, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	return resize(session, &shr__flow_share_shrink, share_id, bytes, params, ret_op, reterr);
}

int shr_share_delete(struct shr_session *session, const char *share_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_share_delete, share_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_share_reconcile(struct shr_session *session, const char *share_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_share_reconcile, share_id, params, reterr);
	shr__call_or_snapshot(&c, &shr__flow_snapshot_reconcile);
	return shr__call_end(&c, ret_op);
}

int shr_share_force_delete(struct shr_session *session, const char *share_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_share_force_delete, share_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_share_unmanage(struct shr_session *session, const char *share_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_share_unmanage, share_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_share_reset_state(struct shr_session *session, const char *share_id, uint32_t state,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_share_reset_state, share_id, params, reterr);
	if (c.rc == 0 && state != SHR_SHARE_AVAILABLE && state != SHR_SHARE_ERROR)
		shr__faults_add(&c.faults, SHR_EINVAL, "state", "use SHR_SHARE_AVAILABLE or SHR_SHARE_ERROR",
			"a share cannot be set to %s (%u)", shr_share_state_name(state), state);
	shr__call_note(&c, SHR__NOTE_STATE, state);
	c.a.state = state;
	return shr__call_end(&c, ret_op);
}

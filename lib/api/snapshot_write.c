/* lib/api/snapshot_write.c - snapshots that begin, change and go; and a share that goes back to one */
#include "api/accept_call.h"
#include "base/fail.h"
#include "base/text.h"
#include "base/uuid.h"
#include "flow/flows.h"
#include "libshare/snapshot.h"

void shr__check_snapshot_access(struct shr__call *c, const char *field, uint32_t access, int default_ok)
{
	if (c->rc == 0 && (access > SHR_SNAPSHOT_ACCESS_SHARE || (access == SHR_SNAPSHOT_ACCESS_DEFAULT && !default_ok)))
		shr__faults_add(&c->faults, SHR_EINVAL, field, "use SHR_SNAPSHOT_ACCESS_NONE, _OWN or _SHARE",
			"%u is none of them", access);
	shr__call_note(c, SHR__NOTE_ACCESS, access);
	c->a.snapshot_access = access;
}

/* What a snapshot that begins is given, whatever it begins as. */
static void check_new(struct shr__call *c, const char *token, uint32_t flags, const char *share_id, const char *name,
	const char *description, const struct shr_op **ret_op)
{
	shr__call_token(c, token);
	if (c->rc == 0 && !ret_op)
		shr__faults_add(&c->faults, SHR_EINVAL, "ret_op", "give the address of a pointer: the snapshot's id comes with it",
			"it is NULL");
	shr__check_zero(c, "flags", flags);
	shr__call_object(c, share_id, "share_id", 0);
	shr__call_words(c, name, description);
}

int shr_snapshot_create(struct shr_session *session, const char *share_id, const struct shr_snapshot_spec *spec,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_snapshot_spec p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_snapshot_create, reterr);
	shr__call_params(&c, spec, "shr_snapshot_spec", SHR__LEAST(shr_snapshot_spec, access), &p, sizeof p);
	check_new(&c, p.token, p.flags, share_id, p.name, p.description, ret_op);
	shr__check_pairs(&c, "metadata", p.metadata, p.n_metadata, SHR__NOTE_SET);
	c.a.set = p.metadata;
	c.a.n_set = p.n_metadata;
	shr__check_snapshot_access(&c, "access", p.access, 1);
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_manage(struct shr_session *session, const char *share_id, const struct shr_snapshot_manage_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr_snapshot_manage_params p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_snapshot_manage, reterr);
	shr__call_params(&c, params, "shr_snapshot_manage_params", SHR__LEAST(shr_snapshot_manage_params, description), &p, sizeof p);
	check_new(&c, p.token, p.flags, share_id, p.name, p.description, ret_op);
	shr__check_text(&c, "source", p.source, 1023, SHR__TEXT_SLASH_OK);
	shr__call_note_str(&c, SHR__NOTE_SOURCE, p.source);
	c.a.source = p.source;
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_update(struct shr_session *session, const char *snapshot_id, const struct shr_share_update_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_snapshot_update, reterr);
	return shr__call_update(&c, snapshot_id, "snapshot_id", params, ret_op);
}

/* A change of one snapshot that needs nothing else. */
static void begin_change(struct shr__call *c, struct shr_session *session, const struct shr__flow *flow, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_error **reterr)
{
	shr__call_begin(c, session, flow, reterr);
	shr__call_change(c, params);
	shr__call_object(c, snapshot_id, "snapshot_id", 0);
}

int shr_snapshot_set_access(struct shr_session *session, const char *snapshot_id, uint32_t access,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_snapshot_set_access, snapshot_id, params, reterr);
	shr__check_snapshot_access(&c, "access", access, 0);
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_delete(struct shr_session *session, const char *snapshot_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_snapshot_delete, snapshot_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_force_delete(struct shr_session *session, const char *snapshot_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_snapshot_force_delete, snapshot_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_unmanage(struct shr_session *session, const char *snapshot_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_snapshot_unmanage, snapshot_id, params, reterr);
	return shr__call_end(&c, ret_op);
}

int shr_snapshot_reset_state(struct shr_session *session, const char *snapshot_id, uint32_t state,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	begin_change(&c, session, &shr__flow_snapshot_reset_state, snapshot_id, params, reterr);
	if (c.rc == 0 && state != SHR_SNAPSHOT_AVAILABLE && state != SHR_SNAPSHOT_ERROR)
		shr__faults_add(&c.faults, SHR_EINVAL, "state", "use SHR_SNAPSHOT_AVAILABLE or SHR_SNAPSHOT_ERROR",
			"a snapshot cannot be set to %s (%u)", shr_snapshot_state_name(state), state);
	shr__call_note(&c, SHR__NOTE_STATE, state);
	c.a.state = state;
	return shr__call_end(&c, ret_op);
}

int shr_share_revert(struct shr_session *session, const char *share_id, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr)
{
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_share_revert, reterr);
	shr__call_change(&c, params);
	shr__call_object(&c, share_id, "share_id", 0);
	shr__call_other(&c, snapshot_id, "snapshot_id");
	return shr__call_end(&c, ret_op);
}

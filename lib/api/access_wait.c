/* lib/api/access_wait.c - wait until every instance has a share's rules */
#include <inttypes.h>

#include "api/actions.h"
#include "api/rule_facts.h"
#include "api/wait.h"
#include "base/fail.h"

#define MOST_FAULTS 1000u

struct wait {
	struct shr_session *session;
	const char *share_id;
	uint64_t revision; /* 0: not known yet */
	int asked;
	struct shr__arena *arena;
	struct shr__rules_view view;
	struct shr__rule_facts *faults; /* rules in error */
	uint32_t n_faults, room;
};

/* A fault counts when the rule as it is now is in error. */
static int take_fault(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__rule_fault_row *fault = row;
	struct wait *w = data;
	struct shr__rule_facts *f = &w->faults[w->n_faults];
	int rc = shr__rule_newest(t, w->share_id, fault->rule_id, &f->rule);

	if (rc > 0)
		rc = shr__rule_state_read(t, &w->view, f, NULL);
	if (rc < 0)
		return rc;
	if (rc && f->state == SHR_RULE_ERROR)
		w->n_faults++;
	return w->n_faults == w->room;
}

static int read_faults(struct shr__txn *t, struct wait *w)
{
	const struct shr__instance_row *instances = w->view.instances.rows;
	int64_t most = 0;
	int got = 0;

	for (uint32_t i = 0; i < w->view.instances.n; i++)
		most += instances[i].n_faults < MOST_FAULTS ? instances[i].n_faults : MOST_FAULTS;
	if (!most)
		return 0;
	w->room = most < MOST_FAULTS ? (uint32_t)most : MOST_FAULTS;
	w->faults = shr__arena_alloc(w->arena, w->room * sizeof *w->faults);
	if (!w->faults)
		return SHR_ENOMEM;
	for (uint32_t i = 0; got >= 0 && i < w->view.instances.n; i++) {
		struct shr__rule_fault_row from = { .instance_id = instances[i].id };

		if (instances[i].n_faults && w->n_faults < w->room)
			got = shr__txn_scan(t, &shr__rule_fault_def, SHR__I_rule_fault_pk, &from, 1, 1, 0, MOST_FAULTS, take_fault, w);
	}
	return got < 0 ? got : 0;
}

static int wait_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct wait *w = data;
	int rc = shr__rules_view_read(t, w->share_id, &w->view, reterr);

	if (rc)
		return rc;
	w->n_faults = 0;
	if ((uint64_t)w->view.applied < (w->revision ? w->revision : (uint64_t)w->view.share.access_revision))
		return 0;
	return read_faults(t, w);
}

static int partial(const struct wait *w, const struct shr_error **reterr)
{
	struct shr__faults faults = { 0 };

	for (uint32_t i = 0; i < w->n_faults; i++) {
		const struct shr__rule_facts *f = &w->faults[i];

		shr__faults_add_object(&faults, f->code, f->rule.who, "rule", f->rule.id,
			"change or deny the rule, or set it again to have it tried again", "%s", f->reason);
	}
	return shr__faults_fail(&faults, reterr, SHR_EPARTIAL, "%" PRIu32 " rules of share %s are in error", w->n_faults, w->share_id);
}

/* What the first look settles: whether the caller may, and which revision is meant. */
static int settle(struct wait *w, const struct shr_error **reterr)
{
	uint64_t newest = (uint64_t)w->view.share.access_revision;
	int rc;

	if (w->asked)
		return 0;
	rc = shr__authorise(w->session, SHR__ACTION_ACCESS_WAIT, "share", w->view.share.project, w->share_id, reterr);
	if (rc)
		return rc;
	if (w->revision > newest)
		return shr__fail_field(reterr, SHR_EINVAL, "revision", "give 0 for the newest",
			"%" PRIu64 " is not there yet: the share's newest is %" PRIu64, w->revision, newest);
	if (!w->revision)
		w->revision = newest;
	w->asked = 1;
	return 0;
}

/* It was never made, or was to go, and what is left of it will never be told. */
static int lies_nowhere(const struct wait *w)
{
	const struct shr__instance_row *instances = w->view.instances.rows;

	for (uint32_t i = 0; i < w->view.instances.n; i++)
		if (instances[i].state == SHR_SHARE_AVAILABLE)
			return 0;
	return w->view.share.state == SHR_SHARE_ERROR;
}

static int look(void *data, const struct shr__op_row *row, const struct shr_error **reterr)
{
	struct wait *w = data;
	int rc;

	shr__arena_reset(w->arena);
	rc = shr__db_read(w->session->ctx->env.db, w->arena, wait_body, w, reterr);
	if (!rc)
		rc = settle(w, reterr);
	if (rc)
		return rc;
	if ((uint64_t)w->view.applied >= w->revision)
		return w->n_faults ? partial(w, reterr) : 0;
	/* Nobody will ever be told: do not let the caller wait for it. */
	if (lies_nowhere(w))
		return shr__fail(reterr, SHR_ESTATE, "share %s is in error and lies nowhere: %s", w->share_id, w->view.share.reason);
	return SHR_RUNNING;
}

int shr_access_wait(struct shr_session *session, const char *share_id, uint64_t revision, int timeout_ms,
	const struct shr_error **reterr)
{
	struct wait w = { .session = session, .share_id = share_id, .revision = revision };
	struct shr__wait wait = { .key = share_id, .timeout_ms = timeout_ms, .look = look, .data = &w };
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (rc)
		return rc;
	w.arena = shr__arena_new();
	rc = w.arena ? shr__wait_for(session->ctx, &wait, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(w.arena);
	return rc;
}

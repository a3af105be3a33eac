/* tests/sim/calls.c - what callers ask for: one generator for each flow of the table, legal and illegal calls */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "driver.h"
#include "flow/flows.h"
#include "model.h"

/* One call, as data: it can be made again, by another process as well. */
struct call {
	const struct shr__flow *flow;
	int generator;
	int project;        /* whose session; SIM_PROJECTS: the system's */
	char share[40];     /* or snapshot */
	char other[40];     /* the snapshot that a share begins with or goes back to; "" */
	uint32_t access;
	char token[24];     /* "" */
	uint64_t bytes, shares;
	unsigned backend;
	int elsewhere;      /* the snapshot is of another one */
	uint32_t state;
	char name[32];
	char who[3][32];
	uint32_t verb[3], level[3], n_changes;
};

struct done { /* what is handed through the process' death */
	struct call *call;
	int rc;
	char op[40];
	char words[160];
};

#define CH(n) sim_below(SIM_CHOICE, n)

static struct call again; /* one whose outcome its caller does not know */
static int has_again;
static int waits_now; /* the caller comes between the work of its engine and the commit of it */
static unsigned n_tokens, n_names, n_newer;

static struct shr_session *session(struct sim_proc *p, const struct call *call)
{
	return p->sessions[call->project];
}

static struct shr_change_params change(const struct call *call)
{
	struct shr_change_params params = SHR_CHANGE_PARAMS_INIT;

	params.token = call->token[0] ? call->token : NULL;
	return params;
}

/* ---- one of each ---- */

typedef int make_fn(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e);
typedef void choose_fn(struct call *call, const struct sim_share *share);

static void choose_rules(struct call *call)
{
	call->n_changes = 1 + CH(3);
	for (uint32_t i = 0; i < call->n_changes; i++) {
		static const uint32_t verbs[] = { SHR_ALLOW, SHR_SET, SHR_SET, SHR_DENY };

		call->verb[i] = verbs[CH(4)];
		call->level[i] = 1 + CH(2);
		strcpy(call->who[i], CH(8) ? "10.0.0.1" : "10.66.0.1");
		if (call->who[i][3] == '0')
			call->who[i][3] = (char)('0' + CH(6));
	}
}

static void fill_changes(const struct call *call, struct shr_access_change *changes, uint32_t verb)
{
	memset(changes, 0, 3 * sizeof *changes);
	for (uint32_t i = 0; i < call->n_changes; i++) {
		changes[i].verb = verb ? verb : call->verb[i];
		changes[i].type = SHR_ACCESS_IP;
		changes[i].level = changes[i].verb == SHR_DENY ? 0 : call->level[i];
		changes[i].who = call->who[i];
	}
}

/* One of SHARE's, mostly; "" when there is none. */
static void pick_snapshot(struct call *call, const char *share)
{
	for (int i = 0; i < 8; i++) {
		const struct sim_share *s = sim_snapshot_at(CH(sim_snapshots()));

		if (!s || (share && strcmp(s->parent, share) != 0 && i < 7))
			continue;
		strcpy(call->other, s->id);
		if (!share && s->project[1])
			call->project = s->project[1] - '0';
		return;
	}
}

static void choose_create(struct call *call, const struct sim_share *share)
{
	call->bytes = (uint64_t)((1 + (int64_t)CH(4)) * SIM_GIB);
	call->backend = CH(SIM_BACKENDS + 1);
	snprintf(call->name, sizeof call->name, "share-%u", n_names++);
	choose_rules(call);
	call->n_changes = CH(3) ? 0 : call->n_changes;
	call->access = CH(4);
	if (CH(4) == 0)
		pick_snapshot(call, NULL);
	call->state = CH(3) == 0; /* read-only */
}

static int make_create(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	struct shr_access_change rules[3];

	fill_changes(call, rules, SHR_SET);
	spec.token = call->token[0] ? call->token : NULL;
	spec.name = call->name;
	spec.bytes = call->bytes;
	spec.protocols = SHR_PROTO_NFS;
	spec.backend = call->backend < SIM_BACKENDS ? sim_backend_names[call->backend] : NULL;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = call->n_changes;
	spec.snapshot_access = call->access;
	if (call->other[0]) {
		spec.snapshot = call->other;
		spec.backend = call->elsewhere ? spec.backend : NULL;
		spec.bytes = 0;
		spec.flags = call->state ? SHR_SHARE_READONLY : 0;
	}
	return shr_share_create(session(p, call), &spec, op, e);
}

/* ---- snapshots ---- */

static void choose_snapshot(struct call *call, const struct sim_share *share)
{
	call->access = CH(4); /* SHR_SNAPSHOT_ACCESS_*, and as the share says */
	snprintf(call->name, sizeof call->name, "snap-%u", n_names++);
}

static int make_snapshot(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;

	spec.token = call->token[0] ? call->token : NULL;
	spec.name = call->name;
	spec.access = call->access;
	return shr_snapshot_create(session(p, call), call->share, &spec, op, e);
}

static int make_snapshot_delete(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_snapshot_delete(session(p, call), call->share, &params, op, e);
}

static int make_snapshot_force(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_snapshot_force_delete(session(p, call), call->share, &params, op, e);
}

static int make_snapshot_reset(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_snapshot_reset_state(session(p, call), call->share, call->state, &params, op, e);
}

static void choose_snapshot_manage(struct call *call, const struct sim_share *share)
{
	const struct model_version *i = share && share->instance[0] ? model_find(&shr__instance_def, share->instance, NULL, NULL) : NULL;

	call->project = SIM_PROJECTS;
	call->backend = i ? (unsigned)sim_backend_of(MODEL_TEXT(i, instance, backend)) : 0;
	snprintf(call->name, sizeof call->name, "%s", sim_foreign_pick((int)call->backend, CH(40))->source);
}

static int make_snapshot_manage(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_snapshot_manage_params m = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;

	m.token = call->token[0] ? call->token : NULL;
	m.source = call->name;
	m.name = call->name;
	return shr_snapshot_manage(p->sessions[SIM_PROJECTS], call->share, &m, op, e);
}

static int make_snapshot_unmanage(struct sim_proc *p, const struct call *call, const struct shr_op **op,
	const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_snapshot_unmanage(p->sessions[SIM_PROJECTS], call->share, &params, op, e);
}

static int make_snapshot_update(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_share_update_params u = SHR_SHARE_UPDATE_PARAMS_INIT;

	u.token = call->token[0] ? call->token : NULL;
	u.description = call->name;
	return shr_snapshot_update(session(p, call), call->share, &u, op, e);
}

static void choose_set_access(struct call *call, const struct sim_share *share)
{
	call->access = 1 + CH(3);
}

static int make_set_access(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_snapshot_set_access(session(p, call), call->share, call->access, &params, op, e);
}

static void choose_revert(struct call *call, const struct sim_share *share)
{
	strcpy(call->other, "00000000-0000-7000-8000-000000000000");
	if (share)
		pick_snapshot(call, share->id);
}

static int make_revert(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_revert(session(p, call), call->share, call->other, &params, op, e);
}

/* ---- and shares again ---- */

static void choose_size(struct call *call, const struct sim_share *share)
{
	int64_t bytes = share ? share->bytes : SIM_GIB;

	if (call->flow == &shr__flow_share_extend)
		bytes += (int64_t)CH(4) * SIM_GIB / 2; /* now and then what it is */
	else
		bytes = CH(8) ? bytes / 2 : bytes * 2;
	call->bytes = bytes > 0 ? (uint64_t)bytes : 1;
}

static int make_extend(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_extend(session(p, call), call->share, call->bytes, &params, op, e);
}

static int make_shrink(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_shrink(session(p, call), call->share, call->bytes, &params, op, e);
}

static int make_delete(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_delete(session(p, call), call->share, &params, op, e);
}

static void choose_operator(struct call *call, const struct sim_share *share)
{
	call->project = SIM_PROJECTS;
	call->state = CH(2) ? SHR_SHARE_AVAILABLE : SHR_SHARE_ERROR;
	if (share && share->op_id[0] && !(sim.mask >> SIM_LAST_RESORT & 1))
		strcpy(call->share, "00000000-0000-7000-8000-000000000000");
}

static void choose_system(struct call *call, const struct sim_share *share)
{
	call->project = SIM_PROJECTS;
}

static int make_reconcile(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_reconcile(session(p, call), call->share, &params, op, e);
}

static int make_force_delete(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_force_delete(session(p, call), call->share, &params, op, e);
}

static int make_reset_state(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_reset_state(session(p, call), call->share, call->state, &params, op, e);
}

static void choose_manage(struct call *call, const struct sim_share *share)
{
	call->backend = CH(SIM_BACKENDS);
	snprintf(call->name, sizeof call->name, "%s", sim_foreign_pick((int)call->backend, CH(40))->source);
}

static int make_manage(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	static const char *const pools[SIM_BACKENDS] = { "a1", "b1", "c1" };
	struct shr_share_manage_params m = SHR_SHARE_MANAGE_PARAMS_INIT;

	m.token = call->token[0] ? call->token : NULL;
	m.backend = sim_backend_names[call->backend];
	m.pool = pools[call->backend];
	m.source = call->name;
	m.name = call->name;
	m.protocols = SHR_PROTO_NFS;
	return shr_share_manage(p->sessions[SIM_PROJECTS], &m, op, e);
}

static int make_unmanage(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_share_unmanage(p->sessions[SIM_PROJECTS], call->share, &params, op, e);
}

static void choose_nothing(struct call *call, const struct sim_share *share)
{
	snprintf(call->name, sizeof call->name, "h%u", CH(3));
}

static int make_update(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_share_update_params u = SHR_SHARE_UPDATE_PARAMS_INIT;
	const char *pair[] = { call->name, call->token };

	u.token = call->token[0] ? call->token : NULL;
	u.description = call->name;
	u.set = pair;
	u.n_set = 1;
	return shr_share_update(session(p, call), call->share, &u, op, e);
}

static void choose_access(struct call *call, const struct sim_share *share)
{
	choose_rules(call);
}

static int make_access(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_access_params a = SHR_ACCESS_PARAMS_INIT;
	struct shr_access_change changes[3];

	fill_changes(call, changes, 0);
	a.token = call->token[0] ? call->token : NULL;
	a.changes = changes;
	a.n_changes = call->n_changes;
	return shr_access_apply(session(p, call), call->share, &a, op, e);
}

static int make_lock(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_lock_add(session(p, call), call->share, call->name, "in use", &params, op, e);
}

static int make_unlock(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_lock_remove(session(p, call), call->share, call->name, &params, op, e);
}

static void choose_quota(struct call *call, const struct sim_share *share)
{
	call->shares = 20 + CH(60);
	call->bytes = (uint64_t)((40 + (int64_t)CH(200)) * SIM_GIB);
	snprintf(call->name, sizeof call->name, "p%u", CH(SIM_PROJECTS));
}

static int make_quota(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_quota_set(p->sessions[SIM_PROJECTS], call->name, (int64_t)call->shares, (int64_t)call->bytes, &params, op, e);
}

/* Some orphan, or one of a KIND; the zero id when there is none. */
static const char *choose_orphan(struct call *call, const char *kind)
{
	const struct model_version *v, *found = NULL;
	struct model_entry *at;
	unsigned n = CH(8);

	for (v = model_first(&shr__orphan_def, &at); v && (n || !found); v = model_next(&shr__orphan_def, &at)) {
		if (kind && strcmp(MODEL_TEXT(v, orphan, object), kind) != 0)
			continue;
		found = v;
		n -= n != 0;
	}
	call->project = SIM_PROJECTS;
	snprintf(call->share, sizeof call->share, "%s", found ? MODEL_TEXT(found, orphan, id) : "00000000-0000-7000-8000-000000000000");
	return found ? MODEL_TEXT(found, orphan, object) : "";
}

static void choose_any_orphan(struct call *call, const struct sim_share *share)
{
	if (strcmp(choose_orphan(call, NULL), "snapshot") == 0)
		call->flow = &shr__flow_orphan_delete_snapshot;
}

static int make_orphan_delete(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_change_params params = change(call);

	return shr_orphan_delete(p->sessions[SIM_PROJECTS], call->share, &params, op, e);
}

/* Elsewhere than its snapshot; where there is none it is just another share. */
static void choose_copy(struct call *call, const struct sim_share *share)
{
	const struct sim_share *snapshot;
	const struct sim_thing *at;

	choose_create(call, share);
	if (!call->other[0])
		pick_snapshot(call, NULL);
	call->state = 0;
	snapshot = sim_share_by(call->other);
	at = snapshot ? sim_thing_find(snapshot->instance) : NULL;
	if (!at) {
		call->flow = &shr__flow_share_create;
		call->other[0] = '\0';
		return;
	}
	call->backend = CH(8) ? (unsigned)(SIM_BACKENDS - at->backend) : 0; /* the first has no fencing: nothing is copied there */
	if (call->backend >= SIM_BACKENDS || call->backend == (unsigned)at->backend)
		call->backend = SIM_BACKENDS - 1;
}

static int make_copy(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct call elsewhere = *call;

	elsewhere.elsewhere = 1;
	return make_create(p, &elsewhere, op, e);
}

static void choose_adopt(struct call *call, const struct sim_share *share)
{
	choose_orphan(call, CH(8) ? "share" : NULL);
	snprintf(call->name, sizeof call->name, "p%u", CH(SIM_PROJECTS));
}

static int make_adopt(struct sim_proc *p, const struct call *call, const struct shr_op **op, const struct shr_error **e)
{
	struct shr_orphan_adopt_params params = SHR_ORPHAN_ADOPT_PARAMS_INIT;

	params.token = call->token[0] ? call->token : NULL;
	params.project = call->name;
	params.protocols = SHR_PROTO_NFS;
	return shr_orphan_adopt(p->sessions[SIM_PROJECTS], call->share, &params, op, e);
}

static const struct {
	const char *kind;
	unsigned weight;
	choose_fn *choose;
	make_fn *make;
} generators[] = {
	{ "share_create", 26, choose_create, make_create },
	{ "share_copy", 10, choose_copy, make_copy },
	{ "share_extend", 12, choose_size, make_extend },
	{ "share_shrink", 8, choose_size, make_shrink },
	{ "share_delete", 14, choose_nothing, make_delete },
	{ "share_force_delete", 2, choose_operator, make_force_delete },
	{ "share_manage", 4, choose_manage, make_manage },
	{ "share_unmanage", 4, choose_nothing, make_unmanage },
	{ "share_update", 5, choose_nothing, make_update },
	{ "share_reset_state", 2, choose_operator, make_reset_state },
	{ "share_reconcile", 3, choose_system, make_reconcile },
	{ "access_apply", 20, choose_access, make_access },
	{ "share_revert", 6, choose_revert, make_revert },
	{ "snapshot_create", 14, choose_snapshot, make_snapshot },
	{ "snapshot_delete", 12, choose_nothing, make_snapshot_delete },
	{ "snapshot_force_delete", 1, choose_operator, make_snapshot_force },
	{ "snapshot_manage", 2, choose_snapshot_manage, make_snapshot_manage },
	{ "snapshot_unmanage", 2, choose_nothing, make_snapshot_unmanage },
	{ "snapshot_update", 1, choose_nothing, make_snapshot_update },
	{ "snapshot_reset_state", 1, choose_operator, make_snapshot_reset },
	{ "snapshot_reconcile", 2, choose_system, make_reconcile },
	{ "snapshot_set_access", 3, choose_set_access, make_set_access },
	{ "snapshot_rules", 5, choose_access, make_access },
	{ "snapshot_follow", 0, choose_nothing, NULL }, /* comes with the share's batches */
	{ "lock_add", 3, choose_nothing, make_lock },
	{ "lock_remove", 4, choose_nothing, make_unlock },
	{ "quota_set", 1, choose_quota, make_quota },
	{ "orphan_delete", 1, choose_any_orphan, make_orphan_delete },
	{ "orphan_delete_snapshot", 0, choose_any_orphan, NULL }, /* the same call */
	{ "orphan_adopt", 3, choose_adopt, make_adopt },
};
#define N_GENERATORS (int)(sizeof generators / sizeof generators[0])

static int generator_of(const char *kind)
{
	for (int i = 0; i < N_GENERATORS; i++)
		if (strcmp(generators[i].kind, kind) == 0)
			return i;
	return -1;
}

static int by_flow[4 * N_GENERATORS]; /* the generator of each flow of the table */
static unsigned weights;

const char *sim_calls_missing(void)
{
	weights = 0;
	for (uint32_t i = 0; shr__flows[i]; i++) {
		by_flow[i] = generator_of(shr__flows[i]->kind);
		if (by_flow[i] < 0)
			return shr__flows[i]->kind;
		weights += generators[by_flow[i]].weight;
	}
	return NULL;
}

/* ---- choosing ---- */

/* What the table says: this call of FLOW would be taken. */
static int legal(const struct shr__flow *flow, const struct sim_share *s)
{
	int of_snapshots = shr__flow_of_snapshots(flow);

	if (flow->flags & SHR__FLOW_NEW) /* a snapshot's share is meant */
		return !s->snapshot && (flow->other_from >> s->state & 1) && !sim_share_held(s->id, flow->other_shared, 0);
	if (s->snapshot != of_snapshots || !(flow->from >> s->state & 1) || ((flow->flags & SHR__FLOW_LOCKABLE) && s->n_locks > 0))
		return 0;
	if (of_snapshots && flow->other_shared && sim_share_held(s->parent, flow->other_shared, 0))
		return 0;
	if (s->n_children && (flow->to == SHR__GONE)) /* what depends on it comes first; not always, which the call itself says */
		return 0;
	if ((flow == &shr__flow_snapshot_rules && s->access != SHR_SNAPSHOT_ACCESS_OWN) || flow == &shr__flow_share_revert)
		return 0;
	if (flow->flags & SHR__FLOW_PREEMPTS)
		return !sim_share_needed(s->id, flow->hold_shared, flow->hold_exclusive);
	return (flow->flags & SHR__FLOW_QUEUES) || !sim_share_held(s->id, flow->hold_shared, flow->hold_exclusive);
}

/* Mostly a share of which the table says that the call is legal. */
static struct sim_share *pick(const struct sim_proc *p, const struct shr__flow *flow)
{
	struct sim_share *s = p->hot[0] && (waits_now || !CH(6)) ? sim_share_by(p->hot) : NULL;
	int of_snapshots = shr__flow_of_snapshots(flow) && !(flow->flags & SHR__FLOW_NEW);

	if (s)
		return s;
	for (int i = 0; i < 6; i++) {
		s = of_snapshots ? sim_snapshot_at(CH(sim_snapshots())) : sim_share_at(CH(sim_shares()));
		if (!s || legal(flow, s))
			break;
	}
	return s;
}

static void choose(const struct sim_proc *p, struct call *call)
{
	unsigned n = CH(weights);
	const struct sim_share *s = NULL;
	uint32_t i;

	memset(call, 0, sizeof *call);
	for (i = 0; n >= generators[by_flow[i]].weight; i++)
		n -= generators[by_flow[i]].weight;
	call->flow = shr__flows[i];
	call->generator = by_flow[i];
	call->project = (int)CH(SIM_PROJECTS);
	strcpy(call->share, "00000000-0000-7000-8000-000000000000");
	if ((!(call->flow->flags & (SHR__FLOW_NEW | SHR__FLOW_ALONE)) || shr__flow_of_snapshots(call->flow)) &&
		(s = pick(p, call->flow))) {
		strcpy(call->share, s->id);
		/* Calls that are for both. */
		if (generators[call->generator].make == make_reconcile)
			call->flow = s->snapshot ? &shr__flow_snapshot_reconcile : &shr__flow_share_reconcile;
		if (generators[call->generator].make == make_access)
			call->flow = s->snapshot ? &shr__flow_snapshot_rules : &shr__flow_access_apply;
		call->project = CH(20) ? s->project[1] - '0' : call->project; /* now and then somebody else's */
	}
	if (CH(3) == 0)
		snprintf(call->token, sizeof call->token, "token-%u", n_tokens++);
	generators[call->generator].choose(call, s);
}

/* ---- calling ---- */

static void make(struct sim_proc *p, void *data)
{
	struct done *d = data;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	sim_check_call_begins();
	d->rc = generators[d->call->generator].make(p, d->call, &op, &error);
	if (op)
		sim_text(d->op, sizeof d->op, op->id);
	sim_text(d->words, sizeof d->words, error ? error->message : "");
	if (d->rc < 0 && !error)
		sim_broken("a call failed without an error");
	if (d->rc >= 0 && !op)
		sim_broken("a call was taken without an operation");
	shr_op_unref(op);
	shr_error_unref(error);
	if (d->rc < 0 && sim_check_call_op() && d->rc != SHR_EUNKNOWN)
		sim_broken("%s was refused (%s), and was done", d->call->flow->kind, shr_strcode(d->rc));
	sim_refresh_due(p);
	p->due = sim.now;
}

/* Refused for what nobody committed? */
static void check_refusal(const struct done *d, int was_legal, int64_t version)
{
	const struct shr__flow *f = d->call->flow;
	const struct sim_share *s = sim_share_by(d->call->share);

	/* Whatever would forbid it changes the row, and when it has ended again the row has another version. */
	if (!was_legal || !s || s->version != version || !legal(f, s) || (d->rc != SHR_ESTATE && d->rc != SHR_ELOCKED &&
		(d->rc != SHR_ENOTFOUND || (strncmp(d->words, "no share", 8) != 0 && strncmp(d->words, "no snapshot", 11) != 0))))
		return;
	if (d->rc == SHR_ENOTFOUND && d->call->project != SIM_PROJECTS && sim_share_by(d->call->share) &&
		sim_share_by(d->call->share)->project[1] - '0' != d->call->project)
		return; /* somebody else's */
	if (f == &shr__flow_share_reset_state || f == &shr__flow_snapshot_reset_state)
		return;
	sim_broken("%s of %s was refused (%s), and nothing in the store forbids it: %s", f->kind, sim_short(d->call->share),
		shr_strcode(d->rc), d->words);
}

static void check_token(const struct done *d)
{
	const struct model_version *v;
	int n = d->call->flow == &shr__flow_share_manage || d->call->flow == &shr__flow_share_unmanage ||
		d->call->flow == &shr__flow_snapshot_unmanage ||
		d->call->flow == &shr__flow_quota_set || d->call->project == SIM_PROJECTS ? 0 : d->call->project;

	v = d->call->token[0] ? model_find(&shr__token_def, sim_project_names[n], d->call->token, NULL) : NULL;
	if (d->call->token[0] && (!v || strcmp(MODEL_TEXT(v, token, op_id), d->op) != 0))
		sim_broken("token %s leads to another operation", d->call->token);
}

static int passing(int rc)
{
	return rc == SHR_EAGAIN || rc == SHR_ESTORE || rc == SHR_EUNKNOWN || rc == SHR_EBUSY || rc == SHR_ENOMEM;
}

static void perform(struct sim_proc *p, struct call *call)
{
	struct done d = { .call = call };
	const struct sim_share *s = sim_share_by(call->share);
	int was_legal = s && legal(call->flow, s), died;
	int64_t version = s ? s->version : 0;

	sim.stats.calls++;
	sim_say("%s: a caller wants %s of %s%s%s", p->name, call->flow->kind, sim_short(call->share), call->token[0] ? ", " : "",
		call->token);
	/* One that is reset while it is worked at may have another size or other rules on its backend. */
	if (s && (s->op_id[0] || s->state == SHR_SHARE_ERROR) && (call->flow == &shr__flow_share_reset_state ||
		call->flow == &shr__flow_snapshot_reset_state))
		sim_share_by(call->share)->tampered = 1;
	died = sim_in(p, make, &d);
	if (died || passing(d.rc)) {
		if (!died)
			sim_say("  answered %s: %s", shr_strcode(d.rc), d.words);
		if (call->token[0] && !has_again) {
			again = *call;
			has_again = 1;
		}
		return;
	}
	if (d.rc < 0) {
		sim.stats.refused++;
		sim_say("  refused: %s: %s", shr_strcode(d.rc), d.words);
		if (d.rc == SHR_EINTERNAL || d.rc == SHR_ECORRUPT)
			sim_broken("%s: %s", call->flow->kind, d.words);
		check_refusal(&d, was_legal, version);
		return;
	}
	sim.stats.accepted++;
	sim_say("  accepted: operation %s", sim_short(d.op));
	sim_check_acknowledged(d.op, call->flow->kind);
	check_token(&d);
}

/* ---- other calls ---- */

struct cancel {
	char op[40];
	int rc;
};

static void make_cancel(struct sim_proc *p, void *data)
{
	struct cancel *k = data;
	const struct shr_error *error = NULL;

	k->rc = shr_op_cancel(p->sessions[SIM_PROJECTS], k->op, &error);
	shr_error_unref(error);
	p->due = sim.now;
}

static void cancel(struct sim_proc *p)
{
	const struct sim_share *s = sim_share_at(CH(sim_shares()));
	struct cancel k;

	if (!s || !s->op_id[0])
		return;
	snprintf(k.op, sizeof k.op, "%s", s->op_id);
	sim_say("%s: a caller cancels operation %s", p->name, sim_short(k.op));
	if (!sim_in(p, make_cancel, &k))
		sim_say("  %s", k.rc ? shr_strcode(k.rc) : "asked to end");
}

static void make_reads(struct sim_proc *p, void *data)
{
	struct shr_session *s = p->sessions[CH(SIM_PROJECTS + 1)];
	const struct sim_share *share = sim_share_at(CH(sim_shares()));
	const struct shr_error *error = NULL;
	const struct shr_share *record = NULL;
	const struct shr_share_page *page = NULL;
	const struct shr_quota *quota = NULL;
	char id[40] = "00000000-0000-7000-8000-000000000000";
	int rc = 0;

	if (share)
		snprintf(id, sizeof id, "%s", share->id);
	switch (CH(3)) {
	case 0:
		rc = shr_share_get(s, id, &record, &error);
		shr_share_unref(record);
		break;
	case 1:
		rc = shr_share_list(s, NULL, NULL, &page, &error);
		shr_share_page_unref(page);
		break;
	default:
		rc = shr_quota_get(p->sessions[SIM_PROJECTS], "p1", &quota, &error);
		shr_quota_unref(quota);
	}
	if (rc == SHR_EINTERNAL || rc == SHR_ECORRUPT)
		sim_broken("a read: %s", error->message);
	shr_error_unref(error);
}

void sim_call(struct sim_proc *p)
{
	struct call call;
	unsigned n = CH(20);

	waits_now = sim_waits(p);

	if (has_again && n < 5) {
		call = again;
		has_again = 0;
		sim_say("the same call again");
		perform(p, &call);
	} else if (n == 5 && (sim.mask >> SIM_CANCEL & 1)) {
		cancel(p);
	} else if (n == 6) {
		sim_in(p, make_reads, NULL);
	} else {
		choose(p, &call);
		perform(p, &call);
	}
}

/* ---- a newer version's ---- */

void sim_calls_newer(void)
{
	char op_id[40], share_id[40];
	struct shr__op_row op;
	struct shr__share_row share;
	struct sim_proc *cur = sim.cur;

	if (n_newer >= 5)
		return;
	snprintf(op_id, sizeof op_id, "ffffffff-ffff-7fff-8fff-%012u", n_newer);
	snprintf(share_id, sizeof share_id, "ffffffff-ffff-7fff-8fff-%012u", 1000 + n_newer);
	n_newer++;
	memset(&op, 0, sizeof op);
	memset(&share, 0, sizeof share);
	share.id = share_id;
	share.version = 1;
	share.project = "p0";
	share.state = 40;
	share.name = share.description = share.zone = share.reason = share.parent = "";
	share.op_id = op_id;
	share.generation = 2;
	op.id = op_id;
	op.version = 1;
	op.kind = "share_teleport";
	op.kind_version = 1;
	op.state = SHR_OP_QUEUED;
	op.live = 1;
	op.object = "share";
	op.object_id = share_id;
	op.project = "p0";
	op.user = op.request_id = op.engine = op.engine_name = op.after_op = "";
	op.backend = sim_backend_names[n_newer % SIM_BACKENDS];
	op.step = "dissolve";
	op.args.p = op.memo.p = op.error.p = "";
	op.generation = 2;
	sim_say("a newer version puts operation %s into the store", sim_short(op_id));
	sim.cur = NULL; /* it is none of the processes' doing */
	model_put(&shr__share_def, &share);
	model_put(&shr__op_def, &op);
	sim.cur = cur;
}

/* ---- the end ---- */

static void reconcile_it(struct sim_proc *p, void *data)
{
	const struct shr_error *error = NULL;
	int rc = shr_share_reconcile(p->sessions[SIM_PROJECTS], data, NULL, NULL, &error);

	if (rc < 0)
		sim_broken("share %s cannot be reconciled: %s", sim_short(data), error->message);
	shr_error_unref(error);
	p->due = sim.now;
}

static void delete_it(struct sim_proc *p, void *data)
{
	const struct shr_error *error = NULL;
	int rc = shr_share_delete(p->sessions[SIM_PROJECTS], data, NULL, NULL, &error);

	if (rc < 0 && rc != SHR_ELOCKED && !(rc == SHR_ESTATE && sim_share_by(data) && sim_share_by(data)->n_children))
		sim_broken("share %s is in error and cannot be deleted: %s", sim_short(data), error->message);
	shr_error_unref(error);
	p->due = sim.now;
}

void sim_calls_reconcile(struct sim_proc *p)
{
	struct sim_share *s;

	for (unsigned n = 0; n < sim_shares() + sim_snapshots(); n++) {
		s = n < sim_shares() ? sim_share_at(n) : sim_snapshot_at(n - sim_shares());
		if (s->state == SHR_SHARE_AVAILABLE) {
			char id[40];

			snprintf(id, sizeof id, "%s", s->id);
			sim_in(p, reconcile_it, id);
		}
	}
}

static void delete_snapshot(struct sim_proc *p, void *data)
{
	const struct shr_error *error = NULL;
	int rc = shr_snapshot_delete(p->sessions[SIM_PROJECTS], data, NULL, NULL, &error);

	if (rc < 0 && rc != SHR_ELOCKED && rc != SHR_ESTATE)
		sim_broken("snapshot %s is in error and cannot be deleted: %s", sim_short(data), error->message);
	shr_error_unref(error);
	p->due = sim.now;
}

void sim_calls_tidy(struct sim_proc *p)
{
	struct sim_share *s;

	for (unsigned n = 0; n < sim_snapshots(); n++) {
		s = sim_snapshot_at(n);
		if (s->state == SHR_SHARE_ERROR || s->tampered || (sim_share_by(s->parent) && sim_share_by(s->parent)->tampered)) {
			char id[40];

			snprintf(id, sizeof id, "%s", s->id);
			sim_in(p, delete_snapshot, id);
		}
	}

	for (unsigned n = 0; n < sim_shares(); n++) {
		s = sim_share_at(n);
		if (s->state == SHR_SHARE_ERROR || s->tampered) {
			char id[40];

			snprintf(id, sizeof id, "%s", s->id);
			sim_in(p, delete_it, id);
		}
	}
}

void sim_calls_begin(void)
{
	has_again = 0;
	n_tokens = n_names = n_newer = 0;
}

void sim_calls_end(void)
{
}

/* lib/flow/snapshot_follow.c - snapshots that have the rules of their share: telling each batch, and letting go of closed ones */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "flow/access_sync.h"
#include "flow/accept.h"
#include "flow/flows.h"

#define PAGE 100
#define SWEEP 1000 /* rows that one sync lets go of at most: the next one goes on */

/* ---- its share's rules: each batch of those is told it by an operation of its own ---- */

static int follow_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (a->instance.state != SHR_SNAPSHOT_AVAILABLE) /* it is being made: what it is told then has these, too */
		a->op.after_op = a->share.op_id;
	shr__pack_int(&a->args, SHR__ARG_REVISION, a->if_revision);
	/* Its row is what a delete at the same time writes too. */
	a->share.generation = SHR__GENERATION;
	a->share_set |= SHR__COL(share, generation);
	return 0;
}

static int follow_call(struct shr__work *w)
{
	return w->instance.state == SHR_SNAPSHOT_AVAILABLE && shr__rules_followed(w) ? shr__access_sync_call(w) : 0;
}

static int follow_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	return w->sync ? shr__sync_save(w, t, reterr) : 0;
}

static int follow_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	return shr__rules_followed(w) ? shr__sync_failed(w, t, reterr) : 0;
}

const struct shr__flow shr__flow_snapshot_follow = {
	.kind = "snapshot_follow", .version = 1, .flags = SHR__FLOW_QUEUES, .object = "snapshot", .rows = &shr__snapshot_def,
	.action = "access:apply", .verb = "given its share's rules",
	.from = SHR__ST(SHR_SNAPSHOT_AVAILABLE) | SHR__ST(SHR_SNAPSHOT_CREATING) | SHR__ST(SHR_SNAPSHOT_MANAGING) |
		SHR__ST(SHR_SNAPSHOT_ERROR), /* who was denied is also denied one that was set to that by hand */
	.hold_shared = SHR__LIFE | SHR__ACCESS, .event_done = "access.applied", .event_failed = "access.refused",
	.accept = follow_accept, .failure = follow_failed, .n_steps = 1,
	.steps = { { "sync", SHR__STEP_CANCELLABLE | SHR__STEP_ACCESS_LANE, follow_call, follow_save, NULL, NULL } },
};

/* The core has no random of its own, and a body may run twice: an id that follows from the batch's and the snapshot's. */
static int derive_id(const char *op_id, const char *snapshot_id, char ret[SHR__UUID_ROOM])
{
	static const char hex[] = "0123456789abcdef";
	char both[2 * SHR__UUID_ROOM];
	uint8_t digest[32];
	int n = snprintf(both, sizeof both, "%s/%s", op_id, snapshot_id);

	if (n < 0 || (size_t)n >= sizeof both || strlen(op_id) != SHR__UUID_ROOM - 1 || shr__sha256(both, (size_t)n, digest) < 0)
		return SHR_EINTERNAL;
	memcpy(ret, op_id, SHR__UUID_ROOM);
	for (int i = 20; i < SHR__UUID_ROOM - 1; i++) /* behind the time, the version and the variant */
		if (ret[i] != '-')
			ret[i] = hex[digest[i - 20] & 15];
	return 0;
}

struct following {
	struct shr__accept *a;
	char last[SHR__UUID_ROOM]; /* the snapshot that was looked at */
	const struct shr_error **reterr;
};

static int queue_one(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__share_row *snapshot = row;
	struct following *f = data;
	struct shr__arena *arena = shr__txn_arena(t);
	char *id = shr__arena_alloc(arena, SHR__UUID_ROOM);
	struct shr__accept a = { .env = f->a->env, .flow = &shr__flow_snapshot_follow, .arena = arena, .system = 1,
		.project = snapshot->project, .user = f->a->user, .request_id = f->a->request_id, .token = "", .now_ns = f->a->now_ns,
		.op_id = id, .object_id = snapshot->id, .object_project = snapshot->project,
		.if_revision = f->a->share.access_revision };
	int rc;

	snprintf(f->last, sizeof f->last, "%s", snapshot->id);
	if (snapshot->snapshot_access != SHR_SNAPSHOT_ACCESS_SHARE)
		return 0;
	rc = id ? derive_id(f->a->op_id, snapshot->id, id) : SHR_ENOMEM;
	if (rc == 0)
		rc = shr__accept_body(t, &a, f->reterr);
	shr__buf_clear(&a.args);
	if (rc == SHR_ESTATE) { /* it is being deleted */
		if (f->reterr) {
			shr_error_unref(*f->reterr);
			*f->reterr = NULL;
		}
		return 0;
	}
	f->a->followed |= rc == 0;
	return rc;
}

int shr__followers_queue(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct following f = { .a = a, .reterr = reterr };
	struct shr__share_row from = { .parent = a->object_id, .id = f.last };
	uint32_t n_from = 1;
	int rc;

	if (!a->share.n_followers || shr__flow_of_snapshots(a->flow))
		return 0;
	do {
		rc = shr__txn_scan(t, &shr__snapshot_def, SHR__I_snapshot_by_parent, &from, n_from, 1, 0, PAGE, queue_one, &f);
		n_from = 2;
	} while (rc == PAGE);
	return rc < 0 ? rc : 0;
}

/* ---- closed rules that several have: each must have been told, and have let go, before the row goes ---- */

#define MOST_FAULTY 64

struct sweep {
	const char *but;           /* this instance's row says nothing of it */
	int64_t floor;             /* what all of them were told at least */
	char last[SHR__UUID_ROOM]; /* the snapshot that was looked at */
	int idle;                  /* nothing makes it */
	char faulty[MOST_FAULTY][SHR__UUID_ROOM]; /* instances that refused some rules */
	uint32_t n_faulty;
};

static void note_faulty(struct sweep *s, const char *id)
{
	if (s->n_faulty < MOST_FAULTY)
		snprintf(s->faulty[s->n_faulty++], SHR__UUID_ROOM, "%s", id);
	else
		s->floor = 0; /* it is not known which */
}

static int look_at_instance(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__instance_row *instance = row;
	struct sweep *s = data;

	if (instance->state == SHR_SHARE_DELETING || instance->state == SHR_SHARE_UNMANAGING || strcmp(instance->id, s->but) == 0)
		return 0; /* what goes is told nothing any more */
	if (s->idle && instance->state != SHR_SHARE_AVAILABLE)
		return 0; /* nor is what was never made */
	if (instance->access_applied < s->floor)
		s->floor = instance->access_applied;
	if (instance->n_faults)
		note_faulty(s, instance->id);
	return 0;
}

static int look_at_snapshot(struct shr__txn *t, const void *row, void *data)
{
	const struct shr__share_row *snapshot = row;
	struct sweep *s = data;
	struct shr__instance_row from = { .share_id = snapshot->id };
	int rc;

	snprintf(s->last, sizeof s->last, "%s", snapshot->id);
	if (snapshot->snapshot_access != SHR_SNAPSHOT_ACCESS_SHARE)
		return 0;
	s->idle = !snapshot->op_id[0];
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, PAGE, look_at_instance, s);
	return rc < 0 ? rc : 0;
}

static int sweep_one(struct shr__txn *t, const void *data, void *psweep)
{
	const struct shr__rule_row *rule = data;
	const struct sweep *s = psweep;

	if (rule->gone > s->floor)
		return 1;
	for (uint32_t i = 0; i < s->n_faulty; i++) {
		struct shr__rule_fault_row fault = { .instance_id = s->faulty[i], .rule_id = rule->id };
		int rc = shr__txn_get(t, &shr__rule_fault_def, &fault);

		if (rc != SHR_ENOTFOUND)
			return rc; /* its removal was refused: it is told again */
	}
	return shr__txn_remove(t, &shr__rule_def, rule);
}

int shr__rules_sweep(struct shr__txn *t, const char *share_id, const struct shr__instance_row *own, int64_t told)
{
	struct sweep *s = shr__arena_alloc(shr__txn_arena(t), sizeof *s);
	struct shr__share_row from = { .parent = share_id };
	struct shr__instance_row of_share = { .share_id = share_id };
	struct shr__rule_row closed = { .share_id = share_id, .gone = 0 };
	uint32_t n_from = 1;
	int rc;

	if (!s)
		return SHR_ENOMEM;
	s->but = own->id;
	s->floor = told;
	if (told < INT64_MAX)
		note_faulty(s, own->id);
	from.id = s->last;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &of_share, 1, 1, 0, PAGE, look_at_instance, s);
	while (rc >= 0) {
		rc = shr__txn_scan(t, &shr__snapshot_def, SHR__I_snapshot_by_parent, &from, n_from, 1, 0, PAGE, look_at_snapshot, s);
		n_from = 2;
		if (rc < PAGE)
			break;
	}
	if (rc >= 0)
		rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_gone, &closed, 2, 1, 0, SWEEP, sweep_one, s);
	return rc < 0 ? rc : 0;
}

/* tests/sim/check.c - what must hold of every commit, and of the callers and drivers */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "driver.h"
#include "engine/engine_own.h"
#include "flow/flows.h"
#include "flow/work.h"
#include "mirror.h"
#include "model.h"

#define POOLS 4
#define NEWEST_STATE SHR_SHARE_REVERTING
static const char *const pool_names[POOLS][2] = { { "alpha", "a1" }, { "alpha", "a2" }, { "beta", "b1" }, { "gamma", "c1" } };
const char *const sim_project_names[SIM_PROJECTS] = { "p0", "p1", "p2" };

struct change {
	struct model_row *row;
	const struct model_version *old, *is;
};

static void mirror(void);

static struct {
	struct change *changes;
	uint32_t n, room;
	struct sim_share **shares[2]; /* and snapshots */
	unsigned n_shares[2], room_shares[2];
	unsigned n_live;
	int64_t event;
	/* What instances and orphans add up to. */
	int64_t used[SIM_PROJECTS], bytes[SIM_PROJECTS], pools[POOLS];
	int accounts; /* this commit touched them */
	struct model_row *quota_rows[SIM_PROJECTS], *pool_rows[POOLS]; /* NULL: not there yet */
	struct {
		char engine[40];
		uint64_t step;   /* in which it became so */
	} owners[SIM_BACKENDS];
	char call_op[SIM_MOST_PROCS][40];
} c;

static int is_text(const struct model_version *v, unsigned column, const char *text)
{
	return strcmp(v->cells[column - 1].p, text) == 0;
}
#define IS(v, table, column, text) is_text(v, SHR__N_##table##_##column, text)

void sim_text(char *to, size_t room, const char *from)
{
	size_t n = strlen(from);

	if (n >= room)
		n = room - 1;
	memcpy(to, from, n);
	to[n] = 0;
}

/* Asked for some dozens of times a commit: where it was found before is looked at first. */
const struct shr__flow *sim_flow_of(const struct model_version *op)
{
	static const struct shr__flow *known[256];
	const struct shr_cell *kind = &op->cells[SHR__N_op_kind - 1];
	const char *text = kind->p;
	unsigned char at = kind->len ? (unsigned char)(kind->len * 31 + (unsigned char)text[kind->len - 1] * 7u +
		(unsigned char)text[kind->len / 2]) : 0;
	const struct shr__flow *f = known[at];

	if (f && f->version == MODEL_INT(op, op, kind_version) && strcmp(f->kind, text) == 0)
		return f;
	f = shr__flow_find(text, (uint32_t)MODEL_INT(op, op, kind_version));
	if (f)
		known[at] = f;
	return f;
}

static int64_t arg_of(const struct model_version *op, uint16_t tag)
{
	const struct shr_cell *args = &op->cells[SHR__N_op_args - 1];
	int64_t value = 0;

	shr__pack_find_int(args->p, args->len, tag, &value);
	return value;
}

/* ---- the shares that are there ---- */

unsigned sim_shares(void)
{
	return c.n_shares[0];
}

struct sim_share *sim_share_at(unsigned n)
{
	return n < c.n_shares[0] ? c.shares[0][n] : NULL;
}

unsigned sim_snapshots(void)
{
	return c.n_shares[1];
}

struct sim_share *sim_snapshot_at(unsigned n)
{
	return n < c.n_shares[1] ? c.shares[1][n] : NULL;
}

struct model_row *sim_object_row(const char *id)
{
	struct model_row *row = model_find_row(&shr__share_def, id, NULL, NULL);

	return row ? row : model_find_row(&shr__snapshot_def, id, NULL, NULL);
}

const struct model_version *sim_object(const char *id)
{
	const struct model_row *row = sim_object_row(id);

	return row && row->newest && !row->newest->gone ? row->newest : NULL;
}

struct sim_share *sim_share_by(const char *id)
{
	const struct model_row *row = sim_object_row(id);

	return row ? row->shadow : NULL;
}

/* A place for one of its kind. */
static struct sim_share *new_shadow(int kind)
{
	struct sim_share *s = calloc(1, sizeof *s);

	if (c.n_shares[kind] == c.room_shares[kind]) {
		c.room_shares[kind] = c.room_shares[kind] ? 2 * c.room_shares[kind] : 64;
		c.shares[kind] = realloc(c.shares[kind], c.room_shares[kind] * sizeof(*c.shares[kind]));
	}
	if (!s || !c.shares[kind])
		abort();
	s->snapshot = kind;
	s->at = c.n_shares[kind];
	c.shares[kind][c.n_shares[kind]++] = s;
	return s;
}

static void share_shadow(const struct change *ch)
{
	struct sim_share *s = ch->row->shadow;
	int kind = ch->row->table->number == shr__snapshot_def.table->number;

	if (!ch->is) {
		if (!s)
			return;
		c.shares[kind][s->at] = c.shares[kind][--c.n_shares[kind]];
		c.shares[kind][s->at]->at = s->at;
		free(s);
		ch->row->shadow = NULL;
		return;
	}
	if (MODEL_INT(ch->is, share, state) > NEWEST_STATE)
		return; /* a newer version's */
	if (!s) {
		s = new_shadow(kind);
		ch->row->shadow = s;
		sim_text(s->parent, sizeof s->parent, MODEL_TEXT(ch->is, share, parent));
		sim_text(s->id, sizeof s->id, MODEL_TEXT(ch->is, share, id));
		sim_text(s->project, sizeof s->project, MODEL_TEXT(ch->is, share, project));
	}
	s->state = (uint32_t)MODEL_INT(ch->is, share, state);
	s->version = MODEL_INT(ch->is, share, version);
	s->bytes = MODEL_INT(ch->is, share, bytes);
	s->n_locks = MODEL_INT(ch->is, share, n_locks);
	s->n_rules = MODEL_INT(ch->is, share, n_rules);
	s->access = MODEL_INT(ch->is, share, snapshot_access);
	s->n_children = MODEL_INT(ch->is, share, n_children);
	sim_text(s->op_id, sizeof s->op_id, MODEL_TEXT(ch->is, share, op_id));
}

static int conflict(uint32_t shared_a, uint32_t exclusive_a, uint32_t shared_b, uint32_t exclusive_b)
{
	return (exclusive_a & (shared_b | exclusive_b)) || (shared_a & exclusive_b);
}

int sim_share_held(const char *id, uint32_t shared, uint32_t exclusive)
{
	const struct shr_cell object = model_text(id);
	struct model_look look;

	for (const struct model_version *v = model_look(&shr__hold_def, 0, &object, 1, &look); v; v = model_look_on(&look))
		if (conflict(shared, exclusive, (uint32_t)MODEL_INT(v, hold, shared),
			(uint32_t)MODEL_INT(v, hold, exclusive)))
			return 1;
	return 0;
}

int sim_share_needed(const char *id, uint32_t shared, uint32_t exclusive)
{
	const struct shr_cell object = model_text(id);
	struct model_look look;

	for (const struct model_version *v = model_look(&shr__hold_def, 0, &object, 1, &look); v; v = model_look_on(&look)) {
		const struct model_version *op = model_find(&shr__op_def, MODEL_TEXT(v, hold, op_id), NULL, NULL);

		if (op && !IS(op, op, object_id, id) && conflict(shared, exclusive, (uint32_t)MODEL_INT(v, hold, shared),
			(uint32_t)MODEL_INT(v, hold, exclusive)))
			return 1;
	}
	return 0;
}

/* ---- one commit ---- */

void sim_check_row(struct model_row *row, const struct model_version *old, const struct model_version *new_one,
	uint64_t snapshot)
{
	if (!old && !new_one)
		return;
	if (c.n == c.room) {
		c.room = c.room ? 2 * c.room : 64;
		c.changes = realloc(c.changes, c.room * sizeof *c.changes);
		if (!c.changes)
			abort();
	}
	c.changes[c.n++] = (struct change){ row, old, new_one };
}

/* Who owned the backend of an operation, as its writer saw it. */
static const char *owner_seen(const struct model_version *op, uint64_t snapshot)
{
	const struct model_row *row = model_find_row(&shr__backend_def, MODEL_TEXT(op, op, backend), NULL, NULL);
	const struct model_version *v = NULL;

	if (row)
		v = model_seen(row, snapshot);
	return v ? MODEL_TEXT(v, backend, engine) : "";
}

static void op_begins(const struct model_version *op)
{
	const struct shr__flow *f = sim_flow_of(op);

	if (!f) {
		c.n_live += 0;
		return;
	}
	c.n_live += MODEL_INT(op, op, live) != 0;
	if (sim.cur)
		sim_text(c.call_op[sim.cur->n], sizeof c.call_op[0], MODEL_TEXT(op, op, id));
	sim_say("+ operation %s: %s of %s%s%s", sim_short(MODEL_TEXT(op, op, id)), f->kind, sim_short(MODEL_TEXT(op, op, object_id)),
		MODEL_TEXT(op, op, after_op)[0] ? " after " : "",
		MODEL_TEXT(op, op, after_op)[0] ? sim_short(MODEL_TEXT(op, op, after_op)) : "");
}

/* An operation of SHARE whose flow has FLAG was accepted in this same commit. */
static int accepted(const char *share, uint32_t flag)
{
	for (uint32_t i = 0; i < c.n; i++) {
		const struct change *ch = &c.changes[i];

		if (ch->row->table->number == shr__op_def.table->number && !ch->old && ch->is && sim_flow_of(ch->is) &&
			(sim_flow_of(ch->is)->flags & flag) && IS(ch->is, op, object_id, share))
			return 1;
	}
	return 0;
}

static const struct sim_thing *thing_of(const char *object)
{
	const struct sim_share *s = sim_share_by(object);

	return s && s->instance[0] ? sim_thing_find(s->instance) : NULL;
}

/* It has the contents of the snapshot, and the snapshot is there as before. */
static void check_contents(const struct model_version *op)
{
	const struct shr__op_row row = { .args = { op->cells[SHR__N_op_args - 1].p, op->cells[SHR__N_op_args - 1].len } };
	const struct sim_thing *share = thing_of(MODEL_TEXT(op, op, object_id)), *snapshot;
	char other[SHR__UUID_ROOM];

	shr__other_id(&row, other);
	snapshot = thing_of(other);
	if (!snapshot) /* it was taken away by force meanwhile */
		return;
	if (!share || !share->present || !snapshot->present || share->content != snapshot->content)
		sim_broken("share %s has other contents than %s, of which it was made", sim_short(MODEL_TEXT(op, op, object_id)), sim_short(other));
}

static void op_ends(const struct model_version *op, const struct model_version *old)
{
	const struct shr__flow *f = sim_flow_of(op);
	const char *share = MODEL_TEXT(op, op, object_id);
	const struct model_version *row = sim_object(share);
	int64_t state = MODEL_INT(op, op, state);

	c.n_live--;
	sim_say("- operation %s: %s of %s %s%s%s", sim_short(MODEL_TEXT(op, op, id)), f->kind, sim_short(share),
		shr_op_state_name((uint32_t)state), MODEL_INT(op, op, error_code) ? ": " : "",
		MODEL_INT(op, op, error_code) ? shr_strcode((int)MODEL_INT(op, op, error_code)) : "");
	if (state != SHR_OP_SUCCEEDED && state != SHR_OP_FAILED && state != SHR_OP_CANCELLED)
		sim_broken("operation %s ended in state %d", sim_short(MODEL_TEXT(op, op, id)), (int)state);
	if (state == SHR_OP_SUCCEEDED && MODEL_INT(old, op, undoing))
		sim_broken("operation %s was undone, and succeeded", sim_short(MODEL_TEXT(op, op, id)));
	if (state == SHR_OP_SUCCEEDED && (f == &shr__flow_share_extend || f == &shr__flow_share_shrink) &&
		row && MODEL_INT(row, share, bytes) != arg_of(op, SHR__ARG_BYTES))
		sim_broken("operation %s succeeded, and share %s has another size", sim_short(MODEL_TEXT(op, op, id)), sim_short(share));
	if (state == SHR_OP_SUCCEEDED && (f == &shr__flow_share_revert || f == &shr__flow_share_copy))
		check_contents(op);
	/* What a force-delete left may be a share again at once. */
	if (state == SHR_OP_SUCCEEDED && f->to == SHR__GONE && row && !accepted(share, SHR__FLOW_NEW))
		sim_broken("operation %s succeeded, and share %s is still there", sim_short(MODEL_TEXT(op, op, id)), sim_short(share));
	if (state == SHR_OP_FAILED && f->to == SHR__GONE && f->failed != SHR__GONE && !row && !accepted(share, SHR__FLOW_OUTLIVES))
		sim_broken("operation %s failed, and share %s is gone", sim_short(MODEL_TEXT(op, op, id)), sim_short(share));
	if (state == SHR_OP_CANCELLED && sim_share_by(share) && (f->hold_exclusive & SHR__DATA) == 0 &&
		(!MODEL_INT(old, op, undoing) || f == &shr__flow_snapshot_set_access)) {
		/* It was cut off: its last call may have happened. */
		sim_share_by(share)->tampered = 1;
	}
}

/* It cannot have begun: what it waits for goes on, as far as its engine saw. */
static int still_waits(const struct model_version *op, const struct model_version *old)
{
	return MODEL_TEXT(op, op, after_op)[0] && MODEL_INT(op, op, attempts) == MODEL_INT(old, op, attempts);
}

/* A change that an engine made of an operation that it had, or that it claims. */
static void op_moves(const struct model_version *op, const struct model_version *old, uint64_t snapshot)
{
	const char *is = MODEL_TEXT(op, op, engine), *was = MODEL_TEXT(old, op, engine);
	int claims = strcmp(is, was) != 0;

	if (MODEL_INT(op, op, fence) < MODEL_INT(old, op, fence))
		sim_broken("operation %s: its fence went from %d to %d", sim_short(MODEL_TEXT(op, op, id)), (int)MODEL_INT(old, op, fence),
			(int)MODEL_INT(op, op, fence));
	if (claims && is[0]) {
		sim_say("  operation %s is %s's, attempt %d", sim_short(MODEL_TEXT(op, op, id)), MODEL_TEXT(op, op, engine_name),
			(int)MODEL_INT(op, op, attempts));
		if (was[0] && MODEL_INT(op, op, attempts) != MODEL_INT(old, op, attempts) + 1 && !still_waits(op, old))
			sim_broken("operation %s was under way when an engine died, and that was not counted", sim_short(MODEL_TEXT(op, op, id)));
	}
	if (!is[0] || !sim.cur || !sim.cur->engine || !sim.cur->engine->id || strcmp(sim.cur->engine->id, is) != 0)
		return;
	if (!claims && (MODEL_INT(op, op, state) == SHR_OP_CANCELLED || (MODEL_INT(op, op, updated_ns) ==
		MODEL_INT(old, op, updated_ns) && MODEL_INT(op, op, state) == MODEL_INT(old, op, state))))
		return; /* a caller's: it was cut off, asked to end, or goes on under another epoch */
	if (strcmp(owner_seen(op, snapshot), is) != 0)
		sim_broken("%s committed operation %s, and saw that %s is another's", sim.cur->name, sim_short(MODEL_TEXT(op, op, id)),
			MODEL_TEXT(op, op, backend));
}

static void check_op(const struct change *ch, uint64_t snapshot)
{
	const struct model_version *op = ch->is, *old = ch->old;

	if (!old) {
		op_begins(op);
		return;
	}
	if (!sim_flow_of(old) && sim.cur)
		sim_broken("%s changed operation %s, which a newer version made", sim.cur->name, sim_short(MODEL_TEXT(old, op, id)));
	if (!op) {
		if (MODEL_INT(old, op, live))
			sim_broken("operation %s is removed before it has ended", sim_short(MODEL_TEXT(old, op, id)));
		return;
	}
	if (!sim_flow_of(op))
		return;
	if (!MODEL_INT(old, op, live))
		sim_broken("operation %s has ended, and changes", sim_short(MODEL_TEXT(op, op, id)));
	if (MODEL_INT(op, op, version) <= MODEL_INT(old, op, version))
		sim_broken("operation %s went from version %d to %d", sim_short(MODEL_TEXT(op, op, id)), (int)MODEL_INT(old, op, version),
			(int)MODEL_INT(op, op, version));
	op_moves(op, old, snapshot);
	if (!MODEL_INT(op, op, live))
		op_ends(op, old);
}

/* Does operation OP, in this same commit, take a share from OLD to IS (0: it goes)? */
static int explains(const struct change *op, int64_t old, int64_t is)
{
	const struct shr__flow *f = sim_flow_of(op->is);
	int64_t state = MODEL_INT(op->is, op, state);

	if (!f)
		return 0;
	if (!op->old) {
		if (f == &shr__flow_share_reset_state || f == &shr__flow_snapshot_reset_state)
			return is == SHR_SHARE_AVAILABLE || is == SHR_SHARE_ERROR;
		if (f->flags & SHR__FLOW_OUTLIVES)
			return is == 0;
		return (f->from >> old & 1) && is == f->during;
	}
	if (MODEL_INT(op->is, op, live) || old != f->during)
		return 0;
	if (state == SHR_OP_SUCCEEDED)
		return f->to == SHR__GONE ? is == 0 : is == f->to;
	return f->failed == SHR__GONE ? is == 0 : is == (f->failed ? f->failed : MODEL_INT(op->is, op, prior_state));
}

/* A commit is of several bodies: one operation ends and another is accepted. */
static int leads(const struct model_version *share, int fresh, int64_t old, int64_t is, int depth)
{
	for (uint32_t i = 0; i < c.n; i++) {
		const struct change *op = &c.changes[i];

		if (op->row->table->number != shr__op_def.table->number || !op->is || !sim_flow_of(op->is) ||
			!IS(op->is, op, object_id, MODEL_TEXT(share, share, id)))
			continue;
		if (fresh) {
			if (!op->old && (sim_flow_of(op->is)->flags & SHR__FLOW_NEW) &&
				((int64_t)sim_flow_of(op->is)->during == is || leads(share, 0, sim_flow_of(op->is)->during, is, 1)))
				return 1;
			continue;
		}
		for (int64_t mid = 0; mid <= NEWEST_STATE; mid++)
			if (explains(op, old, mid) && (mid == is || (mid != old && depth < 3 && leads(share, 0, mid, is, depth + 1))))
				return 1;
	}
	return 0;
}

static void check_share(const struct change *ch)
{
	const struct model_version *v = ch->is ? ch->is : ch->old;
	int64_t old = ch->old ? MODEL_INT(ch->old, share, state) : 0, is = ch->is ? MODEL_INT(ch->is, share, state) : 0;

	if (old > NEWEST_STATE && (is != old) && sim.cur)
		sim_broken("%s took share %s out of a state of a newer version", sim.cur->name, sim_short(MODEL_TEXT(v, share, id)));
	if (ch->old && ch->is && MODEL_INT(ch->is, share, version) <= MODEL_INT(ch->old, share, version))
		sim_broken("share %s went from version %d to %d", sim_short(MODEL_TEXT(v, share, id)),
			(int)MODEL_INT(ch->old, share, version), (int)MODEL_INT(ch->is, share, version));
	share_shadow(ch);
	if (old == is || !sim.cur)
		return;
	sim_say("  share %s: %s -> %s", sim_short(MODEL_TEXT(v, share, id)), old ? shr_share_state_name((uint32_t)old) : "nothing",
		is ? shr_share_state_name((uint32_t)is) : "nothing");
	if (leads(v, !ch->old, old, is, 0))
		return;
	sim_broken("share %s went from %s to %s, and no operation of that commit does that", sim_short(MODEL_TEXT(v, share, id)),
		old ? shr_share_state_name((uint32_t)old) : "nothing", is ? shr_share_state_name((uint32_t)is) : "nothing");
}

/* ---- accounts ---- */

static int pool_of(const char *backend, const char *pool)
{
	for (int i = 0; i < POOLS; i++)
		if (strcmp(pool_names[i][0], backend) == 0 && strcmp(pool_names[i][1], pool) == 0)
			return i;
	return -1;
}

/* An instance whose create failed holds nothing. */
static void count_instance(const struct model_version *v, int sign, const char *project)
{
	int64_t bytes = MODEL_INT(v, instance, state) == SHR_SHARE_ERROR ? 0 : MODEL_INT(v, instance, bytes);
	int pool = pool_of(MODEL_TEXT(v, instance, backend), MODEL_TEXT(v, instance, pool)), p = project[1] - '0';

	if (bytes == 0)
		return;
	c.bytes[p] += sign * bytes;
	c.used[p] += (MODEL_INT(v, instance, flags) & SHR_INSTANCE_SNAPSHOT) ? 0 : sign;
	if ((MODEL_INT(v, instance, flags) & (SHR_INSTANCE_SNAPSHOT | SHR_INSTANCE_READONLY)) != SHR_INSTANCE_READONLY)
		c.pools[pool] += sign * bytes; /* a read-only share lies where its snapshot does */
}

static void check_instance(const struct change *ch)
{
	const struct model_version *v = ch->is ? ch->is : ch->old, *share;
	const struct model_row *row = sim_object_row(MODEL_TEXT(v, instance, share_id));
	const char *project = ch->row->shadow;

	c.accounts = 1;
	if (!project) { /* known for good when the instance comes */
		share = row && row->newest && !row->newest->gone ? row->newest : NULL;
		if (!share)
			sim_broken("an instance comes without its share");
		project = sim_project_names[MODEL_TEXT(share, share, project)[1] - '0'];
		ch->row->shadow = (void *)(uintptr_t)project;
	}
	if (ch->old)
		count_instance(ch->old, -1, project);
	if (ch->is)
		count_instance(ch->is, 1, project);
	if (row && row->shadow && ch->is)
		sim_text(((struct sim_share *)row->shadow)->instance, 40, MODEL_TEXT(ch->is, instance, id));
	if (!ch->is)
		ch->row->shadow = NULL;
	if (ch->is && MODEL_INT(ch->is, instance, state) == SHR_SHARE_AVAILABLE && row && row->newest && !row->newest->gone &&
		(MODEL_INT(row->newest, share, state) == SHR_SHARE_CREATING || MODEL_INT(row->newest, share, state) == SHR_SHARE_MANAGING))
		sim_broken("the instance of share %s is there, and the share is still being made",
			sim_short(MODEL_TEXT(v, instance, share_id)));
}

static void check_orphan(const struct change *ch)
{
	c.accounts = 1;
	if (ch->old)
		c.pools[pool_of(MODEL_TEXT(ch->old, orphan, backend), MODEL_TEXT(ch->old, orphan, pool))] -= MODEL_INT(ch->old, orphan, bytes);
	if (ch->is)
		c.pools[pool_of(MODEL_TEXT(ch->is, orphan, backend), MODEL_TEXT(ch->is, orphan, pool))] += MODEL_INT(ch->is, orphan, bytes);
	if (ch->is && !ch->old)
		sim_say("  orphan %s: %s", sim_short(MODEL_TEXT(ch->is, orphan, id)), MODEL_TEXT(ch->is, orphan, reason));
}

/* The row of an account, which stays where it is once it has come. */
static const struct model_version *account(struct model_row **known, const struct shr__rowdef *def, const char *key1,
	const char *key2)
{
	if (!*known)
		*known = model_find_row(def, key1, key2, NULL);
	return *known && (*known)->newest && !(*known)->newest->gone ? (*known)->newest : NULL;
}

static void check_accounts(void)
{
	for (int i = 0; i < SIM_PROJECTS; i++) {
		const struct model_version *v = account(&c.quota_rows[i], &shr__quota_def, sim_project_names[i], NULL);

		if ((v ? MODEL_INT(v, quota, shares_used) : 0) != c.used[i] || (v ? MODEL_INT(v, quota, bytes_used) : 0) != c.bytes[i])
			sim_broken("project %s: its quota has %d shares of %lld bytes in use, and there are %d of %lld", sim_project_names[i],
				v ? (int)MODEL_INT(v, quota, shares_used) : 0, v ? (long long)MODEL_INT(v, quota, bytes_used) : 0, (int)c.used[i],
				(long long)c.bytes[i]);
	}
	for (int i = 0; i < POOLS; i++) {
		const struct model_version *v = account(&c.pool_rows[i], &shr__pool_def, pool_names[i][0], pool_names[i][1]);

		if ((v ? MODEL_INT(v, pool, allocated) : 0) != c.pools[i])
			sim_broken("pool %s/%s: %lld bytes are given out, and what lies there has %lld", pool_names[i][0], pool_names[i][1],
				v ? (long long)MODEL_INT(v, pool, allocated) : 0, (long long)c.pools[i]);
	}
}

/* ---- holds, owners, events ---- */

static void check_hold(const struct change *ch)
{
	struct shr_cell object;
	struct model_look look;
	const struct model_version *op;

	if (!ch->is || ch->old)
		return;
	op = model_find(&shr__op_def, MODEL_TEXT(ch->is, hold, op_id), NULL, NULL);
	if (!op)
		sim_broken("a hold of an operation that is not there");
	if (MODEL_TEXT(op, op, after_op)[0])
		return; /* it waits for what it meets */
	object = model_text(MODEL_TEXT(ch->is, hold, object_id));
	for (const struct model_version *v = model_look(&shr__hold_def, 0, &object, 1, &look); v; v = model_look_on(&look))
		if (v != ch->is && conflict((uint32_t)MODEL_INT(ch->is, hold, shared), (uint32_t)MODEL_INT(ch->is, hold, exclusive),
			(uint32_t)MODEL_INT(v, hold, shared), (uint32_t)MODEL_INT(v, hold, exclusive)))
			sim_broken("operations %s and %s hold the same of share %s", sim_short(MODEL_TEXT(ch->is, hold, op_id)),
				sim_short(MODEL_TEXT(v, hold, op_id)), sim_short(MODEL_TEXT(v, hold, object_id)));
}

/* The process whose engine's life is ID. */
static const struct sim_proc *proc_of(const char *id)
{
	for (unsigned i = 0; i < sim.n_procs; i++)
		if (sim.procs[i].alive && sim.procs[i].engine && sim.procs[i].engine->id && strcmp(sim.procs[i].engine->id, id) == 0)
			return &sim.procs[i];
	return NULL;
}

/* Whoever is taken over has known for a while that it may begin no call. */
static void check_taken(int b, const char *was, const struct model_version *row)
{
	const struct sim_proc *p = proc_of(was);
	struct shr_engine *e = p ? p->engine : NULL;
	int64_t now, until;

	sim.stats.takeovers += was[0] != 0;
	sim_say("%s belongs to %s (fence %d)%s", sim_backend_names[b], MODEL_TEXT(row, backend, engine_name),
		(int)MODEL_INT(row, backend, fence), was[0] ? ", taken over" : "");
	if (!e || e->dead || sim_drivers[b]->fencing == SHR_FENCING_HOST_LOCK)
		return;
	now = sim.now + p->mono_off;
	until = e->beat_ok + e->env->config->lease_ms * 750000;
	if (now < until)
		for (uint32_t i = 0; i < e->n_owned; i++)
			if (strcmp(e->owned[i].conf->name, sim_backend_names[b]) == 0 && e->owned[i].state == OWN_HELD)
				sim_broken("%s was taken from %s, which may begin calls for another %d ms", sim_backend_names[b], p->name,
					(int)((until - now) / SIM_MS));
}

static void check_backend(const struct change *ch)
{
	const char *was = ch->old ? MODEL_TEXT(ch->old, backend, engine) : "", *is;
	int b;

	if (!ch->is)
		sim_broken("a backend's row is removed");
	is = MODEL_TEXT(ch->is, backend, engine);
	b = sim_backend_of(MODEL_TEXT(ch->is, backend, name));
	if (strcmp(was, is) == 0)
		return;
	if (is[0] && ch->old && MODEL_INT(ch->is, backend, fence) <= MODEL_INT(ch->old, backend, fence))
		sim_broken("%s has another owner and the same fence", sim_backend_names[b]);
	sim_text(c.owners[b].engine, sizeof c.owners[b].engine, is);
	c.owners[b].step = sim.stats.steps;
	if (is[0])
		check_taken(b, was, ch->is);
}

static void check_event(const struct change *ch)
{
	if (!ch->is)
		return;
	if (MODEL_INT(ch->is, event, seq) <= c.event)
		sim_broken("event %lld was committed after event %lld", (long long)MODEL_INT(ch->is, event, seq), (long long)c.event);
	c.event = MODEL_INT(ch->is, event, seq);
}

void sim_check_commit(uint64_t seq, uint64_t snapshot)
{
	uint32_t n_ops = 0;

	c.accounts = 0;
	for (uint32_t i = 0; i < c.n; i++) /* operations first: what they say explains the rest */
		if (c.changes[i].row->table->number == shr__op_def.table->number) {
			check_op(&c.changes[i], snapshot);
			n_ops++;
		}
	for (uint32_t i = 0; i < c.n; i++) {
		const struct change *ch = &c.changes[i];
		uint32_t table = ch->row->table->number;

		if (table == shr__share_def.table->number || table == shr__snapshot_def.table->number)
			check_share(ch);
		else if (table == shr__backend_def.table->number)
			check_backend(ch);
		else if (table == shr__event_def.table->number)
			check_event(ch);
		else if (table == shr__hold_def.table->number)
			check_hold(ch);
		else if (table == shr__orphan_def.table->number)
			check_orphan(ch);
		else if (table == shr__quota_def.table->number || table == shr__pool_def.table->number)
			c.accounts = 1;
	}
	for (uint32_t i = 0; i < c.n; i++)
		if (c.changes[i].row->table->number == shr__instance_def.table->number)
			check_instance(&c.changes[i]);
	mirror();
	c.n = 0;
	if (c.accounts)
		check_accounts();
}

/* The same commit on the built-in store, for the seeds that have one. */
static void mirror(void)
{
	struct sim_mirror_row *rows;

	if (!sim.with_sqlite || !c.n)
		return;
	rows = calloc(c.n, sizeof *rows);
	if (!rows)
		abort();
	for (uint32_t i = 0; i < c.n; i++)
		rows[i] = (struct sim_mirror_row){ c.changes[i].row->table, c.changes[i].old, c.changes[i].is };
	sim_mirror_commit(rows, c.n);
	free(rows);
}

/* ---- drivers and callers ---- */

void sim_check_owner(const struct sim_proc *p, int backend, int locked)
{
	if (locked || (p->engine && p->engine->id && strcmp(c.owners[backend].engine, p->engine->id) == 0))
		return; /* where there is a kernel lock, having it is the proof: driver.c looks */
	if (c.owners[backend].step < p->step)
		sim_broken("%s begins a call of %s, which had been taken from it before it looked at its lease", p->name,
			sim_backend_names[backend]);
}

void sim_check_token(const char *op, const char *step, const char *item, const void *token, uint64_t n)
{
	const struct model_version *v = model_find(&shr__op_item_def, op, step, item);
	const int part = strchr(step, ':') != NULL; /* a call of several in a step: its token is a part of the step's, which others check */
	const struct model_version *of = model_find(&shr__op_def, op, NULL, NULL);
	const struct shr_cell *cell = v ? &v->cells[SHR__N_op_item_token - 1] : NULL;

	if (part || !of || !MODEL_INT(of, op, live) || !sim.cur->engine || strcmp(MODEL_TEXT(of, op, engine), sim.cur->engine->id) != 0)
		return; /* it was cut off meanwhile, or another has it */
	if (!cell || cell->len != n || memcmp(cell->p, token, n) != 0)
		sim_broken("operation %s is polled with a token that was not committed: \"%.*s\", and \"%s\" was", sim_short(op), (int)n,
			(const char *)token, cell ? (const char *)cell->p : "nothing");
}

void sim_check_call_begins(void)
{
	c.call_op[sim.cur->n][0] = 0;
}

const char *sim_check_call_op(void)
{
	return c.call_op[sim.cur->n][0] ? c.call_op[sim.cur->n] : NULL;
}

void sim_check_acknowledged(const char *op_id, const char *kind)
{
	const struct model_version *op = model_find(&shr__op_def, op_id, NULL, NULL);

	if (!op)
		sim_broken("operation %s was acknowledged, and is not in the store", sim_short(op_id));
	if (!IS(op, op, kind, kind))
		sim_broken("operation %s is no %s", sim_short(op_id), kind);
}

unsigned sim_check_live(void)
{
	return c.n_live;
}

void sim_check_say_live(void)
{
	struct model_entry *at;

	for (const struct model_version *v = model_first(&shr__op_def, &at); v; v = model_next(&shr__op_def, &at))
		if (MODEL_INT(v, op, live))
			sim_say("operation %s: %s of %s, %s, step %s, engine %s, backend %s, after %s", sim_short(MODEL_TEXT(v, op, id)),
				MODEL_TEXT(v, op, kind), sim_short(MODEL_TEXT(v, op, object_id)),
				shr_op_state_name((uint32_t)MODEL_INT(v, op, state)), MODEL_TEXT(v, op, step), MODEL_TEXT(v, op, engine_name),
				MODEL_TEXT(v, op, backend), sim_short(MODEL_TEXT(v, op, after_op)));
}

void sim_checks_begin(void)
{
	memset(&c, 0, sizeof c);
}

void sim_checks_end(void)
{
	for (int kind = 0; kind < 2; kind++) {
		while (c.n_shares[kind])
			free(c.shares[kind][--c.n_shares[kind]]);
		free(c.shares[kind]);
	}
	free(c.changes);
	memset(&c, 0, sizeof c);
}

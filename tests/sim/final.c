/* tests/sim/final.c - what must hold of everything: at any time, and when nothing goes wrong any more */
#include <inttypes.h>
#include <string.h>

#include "check.h"
#include "driver.h"
#include "model.h"

static int is_there(const struct model_row *row)
{
	return row && row->newest && !row->newest->gone;
}

/* The row that belongs to ROW by its ids: found once, because a row that came stays where it is. */
static const struct model_row *other_of(struct model_row *row, const struct shr__rowdef *def, const char *key1, const char *key2)
{
	if (!row->shadow)
		row->shadow = model_find_row(def, key1, key2, NULL);
	return row->shadow;
}

static void check_operations(void)
{
	const struct shr_cell one = { .type = SHR_CELL_INT, .i = 1 };
	struct model_look look;
	unsigned live = 0;

	for (const struct model_version *v = model_look(&shr__op_def, SHR__I_op_by_live, &one, 1, &look); v;
		v = model_look_on(&look)) {
		const struct shr__flow *f = sim_flow_of(v);
		const char *id = MODEL_TEXT(v, op, id), *object = MODEL_TEXT(v, op, object_id);

		if (!f)
			continue;
		live++;
		/* One that waited for the making of a share which failed is told so when its turn comes. */
		if (!(f->flags & (SHR__FLOW_ALONE | SHR__FLOW_OUTLIVES)) && !MODEL_TEXT(v, op, after_op)[0] &&
			!sim_object(object))
			sim_broken("operation %s (%s) goes on, and its share %s is gone", sim_short(id), f->kind, sim_short(object));
		if ((f->hold_shared | f->hold_exclusive) && !is_there(other_of(look.at->row, &shr__hold_def, object, id)))
			sim_broken("operation %s (%s) goes on, and holds nothing of share %s", sim_short(id), f->kind, sim_short(object));
	}
	if (live != sim_check_live())
		sim_broken("%u operations go on, and %u were begun and not ended", live, sim_check_live());
}

static void check_holds(void)
{
	struct model_entry *at;

	for (const struct model_version *v = model_first(&shr__hold_def, &at); v; v = model_next(&shr__hold_def, &at)) {
		const struct model_row *op = other_of(at->row, &shr__op_def, MODEL_TEXT(v, hold, op_id), NULL);

		if (!is_there(op) || !MODEL_INT(op->newest, op, live))
			sim_broken("operation %s has ended, and still holds share %s", sim_short(MODEL_TEXT(v, hold, op_id)),
				sim_short(MODEL_TEXT(v, hold, object_id)));
	}
}

/* A row of a table that belongs to an object of another; NULL: to a share or a snapshot. */
static void check_belongs(const struct shr__rowdef *def, uint32_t column, const struct shr__rowdef *to, const char *what)
{
	struct model_entry *at;

	for (const struct model_version *v = model_first(def, &at); v; v = model_next(def, &at))
		if (to ? !model_find(to, v->cells[column - 1].p, NULL, NULL) : !sim_object(v->cells[column - 1].p))
			sim_broken("%s of %s, which is gone", what, sim_short(v->cells[column - 1].p));
}

void sim_check_all(void)
{
	check_operations();
	check_holds();
	check_belongs(&shr__op_item_def, SHR__N_op_item_op_id, &shr__op_def, "a token");
}

/* ---- the end ---- */

static const struct model_version *instance_of(const char *share)
{
	const struct sim_share *s = sim_share_by(share);

	return s && s->instance[0] ? model_find(&shr__instance_def, s->instance, NULL, NULL) : NULL;
}

static int has_fault(const struct model_version *instance, const char *rule)
{
	return model_find(&shr__rule_fault_def, MODEL_TEXT(instance, instance, id), rule, NULL) != NULL;
}

/* Its rules are its share's. */
static int followed(const struct sim_share *s)
{
	return s->snapshot && s->access == SHR_SNAPSHOT_ACCESS_SHARE;
}

/* Another one that has the rules of SHARE refused to let go of that one. */
static int kept_for_another(const char *share, const struct sim_share *but, const char *rule)
{
	for (unsigned k = 0; k < sim_snapshots(); k++) {
		const struct sim_share *s = sim_snapshot_at(k);
		const struct model_version *i = s != but && followed(s) && strcmp(s->parent, share) == 0 ? instance_of(s->id) : NULL;

		if (i && (has_fault(i, rule) || s->state == SHR_SHARE_ERROR || s->tampered)) /* what it keeps goes with it */
			return 1;
	}
	return but->snapshot && instance_of(share) && has_fault(instance_of(share), rule);
}

/* What is only read has no rule that lets anybody write. */
static int64_t level_of(const struct model_version *rule, const struct model_version *instance)
{
	return MODEL_INT(instance, instance, flags) & SHR_INSTANCE_READONLY ? SHR_LEVEL_RO : MODEL_INT(rule, rule, level);
}

/* One that has a fault may be there or not: its fault says why. */
static void check_rules(const struct sim_share *s, const struct model_version *instance, const struct sim_thing *t)
{
	const struct shr_cell share = model_text(followed(s) ? s->parent : s->id);
	struct model_look look;
	uint32_t active = 0, extra = 0;

	for (const struct model_version *v = model_look(&shr__rule_def, 0, &share, 1, &look); v; v = model_look_on(&look)) {
		const char *id = MODEL_TEXT(v, rule, id);
		const struct sim_rule *r = NULL;

		if (has_fault(instance, id))
			continue;
		if (MODEL_INT(v, rule, gone) && kept_for_another(MODEL_TEXT(v, rule, share_id), s, id))
			continue;
		if (MODEL_INT(v, rule, gone))
			sim_broken("share %s: a closed rule was left behind: %s, from %d until %d, and it was told %d", sim_short(s->id),
				MODEL_TEXT(v, rule, who), (int)MODEL_INT(v, rule, revision), (int)MODEL_INT(v, rule, gone),
				(int)MODEL_INT(instance, instance, access_applied));
		active++;
		for (uint32_t i = 0; i < t->n_rules; i++)
			if (strcmp(t->rules[i].id, id) == 0)
				r = &t->rules[i];
		if (!r)
			sim_broken("share %s: rule %s is active, and its backend does not have it", sim_short(s->id), MODEL_TEXT(v, rule, who));
		if (strcmp(r->who, MODEL_TEXT(v, rule, who)) != 0 || r->level != level_of(v, instance) ||
			r->squash != MODEL_INT(v, rule, squash) || r->priority != MODEL_INT(v, rule, priority))
			sim_broken("share %s: its backend has rule %s in another form", sim_short(s->id), MODEL_TEXT(v, rule, who));
	}
	for (uint32_t i = 0; i < t->n_rules; i++)
		extra += (uint32_t)has_fault(instance, t->rules[i].id);
	if (t->n_rules - extra != active)
		sim_broken("share %s: its backend has %u rules, and %u are active", sim_short(s->id), t->n_rules - extra, active);
}

static void check_available(const struct sim_share *s, const struct model_version *i)
{
	const struct sim_thing *t = sim_thing_find(MODEL_TEXT(i, instance, id));
	char ref[64];

	if (!t || !t->present)
		sim_broken("share %s is available, and there is nothing on %s", sim_short(s->id), MODEL_TEXT(i, instance, backend));
	if (s->tampered)
		return;
	if (!s->snapshot && !t->unsure && t->bytes != (uint64_t)s->bytes)
		sim_broken("share %s has %" PRId64 " bytes, and %" PRIu64 " on its backend", sim_short(s->id), s->bytes, t->bytes);
	strcpy(ref, "ref-");
	strcat(ref, t->id);
	if (strcmp(ref, MODEL_TEXT(i, instance, ref)) != 0)
		sim_broken("share %s: what its driver told was lost", sim_short(s->id));
	if (!sim_object(s->id))
		sim_broken("share %s is not there", sim_short(s->id));
	if (s->snapshot && s->access != SHR_SNAPSHOT_ACCESS_OWN && s->access != SHR_SNAPSHOT_ACCESS_SHARE)
		return; /* nobody mounts it */
	if (followed(s) && sim_share_by(s->parent) && sim_share_by(s->parent)->tampered)
		return;
	if (MODEL_INT(i, instance, access_applied) == MODEL_INT(sim_object(followed(s) ? s->parent : s->id), share, access_revision))
		check_rules(s, i, t);
	else if (followed(s))
		sim_broken("snapshot %s was not told the newest rules of share %s", sim_short(s->id), sim_short(s->parent));
}

static void check_one(const struct sim_share *s)
{
	const struct model_version *i = instance_of(s->id);

	if (s->state != SHR_SHARE_AVAILABLE && s->state != SHR_SHARE_ERROR)
		sim_broken("share %s is %s for ever", sim_short(s->id), shr_share_state_name(s->state));
	if (s->op_id[0])
		sim_broken("share %s still names operation %s", sim_short(s->id), sim_short(s->op_id));
	if (!i)
		sim_broken("share %s has no instance", sim_short(s->id));
	if (s->state == SHR_SHARE_AVAILABLE)
		check_available(s, i);
}

/* What counts its children counts those that are there. */
static void check_children(void)
{
	struct sim_share *s;

	for (unsigned n = 0; (s = sim_share_at(n)); n++) {
		int64_t children = 0, followers = 0;

		for (unsigned k = 0; k < sim_snapshots(); k++) {
			int is = strcmp(sim_snapshot_at(k)->parent, s->id) == 0;

			children += is;
			followers += is && followed(sim_snapshot_at(k));
		}
		if (children != s->n_children || followers != MODEL_INT(sim_object(s->id), share, n_followers))
			sim_broken("share %s counts %d snapshots, and there are %d", sim_short(s->id), (int)s->n_children, (int)children);
	}
	for (unsigned n = 0; (s = sim_snapshot_at(n)); n++) {
		int64_t children = 0;

		for (unsigned k = 0; k < sim_shares(); k++)
			children += strcmp(sim_share_at(k)->parent, s->id) == 0;
		if (children != s->n_children)
			sim_broken("snapshot %s counts %d shares, and there are %d", sim_short(s->id), (int)s->n_children, (int)children);
		if (!sim_share_by(s->parent))
			sim_broken("snapshot %s is of share %s, which is gone", sim_short(s->id), sim_short(s->parent));
	}
}

static void check_shares(void)
{
	for (unsigned n = 0; n < sim_shares(); n++)
		check_one(sim_share_at(n));
	for (unsigned n = 0; n < sim_snapshots(); n++)
		check_one(sim_snapshot_at(n));
	check_children();
}

/* Everything on the backends is somebody's. */
static void check_backends(void)
{
	for (const struct sim_thing *t = sim_things(); t; t = t->next) {
		const struct model_version *i = model_find(&shr__instance_def, t->id, NULL, NULL);

		if (!t->present || model_find(&shr__orphan_def, t->id, NULL, NULL))
			continue;
		if (!i)
			sim_broken("%s lies on %s, and the store knows nothing of it", sim_short(t->id), sim_backend_names[t->backend]);
		if (MODEL_INT(i, instance, state) == SHR_SHARE_ERROR)
			sim_broken("the create of %s failed, and it lies on %s", sim_short(t->id), sim_backend_names[t->backend]);
	}
}

void sim_check_final(void)
{
	sim_check_all();
	check_shares();
	check_backends();
	check_belongs(&shr__instance_def, SHR__N_instance_share_id, NULL, "an instance");
	check_belongs(&shr__export_def, SHR__N_export_instance_id, &shr__instance_def, "an export");
	check_belongs(&shr__rule_def, SHR__N_rule_share_id, NULL, "a rule");
	check_belongs(&shr__rule_fault_def, SHR__N_rule_fault_instance_id, &shr__instance_def, "a rule's fault");
	check_belongs(&shr__token_def, SHR__N_token_op_id, &shr__op_def, "a client's token");
}

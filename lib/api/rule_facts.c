/* lib/api/rule_facts.c - rules with the state that follows from what each instance has been told */
#include "api/rule_facts.h"

#include "model/check.h"

#define MOST_METADATA 10000u

int shr__rules_view_read(struct shr__txn *t, const char *share_id, struct shr__rules_view *ret, const struct shr_error **reterr)
{
	const struct shr__rowdef *rows;
	int rc = shr__object_find(t, share_id, &ret->share, &rows, reterr);

	if (!rc)
		rc = shr__instances_find(t, share_id, &ret->instances, reterr);
	if (!rc)
		ret->applied = shr__access_applied(&ret->instances);
	return rc;
}

static int keep_first(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

int shr__rule_newest(struct shr__txn *t, const char *share_id, const char *rule_id, struct shr__rule_row *ret)
{
	struct shr__rule_row from = { .share_id = share_id, .id = rule_id };

	return shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &from, 2, 2, SHR_SCAN_BACKWARDS, 1, keep_first, ret);
}

/* Why an instance refused what the rule became at revision DUE: 1, or 0: none did. An older fault says nothing of that. */
static int find_fault(struct shr__txn *t, const struct shr__rules_view *view, const struct shr__rule_row *rule, int64_t due,
	struct shr__rule_fault_row *ret)
{
	const struct shr__instance_row *instances = view->instances.rows;

	for (uint32_t i = 0; i < view->instances.n; i++) {
		int rc;

		if (!instances[i].n_faults)
			continue;
		*ret = (struct shr__rule_fault_row){ .instance_id = instances[i].id, .rule_id = rule->id };
		rc = shr__txn_get(t, &shr__rule_fault_def, ret);
		if (rc && rc != SHR_ENOTFOUND)
			return rc;
		if (!rc && ret->revision >= due)
			return 1;
	}
	return 0;
}

int shr__rule_state_read(struct shr__txn *t, const struct shr__rules_view *view, struct shr__rule_facts *f,
	const struct shr_error **reterr)
{
	const struct shr__rule_row *rule = &f->rule;
	int64_t due = rule->gone ? rule->gone : rule->revision;
	struct shr__rule_fault_row fault;
	int rc = shr__row_check(&shr__rule_def, rule, SHR__COL(rule, priority),
		SHR__COL(rule, type) | SHR__COL(rule, level) | SHR__COL(rule, squash) | SHR__COL(rule, priority), reterr);

	if (rc)
		return rc;
	f->reason = "";
	f->code = 0;
	if (due > view->applied) {
		f->state = rule->gone ? SHR_RULE_DENYING : SHR_RULE_QUEUED;
		return 1;
	}
	rc = find_fault(t, view, rule, due, &fault);
	if (rc < 0)
		return rc;
	f->state = rc ? SHR_RULE_ERROR : SHR_RULE_ACTIVE;
	if (rc) {
		f->reason = fault.reason;
		f->code = fault.code < 0 && fault.code >= INT32_MIN ? (int32_t)fault.code : SHR_EBACKEND;
	}
	return rc || !rule->gone;
}

int shr__rule_facts_read(struct shr__txn *t, const struct shr__rules_view *view, struct shr__rule_facts *f,
	const struct shr_error **reterr)
{
	struct shr__metadata_row from = { .object_id = f->rule.id };
	struct shr__rule_key_row key = { .rule_id = f->rule.id };
	int rc = shr__rule_state_read(t, view, f, reterr);

	if (rc <= 0)
		return rc;
	f->has_key = 0;
	if (f->rule.type == SHR_ACCESS_CEPHX) {
		rc = shr__txn_get(t, &shr__rule_key_def, &key);
		if (rc && rc != SHR_ENOTFOUND)
			return rc;
		f->has_key = !rc;
	}
	f->metadata = (struct shr__gathered){ NULL, 0 };
	rc = 0;
	if (f->rule.n_metadata)
		rc = shr__gather(t, &shr__metadata_def, SHR__I_metadata_pk, &from, 1, MOST_METADATA, &f->metadata, reterr);
	return rc < 0 ? rc : 1;
}

const struct shr_rule *shr__rule_record(const struct shr__rule_facts *f)
{
	const struct shr__rule_row *row = &f->rule;
	struct shr__arena *arena;
	struct shr_rule *r = shr__record_new(sizeof *r, &arena);

	if (!r)
		return NULL;
	r->size = sizeof *r;
	r->state = f->state;
	r->type = (uint32_t)row->type;
	r->level = (uint32_t)row->level;
	r->squash = (uint32_t)row->squash;
	r->priority = (int32_t)row->priority;
	r->revision = (uint64_t)row->revision;
	r->created_ns = row->created_ns;
	r->updated_ns = row->updated_ns;
	r->has_key = (uint32_t)f->has_key;
	r->n_locks = (uint64_t)row->n_locks;
	r->id = shr__arena_strdup(arena, row->id);
	r->share_id = shr__arena_strdup(arena, row->share_id);
	r->who = shr__arena_strdup(arena, row->who);
	r->reason = shr__arena_strdup(arena, f->reason);
	if (!r->id || !r->share_id || !r->who || !r->reason || shr__pairs_copy(arena, &f->metadata, &r->metadata, &r->n_metadata)) {
		shr__record_unref(r);
		return NULL;
	}
	return r;
}

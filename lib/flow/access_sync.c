/* lib/flow/access_sync.c - telling one instance what changed in its share's rules, and keeping its answers */
#include "flow/access_sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "flow/access_diff.h"
#include "flow/secret.h"

static int by_id(const void *id, const void *change)
{
	return strcmp(id, ((const struct shr__change *)change)->id);
}

static struct shr__change *find(struct shr__sync *s, const char *id)
{
	return bsearch(id, s->changes, s->n, sizeof *s->changes, by_id);
}

/* A secret that cannot be sealed is as if the rule had been refused: it is never kept in the clear. */
static void keep_key(struct shr__work *w, const struct shr__told_key *told)
{
	struct shr__change *c = find(w->sync, told->rule_id);
	const struct shr_error *error = NULL;

	if (!c || !c->is.id || c->code < 0)
		return;
	c->code = shr__secret_seal(&w->env->world, w->arena, c->id, told->key, &c->key_id, &c->sealed, &error);
	if (c->code < 0) {
		c->why = shr__arena_strdup(w->arena, error->message);
		c->key_id = NULL;
	}
	shr_error_unref(error);
}

static void keep_answers(struct shr__work *w, const struct shr__told *told)
{
	for (uint32_t i = 0; i < told->n_rules; i++) {
		struct shr__change *c = find(w->sync, told->rules[i].rule_id);

		if (!c)
			continue;
		c->code = told->rules[i].code;
		c->why = told->rules[i].why;
	}
	for (uint32_t i = 0; i < told->n_keys; i++)
		keep_key(w, &told->keys[i]);
}

/* What is in w->sync. */
static int tell(struct shr__work *w)
{
	struct shr__told told;
	struct shr__callargs args = { .rules = shr__access_next, .rules_data = w };
	int rc;

	if (!w->sync->n)
		return 0;
	args.diff = &w->sync->diff;
	rc = shr__work_call(w, SHR__VERB_ACCESS, &args, &told);
	if (rc == 0)
		keep_answers(w, &told);
	shr__told_clear(&told);
	return rc;
}

int shr__access_sync_call(struct shr__work *w)
{
	int rc = shr__access_diff(w);

	if (rc < 0)
		return rc;
	w->sync_revision = (uint64_t)w->sync->to;
	return tell(w);
}

int shr__access_sync_again(struct shr__work *w)
{
	int rc = shr__access_diff_whole(w);

	if (rc < 0)
		return rc;
	w->sync_revision = (uint64_t)w->sync->to;
	return tell(w);
}

int shr__access_sync_gone(struct shr__work *w)
{
	int rc = shr__access_diff_gone(w);

	if (rc == 0)
		rc = tell(w);
	w->sync = NULL;
	return rc;
}

int shr__access_sync_some(struct shr__work *w, const char *const *ids, uint32_t n)
{
	int rc = shr__access_diff_some(w, ids, n);

	return rc < 0 ? rc : tell(w);
}

/* The rule's row that was told, and the revision at which it was asked for. */
static int64_t asked_at(const struct shr__change *c)
{
	return c->is.id ? c->is.revision : c->gone;
}

static int save_fault(struct shr__work *w, struct shr__txn *t, const struct shr__change *c)
{
	struct shr__rule_fault_row fault = { .instance_id = w->instance.id, .rule_id = c->id, .revision = asked_at(c),
		.code = c->code, .reason = c->why ? c->why : "" };
	int rc;

	if (c->code < 0) {
		rc = shr__txn_insert_if_absent(t, &shr__rule_fault_def, &fault);
		if (rc == 0)
			w->instance.n_faults++;
		if (rc == 1)
			rc = shr__txn_update(t, &shr__rule_fault_def, &fault,
				SHR__COL(rule_fault, revision) | SHR__COL(rule_fault, code) | SHR__COL(rule_fault, reason));
		return rc;
	}
	if (!w->instance.n_faults)
		return 0;
	rc = shr__txn_remove(t, &shr__rule_fault_def, &fault);
	if (rc == 0)
		w->instance.n_faults--;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static int save_key(struct shr__work *w, struct shr__txn *t, const struct shr__change *c)
{
	struct shr__rule_key_row row = { .rule_id = c->id, .share_id = w->share.id, .key_id = c->key_id, .sealed = c->sealed };
	int rc;

	if (shr__rules_followed(w)) /* the rule's key is that of the share */
		return 0;
	if (!c->is.id && c->code == 0 && c->was.type == SHR_ACCESS_CEPHX) {
		rc = shr__txn_remove(t, &shr__rule_key_def, &row);
		return rc == SHR_ENOTFOUND ? 0 : rc;
	}
	if (!c->key_id)
		return 0;
	rc = shr__txn_insert_if_absent(t, &shr__rule_key_def, &row);
	if (rc == 1)
		rc = shr__txn_update(t, &shr__rule_key_def, &row, SHR__COL(rule_key, key_id) | SHR__COL(rule_key, sealed));
	return rc;
}

struct closed {
	const struct shr__change *change;
	struct shr__rule_row last; /* that was looked at */
};

/* Closed rows up to the applied revision are of no more use, but for one whose removal was refused. */
static int drop_closed(struct shr__txn *t, const void *data, void *pclosed)
{
	const struct shr__rule_row *row = data;
	struct closed *closed = pclosed;
	const struct shr__change *c = closed->change;

	closed->last = *row;
	if (!row->gone || row->gone > c->to || (c->code < 0 && !c->is.id && row->gone == c->was.gone))
		return 0;
	return shr__txn_remove(t, &shr__rule_def, row);
}

static int drop_all_closed(struct shr__work *w, struct shr__txn *t)
{
	struct shr__sync *s = w->sync;
	int rc;

	/* Others have these rules too. */
	if (shr__rules_followed(w) || (!shr__flow_of_snapshots(w->flow) && w->share.n_followers))
		return shr__rules_sweep(t, shr__rules_id(w), &w->instance, s->to);
	for (uint32_t i = 0; i < s->n; i++) {
		/* Rows that a later batch closed are behind `to`: the next sync still needs them. */
		struct closed closed = { &s->changes[i], { .share_id = shr__rules_id(w), .id = s->changes[i].id } };
		uint32_t n_from = 2;

		if (!s->changes[i].was.id)
			continue;
		s->changes[i].to = s->to;
		do {
			rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &closed.last, n_from, 2, 0, 100, drop_closed, &closed);
			n_from = 3;
		} while (rc == 100);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int shr__access_sync_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__sync *s = w->sync;
	int rc;

	if (!s || s->to < w->instance.access_applied || (s->to == w->instance.access_applied && !s->whole))
		return 0;
	for (uint32_t i = 0; i < s->n; i++)
		if ((rc = save_fault(w, t, &s->changes[i])) < 0 || (rc = save_key(w, t, &s->changes[i])) < 0)
			return rc;
	if ((rc = drop_all_closed(w, t)) < 0)
		return rc;
	w->instance.access_applied = s->to;
	return shr__txn_update(t, &shr__instance_def, &w->instance,
		SHR__COL(instance, access_applied) | SHR__COL(instance, n_faults));
}

int shr__access_give_up(struct shr__work *w, struct shr__txn *t, int64_t revision, const struct shr_error **reterr)
{
	int rc;

	if (revision <= w->instance.access_applied)
		return 0;
	rc = shr__access_diff_in(w, t, revision);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < w->sync->n; i++) {
		w->sync->changes[i].code = w->error ? w->error->code : SHR_EBACKEND;
		w->sync->changes[i].why = w->error ? w->error->message : "";
	}
	return shr__access_sync_save(w, t, reterr);
}

struct outcome {
	struct shr__faults faults;
	struct shr__rule_fault_row last; /* that was looked at */
	int64_t revision;
};

static int look_at_fault(struct shr__txn *t, const void *data, void *pdata)
{
	const struct shr__rule_fault_row *fault = data;
	struct outcome *o = pdata;

	o->last = *fault;
	if (fault->revision == o->revision)
		shr__faults_add_object(&o->faults, (int)fault->code, "rule", "rule", fault->rule_id,
			"change the rule, or deny it", "%s", fault->reason);
	return 0;
}

int shr__access_outcome(struct shr__work *w, struct shr__txn *t, int64_t revision, const struct shr_error **reterr)
{
	struct outcome o = { .last = { .instance_id = w->instance.id }, .revision = revision };
	uint32_t n_from = 1;
	int rc;

	if (!w->instance.n_faults)
		return 0;
	do {
		rc = shr__txn_scan(t, &shr__rule_fault_def, 0, &o.last, n_from, 1, 0, 1000, look_at_fault, &o);
		n_from = 2;
	} while (rc == 1000);
	if (rc < 0 || (!o.faults.n && !o.faults.nomem)) {
		shr__faults_clear(&o.faults);
		return rc < 0 ? rc : 0;
	}
	return shr__faults_fail(&o.faults, reterr, SHR_EPARTIAL, "%u rules of share %s were refused", o.faults.n, w->share.id);
}

/* lib/flow/rules.c - a batch of rule changes to rows: a change closes one row and opens another */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"

struct batch {
	struct shr__accept *a;
	struct shr__txn *t;
	int64_t revision;
	struct shr__faults faults;
};

static int take(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

/* The rule in force by (type, who); SHR_ENOTFOUND. */
static int find_who(struct batch *b, const struct shr__rule_in *in, struct shr__rule_row *ret)
{
	struct shr__rule_row from = { .share_id = b->a->share.id, .type = in->type, .who = in->who };
	int rc = shr__txn_scan(b->t, &shr__rule_def, SHR__I_rule_by_who, &from, 4, 4, 0, 1, take, ret);

	return rc == 0 ? SHR_ENOTFOUND : rc < 0 ? rc : 0;
}

/* The newest row of a rule, in force or not; SHR_ENOTFOUND. */
static int find_id(struct batch *b, const char *id, struct shr__rule_row *ret)
{
	struct shr__rule_row from = { .share_id = b->a->share.id, .id = id };
	int rc = shr__txn_scan(b->t, &shr__rule_def, SHR__I_rule_pk, &from, 2, 2, SHR_SCAN_BACKWARDS, 1, take, ret);

	return rc == 0 ? SHR_ENOTFOUND : rc < 0 ? rc : 0;
}

static int has_fault(struct batch *b, const struct shr__rule_row *rule)
{
	struct shr__rule_fault_row fault = { .instance_id = b->a->instance.id, .rule_id = rule->id };
	int rc;

	if (!b->a->instance.id || !b->a->instance.n_faults)
		return 0;
	rc = shr__txn_get(b->t, &shr__rule_fault_def, &fault);
	return rc == 0 ? 1 : rc == SHR_ENOTFOUND ? 0 : rc;
}

static int refuse(struct batch *b, uint32_t i, const char *member, int code, const char *remedy, const char *message)
{
	char where[64];

	/* As the caller's struct names it: a new share has rules, one that is there has changes. */
	snprintf(where, sizeof where, "%s[%u].%s", b->a->flow->flags & SHR__FLOW_NEW ? "rules" : "changes", i, member);
	shr__faults_add(&b->faults, code, where, remedy, "%s", message);
	return 0;
}

static int put_metadata(struct batch *b, const struct shr__rule_in *in, struct shr__rule_row *rule)
{
	return shr__metadata_write(b->t, "rule", rule->id, in->metadata, in->n_metadata, NULL, 0, &rule->n_metadata, NULL);
}

static int drop_metadata_row(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, &shr__metadata_def, row);
}

static int drop_metadata(struct batch *b, struct shr__rule_row *rule)
{
	struct shr__metadata_row from = { .object_id = rule->id };
	int rc = 0;

	if (rule->n_metadata)
		rc = shr__txn_scan(b->t, &shr__metadata_def, SHR__I_metadata_pk, &from, 1, 1, 0, 1000, drop_metadata_row, NULL);
	rule->n_metadata = 0;
	return rc < 0 ? rc : 0;
}

static int open_rule(struct batch *b, const struct shr__rule_in *in)
{
	struct shr__rule_row rule = { .share_id = b->a->share.id, .id = in->fresh_id, .revision = b->revision,
		.type = in->type, .who = in->who, .level = in->level, .squash = in->squash, .priority = in->priority,
		.created_ns = b->a->now_ns, .updated_ns = b->a->now_ns, .generation = SHR__GENERATION };
	int rc = put_metadata(b, in, &rule);

	if (rc < 0)
		return rc;
	b->a->share.n_rules++;
	return shr__txn_insert(b->t, &shr__rule_def, &rule);
}

static int close_row(struct batch *b, struct shr__rule_row *rule)
{
	if (rule->revision == b->revision) /* it came in this very batch: nobody was told of it */
		return shr__txn_remove(b->t, &shr__rule_def, rule);
	rule->gone = b->revision;
	return shr__txn_update(b->t, &shr__rule_def, rule, SHR__COL(rule, gone));
}

/* An index keeps apart what was by the same (type, who) in one revision. Only a rule whose removal was refused can be beside
 * another one: both cannot go in one batch. */
static int meets_another(struct batch *b, const struct shr__rule_row *rule)
{
	struct shr__rule_row from = { .share_id = b->a->share.id, .type = rule->type, .who = rule->who, .gone = b->revision };
	struct shr__rule_row other = { .id = "" };
	int rc;

	if (!b->a->instance.id || !b->a->instance.n_faults || rule->revision == b->revision)
		return 0;
	rc = shr__txn_scan(b->t, &shr__rule_def, SHR__I_rule_by_who, &from, 4, 4, 0, 1, take, &other);
	return rc < 0 ? rc : rc && strcmp(other.id, rule->id) != 0;
}

static int refuse_pair(struct batch *b, uint32_t i)
{
	return refuse(b, i, b->a->rules[i].id[0] ? "id" : "who", SHR_EEXIST, "make this change in a batch of its own",
		"an older rule for the same client, whose removal was refused, goes in this batch too");
}

static int change_rule(struct batch *b, uint32_t i, const struct shr__rule_in *in, struct shr__rule_row *rule)
{
	struct shr__rule_row next = *rule;
	int rc = has_fault(b, rule);

	if (rc < 0)
		return rc;
	next.level = in->level;
	if (!in->level_only) {
		next.squash = in->squash;
		next.priority = in->priority;
	}
	if (in->n_metadata) {
		int dropped = drop_metadata(b, &next);

		if (dropped < 0 || (dropped = put_metadata(b, in, &next)) < 0)
			return dropped;
	}
	/* A rule that was refused is told again, also when it is set to what it is: that is how it is tried again. */
	if (!rc && next.level == rule->level && next.squash == rule->squash && next.priority == rule->priority) {
		if (!in->n_metadata)
			return 0;
		return shr__txn_update(b->t, &shr__rule_def, &next, SHR__COL(rule, n_metadata));
	}
	if ((rc = meets_another(b, rule)) != 0)
		return rc < 0 ? rc : refuse_pair(b, i);
	rc = close_row(b, rule);
	if (rc < 0)
		return rc;
	next.revision = b->revision;
	next.updated_ns = b->a->now_ns;
	next.generation = SHR__GENERATION;
	return shr__txn_insert(b->t, &shr__rule_def, &next);
}

static int deny_rule(struct batch *b, uint32_t i, struct shr__rule_row *rule)
{
	int rc;

	if (rule->n_locks > 0)
		return refuse(b, i, "id", SHR_ELOCKED, "ask the holders of its locks to let go", "the rule is kept by a lock");
	if ((rc = meets_another(b, rule)) != 0)
		return rc < 0 ? rc : refuse_pair(b, i);
	if (rule->gone) { /* it is on its way out; one whose removal was refused is tried again */
		rc = has_fault(b, rule);
		if (rc <= 0)
			return rc < 0 ? rc : refuse(b, i, "id", SHR_ENOTFOUND, "", "the rule is being taken away already");
		return close_row(b, rule);
	}
	rc = drop_metadata(b, rule);
	if (rc < 0)
		return rc;
	b->a->share.n_rules--;
	return close_row(b, rule);
}

static int apply_one(struct batch *b, uint32_t i, const struct shr__rule_in *in)
{
	struct shr__rule_row rule;
	int by_id = in->id[0] != 0;
	int rc = by_id ? find_id(b, in->id, &rule) : find_who(b, in, &rule);

	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	switch (in->verb) {
	case SHR_ALLOW:
		if (rc == 0)
			return refuse(b, i, "who", SHR_EEXIST, "change it with SHR_SET", "there is a rule for it already");
		return open_rule(b, in);
	case SHR_SET:
		if (rc == SHR_ENOTFOUND && !by_id)
			return open_rule(b, in);
		if (rc == SHR_ENOTFOUND || rule.gone)
			return refuse(b, i, "id", SHR_ENOTFOUND, "list the share's rules", "the share has no such rule");
		return change_rule(b, i, in, &rule);
	default:
		if (rc == SHR_ENOTFOUND)
			return refuse(b, i, by_id ? "id" : "who", SHR_ENOTFOUND, "list the share's rules", "the share has no such rule");
		return deny_rule(b, i, &rule);
	}
}

int shr__rules_write(struct shr__accept *a, struct shr__txn *t, int64_t revision, const struct shr_error **reterr)
{
	struct batch b = { .a = a, .t = t, .revision = revision };
	int code;

	for (uint32_t i = 0; i < a->n_rules; i++) {
		int rc = apply_one(&b, i, &a->rules[i]);

		if (rc < 0) {
			shr__faults_clear(&b.faults);
			return rc;
		}
	}
	if (!b.faults.n && !b.faults.nomem)
		return 0;
	code = b.faults.n ? b.faults.items[0]->code : SHR_ENOMEM;
	return shr__faults_fail(&b.faults, reterr, code, "%u of %u changes cannot be made; none was", b.faults.n, a->n_rules);
}

uint64_t shr__rule_needs(const struct shr__rule_in *in)
{
	return shr__rule_caps(in->type, strchr(in->who, ':') != NULL);
}

int shr__rules_check(struct shr__accept *a, uint64_t capabilities, const struct shr_error **reterr)
{
	struct batch b = { .a = a };
	static const char remedy[] = "use another type of rule, or a backend that has it";

	for (uint32_t i = 0; i < a->n_rules; i++) {
		uint64_t missing = shr__rule_needs(&a->rules[i]) & ~capabilities;

		/* One that is named by its id has a type that was possible when it came. */
		if (a->rules[i].verb == SHR_DENY || a->rules[i].id[0] || !missing)
			continue;
		refuse(&b, i, missing == SHR_CAP_IPV6 ? "who" : "type", SHR_EUNSUPPORTED, remedy,
			missing == SHR_CAP_IPV6 ? "the backend has no rules for IPv6" : "the backend has no rules of this type");
	}
	if (!b.faults.n && !b.faults.nomem)
		return 0;
	return shr__faults_fail(&b.faults, reterr, SHR_EUNSUPPORTED, "%u of %u changes are not possible on this backend", b.faults.n,
		a->n_rules);
}

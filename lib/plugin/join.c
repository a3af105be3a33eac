/* lib/plugin/join.c - what several exporters told of one call, as if one had told it; and what each is asked */
#include "plugin/each.h"

#include <string.h>

#include "plugin/told.h"

/* ---- what each is asked ---- */

uint64_t shr__rule_caps(uint32_t type, int is_ipv6)
{
	switch (type) {
	case SHR_ACCESS_IP:
		return SHR_CAP_ACCESS_IP | (is_ipv6 ? SHR_CAP_IPV6 : 0);
	case SHR_ACCESS_USER:
		return SHR_CAP_ACCESS_USER;
	case SHR_ACCESS_CERT:
		return SHR_CAP_ACCESS_CERT;
	default:
		return SHR_CAP_ACCESS_CEPHX;
	}
}

static int can(uint64_t caps, const struct shr_rule *rule)
{
	return !(shr__rule_caps(rule->type, strchr(rule->who, ':') != NULL) & ~caps);
}

/* A shr__rules_fn over the caller's that leaves out what the exporter has no capability for. */
static int sift(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	const struct shr__part *part = data;
	int n, kept = 0;

	while (kept == 0) {
		n = part->whole->rules(part->whole->rules_data, arena, after_id, ret, room);
		if (n <= 0 || (uint32_t)n > room)
			return n;
		after_id = ret[n - 1]->id;
		for (int i = 0; i < n; i++)
			if (can(part->caps, ret[i]))
				ret[kept++] = ret[i];
	}
	return kept;
}

int shr__part_make(struct shr__part *part, const struct shr__side *side, const struct shr__callargs *whole,
	struct shr__arena *arena)
{
	const struct shr_access_diff *diff = whole->diff;
	const struct shr_rule_change **changes;

	*part = (struct shr__part){ .whole = whole, .args = *whole, .caps = side->capabilities };
	if (whole->rules) {
		part->args.rules = sift;
		part->args.rules_data = part;
	}
	if (!diff)
		return 0;
	part->diff = *diff;
	part->diff.n_changes = 0;
	changes = shr__arena_alloc(arena, (diff->n_changes + 1) * sizeof *changes);
	part->places = shr__arena_alloc(arena, (diff->n_changes + 1) * sizeof *part->places);
	if (!changes || !part->places)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < diff->n_changes; i++) {
		if (!can(part->caps, shr__told_rule_of(diff->changes[i])))
			continue;
		part->places[part->diff.n_changes] = i;
		changes[part->diff.n_changes++] = diff->changes[i];
	}
	part->diff.changes = changes;
	part->args.diff = &part->diff;
	return 0;
}

/* ---- what they told ---- */

int shr__join_begin(struct shr__told *told, const struct shr_access_diff *diff)
{
	if (!diff)
		return 0;
	told->rules = shr__arena_alloc(told->arena, (diff->n_changes + 1) * sizeof *told->rules);
	told->keys = shr__arena_alloc(told->arena, (diff->n_changes + 1) * sizeof *told->keys);
	told->n_rules = told->rules ? diff->n_changes : 0;
	return told->rules && told->keys ? 0 : SHR_ENOMEM;
}

/* It is as it should be only where it is so at all of them. */
static void join_answers(struct shr__told *told, struct shr__told *from, const struct shr__part *part)
{
	for (uint32_t i = 0; i < from->n_rules; i++) {
		struct shr__told_rule *to = &told->rules[part->places[i]];

		if (!to->rule_id || to->code == 0)
			*to = from->rules[i];
	}
	for (uint32_t i = 0; i < from->n_keys && told->n_keys < part->whole->diff->n_changes; i++)
		told->keys[told->n_keys++] = from->keys[i];
	from->n_keys = 0; /* they are the other's now, and not to be wiped */
}

void shr__join_end(struct shr__told *told, const struct shr_access_diff *diff)
{
	for (uint32_t i = 0; diff && i < diff->n_changes; i++) {
		struct shr__told_rule *rule = &told->rules[i];

		if (rule->rule_id)
			continue;
		rule->rule_id = shr__told_rule_of(diff->changes[i])->id;
		rule->code = diff->changes[i]->is ? SHR_EUNSUPPORTED : 0;
		rule->why = rule->code ? "no exporter of the share's protocols has rules of this type" : "";
	}
}

/* Room for N more things of SIZE bytes behind the N_OLD ones. NULL: no memory. */
static void *longer(struct shr__arena *arena, const void *old, uint32_t n_old, uint32_t n, size_t size)
{
	char *p = shr__arena_alloc(arena, ((size_t)n_old + n) * size);

	if (p && n_old)
		memcpy(p, old, n_old * size);
	return p;
}

static int is_told(const struct shr__told *told, uint32_t n, const char *rule_id)
{
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(told->rules[i].rule_id, rule_id) == 0)
			return 1;
	return 0;
}

static int join_looked(struct shr__told *told, const struct shr__told *from)
{
	uint32_t n = told->n_rules;

	if (!told->path)
		told->path = from->path;
	told->n_more += from->n_more;
	if (!from->n_rules)
		return 0;
	told->rules = longer(told->arena, told->rules, n, from->n_rules, sizeof *told->rules);
	if (!told->rules)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < from->n_rules; i++)
		if (!is_told(told, n, from->rules[i].rule_id))
			told->rules[told->n_rules++] = from->rules[i];
	return 0;
}

static int join_exports(struct shr__told *told, const struct shr__told *from)
{
	if (!from->n_exports)
		return 0;
	if (told->n_exports + from->n_exports > SHR__EXPORTS_MOST)
		return SHR_EDRIVER;
	told->exports = longer(told->arena, told->exports, told->n_exports, from->n_exports, sizeof *told->exports);
	if (!told->exports)
		return SHR_ENOMEM;
	memcpy(told->exports + told->n_exports, from->exports, from->n_exports * sizeof *told->exports);
	told->n_exports += from->n_exports;
	told->has_exports = 1;
	return 0;
}

/* In the order of names, and what both have once. A list of exports goes on behind its last name, so that none is left out when
 * it ends where one exporter's part ends. */
static int join_found(struct shr__told *told, const struct shr__told *from, uint32_t most)
{
	struct shr__told_found *p = shr__arena_alloc(told->arena, ((size_t)told->n_found + from->n_found + 1) * sizeof *p);
	uint32_t a = 0, b = 0, n = 0;

	if (!p)
		return SHR_ENOMEM;
	while (a < told->n_found || b < from->n_found) {
		int order = a == told->n_found ? 1 : b == from->n_found ? -1 : strcmp(told->found[a].name, from->found[b].name);

		p[n++] = order <= 0 ? told->found[a] : from->found[b];
		a += order <= 0;
		b += order >= 0;
	}
	told->found = p;
	told->n_found = n < most ? n : most;
	return n > most ? (int)(n - most) : 0;
}

/* One number for the lives of both servers: another when either was started anew. */
static int join_incarnation(struct shr__told *told, const struct shr__told *from)
{
	uint64_t was = 0, is = 0, joined;

	shr__told_number(told, "", SHR_NUMBER_INCARNATION, &was);
	if (!shr__told_number(from, "", SHR_NUMBER_INCARNATION, &is))
		return 0;
	if (!told->n_numbers)
		told->numbers = shr__arena_alloc(told->arena, sizeof *told->numbers);
	if (!told->numbers)
		return SHR_ENOMEM;
	joined = (was * UINT64_C(0x9e3779b97f4a7c15) + is) * UINT64_C(0xff51afd7ed558ccd);
	joined = (joined ^ joined >> 32) & INT64_MAX;
	told->numbers[0] = (struct shr__told_number){ "", SHR_NUMBER_INCARNATION, joined ? joined : 1 };
	told->n_numbers = 1;
	return 0;
}

int shr__join(struct shr__told *told, struct shr__told *from, const struct shr__part *part)
{
	int looked = !part->whole->max, rc, more; /* a list has a most; else these are strangers */

	if (part->whole->diff) {
		join_answers(told, from, part);
		return 0;
	}
	rc = join_exports(told, from);
	if (rc == 0)
		rc = join_looked(told, from);
	if (rc == 0)
		rc = join_incarnation(told, from);
	if (rc < 0 || !from->n_found)
		return rc;
	more = join_found(told, from, looked ? SHR__STRANGERS_MOST : part->whole->max);
	if (more > 0 && looked)
		told->n_more += (uint32_t)more;
	return more < 0 ? more : 0;
}

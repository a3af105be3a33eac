/* tests/whole/fake_rules.c - the rules of the test's driver: it applies diffs alone, and believes none of them */
#include "fake_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct fake_rule *find(struct fake_instance *i, const char *id)
{
	for (uint32_t n = 0; n < i->n_rules; n++)
		if (strcmp(i->rules[n].id, id) == 0)
			return &i->rules[n];
	return NULL;
}

static void put(struct fake_instance *i, const struct shr_rule *rule, int refused)
{
	struct fake_rule *r = find(i, rule->id);

	if (!i->rules)
		i->rules = calloc(FAKE_RULES, sizeof *i->rules);
	if (!r && i->n_rules == FAKE_RULES) {
		fake_finding("more rules than the test has room for");
		return;
	}
	if (!r)
		r = &i->rules[i->n_rules++];
	memset(r, 0, sizeof *r);
	snprintf(r->id, sizeof r->id, "%s", rule->id);
	snprintf(r->who, sizeof r->who, "%s", rule->who);
	r->level = rule->level;
	r->priority = rule->priority;
	r->revision = rule->revision;
	r->refused = refused;
}

/* A call is repeated when the revision it begins from is not what this driver was told last: its commit was lost. */
static void check_change(struct fake_instance *i, const struct shr_access_diff *diff, const struct shr_rule_change *c)
{
	const struct shr_rule *rule = c->is ? c->is : c->was;
	const struct fake_rule *has = rule ? find(i, rule->id) : NULL;
	int again = i->told != diff->from_revision || fake.gives_up;

	if (!rule)
		fake_finding("a change of nothing");
	else if (c->was && c->is && strcmp(c->was->id, c->is->id) != 0)
		fake_finding("rule %s becomes rule %s", c->was->id, c->is->id);
	else if (!c->was && has && !again)
		fake_finding("rule %s (%s) is added, and is here", rule->id, rule->who);
	else if (diff->revision != diff->from_revision && c->was && !has && !again && c->was->revision <= diff->from_revision)
		fake_finding("rule %s (%s) was never told, and %s", rule->id, rule->who, c->is ? "changes" : "goes");
	else if (c->was && has && !again && !has->going && c->was->revision != has->revision)
		fake_finding("rule %s was of revision %llu, not %llu", rule->id, (unsigned long long)has->revision,
			(unsigned long long)c->was->revision);
	if (diff->revision == diff->from_revision)
		return; /* told again */
	if (c->is && (c->is->revision <= diff->from_revision || c->is->revision > diff->revision))
		fake_finding("rule %s of revision %llu is none of %llu to %llu", c->is->id, (unsigned long long)c->is->revision,
			(unsigned long long)diff->from_revision, (unsigned long long)diff->revision);
}

static void apply(struct fake_instance *i, const struct shr_call *call, const struct shr_rule_change *c)
{
	int refused = fake.refuses && fake.refuses(c);
	struct fake_rule *r;

	if (c->is) {
		put(i, c->is, refused);
		fake.host->set_rule(call, c->is->id, refused ? SHR_EBACKEND : SHR_OK, refused ? "refused by the test" : "");
		return;
	}
	r = find(i, c->was->id);
	if (refused && r)
		r->going = 1;
	else if (r)
		*r = i->rules[--i->n_rules];
	fake.host->set_rule(call, c->was->id, refused ? SHR_EBACKEND : SHR_OK, refused ? "kept by the test" : "");
}

/* The full set of the diff's revision is what is here now, but for what was denied and kept. */
static void compare(struct fake_instance *i, const struct shr_call *call, struct shr_rules *all)
{
	const struct shr_rule *rule;
	uint32_t n = 0, going = 0;
	char last[40] = "";

	while ((rule = fake.host->next_rule(call, all))) {
		const struct fake_rule *has = find(i, rule->id);

		n++;
		if (strcmp(rule->id, last) <= 0)
			fake_finding("next_rule gives %s behind %s", rule->id, last);
		snprintf(last, sizeof last, "%s", rule->id);
		if (!has || has->going || has->revision != rule->revision || has->level != rule->level ||
			strcmp(has->who, rule->who) != 0)
			fake_finding("the full set has rule %s (%s), which is not here as it says", rule->id, rule->who);
	}
	for (uint32_t k = 0; k < i->n_rules; k++)
		going += i->rules[k].going != 0;
	if (n + going != i->n_rules)
		fake_finding("the full set has %u rules; here are %u, %u of them denied", n, i->n_rules, going);
}

void fake_rules_update(struct fake_instance *i, const struct shr_call *call, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	if (diff->revision < diff->from_revision)
		fake_finding("a diff from %llu to %llu", (unsigned long long)diff->from_revision, (unsigned long long)diff->revision);
	if (diff->from_revision > i->told && !fake.gives_up)
		fake_finding("a diff from %llu, when %llu was told last", (unsigned long long)diff->from_revision,
			(unsigned long long)i->told);
	for (uint32_t n = 0; n < diff->n_changes; n++) {
		check_change(i, diff, diff->changes[n]);
		apply(i, call, diff->changes[n]);
	}
	i->told = diff->revision;
	if (fake.pull)
		compare(i, call, all);
}

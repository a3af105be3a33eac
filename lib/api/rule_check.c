/* lib/api/rule_check.c - changes of rules as callers give them, to changes in their normal form */
#include <stdio.h>
#include <string.h>

#include "api/accept_call.h"
#include "api/who.h"
#include "base/fail.h"
#include "base/params.h"

#define MOST_CHANGES 10000
#define MOST_PRIORITY 1000000

struct checking { /* one change */
	struct shr__call *c;
	const char *member;
	uint32_t i;
	const struct shr_access_change *in;
	struct shr__rule_in *out;
	uint64_t protocols;
};

#define WRONG(k, field, remedy, ...) \
	do { \
		char where_[64]; \
		shr__faults_add(&(k)->c->faults, SHR_EINVAL, where_of(k, field, where_), remedy, __VA_ARGS__); \
	} while (0)

static const char *where_of(const struct checking *k, const char *field, char buf[64])
{
	snprintf(buf, 64, "%s[%u].%s", k->member, k->i, field);
	return buf;
}

/* 1: it is a type that the share can have. */
static int check_type(struct checking *k)
{
	uint64_t has = shr__who_protocols(k->in->type);
	char remedy[96], list[64];

	if (has & k->protocols)
		return 1;
	snprintf(remedy, sizeof remedy, "this share's protocols have %s", shr__who_types(k->protocols, list, sizeof list));
	if (!has)
		WRONG(k, "type", remedy, "there is no type %u", k->in->type);
	else
		WRONG(k, "type", remedy, "none of the share's protocols has rules of type %s", shr_access_type_name(k->in->type));
	return 0;
}

static void check_who(struct checking *k)
{
	struct shr__who_wrong wrong;
	int rc = shr__who_check(k->in->type, k->in->who, k->c->arena, &k->out->who, &wrong);

	if (rc < 0)
		k->c->faults.nomem = 1;
	else if (rc)
		WRONG(k, "who", wrong.remedy, "%s", wrong.words);
}

/* Whom it is about: an id, or a type and a who. */
static void check_whom(struct checking *k)
{
	int by_id = k->in->id != NULL;

	if (by_id && k->in->verb == SHR_ALLOW)
		WRONG(k, "id", "leave it NULL: a new rule gets an id of its own", "a rule that is new has none");
	else if (by_id && k->c->a.flow->flags & SHR__FLOW_NEW)
		WRONG(k, "id", "leave it NULL", "a new share has no rules yet");
	else if (by_id && (k->in->type || k->in->who))
		WRONG(k, "id", "give an id, or a type and a who", "there is %s as well", k->in->who ? "a who" : "a type");
	else if (by_id && !shr__uuid_ok(k->in->id))
		WRONG(k, "id", "ids are 36 characters of lower-case hex and '-'", "\"%.64s\" is no id", k->in->id);
	else if (by_id)
		k->out->id = k->in->id;
	else if (check_type(k))
		check_who(k);
}

static void check_squash(struct checking *k)
{
	static const char remedy[] = "leave it SHR_SQUASH_DEFAULT";

	if (k->in->squash > SHR_SQUASH_ALL)
		WRONG(k, "squash", "use SHR_SQUASH_*", "there is no squash %u", k->in->squash);
	else if (k->in->squash && !(k->protocols & SHR_PROTO_NFS))
		WRONG(k, "squash", remedy, "the share does not speak nfs");
	else if (k->in->squash && k->in->type && k->in->type != SHR_ACCESS_IP && k->in->type != SHR_ACCESS_CERT)
		WRONG(k, "squash", remedy, "it goes with rules of type ip and cert");
}

/* What a rule is to be: of no interest when it goes, but then it is not nonsense either. */
static void check_rest(struct checking *k)
{
	char where[64];

	if (k->in->level > SHR_LEVEL_RO || (!k->in->level && k->in->verb != SHR_DENY))
		WRONG(k, "level", "use SHR_LEVEL_RW or SHR_LEVEL_RO", k->in->level ? "there is no level %u" : "it is missing",
			k->in->level);
	check_squash(k);
	if (k->in->priority < -MOST_PRIORITY || k->in->priority > MOST_PRIORITY)
		WRONG(k, "priority", "give -1000000 to 1000000", "it is %d", k->in->priority);
	if (k->in->metadata || k->in->n_metadata)
		shr__check_pairs(k->c, where_of(k, "metadata", where), k->in->metadata, k->in->n_metadata, 0);
}

static const char *new_id(struct shr__call *c)
{
	char *id = shr__arena_alloc(c->arena, SHR__UUID_ROOM);

	c->rc = id ? shr__world_id(&c->a.env->world, id, c->reterr) : shr__fail_nomem(c->reterr);
	return id;
}

static void check_change(struct checking *k)
{
	uint32_t verb = k->in->verb;

	*k->out = (struct shr__rule_in){ .verb = verb, .type = k->in->type, .level = k->in->level, .squash = k->in->squash,
		.priority = k->in->priority, .who = "", .id = "", .fresh_id = "", .metadata = k->in->metadata,
		.n_metadata = k->in->n_metadata };
	if (verb != SHR_ALLOW && verb != SHR_SET && verb != SHR_DENY)
		WRONG(k, "verb", "use SHR_ALLOW, SHR_SET or SHR_DENY", "there is no verb %u", verb);
	else if (verb == SHR_DENY && k->c->a.flow->flags & SHR__FLOW_NEW)
		WRONG(k, "verb", "use SHR_ALLOW", "a new share has no rules to take away");
	check_whom(k);
	check_rest(k);
	if (verb != SHR_DENY && !k->in->id)
		k->out->fresh_id = new_id(k->c);
}

/* Each field with the change that it is of: the order counts. */
static void note(struct shr__call *c, uint32_t i, const struct shr_access_change *in)
{
	shr__call_note(c, SHR__NOTE_RULE, (int64_t)i + 1);
	shr__call_note(c, SHR__NOTE_VERB, in->verb);
	shr__call_note(c, SHR__NOTE_TYPE, in->type);
	shr__call_note(c, SHR__NOTE_LEVEL, in->level);
	shr__call_note(c, SHR__NOTE_SQUASH, in->squash);
	shr__call_note(c, SHR__NOTE_PRIORITY, in->priority);
	shr__call_note_str(c, SHR__NOTE_WHO, in->who);
	shr__call_note_str(c, SHR__NOTE_RULE_ID, in->id);
	for (uint32_t j = 0; in->metadata && in->n_metadata <= 64 && j < 2 * in->n_metadata; j++)
		shr__call_note_str(c, SHR__NOTE_RULE_SET, in->metadata[j]);
}

const struct shr_access_change *shr__call_changes(struct shr__call *c, const char *member, const void *array, uint32_t stride,
	uint32_t n)
{
	struct shr_access_change *copy;

	if (c->rc < 0 || n == 0)
		return NULL;
	if (n > MOST_CHANGES || !array) {
		shr__faults_add(&c->faults, SHR_EINVAL, member, "give at most 10000", array ? "there are %u" : "it is NULL, and has %u", n);
		return NULL;
	}
	if (stride < SHR__LEAST(shr_access_change, metadata)) {
		c->rc = shr__fail_do(c->reterr, SHR_EINVAL, "set it to sizeof(struct shr_access_change)",
			"shr_access_change: the size of an element is %u, which no version has", stride);
		return NULL;
	}
	copy = shr__arena_alloc(c->arena, n * sizeof *copy);
	if (!copy)
		c->rc = shr__fail_nomem(c->reterr);
	for (uint32_t i = 0; c->rc == 0 && i < n; i++) {
		c->rc = shr__params_element(array, stride, i, "shr_access_change", &copy[i], sizeof copy[i], c->reterr);
		note(c, i, &copy[i]);
	}
	return copy;
}

void shr__call_rules(struct shr__call *c, const char *member, const struct shr_access_change *changes, uint32_t n,
	uint64_t protocols)
{
	struct shr__rule_in *rules;

	if (c->rc < 0 || !changes)
		return;
	rules = shr__arena_alloc(c->arena, n * sizeof *rules);
	if (!rules)
		c->rc = shr__fail_nomem(c->reterr);
	for (uint32_t i = 0; c->rc == 0 && i < n; i++) {
		struct checking k = { c, member, i, &changes[i], &rules[i], protocols };

		check_change(&k);
	}
	c->a.rules = rules;
	c->a.n_rules = n;
}

/* lib/plugin/told_rules.c - taking what a plugin tells: answers to rules, keys, numbers */
#include "plugin/told.h"

#include <inttypes.h>
#include <string.h>

#include "base/crypto.h"
#include "base/text.h"
#include "plugin/words.h"

#define NAME_MOST 1024

/* ---- rules ---- */

const struct shr_rule *shr__told_rule_of(const struct shr_rule_change *change)
{
	return change->is ? change->is : change->was;
}

static const char *rule_name(const void *of, uint32_t i)
{
	const struct shr_access_diff *diff = of;

	return shr__told_rule_of(diff->changes[i])->id;
}

/* The place of a rule in the diff; -1 and stuck. Most drivers answer in the diff's order: then nothing is looked up. */
static int64_t find_change(struct shr__slot *s, const char *rule_id, const char *what)
{
	const struct shr_access_diff *diff = s->args->diff;
	int64_t at = -1;

	if (!(s->tells & SHR__TELLS_RULES) || !diff) {
		shr__told_stick(s, SHR_EDRIVER, "%s() has no place in this call", what);
		return -1;
	}
	if (!rule_id || strnlen(rule_id, NAME_MOST + 1) > NAME_MOST) {
		shr__told_stick(s, SHR_EDRIVER, "%s() with an id that is none", what);
		return -1;
	}
	if (s->hint < diff->n_changes && strcmp(rule_name(diff, s->hint), rule_id) == 0)
		return s->hint;
	if (!s->changes.places && shr__names_build(&s->changes, s->told->arena, diff, diff->n_changes, rule_name) < 0) {
		shr__told_nomem(s);
		return -1;
	}
	at = shr__names_find(&s->changes, rule_id);
	if (at < 0)
		shr__told_stick(s, SHR_EDRIVER, "%s() for rule %.80s, which is none of the diff's", what, rule_id);
	return at;
}

void shr__told_set_rule(struct shr__slot *s, const char *rule_id, int code, const char *why)
{
	struct shr__told *told = s->told;
	char words[SHR__WORDS_MOST + 1] = "";
	struct shr__told_rule *rule;
	int64_t at;

	if (s->tells & SHR__TELLS_LOOKED) {
		shr__look_set_rule(s, rule_id, code, why);
		return;
	}
	at = find_change(s, rule_id, "set_rule");
	if (at < 0)
		return;
	if (code != SHR_OK && !(shr__told_code_ok(code) && code != SHR_ECANCELLED)) {
		shr__told_stick(s, SHR_EDRIVER, "set_rule() for rule %.80s with %d, which is none of its codes", rule_id, code);
		return;
	}
	if (!told->rules)
		told->rules = shr__arena_alloc(told->arena, s->args->diff->n_changes * sizeof(*told->rules));
	if (code != SHR_OK)
		shr__words_copy(words, why, told);
	if (!told->rules) {
		shr__told_nomem(s);
		return;
	}
	rule = &told->rules[at];
	if (rule->rule_id) {
		shr__told_stick(s, SHR_EDRIVER, "rule %.80s was answered twice", rule_id);
		return;
	}
	rule->why = words[0] ? shr__arena_strdup(told->arena, words) : "";
	if (!rule->why) {
		shr__told_nomem(s);
		return;
	}
	rule->rule_id = rule_name(s->args->diff, (uint32_t)at);
	rule->code = code;
	s->n_answered++;
	s->hint = (uint32_t)at + 1;
}

static struct shr__told_key *room_for_key(struct shr__slot *s)
{
	struct shr__told *told = s->told;
	uint32_t most = s->args->diff->n_changes;

	if (!told->keys)
		told->keys = shr__arena_alloc(told->arena, most * sizeof(*told->keys));
	return told->keys && told->n_keys < most ? &told->keys[told->n_keys] : NULL;
}

/* A key of 1 to 4096 bytes. One that is told twice is a fault: both would have to be kept apart from the log. */
void shr__told_set_key(struct shr__slot *s, const char *rule_id, const char *key)
{
	int64_t at = find_change(s, rule_id, "set_rule_key");
	const struct shr_rule *is;
	struct shr__told_key *k;
	char room[80];

	if (at < 0)
		return;
	is = s->args->diff->changes[at]->is;
	if (!is || is->type != SHR_ACCESS_CEPHX) {
		shr__told_stick(s, SHR_EDRIVER, "set_rule_key() for rule %.80s, which takes none", rule_id);
		return;
	}
	if (!key || shr__text_wrong(key, SHR__KEY_MOST, SHR__TEXT_SLASH_OK, room, sizeof room)) {
		shr__told_stick(s, SHR_EDRIVER, "set_rule_key() for rule %.80s with what is no key", rule_id);
		return;
	}
	for (uint32_t i = 0; i < s->told->n_keys; i++) {
		if (s->told->keys[i].rule_id == is->id) {
			shr__told_stick(s, SHR_EDRIVER, "rule %.80s was given two keys", rule_id);
			return;
		}
	}
	k = room_for_key(s);
	if (k)
		k->key = shr__arena_strdup(s->told->arena, key);
	if (!k || !k->key) {
		shr__told_nomem(s);
		return;
	}
	k->rule_id = is->id;
	s->told->n_keys++;
}

/* ---- numbers ---- */

static int64_t find_pool(struct shr__slot *s, const char *name)
{
	const struct shr__conf_backend *conf = s->backend->conf;

	if (s->hint < conf->n_pools && strcmp(conf->pools[s->hint].name, name) == 0)
		return s->hint;
	if (s->hint + 1 < conf->n_pools && strcmp(conf->pools[s->hint + 1].name, name) == 0)
		return s->hint + 1;
	return shr__names_find(&s->backend->pools, name);
}

/* Three numbers a pool, in the configuration's order of pools. */
static void set_pool(struct shr__slot *s, const char *object, uint32_t key, uint64_t value)
{
	const struct shr__conf_backend *conf = s->backend->conf;
	struct shr__told *told = s->told;
	int64_t at = find_pool(s, object);
	struct shr__told_number *number;

	if (at < 0) {
		shr__told_stick(s, SHR_EDRIVER, "set_number() for %.80s, which is no pool of this backend", object);
		return;
	}
	if (key == SHR_NUMBER_CAPABILITIES && (value & ~s->side->capabilities)) {
		shr__told_stick(s, SHR_EDRIVER, "pool %.80s: capabilities 0x%" PRIx64 " were not declared", object,
			value & ~s->side->capabilities);
		return;
	}
	if (!told->numbers) {
		told->numbers = shr__arena_alloc(told->arena, 3 * (size_t)conf->n_pools * sizeof(*told->numbers));
		if (!told->numbers) {
			shr__told_nomem(s);
			return;
		}
		told->n_numbers = 3 * conf->n_pools;
	}
	s->hint = (uint32_t)at;
	number = &told->numbers[3 * at + (key - SHR_NUMBER_TOTAL)];
	number->object = conf->pools[at].name;
	number->key = key;
	number->value = value;
}

static void put_one(struct shr__slot *s, const char *object, uint32_t key, uint64_t value)
{
	struct shr__told *told = s->told;
	uint32_t i = 0;

	if (!told->numbers)
		told->numbers = shr__arena_alloc(told->arena, SHR__ONE_NUMBERS * sizeof(*told->numbers));
	if (!told->numbers) {
		shr__told_nomem(s);
		return;
	}
	while (i < told->n_numbers && told->numbers[i].key != key)
		i++;
	told->numbers[i] = (struct shr__told_number){ object, key, value };
	if (i == told->n_numbers)
		told->n_numbers++;
}

static void set_incarnation(struct shr__slot *s, const char *object, uint64_t value)
{
	if (*object)
		shr__told_stick(s, SHR_EDRIVER, "set_number() of the server's incarnation for %.80s; \"\" is meant", object);
	else
		put_one(s, "", SHR_NUMBER_INCARNATION, value);
}

static void set_one(struct shr__slot *s, const char *object, uint32_t key, uint64_t value)
{
	const struct shr_instance *instance = s->args->instance;

	if (!instance || strcmp(object, instance->id) != 0)
		shr__told_stick(s, SHR_EDRIVER, "set_number() for %.80s, which is not the call's instance", object);
	else
		put_one(s, instance->id, key, value);
}

void shr__told_set_number(struct shr__slot *s, const char *object, uint32_t key, uint64_t value)
{
	int of_pool = key == SHR_NUMBER_TOTAL || key == SHR_NUMBER_FREE || key == SHR_NUMBER_CAPABILITIES;

	if (!object || strnlen(object, NAME_MOST + 1) > NAME_MOST)
		shr__told_stick(s, SHR_EDRIVER, "set_number() for an object without a name");
	else if (value > INT64_MAX)
		shr__told_stick(s, SHR_EDRIVER, "set_number() for %.80s with %" PRIu64 ", which is over 2^63-1", object, value);
	else if (of_pool && (s->tells & SHR__TELLS_POOLS))
		set_pool(s, object, key, value);
	else if (key == SHR_NUMBER_INCARNATION && (s->tells & SHR__TELLS_INCARNATION))
		set_incarnation(s, object, value);
	else if ((key == SHR_NUMBER_BYTES && (s->tells & (SHR__TELLS_BYTES | SHR__TELLS_LOOKED))) ||
	    (key == SHR_NUMBER_CUT && (s->tells & SHR__TELLS_CUT)) || (key == SHR_NUMBER_USED && (s->tells & SHR__TELLS_USED)))
		set_one(s, object, key, value);
	else
		shr__told_stick(s, SHR_EDRIVER, "set_number() with key %" PRIu32 ", which has no place in this call", key);
}

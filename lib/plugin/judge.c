/* lib/plugin/judge.c - what a plugin's answer is worth: its code, its words, and whether all was told that must be */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "plugin/told.h"
#include "plugin/words.h"

/* ---- what a call that succeeded must have told ---- */

static void judge_pools(struct shr__slot *s)
{
	const struct shr__conf_backend *conf = s->backend->conf;
	const struct shr__told *told = s->told;
	const struct shr__told_number *n;

	for (uint32_t i = 0; i < conf->n_pools; i++) {
		n = told->numbers ? &told->numbers[3 * (size_t)i] : NULL;
		if (!n || !n[0].object || !n[1].object || !n[2].object) {
			shr__told_stick(s, SHR_EDRIVER, "pool %.80s: its total, free or capabilities were not told",
				conf->pools[i].name);
			return;
		}
		if (n[1].value > n[0].value) {
			shr__told_stick(s, SHR_EDRIVER, "pool %.80s: more is free (%" PRIu64 ") than there is (%" PRIu64 ")",
				conf->pools[i].name, n[1].value, n[0].value);
			return;
		}
	}
}

static void judge_rules(struct shr__slot *s)
{
	const struct shr_access_diff *diff = s->args->diff;
	uint32_t n = diff ? diff->n_changes : 0;

	if (s->n_answered == n)
		return;
	for (uint32_t i = 0; i < n; i++) {
		if (!s->told->rules || !s->told->rules[i].rule_id) {
			shr__told_stick(s, SHR_EDRIVER, "%" PRIu32 " of %" PRIu32 " rules have no answer, %.80s among them",
				n - s->n_answered, n, shr__told_rule_of(diff->changes[i])->id);
			return;
		}
	}
}

static void judge_size(struct shr__slot *s)
{
	const struct shr__told *told = s->told;
	uint64_t least = s->verb == SHR__VERB_RESIZE ? s->args->bytes : s->args->instance->bytes;

	if (s->args->instance->flags & SHR_INSTANCE_SNAPSHOT) /* what it takes besides, from nothing on */
		return;

	if (s->verb == SHR__VERB_MANAGE && (told->n_numbers == 0 || told->numbers->value == 0))
		shr__told_stick(s, SHR_EDRIVER, "the size of what was found was not told");
	else if (s->verb != SHR__VERB_MANAGE && told->n_numbers > 0 && told->numbers->value < least)
		shr__told_stick(s, SHR_EDRIVER, "it made %" PRIu64 " bytes of the %" PRIu64 " that were asked for",
			told->numbers->value, least);
}

static void judge_place(struct shr__slot *s)
{
	int of_snapshot = s->verb == SHR__VERB_SNAP_CREATE || s->verb == SHR__VERB_SNAP_MANAGE;

	if (s->verb != SHR__VERB_CREATE && s->verb != SHR__VERB_MANAGE && s->verb != SHR__VERB_CLONE && !of_snapshot)
		return;
	if (of_snapshot && !(s->backend->driver->capabilities & SHR_CAP_SNAPSHOT_MOUNT))
		return;
	if (s->backend->n_sides > 1 && !s->told->path)
		shr__told_stick(s, SHR_EDRIVER, "it told no path for the exporter %s", s->backend->sides[1].name);
	else if (s->backend->n_sides == 1 && s->told->n_exports == 0)
		shr__told_stick(s, SHR_EDRIVER, "it exports by itself, but told no export");
}

static void judge_success(struct shr__slot *s)
{
	if (s->last.code)
		shr__told_stick(s, SHR_EDRIVER, "it succeeded after fail() with %s", shr_strcode(s->last.code));
	if (s->is_pending)
		shr__told_stick(s, SHR_EDRIVER, "it succeeded after pending()");
	if (s->tells & SHR__TELLS_POOLS)
		judge_pools(s);
	if (s->tells & SHR__TELLS_RULES)
		judge_rules(s);
	if (s->tells & SHR__TELLS_PLACE)
		judge_place(s);
	if (s->tells & SHR__TELLS_LOOKED)
		shr__look_judge(s);
	if ((s->tells & SHR__TELLS_PATH) && !s->told->path)
		shr__told_stick(s, SHR_EDRIVER, "it did not tell the path");
	if (s->tells & SHR__TELLS_BYTES)
		judge_size(s);
	if ((s->tells & SHR__TELLS_USED) && s->told->n_numbers == 0)
		shr__told_stick(s, SHR_EDRIVER, "it did not tell what is used");
}

static void judge_running(struct shr__slot *s)
{
	if (s->last.code)
		shr__told_stick(s, SHR_EDRIVER, "it answered SHR_RUNNING after fail() with %s", shr_strcode(s->last.code));
	else if (!s->is_pending)
		shr__told_stick(s, SHR_EDRIVER, "it answered SHR_RUNNING without pending()");
}

/* ---- a failure's words ---- */

/* A failure without words is still one; words of another code are not. */
static const char *judge_failure(struct shr__slot *s, int answer)
{
	const struct shr__callname *name = s->name;

	if (!shr__told_code_ok(answer)) {
		shr__told_stick(s, SHR_EDRIVER, "it answered %d, which is none of its codes", answer);
		return s->last.words;
	}
	if (answer == SHR_ECANCELLED && !s->was_cancelled && !(name->cancelled && name->cancelled(name->data)))
		shr__told_stick(s, SHR_EDRIVER, "it answered SHR_ECANCELLED, but nobody cancelled it");
	if (s->last.code && s->last.code != answer && s->first.code != answer)
		shr__told_stick(s, SHR_EDRIVER, "it answered %s after fail() with %s", shr_strcode(answer),
			shr_strcode(s->last.code));
	return s->last.code == answer || s->first.code != answer ? s->last.words : s->first.words;
}

/* Words into the arena that live when all else of the call is thrown away; "" when there is no memory for them. */
static const char *keep(struct shr__slot *s, const char *words)
{
	const char *copy = shr__arena_strdup(s->told->arena, words);

	return copy ? copy : "";
}

static void put_words(struct shr__slot *s, int code, const char *own)
{
	const char *verb = s->verb == SHR__VERB_OPEN ? "open" : shr__verb_name(s->verb);
	struct shr__told *told = s->told;
	char words[SHR__WORDS_MOST + 1];
	const char *message;

	shr__words_copy(words, own, told); /* again: a key may have been told after them */
	told->driver_message = keep(s, words);
	if (s->stuck.code == SHR_EDRIVER)
		message = shr__arena_printf(told->arena, "backend %s: %s: %s %s broke its contract: %s%s%s", s->backend->conf->name,
			verb, shr__plugin_word(s->side->kind), s->side->name, s->stuck.words, *words ? "; its own words: " : "",
			words);
	else if (s->stuck.code)
		message = shr__arena_printf(told->arena, "backend %s: %s: %s", s->backend->conf->name, verb, s->stuck.words);
	else if (*words)
		message = shr__arena_printf(told->arena, "backend %s: %s: %s", s->backend->conf->name, verb, words);
	else
		message = shr__arena_printf(told->arena, "backend %s: %s: %s, and %s %s does not say why", s->backend->conf->name,
			verb, shr_strcode(code), shr__plugin_word(s->side->kind), s->side->name);
	if (message)
		shr__words_copy(words, message, told);
	told->message = message ? keep(s, words) : "";
	if (!*told->message)
		told->message = "a call of a plugin failed, and there was no memory for the details";
}

/* Answered rules one behind the other; pools' numbers without holes. */
static void close_gaps(struct shr__slot *s)
{
	struct shr__told *told = s->told;
	uint32_t n = 0, diff = told->rules && s->args->diff ? s->args->diff->n_changes : 0;

	for (uint32_t i = 0; i < diff; i++) {
		if (told->rules[i].rule_id)
			told->rules[n++] = told->rules[i];
	}
	if (s->args->diff)
		told->n_rules = n;
	n = 0;
	for (uint32_t i = 0; i < told->n_numbers; i++) {
		if (told->numbers[i].object)
			told->numbers[n++] = told->numbers[i];
	}
	told->n_numbers = n;
}

static void hide_keys(struct shr__slot *s)
{
	struct shr__told *told = s->told;
	char words[SHR__WORDS_MOST + 1];

	for (uint32_t i = 0; told->n_keys > 0 && i < told->n_rules; i++) {
		if (!*told->rules[i].why)
			continue;
		shr__words_copy(words, told->rules[i].why, told);
		told->rules[i].why = keep(s, words);
	}
}

void shr__judge(struct shr__slot *s, int answer)
{
	struct shr__told *told = s->told;
	const char *own = NULL, *message, *driver_message;
	int code;

	if (answer == SHR_OK)
		judge_success(s);
	else if (answer == SHR_RUNNING)
		judge_running(s);
	else
		own = judge_failure(s, answer);
	code = s->stuck.code ? s->stuck.code : answer;
	if (code >= 0) {
		told->code = code;
		close_gaps(s);
		hide_keys(s);
		return;
	}
	put_words(s, code, own ? own : s->last.words);
	message = told->message;
	driver_message = told->driver_message;
	shr__told_clear(told); /* a call that failed has told nothing */
	told->code = code;
	told->message = message;
	told->driver_message = driver_message;
}

/* lib/plugin/told_look.c - taking what a plugin tells of what is really there: rules looked at, things found */
#include "plugin/told.h"

#include <inttypes.h>
#include <string.h>

#include "base/params.h"
#include "base/text.h"
#include "base/uuid.h"
#include "plugin/words.h"

/* A larger copy of N things of SIZE bytes in the arena; *ROOM is raised. NULL: no memory, and that sticks. */
static void *wider(struct shr__slot *s, const void *old, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t more = *room ? *room * 2 : 16;
	void *p = shr__arena_alloc(s->told->arena, more * size);

	if (!p) {
		shr__told_nomem(s);
		return NULL;
	}
	if (n > 0)
		memcpy(p, old, n * size);
	*room = more;
	return p;
}

/* ---- rules ---- */

void shr__look_pulled(struct shr__slot *s, const char *rule_id)
{
	struct shr__pulled *p;
	const char *id = shr__arena_strdup(s->told->arena, rule_id);

	if (!id) {
		shr__told_nomem(s);
		return;
	}
	if (s->n_pulled == s->room_pulled) {
		p = wider(s, s->pulled, s->n_pulled, &s->room_pulled, sizeof *p);
		if (!p)
			return;
		s->pulled = p;
	}
	s->pulled[s->n_pulled++] = (struct shr__pulled){ id, 0 };
}

/* They were given out in the order of their ids. */
static struct shr__pulled *find_pulled(struct shr__slot *s, const char *rule_id)
{
	uint32_t low = 0, high = s->n_pulled, mid;
	int order;

	if (s->n_pulled > 0 && strcmp(s->pulled[s->n_pulled - 1].id, rule_id) == 0)
		return &s->pulled[s->n_pulled - 1];
	while (low < high) {
		mid = low + (high - low) / 2;
		order = strcmp(s->pulled[mid].id, rule_id);
		if (order == 0)
			return &s->pulled[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void keep_wrong(struct shr__slot *s, const char *rule_id, int code, const char *why)
{
	struct shr__told *told = s->told;
	char words[SHR__WORDS_MOST + 1];
	struct shr__told_rule *p;
	const char *copy;

	shr__words_copy(words, why, told);
	copy = shr__arena_strdup(told->arena, words);
	if (!copy) {
		shr__told_nomem(s);
		return;
	}
	if (told->n_rules == s->room_rules) {
		p = wider(s, told->rules, told->n_rules, &s->room_rules, sizeof *p);
		if (!p)
			return;
		told->rules = p;
	}
	told->rules[told->n_rules++] = (struct shr__told_rule){ rule_id, code, copy };
}

void shr__look_set_rule(struct shr__slot *s, const char *rule_id, int code, const char *why)
{
	struct shr__pulled *p = rule_id ? find_pulled(s, rule_id) : NULL;

	if (!p) {
		shr__told_stick(s, SHR_EDRIVER, "set_rule() for rule %.80s, which next_rule() did not give", rule_id ? rule_id : "NULL");
		return;
	}
	if (p->answered) {
		shr__told_stick(s, SHR_EDRIVER, "rule %.80s was answered twice", rule_id);
		return;
	}
	if (code != SHR_OK && code != SHR_ENOTFOUND && code != SHR_ECONFLICT) {
		shr__told_stick(s, SHR_EDRIVER, "set_rule() for rule %.80s with %d, which no look can find", rule_id, code);
		return;
	}
	p->answered = 1;
	s->n_answered++;
	if (code != SHR_OK)
		keep_wrong(s, p->id, code, why);
}

/* A driver behind an exporter is not asked for rules. */
void shr__look_judge(struct shr__slot *s)
{
	if (!s->args->rules || (s->side->kind == SHR_PLUGIN_DRIVER && s->backend->n_sides > 1))
		return;
	if (!s->rules_ended) {
		shr__told_stick(s, SHR_EDRIVER, "it did not ask for all rules");
		return;
	}
	for (uint32_t i = 0; s->n_answered < s->n_pulled && i < s->n_pulled; i++) {
		if (!s->pulled[i].answered) {
			shr__told_stick(s, SHR_EDRIVER, "%" PRIu32 " of %" PRIu32 " rules have no answer, %.80s among them",
				s->n_pulled - s->n_answered, s->n_pulled, s->pulled[i].id);
			return;
		}
	}
}

/* ---- things ---- */

static int is_look(const struct shr__slot *s)
{
	return (s->tells & SHR__TELLS_LOOKED) != 0;
}

/* 1: it has its place in this call, and says properly what it is. */
static int found_ok(struct shr__slot *s, const struct shr_found *f)
{
	const char *wrong = "is NULL", *last;
	char room[80];
	uint32_t kind;

	kind = is_look(s) ? SHR_FOUND_RULE : s->side->kind == SHR_PLUGIN_EXPORTER ? SHR_FOUND_EXPORT : SHR_FOUND_INSTANCE;
	if (f->name)
		wrong = shr__text_wrong(f->name, SHR__FOUND_NAME_MOST, SHR__TEXT_SLASH_OK, room, sizeof room);
	if (wrong) {
		shr__told_stick(s, SHR_EDRIVER, "found(): the name %s", wrong);
		return 0;
	}
	last = s->told->n_found ? s->told->found[s->told->n_found - 1].name : s->args->after ? s->args->after : "";
	if (f->kind != kind)
		shr__told_stick(s, SHR_EDRIVER, "found(): %.200s is of kind %" PRIu32 "; %" PRIu32 " has its place in this call",
			f->name, f->kind, kind);
	else if (f->bytes > INT64_MAX)
		shr__told_stick(s, SHR_EDRIVER, "found(): %.200s has over 2^63-1 bytes", f->name);
	else if (f->instance_id && *f->instance_id && !shr__uuid_ok(f->instance_id))
		shr__told_stick(s, SHR_EDRIVER, "found(): %.200s bears an id that is no UUID", f->name);
	else if (!is_look(s) && strcmp(f->name, last) <= 0)
		shr__told_stick(s, SHR_EDRIVER, "found(): %.200s does not come behind %.200s", f->name, last);
	else
		return 1;
	return 0;
}

static void keep_found(struct shr__slot *s, const struct shr_found *f, uint32_t most)
{
	struct shr__told *told = s->told;
	char words[SHR__WORDS_MOST + 1];
	struct shr__told_found *to;

	if (!told->found)
		told->found = shr__arena_alloc(told->arena, most * sizeof(*told->found));
	if (!told->found) {
		shr__told_nomem(s);
		return;
	}
	shr__words_copy(words, f->what, told);
	to = &told->found[told->n_found];
	to->kind = f->kind;
	to->bytes = f->bytes;
	to->name = shr__arena_strdup(told->arena, f->name);
	to->instance_id = shr__arena_strdup(told->arena, f->instance_id ? f->instance_id : "");
	to->what = shr__arena_strdup(told->arena, words);
	if (!to->name || !to->instance_id || !to->what)
		shr__told_nomem(s);
	else
		told->n_found++;
}

void shr__told_found(struct shr__slot *s, const struct shr_found *thing)
{
	uint32_t most = is_look(s) ? SHR__STRANGERS_MOST : s->args->max;
	struct shr_found f;
	int rc = -1;

	if (!(s->tells & (SHR__TELLS_FOUND | SHR__TELLS_LOOKED))) {
		shr__told_stick(s, SHR_EDRIVER, "found() has no place in this call");
		return;
	}
	if (thing)
		rc = shr__params_copy(thing, "found", SHR__LEAST(shr_found, what), &f, sizeof f, NULL);
	if (rc < 0) {
		shr__told_stick(s, SHR_EDRIVER, "found() with a struct that %s", !thing ? "is NULL" :
			rc == SHR_EABI ? "has members that this library does not know" : "has no proper size");
		return;
	}
	if (!found_ok(s, &f))
		return;
	if (s->told->n_found < most)
		keep_found(s, &f, most);
	else if (is_look(s))
		s->told->n_more++;
	else
		shr__told_stick(s, SHR_EDRIVER, "found(): more than the %" PRIu32 " things that were asked for", most);
}

/* tools/driver_check/calls.c - making calls, and keeping what they tell as the core would */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/uuid.h"
#include "kit.h"

void kit_id(struct kit *kit, char ret[KIT_ID])
{
	uint8_t random[10];

	if (shr__random(random, sizeof random) < 0)
		kit_fail(kit, "no random numbers");
	shr__uuid7(shr__clock_wall_ns(), random, ret);
}

void kit_share_init(struct kit *kit, struct kit_share *share, uint64_t bytes)
{
	memset(share, 0, sizeof *share);
	kit_id(kit, share->id);
	kit_id(kit, share->share_id);
	share->name = "kit";
	share->source = "";
	share->bytes = bytes;
}

static struct shr_instance instance_of(const struct kit *kit, const struct kit_share *share)
{
	struct shr_instance in = {
		.size = sizeof in, .bytes = share->bytes, .protocols = shr__backend_protocols(kit->backend), .id = share->id,
		.share_id = share->share_id, .project = "kit", .pool = kit->pool, .name = share->name, .ref = share->ref,
		.source = share->source, .flags = share->flags,
	};

	return in;
}

static void keep_found(struct kit_call *call, const struct shr__told *told)
{
	uint32_t i;

	call->n_found = told->n_found;
	for (i = 0; i < told->n_found && i < KIT_LIST; i++) {
		snprintf(call->found[i].name, sizeof call->found[i].name, "%s", told->found[i].name);
		snprintf(call->found[i].instance_id, sizeof call->found[i].instance_id, "%s", told->found[i].instance_id);
		call->found[i].bytes = told->found[i].bytes;
	}
}

static void keep_rules(struct kit_call *call, const struct shr__told *told)
{
	uint32_t i;

	call->n_refused = 0;
	call->n_keys = told->n_keys;
	call->n_strangers = call->verb == SHR__VERB_LOOK ? told->n_found : 0;
	for (i = 0; told->code == 0 && i < told->n_rules; i++) {
		if (!told->rules[i].rule_id || told->rules[i].code == SHR_OK)
			continue;
		call->n_refused++;
		call->refused_code = told->rules[i].code;
		snprintf(call->refused, sizeof call->refused, "%s", told->rules[i].why ? told->rules[i].why : "");
	}
}

static void keep_told(struct kit_call *call, const struct shr__told *told)
{
	struct kit_share *share = call->share;

	snprintf(call->message, sizeof call->message, "%s", told->message ? told->message : "");
	keep_rules(call, told);
	if (told->code == 0 && call->verb == SHR__VERB_LIST)
		keep_found(call, told);
	if (told->code != 0 || !share)
		return;
	if (call->verb == SHR__VERB_LOOK && !shr__told_number(told, share->id, SHR_NUMBER_BYTES, &call->bytes_told))
		call->bytes_told = 0;
	if (told->has_ref)
		snprintf(share->ref, sizeof share->ref, "%s", told->ref);
	if (told->path)
		snprintf(share->path, sizeof share->path, "%s", told->path);
	if (told->has_exports)
		share->n_exports = told->n_exports;
	if (call->verb != SHR__VERB_LOOK)
		shr__told_number(told, share->id, SHR_NUMBER_BYTES, &share->told_bytes);
	shr__told_number(told, share->id, SHR_NUMBER_USED, &call->used);
	shr__told_number(told, share->id, SHR_NUMBER_CUT, &share->cut);
}

static void nap_ms(uint32_t ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static int no_rules(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room)
{
	(void)data;
	(void)arena;
	(void)after_id;
	(void)room;
	(void)ret;
	return 0;
}

struct token { /* of a pending call, for the next */
	char bytes[4096];
	uint64_t len;
};

static void begin_token(const struct kit_call *call, struct token *token)
{
	token->len = call->token ? strnlen(call->token, sizeof token->bytes) : 0;
	if (token->len)
		memcpy(token->bytes, call->token, token->len);
}

/* The call itself, and how long it took. */
static int timed_call(struct kit *kit, struct kit_call *call, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told)
{
	int64_t began, took;
	int code;

	atomic_store(&kit->shared->doing, shr__verb_name(call->verb));
	atomic_fetch_add(&kit->shared->calls, 1);
	began = shr__clock_mono_ns();
	code = shr__backend_call(kit->backend, call->verb, name, args, told);
	took = shr__clock_mono_ns() - began;
	atomic_fetch_add(&kit->shared->calls, 1);
	if (took > call->slowest_ns)
		call->slowest_ns = took;
	if (code == SHR_RUNNING && took > call->slowest_running_ns)
		call->slowest_running_ns = took;
	return code;
}

static int make_once(struct kit *kit, struct kit_call *call, struct token *token)
{
	struct shr__callname name = { .op_id = call->op_id, .step = call->step ? call->step : shr__verb_name(call->verb),
		.item_id = "", .attempt = ++call->attempt, .fence = 1, .token = token->len ? token->bytes : NULL,
		.token_len = token->len, .cancelled = call->cancelled, .data = call->cancelled_data };
	struct shr_instance in, of, snap;
	struct shr__callargs args = { .bytes = call->bytes, .diff = call->diff, .rules = call->rules,
		.rules_data = call->rules_data, .pool = kit->pool, .after = call->after, .max = call->max, .readonly = call->readonly };
	struct shr__arena *arena = shr__arena_new();
	struct shr__told told;
	int code;

	if ((call->verb == SHR__VERB_LOOK || call->verb == SHR__VERB_SNAP_LOOK) && !call->rules)
		args.rules = no_rules;
	if (call->share) {
		in = instance_of(kit, call->share);
		args.instance = &in;
		args.path = call->share->path;
	}
	if (call->of) {
		of = instance_of(kit, call->of);
		args.of = &of;
	}
	if (call->snap) {
		snap = instance_of(kit, call->snap);
		args.snap = &snap;
	}
	shr__told_init(&told, arena);
	code = timed_call(kit, call, &name, &args, &told);
	keep_told(call, &told);
	if (code == SHR_RUNNING) {
		token->len = told.token_len;
		memcpy(token->bytes, told.token ? told.token : "", told.token_len);
		nap_ms(told.again_ms < 1000 ? told.again_ms : 1000);
	}
	shr__told_clear(&told);
	shr__arena_free(arena);
	return code;
}

int kit_make(struct kit *kit, struct kit_call *call)
{
	int64_t until = shr__clock_mono_ns() + kit->args.patience * INT64_C(1000000000);
	struct token token;
	int code;

	if (!call->op_id[0])
		kit_id(kit, call->op_id);
	begin_token(call, &token);
	while ((code = make_once(kit, call, &token)) == SHR_RUNNING) {
		if (call->n_running++ == 0 && call->at_running == KIT_STOP)
			return code;
		if (call->n_running == 1 && call->at_running == KIT_LOSE_TOKEN)
			token.len = 0;
		if (call->n_running == 1 && call->at_running == KIT_REOPEN)
			kit_reopen(kit);
		if (shr__clock_mono_ns() > until)
			kit_fail(kit, "%s: still running after %d seconds", shr__verb_name(call->verb), kit->args.patience);
	}
	return code;
}

void kit_must_make(struct kit *kit, struct kit_call *call, int code)
{
	int got = kit_make(kit, call);

	if (got != code)
		kit_fail(kit, "%s: %s in place of %s (attempt %u): %s", shr__verb_name(call->verb), shr_strcode(got),
			shr_strcode(code), call->attempt, call->message);
}

void kit_must(struct kit *kit, enum shr__verb verb, struct kit_share *share, uint64_t bytes, int code)
{
	struct kit_call call = { .verb = verb, .share = share, .bytes = bytes };

	kit_must_make(kit, &call, code);
}

void kit_create(struct kit *kit, struct kit_share *share, uint64_t bytes)
{
	kit_share_init(kit, share, bytes);
	kit_must(kit, SHR__VERB_CREATE, share, 0, 0);
	kit_must(kit, SHR__VERB_EXPORT, share, 0, 0);
}

void kit_remove(struct kit *kit, struct kit_share *share)
{
	kit_must(kit, SHR__VERB_UNEXPORT, share, 0, 0);
	kit_must(kit, SHR__VERB_REMOVE, share, 0, 0);
}

uint64_t kit_usage(struct kit *kit, struct kit_share *share)
{
	struct kit_call call = { .verb = SHR__VERB_USAGE, .share = share };

	kit_must_make(kit, &call, 0);
	return call.used;
}

int kit_has_rules(const struct kit *kit)
{
	return shr__backend_exports_itself(kit->backend);
}

uint64_t kit_pool_number(struct kit *kit, uint32_t key)
{
	struct shr__callname name = { .op_id = "018f0000-0000-7000-8000-000000000001", .step = "stats", .item_id = "", .attempt = 1 };
	struct kit_call call = { .verb = SHR__VERB_STATS };
	struct shr__callargs args = { .bytes = 0 };
	struct shr__arena *arena = shr__arena_new();
	struct shr__told told;
	uint64_t value = 0;
	char why[512] = "";
	int code;

	shr__told_init(&told, arena);
	code = timed_call(kit, &call, &name, &args, &told);
	if (code == 0)
		shr__told_number(&told, kit->pool, key, &value);
	else
		snprintf(why, sizeof why, "%s: %s", shr_strcode(code), told.message);
	shr__told_clear(&told);
	shr__arena_free(arena);
	if (code)
		kit_fail(kit, "stats: %s", why);
	return value;
}

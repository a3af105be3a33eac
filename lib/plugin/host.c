/* lib/plugin/host.c - what the core does for a plugin during a call: struct shr_driver_host */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "libshare/context.h"
#include "libshare/version.h"
#include "plugin/told.h"
#include "plugin/words.h"

/* ---- into a call and out of it ---- */

static void say(const struct shr__slot *s, int level, const char *words)
{
	const struct shr__backend *b = s->backend;
	char line[SHR__WORDS_MOST + 200];

	if (!b->plugins->log)
		return;
	snprintf(line, sizeof line, "backend %s: %s %s: %s", b->conf->name, shr__plugin_word(s->side->kind), s->side->name, words);
	b->plugins->log(b->plugins->log_data, level, line);
}

/* The call, locked; NULL: it is none, or it has ended. */
static struct shr__slot *enter(const struct shr_call *call)
{
	struct shr__slot *s = call ? call->core : NULL;
	int live;

	if (!s || s->magic != SHR__SLOT_MAGIC)
		return NULL;
	pthread_mutex_lock(&s->lock);
	live = s->live;
	if (live)
		return s;
	pthread_mutex_unlock(&s->lock);
	if (s->backend->plugins->log)
		s->backend->plugins->log(s->backend->plugins->log_data, SHR_LOG_ERROR, "a plugin used a call after it had ended");
	return NULL;
}

static void leave(struct shr__slot *s)
{
	pthread_mutex_unlock(&s->lock);
}

/* Around what is called of the host: without the call's lock, but the call does not end meanwhile. */
static void step_out(struct shr__slot *s)
{
	s->inside++;
	pthread_mutex_unlock(&s->lock);
}

static void step_in(struct shr__slot *s)
{
	pthread_mutex_lock(&s->lock);
	if (--s->inside == 0)
		pthread_cond_broadcast(&s->left);
}

/* ---- the table ---- */

static int host_fail(const struct shr_call *call, int code, const char *message)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_fail(s, code, message);
		leave(s);
	}
	return shr__told_code_ok(code) ? code : SHR_EDRIVER;
}

static int host_pending(const struct shr_call *call, const void *token, uint64_t len, uint32_t again_ms)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_pending(s, token, len, again_ms);
		leave(s);
	}
	return SHR_RUNNING;
}

static void host_progress(const struct shr_call *call, uint64_t done, uint64_t total)
{
	struct shr__slot *s = enter(call);
	const struct shr__callname *name;

	if (!s)
		return;
	if (done > INT64_MAX || total > INT64_MAX) {
		shr__told_stick(s, SHR_EDRIVER, "progress() with a number over 2^63-1");
	} else {
		if (total > 0 && done > total)
			done = total; /* what is copied may grow while it is copied */
		s->told->has_progress = 1;
		s->told->done = done;
		s->told->total = total;
		name = s->name;
		step_out(s);
		if (name->progress)
			name->progress(name->data, done, total);
		step_in(s);
	}
	leave(s);
}

static int host_cancelled(const struct shr_call *call)
{
	struct shr__slot *s = enter(call);
	int yes = 0;

	if (!s)
		return 1; /* nobody waits for it any more */
	if (s->name->cancelled && !s->was_cancelled) {
		step_out(s);
		yes = s->name->cancelled(s->name->data);
		step_in(s);
		if (yes)
			s->was_cancelled = 1;
	}
	yes = s->was_cancelled;
	leave(s);
	return yes;
}

static void host_set_ref(const struct shr_call *call, const char *instance_id, const char *ref)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_set_ref(s, instance_id, ref);
		leave(s);
	}
}

static void host_add_export(const struct shr_call *call, const char *instance_id, const struct shr_export *location)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_add_export(s, instance_id, location);
		leave(s);
	}
}

static void host_set_path(const struct shr_call *call, const char *instance_id, const char *path)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_set_path(s, instance_id, path);
		leave(s);
	}
}

static void host_set_rule(const struct shr_call *call, const char *rule_id, int code, const char *why)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_set_rule(s, rule_id, code, why);
		leave(s);
	}
}

static void host_set_rule_key(const struct shr_call *call, const char *rule_id, const char *key)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_set_key(s, rule_id, key);
		leave(s);
	}
}

static void host_set_number(const struct shr_call *call, const char *object, uint32_t key, uint64_t value)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_set_number(s, object, key, value);
		leave(s);
	}
}

static void host_found(const struct shr_call *call, const struct shr_found *thing)
{
	struct shr__slot *s = enter(call);

	if (s) {
		shr__told_found(s, thing);
		leave(s);
	}
}

/* The next rules of the host, which reads a store: without the lock. One thread at a time pulls. */
static void pull(struct shr__slot *s)
{
	struct shr_rules *r = &s->rules;
	int rc;

	if (!r->arena)
		r->arena = shr__arena_new();
	if (!r->arena) {
		shr__told_nomem(s);
		return;
	}
	s->pulling = 1;
	step_out(s);
	shr__arena_reset(r->arena);
	rc = s->args->rules(s->args->rules_data, r->arena, r->after, r->ahead, SHR__RULES_AHEAD);
	step_in(s);
	s->pulling = 0;
	r->at = 0;
	r->n = rc > 0 && (uint32_t)rc <= SHR__RULES_AHEAD ? (uint32_t)rc : 0;
	if (r->n == 0 && rc != 0)
		shr__told_stick(s, rc < 0 ? rc : SHR_EINTERNAL, "the set of rules could not be read");
}

static const struct shr_rule *next_rule(struct shr__slot *s)
{
	struct shr_rules *r = &s->rules;
	const struct shr_rule *rule;

	if (r->at == r->n)
		pull(s);
	rule = r->at < r->n ? r->ahead[r->at++] : NULL;
	if (rule && strnlen(rule->id, sizeof r->after) < sizeof r->after) {
		strcpy(r->after, rule->id);
		if (s->tells & SHR__TELLS_LOOKED)
			shr__look_pulled(s, rule->id);
		return rule;
	}
	s->rules_ended = 1;
	if (rule)
		shr__told_stick(s, SHR_EINTERNAL, "the set of rules could not be read");
	return NULL;
}

static const struct shr_rule *host_next_rule(const struct shr_call *call, struct shr_rules *all)
{
	struct shr__slot *s = enter(call);
	const struct shr_rule *rule = NULL;

	if (!s)
		return NULL;
	if (!(s->tells & (SHR__TELLS_RULES | SHR__TELLS_LOOKED)) || all != &s->rules)
		shr__told_stick(s, SHR_EDRIVER, "next_rule() with a set that is not the call's");
	else if (s->pulling)
		shr__told_stick(s, SHR_EDRIVER, "next_rule() by two threads at once");
	else if (s->args->rules && !s->rules_ended && !s->stuck.code)
		rule = next_rule(s);
	leave(s);
	return rule;
}

static void host_log(const struct shr_call *call, int level, const char *line)
{
	struct shr__slot *s = enter(call);
	char words[SHR__WORDS_MOST + 1];

	if (!s)
		return;
	if (level < SHR_LOG_ERROR || level > SHR_LOG_DEBUG)
		level = SHR_LOG_INFO;
	shr__words_copy(words, line, s->told);
	step_out(s);
	say(s, level, words);
	step_in(s);
	leave(s);
}

/* ---- settings; the configuration outlives the backend ---- */

static const char *value_of(const struct shr__setting *settings, uint32_t n, const char *key, uint32_t nth)
{
	for (uint32_t i = 0; i < n; i++) {
		if (strcmp(settings[i].key, key) == 0)
			return nth < settings[i].n_values ? settings[i].values[nth] : NULL;
	}
	return NULL;
}

static const char *pool_setting(const struct shr__backend *b, const char *pool, const char *key, uint32_t nth)
{
	int64_t at = shr__names_find(&b->pools, pool);

	return at < 0 ? NULL : value_of(b->conf->pools[at].settings, b->conf->pools[at].n_settings, key, nth);
}

static const char *host_setting(const struct shr_call *call, const char *pool, const char *key, uint32_t nth)
{
	struct shr__slot *s = enter(call);
	const struct shr__conf_backend *conf;
	const char *value = NULL;

	if (!s)
		return NULL;
	conf = s->backend->conf;
	if (!key)
		shr__told_stick(s, SHR_EDRIVER, "setting() without a key");
	else if (s->side->kind == SHR_PLUGIN_DRIVER)
		value = pool ? pool_setting(s->backend, pool, key, nth) : value_of(conf->settings, conf->n_settings, key, nth);
	else if (!pool)
		value = value_of(s->side->plugin->settings, s->side->plugin->n_settings, key, nth);
	leave(s);
	return value;
}

static const char *host_pool(const struct shr_call *call, uint32_t nth)
{
	struct shr__slot *s = enter(call);
	const char *name = NULL;

	if (!s)
		return NULL;
	if (nth < s->backend->conf->n_pools)
		name = s->backend->conf->pools[nth].name;
	leave(s);
	return name;
}

const struct shr_driver_host shr__driver_host = {
	.size = sizeof(struct shr_driver_host),
	.version = SHR_HEADER_VERSION,
	.fail = host_fail,
	.pending = host_pending,
	.progress = host_progress,
	.cancelled = host_cancelled,
	.set_ref = host_set_ref,
	.add_export = host_add_export,
	.set_path = host_set_path,
	.set_rule = host_set_rule,
	.set_rule_key = host_set_rule_key,
	.set_number = host_set_number,
	.next_rule = host_next_rule,
	.log = host_log,
	.setting = host_setting,
	.pool = host_pool,
	.found = host_found,
};

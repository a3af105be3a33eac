/* lib/plugin/call.c - making a call of a plugin */
#include "plugin/call.h"

#include <string.h>

#include "plugin/each.h"
#include "plugin/told.h"
#include "plugin/words.h"

#define OF_EXPORTER 1 /* nothing to do where there is none; of each where there are several */
#define OF_ACCESS 2   /* of the exporters where there are any */

static const struct {
	const char *name;
	int whose;
	unsigned tells;
} verbs[] = {
	[SHR__VERB_STATS] = { "stats", 0, SHR__TELLS_POOLS },
	[SHR__VERB_CREATE] = { "create", 0, SHR__TELLS_PLACE | SHR__TELLS_BYTES },
	[SHR__VERB_REMOVE] = { "remove", 0, SHR__TELLS_REF },
	[SHR__VERB_RESIZE] = { "resize", 0, SHR__TELLS_PLACE | SHR__TELLS_BYTES },
	[SHR__VERB_ACCESS] = { "update_access", OF_ACCESS, SHR__TELLS_RULES },
	[SHR__VERB_MANAGE] = { "manage", 0, SHR__TELLS_PLACE | SHR__TELLS_BYTES },
	[SHR__VERB_UNMANAGE] = { "unmanage", 0, SHR__TELLS_REF },
	[SHR__VERB_USAGE] = { "usage", 0, SHR__TELLS_USED },
	[SHR__VERB_CANCEL] = { "cancel", 0, 0 },
	[SHR__VERB_EXPORT] = { "add", OF_EXPORTER, SHR__TELLS_EXPORTS },
	[SHR__VERB_UNEXPORT] = { "remove of the export", OF_EXPORTER, 0 },
	[SHR__VERB_PROBE] = { "probe", OF_EXPORTER, SHR__TELLS_INCARNATION },
	[SHR__VERB_LOOK] = { "look", 0, SHR__TELLS_LOOKED },
	[SHR__VERB_LIST] = { "list", 0, SHR__TELLS_FOUND },
	[SHR__VERB_ATTACH] = { "attach", 0, SHR__TELLS_PATH },
	[SHR__VERB_DETACH] = { "detach", 0, 0 },
	[SHR__VERB_XLOOK] = { "look at the export", OF_EXPORTER, SHR__TELLS_LOOKED },
	[SHR__VERB_XLIST] = { "list of exports", OF_EXPORTER, SHR__TELLS_FOUND },
	[SHR__VERB_SNAP_CREATE] = { "create of the snapshot", 0, SHR__TELLS_PLACE | SHR__TELLS_CUT | SHR__TELLS_BYTES },
	[SHR__VERB_SNAP_REMOVE] = { "remove of the snapshot", 0, SHR__TELLS_REF },
	[SHR__VERB_SNAP_MANAGE] = { "manage of the snapshot", 0, SHR__TELLS_PLACE | SHR__TELLS_CUT | SHR__TELLS_BYTES },
	[SHR__VERB_SNAP_UNMANAGE] = { "unmanage of the snapshot", 0, SHR__TELLS_REF },
	[SHR__VERB_SNAP_LOOK] = { "look at the snapshot", 0, SHR__TELLS_LOOKED },
	[SHR__VERB_REVERT] = { "revert", 0, SHR__TELLS_PLACE | SHR__TELLS_BYTES },
	[SHR__VERB_CLONE] = { "clone", 0, SHR__TELLS_PLACE | SHR__TELLS_BYTES },
	[SHR__VERB_DRAIN] = { "drain", OF_EXPORTER, 0 },
	[SHR__VERB_HOLD] = { "hold", OF_EXPORTER, 0 },
	[SHR__VERB_RELEASE] = { "release", OF_EXPORTER, 0 },
	[SHR__VERB_OPEN] = { "open", 0, 0 },
};

const char *shr__verb_name(enum shr__verb verb)
{
	return (unsigned)verb < SHR__VERB_N ? verbs[verb].name : "unknown";
}

static const char *text(const char *s)
{
	return s ? s : "";
}

/* ---- the plugin's functions ---- */

/* The same of its table for snapshots. */
static int run_snapshot(struct shr__slot *s, int *ret)
{
	const struct shr_driver_snapshot *t = s->backend->driver->snapshot;
	const struct shr__callargs *a = s->args;
	const struct shr_call *call = &s->call;
	void *be = s->side->state;

	if (!t)
		return 0;
	switch ((int)s->verb) {
	case SHR__VERB_SNAP_CREATE: *ret = t->create(be, call, a->of, a->instance); return 1;
	case SHR__VERB_SNAP_REMOVE: *ret = t->remove(be, call, a->of, a->instance); return 1;
	case SHR__VERB_SNAP_MANAGE: return t->manage ? *ret = t->manage(be, call, a->of, a->instance), 1 : 0;
	case SHR__VERB_SNAP_UNMANAGE: return t->unmanage ? *ret = t->unmanage(be, call, a->of, a->instance), 1 : 0;
	case SHR__VERB_SNAP_LOOK:
		return t->look ? *ret = t->look(be, call, a->of, a->instance, s->backend->n_sides > 1 ? NULL : &s->rules), 1 : 0;
	case SHR__VERB_REVERT: return t->revert ? *ret = t->revert(be, call, a->instance, a->snap), 1 : 0;
	case SHR__VERB_CLONE: return t->clone ? *ret = t->clone(be, call, a->of, a->snap, a->instance), 1 : 0;
	default: return 0;
	}
}

/* 1: it is there, and *ret is what it answered. */
static int run_driver(struct shr__slot *s, int *ret)
{
	const struct shr_driver *d = s->backend->driver;
	const struct shr__callargs *a = s->args;
	const struct shr_call *call = &s->call;
	void *be = s->side->state;

	switch ((int)s->verb) {
	case SHR__VERB_OPEN: *ret = d->open(&shr__driver_host, call, &s->side->state); return 1;
	case SHR__VERB_STATS: *ret = d->stats(be, call); return 1;
	case SHR__VERB_CREATE: *ret = d->create(be, call, a->instance); return 1;
	case SHR__VERB_REMOVE: *ret = d->remove(be, call, a->instance); return 1;
	case SHR__VERB_RESIZE: return d->resize ? *ret = d->resize(be, call, a->instance, a->bytes), 1 : 0;
	case SHR__VERB_ACCESS:
		return d->update_access ? *ret = d->update_access(be, call, a->instance, a->diff, &s->rules), 1 : 0;
	case SHR__VERB_MANAGE: return d->manage ? *ret = d->manage(be, call, a->instance), 1 : 0;
	case SHR__VERB_UNMANAGE: return d->unmanage ? *ret = d->unmanage(be, call, a->instance), 1 : 0;
	case SHR__VERB_USAGE: return d->usage ? *ret = d->usage(be, call, a->instance), 1 : 0;
	case SHR__VERB_CANCEL: return d->cancel ? *ret = d->cancel(be, call), 1 : 0;
	case SHR__VERB_LOOK:
		return d->look ? *ret = d->look(be, call, a->instance, s->backend->n_sides > 1 ? NULL : &s->rules), 1 : 0;
	case SHR__VERB_LIST: return d->list ? *ret = d->list(be, call, a->pool, text(a->after), a->max), 1 : 0;
	case SHR__VERB_ATTACH: return d->data ? *ret = d->data->attach(be, call, a->instance, a->readonly), 1 : 0;
	case SHR__VERB_DETACH: return d->data ? *ret = d->data->detach(be, call, a->instance), 1 : 0;
	default: return run_snapshot(s, ret);
	}
}

static int run_exporter(struct shr__slot *s, int *ret)
{
	const struct shr_exporter *x = s->side->exporter;
	const struct shr__callargs *a = s->args;
	const struct shr_call *call = &s->call;
	const struct shr_exported what = { sizeof what, a->export_number, a->instance, a->path };
	void *ex = s->side->state;

	switch ((int)s->verb) {
	case SHR__VERB_OPEN: *ret = x->open(&shr__driver_host, call, &s->side->state); return 1;
	case SHR__VERB_ACCESS: *ret = x->update_access(ex, call, &what, a->diff, &s->rules); return 1;
	case SHR__VERB_EXPORT: *ret = x->add(ex, call, &what); return 1;
	case SHR__VERB_UNEXPORT: *ret = x->remove(ex, call, &what); return 1;
	case SHR__VERB_PROBE: *ret = x->probe(ex, call); return 1;
	case SHR__VERB_XLOOK: return x->look ? *ret = x->look(ex, call, &what, &s->rules), 1 : 0;
	case SHR__VERB_DRAIN: *ret = x->drain ? x->drain(ex, call, &what) : x->remove(ex, call, &what); return 1;
	case SHR__VERB_HOLD: *ret = x->hold ? x->hold(ex, call, a->bound_ms) : 0; return 1;
	case SHR__VERB_RELEASE: *ret = x->release ? x->release(ex, call) : 0; return 1;
	case SHR__VERB_XLIST: return x->list ? *ret = x->list(ex, call, text(a->after), a->max), 1 : 0;
	default: return 0;
	}
}

/* ---- one call ---- */

static void begin(struct shr__slot *s)
{
	const struct shr__callname *name = s->name;

	s->call.attempt = name->attempt ? name->attempt : 1;
	s->call.fence = name->fence;
	s->call.op_id = text(name->op_id);
	s->call.step = text(name->step);
	s->call.item_id = text(name->item_id);
	s->call.token = name->token;
	s->call.token_len = name->token_len;
	s->tells = verbs[s->verb].tells;
	s->stuck = s->first = s->last = (struct shr__said){ 0, NULL };
	s->is_pending = s->was_cancelled = s->pulling = s->rules_ended = 0;
	s->n_answered = s->hint = 0;
	s->changes.places = NULL;
	s->pulled = NULL;
	s->n_pulled = s->room_pulled = s->room_rules = 0;
	s->rules.after[0] = '\0';
	s->rules.at = s->rules.n = 0;
	pthread_mutex_lock(&s->lock);
	s->live = 1;
	pthread_mutex_unlock(&s->lock);
}

/* The end: from here on the call is none. A thread of the plugin that is just asking the host something is waited for. */
static void end(struct shr__slot *s)
{
	pthread_mutex_lock(&s->lock);
	s->live = 0;
	while (s->inside > 0)
		pthread_cond_wait(&s->left, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static int unsupported(struct shr__slot *s)
{
	const char *message = shr__arena_printf(s->told->arena, "backend %s: %s %s has no %s()", s->backend->conf->name,
		shr__plugin_word(s->side->kind), s->side->name, verbs[s->verb].name);

	s->told->code = SHR_EUNSUPPORTED;
	s->told->message = message ? message : "the driver cannot do this";
	return SHR_EUNSUPPORTED;
}

int shr__side_call(struct shr__backend *b, struct shr__side *side, enum shr__verb verb, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told)
{
	struct shr__slot *s = shr__slot_take(b);
	int answer = 0, there;

	if (!s) {
		told->code = SHR_ENOMEM;
		told->message = "there was no memory to call the plugin";
		return SHR_ENOMEM;
	}
	s->verb = verb;
	s->side = side;
	s->name = name;
	s->args = args;
	s->told = told;
	shr__turns_wait(s);
	begin(s);
	there = side->kind == SHR_PLUGIN_EXPORTER ? run_exporter(s, &answer) : run_driver(s, &answer);
	end(s);
	shr__turns_next(s);
	if (there)
		shr__judge(s, answer);
	else
		unsupported(s);
	shr__slot_give(s);
	return told->code;
}

int shr__backend_call(struct shr__backend *b, enum shr__verb verb, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told)
{
	static const struct shr__callargs none = { .bytes = 0 };
	int whose = verbs[verb].whose;
	int exported = b->n_sides > 1;

	shr__told_clear(told);
	if (whose == OF_EXPORTER && !exported)
		return 0;
	if (whose && b->n_sides > 2)
		return shr__each_call(b, verb, verbs[verb].tells, name, args ? args : &none, told);
	return shr__side_call(b, &b->sides[whose && exported ? 1 : 0], verb, name, args ? args : &none, told);
}

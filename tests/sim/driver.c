/* tests/sim/driver.c - simulated drivers, one of each fencing class, that fail in every way that drivers may */
#include "driver.h"
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check.h"

#define CAPABILITIES (SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_THIN | SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | \
	SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT | \
	SHR_CAP_DATA)

enum verb { STATS, CREATE, REMOVE, RESIZE, ACCESS, REVERT, MANAGE, UNMANAGE, LOOK, ATTACH, DETACH };
static const char *const verb_names[] = { "stats", "create", "remove", "resize", "update_access", "revert", "manage", "unmanage",
	"look", "attach", "detach" };

/* What a call would do to its backend. Late ones are copies. */
struct effect {
	struct effect *next;
	int64_t due;
	enum verb verb;
	int backend;
	int late;
	char id[40], source[32];
	char from[40]; /* create: what it begins with; revert: what it goes back to; "" */
	uint64_t bytes, fence, revision;
	struct sim_rule *rules; /* what is there then */
	struct sim_rule *gone;  /* what is not: ids alone */
	uint32_t n_rules, n_gone;
};

struct be { /* what a process has open */
	struct be *next;
	struct sim_proc *proc;
	int backend;
	const struct shr_driver_host *host;
	struct shr_call *stale;  /* a call that has ended */
	char stale_id[40];
};

struct job { /* a call that answered: running */
	struct job *next;
	char op[40], step[24], item[40];
	unsigned left, n;
};

const char *const sim_backend_names[SIM_BACKENDS] = { "alpha", "beta", "gamma" };
static const uint32_t fencing[SIM_BACKENDS] = { SHR_FENCING_NONE, SHR_FENCING_CHECKED, SHR_FENCING_HOST_LOCK };

#define BUCKETS 1024
static struct {
	struct sim_thing *first, **last, *buckets[BUCKETS];
	struct sim_foreign *foreign[SIM_BACKENDS];
	unsigned n_foreign;
	struct be *open;
	struct effect *late;
	struct job *jobs;
	uint64_t greatest[SIM_BACKENDS]; /* fence numbers that the checked one has seen */
	const struct be *holder[SIM_BACKENDS]; /* of the kernel lock */
	int64_t out_until[SIM_BACKENDS];
	uint64_t written; /* each content is another one */
} d;

int sim_backend_of(const char *name)
{
	for (int i = 0; i < SIM_BACKENDS; i++)
		if (strcmp(sim_backend_names[i], name) == 0)
			return i;
	return -1;
}

int sim_refuses(const char *who)
{
	return strncmp(who, "10.66.", 6) == 0 && (sim.mask >> SIM_REFUSED & 1);
}

/* ---- what lies there ---- */

static unsigned bucket(const char *id)
{
	unsigned h = 5381;

	while (*id)
		h = h * 33 + (unsigned char)*id++;
	return h % BUCKETS;
}

struct sim_thing *sim_thing_find(const char *id)
{
	for (struct sim_thing *t = d.buckets[bucket(id)]; t; t = t->next_hash)
		if (strcmp(t->id, id) == 0)
			return t;
	return NULL;
}

struct sim_thing *sim_things(void)
{
	return d.first;
}

static void copy(char *to, size_t room, const char *from)
{
	size_t n = strlen(from);

	if (n >= room)
		n = room - 1;
	memcpy(to, from, n);
	to[n] = 0;
}

static void *get(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		abort();
	return p;
}

static struct sim_thing *thing_of(const struct effect *e)
{
	struct sim_thing *t = sim_thing_find(e->id);

	if (t)
		return t;
	t = get(sizeof *t);
	copy(t->id, sizeof t->id, e->id);
	t->backend = e->backend;
	t->next_hash = d.buckets[bucket(e->id)];
	d.buckets[bucket(e->id)] = t;
	*d.last = t;
	d.last = &t->next;
	return t;
}

static struct sim_foreign *foreign_of(int backend, const char *source)
{
	for (struct sim_foreign *f = d.foreign[backend]; f; f = f->next)
		if (strcmp(f->source, source) == 0)
			return f;
	return NULL;
}

static struct sim_foreign *foreign_new(int backend, const char *source, uint64_t bytes)
{
	struct sim_foreign *f = get(sizeof *f);

	copy(f->source, sizeof f->source, source);
	f->backend = backend;
	f->bytes = bytes;
	f->next = d.foreign[backend];
	d.foreign[backend] = f;
	return f;
}

const struct sim_foreign *sim_foreign_pick(int backend, unsigned n)
{
	char source[32];

	n %= 40;
	snprintf(source, sizeof source, "volume%u", n);
	if (!foreign_of(backend, source))
		foreign_new(backend, source, (uint64_t)SIM_GIB);
	return foreign_of(backend, source);
}

/* ---- effects ---- */

static struct sim_rule *rule_of(struct sim_thing *t, const char *id)
{
	for (uint32_t i = 0; i < t->n_rules; i++)
		if (strcmp(t->rules[i].id, id) == 0)
			return &t->rules[i];
	return NULL;
}

static void set_rule(struct sim_thing *t, const struct sim_rule *rule)
{
	struct sim_rule *r = rule_of(t, rule->id);

	if (!r) {
		if (t->n_rules == t->room) {
			t->room = t->room ? 2 * t->room : 8;
			t->rules = realloc(t->rules, t->room * sizeof *t->rules);
			if (!t->rules)
				abort();
		}
		r = &t->rules[t->n_rules++];
	}
	*r = *rule;
}

static void drop_rule(struct sim_thing *t, const char *id)
{
	struct sim_rule *r = rule_of(t, id);

	if (r)
		*r = t->rules[--t->n_rules];
}

static int take_over(struct sim_thing *t, const struct effect *e)
{
	struct sim_foreign *f = foreign_of(e->backend, e->source);

	if (!f || (f->taken[0] && strcmp(f->taken, e->id) != 0))
		return SHR_ENOTFOUND;
	copy(f->taken, sizeof f->taken, e->id);
	copy(t->source, sizeof t->source, e->source);
	if (!t->present)
		t->bytes = f->bytes;
	t->present = 1;
	return 0;
}

/* It stays where it is, under its old name or a new one. */
static void let_go(struct sim_thing *t)
{
	char name[32];
	struct sim_foreign *f;

	if (!t->present)
		return;
	snprintf(name, sizeof name, "left-%s", sim_short(t->id));
	f = t->source[0] ? foreign_of(t->backend, t->source) : foreign_new(t->backend, name, t->bytes);
	if (f)
		f->taken[0] = 0;
	t->present = 0;
	t->n_rules = 0;
}

static void vanish(struct sim_thing *t)
{
	struct sim_foreign *f = t->source[0] ? foreign_of(t->backend, t->source) : NULL;

	if (f)
		copy(f->taken, sizeof f->taken, "removed");
	t->present = 0;
	t->n_rules = 0;
}

static int is_there(const char *id)
{
	const struct sim_thing *t = sim_thing_find(id);

	return t && t->present;
}

/* 0, or what the backend says to it. */
static int apply(const struct effect *e)
{
	struct sim_thing *t;

	if (e->verb == STATS)
		return 0;
	if (fencing[e->backend] == SHR_FENCING_CHECKED) {
		if (e->fence < d.greatest[e->backend]) {
			sim_say("  %s of %s is fenced off: %d is less than %d", verb_names[e->verb], sim_short(e->id), (int)e->fence,
				(int)d.greatest[e->backend]);
			return SHR_EFENCED;
		}
		d.greatest[e->backend] = e->fence;
	}
	t = thing_of(e);
	/* A removal is by an id that is never used again: it needs no generation. */
	if (fencing[e->backend] == SHR_FENCING_NONE && e->fence < t->generation && e->verb != REMOVE) {
		sim_say("  %s of %s is of an older generation: nothing", verb_names[e->verb], sim_short(e->id));
		return 0; /* names are never used again, and states are absolute, with a generation */
	}
	if (t->generation < e->fence)
		t->generation = e->fence;
	if (e->late)
		sim_say("  late: %s of %s lands", verb_names[e->verb], sim_short(e->id));
	switch (e->verb) {
	case CREATE:
		if (!t->present && e->from[0] && !is_there(e->from))
			return SHR_ENOTFOUND;
		if (!t->present) {
			t->bytes = e->bytes;
			t->content = e->from[0] ? sim_thing_find(e->from)->content : ++d.written;
		}
		t->present = 1;
		return 0;
	case REVERT:
		if (!t->present || !is_there(e->from))
			return SHR_ENOTFOUND;
		t->content = sim_thing_find(e->from)->content;
		return 0;
	case REMOVE:
		vanish(t);
		return 0;
	case RESIZE:
		if (!t->present)
			return SHR_ENOTFOUND;
		t->bytes = e->bytes;
		return 0;
	case ACCESS:
		if (!t->present)
			return SHR_ENOTFOUND;
		if (e->revision < t->revision)
			return 0;
		t->revision = e->revision;
		for (uint32_t i = 0; i < e->n_gone; i++)
			drop_rule(t, e->gone[i].id);
		for (uint32_t i = 0; i < e->n_rules; i++)
			set_rule(t, &e->rules[i]);
		return 0;
	case MANAGE:
		return take_over(t, e);
	case UNMANAGE:
		let_go(t);
		return 0;
	case ATTACH:
		t->attached = e->fence > t->attached ? e->fence : t->attached;
		return t->present ? 0 : SHR_ENOTFOUND;
	case LOOK:
		return t->present ? 0 : SHR_ENOTFOUND;
	default:
		return 0;
	}
}

static void effect_clear(struct effect *e)
{
	free(e->rules);
	free(e->gone);
	e->rules = e->gone = NULL;
}

/* It is on its way to the backend, and its process is no more. */
static void send_late(const struct effect *e)
{
	struct effect *late = get(sizeof *late), **at = &d.late;

	*late = *e;
	late->rules = late->gone = NULL;
	if (e->n_rules)
		late->rules = memcpy(get(e->n_rules * sizeof *e->rules), e->rules, e->n_rules * sizeof *e->rules);
	if (e->n_gone)
		late->gone = memcpy(get(e->n_gone * sizeof *e->gone), e->gone, e->n_gone * sizeof *e->gone);
	late->late = 1;
	late->due = sim.now + sim_between(SIM_LATE, SIM_MS, 12 * SIM_SECOND);
	while (*at && (*at)->due <= late->due)
		at = &(*at)->next;
	late->next = *at;
	*at = late;
	sim.stats.late++;
}

int64_t sim_drivers_next(void)
{
	return d.late ? d.late->due : INT64_MAX;
}

void sim_drivers_land(void)
{
	struct effect *e = d.late;

	d.late = e->next;
	if (apply(e) == 0 && e->verb == RESIZE && sim_thing_find(e->id)->present)
		sim_thing_find(e->id)->unsure = 0; /* the newest that was asked for */
	effect_clear(e);
	free(e);
}

void sim_drivers_outage(int backend, int64_t until)
{
	d.out_until[backend] = until;
}

/* ---- calls ---- */

static int fail(const struct be *be, const struct shr_call *call, int code, const char *words)
{
	sim_say("  answers %s (%s)", shr_strcode(code), words);
	return be->host->fail(call, code, words);
}

static int some_failure(void)
{
	static const int codes[] = { SHR_EAGAIN, SHR_EAGAIN, SHR_EAGAIN, SHR_EBACKEND, SHR_ENOSPC };

	return codes[sim_below(SIM_DRIVER_FAIL, sizeof codes / sizeof codes[0])];
}

static struct job *job_of(const struct shr_call *call, int make)
{
	struct job *j = d.jobs;

	while (j && (strcmp(j->op, call->op_id) != 0 || strcmp(j->step, call->step) != 0 || strcmp(j->item, call->item_id) != 0))
		j = j->next;
	if (j || !make)
		return j;
	j = get(sizeof *j);
	copy(j->op, sizeof j->op, call->op_id);
	copy(j->step, sizeof j->step, call->step);
	copy(j->item, sizeof j->item, call->item_id);
	j->next = d.jobs;
	d.jobs = j;
	return j;
}

/* SHR_RUNNING: it is not done yet. What is not told to go on from a token begins again. */
static int still_running(struct be *be, const struct shr_call *call)
{
	struct job *j = job_of(call, 0);
	char token[32];

	if (!j && !sim_hits(SIM_DRIVER_PENDING))
		return 0;
	if (!j || !call->token) {
		j = job_of(call, 1);
		j->left = 1 + sim_below(SIM_DRIVER_PENDING, 4);
	}
	if (sim.quiet || j->left-- == 0) {
		j->left = 0;
		return 0;
	}
	snprintf(token, sizeof token, "job %u", ++j->n / 2); /* some polls bring a new token */
	sim_say("  answers: running, %s", token);
	return be->host->pending(call, token, strlen(token), (uint32_t)sim_between(SIM_DRIVER_PENDING, 1, 3000));
}

/* A word about a call that has ended changes nothing. */
static void speak_twice(struct be *be, const struct shr_call *call)
{
	if (be->stale && be->stale != call && sim_hits(SIM_DRIVER_TWICE)) {
		sim_say("  speaks for a call that has ended");
		be->host->set_ref(be->stale, be->stale_id, "ref-of-nobody");
		be->host->fail(be->stale, SHR_EBACKEND, "too late");
	}
	be->stale = (struct shr_call *)(uintptr_t)call;
	copy(be->stale_id, sizeof be->stale_id, call->item_id);
}

static void die_in_call(const struct effect *e, int may_land)
{
	if (!sim_hits(SIM_DEATH) && !sim_hits(SIM_DEATH))
		return;
	if (may_land && fencing[e->backend] != SHR_FENCING_HOST_LOCK && e->verb >= CREATE && e->verb <= REVERT &&
		sim_hits(SIM_LATE)) {
		sim_say("  the call is on its way");
		send_late(e);
	}
	sim_kill(sim.cur, "inside a driver's call");
}

/* Somebody else works on the backend too. */
static void tamper(const struct sim_thing *first, int backend)
{
	unsigned n = 0, at;

	for (const struct sim_thing *t = first; t; t = t->next)
		n += t->backend == backend && t->present && t->n_rules > 0;
	if (n == 0)
		return;
	at = sim_below(SIM_DRIFT, n);
	for (struct sim_thing *t = d.first; t; t = t->next) {
		if (t->backend != backend || !t->present || !t->n_rules || at-- > 0)
			continue;
		at = sim_below(SIM_DRIFT, t->n_rules);
		sim_say("  somebody %s a rule of %s", at % 2 ? "changes" : "removes", sim_short(t->id));
		if (at % 2)
			t->rules[at].level = t->rules[at].level == SHR_LEVEL_RW ? SHR_LEVEL_RO : SHR_LEVEL_RW;
		else
			t->rules[at] = t->rules[--t->n_rules];
		return;
	}
}

/* 0: it is done. */
static int perform(struct be *be, const struct shr_call *call, struct effect *e)
{
	int rc;

	sim.stats.driver_calls++;
	e->backend = be->backend;
	e->fence = call->fence;
	sim_say("%s: %s %s (operation %s, step %s, attempt %u, fence %d%s)", sim_backend_names[be->backend], verb_names[e->verb],
		sim_short(e->id), sim_short(call->op_id), call->step, call->attempt, (int)call->fence, call->token ? ", with a token" : "");
	if (call->token && call->token_len)
		sim_check_token(call->op_id, call->step, call->item_id, call->token, call->token_len);
	if (strcmp(call->op_id, "engine") != 0)
		sim_check_owner(be->proc, be->backend, fencing[be->backend] == SHR_FENCING_HOST_LOCK);
	if (fencing[be->backend] == SHR_FENCING_HOST_LOCK && d.holder[be->backend] != be)
		sim_broken("%s calls %s without its lock", be->proc->name, sim_backend_names[be->backend]);
	if (sim.now < d.out_until[be->backend] && !sim.quiet) {
		sim_elapse(50 * SIM_MS);
		return fail(be, call, SHR_EUNREACHABLE, "the backend does not answer");
	}
	speak_twice(be, call);
	if (sim_hits(SIM_DRIFT))
		tamper(d.first, be->backend);
	die_in_call(e, 1);
	if (sim_hits(SIM_DRIVER_SLOW))
		sim_elapse(sim_between(SIM_DRIVER_SLOW, SIM_MS, sim_below(SIM_DRIVER_SLOW, 3) ? 200 * SIM_MS : 9 * SIM_SECOND));
	if (be->host->cancelled(call) && sim_below(SIM_WORLD, 2))
		return fail(be, call, SHR_ECANCELLED, "it was asked to stop");
	if (sim_hits(SIM_DRIVER_FAIL))
		return fail(be, call, some_failure(), "it failed, and did nothing");
	if (e->verb != STATS && (rc = still_running(be, call)) != 0)
		return rc;
	rc = apply(e);
	if (rc < 0)
		return fail(be, call, rc, "the backend refuses it");
	die_in_call(e, 0);
	if (sim_hits(SIM_DRIVER_SLOW))
		sim_elapse(sim_between(SIM_DRIVER_SLOW, SIM_MS, sim_below(SIM_DRIVER_SLOW, 3) ? 200 * SIM_MS : 9 * SIM_SECOND));
	if (sim_hits(SIM_DRIVER_FAIL))
		return fail(be, call, some_failure(), "it was done, and then it failed");
	return 0;
}

static void tell_place(const struct be *be, const struct shr_call *call, const struct shr_instance *i)
{
	static const uint64_t protocols[] = { SHR_PROTO_NFS, SHR_PROTO_SMB };
	char text[96];

	snprintf(text, sizeof text, "ref-%s", i->id);
	be->host->set_ref(call, i->id, text);
	for (int k = 0; k < 2; k++) {
		struct shr_export e = { .size = sizeof e, .protocol = protocols[k], .path = text, .instance_id = i->id };

		if (!(i->protocols & protocols[k]))
			continue;
		snprintf(text, sizeof text, k ? "\\\\sim\\%s" : "sim:/%s", i->id);
		be->host->add_export(call, i->id, &e);
	}
}

static struct effect effect_of(enum verb verb, const struct shr_instance *i)
{
	struct effect e;

	if (i)
		copy(sim.cur->hot, sizeof sim.cur->hot, i->share_id);

	memset(&e, 0, sizeof e);
	e.verb = verb;
	if (i) {
		copy(e.id, sizeof e.id, i->id);
		copy(e.source, sizeof e.source, i->source);
		e.bytes = i->bytes;
	}
	return e;
}

static int do_stats(void *p, const struct shr_call *call)
{
	struct be *be = p;
	struct effect e = effect_of(STATS, NULL);
	int rc = perform(be, call, &e);
	const char *pool;

	for (uint32_t i = 0; rc == 0 && (pool = be->host->pool(call, i)); i++) {
		be->host->set_number(call, pool, SHR_NUMBER_TOTAL, (uint64_t)(60 * SIM_GIB));
		be->host->set_number(call, pool, SHR_NUMBER_FREE, (uint64_t)(60 * SIM_GIB));
		be->host->set_number(call, pool, SHR_NUMBER_CAPABILITIES, CAPABILITIES |
			(fencing[be->backend] == SHR_FENCING_CHECKED ? 0 : SHR_CAP_CLONE_INDEPENDENT));
	}
	return rc;
}

static int do_create(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct effect e = effect_of(CREATE, instance);
	int rc = perform(p, call, &e);

	if (rc == 0)
		tell_place(p, call, instance);
	return rc;
}

static int do_remove(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct effect e = effect_of(REMOVE, instance);

	return perform(p, call, &e);
}

static int do_resize(void *p, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	struct effect e = effect_of(RESIZE, instance);
	struct sim_thing *t = thing_of(&e);
	int rc;

	t->backend = ((struct be *)p)->backend;
	t->unsure = 1;
	e.bytes = bytes;
	rc = perform(p, call, &e);
	if (rc == 0)
		t->unsure = 0;
	return rc;
}

static void fill_rule(struct sim_rule *r, const struct shr_rule *rule)
{
	memset(r, 0, sizeof *r);
	copy(r->id, sizeof r->id, rule->id);
	copy(r->who, sizeof r->who, rule->who);
	r->type = rule->type;
	r->level = rule->level;
	r->squash = rule->squash;
	r->priority = rule->priority;
}

/* The full set, now and then, as a driver that has lost its own pulls it. */
static void pull_all(const struct be *be, const struct shr_call *call, struct shr_rules *all)
{
	char last[40] = "";
	const struct shr_rule *r;

	if (sim_below(SIM_WORLD, 8))
		return;
	while ((r = be->host->next_rule(call, all))) {
		if (strcmp(r->id, last) <= 0)
			sim_broken("the full set of rules is not in the order of ids");
		copy(last, sizeof last, r->id);
	}
}

static int do_access(void *p, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	struct be *be = p;
	struct effect e = effect_of(ACCESS, instance);
	int rc;

	e.revision = diff->revision;
	e.rules = shr__alloc(diff->n_changes * sizeof *e.rules); /* the process' own: it may die in the call */
	e.gone = shr__alloc(diff->n_changes * sizeof *e.gone);
	if (!e.rules || !e.gone)
		abort();
	for (uint32_t i = 0; i < diff->n_changes; i++) {
		const struct shr_rule_change *c = diff->changes[i];

		if (c->is && !sim_refuses(c->is->who))
			fill_rule(&e.rules[e.n_rules++], c->is);
		else
			fill_rule(&e.gone[e.n_gone++], c->is ? c->is : c->was);
	}
	pull_all(be, call, all);
	rc = perform(be, call, &e);
	shr__free(e.rules);
	shr__free(e.gone);
	for (uint32_t i = 0; rc == 0 && i < diff->n_changes; i++) {
		const struct shr_rule *r = diff->changes[i]->is;

		be->host->set_rule(call, r ? r->id : diff->changes[i]->was->id, r && sim_refuses(r->who) ? SHR_EUNSUPPORTED : SHR_OK,
			r && sim_refuses(r->who) ? "not this one" : "");
	}
	return rc;
}

static int judge(struct sim_thing *t, const struct shr_rule *rule)
{
	const struct sim_rule *r = rule_of(t, rule->id);

	if (!r)
		return SHR_ENOTFOUND;
	return strcmp(r->who, rule->who) == 0 && r->level == rule->level && r->squash == rule->squash &&
		r->priority == rule->priority ? SHR_OK : SHR_ECONFLICT;
}

/* An orphan has no rules any more: who has access all the same is one. */
static void tell_strangers(struct be *be, const struct shr_call *call, const struct sim_thing *t)
{
	for (uint32_t i = 0; i < t->n_rules; i++) {
		struct shr_found found = { sizeof found, SHR_FOUND_RULE, 0, t->rules[i].who, t->id, "it has access" };

		be->host->found(call, &found);
	}
}

/* ---- snapshots ---- */

static void come_from(struct effect *e, const struct shr_instance *from)
{
	copy(e->from, sizeof e->from, from->id);
}

static int snap_create(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct effect e = effect_of(CREATE, snap);
	struct be *be = p;
	int rc;

	come_from(&e, of);
	rc = perform(be, call, &e);
	if (rc == 0)
		tell_place(be, call, snap);
	return rc;
}

static int snap_remove(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	return do_remove(p, call, snap);
}

/* Clients write between any two reverts. */
static int snap_revert(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct effect e = effect_of(REVERT, of);
	struct be *be = p;
	int rc;

	come_from(&e, snap);
	rc = perform(be, call, &e);
	if (rc == 0)
		tell_place(be, call, of);
	return rc;
}

static int snap_clone(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to)
{
	struct effect e = effect_of(CREATE, to);
	struct be *be = p;
	int rc;

	come_from(&e, snap);
	rc = perform(be, call, &e);
	if (rc == 0)
		tell_place(be, call, to);
	return rc;
}

static int do_look(void *p, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	struct effect e = effect_of(LOOK, instance);
	struct be *be = p;
	const struct shr_rule *r;
	int rc = perform(be, call, &e);

	while (rc == 0 && (r = be->host->next_rule(call, all)))
		be->host->set_rule(call, r->id, judge(sim_thing_find(instance->id), r), "behind the library's back");
	if (rc == 0 && model_find(&shr__orphan_def, instance->id, NULL, NULL))
		tell_strangers(be, call, sim_thing_find(instance->id));
	if (rc == 0)
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, sim_thing_find(instance->id)->bytes);
	return rc;
}

static int snap_look(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	struct shr_rules *all)
{
	return do_look(p, call, snap, all);
}

static int do_manage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct be *be = p;
	struct effect e = effect_of(MANAGE, instance);
	int rc = perform(be, call, &e);

	if (rc == 0) {
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, sim_thing_find(instance->id)->bytes);
		tell_place(be, call, instance);
	}
	return rc;
}

static int do_unmanage(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct effect e = effect_of(UNMANAGE, instance);

	return perform(p, call, &e);
}

static int snap_manage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	return do_manage(p, call, snap);
}

static int snap_unmanage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	return do_unmanage(p, call, snap);
}

static const struct shr_driver_snapshot snapshots = { .size = sizeof snapshots, .create = snap_create, .remove = snap_remove,
	.revert = snap_revert, .clone = snap_clone, .manage = snap_manage, .unmanage = snap_unmanage, .look = snap_look };

static int do_attach(void *p, const struct shr_call *call, const struct shr_instance *instance, uint32_t readonly)
{
	struct effect e = effect_of(ATTACH, instance);
	struct be *be = p;
	char path[80];
	int rc;

	if (!readonly && (instance->flags & SHR_INSTANCE_SNAPSHOT))
		sim_broken("snapshot %s is attached to be written to", sim_short(instance->id));
	rc = perform(be, call, &e);
	snprintf(path, sizeof path, SIM_PATH "%s/%d", instance->id, (int)call->fence);
	if (rc == 0)
		be->host->set_path(call, instance->id, path);
	return rc;
}

static int do_detach(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	struct effect e = effect_of(DETACH, instance);

	return perform(p, call, &e);
}

static const struct shr_driver_data data_table = { .size = sizeof data_table, .attach = do_attach, .detach = do_detach };

/* ---- open and close ---- */

static void close_be(void *p)
{
	struct be *be = p, **at = &d.open;

	while (*at != be)
		at = &(*at)->next;
	*at = be->next;
	if (d.holder[be->backend] == be)
		d.holder[be->backend] = NULL;
	free(be);
}

static void do_close(void *p)
{
	struct be *be = p;

	sim_say("%s: close", sim_backend_names[be->backend]);
	close_be(p);
}

static int open_one(int backend, const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	struct be *be;

	sim_say("%s: open (fence %d)", sim_backend_names[backend], (int)call->fence);
	if (sim.now < d.out_until[backend] && !sim.quiet)
		return host->fail(call, SHR_EUNREACHABLE, "the backend does not answer");
	if (sim_hits(SIM_DRIVER_FAIL))
		return host->fail(call, SHR_EBACKEND, "it would not open");
	if (fencing[backend] == SHR_FENCING_HOST_LOCK && d.holder[backend])
		return host->fail(call, SHR_EAGAIN, d.holder[backend]->proc->name);
	if (fencing[backend] == SHR_FENCING_CHECKED && call->fence < d.greatest[backend])
		return host->fail(call, SHR_EFENCED, "another engine has it");
	if (d.greatest[backend] < call->fence)
		d.greatest[backend] = call->fence;
	be = get(sizeof *be);
	be->proc = sim.cur;
	be->backend = backend;
	be->host = host;
	be->next = d.open;
	d.open = be;
	if (fencing[backend] == SHR_FENCING_HOST_LOCK)
		d.holder[backend] = be;
	*ret_be = be;
	return 0;
}

static int open_alpha(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	return open_one(0, host, call, ret_be);
}

static int open_beta(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	return open_one(1, host, call, ret_be);
}

static int open_gamma(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	return open_one(2, host, call, ret_be);
}

static const char *const no_settings[] = { NULL };
#define DRIVER(var, nm, fence, opens) \
	static const struct shr_driver var = { .abi = SHR_DRIVER_ABI, .size = sizeof(struct shr_driver), .name = nm, \
		.version = "1", .threads = SHR_THREADS_BACKEND, .fencing = fence, .capabilities = CAPABILITIES | \
		SHR_CAP_CLONE_INDEPENDENT, .snapshot = &snapshots, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB, \
		.settings = no_settings, .pool_settings = no_settings, .open = opens, .close = do_close, .stats = do_stats, \
		.create = do_create, .remove = do_remove, .resize = do_resize, .update_access = do_access, .manage = do_manage, \
		.unmanage = do_unmanage, .look = do_look, .data = &data_table }
DRIVER(driver_alpha, "simfree", SHR_FENCING_NONE, open_alpha);
DRIVER(driver_beta, "simchecked", SHR_FENCING_CHECKED, open_beta);
DRIVER(driver_gamma, "simlocked", SHR_FENCING_HOST_LOCK, open_gamma);
const struct shr_driver *const sim_drivers[SIM_BACKENDS] = { &driver_alpha, &driver_beta, &driver_gamma };

/* ---- the whole ---- */

void sim_drivers_begin(void)
{
	memset(&d, 0, sizeof d);
	d.last = &d.first;
}

void sim_drivers_forget(struct sim_proc *p)
{
	for (struct be *be = d.open, *next; be; be = next) {
		next = be->next;
		if (be->proc == p)
			close_be(be);
	}
}

void sim_drivers_end(void)
{
	for (struct sim_thing *t = d.first, *next; t; t = next) {
		next = t->next;
		free(t->rules);
		free(t);
	}
	for (int i = 0; i < SIM_BACKENDS; i++)
		for (struct sim_foreign *f = d.foreign[i], *next; f; f = next) {
			next = f->next;
			free(f);
		}
	for (struct effect *e = d.late, *next; e; e = next) {
		next = e->next;
		effect_clear(e);
		free(e);
	}
	for (struct job *j = d.jobs, *next; j; j = next) {
		next = j->next;
		free(j);
	}
	while (d.open)
		close_be(d.open);
	memset(&d, 0, sizeof d);
}

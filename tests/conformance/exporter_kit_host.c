/* tests/conformance/exporter_kit_host.c - the host of an exporter: it watches that every promise is kept */
#include <dlfcn.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "libshare/version.h"
#include "exporter_kit.h"

#define PATIENCE_NS (INT64_C(60) * 1000000000)

int64_t xkit_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* UUIDs that grow with time. */
void xkit_id(char ret[XKIT_ID])
{
	static uint64_t last;
	struct timespec t;
	uint64_t ms, at;

	clock_gettime(CLOCK_REALTIME, &t);
	at = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
	last = at > last ? at : last + 1;
	ms = last / 1000000;
	snprintf(ret, XKIT_ID, "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)(ms >> 16), (unsigned)(ms & 0xffff),
		(unsigned)(last % 1000000 / 1000), (unsigned)(last % 1000), (unsigned long long)getpid() & 0xffffffffffffULL);
}

/* ---- the host's table ---- */

static struct xkit_call *of(const struct shr_call *call)
{
	return call->core;
}

static void __attribute__((format(printf, 2, 3))) wrong(struct xkit_call *c, const char *format, ...)
{
	va_list args;

	if (*c->wrong)
		return;
	va_start(args, format);
	vsnprintf(c->wrong, sizeof c->wrong, format, args);
	va_end(args);
}

static int host_fail(const struct shr_call *call, int code, const char *message)
{
	struct xkit_call *c = of(call);

	if (!message || !*message)
		wrong(c, "fail() without words");
	if (c->failed_with == 0) {
		c->failed_with = code;
		snprintf(c->words, sizeof c->words, "%s", message ? message : "");
	}
	return code;
}

static int host_pending(const struct shr_call *call, const void *token, uint64_t len, uint32_t again_ms)
{
	struct xkit_call *c = of(call);

	(void)token;
	if (len > 4096)
		wrong(c, "a token of over 4096 bytes");
	c->is_pending = 1;
	c->again_ms = again_ms;
	return SHR_RUNNING;
}

static void host_progress(const struct shr_call *call, uint64_t done, uint64_t total)
{
	(void)call;
	(void)done;
	(void)total;
}

static int host_cancelled(const struct shr_call *call)
{
	return of(call)->cancel;
}

static void host_set_ref(const struct shr_call *call, const char *instance_id, const char *ref)
{
	(void)instance_id;
	(void)ref;
	wrong(of(call), "set_ref() is not an exporter's");
}

static void host_add_export(const struct shr_call *call, const char *instance_id, const struct shr_export *e)
{
	struct xkit_call *c = of(call);
	uint64_t p = e->protocol;

	(void)instance_id;
	if (strcmp(c->step, "add") != 0)
		wrong(c, "add_export() in %s", c->step);
	if (p == 0 || (p & (p - 1)) || !(p & c->kit->x->protocols))
		wrong(c, "a location of protocol 0x%llx, which was not declared", (unsigned long long)p);
	if (!e->path || !*e->path)
		wrong(c, "a location without a path");
	else if (c->n_exports == 0)
		snprintf(c->location, sizeof c->location, "%s", e->path);
	c->protocols_told |= p;
	c->n_exports++;
}

static void host_set_path(const struct shr_call *call, const char *instance_id, const char *path)
{
	(void)instance_id;
	(void)path;
	wrong(of(call), "set_path() is not an exporter's");
}

/* Both are sorted by id. */
static struct xkit_rule *find_rule(struct xkit_call *c, const char *id)
{
	uint32_t low = 0, high = c->n_rules, mid;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		order = strcmp(c->rules[mid].id, id);
		if (order == 0)
			return &c->rules[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int in_diff(const struct xkit_call *c, const char *id)
{
	uint32_t low = 0, high = c->diff->n_changes, mid;
	const struct shr_rule_change *change;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		change = c->diff->changes[mid];
		order = strcmp(change->is ? change->is->id : change->was->id, id);
		if (order == 0)
			return 1;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

static void host_set_rule(const struct shr_call *call, const char *rule_id, int code, const char *why)
{
	struct xkit_call *c = of(call);
	struct xkit_rule *r = find_rule(c, rule_id);

	if (c->diff && !in_diff(c, rule_id))
		wrong(c, "set_rule() for %s, which is not in the diff", rule_id);
	if (!c->diff && !r)
		wrong(c, "set_rule() for %s, which is no rule of the share", rule_id);
	if (!c->diff && code != SHR_OK && code != SHR_ENOTFOUND && code != SHR_ECONFLICT)
		wrong(c, "look: set_rule() with %d", code);
	if (code != SHR_OK && (!why || !*why))
		wrong(c, "set_rule() with %d and without words", code);
	c->n_answers++;
	if (r)
		r->answer = code;
}

static void host_set_rule_key(const struct shr_call *call, const char *rule_id, const char *key)
{
	(void)call;
	(void)rule_id;
	(void)key;
}

static void host_set_number(const struct shr_call *call, const char *object, uint32_t key, uint64_t value)
{
	struct xkit_call *c = of(call);

	if (key != SHR_NUMBER_INCARNATION || *object || strcmp(c->step, "probe") != 0 || value > INT64_MAX)
		wrong(c, "set_number() with key %u, object \"%s\"", key, object);
	c->incarnation = value;
}

static const struct shr_rule *host_next_rule(const struct shr_call *call, struct shr_rules *all)
{
	struct xkit_call *c = of(call);

	if ((void *)all != (void *)c)
		wrong(c, "next_rule() with another set");
	if (c->broken) {
		c->failed_with = SHR_ESTORE;
		return NULL;
	}
	if (c->at < c->n_rules)
		return &c->rules[c->at++].rule;
	c->pulled_all = 1;
	return NULL;
}

static void host_log(const struct shr_call *call, int level, const char *line)
{
	(void)call;
	printf("      the log says (%d): %s\n", level, line);
}

static const char *host_setting(const struct shr_call *call, const char *pool, const char *key, uint32_t nth)
{
	const struct xkit_args *a = &of(call)->kit->args;
	size_t i, n = strlen(key);

	for (i = 0; !pool && i < a->n_set; i++)
		if (strncmp(a->set[i], key, n) == 0 && a->set[i][n] == '=' && nth-- == 0)
			return a->set[i] + n + 1;
	return NULL;
}

static const char *host_pool(const struct shr_call *call, uint32_t nth)
{
	(void)call;
	return nth == 0 ? "p" : NULL;
}

static void host_found(const struct shr_call *call, const struct shr_found *f)
{
	struct xkit_call *c = of(call);
	uint32_t kind = strcmp(c->step, "list") == 0 ? SHR_FOUND_EXPORT : SHR_FOUND_RULE;

	if (f->kind != kind || !f->name || !*f->name)
		wrong(c, "found() of kind %u in %s, name \"%s\"", f->kind, c->step, f->name ? f->name : "NULL");
	else if (kind == SHR_FOUND_EXPORT && c->n_found > 0 && c->n_found <= XKIT_FOUND_MOST &&
	    strcmp(f->name, c->found[c->n_found - 1].name) <= 0)
		wrong(c, "found(): %s does not come behind %s", f->name, c->found[c->n_found - 1].name);
	else if (c->n_found < XKIT_FOUND_MOST) {
		snprintf(c->found[c->n_found].name, sizeof c->found->name, "%s", f->name);
		snprintf(c->found[c->n_found].instance_id, XKIT_ID, "%s", f->instance_id ? f->instance_id : "");
	}
	c->n_found++;
}

static const struct shr_driver_host host = {
	.size = sizeof host, .version = SHR_HEADER_VERSION, .fail = host_fail, .pending = host_pending, .progress = host_progress,
	.cancelled = host_cancelled, .set_ref = host_set_ref, .add_export = host_add_export, .set_path = host_set_path,
	.set_rule = host_set_rule, .set_rule_key = host_set_rule_key, .set_number = host_set_number, .next_rule = host_next_rule,
	.log = host_log, .setting = host_setting, .pool = host_pool, .found = host_found,
};

/* ---- loading and opening ---- */

int xkit_load(struct xkit *kit, char *why, size_t room)
{
	void *file = dlopen(kit->args.plugin, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE), *symbol;
	shr_exporter_entry_fn *entry;

	symbol = file ? dlsym(file, SHR_EXPORTER_ENTRY) : NULL;
	if (!symbol) {
		snprintf(why, room, "%s", dlerror());
		return -1;
	}
	memcpy(&entry, &symbol, sizeof entry);
	kit->x = entry();
	if (!kit->x || kit->x->abi != SHR_EXPORTER_ABI || kit->x->size < sizeof(struct shr_exporter)) {
		snprintf(why, room, "its table is of another libshare");
		return -1;
	}
	return 0;
}

int xkit_try_open(struct xkit *kit, void **ret_ex, char *why, size_t room)
{
	struct xkit_call *c = xkit_call_new(kit, "open");
	int code = kit->x->open(&host, &c->call, ret_ex);

	snprintf(why, room, "%s", c->words);
	if (code != 0 && code != c->failed_with)
		xkit_fail(kit, "open: it answered %d after fail() with %d", code, c->failed_with);
	xkit_call_free(c);
	return code;
}

/* A process that was killed may hold its lock for a moment more. */
void xkit_open(struct xkit *kit)
{
	static const struct timespec nap = { 0, 10000000 };
	char why[XKIT_WORDS];
	int code = 0, i;

	for (i = 0; i < 500; i++) {
		code = xkit_try_open(kit, &kit->ex, why, sizeof why);
		if (code != SHR_EAGAIN)
			break;
		nanosleep(&nap, NULL);
	}
	if (code)
		xkit_fail(kit, "open: %s: %s", shr_strcode(code), why);
	kit->is_open = 1;
}

void xkit_close(struct xkit *kit)
{
	if (kit->is_open)
		kit->x->close(kit->ex);
	kit->is_open = 0;
}

/* ---- calls ---- */

struct xkit_call *xkit_call_new(struct xkit *kit, const char *step)
{
	struct xkit_call *c = calloc(1, sizeof *c);

	if (!c)
		abort();
	c->kit = kit;
	c->step = step;
	xkit_id(c->op_id);
	c->call.size = sizeof c->call;
	c->call.op_id = c->op_id;
	c->call.step = step;
	c->call.item_id = "";
	c->call.core = c;
	return c;
}

struct xkit_call *xkit_call_of(const struct xkit_call *other, const char *step)
{
	struct xkit_call *c = xkit_call_new(other->kit, step);

	memcpy(c->op_id, other->op_id, sizeof c->op_id);
	return c;
}

void xkit_call_free(struct xkit_call *c)
{
	free(c);
}

static const char *const names[] = { "probe", "add", "remove", "update_access", "drain", "hold", "release", "look", "list" };

const char *xkit_verb_name(enum xkit_verb verb)
{
	return names[verb];
}

static int run(struct xkit_call *c, enum xkit_verb verb, const struct shr_exported *what, const struct xkit_more *m)
{
	const struct shr_exporter *x = c->kit->x;
	struct shr_rules *all = (struct shr_rules *)(void *)c;
	void *ex = c->kit->ex;

	switch (verb) {
	case XKIT_PROBE: return x->probe(ex, &c->call);
	case XKIT_ADD: return x->add(ex, &c->call, what);
	case XKIT_REMOVE: return x->remove(ex, &c->call, what);
	case XKIT_UPDATE: return x->update_access(ex, &c->call, what, m->diff, all);
	case XKIT_DRAIN: return x->drain(ex, &c->call, what);
	case XKIT_HOLD: return x->hold(ex, &c->call, m->bound_ms);
	case XKIT_RELEASE: return x->release(ex, &c->call);
	case XKIT_LOOK: return x->look(ex, &c->call, what, all);
	case XKIT_LIST: return x->list(ex, &c->call, m->after, m->max);
	}
	abort();
}

static void judge(struct xkit_call *c, enum xkit_verb verb, int code, const struct xkit_more *m)
{
	if (code > SHR_RUNNING)
		wrong(c, "it answered %d", code);
	else if (code == SHR_RUNNING && (!c->is_pending || (c->failed_with && !c->broken)))
		wrong(c, "it answered SHR_RUNNING without pending(), or after fail()");
	else if (code == 0 && (c->is_pending || (c->failed_with && !c->broken)))
		wrong(c, "it succeeded after pending() or fail()");
	else if (code < 0 && !c->broken && code != c->failed_with)
		wrong(c, "it answered %s after fail() with %d", shr_strcode(code), c->failed_with);
	else if (code == 0 && verb == XKIT_ADD && c->n_exports == 0)
		wrong(c, "it told no location");
	else if (code == 0 && verb == XKIT_UPDATE && c->n_answers != m->diff->n_changes)
		wrong(c, "%u answers to %u changes", c->n_answers, m->diff->n_changes);
	else if (code == 0 && verb == XKIT_LOOK && c->n_answers != c->n_rules)
		wrong(c, "%u answers to %u rules", c->n_answers, c->n_rules);
	else if (code == 0 && verb == XKIT_LIST && c->n_found > m->max)
		wrong(c, "it found %u things of at most %u", c->n_found, m->max);
	else if (c->longest_ns > INT64_C(5000000000))
		wrong(c, "it kept its caller waiting for %lld ms: it should answer later", (long long)(c->longest_ns / 1000000));
}

int xkit_once(struct xkit_call *c, enum xkit_verb verb, const struct xkit_share *s, const struct xkit_more *more)
{
	static const struct xkit_more none = { NULL, 0, 0, NULL };
	struct shr_instance in = { .size = sizeof in, .bytes = 1048576, .protocols = c->kit->x->protocols, .project = "kit",
		.pool = "p", .name = "kit", .ref = "", .source = "" };
	struct shr_exported what = { sizeof what, s ? s->number : 0, &in, s ? s->path : NULL };
	const struct xkit_more *m = more ? more : &none;
	int64_t began;
	int code;

	if (s) {
		in.id = s->id;
		in.share_id = s->share_id;
		in.flags = s->flags;
		in.protocols = s->protocols ? s->protocols : in.protocols;
	}
	c->call.attempt = ++c->attempts;
	c->failed_with = c->is_pending = 0;
	c->n_exports = c->n_found = c->n_answers = c->at = 0;
	c->words[0] = '\0';
	c->diff = m->diff;
	began = xkit_now_ns();
	code = run(c, verb, &what, m);
	began = xkit_now_ns() - began;
	if (began > c->longest_ns)
		c->longest_ns = began;
	judge(c, verb, code, m);
	if (*c->wrong)
		xkit_fail(c->kit, "%s: %s", names[verb], c->wrong);
	return code;
}

int xkit_make(struct xkit_call *c, enum xkit_verb verb, const struct xkit_share *s, const struct xkit_more *more)
{
	int64_t until = xkit_now_ns() + PATIENCE_NS;
	struct timespec t;
	int code;

	while ((code = xkit_once(c, verb, s, more)) == SHR_RUNNING) {
		if (xkit_now_ns() > until)
			xkit_fail(c->kit, "%s: still running after a minute", names[verb]);
		t.tv_sec = c->again_ms / 1000;
		t.tv_nsec = (long)(c->again_ms % 1000) * 1000000;
		nanosleep(&t, NULL);
	}
	return code;
}

void xkit_must(struct xkit *kit, enum xkit_verb verb, const struct xkit_share *s, int code)
{
	struct xkit_call *c = xkit_call_new(kit, names[verb]);
	int got = xkit_make(c, verb, s, NULL);
	char words[XKIT_WORDS];

	memcpy(words, c->words, sizeof words);
	xkit_call_free(c);
	if (got != code)
		xkit_fail(kit, "%s: %s in place of %s: %s", names[verb], shr_strcode(got), shr_strcode(code), words);
}

/* ---- shares ---- */

void xkit_share_new(struct xkit *kit, struct xkit_share *s)
{
	char file[600];
	int fd;

	memset(s, 0, sizeof *s);
	xkit_id(s->share_id);
	xkit_id(s->id);
	s->number = kit->args.number + kit->n_shares++;
	snprintf(s->path, sizeof s->path, "%s/%s", kit->args.root, s->id);
	snprintf(file, sizeof file, "%s/kit", s->path);
	if (mkdir(s->path, 0777) < 0 || (fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) < 0)
		xkit_fail(kit, "%s: %s", s->path, strerror(errno));
	close(fd);
}

void xkit_share_end(struct xkit *kit, struct xkit_share *s)
{
	char file[600];

	xkit_must(kit, XKIT_REMOVE, s, 0);
	snprintf(file, sizeof file, "%s/kit", s->path);
	if (unlink(file) < 0 || rmdir(s->path) < 0)
		xkit_fail(kit, "what was exported is not as it was: %s: %s", s->path, strerror(errno));
}

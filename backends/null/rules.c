/* backends/null/rules.c - who may mount: nobody can, so that rules are kept and answered, and no more */
#include <stdlib.h>
#include <string.h>
#include "null.h"

/* Text for the journal, which gets all lines of a diff in one write. */
struct text {
	char *p;
	size_t n, room;
};

static int add_line(const struct null_be *be, struct text *t, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int add_line(const struct null_be *be, struct text *t, const char *format, ...)
{
	va_list args;
	char *p;
	int n;

	if (be->journal < 0)
		return 0;
	if (t->room - t->n < 256) {
		p = realloc(t->p, t->room ? t->room * 2 : 4096);
		if (!p)
			return -1;
		t->p = p;
		t->room = t->room ? t->room * 2 : 4096;
	}
	va_start(args, format);
	n = vsnprintf(t->p + t->n, t->room - t->n, format, args);
	va_end(args);
	t->n += (size_t)n;
	return 0;
}

static int put_rule(struct null_be *be, struct null_object *o, const struct shr_rule *rule, struct text *t)
{
	struct null_rule *r;
	struct null_id id;
	char of[37];

	if (null_id_parse(rule->id, &id) < 0)
		return SHR_EDRIVER;
	r = null_map_find(&o->rules, &id);
	if (!r) {
		r = calloc(1, sizeof *r);
		if (!r)
			return SHR_ENOMEM;
		r->id = id;
		if (null_map_put(&o->rules, &r->id) < 0) {
			free(r);
			return SHR_ENOMEM;
		}
	}
	r->type = rule->type;
	r->level = rule->level;
	null_id_text(&o->id, of);
	return add_line(be, t, "rule %s %s %u %u\n", of, rule->id, rule->type, rule->level) < 0 ? SHR_ENOMEM : 0;
}

static int drop_rule(struct null_be *be, struct null_object *o, const struct shr_rule *rule, struct text *t)
{
	struct null_id id;
	char of[37];

	if (null_id_parse(rule->id, &id) < 0)
		return SHR_EDRIVER;
	free(null_map_take(&o->rules, &id));
	null_id_text(&o->id, of);
	return add_line(be, t, "unrule %s %s\n", of, rule->id) < 0 ? SHR_ENOMEM : 0;
}

static int refused(const struct null_be *be, const struct null_plan *plan, const struct shr_rule_change *change)
{
	return be->n_faults && change->is && null_rejects(be, plan, change->is->who);
}

/* Under the lock. What fails half-way is made whole when the call comes again: hence a line also for a rule that is
 * there already. */
static int apply(struct null_be *be, struct null_object *o, const struct shr_access_diff *diff,
	const struct null_plan *plan, struct text *t)
{
	const struct shr_rule_change *c;
	char of[37];
	uint32_t i;
	int code;

	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		if (refused(be, plan, c))
			continue;
		code = c->is ? put_rule(be, o, c->is, t) : drop_rule(be, o, c->was, t);
		if (code)
			return code;
	}
	null_id_text(&o->id, of);
	if (add_line(be, t, "revision %s %llu\n", of, (unsigned long long)diff->revision) < 0)
		return SHR_ENOMEM;
	if (null_journal_add(be, t->p, t->n) < 0)
		return SHR_EUNREACHABLE;
	o->revision = diff->revision;
	return 0;
}

/* A key that is the same whenever it is asked for. It opens nothing, and is no secret. */
static void tell_key(const struct null_be *be, const struct shr_call *call, const char *rule_id)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char key[41] = "AQ";
	uint64_t x = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; rule_id[i]; i++)
		x = (x ^ (unsigned char)rule_id[i]) * UINT64_C(0x100000001b3);
	for (i = 2; i < 38; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		key[i] = digits[x >> 58];
	}
	memcpy(key + 38, "==", 3);
	be->host->set_rule_key(call, rule_id, key);
}

static void answer(const struct null_be *be, const struct shr_call *call, const struct shr_access_diff *diff,
	const struct null_plan *plan)
{
	const struct shr_rule_change *c;
	uint32_t i;

	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		if (refused(be, plan, c)) {
			be->host->set_rule(call, c->is->id, SHR_EBACKEND, "fault: this rule is refused");
			continue;
		}
		if (c->is && c->is->type == SHR_ACCESS_CEPHX)
			tell_key(be, call, c->is->id);
		be->host->set_rule(call, c->is ? c->is->id : c->was->id, SHR_OK, "");
	}
}

/* What an earlier process knew and this one does not: everything is asked for. Nothing is taken away by it. */
static int catch_up(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct null_id *id, struct shr_rules *all, struct text *t)
{
	const struct shr_rule *rule;
	struct null_object *o;
	int code;

	while ((rule = be->host->next_rule(call, all))) {
		pthread_mutex_lock(&be->lock);
		o = null_map_find(&be->objects, id);
		code = o ? put_rule(be, o, rule, t) : SHR_ENOTFOUND;
		pthread_mutex_unlock(&be->lock);
		if (code == SHR_ENOTFOUND)
			return null_absent(be, call, instance);
		if (code)
			return be->host->fail(call, SHR_EAGAIN, "no memory");
	}
	return 0;
}

static int update(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all, const struct null_plan *plan, struct text *t)
{
	struct null_object *o = NULL;
	struct null_id id;
	uint64_t known = 0;
	int code = 0;

	pthread_mutex_lock(&be->lock);
	if (null_id_parse(instance->id, &id) == 0)
		o = null_map_find(&be->objects, &id);
	if (o)
		known = o->revision;
	pthread_mutex_unlock(&be->lock);
	if (!o)
		return null_absent(be, call, instance);
	if (known < diff->from_revision)
		code = catch_up(be, call, instance, &id, all, t);
	if (code)
		return code;
	pthread_mutex_lock(&be->lock);
	o = null_map_find(&be->objects, &id);
	code = o ? apply(be, o, diff, plan, t) : SHR_ENOTFOUND;
	pthread_mutex_unlock(&be->lock);
	if (code == SHR_ENOTFOUND)
		return null_absent(be, call, instance);
	if (code == SHR_EDRIVER)
		return be->host->fail(call, SHR_EBACKEND, "a rule's id is no UUID");
	if (code)
		return be->host->fail(call, SHR_EAGAIN, code == SHR_ENOMEM ? "no memory" : "the state file cannot be written");
	if (!null_garbage(plan))
		answer(be, call, diff, plan);
	return 0;
}

int null_update_access(void *p, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	struct null_be *be = p;
	struct text t = { NULL, 0, 0 };
	struct null_plan plan;
	int code = null_begin(be, call, NULL_ACCESS, &plan);

	if (code)
		return code;
	code = update(be, call, instance, diff, all, &plan, &t);
	free(t.p);
	return null_end(be, call, &plan, code);
}

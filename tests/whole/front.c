/* tests/whole/front.c - an exporter inside the test's program */
#include "front.h"

#include <stdlib.h>
#include <string.h>

struct front front;

struct front_export *front_find(const char *id)
{
	for (int i = 0; i < FRONT_EXPORTS; i++)
		if (front.exports[i].id[0] && strcmp(front.exports[i].id, id) == 0)
			return &front.exports[i];
	return NULL;
}

void front_reset(void)
{
	memset(&front, 0, sizeof front);
}

void front_restart(void)
{
	memset(front.exports, 0, sizeof front.exports);
	front.incarnation++;
}

static int front_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_ex)
{
	front.host = host;
	*ret_ex = &front;
	return 0;
}

static void front_close(void *ex)
{
}

static int front_probe(void *ex, const struct shr_call *call)
{
	if (front.incarnation)
		front.host->set_number(call, "", SHR_NUMBER_INCARNATION, front.incarnation);
	return 0;
}

static struct front_export *free_one(void)
{
	for (int i = 0; i < FRONT_EXPORTS; i++)
		if (!front.exports[i].id[0])
			return &front.exports[i];
	abort();
}

static void look_for_clash(const struct front_export *e)
{
	for (int i = 0; i < FRONT_EXPORTS && e->number; i++)
		if (front.exports[i].id[0] && &front.exports[i] != e && front.exports[i].number == e->number)
			front.clashes++;
}

static struct front_export *export_new(const struct shr_exported *what)
{
	struct front_export *e = free_one();

	memset(e, 0, sizeof *e);
	strcpy(e->id, what->instance->id);
	e->number = what->export_number;
	look_for_clash(e);
	return e;
}

static int front_add(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct shr_export location = { sizeof location, SHR_EXPORT_PREFERRED, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, what->path,
		what->instance->id };
	struct front_export *e = front_find(what->instance->id);

	front.adds++;
	if (front.fail)
		return front.host->fail(call, front.fail, "the server will not");
	if (!e)
		e = export_new(what);
	front.clashes += e->number != what->export_number;
	snprintf(e->path, sizeof e->path, "%s", what->path);
	front.host->add_export(call, what->instance->id, &location);
	if (front.forget_after_add) {
		front.forget_after_add = 0;
		front_restart();
	}
	return 0;
}

static int front_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct front_export *e = front_find(what->instance->id);

	front.removes++;
	if (!e)
		return 0;
	front.clashes += e->number != what->export_number;
	e->id[0] = '\0';
	return 0;
}

static struct front_rule *rule_of(struct front_export *e, const char *id)
{
	for (uint32_t i = 0; i < e->n_rules; i++)
		if (strcmp(e->rules[i].id, id) == 0)
			return &e->rules[i];
	return NULL;
}

static void put(struct front_export *e, const struct shr_rule *rule)
{
	struct front_rule *r = rule_of(e, rule->id);

	if (!r && e->n_rules == FRONT_RULES)
		abort();
	if (!r)
		r = &e->rules[e->n_rules++];
	snprintf(r->id, sizeof r->id, "%s", rule->id);
	snprintf(r->who, sizeof r->who, "%s", rule->who);
	r->level = rule->level;
}

static int front_update(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all)
{
	struct front_export *e = front_find(what->instance->id);
	struct front_rule *r;

	front.updates++;
	front.told = diff->n_changes;
	if (!e) { /* the server has forgotten it since add */
		const struct shr_rule *rule;

		e = export_new(what);
		while ((rule = front.host->next_rule(call, all)))
			put(e, rule);
	}
	for (uint32_t i = 0; i < diff->n_changes; i++) {
		const struct shr_rule_change *c = diff->changes[i];

		if (c->is)
			put(e, c->is);
		else if ((r = rule_of(e, c->was->id)))
			*r = e->rules[--e->n_rules];
		front.host->set_rule(call, c->is ? c->is->id : c->was->id, SHR_OK, "");
	}
	return 0;
}

static int front_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all)
{
	struct front_export *e = front_find(what->instance->id);
	struct shr_found stranger = { .size = sizeof stranger, .kind = SHR_FOUND_RULE, .instance_id = "", .what = "a client" };
	const struct shr_rule *rule;
	struct front_rule *r;
	uint32_t known = 0;

	front.looks++;
	if (!e)
		return front.host->fail(call, SHR_ENOTFOUND, "it is not exported");
	while ((rule = front.host->next_rule(call, all))) {
		r = rule_of(e, rule->id);
		known += r != NULL;
		if (!r)
			front.host->set_rule(call, rule->id, SHR_ENOTFOUND, "no such client");
		else
			front.host->set_rule(call, rule->id, r->level == rule->level ? SHR_OK : SHR_ECONFLICT, "another level");
	}
	for (uint32_t i = 0; i < e->n_rules && known < e->n_rules; i++) {
		if (strncmp(e->rules[i].id, "stranger", 8) != 0)
			continue;
		stranger.name = e->rules[i].who;
		front.host->found(call, &stranger);
	}
	return 0;
}

/* By number, as one that asks its server: a page is answered when it is asked for again. */
static int front_list(void *ex, const struct shr_call *call, const char *after, uint32_t max)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_EXPORT };
	const struct front_export *next;
	char name[16], last[16];
	uint32_t told = 0;

	if (front.fail_list)
		return front.host->fail(call, front.fail_list, "the server will not");
	if (!call->token)
		return front.host->pending(call, "", 0, 10);
	snprintf(last, sizeof last, "%s", after);
	for (next = front.exports; next && told < max; told += next != NULL) {
		next = NULL;
		for (const struct front_export *x = front.exports; x < front.exports + FRONT_EXPORTS; x++) {
			snprintf(name, sizeof name, "%05u", x->number);
			if (x->id[0] && strcmp(name, last) > 0 && (!next || x->number < next->number))
				next = x;
		}
		if (!next)
			break;
		snprintf(last, sizeof last, "%05u", next->number);
		f.name = last;
		f.instance_id = strncmp(next->id, "foreign", 7) == 0 ? "" : next->id;
		f.what = "an export";
		front.host->found(call, &f);
	}
	return 0;
}

struct shr_exporter front_exporter = {
	.abi = SHR_EXPORTER_ABI, .size = sizeof(struct shr_exporter), .name = "front", .version = "1",
	.threads = SHR_THREADS_BACKEND, .capabilities = SHR_CAP_ACCESS_IP | SHR_CAP_IPV6, .features = SHR_EXPORTER_NUMBERED,
	.protocols = SHR_PROTO_NFS, .settings = (const char *const[]){ "server", NULL },
	.open = front_open, .close = front_close, .probe = front_probe, .add = front_add, .remove = front_remove,
	.update_access = front_update, .look = front_look, .list = front_list,
};

/* backends/ganesha/calls.c - the calls: each puts a job into the queue, and asks a little for its answer */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "ganesha.h"

#define WAIT_MS 50u
#define HANGS_NS (INT64_C(200) * GAN_MS)           /* longer than that, and waiting 50 ms more is of no use */
#define PATIENCE_NS (INT64_C(30) * 1000 * GAN_MS)  /* longer than that, and the server counts as down */
#define BUSY_NS (INT64_C(60) * 1000 * GAN_MS)      /* so long a mount may stay in use after its export has gone */

static int check_names(const struct gan *g, const struct shr_call *call, const struct gan_order *o)
{
	const struct shr_exported *what = o->what;

	if (!what)
		return 0;
	if (!gan_id_ok(what->instance->share_id) || !gan_id_ok(what->instance->id))
		return shr_failf(g->host, call, SHR_EBACKEND, "share \"%.40s\", instance \"%.40s\": these are no UUIDs",
			what->instance->share_id, what->instance->id);
	if (o->kind != GAN_REMOVE && (what->export_number < 1 || what->export_number > 65535))
		return shr_failf(g->host, call, SHR_EBACKEND, "share %s has export number %u: NFS-Ganesha needs one from 1 to 65535",
			what->instance->share_id, what->export_number);
	if (o->kind != GAN_REMOVE && (!what->path || *what->path != '/'))
		return shr_failf(g->host, call, SHR_EBACKEND, "share %s has no absolute path to export", what->instance->share_id);
	return 0;
}

/* The whole block: an update carries all of it. */
static int fill(const struct gan *g, const struct shr_call *call, const struct gan_order *o, struct gan_job *j)
{
	char path[GAN_PATH_ROOM];
	struct gan_block block = { j->share_id, j->instance_id, path, j->number, g->squash, j->is_readonly };
	struct gan_set set = { NULL, 0, 0 };
	int code = 0;

	j->revision = o->revision;
	j->max = o->max;
	snprintf(j->after, sizeof j->after, "%s", o->after ? o->after : "");
	if (o->kind != GAN_ADD && o->kind != GAN_UPDATE)
		return 0;
	if (o->kind == GAN_UPDATE)
		code = gan_set_pull(g->host, call, o->all, g->squash, &set, NULL);
	if (code == 0) {
		gan_path(g->server, j->share_id, path);
		j->text = gan_block_text(&block, &set);
		code = j->text ? 0 : g->host->fail(call, SHR_EAGAIN, "no memory");
	}
	gan_set_clear(&set);
	return code;
}

static int put(const struct gan *g, const struct shr_call *call, const struct gan_order *o)
{
	struct gan_job *j = gan_job_new(g, call, o->kind, o->what);
	int code = j ? fill(g, call, o, j) : g->host->fail(call, SHR_EAGAIN, "no memory");

	if (code)
		gan_job_free(j);
	else
		gan_job_put(g->server, j);
	return code;
}

/* Not done yet: who waits behind a call that hangs asks seldom. */
static int later(const struct gan *g, const struct shr_call *call, enum gan_kind kind)
{
	int64_t busy = gan_server_busy_ns(g->server);
	uint32_t again = busy > 10 * HANGS_NS ? 1000 : busy > HANGS_NS ? 200 : 20;

	if (g->host->cancelled(call)) {
		gan_job_drop(g->server, g, call, kind);
		return g->host->fail(call, SHR_ECANCELLED, "cancelled");
	}
	if (kind == GAN_PROBE && busy > PATIENCE_NS)
		return shr_failf(g->host, call, SHR_EUNREACHABLE, "setting name: %.100s has not answered for %lld s: a file system that it "
			"exports may hang", g->server->name, (long long)(busy / (1000 * GAN_MS)));
	return g->host->pending(call, NULL, 0, again);
}

/* The mount is in use although its export has gone: by a request that ends, or by somebody on this machine. */
static int again(const struct gan *g, const struct shr_call *call, struct gan_job *j)
{
	int64_t now = gan_now_ns();
	int code;

	if (j->busy_ns == 0)
		j->busy_ns = now;
	if (g->host->cancelled(call) || now - j->busy_ns > BUSY_NS) {
		code = g->host->cancelled(call) ? SHR_ECANCELLED : j->code;
		code = g->host->fail(call, code, j->words);
		gan_job_free(j);
		return code;
	}
	j->is_done = 0;
	gan_job_put(g->server, j);
	return g->host->pending(call, NULL, 0, 100);
}

int gan_ask(struct gan *g, const struct shr_call *call, const struct gan_order *o, struct gan_job **ret)
{
	unsigned wait = o->kind != GAN_PROBE && gan_server_busy_ns(g->server) > HANGS_NS ? 0 : WAIT_MS;
	int code = check_names(g, call, o);

	*ret = NULL;
	if (code)
		return code;
	if (!gan_job_find(g->server, g, call, o->kind, o->revision, wait, ret)) {
		code = put(g, call, o);
		if (code)
			return code;
		gan_job_find(g->server, g, call, o->kind, o->revision, wait, ret);
	}
	if (!*ret)
		return later(g, call, o->kind);
	if ((*ret)->is_busy)
		return again(g, call, *ret);
	if ((*ret)->code == 0)
		return 0;
	code = g->host->fail(call, (*ret)->code, (*ret)->words);
	gan_job_free(*ret);
	*ret = NULL;
	return code;
}

/* ---- the table's ---- */

int gan_see(struct gan *g, const struct shr_call *call)
{
	struct gan_order o = { .kind = GAN_PROBE };
	struct gan_job *j;
	int code = gan_ask(g, call, &o, &j);

	if (code == 0)
		gan_job_free(j);
	return code;
}

int gan_probe(void *ex, const struct shr_call *call)
{
	struct gan_order o = { .kind = GAN_PROBE };
	struct gan *g = ex;
	struct gan_job *j;
	int code = gan_ask(g, call, &o, &j);

	if (code)
		return code;
	g->host->set_number(call, "", SHR_NUMBER_INCARNATION, j->life);
	gan_job_free(j);
	return 0;
}

static void tell(const struct gan *g, const struct shr_call *call, const struct shr_instance *instance, const char *address,
	int first)
{
	struct shr_export e = { sizeof e, first ? SHR_EXPORT_PREFERRED : 0, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, NULL, instance->id };
	char path[400];
	struct gan_net net;

	if (gan_net_read(address, &net) == 0)
		e.family = net.family == 4 ? SHR_FAMILY_IPV4 : SHR_FAMILY_IPV6;
	snprintf(path, sizeof path, e.family == SHR_FAMILY_IPV6 ? "[%.255s]:/%s" : "%.255s:/%s", address, instance->share_id);
	e.path = path;
	g->host->add_export(call, instance->id, &e);
}

int gan_add(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct gan_order o = { .kind = GAN_ADD, .what = what };
	struct gan *g = ex;
	struct gan_job *j;
	uint32_t i;
	int code = gan_ask(g, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < g->n_addresses; i++)
		tell(g, call, what->instance, g->addresses[i], i == 0);
	gan_job_free(j);
	return 0;
}

/* Also the barrier: what has been drained comes back by `add`, as what was removed does. */
int gan_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct gan_order o = { .kind = GAN_REMOVE, .what = what };
	struct gan_job *j;
	int code = gan_ask(ex, call, &o, &j);

	if (code == 0)
		gan_job_free(j);
	return code;
}

int gan_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	struct gan_order o = { .kind = GAN_UPDATE, .what = what, .revision = diff->revision, .all = all };
	const struct shr_rule_change *c;
	const char *wrong;
	struct gan *g = ex;
	struct gan_job *j;
	uint32_t i;
	int code = gan_ask(g, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		wrong = c->is ? gan_rule_wrong(c->is) : NULL;
		g->host->set_rule(call, c->is ? c->is->id : c->was->id, wrong ? SHR_EUNSUPPORTED : SHR_OK, wrong ? wrong : "");
	}
	gan_job_free(j);
	return 0;
}

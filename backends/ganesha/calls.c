/* backends/ganesha/calls.c - the calls: each puts a job into the queue, and asks a little for its answer */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "ganesha.h"

#define OPEN_MS 3000

static int check_names(const struct gan *g, const struct shr_call *call, const struct gan_order *o)
{
	const struct shr_exported *what = o->what;

	if (!what)
		return 0;
	if (!plug_id_ok(what->instance->share_id) || !plug_id_ok(what->instance->id))
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
static int fill(const struct plug_order *po, const struct shr_call *call, struct plug_job *job)
{
	const struct gan *g = po->whose;
	const struct gan_order *o = po->more;
	struct gan_job *j = (struct gan_job *)(void *)job;
	char path[PLUG_PLACE_ROOM];
	const uint64_t both = SHR_PROTO_NFS | SHR_PROTO_SMB;
	int is_both = o->what && (o->what->instance->protocols & both) == both;
	struct gan_block block = { job->share_id, job->instance_id, path, 0, g->squash, job->is_readonly, is_both };
	struct gan_set set = { NULL, 0, 0 };
	int code = 0;

	j->number = block.number = o->what ? o->what->export_number : 0;
	j->max = o->max;
	snprintf(j->after, sizeof j->after, "%s", o->after ? o->after : "");
	if (o->kind != GAN_ADD && o->kind != GAN_UPDATE)
		return 0;
	if (o->kind == GAN_UPDATE && !gan_kept_take(o->kept, job->instance_id, o->diff, g->squash, &set))
		code = gan_set_pull(g->host, call, o->all, g->squash, &set, NULL);
	if (code == 0) {
		plug_server_path(&g->server->base, job->share_id, path);
		j->text = gan_block_text(&block, &set);
		code = j->text ? 0 : g->host->fail(call, SHR_EAGAIN, "no memory");
	}
	if (code == 0 && o->kind == GAN_UPDATE)
		gan_kept_put(o->kept, job->instance_id, o->revision, &set);
	else
		gan_set_clear(&set);
	return code;
}

static struct plug_order order_of(struct gan *g, const struct gan_order *o)
{
	struct plug_order order = { .host = g->host, .server = &g->server->base, .whose = g, .kind = o->kind,
		.is_probe = o->kind == GAN_PROBE, .revision = o->revision, .what = o->what, .fill = fill, .more = o };

	snprintf(order.who, sizeof order.who, "setting name: %.100s", g->server->name);
	order.why = "a file system that it exports may hang";
	return order;
}

/* The server must be there; one that hangs is not waited for. */
int gan_ask_first(struct gan *g, const struct shr_call *call)
{
	struct gan_order o = { .kind = GAN_PROBE };
	struct plug_order order = order_of(g, &o);

	return plug_ask_now(call, &order, OPEN_MS);
}

int gan_ask(struct gan *g, const struct shr_call *call, const struct gan_order *o, struct gan_job **ret)
{
	struct plug_order order = order_of(g, o);
	struct plug_job *job;
	int code = check_names(g, call, o);

	*ret = NULL;
	if (code == 0)
		code = plug_ask(call, &order, &job);
	if (code == 0)
		*ret = (struct gan_job *)(void *)job;
	return code;
}

void gan_job_free(struct gan *g, struct gan_job *job)
{
	plug_job_free(&g->server->base, &job->base);
}

/* ---- the table's ---- */

/* A probe that tells nothing. */
static int see(struct gan *g, const struct shr_call *call)
{
	struct gan_order o = { .kind = GAN_PROBE };
	struct gan_job *j;
	int code = gan_ask(g, call, &o, &j);

	if (code == 0)
		gan_job_free(g, j);
	return code;
}

int gan_probe(void *ex, const struct shr_call *call)
{
	struct gan_order o = { .kind = GAN_PROBE };
	struct gan *g = ex;
	struct plug_proc held;
	struct gan_job *j;
	int code;

	if (plug_held(&g->server->base, &held)) {
		g->host->set_number(call, "", SHR_NUMBER_INCARNATION, plug_proc_life(&held));
		return 0;
	}
	code = gan_ask(g, call, &o, &j);
	if (code)
		return code;
	g->host->set_number(call, "", SHR_NUMBER_INCARNATION, j->life);
	gan_job_free(g, j);
	return 0;
}

static void tell(const struct gan *g, const struct shr_call *call, const struct shr_instance *instance, const char *address,
	int first)
{
	struct shr_export e = { sizeof e, first ? SHR_EXPORT_PREFERRED : 0, SHR_PROTO_NFS, plug_address_family(address), 0, NULL,
		instance->id };
	char path[400];

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
	for (i = 0; i < g->addresses.n; i++)
		tell(g, call, what->instance, g->addresses.list[i], i == 0);
	gan_job_free(g, j);
	return 0;
}

/* Also the barrier: what has been drained comes back by `add`, as what was removed does. */
int gan_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct gan_order o = { .kind = GAN_REMOVE, .what = what };
	struct gan *g = ex;
	struct gan_job *j;
	int code = gan_ask(g, call, &o, &j);

	if (code == 0) {
		gan_job_free(g, j);
		gan_kept_drop(&g->kept, what->instance->id);
	}
	return code;
}

int gan_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	struct gan *g = ex;
	struct gan_order o = { .kind = GAN_UPDATE, .what = what, .revision = diff->revision, .diff = diff, .kept = &g->kept,
		.all = all };
	const struct shr_rule_change *c;
	const char *wrong;
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
	gan_job_free(g, j);
	return 0;
}

/* ---- hold ---- */

/* The server's process as it was last seen; when that one has gone a probe finds the new one. */
static int find_proc(void *ex, const struct shr_call *call, struct plug_proc *ret)
{
	struct gan *g = ex;
	int code;

	gan_server_proc(g->server, ret);
	if (plug_proc_alive(ret))
		return 0;
	code = see(g, call);
	gan_server_proc(g->server, ret);
	if (code == 0 && !plug_proc_alive(ret))
		return g->host->fail(call, SHR_EBACKEND, "hold: the process of NFS-Ganesha cannot be found: set pidfile");
	return code;
}

static struct plug_holder holder_of(struct gan *g)
{
	struct plug_holder h = { g->host, &g->server->base, "NFS-Ganesha", g->server->cgroup, find_proc, g };

	return h;
}

int gan_hold(void *ex, const struct shr_call *call, uint32_t bound_ms)
{
	struct plug_holder h = holder_of(ex);

	return plug_hold(&h, call, bound_ms);
}

int gan_release(void *ex, const struct shr_call *call)
{
	struct plug_holder h = holder_of(ex);

	return plug_release(&h, call);
}

/* backends/samba/calls.c - the calls: each puts a job into the queue, and asks a little for its answer */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "samba.h"

#define OPEN_MS 5000

static int check_names(const struct smb *m, const struct shr_call *call, const struct smb_order *o)
{
	const struct shr_exported *what = o->what;

	if (!what)
		return 0;
	if (!plug_id_ok(what->instance->share_id) || !plug_id_ok(what->instance->id))
		return shr_failf(m->host, call, SHR_EBACKEND, "share \"%.40s\", instance \"%.40s\": these are no UUIDs",
			what->instance->share_id, what->instance->id);
	if (o->kind != SMB_REMOVE && (!what->path || *what->path != '/'))
		return shr_failf(m->host, call, SHR_EBACKEND, "share %s has no absolute path to export", what->instance->share_id);
	return 0;
}

static int fill(const struct plug_order *po, const struct shr_call *call, struct plug_job *job)
{
	const uint64_t both = SHR_PROTO_NFS | SHR_PROTO_SMB;
	const struct smb_order *o = po->more;
	struct smb_job *j = (struct smb_job *)(void *)job;
	struct smb_set set = { NULL, 0, 0 };
	int code;

	j->is_both = o->what && (o->what->instance->protocols & both) == both;
	j->max = o->max;
	snprintf(j->after, sizeof j->after, "%s", o->after ? o->after : "");
	if (o->kind != SMB_UPDATE)
		return 0;
	code = smb_set_pull(po->host, call, o->all, &set, NULL);
	if (code == 0 && smb_set_effective(&set, job->is_readonly, &j->set) < 0)
		code = po->host->fail(call, SHR_EAGAIN, "no memory");
	smb_set_clear(&set);
	return code;
}

static struct plug_order order_of(struct smb *m, const struct smb_order *o)
{
	struct plug_order order = { .host = m->host, .server = &m->server->base, .whose = m, .kind = (int32_t)o->kind,
		.is_probe = o->kind == SMB_PROBE, .revision = o->revision, .what = o->what, .fill = fill, .more = o };

	snprintf(order.who, sizeof order.who, "setting config: the smbd of %.200s", m->server->config);
	order.why = "it, or the disk with its state, hangs";
	return order;
}

int smb_ask_first(struct smb *m, const struct shr_call *call)
{
	struct smb_order o = { .kind = SMB_PROBE };
	struct plug_order order = order_of(m, &o);

	return plug_ask_now(call, &order, OPEN_MS);
}

int smb_ask(struct smb *m, const struct shr_call *call, const struct smb_order *o, struct smb_job **ret)
{
	struct plug_order order = order_of(m, o);
	struct plug_job *job;
	int code = check_names(m, call, o);

	*ret = NULL;
	if (code == 0)
		code = plug_ask(call, &order, &job);
	if (code == 0)
		*ret = (struct smb_job *)(void *)job;
	return code;
}

void smb_job_free(struct smb *m, struct smb_job *job)
{
	plug_job_free(&m->server->base, &job->base);
}

/* ---- the table's ---- */

int smb_probe(void *ex, const struct shr_call *call)
{
	struct smb_order o = { .kind = SMB_PROBE };
	struct smb *m = ex;
	struct plug_proc held;
	struct smb_job *j;
	int code;

	if (plug_held(&m->server->base, &held)) {
		m->host->set_number(call, "", SHR_NUMBER_INCARNATION, plug_proc_life(&held));
		return 0;
	}
	code = smb_ask(m, call, &o, &j);
	if (code)
		return code;
	m->host->set_number(call, "", SHR_NUMBER_INCARNATION, j->life);
	smb_job_free(m, j);
	return 0;
}

static void tell(const struct smb *m, const struct shr_call *call, const struct shr_instance *instance, uint32_t n)
{
	const char *address = m->addresses.list[n];
	struct shr_export e = { sizeof e, n == 0 ? SHR_EXPORT_PREFERRED : 0, SHR_PROTO_SMB, plug_address_family(address), 0, NULL,
		instance->id };
	char path[400];

	snprintf(path, sizeof path, "//%.255s/%s", address, instance->share_id);
	e.path = path;
	m->host->add_export(call, instance->id, &e);
}

int smb_add(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct smb_order o = { .kind = SMB_ADD, .what = what };
	struct smb *m = ex;
	struct smb_job *j;
	uint32_t i;
	int code = smb_ask(m, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < m->addresses.n; i++)
		tell(m, call, what->instance, i);
	smb_job_free(m, j);
	return 0;
}

/* Also the barrier: what has been drained comes back by `add`, as what was removed does. */
int smb_remove(void *ex, const struct shr_call *call, const struct shr_exported *what)
{
	struct smb_order o = { .kind = SMB_REMOVE, .what = what };
	struct smb *m = ex;
	struct smb_job *j;
	int code = smb_ask(m, call, &o, &j);

	if (code == 0)
		smb_job_free(m, j);
	return code;
}

int smb_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what, const struct shr_access_diff *diff,
	struct shr_rules *all)
{
	struct smb_order o = { .kind = SMB_UPDATE, .what = what, .revision = diff->revision, .all = all };
	const struct shr_rule_change *c;
	const char *wrong;
	struct smb *m = ex;
	struct smb_job *j;
	uint32_t i;
	int code = smb_ask(m, call, &o, &j);

	if (code)
		return code;
	for (i = 0; i < diff->n_changes; i++) {
		c = diff->changes[i];
		wrong = c->is ? smb_rule_wrong(c->is) : NULL;
		m->host->set_rule(call, c->is ? c->is->id : c->was->id, wrong ? SHR_EUNSUPPORTED : SHR_OK, wrong ? wrong : "");
	}
	smb_job_free(m, j);
	return 0;
}

/* ---- hold ---- */

static void seen_proc(struct smb_server *s, struct plug_proc *ret)
{
	pthread_mutex_lock(&s->base.lock);
	*ret = s->proc;
	pthread_mutex_unlock(&s->base.lock);
}

/* smbd as it was last seen; when that one has gone a probe finds the new one. */
static int find_proc(void *ex, const struct shr_call *call, struct plug_proc *ret)
{
	struct smb_order o = { .kind = SMB_PROBE };
	struct smb *m = ex;
	struct smb_job *j;
	int code;

	seen_proc(m->server, ret);
	if (plug_proc_alive(ret))
		return 0;
	code = smb_ask(m, call, &o, &j);
	if (code)
		return code;
	smb_job_free(m, j);
	seen_proc(m->server, ret);
	return plug_proc_alive(ret) ? 0 : m->host->fail(call, SHR_EAGAIN, "hold: smbd has just ended");
}

static struct plug_holder holder_of(struct smb *m)
{
	struct plug_holder h = { m->host, &m->server->base, "smbd", m->server->cgroup, find_proc, m };

	return h;
}

int smb_hold(void *ex, const struct shr_call *call, uint32_t bound_ms)
{
	struct plug_holder h = holder_of(ex);

	return plug_hold(&h, call, bound_ms);
}

int smb_release(void *ex, const struct shr_call *call)
{
	struct plug_holder h = holder_of(ex);

	return plug_release(&h, call);
}

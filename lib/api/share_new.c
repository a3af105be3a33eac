/* lib/api/share_new.c - shares that begin: created, or made of what is on a backend */
#include <string.h>

#include "api/accept_call.h"
#include "api/actions.h"
#include "base/fail.h"
#include "base/text.h"
#include "flow/flows.h"

static void place_by(struct shr__call *c, const char *zone, const char *backend, const char *pool)
{
	if (zone)
		shr__check_ident(c, "zone", zone);
	if (backend)
		shr__check_ident(c, "backend", backend);
	if (pool)
		shr__check_ident(c, "pool", pool);
	c->want.zone = zone;
	c->want.backend = backend;
	c->want.pool = pool;
	shr__call_note_str(c, SHR__NOTE_ZONE, zone);
	shr__call_note_str(c, SHR__NOTE_BACKEND, backend);
	shr__call_note_str(c, SHR__NOTE_POOL, pool);
	shr__call_place(c);
}

static void take_protocols(struct shr__call *c, uint64_t protocols)
{
	shr__check_protocols(c, protocols);
	c->a.protocols = c->want.protocols = protocols;
}

/* A pool that cannot express the rules is none for this share. */
static void take_rules(struct shr__call *c, const struct shr_share_spec *spec)
{
	const struct shr_access_change *rules = shr__call_changes(c, "rules", spec->rules, spec->rule_size, spec->n_rules);

	shr__call_rules(c, "rules", rules, spec->n_rules, spec->protocols);
	for (uint32_t i = 0; i < c->a.n_rules && !c->faults.n && c->rc == 0; i++)
		c->want.capabilities |= shr__rule_needs(&c->a.rules[i]);
}

struct origin {
	const char *id;
	struct shr__share_row row;
	struct shr__instance_row at;
	struct shr__pool_row pool;
};

static int take_instance(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__instance_row *)data = *(const struct shr__instance_row *)row;
	return 1;
}

static int origin_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct origin *o = data;
	struct shr__instance_row from = { .share_id = o->id };
	int rc;

	o->row.id = o->id;
	o->at.id = NULL;
	rc = shr__txn_get(t, &shr__snapshot_def, &o->row);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? shr__no_such("snapshot", o->id, reterr) : rc;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, 1, 0, 1, take_instance, &o->at);
	if (rc <= 0)
		return rc;
	o->pool = (struct shr__pool_row){ .backend = o->at.backend, .name = o->at.pool };
	rc = shr__txn_get(t, &shr__pool_def, &o->pool);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

static int is_or_any(const char *wanted, const char *is)
{
	return !wanted || (is && strcmp(wanted, is) == 0);
}

/* It lies where the snapshot does unless the caller names another place, and is cloned there; else, or where nothing can clone,
 * the files are copied. A pool that is named alone is one of the snapshot's backend. */
static void place_by_origin(struct shr__call *c, struct shr_share_spec *p, const struct origin *o)
{
	uint64_t can = (uint64_t)o->pool.capabilities;
	int there;

	if (p->pool && !p->backend)
		p->backend = o->at.id ? o->at.backend : NULL;
	there = is_or_any(p->backend, o->at.backend) && is_or_any(p->pool, o->at.pool) && is_or_any(p->zone, o->pool.zone);
	if (o->at.id && there) {
		p->backend = o->at.backend;
		p->pool = o->at.pool;
	}
	if (there && (can & SHR_CAP_SNAPSHOT_CLONE || !(can & SHR_CAP_DATA))) {
		c->want.capabilities |= SHR_CAP_SNAPSHOT_CLONE;
		c->want.any_room = p->flags & SHR_SHARE_READONLY;
		return;
	}
	c->want.capabilities |= SHR_CAP_DATA;
	c->a.flow = &shr__flow_share_copy;
	if (p->flags & SHR_SHARE_READONLY)
		shr__faults_add(&c->faults, SHR_EUNSUPPORTED, "flags", "name no pool, or the snapshot's; or leave the flag out",
			"a read-only share copies nothing, and lies where its snapshot does: in pool %s/%s", o->at.backend, o->at.pool);
}

/* What it begins with is its size and its protocols where the caller gives none. */
static void take_snapshot(struct shr__call *c, struct shr_share_spec *p)
{
	struct origin *o;

	c->a.flags = p->flags;
	shr__call_note(c, SHR__NOTE_FLAGS, p->flags);
	if (c->rc == 0 && (p->flags & ~SHR_SHARE_READONLY))
		shr__faults_add(&c->faults, SHR_EINVAL, "flags", "use SHR_SHARE_READONLY or 0", "it is 0x%x", p->flags);
	if (c->rc == 0 && !p->snapshot && p->flags)
		shr__faults_add(&c->faults, SHR_EINVAL, "flags", "name the snapshot whose contents it shall have",
			"a read-only share without a snapshot would be empty for ever");
	if (!p->snapshot)
		return;
	shr__call_other(c, p->snapshot, "snapshot");
	if (c->rc < 0 || c->faults.n)
		return;
	o = shr__arena_alloc(c->arena, sizeof *o);
	if (!o) {
		c->rc = shr__fail_nomem(c->reterr);
		return;
	}
	o->id = p->snapshot;
	c->rc = shr__db_read(c->a.env->db, c->arena, origin_body, o, c->reterr);
	if (c->rc == 0)
		c->rc = shr__authorise(c->session, SHR__ACTION_SNAPSHOT_GET, "snapshot", o->row.project, o->id, c->reterr);
	if (c->rc < 0)
		return;
	p->bytes = p->bytes ? p->bytes : (uint64_t)o->row.bytes;
	p->protocols = p->protocols ? p->protocols : (uint64_t)o->row.protocols;
	place_by_origin(c, p, o);
}

int shr_share_create(struct shr_session *session, const struct shr_share_spec *spec, const struct shr_op **ret_op,
	const struct shr_error **reterr)
{
	struct shr_share_spec p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_share_create, reterr);
	shr__call_params(&c, spec, "shr_share_spec", SHR__LEAST(shr_share_spec, reserved0), &p, sizeof p);
	shr__call_token(&c, p.token);
	if (c.rc == 0 && !ret_op)
		shr__faults_add(&c.faults, SHR_EINVAL, "ret_op", "give the address of a pointer: the share's id comes with it",
			"it is NULL");
	shr__check_zero(&c, "reserved0", p.reserved0);
	shr__check_zero(&c, "reserved1", p.reserved1);
	take_snapshot(&c, &p);
	shr__check_snapshot_access(&c, "snapshot_access", p.snapshot_access, 1);
	shr__call_words(&c, p.name, p.description);
	shr__check_bytes(&c, p.bytes);
	c.a.bytes = c.want.bytes = p.bytes;
	take_protocols(&c, p.protocols);
	place_by(&c, p.zone, p.backend, p.pool);
	shr__check_pairs(&c, "metadata", p.metadata, p.n_metadata, SHR__NOTE_SET);
	c.a.set = p.metadata;
	c.a.n_set = p.n_metadata;
	take_rules(&c, &p);
	return shr__call_end(&c, ret_op);
}

int shr_share_manage(struct shr_session *session, const struct shr_share_manage_params *params, const struct shr_op **ret_op,
	const struct shr_error **reterr)
{
	struct shr_share_manage_params p;
	struct shr__call c;

	shr__call_begin(&c, session, &shr__flow_share_manage, reterr);
	shr__call_params(&c, params, "shr_share_manage_params", SHR__LEAST(shr_share_manage_params, protocols), &p, sizeof p);
	shr__call_token(&c, p.token);
	shr__check_zero(&c, "flags", p.flags);
	shr__call_words(&c, p.name, p.description);
	take_protocols(&c, p.protocols);
	place_by(&c, NULL, p.backend ? p.backend : "", p.pool ? p.pool : "");
	c.want.capabilities = SHR_CAP_MANAGE;
	c.want.any_room = 1;
	shr__check_text(&c, "source", p.source, 1023, SHR__TEXT_SLASH_OK);
	shr__call_note_str(&c, SHR__NOTE_SOURCE, p.source);
	c.a.source = p.source;
	return shr__call_end(&c, ret_op);
}

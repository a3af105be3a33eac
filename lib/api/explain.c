/* lib/api/explain.c - can a client mount a share, by which rule and how, or why not */
#include <inttypes.h>
#include <string.h>

#include "api/actions.h"
#include "api/explain.h"
#include "api/who.h"
#include "base/fail.h"
#include "base/params.h"
#include "base/text.h"
#include "model/names.h"

/* ---- what was asked ---- */

static int is_one(uint64_t bits)
{
	return bits && !(bits & (bits - 1));
}

static int check_family(struct shr__explaining *x, const struct shr_error **reterr)
{
	const struct shr_explain_params *p = &x->params;
	uint32_t f = p->family;

	if (f != SHR_FAMILY_ANY && f != SHR_FAMILY_IPV4 && f != SHR_FAMILY_IPV6 && f != SHR_FAMILY_VSOCK)
		return shr__fail_field(reterr, SHR_EINVAL, "family", "use SHR_FAMILY_*", "there is no family %" PRIu32, f);
	if (p->type == SHR_ACCESS_IP && (f == SHR_FAMILY_IPV4 || f == SHR_FAMILY_IPV6) && f != (uint32_t)x->ip.family)
		return shr__fail_field(reterr, SHR_EINVAL, "family", "ask for that of the address, or for any",
			"%s is an address of %s", p->who, x->ip.family == 4 ? "ipv4" : "ipv6");
	return 0;
}

static int check_target(const char *target, const struct shr_error **reterr)
{
	char buf[96];
	const char *wrong = target ? shr__text_wrong(target, 1023, SHR__TEXT_SLASH_OK, buf, sizeof buf) : NULL;

	if (!wrong && target && target[0] != '/')
		wrong = "is not absolute";
	if (!wrong)
		return 0;
	return shr__fail_field(reterr, SHR_EINVAL, "target", "give an absolute path of at most 1023 bytes", "the path %s", wrong);
}

static int check_params(struct shr__explaining *x, struct shr__arena *arena, const struct shr_error **reterr)
{
	struct shr_explain_params *p = &x->params;
	struct shr__who_wrong wrong;
	char normal[SHR__IP_ROOM];
	int rc;

	if (p->flags)
		return shr__fail_field(reterr, SHR_EINVAL, "flags", "set it to 0", "there are no flags 0x%" PRIx32, p->flags);
	if (!shr__who_protocols(p->type))
		return shr__fail_field(reterr, SHR_EINVAL, "type", "use SHR_ACCESS_*", "there is no type %" PRIu32, p->type);
	if (p->protocol && !is_one(p->protocol))
		return shr__fail_field(reterr, SHR_EINVAL, "protocol", "give one SHR_PROTO_*, or 0", "0x%" PRIx64 " is not one",
			p->protocol);
	rc = shr__who_check(p->type, p->who, arena, &p->who, &wrong);
	if (rc)
		return rc < 0 ? shr__fail_nomem(reterr) : shr__fail_field(reterr, SHR_EINVAL, "who", wrong.remedy, "%s", wrong.words);
	if (p->type == SHR_ACCESS_IP)
		shr__ip_parse(p->who, &x->ip, normal);
	rc = check_family(x, reterr);
	return rc ? rc : check_target(p->target, reterr);
}

/* ---- the verdict ---- */

struct verdict {
	struct shr__explaining *x;
	struct shr__arena *arena; /* the record's */
	struct shr_explanation *e;
	const struct shr_rule **rules; /* the record of each fit */
	struct shr__lane *lanes;
	uint32_t n_lanes;
	const struct shr__fit *fit; /* that decides, or would */
};

#define SAY(v, ...) ((v)->e->reason = shr__arena_printf((v)->arena, __VA_ARGS__))

static int is_mountable(const struct shr__explaining *x)
{
	switch (x->share.share.state) {
	case SHR_SHARE_AVAILABLE:
	case SHR_SHARE_EXTENDING:
	case SHR_SHARE_SHRINKING:
		return 1;
	default:
		return 0;
	}
}

static const struct shr__fit *first_in(const struct shr__explaining *x, uint32_t state)
{
	for (uint32_t i = 0; i < x->n_fits && !x->fits[i].inside; i++)
		if (x->fits[i].f.state == state)
			return &x->fits[i];
	return NULL;
}

static const char *how_it_goes_on(const struct verdict *v)
{
	if (v->e->next_level == v->e->level)
		return "";
	switch (v->e->next_level) {
	case SHR_LEVEL_RW:
		return "; it will be rw when the changes that were accepted are in force";
	case SHR_LEVEL_RO:
		return "; it will be ro when the changes that were accepted are in force";
	default:
		return "; it will not be let in any more when the changes that were accepted are in force";
	}
}

static const char *level_of(const struct shr__fit *fit)
{
	return shr_level_name((uint32_t)fit->f.rule.level);
}

static void say_allowed(struct verdict *v)
{
	const struct shr__lane *best = &v->lanes[0];

	v->fit = best->fit;
	v->e->why = SHR_WHY_RULE;
	v->e->level = best->level;
	SAY(v, "the rule for %s lets %s in: %s%s%s", v->fit->f.rule.who, v->x->params.who, level_of(v->fit),
		v->e->level != SHR_LEVEL_RW && v->fit->f.rule.level == SHR_LEVEL_RW ? ", but its export location serves reads only" : "",
		how_it_goes_on(v));
}

static void say_no_rule(struct verdict *v)
{
	uint32_t n = v->x->n_fits;

	v->e->why = SHR_WHY_NO_RULE;
	v->e->remedy = "let it in with shr_access_allow()";
	if (v->x->backend_cannot) {
		v->e->why = SHR_WHY_TYPE;
		v->e->remedy = "ask for another type of name, or use a backend that has such rules";
		SAY(v, "the backend of the share has no rules for %s",
			v->x->params.type == SHR_ACCESS_IP && v->x->ip.family == 6 ? "addresses of IPv6" :
			shr_access_type_name(v->x->params.type));
	} else if (!v->x->share.share.n_rules) {
		SAY(v, "the share has no rules: nobody can mount it");
	} else if (n) { /* all of them lie inside */
		SAY(v, "no rule fits all of %s, but %s%" PRIu32 " of parts of it", v->x->params.who, v->x->more ? "at least " : "", n);
	} else {
		SAY(v, "none of the share's %" PRId64 " rules fits %s", v->x->share.share.n_rules, v->x->params.who);
	}
}

/* No rule is in force. */
static void say_refused(struct verdict *v)
{
	const struct shr__fit *queued = first_in(v->x, SHR_RULE_QUEUED), *refused = first_in(v->x, SHR_RULE_ERROR);

	v->fit = queued ? queued : refused;
	if (queued) {
		v->e->why = SHR_WHY_QUEUED;
		v->e->remedy = "wait for it with shr_access_wait()";
		SAY(v, "the rule for %s lets %s in, but is not in force yet: it came with revision %" PRId64 ", and the backend has %"
			PRId64, queued->f.rule.who, v->x->params.who, queued->f.rule.revision, v->x->view.applied);
	} else if (refused) {
		v->e->why = SHR_WHY_REFUSED;
		v->e->remedy = "change or deny the rule, or set it again to have it tried again";
		SAY(v, "the rule for %s fits %s, but the backend refused it: %s", refused->f.rule.who, v->x->params.who,
			refused->f.reason);
	} else {
		say_no_rule(v);
	}
}

static void say_no_export(struct verdict *v)
{
	const struct shr_explain_params *p = &v->x->params;
	const char *protocol = p->protocol ? shr_proto_name(p->protocol) : "";

	v->e->why = SHR_WHY_NO_EXPORT;
	v->e->remedy = "ask for another protocol or address family, or look at the share's exports";
	if (p->protocol && !((uint64_t)v->x->share.share.protocols & p->protocol))
		SAY(v, "the share does not speak %s", protocol);
	else
		SAY(v, "the share has no export location for %s%s%s%s%s", p->who, p->protocol ? " by " : "", protocol,
			p->family ? " over " : "", p->family ? shr__family_name(p->family) : "");
}

static void say_unexported(struct verdict *v)
{
	v->e->why = SHR_WHY_NO_EXPORT;
	v->e->remedy = "export it by shr_snapshot_set_access()";
	SAY(v, "the snapshot is not exported");
}

static void say_no_such_type(struct verdict *v)
{
	const struct shr_explain_params *p = &v->x->params;
	uint64_t protocols = (uint64_t)v->x->share.share.protocols & (p->protocol ? p->protocol : UINT64_MAX);
	char list[64];

	if (!protocols) {
		say_no_export(v);
		return;
	}
	v->e->why = SHR_WHY_TYPE;
	v->e->remedy = "ask for a name of another type";
	SAY(v, "%s has no rules of type %s: it has %s", p->protocol ? shr_proto_name(p->protocol) : "none of what the share speaks",
		shr_access_type_name(p->type), shr__who_types(protocols, list, sizeof list));
}

static void say_state(struct verdict *v)
{
	const struct shr__share_row *share = &v->x->share.share;

	v->e->why = SHR_WHY_STATE;
	v->e->remedy = share->state == SHR_SHARE_ERROR ? "see why it is in error, and mend or delete it" :
		share->op_id[0] ? "wait for the end of its operation" : "";
	SAY(v, "nobody can mount the share now: it is %s%s%s%s", share->state == SHR_SHARE_ERROR ? "in " : "",
		shr_share_state_name((uint32_t)share->state), share->reason[0] ? ": " : "", share->reason);
	v->e->op_id = shr__arena_strdup(v->arena, share->op_id);
}

static int judge(struct verdict *v)
{
	struct shr__explaining *x = v->x;
	int mountable = is_mountable(x);

	v->e->remedy = "";
	v->e->op_id = "";
	v->fit = shr__fit_now(x, -1);
	if (!v->fit)
		v->fit = shr__fit_next(x);
	for (uint32_t i = 0; mountable && i < v->n_lanes; i++)
		if (v->lanes[i].next_level && (!v->e->next_level || v->lanes[i].next_level < v->e->next_level))
			v->e->next_level = v->lanes[i].next_level; /* rw is the lesser number */
	if (x->changing) {
		v->e->flags |= SHR_EXPLAIN_CHANGING;
		v->e->op_id = shr__arena_strdup(v->arena, x->op_id);
	}
	if (!x->protocols)
		say_no_such_type(v);
	else if (!mountable)
		say_state(v);
	else if (x->unexported)
		say_unexported(v);
	else if (!shr__fit_now(x, -1))
		say_refused(v);
	else if (!v->n_lanes || !v->lanes[0].fit)
		say_no_export(v);
	else
		say_allowed(v);
	return v->e->reason && v->e->op_id ? 0 : SHR_ENOMEM;
}

/* ---- the record ---- */

static int put_rules(struct verdict *v)
{
	struct shr__explaining *x = v->x;
	const struct shr_rule **others = shr__arena_alloc(v->arena, (x->n_fits + 1) * sizeof *others);
	const struct shr_rule **inside = shr__arena_alloc(v->arena, (x->n_fits + 1) * sizeof *inside);

	if (!others || !inside)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < x->n_fits; i++) {
		const struct shr__fit *fit = &x->fits[i];

		/* One inside that has less priority decides nothing: what fits all of the prefix goes before it. */
		if (fit == v->fit)
			v->e->rule = v->rules[i];
		else if (!fit->inside)
			others[v->e->n_others++] = v->rules[i];
		else if (!v->fit || fit->f.rule.priority >= v->fit->f.rule.priority)
			inside[v->e->n_inside++] = v->rules[i];
	}
	v->e->others = others;
	v->e->inside = inside;
	return 0;
}

static int put_way(struct verdict *v, const struct shr__lane *lane, struct shr_way *way)
{
	way->size = sizeof *way;
	way->level = lane->level;
	way->family = lane->family;
	way->rule = v->rules[lane->fit - v->x->fits];
	way->location = shr__export_record(v->arena, lane->row);
	return way->location ? shr__mount_words(v->arena, lane->row, &v->x->params, way) : SHR_ENOMEM;
}

static int put_ways(struct verdict *v)
{
	const struct shr_way **list = shr__arena_alloc(v->arena, (v->n_lanes + 1) * sizeof *list);
	struct shr_way *ways = shr__arena_alloc(v->arena, (v->n_lanes + 1) * sizeof *ways);

	if (!list || !ways)
		return SHR_ENOMEM;
	for (uint32_t i = 0; v->e->why == SHR_WHY_RULE && i < v->n_lanes; i++) {
		struct shr_way *way = &ways[v->e->n_ways];

		if (!v->lanes[i].fit)
			continue;
		if (put_way(v, &v->lanes[i], way))
			return SHR_ENOMEM;
		list[v->e->n_ways++] = way;
	}
	v->e->ways = list;
	return 0;
}

/* A record for each rule, which the explanation owns. */
static int make_rules(struct verdict *v)
{
	v->rules = shr__arena_alloc(v->arena, (v->x->n_fits + 1) * sizeof *v->rules);
	if (!v->rules)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < v->x->n_fits; i++) {
		v->rules[i] = shr__rule_record(&v->x->fits[i].f);
		if (!v->rules[i])
			return SHR_ENOMEM;
		if (shr__record_own(v->e, v->rules[i])) {
			shr__record_unref(v->rules[i]);
			return SHR_ENOMEM;
		}
	}
	return 0;
}

static int fill(struct verdict *v)
{
	const struct shr__explaining *x = v->x;
	struct shr_explanation *e = v->e;
	int rc;

	e->size = sizeof *e;
	e->type = x->params.type;
	e->flags = x->more ? SHR_EXPLAIN_MORE : 0;
	e->access_revision = (uint64_t)x->share.share.access_revision;
	e->access_applied = (uint64_t)x->view.applied;
	e->share_id = shr__arena_strdup(v->arena, x->share_id);
	e->who = shr__arena_strdup(v->arena, x->params.who);
	rc = e->share_id && e->who ? make_rules(v) : SHR_ENOMEM;
	if (!rc)
		rc = judge(v);
	if (!rc)
		rc = put_rules(v);
	return rc ? rc : put_ways(v);
}

static const struct shr_explanation *make(struct shr__explaining *x, struct shr__lane *lanes, uint32_t n_lanes)
{
	struct verdict v = { .x = x, .lanes = lanes, .n_lanes = n_lanes };

	v.e = shr__record_new(sizeof *v.e, &v.arena);
	if (v.e && fill(&v)) {
		shr__record_unref(v.e);
		return NULL;
	}
	return v.e;
}

/* ---- the call ---- */

static int explain(struct shr__explaining *x, struct shr__arena *arena, const struct shr_explanation **ret,
	const struct shr_error **reterr)
{
	struct shr_session *s = x->session;
	struct shr__lane *lanes = NULL;
	uint32_t n_lanes = 0;
	const char *project;
	int admin, rc = check_params(x, arena, reterr);

	if (!rc)
		rc = shr__db_read(s->ctx->env.db, arena, shr__explain_body, x, reterr);
	if (rc)
		return rc;
	project = x->share.share.project;
	rc = shr__authorise(s, SHR__ACTION_ACCESS_EXPLAIN, "share", project, x->share_id, reterr);
	if (rc)
		return rc;
	admin = x->share.admin_exports && !shr__allowed(s, SHR__ACTION_EXPORT_ADMIN, project, x->share_id);
	rc = shr__lanes(x, arena, admin, &lanes, &n_lanes);
	*ret = rc ? NULL : make(x, lanes, n_lanes);
	return *ret ? 0 : shr__fail_nomem(reterr);
}

int shr_access_explain(struct shr_session *session, const char *share_id, const struct shr_explain_params *params,
	const struct shr_explanation **ret_explanation, const struct shr_error **reterr)
{
	struct shr__explaining x = { .session = session, .share_id = share_id };
	const struct shr_explanation *explanation = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_explanation, "ret_explanation", reterr);
	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (!rc)
		rc = shr__params_copy(params, "shr_explain_params", SHR__LEAST(shr_explain_params, target), &x.params,
			sizeof x.params, reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? explain(&x, arena, &explanation, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(arena);
	if (!rc)
		*ret_explanation = explanation;
	return rc;
}

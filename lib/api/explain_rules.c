/* lib/api/explain_rules.c - the rules that fit a client, each looked up by its name: never by going through all */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/explain.h"
#include "api/who.h"
#include "base/buf.h"
#include "flow/flow.h"
#include "plugin/plugin.h"

#define CHUNK 50u       /* rows of one name: it has few, but for its history that a backend was not told */
#define MOST_LOOKED 1000u /* rules that may lie inside a prefix */
#define MOST_INSIDE 100u
#define MOST_HOLDS 100u /* operations on one share */

/* ---- finding rows ---- */

struct taking {
	struct shr__explaining *x;
	unsigned bits;
	int inside;
	struct shr__rule_row last;
	const char *head; /* rules that lie inside begin so */
	uint32_t looked, before; /* fits that are not inside */
	int past;
};

static struct shr__fit *more_room(struct shr__explaining *x, struct shr__arena *arena)
{
	uint32_t room = x->room ? 2 * x->room : 16;
	struct shr__fit *more = shr__arena_alloc(arena, room * sizeof *more);

	if (more && x->n_fits)
		memcpy(more, x->fits, x->n_fits * sizeof *more);
	if (more) {
		x->fits = more;
		x->room = room;
	}
	return more;
}

static int add_fit(struct shr__explaining *x, struct shr__txn *t, const struct shr__rule_row *row, unsigned bits, int inside)
{
	if (x->n_fits == x->room && !more_room(x, shr__txn_arena(t)))
		return SHR_ENOMEM;
	x->fits[x->n_fits++] = (struct shr__fit){ .f = { .rule = *row }, .gone = row->gone, .bits = bits, .inside = inside };
	return 0;
}

static int take(struct shr__txn *t, const void *row, void *data)
{
	struct taking *g = data;

	g->last = *(const struct shr__rule_row *)row;
	return add_fit(g->x, t, row, g->bits, g->inside);
}

/* All rows, also the closed ones, of the rule that is for WHO. */
static int find_name(struct shr__explaining *x, struct shr__txn *t, const char *who, unsigned bits)
{
	struct taking g = { .x = x, .bits = bits };
	uint32_t n_from = 3;
	int got;

	g.last = (struct shr__rule_row){ .share_id = x->rules_id, .type = x->params.type, .who = who };
	do {
		got = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_who, &g.last, n_from, 3, 0, CHUNK, take, &g);
		n_from = 4;
	} while (got == (int)CHUNK);
	return got < 0 ? got : 0;
}

/* Each prefix that the address lies in, itself among them: 33 look-ups, or 129. */
static int find_prefixes(struct shr__explaining *x, struct shr__txn *t)
{
	char normal[SHR__IP_ROOM];
	struct shr__ip prefix;
	int rc = 0;

	for (unsigned bits = 0; !rc && bits <= x->ip.bits; bits++) {
		shr__ip_prefix(&x->ip, bits, &prefix, normal);
		rc = find_name(x, t, normal, bits);
	}
	return rc;
}

/* "a.b.example.org" is also "*.b.example.org", "*.example.org", "*.org" and "*". */
static int find_certs(struct shr__explaining *x, struct shr__txn *t)
{
	const char *who = x->params.who;
	int rc = find_name(x, t, who, 0);

	for (const char *dot = strchr(who, '.'); !rc && dot; dot = strchr(dot + 1, '.')) {
		char *name = shr__arena_printf(shr__txn_arena(t), "*%s", dot);

		if (!name)
			return SHR_ENOMEM;
		if (strcmp(name, who) != 0)
			rc = find_name(x, t, name, 0);
	}
	return rc || !strcmp(who, "*") ? rc : find_name(x, t, "*", 0);
}

/* ---- rules inside a prefix ---- */

/* What the text of every address in the prefix begins with: whole bytes of IPv4; whole groups of IPv6 up to one of zeros, which
 * may be written as "::". */
static void head_of(const struct shr__ip *ip, char head[SHR__IP_ROOM])
{
	size_t at = 0;

	head[0] = '\0';
	for (unsigned i = 0; ip->family == 4 && i < ip->bits / 8; i++)
		at += (size_t)snprintf(head + at, SHR__IP_ROOM - at, "%u.", ip->a[i]);
	for (unsigned i = 0; ip->family == 6 && i < ip->bits / 16; i++) {
		unsigned group = (unsigned)(ip->a[2 * i] << 8 | ip->a[2 * i + 1]);

		if (!group)
			break;
		at += (size_t)snprintf(head + at, SHR__IP_ROOM - at, "%x:", group);
	}
}

static int take_inside(struct shr__txn *t, const void *data, void *pdata)
{
	const struct shr__rule_row *row = data;
	struct taking *g = pdata;
	char normal[SHR__IP_ROOM];
	struct shr__ip ip;

	g->last = *row;
	if (strncmp(row->who, g->head, strlen(g->head)) != 0) {
		g->past = 1;
		return 1;
	}
	if (++g->looked > MOST_LOOKED || g->x->n_fits - g->before >= MOST_INSIDE) {
		g->x->more = 1;
		return 1;
	}
	if (shr__ip_parse(row->who, &ip, normal) || ip.bits <= g->x->ip.bits || !shr__ip_contains(&g->x->ip, &ip))
		return 0;
	return add_fit(g->x, t, row, ip.bits, 1);
}

/* The index is in the order of text, so those inside lie together. */
static int find_inside(struct shr__explaining *x, struct shr__txn *t)
{
	char head[SHR__IP_ROOM];
	struct taking g = { .x = x, .before = x->n_fits, .head = head };
	uint32_t n_from;
	int got;

	head_of(&x->ip, head);
	g.last = (struct shr__rule_row){ .share_id = x->rules_id, .type = SHR_ACCESS_IP, .who = head };
	n_from = head[0] ? 3 : 2;
	do {
		got = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_who, &g.last, n_from, 2, 0, CHUNK, take_inside, &g);
		n_from = 4;
	} while (got == (int)CHUNK && !g.past && !x->more);
	return got < 0 ? got : 0;
}

static int is_prefix(const struct shr__explaining *x)
{
	return x->params.type == SHR_ACCESS_IP && x->ip.bits < (x->ip.family == 4 ? 32u : 128u);
}

static int find_rules(struct shr__explaining *x, struct shr__txn *t)
{
	int rc;

	if (!x->share.share.access_revision)
		return 0;
	if (x->params.type == SHR_ACCESS_IP)
		rc = find_prefixes(x, t);
	else if (x->params.type == SHR_ACCESS_CERT)
		rc = find_certs(x, t);
	else
		rc = find_name(x, t, x->params.who, 0);
	return !rc && is_prefix(x) ? find_inside(x, t) : rc;
}

/* ---- what each of them is worth ---- */

/* 1: the row is in force on INSTANCE. A fault says which of what it was told an instance refused: the row, or its end. */
static int read_hold(struct shr__txn *t, const struct shr__fit *fit, const struct shr__instance_row *instance)
{
	const struct shr__rule_row *rule = &fit->f.rule;
	struct shr__rule_fault_row fault = { .instance_id = instance->id, .rule_id = rule->id };
	int rc, over = fit->gone && fit->gone <= instance->access_applied;

	if (rule->revision > instance->access_applied)
		return 0;
	if (!instance->n_faults)
		return !over;
	rc = shr__txn_get(t, &shr__rule_fault_def, &fault);
	if (rc)
		return rc == SHR_ENOTFOUND ? !over : rc;
	return over ? fault.revision >= fit->gone : fault.revision != rule->revision;
}

/* The row was closed because the rule was changed: another row of it goes on. */
static int goes_on(const struct shr__explaining *x, const struct shr__fit *fit)
{
	for (uint32_t i = 0; i < x->n_fits; i++)
		if (x->fits[i].f.rule.revision == fit->gone && !strcmp(x->fits[i].f.rule.id, fit->f.rule.id))
			return 1;
	return 0;
}

/* 1: FIT is of interest; 0: nothing of it is left, or it came and went without being told. */
static int judge(struct shr__explaining *x, struct shr__txn *t, struct shr__fit *fit, const struct shr_error **reterr)
{
	const struct shr__instance_row *instances = x->view.instances.rows;
	int rc;

	if (fit->gone && fit->f.rule.revision > x->view.applied)
		return 0;
	if (fit->gone > x->view.applied && goes_on(x, fit)) {
		fit->f.rule.gone = 0;
		x->changing |= !fit->inside;
	}
	rc = shr__rule_facts_read(t, &x->view, &fit->f, reterr);
	if (rc <= 0)
		return rc;
	fit->next = !fit->gone == (fit->f.state != SHR_RULE_ERROR);
	x->changing |= !fit->inside && (fit->f.state == SHR_RULE_QUEUED || fit->f.state == SHR_RULE_DENYING);
	fit->holds = shr__arena_alloc(shr__txn_arena(t), x->view.instances.n + 1);
	if (!fit->holds)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < x->view.instances.n; i++) {
		rc = read_hold(t, fit, &instances[i]);
		if (rc < 0)
			return rc;
		fit->holds[i] = rc != 0;
	}
	return 1;
}

/* The order of shr_access(3); a rule that is there twice, as it is and as it will be, comes first as it is. */
static int by_rank(const void *pa, const void *pb)
{
	const struct shr__fit *a = pa, *b = pb;
	const struct shr__rule_row *ra = &a->f.rule, *rb = &b->f.rule;

	if (a->inside != b->inside)
		return a->inside - b->inside;
	if (ra->priority != rb->priority)
		return ra->priority > rb->priority ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits > b->bits ? -1 : 1;
	if (ra->level != rb->level)
		return ra->level == SHR_LEVEL_RO ? -1 : rb->level == SHR_LEVEL_RO ? 1 : 0;
	if (ra->created_ns != rb->created_ns)
		return ra->created_ns < rb->created_ns ? -1 : 1;
	if (strcmp(ra->id, rb->id) != 0)
		return strcmp(ra->id, rb->id);
	return (ra->revision > rb->revision) - (ra->revision < rb->revision);
}

static int judge_all(struct shr__explaining *x, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__fit *kept = shr__arena_alloc(shr__txn_arena(t), (x->n_fits + 1) * sizeof *kept);
	uint32_t n = 0;

	if (!kept)
		return SHR_ENOMEM;
	for (uint32_t i = 0; i < x->n_fits; i++) {
		int rc;

		kept[n] = x->fits[i];
		rc = judge(x, t, &kept[n], reterr);
		if (rc < 0)
			return rc;
		n += rc != 0;
	}
	x->fits = kept;
	x->n_fits = n;
	if (n)
		qsort(kept, n, sizeof *kept, by_rank);
	return 0;
}

const struct shr__fit *shr__fit_now(const struct shr__explaining *x, int instance)
{
	for (uint32_t i = 0; i < x->n_fits && !x->fits[i].inside; i++)
		for (uint32_t j = 0; j < x->view.instances.n; j++)
			if ((instance < 0 || (uint32_t)instance == j) && x->fits[i].holds[j])
				return &x->fits[i];
	return NULL;
}

const struct shr__fit *shr__fit_next(const struct shr__explaining *x)
{
	for (uint32_t i = 0; i < x->n_fits && !x->fits[i].inside; i++)
		if (x->fits[i].next)
			return &x->fits[i];
	return NULL;
}

/* ---- who brings what is not there yet ---- */

struct bringing {
	int64_t needed, best;
	const char *op_id;
};

static int look_at_op(struct shr__txn *t, const void *row, void *data)
{
	struct shr__op_row op = { .id = ((const struct shr__hold_row *)row)->op_id };
	struct bringing *b = data;
	int64_t revision = 0;
	int rc = shr__txn_get(t, &shr__op_def, &op);

	if (rc)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	if ((strcmp(op.kind, "access_apply") != 0 && strcmp(op.kind, "snapshot_rules") != 0 &&
		strcmp(op.kind, "snapshot_follow") != 0) || !shr__pack_find_int(op.args.p, op.args.n, SHR__ARG_REVISION, &revision))
		return 0;
	if (revision >= b->needed && (!b->op_id || revision < b->best)) {
		b->best = revision;
		b->op_id = op.id;
	}
	return 0;
}

/* The first revision that changes something here. */
static int64_t revision_due(const struct shr__explaining *x)
{
	int64_t due = INT64_MAX, applied = x->view.applied;

	for (uint32_t i = 0; i < x->n_fits; i++) {
		const struct shr__fit *fit = &x->fits[i];

		if (fit->f.rule.revision > applied && fit->f.rule.revision < due)
			due = fit->f.rule.revision;
		if (fit->gone > applied && fit->gone < due)
			due = fit->gone;
	}
	return due;
}

static int find_op(struct shr__explaining *x, struct shr__txn *t)
{
	struct shr__hold_row from = { .object_id = x->share_id };
	struct bringing b = { .needed = revision_due(x) };
	int rc = 0;

	x->op_id = x->share.share.op_id;
	if (x->changing)
		rc = shr__txn_scan(t, &shr__hold_def, SHR__I_hold_pk, &from, 1, 1, 0, MOST_HOLDS, look_at_op, &b);
	if (b.op_id)
		x->op_id = b.op_id;
	return rc < 0 ? rc : 0;
}

/* ---- the whole ---- */

/* Can there be such rules where the share lies? A pool that is not known is no reason to say no. */
static int read_pool(struct shr__explaining *x, struct shr__txn *t)
{
	const struct shr__instance_row *first = x->view.instances.rows;
	struct shr__pool_row pool;
	int rc;

	x->backend_cannot = 0;
	if (!x->view.instances.n)
		return 0;
	pool = (struct shr__pool_row){ .backend = first->backend, .name = first->pool };
	rc = shr__txn_get(t, &shr__pool_def, &pool);
	if (!rc)
		x->backend_cannot = (shr__rule_caps(x->params.type, x->ip.family == 6) & ~(uint64_t)pool.capabilities) != 0;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

/* One that follows has the rules of its share. */
static int take_snapshot(struct shr__explaining *x, struct shr__txn *t)
{
	struct shr__share_row parent = { .id = x->share.share.parent };
	int64_t access = x->share.share.snapshot_access;
	int rc;

	x->unexported = access != SHR_SNAPSHOT_ACCESS_SHARE && access != SHR_SNAPSHOT_ACCESS_OWN;
	if (access != SHR_SNAPSHOT_ACCESS_SHARE)
		return 0;
	rc = shr__txn_get(t, &shr__share_def, &parent);
	if (rc < 0)
		return rc;
	x->rules_id = parent.id;
	x->share.share.n_rules = parent.n_rules;
	return 0;
}

int shr__explain_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__explaining *x = data;
	uint64_t wanted = x->params.protocol ? x->params.protocol : UINT64_MAX;
	const struct shr__rowdef *rows;
	int rc = shr__object_find(t, x->share_id, &x->share.share, &rows, reterr);

	x->n_fits = x->room = 0;
	x->more = x->changing = 0;
	if (!rc)
		rc = shr__share_facts_read(t, &x->share, reterr);
	if (rc)
		return rc;
	x->rules_id = x->share_id;
	x->unexported = 0;
	if (rows == &shr__snapshot_def && (rc = take_snapshot(x, t)) < 0)
		return rc;
	x->view = (struct shr__rules_view){ x->share.share, x->share.instances, shr__access_applied(&x->share.instances) };
	x->protocols = (uint64_t)x->share.share.protocols & wanted & shr__who_protocols(x->params.type);
	rc = read_pool(x, t);
	if (!rc && x->protocols)
		rc = find_rules(x, t);
	if (!rc)
		rc = judge_all(x, t, reterr);
	return rc ? rc : find_op(x, t);
}

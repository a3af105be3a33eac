/* lib/api/accept_call.c - the one way of every changing call: check, look, authorise, accept, hand over */
#include "api/accept_call.h"

#include <string.h>

#include "base/crypto.h"
#include "base/fail.h"
#include "base/params.h"
#include "base/text.h"
#include "engine/engine.h"
#include "flow/flows.h"

/* A pool that was chosen may have filled up before the commit: so often another one is chosen. */
#define PLACE_TRIES 8

/* It makes something of a share that the caller names: it belongs where that does. */
static int makes_part(const struct shr__flow *flow)
{
	return (flow->flags & SHR__FLOW_NEW) && flow->other_rows == &shr__share_def;
}

void shr__call_begin(struct shr__call *c, struct shr_session *session, const struct shr__flow *flow,
	const struct shr_error **reterr)
{
	memset(c, 0, sizeof *c);
	c->reterr = reterr;
	c->session = session;
	c->noun = flow->object;
	c->a.flow = flow;
	c->rc = shr__session_enter(session, reterr);
	if (c->rc < 0)
		return;
	c->arena = shr__arena_new();
	if (!c->arena) {
		c->rc = shr__fail_nomem(reterr);
		return;
	}
	c->a.env = &session->ctx->env;
	c->a.arena = c->arena;
	c->a.system = shr__session_system(session);
	c->a.project = session->project;
	c->a.user = session->user;
	c->a.request_id = session->request_id;
	c->a.token = c->a.object_project = c->a.rule_id = c->a.reason = c->a.zone = c->a.source = "";
	if (makes_part(flow))
		c->noun = "share";
	/* A share belongs to a project, also one that the host itself makes. An adopt may name it. */
	if ((flow->flags & SHR__FLOW_NEW) && !makes_part(flow) && flow != &shr__flow_orphan_adopt && !session->project[0])
		shr__faults_add(&c->faults, SHR_EINVAL, "session", "open a session that names a project", "it has no project");
}

void shr__call_params(struct shr__call *c, const void *params, const char *name, uint32_t least, void *ret, uint32_t size)
{
	if (c->rc < 0)
		memset(ret, 0, size);
	else
		c->rc = shr__params_copy(params, name, least, ret, size, c->reterr);
}

void shr__call_token(struct shr__call *c, const char *token)
{
	if (c->rc < 0 || !token)
		return;
	c->a.token = token;
	shr__check_text(c, "token", token, 255, SHR__TEXT_SLASH_OK);
	shr__pack_str(&c->fields, SHR__NOTE_KIND, c->a.flow->kind);
}

void shr__call_version(struct shr__call *c, uint64_t if_version)
{
	if (c->rc < 0)
		return;
	if (if_version > INT64_MAX)
		shr__faults_add(&c->faults, SHR_EINVAL, "if_version", "give the version that the record has", "no version is that great");
	c->a.if_version = (int64_t)if_version;
	shr__call_note(c, SHR__NOTE_IF_VERSION, c->a.if_version);
}

void shr__call_change(struct shr__call *c, const struct shr_change_params *params)
{
	struct shr_change_params p;

	shr__call_params(c, params, "shr_change_params", SHR__LEAST(shr_change_params, if_version), &p, sizeof p);
	shr__call_token(c, p.token);
	shr__call_version(c, p.if_version);
	shr__check_zero(c, "flags", p.flags);
}

void shr__call_object(struct shr__call *c, const char *id, const char *field, int or_rule)
{
	if (c->rc < 0)
		return;
	if (!id || !shr__uuid_ok(id))
		shr__faults_add(&c->faults, SHR_EINVAL, field, "ids are 36 characters of lower-case hex and '-'", "%s%.64s%s",
			id ? "\"" : "it is NULL", id ? id : "", id ? "\" is no id" : "");
	c->given_id = c->a.object_id = id;
	c->or_rule = or_rule;
	if (or_rule)
		c->noun = "share or rule";
	shr__call_note_str(c, SHR__NOTE_OBJECT, id);
}

void shr__call_or_snapshot(struct shr__call *c, const struct shr__flow *flow)
{
	c->of_snapshot = flow;
}

void shr__call_orphan(struct shr__call *c, const char *id, const struct shr__flow *of_snapshot)
{
	shr__call_object(c, id, "orphan_id", 0);
	c->noun = "orphan";
	c->orphan = 1;
	c->of_snapshot = of_snapshot;
	c->a.orphan_id = id;
}

void shr__call_other(struct shr__call *c, const char *id, const char *field)
{
	if (c->rc < 0)
		return;
	if (!id || !shr__uuid_ok(id))
		shr__faults_add(&c->faults, SHR_EINVAL, field, "ids are 36 characters of lower-case hex and '-'", "%s%.64s%s",
			id ? "\"" : "it is NULL", id ? id : "", id ? "\" is no id" : "");
	c->a.other_id = id;
	shr__call_note_str(c, SHR__NOTE_OTHER, id);
}

void shr__call_place(struct shr__call *c)
{
	c->placed = 1;
}

void shr__call_note(struct shr__call *c, uint16_t tag, int64_t value)
{
	if (c->rc == 0 && c->a.token[0] && value)
		shr__pack_int(&c->fields, tag, value);
}

void shr__call_note_str(struct shr__call *c, uint16_t tag, const char *value)
{
	if (c->rc == 0 && c->a.token[0])
		shr__pack_str(&c->fields, tag, value);
}

/* ---- looking ---- */

static int take_rule(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

static int find_share(struct shr__call *c, struct shr__txn *t, const struct shr__rowdef *rows, const char *id)
{
	struct shr__share_row share = { .id = id };
	int rc = shr__txn_get(t, rows, &share);

	if (rc < 0)
		return rc;
	c->a.object_id = share.id;
	if (makes_part(c->a.flow))
		c->a.other_id = share.id;
	c->a.object_project = share.project;
	c->protocols = (uint64_t)share.protocols;
	return 0;
}

/* SHR_ENOTFOUND: there is neither a share nor, where one may be meant, a rule. */
static int find_object(struct shr__call *c, struct shr__txn *t)
{
	struct shr__rule_row from = { .id = c->given_id }, rule;
	int rc = find_share(c, t, makes_part(c->a.flow) ? &shr__share_def : shr__flow_rows(c->a.flow), c->given_id);

	c->a.rule_id = "";
	if (rc == SHR_ENOTFOUND && c->of_snapshot) {
		rc = find_share(c, t, shr__flow_rows(c->of_snapshot), c->given_id);
		if (rc == 0)
			c->a.flow = c->of_snapshot;
	}
	if (rc != SHR_ENOTFOUND || !c->or_rule)
		return rc;
	rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_by_id, &from, 1, 1, SHR_SCAN_BACKWARDS, 1, take_rule, &rule);
	if (rc <= 0)
		return rc < 0 ? rc : SHR_ENOTFOUND;
	c->a.rule_id = rule.id;
	return find_share(c, t, &shr__share_def, rule.share_id);
}

static int find_orphan(struct shr__call *c, struct shr__txn *t)
{
	struct shr__orphan_row orphan = { .id = c->given_id };
	struct shr__share_row share = { 0 };
	int rc = shr__txn_get(t, &shr__orphan_def, &orphan);

	c->old_id = NULL;
	if (rc < 0)
		return rc;
	c->a.object_project = orphan.project;
	if (c->of_snapshot && strcmp(orphan.object, "snapshot") == 0)
		c->a.flow = c->of_snapshot;
	share.id = orphan.object_id;
	rc = shr__txn_get(t, &shr__share_def, &share);
	if (rc == SHR_ENOTFOUND)
		c->old_id = orphan.object_id;
	return rc < 0 && rc != SHR_ENOTFOUND ? rc : 0;
}

/* One whose operation was purged is as good as new. */
static int find_token(struct shr__call *c, struct shr__txn *t)
{
	struct shr__token_row row = { .project = c->a.project, .token = c->a.token };
	int rc = shr__txn_get(t, &shr__token_def, &row);

	if (rc == 0) {
		c->a.op.id = row.op_id;
		rc = shr__txn_get(t, &shr__op_def, &c->a.op);
	}
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	c->token_known = 1;
	c->token_same = row.digest.n == sizeof c->a.digest && memcmp(row.digest.p, c->a.digest, sizeof c->a.digest) == 0;
	return 0;
}

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__call *c = data;
	int rc = 0;

	c->gone = c->token_known = c->token_same = 0;
	if (c->given_id)
		rc = c->orphan ? find_orphan(c, t) : find_object(c, t);
	c->gone = rc == SHR_ENOTFOUND;
	if (rc < 0 && !c->gone)
		return rc;
	return c->a.token[0] ? find_token(c, t) : 0;
}

static int digest(struct shr__call *c)
{
	if (!c->a.token[0])
		return 0;
	if (c->fields.failed || shr__sha256(c->fields.p, c->fields.n, c->a.digest) < 0)
		return shr__fail_nomem(c->reterr);
	return 0;
}

/* The call that was made before may have taken the object away: it is the same call all the same. */
static int judge_token(struct shr__call *c)
{
	if (c->gone && !c->token_same)
		return shr__no_such(c->noun, c->given_id, c->reterr);
	if (c->gone)
		c->a.object_project = c->a.op.project;
	return 0;
}

static int refuse_faults(struct shr__call *c)
{
	if (!c->faults.n && !c->faults.nomem)
		return 0;
	return shr__faults_fail(&c->faults, c->reterr, SHR_EINVAL, "%u things are wrong with this call", c->faults.n);
}

static int look(struct shr__call *c)
{
	int rc = refuse_faults(c);

	if (rc == 0)
		rc = digest(c);
	if (rc == 0 && (c->given_id || c->a.token[0]))
		rc = shr__db_read(c->a.env->db, c->arena, look_body, c, c->reterr);
	if (rc == 0)
		rc = judge_token(c);
	if (rc == 0)
		rc = shr__authorise(c->session, c->a.flow->action, c->noun, c->a.object_project, c->given_id ? c->given_id : "",
			c->reterr);
	if (rc == 0 && c->token_known && !c->token_same)
		rc = shr__fail_field(c->reterr, SHR_ETOKEN, "token", "give each call a token of its own",
			"\"%s\" was used for a different call, operation %s", c->a.token, c->a.op.id);
	return rc;
}

void shr__call_look(struct shr__call *c)
{
	if (c->rc < 0 || c->looked)
		return;
	c->looked = 1;
	c->rc = look(c);
}

/* ---- accepting ---- */

/* The strings are the engines': they may be closed by another thread once the lock is let go. */
static int find_claimers(struct shr__call *c)
{
	struct shr_ctx *ctx = c->session->ctx;
	uint32_t n = 0;
	int rc = 0;

	pthread_mutex_lock(&ctx->lock);
	if (ctx->engine && c->a.flow->n_steps)
		n = shr__engines_claimers(ctx->engine, c->claimers, SHR__MOST_CLAIMERS);
	for (uint32_t i = 0; i < n; i++) {
		c->claimers[i].engine = shr__arena_strdup(c->arena, c->claimers[i].engine);
		c->claimers[i].name = shr__arena_strdup(c->arena, c->claimers[i].name);
		if (!c->claimers[i].engine || !c->claimers[i].name)
			rc = SHR_ENOMEM;
	}
	pthread_mutex_unlock(&ctx->lock);
	c->a.claimers = c->claimers;
	c->a.n_claimers = n;
	return rc < 0 ? shr__fail_nomem(c->reterr) : 0;
}

/* From before its commit until its hand-over a call is in the context's list: a force-delete that comes in between would
 * otherwise end an operation that no engine knows of yet, and the engine would begin it all the same. */
static void begin_handing(struct shr__call *c)
{
	struct shr_ctx *ctx = c->session->ctx;

	pthread_mutex_lock(&ctx->lock);
	c->next_handing = ctx->handing;
	ctx->handing = c;
	pthread_mutex_unlock(&ctx->lock);
}

/* Under the lock. */
static void end_handing(struct shr__call *c)
{
	struct shr__call **at = &c->session->ctx->handing;

	while (*at && *at != c)
		at = &(*at)->next_handing;
	if (*at)
		*at = c->next_handing;
}

/* Under the lock. Only operations of one object can meet. */
static void touch_others(struct shr__call *c)
{
	for (struct shr__call *o = c->session->ctx->handing; o; o = o->next_handing)
		if (o->a.object_id && strcmp(o->a.object_id, c->a.object_id) == 0)
			o->touched = 1;
}

static int fresh_ids(struct shr__call *c)
{
	unsigned n = c->a.flow->flags & SHR__FLOW_NEW ? 3 : 1;
	char (*ids)[SHR__UUID_ROOM] = shr__arena_alloc(c->arena, n * sizeof *ids);
	int rc = ids ? shr__world_ids(&c->a.env->world, n, ids, c->reterr) : shr__fail_nomem(c->reterr);

	if (rc < 0)
		return rc;
	c->a.op_id = ids[0];
	if (n > 1) {
		c->a.object_id = c->old_id ? c->old_id : ids[1];
		c->a.instance_id = ids[2];
	}
	return 0;
}

static int prepare(struct shr__call *c)
{
	int rc = find_claimers(c);

	if (rc == 0)
		rc = fresh_ids(c);
	c->a.now_ns = shr__world_wall(&c->a.env->world);
	return rc;
}

static int accept_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__call *c = data;
	int rc = shr__accept_body(t, &c->a, reterr);

	if (rc < 0 || !c->want_record)
		return rc;
	shr_op_unref(c->record);
	c->record = shr__op_record_of(&c->a.op);
	return c->record ? 0 : shr__fail_nomem(reterr);
}

static int settle(struct shr__txn *t, void *data)
{
	return shr__accept_settle(t, &((struct shr__call *)data)->a);
}

/* One commit, and one more for each time that the chosen pool has filled up. */
static int write(struct shr__call *c)
{
	struct shr__sched *sched = c->session->ctx->sched;
	struct shr__job job = { .body = accept_body, .data = c, .arena = c->arena, .settle = settle };

	for (int left = PLACE_TRIES;; left--) {
		int rc = 0;

		if (c->placed)
			rc = shr__sched_place(sched, c->a.env->db, shr__world_mono(&c->a.env->world), &c->want, &c->a.place, c->reterr);
		if (rc < 0)
			return rc;
		rc = shr__db_write(c->a.env->db, &job);
		if (rc >= 0)
			return 0;
		if (c->placed && c->a.pool_full && left > 1) {
			shr_error_unref(job.error);
			job.error = NULL;
			shr__sched_stale(sched);
			continue;
		}
		if (c->reterr)
			*c->reterr = job.error;
		else
			shr_error_unref(job.error);
		return rc;
	}
}

/* Does its accept change the rows of other operations? */
static int ends_others(const struct shr__flow *flow)
{
	return (flow->flags & SHR__FLOW_PREEMPTS) || flow == &shr__flow_share_reset_state ||
		flow == &shr__flow_snapshot_reset_state;
}

/* To the engine of this process that claimed it; else whoever may is told to look. */
static void hand_over(struct shr__call *c)
{
	struct shr_ctx *ctx = c->session->ctx;
	const struct shr_host *host = &c->a.env->world.host;
	struct shr__work *work = c->a.claimer >= 0 ? shr__accept_work(&c->a) : NULL;

	if (c->placed && !c->want.any_room)
		shr__sched_took(ctx->sched, c->a.place.backend, c->a.place.pool, (int64_t)c->want.bytes);
	pthread_mutex_lock(&ctx->lock);
	end_handing(c);
	if (ends_others(c->a.flow))
		touch_others(c);
	if (ctx->engine && ends_others(c->a.flow))
		shr__engines_touched(ctx->engine, c->a.object_id);
	if (ctx->engine && work)
		shr__engines_accepted(ctx->engine, c->a.op.engine, work, c->touched);
	else if (ctx->engine && c->a.op.live)
		shr__engines_wake(ctx->engine);
	if (ctx->engine && c->a.followed)
		shr__engines_wake(ctx->engine);
	if (!ctx->engine) /* it was closed meanwhile: who takes its backends over finds the operation */
		shr__work_free(work);
	pthread_mutex_unlock(&ctx->lock);
	if (c->a.op.live && c->a.claimer < 0 && host->wake)
		host->wake(host->data, c->a.op.id);
}

static int replay(struct shr__call *c)
{
	if (!c->want_record)
		return 0;
	c->record = shr__op_record_of(&c->a.op);
	return c->record ? 0 : shr__fail_nomem(c->reterr);
}

static int finish(struct shr__call *c)
{
	int rc = refuse_faults(c); /* what was found after the look */

	if (rc < 0)
		return rc;
	if (c->token_known)
		return replay(c);
	rc = prepare(c);
	if (rc < 0)
		return rc;
	begin_handing(c);
	rc = write(c);
	if (rc == 0 && !c->a.replayed) {
		hand_over(c);
		return 0;
	}
	pthread_mutex_lock(&c->session->ctx->lock);
	end_handing(c);
	pthread_mutex_unlock(&c->session->ctx->lock);
	return rc;
}

int shr__call_end(struct shr__call *c, const struct shr_op **ret_op)
{
	c->want_record = ret_op != NULL;
	shr__call_look(c);
	if (c->rc == 0)
		c->rc = finish(c);
	if (c->rc == 0 && ret_op)
		*ret_op = c->record;
	else
		shr_op_unref(c->record);
	shr__faults_clear(&c->faults);
	shr__buf_clear(&c->fields);
	shr__buf_clear(&c->a.args);
	shr__arena_free(c->arena);
	return c->rc;
}

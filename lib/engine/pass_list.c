/* lib/engine/pass_list.c - the end of a pass: what lies in the pools and what the server exports, and is nobody's */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "engine/engine_own.h"
#include "engine/pass.h"
#include "flow/drift.h"

#define THINGS 100u /* a page */

/* One page of a place. What is nobody's in it is asked for once more before it is recorded, and a plugin may take its time for
 * either answer: so it is kept. */
struct shr__listing {
	struct shr__arena *arena; /* of this as well */
	const struct shr__owned *o;
	const char *pool; /* NULL: the exports of the server */
	struct shr__told told, again;
	uint8_t unknown[THINGS];
	uint32_t n_unknown;
	int listed; /* `told` is whole */
	int ended; /* the place has been listed to its end */
	const void *token; /* of a call that is not answered yet */
	uint64_t token_len;
	int64_t since_ns, wall_ns, keep_ms;
};

void shr__listing_forget(struct shr__pass *pass)
{
	if (pass->listing)
		shr__arena_free(pass->listing->arena);
	pass->listing = NULL;
}

/* Backends may have one server: an export may be another one's, a thing in a pool may not. */
static int is_unknown(struct shr__txn *t, const struct shr__listing *l, const struct shr__told_found *f)
{
	struct shr__instance_row instance = { .id = f->instance_id };
	struct shr__orphan_row orphan = { .id = f->instance_id };
	int rc;

	if (!f->instance_id[0])
		return 1;
	rc = shr__txn_get(t, &shr__instance_def, &instance);
	if (rc == 0)
		return l->pool && strcmp(instance.backend, l->o->conf->name) != 0;
	if (rc != SHR_ENOTFOUND)
		return rc;
	rc = shr__txn_get(t, &shr__orphan_def, &orphan);
	return rc == SHR_ENOTFOUND ? 1 : rc;
}

static int compare_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__listing *l = data;
	int rc;

	l->n_unknown = 0;
	for (uint32_t i = 0; i < l->told.n_found; i++) {
		rc = is_unknown(t, l, &l->told.found[i]);
		if (rc < 0)
			return rc;
		l->unknown[i] = (uint8_t)rc;
		l->n_unknown += (uint32_t)rc;
	}
	return 0;
}

static int is_there_again(const struct shr__listing *l, const char *name)
{
	for (uint32_t i = 0; i < l->again.n_found; i++)
		if (strcmp(l->again.found[i].name, name) == 0)
			return 1;
	return 0;
}

/* "BACKEND/POOL/NAME"; of an export "BACKEND/export:NAME", for no pool has a name with a colon. */
static void name_item(const struct shr__listing *l, const char *name, char *item, size_t room)
{
	snprintf(item, room, "%.63s/%.63s%s%s", l->o->conf->name, l->pool ? l->pool : "export", l->pool ? "/" : ":", name);
}

static int record_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct shr__listing *l = data;
	char item[64 + 64 + 256 + 3];
	int rc = 0;

	for (uint32_t i = 0; i < l->told.n_found && rc >= 0; i++) {
		if (!l->unknown[i] || !is_there_again(l, l->told.found[i].name))
			continue;
		name_item(l, l->told.found[i].name, item, sizeof item);
		rc = shr__drift_foreign(t, l->o->conf->name, item, l->told.found[i].what, l->wall_ns);
	}
	if (rc < 0 || !l->ended)
		return rc < 0 ? rc : 0;
	name_item(l, "", item, sizeof item);
	return shr__drift_foreign_settle(t, item, l->since_ns, l->wall_ns, l->keep_ms);
}

static int call_list(struct shr__owned *o, struct shr__listing *l, struct shr__told *told)
{
	struct shr__callname name = { .op_id = "engine", .step = "list", .item_id = o->conf->name, .attempt = 1,
		.fence = (uint64_t)o->fence, .token = l->token, .token_len = l->token_len };
	struct shr__callargs args = { .pool = l->pool, .after = o->pass->after, .max = THINGS };
	int rc;

	shr__told_init(told, l->arena);
	rc = shr__backend_call(o->b, l->pool ? SHR__VERB_LIST : SHR__VERB_XLIST, &name, &args, told);
	l->token = rc == SHR_RUNNING ? told->token ? told->token : "" : NULL;
	l->token_len = l->token ? told->token_len : 0;
	if (rc == SHR_RUNNING)
		o->pass->again_ms = told->again_ms ? told->again_ms : 1;
	else if (rc < 0 && rc != SHR_EUNSUPPORTED)
		shr__pass_wrong(o->pass, l->pool ? l->pool : "the exports", told->message);
	return rc;
}

static struct shr__listing *new_listing(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__pass *pass = o->pass;
	struct shr__arena *arena = shr__arena_new();
	struct shr__listing *l = arena ? shr__arena_alloc(arena, sizeof *l) : NULL;

	if (!l) {
		shr__arena_free(arena);
		return NULL;
	}
	l->arena = arena;
	l->o = o;
	l->pool = pass->n_pool < o->conf->n_pools ? o->conf->pools[pass->n_pool].name : NULL;
	l->since_ns = pass->since_ns;
	l->keep_ms = e->env->config->keep_events_ms;
	return l;
}

/* The page as it is now, and what is nobody's in it. */
static int begin_listing(struct shr_engine *e, struct shr__owned *o, struct shr__listing *l)
{
	int rc = call_list(o, l, &l->told);

	if (rc == 0)
		rc = shr__db_read(e->env->db, l->arena, compare_body, l, NULL);
	if (rc)
		return rc;
	l->listed = 1;
	l->ended = l->told.n_found < THINGS;
	return 0;
}

/* A share that went meanwhile was listed, and has no row any more: what is nobody's is there also in a second list. */
static int end_listing(struct shr_engine *e, struct shr__owned *o, struct shr__listing *l)
{
	struct shr__job job = { .body = record_body, .data = l, .arena = l->arena };
	int rc = l->n_unknown ? call_list(o, l, &l->again) : 0;

	if (rc)
		return rc;
	l->wall_ns = shr__world_wall(&e->env->world);
	if (l->n_unknown || l->ended)
		rc = shr__db_write(e->env->db, &job);
	shr_error_unref(job.error);
	if (rc == 0 && !l->ended)
		snprintf(o->pass->after, sizeof o->pass->after, "%s", l->told.found[l->told.n_found - 1].name);
	return rc;
}

/* SHR_RUNNING: after pass->again_ms. Another code: it cannot be listed now. 0: the page is done; *RET_ENDED: the place is. */
static int list_page(struct shr_engine *e, struct shr__owned *o, int *ret_ended)
{
	struct shr__listing *l = o->pass->listing ? o->pass->listing : new_listing(e, o);
	int rc;

	o->pass->listing = l;
	if (!l)
		return SHR_ENOMEM;
	rc = l->listed ? 0 : begin_listing(e, o, l);
	if (rc == 0)
		rc = end_listing(e, o, l);
	*ret_ended = l->ended;
	if (rc != SHR_RUNNING)
		shr__listing_forget(o->pass);
	return rc;
}

static int has_list(const struct shr__owned *o, uint32_t n_pool)
{
	return n_pool < o->conf->n_pools ? shr__backend_driver(o->b)->list != NULL : shr__backend_lists_exports(o->b);
}

int64_t shr__pass_list(struct shr_engine *e, struct shr__owned *o)
{
	struct shr__pass *pass = o->pass;
	int rc, ended = 0;

	while (pass->n_pool <= o->conf->n_pools && !has_list(o, pass->n_pool))
		pass->n_pool++;
	if (pass->n_pool > o->conf->n_pools)
		return 0;
	if (!pass->after[0] && !pass->listing)
		pass->since_ns = shr__world_wall(&e->env->world);
	rc = list_page(e, o, &ended);
	if (rc == SHR_RUNNING)
		return (int64_t)pass->again_ms * 1000000;
	if (rc < 0 && rc != SHR_EUNSUPPORTED)
		shr__pass_wrong(pass, "a list", shr_strcode(rc)); /* unless the plugin has said more */
	if (rc || ended) { /* to its end, or it cannot be listed now: the next pass does it again */
		pass->n_pool++;
		pass->after[0] = '\0';
	}
	return shr__pass_rest_ns(pass);
}

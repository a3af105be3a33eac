/* lib/api/facts_get.c - one share or snapshot, for those who may see it */
#include "api/actions.h"
#include "api/share_facts.h"
#include "base/fail.h"

struct getting {
	const struct shr__facts_kind *kind;
	struct shr__share_facts facts;
};

static int read_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct getting *g = data;
	struct shr__share_facts *f = &g->facts;
	const char *id = f->share.id;
	int rc = g->kind->find(t, id, &f->share, reterr);

	if (!rc)
		rc = shr__share_facts_read(t, f, reterr);
	if (rc) /* the body may run again, with the id */
		f->share.id = id;
	return rc;
}

static int get(struct shr_session *s, const struct shr__facts_kind *kind, const char *id, struct shr__arena *arena,
	const void **ret, const struct shr_error **reterr)
{
	struct getting g = { .kind = kind, .facts.share.id = id };
	int admin, rc = shr__db_read(s->ctx->env.db, arena, read_body, &g, reterr);

	if (!rc)
		rc = shr__authorise(s, kind->action, kind->noun, g.facts.share.project, id, reterr);
	if (rc)
		return rc;
	admin = g.facts.admin_exports && !shr__allowed(s, SHR__ACTION_EXPORT_ADMIN, g.facts.share.project, id);
	*ret = kind->make(&g.facts, admin);
	return *ret ? 0 : shr__fail_nomem(reterr);
}

const void *shr__facts_get(struct shr_session *session, const struct shr__facts_kind *kind, const char *id, const void *ret,
	int *ret_rc, const struct shr_error **reterr)
{
	const void *record = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret, kind->ret, reterr);
	if (!rc)
		rc = shr__id_check(id, kind->field, reterr);
	if (!rc) {
		arena = shr__arena_new();
		rc = arena ? get(session, kind, id, arena, &record, reterr) : shr__fail_nomem(reterr);
		shr__arena_free(arena);
	}
	*ret_rc = rc;
	return rc ? NULL : record;
}

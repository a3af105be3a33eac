/* lib/api/access_reseal.c - seal every secret anew with the host's newest key, in bites */
#include <string.h>

#include "api/list.h"
#include "base/crypto.h"
#include "base/fail.h"
#include "base/mem.h"
#include "flow/secret.h"

/* One secret: as it was read, and sealed anew. */
struct resealed {
	struct shr__rule_key_row was, now;
};
struct bite {
	struct shr_session *session;
	struct shr__walk *walk;
	const char *newest; /* the name of the host's newest key */
	struct resealed *done;
	uint32_t n_done;
	struct shr__faults faults; /* those that do not open */
};

static int same_blob(const struct shr__blob *a, const struct shr__blob *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

static int write_one(struct shr__txn *t, const struct resealed *r)
{
	struct shr__rule_key_row row = { .rule_id = r->was.rule_id };
	int rc = shr__txn_get(t, &shr__rule_key_def, &row);

	if (rc)
		return rc == SHR_ENOTFOUND ? 0 : rc; /* denied meanwhile */
	if (strcmp(row.key_id, r->was.key_id) != 0 || !same_blob(&row.sealed, &r->was.sealed))
		return 0; /* sealed anew meanwhile */
	row.key_id = r->now.key_id;
	row.sealed = r->now.sealed;
	return shr__txn_update(t, &shr__rule_key_def, &row, SHR__COL(rule_key, key_id) | SHR__COL(rule_key, sealed));
}

static int write_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	const struct bite *b = data;
	int rc = 0;

	for (uint32_t i = 0; !rc && i < b->n_done; i++)
		rc = write_one(t, &b->done[i]);
	return rc;
}

/* The text of one secret; a failure that is of this one alone becomes a fault, and 1 is returned. */
static int open_one(struct bite *b, const struct shr__rule_key_row *row, char **ret_text, const struct shr_error **reterr)
{
	const struct shr_error *error = NULL;
	int rc = shr__secret_open(&b->session->ctx->env.world, row->rule_id, row->key_id, row->sealed, ret_text, &error);

	if (rc == SHR_EKEY || rc == SHR_ECORRUPT) {
		shr__faults_add_object(&b->faults, rc, "", "rule", row->rule_id, error->remedy, "%s", error->message);
		shr_error_unref(error);
		return 1;
	}
	if (reterr)
		*reterr = error;
	else
		shr_error_unref(error);
	return rc;
}

static int reseal_one(struct bite *b, const struct shr__rule_key_row *row, const struct shr_error **reterr)
{
	struct resealed *r = &b->done[b->n_done];
	char *text = NULL;
	int rc;

	if (!strcmp(row->key_id, b->newest))
		return 0;
	rc = open_one(b, row, &text, reterr);
	if (rc)
		return rc < 0 ? rc : 0;
	r->was = r->now = *row;
	rc = shr__secret_seal(&b->session->ctx->env.world, b->walk->arena, row->rule_id, text, &r->now.key_id, &r->now.sealed, reterr);
	shr__wipe(text, strlen(text));
	shr__free(text);
	if (!rc)
		b->n_done++;
	return rc;
}

static int reseal_bite(struct bite *b, const struct shr_error **reterr)
{
	struct shr__job job = { .body = write_body, .data = b, .arena = b->walk->arena };
	int rc = 0;

	b->done = shr__arena_alloc(b->walk->arena, (b->walk->n + 1) * sizeof *b->done);
	if (!b->done)
		return shr__fail_nomem(reterr);
	for (uint32_t i = 0; !rc && i < b->walk->n; i++)
		rc = reseal_one(b, b->walk->items[i], reterr);
	if (rc || !b->n_done)
		return rc;
	rc = shr__db_write(b->session->ctx->env.db, &job);
	if (reterr)
		*reterr = job.error;
	else
		shr_error_unref(job.error);
	return rc;
}

static int reseal(struct bite *b, char **ret_after, const struct shr_error **reterr)
{
	const char *after;
	struct shr__blob nothing;
	/* What the newest key is called shows when something is sealed with it. */
	int rc = shr__secret_seal(&b->session->ctx->env.world, b->walk->arena, "", "", &b->newest, &nothing, reterr);

	if (!rc)
		rc = shr__walk_read(b->walk, reterr);
	if (!rc)
		rc = reseal_bite(b, reterr);
	if (rc)
		return rc;
	after = shr__walk_after(b->walk);
	*ret_after = after ? shr__strdup(after) : NULL;
	if (!*ret_after)
		return shr__fail_nomem(reterr);
	if (b->faults.n || b->faults.nomem)
		return shr__faults_fail(&b->faults, reterr, SHR_EKEY, "%u secrets could not be sealed anew; the others were", b->faults.n);
	return b->walk->more ? SHR_RUNNING : 0;
}

int shr_access_reseal(struct shr_session *session, const char *after, uint32_t limit, char **ret_after,
	const struct shr_error **reterr)
{
	struct shr__list list = { .limit = limit && limit < 1000 ? limit : 1000, .after = after && after[0] ? after : NULL };
	struct shr__rule_key_row from = { 0 };
	struct shr__walk w = { 0 };
	struct bite b = { .session = session, .walk = &w };
	char *next = NULL;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_after, "ret_after", reterr);
	if (!rc)
		rc = shr__need_system(session, "sealing secrets anew", reterr);
	if (!rc)
		rc = shr__walk_open(&w, session, &shr__rule_key_def, SHR__I_rule_key_pk, &from, 0, 0, &list, reterr);
	if (!rc)
		rc = reseal(&b, &next, reterr);
	shr__walk_close(&w);
	shr__faults_clear(&b.faults);
	if (next)
		*ret_after = next; /* also with SHR_EKEY, so that one lost key does not keep the rest from going on */
	return rc;
}

/* lib/api/access_key.c - show the secret that goes with a rule */
#include "api/access_key.h"

#include <string.h>

#include "api/actions.h"
#include "api/list.h"
#include "api/rule_facts.h"
#include "base/crypto.h"
#include "base/fail.h"
#include "base/mem.h"

#define OVERHEAD 28u /* of a sealed text: nonce and tag */

void shr__sealing_wipe(struct shr__sealing *s)
{
	shr__wipe(s, sizeof *s);
}

int shr__sealing_get(const struct shr__world *world, const char *id, struct shr__sealing *ret, const struct shr_error **reterr)
{
	const char *remedy = "let the host's seal_key() give the key";

	memset(ret, 0, sizeof *ret);
	if (!world->host.seal_key)
		return shr__fail_do(reterr, SHR_EKEY, remedy, "the host gives no keys for sealed secrets");
	if (world->host.seal_key(world->host.data, id, ret->key, ret->id)) {
		shr__sealing_wipe(ret);
		return shr__fail_do(reterr, SHR_EKEY, remedy, "the host does not give the %s%s", id[0] ? "sealing key " : "newest sealing key",
			id);
	}
	ret->id[sizeof ret->id - 1] = 0;
	if (!ret->id[0]) { /* what it seals could not be opened after the next rotation */
		shr__sealing_wipe(ret);
		return shr__fail_do(reterr, SHR_EKEY, "let the host's seal_key() name its keys", "the host's key has no name");
	}
	return 0;
}

int shr__key_open(const struct shr__sealing *s, const struct shr__rule_key_row *row, char **ret, const struct shr_error **reterr)
{
	size_t n = row->sealed.n;
	char *text;

	if (n < OVERHEAD)
		return shr__fail_do(reterr, SHR_ECORRUPT, "deny the rule and allow it again", "the secret of rule %s is damaged", row->rule_id);
	text = shr__alloc(n - OVERHEAD + 1);
	if (!text)
		return shr__fail_nomem(reterr);
	if (shr__unseal(s->key, row->rule_id, strlen(row->rule_id), row->sealed.p, n, text)) {
		shr__free(text);
		return shr__fail_do(reterr, SHR_EKEY, "give the key that the secret was sealed with, or deny the rule and allow it again",
			"the secret of rule %s does not open with the key \"%s\"", row->rule_id, row->key_id);
	}
	*ret = text;
	return 0;
}

int shr__key_seal(const struct shr__world *world, const struct shr__sealing *s, const char *rule_id, const char *text,
	struct shr__arena *arena, struct shr__blob *ret, const struct shr_error **reterr)
{
	size_t n = strlen(text);
	uint8_t nonce[12], *sealed = shr__arena_alloc(arena, n + OVERHEAD);
	int rc;

	if (!sealed)
		return shr__fail_nomem(reterr);
	rc = shr__world_random(world, nonce, sizeof nonce, reterr);
	if (rc)
		return rc;
	if (shr__seal(s->key, nonce, rule_id, strlen(rule_id), text, n, sealed))
		return shr__fail(reterr, SHR_EINTERNAL, "the secret of rule %s cannot be sealed", rule_id);
	ret->p = sealed;
	ret->n = n + OVERHEAD;
	return 0;
}

struct look {
	const char *share_id, *rule_id;
	struct shr__rules_view view;
	struct shr__rule_facts rule;
	struct shr__rule_key_row key;
	int shown;
};

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *l = data;
	int rc = shr__rules_view_read(t, l->share_id, &l->view, reterr);

	if (!rc)
		rc = shr__rule_newest(t, l->share_id, l->rule_id, &l->rule.rule);
	if (rc > 0)
		rc = shr__rule_facts_read(t, &l->view, &l->rule, reterr);
	if (rc < 0)
		return rc;
	l->shown = rc;
	if (!l->shown || !l->rule.has_key)
		return 0;
	l->key.rule_id = l->rule_id;
	return shr__txn_get(t, &shr__rule_key_def, &l->key);
}

static int show(struct shr_session *s, struct look *l, struct shr__arena *arena, char **ret_key, const struct shr_error **reterr)
{
	struct shr__sealing sealing;
	int rc = shr__db_read(s->ctx->env.db, arena, look_body, l, reterr);

	if (!rc)
		rc = shr__authorise(s, SHR__ACTION_ACCESS_KEY_SHOW, "share", l->view.share.project, l->share_id, reterr);
	if (rc)
		return rc;
	if (!l->shown)
		return shr__no_such("rule", l->rule_id, reterr);
	if (!l->rule.has_key)
		return shr__fail(reterr, SHR_ENOTFOUND, "rule %s has no secret", l->rule_id);
	rc = shr__sealing_get(&s->ctx->env.world, l->key.key_id, &sealing, reterr);
	if (!rc)
		rc = shr__key_open(&sealing, &l->key, ret_key, reterr);
	shr__sealing_wipe(&sealing);
	return rc;
}

int shr_access_key(struct shr_session *session, const char *share_id, const char *rule_id, char **ret_key,
	const struct shr_error **reterr)
{
	struct look l = { .share_id = share_id, .rule_id = rule_id };
	char *key = NULL;
	struct shr__arena *arena;
	int rc = shr__session_enter(session, reterr);

	if (!rc)
		rc = shr__need_ret(ret_key, "ret_key", reterr);
	if (!rc)
		rc = shr__id_check(share_id, "share_id", reterr);
	if (!rc)
		rc = shr__id_check(rule_id, "rule_id", reterr);
	if (rc)
		return rc;
	arena = shr__arena_new();
	rc = arena ? show(session, &l, arena, &key, reterr) : shr__fail_nomem(reterr);
	shr__arena_free(arena);
	if (!rc)
		*ret_key = key;
	return rc;
}

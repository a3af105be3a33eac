/* lib/flow/secret.c - secrets of rules, sealed before they meet the store */
#include "flow/secret.h"

#include <string.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/fail.h"
#include "base/mem.h"

static int get_key(const struct shr__world *world, const char *want, uint8_t key[32], char id[64],
	const struct shr_error **reterr)
{
	memset(id, 0, 64);
	if (!world->host.seal_key)
		return shr__fail_do(reterr, SHR_EKEY, "give the context a seal_key", "there is no key to seal access keys with");
	if (world->host.seal_key(world->host.data, want, key, id) < 0 || memchr(id, 0, 64) == NULL) {
		shr__wipe(key, 32);
		return shr__fail_do(reterr, SHR_EKEY, "give the context a seal_key that has it", "the host has no sealing key%s%s",
			want[0] ? " named " : "", want);
	}
	return 0;
}

int shr__secret_seal(const struct shr__world *world, struct shr__arena *arena, const char *rule_id, const char *text,
	const char **ret_key_id, struct shr__blob *ret, const struct shr_error **reterr)
{
	uint8_t key[32], nonce[12], *sealed;
	char id[64];
	size_t n = strlen(text);
	int rc = get_key(world, "", key, id, reterr);

	if (rc < 0)
		return rc;
	sealed = shr__arena_alloc(arena, n + 28);
	*ret_key_id = shr__arena_strdup(arena, id);
	if (!sealed || !*ret_key_id)
		rc = shr__fail_nomem(reterr);
	else if ((rc = shr__world_random(world, nonce, sizeof nonce, reterr)) == 0 &&
		shr__seal(key, nonce, rule_id, strlen(rule_id), text, n, sealed) < 0)
		rc = shr__fail(reterr, SHR_EINTERNAL, "sealing failed");
	shr__wipe(key, sizeof key);
	ret->p = sealed;
	ret->n = n + 28;
	return rc;
}

int shr__secret_open(const struct shr__world *world, const char *rule_id, const char *key_id, struct shr__blob sealed,
	char **ret, const struct shr_error **reterr)
{
	uint8_t key[32];
	char id[64], *text;
	int rc;

	if (sealed.n < 28)
		return shr__fail(reterr, SHR_ECORRUPT, "the sealed key of rule %s is damaged", rule_id);
	rc = get_key(world, key_id, key, id, reterr);
	if (rc < 0)
		return rc;
	text = shr__alloc(sealed.n - 28 + 1);
	if (!text)
		rc = shr__fail_nomem(reterr);
	else if (shr__unseal(key, rule_id, strlen(rule_id), sealed.p, sealed.n, text) < 0)
		rc = shr__fail_do(reterr, SHR_EKEY, "give the context the key that it was sealed with",
			"the key of rule %s does not open with sealing key %s", rule_id, key_id);
	shr__wipe(key, sizeof key);
	if (rc < 0) {
		shr__free(text);
		return rc;
	}
	*ret = text;
	return 0;
}

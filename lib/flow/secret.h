/* lib/flow/secret.h - secrets of rules, sealed before they meet the store */
#ifndef SHR_FLOW_SECRET_H
#define SHR_FLOW_SECRET_H

#include "base/world.h"
#include "model/rows.h"

struct shr__arena;

/* Seal TEXT with the host's newest key, bound to RULE_ID, into ARENA. SHR_EKEY: the host has no key. */
int shr__secret_seal(const struct shr__world *world, struct shr__arena *arena, const char *rule_id, const char *text,
	const char **ret_key_id, struct shr__blob *ret, const struct shr_error **reterr);
/* The text again; *ret is shr__free()d by the caller after shr__wipe(). SHR_EKEY: no such key, or it does not fit. */
int shr__secret_open(const struct shr__world *world, const char *rule_id, const char *key_id, struct shr__blob sealed,
	char **ret, const struct shr_error **reterr);

#endif

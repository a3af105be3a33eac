/* lib/api/access_key.h - secrets as they lie in the store: sealed with a key of the host's */
#ifndef SHR_API_ACCESS_KEY_H
#define SHR_API_ACCESS_KEY_H

#include "api/ctx.h"

#define SHR__KEY_ID_ROOM 64

/* A key of the host's, and the name it was asked for; wiped by shr__sealing_wipe(). */
struct shr__sealing {
	uint8_t key[32];
	char id[SHR__KEY_ID_ROOM];
};
/* The key named ID ("": the newest). SHR_EKEY with words. Outside any transaction. */
int shr__sealing_get(const struct shr__world *world, const char *id, struct shr__sealing *ret, const struct shr_error **reterr);
void shr__sealing_wipe(struct shr__sealing *s);

/* What ROW holds, as text that is the caller's to wipe and free; SHR_EKEY with words. */
int shr__key_open(const struct shr__sealing *s, const struct shr__rule_key_row *row, char **ret, const struct shr_error **reterr);
/* TEXT sealed for RULE_ID; the blob lies in ARENA. */
int shr__key_seal(const struct shr__world *world, const struct shr__sealing *s, const char *rule_id, const char *text,
	struct shr__arena *arena, struct shr__blob *ret, const struct shr_error **reterr);

#endif

/* lib/api/who.h - whom rules are about: the types, the protocols that have them, and names in their normal form */
#ifndef SHR_API_WHO_H
#define SHR_API_WHO_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The protocols that have rules of TYPE; 0: there is no such type. */
uint64_t shr__who_protocols(uint32_t type);
/* "ip, cert": the types of rules that PROTOCOLS have, in BUF, which is returned. */
const char *shr__who_types(uint64_t protocols, char *buf, size_t room);

struct shr__who_wrong {
	char words[160];
	char remedy[112];
};
/* WHO, of a TYPE that there is, in its normal form: *ret is WHO itself, or lies in ARENA. 0; 1: it is none, and WRONG says why;
 * SHR_ENOMEM. */
int shr__who_check(uint32_t type, const char *who, struct shr__arena *arena, const char **ret, struct shr__who_wrong *wrong);

#endif

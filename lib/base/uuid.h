/* lib/base/uuid.h - UUIDv7: time-ordered ids from the host's clock and random */
#ifndef SHR_BASE_UUID_H
#define SHR_BASE_UUID_H

#include <stdint.h>

#define SHR__UUID_ROOM 37

/* RFC 9562 version 7 from milliseconds and ten random bytes; lower case. */
void shr__uuid7(int64_t wall_ns, const uint8_t random[10], char ret[SHR__UUID_ROOM]);
int shr__uuid_ok(const char *s); /* 1: the canonical form, any version, lower case */

#endif

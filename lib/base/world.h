/* lib/base/world.h - the world as the host gives it, with the defaults filled in */
#ifndef SHR_BASE_WORLD_H
#define SHR_BASE_WORLD_H

#include "base/uuid.h"
#include "libshare/context.h"

struct shr__id_bytes;

struct shr__world {
	struct shr_host host; /* every member but `authorise`, `wake` and `seal_key` is there */
	struct shr__id_bytes *ids; /* random bytes that were fetched and not yet given to an id */
};

/* HOST may be NULL. SHR_EABI, SHR_EINVAL: its size. */
int shr__world_init(struct shr__world *w, const struct shr_host *host, const struct shr_error **reterr);
void shr__world_done(struct shr__world *w); /* one that was zeroed is fine */
int64_t shr__world_wall(const struct shr__world *w);
int64_t shr__world_mono(const struct shr__world *w);
/* Straight from the host: for keys and nonces. */
int shr__world_random(const struct shr__world *w, void *buf, size_t n, const struct shr_error **reterr);
/* N new UUIDv7s, at most 4, with one look at the clock and the host's random. */
int shr__world_ids(const struct shr__world *w, unsigned n, char (*ret)[SHR__UUID_ROOM], const struct shr_error **reterr);
/* A new UUIDv7. */
int shr__world_id(const struct shr__world *w, char ret[SHR__UUID_ROOM], const struct shr_error **reterr);
void shr__world_log(const struct shr__world *w, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

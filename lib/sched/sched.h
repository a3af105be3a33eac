/* lib/sched/sched.h - where a share goes: pools in columns, filters, a weigher, and the reason why not */
#ifndef SHR_SCHED_SCHED_H
#define SHR_SCHED_SCHED_H

#include "store/db.h"

/* A picture of the store's pools, good enough to choose by: the accepting transaction's guarded add has the last word. Any
 * thread; no lock is held while the store is read. */
struct shr__sched;

struct shr__sched *shr__sched_new(void); /* NULL: no memory */
void shr__sched_free(struct shr__sched *s);

struct shr__place_want {
	uint64_t bytes;
	uint64_t protocols;    /* all of them */
	uint64_t capabilities; /* all of them */
	const char *zone;      /* NULL or "": any; the same below */
	const char *backend;
	const char *pool;
	int any_room;          /* manage: the space is taken already */
};
struct shr__placement {
	char backend[64];
	char pool[64];
	char zone[64];
	int64_t limit; /* of the pool's account */
	uint64_t capabilities;
	char number_server[256]; /* shares there need an export number, of this server; "": they need none */
};

/* The best pool: every filter holds (names, zone, protocols, capabilities, up, room), and of those one whose backend an
 * engine has before others, then the one with the most free share of its limit; ties by name. SHR_EINVAL (a backend or pool
 * that does not exist); else the code of the filter that the best pools stopped at: SHR_EUNSUPPORTED, SHR_EUNREACHABLE (only
 * pools that are down would do), SHR_ENOSPC. With one fault a pool that says which filter refused it and with what numbers (the
 * first 50; not those that the names leave out). Reads the pools again from DB when the picture may be old (MONO_NS: now), and
 * always before it refuses. */
int shr__sched_place(struct shr__sched *s, struct shr__db *db, int64_t mono_ns, const struct shr__place_want *want,
	struct shr__placement *ret, const struct shr_error **reterr);
/* BYTES (may be negative) were taken there by this process. */
void shr__sched_took(struct shr__sched *s, const char *backend, const char *pool, int64_t bytes);
/* The picture is old: an engine wrote pools, or an add was refused. */
void shr__sched_stale(struct shr__sched *s);

#endif

/* backends/null/null.h - what the files of the null driver share */
#ifndef NULL_NULL_H
#define NULL_NULL_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include "libshare/driver.h"

/* ---- map.c: from an id to the thing that begins with it ---- */

struct null_id { /* a UUID's 16 bytes */
	uint64_t hi, lo;
};
struct null_map { /* zero it to begin; open addressing, no tombstones */
	struct null_id **slots;
	uint32_t n, room; /* room: 0 or a power of two */
};
int null_id_parse(const char *text, struct null_id *ret); /* 0 or -1 */
void null_id_text(const struct null_id *id, char ret[37]);
void *null_map_find(const struct null_map *map, const struct null_id *id);
int null_map_put(struct null_map *map, struct null_id *entry); /* it is not there yet; -1: no memory */
void *null_map_take(struct null_map *map, const struct null_id *id); /* out of the map; NULL: it was not there */
void null_map_clear(struct null_map *map, void (*destroy)(void *entry));

/* ---- what there is ---- */

struct null_rule {
	struct null_id id; /* first */
	uint32_t type, level;
};
#define NULL_SNAPSHOT 1u /* it is one, of the object OF */
#define NULL_CLONED 2u   /* a share that was made from one */
#define NULL_COPYLESS 4u /* ... and only shows it */
struct null_object { /* an instance, of a share or of a snapshot */
	struct null_id id; /* first */
	struct null_id of; /* NULL_SNAPSHOT */
	uint64_t bytes;
	uint64_t protocols;
	uint64_t revision; /* of the rules, as the last diff told it */
	uint64_t content;  /* a number for what is in it: equal numbers, equal files */
	uint64_t cut;      /* NULL_SNAPSHOT: nanoseconds since 1970 */
	struct null_map rules;
	char *source; /* NULL: it was created, not managed */
	uint32_t pool;
	uint32_t flags;
	uint32_t n_snapshots; /* that are there */
	uint32_t reserved0;
};
uint64_t null_cost(const struct null_object *o); /* what it takes of its pool */
struct null_pool {
	const char *name; /* the host's, until close */
	uint64_t size;    /* what it tells as its total */
	uint64_t used;    /* the sum of its objects' costs */
	uint64_t caps;    /* what it tells */
	uint32_t hard;    /* 1: nothing fits beyond `size` */
	uint32_t reserved0;
};

#define NULL_OPEN 0u
#define NULL_STATS 1u
#define NULL_CREATE 2u
#define NULL_REMOVE 3u
#define NULL_RESIZE 4u
#define NULL_ACCESS 5u
#define NULL_MANAGE 6u
#define NULL_UNMANAGE 7u
#define NULL_USAGE 8u
#define NULL_LOOK 9u
#define NULL_LIST 10u
#define NULL_SNAP_CREATE 11u
#define NULL_SNAP_REMOVE 12u
#define NULL_REVERT 13u
#define NULL_CLONE 14u
#define NULL_SNAP_MANAGE 15u
#define NULL_SNAP_UNMANAGE 16u
#define NULL_SNAP_LOOK 17u
#define NULL_VERBS 18u

struct null_fault;
struct null_be {
	const struct shr_driver_host *host;
	pthread_mutex_t lock; /* of objects, the pools' `used` and the journal */
	struct null_map objects;
	struct null_pool *pools;
	struct null_fault *faults;
	const char *paths;   /* setting: what every path begins with */
	const char *release; /* setting; NULL: only a cancel ends a hang */
	uint64_t pretend;    /* setting `used` */
	const char *behind;  /* setting; NULL: nobody changes anything behind the library's back */
	uint64_t behind_at;  /* how much of it was read, under the lock */
	uint64_t calls[NULL_VERBS]; /* counted atomically, and only when there are faults */
	uint32_t n_pools, n_faults;
	int journal;         /* a descriptor; -1: the state is in memory only */
	int reserved0;
};
void null_object_free(void *object);

/* ---- parse.c: values of settings ---- */

int null_parse_number(const char *s, uint64_t *ret);   /* "12"; 0 or -1 */
int null_parse_bytes(const char *s, uint64_t *ret);    /* "10GiB" */
int null_parse_ms(const char *s, uint32_t *ret);       /* "200ms", "2s" */

/* ---- faults.c: what goes wrong by order ---- */

struct null_plan { /* of one call */
	uint64_t nth;   /* which call of its verb it is */
	uint32_t verb;
	uint32_t after; /* bits of faults.c */
};
int null_faults_read(struct null_be *be, const struct shr_call *call); /* the settings; 0 or a code */
/* Before the call's work: 0: do it; else this is the answer. */
int null_begin(struct null_be *be, const struct shr_call *call, uint32_t verb, struct null_plan *ret_plan);
/* After it: CODE, or what shall be answered in its place. */
int null_end(struct null_be *be, const struct shr_call *call, const struct null_plan *plan, int code);
int null_garbage(const struct null_plan *plan); /* 1: tell nonsense */
int null_rejects(const struct null_be *be, const struct null_plan *plan, const char *who);

/* ---- journal.c, replay.c: a state that survives the process; all under the lock ---- */

int null_journal_open(struct null_be *be, const struct shr_call *call, const char *path);
/* Lines of one change, written together: all of them or none. -1: errno says why. */
int null_journal_add(struct null_be *be, const char *lines, size_t n);
int null_journal_line(struct null_be *be, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Make the objects from what a journal says. *RET_GOOD: how many of its N bytes are whole lines. 0; -1: no memory; or the
 * number of the line that makes no sense. */
long null_replay(struct null_be *be, char *text, size_t n, size_t *ret_good);

/* Do what is new in the file of the setting `behind`. 0 or a code. */
int null_behind(struct null_be *be, const struct shr_call *call);

/* ---- look.c ---- */

int null_look_as(void *be, const struct shr_call *call, uint32_t verb, const struct shr_instance *instance,
	struct shr_rules *all);
int null_look(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all);
int null_list(void *be, const struct shr_call *call, const char *pool, const char *after, uint32_t max);
extern const struct shr_driver_data null_data;

/* ---- rules.c ---- */

int null_update_access(void *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct shr_access_diff *diff, struct shr_rules *all);

/* ---- verbs.c, sizes.c, manage.c ---- */

#define NULL_CAPS (SHR_CAP_EXTEND | SHR_CAP_SHRINK | SHR_CAP_MANAGE | SHR_CAP_SIZE_ENFORCED | SHR_CAP_THIN | \
	SHR_CAP_SNAPSHOT | SHR_CAP_SNAPSHOT_CLONE | SHR_CAP_SNAPSHOT_REVERT | SHR_CAP_SNAPSHOT_MOUNT | \
	SHR_CAP_CLONE_REFLINK | SHR_CAP_CLONE_INDEPENDENT | SHR_CAP_SIZE_COVERS_SNAPSHOTS | SHR_CAP_DATA | \
	SHR_CAP_ACCESS_IP | SHR_CAP_ACCESS_USER | SHR_CAP_ACCESS_CERT | SHR_CAP_ACCESS_CEPHX | SHR_CAP_IPV6)
int null_stats(void *be, const struct shr_call *call);
int null_create(void *be, const struct shr_call *call, const struct shr_instance *instance);
int null_remove(void *be, const struct shr_call *call, const struct shr_instance *instance);
int null_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes);
int null_manage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int null_unmanage(void *be, const struct shr_call *call, const struct shr_instance *instance);
int null_usage(void *be, const struct shr_call *call, const struct shr_instance *instance);
/* Make the object if it is not there, LIKE in its flags, its snapshot's share, its content and its cut (NULL: a share, with
 * nothing in it). Under the lock; 0 or a code without words, for null_explain(). */
int null_make(struct null_be *be, const struct null_id *id, const struct shr_instance *instance, uint64_t bytes,
	const char *source, const struct null_object *like);
/* The same where a line of the journal says it: into the map, and counted. -1: no memory. */
int null_insert(struct null_be *be, struct null_object *o);
/* Out of the map, with its snapshots, and freed. */
void null_drop(struct null_be *be, struct null_object *o);
int null_explain(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	uint64_t bytes, int code);
int null_fits(const struct null_pool *pool, uint64_t more); /* under the lock */
/* The path for an exporter. */
void null_tell_path(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance);
/* What a share has: its ref, its exports, its path. */
void null_tell(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance,
	const struct null_plan *plan);
int null_bad_id(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance);
int null_take(struct null_be *be, const struct shr_call *call, const struct shr_instance *instance, const char *word);
/* Fail because INSTANCE is not there, or its id is no UUID. */
int null_absent(const struct null_be *be, const struct shr_call *call, const struct shr_instance *instance);
/* Under the lock: who has SOURCE already, but for ID. */
const struct null_object *null_holder(const struct null_be *be, const char *source, const struct null_id *id);

/* ---- snaps.c ---- */

extern const struct shr_driver_snapshot null_snapshot;

#endif

/* libshare/driver.h - what a driver is: one const table, and no link against libshare; shr_driver(3) */
#ifndef LIBSHARE_DRIVER_H
#define LIBSHARE_DRIVER_H

#include <stdarg.h>
#include <stdio.h>

#include "access.h"
#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_DRIVER_ABI UINT32_C(1)

/* How many calls at once; zero is the safest. */
#define SHR_THREADS_SERIAL UINT32_C(0)   /* one in the whole process */
#define SHR_THREADS_BACKEND UINT32_C(1)  /* one for each backend */
#define SHR_THREADS_PARALLEL UINT32_C(2) /* any number; never two on one instance */

/* What keeps a stale engine from acting; zero is the weakest. */
#define SHR_FENCING_NONE UINT32_C(0)      /* nothing: a late call may land */
#define SHR_FENCING_CHECKED UINT32_C(1)   /* the backend refuses a lower fence number */
#define SHR_FENCING_HOST_LOCK UINT32_C(2) /* open takes a kernel lock that this process keeps until close */

/* One call. The same (op_id, step, item_id) is the same call, however often and by whom it is made:
 * repeating it must be harmless. A call may also come half-done by a process that was killed. */
struct shr_call {
	uint32_t size;
	uint32_t attempt; /* from 1 */
	uint64_t fence;   /* with SHR_FENCING_CHECKED: refuse (SHR_EFENCED) one that is less than the greatest seen */
	const char *op_id;
	const char *step;
	const char *item_id;
	const void *token; /* what `pending` left; NULL on the first, and when a crash lost it */
	uint64_t token_len;
	void *core; /* the core's */
};

/* A copy of a share on one pool. Names on the backend derive from `id`: a create that died before its commit
 * comes to `remove` with an empty ref. */
struct shr_instance {
	uint32_t size;
	uint32_t flags; /* SHR_INSTANCE_* */
	uint64_t bytes;
	uint64_t protocols;
	const char *id;
	const char *share_id;
	const char *project;
	const char *pool;
	const char *name;   /* what people call the share; any UTF-8; not for names on the backend */
	const char *ref;    /* what set_ref left; "" */
	const char *source; /* manage: what the caller named; else "" */
};
#define SHR_INSTANCE_READONLY UINT32_C(1) /* clients only read it, whatever its rules say: they are told as ro */
#define SHR_INSTANCE_SNAPSHOT UINT32_C(2) /* of a snapshot, whose id is share_id; read-only as well */

/* Rules cross as pointers to struct shr_rule (access.h); of it id, type, level, squash, priority, who and
 * revision are set. */
struct shr_rule_change {
	uint32_t size;
	uint32_t reserved0;
	const struct shr_rule *was; /* NULL: it is new */
	const struct shr_rule *is;  /* NULL: it goes */
};

/* What changed between two revisions, all in one call. */
struct shr_access_diff {
	uint32_t size;
	uint32_t n_changes;
	uint64_t from_revision; /* 0: nothing was ever told; = revision: a look found these wrong, they are told again */
	uint64_t revision;      /* the full set, as `next_rule` gives it, is the one of this revision */
	const struct shr_rule_change *const *changes;
};
struct shr_rules; /* the full set, pulled through next_rule(), in the order of ids */

/* Keys of set_number(). Any other is a fault of the driver. */
#define SHR_NUMBER_TOTAL UINT32_C(1)        /* stats, of a pool: bytes */
#define SHR_NUMBER_FREE UINT32_C(2)         /* stats, of a pool: bytes */
#define SHR_NUMBER_CAPABILITIES UINT32_C(3) /* stats, of a pool: SHR_CAP_*; at most what the table declares */
#define SHR_NUMBER_BYTES UINT32_C(4)        /* manage: the size found; create and resize: the size made, if more;
					     * look: the size that is enforced; none: not told */
#define SHR_NUMBER_USED UINT32_C(5)         /* usage, of an instance: bytes */
#define SHR_NUMBER_INCARNATION UINT32_C(6)  /* probe of an exporter, object "": a number of the server's present life;
					     * another one than before: it has forgotten its exports */
#define SHR_NUMBER_CUT UINT32_C(7)          /* create of a snapshot: when it was cut, wall clock, nanoseconds since 1970 */

/* What lies on a backend. */
#define SHR_FOUND_INSTANCE UINT32_C(1) /* list of a driver: a thing in a pool */
#define SHR_FOUND_EXPORT UINT32_C(2)   /* list of an exporter */
#define SHR_FOUND_RULE UINT32_C(3)     /* look: a client that no rule accounts for */
struct shr_found {
	uint32_t size;
	uint32_t kind;           /* SHR_FOUND_* */
	uint64_t bytes;          /* its size; 0: not known */
	const char *name;        /* 1 to 255 bytes of UTF-8 without control characters; what manage takes as the source */
	const char *instance_id; /* whose it is by its name or its marks; "": none of libshare's */
	const char *what;        /* for people: "a subvolume of 3 snapshots"; or "" */
};

/* What the core does for a driver. May be called inside a call only, by any thread, with that call. A failure
 * sticks to the call. `size` says which members there are; those of 0.1 always are. */
struct shr_driver_host {
	uint32_t size;
	uint32_t version; /* the library's */
	/* Say why; returns CODE, so that `return host->fail(...)` reads well. CODE: SHR_EAGAIN (try again, with
	 * back-off), SHR_EUNREACHABLE (the whole backend is down), SHR_EDATALOSS, SHR_ENOSPC, SHR_EUNSUPPORTED,
	 * SHR_ENOTFOUND, SHR_EFENCED, SHR_EBACKEND for the rest. */
	int (*fail)(const struct shr_call *call, int code, const char *message);
	/* Not done: make this call again in AGAIN_MS. TOKEN (at most 4096 bytes) is stored first. Returns
	 * SHR_RUNNING. */
	int (*pending)(const struct shr_call *call, const void *token, uint64_t len, uint32_t again_ms);
	void (*progress)(const struct shr_call *call, uint64_t done, uint64_t total);
	/* 1: stop if you can, and fail with SHR_ECANCELLED. Also when the lease is gone. */
	int (*cancelled)(const struct shr_call *call);
	/* At most 4096 bytes of UTF-8 that come back with the instance; written with the step. */
	void (*set_ref)(const struct shr_call *call, const char *instance_id, const char *ref);
	/* One export location. Those told in one call are the whole set. */
	void (*add_export)(const struct shr_call *call, const char *instance_id, const struct shr_export *location);
	/* Where an exporter finds the files: an absolute path. */
	void (*set_path)(const struct shr_call *call, const char *instance_id, const char *path);
	/* The answer for one rule of a diff: SHR_OK, or a code and why. One without an answer, in a call that
	 * succeeds, is a fault of the driver. */
	void (*set_rule)(const struct shr_call *call, const char *rule_id, int code, const char *why);
	/* The secret of a rule (cephx). It is sealed before it is stored. */
	void (*set_rule_key)(const struct shr_call *call, const char *rule_id, const char *key);
	/* OBJECT: a pool's name, an instance's id. */
	void (*set_number)(const struct shr_call *call, const char *object, uint32_t key, uint64_t value);
	/* The next rule of the full set, valid until the next call; NULL: the end, or a failure (which sticks). */
	const struct shr_rule *(*next_rule)(const struct shr_call *call, struct shr_rules *all);
	/* One line; never a secret. LEVEL: SHR_LOG_*. */
	void (*log)(const struct shr_call *call, int level, const char *line);
	/* The NTH value of a setting of this backend ("root"), or of one of its pools (POOL not NULL); NULL: there
	 * is none. Valid until the backend is closed. */
	const char *(*setting)(const struct shr_call *call, const char *pool, const char *key, uint32_t nth);
	/* The NTH pool of this backend; NULL: no more. */
	const char *(*pool)(const struct shr_call *call, uint32_t nth);
	/* list, look: one thing that is there. Copied. */
	void (*found)(const struct shr_call *call, const struct shr_found *thing);
};

/* fail() with a format. */
static inline int shr_failf(const struct shr_driver_host *host, const struct shr_call *call, int code,
	const char *format, ...) SHR_PRINTF(4, 5);
static inline int shr_failf(const struct shr_driver_host *host, const struct shr_call *call, int code,
	const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	return host->fail(call, code, message);
}

/* What the data mover needs of a driver: to reach the files of an instance. It grows at its end. */
struct shr_driver_data {
	uint32_t size;
	uint32_t flags; /* 0 */
	/* Must. Make the files reachable at a private path, and tell it by set_path; READONLY: only to read. Repeatable. With
	 * SHR_FENCING_CHECKED nothing can be written any more through a path that a lower fence number was told. */
	int (*attach)(void *be, const struct shr_call *call, const struct shr_instance *instance, uint32_t readonly);
	/* Must. Let go of them; what is not attached is fine. */
	int (*detach)(void *be, const struct shr_call *call, const struct shr_instance *instance);
};

/* What a driver does with snapshots. It grows at its end. OF is the share's instance and SNAP the snapshot's, whose
 * names on the backend derive from its `id`. A snapshot lives as long as its share at most. */
struct shr_driver_snapshot {
	uint32_t size;
	uint32_t flags; /* SHR_SNAPSHOT_* */
	/* Must. Cut SNAP from OF: crash-consistent, as if the power had failed at one moment. Tell SHR_NUMBER_CUT, the ref, with
	 * SHR_CAP_SNAPSHOT_MOUNT the path or the exports; SHR_NUMBER_BYTES: what it takes that the size of OF does not cover.
	 * SNAP->bytes is the size of OF. One that is there is fine, and is not cut again. */
	int (*create)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
	/* Must. Remove it; what is not there, or half there, is fine, also where OF is not there. */
	int (*remove)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
	/* Must with SHR_CAP_SNAPSHOT_REVERT, else NULL. Give OF the contents of SNAP and keep all snapshots, older and newer. OF is
	 * not exported meanwhile. It is either as before or as after, whenever the process dies; its size stays. Tell as create of
	 * struct shr_driver does. */
	int (*revert)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
	/* Must with SHR_CAP_SNAPSHOT_CLONE, else NULL. Make TO, of TO->bytes, with the contents of SNAP; else as create of struct
	 * shr_driver. SHR_INSTANCE_READONLY: nothing is copied. */
	int (*clone)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
		const struct shr_instance *to);
	/* Must with SHR_CAP_MANAGE, both or none. Take SNAP->source over as a snapshot of OF; tell as create does. */
	int (*manage)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
	/* Let go; leave the data; what is not there is fine. What is left can be managed: its source is a name in `list` with the
	 * id of SNAP in it, else what it was taken over from, else that id. */
	int (*unmanage)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
	/* May; absent: a snapshot that vanished is not seen. As look of struct shr_driver. */
	int (*look)(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
		struct shr_rules *all);
};
#define SHR_SNAPSHOT_HOLD UINT32_C(1) /* create is crash-consistent only while nobody writes: the exporter is held meanwhile */

/* A driver. Every call may answer 0, SHR_RUNNING through pending(), or a negative code through fail(). */
struct shr_driver {
	uint32_t abi;  /* SHR_DRIVER_ABI */
	uint32_t size; /* sizeof(struct shr_driver) */
	const char *name; /* as in the file's name: shr-NAME.so */
	const char *version;
	uint32_t needs;   /* the oldest libshare it can live with, as SHR_HEADER_VERSION; 0: any */
	uint32_t threads; /* SHR_THREADS_* */
	uint32_t fencing; /* SHR_FENCING_* */
	uint32_t flags;   /* 0 */
	uint64_t capabilities; /* SHR_CAP_* that it may offer */
	uint64_t protocols;    /* SHR_PROTO_* that it serves by itself; 0: it needs an exporter */
	/* The keys it takes of a backend; ends with NULL; a key that must be given has a '!' behind it. */
	const char *const *settings;
	const char *const *pool_settings; /* the same of a pool */
	/* Must. One backend of the configuration; *ret_be is yours. With SHR_FENCING_HOST_LOCK: SHR_EAGAIN, with the
	 * holder's pid in the message, while another process has it. Repeatable after close. */
	int (*open)(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be);
	/* Must. No call is running. */
	void (*close)(void *be);
	/* Must. Tell total, free and capabilities of every pool. Also the probe of a backend that was down. */
	int (*stats)(void *be, const struct shr_call *call);
	/* Must. Make it, of instance->bytes; tell the ref, the path or the exports. */
	int (*create)(void *be, const struct shr_call *call, const struct shr_instance *instance);
	/* Must. Remove it and its data; what is not there, or half there, is fine. */
	int (*remove)(void *be, const struct shr_call *call, const struct shr_instance *instance);
	/* Must with SHR_CAP_EXTEND or SHR_CAP_SHRINK. instance->bytes is what it was; BYTES what it shall be.
	 * Below what is in use: SHR_EDATALOSS, and nothing has changed. */
	int (*resize)(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes);
	/* Must with protocols != 0. Answer every change through set_rule(). One that is there already, or was
	 * never there, is fine: SHR_OK. Never take away what the diff does not name. */
	int (*update_access)(void *be, const struct shr_call *call, const struct shr_instance *instance,
		const struct shr_access_diff *diff, struct shr_rules *all);
	/* Must with SHR_CAP_MANAGE. Take over instance->source; tell its size, ref, path or exports. */
	int (*manage)(void *be, const struct shr_call *call, const struct shr_instance *instance);
	/* Must with SHR_CAP_MANAGE. Let go; leave the data; what is not there is fine. */
	int (*unmanage)(void *be, const struct shr_call *call, const struct shr_instance *instance);
	/* May; absent: use is not known. Tell SHR_NUMBER_USED. */
	int (*usage)(void *be, const struct shr_call *call, const struct shr_instance *instance);
	/* May; absent: a call that answered SHR_RUNNING is waited for. Give up the call with this op and step. */
	int (*cancel)(void *be, const struct shr_call *call);
	/* Must with SHR_CAP_SNAPSHOT, else NULL. */
	const struct shr_driver_snapshot *snapshot;
	/* May; absent: a share that vanished or changed is not seen. Tell what there is of it: SHR_NUMBER_BYTES, the path.
	 * SHR_ENOTFOUND: it is not there, or not whole. ALL: NULL when an exporter has the rules, else answer every rule of
	 * it by set_rule(): SHR_OK, SHR_ENOTFOUND (it is missing), SHR_ECONFLICT (it is there, but otherwise). Changes nothing. */
	int (*look)(void *be, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all);
	/* May; absent: what nobody knows of is not seen. Tell by found() at most MAX of the things in POOL, in the order of
	 * their names (bytes, as strcmp), beginning behind the name AFTER ("": with the first). Also what is not the
	 * driver's to touch; not what has no name that found() takes. Fewer than MAX: there are no more. */
	int (*list)(void *be, const struct shr_call *call, const char *pool, const char *after, uint32_t max);
	/* Must with SHR_CAP_DATA, else NULL. */
	const struct shr_driver_data *data;
};

/* The one symbol of a driver's file. Called once by each context: it gives the same table each time. */
#define SHR_DRIVER_ENTRY "shr_driver_entry_1"
typedef const struct shr_driver *shr_driver_entry_fn(void);
SHR_API const struct shr_driver *shr_driver_entry_1(void);

#ifdef __cplusplus
}
#endif
#endif

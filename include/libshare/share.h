/* libshare/share.h - shares, where they are exported, and the locks that keep them */
#ifndef LIBSHARE_SHARE_H
#define LIBSHARE_SHARE_H

#include "operation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Protocols are bits: a share may speak several. */
#define SHR_PROTO_NFS UINT64_C(1)
#define SHR_PROTO_SMB UINT64_C(2)
#define SHR_PROTO_CEPHFS UINT64_C(4)
SHR_API const char *shr_proto_name(uint64_t one); /* "nfs"; "unknown"; static. Since 0.1. */

/* States; shr_share(3) has the table of what may be done in which. */
#define SHR_SHARE_CREATING UINT32_C(1)
#define SHR_SHARE_AVAILABLE UINT32_C(2)
#define SHR_SHARE_EXTENDING UINT32_C(3)
#define SHR_SHARE_SHRINKING UINT32_C(4)
#define SHR_SHARE_DELETING UINT32_C(5)
#define SHR_SHARE_ERROR UINT32_C(6)
#define SHR_SHARE_MANAGING UINT32_C(7)
#define SHR_SHARE_UNMANAGING UINT32_C(8)
#define SHR_SHARE_REVERTING UINT32_C(9)
SHR_API const char *shr_share_state_name(uint32_t state); /* "available"; "unknown"; static. Since 0.1. */

#define SHR_SHARE_READONLY UINT32_C(1) /* clients only read it: a rule of level rw gives ro */

/* How snapshots are exported, always read-only. */
#define SHR_SNAPSHOT_ACCESS_DEFAULT UINT32_C(0) /* as it is; of a new share: SHR_SNAPSHOT_ACCESS_NONE */
#define SHR_SNAPSHOT_ACCESS_NONE UINT32_C(1)    /* not at all */
#define SHR_SNAPSHOT_ACCESS_OWN UINT32_C(2)     /* by rules of the snapshot's own: shr_access_apply() takes its id */
#define SHR_SNAPSHOT_ACCESS_SHARE UINT32_C(3)   /* by the share's rules, as they are and as they change */
SHR_API const char *shr_snapshot_access_name(uint32_t access); /* "own"; "unknown"; static. Since 0.1. */

#define SHR_EXPORT_PREFERRED UINT32_C(1)
#define SHR_EXPORT_READONLY UINT32_C(2)   /* serves reads only */
#define SHR_EXPORT_ADMIN_ONLY UINT32_C(4) /* shown to those with the permission "export:admin" */
#define SHR_FAMILY_ANY UINT32_C(0)
#define SHR_FAMILY_IPV4 UINT32_C(4)
#define SHR_FAMILY_IPV6 UINT32_C(6)
#define SHR_FAMILY_VSOCK UINT32_C(40) /* NFS alone, and the path is "vsock:CID:/PATH" */

/* Where a share can be mounted. Standard metadata only, so fields and bits and no map. */
struct shr_export {
	uint32_t size;
	uint32_t flags;    /* SHR_EXPORT_* */
	uint64_t protocol; /* exactly one bit */
	uint32_t family;   /* SHR_FAMILY_* */
	uint32_t reserved0;
	const char *path; /* as a client mounts it: "10.0.0.5:/shares/home", "\\\\host\\home" */
	const char *instance_id;
};

/* A share as it was when asked. A record: immutable, counted, any thread. Strings are never NULL. */
struct shr_share {
	uint32_t size;
	uint32_t state;     /* SHR_SHARE_* */
	uint64_t version;   /* grows with every change of the share */
	uint64_t bytes;     /* what was asked for; the backend may hold more, never less */
	uint64_t protocols; /* SHR_PROTO_* */
	int64_t created_ns; /* wall clock, since 1970 */
	int64_t updated_ns;
	uint64_t access_revision; /* grows with every batch of rule changes */
	uint64_t access_applied;  /* equal: every rule is where it should be, or has its reason */
	const char *id;
	const char *project;
	const char *name;
	const char *description;
	const char *zone;
	const char *backend;
	const char *pool;
	const char *op_id;  /* the operation that changes it, or "" */
	const char *reason; /* why it is in SHR_SHARE_ERROR, or "" */
	uint32_t n_exports;
	uint32_t n_metadata;
	uint64_t n_rules; /* rules in force or on their way */
	uint64_t n_locks; /* what keeps it from being deleted */
	const struct shr_export *const *exports;
	const struct shr_pair *const *metadata; /* sorted by key */
	uint64_t n_snapshots;
	const char *snapshot_id;  /* the snapshot that it is a clone of; "": of none, also where the files were copied */
	uint32_t flags;           /* SHR_SHARE_READONLY */
	uint32_t snapshot_access; /* SHR_SNAPSHOT_ACCESS_*: what new snapshots begin with */
};
SHR_API const struct shr_share *shr_share_ref(const struct shr_share *share);
SHR_API void shr_share_unref(const struct shr_share *share); /* NULL is fine */

struct shr_access_change; /* access.h */

/* What a new share shall be. */
struct shr_share_spec {
	uint32_t size;
	uint32_t flags;          /* SHR_SHARE_READONLY, with `snapshot` */
	const char *token;       /* unique in the project: the same spec with it again: the same operation */
	const char *name;        /* at most 255 bytes of UTF-8, no control characters, no '/'; NULL: "" */
	const char *description; /* at most 1023 bytes of UTF-8; NULL: "" */
	uint64_t bytes;          /* 1 to 2^62; with `snapshot` 0: the snapshot's */
	uint64_t protocols;      /* at least one bit; with `snapshot` 0: the snapshot's */
	const char *zone;        /* NULL: any */
	const char *backend;     /* NULL: any */
	const char *pool;        /* a pool's name; NULL: the scheduler's choice */
	const char *const *metadata; /* "key", "value", "key", ...: 2 * n_metadata strings */
	uint32_t n_metadata;     /* at most 64 pairs; key to 255 bytes, value to 1023 */
	uint32_t rule_size;      /* sizeof(struct shr_access_change): the stride of `rules` */
	const struct shr_access_change *rules; /* there from the first moment */
	uint32_t n_rules;        /* at most 10000 */
	uint32_t reserved0;
	const char *snapshot;     /* the id of the snapshot whose contents it begins with; NULL: it begins empty */
	uint32_t snapshot_access; /* SHR_SNAPSHOT_ACCESS_*: what its snapshots begin with */
	uint32_t reserved1;
};
#define SHR_SHARE_SPEC_INIT { sizeof(struct shr_share_spec), 0, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, \
	NULL, 0, 0, NULL, 0, 0, NULL, 0, 0 }

/* Accept a new share: the operation's object_id is its id. The operation ends when it is available,
 * exported, with its rules; one that is refused is in error, and the share is made all the same. *ret_op is the caller's.
 * Since 0.1. */
SHR_API SHR_CHECK int shr_share_create(struct shr_session *session, const struct shr_share_spec *spec,
	const struct shr_op **ret_op, const struct shr_error **reterr);

SHR_API SHR_CHECK int shr_share_get(struct shr_session *session, const char *share_id,
	const struct shr_share **ret_share, const struct shr_error **reterr);

/* Zero and NULL: any. Filters together: all must hold. */
struct shr_share_filter {
	uint32_t size;
	uint32_t state;
	const char *name;    /* exactly */
	const char *backend; /* with `pool`, or alone */
	const char *pool;
	const char *key; /* metadata: has this key, and, where value is not NULL, with this value */
	const char *value;
};
#define SHR_SHARE_FILTER_INIT { sizeof(struct shr_share_filter), 0, NULL, NULL, NULL, NULL, NULL }

struct shr_share_page {
	uint32_t size;
	uint32_t n;
	const struct shr_share *const *items; /* the page's; take a reference to keep one */
	const char *after;                    /* "" at the end */
};
/* A page costs the same wherever it lies. With a filter that has no index a page may be short, even empty,
 * and still have an `after`. FILTER and LIST may be NULL. Since 0.1. */
SHR_API SHR_CHECK int shr_share_list(struct shr_session *session, const struct shr_share_filter *filter,
	const struct shr_list_params *list, const struct shr_share_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_share_page_unref(const struct shr_share_page *page);

/* New words for a share; NULL leaves as it is. */
struct shr_share_update_params {
	uint32_t size;
	uint32_t flags; /* 0 */
	const char *token;
	uint64_t if_version;
	const char *name;
	const char *description;
	const char *const *set; /* metadata: "key", "value", ...: 2 * n_set strings */
	const char *const *unset; /* keys to take away; one that is not there is fine */
	uint32_t n_set;
	uint32_t n_unset;
	uint32_t snapshot_access; /* SHR_SNAPSHOT_ACCESS_*: of snapshots that are yet to be cut; of a share alone */
	uint32_t reserved0;
};
#define SHR_SHARE_UPDATE_PARAMS_INIT { sizeof(struct shr_share_update_params), 0, NULL, 0, NULL, NULL, NULL, \
	NULL, 0, 0, 0, 0 }
/* Done when it returns. RET_OP may be NULL, here and in all calls below. Since 0.1. */
SHR_API SHR_CHECK int shr_share_update(struct shr_session *session, const char *share_id,
	const struct shr_share_update_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* BYTES is the new size, more than it was. Since 0.1. */
SHR_API SHR_CHECK int shr_share_extend(struct shr_session *session, const char *share_id, uint64_t bytes,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* BYTES is the new size, less than it was; below what is in use the operation ends with SHR_EDATALOSS and
 * nothing has changed. Since 0.1. */
SHR_API SHR_CHECK int shr_share_shrink(struct shr_session *session, const char *share_id, uint64_t bytes,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Refused while a lock keeps it (SHR_ELOCKED). What can be cancelled is cancelled first. Since 0.1. */
SHR_API SHR_CHECK int shr_share_delete(struct shr_session *session, const char *share_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Out of the store whatever happens, at once; best effort on the backend: what cannot be removed there is
 * recorded as an orphan. Locks do not keep it. Permission "share:force_delete". Since 0.1. */
SHR_API SHR_CHECK int shr_share_force_delete(struct shr_session *session, const char *share_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Set a share to SHR_SHARE_AVAILABLE or SHR_SHARE_ERROR; what ran on it can commit no more. Permission
 * "share:reset_state". Since 0.1. */
SHR_API SHR_CHECK int shr_share_reset_state(struct shr_session *session, const char *share_id, uint32_t state,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* An existing thing on a backend, to become a share. */
struct shr_share_manage_params {
	uint32_t size;
	uint32_t flags; /* 0 */
	const char *token;
	const char *backend;     /* must be given */
	const char *pool;        /* must be given */
	const char *source;      /* how the driver knows it: a path, a volume's name; 1 to 1023 bytes */
	const char *name;        /* NULL: "" */
	const char *description; /* NULL: "" */
	uint64_t protocols;
};
#define SHR_SHARE_MANAGE_PARAMS_INIT { sizeof(struct shr_share_manage_params), 0, NULL, NULL, NULL, NULL, \
	NULL, NULL, 0 }
/* Its size is what the driver finds. Permission "share:manage". Since 0.1. */
SHR_API SHR_CHECK int shr_share_manage(struct shr_session *session, const struct shr_share_manage_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);

/* Forget a share and leave its data where it is; its exports and rules go. Since 0.1. */
SHR_API SHR_CHECK int shr_share_unmanage(struct shr_session *session, const char *share_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* A consumer's lock on a share or a rule: while one is there the object is not deleted (SHR_ELOCKED).
 * Counted per holder: as many unlocks as locks. */
struct shr_lock {
	uint32_t size;
	uint32_t count;
	int64_t created_ns;
	const char *object; /* "share" or "rule" */
	const char *object_id;
	const char *holder; /* who attached it: 1 to 255 bytes */
	const char *reason;
	const char *project;
	const char *user;
};
struct shr_lock_page {
	uint32_t size;
	uint32_t n;
	const struct shr_lock *const *items;
	const char *after;
};
/* OBJECT_ID is a share's or a rule's. REASON may be NULL. Since 0.1. */
SHR_API SHR_CHECK int shr_lock_add(struct shr_session *session, const char *object_id, const char *holder,
	const char *reason, const struct shr_change_params *params, const struct shr_op **ret_op,
	const struct shr_error **reterr);
/* One less of HOLDER's; SHR_ENOTFOUND when it has none. Since 0.1. */
SHR_API SHR_CHECK int shr_lock_remove(struct shr_session *session, const char *object_id, const char *holder,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);
SHR_API SHR_CHECK int shr_lock_list(struct shr_session *session, const char *object_id,
	const struct shr_list_params *list, const struct shr_lock_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_lock_page_unref(const struct shr_lock_page *page);

#ifdef __cplusplus
}
#endif
#endif

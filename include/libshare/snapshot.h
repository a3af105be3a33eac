/* libshare/snapshot.h - snapshots of shares: cutting them, exporting them, going back to them; shr_snapshot(3) */
#ifndef LIBSHARE_SNAPSHOT_H
#define LIBSHARE_SNAPSHOT_H

#include "access.h"

#ifdef __cplusplus
extern "C" {
#endif

/* States; shr_snapshot(3) has the table of what may be done in which. */
#define SHR_SNAPSHOT_CREATING UINT32_C(1)
#define SHR_SNAPSHOT_AVAILABLE UINT32_C(2)
#define SHR_SNAPSHOT_DELETING UINT32_C(5)
#define SHR_SNAPSHOT_ERROR UINT32_C(6)
#define SHR_SNAPSHOT_MANAGING UINT32_C(7)
#define SHR_SNAPSHOT_UNMANAGING UINT32_C(8)
SHR_API const char *shr_snapshot_state_name(uint32_t state); /* "available"; "unknown"; static. Since 0.1. */

/* A snapshot as it was when asked: what a share held at one moment. A record: immutable, counted, any thread. Strings are
 * never NULL. */
struct shr_snapshot {
	uint32_t size;
	uint32_t state;     /* SHR_SNAPSHOT_* */
	uint64_t version;   /* grows with every change of the snapshot */
	uint64_t bytes;     /* the share's size when it was cut */
	uint64_t protocols; /* SHR_PROTO_* that its exports may speak */
	int64_t created_ns; /* when it was asked for; wall clock, since 1970 */
	int64_t updated_ns;
	int64_t cut_ns;     /* the moment whose contents it has; 0: not cut yet */
	int64_t ready_ns;   /* when it could be used; 0: not yet */
	uint64_t access_revision; /* of the rules that it has, its own or its share's */
	uint64_t access_applied;  /* equal: every rule is where it should be, or has its reason */
	uint64_t n_rules;   /* its own */
	uint64_t n_shares;  /* that were made from it */
	const char *id;
	const char *project;
	const char *share_id;
	const char *name;
	const char *description;
	const char *backend;
	const char *pool;
	const char *op_id;  /* the operation that changes it, or "" */
	const char *reason; /* why it is in SHR_SNAPSHOT_ERROR, or "" */
	uint32_t access;    /* SHR_SNAPSHOT_ACCESS_NONE, ... */
	uint32_t n_exports;
	const struct shr_export *const *exports;  /* all of them read-only */
	const struct shr_pair *const *metadata;   /* sorted by key */
	uint32_t n_metadata;
	uint32_t reserved0;
};
SHR_API const struct shr_snapshot *shr_snapshot_ref(const struct shr_snapshot *snapshot);
SHR_API void shr_snapshot_unref(const struct shr_snapshot *snapshot); /* NULL is fine */

/* What a new snapshot shall be. */
struct shr_snapshot_spec {
	uint32_t size;
	uint32_t flags;          /* 0 */
	const char *token;       /* unique in the project */
	const char *name;        /* as a share's; NULL: "" */
	const char *description; /* NULL: "" */
	const char *const *metadata; /* "key", "value", ...: 2 * n_metadata strings */
	uint32_t n_metadata;     /* at most 64 pairs */
	uint32_t access;         /* SHR_SNAPSHOT_ACCESS_*; SHR_SNAPSHOT_ACCESS_DEFAULT: as the share says */
};
#define SHR_SNAPSHOT_SPEC_INIT { sizeof(struct shr_snapshot_spec), 0, NULL, NULL, NULL, NULL, 0, SHR_SNAPSHOT_ACCESS_DEFAULT }

/* Accept a snapshot of a share: the operation's object_id is its id. It is crash-consistent: it holds what the share would
 * hold had the power failed when it was cut. Clients go on. *ret_op is the caller's. Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_create(struct shr_session *session, const char *share_id,
	const struct shr_snapshot_spec *spec, const struct shr_op **ret_op, const struct shr_error **reterr);

SHR_API SHR_CHECK int shr_snapshot_get(struct shr_session *session, const char *snapshot_id,
	const struct shr_snapshot **ret_snapshot, const struct shr_error **reterr);

/* Zero and NULL: any. Filters together: all must hold. */
struct shr_snapshot_filter {
	uint32_t size;
	uint32_t state;
	const char *share_id;
	const char *name; /* exactly */
};
#define SHR_SNAPSHOT_FILTER_INIT { sizeof(struct shr_snapshot_filter), 0, NULL, NULL }

struct shr_snapshot_page {
	uint32_t size;
	uint32_t n;
	const struct shr_snapshot *const *items; /* the page's; take a reference to keep one */
	const char *after;                       /* "" at the end */
};
/* A share's snapshots, or the project's; the older first. FILTER and LIST may be NULL. Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_list(struct shr_session *session, const struct shr_snapshot_filter *filter,
	const struct shr_list_params *list, const struct shr_snapshot_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_snapshot_page_unref(const struct shr_snapshot_page *page);

/* New words for a snapshot; as shr_share_update(). Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_update(struct shr_session *session, const char *snapshot_id,
	const struct shr_share_update_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* How a snapshot is exported, from now on: SHR_SNAPSHOT_ACCESS_NONE, _OWN or _SHARE. Clients that have it mounted lose it for
 * that moment. Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_set_access(struct shr_session *session, const char *snapshot_id, uint32_t access,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Refused while shares depend on it; the faults name them. Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_delete(struct shr_session *session, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Out of the store whatever the backend says; best effort there. Permission "snapshot:force_delete". Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_force_delete(struct shr_session *session, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* To SHR_SNAPSHOT_AVAILABLE or SHR_SNAPSHOT_ERROR; what ran on it can commit no more. Permission
 * "snapshot:reset_state". Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_reset_state(struct shr_session *session, const char *snapshot_id, uint32_t state,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* A snapshot that is on the backend already, of a share that libshare knows. */
struct shr_snapshot_manage_params {
	uint32_t size;
	uint32_t flags; /* 0 */
	const char *token;
	const char *source;      /* how the driver knows it; 1 to 1023 bytes */
	const char *name;        /* NULL: "" */
	const char *description; /* NULL: "" */
};
#define SHR_SNAPSHOT_MANAGE_PARAMS_INIT { sizeof(struct shr_snapshot_manage_params), 0, NULL, NULL, NULL, NULL }
/* Permission "snapshot:manage". Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_manage(struct shr_session *session, const char *share_id,
	const struct shr_snapshot_manage_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Forget a snapshot and leave it where it is. Permission "snapshot:unmanage". Since 0.1. */
SHR_API SHR_CHECK int shr_snapshot_unmanage(struct shr_session *session, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Give a share the contents of any of its snapshots, and keep all of them. Its clients are cut off for that moment, and see
 * stale handles after it: they mount again. Its size, its id and its rules stay. One that fails leaves the share as it was.
 * Since 0.1. */
SHR_API SHR_CHECK int shr_share_revert(struct shr_session *session, const char *share_id, const char *snapshot_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* What stands in the way of deleting a share or a snapshot now: *ret_why is NULL when nothing does, else what the delete would
 * fail with, with a fault and a remedy for each thing. It changes nothing. Since 0.1. */
SHR_API SHR_CHECK int shr_delete_check(struct shr_session *session, const char *object_id, const struct shr_error **ret_why,
	const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif

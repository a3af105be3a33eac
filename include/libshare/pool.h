/* libshare/pool.h - where shares lie; what the plugins can; what a project may use; what was left behind */
#ifndef LIBSHARE_POOL_H
#define LIBSHARE_POOL_H

#include "share.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Capabilities, as bits: what a pool's driver says it can. */
#define SHR_CAP_EXTEND UINT64_C(1)
#define SHR_CAP_SHRINK UINT64_C(2)
#define SHR_CAP_MANAGE UINT64_C(4)
#define SHR_CAP_SIZE_ENFORCED UINT64_C(8) /* clients cannot write more than the size */
#define SHR_CAP_THIN UINT64_C(16)         /* space is taken when it is written */
#define SHR_CAP_CLONE_REFLINK UINT64_C(32) /* clones share their blocks */
#define SHR_CAP_SNAPSHOT UINT64_C(64)
#define SHR_CAP_SNAPSHOT_CLONE UINT64_C(128)
#define SHR_CAP_SNAPSHOT_REVERT UINT64_C(256)
#define SHR_CAP_SNAPSHOT_MOUNT UINT64_C(512)
#define SHR_CAP_ACCESS_IP UINT64_C(1024)
#define SHR_CAP_ACCESS_USER UINT64_C(2048)
#define SHR_CAP_ACCESS_CERT UINT64_C(4096)
#define SHR_CAP_ACCESS_CEPHX UINT64_C(8192)
#define SHR_CAP_IPV6 UINT64_C(16384)
#define SHR_CAP_SIZE_COVERS_SNAPSHOTS UINT64_C(32768) /* the size bounds a share together with its snapshots */
#define SHR_CAP_DATA UINT64_C(65536)                  /* libshare can reach the files, to copy them: never without fencing */
#define SHR_CAP_CLONE_INDEPENDENT UINT64_C(131072)    /* a snapshot may go before the shares that were made from it */
#define SHR_CAP_DUAL_PROTOCOL UINT64_C(262144)        /* one share may be reached by NFS and SMB at once; shr_share(3) */
SHR_API const char *shr_cap_name(uint64_t one); /* "extend"; "unknown"; static. Since 0.1. */

#define SHR_POOL_UP UINT32_C(1)
#define SHR_POOL_DOWN UINT32_C(2)    /* its backend does not answer, or no engine has it */
#define SHR_POOL_UNKNOWN UINT32_C(3) /* no engine has looked yet */
SHR_API const char *shr_pool_state_name(uint32_t state); /* "up"; "unknown"; static. Since 0.1. */

/* A pool as the owning engine last saw it. A record. Bytes. */
struct shr_pool {
	uint32_t size;
	uint32_t state;
	uint64_t version;
	uint64_t total;
	uint64_t free;
	uint64_t allocated; /* the sum of the sizes of the shares that lie there */
	uint64_t reserved;  /* kept back by the configuration */
	uint64_t limit;     /* shares are placed while allocated + size stays within this */
	uint64_t protocols;
	uint64_t capabilities; /* SHR_CAP_* */
	int64_t updated_ns;
	const char *backend;
	const char *name;
	const char *zone;
	const char *driver;
	const char *exporter;
	const char *engine; /* the owner's name, or "" */
	const char *reason; /* why it is down, or "" */
};
struct shr_pool_page {
	uint32_t size;
	uint32_t n;
	const struct shr_pool *const *items;
	const char *after;
};
/* Every pool of the store, by backend and name. Permission "pool:list". Since 0.1. */
SHR_API SHR_CHECK int shr_pool_list(struct shr_session *session, const struct shr_list_params *list,
	const struct shr_pool_page **ret_page, const struct shr_error **reterr);
SHR_API const struct shr_pool *shr_pool_ref(const struct shr_pool *pool);
SHR_API void shr_pool_unref(const struct shr_pool *pool);
SHR_API void shr_pool_page_unref(const struct shr_pool_page *page);

#define SHR_PLUGIN_DRIVER UINT32_C(1)
#define SHR_PLUGIN_EXPORTER UINT32_C(2)

/* A plugin file in one of the trusted directories; or why it cannot be used. A record. */
struct shr_plugin {
	uint32_t size;
	uint32_t kind;         /* SHR_PLUGIN_* */
	uint64_t capabilities; /* SHR_CAP_* that it may offer; a pool's own are in struct shr_pool */
	uint64_t protocols;
	uint32_t threads; /* SHR_THREADS_*, driver.h */
	uint32_t fencing; /* SHR_FENCING_*, driver.h */
	const char *name;
	const char *version;
	const char *path;
	const char *reason; /* why it cannot be used, or "" */
};
struct shr_plugin_page {
	uint32_t size;
	uint32_t n;
	const struct shr_plugin *const *items;
};
/* The drivers or the exporters of this context's plugin directories, by name. Loads them. Since 0.1. */
SHR_API SHR_CHECK int shr_plugin_list(struct shr_session *session, uint32_t kind,
	const struct shr_plugin_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_plugin_page_unref(const struct shr_plugin_page *page);

#define SHR_QUOTA_NONE (-1)    /* no limit */
#define SHR_QUOTA_DEFAULT (-2) /* the configuration's: to set, never to read */

/* What a project may use, and uses. A record. Limits: SHR_QUOTA_NONE, or the most. */
struct shr_quota {
	uint32_t size;
	uint32_t reserved0;
	uint64_t version;
	int64_t shares_used;
	int64_t shares_limit;
	int64_t bytes_used;
	int64_t bytes_limit;
	const char *project;
};
SHR_API SHR_CHECK int shr_quota_get(struct shr_session *session, const char *project,
	const struct shr_quota **ret_quota, const struct shr_error **reterr);
/* Limits below the present use are taken: nothing new fits until there is room. Permission "quota:set".
 * Since 0.1. */
SHR_API SHR_CHECK int shr_quota_set(struct shr_session *session, const char *project, int64_t shares_limit,
	int64_t bytes_limit, const struct shr_change_params *params, const struct shr_op **ret_op,
	const struct shr_error **reterr);
SHR_API void shr_quota_unref(const struct shr_quota *quota);

/* Something on a backend that the store no longer has: an undo that never succeeded, a forced delete. */
struct shr_orphan {
	uint32_t size;
	uint32_t reserved0;
	uint64_t bytes;
	int64_t created_ns;
	const char *id;
	const char *backend;
	const char *pool;
	const char *object; /* "share" or "snapshot" */
	const char *object_id;
	const char *ref;    /* what the driver kept with it */
	const char *reason; /* why it is there */
	const char *op_id;  /* the operation that left it, or the newest that was to delete or adopt it */
};
struct shr_orphan_page {
	uint32_t size;
	uint32_t n;
	const struct shr_orphan *const *items;
	const char *after;
};
/* Permission "orphan:list". Since 0.1. */
SHR_API SHR_CHECK int shr_orphan_list(struct shr_session *session, const struct shr_list_params *list,
	const struct shr_orphan_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_orphan_page_unref(const struct shr_orphan_page *page);

/* Remove it from its backend after all: an operation. Where the backend refuses, the orphan stays and says why. Permission
 * "orphan:delete". Since 0.1. */
SHR_API SHR_CHECK int shr_orphan_delete(struct shr_session *session, const char *orphan_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

struct shr_orphan_adopt_params {
	uint32_t size;
	uint32_t flags; /* 0 */
	const char *token;
	const char *project;     /* whose share it becomes; NULL: the session's */
	const char *name;        /* NULL: "" */
	const char *description; /* NULL: "" */
	uint64_t protocols;
};
#define SHR_ORPHAN_ADOPT_PARAMS_INIT { sizeof(struct shr_orphan_adopt_params), 0, NULL, NULL, NULL, NULL, 0 }
/* Make a share of it again, with the files that are in it, of the size that its backend tells, and with no rules. It has the id
 * that the share had, where no other has it now; the operation's object_id tells. Only of what was a share. Permission
 * "orphan:adopt". Since 0.1. */
SHR_API SHR_CHECK int shr_orphan_adopt(struct shr_session *session, const char *orphan_id,
	const struct shr_orphan_adopt_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif

/* libshare/drift.h - what backends and servers have otherwise than the store, and putting it right; shr_drift(3) */
#ifndef LIBSHARE_DRIFT_H
#define LIBSHARE_DRIFT_H

#include "pool.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_DRIFT_MISSING UINT32_C(1)  /* the share is not there, or not whole */
#define SHR_DRIFT_SIZE UINT32_C(2)     /* another size is enforced */
#define SHR_DRIFT_PATH UINT32_C(3)     /* its files lie elsewhere */
#define SHR_DRIFT_EXPORT UINT32_C(4)   /* it is not exported */
#define SHR_DRIFT_RULE UINT32_C(5)     /* a rule is not in force, or otherwise */
#define SHR_DRIFT_STRANGER UINT32_C(6) /* a client that no rule accounts for */
#define SHR_DRIFT_FOREIGN UINT32_C(7)  /* something in a pool, or an export, that the store does not know */
SHR_API const char *shr_drift_name(uint32_t what); /* "missing"; "unknown"; static. Since 0.1. */

#define SHR_DRIFT_OPEN UINT32_C(1)     /* it is so */
#define SHR_DRIFT_REPAIRED UINT32_C(2) /* it was put right */
#define SHR_DRIFT_SETTLED UINT32_C(3)  /* a later look found it right */
SHR_API const char *shr_drift_state_name(uint32_t state); /* "open"; "unknown"; static. Since 0.1. */

/* One thing that was found. A record. */
struct shr_drift {
	uint32_t size;
	uint32_t what;  /* SHR_DRIFT_MISSING, ... */
	uint32_t state; /* SHR_DRIFT_OPEN, ... */
	uint32_t reserved0;
	int64_t first_ns; /* when it was seen first, and last */
	int64_t last_ns;
	const char *share_id;    /* "" for SHR_DRIFT_FOREIGN */
	const char *instance_id; /* the same */
	const char *project;
	const char *backend;
	const char *item;     /* the rule's id, the client, "BACKEND/POOL/NAME", "BACKEND/export:NAME"; else "" */
	const char *expected; /* for people */
	const char *found;
	const char *op_id;    /* the operation that found it last, or "" */
};
struct shr_drift_page {
	uint32_t size;
	uint32_t n;
	const struct shr_drift *const *items;
	const char *after;
};
/* What was found of a share, or (NULL) of all and in all pools. Permission "drift:list". Since 0.1. */
SHR_API SHR_CHECK int shr_drift_list(struct shr_session *session, const char *share_id,
	const struct shr_list_params *list, const struct shr_drift_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_drift_page_unref(const struct shr_drift_page *page);

/* Look what the backend and the exporter really have of a share, put back exports and rules that vanished, and
 * record the rest. Nothing is removed. SHARE_ID may be a snapshot's. Permission "share:reconcile". Since 0.1. */
SHR_API SHR_CHECK int shr_share_reconcile(struct shr_session *session, const char *share_id,
	const struct shr_change_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* Have the engine of BACKEND, or (NULL) of every backend that an engine has, do the same now for all that is there, and look for
 * what the store does not know. *RET_PASS (may be NULL): what to wait for. Permission "backend:reconcile". Since 0.1. */
SHR_API SHR_CHECK int shr_backend_reconcile(struct shr_session *session, const char *backend, uint64_t *ret_pass,
	const struct shr_error **reterr);
/* Wait until it has ended, with the operations that put something right. BACKEND: as it was asked. TIMEOUT_MS as in
 * shr_op_wait(). SHR_EBACKEND: something could not be looked at. The same permission. Since 0.1. */
SHR_API SHR_CHECK int shr_backend_reconcile_wait(struct shr_session *session, const char *backend, uint64_t pass,
	int timeout_ms, const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif

/* libshare/json.h - records as JSON, for hosts whose transport speaks it */
#ifndef LIBSHARE_JSON_H
#define LIBSHARE_JSON_H

#include "access.h"
#include "drift.h"
#include "event.h"
#include "explain.h"
#include "pool.h"
#include "snapshot.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One object on one line, without a newline; the caller's: shr_free(). Field names are those of the structs;
 * states, types and levels are their names; 64-bit numbers are numbers. NULL: no memory. Since 0.1. */
SHR_API char *shr_share_json(const struct shr_share *share);
SHR_API char *shr_snapshot_json(const struct shr_snapshot *snapshot);
SHR_API char *shr_rule_json(const struct shr_rule *rule);
SHR_API char *shr_explanation_json(const struct shr_explanation *explanation);
SHR_API char *shr_op_json(const struct shr_op *op);
SHR_API char *shr_event_json(const struct shr_event *event);
SHR_API char *shr_pool_json(const struct shr_pool *pool);
SHR_API char *shr_plugin_json(const struct shr_plugin *plugin);
SHR_API char *shr_quota_json(const struct shr_quota *quota);
SHR_API char *shr_lock_json(const struct shr_lock *lock);
SHR_API char *shr_orphan_json(const struct shr_orphan *orphan);
SHR_API char *shr_drift_json(const struct shr_drift *drift);
SHR_API char *shr_error_json(const struct shr_error *error);

#ifdef __cplusplus
}
#endif
#endif

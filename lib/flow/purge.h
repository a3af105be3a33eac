/* lib/flow/purge.h - forgetting old events and operations that have ended, a bite at a time */
#ifndef SHR_FLOW_PURGE_H
#define SHR_FLOW_PURGE_H

#include "plugin/env.h"

/* Remove at most LIMIT (1 to 1000) events and operations that are older, at the wall clock NOW_NS, than the configuration keeps
 * them, in one transaction. SHR_RUNNING: there is more. The caller is under no lock. */
int shr__purge(const struct shr__env *env, int64_t now_ns, uint32_t limit, const struct shr_error **reterr);

#endif

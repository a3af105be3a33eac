/* lib/flow/flows.h - the flows, and the calls that several of them make */
#ifndef SHR_FLOW_FLOWS_H
#define SHR_FLOW_FLOWS_H

#include "flow/flow.h"

extern const struct shr__flow shr__flow_share_create;
extern const struct shr__flow shr__flow_share_extend;
extern const struct shr__flow shr__flow_share_shrink;
extern const struct shr__flow shr__flow_share_delete;
extern const struct shr__flow shr__flow_share_force_delete;
extern const struct shr__flow shr__flow_share_manage;
extern const struct shr__flow shr__flow_share_unmanage;
extern const struct shr__flow shr__flow_share_update;
extern const struct shr__flow shr__flow_share_reset_state;
extern const struct shr__flow shr__flow_share_reconcile;
extern const struct shr__flow shr__flow_access_apply;
extern const struct shr__flow shr__flow_lock_add;
extern const struct shr__flow shr__flow_lock_remove;
extern const struct shr__flow shr__flow_quota_set;

int shr__export_call(struct shr__work *w);
int shr__unexport_call(struct shr__work *w);
int shr__forget_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);

#endif

/* lib/flow/flows.h - the flows, and the calls that several of them make */
#ifndef SHR_FLOW_FLOWS_H
#define SHR_FLOW_FLOWS_H

#include "base/buf.h"
#include "flow/flow.h"

extern const struct shr__flow shr__flow_share_create;
extern const struct shr__flow shr__flow_share_copy;
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
extern const struct shr__flow shr__flow_orphan_delete;
extern const struct shr__flow shr__flow_orphan_delete_snapshot;
extern const struct shr__flow shr__flow_orphan_adopt;

extern const struct shr__flow shr__flow_share_revert;
extern const struct shr__flow shr__flow_snapshot_create;
extern const struct shr__flow shr__flow_snapshot_delete;
extern const struct shr__flow shr__flow_snapshot_force_delete;
extern const struct shr__flow shr__flow_snapshot_manage;
extern const struct shr__flow shr__flow_snapshot_unmanage;
extern const struct shr__flow shr__flow_snapshot_update;
extern const struct shr__flow shr__flow_snapshot_reset_state;
extern const struct shr__flow shr__flow_snapshot_reconcile;
extern const struct shr__flow shr__flow_snapshot_set_access;
extern const struct shr__flow shr__flow_snapshot_rules;
extern const struct shr__flow shr__flow_snapshot_follow;

/* Pieces of share_create.c that a copied share is made with too: its rows; its rules told; all of it there, or nothing. */
int shr__create_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__create_rules(struct shr__work *w);
int shr__create_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__create_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
/* A->bytes are enough for the snapshot A->others.other. */
int shr__snapshot_fits(const struct shr__accept *a, const struct shr_error **reterr);

/* Pieces that flows of shares and of snapshots have in common. */
int shr__delete_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__unmanage_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__force_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__reset_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__update_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__reconcile_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__apply_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
int shr__sync_call(struct shr__work *w);
int shr__sync_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__sync_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__remove_call(struct shr__work *w);
int shr__delete_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
/* What was taken over is the share's: its size, its place, and what the pool counts. */
int shr__manage_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__manage_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
/* What is needed to remove the instance that O stands for, as shr__force_load() reads it. */
void shr__force_pack(struct shr__buf *args, const struct shr__orphan_row *o, const char *share_name, int64_t bytes);
int shr__force_load(struct shr__work *w);
int shr__force_unexport(struct shr__work *w);
int shr__force_remove(struct shr__work *w);
int shr__force_tidy(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__force_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__reconcile_look(struct shr__work *w);
int shr__reconcile_look_export(struct shr__work *w);
int shr__reconcile_export(struct shr__work *w);
int shr__reconcile_rules(struct shr__work *w);
int shr__reconcile_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
int shr__reconcile_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
/* The orphan A is about is this operation's from now on: no other works on it, and no share has it. */
int shr__orphan_take(struct shr__accept *a, struct shr__txn *t, struct shr__orphan_row *ret, const struct shr_error **reterr);
/* A snapshot as a new row of the store, with its instance, cut from a->others.other: STATE is the one it is in meanwhile. */
int shr__snapshot_accept(struct shr__accept *a, struct shr__txn *t, uint32_t state, const struct shr_error **reterr);
/* The steps that export a snapshot and give it its rules; nothing where it is not exported. */
int shr__snapshot_export(struct shr__work *w);
int shr__snapshot_rules(struct shr__work *w);
int shr__snapshot_publish(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
static inline int shr__snapshot_exported(const struct shr__share_row *snapshot)
{
	return snapshot->snapshot_access == SHR_SNAPSHOT_ACCESS_OWN || snapshot->snapshot_access == SHR_SNAPSHOT_ACCESS_SHARE;
}
/* A snapshot's export is to be as ACCESS says: can its pool do that? */
int shr__snapshot_access_check(const struct shr__pool_row *pool, uint32_t access, const struct shr_error **reterr);

int shr__export_call(struct shr__work *w);
int shr__unexport_call(struct shr__work *w);
int shr__forget_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);

#endif

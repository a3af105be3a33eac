/* examples/sharectl/commands.h - every command there is */
#ifndef SHARECTL_COMMANDS_H
#define SHARECTL_COMMANDS_H

#include "options.h"

struct ctl;

#define CTL_STORE 1u   /* opens the store */
#define CTL_ENGINE 2u  /* needs an engine, here or in another process */
#define CTL_CHANGES 4u /* makes an operation: its options are those of the table in commands.c */
#define CTL_LISTS 8u   /* the same for lists */
#define CTL_PAGES 16u  /* the same for those that can only go on */
#define CTL_AS_SYSTEM 32u /* its session is the host's own */
#define CTL_HIDDEN 64u

struct ctl_command {
	const char *words; /* "share create" */
	const char *args;  /* "NAME SIZE" */
	const char *help;
	const char *more;  /* what else --help says, or NULL */
	int least, most;   /* arguments */
	uint32_t flags;
	const unsigned char *options; /* of its own; ends with OPT_END; may be NULL */
	int (*run)(struct ctl *c);
};
extern const struct ctl_command ctl_commands[]; /* words NULL at the end */

int ctl_takes(const struct ctl_command *cmd, enum ctl_opt o);
int ctl_is_global(enum ctl_opt o);
const struct ctl_command *ctl_find(char **words, int n, int *ret_used);
int ctl_begins(const char *words, char **argv, int n);

/* What they do; each ends with an exit status. */
int ctl_init(struct ctl *c);
int ctl_share_create(struct ctl *c);
int ctl_share_list(struct ctl *c);
int ctl_share_show(struct ctl *c);
int ctl_share_update(struct ctl *c);
int ctl_share_extend(struct ctl *c);
int ctl_share_shrink(struct ctl *c);
int ctl_share_delete(struct ctl *c);
int ctl_share_force_delete(struct ctl *c);
int ctl_share_reset_state(struct ctl *c);
int ctl_share_manage(struct ctl *c);
int ctl_share_unmanage(struct ctl *c);
int ctl_share_revert(struct ctl *c);
int ctl_share_blockers(struct ctl *c);
int ctl_snapshot_create(struct ctl *c);
int ctl_snapshot_list(struct ctl *c);
int ctl_snapshot_show(struct ctl *c);
int ctl_snapshot_update(struct ctl *c);
int ctl_snapshot_access(struct ctl *c);
int ctl_snapshot_delete(struct ctl *c);
int ctl_snapshot_force_delete(struct ctl *c);
int ctl_snapshot_reset_state(struct ctl *c);
int ctl_snapshot_manage(struct ctl *c);
int ctl_snapshot_unmanage(struct ctl *c);
int ctl_snapshot_blockers(struct ctl *c);
int ctl_lock_add(struct ctl *c);
int ctl_lock_remove(struct ctl *c);
int ctl_lock_list(struct ctl *c);
int ctl_access_allow(struct ctl *c);
int ctl_access_deny(struct ctl *c);
int ctl_access_set(struct ctl *c);
int ctl_access_list(struct ctl *c);
int ctl_access_explain(struct ctl *c);
int ctl_access_apply(struct ctl *c);
int ctl_access_wait(struct ctl *c);
int ctl_access_key(struct ctl *c);
int ctl_access_reseal(struct ctl *c);
int ctl_pool_list(struct ctl *c);
int ctl_orphan_list(struct ctl *c);
int ctl_orphan_delete(struct ctl *c);
int ctl_orphan_adopt(struct ctl *c);
int ctl_drift_list(struct ctl *c);
int ctl_reconcile(struct ctl *c);
int ctl_reconcile_backend(struct ctl *c); /* reconcile with --backend or --all */
int ctl_driver_list(struct ctl *c);
int ctl_exporter_list(struct ctl *c);
int ctl_quota_show(struct ctl *c);
int ctl_quota_set(struct ctl *c);
int ctl_op_list(struct ctl *c);
int ctl_op_show(struct ctl *c);
int ctl_op_wait(struct ctl *c);
int ctl_op_cancel(struct ctl *c);
int ctl_event_list(struct ctl *c);
int ctl_event_follow(struct ctl *c);
int ctl_engine_run(struct ctl *c);
int ctl_config_check(struct ctl *c);
int ctl_store_check(struct ctl *c);
int ctl_purge(struct ctl *c);
int ctl_complete(struct ctl *c);

#endif

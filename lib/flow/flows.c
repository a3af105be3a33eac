/* lib/flow/flows.c - the table of all flows */
#include "flow/flows.h"

#include <string.h>

#include "flow/accept.h"

const struct shr__flow *const shr__flows[] = {
	&shr__flow_share_create,
	&shr__flow_share_copy,
	&shr__flow_share_extend,
	&shr__flow_share_shrink,
	&shr__flow_share_delete,
	&shr__flow_share_force_delete,
	&shr__flow_share_manage,
	&shr__flow_share_unmanage,
	&shr__flow_share_update,
	&shr__flow_share_reset_state,
	&shr__flow_share_reconcile,
	&shr__flow_share_revert,
	&shr__flow_snapshot_create,
	&shr__flow_snapshot_delete,
	&shr__flow_snapshot_force_delete,
	&shr__flow_snapshot_manage,
	&shr__flow_snapshot_unmanage,
	&shr__flow_snapshot_update,
	&shr__flow_snapshot_reset_state,
	&shr__flow_snapshot_reconcile,
	&shr__flow_snapshot_set_access,
	&shr__flow_snapshot_rules,
	&shr__flow_snapshot_follow,
	&shr__flow_access_apply,
	&shr__flow_lock_add,
	&shr__flow_lock_remove,
	&shr__flow_quota_set,
	&shr__flow_orphan_delete,
	&shr__flow_orphan_delete_snapshot,
	&shr__flow_orphan_adopt,
	NULL
};

const struct shr__flow *shr__flow_find(const char *kind, uint32_t version)
{
	for (uint32_t i = 0; shr__flows[i]; i++)
		if (strcmp(shr__flows[i]->kind, kind) == 0 && shr__flows[i]->version == version)
			return shr__flows[i];
	return NULL;
}

int shr__flow_step(const struct shr__flow *f, const char *name)
{
	for (uint32_t i = 0; i < f->n_steps; i++)
		if (strcmp(f->steps[i].name, name) == 0)
			return (int)i;
	return -1;
}

const char *shr__event_text(char *buf, size_t room, const struct shr__flow *f, const char *name, const char *is)
{
	int named = name && name[0];
	const char *parts[] = { f->object, named ? " \"" : " ", named ? name : "", named ? "\" " : "", is, " ", f->verb };
	size_t at = 0;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) { /* with each change of each operation: not by printf */
		size_t n = strlen(parts[i]);

		n = n < room - at ? n : room - at - 1;
		memcpy(buf + at, parts[i], n);
		at += n;
	}
	buf[at] = 0;
	return buf;
}

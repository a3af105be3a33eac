/* examples/sharectl/snapshot_change.c - snapshots that change and go, shares that go back to one, and what keeps either */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "words.h"

#include <stdio.h>

int ctl_snapshot_update(struct ctl *c)
{
	return ctl_update(c, &ctl_snapshot_noun, shr_snapshot_update);
}

int ctl_snapshot_access(struct ctl *c)
{
	return ctl_set_number(c, &ctl_snapshot_noun, shr_snapshot_set_access, ctl_parse_snapshot_access,
		"no access: none, own or share");
}

int ctl_snapshot_delete(struct ctl *c)
{
	return ctl_take_away(c, &ctl_snapshot_noun, shr_snapshot_delete, "deleted");
}

int ctl_snapshot_force_delete(struct ctl *c)
{
	return ctl_take_away(c, &ctl_snapshot_noun, shr_snapshot_force_delete, "deleted by force");
}

int ctl_snapshot_unmanage(struct ctl *c)
{
	return ctl_take_away(c, &ctl_snapshot_noun, shr_snapshot_unmanage, "unmanaged; it is where it was");
}

int ctl_snapshot_reset_state(struct ctl *c)
{
	return ctl_set_number(c, &ctl_snapshot_noun, shr_snapshot_reset_state, ctl_parse_state, "no state: available or error");
}

int ctl_share_revert(struct ctl *c)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char share[64], snapshot[64];
	int rc, status = ctl_share_id(c, c->argv[0], share);

	if (!status)
		status = ctl_snapshot_id(c, share, c->argv[1], snapshot);
	if (status)
		return status;
	ctl_change(c, &p);
	rc = shr_share_revert(c->session, share, snapshot, &p, &op, &error);
	return ctl_changed(c, &ctl_share_noun, rc, op, error, share, NULL);
}

/* ---- what keeps it from being deleted ---- */

static void say_blockers(const struct ctl_noun *noun, const char *id, const struct shr_error *why)
{
	static const char *const headings[] = { "WHAT", "ID", "WHY", "WHAT TO DO" };
	struct ctl_table t;

	if (!why) {
		printf("%s %s: nothing keeps it from being deleted\n", noun->word, id);
		return;
	}
	ctl_table_begin(&t, headings, 4);
	for (uint32_t i = 0; i < why->n_faults; i++) {
		const struct shr_fault *f = why->faults[i];

		ctl_cell(&t, "%s", f->where);
		ctl_cell(&t, "%s", f->object_id);
		ctl_cell(&t, "%s", f->message);
		ctl_cell(&t, "%s", f->remedy);
	}
	ctl_table_end(&t);
}

static int blockers(struct ctl *c, const struct ctl_noun *noun)
{
	const struct shr_error *error = NULL, *why = NULL;
	char id[64];
	int rc, status = noun->id(c, c->argv[0], id);

	if (status)
		return status;
	rc = shr_delete_check(c->session, id, &why, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (!ctl_has(c, OPT_JSON))
		say_blockers(noun, id, why);
	else if (why)
		status = ctl_json(c, shr_error_json(why));
	rc = why != NULL;
	shr_error_unref(why);
	return status ? status : rc ? CTL_NO : CTL_OK;
}

int ctl_share_blockers(struct ctl *c)
{
	return blockers(c, &ctl_share_noun);
}

int ctl_snapshot_blockers(struct ctl *c)
{
	return blockers(c, &ctl_snapshot_noun);
}

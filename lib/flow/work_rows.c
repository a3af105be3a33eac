/* lib/flow/work_rows.c - rows that several flows write: what was told, the accounts, orphans, and forgetting a share */
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "flow/drift.h"
#include "flow/numbers.h"

static int drop_row(struct shr__txn *t, const void *row, void *data)
{
	return shr__txn_remove(t, data, row);
}

/* Remove up to MOST rows of one index prefix. Returns how many; MOST: there may be more. */
static int drop_some(struct shr__txn *t, const struct shr__rowdef *def, uint32_t index, const void *from, uint32_t most)
{
	return shr__txn_scan(t, def, index, from, 1, 1, 0, most, drop_row, (void *)(uintptr_t)def);
}

int shr__work_save_told(struct shr__work *w, struct shr__txn *t, uint64_t set)
{
	int rc;

	if (w->told_ref) {
		w->instance.ref = w->ref;
		set |= SHR__COL(instance, ref);
	}
	if (w->path) {
		w->instance.path = w->path;
		set |= SHR__COL(instance, path);
	}
	if (w->told_exports) {
		struct shr__export_row from = { .instance_id = w->instance.id };

		if (w->instance.n_exports && (rc = drop_some(t, &shr__export_def, 0, &from, 1000)) < 0)
			return rc;
		for (uint32_t i = 0; i < w->n_exports; i++) {
			const struct shr_export *e = w->exports[i];
			struct shr__export_row row = { w->instance.id, i, e->path, (int64_t)e->protocol, e->family, e->flags };

			if ((rc = shr__txn_insert(t, &shr__export_def, &row)) < 0)
				return rc;
		}
		w->instance.n_exports = w->n_exports;
		set |= SHR__COL(instance, n_exports);
	}
	return set ? shr__txn_update(t, &shr__instance_def, &w->instance, set) : 0;
}

int shr__work_account(struct shr__work *w, struct shr__txn *t, uint64_t bytes, const struct shr_error **reterr)
{
	int64_t before = w->instance.bytes, after = (int64_t)bytes;
	int64_t shares = shr__flow_of_snapshots(w->flow) ? 0 : (after > 0) - (before > 0);
	int rc;

	if (after == before)
		return 0;
	rc = shr__account_quota(t, w->env->config, w->share.project, shares, after - before, reterr);
	if (rc < 0)
		return rc;
	/* What is on the backend already is counted, whatever the limit. */
	rc = shr__account_pool(t, w->instance.backend, w->instance.pool, shr__pool_holds(&w->instance, after - before), INT64_MAX,
		reterr);
	if (rc < 0)
		return rc;
	w->instance.bytes = after;
	return shr__txn_update(t, &shr__instance_def, &w->instance, SHR__COL(instance, bytes));
}

struct shr__orphan_row shr__orphan_of(const struct shr__flow *flow, const struct shr__share_row *share,
	const struct shr__instance_row *instance, const struct shr__others *others)
{
	struct shr__orphan_row row = { .id = instance->id, .backend = instance->backend, .pool = instance->pool,
		.object = flow->object, .object_id = share->id, .instance_id = instance->id, .ref = instance->ref,
		.path = instance->path, .bytes = shr__pool_holds(instance, instance->bytes), .reason = "", .op_id = "",
		.project = share->project, .export_number = instance->export_number, .number_server = instance->number_server,
		.flags = instance->flags, .protocols = share->protocols, .of_share = "", .of_instance = "", .of_ref = "",
		.access_told = instance->access_base + share->access_revision };

	if (shr__flow_of_snapshots(flow) && others->other_instance.id) { /* which may be gone before the snapshot is */
		row.of_share = others->other.id;
		row.of_instance = others->other_instance.id;
		row.of_ref = others->other_instance.ref;
	}
	return row;
}

int shr__work_orphan(struct shr__work *w, struct shr__txn *t, const char *reason)
{
	struct shr__orphan_row row = shr__orphan_of(w->flow, &w->share, &w->instance, &w->others);
	int rc;

	row.object_id = w->op.object_id;
	row.project = w->op.project;
	row.ref = w->told_ref ? w->ref : row.ref;
	row.path = w->path ? w->path : row.path;
	row.reason = reason;
	row.op_id = w->op.id;
	row.created_ns = w->op.updated_ns;
	rc = shr__txn_insert_if_absent(t, &shr__orphan_def, &row);
	return rc < 0 ? rc : 0;
}

int shr__work_orphan_gone(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__orphan_row row = { .id = w->instance.id };
	int rc = shr__txn_get(t, &shr__orphan_def, &row);

	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	rc = shr__account_pool(t, row.backend, row.pool, -row.bytes, INT64_MAX, reterr);
	if (rc == 0)
		rc = shr__number_free(t, row.number_server, row.export_number, row.object_id, w->wall_ns);
	return rc < 0 ? rc : shr__txn_remove(t, &shr__orphan_def, &row);
}

#define BITE 250

/* A rule's row with what hangs on it. */
static int drop_rule(struct shr__txn *t, const void *data, void *left)
{
	const struct shr__rule_row *rule = data;
	struct shr__metadata_row meta = { .object_id = rule->id };
	struct shr__lock_row lock = { .object_id = rule->id };
	struct shr__rule_key_row key = { .rule_id = rule->id };
	int rc = shr__txn_remove(t, &shr__rule_key_def, &key);

	if (rc < 0 && rc != SHR_ENOTFOUND)
		return rc;
	if (rule->n_metadata && (rc = drop_some(t, &shr__metadata_def, 0, &meta, 1000)) < 0)
		return rc;
	if (rule->n_locks && (rc = drop_some(t, &shr__lock_def, 0, &lock, 1000)) < 0)
		return rc;
	return shr__txn_remove(t, &shr__rule_def, rule);
}

int shr__instance_forget_rules(struct shr__txn *t, const char *instance_id)
{
	struct shr__rule_fault_row faults = { .instance_id = instance_id };
	int rc = drop_some(t, &shr__rule_fault_def, 0, &faults, 1000);

	return rc < 0 ? rc : rc == 1000 ? SHR_RUNNING : 0;
}

int shr__instance_forget(struct shr__txn *t, const char *instance_id)
{
	struct shr__export_row exports = { .instance_id = instance_id };
	int rc = drop_some(t, &shr__export_def, 0, &exports, 1000);

	return rc < 0 ? rc : shr__instance_forget_rules(t, instance_id);
}

struct forgetting {
	int64_t now_ns;
	int more;
};

/* What an orphan has taken along is not the share's to let go. */
static int free_number(struct shr__txn *t, const struct shr__instance_row *instance, int64_t now_ns)
{
	struct shr__orphan_row orphan = { .id = instance->id };
	int rc;

	if (!instance->export_number)
		return 0;
	rc = shr__txn_get(t, &shr__orphan_def, &orphan);
	if (rc == SHR_ENOTFOUND)
		return shr__number_free(t, instance->number_server, instance->export_number, instance->share_id, now_ns);
	return rc;
}

static int drop_instance(struct shr__txn *t, const void *data, void *pforgetting)
{
	const struct shr__instance_row *instance = data;
	struct forgetting *f = pforgetting;
	int rc = shr__instance_forget(t, instance->id);

	if (rc)
		return rc < 0 ? rc : (f->more = 1);
	rc = shr__drift_forget(t, instance->id);
	if (rc)
		return rc < 0 ? rc : (f->more = 1);
	rc = free_number(t, instance, f->now_ns);
	if (rc < 0)
		return rc;
	return shr__txn_remove(t, &shr__instance_def, instance);
}

/* Its parent has one child less; a share's is a snapshot, and a snapshot's a share. */
int shr__leave_parent(struct shr__txn *t, const struct shr__rowdef *rows, const struct shr__share_row *share)
{
	if (!share->parent || !share->parent[0])
		return 0;
	if (rows == &shr__share_def)
		return shr__parent_count(t, &shr__snapshot_def, share->parent, -1, 0);
	return shr__parent_count(t, &shr__share_def, share->parent, -1, share->snapshot_access == SHR_SNAPSHOT_ACCESS_SHARE ? -1 : 0);
}

int shr__share_forget(struct shr__txn *t, const struct shr__rowdef *rows, const struct shr__share_row *share, int64_t now_ns,
	const struct shr_error **reterr)
{
	struct shr__rule_row rules = { .share_id = share->id };
	struct shr__metadata_row meta = { .object_id = share->id };
	struct shr__lock_row locks = { .object_id = share->id };
	struct shr__instance_row instances = { .share_id = share->id };
	struct forgetting f = { now_ns, 0 };
	int rc;

	/* Rows of rules that were closed may be there when n_rules is 0: access_revision tells that there ever were any. */
	if (share->access_revision) {
		rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &rules, 1, 1, 0, BITE, drop_rule, NULL);
		if (rc < 0)
			return rc;
		if (rc == BITE)
			return SHR_RUNNING;
	}
	if (share->n_metadata && (rc = drop_some(t, &shr__metadata_def, 0, &meta, 1000)) < 0)
		return rc;
	if (share->n_locks && (rc = drop_some(t, &shr__lock_def, 0, &locks, 1000)) < 0)
		return rc;
	rc = shr__txn_scan(t, &shr__instance_def, SHR__I_instance_by_share, &instances, 1, 1, 0, 100, drop_instance, &f);
	if (rc < 0 || f.more)
		return rc < 0 ? rc : SHR_RUNNING;
	rc = shr__leave_parent(t, rows, share);
	return rc < 0 ? rc : shr__txn_remove(t, rows, share);
}

/* lib/api/share_facts.c - reading a share with all that belongs to it */
#include "api/share_facts.h"

#include "libshare/snapshot.h"
#include "model/check.h"

/* What a damaged store could make us read for ever; the API keeps far below. */
#define MOST_INSTANCES 10000u
#define MOST_EXPORTS 10000u
#define MOST_METADATA 10000u

static int check_share(const struct shr__share_row *row, const struct shr_error **reterr)
{
	return shr__row_check(&shr__share_def, row, 0, SHR__COL(share, state) | SHR__COL(share, snapshot_access), reterr);
}

int shr__share_find(struct shr__txn *t, const char *share_id, struct shr__share_row *ret, const struct shr_error **reterr)
{
	int rc;

	ret->id = share_id;
	rc = shr__txn_get(t, &shr__share_def, ret);
	if (rc == SHR_ENOTFOUND)
		return shr__no_such("share", share_id, reterr);
	return rc ? rc : check_share(ret, reterr);
}

int shr__snapshot_revision(struct shr__txn *t, struct shr__share_row *row)
{
	struct shr__share_row parent = { .id = row->parent };
	int rc;

	if (row->snapshot_access != SHR_SNAPSHOT_ACCESS_SHARE)
		return 0;
	rc = shr__txn_get(t, &shr__share_def, &parent);
	if (rc == 0)
		row->access_revision = parent.access_revision;
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

int shr__snapshot_find(struct shr__txn *t, const char *id, struct shr__share_row *ret, const struct shr_error **reterr)
{
	int rc;

	ret->id = id;
	rc = shr__txn_get(t, &shr__snapshot_def, ret);
	if (rc == SHR_ENOTFOUND)
		return shr__no_such("snapshot", id, reterr);
	if (!rc)
		rc = shr__row_check(&shr__snapshot_def, ret, 0, SHR__COL(share, state) | SHR__COL(share, snapshot_access), reterr);
	return rc ? rc : shr__snapshot_revision(t, ret);
}

int shr__object_find(struct shr__txn *t, const char *id, struct shr__share_row *ret, const struct shr__rowdef **ret_rows,
	const struct shr_error **reterr)
{
	struct shr__share_row row = { .id = id };
	int rc = shr__txn_get(t, &shr__share_def, &row);

	if (rc == SHR_ENOTFOUND) {
		row.id = id;
		rc = shr__txn_get(t, &shr__snapshot_def, &row);
		if (rc == 0) {
			*ret_rows = &shr__snapshot_def;
			return shr__snapshot_find(t, id, ret, reterr);
		}
	}
	*ret_rows = &shr__share_def;
	*ret = row;
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? shr__no_such("share", id, reterr) : rc;
	return check_share(&row, reterr);
}

int shr__instances_find(struct shr__txn *t, const char *share_id, struct shr__gathered *ret, const struct shr_error **reterr)
{
	struct shr__instance_row from = { .share_id = share_id };
	const struct shr__instance_row *rows;
	int rc = shr__gather(t, &shr__instance_def, SHR__I_instance_by_share, &from, 1, MOST_INSTANCES, ret, reterr);

	rows = ret->rows;
	for (uint32_t i = 0; !rc && i < ret->n; i++)
		rc = shr__row_check(&shr__instance_def, &rows[i], 0, 0, reterr);
	return rc;
}

int64_t shr__access_applied(const struct shr__gathered *instances)
{
	const struct shr__instance_row *rows = instances->rows;
	int64_t least = instances->n ? rows[0].access_applied : 0;

	for (uint32_t i = 1; i < instances->n; i++)
		if (rows[i].access_applied < least)
			least = rows[i].access_applied;
	return least;
}

static int read_exports(struct shr__txn *t, struct shr__share_facts *f, const struct shr__instance_row *instance,
	struct shr__gathered *ret, const struct shr_error **reterr)
{
	struct shr__export_row from = { .instance_id = instance->id };
	const struct shr__export_row *rows;
	int rc;

	if (!instance->n_exports)
		return 0;
	rc = shr__gather(t, &shr__export_def, SHR__I_export_pk, &from, 1, MOST_EXPORTS, ret, reterr);
	rows = ret->rows;
	for (uint32_t i = 0; !rc && i < ret->n; i++) {
		rc = shr__row_check(&shr__export_def, &rows[i], 0, SHR__COL(export, flags) | SHR__COL(export, family), reterr);
		f->admin_exports |= (rows[i].flags & SHR_EXPORT_ADMIN_ONLY) != 0;
	}
	return rc;
}

int shr__share_facts_read(struct shr__txn *t, struct shr__share_facts *f, const struct shr_error **reterr)
{
	struct shr__metadata_row from = { .object_id = f->share.id };
	const struct shr__instance_row *rows;
	int rc = shr__instances_find(t, f->share.id, &f->instances, reterr);

	if (rc)
		return rc;
	rows = f->instances.rows;
	f->admin_exports = 0;
	f->exports = shr__arena_alloc(shr__txn_arena(t), (f->instances.n + 1) * sizeof *f->exports);
	if (!f->exports)
		return SHR_ENOMEM;
	for (uint32_t i = 0; !rc && i < f->instances.n; i++)
		rc = read_exports(t, f, &rows[i], &f->exports[i], reterr);
	f->metadata = (struct shr__gathered){ NULL, 0 };
	if (!rc && f->share.n_metadata)
		rc = shr__gather(t, &shr__metadata_def, SHR__I_metadata_pk, &from, 1, MOST_METADATA, &f->metadata, reterr);
	return rc;
}

/* lib/api/share_record.c - a share's record from its rows */
#include "api/share_facts.h"
#include "libshare/driver.h"

const struct shr_export *shr__export_record(struct shr__arena *arena, const struct shr__export_row *row)
{
	struct shr_export *e = shr__arena_alloc(arena, sizeof *e);

	if (!e)
		return NULL;
	e->size = sizeof *e;
	e->flags = (uint32_t)row->flags;
	e->protocol = (uint64_t)row->protocol;
	e->family = (uint32_t)row->family;
	e->path = shr__arena_strdup(arena, row->path);
	e->instance_id = shr__arena_strdup(arena, row->instance_id);
	return e->path && e->instance_id ? e : NULL;
}

int shr__exports_record(struct shr__arena *arena, const struct shr__share_facts *f, int show_admin,
	const struct shr_export *const **ret, uint32_t *ret_n)
{
	const struct shr_export **list;
	uint32_t n = 0, kept = 0;

	for (uint32_t i = 0; i < f->instances.n; i++)
		n += f->exports[i].n;
	list = shr__arena_alloc(arena, (n + 1) * sizeof *list);
	if (!list)
		return -1;
	for (uint32_t i = 0; i < f->instances.n; i++) {
		const struct shr__export_row *rows = f->exports[i].rows;

		for (uint32_t j = 0; j < f->exports[i].n; j++) {
			if (rows[j].flags & SHR_EXPORT_ADMIN_ONLY && !show_admin)
				continue;
			list[kept] = shr__export_record(arena, &rows[j]);
			if (!list[kept++])
				return -1;
		}
	}
	*ret = list;
	*ret_n = kept;
	return 0;
}

static void put_numbers(const struct shr__share_facts *f, struct shr_share *s)
{
	const struct shr__share_row *row = &f->share;
	const struct shr__instance_row *first = f->instances.n ? f->instances.rows : NULL;

	s->size = sizeof *s;
	s->state = (uint32_t)row->state;
	s->version = (uint64_t)row->version;
	s->bytes = (uint64_t)row->bytes;
	s->protocols = (uint64_t)row->protocols;
	s->created_ns = row->created_ns;
	s->updated_ns = row->updated_ns;
	s->access_revision = (uint64_t)row->access_revision;
	s->access_applied = (uint64_t)shr__access_applied(&f->instances);
	s->n_rules = (uint64_t)row->n_rules;
	s->n_locks = (uint64_t)row->n_locks;
	s->n_snapshots = (uint64_t)row->n_children;
	s->flags = first && (first->flags & SHR_INSTANCE_READONLY) ? SHR_SHARE_READONLY : 0;
	s->snapshot_access = row->snapshot_access ? (uint32_t)row->snapshot_access : SHR_SNAPSHOT_ACCESS_NONE;
}

static int put_texts(struct shr__arena *arena, const struct shr__share_facts *f, struct shr_share *s)
{
	const struct shr__share_row *row = &f->share;
	const struct shr__instance_row *first = f->instances.n ? f->instances.rows : NULL;

	s->id = shr__arena_strdup(arena, row->id);
	s->project = shr__arena_strdup(arena, row->project);
	s->name = shr__arena_strdup(arena, row->name);
	s->description = shr__arena_strdup(arena, row->description);
	s->zone = shr__arena_strdup(arena, row->zone);
	s->backend = shr__arena_strdup(arena, first ? first->backend : NULL);
	s->pool = shr__arena_strdup(arena, first ? first->pool : NULL);
	s->op_id = shr__arena_strdup(arena, row->op_id);
	s->reason = shr__arena_strdup(arena, row->reason);
	s->snapshot_id = shr__arena_strdup(arena, row->parent);
	return s->id && s->project && s->name && s->description && s->zone && s->backend && s->pool && s->op_id && s->reason &&
		s->snapshot_id ? 0 : -1;
}

const struct shr_share *shr__share_record(const struct shr__share_facts *f, int show_admin_exports)
{
	struct shr__arena *arena;
	struct shr_share *s = shr__record_new(sizeof *s, &arena);

	if (!s)
		return NULL;
	put_numbers(f, s);
	if (put_texts(arena, f, s) || shr__exports_record(arena, f, show_admin_exports, &s->exports, &s->n_exports) ||
	    shr__pairs_copy(arena, &f->metadata, &s->metadata, &s->n_metadata)) {
		shr__record_unref(s);
		return NULL;
	}
	return s;
}

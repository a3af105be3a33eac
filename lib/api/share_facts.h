/* lib/api/share_facts.h - a share with all that its record shows, as one transaction sees it */
#ifndef SHR_API_SHARE_FACTS_H
#define SHR_API_SHARE_FACTS_H

#include "api/list.h"

struct shr__share_facts {
	struct shr__share_row share;
	struct shr__gathered instances; /* struct shr__instance_row, by id */
	struct shr__gathered *exports;  /* of each instance: struct shr__export_row */
	struct shr__gathered metadata;  /* struct shr__metadata_row, by key */
	int admin_exports;              /* some are for administrators only */
};

/* The row of a share; SHR_ENOTFOUND with words. */
int shr__share_find(struct shr__txn *t, const char *share_id, struct shr__share_row *ret, const struct shr_error **reterr);
/* The row of a share or, where there is none of that id, of a snapshot, whose access_revision is that of the rules that it has;
 * *RET_ROWS: which it is. SHR_ENOTFOUND with words. */
int shr__object_find(struct shr__txn *t, const char *id, struct shr__share_row *ret, const struct shr__rowdef **ret_rows,
	const struct shr_error **reterr);
int shr__snapshot_find(struct shr__txn *t, const char *id, struct shr__share_row *ret, const struct shr_error **reterr);
/* The same for a row that was read: a snapshot that has its share's rules has its revision. */
int shr__snapshot_revision(struct shr__txn *t, struct shr__share_row *row);
/* Its instances, by id. */
int shr__instances_find(struct shr__txn *t, const char *share_id, struct shr__gathered *ret, const struct shr_error **reterr);
/* The access revision that every instance has been told; 0 when there is none. */
int64_t shr__access_applied(const struct shr__gathered *instances);

/* The rest of F, whose share row is there. */
int shr__share_facts_read(struct shr__txn *t, struct shr__share_facts *f, const struct shr_error **reterr);
/* One object for a caller of shr_share_get() or the like. */
struct shr__facts_kind {
	const char *noun, *field, *ret, *action;
	int (*find)(struct shr__txn *t, const char *id, struct shr__share_row *ret, const struct shr_error **reterr);
	const void *(*make)(const struct shr__share_facts *f, int show_admin);
};
/* Its record, the caller's; *RET_RC is what the call answers. RET is the caller's address, which must not be NULL. */
const void *shr__facts_get(struct shr_session *session, const struct shr__facts_kind *kind, const char *id, const void *ret,
	int *ret_rc, const struct shr_error **reterr);
/* The record, held once; NULL: no memory. */
const struct shr_share *shr__share_record(const struct shr__share_facts *f, int show_admin_exports);
/* All its locations, in ARENA; -1: no memory. */
int shr__exports_record(struct shr__arena *arena, const struct shr__share_facts *f, int show_admin,
	const struct shr_export *const **ret, uint32_t *ret_n);
/* One location's, in ARENA; NULL: no memory. */
const struct shr_export *shr__export_record(struct shr__arena *arena, const struct shr__export_row *row);

#endif

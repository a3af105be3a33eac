/* lib/model/rows.h - a C struct for each table's rows, and what is known of it */
#ifndef SHR_MODEL_ROWS_H
#define SHR_MODEL_ROWS_H

#include "libshare/store.h"
#include "model/tables.h"

struct shr__blob {
	const void *p;
	size_t n;
};

/* struct shr__share_row { const char *id; int64_t version; ... }; strings are never NULL in a row that was read. */
#define SHR__MEMBER_INT(name) int64_t name;
#define SHR__MEMBER_TEXT(name) const char *name;
#define SHR__MEMBER_BLOB(name) struct shr__blob name;
#define SHR__MEMBER(number, kind, name, flags) SHR__MEMBER_##kind(name)
#define SHR__ROW_STRUCT(number, upper, lower, version) struct shr__##lower##_row { SHR__TABLE_##upper(SHR__MEMBER, 0) };
SHR__TABLES(SHR__ROW_STRUCT)

/* SHR__N_share_state: the column's number. SHR__C_share_state: its bit in a set of columns. */
#define SHR__NUMBER_SHARE(n, k, name, f) SHR__N_share_##name = n,
#define SHR__NUMBER_SNAPSHOT(n, k, name, f) SHR__N_snapshot_##name = n,
#define SHR__NUMBER_INSTANCE(n, k, name, f) SHR__N_instance_##name = n,
#define SHR__NUMBER_EXPORT(n, k, name, f) SHR__N_export_##name = n,
#define SHR__NUMBER_RULE(n, k, name, f) SHR__N_rule_##name = n,
#define SHR__NUMBER_RULE_FAULT(n, k, name, f) SHR__N_rule_fault_##name = n,
#define SHR__NUMBER_RULE_KEY(n, k, name, f) SHR__N_rule_key_##name = n,
#define SHR__NUMBER_METADATA(n, k, name, f) SHR__N_metadata_##name = n,
#define SHR__NUMBER_OP(n, k, name, f) SHR__N_op_##name = n,
#define SHR__NUMBER_OP_ITEM(n, k, name, f) SHR__N_op_item_##name = n,
#define SHR__NUMBER_HOLD(n, k, name, f) SHR__N_hold_##name = n,
#define SHR__NUMBER_TOKEN(n, k, name, f) SHR__N_token_##name = n,
#define SHR__NUMBER_EVENT(n, k, name, f) SHR__N_event_##name = n,
#define SHR__NUMBER_LOCK(n, k, name, f) SHR__N_lock_##name = n,
#define SHR__NUMBER_BACKEND(n, k, name, f) SHR__N_backend_##name = n,
#define SHR__NUMBER_POOL(n, k, name, f) SHR__N_pool_##name = n,
#define SHR__NUMBER_QUOTA(n, k, name, f) SHR__N_quota_##name = n,
#define SHR__NUMBER_ENGINE(n, k, name, f) SHR__N_engine_##name = n,
#define SHR__NUMBER_ORPHAN(n, k, name, f) SHR__N_orphan_##name = n,
#define SHR__NUMBER_COUNTER(n, k, name, f) SHR__N_counter_##name = n,
#define SHR__NUMBER_EXPORT_NUMBER(n, k, name, f) SHR__N_export_number_##name = n,
#define SHR__NUMBER_DRIFT(n, k, name, f) SHR__N_drift_##name = n,
#define SHR__NUMBER_ENUM(number, upper, lower, version) enum { SHR__TABLE_##upper(SHR__NUMBER_##upper, 0) };
SHR__TABLES(SHR__NUMBER_ENUM)

/* SHR__COL(share, state) | SHR__COL(share, reason): a set of columns for an update. */
#define SHR__COL(table, column) (UINT64_C(1) << (SHR__N_##table##_##column - 1))

/* Places of indexes, for scans: SHR__I_share_by_project. */
#define SHR__INDEX_PLACE(table, number, name, unique, ...) SHR__I_##name = number - 1,
enum { SHR__INDEXES(SHR__INDEX_PLACE) SHR__I_END };

struct shr__field {
	uint32_t type; /* SHR_CELL_* */
	uint32_t nullable;
	size_t offset;
};
#define SHR__MAX_COLUMNS 40
struct shr__rowdef {
	const struct shr_table *table;
	size_t size;
	const struct shr__field *fields; /* by column number - 1 */
	uint32_t n_fields;
};

/* shr__share_def, ...: one for each table. */
#define SHR__DECLARE_DEF(number, upper, lower, version) extern const struct shr__rowdef shr__##lower##_def;
SHR__TABLES(SHR__DECLARE_DEF)

#define SHR__GENERATION 3
extern const struct shr_schema shr__schema;

struct shr__arena;

/* Cells of the columns in SET (bit number-1) of ROW, into CELLS (room for SHR__MAX_COLUMNS); returns how many. */
uint32_t shr__row_cells(const struct shr__rowdef *def, const void *row, uint64_t set, struct shr_cell *cells);
/* Cells of the first N columns of an index, then of the key's that it lacks. */
uint32_t shr__row_index_cells(const struct shr__rowdef *def, uint32_t index, const void *row, uint32_t n,
	struct shr_cell *cells);
/* Fill ROW from CELLS, which are not trusted; strings into ARENA. SHR_ECORRUPT (a wrong type, a NUL in text, a column
 * missing that may not be NULL), SHR_ENOMEM or 0. */
int shr__row_read(const struct shr__rowdef *def, const struct shr_cell *cells, uint32_t n_cells, struct shr__arena *arena,
	void *row);

#endif

/* lib/model/schema.c - the tables of tables.h as data for stores */
#include <stddef.h>

#include "model/rows.h"

#define TYPE_INT SHR_CELL_INT
#define TYPE_TEXT SHR_CELL_TEXT
#define TYPE_BLOB SHR_CELL_BLOB
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Columns: an array of descriptions and an array of pointers to them, for each table. */
#define SINCE(since) ((since) ? (since) : 1) /* a column of its table's beginning may say 1 also where that came later */
#define COLUMN(num, kind, nm, fl) \
	{ sizeof(struct shr_column), num, TYPE_##kind, (fl) ? SHR_COLUMN_NULLABLE : 0, SINCE(fl), 0, #nm },
#define COLUMNS(num, upper, lower, version) \
	static const struct shr_column lower##_columns[] = { SHR__TABLE_##upper(COLUMN, 0) };
SHR__TABLES(COLUMNS)

#define POINTER_SHARE(num, kind, nm, fl) &share_columns[num - 1],
#define POINTER_SNAPSHOT(num, kind, nm, fl) &snapshot_columns[num - 1],
#define POINTER_INSTANCE(num, kind, nm, fl) &instance_columns[num - 1],
#define POINTER_EXPORT(num, kind, nm, fl) &export_columns[num - 1],
#define POINTER_RULE(num, kind, nm, fl) &rule_columns[num - 1],
#define POINTER_RULE_FAULT(num, kind, nm, fl) &rule_fault_columns[num - 1],
#define POINTER_RULE_KEY(num, kind, nm, fl) &rule_key_columns[num - 1],
#define POINTER_METADATA(num, kind, nm, fl) &metadata_columns[num - 1],
#define POINTER_OP(num, kind, nm, fl) &op_columns[num - 1],
#define POINTER_OP_ITEM(num, kind, nm, fl) &op_item_columns[num - 1],
#define POINTER_HOLD(num, kind, nm, fl) &hold_columns[num - 1],
#define POINTER_TOKEN(num, kind, nm, fl) &token_columns[num - 1],
#define POINTER_EVENT(num, kind, nm, fl) &event_columns[num - 1],
#define POINTER_LOCK(num, kind, nm, fl) &lock_columns[num - 1],
#define POINTER_BACKEND(num, kind, nm, fl) &backend_columns[num - 1],
#define POINTER_POOL(num, kind, nm, fl) &pool_columns[num - 1],
#define POINTER_QUOTA(num, kind, nm, fl) &quota_columns[num - 1],
#define POINTER_ENGINE(num, kind, nm, fl) &engine_columns[num - 1],
#define POINTER_ORPHAN(num, kind, nm, fl) &orphan_columns[num - 1],
#define POINTER_COUNTER(num, kind, nm, fl) &counter_columns[num - 1],
#define POINTER_EXPORT_NUMBER(num, kind, nm, fl) &export_number_columns[num - 1],
#define POINTER_DRIFT(num, kind, nm, fl) &drift_columns[num - 1],
#define POINTERS(num, upper, lower, version) \
	static const struct shr_column *const lower##_column_list[] = { SHR__TABLE_##upper(POINTER_##upper, 0) };
SHR__TABLES(POINTERS)

/* Indexes. */
#define INDEX(t, num, nm, unique, ...) \
	static const uint32_t nm##_numbers[] = { __VA_ARGS__ }; \
	static const struct shr_index nm##_index = { sizeof(struct shr_index), num, (unique) ? SHR_INDEX_UNIQUE : 0, \
		COUNT(nm##_numbers), 1, 0, #nm, nm##_numbers };
SHR__INDEXES(INDEX)

static const struct shr_index *const share_indexes[] = { &share_pk_index, &share_by_project_index, &share_by_name_index,
	&share_by_state_index, &share_by_parent_index };
static const struct shr_index *const snapshot_indexes[] = { &snapshot_pk_index, &snapshot_by_project_index,
	&snapshot_by_name_index, &snapshot_by_parent_index };
static const struct shr_index *const instance_indexes[] = { &instance_pk_index, &instance_by_share_index,
	&instance_by_pool_index };
static const struct shr_index *const export_indexes[] = { &export_pk_index };
static const struct shr_index *const rule_indexes[] = { &rule_pk_index, &rule_by_who_index, &rule_by_revision_index,
	&rule_by_gone_index, &rule_by_id_index };
static const struct shr_index *const rule_fault_indexes[] = { &rule_fault_pk_index };
static const struct shr_index *const rule_key_indexes[] = { &rule_key_pk_index };
static const struct shr_index *const metadata_indexes[] = { &metadata_pk_index, &metadata_by_value_index };
static const struct shr_index *const op_indexes[] = { &op_pk_index, &op_by_project_index, &op_by_live_index,
	&op_by_object_index };
static const struct shr_index *const op_item_indexes[] = { &op_item_pk_index };
static const struct shr_index *const hold_indexes[] = { &hold_pk_index };
static const struct shr_index *const token_indexes[] = { &token_pk_index, &token_by_op_index };
static const struct shr_index *const event_indexes[] = { &event_pk_index, &event_by_project_index,
	&event_by_object_index };
static const struct shr_index *const lock_indexes[] = { &lock_pk_index };
static const struct shr_index *const backend_indexes[] = { &backend_pk_index };
static const struct shr_index *const pool_indexes[] = { &pool_pk_index };
static const struct shr_index *const quota_indexes[] = { &quota_pk_index };
static const struct shr_index *const engine_indexes[] = { &engine_pk_index };
static const struct shr_index *const orphan_indexes[] = { &orphan_pk_index, &orphan_by_backend_index };
static const struct shr_index *const counter_indexes[] = { &counter_pk_index };
static const struct shr_index *const export_number_indexes[] = { &export_number_pk_index, &export_number_by_share_index };
static const struct shr_index *const drift_indexes[] = { &drift_pk_index, &drift_by_share_index };

#define TABLE(num, upper, lower, version) \
	static const struct shr_table lower##_table = { sizeof(struct shr_table), num, COUNT(lower##_columns), \
		COUNT(lower##_indexes), version, SHR__TABLE_SINCE(num), #lower, lower##_column_list, lower##_indexes };
SHR__TABLES(TABLE)

#define TABLE_POINTER(num, upper, lower, version) &lower##_table,
static const struct shr_table *const tables[] = { SHR__TABLES(TABLE_POINTER) };
const struct shr_schema shr__schema = { sizeof(struct shr_schema), SHR__GENERATION, COUNT(tables), 0, tables };

/* Row definitions: where each column lies in its struct. */
#define FIELD_SHARE(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__share_row, nm) },
#define FIELD_SNAPSHOT(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__snapshot_row, nm) },
#define FIELD_INSTANCE(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__instance_row, nm) },
#define FIELD_EXPORT(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__export_row, nm) },
#define FIELD_RULE(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__rule_row, nm) },
#define FIELD_RULE_FAULT(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__rule_fault_row, nm) },
#define FIELD_RULE_KEY(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__rule_key_row, nm) },
#define FIELD_METADATA(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__metadata_row, nm) },
#define FIELD_OP(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__op_row, nm) },
#define FIELD_OP_ITEM(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__op_item_row, nm) },
#define FIELD_HOLD(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__hold_row, nm) },
#define FIELD_TOKEN(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__token_row, nm) },
#define FIELD_EVENT(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__event_row, nm) },
#define FIELD_LOCK(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__lock_row, nm) },
#define FIELD_BACKEND(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__backend_row, nm) },
#define FIELD_POOL(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__pool_row, nm) },
#define FIELD_QUOTA(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__quota_row, nm) },
#define FIELD_ENGINE(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__engine_row, nm) },
#define FIELD_ORPHAN(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__orphan_row, nm) },
#define FIELD_COUNTER(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__counter_row, nm) },
#define FIELD_EXPORT_NUMBER(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__export_number_row, nm) },
#define FIELD_DRIFT(n, k, nm, f) { TYPE_##k, f, offsetof(struct shr__drift_row, nm) },
#define DEF(num, upper, lower, version) \
	static const struct shr__field lower##_fields[] = { SHR__TABLE_##upper(FIELD_##upper, 0) }; \
	const struct shr__rowdef shr__##lower##_def = { &lower##_table, sizeof(struct shr__##lower##_row), lower##_fields, \
		COUNT(lower##_fields) };
SHR__TABLES(DEF)

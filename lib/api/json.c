/* lib/api/json.c - records as JSON: one table of fields for each, and one function that reads tables */
#include "libshare/json.h"

#include "base/json.h"
#include "model/names.h"

enum kind {
	END,
	TEXT,   /* const char * */
	U32, I32, U64, I64,
	BOOL,   /* uint32_t, 0 or 1 */
	CODE,   /* int32_t: the number, and its name as NAME_name */
	NAME,   /* uint32_t, by its name */
	BITS32, /* uint32_t, a list of the names of its bits */
	BITS64,
	PAIRS,  /* an object of its own, of `struct shr_pair` */
	LIST,   /* records */
	RECORD, /* one, or null */
};

struct field {
	const char *name;
	enum kind kind;
	size_t at;    /* in the struct */
	size_t count; /* where the number of elements is */
	const char *(*name_of)(uint32_t number);
	const char *(*bit_of)(uint64_t bit);
	const struct field *of;
};

#define F(record, kind, member) { #member, kind, offsetof(struct shr_##record, member), 0, NULL, NULL, NULL }
#define F_NAME(record, member, function) { #member, NAME, offsetof(struct shr_##record, member), 0, function, NULL, NULL }
#define F_BITS(record, kind, member, function) { #member, kind, offsetof(struct shr_##record, member), 0, NULL, function, NULL }
#define F_PAIRS(record, member) \
	{ #member, PAIRS, offsetof(struct shr_##record, member), offsetof(struct shr_##record, n_##member), NULL, NULL, NULL }
#define F_LIST(record, member, fields) \
	{ #member, LIST, offsetof(struct shr_##record, member), offsetof(struct shr_##record, n_##member), NULL, NULL, fields }
#define F_RECORD(record, member, fields) { #member, RECORD, offsetof(struct shr_##record, member), 0, NULL, NULL, fields }
#define F_END { NULL, END, 0, 0, NULL, NULL, NULL }

static const struct field fault_fields[] = {
	F(fault, CODE, code), F(fault, TEXT, where), F(fault, TEXT, message), F(fault, TEXT, remedy), F(fault, TEXT, object),
	F(fault, TEXT, object_id), F_END };

static const struct field error_fields[] = {
	F(error, CODE, code), F(error, BOOL, retryable), F(error, TEXT, message), F(error, TEXT, remedy), F(error, TEXT, op_id),
	F(error, TEXT, driver_message), F_LIST(error, faults, fault_fields), F_END };

static const struct field export_fields[] = {
	F(export, TEXT, path), F_BITS(export, BITS64, protocol, shr_proto_name), F_NAME(export, family, shr__family_name),
	F_BITS(export, BITS32, flags, shr__export_flag_name), F(export, TEXT, instance_id), F_END };

static const struct field share_fields[] = {
	F(share, TEXT, id), F(share, TEXT, project), F(share, TEXT, name), F(share, TEXT, description),
	F_NAME(share, state, shr_share_state_name), F(share, TEXT, reason), F(share, TEXT, op_id), F(share, U64, version),
	F(share, U64, bytes), F_BITS(share, BITS64, protocols, shr_proto_name), F(share, TEXT, zone), F(share, TEXT, backend),
	F(share, TEXT, pool), F(share, I64, created_ns), F(share, I64, updated_ns), F(share, U64, access_revision),
	F(share, U64, access_applied), F(share, U64, n_rules), F(share, U64, n_locks), F_LIST(share, exports, export_fields),
	F_PAIRS(share, metadata), F(share, U64, n_snapshots), F(share, TEXT, snapshot_id),
	F_BITS(share, BITS32, flags, shr__share_flag_name), F_NAME(share, snapshot_access, shr_snapshot_access_name), F_END };

static const struct field snapshot_fields[] = {
	F(snapshot, TEXT, id), F(snapshot, TEXT, project), F(snapshot, TEXT, share_id), F(snapshot, TEXT, name),
	F(snapshot, TEXT, description), F_NAME(snapshot, state, shr_snapshot_state_name), F(snapshot, TEXT, reason),
	F(snapshot, TEXT, op_id), F(snapshot, U64, version), F(snapshot, U64, bytes),
	F_BITS(snapshot, BITS64, protocols, shr_proto_name), F(snapshot, TEXT, backend), F(snapshot, TEXT, pool),
	F(snapshot, I64, created_ns), F(snapshot, I64, updated_ns), F(snapshot, I64, cut_ns), F(snapshot, I64, ready_ns),
	F_NAME(snapshot, access, shr_snapshot_access_name), F(snapshot, U64, access_revision), F(snapshot, U64, access_applied),
	F(snapshot, U64, n_rules), F(snapshot, U64, n_shares), F_LIST(snapshot, exports, export_fields),
	F_PAIRS(snapshot, metadata), F_END };

static const struct field rule_fields[] = {
	F(rule, TEXT, id), F(rule, TEXT, share_id), F_NAME(rule, state, shr_rule_state_name), F(rule, TEXT, reason),
	F_NAME(rule, type, shr_access_type_name), F(rule, TEXT, who), F_NAME(rule, level, shr_level_name),
	F_NAME(rule, squash, shr_squash_name), F(rule, I32, priority), F(rule, U64, revision), F(rule, I64, created_ns),
	F(rule, I64, updated_ns), F(rule, BOOL, has_key), F(rule, U64, n_locks), F_PAIRS(rule, metadata), F_END };

static const struct field way_fields[] = {
	F_NAME(way, level, shr_level_name), F_NAME(way, family, shr__family_name), F(way, TEXT, fstype), F(way, TEXT, source),
	F_PAIRS(way, options), F(way, TEXT, server), F(way, TEXT, path), F(way, TEXT, command), F(way, TEXT, note),
	F_RECORD(way, location, export_fields), F_RECORD(way, rule, rule_fields), F_END };

static const struct field explanation_fields[] = {
	F(explanation, TEXT, share_id), F_NAME(explanation, type, shr_access_type_name), F(explanation, TEXT, who),
	F_NAME(explanation, level, shr_level_name), F_NAME(explanation, next_level, shr_level_name),
	F_NAME(explanation, why, shr_why_name), F(explanation, TEXT, reason), F(explanation, TEXT, remedy),
	F(explanation, TEXT, op_id), F_BITS(explanation, BITS32, flags, shr__explain_flag_name),
	F(explanation, U64, access_revision), F(explanation, U64, access_applied), F_RECORD(explanation, rule, rule_fields),
	F_LIST(explanation, others, rule_fields), F_LIST(explanation, inside, rule_fields), F_LIST(explanation, ways, way_fields),
	F_END };

static const struct field op_fields[] = {
	F(op, TEXT, id), F(op, TEXT, kind), F_NAME(op, state, shr_op_state_name), F(op, TEXT, object), F(op, TEXT, object_id),
	F(op, U64, version), F(op, U32, percent), F(op, TEXT, step), F(op, U32, step_number), F(op, U32, n_steps),
	F(op, BOOL, cancellable), F(op, U32, attempts), F(op, U64, bytes_done), F(op, U64, bytes_total), F(op, I64, created_ns),
	F(op, I64, updated_ns), F(op, I64, ended_ns), F(op, TEXT, project), F(op, TEXT, user), F(op, TEXT, request_id),
	F(op, TEXT, backend), F(op, TEXT, engine), F_RECORD(op, error, error_fields), F_END };

static const struct field event_fields[] = {
	F(event, U64, seq), F(event, TEXT, kind), F_NAME(event, severity, shr__severity_name), F(event, I64, at_ns),
	F(event, TEXT, object), F(event, TEXT, object_id), F(event, U64, object_version), F(event, TEXT, op_id),
	F(event, TEXT, project), F(event, TEXT, user), F(event, TEXT, request_id), F(event, TEXT, text), F_END };

static const struct field pool_fields[] = {
	F(pool, TEXT, backend), F(pool, TEXT, name), F_NAME(pool, state, shr_pool_state_name), F(pool, TEXT, reason),
	F(pool, U64, version), F(pool, TEXT, zone), F(pool, TEXT, driver), F(pool, TEXT, exporter), F(pool, TEXT, engine),
	F(pool, U64, total), F(pool, U64, free), F(pool, U64, allocated), F(pool, U64, reserved), F(pool, U64, limit),
	F_BITS(pool, BITS64, protocols, shr_proto_name), F_BITS(pool, BITS64, capabilities, shr_cap_name),
	F(pool, I64, updated_ns), F_END };

static const struct field plugin_fields[] = {
	F(plugin, TEXT, name), F_NAME(plugin, kind, shr__plugin_kind_name), F(plugin, TEXT, version), F(plugin, TEXT, path),
	F(plugin, TEXT, reason), F_BITS(plugin, BITS64, capabilities, shr_cap_name),
	F_BITS(plugin, BITS64, protocols, shr_proto_name), F_NAME(plugin, threads, shr__threads_name),
	F_NAME(plugin, fencing, shr__fencing_name), F_END };

static const struct field quota_fields[] = {
	F(quota, TEXT, project), F(quota, U64, version), F(quota, I64, shares_used), F(quota, I64, shares_limit),
	F(quota, I64, bytes_used), F(quota, I64, bytes_limit), F_END };

static const struct field lock_fields[] = {
	F(lock, TEXT, object), F(lock, TEXT, object_id), F(lock, TEXT, holder), F(lock, U32, count), F(lock, TEXT, reason),
	F(lock, TEXT, project), F(lock, TEXT, user), F(lock, I64, created_ns), F_END };

static const struct field orphan_fields[] = {
	F(orphan, TEXT, id), F(orphan, TEXT, backend), F(orphan, TEXT, pool), F(orphan, TEXT, object),
	F(orphan, TEXT, object_id), F(orphan, U64, bytes), F(orphan, TEXT, ref), F(orphan, TEXT, reason), F(orphan, TEXT, op_id),
	F(orphan, I64, created_ns), F_END };

static const struct field drift_fields[] = {
	F_NAME(drift, what, shr_drift_name), F_NAME(drift, state, shr_drift_state_name), F(drift, TEXT, share_id),
	F(drift, TEXT, instance_id), F(drift, TEXT, project), F(drift, TEXT, backend), F(drift, TEXT, item),
	F(drift, TEXT, expected), F(drift, TEXT, found), F(drift, I64, first_ns), F(drift, I64, last_ns), F(drift, TEXT, op_id),
	F_END };

/* A bit that this library has no name for is "unknown", once. */
static void put_bits(struct shr__json *j, const struct field *f, uint64_t bits)
{
	uint64_t unnamed = 0;

	shr__json_open(j, f->name, '[');
	for (uint64_t bit = 1; bit; bit <<= 1) {
		const char *name = bits & bit ? f->bit_of(bit) : NULL;

		if (name && name[0] == 'u' && name == f->bit_of(0))
			unnamed |= bit;
		else if (name)
			shr__json_str(j, NULL, name);
	}
	if (unnamed)
		shr__json_str(j, NULL, f->bit_of(0));
	shr__json_close(j, ']');
}

static void put_pairs(struct shr__json *j, const char *name, const struct shr_pair *const *pairs, uint32_t n)
{
	shr__json_open(j, name, '{');
	for (uint32_t i = 0; i < n; i++)
		shr__json_str(j, pairs[i]->key, pairs[i]->value);
	shr__json_close(j, '}');
}

static void put_code(struct shr__json *j, int32_t code)
{
	shr__json_int(j, "code", code);
	shr__json_str(j, "code_name", shr_strcode(code));
}

static void put_scalar(struct shr__json *j, const struct field *f, const void *at)
{
	switch (f->kind) {
	case TEXT:
		shr__json_str(j, f->name, *(const char *const *)at);
		break;
	case U32:
		shr__json_uint(j, f->name, *(const uint32_t *)at);
		break;
	case I32:
		shr__json_int(j, f->name, *(const int32_t *)at);
		break;
	case U64:
		shr__json_uint(j, f->name, *(const uint64_t *)at);
		break;
	case I64:
		shr__json_int(j, f->name, *(const int64_t *)at);
		break;
	case BOOL:
		shr__json_bool(j, f->name, *(const uint32_t *)at != 0);
		break;
	case NAME:
		shr__json_str(j, f->name, f->name_of(*(const uint32_t *)at));
		break;
	case BITS32:
		put_bits(j, f, *(const uint32_t *)at);
		break;
	case BITS64:
		put_bits(j, f, *(const uint64_t *)at);
		break;
	default:
		put_code(j, *(const int32_t *)at);
	}
}

static void put_record(struct shr__json *j, const char *key, const struct field *fields, const void *record);

static void put_list(struct shr__json *j, const struct field *f, const void *const *records, uint32_t n)
{
	shr__json_open(j, f->name, '[');
	for (uint32_t i = 0; i < n; i++)
		put_record(j, NULL, f->of, records[i]);
	shr__json_close(j, ']');
}

/* Records are at most three deep: an operation, its error, its faults; an explanation, its ways, their rules. */
static void put_record(struct shr__json *j, const char *key, const struct field *fields, const void *record)
{
	if (!record) {
		shr__json_str(j, key, NULL);
		return;
	}
	shr__json_open(j, key, '{');
	for (const struct field *f = fields; f->kind != END; f++) {
		const void *at = (const char *)record + f->at;
		const uint32_t *n = (const void *)((const char *)record + f->count);

		if (f->kind == PAIRS)
			put_pairs(j, f->name, *(const struct shr_pair *const *const *)at, *n);
		else if (f->kind == LIST)
			put_list(j, f, *(const void *const *const *)at, *n);
		else if (f->kind == RECORD)
			put_record(j, f->name, f->of, *(const void *const *)at);
		else
			put_scalar(j, f, at);
	}
	shr__json_close(j, '}');
}

static char *json_of(const struct field *fields, const void *record)
{
	struct shr__json j = { 0 };

	put_record(&j, NULL, fields, record);
	return shr__buf_take(&j.buf);
}

#define EMITTER(name) \
	char *shr_##name##_json(const struct shr_##name *name) \
	{ \
		return json_of(name##_fields, name); \
	}
EMITTER(share)
EMITTER(snapshot)
EMITTER(rule)
EMITTER(explanation)
EMITTER(op)
EMITTER(event)
EMITTER(pool)
EMITTER(plugin)
EMITTER(quota)
EMITTER(lock)
EMITTER(orphan)
EMITTER(drift)
EMITTER(error)

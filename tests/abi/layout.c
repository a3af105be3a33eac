/* tests/abi/layout.c - where every member of every public struct lies, and what every public number is
 *
 * layout.sh prints this file. A line that changes is a change of the ABI: a member that moved or got another
 * type, a number that was given anew. Lines that are new at the end of a struct, and new numbers, are growth. */
#include "libshare/version.h"
#include "libshare/error.h"
#include "libshare/context.h"
#include "libshare/session.h"
#include "libshare/engine.h"
#include "libshare/operation.h"
#include "libshare/event.h"
#include "libshare/share.h"
#include "libshare/access.h"
#include "libshare/snapshot.h"
#include "libshare/explain.h"
#include "libshare/pool.h"
#include "libshare/drift.h"
#include "libshare/json.h"
#include "libshare/store.h"
#include "libshare/driver.h"
#include "libshare/exporter.h"

#define NUMBER(name, value) _Static_assert((name) == (value), #name " was given anew")

#if defined(__x86_64__) && defined(__LP64__)
#define SIZE(tag, n) _Static_assert(sizeof(struct tag) == (n), "struct " #tag " has another size")
#define AT(tag, member, offset, ...) \
	_Static_assert(offsetof(struct tag, member) == (offset), "struct " #tag ": " #member " moved"); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(((struct tag *)0)->member), __typeof__(__VA_ARGS__)), \
		"struct " #tag ": " #member " has another type")
#else
#define SIZE(tag, n) _Static_assert(sizeof(struct tag) > 0, "struct " #tag)
#define AT(tag, member, offset, ...) \
	_Static_assert(offsetof(struct tag, member) <= (offset), "struct " #tag ": " #member " moved")
#endif

NUMBER(SHR_OK, 0);
NUMBER(SHR_RUNNING, 1);
NUMBER(SHR_EINVAL, -1001);
NUMBER(SHR_ENOTFOUND, -1002);
NUMBER(SHR_EEXIST, -1003);
NUMBER(SHR_ESTATE, -1004);
NUMBER(SHR_ECONFLICT, -1005);
NUMBER(SHR_EPERM, -1006);
NUMBER(SHR_EQUOTA, -1007);
NUMBER(SHR_ETOKEN, -1008);
NUMBER(SHR_ECANCELLED, -1009);
NUMBER(SHR_EUNSUPPORTED, -1010);
NUMBER(SHR_ELOCKED, -1011);
NUMBER(SHR_EINTERNAL, -1101);
NUMBER(SHR_EDRIVER, -1201);
NUMBER(SHR_ETRUST, -1202);
NUMBER(SHR_EBACKEND, -1301);
NUMBER(SHR_ENOSPC, -1302);
NUMBER(SHR_EPARTIAL, -1303);
NUMBER(SHR_EDATALOSS, -1304);
NUMBER(SHR_EUNREACHABLE, -1305);
NUMBER(SHR_EAGAIN, -1401);
NUMBER(SHR_ENOMEM, -1402);
NUMBER(SHR_ESTORE, -1403);
NUMBER(SHR_EFENCED, -1404);
NUMBER(SHR_EABI, -1405);
NUMBER(SHR_EUNKNOWN, -1406);
NUMBER(SHR_ECORRUPT, -1407);
NUMBER(SHR_EBUSY, -1408);
NUMBER(SHR_EKEY, -1409);
NUMBER(SHR_EIO, -1410);
NUMBER(SHR_LOG_ERROR, 1);
NUMBER(SHR_LOG_WARNING, 2);
NUMBER(SHR_LOG_INFO, 3);
NUMBER(SHR_LOG_DEBUG, 4);
NUMBER(SHR_CTX_CREATE, 1);
NUMBER(SHR_CHECK_QUICK, 0);
NUMBER(SHR_CHECK_FULL, 1);
NUMBER(SHR_SESSION_SYSTEM, 1);
NUMBER(SHR_LIST_NEWEST_FIRST, 1);
NUMBER(SHR_LIST_ALL_PROJECTS, 2);
NUMBER(SHR_OP_QUEUED, 1);
NUMBER(SHR_OP_RUNNING, 2);
NUMBER(SHR_OP_WAITING, 3);
NUMBER(SHR_OP_UNDOING, 4);
NUMBER(SHR_OP_SUCCEEDED, 5);
NUMBER(SHR_OP_FAILED, 6);
NUMBER(SHR_OP_CANCELLED, 7);
NUMBER(SHR_EVENT_INFO, 1);
NUMBER(SHR_EVENT_WARNING, 2);
NUMBER(SHR_EVENT_ERROR, 3);
NUMBER(SHR_PROTO_NFS, 1);
NUMBER(SHR_PROTO_SMB, 2);
NUMBER(SHR_PROTO_CEPHFS, 4);
NUMBER(SHR_SHARE_CREATING, 1);
NUMBER(SHR_SHARE_AVAILABLE, 2);
NUMBER(SHR_SHARE_EXTENDING, 3);
NUMBER(SHR_SHARE_SHRINKING, 4);
NUMBER(SHR_SHARE_DELETING, 5);
NUMBER(SHR_SHARE_ERROR, 6);
NUMBER(SHR_SHARE_MANAGING, 7);
NUMBER(SHR_SHARE_UNMANAGING, 8);
NUMBER(SHR_SHARE_REVERTING, 9);
NUMBER(SHR_SHARE_READONLY, 1);
NUMBER(SHR_SNAPSHOT_ACCESS_DEFAULT, 0);
NUMBER(SHR_SNAPSHOT_ACCESS_NONE, 1);
NUMBER(SHR_SNAPSHOT_ACCESS_OWN, 2);
NUMBER(SHR_SNAPSHOT_ACCESS_SHARE, 3);
NUMBER(SHR_EXPORT_PREFERRED, 1);
NUMBER(SHR_EXPORT_READONLY, 2);
NUMBER(SHR_EXPORT_ADMIN_ONLY, 4);
NUMBER(SHR_FAMILY_ANY, 0);
NUMBER(SHR_FAMILY_IPV4, 4);
NUMBER(SHR_FAMILY_IPV6, 6);
NUMBER(SHR_FAMILY_VSOCK, 40);
NUMBER(SHR_ACCESS_IP, 1);
NUMBER(SHR_ACCESS_USER, 2);
NUMBER(SHR_ACCESS_CERT, 3);
NUMBER(SHR_ACCESS_CEPHX, 4);
NUMBER(SHR_LEVEL_NONE, 0);
NUMBER(SHR_LEVEL_RW, 1);
NUMBER(SHR_LEVEL_RO, 2);
NUMBER(SHR_SQUASH_DEFAULT, 0);
NUMBER(SHR_SQUASH_NONE, 1);
NUMBER(SHR_SQUASH_ROOT, 2);
NUMBER(SHR_SQUASH_ALL, 3);
NUMBER(SHR_RULE_QUEUED, 1);
NUMBER(SHR_RULE_ACTIVE, 2);
NUMBER(SHR_RULE_ERROR, 3);
NUMBER(SHR_RULE_DENYING, 4);
NUMBER(SHR_ALLOW, 1);
NUMBER(SHR_SET, 2);
NUMBER(SHR_DENY, 3);
NUMBER(SHR_SNAPSHOT_CREATING, 1);
NUMBER(SHR_SNAPSHOT_AVAILABLE, 2);
NUMBER(SHR_SNAPSHOT_DELETING, 5);
NUMBER(SHR_SNAPSHOT_ERROR, 6);
NUMBER(SHR_SNAPSHOT_MANAGING, 7);
NUMBER(SHR_SNAPSHOT_UNMANAGING, 8);
NUMBER(SHR_WHY_RULE, 1);
NUMBER(SHR_WHY_NO_RULE, 2);
NUMBER(SHR_WHY_QUEUED, 3);
NUMBER(SHR_WHY_REFUSED, 4);
NUMBER(SHR_WHY_STATE, 5);
NUMBER(SHR_WHY_NO_EXPORT, 6);
NUMBER(SHR_WHY_TYPE, 7);
NUMBER(SHR_EXPLAIN_CHANGING, 1);
NUMBER(SHR_EXPLAIN_MORE, 2);
NUMBER(SHR_CAP_EXTEND, 1);
NUMBER(SHR_CAP_SHRINK, 2);
NUMBER(SHR_CAP_MANAGE, 4);
NUMBER(SHR_CAP_SIZE_ENFORCED, 8);
NUMBER(SHR_CAP_THIN, 16);
NUMBER(SHR_CAP_CLONE_REFLINK, 32);
NUMBER(SHR_CAP_SNAPSHOT, 64);
NUMBER(SHR_CAP_SNAPSHOT_CLONE, 128);
NUMBER(SHR_CAP_SNAPSHOT_REVERT, 256);
NUMBER(SHR_CAP_SNAPSHOT_MOUNT, 512);
NUMBER(SHR_CAP_ACCESS_IP, 1024);
NUMBER(SHR_CAP_ACCESS_USER, 2048);
NUMBER(SHR_CAP_ACCESS_CERT, 4096);
NUMBER(SHR_CAP_ACCESS_CEPHX, 8192);
NUMBER(SHR_CAP_IPV6, 16384);
NUMBER(SHR_CAP_SIZE_COVERS_SNAPSHOTS, 32768);
NUMBER(SHR_CAP_DATA, 65536);
NUMBER(SHR_CAP_CLONE_INDEPENDENT, 131072);
NUMBER(SHR_CAP_DUAL_PROTOCOL, 262144);
NUMBER(SHR_POOL_UP, 1);
NUMBER(SHR_POOL_DOWN, 2);
NUMBER(SHR_POOL_UNKNOWN, 3);
NUMBER(SHR_PLUGIN_DRIVER, 1);
NUMBER(SHR_PLUGIN_EXPORTER, 2);
NUMBER(SHR_QUOTA_NONE, -1);
NUMBER(SHR_QUOTA_DEFAULT, -2);
NUMBER(SHR_DRIFT_MISSING, 1);
NUMBER(SHR_DRIFT_SIZE, 2);
NUMBER(SHR_DRIFT_PATH, 3);
NUMBER(SHR_DRIFT_EXPORT, 4);
NUMBER(SHR_DRIFT_RULE, 5);
NUMBER(SHR_DRIFT_STRANGER, 6);
NUMBER(SHR_DRIFT_FOREIGN, 7);
NUMBER(SHR_DRIFT_OPEN, 1);
NUMBER(SHR_DRIFT_REPAIRED, 2);
NUMBER(SHR_DRIFT_SETTLED, 3);
NUMBER(SHR_STORE_ABI, 1);
NUMBER(SHR_CELL_NULL, 0);
NUMBER(SHR_CELL_INT, 1);
NUMBER(SHR_CELL_TEXT, 2);
NUMBER(SHR_CELL_BLOB, 3);
NUMBER(SHR_COLUMN_NULLABLE, 1);
NUMBER(SHR_INDEX_UNIQUE, 1);
NUMBER(SHR_TXN_READ, 0);
NUMBER(SHR_TXN_WRITE, 1);
NUMBER(SHR_INSERT_IF_ABSENT, 1);
NUMBER(SHR_SCAN_BACKWARDS, 1);
NUMBER(SHR_STORE_CREATE, 1);
NUMBER(SHR_DRIVER_ABI, 1);
NUMBER(SHR_THREADS_SERIAL, 0);
NUMBER(SHR_THREADS_BACKEND, 1);
NUMBER(SHR_THREADS_PARALLEL, 2);
NUMBER(SHR_FENCING_NONE, 0);
NUMBER(SHR_FENCING_CHECKED, 1);
NUMBER(SHR_FENCING_HOST_LOCK, 2);
NUMBER(SHR_INSTANCE_READONLY, 1);
NUMBER(SHR_INSTANCE_SNAPSHOT, 2);
NUMBER(SHR_NUMBER_TOTAL, 1);
NUMBER(SHR_NUMBER_FREE, 2);
NUMBER(SHR_NUMBER_CAPABILITIES, 3);
NUMBER(SHR_NUMBER_BYTES, 4);
NUMBER(SHR_NUMBER_USED, 5);
NUMBER(SHR_NUMBER_INCARNATION, 6);
NUMBER(SHR_NUMBER_CUT, 7);
NUMBER(SHR_FOUND_INSTANCE, 1);
NUMBER(SHR_FOUND_EXPORT, 2);
NUMBER(SHR_FOUND_RULE, 3);
NUMBER(SHR_SNAPSHOT_HOLD, 1);
NUMBER(SHR_EXPORTER_ABI, 1);
NUMBER(SHR_EXPORTER_HANDLES_RESTART, 1);
NUMBER(SHR_EXPORTER_HANDLES_MOVE, 2);
NUMBER(SHR_EXPORTER_HANDLES_REVERT, 4);
NUMBER(SHR_EXPORTER_FENCE_GUARD, 8);
NUMBER(SHR_EXPORTER_FENCE_LINK, 16);
NUMBER(SHR_EXPORTER_NUMBERED, 32);

AT(shr_fault, size, 0, uint32_t);
AT(shr_fault, code, 4, int32_t);
AT(shr_fault, where, 8, const char*);
AT(shr_fault, message, 16, const char*);
AT(shr_fault, remedy, 24, const char*);
AT(shr_fault, object, 32, const char*);
AT(shr_fault, object_id, 40, const char*);
SIZE(shr_fault, 48);

AT(shr_error, size, 0, uint32_t);
AT(shr_error, code, 4, int32_t);
AT(shr_error, retryable, 8, uint32_t);
AT(shr_error, n_faults, 12, uint32_t);
AT(shr_error, message, 16, const char*);
AT(shr_error, remedy, 24, const char*);
AT(shr_error, op_id, 32, const char*);
AT(shr_error, driver_message, 40, const char*);
AT(shr_error, faults, 48, const struct shr_fault*const*);
SIZE(shr_error, 56);

AT(shr_ask, size, 0, uint32_t);
AT(shr_ask, n_roles, 4, uint32_t);
AT(shr_ask, action, 8, const char*);
AT(shr_ask, project, 16, const char*);
AT(shr_ask, user, 24, const char*);
AT(shr_ask, roles, 32, const char*const*);
AT(shr_ask, object_project, 40, const char*);
AT(shr_ask, object_id, 48, const char*);
AT(shr_ask, session_data, 56, void*);
SIZE(shr_ask, 64);

AT(shr_host, size, 0, uint32_t);
AT(shr_host, flags, 4, uint32_t);
AT(shr_host, data, 8, void*);
AT(shr_host, wall_ns, 16, int64_t(*)(void*data));
AT(shr_host, mono_ns, 24, int64_t(*)(void*data));
AT(shr_host, random, 32, int(*)(void*data,void*buf,size_t n));
AT(shr_host, log, 40, void(*)(void*data,int level,const char*line));
AT(shr_host, authorise, 48, int(*)(void*data,const struct shr_ask*ask));
AT(shr_host, wake, 56, void(*)(void*data,const char*token));
AT(shr_host, seal_key, 64, int(*)(void*data,const char*key_id,uint8_t ret_key[32],char ret_id[64]));
SIZE(shr_host, 72);

AT(shr_ctx_params, size, 0, uint32_t);
AT(shr_ctx_params, flags, 4, uint32_t);
AT(shr_ctx_params, config_path, 8, const char*);
AT(shr_ctx_params, config_text, 16, const char*);
AT(shr_ctx_params, host, 24, const struct shr_host*);
AT(shr_ctx_params, store, 32, struct shr_store*);
SIZE(shr_ctx_params, 40);

AT(shr_session_params, size, 0, uint32_t);
AT(shr_session_params, flags, 4, uint32_t);
AT(shr_session_params, project, 8, const char*);
AT(shr_session_params, user, 16, const char*);
AT(shr_session_params, request_id, 24, const char*);
AT(shr_session_params, roles, 32, const char*const*);
AT(shr_session_params, n_roles, 40, uint32_t);
AT(shr_session_params, reserved0, 44, uint32_t);
AT(shr_session_params, data, 48, void*);
SIZE(shr_session_params, 56);

AT(shr_list_params, size, 0, uint32_t);
AT(shr_list_params, flags, 4, uint32_t);
AT(shr_list_params, limit, 8, uint32_t);
AT(shr_list_params, reserved0, 12, uint32_t);
AT(shr_list_params, after, 16, const char*);
SIZE(shr_list_params, 24);

AT(shr_change_params, size, 0, uint32_t);
AT(shr_change_params, flags, 4, uint32_t);
AT(shr_change_params, token, 8, const char*);
AT(shr_change_params, if_version, 16, uint64_t);
SIZE(shr_change_params, 24);

AT(shr_pair, size, 0, uint32_t);
AT(shr_pair, reserved0, 4, uint32_t);
AT(shr_pair, key, 8, const char*);
AT(shr_pair, value, 16, const char*);
SIZE(shr_pair, 24);

AT(shr_engine_params, size, 0, uint32_t);
AT(shr_engine_params, workers, 4, uint32_t);
AT(shr_engine_params, name, 8, const char*);
AT(shr_engine_params, backends, 16, const char*const*);
AT(shr_engine_params, n_backends, 24, uint32_t);
AT(shr_engine_params, flags, 28, uint32_t);
SIZE(shr_engine_params, 32);

AT(shr_op, size, 0, uint32_t);
AT(shr_op, state, 4, uint32_t);
AT(shr_op, version, 8, uint64_t);
AT(shr_op, percent, 16, uint32_t);
AT(shr_op, step_number, 20, uint32_t);
AT(shr_op, n_steps, 24, uint32_t);
AT(shr_op, cancellable, 28, uint32_t);
AT(shr_op, attempts, 32, uint32_t);
AT(shr_op, reserved0, 36, uint32_t);
AT(shr_op, bytes_done, 40, uint64_t);
AT(shr_op, bytes_total, 48, uint64_t);
AT(shr_op, created_ns, 56, int64_t);
AT(shr_op, updated_ns, 64, int64_t);
AT(shr_op, ended_ns, 72, int64_t);
AT(shr_op, id, 80, const char*);
AT(shr_op, kind, 88, const char*);
AT(shr_op, object, 96, const char*);
AT(shr_op, object_id, 104, const char*);
AT(shr_op, step, 112, const char*);
AT(shr_op, project, 120, const char*);
AT(shr_op, user, 128, const char*);
AT(shr_op, request_id, 136, const char*);
AT(shr_op, backend, 144, const char*);
AT(shr_op, engine, 152, const char*);
AT(shr_op, error, 160, const struct shr_error*);
SIZE(shr_op, 168);

AT(shr_op_filter, size, 0, uint32_t);
AT(shr_op_filter, unended, 4, uint32_t);
AT(shr_op_filter, object_id, 8, const char*);
SIZE(shr_op_filter, 16);

AT(shr_op_page, size, 0, uint32_t);
AT(shr_op_page, n, 4, uint32_t);
AT(shr_op_page, items, 8, const struct shr_op*const*);
AT(shr_op_page, after, 16, const char*);
SIZE(shr_op_page, 24);

AT(shr_event, size, 0, uint32_t);
AT(shr_event, severity, 4, uint32_t);
AT(shr_event, seq, 8, uint64_t);
AT(shr_event, object_version, 16, uint64_t);
AT(shr_event, at_ns, 24, int64_t);
AT(shr_event, kind, 32, const char*);
AT(shr_event, object, 40, const char*);
AT(shr_event, object_id, 48, const char*);
AT(shr_event, op_id, 56, const char*);
AT(shr_event, project, 64, const char*);
AT(shr_event, user, 72, const char*);
AT(shr_event, request_id, 80, const char*);
AT(shr_event, text, 88, const char*);
SIZE(shr_event, 96);

AT(shr_event_page, size, 0, uint32_t);
AT(shr_event_page, n, 4, uint32_t);
AT(shr_event_page, items, 8, const struct shr_event*const*);
AT(shr_event_page, after, 16, const char*);
SIZE(shr_event_page, 24);

AT(shr_export, size, 0, uint32_t);
AT(shr_export, flags, 4, uint32_t);
AT(shr_export, protocol, 8, uint64_t);
AT(shr_export, family, 16, uint32_t);
AT(shr_export, reserved0, 20, uint32_t);
AT(shr_export, path, 24, const char*);
AT(shr_export, instance_id, 32, const char*);
SIZE(shr_export, 40);

AT(shr_share, size, 0, uint32_t);
AT(shr_share, state, 4, uint32_t);
AT(shr_share, version, 8, uint64_t);
AT(shr_share, bytes, 16, uint64_t);
AT(shr_share, protocols, 24, uint64_t);
AT(shr_share, created_ns, 32, int64_t);
AT(shr_share, updated_ns, 40, int64_t);
AT(shr_share, access_revision, 48, uint64_t);
AT(shr_share, access_applied, 56, uint64_t);
AT(shr_share, id, 64, const char*);
AT(shr_share, project, 72, const char*);
AT(shr_share, name, 80, const char*);
AT(shr_share, description, 88, const char*);
AT(shr_share, zone, 96, const char*);
AT(shr_share, backend, 104, const char*);
AT(shr_share, pool, 112, const char*);
AT(shr_share, op_id, 120, const char*);
AT(shr_share, reason, 128, const char*);
AT(shr_share, n_exports, 136, uint32_t);
AT(shr_share, n_metadata, 140, uint32_t);
AT(shr_share, n_rules, 144, uint64_t);
AT(shr_share, n_locks, 152, uint64_t);
AT(shr_share, exports, 160, const struct shr_export*const*);
AT(shr_share, metadata, 168, const struct shr_pair*const*);
AT(shr_share, n_snapshots, 176, uint64_t);
AT(shr_share, snapshot_id, 184, const char*);
AT(shr_share, flags, 192, uint32_t);
AT(shr_share, snapshot_access, 196, uint32_t);
SIZE(shr_share, 200);

AT(shr_share_spec, size, 0, uint32_t);
AT(shr_share_spec, flags, 4, uint32_t);
AT(shr_share_spec, token, 8, const char*);
AT(shr_share_spec, name, 16, const char*);
AT(shr_share_spec, description, 24, const char*);
AT(shr_share_spec, bytes, 32, uint64_t);
AT(shr_share_spec, protocols, 40, uint64_t);
AT(shr_share_spec, zone, 48, const char*);
AT(shr_share_spec, backend, 56, const char*);
AT(shr_share_spec, pool, 64, const char*);
AT(shr_share_spec, metadata, 72, const char*const*);
AT(shr_share_spec, n_metadata, 80, uint32_t);
AT(shr_share_spec, rule_size, 84, uint32_t);
AT(shr_share_spec, rules, 88, const struct shr_access_change*);
AT(shr_share_spec, n_rules, 96, uint32_t);
AT(shr_share_spec, reserved0, 100, uint32_t);
AT(shr_share_spec, snapshot, 104, const char*);
AT(shr_share_spec, snapshot_access, 112, uint32_t);
AT(shr_share_spec, reserved1, 116, uint32_t);
SIZE(shr_share_spec, 120);

AT(shr_share_filter, size, 0, uint32_t);
AT(shr_share_filter, state, 4, uint32_t);
AT(shr_share_filter, name, 8, const char*);
AT(shr_share_filter, backend, 16, const char*);
AT(shr_share_filter, pool, 24, const char*);
AT(shr_share_filter, key, 32, const char*);
AT(shr_share_filter, value, 40, const char*);
SIZE(shr_share_filter, 48);

AT(shr_share_page, size, 0, uint32_t);
AT(shr_share_page, n, 4, uint32_t);
AT(shr_share_page, items, 8, const struct shr_share*const*);
AT(shr_share_page, after, 16, const char*);
SIZE(shr_share_page, 24);

AT(shr_share_update_params, size, 0, uint32_t);
AT(shr_share_update_params, flags, 4, uint32_t);
AT(shr_share_update_params, token, 8, const char*);
AT(shr_share_update_params, if_version, 16, uint64_t);
AT(shr_share_update_params, name, 24, const char*);
AT(shr_share_update_params, description, 32, const char*);
AT(shr_share_update_params, set, 40, const char*const*);
AT(shr_share_update_params, unset, 48, const char*const*);
AT(shr_share_update_params, n_set, 56, uint32_t);
AT(shr_share_update_params, n_unset, 60, uint32_t);
AT(shr_share_update_params, snapshot_access, 64, uint32_t);
AT(shr_share_update_params, reserved0, 68, uint32_t);
SIZE(shr_share_update_params, 72);

AT(shr_share_manage_params, size, 0, uint32_t);
AT(shr_share_manage_params, flags, 4, uint32_t);
AT(shr_share_manage_params, token, 8, const char*);
AT(shr_share_manage_params, backend, 16, const char*);
AT(shr_share_manage_params, pool, 24, const char*);
AT(shr_share_manage_params, source, 32, const char*);
AT(shr_share_manage_params, name, 40, const char*);
AT(shr_share_manage_params, description, 48, const char*);
AT(shr_share_manage_params, protocols, 56, uint64_t);
SIZE(shr_share_manage_params, 64);

AT(shr_lock, size, 0, uint32_t);
AT(shr_lock, count, 4, uint32_t);
AT(shr_lock, created_ns, 8, int64_t);
AT(shr_lock, object, 16, const char*);
AT(shr_lock, object_id, 24, const char*);
AT(shr_lock, holder, 32, const char*);
AT(shr_lock, reason, 40, const char*);
AT(shr_lock, project, 48, const char*);
AT(shr_lock, user, 56, const char*);
SIZE(shr_lock, 64);

AT(shr_lock_page, size, 0, uint32_t);
AT(shr_lock_page, n, 4, uint32_t);
AT(shr_lock_page, items, 8, const struct shr_lock*const*);
AT(shr_lock_page, after, 16, const char*);
SIZE(shr_lock_page, 24);

AT(shr_rule, size, 0, uint32_t);
AT(shr_rule, state, 4, uint32_t);
AT(shr_rule, type, 8, uint32_t);
AT(shr_rule, level, 12, uint32_t);
AT(shr_rule, squash, 16, uint32_t);
AT(shr_rule, priority, 20, int32_t);
AT(shr_rule, revision, 24, uint64_t);
AT(shr_rule, created_ns, 32, int64_t);
AT(shr_rule, updated_ns, 40, int64_t);
AT(shr_rule, id, 48, const char*);
AT(shr_rule, share_id, 56, const char*);
AT(shr_rule, who, 64, const char*);
AT(shr_rule, reason, 72, const char*);
AT(shr_rule, has_key, 80, uint32_t);
AT(shr_rule, n_metadata, 84, uint32_t);
AT(shr_rule, n_locks, 88, uint64_t);
AT(shr_rule, metadata, 96, const struct shr_pair*const*);
SIZE(shr_rule, 104);

AT(shr_access_change, verb, 0, uint32_t);
AT(shr_access_change, type, 4, uint32_t);
AT(shr_access_change, level, 8, uint32_t);
AT(shr_access_change, squash, 12, uint32_t);
AT(shr_access_change, priority, 16, int32_t);
AT(shr_access_change, n_metadata, 20, uint32_t);
AT(shr_access_change, who, 24, const char*);
AT(shr_access_change, id, 32, const char*);
AT(shr_access_change, metadata, 40, const char*const*);
SIZE(shr_access_change, 48);

AT(shr_access_params, size, 0, uint32_t);
AT(shr_access_params, change_size, 4, uint32_t);
AT(shr_access_params, token, 8, const char*);
AT(shr_access_params, if_version, 16, uint64_t);
AT(shr_access_params, if_revision, 24, uint64_t);
AT(shr_access_params, changes, 32, const struct shr_access_change*);
AT(shr_access_params, n_changes, 40, uint32_t);
AT(shr_access_params, flags, 44, uint32_t);
SIZE(shr_access_params, 48);

AT(shr_rule_page, size, 0, uint32_t);
AT(shr_rule_page, n, 4, uint32_t);
AT(shr_rule_page, items, 8, const struct shr_rule*const*);
AT(shr_rule_page, after, 16, const char*);
SIZE(shr_rule_page, 24);

AT(shr_snapshot, size, 0, uint32_t);
AT(shr_snapshot, state, 4, uint32_t);
AT(shr_snapshot, version, 8, uint64_t);
AT(shr_snapshot, bytes, 16, uint64_t);
AT(shr_snapshot, protocols, 24, uint64_t);
AT(shr_snapshot, created_ns, 32, int64_t);
AT(shr_snapshot, updated_ns, 40, int64_t);
AT(shr_snapshot, cut_ns, 48, int64_t);
AT(shr_snapshot, ready_ns, 56, int64_t);
AT(shr_snapshot, access_revision, 64, uint64_t);
AT(shr_snapshot, access_applied, 72, uint64_t);
AT(shr_snapshot, n_rules, 80, uint64_t);
AT(shr_snapshot, n_shares, 88, uint64_t);
AT(shr_snapshot, id, 96, const char*);
AT(shr_snapshot, project, 104, const char*);
AT(shr_snapshot, share_id, 112, const char*);
AT(shr_snapshot, name, 120, const char*);
AT(shr_snapshot, description, 128, const char*);
AT(shr_snapshot, backend, 136, const char*);
AT(shr_snapshot, pool, 144, const char*);
AT(shr_snapshot, op_id, 152, const char*);
AT(shr_snapshot, reason, 160, const char*);
AT(shr_snapshot, access, 168, uint32_t);
AT(shr_snapshot, n_exports, 172, uint32_t);
AT(shr_snapshot, exports, 176, const struct shr_export*const*);
AT(shr_snapshot, metadata, 184, const struct shr_pair*const*);
AT(shr_snapshot, n_metadata, 192, uint32_t);
AT(shr_snapshot, reserved0, 196, uint32_t);
SIZE(shr_snapshot, 200);

AT(shr_snapshot_spec, size, 0, uint32_t);
AT(shr_snapshot_spec, flags, 4, uint32_t);
AT(shr_snapshot_spec, token, 8, const char*);
AT(shr_snapshot_spec, name, 16, const char*);
AT(shr_snapshot_spec, description, 24, const char*);
AT(shr_snapshot_spec, metadata, 32, const char*const*);
AT(shr_snapshot_spec, n_metadata, 40, uint32_t);
AT(shr_snapshot_spec, access, 44, uint32_t);
SIZE(shr_snapshot_spec, 48);

AT(shr_snapshot_filter, size, 0, uint32_t);
AT(shr_snapshot_filter, state, 4, uint32_t);
AT(shr_snapshot_filter, share_id, 8, const char*);
AT(shr_snapshot_filter, name, 16, const char*);
SIZE(shr_snapshot_filter, 24);

AT(shr_snapshot_page, size, 0, uint32_t);
AT(shr_snapshot_page, n, 4, uint32_t);
AT(shr_snapshot_page, items, 8, const struct shr_snapshot*const*);
AT(shr_snapshot_page, after, 16, const char*);
SIZE(shr_snapshot_page, 24);

AT(shr_snapshot_manage_params, size, 0, uint32_t);
AT(shr_snapshot_manage_params, flags, 4, uint32_t);
AT(shr_snapshot_manage_params, token, 8, const char*);
AT(shr_snapshot_manage_params, source, 16, const char*);
AT(shr_snapshot_manage_params, name, 24, const char*);
AT(shr_snapshot_manage_params, description, 32, const char*);
SIZE(shr_snapshot_manage_params, 40);

AT(shr_explain_params, size, 0, uint32_t);
AT(shr_explain_params, flags, 4, uint32_t);
AT(shr_explain_params, type, 8, uint32_t);
AT(shr_explain_params, family, 12, uint32_t);
AT(shr_explain_params, protocol, 16, uint64_t);
AT(shr_explain_params, who, 24, const char*);
AT(shr_explain_params, target, 32, const char*);
SIZE(shr_explain_params, 40);

AT(shr_way, size, 0, uint32_t);
AT(shr_way, level, 4, uint32_t);
AT(shr_way, family, 8, uint32_t);
AT(shr_way, n_options, 12, uint32_t);
AT(shr_way, location, 16, const struct shr_export*);
AT(shr_way, rule, 24, const struct shr_rule*);
AT(shr_way, fstype, 32, const char*);
AT(shr_way, source, 40, const char*);
AT(shr_way, options, 48, const struct shr_pair*const*);
AT(shr_way, server, 56, const char*);
AT(shr_way, path, 64, const char*);
AT(shr_way, command, 72, const char*);
AT(shr_way, note, 80, const char*);
SIZE(shr_way, 88);

AT(shr_explanation, size, 0, uint32_t);
AT(shr_explanation, level, 4, uint32_t);
AT(shr_explanation, next_level, 8, uint32_t);
AT(shr_explanation, why, 12, uint32_t);
AT(shr_explanation, type, 16, uint32_t);
AT(shr_explanation, flags, 20, uint32_t);
AT(shr_explanation, access_revision, 24, uint64_t);
AT(shr_explanation, access_applied, 32, uint64_t);
AT(shr_explanation, share_id, 40, const char*);
AT(shr_explanation, who, 48, const char*);
AT(shr_explanation, reason, 56, const char*);
AT(shr_explanation, remedy, 64, const char*);
AT(shr_explanation, op_id, 72, const char*);
AT(shr_explanation, rule, 80, const struct shr_rule*);
AT(shr_explanation, others, 88, const struct shr_rule*const*);
AT(shr_explanation, inside, 96, const struct shr_rule*const*);
AT(shr_explanation, ways, 104, const struct shr_way*const*);
AT(shr_explanation, n_others, 112, uint32_t);
AT(shr_explanation, n_inside, 116, uint32_t);
AT(shr_explanation, n_ways, 120, uint32_t);
AT(shr_explanation, reserved0, 124, uint32_t);
SIZE(shr_explanation, 128);

AT(shr_pool, size, 0, uint32_t);
AT(shr_pool, state, 4, uint32_t);
AT(shr_pool, version, 8, uint64_t);
AT(shr_pool, total, 16, uint64_t);
AT(shr_pool, free, 24, uint64_t);
AT(shr_pool, allocated, 32, uint64_t);
AT(shr_pool, reserved, 40, uint64_t);
AT(shr_pool, limit, 48, uint64_t);
AT(shr_pool, protocols, 56, uint64_t);
AT(shr_pool, capabilities, 64, uint64_t);
AT(shr_pool, updated_ns, 72, int64_t);
AT(shr_pool, backend, 80, const char*);
AT(shr_pool, name, 88, const char*);
AT(shr_pool, zone, 96, const char*);
AT(shr_pool, driver, 104, const char*);
AT(shr_pool, exporter, 112, const char*);
AT(shr_pool, engine, 120, const char*);
AT(shr_pool, reason, 128, const char*);
SIZE(shr_pool, 136);

AT(shr_pool_page, size, 0, uint32_t);
AT(shr_pool_page, n, 4, uint32_t);
AT(shr_pool_page, items, 8, const struct shr_pool*const*);
AT(shr_pool_page, after, 16, const char*);
SIZE(shr_pool_page, 24);

AT(shr_plugin, size, 0, uint32_t);
AT(shr_plugin, kind, 4, uint32_t);
AT(shr_plugin, capabilities, 8, uint64_t);
AT(shr_plugin, protocols, 16, uint64_t);
AT(shr_plugin, threads, 24, uint32_t);
AT(shr_plugin, fencing, 28, uint32_t);
AT(shr_plugin, name, 32, const char*);
AT(shr_plugin, version, 40, const char*);
AT(shr_plugin, path, 48, const char*);
AT(shr_plugin, reason, 56, const char*);
SIZE(shr_plugin, 64);

AT(shr_plugin_page, size, 0, uint32_t);
AT(shr_plugin_page, n, 4, uint32_t);
AT(shr_plugin_page, items, 8, const struct shr_plugin*const*);
SIZE(shr_plugin_page, 16);

AT(shr_quota, size, 0, uint32_t);
AT(shr_quota, reserved0, 4, uint32_t);
AT(shr_quota, version, 8, uint64_t);
AT(shr_quota, shares_used, 16, int64_t);
AT(shr_quota, shares_limit, 24, int64_t);
AT(shr_quota, bytes_used, 32, int64_t);
AT(shr_quota, bytes_limit, 40, int64_t);
AT(shr_quota, project, 48, const char*);
SIZE(shr_quota, 56);

AT(shr_orphan, size, 0, uint32_t);
AT(shr_orphan, reserved0, 4, uint32_t);
AT(shr_orphan, bytes, 8, uint64_t);
AT(shr_orphan, created_ns, 16, int64_t);
AT(shr_orphan, id, 24, const char*);
AT(shr_orphan, backend, 32, const char*);
AT(shr_orphan, pool, 40, const char*);
AT(shr_orphan, object, 48, const char*);
AT(shr_orphan, object_id, 56, const char*);
AT(shr_orphan, ref, 64, const char*);
AT(shr_orphan, reason, 72, const char*);
AT(shr_orphan, op_id, 80, const char*);
SIZE(shr_orphan, 88);

AT(shr_orphan_page, size, 0, uint32_t);
AT(shr_orphan_page, n, 4, uint32_t);
AT(shr_orphan_page, items, 8, const struct shr_orphan*const*);
AT(shr_orphan_page, after, 16, const char*);
SIZE(shr_orphan_page, 24);

AT(shr_orphan_adopt_params, size, 0, uint32_t);
AT(shr_orphan_adopt_params, flags, 4, uint32_t);
AT(shr_orphan_adopt_params, token, 8, const char*);
AT(shr_orphan_adopt_params, project, 16, const char*);
AT(shr_orphan_adopt_params, name, 24, const char*);
AT(shr_orphan_adopt_params, description, 32, const char*);
AT(shr_orphan_adopt_params, protocols, 40, uint64_t);
SIZE(shr_orphan_adopt_params, 48);

AT(shr_drift, size, 0, uint32_t);
AT(shr_drift, what, 4, uint32_t);
AT(shr_drift, state, 8, uint32_t);
AT(shr_drift, reserved0, 12, uint32_t);
AT(shr_drift, first_ns, 16, int64_t);
AT(shr_drift, last_ns, 24, int64_t);
AT(shr_drift, share_id, 32, const char*);
AT(shr_drift, instance_id, 40, const char*);
AT(shr_drift, project, 48, const char*);
AT(shr_drift, backend, 56, const char*);
AT(shr_drift, item, 64, const char*);
AT(shr_drift, expected, 72, const char*);
AT(shr_drift, found, 80, const char*);
AT(shr_drift, op_id, 88, const char*);
SIZE(shr_drift, 96);

AT(shr_drift_page, size, 0, uint32_t);
AT(shr_drift_page, n, 4, uint32_t);
AT(shr_drift_page, items, 8, const struct shr_drift*const*);
AT(shr_drift_page, after, 16, const char*);
SIZE(shr_drift_page, 24);

AT(shr_cell, type, 0, uint32_t);
AT(shr_cell, column, 4, uint32_t);
AT(shr_cell, i, 8, int64_t);
AT(shr_cell, p, 16, const void*);
AT(shr_cell, len, 24, uint64_t);
SIZE(shr_cell, 32);

AT(shr_column, size, 0, uint32_t);
AT(shr_column, number, 4, uint32_t);
AT(shr_column, type, 8, uint32_t);
AT(shr_column, flags, 12, uint32_t);
AT(shr_column, since, 16, uint32_t);
AT(shr_column, reserved0, 20, uint32_t);
AT(shr_column, name, 24, const char*);
SIZE(shr_column, 32);

AT(shr_index, size, 0, uint32_t);
AT(shr_index, number, 4, uint32_t);
AT(shr_index, flags, 8, uint32_t);
AT(shr_index, n_columns, 12, uint32_t);
AT(shr_index, since, 16, uint32_t);
AT(shr_index, reserved0, 20, uint32_t);
AT(shr_index, name, 24, const char*);
AT(shr_index, columns, 32, const uint32_t*);
SIZE(shr_index, 40);

AT(shr_table, size, 0, uint32_t);
AT(shr_table, number, 4, uint32_t);
AT(shr_table, n_columns, 8, uint32_t);
AT(shr_table, n_indexes, 12, uint32_t);
AT(shr_table, version_column, 16, uint32_t);
AT(shr_table, since, 20, uint32_t);
AT(shr_table, name, 24, const char*);
AT(shr_table, columns, 32, const struct shr_column*const*);
AT(shr_table, indexes, 40, const struct shr_index*const*);
SIZE(shr_table, 48);

AT(shr_schema, size, 0, uint32_t);
AT(shr_schema, generation, 4, uint32_t);
AT(shr_schema, n_tables, 8, uint32_t);
AT(shr_schema, reserved0, 12, uint32_t);
AT(shr_schema, tables, 16, const struct shr_table*const*);
SIZE(shr_schema, 24);

AT(shr_store_ops, abi, 0, uint32_t);
AT(shr_store_ops, size, 4, uint32_t);
AT(shr_store_ops, name, 8, const char*);
AT(shr_store_ops, prepare, 16, int(*)(void*st,const struct shr_schema*want,uint32_t*ret_generation));
AT(shr_store_ops, begin, 24, int(*)(void*st,uint32_t flags,void**ret_txn));
AT(shr_store_ops, commit, 32, int(*)(void*st,void*txn));
AT(shr_store_ops, rollback, 40, void(*)(void*st,void*txn));
AT(shr_store_ops, mark, 48, int(*)(void*st,void*txn));
AT(shr_store_ops, keep, 56, int(*)(void*st,void*txn));
AT(shr_store_ops, back, 64, int(*)(void*st,void*txn));
AT(shr_store_ops, get, 72, int(*)(void*st,void*txn,uint32_t table,const struct shr_cell*key,uint32_t n_key,shr_row_fn*fn,void*data));
AT(shr_store_ops, insert, 80, int(*)(void*st,void*txn,uint32_t table,const struct shr_cell*cells,uint32_t n_cells,uint32_t flags));
AT(shr_store_ops, update, 88, int(*)(void*st,void*txn,uint32_t table,const struct shr_cell*key,uint32_t n_key,int64_t expect,const struct shr_cell*cells,uint32_t n_cells));
AT(shr_store_ops, add, 96, int(*)(void*st,void*txn,uint32_t table,const struct shr_cell*key,uint32_t n_key,uint32_t column,int64_t delta,int64_t lowest,int64_t highest,int64_t*ret_value));
AT(shr_store_ops, remove, 104, int(*)(void*st,void*txn,uint32_t table,const struct shr_cell*key,uint32_t n_key,int64_t expect));
AT(shr_store_ops, scan, 112, int(*)(void*st,void*txn,uint32_t table,uint32_t index,const struct shr_cell*from,uint32_t n_from,uint32_t n_prefix,uint32_t flags,uint32_t limit,shr_row_fn*fn,void*data));
AT(shr_store_ops, changes, 120, int(*)(void*st,uint64_t*ret_changes));
AT(shr_store_ops, check, 128, int(*)(void*st,uint32_t full,shr_finding_fn*fn,void*data));
AT(shr_store_ops, message, 136, void(*)(void*st,char*buf,uint64_t room));
AT(shr_store_ops, close, 144, void(*)(void*st));
SIZE(shr_store_ops, 152);

AT(shr_store, ops, 0, const struct shr_store_ops*);
AT(shr_store, st, 8, void*);
SIZE(shr_store, 16);

AT(shr_kv_ops, abi, 0, uint32_t);
AT(shr_kv_ops, size, 4, uint32_t);
AT(shr_kv_ops, name, 8, const char*);
AT(shr_kv_ops, begin, 16, int(*)(void*kv,uint32_t flags,void**ret_txn));
AT(shr_kv_ops, commit, 24, int(*)(void*kv,void*txn));
AT(shr_kv_ops, rollback, 32, void(*)(void*kv,void*txn));
AT(shr_kv_ops, get, 40, int(*)(void*kv,void*txn,const void*key,uint64_t key_len,const void**ret_value,uint64_t*ret_len));
AT(shr_kv_ops, put, 48, int(*)(void*kv,void*txn,const void*key,uint64_t key_len,const void*value,uint64_t len));
AT(shr_kv_ops, del, 56, int(*)(void*kv,void*txn,const void*key,uint64_t key_len));
AT(shr_kv_ops, next, 64, int(*)(void*kv,void*txn,const void*key,uint64_t key_len,uint32_t backwards,uint32_t inclusive,const void**ret_key,uint64_t*ret_key_len,const void**ret_value,uint64_t*ret_len));
AT(shr_kv_ops, changes, 72, int(*)(void*kv,uint64_t*ret_changes));
AT(shr_kv_ops, close, 80, void(*)(void*kv));
SIZE(shr_kv_ops, 88);

AT(shr_call, size, 0, uint32_t);
AT(shr_call, attempt, 4, uint32_t);
AT(shr_call, fence, 8, uint64_t);
AT(shr_call, op_id, 16, const char*);
AT(shr_call, step, 24, const char*);
AT(shr_call, item_id, 32, const char*);
AT(shr_call, token, 40, const void*);
AT(shr_call, token_len, 48, uint64_t);
AT(shr_call, core, 56, void*);
SIZE(shr_call, 64);

AT(shr_instance, size, 0, uint32_t);
AT(shr_instance, flags, 4, uint32_t);
AT(shr_instance, bytes, 8, uint64_t);
AT(shr_instance, protocols, 16, uint64_t);
AT(shr_instance, id, 24, const char*);
AT(shr_instance, share_id, 32, const char*);
AT(shr_instance, project, 40, const char*);
AT(shr_instance, pool, 48, const char*);
AT(shr_instance, name, 56, const char*);
AT(shr_instance, ref, 64, const char*);
AT(shr_instance, source, 72, const char*);
SIZE(shr_instance, 80);

AT(shr_rule_change, size, 0, uint32_t);
AT(shr_rule_change, reserved0, 4, uint32_t);
AT(shr_rule_change, was, 8, const struct shr_rule*);
AT(shr_rule_change, is, 16, const struct shr_rule*);
SIZE(shr_rule_change, 24);

AT(shr_access_diff, size, 0, uint32_t);
AT(shr_access_diff, n_changes, 4, uint32_t);
AT(shr_access_diff, from_revision, 8, uint64_t);
AT(shr_access_diff, revision, 16, uint64_t);
AT(shr_access_diff, changes, 24, const struct shr_rule_change*const*);
SIZE(shr_access_diff, 32);

AT(shr_found, size, 0, uint32_t);
AT(shr_found, kind, 4, uint32_t);
AT(shr_found, bytes, 8, uint64_t);
AT(shr_found, name, 16, const char*);
AT(shr_found, instance_id, 24, const char*);
AT(shr_found, what, 32, const char*);
SIZE(shr_found, 40);

AT(shr_driver_host, size, 0, uint32_t);
AT(shr_driver_host, version, 4, uint32_t);
AT(shr_driver_host, fail, 8, int(*)(const struct shr_call*call,int code,const char*message));
AT(shr_driver_host, pending, 16, int(*)(const struct shr_call*call,const void*token,uint64_t len,uint32_t again_ms));
AT(shr_driver_host, progress, 24, void(*)(const struct shr_call*call,uint64_t done,uint64_t total));
AT(shr_driver_host, cancelled, 32, int(*)(const struct shr_call*call));
AT(shr_driver_host, set_ref, 40, void(*)(const struct shr_call*call,const char*instance_id,const char*ref));
AT(shr_driver_host, add_export, 48, void(*)(const struct shr_call*call,const char*instance_id,const struct shr_export*location));
AT(shr_driver_host, set_path, 56, void(*)(const struct shr_call*call,const char*instance_id,const char*path));
AT(shr_driver_host, set_rule, 64, void(*)(const struct shr_call*call,const char*rule_id,int code,const char*why));
AT(shr_driver_host, set_rule_key, 72, void(*)(const struct shr_call*call,const char*rule_id,const char*key));
AT(shr_driver_host, set_number, 80, void(*)(const struct shr_call*call,const char*object,uint32_t key,uint64_t value));
AT(shr_driver_host, next_rule, 88, const struct shr_rule*(*)(const struct shr_call*call,struct shr_rules*all));
AT(shr_driver_host, log, 96, void(*)(const struct shr_call*call,int level,const char*line));
AT(shr_driver_host, setting, 104, const char*(*)(const struct shr_call*call,const char*pool,const char*key,uint32_t nth));
AT(shr_driver_host, pool, 112, const char*(*)(const struct shr_call*call,uint32_t nth));
AT(shr_driver_host, found, 120, void(*)(const struct shr_call*call,const struct shr_found*thing));
SIZE(shr_driver_host, 128);

AT(shr_driver_data, size, 0, uint32_t);
AT(shr_driver_data, flags, 4, uint32_t);
AT(shr_driver_data, attach, 8, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance,uint32_t readonly));
AT(shr_driver_data, detach, 16, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
SIZE(shr_driver_data, 24);

AT(shr_driver_snapshot, size, 0, uint32_t);
AT(shr_driver_snapshot, flags, 4, uint32_t);
AT(shr_driver_snapshot, create, 8, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap));
AT(shr_driver_snapshot, remove, 16, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap));
AT(shr_driver_snapshot, revert, 24, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap));
AT(shr_driver_snapshot, clone, 32, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap,const struct shr_instance*to));
AT(shr_driver_snapshot, manage, 40, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap));
AT(shr_driver_snapshot, unmanage, 48, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap));
AT(shr_driver_snapshot, look, 56, int(*)(void*be,const struct shr_call*call,const struct shr_instance*of,const struct shr_instance*snap,struct shr_rules*all));
SIZE(shr_driver_snapshot, 64);

AT(shr_driver, abi, 0, uint32_t);
AT(shr_driver, size, 4, uint32_t);
AT(shr_driver, name, 8, const char*);
AT(shr_driver, version, 16, const char*);
AT(shr_driver, needs, 24, uint32_t);
AT(shr_driver, threads, 28, uint32_t);
AT(shr_driver, fencing, 32, uint32_t);
AT(shr_driver, flags, 36, uint32_t);
AT(shr_driver, capabilities, 40, uint64_t);
AT(shr_driver, protocols, 48, uint64_t);
AT(shr_driver, settings, 56, const char*const*);
AT(shr_driver, pool_settings, 64, const char*const*);
AT(shr_driver, open, 72, int(*)(const struct shr_driver_host*host,const struct shr_call*call,void**ret_be));
AT(shr_driver, close, 80, void(*)(void*be));
AT(shr_driver, stats, 88, int(*)(void*be,const struct shr_call*call));
AT(shr_driver, create, 96, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
AT(shr_driver, remove, 104, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
AT(shr_driver, resize, 112, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance,uint64_t bytes));
AT(shr_driver, update_access, 120, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance,const struct shr_access_diff*diff,struct shr_rules*all));
AT(shr_driver, manage, 128, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
AT(shr_driver, unmanage, 136, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
AT(shr_driver, usage, 144, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance));
AT(shr_driver, cancel, 152, int(*)(void*be,const struct shr_call*call));
AT(shr_driver, snapshot, 160, const struct shr_driver_snapshot*);
AT(shr_driver, look, 168, int(*)(void*be,const struct shr_call*call,const struct shr_instance*instance,struct shr_rules*all));
AT(shr_driver, list, 176, int(*)(void*be,const struct shr_call*call,const char*pool,const char*after,uint32_t max));
AT(shr_driver, data, 184, const struct shr_driver_data*);
SIZE(shr_driver, 192);

AT(shr_exported, size, 0, uint32_t);
AT(shr_exported, export_number, 4, uint32_t);
AT(shr_exported, instance, 8, const struct shr_instance*);
AT(shr_exported, path, 16, const char*);
SIZE(shr_exported, 24);

AT(shr_exporter, abi, 0, uint32_t);
AT(shr_exporter, size, 4, uint32_t);
AT(shr_exporter, name, 8, const char*);
AT(shr_exporter, version, 16, const char*);
AT(shr_exporter, needs, 24, uint32_t);
AT(shr_exporter, threads, 28, uint32_t);
AT(shr_exporter, fencing, 32, uint32_t);
AT(shr_exporter, flags, 36, uint32_t);
AT(shr_exporter, capabilities, 40, uint64_t);
AT(shr_exporter, features, 48, uint64_t);
AT(shr_exporter, protocols, 56, uint64_t);
AT(shr_exporter, settings, 64, const char*const*);
AT(shr_exporter, open, 72, int(*)(const struct shr_driver_host*host,const struct shr_call*call,void**ret_ex));
AT(shr_exporter, close, 80, void(*)(void*ex));
AT(shr_exporter, probe, 88, int(*)(void*ex,const struct shr_call*call));
AT(shr_exporter, add, 96, int(*)(void*ex,const struct shr_call*call,const struct shr_exported*what));
AT(shr_exporter, remove, 104, int(*)(void*ex,const struct shr_call*call,const struct shr_exported*what));
AT(shr_exporter, update_access, 112, int(*)(void*ex,const struct shr_call*call,const struct shr_exported*what,const struct shr_access_diff*diff,struct shr_rules*all));
AT(shr_exporter, drain, 120, int(*)(void*ex,const struct shr_call*call,const struct shr_exported*what));
AT(shr_exporter, hold, 128, int(*)(void*ex,const struct shr_call*call,uint32_t bound_ms));
AT(shr_exporter, release, 136, int(*)(void*ex,const struct shr_call*call));
AT(shr_exporter, look, 144, int(*)(void*ex,const struct shr_call*call,const struct shr_exported*what,struct shr_rules*all));
AT(shr_exporter, list, 152, int(*)(void*ex,const struct shr_call*call,const char*after,uint32_t max));
SIZE(shr_exporter, 160);

int main(void)
{
	return 0;
}

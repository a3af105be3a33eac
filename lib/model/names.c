/* lib/model/names.c - the name of each number that people see; a number of a later version is "unknown" */
#include "model/names.h"

#include "libshare/drift.h"
#include "libshare/driver.h"
#include "libshare/snapshot.h"

struct name {
	uint64_t number;
	const char *text;
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define UNKNOWN "unknown"

static const char *name_of(const struct name *names, size_t n, uint64_t number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].text;
	return UNKNOWN;
}

/* A table of names, and the function that reads it. */
#define NAMES(function, type, ...) \
	static const struct name function##_list[] = { __VA_ARGS__ }; \
	const char *function(type number) \
	{ \
		return name_of(function##_list, COUNT(function##_list), number); \
	}

NAMES(shr_proto_name, uint64_t, { SHR_PROTO_NFS, "nfs" }, { SHR_PROTO_SMB, "smb" }, { SHR_PROTO_CEPHFS, "cephfs" })

NAMES(shr_share_state_name, uint32_t, { SHR_SHARE_CREATING, "creating" }, { SHR_SHARE_AVAILABLE, "available" },
	{ SHR_SHARE_EXTENDING, "extending" }, { SHR_SHARE_SHRINKING, "shrinking" }, { SHR_SHARE_DELETING, "deleting" },
	{ SHR_SHARE_ERROR, "error" }, { SHR_SHARE_MANAGING, "managing" }, { SHR_SHARE_UNMANAGING, "unmanaging" },
	{ SHR_SHARE_REVERTING, "reverting" })

NAMES(shr_snapshot_state_name, uint32_t, { SHR_SNAPSHOT_CREATING, "creating" }, { SHR_SNAPSHOT_AVAILABLE, "available" },
	{ SHR_SNAPSHOT_DELETING, "deleting" }, { SHR_SNAPSHOT_ERROR, "error" }, { SHR_SNAPSHOT_MANAGING, "managing" },
	{ SHR_SNAPSHOT_UNMANAGING, "unmanaging" })

NAMES(shr_snapshot_access_name, uint32_t, { SHR_SNAPSHOT_ACCESS_NONE, "none" }, { SHR_SNAPSHOT_ACCESS_OWN, "own" },
	{ SHR_SNAPSHOT_ACCESS_SHARE, "share" })

NAMES(shr_op_state_name, uint32_t, { SHR_OP_QUEUED, "queued" }, { SHR_OP_RUNNING, "running" },
	{ SHR_OP_WAITING, "waiting" }, { SHR_OP_UNDOING, "undoing" }, { SHR_OP_SUCCEEDED, "succeeded" },
	{ SHR_OP_FAILED, "failed" }, { SHR_OP_CANCELLED, "cancelled" })

NAMES(shr_access_type_name, uint32_t, { SHR_ACCESS_IP, "ip" }, { SHR_ACCESS_USER, "user" },
	{ SHR_ACCESS_CERT, "cert" }, { SHR_ACCESS_CEPHX, "cephx" })

NAMES(shr_level_name, uint32_t, { SHR_LEVEL_NONE, "none" }, { SHR_LEVEL_RW, "rw" },
	{ SHR_LEVEL_RO, "ro" })

NAMES(shr_why_name, uint32_t, { SHR_WHY_RULE, "rule" }, { SHR_WHY_NO_RULE, "no_rule" }, { SHR_WHY_QUEUED, "queued" },
	{ SHR_WHY_REFUSED, "refused" }, { SHR_WHY_STATE, "state" }, { SHR_WHY_NO_EXPORT, "no_export" }, { SHR_WHY_TYPE, "type" })

NAMES(shr_squash_name, uint32_t, { SHR_SQUASH_DEFAULT, "default" }, { SHR_SQUASH_NONE, "none" },
	{ SHR_SQUASH_ROOT, "root" }, { SHR_SQUASH_ALL, "all" })

NAMES(shr_rule_state_name, uint32_t, { SHR_RULE_QUEUED, "queued" }, { SHR_RULE_ACTIVE, "active" },
	{ SHR_RULE_ERROR, "error" }, { SHR_RULE_DENYING, "denying" })

NAMES(shr_cap_name, uint64_t, { SHR_CAP_EXTEND, "extend" }, { SHR_CAP_SHRINK, "shrink" },
	{ SHR_CAP_MANAGE, "manage" }, { SHR_CAP_SIZE_ENFORCED, "size_enforced" }, { SHR_CAP_THIN, "thin" },
	{ SHR_CAP_CLONE_REFLINK, "clone_reflink" }, { SHR_CAP_SNAPSHOT, "snapshot" },
	{ SHR_CAP_SNAPSHOT_CLONE, "snapshot_clone" }, { SHR_CAP_SNAPSHOT_REVERT, "snapshot_revert" },
	{ SHR_CAP_SNAPSHOT_MOUNT, "snapshot_mount" },
	{ SHR_CAP_CLONE_INDEPENDENT, "clone_independent" }, { SHR_CAP_ACCESS_IP, "access_ip" },
	{ SHR_CAP_ACCESS_USER, "access_user" }, { SHR_CAP_ACCESS_CERT, "access_cert" },
	{ SHR_CAP_ACCESS_CEPHX, "access_cephx" }, { SHR_CAP_IPV6, "ipv6" },
	{ SHR_CAP_SIZE_COVERS_SNAPSHOTS, "size_covers_snapshots" }, { SHR_CAP_DATA, "data" },
	{ SHR_CAP_DUAL_PROTOCOL, "dual_protocol" })

NAMES(shr_drift_name, uint32_t, { SHR_DRIFT_MISSING, "missing" }, { SHR_DRIFT_SIZE, "size" }, { SHR_DRIFT_PATH, "path" },
	{ SHR_DRIFT_EXPORT, "export" }, { SHR_DRIFT_RULE, "rule" }, { SHR_DRIFT_STRANGER, "stranger" },
	{ SHR_DRIFT_FOREIGN, "foreign" })

NAMES(shr_drift_state_name, uint32_t, { SHR_DRIFT_OPEN, "open" }, { SHR_DRIFT_REPAIRED, "repaired" },
	{ SHR_DRIFT_SETTLED, "settled" })

NAMES(shr_pool_state_name, uint32_t, { SHR_POOL_UP, "up" }, { SHR_POOL_DOWN, "down" })

NAMES(shr__severity_name, uint32_t, { SHR_EVENT_INFO, "info" }, { SHR_EVENT_WARNING, "warning" },
	{ SHR_EVENT_ERROR, "error" })

NAMES(shr__plugin_kind_name, uint32_t, { SHR_PLUGIN_DRIVER, "driver" }, { SHR_PLUGIN_EXPORTER, "exporter" })

NAMES(shr__threads_name, uint32_t, { SHR_THREADS_SERIAL, "serial" }, { SHR_THREADS_BACKEND, "backend" },
	{ SHR_THREADS_PARALLEL, "parallel" })

NAMES(shr__fencing_name, uint32_t, { SHR_FENCING_NONE, "none" }, { SHR_FENCING_CHECKED, "checked" },
	{ SHR_FENCING_HOST_LOCK, "host_lock" })

NAMES(shr__family_name, uint32_t, { SHR_FAMILY_ANY, "any" }, { SHR_FAMILY_IPV4, "ipv4" },
	{ SHR_FAMILY_IPV6, "ipv6" }, { SHR_FAMILY_VSOCK, "vsock" })

NAMES(shr__export_flag_name, uint64_t, { SHR_EXPORT_PREFERRED, "preferred" }, { SHR_EXPORT_READONLY, "readonly" },
	{ SHR_EXPORT_ADMIN_ONLY, "admin_only" })

NAMES(shr__share_flag_name, uint64_t, { SHR_SHARE_READONLY, "readonly" })

NAMES(shr__explain_flag_name, uint64_t, { SHR_EXPLAIN_CHANGING, "changing" }, { SHR_EXPLAIN_MORE, "more" })

int shr__share_state_known(uint32_t state)
{
	for (size_t i = 0; i < COUNT(shr_share_state_name_list); i++)
		if (shr_share_state_name_list[i].number == state)
			return 1;
	return 0;
}

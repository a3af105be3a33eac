/* lib/api/actions.h - every action that the host is asked about, said once; libshare(3) and shr_session(3) list them */
#ifndef SHR_API_ACTIONS_H
#define SHR_API_ACTIONS_H

/*
 * A(NAME, action, rule, what it allows). Rules are the default ones, for a session whose host has no authorise() and that is
 * neither the system's nor has the role "admin":
 * OWN: on objects of the own project; another's is not found. ADMIN: never. KEYS: with the role "access_key". OWN_NAME: for the
 * own project alone, refused for another (a project's name is no secret to who says it).
 */
#define SHR__ACTIONS(A) \
	A(SHARE_CREATE, "share:create", OWN, "make a share") \
	A(SHARE_GET, "share:get", OWN, "see a share") \
	A(SHARE_LIST, "share:list", OWN, "list the project's shares") \
	A(SHARE_LIST_ALL, "share:list_all", ADMIN, "list the shares of all projects") \
	A(SHARE_UPDATE, "share:update", OWN, "change a share's words and metadata") \
	A(SHARE_EXTEND, "share:extend", OWN, "make a share larger") \
	A(SHARE_SHRINK, "share:shrink", OWN, "make a share smaller") \
	A(SHARE_DELETE, "share:delete", OWN, "delete a share") \
	A(SHARE_FORCE_DELETE, "share:force_delete", ADMIN, "delete a share whatever happens") \
	A(SHARE_RESET_STATE, "share:reset_state", ADMIN, "set a share's state by hand") \
	A(SHARE_MANAGE, "share:manage", ADMIN, "make a share of what is on a backend") \
	A(SHARE_UNMANAGE, "share:unmanage", ADMIN, "forget a share and leave its data") \
	A(SHARE_RECONCILE, "share:reconcile", ADMIN, "compare a share with its backend, and put back what vanished") \
	A(SHARE_REVERT, "share:revert", OWN, "give a share the contents of one of its snapshots") \
	A(SNAPSHOT_CREATE, "snapshot:create", OWN, "cut a snapshot of a share") \
	A(SNAPSHOT_GET, "snapshot:get", OWN, "see a snapshot, and make a share from it") \
	A(SNAPSHOT_LIST, "snapshot:list", OWN, "list the project's snapshots") \
	A(SNAPSHOT_LIST_ALL, "snapshot:list_all", ADMIN, "list the snapshots of all projects") \
	A(SNAPSHOT_UPDATE, "snapshot:update", OWN, "change a snapshot's words and metadata") \
	A(SNAPSHOT_SET_ACCESS, "snapshot:set_access", OWN, "export a snapshot read-only, or no more") \
	A(SNAPSHOT_DELETE, "snapshot:delete", OWN, "delete a snapshot") \
	A(SNAPSHOT_FORCE_DELETE, "snapshot:force_delete", ADMIN, "delete a snapshot whatever happens") \
	A(SNAPSHOT_RESET_STATE, "snapshot:reset_state", ADMIN, "set a snapshot's state by hand") \
	A(SNAPSHOT_MANAGE, "snapshot:manage", ADMIN, "take over a snapshot that is on a backend") \
	A(SNAPSHOT_UNMANAGE, "snapshot:unmanage", ADMIN, "forget a snapshot and leave it where it is") \
	A(DELETE_CHECK, "delete:check", OWN, "ask what stands in the way of deleting something") \
	A(EXPORT_ADMIN, "export:admin", ADMIN, "see the exports that are for administrators") \
	A(ACCESS_APPLY, "access:apply", OWN, "change a share's rules") \
	A(ACCESS_GET, "access:get", OWN, "see a rule") \
	A(ACCESS_LIST, "access:list", OWN, "list a share's rules") \
	A(ACCESS_EXPLAIN, "access:explain", OWN, "ask whether a client can mount a share") \
	A(ACCESS_WAIT, "access:wait", OWN, "wait for a share's rules") \
	A(ACCESS_KEY_SHOW, "access_key:show", KEYS, "see the secret that goes with a rule") \
	A(LOCK_ADD, "lock:add", OWN, "keep an object from being deleted") \
	A(LOCK_REMOVE, "lock:remove", OWN, "let go of an object") \
	A(LOCK_LIST, "lock:list", OWN, "list the locks of an object") \
	A(OP_GET, "op:get", OWN, "see an operation, and wait for it") \
	A(OP_LIST, "op:list", OWN, "list the project's operations") \
	A(OP_LIST_ALL, "op:list_all", ADMIN, "list the operations of all projects") \
	A(OP_CANCEL, "op:cancel", OWN, "ask for an operation's end") \
	A(EVENT_READ, "event:read", OWN, "read the project's events") \
	A(EVENT_LIST_ALL, "event:list_all", ADMIN, "read the events of all projects") \
	A(POOL_LIST, "pool:list", OWN, "list the pools") \
	A(BACKEND_RECONCILE, "backend:reconcile", ADMIN, "compare all of a backend with the store") \
	A(PLUGIN_LIST, "plugin:list", OWN, "list the plugins") \
	A(QUOTA_GET, "quota:get", OWN_NAME, "see what a project uses and may use") \
	A(QUOTA_SET, "quota:set", ADMIN, "set what a project may use") \
	A(ORPHAN_LIST, "orphan:list", ADMIN, "list what was left behind on backends") \
	A(ORPHAN_DELETE, "orphan:delete", ADMIN, "delete what was left behind on a backend") \
	A(ORPHAN_ADOPT, "orphan:adopt", ADMIN, "make a share again of what was left behind") \
	A(DRIFT_LIST, "drift:list", ADMIN, "list what backends had otherwise than the store")

#define SHR__ACTION_STRING(name, action, rule, what) static const char *const SHR__ACTION_##name __attribute__((unused)) = action;
SHR__ACTIONS(SHR__ACTION_STRING)

#endif

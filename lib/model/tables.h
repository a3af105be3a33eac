/* lib/model/tables.h - every table and column, said once: the schema, the row structs and their codecs come from here */
#ifndef SHR_MODEL_TABLES_H
#define SHR_MODEL_TABLES_H

/*
 * C(number, kind, name, since): numbers are for ever; new columns go to the end with a new number. Kinds: INT, TEXT,
 * BLOB. Since: 0, or the generation that brought the column after its table: then it is nullable, and reads as 0 or "".
 * X(number, name, unique, columns...) are the indexes; the first is the key. Times are wall-clock nanoseconds. Ids are UUIDv7
 * text.
 */

#define SHR__TABLE_SHARE(C, N) \
	C(1, TEXT, id, 0) \
	C(2, INT, version, 0) \
	C(3, TEXT, project, 0) \
	C(4, INT, state, 0) \
	C(5, TEXT, name, 0) \
	C(6, TEXT, description, 0) \
	C(7, INT, bytes, 0) \
	C(8, INT, protocols, 0) \
	C(9, TEXT, zone, 0) \
	C(10, INT, created_ns, 0) \
	C(11, INT, updated_ns, 0) \
	C(12, INT, epoch, 0)            /* grows when reset-state or force-delete cut off what runs */ \
	C(13, TEXT, op_id, 0)           /* the operation that changes it, or "" */ \
	C(14, TEXT, reason, 0) \
	C(15, INT, access_revision, 0)  /* of the newest batch of rules */ \
	C(16, INT, n_rules, 0) \
	C(17, INT, n_locks, 0) \
	C(18, INT, n_metadata, 0) \
	C(19, INT, generation, 0)       /* of its last writer */ \
	C(20, TEXT, parent, 3)          /* of a snapshot: its share; of a share: the snapshot that it was made from, or "" */ \
	C(21, INT, snapshot_access, 3)  /* SHR_SNAPSHOT_ACCESS_*: of a snapshot; of a share: what new snapshots begin with */ \
	C(22, INT, n_children, 3)       /* rows whose parent it is */ \
	C(23, INT, n_followers, 3)      /* of a share: snapshots that have its rules */ \
	C(24, INT, cut_ns, 3)           /* of a snapshot: when it was cut, and when it was ready to use */ \
	C(25, INT, ready_ns, 3)

/* A snapshot is held, changed, exported and given rules as a share is: its row has the same columns, and the same struct in C
 * serves both (struct shr__share_row). Its instance has its id as the share's. */
#define SHR__TABLE_SNAPSHOT(C, N) SHR__TABLE_SHARE(C, N)

#define SHR__TABLE_INSTANCE(C, N) \
	C(1, TEXT, id, 0) \
	C(2, INT, version, 0) \
	C(3, TEXT, share_id, 0) \
	C(4, INT, state, 0) \
	C(5, TEXT, backend, 0) \
	C(6, TEXT, pool, 0) \
	C(7, INT, bytes, 0)             /* what the pool's account holds for it */ \
	C(8, TEXT, ref, 0)              /* the driver's own */ \
	C(9, TEXT, path, 0)             /* for the exporter, or "" */ \
	C(10, TEXT, source, 0)          /* what manage took over, or "" */ \
	C(11, INT, flags, 0) \
	C(12, INT, access_applied, 0)   /* the access revision it has been told */ \
	C(13, INT, n_exports, 0) \
	C(14, INT, n_faults, 0)         /* rules it has refused */ \
	C(15, INT, generation, 0) \
	C(16, INT, export_number, 2)    /* for the exporter; 0: none was given */ \
	C(17, TEXT, number_server, 2)   /* of whose numbers it is */ \
	C(18, INT, access_base, 3)      /* added to each access revision that it is told: other rules than before come behind them */

#define SHR__TABLE_EXPORT(C, N) \
	C(1, TEXT, instance_id, 0) \
	C(2, INT, n, 0) \
	C(3, TEXT, path, 0) \
	C(4, INT, protocol, 0) \
	C(5, INT, family, 0) \
	C(6, INT, flags, 0)

/* A rule as it was from `revision` until `gone` (0: it is in force). A change closes one row and opens another, so the
 * set of any revision that an instance may still have can be read, and a diff knows what was. */
#define SHR__TABLE_RULE(C, N) \
	C(1, TEXT, share_id, 0) \
	C(2, TEXT, id, 0) \
	C(3, INT, revision, 0) \
	C(4, INT, gone, 0) \
	C(5, INT, type, 0) \
	C(6, TEXT, who, 0) \
	C(7, INT, level, 0) \
	C(8, INT, squash, 0) \
	C(9, INT, priority, 0) \
	C(10, INT, created_ns, 0) \
	C(11, INT, updated_ns, 0) \
	C(12, INT, n_locks, 0) \
	C(13, INT, n_metadata, 0) \
	C(14, INT, generation, 0)

#define SHR__TABLE_RULE_FAULT(C, N) \
	C(1, TEXT, instance_id, 0) \
	C(2, TEXT, rule_id, 0) \
	C(3, INT, revision, 0)          /* the rule row's own */ \
	C(4, INT, code, 0) \
	C(5, TEXT, reason, 0)

#define SHR__TABLE_RULE_KEY(C, N) \
	C(1, TEXT, rule_id, 0) \
	C(2, TEXT, share_id, 0) \
	C(3, TEXT, key_id, 0)           /* the sealing key's name */ \
	C(4, BLOB, sealed, 0)           /* nonce, ciphertext, tag; bound to the rule's id */

#define SHR__TABLE_METADATA(C, N) \
	C(1, TEXT, object_id, 0) \
	C(2, TEXT, key, 0) \
	C(3, TEXT, value, 0) \
	C(4, TEXT, object, 0)

#define SHR__TABLE_OP(C, N) \
	C(1, TEXT, id, 0) \
	C(2, INT, version, 0) \
	C(3, TEXT, kind, 0) \
	C(4, INT, kind_version, 0) \
	C(5, INT, state, 0)             /* SHR_OP_* */ \
	C(6, INT, live, 0)              /* 1 until it has ended */ \
	C(7, TEXT, object, 0) \
	C(8, TEXT, object_id, 0) \
	C(9, TEXT, project, 0) \
	C(10, TEXT, user, 0) \
	C(11, TEXT, request_id, 0) \
	C(12, TEXT, backend, 0) \
	C(13, TEXT, engine, 0)          /* the id of the engine's life that has claimed it, or "" */ \
	C(14, INT, fence, 0) \
	C(15, TEXT, step, 0)            /* the step that is to be made next */ \
	C(16, INT, undoing, 0) \
	C(17, INT, cancel, 0)           /* somebody asked for its end */ \
	C(18, INT, attempts, 0)         /* claims by engines: what ran when one died */ \
	C(19, TEXT, after_op, 0)        /* waits for this one, or "" */ \
	C(20, INT, epoch, 0)            /* the object's, when it was accepted */ \
	C(21, INT, prior_state, 0)      /* the object's, for a failure to put back */ \
	C(22, INT, percent, 0) \
	C(23, INT, bytes_done, 0) \
	C(24, INT, bytes_total, 0) \
	C(25, BLOB, args, 0)            /* a pack; tags in lib/flow/ */ \
	C(26, BLOB, memo, 0)            /* a pack: what replayed steps need to know */ \
	C(27, INT, error_code, 0) \
	C(28, BLOB, error, 0)           /* a pack: the error record */ \
	C(29, INT, created_ns, 0) \
	C(30, INT, updated_ns, 0) \
	C(31, INT, ended_ns, 0) \
	C(32, TEXT, engine_name, 0)     /* for people */ \
	C(33, INT, generation, 0)

/* What a slow driver left for its next call; written before it is asked again. */
#define SHR__TABLE_OP_ITEM(C, N) \
	C(1, TEXT, op_id, 0) \
	C(2, TEXT, step, 0) \
	C(3, TEXT, item_id, 0) \
	C(4, BLOB, token, 0) \
	C(5, INT, undoing, 0)

/* What live operations hold of which object: bits of SHR__FACET_*. */
#define SHR__TABLE_HOLD(C, N) \
	C(1, TEXT, object_id, 0) \
	C(2, TEXT, op_id, 0) \
	C(3, INT, shared, 0) \
	C(4, INT, exclusive, 0)

#define SHR__TABLE_TOKEN(C, N) \
	C(1, TEXT, project, 0) \
	C(2, TEXT, token, 0) \
	C(3, TEXT, op_id, 0) \
	C(4, BLOB, digest, 0)           /* SHA-256 of the call's kind, object and set fields */

#define SHR__TABLE_EVENT(C, N) \
	C(1, INT, seq, 0) \
	C(2, TEXT, project, 0) \
	C(3, TEXT, kind, 0) \
	C(4, INT, severity, 0) \
	C(5, TEXT, object, 0) \
	C(6, TEXT, object_id, 0) \
	C(7, INT, object_version, 0) \
	C(8, INT, at_ns, 0) \
	C(9, TEXT, op_id, 0) \
	C(10, TEXT, user, 0) \
	C(11, TEXT, request_id, 0) \
	C(12, TEXT, text, 0)

#define SHR__TABLE_LOCK(C, N) \
	C(1, TEXT, object_id, 0) \
	C(2, TEXT, holder, 0) \
	C(3, INT, version, 0) \
	C(4, INT, count, 0) \
	C(5, TEXT, object, 0) \
	C(6, TEXT, reason, 0) \
	C(7, TEXT, project, 0) \
	C(8, TEXT, user, 0) \
	C(9, INT, created_ns, 0)

#define SHR__TABLE_BACKEND(C, N) \
	C(1, TEXT, name, 0) \
	C(2, INT, version, 0) \
	C(3, TEXT, engine, 0)           /* the owner's id, or "" */ \
	C(4, INT, fence, 0)             /* grows with every change of the owner */ \
	C(5, TEXT, fingerprint, 0)      /* of the owner's configuration of it */ \
	C(6, TEXT, driver, 0) \
	C(7, TEXT, exporter, 0) \
	C(8, INT, state, 0)             /* SHR_POOL_* */ \
	C(9, TEXT, reason, 0) \
	C(10, TEXT, engine_name, 0) \
	C(11, INT, updated_ns, 0) \
	C(12, TEXT, number_server, 2)   /* its shares need export numbers, of this server; "": none */ \
	C(13, INT, incarnation, 2)      /* of the exporter's server, which has all exports; 0: not known */ \
	C(14, INT, return_to, 2)        /* the incarnation that shares are being exported to again; 0: they all are */ \
	C(15, TEXT, return_pool, 2)     /* how far that is: behind this instance */ \
	C(16, TEXT, return_instance, 2) \
	C(17, INT, pass_asked, 3)       /* the newest comparison of all of it that somebody asked for */ \
	C(18, INT, pass_done, 3)        /* the newest of them that has ended, with all before */ \
	C(19, TEXT, pass_reason, 3)     /* what that one could not look at, and why; or "" */

#define SHR__TABLE_POOL(C, N) \
	C(1, TEXT, backend, 0) \
	C(2, TEXT, name, 0) \
	C(3, INT, version, 0) \
	C(4, TEXT, zone, 0) \
	C(5, INT, state, 0) \
	C(6, INT, total, 0) \
	C(7, INT, free, 0) \
	C(8, INT, allocated, 0)         /* changed by guarded adds alone, never with the version */ \
	C(9, INT, reserved, 0) \
	C(10, INT, limit_bytes, 0) \
	C(11, INT, protocols, 0) \
	C(12, INT, capabilities, 0) \
	C(13, TEXT, reason, 0) \
	C(14, INT, updated_ns, 0)

#define SHR__TABLE_QUOTA(C, N) \
	C(1, TEXT, project, 0) \
	C(2, INT, version, 0) \
	C(3, INT, shares_used, 0)       /* these two by guarded adds alone */ \
	C(4, INT, bytes_used, 0) \
	C(5, INT, shares_limit, 0)      /* -1: none; -2: the configuration's */ \
	C(6, INT, bytes_limit, 0)

/* One life of an engine. The heartbeat is a row of its own, so that it never meets the fence in a conflict. */
#define SHR__TABLE_ENGINE(C, N) \
	C(1, TEXT, id, 0) \
	C(2, TEXT, name, 0) \
	C(3, INT, beat, 0) \
	C(4, INT, lease_ms, 0) \
	C(5, INT, started_ns, 0) \
	C(6, INT, pid, 0) \
	C(7, TEXT, host, 0)

#define SHR__TABLE_ORPHAN(C, N) \
	C(1, TEXT, id, 0) \
	C(2, TEXT, backend, 0) \
	C(3, TEXT, pool, 0) \
	C(4, TEXT, object, 0) \
	C(5, TEXT, object_id, 0) \
	C(6, TEXT, instance_id, 0) \
	C(7, TEXT, ref, 0) \
	C(8, TEXT, path, 0) \
	C(9, INT, bytes, 0)             /* still counted in the pool */ \
	C(10, TEXT, reason, 0) \
	C(11, TEXT, op_id, 0)           /* that left it, or was to take it away or back */ \
	C(12, INT, created_ns, 0) \
	C(13, TEXT, project, 0) \
	C(14, INT, export_number, 2)    /* which stays taken as long as it is here */ \
	C(15, TEXT, number_server, 2) \
	C(16, INT, flags, 3)            /* the instance's */ \
	C(17, INT, protocols, 3)        /* that it was exported by */ \
	C(18, TEXT, of_share, 3)        /* of a snapshot: its share, and that one's instance, as they were */ \
	C(19, TEXT, of_instance, 3) \
	C(20, TEXT, of_ref, 3) \
	C(21, INT, access_told, 3)      /* the newest access revision that its backend may have been told */

#define SHR__TABLE_COUNTER(C, N) \
	C(1, TEXT, name, 0) \
	C(2, INT, value, 0)

/* Numbers that exporters know shares by: once for each server. What was let go rests before it is given again. */
#define SHR__TABLE_EXPORT_NUMBER(C, N) \
	C(1, TEXT, server, 0) \
	C(2, INT, number, 0) \
	C(3, TEXT, share_id, 0)         /* "": it rests */ \
	C(4, INT, freed_ns, 0)

/* What a backend or its server had otherwise than the store. Of a thing that nobody knows: instance_id is "". */
#define SHR__TABLE_DRIFT(C, N) \
	C(1, TEXT, instance_id, 0) \
	C(2, INT, what, 0)              /* SHR_DRIFT_* */ \
	C(3, TEXT, item, 0)             /* which rule, which client, "BACKEND/POOL/NAME", "BACKEND/export:NAME" */ \
	C(4, INT, state, 0)             /* SHR_DRIFT_OPEN, ... */ \
	C(5, TEXT, share_id, 0) \
	C(6, TEXT, project, 0) \
	C(7, TEXT, backend, 0) \
	C(8, TEXT, expected, 0) \
	C(9, TEXT, found, 0) \
	C(10, INT, first_ns, 0) \
	C(11, INT, last_ns, 0) \
	C(12, TEXT, op_id, 0)

/* T(NUMBER, NAME upper, name lower, version column's number or 0) */
#define SHR__TABLES(T) \
	T(1, SHARE, share, 2) \
	T(2, INSTANCE, instance, 2) \
	T(3, EXPORT, export, 0) \
	T(4, RULE, rule, 0) \
	T(5, RULE_FAULT, rule_fault, 0) \
	T(6, RULE_KEY, rule_key, 0) \
	T(7, METADATA, metadata, 0) \
	T(8, OP, op, 2) \
	T(9, OP_ITEM, op_item, 0) \
	T(10, HOLD, hold, 0) \
	T(11, TOKEN, token, 0) \
	T(12, EVENT, event, 0) \
	T(13, LOCK, lock, 3) \
	T(14, BACKEND, backend, 2) \
	T(15, POOL, pool, 3) \
	T(16, QUOTA, quota, 2) \
	T(17, ENGINE, engine, 0) \
	T(18, ORPHAN, orphan, 0) \
	T(19, COUNTER, counter, 0) \
	T(20, EXPORT_NUMBER, export_number, 0) \
	T(21, DRIFT, drift, 0) \
	T(22, SNAPSHOT, snapshot, 2)
#define SHR__TABLE_SINCE(number) ((number) < 20 ? 1 : (number) < 22 ? 2 : 3)

/* I(TABLE, number, name, unique, columns...): by place in the table, 0 the key. Index columns are column names. */
#define SHR__INDEXES(I) \
	I(share, 1, share_pk, 1, SHR__N_share_id) \
	I(share, 2, share_by_project, 0, SHR__N_share_project, SHR__N_share_id) \
	I(share, 3, share_by_name, 0, SHR__N_share_project, SHR__N_share_name, SHR__N_share_id) \
	I(share, 4, share_by_state, 0, SHR__N_share_state, SHR__N_share_id) \
	I(share, 5, share_by_parent, 0, SHR__N_share_parent, SHR__N_share_id) \
	I(snapshot, 1, snapshot_pk, 1, SHR__N_snapshot_id) \
	I(snapshot, 2, snapshot_by_project, 0, SHR__N_snapshot_project, SHR__N_snapshot_id) \
	I(snapshot, 3, snapshot_by_name, 0, SHR__N_snapshot_project, SHR__N_snapshot_name, SHR__N_snapshot_id) \
	I(snapshot, 4, snapshot_by_parent, 0, SHR__N_snapshot_parent, SHR__N_snapshot_id) \
	I(instance, 1, instance_pk, 1, SHR__N_instance_id) \
	I(instance, 2, instance_by_share, 0, SHR__N_instance_share_id, SHR__N_instance_id) \
	I(instance, 3, instance_by_pool, 0, SHR__N_instance_backend, SHR__N_instance_pool, SHR__N_instance_id) \
	I(export, 1, export_pk, 1, SHR__N_export_instance_id, SHR__N_export_n) \
	I(rule, 1, rule_pk, 1, SHR__N_rule_share_id, SHR__N_rule_id, SHR__N_rule_revision) \
	I(rule, 2, rule_by_who, 1, SHR__N_rule_share_id, SHR__N_rule_type, SHR__N_rule_who, SHR__N_rule_gone) \
	I(rule, 3, rule_by_revision, 0, SHR__N_rule_share_id, SHR__N_rule_revision, SHR__N_rule_id) \
	I(rule, 4, rule_by_gone, 0, SHR__N_rule_share_id, SHR__N_rule_gone, SHR__N_rule_id) \
	I(rule, 5, rule_by_id, 0, SHR__N_rule_id, SHR__N_rule_revision) \
	I(rule_fault, 1, rule_fault_pk, 1, SHR__N_rule_fault_instance_id, SHR__N_rule_fault_rule_id) \
	I(rule_key, 1, rule_key_pk, 1, SHR__N_rule_key_rule_id) \
	I(metadata, 1, metadata_pk, 1, SHR__N_metadata_object_id, SHR__N_metadata_key) \
	I(metadata, 2, metadata_by_value, 0, SHR__N_metadata_object, SHR__N_metadata_key, SHR__N_metadata_value, \
		SHR__N_metadata_object_id) \
	I(op, 1, op_pk, 1, SHR__N_op_id) \
	I(op, 2, op_by_project, 0, SHR__N_op_project, SHR__N_op_id) \
	I(op, 3, op_by_live, 0, SHR__N_op_live, SHR__N_op_backend, SHR__N_op_engine, SHR__N_op_cancel, SHR__N_op_id) \
	I(op, 4, op_by_object, 0, SHR__N_op_object_id, SHR__N_op_id) \
	I(op_item, 1, op_item_pk, 1, SHR__N_op_item_op_id, SHR__N_op_item_step, SHR__N_op_item_item_id) \
	I(hold, 1, hold_pk, 1, SHR__N_hold_object_id, SHR__N_hold_op_id) \
	I(token, 1, token_pk, 1, SHR__N_token_project, SHR__N_token_token) \
	I(token, 2, token_by_op, 0, SHR__N_token_op_id) \
	I(event, 1, event_pk, 1, SHR__N_event_seq) \
	I(event, 2, event_by_project, 0, SHR__N_event_project, SHR__N_event_seq) \
	I(event, 3, event_by_object, 0, SHR__N_event_object_id, SHR__N_event_seq) \
	I(lock, 1, lock_pk, 1, SHR__N_lock_object_id, SHR__N_lock_holder) \
	I(backend, 1, backend_pk, 1, SHR__N_backend_name) \
	I(pool, 1, pool_pk, 1, SHR__N_pool_backend, SHR__N_pool_name) \
	I(quota, 1, quota_pk, 1, SHR__N_quota_project) \
	I(engine, 1, engine_pk, 1, SHR__N_engine_id) \
	I(orphan, 1, orphan_pk, 1, SHR__N_orphan_id) \
	I(orphan, 2, orphan_by_backend, 0, SHR__N_orphan_backend, SHR__N_orphan_id) \
	I(counter, 1, counter_pk, 1, SHR__N_counter_name) \
	I(export_number, 1, export_number_pk, 1, SHR__N_export_number_server, SHR__N_export_number_number) \
	I(export_number, 2, export_number_by_share, 0, SHR__N_export_number_server, SHR__N_export_number_share_id, \
		SHR__N_export_number_freed_ns, SHR__N_export_number_number) \
	I(drift, 1, drift_pk, 1, SHR__N_drift_instance_id, SHR__N_drift_what, SHR__N_drift_item) \
	I(drift, 2, drift_by_share, 0, SHR__N_drift_share_id, SHR__N_drift_instance_id, SHR__N_drift_what, SHR__N_drift_item)

#endif

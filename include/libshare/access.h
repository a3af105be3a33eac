/* libshare/access.h - who may mount a share, and how */
#ifndef LIBSHARE_ACCESS_H
#define LIBSHARE_ACCESS_H

#include "share.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_ACCESS_IP UINT32_C(1)    /* an IPv4 or IPv6 address or prefix */
#define SHR_ACCESS_USER UINT32_C(2)  /* a user's or group's name */
#define SHR_ACCESS_CERT UINT32_C(3)  /* a TLS certificate's common name */
#define SHR_ACCESS_CEPHX UINT32_C(4) /* a Ceph user's id */
SHR_API const char *shr_access_type_name(uint32_t type); /* "ip"; "unknown"; static. Since 0.1. */

#define SHR_LEVEL_NONE UINT32_C(0) /* of an explanation (explain.h): not at all; no rule has it */
#define SHR_LEVEL_RW UINT32_C(1)
#define SHR_LEVEL_RO UINT32_C(2)
SHR_API const char *shr_level_name(uint32_t level); /* "rw"; "unknown"; static. Since 0.1. */

#define SHR_SQUASH_DEFAULT UINT32_C(0) /* the exporter's */
#define SHR_SQUASH_NONE UINT32_C(1)    /* no_root_squash */
#define SHR_SQUASH_ROOT UINT32_C(2)
#define SHR_SQUASH_ALL UINT32_C(3)
SHR_API const char *shr_squash_name(uint32_t squash); /* "root"; "unknown"; static. Since 0.1. */

#define SHR_RULE_QUEUED UINT32_C(1)   /* accepted; no instance has been told */
#define SHR_RULE_ACTIVE UINT32_C(2)
#define SHR_RULE_ERROR UINT32_C(3)    /* refused, with a reason; until it is changed or denied */
#define SHR_RULE_DENYING UINT32_C(4)  /* denied; may still let clients in */
SHR_API const char *shr_rule_state_name(uint32_t state); /* "active"; "unknown"; static. Since 0.1. */

/* A rule as it was when asked. A record: immutable, counted. Where several rules fit a client, the one
 * with the greatest priority wins; then the longest prefix; then ro before rw; then the older. */
struct shr_rule {
	uint32_t size;
	uint32_t state; /* SHR_RULE_*: the worst over the share's instances */
	uint32_t type;  /* SHR_ACCESS_* */
	uint32_t level; /* SHR_LEVEL_* */
	uint32_t squash; /* SHR_SQUASH_* */
	int32_t priority; /* -1000000 to 1000000 */
	uint64_t revision; /* the share's access revision that set it so */
	int64_t created_ns;
	int64_t updated_ns;
	const char *id;
	const char *share_id;
	const char *who;     /* in its normal form */
	const char *reason;  /* why it is in error, or "" */
	uint32_t has_key;    /* 1: shr_access_key() would have an answer */
	uint32_t n_metadata;
	uint64_t n_locks;
	const struct shr_pair *const *metadata; /* sorted by key */
};
SHR_API const struct shr_rule *shr_rule_ref(const struct shr_rule *rule);
SHR_API void shr_rule_unref(const struct shr_rule *rule); /* NULL is fine */

#define SHR_ALLOW UINT32_C(1) /* a new rule; SHR_EEXIST when (type, who) is there */
#define SHR_SET UINT32_C(2)   /* as SHR_ALLOW, or change the one that is there, by (type, who) or by id */
#define SHR_DENY UINT32_C(3)  /* take away, by id or by (type, who); SHR_ENOTFOUND when it is not there */

/* One change. An element of an array: its size stands in the parent, and it grows at its end. */
struct shr_access_change {
	uint32_t verb;
	uint32_t type;
	uint32_t level;
	uint32_t squash;
	int32_t priority;
	uint32_t n_metadata;
	const char *who;
	const char *id;              /* SHR_SET and SHR_DENY; NULL: by (type, who) */
	const char *const *metadata; /* "key", "value", ...; replaces what was there when n_metadata > 0 */
};

struct shr_access_params {
	uint32_t size;
	uint32_t change_size; /* sizeof(struct shr_access_change): the stride of `changes` */
	const char *token;
	uint64_t if_version;  /* the share's; 0: any */
	uint64_t if_revision; /* the share's access revision; 0: any */
	const struct shr_access_change *changes; /* in order; all are accepted or none */
	uint32_t n_changes;   /* 1 to 10000 */
	uint32_t flags;       /* 0 */
};
#define SHR_ACCESS_PARAMS_INIT { sizeof(struct shr_access_params), sizeof(struct shr_access_change), NULL, 0, 0, \
	NULL, 0, 0 }

/* One atomic batch. The operation ends when every instance has every change of it, or has refused some
 * (SHR_EPARTIAL; the faults name each). Allowed also while the share is being created, extended or
 * shrunk. Since 0.1. */
SHR_API SHR_CHECK int shr_access_apply(struct shr_session *session, const char *share_id,
	const struct shr_access_params *params, const struct shr_op **ret_op, const struct shr_error **reterr);

/* The same for one change. Since 0.1. */
SHR_API SHR_CHECK int shr_access_allow(struct shr_session *session, const char *share_id, uint32_t type,
	const char *who, uint32_t level, const struct shr_op **ret_op, const struct shr_error **reterr);
SHR_API SHR_CHECK int shr_access_deny(struct shr_session *session, const char *share_id, const char *rule_id,
	const struct shr_op **ret_op, const struct shr_error **reterr);
SHR_API SHR_CHECK int shr_access_set_level(struct shr_session *session, const char *share_id,
	const char *rule_id, uint32_t level, const struct shr_op **ret_op, const struct shr_error **reterr);

SHR_API SHR_CHECK int shr_access_get(struct shr_session *session, const char *share_id, const char *rule_id,
	const struct shr_rule **ret_rule, const struct shr_error **reterr);

struct shr_rule_page {
	uint32_t size;
	uint32_t n;
	const struct shr_rule *const *items;
	const char *after;
};
SHR_API SHR_CHECK int shr_access_list(struct shr_session *session, const char *share_id,
	const struct shr_list_params *list, const struct shr_rule_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_rule_page_unref(const struct shr_rule_page *page);

/* Wait until every instance has all of REVISION (0: the share's newest). 0: it has, and each rule is
 * active; SHR_EPARTIAL: it has, and some are in error; SHR_RUNNING: TIMEOUT_MS (-1: no limit) went by.
 * Since 0.1. */
SHR_API SHR_CHECK int shr_access_wait(struct shr_session *session, const char *share_id, uint64_t revision,
	int timeout_ms, const struct shr_error **reterr);

/* The secret that goes with a rule, for type cephx. Permission "access_key:show". *ret_key is the caller's:
 * shr_free(). SHR_ENOTFOUND: it has none. Since 0.1. */
SHR_API SHR_CHECK int shr_access_key(struct shr_session *session, const char *share_id, const char *rule_id,
	char **ret_key, const struct shr_error **reterr);

/* Seal every access key anew with the host's newest key, at most LIMIT rules a call (0: 1000), from AFTER
 * (NULL: the first; *ret_after is the caller's). SHR_RUNNING: there are more. System sessions. Since 0.1. */
SHR_API SHR_CHECK int shr_access_reseal(struct shr_session *session, const char *after, uint32_t limit,
	char **ret_after, const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif

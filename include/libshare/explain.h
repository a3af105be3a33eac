/* libshare/explain.h - whether a client can mount a share, by which rule and how, or why it cannot */
#ifndef LIBSHARE_EXPLAIN_H
#define LIBSHARE_EXPLAIN_H

#include "access.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an explanation rests on. */
#define SHR_WHY_RULE UINT32_C(1)      /* a rule lets the client in */
#define SHR_WHY_NO_RULE UINT32_C(2)   /* no rule fits it */
#define SHR_WHY_QUEUED UINT32_C(3)    /* a rule fits it, and is not in force yet */
#define SHR_WHY_REFUSED UINT32_C(4)   /* a rule fits it, and the backend refused that rule */
#define SHR_WHY_STATE UINT32_C(5)     /* nobody mounts the share in the state that it is in */
#define SHR_WHY_NO_EXPORT UINT32_C(6) /* there is no export location of the protocol and address family */
#define SHR_WHY_TYPE UINT32_C(7)      /* the protocol or the backend has no rules for such a name */
SHR_API const char *shr_why_name(uint32_t why); /* "no_rule"; "unknown"; static. Since 0.1. */

/* Whom it is about, and what it wants. */
struct shr_explain_params {
	uint32_t size;
	uint32_t flags;     /* 0 */
	uint32_t type;      /* SHR_ACCESS_* */
	uint32_t family;    /* SHR_FAMILY_*: it mounts over this; SHR_FAMILY_ANY: over any */
	uint64_t protocol;  /* one SHR_PROTO_*; 0: any that the share speaks */
	const char *who;    /* as a rule would name it: an address or prefix, a user, ... */
	const char *target; /* where it will be mounted, an absolute path, for `command`; NULL: "/mnt" */
};
#define SHR_EXPLAIN_PARAMS_INIT { sizeof(struct shr_explain_params), 0, 0, SHR_FAMILY_ANY, 0, NULL, NULL }

/* A way in: one export location, and how the client mounts it. The members fstype, source and options are what mount(8)
 * takes, and are "" and none where it has no words for the location; then `note` says more. */
struct shr_way {
	uint32_t size;
	uint32_t level;     /* SHR_LEVEL_*: what it gives; a location that serves reads only gives ro at most */
	uint32_t family;    /* SHR_FAMILY_*: to go over; SHR_FAMILY_ANY: either of IP */
	uint32_t n_options;
	const struct shr_export *location;
	const struct shr_rule *rule; /* that decides there */
	const char *fstype;          /* "nfs4", "cifs", "ceph" */
	const char *source;          /* "10.0.0.5:/shares/home", "//host/home" */
	const struct shr_pair *const *options; /* "ro" with the value "", "proto" with "tcp" */
	const char *server;  /* the location's host: "10.0.0.5", "fd00::5"; of SHR_FAMILY_VSOCK the context id, "2" */
	const char *path;    /* and the rest of it: "/shares/home" */
	const char *command; /* a line for a shell, quoted where need be, or "" */
	const char *note;    /* what is to be known besides, or "" */
};

#define SHR_EXPLAIN_CHANGING UINT32_C(1) /* changes of rules that matter here are accepted and not in force yet */
#define SHR_EXPLAIN_MORE UINT32_C(2)     /* not every rule inside the prefix that was asked for was looked at */

/* The answer. A record: immutable, counted, any thread. Strings are never NULL. */
struct shr_explanation {
	uint32_t size;
	uint32_t level;      /* SHR_LEVEL_*, the best of `ways`; SHR_LEVEL_NONE: the client cannot mount it */
	uint32_t next_level; /* the same when every change that was accepted is in force */
	uint32_t why;        /* SHR_WHY_* */
	uint32_t type;       /* SHR_ACCESS_* */
	uint32_t flags;      /* SHR_EXPLAIN_* */
	uint64_t access_revision; /* the share's, and the one that every instance has */
	uint64_t access_applied;
	const char *share_id;
	const char *who;     /* in its normal form */
	const char *reason;  /* a sentence */
	const char *remedy;  /* what to do where it cannot, or "" */
	const char *op_id;   /* the operation that brings the change, of the rules or of the share; or "" */
	const struct shr_rule *rule; /* that decides, or would; NULL: none */
	const struct shr_rule *const *others; /* that fit as well, and lose or are not in force; the next best first */
	const struct shr_rule *const *inside; /* that decide for a part of the prefix that was asked for */
	const struct shr_way *const *ways;    /* the best first */
	uint32_t n_others;
	uint32_t n_inside;
	uint32_t n_ways;
	uint32_t reserved0;
};
SHR_API const struct shr_explanation *shr_explanation_ref(const struct shr_explanation *explanation);
SHR_API void shr_explanation_unref(const struct shr_explanation *explanation); /* NULL is fine */

/* Whether a client can mount a share, or (by its id) a snapshot, by which rule, where and how, or why not. It looks and
 * changes nothing, and costs the same whatever number of rules the share has. *ret_explanation is the caller's. Permission
 * "access:explain". Since 0.1. */
SHR_API SHR_CHECK int shr_access_explain(struct shr_session *session, const char *share_id,
	const struct shr_explain_params *params, const struct shr_explanation **ret_explanation,
	const struct shr_error **reterr);

#ifdef __cplusplus
}
#endif
#endif

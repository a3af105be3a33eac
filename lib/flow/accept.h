/* lib/flow/accept.h - taking a call: checks, rows, operation, event, in one transaction */
#ifndef SHR_FLOW_ACCEPT_H
#define SHR_FLOW_ACCEPT_H

#include "base/buf.h"
#include "flow/work.h"
#include "sched/sched.h"

/* An engine of this process: it claims what it accepts for the backends that it owns. */
struct shr__claimer {
	const char *engine; /* its life's id */
	const char *name;
};

struct shr__rule_in { /* one checked change of rules; strings in the accept's arena */
	uint32_t verb, type, level, squash;
	int32_t priority;
	const char *who;  /* normal form, or "" */
	const char *id;   /* given by the caller, or "" */
	const char *fresh_id; /* for a rule that is new */
	const char *const *metadata;
	uint32_t n_metadata;
	int level_only;   /* SHR_SET by id: only the level is given */
};

/* Filled by the API from checked parameters; the rest by shr__accept_body(), which may run several times. */
struct shr__accept {
	const struct shr__env *env;
	const struct shr__flow *flow;
	struct shr__arena *arena;
	int system;             /* a caller that sees all projects */
	const char *project;    /* the caller's */
	const char *user;
	const char *request_id;
	const char *token;      /* or "" */
	uint8_t digest[32];     /* of the call's kind, object and set fields */
	int64_t if_version;     /* 0: any */
	int64_t now_ns;         /* wall clock, of the call */
	const char *op_id;      /* a fresh id */
	const char *object_id;  /* the share's; fresh for a new one */
	const char *object_project; /* what the authorisation was asked about; "" for a new object */
	const struct shr__claimer *claimers;
	uint32_t n_claimers;
	struct shr__buf args;   /* the operation's pack, made by the body; the owner clears it */

	/* What flows take. */
	uint64_t bytes;
	uint64_t protocols;
	const char *name, *description; /* NULL: not given */
	const char *zone;
	const char *const *set;   /* metadata pairs */
	uint32_t n_set;
	const char *const *unset;
	uint32_t n_unset;
	const struct shr__rule_in *rules;
	uint32_t n_rules;
	int64_t if_revision;
	uint32_t state;
	const char *source;
	const char *orphan_id;
	const char *for_project;  /* adopt: the new share's */
	const char *holder, *reason;    /* locks */
	const char *rule_id;            /* locks: of this rule; "": of the share */
	const char *instance_id;  /* fresh */
	const char *other_id;     /* the other object's, where the flow has one; NULL: the row's parent */
	uint32_t flags;           /* a new share's: SHR_SHARE_READONLY */
	uint32_t snapshot_access; /* SHR_SNAPSHOT_ACCESS_*; 0: not given */
	struct shr__placement place;    /* create, manage */
	int64_t shares_limit, bytes_limit; /* quota set */

	/* The result. */
	int replayed;                 /* the token was known: `op` is that call's operation */
	int at_once;                  /* flow->accept has done it all: no step is left */
	int pool_full;                /* refused because the pool filled up meanwhile: place again */
	int claimer;                  /* which of them has it; -1: none */
	uint64_t share_set;           /* columns of `share` that flow->accept changed: SHR__COL(share, ...) */
	struct shr__op_row op;
	struct shr__share_row share;  /* before flow->accept: as read; after: as written */
	struct shr__instance_row instance;
	struct shr__others others;    /* as read */
	int followed;                 /* operations of snapshots were accepted with it: an engine is to look */
	struct shr__pool_row pool;    /* of the instance, or of the other object's, for capabilities */
	struct shr__backend_row backend;
};

/* The body of every accepting transaction: DATA is a struct shr__accept. */
int shr__accept_body(struct shr__txn *t, void *data, const struct shr_error **reterr);
/* For jobs: was the commit of this accept done? */
int shr__accept_settle(struct shr__txn *t, void *data);
/* The work for what was accepted, without reading anything; NULL: no memory (an engine then finds it by its poll). */
struct shr__work *shr__accept_work(const struct shr__accept *a);

/* "share \"home\" is to be extended": words of an event, into BUF. NAME may be NULL or "". */
const char *shr__event_text(char *buf, size_t room, const struct shr__flow *f, const char *name, const char *is);

/* Refused: the words come from the flow's table and what stands in the way. */
int shr__refuse_state(const struct shr__flow *f, const struct shr__share_row *share, const struct shr_error **reterr);
/* Refused while rows have it as their parent: each is named. 0: there are none. */
int shr__refuse_children(struct shr__txn *t, const struct shr__flow *f, const struct shr__share_row *share,
	const struct shr_error **reterr);

/* ---- pieces for flows' accepts ---- */

/* Guarded adds to the project's quota row and the pool's row: DELTA may be negative. SHR_EQUOTA or SHR_ENOSPC with words. */
int shr__account_quota(struct shr__txn *t, const struct shr__config *config, const char *project, int64_t shares,
	int64_t bytes, const struct shr_error **reterr);
int shr__account_pool(struct shr__txn *t, const char *backend, const char *pool, int64_t bytes, int64_t limit,
	const struct shr_error **reterr);
/* An export number for a->instance, where its place wants one: before the row is written. */
int shr__accept_number(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
/* The same for an instance whose backend is known: 1, it got one, which its row is to say; 0: it has one, or needs none. */
int shr__accept_number_of(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
/* Snapshots that have the rules of the share A is about are to be told them too. */
int shr__followers_queue(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
/* End every operation that holds the share exclusively, or (ALL) any, where it is: it can commit no more. */
int shr__cut_off(struct shr__accept *a, struct shr__txn *t, int all, const char *why, const struct shr_error **reterr);
/* The share's instance is on its way out: from this commit on it is in STATE, and comes back from there no more. */
int shr__instance_goes(struct shr__accept *a, struct shr__txn *t, uint32_t state);
/* Metadata of an object: set, replace, unset; keeps *count. */
int shr__metadata_write(struct shr__txn *t, const char *object, const char *object_id, const char *const *set, uint32_t n_set,
	const char *const *unset, uint32_t n_unset, int64_t *count, const struct shr_error **reterr);
/* The SHR_CAP_* that a rule by (type, who) takes. */
uint64_t shr__rule_needs(const struct shr__rule_in *in);
/* Can a backend with these CAPABILITIES express the batch? A fault for each change that it cannot. */
int shr__rules_check(struct shr__accept *a, uint64_t capabilities, const struct shr_error **reterr);
/* Apply a batch of rule changes as revision REVISION to the rows of SHARE (its n_rules is kept). */
int shr__rules_write(struct shr__accept *a, struct shr__txn *t, int64_t revision, const struct shr_error **reterr);

#endif

/* lib/flow/flow.h - what a flow is: one const table, read by the engine, the checks, the pages and the tests */
#ifndef SHR_FLOW_FLOW_H
#define SHR_FLOW_FLOW_H

#include "libshare/snapshot.h"
#include "model/rows.h"
#include "plugin/env.h"

struct shr__work;   /* work.h: one operation being executed */
struct shr__accept; /* accept.h: one call being accepted */

/* What a flow holds of its object. Two may overlap unless they name one facet and one of them exclusively. */
#define SHR__LIFE 1u  /* that it is there */
#define SHR__PLACE 2u /* the pool it lies on */
#define SHR__DATA 4u
#define SHR__SIZE 8u
#define SHR__ROLE 16u
#define SHR__ACCESS 32u /* how clients reach it: batches of rules run beside each other, not beside what takes its export away */
#define SHR__ALL_FACETS (SHR__LIFE | SHR__PLACE | SHR__DATA | SHR__SIZE | SHR__ROLE | SHR__ACCESS)

#define SHR__ST(state) (UINT64_C(1) << (state))
#define SHR__GONE UINT32_C(63) /* as an end: the object's rows are no more */

/* Flags of a step. */
#define SHR__STEP_BARRIER 1u       /* all before it is committed before its call is made */
#define SHR__STEP_NO_RETURN 2u     /* once it has begun there is no undo: only forward */
#define SHR__STEP_CANCELLABLE 4u
#define SHR__STEP_ACCESS_LANE 8u   /* one at a time for each share, in the order of acceptance */
#define SHR__STEP_SOURCE 16u       /* it reaches the files of the other object's instance, whose backend may be another one */

/*
 * A step: `call` is the world, outside any transaction; `save` is rows, committed with the move to the next step; `undo` and
 * `unsave` take them back, and are right whether the call happened, half happened or never. Any may be NULL. A call answers 0,
 * SHR_RUNNING (make it again later) or a negative code with words in work->error. It is idempotent, and so is undo.
 * `save` may answer SHR_RUNNING: commit, and run it again (long lists go in small bites).
 */
struct shr__step {
	const char *name;
	uint32_t flags;
	int (*call)(struct shr__work *w);
	int (*save)(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
	int (*undo)(struct shr__work *w);
	int (*unsave)(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
};

/* Flags of a flow. */
#define SHR__FLOW_PREEMPTS 1u /* asks what it meets and can be cancelled to end, and waits for it */
#define SHR__FLOW_QUEUES 2u   /* waits behind what it meets */
#define SHR__FLOW_LOCKABLE 4u /* delete locks keep the object from it */
#define SHR__FLOW_NEW 8u      /* its object is made by its accept */
#define SHR__FLOW_ALONE 16u   /* its object is no share: no state, no holds, no epoch */
#define SHR__FLOW_OUTLIVES 32u /* its accept removes the share: what it needs is in its arguments */

/* Its commits begin with versioned updates of the instance's row and the share's: they need no fresh ones. */
#define SHR__FLOW_EXPECTS 64u

#define SHR__MAX_STEPS 6
struct shr__flow {
	const char *kind;
	uint32_t version; /* an engine claims only those it knows */
	uint32_t flags;
	const char *object; /* "share" */
	const struct shr__rowdef *rows; /* of its objects, which have a share's columns; NULL: shares */
	const char *action; /* the permission: "share:extend" */
	const char *verb;   /* for messages: "extend" */
	uint64_t from;      /* SHR__ST() of the states it may start from */
	uint32_t during;    /* 0: the state stays */
	uint32_t to;        /* 0: the state stays; SHR__GONE */
	uint32_t failed;    /* 0: back to what it was; SHR__GONE */
	uint32_t hold_shared;
	uint32_t hold_exclusive;
	/* A second object that it needs: a snapshot's share (its parent), the snapshot that a share goes back to or is made from. */
	const struct shr__rowdef *other_rows; /* NULL: there is none */
	uint64_t other_from;                  /* states that it may be in; 0: any */
	uint32_t other_shared;                /* what is held of it */
	const char *event_accepted; /* "share.extending" */
	const char *event_done;
	const char *event_failed;
	/* Validate against the rows, reserve, write; the op row, holds, state and event are written by shr__accept_body(). */
	int (*accept)(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr);
	/* SHR__FLOW_OUTLIVES: fill w->share and w->instance from w->op.args; 0 or SHR_ENOMEM. */
	int (*load)(struct shr__work *w);
	/* Rows when it has failed and all is undone (but for w->leftover); may be NULL. Bites as in a step's save. */
	int (*failure)(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
	uint32_t n_steps; /* 0: it is done when it is accepted */
	struct shr__step steps[SHR__MAX_STEPS];
};

/* The table of all flows, ends with NULL. */
extern const struct shr__flow *const shr__flows[];
/* NULL: this library does not know it (a newer one's). */
const struct shr__flow *shr__flow_find(const char *kind, uint32_t version);
/* The number of the step named NAME, from 0; -1. */
int shr__flow_step(const struct shr__flow *f, const char *name);

/* Tags of op.args and op.memo packs: for ever. */
#define SHR__ARG_BYTES 1       /* int: the new size */
#define SHR__ARG_OLD_BYTES 2   /* int: the size before */
#define SHR__ARG_REVISION 3    /* int: the access revision of a batch */
#define SHR__ARG_INSTANCE 4    /* str: the instance's id */
#define SHR__ARG_POOL 5        /* str */
#define SHR__ARG_REF 6         /* str: force-delete: what the driver kept */
#define SHR__ARG_PATH 7        /* str */
#define SHR__ARG_PROTOCOLS 8   /* int */
#define SHR__ARG_SHARE 9       /* str */
#define SHR__ARG_SOURCE 10     /* str: manage */
#define SHR__ARG_STATE 11      /* int: reset-state */
#define SHR__ARG_COUNTED 12    /* int: what the accounts held before a resize */
#define SHR__ARG_NUMBER 13     /* int: the export number */
#define SHR__ARG_SERVER 14     /* str: whose number it is */
#define SHR__ARG_OTHER 15      /* str: the id of the other object */
#define SHR__ARG_FLAGS 17      /* int: the instance's flags */
#define SHR__ARG_OF 18         /* str: the instance of the share that a snapshot is of */
#define SHR__ARG_OF_REF 19     /* str: what the driver kept with that */
#define SHR__ARG_OBJECT 20     /* str: orphans: the id that the object had */
#define SHR__ARG_ACCESS 16     /* int: SHR_SNAPSHOT_ACCESS_* */

static inline const struct shr__rowdef *shr__flow_rows(const struct shr__flow *f)
{
	return f->rows ? f->rows : &shr__share_def;
}

/* Its objects are snapshots. */
static inline int shr__flow_of_snapshots(const struct shr__flow *f)
{
	return f->rows == &shr__snapshot_def;
}

#endif

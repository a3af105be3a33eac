/* lib/flow/work.h - one operation being executed: what its steps see */
#ifndef SHR_FLOW_WORK_H
#define SHR_FLOW_WORK_H

#include <stdatomic.h>

#include "flow/flow.h"

#define SHR__CANCEL_ASKED 1 /* somebody asked for its end */
#define SHR__CANCEL_LOST 2  /* its backend is ours no more */

/* The other object of a flow, with its instance; and of a snapshot that is no share's own here, the share that it was cut from.
 * Empty (ids NULL) where there is none. */
struct shr__others {
	struct shr__share_row other, origin;
	struct shr__instance_row other_instance, origin_instance;
};

/* Owned by one thread at a time: the executor's between an action and its answer, else the core's. */
struct shr__work {
	struct shr__arena *arena; /* of everything here */
	const struct shr__env *env;
	const struct shr__flow *flow;
	struct shr__op_row op;             /* as it was last committed */
	struct shr__share_row share;       /* as it was last read; empty for SHR__FLOW_ALONE */
	struct shr__instance_row instance; /* the same */
	struct shr__others others;         /* as they were when it was accepted or claimed: its hold keeps them */
	struct shr__backend *backend;      /* set by the core before a call */
	struct shr__backend *source;       /* the same in SHR__STEP_SOURCE: of the other object; NULL: no call can reach it */
	int64_t source_fence;
	int at_source;                     /* the last call: what failed was the source's */
	atomic_int hurry;                  /* a long call is to answer soon, and goes on in another */
	uint32_t step;                     /* the one that is made now, from 0 */
	uint32_t attempt;                  /* of this step, from 1 */
	int undoing;
	int give_up;                       /* a slow call is under way: it is stopped, or waited for, before the undo */
	int leftover;                      /* an undo was given up: its thing is an orphan now */
	const struct shr_error *error;     /* what the last call said, or why it is being undone; owned */
	const struct shr_error *outcome;   /* it ends as failed with this, though nothing is undone (SHR_EPARTIAL); owned */
	uint32_t again_ms;                 /* with SHR_RUNNING */
	const void *token;                 /* what a slow driver left; in the arena */
	uint64_t token_len;
	const void *kept;                  /* the same, of an engine before, until the step that it belongs to is reached */
	uint64_t kept_len;
	uint32_t kept_step;
	int token_changed;                 /* to be committed before the next call */
	int refused;                       /* the last call: the backend refused this engine's fence number */
	atomic_int cancel;                 /* SHR__CANCEL_*, or 0 */
	uint64_t bytes_done, bytes_total;
	/* What the calls told, until a save writes it. */
	int told_ref;
	const char *ref;
	const char *path;
	int told_exports;
	const struct shr_export **exports;
	uint32_t n_exports;
	uint64_t told_bytes;
	uint64_t told_cut; /* when a snapshot was cut; 0: not told */
	int64_t wall_ns; /* of the commit that is being made: for saves */
	struct shr__drift *drift; /* drift.h: what a look found; NULL: nothing is known */
	struct shr__sync *sync; /* access_sync.h: the diff that was made and its answers */
	uint64_t sync_revision; /* the instance has been told this one */
	int saves_done;         /* steps whose save is committed: those below this number */
	int begun;              /* an engine before had it: steps after the present one may have been made */
};

/* W is a snapshot's that has its share's rules. */
static inline int shr__rules_followed(const struct shr__work *w)
{
	return shr__flow_of_snapshots(w->flow) && w->share.snapshot_access == SHR_SNAPSHOT_ACCESS_SHARE;
}

/* Whose rules W's instance has. */
static inline const char *shr__rules_id(const struct shr__work *w)
{
	return shr__rules_followed(w) ? w->share.parent : w->share.id;
}

/* The step that W is at now: 1 when an engine before has left a token for it, which is W's from now on. */
static inline int shr__work_take_kept(struct shr__work *w)
{
	if (!w->kept || w->kept_step != w->step)
		return 0;
	w->token = w->kept;
	w->token_len = w->kept_len;
	w->kept = NULL;
	return 1;
}

/* A new one in ARENA, which becomes its own: it dies with it. NULL: no memory. */
struct shr__work *shr__work_in(struct shr__arena *arena, const struct shr__env *env, const struct shr__flow *flow);
void shr__work_free(struct shr__work *w); /* NULL is fine */
/* W in a new arena, without what it does not need any more (and without w->sync); its errors are the new
 * one's. The caller frees W's
 * arena. NULL: no memory, and W is as it was. Nothing of it is under way. */
struct shr__work *shr__work_moved(const struct shr__work *w);
/* A row's texts and blobs into ARENA: 0 or SHR_ENOMEM. */
int shr__row_copy(const struct shr__rowdef *def, const void *from, void *to, struct shr__arena *arena);

/* In a transaction: the other object OTHER_ID of a flow, and what hangs on it. SHR_ENOTFOUND: it is gone. */
int shr__others_read(struct shr__txn *t, const struct shr__flow *flow, const char *other_id, struct shr__others *ret);
int shr__others_copy(const struct shr__others *from, struct shr__others *ret, struct shr__arena *arena); /* 0 or SHR_ENOMEM */
/* The id of an operation's other object, into BUF; "": it has none. */
void shr__other_id(const struct shr__op_row *op, char buf[SHR__UUID_ROOM]);
/* What an operation holds, of both its objects, is free. */
int shr__holds_drop(struct shr__txn *t, const struct shr__op_row *op);

/* In a read transaction: fill share and instance of w->op from the store, as a new owner has to. */
int shr__work_load(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);

/* Make a call of the plugin for the present step and gather what it told: refs, paths, exports, sizes into W; the rest in
 * *told (may be NULL). Returns 0, SHR_RUNNING (token and again_ms are set) or a code with w->error. ARGS->instance and path are
 * filled in from W when NULL. */
int shr__work_call(struct shr__work *w, enum shr__verb verb, struct shr__callargs *args, struct shr__told *told);
/* The instance as plugins see it, in W's arena; NULL: no memory (w->error is set). */
const struct shr_instance *shr__work_instance(struct shr__work *w);
/* The same of other rows of W. */
const struct shr_instance *shr__work_instance_of(struct shr__work *w, const struct shr__share_row *share,
	const struct shr__instance_row *row);
/* A call of the driver's table for snapshots about W's own snapshot, with the share's instance. */
int shr__work_snapshot_call(struct shr__work *w, enum shr__verb verb, struct shr__callargs *args, struct shr__told *told);
/* Attach (READONLY: only to read) or detach INSTANCE, which is the source's or W's own; what was told to *told. TOKEN: what it left
 * the last time. Answers as shr__work_call(), but keeps nothing of it. */
struct shr__reach {
	enum shr__verb verb;
	const char *step; /* the name of the call: attaching and detaching are two */
	int of_source;
	const struct shr_instance *instance;
	uint32_t readonly;
	const void *token;
	uint64_t token_len;
};
int shr__work_reach(struct shr__work *w, const struct shr__reach *reach, struct shr__told *told);
/* Not done: the step is made again in AGAIN_MS with this token, which is W's arena's. Returns SHR_RUNNING. */
int shr__work_later(struct shr__work *w, const void *token, uint64_t len, uint32_t again_ms);
/* 1: what is under way is to stop, for it is not wanted any more, or not this engine's. */
int shr__work_cancelled(const struct shr__work *w);
/* Set w->error and return CODE. */
int shr__work_fail(struct shr__work *w, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Rows that several flows write. */
/* The share and instance rows as they are now into w->share, w->instance. SHR_EFENCED: the share is gone, or its epoch is not
 * the operation's any more. */
int shr__work_refresh(struct shr__work *w, struct shr__txn *t);
/* Ref, path and exports that were told, to the instance and export rows; with them the columns SET of the instance. */
int shr__work_save_told(struct shr__work *w, struct shr__txn *t, uint64_t set);
/* The accounts of pool and project: what INSTANCE holds becomes BYTES. Growing is bounded by the limits (QUOTA_TOO: the
 * project's as well); shrinking never fails. Writes instance.bytes. */
int shr__work_account(struct shr__work *w, struct shr__txn *t, uint64_t bytes, const struct shr_error **reterr);
/* One child more (MORE: 1) or less (-1) of the row ID in ROWS; FOLLOWS: that has its rules. What is not there is fine. */
int shr__parent_count(struct shr__txn *t, const struct shr__rowdef *rows, const char *id, int more, int follows);
/* A row of ROWS goes: its parent has one child less. */
int shr__leave_parent(struct shr__txn *t, const struct shr__rowdef *rows, const struct shr__share_row *share);
/* What the pool's account holds for an instance of so many bytes: a read-only share lies where its snapshot does. */
int64_t shr__pool_holds(const struct shr__instance_row *instance, int64_t bytes);
/* Remove what belongs to a share or snapshot (ROWS), in bites: SHR_RUNNING: there is more. The row itself goes last. */
int shr__instance_forget(struct shr__txn *t, const char *instance_id); /* its exports and faults; the row stays */
int shr__instance_forget_rules(struct shr__txn *t, const char *instance_id); /* the faults alone */
int shr__share_forget(struct shr__txn *t, const struct shr__rowdef *rows, const struct shr__share_row *share, int64_t now_ns,
	const struct shr_error **reterr);
/* The orphan that INSTANCE becomes, but for why, when and by which operation. */
struct shr__orphan_row shr__orphan_of(const struct shr__flow *flow, const struct shr__share_row *share,
	const struct shr__instance_row *instance, const struct shr__others *others);
/* An orphan row for W's instance, which keeps its place in the pool's account. */
int shr__work_orphan(struct shr__work *w, struct shr__txn *t, const char *reason);
/* The backend has let go of W's instance: its orphan row, when there is one, goes, and with it what the pool counts for it. */
int shr__work_orphan_gone(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);

#endif

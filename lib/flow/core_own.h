/* lib/flow/core_own.h - the core's insides; for lib/flow/core*.c and run*.c alone */
#ifndef SHR_FLOW_CORE_OWN_H
#define SHR_FLOW_CORE_OWN_H

#include "base/hash.h"
#include "flow/core.h"

/* What a run waits for, or what is done with it. */
enum run_state {
	RUN_READY,     /* in the ready list */
	RUN_TIMER,     /* until `due` */
	RUN_LANE,      /* in a lane's list */
	RUN_AFTER,     /* for another operation's end, in its list */
	RUN_BACKEND,   /* its backend is down or not ours yet */
	RUN_LEASE,     /* no call may begin now */
	RUN_ALONE,     /* it is to be run alone, and others are under way, or such a one is */
	RUN_FULL,      /* as many calls as may be are under way */
	RUN_HAD,       /* a dead engine had it: as many of these as may be are claimed and not called yet */
	RUN_CALLING,
	RUN_COMMITTING,
	RUN_LOADING
};

/* What its next commit is. */
enum run_commit {
	COMMIT_CLAIM,  /* read it all, and it is ours */
	COMMIT_TOKEN,  /* what a slow driver left */
	COMMIT_NOTE,   /* why it is tried again: once for a step, not for each try */
	COMMIT_UNDO,   /* from here on it is undone */
	COMMIT_MOVE,   /* saves, and on to the next step */
	COMMIT_END,    /* saves, and it has succeeded */
	COMMIT_FAIL    /* unsaves, and it has failed */
};

struct shr__list { /* of runs, first in first out */
	struct shr__run *first, *last;
	unsigned n;
};

struct shr__lane { /* one at a time, in the order of arrival */
	char key[80];
	struct shr__run *holder;
	struct shr__list waiting;
	UT_hash_handle hh;
};

struct shr__be { /* a backend of this engine */
	char name[64];
	struct shr__backend *b; /* NULL: not ours */
	int64_t fence;
	int down;
	int suspect;
	int fenced;           /* it refused this engine's fence number */
	unsigned calling;
	struct shr__list waiting;
	UT_hash_handle hh;
};

struct shr__run {
	char id[SHR__UUID_ROOM];
	enum run_state state;
	enum run_commit commit;
	struct shr__core *core;
	struct shr__be *be;
	struct shr__work *work; /* NULL: to be claimed */
	struct shr__arena *arena; /* of a claim's reads; becomes the work's */
	struct shr__list *list;   /* it is in this one */
	struct shr__run *prev, *next;
	struct shr__list behind;  /* who waits for its end */
	struct shr__lane *call_lane, *access_lane, *source_lane; /* that it holds */
	struct shr__be *source; /* another backend that the call under way needs; NULL: there is none */
	int64_t due;
	size_t heap_at;           /* place in the heap, from 1; 0: not in it */
	int64_t wall_ns;
	int64_t fence;            /* the backend's, when the commit under way was begun */
	unsigned tries;           /* of the present step or commit, for the back-off */
	int loaded_after;         /* what it waits for was looked at in the store */
	int look;                 /* its row has changed: read it before going on */
	uint64_t touches;         /* the core's, when the commit under way was begun */
	int drop;                 /* the backend was lost: forget it when it comes back */
	int alone;                /* it was under way whenever engines died, too often: until something of it is committed */
	int had;                  /* a dead engine had it, and it is not claimed yet; 2: not for the first time */
	int taking;               /* it has one of the places of those */
	int cancelled;            /* its end is asked for, and it is not claimed yet */
	unsigned turns;           /* for which it waited in vain, to be alone */
	int note;                 /* its step failed twice: to be said before the next try */
	int owes;                 /* `commit` is to be made next */
	int more;                 /* a save has more bites */
	int ended;                /* the commit under way ends it */
	int has_item;             /* an op_item row was written */
	uint32_t reached;         /* where the undo began */
	uint32_t saved_to;        /* saves that the commit under way makes */
	struct shr__work *claim;  /* what the claim under way has read */
	struct shr__share_row share; /* as accepted, for the first commit; id NULL: not known, or used up */
	struct shr__instance_row instance;
	struct shr__op_row next_op; /* what the commit under way makes of the operation */
	struct shr__run *same_prev, *same_next; /* in its object's chain */
	int indexed;
	UT_hash_handle hh;
};

#define SHR__CHAINS 4096u /* a power of two */

struct shr__core {
	struct shr__core_params params;
	char engine_id[SHR__UUID_ROOM];
	char engine_name[64];
	uint64_t random;
	int64_t call_until;
	int64_t now;
	int paused;
	unsigned calling, under_way;
	unsigned taking;         /* claimed from dead engines, and not called yet */
	struct shr__run *lonely; /* the one that runs alone, from its claim on */
	struct shr__run *next_lonely; /* it waits for the calls under way to come back, and no others begin */
	struct shr__run *runs;   /* by id */
	struct shr__run *objects[SHR__CHAINS]; /* by the object's id, those that were read; others may be in a chain too */
	uint64_t touches;             /* how often rows of others were changed by somebody, and */
	uint64_t touched[SHR__CHAINS]; /* the number of the last time, a chain: for claims, whose object is not known */
	struct shr__lane *lanes;
	struct shr__be *backends;
	struct shr__list ready, leased, full, held, had, alone_waiting;
	struct shr__run **heap; /* by due; [0] is not used */
	size_t n_heap, heap_room;
};

/* core_queue.c */
void shr__list_add(struct shr__list *l, struct shr__run *r);
void shr__list_remove(struct shr__run *r);
void shr__run_ready(struct shr__core *c, struct shr__run *r);
/* 0 or SHR_ENOMEM (then it is ready at once). */
void shr__run_sleep(struct shr__core *c, struct shr__run *r, int64_t due);
void shr__run_unsleep(struct shr__core *c, struct shr__run *r);
/* 1: R holds the lane KEY now (again: *held); 0: it waits in it; negative: no memory. */
int shr__lane_take(struct shr__core *c, struct shr__run *r, const char *prefix, const char *key, struct shr__lane **held);
void shr__lane_drop(struct shr__core *c, struct shr__lane **held);
void shr__list_wake(struct shr__core *c, struct shr__list *l);
void shr__list_wake_some(struct shr__core *c, struct shr__list *l, unsigned n);
/* The chain in which all runs of an object are; and R, whose work is there, in or out of it. */
struct shr__run **shr__core_chain(struct shr__core *c, const char *object_id);
void shr__run_index(struct shr__core *c, struct shr__run *r);
void shr__run_unindex(struct shr__core *c, struct shr__run *r);
/* R makes no call now: what it has of places and turns others may have. */
void shr__run_let_go(struct shr__core *c, struct shr__run *r);
struct shr__be *shr__core_be(struct shr__core *c, const char *name, int make);
/* First, doubled for each try, at most MOST, and 0 to 50 % of it by chance. */
int64_t shr__core_backoff(struct shr__core *c, int64_t first_ms, int64_t most_ms, unsigned tries);

/* An answer for it is due. */
static inline int shr__run_under_way(const struct shr__run *r)
{
	return r->state == RUN_CALLING || r->state == RUN_COMMITTING || r->state == RUN_LOADING;
}

/* core.c, core_answer.c */
/* R is this engine's now: what it conflicts with looks at its row before its next call. */
void shr__core_meets(struct shr__core *c, struct shr__run *r);
/* 1: rows of operations on the object may have been changed by others since the core counted TOUCHES. */
int shr__core_touched_since(struct shr__core *c, const char *object_id, uint64_t touches);
void shr__run_free(struct shr__core *c, struct shr__run *r);
/* From here back to the first step: a commit that says so comes first when something of it was committed. */
void shr__run_undo(struct shr__core *c, struct shr__run *r);
void shr__run_undo_next(struct shr__run *r); /* the step before the present one is to be undone */
static inline const struct shr__step *shr__step_of(const struct shr__run *r)
{
	return &r->work->flow->steps[r->work->step];
}

/* run.c: after a commit was done */
void shr__run_claimed(struct shr__run *r);
void shr__run_kept(struct shr__run *r);

/* After so many unknown outcomes an operation is run alone. */
#define SHR__UNKNOWN_MOST 3
/* So many that one dead engine had are claimed at a time: a single death is common, and what it left is soon done. */
#define SHR__HAD_ONCE 64u
/* And so long others wait for it, at first. */
#define SHR__ALONE_FIRST INT64_C(2000000000)

#endif

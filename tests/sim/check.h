/* tests/sim/check.h - what must hold, always and at the end */
#ifndef TESTS_SIM_CHECK_H
#define TESTS_SIM_CHECK_H

#include "flow/flow.h"
#include "sim.h"

/* What the store says of a share or a snapshot, for callers that choose what to do. */
struct sim_share {
	int snapshot; /* 1: it is one, of share `parent` */
	unsigned at;  /* its place among those of its kind that are there */
	char parent[40];
	int64_t access, n_children;
	char id[40], project[16], instance[40];
	uint32_t state;
	int64_t version, bytes, n_locks, n_rules;
	char op_id[40];
	int tampered;   /* reset while it was worked at: its backend may have anything */
};

extern const char *const sim_project_names[SIM_PROJECTS];
void sim_text(char *to, size_t room, const char *from); /* as much of it as there is room for */

void sim_checks_begin(void);
void sim_checks_end(void);
unsigned sim_shares(void);
struct sim_share *sim_share_at(unsigned n);
unsigned sim_snapshots(void);
struct sim_share *sim_snapshot_at(unsigned n);
struct sim_share *sim_share_by(const char *id);
/* The row of the store: of a share, or else of a snapshot; NULL. */
struct model_row *sim_object_row(const char *id);
const struct model_version *sim_object(const char *id); /* as it is now; NULL: it is not there */
/* 1: another operation's hold would be in the way of FLOW. */
int sim_share_held(const char *id, uint32_t shared, uint32_t exclusive);
int sim_share_needed(const char *id, uint32_t shared, uint32_t exclusive); /* by an operation of another object */

/* A driver's call begins. LOCKED: its fencing is a kernel lock. */
void sim_check_owner(const struct sim_proc *p, int backend, int locked);
/* A call was told to go on from this token. */
void sim_check_token(const char *op, const char *step, const char *item, const void *token, uint64_t n);
/* A call was acknowledged with this operation. */
void sim_check_acknowledged(const char *op_id, const char *kind);
/* The operation that the present call of the API has put into the store, or NULL. */
void sim_check_call_begins(void);
const char *sim_check_call_op(void);
/* Everything that must hold at any time. */
void sim_check_all(void);
/* How many operations have not ended (those of newer versions not counted). */
unsigned sim_check_live(void);
void sim_check_say_live(void);
/* Nothing goes wrong any more, and everything has ended: what must hold then. */
void sim_check_final(void);

#endif

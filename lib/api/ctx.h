/* lib/api/ctx.h - contexts and sessions, inside */
#ifndef SHR_API_CTX_H
#define SHR_API_CTX_H

#include <pthread.h>
#include <sys/types.h>

#include "libshare/libshare.h"
#include "plugin/env.h"

struct shr__call;
struct shr__sched;
struct shr__waiters;

struct shr_ctx {
	struct shr__env env;
	struct shr__sched *sched;     /* where new shares go: sched/sched.h */
	struct shr__waiters *waiters; /* callers of this context that wait: engine/wait.h */
	pid_t pid; /* of the process that opened it: dead in a forked child */
	pthread_mutex_t lock; /* of what follows */
	struct shr_engine *engine; /* the engines of this context, the first of a list; NULL: none */
	unsigned n_sessions;
	struct shr__call *handing; /* calls between their commit and their hand-over: api/accept_call.c */
};

struct shr_session {
	struct shr_ctx *ctx;
	uint32_t flags;
	const char *project; /* "" for a system session without one */
	const char *user;
	const char *request_id;
	const char *const *roles;
	uint32_t n_roles;
	void *data;
	struct shr__arena *arena; /* of all the above */
};

/* The same for calls with a context alone. */
int shr__ctx_enter(struct shr_ctx *ctx, const struct shr_error **reterr);
/* Every public call with a session begins so: clears *reterr, refuses NULL (SHR_EINVAL) and a forked child (SHR_ESTORE). */
int shr__session_enter(struct shr_session *s, const struct shr_error **reterr);

/* Ask the host, or the default rules (shr_session(3)); outside any lock and transaction. 0, SHR_EPERM or SHR_ENOTFOUND with
 * words. OBJECT_PROJECT "" for lists and creations. */
int shr__authorise(struct shr_session *s, const char *action, const char *object, const char *object_project,
	const char *object_id, const struct shr_error **reterr);
/* The bare answer, 0, SHR_EPERM or SHR_ENOTFOUND: for what is only shown or left out. */
int shr__allowed(const struct shr_session *s, const char *action, const char *object_project, const char *object_id);
/* SHR_ENOTFOUND, "no share ...": the same words whether it is not there or another project's. */
int shr__no_such(const char *object, const char *id, const struct shr_error **reterr);
int shr__session_system(const struct shr_session *s);
/* SHR_EPERM unless it is a system session. */
int shr__need_system(struct shr_session *s, const char *what, const struct shr_error **reterr);

/* Is ID a UUID? Else SHR_EINVAL for FIELD. */
int shr__id_check(const char *id, const char *field, const struct shr_error **reterr);

/* Records from rows (record_*.c). All return a record held once, or NULL: no memory. */
const struct shr_op *shr__op_record(const struct shr__op_row *row, int n_steps, int step_number, int cancellable);
/* The same with step and cancellable from the flow's table. */
const struct shr_op *shr__op_record_of(const struct shr__op_row *row);
/* 1: a cancel would be taken now. */
int shr__op_cancellable(const struct shr__op_row *row);

#endif

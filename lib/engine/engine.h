/* lib/engine/engine.h - the executor around the flow core, as the API sees it */
#ifndef SHR_ENGINE_ENGINE_H
#define SHR_ENGINE_ENGINE_H

#include "engine/wait.h"
#include "flow/accept.h"
#include "libshare/engine.h"

/* What a context gives: it outlives the engine. STALE is called (under no lock) when pools were written. */
struct shr__engine_env {
	const struct shr__env *env;
	struct shr__waiters *waiters;
	void (*stale)(void *data);
	void *data;
};

/* A checked copy of the parameters; opens, takes what backends are free and looks for unfinished work before it returns. */
int shr__engine_open(const struct shr__engine_env *ee, const struct shr_engine_params *params, struct shr_engine **ret,
	const struct shr_error **reterr);
int shr__engine_stop(struct shr_engine *e, int timeout_ms, const struct shr_error **reterr);
void shr__engine_close(struct shr_engine *e);
int shr__engine_process(struct shr_engine *e, uint32_t max_steps, const struct shr_error **reterr);
/* For callers that wait, of an engine without workers: do what is ready, or sleep for at most TIMEOUT_MS when nothing is.
 * 0: another thread does it and may stop at any time, or it is being stopped. */
int shr__engine_drive(struct shr_engine *e, int timeout_ms);
/* For any caller that waits for OP_ID, of an engine that has it: make its next steps here, and their commit. 1: it did any. */
int shr__engine_help(struct shr_engine *e, const char *op_id);
/* While somebody holds it a close waits before it frees; the hold is taken where the engine is known to be there. */
void shr__engine_hold(struct shr_engine *e);
void shr__engine_let_go(struct shr_engine *e);
int shr__engine_workers(const struct shr_engine *e);

/* The context that it belongs to, for the API alone. */
void shr__engine_set_home(struct shr_engine *e, void *home);
void *shr__engine_home(const struct shr_engine *e);
void shr__engine_woken(struct shr_engine *e); /* look at the store now */

/* The engines of a context are a list. */
struct shr_engine *shr__engine_next(struct shr_engine *e);
void shr__engine_set_next(struct shr_engine *e, struct shr_engine *next);

/* The engine that has OP_ID in hand, or NULL. */
struct shr_engine *shr__engines_having(struct shr_engine *first, const char *op_id);
/* 1: one of them has OP_ID in hand: its project is in RET. */
int shr__engines_know(struct shr_engine *first, const char *op_id, char *ret, size_t room);
/* Who may claim what is accepted; returns how many. The strings live as long as the engines. */
uint32_t shr__engines_claimers(struct shr_engine *first, struct shr__claimer *ret, uint32_t room);
/* What ENGINE_ID claimed; takes WORK over. LOOK: its row may have changed since. */
void shr__engines_accepted(struct shr_engine *first, const char *engine_id, struct shr__work *work, int look);
void shr__engines_cancel(struct shr_engine *first, const char *op_id);
void shr__engines_touched(struct shr_engine *first, const char *object_id); /* core.h: shr__core_touched */
void shr__engines_wake(struct shr_engine *first); /* something was accepted that nobody claimed */

#endif

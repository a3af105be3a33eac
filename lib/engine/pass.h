/* lib/engine/pass.h - a pass over a backend that is under way */
#ifndef SHR_ENGINE_PASS_H
#define SHR_ENGINE_PASS_H

#include "engine/engine_own.h"

struct shr__pass {
	int64_t wanted;          /* the newest that was asked for when it began, and somebody may wait for; 0: it came by itself */
	char reason[300];        /* what could not be looked at first */
	char (*ops)[SHR__UUID_ROOM]; /* of a wanted one: operations that put something right */
	uint32_t n_ops, room_ops;
	char pool[64], instance[SHR__UUID_ROOM]; /* the share that was looked at last */
	int shares_done;
	struct shr__work *work;  /* a look that the plugin answers later */
	uint32_t n_pool;         /* of the configuration: listed now; behind the last: the exports of the server */
	char after[256];
	struct shr__listing *listing; /* a page that the plugin answers later */
	uint32_t again_ms;
	int64_t since_ns;        /* wall clock: when it began with this pool */
};

/* pass_list.c: a page of things. When to go on, in nanoseconds; 0: the pass has ended. */
int64_t shr__pass_list(struct shr_engine *e, struct shr__owned *o);
void shr__listing_forget(struct shr__pass *pass); /* a page that is under way */

/* pass_ask.c */
int64_t shr__pass_rest_ns(const struct shr__pass *pass); /* between two goes, so that it disturbs nobody */
int shr__pass_is_asked(const struct shr__owned *o);      /* under the lock, or in the backend's own task */
void shr__pass_wrong(struct shr__pass *pass, const char *what, const char *why);
void shr__pass_note_op(struct shr__pass *pass, const char *op_id);
/* All of a wanted one was looked at. When to go on, in nanoseconds; 0: its operations have ended, and so has it. */
int64_t shr__pass_finish(struct shr_engine *e, struct shr__owned *o);

#endif

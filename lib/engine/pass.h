/* lib/engine/pass.h - a pass over a backend that is under way */
#ifndef SHR_ENGINE_PASS_H
#define SHR_ENGINE_PASS_H

#include "engine/engine_own.h"

#define SHR__PASS_REST_NS INT64_C(100000000) /* between two goes, so that it disturbs nobody */

struct shr__pass {
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

#endif

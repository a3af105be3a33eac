/* lib/plugin/call.h - an open backend inside, and one call of it under way */
#ifndef SHR_PLUGIN_CALL_H
#define SHR_PLUGIN_CALL_H

#include <pthread.h>

#include "plugin/names.h"
#include "plugin/registry.h"

#define SHR__VERB_OPEN SHR__VERB_N /* made by shr__backend_open() alone */

/* What a verb may tell. */
#define SHR__TELLS_PLACE 1u /* ref, path, exports */
#define SHR__TELLS_REF 2u   /* ref alone */
#define SHR__TELLS_EXPORTS 4u /* exports alone */
#define SHR__TELLS_RULES 8u
#define SHR__TELLS_POOLS 16u
#define SHR__TELLS_BYTES 32u
#define SHR__TELLS_USED 64u
#define SHR__TELLS_LOOKED 128u /* perhaps the size; answers to the set of rules; clients without one */
#define SHR__TELLS_PATH 256u /* path alone */
#define SHR__TELLS_FOUND 512u
#define SHR__TELLS_INCARNATION 1024u
#define SHR__TELLS_CUT 2048u /* a snapshot: when it was cut, and what it takes */
#define SHR__ONE_NUMBERS 2 /* most that one call tells of its instance */

struct shr__side { /* one plugin of a backend */
	uint32_t kind;    /* SHR_PLUGIN_* */
	uint32_t threads; /* SHR_THREADS_* */
	uint64_t protocols;
	uint64_t capabilities;
	const char *name;
	const struct shr_exporter *exporter;   /* NULL: it is the driver */
	const struct shr__conf_plugin *plugin; /* the exporter in the configuration; NULL: it is the driver */
	void *state; /* what open gave */
	int is_open;
	pthread_mutex_t turn; /* of the backend; with SHR_THREADS_PARALLEL it guards `running` */
	pthread_cond_t turned;
	struct shr__slot *running; /* with SHR_THREADS_PARALLEL: calls on instances */
};

struct shr__backend {
	struct shr__plugins *plugins;
	const struct shr__config *config;
	const struct shr__conf_backend *conf;
	const struct shr_driver *driver;
	struct shr__side sides[1 + SHR__MOST_EXPORTERS]; /* the driver's, and the exporters' */
	uint32_t n_sides; /* 1: the driver exports by itself */
	struct shr__arena *arena;
	struct shr__names pools;
	pthread_mutex_t lock; /* of the slots */
	struct shr__slot *free_first, *free_last, *all;
};

struct shr__said {
	int code; /* 0: nothing was said */
	const char *words;
};

struct shr__pulled { /* a rule of the set that look() goes through */
	const char *id;
	int answered;
};

#define SHR__RULES_AHEAD 64u /* a store is asked for so many rules at once */
struct shr_rules { /* what next_rule() goes on from */
	struct shr__arena *arena; /* of AHEAD */
	char after[256];
	const struct shr_rule *ahead[SHR__RULES_AHEAD];
	uint32_t at, n;
};

/*
 * A call under way. It lives as long as its backend, and is used again only after all the others that are free: a plugin
 * that keeps the struct shr_call beyond its call, and uses it, is most often seen, and never touches freed memory.
 */
struct shr__slot {
	struct shr_call call; /* what the plugin is given; its `core` leads back here */
	uint64_t magic;
	struct shr__backend *backend;
	struct shr__slot *next_free, *next_all, *next_running;
	pthread_mutex_t lock; /* of all below while the call is live; never held while the host is called */
	pthread_cond_t left;
	unsigned inside; /* calls of the host under way for it, which the call's end waits for */
	int live;
	enum shr__verb verb;
	unsigned tells;
	struct shr__side *side;
	const struct shr__callname *name;
	const struct shr__callargs *args;
	struct shr__told *told;
	struct shr__said stuck; /* what the core holds against the call; the first */
	struct shr__said first, last; /* what fail() was told */
	int is_pending, was_cancelled, pulling, rules_ended;
	uint32_t n_answered, hint; /* the rule or pool that is likely next */
	struct shr__pulled *pulled;
	uint32_t n_pulled, room_pulled, room_rules;
	struct shr__names changes; /* the diff's rules, when they are not answered in order */
	struct shr_rules rules;
};
#define SHR__SLOT_MAGIC UINT64_C(0x73687263616c6c21)

extern const struct shr_driver_host shr__driver_host;

/* NULL: no memory. */
struct shr__slot *shr__slot_take(struct shr__backend *b);
void shr__slot_give(struct shr__slot *s);
void shr__slots_free(struct shr__backend *b);

/* Wait until the plugin's thread model lets this call run; and let the next one. */
void shr__turns_wait(struct shr__slot *s);
void shr__turns_next(struct shr__slot *s);

/* Make a call of SIDE, which is there, in its turn; returns told->code. OPEN puts what it is given into side->state. */
int shr__side_call(struct shr__backend *b, struct shr__side *side, enum shr__verb verb, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told);

/* After the call has answered ANSWER: told->code and its words, and whether all was told that must be. */
void shr__judge(struct shr__slot *s, int answer);

#endif

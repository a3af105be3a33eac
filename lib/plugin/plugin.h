/* lib/plugin/plugin.h - loading plugins, and calling them: named calls in, checked answers out */
#ifndef SHR_PLUGIN_PLUGIN_H
#define SHR_PLUGIN_PLUGIN_H

#include "base/arena.h"
#include "config/config.h"
#include "libshare/exporter.h"

/* ---- loading ---- */

/* The plugins of one context. Any thread. Files are opened RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE and never unloaded. */
struct shr__plugins;

/* Directories (in order), trust and keys come from CONFIG, whose record is held. LOG may be NULL. */
int shr__plugins_new(const struct shr__config *config, void (*log)(void *data, int level, const char *line), void *log_data,
	struct shr__plugins **ret, const struct shr_error **reterr);
void shr__plugins_free(struct shr__plugins *p);

/* A negotiated table: a zeroed full-size copy of the plugin's own; lives as long as P. SHR_ENOTFOUND, SHR_ETRUST (owner, mode,
 * signature), SHR_EABI, SHR_EDRIVER (a required member is missing, or declarations that contradict each other). */
int shr__plugins_driver(struct shr__plugins *p, const char *name, const struct shr_driver **ret, const struct shr_error **reterr);
int shr__plugins_exporter(struct shr__plugins *p, const char *name, const struct shr_exporter **ret,
	const struct shr_error **reterr);
/* Take a table that is already in the program (tests, the simulator) as if it had been loaded. */
int shr__plugins_add_driver(struct shr__plugins *p, const struct shr_driver *table, const struct shr_error **reterr);
int shr__plugins_add_exporter(struct shr__plugins *p, const struct shr_exporter *table, const struct shr_error **reterr);
/* What shr_plugin_list() answers. */
int shr__plugins_list(struct shr__plugins *p, uint32_t kind, const struct shr_plugin_page **ret_page,
	const struct shr_error **reterr);

/* ---- what a call told ---- */

struct shr__told_rule {
	const char *rule_id;
	int code;
	const char *why;
};
struct shr__told_number {
	const char *object;
	uint32_t key;
	uint64_t value;
};
struct shr__told_found {
	uint32_t kind; /* SHR_FOUND_* */
	uint64_t bytes;
	const char *name;
	const char *instance_id; /* a UUID, or "" */
	const char *what;
};
struct shr__told_key {
	const char *rule_id;
	char *key; /* wiped by shr__told_clear */
};
/* Filled by a call, in ARENA. All of it has been checked. A call that failed has told nothing but its words; one that
 * answered SHR_RUNNING may have told some of it. Pools' numbers are in the configuration's order of pools. */
struct shr__told {
	struct shr__arena *arena;
	int code; /* what the call answered: 0, SHR_RUNNING, or a code of the closed list */
	const char *message; /* of a failure, "backend alpha: create: ..."; never NULL */
	const char *driver_message; /* the driver's own words, or "" */
	int has_ref;
	const char *ref;
	const char *path; /* NULL: not told */
	int has_exports;
	const struct shr_export **exports;
	uint32_t n_exports;
	struct shr__told_rule *rules; /* LOOK, XLOOK: only those that are not as they should be */
	uint32_t n_rules;
	struct shr__told_found *found; /* LIST, XLIST: in the order of names; at most args->max */
	uint32_t n_found;
	uint32_t n_more; /* LOOK, XLOOK: clients without a rule beyond those that are kept */
	struct shr__told_number *numbers;
	uint32_t n_numbers;
	struct shr__told_key *keys;
	uint32_t n_keys;
	const void *token; /* SHR_RUNNING */
	uint64_t token_len;
	uint32_t again_ms;
	int has_progress;
	uint64_t done, total;
};
void shr__told_init(struct shr__told *told, struct shr__arena *arena);
void shr__told_clear(struct shr__told *told); /* wipes keys; the arena frees the rest */
int shr__told_number(const struct shr__told *told, const char *object, uint32_t key, uint64_t *ret); /* 1: it was told */

/* ---- an open backend ---- */

struct shr__backend; /* a driver's instance with its exporters', if it has any; any thread: the thread models are kept here */

/* The names of a call, and what the caller knows of it. */
struct shr__callname {
	const char *op_id;
	const char *step;
	const char *item_id;
	uint32_t attempt;
	uint64_t fence;
	const void *token;
	uint64_t token_len;
	int (*cancelled)(void *data); /* may be NULL */
	void (*progress)(void *data, uint64_t done, uint64_t total); /* may be NULL */
	void *data;
};

/* Checks the settings against the tables' lists (each mistake a fault with the configuration's line), then opens the driver,
 * then the exporters. SHR_EAGAIN: another process has it. CONFIG's record must outlive the backend. */
int shr__backend_open(struct shr__plugins *p, const struct shr__config *config, const struct shr__conf_backend *conf,
	const struct shr__callname *name, struct shr__backend **ret, const struct shr_error **reterr);
void shr__backend_close(struct shr__backend *b); /* no call is running */
const struct shr_driver *shr__backend_driver(const struct shr__backend *b);
int shr__backend_exports_itself(const struct shr__backend *b); /* 1: the driver does; it has no exporter */
int shr__backend_looks(const struct shr__backend *b); /* 1: what is really there can be compared with what should be */
int shr__backend_lists_exports(const struct shr__backend *b); /* 1: an exporter of it can list what it exports */
/* Whose export numbers its shares need, so that processes that load no plugin know: two backends with one server share them;
 * "": they need none. */
const char *shr__backend_number_server(const struct shr__backend *b);
uint64_t shr__backend_protocols(const struct shr__backend *b); /* what shares may speak there */
uint64_t shr__backend_access_caps(const struct shr__backend *b); /* SHR_CAP_ACCESS_* | SHR_CAP_IPV6 | SHR_CAP_DUAL_PROTOCOL of
	* who does access: of all of them together */

/* Pulls the full set of rules for next_rule(): the next ones after AFTER_ID ("" the first), at most ROOM of them, which live in
 * ARENA. Returns how many; 0 at the end; or negative. Holds nothing between calls. */
typedef int shr__rules_fn(void *data, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room);

/* The capabilities that a rule of TYPE needs; IS_IPV6 is of an address. */
uint64_t shr__rule_caps(uint32_t type, int is_ipv6);

enum shr__verb {
	SHR__VERB_STATS,    /* driver->stats */
	SHR__VERB_CREATE,
	SHR__VERB_REMOVE,
	SHR__VERB_RESIZE,   /* args->bytes */
	SHR__VERB_ACCESS,   /* the exporter's update_access, or the driver's when it exports by itself */
	SHR__VERB_MANAGE,
	SHR__VERB_UNMANAGE,
	SHR__VERB_USAGE,
	SHR__VERB_CANCEL,
	SHR__VERB_EXPORT,   /* exporter->add; nothing to do (0) when the driver exports by itself */
	SHR__VERB_UNEXPORT, /* exporter->remove; the same */
	SHR__VERB_PROBE,    /* exporter->probe; the same */
	SHR__VERB_LOOK,     /* driver->look; with the rules when the driver exports by itself */
	SHR__VERB_LIST,     /* driver->list: args->pool, after, max */
	SHR__VERB_ATTACH,   /* driver->data->attach: args->readonly; tells the path */
	SHR__VERB_DETACH,
	SHR__VERB_XLOOK,    /* exporter->look with the rules; nothing to do (0) when the driver exports by itself */
	SHR__VERB_XLIST,    /* exporter->list: args->after, max; the same */
	SHR__VERB_SNAP_CREATE, /* driver->snapshot->create: args->instance is the snapshot's, args->of the share's */
	SHR__VERB_SNAP_REMOVE, /* the same */
	SHR__VERB_SNAP_MANAGE, /* the same */
	SHR__VERB_SNAP_UNMANAGE, /* the same */
	SHR__VERB_SNAP_LOOK, /* the same */
	SHR__VERB_REVERT,   /* driver->snapshot->revert: args->instance is the share's, args->snap the snapshot's */
	SHR__VERB_CLONE,    /* driver->snapshot->clone: args->instance is the new one's, args->of and args->snap where from */
	SHR__VERB_DRAIN,    /* exporter->drain; its remove where it has none; nothing to do when the driver exports by itself */
	SHR__VERB_HOLD,     /* exporter->hold: args->bound_ms; nothing to do where it has none */
	SHR__VERB_RELEASE,  /* exporter->release; the same */
	SHR__VERB_N
};
const char *shr__verb_name(enum shr__verb verb); /* "create" */

struct shr__callargs { /* what the verb does not need is zero */
	const struct shr_instance *instance;
	const struct shr_instance *of, *snap; /* verbs of snapshots */
	uint32_t bound_ms;
	const char *path; /* EXPORT, UNEXPORT, XLOOK, ACCESS through an exporter */
	uint64_t bytes;
	uint32_t export_number; /* where there is a path; 0: none */
	uint32_t readonly;
	const char *pool;
	const char *after;
	uint32_t max;
	const struct shr_access_diff *diff;
	shr__rules_fn *rules;
	void *rules_data;
};
/* Make the call: waits for the thread model's turn, runs the plugin, checks what came back. Returns told->code. A plugin that
 * answers nonsense (an unknown code, success after fail(), a rule without an answer, a location that is no location, more than
 * it may tell) gives SHR_EDRIVER with words that name the plugin and the call. Of several exporters each is called that speaks
 * one of the instance's protocols, with the rules that it has capabilities for, and what they tell is joined: an answer to a
 * rule is the worst of them; where something is taken away, all are called even when one fails. */
int shr__backend_call(struct shr__backend *b, enum shr__verb verb, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told);

#endif

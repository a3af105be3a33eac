/* lib/flow/drift.h - what a look at a share found, and its rows */
#ifndef SHR_FLOW_DRIFT_H
#define SHR_FLOW_DRIFT_H

#include "flow/work.h"
#include "libshare/drift.h"

#define SHR__DRIFT_MOST 100 /* that are recorded of one look; repaired are all */

struct shr__drift_found {
	uint32_t what; /* SHR_DRIFT_* */
	int repaired;
	const char *item, *expected, *found;
};
struct shr__drift { /* of one operation, in its arena */
	struct shr__drift_found list[SHR__DRIFT_MOST];
	uint32_t n;
	int missing;  /* there is nothing to export */
	int lost;     /* the export and all rules are to be told again */
	int looked;   /* what is not in the list is right */
	const char **rules; /* those that are to be told again: ids, sorted */
	uint32_t n_rules;
};

/* Is it as it should be? Calls the driver's and the exporter's look; findings go to w->drift. 0, SHR_RUNNING or a code with
 * w->error; what cannot be looked at counts as right. */
int shr__drift_look(struct shr__work *w);
int shr__drift_look_export(struct shr__work *w);
/* Call the driver's or the exporter's look (VERB) with the rules that W's instance was told. 0 also where there is none: then
 * nothing is told. */
int shr__drift_call(struct shr__work *w, enum shr__verb verb, struct shr__told *told);
/* NULL: no memory, and w->error. */
struct shr__drift *shr__drift_of(struct shr__work *w);
/* The rows: what was found, and what is right again; with an event each. */
int shr__drift_save(struct shr__work *w, struct shr__txn *t);
/* For a look without an operation, which W was loaded for. SHR__DRIFT_NEEDED: an operation is to repair or to record something;
 * 0: none is; or as shr__drift_look(). */
#define SHR__DRIFT_NEEDED 2
int shr__drift_check(struct shr__work *w);
/* A thing that nobody knows, named BACKEND/POOL/NAME: seen at NOW_NS; and those of a place ("BACKEND/POOL/") that were not
 * since SINCE_NS, which are forgotten KEEP_MS later. */
int shr__drift_foreign(struct shr__txn *t, const char *backend, const char *item, const char *what, int64_t now_ns);
int shr__drift_foreign_settle(struct shr__txn *t, const char *pool, int64_t since_ns, int64_t now_ns, int64_t keep_ms);
int shr__drift_forget(struct shr__txn *t, const char *instance_id);

#endif

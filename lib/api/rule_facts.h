/* lib/api/rule_facts.h - rules with the state that follows from what each instance has been told */
#ifndef SHR_API_RULE_FACTS_H
#define SHR_API_RULE_FACTS_H

#include "api/share_facts.h"

/* A share as its rules see it. */
struct shr__rules_view {
	struct shr__share_row share;
	struct shr__gathered instances;
	int64_t applied; /* the revision that every instance has */
};
/* SHR_ENOTFOUND with words when there is no such share. */
int shr__rules_view_read(struct shr__txn *t, const char *share_id, struct shr__rules_view *ret, const struct shr_error **reterr);

struct shr__rule_facts {
	struct shr__rule_row rule; /* the newest of its id */
	uint32_t state;            /* SHR_RULE_* */
	int32_t code;              /* of SHR_RULE_ERROR */
	const char *reason;
	int has_key;
	struct shr__gathered metadata;
};
/* The newest row of a rule; 1, or 0: there is none. */
int shr__rule_newest(struct shr__txn *t, const char *share_id, const char *rule_id, struct shr__rule_row *ret);
/*
 * The rest of F, whose rule is there. A row holds from `revision` until `gone`. Not gone: it is in error when an instance refused
 * it, queued until every instance has its revision, then active. Gone: it is being denied until every instance has that, then it
 * is no more (0 is returned), unless an instance refused to take it away. 1: it is shown.
 */
int shr__rule_facts_read(struct shr__txn *t, const struct shr__rules_view *view, struct shr__rule_facts *f,
	const struct shr_error **reterr);
/* The state alone; 1 or 0 as above. */
int shr__rule_state_read(struct shr__txn *t, const struct shr__rules_view *view, struct shr__rule_facts *f,
	const struct shr_error **reterr);
const struct shr_rule *shr__rule_record(const struct shr__rule_facts *f);

#endif

/* lib/flow/access_diff.h - the difference between two revisions of a share's rules, and the full set in pages */
#ifndef SHR_FLOW_ACCESS_DIFF_H
#define SHR_FLOW_ACCESS_DIFF_H

#include "flow/work.h"

struct shr__change { /* one rule between two revisions */
	const char *id;
	struct shr__rule_row was, is; /* id NULL: there is none */
	const struct shr_rule *was_rule, *is_rule;
	int64_t gone;       /* the revision at which it went last */
	int64_t to;         /* the revision that was told */
	int code;           /* the answer */
	const char *why;
	const char *key_id; /* the sealed key that was told, or NULL */
	struct shr__blob sealed;
};

struct shr__sync {
	int64_t from, to;
	struct shr__change *changes; /* by id */
	uint32_t n;
	uint32_t room;
	struct shr_access_diff diff;
	int whole; /* all rules are told again, whatever was told before */
};

/* Reads the share's and instance's present revisions, and the diff, into w->sync; 0 or a code with w->error. */
int shr__access_diff(struct shr__work *w);
/* The same of all rules, as if nothing had been told. */
int shr__access_diff_whole(struct shr__work *w);
/* The newest revision of the rules that W's instance has, in a transaction in which W was refreshed. */
int shr__rules_revision(struct shr__work *w, struct shr__txn *t, int64_t *ret);
/* All rules are taken away. */
int shr__access_diff_gone(struct shr__work *w);
/* Of those N of the rules that the instance was told which are in force, not refused, and in IDS (sorted): to be told again. */
int shr__access_diff_some(struct shr__work *w, const char *const *ids, uint32_t n);
/* For shr__access_next(): the set is the one that the instance was told. Refreshes W. */
int shr__access_diff_none(struct shr__work *w);
/* The rows of the diff up to revision TO into w->sync, in a transaction in which W was refreshed; nothing for plugins. */
int shr__access_diff_in(struct shr__work *w, struct shr__txn *t, int64_t to);
/* As plugins see it, in ARENA; NULL: no memory. */
const struct shr_rule *shr__rule_of(struct shr__arena *arena, const struct shr__rule_row *row);
/* The next rules after AFTER_ID of the set of revision w->sync->to: a shr__rules_fn with a work as data. */
int shr__access_next(void *work, struct shr__arena *arena, const char *after_id, const struct shr_rule **ret, uint32_t room);

#endif

/* lib/flow/access_sync.h - telling one instance what changed in its share's rules */
#ifndef SHR_FLOW_ACCESS_SYNC_H
#define SHR_FLOW_ACCESS_SYNC_H

#include "flow/work.h"

/* The call: make the diff from what the instance has been told to the share's newest revision, and tell it. 0 also when some
 * rules were refused: their answers are in w->sync. With nothing to tell, nothing is called. */
int shr__access_sync_call(struct shr__work *w);
/* The same with all rules, told as new: for an exporter that has forgotten them. */
int shr__access_sync_again(struct shr__work *w);
/* Take all of them away; there is nothing to save. */
int shr__access_sync_gone(struct shr__work *w);
/* Tell these N of the rules that it was told once more: the rest stays. Answers are in w->sync; there is nothing to save. */
int shr__access_sync_some(struct shr__work *w, const char *const *ids, uint32_t n);
/* The rows: the instance's applied revision, faults, keys; closed rows that nobody needs any more go. */
int shr__access_sync_save(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr);
/* Rules of a share that were closed and that nobody has any more go: not the share, not a snapshot that follows it. The instance
 * OWN was told TOLD of them, INT64_MAX: it goes, or has other rules from now on. */
int shr__rules_sweep(struct shr__txn *t, const char *share_id, const struct shr__instance_row *own, int64_t told);
/* The rules of the batch REVISION will not be told any more, for w->error: each that the instance was not told gets that as its
 * reason, so that none waits for ever. */
int shr__access_give_up(struct shr__work *w, struct shr__txn *t, int64_t revision, const struct shr_error **reterr);
/* What became of the batch REVISION of w's share: 0, or SHR_EPARTIAL with a fault for each rule that was refused. */
int shr__access_outcome(struct shr__work *w, struct shr__txn *t, int64_t revision, const struct shr_error **reterr);

#endif

/* lib/plugin/each.h - one call of a backend with several exporters: made of each of them, their answers joined */
#ifndef SHR_PLUGIN_EACH_H
#define SHR_PLUGIN_EACH_H

#include "plugin/call.h"

/* B has at least two exporters. TELLS: what the verb may tell, SHR__TELLS_*. Returns told->code. */
int shr__each_call(struct shr__backend *b, enum shr__verb verb, unsigned tells, const struct shr__callname *name,
	const struct shr__callargs *args, struct shr__told *told);

/* One exporter's part of an access call: the changes and the rules that it has capabilities for. */
struct shr__part {
	const struct shr__callargs *whole;
	struct shr__callargs args; /* what it is called with */
	struct shr_access_diff diff;
	uint32_t *places; /* of each of its changes in the whole diff */
	uint64_t caps;
};
/* 0, or SHR_ENOMEM. PART must stay where it is while the call is made. */
int shr__part_make(struct shr__part *part, const struct shr__side *side, const struct shr__callargs *whole,
	struct shr__arena *arena);

/* What TOLD gets before the first exporter is called: with a diff, room for the answer to each change, none of which has one. */
int shr__join_begin(struct shr__told *told, const struct shr_access_diff *diff);
/* FROM, which one exporter told and which succeeded, is added to TOLD. 0, SHR_ENOMEM, or SHR_EDRIVER: together it is too much. */
int shr__join(struct shr__told *told, struct shr__told *from, const struct shr__part *part);
/* Changes that no exporter was told get their answers: one that takes away what nobody has is fine. */
void shr__join_end(struct shr__told *told, const struct shr_access_diff *diff);

#endif

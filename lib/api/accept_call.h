/* lib/api/accept_call.h - the one way of every changing call: check, look, authorise, accept, hand over */
#ifndef SHR_API_ACCEPT_CALL_H
#define SHR_API_ACCEPT_CALL_H

#include "api/ctx.h"
#include "base/fail.h"
#include "base/params.h"
#include "flow/accept.h"

#define SHR__MOST_CLAIMERS 8
#define SHR__MOST_BYTES (UINT64_C(1) << 62)

/*
 * A call from its entry to its answer, on the caller's stack. Every step below does nothing once `rc` is negative, so that a
 * public function reads as a list of its checks. Mistakes in parameters are gathered in `faults` and reported all at once.
 * Strings of the caller are borrowed: the call is over before it returns.
 */
struct shr__call {
	struct shr_session *session;
	struct shr__arena *arena;
	const struct shr_error **reterr;
	int rc;
	struct shr__faults faults;
	struct shr__buf fields;        /* the call's kind, object and set fields: what its token stands for */
	const char *noun;              /* what the object is called when it is not there */
	const char *given_id;          /* as the caller gave it; NULL: there is no object yet */
	int or_rule;                   /* it may be a rule's */
	const struct shr__flow *of_snapshot; /* when it is a snapshot's: the flow that the call has then; NULL: it may not be */
	int orphan;                    /* it is an orphan's id */
	const char *old_id;            /* the id that the orphan's object had, which no share has now; or NULL */
	int looked;
	int gone;                      /* there is no such object */
	int token_known, token_same;   /* its operation is in a.op */
	uint64_t protocols;            /* of the share that was looked at */
	int placed;                    /* WANT is to be placed */
	struct shr__place_want want;
	struct shr__claimer claimers[SHR__MOST_CLAIMERS];
	const struct shr_op *record;   /* made inside the transaction: no answer can fail after the commit */
	int want_record;
	struct shr__call *next_handing; /* under the context's lock, as the next one */
	int touched;                   /* another call changed its operation's row before it was handed over */
	struct shr__accept a;
};

/* ---- the steps, in this order ---- */

void shr__call_begin(struct shr__call *c, struct shr_session *session, const struct shr__flow *flow,
	const struct shr_error **reterr);
/* Take a params struct; a wrong size ends the call. */
void shr__call_params(struct shr__call *c, const void *params, const char *name, uint32_t least, void *ret, uint32_t size);
/* The client token; before any note is made. NULL: none. */
void shr__call_token(struct shr__call *c, const char *token);
/* A struct shr_change_params: token, if_version, flags. */
void shr__call_change(struct shr__call *c, const struct shr_change_params *params);
void shr__call_version(struct shr__call *c, uint64_t if_version);
/* The share that it is about. OR_RULE: or a rule of a share. */
void shr__call_object(struct shr__call *c, const char *id, const char *field, int or_rule);
/* It may be a snapshot's as well: then the call is FLOW's. */
void shr__call_or_snapshot(struct shr__call *c, const struct shr__flow *flow);
/* The orphan that it is about; FLOW is the call's when that was a snapshot, and may be NULL. */
void shr__call_orphan(struct shr__call *c, const char *id, const struct shr__flow *of_snapshot);
/* The id of the flow's other object. */
void shr__call_other(struct shr__call *c, const char *id, const char *field);
/* New words, to its end: of a share or a snapshot. */
int shr__call_update(struct shr__call *c, const char *id, const char *field, const struct shr_share_update_params *params,
	const struct shr_op **ret_op);
/* What follows is in a pool: see c->want. */
void shr__call_place(struct shr__call *c);
/* Look the object and the token up, and ask whether the caller may; done by shr__call_end() unless it is wanted before. */
void shr__call_look(struct shr__call *c);
/* Accept it, hand it over, answer. RET_OP may be NULL. */
int shr__call_end(struct shr__call *c, const struct shr_op **ret_op);

/* ---- what its token stands for: fields that were set; tags are for ever ---- */

enum {
	SHR__NOTE_KIND = 1, SHR__NOTE_OBJECT, SHR__NOTE_IF_VERSION, SHR__NOTE_FLAGS, SHR__NOTE_NAME, SHR__NOTE_DESCRIPTION,
	SHR__NOTE_BYTES, SHR__NOTE_PROTOCOLS, SHR__NOTE_ZONE, SHR__NOTE_BACKEND, SHR__NOTE_POOL, SHR__NOTE_SOURCE,
	SHR__NOTE_SET, SHR__NOTE_UNSET, SHR__NOTE_STATE, SHR__NOTE_HOLDER, SHR__NOTE_REASON, SHR__NOTE_IF_REVISION,
	SHR__NOTE_RULE, SHR__NOTE_VERB, SHR__NOTE_TYPE, SHR__NOTE_LEVEL, SHR__NOTE_SQUASH, SHR__NOTE_PRIORITY, SHR__NOTE_WHO,
	SHR__NOTE_RULE_ID, SHR__NOTE_RULE_SET, SHR__NOTE_SHARES_LIMIT, SHR__NOTE_BYTES_LIMIT,
	SHR__NOTE_OTHER, SHR__NOTE_ACCESS, SHR__NOTE_PROJECT
};
void shr__call_note(struct shr__call *c, uint16_t tag, int64_t value);         /* 0 is not set */
void shr__call_note_str(struct shr__call *c, uint16_t tag, const char *value); /* NULL is not set */

/* ---- checks of fields (accept_check.c); a mistake becomes a fault ---- */

/* Text of at most MOST bytes; FLAGS: SHR__TEXT_*. NULL is a mistake unless it may be empty. */
void shr__check_text(struct shr__call *c, const char *field, const char *s, size_t most, unsigned flags);
void shr__check_name(struct shr__call *c, const char *name);               /* NULL: not given */
void shr__check_description(struct shr__call *c, const char *description); /* NULL: not given */
/* Both of an object that is new. */
void shr__call_words(struct shr__call *c, const char *name, const char *description);
void shr__check_ident(struct shr__call *c, const char *field, const char *name); /* a backend's, a pool's, a zone's */
void shr__check_bytes(struct shr__call *c, uint64_t bytes);
void shr__check_protocols(struct shr__call *c, uint64_t protocols);
void shr__check_snapshot_access(struct shr__call *c, const char *field, uint32_t access, int default_ok);
void shr__check_zero(struct shr__call *c, const char *field, uint64_t value);
/* N pairs "key", "value", ...; FIELD is what the caller's struct names them. */
void shr__check_pairs(struct shr__call *c, const char *field, const char *const *pairs, uint32_t n, uint16_t note);
void shr__check_keys(struct shr__call *c, const char *field, const char *const *keys, uint32_t n, uint16_t note);

/* ---- batches of rules (rule_check.c) ---- */

/* Copies of N elements, and notes of them; NULL: there are none, or the call has ended. MEMBER: "changes" or "rules". */
const struct shr_access_change *shr__call_changes(struct shr__call *c, const char *member, const void *array, uint32_t stride,
	uint32_t n);
/* To c->a.rules, for a share that speaks PROTOCOLS. */
void shr__call_rules(struct shr__call *c, const char *member, const struct shr_access_change *changes, uint32_t n,
	uint64_t protocols);

#endif

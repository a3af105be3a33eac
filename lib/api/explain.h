/* lib/api/explain.h - what an explanation is made of: the rules that fit, the ways in, the words of a mount */
#ifndef SHR_API_EXPLAIN_H
#define SHR_API_EXPLAIN_H

#include "api/rule_facts.h"
#include "base/ip.h"

struct shr__fit { /* a row of a rule that fits the client */
	struct shr__rule_facts f; /* as it is shown */
	int64_t gone;             /* the row's own: what is shown may be another */
	unsigned bits;            /* of its prefix; 0 for names */
	int inside;               /* it fits a part of what was asked for */
	int next;                 /* it is there when all that was accepted is in force */
	unsigned char *holds;     /* for each instance: it is in force there */
};

struct shr__explaining {
	struct shr_session *session;
	const char *share_id; /* or a snapshot's */
	const char *rules_id; /* whose rules it has */
	int unexported;       /* a snapshot that is not exported at all */
	struct shr_explain_params params; /* `who` in its normal form */
	struct shr__ip ip;                /* of type ip */
	/* Read. */
	struct shr__share_facts share;
	struct shr__rules_view view;
	uint64_t protocols;       /* of the share, those that were asked for and have rules of the type */
	int backend_cannot;       /* the backend has no rules for such a name */
	struct shr__fit *fits;    /* the best first */
	uint32_t n_fits, room;
	int more;                 /* SHR_EXPLAIN_MORE */
	int changing;             /* some are not where they will be */
	const char *op_id;        /* that brings it */
};

/* The body of the one transaction: DATA is a struct shr__explaining. */
int shr__explain_body(struct shr__txn *t, void *data, const struct shr_error **reterr);

/* The best rule in force on an instance; NULL: none. INSTANCE -1: on any. */
const struct shr__fit *shr__fit_now(const struct shr__explaining *x, int instance);
/* The best one when all that was accepted is in force. */
const struct shr__fit *shr__fit_next(const struct shr__explaining *x);

/* A location that the client can go by. */
struct shr__lane {
	const struct shr__export_row *row;
	const struct shr__fit *fit; /* NULL: no rule is in force there */
	uint32_t family;
	uint32_t level;      /* as it is */
	uint32_t next_level; /* as it will be */
	uint32_t place;      /* in the order that the backend told */
};
/* Those of X, the best first, in the transaction's arena; SHR_ENOMEM. */
int shr__lanes(const struct shr__explaining *x, struct shr__arena *arena, int show_admin, struct shr__lane **ret, uint32_t *ret_n);

/* Where a location is, as its protocol writes it. Strings in ARENA; "" where the path is not of that form. */
struct shr__place {
	const char *server, *path, *source;
	uint32_t family; /* that the server's name says by itself, or SHR_FAMILY_ANY */
};
int shr__place_read(struct shr__arena *arena, const struct shr__export_row *row, struct shr__place *ret);

/* The members of WAY that say how it is mounted, in ARENA; its level and family are there. SHR_ENOMEM. */
int shr__mount_words(struct shr__arena *arena, const struct shr__export_row *row, const struct shr_explain_params *params,
	struct shr_way *way);

#endif

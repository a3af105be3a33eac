/* lib/store/txn_own.h - what a transaction is made of; for this room alone */
#ifndef SHR_STORE_TXN_OWN_H
#define SHR_STORE_TXN_OWN_H

#include "store/txn.h"

/* The events of the bodies of one commit, in the order of the bodies. Kept from commit to commit for its memory. */
struct shr__events {
	struct shr__arena *arena; /* NULL until the first */
	struct shr__event_row *rows;
	size_t n, room;
};
void shr__events_forget(struct shr__events *e); /* all of them; the memory stays */
void shr__events_free(struct shr__events *e);

/* Hot rows of one commit: as they were read, and what the bodies have added since. A copy of it is what a body that is taken
 * back goes back to. */
#define SHR__HOT_MOST 16
#define SHR__HOT_COLUMNS 2
struct shr__hot_sum {
	uint32_t column; /* 0: none */
	int64_t stored;  /* what the transaction has in the store */
	int64_t more;    /* what is still to be added there */
};
struct shr__hot {
	const struct shr__rowdef *def;
	void *row; /* in some body's arena */
	struct shr__hot_sum sums[SHR__HOT_COLUMNS];
};
struct shr__hots {
	struct shr__hot by[SHR__HOT_MOST];
	unsigned n;
	int on;      /* there are others in this commit: it is worth it */
	int writing;
};

struct shr__txn {
	const struct shr_store_ops *ops;
	void *st;
	void *txn;
	struct shr__arena *arena;   /* the body's */
	struct shr__events *events; /* NULL: a read transaction */
	int began;
	int wrote;                  /* a write was tried since this was last cleared */
	/* The last row of shr__txn_peek(), in some body's arena; NULL: none, or its table was written to since. */
	const struct shr__rowdef *peeked_def;
	const void *peeked;
	struct shr__hots hots;
	int lost;                   /* sticky: the code that lost it */
	char words[256];            /* the store's own about that, or "" */
};

/* All return 0 or negative, and then the transaction is lost, with its words. */
int shr__txn_begin(struct shr__txn *t, const struct shr_store *store, struct shr__events *events);
int shr__txn_mark(struct shr__txn *t);
int shr__txn_keep(struct shr__txn *t);
int shr__txn_back(struct shr__txn *t);
int shr__txn_number_events(struct shr__txn *t);
int shr__txn_commit(struct shr__txn *t); /* ends T whatever it returns */
void shr__txn_rollback(struct shr__txn *t); /* does nothing when it never began; the words stay */

/* Hot rows. Write all sums, and forget the rows. */
int shr__hot_write(struct shr__txn *t);
/* Somebody else is about to write to DEF's table, or to read many of its rows: the same if it has hot rows. */
int shr__hot_settle(struct shr__txn *t, const struct shr__rowdef *def);
/* ROW, just read, as it will be. */
void shr__hot_overlay(struct shr__txn *t, const struct shr__rowdef *def, void *row);

/* By the key's columns; less, equal, greater. */
int shr__compare_key(const struct shr__rowdef *def, const void *a, const void *b);
int shr__same_key(const struct shr__rowdef *def, const void *a, const void *b);

/* An error of CODE with the words of T, and a remedy where there is one. Returns CODE. */
int shr__txn_fail(const struct shr__txn *t, int code, const struct shr_error **reterr);

#endif

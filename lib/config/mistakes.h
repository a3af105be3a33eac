/* lib/config/mistakes.h - what is wrong with a configuration, gathered in any order, told in the file's */
#ifndef SHR_CONFIG_MISTAKES_H
#define SHR_CONFIG_MISTAKES_H

#include <stdint.h>
#include "base/arena.h"
#include "libshare/error.h"

struct shr__mistake { /* private to mistakes.c */
	uint32_t line, column;
	uint32_t order; /* keeps those of one place as they came */
	const char *message;
	const char *remedy;
};
struct shr__mistakes { /* zero it, then set the arena */
	struct shr__arena *arena;
	struct shr__mistake *items;
	uint32_t n, room;
	int nomem; /* sticky */
};

/* What may be said of one file; the rest becomes one line. */
#define SHR__MISTAKES_MOST 1000u

/* REMEDY says what was expected. */
void shr__mistake_add(struct shr__mistakes *m, uint32_t line, uint32_t column, const char *remedy, const char *format,
	...) __attribute__((format(printf, 5, 6)));
/* 0 when there are none, else SHR_EINVAL (or SHR_ENOMEM) with a fault for each; FILE is what `where` begins with. */
int shr__mistakes_fail(struct shr__mistakes *m, const char *file, const struct shr_error **reterr);
void shr__mistakes_clear(struct shr__mistakes *m);

/* The one of the N words that WORD was probably meant to be, or NULL. */
const char *shr__nearest(const char *word, const char *const *words, unsigned n);
/* S as a message may quote it: in quotes, cut after 60 bytes, control characters as '?'. Returns BUF. */
#define SHR__QUOTE_ROOM 80
const char *shr__quote(const char *s, char buf[SHR__QUOTE_ROOM]);

#endif

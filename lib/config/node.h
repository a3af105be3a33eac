/* lib/config/node.h - a YAML document as a tree that remembers its lines */
#ifndef SHR_CONFIG_NODE_H
#define SHR_CONFIG_NODE_H

#include <stddef.h>
#include "mistakes.h"

#define SHR__NODE_SCALAR 1
#define SHR__NODE_LIST 2
#define SHR__NODE_MAP 3

struct shr__node {
	uint32_t kind;
	uint32_t line, column; /* from 1; columns are characters */
	uint32_t plain;        /* a scalar without quotes */
	uint32_t bad;          /* told already: say nothing more about it */
	uint32_t n;            /* children of a list, pairs of a map */
	const char *text;      /* a scalar's; "" for the others */
	struct shr__node *first, *last, *next; /* children; a map's are its keys */
	struct shr__node *value; /* of a key; NULL when the text ended before it */
};

/* The document in the N bytes at TEXT, which are UTF-8 that YAML allows (shr__text_mend) and are followed by a
 * NUL. What is wrong with it as YAML, and every anchor, alias, tag and further document, goes to M. NULL: there is
 * no document, or no memory (M says which). *ret_whole: 0 when the text could be read only up to some place, so
 * that nothing can be said of what is missing. */
struct shr__node *shr__node_parse(const char *text, size_t n, struct shr__arena *arena, struct shr__mistakes *m,
	int *ret_whole);

/* Report what is not UTF-8 and the control characters that YAML forbids, one mistake a line, and put an 'x' in their
 * place, so that the rest can still be read. */
void shr__text_mend(char *text, size_t n, struct shr__mistakes *m);

#endif

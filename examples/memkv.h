/* examples/memkv.h - an ordered key-value store in memory, as a host may have one: snapshot reads, first committer wins */
#ifndef EXAMPLES_MEMKV_H
#define EXAMPLES_MEMKV_H

#include <libshare/store.h>

struct memkv; /* any thread */

struct memkv *memkv_new(void); /* empty; NULL: no memory */
void memkv_free(struct memkv *m); /* it goes when the last store over it has gone, too */

/* A store for libshare over M. Several over the same one see each other's commits, as several processes would. */
int memkv_store(struct memkv *m, struct shr_store **ret_store, const struct shr_error **reterr);

#endif

/* lib/store/store.c - what all stores have in common */
#include "libshare/store.h"

/* The struct is the store's own memory, often a member of what `st` points to: its close frees both. */
void shr_store_free(struct shr_store *store)
{
	if (store)
		store->ops->close(store->st);
}

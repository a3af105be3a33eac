/* tests/plugins/bad.h - what the files of the driver that does one thing wrong share */
#ifndef TESTS_PLUGINS_BAD_H
#define TESTS_PLUGINS_BAD_H

#include <errno.h>
#include <string.h>
#include "libshare/driver.h"

/* A share is the directory ROOT/share-ID; beside it are its size, in ROOT/share-ID.size, and its rules' levels, in the files of
 * ROOT/rules-ID. */
struct bad {
	const struct shr_driver_host *host;
	const char *root, *wrong, *pool;
	int lock;
	char scratch[1024]; /* of one call at a time */
};

static inline int is(const struct bad *b, const char *what)
{
	return strcmp(b->wrong, what) == 0;
}

/* Whatever the name, it stays one component below the root: a test must not harm the machine it runs on. */
static inline void place(const struct bad *b, const struct shr_instance *in, const char *tail, char ret[1024])
{
	char name[201];
	size_t i;

	snprintf(name, sizeof name, "%s", in->name);
	for (i = 0; name[i]; i++)
		if (name[i] == '/')
			name[i] = '_';
	snprintf(ret, 1024, "%.500s/share-%s%s", b->root, is(b, "named-by-people") ? name : in->id, tail);
}

static inline int no(const struct bad *b, const struct shr_call *call, const char *what)
{
	return shr_failf(b->host, call, SHR_EBACKEND, "%.400s: %s", what, strerror(errno));
}

int bad_create(void *be, const struct shr_call *call, const struct shr_instance *in);

/* ---- bad_snap.c ---- */

extern const struct shr_driver_snapshot bad_snapshot;

#endif

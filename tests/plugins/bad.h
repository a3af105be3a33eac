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
void bad_snap_place(const struct bad *b, const char *id, const char *tail, char ret[1024]);
int bad_copy_one(const char *from, const char *to);
uint64_t bad_cut_of(const struct bad *b, const char *id); /* 0: there is no such snapshot */
int bad_put_cut(const struct bad *b, const char *id);
int bad_snap_drop(const struct bad *b, const char *id);

/* ---- bad_manage.c ---- */

int bad_manage(void *be, const struct shr_call *call, const struct shr_instance *in);
int bad_unmanage(void *be, const struct shr_call *call, const struct shr_instance *in);
int bad_snap_manage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int bad_snap_unmanage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap);
int bad_is_managed(const struct bad *b, const char *id);
int bad_drop_free(const struct bad *b, const char *id);

#endif

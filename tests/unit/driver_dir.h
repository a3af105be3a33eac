/* tests/unit/driver_dir.h - what the tests of the dir driver share: a root of their own, and calls in one line */
#ifndef TESTS_UNIT_DRIVER_DIR_H
#define TESTS_UNIT_DRIVER_DIR_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver_host.h"
#include "unit.h"

#define ID1 "018f0000-0000-7000-8000-000000000001"
#define ID2 "018f0000-0000-7000-8000-000000000002"
#define MIB UINT64_C(1048576)

static const struct shr_driver *d;
static struct host h;
static char root[64], text[4096];

static inline const char *at(const char *path)
{
	snprintf(text, sizeof text, "%s/%s", root, path);
	return text;
}

static inline void make_root(void)
{
	strcpy(root, "/tmp/libshare-dir.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static inline void drop_root(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

/* NULL: h says why. */
static inline void *open_root(const char *path_of_pool, const char *mode)
{
	static struct host_setting settings[4];
	struct host_setting *s = settings;
	struct shr_call call;
	void *be = NULL;

	memset(settings, 0, sizeof settings);
	*s++ = (struct host_setting){ NULL, "root", root };
	if (path_of_pool)
		*s++ = (struct host_setting){ "p", "path", path_of_pool };
	if (mode)
		*s++ = (struct host_setting){ NULL, "mode", mode };
	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	return d->open(&host_table, &call, &be) == 0 ? be : NULL;
}

static inline int create(void *be, const char *id, uint64_t bytes)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, bytes);

	return d->create(be, &call, &in);
}

static inline int drop_once(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	return d->remove(be, &call, &in);
}

/* On a busy machine any removal may answer later. */
static inline int drop(void *be, const char *id)
{
	int code, i;

	for (i = 0; (code = drop_once(be, id)) == SHR_RUNNING && i < 1000; i++)
		;
	return code;
}

static inline int resize(void *be, const char *id, uint64_t bytes)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	return d->resize(be, &call, &in, bytes);
}

static inline int usage(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	return d->usage(be, &call, &in);
}

static inline int stats(void *be)
{
	struct shr_call call = host_call(&h);

	return d->stats(be, &call);
}

static inline int manage(void *be, const char *id, const char *source)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	in.source = source;
	return d->manage(be, &call, &in);
}

static inline int unmanage(void *be, const char *id)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	return d->unmanage(be, &call, &in);
}

static inline void put_file(const char *path, size_t n)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	while (n-- > 0)
		fputc('x', f);
	fclose(f);
}

static inline int is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline int says(const char *words)
{
	return strstr(h.message, words) != NULL;
}

/* Mount a tmpfs with OPTIONS there; 0: this process may not. */
static inline int mount_on(const char *path, const char *options)
{
	return mount("none", path, "tmpfs", 0, options) == 0;
}

#endif

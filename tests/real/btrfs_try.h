/* tests/real/btrfs_try.h - what the tests of the btrfs driver share: pools on the file systems of btrfs_driver.sh, calls in one line */
#ifndef TESTS_REAL_BTRFS_TRY_H
#define TESTS_REAL_BTRFS_TRY_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../backends/btrfs/btrfs.h"
#include "unit/driver_host.h"
#include "unit/trees.h"
#include "unit/unit.h"

#define ID1 "018f0000-0000-7000-8000-000000000001"
#define ID2 "018f0000-0000-7000-8000-000000000002"
#define ID3 "018f0000-0000-7000-8000-000000000003"
#define MIB UINT64_C(1048576)

static const struct shr_driver *d;
static struct host h;
static char pool[256]; /* of this test; a subvolume on the file system "one" */

static inline const char *at(const char *path)
{
	return say("%s/%s", pool, path);
}

static inline int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static inline void must(const char *command)
{
	ck_assert_msg(run(command) == 0, "%s", command);
}

/* A directory of the script's: "one", "two" are file systems, "plain" is a directory of another kind. */
static inline const char *place(const char *name)
{
	const char *dir = getenv("BTRFS_PLACES");

	ck_assert_ptr_nonnull(dir);
	return say("%s/%s", dir, name);
}

static inline void make_pool(void)
{
	static unsigned n;

	snprintf(pool, sizeof pool, "%s/pool-%d-%u", place("one"), (int)getpid(), n++);
	must(say("btrfs subvolume create %s >/dev/null", pool));
}

/* SETTINGS end with a NULL key. NULL: h says why. */
static inline void *open_with(const struct host_setting *settings)
{
	struct shr_call call;
	void *be = NULL;

	d = shr_driver_entry_1();
	memset(&h, 0, sizeof h);
	h.settings = settings;
	h.pools[0] = "p";
	call = host_call(&h);
	return d->open(&host_table, &call, &be) == 0 ? be : NULL;
}

static inline void *open_pool_at(const char *path, const char *key, const char *value)
{
	static struct host_setting settings[3];

	memset(settings, 0, sizeof settings);
	settings[0] = (struct host_setting){ "p", "path", path };
	if (key)
		settings[1] = (struct host_setting){ strcmp(key, "filesystem") == 0 ? "p" : NULL, key, value };
	return open_with(settings);
}

static inline void *open_pool(void)
{
	void *be = open_pool_at(pool, NULL, NULL);

	ck_assert_msg(be != NULL, "%s", h.message);
	return be;
}

#define CALL(name, ...) \
	struct shr_call call = host_call(&h); \
	struct shr_instance in = host_instance(id, 0); \
	return d->name(be, &call, &in, ##__VA_ARGS__)

static inline int create(void *be, const char *id, uint64_t bytes)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, bytes);

	return d->create(be, &call, &in);
}
static inline int drop(void *be, const char *id) { CALL(remove); }
static inline int resize(void *be, const char *id, uint64_t bytes) { CALL(resize, bytes); }
static inline int usage(void *be, const char *id) { CALL(usage); }
static inline int unmanage(void *be, const char *id) { CALL(unmanage); }
static inline int look(void *be, const char *id) { CALL(look, NULL); }
static inline int attach(void *be, const char *id) { CALL(data->attach, 0); }

static inline int manage(void *be, const char *id, const char *source)
{
	struct shr_call call = host_call(&h);
	struct shr_instance in = host_instance(id, 0);

	in.source = source;
	return d->manage(be, &call, &in);
}

static inline int stats(void *be)
{
	struct shr_call call = host_call(&h);

	return d->stats(be, &call);
}

static inline int list(void *be, const char *after, uint32_t max)
{
	struct shr_call call = host_call(&h);

	return d->list(be, &call, "p", after, max);
}

#define MUST(made) ck_assert_msg((made) == 0, "%s: %s", #made, h.message)
#define FAILS(made, with, words) \
	do { \
		ck_assert_msg((made) == (with), "%s: %d: %s", #made, h.code, h.message); \
		ck_assert_msg(strstr(h.message, words) != NULL, "%s: %s", #made, h.message); \
	} while (0)

static inline int is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* BYTES that no compression makes smaller, written out: 0 or an errno. */
static inline int put_file(const char *path, uint64_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644), why = 0;
	char block[65536];

	if (fd < 0)
		return errno;
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (char)random();
	for (; bytes > 0 && !why; bytes -= bytes < sizeof block ? bytes : sizeof block)
		if (write(fd, block, bytes < sizeof block ? (size_t)bytes : sizeof block) < 0)
			why = errno;
	if (!why && fsync(fd) < 0)
		why = errno;
	close(fd);
	return why;
}

static inline int pool_fd(void)
{
	int fd = open(pool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static inline uint64_t number_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t id = 0;

	ck_assert_msg(fd >= 0 && btrfs_id(fd, &id) == 0, "%s", path);
	close(fd);
	return id;
}

/* 1: the group 1/N is there, then in RET. */
static inline int group_of(uint64_t n, struct btrfs_group *ret)
{
	int fd = pool_fd(), have = btrfs_group_get(fd, BTRFS_GROUP(n), ret);

	close(fd);
	return have;
}

static inline void limit_by_hand(uint64_t n, uint64_t bytes)
{
	int fd = pool_fd();

	ck_assert_int_eq(btrfs_group_limit(fd, BTRFS_GROUP(n), bytes), 0);
	close(fd);
}

/* The kernel frees what is deleted by and by. */
static inline void wait_until_swept(void *be)
{
	for (int i = 0; i < 400 && run(say("[ -z \"$(ls %s/.libshare/gone)\" ]", pool)) != 0; i++) {
		MUST(stats(be));
		usleep(50000);
	}
	must(say("[ -z \"$(ls %s/.libshare/gone)\" ]", pool));
}

#endif

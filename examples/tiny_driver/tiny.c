/* examples/tiny_driver/tiny.c - a whole driver: a share is a directory below the setting root; shr_driver(7) tells its story */
#define _XOPEN_SOURCE 700 /* nftw */
#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <libshare/driver.h>

struct tiny {
	const struct shr_driver_host *host;
	const char *root; /* the library's, until close */
};

static int no(const struct tiny *t, const struct shr_call *call, const char *path)
{
	int code = errno == ENOSPC ? SHR_ENOSPC : errno == ENOENT ? SHR_ENOTFOUND : SHR_EBACKEND;

	return shr_failf(t->host, call, code, "%s: %s", path, strerror(errno));
}

static const char *place(const struct tiny *t, const struct shr_instance *instance, char path[1024])
{
	snprintf(path, 1024, "%s/%s", t->root, instance->id);
	return path;
}

static int tiny_open(const struct shr_driver_host *host, const struct shr_call *call, void **ret_be)
{
	const char *root = host->setting(call, NULL, "root", 0);
	struct tiny *t = root[0] == '/' && strlen(root) < 900 ? malloc(sizeof *t) : NULL;

	if (!t)
		return host->fail(call, SHR_EBACKEND, "root is no absolute path of less than 900 bytes, or there is no memory");
	*t = (struct tiny){ host, root };
	*ret_be = t;
	return 0;
}

static int tiny_stats(void *be, const struct shr_call *call)
{
	const struct tiny *t = be;
	const char *pool;
	struct statvfs fs;

	if (statvfs(t->root, &fs) < 0)
		return shr_failf(t->host, call, SHR_EUNREACHABLE, "%s: %s", t->root, strerror(errno));
	for (uint32_t i = 0; (pool = t->host->pool(call, i)); i++) {
		t->host->set_number(call, pool, SHR_NUMBER_TOTAL, (uint64_t)fs.f_blocks * fs.f_frsize);
		t->host->set_number(call, pool, SHR_NUMBER_FREE, (uint64_t)fs.f_bavail * fs.f_frsize);
		t->host->set_number(call, pool, SHR_NUMBER_CAPABILITIES, SHR_CAP_EXTEND | SHR_CAP_THIN);
	}
	return 0;
}

static int tiny_create(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct tiny *t = be;
	char path[1024];

	if (mkdir(place(t, instance, path), 0755) < 0 && errno != EEXIST)
		return no(t, call, path);
	t->host->set_path(call, instance->id, path);
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static int tiny_remove(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	char path[1024];
	int bad = nftw(place(be, instance, path), drop, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);

	return bad && errno != ENOENT ? no(be, call, path) : 0;
}

static int tiny_resize(void *be, const struct shr_call *call, const struct shr_instance *instance, uint64_t bytes)
{
	char path[1024];
	struct stat st;

	(void)bytes;
	return stat(place(be, instance, path), &st) < 0 ? no(be, call, path) : 0;
}

static const char *const settings[] = { "root!", NULL };

static const struct shr_driver table = {
	.abi = SHR_DRIVER_ABI, .size = sizeof table, .name = "tiny", .version = "1",
	.capabilities = SHR_CAP_EXTEND | SHR_CAP_THIN, .settings = settings, .open = tiny_open, .close = free,
	.stats = tiny_stats, .create = tiny_create, .remove = tiny_remove, .resize = tiny_resize,
};

const struct shr_driver *shr_driver_entry_1(void)
{
	return &table;
}

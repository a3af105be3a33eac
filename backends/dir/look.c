/* backends/dir/look.c - what is really there: one share, all of a pool; and reaching a share's files, which is no work */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

/* ---- one share ---- */

/* A share is whole when its file of facts and its directory are there. *RET_FD is the directory. 0 or a code. */
static int open_share(const struct dir_be *be, const struct shr_call *call, const struct shr_instance *instance,
	struct dir_meta *meta, int *ret_fd)
{
	int have = dir_meta_need(be, call, instance->id, meta), fd;

	if (have < 0)
		return have;
	if (have == 0)
		return shr_failf(be->host, call, SHR_ENOTFOUND, "nothing is known of share %s below %.200s", instance->id, be->root);
	fd = dir_path_open(be->root_fd, meta->path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such directory", be->root, meta->path);
	if (fd < 0)
		return dir_fail(be, call, meta->path);
	*ret_fd = fd;
	return 0;
}

/* The pool first: a share of a pool whose file system is not mounted has not vanished. */
static int pool_there(const struct dir_be *be, const struct shr_call *call, const char *name)
{
	const struct dir_pool *pool;
	int fd = -1, code = dir_pool_open(be, call, name, &pool, &fd);

	if (code == 0)
		close(fd);
	return code;
}

int dir_look(void *p, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	uint64_t limit = 0;
	int fd = -1, code = pool_there(be, call, instance->pool);

	(void)all;
	if (code == 0)
		code = open_share(be, call, instance, &meta, &fd);
	if (code)
		return code;
	if (meta.project && dir_quota_get(fd, meta.project, &limit) < 0)
		code = dir_fail(be, call, meta.path);
	close(fd);
	if (code)
		return code;
	if (meta.project)
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, limit);
	return dir_tell_path(be, call, instance->id, meta.path);
}

static int dir_attach(void *p, const struct shr_call *call, const struct shr_instance *instance, uint32_t readonly)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	int fd = -1, code = pool_there(be, call, instance->pool);

	(void)readonly; /* who copies out of it opens nothing to write */
	if (code == 0)
		code = instance->flags & SHR_INSTANCE_SNAPSHOT ? dir_snap_open(be, call, instance->id, &meta, &fd) :
			open_share(be, call, instance, &meta, &fd);
	if (code)
		return code;
	close(fd);
	return dir_tell_path(be, call, instance->id, meta.path);
}

static int dir_detach(void *be, const struct shr_call *call, const struct shr_instance *instance)
{
	(void)be;
	(void)call;
	(void)instance;
	return 0;
}

const struct shr_driver_data dir_data = { sizeof dir_data, 0, dir_attach, dir_detach };

/* ---- all of a pool: its directory's entries ---- */

/* Another pool, or the way to one. */
static int is_pool(const struct dir_be *be, const char *path)
{
	uint32_t i;

	for (i = 0; i < be->n_pools; i++)
		if (dir_path_within(be->pools[i].path, path) && strcmp(be->pools[i].path, ".") != 0)
			return 1;
	return 0;
}

static int collect(const struct dir_be *be, const struct dir_pool *pool, int fd, const char *after, struct plug_names *t)
{
	DIR *d = fdopendir(fd);
	char path[PLUG_PATH_ROOM];
	struct dirent *e = NULL;
	int bad = 0, n;

	if (!d) {
		close(fd);
		return -1;
	}
	while (!bad && (errno = 0, e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || !plug_name_ok(e->d_name) ||
		    strncmp(e->d_name, DIR_META, strlen(DIR_META)) == 0)
			continue;
		n = strcmp(pool->path, ".") == 0 ? snprintf(path, sizeof path, "%s", e->d_name) :
			snprintf(path, sizeof path, "%s/%s", pool->path, e->d_name);
		if (n > 0 && n < 256 && strcmp(path, after) > 0 && !is_pool(be, path))
			bad = plug_names_keep(t, path);
	}
	if (!e && errno)
		bad = -1;
	n = errno;
	closedir(d);
	errno = n;
	return bad;
}

/* Whose it is: a share bears its id as its name, or was managed. 1; 0: nobody's; 2: a managed share lies in it; -1: errno. */
static int owner_of(const struct dir_be *be, const char *path, char ret_id[PLUG_ID_ROOM])
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char where[PLUG_PATH_ROOM];
	struct dir_meta meta;
	int have;

	if (plug_id_ok(name)) {
		memcpy(ret_id, name, PLUG_ID_ROOM);
		have = dir_meta_get(be, name, &meta);
		if (have != 0)
			return have < 0 ? -1 : 1;
	}
	have = dir_meta_other(be, path, "", ret_id, where);
	if (have == 1 && strcmp(where, path) != 0)
		return 2;
	if (have == 0 && plug_id_ok(name)) {
		memcpy(ret_id, name, PLUG_ID_ROOM); /* made by this driver once, and nothing is known of it any more */
		return 1;
	}
	return have;
}

static int tell_things(const struct dir_be *be, const struct shr_call *call, const struct plug_names *t, uint32_t *told)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_INSTANCE };
	char id[PLUG_ID_ROOM] = "";
	struct dir_meta meta;
	struct stat st;
	uint32_t i;
	int whose;

	for (i = 0; i < t->n; i++) {
		whose = owner_of(be, t->names[i], id);
		if (whose < 0)
			return dir_fail(be, call, t->names[i]);
		f.name = t->names[i];
		f.instance_id = whose == 1 ? id : "";
		f.bytes = whose == 1 && dir_meta_get(be, id, &meta) == 1 ? meta.bytes : 0;
		f.what = whose == 2 ? "a directory with a managed share in it" : "a directory";
		if (fstatat(be->root_fd, f.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue; /* it went meanwhile */
		if (!S_ISDIR(st.st_mode))
			f.what = S_ISREG(st.st_mode) ? "a file" : S_ISLNK(st.st_mode) ? "a symbolic link" : "a special file";
		if (whose == 2)
			continue; /* what lies around a managed share is its neighbourhood, and not lost */
		be->host->found(call, &f);
		(*told)++;
	}
	return 0;
}

static int page(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const char *after,
	struct plug_names *t, uint32_t *told)
{
	const struct dir_pool *again;
	int fd = -1, code = dir_pool_open(be, call, pool->name, &again, &fd);

	if (code)
		return code;
	if (collect(be, pool, fd, after, t) < 0)
		return dir_fail(be, call, pool->path);
	return tell_things(be, call, t, told);
}

/* What is left out makes a page shorter, and a short page says that there is no more: so the next names are looked at. */
int dir_list(void *p, const struct shr_call *call, const char *name, const char *after, uint32_t max)
{
	struct dir_be *be = p;
	struct plug_names t = { NULL, 0, max };
	const struct dir_pool *pool = dir_pool_find(be, name);
	char last[PLUG_PATH_ROOM];
	uint32_t told = 0;
	int code = 0, more = 1;

	if (!pool)
		return shr_failf(be->host, call, SHR_ENOTFOUND, "there is no pool %.255s", name);
	t.names = calloc((size_t)max + 1, sizeof *t.names);
	if (!t.names)
		return be->host->fail(call, SHR_EAGAIN, "no memory");
	snprintf(last, sizeof last, "%s", after);
	while (code == 0 && more && told < max) {
		t.max = max - told;
		code = page(be, call, pool, last, &t, &told);
		more = t.n == t.max;
		if (t.n > 0)
			snprintf(last, sizeof last, "%s", t.names[t.n - 1]);
		while (t.n > 0)
			free(t.names[--t.n]);
	}
	free(t.names);
	return code;
}

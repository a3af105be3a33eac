/* backends/dir/snaps.c - snapshots: whole copies, beside the shares of their pool and never in one */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "dir.h"

/* ---- what is known of one ---- */

int dir_snap_need(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *ret)
{
	char file[DIR_NAME_ROOM], path[sizeof DIR_META + DIR_NAME_ROOM];
	int have;

	if (!plug_id_ok(id))
		return dir_fail_id(be, call, id);
	dir_name(DIR_SNAP_META, id, file);
	have = dir_meta_get(be, file, ret);
	if (have >= 0)
		return have;
	snprintf(path, sizeof path, "%s/%s", DIR_META, file);
	return dir_fail(be, call, path);
}

int dir_snap_open(const struct dir_be *be, const struct shr_call *call, const char *id, struct dir_meta *meta, int *ret_fd)
{
	int have = dir_snap_need(be, call, id, meta), fd;

	if (have <= 0)
		return have < 0 ? have : shr_failf(be->host, call, SHR_ENOTFOUND, "nothing is known of snapshot %s below %.200s", id,
			be->root);
	fd = dir_path_open(be->root_fd, meta->path);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such directory", be->root, meta->path);
	if (fd < 0)
		return dir_fail(be, call, meta->path);
	*ret_fd = fd;
	return 0;
}

int dir_snap_tell(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta)
{
	be->host->set_number(call, id, SHR_NUMBER_CUT, meta->cut);
	if (meta->bytes)
		be->host->set_number(call, id, SHR_NUMBER_BYTES, meta->bytes);
	return dir_tell(be, call, id, meta->path);
}

/* ---- create ---- */

static uint64_t wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static void snap_path(const struct dir_pool *pool, const char *id, char ret[PLUG_PATH_ROOM])
{
	if (strcmp(pool->path, ".") == 0)
		snprintf(ret, PLUG_PATH_ROOM, DIR_SNAP "%s", id);
	else
		snprintf(ret, PLUG_PATH_ROOM, "%.1900s/" DIR_SNAP "%s", pool->path, id);
}

/* It is cut while the exporter is held, so that a call that comes again begins anew: what it had was of another moment. */
static int cut(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, int pool_fd, int from,
	const char *id, struct dir_meta *meta)
{
	struct shr__copy c = { .reflink = (pool->caps & SHR_CAP_CLONE_REFLINK) != 0, .beside = pool_fd };
	struct dir_mover mover;
	char file[DIR_NAME_ROOM], part[DIR_NAME_ROOM], name[DIR_NAME_ROOM];
	int code;

	memset(meta, 0, sizeof *meta);
	meta->cut = wall_now();
	snap_path(pool, id, meta->path);
	dir_mover(&mover, be, call);
	code = dir_copy_part(&mover, &c, from, id, 0);
	if (code)
		return code;
	meta->bytes = c.reflink ? 0 : c.bytes;
	meta->tree = c.bytes;
	dir_name(DIR_SNAP_META, id, file);
	dir_name(DIR_PART, id, part);
	dir_name(DIR_SNAP, id, name);
	if (dir_meta_put(be, file, meta) < 0 || renameat2(pool_fd, part, pool_fd, name, RENAME_NOREPLACE) < 0 || fsync(pool_fd) < 0)
		return dir_fail(be, call, meta->path);
	return 0;
}

static int create_in(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, int pool_fd,
	const struct shr_instance *of, const char *id)
{
	struct dir_meta meta, share;
	int have = dir_snap_need(be, call, id, &meta), fd, code;

	if (have < 0)
		return have;
	fd = have ? dir_path_open(be->root_fd, meta.path) : -1;
	if (fd >= 0) {
		close(fd);
		return dir_snap_tell(be, call, id, &meta);
	}
	have = dir_meta_need(be, call, of->id, &share);
	if (have <= 0)
		return have < 0 ? have : shr_failf(be->host, call, SHR_ENOTFOUND, "nothing is known of share %s below %.200s", of->id,
			be->root);
	fd = dir_path_open(be->root_fd, share.path);
	if (fd < 0 && errno == ENOENT)
		return shr_failf(be->host, call, SHR_ENOTFOUND, "%.200s/%.200s: there is no such directory", be->root, share.path);
	if (fd < 0)
		return dir_fail(be, call, share.path);
	code = cut(be, call, pool, pool_fd, fd, id, &meta);
	close(fd);
	return code ? code : dir_snap_tell(be, call, id, &meta);
}

static int create(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code = dir_pool_open(be, call, snap->pool, &pool, &fd);

	if (code)
		return code;
	code = create_in(be, call, pool, fd, of, snap->id);
	close(fd);
	return code;
}

/* ---- remove ---- */

static int remove_tree(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta)
{
	char gone[DIR_NAME_ROOM];
	const char *name;
	int parent = dir_path_parent(be->root_fd, meta->path, &name), code;

	if (parent < 0)
		return errno == ENOENT && meta->managed ? 0 : dir_fail(be, call, meta->path);
	dir_name(DIR_GONE, id, gone);
	code = dir_delete_tree(be, call, parent, name, gone, meta->path);
	if (code == 0 && fsync(parent) < 0)
		code = dir_fail(be, call, meta->path);
	close(parent);
	return code;
}

static int remove_it(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct dir_be *be = p;
	const struct dir_pool *pool;
	char file[DIR_NAME_ROOM];
	struct dir_meta meta;
	int have = dir_snap_need(be, call, snap->id, &meta), fd = -1, code;

	(void)of;
	code = have < 0 ? have : dir_pool_open(be, call, snap->pool, &pool, &fd);
	if (code)
		return code;
	code = dir_delete_part(be, call, fd, snap->id);
	close(fd);
	if (code == 0 && have)
		code = remove_tree(be, call, snap->id, &meta);
	if (code)
		return code > 0 ? be->host->pending(call, NULL, 0, 1) : code;
	dir_name(DIR_SNAP_META, snap->id, file);
	return dir_meta_drop(be, file) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

/* ---- look ---- */

static int look(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	struct shr_rules *all)
{
	const struct dir_be *be = p;
	const struct dir_pool *pool;
	struct dir_meta meta;
	int fd = -1, code = dir_pool_open(be, call, snap->pool, &pool, &fd);

	(void)of;
	(void)all;
	if (code)
		return code;
	close(fd);
	code = dir_snap_open(be, call, snap->id, &meta, &fd);
	if (code)
		return code;
	close(fd);
	return dir_tell_path(be, call, snap->id, meta.path);
}

const struct shr_driver_snapshot dir_snapshot = {
	.size = sizeof dir_snapshot,
	.flags = SHR_SNAPSHOT_HOLD,
	.create = create,
	.remove = remove_it,
	.revert = dir_revert,
	.clone = dir_clone,
	.manage = dir_snap_manage,
	.unmanage = dir_snap_unmanage,
	.look = look,
};

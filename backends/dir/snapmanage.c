/* backends/dir/snapmanage.c - a directory that is there becomes a snapshot where it lies; and back */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

/* When its directory was made is when the copying began. */
static uint64_t cut_of(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_MTIME, &st) < 0)
		return 1;
	if (st.stx_mask & STATX_BTIME && st.stx_btime.tv_sec > 0)
		return (uint64_t)st.stx_btime.tv_sec * UINT64_C(1000000000) + st.stx_btime.tv_nsec;
	return (uint64_t)st.stx_mtime.tv_sec * UINT64_C(1000000000) + st.stx_mtime.tv_nsec + 1;
}

static int take_over(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const char *file,
	struct dir_meta *meta)
{
	char why[512] = "";
	int fd = -1, bad, code = dir_open_source(be, call, pool, meta->path, &fd);

	if (code)
		return code;
	meta->cut = cut_of(fd);
	close(fd);
	pthread_mutex_lock(&be->lock);
	bad = dir_reserve(be, file, meta, why);
	pthread_mutex_unlock(&be->lock);
	if (!bad)
		return 0;
	return why[0] ? dir_refuse(be, call, meta->path, why) : dir_fail(be, call, DIR_META);
}

static int manage_in(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, const struct shr_instance *of,
	const struct shr_instance *snap)
{
	struct dir_meta meta, had, share;
	char file[DIR_NAME_ROOM];
	int have = dir_meta_need(be, call, of->id, &share), code;

	if (have <= 0)
		return have < 0 ? have : shr_failf(be->host, call, SHR_ENOTFOUND, "nothing is known of share %s below %.200s", of->id,
			be->root);
	have = dir_snap_need(be, call, snap->id, &had);
	if (have < 0)
		return have;
	memset(&meta, 0, sizeof meta);
	code = dir_locate(be, call, snap->source, meta.path);
	if (code)
		return code;
	if (have && strcmp(had.path, meta.path) != 0)
		return shr_failf(be->host, call, SHR_EBACKEND, "snapshot %s is %.255s already", snap->id, had.path);
	meta.managed = 1;
	dir_name(DIR_SNAP_META, snap->id, file);
	if (have)
		meta = had;
	else
		code = take_over(be, call, pool, file, &meta);
	return code ? code : dir_snap_tell(be, call, snap->id, &meta);
}

int dir_snap_manage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code = dir_pool_open(be, call, snap->pool, &pool, &fd);

	if (code)
		return code;
	close(fd);
	return manage_in(be, call, pool, of, snap);
}

/* One that was made here becomes a plain directory under its id, as a share does that was. */
static int move_out(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta)
{
	const char *name;
	int parent = dir_path_parent(be->root_fd, meta->path, &name), code = 0;

	if (parent < 0)
		return dir_fail(be, call, meta->path);
	if (renameat2(parent, name, parent, id, RENAME_NOREPLACE) < 0 && errno != ENOENT)
		code = errno != EEXIST ? dir_fail(be, call, meta->path) : shr_failf(be->host, call, SHR_EBACKEND, "%.200s: the snapshot "
			"%s becomes a directory of that name, and something is there: move it away", be->root, id);
	if (code == 0 && fsync(parent) < 0)
		code = dir_fail(be, call, meta->path);
	close(parent);
	return code;
}

int dir_snap_unmanage(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct dir_be *be = p;
	char file[DIR_NAME_ROOM];
	struct dir_meta meta;
	int have = dir_snap_need(be, call, snap->id, &meta), code;

	(void)of;
	if (have < 0)
		return have;
	code = have && !meta.managed ? move_out(be, call, snap->id, &meta) : 0;
	if (code)
		return code;
	/* Also of what is not known: a manage that was killed may have left half a file. */
	dir_name(DIR_SNAP_META, snap->id, file);
	return dir_meta_drop(be, file) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

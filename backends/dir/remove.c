/* backends/dir/remove.c - a share goes: out of the way by a new name, then piece by piece, its file of facts last */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dir.h"

#define SLICE_NS INT64_C(1000000000) /* a call works this long, then it answers later */

/* 0; 1: time is up; or a code. GONE in PARENT is emptied and goes. */
static int delete_gone(const struct dir_be *be, const struct shr_call *call, int parent, const char *gone,
	int64_t until_ns)
{
	struct shr__walk walk = { .what = SHR__WALK_DELETE, .until_ns = until_ns };
	struct dir_mover mover;
	int fd, result;

	dir_mover(&mover, be, call);
	walk.host = &mover.host;
	for (;;) {
		fd = shr__dir_enter(parent, gone);
		if (fd < 0 && errno == EACCES)
			fd = shr__dir_enter_forced(parent, gone);
		if (fd < 0 && errno == ENOENT)
			return 0;
		/* What is no directory any more is unlinked as what it is, never followed. */
		if (fd < 0 && (errno == ENOTDIR || errno == ELOOP) && unlinkat(parent, gone, 0) == 0)
			return 0;
		result = fd < 0 ? -1 : shr__walk(&walk, fd);
		if (result > 0)
			return 1;
		if (result < 0)
			return dir_fail(be, call, walk.at[0] ? walk.at : gone);
		if (unlinkat(parent, gone, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return dir_fail(be, call, gone);
		if (dir_now_ns() >= until_ns)
			return 1;
	}
}

/* What a killed call left aside goes first, for the new name must be free. */
int dir_delete_tree(const struct dir_be *be, const struct shr_call *call, int parent, const char *name,
	const char *gone, const char *path)
{
	int64_t until = dir_now_ns() + SLICE_NS;
	int code = delete_gone(be, call, parent, gone, until);

	if (code)
		return code;
	if (renameat(parent, name, parent, gone) < 0)
		return errno == ENOENT ? 0 : dir_fail(be, call, path);
	return delete_gone(be, call, parent, gone, until);
}

void dir_name(const char *before, const char *id, char ret[DIR_NAME_ROOM])
{
	snprintf(ret, DIR_NAME_ROOM, "%s%.36s", before, id);
}

int dir_delete_part(const struct dir_be *be, const struct shr_call *call, int parent, const char *id)
{
	char part[DIR_NAME_ROOM], links[DIR_NAME_ROOM], gone[DIR_NAME_ROOM];
	int code;

	dir_name(DIR_PART, id, part);
	dir_name(DIR_LINK, id, links);
	dir_name(DIR_GONE, id, gone);
	code = dir_delete_tree(be, call, parent, links, gone, links);
	return code ? code : dir_delete_tree(be, call, parent, part, gone, part);
}

static int forget(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta,
	int parent)
{
	/* The tree must be gone for ever before the file that knows of it goes. */
	if (fsync(parent) < 0)
		return dir_fail(be, call, meta->path);
	if (meta->project && dir_quota_limit(parent, meta->project, 0) < 0)
		return dir_fail(be, call, meta->path);
	return dir_meta_drop(be, id) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

static int remove_tree(const struct dir_be *be, const struct shr_call *call, const char *id, const struct dir_meta *meta)
{
	char gone[sizeof DIR_GONE + PLUG_ID_ROOM];
	const char *name;
	int parent = dir_path_parent(be->root_fd, meta->path, &name), code;

	if (parent < 0 && errno == ENOENT && meta->managed)
		return dir_meta_drop(be, id) < 0 ? dir_fail(be, call, DIR_META) : 0;
	if (parent < 0)
		return dir_fail(be, call, meta->path);
	snprintf(gone, sizeof gone, "%s%s", DIR_GONE, id);
	code = dir_delete_part(be, call, parent, id);
	if (code == 0)
		code = dir_delete_tree(be, call, parent, name, gone, meta->path);
	if (code == 0)
		code = forget(be, call, id, meta, parent);
	close(parent);
	return code > 0 ? be->host->pending(call, NULL, 0, 1) : code;
}

/* Nothing is touched that this driver did not write down as its own. */
int dir_remove(void *p, const struct shr_call *call, const struct shr_instance *instance)
{
	const struct dir_be *be = p;
	struct dir_meta meta;
	int have = dir_meta_need(be, call, instance->id, &meta);

	if (have < 0)
		return have;
	if (have == 0 || meta.managed == DIR_SHOWN)
		return dir_meta_drop(be, instance->id) < 0 ? dir_fail(be, call, DIR_META) : 0;
	return remove_tree(be, call, instance->id, &meta);
}

/* A removal that was given up half-way goes on with the next call; nothing else answers later. */
int dir_cancel(void *be, const struct shr_call *call)
{
	(void)be;
	(void)call;
	return 0;
}

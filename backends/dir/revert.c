/* backends/dir/revert.c - what is made of a snapshot: the share's tree again, or another share's */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dir.h"

/*
 * A revert copies the snapshot to a part beside the share, writes down the number of that directory, and exchanges the two. From
 * then on the live tree has that number, and what bears the part's name is what was live. Another operation's note is none.
 */
struct note { /* the target of a link in .libshare, which is there whole or not at all */
	uint64_t ino;
	int mine;
};

static void note_name(const char *id, char ret[DIR_NAME_ROOM])
{
	dir_name("revert-", id, ret);
}

/* 1; 0: there is none; -1: errno. */
static int read_note(const struct dir_be *be, const struct shr_call *call, const char *id, struct note *ret)
{
	char name[DIR_NAME_ROOM], text[512];
	ssize_t n;
	int at = 0;

	note_name(id, name);
	n = readlinkat(be->meta_fd, name, text, sizeof text - 1);
	if (n < 0)
		return errno == ENOENT ? 0 : -1;
	text[n] = '\0';
	if (sscanf(text, "%" SCNu64 " %n", &ret->ino, &at) != 1 || at == 0) {
		errno = EBADMSG;
		return -1;
	}
	ret->mine = strcmp(text + at, call->op_id) == 0;
	return 1;
}

static int write_note(const struct dir_be *be, const struct shr_call *call, const char *id, uint64_t ino)
{
	char name[DIR_NAME_ROOM], text[512];

	note_name(id, name);
	snprintf(text, sizeof text, "%" PRIu64 " %.255s", ino, call->op_id);
	return symlinkat(text, be->meta_fd, name) < 0 ? -1 : fsync(be->meta_fd);
}

int dir_revert_forget(const struct dir_be *be, const char *id)
{
	char name[DIR_NAME_ROOM];

	note_name(id, name);
	if (unlinkat(be->meta_fd, name, 0) == 0)
		return fsync(be->meta_fd);
	return errno == ENOENT ? 0 : -1;
}

struct reverting {
	const struct dir_be *be;
	const struct shr_call *call;
	const char *id, *name; /* the share's, and its directory's in PARENT */
	char part[DIR_NAME_ROOM];
	int parent, reflink;
	struct dir_meta meta;
};

static uint64_t number_of(const struct reverting *r, const char *name)
{
	struct stat st;

	return fstatat(r->parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) ? st.st_ino : 0;
}

static int fail(const struct reverting *r)
{
	return dir_fail(r->be, r->call, r->meta.path);
}

/* Two trees take more room than the share has: nobody writes in it, so that its limit can wait. */
static int copy_it(const struct reverting *r, const struct shr_instance *snap)
{
	struct shr__copy c = { .resume = dir_copy_resumes(r->call), .slice_ns = DIR_SLICE_NS, .beside = r->parent };
	struct dir_mover mover;
	struct dir_meta meta;
	int from = -1, code = dir_snap_open(r->be, r->call, snap->id, &meta, &from);

	if (code)
		return code;
	c.reflink = r->reflink;
	dir_mover(&mover, r->be, r->call);
	mover.total = meta.tree;
	if (r->meta.project && dir_quota_limit(r->parent, r->meta.project, 0) < 0)
		code = fail(r);
	if (code == 0)
		code = dir_copy_part(&mover, &c, from, r->id, r->meta.project);
	close(from);
	if (code == 0 && write_note(r->be, r->call, r->id, number_of(r, r->part)) < 0)
		code = dir_fail(r->be, r->call, DIR_META);
	return code;
}

static int limit_again(const struct reverting *r)
{
	return r->meta.project && dir_quota_limit(r->parent, r->meta.project, r->meta.bytes) < 0 ? -1 : 0;
}

/* What was live goes, and then the note. */
static int finish(const struct reverting *r)
{
	int code = dir_delete_part(r->be, r->call, r->parent, r->id);

	if (code)
		return code < 0 ? code : r->be->host->pending(r->call, NULL, 0, 1);
	return fsync(r->parent) < 0 || limit_again(r) < 0 || dir_revert_forget(r->be, r->id) < 0 ? fail(r) : 0;
}

static int exchange(const struct reverting *r)
{
	if (renameat2(r->parent, r->part, r->parent, r->name, RENAME_EXCHANGE) < 0 || fsync(r->parent) < 0)
		return fail(r);
	return finish(r);
}

static int put_back(const struct reverting *r, const struct shr_instance *snap)
{
	struct note note = { 0, 0 };
	int have = read_note(r->be, r->call, r->id, &note), code;

	if (have < 0)
		return dir_fail(r->be, r->call, DIR_META);
	if (have && note.mine && number_of(r, r->name) == note.ino)
		return finish(r);
	if (have && note.mine && number_of(r, r->part) == note.ino)
		return exchange(r);
	if (have) {
		/* An earlier one that was given up: whichever tree lies aside, it is not wanted. */
		code = dir_delete_part(r->be, r->call, r->parent, r->id);
		if (code)
			return code < 0 ? code : r->be->host->pending(r->call, NULL, 0, 1);
		if (dir_revert_forget(r->be, r->id) < 0)
			return dir_fail(r->be, r->call, DIR_META);
	}
	code = copy_it(r, snap);
	if (code == 0)
		return exchange(r);
	if (code < 0) { /* it is as it was; what of the copy is not gone with this goes with the next call */
		dir_delete_part(r->be, r->call, r->parent, r->id);
		limit_again(r);
	}
	return code;
}

static int revert_in(const struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool,
	const struct shr_instance *of,
	const struct shr_instance *snap)
{
	struct reverting r = { .be = be, .call = call, .id = of->id, .reflink = (pool->caps & SHR_CAP_CLONE_REFLINK) != 0 };
	struct dir_meta snapshot;
	int have = dir_meta_need(be, call, of->id, &r.meta), fd = -1, code;

	if (have <= 0)
		return have < 0 ? have : shr_failf(be->host, call, SHR_ENOTFOUND, "nothing is known of share %s below %.200s", of->id,
			be->root);
	if (r.meta.managed == DIR_SHOWN)
		return shr_failf(be->host, call, SHR_EUNSUPPORTED, "share %s shows a snapshot, and has no contents of its own", of->id);
	code = dir_snap_open(be, call, snap->id, &snapshot, &fd);
	if (code)
		return code;
	close(fd);
	r.parent = dir_path_parent(be->root_fd, r.meta.path, &r.name);
	if (r.parent < 0)
		return fail(&r);
	dir_name(DIR_PART, of->id, r.part);
	code = put_back(&r, snap);
	close(r.parent);
	return code ? code : dir_tell(be, call, of->id, r.meta.path);
}

int dir_revert(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code = dir_pool_open(be, call, of->pool, &pool, &fd);

	if (code)
		return code;
	close(fd);
	return revert_in(be, call, pool, of, snap);
}

/* ---- clone ---- */

/* It shows the snapshot's own tree. */
static int show(const struct dir_be *be, const struct shr_call *call, const struct shr_instance *snap,
	const struct shr_instance *to,
	struct dir_meta *meta)
{
	struct dir_meta of;
	int fd = -1, code = dir_snap_open(be, call, snap->id, &of, &fd);

	if (code)
		return code;
	close(fd);
	memset(meta, 0, sizeof *meta);
	meta->bytes = to->bytes;
	meta->managed = DIR_SHOWN;
	memcpy(meta->path, of.path, sizeof meta->path);
	return dir_meta_put(be, to->id, meta) < 0 ? dir_fail(be, call, DIR_META) : 0;
}

static int copy_to(const struct dir_be *be, const struct shr_call *call, const struct shr_instance *snap,
	const struct shr_instance *to,
	const struct dir_meta *meta, int parent, const char *name)
{
	struct shr__copy c = { .resume = dir_copy_resumes(call), .slice_ns = DIR_SLICE_NS, .beside = parent };
	struct dir_mover mover;
	char part[DIR_NAME_ROOM];
	struct dir_meta of;
	int from = -1, code;

	if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0; /* it has its name when it is whole */
	code = dir_snap_open(be, call, snap->id, &of, &from);
	if (code)
		return code;
	dir_mover(&mover, be, call);
	mover.total = of.tree;
	c.reflink = (dir_pool_find(be, to->pool)->caps & SHR_CAP_CLONE_REFLINK) != 0;
	code = dir_copy_part(&mover, &c, from, to->id, meta->project);
	close(from);
	if (code)
		return code;
	dir_name(DIR_PART, to->id, part);
	return renameat2(parent, part, parent, name, RENAME_NOREPLACE) < 0 || fsync(parent) < 0 ? dir_fail(be, call, meta->path) : 0;
}

static int clone_in(struct dir_be *be, const struct shr_call *call, const struct dir_pool *pool, int pool_fd,
	const struct shr_instance *snap, const struct shr_instance *to)
{
	struct dir_meta meta;
	const char *name;
	int have = dir_meta_need(be, call, to->id, &meta), parent, code = 0;

	if (have < 0)
		return have;
	if (have == 0 && to->flags & SHR_INSTANCE_READONLY)
		code = show(be, call, snap, to, &meta);
	else if (have == 0 && dir_new_meta(be, pool, pool_fd, to, &meta) < 0)
		code = dir_fail(be, call, DIR_META);
	if (code == 0 && meta.managed != DIR_SHOWN) {
		parent = dir_path_parent(be->root_fd, meta.path, &name);
		if (parent < 0)
			return dir_fail(be, call, meta.path);
		code = copy_to(be, call, snap, to, &meta, parent, name);
		close(parent);
	}
	return code ? code : dir_tell(be, call, to->id, meta.path);
}

int dir_clone(void *p, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to)
{
	struct dir_be *be = p;
	const struct dir_pool *pool;
	int fd = -1, code = dir_pool_open(be, call, to->pool, &pool, &fd);

	(void)of;
	if (code)
		return code;
	code = clone_in(be, call, pool, fd, snap, to);
	close(fd);
	return code;
}

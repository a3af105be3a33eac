/* backends/btrfs/look.c - what is really there: one share, all of a pool */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "btrfs.h"

/* ---- one share ---- */

/* The size that is enforced, which none is while a subvolume of the share is out of its group. 1; 0: none; -1: errno. */
static int enforced(const struct btrfs_at *at, const struct btrfs_facts *facts, int head, uint64_t *ret)
{
	struct btrfs_group group;
	uint64_t id;
	int have = btrfs_id(head, &id) < 0 ? -1 : btrfs_group_has(at->fd, BTRFS_GROUP(facts->box), id);

	if (have > 0)
		have = btrfs_group_get(at->fd, BTRFS_GROUP(facts->box), &group);
	if (have <= 0 || group.limit == BTRFS_NO_LIMIT)
		return have < 0 ? -1 : 0;
	*ret = group.limit == btrfs_limit_of(at->pool, facts, facts->bytes) ? facts->bytes :
		(group.limit + facts->inherited) / (100 + at->pool->reserve) * 100;
	return 1;
}

int btrfs_look(void *p, const struct shr_call *call, const struct shr_instance *instance, struct shr_rules *all)
{
	const struct btrfs_be *be = p;
	struct btrfs_facts facts;
	struct btrfs_at at;
	uint64_t bytes;
	int fds[2], have = 0, code = btrfs_enter(be, call, instance->pool, &at);

	(void)all;
	if (code)
		return code;
	code = btrfs_share_open(&at, instance->id, &facts, fds);
	if (code == 0) {
		if (be->quota != BTRFS_QUOTA_NONE)
			have = enforced(&at, &facts, fds[1], &bytes);
		if (have < 0)
			code = btrfs_fail(&at, instance->id);
		close(fds[0]);
		close(fds[1]);
	}
	if (code == 0 && have > 0)
		be->host->set_number(call, instance->id, SHR_NUMBER_BYTES, bytes);
	if (code == 0)
		code = btrfs_tell(&at, instance->id, 0);
	btrfs_leave(&at);
	return code;
}

/* ---- all of a pool: its directory's entries ---- */

static int collect(const struct btrfs_at *at, const char *after, struct plug_names *t)
{
	int fd = openat(at->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), bad = 0, why;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e = NULL;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (!bad && (errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, PLUG_META) != 0 &&
		    plug_name_ok(e->d_name) && strcmp(e->d_name, after) > 0)
			bad = plug_names_keep(t, e->d_name);
	if (!e && errno)
		bad = -1;
	why = errno;
	closedir(d);
	errno = why;
	return bad;
}

static const char *what_is(const struct btrfs_at *at, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(at->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode))
		return S_ISREG(st.st_mode) ? "a file" : S_ISLNK(st.st_mode) ? "a symbolic link" : "a special file";
	fd = btrfs_open_below(at->fd, name);
	if (fd < 0)
		return errno == ENOENT ? NULL : "a mount point";
	close(fd);
	return st.st_ino == 256 ? "a subvolume" : "a directory";
}

/* A share that was let go is a subvolume under its id, and nobody's. */
static void tell_one(const struct btrfs_at *at, const char *name)
{
	struct shr_found f = { .size = sizeof f, .kind = SHR_FOUND_INSTANCE, .name = name, .instance_id = "" };
	struct btrfs_facts facts;
	int fd = -1, where;

	f.what = what_is(at, name);
	if (!f.what)
		return; /* it went meanwhile */
	if (plug_id_ok(name) && btrfs_facts_get(at, name, &facts) == 1) {
		f.instance_id = name;
		where = btrfs_box_find(at, name, &facts, &fd);
		if (fd >= 0)
			close(fd);
		f.bytes = where == BTRFS_BOX_WHOLE ? facts.bytes : 0;
		f.what = where == BTRFS_BOX_WHOLE ? "a share's container" : "something else in the place of a share's container";
	}
	at->be->host->found(at->call, &f);
}

int btrfs_list(void *p, const struct shr_call *call, const char *pool, const char *after, uint32_t max)
{
	const struct btrfs_be *be = p;
	struct plug_names t = { NULL, 0, max };
	struct btrfs_at at;
	uint32_t i;
	int code = btrfs_enter(be, call, pool, &at);

	if (code)
		return code;
	t.names = calloc((size_t)max + 1, sizeof *t.names);
	if (!t.names)
		code = be->host->fail(call, SHR_EAGAIN, "no memory");
	else if (collect(&at, after, &t) < 0)
		code = btrfs_fail(&at, "");
	for (i = 0; i < t.n; i++) {
		if (code == 0)
			tell_one(&at, t.names[i]);
		free(t.names[i]);
	}
	free(t.names);
	btrfs_leave(&at);
	return code;
}

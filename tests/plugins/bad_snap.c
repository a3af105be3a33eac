/* tests/plugins/bad_snap.c - the bad driver's snapshots: copies of the file "one", and when they were cut */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "bad.h"

/* A snapshot is the directory ROOT/snap-ID; that it is whole, and when it was cut, is in ROOT/snap-ID.cut. */
void bad_snap_place(const struct bad *b, const char *id, const char *tail, char ret[1024])
{
	snprintf(ret, 1024, "%.500s/snap-%s%s", b->root, id, tail);
}

/* The file FROM/one becomes TO/one, whole or not at all; one that is not there is no file there either. */
int bad_copy_one(const char *from, const char *to)
{
	char a[1100], b[1100], half[1100], block[65536];
	ssize_t n = 0;
	int in, out;

	snprintf(a, sizeof a, "%s/one", from);
	snprintf(b, sizeof b, "%s/one", to);
	snprintf(half, sizeof half, "%s/half", to);
	in = open(a, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return unlink(b) < 0 && errno != ENOENT ? -1 : 0;
	out = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	while (out >= 0 && (n = read(in, block, sizeof block)) > 0 && write(out, block, (size_t)n) == n)
		;
	close(in);
	return out < 0 || n != 0 || close(out) < 0 ? -1 : rename(half, b);
}

uint64_t bad_cut_of(const struct bad *b, const char *id)
{
	char path[1024], text[32] = "";
	int fd;

	bad_snap_place(b, id, ".cut", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strtoull(text, NULL, 10);
}

int bad_put_cut(const struct bad *b, const char *id)
{
	char path[1024], text[32];
	struct timespec now;
	int fd, n;

	clock_gettime(CLOCK_REALTIME, &now);
	bad_snap_place(b, id, ".cut", path);
	n = snprintf(text, sizeof text, "%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd < 0 || write(fd, text, (size_t)n) != n ? -1 : close(fd);
}

int bad_snap_drop(const struct bad *b, const char *id)
{
	static const char *const tails[] = { ".cut", "/managed", "/one", "/half", "" };
	char path[1024];
	size_t i;

	for (i = 0; i < sizeof tails / sizeof *tails; i++) {
		bad_snap_place(b, id, tails[i], path);
		if (remove(path) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

static int snap_create(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct bad *b = be;
	char share[1024], dir[1024];

	place(b, of, "", share);
	bad_snap_place(b, snap->id, "", dir);
	if (bad_cut_of(b, snap->id) == 0 || is(b, "snap-cuts-again")) {
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			return no(b, call, dir);
		if ((!is(b, "snap-loses-its-file") && bad_copy_one(share, dir) < 0) || bad_put_cut(b, snap->id) < 0)
			return no(b, call, dir);
	}
	b->host->set_number(call, snap->id, SHR_NUMBER_CUT, bad_cut_of(b, snap->id));
	b->host->set_path(call, snap->id, dir);
	return 0;
}

static int snap_remove(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct bad *b = be;

	(void)of;
	if (is(b, "snap-stays") || (is(b, "snap-managed-stays") && bad_is_managed(b, snap->id)))
		return 0;
	if (is(b, "snap-late-remove-takes") && bad_cut_of(b, snap->id) == 0)
		return bad_drop_free(b, snap->id) < 0 ? no(b, call, snap->id) : 0;
	if (is(b, "snap-remove-once") && bad_cut_of(b, snap->id) == 0)
		return b->host->fail(call, SHR_ENOTFOUND, "there is no such snapshot");
	return bad_snap_drop(b, snap->id) < 0 ? no(b, call, snap->id) : 0;
}

static void lose_newer(const struct bad *b, uint64_t than)
{
	DIR *dir = opendir(b->root);
	struct dirent *e;
	char id[64];

	while (dir && (e = readdir(dir))) {
		if (sscanf(e->d_name, "snap-%36s", id) == 1 && bad_cut_of(b, id) > than)
			bad_snap_drop(b, id);
	}
	if (dir)
		closedir(dir);
}

static int snap_revert(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	struct shr_export e = { sizeof e, 0, SHR_PROTO_NFS, SHR_FAMILY_ANY, 0, NULL, of->id };
	const struct bad *b = be;
	char share[1024], dir[1024];

	place(b, of, "", share);
	bad_snap_place(b, snap->id, "", dir);
	if (!is(b, "snap-revert-is-nothing") && bad_copy_one(dir, share) < 0)
		return no(b, call, share);
	if (is(b, "snap-revert-loses-newer"))
		lose_newer(b, bad_cut_of(b, snap->id));
	e.path = share;
	b->host->set_path(call, of->id, share);
	b->host->add_export(call, of->id, &e);
	return 0;
}

static int snap_clone(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	const struct shr_instance *to)
{
	const struct bad *b = be;
	char share[1024], dir[1024];
	int code = bad_create(be, call, to);

	(void)of;
	if (code || is(b, "snap-clone-is-empty"))
		return code;
	place(b, to, "", share);
	bad_snap_place(b, snap->id, "", dir);
	return bad_copy_one(dir, share) < 0 ? no(b, call, share) : 0;
}

static int snap_look(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap,
	struct shr_rules *all)
{
	const struct bad *b = be;
	const struct shr_rule *rule;
	char dir[1024];

	(void)of;
	while ((rule = b->host->next_rule(call, all)))
		b->host->set_rule(call, rule->id, SHR_ENOTFOUND, "a snapshot has no rules here");
	if (bad_cut_of(b, snap->id) == 0)
		return b->host->fail(call, SHR_ENOTFOUND, "there is no such snapshot");
	bad_snap_place(b, snap->id, "", dir);
	b->host->set_path(call, snap->id, dir);
	return 0;
}

const struct shr_driver_snapshot bad_snapshot = {
	.size = sizeof bad_snapshot,
	.create = snap_create,
	.remove = snap_remove,
	.revert = snap_revert,
	.clone = snap_clone,
	.manage = bad_snap_manage,
	.unmanage = bad_snap_unmanage,
	.look = snap_look,
};

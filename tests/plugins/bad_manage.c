/* tests/plugins/bad_manage.c - the bad driver's snapshots let go, and taken over again */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "bad.h"

/* A snapshot that is let go is the directory ROOT/free-ID, and one that was taken over from there has ROOT/snap-ID/managed. */

int bad_is_managed(const struct bad *b, const char *id)
{
	char path[1024];

	bad_snap_place(b, id, "/managed", path);
	return access(path, F_OK) == 0;
}

int bad_drop_free(const struct bad *b, const char *id)
{
	static const char *const tails[] = { "/managed", "/one", "/half", "" };
	char path[1024];
	size_t i;

	for (i = 0; i < sizeof tails / sizeof *tails; i++) {
		snprintf(path, sizeof path, "%.500s/free-%s%s", b->root, id, tails[i]);
		if (remove(path) < 0 && errno != ENOENT)
			return -1;
	}
	return 0;
}

int bad_snap_unmanage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct bad *b = be;
	char dir[1024], cut[1024], to[1024];

	(void)of;
	bad_snap_place(b, snap->id, "", dir);
	bad_snap_place(b, snap->id, ".cut", cut);
	snprintf(to, sizeof to, "%.500s/free-%s", b->root, snap->id);
	if (is(b, "snap-unmanage-once") && access(dir, F_OK) < 0)
		return no(b, call, dir);
	if (is(b, "snap-unmanage-drops"))
		return bad_snap_drop(b, snap->id) < 0 ? no(b, call, dir) : 0;
	if (is(b, "snap-unmanage-is-nothing"))
		return 0;
	if (rename(dir, to) < 0 && errno != ENOENT)
		return no(b, call, dir);
	return unlink(cut) < 0 && errno != ENOENT ? no(b, call, cut) : 0;
}

/* What the source names becomes the snapshot's directory; 0 when it did, or had before. */
static int take_over(const struct bad *b, const struct shr_instance *of, const struct shr_instance *snap, const char *dir)
{
	char from[1024], share[1024];
	int is_known = strncmp(snap->source, "free-", 5) == 0 && !strchr(snap->source, '/');

	snprintf(from, sizeof from, "%.500s/%.400s", b->root, snap->source);
	place(b, of, "", share);
	if (is(b, "snap-manage-anything") && !is_known)
		return mkdir(dir, 0755);
	if (is(b, "snap-manage-half-is-lost") && access(dir, F_OK) == 0 && bad_cut_of(b, snap->id) == 0)
		return -1;
	if (!is_known || (rename(from, dir) < 0 && (errno != ENOENT || access(dir, F_OK) < 0 || is(b, "snap-manage-once"))))
		return -1;
	return is(b, "snap-manage-cuts-again") ? bad_copy_one(share, dir) : 0;
}

int bad_snap_manage(void *be, const struct shr_call *call, const struct shr_instance *of, const struct shr_instance *snap)
{
	const struct bad *b = be;
	char share[1024], dir[1024], mark[1024];

	place(b, of, "", share);
	bad_snap_place(b, snap->id, "", dir);
	bad_snap_place(b, snap->id, "/managed", mark);
	if (access(share, F_OK) < 0 && !is(b, "snap-manage-of-nobody"))
		return shr_failf(b->host, call, SHR_ENOTFOUND, "%.400s", share);
	if (take_over(b, of, snap, dir) < 0)
		return shr_failf(b->host, call, SHR_ENOTFOUND, "there is no \"%.255s\"", snap->source);
	if (bad_cut_of(b, snap->id) == 0 && ((mkdir(mark, 0700) < 0 && errno != EEXIST) || bad_put_cut(b, snap->id) < 0))
		return no(b, call, dir);
	b->host->set_number(call, snap->id, SHR_NUMBER_CUT, bad_cut_of(b, snap->id));
	b->host->set_path(call, snap->id, dir);
	return 0;
}

/* ---- of shares there is nothing that could be one ---- */

int bad_manage(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	const struct bad *b = be;

	return shr_failf(b->host, call, SHR_ENOTFOUND, "there is no \"%.255s\"", in->source);
}

int bad_unmanage(void *be, const struct shr_call *call, const struct shr_instance *in)
{
	(void)be;
	(void)call;
	(void)in;
	return 0;
}

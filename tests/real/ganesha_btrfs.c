/* tests/real/ganesha_btrfs.c - the whole library on btrfs and ganesha: sizes, and file systems that fill up, stop and go away */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ganesha_library.h"

static void resize(struct xkit *kit, const struct library *l, const char *id, uint64_t bytes, int shrink, int code)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	int rc = shrink ? shr_share_shrink(l->session, id, bytes, NULL, &op, &error) :
		shr_share_extend(l->session, id, bytes, NULL, &op, &error);

	must(kit, rc, &error, shrink ? "shrink" : "extend");
	error = NULL;
	rc = shr_op_wait(l->session, op->id, 60000, NULL, &error);
	shr_op_unref(op);
	if (rc != code)
		must(kit, rc ? rc : SHR_EINTERNAL, &error, shrink ? "shrink" : "extend");
	shr_error_unref(error);
}

/* Write records until that fails with WORD; how many went. */
static long fill(struct xkit *kit, struct nfs_client *c, const char *name, const char *word)
{
	char line[LINE], command[64];
	long n = -1;
	int how;

	snprintf(command, sizeof command, "write %s", name);
	nfs_client_send(c, command);
	while ((how = nfs_client_line(c, line, sizeof line, 30000)) == 1 && sscanf(line, "acked %ld", &n) == 1)
		;
	if (how != 1 || !strstr(line, word))
		xkit_fail(kit, "writing on and on ended with: %s", how == 1 ? line : "nothing");
	return n + 1;
}

static void size_is_enforced_through_nfs(struct xkit *kit)
{
	const struct shr_op *op;
	struct nfs_client c;
	struct library l;
	struct shared s;
	long first, second;

	xkit_close(kit);
	begin_btrfs(kit);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "sized");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	first = fill(kit, &c, "first", "DQUOT");
	if (first > 2048)
		xkit_fail(kit, "%ld KiB went into 2 MiB", first);
	resize(kit, &l, op->object_id, UINT64_C(6) << 20, 0, 0);
	second = fill(kit, &c, "second", "DQUOT");
	if (second < 1024 || first + second > 6144)
		xkit_fail(kit, "%ld KiB more went into 4 MiB more", second);
	resize(kit, &l, op->object_id, UINT64_C(1) << 20, 1, SHR_EDATALOSS);
	must_answer(kit, &c, 1, NULL, "get first");
	nfs_client_end(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "(%ld KiB of 2 MiB, then %ld KiB of 4 MiB more)", first, second);
}

static void engine_killed_on_btrfs(struct xkit *kit)
{
	char why[100];

	xkit_close(kit);
	begin_btrfs(kit);
	engine_killed(kit);
	memcpy(why, kit->why, sizeof why - 1);
	why[sizeof why - 1] = '\0';
	if (shell("test -z \"$(btrfs subvolume list %s | grep -v ' DELETED$')\"", lib_pool)) {
		shell("btrfs subvolume list %s >&2; ls -la %s >&2", lib_pool, lib_pool);
		xkit_fail(kit, "subvolumes are left");
	}
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "%s", why);
}


/* ---- a pool that fills up, is read-only, is not there, hangs: with clients at work ---- */

static void pool_full(struct xkit *kit)
{
	const struct shr_op *op;
	struct nfs_client c;
	struct library l;
	struct shared s;
	char why[XKIT_WORDS];
	long went;

	xkit_close(kit);
	begin_btrfs(kit);
	lib_open(kit, &l);
	op = lib_create_in(kit, &l, "thin", NULL, UINT64_C(4) << 30);
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_answer(kit, &c, 1, NULL, "put before text");
	shell("cat /dev/zero >%s/filler 2>/dev/null; sync -f %s", lib_pool, lib_pool);
	went = fill(kit, &c, "more", "NOSPC");
	must_answer(kit, &c, 1, "text", "get before");
	lib_pool_is(kit, &l, "p", SHR_POOL_UP, why); /* rules and deletes need it */
	shell("rm %s/filler; sync -f %s", lib_pool, lib_pool);
	must_answer(kit, &c, 1, NULL, "put after text");
	must_answer(kit, &c, 1, "text", "get before");
	nfs_client_end(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "(%ld KiB more when it was full)", went);
}

/* A pool that is away for a while by BEGIN, and back by END: what a client of it can meanwhile is WRITES. What is asked of the
 * library meanwhile waits, its pool says WORDS, and all of it is done when it is back, without anybody's doing. */
struct outage {
	void (*begin)(struct xkit *kit);
	void (*end)(struct xkit *kit);
	int writes;
	const char *error, *words;
};

static void pool_away(struct xkit *kit, const struct outage *o)
{
	const struct shr_op *op, *late, *grown = NULL;
	const struct shr_error *error = NULL;
	struct nfs_client c;
	struct library l;
	struct shared s, t;
	char why[XKIT_WORDS];

	xkit_close(kit);
	begin_btrfs(kit);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "there");
	wait_op(kit, &l, op, "create");
	lib_find(kit, &l, op->object_id, &s);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	/* Not through the server, which keeps files open that were written to: then nothing can become read-only. */
	if (shell("for head in %s/*-*/head; do printf text >$head/before || exit 1; done", lib_pool))
		xkit_fail(kit, "no file");
	o->begin(kit);
	must_answer(kit, &c, 1, "text", "get before");
	must_answer(kit, &c, o->writes, o->error, "put meanwhile text");
	late = lib_create(kit, &l, "late");
	must(kit, shr_share_extend(l.session, op->object_id, UINT64_C(8) << 20, NULL, &grown, &error), &error, "extend");
	lib_waits(kit, &l, late, "p", o->words);
	lib_waits(kit, &l, grown, "p", o->words);
	o->end(kit);
	wait_op(kit, &l, late, "create");
	wait_op(kit, &l, grown, "extend");
	lib_pool_is(kit, &l, "p", SHR_POOL_UP, why);
	lib_find(kit, &l, late->object_id, &t);
	if (what_can(kit, &t, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "127.0.0.2 cannot write to what was made late");
	must_answer(kit, &c, 1, "text", "get before");
	must_answer(kit, &c, 1, NULL, "put after text");
	nfs_client_end(&c);
	drop(kit, &l, late->object_id);
	drop(kit, &l, op->object_id);
	shr_op_unref(late);
	shr_op_unref(grown);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
}

static void make_readonly(struct xkit *kit)
{
	if (shell("mount -o remount,ro %s", lib_pool))
		xkit_fail(kit, "remount,ro failed");
}

static void make_writable(struct xkit *kit)
{
	if (shell("mount -o remount,rw %s", lib_pool))
		xkit_fail(kit, "remount,rw failed");
}

static void pool_readonly(struct xkit *kit)
{
	static const struct outage o = { make_readonly, make_writable, 0, "ROFS", "read-only" };

	pool_away(kit, &o);
}

static void unmount(struct xkit *kit)
{
	if (shell("umount -l %s", lib_pool))
		xkit_fail(kit, "umount failed");
}

static void mount_again(struct xkit *kit)
{
	if (mount_pool(lib_pool))
		xkit_fail(kit, "it cannot be mounted again");
}

/* Its exports are mounts of their own, so that clients do not notice. */
static void pool_unmounted(struct xkit *kit)
{
	static const struct outage o = { unmount, mount_again, 1, NULL, "is its file system mounted?" };

	pool_away(kit, &o);
}

/* One of two pools of a server hangs, with a client's write in it. */
static void pool_hangs(struct xkit *kit)
{
	const struct shr_op *op, *other, *late, *fresh;
	struct nfs_client c, d;
	struct library l;
	struct shared s, t;
	char line[LINE];
	int64_t took;
	int silent, early;

	xkit_close(kit);
	begin_btrfs(kit);
	begin_second(kit);
	lib_open(kit, &l);
	op = lib_create_in(kit, &l, "hangs", "p", UINT64_C(2) << 20);
	other = lib_create_in(kit, &l, "goes on", "q", UINT64_C(2) << 20);
	wait_op(kit, &l, op, "create");
	wait_op(kit, &l, other, "create");
	lib_find(kit, &l, op->object_id, &s);
	lib_find(kit, &l, other->object_id, &t);
	must_mount(kit, &c, &s, "127.0.0.2", "127.0.0.1");
	must_mount(kit, &d, &t, "127.0.0.2", "127.0.0.1");
	if (shell("fsfreeze -f %s", lib_pool))
		xkit_skip(kit, "no fsfreeze");
	nfs_client_send(&c, "put hanging text");
	late = lib_create_in(kit, &l, "late", "p", UINT64_C(2) << 20);
	nap(500);
	took = xkit_now_ns();
	fresh = lib_create_in(kit, &l, "meanwhile", "q", UINT64_C(2) << 20);
	wait_op(kit, &l, fresh, "create");
	took = xkit_now_ns() - took;
	must_answer(kit, &d, 1, NULL, "put file text");
	lib_find(kit, &l, fresh->object_id, &t);
	early = what_can(kit, &t, "127.0.0.2", "127.0.0.1") != 'w';
	drop(kit, &l, fresh->object_id);
	silent = nfs_client_line(&c, line, sizeof line, 100) == 0 && shr_op_wait(l.session, late->id, 0, NULL, NULL) == SHR_RUNNING;
	shell("fsfreeze -u %s", lib_pool);
	if (!silent || early)
		xkit_fail(kit, silent ? "127.0.0.2 cannot write to a new share" : "the frozen pool was written to");
	wait_op(kit, &l, late, "create");
	if (nfs_client_line(&c, line, sizeof line, 30000) != 1 || strncmp(line, "ok", 2) != 0)
		xkit_fail(kit, "the write that hung: %s", line);
	nfs_client_end(&c);
	nfs_client_end(&d);
	drop(kit, &l, late->object_id);
	drop(kit, &l, other->object_id);
	drop(kit, &l, op->object_id);
	shr_op_unref(late);
	shr_op_unref(fresh);
	shr_op_unref(other);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
	snprintf(kit->why, sizeof kit->why, "(a create in the other pool: %.0f ms)", (double)took / 1e6);
}

static void foreign_subvolume(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;
	int64_t until;

	xkit_close(kit);
	begin_btrfs(kit);
	library_engine = ", reconcile: 1s";
	lib_open(kit, &l);
	library_engine = "";
	op = lib_create(kit, &l, "ours");
	wait_op(kit, &l, op, "create");
	if (shell("btrfs subvolume create %s/theirs >/dev/null && echo text >%s/theirs/file", lib_pool, lib_pool))
		xkit_fail(kit, "no subvolume");
	until = xkit_now_ns() + INT64_C(20000000000);
	while (!drifts(kit, &l, NULL, SHR_DRIFT_FOREIGN, SHR_DRIFT_OPEN)) {
		if (xkit_now_ns() > until)
			xkit_fail(kit, "nobody reports it");
		nap(50);
	}
	reconcile(kit, &l, op->object_id);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	if (shell("grep -q text %s/theirs/file", lib_pool))
		xkit_fail(kit, "it is not what it was");
	library_close(&l);
	nothing_is_left(kit);
	if (shell("test \"$(btrfs subvolume list %s | grep -v DELETED | wc -l)\" = 1", lib_pool))
		xkit_fail(kit, "not it alone is left");
	end_btrfs(kit);
}

/* ---- what is wrong with the configuration is said, and names the setting ---- */

/* SERVER: what of the exporter's settings says which one it is. */
static void says(struct xkit *kit, const char *server, const char *path, const char *setting, const char *words)
{
	char pools[600], exporter[600], why[XKIT_WORDS];
	struct library l;

	snprintf(exporter, sizeof exporter, "directory: \"%s\", %s", env.state, server);
	snprintf(pools, sizeof pools, "pools: [ { name: p, settings: { path: \"%s\" } } ]", path);
	if (lib_try_open(kit, &l, exporter, pools, why) == 0) /* the engine goes on trying, and its pool says why it is down */
		lib_pool_is(kit, &l, "p", SHR_POOL_DOWN, why);
	library_close(&l);
	if (!strstr(why, setting) || !strstr(why, words))
		xkit_fail(kit, "%s is wrong, but: %s", setting, why);
}

static void wrong_at_start(struct xkit *kit)
{
	char in[300], none[300], right[300], server[400];
	struct library l;

	xkit_close(kit);
	begin_btrfs(kit);
	lib_open(kit, &l);
	library_close(&l); /* now it is a pool */
	snprintf(in, sizeof in, "%s/in", lib_pool);
	snprintf(none, sizeof none, "%s/none", lib_pool);
	if (shell("btrfs subvolume create %s >/dev/null", in))
		xkit_fail(kit, "no subvolume");
	snprintf(right, sizeof right, "address: 127.0.0.1, bus: \"%s\"", env.bus);
	says(kit, right, env.files, "setting path", "is not on btrfs: is its file system mounted?");
	says(kit, right, none, "setting path", "No such file");
	says(kit, right, in, "setting path", "lies in another pool");
	make_readonly(kit);
	says(kit, right, lib_pool, "setting path", "read-only");
	make_writable(kit);
	snprintf(server, sizeof server, "%s, name: org.example.nobody", right);
	says(kit, server, lib_pool, "setting name", "org.example.nobody");
	says(kit, "address: 127.0.0.1, bus: \"unix:path=/nowhere\"", lib_pool, "setting bus", "/nowhere");
	snprintf(server, sizeof server, "address: \"a b\", bus: \"%s\"", env.bus);
	says(kit, server, lib_pool, "setting address", "a b");
	end_btrfs(kit);
}

static void refuses(struct xkit *kit, const struct library *l, const char *id, uint32_t type, const char *who, const char *words)
{
	struct shr_access_change change = { SHR_ALLOW, 0, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, NULL, NULL, NULL };
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char why[XKIT_WORDS];
	int rc;

	change.type = type;
	change.who = who;
	access.changes = &change;
	access.n_changes = 1;
	rc = shr_access_apply(l->session, id, &access, &op, &error);
	snprintf(why, sizeof why, "%s", error && error->n_faults ? error->faults[0]->message : error ? error->message : "");
	shr_error_unref(error);
	shr_op_unref(op);
	if (rc >= 0 || !strstr(why, words))
		xkit_fail(kit, "a rule for %s: %s: %s", who, shr_strcode(rc), why);
}

static void wrong_addresses(struct xkit *kit)
{
	const struct shr_op *op;
	struct library l;

	xkit_close(kit);
	begin_btrfs(kit);
	lib_open(kit, &l);
	op = lib_create(kit, &l, "ours");
	wait_op(kit, &l, op, "create");
	refuses(kit, &l, op->object_id, SHR_ACCESS_USER, "ann", "user");
	refuses(kit, &l, op->object_id, SHR_ACCESS_IP, "host.example.org", "host.example.org");
	refuses(kit, &l, op->object_id, SHR_ACCESS_IP, "fe80::1%eth0", "fe80::1%eth0");
	refuses(kit, &l, op->object_id, SHR_ACCESS_IP, "10.0.0.1/33", "10.0.0.1/33");
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	end_btrfs(kit);
}

const struct xkit_check ganesha_btrfs_checks[] = {
	{ "btrfs: a size holds through NFS, and changes under a writer", size_is_enforced_through_nfs },
	{ "btrfs: the pool is full under a client, and goes on", pool_full },
	{ "btrfs: the pool is read-only under a client, and goes on", pool_readonly },
	{ "btrfs: the pool is unmounted under a client, and goes on", pool_unmounted },
	{ "btrfs: one pool hangs, and another goes on", pool_hangs },
	{ "btrfs: a foreign subvolume is reported, and left alone", foreign_subvolume },
	{ "btrfs: what is wrong at the start names its setting", wrong_at_start },
	{ "btrfs: rules that the exporter cannot express are refused", wrong_addresses },
	{ "btrfs: the engine killed while shares come and go", engine_killed_on_btrfs },
	{ NULL, NULL },
};

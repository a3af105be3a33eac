/* tests/real/ganesha_rig.c - a library on dir or btrfs behind NFS-Ganesha, for tests: opened, asked, looked at */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ganesha_library.h"

char lib_pool[200], lib_pool2[200];
static const char *on = "dir"; /* which driver the next library has */

static void pools_text(char *text, size_t room)
{
	char second[300] = "";

	if (strcmp(on, "dir") == 0) {
		snprintf(text, room, "settings: { root: \"%s\", mode: \"0777\" }\n    pools: [ { name: p, capacity: 100GiB } ]", env.files);
		return;
	}
	if (*lib_pool2)
		snprintf(second, sizeof second, ", { name: q, settings: { path: \"%s\" } }", lib_pool2);
	snprintf(text, room, "settings: { mode: \"0777\" }\n    pools: [ { name: p, oversubscribe_percent: 10000, settings: { path: "
		"\"%s\" } }%s ]", lib_pool, second);
}

static void backends_text(char *text, size_t room, const char *exporter, const char *pools)
{
	snprintf(text, room, "  - name: %s\n    driver: %s\n    exporter:\n      name: ganesha\n      settings: { %s }\n    protocols: nfs\n"
		"    %s\n", on, on, exporter, pools);
}

void lib_open(struct xkit *kit, struct library *l)
{
	char exporter[400], pools[700], text[1600];

	snprintf(exporter, sizeof exporter, "directory: \"%s\", address: [127.0.0.1, \"::1\"], bus: \"%s\"", env.state, env.bus);
	pools_text(pools, sizeof pools);
	backends_text(text, sizeof text, exporter, pools);
	library_open(kit, l, env.dir, on, text);
}

int lib_try_open(struct xkit *kit, struct library *l, const char *exporter, const char *pools, char why[XKIT_WORDS])
{
	const struct shr_error *error = NULL;
	char text[1600];
	int rc;

	backends_text(text, sizeof text, exporter, pools);
	rc = library_try_open(kit, l, env.dir, on, text, &error);
	snprintf(why, XKIT_WORDS, "%s", error ? error->message : "");
	shr_error_unref(error);
	return rc;
}

const struct shr_op *lib_create_in(struct xkit *kit, const struct library *l, const char *name, const char *pool, uint64_t bytes)
{
	const struct shr_access_change rules[] = {
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RW, SHR_SQUASH_NONE, 0, 0, "127.0.0.2", NULL, NULL },
		{ SHR_ALLOW, SHR_ACCESS_IP, SHR_LEVEL_RO, SHR_SQUASH_NONE, 0, 0, "127.0.0.0/24", NULL, NULL },
	};
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	spec.name = name;
	spec.bytes = bytes;
	spec.protocols = SHR_PROTO_NFS;
	spec.pool = pool;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	must(kit, shr_share_create(l->session, &spec, &op, &error), &error, "create");
	return op;
}

const struct shr_op *lib_create(struct xkit *kit, const struct library *l, const char *name)
{
	return lib_create_in(kit, l, name, NULL, UINT64_C(2) << 20);
}

/* What stands behind "127.0.0.1:". */
void lib_find(struct xkit *kit, const struct library *l, const char *id, struct shared *s)
{
	const struct shr_error *error = NULL;
	const struct shr_share *share = NULL;
	const char *path;

	memset(s, 0, sizeof *s);
	must(kit, shr_share_get(l->session, id, &share, &error), &error, "get");
	path = share->n_exports == 2 ? share->exports[0]->path : "";
	if (strncmp(path, "127.0.0.1:/", 11) != 0 || share->exports[0]->family != SHR_FAMILY_IPV4 ||
	    strncmp(share->exports[1]->path, "[::1]:/", 7) != 0)
		xkit_fail(kit, "%u locations, the first %s", share->n_exports, path);
	snprintf(s->export, sizeof s->export, "%s", path + 10);
	shr_share_unref(share);
}

void nothing_is_left(struct xkit *kit)
{
	if (shell("test -z \"$(ls -A %s/exports %s/mounts | grep -v :)\"", env.state, env.state))
		xkit_fail(kit, "exports or mounts are left");
	if (shell("DBUS_SYSTEM_BUS_ADDRESS=%s dbus-send --system --print-reply --dest=org.ganesha.nfsd /org/ganesha/nfsd/ExportMgr "
		"org.ganesha.nfsd.exportmgr.ShowExports | grep -q mounts", env.bus) == 0)
		xkit_fail(kit, "the server still has an export");
}

static uint32_t pool_state(struct xkit *kit, const struct library *l, const char *name, char why[XKIT_WORDS])
{
	const struct shr_error *error = NULL;
	const struct shr_pool_page *page = NULL;
	uint32_t i, state = 0;

	must(kit, shr_pool_list(l->session, NULL, &page, &error), &error, "pool list");
	for (i = 0; i < page->n; i++)
		if (strcmp(page->items[i]->name, name) == 0) {
			state = page->items[i]->state;
			snprintf(why, XKIT_WORDS, "%s", page->items[i]->reason);
		}
	shr_pool_page_unref(page);
	return state;
}

void lib_pool_is(struct xkit *kit, const struct library *l, const char *pool, uint32_t state, char why[XKIT_WORDS])
{
	int64_t until = xkit_now_ns() + INT64_C(30000000000);

	while (pool_state(kit, l, pool, why) != state) {
		if (xkit_now_ns() > until)
			xkit_fail(kit, "pool %s is not %s: %s", pool, shr_pool_state_name(state), why);
		nap(20);
	}
}

void lib_waits(struct xkit *kit, const struct library *l, const struct shr_op *op, const char *pool, const char *words)
{
	char why[XKIT_WORDS];
	int rc;

	lib_pool_is(kit, l, pool, SHR_POOL_DOWN, why);
	if (!strstr(why, words))
		xkit_fail(kit, "pool %s is down, but: %s", pool, why);
	rc = shr_op_wait(l->session, op->id, 1000, NULL, NULL);
	if (rc != SHR_RUNNING)
		xkit_fail(kit, "the operation did not wait: %s", shr_strcode(rc));
}

int by_bus(const char *call)
{
	return shell("DBUS_SYSTEM_BUS_ADDRESS=%s dbus-send --system --print-reply --dest=org.ganesha.nfsd /org/ganesha/nfsd/ExportMgr "
		"org.ganesha.nfsd.exportmgr.%s >/dev/null", env.bus, call);
}


/* ---- file systems ---- */

int mount_pool(const char *pool)
{
	/* While its exports are still mounted, it is the same file system on the same loop device. */
	return shell("dev=$(losetup -nO NAME -j %s.image); if [ \"$dev\" ]; then mount -t btrfs $dev %s; else mount -o loop %s.image %s; "
		"fi 2>/dev/null", pool, pool, pool, pool);
}

static int make_pool(const char *pool)
{
	return shell("truncate -s 512M %s.image && mkfs.btrfs -q -f %s.image >/dev/null 2>&1 && mkdir -p %s", pool, pool, pool) ||
		mount_pool(pool);
}

void begin_btrfs(struct xkit *kit)
{
	static unsigned n; /* a test that failed may have left the one before */

	snprintf(lib_pool, sizeof lib_pool, "%s/pool-%u", env.dir, n++);
	if (make_pool(lib_pool))
		xkit_skip(kit, "no btrfs on a loop device");
	on = "btrfs";
}

void begin_second(struct xkit *kit)
{
	snprintf(lib_pool2, sizeof lib_pool2, "%.190s-2", lib_pool);
	if (make_pool(lib_pool2))
		xkit_fail(kit, "no second file system");
}

static int end_pool(const char *pool)
{
	int i, busy = 1;

	for (i = 0; i < 50 && busy; i++) {
		busy = shell("umount %s 2>/dev/null", pool);
		nap(busy ? 100 : 0);
	}
	return busy || shell("rm -f %s.image %s/btrfs.db*", pool, env.dir);
}

void end_btrfs(struct xkit *kit)
{
	int busy = end_pool(lib_pool);

	on = "dir";
	if (*lib_pool2)
		busy |= end_pool(lib_pool2);
	*lib_pool2 = '\0';
	if (busy)
		xkit_fail(kit, "the file system is still in use");
}

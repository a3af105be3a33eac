/* tests/real/crash.c - kill -9 of engines that work on btrfs behind NFS-Ganesha: everything ends by itself, store, file system and
 * server agree, and a client of a share that nobody touched never lost it */
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crash/worker.h"
#include "ganesha_env.h"
#include "whole/invariants.h"

#define LINE 512

static const char *plugins, *client_program;
static struct crash_place place;
static struct ganesha_env env;
static char pool[ENV_ROOM + 32];
static int bad;

static int shell(char *ret, size_t room, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The first line that it says; its exit status. */
static int shell(char *ret, size_t room, const char *format, ...)
{
	char command[1024], line[LINE];
	va_list args;
	FILE *f;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	f = popen(command, "r");
	if (!f)
		return -1;
	if (ret)
		*ret = '\0';
	for (int n = 0; fgets(line, sizeof line, f); n++)
		if (!n && ret)
			snprintf(ret, room, "%.*s", (int)strcspn(line, "\n"), line);
	return pclose(f);
}

static void broken(const char *what)
{
	bad++;
	printf("not ok: %s\n", what);
}

/* ---- the file system ---- */

static const char *file_system_up(void)
{
	snprintf(pool, sizeof pool, "%s/pool", env.dir);
	if (mkdir(pool, 0755) < 0)
		return "no directory";
	if (shell(NULL, 0, "truncate -s 4G %s/image && mkfs.btrfs -q %s/image 2>&1", env.dir, env.dir))
		return "no mkfs.btrfs";
	/* The loop device goes with its mount, and that with this process's namespace. */
	if (shell(NULL, 0, "mount -t btrfs -o loop,noatime %s/image %s 2>/dev/null", env.dir, pool))
		return "no loop device, or no btrfs in this kernel";
	return NULL;
}

static void file_system_down(void)
{
	/* The server lets go of the last export a moment after it has ended. */
	shell(NULL, 0, "for n in 1 2 3 4 5 6 7 8 9; do grep ' %s[ /]' /proc/self/mounts | cut -d' ' -f2 | sort -r | "
		"xargs -r -n1 umount 2>/dev/null; grep -q ' %s ' /proc/self/mounts || break; sleep 0.3; done", env.dir, pool);
}

static void write_config(void)
{
	FILE *f = fopen(place.config, "w");

	if (!f)
		crash_die(place.config, NULL);
	fprintf(f, "store: { path: %s/store.db }\nplugins: { directories: [%s] }\nengine: { lease: 1s, retry: { first: 10ms } }\n"
		"backends:\n  - name: b\n    driver: btrfs\n    exporter:\n      name: ganesha\n"
		"      settings: { directory: \"%s\", address: 127.0.0.1, bus: \"%s\" }\n"
		"    pools: [{ name: p, capacity: 10TiB, settings: { path: %s } }]\n", place.base, plugins, env.state, env.bus, pool);
	fclose(f);
}

/* ---- the share that nobody touches ---- */

static void calm_share(struct nfs_client *client)
{
	struct shr_session_params sp = SHR_SESSION_PARAMS_INIT;
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .squash = SHR_SQUASH_NONE,
		.who = "127.0.0.2" };
	const struct shr_share *share = NULL;
	const struct shr_error *error = NULL;
	const struct shr_op *op;
	struct shr_session *admin, *calm;
	struct shr_engine *engine;
	struct shr_ctx *ctx = crash_open(place.config, &engine, &admin);
	char line[LINE];

	sp.project = "calm";
	spec.name = "calm";
	spec.bytes = UINT64_C(64) << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.rule_size = sizeof rule;
	spec.rules = &rule;
	spec.n_rules = 1;
	if (shr_session_open(ctx, &sp, &calm, &error) < 0)
		crash_die("shr_session_open", error);
	for (int i = 0; i < 100 && shr_share_create(calm, &spec, &op, &error) < 0; i++) {
		if (i == 99)
			crash_die("shr_share_create", error);
		shr_error_unref(error);
		usleep(100000); /* the server has only just begun to answer */
	}
	if (shr_op_wait(calm, op->id, 60000, NULL, &error) || shr_share_get(calm, op->object_id, &share, &error) < 0)
		crash_die("the calm share", error);
	if (!share->n_exports || strncmp(share->exports[0]->path, "127.0.0.1:", 10) != 0 ||
		nfs_client_start(client, client_program, "127.0.0.2", "127.0.0.1", share->exports[0]->path + 10, line, sizeof line) < 0) {
		fprintf(stderr, "the calm share cannot be mounted: %s\n", line);
		exit(1);
	}
	shr_share_unref(share);
	shr_op_unref(op);
	shr_session_close(calm);
	shr_session_close(admin);
	shr_engine_close(engine);
	shr_ctx_close(ctx);
}

static void ask_client(struct nfs_client *client, int round)
{
	char line[LINE], want[64];

	snprintf(want, sizeof want, "ok round %d", round);
	if (nfs_client_ask(client, line, sizeof line, "put r%d round %d", round, round) != 1 ||
		nfs_client_ask(client, line, sizeof line, "get r%d", round) != 1 || strcmp(line, want) != 0) {
		broken("the client of the calm share lost it");
		printf("# round %d: %s\n", round, line);
	}
}

/* ---- afterwards ---- */

static void settle(struct nfs_client *client, int round)
{
	struct shr_session *session;
	struct shr_engine *engine;
	struct shr_ctx *ctx = crash_open(place.config, &engine, &session);
	time_t until = time(NULL) + 120;
	int64_t want;
	char path[256], line[LINE];
	sqlite3 *db;

	snprintf(path, sizeof path, "%s/store.db", place.base);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		crash_die("sqlite", NULL);
	sqlite3_busy_timeout(db, 5000);
	while (invariants_ask(db, "SELECT count(*) FROM op WHERE live=1") && time(NULL) < until) {
		ask_client(client, round++); /* it would lose its lease by being idle */
		usleep(500000);
	}
	bad += invariants_broken(db, 0);
	bad += invariants_dir_broken(db, pool);
	bad += crash_notes_broken(&place, db);
	ask_client(client, round);
	want = invariants_ask(db, "SELECT count(*) FROM instance WHERE state=2");
	shell(line, sizeof line, "grep -c ' %s/' /proc/self/mounts", env.state);
	if (atoll(line) != want)
		broken("mount points are not those of the shares"), printf("# %s of %lld\n", line, (long long)want);
	shell(line, sizeof line, "DBUS_SYSTEM_BUS_ADDRESS='%s' dbus-send --system --print-reply --dest=org.ganesha.nfsd "
		"/org/ganesha/nfsd/ExportMgr org.ganesha.nfsd.exportmgr.ShowExports | grep -c 'string \"%s/'", env.bus, env.state);
	if (atoll(line) != want)
		broken("the server's exports are not those of the shares"), printf("# %s of %lld\n", line, (long long)want);
	printf("%lld operations, %lld shares left\n", (long long)invariants_ask(db, "SELECT count(*) FROM op"), (long long)want);
	sqlite3_close(db);
	shr_session_close(session);
	shr_engine_close(engine);
	shr_ctx_close(ctx);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int main(int argc, char **argv)
{
	int rounds = getenv("LIBSHARE_TEST_LONG") ? 2000 : 200;
	unsigned seed = argc > 3 ? (unsigned)atoi(argv[3]) : (unsigned)time(NULL);
	const char *why;
	struct nfs_client client;
	char root[ENV_ROOM];

	if (argc < 3)
		return 99;
	plugins = argv[1];
	client_program = argv[2];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 5) { /* the worker: PLUGINS CLIENT SEED worker BASE */
		crash_place(&place, argv[5]);
		return crash_worker(&place, seed);
	}
	why = ganesha_env_missing();
	if (!why && ganesha_env_up(&env, 2049) < 0)
		return 1;
	if (why || (why = file_system_up())) {
		printf("skipped: %s\n", why);
		file_system_down();
		if (env.bus_pid)
			ganesha_env_down(&env);
		return 77;
	}
	snprintf(root, sizeof root, "%.100s/crash", env.dir);
	if (mkdir(root, 0700) < 0)
		crash_die(root, NULL);
	crash_place(&place, root);
	write_config();
	printf("seed %u, %d kills\n", seed, rounds);
	srand(seed);
	calm_share(&client);
	for (int i = 0; i < rounds && !bad; i++) {
		char number[16];
		const char *args[] = { argv[0], argv[1], argv[2], number, "worker", place.base, NULL };

		snprintf(number, sizeof number, "%d", rand());
		bad += crash_round(args, i % 4 ? 150 : 500);
		ask_client(&client, i);
	}
	settle(&client, rounds);
	nfs_client_end(&client);
	env_end(&env.server_pid, SIGTERM);
	file_system_down();
	if (bad)
		printf("kept: %s\n", place.base), env.dir[0] = '\0';
	else
		nftw(place.base, drop, 16, FTW_DEPTH | FTW_PHYS);
	ganesha_env_down(&env);
	return bad != 0;
}

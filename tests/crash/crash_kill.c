/* tests/crash/crash_kill.c - kill -9 of working engines at random instants: afterwards everything ends by itself, nothing that
 * was acknowledged is lost, and store and backend agree */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crash/worker.h"
#include "whole/invariants.h"

static const char *plugins;
static struct crash_place place;
static int bad;

static void settle(sqlite3 **ret_db)
{
	struct shr_engine *engine;
	struct shr_session *session;
	struct shr_ctx *ctx = crash_open(place.config, &engine, &session);
	char path[256];
	time_t until = time(NULL) + 120;

	snprintf(path, sizeof path, "%s/store.db", place.base);
	if (sqlite3_open_v2(path, ret_db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		crash_die("sqlite", NULL);
	sqlite3_busy_timeout(*ret_db, 5000);
	while (invariants_ask(*ret_db, "SELECT count(*) FROM op WHERE live=1") && time(NULL) < until)
		usleep(20000);
	bad += invariants_broken(*ret_db, 0);
	snprintf(path, sizeof path, "%s/root/p", place.base);
	bad += invariants_dir_broken(*ret_db, path);
	bad += crash_notes_broken(&place, *ret_db);
	shr_session_close(session);
	shr_engine_close(engine);
	shr_ctx_close(ctx);
}

static void write_config(void)
{
	FILE *f = fopen(place.config, "w");

	if (!f)
		crash_die(place.config, NULL);
	fprintf(f, "store: { path: %s/store.db }\nplugins: { directories: [%s] }\nengine: { lease: 1s, retry: { first: 10ms } }\n"
		"backends:\n  - name: d\n    driver: dir\n    exporter: none\n    settings: { root: %s/root }\n"
		"    pools: [{ name: p, capacity: 10TiB }]\n", place.base, plugins, place.base);
	fclose(f);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int main(int argc, char **argv)
{
	int rounds = getenv("LIBSHARE_TEST_LONG") ? 5000 : 200;
	unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
	const char *tmp = getenv("TMPDIR");
	sqlite3 *db;
	char root[256];

	if (argc < 2)
		return 99;
	plugins = argv[1];
	if (argc > 4) { /* the worker: PLUGINS SEED worker BASE */
		crash_place(&place, argv[4]);
		return crash_worker(&place, seed);
	}
	snprintf(root, sizeof root, "%s/libshare-crash-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(root))
		crash_die(root, NULL);
	crash_place(&place, root);
	snprintf(root, sizeof root, "%s/root", place.base);
	if (mkdir(root, 0700) < 0)
		crash_die(root, NULL);
	write_config();
	printf("seed %u, %d kills, in %s\n", seed, rounds, place.base);
	srand(seed);
	for (int i = 0; i < rounds && !bad; i++) {
		char number[16];
		const char *args[] = { argv[0], argv[1], number, "worker", place.base, NULL };

		snprintf(number, sizeof number, "%d", rand());
		bad += crash_round(args, i % 4 ? 60 : 250);
	}
	settle(&db);
	printf("%lld operations, %lld shares left\n", (long long)invariants_ask(db, "SELECT count(*) FROM op"),
		(long long)invariants_ask(db, "SELECT count(*) FROM share"));
	sqlite3_close(db);
	if (bad)
		printf("kept: %s\n", place.base);
	else
		nftw(place.base, drop, 16, FTW_DEPTH | FTW_PHYS);
	return bad != 0;
}

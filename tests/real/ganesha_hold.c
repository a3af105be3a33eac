/* tests/real/ganesha_hold.c - the barrier under a writer, and the frozen server */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ganesha.h"
#include "held.h"
#include "records.h"

/* The next acknowledged number; -1: the writer has ended. */
static long next_ack(struct nfs_client *c, int timeout_ms)
{
	char line[LINE];
	long n;
	int how = nfs_client_line(c, line, sizeof line, timeout_ms);

	if (how == 0)
		return -2;
	return how == 1 && sscanf(line, "acked %ld", &n) == 1 ? n : -1;
}

static void begin_writer(struct xkit *kit, struct nfs_client *c, const struct shared *s, long at_least)
{
	long n = 0;

	must_mount(kit, c, s, "127.0.0.2", "127.0.0.1");
	nfs_client_send(c, "write log");
	while (n < at_least && n >= 0)
		n = next_ack(c, 20000);
	if (n < at_least) {
		nfs_client_end(c);
		xkit_fail(kit, "the writer came to %ld only", n);
	}
}

static long records(const struct shared *s, struct stat *st)
{
	return records_in(s->share.path, "log", st);
}

static void drain_is_a_barrier(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct nfs_client c;
	struct stat before, after;
	struct shared s;
	long n, acked = 0, whole;
	int round;

	for (round = 0; round < 5; round++) {
		shared_new(kit, &s, who);
		begin_writer(kit, &c, &s, 20 + 17 * round);
		xkit_must(kit, XKIT_DRAIN, &s.share, 0);
		whole = records(&s, &before);
		while ((n = next_ack(&c, 20000)) >= 0)
			acked = n + 1;
		nfs_client_end(&c);
		nap(100);
		if (n == -2)
			xkit_fail(kit, "the writer does not end");
		if (acked > whole)
			xkit_fail(kit, "%ld records were acknowledged, %ld are there", acked, whole);
		if (records(&s, &after) != whole || after.st_size != before.st_size || after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
			xkit_fail(kit, "something landed after drain had answered");
		shared_end(kit, &s);
	}
	snprintf(kit->why, sizeof kit->why, "(%ld records in the last round)", acked);
}

/* ---- a file system that hangs ---- */

static void begin_loop(struct xkit *kit)
{
	if (shell("truncate -s 64M %s/image && mkfs.ext4 -q -F %s/image 2>/dev/null && mkdir -p %s/loop && "
		"mount -o loop %s/image %s/loop 2>/dev/null && chmod 777 %s/loop", env.dir, env.dir, env.dir, env.dir, env.dir, env.dir))
		xkit_skip(kit, "no ext4 on a loop device");
	if (shell("fsfreeze -f %s/loop && fsfreeze -u %s/loop", env.dir, env.dir)) {
		shell("umount %s/loop", env.dir);
		xkit_skip(kit, "no fsfreeze");
	}
}

/* Another server of this process, for another pool: the longest that a whole life of a share took there; -1: it was not to be had. */
static int64_t life_elsewhere_ns(struct xkit *kit, struct ganesha_env *other)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct xkit two = *kit;
	char directory[300], bus[300];
	const char *set[] = { directory, "address=127.0.0.1", bus };
	struct shared s;
	int64_t began;

	snprintf(directory, sizeof directory, "directory=%s", other->state);
	snprintf(bus, sizeof bus, "bus=%s", other->bus);
	two.args.set = set;
	two.args.n_set = 3;
	two.args.root = other->files;
	if (setjmp(two.out)) {
		fprintf(stderr, "# the other server: %s\n", two.why);
		return -1;
	}
	began = xkit_now_ns();
	xkit_open(&two);
	shared_new(&two, &s, who);
	shared_end(&two, &s);
	xkit_close(&two);
	return xkit_now_ns() - began;
}

/* While a write of a client hangs in the file system drain does not answer, and no call keeps its caller waiting; when the file
 * system goes on, it ends, and nothing lands any more. */
static void drain_waits_for_a_hanging_write(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct xkit_call *drain = xkit_call_new(kit, "drain"), *probe = xkit_call_new(kit, "probe");
	struct stat before, after;
	struct ganesha_env other;
	struct nfs_client c;
	struct shared s;
	int i, early = 0, answered = 0;
	long whole, n, acked = 0;
	int64_t elsewhere;
	char plain[300];

	begin_loop(kit);
	if (ganesha_env_up(&other, 20490) < 0)
		xkit_fail(kit, "no second server");
	snprintf(plain, sizeof plain, "%s", kit->args.root);
	kit->args.root = strcat(strcpy(plain, env.dir), "/loop");
	shared_new(kit, &s, who);
	kit->args.root = env.files;
	begin_writer(kit, &c, &s, 20);
	shell("fsfreeze -f %s/loop", env.dir);
	nap(200);
	for (i = 0; i < 20; i++) {
		early |= xkit_once(drain, XKIT_DRAIN, &s.share, NULL) == 0;
		answered |= xkit_once(probe, XKIT_PROBE, NULL, NULL) == 0;
		nap(20);
	}
	elsewhere = life_elsewhere_ns(kit, &other);
	shell("fsfreeze -u %s/loop", env.dir);
	ganesha_env_down(&other);
	i = early ? 0 : xkit_make(drain, XKIT_DRAIN, &s.share, NULL);
	whole = records(&s, &before);
	while ((n = next_ack(&c, 20000)) >= 0)
		acked = n + 1;
	nfs_client_end(&c);
	nap(100);
	n = records(&s, &after);
	xkit_make(probe, XKIT_PROBE, NULL, NULL);
	shared_end(kit, &s);
	shell("umount %s/loop", env.dir);
	if (early || i)
		xkit_fail(kit, "drain answered %s", early ? "while a write was hanging" : drain->words);
	if (acked > whole || n != whole || after.st_size != before.st_size)
		xkit_fail(kit, "%ld acknowledged, %ld there, %ld later", acked, whole, n);
	if (drain->longest_ns > INT64_C(1500000000) || probe->longest_ns > INT64_C(1500000000))
		xkit_fail(kit, "a call kept its caller waiting");
	if (elsewhere < 0 || elsewhere > INT64_C(3000000000))
		xkit_fail(kit, "another server's pool was stopped too: %lld ms", (long long)(elsewhere / 1000000));
	snprintf(kit->why, sizeof kit->why, "(the longest call %lld ms, %s; on another server a share lived for %lld ms)",
		(long long)(drain->longest_ns / 1000000),
		answered ? "the probe answered meanwhile" : "the server took no other call meanwhile", (long long)(elsewhere / 1000000));
	xkit_call_free(drain);
	xkit_call_free(probe);
}

/* ---- hold ---- */

static void hold_stops_every_thread(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct xkit_call *c = xkit_call_new(kit, "hold");
	struct nfs_client w;
	struct stat st;
	struct shared s;
	struct held held;
	int code, i;
	int64_t took;
	long first, last, went_on;

	shared_new(kit, &s, who);
	begin_writer(kit, &w, &s, 20);
	took = xkit_now_ns();
	code = held_begin(c, 8000);
	took = (xkit_now_ns() - took) / 1000;
	held_look(env.server_pid, &held);
	first = records(&s, &st);
	nap(300);
	last = records(&s, &st);
	code = code ? code : held_end(c);
	for (i = 0, went_on = last; i < 200 && went_on <= last; i++) {
		nap(10);
		went_on = records(&s, &st);
	}
	nfs_client_end(&w);
	shared_end(kit, &s);
	if (code || held.stopped != held.threads || held.threads == 0)
		xkit_fail(kit, "hold: %s; %d of %d threads are stopped", code ? c->words : "held", held.stopped, held.threads);
	if (first != last || went_on <= last)
		xkit_fail(kit, "held at %ld, then %ld; and %ld after release", first, last, went_on);
	xkit_call_free(c);
	snprintf(kit->why, sizeof kit->why, "(%d threads, %.1f ms)", held.threads, (double)took / 1000);
}

static void guard_thaws_when_the_holder_dies(struct xkit *kit)
{
	held_guard_thaws(kit, env.server_pid);
}

static void hold_by_cgroup(struct xkit *kit)
{
	held_by_cgroup(kit, env.server_pid, env.dir);
}

const struct xkit_check ganesha_hold_checks[] = {
	{ "drain is a barrier under a writer", drain_is_a_barrier },
	{ "drain waits for a write that hangs; other servers go on", drain_waits_for_a_hanging_write },
	{ "hold stops every thread, and release lets them go on", hold_stops_every_thread },
	{ "the guard thaws when the holder is killed", guard_thaws_when_the_holder_dies },
	{ "hold by a cgroup", hold_by_cgroup },
	{ NULL, NULL },
};

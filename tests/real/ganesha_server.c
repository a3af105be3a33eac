/* tests/real/ganesha_server.c - what happens to the server: changed behind our back, killed, restarted, without its bus */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ganesha.h"

/* A call of the export manager by somebody else. */
static int bus_call(const char *what)
{
	return shell("DBUS_SYSTEM_BUS_ADDRESS=%s dbus-send --system --print-reply --dest=org.ganesha.nfsd /org/ganesha/nfsd/ExportMgr "
		"org.ganesha.nfsd.exportmgr.%s >/dev/null", env.bus, what);
}

static uint64_t incarnation(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "probe");
	int code = xkit_make(c, XKIT_PROBE, NULL, NULL);
	uint64_t n = c->incarnation;

	if (code)
		xkit_fail(kit, "probe: %s", c->words);
	xkit_call_free(c);
	return n;
}

static void look(struct xkit *kit, struct shared *s, int code, uint32_t foreign)
{
	uint32_t got_foreign;
	int got = xkit_book_look(kit, &s->share, &s->book, &got_foreign);

	if (got != code || (code == 0 && got_foreign != foreign))
		xkit_fail(kit, "look: %s, %u clients without a rule", shr_strcode(got), got_foreign);
}

static void export_removed_behind_our_back(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	char call[100];
	struct shared s;

	shared_new(kit, &s, who);
	look(kit, &s, 0, 0);
	snprintf(call, sizeof call, "RemoveExport uint16:%u", s.share.number);
	if (bus_call(call))
		xkit_fail(kit, "dbus-send failed");
	look(kit, &s, SHR_ENOTFOUND, 0);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	s.book.revision = 0;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	look(kit, &s, 0, 0);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "the client cannot write");
	shared_end(kit, &s);
}

static void rules_changed_behind_our_back(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", "ro 10.1.0.0/16", "rw 10.2.0.1", NULL };
	char call[400];
	struct shared s;

	shared_new(kit, &s, who);
	/* one is gone, one is otherwise, one is new */
	shell("sed -e 's/10\\.2\\.0\\.1/10.9.9.9/' -e 's/Access_Type = RO/Access_Type = RW/' %s/exports/%s.conf >%s/other.conf", env.state,
		s.share.share_id, env.dir);
	snprintf(call, sizeof call, "UpdateExport string:%s/other.conf 'string:EXPORT(Export_Id=%u)'", env.dir, s.share.number);
	if (bus_call(call))
		xkit_fail(kit, "dbus-send failed");
	look(kit, &s, 0, 1);
	if (s.book.rules[0].answer != SHR_OK || s.book.rules[1].answer != SHR_ECONFLICT || s.book.rules[2].answer != SHR_ENOTFOUND)
		xkit_fail(kit, "look: %d, %d, %d", s.book.rules[0].answer, s.book.rules[1].answer, s.book.rules[2].answer);
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	look(kit, &s, 0, 0);
	shared_end(kit, &s);
}

static void foreign_export_is_left_alone(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "list");
	struct xkit_more more = { .max = 10, .after = "" };
	struct xkit_share s;
	char call[400];

	xkit_share_new(kit, &s);
	shell("mkdir -p %s/foreign && printf 'EXPORT { Export_Id = %u; Path = \"%s/foreign\"; Pseudo = \"/foreign\"; Access_Type = RO; "
		"Protocols = 4; FSAL { Name = VFS; } }' >%s/foreign.conf", env.dir, s.number, env.dir, env.dir);
	snprintf(call, sizeof call, "AddExport string:%s/foreign.conf 'string:EXPORT(Export_Id=%u)'", env.dir, s.number);
	if (bus_call(call))
		xkit_fail(kit, "dbus-send failed");
	xkit_must(kit, XKIT_ADD, &s, SHR_EBACKEND); /* the number is taken */
	xkit_must(kit, XKIT_REMOVE, &s, 0);
	if (xkit_make(c, XKIT_LIST, NULL, &more) != 0 || c->n_found != 1 || c->found[0].instance_id[0])
		xkit_fail(kit, "list: %u found", c->n_found);
	xkit_call_free(c);
	snprintf(call, sizeof call, "RemoveExport uint16:%u", s.number);
	if (bus_call(call))
		xkit_fail(kit, "the foreign export has gone");
	xkit_share_end(kit, &s);
}

static void mount_lost(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	if (shell("umount -l %s/mounts/%s", env.state, s.share.share_id))
		xkit_fail(kit, "umount failed");
	look(kit, &s, SHR_ENOTFOUND, 0);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	look(kit, &s, 0, 0);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "the client cannot write");
	shared_end(kit, &s);
}

/* Somebody stands in the mount point: remove goes on asking, and ends when he has gone. */
static void mount_in_use(struct xkit *kit)
{
	static const char *const none[] = { NULL };
	struct xkit_call *c = xkit_call_new(kit, "remove");
	struct shared s;
	char path[400];
	int i, code = SHR_RUNNING;

	shared_new(kit, &s, none);
	snprintf(path, sizeof path, "%s/mounts/%s", env.state, s.share.share_id);
	if (chdir(path) < 0)
		xkit_fail(kit, "chdir failed");
	for (i = 0; i < 5 && code == SHR_RUNNING; i++) {
		code = xkit_once(c, XKIT_REMOVE, &s.share, NULL);
		nap(50);
	}
	if (chdir("/") < 0 || code != SHR_RUNNING)
		xkit_fail(kit, "remove: %s: %s", shr_strcode(code), c->words);
	if (xkit_make(c, XKIT_REMOVE, &s.share, NULL) != 0 || access(path, F_OK) == 0)
		xkit_fail(kit, "remove: %s", c->words);
	xkit_call_free(c);
	shared_end(kit, &s);
}

static void server_killed_and_restarted(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", "ro 127.0.0.3", NULL };
	uint64_t before = incarnation(kit), after;
	struct shared s;
	char why[XKIT_WORDS];
	struct xkit_call *c = xkit_call_new(kit, "probe");
	int64_t took;
	int code;

	shared_new(kit, &s, who);
	env_end(&env.server_pid, SIGKILL);
	code = xkit_make(c, XKIT_PROBE, NULL, NULL);
	memcpy(why, c->words, sizeof why);
	xkit_call_free(c);
	if (code != SHR_EUNREACHABLE || !strstr(why, "setting name"))
		xkit_fail(kit, "without a server: %s: %s", shr_strcode(code), why);
	xkit_must(kit, XKIT_ADD, &s.share, SHR_EUNREACHABLE);
	if (ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
	took = xkit_now_ns();
	after = incarnation(kit);
	if (after == before)
		xkit_fail(kit, "the incarnation is the same");
	look(kit, &s, SHR_ENOTFOUND, 0);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	s.book.revision = 0;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	took = (xkit_now_ns() - took) / 1000;
	look(kit, &s, 0, 0);
	if (what_can(kit, &s, "127.0.0.2", "127.0.0.1") != 'w' || what_can(kit, &s, "127.0.0.3", "127.0.0.1") != 'r' ||
	    what_can(kit, &s, "127.0.0.4", "127.0.0.1") != '-')
		xkit_fail(kit, "clients cannot what they could");
	shared_end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(back in %.1f ms)", (double)took / 1000);
}

/* Rules come while the export is not there: they bring it back. */
static void rules_bring_the_export_back(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	env_end(&env.server_pid, SIGKILL);
	if (ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
	shared_add_rule(kit, &s, "ro 127.0.0.3");
	xkit_book_must(kit, &s.share, &s.book, 1, 0);
	look(kit, &s, 0, 0);
	shared_end(kit, &s);
}

/* NFS-Ganesha 4 ends when its bus does. */
static void bus_killed(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct xkit_call *c = xkit_call_new(kit, "probe");
	struct shared s;
	char why[XKIT_WORDS] = "";
	void *ex = NULL;
	int code;

	shared_new(kit, &s, who);
	env_end(&env.bus_pid, SIGKILL);
	code = xkit_make(c, XKIT_PROBE, NULL, NULL);
	if (code != SHR_EUNREACHABLE || !strstr(c->words, "setting bus"))
		xkit_fail(kit, "without a bus: %s: %s", shr_strcode(code), c->words);
	xkit_call_free(c);
	xkit_must(kit, XKIT_REMOVE, &s.share, SHR_EUNREACHABLE);
	xkit_close(kit);
	code = xkit_try_open(kit, &ex, why, sizeof why);
	if (code != SHR_EUNREACHABLE || !strstr(why, "setting bus"))
		xkit_fail(kit, "open without a bus: %s: %s", shr_strcode(code), why);
	env_end(&env.server_pid, SIGKILL);
	if (ganesha_env_start_bus(&env) < 0)
		xkit_fail(kit, "the bus does not come up");
	code = xkit_try_open(kit, &ex, why, sizeof why);
	if (code != SHR_EUNREACHABLE || !strstr(why, "setting name"))
		xkit_fail(kit, "open without a server: %s: %s", shr_strcode(code), why);
	if (ganesha_env_start_server(&env) < 0)
		xkit_fail(kit, "the server does not come up");
	xkit_open(kit);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	look(kit, &s, 0, 0);
	shared_end(kit, &s);
}

/* Nobody waits for it; clients do not notice; when it goes on, so does everything. */
static void bus_that_hangs(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct xkit_call *c = xkit_call_new(kit, "drain"), *probe = xkit_call_new(kit, "probe");
	struct nfs_client client;
	struct shared s;
	int i, early = 0;

	shared_new(kit, &s, who);
	must_mount(kit, &client, &s, "127.0.0.2", "127.0.0.1");
	kill(env.bus_pid, SIGSTOP);
	for (i = 0; i < 10; i++) {
		early |= xkit_once(c, XKIT_DRAIN, &s.share, NULL) != SHR_RUNNING;
		early |= xkit_once(probe, XKIT_PROBE, NULL, NULL) != SHR_RUNNING;
		nap(20);
	}
	i = nfs_client_ask(&client, (char[LINE]){ 0 }, LINE, "put one text");
	kill(env.bus_pid, SIGCONT);
	nfs_client_end(&client);
	if (xkit_make(c, XKIT_DRAIN, &s.share, NULL) != 0 || xkit_make(probe, XKIT_PROBE, NULL, NULL) != 0)
		xkit_fail(kit, "when it went on: %s%s", c->words, probe->words);
	shared_end(kit, &s);
	if (early || i != 1)
		xkit_fail(kit, early ? "a call was answered" : "the client noticed");
	if (c->longest_ns > INT64_C(1500000000))
		xkit_fail(kit, "a call kept its caller waiting");
	xkit_call_free(c);
	xkit_call_free(probe);
}

/* Close does not wait for a call that hangs; the lock stays until it has ended, and who opens it anew goes on with it. */
static void close_while_a_call_hangs(struct xkit *kit)
{
	static const char *const none[] = { NULL };
	struct xkit_call *c = xkit_call_new(kit, "drain");
	char why[XKIT_WORDS];
	struct shared s;
	int64_t took;
	void *ex;
	int code;

	shared_new(kit, &s, none);
	kill(env.bus_pid, SIGSTOP);
	code = xkit_once(c, XKIT_DRAIN, &s.share, NULL);
	took = xkit_now_ns();
	xkit_close(kit);
	took = (xkit_now_ns() - took) / 1000000;
	if (shell("flock -n %s/lock true", env.state) == 0)
		code = 1000;
	kill(env.bus_pid, SIGCONT);
	xkit_call_free(c);
	if (code != SHR_RUNNING)
		xkit_fail(kit, code == 1000 ? "the lock was free while a call was under way" : "drain did not wait");
	if (took > 5000)
		xkit_fail(kit, "close took %lld ms", (long long)took);
	code = xkit_try_open(kit, &ex, why, sizeof why);
	if (code)
		xkit_fail(kit, "open: %s", why);
	kit->x->close(ex);
	xkit_open(kit);
	shared_end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(close: %lld ms)", (long long)took);
}

/* Two subvolumes of one file system, each behind a mount of its own. */
static void on_btrfs(struct xkit *kit)
{
	static const char *const who[] = { "rw 127.0.0.2", NULL };
	struct shared s[2];
	struct nfs_client c;
	char root[200], path[600];
	int i;

	snprintf(root, sizeof root, "%s/btrfs", env.dir);
	if (shell("truncate -s 256M %s/image.btrfs && mkfs.btrfs -q -f %s/image.btrfs >/dev/null 2>&1 && mkdir -p %s && "
		"mount -o loop %s/image.btrfs %s 2>/dev/null", env.dir, env.dir, root, env.dir, root))
		xkit_skip(kit, "no btrfs on a loop device");
	kit->args.root = root;
	for (i = 0; i < 2; i++) {
		xkit_share_new(kit, &s[i].share);
		if (shell("rm -r %s && btrfs -q subvolume create %s && touch %s/kit && chmod 777 %s", s[i].share.path, s[i].share.path,
			s[i].share.path, s[i].share.path))
			xkit_fail(kit, "no subvolume");
		memset(&s[i].book, 0, sizeof s[i].book);
		snprintf(s[i].export, sizeof s[i].export, "/%.36s", s[i].share.share_id);
		xkit_must(kit, XKIT_ADD, &s[i].share, 0);
		shared_add_rule(kit, &s[i], who[0]);
		xkit_book_must(kit, &s[i].share, &s[i].book, 0, 0);
	}
	kit->args.root = env.files;
	for (i = 0; i < 2; i++) {
		must_mount(kit, &c, &s[i], "127.0.0.2", "127.0.0.1");
		must_answer(kit, &c, 1, NULL, i ? "put file of the second" : "put file of the first");
		must_answer(kit, &c, 1, i ? "of the second" : "of the first", "get file");
		nfs_client_end(&c);
		look(kit, &s[i], 0, 0);
		snprintf(path, sizeof path, "grep -q 'of the %s' %s/file", i ? "second" : "first", s[i].share.path);
		if (shell("%s", path))
			xkit_fail(kit, "the file is not in the subvolume");
	}
	shared_end(kit, &s[0]);
	if (what_can(kit, &s[1], "127.0.0.2", "127.0.0.1") != 'w')
		xkit_fail(kit, "the second has gone with the first");
	shared_end(kit, &s[1]);
	if (shell("umount %s", root))
		xkit_fail(kit, "the file system is still in use");
}

static void settings_are_named(struct xkit *kit)
{
	static const struct {
		const char *set[5], *word;
	} wrong[] = {
		{ { "directory=/nowhere/at/all", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "directory=/tmp/a\"b", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "directory=relative", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "DIR", "address=127.0.0.1", "squash=some", "BUS", NULL }, "setting squash" },
		{ { "DIR", "address=a b", "BUS", NULL }, "setting address" },
		{ { "DIR", "BUS", NULL }, "setting address" },
		{ { "DIR", "address=127.0.0.1", "bus=unix:path=/nowhere", NULL }, "setting bus" },
		{ { "DIR", "address=127.0.0.1", "BUS", "name=org.example.nobody", NULL }, "setting name" },
		{ { "DIR", "address=127.0.0.1", "BUS", "pidfile=pid", NULL }, "setting pidfile" },
		{ { "DIR", "address=127.0.0.1", "BUS", "cgroup=here", NULL }, "setting cgroup" },
	};
	const struct xkit_args args = kit->args;
	const char *set[5];
	char why[XKIT_WORDS];
	void *ex;
	size_t i, n;
	int code;

	xkit_close(kit);
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		for (n = 0; wrong[i].set[n]; n++)
			set[n] = strcmp(wrong[i].set[n], "DIR") == 0 ? args.set[0] : strcmp(wrong[i].set[n], "BUS") == 0 ? args.set[3] :
				wrong[i].set[n];
		kit->args.set = set;
		kit->args.n_set = n;
		code = xkit_try_open(kit, &ex, why, sizeof why);
		kit->args = args;
		if (code == 0)
			kit->x->close(ex);
		if (code == 0 || !strstr(why, wrong[i].word))
			xkit_fail(kit, "%s is wrong, but: %s: %s", wrong[i].word, shr_strcode(code), why);
	}
}

static void other_ways_to_find_the_server(struct xkit *kit)
{
	const struct xkit_args args = kit->args;
	const char *set[4] = { args.set[0], "address=nas.example.org", NULL, "server=one" };
	struct xkit_call *c = xkit_call_new(kit, "hold");
	struct xkit_more more = { .bound_ms = 5000 };
	char pidfile[200];
	int code;

	snprintf(pidfile, sizeof pidfile, "pidfile=%s/ganesha.pid", env.dir);
	set[2] = pidfile;
	xkit_close(kit);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", env.bus, 1);
	kit->args.set = set;
	xkit_open(kit);
	incarnation(kit);
	code = xkit_make(c, XKIT_HOLD, NULL, &more);
	if (code == 0)
		code = xkit_make(c, XKIT_RELEASE, NULL, NULL);
	xkit_close(kit);
	unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
	kit->args = args;
	if (code)
		xkit_fail(kit, "hold: %s", c->words);
	xkit_call_free(c);
}

const struct xkit_check ganesha_server_checks[] = {
	{ "an export removed behind our back is seen, and comes back", export_removed_behind_our_back },
	{ "rules changed behind our back are seen, each", rules_changed_behind_our_back },
	{ "a foreign export is listed, and left alone", foreign_export_is_left_alone },
	{ "a mount that was lost is seen, and comes back", mount_lost },
	{ "a mount point in use is waited for", mount_in_use },
	{ "the server killed and restarted", server_killed_and_restarted },
	{ "rules that come after a restart bring the export back", rules_bring_the_export_back },
	{ "the bus hangs, and goes on", bus_that_hangs },
	{ "close while a call hangs", close_while_a_call_hangs },
	{ "the bus killed, and with it the server; both back", bus_killed },
	{ "subvolumes of btrfs", on_btrfs },
	{ "the system's bus, and a pid file", other_ways_to_find_the_server },
	{ "each wrong setting is named", settings_are_named },
	{ NULL, NULL },
};

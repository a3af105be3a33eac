/* tests/real/samba_server.c - smbd killed, changed behind our back, hanging; a process killed half-way; settings */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "samba.h"

static const char *const alice_and_bob[] = { "rw alice", "ro bob", NULL };

/* ---- behind our back ---- */

static int by_net(const char *words)
{
	return shell("net -s %s conf %s >/dev/null 2>&1", env.config, words);
}

static void look(struct xkit *kit, struct shared *s, unsigned wrong, unsigned foreign)
{
	uint32_t found, i, n = 0;
	int code = xkit_book_look(kit, &s->share, &s->book, &found);

	if (code)
		xkit_fail(kit, "look: %s", shr_strcode(code));
	for (i = 0; i < s->book.n; i++)
		n += s->book.rules[i].answer != SHR_OK;
	if (n != wrong || found != foreign)
		xkit_fail(kit, "look: %u rules wrong, %u foreign, in place of %u, %u", n, found, wrong, foreign);
}

static void share_removed_behind_our_back(struct xkit *kit)
{
	char words[300];
	struct shared s;

	shared_new(kit, &s, alice_and_bob);
	snprintf(words, sizeof words, "delshare %s", s.share.share_id);
	if (by_net(words))
		xkit_fail(kit, "net conf %s", words);
	xkit_must(kit, XKIT_LOOK, &s.share, SHR_ENOTFOUND);
	xkit_book_must(kit, &s.share, &s.book, 0, 0); /* rules bring the share back */
	look(kit, &s, 0, 0);
	can(kit, &s, "alice", 'w');
	if (by_net(words))
		xkit_fail(kit, "net conf %s", words);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	can(kit, &s, "alice", '-');
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "alice", 'w');
	can(kit, &s, "bob", 'r');
	shared_end(kit, &s);
}

static void rules_changed_behind_our_back(struct xkit *kit)
{
	char words[300];
	struct shared s;

	shared_new(kit, &s, alice_and_bob);
	look(kit, &s, 0, 0);
	snprintf(words, sizeof words, "setparm %s 'valid users' 'S-1-0-0 bob, carol @sharers'", s.share.share_id);
	if (by_net(words))
		xkit_fail(kit, "net conf %s", words);
	xkit_must(kit, XKIT_LOOK, &s.share, SHR_ENOTFOUND); /* a writer who is not let in: nobody of us wrote that */
	snprintf(words, sizeof words, "setparm %s 'write list' 'S-1-0-0 bob'", s.share.share_id);
	if (by_net(words))
		xkit_fail(kit, "net conf %s", words);
	look(kit, &s, 2, 2); /* alice is missing, bob writes; carol and a group are nobody's */
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	look(kit, &s, 0, 0);
	can(kit, &s, "alice", 'w');
	can(kit, &s, "bob", 'r');
	can(kit, &s, "carol", '-');
	shared_end(kit, &s);
}

static void settings_changed_behind_our_back(struct xkit *kit)
{
	static const char *const params[] = { "'guest ok' yes", "'admin users' alice", "'root preexec' /bin/true", "path /etc",
		"'force user' root", "'hosts allow' 127." };
	char words[300];
	struct shared s;
	size_t i;

	shared_new(kit, &s, alice_and_bob);
	for (i = 0; i < sizeof params / sizeof *params; i++) {
		snprintf(words, sizeof words, "setparm %s %s", s.share.share_id, params[i]);
		if (by_net(words))
			xkit_fail(kit, "net conf %s", words);
		xkit_must(kit, XKIT_LOOK, &s.share, SHR_ENOTFOUND);
		xkit_must(kit, XKIT_ADD, &s.share, 0);
		look(kit, &s, 0, 0);
	}
	shared_end(kit, &s);
}

static void foreign_share_is_left_alone(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "list");
	struct xkit_more more = { .max = 100, .after = "" };
	struct shared s;
	uint32_t i, ours = 0, theirs = 0;

	if (shell("net -s %s conf addshare theirs %s >/dev/null 2>&1", env.config, env.files))
		xkit_fail(kit, "net conf addshare");
	shared_new(kit, &s, alice_and_bob);
	if (xkit_make(c, XKIT_LIST, NULL, &more) != 0)
		xkit_fail(kit, "list: %s", c->words);
	for (i = 0; i < c->n_found; i++) {
		ours += strcmp(c->found[i].instance_id, s.share.id) == 0 && strcmp(c->found[i].name, s.share.share_id) == 0;
		theirs += strcmp(c->found[i].name, "theirs") == 0 && c->found[i].instance_id[0] == '\0';
	}
	xkit_call_free(c);
	shared_end(kit, &s);
	if (ours != 1 || theirs != 1 || by_net("showshare theirs") || by_net("delshare theirs"))
		xkit_fail(kit, "%u of ours, %u of theirs, or it has gone", ours, theirs);
}

/* ---- mounts ---- */

static void mount_lost(struct xkit *kit)
{
	struct smb_client c;
	struct shared s;

	shared_new(kit, &s, alice_and_bob);
	must_connect(kit, &c, &s, "alice");
	if (shell("umount -l %s/mounts/%s", env.state, s.share.share_id))
		xkit_fail(kit, "umount");
	can(kit, &s, "alice", '?'); /* what lies below is for nobody */
	xkit_must(kit, XKIT_LOOK, &s.share, SHR_ENOTFOUND);
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	must_answer(kit, &c, 0, "NT_STATUS_NETWORK_NAME_DELETED", "ls");
	smb_client_end(&c);
	can(kit, &s, "alice", '-');
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "alice", 'w');
	shared_end(kit, &s);
}

static void mount_in_use(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "remove");
	char path[400];
	struct shared s;
	int i, code = SHR_RUNNING;

	shared_new(kit, &s, alice_and_bob);
	snprintf(path, sizeof path, "%s/mounts/%s", env.state, s.share.share_id);
	if (chdir(path) < 0)
		xkit_fail(kit, "%s: %s", path, strerror(errno));
	for (i = 0; i < 10 && code == SHR_RUNNING; i++) {
		code = xkit_once(c, XKIT_REMOVE, &s.share, NULL);
		env_nap(50);
	}
	if (chdir("/") < 0 || code != SHR_RUNNING)
		xkit_fail(kit, "remove: %s while somebody is in there", shr_strcode(code));
	code = xkit_make(c, XKIT_REMOVE, &s.share, NULL);
	if (code)
		xkit_fail(kit, "remove: %s", c->words);
	xkit_call_free(c);
	shared_end(kit, &s);
}

/* ---- smbd ends, hangs ---- */

static uint64_t incarnation(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "probe");
	uint64_t n;

	if (xkit_make(c, XKIT_PROBE, NULL, NULL) != 0)
		xkit_fail(kit, "probe: %s", c->words);
	n = c->incarnation;
	xkit_call_free(c);
	return n;
}

static void smbd_killed_and_restarted(struct xkit *kit)
{
	struct smb_client c;
	struct shared s, other;
	uint64_t before;

	shared_new(kit, &s, alice_and_bob);
	shared_new(kit, &other, alice_and_bob);
	must_connect(kit, &c, &s, "alice");
	before = incarnation(kit);
	env_end(&env.server_pid, SIGKILL);
	smb_client_end(&c);
	xkit_must(kit, XKIT_PROBE, NULL, SHR_EUNREACHABLE);
	xkit_must(kit, XKIT_ADD, &s.share, SHR_EUNREACHABLE);
	xkit_must(kit, XKIT_REMOVE, &other.share, SHR_EUNREACHABLE);
	if (samba_env_start(&env) < 0)
		xkit_fail(kit, "smbd does not come up");
	if (incarnation(kit) == before)
		xkit_fail(kit, "the same incarnation as before");
	can(kit, &s, "alice", 'w'); /* the registry has kept it */
	can(kit, &s, "bob", 'r');
	can(kit, &s, "carol", '-');
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	look(kit, &s, 0, 0);
	shared_end(kit, &other);
	shared_end(kit, &s);
}

static void smbd_hangs(struct xkit *kit)
{
	struct xkit_call *c = xkit_call_new(kit, "probe");
	struct shared s;
	int code;

	shared_new(kit, &s, alice_and_bob);
	kill(env.server_pid, SIGSTOP);
	code = xkit_make(c, XKIT_PROBE, NULL, NULL);
	kill(env.server_pid, SIGCONT);
	if (code != SHR_EUNREACHABLE || !strstr(c->words, "does not answer"))
		xkit_fail(kit, "probe: %s: %s", shr_strcode(code), c->words);
	xkit_call_free(c);
	xkit_must(kit, XKIT_PROBE, NULL, 0);
	can(kit, &s, "alice", 'w');
	shared_end(kit, &s);
}

/* A deny is not answered for as long as the process of a client may not know of it. */
static void a_clients_process_hangs(struct xkit *kit)
{
	struct smb_client c;
	struct shared s;
	char why[XKIT_WORDS];
	int code;

	shared_new(kit, &s, alice_and_bob);
	must_connect(kit, &c, &s, "bob");
	shell("pkill -STOP -P %ld -x smbd", (long)env.server_pid);
	code = xkit_book_tell(kit, &s.share, &s.book, 1, 1, why);
	shell("pkill -CONT -P %ld -x smbd", (long)env.server_pid);
	if (code != SHR_EAGAIN || !strstr(why, "does not answer"))
		xkit_fail(kit, "deny: %s: %s", shr_strcode(code), why);
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	must_answer(kit, &c, 0, NULL, "ls");
	smb_client_end(&c);
	can(kit, &s, "bob", '-');
	can(kit, &s, "alice", 'w');
	shared_end(kit, &s);
}

/* ---- killed half-way ---- */

static void deny_in_another_process(struct xkit *kit, struct shared *s, int after_ms)
{
	int ends[2], status;
	char byte;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		xkit_fail(kit, "no second process");
	if (pid == 0) {
		if (setjmp(kit->out)) {
			fprintf(stderr, "# %s\n", kit->why);
			_exit(1);
		}
		xkit_open(kit);
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		xkit_book_must(kit, &s->share, &s->book, 0, 0);
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) == 1)
		env_nap(after_ms);
	close(ends[0]);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* Whatever the instant: when the call made again has succeeded, the client that writes has been put out. */
static void killed_while_denying(struct xkit *kit)
{
	static const char *const rounds_given = "LIBSHARE_TEST_LONG";
	static const char *const writers[] = { "rw alice", "rw bob", NULL };
	int rounds = getenv(rounds_given) ? 100 : 16, i;
	struct smb_client c, other;
	struct shared s;

	for (i = 0; i < rounds; i++) {
		shared_new(kit, &s, writers);
		must_connect(kit, &c, &s, "alice");
		must_connect(kit, &other, &s, "bob");
		xkit_close(kit);
		s.book.rules[0].rule.level = SHR_LEVEL_RO;
		deny_in_another_process(kit, &s, i * 10);
		xkit_open(kit);
		xkit_book_must(kit, &s.share, &s.book, 0, 0);
		if (smb_client_ask(&c, "put %s late", env.config) != 0)
			xkit_fail(kit, "killed after %d ms: alice still writes: %.200s", i * 10, c.said);
		if (smb_client_ask(&other, "put %s other", env.config) != 1)
			xkit_fail(kit, "killed after %d ms: bob was put out: %.200s", i * 10, other.said);
		smb_client_end(&c);
		smb_client_end(&other);
		can(kit, &s, "alice", 'r');
		shared_end(kit, &s);
	}
	snprintf(kit->why, sizeof kit->why, "(%d times)", rounds);
}

/* ---- settings ---- */

static void settings_are_named(struct xkit *kit)
{
	static const struct {
		const char *set[5], *word;
	} wrong[] = {
		{ { "directory=/nowhere/at/all", "CONFIG", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "directory=/tmp/a\"b", "CONFIG", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "directory=relative", "CONFIG", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "CLOSED", "CONFIG", "address=127.0.0.1", NULL }, "setting directory" },
		{ { "DIR", "CONFIG", "address=a b", NULL }, "setting address" },
		{ { "DIR", "CONFIG", NULL }, "setting address" },
		{ { "DIR", "address=127.0.0.1", NULL }, "setting config" },
		{ { "DIR", "address=127.0.0.1", "config=smb.conf", NULL }, "setting config" },
		{ { "DIR", "address=127.0.0.1", "config=/nowhere/smb.conf", NULL }, "setting config" },
		{ { "DIR", "address=127.0.0.1", "NOREGISTRY", NULL }, "registry shares = Yes" },
		{ { "DIR", "address=127.0.0.1", "CONFIG", "pidfile=pid", NULL }, "setting pidfile" },
		{ { "DIR", "address=127.0.0.1", "CONFIG", "pidfile=/nowhere/pid", NULL }, "smbd does not run" },
		{ { "DIR", "address=127.0.0.1", "CONFIG", "cgroup=relative", NULL }, "setting cgroup" },
	};
	const struct xkit_args args = kit->args;
	char closed[300], other[300], why[XKIT_WORDS];
	const char *set[5], *w;
	void *ex;
	size_t i, n;
	int code;

	xkit_close(kit);
	snprintf(closed, sizeof closed, "directory=%s/closed", env.dir);
	snprintf(other, sizeof other, "config=%s/other.conf", env.dir);
	shell("mkdir -m 700 %s/closed && sed 's/registry shares = yes/registry shares = no/' %s >%s/other.conf", env.dir, env.config, env.dir);
	for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		for (n = 0; (w = wrong[i].set[n]) != NULL; n++)
			set[n] = strcmp(w, "DIR") == 0 ? args.set[0] : strcmp(w, "CONFIG") == 0 ? args.set[1] : strcmp(w, "CLOSED") == 0 ? closed :
				strcmp(w, "NOREGISTRY") == 0 ? other : w;
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

const struct xkit_check samba_server_checks[] = {
	{ "a share removed behind our back is seen, and comes back", share_removed_behind_our_back },
	{ "rules changed behind our back are seen, each", rules_changed_behind_our_back },
	{ "settings changed behind our back are seen, and put right", settings_changed_behind_our_back },
	{ "a foreign share is listed, and left alone", foreign_share_is_left_alone },
	{ "a mount that was lost is seen, and comes back", mount_lost },
	{ "a mount point in use is waited for", mount_in_use },
	{ "smbd killed and restarted", smbd_killed_and_restarted },
	{ "smbd hangs, and goes on", smbd_hangs },
	{ "a client's process hangs: no deny is answered before it knows", a_clients_process_hangs },
	{ "killed while denying, then again: the client is cut off", killed_while_denying },
	{ "each wrong setting is named", settings_are_named },
	{ NULL, NULL },
};

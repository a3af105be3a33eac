/* tests/real/samba_access.c - who can connect, read and write: as clients see it */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "samba.h"

static void put(struct xkit *kit, struct smb_client *c, int ok, const char *file)
{
	char command[300];

	snprintf(command, sizeof command, "put %s %s", env.config, file);
	must_answer(kit, c, ok, NULL, command);
}

static void rw_ro_and_nobody(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", "ro bob", NULL };
	char command[600];
	struct smb_client c;
	struct shared s;
	struct stat st;

	shared_new(kit, &s, who);
	must_connect(kit, &c, &s, "alice");
	put(kit, &c, 1, "one");
	smb_client_end(&c);
	snprintf(command, sizeof command, "%s/one", s.share.path);
	if (stat(command, &st) < 0 || st.st_uid != 30001)
		xkit_fail(kit, "the file is not alice's");
	must_connect(kit, &c, &s, "bob");
	snprintf(command, sizeof command, "get one %s/got", env.dir);
	must_answer(kit, &c, 1, NULL, command);
	put(kit, &c, 0, "two");
	must_answer(kit, &c, 0, "NT_STATUS_", "del one");
	smb_client_end(&c);
	if (shell("cmp %s/got %s", env.dir, env.config))
		xkit_fail(kit, "what bob read is not what alice wrote");
	can(kit, &s, "carol", '-');
	shared_end(kit, &s);
}

static void deny_cuts_off(struct xkit *kit)
{
	static const char *const who[] = { "rw bob", "rw alice", NULL };
	struct smb_client c, other;
	struct shared s;
	int64_t took;

	shared_new(kit, &s, who);
	must_connect(kit, &c, &s, "alice");
	must_connect(kit, &other, &s, "bob");
	put(kit, &c, 1, "one");
	took = xkit_now_ns();
	xkit_book_must(kit, &s.share, &s.book, 1, 1);
	took = xkit_now_ns() - took;
	must_answer(kit, &c, 0, "NT_STATUS_NETWORK_NAME_DELETED", "ls");
	put(kit, &c, 0, "two");
	put(kit, &other, 1, "three");
	smb_client_end(&c);
	smb_client_end(&other);
	can(kit, &s, "alice", '-');
	shared_end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(%.0f ms)", (double)took / 1e6);
}

/* The server puts out whose level changes; the client's session stays, and connects anew. */
static void level_changes_live(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", "rw bob", NULL };
	struct smb_client c, other;
	char tcon[64];
	struct shared s;

	shared_new(kit, &s, who);
	snprintf(tcon, sizeof tcon, "tcon %s", s.share.share_id);
	must_connect(kit, &c, &s, "alice");
	must_connect(kit, &other, &s, "bob");
	put(kit, &c, 1, "one");
	s.book.rules[0].rule.level = SHR_LEVEL_RO;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	put(kit, &c, 0, "two");
	must_answer(kit, &c, 1, NULL, tcon);
	put(kit, &c, 0, "two");
	must_answer(kit, &c, 1, "one", "ls");
	put(kit, &other, 1, "three");
	s.book.rules[0].rule.level = SHR_LEVEL_RW;
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	must_answer(kit, &c, 0, NULL, "ls");
	must_answer(kit, &c, 1, NULL, tcon);
	put(kit, &c, 1, "four");
	put(kit, &other, 1, "five");
	smb_client_end(&c);
	smb_client_end(&other);
	shared_end(kit, &s);
}

static void others_are_not_dropped(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", NULL }, *const more[] = { "rw alice", "ro bob", NULL };
	struct shared s, others[3];
	struct smb_client c;
	int i;

	shared_new(kit, &s, who);
	must_connect(kit, &c, &s, "alice");
	for (i = 0; i < 3; i++) {
		shared_new(kit, &others[i], more);
		put(kit, &c, 1, "added");
	}
	shared_add_rule(kit, &s, "ro bob");
	xkit_book_must(kit, &s.share, &s.book, 1, 0);
	put(kit, &c, 1, "granted");
	xkit_book_must(kit, &s.share, &s.book, 1, 1);
	put(kit, &c, 1, "denied");
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	for (i = 0; i < 3; i++) {
		shared_end(kit, &others[i]);
		put(kit, &c, 1, "removed");
	}
	smb_client_end(&c);
	shared_end(kit, &s);
}

/* One session, two shares: the new share is seen by a process that was there before it. */
static void a_session_finds_new_shares(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", NULL };
	struct smb_client c;
	struct shared a, b;
	char tcon[64];

	shared_new(kit, &a, who);
	must_connect(kit, &c, &a, "alice");
	shared_new(kit, &b, who);
	snprintf(tcon, sizeof tcon, "tcon %s", b.share.share_id);
	must_answer(kit, &c, 1, NULL, tcon);
	put(kit, &c, 1, "one");
	xkit_must(kit, XKIT_REMOVE, &b.share, 0);
	must_answer(kit, &c, 0, "NT_STATUS_", "ls");
	must_answer(kit, &c, 0, "NT_STATUS_", tcon);
	smb_client_end(&c);
	shared_end(kit, &b);
	shared_end(kit, &a);
}

static void readonly_instance(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", NULL };
	struct smb_client c;
	struct shared s;

	shared_new(kit, &s, who);
	must_connect(kit, &c, &s, "alice");
	put(kit, &c, 1, "one");
	s.share.flags = SHR_INSTANCE_READONLY;
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	put(kit, &c, 0, "two");
	smb_client_end(&c);
	can(kit, &s, "alice", 'r');
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "alice", 'r');
	shared_end(kit, &s);
}

static void names_of_any_case(struct xkit *kit)
{
	static const char *const who[] = { "rw Alice", "ro aLICE", "rw JOHN SMITH", "rw TESTSRV\\bob", "ro nobody-knows-me", NULL };
	struct shared s;

	shared_new(kit, &s, who);
	can(kit, &s, "alice", 'r'); /* of two rules for one user the ro one counts */
	can(kit, &s, "john smith", 'w');
	can(kit, &s, "bob", 'w');
	can(kit, &s, "carol", '-');
	shared_end(kit, &s);
}

static void nothing_but_users(struct xkit *kit)
{
	static const char *const names[] = { "@sharers", "+sharers", "&sharers", "%U", "%u", "*", "S-1-1-0", "s-1-1-0", "Everyone\\",
		"\\carol", "a\\b\\c", "carol,bob", "carol\"", "\"carol", "carol\nread only = no", "carol;bob", " carol", "carol ", "", "car\xc3\xb6l",
		"$(id)", "`id`", "carol\tbob" };
	static const char *const none[] = { "rw alice", NULL };
	struct shared s;
	char why[XKIT_WORDS];
	uint32_t i, n = sizeof names / sizeof *names;

	shared_new(kit, &s, none);
	for (i = 0; i < n; i++)
		xkit_book_add(kit, &s.book, names[i], SHR_ACCESS_USER, SHR_LEVEL_RW, SHR_SQUASH_DEFAULT, 0);
	xkit_book_add(kit, &s.book, "carol", SHR_ACCESS_USER, SHR_LEVEL_RW, SHR_SQUASH_ROOT, 0);
	if (xkit_book_tell(kit, &s.share, &s.book, 0, 0, why))
		xkit_fail(kit, "update_access: %s", why);
	for (i = 1; i < s.book.n; i++)
		if (s.book.rules[i].answer != SHR_EUNSUPPORTED)
			xkit_fail(kit, "a rule for \"%s\": %s", s.book.rules[i].who, shr_strcode(s.book.rules[i].answer));
	can(kit, &s, "carol", '-');
	can(kit, &s, "bob", '-');
	can(kit, &s, "alice", 'w');
	shared_end(kit, &s);
}

static pid_t begin_writer(struct xkit *kit, const struct shared *s)
{
	char command[600], what[100];
	pid_t pid = fork();
	int i;

	if (pid < 0)
		xkit_fail(kit, "no second process");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(command, sizeof command, "%s/commands", env.dir);
	if (!freopen(command, "w", stdout))
		_exit(1);
	printf("lcd %s;", env.dir);
	for (i = 0; i < 3000; i++) /* what one argument may hold */
		printf("put smb.conf many-%d;", i);
	fflush(stdout);
	snprintf(what, sizeof what, "//127.0.0.1/%s", s->share.share_id);
	snprintf(command, sizeof command, "smbclient -s %s -p %d -U alice%%secret %s -c \"$(cat %s/commands)\" >%s/writer.log 2>&1", env.config,
		SAMBA_PORT, what, env.dir, env.dir);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* A writer that does not stop by itself: when drain has answered, nothing is written any more. */
static void drain_under_a_writer(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", NULL };
	struct shared s;
	pid_t pid;
	int i;

	shared_new(kit, &s, who);
	pid = begin_writer(kit, &s);
	for (i = 0; i < 500 && shell("test -e %s/many-3", s.share.path); i++)
		env_nap(10);
	xkit_must(kit, XKIT_DRAIN, &s.share, 0);
	shell("ls -l --full-time %s >%s/before", s.share.path, env.dir);
	if (shell("test -e %s/many-2999", s.share.path) == 0)
		xkit_fail(kit, "the writer was too fast: this shows nothing");
	if (i == 500)
		xkit_fail(kit, "the writer wrote nothing");
	env_nap(300);
	if (shell("ls -l --full-time %s | cmp -s - %s/before", s.share.path, env.dir))
		xkit_fail(kit, "something was written after drain");
	if (shell("grep -q ' %s/mounts/%s ' /proc/self/mounts", env.state, s.share.share_id) == 0)
		xkit_fail(kit, "it is still mounted");
	env_end(&pid, SIGKILL);
	can(kit, &s, "alice", '-');
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	can(kit, &s, "alice", '-'); /* to nobody yet */
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "alice", 'w');
	shared_end(kit, &s);
}

static void spoken_by_nfs_too(struct xkit *kit)
{
	static const char *const who[] = { "rw alice", NULL };
	struct xkit_call *c = xkit_call_new(kit, "add");
	struct shared s;
	int code;

	shared_new(kit, &s, who);
	s.share.protocols = SHR_PROTO_NFS | SHR_PROTO_SMB;
	code = xkit_make(c, XKIT_ADD, &s.share, NULL);
	if (code == 0 || !strstr(c->words, "smb2 leases = No"))
		xkit_fail(kit, "without the leases being off: %s: %s", shr_strcode(code), c->words);
	xkit_call_free(c);
	if (samba_env_config(&env, "\tsmb2 leases = no\n") < 0)
		xkit_fail(kit, "smb.conf");
	xkit_must(kit, XKIT_ADD, &s.share, 0);
	xkit_book_must(kit, &s.share, &s.book, 0, 0);
	can(kit, &s, "alice", 'w');
	if (shell("testparm -s %s --section-name=%s --parameter-name=oplocks 2>/dev/null | grep -qx No", env.config, s.share.share_id) ||
	    shell("testparm -s %s --section-name=%s --parameter-name='durable handles' 2>/dev/null | grep -qx No", env.config,
		s.share.share_id))
		xkit_fail(kit, "oplocks or durable handles are on");
	if (kit->x->look)
		xkit_must(kit, XKIT_LOOK, &s.share, 0);
	shared_end(kit, &s);
	samba_env_config(&env, "");
}

const struct xkit_check samba_access_checks[] = {
	{ "rw writes, ro reads, others do not connect", rw_ro_and_nobody },
	{ "a deny cuts off who is connected, and nobody else", deny_cuts_off },
	{ "a level changes on a live connection", level_changes_live },
	{ "shares and rules come and go, others stay connected", others_are_not_dropped },
	{ "a session that was there before finds a new share", a_session_finds_new_shares },
	{ "a read-only instance lets nobody write", readonly_instance },
	{ "names of any case, with spaces and domains", names_of_any_case },
	{ "groups, variables and lists are refused, each by name", nothing_but_users },
	{ "drain under a writer", drain_under_a_writer },
	{ "a share that NFS speaks too has no oplocks", spoken_by_nfs_too },
	{ NULL, NULL },
};

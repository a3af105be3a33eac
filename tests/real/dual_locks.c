/* tests/real/dual_locks.c - locks of one protocol, as clients of the other meet them */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "dual.h"

#define GRACE_S 6
#define NOT_GRANTED "0xc0000055" /* NT_STATUS_LOCK_NOT_GRANTED */
#define CONFLICT "0xc0000054"    /* NT_STATUS_FILE_LOCK_CONFLICT: of a read or a write */
#define SHARING "0xc0000043"     /* NT_STATUS_SHARING_VIOLATION */

/* The clients of both answer in one way, so that one type is enough for them. */
static void lock_by_nfs(struct xkit *kit, struct nfs_client *c, const char *export, const char *name)
{
	char line[512] = "";

	if (nfs_client_start_as(c, locks_program, "127.0.0.2", "127.0.0.1", export, name, line, sizeof line) < 0)
		xkit_fail(kit, "%s: %s", name, line);
}

static void lock_by_smb(struct xkit *kit, struct nfs_client *c, const char *share, const char *user)
{
	char line[512] = "";

	if (nfs_client_start_as(c, "/usr/bin/python3", smb_locks_script, "127.0.0.1", share, user, line, sizeof line) < 0)
		xkit_fail(kit, "%s: %s", user, line);
}

/* With WORD it must fail, for that; else it must be done. */
static void answers(struct xkit *kit, struct nfs_client *c, const char *word, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static void answers(struct xkit *kit, struct nfs_client *c, const char *word, const char *format, ...)
{
	char command[200], line[512] = "no answer";
	va_list args;
	int rc;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	rc = nfs_client_ask(c, line, sizeof line, "%s", command);
	if (rc != !word || (word && !strstr(line, word)))
		xkit_fail(kit, "%s: \"%s\" in place of %s", command, line, word ? word : "ok");
}

/* Until the share is there again, and until the grace period is over. */
static void in_time(struct xkit *kit, struct nfs_client *c, const char *command)
{
	char line[512] = "no answer";
	int i;

	for (i = 0; i < 400 && nfs_client_ask(c, line, sizeof line, "%s", command) != 1; i++)
		env_nap(50);
	if (i == 400)
		xkit_fail(kit, "%s: %s", command, line);
}

/* By SMB, which asks for all that a client can keep to itself, and gets nothing of it. */
static void opens(struct xkit *kit, struct nfs_client *c, const char *how, const char *file)
{
	char line[512] = "no answer";

	if (nfs_client_ask(c, line, sizeof line, "%s %s", how, file) != 1 || strcmp(line, "ok oplock 0") != 0)
		xkit_fail(kit, "%s %s: %s", how, file, line);
}

/* ---- a share, its file of 20 bytes, and who locks it ---- */

struct scene {
	struct library l;
	const struct shr_op *op;
	char export[64], share[64];
	struct nfs_client nfs, smb;
};

static void begin(struct xkit *kit, struct scene *s, const char *name)
{
	memset(s, 0, sizeof *s);
	xkit_close(kit);
	both_open(kit, &s->l, "both", "dual_protocol: true");
	s->op = both_make(kit, &s->l, name, SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &s->l, s->op->object_id, s->export, s->share);
	lock_by_smb(kit, &s->smb, s->share, "alice");
	opens(kit, &s->smb, "open", "file");
	answers(kit, &s->smb, NULL, "write 0 abcdefghijklmnopqrst");
	lock_by_nfs(kit, &s->nfs, s->export, name);
	in_time(kit, &s->nfs, "open file");
}

static void end(struct xkit *kit, struct scene *s)
{
	nfs_client_end(&s->nfs);
	nfs_client_end(&s->smb);
	drop(kit, &s->l, s->op->object_id);
	shr_op_unref(s->op);
	library_close(&s->l);
	nothing_is_left(kit);
}

/* ---- checks ---- */

static void nfs_locks_bind_smb(struct xkit *kit)
{
	struct scene s;

	begin(kit, &s, "bound");
	answers(kit, &s.nfs, NULL, "lock w 0 10");
	answers(kit, &s.smb, NOT_GRANTED, "lock 5 10");
	answers(kit, &s.smb, NOT_GRANTED, "share 0 5");
	answers(kit, &s.smb, CONFLICT, "read 0 10");
	answers(kit, &s.smb, CONFLICT, "write 9 x");
	answers(kit, &s.smb, NULL, "lock 10 10"); /* beside it */
	answers(kit, &s.smb, NULL, "write 10 x");
	answers(kit, &s.smb, NULL, "unlock 10 10");
	answers(kit, &s.nfs, NULL, "unlock");
	answers(kit, &s.smb, NULL, "read 0 10");
	answers(kit, &s.smb, NULL, "lock 0 10");
	answers(kit, &s.smb, NULL, "unlock 0 10");

	answers(kit, &s.nfs, NULL, "lock r 0 10"); /* who reads keeps writers out, and no readers */
	answers(kit, &s.smb, NOT_GRANTED, "lock 5 10");
	answers(kit, &s.smb, CONFLICT, "write 0 x");
	answers(kit, &s.smb, NULL, "share 5 10");
	answers(kit, &s.smb, NULL, "read 0 10");
	answers(kit, &s.smb, NULL, "unlock 5 10");
	nfs_client_end(&s.nfs);
	end(kit, &s);
}

static void smb_locks_are_seen_by_nfs(struct xkit *kit)
{
	struct nfs_client writer;
	struct scene s;
	int i;
	char line[512] = "";

	begin(kit, &s, "seen");
	mount_from(kit, &writer, "127.0.0.2", s.export);
	answers(kit, &s.smb, NULL, "lock 5 10");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock w 0 6");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock r 14 1");
	answers(kit, &s.nfs, NULL, "lock w 0 5"); /* beside it */
	answers(kit, &s.nfs, NULL, "unlock");
	answers(kit, &writer, NULL, "over file ABCDEFGHIJ"); /* who does not ask is not kept from writing */
	answers(kit, &s.smb, NULL, "unlock 5 10");
	answers(kit, &s.nfs, NULL, "lock w 5 10");
	answers(kit, &s.nfs, NULL, "unlock");

	answers(kit, &s.smb, NULL, "share 5 10");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock w 5 1");
	answers(kit, &s.nfs, NULL, "lock r 5 1");
	answers(kit, &s.nfs, NULL, "unlock");
	answers(kit, &s.smb, NULL, "unlock 5 10");

	answers(kit, &s.smb, NULL, "lock 0 20");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock w 0 1");
	nfs_client_end(&s.smb); /* its locks go with it */
	for (i = 0; i < 100 && nfs_client_ask(&s.nfs, line, sizeof line, "lock w 0 1") != 1; i++)
		env_nap(50);
	if (i == 100)
		xkit_fail(kit, "the lock of a client that has gone is still there: %s", line);
	nfs_client_end(&writer);
	end(kit, &s);
}

/* It is not told when NFS lets go, and asks again and again. */
static void smb_waits_for_nfs(struct xkit *kit)
{
	char line[512] = "no answer";
	struct scene s;
	int64_t took;

	begin(kit, &s, "waits");
	answers(kit, &s.nfs, NULL, "lock w 0 10");
	nfs_client_send(&s.smb, "wait 5 10");
	if (nfs_client_line(&s.smb, line, sizeof line, 1000) != 0)
		xkit_fail(kit, "it did not wait: %s", line);
	answers(kit, &s.nfs, NULL, "unlock");
	took = xkit_now_ns();
	if (nfs_client_line(&s.smb, line, sizeof line, 30000) != 1 || strncmp(line, "ok", 2) != 0)
		xkit_fail(kit, "the lock does not come: %s", line);
	took = xkit_now_ns() - took;
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock w 5 1");
	end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(it had it after %.0f ms)", (double)took / 1e6);
}

static void restart_nfs(struct xkit *kit, int grace_s)
{
	env_end(&nfs.server_pid, SIGKILL);
	if (ganesha_env_grace(&nfs, grace_s) < 0 || ganesha_env_start_server(&nfs) < 0)
		xkit_fail(kit, "NFS-Ganesha does not come up");
}

/* Nobody else knows of it, so that the other protocol can have it at once; and what is taken is not given back. */
static void locks_go_with_their_server(struct xkit *kit)
{
	struct nfs_client late;
	struct scene s;

	xkit_close(kit);
	restart_nfs(kit, GRACE_S);
	begin(kit, &s, "gone");
	answers(kit, &s.nfs, NULL, "lock");
	answers(kit, &s.smb, NOT_GRANTED, "lock 0 10");
	env_end(&nfs.server_pid, SIGKILL);
	answers(kit, &s.smb, NULL, "lock 0 10");
	restart_nfs(kit, GRACE_S);
	answers(kit, &s.nfs, NULL, "again");
	in_time(kit, &s.nfs, "reopen");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "relock");
	lock_by_nfs(kit, &late, s.export, "late");
	in_time(kit, &late, "open file");
	answers(kit, &late, "NFS4ERR_DENIED", "lock w 9 1");
	env_end(&smb.server_pid, SIGKILL);
	answers(kit, &late, NULL, "lock w 9 1");
	if (samba_env_start(&smb) < 0)
		xkit_fail(kit, "smbd does not come up");
	nfs_client_end(&late);
	end(kit, &s);
	restart_nfs(kit, 0);
}

/* What libshare-samba(7) says is not as one might think. */
static void where_smb_is_on_its_own(struct xkit *kit)
{
	struct nfs_client bob, writer;
	struct scene s;

	begin(kit, &s, "own");
	lock_by_smb(kit, &bob, s.share, "bob");
	mount_from(kit, &writer, "127.0.0.2", s.export);
	opens(kit, &bob, "open-ro", "file"); /* who cannot write locks to write: to the system that is a lock to read */
	answers(kit, &bob, NULL, "lock 0 5");
	answers(kit, &s.smb, NOT_GRANTED, "share 0 5");
	answers(kit, &s.nfs, "NFS4ERR_DENIED", "lock w 0 5");
	answers(kit, &s.nfs, NULL, "lock r 0 5");
	answers(kit, &s.nfs, NULL, "unlock");
	answers(kit, &s.smb, NULL, "close");
	opens(kit, &s.smb, "open-alone", "other"); /* that nobody else shall open it binds SMB alone */
	answers(kit, &bob, SHARING, "open-ro other");
	answers(kit, &writer, NULL, "over other text");
	nfs_client_end(&bob);
	nfs_client_end(&writer);
	end(kit, &s);
}

const struct xkit_check dual_lock_checks[] = {
	{ "a lock of NFS binds SMB: its range cannot be locked, and not be written", nfs_locks_bind_smb },
	{ "a lock of SMB is seen by NFS, and binds who asks", smb_locks_are_seen_by_nfs },
	{ "an SMB client that waits for a lock of NFS gets it", smb_waits_for_nfs },
	{ "a lock goes with its server, and the other protocol can have it", locks_go_with_their_server },
	{ "what SMB has for itself: how a file is shared, and who locks what he cannot write", where_smb_is_on_its_own },
	{ NULL, NULL },
};

/* tests/real/dual_server.c - either server killed and started anew under a share of both */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dual.h"

/* Its shares are exported to it again, and the other's clients go on. */
static void nfs_is_started_anew(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "";
	const struct shr_op *op;
	struct clients c;
	struct library l;
	int i;

	xkit_close(kit);
	both_open(kit, &l, "both", "dual_protocol: true");
	op = both_make(kit, &l, "anew", SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	env_nap(500); /* the engine knows both */
	env_end(&nfs.server_pid, SIGKILL);
	if (ganesha_env_start_server(&nfs) < 0)
		xkit_fail(kit, "NFS-Ganesha does not come up");
	nfs_client_end(&c.rw);
	for (i = 0; i < 200; i++) {
		if (nfs_client_start(&c.rw, client_program, "127.0.0.2", "127.0.0.1", export, line, sizeof line) == 0)
			break;
		env_nap(100);
	}
	if (i == 200)
		xkit_fail(kit, "the share does not come back: %s", line);
	if (smb_client_ask(&c.alice, "put %s still", smb.config) != 1)
		xkit_fail(kit, "alice cannot go on: %.300s", c.alice.said);
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

/* ---- smbd ---- */

int must_go_on(struct xkit *kit, struct nfs_client *writer, int for_ms)
{
	int64_t end = xkit_now_ns() + for_ms * INT64_C(1000000), since, now = xkit_now_ns(), longest = 0;
	char line[512] = "";

	while (now < end) {
		since = now;
		if (nfs_client_line(writer, line, sizeof line, 2000) != 1 || strncmp(line, "acked", 5) != 0)
			xkit_fail(kit, "the NFS client that writes is disturbed: %s", line);
		now = xkit_now_ns();
		longest = now - since > longest ? now - since : longest;
	}
	return (int)(longest / 1000000);
}

/* What the registry had of it is lost as well, so that nobody but the engine can have brought it back. */
static void smbd_dies(struct xkit *kit, struct clients *c, const char *share)
{
	char command[600];

	env_end(&smb.server_pid, SIGKILL);
	if (smb_client_ask(&c->alice, "ls") == 1)
		xkit_fail(kit, "alice goes on without smbd");
	snprintf(command, sizeof command, "net -s %s conf delshare %s >/dev/null 2>&1", smb.config, share);
	if (system(command) != 0)
		xkit_fail(kit, "net conf delshare");
}

static void comes_back(struct xkit *kit, struct clients *c, const char *share)
{
	int i;

	if (samba_env_start(&smb) < 0)
		xkit_fail(kit, "smbd does not come up");
	smb_client_end(&c->alice);
	for (i = 0; i < 200 && smb_client_start(&c->alice, &smb, "alice", "127.0.0.1", share) < 0; i++)
		env_nap(100);
	if (i == 200)
		xkit_fail(kit, "the share does not come back: %.300s", c->alice.said);
}

static void must_have_its_rules(struct xkit *kit, struct clients *c, const char *share, int bob_may_read)
{
	struct smb_client other;

	if (smb_client_ask(&c->alice, "put %s again", smb.config) != 1)
		xkit_fail(kit, "alice cannot write: %.300s", c->alice.said);
	if (smb_client_start(&other, &smb, "carol", "127.0.0.1", share) == 0)
		xkit_fail(kit, "carol can connect");
	if ((smb_client_start(&other, &smb, "bob", "127.0.0.1", share) == 0) != bob_may_read)
		xkit_fail(kit, bob_may_read ? "bob cannot connect: %.300s" : "bob can connect%.0s", other.said);
	if (bob_may_read && (smb_client_ask(&other, "ls") != 1 || smb_client_ask(&other, "put %s bobs", smb.config) == 1))
		xkit_fail(kit, "bob cannot read, or writes: %.300s", other.said);
	smb_client_end(&other);
}

/* After that a look finds nothing that is not so. */
static void must_be_whole(struct xkit *kit, const struct library *l, const char *id)
{
	reconcile(kit, l, id);
	if (drifts(kit, l, id, SHR_DRIFT_EXPORT, SHR_DRIFT_REPAIRED) || drifts(kit, l, id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED))
		xkit_fail(kit, "the share was not told again as it is");
}

/* Meanwhile bob is denied: it is done when smbd is back, and then holds. */
static void while_it_was_away(struct xkit *kit, const struct library *l, const char *id, struct nfs_client *writer, struct clients *c,
	const char *share, int *slowest)
{
	const struct denied bob = { SHR_ACCESS_USER, "bob" };
	const struct shr_op *denied;
	int took, rc;

	smbd_dies(kit, c, share);
	denied = deny(kit, l, id, &bob, 1);
	took = must_go_on(kit, writer, 1500);
	rc = shr_op_wait(l->session, denied->id, 100, NULL, NULL);
	if (rc != SHR_RUNNING)
		xkit_fail(kit, "bob was denied without smbd: %s", shr_strcode(rc));
	comes_back(kit, c, share);
	wait_op(kit, l, denied, "deny");
	must_have_its_rules(kit, c, share, 0);
	shr_op_unref(denied);
	*slowest = took > *slowest ? took : *slowest;
}

static void smbd_is_started_anew(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "";
	const struct shr_op *op;
	struct nfs_client writer;
	struct clients c;
	struct library l;
	int slowest;
	int64_t took;

	xkit_close(kit);
	both_open(kit, &l, "both", "dual_protocol: true");
	op = both_make(kit, &l, "smbd", SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	mount_from(kit, &writer, "127.0.0.2", export);
	nfs_client_send(&writer, "write stream");
	must_go_on(kit, &writer, 500); /* the engine knows both */
	smbd_dies(kit, &c, share);
	slowest = must_go_on(kit, &writer, 1500);
	if (nfs_client_ask(&c.rw, line, sizeof line, "put file text") != 1 || nfs_client_ask(&c.ro, line, sizeof line, "get stream") != 1)
		xkit_fail(kit, "NFS does not go on: %s", line);
	took = xkit_now_ns();
	comes_back(kit, &c, share);
	took = xkit_now_ns() - took;
	must_have_its_rules(kit, &c, share, 1);
	must_be_whole(kit, &l, op->object_id);
	while_it_was_away(kit, &l, op->object_id, &writer, &c, share, &slowest);
	must_be_whole(kit, &l, op->object_id);
	must_go_on(kit, &writer, 500);
	nfs_client_end(&writer);
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(no write by NFS took more than %d ms; the share was back after %.0f ms)", slowest,
		(double)took / 1e6);
}

const struct xkit_check dual_server_checks[] = {
	{ "NFS-Ganesha killed and started anew has the share again, and SMB goes on", nfs_is_started_anew },
	{ "smbd killed and started anew gets the share again with its rules, and NFS goes on", smbd_is_started_anew },
	{ NULL, NULL },
};

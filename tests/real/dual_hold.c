/* tests/real/dual_hold.c - snapshots of a share of two protocols, cut file by file: both servers are held, or none is */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dual.h"
#include "records.h"

struct scene {
	struct library l;
	const struct shr_op *op;
	struct nfs_client nfs, smb; /* both write */
	char export[64], share[64];
};

static void begin(struct xkit *kit, struct scene *s, const char *name)
{
	char command[400];

	memset(s, 0, sizeof *s);
	xkit_close(kit);
	both_open(kit, &s->l, "both", "dual_protocol: true");
	s->op = both_make(kit, &s->l, name, SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &s->l, s->op->object_id, s->export, s->share);
	pairs_begin(kit, &s->smb, smb_locks_script, s->share);
	mount_from(kit, &s->nfs, "127.0.0.2", s->export);
	snprintf(command, sizeof command, "cd %s/mounts/%s && head -c 13107200 /dev/zero | split -b 65536 -a 3 - f", smb.state, s->share);
	if (system(command) != 0)
		xkit_fail(kit, "the share cannot be filled");
	nfs_client_send(&s->nfs, "write log");
	must_go_on(kit, &s->nfs, 300);
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

/* What was acknowledged before is in it, of both; then it goes. */
static void must_be_of_one_moment(struct xkit *kit, struct scene *s, const struct shr_op *snap, long by_nfs, long by_smb)
{
	char command[300], copy[600] = "";
	struct stat st = { 0 };
	struct pairs had;
	long log;
	FILE *f;

	snprintf(command, sizeof command, "find %s -maxdepth 3 -type d -name '.libshare-snap-*'", smb.files);
	f = popen(command, "r");
	if (!f || !fgets(copy, sizeof copy, f))
		xkit_fail(kit, "there is no snapshot");
	pclose(f);
	copy[strcspn(copy, "\n")] = '\0';
	log = records_in(copy, "log", &st);
	if (!pairs_are_whole(copy, &had) || had.second < by_smb)
		xkit_fail(kit, "it has %ld and %ld records by SMB; %ld were acknowledged before", had.first, had.second, by_smb);
	if (log < by_nfs || st.st_size != log * RECORD)
		xkit_fail(kit, "it has %ld records by NFS in %lld bytes; %ld were acknowledged before", log, (long long)st.st_size, by_nfs);
	drop_snapshot(kit, &s->l, snap->object_id);
}

/* The record that was acknowledged last, by what has come. */
static long acked_by_nfs(struct xkit *kit, struct scene *s)
{
	char line[512] = "";
	long n = 0;

	if (nfs_client_line(&s->nfs, line, sizeof line, 5000) != 1 || sscanf(line, "acked %ld", &n) != 1)
		xkit_fail(kit, "the NFS client does not go on: %s", line);
	return n + 1;
}

static void a_snapshot_holds_both(struct xkit *kit)
{
	const struct shr_op *snap;
	long by_nfs, by_smb = 0;
	struct scene s;
	int round, slowest = 0, one;

	begin(kit, &s, "held");
	for (round = 0; round < 3; round++) {
		by_nfs = acked_by_nfs(kit, &s);
		by_smb = pairs_acked(&s.smb, by_smb, 0);
		snap = cut(kit, &s.l, s.op->object_id, SHR_SNAPSHOT_ACCESS_DEFAULT);
		one = must_go_on(kit, &s.nfs, 1500);
		slowest = one > slowest ? one : slowest;
		wait_op(kit, &s.l, snap, "snapshot");
		must_be_of_one_moment(kit, &s, snap, by_nfs, by_smb);
		shr_op_unref(snap);
		if (pairs_acked_at_least(&s.smb, by_smb + 10) < by_smb + 10)
			xkit_fail(kit, "the SMB client does not go on");
	}
	end(kit, &s);
	snprintf(kit->why, sizeof kit->why, "(no write by NFS took more than %d ms)", slowest);
}

/* NFS-Ganesha is held first. That smbd cannot be held is no reason for its clients to stand still. */
static void without_smbd_nfs_goes_on(struct xkit *kit)
{
	const struct shr_op *snap;
	struct scene s;
	int slowest, rc;

	begin(kit, &s, "waits");
	nfs_client_end(&s.smb);
	env_end(&smb.server_pid, SIGKILL);
	snap = cut(kit, &s.l, s.op->object_id, SHR_SNAPSHOT_ACCESS_DEFAULT);
	slowest = must_go_on(kit, &s.nfs, 3000);
	rc = shr_op_wait(s.l.session, snap->id, 100, NULL, NULL);
	if (samba_env_start(&smb) < 0)
		xkit_fail(kit, "smbd does not come up");
	if (rc != SHR_RUNNING)
		xkit_fail(kit, "a snapshot was cut without smbd: %s", shr_strcode(rc));
	wait_op(kit, &s.l, snap, "snapshot");
	must_be_of_one_moment(kit, &s, snap, 1, 1);
	shr_op_unref(snap);
	must_go_on(kit, &s.nfs, 300);
	end(kit, &s);
	if (slowest > 1000)
		xkit_fail(kit, "a write by NFS took %d ms", slowest);
	snprintf(kit->why, sizeof kit->why, "(no write by NFS took more than %d ms)", slowest);
}

const struct xkit_check dual_hold_checks[] = {
	{ "a snapshot that is cut file by file holds both servers", a_snapshot_holds_both },
	{ "a snapshot waits for smbd, and clients of NFS go on meanwhile", without_smbd_nfs_goes_on },
	{ NULL, NULL },
};

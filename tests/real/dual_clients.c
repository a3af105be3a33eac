/* tests/real/dual_clients.c - clients of both protocols: what each sees of the other, and who may do what */
#include <stdio.h>
#include <string.h>
#include "dual.h"

#define ROUNDS 30
#define MOST 201 /* of a file: what the NFS client shows of one */

/* A text that is longer in every round, and of other letters. */
static void text_of(unsigned round, char text[MOST])
{
	size_t n = 5 + 6 * (size_t)round;

	memset(text, 'a' + (int)(round % 26), n);
	text[n] = '\0';
}

static void smb_writes(struct xkit *kit, struct clients *c, unsigned round)
{
	char text[MOST], path[300], size[32], line[512] = "";
	size_t n;

	text_of(round, text);
	n = strlen(text);
	snprintf(size, sizeof size, "size %zu;", n);
	snprintf(path, sizeof path, "%s/local", smb.dir);
	if (env_write(smb.dir, "local", "%s", text) < 0)
		xkit_fail(kit, "no local file");
	if (smb_client_ask(&c->alice, "put %s by-smb", path) != 1)
		xkit_fail(kit, "round %u: alice cannot write: %.300s", round, c->alice.said);
	if (nfs_client_ask(&c->rw, line, sizeof line, "size by-smb") != 1 || !strstr(line, size)) /* a kernel reads no further */
		xkit_fail(kit, "round %u: NFS says \"%s\" of the %zu bytes that SMB wrote", round, line, n);
	if (nfs_client_ask(&c->rw, line, sizeof line, "get by-smb") != 1 || strncmp(line, "ok ", 3) != 0 || strcmp(line + 3, text) != 0)
		xkit_fail(kit, "round %u: NFS reads \"%s\" in place of the %zu bytes that SMB wrote", round, line, n);
	if (nfs_client_ask(&c->ro, line, sizeof line, "get by-smb") != 1 || strcmp(line + 3, text) != 0)
		xkit_fail(kit, "round %u: the read-only address reads \"%s\"", round, line);
}

static void nfs_writes(struct xkit *kit, struct clients *c, unsigned round)
{
	char text[MOST], got[MOST + 8] = "", path[300], line[512] = "";
	FILE *f;

	text_of(round, text);
	snprintf(path, sizeof path, "%s/fetched", smb.dir);
	if (nfs_client_ask(&c->rw, line, sizeof line, "put by-nfs-%u %s", round, text) != 1)
		xkit_fail(kit, "round %u: NFS cannot write: %s", round, line);
	if (nfs_client_ask(&c->rw, line, sizeof line, "mode by-nfs-%u 644", round) != 1) /* libnfs makes them their owner's alone */
		xkit_fail(kit, "round %u: NFS cannot change the mode: %s", round, line);
	if (smb_client_ask(&c->bob, "get by-nfs-%u %s", round, path) != 1)
		xkit_fail(kit, "round %u: bob cannot read: %.300s", round, c->bob.said);
	f = fopen(path, "r");
	if (!f || !fgets(got, sizeof got, f) || strcmp(got, text) != 0)
		xkit_fail(kit, "round %u: SMB reads \"%s\" in place of \"%s\"", round, got, text);
	fclose(f);
}

/* ---- checks ---- */

static void each_sees_the_other(struct xkit *kit)
{
	char export[64] = "", share[64] = "";
	const struct shr_op *op;
	struct clients c;
	struct library l;

	xkit_close(kit);
	both_open(kit, &l, "both", "dual_protocol: true");
	op = both_make(kit, &l, "both", SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	for (unsigned i = 0; i < ROUNDS; i++) {
		smb_writes(kit, &c, i);
		nfs_writes(kit, &c, i);
	}
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
	snprintf(kit->why, sizeof kit->why, "(%d rounds each way)", ROUNDS);
}

static void must_not_write(struct xkit *kit, struct clients *c)
{
	char line[512] = "";

	if (nfs_client_ask(&c->ro, line, sizeof line, "put other text") != 0)
		xkit_fail(kit, "the read-only address writes: %s", line);
	if (smb_client_ask(&c->bob, "put %s other", smb.config) != 0 || !strstr(c->bob.said, "NT_STATUS_ACCESS_DENIED"))
		xkit_fail(kit, "the read-only user writes: %.300s", c->bob.said);
}

static void deny_the_writers(struct xkit *kit, const struct library *l, const char *id)
{
	static const struct denied gone[] = { { SHR_ACCESS_USER, "alice" }, { SHR_ACCESS_IP, "127.0.0.2" } };
	const struct shr_op *op = deny(kit, l, id, gone, 2);

	wait_op(kit, l, op, "deny");
	shr_op_unref(op);
}

static void rules_hold_on_both_sides(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "";
	const struct shr_op *op;
	struct smb_client carol;
	struct nfs_client far;
	struct clients c;
	struct library l;

	xkit_close(kit);
	both_open(kit, &l, "both", "dual_protocol: true");
	op = both_make(kit, &l, "rules", SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &l, op->object_id, export, share);
	connect_all(kit, &c, export, share);
	must_not_write(kit, &c);
	if (smb_client_start(&carol, &smb, "carol", "127.0.0.1", share) == 0)
		xkit_fail(kit, "carol can connect");
	if (nfs_client_start(&far, client_program, "127.0.1.1", "127.0.0.1", export, line, sizeof line) == 0)
		xkit_fail(kit, "127.0.1.1 can mount");
	if (nfs_client_ask(&c.rw, line, sizeof line, "put file text") != 1 || smb_client_ask(&c.alice, "put %s more", smb.config) != 1)
		xkit_fail(kit, "a writer cannot write: %s, %.300s", line, c.alice.said);
	deny_the_writers(kit, &l, op->object_id);
	if (nfs_client_ask(&c.rw, line, sizeof line, "put late text") == 1 || smb_client_ask(&c.alice, "put %s later", smb.config) == 1)
		xkit_fail(kit, "who was denied writes: %s, %.300s", line, c.alice.said);
	if (nfs_client_ask(&c.ro, line, sizeof line, "get file") != 1)
		xkit_fail(kit, "the read-only address was put out: %s", line);
	reconcile(kit, &l, op->object_id);
	if (drifts(kit, &l, op->object_id, SHR_DRIFT_RULE, SHR_DRIFT_REPAIRED) || drifts(kit, &l, op->object_id, SHR_DRIFT_EXPORT,
		SHR_DRIFT_REPAIRED))
		xkit_fail(kit, "a look at both found what is not so");
	end_all(&c);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

/* ---- IPv6 ---- */

static void change_v6(struct xkit *kit, const struct library *l, const char *id, uint32_t action, uint32_t level, const char *who)
{
	const struct shr_access_change change = { action, SHR_ACCESS_IP, level, 0, 0, 0, who, NULL, NULL };
	struct shr_access_params access = SHR_ACCESS_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;

	access.changes = &change;
	access.n_changes = 1;
	must(kit, shr_access_apply(l->session, id, &access, &op, &error), &error, who);
	wait_op(kit, l, op, who);
	shr_op_unref(op);
}

static void locations_of_v6(struct xkit *kit, const struct library *l, const char *id, const char *export, const char *share)
{
	const struct shr_error *error = NULL;
	const struct shr_share *s = NULL;
	char of_nfs[80], of_smb[80];
	unsigned n = 0;

	snprintf(of_nfs, sizeof of_nfs, "[::1]:%s", export);
	snprintf(of_smb, sizeof of_smb, "//::1/%s", share);
	must(kit, shr_share_get(l->session, id, &s, &error), &error, "get");
	for (uint32_t i = 0; i < s->n_exports; i++)
		n += s->exports[i]->family == SHR_FAMILY_IPV6 &&
			strcmp(s->exports[i]->path, s->exports[i]->protocol == SHR_PROTO_NFS ? of_nfs : of_smb) == 0;
	shr_share_unref(s);
	if (n != 2)
		xkit_fail(kit, "%u locations of IPv6 in place of %s and %s", n, of_nfs, of_smb);
}

static void both_by_v6(struct xkit *kit)
{
	char export[64] = "", share[64] = "", line[512] = "", path[300];
	struct nfs_client near, far;
	struct smb_client alice, carol;
	const struct shr_op *op;
	struct library l;

	xkit_close(kit);
	both_open(kit, &l, "both", "dual_protocol: true");
	op = both_make(kit, &l, "six", SHR_PROTO_NFS | SHR_PROTO_SMB);
	both_find(kit, &l, op->object_id, export, share);
	locations_of_v6(kit, &l, op->object_id, export, share);
	if (nfs_client_start(&near, client_program, "fd00::2", "::1", export, line, sizeof line) == 0)
		xkit_fail(kit, "fd00::2 can mount before it has a rule");
	change_v6(kit, &l, op->object_id, SHR_ALLOW, SHR_LEVEL_RW, "fd00::2");
	if (nfs_client_start(&near, client_program, "fd00::2", "::1", export, line, sizeof line) < 0)
		xkit_fail(kit, "fd00::2 cannot mount: %s", line);
	if (nfs_client_start(&far, client_program, "fd00::3", "::1", export, line, sizeof line) == 0)
		xkit_fail(kit, "fd00::3 can mount without a rule");
	if (smb_client_start(&alice, &smb, "alice", "::1", share) < 0)
		xkit_fail(kit, "alice cannot connect by IPv6: %.300s", alice.said);
	if (smb_client_start(&carol, &smb, "carol", "::1", share) == 0)
		xkit_fail(kit, "carol can connect by IPv6");

	snprintf(path, sizeof path, "%s/local", smb.dir);
	if (env_write(smb.dir, "local", "by SMB") < 0 || smb_client_ask(&alice, "put %s by-smb", path) != 1)
		xkit_fail(kit, "alice cannot write by IPv6: %.300s", alice.said);
	if (nfs_client_ask(&near, line, sizeof line, "get by-smb") != 1 || strcmp(line, "ok by SMB") != 0)
		xkit_fail(kit, "NFS by IPv6 reads \"%s\"", line);
	if (nfs_client_ask(&near, line, sizeof line, "put by-nfs text") != 1)
		xkit_fail(kit, "NFS by IPv6 cannot write: %s", line);
	if (smb_client_ask(&alice, "ls by-nfs") != 1)
		xkit_fail(kit, "alice does not see what NFS by IPv6 made: %.300s", alice.said);
	change_v6(kit, &l, op->object_id, SHR_DENY, 0, "fd00::2");
	if (nfs_client_ask(&near, line, sizeof line, "put late text") == 1)
		xkit_fail(kit, "fd00::2 writes, and was denied");
	if (smb_client_ask(&alice, "put %s still", path) != 1)
		xkit_fail(kit, "alice was put out with an address: %.300s", alice.said);
	nfs_client_end(&near);
	smb_client_end(&alice);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

static void only_where_it_is_promised(struct xkit *kit)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op, *both = NULL;
	struct library l;
	int rc;

	xkit_close(kit);
	both_open(kit, &l, "apart", "dual_protocol: false");
	op = both_make(kit, &l, "nfs", SHR_PROTO_NFS);
	rc = both_create(&l, "both", SHR_PROTO_NFS | SHR_PROTO_SMB, &both, &error);
	if (rc != SHR_EUNSUPPORTED || error->n_faults != 1 || !strstr(error->faults[0]->message, "one share by the protocols nfs, smb") ||
	    !strstr(error->faults[0]->remedy, "protocols"))
		xkit_fail(kit, "%s: %s", shr_strcode(rc), error ? error->message : "it was made");
	shr_error_unref(error);
	drop(kit, &l, op->object_id);
	shr_op_unref(op);
	library_close(&l);
	nothing_is_left(kit);
}

const struct xkit_check dual_client_checks[] = {
	{ "what SMB wrote NFS reads whole at once, and the other way round", each_sees_the_other },
	{ "who may only read cannot write, and who is denied is out, by both protocols", rules_hold_on_both_sides },
	{ "by IPv6 it is the same share: addresses have their rules, users theirs", both_by_v6 },
	{ "without dual_protocol a share of both is refused, and one of one is made", only_where_it_is_promised },
	{ NULL, NULL },
};
